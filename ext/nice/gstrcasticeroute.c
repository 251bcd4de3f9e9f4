/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses the paths that carry media, and finds those that are no longer of use. Pure. */
#include "config.h"

#include "gstrcasticeroute.h"

#include <math.h>

/* A better path must have been well this long before media returns to it. */
#define HYSTERESIS_US (5 * G_USEC_PER_SEC)
/* Among paths of equal rank, media moves only to one that is faster by this much and by half. */
#define RTT_MARGIN_US (20 * 1000)
/* At this loss of media, as the peer reports it, a path is worse than any other live path. */
#define MAX_LOSS 0.1
/* A path that has not worked for this long is closed. */
#define GIVE_UP_US (10 * G_USEC_PER_SEC)
/* How often to try a fresh path on an uplink whose path is dead or was never answered; and how
 * often while another path works. */
#define RETRY_US (1 * G_USEC_PER_SEC)
#define IDLE_RETRY_US (10 * G_USEC_PER_SEC)
/* libnice repeats a check after this time, then ever more rarely, and gives up after three. This
 * many paths, started this far apart, check as often as more paths would. */
#define FRESH_US (500 * 1000)
#define MAX_SEEKING 3
/* When bonding, each uplink carries a part of the media. The retry interval is then this share of
 * the outage so far, and no less than BOND_RETRY_US. So the retries prolong an outage only by that
 * share. */
#define BOND_RETRY_US (500 * 1000)
#define BOND_RETRY_SHARE 16
/* A path without answers to its checks is kept at least this long, even if a later path is also
 * checking: answers may still be on their way. */
#define OVERTAKEN_US (3 * G_USEC_PER_SEC)
/* When bonding, a path that dies again costs only its part of the media, so it returns after this
 * part of the hold. */
#define BOND_HOLD_SHARE 8
/* If both paths lose too much, media moves only to one that loses less than this part of the
 * other's loss. So media cannot move back and forth forever. */
#define MUCH_LESS_LOSS 0.5
/* If both paths have too little room, media moves only to one with this many times more. */
#define MUCH_MORE_ROOM 1.5
/* How long a new generation whose best path is worse than the current one waits for a better path;
 * and how long if that path is known to be bad. So a restart does not undo what was learned. */
#define SWAP_PATIENCE_US (300 * 1000)
#define BAD_SWAP_PATIENCE_US (3 * G_USEC_PER_SEC)

static gint64
score (const GstRcastIcePathView * view)
{
  return view->rtt > 0 ? view->rtt : G_USEC_PER_SEC;
}

/* The lowest round-trip time of the last seconds: one late answer does not make a path slow. */
static gint64
best_score (const GstRcastIcePathView * view)
{
  return view->rtt_least > 0 ? view->rtt_least : score (view);
}

/* Whether media should leave the path because of loss, although the path is alive. */
gboolean
gst_rcast_ice_route_is_impaired (const GstRcastIcePathView * view)
{
  return view->loss >= MAX_LOSS;
}

/* Whether media should leave the path because of loss or too little room. */
static gboolean
is_congested (const GstRcastIcePathView * view)
{
  return view->thin || gst_rcast_ice_route_is_impaired (view);
}

/* Whether the uplink had trouble and has not been well for long enough since. */
static gboolean
is_held (const GstRcastIcePathView * view, gint64 now)
{
  return now - view->well_since < view->hold;
}

/* Whether congestion on @left made media move from there to @taken: @left lost too much, had too
 * little room or, if @taken is not preferred, was too slow. A dead or barred @left is not
 * congested. */
gboolean
gst_rcast_ice_route_blames (const GstRcastIcePathView * left,
    const GstRcastIcePathView * taken)
{
  return left->state == GST_RCAST_ICE_PATH_STATE_ALIVE && !left->barred
      && (is_congested (left) || taken->rank >= left->rank);
}

