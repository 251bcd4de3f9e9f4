/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves a stream, and when, if the timestamps of its source are
 * odd. The test cranks the clock. */
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

/* Emissions of the signal `trouble` */
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

/* Base time is 0: the clock of the harness gives the running time. */
static void
init_as (Hand * hand, Retimed * retimed, GstRcastMedia media,
    const gchar * caps, gboolean live)
{
  GstElement *sink;

  hand_init (hand, media, NULL);
  gst_harness_set_live (hand->h, live);
  sink = gst_bin_get_by_name (GST_BIN (hand->stream), "packets");
  gst_element_set_base_time (hand->stream, 0);
  gst_element_set_base_time (sink, 0);
  gst_object_unref (sink);
  memset (retimed, 0, sizeof (*retimed));
  g_signal_connect (hand->stream, "trouble", G_CALLBACK (on_trouble), retimed);
  gst_harness_set_src_caps_str (hand->h, caps);
}

static void
timed_init (Hand * hand, Retimed * retimed, GstRcastMedia media,
    const gchar * caps)
{
  init_as (hand, retimed, media, caps, TRUE);
}

/* Like a file: everything is due at once. */
static void
file_init (Hand * hand, Retimed * retimed, GstRcastMedia media,
    const gchar * caps)
{
  GstElement *sink;

  init_as (hand, retimed, media, caps, FALSE);
  sink = gst_bin_get_by_name (GST_BIN (hand->stream), "packets");
  g_object_set (sink, "sync", FALSE, NULL);
  gst_object_unref (sink);
}

/* Pushes one frame, or 40 ms of audio. */
static void
push_frame_of (Hand * hand, GstRcastMedia media, GstClockTime pts,
    GstClockTime dts, GstClockTime now)
{
  gsize size = media == GST_RCAST_MEDIA_VIDEO ? 64 * 48 * 3 / 2 : 1920 * 4;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 128, size);
  gst_buffer_memset (buffer, (hand->n_pushed++ * 37) % (size / 2), 16, 64);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DTS (buffer) = dts;
  gst_harness_set_time (hand->h, now);
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

static void
push_frame (Hand * hand, GstRcastMedia media, GstClockTime pts,
    GstClockTime now)
{
  push_frame_of (hand, media, pts, GST_CLOCK_TIME_NONE, now);
}

static void
open_timed (Hand * hand, GstRcastMedia media)
{
  const gchar *codec = "OPUS";

  if (media == GST_RCAST_MEDIA_VIDEO)
    codec = is_installed ("x264enc") ? "H264" : "VP8";
  hand_open (hand, codec);
}

/* Timestamps of 200 frames from a source; the hundredth one jumps. */
static const struct
{
  const gchar *name;
  GstClockTime first;           /* NO_PTS: no frame has a timestamp */
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
    /* No source of the table pauses, so nothing may jump. */
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
    /* The frame leaves at once, and is due no later than now. */
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

/* What sources do in the middle of a stream. After each, data leaves as soon as it arrives. */
typedef enum
{
  ODD_NO_PTS,
  ODD_DTS_ONLY,
  ODD_FLUSH,
  ODD_FLUSH_FROM_0,
  ODD_BASE,
  ODD_RATE,
  ODD_APPLIED_RATE,
  ODD_GAP,
  ODD_STOP,
  ODD_STOP_COUNTED,
  ODD_CAPS_AGAIN,
  ODD_CAPS_RATE,
  N_ODD
} Odd;

#define N_FRAMES 60
#define ODD_AT 30
#define PAUSE (30 * GST_SECOND)

typedef struct
{
  Odd odd;
  GstClockTime pts, step, now;
} Source;

static void
push_segment (Hand * hand, gdouble rate, gdouble applied_rate,
    GstClockTime start, GstClockTime base)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.applied_rate = applied_rate;
  segment.start = segment.time = segment.position = start;
  segment.base = base;
  fail_unless (gst_harness_push_event (hand->h,
          gst_event_new_segment (&segment)));
}

