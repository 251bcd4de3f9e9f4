/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts gathering and reports it complete, even if a STUN or TURN server does not answer. */
#pragma once

#include "gstrcasticegeneration.h"
#include "gstrcasticenegotiation.h"
#include "gstrcasticepublisher.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceGathering GstRcastIceGathering;

/* The caller owns both and must keep them alive. */
GstRcastIceGathering *gst_rcast_ice_gathering_new (GstRcastLoop * loop,
    GstRcastIceNegotiation * negotiation, GstRcastIcePublisher * publisher);
void gst_rcast_ice_gathering_free (GstRcastIceGathering * gathering);

/* On the agent's thread. */
void gst_rcast_ice_gathering_stop (GstRcastIceGathering * gathering);
gboolean gst_rcast_ice_gathering_start (GstRcastIceGathering * gathering,
    GstRcastIceGeneration * generation, GstRcastIceSettings * settings,
    gint tos);
void gst_rcast_ice_gathering_check (GstRcastIceGathering * gathering,
    GstRcastIceGeneration * generation);

G_END_DECLS
