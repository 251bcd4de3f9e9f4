/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects another sender that keeps the queue of a path full, and finds our share beside it. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastRivalsNext:
 * @GST_RCAST_RIVALS_STAY: the rival is still there, as far as is known
 * @GST_RCAST_RIVALS_TEST: send less for a moment, to see whether the rival is still there
 * @GST_RCAST_RIVALS_GONE: there is no queue any more
 */
typedef enum {
  GST_RCAST_RIVALS_STAY,
  GST_RCAST_RIVALS_TEST,
  GST_RCAST_RIVALS_GONE,
} GstRcastRivalsNext;

/**
 * GstRcastRivals:
 *
 * How a queue develops while less is sent than the path carries. A plain struct; the
 * fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstClockTime since;           /* NONE: no queue is watched */
  GstClockTime looked;
  GstClockTime queue;           /* the longest since then */
  gdouble carried;              /* bit/s of ours that arrived when the queue was first seen */
  gdouble saved;                /* ns of queue that we did not send */
  GstClockTime begun;           /* when the rival was detected */
  GstClockTime calm;            /* since when there is no queue beside the rival, or NONE */
} GstRcastRivals;

void     gst_rcast_rivals_init     (GstRcastRivals * rivals);
void     gst_rcast_rivals_watch    (GstRcastRivals * rivals,
                                    GstClockTime     queue,
                                    gdouble          carried,
                                    GstClockTime     now);
gboolean gst_rcast_rivals_look     (GstRcastRivals * rivals,
                                    GstClockTime     queue,
                                    gdouble          sent,
                                    gdouble          received,
                                    gdouble          line,
                                    GstClockTime     now);

gdouble  gst_rcast_rivals_get_gain (GstClockTime     round_trip,
                                    gdouble          passed);
GstRcastRivalsNext
         gst_rcast_rivals_get_next (GstRcastRivals * rivals,
                                    GstClockTime     queue,
                                    GstClockTime     now);

G_END_DECLS
