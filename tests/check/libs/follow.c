/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the encoder gets a new target, and which of its frames are left out */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-follow.h"

#define NONE GST_CLOCK_TIME_NONE

/* The encoder got a target at 10 s. Rows: this target, the wanted target, when it is wanted, and
 * whether the encoder gets it */
static const struct
{
  guint64 told, wanted;
  GstClockTime ms;
  gboolean due;
} paces[] = {
  /* The encoder has no target yet. */
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
  {1000000, 750001, 10099, FALSE},
  {1000000, 750001, 10100, TRUE},
  {1000000, 2000000, 10499, FALSE},
  {1000000, 2000000, 10500, TRUE},
  /* A fall by a quarter does not wait */
  {1000000, 750000, 10000, TRUE},
  {GST_RCAST_NO_TARGET, 1000000, 10000, TRUE},
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

/* Frames of 100 ms with so many bytes, at a rate of 100 bytes a second: . is
 * encoded, - is left out. */
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

/* --- the picture --- */

/* 1 Mpixel/s, which is 30 kbit/s at 0.03 bits for each */
static const struct
{
  guint reduced, most;
  guint64 ceiling, bits;
  guint wish;
} reductions[] = {
  {0, 3, 1000000, 1000000, 0},
  {0, 3, 1000000, 30000, 0},
  {0, 3, 1000000, 29999, 1},
  {0, 3, 1000000, 15000, 1},
  {0, 3, 1000000, 14999, 2},
  {0, 3, 1000000, 3750, 2},
  {0, 3, 1000000, 3749, 3},
  {0, 3, 1000000, 1, 3},
  /* Back with half as much again */
  {1, 3, 1000000, 44999, 1},
  {1, 3, 1000000, 45000, 0},
  {2, 3, 1000000, 22499, 2},
  {2, 3, 1000000, 22500, 1},
  {3, 3, 1000000, 5624, 3},
  {3, 3, 1000000, 5625, 2},
  {3, 3, 1000000, 1000000, 0},
  /* Pictures that cannot be scaled, or that are to stay */
  {0, 1, 1000000, 1, 1},
  {2, 0, 1000000, 1, 0},
  /* The user has set less than is sensible */
  {0, 3, 20000, 20000, 0},
  {0, 3, 20000, 10000, 0},
  {0, 3, 20000, 9999, 1},
  {1, 3, 20000, 15000, 0},
};

GST_START_TEST (test_picture_gets_smaller_where_a_pixel_gets_too_little)
{
  GstRcastFollowBudget budget = {.bits = reductions[__i__].bits,
    .ceiling = reductions[__i__].ceiling,.pixels = 1000000,
    .most = reductions[__i__].most
  };

  fail_unless_equals_int (gst_rcast_follow_reduce (reductions[__i__].reduced,
          &budget), reductions[__i__].wish);
}

GST_END_TEST;

/* kbit/s in each 250 ms, and how much the picture is reduced then */
static const struct
{
  const gchar *name;
  guint8 kbits[20];
  const gchar *reduced;
} pictures[] = {
  {"at once", {100, 20, 20, 20, 20}, "00011"},
  {"a dip", {100, 20, 20, 100, 20, 20, 100}, "0000000"},
  {"deeper", {100, 20, 10, 10, 10}, "00022"},
  {"back", {20, 20, 20, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
          100}, "0011111111111110"},
  {"back, with a dip", {20, 20, 20, 100, 100, 100, 100, 100, 100, 30, 100, 100,
          100, 100, 100, 100}, "0011111111111111"},
};

GST_START_TEST (test_picture_changes_when_that_lasts)
{
  GstRcastFollowPicture picture;

  gst_rcast_follow_picture_init (&picture);
  for (guint i = 0; i < strlen (pictures[__i__].reduced); i++) {
    GstRcastFollowBudget budget = {.bits = 1000 * pictures[__i__].kbits[i],
      .ceiling = 1000000,.pixels = 1000000,.most = 3
    };
    guint before = picture.reduced;

    fail_unless_equals_int (gst_rcast_follow_picture_step (&picture, &budget,
            i * 250 * GST_MSECOND), picture.reduced != before);
    fail_unless (picture.reduced == pictures[__i__].reduced[i] - '0',
        "%s: %u at %u", pictures[__i__].name, picture.reduced, i);
  }
}

GST_END_TEST;

/* kbit/s of 30 in each quarter of a second, and whether the stream is degraded then */
static const struct
{
  const gchar *name;
  guint kbits[20];
  const gchar *lacks;
} lacks[] = {
  {"enough", {30, 30, 40, 30}, "0000"},
  {"a moment", {40, 0, 0, 40, 0, 0, 40}, "0000000"},
  {"paused", {40, 0, 0, 0, 0}, "00011"},
  {"less than the minimum", {40, 29, 29, 29, 29}, "00011"},
  {"over", {0, 0, 0, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40},
      "00111111111111100"},
  {"tried in vain", {0, 0, 0, 40, 40, 0, 0, 40, 40, 0}, "0011111111"},
};

GST_START_TEST (test_stream_is_degraded_below_its_minimum)
{
  GstRcastFollowLack lack;

  gst_rcast_follow_lack_init (&lack);
  for (guint i = 0; i < strlen (lacks[__i__].lacks); i++) {
    gboolean before = lack.lacks;

    fail_unless_equals_int (gst_rcast_follow_lack_step (&lack,
            1000 * lacks[__i__].kbits[i], 30000, i * 250 * GST_MSECOND),
        lack.lacks != before);
    fail_unless (lack.lacks == lacks[__i__].lacks[i] - '0', "%s: %d at %u",
        lacks[__i__].name, lack.lacks, i);
  }
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
  tcase_add_loop_test (tc,
      test_picture_gets_smaller_where_a_pixel_gets_too_little, 0,
      G_N_ELEMENTS (reductions));
  tcase_add_loop_test (tc, test_picture_changes_when_that_lasts, 0,
      G_N_ELEMENTS (pictures));
  tcase_add_loop_test (tc, test_stream_is_degraded_below_its_minimum, 0,
      G_N_ELEMENTS (lacks));
  tcase_add_test (tc, test_nothing_is_made_of_a_stream_that_is_paused);
  return s;
}

GST_CHECK_MAIN (follow);
