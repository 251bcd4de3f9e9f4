/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrivals of the packets of one path: how long they queued, and at what rate they arrived. */
#include "config.h"

#include "rcast-arrivals.h"

#include "rcast-elapsed.h"
#include "rcast-shortest.h"

#include <stdlib.h>

/* Packets with feedback that are kept, up to two seconds old */
#define N_SAMPLES 4096
#define SAMPLES_KEPT (2 * GST_SECOND)
/* The shortest one-way delay is forgotten after one to two of these: routes change. */
#define SHORTEST_WINDOW (10 * GST_SECOND)

/* A gap of this length in the arrivals means that something stood still. */
#define STANDSTILL (60 * GST_MSECOND)
/* Capacity is measured over this much time in which the path was not idle, if at least this many
 * packets arrived. A path with a gap before each packet takes longer. */
#define BUSY_WINDOW (160 * GST_MSECOND)
#define BUSY_LEAST 4
#define BUSY_OLDEST (400 * GST_MSECOND)
#define BUSY_OLDEST_THIN GST_SECOND

/* Packets that are closer have waited in the receiver and tell nothing of the path. At least this
 * many others are needed. */
#define SPACED_CLOSEST (250 * GST_USECOND)
#define SPACED_LEAST 8

/* The line rate takes at least this many packets that left together with the one before, looks at
 * this many at most, and at none that is older. */
#define LINE_LEAST 5
#define LINE_MOST 15
#define LINE_OLDEST GST_SECOND

/* A queue grows steadily if at least SLOWED_LEAST packets arrive, none older than SLOWED_OLDEST,
 * and the queue grows meanwhile by one SLOWED_PART-th of the time and by SLOWED_GROWTH more than
 * the longest gap, which may be a standstill. */
#define SLOWED_LEAST 5
#define SLOWED_GROWTH (25 * GST_MSECOND)
#define SLOWED_PART 4
#define SLOWED_OLDEST (400 * GST_MSECOND)

/* This many packets in a row are never lost by chance. If the last ones before the gap did not
 * queue, no buffer overflowed. If the ones after it take this much longer or shorter, the path has
 * changed, as when a radio changes the cell. */
#define GAP_LEAST 12
#define GAP_BEFORE 4
#define DETOUR (35 * GST_MSECOND)

/* Resolution of receiver clocks */
#define CLOCK_JITTER (1 * GST_MSECOND)

/* Longer than any delay */
#define WAY_UNKNOWN GST_RCAST_SHORTEST_UNKNOWN

typedef struct
{
  GstClockTime time;            /* when the feedback came */
  GstClockTime arrival;         /* by the receiver's clock; NONE: lost */
  GstClockTimeDiff way;         /* arrival minus departure, by two clocks; WAY_UNKNOWN:
                                 * not known */
  guint32 size;
  gboolean guessed;             /* @arrival is the earliest possible time */
} Sample;

/* Packets that queued one behind the other */
typedef struct
{
  guint n;
  guint64 bits;
  GstClockTime took, longest;
  guint n_spaced;
  guint64 bits_spaced;
  guint n_guessed;              /* packets whose arrivals are guessed, whether they queued or not */
} Busy;

/* Packets with guessed arrivals, between two whose arrivals are known */
typedef struct
{
  guint n;
  guint64 bytes;
} Between;

struct _GstRcastArrivals
{
  Sample samples[N_SAMPLES];
  guint first, n;
  GstClockTime newest;          /* latest arrival, as of gst_rcast_arrivals_settle() */
  GstRcastShortest shortest;    /* one-way delay */
};

/* Also forgets what is known of the path. */
void
gst_rcast_arrivals_clear (GstRcastArrivals * self, GstClockTime now)
{
  self->first = self->n = 0;
  self->newest = 0;
  gst_rcast_shortest_set (&self->shortest, WAY_UNKNOWN, now);
}

GstRcastArrivals *
gst_rcast_arrivals_new (GstClockTime now)
{
  GstRcastArrivals *self = g_new0 (GstRcastArrivals, 1);

  gst_rcast_arrivals_clear (self, now);
  return self;
}

void
gst_rcast_arrivals_free (GstRcastArrivals * self)
{
  g_free (self);
}

static Sample *
get_sample (GstRcastArrivals * self, guint i)
{
  return &self->samples[(self->first + i) % N_SAMPLES];
}

static void
drop_oldest (GstRcastArrivals * self)
{
  self->first = (self->first + 1) % N_SAMPLES;
  self->n--;
}

