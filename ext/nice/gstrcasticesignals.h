/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of the agent. */
#pragma once

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

void gst_rcast_ice_signals_install (GType type);

/* On the agent's thread. @owner is the agent. */
void gst_rcast_ice_signals_swapped (GObject * owner, guint session_id,
    guint generation, gboolean media_lost);
void gst_rcast_ice_signals_failed (GObject * owner, guint session_id,
    guint generation, const GError * error);
void gst_rcast_ice_signals_path_changed (GObject * owner, guint session_id,
    const GstStructure * path, gboolean media_lost);
void gst_rcast_ice_signals_path_state (GObject * owner, guint session_id,
    const GstStructure * path);
void gst_rcast_ice_signals_restart_wanted (GObject * owner, guint session_id,
    GstRcastIceRestartReason reason);
void gst_rcast_ice_signals_hopeless (GObject * owner, guint session_id,
    guint generation);
void gst_rcast_ice_signals_network_changed (GObject * owner,
    const gchar * const *uplinks);

G_END_DECLS
