/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On which of several paths a packet arrives first, and which of them carry nothing any more. */
#include "config.h"

#include "rcast-bond.h"

/* Packets of one size that each go where they arrive first arrive in order, and each path gets
 * what it may take. A path with a longer way is used once what waits for the others takes as
 * long. */

/* So many packets that are lost in a row are no chance. */
#define LEFT_AFTER 12
/* Nor are so many that came of a path that was left, by what a server counts. */
#define TAKEN_AFTER 2
/* A path that was left shows by one packet now and then that it carries again. */
#define TRY_SPACING (100 * GST_MSECOND)
#define TRY_SPACING_MAX GST_SECOND

/* No path is booked for longer: the rates were other ones when that was sent. */
#define BOOKED_MAX (500 * GST_MSECOND)

/* So much more waits for the others before one of the reserve is used: a large frame does for a
 * moment. */
#define RESERVE_TIME (60 * GST_MSECOND)

/* Receivers report at the end of a frame, and some take what is not there by then for lost: its
 * last packet is to arrive so much later than the others, if that costs no more than this, or
 * at least not before them, unless they take that long. */
#define LAST_MARGIN (3 * GST_MSECOND)
#define LAST_COST (6 * GST_MSECOND)
#define LAST_WAIT_MAX (100 * GST_MSECOND)
/* Such a receiver says nothing of any path where the last packets are lost: so long after its round
 * trip a path of which nothing has arrived since gets no more of them, but for one now and then. */
#define LAST_SILENT (120 * GST_MSECOND)
#define LAST_TRY_SPACING GST_SECOND

static GstClockTime
get_time (gsize bytes, guint64 rate)
{
  return gst_util_uint64_scale (8 * bytes, GST_SECOND, MAX (rate, 1));
}

/* Nothing was sent on it. */
void
gst_rcast_bond_path_init (GstRcastBondPath * path)
{
  *path = (GstRcastBondPath) {.way = GST_RCAST_BOND_NO_WAY };
}

/* Packet @number leaves on it, which gst_rcast_bond_choose() has booked last. What it did not book,
 * as a packet that tries a path, a copy, or one where nothing is chosen, takes the time of the one
 * before it: that is less than a packet's. */
void
gst_rcast_bond_path_sent (GstRcastBondPath * path, guint16 number,
    GstClockTime now)
{
  guint i = number % GST_RCAST_BOND_SENT;

  path->sent[i].number = number;
  path->sent[i].since = now;
  path->sent[i].idle = path->idle - path->shift;
}

/* Whether @number was sent on it lately, and the way is known */
static gboolean
is_traceable (const GstRcastBondPath * path, guint16 number)
{
  guint i = number % GST_RCAST_BOND_SENT;

  return path->way != GST_RCAST_BOND_NO_WAY && path->sent[i].since != 0
      && path->sent[i].number == number;
}

/* @earliest: when packet @number arrived: not before that; by the same clock as the way
 * @latest: not after that
 *
 * Returns: the first time between the two that its path allows */
GstClockTime
gst_rcast_bond_path_guess (const GstRcastBondPath * path, guint16 number,
    GstClockTime earliest, GstClockTime latest)
{
  GstClockTimeDiff first = earliest;

  if (is_traceable (path, number))
    first = path->sent[number % GST_RCAST_BOND_SENT].since + path->way;
  return CLAMP (first, (GstClockTimeDiff) earliest, (GstClockTimeDiff) latest);
}

/* Packet @number has arrived: @arrival by the same clock as the way. What was sent after it, as
 * far as is known, leaves as much later, or earlier, as this one did. */
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

/* A packet that it carried is lost for sure. */
void
gst_rcast_bond_path_lost (GstRcastBondPath * path, GstClockTime now)
{
  path->counted = 0;
  if (++path->lost != LEFT_AFTER)
    return;
  path->pause = TRY_SPACING;
  path->next_try = now + path->pause;
}

/* Returns: whether a packet that has arrived shows that the path carries again */
gboolean
gst_rcast_bond_path_arrived (GstRcastBondPath * path)
{
  gboolean was_left = gst_rcast_bond_path_is_left (path);

  path->lost = path->counted = 0;
  path->ended = 0;
  return was_left;
}

/* Of those that are missing one has come, maybe on @path: the server counts them only. Losses on
 * @path make that less likely, and some in a row likely again.
 * Returns: as gst_rcast_bond_path_arrived() */
gboolean
gst_rcast_bond_path_counted (GstRcastBondPath * path)
{
  gboolean was_left = gst_rcast_bond_path_is_left (path);

  if (++path->counted < (was_left ? TAKEN_AFTER : LEFT_AFTER))
    return FALSE;
  path->lost = path->counted = 0;
  return was_left;
}

/* Returns: whether it carries nothing any more, as far as packets show */
gboolean
gst_rcast_bond_path_is_left (const GstRcastBondPath * path)
{
  return path->lost >= LEFT_AFTER;
}

/* Returns: when all that was sent has left, as far as is known */
static GstClockTime
get_idle (const GstRcastBondPath * path, GstClockTime now)
{
  return MAX (path->idle, (GstClockTimeDiff) now);
}

/* Returns: how long what was sent waits on the path, as far as is known */
GstClockTime
gst_rcast_bond_path_get_wait (const GstRcastBondPath * path, GstClockTime now)
{
  return get_idle (path, now) - now;
}

/* Returns: how much longer the way is on @path than on the quickest one */
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

/* The last packet of a frame goes there. */
static void
note_end (GstRcastBondPath * path, GstClockTime now)
{
  if (path->ended == 0
      || now >= path->ended + path->round_trip + LAST_TRY_SPACING)
    path->ended = now;
}

/* Returns: the index of a path that is to be tried, or @n */
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

/* Whether ends of frames may be lost on it, as far as is known */
static gboolean
is_silent (const GstRcastBondPath * path, GstClockTime now)
{
  return path->ended > 0
      && now >= path->ended + path->round_trip + LAST_SILENT
      && now < path->ended + path->round_trip + LAST_TRY_SPACING;
}

/* When a packet would be there */
typedef struct
{
  gboolean usable;
  GstClockTime fair;            /* if the path had no more to carry than it may */
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

/* Takes out the paths of which @is_bad, unless none would be left. */
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

/* Returns: the index of the one that is fair */
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

/* The same of those that are not there before @earliest, or @n */
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

/* Where the last packet of a frame does not overtake the others. Returns: the index, or @n */
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
 * @paths: (array length=n): those that may be used; the preferred one of two that are equal
 *   comes first
 * @n: how many; one at least
 * @size: bytes of the packet on the wire
 * @last: whether the packet is the last one of a frame
 * @now: when it is sent
 *
 * Where a packet arrives first by what the paths may take and how long their ways are. One on
 * which a dozen packets in a row was lost gets no more than a packet now and then, unless
 * there is no other.
 *
 * Returns: the index of the path, which is taken for used
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
