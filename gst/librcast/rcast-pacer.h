/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pacer: sends a large frame piece by piece, so that it overflows no short buffer. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The longest that a packet waits for its turn. */
#define GST_RCAST_PACER_MAX_WAIT (400 * GST_MSECOND)

/**
 * GstRcastPacer:
 *
 * What the streams that share some paths have sent and not paid for yet. A plain struct; the
 * fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  guint64 rate;                 /* bit/s; 0: no packet waits */
  gsize burst;                  /* bytes that leave at once, at least */
  gdouble debt;                 /* bits */
  GstClockTime paid;            /* when the debt was last updated */
  gboolean catches_up;          /* a packet has waited for long, and the buffer is not short */
} GstRcastPacer;

/**
 * GstRcastPacerQueue:
 *
 * The waiting packets of one stream: a plain struct that is zero at first, for
 * gst_rcast_pacer_queue_add().
 */
typedef struct {
  /*< private >*/
  gsize bytes;
  GstClockTime since;           /* when the first packet came */
  guint64 least;                /* bit/s at which all packets leave in time */
} GstRcastPacerQueue;

void  gst_rcast_pacer_queue_add (GstRcastPacerQueue * queue,
                                 gsize                bytes,
                                 GstClockTime         since,
                                 GstClockTime         now);

void  gst_rcast_pacer_init     (GstRcastPacer            * pacer);
void  gst_rcast_pacer_set_rate (GstRcastPacer            * pacer,
                                guint64                    rate,
                                gsize                      burst,
                                GstClockTime               now);
void  gst_rcast_pacer_charge   (GstRcastPacer            * pacer,
                                gsize                      bytes,
                                GstClockTime               now);
gsize gst_rcast_pacer_get_room (GstRcastPacer            * pacer,
                                const GstRcastPacerQueue * queue,
                                GstClockTime               now,
                                GstClockTime             * next);
guint64
      gst_rcast_pacer_find_rate (gdouble target, gdouble capacity, gboolean full, gboolean shallow);

G_END_DECLS
