/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells random loss on a path from loss caused by sending too much. */
#include "config.h"

#include "rcast-chance.h"

#include <math.h>

/* Loss beyond random loss that makes a difference; the most that can be random; the least
 * assumed */
#define LOSS_MARGIN 0.04
#define LOSS_MAX_CHANCE 0.4
#define LEAST_CHANCE 0.005
/* The lower rate has helped if no more than this share of the loss is left. */
#define HELPED 0.6
/* If the lower rate loses nothing where random loss would have come in this many runs, it has
 * helped: that happens by chance once in twenty times. */
#define RUNS_LEAST 3
/* Loss is usual after this many seconds, up to USUAL_MOST. More loss is the result of sending too
 * much, unless it is random, which a lower rate will show. */
#define USUAL_TIME 5.0
#define USUAL_MOST 0.1
/* Damps the average run length: fewer lost packets a second hardly count. */
#define TOGETHER_LEAST 0.1
/* Share of random loss that is forgotten per second while less is lost */
#define FORGOTTEN 0.2

/* Starts without loss. */
void
gst_rcast_chance_init (GstRcastChance * chance)
{
  *chance = (GstRcastChance) {
    .judged = GST_CLOCK_TIME_NONE,
  };
}

/* Counts the packets of @arrivals since @begin. Returns: the share that was lost */
gdouble
gst_rcast_chance_count (GstRcastChanceCount * count,
    GstRcastArrivals * arrivals, GstClockTime begin)
{
  count->n = gst_rcast_arrivals_count (arrivals, begin, &count->lost,
      &count->runs);
  /* Of only a few packets, a single one is a large share. */
  return count->n >= 10 ? (gdouble) count->lost / count->n : 0;
}

/* Returns: how many packets are lost in a row */
static gdouble
get_run (const GstRcastChance * chance)
{
  return (chance->lost + TOGETHER_LEAST) / (chance->runs + TOGETHER_LEAST);
}

/* Returns: the variance of the loss with runs of this length, relative to independent losses
 * (Gilbert's model) */
static gdouble
get_clumps (const GstRcastChance * chance)
{
  return MAX (2 * get_run (chance) * (1 - chance->usual) - 1, 1);
}

static gdouble
get_expected (const GstRcastChance * chance, gboolean tried)
{
  gdouble usual = tried ? 0 : MIN (chance->usual, USUAL_MOST);

  return MAX (MAX (chance->chance, usual), LEAST_CHANCE);
}

/**
 * gst_rcast_chance_get_alarm:
 * @chance: the known loss
 * @n: number of packets that the loss is a share of
 * @tried: whether a path with a short buffer gets bursts again: there, what each key frame loses in
 *   a burst must not become usual
 *
 * Returns: loss beyond which there is reason to act: random or usual loss, a margin, and three
 *   standard deviations, which is a lot for few packets
 */
gdouble
gst_rcast_chance_get_alarm (const GstRcastChance * chance, guint n,
    gboolean tried)
{
  gdouble expected = get_expected (chance, tried);

  return expected + (tried ? LOSS_MARGIN / 2 : LOSS_MARGIN)
      + 3 * sqrt (expected / MAX (n, 1));
}

/**
 * gst_rcast_chance_is_luck:
 * @chance: the known loss
 * @loss: a loss above gst_rcast_chance_get_alarm()
 * @n: number of packets that it is a share of
 *
 * Returns: whether the loss is no reason to act after all: random loss in runs is higher in one
 *   moment and lower in the next
 */
gboolean
gst_rcast_chance_is_luck (const GstRcastChance * chance, gdouble loss, guint n)
{
  gdouble expected = get_expected (chance, FALSE);

  return loss <= expected + LOSS_MARGIN
      + 3 * sqrt (expected * get_clumps (chance) / MAX (n, 1));
}

/* Returns: whether more than random loss is lost */
gboolean
gst_rcast_chance_is_more (const GstRcastChance * chance, gdouble loss)
{
  return loss > MAX (chance->chance, LEAST_CHANCE);
}

/* Tries less than @target against @loss; the effect shows at @judged. */
void
gst_rcast_chance_try (GstRcastChance * chance, gdouble target, gdouble loss,
    GstClockTime judged)
{
  chance->target_before = target;
  chance->loss_before = loss;
  chance->judged = judged;
}

/* Gives up the trial: its result would mean nothing. */
void
gst_rcast_chance_leave (GstRcastChance * chance)
{
  chance->judged = GST_CLOCK_TIME_NONE;
}

gboolean
gst_rcast_chance_is_tried (const GstRcastChance * chance)
{
  return GST_CLOCK_TIME_IS_VALID (chance->judged);
}

/* Returns: whether the trial has had its time */
gboolean
gst_rcast_chance_is_due (const GstRcastChance * chance, GstClockTime now)
{
  return gst_rcast_chance_is_tried (chance) && now >= chance->judged;
}

/* Whether a loss of @n packets at the lower rate is less than random loss would be */
static gboolean
has_helped (const GstRcastChance * chance, gdouble loss, guint n)
{
  gdouble before = chance->loss_before;
  gdouble luck = 2 * sqrt (before * (get_clumps (chance) - 1) / MAX (n, 1));

  return loss <= MIN (HELPED * before, before - luck)
      || (loss <= 0 && before * n >= RUNS_LEAST * get_run (chance));
}

/**
 * gst_rcast_chance_judge:
 * @chance: the known loss
 * @loss: loss at the lower rate
 * @n: number of packets that it is a share of
 *
 * Random loss in runs varies from moment to moment, whatever is sent.
 *
 * Returns: whether the lower rate did not help, so that the loss is random
 */
gboolean
gst_rcast_chance_judge (GstRcastChance * chance, gdouble loss, guint n)
{
  gst_rcast_chance_leave (chance);
  if (loss >= LOSS_MAX_CHANCE || has_helped (chance, loss, n))
    return FALSE;
  chance->chance = MAX (chance->chance, MIN (loss, chance->loss_before));
  return TRUE;
}

/* @loss: loss in the last @passed seconds
 * @count: packets in that time */
void
gst_rcast_chance_learn (GstRcastChance * chance, gdouble loss,
    const GstRcastChanceCount * count, gdouble passed)
{
  if (loss < chance->chance)
    chance->chance = MAX (loss, chance->chance * (1 - FORGOTTEN * passed));
  chance->usual += (loss - chance->usual) * passed / USUAL_TIME;
  chance->lost += (count->lost - chance->lost) * passed / USUAL_TIME;
  chance->runs += (count->runs - chance->runs) * passed / USUAL_TIME;
}
