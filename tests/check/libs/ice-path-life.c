/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a path is suspect, dead and alive again: the clock is cranked by hand. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticepathlife.h"

#define MS ((gint64) 1000)
#define STEP (50 * MS)
#define TIMEOUT (1000 * MS)

/* Cranks the clock until @until. Checks are answered after @rtt, unless that is 0. Something is
 * heard every @rhythm, unless that is 0. Returns: the number of checks */
static guint
crank (GstRcastIcePathLife * life, gboolean carrying, gint64 * now, gint64 until,
    gint64 rhythm, gint64 rtt)
{
  guint checks = 0;
  gint64 answer = 0;

  for (; *now < until; *now += STEP) {
    if (rhythm > 0 && *now % rhythm == 0)
      gst_rcast_ice_path_life_heard (life, *now);
    if (answer > 0 && *now >= answer) {
      gst_rcast_ice_path_life_answered (life, answer - rtt, rtt, TRUE, *now);
      answer = 0;
    }
    if (gst_rcast_ice_path_life_step (life, carrying, *now)) {
      gst_rcast_ice_path_life_checked (life, 0.5, *now);
      checks++;
      if (rtt > 0)
        answer = *now + rtt;
    }
  }
  return checks;
}

static void
start (GstRcastIcePathLife * life, gint64 * now)
{
  *now = 3600 * 1000 * MS;
  gst_rcast_ice_path_life_init (life, TIMEOUT, TRUE, *now);
}

/* RFC 7675 5.1: no more than one check in 4 s */
GST_START_TEST (test_healthy_path_is_checked_for_consent_only)
{
  GstRcastIcePathLife life;
  gint64 now;
  guint checks;

  start (&life, &now);
  checks = crank (&life, TRUE, &now, now + 60000 * MS, 250 * MS, 50 * MS);
  fail_unless (checks >= 10 && checks <= 15, "%u checks in 60 s", checks);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
}

GST_END_TEST;

GST_START_TEST (test_silence_is_noticed_within_the_timeout)
{
  static const gint64 rhythms[] = { 200 * MS, 500 * MS, 3000 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (rhythms); i++) {
    GstRcastIcePathLife life;
    gint64 now;
    gint64 heard;

    start (&life, &now);
    crank (&life, TRUE, &now, now + 30000 * MS, rhythms[i], 50 * MS);
    heard = life.last_heard;
    while (life.state == GST_RCAST_ICE_LIFE_ALIVE)
      crank (&life, TRUE, &now, now + STEP, 0, 0);
    assert_equals_int (life.state, GST_RCAST_ICE_LIFE_SUSPECT);
    fail_unless (now - heard <= 1000 * MS, "suspect after %" G_GINT64_FORMAT
        " us with a rhythm of %" G_GINT64_FORMAT, now - heard, rhythms[i]);
    while (life.state == GST_RCAST_ICE_LIFE_SUSPECT)
      crank (&life, TRUE, &now, now + STEP, 0, 0);
    assert_equals_int (life.state, GST_RCAST_ICE_LIFE_DEAD);
    fail_unless (now - heard <= 1300 * MS, "dead after %" G_GINT64_FORMAT
        " us with a rhythm of %" G_GINT64_FORMAT, now - heard, rhythms[i]);
  }
}

GST_END_TEST;

/* A receiver that rarely sends RTCP, like GStreamer's */
GST_START_TEST (test_rare_rtcp_is_no_reason_for_suspicion)
{
  GstRcastIcePathLife life;
  gint64 now;

  start (&life, &now);
  for (guint i = 0; i < 60; i++) {
    crank (&life, TRUE, &now, now + 1000 * MS, 3000 * MS, 50 * MS);
    assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
  }
}

GST_END_TEST;

GST_START_TEST (test_short_blip_is_nothing)
{
  GstRcastIcePathLife life;
  gint64 now;

  start (&life, &now);
  for (guint i = 0; i < 20; i++) {
    crank (&life, TRUE, &now, now + 10000 * MS, 250 * MS, 50 * MS);
    crank (&life, TRUE, &now, now + 300 * MS, 0, 0);
    assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
  }
}

GST_END_TEST;

/* Five hours with 20 % loss each way: 0.64 of the checks are answered. The peer sends every
 * @rhythm, unless that is 0, and 0.8 of its packets arrive. */
