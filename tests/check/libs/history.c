/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outages and attempts are distinguished, measured and remembered, the last 32 of them. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-history.h"

#define MS(x) ((x) * GST_MSECOND)
#define RECONNECTING GST_RCAST_STATUS_RECONNECTING_BROADCAST
#define ON_AIR GST_RCAST_STATUS_BROADCASTING

typedef struct
{
  guint at_ms;
  GstRcastStatus status;
  GstRcastReason reason;
  GstRcastStrategy strategy;
  guint attempt;
  guint outage_ms;
} Said;

static void
add (GstRcastHistory * history, const Said * said)
{
  GstRcastStatusInfo info = {
    .status = said->status,
    .reason = said->reason,
    .strategy = said->strategy,
    .attempt = said->attempt,
    .outage = MS (said->outage_ms),
  };

  gst_rcast_history_add (history, &info, MS (said->at_ms),
      GST_SECOND + MS (said->at_ms));
}

static guint64
number (const GstStructure * stats, const gchar * name)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (stats, name, &value), "no %s", name);
  return value;
}

static const GstStructure *
attempt (const GstStructure * stats, guint i)
{
  return gst_value_get_structure (gst_value_list_get_value
      (gst_structure_get_value (stats, "history"), i));
}

static guint
count (const GstStructure * stats)
{
  return gst_value_list_get_size (gst_structure_get_value (stats, "history"));
}

static void
assert_attempt (const GstStructure * s, guint64 time_ms, const gchar * reason,
    const gchar * strategy, const gchar * result, guint64 duration_ms)
{
  assert_equals_uint64 (number (s, "time"), GST_SECOND + MS (time_ms));
  assert_equals_string (gst_structure_get_string (s, "reason"), reason);
  assert_equals_string (gst_structure_get_string (s, "strategy"), strategy);
  assert_equals_string (gst_structure_get_string (s, "result"), result);
  assert_equals_uint64 (number (s, "duration"), MS (duration_ms));
}

GST_START_TEST (test_two_outages)
{
  static const Said said[] = {
    {0, GST_RCAST_STATUS_SIGNALLING},
    {100, GST_RCAST_STATUS_CONNECTED},
    {200, ON_AIR},
    {5000, RECONNECTING, GST_RCAST_REASON_ICE_FAILED,
        GST_RCAST_STRATEGY_ICE_RESTART, 1, 2000},
    {6000, RECONNECTING, GST_RCAST_REASON_EVICTED, GST_RCAST_STRATEGY_REJOIN,
        2, 3000},
    {6500, ON_AIR, GST_RCAST_REASON_NONE, GST_RCAST_STRATEGY_REJOIN, 2, 3500},
    {9000, RECONNECTING, GST_RCAST_REASON_SERVER_CLOSED,
        GST_RCAST_STRATEGY_REJOIN, 1, 0},
  };
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  const GstStructure *attempts;
  GstRcastHistory history;

  gst_rcast_history_init (&history);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    add (&history, &said[i]);
  gst_rcast_history_to_stats (&history, MS (9250), stats);

  assert_equals_uint64 (number (stats, "outages"), 2);
  assert_equals_uint64 (number (stats, "outage"), MS (250));
  assert_equals_uint64 (number (stats, "last-outage"), MS (3500));
  assert_equals_uint64 (number (stats, "total-outage"), MS (3500));
  assert_equals_string (gst_structure_get_string (stats, "last-reason"),
      "server-closed");
  attempts = gst_value_get_structure (gst_structure_get_value (stats,
          "attempts"));
  assert_equals_uint64 (number (attempts, "ice-restart"), 1);
  assert_equals_uint64 (number (attempts, "rejoin"), 2);
  assert_equals_uint64 (number (attempts, "path-switch"), 0);
  assert_equals_uint64 (number (attempts, "renegotiate"), 0);
  assert_equals_uint64 (number (attempts, "failover"), 0);
  assert_equals_int (count (stats), 3);
  assert_attempt (attempt (stats, 0), 5000, "ice-failed", "ice-restart",
      "failed", 1000);
  assert_attempt (attempt (stats, 1), 6000, "evicted", "rejoin", "succeeded",
      500);
  assert_attempt (attempt (stats, 2), 9000, "server-closed", "rejoin",
      "running", 250);
}

GST_END_TEST;

