/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URI schemes, and the installed signaller of each, by the registry: nothing is loaded. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

gchar *             gst_rcast_schemes_parse        (const gchar * location);
GstElementFactory * gst_rcast_schemes_find_factory (const gchar * scheme,
                                                    GstRcastDirection direction);
gchar *             gst_rcast_schemes_explain      (const gchar * scheme,
                                                    GstRcastDirection direction);

G_END_DECLS
