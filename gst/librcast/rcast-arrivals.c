/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What arrived of the packets of one path: how long they waited, and how fast they came. */
#include "config.h"

#include "rcast-arrivals.h"

#include <stdlib.h>

/* Packets with feedback, of the last two seconds */
#define N_SAMPLES 4096
#define SAMPLES_KEPT (2 * GST_SECOND)
/* The shortest way is forgotten after one to two of these: routes change. */
#define SHORTEST_WINDOW (10 * GST_SECOND)

/* Nothing arrives for so long: something stood still. */
#define STANDSTILL (60 * GST_MSECOND)
/* So much time in which the path was not idle tells what it carries, if so many packets
 * arrived in it; on a path with a gap before each packet it takes longer. */
#define BUSY_WINDOW (160 * GST_MSECOND)
#define BUSY_LEAST 4
#define BUSY_OLDEST (400 * GST_MSECOND)
#define BUSY_OLDEST_THIN GST_SECOND

/* Packets that are closer have waited for their receiver, and tell nothing of the path; so
 * many others do. */
#define SPACED_CLOSEST (250 * GST_USECOND)
#define SPACED_LEAST 8

/* Of so many packets that left together with the one before them, one tells nothing; no more
 * are looked at, and none that is older. */
#define LINE_LEAST 5
#define LINE_MOST 15
#define LINE_OLDEST GST_SECOND

/* So many packets that are lost in a row are no chance. Where the few before them did not wait,
 * no buffer has overflowed; if those behind them take so much longer, or less, the path has
 * become another one meanwhile, as a radio's does that changes the cell. */
#define GAP_LEAST 12
#define GAP_BEFORE 4
#define DETOUR (35 * GST_MSECOND)

/* Clocks of receivers are that coarse. */
#define CLOCK_JITTER (1 * GST_MSECOND)

/* Longer than any */
#define WAY_UNKNOWN G_MAXINT64

typedef struct
{
  GstClockTime time;            /* of the feedback */
  GstClockTime arrival;         /* of the receiver's clock; NONE: lost */
  GstClockTimeDiff way;         /* arrival minus time of sending: two clocks; not
                                 * known: WAY_UNKNOWN */
  guint32 size;
} Sample;

/* Packets that arrived one behind the other */
typedef struct
{
  guint n;
  guint64 bits;
  GstClockTime took, longest;
  guint n_spaced;
  guint64 bits_spaced;
} Busy;

struct _GstRcastArrivals
{
  Sample samples[N_SAMPLES];
  guint first, n;
  GstClockTime newest;          /* arrival, when the samples were last looked at */
  GstClockTimeDiff shortest[2]; /* way, in this and the last window */
  GstClockTime shortest_since;
};

/* What is known of the path is forgotten, too. */
void
gst_rcast_arrivals_clear (GstRcastArrivals * self, GstClockTime now)
{
  self->first = self->n = 0;
  self->newest = 0;
  self->shortest[0] = self->shortest[1] = WAY_UNKNOWN;
  self->shortest_since = now;
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
  return MIN (self->shortest[0], self->shortest[1]);
}

/* Whether a packet that takes @way comes by another path than those before it */
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

/* Returns: whether the ways before are those of another path */
static gboolean
learn_way (GstRcastArrivals * self, GstClockTimeDiff way, GstClockTime now)
{
  gboolean detour = is_detour (self, way);

  if (detour) {
    self->shortest[0] = self->shortest[1] = WAY_UNKNOWN;
    self->shortest_since = now;
  }
  if (now - self->shortest_since > SHORTEST_WINDOW) {
    self->shortest[1] = self->shortest[0];
    self->shortest[0] = WAY_UNKNOWN;
    self->shortest_since = now;
  }
  self->shortest[0] = MIN (self->shortest[0], way);
  return detour;
}

/**
 * gst_rcast_arrivals_add:
 * @self: the arrivals
 * @sent: when the packet was sent, or %GST_CLOCK_TIME_NONE: it was sent on several paths,
 *   and nobody knows which copy arrived
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @size: bytes on the wire
 * @now: when the feedback came
 *
 * Returns: whether the path has become another one after many packets in a row that were lost:
 *   its shortest way is a new one, and they say nothing of what it carries
 */
