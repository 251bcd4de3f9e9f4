/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picks the path on which a packet arrives first, and notices paths that carry nothing any more. */
#include "config.h"

#include "rcast-bond.h"

/* If each packet takes the path on which it arrives first, packets of one size arrive in order, and
 * each path gets its share. A path with a longer delay is used once packets queue for as long on
 * the others. */

/* This many packets in a row are never lost by chance: the path is left. */
#define LEFT_AFTER 12
/* A path that was left is used again after this many arrivals that only receiver reports show. */
#define TAKEN_AFTER 3
/* A path that was left is probed with one packet at this interval, doubled up to the maximum. */
#define TRY_SPACING (100 * GST_MSECOND)
#define TRY_SPACING_MAX GST_SECOND

/* No path is booked further ahead: its rates were different when that was sent. */
#define BOOKED_MAX (500 * GST_MSECOND)

/* The reserve is used only once the queues of the other paths are longer by this much. Shorter
 * queues are normal: a large frame makes one for a moment. */
#define RESERVE_TIME (60 * GST_MSECOND)

/* Receivers report at the end of a frame, and some take packets for lost that have not arrived by
 * then. So the last packet of a frame should arrive LAST_MARGIN later than the others, if that
 * costs no more than LAST_COST; or at least not earlier than them, unless they take longer than
 * LAST_WAIT_MAX. */
#define LAST_MARGIN (3 * GST_MSECOND)
#define LAST_COST (6 * GST_MSECOND)
#define LAST_WAIT_MAX (100 * GST_MSECOND)
/* Such a receiver says nothing about a path that loses the last packets of frames. If nothing sent
 * on a path arrives for a round trip and LAST_SILENT, the path gets no more last packets, except
 * one per LAST_TRY_SPACING. */
#define LAST_SILENT (120 * GST_MSECOND)
#define LAST_TRY_SPACING GST_SECOND

static GstClockTime
get_time (gsize bytes, guint64 rate)
{
  return gst_util_uint64_scale (8 * bytes, GST_SECOND, MAX (rate, 1));
}

/* Nothing has been sent on the path. */
void
gst_rcast_bond_path_init (GstRcastBondPath * path)
{
  *path = (GstRcastBondPath) {.way = GST_RCAST_BOND_NO_WAY };
}

/* Packet @number leaves on the path that gst_rcast_bond_choose() has booked last. Packets without a
 * booking (probes, copies, packets sent without a choice) take the time of the previous packet; the
 * error is less than one packet. */
void
gst_rcast_bond_path_sent (GstRcastBondPath * path, guint16 number,
    GstClockTime now)
{
  guint i = number % GST_RCAST_BOND_SENT;

  path->sent[i].number = number;
  path->sent[i].since = now;
  path->sent[i].idle = path->idle - path->shift;
}

/* Whether @number was sent on @path lately, and the path's delay is known */
static gboolean
is_traceable (const GstRcastBondPath * path, guint16 number)
{
  guint i = number % GST_RCAST_BOND_SENT;

  return path->way != GST_RCAST_BOND_NO_WAY && path->sent[i].since != 0
      && path->sent[i].number == number;
}

/* @earliest: earliest arrival of packet @number, by the same clock as the path's delay
 * @latest: its latest arrival
 *
 * Returns: the first time in this range that the path allows */
GstClockTime
gst_rcast_bond_path_guess (const GstRcastBondPath * path, guint16 number,
    GstClockTime earliest, GstClockTime latest)
{
  GstClockTimeDiff first = earliest;

  if (is_traceable (path, number))
    first = path->sent[number % GST_RCAST_BOND_SENT].since + path->way;
  return CLAMP (first, (GstClockTimeDiff) earliest, (GstClockTimeDiff) latest);
}

/* Packet @number has arrived at @arrival, by the same clock as the path's delay. Its error also
 * applies to the packets sent after it. */
void
gst_rcast_bond_path_seen (GstRcastBondPath * path, guint16 number,
    GstClockTime arrival)
{
  GstClockTimeDiff idle, error;

  if (!is_traceable (path, number))
    return;
  idle = path->sent[number % GST_RCAST_BOND_SENT].idle + path->shift;
  error = CLAMP ((GstClockTimeDiff) arrival - path->way - idle,
      -(GstClockTimeDiff) BOOKED_MAX, (GstClockTimeDiff) BOOKED_MAX);
  path->shift += error;
  path->idle += error;
}

