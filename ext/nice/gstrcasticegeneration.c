/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pair of ICE credentials and the paths that were built with it. */
#include "config.h"

#include "gstrcasticegeneration.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ice_generation_debug);
#define GST_CAT_DEFAULT rcast_ice_generation_debug

/* What a peer may announce, per generation. */
#define MAX_REMOTE_CANDIDATES 128
/* A host with more uplinks uses the best ones. */
#define MAX_PATHS 8
/* RFC 8445 5.1.2.1: the local preference is bits 8 to 23. So much less for each
 * rank, so that the peer prefers what we prefer. */
#define RANK_STEP (64 << 8)

struct _GstRcastIceGeneration
{
  gatomicrefcount ref_count;
  guint id;
  GstRcastLoop *loop;

  /* Only the agent's thread. */
  GstRcastIceGenerationEvents events;
  gpointer data;
  gchar *local_ufrag;           /* NULL until known */
  gchar *local_password;
  gchar *remote_ufrag;          /* NULL until known */
  gchar *remote_password;
  GPtrArray *remote_candidates; /* of gchar *, in order of arrival */
  gboolean remote_done;
  gboolean gathering;           /* or gathered */
  gboolean was_working;
  gboolean closed;
  gint64 retired;               /* monotonic us; 0: not */
  guint next_path;

  GMutex lock;                  /* a leaf: nothing is called under it */
  GPtrArray *paths;             /* lock; written by the agent's thread only */
};

GstRcastIceGeneration *
gst_rcast_ice_generation_ref (GstRcastIceGeneration * generation)
{
  g_atomic_ref_count_inc (&generation->ref_count);
  return generation;
}

void
gst_rcast_ice_generation_unref (GstRcastIceGeneration * generation)
{
  if (!g_atomic_ref_count_dec (&generation->ref_count))
    return;
  g_ptr_array_unref (generation->paths);
  g_ptr_array_unref (generation->remote_candidates);
  g_free (generation->local_ufrag);
  g_free (generation->local_password);
  g_free (generation->remote_ufrag);
  g_free (generation->remote_password);
  g_mutex_clear (&generation->lock);
  gst_rcast_loop_unref (generation->loop);
  g_free (generation);
}

/* On the agent's thread, like all that follows unless said otherwise. */
GstRcastIceGeneration *
gst_rcast_ice_generation_new (guint id, GstRcastLoop * loop,
    const GstRcastIceGenerationEvents * events, gpointer data)
{
  static gsize once = 0;
  GstRcastIceGeneration *generation = g_new0 (GstRcastIceGeneration, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_ice_generation_debug,
        "rcasticegeneration", 0, "One generation of ICE credentials");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&generation->ref_count);
  g_mutex_init (&generation->lock);
  generation->id = id;
  generation->loop = gst_rcast_loop_ref (loop);
  generation->events = *events;
  generation->data = data;
  generation->paths = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_ice_path_unref);
  generation->remote_candidates = g_ptr_array_new_with_free_func (g_free);
  return generation;
}

/* Ends its events and gives its sockets back. Twice is fine. */
void
gst_rcast_ice_generation_close (GstRcastIceGeneration * generation)
{
  if (generation->closed)
    return;
  generation->closed = TRUE;
  for (guint i = 0; i < generation->paths->len; i++)
    gst_rcast_ice_path_close (generation->paths->pdata[i]);
}

guint
gst_rcast_ice_generation_get_id (GstRcastIceGeneration * generation)
{
  return generation->id;
}

const gchar *
gst_rcast_ice_generation_get_local_ufrag (GstRcastIceGeneration * generation)
{
  return generation->local_ufrag;
}

const gchar *
gst_rcast_ice_generation_get_remote_ufrag (GstRcastIceGeneration * generation)
{
  return generation->remote_ufrag;
}

