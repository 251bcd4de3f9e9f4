/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which paths of a stream carry media, and when a restart would help. */
#include "config.h"

#include "gstrcasticerouter.h"

#include "gstrcasticelog.h"
#include "gstrcasticerecall.h"
#include "gstrcasticerestartwish.h"
#include "gstrcasticeroute.h"
#include "gstrcasticetrial.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticerouter", "What carries media of an ICE stream")

/* The first reports after a change of path are about packets sent on the old path. */
#define STALE_REPORTS 2
/* After a standstill we send a burst. Its loss is not the fault of the uplink. */
#define BURST_US (1 * G_USEC_PER_SEC)

/* Only on the agent's thread. */
struct _GstRcastIceRouter
{
  GstRcastIceRouterParts parts;
  GstRcastIceRestartWish wish;
  gboolean duplicating;         /* by the path mode, not just while a path is suspect */
  GstRcastIceTrial trial;
  guint stale_reports;          /* how many more reports are about the old path */
  gint64 burst_until;           /* reports until then cover a burst after a standstill; 0: none */
  gboolean repeated;            /* what a suspect path may have lost was sent again */
  gboolean loss_told;           /* a restart was asked for, and no path has worked since */
  gboolean return_told;         /* the same for a failing return path */
  gboolean media_lost;          /* since the last swap or change of path */
};

GstRcastIceRouter *
gst_rcast_ice_router_new (const GstRcastIceRouterParts * parts)
{
  GstRcastIceRouter *router = g_new0 (GstRcastIceRouter, 1);

  router->parts = *parts;
  gst_rcast_ice_restart_wish_init (&router->wish);
  return router;
}

void
gst_rcast_ice_router_free (GstRcastIceRouter * router)
{
  g_free (router);
}

static GstRcastIceGeneration *
get_active (GstRcastIceRouter * router)
{
  return gst_rcast_ice_generations_get_active (router->parts.generations);
}

static gboolean
is_restarting (GstRcastIceRouter * router)
{
  return gst_rcast_ice_generations_get_pending (router->parts.generations) != NULL;
}

/* --- restarts --- */

/* @reason: as of gst_rcast_ice_restart_wish_want() */
static void
ask_for_restart (GstRcastIceRouter * router, gint reason)
{
  if (reason != GST_RCAST_ICE_NO_RESTART)
    gst_rcast_ice_reporter_restart_wanted (router->parts.reporter, reason);
}

static void
want_restart (GstRcastIceRouter * router, GstRcastIceRestartReason reason)
{
  ask_for_restart (router, gst_rcast_ice_restart_wish_want (&router->wish, reason,
          is_restarting (router), g_get_monotonic_time ()));
}

/* No path works, or hardly any. May be called twice. */
void
gst_rcast_ice_router_lose (GstRcastIceRouter * router)
{
  if (router->loss_told)
    return;
  router->loss_told = TRUE;
  want_restart (router, GST_RCAST_ICE_RESTART_REASON_PATH_LOST);
}

/* --- what carries media --- */

GstRcastIcePath *
gst_rcast_ice_router_get_carrier (GstRcastIceRouter * router)
{
  return gst_rcast_ice_sender_get_path (router->parts.sender, 0);
}

gboolean
gst_rcast_ice_router_is_working (GstRcastIceRouter * router)
{
  return gst_rcast_ice_sender_is_working (router->parts.sender, 0);
}

/* Whether another path can take over the media at once. */
static gboolean
is_backed (GstRcastIceRouter * router)
{
  GstRcastIcePath *second =
      gst_rcast_ice_sender_get_path (router->parts.sender, 1);
  GstRcastIcePathView view;

  if (!second)
    return FALSE;
  gst_rcast_ice_generation_view_path (get_active (router), second, &view);
  return view.may_send && view.state == GST_RCAST_ICE_PATH_STATE_ALIVE;
}

