/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the streams are checked: once a second, never twice, and not after a stop. */
#include "config.h"

#include "crank.h"
#include "gstrcaststallwatch.h"

typedef struct
{
  GstRcastLoop *loop;
  GstTestClock *clock;
  GstRcastStallWatch *watch;
  GAsyncQueue *turns;
  guint checks;                 /* on the loop's thread */
} Fixture;

static GPtrArray *
get_streams (gpointer fixture)
{
  ((Fixture *) fixture)->checks++;
  return g_ptr_array_new ();
}

static guint64
count_confirmations (gpointer fixture)
{
  return GST_RCAST_NOT_CONNECTED;
}

static const GstRcastStallWatchClient client = {
  .get_streams = get_streams,
  .count_confirmations = count_confirmations,
};

static void
fixture_init (Fixture * f)
{
  *f = (Fixture) {
    .loop = gst_rcast_loop_new ("stall-watch"),
    .clock = GST_TEST_CLOCK (gst_test_clock_new ()),
    .turns = g_async_queue_new (),
  };
  f->watch = gst_rcast_stall_watch_new (f->loop, GST_CLOCK (f->clock), &client,
      f);
}

static void
fixture_clear (Fixture * f)
{
  gst_rcast_stall_watch_stop (f->watch);
  gst_rcast_loop_stop (f->loop);
  ASSERT_OBJECT_REFCOUNT (f->watch, "watch", 1);
  gst_object_unref (f->watch);
  ASSERT_OBJECT_REFCOUNT (f->clock, "clock", 1);
  gst_object_unref (f->clock);
  gst_rcast_loop_unref (f->loop);
  g_async_queue_unref (f->turns);
}

static gboolean
note_turn (gpointer turns)
{
  g_async_queue_push (turns, turns);
  return G_SOURCE_REMOVE;
}

/* Waits until the loop has done what is queued. */
static void
sync_loop (Fixture * f)
{
  gst_rcast_loop_invoke (f->loop, note_turn, f->turns, NULL);
  fail_unless (g_async_queue_timeout_pop (f->turns,
          RCAST_CHECK_PATIENCE) != NULL);
}

static gboolean
wait_for_lock (gpointer lock)
{
  g_mutex_lock (lock);
  g_mutex_unlock (lock);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_a_late_check_is_one_check)
{
  Fixture f;
  GMutex busy;

  fixture_init (&f);
  gst_rcast_stall_watch_start (f.watch, 0, 0);
  sync_loop (&f);
  g_mutex_init (&busy);
  g_mutex_lock (&busy);
  gst_rcast_loop_invoke (f.loop, wait_for_lock, &busy, NULL);
  fail_unless (crank_within (f.clock, GST_SECOND));
  gst_test_clock_advance_time (f.clock, 5 * GST_SECOND);
  fail_if (crank_within (f.clock, GST_SECOND), "checks pile up");
  g_mutex_unlock (&busy);
  sync_loop (&f);
  assert_equals_int (f.checks, 1);
  fail_unless_equals_clocktime (gst_test_clock_get_next_entry_time (f.clock),
      7 * GST_SECOND);
  g_mutex_clear (&busy);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_checks_are_a_second_apart)
{
  Fixture f;

  fixture_init (&f);
  gst_rcast_stall_watch_start (f.watch, 0, 0);
  for (guint i = 0; i < 5; i++) {
    sync_loop (&f);
    assert_equals_int (f.checks, i);
    fail_unless_equals_clocktime (gst_test_clock_get_next_entry_time (f.clock),
        (1 + i) * GST_SECOND);
    fail_unless (crank_within (f.clock, GST_SECOND));
  }
  fixture_clear (&f);
}

GST_END_TEST;

/* As in the change from PAUSED to PLAYING, also while a check runs */
GST_START_TEST (test_a_restart_is_one_watch)
{
  Fixture f;

  fixture_init (&f);
  gst_rcast_stall_watch_start (f.watch, 0, 0);
  for (guint i = 0; i < 5; i++) {
    sync_loop (&f);
    fail_unless (crank_within (f.clock, GST_SECOND));
    gst_rcast_stall_watch_start (f.watch, 0, 0);
    gst_rcast_stall_watch_start (f.watch, 0, 0);
    sync_loop (&f);
    assert_equals_int (gst_test_clock_peek_id_count (f.clock), 1);
  }
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_checked_after_a_stop)
{
  Fixture f;
  guint checks;

  fixture_init (&f);
  gst_rcast_stall_watch_start (f.watch, 0, 0);
  sync_loop (&f);
  fail_unless (crank_within (f.clock, GST_SECOND));
  sync_loop (&f);
  checks = f.checks;
  fail_unless (crank_within (f.clock, GST_SECOND));
  gst_rcast_stall_watch_stop (f.watch);
  gst_rcast_stall_watch_stop (f.watch);
  sync_loop (&f);
  /* A check may still have been running. */
  fail_unless (f.checks <= checks + 1);
  assert_equals_int (gst_test_clock_peek_id_count (f.clock), 0);
  gst_test_clock_advance_time (f.clock, 10 * GST_SECOND);
  fail_if (crank_within (f.clock, GST_SECOND));
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
stall_watch_suite (void)
{
  Suite *s = suite_create ("stall-watch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_checks_are_a_second_apart);
  tcase_add_test (tc, test_a_late_check_is_one_check);
  tcase_add_test (tc, test_a_restart_is_one_watch);
  tcase_add_test (tc, test_nothing_is_checked_after_a_stop);
  return s;
}

GST_CHECK_MAIN (stall_watch);
