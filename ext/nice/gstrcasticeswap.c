/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generations of an ICE stream: pending, active, draining. */
#include "config.h"

#include "gstrcasticestream-private.h"

#include "gstrcasticeroute.h"

#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* A generation that was replaced still receives for so long: the peer swaps
 * when its own checks are through. Longer while it is still being used. */
#define DRAIN_US (3 * G_USEC_PER_SEC)
#define DRAIN_MAX_US (30 * G_USEC_PER_SEC)
#define DRAIN_TICK_MS 500
/* Sixty restarts within three seconds must not hold sockets without bound. */
#define MAX_DRAINING 64

/* From the moment both sides' credentials are known. */
#define RESTART_TIMEOUT_MS 15000
/* A new generation that has a worse path only waits so long for a better. */
#define SWAP_PATIENCE_US (300 * 1000)

GstRcastIceGeneration *
gst_rcast_ice_stream_get_latest (GstRcastIceStream * self)
{
  return self->pending ? self->pending : self->active;
}

static gboolean
is_over (GstRcastIceGeneration * generation, gint64 now)
{
  gint64 retired = gst_rcast_ice_generation_get_retired (generation);
  gint64 heard = gst_rcast_ice_generation_get_last_heard (generation);

  return now - MAX (retired, heard) >= DRAIN_US
      || now - retired >= DRAIN_MAX_US;
}

static gboolean
drain (gpointer data)
{
  GstRcastIceStream *self = data;
  gint64 now = g_get_monotonic_time ();

  for (guint i = self->draining->len; i > 0; i--) {
    GstRcastIceGeneration *generation = self->draining->pdata[i - 1];

    if (self->draining->len <= MAX_DRAINING && !is_over (generation, now))
      continue;
    GST_DEBUG_OBJECT (self, "generation %u drained",
        gst_rcast_ice_generation_get_id (generation));
    gst_rcast_ice_generation_close (generation);
    g_ptr_array_remove_index (self->draining, i - 1);
  }
  if (self->draining->len > 0)
    return G_SOURCE_CONTINUE;
  gst_rcast_source_clear (&self->drain_source);
  return G_SOURCE_REMOVE;
}

/* Takes the reference. */
static void
retire (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  gst_rcast_ice_generation_retire (generation, g_get_monotonic_time ());
  /* The newest first: drain() gives up the oldest when there are too many. */
  g_ptr_array_insert (self->draining, 0, generation);
  if (self->draining->len > MAX_DRAINING)
    drain (self);
  if (!self->drain_source && self->draining->len > 0)
    self->drain_source = gst_rcast_loop_add_timeout (self->loop,
        DRAIN_TICK_MS, drain, self);
}

static void
set_pending (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  GstRcastIceGeneration *old;

  g_mutex_lock (&self->lock);
  old = self->pending;
  self->pending = generation;
  g_mutex_unlock (&self->lock);
  gst_rcast_source_clear (&self->restart_source);
  /* The peer may have swapped to it already: it goes on receiving. */
  if (old)
    retire (self, old);
}

static void
set_active (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  g_mutex_lock (&self->lock);
  self->active = generation;
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_ice_stream_give_up_pending (GstRcastIceStream * self,
    GstRcastIceErrorCode code, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (GST_RCAST_ICE_ERROR, code,
      why);
  guint id = gst_rcast_ice_generation_get_id (self->pending);
  g_autoptr (GObject) owner = NULL;

  GST_INFO_OBJECT (self, "generation %u given up: %s", id, why);
  set_pending (self, NULL);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.failed (owner, self->session_id, id, error);
}

static gboolean
restart_timed_out (gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_ice_stream_give_up_pending (self, GST_RCAST_ICE_ERROR_TIMED_OUT,
      "no pair of the new generation worked in time");
  gst_rcast_ice_stream_evaluate (self);
  return G_SOURCE_REMOVE;
}

static void
swap (GstRcastIceStream * self)
{
  GstRcastIceGeneration *old = self->active;
  GstRcastIceGeneration *generation = self->pending;
  gboolean media_lost = self->media_lost
      || gst_rcast_ice_stream_is_in_doubt (self);
  g_autoptr (GObject) owner = NULL;

  g_mutex_lock (&self->lock);
  self->active = generation;
  self->pending = NULL;
  g_mutex_unlock (&self->lock);
  gst_rcast_source_clear (&self->restart_source);
  self->failed = FALSE;
  self->media_lost = FALSE;
  self->ready_since = 0;
  self->wish = -1;
  g_hash_table_remove_all (self->states);
  retire (self, old);
  GST_INFO_OBJECT (self, "generation %u is active, media %s",
      gst_rcast_ice_generation_get_id (generation),
      media_lost ? "was lost" : "went on");
  if (self->n_route == 0)
    self->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
  gst_rcast_ice_stream_update_route (self);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.swapped (owner, self->session_id,
        gst_rcast_ice_generation_get_id (generation), media_lost);
}

/* Not with the first path that works, if that is worse than the one in use,
 * which is well. */
static gboolean
is_ready (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (self->pending);
  GstRcastIcePath *best = gst_rcast_ice_route_find_best (paths, NULL);
  GstRcastIcePath *current = self->n_route > 0 ? self->route[0] : NULL;
  gint64 now = g_get_monotonic_time ();

  if (!best || !gst_rcast_ice_path_is_working (best)) {
    self->ready_since = 0;
    return FALSE;
  }
  if (self->ready_since == 0)
    self->ready_since = now;
  return !current || gst_rcast_ice_path_get_path_state (current) !=
      GST_RCAST_ICE_PATH_STATE_ALIVE
      || gst_rcast_ice_path_get_rank (best) <=
      gst_rcast_ice_path_get_rank (current)
      || now - self->ready_since >= SWAP_PATIENCE_US;
}

/* Takes the reference. It is pending if there is an active one. */
void
gst_rcast_ice_stream_take_generation (GstRcastIceStream * self,
    GstRcastIceGeneration * generation)
{
  if (self->active)
    set_pending (self, generation);
  else
    set_active (self, generation);
}

/* The time of a restart begins when both sides' credentials are known. */
void
gst_rcast_ice_stream_limit_restart (GstRcastIceStream * self)
{
  if (self->pending && !self->restart_source
      && gst_rcast_ice_generation_is_complete (self->pending))
    self->restart_source = gst_rcast_loop_add_timeout (self->loop,
        RESTART_TIMEOUT_MS, restart_timed_out, self);
}

void
gst_rcast_ice_stream_swap_if_ready (GstRcastIceStream * self)
{
  if (self->pending && is_ready (self))
    swap (self);
}
