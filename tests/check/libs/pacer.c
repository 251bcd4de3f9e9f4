/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When waiting packets leave: no faster than is wanted, none of them late, and in turn with
 * packets that do not wait. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-pacer.h"

#define PACKET 1200
#define MBIT 1000000

/* A queue that the pacer empties in simulated time */
typedef struct
{
  GstRcastPacer pacer;
  GstClockTime now;
  GQueue came;                  /* of GstClockTime * */
  gsize sent;
  guint n_turns;
  GstClockTime oversleeps;      /* at each wait */
  GstClockTime takes;           /* to send a packet */
  GstClockTime longest;         /* wait of a packet */
} Rig;

static void
rig_init (Rig * rig, guint64 rate)
{
  *rig = (Rig) {.now = GST_SECOND };
  gst_rcast_pacer_init (&rig->pacer);
  gst_rcast_pacer_set_rate (&rig->pacer, rate, 0, rig->now);
  g_queue_init (&rig->came);
}

static void
rig_clear (Rig * rig)
{
  g_queue_clear_full (&rig->came, g_free);
}

static void
add (Rig * rig, guint n)
{
  for (guint i = 0; i < n; i++)
    g_queue_push_tail (&rig->came, g_memdup2 (&rig->now, sizeof rig->now));
}

static void
send_packet (Rig * rig)
{
  g_autofree GstClockTime *came = g_queue_pop_head (&rig->came);

  rig->longest = MAX (rig->longest, rig->now - *came);
  rig->sent += PACKET;
  rig->now += rig->takes;
  gst_rcast_pacer_charge (&rig->pacer, PACKET, rig->now);
}

/* Packets that came at the same time are a frame. */
static void
list_frames (Rig * rig, GstRcastPacerQueue * queue)
{
  GList *item = rig->came.head;

  while (item) {
    GstClockTime came = *(GstClockTime *) item->data;
    gsize size = 0;

    for (; item && *(GstClockTime *) item->data == came; item = item->next)
      size += PACKET;
    gst_rcast_pacer_queue_add (queue, size, came, rig->now);
  }
}

/* Sends what leaves until @until. Each wait is as long as the pacer says. */
static void
run (Rig * rig, GstClockTime until)
{
  while (rig->came.length > 0) {
    GstRcastPacerQueue queue = { 0, };
    GstClockTime next = 0;
    gsize room;

    list_frames (rig, &queue);
    room = gst_rcast_pacer_get_room (&rig->pacer, &queue, rig->now, &next);
    if (room == 0) {
      fail_unless (next > rig->now);
      if (next > until)
        break;
      rig->now = next + rig->oversleeps;
      continue;
    }
    rig->n_turns++;
    for (gsize left = room; left > 0 && rig->came.length > 0;
        left -= MIN (left, PACKET))
      send_packet (rig);
  }
  rig->now = MAX (rig->now, until);
}

GST_START_TEST (test_a_large_frame_leaves_at_the_rate)
{
  Rig rig;

  /* 50 packets at 4 Mbit/s: 120 ms */
  rig_init (&rig, 4 * MBIT);
  add (&rig, 50);
  run (&rig, rig.now + 60 * GST_MSECOND);
  fail_unless (rig.sent >= 24 * PACKET && rig.sent <= 32 * PACKET, "%"
      G_GSIZE_FORMAT, rig.sent);
  run (&rig, rig.now + 60 * GST_MSECOND);
  fail_unless_equals_int (rig.came.length, 0);
  /* Three packets at once: each turn is a wake-up. */
  fail_unless (rig.n_turns <= 20, "%u turns", rig.n_turns);
  rig_clear (&rig);
}

GST_END_TEST;

/* A busy machine wakes up late. A pacer that lost this time at each wake-up would send less than
 * comes, and all packets would wait for as long as they may. */
