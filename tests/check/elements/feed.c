/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate in front of one webrtcbin: when it opens, what it drops, what it rewrites. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <string.h>

#include "gstrcastfeed.h"
#include "rcast-collector.h"
#include "rcast-error.h"

#define PT 96
#define SSRC 0xfeedbeefu
/* One packet per frame, 25 frames a second, a key frame every second. */
#define FRAME (40 * GST_MSECOND)
#define GOP 25
#define TICKS 3600

/* A feed that pushes into a collector, and the stream that the test pushes */
typedef struct
{
  GstElement *feed;
  RcastCollector net;
  guint n_pushed;
  guint32 ssrc;
  guint32 timestamp_base;
  guint epoch;
  guint lost;
  gboolean more;                /* other packets follow each one at once */
  gint n_asked;                 /* atomic */
} Rig;

static void
on_request_keyframe (GstElement * feed, Rig * rig)
{
  g_atomic_int_inc (&rig->n_asked);
}

static void
set_rtp (Rig * rig, const gchar * media, const gchar * name, gint clock_rate)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, media, "encoding-name", G_TYPE_STRING, name,
      "clock-rate", G_TYPE_INT, clock_rate, "payload", G_TYPE_INT, PT, NULL);
  GError *error = NULL;

  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig->feed), caps, SSRC,
          &error), "%s", error ? error->message : "");
}

static void
rig_init (Rig * rig)
{
  memset (rig, 0, sizeof (*rig));
  rig->feed = gst_object_ref_sink (gst_rcast_feed_new ("feed"));
  rig->ssrc = 1;
  rig->timestamp_base = 1000;
  g_signal_connect (rig->feed, "request-keyframe",
      G_CALLBACK (on_request_keyframe), rig);
  rcast_collector_init (&rig->net, rig->feed);
  set_rtp (rig, "video", "VP8", 90000);
}

static void
rig_clear (Rig * rig)
{
  rcast_collector_clear (&rig->net);
  gst_object_unref (rig->feed);
}

static void
set_open (Rig * rig, gboolean open)
{
  gst_rcast_feed_set_open (GST_RCAST_FEED (rig->feed), open);
}

/* Pushes the next frame of the stream. */
static GstRcastFeedResult
push (Rig * rig)
{
  guint n = rig->n_pushed++;
  gboolean key = n % GOP == 0;
  guint8 data[] = { 0x80, 0x80 | 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    key ? 0 : 1
  };
  GstRcastFeedPacket packet = {.timestamp = rig->timestamp_base + n * TICKS,
    .payload_offset = 12,.running_time = n * FRAME,.due = n * FRAME,
    .arrival = n * FRAME,.encoding_name = g_intern_string ("VP8"),
    .epoch = rig->epoch,.starts_keyframe = key,.more = rig->more
  };
  GstRcastFeedResult result;
  guint lost;

  GST_WRITE_UINT16_BE (data + 2, n);
  GST_WRITE_UINT32_BE (data + 4, rig->timestamp_base + n * TICKS);
  GST_WRITE_UINT32_BE (data + 8, rig->ssrc);
  packet.buffer = gst_buffer_new_memdup (data, sizeof (data));
  result = gst_rcast_feed_push (GST_RCAST_FEED (rig->feed), &packet, &lost);
  rig->lost += lost;
  /* The stream goes on using the buffer: a feed must not write into it. */
  fail_unless (gst_buffer_memcmp (packet.buffer, 0, data, sizeof (data)) == 0);
  gst_buffer_unref (packet.buffer);
  return result;
}

static void
push_n (Rig * rig, guint n, GstRcastFeedResult want)
{
  for (guint i = 0; i < n; i++)
    fail_unless_equals_int (push (rig), want);
}

/* Pushes frames as fast as they leave, as a queue of one second requires. */
static void
send_n (Rig * rig, guint n)
{
  guint before = rcast_collector_count (&rig->net);

  for (guint i = 1; i <= n; i++) {
    fail_unless_equals_int (push (rig), GST_RCAST_FEED_SENT);
    rcast_collector_wait (&rig->net, before + i);
  }
}

/* Pushes frames like a playing source, until the feed takes one. */
static void
push_until_sent (Rig * rig)
{
  while (push (rig) != GST_RCAST_FEED_SENT)
    g_thread_yield ();
}

static guint64
stat_of (Rig * rig, const gchar * name)
{
  GstStructure *s = gst_rcast_feed_get_stats (GST_RCAST_FEED (rig->feed));
  guint64 value;

  fail_unless (gst_structure_get_uint64 (s, name, &value));
  gst_structure_free (s);
  return value;
}