static guint
lose_a_fifth (gboolean carrying, gint64 rhythm)
{
  GRand *rand = g_rand_new_with_seed (8445);
  GstRcastIcePathLife life;
  gint64 now;
  gint64 end;
  gint64 answer = 0;
  guint suspicions = 0;

  start (&life, &now);
  for (end = now + 5 * 3600 * 1000 * MS; now < end; now += STEP) {
    GstRcastIceLifeState before = life.state;

    if (rhythm > 0 && now % rhythm == 0 && g_rand_double (rand) < 0.8)
      gst_rcast_ice_path_life_heard (&life, now);
    if (answer > 0)
      gst_rcast_ice_path_life_answered (&life, answer, 40 * MS, TRUE, now);
    answer = 0;
    if (gst_rcast_ice_path_life_step (&life, carrying, now)) {
      gst_rcast_ice_path_life_checked (&life, 0.5, now);
      if (g_rand_double (rand) < 0.64)
        answer = now;
    }
    fail_if (life.state == GST_RCAST_ICE_LIFE_DEAD, "dead%s after %"
        G_GINT64_FORMAT " s", life.expired ? ", no consent," : "",
        (now - life.last_answer) / (1000 * MS));
    suspicions += life.state != before
        && life.state == GST_RCAST_ICE_LIFE_SUSPECT;
  }
  g_rand_free (rand);
  return suspicions;
}

GST_START_TEST (test_twenty_percent_loss_kills_no_idle_path)
{
  lose_a_fifth (FALSE, 0);
}

GST_END_TEST;

GST_START_TEST (test_twenty_percent_loss_kills_no_path_without_rtcp)
{
  lose_a_fifth (TRUE, 0);
}

GST_END_TEST;

/* The path gets consent checks only, and a row of them is lost now and then. */
GST_START_TEST (test_twenty_percent_loss_kills_no_path_with_rtcp)
{
  guint suspicions = lose_a_fifth (TRUE, 250 * MS);

  fail_unless (suspicions <= 90, "%u suspicions in 5 hours", suspicions);
  lose_a_fifth (TRUE, 100 * MS);
}

GST_END_TEST;

/* On a lossy path more checks have to fail, but not many. */
GST_START_TEST (test_lossy_path_is_found_dead)
{
  GRand *rand = g_rand_new_with_seed (1);
  GstRcastIcePathLife life;
  gint64 now;
  gint64 begin;

  start (&life, &now);
  for (guint i = 0; i < 200; i++) {
    gst_rcast_ice_path_life_checked (&life, 0.5, now);
    if (g_rand_double (rand) < 0.64)
      gst_rcast_ice_path_life_answered (&life, now, 40 * MS, TRUE,
          now + 40 * MS);
    now += 100 * MS;
  }
  g_rand_free (rand);
  begin = life.last_heard;
  while (life.state != GST_RCAST_ICE_LIFE_DEAD)
    crank (&life, TRUE, &now, now + STEP, 0, 0);
  fail_unless (now - begin <= 2000 * MS, "dead after %" G_GINT64_FORMAT " us",
      now - begin);
}

GST_END_TEST;

GST_START_TEST (test_dead_path_comes_back_with_an_answer)
{
  GstRcastIcePathLife life;
  gint64 now;
  guint checks;

  start (&life, &now);
  crank (&life, TRUE, &now, now + 5000 * MS, 250 * MS, 50 * MS);
  crank (&life, TRUE, &now, now + 2000 * MS, 0, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_DEAD);
  /* From then on the path is checked once a second. */
  checks = crank (&life, FALSE, &now, now + 10000 * MS, 0, 0);
  fail_unless (checks >= 9 && checks <= 11, "%u checks in 10 s", checks);
  crank (&life, FALSE, &now, now + 1500 * MS, 0, 50 * MS);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
}

GST_END_TEST;

/* RFC 7675 5.1: consent lasts for 30 s, whatever else is heard. */
GST_START_TEST (test_consent_expires)
{
  GstRcastIcePathLife life;
  gint64 now;
  gint64 begin;

  start (&life, &now);
  begin = now;
  crank (&life, TRUE, &now, now + 29500 * MS, 250 * MS, 0);
  fail_if (life.expired);
  crank (&life, TRUE, &now, begin + 30500 * MS, 250 * MS, 0);
  fail_unless (life.expired);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_DEAD);
  /* An expired path gets no checks, and nothing revives it. */
  assert_equals_int (crank (&life, TRUE, &now, now + 10000 * MS, 250 * MS, 0),
      0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_DEAD);
}

