/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sink through which webrtcbin sends, on whichever paths are in use. */
#pragma once

#include <gst/base/gstbasesink.h>

#include "gstrcasticesender.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_SINK (gst_rcast_ice_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceSink, gst_rcast_ice_sink, GST,
    RCAST_ICE_SINK, GstBaseSink)

GstElement *gst_rcast_ice_sink_new (GObject * stream,
    GstRcastIceSender * sender);

G_END_DECLS
