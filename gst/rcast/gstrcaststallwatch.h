/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks all streams once a second: whether they are stuck, and how much they send. */
#pragma once

#include <gst/gst.h>

#include "gstrcaststream.h"
#include "rcast-loop.h"
#include "rcast-stall.h"

G_BEGIN_DECLS

/**
 * GstRcastStallWatchClient:
 * @get_streams: (transfer full) (element-type GstRcastStream): all streams
 * @changed: a stream is stuck, or flows again; @hint (nullable) names the probable cause
 * @late: the first offer no longer waits for a stream
 * @count_confirmations: as in gst_rcast_unheard_step()
 * @unheard: nothing was confirmed for a long time
 *
 * Callbacks run on the loop's thread.
 */
typedef struct {
  GPtrArray * (*get_streams) (gpointer data);
  void        (*changed)     (GstRcastStream * stream, const GstRcastStall * stall,
                              const gchar * hint, gpointer data);
  void        (*late)        (gpointer data);
  guint64     (*count_confirmations) (gpointer data);
  void        (*unheard)     (GstClockTime silence, gpointer data);
} GstRcastStallWatchClient;

#define GST_TYPE_RCAST_STALL_WATCH (gst_rcast_stall_watch_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastStallWatch, gst_rcast_stall_watch, GST, RCAST_STALL_WATCH, GstObject)

GstRcastStallWatch * gst_rcast_stall_watch_new   (GstRcastLoop                   * loop,
                                                  GstClock                       * clock,
                                                  const GstRcastStallWatchClient * client,
                                                  gpointer                         data);
void                 gst_rcast_stall_watch_start (GstRcastStallWatch * watch,
                                                  GstClockTime         timeout,
                                                  GstClockTime         start_timeout);
void                 gst_rcast_stall_watch_stop  (GstRcastStallWatch * watch);

G_END_DECLS
