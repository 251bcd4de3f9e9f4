/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The congestion controller of one path, fed with what was sent and what arrived. */
#include "config.h"

#include "rcast-rate.h"

#include "rcast-arrivals.h"
#include "rcast-ceiling.h"
#include "rcast-chance.h"
#include "rcast-departures.h"
#include "rcast-elapsed.h"
#include "rcast-pacer.h"
#include "rcast-rivals.h"
#include "rcast-shallow.h"

#include <math.h>
#include <string.h>

/* The queue of a path is the time that packets take beyond the shortest recent way. While a
 * queue stands, the path is full, and its capacity is the rate at which packets arrive one
 * behind the other: one look replaces a search. A path or a machine that stood still also leaves
 * a queue, but that arrives faster than it was sent and is no reason to send less. Loss without
 * a queue is put to the test: if a lower rate loses less, the buffer is short. If not, the loss
 * is chance, and no reason to send less. */

/* Window for the received rate */
#define RECEIVED_WINDOW (400 * GST_MSECOND)
/* No queue that a standstill leaves lasts for so long. */
#define STANDING_WINDOW GST_SECOND
#define LOSS_WINDOW (1 * GST_SECOND)
/* The shortest wait within three frames counts: one key frame is no queue. */
#define QUEUE_WINDOW (120 * GST_MSECOND)

/* A queue is too long from QUEUE_LONG on, and gone at QUEUE_SHORT. A short buffer overflows sooner,
 * as the queue is longer behind each large packet. */
#define QUEUE_LONG (35 * GST_MSECOND)
#define QUEUE_LONG_SHALLOW (20 * GST_MSECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)

/* A path that is busy for this share of the time is full. */
#define BUSY 0.75

/* Loss in a shorter queue indicates a short buffer. */
#define SHALLOW_QUEUE (60 * GST_MSECOND)

/* Two packets */
#define BURST 2400

/* Beside a rival: share of the rate to keep after loss, and to send when testing whether the rival
 * is still there */
#define RIVAL_KEPT 0.9
#define RIVAL_TEST 0.5

/* Longest interval between ticks, unless the process stood still. */
#define TICK_MAX (150 * GST_MSECOND)

/* After so long without sending, the server owes no feedback. */
#define PAUSE (500 * GST_MSECOND)

/* After so long without a word, the server gives no feedback any more. */
#define BLIND_MAX (10 * GST_SECOND)

/* Least interval between decisions */
#define DECISION_INTERVAL (20 * GST_MSECOND)

/* For so long, arrivals from before the path was full hide how little the path carries. */
#define STALE_TIME (80 * GST_MSECOND)
/* Wait so long before measuring a queue whose arrival rate is not evident. */
#define SUDDEN_TIME (200 * GST_MSECOND)
/* Largest share of the rate to hold back so that a queue empties */
#define DRAIN_MOST 0.53
/* If packets arrive so much faster than the target, the path is not full. */
#define NOT_FULL 1.5

struct _GstRcastRate
{
  GstRcastRateConfig config;
  gboolean eager;               /* the source wants more than the target allows */
  gboolean limited;             /* the target waits for the source to send more */
  GstRcastRateState state;
  GstClockTime since;           /* when the state began */

  gdouble target;
  GstRcastCeiling ceiling;
  GstClockTime cut;             /* when the target was lowered last, or NONE */
  GstClockTime cut_queue;       /* the queue that was the reason */
  gdouble target_blind;         /* target before feedback ceased */
  GstClockTime rising;          /* since when there is no trouble */
  GstClockTime decided;
  GstClockTime full_since;      /* when a long queue began, or NONE */
  gdouble target_full;          /* target before the queue */
  GstRcastRivals rivals;        /* who shares the queue */
  GstRcastShallow shallow;      /* whether bursts are lost */
  GstRcastChance chance;        /* loss that does not depend on the rate */
  GstClockTime loss_since;      /* earlier loss has been dealt with */

  GstRcastDepartures *departures;
  GstClockTime last_feedback;   /* NONE: none */
  GstClockTime awake;           /* when the process was last seen to run */
  GstClockTime feedback_gap;    /* between the last two reports */
  GstRcastArrivals *arrivals;
  GstClockTime round_trip;      /* 0: not known */

