/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much one path carries: the congestion controller, fed with what was sent and what arrived. */
#include "config.h"

#include "rcast-rate.h"

#include "rcast-arrivals.h"
#include "rcast-ceiling.h"
#include "rcast-chance.h"
#include "rcast-departures.h"
#include "rcast-pacer.h"
#include "rcast-rivals.h"
#include "rcast-shallow.h"

#include <math.h>
#include <string.h>

/* The queue of a path is what packets wait beyond the shortest way that any of them had
 * lately. While a queue stands, the path is full, and the rate at which packets arrive one
 * behind the other is its capacity: one look at it replaces the search for it. A path, or
 * a machine, that stood still leaves a queue, too, but that arrives faster than it was
 * sent: it is no reason to send less. Loss without a queue is tried: if less loss comes of
 * a lower rate the buffer is short, else it is chance, and the rate is none of its
 * business. */

/* What arrived is looked at over so much time */
#define RECEIVED_WINDOW (400 * GST_MSECOND)
/* No queue that is left by a standstill lasts for so long. */
#define STANDING_WINDOW GST_SECOND
#define LOSS_WINDOW (1 * GST_SECOND)
/* The least wait of three frames: one key frame is no queue. */
#define QUEUE_WINDOW (120 * GST_MSECOND)

/* A queue of so much is too long; one of so much is none. */
#define QUEUE_LONG (35 * GST_MSECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)

/* A path is full that is busy for so much of the time. */
#define BUSY 0.75

/* What is lost in a shorter queue tells of a short buffer. */
#define SHALLOW_QUEUE (60 * GST_MSECOND)

/* Two packets */
#define BURST 2400

/* Beside somebody else: what loss leaves, and what is sent to see whether he is still there */
#define RIVAL_KEPT 0.9
#define RIVAL_TEST 0.5

/* Ticks are no further apart, unless we stood still. */
#define TICK_MAX (150 * GST_MSECOND)

/* Who sends nothing for so long is owed no feedback. */
#define PAUSE (500 * GST_MSECOND)

/* A server that is silent for so long gives no feedback any more. */
#define BLIND_MAX (10 * GST_SECOND)

/* Decisions are at least so far apart. */
#define DECISION_INTERVAL (20 * GST_MSECOND)

/* What arrived before the path was full hides for so long how little it takes. */
#define STALE_TIME (80 * GST_MSECOND)
/* A queue of which nothing shows how fast it arrives is waited for so long. */
#define SUDDEN_TIME (200 * GST_MSECOND)
/* A path on which packets arrive so much faster than they may be sent is not full. */
#define NOT_FULL 1.5

struct _GstRcastRate
{
  GstRcastRateConfig config;
  gboolean eager;               /* more is to be sent than the target allows */
  gboolean limited;             /* the target waits for more to be sent */
  GstRcastRateState state;
  GstClockTime since;           /* when the state began */

  gdouble target;
  GstRcastCeiling ceiling;
  GstClockTime cut;             /* when the target was lowered last, or NONE */
  GstClockTime cut_queue;       /* that was the reason */
  gdouble target_blind;         /* before feedback ceased */
  GstClockTime rising;          /* since when nothing is wrong */
  GstClockTime decided;
  GstClockTime full_since;      /* a long queue, or NONE */
  gdouble target_full;          /* before the queue */
  GstRcastRivals rivals;        /* with whom the queue is */
  GstRcastShallow shallow;      /* bursts are lost */
  GstRcastChance chance;        /* what is lost anyway */
  GstClockTime loss_since;      /* what was lost before has been dealt with */

  GstRcastDepartures *departures;
  GstClockTime last_feedback;   /* NONE: none */
  GstClockTime awake;           /* when we were last seen to run */
  GstClockTime feedback_gap;    /* between the last two */
  GstRcastArrivals *arrivals;
  GstClockTime round_trip;      /* 0: not known */

  /* Of the arrivals */
  GstClockTime queue;
  gdouble received, loss;
  gdouble spaced;               /* bit/s at which packets follow one another */
  gdouble line;                 /* and if they left together */
  GstRcastChanceCount counted;  /* for the loss */
};

static gdouble
to_seconds (GstClockTimeDiff time)
{
  return (gdouble) time / GST_SECOND;
}

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

/* What is known of the path itself, not of what it carries */
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