/* Whether another path of the active generation is alive. */
static gboolean
has_other (GstRcastIceRouter * router, GstRcastIcePath * path)
{
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (get_active (router));

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_generation_view_path (get_active (router), paths->pdata[i],
        &view);
    if (paths->pdata[i] != path && view.may_send
        && view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_receiving (GstRcastIceRouter * router)
{
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (router->parts.reporter);

  return settings && settings->receiving;
}

/* @is_return: whether the peer sends on @path */
GstRcastIceDuty
gst_rcast_ice_router_get_duty (GstRcastIceRouter * router,
    GstRcastIcePath * path, gboolean is_return)
{
  /* The second path is on trial, or carries a copy for a suspect path: watch it closely. */
  gboolean is_tested = !router->duplicating
      && path == gst_rcast_ice_sender_get_path (router->parts.sender, 1)
      && gst_rcast_ice_sender_is_carrying (router->parts.sender, path);
  /* The media of the peer matters as much as ours. */
  gboolean brings = is_return && is_receiving (router);

  if (gst_rcast_ice_sender_is_bonding (router->parts.sender)
      && gst_rcast_ice_sender_is_carrying (router->parts.sender, path))
    return GST_RCAST_ICE_DUTY_BACKED;
  if (is_tested || (path == gst_rcast_ice_router_get_carrier (router)
          && !router->duplicating && is_backed (router))
      || (brings && has_other (router, path)))
    return GST_RCAST_ICE_DUTY_BACKED;
  return is_return || gst_rcast_ice_sender_is_carrying (router->parts.sender,
      path) ? GST_RCAST_ICE_DUTY_CARRIES : GST_RCAST_ICE_DUTY_NONE;
}

/* Media moves from @old to @path. Returns: whether @old lost too much */
static gboolean
remember_move (GstRcastIceRouter * router, GstRcastIcePath * old,
    GstRcastIcePath * path)
{
  GstRcastIcePathView before, after;

  gst_rcast_ice_generation_view_path (get_active (router), old, &before);
  gst_rcast_ice_generation_view_path (get_active (router), path, &after);
  if (gst_rcast_ice_route_blames (&before, &after))
    gst_rcast_ice_recall_leave (gst_rcast_ice_path_get_key (old),
        GST_RCAST_ICE_TROUBLE_CONGESTED, g_get_monotonic_time ());
  return gst_rcast_ice_route_is_impaired (&before);
}

/* The peer misses @lost of @expected packets. */
void
gst_rcast_ice_router_note_loss (GstRcastIceRouter * router, guint lost,
    guint expected)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  gint64 now = g_get_monotonic_time ();

  if (now < router->burst_until)
    return;
  /* If two paths carry, it is unknown which one lost the packets. */
  if (!carrier || router->stale_reports > 0
      || gst_rcast_ice_sender_get_n_carrying (router->parts.sender) != 1) {
    router->stale_reports -= router->stale_reports > 0;
    return;
  }
  gst_rcast_ice_recall_lose (gst_rcast_ice_path_get_key (carrier), lost,
      expected, now);
}

/* The uplink @interface carries @room bit/s, and the media needs at least @needed. */
void
gst_rcast_ice_router_note_room (GstRcastIceRouter * router,
    const gchar * interface, guint64 room, guint64 needed)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);

  if (!carrier || g_strcmp0 (gst_rcast_ice_path_get_interface (carrier),
          interface) != 0)
    return;
  if (room < needed)
    GST_DEBUG_ID (gst_rcast_ice_path_get_name (carrier), "carries %"
        G_GUINT64_FORMAT " bit/s where %" G_GUINT64_FORMAT " are needed",
        room, needed);
  gst_rcast_ice_recall_fit (gst_rcast_ice_path_get_key (carrier), room, needed,
      g_get_monotonic_time ());
}

/* This thread did not run. Most probably the whole process stood still. */
void
gst_rcast_ice_router_stood_still (GstRcastIceRouter * router, gint64 now)
{
  router->burst_until = now + BURST_US;
}

