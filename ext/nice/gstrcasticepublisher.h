/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports the state of one ICE stream to webrtcbin, except when webrtcbin must not be called. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/icetransport.h>
#include <nice/agent.h>

G_BEGIN_DECLS

typedef struct _GstRcastIcePublisher GstRcastIcePublisher;

/* Input for the connection state. */
typedef struct
{
  gboolean connected;           /* a path works, or packets from the peer arrive */
  gboolean was_working;         /* a path of this generation has worked */
  NiceComponentState state;     /* the best state of its paths */
} GstRcastIceConnection;

/* Called with the publisher's lock held, so that gst_rcast_ice_publisher_close() waits for it. */
typedef void (*GstRcastIcePublisherFunc) (gpointer data);

GstRcastIcePublisher *gst_rcast_ice_publisher_new (const gchar * name);
void gst_rcast_ice_publisher_free (GstRcastIcePublisher * publisher);

/* On the agent's thread. */
void gst_rcast_ice_publisher_update (GstRcastIcePublisher * publisher,
    const GstRcastIceConnection * connection, gint64 now);
void gst_rcast_ice_publisher_start_anew (GstRcastIcePublisher * publisher);
gboolean gst_rcast_ice_publisher_is_disconnected (GstRcastIcePublisher *
    publisher);
gboolean gst_rcast_ice_publisher_is_connected (GstRcastIcePublisher *
    publisher);
void gst_rcast_ice_publisher_set_gathering (GstRcastIcePublisher * publisher,
    GstWebRTCICEGatheringState state);
void gst_rcast_ice_publisher_pair_changed (GstRcastIcePublisher * publisher);
void gst_rcast_ice_publisher_call (GstRcastIcePublisher * publisher,
    GstRcastIcePublisherFunc func, gpointer data);

/* Any thread. */
gboolean gst_rcast_ice_publisher_close (GstRcastIcePublisher * publisher);
void gst_rcast_ice_publisher_set_stopped (GstRcastIcePublisher * publisher,
    gboolean stopped);
void gst_rcast_ice_publisher_set_transport (GstRcastIcePublisher * publisher,
    GstWebRTCICETransport * transport);
GstWebRTCICETransport *gst_rcast_ice_publisher_dup_transport
    (GstRcastIcePublisher * publisher);

G_END_DECLS