static gint
compare_numbers (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static gboolean
loses_much_less (const GstRcastIcePathView * a, const GstRcastIcePathView * b)
{
  return a->loss < b->loss * MUCH_LESS_LOSS;
}

static gboolean
has_much_more_room (const GstRcastIcePathView * a,
    const GstRcastIcePathView * b)
{
  return a->room > b->room * MUCH_MORE_ROOM;
}

/* Whether media on the congested @b would be much better off on @a, which is congested as well. */
static gboolean
is_much_better (const GstRcastIcePathView * a, const GstRcastIcePathView * b)
{
  if (gst_rcast_ice_route_is_impaired (a))
    return loses_much_less (a, b);
  return gst_rcast_ice_route_is_impaired (b) || (b->thin
      && has_much_more_room (a, b));
}

/* Negative if @a has enough room for the media, or much more room than @b. Similar rooms compare as
 * equal. */
static gint
compare_room (const GstRcastIcePathView * a, const GstRcastIcePathView * b)
{
  if (a->thin && b->thin)
    return has_much_more_room (b, a) - has_much_more_room (a, b);
  return a->thin - b->thin;
}

/* 0: acceptable loss. The result grows by one each time the loss doubles. */
static gint
rate_loss (const GstRcastIcePathView * view)
{
  return gst_rcast_ice_route_is_impaired (view) ?
      1 + (gint) log2 (view->loss / MAX_LOSS) : 0;
}

/* Negative if @a is better. The order of criteria: state, record of the uplink, path-preference,
 * round-trip time. */
static gint
compare (const GstRcastIcePathView * a, const GstRcastIcePathView * b,
    gint64 now)
{
  gint order = compare_numbers (a->state, b->state);

  if (order == 0)
    order = rate_loss (a) - rate_loss (b);
  if (order == 0)
    order = compare_room (a, b);
  if (order == 0)
    order = is_held (a, now) - is_held (b, now);
  if (order == 0)
    order = compare_numbers (a->rank, b->rank);
  return order ? order : compare_numbers (score (a), score (b));
}

/* The best path that may send and does not share the uplink of @other. */
gint
gst_rcast_ice_route_find_best (const GstRcastIcePathView * views, guint n,
    gint other, gint64 now)
{
  gint best = GST_RCAST_ICE_NO_PATH;

  for (guint i = 0; i < n; i++) {
    if (!views[i].may_send || (other != GST_RCAST_ICE_NO_PATH
            && views[i].uplink == views[other].uplink))
      continue;
    if (best == GST_RCAST_ICE_NO_PATH
        || compare (&views[i], &views[best], now) < 0)
      best = i;
  }
  return best;
}

/* Whether media should leave @current, which is alive, for @best. */
static gboolean
is_worth_it (const GstRcastIcePathView * best,
    const GstRcastIcePathView * current, gint64 now)
{
  gint64 well = now - MAX (best->since, best->well_since);

  if (best->state != GST_RCAST_ICE_PATH_STATE_ALIVE)
    return FALSE;
  if (is_congested (best))
    return is_much_better (best, current);
  if (is_congested (current))
    return TRUE;
  if (is_held (best, now))
    return FALSE;
  if (best->rank < current->rank)
    return well >= HYSTERESIS_US;
  return best->rank == current->rank && well >= 2 * HYSTERESIS_US
      && score (best) + score (best) / 2 + RTT_MARGIN_US < best_score (current);
}

/* Whether media stays on @current although @best is better. */
static gboolean
keeps (const GstRcastIcePathView * current, const GstRcastIcePathView * best,
    gint64 now)
{
  if (!current->may_send)
    return FALSE;
  switch (current->state) {
    case GST_RCAST_ICE_PATH_STATE_ALIVE:
      return !is_worth_it (best, current, now);
    case GST_RCAST_ICE_PATH_STATE_SUSPECT:
      return TRUE;
    case GST_RCAST_ICE_PATH_STATE_CHECKING:
    case GST_RCAST_ICE_PATH_STATE_DEAD:
      break;
  }
  return FALSE;
}

/* Whether @best, which was congested, needs a trial with a copy of the media first. A path that is
 * still congested, only less so than @current, needs none. */
static gboolean
needs_trial (const GstRcastIcePathView * current,
    const GstRcastIcePathView * best)
{
  return best->wants_trial && current->may_send
      && !is_congested (best)
      && current->state == GST_RCAST_ICE_PATH_STATE_ALIVE;
}

static void
clear (GstRcastIceRoute * route)
{
  *route = (GstRcastIceRoute) { { 0, }, };
  for (guint i = 0; i < GST_RCAST_ICE_MAX_ROUTE; i++)
    route->paths[i] = GST_RCAST_ICE_NO_PATH;
}

/**
 * gst_rcast_ice_route_choose:
 * @current: index in @views of the path that carries media now, or none
 * @duplicate: whether to send each packet twice if possible
 * @route: (out): without a path if none may send
 *
 * If the chosen path is suspect, the next one carries a copy as well. This costs bandwidth,
 * but no packet.
 */
void
gst_rcast_ice_route_choose (const GstRcastIcePathView * views, guint n,
    gint current, gboolean duplicate, gint64 now, GstRcastIceRoute * route)
{
  gint best = gst_rcast_ice_route_find_best (views, n, GST_RCAST_ICE_NO_PATH,
      now);
  gint next;

  clear (route);
  if (best == GST_RCAST_ICE_NO_PATH)
    return;
  if (current != GST_RCAST_ICE_NO_PATH && current != best
      && keeps (&views[current], &views[best], now))
    best = current;
  next = gst_rcast_ice_route_find_best (views, n, best, now);
  if (current != GST_RCAST_ICE_NO_PATH && current != best
      && needs_trial (&views[current], &views[best])) {
    next = best;
    best = current;
    route->trying = TRUE;
  }
  route->paths[0] = best;
  route->paths[1] = next;
  route->n_paths = next == GST_RCAST_ICE_NO_PATH ? 1 : 2;
  route->duplicating = duplicate && route->n_paths == 2;
  route->n_carrying = route->n_paths == 2 && (duplicate || route->trying
      || views[best].state != GST_RCAST_ICE_PATH_STATE_ALIVE) ? 2 : 1;
}

static gboolean
can_bond (const GstRcastIcePathView * view, gint64 now)
{
  return view->may_send && view->state == GST_RCAST_ICE_PATH_STATE_ALIVE
      && now - view->well_since >= view->hold / BOND_HOLD_SHARE;
}

/* Whether @route has a path on the uplink of @view. */
static gboolean
has_uplink (const GstRcastIceRoute * route, const GstRcastIcePathView * views,
    const GstRcastIcePathView * view)
{
  for (guint i = 0; i < route->n_paths; i++) {
    if (views[route->paths[i]].uplink == view->uplink)
      return TRUE;
  }
  return FALSE;
}

/* The best path on an uplink that is not in @route. */
static gint
find_further (const GstRcastIceRoute * route,
    const GstRcastIcePathView * views, guint n, gint64 now)
{
  gint best = GST_RCAST_ICE_NO_PATH;

  for (guint i = 0; i < n; i++) {
    if (!can_bond (&views[i], now) || has_uplink (route, views, &views[i]))
      continue;
    if (best == GST_RCAST_ICE_NO_PATH
        || compare (&views[i], &views[best], now) < 0)
      best = i;
  }
  return best;
}

/* The first path of a bond: @current, if usable, until media prefers another path for long. The
 * other paths repair its loss and delay. */
static gint
find_first (const GstRcastIceRoute * route,
    const GstRcastIcePathView * views, guint n, gint current, gint64 now)
{
  gint best = find_further (route, views, n, now);

  if (current == GST_RCAST_ICE_NO_PATH || !can_bond (&views[current], now))
    return best;
  return views[best].rank < views[current].rank
      && is_worth_it (&views[best], &views[current], now) ? best : current;
}

/**
 * gst_rcast_ice_route_bond:
 * @current: index in @views of the path that was first until now, or none
 * @route: (out): as of gst_rcast_ice_route_choose(), with all paths that are well
 *
 * Media leaves a suspect path at once, as the others can carry it. If no path is well, this
 * is gst_rcast_ice_route_choose().
 */
void
gst_rcast_ice_route_bond (const GstRcastIcePathView * views, guint n,
    gint current, gint64 now, GstRcastIceRoute * route)
{
  gint next;

  clear (route);
  next = find_first (route, views, n, current, now);
  if (next == GST_RCAST_ICE_NO_PATH) {
    gst_rcast_ice_route_choose (views, n, current, FALSE, now, route);
    return;
  }
  for (; next != GST_RCAST_ICE_NO_PATH
      && route->n_paths < GST_RCAST_ICE_MAX_ROUTE;
      next = find_further (route, views, n, now))
    route->paths[route->n_paths++] = next;
  route->n_carrying = route->n_paths;
  route->bonding = TRUE;
  if (route->n_paths > 1)
    return;
  /* A standby, in case the system refuses packets on the only path. */
  next = gst_rcast_ice_route_find_best (views, n, route->paths[0], now);
  route->paths[1] = next;
  route->n_paths += next != GST_RCAST_ICE_NO_PATH;
}

/* The path on which the peer sends. The peer chooses it, so it may differ from the path that
 * carries our media. Returns no path if nothing has arrived. */
gint
gst_rcast_ice_route_find_return (const GstRcastIcePathView * views, guint n)
{
  gint last = GST_RCAST_ICE_NO_PATH;
  gint64 heard = 0;

  for (guint i = 0; i < n; i++) {
    if (views[i].last_heard > heard) {
      last = i;
      heard = views[i].last_heard;
    }
  }
  return last;
}

static gboolean
is_replaced (const GstRcastIcePathView * views, guint n, gint path)
{
  for (guint i = 0; i < n; i++) {
    if ((gint) i != path && views[i].uplink == views[path].uplink
        && views[i].state == GST_RCAST_ICE_PATH_STATE_ALIVE)
      return TRUE;
  }
  return FALSE;
}

/* Whether a later path on the uplink of @path is checking as well. */
static gboolean
is_overtaken (const GstRcastIcePathView * views, guint n, gint path)
{
  for (guint i = 0; i < n; i++) {
    if (views[i].uplink == views[path].uplink
        && views[i].state == GST_RCAST_ICE_PATH_STATE_CHECKING
        && views[i].created > views[path].created)
      return TRUE;
  }
  return FALSE;
}

static gboolean
works_on (const GstRcastIcePathView * views, guint n, guint uplink)
{
  for (guint i = 0; i < n; i++)
    if (views[i].uplink == uplink
        && gst_rcast_ice_path_view_is_working (&views[i]))
      return TRUE;
  return FALSE;
}

/* Returns: whether no path on the uplink of @path works, though some should */
gboolean
gst_rcast_ice_route_misses_uplink (const GstRcastIcePathView * views, guint n,
    guint path)
{
  return !views[path].barred && !works_on (views, n, views[path].uplink);
}

/* @views: the paths of one uplink
 * @patient: whether to wait for checks that may have started in a black hole
 * Returns: whether the uplink needs no further path */
gboolean
gst_rcast_ice_route_is_covered (const GstRcastIcePathView * views, guint n,
    gboolean patient, gint64 now)
{
  guint n_seeking = 0;

  for (guint i = 0; i < n; i++) {
    if (views[i].state == GST_RCAST_ICE_PATH_STATE_ALIVE
        || views[i].state == GST_RCAST_ICE_PATH_STATE_SUSPECT)
      return TRUE;
    if (views[i].state != GST_RCAST_ICE_PATH_STATE_CHECKING)
      continue;
    if (patient || now - views[i].created < FRESH_US)
      return TRUE;
    n_seeking += !views[i].announced;
  }
  return n_seeking >= MAX_SEEKING;
}

/* @working: whether any path works
 * @missing: how long an uplink that should carry a part has had no working path; 0: none is missing
 * Returns: the interval of attempts with a fresh path on uplinks without a working one */
gint64
gst_rcast_ice_route_get_retry (gboolean working, gint64 missing)
{
  if (!working)
    return RETRY_US;
  return missing > 0 ? CLAMP (missing / BOND_RETRY_SHARE, BOND_RETRY_US,
      IDLE_RETRY_US) : IDLE_RETRY_US;
}

/* Whether @path is redundant: an older path on its uplink has been alive for long as well, and the
 * peer does not send on @path. This happens if the checks of several fresh paths are answered
 * together. */
static gboolean
is_surplus (const GstRcastIcePathView * views, guint n, gint path, gint64 now)
{
  const GstRcastIcePathView *view = &views[path];

  if (view->announced || now - view->since < GIVE_UP_US
      || path == gst_rcast_ice_route_find_return (views, n))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (views[i].uplink == view->uplink && views[i].may_send
        && views[i].state == GST_RCAST_ICE_PATH_STATE_ALIVE
        && views[i].created < view->created
        && now - views[i].since >= GIVE_UP_US)
      return TRUE;
  }
  return FALSE;
}

