/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts libnice's candidates to webrtcbin's statistics. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>
#include <nice/agent.h>

G_BEGIN_DECLS

GstWebRTCICECandidateStats *gst_rcast_ice_candidate_stats (NiceCandidate *
    candidate, guint stream_id, gboolean local);
const gchar *gst_rcast_ice_candidate_type (const NiceCandidate * candidate);

const gchar *gst_rcast_ice_nick (GType type, gint value);

G_END_DECLS
