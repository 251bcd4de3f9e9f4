/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ICE stream: routes media, reports states to webrtcbin, asks for restarts. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>
#include <gst/webrtc/icestream.h>

#include "gstrcasticetypes.h"
#include "rcast-loop.h"
#include "gstrcasticereporter.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_STREAM (gst_rcast_ice_stream_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceStream, gst_rcast_ice_stream, GST,
    RCAST_ICE_STREAM, GstWebRTCICEStream)

GstRcastIceStream *gst_rcast_ice_stream_new (GObject * owner,
    const GstRcastIceStreamCallbacks * callbacks, GstRcastLoop * loop,
    guint session_id);
void gst_rcast_ice_stream_send (GstRcastIceStream * stream, GBytes * packet);
void gst_rcast_ice_stream_set_sent_func (GstRcastIceStream * stream,
    GstRcastIceSentFunc func, GObject * object);
void gst_rcast_ice_stream_set_choose_func (GstRcastIceStream * stream,
    GstRcastIceChooseFunc func, GObject * object);
void gst_rcast_ice_stream_close (GstRcastIceStream * stream);

/* Any thread. These only queue the work. */
void gst_rcast_ice_stream_set_local (GstRcastIceStream * stream,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_stream_set_remote (GstRcastIceStream * stream,
    const gchar * ufrag, const gchar * password);
gboolean gst_rcast_ice_stream_is_asked (GstRcastIceStream * stream);
void gst_rcast_ice_stream_add_candidate (GstRcastIceStream * stream,
    const gchar * candidate);
void gst_rcast_ice_stream_set_controlling (GstRcastIceStream * stream,
    gboolean controlling);
void gst_rcast_ice_stream_set_tos (GstRcastIceStream * stream, gint tos);
void gst_rcast_ice_stream_check_carrier (GstRcastIceStream * stream);
void gst_rcast_ice_stream_report_room (GstRcastIceStream * stream,
    const gchar * interface, guint64 room, guint64 needed);
void gst_rcast_ice_stream_report_loss (GstRcastIceStream * stream,
    guint lost, guint expected);
void gst_rcast_ice_stream_network_changed (GstRcastIceStream * stream);
void gst_rcast_ice_stream_cancel_restart (GstRcastIceStream * stream);

/* Any thread. */
gboolean gst_rcast_ice_stream_dup_credentials (GstRcastIceStream * stream,
    gchar ** ufrag, gchar ** password);
guint gst_rcast_ice_stream_get_session_id (GstRcastIceStream * stream);
GstStructure *gst_rcast_ice_stream_get_stats (GstRcastIceStream * stream);
GstWebRTCICECandidateStats **gst_rcast_ice_stream_get_candidates
    (GstRcastIceStream * stream, gboolean local);
gboolean gst_rcast_ice_stream_get_pair (GstRcastIceStream * stream,
    GstWebRTCICECandidateStats ** local, GstWebRTCICECandidateStats ** remote);

G_END_DECLS