/* Once, before gathering. */
void
gst_rcast_ice_generation_set_local (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password)
{
  g_assert (!generation->local_ufrag);
  generation->local_ufrag = g_strdup (ufrag);
  generation->local_password = g_strdup (password);
}

static void
tell_path (GstRcastIceGeneration * generation, GstRcastIcePath * path)
{
  if (!generation->remote_ufrag)
    return;
  gst_rcast_ice_path_set_remote (path, generation->remote_ufrag,
      generation->remote_password);
  for (guint i = 0; i < generation->remote_candidates->len; i++)
    gst_rcast_ice_path_add_remote_candidate (path,
        generation->remote_candidates->pdata[i]);
  if (generation->remote_done)
    gst_rcast_ice_path_remote_done (path);
}

/* Once. */
void
gst_rcast_ice_generation_set_remote (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password)
{
  g_assert (!generation->remote_ufrag);
  generation->remote_ufrag = g_strdup (ufrag);
  generation->remote_password = g_strdup (password);
  for (guint i = 0; i < generation->paths->len; i++)
    tell_path (generation, generation->paths->pdata[i]);
}

gboolean
gst_rcast_ice_generation_has_candidate (GstRcastIceGeneration * generation,
    const gchar * candidate)
{
  return g_ptr_array_find_with_equal_func (generation->remote_candidates,
      candidate, g_str_equal, NULL);
}

/* A repeated one is ignored: webrtcbin adds all of them again at each
 * description. */
void
gst_rcast_ice_generation_add_candidate (GstRcastIceGeneration * generation,
    const gchar * candidate)
{
  if (gst_rcast_ice_generation_has_candidate (generation, candidate))
    return;
  if (generation->remote_candidates->len >= MAX_REMOTE_CANDIDATES) {
    GST_WARNING ("generation %u: more than %u remote candidates, dropping",
        generation->id, MAX_REMOTE_CANDIDATES);
    return;
  }
  g_ptr_array_add (generation->remote_candidates, g_strdup (candidate));
  if (!generation->remote_ufrag)
    return;
  for (guint i = 0; i < generation->paths->len; i++)
    gst_rcast_ice_path_add_remote_candidate (generation->paths->pdata[i],
        candidate);
}

void
gst_rcast_ice_generation_remote_done (GstRcastIceGeneration * generation)
{
  if (generation->remote_done)
    return;
  generation->remote_done = TRUE;
  for (guint i = 0; i < generation->paths->len && generation->remote_ufrag; i++)
    gst_rcast_ice_path_remote_done (generation->paths->pdata[i]);
}

/* Each path has an agent of its own that counts its foundations from 1 and
 * takes its address for the best. */
static gchar *
adapt_candidate (const gchar * candidate, guint path_id)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 5);
  guint64 priority;
  gchar *adapted;

  if (g_strv_length (words) < 5)
    return g_strdup (candidate);
  priority = g_ascii_strtoull (words[3], NULL, 10);
  /* Announced paths are numbered from 1, the best first. */
  priority -= (path_id - 1) * RANK_STEP;
  adapted = g_strdup_printf ("%s0%u %s %s %" G_GUINT64_FORMAT " %s", words[0],
      path_id, words[1], words[2], priority, words[4]);
  return adapted;
}

static void
on_candidate (GstRcastIcePath * path, const gchar * candidate, gpointer data)
{
  GstRcastIceGeneration *generation = data;
  g_autofree gchar *adapted = NULL;

  if (!gst_rcast_ice_path_is_announced (path))
    return;
  adapted = adapt_candidate (candidate, gst_rcast_ice_path_get_id (path));
  generation->events.candidate (generation, adapted, generation->data);
}

static void
on_gathered (GstRcastIcePath * path, gpointer data)
{
  GstRcastIceGeneration *generation = data;

  generation->events.gathered (generation, generation->data);
}

static void
on_changed (GstRcastIcePath * path, gpointer data)
{
  GstRcastIceGeneration *generation = data;

  if (gst_rcast_ice_path_is_working (path))
    generation->was_working = TRUE;
  generation->events.changed (generation, generation->data);
}

