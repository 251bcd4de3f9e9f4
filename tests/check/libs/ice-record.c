/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of each uplink keeps media from flapping: the clock is cranked by hand. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticerecall.h"
#include "gstrcasticeroute.h"
#include "gstrcasticetrial.h"

#define NOW ((gint64) 3600 * G_USEC_PER_SEC)
#define SECONDS(n) ((gint64) (n) * G_USEC_PER_SEC)
#define MS(n) ((gint64) (n) * 1000)

#define ALIVE GST_RCAST_ICE_PATH_STATE_ALIVE
#define DEAD GST_RCAST_ICE_TROUBLE_DEAD
#define CONGESTED GST_RCAST_ICE_TROUBLE_CONGESTED

static GstRcastIcePathView
recall (const GstRcastIceRecord * record, gint64 now)
{
  GstRcastIcePathView view = {.state = ALIVE,.may_send = TRUE };

  gst_rcast_ice_record_recall (record, &view, now);
  return view;
}

typedef struct
{
  GstRcastIceTrouble trouble;
  guint times;                  /* a minute apart */
  gint64 hold;                  /* seconds */
} Hold;

static const Hold holds[] = {
  {DEAD, 1, 5}, {DEAD, 2, 10}, {DEAD, 3, 20}, {DEAD, 20, 320},
  {CONGESTED, 1, 30}, {CONGESTED, 2, 60}, {CONGESTED, 3, 120},
  {CONGESTED, 20, 1920},
};

GST_START_TEST (test_each_return_that_fails_doubles_the_hold)
{
  const Hold *hold = &holds[__i__];
  GstRcastIceRecord record;
  gint64 now = NOW;

  gst_rcast_ice_record_init (&record, now);
  assert_equals_int64 (recall (&record, now).hold, 0);
  for (guint i = 0; i < hold->times; i++) {
    now += SECONDS (60);
    gst_rcast_ice_record_alive (&record, 0, now);
    gst_rcast_ice_record_leave (&record, hold->trouble, now);
  }
  assert_equals_int64 (recall (&record, now).hold, SECONDS (hold->hold));
  assert_equals_int64 (recall (&record, now).well_since, now);
  fail_unless (recall (&record, now).wants_trial
      == (hold->trouble == CONGESTED));
}

GST_END_TEST;

/* Paths that seek the dead uplink meanwhile are given up, too, but it dies once. */
GST_START_TEST (test_who_is_dead_dies_once)
{
  GstRcastIceRecord record;

  gst_rcast_ice_record_init (&record, NOW);
  for (guint i = 0; i < 4; i++)
    gst_rcast_ice_record_leave (&record, DEAD, NOW + SECONDS (i));
  assert_equals_int64 (recall (&record, NOW + SECONDS (4)).hold, SECONDS (5));
  gst_rcast_ice_record_alive (&record, 0, NOW + SECONDS (5));
  gst_rcast_ice_record_leave (&record, DEAD, NOW + SECONDS (6));
  assert_equals_int64 (recall (&record, NOW + SECONDS (6)).hold, SECONDS (10));
}

GST_END_TEST;

GST_START_TEST (test_old_trouble_is_forgotten)
{
  GstRcastIceRecord record;
  gint64 now = NOW;

  gst_rcast_ice_record_init (&record, now);
  for (guint i = 0; i < 4; i++) {
    gst_rcast_ice_record_leave (&record, DEAD, now);
    gst_rcast_ice_record_alive (&record, 0, now);
  }
  now += SECONDS (3 * 3600);
  gst_rcast_ice_record_leave (&record, DEAD, now);
  assert_equals_int64 (recall (&record, now).hold, SECONDS (5));
}

GST_END_TEST;

/* An uplink counts as well from when it lives again, not from when it died. */
GST_START_TEST (test_dead_uplink_is_well_when_it_lives)
{
  GstRcastIceRecord record;

  gst_rcast_ice_record_init (&record, NOW);
  gst_rcast_ice_record_leave (&record, DEAD, NOW);
  gst_rcast_ice_record_alive (&record, MS (40), NOW + SECONDS (60));
  gst_rcast_ice_record_alive (&record, 0, NOW + SECONDS (70));
  assert_equals_int64 (recall (&record, NOW + SECONDS (70)).well_since,
      NOW + SECONDS (60));
  assert_equals_int64 (recall (&record, NOW + SECONDS (70)).rtt, MS (40));
}

GST_END_TEST;