  /* Results of the arrivals */
  GstClockTime queue;
  gdouble received, loss;
  gdouble spaced;               /* bit/s at which packets follow one another */
  gdouble line;                 /* the same for packets that left together */
  GstRcastChanceCount counted;  /* for the loss */
};

static void
enter (GstRcastRate * self, GstRcastRateState state, GstClockTime now)
{
  if (self->state != state)
    self->since = now;
  self->state = state;
}

static void
set_target (GstRcastRate * self, gdouble target)
{
  self->target = CLAMP (target, (gdouble) self->config.min,
      (gdouble) self->config.max);
}

/* Forgets the path itself, but not the target. */
static void
forget_path (GstRcastRate * self, GstClockTime now)
{
  gst_rcast_departures_clear (self->departures, now);
  gst_rcast_arrivals_clear (self->arrivals, now);
  self->loss_since = self->awake = self->rising = self->decided = self->since =
      now;
  self->cut = self->full_since = GST_CLOCK_TIME_NONE;
  self->last_feedback = GST_CLOCK_TIME_NONE;
  self->shallow = (GstRcastShallow) { 0, };
  gst_rcast_chance_init (&self->chance);
  gst_rcast_rivals_init (&self->rivals);
  self->feedback_gap = self->round_trip = self->queue =
      self->cut_queue = 0;
  self->received = self->loss = self->spaced = self->target_full = 0;
  self->line = 0;
  self->limited = FALSE;
  gst_rcast_ceiling_init (&self->ceiling, now);
  self->state = GST_RCAST_RATE_START;
}

/**
 * gst_rcast_rate_new:
 * @config: the limits
 * @now: the time
 *
 * Returns: a controller that knows nothing yet
 */
GstRcastRate *
gst_rcast_rate_new (const GstRcastRateConfig * config, GstClockTime now)
{
  GstRcastRate *self = g_new0 (GstRcastRate, 1);

  self->config = *config;
  self->departures = gst_rcast_departures_new (now);
  self->arrivals = gst_rcast_arrivals_new (now);
  forget_path (self, now);
  set_target (self, config->start);
  return self;
}

void
gst_rcast_rate_free (GstRcastRate * self)
{
  gst_rcast_departures_free (self->departures);
  gst_rcast_arrivals_free (self->arrivals);
  g_free (self);
}

/* Applies other limits; the start no longer matters. */
void
gst_rcast_rate_configure (GstRcastRate * self, const GstRcastRateConfig * config)
{
  self->config = *config;
  set_target (self, self->target);
}

/**
 * gst_rcast_rate_restart:
 * @self: the controller
 * @now: the time
 *
 * The path is another one, or was away. Its capacity is unknown, but half of the earlier one is a
 * good guess. If the path carries that, the controller soon tries the earlier rate.
 */
void
gst_rcast_rate_restart (GstRcastRate * self, GstClockTime now)
{
  const GstRcastCeiling before = self->ceiling;
  gdouble known = before.capacity > 0 ? before.capacity / 2 :
      MAX (self->config.start, before.best / 2);

  known = MIN (known, self->target);
  forget_path (self, now);
  self->ceiling.best = before.best;
  self->ceiling.recalled = before.recalled;
  set_target (self, known);
}

/**
 * gst_rcast_rate_recall:
 * @self: a controller that knows nothing yet
 * @known: what gst_rcast_rate_get_known() said of the same uplink earlier
 * @now: the time
 *
 * Half of what the uplink carried is a good guess, and all of it if that is less than the
 * start. If the path carries that, the controller soon tries the earlier rate.
 */
void
gst_rcast_rate_recall (GstRcastRate * self, guint64 known, GstClockTime now)
{
  self->ceiling.best = known;
  self->ceiling.best_seen = now;
  self->ceiling.recalled = TRUE;
  set_target (self, MAX (known / 2, MIN (self->config.start, known)));
}

/**
 * gst_rcast_rate_try:
 * @self: the controller
 * @target: bit/s to try
 * @now: the time
 *
 * Nothing was sent for want of room, so that nothing shows whether there is more room now. The
 * controller forgets the path and tries as much as would be of use.
 */
