/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives other source files of the agent access to its streams. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>

G_BEGIN_DECLS

GPtrArray *gst_rcast_ice_dup_streams (GstWebRTCICE * ice);

G_END_DECLS
