/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hours of two uplinks that lose packets at random, on a machine that runs this process late.
 * Neither is a reason to move media or to restart. Simulated: the clock is cranked. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <math.h>

#include "gstrcasticepathlife.h"
#include "gstrcasticerecord.h"
#include "gstrcasticerestartwish.h"
#include "gstrcasticeroute.h"
#include "gstrcasticetrial.h"

#define MS ((gint64) 1000)
#define SECOND (1000 * MS)
#define HOUR (3600 * SECOND)
#define STEP (50 * MS)
#define TIMEOUT (1000 * MS)
#define N_PATHS 2
/* An uplink that carries 520 of 900 kbit/s: its queue, the share that it
 * drops, and the media on it */
#define QUEUE (200 * MS)
#define TOO_MUCH 0.42
#define PACKETS_PER_S 120

/* What the uplinks and this machine are like. */
typedef struct
{
  const gchar *name;
  gint64 rtt;
  gdouble loss;                 /* each way */
  gint64 least_rtcp, most_rtcp; /* between two packets of the peer */
  gdouble late;                 /* share of the steps that are late */
  gint64 lateness;              /* of a late step, at most */
  gboolean single;              /* there is no second uplink */
  guint hours;
} World;

typedef struct
{
  gint64 arrival;
  gint64 sent;                  /* the check that this answers; 0: RTCP */
  guint path;
} Packet;

typedef struct
{
  const World *world;
  GRand *rand;
  gint64 now;
  gint64 next_rtcp;
  GQueue packets[N_PATHS];      /* of Packet, in flight to us */
  gboolean dead[N_PATHS];       /* nothing arrives */
  GstRcastIcePathLife lives[N_PATHS];
  GstRcastIceRecord records[N_PATHS];
  GstRcastIcePathView views[N_PATHS];
  GstRcastIceRestartWish wish;
  GstRcastIceTrial trial;
  GstRcastIceRoute route;
  gint current;
  guint n_paths;
  gboolean preferred;           /* the first uplink is */
  gboolean lost_told;
  gboolean congested;           /* the first uplink carries a part of the media */
  gint64 fills_since;           /* since media leaves there */
  gint64 next_report;           /* of loss */
  guint stale_reports;
  /* Results */
  guint deaths, moves, restarts, suspicions;
} Sim;

static void
sim_start (Sim * sim, const World * world, guint seed)
{
  *sim = (Sim) {
  .world = world,.rand = g_rand_new_with_seed (seed),.now = HOUR,.n_paths =
        world->single ? 1 : N_PATHS,};
  sim->next_rtcp = sim->now;
  sim->route.n_carrying = 1;
  sim->route.paths[1] = world->single ? GST_RCAST_ICE_NO_PATH : 1;
  gst_rcast_ice_restart_wish_init (&sim->wish);
  for (guint i = 0; i < sim->n_paths; i++) {
    g_queue_init (&sim->packets[i]);
    gst_rcast_ice_path_life_init (&sim->lives[i], TIMEOUT, TRUE, sim->now);
    gst_rcast_ice_record_init (&sim->records[i], sim->now);
  }
}

static void
sim_end (Sim * sim)
{
  for (guint i = 0; i < sim->n_paths; i++)
    g_queue_clear_full (&sim->packets[i], g_free);
  g_rand_free (sim->rand);
}

/* Whether media fills the queue in front of @path. */
static gboolean
is_filled (Sim * sim, guint path)
{
  return path == 0 && sim->congested
      && (sim->current == 0 || sim->route.n_carrying > 1);
}

static gint64
get_queue (Sim * sim, guint path)
{
  return is_filled (sim, path) ? MIN (QUEUE, sim->now - sim->fills_since) : 0;
}

/* A full queue drops the excess. */
static gboolean
is_dropped (Sim * sim, guint path)
{
  return get_queue (sim, path) == QUEUE
      && g_rand_double (sim->rand) < TOO_MUCH;
}

static gboolean
is_lost (Sim * sim, guint path)
{
  return sim->dead[path] || g_rand_double (sim->rand) < sim->world->loss;
}

