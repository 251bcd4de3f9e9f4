/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes of a path with padding while the source sends little: when, how fast, and their result. */
#pragma once

#include <gst/gst.h>

#include "rcast-rate.h"

G_BEGIN_DECLS

/**
 * GstRcastProbingView:
 * @possible: padding can leave, and the server gives feedback about it
 * @useful: bit/s on the wire beyond which more would be of no use
 * @rate: what the controller knows of the path
 *
 * What probing sees of the path.
 */
typedef struct {
  gboolean possible;
  guint64 useful;
  GstRcastRateView rate;
} GstRcastProbingView;

typedef struct _GstRcastProbing GstRcastProbing;

GstRcastProbing * gst_rcast_probing_new     (GstClockTime now);
void              gst_rcast_probing_free    (GstRcastProbing * self);

void              gst_rcast_probing_heed    (GstRcastProbing           * self,
                                             const GstRcastProbingView * view,
                                             GstClockTime                now);
gboolean          gst_rcast_probing_is_on   (const GstRcastProbing * self);
gboolean          gst_rcast_probing_is_pending (const GstRcastProbing * self);
GstClockTime      gst_rcast_probing_get_excused (const GstRcastProbing * self,
                                             GstClockTime            round_trip,
                                             GstClockTime            now);
gboolean          gst_rcast_probing_is_recent (const GstRcastProbing * self,
                                             GstClockTime            now);
gsize             gst_rcast_probing_get_due (GstRcastProbing * self,
                                             GstClockTime      now);
void              gst_rcast_probing_padded  (GstRcastProbing * self,
                                             gsize             bytes,
                                             GstClockTime      now);
void              gst_rcast_probing_sent    (GstRcastProbing * self,
                                             guint16           number,
                                             gsize             size,
                                             gboolean          padding,
                                             GstClockTime      now);
void              gst_rcast_probing_arrival (GstRcastProbing * self,
                                             guint16           number,
                                             GstClockTime      arrival);
guint64           gst_rcast_probing_take    (GstRcastProbing * self);
void              gst_rcast_probing_restart (GstRcastProbing * self,
                                             GstClockTime      now);

G_END_DECLS