static void
on_received (GstRcastIcePath * path, const guint8 * bytes, gsize size,
    gpointer data)
{
  GstRcastIceGeneration *generation = data;

  generation->events.received (generation, path, bytes, size, generation->data);
}

static const GstRcastIcePathEvents path_events = {
  on_candidate, on_gathered, on_changed, on_received
};

static GstRcastIcePath *
start_path (GstRcastIceGeneration * generation,
    const GstRcastIceSettings * settings, const GstRcastUplink * uplink,
    gboolean announced, gint tos)
{
  GstRcastIcePathConfig config = {
    .loop = generation->loop,
    .settings = settings,
    .uplink = uplink,
    .announced = announced,
    .ufrag = generation->local_ufrag,
    .password = generation->local_password,
    .tos = tos,
    .id = ++generation->next_path,
  };
  GstRcastIcePath *path;

  if (generation->paths->len >= MAX_PATHS) {
    GST_WARNING ("generation %u: more than %u paths, going on without %s",
        generation->id, MAX_PATHS, uplink ? uplink->name : "one");
    return NULL;
  }
  path = gst_rcast_ice_path_new (&config, &path_events, generation);
  g_mutex_lock (&generation->lock);
  g_ptr_array_add (generation->paths, path);
  g_mutex_unlock (&generation->lock);
  GST_DEBUG ("generation %u: path %u on %s", generation->id, config.id,
      uplink ? uplink->name : "any interface");
  if (!gst_rcast_ice_path_gather (path)) {
    GST_WARNING ("generation %u: no socket on %s, going on without",
        generation->id, uplink ? uplink->name : "any address");
    gst_rcast_ice_generation_remove_path (generation, path);
    return NULL;
  }
  gst_rcast_ice_path_apply_buffers (path, settings->send_buffer,
      settings->receive_buffer);
  tell_path (generation, path);
  return path;
}

/* Closes it. */
void
gst_rcast_ice_generation_remove_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path)
{
  gst_rcast_ice_path_close (path);
  g_mutex_lock (&generation->lock);
  g_ptr_array_remove (generation->paths, path);
  g_mutex_unlock (&generation->lock);
}

/* One that the peer is not told of: it learns of it by its checks. Returns
 * NULL if it cannot be; it belongs to @generation. */
GstRcastIcePath *
gst_rcast_ice_generation_add_path (GstRcastIceGeneration * generation,
    const GstRcastIceSettings * settings, const GstRcastUplink * uplink,
    gint tos)
{
  return start_path (generation, settings, uplink, FALSE, tos);
}

/* It only receives from now on. */
void
gst_rcast_ice_generation_retire (GstRcastIceGeneration * generation, gint64 now)
{
  generation->retired = now;
}

gint64
gst_rcast_ice_generation_get_retired (GstRcastIceGeneration * generation)
{
  return generation->retired;
}

/* Starts on the interfaces that exist now. Needs the local credentials. */
gboolean
gst_rcast_ice_generation_gather (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings, gint tos)
{
  g_autoptr (GPtrArray) uplinks = NULL;
  gboolean any = FALSE;

  g_assert (generation->local_ufrag);
  if (generation->gathering)
    return TRUE;
  generation->gathering = TRUE;
  if (settings->path_mode != GST_RCAST_ICE_PATH_MODE_SINGLE)
    uplinks = gst_rcast_uplinks_list (settings->addresses,
        (const gchar * const *) settings->path_preference);
  if (!uplinks || uplinks->len == 0)
    return start_path (generation, settings, NULL, TRUE, tos) != NULL;
  for (guint i = 0; i < uplinks->len; i++)
    any = start_path (generation, settings, uplinks->pdata[i], TRUE, tos)
        || any;
  return any;
}

