/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes received packets from the agent's thread into webrtcbin. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstRcastIceInlet GstRcastIceInlet;

GstRcastIceInlet *gst_rcast_ice_inlet_new (void);
GstRcastIceInlet *gst_rcast_ice_inlet_ref (GstRcastIceInlet * inlet);
void gst_rcast_ice_inlet_unref (GstRcastIceInlet * inlet);

void gst_rcast_ice_inlet_open (GstRcastIceInlet * inlet, GstPad * pad);
void gst_rcast_ice_inlet_close (GstRcastIceInlet * inlet);
void gst_rcast_ice_inlet_push (GstRcastIceInlet * inlet,
    const guint8 * bytes, gsize size);
guint64 gst_rcast_ice_inlet_get_dropped (GstRcastIceInlet * inlet);

G_END_DECLS
