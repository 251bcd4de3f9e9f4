/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much may be sent where the server only sends receiver reports, on simulated links. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-coarse.h"

#define TURN GST_MSECOND
#define PACKET_BITS (1208 * 8)
#define MBIT 1000000

/* A link that is like this from 20 s to 50 s, and wide before and after */
typedef struct
{
  const gchar *name;
  guint kbps;
  guint buffer_ms;
  guint loss;                   /* in 1,000 */
  guint report_ms;
  guint sender_ms;              /* between sender reports, which measure round trips */
  guint way_ms;                 /* there and back */
} Link;

typedef struct
{
  const Link *link;
  GstRcastCoarse coarse;
  GRand *random;
  GstClockTime now;
  gdouble line;                 /* bits in the queue */
  gdouble owed;                 /* bits that the source has made */
  gdouble encoder;              /* bit/s */
  GstClockTime next_report, next_sender;
  GstClockTime round_trip;      /* of a sender report; 0: reported */
  guint expected, lost;
  gdouble sent;                 /* bit/s, of the last second */
} Simulation;

/* Totals of a part of the time */
typedef struct
{
  guint n, lost;
  gdouble bits;
} Part;

static const GstRcastRateConfig config = { 800000, 100000, 3 * MBIT };

static gdouble
get_link_rate (Simulation * sim)
{
  gboolean thin =
      sim->now >= 20 * GST_SECOND && sim->now < 50 * GST_SECOND;

  return thin ? sim->link->kbps * 1000.0 : 20e6;
}

static void
simulation_init (Simulation * sim, const Link * link, guint seed)
{
  *sim = (Simulation) {
    .link = link,
    .random = g_rand_new_with_seed (seed),
    .encoder = config.max,
  };
  gst_rcast_coarse_init (&sim->coarse, &config);
}

static void
simulation_clear (Simulation * sim)
{
  g_rand_free (sim->random);
}

static void
send_packet (Simulation * sim, Part * part)
{
  gdouble rate = get_link_rate (sim);
  gboolean lost = sim->line / rate * 1000 > sim->link->buffer_ms
      || g_rand_int_range (sim->random, 0, 1000) < (gint) sim->link->loss;

  sim->owed -= PACKET_BITS;
  sim->expected++;
  sim->lost += lost;
  part->n++;
  part->lost += lost;
  if (lost)
    return;
  sim->line += PACKET_BITS;
  part->bits += PACKET_BITS;
}

static void
send_report (Simulation * sim)
{
  sim->round_trip = sim->link->way_ms * GST_MSECOND
      + sim->line / get_link_rate (sim) * GST_SECOND;
  sim->next_sender += sim->link->sender_ms * GST_MSECOND;
}

static void
report (Simulation * sim)
{
  GstRcastCoarseReport report = { sim->expected, sim->lost, sim->round_trip,
    sim->sent
  };

  gst_rcast_coarse_report (&sim->coarse, &report, sim->now);
  sim->expected = sim->lost = 0;
  sim->round_trip = 0;
  sim->next_report += sim->link->report_ms * GST_MSECOND;
}

static void
run_until (Simulation * sim, guint seconds, Part * part)
{
  for (; sim->now < seconds * GST_SECOND; sim->now += TURN) {
    gdouble passed = (gdouble) TURN / GST_SECOND;

    sim->encoder += (gst_rcast_coarse_get_target (&sim->coarse)
        - sim->encoder) * passed * 10;
    sim->sent += (sim->encoder - sim->sent) * passed;
    sim->owed += sim->encoder * passed;
    while (sim->owed >= PACKET_BITS)
      send_packet (sim, part);
    sim->line = MAX (sim->line - get_link_rate (sim) * passed, 0);
    if (sim->now >= sim->next_sender)
      send_report (sim);
    if (sim->now >= sim->next_report)
      report (sim);
  }
}

/* @lost: the most of the rate that is lost, from 4 s after a change on; @used: the
 * share of the link that is used */
static const struct
{
  Link link;
  gdouble lost, used;
} links[] = {
  {{"1 Mbit/s", 1000, 200, 0, 1000, 2500, 40}, 0.04, 0.7},
  {{"1 Mbit/s, 1 s of buffer", 1000, 1000, 0, 1000, 2500, 40}, 0.04, 0.6},
  {{"1 Mbit/s, 50 ms of buffer", 1000, 50, 0, 1000, 2500, 40}, 0.08, 0.7},
  {{"0.5 Mbit/s", 500, 200, 0, 1000, 2500, 40}, 0.08, 0.7},
  {{"a report every 5 s", 1000, 200, 0, 5000, 2500, 40}, 0.1, 0.6},
  {{"5 % lost by chance", 1000, 200, 50, 1000, 2500, 40}, 0.12, 0.5},
  {{"200 ms round trip", 1000, 200, 0, 1000, 2500, 200}, 0.04, 0.7},
};