void
gst_rcast_ice_generation_set_controlling (GstRcastIceGeneration * generation,
    gboolean controlling)
{
  for (guint i = 0; i < generation->paths->len; i++)
    gst_rcast_ice_path_set_controlling (generation->paths->pdata[i],
        controlling);
}

void
gst_rcast_ice_generation_set_tos (GstRcastIceGeneration * generation, gint tos)
{
  for (guint i = 0; i < generation->paths->len; i++)
    gst_rcast_ice_path_set_tos (generation->paths->pdata[i], tos);
}

gboolean
gst_rcast_ice_generation_is_gathering (GstRcastIceGeneration * generation)
{
  return generation->gathering;
}

gboolean
gst_rcast_ice_generation_is_gathered (GstRcastIceGeneration * generation)
{
  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePath *path = generation->paths->pdata[i];

    if (gst_rcast_ice_path_is_announced (path)
        && !gst_rcast_ice_path_is_gathered (path))
      return FALSE;
  }
  return generation->gathering;
}

/* Whether both sides' credentials are known. */
gboolean
gst_rcast_ice_generation_is_complete (GstRcastIceGeneration * generation)
{
  return generation->local_ufrag && generation->remote_ufrag;
}

gboolean
gst_rcast_ice_generation_was_working (GstRcastIceGeneration * generation)
{
  return generation->was_working;
}

static guint
rank (NiceComponentState state)
{
  switch (state) {
    case NICE_COMPONENT_STATE_READY:
      return 5;
    case NICE_COMPONENT_STATE_CONNECTED:
      return 4;
    case NICE_COMPONENT_STATE_CONNECTING:
      return 3;
    case NICE_COMPONENT_STATE_GATHERING:
      return 2;
    case NICE_COMPONENT_STATE_FAILED:
      return 1;
    case NICE_COMPONENT_STATE_DISCONNECTED:
    case NICE_COMPONENT_STATE_LAST:
      break;
  }
  return 0;
}

/* The best state of its paths. */
NiceComponentState
gst_rcast_ice_generation_get_state (GstRcastIceGeneration * generation)
{
  NiceComponentState best = NICE_COMPONENT_STATE_DISCONNECTED;

  for (guint i = 0; i < generation->paths->len; i++) {
    NiceComponentState state =
        gst_rcast_ice_path_get_state (generation->paths->pdata[i]);

    if (rank (state) > rank (best))
      best = state;
  }
  return best;
}

gint64
gst_rcast_ice_generation_get_last_heard (GstRcastIceGeneration * generation)
{
  gint64 last = 0;

  for (guint i = 0; i < generation->paths->len; i++)
    last = MAX (last,
        gst_rcast_ice_path_get_last_heard (generation->paths->pdata[i]));
  return last;
}

/* Whether something has come in on one of its paths that should keep the session
 * alive, though none of them can be sent on. */
gboolean
gst_rcast_ice_generation_is_heard (GstRcastIceGeneration * generation,
    gint64 now)
{
  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePath *path = generation->paths->pdata[i];
    gint64 heard = gst_rcast_ice_path_get_last_heard (path);

    if (heard > 0 && now - heard < gst_rcast_ice_path_get_timeout (path))
      return TRUE;
  }
  return FALSE;
}

gboolean
gst_rcast_ice_generation_has_remote_ufrag (GstRcastIceGeneration * generation,
    const gchar * ufrag)
{
  return generation && g_strcmp0 (ufrag,
      gst_rcast_ice_generation_get_remote_ufrag (generation)) == 0;
}

static gpointer
ref_path (gconstpointer path, gpointer data)
{
  return gst_rcast_ice_path_ref ((GstRcastIcePath *) path);
}

GPtrArray *
gst_rcast_ice_generation_dup_paths (GstRcastIceGeneration * generation)
{
  GPtrArray *paths;

  g_mutex_lock (&generation->lock);
  paths = g_ptr_array_copy (generation->paths, ref_path, NULL);
  g_mutex_unlock (&generation->lock);
  return paths;
}