static void
flush (Hand * hand, GstClockTime start, GstClockTime base)
{
  fail_unless (gst_harness_push_event (hand->h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (hand->h,
          gst_event_new_flush_stop (FALSE)));
  push_segment (hand, 1.0, 1.0, start, base);
}

static void
set_caps (Hand * hand, GstRcastMedia media, const gchar * fraction)
{
  g_autofree gchar *caps = media == GST_RCAST_MEDIA_AUDIO ?
      g_strdup (AUDIO) : g_strdup_printf ("video/x-raw,format=I420,width=64,"
      "height=48,framerate=%s", fraction);

  gst_harness_set_src_caps_str (hand->h, caps);
}

/* Runs before frame ODD_AT, which has the timestamp @source->pts and arrives at @source->now. */
static void
be_odd (Hand * hand, GstRcastMedia media, Source * source)
{
  switch (source->odd) {
    case ODD_FLUSH:
      flush (hand, 0, 0);
      break;
    case ODD_FLUSH_FROM_0:
      flush (hand, 0, source->now);
      source->pts = 0;
      break;
    case ODD_BASE:
      push_segment (hand, 1.0, 1.0, 0, source->now);
      source->pts = 0;
      break;
    case ODD_RATE:
      push_segment (hand, 2.0, 1.0, source->pts, source->now);
      source->step *= 2;
      break;
    case ODD_APPLIED_RATE:
      push_segment (hand, 1.0, 2.0, source->pts, source->now);
      break;
    case ODD_GAP:
      fail_unless (gst_harness_push_event (hand->h,
              gst_event_new_gap (source->pts, GST_SECOND)));
      source->pts += GST_SECOND;
      source->now += GST_SECOND;
      break;
    case ODD_STOP:
      source->pts += PAUSE;
      source->now += PAUSE;
      break;
    case ODD_STOP_COUNTED:     /* like a program that counts its frames */
      source->now += PAUSE;
      break;
    case ODD_CAPS_AGAIN:
      set_caps (hand, media, "25/1");
      break;
    case ODD_CAPS_RATE:
      set_caps (hand, media, "0/1");
      break;
    default:
      break;
  }
}

static void
push_odd (Hand * hand, GstRcastMedia media, Source * source, guint i)
{
  gboolean middle = i >= ODD_AT && i < ODD_AT + 10;

  if (source->odd == ODD_CAPS_RATE && i == ODD_AT + 10)
    set_caps (hand, media, "30/1");
  push_frame_of (hand, media, source->odd == ODD_DTS_ONLY
      || (source->odd == ODD_NO_PTS && middle) ? NO_PTS : source->pts,
      source->odd == ODD_DTS_ONLY ? source->pts : NO_PTS, source->now);
  source->pts += source->step;
  source->now += FRAME;
}

/* Waits until all packets made and not dropped have left: none is queued then. */
static void
wait_for_all (Hand * hand)
{
  GstRcastStall stall;

  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand->stream), &stall);
  rcast_collector_wait (&hand->net, stall.made
      - hand_stat (hand, "packets-dropped-closed")
      - hand_stat (hand, "packets-dropped-overflow"));
}

/* The frame leaves at once, and is due no later than now. An encoder that
 * starts anew may keep a frame back. */
static void
check_arrives (Hand * hand, const Source * source, guint i, guint * n)
{
  guint before = *n;
  RcastPacket packet;

  wait_for_all (hand);
  *n = rcast_collector_count (&hand->net);
  if (i < 2 || (i >= ODD_AT && i < ODD_AT + 2))
    return;
  fail_unless (*n > before, "odd %d: nothing leaves with frame %u",
      source->odd, i);
  packet = rcast_collector_get (&hand->net, *n - 1);
  fail_unless (packet.pts <= source->now && source->now - packet.pts
      < GST_SECOND, "odd %d: frame %u is due %" GST_STIME_FORMAT " from now",
      source->odd, i, GST_STIME_ARGS (GST_CLOCK_DIFF (source->now,
              packet.pts)));
}

