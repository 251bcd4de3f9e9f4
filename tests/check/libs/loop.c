/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop keeps order, loses nothing at the stop, and can be stopped from anywhere. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-loop.h"

static gboolean
append (gpointer data)
{
  GArray *array = data;
  guint next = array->len;

  g_array_append_val (array, next);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_stop_does_what_was_queued_before_it)
{
  g_autoptr (GstRcastLoop) loop = gst_rcast_loop_new ("test");
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < 1000; i++)
    gst_rcast_loop_invoke (loop, append, array, NULL);
  gst_rcast_loop_stop (loop);
  gst_rcast_loop_stop (loop);
  assert_equals_int (array->len, 1000);
}

GST_END_TEST;

typedef struct
{
  GstRcastLoop *loop;
  GAsyncQueue *told;
} Inside;

/* What it finds is asserted by the test's own thread. */
static gboolean
stop_from_inside (gpointer data)
{
  Inside *inside = data;
  gboolean current = gst_rcast_loop_is_current (inside->loop);

  gst_rcast_loop_stop (inside->loop);
  g_async_queue_push (inside->told, GINT_TO_POINTER (current ? 1 : 2));
  return G_SOURCE_REMOVE;
}

static void
drop_inside (gpointer data)
{
  Inside *inside = data;

  /* The last reference but the thread's own */
  gst_rcast_loop_unref (inside->loop);
  g_async_queue_push (inside->told, GINT_TO_POINTER (3));
}

GST_START_TEST (test_stop_from_its_own_thread_does_not_deadlock)
{
  Inside inside = { gst_rcast_loop_new ("test"), g_async_queue_new () };

  fail_if (gst_rcast_loop_is_current (inside.loop));
  gst_rcast_loop_invoke (inside.loop, stop_from_inside, &inside, drop_inside);
  assert_equals_int (GPOINTER_TO_INT (g_async_queue_pop (inside.told)), 1);
  assert_equals_int (GPOINTER_TO_INT (g_async_queue_pop (inside.told)), 3);
  g_async_queue_unref (inside.told);
}

GST_END_TEST;

static void
count_drop (gpointer data)
{
  (*(guint *) data)++;
}

static gboolean
must_not_run (gpointer data)
{
  fail ("ran after the end");
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_nothing_waits_after_the_end)
{
  g_autoptr (GstRcastLoop) loop = gst_rcast_loop_new ("test");
  guint drops = 0;

  gst_rcast_loop_stop (loop);
  gst_rcast_loop_invoke (loop, must_not_run, &drops, count_drop);
  assert_equals_int (drops, 1);
  fail_if (g_main_context_pending (gst_rcast_loop_get_context (loop)));
}

GST_END_TEST;

typedef struct
{
  GSource *kept, *cleared;
  gint kept_fired, cleared_fired;
} Timers;

static gboolean
on_cleared_timer (gpointer data)
{
  ((Timers *) data)->cleared_fired++;
  return G_SOURCE_REMOVE;
}

static gboolean
on_kept_timer (gpointer data)
{
  Timers *timers = data;

  timers->kept_fired++;
  gst_rcast_source_clear (&timers->kept);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_timers)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Timers timers = { NULL };

  g_main_context_push_thread_default (context);
  timers.cleared = gst_rcast_timer_start (0, on_cleared_timer, &timers);
  timers.kept = gst_rcast_timer_start (1, on_kept_timer, &timers);
  gst_rcast_source_clear (&timers.cleared);
  gst_rcast_source_clear (&timers.cleared);
  fail_unless (timers.cleared == NULL);
  while (timers.kept)
    g_main_context_iteration (context, TRUE);
  assert_equals_int (timers.kept_fired, 1);
  assert_equals_int (timers.cleared_fired, 0);
  fail_if (g_main_context_pending (context));
  g_main_context_pop_thread_default (context);
}

GST_END_TEST;

static gboolean
count_call (gpointer data)
{
  (*(guint *) data)++;
  return G_SOURCE_REMOVE;
}

/* As if the process had been stopped until now. */
static void
stand_still (GSource * limit)
{
  g_source_set_ready_time (limit,
      g_get_monotonic_time () - 30 * G_USEC_PER_SEC);
}

GST_START_TEST (test_limit_that_passed_in_a_standstill_is_put_off_once)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  guint calls = 0;
  GSource *limit;
  gint64 begin;

  g_main_context_push_thread_default (context);
  limit = gst_rcast_limit_start (60000, count_call, &calls);
  stand_still (limit);
  begin = g_get_monotonic_time ();
  fail_unless (g_main_context_iteration (context, FALSE));
  assert_equals_int (calls, 0);
  fail_if (g_source_is_destroyed (limit));
  fail_unless (g_source_get_ready_time (limit) >= begin + G_USEC_PER_SEC);
  stand_still (limit);
  fail_unless (g_main_context_iteration (context, FALSE));
  assert_equals_int (calls, 1);
  fail_unless (g_source_is_destroyed (limit));
  gst_rcast_source_clear (&limit);
  g_main_context_pop_thread_default (context);
}

GST_END_TEST;

GST_START_TEST (test_limit_in_time)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  guint calls = 0;
  GSource *limit;

  g_main_context_push_thread_default (context);
  limit = gst_rcast_limit_start (0, count_call, &calls);
  while (calls == 0)
    g_main_context_iteration (context, TRUE);
  fail_unless (g_source_is_destroyed (limit));
  gst_rcast_source_clear (&limit);
  g_main_context_pop_thread_default (context);
}

GST_END_TEST;

static Suite *
loop_suite (void)
{
  Suite *s = suite_create ("loop");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_stop_does_what_was_queued_before_it);
  tcase_add_test (tc, test_stop_from_its_own_thread_does_not_deadlock);
  tcase_add_test (tc, test_nothing_waits_after_the_end);
  tcase_add_test (tc, test_timers);
  tcase_add_test (tc, test_limit_that_passed_in_a_standstill_is_put_off_once);
  tcase_add_test (tc, test_limit_in_time);
  return s;
}

GST_CHECK_MAIN (loop);
