/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds NAL units that do not fit into the packets of a receiver that takes no fragments. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

gboolean  gst_rcast_units_check          (GstElement * stream, GstBuffer * packet, guint mtu);
guint     gst_rcast_units_get_slice_size (guint mtu);

G_END_DECLS
