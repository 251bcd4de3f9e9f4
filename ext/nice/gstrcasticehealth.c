/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths of an ICE stream carry media, and whether they live. */
#include "config.h"

#include "gstrcasticestream-private.h"

#include "gstrcastice-enumtypes.h"
#include "gstrcasticeroute.h"

#include <string.h>

#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* How often paths are looked at. */
#define TICK_MS 50
/* If that is so late, what has come in meanwhile may not have been read. */
#define STANDSTILL_US (300 * 1000)
/* A fresh path where the old one is dead is tried so often. */
#define RETRY_US (1 * G_USEC_PER_SEC)
/* And so often while another one works. */
#define IDLE_RETRY_US (10 * G_USEC_PER_SEC)
/* RTCP has come in before, but not for so long, or three times as long if it
 * comes in rarely. A
 * GStreamer receiver may leave 7 s between two reports. */
#define RETURN_SILENCE_US (4 * G_USEC_PER_SEC)
/* A restart that is not urgent is not asked for more often. */
#define RESTART_SPACING_US (2 * G_USEC_PER_SEC)
/* What so many restarts did not bring back, as from a peer that sends no RTCP, no
 * further one will. */
#define MAX_UNHEARD_RESTARTS 2

static GstStructure *
describe_path (GstRcastIceStream * self, GstRcastIcePath * path)
{
  GstStructure *stats = gst_rcast_ice_path_get_stats (path);

  if (self->active)
    gst_structure_set (stats, "generation", G_TYPE_UINT,
        gst_rcast_ice_generation_get_id (self->active), NULL);
  return stats;
}

/* What comes too early is asked for later, unless a restart has come by then. */
static void
want_restart (GstRcastIceStream * self, GstRcastIceRestartReason reason)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GObject) owner = NULL;

  if (reason != GST_RCAST_ICE_RESTART_REASON_PATH_LOST)
    self->wish = reason;
  if (self->pending || (reason != GST_RCAST_ICE_RESTART_REASON_PATH_LOST
          && self->last_restart > 0
          && now - self->last_restart < RESTART_SPACING_US))
    return;
  self->wish = -1;
  self->last_restart = now;
  GST_DEBUG_OBJECT (self, "a restart is wanted, reason %d", reason);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.restart_wanted (owner, self->session_id, reason);
}

static gboolean
contains (GPtrArray * paths, GstRcastIcePath * path)
{
  return path && g_ptr_array_find (paths, path, NULL);
}

/* Returns how many of the route carry; a second one is there to step in. */
static guint
choose_route (GstRcastIceStream * self, GPtrArray * paths,
    GstRcastIcePath ** route)
{
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  GstRcastIcePath *current = self->n_route > 0 ? self->route[0] : NULL;

  route[0] = gst_rcast_ice_route_find_best (paths, NULL);
  if (!route[0])
    return 0;
  if (contains (paths, current) && route[0] != current
      && gst_rcast_ice_route_keeps (current, route[0]))
    route[0] = current;
  route[1] = gst_rcast_ice_route_find_best (paths, route[0]);
  /* A doubt costs bandwidth, but no packet. */
  if (gst_rcast_ice_path_get_path_state (route[0]) !=
      GST_RCAST_ICE_PATH_STATE_ALIVE && route[1])
    return 2;
  if (!route[1]) {
    self->duplicating = FALSE;
    return 1;
  }
  settings = owner ? self->events.settings (owner) : NULL;
  self->duplicating = settings
      && settings->path_mode == GST_RCAST_ICE_PATH_MODE_DUPLICATE;
  return self->duplicating ? 2 : 1;
}

static const gchar *const carried_over[] = { "interface", "local-candidate",
  "remote-candidate", "state"
};

static void
add_previous (GstStructure * description, const GstStructure * previous)
{
  for (guint i = 0; i < G_N_ELEMENTS (carried_over); i++) {
    const GValue *value = gst_structure_get_value (previous, carried_over[i]);
    g_autofree gchar *field = g_strconcat ("previous-", carried_over[i], NULL);

    if (value)
      gst_structure_set_value (description, field, value);
  }
}

/* What path-changed tells of @path. */
static GstStructure *
describe_change (GstRcastIceStream * self, GstRcastIcePath * path)
{
  GstStructure *description = describe_path (self, path);

  gst_structure_set (description, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      self->change, NULL);
  if (self->carrier)
    add_previous (description, self->carrier);
  return description;
}

/* @old has carried media so far; NULL if none has. */
static void
note_change (GstRcastIceStream * self, GstRcastIcePath * old,
    gboolean same_generation)
{
  if (!old) {
    if (!self->carrier)
      self->change = GST_RCAST_ICE_PATH_CHANGE_FIRST;
    return;
  }
  g_clear_pointer (&self->carrier, gst_structure_free);
  self->carrier = describe_path (self, old);
  if (!same_generation)
    self->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
  else if (gst_rcast_ice_path_get_path_state (old) ==
      GST_RCAST_ICE_PATH_STATE_ALIVE)
    self->change = GST_RCAST_ICE_PATH_CHANGE_BETTER;
  else
    self->change = gst_rcast_ice_path_get_trouble (old);
}

