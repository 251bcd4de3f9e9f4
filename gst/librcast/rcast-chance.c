/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of the loss of a path is chance, and what comes of too much that is sent. */
#include "config.h"

#include "rcast-chance.h"

#include <math.h>

/* Loss beyond what is chance that makes a difference; and so much loss is never chance. */
#define LOSS_MARGIN 0.04
#define LOSS_MAX_CHANCE 0.4
#define LEAST_CHANCE 0.005
/* What is left of the loss if the lower rate has helped */
#define HELPED 0.6
/* What is lost for so many seconds is usual, but no more than this: more is lost where too much is
 * sent, if it is no chance, and that shows by what a lower rate does. */
#define USUAL_TIME 5.0
#define USUAL_MOST 0.1
/* Fewer packets a second that were lost together are forgotten. */
#define TOGETHER_LEAST 0.1
/* So much of what was chance is forgotten in a second in which less is lost. */
#define FORGOTTEN 0.2

/* Nothing is lost. */
void
gst_rcast_chance_init (GstRcastChance * chance)
{
  *chance = (GstRcastChance) {
    .judged = GST_CLOCK_TIME_NONE,
  };
}

/* Returns: how many times the variance of a loss that comes in such runs is that of a loss of
 * each packet by itself (Gilbert's model) */
static gdouble
get_clumps (const GstRcastChance * chance)
{
  gdouble run = (chance->lost + TOGETHER_LEAST) / (chance->runs
      + TOGETHER_LEAST);

  return MAX (2 * run * (1 - chance->usual) - 1, 1);
}

static gdouble
get_expected (const GstRcastChance * chance, gboolean tried)
{
  gdouble usual = tried ? 0 : MIN (chance->usual, USUAL_MOST);

  return MAX (MAX (chance->chance, usual), LEAST_CHANCE);
}

/**
 * gst_rcast_chance_get_alarm:
 * @chance: what is known
 * @n: the packets that the loss is a share of
 * @tried: whether bursts leave again on a path whose buffer was short: what each key frame loses
 *   in one becomes usual, but not there
 *
 * Returns: the loss beyond which it is news: more than chance and what is usual, by three
 *   standard deviations. Of few packets that is much.
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
 * @chance: what is known
 * @loss: that is more than gst_rcast_chance_get_alarm()
 * @n: the packets that it is a share of
 *
 * Returns: whether it is no news after all, as what chance loses in runs is more in one moment
 *   and less in the next
 */
gboolean
gst_rcast_chance_is_luck (const GstRcastChance * chance, gdouble loss, guint n)
{
  gdouble expected = get_expected (chance, FALSE);

  return loss <= expected + LOSS_MARGIN
      + 3 * sqrt (expected * get_clumps (chance) / MAX (n, 1));
}

/* Returns: whether more is lost than by chance */
gboolean
gst_rcast_chance_is_more (const GstRcastChance * chance, gdouble loss)
{
  return loss > MAX (chance->chance, LEAST_CHANCE);
}

/* Less than @target is tried against @loss; what that does shows at @judged. */
void
gst_rcast_chance_try (GstRcastChance * chance, gdouble target, gdouble loss,
    GstClockTime judged)
{
  chance->target_before = target;
  chance->loss_before = loss;
  chance->judged = judged;
}

/* What is tried says nothing any more. */
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

/* Returns: whether what is tried has had its time */
gboolean
gst_rcast_chance_is_due (const GstRcastChance * chance, GstClockTime now)
{
  return gst_rcast_chance_is_tried (chance) && now >= chance->judged;
}

/**
 * gst_rcast_chance_judge:
 * @chance: what is known
 * @loss: with the lower rate
 * @n: the packets that it is a share of
 *
 * Packets that are lost in runs are few or many in a moment, whatever is sent.
 *
 * Returns: whether the lower rate was in vain, so that the loss is chance
 */
gboolean
gst_rcast_chance_judge (GstRcastChance * chance, gdouble loss, guint n)
{
  gdouble before = chance->loss_before;
  gdouble luck = 2 * sqrt (before * (get_clumps (chance) - 1) / MAX (n, 1));

  gst_rcast_chance_leave (chance);
  if (loss >= LOSS_MAX_CHANCE || loss <= MIN (HELPED * before, before - luck))
    return FALSE;
  chance->chance = MAX (chance->chance, MIN (loss, chance->loss_before));
  return TRUE;
}

/* @loss: for @passed seconds, of @count */
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