static gboolean
is_lost (const Sample * sample)
{
  return !GST_CLOCK_TIME_IS_VALID (sample->arrival);
}

static GstClockTimeDiff
get_shortest (const GstRcastArrivals * self)
{
  return gst_rcast_shortest_get (&self->shortest);
}

/* Whether a packet with one-way delay @way took another path than those before it */
static gboolean
is_detour (GstRcastArrivals * self, GstClockTimeDiff way)
{
  GstClockTimeDiff before = WAY_UNKNOWN;
  guint n_lost = 0, n = 0;

  for (guint i = self->n; i-- > 0 && n < GAP_BEFORE;) {
    const Sample *sample = get_sample (self, i);

    if (is_lost (sample)) {
      n_lost++;
    } else if (sample->way != WAY_UNKNOWN) {
      if (n_lost < GAP_LEAST)
        return FALSE;
      before = MIN (before, sample->way);
      n++;
    }
  }
  return n > 0 && before - get_shortest (self) <= DETOUR
      && ABS (way - before) > DETOUR;
}

/* Returns: whether earlier delays belong to another path */
static gboolean
learn_way (GstRcastArrivals * self, GstClockTimeDiff way, GstClockTime now)
{
  gboolean detour = is_detour (self, way);

  if (detour)
    gst_rcast_shortest_set (&self->shortest, WAY_UNKNOWN, now);
  gst_rcast_shortest_add (&self->shortest, way, SHORTEST_WINDOW, now);
  return detour;
}

static void
append (GstRcastArrivals * self, const Sample * sample)
{
  if (self->n == N_SAMPLES)
    drop_oldest (self);
  *get_sample (self, self->n++) = *sample;
}

/**
 * gst_rcast_arrivals_add:
 * @self: the arrivals
 * @sent: when the packet was sent, or %GST_CLOCK_TIME_NONE: it was sent on several paths, and it
 *   is not known which copy arrived
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @size: bytes on the wire
 * @now: when the feedback came
 *
 * Returns: whether the path has changed after many packets in a row were lost: its shortest delay
 *   starts anew, and the losses say nothing of its capacity
 */
gboolean
gst_rcast_arrivals_add (GstRcastArrivals * self, GstClockTime sent,
    GstClockTime arrival, gsize size, GstClockTime now)
{
  Sample sample = { now, arrival, WAY_UNKNOWN, size, FALSE };
  gboolean detour = FALSE;

  if (GST_CLOCK_TIME_IS_VALID (arrival) && GST_CLOCK_TIME_IS_VALID (sent)) {
    sample.way = GST_CLOCK_DIFF (sent, arrival);
    detour = learn_way (self, sample.way, now);
  }
  append (self, &sample);
  return detour;
}

/* As gst_rcast_arrivals_add(), for a packet that arrived at @arrival or later: no feedback says
 * when. The guess does not shorten the shortest delay: after a wrong one, each packet would seem to
 * queue. */
void
gst_rcast_arrivals_guess (GstRcastArrivals * self, GstClockTime sent,
    GstClockTime arrival, gsize size, GstClockTime now)
{
  Sample sample = { now, arrival, WAY_UNKNOWN, size, TRUE };

  if (GST_CLOCK_TIME_IS_VALID (sent) && get_shortest (self) != WAY_UNKNOWN)
    sample.way = MAX (GST_CLOCK_DIFF (sent, arrival), get_shortest (self));
  append (self, &sample);
}

/* Call it after a report, before the getters. */
void
gst_rcast_arrivals_settle (GstRcastArrivals * self, GstClockTime now)
{
  while (self->n > 0 && get_sample (self, 0)->time + SAMPLES_KEPT < now)
    drop_oldest (self);
  self->newest = 0;
  for (guint i = 0; i < self->n; i++) {
    const Sample *sample = get_sample (self, i);

    if (!is_lost (sample))
      self->newest = MAX (self->newest, sample->arrival);
  }
}

gboolean
gst_rcast_arrivals_is_empty (const GstRcastArrivals * self)
{
  return self->n == 0;
}

/* @way: (out): the shortest one-way delay of the last seconds, from the sender's clock to the
 *   receiver's
 * Returns: whether it is known */
gboolean
gst_rcast_arrivals_get_way (const GstRcastArrivals * self,
    GstClockTimeDiff * way)
{
  GstClockTimeDiff shortest = get_shortest (self);

  if (shortest == WAY_UNKNOWN)
    return FALSE;
  *way = shortest;
  return TRUE;
}

