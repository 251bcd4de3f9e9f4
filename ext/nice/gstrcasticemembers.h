/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The streams of an agent, for the parts of its API that are about them. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gst/webrtc/ice.h>

G_BEGIN_DECLS

GPtrArray *gst_rcast_ice_dup_streams (GstWebRTCICE * ice);

G_END_DECLS