static void
run_odd (Odd odd, GstRcastMedia media)
{
  Source source = { odd, START, FRAME, START };
  RcastPacket before, packet;
  Retimed retimed;
  Hand hand;
  guint n = 0;

  timed_init (&hand, &retimed, media,
      media == GST_RCAST_MEDIA_VIDEO ? VIDEO : AUDIO);
  for (guint i = 0; i < N_FRAMES; i++) {
    if (i == ODD_AT)
      be_odd (&hand, media, &source);
    push_odd (&hand, media, &source, i);
    if (i == 0)
      open_timed (&hand, media);
    check_arrives (&hand, &source, i, &n);
  }
  before = rcast_collector_get (&hand.net, 0);
  for (guint i = 1; i < rcast_collector_count (&hand.net); i++) {
    packet = rcast_collector_get (&hand.net, i);
    fail_unless ((gint32) (packet.header.timestamp - before.header.timestamp)
        >= 0, "odd %d: RTP timestamps go back", odd);
    before = packet;
  }
  hand_clear (&hand);
}

GST_START_TEST (test_video_that_is_odd_in_the_middle_stays_on_air)
{
  run_odd (__i__, GST_RCAST_MEDIA_VIDEO);
}

GST_END_TEST;

GST_START_TEST (test_audio_that_is_odd_in_the_middle_stays_on_air)
{
  run_odd (__i__, GST_RCAST_MEDIA_AUDIO);
}

GST_END_TEST;

/* Samples in a buffer, and the number of buffers: a second of sound or more */
static const struct
{
  guint samples, n;
} grains[] = { {1, 48000}, {7, 8000}, {480, 100}, {43200, 6}, {96000, 4},
  {230000, 2}
};

GST_START_TEST (test_sound_in_buffers_of_any_length_arrives)
{
  guint samples = grains[__i__].samples;
  Retimed retimed;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_AUDIO, AUDIO);
  push_frame (&hand, GST_RCAST_MEDIA_AUDIO, START, START);
  open_timed (&hand, GST_RCAST_MEDIA_AUDIO);
  for (guint64 i = 0; i < grains[__i__].n; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, samples * 4, NULL);
    GstClockTime at = START + FRAME + gst_util_uint64_scale (i * samples,
        GST_SECOND, 48000);

    gst_buffer_memset (buffer, 0, 0, samples * 4);
    GST_BUFFER_PTS (buffer) = at;
    gst_harness_set_time (hand.h, at + gst_util_uint64_scale (samples,
            GST_SECOND, 48000));
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    /* Packets hold 20 ms; one may still be in the encoder. */
    rcast_collector_wait (&hand.net, samples * (i + 1) / 960);
  }
  rcast_collector_check (&hand.net, PT, SSRC);
  hand_clear (&hand);
}

GST_END_TEST;

/* The packets of a long buffer come at once, and wait until webrtcbin takes them. More than a
 * second of sound is no overflow then. Packets that wait for a second are an overflow. */
GST_START_TEST (test_long_buffers_of_sound_are_no_overflow)
{
  gsize size = 96000 * 4;
  Retimed retimed;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_AUDIO, AUDIO);
  push_frame (&hand, GST_RCAST_MEDIA_AUDIO, START, START);
  open_timed (&hand, GST_RCAST_MEDIA_AUDIO);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

    gst_buffer_memset (buffer, 0, 0, size);
    GST_BUFFER_PTS (buffer) = START + FRAME + i * 2 * GST_SECOND;
    gst_harness_set_time (hand.h, START + FRAME + (i + 1) * 2 * GST_SECOND);
    rcast_collector_set_blocked (&hand.net, TRUE);
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    fail_unless_equals_int (retimed.n, i == 2);
    if (i > 0)
      continue;
    rcast_collector_set_blocked (&hand.net, FALSE);
    rcast_collector_wait (&hand.net, 100);
  }
  fail_unless_equals_int (retimed.trouble, GST_RCAST_TROUBLE_OVERFLOW);
  hand_clear (&hand);
}

GST_END_TEST;

/* Pushes one packet, which is one frame. */
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

/* The first half of the packets ends with the RTP timestamp @last, the
 * second half begins with @next. */
