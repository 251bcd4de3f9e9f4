/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* webrtcbin's view of a stream: the state and both elements, for the life of the stream. */
#include "config.h"

#include "gstrcasticetransport.h"

#include "gstrcasticesink.h"
#include "gstrcasticesrc.h"

struct _GstRcastIceTransport
{
  GstWebRTCICETransport parent;
  GObject *stream;              /* set once, by the constructor */
  void (*gone) (GObject * stream);
};

G_DEFINE_FINAL_TYPE (GstRcastIceTransport, gst_rcast_ice_transport,
    GST_TYPE_WEBRTC_ICE_TRANSPORT);

static void
gst_rcast_ice_transport_dispose (GObject * object)
{
  GstRcastIceTransport *self = GST_RCAST_ICE_TRANSPORT (object);

  if (self->stream)
    self->gone (self->stream);
  G_OBJECT_CLASS (gst_rcast_ice_transport_parent_class)->dispose (object);
}

static void
gst_rcast_ice_transport_finalize (GObject * object)
{
  GstRcastIceTransport *self = GST_RCAST_ICE_TRANSPORT (object);
  GstWebRTCICETransport *transport = GST_WEBRTC_ICE_TRANSPORT (object);

  gst_clear_object (&transport->src);
  gst_clear_object (&transport->sink);
  g_clear_object (&self->stream);
  G_OBJECT_CLASS (gst_rcast_ice_transport_parent_class)->finalize (object);
}

static void
gst_rcast_ice_transport_class_init (GstRcastIceTransportClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_rcast_ice_transport_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_transport_finalize;
}

static void
gst_rcast_ice_transport_init (GstRcastIceTransport * self)
{
}

GstWebRTCICETransport *
gst_rcast_ice_transport_new (GObject * stream,
    const GstRcastIceTransportParts * parts)
{
  GstRcastIceTransport *self = g_object_new (GST_TYPE_RCAST_ICE_TRANSPORT,
      "component", GST_WEBRTC_ICE_COMPONENT_RTP, NULL);
  GstWebRTCICETransport *transport = GST_WEBRTC_ICE_TRANSPORT (self);

  self->stream = g_object_ref (stream);
  self->gone = parts->gone;
  transport->src = gst_rcast_ice_src_new (stream, parts->publisher,
      parts->inlet);
  transport->sink = gst_rcast_ice_sink_new (stream, parts->sender);
  return gst_object_ref_sink (transport);
}
