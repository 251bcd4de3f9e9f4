/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports changes of the host's network, with or without a session. */
#pragma once

#include "gstrcasticeapi.h"
#include "gstrcasticetypes.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ICE_MONITOR (gst_rcast_ice_monitor_get_type ())
GST_RCAST_ICE_API
G_DECLARE_FINAL_TYPE (GstRcastIceMonitor, gst_rcast_ice_monitor, GST,
    RCAST_ICE_MONITOR, GObject)

GST_RCAST_ICE_API
GstRcastIceMonitor *gst_rcast_ice_monitor_new (GMainContext * context);
GST_RCAST_ICE_API
gchar **gst_rcast_ice_monitor_dup_uplinks (GstRcastIceMonitor * monitor);
GST_RCAST_ICE_API
void gst_rcast_ice_monitor_stop (GstRcastIceMonitor * monitor);

G_END_DECLS
