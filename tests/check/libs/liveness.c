/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which RTCP shows that our media arrives at the server, and the loss and delay that it reports */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/rtp/rtp.h>

#include "rcast-liveness.h"

#define OURS 0x11111111
#define FOREIGN 0x22222222
#define NTP_NOW (G_GUINT64_CONSTANT (1000) << 32)

/* A mapped buffer with the first packet of a compound */
static GstBuffer *
rtcp_begin (GstRTCPBuffer * rtcp, GstRTCPType type, GstRTCPPacket * packet)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (200);

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, rtcp);
  gst_rtcp_buffer_add_packet (rtcp, type, packet);
  if (type == GST_RTCP_TYPE_RR)
    gst_rtcp_packet_rr_set_ssrc (packet, 7);
  return buffer;
}

static GstBuffer *
make_report (guint32 about, guint8 fraction, gint32 lost, guint32 highest,
    guint32 lsr, guint32 dlsr)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstBuffer *buffer = rtcp_begin (&rtcp, GST_RTCP_TYPE_RR, &packet);

  gst_rtcp_packet_add_rb (&packet, about, fraction, lost, highest, 5, lsr,
      dlsr);
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

static GstBuffer *
receiver_report (guint32 about, guint8 fraction, gint32 lost, guint32 lsr,
    guint32 dlsr)
{
  return make_report (about, fraction, lost, 100, lsr, dlsr);
}

static GstBuffer *
receiver_report_of (guint32 about, guint32 highest)
{
  return make_report (about, 0, 0, highest, 0, 0);
}

/* Transport-wide feedback about @count packets up to @last, of which @received arrived */
static void
feed_back (GstRcastLiveness * liveness, guint16 last, guint count,
    guint received, GstClockTime now)
{
  const GstRcastFeedbackSpan span = { last, count, received };

  gst_rcast_liveness_feedback (liveness, 0, &span, now);
}

/* An empty report followed by a request, which GStreamer's receivers send early */
static GstBuffer *
early_report (GstRTCPType type, guint8 format)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstBuffer *buffer = rtcp_begin (&rtcp, GST_RTCP_TYPE_RR, &packet);

  gst_rtcp_buffer_add_packet (&rtcp, type, &packet);
  gst_rtcp_packet_fb_set_type (&packet, format);
  gst_rtcp_packet_fb_set_sender_ssrc (&packet, 7);
  gst_rtcp_packet_fb_set_media_ssrc (&packet, OURS);
  if (type == GST_RTCP_TYPE_RTPFB)
    gst_rtcp_packet_fb_set_fci_length (&packet, 1);
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

static gboolean
handle (GstRcastLiveness * liveness, GstBuffer * buffer)
{
  gboolean ours =
      gst_rcast_liveness_handle (liveness, 0, buffer, GST_SECOND, NTP_NOW);

  gst_buffer_unref (buffer);
  return ours;
}

GST_START_TEST (test_only_reports_about_us_confirm)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  fail_if (handle (&liveness, receiver_report (OURS, 0, 0, 0, 0)));
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  fail_if (handle (&liveness, receiver_report (FOREIGN, 0, 0, 0, 0)));
  fail_if (liveness.confirmed);
  fail_unless (handle (&liveness, receiver_report (OURS, 0, 0, 0, 0)));
  fail_unless (liveness.confirmed);
  assert_equals_uint64 (liveness.last_report, GST_SECOND);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

static GstClockTime
ms (guint ms)
{
  return ms * GST_MSECOND;
}

/* Audio arrives at once, while video waits for its key frame. Feedback does not
 * say which stream arrives. */
