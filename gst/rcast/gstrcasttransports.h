/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DTLS transports of a webrtcbin, and their RTP sessions. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

G_BEGIN_DECLS

typedef struct _GstRcastTransports GstRcastTransports;

GstRcastTransports * gst_rcast_transports_new           (GstElement * webrtc);
void                 gst_rcast_transports_free          (GstRcastTransports * transports);

gboolean             gst_rcast_transports_add           (GstRcastTransports     * transports,
                                                         GstWebRTCDTLSTransport * dtls,
                                                         guint                    mline,
                                                         GObject               ** session);
guint                gst_rcast_transports_get_length    (GstRcastTransports * transports);
guint                gst_rcast_transports_get_id        (GstRcastTransports * transports,
                                                         guint                i);
guint                gst_rcast_transports_find_id       (GstRcastTransports * transports,
                                                         gconstpointer        session);
gboolean             gst_rcast_transports_is_any_closed (GstRcastTransports * transports);
gboolean             gst_rcast_transports_check_certificates
                                                        (GstRcastTransports  * transports,
                                                         const GstSDPMessage * remote,
                                                         GError             ** error);
void                 gst_rcast_transports_disconnect    (GstRcastTransports * transports,
                                                         gpointer             listener);

G_END_DECLS