static void
put (Sim * sim, guint path, gint64 arrival, gint64 sent)
{
  Packet *packet = g_new (Packet, 1);

  *packet = (Packet) {
  .arrival = arrival,.sent = sent,.path = path};
  g_queue_push_tail (&sim->packets[path], packet);
}

static void
send_check (Sim * sim, guint path)
{
  gst_rcast_ice_path_life_checked (&sim->lives[path],
      g_rand_double (sim->rand), sim->now);
  if (!is_dropped (sim, path) && !is_lost (sim, path) && !is_lost (sim, path))
    put (sim, path, sim->now + sim->world->rtt + get_queue (sim, path),
        sim->now);
}

/* The peer sends on the path on which media arrives. */
static void
send_rtcp (Sim * sim, gint64 until)
{
  for (; sim->next_rtcp <= until; sim->next_rtcp +=
      g_rand_double_range (sim->rand, sim->world->least_rtcp,
          sim->world->most_rtcp + 1)) {
    if (!is_lost (sim, sim->current))
      put (sim, sim->current, sim->next_rtcp + sim->world->rtt / 2, 0);
  }
}

/* Receives what has arrived by @until. A packet is read when it arrives, or at @ran if this
 * process did not run then. */
static void
receive (Sim * sim, guint path, gint64 until, gint64 ran)
{
  GstRcastIcePathLife *life = &sim->lives[path];
  Packet *packet;

  while ((packet = g_queue_peek_head (&sim->packets[path]))
      && packet->arrival <= until) {
    gint64 now = MAX (packet->arrival, ran);

    if (packet->sent > 0) {
      gst_rcast_ice_path_life_answered (life, packet->sent,
          packet->arrival - packet->sent, TRUE, now);
    } else {
      gst_rcast_ice_path_life_heard (life, now);
      gst_rcast_ice_restart_wish_heard (&sim->wish, now);
    }
    g_free (g_queue_pop_head (&sim->packets[path]));
  }
}

static void
receive_all (Sim * sim, gint64 until, gint64 ran)
{
  for (guint i = 0; i < sim->n_paths; i++)
    receive (sim, i, until, ran);
}

static void
look (Sim * sim)
{
  for (guint i = 0; i < sim->n_paths; i++) {
    const GstRcastIcePathLife *life = &sim->lives[i];

    sim->views[i] = (GstRcastIcePathView) {
      .id = i + 1,
      .state = life->state == GST_RCAST_ICE_LIFE_ALIVE ?
          GST_RCAST_ICE_PATH_STATE_ALIVE :
          life->state == GST_RCAST_ICE_LIFE_SUSPECT ?
          GST_RCAST_ICE_PATH_STATE_SUSPECT : GST_RCAST_ICE_PATH_STATE_DEAD,
      .may_send = !life->expired,
      .failing = gst_rcast_ice_path_life_is_failing (life, sim->now),
      .checkable = TRUE,
      .announced = TRUE,
      .uplink = i,
      .rank = sim->preferred ? i : 0,
      .rtt = life->rtt,
      .rtt_least = gst_rcast_ice_path_life_get_least_rtt (life),
      .check_loss = gst_rcast_ice_path_life_get_worst_loss (life),
      .timeout = TIMEOUT,
      .since = life->since,
      .last_heard = life->last_packet,
      .checks = life->checks,
      .answers = life->answers,
    };
    if (life->state == GST_RCAST_ICE_LIFE_ALIVE)
      gst_rcast_ice_record_alive (&sim->records[i], life->rtt, sim->now);
    gst_rcast_ice_record_recall (&sim->records[i], &sim->views[i], sim->now);
  }
}

static GstRcastIceDuty
get_duty (Sim * sim, gint path)
{
  gint second = sim->route.paths[1];

  if (path != sim->current)
    return sim->route.n_carrying > 1 ? GST_RCAST_ICE_DUTY_BACKED :
        GST_RCAST_ICE_DUTY_NONE;
  return second != GST_RCAST_ICE_NO_PATH
      && sim->lives[second].state == GST_RCAST_ICE_LIFE_ALIVE ?
      GST_RCAST_ICE_DUTY_BACKED : GST_RCAST_ICE_DUTY_CARRIES;
}

