/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One set of local and remote ICE credentials, and the paths created with it. */
#include "config.h"

#include "gstrcasticegeneration.h"

#include "gstrcasticelog.h"
#include "gstrcasticesdp.h"
#include "gstrcasticeroute.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticegeneration",
    "One generation of ICE credentials")

/* Limit of the peer's candidates per generation. */
#define MAX_REMOTE_CANDIDATES 128
/* On a host with more uplinks, the best ones are used. */
#define MAX_PATHS 8
/* Paths that try an uplink again do not count towards MAX_PATHS. */
#define MAX_SEEKING 8

struct _GstRcastIceGeneration
{
  gatomicrefcount ref_count;
  guint id;
  gchar *name;                  /* in logs */
  GstRcastLoop *loop;
  const GstRcastIcePathCallbacks *callbacks;    /* callbacks of its paths */
  gpointer data;

  /* Only on the agent's thread. */
  gchar *remote_ufrag;          /* NULL until known */
  gchar *remote_password;
  GPtrArray *remote_candidates; /* of gchar *, in order of arrival */
  gboolean remote_done;
  gboolean begun;               /* gathering has started */
  gboolean was_working;         /* one of its paths has worked */
  gboolean closed;
  GstRcastIceSettings *settings;        /* as last used to look at the uplinks; NULL: never */
  gint64 retired;               /* monotonic us; 0: not retired */
  guint n_sockets;              /* number of sockets when it was retired */
  guint next_path;

  GMutex lock;                  /* a leaf: no other lock is taken under it */
  gchar *local_ufrag;           /* lock; set once by the agent's thread; NULL until known */
  gchar *local_password;        /* lock; the same */
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
  gst_rcast_ice_settings_unref (generation->settings);
  g_free (generation->name);
  g_free (generation->local_ufrag);
  g_free (generation->local_password);
  g_free (generation->remote_ufrag);
  g_free (generation->remote_password);
  g_mutex_clear (&generation->lock);
  gst_rcast_loop_unref (generation->loop);
  g_free (generation);
}

/* On the agent's thread, like all functions below unless stated otherwise. */
GstRcastIceGeneration *
gst_rcast_ice_generation_new (guint id, const gchar * name,
    GstRcastLoop * loop, const GstRcastIcePathCallbacks * callbacks,
    gpointer data)
{
  GstRcastIceGeneration *generation = g_new0 (GstRcastIceGeneration, 1);

  g_atomic_ref_count_init (&generation->ref_count);
  g_mutex_init (&generation->lock);
  generation->id = id;
  generation->loop = gst_rcast_loop_ref (loop);
  generation->name = g_strdup_printf ("%s/%u", name, id);
  generation->callbacks = callbacks;
  generation->data = data;
  generation->paths = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_ice_path_unref);
  generation->remote_candidates = g_ptr_array_new_with_free_func (g_free);
  return generation;
}

/* Releases the sockets. No callback follows. May be called twice. */
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

/* Call once, before gathering. */
void
gst_rcast_ice_generation_set_local (GstRcastIceGeneration * generation,
    const gchar * ufrag, const gchar * password)
{
  g_assert (!generation->local_ufrag);
  g_mutex_lock (&generation->lock);
  generation->local_ufrag = g_strdup (ufrag);
  generation->local_password = g_strdup (password);
  g_mutex_unlock (&generation->lock);
}