GST_START_TEST (test_loss_is_smoothed_and_fades)
{
  GstRcastIceRecord record;
  GRand *rand = g_rand_new_with_seed (1);
  gint64 now = NOW;

  gst_rcast_ice_record_init (&record, now);
  /* Five percent of random loss never look like ten in half an hour of reports. */
  for (guint i = 0; i < 1800; i++) {
    guint lost = 0;

    for (guint k = 0; k < 100; k++)
      lost += g_rand_double (rand) < 0.05;
    now += SECONDS (1);
    gst_rcast_ice_record_lose (&record, lost, 100, now);
    fail_unless (recall (&record, now).loss < 0.1, "%g after %u s",
        recall (&record, now).loss, i);
  }
  g_rand_free (rand);
  /* A congested link does within a second of 200 packets. */
  gst_rcast_ice_record_lose (&record, 140, 200, now);
  fail_unless (recall (&record, now).loss > 0.1);
  fail_unless (recall (&record, now + SECONDS (180)).loss < 0.1);
  gst_rcast_ice_record_lose (&record, 0, 0, now);
  gst_rcast_ice_record_pass (&record);
  assert_equals_float (recall (&record, now).loss, 0);
  fail_if (recall (&record, now).wants_trial);
}

GST_END_TEST;

/* --- two uplinks, cranked --- */

/* The first uplink is preferred. A congested uplink loses and delays what it carries, but
 * looks well when it is idle. */
typedef struct
{
  GstRcastIceRecord records[2];
  GstRcastIcePathView views[2];
  GstRcastIceTrial trial;
  gint current;
  guint moves;
  gint64 lossy;                 /* how long media was only on a congested uplink */
  gint64 left;                  /* when media last left the first uplink */
  gint64 away;                  /* the shortest time away from it */
} Pair;

static void
pair_start (Pair * pair, gint64 now)
{
  *pair = (Pair) {
  .away = G_MAXINT64};
  for (guint i = 0; i < 2; i++) {
    gst_rcast_ice_record_init (&pair->records[i], now);
    pair->views[i] = (GstRcastIcePathView) {
      .id = i + 1,.state = ALIVE,.may_send = TRUE,.uplink = i,.rank = i,
      .rtt = MS (20),.since = now,
    };
  }
}

static void
pair_judge_trial (Pair * pair, const GstRcastIceRoute * route, gint64 now)
{
  GstRcastIcePathView *view;

  if (!route->trying) {
    pair->trial.id = 0;
    return;
  }
  view = &pair->views[route->paths[1]];
  if (pair->trial.id != view->id) {
    gst_rcast_ice_trial_begin (&pair->trial, view, now);
    return;
  }
  switch (gst_rcast_ice_trial_judge (&pair->trial, view, now)) {
    case GST_RCAST_ICE_TRIAL_RUNS:
      break;
    case GST_RCAST_ICE_TRIAL_PASSED:
      gst_rcast_ice_record_pass (&pair->records[route->paths[1]]);
      break;
    case GST_RCAST_ICE_TRIAL_FAILED:
      gst_rcast_ice_record_leave (&pair->records[route->paths[1]], CONGESTED,
          now);
      break;
  }
}

static void
pair_move (Pair * pair, gint to, gint64 now)
{
  if (to == pair->current)
    return;
  pair->moves++;
  if (gst_rcast_ice_route_blames (&pair->views[pair->current],
          &pair->views[to]))
    gst_rcast_ice_record_leave (&pair->records[pair->current], CONGESTED, now);
  if (to == 1)
    pair->left = now;
  else
    pair->away = MIN (pair->away, now - pair->left);
  pair->current = to;
}

/* Reports each second on the uplink in use, unless a trial runs. */
static void
pair_report (Pair * pair, gdouble loss, gint64 now)
{
  if (now % SECONDS (1) == 0 && pair->trial.id == 0)
    gst_rcast_ice_record_lose (&pair->records[pair->current], loss * 200, 200,
        now);
}

