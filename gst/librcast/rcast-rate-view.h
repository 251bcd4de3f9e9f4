/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conclusions about a path from the view of its controller. */
#pragma once

#include "rcast-rate.h"

G_BEGIN_DECLS

gboolean gst_rcast_rate_view_is_calm   (const GstRcastRateView * view,
                                        guint64                  most);
gboolean gst_rcast_rate_view_is_full   (const GstRcastRateView * view);
guint64  gst_rcast_rate_view_find_room (const GstRcastRateView * view,
                                        guint64                  needed,
                                        gboolean                 eager);

G_END_DECLS
