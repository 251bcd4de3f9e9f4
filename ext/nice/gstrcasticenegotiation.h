/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The credentials in the descriptions of one ICE stream, and the generations they start. */
#pragma once

#include "gstrcasticecandidates.h"
#include "gstrcasticegenerations.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceNegotiation GstRcastIceNegotiation;

/* The caller owns both and must keep them alive. */
GstRcastIceNegotiation *gst_rcast_ice_negotiation_new (const gchar * name,
    GstRcastIceGenerations * generations, GstRcastIceCandidates * candidates);
void gst_rcast_ice_negotiation_free (GstRcastIceNegotiation * negotiation);

/* Any thread. Each call needs its counterpart on the agent's thread afterwards. */
guint gst_rcast_ice_negotiation_set_local (GstRcastIceNegotiation * negotiation,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_negotiation_set_remote (GstRcastIceNegotiation *
    negotiation, const gchar * ufrag);
guint gst_rcast_ice_negotiation_cancel (GstRcastIceNegotiation * negotiation);

/* On the agent's thread. */
void gst_rcast_ice_negotiation_apply_local (GstRcastIceNegotiation *
    negotiation, const gchar * ufrag, const gchar * password, guint serial);
void gst_rcast_ice_negotiation_apply_remote (GstRcastIceNegotiation *
    negotiation, const gchar * ufrag, const gchar * password);
void gst_rcast_ice_negotiation_apply_cancel (GstRcastIceNegotiation *
    negotiation, guint serial);

void gst_rcast_ice_negotiation_swapped (GstRcastIceNegotiation * negotiation);

/* Any thread. */
gboolean gst_rcast_ice_negotiation_dup_local (GstRcastIceNegotiation *
    negotiation, gchar ** ufrag, gchar ** password);
gboolean gst_rcast_ice_negotiation_is_asked (GstRcastIceNegotiation *
    negotiation);
gboolean gst_rcast_ice_negotiation_is_applied (GstRcastIceNegotiation *
    negotiation);
gboolean gst_rcast_ice_negotiation_take_gathering (GstRcastIceNegotiation *
    negotiation);

G_END_DECLS
