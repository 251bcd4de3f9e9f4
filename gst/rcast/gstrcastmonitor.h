/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at all streams once a second: which of them is stuck, and how much each sends. */
#pragma once

#include <gst/gst.h>

#include "gstrcaststream.h"
#include "rcast-flow.h"
#include "rcast-loop.h"

G_BEGIN_DECLS

/**
 * GstRcastMonitorClient:
 * @get_streams: (transfer full) (element-type GstRcastStream): all streams
 * @changed: a stream is stuck, or flows again
 *
 * Called on the loop's thread.
 */
typedef struct {
  GPtrArray * (*get_streams) (gpointer data);
  void        (*changed)     (GstRcastStream * stream, const GstRcastFlow * flow,
                              gpointer data);
} GstRcastMonitorClient;

#define GST_TYPE_RCAST_MONITOR (gst_rcast_monitor_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastMonitor, gst_rcast_monitor, GST, RCAST_MONITOR, GstObject)

GstRcastMonitor * gst_rcast_monitor_new   (GstRcastLoop                * loop,
                                           GstClock                    * clock,
                                           const GstRcastMonitorClient * client,
                                           gpointer                      data);
void              gst_rcast_monitor_start (GstRcastMonitor * monitor,
                                           GstClockTime      timeout);
void              gst_rcast_monitor_stop  (GstRcastMonitor * monitor);

G_END_DECLS