GST_START_TEST (test_closed_feed_drops_and_counts)
{
  Rig rig;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  push_n (&rig, 60, GST_RCAST_FEED_CLOSED);
  fail_unless_equals_uint64 (stat_of (&rig, "packets-dropped-closed"), 60);
  fail_unless_equals_int (g_atomic_int_get (&rig.n_asked), 0);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_gate_opens_at_a_key_frame_that_it_asks_for)
{
  Rig rig;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  push_n (&rig, 10, GST_RCAST_FEED_CLOSED);
  set_open (&rig, TRUE);
  fail_unless_equals_int (g_atomic_int_get (&rig.n_asked), 1);
  push_n (&rig, 15, GST_RCAST_FEED_CLOSED);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (rig.feed)));
  send_n (&rig, 25);
  fail_unless (gst_rcast_feed_is_open (GST_RCAST_FEED (rig.feed)));
  rcast_collector_wait (&rig.net, 25);
  fail_unless (rcast_collector_get (&rig.net, 0).key);
  fail_unless_equals_uint64 (stat_of (&rig, "packets-dropped-closed"), 25);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_headers_are_rewritten_and_times_kept)
{
  Rig rig;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 50);
  rcast_collector_check (&rig.net, PT, SSRC);
  for (guint i = 0; i < 50; i++) {
    RcastPacket p = rcast_collector_get (&rig.net, i);

    fail_unless (p.header.marker);
    fail_unless_equals_int (p.header.timestamp, 1000 + i * TICKS);
    fail_unless_equals_clocktime (p.pts, i * FRAME);
  }
  fail_unless (rcast_collector_get (&rig.net, 0).header.sequence < 0x8000);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_minute_offline_leaves_no_hole_in_the_sequence)
{
  Rig rig;
  RcastPacket before, after;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 30);
  set_open (&rig, FALSE);
  push_n (&rig, 60 * 25, GST_RCAST_FEED_CLOSED);
  set_open (&rig, TRUE);
  push_n (&rig, GOP - 30 % GOP, GST_RCAST_FEED_CLOSED);
  send_n (&rig, 30);
  rcast_collector_check (&rig.net, PT, SSRC);
  before = rcast_collector_get (&rig.net, 29);
  after = rcast_collector_get (&rig.net, 30);
  fail_unless (after.key);
  /* The timestamps include the time offline. */
  fail_unless_equals_int (after.header.timestamp - before.header.timestamp,
      (60 * 25 + 20 + 1) * TICKS);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_key_frame_that_does_not_come_is_asked_for_again)
{
  Rig rig;
  guint asked;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  push (&rig);
  set_open (&rig, TRUE);
  push (&rig);
  asked = g_atomic_int_get (&rig.n_asked);
  /* For five seconds, no key frame arrives. */
  for (guint i = 0; i < 5 * 25; i++) {
    if (rig.n_pushed % GOP == 0)
      rig.n_pushed++;
    fail_unless_equals_int (push (&rig), GST_RCAST_FEED_CLOSED);
  }
  fail_unless_equals_int (g_atomic_int_get (&rig.n_asked), asked + 2);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_feed_that_never_started_takes_20_s_without_blocking)
{
  Rig rig;
  guint sent = 0;

  rig_init (&rig);
  set_open (&rig, TRUE);
  for (guint i = 0; i < 20 * 25; i++)
    sent += push (&rig) == GST_RCAST_FEED_SENT;
  /* After a second of packets, the feed knows that nobody takes them. */
  fail_unless (sent <= 26, "%u queued", sent);
  fail_unless_equals_uint64 (stat_of (&rig, "packets-dropped-overflow"), 500);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (rig.feed)));
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_blocked_downstream_costs_packets_not_time)
{
  Rig rig;
  guint n;

  rig_init (&rig);
  rcast_collector_set_blocked (&rig.net, TRUE);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  push (&rig);
  rcast_collector_wait_waiting (&rig.net);
  for (guint i = 0; i < 20 * 25; i++)
    push (&rig);
  fail_unless (stat_of (&rig, "packets-dropped-overflow") > 400);
  n = g_atomic_int_get (&rig.n_asked);

  /* The next packet that leaves is a new key frame. */
  rcast_collector_set_blocked (&rig.net, FALSE);
  push_until_sent (&rig);
  rcast_collector_wait (&rig.net, 2);
  fail_unless (rcast_collector_get (&rig.net, 1).key);
  fail_unless (g_atomic_int_get (&rig.n_asked) > n);
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_new_source_continues_the_timestamps)
{
  Rig rig;
  RcastPacket before, after;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 25);
  rig.ssrc = 77;
  rig.epoch = 1;
  rig.timestamp_base = 0x80000000;
  send_n (&rig, 25);
  before = rcast_collector_get (&rig.net, 24);
  after = rcast_collector_get (&rig.net, 25);
  fail_unless_equals_int (after.header.timestamp - before.header.timestamp,
      TICKS);
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_audio_passes_at_once)
{
  Rig rig;

  rig_init (&rig);
  set_rtp (&rig, "audio", "VP8", 48000);
  rcast_collector_start (&rig.net);
  rig.n_pushed = 3;
  set_open (&rig, TRUE);
  send_n (&rig, 3);
  fail_unless_equals_int (g_atomic_int_get (&rig.n_asked), 0);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_other_codec_does_not_pass)
{
  Rig rig;

  rig_init (&rig);
  set_rtp (&rig, "video", "H264", 90000);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  push_n (&rig, 30, GST_RCAST_FEED_CLOSED);
  set_rtp (&rig, "video", "vp8", 90000);
  push_n (&rig, 20, GST_RCAST_FEED_CLOSED);
  push_n (&rig, 1, GST_RCAST_FEED_SENT);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_caps_come_before_media)
{
  Rig rig;
  GstStructure *s;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  rcast_collector_wait_caps (&rig.net, 1);
  s = gst_caps_get_structure (rig.net.caps, 0);
  fail_unless_equals_string (gst_structure_get_string (s, "encoding-name"),
      "VP8");
  /* Caps are sent again after a stop, as pads forget them. */
  gst_element_set_state (rig.net.pipeline, GST_STATE_READY);
  rcast_collector_start (&rig.net);
  rcast_collector_wait_caps (&rig.net, 2);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_session_numbers_packets_transport_wide)
{
  Rig rig;
  GstElement *session;
  GstHarness *h;
  g_autoptr (GstCaps) caps = gst_caps_from_string ("application/x-rtp,"
      "media=video,encoding-name=VP8,clock-rate=90000,payload=96,"
      "extmap-5=(string)" GST_RCAST_RTP_TWCC_URI);

  if (!(session = gst_element_factory_make ("rtpsession", NULL)))
    return;
  rig_init (&rig);
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig.feed), caps, SSRC,
          NULL));
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 3);

  h = gst_harness_new_with_element (gst_object_ref_sink (session),
      "send_rtp_sink", "send_rtp_src");
  gst_harness_set_src_caps (h, gst_caps_ref (rig.net.caps));
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer;
    GstMapInfo map;

    gst_harness_push (h, gst_buffer_ref (g_ptr_array_index (rig.net.buffers,
                i)));
    buffer = gst_harness_pull (h);
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (map.data[0], 0x90);
    fail_unless_equals_int (map.data[16], 0x51);
    fail_unless_equals_int (map.data[17] << 8 | map.data[18], i);
    fail_unless_equals_int (map.data[20], 0x10);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  gst_object_unref (session);
  rig_clear (&rig);
}

