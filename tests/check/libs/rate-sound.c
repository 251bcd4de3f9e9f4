/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sound on simulated links whose short buffer the picture fills. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rate-link.h"

/* As many as there are places for a key frame */
#define RUNS 12

/* A link gets thin after 7 s. Of all runs together: packets of sound that never come, and how many
 * in a row, of 1,200 in the first two seconds and of 16,800 after that. Little is lost altogether,
 * and the link is used. */
static const struct
{
  Link link;
  guint mute_at_first, row_at_first;
  guint mute, row;
  gdouble lost, used;
} links[] = {
  {{"half, 50 ms", {{0, 2200}, {7, 550}}, 33, 50, 0, 20, 0, 300, 1100,.real =
              TRUE,.sound = TRUE}, 50, 5, 60, 4, 0.008, 0.96},
  {{"2 Mbit/s, 50 ms", {{0, 4000}, {7, 2000}}, 33, 50, 0, 20, 0, 800, 4000,
          .real = TRUE,.sound = TRUE}, 12, 3, 2, 1, 0.001, 0.94},
  {{"6 Mbit/s, 50 ms", {{0, 9000}, {7, 6000}}, 60, 50, 0, 20, 0, 800, 9000,
          .real = TRUE,.sound = TRUE}, 10, 2, 2, 1, 0.001, 0.93},
  {{"1 Mbit/s, 50 ms, 200 ms round trip", {{0, 3000}, {7, 1000}}, 60, 50, 0, 100,
          0, 800, 4000,.real = TRUE,.sound = TRUE}, 250, 12, 100, 5, 0.003, 0.95},
  /* A packet of the picture takes longer than the time between two of sound. */
  {{"0.3 Mbit/s, 50 ms", {{0, 1000}, {7, 300}}, 33, 50, 0, 20, 0, 300, 1100,
          .real = TRUE,.sound = TRUE}, 260, 12, 450, 6, 0.06, 0.98},
};

static void
check_part (guint i, const Part * part, guint mute, guint row)
{
  GST_INFO ("%s: %u of %u mute, %u in a row, lost %.4f, used %.3f",
      links[i].link.name, part->mute, part->sounds, part->most_mute,
      (gdouble) part->lost / part->n, part->arrived / part->offered);
  fail_unless (part->sounds > 0);
  fail_unless (part->mute <= mute && part->most_mute <= row,
      "%s: %u of %u mute, %u in a row", links[i].link.name, part->mute,
      part->sounds, part->most_mute);
}

GST_START_TEST (test_sound_finds_room)
{
  Part before, drop, after;

  part_init (&before);
  part_init (&drop);
  part_init (&after);
  for (guint i = 0; i < RUNS; i++) {
    Simulation *sim = g_new (Simulation, 1);

    simulation_init (sim, &links[__i__].link, 100 + i);
    sim->frame = 60 / RUNS * i;
    run_until (sim, 7, &before);
    run_until (sim, 9, &drop);
    run_until (sim, 37, &after);
    simulation_clear (sim);
    g_free (sim);
  }
  check_part (__i__, &drop, links[__i__].mute_at_first,
      links[__i__].row_at_first);
  check_part (__i__, &after, links[__i__].mute, links[__i__].row);
  fail_unless ((gdouble) after.lost / after.n <= links[__i__].lost,
      "%s: lost %u of %u", links[__i__].link.name, after.lost, after.n);
  fail_unless (after.arrived / after.offered >= links[__i__].used,
      "%s: %.3f used", links[__i__].link.name, after.arrived / after.offered);
  g_array_unref (before.waits);
  g_array_unref (drop.waits);
  g_array_unref (after.waits);
}

GST_END_TEST;

static Suite *
rate_sound_suite (void)
{
  Suite *suite = suite_create ("rate-sound");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_sound_finds_room, 0, G_N_ELEMENTS (links));
  return suite;
}

GST_CHECK_MAIN (rate_sound);
