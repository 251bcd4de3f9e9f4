/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ICE agent for the stock webrtcbin that can restart without losing a packet. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE (gst_rcast_ice_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIce, gst_rcast_ice, GST, RCAST_ICE, GstWebRTCICE)

/**
 * GstRcastIceErrorCode:
 * @GST_RCAST_ICE_ERROR_TIMED_OUT: no pair of the new generation worked in time
 * @GST_RCAST_ICE_ERROR_REFUSED: the peer answered with its old credentials: it
 *     cannot restart ICE
 * @GST_RCAST_ICE_ERROR_CANCELLED: the application went back to the old one
 *
 * Why a restart came to nothing. The old generation goes on in all cases.
 */
typedef enum
{
  GST_RCAST_ICE_ERROR_TIMED_OUT,
  GST_RCAST_ICE_ERROR_REFUSED,
  GST_RCAST_ICE_ERROR_CANCELLED,
} GstRcastIceErrorCode;

#define GST_RCAST_ICE_ERROR (gst_rcast_ice_error_quark ())
GQuark gst_rcast_ice_error_quark (void);

GstWebRTCICE *gst_rcast_ice_new (const gchar * name);
GstElement *gst_rcast_ice_make_webrtcbin (GstWebRTCICE * ice,
    const gchar * name);

void gst_rcast_ice_prepare_offer (GstWebRTCICE * ice, GstSDPMessage * offer,
    gboolean restart);
void gst_rcast_ice_prepare_answer (GstWebRTCICE * ice,
    GstSDPMessage * answer);
void gst_rcast_ice_cancel_restart (GstWebRTCICE * ice);
void gst_rcast_ice_shut_down (GstWebRTCICE * ice);
GstStructure *gst_rcast_ice_get_stats (GstWebRTCICE * ice);

G_END_DECLS
