/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the ways to an address: over which uplinks a connection may go, and in which order. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @uplink: name of the interface; "" if not known
 * @from: (nullable): source address; %NULL: do not bind, the routes decide */
typedef struct
{
  gchar *uplink;
  GInetAddress *from;
} GstRcastWay;

GstRcastWay *gst_rcast_way_new (const gchar * uplink, GInetAddress * from);
GstRcastWay *gst_rcast_way_copy (const GstRcastWay * way);
void gst_rcast_way_free (GstRcastWay * way);
gboolean gst_rcast_way_bind (const GstRcastWay * way, int fd);

GPtrArray *gst_rcast_ways_list (GInetAddress * to, const gchar * preferred);

G_END_DECLS
