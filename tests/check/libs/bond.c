/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which path carries a packet: tables, and simulated links. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-bond.h"

#define NOW (1000 * GST_SECOND)
#define SIZE 1200
/* Offset of the receiver's clock, which may be of either sign */
#define CLOCK (-7 * (GstClockTimeDiff) GST_SECOND)

#define N_LINES 3

/* A path of @bits per second and @delay */
typedef struct
{
  guint64 bits;
  guint delay;                  /* ms */
} Line;

static void
know (GstRcastBondPath * path, const Line * line)
{
  path->line = line->bits;
  path->rate = line->bits * 92 / 100;
  path->way = CLOCK + line->delay * GST_MSECOND;
  path->round_trip = 2 * line->delay * GST_MSECOND;
}

static void
init_paths (GstRcastBondPath * paths, GstRcastBondPath ** all,
    const Line * lines, guint n)
{
  for (guint i = 0; i < n; i++) {
    gst_rcast_bond_path_init (&paths[i]);
    know (&paths[i], &lines[i]);
    all[i] = &paths[i];
  }
}

/* --- one packet --- */

static const struct
{
  Line lines[2];
  guint queue;                  /* ms, on the first path */
  guint n_before;               /* packets that were sent at the same moment */
  guint chosen;
} firsts[] = {
  {{{1000000, 20}, {1000000, 20}}, 0, 0, 0},
  {{{1000000, 20}, {1000000, 20}}, 0, 1, 1},
  {{{1000000, 20}, {1000000, 20}}, 0, 2, 0},
  /* The second path takes 40 ms longer: the time of four packets. */
  {{{1000000, 20}, {1000000, 60}}, 0, 3, 0},
  {{{1000000, 20}, {1000000, 60}}, 0, 4, 1},
  {{{1000000, 60}, {1000000, 20}}, 0, 0, 1},
  /* Transmission takes time as well. */
  {{{200000, 20}, {2000000, 40}}, 0, 0, 1},
  {{{1000000, 20}, {1000000, 40}}, 30, 0, 1},
};

/* A packet that is sent now waits for @queue on @path. */
static void
see_queue (GstRcastBondPath * path, GstClockTime queue)
{
  path->idle = NOW;
  gst_rcast_bond_path_sent (path, 1, NOW);
  gst_rcast_bond_path_seen (path, 1, NOW + queue + path->way);
}

GST_START_TEST (test_a_packet_goes_where_it_arrives_first)
{
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];
  guint chosen = 0;

  init_paths (paths, all, firsts[__i__].lines, 2);
  if (firsts[__i__].queue > 0)
    see_queue (&paths[0], firsts[__i__].queue * GST_MSECOND);
  for (guint i = 0; i <= firsts[__i__].n_before; i++)
    chosen = gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE, NOW);
  assert_equals_int (chosen, firsts[__i__].chosen);
}

GST_END_TEST;

/* A queue drains although no further feedback covers it. */
GST_START_TEST (test_a_queue_that_was_seen_empties)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  see_queue (&paths[0], 150 * GST_MSECOND);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE,
          NOW + 100 * GST_MSECOND), 1);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE,
          NOW + 160 * GST_MSECOND), 0);
}

GST_END_TEST;

/* A packet that arrives early or late corrects the plan for the packets sent after it. */
GST_START_TEST (test_arrivals_correct_the_plan)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  for (guint i = 0; i < 4; i++) {
    gst_rcast_bond_choose (&bond, all, 1, SIZE, FALSE, NOW);
    gst_rcast_bond_path_sent (&paths[0], i, NOW);
  }
  /* The line takes half of the planned time. */
  gst_rcast_bond_path_seen (&paths[0], 0, NOW + 4800 * GST_USECOND
      + paths[0].way);
  gst_rcast_bond_path_seen (&paths[0], 1, NOW + 9600 * GST_USECOND
      + paths[0].way);
  assert_equals_uint64 (gst_rcast_bond_path_get_wait (&paths[0], NOW),
      (9600 + 2 * 9600) * GST_USECOND);
  /* Feedback about an unknown packet changes nothing. */
  gst_rcast_bond_path_seen (&paths[0], 100, NOW + GST_SECOND);
  assert_equals_uint64 (gst_rcast_bond_path_get_wait (&paths[0], NOW),
      (9600 + 2 * 9600) * GST_USECOND);
}

GST_END_TEST;

