/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The viewer of the fault lab: what is decoded when, and whether picture and sound are together. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>

#include "http-offer.h"

/* How often the server is asked for a session, or whether it still has ours */
#define ASK_MS 100
/* The jitter buffer's; constant, so that it is no part of any difference. */
#define LATENCY_MS 100
#define BRIGHT 160              /* mean luma; the picture is black otherwise */
#define LOUD 3000
#define SILENT_SAMPLES 2400     /* 50 ms of 48 kHz before a tone begins */

typedef struct
{
  gchar *url;
  gchar *session;               /* NULL: there is none */
  SoupSession *soup;
  GMainLoop *loop;
  GstElement *pipeline;
  GstElement *webrtc;
  HttpOffer *offer;
  gboolean asking;
  guint ask_timer;
  guint life;

  GMutex lock;                  /* below: streaming threads */
  gboolean bright;
  guint silent;
  guint64 frames;
  GstClockTime flash;           /* when the last one began, in running time */
  GstClockTime beep;
} Viewer;

static void start (Viewer * viewer);

static void
tell (const gchar * event, gint64 at_us, const gchar * text)
{
  g_print ("event=%s at-us=%" G_GINT64_FORMAT " %s\n", event, at_us, text);
}

/* Both have begun, and belong together: less than half a period apart */
static void
compare_locked (Viewer * viewer)
{
  GstClockTimeDiff skew = GST_CLOCK_DIFF (viewer->flash, viewer->beep);
  g_autofree gchar *text = NULL;

  if (viewer->flash == GST_CLOCK_TIME_NONE
      || viewer->beep == GST_CLOCK_TIME_NONE
      || ABS (skew) > (GstClockTimeDiff) GST_SECOND / 2)
    return;
  text = g_strdup_printf ("sound-late-ms=%.1f", (gdouble) skew / GST_MSECOND);
  tell ("sync", g_get_monotonic_time (), text);
  viewer->flash = viewer->beep = GST_CLOCK_TIME_NONE;
}

static gboolean
is_bright (const GstVideoInfo * info, GstBuffer * buffer)
{
  GstVideoFrame frame;
  guint64 sum = 0;
  guint n = 0;

  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_READ))
    return FALSE;
  for (gint y = 0; y < GST_VIDEO_FRAME_HEIGHT (&frame); y += 16) {
    const guint8 *line = (const guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0)
        + y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);

    for (gint x = 0; x < GST_VIDEO_FRAME_WIDTH (&frame); x += 16, n++)
      sum += line[x];
  }
  gst_video_frame_unmap (&frame);
  return n > 0 && sum / n > BRIGHT;
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Viewer *viewer = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autofree gchar *text = NULL;
  GstVideoInfo video;
  gboolean bright;

  if (!caps || !gst_video_info_from_caps (&video, caps))
    return GST_PAD_PROBE_OK;
  bright = is_bright (&video, buffer);
  g_mutex_lock (&viewer->lock);
  text = g_strdup_printf ("n=%" G_GUINT64_FORMAT " life=%u", viewer->frames++,
      viewer->life);
  if (bright && !viewer->bright)
    viewer->flash = GST_BUFFER_PTS (buffer);
  viewer->bright = bright;
  compare_locked (viewer);
  g_mutex_unlock (&viewer->lock);
  tell ("view", g_get_monotonic_time (), text);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Viewer *viewer = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint rate = 0, channels = 0;
  GstMapInfo map;

  if (!caps || !gst_structure_get (gst_caps_get_structure (caps, 0), "rate",
          G_TYPE_INT, &rate, "channels", G_TYPE_INT, &channels, NULL)
      || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&viewer->lock);
  for (gsize i = 0; i < map.size / sizeof (gint16); i += (gsize) channels) {
    if (ABS ((gint) ((gint16 *) map.data)[i]) < LOUD) {
      viewer->silent++;
      continue;
    }
    if (viewer->silent > SILENT_SAMPLES) {
      viewer->beep = GST_BUFFER_PTS (buffer)
          + gst_util_uint64_scale_int (i / (gsize) channels, GST_SECOND, rate);
      compare_locked (viewer);
    }
    viewer->silent = 0;
  }
  g_mutex_unlock (&viewer->lock);
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

static void
add_chain (Viewer * viewer, GstPad * from, const gchar * description,
    GstPadProbeCallback callback)
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
  gst_pad_add_probe (probed, GST_PAD_PROBE_TYPE_BUFFER, callback, viewer, NULL);
  gst_bin_add (GST_BIN (viewer->pipeline), chain);
  gst_element_sync_state_with_parent (chain);
  to = gst_element_get_static_pad (chain, "sink");
  gst_pad_link (from, to);
}