void
gst_rcast_rate_try (GstRcastRate * self, guint64 target, GstClockTime now)
{
  forget_path (self, now);
  set_target (self, target);
}

/* A probe is under way: loss that is reported before @until may be its own doing and does not
 * count. A queue does. */
void
gst_rcast_rate_excuse_loss (GstRcastRate * self, GstClockTime until)
{
  self->loss_since = MAX (self->loss_since, until);
}

/**
 * gst_rcast_rate_show:
 * @self: the controller
 * @shown: bit/s on the wire
 * @now: the time
 *
 * A probe has shown that the path carries @shown without a queue, so the target is at least that.
 * A lower capacity that was known is forgotten.
 */
void
gst_rcast_rate_show (GstRcastRate * self, guint64 shown, GstClockTime now)
{
  gst_rcast_ceiling_show (&self->ceiling, shown, now);
  set_target (self, MAX (self->target, shown));
}

static void
learn_round_trip (GstRcastRate * self, GstClockTime seen)
{
  if (self->round_trip == 0 || seen < self->round_trip)
    self->round_trip = seen;
  else
    self->round_trip += (seen - self->round_trip) / 16;
}

/**
 * gst_rcast_rate_sent:
 * @self: the controller
 * @number: transport-wide number of the packet, or its label
 * @size: bytes on the wire, with IP and UDP headers
 * @now: when it left
 */
void
gst_rcast_rate_sent (GstRcastRate * self, guint16 number, gsize size,
    GstClockTime now)
{
  GstClockTime last = gst_rcast_departures_get_last (self->departures);

  if (!GST_CLOCK_TIME_IS_VALID (last) || now > last + PAUSE)
    self->last_feedback = now;
  gst_rcast_departures_add (self->departures, number, size, now);
}

/* Like gst_rcast_departures_awaits() */
gboolean
gst_rcast_rate_awaits (const GstRcastRate * self, guint16 number,
    GstRcastDeparture * departure, GstClockTime now)
{
  return gst_rcast_departures_awaits (self->departures, number, departure, now);
}

/* The path has changed. Loss between two paths says nothing of either. */
static void
forgive_detour (GstRcastRate * self, GstClockTime now)
{
  gst_rcast_rate_excuse_loss (self, now);
  gst_rcast_chance_leave (&self->chance);
  if (self->state != GST_RCAST_RATE_LOSS)
    return;
  set_target (self, MAX (self->target, self->chance.target_before));
  enter (self, GST_RCAST_RATE_HOLD, now);
}

/**
 * gst_rcast_rate_arrival:
 * @self: the controller
 * @number: transport-wide number of the packet, or its label
 * @alone: whether it was sent on this path only: if several paths carried it, @arrival may be that
 *   of another copy
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @now: when the feedback came
 *
 * Takes the feedback about one packet. After a whole report, call gst_rcast_rate_decide().
 *
 * Returns: whether the packet was sent on this path
 */
gboolean
gst_rcast_rate_arrival (GstRcastRate * self, guint16 number, gboolean alone,
    GstClockTime arrival, GstClockTime now)
{
  GstRcastDeparture sent;

  if (!gst_rcast_departures_take (self->departures, number, &sent, now))
    return FALSE;
  if (GST_CLOCK_TIME_IS_VALID (arrival) && !sent.again && now > sent.time)
    learn_round_trip (self, gst_rcast_elapsed (sent.time, now));
  if (gst_rcast_arrivals_add (self->arrivals, alone && !sent.again ? sent.time :
          GST_CLOCK_TIME_NONE, arrival, sent.size, now))
    forgive_detour (self, now);
  return TRUE;
}

/* As gst_rcast_rate_arrival(), for a packet that arrived at @arrival or later. No feedback reports
 * it: later packets or the server's counters show that it arrived. */
gboolean
gst_rcast_rate_guess (GstRcastRate * self, guint16 number,
    GstClockTime arrival, GstClockTime now)
{
  GstRcastDeparture sent;

  if (!gst_rcast_departures_take (self->departures, number, &sent, now))
    return FALSE;
  gst_rcast_arrivals_guess (self->arrivals, sent.again ? GST_CLOCK_TIME_NONE :
      sent.time, arrival, sent.size, now);
  return TRUE;
}

