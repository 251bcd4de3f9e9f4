/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The congestion controller on simulated links: how fast it follows them, and how
 * long the queue is meanwhile. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rate-link.h"

/* @used: share of what could be used */
static void
check_part (const Link * link, Part * part, gdouble used, gdouble least_used,
    gdouble queue_p95_ms, gdouble most_lost)
{
  fail_unless (used >= least_used, "%s: %.2f used", link->name, used);
  fail_unless (percentile (part, 0.95) <= queue_p95_ms, "%s: queue %.0f ms",
      link->name, percentile (part, 0.95));
  fail_unless ((gdouble) part->lost / part->n <= most_lost,
      "%s: lost %u of %u", link->name, part->lost, part->n);
}

#define STEP {{0, 3000}, {20, 1000}, {50, 3000}}

/* 3 Mbit/s, 1 Mbit/s from 20 s on, 3 Mbit/s again from 50 s on */
static const struct
{
  Link link;
  gdouble down_s, used, queue_p95_ms, queue_max_ms, lost, up_s;
} steps[] = {
  {{"33 ms feedback, 200 ms buffer", STEP, 33, 200, 0, 20, 0, 800, 5000},
      1.5, 0.9, 100, 210, 0.02, 2},
  {{"60 ms feedback, 200 ms buffer", STEP, 60, 200, 0, 20, 0, 800, 5000},
      1.5, 0.9, 100, 210, 0.02, 2},
  {{"200 ms feedback, 200 ms buffer", STEP, 200, 200, 0, 20, 0, 800, 5000},
      2.5, 0.85, 150, 210, 0.03, 3},
  {{"33 ms feedback, 1 s buffer", STEP, 33, 1000, 0, 20, 0, 800, 5000},
      2.5, 0.88, 300, 900, 0, 2},
  {{"33 ms feedback, 50 ms buffer", STEP, 33, 50, 0, 20, 0, 800, 5000},
      1.0, 0.9, 60, 60, 0.04, 3},
  {{"200 ms round trip", STEP, 60, 200, 0, 100, 0, 800, 5000},
      2.5, 0.85, 150, 210, 0.04, 5},
  {{"600 ms round trip", STEP, 60, 500, 0, 300, 0, 800, 5000},
      4, 0.8, 360, 510, 0.06, 8},
  {{"5 % chance loss", STEP, 33, 200, 50, 20, 0, 800, 5000},
      2.5, 0.8, 140, 210, 0.08, 6},
  {{"10 ms jitter", STEP, 33, 200, 0, 20, 10, 800, 5000},
      2.0, 0.85, 120, 210, 0.03, 8},
  /* Frames that leave at once show what the path carries. */
  {{"not paced, 200 ms buffer", STEP, 33, 200, 0, 20, 0, 800, 5000, 0, TRUE},
      1.5, 0.85, 140, 210, 0.03, 3},
  {{"not paced, 200 ms feedback", STEP, 200, 200, 0, 20, 0, 800, 5000, 0, TRUE},
      2.5, 0.8, 160, 210, 0.06, 5},
  {{"not paced, 1 s buffer", STEP, 33, 1000, 0, 20, 0, 800, 5000, 0, TRUE},
      2.5, 0.85, 400, 900, 0, 3},
  {{"not paced, 50 ms buffer", STEP, 33, 50, 0, 20, 0, 800, 5000, 0, TRUE},
      1.0, 0.9, 60, 60, 0.11, 3},
  {{"not paced, 10 ms jitter", STEP, 33, 200, 0, 20, 10, 800, 5000, 0, TRUE},
      2.0, 0.85, 140, 210, 0.05, 8},
  {{"not paced, 5 % chance loss", STEP, 33, 200, 50, 20, 0, 800, 5000, 0, TRUE},
      2.5, 0.8, 140, 210, 0.1, 8},
};

