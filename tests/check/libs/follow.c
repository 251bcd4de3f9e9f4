/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When an encoder is told what the network carries. */
#include "config.h"

#include <gst/check/gstcheck.h>

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

static Suite *
follow_suite (void)
{
  Suite *s = suite_create ("rcast-follow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_encoder_is_told_in_steps, 0,
      G_N_ELEMENTS (paces));
  return s;
}

GST_CHECK_MAIN (follow);