static void
tell_path_change (GstRcastIceStream * self, GstRcastIcePath * old,
    GstRcastIcePath * path, gboolean same_generation)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  GstStructure *description;

  note_change (self, old, same_generation);
  description = path ? describe_change (self, path) : NULL;
  GST_DEBUG_OBJECT (self, "media on path %d%s",
      path ? (gint) gst_rcast_ice_path_get_id (path) : -1,
      self->media_lost ? ", some was lost" : "");
  if (path)
    gst_rcast_ice_stream_publish_pair (self);
  if (owner)
    self->events.path_changed (owner, self->session_id, description,
        self->media_lost && path);
  g_clear_pointer (&description, gst_structure_free);
  if (path)
    self->media_lost = FALSE;
  if (!same_generation || !old)
    return;
  if (path)
    want_restart (self, gst_rcast_ice_path_is_announced (path) ?
        GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED :
        GST_RCAST_ICE_RESTART_REASON_PATH_ADDED);
}

void
gst_rcast_ice_stream_update_route (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths = self->active ?
      gst_rcast_ice_generation_dup_paths (self->active) : NULL;
  GstRcastIcePath *route[MAX_ROUTE] = { NULL, };
  GstRcastIcePath *old[MAX_ROUTE];
  GstRcastIcePath *new_route[MAX_ROUTE];
  guint n_carrying;
  gboolean changed;
  gboolean same_generation;

  if (!paths)
    return;
  n_carrying = choose_route (self, paths, route);
  changed = route[0] != self->route[0];
  if (!changed && route[1] == self->route[1]
      && n_carrying == self->n_carrying)
    return;
  for (guint i = 0; i < MAX_ROUTE; i++)
    new_route[i] = route[i] ? gst_rcast_ice_path_ref (route[i]) : NULL;
  g_mutex_lock (&self->lock);
  memcpy (old, self->route, sizeof old);
  memcpy (self->route, new_route, sizeof old);
  self->n_route = route[1] ? 2 : route[0] ? 1 : 0;
  self->n_carrying = n_carrying;
  g_mutex_unlock (&self->lock);
  if (changed) {
    same_generation = contains (paths, old[0]);
    tell_path_change (self, old[0], route[0], same_generation);
  }
  for (guint i = 0; i < MAX_ROUTE; i++)
    g_clear_pointer (&old[i], gst_rcast_ice_path_unref);
}

/* What went by no path that is well may be lost: better one key frame too many
 * than a frozen picture. */
gboolean
gst_rcast_ice_stream_is_in_doubt (GstRcastIceStream * self)
{
  for (guint i = 0; i < self->n_carrying; i++) {
    if (gst_rcast_ice_path_get_path_state (self->route[i]) ==
        GST_RCAST_ICE_PATH_STATE_ALIVE)
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_carrying (GstRcastIceStream * self, GstRcastIcePath * path)
{
  for (guint i = 0; i < self->n_carrying; i++) {
    if (self->route[i] == path)
      return TRUE;
  }
  return FALSE;
}

/* @path has died. What carries media moves elsewhere, and asks then. */
static void
note_death (GstRcastIceStream * self, GPtrArray * paths, GstRcastIcePath * path)
{
  if (self->n_route > 0 && path == self->route[0] && !(self->duplicating
          && self->route[1] && gst_rcast_ice_path_is_working (self->route[1])))
    self->media_lost = TRUE;
  if (path == gst_rcast_ice_route_find_return (paths)
      && !is_carrying (self, path)
      && gst_rcast_ice_stream_is_working (self))
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
}

/* @path may be dead. If it is where the peer sends, the one that we send on may be as
 * dead, and that is to be known before a restart covers it up. */
static void
note_suspicion (GstRcastIceStream * self, GPtrArray * paths,
    GstRcastIcePath * path)
{
  if (path == gst_rcast_ice_route_find_return (paths)
      && !is_carrying (self, path) && gst_rcast_ice_stream_is_working (self)
      && gst_rcast_ice_path_is_checkable (self->route[0]))
    gst_rcast_ice_path_doubt (self->route[0], GST_RCAST_ICE_PATH_CHANGE_SILENT,
        g_get_monotonic_time ());
}

static void
publish_path_states (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths = self->active ?
      gst_rcast_ice_generation_dup_paths (self->active) : NULL;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  for (guint i = 0; paths && i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];
    GstRcastIcePathState state = gst_rcast_ice_path_get_path_state (path);
    gpointer known = GUINT_TO_POINTER (state + 1);
    GstStructure *description;

    if (g_hash_table_lookup (self->states, path) == known)
      continue;
    g_hash_table_insert (self->states, gst_rcast_ice_path_ref (path), known);
    if (state == GST_RCAST_ICE_PATH_STATE_DEAD)
      note_death (self, paths, path);
    else if (state == GST_RCAST_ICE_PATH_STATE_SUSPECT)
      note_suspicion (self, paths, path);
    description = describe_path (self, path);
    if (owner)
      self->events.path_state (owner, self->session_id, description);
    gst_structure_free (description);
  }
}

/* --- looking after the paths --- */

static void
prune_paths (GstRcastIceStream * self, GPtrArray * paths, gint64 now)
{
  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (is_carrying (self, path)
        || !gst_rcast_ice_route_is_hopeless (path, paths, now))
      continue;
    GST_DEBUG_OBJECT (self, "path %u goes", gst_rcast_ice_path_get_id (path));
    g_hash_table_remove (self->states, path);
    gst_rcast_ice_generation_remove_path (self->active, path);
  }
}