/* Checks each path in use each 100 ms. @losses: of media on each uplink */
static void
pair_crank_both (Pair * pair, gint64 from, gint64 until,
    const gdouble losses[2])
{
  for (gint64 now = from; now < until; now += MS (100)) {
    GstRcastIceRoute route;

    if (losses[pair->current] > 0)
      pair->lossy += MS (100);
    for (guint i = 0; i < 2; i++) {
      gboolean loaded = pair->current == (gint) i || pair->trial.id == i + 1;

      pair->views[i].rtt = losses[i] > 0 && loaded ? MS (320) : MS (20);
      pair->views[i].checks++;
      pair->views[i].answers++;
    }
    pair_report (pair, losses[pair->current], now);
    for (guint i = 0; i < 2; i++)
      gst_rcast_ice_record_recall (&pair->records[i], &pair->views[i], now);
    gst_rcast_ice_route_choose (pair->views, 2, pair->current, FALSE, now,
        &route);
    pair_judge_trial (pair, &route, now);
    pair_move (pair, route.paths[0], now);
  }
}

static void
pair_crank (Pair * pair, gint64 from, gint64 until, gboolean congested)
{
  const gdouble losses[] = { congested ? 0.7 : 0, 0 };

  pair_crank_both (pair, from, until, losses);
}

/* Media moves once. Each trial shows that it had better stay, and loses nothing. */
GST_START_TEST (test_congested_uplink_is_left_once)
{
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank (&pair, NOW, NOW + SECONDS (3600), TRUE);
  assert_equals_int (pair.current, 1);
  assert_equals_int (pair.moves, 1);
  fail_unless (pair.lossy <= SECONDS (3), "%" G_GINT64_FORMAT " us", pair.lossy);
  /* Growing holds leave few trials. */
  fail_unless (pair.records[0].hold >= SECONDS (480));
}

GST_END_TEST;

GST_START_TEST (test_preferred_uplink_is_back_after_thirty_seconds)
{
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank (&pair, NOW, NOW + SECONDS (10), TRUE);
  assert_equals_int (pair.current, 1);
  pair_crank (&pair, NOW + SECONDS (10), NOW + SECONDS (120), FALSE);
  assert_equals_int (pair.current, 0);
  assert_equals_int (pair.moves, 2);
  fail_unless (pair.away >= SECONDS (30) && pair.away <= SECONDS (45),
      "%" G_GINT64_FORMAT " us", pair.away);
}

GST_END_TEST;

/* The uplink is congested each second minute: media comes back ever more rarely. */
GST_START_TEST (test_returns_become_rare)
{
  Pair pair;
  gint64 now = NOW;

  pair_start (&pair, now);
  for (guint i = 0; i < 60; i++, now += SECONDS (60))
    pair_crank (&pair, now, now + SECONDS (60), i % 2 == 0);
  fail_unless (pair.moves <= 14, "%u moves in an hour", pair.moves);
  fail_unless (pair.lossy <= SECONDS (30));
}

GST_END_TEST;

typedef struct
{
  gdouble losses[2];
  gint last;                    /* where media ends up; -1: no matter */
  guint moves;                  /* in an hour, at most */
} Congestion;

static const Congestion congestions[] = {
  {{0.5, 0.5}, -1, 8}, {{0.7, 0.3}, 1, 8}, {{0.3, 0.7}, 0, 8},
  {{0.15, 0.98}, 0, 8}, {{0.98, 0.15}, 1, 8}, {{0.2, 0.15}, -1, 8},
};

/* No uplink is well. Media stays where it loses less, and each trial of the other uplink
 * waits longer than the last. */
GST_START_TEST (test_two_congested_uplinks_do_not_flap)
{
  const Congestion *congestion = &congestions[__i__];
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank_both (&pair, NOW, NOW + SECONDS (3600), congestion->losses);
  fail_unless (pair.moves >= 1 && pair.moves <= congestion->moves,
      "%u moves in an hour", pair.moves);
  if (congestion->last >= 0)
    assert_equals_int (pair.current, congestion->last);
}

GST_END_TEST;

/* An uplink that is well again is found. */
GST_START_TEST (test_relief_of_two_congested_uplinks_is_found)
{
  static const gdouble both[] = { 0.5, 0.4 };
  static const gdouble relieved[2][2] = { {0, 0.4}, {0.5, 0} };
  gint64 relief = NOW + SECONDS (10);
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank_both (&pair, NOW, relief, both);
  pair.lossy = 0;
  pair_crank_both (&pair, relief, relief + SECONDS (600), relieved[__i__]);
  assert_equals_int (pair.current, __i__);
  fail_unless (pair.lossy <= SECONDS (120), "%" G_GINT64_FORMAT " us",
      pair.lossy);
}

GST_END_TEST;

/* Media had to leave the first uplink often, so it is held for minutes, and lost much when media
 * left it last. Meanwhile the second uplink loses so much that a trial of the first is worth it. */
