/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream follows the rate of the network: down at once, and up again. */
#include "config.h"

#include "noise.h"
#include "rcast-check.h"
#include "rcast-report.h"
#include "stream-hand.h"

#define HIGH 1000000
#define LOW 250000
/* Frames of a phase */
#define PHASE (3 * FPS)
/* Frames of 0.4 s, over which a rate is taken */
#define WINDOW 10

/* Bytes that leave the encoder, by the frame pushed at that time */
typedef struct
{
  guint now;
  gsize bytes[16 * FPS];
} Meter;

static void
count (Meter * meter, GstBuffer * buffer)
{
  meter->bytes[meter->now] += gst_buffer_get_size (buffer)
      - GST_RCAST_RTP_HEADER_SIZE;
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBufferList *list;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    count (data, GST_PAD_PROBE_INFO_BUFFER (info));
    return GST_PAD_PROBE_OK;
  }
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    count (data, gst_buffer_list_get (list, i));
  return GST_PAD_PROBE_OK;
}

static void
measure (Hand * hand, Meter * meter)
{
  g_autoptr (GstElement) packets =
      gst_bin_get_by_name (GST_BIN (hand->stream), "packets");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (packets, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, meter, NULL);
}

static void
push (Hand * hand, Meter * meter, guint n)
{
  for (guint i = 0; i < n; i++) {
    meter->now = hand->n_pushed++;
    fail_unless_equals_int (gst_harness_push (hand->h,
            noise_frame (meter->now)), GST_FLOW_OK);
  }
}

/* Returns: the bitrate of @n frames from @first on, in bit/s */
static guint64
rate_of (const Meter * meter, guint first, guint n)
{
  guint64 bytes = 0;

  for (guint i = first; i < first + n; i++)
    bytes += meter->bytes[i];
  return bytes * 8 * FPS / n;
}

/* Returns: frames from @first on until the rate is below (@down) or above @wanted */
static guint
settle (const Meter * meter, guint first, guint64 wanted, gboolean down)
{
  guint n = 0;

  for (; n + WINDOW < PHASE; n++) {
    guint64 rate = rate_of (meter, first + n, WINDOW);

    if (down ? rate <= wanted * 115 / 100 : rate >= wanted * 85 / 100)
      break;
  }
  return n;
}

static GstRcastStream *
stream_of (Hand * hand)
{
  return GST_RCAST_STREAM (hand->stream);
}

/* Ranks @factory above all others of its kind. Returns: its former rank */
static guint
prefer (const gchar * factory)
{
  g_autoptr (GstElementFactory) f = gst_element_factory_find (factory);
  guint rank = gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (f));

  gst_plugin_feature_set_rank (GST_PLUGIN_FEATURE (f), GST_RANK_PRIMARY + 900);
  return rank;
}

static void
set_rank (const gchar * factory, guint rank)
{
  g_autoptr (GstElementFactory) f = gst_element_factory_find (factory);

  gst_plugin_feature_set_rank (GST_PLUGIN_FEATURE (f), rank);
}

static const struct
{
  const gchar *factory, *encoding_name;
} encoders[] = {
  {"x264enc", "H264"},
  {"openh264enc", "H264"},
  {"vp8enc", "VP8"},
  {"vp9enc", "VP9"},
  {"x265enc", "H265"},
};