GST_START_TEST (test_an_arrival_is_guessed_within_its_limits)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBondPath paths[2], *all[2];
  GstClockTime soonest = NOW + CLOCK + 20 * GST_MSECOND;

  init_paths (paths, all, lines, 2);
  gst_rcast_bond_path_sent (&paths[0], 1, NOW);
  assert_equals_uint64 (gst_rcast_bond_path_guess (&paths[0], 1,
          soonest - 10 * GST_MSECOND, soonest + 10 * GST_MSECOND), soonest);
  assert_equals_uint64 (gst_rcast_bond_path_guess (&paths[0], 1,
          soonest + 10 * GST_MSECOND, soonest + 30 * GST_MSECOND),
      soonest + 10 * GST_MSECOND);
  assert_equals_uint64 (gst_rcast_bond_path_guess (&paths[0], 1, soonest - 30
          * GST_MSECOND, soonest - 10 * GST_MSECOND), soonest
      - 10 * GST_MSECOND);
  assert_equals_uint64 (gst_rcast_bond_path_guess (&paths[0], 2, soonest - 30
          * GST_MSECOND, soonest + 30 * GST_MSECOND), soonest
      - 30 * GST_MSECOND);
}

GST_END_TEST;

/* Of an arrival, only a range of times is known. It corrects the plan if the plan is outside. */
GST_START_TEST (test_a_range_corrects_what_it_excludes)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];
  GstClockTime planned;

  init_paths (paths, all, lines, 2);
  gst_rcast_bond_choose (&bond, all, 1, SIZE, FALSE, NOW);
  gst_rcast_bond_path_sent (&paths[0], 1, NOW);
  planned = NOW + 9600 * GST_USECOND + paths[0].way;
  gst_rcast_bond_path_bound (&paths[0], 1, planned - GST_MSECOND,
      planned + GST_MSECOND);
  assert_equals_uint64 (gst_rcast_bond_path_get_wait (&paths[0], NOW),
      9600 * GST_USECOND);
  gst_rcast_bond_path_bound (&paths[0], 1, planned + GST_MSECOND,
      planned + 5 * GST_MSECOND);
  assert_equals_uint64 (gst_rcast_bond_path_get_wait (&paths[0], NOW),
      10600 * GST_USECOND);
  gst_rcast_bond_path_bound (&paths[0], 1, planned - 5 * GST_MSECOND,
      planned - 2 * GST_MSECOND);
  assert_equals_uint64 (gst_rcast_bond_path_get_wait (&paths[0], NOW),
      7600 * GST_USECOND);
}

GST_END_TEST;

/* The delay of a path that has carried nothing is unknown: it may be the quickest. */
GST_START_TEST (test_a_way_that_is_not_known_is_no_reason)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  paths[1].way = GST_RCAST_BOND_NO_WAY;
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE, NOW),
      0);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE, NOW),
      1);
}

GST_END_TEST;

/* The last packet would arrive first on the other path. */
GST_START_TEST (test_the_last_packet_of_a_frame_waits_for_the_others)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE, NOW);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, 200, FALSE, NOW),
      1);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, 200, TRUE, NOW), 0);
}

GST_END_TEST;

/* Returns: how many of @n frames of two packets end on the second path, which has the longer way.
 * The first packet of each goes on the first path. */
static guint
count_ends (GstRcastBond * bond, GstRcastBondPath ** all, guint n,
    GstClockTime begin)
{
  guint ends = 0;

  for (guint i = 0; i < n; i++) {
    GstClockTime now = begin + i * 33 * GST_MSECOND;

    gst_rcast_bond_choose (bond, all, 1, SIZE, FALSE, now);
    ends += gst_rcast_bond_choose (bond, all, 2, 100, TRUE, now);
    gst_rcast_bond_path_arrived (all[0]);
  }
  return ends;
}

/* A receiver that waits for the ends of frames would never send feedback. */
GST_START_TEST (test_frames_do_not_end_where_nothing_arrives)
{
  static const Line lines[] = { {1000000, 20}, {5000000, 34} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];
  guint n;

  init_paths (paths, all, lines, 2);
  /* Frames end there until the server could have reported one. */
  n = count_ends (&bond, all, 30, NOW);
  fail_unless (n >= 2 && n <= 6, "%u", n);
  /* Now and then another frame ends there, as a test. */
  n = count_ends (&bond, all, 300, NOW + GST_SECOND);
  fail_unless (n >= 9 && n <= 9 * 7, "%u", n);
  /* The end of a frame has arrived. */
  gst_rcast_bond_path_arrived (&paths[1]);
  n = count_ends (&bond, all, 5, NOW + 12 * GST_SECOND);
  assert_equals_int (n, 5);
}

GST_END_TEST;

/* --- a path that carries nothing any more --- */

static void
lose (GstRcastBondPath * path, guint n, GstClockTime now)
{
  for (guint i = 0; i < n; i++)
    gst_rcast_bond_path_lost (path, now);
}