GST_START_TEST (test_relief_is_found_before_a_long_hold_is_over)
{
  static const gdouble both[] = { 0.5, 0.4 };
  static const gdouble relieved[] = { 0, 0.4 };
  gint64 relief = NOW + SECONDS (10);
  Pair pair;

  pair_start (&pair, NOW);
  pair.records[0].penalty = __i__;
  pair_crank_both (&pair, NOW, relief, both);
  assert_equals_int (pair.current, 1);
  fail_unless (pair.records[0].hold >= SECONDS (30) << __i__);
  pair_crank_both (&pair, relief, relief + pair.records[0].hold / 2, relieved);
  assert_equals_int (pair.current, 0);
  assert_equals_int (pair.moves, 2);
}

GST_END_TEST;

/* --- two uplinks that lose nothing, but carry little --- */

#define WANTED 1500000          /* bit/s that the media takes */
#define NEEDED 1000000          /* below which media is of no use */

/* The rate follows what the uplink in use carries: nothing is lost, and hardly anything waits. A
 * copy on an uplink that carries less does wait. @rooms: bit/s of each uplink
 * Returns: how long media was on an uplink that is too thin */
static gint64
pair_crank_rooms (Pair * pair, gint64 from, gint64 until,
    const guint64 rooms[2])
{
  gint64 thin = 0;

  for (gint64 now = from; now < until; now += MS (100)) {
    guint64 sent = MIN (rooms[pair->current], WANTED);
    GstRcastIceRoute route;

    thin += sent < NEEDED ? MS (100) : 0;
    for (guint i = 0; i < 2; i++) {
      pair->views[i].rtt =
          pair->trial.id == i + 1 && sent > rooms[i] ? MS (320) : MS (20);
      pair->views[i].checks++;
      pair->views[i].answers++;
    }
    if (now % MS (500) == 0)
      gst_rcast_ice_record_fit (&pair->records[pair->current], sent, NEEDED,
          now);
    for (guint i = 0; i < 2; i++)
      gst_rcast_ice_record_recall (&pair->records[i], &pair->views[i], now);
    gst_rcast_ice_route_choose (pair->views, 2, pair->current, FALSE, now,
        &route);
    pair_judge_trial (pair, &route, now);
    pair_move (pair, route.paths[0], now);
  }
  return thin;
}

GST_START_TEST (test_thin_uplink_is_left_once)
{
  static const guint64 rooms[] = { 400000, 3000000 };
  gint64 thin;
  Pair pair;

  pair_start (&pair, NOW);
  thin = pair_crank_rooms (&pair, NOW, NOW + SECONDS (3600), rooms);
  assert_equals_int (pair.current, 1);
  assert_equals_int (pair.moves, 1);
  fail_unless (thin <= SECONDS (3), "%" G_GINT64_FORMAT " us", thin);
  fail_unless (pair.records[0].hold >= SECONDS (480));
}

GST_END_TEST;

/* The first uplink is preferred. */
GST_START_TEST (test_uplink_that_was_thin_is_back_after_thirty_seconds)
{
  static const guint64 thin[] = { 400000, 3000000 };
  static const guint64 wide[] = { 3000000, 3000000 };
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank_rooms (&pair, NOW, NOW + SECONDS (10), thin);
  assert_equals_int (pair.current, 1);
  pair_crank_rooms (&pair, NOW + SECONDS (10), NOW + SECONDS (120), wide);
  assert_equals_int (pair.current, 0);
  assert_equals_int (pair.moves, 2);
  fail_unless (pair.away >= SECONDS (30) && pair.away <= SECONDS (45),
      "%" G_GINT64_FORMAT " us", pair.away);
}

GST_END_TEST;

/* A second below the least rate is no reason to move. */
GST_START_TEST (test_short_want_of_room_is_no_reason)
{
  static const guint64 thin[] = { 400000, 3000000 };
  static const guint64 wide[] = { 3000000, 3000000 };
  gint64 now = NOW;
  Pair pair;

  pair_start (&pair, now);
  for (guint i = 0; i < 60; i++, now += SECONDS (2)) {
    pair_crank_rooms (&pair, now, now + SECONDS (1), thin);
    pair_crank_rooms (&pair, now + SECONDS (1), now + SECONDS (2), wide);
  }
  assert_equals_int (pair.moves, 0);
}

GST_END_TEST;

typedef struct
{
  guint64 rooms[2];
  gint last;                    /* where media ends up; -1: no matter */
  guint soon, moves;            /* in a minute, in an hour, at most */
} Thinness;

