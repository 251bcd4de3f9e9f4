/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches the packets of one connection in front of its jitter buffers, and reports to the
 * reception. */
#pragma once

#include <gst/gst.h>

#include "gstrcastreception.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_INFLOW (gst_rcast_inflow_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastInflow, gst_rcast_inflow, GST, RCAST_INFLOW, GstObject)

GstRcastInflow * gst_rcast_inflow_new         (GstRcastLoop           * loop,
                                               GstElement             * webrtc,
                                               GstRcastReceptionWatch * reception,
                                               guint                    serial);
void             gst_rcast_inflow_bind        (GstRcastInflow * self,
                                               guint            stream,
                                               const GstCaps  * caps);
void             gst_rcast_inflow_watch_frames (GstRcastInflow * self,
                                               guint            stream,
                                               gboolean         video,
                                               GstElement     * tap);
void             gst_rcast_inflow_expect      (GstRcastInflow * self);
void             gst_rcast_inflow_check       (GstRcastInflow * self);
void             gst_rcast_inflow_stop        (GstRcastInflow * self);

G_END_DECLS
