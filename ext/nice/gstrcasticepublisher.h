/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What webrtcbin hears of one ICE stream, and when it must not hear anything. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/icetransport.h>
#include <nice/agent.h>

G_BEGIN_DECLS

typedef struct _GstRcastIcePublisher GstRcastIcePublisher;

/* What the state follows from. */
typedef struct
{
  gboolean connected;           /* a path works, or packets from the peer arrive */
  gboolean was_working;         /* one has worked in this generation */
  NiceComponentState state;     /* the best of its paths */
} GstRcastIceConnection;

/* Under the lock that closes webrtcbin's ears. */
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
