/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects a chain that is too slow for its input: its frames leave later and later. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastOverload:
 * @slow: a slow spell has begun and is not over
 * @late: how much later the last frames left than those before the chain was busy, in ns
 *
 * The chain of one stream. A plain struct; the caller passes in the time.
 */
typedef struct {
  gboolean slow;
  GstClockTime late;

  /*< private >*/
  GstClockTime last_time;
  GstClockTime bucket_start;
  gint64 bucket_lag;            /* the least lag */
  guint n_frames, n_prompt;     /* in the bucket */
  gint64 lag;                   /* the least lag while the chain kept up */
  gboolean has_lag;
  guint n_busy, n_well;         /* buckets in a row */
} GstRcastOverload;

void     gst_rcast_overload_init (GstRcastOverload * overload);
gboolean gst_rcast_overload_step (GstRcastOverload * overload,
                                  GstClockTime       time,
                                  GstClockTime       now,
                                  gboolean           prompt);

G_END_DECLS
