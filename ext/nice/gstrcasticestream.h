/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ICE stream: its active, pending and draining generations. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>
#include <gst/webrtc/icestream.h>

#include "gstrcastice.h"
#include "rcast-loop.h"
#include "gstrcasticesettings.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_STREAM (gst_rcast_ice_stream_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceStream, gst_rcast_ice_stream, GST,
    RCAST_ICE_STREAM, GstWebRTCICEStream)

/* What a stream needs of, and tells, the agent that owns it. Called on the
 * agent's thread, without a lock. */
typedef struct
{
  GstRcastIceSettings *(*settings) (GObject * owner);
  void (*candidate) (GObject * owner, guint session_id,
      const gchar * candidate);
  void (*swapped) (GObject * owner, guint session_id, guint generation,
      gboolean media_lost);
  void (*failed) (GObject * owner, guint session_id, guint generation,
      const GError * error);
  void (*path_changed) (GObject * owner, guint session_id,
      const GstStructure * path, gboolean media_lost);
  void (*path_state) (GObject * owner, guint session_id,
      const GstStructure * path);
  void (*restart_wanted) (GObject * owner, guint session_id,
      GstRcastIceRestartReason reason);
} GstRcastIceStreamEvents;

GstRcastIceStream *gst_rcast_ice_stream_new (GObject * owner,
    const GstRcastIceStreamEvents * events, GstRcastLoop * loop,
    guint session_id);
void gst_rcast_ice_stream_close (GstRcastIceStream * stream);

void gst_rcast_ice_stream_set_stopped (GstRcastIceStream * stream,
    gboolean stopped);

/* Any thread; the work is queued. */
void gst_rcast_ice_stream_set_local (GstRcastIceStream * stream,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_stream_set_remote (GstRcastIceStream * stream,
    const gchar * ufrag, const gchar * password);
gboolean gst_rcast_ice_stream_is_asked (GstRcastIceStream * stream);
void gst_rcast_ice_stream_gather (GstRcastIceStream * stream);
void gst_rcast_ice_stream_add_candidate (GstRcastIceStream * stream,
    const gchar * candidate);
void gst_rcast_ice_stream_set_controlling (GstRcastIceStream * stream,
    gboolean controlling);
void gst_rcast_ice_stream_set_tos (GstRcastIceStream * stream, gint tos);
void gst_rcast_ice_stream_network_changed (GstRcastIceStream * stream);
void gst_rcast_ice_stream_cancel_restart (GstRcastIceStream * stream);

/* Any thread. */
guint gst_rcast_ice_stream_get_session_id (GstRcastIceStream * stream);
void gst_rcast_ice_stream_send (GstRcastIceStream * stream,
    GOutputVector * packets, guint n_packets);
GstStructure *gst_rcast_ice_stream_get_stats (GstRcastIceStream * stream);
GstWebRTCICECandidateStats **gst_rcast_ice_stream_get_candidates
    (GstRcastIceStream * stream, gboolean local);
gboolean gst_rcast_ice_stream_get_pair (GstRcastIceStream * stream,
    GstWebRTCICECandidateStats ** local, GstWebRTCICECandidateStats ** remote);

G_END_DECLS
