/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The share that a broadcast gets of a simulated link. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <math.h>

#include "rate-link.h"

static const Link shared[] = {
  {"2 Mbit/s, 200 ms buffer", {{0, 2000}}, 33, 200, 0, 20, 0, 800, 4000},
  {"2 Mbit/s, 50 ms buffer", {{0, 2000}}, 33, 50, 0, 20, 0, 800, 4000},
  {"2 Mbit/s, 500 ms buffer", {{0, 2000}}, 33, 500, 0, 20, 0, 800, 4000},
  {"6 Mbit/s, 100 ms buffer", {{0, 6000}}, 60, 100, 0, 20, 0, 800, 9000},
  {"2 Mbit/s, 200 ms round trip", {{0, 2000}}, 33, 200, 0, 100, 0, 800, 4000},
  {"6 Mbit/s, 200 ms round trip", {{0, 6000}}, 60, 200, 0, 100, 0, 800, 9000},
};

/* Key frames of both broadcasts come together, or one fills the path with its key frame between
 * two key frames of the other. */
static const guint apart_ms[] = { 0, 700, 1000, 1700 };

/* @parts: what each broadcast brings through until @seconds, from @from on */
static void
run_two (Simulation ** sims, Part * parts, guint from, guint seconds)
{
  while (sims[1]->now < seconds * GST_SECOND) {
    turn (sims[0], &parts[0]);
    turn (sims[1], &parts[1]);
    if (sims[1]->now != from * GST_SECOND)
      continue;
    for (guint i = 0; i < 2; i++) {
      parts[i].arrived = 0;
      g_array_set_size (parts[i].waits, 0);
    }
  }
}

/* One broadcast is running when the other one starts. */
GST_START_TEST (test_two_broadcasts_share)
{
  Simulation *sims[2] = { g_new (Simulation, 1), g_new (Simulation, 1) };
  const Link *link = &shared[__i__ / G_N_ELEMENTS (apart_ms)];
  guint apart = apart_ms[__i__ % G_N_ELEMENTS (apart_ms)];
  gdouble sum, share, queue;
  Part parts[2];

  for (guint i = 0; i < 2; i++) {
    simulation_init (sims[i], link, 7 + i);
    part_init (&parts[i]);
    sims[i]->line = &sims[0]->own_line;
  }
  sims[1]->quiet = TRUE;
  run_two (sims, parts, 0, 20);
  for (guint ms = 0; ms < apart; ms++) {
    turn (sims[0], &parts[0]);
    turn (sims[1], &parts[1]);
  }
  sims[1]->quiet = FALSE;
  run_two (sims, parts, 40, 120);
  sum = parts[0].arrived + parts[1].arrived;
  share = parts[1].arrived / sum;
  queue = percentile (&parts[0], 0.95);
  GST_INFO ("%s, %u ms apart: the second gets %.2f, used %.2f, queue p95 %.0f ms",
      link->name, apart, share, sum / (80 * get_link_rate (link, 0)), queue);
  fail_unless (share >= 0.4 && share <= 0.6, "%s, %u ms apart: the second "
      "gets %.2f", link->name, apart, share);
  fail_unless (sum >= 0.85 * 80 * get_link_rate (link, 0), "%s: %.0f",
      link->name, sum);
  fail_unless (queue <= 125, "%s: queue %.0f ms", link->name, queue);
  for (guint i = 0; i < 2; i++) {
    g_array_unref (parts[i].waits);
    simulation_clear (sims[i]);
    g_free (sims[i]);
  }
}

GST_END_TEST;

/* A TCP connection that always has more to send: CUBIC (RFC 9438) */
#define SEGMENT 1500
#define CUBIC_C 0.4
#define CUBIC_BETA 0.7

typedef struct
{
  GstClockTime at;
  gboolean lost;
} Ack;

typedef struct
{
  const Link *link;
  Line *line;
  gdouble window, most;         /* segments */
  gboolean slow_start;
  GstClockTime cut;
  GQueue acks;                  /* of Ack */
  gdouble arrived;              /* bits */
} Flow;

static void
flow_send (Flow * flow, GstClockTime now)
{
  GstClockTime line = MAX (flow->line->free, now);
  Ack *ack = g_new0 (Ack, 1);

  ack->lost = line - now > flow->link->buffer_ms * GST_MSECOND;
  if (!ack->lost) {
    line += SEGMENT * 8 * (gdouble) GST_SECOND / get_link_rate (flow->link,
        now);
    flow->line->free = line;
    flow->arrived += SEGMENT * 8;
  }
  ack->at = line + 2 * flow->link->way_ms * GST_MSECOND;
  g_queue_push_tail (&flow->acks, ack);
}

static void
flow_grow (Flow * flow, GstClockTime now)
{
  gdouble k = cbrt (flow->most * (1 - CUBIC_BETA) / CUBIC_C);
  gdouble t = (gdouble) (now - flow->cut) / GST_SECOND - k;
  gdouble wanted = CUBIC_C * t * t * t + flow->most;

  if (flow->slow_start)
    flow->window += 1;
  else
    flow->window += MAX (MIN (wanted, 1.5 * flow->window) - flow->window,
        0.5) / flow->window;
}

