/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is missing is lost after a while, unless it comes, or the receiver never takes that back. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-missing.h"

#define NOW (1000 * GST_SECOND)
#define MS(ms) (NOW + (ms) * GST_MSECOND)

static GstRcastMissing missing;

static void
set_up (void)
{
  gst_rcast_missing_init (&missing);
}

static void
expect_lost (guint16 wanted, GstClockTime now)
{
  gboolean lost = FALSE;
  guint16 number = 0;

  fail_unless (gst_rcast_missing_next (&missing, &number, &lost, now));
  assert_equals_int (number, wanted);
  fail_unless (lost);
}

static void
expect_nothing (GstClockTime now)
{
  gboolean lost;
  guint16 number;

  fail_if (gst_rcast_missing_next (&missing, &number, &lost, now));
}

GST_START_TEST (test_what_does_not_come_in_time_is_lost)
{
  expect_nothing (NOW);
  gst_rcast_missing_add (&missing, 65535, MS (0));
  gst_rcast_missing_add (&missing, 0, MS (30));
  /* Feedback repeats itself. */
  gst_rcast_missing_add (&missing, 65535, MS (60));
  expect_nothing (MS (119));
  expect_lost (65535, MS (120));
  expect_nothing (MS (149));
  expect_lost (0, MS (150));
  expect_nothing (MS (1000));
}

GST_END_TEST;

GST_START_TEST (test_what_comes_late_is_not)
{
  gst_rcast_missing_came (&missing, 3);
  for (guint16 i = 1; i <= 3; i++)
    gst_rcast_missing_add (&missing, i, NOW);
  gst_rcast_missing_came (&missing, 2);
  gst_rcast_missing_came (&missing, 2);
  expect_lost (1, MS (120));
  expect_lost (3, MS (120));
  expect_nothing (MS (120));
}

GST_END_TEST;

/* Those that were called missing first are not pushed out; later there is room again. */
GST_START_TEST (test_there_may_be_too_many)
{
  for (guint i = 0; i < GST_RCAST_MISSING_MAX + 10; i++)
    gst_rcast_missing_add (&missing, i, NOW);
  gst_rcast_missing_came (&missing, GST_RCAST_MISSING_MAX);
  for (guint i = 0; i < GST_RCAST_MISSING_MAX; i++)
    expect_lost (i, MS (120));
  expect_nothing (MS (1000));
  gst_rcast_missing_add (&missing, GST_RCAST_MISSING_MAX, NOW);
  expect_lost (GST_RCAST_MISSING_MAX, MS (120));
}

GST_END_TEST;

/* In each 100 ms @called packets are missing and @lost more by the report.
 * Returns: how many of them are taken for lost in ten seconds */
static guint
count_lost (guint called, guint lost, gboolean retracts, gboolean reports)
{
  guint16 number = 0, next;
  guint n = 0;
  gint32 total = 0;

  for (guint i = 0; i < 100; i++) {
    GstClockTime now = MS (100 * i);
    gboolean is_lost;

    for (guint j = 0; j < called; j++)
      gst_rcast_missing_add (&missing, number++, now);
    if (retracts)
      gst_rcast_missing_came (&missing, number - 1);
    total += lost;
    if (reports)
      gst_rcast_missing_report (&missing, 1, total, now);
    while (gst_rcast_missing_next (&missing, &next, &is_lost, now))
      n += is_lost;
  }
  return n;
}

GST_START_TEST (test_reports_tell_how_many_are_lost)
{
  guint n;

  /* It takes some to know. */
  assert_equals_int (count_lost (3, 0, FALSE, TRUE), 8);
  set_up ();
  n = count_lost (4, 1, FALSE, TRUE);
  fail_unless (n > 90 && n < 115, "%u lost", n);
  set_up ();
  n = count_lost (4, 4, FALSE, TRUE);
  fail_unless (n > 380, "%u lost", n);
}

GST_END_TEST;

GST_START_TEST (test_feedback_is_believed_if_nothing_contradicts)
{
  /* Those of the last 120 ms are not known yet. */
  assert_equals_int (count_lost (3, 0, FALSE, FALSE), 3 * 98);
  set_up ();
  assert_equals_int (count_lost (3, 0, TRUE, TRUE), 2 * 98);
}

GST_END_TEST;

/* A report counts what is on its way, and takes it back; a stream may begin anew. */
GST_START_TEST (test_reports_may_go_back)
{
  gboolean lost;
  guint16 number;
  guint n = 0;

  gst_rcast_missing_report (&missing, 1, 1000, NOW);
  gst_rcast_missing_report (&missing, 1, 1005, NOW);
  gst_rcast_missing_report (&missing, 1, G_MININT32, NOW);
  for (guint32 ssrc = 2; ssrc < 100; ssrc++)
    gst_rcast_missing_report (&missing, ssrc, G_MAXINT32, NOW);
  for (guint i = 0; i < 100; i++)
    gst_rcast_missing_add (&missing, i, NOW);
  while (gst_rcast_missing_next (&missing, &number, &lost, MS (120)))
    n += lost;
  assert_equals_int (n, 7);
}

GST_END_TEST;

static Suite *
missing_suite (void)
{
  Suite *s = suite_create ("missing");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, NULL);
  tcase_add_test (tc, test_what_does_not_come_in_time_is_lost);
  tcase_add_test (tc, test_what_comes_late_is_not);
  tcase_add_test (tc, test_there_may_be_too_many);
  tcase_add_test (tc, test_reports_tell_how_many_are_lost);
  tcase_add_test (tc, test_feedback_is_believed_if_nothing_contradicts);
  tcase_add_test (tc, test_reports_may_go_back);
  return s;
}

GST_CHECK_MAIN (missing);