GST_START_TEST (test_what_arrives_is_whole_when_every_stream_was_sent)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  gst_rcast_liveness_add_stream (&liveness, FOREIGN, 0, TRUE);
  liveness.rtt = ms (40);
  fail_if (gst_rcast_liveness_is_whole (&liveness, TRUE, ms (1000)));
  feed_back (&liveness, 10, 10, 10, ms (1100));
  fail_if (gst_rcast_liveness_is_whole (&liveness, TRUE, ms (1100)));
  fail_if (gst_rcast_liveness_is_whole (&liveness, FALSE, ms (2000)));
  feed_back (&liveness, 20, 10, 10, ms (2030));
  fail_if (gst_rcast_liveness_is_whole (&liveness, FALSE, ms (2030)));
  feed_back (&liveness, 30, 10, 10, ms (2050));
  fail_unless (gst_rcast_liveness_is_whole (&liveness, FALSE, ms (2050)));
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_that_never_begins_is_not_waited_for)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  fail_if (gst_rcast_liveness_is_whole (&liveness, TRUE, ms (60000)));
  feed_back (&liveness, 10, 10, 10, ms (60000));
  fail_if (gst_rcast_liveness_is_whole (&liveness, TRUE, ms (64999)));
  fail_unless (gst_rcast_liveness_is_whole (&liveness, TRUE, ms (65000)));
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* The loss is that of all streams of a session, once there are enough packets. */
GST_START_TEST (test_loss_is_taken_by_session)
{
  GstRcastLiveness liveness;
  guint lost, expected;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  gst_rcast_liveness_add_stream (&liveness, FOREIGN, 0, FALSE);
  /* The first report of a stream covers an unknown number of packets. */
  handle (&liveness, make_report (OURS, 0, 50, 1000, 0, 0));
  handle (&liveness, make_report (FOREIGN, 0, 0, 500, 0, 0));
  fail_if (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  handle (&liveness, make_report (OURS, 0, 52, 1010, 0, 0));
  fail_if (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  handle (&liveness, make_report (FOREIGN, 0, 1, 515, 0, 0));
  fail_if (gst_rcast_liveness_take_loss (&liveness, 1, &lost, &expected));
  fail_unless (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  assert_equals_int (lost, 3);
  assert_equals_int (expected, 25);
  fail_if (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  /* A packet that came late is no longer lost. */
  handle (&liveness, make_report (OURS, 0, 40, 1040, 0, 0));
  fail_unless (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  assert_equals_int (lost, 0);
  assert_equals_int (expected, 30);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* The source skips sequence numbers, which the server takes for lost packets. Rows: packets sent
 * and numbers skipped so far, loss and highest number of a report, and the loss that is taken */
static const struct
{
  guint64 sent, skipped;
  gint32 reported;
  guint32 highest;
  guint lost, expected;
} holes[] = {
  {1090, 10, 10, 1100, 0, 90},
  {1180, 20, 10, 1150, 0, 40},
  {1280, 20, 23, 1300, 3, 150},
  /* One packet came late. */
  {1381, 19, 22, 1400, 0, 101},
  /* The server never counts these skipped numbers as lost. They hide no later loss. */
  {1451, 49, 22, 1500, 0, 70},
  {1551, 49, 22, 1600, 0, 100},
  {1651, 49, 32, 1700, 10, 100},
};

GST_START_TEST (test_what_was_missing_before_is_no_loss)
{
  GstRcastLiveness liveness;
  guint lost, expected;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  gst_rcast_liveness_sent (&liveness, OURS, 1000, 0, GST_SECOND);
  handle (&liveness, make_report (OURS, 0, 0, 1000, 0, 0));
  for (guint i = 0; i < G_N_ELEMENTS (holes); i++) {
    gst_rcast_liveness_sent (&liveness, OURS, holes[i].sent, holes[i].skipped,
        GST_SECOND);
    handle (&liveness, make_report (OURS, 0, holes[i].reported,
            holes[i].highest, 0, 0));
    fail_unless (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
    fail_unless (lost == holes[i].lost && expected == holes[i].expected,
        "%u: %u of %u", i, lost, expected);
    assert_equals_int64 (liveness.packets_lost, holes[i].reported);
  }
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_loss_is_taken_from_feedback)
{
  GstRcastLiveness liveness;
  guint lost, expected;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  feed_back (&liveness, 14, 14, 7, GST_SECOND);
  fail_if (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  feed_back (&liveness, 28, 14, 14, GST_SECOND);
  fail_unless (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  assert_equals_int (lost, 7);
  assert_equals_int (expected, 28);
  /* The same feedback again says nothing new. */
  feed_back (&liveness, 28, 28, 14, GST_SECOND);
  fail_if (gst_rcast_liveness_take_loss (&liveness, 0, &lost, &expected));
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_transport_feedback_confirms)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  feed_back (&liveness, 3, 3, 0, GST_SECOND);
  fail_if (liveness.confirmed);
  feed_back (&liveness, 6, 3, 3, GST_SECOND);
  fail_unless (liveness.confirmed);
  assert_equals_int (liveness.reports, 2);
  assert_equals_uint64 (liveness.last_report, GST_SECOND);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_loss_and_round_trip)
{
  GstRcastLiveness liveness;
  /* The sender report left 100 ms ago, and the receiver held it for 60 ms. */
  guint32 lsr = (guint32) (NTP_NOW >> 16) - 6554;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  gst_rcast_liveness_add_stream (&liveness, FOREIGN, 0, TRUE);
  handle (&liveness, receiver_report (OURS, 64, 10, lsr, 3932));
  handle (&liveness, receiver_report (FOREIGN, 64, 5, 0, 0));
  handle (&liveness, receiver_report (OURS, 64, 12, 0, 0));
  fail_unless (liveness.fraction_lost == 0.25);
  assert_equals_int64 (liveness.packets_lost, 17);
  fail_unless (liveness.rtt > 39 * GST_MSECOND
      && liveness.rtt < 41 * GST_MSECOND,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (liveness.rtt));
  /* A clock that was set back does not make a round trip of hours. */
  handle (&liveness, receiver_report (OURS, 0, 12, lsr, 65536));
  fail_unless (liveness.rtt < 41 * GST_MSECOND);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_garbage_is_ignored)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  GstRcastLiveness liveness;
  guint ours = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 0; i < 20000; i++) {
    GstBuffer *buffer = i % 2 ? receiver_report (FOREIGN, 1, 1, 1, 1) :
        early_report (GST_RTCP_TYPE_RTPFB, 15);
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    for (guint j = 0; j < 3; j++)
      map.data[g_rand_int_range (rand, 0, map.size)] = g_rand_int (rand);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_set_size (buffer, g_rand_int_range (rand, 0, 40));
    ours += handle (&liveness, buffer);
    fail_if (gst_rcast_liveness_judge (&liveness, GST_SECOND, GST_SECOND));
  }
  /* A damaged packet may count as anything, but the counters stay consistent, and the
   * next good packet is read. */
  assert_equals_uint64 (liveness.reports, ours);
  fail_unless (liveness.progress <= ours);
  fail_unless (ours < 20000 / 100, "%u packets of garbage were taken", ours);
  fail_unless (liveness.fraction_lost >= 0 && liveness.fraction_lost <= 1);
  fail_unless (handle (&liveness, receiver_report (OURS, 128, 0, 0, 0)));
  fail_unless (liveness.fraction_lost == 0.5);
  assert_equals_uint64 (liveness.reports, ours + 1);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* A link with a server that reports what it has received. */
typedef struct
{
  GRand *rand;
  GstRcastLiveness liveness;
  GstClockTime now, next_packet, next_report, next_check;
  GstClockTime interval;        /* between reports */
  guint loss;                   /* percent, both ways */
  gboolean sending, hole, mute;
  gboolean leaves_out;          /* no report of a stream that is not heard */
  gboolean chatters;            /* with empty reports in between */
  guint32 told;
  guint64 sent;
  guint32 highest;
  guint frozen;
} Link;

#define TIMEOUT GST_SECOND

static void
link_init (Link * link, guint loss, GstClockTime interval)
{
  *link = (Link) {
    .rand = g_rand_new_with_seed (loss),
    .interval = interval,
    .loss = loss,
    .sending = TRUE,
  };
  gst_rcast_liveness_init (&link->liveness);
  gst_rcast_liveness_add_stream (&link->liveness, OURS, 0, TRUE);
}

static void
link_clear (Link * link)
{
  gst_rcast_liveness_clear (&link->liveness);
  g_rand_free (link->rand);
}

static gboolean
gets_through (Link * link)
{
  return g_rand_int_range (link->rand, 0, 100) >= (gint32) link->loss;
}

static void
link_report (Link * link)
{
  GstBuffer *buffer;

  link->next_report = link->now + link->interval / 2
      + g_rand_int_range (link->rand, 0, 1000) * (link->interval / 1000);
  if (link->highest == 0 || link->mute || !gets_through (link))
    return;
  buffer = receiver_report_of (link->leaves_out && link->highest == link->told ?
      FOREIGN : OURS, link->highest);
  link->told = link->highest;
  gst_rcast_liveness_handle (&link->liveness, 0, buffer, link->now, NTP_NOW);
  gst_buffer_unref (buffer);
}

/* Runs the link for @time, 10 ms by 10 ms. */
static void
link_run (Link * link, GstClockTime time)
{
  GstClockTime end = link->now + time;

  for (; link->now < end; link->now += 10 * GST_MSECOND) {
    if (link->sending) {
      link->sent++;
      if (!link->hole && gets_through (link))
        link->highest = link->sent;
    }
    gst_rcast_liveness_sent (&link->liveness, OURS, link->sent, 0, link->now);
    if (link->now >= link->next_report)
      link_report (link);
    if (link->chatters && !link->mute && gets_through (link)) {
      GstBuffer *blank = receiver_report_of (FOREIGN, 1);

      gst_rcast_liveness_handle (&link->liveness, 0, blank, link->now, NTP_NOW);
      gst_buffer_unref (blank);
    }
    if (gst_rcast_liveness_judge (&link->liveness, TIMEOUT, link->now))
      link->frozen++;
  }
}

static const struct
{
  guint loss;
  GstClockTime interval;
  gboolean leaves_out;
} links[] = {
  {0, 250 * GST_MSECOND},
  {5, 250 * GST_MSECOND},
  {20, 250 * GST_MSECOND},
  {20, 1000 * GST_MSECOND},
  /* GStreamer's receivers */
  {20, 3300 * GST_MSECOND, TRUE},
};

GST_START_TEST (test_loss_and_a_stalled_encoder_are_not_frozen_media)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link.leaves_out = links[__i__].leaves_out;
  link_run (&link, 600 * GST_SECOND);
  assert_equals_int (link.frozen, 0);
  for (guint i = 0; i < 200; i++) {
    link.sending = FALSE;
    link_run (&link, g_rand_int_range (link.rand, 0, 20000) * GST_MSECOND);
    link.sending = TRUE;
    link_run (&link, g_rand_int_range (link.rand, 0, 20000) * GST_MSECOND);
    assert_equals_int (link.frozen, 0);
  }
  link_clear (&link);
}

GST_END_TEST;

/* Some servers send empty reports between those with blocks. */
GST_START_TEST (test_chatter_is_not_frozen_media)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link.leaves_out = link.chatters = TRUE;
  link_run (&link, 3600 * GST_SECOND);
  assert_equals_int (link.frozen, 0);
  link_clear (&link);
}

GST_END_TEST;

GST_START_TEST (test_media_that_no_longer_arrives_is_frozen_once)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link.leaves_out = links[__i__].leaves_out;
  link_run (&link, 60 * GST_SECOND);
  link.hole = TRUE;
  /* A freeze takes enough packets, the timeout and a report. */
  link_run (&link, 200 * GST_MSECOND + TIMEOUT + 6 * links[__i__].interval);
  assert_equals_int (link.frozen, 1);
  link_run (&link, 60 * GST_SECOND);
  assert_equals_int (link.frozen, 1);
  link.hole = FALSE;
  link_run (&link, 60 * GST_SECOND);
  fail_if (link.liveness.frozen);
  assert_equals_int (link.frozen, 1);
  link_clear (&link);
}

GST_END_TEST;

/* The server sends no more reports: the judgement notices it, but not at once. */
static void
expect_silence_is_missed (Link * link)
{
  GstClockTime before = link->now;

  link->mute = TRUE;
  link_run (link, 3 * GST_SECOND);
  assert_equals_int (link->frozen, 0);
  while (!link->frozen)
    link_run (link, 100 * GST_MSECOND);
  fail_unless (link->now - before < 100 * link->interval + 5 * GST_SECOND,
      "after %" GST_TIME_FORMAT, GST_TIME_ARGS (link->now - before));
}

GST_START_TEST (test_reports_that_no_longer_come_are_missed_in_their_rhythm)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link_run (&link, 60 * GST_SECOND);
  expect_silence_is_missed (&link);
  link_clear (&link);
}

GST_END_TEST;

/* The server reports as ever, but this process neither reads nor sends for a while. */
GST_START_TEST (test_standstill_of_ours_is_not_frozen_media)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link.leaves_out = links[__i__].leaves_out;
  link_run (&link, 60 * GST_SECOND);
  for (guint i = 0; i < 50; i++) {
    /* The server has not reported the last packets yet. */
    link.mute = TRUE;
    link_run (&link, g_rand_int_range (link.rand, 0, 900) * GST_MSECOND);
    link.now += g_rand_int_range (link.rand, 2000, 20000) * GST_MSECOND;
    fail_if (gst_rcast_liveness_judge (&link.liveness, TIMEOUT, link.now));
    link.mute = FALSE;
    link_report (&link);
    fail_if (gst_rcast_liveness_judge (&link.liveness, TIMEOUT, link.now));
    link_run (&link, 10 * GST_SECOND);
    assert_equals_int (link.frozen, 0);
  }
  /* The length of the standstill is not taken for the report interval of the server. */
  expect_silence_is_missed (&link);
  link_clear (&link);
}

GST_END_TEST;

GST_START_TEST (test_what_freezes_in_a_standstill_is_found)
{
  Link link;
  GstClockTime before;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link_run (&link, 60 * GST_SECOND);
  link.mute = link.hole = TRUE;
  link_run (&link, 500 * GST_MSECOND);
  link.now += 10 * GST_SECOND;
  before = link.now;
  while (!link.frozen)
    link_run (&link, 100 * GST_MSECOND);
  fail_unless (link.now - before < 100 * links[__i__].interval + 5 * GST_SECOND,
      "after %" GST_TIME_FORMAT, GST_TIME_ARGS (link.now - before));
  link_clear (&link);
}

GST_END_TEST;

/* A GStreamer receiver requests key frames at first, each with a report, and
 * then has nothing to request. */
GST_START_TEST (test_many_reports_at_first_are_no_rhythm)
{
  Link link;

  link_init (&link, 0, 100 * GST_MSECOND);
  link_run (&link, GST_SECOND);
  link.mute = TRUE;
  link_run (&link, 3300 * GST_MSECOND);
  link.mute = FALSE;
  link_run (&link, GST_SECOND);
  assert_equals_int (link.frozen, 0);
  link_clear (&link);
}

GST_END_TEST;

/* Nothing can arrive without a connection: this silence does not count against the new one. */
GST_START_TEST (test_a_new_connection_is_judged_anew)
{
  Link link;

  link_init (&link, links[__i__].loss, links[__i__].interval);
  link.leaves_out = links[__i__].leaves_out;
  link_run (&link, 60 * GST_SECOND);
  link.hole = link.mute = TRUE;
  link_run (&link, 900 * GST_MSECOND);
  gst_rcast_liveness_begin_again (&link.liveness, link.now);
  link.hole = link.mute = FALSE;
  link_run (&link, 60 * GST_SECOND);
  assert_equals_int (link.frozen, 0);

  /* Media that stays frozen, or freezes again, is reported again. */
  link.hole = TRUE;
  while (!link.frozen)
    link_run (&link, 100 * GST_MSECOND);
  gst_rcast_liveness_begin_again (&link.liveness, link.now);
  fail_if (link.liveness.frozen);
  link_run (&link, 500 * GST_MSECOND);
  assert_equals_int (link.frozen, 1);
  link_run (&link, 60 * GST_SECOND);
  assert_equals_int (link.frozen, 2);
  link_clear (&link);
}

GST_END_TEST;

/* @packets have been sent so far, and the server reports @highest. */
static void
report_after (GstRcastLiveness * liveness, guint packets, guint highest,
    GstClockTime now)
{
  g_autoptr (GstBuffer) report = receiver_report_of (OURS, highest);

  gst_rcast_liveness_sent (liveness, OURS, packets, 0, now);
  fail_unless (gst_rcast_liveness_handle (liveness, 0, report, now, NTP_NOW));
}

static const struct
{
  GstRTCPType type;
  guint8 format;
} requests[] = {
  {GST_RTCP_TYPE_RTPFB, GST_RTCP_RTPFB_TYPE_NACK},
  {GST_RTCP_TYPE_PSFB, GST_RTCP_PSFB_TYPE_PLI},
};

/* The regular reports, one per second, get lost. Then requests arrive with empty reports. */
GST_START_TEST (test_request_with_an_empty_report_is_no_denial)
{
  GstRcastLiveness liveness;
  GstClockTime now = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i <= 4; i++)
    report_after (&liveness, i * 100, i * 100, now = i * GST_SECOND);
  while (now < 6500 * GST_MSECOND) {
    g_autoptr (GstBuffer) request = early_report (requests[__i__].type,
        requests[__i__].format);

    now += 100 * GST_MSECOND;
    gst_rcast_liveness_sent (&liveness, OURS, now / (10 * GST_MSECOND), 0, now);
    gst_rcast_liveness_handle (&liveness, 0, request, now, NTP_NOW);
    fail_if (gst_rcast_liveness_judge (&liveness, TIMEOUT, now));
  }
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* Sends 100 packets per second and reports each second until @until. */
static void
flow_until (GstRcastLiveness * liveness, GstClockTime * now,
    GstClockTime until, gboolean reports)
{
  while (*now < until) {
    guint packets;

    *now += 100 * GST_MSECOND;
    packets = *now / (10 * GST_MSECOND);
    gst_rcast_liveness_sent (liveness, OURS, packets, 0, *now);
    if (reports && *now % GST_SECOND == 0)
      report_after (liveness, packets, packets, *now);
    gst_rcast_liveness_judge (liveness, TIMEOUT, *now);
  }
}

/* The server sends its reports on the old, dead path, while media arrives on the new one. */
GST_START_TEST (test_late_return_path_is_no_outage_until_a_restart)
{
  GstRcastLiveness liveness;
  GstClockTime now = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  flow_until (&liveness, &now, 10 * GST_SECOND, TRUE);
  fail_unless (gst_rcast_liveness_doubt (&liveness, now));
  flow_until (&liveness, &now, 100 * GST_SECOND, FALSE);
  fail_if (liveness.frozen);
  fail_unless (liveness.doubted);
  /* The restart moves the return path: from here on missing reports count. */
  gst_rcast_liveness_restarted (&liveness, now);
  flow_until (&liveness, &now, 103 * GST_SECOND, FALSE);
  fail_if (liveness.frozen);
  flow_until (&liveness, &now, 115 * GST_SECOND, FALSE);
  fail_unless (liveness.frozen);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* A new path excuses missing reports. It does not excuse a report that denies arrival. */
GST_START_TEST (test_denial_on_a_new_path_is_believed)
{
  GstRcastLiveness liveness;
  GstClockTime now = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  flow_until (&liveness, &now, 10 * GST_SECOND, TRUE);
  gst_rcast_liveness_doubt (&liveness, now);
  while (now < 15 * GST_SECOND && !liveness.frozen) {
    flow_until (&liveness, &now, now + GST_SECOND, FALSE);
    report_after (&liveness, now / (10 * GST_MSECOND), 1000, now);
    gst_rcast_liveness_judge (&liveness, TIMEOUT, now);
  }
  fail_unless (liveness.frozen);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

static const struct
{
  gint32 lost;                  /* of 50 that were sent since, in half a second */
  GstClockTime missing;
  guint64 skipped;
} missing_rows[] = {
  {0, 0}, {1, 10 * GST_MSECOND}, {25, 250 * GST_MSECOND},
  {-3, 0},                      /* a packet came twice */
  {25, 50 * GST_MSECOND, 20},
};

GST_START_TEST (test_what_is_missing_is_known_by_reports)
{
  GstRcastLiveness liveness;
  GstClockTime now = 0;
  g_autoptr (GstBuffer) report = make_report (OURS, 0,
      missing_rows[__i__].lost, 1050, 0, 0);

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  flow_until (&liveness, &now, 10 * GST_SECOND, TRUE);
  gst_rcast_liveness_doubt (&liveness, now);
  flow_until (&liveness, &now, now + 500 * GST_MSECOND, FALSE);
  gst_rcast_liveness_sent (&liveness, OURS, 1050, missing_rows[__i__].skipped,
      now);
  gst_rcast_liveness_handle (&liveness, 0, report, now, NTP_NOW);
  fail_if (liveness.doubted);
  assert_equals_uint64 (gst_rcast_liveness_get_missing (&liveness, now),
      missing_rows[__i__].missing);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_a_number_that_was_left_out_proves_no_path)
{
  GstRcastLiveness liveness;
  GstClockTime now = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, FALSE);
  flow_until (&liveness, &now, 10 * GST_SECOND, TRUE);
  /* Sequence numbers up to 1030 are in use. */
  gst_rcast_liveness_sent (&liveness, OURS, 1010, 20, now);
  gst_rcast_liveness_doubt (&liveness, now);
  handle (&liveness, receiver_report_of (OURS, 1030));
  fail_unless (liveness.doubted);
  handle (&liveness, receiver_report_of (OURS, 1031));
  fail_if (liveness.doubted);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_only_what_is_sent_on_a_new_path_proves_it)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  report_after (&liveness, 10, 110, 1 * GST_SECOND);
  fail_if (gst_rcast_liveness_doubt (&liveness, 1 * GST_SECOND));
  report_after (&liveness, 20, 120, 2 * GST_SECOND);
  fail_if (liveness.doubted);
  report_after (&liveness, 30, 130, 3 * GST_SECOND);

  /* Of the 20 packets since then, only the last five took the new path. */
  gst_rcast_liveness_sent (&liveness, OURS, 45, 0, 4 * GST_SECOND);
  fail_unless (gst_rcast_liveness_doubt (&liveness, 4 * GST_SECOND));
  report_after (&liveness, 50, 145, 5 * GST_SECOND);
  fail_unless (liveness.doubted && liveness.confirmed);
  report_after (&liveness, 50, 145, 6 * GST_SECOND);
  fail_unless (liveness.doubted);
  report_after (&liveness, 50, 146, 7 * GST_SECOND);
  fail_if (liveness.doubted);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_one_feedback_proves_no_new_path)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i <= 6; i++) {
    feed_back (&liveness, i, 1, 1, i * GST_SECOND);
    if (i == 4)
      fail_unless (gst_rcast_liveness_doubt (&liveness, i * GST_SECOND));
    fail_unless_equals_int (liveness.doubted, i == 4 || i == 5);
  }
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* Several streams in one or two RTP sessions. The server reports each session
 * at an interval of its own. */
typedef struct
{
  guint session;
  guint rate;                   /* packets a second */
  gboolean unreported;
  gboolean paused;              /* nothing is sent */
  gboolean dead;                /* nothing arrives */
  gdouble sent;
  guint32 highest, reported;
} Source;

#define VIDEO 0
#define AUDIO 1

typedef struct
{
  GRand *rand;
  GstRcastLiveness liveness;
  Source sources[2];
  GstClockTime intervals[2];    /* between the reports of a session */
  GstClockTime next_report[2];
  gboolean feedback;            /* transport-wide, each 100 ms */
  guint feedback_sequence;
  gboolean leaves_out;          /* no report of a stream that is not heard */
  gboolean mute;                /* no RTCP comes */
  GstClockTime now, next_judgement, next_feedback;
  guint frozen;
  guint silent[2];              /* how often each was reported silent */
} Group;

static void
group_init (Group * group, GstClockTime interval, gboolean unbundled)
{
  *group = (Group) {
    .rand = g_rand_new_with_seed (interval / GST_MSECOND),
    .sources = {{0, 100}, {unbundled ? 1 : 0, 50}},
    .intervals = {interval, interval},
  };
  gst_rcast_liveness_init (&group->liveness);
  for (guint i = 0; i < 2; i++)
    gst_rcast_liveness_add_stream (&group->liveness, OURS + i,
        group->sources[i].session, TRUE);
}

static void
group_clear (Group * group)
{
  gst_rcast_liveness_clear (&group->liveness);
  g_rand_free (group->rand);
}

static void
group_judge (Group * group)
{
  guint32 ssrc;

  group->frozen += gst_rcast_liveness_judge (&group->liveness, TIMEOUT,
      group->now);
  while (gst_rcast_liveness_next_silent (&group->liveness, &ssrc))
    group->silent[ssrc - OURS]++;
}

static void
group_report (Group * group, guint session)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  g_autoptr (GstBuffer) buffer = rtcp_begin (&rtcp, GST_RTCP_TYPE_RR, &packet);

  /* RFC 3550 6.3.1: at random between half and one and a half times the interval */
  group->next_report[session] = group->now + group->intervals[session] / 2
      + g_rand_int_range (group->rand, 0, 1000)
      * (group->intervals[session] / 1000);
  for (guint i = 0; i < 2; i++) {
    Source *source = &group->sources[i];

    if (source->session != session || source->unreported || !source->highest
        || (group->leaves_out && source->highest == source->reported))
      continue;
    source->reported = source->highest;
    gst_rtcp_packet_add_rb (&packet, OURS + i, 0, 0, source->highest, 0, 0, 0);
  }
  gst_rtcp_buffer_unmap (&rtcp);
  gst_rcast_liveness_handle (&group->liveness, session, buffer, group->now,
      NTP_NOW);
  group_judge (group);
}

