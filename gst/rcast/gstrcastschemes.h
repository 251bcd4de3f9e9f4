/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URI schemes, and which signaller is installed for each: by the registry, without loading it. */
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
