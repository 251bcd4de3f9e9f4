/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets that left on one path and still await feedback. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastDeparture:
 * @time: when the packet left for the first time
 * @size: bytes on the wire
 * @again: the same packet left a second time: feedback may be about either
 * @place: number of packets that left on the path before it
 */
typedef struct {
  GstClockTime time;
  gsize size;
  gboolean again;
  guint32 place;
} GstRcastDeparture;

typedef struct _GstRcastDepartures GstRcastDepartures;

GstRcastDepartures * gst_rcast_departures_new      (GstClockTime now);
void                 gst_rcast_departures_free     (GstRcastDepartures * self);
void                 gst_rcast_departures_clear    (GstRcastDepartures * self,
                                                    GstClockTime         now);
void                 gst_rcast_departures_add      (GstRcastDepartures * self,
                                                    guint16              number,
                                                    gsize                size,
                                                    GstClockTime         now);

gboolean             gst_rcast_departures_awaits   (const GstRcastDepartures * self,
                                                    guint16                    number,
                                                    GstRcastDeparture        * departure,
                                                    GstClockTime               now);
gboolean             gst_rcast_departures_take     (GstRcastDepartures * self,
                                                    guint16              number,
                                                    GstRcastDeparture  * departure,
                                                    GstClockTime         now);
GstClockTime         gst_rcast_departures_get_last (const GstRcastDepartures * self);
gdouble              gst_rcast_departures_get_rate (const GstRcastDepartures * self,
                                                    GstClockTime               now);

G_END_DECLS