/* Returns: how many of 1,000 packets in ten seconds from @begin on go on the first path */
static guint
count_first (GstRcastBond * bond, GstRcastBondPath ** all, GstClockTime begin)
{
  guint n = 0;

  for (guint i = 0; i < 1000; i++) {
    GstClockTime now = begin + i * 10 * GST_MSECOND;

    n += gst_rcast_bond_choose (bond, all, 2, SIZE, FALSE, now) == 0;
  }
  return n;
}

GST_START_TEST (test_a_path_that_loses_a_dozen_in_a_row_is_left)
{
  static const Line lines[] = { {2000000, 20}, {2000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  lose (&paths[0], 11, NOW);
  fail_if (gst_rcast_bond_path_is_left (&paths[0]));
  fail_if (gst_rcast_bond_path_arrived (&paths[0]));
  lose (&paths[0], 11, NOW);
  fail_if (gst_rcast_bond_path_is_left (&paths[0]));
  lose (&paths[0], 1, NOW);
  fail_unless (gst_rcast_bond_path_is_left (&paths[0]));
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 2, SIZE, FALSE, NOW),
      1);
  /* Tests after 0.1, 0.3, 0.7 and 1.5 s, then once a second */
  assert_equals_int (count_first (&bond, all, NOW), 12);
  fail_unless (gst_rcast_bond_path_arrived (&paths[0]));
  fail_if (gst_rcast_bond_path_is_left (&paths[0]));
  assert_equals_int (count_first (&bond, all, NOW + 10 * GST_SECOND), 1000);
}

GST_END_TEST;

/* A packet that is only counted may be of another path. */
GST_START_TEST (test_a_path_is_taken_back_by_three_that_are_counted)
{
  GstRcastBondPath path;

  gst_rcast_bond_path_init (&path);
  lose (&path, 11, NOW);
  for (guint i = 0; i < 11; i++)
    fail_if (gst_rcast_bond_path_counted (&path));
  lose (&path, 1, NOW);
  fail_unless (gst_rcast_bond_path_is_left (&path));
  fail_if (gst_rcast_bond_path_counted (&path));
  lose (&path, 1, NOW);
  fail_if (gst_rcast_bond_path_counted (&path));
  fail_if (gst_rcast_bond_path_counted (&path));
  fail_unless (gst_rcast_bond_path_is_left (&path));
  fail_unless (gst_rcast_bond_path_counted (&path));
  fail_if (gst_rcast_bond_path_is_left (&path));
}

GST_END_TEST;

GST_START_TEST (test_no_path_is_left_if_no_other_is_better)
{
  static const Line lines[] = { {1000000, 20}, {1000000, 20} };
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[2], *all[2];

  init_paths (paths, all, lines, 2);
  lose (&paths[0], 12, NOW);
  assert_equals_int (gst_rcast_bond_choose (&bond, all, 1, SIZE, FALSE, NOW),
      0);
  lose (&paths[1], 12, NOW);
  assert_equals_int (count_first (&bond, all, NOW), 500);
}

GST_END_TEST;

/* --- links --- */

typedef struct
{
  Line lines[N_LINES];
  guint n;
  guint percent;                /* share of the rate that is sent */
  guint least[N_LINES], most[N_LINES];  /* percent of the bits on each path */
  guint late;                   /* ms that the longest frame takes */
  guint early;                  /* frames of 3000 whose end overtakes the rest */
} Link;

/* Shares follow the rates. A path with a longer way is used for large frames first. */
static const Link links[] = {
  {{{1000000, 20}, {1000000, 20}}, 2, 100, {47, 47}, {53, 53}, 230, 30},
  {{{1500000, 20}, {600000, 60}}, 2, 100, {66, 24}, {76, 34}, 280, 30},
  {{{1000000, 20}, {600000, 20}, {400000, 20}}, 3, 100, {45, 25, 15}, {55, 35,
              25}, 250, 30},
  {{{2000000, 20}, {1000000, 120}}, 2, 50, {100, 0}, {100, 0}, 130, 0},
  {{{3000000, 20}, {300000, 300}}, 2, 100, {85, 2}, {98, 15}, 530, 2000},
};

typedef struct
{
  guint n, overtaken, last_overtaken;
  guint64 bits[N_LINES];
  GstClockTime longest;         /* of a frame, from its first packet sent to its last received */
  GstClockTime queue;           /* the longest on a line */
} Outcome;

