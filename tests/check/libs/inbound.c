/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of a received stream: by RFC 3550 and by the W3C's definitions. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-inbound.h"

#define RATE 90000
#define MS(x) ((x) * GST_MSECOND)

static guint64
get_count (const GstRcastInbound * inbound, const gchar * name)
{
  g_autoptr (GstStructure) stats = gst_rcast_inbound_get_stats (inbound);
  guint64 count = 0;

  fail_unless (gst_structure_get_uint64 (stats, name, &count), "no %s", name);
  return count;
}

static gint64
get_lost (const GstRcastInbound * inbound)
{
  g_autoptr (GstStructure) stats = gst_rcast_inbound_get_stats (inbound);
  gint64 lost = 0;

  fail_unless (gst_structure_get_int64 (stats, "packetsLost", &lost));
  return lost;
}

static gdouble
get_double (const GstRcastInbound * inbound, const gchar * name)
{
  g_autoptr (GstStructure) stats = gst_rcast_inbound_get_stats (inbound);
  gdouble value = 0;

  fail_unless (gst_structure_get_double (stats, name, &value), "no %s", name);
  return value;
}

static void
push (GstRcastInbound * inbound, guint32 ssrc, guint16 sequence)
{
  GstRcastInboundPacket packet = {.ssrc = ssrc,.sequence = sequence,
    .header_size = 20,.payload_size = 1000
  };

  gst_rcast_inbound_packet (inbound, &packet, GST_SECOND);
}

/* Sequence numbers in the order of arrival */
static const struct
{
  guint16 sequences[8];
  guint n;
  gint64 lost;
} losses[] = {
  {{10, 11, 12, 13}, 4, 0},
  {{10, 11, 14, 15}, 4, 2},
  {{10, 14, 12, 15}, 4, 2},     /* late is not lost */
  {{10, 11, 11, 12}, 4, -1},    /* RFC 3550 6.4.1: duplicates make it negative */
  {{65534, 65535, 0, 2}, 4, 1},
  {{0, 65535, 1, 2}, 4, 0},     /* the first one was overtaken */
  {{5, 9, 40000, 40002}, 4, 4}, /* a jump is no loss of tens of thousands */
  {{100}, 1, 0},
};

GST_START_TEST (test_loss_is_what_was_expected_and_did_not_come)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);

  assert_equals_int64 (get_lost (inbound), 0);
  for (guint i = 0; i < losses[__i__].n; i++)
    push (inbound, 1, losses[__i__].sequences[i]);
  assert_equals_int64 (get_lost (inbound), losses[__i__].lost);
  assert_equals_uint64 (get_count (inbound, "packetsReceived"),
      losses[__i__].n);
  assert_equals_uint64 (get_count (inbound, "bytesReceived"),
      1000 * losses[__i__].n);
  assert_equals_uint64 (get_count (inbound, "headerBytesReceived"),
      20 * losses[__i__].n);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

GST_START_TEST (test_another_source_adds_to_the_loss_of_the_one_before)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);

  push (inbound, 1, 10);
  push (inbound, 1, 13);
  push (inbound, 2, 11);
  push (inbound, 2, 13);
  assert_equals_int64 (get_lost (inbound), 3);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

static void
push_timed (GstRcastInbound * inbound, guint16 sequence, guint sent_ms,
    guint came_ms, gboolean retransmitted)
{
  GstRcastInboundPacket packet = {.sequence = sequence,
    .rtp_time = 0xfffff000u + sent_ms * (RATE / 1000),
    .retransmitted = retransmitted
  };

  gst_rcast_inbound_packet (inbound, &packet, MS (came_ms));
}

/* RFC 3550 6.4.1: J (i) = J (i - 1) + (|D (i - 1, i)| - J (i - 1)) / 16 */
GST_START_TEST (test_jitter_is_that_of_rfc_3550)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);

  push_timed (inbound, 1, 0, 1000, FALSE);
  push_timed (inbound, 2, 40, 1040, FALSE);
  fail_unless_equals_float (get_double (inbound, "jitter"), 0);
  push_timed (inbound, 3, 80, 1096, FALSE);     /* 16 ms late */
  fail_unless (ABS (get_double (inbound, "jitter") - 0.001) < 1e-6);
  push_timed (inbound, 4, 120, 1120, FALSE);    /* 16 ms less late */
  fail_unless (ABS (get_double (inbound, "jitter") - 0.0019375) < 1e-6);
  /* A retransmission comes late by intention. */
  push_timed (inbound, 5, 20, 1500, TRUE);
  fail_unless (ABS (get_double (inbound, "jitter") - 0.0019375) < 1e-6);
  assert_equals_uint64 (get_count (inbound, "retransmittedPacketsReceived"), 1);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

GST_START_TEST (test_without_a_clock_rate_there_is_no_jitter)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (FALSE, 0);
  g_autoptr (GstStructure) before = NULL;

  push_timed (inbound, 1, 0, 1000, FALSE);
  before = gst_rcast_inbound_get_stats (inbound);
  fail_if (gst_structure_has_field (before, "jitter"));
  fail_if (gst_structure_has_field (before, "freezeCount"));
  assert_equals_string (gst_structure_get_string (before, "kind"), "audio");
  gst_rcast_inbound_set_clock_rate (inbound, 48000);
  fail_unless_equals_float (get_double (inbound, "jitter"), 0);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

