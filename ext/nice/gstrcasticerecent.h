/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the packets sent last, so that they can be repeated on another path. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Half a second of 1,000 packets per second. */
#define GST_RCAST_ICE_RECENT_PACKETS 512
/* Larger packets are not kept. RTP packets that fit into the path MTU are smaller. */
#define GST_RCAST_ICE_RECENT_SIZE 1500

typedef struct _GstRcastIceRecent GstRcastIceRecent;

GstRcastIceRecent *gst_rcast_ice_recent_new (void);
void gst_rcast_ice_recent_free (GstRcastIceRecent * recent);

void gst_rcast_ice_recent_add (GstRcastIceRecent * recent,
    gconstpointer bytes, gsize size, gint64 now);
GPtrArray *gst_rcast_ice_recent_dup_since (const GstRcastIceRecent * recent,
    gint64 since, gboolean * complete);

G_END_DECLS
