/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrivals of the packets of one path: how long they queued, and at what rate they arrived. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstRcastArrivals GstRcastArrivals;

GstRcastArrivals * gst_rcast_arrivals_new      (GstClockTime now);
void           gst_rcast_arrivals_free         (GstRcastArrivals * self);
void           gst_rcast_arrivals_clear        (GstRcastArrivals * self,
                                                GstClockTime       now);
gboolean       gst_rcast_arrivals_add          (GstRcastArrivals * self,
                                                GstClockTime       sent,
                                                GstClockTime       arrival,
                                                gsize              size,
                                                GstClockTime       now);
void           gst_rcast_arrivals_guess        (GstRcastArrivals * self,
                                                GstClockTime       sent,
                                                GstClockTime       arrival,
                                                gsize              size,
                                                GstClockTime       now);
void           gst_rcast_arrivals_settle       (GstRcastArrivals * self,
                                                GstClockTime       now);

gboolean       gst_rcast_arrivals_is_empty     (const GstRcastArrivals * self);
gboolean       gst_rcast_arrivals_get_way      (const GstRcastArrivals * self,
                                                GstClockTimeDiff       * way);
GstClockTime   gst_rcast_arrivals_get_queue    (GstRcastArrivals * self,
                                                GstClockTime       window);
gdouble        gst_rcast_arrivals_get_received (GstRcastArrivals * self,
                                                GstClockTime       window);
gdouble        gst_rcast_arrivals_get_delivered (GstRcastArrivals * self,
                                                 gboolean           thin,
                                                 GstClockTime     * took);
gdouble        gst_rcast_arrivals_get_full     (GstRcastArrivals * self,
                                                gboolean           thin,
                                                GstClockTime       standing);
gdouble        gst_rcast_arrivals_get_spaced   (GstRcastArrivals * self);
gdouble        gst_rcast_arrivals_get_line     (GstRcastArrivals * self);
gdouble        gst_rcast_arrivals_get_slowed   (GstRcastArrivals * self);
guint          gst_rcast_arrivals_count        (GstRcastArrivals * self,
                                                GstClockTime       begin,
                                                guint            * lost,
                                                guint            * runs);

G_END_DECLS
