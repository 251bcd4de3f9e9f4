/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generations of one ICE stream: pending, active, draining, and their times. */
#include "config.h"

#include "gstrcasticegenerations.h"

#include "gstrcasticelog.h"
#include "gstrcasticeroute.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticegenerations",
    "Generations of one ICE stream")

/* A replaced generation still receives for DRAIN_US, as the peer swaps only after its own checks.
 * It receives longer while the peer still uses it. */
#define DRAIN_US (3 * G_USEC_PER_SEC)
#define DRAIN_MAX_US (30 * G_USEC_PER_SEC)
#define DRAIN_TICK_MS 500
/* Bounds the sockets held by many restarts in a row (sixty within three seconds, say): an eighth of
 * the 1,024 descriptors that a process usually has. */
#define MAX_DRAINING_SOCKETS 128

/* From when both sides' credentials are known. */
#define RESTART_TIMEOUT_MS 15000
/* From then on: by now webrtcbin has handed over the candidates of an answer that has any. An
 * answer may have credentials only (RFC 9725 4.3.3), as the peer's ports have not changed. */
#define BARE_ANSWER_MS 20
/* Checks of a restart are answered within this many round trips, at least a second, or not at all:
 * RFC 8445 14.3 repeats them after 500 ms. */
#define HOPELESS_ROUND_TRIPS 10
#define HOPELESS_LEAST_MS 1000

struct _GstRcastIceGenerations
{
  gchar *name;
  GstRcastLoop *loop;
  const GstRcastIceGenerationsCallbacks *callbacks;
  const GstRcastIcePathCallbacks *path_callbacks;
  gpointer data;

  /* Only on the agent's thread. */
  guint next_id;
  GPtrArray *draining;          /* of GstRcastIceGeneration, newest first */
  GSource *drain_source;
  GSource *restart_source;      /* ends the wait for a pending generation */
  GSource *bare_source;         /* ends the wait for its candidates */
  GSource *hopeless_source;     /* ends the wait for an answer to its checks */
  gint64 ready_since;           /* when a path of pending first worked; 0: none works */

  GMutex lock;                  /* a leaf: no other lock is taken under it */
  GstRcastIceGeneration *active;        /* lock; written by the agent's thread only */
  GstRcastIceGeneration *pending;       /* lock; the same */
};

GstRcastIceGenerations *
gst_rcast_ice_generations_new (const GstRcastIceGenerationsConfig * config)
{
  GstRcastIceGenerations *generations = g_new0 (GstRcastIceGenerations, 1);

  g_mutex_init (&generations->lock);
  generations->name = g_strdup (config->name);
  generations->loop = gst_rcast_loop_ref (config->loop);
  generations->callbacks = config->callbacks;
  generations->path_callbacks = config->path_callbacks;
  generations->data = config->data;
  generations->draining = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_ice_generation_unref);
  return generations;
}

/* Call this after gst_rcast_ice_generations_close(), or if no generation was started. */
void
gst_rcast_ice_generations_free (GstRcastIceGenerations * generations)
{
  g_assert (!generations->active && !generations->drain_source);
  g_ptr_array_unref (generations->draining);
  gst_rcast_loop_unref (generations->loop);
  g_mutex_clear (&generations->lock);
  g_free (generations->name);
  g_free (generations);
}

GstRcastIceGeneration *
gst_rcast_ice_generations_get_active (GstRcastIceGenerations * generations)
{
  return generations->active;
}

GstRcastIceGeneration *
gst_rcast_ice_generations_get_pending (GstRcastIceGenerations * generations)
{
  return generations->pending;
}

/* The pending generation, or else the active one. */
GstRcastIceGeneration *
gst_rcast_ice_generations_get_latest (GstRcastIceGenerations * generations)
{
  return generations->pending ? generations->pending : generations->active;
}

