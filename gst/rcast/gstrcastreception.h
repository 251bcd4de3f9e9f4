/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsrc reports of its streams: whether they arrive, and if not, what is at fault. */
#pragma once

#include <gst/gst.h>

#include "rcast-inbound.h"
#include "rcast-loop.h"
#include "rcast-message.h"
#include "rcast-reception.h"

G_BEGIN_DECLS

/* Each connection has a serial number; a higher one is newer. The newest connection that has
 * been up tells about the path. Signal "wish", on the loop's thread, with a mask of
 * #GstRcastReceptionWish. Signal "count", on any thread: the statistics are about to be read, so
 * who counts has to report. Functions may be called on any thread. */
#define GST_TYPE_RCAST_RECEPTION_WATCH (gst_rcast_reception_watch_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastReceptionWatch, gst_rcast_reception_watch, GST,
    RCAST_RECEPTION_WATCH, GstObject)

GstRcastReceptionWatch *
     gst_rcast_reception_watch_new         (GstElement             * element);
void gst_rcast_reception_watch_start       (GstRcastReceptionWatch * self,
                                            GstRcastLoop           * loop);
void gst_rcast_reception_watch_end         (GstRcastReceptionWatch * self);
void gst_rcast_reception_watch_stop        (GstRcastReceptionWatch * self);
void gst_rcast_reception_watch_set_latency (GstRcastReceptionWatch * self,
                                            GstClockTime             latency);
GstClockTime gst_rcast_reception_watch_get_latency (GstRcastReceptionWatch * self);

guint gst_rcast_reception_watch_add_stream (GstRcastReceptionWatch * self,
                                            const gchar            * pad,
                                            gboolean                 video);
void gst_rcast_reception_watch_set_clock_rate (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            guint                    clock_rate);
void gst_rcast_reception_watch_packet      (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            const GstRcastInboundPacket * packet);
gboolean gst_rcast_reception_watch_passed  (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            guint32                  rtp_time);
void gst_rcast_reception_watch_frame       (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            gboolean                 key_frame);
void gst_rcast_reception_watch_requested   (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            GstRcastInboundRequest   request);
void gst_rcast_reception_watch_discarded   (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            guint64                  count);
void gst_rcast_reception_watch_report      (GstRcastReceptionWatch * self,
                                            guint                    stream,
                                            guint32                  packets);
void gst_rcast_reception_watch_bye         (GstRcastReceptionWatch * self,
                                            guint                    stream);

void gst_rcast_reception_watch_heard       (GstRcastReceptionWatch * self,
                                            guint                    serial);
void gst_rcast_reception_watch_answered    (GstRcastReceptionWatch * self,
                                            guint                    serial);
void gst_rcast_reception_watch_set_path    (GstRcastReceptionWatch * self,
                                            guint                    serial,
                                            gboolean                 up);
void gst_rcast_reception_watch_moved       (GstRcastReceptionWatch * self,
                                            guint                    serial);
void gst_rcast_reception_watch_closed      (GstRcastReceptionWatch * self,
                                            guint                    serial);
void gst_rcast_reception_watch_reach       (GstRcastReceptionWatch * self,
                                            GstRcastReach            reach);
void gst_rcast_reception_watch_changed     (GstRcastReceptionWatch * self,
                                            GstRcastStreamChange     change,
                                            const gchar            * stream);
void gst_rcast_reception_watch_status      (GstRcastReceptionWatch * self,
                                            const GstRcastStatusInfo * info);

void gst_rcast_reception_watch_add_stats   (GstRcastReceptionWatch * self,
                                            GstStructure           * stats);

G_END_DECLS
