/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The element that hands received packets of all generations to webrtcbin. */
#pragma once

#include <gst/base/gstpushsrc.h>

#include "gstrcasticepublisher.h"
#include "gstrcasticequeue.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_SRC (gst_rcast_ice_src_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastIceSrc, gst_rcast_ice_src, GST, RCAST_ICE_SRC,
    GstPushSrc)

GstElement *gst_rcast_ice_src_new (GObject * stream,
    GstRcastIcePublisher * publisher, GstRcastIceQueue * queue);

G_END_DECLS