GST_START_TEST (test_a_thin_link_is_followed)
{
  const Link *link = &links[__i__].link;
  Part wide = { 0, }, first = { 0, }, thin = { 0, }, back = { 0, };
  guint settle = 2 + 2 * link->report_ms / 1000;
  gdouble used, lost;
  Simulation sim;

  simulation_init (&sim, link, 7);
  run_until (&sim, 20, &wide);
  fail_unless (gst_rcast_coarse_get_target (&sim.coarse) >= 0.9 * config.max,
      "%s: %.0f before", link->name,
      (gdouble) gst_rcast_coarse_get_target (&sim.coarse));
  run_until (&sim, 20 + settle, &first);
  run_until (&sim, 50, &thin);
  used = thin.bits / (30 - settle) / (link->kbps * 1000.0);
  lost = (gdouble) thin.lost / thin.n;
  run_until (&sim, 80, &back);
  GST_INFO ("%s: used %.2f lost %.3f after %.0f", link->name, used, lost,
      (gdouble) gst_rcast_coarse_get_target (&sim.coarse));
  fail_unless (lost <= links[__i__].lost, "%s: lost %.3f", link->name, lost);
  fail_unless (used >= links[__i__].used, "%s: used %.2f", link->name, used);
  fail_unless (gst_rcast_coarse_get_target (&sim.coarse) >= 0.9 * config.max,
      "%s: %.0f after", link->name,
      (gdouble) gst_rcast_coarse_get_target (&sim.coarse));
  simulation_clear (&sim);
}

GST_END_TEST;

/* In 1,000 */
static const guint losses[] = { 10, 50, 100, 200 };

/* A lower rate is tried once, in vain. */
GST_START_TEST (test_chance_costs_no_rate)
{
  const Link link = { "chance", 20000, 200, losses[__i__], 1000, 2500, 40 };
  Part part = { 0, }, rest = { 0, };
  Simulation sim;

  simulation_init (&sim, &link, 7);
  run_until (&sim, 10, &part);
  run_until (&sim, 60, &rest);
  fail_unless (rest.n * (gdouble) PACKET_BITS / 50 >= 0.9 * config.max, "%u of 1,000: %.0f",
      losses[__i__], rest.n * (gdouble) PACKET_BITS / 50);
  simulation_clear (&sim);
}

GST_END_TEST;

/* A path with a longer way looks like a queue for a short time only. */
GST_START_TEST (test_a_longer_way_is_no_queue)
{
  const Link near = { "near", 20000, 200, 0, 1000, 2500, 40 };
  const Link far = { "far", 20000, 200, 0, 1000, 2500, 400 };
  Part part = { 0, };
  Simulation sim;

  simulation_init (&sim, &near, 7);
  run_until (&sim, 10, &part);
  sim.link = &far;
  run_until (&sim, 26, &part);
  fail_unless (gst_rcast_coarse_get_target (&sim.coarse) >= 0.9 * config.max,
      "%.0f", (gdouble) gst_rcast_coarse_get_target (&sim.coarse));
  simulation_clear (&sim);
}

GST_END_TEST;

/* The second report comes after an apparent silence, and shows a queue already. */
GST_START_TEST (test_a_queue_may_stand_from_the_second_report_on)
{
  const Link link = { "2.6 Mbit/s", 2600, 1000, 0, 3000, 2500, 40 };
  Part part = { 0, };
  Simulation sim;

  simulation_init (&sim, &link, 7);
  sim.now = sim.next_report = sim.next_sender =
      20 * GST_SECOND - 100 * GST_MSECOND;
  for (guint end = 20; end <= 50; end++) {
    guint64 target;

    run_until (&sim, end, &part);
    target = gst_rcast_coarse_get_target (&sim.coarse);
    fail_unless (target >= 1300000, "%u s: %.0f", end, (gdouble) target);
  }
  simulation_clear (&sim);
}

GST_END_TEST;

/* As before, but without a queue */
GST_START_TEST (test_the_way_may_be_longer_from_the_second_report_on)
{
  GstRcastCoarse coarse;

  gst_rcast_coarse_init (&coarse, &config);
  for (guint i = 1; i <= 5; i++) {
    GstRcastCoarseReport report = { 100, 0, i == 1 ? 40 * GST_MSECOND :
          400 * GST_MSECOND, MBIT
    };

    gst_rcast_coarse_report (&coarse, &report, 5 * i * GST_SECOND);
  }
  fail_unless_equals_uint64 (gst_rcast_coarse_get_target (&coarse),
      config.max);
}

GST_END_TEST;

/* A report about a few packets is not enough to decide. The third report of the
 * queue is the first that is. */
GST_START_TEST (test_a_queue_is_cut_by_what_is_sent)
{
  GstRcastCoarse coarse;

  gst_rcast_coarse_init (&coarse, &config);
  for (guint i = 1; i <= 4; i++) {
    GstRcastCoarseReport report = { i < 4 ? 1 : 100, 0, i == 1 ?
          40 * GST_MSECOND : 400 * GST_MSECOND, MBIT
    };

    gst_rcast_coarse_report (&coarse, &report, i * GST_SECOND);
  }
  fail_unless (gst_rcast_coarse_get_target (&coarse) >= 0.5 * MBIT, "%.0f",
      (gdouble) gst_rcast_coarse_get_target (&coarse));
}

