/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the statistics of one ICE stream, on any thread. */
#pragma once

#include <gst/webrtc/ice.h>

#include "gstrcasticegeneration.h"
#include "gstrcasticesender.h"

G_BEGIN_DECLS

/* @active may be NULL. */
void gst_rcast_ice_stream_stats_add_paths (GstStructure * stats,
    GstRcastIceGeneration * active, GstRcastIceSender * sender);
GstWebRTCICECandidateStats **gst_rcast_ice_stream_stats_get_candidates
    (GstRcastIceGeneration * active, guint stream_id, gboolean local);
gboolean gst_rcast_ice_stream_stats_get_pair (GstRcastIceSender * sender,
    guint stream_id, GstWebRTCICECandidateStats ** local,
    GstWebRTCICECandidateStats ** remote);

G_END_DECLS
