/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the kernel for the route to an address. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @link: index of the interface; 0: not known
 * @table: routing table; 0: not known
 * @prefix: prefix length of the route; 0: a default route
 * @local: whether the address belongs to this host */
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