/* Media moves from @old to @path. Either may be NULL. */
static void
carrier_changed (GstRcastIceRouter * router, GstRcastIcePath * old,
    GstRcastIcePath * path, gboolean same_generation)
{
  gboolean lost = router->media_lost;
  GstRcastIcePathView view;

  router->stale_reports = STALE_REPORTS;
  if (path && old && same_generation)
    lost |= remember_move (router, old, path);
  if (path) {
    router->media_lost = FALSE;
    /* Check at once, for a peer that follows the last nomination. */
    gst_rcast_ice_path_check_now (path);
    gst_rcast_ice_publisher_pair_changed (router->parts.publisher);
  }
  gst_rcast_ice_reporter_path_changed (router->parts.reporter, old, path,
      same_generation, lost);
  if (!path || !old || !same_generation)
    return;
  gst_rcast_ice_path_get_view (path, &view);
  want_restart (router, view.announced ?
      GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED :
      GST_RCAST_ICE_RESTART_REASON_PATH_ADDED);
}

/* How much later a busy machine notices a sign of life, in us. */
#define HEARD_LATE (100 * 1000)

/* Packets sent on a suspect path since its last sign of life may be lost. Sends them again on
 * @path, which steps in; the receiver drops duplicates.
 * @old: the path that carried media
 * Returns: whether everything @old may have lost was sent again */
static gboolean
repeat_doubtful (GstRcastIceRouter * router, const GstRcastIcePathView * old,
    GstRcastIcePath * path)
{
  /* Another path of a bond has no room for the repetition. The peer requests what it misses. */
  if (gst_rcast_ice_sender_is_bonding (router->parts.sender))
    return FALSE;
  if (gst_rcast_ice_sender_get_n_carrying (router->parts.sender) != 1)
    return router->repeated;
  return path && old->state != GST_RCAST_ICE_PATH_STATE_ALIVE
      && gst_rcast_ice_sender_repeat (router->parts.sender, path,
      old->last_sign - old->rtt - HEARD_LATE);
}

static void
choose_route (GstRcastIceRouter * router, GArray * views, gint current,
    GstRcastIceRoute * route)
{
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (router->parts.reporter);
  GstRcastIcePathMode mode = settings ? settings->path_mode :
      GST_RCAST_ICE_PATH_MODE_SINGLE;
  gint64 now = g_get_monotonic_time ();

  if (mode == GST_RCAST_ICE_PATH_MODE_BOND
      && gst_rcast_ice_sender_is_choosing (router->parts.sender, now)) {
    gst_rcast_ice_route_bond ((gpointer) views->data, views->len, current,
        now, route);
    return;
  }
  gst_rcast_ice_route_choose ((gpointer) views->data, views->len, current,
      mode == GST_RCAST_ICE_PATH_MODE_DUPLICATE, now, route);
  /* Stay bonding, so that the choose function is still called and may choose again. */
  route->bonding = mode == GST_RCAST_ICE_PATH_MODE_BOND
      && route->n_carrying == 1;
}

static gboolean
has_path (const GstRcastIceWay * way, GstRcastIcePath * path)
{
  for (guint i = 0; i < way->n_carrying; i++) {
    if (way->paths[i] == path)
      return TRUE;
  }
  return FALSE;
}

/* When bonding, the return path may be in doubt and no longer in @way. Then the peer's NACKs, which
 * it sends there, are lost as well. */