GST_START_TEST (test_encoder_follows_down_and_up)
{
  const gchar *factory = encoders[__i__].factory;
  Hand hand;
  Meter meter = { 0, };
  guint rank, down, up;

  if (!is_installed (factory))
    return;
  rank = prefer (factory);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_object_set (hand.stream, "bitrate", HIGH, NULL);
  gst_harness_set_src_caps_str (hand.h, NOISE_CAPS);
  hand_open (&hand, encoders[__i__].encoding_name);
  measure (&hand, &meter);

  push (&hand, &meter, PHASE);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, LOW, "test");
  push (&hand, &meter, PHASE);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, G_MAXUINT64, "test");
  push (&hand, &meter, PHASE);

  down = settle (&meter, PHASE, LOW, TRUE);
  up = settle (&meter, 2 * PHASE, HIGH, FALSE);
  g_print ("%s: %u kbit/s, down to %u in %u ms, up to %u in %u ms, %u frames "
      "left out\n", factory,
      (guint) rate_of (&meter, FPS, PHASE - FPS) / 1000,
      (guint) rate_of (&meter, PHASE + FPS, PHASE - FPS) / 1000,
      down * 1000 / FPS,
      (guint) rate_of (&meter, 2 * PHASE + FPS, PHASE - FPS) / 1000,
      up * 1000 / FPS, (guint) hand_stat (&hand, "frames-skipped"));
  fail_unless (down <= 3 * FPS / 10, "%s: %u frames", factory, down);
  fail_unless (rate_of (&meter, PHASE + FPS / 2, PHASE - FPS / 2)
      <= LOW * 115 / 100);
  fail_unless (up + WINDOW < PHASE, "%s: %u frames", factory, up);
  hand_clear (&hand);
  set_rank (factory, rank);
}

GST_END_TEST;

GST_START_TEST (test_stream_that_is_paused_makes_nothing_and_goes_on)
{
  Hand hand;
  Meter meter = { 0, };
  GstRcastStall stall;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NOISE_CAPS);
  hand_open (&hand, "VP8");
  measure (&hand, &meter);
  push (&hand, &meter, 2);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 0, "test");
  gst_rcast_stream_get_stall (stream_of (&hand), &stall);
  fail_unless (stall.ended);
  push (&hand, &meter, 5);
  fail_unless_equals_uint64 (rate_of (&meter, 2, 5), 0);
  fail_unless_equals_uint64 (hand_stat (&hand, "frames-skipped"), 5);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH, "test");
  gst_rcast_stream_get_stall (stream_of (&hand), &stall);
  fail_if (stall.ended);
  push (&hand, &meter, 2);
  fail_unless (rate_of (&meter, 7, 2) > 0);
  hand_clear (&hand);
}

GST_END_TEST;

static void
count_trouble (GstRcastStream * stream, gint trouble, gint64 ahead, guint count,
    guint * n)
{
  (*n)++;
}

/* While no media fits, the stream tries again every few seconds. */
GST_START_TEST (test_a_pause_is_told_once_while_it_is_tried_again)
{
  Hand hand;
  Meter meter = { 0, };
  guint n = 0;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NOISE_CAPS);
  hand_open (&hand, "VP8");
  measure (&hand, &meter);
  g_signal_connect (hand.stream, "trouble", G_CALLBACK (count_trouble), &n);
  for (guint i = 0; i < 5; i++) {
    gst_rcast_stream_set_target (stream_of (&hand), &hand, 0, "test");
    push (&hand, &meter, 2);
    gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH, "test");
    push (&hand, &meter, 2);
  }
  fail_unless_equals_int (n, 1);
  hand_clear (&hand);
}

GST_END_TEST;

static void
note_degraded (GstRcastStream * stream, gint trouble, gint64 ahead, guint count,
    GString * story)
{
  if (trouble == GST_RCAST_TROUBLE_DEGRADED
      || trouble == GST_RCAST_TROUBLE_RESTORED)
    g_string_append_printf (story, "%s %" G_GINT64_FORMAT " of %u, ",
        trouble == GST_RCAST_TROUBLE_DEGRADED ? "degraded" : "restored", ahead,
        count);
}

static gboolean
is_degraded (Hand * hand)
{
  GstStructure *stats = gst_rcast_stream_get_stats (stream_of (hand));
  gboolean degraded;

  fail_unless (gst_structure_get_boolean (stats, "degraded", &degraded));
  gst_structure_free (stats);
  return degraded;
}

