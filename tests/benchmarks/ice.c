/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures the cost of the ICE agent: CPU time against the stock agent, and memory. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <stdlib.h>

#include "gstrcastice.h"
#include "ice-pair.h"
#include "process.h"
#include "rcast-check.h"

/* The median of short, alternating rounds: other load on the machine affects only some of them. */
#define ROUNDS 11
#define PACKETS 4000
#define RESTARTS 1000

/* Returns: the CPU time of both peers, in microseconds per packet */
static gdouble
measure (gboolean our_sender, gboolean our_receiver)
{
  static const gchar *const addresses[] = { "127.0.0.1", NULL };
  IcePair *pair = ice_pair_new_full (our_sender, our_receiver, addresses);
  gdouble cpu;

  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 1000);
  cpu = process_get_cpu_seconds ();
  ice_pair_wait_packets (pair, PACKETS);
  cpu = process_get_cpu_seconds () - cpu;
  ice_pair_free (pair);
  return cpu * 1e6 / PACKETS;
}

static gint
compare_costs (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a;
  gdouble y = *(const gdouble *) b;

  return x < y ? -1 : x > y;
}

static gdouble
get_median (gdouble * costs)
{
  qsort (costs, ROUNDS, sizeof *costs, compare_costs);
  return costs[ROUNDS / 2];
}

GST_START_TEST (bench_cpu)
{
  gdouble stock[ROUNDS];
  gdouble sender[ROUNDS];
  gdouble both[ROUNDS];
  gdouble cost;

  /* 1000 packets per second */
  ice_pair_samples = 8;
  for (guint i = 0; i < ROUNDS; i++) {
    stock[i] = measure (FALSE, FALSE);
    sender[i] = measure (TRUE, FALSE);
    both[i] = measure (TRUE, TRUE);
  }
  ice_pair_samples = 40;
  cost = get_median (stock);
  printf ("CPU per packet of both ends, 1000/s, median of %u: stock agents "
      "%.1f us; ours sending %.1f us, ratio %.3f; ours on both ends %.1f us, "
      "ratio %.3f\n", ROUNDS, cost, get_median (sender),
      get_median (sender) / cost, get_median (both), get_median (both) / cost);
  fflush (stdout);
}

GST_END_TEST;

GST_START_TEST (bench_memory)
{
  IcePair *pair = ice_pair_new ();

  ice_pair_connect (pair);
  for (guint i = 1; i <= RESTARTS; i++) {
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, i, i);
    if (i == 100 || i % 250 == 0) {
      guint resident = process_get_resident_kib ();

      fail_unless (resident > 0);
      printf ("after %4u restarts: %u KiB resident\n", i, resident);
      fflush (stdout);
    }
  }
  printf ("%u packets of %u lost\n", ice_pair_finish (pair), pair->n_sent);
  fflush (stdout);
  ice_pair_free (pair);
}

GST_END_TEST;

static Suite *
ice_suite (void)
{
  Suite *s = suite_create ("bench-ice");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  tcase_set_timeout (tc, 900);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, bench_cpu);
  tcase_add_test (tc, bench_memory);
  return s;
}

GST_CHECK_MAIN (ice);