GST_END_TEST;

/* Neither the sent rate nor the arriving rate is known yet. */
GST_START_TEST (test_loss_of_nothing_is_no_reason)
{
  GstRcastCoarse coarse;

  gst_rcast_coarse_init (&coarse, &config);
  for (guint i = 1; i <= 2; i++) {
    GstRcastCoarseReport report = { 100, 30, 40 * GST_MSECOND, 0 };

    gst_rcast_coarse_report (&coarse, &report, i * GST_SECOND);
  }
  fail_unless_equals_uint64 (gst_rcast_coarse_get_target (&coarse),
      config.max);
}

GST_END_TEST;

GST_START_TEST (test_one_long_round_trip_is_no_queue)
{
  GstRcastCoarse coarse;

  gst_rcast_coarse_init (&coarse, &config);
  for (guint i = 1; i < 20; i++) {
    GstRcastCoarseReport report = { 100, 0, i % 3 ? 20 * GST_MSECOND :
          500 * GST_MSECOND, MBIT
    };

    gst_rcast_coarse_report (&coarse, &report, i * GST_SECOND);
    fail_unless (gst_rcast_coarse_get_target (&coarse) == config.max);
  }
}

GST_END_TEST;

/* An outage would have lost its packets at any rate. */
GST_START_TEST (test_an_outage_costs_no_rate)
{
  const Link wide = { "wide", 20000, 200, 0, 1000, 2500, 40 };
  const Link away = { "away", 20000, 200, 1000, 1000, 2500, 40 };
  Part part = { 0, };
  Simulation sim;

  simulation_init (&sim, &wide, 7);
  run_until (&sim, 10, &part);
  sim.link = &away;
  /* No report arrives either. */
  sim.next_report = 14 * GST_SECOND;
  run_until (&sim, 14, &part);
  sim.link = &wide;
  run_until (&sim, 18, &part);
  fail_unless (gst_rcast_coarse_get_target (&sim.coarse) >= 0.9 * config.max,
      "%.0f", (gdouble) gst_rcast_coarse_get_target (&sim.coarse));
  simulation_clear (&sim);
}

GST_END_TEST;

/* Audio goes on while a video is paused, and does not show how much could be sent. */
GST_START_TEST (test_what_waits_is_given_room_beside_sound)
{
  GstRcastCoarse coarse;
  gboolean waits = __i__;
  guint64 target;

  gst_rcast_coarse_init (&coarse, &config);
  for (guint i = 1; i <= 40; i++) {
    GstRcastCoarseReport report = { 100, i < 3 ? 50 : 0, 40 * GST_MSECOND,
      67000
    };

    gst_rcast_coarse_set_eager (&coarse, waits);
    gst_rcast_coarse_report (&coarse, &report, i * GST_SECOND);
  }
  target = gst_rcast_coarse_get_target (&coarse);
  fail_unless (waits ? target > MBIT : target < 200000, "%.0f",
      (gdouble) target);
}

GST_END_TEST;

GST_START_TEST (test_silence_is_no_report)
{
  GstRcastCoarseReport report = { 100, 0, 40 * GST_MSECOND, MBIT };
  GstRcastCoarse coarse;

  gst_rcast_coarse_init (&coarse, &config);
  fail_if (gst_rcast_coarse_is_known (&coarse, GST_SECOND));
  gst_rcast_coarse_report (&coarse, &report, GST_SECOND);
  fail_unless (gst_rcast_coarse_is_known (&coarse, 2 * GST_SECOND));
  fail_if (gst_rcast_coarse_is_known (&coarse, 60 * GST_SECOND));
}

GST_END_TEST;

static Suite *
coarse_suite (void)
{
  Suite *suite = suite_create ("coarse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_a_thin_link_is_followed, 0,
      G_N_ELEMENTS (links));
  tcase_add_loop_test (tc, test_chance_costs_no_rate, 0,
      G_N_ELEMENTS (losses));
  tcase_add_test (tc, test_a_longer_way_is_no_queue);
  tcase_add_test (tc, test_a_queue_may_stand_from_the_second_report_on);
  tcase_add_test (tc, test_the_way_may_be_longer_from_the_second_report_on);
  tcase_add_test (tc, test_a_queue_is_cut_by_what_is_sent);
  tcase_add_test (tc, test_loss_of_nothing_is_no_reason);
  tcase_add_test (tc, test_one_long_round_trip_is_no_queue);
  tcase_add_test (tc, test_an_outage_costs_no_rate);
  tcase_add_loop_test (tc, test_what_waits_is_given_room_beside_sound, 0, 2);
  tcase_add_test (tc, test_silence_is_no_report);
  return suite;
}

GST_CHECK_MAIN (coarse);
