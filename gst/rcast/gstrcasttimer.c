/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One deadline on a GstClock. */
#include "config.h"

#include "gstrcasttimer.h"

/* The clock's part of a timer. The clock may keep an unscheduled entry until it is due, and must
 * not keep the object so long. */
typedef struct
{
  GWeakRef object;
  GstClockCallback callback;    /* constant */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_weak_ref_clear (&call->object);
  g_free (call);
}

static gboolean
on_time (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  Call *call = data;
  g_autoptr (GObject) object = g_weak_ref_get (&call->object);

  return !object || call->callback (clock, time, id, object);
}

/* Twice is fine. */
void
gst_rcast_timer_stop (GstRcastTimer * timer)
{
  if (!timer->id)
    return;
  gst_clock_id_unschedule (timer->id);
  g_clear_pointer (&timer->id, gst_clock_id_unref);
  g_clear_object (&timer->object);
}

/**
 * gst_rcast_timer_arm:
 * @timer: a timer, running or not
 * @clock: the clock of @deadline
 * @deadline: when it goes off, %GST_CLOCK_TIME_NONE: never
 * @callback: called on the clock's thread
 * @object: (type GObject): for @callback; kept until the timer is stopped
 */
void
gst_rcast_timer_arm (GstRcastTimer * timer, GstClock * clock,
    GstClockTime deadline, GstClockCallback callback, gpointer object)
{
  Call *call;

  if (timer->id && timer->deadline == deadline)
    return;
  gst_rcast_timer_stop (timer);
  if (!GST_CLOCK_TIME_IS_VALID (deadline))
    return;
  call = g_new0 (Call, 1);
  g_weak_ref_init (&call->object, object);
  call->callback = callback;
  timer->object = g_object_ref (object);
  timer->deadline = deadline;
  timer->id = gst_clock_new_single_shot_id (clock, deadline);
  gst_clock_id_wait_async (timer->id, on_time, call, call_free);
}