GST_START_TEST (test_degraded_is_told_when_it_begins_and_when_it_is_over)
{
  g_autoptr (GString) story = g_string_new (NULL);
  Hand hand;
  Meter meter = { 0, };

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NOISE_CAPS);
  hand_open (&hand, "VP8");
  measure (&hand, &meter);
  g_object_set (hand.stream, "min-bitrate", 40000, NULL);
  g_signal_connect (hand.stream, "trouble", G_CALLBACK (note_degraded), story);
  push (&hand, &meter, FPS);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 0, "test");
  push (&hand, &meter, FPS);
  fail_unless (is_degraded (&hand));
  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH, "test");
  push (&hand, &meter, 4 * FPS);
  fail_if (is_degraded (&hand));
  fail_unless_equals_string (story->str,
      "degraded 0 of 40000, restored 1000000 of 40000, ");
  hand_clear (&hand);
}

GST_END_TEST;

#define SOUND_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1," \
  "layout=interleaved"

static void
set_loss (GstRcastStream * stream, GstElement * encoder, gpointer data)
{
  if (GPOINTER_TO_INT (data) > 0)
    g_object_set (encoder, "packet-loss-percentage", GPOINTER_TO_INT (data),
        NULL);
}

/* The loss in percent that the application sets, and the one that Opus gets in the end */
static const struct
{
  gint own, told;
} losses[] = {
  {0, 12}, {33, 33},
};

GST_START_TEST (test_opus_is_told_of_what_is_lost)
{
  GstRcastEncoding *encoding;
  Hand hand;
  gint loss;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, NULL);
  encoding = gst_rcast_stream_get_encoding (stream_of (&hand));
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (set_loss),
      GINT_TO_POINTER (losses[__i__].own));
  gst_rcast_encoding_set_loss (encoding, 7);
  gst_harness_set_src_caps_str (hand.h, SOUND_CAPS);
  fail_unless (hand.encoder != NULL);
  g_object_get (hand.encoder, "packet-loss-percentage", &loss, NULL);
  fail_unless_equals_int (loss, losses[__i__].own > 0 ? losses[__i__].own : 7);
  gst_rcast_encoding_set_loss (encoding, 12);
  g_object_get (hand.encoder, "packet-loss-percentage", &loss, NULL);
  fail_unless_equals_int (loss, losses[__i__].told);
  hand_clear (&hand);
}

GST_END_TEST;

/* The application decides the highest bitrate. */
static void
set_bitrate (GstRcastStream * stream, GstElement * encoder, gpointer data)
{
  g_object_set (encoder, "target-bitrate", 400000, NULL);
}

GST_START_TEST (test_encoder_makes_no_more_than_it_was_set_to)
{
  Hand hand;
  Meter meter = { 0, };
  guint rank = prefer ("vp8enc");
  gint bits;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (set_bitrate),
      NULL);
  gst_harness_set_src_caps_str (hand.h, NOISE_CAPS);
  hand_open (&hand, "VP8");
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 300000, "test");
  push (&hand, &meter, 1);
  g_object_get (hand.encoder, "target-bitrate", &bits, NULL);
  fail_unless_equals_int (bits, 300000);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 2000000, "test");
  push (&hand, &meter, FPS);
  g_object_get (hand.encoder, "target-bitrate", &bits, NULL);
  fail_unless_equals_int (bits, 400000);
  /* A bitrate set on the stream later replaces it. */
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 600000, "test");
  g_object_set (hand.stream, "bitrate", 700000, NULL);
  push (&hand, &meter, FPS);
  g_object_get (hand.encoder, "target-bitrate", &bits, NULL);
  fail_unless_equals_int (bits, 600000);
  hand_clear (&hand);
  set_rank ("vp8enc", rank);
}

GST_END_TEST;

/* --- smaller pictures --- */

/* The pictures that a receiver decodes from the packets */
typedef struct
{
  GstHarness *h;
  guint n_pictures;
  gint width;                   /* of the last picture */
} Screen;

static GstPadProbeReturn
show (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Screen *screen = data;
  GstBufferList *list;
  GstBuffer *buffer;
  GstCaps *caps;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS) {
      gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
      gst_harness_set_src_caps (screen->h, gst_caps_ref (caps));
    }
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    fail_unless_equals_int (gst_harness_push (screen->h,
            gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER (info))), GST_FLOW_OK);
  } else {
    list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      fail_unless_equals_int (gst_harness_push (screen->h,
              gst_buffer_ref (gst_buffer_list_get (list, i))), GST_FLOW_OK);
  }
  while ((buffer = gst_harness_try_pull (screen->h))) {
    g_autoptr (GstCaps) shown = gst_pad_get_current_caps (screen->h->sinkpad);

    fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED));
    gst_structure_get_int (gst_caps_get_structure (shown, 0), "width",
        &screen->width);
    screen->n_pictures++;
    gst_buffer_unref (buffer);
  }
  return GST_PAD_PROBE_OK;
}

