/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A video that does not follow the network loses frames, and the rest can be decoded. */
#include "config.h"

#include <gst/video/video.h>

#include "noise.h"
#include "rcast-check.h"
#include "rcast-report.h"
#include "stream-hand.h"

#define RATE 1000000
#define SECONDS 8

/* A decoder, and the checksum of each of its pictures */
typedef struct
{
  GstHarness *h;
  GHashTable *pictures;
} Decoder;

static gchar *
make_checksum (GstVideoFrame * frame)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);

  for (gint y = 0; y < HEIGHT; y++)
    g_checksum_update (sum, (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, 0)
        + y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), WIDTH);
  return g_strdup (g_checksum_get_string (sum));
}

static void
decoder_init (Decoder * decoder, const gchar * elements)
{
  decoder->h = gst_harness_new_parse (elements);
  decoder->pictures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Takes the pictures that are ready. */
static void
decoder_pull (Decoder * decoder)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (decoder->h))) {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (decoder->h->sinkpad);
    GstVideoInfo info;
    GstVideoFrame frame;

    fail_unless (gst_video_info_from_caps (&info, caps));
    fail_unless (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
    g_hash_table_add (decoder->pictures, make_checksum (&frame));
    gst_video_frame_unmap (&frame);
    gst_buffer_unref (buffer);
  }
}

/* @buffer: (transfer full) */
static void
decoder_push (Decoder * decoder, GstBuffer * buffer)
{
  fail_unless_equals_int (gst_harness_push (decoder->h, buffer), GST_FLOW_OK);
  decoder_pull (decoder);
}

static void
decoder_end (Decoder * decoder)
{
  gst_harness_push_event (decoder->h, gst_event_new_eos ());
  decoder_pull (decoder);
}

static void
decoder_clear (Decoder * decoder)
{
  gst_harness_teardown (decoder->h);
  g_hash_table_unref (decoder->pictures);
}

/* --- what leaves the stream --- */

typedef struct
{
  Hand hand;
  GstHarness *encoder;
  Decoder all, arrived;
  guint now;                    /* the frame being pushed */
  guint n_packets;
  gsize bytes[SECONDS * FPS];
  guint n_troubles;
  gint trouble;
  gint64 target;
} Broadcast;

/* Renumbers the packets, as a feed does. */
static void
receive (Broadcast * b, GstBuffer * buffer)
{
  guint8 sequence[2];

  b->bytes[b->now] += gst_buffer_get_size (buffer) - GST_RCAST_RTP_HEADER_SIZE;
  buffer = gst_buffer_copy_deep (buffer);
  GST_WRITE_UINT16_BE (sequence, b->n_packets++);
  gst_buffer_fill (buffer, 2, sequence, sizeof (sequence));
  decoder_push (&b->arrived, buffer);
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Broadcast *b = data;
  GstBufferList *list;
  GstCaps *caps;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS) {
      gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
      gst_harness_set_src_caps (b->arrived.h, gst_caps_ref (caps));
    }
    return GST_PAD_PROBE_OK;
  }
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    receive (b, GST_PAD_PROBE_INFO_BUFFER (info));
    return GST_PAD_PROBE_OK;
  }
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    receive (b, gst_buffer_list_get (list, i));
  return GST_PAD_PROBE_OK;
}

static void
on_trouble (GstRcastStream * stream, gint trouble, gint64 target, guint count,
    Broadcast * b)
{
  b->n_troubles++;
  b->trouble = trouble;
  b->target = target;
}

/* Video that the application encodes, as frames or as packets */
static const struct
{
  const gchar *needs, *encoder, *decoder, *depayloader;
  guint percent;                /* of RATE that the network carries */
  guint n_frames;               /* at least so many of 150 pictures arrive */
} rows[] = {
  {"avdec_h264", "x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 "
        "key-int-max=1000 vbv-buf-capacity=300 ! "
        "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au",
      "h264parse ! avdec_h264 max-threads=1", "rtph264depay", 50, 30},
  /* Some frames are references of no other. */
  {"avdec_h264", "x264enc speed-preset=ultrafast bitrate=1000 bframes=1 "
        "b-adapt=false b-pyramid=false rc-lookahead=0 sync-lookahead=0 "
        "sliced-threads=true key-int-max=1000 vbv-buf-capacity=300 ! "
        "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au",
      "h264parse ! avdec_h264 max-threads=1", "rtph264depay", 60, 60},
  {"avdec_h264", "x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 "
        "key-int-max=1000 vbv-buf-capacity=300 ! "
        "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au ! "
        "rtph264pay aggregate-mode=zero-latency config-interval=-1",
      "h264parse ! avdec_h264 max-threads=1", "rtph264depay", 50, 30},
  {"vp8dec", "vp8enc deadline=1 cpu-used=8 end-usage=cbr "
        "target-bitrate=1000000 keyframe-max-dist=1000 buffer-size=600 "
        "buffer-initial-size=400 buffer-optimal-size=500 ! rtpvp8pay", "vp8dec",
      "rtpvp8depay", 20, 8},
  {"vp9dec", "vp9enc deadline=1 cpu-used=8 end-usage=cbr "
        "target-bitrate=1000000 keyframe-max-dist=1000 buffer-size=600 "
        "buffer-initial-size=400 buffer-optimal-size=500", "vp9dec",
      "rtpvp9depay", 50, 30},
};

