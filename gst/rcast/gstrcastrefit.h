/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fits incoming RTP to a WebRTC receiver: parameter sets in band, and no packet larger than
 * the path takes. */
#pragma once

#include <gst/gst.h>

#include "gstrcastfanout.h"
#include "rcast-codec.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_REFIT (gst_rcast_refit_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastRefit, gst_rcast_refit, GST, RCAST_REFIT, GstElement)

GstElement *  gst_rcast_refit_new      (GstElement * stream, const gchar * name, guint mtu,
                                        GstRcastVideoStart start, GstRcastFanout * fanout);
void          gst_rcast_refit_set_packing (GstRcastRefit * self, const GstRcastPacking * packing);

G_END_DECLS