/* Like gst_rcast_bond_path_seen(), for a packet that arrived at some time from @earliest to
 * @latest. It corrects the plan only if the plan has another time. */
void
gst_rcast_bond_path_bound (GstRcastBondPath * path, guint16 number,
    GstClockTime earliest, GstClockTime latest)
{
  GstClockTimeDiff planned;

  if (!is_traceable (path, number))
    return;
  planned = path->sent[number % GST_RCAST_BOND_SENT].idle + path->shift
      + path->way;
  gst_rcast_bond_path_seen (path, number, CLAMP (planned,
          (GstClockTimeDiff) earliest, (GstClockTimeDiff) latest));
}

/* A packet sent on @path is lost for certain. */
void
gst_rcast_bond_path_lost (GstRcastBondPath * path, GstClockTime now)
{
  path->counted = 0;
  if (++path->lost != LEFT_AFTER)
    return;
  path->pause = TRY_SPACING;
  path->next_try = now + path->pause;
}

/* A packet sent on @path has arrived. Returns: whether that ends the path's outage */
gboolean
gst_rcast_bond_path_arrived (GstRcastBondPath * path)
{
  gboolean was_left = gst_rcast_bond_path_is_left (path);

  path->lost = path->counted = 0;
  path->ended = 0;
  return was_left;
}

/* The server's counters tell that one of the missing packets has arrived, maybe on @path. Losses on
 * @path make that less likely; several such arrivals in a row make it likely again.
 * Returns: like gst_rcast_bond_path_arrived() */
gboolean
gst_rcast_bond_path_counted (GstRcastBondPath * path)
{
  gboolean was_left = gst_rcast_bond_path_is_left (path);

  if (++path->counted < (was_left ? TAKEN_AFTER : LEFT_AFTER))
    return FALSE;
  path->lost = path->counted = 0;
  return was_left;
}

/* Returns: whether the path carries nothing any more, as far as packets show */
gboolean
gst_rcast_bond_path_is_left (const GstRcastBondPath * path)
{
  return path->lost >= LEFT_AFTER;
}

/* Returns: when everything sent on the path has left, as far as is known */
static GstClockTime
get_idle (const GstRcastBondPath * path, GstClockTime now)
{
  return MAX (path->idle, (GstClockTimeDiff) now);
}

/* Returns: how long packets queue on the path, as far as is known */
GstClockTime
gst_rcast_bond_path_get_wait (const GstRcastBondPath * path, GstClockTime now)
{
  return get_idle (path, now) - now;
}

/* Returns: how much longer the delay of @path is than the shortest one, @least */
static GstClockTime
get_detour (const GstRcastBondPath * path, GstClockTimeDiff least)
{
  return path->way == GST_RCAST_BOND_NO_WAY ? 0 : path->way - least;
}

static GstClockTimeDiff
get_least_way (GstRcastBondPath ** paths, guint n)
{
  GstClockTimeDiff least = GST_RCAST_BOND_NO_WAY;

  for (guint i = 0; i < n; i++)
    least = MIN (least, paths[i]->way);
  return least;
}

static gboolean
is_left (const GstRcastBondPath * path, GstClockTime now)
{
  return gst_rcast_bond_path_is_left (path);
}

static gboolean
is_any_well (GstRcastBondPath ** paths, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!gst_rcast_bond_path_is_left (paths[i]))
      return TRUE;
  return FALSE;
}

/* The last packet of a frame takes this path. */
static void
note_end (GstRcastBondPath * path, GstClockTime now)
{
  if (path->ended == 0
      || now >= path->ended + path->round_trip + LAST_TRY_SPACING)
    path->ended = now;
}

/* Returns: index of a path to probe, or @n */
static guint
find_trial (GstRcastBondPath ** paths, guint n, GstClockTime now)
{
  for (guint i = 0; i < n; i++) {
    if (!gst_rcast_bond_path_is_left (paths[i]) || now < paths[i]->next_try)
      continue;
    paths[i]->pause = MIN (2 * paths[i]->pause, TRY_SPACING_MAX);
    paths[i]->next_try = now + paths[i]->pause;
    return i;
  }
  return n;
}

/* Whether the path may be losing the last packets of frames */
static gboolean
is_silent (const GstRcastBondPath * path, GstClockTime now)
{
  return path->ended > 0
      && now >= path->ended + path->round_trip + LAST_SILENT
      && now < path->ended + path->round_trip + LAST_TRY_SPACING;
}

