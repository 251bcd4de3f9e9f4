/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves a stream, and when, while its source has odd timestamps, by a clock that the test cranks. */
#include "config.h"

#include <gst/rtp/rtp.h>

#include "gstrcastwebrtc.h"
#include "rcast-check.h"
#include "rcast-report.h"
#include "stream-hand.h"

#define NO_PTS GST_CLOCK_TIME_NONE
#define VIDEO "video/x-raw,format=I420,width=64,height=48,framerate=25/1"
#define AUDIO "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved"
#define START (10 * GST_SECOND)

/* Emissions of `trouble` */
typedef struct
{
  guint n;
  GstRcastTrouble trouble;
  gint64 ahead;
  guint count;
} Retimed;

static void
on_trouble (GstRcastStream * stream, GstRcastTrouble trouble, gint64 ahead,
    guint count, Retimed * retimed)
{
  retimed->n++;
  retimed->trouble = trouble;
  retimed->ahead = ahead;
  retimed->count = count;
}

/* The clock of the harness gives running time. */
static void
timed_init (Hand * hand, Retimed * retimed, GstRcastMedia media,
    const gchar * caps)
{
  GstElement *sink;

  hand_init (hand, media, NULL);
  sink = gst_bin_get_by_name (GST_BIN (hand->stream), "packets");
  gst_element_set_base_time (hand->stream, 0);
  gst_element_set_base_time (sink, 0);
  gst_object_unref (sink);
  memset (retimed, 0, sizeof (*retimed));
  g_signal_connect (hand->stream, "trouble", G_CALLBACK (on_trouble), retimed);
  gst_harness_set_src_caps_str (hand->h, caps);
}

/* One frame, of 40 ms if it is audio */
static void
push_frame (Hand * hand, GstRcastMedia media, GstClockTime pts,
    GstClockTime now)
{
  gsize size = media == GST_RCAST_MEDIA_VIDEO ? 64 * 48 * 3 / 2 : 1920 * 4;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 128, size);
  gst_buffer_memset (buffer, (hand->n_pushed++ * 37) % (size / 2), 16, 64);
  GST_BUFFER_PTS (buffer) = pts;
  gst_harness_set_time (hand->h, now);
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

static void
open_timed (Hand * hand, GstRcastMedia media)
{
  const gchar *codec = "OPUS";

  if (media == GST_RCAST_MEDIA_VIDEO)
    codec = is_installed ("x264enc") ? "H264" : "VP8";
  hand_open (hand, codec);
}

/* 200 frames by the timestamps of a source, of which the hundredth jumps */
static const struct
{
  const gchar *name;
  GstClockTime first;           /* NO_PTS: none has one */
  gint64 step;                  /* ms, from frame to frame */
  gint64 jump;                  /* ms */
  guint n_retimed;
} rows[] = {
  {"well", START, 40, 0, 0},
  {"late", START - 300 * GST_MSECOND, 40, 0, 0},
  {"no timestamps", NO_PTS, 40, 0, 0},
  {"far ahead", 3000000 * GST_SECOND, 40, 0, 1},
  {"far behind", 0, 40, 0, 1},
  {"1 h ahead", START, 40, 3600000, 1},
  {"10 s ahead", START, 40, 10000, 1},
  {"back", START, 40, -3500, 1},
  {"3 % fast", START - 50 * GST_MSECOND, 41, 0, 0},
  {"a quarter fast", START, 50, 0, 1},
};

static void
check_pace (Hand * hand, guint row, GstRcastMedia media)
{
  guint clock_rate = media == GST_RCAST_MEDIA_VIDEO ? 90000 : 48000;
  guint n = rcast_collector_count (&hand->net);
  RcastPacket before = rcast_collector_get (&hand->net, 0), packet;
  guint64 span;

  rcast_collector_check (&hand->net, PT, SSRC);
  for (guint i = 1; i < n; i++, before = packet) {
    gint64 step;

    packet = rcast_collector_get (&hand->net, i);
    step = (gint32) (packet.header.timestamp - before.header.timestamp);
    fail_unless (step >= 0, "%s: RTP timestamps go back", rows[row].name);
    /* What takes a pause has none here. */
    fail_unless (step < clock_rate / 5, "%s: RTP timestamps jump by %"
        G_GINT64_FORMAT, rows[row].name, step);
  }
  span = (guint32) (before.header.timestamp
      - rcast_collector_get (&hand->net, 0).header.timestamp);
  fail_unless (span >= clock_rate * 75 / 10 && span <= clock_rate * 102 / 10,
      "%s: %" G_GUINT64_FORMAT " ticks", rows[row].name, span);
}