/* The start is of no use any more. */
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
 * The path is another one, or was away: what it carries is not known, but half of what it
 * carried is a good guess. If it takes that, what it carried before is soon tried.
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
 * @known: what gst_rcast_rate_get_known() said of the same uplink before
 * @now: the time
 *
 * Half of what the uplink carried is a good guess, and all of it if that is less than the
 * start. If it takes that, what it carried before is soon tried.
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
 * @target: what is tried
 * @now: the time
 *
 * Nothing was sent for want of room, so that nothing shows whether there is more now: as
 * much as would be of use is sent, and what is known of the path is forgotten.
 */
void
gst_rcast_rate_try (GstRcastRate * self, guint64 target, GstClockTime now)
{
  forget_path (self, now);
  set_target (self, target);
}

/* A probe is under way: what is reported as lost before @until may be its own doing, and does not
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
 * A probe has shown that the path carries so much, without a queue: the target is no lower. What
 * the path carried when it was full, if that is less, is forgotten.
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
 * @number: of the packet, transport-wide or a label
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

/* Returns: whether the packet was sent here, and nothing is known of it yet */
gboolean
gst_rcast_rate_awaits (const GstRcastRate * self, guint16 number,
    GstClockTime now)
{
  return gst_rcast_departures_awaits (self->departures, number, now);
}

/* What is lost between two paths says nothing of either. */
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
 * @number: of the packet, transport-wide or a label
 * @alone: whether it was sent on this path only: of one that was sent on several, nobody
 *   knows which copy @arrival is of
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @now: when the feedback came
 *
 * What a receiver says of one packet; after a whole report, gst_rcast_rate_decide().
 *
 * Returns: whether the packet is one of those that were sent here
 */
gboolean
gst_rcast_rate_arrival (GstRcastRate * self, guint16 number, gboolean alone,
    GstClockTime arrival, GstClockTime now)
{
  GstRcastDeparture sent;

  if (!gst_rcast_departures_take (self->departures, number, &sent, now))
    return FALSE;
  if (GST_CLOCK_TIME_IS_VALID (arrival) && !sent.again)
    learn_round_trip (self, now - sent.time);
  if (gst_rcast_arrivals_add (self->arrivals, alone && !sent.again ? sent.time :
          GST_CLOCK_TIME_NONE, arrival, sent.size, now))
    forgive_detour (self, now);
  return TRUE;
}

/* What the arrivals say */

static void
count_loss (GstRcastRate * self, GstClockTime now)
{
  GstClockTime begin = now > LOSS_WINDOW ? now - LOSS_WINDOW : 0;
  GstRcastChanceCount *count = &self->counted;

  count->n = gst_rcast_arrivals_count (self->arrivals,
      MAX (begin, self->loss_since), &count->lost, &count->runs);
  /* Of a few packets one is a large share. */
  self->loss = count->n >= 10 ? (gdouble) count->lost / count->n : 0;
}

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
  count_loss (self, now);
}

/* What is done about it */

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
      || now - self->cut > get_reaction (self);
}

static void
learn_capacity (GstRcastRate * self, gdouble seen, GstClockTime now)
{
  gst_rcast_ceiling_learn (&self->ceiling, seen, self->line, self->rising, now);
}

/* Bunches that fill a thin path arrive fast, but they do not empty it. */
static gboolean
is_standing (GstRcastRate * self, GstClockTime now)
{
  return now - self->full_since >= STANDING_WINDOW
      && self->queue + QUEUE_SHORT >= self->cut_queue
      && gst_rcast_arrivals_get_queue (self->arrivals, STANDING_WINDOW) >
      2 * QUEUE_LONG;
}

/* What the path carries, as the queue shows. Returns: 0 if nothing does yet */
static gdouble
get_full (GstRcastRate * self, GstClockTime now)
{
  gdouble full = gst_rcast_arrivals_get_delivered (self->arrivals, FALSE, NULL);

  if (full == 0 && now - self->full_since >= MAX (SUDDEN_TIME,
          self->round_trip))
    full = gst_rcast_arrivals_get_delivered (self->arrivals, TRUE, NULL);
  if (is_standing (self, now)) {
    gdouble received = gst_rcast_arrivals_get_received (self->arrivals,
        STANDING_WINDOW);

    full = full > 0 ? MIN (full, received) : received;
  }
  return full;
}

/* Returns: the share of the rate that is kept back to empty the queue in half a second; of
 * a long one not so much for long */
static gdouble
get_drain (GstRcastRate * self, GstClockTime now)
{
  gboolean long_since = self->state == GST_RCAST_RATE_DRAIN
      && now - self->since > 800 * GST_MSECOND;

  return MIN (2 * to_seconds (self->queue), long_since ? 0.43 : 0.53);
}