/* Evaluation of the arrivals */

static void
summarize (GstRcastRate * self, GstClockTime now)
{
  gst_rcast_arrivals_settle (self->arrivals, now);
  self->queue = gst_rcast_arrivals_get_queue (self->arrivals, QUEUE_WINDOW);
  self->spaced = gst_rcast_arrivals_get_spaced (self->arrivals);
  self->line = gst_rcast_arrivals_get_line (self->arrivals);
  self->received =
      gst_rcast_arrivals_get_received (self->arrivals, RECEIVED_WINDOW);
  if (self->queue <= QUEUE_SHORT)
    gst_rcast_ceiling_note (&self->ceiling, self->received, now);
  self->loss = gst_rcast_chance_count (&self->counted, self->arrivals,
      MAX (MAX (now, LOSS_WINDOW) - LOSS_WINDOW, self->loss_since));
}

/* Decisions */

/* How long a change of the rate takes to show */
static GstClockTime
get_reaction (const GstRcastRate * self)
{
  return MAX (self->round_trip, 50 * GST_MSECOND) + 150 * GST_MSECOND;
}

static gboolean
has_reacted (const GstRcastRate * self, GstClockTime now)
{
  return !GST_CLOCK_TIME_IS_VALID (self->cut)
      || gst_rcast_elapsed (self->cut, now) > get_reaction (self);
}

static void
learn_capacity (GstRcastRate * self, gdouble seen, GstClockTime now)
{
  gst_rcast_ceiling_learn (&self->ceiling, seen, self->line, self->rising, now);
}

/* Bunches that fill a thin path arrive fast but do not empty it, so the queue stands. */
static gboolean
is_standing (GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_elapsed (self->full_since, now) >= STANDING_WINDOW
      && self->queue + QUEUE_SHORT >= self->cut_queue
      && gst_rcast_arrivals_get_queue (self->arrivals, STANDING_WINDOW) >
      2 * QUEUE_LONG;
}

/* Returns: the capacity that the queue shows, 0: it shows none yet */
static gdouble
get_full (GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_arrivals_get_full (self->arrivals,
      gst_rcast_elapsed (self->full_since, now) >= MAX (SUDDEN_TIME,
          self->round_trip), is_standing (self, now) ? STANDING_WINDOW : 0);
}

/* Returns: the share of the rate to hold back so that the queue empties in half a second; less if
 * a long queue drains for long */
static gdouble
get_drain (GstRcastRate * self, GstClockTime now)
{
  gboolean long_since = self->state == GST_RCAST_RATE_DRAIN
      && gst_rcast_elapsed (self->since, now) > 800 * GST_MSECOND;

  return MIN (2.0 * self->queue / GST_SECOND, long_since ? 0.43 : DRAIN_MOST);
}

static void
begin_drain (GstRcastRate * self, GstClockTime now)
{
  if (self->state != GST_RCAST_RATE_DRAIN)
    self->target_full = self->target;
  enter (self, GST_RCAST_RATE_DRAIN, now);
}

static void
cut (GstRcastRate * self, gdouble target, GstClockTime now)
{
  set_target (self, MIN (self->target, target));
  self->cut = now;
  self->cut_queue = self->queue;
}

/* Lowers the target because a queue stands. */
static void
cut_for_queue (GstRcastRate * self, GstClockTime now)
{
  gdouble full = get_full (self, now), drain = get_drain (self, now);

  begin_drain (self, now);
  if (full == 0)
    return;
  /* Arrivals from before the path was full do not show its capacity. */
  gst_rcast_rivals_watch (&self->rivals, self->queue,
      MIN (self->received, full), now);
  if (full < NOT_FULL * MAX (self->target, self->ceiling.plunged))
    learn_capacity (self, full, now);
  cut (self, (0.95 - drain) * full, now);
}

static gboolean
is_growing (const GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_elapsed (self->cut, now) >= STALE_TIME
      && self->queue > self->cut_queue + QUEUE_SHORT;
}

