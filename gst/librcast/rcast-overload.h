/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices a chain that is too slow for what comes in: its frames leave later and later. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastOverload:
 * @slow: a spell has begun and is not over
 * @late: by how much the last frames left later than those before the chain was busy, in
 *   ns
 *
 * The chain of one stream. A plain struct: time comes as an argument.
 */
typedef struct {
  gboolean slow;
  GstClockTime late;

  /*< private >*/
  GstClockTime last_time;
  GstClockTime bucket_start;
  gint64 bucket_lag;            /* the least */
  guint n_frames, n_prompt;     /* of the bucket */
  gint64 lag;                   /* the least when the chain was well */
  gboolean has_lag;
  guint n_busy, n_well;         /* buckets in a row */
} GstRcastOverload;

void     gst_rcast_overload_init (GstRcastOverload * overload);
gboolean gst_rcast_overload_step (GstRcastOverload * overload,
                                  GstClockTime       time,
                                  GstClockTime       now,
                                  gboolean           prompt);

G_END_DECLS