static const struct
{
  const gchar *factory, *encoding_name, *receiver;
} pictures[] = {
  {"x264enc", "H264", "rtph264depay ! h264parse ! avdec_h264 max-threads=1"},
  {"openh264enc", "H264", "rtph264depay ! h264parse ! avdec_h264 max-threads=1"},
  {"vp8enc", "VP8", "rtpvp8depay ! vp8dec"},
  {"vp9enc", "VP9", "rtpvp9depay ! vp9dec"},
};

/* 0.03 bits for each pixel make 58 kbit/s. */
GST_START_TEST (test_picture_gets_smaller_and_larger_without_a_gap)
{
  static const struct
  {
    guint bits, frames, most_pictures;
    gint width;
  } phases[] = {
    {0, FPS, FPS, WIDTH},
    /* Half the frames, then half the width as well, and back */
    {40000, 2 * FPS, FPS + FPS / 2 + 2, WIDTH},
    {20000, 2 * FPS, FPS + 2, WIDTH / 2},
    {0, 4 * FPS, 4 * FPS, WIDTH},
  };
  const gchar *factory = pictures[__i__].factory;
  Hand hand;
  Meter meter = { 0, };
  Screen screen = { NULL, };
  g_autoptr (GstElement) packets = NULL;
  g_autoptr (GstPad) pad = NULL;
  guint rank, n_offers = 0;

  if (!is_installed (factory) || !is_installed ("avdec_h264"))
    return;
  rank = prefer (factory);
  screen.h = gst_harness_new_parse (pictures[__i__].receiver);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  packets = gst_bin_get_by_name (GST_BIN (hand.stream), "packets");
  pad = gst_element_get_static_pad (packets, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      show, &screen, NULL);
  g_object_set (hand.stream, "bitrate", HIGH, NULL);
  gst_harness_set_src_caps_str (hand.h, NOISE_CAPS);
  hand_open (&hand, pictures[__i__].encoding_name);
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++) {
    guint before = screen.n_pictures;

    gst_rcast_stream_set_target (stream_of (&hand), &hand, phases[i].bits > 0 ?
        phases[i].bits : G_MAXUINT64, "test");
    push (&hand, &meter, phases[i].frames);
    fail_unless (screen.width == phases[i].width, "%s: phase %u: %d pixels",
        factory, i, screen.width);
    fail_unless (screen.n_pictures - before <= phases[i].most_pictures,
        "%s: phase %u: %u pictures", factory, i, screen.n_pictures - before);
    fail_unless (screen.n_pictures > before);
    if (i == 0)
      n_offers = hand.n_offers;
  }
  /* The stream makes no new offer and no new encoder. */
  fail_unless_equals_int (hand.n_offers, n_offers);
  fail_unless_equals_int (hand.n_encoders, 1);
  hand_clear (&hand);
  gst_harness_teardown (screen.h);
  set_rank (factory, rank);
}

GST_END_TEST;

GST_START_TEST (test_picture_stays_where_that_is_wanted)
{
  Hand hand;
  Meter meter = { 0, };
  GstStructure *stats;
  guint reduced;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_object_set (hand.stream, "bitrate", HIGH, "reduce-picture", FALSE, NULL);
  gst_harness_set_src_caps_str (hand.h, NOISE_CAPS);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 10000, "test");
  push (&hand, &meter, 2 * FPS);
  stats = gst_rcast_stream_get_stats (stream_of (&hand));
  fail_unless (gst_structure_get_uint (stats, "picture-reduced", &reduced));
  gst_structure_free (stats);
  fail_unless_equals_int (reduced, 0);
  hand_clear (&hand);
}

