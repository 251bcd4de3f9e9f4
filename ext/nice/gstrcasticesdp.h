/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes ICE credentials into every m-line of a description. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

void gst_rcast_ice_sdp_set_credentials (GstSDPMessage * sdp,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_sdp_strip_candidates (GstSDPMessage * sdp);
gchar *gst_rcast_ice_strip_ufrag (const gchar * candidate);
gchar *gst_rcast_ice_find_ufrag (const gchar * candidate);

G_END_DECLS