/* Returns: the shortest queueing delay of packets in the last @window */
GstClockTime
gst_rcast_arrivals_get_queue (GstRcastArrivals * self, GstClockTime window)
{
  GstClockTimeDiff least = WAY_UNKNOWN;

  for (guint i = 0; i < self->n; i++) {
    const Sample *sample = get_sample (self, i);

    if (!is_lost (sample) && sample->arrival + window > self->newest)
      least = MIN (least, sample->way);
  }
  return least == WAY_UNKNOWN ? 0 : MAX (least - get_shortest (self), 0);
}

/* Returns: bit/s that arrived in the last @window */
gdouble
gst_rcast_arrivals_get_received (GstRcastArrivals * self, GstClockTime window)
{
  guint64 bits = 0;

  for (guint i = 0; i < self->n; i++) {
    const Sample *sample = get_sample (self, i);

    if (!is_lost (sample) && sample->arrival + window > self->newest)
      bits += 8 * (guint64) sample->size;
  }
  return (gdouble) bits * GST_SECOND / window;
}

/* Whether the path was busy during the @gap before @sample: the packet queued at least as long */
static gboolean
is_busy (GstRcastArrivals * self, const Sample * sample, GstClockTime gap)
{
  return sample->way != WAY_UNKNOWN && sample->way - get_shortest (self)
      + CLOCK_JITTER >= (GstClockTimeDiff) gap;
}

static void
add_between (Between * between, const Sample * sample)
{
  between->n++;
  between->bytes += sample->size;
}

/* @between: the packets with guessed arrivals in the gap */
static void
add_busy (Busy * busy, const Sample * sample, GstClockTime gap,
    const Between * between)
{
  busy->n += 1 + between->n;
  busy->bits += 8 * (guint64) (sample->size + between->bytes);
  busy->took += gap;
  busy->longest = MAX (busy->longest, gap);
  if (gap < SPACED_CLOSEST || between->n > 0)
    return;
  busy->n_spaced++;
  busy->bits_spaced += 8 * (guint64) sample->size;
}

/* Walks back from the newest packet, since packets may overtake one another. */
static void
find_busy (GstRcastArrivals * self, gboolean thin, Busy * busy)
{
  GstClockTime oldest = thin ? BUSY_OLDEST_THIN : BUSY_OLDEST;
  GstClockTime edge = GST_CLOCK_TIME_NONE;
  const Sample *behind = NULL;
  Between between = { 0, };

  for (guint i = self->n; i-- > 0 && (thin || busy->took < BUSY_WINDOW);) {
    const Sample *sample = get_sample (self, i);
    GstClockTime gap;

    if (is_lost (sample))
      continue;
    if (sample->arrival + oldest < self->newest)
      break;
    if (sample->guessed) {
      busy->n_guessed++;
      add_between (&between, sample);
      continue;
    }
    gap = edge - MIN (edge, sample->arrival);
    if (behind && (thin || gap < STANDSTILL) && is_busy (self, behind, gap))
      add_busy (busy, behind, gap, &between);
    between = (Between) { 0, };
    behind = sample;
    edge = MIN (edge, sample->arrival);
  }
}

/**
 * gst_rcast_arrivals_get_delivered:
 * @self: the arrivals
 * @thin: whether a gap as long as a standstill may precede any packet
 * @took: (out) (optional): the time in which they arrived
 *
 * How fast the newest packets arrived that queued one behind the other. Gaps from standstills do
 * not count; on a thin path, only the longest gap does not. If too few packets of a thin path show
 * a queue, and some arrivals are guessed, all packets of the last %BUSY_OLDEST count.
 *
 * Returns: bit/s, or 0: too few packets queued
 */
gdouble
gst_rcast_arrivals_get_delivered (GstRcastArrivals * self, gboolean thin,
    GstClockTime * took)
{
  Busy busy = { 0, };

  find_busy (self, thin, &busy);
  if (thin && busy.n < BUSY_LEAST && busy.n_guessed > 0) {
    if (took)
      *took = BUSY_OLDEST;
    return gst_rcast_arrivals_get_received (self, BUSY_OLDEST);
  }
  if (thin)
    busy.took -= busy.longest;
  if (busy.n < BUSY_LEAST)
    busy = (Busy) { 0, };
  if (took)
    *took = busy.took;
  return (gdouble) busy.bits * GST_SECOND / MAX (busy.took, CLOCK_JITTER);
}

/**
 * gst_rcast_arrivals_get_full:
 * @self: the arrivals
 * @thin: whether the path itself may cause gaps as long as a standstill
 * @standing: time in which there has been a queue all along; 0: it has not stood
 *
 * Returns: bit/s that the full path carries, or 0: too few packets queued
 */
