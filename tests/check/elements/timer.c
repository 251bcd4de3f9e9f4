/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A deadline on a clock: the timer fires once, and a stopped timer keeps no reference. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include "crank.h"
#include "gstrcasttimer.h"

static gboolean
count (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  guint n = GPOINTER_TO_UINT (g_object_get_data (data, "count"));

  g_object_set_data (data, "count", GUINT_TO_POINTER (n + 1));
  return TRUE;
}

static gboolean
do_nothing (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  return TRUE;
}

GST_START_TEST (test_it_goes_off_once)
{
  GstClock *clock = gst_test_clock_new ();
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GstRcastTimer timer = { NULL, };

  gst_rcast_timer_arm (&timer, clock, GST_SECOND, count, object);
  gst_rcast_timer_arm (&timer, clock, GST_SECOND, count, object);
  fail_unless (crank_within (GST_TEST_CLOCK (clock), GST_SECOND));
  assert_equals_int (gst_test_clock_peek_id_count (GST_TEST_CLOCK (clock)), 0);
  assert_equals_pointer (g_object_get_data (object, "count"),
      GUINT_TO_POINTER (1));
  gst_rcast_timer_stop (&timer);
  gst_rcast_timer_stop (&timer);
  ASSERT_OBJECT_REFCOUNT (object, "object", 1);
  g_object_unref (object);
  gst_object_unref (clock);
}

GST_END_TEST;

/* The system clock keeps an unscheduled entry while an earlier one is still due. */
GST_START_TEST (test_a_stopped_timer_keeps_nothing)
{
  GstClock *clock = g_object_new (GST_TYPE_SYSTEM_CLOCK, NULL);
  GstClockTime now = gst_clock_get_time (clock);
  GstClockID other = gst_clock_new_single_shot_id (clock,
      now + 100 * GST_SECOND);
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GstRcastTimer timer = { NULL, };

  gst_object_ref_sink (clock);
  gst_clock_id_wait_async (other, do_nothing, NULL, NULL);
  gst_rcast_timer_arm (&timer, clock, now + 200 * GST_SECOND, count, object);
  ASSERT_OBJECT_REFCOUNT (object, "object", 2);
  gst_rcast_timer_stop (&timer);
  ASSERT_OBJECT_REFCOUNT (object, "object", 1);
  gst_clock_id_unschedule (other);
  gst_clock_id_unref (other);
  g_object_unref (object);
  gst_object_unref (clock);
}

GST_END_TEST;

static Suite *
timer_suite (void)
{
  Suite *s = suite_create ("timer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_it_goes_off_once);
  tcase_add_test (tc, test_a_stopped_timer_keeps_nothing);
  return s;
}

GST_CHECK_MAIN (timer);
