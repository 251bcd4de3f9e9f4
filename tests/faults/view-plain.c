/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The yardstick for the lab's viewer: a webrtcbin that restarts as soon as its session is gone. */
#include "config.h"

#include <gst/webrtc/webrtc.h>

#include "http-offer.h"
#include "tell.h"
#include "view.h"

/* The interval of requests for a session, or of checks whether it still exists */
#define ASK_MS 100

struct _ViewPlain
{
  View *view;
  gchar *url;
  gchar *session;               /* NULL: no session */
  SoupSession *soup;
  GstElement *pipeline;
  GstElement *webrtc;
  HttpOffer *offer;
  gboolean asking;
  guint ask_timer;
};

static void start (ViewPlain * plain);

static void
add_chain (ViewPlain * plain, GstPad * from, const gchar * description,
    void (*look) (View *, GstPad *))
{
  g_autoptr (GError) error = NULL;
  GstElement *chain = gst_parse_bin_from_description (description, TRUE,
      &error);
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) to = NULL;
  g_autoptr (GstPad) probed = NULL;

  if (error)
    g_error ("%s: %s", description, error->message);
  end = gst_bin_get_by_name (GST_BIN (chain), "end");
  probed = gst_element_get_static_pad (end, "sink");
  look (plain->view, probed);
  gst_bin_add (GST_BIN (plain->pipeline), chain);
  gst_element_sync_state_with_parent (chain);
  to = gst_element_get_static_pad (chain, "sink");
  gst_pad_link (from, to);
}

/* In a streaming thread of the present pipeline, which ends with it */
static void
on_pad_added (GstElement * webrtc, GstPad * pad, gpointer data)
{
  static const struct
  {
    const gchar *name;
    const gchar *chain;
    void (*look) (View *, GstPad *);
  } chains[] = {
    {"H264", "rtph264depay ! h264parse ! avdec_h264", view_add_picture},
    {"VP8", "rtpvp8depay ! vp8dec", view_add_picture},
    {"OPUS", "rtpopusdepay ! opusdec ! audioconvert ! "
          "audio/x-raw,format=S16LE", view_add_sound},
  };
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *name = caps ? gst_structure_get_string
      (gst_caps_get_structure (caps, 0), "encoding-name") : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    if (g_strcmp0 (name, chains[i].name) == 0) {
      g_autofree gchar *description = g_strconcat ("queue ! ", chains[i].chain,
          " ! fakesink name=end sync=false async=false", NULL);

      add_chain (data, pad, description, chains[i].look);
    }
}

static void
stop (ViewPlain * plain)
{
  g_clear_pointer (&plain->offer, http_offer_free);
  g_clear_pointer (&plain->session, g_free);
  if (plain->pipeline)
    gst_element_set_state (plain->pipeline, GST_STATE_NULL);
  gst_clear_object (&plain->webrtc);
  gst_clear_object (&plain->pipeline);
}

static gboolean
on_ask_again (gpointer data)
{
  ViewPlain *plain = data;

  plain->ask_timer = 0;
  start (plain);
  return G_SOURCE_REMOVE;
}

static void
ask_again (ViewPlain * plain)
{
  if (!plain->ask_timer)
    plain->ask_timer = g_timeout_add (ASK_MS, on_ask_again, plain);
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  ViewPlain *plain = data;

  if (session) {
    plain->session = g_strdup (session);
    tell ("session", "url=%s", session);
  } else {
    stop (plain);
  }
  ask_again (plain);
}

static void
on_asked (GObject * source, GAsyncResult * result, gpointer data)
{
  ViewPlain *plain = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish
      (SOUP_SESSION (source), result, &error);
  SoupMessage *message = soup_session_get_async_result_message (plain->soup,
      result);

  plain->asking = FALSE;
  if (body == NULL || soup_message_get_status (message) >= 400)
    stop (plain);
  ask_again (plain);
}

static void
add_receiver (ViewPlain * plain, const gchar * description)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (description);

  g_signal_emit_by_name (plain->webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

/* Checks the session, or requests one if there is none. */
static void
start (ViewPlain * plain)
{
  if (plain->session) {
    g_autoptr (SoupMessage) message = soup_message_new ("GET", plain->session);

    if (plain->asking)
      return;
    plain->asking = TRUE;
    soup_session_send_and_read_async (plain->soup, message,
        G_PRIORITY_DEFAULT, NULL, on_asked, plain);
    return;
  }
  plain->pipeline = gst_pipeline_new (NULL);
  plain->webrtc = gst_element_factory_make ("webrtcbin", NULL);
  if (!plain->webrtc)
    g_error ("no webrtcbin");
  gst_object_ref (plain->webrtc);
  g_object_set (plain->webrtc, "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", VIEW_LATENCY_MS, NULL);
  g_signal_connect (plain->webrtc, "pad-added", G_CALLBACK (on_pad_added),
      plain);
  gst_bin_add (GST_BIN (plain->pipeline), plain->webrtc);
  add_receiver (plain, "application/x-rtp,media=video,encoding-name=H264,"
      "clock-rate=90000,payload=96,packetization-mode=(string)1; "
      "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,"
      "payload=98");
  add_receiver (plain, "application/x-rtp,media=audio,encoding-name=OPUS,"
      "clock-rate=48000,payload=111,encoding-params=(string)2");
  view_begin (plain->view);
  gst_element_set_state (plain->pipeline, GST_STATE_PLAYING);
  plain->offer = http_offer_start (plain->soup, plain->webrtc, plain->url,
      on_offered, plain);
}

ViewPlain *
view_plain_new (View * view, const gchar * url)
{
  ViewPlain *plain = g_new0 (ViewPlain, 1);

  plain->view = view;
  plain->url = g_strdup (url);
  plain->soup = soup_session_new_with_options ("timeout", 5, "proxy-resolver",
      NULL, NULL);
  start (plain);
  return plain;
}

void
view_plain_free (ViewPlain * plain)
{
  g_clear_handle_id (&plain->ask_timer, g_source_remove);
  stop (plain);
  g_object_unref (plain->soup);
  g_free (plain->url);
  g_free (plain);
}