GST_END_TEST;

/* An idle path is checked each 4 to 6 s only, and is found dead anyway. */
GST_START_TEST (test_idle_path_is_found_dead)
{
  GstRcastIcePathLife life;
  gint64 now;
  gint64 begin;
  guint checks;

  start (&life, &now);
  checks = crank (&life, FALSE, &now, now + 60000 * MS, 0, 50 * MS);
  fail_unless (checks >= 10 && checks <= 15, "%u checks in 60 s", checks);
  begin = now;
  while (life.state != GST_RCAST_ICE_LIFE_DEAD)
    crank (&life, FALSE, &now, now + STEP, 0, 0);
  fail_unless (now - begin <= 10000 * MS, "dead after %" G_GINT64_FORMAT " us",
      now - begin);
}

GST_END_TEST;

/* The only path is known to fail before it is given up. Loss is not taken for failure. */
GST_START_TEST (test_failing_path_is_known_before_it_is_dead)
{
  static const gint64 rtts[] = { 1 * MS, 50 * MS, 100 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (rtts); i++) {
    GstRcastIcePathLife life;
    gint64 now, heard;

    start (&life, &now);
    crank (&life, TRUE, &now, now + 60000 * MS, 200 * MS, rtts[i]);
    fail_if (gst_rcast_ice_path_life_is_failing (&life, now));
    heard = life.last_heard;
    while (!gst_rcast_ice_path_life_is_failing (&life, now)) {
      crank (&life, TRUE, &now, now + STEP, 0, 0);
      fail_if (life.state == GST_RCAST_ICE_LIFE_DEAD);
    }
    fail_unless (now - heard >= 6 * TIMEOUT / 10 && now - heard < TIMEOUT,
        "after %" G_GINT64_FORMAT " us", now - heard);
  }
}

GST_END_TEST;

/* If another path is well, a silent one is missed sooner. */
GST_START_TEST (test_missed_path_is_known_before_it_fails)
{
  static const gint64 rtts[] = { 1 * MS, 50 * MS, 100 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (rtts); i++) {
    GstRcastIcePathLife life;
    gint64 now, heard;

    start (&life, &now);
    crank (&life, TRUE, &now, now + 60000 * MS, 200 * MS, rtts[i]);
    heard = life.last_heard;
    while (!gst_rcast_ice_path_life_is_missed (&life, now)) {
      fail_if (gst_rcast_ice_path_life_is_failing (&life, now));
      crank (&life, TRUE, &now, now + STEP, 0, 0);
    }
    fail_unless (now - heard >= 4 * TIMEOUT / 10
        && now - heard < 9 * TIMEOUT / 10,
        "after %" G_GINT64_FORMAT " us", now - heard);
  }
}

GST_END_TEST;

/* --- a path that another one could replace at once --- */

static void
receive_answer (GstRcastIcePathLife * life, gint64 rtt, gint64 now)
{
  gst_rcast_ice_path_life_answered (life, now - rtt, rtt, TRUE, now);
}

/* As crank(), for a path with a backup. @loss: the share of checks that get no answer.
 * Returns: the number of suspicions */
static guint
crank_backed (GstRcastIcePathLife * life, GRand * rand, gint64 * now,
    gint64 until, gint64 rtt, gdouble loss, guint * checks)
{
  GQueue answers = G_QUEUE_INIT;
  guint suspicions = 0;

  for (; *now < until; *now += STEP) {
    GstRcastIceLifeState before = life->state;

    while (!g_queue_is_empty (&answers)
        && *now >= (gint64) g_queue_peek_head (&answers))
      receive_answer (life, rtt, (gint64) g_queue_pop_head (&answers));
    if (gst_rcast_ice_path_life_step (life, GST_RCAST_ICE_DUTY_BACKED, *now)) {
      gst_rcast_ice_path_life_checked (life, 0.5, *now);
      (*checks)++;
      if (g_rand_double (rand) >= loss)
        g_queue_push_tail (&answers, (gpointer) (*now + rtt));
    }
    suspicions += before == GST_RCAST_ICE_LIFE_ALIVE
        && life->state == GST_RCAST_ICE_LIFE_SUSPECT;
    fail_if (loss < 1 && life->state == GST_RCAST_ICE_LIFE_DEAD);
  }
  g_queue_clear (&answers);
  return suspicions;
}

