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

static gboolean
stop_from_inside (gpointer data)
{
  fail_unless (gst_rcast_loop_is_current (data));
  gst_rcast_loop_stop (data);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_stop_from_its_own_thread_does_not_deadlock)
{
  GstRcastLoop *loop = gst_rcast_loop_new ("test");
  GMainContext *context =
      g_main_context_ref (gst_rcast_loop_get_context (loop));

  fail_if (gst_rcast_loop_is_current (loop));
  /* The last reference is dropped on the loop's own thread. */
  gst_rcast_loop_invoke (loop, stop_from_inside, loop,
      (GDestroyNotify) gst_rcast_loop_unref);
  /* Becomes ours when the thread has let go of it. */
  while (!g_main_context_acquire (context))
    g_thread_yield ();
  g_main_context_release (context);
  g_main_context_unref (context);
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
  return s;
}

GST_CHECK_MAIN (loop);
