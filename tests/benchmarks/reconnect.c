/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A broadcast that reconnects on command, and prints the resources of its process. */
#include "config.h"

#include <glib-unix.h>
#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "bench-frames.h"
#include "http-offer.h"
#include "process.h"

/* The commands, one word on a line */
#define COMMANDS "restart, again, use, quit, abandon"
/* Bit rate of the video */
#define KBIT 2000

typedef struct
{
  GMainLoop *loop;
  BenchFrames *frames;
  SoupSession *soup;
  const gchar *url;
  gboolean ours;
  guint next;
  guint bus_watch;
  GstElement *pipeline;
  GstElement *feed;
  GstElement *webrtc;           /* NULL: rcastsink */
  HttpOffer *offer;
} Bench;

/* Counts allocated memory, not the allocator's free lists. */
static void
tell_use (void)
{
  struct mallinfo2 info;

  malloc_trim (0);
  info = mallinfo2 ();
  g_print ("event=use fds=%u threads=%u in-use-bytes=%zu resident-kib=%u\n",
      process_count_fds (), process_count_threads (),
      info.uordblks + info.hblkhd, process_get_resident_kib ());
}

static gboolean
on_frame (gpointer data)
{
  Bench *bench = data;

  if (bench->feed)
    gst_app_src_push_buffer (GST_APP_SRC (bench->feed),
        bench_frames_next (bench->frames, &bench->next));
  return G_SOURCE_CONTINUE;
}

static void
on_swapped (GObject * ice, guint session, guint generation,
    gboolean media_lost, gpointer data)
{
  if (generation > 0)
    g_print ("event=restarted\n");
}

/* Connects to the present agent once, for all its later generations. */
static void
watch_agent (Bench * bench)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bench->pipeline),
      "sink");
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (sink));
  g_autoptr (GObject) ice = NULL;
  GValue item = G_VALUE_INIT;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    if (g_object_class_find_property (G_OBJECT_GET_CLASS (g_value_get_object
                (&item)), "ice-agent")) {
      g_clear_object (&ice);
      g_object_get (g_value_get_object (&item), "ice-agent", &ice, NULL);
    }
    g_value_reset (&item);
  }
  g_value_unset (&item);
  gst_iterator_free (elements);
  if (ice && !g_object_get_data (ice, "bench")) {
    g_object_set_data (ice, "bench", bench);
    g_signal_connect (ice, "generation-swapped", G_CALLBACK (on_swapped),
        bench);
  }
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  const GstStructure *s = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_error ("%s", GST_OBJECT_NAME (GST_MESSAGE_SRC (message)));
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_structure_has_field (s, "strategy"))
    g_print ("event=status name=%s strategy=%s\n", gst_structure_get_name (s),
        gst_structure_get_string (s, "strategy"));
  return G_SOURCE_CONTINUE;
}

static void
on_connection (GstElement * webrtc, GParamSpec * pspec, gpointer data)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (webrtc, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    g_print ("event=status name=broadcasting strategy=none\n");
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  if (error)
    g_error ("%s", error->message);
}

static void
start (Bench * bench)
{
  /* Short limits: the next fault does not wait for an old one, nor for media. */
  static const gchar ours[] = "rcastsink name=sink reconnect-min-delay=0 "
      "reconnect-max-delay=1 media-timeout=200 ice-disconnected-timeout=1 "
      "location=";
  static const gchar stock[] = "rtph264pay config-interval=-1 "
      "aggregate-mode=zero-latency ! "
      "application/x-rtp,media=video,encoding-name=H264,payload=96 ! "
      "webrtcbin name=webrtc bundle-policy=max-bundle";
  g_autofree gchar *description =
      g_strconcat ("appsrc name=in is-live=true format=time "
      "do-timestamp=true ! h264parse ! ", bench->ours ? ours : stock,
      bench->ours ? bench->url : NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;

  bench->pipeline = gst_parse_launch (description, &error);
  if (error)
    g_error ("%s", error->message);
  bench->feed = gst_bin_get_by_name (GST_BIN (bench->pipeline), "in");
  bench->webrtc = gst_bin_get_by_name (GST_BIN (bench->pipeline), "webrtc");
  gst_app_src_set_caps (GST_APP_SRC (bench->feed), bench->frames->caps);
  bus = gst_element_get_bus (bench->pipeline);
  bench->bus_watch = gst_bus_add_watch (bus, on_bus_message, bench);
  if (bench->webrtc)
    g_signal_connect (bench->webrtc, "notify::connection-state",
        G_CALLBACK (on_connection), NULL);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  if (bench->webrtc)
    bench->offer = http_offer_start (bench->soup, bench->webrtc, bench->url,
        on_offered, bench);
}

static void
stop (Bench * bench)
{
  g_clear_pointer (&bench->offer, http_offer_free);
  gst_element_set_state (bench->pipeline, GST_STATE_NULL);
  g_source_remove (bench->bus_watch);
  gst_clear_object (&bench->feed);
  gst_clear_object (&bench->webrtc);
  gst_clear_object (&bench->pipeline);
}

static void
do_command (Bench * bench, const gchar * command)
{
  if (g_str_equal (command, "use")) {
    tell_use ();
  } else if (g_str_equal (command, "restart")) {
    g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN
        (bench->pipeline), "sink");

    watch_agent (bench);
    g_signal_emit_by_name (sink, "ice-restart");
  } else if (g_str_equal (command, "again")) {
    stop (bench);
    start (bench);
  } else if (g_str_equal (command, "abandon")) {
    /* A heap profiler then reports all memory that is still allocated. */
    _exit (0);
  } else {
    g_main_loop_quit (bench->loop);
  }
}

static gboolean
on_command (GIOChannel * channel, GIOCondition condition, gpointer data)
{
  Bench *bench = data;
  g_autofree gchar *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL)
      != G_IO_STATUS_NORMAL) {
    g_main_loop_quit (bench->loop);
    return G_SOURCE_REMOVE;
  }
  do_command (bench, g_strchomp (line));
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Bench bench = { NULL };
  g_autoptr (GIOChannel) commands = NULL;

  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: bench-reconnect rcastsink|webrtcbin URL; takes "
        COMMANDS " on standard input\n");
    return 2;
  }
  bench.ours = g_str_equal (argv[1], "rcastsink");
  bench.url = argv[2];
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.frames = bench_frames_new (KBIT);
  bench.soup = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  start (&bench);
  commands = g_io_channel_unix_new (STDIN_FILENO);
  g_io_channel_set_flags (commands, G_IO_FLAG_NONBLOCK, NULL);
  g_io_add_watch (commands, G_IO_IN | G_IO_HUP, on_command, &bench);
  g_timeout_add (1000 / BENCH_FPS, on_frame, &bench);
  g_main_loop_run (bench.loop);
  stop (&bench);
  g_object_unref (bench.soup);
  bench_frames_free (bench.frames);
  g_main_loop_unref (bench.loop);
  return 0;
}
