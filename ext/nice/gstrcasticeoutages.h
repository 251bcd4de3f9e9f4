/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long each uplink has had no working path. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceOutages GstRcastIceOutages;

GstRcastIceOutages *gst_rcast_ice_outages_new (void);
void gst_rcast_ice_outages_free (GstRcastIceOutages * outages);

gint64 gst_rcast_ice_outages_look (GstRcastIceOutages * outages,
    const GstRcastIcePathView * views, guint n, gint64 now);

G_END_DECLS
