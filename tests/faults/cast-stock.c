/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stock webrtcbin, without any recovery or with a new pipeline at each failure. */
#include "config.h"

#include "cast.h"

#include <gst/webrtc/webrtc.h>

#include "http-offer.h"
#include "tell.h"

#define REBUILD_DELAY_MS 1000
#define WATCHDOG_MS 1000
#define WATCHDOG_PATIENCE 5     /* checks without progress */
#define OFFER_LIMIT_S 10

struct _CastStock
{
  CastRecord *record;
  CastStockCure cure;
  CastMedia media;
  gchar *url;
  SoupSession *soup;

  GstElement *pipeline;
  GstElement *webrtc;
  HttpOffer *offer;
  guint life;                   /* number of the pipeline; notes of earlier ones are ignored */
  guint bus_watch;
  guint rebuild_timer;
  guint watchdog;
  guint looks;                  /* checks without progress so far */
  guint highest;                /* sum of the sequence numbers that the server has reported */
};

typedef struct
{
  CastStock *stock;
  guint life;
} Note;

static void start (CastStock * stock);

static void
stop (CastStock * stock)
{
  stock->life++;
  g_clear_handle_id (&stock->rebuild_timer, g_source_remove);
  g_clear_handle_id (&stock->bus_watch, g_source_remove);
  g_clear_pointer (&stock->offer, http_offer_free);
  if (stock->pipeline)
    gst_element_set_state (stock->pipeline, GST_STATE_NULL);
  gst_clear_object (&stock->webrtc);
  gst_clear_object (&stock->pipeline);
}

static gboolean
on_rebuild (gpointer data)
{
  CastStock *stock = data;

  stock->rebuild_timer = 0;
  stop (stock);
  start (stock);
  return G_SOURCE_REMOVE;
}

static void
fail (CastStock * stock, const gchar * reason)
{
  tell ("trouble", "reason=\"%s\"", reason);
  if (stock->cure == CAST_STOCK_ALONE || stock->rebuild_timer)
    return;
  tell ("message", "name=reconnecting_broadcast reason=\"%s\" "
      "strategy=rebuild attempt=%u", reason, stock->life);
  stock->rebuild_timer = g_timeout_add (REBUILD_DELAY_MS, on_rebuild, stock);
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  if (error)
    fail (data, error->message);
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  CastStock *stock = data;
  g_autoptr (GError) error = NULL;

  /* As in gst-launch-1.0 */
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_bin_recalculate_latency (GST_BIN (stock->pipeline));
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  fail (stock, error->message);
  return G_SOURCE_CONTINUE;
}

static gboolean
look_at_state (gpointer data)
{
  Note *note = data;
  CastStock *stock = note->stock;
  GstWebRTCPeerConnectionState state;

  if (note->life != stock->life)
    return G_SOURCE_REMOVE;
  g_object_get (stock->webrtc, "connection-state", &state, NULL);
  tell ("state", "connection=%d", state);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    tell ("message", "name=broadcasting");
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED
      || state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
    fail (stock, "connection-failed");
  return G_SOURCE_REMOVE;
}

/* In a thread of webrtcbin */
static void
on_connection_state (GstElement * webrtc, GParamSpec * pspec, gpointer data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, look_at_state,
      g_memdup2 (data, sizeof (Note)), g_free);
}

/* GValueArray is deprecated, but rtpsession returns it. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS;

static guint
sum_of_reports (const GValue * list)
{
  GValueArray *sources = g_value_get_boxed (list);
  guint sum = 0;

  for (guint i = 0; i < sources->n_values; i++) {
    const GstStructure *source = g_value_get_boxed (&sources->values[i]);
    guint seq = 0;

    gst_structure_get_uint (source, "rb-exthighestseq", &seq);
    sum += seq;
  }
  return sum;
}

G_GNUC_END_IGNORE_DEPRECATIONS;

static gboolean
on_watchdog (gpointer data)
{
  CastStock *stock = data;
  g_autoptr (GstElement) rtpbin = NULL;
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstStructure) stats = NULL;
  const GValue *sources = NULL;
  guint highest;

  if (stock->webrtc == NULL)
    return G_SOURCE_CONTINUE;
  rtpbin = gst_bin_get_by_name (GST_BIN (stock->webrtc), "rtpbin");
  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  if (session)
    g_object_get (session, "stats", &stats, NULL);
  if (stats)
    sources = gst_structure_get_value (stats, "source-stats");
  highest = sources ? sum_of_reports (sources) : 0;
  stock->looks = highest == stock->highest ? stock->looks + 1 : 0;
  stock->highest = highest;
  if (stock->looks == WATCHDOG_PATIENCE) {
    stock->looks = 0;
    fail (stock, "no-reports");
  }
  return G_SOURCE_CONTINUE;
}

static void
start (CastStock * stock)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;
  Note *note = g_new (Note, 1);

  stock->pipeline = cast_source_new (stock->record, &stock->media,
      "webrtcbin name=webrtc bundle-policy=max-bundle "
      "video. ! queue ! rtph264pay config-interval=-1 "
      "aggregate-mode=zero-latency ! "
      "application/x-rtp,media=video,encoding-name=H264,payload=96 ! webrtc. "
      "audio. ! queue ! rtpopuspay ! "
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! webrtc.",
      &error);
  if (stock->pipeline == NULL)
    g_error ("%s", error->message);
  *note = (Note) {
  stock, stock->life};
  stock->webrtc = gst_bin_get_by_name (GST_BIN (stock->pipeline), "webrtc");
  g_signal_connect_data (stock->webrtc, "notify::connection-state",
      G_CALLBACK (on_connection_state), note, (GClosureNotify) g_free, 0);
  bus = gst_element_get_bus (stock->pipeline);
  stock->bus_watch = gst_bus_add_watch (bus, on_bus_message, stock);
  gst_element_set_state (stock->pipeline, GST_STATE_PLAYING);
  tell ("message", "name=signalling");
  stock->offer = http_offer_start (stock->soup, stock->webrtc, stock->url,
      on_offered, stock);
}

CastStock *
cast_stock_new (CastRecord * record, CastStockCure cure,
    const CastMedia * media, const gchar * url)
{
  CastStock *stock = g_new0 (CastStock, 1);

  stock->record = record;
  stock->cure = cure;
  stock->media = *media;
  stock->url = g_strdup (url);
  stock->soup = soup_session_new_with_options ("timeout", OFFER_LIMIT_S,
      "proxy-resolver", NULL, NULL);
  if (cure == CAST_STOCK_WATCHDOG)
    stock->watchdog = g_timeout_add (WATCHDOG_MS, on_watchdog, stock);
  start (stock);
  return stock;
}

void
cast_stock_free (CastStock * stock)
{
  if (stock == NULL)
    return;
  g_clear_handle_id (&stock->watchdog, g_source_remove);
  stop (stock);
  g_object_unref (stock->soup);
  g_free (stock->url);
  g_free (stock);
}