GstRcastIceGeneration *
gst_rcast_ice_generations_ref_active (GstRcastIceGenerations * generations)
{
  GstRcastIceGeneration *active;

  g_mutex_lock (&generations->lock);
  active = generations->active;
  if (active)
    gst_rcast_ice_generation_ref (active);
  g_mutex_unlock (&generations->lock);
  return active;
}

gboolean
gst_rcast_ice_generations_is_restarting (GstRcastIceGenerations * generations)
{
  gboolean restarting;

  g_mutex_lock (&generations->lock);
  restarting = generations->pending != NULL;
  g_mutex_unlock (&generations->lock);
  return restarting;
}

/* Whether the peer had @remote_ufrag in a generation that is draining. */
gboolean
gst_rcast_ice_generations_is_retired (GstRcastIceGenerations * generations,
    const gchar * remote_ufrag)
{
  for (guint i = 0; i < generations->draining->len; i++) {
    if (gst_rcast_ice_generation_has_remote_ufrag
        (generations->draining->pdata[i], remote_ufrag))
      return TRUE;
  }
  return FALSE;
}

/* --- draining --- */

static gboolean
is_over (GstRcastIceGeneration * generation, gint64 now)
{
  gint64 retired = gst_rcast_ice_generation_get_retired (generation);
  gint64 heard = gst_rcast_ice_generation_get_last_heard (generation);

  return now - MAX (retired, heard) >= DRAIN_US
      || now - retired >= DRAIN_MAX_US;
}

/* Closes drained generations and, if there are too many sockets, the oldest others. The peer most
 * probably still uses the newest. */
static void
close_drained (GstRcastIceGenerations * generations)
{
  gint64 now = g_get_monotonic_time ();
  guint n_sockets = 0;

  for (guint i = 0; i < generations->draining->len;) {
    GstRcastIceGeneration *generation = generations->draining->pdata[i];

    n_sockets += gst_rcast_ice_generation_get_n_sockets (generation);
    if ((i == 0 || n_sockets <= MAX_DRAINING_SOCKETS)
        && !is_over (generation, now)) {
      i++;
      continue;
    }
    GST_DEBUG_ID (generations->name, "generation %u drained",
        gst_rcast_ice_generation_get_id (generation));
    gst_rcast_ice_generation_close (generation);
    g_ptr_array_remove_index (generations->draining, i);
  }
}

static gboolean
drain (gpointer data)
{
  GstRcastIceGenerations *generations = data;

  close_drained (generations);
  if (generations->draining->len > 0)
    return G_SOURCE_CONTINUE;
  gst_rcast_source_clear (&generations->drain_source);
  return G_SOURCE_REMOVE;
}

/* Takes the reference of @generation. */
static void
retire (GstRcastIceGenerations * generations,
    GstRcastIceGeneration * generation)
{
  gst_rcast_ice_generation_retire (generation, g_get_monotonic_time ());
  g_ptr_array_insert (generations->draining, 0, generation);
  close_drained (generations);
  if (!generations->drain_source && generations->draining->len > 0)
    generations->drain_source = gst_rcast_loop_add_timeout (generations->loop,
        DRAIN_TICK_MS, drain, generations);
}

/* --- pending --- */

/* Forgets the timers of the pending generation. */
static void
forget_times (GstRcastIceGenerations * generations)
{
  generations->ready_since = 0;
  gst_rcast_source_clear (&generations->restart_source);
  gst_rcast_source_clear (&generations->bare_source);
  gst_rcast_source_clear (&generations->hopeless_source);
}

/* Takes @generation. Returns: (transfer full): the previous pending generation */
static GstRcastIceGeneration *
exchange_pending (GstRcastIceGenerations * generations,
    GstRcastIceGeneration * generation)
{
  GstRcastIceGeneration *old;

  g_mutex_lock (&generations->lock);
  old = generations->pending;
  generations->pending = generation;
  g_mutex_unlock (&generations->lock);
  forget_times (generations);
  return old;
}

