/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* webrtcbin's view of a stream: the state and both elements, for the life of the stream. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/icetransport.h>

#include "gstrcasticepublisher.h"
#include "gstrcasticeinlet.h"
#include "gstrcasticesender.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_TRANSPORT (gst_rcast_ice_transport_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceTransport, gst_rcast_ice_transport, GST,
    RCAST_ICE_TRANSPORT, GstWebRTCICETransport)

/* Owned by the stream, which the transport keeps alive. */
typedef struct
{
  GstRcastIcePublisher *publisher;
  GstRcastIceSender *sender;
  GstRcastIceInlet *inlet;
  void (*gone) (GObject * stream);      /* webrtcbin has dropped the transport */
} GstRcastIceTransportParts;

GstWebRTCICETransport *gst_rcast_ice_transport_new (GObject * stream,
    const GstRcastIceTransportParts * parts);

G_END_DECLS