/* "equal or exceeds Max (3 * avg_frame_duration_ms, avg_frame_duration_ms + 150)" */
static const struct
{
  guint usual, odd;             /* ms between frames */
  guint64 freezes, pauses;
} freezes[] = {
  {40, 189, 0, 0},
  {40, 190, 1, 0},              /* 40 + 150 is more than 3 * 40 */
  {100, 299, 0, 0},
  {100, 300, 1, 0},             /* 3 * 100 is more than 100 + 150 */
  {1000, 2999, 0, 0},
  {1000, 3000, 1, 0},
  {40, 5000, 1, 0},
  {40, 5001, 1, 1},             /* "exceeds 5 seconds" */
  {2000, 5500, 0, 1},
};

static GstClockTime
frames (GstRcastInbound * inbound, GstClockTime now, guint ms, guint n)
{
  for (guint i = 0; i < n; i++) {
    now += MS (ms);
    gst_rcast_inbound_frame (inbound, FALSE, now);
  }
  return now;
}

GST_START_TEST (test_a_freeze_is_that_of_the_specification)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);
  GstClockTime now = GST_SECOND;

  gst_rcast_inbound_frame (inbound, TRUE, now);
  now = frames (inbound, now, freezes[__i__].usual, 40);
  assert_equals_uint64 (get_count (inbound, "freezeCount"), 0);
  /* A freeze counts when the next frame comes. */
  now = frames (inbound, now, freezes[__i__].odd, 1);
  assert_equals_uint64 (get_count (inbound, "freezeCount"),
      freezes[__i__].freezes);
  assert_equals_uint64 (get_count (inbound, "pauseCount"),
      freezes[__i__].pauses);
  fail_unless (ABS (get_double (inbound, "totalFreezesDuration")
          - freezes[__i__].freezes * freezes[__i__].odd / 1000.0) < 1e-9);
  fail_unless (ABS (get_double (inbound, "totalPausesDuration")
          - freezes[__i__].pauses * freezes[__i__].odd / 1000.0) < 1e-9);
  frames (inbound, now, freezes[__i__].usual, 40);
  assert_equals_uint64 (get_count (inbound, "freezeCount"),
      freezes[__i__].freezes);
  assert_equals_uint64 (get_count (inbound, "framesReceived"), 82);
  assert_equals_uint64 (get_count (inbound, "keyFramesReceived"), 1);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

/* The average is of the last 30 frames, not of all. */
GST_START_TEST (test_the_average_forgets_what_is_30_frames_ago)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);
  GstClockTime now = frames (inbound, GST_SECOND, 1000, 40);

  now = frames (inbound, now, 40, 30);
  frames (inbound, now, 190, 1);
  assert_equals_uint64 (get_count (inbound, "freezeCount"), 1);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

/* sqrt ((totalSquared - total² / n) / n) is the deviation, as the specification says. */
GST_START_TEST (test_sums_of_delays)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);
  GstClockTime now = frames (inbound, GST_SECOND, 40, 2);

  frames (inbound, now, 60, 1);
  fail_unless (ABS (get_double (inbound, "totalInterFrameDelay") - 0.1) < 1e-9);
  fail_unless (ABS (get_double (inbound, "totalSquaredInterFrameDelay")
          - 0.0052) < 1e-9);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

GST_START_TEST (test_requests_are_counted_by_kind)
{
  GstRcastInbound *inbound = gst_rcast_inbound_new (TRUE, RATE);

  gst_rcast_inbound_requested (inbound, GST_RCAST_INBOUND_NACK);
  gst_rcast_inbound_requested (inbound, GST_RCAST_INBOUND_NACK);
  gst_rcast_inbound_requested (inbound, GST_RCAST_INBOUND_PLI);
  gst_rcast_inbound_discarded (inbound, 3);
  assert_equals_uint64 (get_count (inbound, "packetsDiscarded"), 3);
  assert_equals_uint64 (get_count (inbound, "nackCount"), 2);
  assert_equals_uint64 (get_count (inbound, "pliCount"), 1);
  assert_equals_uint64 (get_count (inbound, "firCount"), 0);
  gst_rcast_inbound_free (inbound);
}

GST_END_TEST;

static Suite *
inbound_suite (void)
{
  Suite *s = suite_create ("rcast-inbound");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_loss_is_what_was_expected_and_did_not_come, 0,
      G_N_ELEMENTS (losses));
  tcase_add_test (tc, test_another_source_adds_to_the_loss_of_the_one_before);
  tcase_add_test (tc, test_jitter_is_that_of_rfc_3550);
  tcase_add_test (tc, test_without_a_clock_rate_there_is_no_jitter);
  tcase_add_loop_test (tc, test_a_freeze_is_that_of_the_specification, 0,
      G_N_ELEMENTS (freezes));
  tcase_add_test (tc, test_the_average_forgets_what_is_30_frames_ago);
  tcase_add_test (tc, test_sums_of_delays);
  tcase_add_test (tc, test_requests_are_counted_by_kind);
  return s;
}

GST_CHECK_MAIN (inbound);
