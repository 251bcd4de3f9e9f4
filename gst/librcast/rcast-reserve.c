/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when uplinks of a lower preference, such as metered ones, have to help. */
#include "config.h"

#include "rcast-reserve.h"

/* The uplinks in use are too thin once more is to be sent for so long: at first their capacity is
 * unknown. Those of better rank suffice again once they could carry all that is sent, and a little
 * more, for so long. */
#define THIN_TIME (3 * GST_SECOND)
#define AMPLE_TIME (5 * GST_SECOND)
#define AMPLE 1.1

/* Returns: the lowest rank above @rank, or @rank: there is none */
static guint
find_above (const guint * ranks, guint n, guint rank)
{
  guint found = rank;

  for (guint i = 0; i < n; i++)
    if (ranks[i] > rank && (found == rank || ranks[i] < found))
      found = ranks[i];
  return found;
}

/* Returns: the highest rank below @rank, or @rank: there is none */
static guint
find_below (const guint * ranks, guint n, guint rank)
{
  guint found = rank;

  for (guint i = 0; i < n; i++)
    if (ranks[i] < rank && (found == rank || ranks[i] > found))
      found = ranks[i];
  return found;
}

static void
move (GstRcastReserve * reserve, guint rank)
{
  reserve->rank = rank;
  reserve->thin = reserve->ample = 0;
}

/* @ranks: (array length=n): of the uplinks that work. If no uplink in use works, the next rank
 *   helps */
void
gst_rcast_reserve_see (GstRcastReserve * reserve, const guint * ranks, guint n)
{
  for (guint i = 0; i < n; i++)
    if (ranks[i] <= reserve->rank)
      return;
  if (n > 0)
    move (reserve, find_above (ranks, n, reserve->rank));
}

/* Returns: whether the condition has held for @time */
static gboolean
lasts (GstClockTime * since, gboolean is_so, GstClockTime time,
    GstClockTime now)
{
  if (!is_so)
    *since = 0;
  else if (*since == 0)
    *since = now;
  return is_so && now >= *since + time;
}

/**
 * gst_rcast_reserve_weigh:
 * @reserve: which uplinks carry
 * @ranks: (array length=n): of the uplinks that work
 * @n: number of @ranks
 * @load: the load of the uplinks
 * @now: the time
 *
 * Adds the next rank once the uplinks in use have been too thin for long, and drops the worst rank
 * once it is not needed any more.
 */
void
gst_rcast_reserve_weigh (GstRcastReserve * reserve, const guint * ranks,
    guint n, const GstRcastReserveLoad * load, GstClockTime now)
{
  guint above = find_above (ranks, n, reserve->rank);
  guint below = find_below (ranks, n, reserve->rank);
  gboolean thin = lasts (&reserve->thin, load->eager
      && above > reserve->rank, THIN_TIME, now);
  gboolean ample = lasts (&reserve->ample, below < reserve->rank
      && load->better >= AMPLE * load->sent, AMPLE_TIME, now);

  if (thin)
    move (reserve, above);
  else if (ample)
    move (reserve, below);
}
