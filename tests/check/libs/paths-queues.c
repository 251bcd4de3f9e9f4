/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths with a queue: when repairs still leave there, and what is no queue at all. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastpaths.h"

#define SIZE 1200
#define RATE 2000000
#define NOW (1000 * GST_SECOND)
#define MS(ms) (NOW + (ms) * GST_MSECOND)
/* ms from the server back */
#define BACK 20
#define FEEDBACK 50
#define N_PACKETS 16384

static const GstRcastRateConfig config = { 800000, 100000, 3000000 };

static const GstRcastPathsCarrier carriers[] = { {"up0", 0}, {"up1", 0} };

/* The ms that a packet takes to the server if it leaves at @ms, or LOST */
typedef guint (*Way) (guint carrier, guint ms);
#define LOST G_MAXUINT

typedef struct
{
  GstRcastPaths *paths;
  Way way;
  guint n_carriers;             /* each carries a part of the packets; 1: all of them */
  gboolean follows;             /* it sends what it may, else RATE */
  gboolean early;               /* losses are reported before later arrivals */
  guint64 target;
  gdouble owed;                 /* bits */
  guint ms;
  guint left[N_PACKETS];        /* ms */
  guint arrives[N_PACKETS];     /* ms, or LOST */
  guint next, reported;
} Cast;

static Cast *
cast_new (Way way, guint n_carriers, gboolean follows)
{
  Cast *cast = g_new0 (Cast, 1);

  cast->paths = gst_rcast_paths_new (&config, NULL);
  cast->way = way;
  cast->n_carriers = n_carriers;
  cast->follows = follows;
  cast->target = config.start;
  return cast;
}

static void
cast_free (Cast * cast)
{
  gst_rcast_paths_free (cast->paths);
  g_free (cast);
}

static void
send_packet (Cast * cast)
{
  const GstRcastPathsPacket packet = { SIZE, FALSE };
  guint i = cast->n_carriers == 1 ? 0 : gst_rcast_paths_choose (cast->paths,
      carriers, cast->n_carriers, &packet, MS (cast->ms));
  guint way = cast->way (i, cast->ms);

  gst_rcast_paths_sent (cast->paths, g_intern_string (carriers[i].interface),
      cast->next, SIZE, FALSE, MS (cast->ms));
  cast->left[cast->next % N_PACKETS] = cast->ms;
  cast->arrives[cast->next++ % N_PACKETS] = way == LOST ? LOST :
      cast->ms + way;
}

/* A packet that has not arrived after so many ms is lost. */
#define PATIENCE 150

/* Feedback up to the newest packet that has arrived, or should have */
static void
report (Cast * cast)
{
  guint to = cast->reported, at = cast->ms - BACK;

  for (guint i = cast->reported; i < cast->next; i++)
    if (cast->arrives[i % N_PACKETS] <= at || (cast->early
            && cast->left[i % N_PACKETS] + PATIENCE <= at))
      to = i + 1;
  gst_rcast_paths_begin_report (cast->paths);
  for (; cast->reported < to; cast->reported++) {
    guint arrives = cast->arrives[cast->reported % N_PACKETS];

    gst_rcast_paths_arrival (cast->paths, cast->reported, arrives <= at ?
        MS (arrives) : GST_CLOCK_TIME_NONE, MS (cast->ms));
  }
  gst_rcast_paths_end_report (cast->paths, MS (cast->ms));
}

static GstRcastRateState
tick (Cast * cast)
{
  GstRcastPathsView view;

  gst_rcast_paths_tick (cast->paths, &view, MS (cast->ms));
  if (view.target > 0)
    cast->target = view.target;
  return view.state;
}

static void
turn (Cast * cast)
{
  cast->owed += (cast->follows ? 0.95 * cast->target : RATE) / 1000;
  for (; cast->owed >= 8 * SIZE; cast->owed -= 8 * SIZE)
    send_packet (cast);
  cast->ms++;
  if (cast->ms % FEEDBACK == 0)
    report (cast);
  if (cast->ms % 100 == 0)
    tick (cast);
}

static void
run_until (Cast * cast, guint ms)
{
  while (cast->ms < ms)
    turn (cast);
}

static gboolean
is_full (Cast * cast)
{
  gboolean full;

  gst_rcast_paths_get_target (cast->paths, &full, MS (cast->ms));
  return full;
}