/* Returns FALSE if the credentials are not known yet. */
gboolean
gst_rcast_ice_generation_dup_local (GstRcastIceGeneration * generation,
    gchar ** ufrag, gchar ** password)
{
  gboolean known;

  g_mutex_lock (&generation->lock);
  known = generation->local_ufrag != NULL;
  if (known) {
    *ufrag = g_strdup (generation->local_ufrag);
    *password = g_strdup (generation->local_password);
  }
  g_mutex_unlock (&generation->lock);
  return known;
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

/* Call once. */
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

gboolean
gst_rcast_ice_generation_has_candidates (GstRcastIceGeneration * generation)
{
  return generation->remote_candidates->len > 0;
}

/* Ignores a known candidate: webrtcbin adds all candidates again with each description. */
void
gst_rcast_ice_generation_add_candidate (GstRcastIceGeneration * generation,
    const gchar * candidate)
{
  if (gst_rcast_ice_generation_has_candidate (generation, candidate))
    return;
  if (generation->remote_candidates->len >= MAX_REMOTE_CANDIDATES) {
    GST_WARNING_ID (generation->name, "more than %u remote candidates, dropping",
        MAX_REMOTE_CANDIDATES);
    return;
  }
  g_ptr_array_add (generation->remote_candidates, g_strdup (candidate));
  if (!generation->remote_ufrag)
    return;
  for (guint i = 0; i < generation->paths->len; i++)
    gst_rcast_ice_path_add_remote_candidate (generation->paths->pdata[i],
        candidate);
}

/* Inherits an address where we reached the peer although the peer never announced it. */
static void
inherit_discovered (GstRcastIceGeneration * generation, GstRcastIcePath * path)
{
  g_autofree gchar *candidate =
      gst_rcast_ice_path_describe_discovered (path);

  if (candidate)
    gst_rcast_ice_generation_add_candidate (generation, candidate);
}

/* Takes over the peer's candidates from the generation @from.
 * Returns: how many candidates there are now */
guint
gst_rcast_ice_generation_inherit (GstRcastIceGeneration * generation,
    GstRcastIceGeneration * from)
{
  for (guint i = 0; i < from->remote_candidates->len; i++) {
    g_autofree gchar *candidate = gst_rcast_ice_strip_ufrag
        (from->remote_candidates->pdata[i]);

    gst_rcast_ice_generation_add_candidate (generation, candidate);
  }
  for (guint i = 0; i < from->paths->len; i++)
    inherit_discovered (generation, from->paths->pdata[i]);
  return generation->remote_candidates->len;
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

static void
add_path (GstRcastIceGeneration * generation, GstRcastIcePath * path)
{
  g_mutex_lock (&generation->lock);
  g_ptr_array_add (generation->paths, path);
  g_mutex_unlock (&generation->lock);
}

/* Returns FALSE if there is no room for the path, or no socket. */
static gboolean
start_path (GstRcastIceGeneration * generation,
    const GstRcastIceSettings * settings, const GstRcastUplink * uplink,
    gboolean announced, gint tos)
{
  guint id = generation->next_path + 1;
  g_autofree gchar *name = g_strdup_printf ("%s.%u", generation->name, id);
  GstRcastIcePathConfig config = {
    .agent = {
      .loop = generation->loop,
      .settings = settings,
      .uplink = uplink,
      .ufrag = generation->local_ufrag,
      .password = generation->local_password,
      .tos = tos,
      .name = name,
    },
    .announced = announced,
    .id = id,
    .callbacks = generation->callbacks,
    .data = generation->data,
  };
  const gchar *where = uplink ? uplink->name : "any interface";
  guint max = announced ? MAX_PATHS : MAX_PATHS + MAX_SEEKING;
  GstRcastIcePath *path;

  if (generation->paths->len >= max) {
    GST_WARNING_ID (generation->name, "more than %u paths, going on without %s",
        max, where);
    return FALSE;
  }
  generation->next_path = id;
  path = gst_rcast_ice_path_new (&config);
  add_path (generation, path);
  GST_INFO_ID (name, "on %s%s", where,
      announced ? "" : ", added without signalling");
  if (!gst_rcast_ice_path_gather (path)) {
    GST_WARNING_ID (name, "no socket on %s, going on without", where);
    gst_rcast_ice_generation_remove_path (generation, path);
    return FALSE;
  }
  tell_path (generation, path);
  return TRUE;
}

/* Closes the path. */
void
gst_rcast_ice_generation_remove_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path)
{
  gst_rcast_ice_path_close (path);
  g_mutex_lock (&generation->lock);
  g_ptr_array_remove (generation->paths, path);
  g_mutex_unlock (&generation->lock);
}

/* Whether @uplink needs no further path. */
static gboolean
is_covered (GstRcastIceGeneration * generation, const GstRcastUplink * uplink,
    gboolean patient)
{
  g_autoptr (GArray) views =
      g_array_new (FALSE, FALSE, sizeof (GstRcastIcePathView));

  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePath *path = generation->paths->pdata[i];
    GstRcastIcePathView view;

    if (!gst_rcast_ice_path_is_on (path, uplink))
      continue;
    gst_rcast_ice_path_get_view (path, &view);
    g_array_append_val (views, view);
  }
  return gst_rcast_ice_route_is_covered ((gpointer) views->data, views->len,
      patient, g_get_monotonic_time ());
}

static void
keep_settings (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings)
{
  gst_rcast_ice_settings_ref (settings);
  gst_rcast_ice_settings_unref (generation->settings);
  generation->settings = settings;
}

/* Starts a fresh path on every uplink without a live one. No candidate is signalled for it: the
 * peer learns of the path by its checks. libnice repeats its checks ever more rarely. So do not
 * wait for them if nothing has worked yet, or when bonding. */
