/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks on a path in use: libnice sends them, here their answers are seen. */
#pragma once

#include <gio/gio.h>

#include "rcast-loop.h"
#include "gstrcasticestun.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceProbe GstRcastIceProbe;

/* On the loop's thread; @rtt is in microseconds. */
typedef void (*GstRcastIceProbeFunc) (GstRcastIceStunAnswer answer, gint64 rtt,
    gpointer data);

GstRcastIceProbe *gst_rcast_ice_probe_new (GstRcastLoop * loop,
    GstRcastIceProbeFunc answered, gpointer data);
void gst_rcast_ice_probe_free (GstRcastIceProbe * probe);
gboolean gst_rcast_ice_probe_watch (GstRcastIceProbe * probe,
    GPtrArray * sockets);
gsize gst_rcast_ice_probe_write (GstRcastIceProbe * probe,
    const GstRcastIceStunConfig * config, guint8 * out, gsize size,
    gint64 now);

G_END_DECLS