static void
group_feed_back (Group * group)
{
  guint came = 0, missed = 0;

  group->next_feedback = group->now + 100 * GST_MSECOND;
  for (guint i = 0; i < 2; i++) {
    const Source *source = &group->sources[i];

    if (!source->paused)
      *(source->dead ? &missed : &came) += source->rate / 10;
  }
  if (came == 0)
    return;
  group->feedback_sequence += came + missed;
  feed_back (&group->liveness, group->feedback_sequence, came + missed, came,
      group->now);
  group_judge (group);
}

static void
group_step (Group * group)
{
  group->now += 10 * GST_MSECOND;
  for (guint i = 0; i < 2; i++) {
    Source *source = &group->sources[i];

    if (!source->paused)
      source->sent += source->rate / 100.;
    if (!source->dead)
      source->highest = source->sent;
    gst_rcast_liveness_sent (&group->liveness, OURS + i, source->sent, 0,
        group->now);
  }
  for (guint i = 0; i < 2; i++) {
    if (!group->mute && group->now >= group->next_report[i])
      group_report (group, i);
  }
  if (group->feedback && !group->mute && group->now >= group->next_feedback)
    group_feed_back (group);
  if (group->now >= group->next_judgement) {
    group->next_judgement = group->now + TIMEOUT / 2;
    group_judge (group);
  }
}

