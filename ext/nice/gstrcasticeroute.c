/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths carry media, and which are of no use any more. Pure. */
#include "config.h"

#include "gstrcasticeroute.h"

#include <math.h>

/* A better path carries media again when it has been well for so long. */
#define HYSTERESIS_US (5 * G_USEC_PER_SEC)
/* Of the same rank: it must be so much faster, in microseconds and ratio. */
#define RTT_MARGIN_US (20 * 1000)
/* With more loss of media than that, as the peer reports it, a path is worse than any other
 * that is alive. */
#define MAX_LOSS 0.1
/* A path that has not worked for so long is closed. */
#define GIVE_UP_US (10 * G_USEC_PER_SEC)
/* A fresh path where the old one is dead, or silent from the first, is tried so often; and so often
 * while another one works. */
#define RETRY_US (1 * G_USEC_PER_SEC)
#define IDLE_RETRY_US (10 * G_USEC_PER_SEC)
/* libnice repeats a check after so long, and then ever more rarely; after three it ends them. So many
 * paths that are begun so far apart check as often as more would. */
#define FRESH_US (500 * 1000)
#define MAX_SEEKING 3
/* Where each uplink carries a part, what an outage costs is longer by this part of it, and by no
 * less than the first. */
#define BOND_RETRY_US (500 * 1000)
#define BOND_RETRY_SHARE 16
/* Of checks that nobody answers, later ones are begun beside them; these stay for answers that
 * are on their way. */
#define OVERTAKEN_US (3 * G_USEC_PER_SEC)
/* Where each path carries a part, one that died costs a part only if it dies again: it is back after
 * this part of the hold. */
#define BOND_HOLD_SHARE 8
/* Of two that lose too much, one is worth a move if it loses less than this part of what the
 * other one does: so each return takes less loss, and soon none is left to be made. */
#define MUCH_LESS_LOSS 0.5
/* The same of two that are too thin: one is worth a move if it carries so many times more. */
#define MUCH_MORE_ROOM 1.5
/* A new generation that has a worse path only waits so long for a better, and so long if all
 * it has is known to be bad: no restart undoes what was learned. */
#define SWAP_PATIENCE_US (300 * 1000)
#define BAD_SWAP_PATIENCE_US (3 * G_USEC_PER_SEC)

static gint64
score (const GstRcastIcePathView * view)
{
  return view->rtt > 0 ? view->rtt : G_USEC_PER_SEC;
}

/* As good as it has been in the last seconds: one late answer makes no path slow. */
static gint64
best_score (const GstRcastIcePathView * view)
{
  return view->rtt_least > 0 ? view->rtt_least : score (view);
}

/* Whether media should rather be elsewhere, although the path is alive. */
gboolean
gst_rcast_ice_route_is_impaired (const GstRcastIcePathView * view)
{
  return view->loss >= MAX_LOSS;
}

/* Whether media should rather be elsewhere for one reason or another. */
static gboolean
is_congested (const GstRcastIcePathView * view)
{
  return view->thin || gst_rcast_ice_route_is_impaired (view);
}

/* Whether its uplink had trouble, and has not been well for long enough since. */
static gboolean
is_held (const GstRcastIcePathView * view, gint64 now)
{
  return now - view->well_since < view->hold;
}

/* Whether media that goes from @left, which may be alive, to @taken had trouble there: it lost
 * too much, had too little room or, if @taken is not preferred, was too slow. From one that the
 * application does not want it goes in any case. */
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

/* Whether media on @b, which is congested, has it much better on @a, which is so, too. */
static gboolean
is_much_better (const GstRcastIcePathView * a, const GstRcastIcePathView * b)
{
  if (gst_rcast_ice_route_is_impaired (a))
    return loses_much_less (a, b);
  return gst_rcast_ice_route_is_impaired (b) || (b->thin
      && has_much_more_room (a, b));
}

/* Negative if @a carries what the media takes, or much more than @b; two that do not differ much
 * are alike. */
static gint
compare_room (const GstRcastIcePathView * a, const GstRcastIcePathView * b)
{
  if (a->thin && b->thin)
    return has_much_more_room (b, a) - has_much_more_room (a, b);
  return a->thin - b->thin;
}

/* 0: not too much; one more for each time that it doubles. */
static gint
rate_loss (const GstRcastIcePathView * view)
{
  return gst_rcast_ice_route_is_impaired (view) ?
      1 + (gint) log2 (view->loss / MAX_LOSS) : 0;
}

/* Negative if @a is better: first the state, then what is remembered, then the user's order,
 * then the round trip. */
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

/* The best of those that may send; of another uplink than @other. */
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

/* Whether @best, which was congested, must carry a copy first. What is known to lose media, or to
 * be thin, but less so, has nothing to show. */
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
 * @current: the path that carries media now, if it is one of @views
 * @duplicate: whether each packet goes out twice if it can
 * @route: (out): without a path if none may send
 *
 * A path in doubt costs bandwidth, but no packet: the next one carries, too.
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

/* Whether a path of the uplink of @view is in @route. */
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

/* The best path of the uplinks that are not in @route. */
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

/* The path that comes first: @current, if it can, until another one is preferred for long. What
 * it loses, or takes longer for, the others carry. */
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
 * @current: the path that carried media first until now, if it is one of @views
 * @route: (out): as of gst_rcast_ice_route_choose(), with all paths that are well
 *
 * A path in doubt is left at once: the others carry. If none is well, all is as with one path.
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
  /* Somebody steps in if the system takes no packet. */
  next = gst_rcast_ice_route_find_best (views, n, route->paths[0], now);
  route->paths[1] = next;
  route->n_paths += next != GST_RCAST_ICE_NO_PATH;
}

/* The path on which the peer sends. The peer chooses for itself, so this need not be the path
 * that carries our media. No path if nothing has come in. */
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

/* Whether a later path of the uplink of @path is checking as well. */
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

/* Returns: whether no path of some uplink works, but there is one */
gboolean
gst_rcast_ice_route_misses_uplink (const GstRcastIcePathView * views, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!views[i].barred && !works_on (views, n, views[i].uplink))
      return TRUE;
  return FALSE;
}

/* @views: of the paths of one uplink
 * @patient: whether checks are waited for that may have begun in a black hole
 * Returns: whether the uplink needs no other path */
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
 * @missing: for how long an uplink has been missing that is to carry a part, 0: none is
 * Returns: how far apart fresh paths are tried on uplinks without one */
gint64
gst_rcast_ice_route_get_retry (gboolean working, gint64 missing)
{
  if (!working)
    return RETRY_US;
  return missing > 0 ? CLAMP (missing / BOND_RETRY_SHARE, BOND_RETRY_US,
      IDLE_RETRY_US) : IDLE_RETRY_US;
}

/* Whether an older path of the uplink of @path has been alive for long as well, and the peer does
 * not send on @path: of several fresh checks that are answered together one is enough. */
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

/* Whether @path, which carries nothing, can be closed: it has never worked, or another one of its
 * uplink does, or it must not. */
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

/* Whether a path of @views works that is as good as @current: on its uplink, or preferred
 * to it. */
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

/* How long a swap waits for a path as good as the present one. */
static gint64
get_patience (const GstRcastIcePathView * best, gint64 now)
{
  return gst_rcast_ice_route_is_impaired (best) || is_held (best, now) ?
      BAD_SWAP_PATIENCE_US : SWAP_PATIENCE_US;
}

/* Whether the generation of @pending can take over. Not with the first path that works,
 * @ready_since then, if that is worse than @current, which is well; NULL: there is none. */
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