static void
run_row (guint row, GstRcastMedia media)
{
  GstClockTime pts = rows[row].first, now = START;
  Retimed retimed;
  Hand hand;
  guint n = 0;

  timed_init (&hand, &retimed, media,
      media == GST_RCAST_MEDIA_VIDEO ? VIDEO : AUDIO);
  for (guint i = 0; i < 200; i++) {
    push_frame (&hand, media, pts, now);
    if (i == 0)
      open_timed (&hand, media);
    /* At once, and due no later than now */
    if (i > 1) {
      RcastPacket packet;

      rcast_collector_wait (&hand.net, n + 1);
      n = rcast_collector_count (&hand.net);
      packet = rcast_collector_get (&hand.net, n - 1);
      if (packet.pts > now || now - packet.pts > 500 * GST_MSECOND)
        ck_abort_msg ("%s: frame %u is due %" GST_STIME_FORMAT " from now",
            rows[row].name, i, GST_STIME_ARGS (GST_CLOCK_DIFF (now,
                    packet.pts)));
    }
    now += FRAME;
    if (GST_CLOCK_TIME_IS_VALID (pts))
      pts += (rows[row].step + (i == 99 ? rows[row].jump : 0)) * GST_MSECOND;
  }
  check_pace (&hand, row, media);
  fail_unless_equals_int (retimed.n, rows[row].n_retimed);
  hand_clear (&hand);
}

GST_START_TEST (test_live_video_leaves_as_it_comes)
{
  run_row (__i__, GST_RCAST_MEDIA_VIDEO);
}

GST_END_TEST;

GST_START_TEST (test_live_audio_leaves_as_it_comes)
{
  run_row (__i__, GST_RCAST_MEDIA_AUDIO);
}

GST_END_TEST;

/* One packet, which is one frame */
static void
push_packet (Hand * hand, guint32 timestamp, GstClockTime now, gboolean key)
{
  guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x10,
    key ? 0 : 1
  };
  GstBuffer *buffer;

  GST_WRITE_UINT16_BE (data + 2, hand->n_pushed++);
  GST_WRITE_UINT32_BE (data + 4, timestamp);
  buffer = gst_buffer_new_memdup (data, sizeof (data));
  GST_BUFFER_PTS (buffer) = now;
  gst_harness_set_time (hand->h, now);
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Where the second half of the packets begins, the first ends with @last. */
static const struct
{
  guint32 last, next;
  gint64 step;                  /* of what leaves, ticks */
  gboolean jumps;
} rtp_rows[] = {
  {900000, 903600, 3600, FALSE},
  {0xfffff000, 0xfffff000u + 3600, 3600, FALSE},        /* wrap-around */
  {900000, 0, 3600, TRUE},      /* loops */
  {900000, 0x90000000u, 3600, TRUE},    /* started again */
  {900000, 900000 - 7200, -7200, FALSE},        /* B-frames */
};

GST_START_TEST (test_rtp_timestamps_that_start_anew_go_on)
{
  GstClockTime now = START;
  guint32 timestamp = rtp_rows[__i__].last - 24 * 3600;
  RcastPacket before, packet;
  Retimed retimed;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  push_packet (&hand, timestamp - 3600, now - FRAME, TRUE);
  hand_open (&hand, "VP8");
  for (guint i = 0; i < 50; i++, now += FRAME) {
    if (i == 25) {
      timestamp = rtp_rows[__i__].next;
      hand_count_requests (&hand);
    }
    push_packet (&hand, timestamp, now, i == 0);
    rcast_collector_wait (&hand.net, i + 1);
    timestamp += 3600;
    if (i == 25)
      fail_unless_equals_int (hand_count_requests (&hand) > 0,
          rtp_rows[__i__].jumps);
  }
  rcast_collector_check (&hand.net, PT, SSRC);
  for (guint i = 1; i < 50; i++) {
    before = rcast_collector_get (&hand.net, i - 1);
    packet = rcast_collector_get (&hand.net, i);
    assert_equals_int64 ((gint32) (packet.header.timestamp
            - before.header.timestamp), i == 25 ? rtp_rows[__i__].step : 3600);
  }
  fail_unless_equals_int (retimed.n, rtp_rows[__i__].jumps);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_jumps_are_reported_once_a_minute)
{
  Retimed retimed;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_AUDIO, AUDIO);
  for (guint i = 0; i < 100; i++)
    push_frame (&hand, GST_RCAST_MEDIA_AUDIO,
        START + i * FRAME + i / 10 * 7 * GST_SECOND, START + i * FRAME);
  fail_unless_equals_int (retimed.n, 1);
  fail_unless_equals_int (retimed.count, 1);
  assert_equals_int64 (retimed.ahead, 7 * (gint64) GST_SECOND);
  hand_clear (&hand);
}

