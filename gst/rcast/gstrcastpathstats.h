/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rate of a path as a structure for `stats`. */
#pragma once

#include <gst/gst.h>

#include "rcast-rate.h"

G_BEGIN_DECLS

GstStructure * gst_rcast_path_stats_new (const GstRcastRateView * view,
                                         guint                    session,
                                         const gchar            * interface,
                                         gboolean                 carrying);

G_END_DECLS
