/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures the cost of broadcasts: encoded video through rcastsink, or through a bare webrtcbin. */
#include "config.h"

#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-frames.h"
#include "http-offer.h"
#include "process.h"
#include "rcast-policy.h"

#define SETTLE_S 2
#define PATIENCE_S 60
#define STEPS 2000000
#define SOUND "audiotestsrc is-live=true wave=pink-noise volume=0.1 ! " \
    "audio/x-raw,rate=48000,channels=2 ! opusenc bitrate=64000 ! "

typedef struct
{
  GstElement *pipeline;
  GstElement *feed;
  GstElement *webrtc;           /* NULL: rcastsink */
  HttpOffer *offer;
  gboolean connected;
} Broadcast;

typedef struct
{
  GMainLoop *loop;
  BenchFrames *frames;
  Broadcast *broadcasts;
  guint n, next;
  guint seconds;
  gboolean sound;
  gboolean measuring;
  guint64 pushed;
  gdouble cpu;
  gint64 begin_us;
} Bench;

static gboolean
are_all_connected (Bench * bench)
{
  for (guint i = 0; i < bench->n; i++) {
    Broadcast *broadcast = &bench->broadcasts[i];
    GstWebRTCPeerConnectionState state;

    if (broadcast->webrtc) {
      g_object_get (broadcast->webrtc, "connection-state", &state, NULL);
      broadcast->connected =
          state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED;
    }
    if (!broadcast->connected)
      return FALSE;
  }
  return TRUE;
}

static gboolean
on_begin (gpointer data)
{
  Bench *bench = data;

  bench->pushed = 0;
  bench->cpu = process_get_cpu_seconds ();
  bench->begin_us = g_get_monotonic_time ();
  return G_SOURCE_REMOVE;
}

static gboolean
on_end (gpointer data)
{
  Bench *bench = data;
  gdouble cpu = process_get_cpu_seconds () - bench->cpu;
  gdouble streams = (gdouble) bench->pushed / BENCH_FPS;

  printf ("event=cost broadcasts=%u stream-seconds=%.1f "
      "cpu-ms-per-stream-second=%.3f resident-kib=%u\n", bench->n, streams,
      1000 * cpu / streams, process_get_resident_kib ());
  fflush (stdout);
  g_main_loop_quit (bench->loop);
  return G_SOURCE_REMOVE;
}

