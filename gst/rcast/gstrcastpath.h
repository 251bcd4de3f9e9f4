/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the agent's description of a path: which one carries the media, and why it moved. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

GstStructure *        gst_rcast_path_find_carrying  (GstWebRTCICE       * ice);
GstStructure *        gst_rcast_path_find_returning (GstWebRTCICE       * ice);
GstRcastIcePathChange gst_rcast_path_get_change     (const GstStructure * path);
gchar *               gst_rcast_path_describe_move  (const GstStructure * path);
gchar *               gst_rcast_path_describe       (const GstStructure * path);

G_END_DECLS