static const struct
{
  GstRcastReason reason;
  const gchar *result;
  const gchar *last_reason;
} ends[] = {
  {GST_RCAST_REASON_USER, "stopped", "ice-failed"},
  {GST_RCAST_REASON_REJECTED, "failed", "rejected"},
};

GST_START_TEST (test_the_end_ends_the_outage)
{
  static const Said trouble = { 1000, RECONNECTING,
    GST_RCAST_REASON_ICE_FAILED, GST_RCAST_STRATEGY_REJOIN, 1, 0
  };
  const Said end = { 1800, GST_RCAST_STATUS_DISCONNECTED, ends[__i__].reason };
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  GstRcastHistory history;

  gst_rcast_history_init (&history);
  add (&history, &trouble);
  add (&history, &end);
  gst_rcast_history_to_stats (&history, MS (5000), stats);
  assert_equals_uint64 (number (stats, "outage"), 0);
  assert_equals_uint64 (number (stats, "last-outage"), MS (800));
  assert_equals_string (gst_structure_get_string (stats, "last-reason"),
      ends[__i__].last_reason);
  assert_attempt (attempt (stats, 0), 1000, "ice-failed", "rejoin",
      ends[__i__].result, 800);
}

GST_END_TEST;

GST_START_TEST (test_what_ended_a_wait_is_told)
{
  static const GstRcastStatusInfo announced = {
    .status = RECONNECTING,
    .attempt = 1,
    .delay = MS (8000),
  };
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  GstRcastHistory history;

  gst_rcast_history_init (&history);
  gst_rcast_history_hasten (&history, "reconnect-now", MS (900));
  gst_rcast_history_add (&history, &announced, MS (1000), 0);
  gst_rcast_history_add (&history, &announced, MS (20000), 0);
  gst_rcast_history_hasten (&history, "server-reached", MS (20700));
  gst_rcast_history_hasten (&history, "network-up", MS (20800));
  gst_rcast_history_to_stats (&history, MS (21000), stats);
  assert_equals_uint64 (number (attempt (stats, 0), "delay"), MS (8000));
  assert_equals_string (gst_structure_get_string (attempt (stats, 0),
          "hastened-by"), "none");
  assert_equals_uint64 (number (attempt (stats, 1), "delay"), MS (700));
  assert_equals_string (gst_structure_get_string (attempt (stats, 1),
          "hastened-by"), "server-reached");
}

GST_END_TEST;

GST_START_TEST (test_the_last_32_are_remembered)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  GstRcastHistory history;

  gst_rcast_history_init (&history);
  for (guint i = 0; i < 1000; i++) {
    Said said = { i, RECONNECTING, GST_RCAST_REASON_NETWORK_LOST,
      GST_RCAST_STRATEGY_REJOIN, i + 1, i
    };

    add (&history, &said);
  }
  gst_rcast_history_to_stats (&history, MS (1000), stats);
  assert_equals_uint64 (number (stats, "outages"), 1);
  assert_equals_int (count (stats), 32);
  assert_attempt (attempt (stats, 0), 968, "network-lost", "rejoin", "failed",
      1);
  assert_attempt (attempt (stats, 31), 999, "network-lost", "rejoin",
      "running", 1);
}

GST_END_TEST;

/* A reader may have read the clock before an attempt began. */
GST_START_TEST (test_clock_read_too_early_makes_no_duration)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  const Said said = { 1000, RECONNECTING, GST_RCAST_REASON_NETWORK_LOST,
    GST_RCAST_STRATEGY_REJOIN, 1, 0
  };
  GstRcastHistory history;

  gst_rcast_history_init (&history);
  add (&history, &said);
  gst_rcast_history_to_stats (&history, MS (999), stats);
  assert_equals_uint64 (number (stats, "outage"), 0);
  assert_equals_uint64 (number (attempt (stats, 0), "duration"), 0);
}

GST_END_TEST;

static Suite *
history_suite (void)
{
  Suite *s = suite_create ("history");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_two_outages);
  tcase_add_loop_test (tc, test_the_end_ends_the_outage, 0,
      G_N_ELEMENTS (ends));
  tcase_add_test (tc, test_what_ended_a_wait_is_told);
  tcase_add_test (tc, test_the_last_32_are_remembered);
  tcase_add_test (tc, test_clock_read_too_early_makes_no_duration);
  return s;
}

GST_CHECK_MAIN (history);
