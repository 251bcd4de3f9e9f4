/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The delays between attempts, as a table. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-backoff.h"

#define MS(x) ((x) * GST_MSECOND)

static const struct
{
  guint attempt;
  GstClockTime retry_after;
  guint32 random;
  GstClockTime want;
} rows[] = {
  {1, GST_CLOCK_TIME_NONE, G_MAXUINT32, 0},
  {1, MS (3000), 0, MS (3000)},
  {2, GST_CLOCK_TIME_NONE, 0, 0},
  {2, GST_CLOCK_TIME_NONE, G_MAXUINT32, MS (500)},
  {3, GST_CLOCK_TIME_NONE, G_MAXUINT32, MS (1000)},
  {6, GST_CLOCK_TIME_NONE, G_MAXUINT32, MS (8000)},
  {7, GST_CLOCK_TIME_NONE, G_MAXUINT32, MS (8000)},
  {G_MAXUINT, GST_CLOCK_TIME_NONE, G_MAXUINT32, MS (8000)},
  {7, MS (20000), G_MAXUINT32, MS (20000)},
  {7, MS (20), G_MAXUINT32, MS (8000)},
};

GST_START_TEST (test_delay_is_jittered_bounded_and_obeys_retry_after)
{
  assert_equals_uint64 (gst_rcast_backoff_delay (rows[__i__].attempt, MS (500),
          MS (8000), rows[__i__].retry_after, rows[__i__].random),
      rows[__i__].want);
}
GST_END_TEST;

GST_START_TEST (test_min_above_max_is_capped)
{
  assert_equals_uint64 (gst_rcast_backoff_delay (2, MS (900), MS (100),
          GST_CLOCK_TIME_NONE, G_MAXUINT32), MS (100));
}
GST_END_TEST;

static Suite *
backoff_suite (void)
{
  Suite *s = suite_create ("backoff");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_delay_is_jittered_bounded_and_obeys_retry_after,
      0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_min_above_max_is_capped);
  return s;
}

GST_CHECK_MAIN (backoff);
