/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feedback leads to the packet of media that it is about, also if the packet left
 * again under another number. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-traces.h"

#define VIDEO 0x12345678
#define OTHER 0x22222222
#define AGAIN 0x33333333
#define AGAIN_OTHER 0x44444444
#define MS(ms) ((ms) * GST_MSECOND)

static void
expect (GstRcastTraces * traces, guint session, guint16 number, guint32 ssrc,
    guint16 seqnum, GstClockTime again)
{
  GstRcastTrace trace = { 0, };

  fail_unless (gst_rcast_traces_find_number (traces, session, number, &trace),
      "number %u", number);
  assert_equals_int_hex (trace.ssrc, ssrc);
  assert_equals_int (trace.seqnum, seqnum);
  assert_equals_uint64 (trace.again, again);
}

/* Transport-wide numbers and sequence numbers wrap. */
GST_START_TEST (test_a_number_leads_to_a_packet)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  GstRcastTrace trace;

  fail_if (gst_rcast_traces_find_number (traces, 0, 0, &trace));
  for (guint i = 0; i < 70000; i++)
    gst_rcast_traces_sent (traces, 0, i, VIDEO, i + 100);
  for (guint i = 66000; i < 70000; i++)
    expect (traces, 0, i, VIDEO, i + 100, GST_CLOCK_TIME_NONE);
  fail_if (gst_rcast_traces_find_number (traces, 0, 65000, &trace));
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* Without BUNDLE the same number is a packet in each session. */
GST_START_TEST (test_sessions_have_numbers_of_their_own)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  GstRcastTrace trace;

  for (guint i = 0; i < 100; i++) {
    gst_rcast_traces_sent (traces, 0, i, VIDEO, i);
    gst_rcast_traces_sent (traces, 7, i, OTHER, i + 1);
  }
  expect (traces, 0, 50, VIDEO, 50, GST_CLOCK_TIME_NONE);
  expect (traces, 7, 50, OTHER, 51, GST_CLOCK_TIME_NONE);
  fail_if (gst_rcast_traces_find_number (traces, 1, 50, &trace));
  /* However many sessions there are */
  for (guint session = 10; session < 1000; session++)
    gst_rcast_traces_sent (traces, session, 1, VIDEO, session);
  expect (traces, 999, 1, VIDEO, 999, GST_CLOCK_TIME_NONE);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

GST_START_TEST (test_another_path_is_noticed)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  const gchar *eth = "eth0", *wwan = "wwan0";

  assert_equals_uint64 (gst_rcast_traces_get_moved (traces, 0), 0);
  gst_rcast_traces_carry (traces, 0, eth, MS (10));
  gst_rcast_traces_carry (traces, 0, eth, MS (11));
  gst_rcast_traces_carry (traces, 7, wwan, MS (12));
  assert_equals_uint64 (gst_rcast_traces_get_moved (traces, 0), 0);
  gst_rcast_traces_carry (traces, 0, wwan, MS (20));
  gst_rcast_traces_carry (traces, 0, wwan, MS (21));
  assert_equals_uint64 (gst_rcast_traces_get_moved (traces, 0), MS (20));
  assert_equals_uint64 (gst_rcast_traces_get_moved (traces, 7), 0);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* A retransmission carries the number that it repeats, but not the stream. */
GST_START_TEST (test_a_retransmission_leads_to_what_it_repeats)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  GstRcastTrace trace;

  fail_if (gst_rcast_traces_is_expected (traces, 0));
  gst_rcast_traces_expect (traces, VIDEO, 7, FALSE, 0);
  gst_rcast_traces_expect (traces, OTHER, 7, FALSE, 0);
  gst_rcast_traces_expect (traces, VIDEO, 8, FALSE, 0);
  fail_unless (gst_rcast_traces_is_expected (traces, 0));
  gst_rcast_traces_sent_again (traces, AGAIN, 1, 7, MS (10));
  gst_rcast_traces_sent_again (traces, AGAIN_OTHER, 1, 7, MS (11));
  gst_rcast_traces_sent_again (traces, AGAIN, 2, 8, MS (12));
  fail_if (gst_rcast_traces_is_expected (traces, 0));
  gst_rcast_traces_sent (traces, 0, 100, AGAIN, 1);
  gst_rcast_traces_sent (traces, 0, 101, AGAIN_OTHER, 1);
  gst_rcast_traces_sent (traces, 0, 102, AGAIN, 2);
  gst_rcast_traces_sent (traces, 0, 103, AGAIN, 3);
  expect (traces, 0, 100, VIDEO, 7, MS (10));
  expect (traces, 0, 101, OTHER, 7, MS (11));
  expect (traces, 0, 102, VIDEO, 8, MS (12));
  expect (traces, 0, 103, AGAIN, 3, GST_CLOCK_TIME_NONE);
  gst_rcast_traces_find (traces, AGAIN, 2, &trace);
  assert_equals_int_hex (trace.ssrc, VIDEO);
  assert_equals_int (trace.seqnum, 8);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* Without BUNDLE each stream has a sender of its own, and senders do not wait for each other. */
