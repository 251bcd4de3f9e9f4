/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to an address: by which uplinks a connection may go, and in which order. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @uplink: name of the interface, "" if it is not known
 * @from: (nullable): address of ours; %NULL: nothing is bound, the routes decide */
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
