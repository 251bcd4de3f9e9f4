/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the paths of a generation is good for what. */
#pragma once

#include "gstrcasticepath.h"

G_BEGIN_DECLS

/* All on the agent's thread; @paths is of GstRcastIcePath. */

GstRcastIcePath *gst_rcast_ice_route_find_best (GPtrArray * paths,
    GstRcastIcePath * other);
gboolean gst_rcast_ice_route_keeps (GstRcastIcePath * current,
    GstRcastIcePath * best);
GstRcastIcePath *gst_rcast_ice_route_find_return (GPtrArray * paths);
gboolean gst_rcast_ice_route_is_hopeless (GstRcastIcePath * path,
    GPtrArray * paths, gint64 now);
gboolean gst_rcast_ice_route_is_covered (GPtrArray * paths,
    const GstRcastUplink * uplink);

G_END_DECLS