GST_END_TEST;

/* --- reports of the target --- */

/* Returns: the number of target-bitrate events that went upstream. @bits:
 * (out): the rate in the last one */
static guint
pull_targets (Hand * hand, guint64 * bits)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (hand->h))) {
    const GstStructure *s = gst_event_get_structure (event);

    if (s && gst_structure_has_name (s, "target-bitrate")) {
      fail_unless (gst_structure_get_uint64 (s, "bitrate", bits));
      fail_unless_equals_string (gst_structure_get_string (s, "reason"),
          "test");
      n++;
    }
    gst_event_unref (event);
  }
  return n;
}

static void
count_notify (GObject * stream, GParamSpec * pspec, guint * n)
{
  (*n)++;
}

GST_START_TEST (test_target_is_told_upstream_and_to_the_application)
{
  Hand hand;
  guint n = 0;
  guint64 bits = 0;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_open (&hand, "VP8");
  hand_push_rtp (&hand, TRUE);
  g_signal_connect (hand.stream, "notify::target-bitrate",
      G_CALLBACK (count_notify), &n);
  g_object_get (hand.stream, "target-bitrate", &bits, NULL);
  fail_unless_equals_uint64 (bits, G_MAXUINT64);

  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH, "test");
  fail_unless_equals_int (pull_targets (&hand, &bits), 1);
  fail_unless_equals_uint64 (bits, HIGH);
  fail_unless_equals_int (n, 1);
  /* A change by less than 5 % is not reported, but changes add up. */
  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH * 97 / 100, "test");
  fail_unless_equals_int (pull_targets (&hand, &bits), 0);
  fail_unless_equals_int (n, 1);
  g_object_get (hand.stream, "target-bitrate", &bits, NULL);
  fail_unless_equals_uint64 (bits, HIGH * 97 / 100);
  fail_unless_equals_uint64 (hand_stat (&hand, "target-bitrate"), bits);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH * 95 / 100, "test");
  fail_unless_equals_int (pull_targets (&hand, &bits), 1);
  fail_unless_equals_uint64 (bits, HIGH * 95 / 100);
  fail_unless_equals_int (n, 2);
  hand_clear (&hand);
}

GST_END_TEST;

/* Two connections may send a stream at once, while a second attempt runs. */
GST_START_TEST (test_who_carries_the_least_decides_and_leaves)
{
  Hand hand;
  GstRcastStream *stream;
  const gchar *reason;
  gint one, other;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  stream = stream_of (&hand);
  gst_rcast_stream_set_target (stream, &one, LOW, "first");
  gst_rcast_stream_set_target (stream, &other, HIGH, "second");
  fail_unless_equals_uint64 (gst_rcast_stream_get_target (stream, &reason),
      LOW);
  fail_unless_equals_string (reason, "first");
  gst_rcast_stream_set_target (stream, &one, G_MAXUINT64, "over");
  fail_unless_equals_uint64 (gst_rcast_stream_get_target (stream, &reason),
      HIGH);
  fail_unless_equals_string (reason, "second");
  gst_rcast_stream_set_target (stream, &one, 0, "paused");
  fail_unless_equals_uint64 (gst_rcast_stream_get_target (stream, NULL), 0);
  gst_rcast_stream_set_target (stream, &other, G_MAXUINT64, "over");
  fail_unless_equals_uint64 (gst_rcast_stream_get_target (stream, NULL), 0);
  gst_rcast_stream_set_target (stream, &one, G_MAXUINT64, "over");
  fail_unless_equals_uint64 (gst_rcast_stream_get_target (stream, &reason),
      G_MAXUINT64);
  fail_unless_equals_string (reason, "over");
  hand_clear (&hand);
}

GST_END_TEST;

static guint
get_buffer (Hand * hand)
{
  guint ms;

  g_object_get (hand->encoder, "vbv-buf-capacity", &ms, NULL);
  return ms;
}