static void
step_path (Sim * sim, guint path)
{
  GstRcastIcePathLife *life = &sim->lives[path];
  GstRcastIceLifeState before = life->state;

  if (gst_rcast_ice_path_life_step (life, get_duty (sim, path), sim->now))
    send_check (sim, path);
  if (life->state == before)
    return;
  if (life->state == GST_RCAST_ICE_LIFE_SUSPECT) {
    sim->suspicions++;
  } else if (life->state == GST_RCAST_ICE_LIFE_DEAD) {
    sim->deaths++;
    gst_rcast_ice_record_leave (&sim->records[path],
        GST_RCAST_ICE_TROUBLE_DEAD, sim->now);
  }
}

static void
follow_trial (Sim * sim)
{
  gint path = sim->route.paths[1];

  if (!sim->route.trying || sim->views[path].id != sim->trial.id) {
    sim->trial.id = 0;
    if (sim->route.trying)
      gst_rcast_ice_trial_begin (&sim->trial, &sim->views[path], sim->now);
    return;
  }
  switch (gst_rcast_ice_trial_judge (&sim->trial, &sim->views[path], sim->now)) {
    case GST_RCAST_ICE_TRIAL_RUNS:
      break;
    case GST_RCAST_ICE_TRIAL_PASSED:
      gst_rcast_ice_record_pass (&sim->records[path]);
      break;
    case GST_RCAST_ICE_TRIAL_FAILED:
      gst_rcast_ice_record_leave (&sim->records[path],
          GST_RCAST_ICE_TROUBLE_CONGESTED, sim->now);
      break;
  }
}

static void
note_restart (Sim * sim, gint reason)
{
  sim->restarts += reason != GST_RCAST_ICE_NO_RESTART;
}

static void
move (Sim * sim)
{
  gint to = sim->route.paths[0];

  if (to == sim->current || to == GST_RCAST_ICE_NO_PATH)
    return;
  if (gst_rcast_ice_route_blames (&sim->views[sim->current], &sim->views[to]))
    gst_rcast_ice_record_leave (&sim->records[sim->current],
        GST_RCAST_ICE_TROUBLE_CONGESTED, sim->now);
  sim->moves++;
  sim->stale_reports = 2;
  sim->current = to;
  note_restart (sim, gst_rcast_ice_restart_wish_want (&sim->wish,
          GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED, FALSE, sim->now));
}

/* The peer reports missing packets. Reports about the time before a move, or about two
 * paths, count for no uplink. */
static void
report_loss (Sim * sim)
{
  guint expected, lost = 0;

  if (!sim->congested || sim->now < sim->next_report)
    return;
  expected = g_rand_int_range (sim->rand, 20, 30);
  sim->next_report = sim->now + expected * SECOND / PACKETS_PER_S;
  if (sim->stale_reports > 0 || sim->route.n_carrying != 1) {
    sim->stale_reports -= sim->stale_reports > 0;
    return;
  }
  for (guint i = 0; i < expected; i++)
    lost += is_dropped (sim, sim->current);
  gst_rcast_ice_record_lose (&sim->records[sim->current], lost, expected,
      sim->now);
}

static void
tick (Sim * sim)
{
  const GstRcastIcePathView *carrier = &sim->views[sim->current];
  gboolean filled = is_filled (sim, 0);

  for (guint i = 0; i < sim->n_paths; i++)
    step_path (sim, i);
  report_loss (sim);
  look (sim);
  if (carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE)
    sim->lost_told = FALSE;
  else if (carrier->failing && !sim->lost_told
      && get_duty (sim, sim->current) != GST_RCAST_ICE_DUTY_BACKED) {
    sim->lost_told = TRUE;
    note_restart (sim, gst_rcast_ice_restart_wish_want (&sim->wish,
            GST_RCAST_ICE_RESTART_REASON_PATH_LOST, FALSE, sim->now));
  }
  note_restart (sim, gst_rcast_ice_restart_wish_step (&sim->wish, carrier,
          FALSE, sim->now));
  gst_rcast_ice_route_choose (sim->views, sim->n_paths, sim->current, FALSE,
      sim->now, &sim->route);
  follow_trial (sim);
  move (sim);
  if (!filled && is_filled (sim, 0))
    sim->fills_since = sim->now;
}

