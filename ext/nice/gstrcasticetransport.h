/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What webrtcbin sees of a stream: the state and the two elements, for life. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/icetransport.h>

#include "gstrcasticequeue.h"
#include "gstrcasticestream.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_TRANSPORT (gst_rcast_ice_transport_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceTransport, gst_rcast_ice_transport, GST,
    RCAST_ICE_TRANSPORT, GstWebRTCICETransport)

GstWebRTCICETransport *gst_rcast_ice_transport_new (GstRcastIceStream * stream,
    GstRcastIceQueue * queue);

G_END_DECLS