/* Whether the loss is high enough to be news */
static gboolean
is_alarming (const GstRcastRate * self, GstClockTime now)
{
  return self->loss > gst_rcast_chance_get_alarm (&self->chance,
      self->counted.n, gst_rcast_shallow_is_tried (&self->shallow, now));
}

/* Whether the queue that is gone came from a standstill of the path or of a host: no target was
 * lowered because of it, and it arrived much faster than the target. */
static gboolean
has_stood_still (const GstRcastRate * self, gdouble delivered,
    GstClockTime now)
{
  return delivered > NOT_FULL * self->target
      && self->target >= self->target_full && !is_alarming (self, now);
}

/* The queue is gone. The target becomes a little less than the capacity that the full path showed.
 * Loss from the time of the queue no longer counts. */
static void
end_drain (GstRcastRate * self, GstClockTime now)
{
  GstClockTime took;
  gdouble delivered =
      gst_rcast_arrivals_get_delivered (self->arrivals, FALSE, &took);
  gdouble before = MAX (self->target_full,
      self->ceiling.capacity > 0 ? 0 : self->ceiling.best);

  if (has_stood_still (self, delivered, now)) {
    self->ceiling.plunged = 0;
    enter (self, GST_RCAST_RATE_RISE, now);
    return;
  }
  /* A queue that ended so fast shows no capacity: a path that carries so little takes longer. */
  if (took >= QUEUE_SHORT)
    set_target (self, MAX (self->target, MIN (before, 0.8 * delivered)));
  learn_capacity (self, self->ceiling.plunged, now);
  gst_rcast_ceiling_share (&self->ceiling, self->target_full, self->line);
  set_target (self, MAX (self->target, 0.92 * self->ceiling.capacity));
  if (self->cut_queue < SHALLOW_QUEUE && is_alarming (self, now))
    gst_rcast_shallow_enter (&self->shallow, now);
  /* Feedback about the loss is still on its way. */
  self->loss_since = now + self->round_trip;
  enter (self, GST_RCAST_RATE_HOLD, now);
}

/* A queue that stays while less is sent is a rival's. Yielding to it would leave us nothing. */
static void
begin_rivalry (GstRcastRate * self, GstClockTime now)
{
  enter (self, GST_RCAST_RATE_RIVAL, now);
  self->ceiling.plunged = 0;
  self->loss_since = now + self->round_trip;
  set_target (self, MAX (self->target, self->target_full));
}

static void
end_rivalry (GstRcastRate * self, GstRcastRateState state, gdouble target,
    GstClockTime now)
{
  self->target_full = self->target;
  gst_rcast_rivals_init (&self->rivals);
  gst_rcast_rivals_watch (&self->rivals, self->queue, self->received, now);
  cut (self, target, now);
  enter (self, state, now);
}

static gdouble
get_used (GstRcastRate * self, GstClockTime now)
{
  return MAX (self->received,
      gst_rcast_departures_get_rate (self->departures, now));
}

/* Returns: the highest target that what is sent justifies; beyond it would be a guess */
static gdouble
get_bound (const GstRcastRate * self, gdouble used, gboolean generous)
{
  if (self->eager)
    return G_MAXDOUBLE;
  return generous ? 2 * used + 100000 : 1.4 * used + 50000;
}

/* Shares the path as TCP does: less after loss, else a little more. The test for the rival sends
 * less than now, which during a quiet picture is below the target. */
static void
share_with_rival (GstRcastRate * self, gdouble passed, GstClockTime now)
{
  gdouble used = get_used (self, now);
  GstRcastRivalsNext next;

  if (gst_rcast_chance_is_more (&self->chance, self->loss)
      && has_reacted (self, now)) {
    set_target (self, RIVAL_KEPT * CLAMP (self->received, 0.8 * self->target,
            self->target));
    self->cut = now;
    self->loss_since = now + self->round_trip;
  } else if (self->target < get_bound (self, used, TRUE)) {
    set_target (self, self->target
        + gst_rcast_rivals_get_gain (self->round_trip, passed));
  }
  next = gst_rcast_rivals_get_next (&self->rivals, self->queue, now);
  if (next == GST_RCAST_RIVALS_TEST)
    end_rivalry (self, GST_RCAST_RATE_DRAIN,
        RIVAL_TEST * MIN (used, self->target), now);
  else if (next == GST_RCAST_RIVALS_GONE)
    end_rivalry (self, GST_RCAST_RATE_HOLD, self->target, now);
}