/* Whether @path, which carries nothing, can be closed: it has never worked, another path on its
 * uplink does, or the uplink is barred. */
gboolean
gst_rcast_ice_route_is_hopeless (const GstRcastIcePathView * views, guint n,
    gint path, gint64 now)
{
  const GstRcastIcePathView *view = &views[path];
  gint64 age = now - view->created;

  if (view->barred)
    return TRUE;
  switch (view->state) {
    case GST_RCAST_ICE_PATH_STATE_CHECKING:
      return !view->announced && (age >= 2 * GIVE_UP_US
          || is_replaced (views, n, path)
          || (age >= OVERTAKEN_US && is_overtaken (views, n, path)));
    case GST_RCAST_ICE_PATH_STATE_ALIVE:
      return is_surplus (views, n, path, now);
    case GST_RCAST_ICE_PATH_STATE_SUSPECT:
      return FALSE;
    case GST_RCAST_ICE_PATH_STATE_DEAD:
      break;
  }
  if (!view->may_send && !view->announced)
    return age >= GIVE_UP_US;
  return is_replaced (views, n, path) && now - view->since >= GIVE_UP_US;
}

/* Whether a working path in @views is as good as @current: on its uplink, or preferred to it. */
static gboolean
has_equal (const GstRcastIcePathView * views, guint n,
    const GstRcastIcePathView * current, gint64 now)
{
  for (guint i = 0; i < n; i++) {
    if (gst_rcast_ice_path_view_is_working (&views[i])
        && (gst_rcast_ice_path_view_shares_uplink (&views[i], current)
            || (views[i].rank < current->rank && !is_held (&views[i], now))))
      return TRUE;
  }
  return FALSE;
}

/* How long a swap waits for a path as good as the current one. */
static gint64
get_patience (const GstRcastIcePathView * best, gint64 now)
{
  return gst_rcast_ice_route_is_impaired (best) || is_held (best, now) ?
      BAD_SWAP_PATIENCE_US : SWAP_PATIENCE_US;
}

/* Whether the pending generation can take over. If its best path is worse than @current, which is
 * alive, it waits for a while.
 * @ready_since: when the first pending path worked
 * @current: (nullable): the path that carries media now */
gboolean
gst_rcast_ice_route_is_ready (const GstRcastIcePathView * pending, guint n,
    const GstRcastIcePathView * current, gint64 ready_since, gint64 now)
{
  gint best = gst_rcast_ice_route_find_best (pending, n,
      GST_RCAST_ICE_NO_PATH, now);

  if (best == GST_RCAST_ICE_NO_PATH
      || !gst_rcast_ice_path_view_is_working (&pending[best]))
    return FALSE;
  return !current || current->state != GST_RCAST_ICE_PATH_STATE_ALIVE
      || has_equal (pending, n, current, now)
      || now - ready_since >= get_patience (&pending[best], now);
}