typedef struct
{
  gint64 rtt;
  gint64 limit;                 /* of silence, until the path is suspect */
} Notice;

static const Notice notices[] = {
  {1 * MS, 300 * MS}, {40 * MS, 300 * MS}, {100 * MS, 350 * MS},
  {300 * MS, 700 * MS},
};

GST_START_TEST (test_silence_of_a_backed_path_is_noticed_soon)
{
  const Notice *notice = &notices[__i__];
  GRand *rand = g_rand_new_with_seed (1);
  GstRcastIcePathLife life;
  gint64 now, heard;
  guint checks = 0;

  start (&life, &now);
  assert_equals_int (crank_backed (&life, rand, &now, now + 60000 * MS,
          notice->rtt, 0, &checks), 0);
  /* At most ten checks in a second */
  fail_unless (checks >= 60 && checks <= 600, "%u checks in 60 s", checks);
  heard = life.last_heard;
  while (life.state == GST_RCAST_ICE_LIFE_ALIVE)
    crank_backed (&life, rand, &now, now + STEP, notice->rtt, 1, &checks);
  fail_unless (now - STEP - heard <= notice->limit, "suspect after %"
      G_GINT64_FORMAT " us", now - STEP - heard);
  /* The path dies for sure, and that takes as long as without another path. */
  while (life.state != GST_RCAST_ICE_LIFE_DEAD)
    crank_backed (&life, rand, &now, now + STEP, notice->rtt, 1, &checks);
  fail_unless (now - heard >= TIMEOUT - STEP && now - heard <= 2 * TIMEOUT,
      "dead after %" G_GINT64_FORMAT " us", now - heard);
  g_rand_free (rand);
}

GST_END_TEST;

/* A suspicion only costs a few packets that are sent twice. Ten minutes */
GST_START_TEST (test_loss_of_a_backed_path_is_no_death)
{
  static const struct
  {
    gdouble loss;               /* of a check or its answer */
    guint suspicions;
  } rows[] = { {0.02, 20}, {0.0975, 150}, {0.36, 300} };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GRand *rand = g_rand_new_with_seed (2);
    GstRcastIcePathLife life;
    guint suspicions, checks = 0;
    gint64 now;

    start (&life, &now);
    suspicions = crank_backed (&life, rand, &now, now + 600000 * MS, 40 * MS,
        rows[i].loss, &checks);
    fail_unless (suspicions <= rows[i].suspicions, "%u suspicions at %g",
        suspicions, rows[i].loss);
    g_rand_free (rand);
  }
}

GST_END_TEST;

/* The rhythm of the peer's packets is known although checks are answered in between. */
GST_START_TEST (test_checks_do_not_hide_the_rhythm)
{
  GstRcastIcePathLife life;
  gint64 now;

  start (&life, &now);
  for (guint i = 0; i < 20; i++) {
    gst_rcast_ice_path_life_heard (&life, now);
    for (gint64 next = now + 3000 * MS; now < next; now += STEP) {
      if (gst_rcast_ice_path_life_step (&life, GST_RCAST_ICE_DUTY_BACKED, now)) {
        gst_rcast_ice_path_life_checked (&life, 0.5, now);
        receive_answer (&life, 1 * MS, now + 1 * MS);
      }
    }
  }
  assert_equals_int64 (life.rhythm, 3000 * MS);
}

GST_END_TEST;