static gboolean
is_queue_long (const GstRcastRate * self, GstClockTime now)
{
  return self->queue > (gst_rcast_shallow_is_on (&self->shallow, now) ?
      QUEUE_LONG_SHALLOW : QUEUE_LONG);
}

/* If the path evidently carries much less than before, the target falls before a queue stands.
 * Returns: whether a growing queue decides the target */
static gboolean
heed_plunge (GstRcastRate * self, GstClockTime now)
{
  gdouble slowed = gst_rcast_arrivals_get_slowed (self->arrivals);
  gdouble sent = gst_rcast_departures_get_rate (self->departures, now);

  if (!gst_rcast_ceiling_plunge (&self->ceiling, slowed, MIN (self->target,
              sent)))
    return slowed > 0 && self->state == GST_RCAST_RATE_DRAIN
        && !is_queue_long (self, now);
  begin_drain (self, now);
  cut (self, (0.95 - DRAIN_MOST) * slowed, now);
  return TRUE;
}

/* Returns: whether a queue decides the target */
static gboolean
decide_by_queue (GstRcastRate * self, gdouble passed, GstClockTime now)
{
  if (self->state == GST_RCAST_RATE_RIVAL) {
    share_with_rival (self, passed, now);
    return TRUE;
  }
  if (heed_plunge (self, now))
    return TRUE;
  if (is_queue_long (self, now)) {
    if (gst_rcast_rivals_look (&self->rivals, self->queue,
            gst_rcast_departures_get_rate (self->departures, now),
            self->received, self->line, now)) {
      begin_rivalry (self, now);
      return TRUE;
    }
    if (!GST_CLOCK_TIME_IS_VALID (self->full_since))
      self->full_since = now;
    if (self->state != GST_RCAST_RATE_DRAIN || has_reacted (self, now)
        || is_growing (self, now))
      cut_for_queue (self, now);
    return TRUE;
  }
  self->full_since = GST_CLOCK_TIME_NONE;
  gst_rcast_rivals_init (&self->rivals);
  if (self->state != GST_RCAST_RATE_DRAIN)
    return FALSE;
  if (self->queue <= QUEUE_SHORT
      || gst_rcast_elapsed (self->since, now) >= GST_SECOND)
    end_drain (self, now);
  return TRUE;
}

/* The lower rate has had its time. Returns: whether the loss is chance */
static gboolean
judge_loss (GstRcastRate * self, GstClockTime now)
{
  enter (self, GST_RCAST_RATE_HOLD, now);
  if (gst_rcast_chance_judge (&self->chance, self->loss, self->counted.n)) {
    set_target (self, MAX (self->target, self->chance.target_before));
    return TRUE;
  }
  learn_capacity (self, self->target / 0.95, now);
  gst_rcast_shallow_enter (&self->shallow, now);
  return FALSE;
}

static void
try_less (GstRcastRate * self, GstClockTime now)
{
  gdouble sent = gst_rcast_departures_get_rate (self->departures, now);
  gdouble arrives = MAX (self->received, sent * (1 - self->loss));

  /* Wait for a whole window of loss that began after the change. */
  gst_rcast_chance_try (&self->chance, self->target, self->loss,
      now + LOSS_WINDOW + get_reaction (self));
  set_target (self, MIN (self->target, MAX (0.95 * arrives,
              0.5 * self->target)));
  self->cut = now;
  enter (self, GST_RCAST_RATE_LOSS, now);
}

/* A short buffer overflows before a standing queue can be seen. But then the path is busy most of
 * the time, and packets arrive one behind the other. */
