/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loss that a lower rate has ended is distinguished from random loss that has paused. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-chance.h"

/* At the usual rate the share @before of the packets is lost, @run packets in a row. At a lower
 * rate @lost of @n packets are lost. */
static const struct
{
  const gchar *what;
  gdouble before;
  guint run, n, lost;
  gboolean random;
} judgements[] = {
  {"one by one, and none with less", 0.1, 1, 100, 0, FALSE},
  {"one by one, and as many with less", 0.1, 1, 100, 10, TRUE},
  {"one by one, and some with less", 0.1, 1, 100, 7, TRUE},
  {"one by one, and few with less", 0.1, 1, 100, 4, FALSE},
  {"in runs, and none with less", 0.1, 5, 200, 0, FALSE},
  {"in runs, and few with less", 0.1, 5, 200, 4, TRUE},
  {"in runs, and few of many with less", 0.1, 5, 1000, 20, FALSE},
  {"in runs so long that there may be none", 0.1, 20, 200, 0, TRUE},
  {"more than is ever random", 0.6, 5, 200, 100, FALSE},
};

GST_START_TEST (test_what_helps_is_told_from_luck)
{
  const guint n = 1000, lost = judgements[__i__].before * n;
  const GstRcastChanceCount count = { n, lost, lost / judgements[__i__].run };
  GstRcastChance chance;
  gboolean random;

  gst_rcast_chance_init (&chance);
  for (guint i = 0; i < 100; i++)
    gst_rcast_chance_learn (&chance, judgements[__i__].before, &count, 0.1);
  gst_rcast_chance_try (&chance, 1000000, judgements[__i__].before, GST_SECOND);
  fail_unless (gst_rcast_chance_is_due (&chance, GST_SECOND));
  random = gst_rcast_chance_judge (&chance,
      (gdouble) judgements[__i__].lost / judgements[__i__].n,
      judgements[__i__].n);
  fail_unless (random == judgements[__i__].random, "%s",
      judgements[__i__].what);
  fail_if (gst_rcast_chance_is_tried (&chance));
}

GST_END_TEST;

static Suite *
chance_suite (void)
{
  Suite *suite = suite_create ("chance");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_what_helps_is_told_from_luck, 0,
      G_N_ELEMENTS (judgements));
  return suite;
}

GST_CHECK_MAIN (chance);
