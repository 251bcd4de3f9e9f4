/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves the host name of an agent's HTTP proxy. */
#pragma once

#include <gio/gio.h>

#include "rcast-loop.h"

G_BEGIN_DECLS

/* On the loop's thread. */
typedef void (*GstRcastIceProxyFunc) (GObject * owner, const gchar * address,
    GCancellable * cancellable);

/* Any thread. */
void gst_rcast_ice_proxy_look_up (GstRcastLoop * loop, const gchar * host,
    GCancellable * cancellable, GObject * owner, GstRcastIceProxyFunc func);

G_END_DECLS