static gboolean
heed_overflow (GstRcastRate * self, GstClockTime now)
{
  gdouble full = gst_rcast_arrivals_get_delivered (self->arrivals, FALSE, NULL);

  if (full == 0 || self->received < BUSY * full)
    return FALSE;
  learn_capacity (self, full, now);
  set_target (self, MIN (self->target, 0.9 * full));
  gst_rcast_chance_leave (&self->chance);
  self->cut = now;
  self->loss_since = now + self->round_trip;
  gst_rcast_shallow_enter (&self->shallow, now);
  enter (self, GST_RCAST_RATE_HOLD, now);
  self->since = now;
  return TRUE;
}

/* Returns: whether loss decides the target */
static gboolean
decide_by_loss (GstRcastRate * self, gdouble passed, GstClockTime now)
{
  if (gst_rcast_chance_is_due (&self->chance, now) && judge_loss (self, now))
    return TRUE;
  gst_rcast_chance_learn (&self->chance, self->loss, &self->counted, passed);
  if (is_alarming (self, now) && has_reacted (self, now)) {
    if (heed_overflow (self, now))
      return TRUE;
    if (!gst_rcast_chance_is_tried (&self->chance)
        && !gst_rcast_chance_is_luck (&self->chance, self->loss,
            self->counted.n)) {
      try_less (self, now);
      return TRUE;
    }
  }
  return self->state == GST_RCAST_RATE_LOSS;
}

static void
rise (GstRcastRate * self, gdouble passed, GstClockTime now)
{
  GstRcastCeilingView view = { self->target, self->received, self->spaced,
    self->line
  };
  gboolean generous;

  if (self->state == GST_RCAST_RATE_HOLD) {
    if (gst_rcast_elapsed (self->since, now) < get_reaction (self))
      return;
    enter (self, GST_RCAST_RATE_RISE, now);
    self->rising = now;
  }
  view.calm = gst_rcast_elapsed (self->rising, now);
  view.starting = self->state == GST_RCAST_RATE_START;
  generous = view.starting || gst_rcast_ceiling_is_wide (&self->ceiling, &view)
      || gst_rcast_ceiling_is_doubtful (&self->ceiling, &view);
  if (self->queue > QUEUE_SHORT + 10 * GST_MSECOND)
    return;
  self->limited =
      self->target >= get_bound (self, get_used (self, now), generous);
  if (!self->limited)
    set_target (self, self->target * pow (1
            + gst_rcast_ceiling_get_growth (&self->ceiling, &view,
                self->round_trip), passed));
}

/* If the packets sent meanwhile have arrived, only feedback was missing. */
static void
end_blind (GstRcastRate * self, GstClockTime now)
{
  if (!is_alarming (self, now))
    set_target (self, MAX (self->target, self->target_blind));
  enter (self, GST_RCAST_RATE_HOLD, now);
}

/* The process stood still and could not read feedback meanwhile: extends the deadlines. */
static void
allow_for_standstill (GstRcastRate * self, GstClockTime now)
{
  GstClockTime stood = gst_rcast_elapsed (self->awake, now);

  self->awake = MAX (self->awake, now);
  if (stood <= TICK_MAX)
    return;
  if (GST_CLOCK_TIME_IS_VALID (self->last_feedback))
    self->last_feedback = MIN (self->last_feedback + stood, now);
  if (GST_CLOCK_TIME_IS_VALID (self->full_since))
    self->full_since = MIN (self->full_since + stood, now);
}

/**
 * gst_rcast_rate_decide:
 * @self: the controller
 * @now: the time
 *
 * Decides after a report.
 */
void
gst_rcast_rate_decide (GstRcastRate * self, GstClockTime now)
{
  GstClockTime since = gst_rcast_elapsed (self->decided, now);
  gdouble passed = MIN ((gdouble) since / GST_SECOND, 0.25);

  allow_for_standstill (self, now);
  if (GST_CLOCK_TIME_IS_VALID (self->last_feedback))
    self->feedback_gap = gst_rcast_elapsed (self->last_feedback, now);
  self->last_feedback = now;
  if (since < DECISION_INTERVAL)
    return;
  self->decided = now;
  self->limited = FALSE;
  summarize (self, now);
  if (self->state == GST_RCAST_RATE_BLIND)
    end_blind (self, now);
  if (!decide_by_queue (self, passed, now) && !decide_by_loss (self, passed, now))
    rise (self, passed, now);
}