GST_END_TEST;

/* Checks the payload of a sound packet. Returns: whether it is redundant */
static gboolean
is_redundant (GstBuffer * buffer, guint n)
{
  gboolean redundant;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  redundant = (map.data[1] & 0x7f) == 63;
  fail_unless (redundant || (map.data[1] & 0x7f) == PT);
  fail_unless_equals_int (map.size, 12 + (redundant ? 5 + 2 : 0) + 2);
  fail_unless_equals_int (map.data[map.size - 1], n % GOP == 0 ? 0 : 1);
  if (redundant) {
    fail_unless_equals_int (map.data[12], 0x80 | PT);
    fail_unless_equals_int (GST_READ_UINT24_BE (map.data + 13),
        TICKS << 10 | 2);
    fail_unless_equals_int (map.data[16], PT);
    fail_unless_equals_int (map.data[18], (n - 1) % GOP == 0 ? 0 : 1);
  }
  gst_buffer_unmap (buffer, &map);
  return redundant;
}

/* Sound is redundant as long as packets are lost, if the server accepts it. */
GST_START_TEST (test_sound_is_sent_twice_where_it_is_lost)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string ("application/x-rtp,"
      "media=audio,encoding-name=VP8,clock-rate=48000,payload=96");
  Rig rig;

  rig_init (&rig);
  if (__i__ > 0)
    gst_caps_set_simple (caps, GST_RCAST_FEED_SENT_REDUNDANT, G_TYPE_INT, 63,
        NULL);
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig.feed), caps, SSRC,
          NULL));
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 3);
  gst_rcast_feed_set_loss (GST_RCAST_FEED (rig.feed), 10);
  send_n (&rig, 3);
  gst_rcast_feed_set_loss (GST_RCAST_FEED (rig.feed), 0);
  send_n (&rig, 3);
  for (guint i = 0; i < 9; i++)
    fail_unless_equals_int (is_redundant (g_ptr_array_index (rig.net.buffers,
                i), i), __i__ > 0 && i / 3 == 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_packets_that_come_together_leave_with_the_last)
{
  Rig rig;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  for (guint i = 1; i <= 20; i++) {
    rig.more = TRUE;
    push_n (&rig, 6, GST_RCAST_FEED_SENT);
    rig.more = FALSE;
    push_n (&rig, 1, GST_RCAST_FEED_SENT);
    rcast_collector_wait (&rig.net, 7 * i);
  }
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

static void
push_to_the_end (Rig * rig)
{
  set_open (rig, TRUE);
  push_n (rig, 20, GST_RCAST_FEED_SENT);
  gst_rcast_feed_push_eos (GST_RCAST_FEED (rig->feed));
  rcast_collector_start (&rig->net);
  rcast_collector_wait_eos (&rig->net);
  fail_unless_equals_int (rcast_collector_count (&rig->net), 20);
}

GST_START_TEST (test_queue_is_drained_before_eos)
{
  Rig rig;

  rig_init (&rig);
  push_to_the_end (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* As after a flush. */
GST_START_TEST (test_what_comes_after_the_end_is_sent)
{
  Rig rig;

  rig_init (&rig);
  push_to_the_end (&rig);
  fail_unless (gst_rcast_feed_has_ended (GST_RCAST_FEED (rig.feed)));
  push_n (&rig, 1, GST_RCAST_FEED_SENT);
  fail_if (gst_rcast_feed_has_ended (GST_RCAST_FEED (rig.feed)));
  rcast_collector_wait (&rig.net, 21);
  gst_rcast_feed_push_eos (GST_RCAST_FEED (rig.feed));
  rcast_collector_wait_eos (&rig.net);
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_incomplete_negotiation_is_refused)
{
  static const gchar *const texts[] = { "application/x-rtp",
    "application/x-rtp, media=video, encoding-name=VP8, clock-rate=90000",
    "application/x-rtp, media=video, encoding-name=VP8, payload=96",
    "application/x-rtp, media=video, encoding-name=VP8, clock-rate=90000, payload=300",
    "EMPTY",
  };
  Rig rig;

  rig_init (&rig);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (texts[i]);
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig.feed), caps, SSRC,
            &error));
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
  }
  rig_clear (&rig);
}

