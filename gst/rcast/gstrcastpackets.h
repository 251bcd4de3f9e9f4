/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls a function for each packet that passes a pad. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef guint32 (*GstRcastPacketsFunc) (GstObject * object, GstBuffer * buffer, GstClockTime now);

guint32 gst_rcast_packets_walk  (GstPadProbeInfo     * info,
                                 GstObject           * object,
                                 GstRcastPacketsFunc   func,
                                 GstClockTime          now);
void    gst_rcast_packets_probe (GstElement          * element,
                                 const gchar         * pad_name,
                                 GstObject           * object,
                                 GstPadProbeType       type,
                                 GstPadProbeCallback   callback);

G_END_DECLS
