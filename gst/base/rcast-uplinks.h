/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the host's uplinks, and watches for changes. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GST_RCAST_UPLINKS_SYSFS "/sys/class/net"

const gchar *gst_rcast_uplinks_get_kind (const gchar * sysfs, const gchar * name);
gboolean gst_rcast_uplinks_is_kind (const gchar * word);
gboolean gst_rcast_uplinks_has_interface (const gchar * word);
guint gst_rcast_uplinks_get_rank (const gchar * name, const gchar * kind,
    const gchar * const *preference);

typedef struct
{
  gchar *name;                  /* of the interface */
  guint rank;                   /* by preference, 0 first */
  GPtrArray *addresses;         /* of gchar * */
} GstRcastUplink;

void gst_rcast_uplink_free (GstRcastUplink * uplink);
GstRcastUplink *gst_rcast_uplink_copy (const GstRcastUplink * uplink);
gboolean gst_rcast_uplink_has_address (const GstRcastUplink * uplink,
    const gchar * address);

GPtrArray *gst_rcast_uplinks_list (GPtrArray * addresses,
    const gchar * const *preference);
gchar **gst_rcast_uplinks_describe (void);
gchar *gst_rcast_uplinks_find_interface (const gchar * address);
gboolean gst_rcast_uplinks_is_up (GInetAddress * address);

typedef struct _GstRcastUplinksWatch GstRcastUplinksWatch;

/* Called in the watch's context. */
typedef void (*GstRcastUplinksFunc) (gpointer data);

GstRcastUplinksWatch *gst_rcast_uplinks_watch_new (GMainContext * context,
    GstRcastUplinksFunc changed, gpointer data);
void gst_rcast_uplinks_watch_free (GstRcastUplinksWatch * watch);

G_END_DECLS