static void
note_return_left (GstRcastIceRouter * router, const GstRcastIceWay * way)
{
  GstRcastIcePath *path = gst_rcast_ice_generation_find_return (get_active
      (router));
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  GstRcastIcePathView view;

  if (!path || !gst_rcast_ice_sender_is_bonding (router->parts.sender)
      || !gst_rcast_ice_sender_is_carrying (router->parts.sender, path)
      || has_path (way, path))
    return;
  /* The path is well: it left only because nobody chooses paths any more. */
  gst_rcast_ice_path_get_view (path, &view);
  if (view.may_send && view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
    return;
  /* carrier_changed() reports this if it was the first path. */
  if (path == carrier || !way->paths[0]) {
    router->media_lost = TRUE;
    return;
  }
  gst_rcast_ice_reporter_path_changed (router->parts.reporter, path,
      way->paths[0], TRUE, TRUE);
  want_restart (router, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
}

/* After a restart, finds the path on the uplink of @old. A new generation only changes the
 * credentials, so media stays on its uplink. */
static gint
find_successor (GArray * views, GstRcastIcePath * old)
{
  GstRcastIcePathView before;

  gst_rcast_ice_path_get_view (old, &before);
  for (guint i = 0; i < views->len; i++) {
    const GstRcastIcePathView *view =
        &g_array_index (views, GstRcastIcePathView, i);

    if (gst_rcast_ice_path_view_is_working (view)
        && gst_rcast_ice_path_view_shares_uplink (view, &before))
      return i;
  }
  return GST_RCAST_ICE_NO_PATH;
}

/* Records the result of a trial, for the next evaluation. */
static void
follow_trial (GstRcastIceRouter * router, GArray * views,
    const GstRcastIceRoute * route)
{
  const GstRcastIcePathView *view = route->trying ?
      &g_array_index (views, GstRcastIcePathView, route->paths[1]) : NULL;
  gint64 now = g_get_monotonic_time ();
  const gchar *key;

  if (!view || view->id != router->trial.id) {
    router->trial.id = 0;
    if (view)
      gst_rcast_ice_trial_begin (&router->trial, view, now);
    return;
  }
  key = gst_rcast_ice_path_get_key (gst_rcast_ice_generation_get_path
      (get_active (router), route->paths[1]));
  switch (gst_rcast_ice_trial_judge (&router->trial, view, now)) {
    case GST_RCAST_ICE_TRIAL_RUNS:
      break;
    case GST_RCAST_ICE_TRIAL_PASSED:
      gst_rcast_ice_recall_pass (key);
      break;
    case GST_RCAST_ICE_TRIAL_FAILED:
      gst_rcast_ice_recall_leave (key, GST_RCAST_ICE_TROUBLE_CONGESTED, now);
      break;
  }
}

void
gst_rcast_ice_router_update_route (GstRcastIceRouter * router)
{
  GstRcastIceGeneration *active = get_active (router);
  g_autoptr (GArray) views = gst_rcast_ice_generation_view (active);
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  g_autoptr (GstRcastIcePath) old = carrier ?
      gst_rcast_ice_path_ref (carrier) : NULL;
  gint current = gst_rcast_ice_generation_find_path (active, old);
  gboolean same_generation = current != GST_RCAST_ICE_NO_PATH;
  guint n_carried =
      gst_rcast_ice_sender_get_n_carrying (router->parts.sender);
  GstRcastIceWay way = { {NULL}, 0, FALSE, FALSE };
  GstRcastIceRoute route;
  GstRcastIcePath *first, *stepping_in;
  gint64 begun;

  if (old && !same_generation)
    current = find_successor (views, old);
  choose_route (router, views, current, &route);
  follow_trial (router, views, &route);
  router->duplicating = route.duplicating;
  for (guint i = 0; i < route.n_paths; i++)
    way.paths[i] = gst_rcast_ice_generation_get_path (active, route.paths[i]);
  way.n_carrying = route.n_carrying;
  way.bonding = route.bonding;
  way.trying = route.trying;
  if (gst_rcast_ice_sender_has_way (router->parts.sender, &way))
    return;
  first = way.paths[0];
  stepping_in = first == old ? way.paths[1] : first;
  begun = g_get_monotonic_time ();
  router->repeated = same_generation
      && repeat_doubtful (router, &g_array_index (views, GstRcastIcePathView,
          current), stepping_in);
  if (same_generation)
    note_return_left (router, &way);
  gst_rcast_ice_sender_set_way (router->parts.sender, &way);
  /* Repeat what was sent between these two calls as well. */
  if (router->repeated && n_carried == 1)
    gst_rcast_ice_sender_repeat (router->parts.sender, stepping_in, begun);
  if (first != old)
    carrier_changed (router, old, first, same_generation);
}

/* Returns: whether the pending generation has become active */
gboolean
gst_rcast_ice_router_swap_if_ready (GstRcastIceRouter * router)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  gboolean lost = router->media_lost
      || gst_rcast_ice_sender_is_in_doubt (router->parts.sender);
  GstRcastIcePathView current;

  if (carrier)
    gst_rcast_ice_path_get_view (carrier, &current);
  if (!gst_rcast_ice_generations_swap_if_ready (router->parts.generations,
          carrier ? &current : NULL, g_get_monotonic_time ()))
    return FALSE;
  router->media_lost = FALSE;
  gst_rcast_ice_publisher_start_anew (router->parts.publisher);
  gst_rcast_ice_negotiation_swapped (router->parts.negotiation);
  gst_rcast_ice_restart_wish_swapped (&router->wish,
      g_get_monotonic_time ());
  gst_rcast_ice_reporter_set_generation (router->parts.reporter,
      gst_rcast_ice_generation_get_id (get_active (router)));
  if (!carrier)
    gst_rcast_ice_reporter_expect_restart (router->parts.reporter);
  gst_rcast_ice_router_update_route (router);
  gst_rcast_ice_reporter_swapped (router->parts.reporter, lost);
  return TRUE;
}

/* --- the state of each path --- */

/* @path has died. If it carries media, carrier_changed() asks for a restart later. */
static void
note_death (GstRcastIceRouter * router, GstRcastIcePath * path,
    gboolean is_return)
{
  if (path == gst_rcast_ice_router_get_carrier (router) && !(router->duplicating
          && gst_rcast_ice_sender_is_working (router->parts.sender, 1))
      && !(router->repeated && is_backed (router)))
    router->media_lost = TRUE;
  /* If no other path works, the uplink may not be the cause. */
  if (has_other (router, path))
    gst_rcast_ice_recall_leave (gst_rcast_ice_path_get_key (path),
        GST_RCAST_ICE_TROUBLE_DEAD, g_get_monotonic_time ());
  if (is_receiving (router))
    gst_rcast_ice_restart_wish_lost (&router->wish, g_get_monotonic_time ());
  if (!is_return || path == gst_rcast_ice_router_get_carrier (router))
    return;
  /* The return path stands in for a suspect carrier. If the carrier survives, the path does not
   * change, and nothing else asks for a restart. */
  if (gst_rcast_ice_sender_is_carrying (router->parts.sender, path)
      || !gst_rcast_ice_router_is_working (router))
    gst_rcast_ice_restart_wish_lost_return (&router->wish,
        g_get_monotonic_time ());
  else
    want_restart (router, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
}

/* @path may be dead. If it is the return path, the path that carries our media may be dead as well.
 * Find out before a restart hides it. */
static void
note_suspicion (GstRcastIceRouter * router, GstRcastIcePath * path,
    gboolean is_return)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  GstRcastIcePathView view;

  if (!is_return || !gst_rcast_ice_router_is_working (router)
      || gst_rcast_ice_sender_is_carrying (router->parts.sender, path))
    return;
  gst_rcast_ice_path_get_view (carrier, &view);
  if (view.checkable)
    gst_rcast_ice_path_doubt (carrier, GST_RCAST_ICE_PATH_CHANGE_SILENT,
        g_get_monotonic_time ());
}

/* @path has been validated, which also nominated it. */
static void
note_life (GstRcastIceRouter * router, GstRcastIcePath * path)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);

  /* Check the carrier, so that it is nominated last. */
  if (carrier && carrier != path)
    gst_rcast_ice_path_check_now (carrier);
}