static const struct
{
  guint32 last, next;
  gint64 step;                  /* ticks between the two packets that leave */
  gboolean jumps;
} rtp_rows[] = {
  {900000, 903600, 3600, FALSE},
  {0xfffff000, 0xfffff000u + 3600, 3600, FALSE},        /* wrap-around */
  {900000, 0, 3600, TRUE},      /* the source loops */
  {900000, 0x90000000u, 3600, TRUE},    /* the source has started again */
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

/* The connection takes no packets. */
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
  /* The stream reports the overflow. */
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

/* webrtcbin makes a BYE for a source that pauses. */
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

/* Noise keeps an encoder busy: an encoder that waits for the test does not count as too slow. */
static GstBuffer *
make_noise (guint32 seed)
{
  guint n = 640 * 480 * 3 / 2 / sizeof (guint32);
  guint32 *words = g_new (guint32, n);

  for (guint i = 0; i < n; i++)
    words[i] = seed = seed * 1664525 + 1013904223;
  return gst_buffer_new_wrapped (words, n * sizeof (guint32));
}

static void
push_noise (Hand * hand, GstBuffer * noise, GstClockTime pts, GstClockTime now)
{
  GstBuffer *buffer = gst_buffer_copy (noise);

  GST_BUFFER_PTS (buffer) = pts;
  gst_harness_set_time (hand->h, now);
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Frames queue up: the encoder takes 100 ms of the clock for each 40 ms. */
GST_START_TEST (test_encoder_that_is_too_slow_is_told_once)
{
  GstBuffer *noise[] = { make_noise (1), make_noise (2) };
  GstClockTime now = START;
  Retimed retimed;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_VIDEO, "video/x-raw,"
      "format=I420,width=640,height=480,framerate=25/1");
  for (guint i = 0; i < 100; i++) {
    push_noise (&hand, noise[i % 2], START + i * FRAME, now);
    if (i < 50)
      fail_unless_equals_int (retimed.n, 0);
    now += i < 50 ? FRAME : 100 * GST_MSECOND;
  }
  fail_unless_equals_int (retimed.n, 1);
  fail_unless_equals_int (retimed.trouble, GST_RCAST_TROUBLE_SLOW);
  fail_unless (retimed.ahead >= 500 * (gint64) GST_MSECOND
      && retimed.ahead <= 3 * (gint64) GST_SECOND);
  hand_clear (&hand);
  gst_buffer_unref (noise[0]);
  gst_buffer_unref (noise[1]);
}

GST_END_TEST;

/* As if another source were linked to the pad */
static void
begin_again (Hand * hand)
{
  GstCaps *caps = gst_caps_from_string (VIDEO);

  gst_harness_push_event (hand->h, gst_event_new_stream_start ("again"));
  gst_harness_push_event (hand->h, gst_event_new_caps (caps));
  push_segment (hand, 1.0, 1.0, 0, 0);
  gst_caps_unref (caps);
}

static GstFlowReturn
push_black (Hand * hand, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 64 * 48 * 3 / 2, NULL);

  gst_buffer_memset (buffer, 0, 16, -1);
  GST_BUFFER_PTS (buffer) = pts;
  gst_harness_set_time (hand->h, pts);
  return gst_harness_push (hand->h, buffer);
}