/* Frames of 1 to 4 times the usual size, at twice the rate */
static Outcome
play (const Link * link, guint32 seed)
{
  g_autoptr (GRand) luck = g_rand_new_with_seed (seed);
  GstRcastBond bond = { 0, };
  GstRcastBondPath paths[N_LINES], *all[N_LINES];
  GstClockTime busy[N_LINES] = { 0, }, now = NOW, latest = 0, pacer = 0;
  Outcome outcome = { 0, };
  guint64 rate = 0;

  init_paths (paths, all, link->lines, link->n);
  for (guint i = 0; i < link->n; i++)
    rate += paths[i].rate * link->percent / 100;
  for (guint frame = 0; frame < 3000; frame++) {
    /* 0.97 on average, and every hundredth is a key frame: 1 in all */
    gdouble size = rate / 30. / 8 * (frame % 100 == 0 ? 4 :
        g_rand_double_range (luck, 0.5, 1.44));
    GstClockTime begin = now = MAX (now, NOW + frame * GST_SECOND / 30);

    for (gdouble left = size; left > 0; left -= SIZE) {
      guint bytes = MAX (MIN (left, SIZE), 80);
      gboolean last = left <= SIZE;
      GstClockTime arrival;
      guint i;

      now = MAX (now, pacer);
      i = gst_rcast_bond_choose (&bond, all, link->n, bytes, last, now);
      /* The server reports earlier packets. */
      gst_rcast_bond_path_arrived (&paths[i]);
      busy[i] = MAX (busy[i], now) + bytes * 8 * GST_SECOND
          / link->lines[i].bits;
      pacer = now + bytes * 4 * GST_SECOND / rate;
      arrival = busy[i] + link->lines[i].delay * GST_MSECOND;
      outcome.queue = MAX (outcome.queue, busy[i] - now);
      outcome.bits[i] += bytes * 8;
      outcome.n++;
      outcome.overtaken += arrival < latest;
      outcome.last_overtaken += last && arrival < latest;
      latest = MAX (latest, arrival);
      if (last)
        outcome.longest = MAX (outcome.longest, latest - begin);
    }
  }
  return outcome;
}

GST_START_TEST (test_paths_add_up)
{
  const Link *link = &links[__i__];

  for (guint32 seed = 0; seed < 5; seed++) {
    Outcome outcome = play (link, seed);
    guint64 sum = 0;

    for (guint i = 0; i < link->n; i++)
      sum += outcome.bits[i];
    for (guint i = 0; i < link->n; i++) {
      guint percent = (outcome.bits[i] * 100 + sum / 2) / sum;

      fail_unless (percent >= link->least[i] && percent <= link->most[i],
          "link %d, seed %u: %u %% on path %u", __i__, seed, percent, i);
    }
    fail_unless (outcome.longest <= link->late * GST_MSECOND,
        "link %d, seed %u: %" GST_TIME_FORMAT, __i__, seed,
        GST_TIME_ARGS (outcome.longest));
    /* A late packet may be called lost once the last packet of its frame has arrived. */
    fail_unless (outcome.last_overtaken <= link->early,
        "link %d, seed %u: %u frames end early", __i__, seed,
        outcome.last_overtaken);
    if (seed == 0)
      GST_INFO ("link %d: overtaken %u of %u, ends %u, longest %"
          GST_TIME_FORMAT ", queue %" GST_TIME_FORMAT, __i__, outcome.overtaken,
          outcome.n, outcome.last_overtaken, GST_TIME_ARGS (outcome.longest),
          GST_TIME_ARGS (outcome.queue));
  }
}

GST_END_TEST;

static Suite *
bond_suite (void)
{
  Suite *s = suite_create ("bond");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_a_packet_goes_where_it_arrives_first, 0,
      G_N_ELEMENTS (firsts));
  tcase_add_test (tc, test_a_queue_that_was_seen_empties);
  tcase_add_test (tc, test_arrivals_correct_the_plan);
  tcase_add_test (tc, test_an_arrival_is_guessed_within_its_limits);
  tcase_add_test (tc, test_a_range_corrects_what_it_excludes);
  tcase_add_test (tc, test_a_way_that_is_not_known_is_no_reason);
  tcase_add_test (tc, test_the_last_packet_of_a_frame_waits_for_the_others);
  tcase_add_test (tc, test_frames_do_not_end_where_nothing_arrives);
  tcase_add_test (tc, test_a_path_that_loses_a_dozen_in_a_row_is_left);
  tcase_add_test (tc, test_a_path_is_taken_back_by_three_that_are_counted);
  tcase_add_test (tc, test_no_path_is_left_if_no_other_is_better);
  tcase_add_loop_test (tc, test_paths_add_up, 0, G_N_ELEMENTS (links));
  return s;
}

GST_CHECK_MAIN (bond);
