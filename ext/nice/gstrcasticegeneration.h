/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pair of ICE credentials and the paths that were built with it. */
#pragma once

#include "gstrcasticepath.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceGeneration GstRcastIceGeneration;

/* All called on the agent's thread. */
typedef struct
{
  void (*candidate) (GstRcastIceGeneration * generation,
      const gchar * candidate, gpointer data);
  void (*gathered) (GstRcastIceGeneration * generation, gpointer data);
  void (*changed) (GstRcastIceGeneration * generation, gpointer data);
  void (*received) (GstRcastIceGeneration * generation,
      GstRcastIcePath * path, const guint8 * bytes, gsize size, gpointer data);
} GstRcastIceGenerationEvents;

GstRcastIceGeneration *gst_rcast_ice_generation_new (guint id,
    GstRcastLoop * loop, const GstRcastIceGenerationEvents * events,
    gpointer data);
GstRcastIceGeneration *gst_rcast_ice_generation_ref (GstRcastIceGeneration *
    generation);
void gst_rcast_ice_generation_unref (GstRcastIceGeneration * generation);
void gst_rcast_ice_generation_close (GstRcastIceGeneration * generation);

guint gst_rcast_ice_generation_get_id (GstRcastIceGeneration * generation);
const gchar *gst_rcast_ice_generation_get_local_ufrag (GstRcastIceGeneration *
    generation);
const gchar *gst_rcast_ice_generation_get_remote_ufrag (GstRcastIceGeneration *
    generation);
/* @generation may be NULL. */
gboolean gst_rcast_ice_generation_has_remote_ufrag (GstRcastIceGeneration *
    generation, const gchar * ufrag);
void gst_rcast_ice_generation_set_local (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_generation_set_remote (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_generation_add_candidate (GstRcastIceGeneration *
    generation, const gchar * candidate);
gboolean gst_rcast_ice_generation_has_candidate (GstRcastIceGeneration *
    generation, const gchar * candidate);
void gst_rcast_ice_generation_remote_done (GstRcastIceGeneration * generation);
gboolean gst_rcast_ice_generation_gather (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings, gint tos);
GstRcastIcePath *gst_rcast_ice_generation_add_path (GstRcastIceGeneration *
    generation, const GstRcastIceSettings * settings,
    const GstRcastUplink * uplink, gint tos);
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

gboolean gst_rcast_ice_generation_is_gathering (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_gathered (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_complete (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_was_working (GstRcastIceGeneration *
    generation);
NiceComponentState gst_rcast_ice_generation_get_state (GstRcastIceGeneration *
    generation);
gboolean gst_rcast_ice_generation_is_heard (GstRcastIceGeneration *
    generation, gint64 now);
gint64 gst_rcast_ice_generation_get_last_heard (GstRcastIceGeneration *
    generation);

/* Any thread; free with g_ptr_array_unref(). */
GPtrArray *gst_rcast_ice_generation_dup_paths (GstRcastIceGeneration *
    generation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIceGeneration,
    gst_rcast_ice_generation_unref)

G_END_DECLS