GST_END_TEST;

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer is_blocked)
{
  g_atomic_int_set ((gint *) is_blocked, TRUE);
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_packet_lost_in_a_state_change_leaves_no_hole)
{
  Rig rig;
  GstPad *pad;
  gint is_blocked = FALSE;
  guint64 dropped;
  gulong probe;

  rig_init (&rig);
  rcast_collector_start (&rig.net);
  set_open (&rig, TRUE);
  send_n (&rig, 5);

  /* A packet is about to leave when the pad is stopped. */
  pad = gst_element_get_static_pad (rig.feed, "src");
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, block, &is_blocked, NULL);
  push_n (&rig, 1, GST_RCAST_FEED_SENT);
  while (!g_atomic_int_get (&is_blocked))
    g_thread_yield ();
  dropped = stat_of (&rig, "packets-dropped-closed");
  gst_element_set_state (rig.net.pipeline, GST_STATE_READY);
  gst_pad_remove_probe (pad, probe);
  gst_object_unref (pad);
  fail_unless_equals_int (rcast_collector_count (&rig.net), 5);
  fail_unless_equals_uint64 (stat_of (&rig, "packets-sent"), 5);
  fail_unless_equals_uint64 (stat_of (&rig, "packets-dropped-closed"),
      dropped + 1);

  rcast_collector_start (&rig.net);
  push_until_sent (&rig);
  rcast_collector_wait (&rig.net, 6);
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_states_in_any_order_while_packets_come)
{
  static const GstState states[] = { GST_STATE_PLAYING, GST_STATE_READY,
    GST_STATE_PAUSED, GST_STATE_NULL, GST_STATE_PLAYING, GST_STATE_NULL,
    GST_STATE_READY, GST_STATE_PLAYING, GST_STATE_PAUSED,
  };
  Rig rig;

  rig_init (&rig);
  set_open (&rig, TRUE);
  for (guint i = 0; i < 20 * G_N_ELEMENTS (states); i++) {
    fail_if (gst_element_set_state (rig.net.pipeline,
            states[i % G_N_ELEMENTS (states)]) == GST_STATE_CHANGE_FAILURE);
    for (guint n = 0; n < 5; n++)
      push (&rig);
    if (i % 7 == 0)
      set_open (&rig, i % 2);
  }
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

/* At this rate in bit/s, a frame takes 4 ms or more: 14 bytes, and their overhead on the wire */
#define SLOW_RATE 100000
#define SLOW_TIME (4 * GST_MSECOND)

static void
rig_pace (Rig * rig, guint64 rate)
{
  g_autoptr (GstRcastPacing) pacing = gst_rcast_pacing_new ();

  gst_rcast_pacing_set_rate (pacing, rate, 0);
  gst_rcast_feed_set_pacing (GST_RCAST_FEED (rig->feed), pacing);
}

/* Pacing takes at least this time, and a busy machine makes it no shorter. */
GST_START_TEST (test_what_is_queued_leaves_as_it_is_paced)
{
  GstClockTime begin, took;
  Rig rig;

  rig_init (&rig);
  rig_pace (&rig, SLOW_RATE);
  set_open (&rig, TRUE);
  rcast_collector_start (&rig.net);
  begin = gst_util_get_timestamp ();
  push_n (&rig, 20, GST_RCAST_FEED_SENT);
  rcast_collector_wait (&rig.net, 20);
  took = gst_util_get_timestamp () - begin;
  /* Two or three packets leave in each turn. */
  fail_unless (took >= 17 * SLOW_TIME, "%" GST_TIME_FORMAT,
      GST_TIME_ARGS (took));
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_paced_queue_is_drained_before_eos)
{
  Rig rig;

  rig_init (&rig);
  rig_pace (&rig, SLOW_RATE);
  push_to_the_end (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_paced_feed_stops_in_the_middle)
{
  guint before;
  Rig rig;

  rig_init (&rig);
  rig_pace (&rig, 1000);
  for (guint i = 1; i <= 3; i++) {
    before = rcast_collector_count (&rig.net);
    set_open (&rig, TRUE);
    rcast_collector_start (&rig.net);
    push_until_sent (&rig);
    push_n (&rig, 10, GST_RCAST_FEED_SENT);
    rcast_collector_wait (&rig.net, before + 1);
    fail_if (gst_element_set_state (rig.net.pipeline, GST_STATE_READY)
        == GST_STATE_CHANGE_FAILURE);
    fail_unless_equals_uint64 (stat_of (&rig, "packets-sent"),
        rcast_collector_count (&rig.net));
  }
  rcast_collector_check (&rig.net, PT, SSRC);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
feed_suite (void)
{
  Suite *s = suite_create ("rcast-feed");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_closed_feed_drops_and_counts);
  tcase_add_test (tc, test_gate_opens_at_a_key_frame_that_it_asks_for);
  tcase_add_test (tc, test_headers_are_rewritten_and_times_kept);
  tcase_add_test (tc, test_minute_offline_leaves_no_hole_in_the_sequence);
  tcase_add_test (tc, test_key_frame_that_does_not_come_is_asked_for_again);
  tcase_add_test (tc, test_feed_that_never_started_takes_20_s_without_blocking);
  tcase_add_test (tc, test_blocked_downstream_costs_packets_not_time);
  tcase_add_test (tc, test_new_source_continues_the_timestamps);
  tcase_add_test (tc, test_audio_passes_at_once);
  tcase_add_test (tc, test_other_codec_does_not_pass);
  tcase_add_test (tc, test_caps_come_before_media);
  tcase_add_test (tc, test_session_numbers_packets_transport_wide);
  tcase_add_loop_test (tc, test_sound_is_sent_twice_where_it_is_lost, 0, 2);
  tcase_add_test (tc, test_packets_that_come_together_leave_with_the_last);
  tcase_add_test (tc, test_queue_is_drained_before_eos);
  tcase_add_test (tc, test_what_comes_after_the_end_is_sent);
  tcase_add_test (tc, test_incomplete_negotiation_is_refused);
  tcase_add_test (tc, test_packet_lost_in_a_state_change_leaves_no_hole);
  tcase_add_test (tc, test_states_in_any_order_while_packets_come);
  tcase_add_test (tc, test_what_is_queued_leaves_as_it_is_paced);
  tcase_add_test (tc, test_paced_queue_is_drained_before_eos);
  tcase_add_test (tc, test_paced_feed_stops_in_the_middle);
  return s;
}

GST_CHECK_MAIN (feed);