GST_START_TEST (test_a_step_is_followed)
{
  Part before, after, above;
  Simulation *sim = g_new (Simulation, 1);
  gdouble down, up;

  simulation_init (sim, &steps[__i__].link, 7);
  part_init (&before);
  part_init (&after);
  part_init (&above);
  run_until (sim, 20, &before);
  down = run_until_settled (sim, 50, 0.6, 1.08, &after);
  up = run_until_settled (sim, 90, 0.85, 1.3, &above);
  GST_INFO ("%s: down %.1f s used %.2f p95 %.0f max %.0f lost %.3f broken %.3f "
      "up %.1f s", steps[__i__].link.name, down, after.arrived / after.offered,
      percentile (&after, 0.95), percentile (&after, 1),
      (gdouble) after.lost / after.n, (gdouble) after.broken / after.frames,
      up);
  fail_unless (down <= steps[__i__].down_s, "%s: down after %.1f s",
      steps[__i__].link.name, down);
  check_part (&steps[__i__].link, &after, after.arrived / after.offered,
      steps[__i__].used, steps[__i__].queue_p95_ms, steps[__i__].lost);
  fail_unless (percentile (&after, 1) <= steps[__i__].queue_max_ms,
      "%s: peak %.0f ms", steps[__i__].link.name, percentile (&after, 1));
  fail_unless (up <= steps[__i__].up_s, "%s: up after %.1f s",
      steps[__i__].link.name, up);
  g_array_unref (before.waits);
  g_array_unref (after.waits);
  g_array_unref (above.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* Drops from 3 to 1 Mbit/s, or to half of what may be sent, as in the lab. The encoder
 * follows a lower target at once, a higher one ten times a second. Its key frames come at
 * any time. Losses of the full buffer are requested again. The worst of as many runs as
 * there are places for a key frame */
#define RUNS 12

static const struct
{
  Link link;
  guint from_s, to_s;
  gdouble settled_s, lost, broken, queue_max_ms;
} drops[] = {
  {{"3 to 1 Mbit/s, 200 ms", {{0, 3000}, {14, 1000}}, 33, 200, 0, 20, 0, 800,
          4000,.real = TRUE}, 14, 28, 2, 0.02, 0.05, 210},
  {{"3 to 1 Mbit/s, 1 s", {{0, 3000}, {14, 1000}}, 33, 1000, 0, 20, 0, 800,
          4000,.real = TRUE}, 14, 28, 2, 0, 0, 420},
  /* No other flow is there, however long the queue stays. */
  {{"3 to 1 Mbit/s, slow encoder", {{0, 3000}, {14, 1000}}, 33, 200, 0, 20, 0,
          800, 4000,.real = TRUE,.slow = TRUE}, 14, 28, 3, 0.045, 0.06, 210},
  {{"the same, 1 s", {{0, 3000}, {14, 1000}}, 33, 1000, 0, 20, 0, 800, 4000,
          .real = TRUE,.slow = TRUE}, 14, 28, 3, 0, 0, 600},
  {{"half, 50 ms", {{0, 2200}, {7, 550}}, 33, 50, 0, 20, 0, 300, 1100,.real =
              TRUE}, 7, 37, 2.5, 0.03, 0.06, 55},
  {{"half, 1 s", {{0, 2200}, {7, 550}}, 33, 1000, 0, 20, 0, 300, 1100,.real =
              TRUE}, 7, 37, 3, 0, 0, 450},
};

/* A drop costs its losses once. The retransmissions and the packets that waited
 * meanwhile are not lost again. */
GST_START_TEST (test_a_drop_costs_little)
{
  const Link *link = &drops[__i__ / RUNS].link;
  Simulation *sim = g_new (Simulation, 1);
  gdouble settled, lost, broken;
  Part before, after;

  simulation_init (sim, link, 100 + __i__ % RUNS);
  sim->frame = 60 / RUNS * (__i__ % RUNS);
  part_init (&before);
  part_init (&after);
  run_until (sim, drops[__i__ / RUNS].from_s, &before);
  settled = run_until_settled (sim, drops[__i__ / RUNS].to_s, 0.6, 1.08, &after);
  lost = (gdouble) after.lost / after.n;
  broken = (gdouble) after.broken / after.frames;
  GST_INFO ("%s: settled %.1f s, used %.2f, p95 %.0f max %.0f lost %.3f broken "
      "%.3f", link->name, settled, after.arrived / after.offered,
      percentile (&after, 0.95), percentile (&after, 1), lost, broken);
  fail_unless (settled <= drops[__i__ / RUNS].settled_s, "%s: after %.1f s",
      link->name, settled);
  fail_unless (lost <= drops[__i__ / RUNS].lost, "%s: lost %.3f", link->name,
      lost);
  fail_unless (broken <= drops[__i__ / RUNS].broken, "%s: broken %.3f",
      link->name, broken);
  fail_unless (percentile (&after, 1) <= drops[__i__ / RUNS].queue_max_ms,
      "%s: peak %.0f ms", link->name, percentile (&after, 1));
  g_array_unref (before.waits);
  g_array_unref (after.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* A rise from 1 to 3 Mbit/s as in the lab. It shows after a key frame, which comes at any time. The
 * packets sent by then measure the old link. */
#define FILLED 0.85

static const struct
{
  Link link;
  gdouble filled_s;             /* in the second before, FILLED of the link has arrived */
} rises[] = {
  {{"1 to 3 Mbit/s", {{0, 3000}, {14, 1000}, {28, 3000}}, 33, 200, 0, 20, 0,
          800, 4000,.real = TRUE}, 2.8},
  {{"1 to 3 Mbit/s, 1 s", {{0, 3000}, {14, 1000}, {28, 3000}}, 33, 1000, 0, 20,
          0, 800, 4000,.real = TRUE}, 2.8},
  {{"1 to 3 Mbit/s, 600 ms round trip", {{0, 3000}, {14, 1000}, {28, 3000}}, 33,
          500, 0, 300, 0, 800, 4000,.real = TRUE}, 5},
};

/* Returns: the seconds from @from on until FILLED of @rate has arrived within one second */
static gdouble
run_until_filled (Simulation * sim, guint from, gdouble rate, Part * part)
{
  gdouble arrived[1000] = { 0, };       /* in each ms of the last second */
  guint ms = 0;

  for (; sim->now < (from + 14) * GST_SECOND; ms++) {
    gdouble before = arrived[ms % G_N_ELEMENTS (arrived)];

    if (ms >= G_N_ELEMENTS (arrived) && part->arrived - before >= FILLED * rate)
      return ms / 1000.0;
    arrived[ms % G_N_ELEMENTS (arrived)] = part->arrived;
    turn (sim, part);
  }
  return G_MAXDOUBLE;
}

GST_START_TEST (test_room_is_soon_filled)
{
  const Link *link = &rises[__i__ / RUNS].link;
  Simulation *sim = g_new (Simulation, 1);
  gdouble filled;
  Part before, after;

  simulation_init (sim, link, 100 + __i__ % RUNS);
  sim->frame = 60 / RUNS * (__i__ % RUNS);
  part_init (&before);
  part_init (&after);
  run_until (sim, 28, &before);
  filled = run_until_filled (sim, 28, 3e6, &after);
  GST_INFO ("%s: filled after %.2f s, lost %u", link->name, filled, after.lost);
  fail_unless (filled <= rises[__i__ / RUNS].filled_s, "%s: filled after %.2f s",
      link->name, filled);
  g_array_unref (before.waits);
  g_array_unref (after.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The share that is used of a link, or of max_kbps where that is less, from 10 s on.
 * Random loss counts as used. */
static const struct
{
  Link link;
  guint seconds;
  gdouble used, queue_p95_ms, lost;
} links[] = {
  {{"wide", {{0, 20000}}, 33, 200, 0, 20, 0, 800, 4000}, 60, 0.93, 10, 0},
  {{"wide, 2 % loss", {{0, 20000}}, 33, 200, 20, 20, 0, 800, 4000},
      60, 0.93, 10, 0.03},
  {{"wide, 10 % loss", {{0, 20000}}, 33, 200, 100, 20, 0, 800, 4000},
      60, 0.9, 10, 0.12},
  {{"wide, 600 ms round trip", {{0, 20000}}, 60, 200, 0, 300, 0, 800, 4000},
      60, 0.9, 10, 0},
  {{"two levels", {{0, 2000}, {10, 550}, {15, 2000}, {20, 550}, {25, 2000},
              {30, 550}, {35, 2000}, {40, 550}, {45, 2000}}, 33, 200, 0, 20, 0,
          800, 5000}, 50, 0.42, 170, 0.05},
  {{"two levels, 1 s buffer", {{0, 2000}, {10, 550}, {15, 2000}, {20, 550},
              {25, 2000}, {30, 550}, {35, 2000}, {40, 550}, {45, 2000}}, 33,
          1000, 0, 20, 0, 800, 5000}, 50, 0.42, 800, 0.005},
  {{"thin from the start", {{0, 300}}, 60, 500, 0, 30, 0, 800, 5000},
      60, 0.85, 180, 0.03},
  {{"half a megabit, 20 ms jitter", {{0, 550}}, 60, 500, 0, 30, 20, 800, 5000},
      60, 0.75, 120, 0.02},
  /* Without any arrival for 300 ms, then as fast as ever */
  {{"stands still for a moment", {{0, 3000}}, 33, 1000, 0, 20, 0, 800, 2500,
          20}, 40, 0.9, 100, 0},
};

GST_START_TEST (test_a_link_is_used)
{
  gdouble used, most = links[__i__].link.max_kbps * 1000.0;
  Simulation *sim = g_new (Simulation, 1);
  Part before, after;

  simulation_init (sim, &links[__i__].link, 7);
  part_init (&before);
  part_init (&after);
  run_until (sim, 10, &before);
  run_until (sim, links[__i__].seconds, &after);
  most *= links[__i__].seconds - 10;
  used = after.arrived / MIN (after.offered, most)
      / (1 - links[__i__].link.loss / 1000.0);
  GST_INFO ("%s: down 0 used %.2f p95 %.0f max %.0f lost %.3f",
      links[__i__].link.name, used, percentile (&after, 0.95),
      percentile (&after, 1), (gdouble) after.lost / after.n);
  check_part (&links[__i__].link, &after, used, links[__i__].used,
      links[__i__].queue_p95_ms, links[__i__].lost);
  g_array_unref (before.waits);
  g_array_unref (after.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* Random loss begins, in both directions, while nothing else is wrong: the share of the target that
 * is kept in the 20 s after, as the mean of N_LOSSES runs */
#define N_LOSSES 20

static const struct
{
  Link link;
  gdouble kept;
} losses[] = {
  {{"5 %", {{0, 20000}}, 33, 200, 50, 20, 0, 800, 1500,.real = TRUE}, 0.99},
  {{"10 %", {{0, 20000}}, 33, 200, 100, 20, 0, 800, 1500,.real = TRUE}, 0.99},
  {{"5 % in runs of four", {{0, 20000}}, 33, 200, 50, 20, 0, 800, 1500,.real =
              TRUE,.run = 4}, 0.985},
  {{"5 % in runs of eight", {{0, 20000}}, 33, 200, 50, 20, 0, 800, 1500,.real =
              TRUE,.run = 8}, 0.98},
  {{"10 % in runs of eight", {{0, 20000}}, 33, 200, 100, 20, 0, 800, 1500,
          .real = TRUE,.run = 8}, 0.97},
};

/* Returns: the mean target in the 20 s after the loss begins, as a share of what may be sent */
static gdouble
run_loss (Link link, guint seed)
{
  guint loss = link.loss, n = 0;
  Simulation *sim = g_new (Simulation, 1);
  gdouble sum = 0;
  Part part;

  simulation_init (sim, &link, seed);
  part_init (&part);
  link.loss = 0;
  run_until (sim, 10, &part);
  link.loss = loss;
  for (; sim->now < 30 * GST_SECOND; n++) {
    turn (sim, &part);
    sum += gst_rcast_rate_get_target (sim->rate);
  }
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
  return sum / n / (link.max_kbps * 1000.0);
}

/* Random loss in runs varies from second to second, whatever is sent. */
GST_START_TEST (test_loss_by_chance_costs_no_rate)
{
  gdouble kept = 0;

  for (guint i = 0; i < N_LOSSES; i++)
    kept += run_loss (losses[__i__].link, 100 + i) / N_LOSSES;
  GST_INFO ("%s: %.3f kept", losses[__i__].link.name, kept);
  fail_unless (kept >= losses[__i__].kept, "%s: %.3f kept",
      losses[__i__].link.name, kept);
}

GST_END_TEST;

/* A path with hardly a buffer drops the excess without a queue. This loss is never usual. */
static const guint short_ms[] = { 10, 20 };

GST_START_TEST (test_what_is_too_much_is_never_usual)
{
  const Link link = { "3 to 1 Mbit/s, hardly a buffer", {{0, 3000}, {10, 1000}},
        33, short_ms[__i__ / RUNS], 0, 20, 0, 800, 4000,.real = TRUE };
  Simulation *sim = g_new (Simulation, 1);
  gdouble sum = 0;
  guint n = 0;
  Part part;

  simulation_init (sim, &link, 100 + __i__ % RUNS);
  part_init (&part);
  run_until (sim, 20, &part);
  for (; sim->now < 60 * GST_SECOND; n++) {
    turn (sim, &part);
    sum += gst_rcast_rate_get_target (sim->rate);
  }
  GST_INFO ("%u ms: target %.0f", link.buffer_ms, sum / n);
  fail_unless (sum / n <= 1e6, "%u ms: target %.0f", link.buffer_ms, sum / n);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The controller remembers a full path: it tries no third more each few seconds. From 10 s on */
static const struct
{
  Link link;
  gdouble most_target;          /* of the link */
  gdouble lost, broken;
} full[] = {
  {{"2 Mbit/s, 200 ms buffer", {{0, 2000}}, 33, 200, 0, 20, 0, 800, 4000},
      1.12, 0, 0},
  {{"2 Mbit/s, 50 ms buffer", {{0, 2000}}, 33, 50, 0, 20, 0, 800, 4000},
      1.12, 0.003, 0.02},
  {{"6 Mbit/s, 50 ms buffer", {{0, 6000}}, 60, 50, 0, 20, 0, 800, 9000},
      1.12, 0.003, 0.02},
  {{"0.55 Mbit/s, 50 ms buffer", {{0, 550}}, 33, 50, 0, 20, 0, 300, 1100},
      1.12, 0.005, 0.015},
  {{"1 Mbit/s, 200 ms round trip", {{0, 1000}}, 60, 200, 0, 100, 0, 800, 4000},
      1.12, 0, 0},
};

GST_START_TEST (test_what_was_learnt_is_kept)
{
  const Link *link = &full[__i__].link;
  Simulation *sim = g_new (Simulation, 1);
  gdouble rate = get_link_rate (link, 0), most = 0, lost, broken;
  Part before, after;

  simulation_init (sim, link, 7);
  part_init (&before);
  part_init (&after);
  run_until (sim, 10, &before);
  while (sim->now < 120 * GST_SECOND) {
    turn (sim, &after);
    most = MAX (most, gst_rcast_rate_get_target (sim->rate) / rate);
  }
  lost = (gdouble) after.lost / after.n;
  broken = (gdouble) after.broken / after.frames;
  GST_INFO ("%s: used %.2f, up to %.2f, lost %.4f, broken %.4f", link->name,
      after.arrived / after.offered, most, lost, broken);
  fail_unless (after.arrived >= 0.9 * after.offered, "%s: used %.2f",
      link->name, after.arrived / after.offered);
  fail_unless (most <= full[__i__].most_target, "%s: %.2f of the link",
      link->name, most);
  fail_unless (lost <= full[__i__].lost, "%s: lost %.4f", link->name, lost);
  fail_unless (broken <= full[__i__].broken, "%s: broken %.4f", link->name,
      broken);
  g_array_unref (before.waits);
  g_array_unref (after.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The application's encoders follow the target in its messages. A change of 5 % counts. */
GST_START_TEST (test_a_drop_is_told_within_half_a_second)
{
  const Link *link = &steps[__i__].link;
  Simulation *sim = g_new (Simulation, 1);
  guint64 before;
  Part part;

  simulation_init (sim, link, 7);
  part_init (&part);
  run_until (sim, 20, &part);
  before = gst_rcast_rate_get_target (sim->rate);
  while (gst_rcast_rate_get_target (sim->rate) > 0.95 * before)
    turn (sim, &part);
  GST_INFO ("%s: %" G_GUINT64_FORMAT " ms", link->name,
      sim->now / GST_MSECOND - 20000);
  /* The controller cannot know of the drop before the feedback is there. */
  fail_unless (sim->now <= 20 * GST_SECOND + MAX (500, 4 * link->way_ms)
      * GST_MSECOND,
      "%s: %" G_GUINT64_FORMAT " ms", link->name,
      sim->now / GST_MSECOND - 20000);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The controller finds the room of a wide path at once. */
GST_START_TEST (test_the_start_is_quick)
{
  const Link link = { "wide", {{0, 20000}}, 60, 200, 0, 20, 0, 1000, 4000, 0,
        TRUE };
  Simulation *sim = g_new (Simulation, 1);
  Part part;

  simulation_init (sim, &link, 7);
  part_init (&part);
  while (gst_rcast_rate_get_target (sim->rate) < 3600000)
    turn (sim, &part);
  fail_unless (sim->now <= 2 * GST_SECOND, "%" G_GUINT64_FORMAT " ms",
      sim->now / GST_MSECOND);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* kbit/s of a link that was away */
static const guint outages[] = { 3000, 4500, 20000 };

/* The controller tries the rate of before at once: the picture is not poor for
 * seconds after each outage. */
GST_START_TEST (test_an_outage_leaves_no_thin_picture)
{
  const Link link = { "away for a while", {{0, outages[__i__]}}, 60, 200, 0, 20,
        0, 800, 4000, 0, TRUE };
  Simulation *sim = g_new (Simulation, 1);
  gdouble before;
  Part part;

  simulation_init (sim, &link, 7);
  part_init (&part);
  run_until (sim, 20, &part);
  before = gst_rcast_rate_get_target (sim->rate);
  sim->quiet = TRUE;
  run_until (sim, 24, &part);
  sim->quiet = FALSE;
  gst_rcast_rate_restart (sim->rate, sim->now);
  while (gst_rcast_rate_get_target (sim->rate) < 0.8 * before)
    turn (sim, &part);
  GST_INFO ("%u kbit/s: back after %" G_GUINT64_FORMAT " ms", outages[__i__],
      (sim->now - 24 * GST_SECOND) / GST_MSECOND);
  fail_unless (sim->now <= 25 * GST_SECOND, "%u kbit/s: %" G_GUINT64_FORMAT " ms",
      outages[__i__], (sim->now - 24 * GST_SECOND) / GST_MSECOND);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* ms for which the source sends, and pauses, in turn */
static const struct
{
  guint sends, pauses;
} pauses[] = {
  {100, 700}, {300, 1200}, {1000, 3000}, {2000, 15000},
};

/* The receiver owes no feedback for packets that were not sent. */
GST_START_TEST (test_a_pause_of_the_source_costs_nothing)
{
  const Link link = { "wide", {{0, 20000}}, 60, 200, 0, 20, 0, 800, 2500 };
  Simulation *sim = g_new (Simulation, 1);
  gdouble before;
  Part part;

  simulation_init (sim, &link, 7);
  part_init (&part);
  run_until (sim, 20, &part);
  before = gst_rcast_rate_get_target (sim->rate);
  for (guint i = 0; i < 10; i++) {
    sim->quiet = TRUE;
    for (guint ms = 0; ms < pauses[__i__].pauses; ms++)
      turn (sim, &part);
    sim->quiet = FALSE;
    for (guint ms = 0; ms < pauses[__i__].sends; ms++) {
      turn (sim, &part);
      fail_unless (gst_rcast_rate_get_target (sim->rate) >= 0.99 * before,
          "%.0f of %.0f bit/s, %u ms after pause %u",
          (gdouble) gst_rcast_rate_get_target (sim->rate), before, ms, i);
    }
  }
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The last feedback does not decide for ever after the receiver ceases to send feedback. */
GST_START_TEST (test_feedback_that_ceases_is_missed)
{
  const Link link = { "wide", {{0, 20000}}, 60, 200, 0, 20, 0, 800, 2500 };
  Simulation *sim = g_new (Simulation, 1);
  Part part;

  simulation_init (sim, &link, 7);
  part_init (&part);
  fail_if (gst_rcast_rate_has_feedback (sim->rate, sim->now));
  run_until (sim, 20, &part);
  fail_unless (gst_rcast_rate_has_feedback (sim->rate, sim->now));
  sim->silent = TRUE;
  run_until (sim, 29, &part);
  fail_unless (gst_rcast_rate_has_feedback (sim->rate, sim->now));
  run_until (sim, 32, &part);
  fail_if (gst_rcast_rate_has_feedback (sim->rate, sim->now));
  sim->silent = FALSE;
  run_until (sim, 33, &part);
  fail_unless (gst_rcast_rate_has_feedback (sim->rate, sim->now));
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* A packet leaves each 10 ms, and feedback comes 60 ms after each. */
static void
send_steadily (GstRcastRate * rate, guint from, guint until)
{
  for (guint i = from; i < until; i++) {
    GstClockTime now = (10 * i) * GST_MSECOND;

    gst_rcast_rate_sent (rate, i, PACKET, now);
    if (i < 6)
      continue;
    gst_rcast_rate_arrival (rate, i - 6, TRUE, now + 500 * GST_SECOND, now);
    gst_rcast_rate_decide (rate, now);
  }
}

/* A thread may read the clock before another one takes its turn. */
GST_START_TEST (test_a_time_that_goes_back_is_no_time)
{
  const GstRcastRateConfig config = { 800000, 100000, 5000000 };
  GstRcastRate *rate = gst_rcast_rate_new (&config, 0);
  GstRcastRateView before, view;
  GstClockTime now;

  send_steadily (rate, 0, 101);
  gst_rcast_rate_get_view (rate, &before, 1000 * GST_MSECOND);
  now = 999 * GST_MSECOND;
  gst_rcast_rate_sent (rate, 101, PACKET, now);
  gst_rcast_rate_decide (rate, now);
  gst_rcast_rate_tick (rate, now);
  gst_rcast_rate_get_view (rate, &view, now);
  fail_unless (view.sent == before.sent && view.target == before.target
      && view.state == before.state && view.lasts <= before.lasts);
  /* Feedback ceases. */
  for (guint i = 102; i < 202; i++) {
    gst_rcast_rate_sent (rate, i, PACKET, 10 * i * GST_MSECOND);
    gst_rcast_rate_tick (rate, 10 * i * GST_MSECOND);
  }
  gst_rcast_rate_get_view (rate, &view, 2020 * GST_MSECOND);
  assert_equals_int (view.state, GST_RCAST_RATE_BLIND);
  gst_rcast_rate_free (rate);
}

GST_END_TEST;

/* A packet that leaves once more unchanged may have arrived before: its delay teaches nothing. */
GST_START_TEST (test_a_packet_that_leaves_again_is_the_same)
{
  const GstRcastRateConfig config = { 800000, 100000, 5000000 };
  GstRcastRate *rate = gst_rcast_rate_new (&config, 0);
  GstRcastDeparture departure;
  GstRcastRateView view;

  gst_rcast_rate_sent (rate, 1, PACKET, 0);
  fail_unless (gst_rcast_rate_arrival (rate, 1, TRUE, GST_CLOCK_TIME_NONE,
          60 * GST_MSECOND));
  gst_rcast_rate_sent (rate, 1, PACKET, 80 * GST_MSECOND);
  fail_if (gst_rcast_rate_awaits (rate, 1, &departure, 80 * GST_MSECOND));
  gst_rcast_rate_sent (rate, 2, PACKET, 100 * GST_MSECOND);
  gst_rcast_rate_sent (rate, 2, PACKET, 900 * GST_MSECOND);
  fail_unless (gst_rcast_rate_arrival (rate, 2, TRUE, 500 * GST_SECOND,
          950 * GST_MSECOND));
  gst_rcast_rate_get_view (rate, &view, 950 * GST_MSECOND);
  fail_unless_equals_uint64 (view.round_trip, 0);
  /* The sequence numbers start anew. */
  gst_rcast_rate_sent (rate, 1, PACKET, 20 * GST_SECOND);
  fail_unless (gst_rcast_rate_awaits (rate, 1, &departure, 20 * GST_SECOND));
  fail_unless_equals_int (departure.place, 2);
  gst_rcast_rate_free (rate);
}

GST_END_TEST;

/* Links that fill up in a moment in which they carry hardly anything */
static const Link accidents[] = {
  {"a second of 120 kbit/s, 1 s buffer", {{0, 3000}, {20, 120}, {21, 3000}}, 33,
      1000, 0, 20, 0, 800, 2500},
  {"the same, 200 ms buffer", {{0, 3000}, {20, 120}, {21, 3000}}, 33, 200, 0, 20,
      0, 800, 2500},
  {"the same, feedback each 200 ms", {{0, 3000}, {20, 120}, {21, 3000}}, 200, 200,
      0, 20, 0, 800, 2500},
  {"a second of 60 kbit/s, 1 s buffer", {{0, 6000}, {20, 60}, {21, 6000}},
      60, 1000, 0, 20, 0, 800, 2500},
};

GST_START_TEST (test_an_accident_is_soon_forgotten)
{
  const Link *link = &accidents[__i__];
  Simulation *sim = g_new (Simulation, 1);
  GstClockTime left, back;
  Part part;

  simulation_init (sim, link, 7);
  part_init (&part);
  run_until (sim, 21, &part);
  while (gst_rcast_rate_get_target (sim->rate) < 300000)
    turn (sim, &part);
  left = sim->now - 21 * GST_SECOND;
  while (gst_rcast_rate_get_target (sim->rate) < 2000000)
    turn (sim, &part);
  back = sim->now - 21 * GST_SECOND;
  GST_INFO ("%s: left the floor after %" G_GUINT64_FORMAT " ms, back after %"
      G_GUINT64_FORMAT, link->name, left / GST_MSECOND, back / GST_MSECOND);
  fail_unless (left <= 2 * GST_SECOND, "%s: %" G_GUINT64_FORMAT " ms",
      link->name, left / GST_MSECOND);
  fail_unless (back <= 4 * GST_SECOND, "%s: %" G_GUINT64_FORMAT " ms",
      link->name, back / GST_MSECOND);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* Nothing sticks: at the end of each 20 s the target is near the link, and no queue
 * stands. */
GST_START_TEST (test_random_links_never_stick)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (__i__);
  Simulation *sim = g_new (Simulation, 1);
  GstRcastRateView view;
  Part part;
  Link link;

  make_random_link (&link, 100, random);
  link.start_kbps = 800;
  simulation_init (sim, &link, __i__);
  part_init (&part);
  for (guint i = 1; i <= 11; i++) {
    gdouble rate = get_link_rate (&link, (20 * i - 1) * GST_SECOND), least = 0,
        waited = 0;

    run_until (sim, 20 * i - 4, &part);
    g_array_set_size (part.waits, 0);
    for (guint ms = 0; ms < 4000; ms += 100) {
      for (guint j = 0; j < 100; j++)
        turn (sim, &part);
      least = MAX (least, gst_rcast_rate_get_target (sim->rate));
      gst_rcast_rate_get_view (sim->rate, &view, sim->now);
      waited += (gdouble) view.queue / GST_MSECOND / 40;
    }
    fail_unless (least >= 0.3 * MIN (rate, 5e6), "link %d, phase %u: %.0f of %.0f"
        " kbit/s, buffer %u ms, feedback %u ms, loss %u, way %u ms, jitter %u ms",
        __i__, i, least / 1000, rate / 1000, link.buffer_ms, link.feedback_ms,
        link.loss, link.way_ms, link.jitter_ms);
    fail_unless (waited <= 150, "link %d, phase %u: a queue of %.0f ms stands",
        __i__, i, waited);
  }
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* The controller takes no standstill for a thin link: the target is never below half of the passing
 * rate for longer than two seconds. */
static const struct
{
  guint stands_ms, each_ms;
} standstills[] = {
  {120, 500}, {50, 100}, {50, 200}, {80, 250}, {60, 1000}, {120, 300}, {200, 1000},
  {300, 1000}, {300, 2000}, {500, 2000}, {150, 370}, {500, 5000}, {1000, 5000},
};

#define STANDS_ALL (STANDS_SENDER | STANDS_RECEIVER | STANDS_LINE)

static const Stands standers[] = {
  STANDS_SENDER, STANDS_RECEIVER, STANDS_LINE, STANDS_SENDER | STANDS_RECEIVER,
  STANDS_ALL,
};

static const struct
{
  const gchar *name;
  guint before_kbps, kbps;      /* until 20 s, and from then on */
  guint loss, jitter_ms;
  guint low_ms;                 /* how long the target may be too low */
} worlds[] = {
  {"a link that is just enough", 3000, 3000, 0, 0, 2000},
  {"a wide link", 20000, 20000, 0, 0, 2000},
  {"a lossy link", 3000, 3000, 30, 0, 2000},
  {"a link with jitter", 3000, 3000, 0, 10, 2000},
  /* A queue of up to a second has to drain first. */
  {"a link that gets thin", 3000, 1000, 0, 0, 3000},
};

/* ms between the beginnings of two standstills, at a round trip of 450 ms. A drop and the look at
 * its effect take longer: a target that waited after each standstill would never grow. */
static const guint halts[] = { 900, 1117, 1300, 1600 };

GST_START_TEST (test_a_line_with_halts_is_used)
{
  const Link link = { "a line with halts", {{0, 200}, {40, 2800}}, 33, 500, 0,
        225, 0, 800, 6000,.who = STANDS_ALL,.stands_ms = 300,
        .each_ms = halts[__i__]};
  gdouble passes = 2.8e6 * (1 - 300.0 / halts[__i__]);
  Simulation *sim = g_new (Simulation, 1);
  Part part;

  simulation_init (sim, &link, 7);
  part_init (&part);
  run_until (sim, 40, &part);
  while (gst_rcast_rate_get_target (sim->rate) < passes / 2
      && sim->now < 80 * GST_SECOND)
    turn (sim, &part);
  GST_INFO ("each %u ms: half of it after %" G_GUINT64_FORMAT " ms",
      halts[__i__], (sim->now - 40 * GST_SECOND) / GST_MSECOND);
  fail_unless (sim->now <= 52 * GST_SECOND, "each %u ms: after %"
      G_GUINT64_FORMAT " ms", halts[__i__],
      (sim->now - 40 * GST_SECOND) / GST_MSECOND);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

#define N_VARIANTS (2 * 2 * 3 * G_N_ELEMENTS (standers) * G_N_ELEMENTS (worlds))
/* All variants together take too long. The stride picks some of each kind. */
#define STRIDE 13

/* Returns: for how many ms the target may be too low */
static guint
make_standing_link (Link * link, guint standstill, guint variant)
{
  const guint buffer_ms[] = { 200, 1000 }, feedback_ms[] = { 33, 60, 200 };
  guint who = variant / 12 % G_N_ELEMENTS (standers);
  guint world = variant / 12 / G_N_ELEMENTS (standers);

  *link = (Link) {
    .name = worlds[world].name,
    .phases = { {0, worlds[world].before_kbps}, {20, worlds[world].kbps} },
    .feedback_ms = feedback_ms[variant / 4 % 3],
    .buffer_ms = buffer_ms[variant % 2],
    .loss = worlds[world].loss,
    .way_ms = 20,
    .jitter_ms = worlds[world].jitter_ms,
    .start_kbps = 800,
    .max_kbps = 2500,
    .unpaced = variant / 2 % 2,
    .who = standers[who],
    .stands_ms = standstills[standstill].stands_ms,
    .each_ms = standstills[standstill].each_ms,
  };
  return worlds[world].low_ms;
}

/* Returns: how long the target was below half of what passes */
static GstClockTime
run_standstills (Simulation * sim, Part * part)
{
  const Link *link = sim->link;
  gdouble stands = link->who & STANDS_LINE ?
      (gdouble) link->stands_ms / link->each_ms : 0;
  gdouble passes = MIN (link->phases[1].kbps * 1000.0 * (1 - stands),
      link->max_kbps * 1000.0);
  GstClockTime since = GST_CLOCK_TIME_NONE, longest = 0;

  while (sim->now < 60 * GST_SECOND) {
    turn (sim, part);
    if (gst_rcast_rate_get_target (sim->rate) >= passes / 2)
      since = GST_CLOCK_TIME_NONE;
    else if (!GST_CLOCK_TIME_IS_VALID (since))
      since = sim->now;
    else
      longest = MAX (longest, sim->now - since);
  }
  return longest;
}

static void
check_standstill (guint standstill, guint variant)
{
  Simulation *sim = g_new (Simulation, 1);
  GstClockTime low;
  guint low_ms;
  Part part;
  Link link;

  low_ms = make_standing_link (&link, standstill, variant);
  simulation_init (sim, &link, variant);
  part_init (&part);
  run_until (sim, 20, &part);
  low = run_standstills (sim, &part);
  fail_unless (low <= low_ms * GST_MSECOND, "%s, variant %u: too low for %"
      G_GUINT64_FORMAT " ms", link.name, variant, low / GST_MSECOND);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_START_TEST (test_a_standstill_is_no_thin_link)
{
  for (guint i = __i__ % STRIDE; i < N_VARIANTS; i += STRIDE)
    check_standstill (__i__, i);
}

GST_END_TEST;

static Suite *
rate_suite (void)
{
  Suite *suite = suite_create ("rate");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_a_step_is_followed, 0, G_N_ELEMENTS (steps));
  tcase_add_loop_test (tc, test_a_drop_costs_little, 0,
      RUNS * G_N_ELEMENTS (drops));
  tcase_add_loop_test (tc, test_room_is_soon_filled, 0,
      RUNS * G_N_ELEMENTS (rises));
  tcase_add_loop_test (tc, test_loss_by_chance_costs_no_rate, 0,
      G_N_ELEMENTS (losses));
  tcase_add_loop_test (tc, test_what_is_too_much_is_never_usual, 0,
      RUNS * G_N_ELEMENTS (short_ms));
  tcase_add_loop_test (tc, test_what_was_learnt_is_kept, 0,
      G_N_ELEMENTS (full));
  tcase_add_loop_test (tc, test_a_drop_is_told_within_half_a_second, 0,
      G_N_ELEMENTS (steps));
  tcase_add_loop_test (tc, test_an_accident_is_soon_forgotten, 0,
      G_N_ELEMENTS (accidents));
  tcase_add_loop_test (tc, test_a_pause_of_the_source_costs_nothing, 0,
      G_N_ELEMENTS (pauses));
  tcase_add_loop_test (tc, test_a_standstill_is_no_thin_link, 0,
      G_N_ELEMENTS (standstills));
  tcase_add_loop_test (tc, test_a_line_with_halts_is_used, 0,
      G_N_ELEMENTS (halts));
  tcase_add_test (tc, test_the_start_is_quick);
  tcase_add_loop_test (tc, test_an_outage_leaves_no_thin_picture, 0,
      G_N_ELEMENTS (outages));
  tcase_add_test (tc, test_a_time_that_goes_back_is_no_time);
  tcase_add_test (tc, test_a_packet_that_leaves_again_is_the_same);
  tcase_add_test (tc, test_feedback_that_ceases_is_missed);
  tcase_add_loop_test (tc, test_a_link_is_used, 0, G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_random_links_never_stick, 1, 161);
  return suite;
}

GST_CHECK_MAIN (rate);