/* Predicted arrival of a packet */
typedef struct
{
  gboolean usable;
  GstClockTime fair;            /* if the path carried no more than it may */
  GstClockTime real;            /* as far as is known */
} Arrival;

static Arrival
predict (const GstRcastBondPath * path, GstClockTimeDiff least, gsize size,
    GstClockTime now)
{
  GstClockTime way = get_detour (path, least) + get_time (size, path->line);
  GstClockTime idle = get_idle (path, now);
  Arrival arrival = {
    .usable = TRUE,
    .fair = MAX (path->free, idle) + way
        + (path->reserve ? RESERVE_TIME : 0),
    .real = idle + way,
  };

  return arrival;
}

/* Excludes the paths for which @is_bad holds, unless that would exclude all. */
static void
take_out (GstRcastBondPath ** paths, Arrival * arrivals, guint n,
    gboolean (*is_bad) (const GstRcastBondPath * path, GstClockTime now),
    GstClockTime now)
{
  gboolean any = FALSE;

  for (guint i = 0; i < n; i++)
    any |= arrivals[i].usable && !is_bad (paths[i], now);
  for (guint i = 0; any && i < n; i++)
    arrivals[i].usable &= !is_bad (paths[i], now);
}

/* Returns: index of the earliest fair arrival */
static guint
find_first (const Arrival * arrivals, guint n)
{
  guint first = n;

  for (guint i = 0; i < n; i++) {
    if (!arrivals[i].usable)
      continue;
    if (first == n || arrivals[i].fair < arrivals[first].fair)
      first = i;
  }
  return first;
}

/* Returns: index of the first arrival that is not before @earliest, or @n */
static guint
find_not_before (const Arrival * arrivals, guint n, GstClockTime earliest)
{
  guint first = n;

  for (guint i = 0; i < n; i++) {
    if (!arrivals[i].usable || arrivals[i].real < earliest)
      continue;
    if (first == n || arrivals[i].real < arrivals[first].real)
      first = i;
  }
  return first;
}

/* Returns: index of a path on which the last packet of a frame does not overtake others, or @n */
static guint
find_last (const GstRcastBond * bond, const Arrival * arrivals, guint n)
{
  guint safe = find_not_before (arrivals, n, bond->latest + LAST_MARGIN);
  guint plain = find_not_before (arrivals, n, bond->latest);

  return safe < n && arrivals[safe].real <= arrivals[plain].real + LAST_COST ?
      safe : plain;
}

static void
book (GstRcastBond * bond, GstRcastBondPath * path, gsize size,
    const Arrival * arrival, GstClockTime now)
{
  path->free = MIN (MAX (path->free, now) + get_time (size, path->rate),
      now + BOOKED_MAX);
  path->idle = MIN (get_idle (path, now) + get_time (size, path->line),
      now + BOOKED_MAX);
  bond->latest = MAX (bond->latest, arrival->real);
}

/**
 * gst_rcast_bond_choose:
 * @bond: what was sent
 * @paths: (array length=n): usable paths; of two equal ones, the preferred one comes first
 * @n: number of paths, at least one
 * @size: bytes of the packet on the wire
 * @last: whether the packet is the last one of a frame
 * @now: when it is sent
 *
 * Finds the path on which the packet arrives first, by the paths' rates and delays. A path that
 * lost a dozen packets in a row only gets a probe now and then, unless there is no other.
 *
 * Returns: index of the path; the packet is booked on it
 */
guint
gst_rcast_bond_choose (GstRcastBond * bond, GstRcastBondPath ** paths,
    guint n, gsize size, gboolean last, GstClockTime now)
{
  g_autofree Arrival *arrivals = g_new (Arrival, n);
  GstClockTimeDiff least = get_least_way (paths, n);
  guint chosen, trial = is_any_well (paths, n) ? find_trial (paths, n, now) : n;

  if (trial < n)
    return trial;
  for (guint i = 0; i < n; i++)
    arrivals[i] = predict (paths[i], least, size, now);
  take_out (paths, arrivals, n, is_left, now);
  if (last)
    take_out (paths, arrivals, n, is_silent, now);
  chosen = find_first (arrivals, n);
  if (last && bond->latest < arrivals[chosen].real + LAST_WAIT_MAX) {
    guint later = find_last (bond, arrivals, n);

    chosen = later < n ? later : chosen;
  }
  if (last)
    note_end (paths[chosen], now);
  book (bond, paths[chosen], size, &arrivals[chosen], now);
  return chosen;
}
