/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Estimates capacity from receiver reports alone, for servers without better feedback. */
#include "config.h"

#include "rcast-coarse.h"

#include "rcast-elapsed.h"

#include <math.h>

/* A report comes every one to five seconds, and tells the share of lost packets and the round trip.
 * That is enough to find out how much arrives when too much is sent, but not whether there is room
 * for more. So there is no limit until something goes wrong. */

/* Reports that are closer, sent along with requests, cover a few packets only. */
#define INTERVAL_LEAST (800 * GST_MSECOND)
#define PACKETS_LEAST 20
/* After a silence of this many intervals, much may have been lost whatever the rate. */
#define SILENCE 2.5
#define SILENCE_LEAST (2 * GST_SECOND)
/* A server that has been silent for this long does not report any more. */
#define REPORT_MAX_AGE (15 * GST_SECOND)
/* The shortest round trip is forgotten after one to two of these. */
#define SHORTEST_WINDOW (30 * GST_SECOND)

/* Excess over the shortest round trip: of a queue that is too long, and of no queue */
#define QUEUE_LONG (100 * GST_MSECOND)
#define QUEUE_SHORT (50 * GST_MSECOND)
/* A queue stands if the next report shows it too: a busy machine may cause one long round trip. */
#define QUEUE_STANDS 2
/* An excess that has hardly shrunk after this many reports is not a queue: the route is longer. */
#define QUEUE_TRIES 4
#define QUEUE_SHORTER 0.7
/* Loss beyond random loss that is too much; and the most that can be random */
#define LOSS_MARGIN 0.04
#define LOSS_MAX_CHANCE 0.4

/* Share of what arrived that is sent after too much was sent */
#define KEPT 0.9
/* The same, to drain a queue that is still there */
#define KEPT_QUEUE 0.65
/* Growth per second: near what was too much; elsewhere, at first and at most */
#define GROWTH_NEAR 0.05
#define GROWTH 0.1
#define GROWTH_MOST 0.3
/* Growth after one report is that of at most this many seconds. */
#define RISE_MOST 2.0
/* After this long above what was too much, the paths have changed. */
#define CALM (4 * GST_SECOND)

/* Starts with nothing known. */
void
gst_rcast_coarse_init (GstRcastCoarse * coarse,
    const GstRcastRateConfig * config)
{
  *coarse = (GstRcastCoarse) {
    .config = *config,
    .target = config->max,
    .reported = GST_CLOCK_TIME_NONE,
    .shortest.values = { GST_RCAST_SHORTEST_UNKNOWN, GST_RCAST_SHORTEST_UNKNOWN },
  };
}

static void
set_target (GstRcastCoarse * coarse, gdouble target)
{
  coarse->target = CLAMP (target, (gdouble) coarse->config.min,
      (gdouble) coarse->config.max);
}

/* Learns how long packets queue on the paths. */
static void
learn_round_trip (GstRcastCoarse * coarse, GstClockTime round_trip,
    GstClockTime now)
{
  gst_rcast_shortest_add (&coarse->shortest, (gint64) round_trip,
      SHORTEST_WINDOW, now);
  coarse->queue = round_trip
      - (GstClockTime) gst_rcast_shortest_get (&coarse->shortest);
  coarse->n_queues = coarse->queue < QUEUE_LONG ? 0 : coarse->n_queues + 1;
  coarse->round_trip = round_trip;
  if (coarse->n_queues == 1) {
    coarse->first_queue = coarse->queue;
    coarse->first_target = coarse->target;
  }
}

static gdouble
get_alarm (const GstRcastCoarse * coarse)
{
  gdouble expected = MAX (coarse->chance, 0.005);

  return expected + LOSS_MARGIN + 3 * sqrt (expected / coarse->expected);
}

/* Returns: whether an apparent queue is a longer route */
static gboolean
is_other_way (GstRcastCoarse * coarse)
{
  if (coarse->n_queues < QUEUE_TRIES
      || coarse->queue < QUEUE_SHORTER * coarse->first_queue)
    return FALSE;
  gst_rcast_shortest_set (&coarse->shortest, (gint64) coarse->round_trip,
      coarse->shortest.since);
  coarse->queue = coarse->n_queues = 0;
  coarse->capacity = 0;
  set_target (coarse, coarse->first_target);
  return TRUE;
}

/* Reduces the target below what arrived. */
static void
cut (GstRcastCoarse * coarse, gdouble sent, GstClockTime now)
{
  if (sent <= 0)
    return;
  coarse->target_before = coarse->target;
  coarse->loss_before = coarse->loss;
  coarse->tried = TRUE;
  coarse->calm = now;
  /* While a queue drains, more arrives than is sent. */
  if (coarse->n_queues <= QUEUE_STANDS || coarse->capacity == 0)
    coarse->capacity = sent * (1 - coarse->loss);
  set_target (coarse, MIN (coarse->target, (coarse->n_queues >
              QUEUE_STANDS ? KEPT_QUEUE : KEPT) * coarse->capacity));
}

