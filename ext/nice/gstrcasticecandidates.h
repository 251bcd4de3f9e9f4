/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns remote candidates to generations: keeps early ones, resolves host names. */
#pragma once

#include "gstrcasticegenerations.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceCandidates GstRcastIceCandidates;

GstRcastIceCandidates *gst_rcast_ice_candidates_new (const gchar * name,
    GstRcastIceGenerations * generations);
void gst_rcast_ice_candidates_free (GstRcastIceCandidates * candidates);

/* On the agent's thread. */
void gst_rcast_ice_candidates_close (GstRcastIceCandidates * candidates);
void gst_rcast_ice_candidates_add (GstRcastIceCandidates * candidates,
    const gchar * candidate);
void gst_rcast_ice_candidates_new_remote (GstRcastIceCandidates * candidates);
void gst_rcast_ice_candidates_retry (GstRcastIceCandidates * candidates);

/* Any thread. */
gboolean gst_rcast_ice_candidates_is_too_long (const gchar * candidate);

G_END_DECLS
