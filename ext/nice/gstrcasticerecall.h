/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records of this host's uplinks, shared by all agents of the process. */
#pragma once

#include "gstrcasticerecord.h"

G_BEGIN_DECLS

/* Any thread. @key comes from gst_rcast_ice_recall_make_key(). With a NULL key nothing happens. */
gchar *gst_rcast_ice_recall_make_key (const gchar * interface);
void gst_rcast_ice_recall_alive (const gchar * key, gint64 rtt, gint64 now);
void gst_rcast_ice_recall_leave (const gchar * key, GstRcastIceTrouble trouble,
    gint64 now);
void gst_rcast_ice_recall_lose (const gchar * key, guint lost, guint expected,
    gint64 now);
void gst_rcast_ice_recall_fit (const gchar * key, guint64 room,
    guint64 needed, gint64 now);
void gst_rcast_ice_recall_forget (void);
void gst_rcast_ice_recall_pass (const gchar * key);
void gst_rcast_ice_recall_view (const gchar * key, GstRcastIcePathView * view,
    gint64 now);

G_END_DECLS