/* The lower rate has had its time. Returns: whether it did not help */
static gboolean
judge (GstRcastCoarse * coarse)
{
  coarse->tried = FALSE;
  if (coarse->loss_before == 0 || coarse->loss < 0.6 * coarse->loss_before
      || coarse->loss > LOSS_MAX_CHANCE)
    return FALSE;
  coarse->chance = MAX (coarse->loss, coarse->loss_before);
  coarse->capacity = 0;
  set_target (coarse, coarse->target_before);
  return TRUE;
}

static void
rise (GstRcastCoarse * coarse, gdouble sent, gdouble passed, GstClockTime now)
{
  gdouble calm = (gdouble) gst_rcast_elapsed (coarse->calm, now) / GST_SECOND;
  gdouble growth;

  if (coarse->capacity > 0 && coarse->target > 1.02 * coarse->capacity
      && gst_rcast_elapsed (coarse->calm, now) > MAX (CALM,
          3 * coarse->interval)) {
    coarse->capacity = 0;
    coarse->calm = now;
    calm = 0;
  }
  growth = coarse->capacity > 0 && coarse->target > 0.85 * coarse->capacity ?
      GROWTH_NEAR : MIN (GROWTH + 0.02 * calm, GROWTH_MOST);
  /* A target far above the sent bitrate would be a guess. */
  if (coarse->eager || coarse->target < 1.4 * sent + 50000)
    set_target (coarse, coarse->target * pow (1 + growth, MIN (passed, RISE_MOST)));
}

/* @fresh: whether there was a round trip */
static void
decide (GstRcastCoarse * coarse, gdouble sent, gboolean fresh,
    GstClockTime now)
{
  gdouble passed =
      (gdouble) gst_rcast_elapsed (coarse->decided, now) / GST_SECOND;
  gboolean lossy;

  coarse->loss = MIN ((gdouble) coarse->lost / coarse->expected, 1);
  /* The report of the interval in which the rate was cut covers both rates. */
  if (coarse->tried && coarse->queue < QUEUE_LONG && judge (coarse))
    return;
  lossy = coarse->loss > get_alarm (coarse);
  if (lossy)
    coarse->n_queues = 0;
  if (fresh && coarse->n_queues > 0 && is_other_way (coarse))
    return;
  if ((fresh && coarse->n_queues >= QUEUE_STANDS) || lossy)
    cut (coarse, sent, now);
  else if (coarse->queue < QUEUE_SHORT)
    rise (coarse, sent, passed, now);
  if (coarse->loss < coarse->chance)
    coarse->chance = MAX (coarse->loss, coarse->chance * (1 - 0.1 * passed));
}

static void
begin_interval (GstRcastCoarse * coarse, GstClockTime now)
{
  coarse->expected = coarse->lost = 0;
  coarse->fresh = FALSE;
  coarse->decided = now;
}

/**
 * gst_rcast_coarse_report:
 * @coarse: the estimate
 * @report: the server's report
 * @now: when it came
 *
 * Learns from a report.
 */
void
gst_rcast_coarse_report (GstRcastCoarse * coarse,
    const GstRcastCoarseReport * report, GstClockTime now)
{
  GstClockTime passed;
  gboolean first = !GST_CLOCK_TIME_IS_VALID (coarse->reported);

  if (report->round_trip > 0) {
    learn_round_trip (coarse, report->round_trip, now);
    coarse->fresh = TRUE;
  }
  passed = first ? 0 : gst_rcast_elapsed (coarse->reported, now);
  coarse->reported = now;
  if (first || passed > MAX (SILENCE * coarse->interval, SILENCE_LEAST)) {
    coarse->interval = MAX (passed, GST_SECOND);
    begin_interval (coarse, now);
    return;
  }
  coarse->expected += report->expected;
  coarse->lost += MIN (report->lost, report->expected);
  if (gst_rcast_elapsed (coarse->decided, now) < INTERVAL_LEAST
      || coarse->expected < PACKETS_LEAST)
    return;
  coarse->interval = gst_rcast_elapsed (coarse->decided, now);
  decide (coarse, report->sent, coarse->fresh, now);
  begin_interval (coarse, now);
}

/* @eager: as in gst_rcast_rate_set_eager() */
void
gst_rcast_coarse_set_eager (GstRcastCoarse * coarse, gboolean eager)
{
  coarse->eager = eager;
}

/* Returns: whether the server reports what arrives */
gboolean
gst_rcast_coarse_is_known (const GstRcastCoarse * coarse, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (coarse->reported)
      && now < coarse->reported + REPORT_MAX_AGE;
}

/* Returns: bit/s that may be sent */
guint64
gst_rcast_coarse_get_target (const GstRcastCoarse * coarse)
{
  return coarse->target;
}

/* Returns: share of the packets that were lost lately */
gdouble
gst_rcast_coarse_get_loss (const GstRcastCoarse * coarse)
{
  return coarse->loss;
}
