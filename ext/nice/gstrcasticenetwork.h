/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's interfaces that lead somewhere, and when they come and go. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gchar *name;                  /* of the interface */
  guint rank;                   /* by preference, 0 first */
  GPtrArray *addresses;         /* of gchar * */
} GstRcastIceUplink;

void gst_rcast_ice_uplink_free (GstRcastIceUplink * uplink);
GstRcastIceUplink *gst_rcast_ice_uplink_copy (const GstRcastIceUplink * uplink);
gboolean gst_rcast_ice_uplink_has_address (const GstRcastIceUplink * uplink,
    const gchar * address);

GPtrArray *gst_rcast_ice_list_uplinks (GPtrArray * addresses,
    const gchar * const *preference);
gchar **gst_rcast_ice_describe_network (void);
gchar *gst_rcast_ice_find_interface (const gchar * address);

typedef struct _GstRcastIceNetwork GstRcastIceNetwork;

/* In the context. */
typedef void (*GstRcastIceNetworkFunc) (gpointer data);

GstRcastIceNetwork *gst_rcast_ice_network_new (GMainContext * context,
    GstRcastIceNetworkFunc changed, gpointer data);
void gst_rcast_ice_network_free (GstRcastIceNetwork * network);

G_END_DECLS