static void
group_run (Group * group, GstClockTime time)
{
  for (GstClockTime end = group->now + time; group->now < end;)
    group_step (group);
}

/* Returns: the time until media is frozen, or @limit */
static GstClockTime
group_run_until_frozen (Group * group, GstClockTime limit)
{
  GstClockTime begin = group->now;

  while (!group->frozen && group->now - begin < limit)
    group_step (group);
  return group->now - begin;
}

/* Report intervals in ms for the tests below, which run with one RTP session and with
 * two. The table has the interval of the video's reports. A session of the audio's
 * own has a report each 2 s. */
static const guint intervals[] = { 100, 200, 500, 1000, 2000, 3000, 4000, 5000,
  7000, 10000
};

#define N_GROUPS (2 * G_N_ELEMENTS (intervals))

static void
group_start (Group * group, gint i)
{
  GstClockTime interval = intervals[i / 2] * GST_MSECOND;

  group_init (group, interval, i % 2);
  if (i % 2)
    group->intervals[1] = 2 * GST_SECOND;
  group_run (group, 10 * MAX (interval, 2 * GST_SECOND));
  assert_equals_int (group->frozen, 0);
  assert_equals_int (group->silent[VIDEO] + group->silent[AUDIO], 0);
}

/* One silent stream is a fault of the server or the stream, not of the network, at any interval. */
GST_START_TEST (test_one_silent_stream_of_two_is_not_frozen_media)
{
  for (guint which = 0; which < 2; which++) {
    Group group;

    group_start (&group, __i__);
    group.sources[which].dead = TRUE;
    group_run (&group, 300 * GST_SECOND);
    assert_equals_int (group.frozen, 0);
    assert_equals_int (group.silent[which], 1);
    assert_equals_int (group.silent[!which], 0);
    /* The stream comes back and stops again. */
    group.sources[which].dead = FALSE;
    group_run (&group, 60 * GST_SECOND);
    group.sources[which].dead = TRUE;
    group_run (&group, 120 * GST_SECOND);
    assert_equals_int (group.frozen, 0);
    assert_equals_int (group.silent[which], 2);
    group_clear (&group);
  }
}

