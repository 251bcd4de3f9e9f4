/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at all streams once a second: which of them is stuck, and how much each sends. */
#include "config.h"

#include "gstrcastmonitor.h"

#define INTERVAL GST_SECOND

struct _GstRcastMonitor
{
  GstObject parent;

  GstRcastLoop *loop;           /* constant */
  GstClock *clock;              /* constant */
  GstRcastMonitorClient client; /* constant */
  gpointer data;                /* constant */

  GstClockID timer;             /* OBJECT_LOCK */
  GstClockTime timeout;         /* OBJECT_LOCK */
  gboolean fresh;               /* OBJECT_LOCK: what was measured before does not count */
};

G_DEFINE_TYPE (GstRcastMonitor, gst_rcast_monitor, GST_TYPE_OBJECT);

static void
measure (GPtrArray * streams, GstRcastFlow * flows, gboolean fresh)
{
  for (guint i = 0; i < streams->len; i++) {
    gst_rcast_stream_get_flow (streams->pdata[i], &flows[i]);
    if (fresh) {
      flows[i].last = GST_CLOCK_TIME_NONE;
      flows[i].silence = 0;
    }
  }
}

/* The loop's thread */
static gboolean
look (gpointer data)
{
  GstRcastMonitor *monitor = data;
  g_autoptr (GPtrArray) streams = NULL;
  g_autofree GstRcastFlow *flows = NULL;
  g_autofree GstRcastFlow **list = NULL;
  GstClockTime timeout;
  gboolean running, fresh;

  GST_OBJECT_LOCK (monitor);
  running = monitor->timer != NULL;
  timeout = monitor->timeout;
  fresh = monitor->fresh;
  monitor->fresh = FALSE;
  GST_OBJECT_UNLOCK (monitor);
  if (!running)
    return G_SOURCE_REMOVE;

  streams = monitor->client.get_streams (monitor->data);
  flows = g_new0 (GstRcastFlow, streams->len);
  list = g_new0 (GstRcastFlow *, streams->len);
  for (guint i = 0; i < streams->len; i++)
    list[i] = &flows[i];
  measure (streams, flows, fresh);
  gst_rcast_flow_look (list, streams->len, gst_clock_get_time (monitor->clock),
      timeout);
  for (guint i = 0; i < streams->len; i++) {
    gst_rcast_stream_set_flow (streams->pdata[i], &flows[i]);
    if (flows[i].change != GST_RCAST_FLOW_SAME)
      monitor->client.changed (streams->pdata[i], &flows[i], monitor->data);
  }
  return G_SOURCE_REMOVE;
}

/* The clock's thread */
static gboolean
on_timer (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  GstRcastMonitor *monitor = data;

  gst_rcast_loop_invoke (monitor->loop, look, gst_object_ref (monitor),
      (GDestroyNotify) gst_object_unref);
  return TRUE;
}

/* @clock is the one of the loop's deadlines. Any thread, as all below */
GstRcastMonitor *
gst_rcast_monitor_new (GstRcastLoop * loop, GstClock * clock,
    const GstRcastMonitorClient * client, gpointer data)
{
  GstRcastMonitor *monitor = g_object_new (GST_TYPE_RCAST_MONITOR, NULL);

  gst_object_ref_sink (monitor);
  monitor->loop = gst_rcast_loop_ref (loop);
  monitor->clock = gst_object_ref (clock);
  monitor->client = *client;
  monitor->data = data;
  return monitor;
}

/* @timeout: how long a stream may be silent while others flow, 0: for ever */
void
gst_rcast_monitor_start (GstRcastMonitor * monitor, GstClockTime timeout)
{
  GstClockID timer = gst_clock_new_periodic_id (monitor->clock,
      gst_clock_get_time (monitor->clock) + INTERVAL, INTERVAL);

  gst_rcast_monitor_stop (monitor);
  GST_OBJECT_LOCK (monitor);
  monitor->timer = gst_clock_id_ref (timer);
  monitor->timeout = timeout;
  monitor->fresh = TRUE;
  GST_OBJECT_UNLOCK (monitor);
  gst_clock_id_wait_async (timer, on_timer, gst_object_ref (monitor),
      (GDestroyNotify) gst_object_unref);
  gst_clock_id_unref (timer);
}

/* Twice is fine. */
void
gst_rcast_monitor_stop (GstRcastMonitor * monitor)
{
  GstClockID timer;

  GST_OBJECT_LOCK (monitor);
  timer = g_steal_pointer (&monitor->timer);
  GST_OBJECT_UNLOCK (monitor);
  if (!timer)
    return;
  gst_clock_id_unschedule (timer);
  gst_clock_id_unref (timer);
}

static void
gst_rcast_monitor_finalize (GObject * object)
{
  GstRcastMonitor *monitor = GST_RCAST_MONITOR (object);

  gst_object_unref (monitor->clock);
  gst_rcast_loop_unref (monitor->loop);
  G_OBJECT_CLASS (gst_rcast_monitor_parent_class)->finalize (object);
}

static void
gst_rcast_monitor_class_init (GstRcastMonitorClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_monitor_finalize;
}

static void
gst_rcast_monitor_init (GstRcastMonitor * monitor)
{
}
