/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The source that feeds the received packets of all generations into webrtcbin. */
#pragma once

#include <gst/gst.h>

#include "gstrcasticeinlet.h"
#include "gstrcasticepublisher.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_SRC (gst_rcast_ice_src_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceSrc, gst_rcast_ice_src, GST, RCAST_ICE_SRC,
    GstElement)

GstElement *gst_rcast_ice_src_new (GObject * stream,
    GstRcastIcePublisher * publisher, GstRcastIceInlet * inlet);

G_END_DECLS
