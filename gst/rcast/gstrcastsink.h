/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bin that keeps a WebRTC broadcast on air. */
#pragma once

#include "gstrcastbin.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_SINK (gst_rcast_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastSink, gst_rcast_sink, GST, RCAST_SINK, GstRcastBin)

GST_ELEMENT_REGISTER_DECLARE (rcastsink);

G_END_DECLS