/* This process may stop for a while, from any moment on. Packets that arrive meanwhile are read
 * before the router looks at the paths, or only afterwards. */
static void
crank_once (Sim * sim)
{
  gint64 due = sim->now + STEP;
  gint64 asleep = due, awake = due;
  gboolean reads;

  if (g_rand_double (sim->rand) < sim->world->late) {
    asleep = sim->now + g_rand_double_range (sim->rand, 0, STEP);
    awake = asleep + g_rand_double_range (sim->rand, 0, sim->world->lateness);
  }
  reads = g_rand_boolean (sim->rand);
  send_rtcp (sim, MAX (due, awake));
  receive_all (sim, asleep, 0);
  sim->now = MAX (due, awake);
  if (reads)
    receive_all (sim, sim->now, awake);
  tick (sim);
  receive_all (sim, sim->now, sim->now);
}

static void
crank (Sim * sim, gint64 time)
{
  gint64 end = sim->now + time;

  while (sim->now < end)
    crank_once (sim);
}

static const World worlds[] = {
  /* Reports ten times a second, once, and rarely, as each kind of receiver does. */
  {"5 % loss, feedback", 40 * MS, 0.05, 100 * MS, 100 * MS, 0, 0, FALSE, 8},
  {"5 % loss, reports", 40 * MS, 0.05, 500 * MS, 1500 * MS, 0, 0, FALSE, 8},
  {"5 % loss, few reports", 40 * MS, 0.05, 2500 * MS, 7500 * MS, 0, 0, FALSE, 8},
  {"5 % loss, far away", 250 * MS, 0.05, 100 * MS, 100 * MS, 0, 0, FALSE, 8},
  {"5 % loss, one uplink", 40 * MS, 0.05, 100 * MS, 100 * MS, 0, 0, TRUE, 8},
  {"5 % loss, one uplink, reports", 40 * MS, 0.05, 500 * MS, 1500 * MS, 0, 0,
      TRUE, 8},
  {"5 % loss, one uplink, few reports", 40 * MS, 0.05, 2500 * MS, 7500 * MS, 0,
      0, TRUE, 8},
  {"late", 1 * MS, 0, 100 * MS, 100 * MS, 0.3, 240 * MS, FALSE, 4},
  {"late, reports", 1 * MS, 0, 500 * MS, 1500 * MS, 0.3, 240 * MS, FALSE, 4},
  {"late, 40 ms", 40 * MS, 0, 100 * MS, 100 * MS, 0.3, 240 * MS, FALSE, 4},
  {"late, far away", 250 * MS, 0, 500 * MS, 1500 * MS, 0.3, 240 * MS, FALSE, 4},
  {"very late", 40 * MS, 0, 100 * MS, 100 * MS, 0.3, 800 * MS, FALSE, 4},
  {"stopped", 40 * MS, 0, 100 * MS, 100 * MS, 0.002, 20 * SECOND, FALSE, 4},
  {"stopped, one uplink", 40 * MS, 0, 100 * MS, 100 * MS, 0.002, 20 * SECOND,
      TRUE, 4},
  {"late, one uplink", 40 * MS, 0, 500 * MS, 1500 * MS, 0.3, 800 * MS, TRUE, 4},
  {"late and lossy", 40 * MS, 0.05, 100 * MS, 100 * MS, 0.2, 240 * MS, FALSE,
      4},
};

/* RCAST_TIMES multiplies the hours. */
static guint
get_times (void)
{
  const gchar *times = g_getenv ("RCAST_TIMES");

  return times ? g_ascii_strtoull (times, NULL, 10) : 1;
}