/* An encoder would report data after EOS as a failure, which ends the pipeline. */
GST_START_TEST (test_data_after_the_end_is_told_and_not_sent)
{
  g_autoptr (GstBus) bus = NULL;
  GstMessage *message;
  Retimed retimed;
  guint sent;
  Hand hand;

  timed_init (&hand, &retimed, GST_RCAST_MEDIA_VIDEO, VIDEO);
  fail_unless_equals_int (push_black (&hand, START), GST_FLOW_OK);
  open_timed (&hand, GST_RCAST_MEDIA_VIDEO);
  fail_unless_equals_int (push_black (&hand, START + FRAME), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_eos ()));
  rcast_collector_wait_eos (&hand.net);
  sent = rcast_collector_count (&hand.net);
  fail_unless (sent > 0);
  begin_again (&hand);
  for (guint i = 2; i < 5; i++)
    fail_unless_equals_int (push_black (&hand, START + i * FRAME),
        GST_FLOW_EOS);
  bus = gst_element_get_bus (hand.pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING
          | GST_MESSAGE_ERROR) == NULL);
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_stop
          (FALSE)));
  push_segment (&hand, 1.0, 1.0, 0, 0);
  fail_unless_equals_int (push_black (&hand, START + GST_SECOND), GST_FLOW_OK);
  rcast_collector_wait (&hand.net, sent + 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* The codec that the server chooses after EOS is used once the pad is flushed. */
GST_START_TEST (test_an_answer_after_the_end_is_not_forgotten)
{
  Retimed retimed;
  Hand hand;

  if (!is_installed ("x264enc") || !is_installed ("vp8enc"))
    return;
  timed_init (&hand, &retimed, GST_RCAST_MEDIA_VIDEO, VIDEO);
  fail_unless_equals_int (push_black (&hand, START), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_eos ()));
  begin_again (&hand);
  hand_open (&hand, "VP8");
  fail_unless_equals_int (push_black (&hand, START + FRAME), GST_FLOW_EOS);
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_stop
          (FALSE)));
  push_segment (&hand, 1.0, 1.0, 0, 0);
  fail_unless_equals_int (push_black (&hand, START + GST_SECOND), GST_FLOW_OK);
  fail_unless_equals_int (hand.n_encoders, 2);
  fail_unless_equals_string (G_OBJECT_TYPE_NAME (hand.encoder), "GstVP8Enc");
  hand_clear (&hand);
}

GST_END_TEST;

/* A file plays backwards: its timestamps fall, while RTP timestamps rise. */
GST_START_TEST (test_video_that_is_played_backwards_goes_on)
{
  const GstClockTime stop = 4 * GST_SECOND;
  RcastPacket before, packet;
  GstSegment segment;
  Retimed retimed;
  Hand hand;

  file_init (&hand, &retimed, GST_RCAST_MEDIA_VIDEO, VIDEO);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = -1.0;
  segment.stop = segment.position = stop;
  fail_unless (gst_harness_push_event (hand.h,
          gst_event_new_segment (&segment)));
  for (guint i = 0; i < N_FRAMES; i++) {
    push_frame (&hand, GST_RCAST_MEDIA_VIDEO, stop - (i + 1) * FRAME,
        START + stop);
    if (i == 0)
      open_timed (&hand, GST_RCAST_MEDIA_VIDEO);
  }
  rcast_collector_wait (&hand.net, N_FRAMES - 5);
  before = rcast_collector_get (&hand.net, 0);
  for (guint i = 1; i < N_FRAMES - 5; i++, before = packet) {
    packet = rcast_collector_get (&hand.net, i);
    fail_unless_equals_int (packet.header.timestamp - before.header.timestamp,
        before.header.marker ? 3600 : 0);
  }
  fail_unless_equals_int (retimed.n, 0);
  hand_clear (&hand);
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
  tcase_add_loop_test (tc, test_video_that_is_odd_in_the_middle_stays_on_air,
      0, N_ODD);
  if (is_installed ("opusenc")) {
    tcase_add_loop_test (tc, test_live_audio_leaves_as_it_comes, 0,
        G_N_ELEMENTS (rows));
    tcase_add_loop_test (tc, test_audio_that_is_odd_in_the_middle_stays_on_air,
        0, N_ODD);
    tcase_add_loop_test (tc, test_sound_in_buffers_of_any_length_arrives, 0,
        G_N_ELEMENTS (grains));
    tcase_add_test (tc, test_long_buffers_of_sound_are_no_overflow);
  }
  tcase_add_loop_test (tc, test_rtp_timestamps_that_start_anew_go_on, 0,
      G_N_ELEMENTS (rtp_rows));
  tcase_add_test (tc, test_jumps_are_reported_once_a_minute);
  tcase_add_test (tc, test_what_is_queued_or_dropped_is_not_sent);
  tcase_add_test (tc, test_no_bye_leaves);
  tcase_add_test (tc, test_encoder_that_is_too_slow_is_told_once);
  tcase_add_test (tc, test_video_that_is_played_backwards_goes_on);
  tcase_add_test (tc, test_data_after_the_end_is_told_and_not_sent);
  tcase_add_test (tc, test_an_answer_after_the_end_is_not_forgotten);
  return s;
}

GST_CHECK_MAIN (stream_time);