GST_END_TEST;

/* The connection takes nothing. */
GST_START_TEST (test_what_is_queued_or_dropped_is_not_sent)
{
  GstRcastStall stall;
  Retimed retimed = { 0, };
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  g_signal_connect (hand.stream, "trouble", G_CALLBACK (on_trouble), &retimed);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  rcast_collector_set_blocked (&hand.net, TRUE);
  hand_push_rtp (&hand, TRUE);
  rcast_collector_wait_waiting (&hand.net);
  for (guint i = 0; i < 70; i++) {
    hand_push_rtp (&hand, FALSE);
    fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 1);
    fail_unless_equals_uint64 (hand_stat (&hand, "bytes-sent"), 14);
  }
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand.stream), &stall);
  fail_unless_equals_uint64 (stall.sent, 1);
  fail_unless_equals_uint64 (stall.made, 72);
  /* ... which is told. */
  fail_unless_equals_int (retimed.n, 1);
  fail_unless_equals_int (retimed.trouble, GST_RCAST_TROUBLE_OVERFLOW);
  fail_unless (retimed.count > 20);
  hand_clear (&hand);
}

GST_END_TEST;

static GstBuffer *
make_rtcp (const GstRTCPType * types, guint n)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (1400);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  for (guint i = 0; i < n; i++) {
    fail_unless (gst_rtcp_buffer_add_packet (&rtcp, types[i], &packet));
    if (types[i] == GST_RTCP_TYPE_BYE)
      gst_rtcp_packet_bye_add_ssrc (&packet, SSRC);
  }
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

/* A source of webrtcbin's that pauses gets one. */
GST_START_TEST (test_no_bye_leaves)
{
  static const GstRTCPType types[] = { GST_RTCP_TYPE_RR, GST_RTCP_TYPE_SDES,
    GST_RTCP_TYPE_BYE, GST_RTCP_TYPE_PSFB, GST_RTCP_TYPE_BYE
  };
  static const GstRTCPType left[] = { GST_RTCP_TYPE_RR, GST_RTCP_TYPE_SDES,
    GST_RTCP_TYPE_PSFB
  };
  GstElement *rtpbin = gst_element_factory_make ("rtpbin", NULL);
  GstBuffer *buffer = make_rtcp (types, G_N_ELEMENTS (types));
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GObject *session = NULL;
  gboolean keep;
  GstPad *pad = gst_element_request_pad_simple (rtpbin, "send_rtp_sink_0");

  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  gst_rcast_webrtc_keep_silent_streams (session);
  g_signal_emit_by_name (session, "on-sending-rtcp", buffer, FALSE, &keep);
  fail_if (keep);
  gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp);
  fail_unless_equals_int (gst_rtcp_buffer_get_packet_count (&rtcp), 3);
  gst_rtcp_buffer_get_first_packet (&rtcp, &packet);
  for (guint i = 0; i < G_N_ELEMENTS (left); i++) {
    fail_unless_equals_int (gst_rtcp_packet_get_type (&packet), left[i]);
    gst_rtcp_packet_move_to_next (&packet);
  }
  gst_rtcp_buffer_unmap (&rtcp);
  gst_buffer_unref (buffer);
  g_object_unref (session);
  gst_object_unref (pad);
  gst_object_unref (rtpbin);
}

GST_END_TEST;

static Suite *
stream_time_suite (void)
{
  Suite *s = suite_create ("stream-time");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_live_video_leaves_as_it_comes, 0,
      G_N_ELEMENTS (rows));
  if (is_installed ("opusenc"))
    tcase_add_loop_test (tc, test_live_audio_leaves_as_it_comes, 0,
        G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_rtp_timestamps_that_start_anew_go_on, 0,
      G_N_ELEMENTS (rtp_rows));
  tcase_add_test (tc, test_jumps_are_reported_once_a_minute);
  tcase_add_test (tc, test_what_is_queued_or_dropped_is_not_sent);
  tcase_add_test (tc, test_no_bye_leaves);
  return s;
}

GST_CHECK_MAIN (stream_time);
