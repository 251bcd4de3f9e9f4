/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps a webrtcbin's retransmissions within their budget, and makes those that webrtcbin
 * cannot make. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "rcast-doubles.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_REPAIR_FILTER (gst_rcast_repair_filter_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastRepairFilter, gst_rcast_repair_filter, GST, RCAST_REPAIR_FILTER, GstObject)

GstRcastRepairFilter * gst_rcast_repair_filter_new            (GstElement           * webrtc);
void                   gst_rcast_repair_filter_stop           (GstRcastRepairFilter * self);
void                   gst_rcast_repair_filter_hold           (GstRcastRepairFilter * self,
                                                               const GOutputVector  * packet,
                                                               GstClockTime           until);
void                   gst_rcast_repair_filter_release        (GstRcastRepairFilter * self,
                                                               guint                  session,
                                                               guint16                number);
void                   gst_rcast_repair_filter_set_round_trip (GstRcastRepairFilter * self,
                                                               GstClockTime           round_trip);
void                   gst_rcast_repair_filter_set_rate       (GstRcastRepairFilter * self,
                                                               guint64                rate);
void                   gst_rcast_repair_filter_add_video      (GstRcastRepairFilter * self,
                                                               guint32                ssrc,
                                                               GstRcastCodec          codec,
                                                               guint                  session);
void                   gst_rcast_repair_filter_add_audio      (GstRcastRepairFilter * self,
                                                               guint32                ssrc);
gsize                  gst_rcast_repair_filter_pad            (GstRcastRepairFilter * self,
                                                               guint                  session,
                                                               gsize                  bytes);
gboolean               gst_rcast_repair_filter_is_padding     (GstRcastRepairFilter * self,
                                                               guint32                ssrc,
                                                               guint16                seqnum);
gboolean               gst_rcast_repair_filter_heed           (GstRcastRepairFilter      * self,
                                                               const GstRcastDoublesView * view,
                                                               GstClockTime                now);
void                   gst_rcast_repair_filter_add_plain      (GstRcastRepairFilter * self,
                                                               guint32                ssrc,
                                                               guint                  session);
void                   gst_rcast_repair_filter_add_plain_video (GstRcastRepairFilter * self,
                                                               GstPad               * pad,
                                                               guint32                ssrc,
                                                               GstRcastCodec          codec);
void                   gst_rcast_repair_filter_keep           (GstRcastRepairFilter * self,
                                                               guint                  session,
                                                               const gchar          * path,
                                                               const GOutputVector  * packets,
                                                               guint                  n_packets);
gsize                  gst_rcast_repair_filter_answer         (GstRcastRepairFilter * self,
                                                               GstWebRTCICE         * ice,
                                                               guint                  session,
                                                               GstBuffer            * rtcp);
void                   gst_rcast_repair_filter_add_stats      (GstRcastRepairFilter * self,
                                                               GstStructure         * stats);

G_END_DECLS