GST_START_TEST (test_a_late_wake_up_costs_no_rate)
{
  gsize before;
  Rig rig;

  /* 100 packets at 3 Mbit/s: 320 ms */
  rig_init (&rig, 3 * MBIT);
  gst_rcast_pacer_set_rate (&rig.pacer, 3 * MBIT, 2 * PACKET, rig.now);
  rig.oversleeps = 1500 * GST_USECOND;
  rig.takes = 20 * GST_USECOND;
  add (&rig, 100);
  run (&rig, rig.now + 110 * GST_MSECOND);
  before = rig.sent;
  run (&rig, rig.now + 160 * GST_MSECOND);
  fail_unless (rig.sent - before >= 48 * PACKET
      && rig.sent - before <= 54 * PACKET, "%" G_GSIZE_FORMAT,
      rig.sent - before);
  rig_clear (&rig);
}

GST_END_TEST;

/* The pacer does not catch up with all of a long time at once, nor with a time in
 * which nothing waited for long. */
GST_START_TEST (test_little_is_caught_up_with_at_once)
{
  gsize before;
  Rig rig;

  rig_init (&rig, 3 * MBIT);
  gst_rcast_pacer_set_rate (&rig.pacer, 3 * MBIT, 2 * PACKET, rig.now);
  add (&rig, 4);
  run (&rig, rig.now + GST_SECOND);
  add (&rig, 40);
  run (&rig, rig.now);
  before = rig.sent;
  rig.now += 110 * GST_MSECOND;
  run (&rig, rig.now);
  fail_unless (rig.sent - before <= 3 * PACKET, "%" G_GSIZE_FORMAT,
      rig.sent - before);
  rig.now += 100 * GST_MSECOND;
  before = rig.sent;
  run (&rig, rig.now);
  fail_unless (rig.sent - before >= 6 * PACKET
      && rig.sent - before <= 10 * PACKET, "%" G_GSIZE_FORMAT,
      rig.sent - before);
  rig_clear (&rig);
}

GST_END_TEST;

