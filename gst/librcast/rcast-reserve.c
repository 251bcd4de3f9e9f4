/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When uplinks that are not preferred, because they are metered, have to carry a part. */
#include "config.h"

#include "rcast-reserve.h"

/* The better ones are too thin once more is to be sent for so long: at first it is not known
 * what they carry. They are wide enough again once they could take all that is sent, and a
 * little more, for so long. */
#define THIN_TIME (3 * GST_SECOND)
#define AMPLE_TIME (5 * GST_SECOND)
#define AMPLE 1.1

/* Returns: the least rank above @rank, or @rank: there is none */
static guint
find_above (const guint * ranks, guint n, guint rank)
{
  guint found = rank;

  for (guint i = 0; i < n; i++)
    if (ranks[i] > rank && (found == rank || ranks[i] < found))
      found = ranks[i];
  return found;
}

/* The same below */
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

/* @ranks: (array length=n): of the uplinks that work: without a better one the next carries */
void
gst_rcast_reserve_see (GstRcastReserve * reserve, const guint * ranks, guint n)
{
  for (guint i = 0; i < n; i++)
    if (ranks[i] <= reserve->rank)
      return;
  if (n > 0)
    move (reserve, find_above (ranks, n, reserve->rank));
}

/* Returns: whether it has been so for @time */
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
 * @n: how many
 * @load: how much there is to carry
 * @now: the time
 *
 * Takes the next rank in when those that carry are too thin for long, and leaves it when it is
 * not needed any more.
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