GST_START_TEST (test_senders_overtake_each_other)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();

  gst_rcast_traces_expect (traces, OTHER, 9, FALSE, 0);
  gst_rcast_traces_expect (traces, VIDEO, 8, FALSE, 0);
  gst_rcast_traces_sent_again (traces, AGAIN, 1, 8, MS (1));
  gst_rcast_traces_sent_again (traces, AGAIN_OTHER, 1, 9, MS (2));
  gst_rcast_traces_sent (traces, 0, 1, AGAIN, 1);
  gst_rcast_traces_sent (traces, 0, 2, AGAIN_OTHER, 1);
  expect (traces, 0, 1, VIDEO, 8, MS (1));
  expect (traces, 0, 2, OTHER, 9, MS (2));
  /* By now each repair stream is known, even for the same sequence number. */
  gst_rcast_traces_expect (traces, OTHER, 10, FALSE, 0);
  gst_rcast_traces_expect (traces, VIDEO, 10, FALSE, 0);
  gst_rcast_traces_sent_again (traces, AGAIN, 2, 10, MS (3));
  gst_rcast_traces_sent_again (traces, AGAIN_OTHER, 2, 10, MS (4));
  gst_rcast_traces_sent (traces, 0, 3, AGAIN, 2);
  gst_rcast_traces_sent (traces, 0, 4, AGAIN_OTHER, 2);
  expect (traces, 0, 3, VIDEO, 10, MS (3));
  expect (traces, 0, 4, OTHER, 10, MS (4));
  fail_if (gst_rcast_traces_is_expected (traces, MS (5)));
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* SSRCs change when they collide (RFC 3550 8.2). */
GST_START_TEST (test_a_stream_may_be_repeated_by_another_one)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();

  for (guint i = 0; i < 4; i++) {
    guint32 ssrc = i % 2 ? AGAIN : AGAIN_OTHER;

    gst_rcast_traces_expect (traces, VIDEO, i, FALSE, 0);
    gst_rcast_traces_sent_again (traces, ssrc, i, i, MS (1));
    gst_rcast_traces_sent (traces, 0, i, ssrc, i);
    expect (traces, 0, i, VIDEO, i, MS (1));
  }
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

GST_START_TEST (test_padding_is_told_from_repairs)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  GstRcastTrace trace;

  gst_rcast_traces_expect (traces, VIDEO, 7, TRUE, 0);
  gst_rcast_traces_expect (traces, VIDEO, 8, FALSE, 0);
  gst_rcast_traces_sent_again (traces, AGAIN, 1, 7, MS (1));
  gst_rcast_traces_sent_again (traces, AGAIN, 2, 8, MS (1));
  gst_rcast_traces_find (traces, AGAIN, 1, &trace);
  fail_unless (trace.padding && trace.ssrc == VIDEO && trace.seqnum == 7);
  gst_rcast_traces_find (traces, AGAIN, 2, &trace);
  fail_if (trace.padding);
  /* A packet that was not expected to leave again */
  gst_rcast_traces_sent_again (traces, AGAIN, 3, 9, MS (1));
  gst_rcast_traces_find (traces, AGAIN, 3, &trace);
  fail_if (trace.padding || trace.ssrc != AGAIN);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* rtprtxsend may no longer have the packet. After a while it is not expected any more. */