gdouble
gst_rcast_arrivals_get_full (GstRcastArrivals * self, gboolean thin,
    GstClockTime standing)
{
  gdouble full = gst_rcast_arrivals_get_delivered (self, FALSE, NULL);
  gdouble received;

  if (full == 0 && thin)
    full = gst_rcast_arrivals_get_delivered (self, TRUE, NULL);
  if (standing == 0)
    return full;
  received = gst_rcast_arrivals_get_received (self, standing);
  return full > 0 ? MIN (full, received) : received;
}

/* Returns: bit/s at which consecutive packets arrive, whether the path is full or not: the packets
 * of one frame, which are sent at once. 0: too few of them */
gdouble
gst_rcast_arrivals_get_spaced (GstRcastArrivals * self)
{
  Busy busy = { 0, };

  find_busy (self, FALSE, &busy);
  return busy.n_spaced < SPACED_LEAST ? 0 :
      (gdouble) busy.bits_spaced * GST_SECOND / busy.took;
}

static gint
compare_rates (gconstpointer a, gconstpointer b)
{
  gdouble left = *(const gdouble *) a, right = *(const gdouble *) b;

  return left < right ? -1 : left > right;
}

/* Returns: bit/s at which packets sent together arrive, whoever else uses the path: the median. 0:
 * too few of them */
gdouble
gst_rcast_arrivals_get_line (GstRcastArrivals * self)
{
  gdouble rates[LINE_MOST];
  const Sample *behind = NULL;
  guint n = 0;

  for (guint i = self->n; i-- > 0 && n < LINE_MOST;) {
    const Sample *sample = get_sample (self, i);
    GstClockTimeDiff gap, left;

    if (is_lost (sample) || sample->way == WAY_UNKNOWN)
      continue;
    if (sample->guessed) {
      behind = NULL;
      continue;
    }
    if (sample->arrival + LINE_OLDEST < self->newest)
      break;
    if (behind) {
      gap = GST_CLOCK_DIFF (sample->arrival, behind->arrival);
      left = gap - (behind->way - sample->way);
      if (gap >= SPACED_CLOSEST && left >= 0 && left <= gap / 4)
        rates[n++] = 8.0 * behind->size * GST_SECOND / gap;
    }
    behind = sample;
  }
  if (n < LINE_LEAST)
    return 0;
  qsort (rates, n, sizeof *rates, compare_rates);
  return rates[n / 2];
}

/* @growth: growth of the queue while the packets of @busy arrived */
static gboolean
is_slowed (const Busy * busy, GstClockTimeDiff growth)
{
  return busy->n >= SLOWED_LEAST
      && growth >= (GstClockTimeDiff) (busy->longest + SLOWED_GROWTH)
      && growth * SLOWED_PART >= (GstClockTimeDiff) busy->took;
}

/* Returns: bit/s at which the newest packets arrived, if the queue grew steadily; else 0 */
gdouble
gst_rcast_arrivals_get_slowed (GstRcastArrivals * self)
{
  const Sample *newest = NULL, *behind = NULL;
  Between between = { 0, };
  Busy busy = { 0, };

  for (guint i = self->n; i-- > 0;) {
    const Sample *sample = get_sample (self, i);

    if (is_lost (sample))
      continue;
    if (sample->guessed || sample->way == WAY_UNKNOWN) {
      add_between (&between, sample);
      continue;
    }
    if (sample->arrival + SLOWED_OLDEST < self->newest)
      break;
    if (behind)
      add_busy (&busy, behind, behind->arrival - MIN (behind->arrival,
              sample->arrival), &between);
    else
      newest = sample;
    between = (Between) { 0, };
    behind = sample;
    if (is_slowed (&busy, newest->way - sample->way))
      return (gdouble) busy.bits * GST_SECOND / busy.took;
  }
  return 0;
}

/* @lost: (out): number of lost packets
 * @runs: (out): number of runs of consecutive losses
 * Returns: number of packets with feedback since @begin */
guint
gst_rcast_arrivals_count (GstRcastArrivals * self, GstClockTime begin,
    guint * lost, guint * runs)
{
  gboolean before = FALSE;
  guint n = 0;

  *lost = *runs = 0;
  for (guint i = 0; i < self->n; i++) {
    const Sample *sample = get_sample (self, i);

    if (sample->time > begin) {
      n++;
      *lost += is_lost (sample);
      *runs += is_lost (sample) && !before;
      before = is_lost (sample);
    }
  }
  return n;
}
