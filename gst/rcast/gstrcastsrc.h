/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bin that receives a WebRTC broadcast, with pads that outlive every outage. */
#pragma once

#include "gstrcastbin.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_SRC (gst_rcast_src_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastSrc, gst_rcast_src, GST, RCAST_SRC, GstRcastBin)

GST_ELEMENT_REGISTER_DECLARE (rcastsrc);

G_END_DECLS