void
gst_rcast_ice_generation_cover (GstRcastIceGeneration * generation,
    const GstRcastIceSettings * settings, gint tos)
{
  gboolean patient = generation->was_working
      && settings->path_mode != GST_RCAST_ICE_PATH_MODE_BOND;
  g_autoptr (GPtrArray) uplinks =
      gst_rcast_uplinks_list (settings->addresses,
      (const gchar * const *) settings->path_preference);

  for (guint i = 0; i < uplinks->len; i++) {
    const GstRcastUplink *uplink = uplinks->pdata[i];

    if (!gst_rcast_ice_settings_bars (settings, uplink->name)
        && !is_covered (generation, uplink, patient))
      start_path (generation, settings, uplink, FALSE, tos);
  }
}

static gboolean
is_local (GstRcastIcePath * path, GPtrArray * uplinks)
{
  for (guint i = 0; i < uplinks->len; i++) {
    if (gst_rcast_ice_path_is_on (path, uplinks->pdata[i]))
      return TRUE;
  }
  return FALSE;
}

/* Marks paths whose address is gone as dead, and checks those that do not work at once. The caller
 * evaluates afterwards. */
void
gst_rcast_ice_generation_uplinks_changed (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings, GPtrArray * uplinks, gint64 now)
{
  keep_settings (generation, settings);
  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePath *path = generation->paths->pdata[i];
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (path, &view);
    if (!is_local (path, uplinks))
      gst_rcast_ice_path_lose (path, now);
    else if (!gst_rcast_ice_path_view_is_working (&view))
      gst_rcast_ice_path_check_now (path);
  }
}

/* Makes the generation only receive. */
void
gst_rcast_ice_generation_retire (GstRcastIceGeneration * generation, gint64 now)
{
  generation->retired = now;
  for (guint i = 0; i < generation->paths->len; i++)
    generation->n_sockets +=
        gst_rcast_ice_path_retire (generation->paths->pdata[i]);
}

gint64
gst_rcast_ice_generation_get_retired (GstRcastIceGeneration * generation)
{
  return generation->retired;
}

/* For a retired generation. */
guint
gst_rcast_ice_generation_get_n_sockets (GstRcastIceGeneration * generation)
{
  return generation->n_sockets;
}

/* Gathers on the interfaces that exist now. Needs the local credentials. */
gboolean
gst_rcast_ice_generation_gather (GstRcastIceGeneration * generation,
    GstRcastIceSettings * settings, gint tos)
{
  g_autoptr (GPtrArray) uplinks = NULL;
  gboolean any = FALSE;

  g_assert (generation->local_ufrag);
  if (generation->begun)
    return TRUE;
  generation->begun = TRUE;
  keep_settings (generation, settings);
  /* If an interface is barred, the system must not choose the path. */
  if (settings->path_mode != GST_RCAST_ICE_PATH_MODE_SINGLE
      || gst_rcast_ice_settings_bars (settings, NULL))
    uplinks = gst_rcast_uplinks_list (settings->addresses,
        (const gchar * const *) settings->path_preference);
  if ((!uplinks || uplinks->len == 0)
      && !gst_rcast_ice_settings_bars (settings, NULL))
    return start_path (generation, settings, NULL, TRUE, tos);
  for (guint i = 0; i < uplinks->len; i++) {
    const GstRcastUplink *uplink = uplinks->pdata[i];

    any = (!gst_rcast_ice_settings_bars (settings, uplink->name)
        && start_path (generation, settings, uplink, TRUE, tos)) || any;
  }
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

/* Whether gathering has begun. */
gboolean
gst_rcast_ice_generation_has_begun (GstRcastIceGeneration * generation)
{
  return generation->begun;
}

gboolean
gst_rcast_ice_generation_is_gathered (GstRcastIceGeneration * generation)
{
  for (guint i = 0; i < generation->paths->len; i++) {
    if (gst_rcast_ice_path_is_gathering (generation->paths->pdata[i]))
      return FALSE;
  }
  return generation->begun;
}

/* Whether both sides' credentials are known. */
gboolean
gst_rcast_ice_generation_is_complete (GstRcastIceGeneration * generation)
{
  return generation->local_ufrag && generation->remote_ufrag;
}

/* Whether there are credentials and candidates of the peer to check with. */
gboolean
gst_rcast_ice_generation_is_checking (GstRcastIceGeneration * generation)
{
  return gst_rcast_ice_generation_is_complete (generation)
      && gst_rcast_ice_generation_has_candidates (generation);
}

/* Call this whenever a path may have changed. */
void
gst_rcast_ice_generation_note_working (GstRcastIceGeneration * generation)
{
  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (generation->paths->pdata[i], &view);
    generation->was_working |= gst_rcast_ice_path_view_is_working (&view);
  }
}