/* Another flow keeps the queue between 80 and 180 ms. */
static guint
rival (guint carrier, guint ms)
{
  return ms < 5000 ? 20 : 100 + ms % 2000 / 20;
}

/* The queue gets ever longer. */
static guint
queue (guint carrier, guint ms)
{
  if (carrier > 0 && ms >= 3000)
    return LOST;
  return ms < 5000 ? 20 : 20 + (ms - 5000) * 6 / 100;
}

/* The queue stays for good. A source that sends as much as before would never have a repair. */
GST_START_TEST (test_a_source_that_does_not_yield_is_repaired)
{
  Cast *cast = cast_new (rival, 1, FALSE);

  run_until (cast, 5000);
  fail_if (is_full (cast));
  run_until (cast, 6000);
  fail_unless (is_full (cast));
  run_until (cast, 9000);
  fail_if (is_full (cast));
  assert_equals_int (tick (cast), GST_RCAST_RATE_DRAIN);
  cast_free (cast);
}

GST_END_TEST;

/* A queue that builds up within a second stays until @ms. */
static void
check_queue (guint n_paths, guint ms)
{
  Cast *cast = cast_new (queue, n_paths, TRUE);

  run_until (cast, 5000);
  fail_if (is_full (cast));
  run_until (cast, 6000);
  for (; cast->ms < ms; turn (cast))
    fail_unless (is_full (cast), "after %u ms", cast->ms);
  cast_free (cast);
}

GST_START_TEST (test_who_yields_repairs_into_no_queue)
{
  check_queue (1, 9000);
}

GST_END_TEST;

/* A path that loses all shows no queue, but no repair leaves on it either. */
GST_START_TEST (test_a_path_that_is_left_has_no_room)
{
  check_queue (2, 7000);
}

GST_END_TEST;

/* Even then a copy waits, or is lost, on one of the paths. */
GST_START_TEST (test_of_copies_one_queue_is_enough)
{
  Cast *cast = cast_new (queue, 1, TRUE);

  run_until (cast, 6000);
  fail_unless (is_full (cast));
  gst_rcast_paths_sent (cast->paths, g_intern_string ("up1"), cast->next, SIZE,
      FALSE, MS (6000));
  fail_unless (is_full (cast));
  /* The media has moved to the other path. */
  for (guint i = 0; i < 25; i++)
    gst_rcast_paths_sent (cast->paths, g_intern_string ("up1"), cast->next + i,
        SIZE, FALSE, MS (6000 + 10 * i));
  cast->ms = 6250;
  fail_if (is_full (cast));
  cast_free (cast);
}

GST_END_TEST;

/* The way depends on the cell, which a radio changes at 5 s. */
static guint
longer (guint carrier, guint ms)
{
  return ms < 5000 ? 20 : ms < 5300 ? LOST : 120;
}

static guint
shorter (guint carrier, guint ms)
{
  return ms < 5000 ? 120 : ms < 5300 ? LOST : 20;
}

static const struct
{
  Way way;
  gboolean early;
} handovers[] = {
  {longer, FALSE}, {shorter, FALSE}, {longer, TRUE}, {shorter, TRUE},
};

/* A longer way is no queue, and losses in a handover are no congestion. */
GST_START_TEST (test_a_handover_is_no_congestion)
{
  Cast *cast = cast_new (handovers[__i__].way, 1, TRUE);
  guint64 before;

  cast->early = handovers[__i__].early;
  run_until (cast, 5000);
  before = cast->target;
  for (; cast->ms < 15000; turn (cast)) {
    /* Losses that are reported early may mean anything. */
    fail_unless (cast->target >= 0.95 * before || (cast->early
            && cast->ms < 5600 && cast->target >= 0.5 * before), "after %u ms: %"
        G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bit/s", cast->ms,
        cast->target, before);
    fail_if (is_full (cast), "after %u ms", cast->ms);
  }
  cast_free (cast);
}

GST_END_TEST;

static Suite *
paths_queues_suite (void)
{
  Suite *s = suite_create ("paths-queues");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_source_that_does_not_yield_is_repaired);
  tcase_add_test (tc, test_who_yields_repairs_into_no_queue);
  tcase_add_test (tc, test_a_path_that_is_left_has_no_room);
  tcase_add_test (tc, test_of_copies_one_queue_is_enough);
  tcase_add_loop_test (tc, test_a_handover_is_no_congestion, 0,
      G_N_ELEMENTS (handovers));
  return s;
}

GST_CHECK_MAIN (paths_queues);
