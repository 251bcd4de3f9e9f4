/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel says of the route to an address. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @link: index of the interface, 0: not known
 * @prefix: bits of the network that the route is for, 0: a default route
 * @table: of the kernel's, 0: not known
 * @local: the address is this host's own */
typedef struct
{
  guint link;
  guint table;
  guint prefix;
  gboolean local;
} GstRcastRoute;

gboolean gst_rcast_routes_find (GInetAddress * to, GInetAddress * from, guint link,
    GstRcastRoute * route, GInetAddress ** source);

G_END_DECLS