/* Takes @old. The peer may have swapped to @old already, so it goes on receiving. */
static void
fail (GstRcastIceGenerations * generations, GstRcastIceGeneration * old,
    GstRcastIceError code, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (GST_RCAST_ICE_ERROR, code,
      why);
  guint id = gst_rcast_ice_generation_get_id (old);

  GST_INFO_ID (generations->name, "generation %u given up: %s", id, why);
  retire (generations, old);
  generations->callbacks->failed (id, error, generations->data);
}

/* Ends the pending generation, if there is one. The active one goes on. */
void
gst_rcast_ice_generations_give_up (GstRcastIceGenerations * generations,
    GstRcastIceError code, const gchar * why)
{
  GstRcastIceGeneration *old = exchange_pending (generations, NULL);

  if (old)
    fail (generations, old, code, why);
}

static gboolean
restart_timed_out (gpointer data)
{
  GstRcastIceGenerations *generations = data;

  gst_rcast_ice_generations_give_up (generations,
      GST_RCAST_ICE_ERROR_TIMED_OUT,
      "no pair of the new generation worked in time");
  return G_SOURCE_REMOVE;
}

static void
inherit_candidates (GstRcastIceGenerations * generations)
{
  guint n = gst_rcast_ice_generation_inherit (generations->pending,
      generations->active);

  GST_INFO_ID (generations->name, "generation %u takes over %u of the peer's "
      "candidates", gst_rcast_ice_generation_get_id (generations->pending), n);
}

static gboolean
answer_was_bare (gpointer data)
{
  GstRcastIceGenerations *generations = data;

  gst_rcast_source_clear (&generations->bare_source);
  if (!gst_rcast_ice_generation_has_candidates (generations->pending))
    inherit_candidates (generations);
  return G_SOURCE_REMOVE;
}

/* The candidates in the answer do not work, so try those that worked before. */
static gboolean
checks_were_in_vain (gpointer data)
{
  GstRcastIceGenerations *generations = data;
  GstRcastIceGeneration *pending = generations->pending;

  /* Without candidates of the peer there is nothing to check yet: the network is not to blame. */
  if (!gst_rcast_ice_generation_has_candidates (pending))
    return G_SOURCE_CONTINUE;
  gst_rcast_source_clear (&generations->hopeless_source);
  if (gst_rcast_ice_generation_is_answered (pending))
    return G_SOURCE_REMOVE;
  inherit_candidates (generations);
  generations->callbacks->hopeless (gst_rcast_ice_generation_get_id (pending),
      generations->data);
  return G_SOURCE_REMOVE;
}

static guint
get_hopeless_ms (GstRcastIceGenerations * generations)
{
  gint64 rtt = gst_rcast_ice_generation_get_rtt (generations->active);

  return MAX (HOPELESS_LEAST_MS, HOPELESS_ROUND_TRIPS * rtt / 1000);
}

/* Starts the timers of a restart once both sides' credentials are known. */
void
gst_rcast_ice_generations_limit (GstRcastIceGenerations * generations)
{
  if (!generations->pending || generations->restart_source
      || !gst_rcast_ice_generation_is_complete (generations->pending))
    return;
  generations->restart_source =
      gst_rcast_loop_add_timeout (generations->loop, RESTART_TIMEOUT_MS,
      restart_timed_out, generations);
  generations->bare_source =
      gst_rcast_loop_add_timeout (generations->loop, BARE_ANSWER_MS,
      answer_was_bare, generations);
  generations->hopeless_source =
      gst_rcast_loop_add_timeout (generations->loop,
      get_hopeless_ms (generations), checks_were_in_vain, generations);
}

/* Starts a generation. The first one is active at once. Others are pending, in place of a previous
 * pending one. */
