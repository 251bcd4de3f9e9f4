/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A backlog arrives in time for the jitter buffer; a way that has become longer is told from it. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-backlog.h"

#define START (10 * GST_SECOND)
#define LATENCY (200 * GST_MSECOND)
#define CLOCK_RATE 90000
#define STEP_MS 10
#define BEFORE_MS 3020          /* within a frame */
#define AFTER_MS 4000
#define LIVE_MS 20              /* the way of a packet */
#define MAX_JITTER_MS 60
#define FRAME_PACKETS 4         /* with the same timestamp */
#define BEGIN_SEQUENCE 65400    /* wraps around soon */
#define BEGIN_RTP_TIME (G_MAXUINT32 - CLOCK_RATE)

/* A packet each 10 ms, four of them with the same timestamp. An outage loses packets for @outage
 * ms. Those sent in its last @kept ms come after it, @speed times as fast as they were sent. */
static const struct
{
  guint outage, kept, speed;    /* ms, ms; speed 0: all at once */
  guint slower;                 /* ms: the way is longer by so much after it */
  guint jitter;                 /* ms: each second packet, always */
  guint least, most;            /* packets of the backlog */
} rows[] = {
  /* Nothing happens, or nothing is kept. */
  {0, 0, 0, 0, 0, 0, 0},
  {0, 0, 0, 0, 100, 0, 0},
  {2000, 0, 0, 0, 0, 0, 0},
  {60000, 0, 0, 0, MAX_JITTER_MS, 0, 0},
  /* What is late by half the latency or more */
  {2000, 1170, 0, 0, 0, 105, 112},
  {2000, 1170, 0, 0, MAX_JITTER_MS, 100, 117},
  {60000, 5000, 0, 0, 0, 485, 496},
  {2000, 150, 0, 0, 0, 0, 0},
  {400, 300, 0, 0, 0, 18, 24},
  /* Nothing is lost, also if it begins within a frame */
  {2000, 2000, 0, 0, 0, 190, 195},
  {2010, 2010, 0, 0, 0, 190, 195},
  {2030, 2030, 0, 0, MAX_JITTER_MS, 185, 200},
  {2000, 2000, 4, 0, 0, 200, 260},
  /* It takes its time. */
  {2000, 1170, 8, 0, 0, 110, 130},
  {2000, 1170, 3, 0, 0, 130, 170},
  {2000, 1170, 3, 0, MAX_JITTER_MS, 130, 175},
  /* So slowly that it has not come to an end after a second */
  {9000, 8000, 3, 0, 0, 290, 310},
  /* As fast as it was sent: the way has become longer. */
  {9000, 8000, 1, 0, 0, 8, 14},
  {2000, 0, 0, 150, 0, 0, 0},
  {2000, 0, 0, 400, 0, 8, 14},
  {2000, 0, 0, 1500, 0, 8, 14},
  {2000, 1170, 0, 400, 0, 85, 140},
};

typedef struct
{
  GstRcastBacklog *backlog;
  GstClockTime latency;
  guint64 arrival;              /* ms: no packet overtakes another one */
  guint late;                   /* packets of a backlog */
  guint last;                   /* ms: when the last of them was sent */
} World;

/* @ms: when the packet was sent */
static void
arrive (World * world, guint ms, guint64 arrival)
{
  guint stamp = ms - ms % (FRAME_PACKETS * STEP_MS);
  GstClockTime lateness;
  guint64 seeming;

  world->arrival = MAX (world->arrival, arrival);
  lateness = gst_rcast_backlog_step (world->backlog,
      (guint16) (BEGIN_SEQUENCE + ms / STEP_MS),
      BEGIN_RTP_TIME + stamp * (CLOCK_RATE / 1000), world->latency,
      START + world->arrival * GST_MSECOND);
  if (lateness == 0)
    return;
  world->late++;
  world->last = ms;
  /* Then it seems to arrive as the fastest packets do. */
  seeming = world->arrival - lateness / GST_MSECOND;
  fail_unless (seeming >= stamp + LIVE_MS
      && seeming <= stamp + LIVE_MS + MAX_JITTER_MS, "packet of %u ms at %u ms",
      stamp, (guint) seeming);
}

GST_START_TEST (test_finds_what_is_late)
{
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  World world = { backlog, LATENCY, 0, 0, 0 };
  guint heals = BEFORE_MS + rows[__i__].outage;
  guint kept_from = heals - rows[__i__].kept;

  for (guint ms = 0; ms < heals + AFTER_MS; ms += STEP_MS) {
    guint way = LIVE_MS + ms / STEP_MS % 2 * rows[__i__].jitter;

    if (ms >= BEFORE_MS && ms < kept_from)
      continue;
    if (ms < BEFORE_MS)
      arrive (&world, ms, ms + way);
    else
      arrive (&world, ms, MAX (ms + way + rows[__i__].slower, heals + way
              + (rows[__i__].speed ? (ms - kept_from) / rows[__i__].speed : 0)));
  }
  fail_unless (world.late >= rows[__i__].least
      && world.late <= rows[__i__].most, "%u packets", world.late);
  fail_unless (world.last < heals + 2000, "at %u ms", world.last);
}

GST_END_TEST;

