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
/* What is lost for so many seconds is usual. */
#define USUAL_TIME 5.0
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

/**
 * gst_rcast_chance_get_alarm:
 * @chance: what is known
 * @counted: the packets that the loss is a share of
 * @tried: whether bursts leave again on a path whose buffer was short: what each key frame loses
 *   in one becomes usual, but not there
 *
 * Returns: the loss beyond which it is news: more than chance and what is usual, by three
 *   standard deviations. Of few packets that is much.
 */
gdouble
gst_rcast_chance_get_alarm (const GstRcastChance * chance, guint counted,
    gboolean tried)
{
  gdouble usual = tried ? 0 : chance->usual;
  gdouble expected = MAX (MAX (chance->chance, usual), LEAST_CHANCE);

  return expected + (tried ? LOSS_MARGIN / 2 : LOSS_MARGIN)
      + 3 * sqrt (expected / MAX (counted, 1));
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

/* @loss: with the lower rate. Returns: whether it was in vain, so that the loss is chance */
gboolean
gst_rcast_chance_judge (GstRcastChance * chance, gdouble loss)
{
  gst_rcast_chance_leave (chance);
  if (loss <= HELPED * chance->loss_before || loss >= LOSS_MAX_CHANCE)
    return FALSE;
  chance->chance = MAX (chance->chance, MIN (loss, chance->loss_before));
  return TRUE;
}

/* @loss: for @passed seconds */
void
gst_rcast_chance_learn (GstRcastChance * chance, gdouble loss, gdouble passed)
{
  if (loss < chance->chance)
    chance->chance = MAX (loss, chance->chance * (1 - FORGOTTEN * passed));
  chance->usual += (loss - chance->usual) * passed / USUAL_TIME;
}
