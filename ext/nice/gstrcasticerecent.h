/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packets that went out last, to be sent once more on another path. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Half a second of 1,000 packets per second. */
#define GST_RCAST_ICE_RECENT_PACKETS 512
/* What is larger is not kept: RTP that fits into a path is not. */
#define GST_RCAST_ICE_RECENT_SIZE 1500

typedef struct _GstRcastIceRecent GstRcastIceRecent;

GstRcastIceRecent *gst_rcast_ice_recent_new (void);
void gst_rcast_ice_recent_free (GstRcastIceRecent * recent);

void gst_rcast_ice_recent_add (GstRcastIceRecent * recent,
    gconstpointer bytes, gsize size, gint64 now);
GPtrArray *gst_rcast_ice_recent_dup_since (const GstRcastIceRecent * recent,
    gint64 since, gboolean * complete);

G_END_DECLS