GST_START_TEST (test_what_does_not_leave_again_is_not_waited_for)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  GstRcastTrace trace;

  gst_rcast_traces_expect (traces, OTHER, 9, FALSE, MS (0));
  gst_rcast_traces_expect (traces, VIDEO, 8, FALSE, MS (400));
  fail_unless (gst_rcast_traces_is_expected (traces, MS (600)));
  gst_rcast_traces_sent_again (traces, AGAIN, 1, 9, MS (600));
  gst_rcast_traces_find (traces, AGAIN, 1, &trace);
  assert_equals_int_hex (trace.ssrc, AGAIN);
  fail_unless (gst_rcast_traces_is_expected (traces, MS (900)));
  fail_if (gst_rcast_traces_is_expected (traces, MS (901)));
  for (guint i = 0; i < 10000; i++)
    gst_rcast_traces_expect (traces, VIDEO, i, FALSE, MS (901));
  gst_rcast_traces_sent_again (traces, AGAIN, 3, 9999, MS (901));
  gst_rcast_traces_sent (traces, 0, 1, AGAIN, 3);
  expect (traces, 0, 1, VIDEO, 9999, MS (901));
  gst_rcast_traces_sent_again (traces, AGAIN, 4, 1, MS (901));
  gst_rcast_traces_find (traces, AGAIN, 4, &trace);
  assert_equals_int_hex (trace.ssrc, AGAIN);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

GST_START_TEST (test_what_is_used_is_not_forgotten)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();

  gst_rcast_traces_sent (traces, 0, 1, AGAIN, 1);
  for (guint i = 1; i < 100; i++) {
    gst_rcast_traces_expect (traces, VIDEO, i, FALSE, 0);
    gst_rcast_traces_sent_again (traces, AGAIN, i, i, MS (1));
    gst_rcast_traces_expect (traces, VIDEO + i, i, FALSE, 0);
    gst_rcast_traces_sent_again (traces, AGAIN + i, i, i, MS (2));
    gst_rcast_traces_sent (traces, 0, i, AGAIN, i);
    gst_rcast_traces_sent (traces, i, i, AGAIN + i, i);
  }
  expect (traces, 0, 1, VIDEO, 1, MS (1));
  expect (traces, 99, 99, VIDEO + 99, 99, MS (2));
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

/* The packets that each report is about, one report after the other, and how
 * many packets it leaves out */
static const struct
{
  guint16 first;
  guint count;
  guint8 report;
  guint left_out;
  gboolean follows;
} reports[] = {
  {65530, 4, 250, 0, FALSE},
  {65534, 2, 251, 0, TRUE},
  {3, 5, 252, 3, TRUE},
  /* A report was lost: whether the two packets before this one arrived is unknown. */
  {10, 5, 254, 2, FALSE},
  {16, 2, 0, 1, TRUE},
  /* An old report */
  {10, 5, 255, 0, FALSE},
  {19, 2, 1, 1, TRUE},
  {500, 2, 2, 0, TRUE},
  {503, 2, 3, 1, TRUE},
};

GST_START_TEST (test_what_feedback_leaves_out_is_found)
{
  GstRcastTraces *traces = gst_rcast_traces_new ();
  gboolean follows;

  for (guint i = 0; i < G_N_ELEMENTS (reports); i++) {
    assert_equals_int (gst_rcast_traces_begin_report (traces, 0,
            reports[i].first, reports[i].count, reports[i].report, &follows),
        reports[i].left_out);
    assert_equals_int (follows, reports[i].follows);
  }
  /* Each session has reports of its own. */
  assert_equals_int (gst_rcast_traces_begin_report (traces, 1, 506, 2, 4,
          &follows), 0);
  fail_if (follows);
  gst_rcast_traces_free (traces);
}

GST_END_TEST;

static Suite *
traces_suite (void)
{
  Suite *suite = suite_create ("traces");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_number_leads_to_a_packet);
  tcase_add_test (tc, test_sessions_have_numbers_of_their_own);
  tcase_add_test (tc, test_another_path_is_noticed);
  tcase_add_test (tc, test_a_retransmission_leads_to_what_it_repeats);
  tcase_add_test (tc, test_senders_overtake_each_other);
  tcase_add_test (tc, test_a_stream_may_be_repeated_by_another_one);
  tcase_add_test (tc, test_padding_is_told_from_repairs);
  tcase_add_test (tc, test_what_is_used_is_not_forgotten);
  tcase_add_test (tc, test_what_feedback_leaves_out_is_found);
  tcase_add_test (tc, test_what_does_not_leave_again_is_not_waited_for);
  return suite;
}

GST_CHECK_MAIN (traces);
