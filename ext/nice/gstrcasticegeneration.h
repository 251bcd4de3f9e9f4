/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One set of local and remote ICE credentials, and the paths created with it. */
#pragma once

#include "gstrcasticepath.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceGeneration GstRcastIceGeneration;

/* On the agent's thread, unless stated otherwise. */

GstRcastIceGeneration *gst_rcast_ice_generation_new (guint id,
    const gchar * name, GstRcastLoop * loop,
    const GstRcastIcePathCallbacks * callbacks, gpointer data);
GstRcastIceGeneration *gst_rcast_ice_generation_ref (GstRcastIceGeneration *
    generation);
void gst_rcast_ice_generation_unref (GstRcastIceGeneration * generation);
void gst_rcast_ice_generation_close (GstRcastIceGeneration * generation);

guint gst_rcast_ice_generation_get_id (GstRcastIceGeneration * generation);
void gst_rcast_ice_generation_set_local (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_generation_set_remote (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password);
const gchar *gst_rcast_ice_generation_get_local_ufrag (GstRcastIceGeneration *
    generation);
const gchar *gst_rcast_ice_generation_get_remote_ufrag (GstRcastIceGeneration *
    generation);
/* @generation may be NULL. */
gboolean gst_rcast_ice_generation_has_remote_ufrag (GstRcastIceGeneration *
    generation, const gchar * ufrag);
gboolean gst_rcast_ice_generation_is_checking (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_complete (GstRcastIceGeneration *
    generation);

void gst_rcast_ice_generation_add_candidate (GstRcastIceGeneration *
    generation, const gchar * candidate);
gboolean gst_rcast_ice_generation_has_candidates (GstRcastIceGeneration *
    generation);
guint gst_rcast_ice_generation_inherit (GstRcastIceGeneration * generation,
    GstRcastIceGeneration * from);
gboolean gst_rcast_ice_generation_has_candidate (GstRcastIceGeneration *
    generation, const gchar * candidate);
void gst_rcast_ice_generation_remote_done (GstRcastIceGeneration * generation);

gboolean gst_rcast_ice_generation_gather (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings, gint tos);
gboolean gst_rcast_ice_generation_has_begun (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_gathered (GstRcastIceGeneration *
    generation);

void gst_rcast_ice_generation_cover (GstRcastIceGeneration * generation,
    const GstRcastIceSettings * settings, gint tos);
void gst_rcast_ice_generation_uplinks_changed (GstRcastIceGeneration *
    generation, GstRcastIceSettings * settings, GPtrArray * uplinks, gint64 now);
void gst_rcast_ice_generation_remove_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path);
void gst_rcast_ice_generation_set_controlling (GstRcastIceGeneration *
    generation, gboolean controlling);
void gst_rcast_ice_generation_set_tos (GstRcastIceGeneration * generation,
    gint tos);
void gst_rcast_ice_generation_retire (GstRcastIceGeneration * generation,
    gint64 now);
gint64 gst_rcast_ice_generation_get_retired (GstRcastIceGeneration *
    generation);
guint gst_rcast_ice_generation_get_n_sockets (GstRcastIceGeneration *
    generation);

gint gst_rcast_ice_generation_find_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path);
GstRcastIcePath *gst_rcast_ice_generation_get_path (GstRcastIceGeneration *
    generation, gint index);
GstRcastIcePath *gst_rcast_ice_generation_find_return (GstRcastIceGeneration *
    generation);
void gst_rcast_ice_generation_view_path (const GstRcastIceGeneration *
    generation, GstRcastIcePath * path, GstRcastIcePathView * view);
GArray *gst_rcast_ice_generation_view (GstRcastIceGeneration * generation);
NiceComponentState gst_rcast_ice_generation_get_state (GstRcastIceGeneration *
    generation);
void gst_rcast_ice_generation_note_working (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_was_working (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_answered (GstRcastIceGeneration *
    generation);
gint64 gst_rcast_ice_generation_get_rtt (GstRcastIceGeneration * generation);
gboolean gst_rcast_ice_generation_is_heard (GstRcastIceGeneration *
    generation, gint64 now);
gint64 gst_rcast_ice_generation_get_last_heard (GstRcastIceGeneration *
    generation);

/* Any thread. */
gboolean gst_rcast_ice_generation_dup_local (GstRcastIceGeneration *
    generation, gchar ** ufrag, gchar ** password);
GPtrArray *gst_rcast_ice_generation_dup_paths (GstRcastIceGeneration *
    generation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIceGeneration,
    gst_rcast_ice_generation_unref)

G_END_DECLS
