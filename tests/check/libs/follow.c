/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When an encoder is told what the network carries, and what is left out of what it makes. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-follow.h"

#define NONE GST_CLOCK_TIME_NONE

/* Of what was told at 10 s: what is wanted, when, and whether it is told */
static const struct
{
  guint64 told, wanted;
  GstClockTime ms;
  gboolean due;
} paces[] = {
  /* Nothing was told yet. */
  {0, 500000, 10000, TRUE},
  {0, 500000, NONE, TRUE},
  {500000, 500000, 99000, FALSE},
  /* 3 % */
  {1000000, 970001, 99000, FALSE},
  {1000000, 970000, 99000, TRUE},
  {1000000, 1029999, 99000, FALSE},
  {1000000, 1030000, 99000, TRUE},
  {3, 2, 99000, TRUE},
  /* Ten times a second down, twice up */
  {1000000, 500000, 10099, FALSE},
  {1000000, 500000, 10100, TRUE},
  {1000000, 2000000, 10499, FALSE},
  {1000000, 2000000, 10500, TRUE},
  /* Timestamps that went back, or are missing */
  {1000000, 2000000, 9000, TRUE},
  {1000000, 2000000, NONE, TRUE},
  {1000000, 2000000, 0, TRUE},
  {1000000, GST_RCAST_NO_TARGET, 10500, TRUE},
  {GST_RCAST_NO_TARGET, 1, 10100, TRUE},
};

GST_START_TEST (test_encoder_is_told_in_steps)
{
  GstRcastFollowPace pace;
  GstClockTime now = paces[__i__].ms;

  if (GST_CLOCK_TIME_IS_VALID (now))
    now *= GST_MSECOND;
  gst_rcast_follow_pace_init (&pace);
  if (paces[__i__].told > 0)
    gst_rcast_follow_pace_tell (&pace, paces[__i__].told, 10 * GST_SECOND);
  fail_unless_equals_int (gst_rcast_follow_pace_due (&pace,
          paces[__i__].wanted, now), paces[__i__].due);
}

GST_END_TEST;

/* Frames of 100 ms with so many bytes at a rate of 100 bytes a second: . is made, - is
 * left out. */
static const struct
{
  const gchar *name;
  guint bytes, key;             /* of the first frame */
  const gchar *cut, *later;     /* within a second after a cut, and from the 4th on */
} debts[] = {
  {"obeys", 10, 0, "..........", ".........."},
  {"less", 5, 0, "..........", ".........."},
  /* A key frame of 0.5 s right after the cut, and of 0.35 s later */
  {"key", 5, 50, ".---......", NULL},
  {"small key", 10, 35, NULL, ".........."},
  /* Twice as much: each second one */
  {"twice", 20, 0, "..-.-.-.-.", NULL},
  {"ten times", 100, 0, ".--------.", NULL},
};

static void
check_debt (guint row, GstClockTime start, const gchar * expected)
{
  GstRcastFollowDebt debt;

  gst_rcast_follow_debt_init (&debt);
  gst_rcast_follow_debt_pass (&debt, 0);
  gst_rcast_follow_debt_set_rate (&debt, 800);
  for (guint i = 0; i < strlen (expected); i++) {
    gboolean high;

    gst_rcast_follow_debt_pass (&debt, start + i * 100 * GST_MSECOND);
    high = gst_rcast_follow_debt_is_high (&debt);
    fail_unless (high == (expected[i] == '-'), "%s: %u: owes %"
        GST_TIME_FORMAT, debts[row].name, i, GST_TIME_ARGS (debt.owed));
    if (!high)
      gst_rcast_follow_debt_add (&debt, i == 0 && debts[row].key > 0 ?
          debts[row].key : debts[row].bytes);
  }
}

GST_START_TEST (test_frames_that_are_too_much_are_left_out)
{
  if (debts[__i__].cut)
    check_debt (__i__, 100 * GST_MSECOND, debts[__i__].cut);
  if (debts[__i__].later)
    check_debt (__i__, 5 * GST_SECOND, debts[__i__].later);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_made_of_a_stream_that_is_paused)
{
  GstRcastFollowDebt debt;

  gst_rcast_follow_debt_init (&debt);
  gst_rcast_follow_debt_add (&debt, 1000000);
  fail_if (gst_rcast_follow_debt_is_high (&debt));
  gst_rcast_follow_debt_set_rate (&debt, 0);
  gst_rcast_follow_debt_pass (&debt, GST_CLOCK_TIME_NONE);
  fail_unless (gst_rcast_follow_debt_is_high (&debt));
  gst_rcast_follow_debt_set_rate (&debt, GST_RCAST_NO_TARGET);
  fail_if (gst_rcast_follow_debt_is_high (&debt));
}

GST_END_TEST;

static Suite *
follow_suite (void)
{
  Suite *s = suite_create ("rcast-follow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_encoder_is_told_in_steps, 0,
      G_N_ELEMENTS (paces));
  tcase_add_loop_test (tc, test_frames_that_are_too_much_are_left_out, 0,
      G_N_ELEMENTS (debts));
  tcase_add_test (tc, test_nothing_is_made_of_a_stream_that_is_paused);
  return s;
}

GST_CHECK_MAIN (follow);