/* After a fall, x264enc with its usual buffer at first makes frames that are much too large. */
GST_START_TEST (test_a_fall_shortens_the_buffer_for_a_moment)
{
  guint rank, buffer;
  Hand hand;
  Meter meter = { 0, };

  if (!is_installed ("x264enc"))
    return;
  rank = prefer ("x264enc");
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_object_set (hand.stream, "bitrate", HIGH, NULL);
  gst_harness_set_src_caps_str (hand.h, NOISE_CAPS);
  hand_open (&hand, "H264");
  push (&hand, &meter, PHASE);
  buffer = get_buffer (&hand);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, HIGH * 9 / 10, "test");
  push (&hand, &meter, FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, LOW, "test");
  push (&hand, &meter, FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer / 3);
  gst_rcast_stream_set_target (stream_of (&hand), &hand, 2 * LOW, "test");
  push (&hand, &meter, FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer);
  /* A limit that stays */
  gst_rcast_stream_set_target (stream_of (&hand), &hand, LOW, "test");
  push (&hand, &meter, FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer / 3);
  push (&hand, &meter, 2 * FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer);
  g_object_set (hand.stream, "bitrate", LOW, NULL);
  push (&hand, &meter, FPS);
  fail_unless_equals_int (get_buffer (&hand), buffer);
  hand_clear (&hand);
  set_rank ("x264enc", rank);
}

GST_END_TEST;

/* Lowers the target while the bitrate is being set, as the streaming thread may. */
static void
on_encoder_set (GstElement * encoder, GParamSpec * pspec, Hand * hand)
{
  g_signal_handlers_disconnect_by_func (encoder, on_encoder_set, hand);
  gst_rcast_encoding_set_target (gst_rcast_stream_get_encoding (stream_of
          (hand)), LOW);
}

GST_START_TEST (test_a_target_is_not_taken_for_the_bitrate_that_is_set)
{
  Hand hand;
  Meter meter = { 0, };
  GstRcastEncoding *encoding;
  gint bits;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NOISE_CAPS);
  hand_open (&hand, "VP8");
  push (&hand, &meter, 2);
  encoding = gst_rcast_stream_get_encoding (stream_of (&hand));
  g_signal_connect (hand.encoder, "notify::target-bitrate",
      G_CALLBACK (on_encoder_set), &hand);
  g_object_set (hand.stream, "bitrate", HIGH, NULL);
  fail_unless_equals_uint64 (gst_rcast_encoding_get_ceiling (encoding), HIGH);
  g_object_get (hand.encoder, "target-bitrate", &bits, NULL);
  fail_unless_equals_int (bits, LOW);
  gst_rcast_encoding_set_target (encoding, G_MAXUINT64);
  g_object_get (hand.encoder, "target-bitrate", &bits, NULL);
  fail_unless_equals_int (bits, HIGH);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_follow_suite (void)
{
  Suite *s = suite_create ("rcast-stream-follow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_encoder_follows_down_and_up, 0,
      G_N_ELEMENTS (encoders));
  tcase_add_test (tc, test_stream_that_is_paused_makes_nothing_and_goes_on);
  tcase_add_test (tc, test_a_pause_is_told_once_while_it_is_tried_again);
  tcase_add_loop_test (tc, test_opus_is_told_of_what_is_lost, 0,
      is_installed ("opusenc") ? G_N_ELEMENTS (losses) : 0);
  tcase_add_test (tc, test_degraded_is_told_when_it_begins_and_when_it_is_over);
  tcase_add_loop_test (tc, test_picture_gets_smaller_and_larger_without_a_gap,
      0, G_N_ELEMENTS (pictures));
  tcase_add_test (tc, test_picture_stays_where_that_is_wanted);
  tcase_add_test (tc, test_target_is_told_upstream_and_to_the_application);
  tcase_add_test (tc, test_a_fall_shortens_the_buffer_for_a_moment);
  tcase_add_test (tc, test_a_target_is_not_taken_for_the_bitrate_that_is_set);
  tcase_add_test (tc, test_who_carries_the_least_decides_and_leaves);
  tcase_add_test (tc, test_encoder_makes_no_more_than_it_was_set_to);
  return s;
}

GST_CHECK_MAIN (stream_follow);