/* Migration: on every uplink that has no path that lives a fresh one, with the
 * session's own credentials. Its checks tell the peer, and nobody else needs
 * to. A single path has no others beside it, but it may need a successor. */
void
gst_rcast_ice_stream_cover_uplinks (GstRcastIceStream * self, gint64 now)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GPtrArray) uplinks = NULL;

  if (!owner || !self->active
      || !gst_rcast_ice_generation_was_working (self->active))
    return;
  self->last_retry = now;
  settings = self->events.settings (owner);
  if (settings->path_mode == GST_RCAST_ICE_PATH_MODE_SINGLE
      && gst_rcast_ice_stream_is_working (self))
    return;
  uplinks = gst_rcast_uplinks_list (settings->addresses,
      (const gchar * const *) settings->path_preference);
  paths = gst_rcast_ice_generation_dup_paths (self->active);
  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastIcePath *path;

    if (gst_rcast_ice_route_is_covered (paths, uplinks->pdata[i]))
      continue;
    path = gst_rcast_ice_generation_add_path (self->active, settings,
        uplinks->pdata[i], self->tos);
    if (path)
      GST_INFO_OBJECT (self, "path %u added without signalling",
          gst_rcast_ice_path_get_id (path));
  }
}

/* RTCP came in, and checks are answered, but it does not come in any more: the
 * peer sends it elsewhere. */
static void
watch_return_path (GstRcastIceStream * self, GstRcastIcePath * returning,
    gint64 now)
{
  GstRcastIcePath *path = self->n_route > 0 ? self->route[0] : NULL;
  gint64 rhythm = returning ? gst_rcast_ice_path_get_rhythm (returning) : 0;

  if (self->wish >= 0)
    want_restart (self, self->wish);
  if (!path || self->last_heard == 0 || gst_rcast_ice_path_get_path_state (path)
      != GST_RCAST_ICE_PATH_STATE_ALIVE)
    return;
  if (now - self->last_heard >=
      (rhythm > G_USEC_PER_SEC ? 3 : 1) * RETURN_SILENCE_US
      && now - self->last_restart >= 5 * RESTART_SPACING_US
      && self->unheard_restarts < MAX_UNHEARD_RESTARTS && !self->pending) {
    self->unheard_restarts++;
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
  }
}

static gboolean
tick (gpointer data)
{
  GstRcastIceStream *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (self->active);
  GstRcastIcePath *returning = gst_rcast_ice_route_find_return (paths);
  gboolean blind = self->last_tick > 0
      && now - self->last_tick >= STANDSTILL_US;

  self->last_tick = now;
  for (guint i = 0; i < paths->len; i++)
    gst_rcast_ice_path_step (paths->pdata[i], paths->pdata[i] == returning
        || is_carrying (self, paths->pdata[i]), self->n_route > 0
        && paths->pdata[i] == self->route[0], now);
  if (blind)
    GST_DEBUG_OBJECT (self, "stood still, judging later");
  else
    prune_paths (self, paths, now);
  if (now - self->last_retry >=
      (gst_rcast_ice_stream_is_working (self) ? IDLE_RETRY_US : RETRY_US))
    gst_rcast_ice_stream_cover_uplinks (self, now);
  if (!blind)
    watch_return_path (self, returning, now);
  gst_rcast_ice_stream_evaluate (self);
  return G_SOURCE_CONTINUE;
}

static void
start_tick (GstRcastIceStream * self)
{
  if (!self->tick_source && self->active
      && gst_rcast_ice_generation_was_working (self->active))
    self->tick_source = gst_rcast_loop_add_timeout (self->loop, TICK_MS,
        tick, self);
}

/* The one place that decides what carries media and what webrtcbin hears. */
void
gst_rcast_ice_stream_evaluate (GstRcastIceStream * self)
{
  gboolean connected;

  if (self->closed)
    return;
  connected = self->active && gst_rcast_ice_stream_was_connected (self);
  publish_path_states (self);
  gst_rcast_ice_stream_swap_if_ready (self);
  gst_rcast_ice_stream_update_route (self);
  gst_rcast_ice_stream_publish (self);
  start_tick (self);
  if (connected && self->published ==
      GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED)
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_PATH_LOST);
}
