/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A metered uplink carries only while the others are too thin. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-reserve.h"

#define NOW (1000 * GST_SECOND)

static const guint ranks[] = { 2, 0, 5, 0 };

#define N G_N_ELEMENTS (ranks)

/* Weighs for @ms from @now on, ten times a second. Returns: the rank then */
static guint
weigh (GstRcastReserve * reserve, const GstRcastReserveLoad * load, guint ms,
    GstClockTime * now)
{
  for (guint i = 0; i <= ms / 100; i++, *now += 100 * GST_MSECOND)
    gst_rcast_reserve_weigh (reserve, ranks, N, load, *now);
  return reserve->rank;
}

static const GstRcastReserveLoad eager = { TRUE, 1000000, 0 };
static const GstRcastReserveLoad needed = { FALSE, 1000000, 1050000 };
static const GstRcastReserveLoad ample = { FALSE, 1000000, 1100000 };

GST_START_TEST (test_it_carries_when_the_others_are_too_thin_for_long)
{
  GstRcastReserve reserve = { 0, };
  GstClockTime now = NOW;

  gst_rcast_reserve_see (&reserve, ranks, N);
  assert_equals_int (weigh (&reserve, &eager, 2900, &now), 0);
  assert_equals_int (weigh (&reserve, &needed, 0, &now), 0);
  assert_equals_int (weigh (&reserve, &eager, 2900, &now), 0);
  assert_equals_int (weigh (&reserve, &eager, 0, &now), 2);
  /* Ranks join one after the other, and no further than there are any. */
  assert_equals_int (weigh (&reserve, &eager, 2900, &now), 2);
  assert_equals_int (weigh (&reserve, &eager, 0, &now), 5);
  assert_equals_int (weigh (&reserve, &eager, 60000, &now), 5);
}

GST_END_TEST;

GST_START_TEST (test_it_carries_no_more_when_the_others_suffice)
{
  GstRcastReserve reserve = { 5, };
  GstClockTime now = NOW;

  gst_rcast_reserve_see (&reserve, ranks, N);
  assert_equals_int (weigh (&reserve, &needed, 60000, &now), 5);
  assert_equals_int (weigh (&reserve, &ample, 4900, &now), 5);
  assert_equals_int (weigh (&reserve, &needed, 0, &now), 5);
  assert_equals_int (weigh (&reserve, &ample, 5000, &now), 2);
  assert_equals_int (weigh (&reserve, &ample, 5000, &now), 0);
  assert_equals_int (weigh (&reserve, &ample, 60000, &now), 0);
}

GST_END_TEST;

/* It carries at once. */
GST_START_TEST (test_it_carries_when_it_is_all_there_is)
{
  static const guint left[] = { 5, 3 };
  GstRcastReserve reserve = { 0, };

  gst_rcast_reserve_see (&reserve, left, 2);
  assert_equals_int (reserve.rank, 3);
  gst_rcast_reserve_see (&reserve, ranks, N);
  assert_equals_int (reserve.rank, 3);
  gst_rcast_reserve_see (&reserve, ranks, 0);
  assert_equals_int (reserve.rank, 3);
}

GST_END_TEST;

static Suite *
reserve_suite (void)
{
  Suite *s = suite_create ("reserve");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_it_carries_when_the_others_are_too_thin_for_long);
  tcase_add_test (tc, test_it_carries_no_more_when_the_others_suffice);
  tcase_add_test (tc, test_it_carries_when_it_is_all_there_is);
  return s;
}

GST_CHECK_MAIN (reserve);