/* What a queue that stands shows to be too much. */
static void
cut_for_queue (GstRcastRate * self, GstClockTime now)
{
  gdouble full = get_full (self, now), drain = get_drain (self, now);

  if (self->state != GST_RCAST_RATE_DRAIN)
    self->target_full = self->target;
  enter (self, GST_RCAST_RATE_DRAIN, now);
  if (full == 0)
    return;
  /* What arrived before the path was full is not what it carries. */
  gst_rcast_rivals_watch (&self->rivals, self->queue,
      MIN (self->received, full), now);
  if (full < NOT_FULL * self->target)
    learn_capacity (self, full, now);
  set_target (self, MIN (self->target, (0.95 - drain) * full));
  self->cut = now;
  self->cut_queue = self->queue;
}

static gboolean
is_growing (const GstRcastRate * self, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->cut)
      && now - self->cut >= STALE_TIME
      && self->queue > self->cut_queue + QUEUE_SHORT;
}

/* Whether so much is lost that it is news */
static gboolean
is_alarming (const GstRcastRate * self, GstClockTime now)
{
  return self->loss > gst_rcast_chance_get_alarm (&self->chance,
      self->counted.n, gst_rcast_shallow_is_tried (&self->shallow, now));
}

/* Whether the queue that is gone was none: nothing was less than before because of it, and it arrived
 * much faster than all may be sent. The path, or who is at one of its ends, stood still. */
static gboolean
has_stood_still (const GstRcastRate * self, gdouble delivered,
    GstClockTime now)
{
  return delivered > NOT_FULL * self->target
      && self->target >= self->target_full && !is_alarming (self, now);
}

/* The queue is gone: a little less than what was seen while the path was full. What was
 * lost in the queue is old. */
static void
end_drain (GstRcastRate * self, GstClockTime now)
{
  GstClockTime took;
  gdouble delivered =
      gst_rcast_arrivals_get_delivered (self->arrivals, FALSE, &took);
  gdouble before = MAX (self->target_full,
      self->ceiling.capacity > 0 ? 0 : self->ceiling.best);

  if (has_stood_still (self, delivered, now)) {
    enter (self, GST_RCAST_RATE_RISE, now);
    return;
  }

  /* It was gone faster than a path empties it that carries so little. */
  if (took >= QUEUE_SHORT)
    set_target (self, MAX (self->target, MIN (before, 0.8 * delivered)));
  gst_rcast_ceiling_share (&self->ceiling, self->target_full, self->line);
  set_target (self, MAX (self->target, 0.92 * self->ceiling.capacity));
  if (self->cut_queue < SHALLOW_QUEUE && is_alarming (self, now))
    gst_rcast_shallow_enter (&self->shallow, now);
  /* Feedback about it is still on its way. */
  self->loss_since = now + self->round_trip;
  enter (self, GST_RCAST_RATE_HOLD, now);
}

/* A queue that stays while less is sent is not ours: who yields to it gets nothing at all. */
static void
begin_rivalry (GstRcastRate * self, GstClockTime now)
{
  enter (self, GST_RCAST_RATE_RIVAL, now);
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
  set_target (self, target);
  self->cut = now;
  self->cut_queue = self->queue;
  enter (self, state, now);
}

static gdouble
get_used (GstRcastRate * self, GstClockTime now)
{
  return MAX (self->received,
      gst_rcast_departures_get_rate (self->departures, now));
}

/* A target far above what is sent would be a guess. */
static gdouble
get_bound (const GstRcastRate * self, gdouble used, gboolean generous)
{
  if (self->eager)
    return G_MAXDOUBLE;
  return generous ? 2 * used + 100000 : 1.4 * used + 50000;
}

/* As TCP does it: less by loss, else a little more. It is tested with less than what is sent,
 * which a quiet picture makes less than the target. */
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

