/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the paths of a generation is good for what. */
#include "config.h"

#include "gstrcasticeroute.h"

/* A better path carries media again when it has been well for so long. */
#define HYSTERESIS_US (5 * G_USEC_PER_SEC)
/* Of the same rank: it must be so much faster, in microseconds and ratio. */
#define RTT_MARGIN_US (20 * 1000)
/* A path that has not worked for so long goes. */
#define GIVE_UP_US (10 * G_USEC_PER_SEC)

static gint64
score (GstRcastIcePath * path)
{
  gint64 rtt = gst_rcast_ice_path_get_rtt (path);

  return rtt > 0 ? rtt : G_USEC_PER_SEC;
}

/* Negative if @a is better: first the state, then the user's order, then the
 * round trip. */
static gint
compare_paths (GstRcastIcePath * a, GstRcastIcePath * b)
{
  gint state = (gint) gst_rcast_ice_path_get_path_state (a)
      - (gint) gst_rcast_ice_path_get_path_state (b);
  gint rank = (gint) gst_rcast_ice_path_get_rank (a)
      - (gint) gst_rcast_ice_path_get_rank (b);

  if (state != 0)
    return state;
  if (rank != 0)
    return rank;
  return score (a) < score (b) ? -1 : score (a) > score (b);
}

static gboolean
share_uplink (GstRcastIcePath * a, GstRcastIcePath * b)
{
  const GstRcastUplink *uplink = gst_rcast_ice_path_get_uplink (b);

  return uplink ? gst_rcast_ice_path_is_on (a, uplink) : a == b;
}

/* The best of those that may send; of another uplink than @other. */
GstRcastIcePath *
gst_rcast_ice_route_find_best (GPtrArray * paths, GstRcastIcePath * other)
{
  GstRcastIcePath *best = NULL;

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (!gst_rcast_ice_path_may_send (path)
        || (other && share_uplink (path, other)))
      continue;
    if (!best || compare_paths (path, best) < 0)
      best = path;
  }
  return best;
}

/* Whether media should leave @current, which is well, for @best. */
static gboolean
is_worth_it (GstRcastIcePath * best, GstRcastIcePath * current)
{
  gint64 well = g_get_monotonic_time ()
      - gst_rcast_ice_path_get_state_since (best);

  if (gst_rcast_ice_path_get_rank (best) <
      gst_rcast_ice_path_get_rank (current))
    return well >= HYSTERESIS_US;
  return well >= 2 * HYSTERESIS_US
      && score (best) + score (best) / 2 + RTT_MARGIN_US < score (current);
}

/* Whether media stays on @current although @best is better. */
gboolean
gst_rcast_ice_route_keeps (GstRcastIcePath * current, GstRcastIcePath * best)
{
  if (!gst_rcast_ice_path_may_send (current))
    return FALSE;
  switch (gst_rcast_ice_path_get_path_state (current)) {
    case GST_RCAST_ICE_PATH_STATE_ALIVE:
      return !is_worth_it (best, current);
    case GST_RCAST_ICE_PATH_STATE_SUSPECT:
      return TRUE;
    case GST_RCAST_ICE_PATH_STATE_CHECKING:
    case GST_RCAST_ICE_PATH_STATE_DEAD:
      break;
  }
  return FALSE;
}

/* Where the peer sends. It makes up its mind by itself, so that need not be where
 * our media goes. NULL if nothing has come in. */
GstRcastIcePath *
gst_rcast_ice_route_find_return (GPtrArray * paths)
{
  GstRcastIcePath *last = NULL;
  gint64 heard = 0;

  for (guint i = 0; i < paths->len; i++) {
    gint64 at = gst_rcast_ice_path_get_last_heard (paths->pdata[i]);

    if (at > heard) {
      last = paths->pdata[i];
      heard = at;
    }
  }
  return last;
}

gboolean
gst_rcast_ice_route_is_hopeless (GstRcastIcePath * path, GPtrArray * paths,
    gint64 now)
{
  GstRcastIcePathState state = gst_rcast_ice_path_get_path_state (path);

  if (state == GST_RCAST_ICE_PATH_STATE_CHECKING)
    return now - gst_rcast_ice_path_get_created (path) >= 2 * GIVE_UP_US
        && !gst_rcast_ice_path_is_announced (path);
  if (state != GST_RCAST_ICE_PATH_STATE_DEAD)
    return FALSE;
  if (!gst_rcast_ice_path_may_send (path)
      && !gst_rcast_ice_path_is_announced (path))
    return now - gst_rcast_ice_path_get_created (path) >= GIVE_UP_US;
  /* Another one has taken its place. */
  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *other = paths->pdata[i];

    if (other != path && gst_rcast_ice_path_get_path_state (other) ==
        GST_RCAST_ICE_PATH_STATE_ALIVE && share_uplink (path, other))
      return now - gst_rcast_ice_path_get_state_since (path) >= GIVE_UP_US;
  }
  return FALSE;
}

gboolean
gst_rcast_ice_route_is_covered (GPtrArray * paths,
    const GstRcastUplink * uplink)
{
  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (gst_rcast_ice_path_get_path_state (path) !=
        GST_RCAST_ICE_PATH_STATE_DEAD
        && gst_rcast_ice_path_is_on (path, uplink))
      return TRUE;
  }
  return FALSE;
}
