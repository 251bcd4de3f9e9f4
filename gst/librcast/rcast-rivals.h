/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether somebody else keeps the queue of a path full, and what is left beside him. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastRivalsNext:
 * @GST_RCAST_RIVALS_STAY: he is still there, for all that is known
 * @GST_RCAST_RIVALS_TEST: less is to be sent for a moment, to see whether he is
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
 * What became of a queue while less was sent than the path carries. A plain struct; the
 * fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstClockTime since;           /* NONE: no queue is watched */
  GstClockTime looked;
  GstClockTime queue;           /* the longest since then */
  gdouble carried;              /* bit/s that arrived of ours when it was seen */
  gdouble saved;                /* ns of queue that were not sent */
  GstClockTime begun;           /* when it was known that somebody else sends */
  GstClockTime calm;            /* since when there is no queue beside him, or NONE */
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