/* A live source: pushes each frame to all broadcasts at once. */
static gboolean
on_frame (gpointer data)
{
  Bench *bench = data;
  g_autoptr (GstBuffer) frame = bench_frames_next (bench->frames, &bench->next);

  for (guint i = 0; i < bench->n; i++) {
    gst_app_src_push_buffer (GST_APP_SRC (bench->broadcasts[i].feed),
        gst_buffer_copy (frame));
    bench->pushed++;
  }
  if (!bench->measuring && are_all_connected (bench)) {
    bench->measuring = TRUE;
    printf ("event=connected\n");
    fflush (stdout);
    g_timeout_add_seconds (SETTLE_S, on_begin, bench);
    g_timeout_add_seconds (SETTLE_S + bench->seconds, on_end, bench);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Broadcast *broadcast = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_error ("%s", GST_OBJECT_NAME (GST_MESSAGE_SRC (message)));
  if (gst_message_has_name (message, "broadcasting"))
    broadcast->connected = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
on_offered (const gchar * session, const GError * error, gpointer data)
{
  if (error)
    g_error ("%s", error->message);
}

/* Returns: (transfer full) */
static gchar *
describe (gboolean ours, gboolean sound, const gchar * url)
{
  if (ours)
    return g_strdup_printf ("appsrc name=in is-live=true format=time "
        "do-timestamp=true ! h264parse ! rcastsink name=sink location=whip+%s "
        "%s", url, sound ? SOUND "sink.audio_0" : "");
  return g_strconcat ("webrtcbin name=webrtc bundle-policy=max-bundle "
      "appsrc name=in is-live=true format=time do-timestamp=true ! h264parse ! "
      "rtph264pay config-interval=-1 aggregate-mode=zero-latency ! "
      "application/x-rtp,media=video,encoding-name=H264,payload=96 ! webrtc. ",
      sound ? SOUND "rtpopuspay ! "
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! webrtc." :
      NULL, NULL);
}

static void
start (Bench * bench, guint i, gboolean ours, SoupSession * soup,
    const gchar * base)
{
  Broadcast *broadcast = &bench->broadcasts[i];
  g_autofree gchar *url = g_strdup_printf ("%swhip/bench-%u", base, i);
  g_autofree gchar *description = describe (ours, bench->sound, url);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;

  broadcast->pipeline = gst_parse_launch (description, &error);
  if (error)
    g_error ("%s", error->message);
  broadcast->feed = gst_bin_get_by_name (GST_BIN (broadcast->pipeline), "in");
  broadcast->webrtc = gst_bin_get_by_name (GST_BIN (broadcast->pipeline),
      "webrtc");
  gst_app_src_set_caps (GST_APP_SRC (broadcast->feed), bench->frames->caps);
  bus = gst_element_get_bus (broadcast->pipeline);
  gst_bus_add_watch (bus, on_bus_message, broadcast);
  gst_element_set_state (broadcast->pipeline, GST_STATE_PLAYING);
  if (!ours)
    broadcast->offer = http_offer_start (soup, broadcast->webrtc, url,
        on_offered, broadcast);
}

static void
stop (Broadcast * broadcast)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (broadcast->pipeline);

  g_clear_pointer (&broadcast->offer, http_offer_free);
  gst_element_set_state (broadcast->pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_clear_object (&broadcast->feed);
  gst_clear_object (&broadcast->webrtc);
  gst_clear_object (&broadcast->pipeline);
}

static gboolean
on_too_late (gpointer data)
{
  g_printerr ("no connection within %u s\n", PATIENCE_S);
  exit (1);
}

/* Measures a policy step on random events, as in the fuzz tests. */
static void
measure_policy (void)
{
  GstRcastPolicyConfig config = {.n_locations = 2,.max_retries = -1,
    .min_delay = GST_SECOND / 2,.max_delay = 8 * GST_SECOND
  };
  const GstRcastAbilities abilities = {.can_restart = TRUE };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree guint32 *numbers = g_new (guint32, 65536);
  GstRcastPolicy policy;
  GstClockTime now = 0;
  gint64 begin;

  for (guint i = 0; i < 65536; i++)
    numbers[i] = g_rand_int (rand);
  gst_rcast_policy_init (&policy, &config);
  begin = g_get_monotonic_time ();
  for (guint i = 0; i < STEPS; i++) {
    GstRcastEvent event = {
      .type = numbers[i & 0xffff] % (GST_RCAST_EVENT_RECONNECT_NOW + 1),
      .generation = policy.generation,
    };
    GstRcastStep step;

    now += GST_MSECOND;
    gst_rcast_policy_step (&policy, &event, &abilities, numbers[i & 0xffff],
        now, &step);
  }
  printf ("event=policy steps=%u ns-per-step=%.0f\n", STEPS,
      1000.0 * (gdouble) (g_get_monotonic_time () - begin) / STEPS);
}

int
main (int argc, char **argv)
{
  g_autoptr (SoupSession) soup = NULL;
  Bench bench = { NULL };
  gboolean ours;

  gst_init (&argc, &argv);
  if (argc == 2 && g_str_equal (argv[1], "policy")) {
    measure_policy ();
    return 0;
  }
  if (argc != 6 && argc != 7) {
    g_printerr ("usage: bench-broadcast rcastsink|webrtcbin URL BROADCASTS "
        "SECONDS KBIT [sound], or bench-broadcast policy\n");
    return 2;
  }
  ours = g_str_equal (argv[1], "rcastsink");
  bench.n = (guint) atoi (argv[3]);
  bench.seconds = (guint) atoi (argv[4]);
  bench.sound = argc == 7;
  bench.broadcasts = g_new0 (Broadcast, bench.n);
  bench.loop = g_main_loop_new (NULL, FALSE);
  soup = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  bench.frames = bench_frames_new ((guint) atoi (argv[5]));
  for (guint i = 0; i < bench.n; i++)
    start (&bench, i, ours, soup, argv[2]);
  g_timeout_add (1000 / BENCH_FPS, on_frame, &bench);
  g_timeout_add_seconds (PATIENCE_S + bench.seconds, on_too_late, NULL);
  g_main_loop_run (bench.loop);
  for (guint i = 0; i < bench.n; i++)
    stop (&bench.broadcasts[i]);
  g_main_loop_unref (bench.loop);
  bench_frames_free (bench.frames);
  g_free (bench.broadcasts);
  return 0;
}
