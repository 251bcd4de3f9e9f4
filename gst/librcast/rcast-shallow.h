/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells whether the buffer of a path is so short that it loses bursts. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastShallow:
 * @until: until when the buffer is taken for short
 * @time: for how long it was taken for short last, 0: never
 *
 * A plain struct; all zeros: nothing is known.
 */
typedef struct {
  GstClockTime until, time;
} GstRcastShallow;

void     gst_rcast_shallow_enter    (GstRcastShallow       * shallow,
                                     GstClockTime            now);
gboolean gst_rcast_shallow_is_on    (const GstRcastShallow * shallow,
                                     GstClockTime            now);
gboolean gst_rcast_shallow_is_tried (const GstRcastShallow * shallow,
                                     GstClockTime            now);

G_END_DECLS
