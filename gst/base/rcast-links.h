/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the host's network links as the kernel describes them, and tells which lead out of it. */
#pragma once

#include <glib.h>
#include <net/if.h>

G_BEGIN_DECLS

#define GST_RCAST_LINK_KIND_SIZE 16

typedef struct
{
  guint index;
  gchar name[IFNAMSIZ];
  gchar kind[GST_RCAST_LINK_KIND_SIZE]; /* kind of a virtual link, as in `ip -d link`; else "" */
  gchar port_of[GST_RCAST_LINK_KIND_SIZE];      /* kind of its bridge, bond or VRF; else "" */
  gboolean has_default_route;   /* of any family, table and metric */
} GstRcastLink;

GArray             * gst_rcast_links_list      (void);
const GstRcastLink * gst_rcast_links_find      (GArray             * links,
                                                const gchar        * name);
gboolean             gst_rcast_link_leads_out  (const GstRcastLink * link);
gboolean             gst_rcast_link_is_inner   (const GstRcastLink * link);

G_END_DECLS