static gboolean
is_blind (GstRcastRate * self, GstClockTime now)
{
  GstClockTime patience = MAX (500 * GST_MSECOND, 3 * self->feedback_gap)
      + self->round_trip;

  return !gst_rcast_arrivals_is_empty (self->arrivals)
      && now <= gst_rcast_departures_get_last (self->departures)
      + 200 * GST_MSECOND
      && now > self->last_feedback + patience
      && (!GST_CLOCK_TIME_IS_VALID (self->cut)
      || now > self->cut + 500 * GST_MSECOND);
}

/* Without feedback: lowers the target carefully, as perhaps only feedback is lost. */
static void
lower_blindly (GstRcastRate * self, GstClockTime now)
{
  if (self->state != GST_RCAST_RATE_BLIND)
    self->target_blind = self->target;
  set_target (self, MAX (0.7 * self->target, 0.4 * self->target_blind));
  self->cut = now;
  self->ceiling.plunged = 0;
  enter (self, GST_RCAST_RATE_BLIND, now);
}

/**
 * gst_rcast_rate_tick:
 * @self: the controller
 * @now: the time
 *
 * To be called at least ten times a second. Without feedback, only this function lowers the
 * target.
 */
void
gst_rcast_rate_tick (GstRcastRate * self, GstClockTime now)
{
  allow_for_standstill (self, now);
  if (is_blind (self, now))
    lower_blindly (self, now);
}

/* @eager: a stream waits for a target that lets it begin, or uses all of its share, so that the
 * present sum does not show how much could be sent */
void
gst_rcast_rate_set_eager (GstRcastRate * self, gboolean eager)
{
  self->eager = eager;
}

/* Returns: whether the server gives feedback; one that was silent for long has
 * stopped */
gboolean
gst_rcast_rate_has_feedback (const GstRcastRate * self, GstClockTime now)
{
  return !gst_rcast_arrivals_is_empty (self->arrivals)
      && (self->state != GST_RCAST_RATE_BLIND
      || now < self->since + BLIND_MAX);
}

/* @full: (out): whether the path was full, so that it carries no more
 * Returns: bit/s that the path has shown to carry: when it was full, or else the most that it
 * took, but no less than the start, as the source may have sent no more; 0: it has shown nothing */
guint64
gst_rcast_rate_get_known (const GstRcastRate * self, gboolean * full)
{
  return gst_rcast_ceiling_get_known (&self->ceiling, self->config.start, full);
}

/* Returns: bit/s that may be sent */
guint64
gst_rcast_rate_get_target (const GstRcastRate * self)
{
  return self->target;
}

/* Returns: bit/s for waiting packets, see gst_rcast_pacer_find_rate() */
guint64
gst_rcast_rate_get_pacing (const GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_pacer_find_rate (self->target, self->ceiling.capacity,
      self->state == GST_RCAST_RATE_DRAIN,
      gst_rcast_shallow_is_on (&self->shallow, now));
}

/* Returns: bytes to send at once. Back-to-back packets show what the path carries; but where the
 * path loses bursts, none may be sent */
gsize
gst_rcast_rate_get_burst (const GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_shallow_is_on (&self->shallow, now) ? 0 : BURST;
}

/* See gst_rcast_arrivals_get_way(). */
gboolean
gst_rcast_rate_get_way (const GstRcastRate * self, GstClockTimeDiff * way)
{
  return gst_rcast_arrivals_get_way (self->arrivals, way);
}

void
gst_rcast_rate_get_view (GstRcastRate * self, GstRcastRateView * view,
    GstClockTime now)
{
  *view = (GstRcastRateView) {
    .state = self->state,
    .target = self->target,
    .sent = gst_rcast_departures_get_rate (self->departures, now),
    .received = self->received,
    .capacity = self->ceiling.capacity,
    .queue = self->queue,
    .round_trip = self->round_trip,
    .loss = self->loss,
    .usual = self->chance.usual,
    .limited = self->limited,
    .lasts = gst_rcast_elapsed (self->since, now),
    .filled = self->rivals.carried,
  };
}