static void
update_path_state (GstRcastIceRouter * router, GstRcastIcePath * path,
    gboolean is_return)
{
  GstRcastIcePathView view;

  gst_rcast_ice_path_get_view (path, &view);
  if (!gst_rcast_ice_reporter_is_news (router->parts.reporter, path, view.state))
    return;
  switch (view.state) {
    case GST_RCAST_ICE_PATH_STATE_CHECKING:
      break;
    case GST_RCAST_ICE_PATH_STATE_ALIVE:
      note_life (router, path);
      break;
    case GST_RCAST_ICE_PATH_STATE_SUSPECT:
      note_suspicion (router, path, is_return);
      break;
    case GST_RCAST_ICE_PATH_STATE_DEAD:
      note_death (router, path, is_return);
      break;
  }
  gst_rcast_ice_reporter_path_state (router->parts.reporter, path);
}

void
gst_rcast_ice_router_update_path_states (GstRcastIceRouter * router)
{
  GstRcastIceGeneration *active = get_active (router);
  g_autoptr (GPtrArray) paths = gst_rcast_ice_generation_dup_paths (active);
  GstRcastIcePath *returning = gst_rcast_ice_generation_find_return (active);

  for (guint i = 0; i < paths->len; i++)
    update_path_state (router, paths->pdata[i], paths->pdata[i] == returning);
}