gboolean
gst_rcast_arrivals_add (GstRcastArrivals * self, GstClockTime sent,
    GstClockTime arrival, gsize size, GstClockTime now)
{
  Sample sample = { now, arrival, WAY_UNKNOWN, size };
  gboolean detour = FALSE;

  if (GST_CLOCK_TIME_IS_VALID (arrival) && GST_CLOCK_TIME_IS_VALID (sent)) {
    sample.way = GST_CLOCK_DIFF (sent, arrival);
    detour = learn_way (self, sample.way, now);
  }
  if (self->n == N_SAMPLES)
    drop_oldest (self);
  *get_sample (self, self->n++) = sample;
  return detour;
}

/* To be called after a report, before anything is asked for */
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

/* @way: (out): the shortest of the last seconds, from the clock of the sender to that of the
 *   receiver
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

/* Returns: the least wait of the packets of the last @window */
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

/* Whether the path was not idle in the @gap before @sample: it waited for so long */
static gboolean
is_busy (GstRcastArrivals * self, const Sample * sample, GstClockTime gap)
{
  return sample->way != WAY_UNKNOWN && sample->way - get_shortest (self)
      + CLOCK_JITTER >= (GstClockTimeDiff) gap;
}

static void
add_busy (Busy * busy, const Sample * sample, GstClockTime gap)
{
  busy->n++;
  busy->bits += 8 * (guint64) sample->size;
  busy->took += gap;
  busy->longest = MAX (busy->longest, gap);
  if (gap < SPACED_CLOSEST)
    return;
  busy->n_spaced++;
  busy->bits_spaced += 8 * (guint64) sample->size;
}

/* From the newest back, as packets may overtake one another */
static void
find_busy (GstRcastArrivals * self, gboolean thin, Busy * busy)
{
  GstClockTime oldest = thin ? BUSY_OLDEST_THIN : BUSY_OLDEST;
  GstClockTime edge = GST_CLOCK_TIME_NONE;
  const Sample *behind = NULL;

  for (guint i = self->n; i-- > 0 && (thin || busy->took < BUSY_WINDOW);) {
    const Sample *sample = get_sample (self, i);
    GstClockTime gap;

    if (is_lost (sample))
      continue;
    if (sample->arrival + oldest < self->newest)
      break;
    gap = edge - MIN (edge, sample->arrival);
    if (behind && (thin || gap < STANDSTILL) && is_busy (self, behind, gap))
      add_busy (busy, behind, gap);
    behind = sample;
    edge = MIN (edge, sample->arrival);
  }
}

/**
 * gst_rcast_arrivals_get_delivered:
 * @self: the arrivals
 * @thin: whether each packet may have such a gap before it as standstills leave
 * @took: (out) (optional): the time in which they arrived
 *
 * How fast the newest packets arrived that waited one behind the other. The gaps that
 * standstills leave do not count; of a thin path it is the longest alone that does not.
 *
 * Returns: bit/s, or 0: too few have waited
 */
gdouble
gst_rcast_arrivals_get_delivered (GstRcastArrivals * self, gboolean thin,
    GstClockTime * took)
{
  Busy busy = { 0, };

  find_busy (self, thin, &busy);
  if (thin)
    busy.took -= busy.longest;
  if (busy.n < BUSY_LEAST)
    busy = (Busy) { 0, };
  if (took)
    *took = busy.took;
  return (gdouble) busy.bits * GST_SECOND / MAX (busy.took, CLOCK_JITTER);
}

/* Returns: bit/s at which packets follow one another on the path, be it full or not: those
 * of a frame, which are sent at once. 0: too few do */
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

/* Returns: bit/s at which packets follow one another that left together, whoever else is on
 * the path: half of them are slower. 0: too few do */
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

/* @runs: (out): in which as many packets as there are in a row are lost
 * Returns: the packets that there is feedback about since @begin; of these, @lost are */
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
