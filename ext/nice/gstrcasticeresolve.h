/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates that have a name instead of an address. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Not called for a name that has no address. */
typedef void (*GstRcastIceResolveFunc) (const gchar * candidate, gpointer data);

void gst_rcast_ice_resolve (gchar ** words, GstRcastIceResolveFunc func,
    gpointer data, GDestroyNotify notify);

G_END_DECLS
