/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves remote candidates that have a host name instead of an address. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean gst_rcast_ice_resolve_is_needed (const gchar * candidate);

/* @candidate: with the address in place of the name. */
typedef void (*GstRcastIceResolveFunc) (const gchar * candidate, gpointer data);

/* @name: for logs. */
void gst_rcast_ice_resolve (const gchar * name, const gchar * candidate,
    GCancellable * cancellable, GstRcastIceResolveFunc func, gpointer data);

G_END_DECLS