/* The current packets come first, then those that were repaired. */
GST_START_TEST (test_finds_late_packets_out_of_order)
{
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  World world = { backlog, LATENCY, 0, 0, 0 };

  for (guint ms = 0; ms < 1000; ms += STEP_MS)
    arrive (&world, ms, ms + LIVE_MS);
  arrive (&world, 3000, 3000 + LIVE_MS);
  for (guint ms = 1000; ms < 3000; ms += STEP_MS)
    arrive (&world, ms, 3010 + LIVE_MS);
  /* 2800 ms is the timestamp of the last one that is late by more than the latency. */
  fail_unless_equals_int (world.last, 2830);
  fail_unless_equals_int (world.late, (2840 - 1000) / STEP_MS);
  arrive (&world, 3010, 3010 + LIVE_MS);
  fail_unless_equals_int (world.last, 2830);
}

GST_END_TEST;

/* The backlog stops for a while before its end. */
GST_START_TEST (test_goes_on_after_a_second_silence)
{
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  World world = { backlog, LATENCY, 0, 0, 0 };

  for (guint ms = 0; ms < 3000; ms += STEP_MS)
    arrive (&world, ms, ms < 1000 ? ms + LIVE_MS : ms < 2000 ? 3000 : 3900);
  fail_unless_equals_int (world.late, 200);
  for (guint ms = 3000; ms < 5000; ms += STEP_MS)
    arrive (&world, ms, MAX (3900, ms + LIVE_MS));
  fail_unless (world.last < 3900);
}

GST_END_TEST;

/* Packets that come seldom, as those of three frames a second, on a way that becomes longer */
GST_START_TEST (test_seldom_packets_on_a_longer_way)
{
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  World world = { backlog, LATENCY, 0, 0, 0 };

  for (guint ms = 0; ms < 60000; ms += 33 * STEP_MS)
    if (ms < 3000 || ms > 5000)
      arrive (&world, ms, ms + LIVE_MS + (ms < 3000 ? 0 : 400));
  fail_unless (world.late <= 2, "%u packets", world.late);
}

GST_END_TEST;

/* Timestamps jump back while a backlog arrives. */
GST_START_TEST (test_sender_restarts_in_a_backlog)
{
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  World world = { backlog, LATENCY, 0, 0, 0 };

  for (guint ms = 0; ms < 2000; ms += STEP_MS)
    arrive (&world, ms, ms < 1000 ? ms + LIVE_MS : 2500);
  fail_unless_equals_int (world.late, 100);
  for (guint i = 0; i < 100; i++)
    fail_if (gst_rcast_backlog_step (backlog,
            (guint16) (BEGIN_SEQUENCE + 200 + i),
            BEGIN_RTP_TIME - 30 * CLOCK_RATE + i * (CLOCK_RATE / 100), LATENCY,
            START + (2510 + 10 * i) * GST_MSECOND) > 0);
}

GST_END_TEST;

/* Jitter buffers with a long latency take a new time base at a second of lateness, too. With a
 * short one, packets are late all the time. */
GST_START_TEST (test_every_latency)
{
  static const struct
  {
    guint latency, kept, least, most;   /* ms, ms, packets */
  } latencies[] = {
    {0, 0, 0, 0},
    {0, 1000, 94, 98},
    {50, 80, 0, 0},
    {800, 1000, 50, 65},
    {5000, 1000, 45, 60},
    {5000, 800, 0, 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (latencies); i++) {
    g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
    World world = { backlog, latencies[i].latency * GST_MSECOND, 0, 0, 0 };

    for (guint ms = 0; ms < 3000; ms += STEP_MS)
      arrive (&world, ms, ms + LIVE_MS + ms % 3 * 15);
    for (guint ms = 5000 - latencies[i].kept; ms < 7000; ms += STEP_MS)
      arrive (&world, ms, MAX (5000, ms) + LIVE_MS);
    fail_unless (world.late >= latencies[i].least
        && world.late <= latencies[i].most, "%u: %u packets", i, world.late);
  }
}

GST_END_TEST;

/* Numbers and timestamps begin elsewhere: nothing is late. */
GST_START_TEST (test_follows_a_sender_that_restarts)
{
  static const gint32 jumps[] = { G_MININT32 / 2, -30 * CLOCK_RATE,
    30 * CLOCK_RATE, G_MAXINT32 / 2
  };
  g_autoptr (GstRcastBacklog) backlog = gst_rcast_backlog_new (CLOCK_RATE);
  GstClockTime now = START;
  guint32 rtp_time = 0;
  guint16 sequence = 0;

  for (guint restart = 0; restart < 4 * G_N_ELEMENTS (jumps); restart++) {
    for (guint i = 0; i < 400; i++) {
      fail_if (gst_rcast_backlog_step (backlog, sequence, rtp_time, LATENCY,
              now) > 0, "packet %u after restart %u", i, restart);
      now += STEP_MS * GST_MSECOND;
      rtp_time += STEP_MS * (CLOCK_RATE / 1000);
      sequence++;
    }
    sequence += (guint16) (restart % 2 ? 20000 : -20000);
    rtp_time += (guint32) jumps[restart / 4];
    now += restart % 3 * GST_SECOND;
  }
}

GST_END_TEST;

static Suite *
backlog_suite (void)
{
  Suite *s = suite_create ("backlog");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_finds_what_is_late, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_finds_late_packets_out_of_order);
  tcase_add_test (tc, test_goes_on_after_a_second_silence);
  tcase_add_test (tc, test_seldom_packets_on_a_longer_way);
  tcase_add_test (tc, test_sender_restarts_in_a_backlog);
  tcase_add_test (tc, test_every_latency);
  tcase_add_test (tc, test_follows_a_sender_that_restarts);
  return s;
}

GST_CHECK_MAIN (backlog);