GST_END_TEST;

GST_START_TEST (test_stream_that_is_never_reported_does_not_count)
{
  for (guint which = 0; which < 2; which++) {
    Group group;

    group_init (&group, intervals[__i__ / 2] * GST_MSECOND, __i__ % 2);
    group.sources[which].unreported = TRUE;
    group_run (&group, 300 * GST_SECOND);
    assert_equals_int (group.frozen, 0);
    assert_equals_int (group.silent[which], 0);
    /* Nor is media frozen if the silent stream is the only one that is sent. */
    group.sources[!which].paused = TRUE;
    group_run (&group, 300 * GST_SECOND);
    assert_equals_int (group.frozen, 0);
    /* Media is frozen when the other stream dies, too. */
    group.sources[!which].paused = FALSE;
    group_run (&group, 60 * GST_SECOND);
    group.sources[!which].dead = TRUE;
    group_run_until_frozen (&group, 600 * GST_SECOND);
    assert_equals_int (group.frozen, 1);
    group_clear (&group);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *what;
  gboolean mute;                /* reports die, too */
  gboolean pause;               /* the audio has been paused before */
  gboolean silent;              /* the audio has been silent before */
  gboolean feedback;
} deaths[] = {
  {"all streams, and reports"},
  {"all streams", .mute = TRUE},
  {"the only one that is sent", .pause = TRUE},
  {"the only one that is sent, and reports", .pause = TRUE,.mute = TRUE},
  {"the only one that arrived", .silent = TRUE},
  {"the only one that arrived, and reports", .silent = TRUE,.mute = TRUE},
  {"all streams, with feedback", .feedback = TRUE},
  {"all streams and the feedback", .feedback = TRUE,.mute = TRUE},
};

GST_START_TEST (test_all_streams_that_are_frozen_are_noticed_in_time)
{
  for (guint i = 0; i < G_N_ELEMENTS (deaths); i++) {
    Group group;
    GstClockTime slowest, limit, took;

    group_start (&group, __i__);
    slowest = __i__ % 2 ? MAX (group.intervals[0], group.intervals[1]) :
        group.intervals[0];
    /* Frozen takes one report that denies arrival, after the timeout and the usual interval, or no
     * report for ten times the usual interval. */
    limit = deaths[i].mute ? 15 * slowest + 5 * GST_SECOND :
        3 * slowest + 2 * TIMEOUT;
    group.feedback = deaths[i].feedback;
    group.sources[AUDIO].paused = deaths[i].pause;
    group.sources[AUDIO].dead = deaths[i].silent;
    group_run (&group, 120 * GST_SECOND);
    assert_equals_int (group.frozen, 0);
    group.sources[VIDEO].dead = group.sources[AUDIO].dead = TRUE;
    group.mute = deaths[i].mute;
    took = group_run_until_frozen (&group, 2 * limit);
    fail_unless (took <= limit, "%s: after %" GST_TIME_FORMAT " of at most %"
        GST_TIME_FORMAT, deaths[i].what, GST_TIME_ARGS (took),
        GST_TIME_ARGS (limit));
    group_clear (&group);
  }
}

GST_END_TEST;

/* Some servers leave a stream out of their reports that feedback covers. This denies nothing. */
GST_START_TEST (test_stream_that_feedback_reports_need_not_be_in_reports)
{
  Group group;

  group_init (&group, (__i__ & 1 ? 200 : 2000) * GST_MSECOND, FALSE);
  group.feedback = TRUE;
  group_run (&group, 20 * GST_SECOND);
  group.sources[AUDIO].unreported = TRUE;
  group_run (&group, 60 * GST_SECOND);
  assert_equals_int (group.frozen, 0);
  assert_equals_int (group.silent[AUDIO], 0);
  group.sources[AUDIO].dead = TRUE;
  group_run (&group, 30 * GST_SECOND);
  assert_equals_int (group.silent[AUDIO], 1);
  assert_equals_int (group.silent[VIDEO], 0);
  group_clear (&group);
}

GST_END_TEST;

/* Feedback does not say which stream arrives; reports do. */
GST_START_TEST (test_silent_stream_is_found_beside_feedback)
{
  Group group;

  group_init (&group, (__i__ & 1 ? 200 : 2000) * GST_MSECOND, FALSE);
  group.feedback = TRUE;
  group.leaves_out = __i__ & 2;
  group_run (&group, 20 * GST_SECOND);
  group.sources[AUDIO].dead = TRUE;
  group_run (&group, 30 * GST_SECOND);
  assert_equals_int (group.frozen, 0);
  assert_equals_int (group.silent[AUDIO], 1);
  assert_equals_int (group.silent[VIDEO], 0);
  group_clear (&group);
}

GST_END_TEST;

/* Media that freezes at once looks like a server whose reports never move. */
GST_START_TEST (test_reports_that_never_moved_are_a_late_denial)
{
  GstRcastLiveness liveness;
  guint frozen = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i < 2000; i++) {
    GstBuffer *buffer = receiver_report_of (OURS, 1);

    gst_rcast_liveness_sent (&liveness, OURS, i * 10, 0, i * GST_SECOND);
    gst_rcast_liveness_handle (&liveness, 0, buffer, i * GST_SECOND, NTP_NOW);
    gst_buffer_unref (buffer);
    if (gst_rcast_liveness_judge (&liveness, TIMEOUT, i * GST_SECOND)) {
      assert_equals_int (frozen, 0);
      frozen = i;
      fail_unless (liveness.never_moved);
    }
  }
  fail_unless (liveness.confirmed);
  /* 10 packets with the first report, 20 more two seconds later, and 4 s of patience */
  assert_equals_int (frozen, 7);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

/* The second report shows that the server reports what it receives. */
GST_START_TEST (test_what_freezes_at_once_is_told_by_the_third_report)
{
  static const guint32 highest[] = { 0, 10, 20, 20, 20, 20 };
  GstRcastLiveness liveness;
  guint frozen = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i < G_N_ELEMENTS (highest); i++) {
    GstBuffer *buffer = receiver_report_of (OURS, highest[i]);

    gst_rcast_liveness_sent (&liveness, OURS, i * 30, 0, i * GST_SECOND);
    gst_rcast_liveness_handle (&liveness, 0, buffer, i * GST_SECOND, NTP_NOW);
    gst_buffer_unref (buffer);
    if (gst_rcast_liveness_judge (&liveness, TIMEOUT, i * GST_SECOND)) {
      frozen = i;
      fail_if (liveness.never_moved);
    }
  }
  /* Due after the third second, and denied for a second after the fourth */
  assert_equals_int (frozen, 4);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

#define SILENT 4

/* A report that never covers our media: no block, another SSRC's block, or nothing received */
static GstBuffer *
make_unheard (gint how)
{
  static const guint32 highest[] = { 0, 7, 0, G_MAXUINT32 };
  GstBuffer *buffer = gst_rtcp_buffer_new (200);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  if (how > 0) {
    gst_buffer_unref (buffer);
    return receiver_report_of (how == 1 ? FOREIGN : OURS, highest[how]);
  }
  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 7);
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

/* @sent: packets per second
 * Returns: the second in which media was found frozen, or 0 */
static guint
judge_unheard (gint how, guint sent)
{
  GstRcastLiveness liveness;
  guint frozen = 0;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i < 60; i++) {
    g_autoptr (GstBuffer) report = make_unheard (MIN (how, SILENT - 1));

    gst_rcast_liveness_sent (&liveness, OURS, i * sent, 0, i * GST_SECOND);
    if (how < SILENT)
      gst_rcast_liveness_handle (&liveness, 0, report, i * GST_SECOND, NTP_NOW);
    if (gst_rcast_liveness_judge (&liveness, TIMEOUT, i * GST_SECOND)) {
      fail_unless (frozen == 0, "twice");
      frozen = i;
    }
  }
  fail_if (liveness.confirmed);
  gst_rcast_liveness_clear (&liveness);
  return frozen;
}