static const Thinness thinnesses[] = {
  {{400000, 400000}, -1, 2, 24}, {{400000, 380000}, -1, 2, 8},
  {{900000, 300000}, 0, 2, 8}, {{300000, 900000}, 1, 1, 8},
  {{400000, 900000}, 1, 1, 8},
};

GST_START_TEST (test_two_thin_uplinks_do_not_flap)
{
  const Thinness *thinness = &thinnesses[__i__];
  Pair pair;

  pair_start (&pair, NOW);
  pair_crank_rooms (&pair, NOW, NOW + SECONDS (60), thinness->rooms);
  fail_unless (pair.moves >= 1 && pair.moves <= thinness->soon,
      "%u moves in a minute", pair.moves);
  pair_crank_rooms (&pair, NOW + SECONDS (60), NOW + SECONDS (3600),
      thinness->rooms);
  fail_unless (pair.moves <= thinness->moves, "%u moves in an hour",
      pair.moves);
  if (thinness->last >= 0)
    assert_equals_int (pair.current, thinness->last);
}

GST_END_TEST;

GST_START_TEST (test_records_outlive_whoever_made_them)
{
  g_autofree gchar *key = gst_rcast_ice_recall_make_key ("up0");
  g_autofree gchar *other = gst_rcast_ice_recall_make_key ("up1");
  GstRcastIcePathView view = { 0, };

  gst_rcast_ice_recall_leave (key, CONGESTED, NOW);
  gst_rcast_ice_recall_view (other, &view, NOW);
  assert_equals_int64 (view.hold, 0);
  gst_rcast_ice_recall_view (key, &view, NOW);
  assert_equals_int64 (view.hold, SECONDS (30));
  gst_rcast_ice_recall_leave (NULL, CONGESTED, NOW);
  gst_rcast_ice_recall_view (NULL, &view, NOW);
}

GST_END_TEST;

/* The limits of an uplink do not show how well it is: it is used again as soon as it may be. */
GST_START_TEST (test_uplink_that_was_barred_is_not_blamed)
{
  Pair pair;

  pair_start (&pair, 0);
  pair_crank (&pair, 0, SECONDS (5), FALSE);
  fail_unless_equals_int (pair.current, 0);
  pair.views[0].barred = TRUE;
  pair.views[0].may_send = FALSE;
  pair_crank (&pair, SECONDS (5), SECONDS (10), FALSE);
  fail_unless_equals_int (pair.current, 1);
  pair.views[0].barred = FALSE;
  pair.views[0].may_send = TRUE;
  pair_crank (&pair, SECONDS (10), SECONDS (15), FALSE);
  fail_unless_equals_int (pair.current, 0);
}

GST_END_TEST;

static Suite *
record_suite (void)
{
  Suite *s = suite_create ("ice-record");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_each_return_that_fails_doubles_the_hold, 0,
      G_N_ELEMENTS (holds));
  tcase_add_test (tc, test_who_is_dead_dies_once);
  tcase_add_test (tc, test_old_trouble_is_forgotten);
  tcase_add_test (tc, test_dead_uplink_is_well_when_it_lives);
  tcase_add_test (tc, test_loss_is_smoothed_and_fades);
  tcase_add_test (tc, test_congested_uplink_is_left_once);
  tcase_add_test (tc, test_preferred_uplink_is_back_after_thirty_seconds);
  tcase_add_test (tc, test_returns_become_rare);
  tcase_add_loop_test (tc, test_two_congested_uplinks_do_not_flap, 0,
      G_N_ELEMENTS (congestions));
  tcase_add_loop_test (tc, test_relief_of_two_congested_uplinks_is_found, 0, 2);
  tcase_add_loop_test (tc, test_relief_is_found_before_a_long_hold_is_over, 2,
      7);
  tcase_add_test (tc, test_thin_uplink_is_left_once);
  tcase_add_test (tc, test_uplink_that_was_thin_is_back_after_thirty_seconds);
  tcase_add_test (tc, test_short_want_of_room_is_no_reason);
  tcase_add_test (tc, test_uplink_that_was_barred_is_not_blamed);
  tcase_add_loop_test (tc, test_two_thin_uplinks_do_not_flap, 0,
      G_N_ELEMENTS (thinnesses));
  tcase_add_test (tc, test_records_outlive_whoever_made_them);
  return s;
}

GST_CHECK_MAIN (record);
