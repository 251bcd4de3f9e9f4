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

/* The test's own thread asserts the result. */
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

typedef struct
{
  GstRcastLoop *loop;
  GMainContext *context;        /* that of @loop */
  GSource *beat;
  gint64 beats[2];              /* when they came */
  guint n;
  guint turns;                  /* of the loop */
  guint wakes;                  /* calls of the other timer, since the first beat */
} Beats;

static gboolean
on_beat (gpointer data)
{
  Beats *beats = data;

  beats->beats[beats->n++] = g_get_monotonic_time ();
  if (beats->n == 2)
    gst_rcast_source_clear (&beats->beat);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_wake (gpointer data)
{
  ((Beats *) data)->wakes++;
  return G_SOURCE_CONTINUE;
}

/* The test's own thread runs the loop, whose thread has ended. */
static void
beats_init (Beats * beats, guint ms, guint early_ms)
{
  *beats = (Beats) { gst_rcast_loop_new ("test") };
  beats->context = gst_rcast_loop_get_context (beats->loop);
  gst_rcast_loop_stop (beats->loop);
  beats->beat = gst_rcast_loop_add_beat (beats->loop, ms, early_ms, on_beat,
      beats);
}

static void
beats_wait (Beats * beats)
{
  for (; beats->n < 2; beats->turns++)
    g_main_context_iteration (beats->context, TRUE);
}

/* Nothing else wakes the thread. */
GST_START_TEST (test_beat_alone)
{
  Beats beats;
  gint64 begin = g_get_monotonic_time ();

  beats_init (&beats, 20, 5);
  beats_wait (&beats);
  fail_unless (beats.beats[0] - begin >= 15000);
  fail_unless (beats.beats[1] - beats.beats[0] >= 15000);
  /* One turn for each beat, and some that are a millisecond early */
  fail_unless (beats.turns <= 10, "the thread has woken %u times", beats.turns);
  gst_rcast_loop_unref (beats.loop);
}

GST_END_TEST;

/* A beat that is due in an hour comes when the thread wakes up for something else,
 * but no earlier than it may. */
GST_START_TEST (test_beat_beside_others)
{
  g_autoptr (GSource) other = g_timeout_source_new (1);
  Beats beats;
  gint64 begin = g_get_monotonic_time ();

  beats_init (&beats, 3600 * 1000, 3600 * 1000 - 20);
  g_source_set_callback (other, on_wake, &beats, NULL);
  g_source_attach (other, beats.context);
  beats_wait (&beats);
  fail_unless (beats.wakes > 0);
  fail_unless (beats.beats[0] - begin >= 20000);
  fail_unless (beats.beats[1] - beats.beats[0] >= 20000);
  g_source_destroy (other);
  gst_rcast_loop_unref (beats.loop);
}

GST_END_TEST;

typedef struct
{
  GstRcastLoop *loop;
  GAsyncQueue *done;
} Keeping;

static gboolean
keep_polling (gpointer data)
{
  Keeping *keeping = data;

  gst_rcast_loop_keep_polling (keeping->loop);
  g_async_queue_push (keeping->done, keeping);
  return G_SOURCE_REMOVE;
}

/* Sources of others stay in the poll: those that exist, and later ones once
 * keep_polling() runs again. */
GST_START_TEST (test_sources_of_others_stay_in_the_poll)
{
  g_autoptr (GstRcastLoop) loop = gst_rcast_loop_new ("test");
  g_autoptr (GAsyncQueue) done = g_async_queue_new ();
  Keeping keeping = { loop, done };
  GSource *sources[3];

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    sources[i] = g_timeout_source_new (3600 * 1000);
    g_source_set_callback (sources[i], count_call, NULL, NULL);
    g_source_attach (sources[i], gst_rcast_loop_get_context (loop));
    if (i > 0)
      g_source_destroy (sources[i - 1]);
    fail_if (g_source_get_can_recurse (sources[i]));
    gst_rcast_loop_invoke (loop, keep_polling, &keeping, NULL);
    g_async_queue_pop (done);
    fail_unless (g_source_get_can_recurse (sources[i]));
  }
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    gst_rcast_source_clear (&sources[i]);
  gst_rcast_loop_stop (loop);
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
  tcase_add_test (tc, test_beat_alone);
  tcase_add_test (tc, test_beat_beside_others);
  tcase_add_test (tc, test_sources_of_others_stay_in_the_poll);
  return s;
}

GST_CHECK_MAIN (loop);