GST_START_TEST (test_reports_that_never_tell_of_us)
{
  /* 20 packets in the first second, 4 s of patience */
  assert_equals_int (judge_unheard (__i__, 20), 5);
  assert_equals_int (judge_unheard (__i__, 0), 0);
}

GST_END_TEST;

GST_START_TEST (test_silence_from_the_start_tells_nothing)
{
  assert_equals_int (judge_unheard (SILENT, 20), 0);
}

GST_END_TEST;

GST_START_TEST (test_a_late_first_report_is_in_time)
{
  g_autoptr (GstBuffer) first = receiver_report_of (OURS, 20);
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_stream (&liveness, OURS, 0, TRUE);
  for (guint i = 1; i <= 4; i++) {
    g_autoptr (GstBuffer) report = make_unheard (0);

    gst_rcast_liveness_sent (&liveness, OURS, i * 20, 0, i * GST_SECOND);
    gst_rcast_liveness_handle (&liveness, 0, report, i * GST_SECOND, NTP_NOW);
    fail_if (gst_rcast_liveness_judge (&liveness, TIMEOUT, i * GST_SECOND));
  }
  gst_rcast_liveness_handle (&liveness, 0, first, 5 * GST_SECOND, NTP_NOW);
  fail_if (gst_rcast_liveness_judge (&liveness, TIMEOUT, 5 * GST_SECOND));
  fail_unless (liveness.confirmed);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

static Suite *
liveness_suite (void)
{
  Suite *s = suite_create ("liveness");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_only_reports_about_us_confirm);
  tcase_add_test (tc, test_what_arrives_is_whole_when_every_stream_was_sent);
  tcase_add_test (tc, test_a_stream_that_never_begins_is_not_waited_for);
  tcase_add_test (tc, test_loss_is_taken_by_session);
  tcase_add_test (tc, test_what_was_missing_before_is_no_loss);
  tcase_add_test (tc, test_loss_is_taken_from_feedback);
  tcase_add_test (tc, test_transport_feedback_confirms);
  tcase_add_test (tc, test_loss_and_round_trip);
  tcase_add_test (tc, test_garbage_is_ignored);
  tcase_add_loop_test (tc, test_loss_and_a_stalled_encoder_are_not_frozen_media,
      0, G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_chatter_is_not_frozen_media, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_media_that_no_longer_arrives_is_frozen_once, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_standstill_of_ours_is_not_frozen_media, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_what_freezes_in_a_standstill_is_found, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc,
      test_reports_that_no_longer_come_are_missed_in_their_rhythm, 0,
      G_N_ELEMENTS (links));
  tcase_add_test (tc, test_many_reports_at_first_are_no_rhythm);
  tcase_add_loop_test (tc, test_a_new_connection_is_judged_anew, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_request_with_an_empty_report_is_no_denial, 0,
      G_N_ELEMENTS (requests));
  tcase_add_test (tc, test_late_return_path_is_no_outage_until_a_restart);
  tcase_add_test (tc, test_denial_on_a_new_path_is_believed);
  tcase_add_loop_test (tc, test_what_is_missing_is_known_by_reports, 0,
      G_N_ELEMENTS (missing_rows));
  tcase_add_test (tc, test_a_number_that_was_left_out_proves_no_path);
  tcase_add_test (tc, test_only_what_is_sent_on_a_new_path_proves_it);
  tcase_add_test (tc, test_one_feedback_proves_no_new_path);
  tcase_add_loop_test (tc, test_one_silent_stream_of_two_is_not_frozen_media, 0,
      N_GROUPS);
  tcase_add_loop_test (tc, test_stream_that_is_never_reported_does_not_count, 0,
      N_GROUPS);
  tcase_add_loop_test (tc, test_all_streams_that_are_frozen_are_noticed_in_time,
      0, N_GROUPS);
  tcase_add_loop_test (tc,
      test_stream_that_feedback_reports_need_not_be_in_reports, 0, 2);
  tcase_add_loop_test (tc, test_silent_stream_is_found_beside_feedback, 0, 4);
  tcase_add_test (tc, test_reports_that_never_moved_are_a_late_denial);
  tcase_add_test (tc, test_what_freezes_at_once_is_told_by_the_third_report);
  tcase_add_loop_test (tc, test_reports_that_never_tell_of_us, 0, SILENT);
  tcase_add_test (tc, test_silence_from_the_start_tells_nothing);
  tcase_add_test (tc, test_a_late_first_report_is_in_time);
  return s;
}

GST_CHECK_MAIN (liveness);