GST_START_TEST (test_neither_loss_nor_lateness_moves_media)
{
  const World *world = &worlds[__i__];
  gdouble loss = 1 - (1 - world->loss) * (1 - world->loss);
  guint hours = world->hours * get_times ();
  Sim sim;

  sim_start (&sim, world, 8445 + __i__);
  crank (&sim, hours * HOUR);
  fail_unless (sim.deaths == 0 && sim.moves == 0 && sim.restarts == 0,
      "%s: %u deaths, %u moves, %u restarts in %u hours", world->name,
      sim.deaths, sim.moves, sim.restarts, hours);
  /* A suspicion sends a copy for a moment, which costs bandwidth. */
  fail_unless (sim.suspicions <= (world->loss > 0 ? 200 * hours : hours / 10),
      "%s: %u suspicions in %u hours", world->name, sim.suspicions, hours);
  /* The router learns about the path, and not about this machine. */
  assert_equals_int64 (sim.lives[0].rtt / MS, world->rtt / MS);
  fail_unless (ABS (sim.lives[0].loss - loss) <= 2.5 * sqrt (loss / 31),
      "%s: a loss of %g", world->name, sim.lives[0].loss);
  sim_end (&sim);
}

GST_END_TEST;

GST_START_TEST (test_death_is_found_all_the_same)
{
  const World *world = &worlds[__i__];

  for (guint seed = 0; seed < 20; seed++) {
    Sim sim;
    gint64 death;

    sim_start (&sim, world, seed);
    crank (&sim, 60 * SECOND + seed * 17 * MS);
    death = sim.now;
    sim.dead[0] = TRUE;
    while (sim.moves + sim.restarts == 0) {
      crank_once (&sim);
      fail_unless (sim.now - death <= 4 * SECOND + 2 * world->lateness,
          "%s: nothing done for %" G_GINT64_FORMAT " ms", world->name,
          (sim.now - death) / MS);
    }
    sim_end (&sim);
  }
}

GST_END_TEST;

/* The preferred uplink carries a part of the media only. A copy shows this,
 * however late this process runs. */
GST_START_TEST (test_congestion_is_left_once)
{
  static const World late[] = {
    {"quick", 40 * MS, 0, 50 * MS, 100 * MS, 0, 0, FALSE, 1},
    {"late", 40 * MS, 0, 50 * MS, 100 * MS, 0.3, 800 * MS, FALSE, 1},
    {"very late", 40 * MS, 0, 50 * MS, 100 * MS, 0.5, 1500 * MS, FALSE, 1},
    {"stopped", 40 * MS, 0, 50 * MS, 100 * MS, 0.01, 5 * SECOND, FALSE, 1},
  };

  for (guint seed = 0; seed < 120; seed++) {
    Sim sim;

    sim_start (&sim, &late[__i__], seed);
    sim.preferred = TRUE;
    crank (&sim, 5 * SECOND);
    sim.congested = TRUE;
    sim.fills_since = sim.now;
    crank (&sim, 45 * SECOND);
    fail_unless (sim.moves == 1 && sim.current == 1, "%s: seed %u: %u moves",
        late[__i__].name, seed, sim.moves);
    sim_end (&sim);
  }
}

GST_END_TEST;

/* The preferred uplink was congested, and is well again: it gets a chance to show it. */
GST_START_TEST (test_recovery_is_found_all_the_same)
{
  const World *world = &worlds[__i__];

  for (guint seed = 0; seed < 20 && !world->single; seed++) {
    Sim sim;

    sim_start (&sim, world, seed);
    sim.preferred = TRUE;
    sim.current = 1;
    sim.route.paths[1] = 0;
    gst_rcast_ice_record_leave (&sim.records[0],
        GST_RCAST_ICE_TROUBLE_CONGESTED, sim.now);
    crank (&sim, 29 * SECOND);
    assert_equals_int (sim.moves, 0);
    crank (&sim, 40 * SECOND);
    fail_unless (sim.moves == 1 && sim.current == 0, "%s: seed %u: %u moves",
        world->name, seed, sim.moves);
    sim_end (&sim);
  }
}

GST_END_TEST;

static Suite *
world_suite (void)
{
  Suite *s = suite_create ("ice-world");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60 * get_times ());
  tcase_add_loop_test (tc, test_neither_loss_nor_lateness_moves_media, 0,
      G_N_ELEMENTS (worlds));
  tcase_add_loop_test (tc, test_death_is_found_all_the_same, 0,
      G_N_ELEMENTS (worlds));
  tcase_add_loop_test (tc, test_recovery_is_found_all_the_same, 0,
      G_N_ELEMENTS (worlds));
  tcase_add_loop_test (tc, test_congestion_is_left_once, 0, 4);
  return s;
}

GST_CHECK_MAIN (world);
