/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ICE agent for the stock webrtcbin that can restart without losing a packet. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>

#include "gstrcasticeapi.h"
#include "gstrcasticetypes.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE (gst_rcast_ice_get_type ())
GST_RCAST_ICE_API
G_DECLARE_FINAL_TYPE (GstRcastIce, gst_rcast_ice, GST, RCAST_ICE, GstWebRTCICE)

GST_RCAST_ICE_API
GstWebRTCICE *gst_rcast_ice_new (const gchar * name);
GST_RCAST_ICE_API
GstElement *gst_rcast_ice_make_webrtcbin (GstWebRTCICE * ice,
    const gchar * name);

GST_RCAST_ICE_API
void gst_rcast_ice_set_sent_func (GstWebRTCICE * ice,
    GstRcastIceSentFunc func, GObject * object);
GST_RCAST_ICE_API
void gst_rcast_ice_set_choose_func (GstWebRTCICE * ice,
    GstRcastIceChooseFunc func, GObject * object);
GST_RCAST_ICE_API
void gst_rcast_ice_send (GstWebRTCICE * ice, guint session, GBytes * packet);
GST_RCAST_ICE_API
void gst_rcast_ice_prepare_offer (GstWebRTCICE * ice, GstSDPMessage * offer,
    gboolean restart);
GST_RCAST_ICE_API
void gst_rcast_ice_prepare_answer (GstWebRTCICE * ice,
    GstSDPMessage * answer);
GST_RCAST_ICE_API
void gst_rcast_ice_cancel_restart (GstWebRTCICE * ice);
GST_RCAST_ICE_API
void gst_rcast_ice_shut_down (GstWebRTCICE * ice);
GST_RCAST_ICE_API
void gst_rcast_ice_forget_uplinks (void);
GST_RCAST_ICE_API
void gst_rcast_ice_report_loss (GstWebRTCICE * ice, guint session, guint lost,
    guint expected);
GST_RCAST_ICE_API
void gst_rcast_ice_report_room (GstWebRTCICE * ice, guint session,
    const gchar * interface, guint64 room, guint64 needed);
GST_RCAST_ICE_API
void gst_rcast_ice_check_carrier (GstWebRTCICE * ice);
GST_RCAST_ICE_API
GstStructure *gst_rcast_ice_get_stats (GstWebRTCICE * ice);

G_END_DECLS
