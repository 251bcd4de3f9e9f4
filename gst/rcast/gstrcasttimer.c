/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One deadline on a clock of GStreamer's. */
#include "config.h"

#include "gstrcasttimer.h"

/* Twice is fine. */
void
gst_rcast_timer_stop (GstRcastTimer * timer)
{
  if (!timer->id)
    return;
  gst_clock_id_unschedule (timer->id);
  g_clear_pointer (&timer->id, gst_clock_id_unref);
}

/**
 * gst_rcast_timer_arm:
 * @timer: a timer that runs or not
 * @clock: whose time @deadline is
 * @deadline: when it goes off, %GST_CLOCK_TIME_NONE: it does not
 * @callback: called in the clock's thread
 * @object: (type GObject): for @callback; kept for as long
 */
void
gst_rcast_timer_arm (GstRcastTimer * timer, GstClock * clock,
    GstClockTime deadline, GstClockCallback callback, gpointer object)
{
  if (timer->id && timer->deadline == deadline)
    return;
  gst_rcast_timer_stop (timer);
  if (!GST_CLOCK_TIME_IS_VALID (deadline))
    return;
  timer->deadline = deadline;
  timer->id = gst_clock_new_single_shot_id (clock, deadline);
  gst_clock_id_wait_async (timer->id, callback, g_object_ref (object),
      g_object_unref);
}