/* A streaming thread of the present pipeline, which ends with it */
static void
on_pad_added (GstElement * webrtc, GstPad * pad, gpointer data)
{
  static const struct
  {
    const gchar *name;
    const gchar *chain;
    GstPadProbeCallback callback;
  } chains[] = {
    {"H264", "rtph264depay ! h264parse ! avdec_h264", on_picture},
    {"VP8", "rtpvp8depay ! vp8dec", on_picture},
    {"OPUS", "rtpopusdepay ! opusdec ! audioconvert ! "
          "audio/x-raw,format=S16LE", on_sound},
  };
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *name = caps ? gst_structure_get_string
      (gst_caps_get_structure (caps, 0), "encoding-name") : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    if (g_strcmp0 (name, chains[i].name) == 0) {
      g_autofree gchar *description = g_strconcat ("queue ! ", chains[i].chain,
          " ! fakesink name=end sync=false async=false", NULL);

      add_chain (data, pad, description, chains[i].callback);
    }
}

static void
stop (Viewer * viewer)
{
  viewer->life++;
  g_clear_pointer (&viewer->offer, http_offer_free);
  g_clear_pointer (&viewer->session, g_free);
  if (viewer->pipeline)
    gst_element_set_state (viewer->pipeline, GST_STATE_NULL);
  gst_clear_object (&viewer->webrtc);
  gst_clear_object (&viewer->pipeline);
}

static gboolean
on_ask_again (gpointer data)
{
  Viewer *viewer = data;

  viewer->ask_timer = 0;
  start (viewer);
  return G_SOURCE_REMOVE;
}

static void
ask_again (Viewer * viewer)
{
  if (!viewer->ask_timer)
    viewer->ask_timer = g_timeout_add (ASK_MS, on_ask_again, viewer);
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  Viewer *viewer = data;

  if (session) {
    viewer->session = g_strdup (session);
    tell ("session", g_get_monotonic_time (), session);
  } else {
    stop (viewer);
  }
  ask_again (viewer);
}

static void
on_asked (GObject * source, GAsyncResult * result, gpointer data)
{
  Viewer *viewer = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish
      (SOUP_SESSION (source), result, &error);
  SoupMessage *message = soup_session_get_async_result_message (viewer->soup,
      result);

  viewer->asking = FALSE;
  if (body == NULL || soup_message_get_status (message) >= 400)
    stop (viewer);
  ask_again (viewer);
}

static void
add_receiver (Viewer * viewer, const gchar * description)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (description);

  g_signal_emit_by_name (viewer->webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

/* Is our session still there; if there is none, is anything to be seen? */
static void
start (Viewer * viewer)
{
  if (viewer->session) {
    g_autoptr (SoupMessage) message = soup_message_new ("GET", viewer->session);

    if (viewer->asking)
      return;
    viewer->asking = TRUE;
    soup_session_send_and_read_async (viewer->soup, message,
        G_PRIORITY_DEFAULT, NULL, on_asked, viewer);
    return;
  }
  viewer->pipeline = gst_pipeline_new (NULL);
  viewer->webrtc = gst_element_factory_make ("webrtcbin", NULL);
  if (!viewer->webrtc)
    g_error ("no webrtcbin");
  gst_object_ref (viewer->webrtc);
  g_object_set (viewer->webrtc, "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", LATENCY_MS, NULL);
  g_signal_connect (viewer->webrtc, "pad-added", G_CALLBACK (on_pad_added),
      viewer);
  gst_bin_add (GST_BIN (viewer->pipeline), viewer->webrtc);
  add_receiver (viewer, "application/x-rtp,media=video,encoding-name=H264,"
      "clock-rate=90000,payload=96,packetization-mode=(string)1; "
      "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,"
      "payload=98");
  add_receiver (viewer, "application/x-rtp,media=audio,encoding-name=OPUS,"
      "clock-rate=48000,payload=111,encoding-params=(string)2");
  viewer->flash = viewer->beep = GST_CLOCK_TIME_NONE;
  gst_element_set_state (viewer->pipeline, GST_STATE_PLAYING);
  viewer->offer = http_offer_start (viewer->soup, viewer->webrtc, viewer->url,
      on_offered, viewer);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Viewer viewer = { NULL };
  guint sources[2];

  setvbuf (stdout, NULL, _IOLBF, 0);
  gst_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("usage: view WHEP-URL\n");
    return 2;
  }
  g_mutex_init (&viewer.lock);
  viewer.url = argv[1];
  viewer.loop = g_main_loop_new (NULL, FALSE);
  viewer.soup = soup_session_new_with_options ("timeout", 5, "proxy-resolver",
      NULL, NULL);
  sources[0] = g_unix_signal_add (SIGTERM, on_signal, viewer.loop);
  sources[1] = g_unix_signal_add (SIGINT, on_signal, viewer.loop);
  start (&viewer);
  g_main_loop_run (viewer.loop);
  g_source_remove (sources[0]);
  g_source_remove (sources[1]);
  g_clear_handle_id (&viewer.ask_timer, g_source_remove);
  stop (&viewer);
  g_object_unref (viewer.soup);
  g_main_loop_unref (viewer.loop);
  return 0;
}