/* --- looking after the paths --- */

/* Records the present state of each uplink. */
void
gst_rcast_ice_router_remember (GstRcastIceRouter * router, gint64 now)
{
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (get_active (router));

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (paths->pdata[i], &view);
    if (view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
      gst_rcast_ice_recall_alive (gst_rcast_ice_path_get_key (paths->pdata[i]),
          view.rtt, now);
  }
}

void
gst_rcast_ice_router_prune_paths (GstRcastIceRouter * router, gint64 now)
{
  GstRcastIceGeneration *active = get_active (router);
  g_autoptr (GPtrArray) paths = gst_rcast_ice_generation_dup_paths (active);
  g_autoptr (GArray) views = gst_rcast_ice_generation_view (active);

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (gst_rcast_ice_sender_is_carrying (router->parts.sender, path)
        || !gst_rcast_ice_route_is_hopeless ((gpointer) views->data,
            views->len, i, now))
      continue;
    gst_rcast_ice_reporter_forget_path (router->parts.reporter, path);
    gst_rcast_ice_generation_remove_path (active, path);
  }
}

/* The only working path is failing: a restart creates another one before this one dies. */
static void
watch_only_path (GstRcastIceRouter * router, const GstRcastIcePathView * carrier)
{
  if (carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE)
    router->loss_told = FALSE;
  else if (carrier->failing && !is_backed (router))
    gst_rcast_ice_router_lose (router);
}

/* The return path hardly brings anything any more: a restart moves the peer's media before we give
 * up the path. @carrier: (nullable) */
static void
watch_return_path (GstRcastIceRouter * router,
    const GstRcastIcePathView * carrier, const GstRcastIcePathView * returning)
{
  gboolean elsewhere = carrier && carrier != returning
      && carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE;

  if (returning->state == GST_RCAST_ICE_PATH_STATE_ALIVE)
    router->return_told = FALSE;
  if (!(returning->failing || (elsewhere && returning->missed))
      || router->return_told || !is_receiving (router)
      || !gst_rcast_ice_router_is_working (router))
    return;
  router->return_told = TRUE;
  want_restart (router, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
}

void
gst_rcast_ice_router_watch_paths (GstRcastIceRouter * router, gint64 now)
{
  GstRcastIceGeneration *active = get_active (router);
  g_autoptr (GArray) views = gst_rcast_ice_generation_view (active);
  const GstRcastIcePathView *all = (gpointer) views->data;
  gint carrier = gst_rcast_ice_generation_find_path (active,
      gst_rcast_ice_router_get_carrier (router));
  gint returning = gst_rcast_ice_route_find_return (all, views->len);

  if (carrier != GST_RCAST_ICE_NO_PATH)
    watch_only_path (router, &all[carrier]);
  if (returning != GST_RCAST_ICE_NO_PATH)
    watch_return_path (router, carrier == GST_RCAST_ICE_NO_PATH ? NULL :
        &all[carrier], &all[returning]);
  ask_for_restart (router, gst_rcast_ice_restart_wish_step (&router->wish,
          carrier == GST_RCAST_ICE_NO_PATH ? NULL : &all[carrier],
          is_restarting (router), now));
}

/* Checks both directions: the peer may send on another path than the one that carries our media. */
void
gst_rcast_ice_router_check_now (GstRcastIceRouter * router)
{
  GstRcastIcePath *carrier = gst_rcast_ice_router_get_carrier (router);
  GstRcastIcePath *returning = get_active (router) ?
      gst_rcast_ice_generation_find_return (get_active (router)) : NULL;

  if (carrier)
    gst_rcast_ice_path_check_now (carrier);
  if (returning && returning != carrier)
    gst_rcast_ice_path_check_now (returning);
}

/* A packet other than a check has arrived. */
void
gst_rcast_ice_router_heard (GstRcastIceRouter * router, gint64 now)
{
  gst_rcast_ice_restart_wish_heard (&router->wish, now);
}

/* The connection state has already told webrtcbin of the loss. */
void
gst_rcast_ice_router_loss_is_known (GstRcastIceRouter * router)
{
  router->media_lost = FALSE;
}