static void
flow_turn (Flow * flow, GstClockTime now)
{
  const Ack *first;

  while ((first = g_queue_peek_head (&flow->acks)) && first->at <= now) {
    g_autofree Ack *ack = g_queue_pop_head (&flow->acks);

    if (!ack->lost) {
      flow_grow (flow, now);
    } else if (now > flow->cut + 2 * flow->link->way_ms * GST_MSECOND
        + flow->link->buffer_ms * GST_MSECOND) {
      flow->most = flow->window;
      flow->window = MAX (CUBIC_BETA * flow->window, 2);
      flow->slow_start = FALSE;
      flow->cut = now;
    }
  }
  while (flow->acks.length < flow->window)
    flow_send (flow, now);
}

/* Buffers that a TCP connection fills again and again */
static const Link beside_tcp[] = {
  {"2 Mbit/s, 200 ms buffer", {{0, 2000}}, 33, 200, 0, 20, 0, 800, 4000},
  {"2 Mbit/s, 50 ms buffer", {{0, 2000}}, 33, 50, 0, 20, 0, 800, 4000},
  {"6 Mbit/s, 100 ms buffer", {{0, 6000}}, 60, 100, 0, 20, 0, 800, 9000},
};

GST_START_TEST (test_a_tcp_connection_leaves_a_part)
{
  const Link *link = &beside_tcp[__i__];
  Simulation *sim = g_new (Simulation, 1);
  Flow flow = { link, &sim->own_line, 10, 0, TRUE };
  gdouble share, lost;
  Part part;

  simulation_init (sim, link, 7);
  part_init (&part);
  run_until (sim, 20, &part);
  part.arrived = 0;
  flow.cut = sim->now;
  while (sim->now < 80 * GST_SECOND) {
    turn (sim, &part);
    flow_turn (&flow, sim->now);
  }
  share = part.arrived / (part.arrived + flow.arrived);
  lost = (gdouble) part.lost / part.n;
  /* Once TCP has ended, all is as before within 20 s. */
  run_until (sim, 100, &part);
  g_array_set_size (part.waits, 0);
  part.arrived = part.offered = 0;
  run_until (sim, 120, &part);
  GST_INFO ("%s: %.2f of it, lost %.3f; then used %.2f, queue p95 %.0f ms",
      link->name, share, lost, part.arrived / part.offered,
      percentile (&part, 0.95));
  fail_unless (share >= 0.3 && share <= 0.6, "%s: %.2f of it", link->name,
      share);
  fail_unless (lost <= 0.1, "%s: lost %.3f", link->name, lost);
  fail_unless (part.arrived >= 0.85 * part.offered, "%s: used %.2f",
      link->name, part.arrived / part.offered);
  fail_unless (percentile (&part, 0.95) <= 100, "%s: queue %.0f ms", link->name,
      percentile (&part, 0.95));
  g_queue_clear_full (&flow.acks, g_free);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

#define QUIET_SEEDS 8

/* @most: (inout): the highest target beside TCP
 * Returns: for how many ms of a minute a picture that needs @need knows that it shares with TCP */
static guint
share_quietly (guint seed, gdouble need, gdouble * most)
{
  const Link *link = &beside_tcp[2];
  Simulation *sim = g_new (Simulation, 1);
  Flow flow = { link, &sim->own_line, 10, 0, TRUE };
  guint n_shared = 0;
  Part part;

  simulation_init (sim, link, seed);
  part_init (&part);
  sim->need = need;
  run_until (sim, 20, &part);
  flow.cut = sim->now;
  while (sim->now < 80 * GST_SECOND) {
    GstRcastRateView view;

    turn (sim, &part);
    flow_turn (&flow, sim->now);
    gst_rcast_rate_get_view (sim->rate, &view, sim->now);
    if (view.state != GST_RCAST_RATE_RIVAL)
      continue;
    n_shared++;
    *most = MAX (*most, view.target);
  }
  g_queue_clear_full (&flow.acks, g_free);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
  return n_shared;
}

/* A scene change would send the whole target at once. A controller that tests for TCP by lowering a
 * rate that nothing uses sends no less, and does not see TCP. Once TCP is seen, the next test is
 * after 15 s: each seed has this time at least once, and most a part of it twice. */
GST_START_TEST (test_a_quiet_picture_beside_tcp_keeps_the_target_low)
{
  const gdouble need = 1200000;
  guint sum = 0;
  gdouble most = 0;

  for (guint seed = 1; seed <= QUIET_SEEDS; seed++) {
    guint n_shared = share_quietly (seed, need, &most);

    fail_unless (n_shared >= 14000, "seed %u shared for %u ms", seed, n_shared);
    sum += n_shared;
  }
  GST_INFO ("up to %.2f of what the picture needs, shared for %u ms",
      most / need, sum / QUIET_SEEDS);
  fail_unless (sum >= 17000 * QUIET_SEEDS, "shared for %u ms",
      sum / QUIET_SEEDS);
  fail_unless (most <= 4 * need, "%.2f of it", most / need);
}

GST_END_TEST;

static Suite *
rate_shares_suite (void)
{
  Suite *suite = suite_create ("rate-shares");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_two_broadcasts_share, 0,
      G_N_ELEMENTS (shared) * G_N_ELEMENTS (apart_ms));
  tcase_add_loop_test (tc, test_a_tcp_connection_leaves_a_part, 0,
      G_N_ELEMENTS (beside_tcp));
  tcase_add_test (tc,
      test_a_quiet_picture_beside_tcp_keeps_the_target_low);
  return suite;
}

GST_CHECK_MAIN (rate_shares);