/* The frame ends without a burst, which would overflow a short buffer. */
GST_START_TEST (test_a_frame_that_is_too_large_is_spread)
{
  Rig rig;

  /* 100 packets at 1 Mbit/s: 960 ms */
  rig_init (&rig, MBIT);
  add (&rig, 100);
  for (guint i = 1; i <= 10; i++) {
    gsize before = rig.sent;

    run (&rig, rig.now + GST_RCAST_PACER_MAX_WAIT / 10);
    fail_unless (rig.sent - before <= 12 * PACKET, "%" G_GSIZE_FORMAT
        " bytes in part %u", rig.sent - before, i);
  }
  fail_unless_equals_int (rig.came.length, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Nor is there a burst when several frames are due. The frames were made before the rate fell, so
 * each is too large, and other packets were repaired. Frames are made and sent each 1/30 s. */
GST_START_TEST (test_frames_that_are_too_large_are_spread)
{
  gsize most = 0;
  Rig rig;

  rig_init (&rig, MBIT / 2);
  gst_rcast_pacer_charge (&rig.pacer, 40 * PACKET, rig.now);
  for (guint i = 0; i < 24; i++) {
    gsize before = rig.sent;

    add (&rig, i < 6 ? 10 : 1);
    run (&rig, rig.now + GST_SECOND / 30);
    most = MAX (most, rig.sent - before);
  }
  /* 60 packets in 570 ms, and one with each of the later frames */
  fail_unless (most <= 8 * PACKET, "%" G_GSIZE_FORMAT " bytes", most);
  fail_unless (rig.longest <= GST_RCAST_PACER_MAX_WAIT);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_nothing_waits_without_a_rate)
{
  Rig rig;

  rig_init (&rig, 0);
  add (&rig, 1000);
  run (&rig, rig.now);
  fail_unless_equals_int (rig.came.length, 0);
  fail_unless_equals_int (rig.n_turns, 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_a_small_frame_does_not_wait)
{
  Rig rig;

  rig_init (&rig, MBIT);
  add (&rig, 1);
  run (&rig, rig.now);
  fail_unless_equals_int (rig.came.length, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Two packets at once show the speed of a path that is faster than the rate. */
GST_START_TEST (test_a_burst_leaves_at_once)
{
  Rig rig;

  rig_init (&rig, MBIT / 10);
  gst_rcast_pacer_set_rate (&rig.pacer, MBIT / 10, 2 * PACKET, rig.now);
  add (&rig, 4);
  run (&rig, rig.now);
  fail_unless_equals_int (rig.came.length, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Waiting packets pay for packets that do not wait. */
GST_START_TEST (test_sound_and_repairs_come_first)
{
  Rig rig;

  rig_init (&rig, MBIT);
  gst_rcast_pacer_charge (&rig.pacer, 5000, rig.now);
  add (&rig, 1);
  /* 5,000 bytes at 1 Mbit/s: 40 ms */
  run (&rig, rig.now + 39 * GST_MSECOND);
  fail_unless_equals_int (rig.came.length, 1);
  run (&rig, rig.now + 2 * GST_MSECOND);
  fail_unless_equals_int (rig.came.length, 0);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_a_flood_of_repairs_starves_nothing)
{
  Rig rig;

  rig_init (&rig, 100000);
  for (guint i = 0; i < 1000; i++) {
    if (i % 10 == 0)
      add (&rig, 1);
    gst_rcast_pacer_charge (&rig.pacer, PACKET, rig.now);
    run (&rig, rig.now + GST_MSECOND);
  }
  run (&rig, rig.now + GST_RCAST_PACER_MAX_WAIT);
  fail_unless_equals_int (rig.came.length, 0);
  fail_unless (rig.longest <= GST_RCAST_PACER_MAX_WAIT, "%" G_GUINT64_FORMAT,
      rig.longest);
  rig_clear (&rig);
}

GST_END_TEST;

/* A higher rate counts from now on. Bytes that were paid for stay paid for. */
GST_START_TEST (test_the_rate_changes_while_packets_wait)
{
  Rig rig;

  rig_init (&rig, 100000);
  add (&rig, 5);
  run (&rig, rig.now + 10 * GST_MSECOND);
  fail_unless_equals_int (rig.came.length, 4);
  gst_rcast_pacer_set_rate (&rig.pacer, 20 * MBIT, 0, rig.now);
  run (&rig, rig.now + 2 * GST_MSECOND);
  fail_unless_equals_int (rig.came.length, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Whatever comes, and however the rate changes, no packet waits for longer than it may. */
GST_START_TEST (test_nothing_is_ever_late)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (__i__);
  Rig rig;

  rig_init (&rig, MBIT);
  for (guint i = 0; i < 2000; i++) {
    add (&rig, g_rand_int_range (random, 0, 30));
    if (g_rand_int_range (random, 0, 20) == 0)
      gst_rcast_pacer_set_rate (&rig.pacer,
          g_rand_int_range (random, 50000, 8 * MBIT), 2 * PACKET *
          g_rand_boolean (random), rig.now);
    if (g_rand_int_range (random, 0, 4) == 0)
      gst_rcast_pacer_charge (&rig.pacer, g_rand_int_range (random, 1, 4000),
          rig.now);
    run (&rig, rig.now + g_rand_int_range (random, 0, 50) * GST_MSECOND);
  }
  run (&rig, rig.now + GST_RCAST_PACER_MAX_WAIT);
  fail_unless_equals_int (rig.came.length, 0);
  fail_unless (rig.longest <= GST_RCAST_PACER_MAX_WAIT, "%" G_GUINT64_FORMAT,
      rig.longest);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
pacer_suite (void)
{
  Suite *suite = suite_create ("pacer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_large_frame_leaves_at_the_rate);
  tcase_add_test (tc, test_a_late_wake_up_costs_no_rate);
  tcase_add_test (tc, test_little_is_caught_up_with_at_once);
  tcase_add_test (tc, test_a_frame_that_is_too_large_is_spread);
  tcase_add_test (tc, test_frames_that_are_too_large_are_spread);
  tcase_add_test (tc, test_nothing_waits_without_a_rate);
  tcase_add_test (tc, test_a_small_frame_does_not_wait);
  tcase_add_test (tc, test_a_burst_leaves_at_once);
  tcase_add_test (tc, test_sound_and_repairs_come_first);
  tcase_add_test (tc, test_a_flood_of_repairs_starves_nothing);
  tcase_add_test (tc, test_the_rate_changes_while_packets_wait);
  tcase_add_loop_test (tc, test_nothing_is_ever_late, 1, 20);
  return suite;
}

GST_CHECK_MAIN (pacer);