static void
broadcast_init (Broadcast * b, guint row)
{
  g_autofree gchar *received = g_strdup_printf ("%s ! %s",
      rows[row].depayloader, rows[row].decoder);
  g_autofree gchar *sent = strstr (rows[row].encoder, "pay") ?
      g_strdup (received) : g_strdup (rows[row].decoder);
  g_autoptr (GstElement) packets = NULL;
  g_autoptr (GstPad) pad = NULL;

  memset (b, 0, sizeof (*b));
  b->encoder = gst_harness_new_parse (rows[row].encoder);
  gst_harness_set_src_caps_str (b->encoder, NOISE_CAPS);
  decoder_init (&b->all, sent);
  decoder_init (&b->arrived, received);
  hand_init (&b->hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (b->hand.stream, "trouble", G_CALLBACK (on_trouble), b);
  packets = gst_bin_get_by_name (GST_BIN (b->hand.stream), "packets");
  pad = gst_element_get_static_pad (packets, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_packets, b, NULL);
}

static void
broadcast_clear (Broadcast * b)
{
  hand_clear (&b->hand);
  gst_harness_teardown (b->encoder);
  decoder_clear (&b->all);
  decoder_clear (&b->arrived);
}

/* Passes requests for key frames to the encoder. */
static void
pass_requests (Broadcast * b)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_upstream_event (b->hand.h))) {
    if (gst_video_event_is_force_key_unit (event))
      gst_harness_push_upstream_event (b->encoder, event);
    else
      gst_event_unref (event);
  }
}

static void
pass_caps (Broadcast * b)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (b->encoder->sinkpad);

  if (gst_pad_has_current_caps (b->hand.h->srcpad))
    return;
  gst_harness_set_src_caps (b->all.h, gst_caps_ref (caps));
  gst_harness_set_src_caps (b->hand.h, gst_caps_ref (caps));
}

static void
push (Broadcast * b, guint n)
{
  GstBuffer *buffer;

  for (guint i = 0; i < n; i++) {
    b->now = b->hand.n_pushed++;
    gst_harness_set_time (b->hand.h, b->now * NOISE_FRAME);
    fail_unless_equals_int (gst_harness_push (b->encoder,
            noise_frame (b->now)), GST_FLOW_OK);
    while ((buffer = gst_harness_try_pull (b->encoder))) {
      pass_caps (b);
      decoder_push (&b->all, gst_buffer_copy_deep (buffer));
      fail_unless_equals_int (gst_harness_push (b->hand.h, buffer),
          GST_FLOW_OK);
    }
    pass_requests (b);
  }
}

/* Returns: the bitrate from second @from to @to, in bit/s */
static guint64
rate_of (const Broadcast * b, guint from, guint to)
{
  guint64 bytes = 0;

  for (guint i = from * FPS; i < to * FPS; i++)
    bytes += b->bytes[i];
  return bytes * 8 / (to - from);
}

static void
check_pictures (Broadcast * b, guint row)
{
  GHashTableIter iter;
  gpointer key;

  decoder_end (&b->all);
  decoder_end (&b->arrived);
  g_hash_table_iter_init (&iter, b->arrived.pictures);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    fail_unless (g_hash_table_contains (b->all.pictures, key),
        "row %u: a picture is broken", row);
}

GST_START_TEST (test_frames_are_left_out_and_the_rest_is_whole)
{
  guint64 target = (guint64) RATE * rows[__i__].percent / 100;
  guint before, after;
  Broadcast b;

  if (!is_installed (rows[__i__].needs))
    return;
  broadcast_init (&b, __i__);
  push (&b, 2 * FPS);
  before = g_hash_table_size (b.arrived.pictures);
  fail_unless_equals_int (b.n_troubles, 0);
  gst_rcast_stream_set_target (GST_RCAST_STREAM (b.hand.stream), &b, target,
      "test");
  push (&b, 2 * FPS);
  /* Reported within two seconds, once */
  fail_unless_equals_int (b.n_troubles, 1);
  fail_unless_equals_int (b.trouble, GST_RCAST_TROUBLE_THIN);
  fail_unless_equals_int64 (b.target, target);
  push (&b, (SECONDS - 4) * FPS);
  fail_unless_equals_int (b.n_troubles, 1);
  after = g_hash_table_size (b.arrived.pictures) - before;
  g_print ("%s: of %u kbit/s %u are sent, of %u pictures %u, %u left out\n",
      rows[__i__].encoder, (guint) rate_of (&b, 0, 2) / 1000,
      (guint) rate_of (&b, 4, SECONDS) / 1000, (SECONDS - 2) * FPS, after,
      (guint) hand_stat (&b.hand, "frames-skipped"));
  fail_unless (rate_of (&b, 4, SECONDS) <= target * 115 / 100);
  fail_unless (after >= rows[__i__].n_frames, "%u pictures", after);
  check_pictures (&b, __i__);
  broadcast_clear (&b);
}

GST_END_TEST;

static Suite *
stream_thin_suite (void)
{
  Suite *s = suite_create ("rcast-stream-thin");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_frames_are_left_out_and_the_rest_is_whole, 0,
      G_N_ELEMENTS (rows));
  return s;
}

GST_CHECK_MAIN (stream_thin);