gboolean
gst_rcast_ice_generation_was_working (GstRcastIceGeneration * generation)
{
  return generation->was_working;
}

/* The index of the path in the view; GST_RCAST_ICE_NO_PATH if it is not in this generation. */
gint
gst_rcast_ice_generation_find_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path)
{
  guint index;

  return path && g_ptr_array_find (generation->paths, path, &index) ?
      (gint) index : GST_RCAST_ICE_NO_PATH;
}

/* Returns: (nullable) (transfer none) */
GstRcastIcePath *
gst_rcast_ice_generation_get_path (GstRcastIceGeneration * generation,
    gint index)
{
  return index == GST_RCAST_ICE_NO_PATH ? NULL :
      generation->paths->pdata[index];
}

/* Returns: (nullable) (transfer none): the path on which the peer sends */
GstRcastIcePath *
gst_rcast_ice_generation_find_return (GstRcastIceGeneration * generation)
{
  g_autoptr (GArray) views = gst_rcast_ice_generation_view (generation);

  return gst_rcast_ice_generation_get_path (generation,
      gst_rcast_ice_route_find_return ((gpointer) views->data, views->len));
}

static guint
find_uplink (GstRcastIceGeneration * generation, GArray * views, guint index)
{
  for (guint i = 0; i < index; i++) {
    if (gst_rcast_ice_path_shares_uplink (generation->paths->pdata[index],
            generation->paths->pdata[i]))
      return g_array_index (views, GstRcastIcePathView, i).uplink;
  }
  return index;
}

/* @path: of @generation. Fills in all but the uplink's number, which needs the views of all
 * paths. */
void
gst_rcast_ice_generation_view_path (const GstRcastIceGeneration * generation,
    GstRcastIcePath * path, GstRcastIcePathView * view)
{
  gst_rcast_ice_path_get_view (path, view);
  view->barred = generation->settings
      && gst_rcast_ice_settings_bars (generation->settings, view->interface);
  view->may_send &= !view->barred;
}

/* Returns: (transfer full): array of GstRcastIcePathView, one per path */
GArray *
gst_rcast_ice_generation_view (GstRcastIceGeneration * generation)
{
  GArray *views = g_array_new (FALSE, TRUE, sizeof (GstRcastIcePathView));

  g_array_set_size (views, generation->paths->len);
  for (guint i = 0; i < views->len; i++) {
    GstRcastIcePathView *view = &g_array_index (views, GstRcastIcePathView, i);

    gst_rcast_ice_generation_view_path (generation, generation->paths->pdata[i],
        view);
    view->uplink = find_uplink (generation, views, i);
  }
  return views;
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

/* The best state of its paths. Until one works, unannounced paths do not keep the connection from
 * failing. */
NiceComponentState
gst_rcast_ice_generation_get_state (GstRcastIceGeneration * generation)
{
  NiceComponentState best = NICE_COMPONENT_STATE_DISCONNECTED;

  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePath *path = generation->paths->pdata[i];
    NiceComponentState state = gst_rcast_ice_path_get_state (path);

    if (rank (state) > rank (best) && (generation->was_working
            || gst_rcast_ice_path_is_announced (path)
            || rank (state) >= rank (NICE_COMPONENT_STATE_CONNECTED)))
      best = state;
  }
  return best;
}

/* Whether a check on one of its paths has been answered. */
gboolean
gst_rcast_ice_generation_is_answered (GstRcastIceGeneration * generation)
{
  return generation->was_working
      || rank (gst_rcast_ice_generation_get_state (generation)) >=
      rank (NICE_COMPONENT_STATE_CONNECTED);
}

/* The longest round-trip time of its working paths; 0: unknown */
gint64
gst_rcast_ice_generation_get_rtt (GstRcastIceGeneration * generation)
{
  gint64 rtt = 0;

  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (generation->paths->pdata[i], &view);
    if (gst_rcast_ice_path_view_is_working (&view))
      rtt = MAX (rtt, view.rtt);
  }
  return rtt;
}

gint64
gst_rcast_ice_generation_get_last_heard (GstRcastIceGeneration * generation)
{
  gint64 last = 0;

  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (generation->paths->pdata[i], &view);
    last = MAX (last, view.last_heard);
  }
  return last;
}

/* Whether packets on one of its paths should keep the session alive, although we cannot send on
 * any. */
gboolean
gst_rcast_ice_generation_is_heard (GstRcastIceGeneration * generation,
    gint64 now)
{
  for (guint i = 0; i < generation->paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (generation->paths->pdata[i], &view);
    if (view.last_heard > 0 && now - view.last_heard < view.timeout)
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
