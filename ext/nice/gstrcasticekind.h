/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kind of interface it is, and how well it is liked. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GST_RCAST_ICE_SYSFS "/sys/class/net"

const gchar *gst_rcast_ice_get_kind (const gchar * sysfs, const gchar * name);
guint gst_rcast_ice_get_rank (const gchar * name, const gchar * kind,
    const gchar * const *preference);

G_END_DECLS
