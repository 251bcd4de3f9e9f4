/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's one thread, on which all its decisions are taken. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GstRcastIceLoop GstRcastIceLoop;

GstRcastIceLoop *gst_rcast_ice_loop_new (const gchar * name);
GstRcastIceLoop *gst_rcast_ice_loop_ref (GstRcastIceLoop * loop);
void gst_rcast_ice_loop_unref (GstRcastIceLoop * loop);
void gst_rcast_ice_loop_stop (GstRcastIceLoop * loop);
void gst_rcast_ice_loop_hold (GstRcastIceLoop * loop);
void gst_rcast_ice_loop_release (GstRcastIceLoop * loop);

GMainContext *gst_rcast_ice_loop_get_context (GstRcastIceLoop * loop);
gboolean gst_rcast_ice_loop_is_current (GstRcastIceLoop * loop);
void gst_rcast_ice_loop_invoke (GstRcastIceLoop * loop, GSourceFunc func,
    gpointer data, GDestroyNotify notify);
GSource *gst_rcast_ice_loop_add_timeout (GstRcastIceLoop * loop,
    guint interval_ms, GSourceFunc func, gpointer data);
void gst_rcast_ice_source_clear (GSource ** source);

G_END_DECLS