/* Returns: whether a queue decides */
static gboolean
decide_by_queue (GstRcastRate * self, gdouble passed, GstClockTime now)
{
  if (self->state == GST_RCAST_RATE_RIVAL) {
    share_with_rival (self, passed, now);
    return TRUE;
  }
  if (self->queue > QUEUE_LONG) {
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
  if (self->queue <= QUEUE_SHORT || now - self->since >= GST_SECOND)
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

  /* A whole window of loss that began after the change */
  gst_rcast_chance_try (&self->chance, self->target, self->loss,
      now + LOSS_WINDOW + get_reaction (self));
  set_target (self, MIN (self->target, MAX (0.95 * arrives,
              0.5 * self->target)));
  self->cut = now;
  enter (self, GST_RCAST_RATE_LOSS, now);
}

/* A short buffer overflows before a queue can be seen that stands: but the path is busy
 * most of the time, and packets arrive one behind the other. */
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

/* Returns: whether loss decides */
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
    if (now - self->since < get_reaction (self))
      return;
    enter (self, GST_RCAST_RATE_RISE, now);
    self->rising = now;
  }
  view.calm = now - self->rising;
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

/* If what was sent meanwhile has arrived, it was the feedback alone that was missing. */
static void
end_blind (GstRcastRate * self, GstClockTime now)
{
  if (!is_alarming (self, now))
    set_target (self, MAX (self->target, self->target_blind));
  enter (self, GST_RCAST_RATE_HOLD, now);
}

/* Who stood still could not read what came meanwhile. */
static void
allow_for_standstill (GstRcastRate * self, GstClockTime now)
{
  GstClockTime stood = now - MIN (now, self->awake);

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
  gdouble passed = MIN (to_seconds (now - self->decided), 0.25);

  allow_for_standstill (self, now);
  if (GST_CLOCK_TIME_IS_VALID (self->last_feedback))
    self->feedback_gap = now - self->last_feedback;
  self->last_feedback = now;
  if (now - self->decided < DECISION_INTERVAL)
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

/* What is lost may be the feedback alone. */
static void
lower_blindly (GstRcastRate * self, GstClockTime now)
{
  if (self->state != GST_RCAST_RATE_BLIND)
    self->target_blind = self->target;
  set_target (self, MAX (0.7 * self->target, 0.4 * self->target_blind));
  self->cut = now;
  enter (self, GST_RCAST_RATE_BLIND, now);
}

/**
 * gst_rcast_rate_tick:
 * @self: the controller
 * @now: the time
 *
 * To be called ten times a second or more often: without feedback nothing else lowers the
 * target.
 */
void
gst_rcast_rate_tick (GstRcastRate * self, GstClockTime now)
{
  allow_for_standstill (self, now);
  if (is_blind (self, now))
    lower_blindly (self, now);
}

/* @eager: something waits until the target is high enough to begin with it, or uses all of
 * its part, so that the sum that is sent meanwhile says nothing of what could be */
void
gst_rcast_rate_set_eager (GstRcastRate * self, gboolean eager)
{
  self->eager = eager;
}

/* Returns: whether the server says anything of what is sent: one that was silent for long
 * has ceased to */
gboolean
gst_rcast_rate_has_feedback (const GstRcastRate * self, GstClockTime now)
{
  return !gst_rcast_arrivals_is_empty (self->arrivals)
      && (self->state != GST_RCAST_RATE_BLIND
      || now < self->since + BLIND_MAX);
}

/* @full: (out): whether the path was full, so that it carries no more
 * Returns: bit/s that the path has shown to carry: when it was full, or the most that it took,
 * and no less than the start then, as it may have been all there was; 0: it has shown nothing */
guint64
gst_rcast_rate_get_known (const GstRcastRate * self, gboolean * full)
{
  const GstRcastCeiling *known = &self->ceiling;

  *full = known->capacity > 0;
  if (*full)
    return known->capacity;
  return known->best > 0 && !known->recalled ? MAX (known->best,
      self->config.start) : 0;
}

/* Returns: bit/s that may be sent */
guint64
gst_rcast_rate_get_target (const GstRcastRate * self)
{
  return self->target;
}

/* Returns: bit/s at which waiting packets are sent, see gst_rcast_pacer_find_rate() */
guint64
gst_rcast_rate_get_pacing (const GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_pacer_find_rate (self->target, self->ceiling.capacity,
      self->state == GST_RCAST_RATE_DRAIN,
      gst_rcast_shallow_is_on (&self->shallow, now));
}

/* Returns: bytes that are sent at once: packets that follow one another show what the path
 * carries, but not where it loses bursts */
gsize
gst_rcast_rate_get_burst (const GstRcastRate * self, GstClockTime now)
{
  return gst_rcast_shallow_is_on (&self->shallow, now) ? 0 : BURST;
}

/* As gst_rcast_arrivals_get_way() */
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
    .lasts = now - MIN (now, self->since),
    .filled = self->rivals.carried,
  };
}
