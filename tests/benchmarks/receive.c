/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures the cost of receivers: encoded video and audio from rcastsrc or a bare webrtcbin, also one
 * with a queue for each stream. Like rcastsrc, that one goes on receiving while downstream
 * blocks. */
#include "config.h"

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-frames.h"
#include "http-offer.h"
#include "process.h"

/* Time until the jitter buffers are full and timing is steady */
#define SETTLE_S 2
#define PATIENCE_S 60
#define LATENCY_MS 200

/* rcastsrc offers this, too: without feedback, a server does not know how much arrives. */
#define FEEDBACK "extmap-1=(string)http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef struct
{
  GstElement *pipeline;
  HttpOffer *offer;             /* NULL: rcastsrc */
  gint frames;                  /* atomic */
} Receiver;

typedef struct
{
  GMainLoop *loop;
  Receiver *receivers;
  guint n;
  guint seconds;
  guint64 before;               /* frames */
  gdouble cpu;
  guint64 waits;
} Bench;

static guint64
count_frames (Bench * bench)
{
  guint64 frames = 0;

  for (guint i = 0; i < bench->n; i++)
    frames += g_atomic_int_get (&bench->receivers[i].frames);
  return frames;
}

static gboolean
on_end (gpointer data)
{
  Bench *bench = data;
  gdouble streams = (gdouble) (count_frames (bench) - bench->before)
      / BENCH_FPS;

  printf ("event=cost receivers=%u stream-seconds=%.1f "
      "cpu-ms-per-stream-second=%.3f waits-per-stream-second=%.1f "
      "resident-kib=%u\n", bench->n, streams,
      1000 * (process_get_cpu_seconds () - bench->cpu) / streams,
      (gdouble) (process_get_waits () - bench->waits) / streams,
      process_get_resident_kib ());
  g_main_loop_quit (bench->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_begin (gpointer data)
{
  Bench *bench = data;

  bench->before = count_frames (bench);
  bench->cpu = process_get_cpu_seconds ();
  bench->waits = process_get_waits ();
  g_timeout_add_seconds (bench->seconds, on_end, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
on_look (gpointer data)
{
  Bench *bench = data;

  for (guint i = 0; i < bench->n; i++)
    if (g_atomic_int_get (&bench->receivers[i].frames) == 0)
      return G_SOURCE_CONTINUE;
  g_timeout_add_seconds (SETTLE_S, on_begin, bench);
  return G_SOURCE_REMOVE;
}

static gboolean
on_too_late (gpointer data)
{
  g_printerr ("no frames within %u s\n", PATIENCE_S);
  exit (1);
}

static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_inc ((gint *) data);
  return GST_PAD_PROBE_OK;
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, &debug);
  g_printerr ("%s: %s (%s)\n", GST_OBJECT_NAME (GST_MESSAGE_SRC (message)),
      error->message, debug);
  exit (1);
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  if (error)
    g_error ("%s", error->message);
}

/* Chooses the branch by the media in the caps, because the m-line of the pad may be wrong. */
static void
on_pad_added (GstElement * webrtc, GstPad * pad, GstElement * pipeline)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autoptr (GstElement) depay = NULL;
  g_autoptr (GstPad) sink = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC || !caps)
    return;
  depay = gst_bin_get_by_name (GST_BIN (pipeline),
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "media"));
  sink = gst_element_get_static_pad (depay, "sink");
  gst_pad_link (pad, sink);
}

static void
add_transceiver (GstElement * webrtc, const gchar * text, gboolean repair)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  g_signal_emit_by_name (webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", repair, NULL);
}

static void
offer (Receiver * receiver, SoupSession * soup, const gchar * url)
{
  g_autoptr (GstElement) webrtc = gst_bin_get_by_name (GST_BIN
      (receiver->pipeline), "webrtc");

  g_signal_connect (webrtc, "pad-added", G_CALLBACK (on_pad_added),
      receiver->pipeline);
  add_transceiver (webrtc, "application/x-rtp,media=video,encoding-name=H264,"
      "clock-rate=90000,payload=96,packetization-mode=(string)1," FEEDBACK,
      TRUE);
  add_transceiver (webrtc, "application/x-rtp,media=audio,encoding-name=OPUS,"
      "clock-rate=48000,payload=111,encoding-params=(string)2," FEEDBACK, FALSE);
  receiver->offer = http_offer_start (soup, webrtc, url, on_offered, receiver);
}

/* @kind: rcastsrc, webrtcbin or webrtcbin-queue */
static void
start (Receiver * receiver, const gchar * kind, SoupSession * soup,
    const gchar * url)
{
  gboolean ours = g_str_equal (kind, "rcastsrc");
  const gchar *queue = g_str_equal (kind, "webrtcbin-queue") ? "queue ! " : "";
  g_autofree gchar *description = ours ?
      g_strdup_printf ("rcastsrc name=s latency=%u location=whep+%s "
      "s.video_0 ! fakesink name=end sync=false async=false "
      "s.audio_0 ! fakesink sync=false async=false", LATENCY_MS, url) :
      g_strdup_printf ("webrtcbin name=webrtc bundle-policy=max-bundle "
      "latency=%u rtph264depay name=video ! h264parse config-interval=-1 ! "
      "video/x-h264,stream-format=byte-stream,alignment=au ! %s"
      "fakesink name=end sync=false async=false "
      "rtpopusdepay name=audio ! %sfakesink sync=false async=false", LATENCY_MS,
      queue, queue);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;

  receiver->pipeline = gst_parse_launch (description, &error);
  if (error)
    g_error ("%s", error->message);
  end = gst_bin_get_by_name (GST_BIN (receiver->pipeline), "end");
  pad = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame,
      &receiver->frames, NULL);
  bus = gst_element_get_bus (receiver->pipeline);
  gst_bus_add_watch (bus, on_bus_message, NULL);
  gst_element_set_state (receiver->pipeline, GST_STATE_PLAYING);
  if (!ours)
    offer (receiver, soup, url);
}

static void
stop (Receiver * receiver)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (receiver->pipeline);

  g_clear_pointer (&receiver->offer, http_offer_free);
  gst_element_set_state (receiver->pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_object_unref (receiver->pipeline);
}

int
main (int argc, char **argv)
{
  g_autoptr (SoupSession) soup = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  Bench bench = { NULL };
  guint too_late;

  gst_init (&argc, &argv);
  if (argc != 5) {
    g_printerr ("usage: bench-receive rcastsrc|webrtcbin|webrtcbin-queue "
        "WHEP-URL RECEIVERS SECONDS\n");
    return 2;
  }
  bench.n = (guint) atoi (argv[3]);
  bench.seconds = (guint) atoi (argv[4]);
  bench.receivers = g_new0 (Receiver, bench.n);
  bench.loop = loop = g_main_loop_new (NULL, FALSE);
  soup = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  for (guint i = 0; i < bench.n; i++)
    start (&bench.receivers[i], argv[1], soup, argv[2]);
  g_timeout_add (100, on_look, &bench);
  too_late = g_timeout_add_seconds (PATIENCE_S + SETTLE_S + bench.seconds,
      on_too_late, NULL);
  g_main_loop_run (loop);
  g_source_remove (too_late);
  for (guint i = 0; i < bench.n; i++)
    stop (&bench.receivers[i]);
  g_free (bench.receivers);
  return 0;
}