/* Over TCP, or a relay on TCP, a path cannot be checked. */
GST_START_TEST (test_unchecked_path_goes_by_its_rhythm)
{
  GstRcastIcePathLife life;
  gint64 now = 1000 * MS;

  gst_rcast_ice_path_life_init (&life, TIMEOUT, FALSE, now);
  assert_equals_int (crank (&life, TRUE, &now, now + 120000 * MS, 250 * MS, 0),
      0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
  crank (&life, TRUE, &now, now + 1000 * MS, 0, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_SUSPECT);
  crank (&life, TRUE, &now, now + 4000 * MS, 0, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_DEAD);
  crank (&life, TRUE, &now, now + 1000 * MS, 250 * MS, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
}

GST_END_TEST;

/* Silent for 800 ms, with unanswered checks: one more would kill the path. */
static void
start_in_doubt (GstRcastIcePathLife * life, gint64 * now)
{
  start (life, now);
  crank (life, TRUE, now, *now + 30000 * MS, 200 * MS, 50 * MS);
  crank (life, TRUE, now, life->last_heard + 800 * MS, 0, 0);
  assert_equals_int (life->state, GST_RCAST_ICE_LIFE_SUSPECT);
  fail_unless (life->unanswered >= 6, "%u unanswered", life->unanswered);
}

/* The answers have arrived, but the thread was kept from reading them. */
GST_START_TEST (test_standstill_is_no_silence)
{
  GstRcastIcePathLife life, before;
  gint64 now;

  start_in_doubt (&life, &now);
  before = life;
  now += 1000 * MS;
  if (__i__ == 0)
    gst_rcast_ice_path_life_step (&life, TRUE, now);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_SUSPECT);
  gst_rcast_ice_path_life_answered (&life, now - 1050 * MS, 50 * MS, TRUE,
      now);
  gst_rcast_ice_path_life_heard (&life, now);
  if (__i__ == 1)
    gst_rcast_ice_path_life_step (&life, TRUE, now);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
  /* The delay of reading counts neither for the round trip nor for the rhythm. */
  assert_equals_int64 (life.rtt, before.rtt);
  fail_unless (life.rhythm <= before.rhythm);
  assert_equals_float (life.loss, before.loss);
  crank (&life, TRUE, &now, now + 30000 * MS, 200 * MS, 50 * MS);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
}

GST_END_TEST;

/* Where the arrival time of an answer is unknown, the round trip ends when the answer is read.
 * After a standstill this measures nothing. */
GST_START_TEST (test_standstill_is_no_round_trip)
{
  GstRcastIcePathLife life, before;
  gint64 now;

  start_in_doubt (&life, &now);
  before = life;
  now += 1000 * MS;
  if (__i__)
    gst_rcast_ice_path_life_step (&life, TRUE, now);
  gst_rcast_ice_path_life_answered (&life, now - 1050 * MS, 1050 * MS, FALSE,
      now);
  assert_equals_int64 (life.rtt, before.rtt);
  assert_equals_int (life.answers, before.answers + 1);
  if (!__i__)
    gst_rcast_ice_path_life_step (&life, TRUE, now);
  now += 50 * MS;
  gst_rcast_ice_path_life_step (&life, TRUE, now);
  gst_rcast_ice_path_life_answered (&life, now - 40 * MS, 40 * MS, FALSE, now);
  fail_unless (life.rtt < before.rtt);
}

GST_END_TEST;

GST_START_TEST (test_path_that_dies_in_a_standstill_is_found_dead)
{
  GstRcastIcePathLife life;
  gint64 now, end;

  start_in_doubt (&life, &now);
  end = now += 1000 * MS;
  while (life.state != GST_RCAST_ICE_LIFE_DEAD)
    crank (&life, TRUE, &now, now + STEP, 0, 0);
  fail_unless (now - end <= 300 * MS, "dead %" G_GINT64_FORMAT
      " us after the standstill", now - end);
}

GST_END_TEST;

GST_START_TEST (test_slow_machine_finds_a_dead_path)
{
  GstRcastIcePathLife life;
  gint64 now, begin;

  start_in_doubt (&life, &now);
  for (begin = now; life.state != GST_RCAST_ICE_LIFE_DEAD; now += 1000 * MS) {
    if (gst_rcast_ice_path_life_step (&life, TRUE, now))
      gst_rcast_ice_path_life_checked (&life, 0.5, now);
    fail_unless (now - begin <= 20000 * MS);
  }
}

GST_END_TEST;

GST_START_TEST (test_unchecked_path_survives_a_standstill)
{
  GstRcastIcePathLife life;
  gint64 now = 1000 * MS;

  gst_rcast_ice_path_life_init (&life, TIMEOUT, FALSE, now);
  crank (&life, TRUE, &now, now + 120000 * MS, 250 * MS, 0);
  now += 5000 * MS;
  crank (&life, TRUE, &now, now + STEP, 0, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
  crank (&life, TRUE, &now, now + 30000 * MS, 250 * MS, 0);
  assert_equals_int (life.state, GST_RCAST_ICE_LIFE_ALIVE);
}

GST_END_TEST;

/* RFC 7675 knows no standstill, but packets that have arrived are read first. */
GST_START_TEST (test_consent_is_judged_after_reading)
{
  GstRcastIcePathLife life;
  gint64 now;

  start (&life, &now);
  crank (&life, TRUE, &now, now + 10000 * MS, 250 * MS, 50 * MS);
  now += 31000 * MS;
  gst_rcast_ice_path_life_step (&life, TRUE, now);
  fail_if (life.expired);
  if (__i__ == 1)
    gst_rcast_ice_path_life_answered (&life, now - 31000 * MS, 50 * MS, TRUE,
        now);
  now += STEP;
  gst_rcast_ice_path_life_step (&life, TRUE, now);
  fail_unless_equals_int (life.expired, __i__ == 0);
}

GST_END_TEST;

/* One late answer makes the path no slower; a standing queue does. */
GST_START_TEST (test_least_round_trip_is_of_seconds)
{
  GstRcastIcePathLife life;
  gint64 now = 1;

  gst_rcast_ice_path_life_init (&life, 1000 * MS, TRUE, now);
  assert_equals_int (gst_rcast_ice_path_life_get_least_rtt (&life), 0);
  for (guint i = 0; i < 50; i++)
    receive_answer (&life, 40 * MS, now += 200 * MS);
  for (guint i = 0; i < 5; i++)
    receive_answer (&life, 400 * MS, now += 200 * MS);
  fail_unless (life.rtt > 150 * MS);
  fail_unless (gst_rcast_ice_path_life_get_least_rtt (&life) <= 40 * MS);
  for (guint i = 0; i < 60; i++)
    receive_answer (&life, 400 * MS, now += 200 * MS);
  fail_unless (gst_rcast_ice_path_life_get_least_rtt (&life) > 150 * MS);
}

GST_END_TEST;

static Suite *
liveness_suite (void)
{
  Suite *s = suite_create ("ice-path-life");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_healthy_path_is_checked_for_consent_only);
  tcase_add_test (tc, test_silence_is_noticed_within_the_timeout);
  tcase_add_test (tc, test_rare_rtcp_is_no_reason_for_suspicion);
  tcase_add_test (tc, test_short_blip_is_nothing);
  tcase_add_test (tc, test_twenty_percent_loss_kills_no_idle_path);
  tcase_add_test (tc, test_twenty_percent_loss_kills_no_path_without_rtcp);
  tcase_add_test (tc, test_twenty_percent_loss_kills_no_path_with_rtcp);
  tcase_add_test (tc, test_lossy_path_is_found_dead);
  tcase_add_test (tc, test_dead_path_comes_back_with_an_answer);
  tcase_add_test (tc, test_consent_expires);
  tcase_add_test (tc, test_idle_path_is_found_dead);
  tcase_add_test (tc, test_failing_path_is_known_before_it_is_dead);
  tcase_add_test (tc, test_missed_path_is_known_before_it_fails);
  tcase_add_loop_test (tc, test_silence_of_a_backed_path_is_noticed_soon, 0,
      G_N_ELEMENTS (notices));
  tcase_add_test (tc, test_loss_of_a_backed_path_is_no_death);
  tcase_add_test (tc, test_checks_do_not_hide_the_rhythm);
  tcase_add_test (tc, test_unchecked_path_goes_by_its_rhythm);
  tcase_add_loop_test (tc, test_standstill_is_no_silence, 0, 2);
  tcase_add_loop_test (tc, test_standstill_is_no_round_trip, 0, 2);
  tcase_add_test (tc, test_path_that_dies_in_a_standstill_is_found_dead);
  tcase_add_test (tc, test_slow_machine_finds_a_dead_path);
  tcase_add_test (tc, test_unchecked_path_survives_a_standstill);
  tcase_add_loop_test (tc, test_consent_is_judged_after_reading, 0, 2);
  tcase_add_test (tc, test_least_round_trip_is_of_seconds);
  return s;
}

GST_CHECK_MAIN (liveness);