GstRcastIceGeneration *
gst_rcast_ice_generations_start (GstRcastIceGenerations * generations)
{
  GstRcastIceGeneration *generation =
      gst_rcast_ice_generation_new (generations->next_id++, generations->name,
      generations->loop, generations->path_callbacks, generations->data);
  GstRcastIceGeneration *old;

  if (!generations->active) {
    g_mutex_lock (&generations->lock);
    generations->active = generation;
    g_mutex_unlock (&generations->lock);
    return generation;
  }
  old = exchange_pending (generations, generation);
  if (old)
    fail (generations, old, GST_RCAST_ICE_ERROR_CANCELLED,
        "another restart has taken its place");
  return generation;
}

static gboolean
is_ready (GstRcastIceGenerations * generations,
    const GstRcastIcePathView * current, gint64 now)
{
  g_autoptr (GArray) views =
      gst_rcast_ice_generation_view (generations->pending);
  const GstRcastIcePathView *pending = (gpointer) views->data;
  gint best = gst_rcast_ice_route_find_best (pending, views->len,
      GST_RCAST_ICE_NO_PATH, now);

  if (best == GST_RCAST_ICE_NO_PATH
      || !gst_rcast_ice_path_view_is_working (&pending[best]))
    generations->ready_since = 0;
  else if (generations->ready_since == 0)
    generations->ready_since = now;
  return gst_rcast_ice_route_is_ready (pending, views->len, current,
      generations->ready_since, now);
}

/* @current: (nullable): the path that carries media now
 * Returns: whether the pending generation has become active */
gboolean
gst_rcast_ice_generations_swap_if_ready (GstRcastIceGenerations * generations,
    const GstRcastIcePathView * current, gint64 now)
{
  GstRcastIceGeneration *old = generations->active;
  GstRcastIceGeneration *new_one = generations->pending;

  if (!new_one || !is_ready (generations, current, now))
    return FALSE;
  g_mutex_lock (&generations->lock);
  generations->active = new_one;
  generations->pending = NULL;
  g_mutex_unlock (&generations->lock);
  forget_times (generations);
  retire (generations, old);
  return TRUE;
}

/* --- both the active and the pending generation --- */

void
gst_rcast_ice_generations_set_controlling (GstRcastIceGenerations *
    generations, gboolean controlling)
{
  if (generations->active)
    gst_rcast_ice_generation_set_controlling (generations->active, controlling);
  if (generations->pending)
    gst_rcast_ice_generation_set_controlling (generations->pending,
        controlling);
}

void
gst_rcast_ice_generations_set_tos (GstRcastIceGenerations * generations,
    gint tos)
{
  if (generations->active)
    gst_rcast_ice_generation_set_tos (generations->active, tos);
  if (generations->pending)
    gst_rcast_ice_generation_set_tos (generations->pending, tos);
}

/* Interfaces or addresses may have come or gone. The caller evaluates afterwards. */
void
gst_rcast_ice_generations_network_changed (GstRcastIceGenerations * generations,
    GstRcastIceSettings * settings, gint64 now)
{
  g_autoptr (GPtrArray) uplinks =
      gst_rcast_uplinks_list (settings->addresses,
      (const gchar * const *) settings->path_preference);

  if (generations->active)
    gst_rcast_ice_generation_uplinks_changed (generations->active, settings,
        uplinks, now);
  if (generations->pending)
    gst_rcast_ice_generation_uplinks_changed (generations->pending, settings,
        uplinks, now);
}

/* Closes all generations. */
void
gst_rcast_ice_generations_close (GstRcastIceGenerations * generations)
{
  GstRcastIceGeneration *active;
  GstRcastIceGeneration *pending = exchange_pending (generations, NULL);

  g_mutex_lock (&generations->lock);
  active = g_steal_pointer (&generations->active);
  g_mutex_unlock (&generations->lock);
  gst_rcast_source_clear (&generations->drain_source);
  if (active)
    g_ptr_array_add (generations->draining, active);
  if (pending)
    g_ptr_array_add (generations->draining, pending);
  for (guint i = 0; i < generations->draining->len; i++)
    gst_rcast_ice_generation_close (generations->draining->pdata[i]);
  g_ptr_array_set_size (generations->draining, 0);
}
