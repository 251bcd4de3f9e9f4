/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an encoder follows what the network carries: when it is told, and when the picture becomes smaller. */
#include "config.h"

#include "rcast-follow.h"

/* An encoder starts its rate control anew with each change, so that many small ones
 * are worse than none: percent */
#define LEAST_STEP 3
/* Less is urgent, because what is too much waits in a queue. */
#define DOWN_INTERVAL (100 * GST_MSECOND)
#define UP_INTERVAL (500 * GST_MSECOND)

void
gst_rcast_follow_pace_init (GstRcastFollowPace * pace)
{
  *pace = (GstRcastFollowPace) {
  .at = GST_CLOCK_TIME_NONE,};
}

/* Timestamps that are missing or go back hold nothing up. */
static gboolean
has_passed (const GstRcastFollowPace * pace, GstClockTime now,
    GstClockTime interval)
{
  if (!GST_CLOCK_TIME_IS_VALID (now) || !GST_CLOCK_TIME_IS_VALID (pace->at))
    return TRUE;
  return now < pace->at || now - pace->at >= interval;
}

/**
 * gst_rcast_follow_pace_due:
 * @pace: what the encoder knows
 * @wanted: bit/s that it should make
 * @now: the timestamp of the frame that comes next, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether it is to be told now: of 3 % and more, ten times a second down,
 *   twice a second up
 */
gboolean
gst_rcast_follow_pace_due (const GstRcastFollowPace * pace, guint64 wanted,
    GstClockTime now)
{
  guint64 told = pace->told;

  if (wanted == told)
    return FALSE;
  if (told == 0)
    return TRUE;
  if (wanted < told)
    return told - wanted >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
        && has_passed (pace, now, DOWN_INTERVAL);
  return wanted - told >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
      && has_passed (pace, now, UP_INTERVAL);
}

/* The encoder was told @told at @now. */
void
gst_rcast_follow_pace_tell (GstRcastFollowPace * pace, guint64 told,
    GstClockTime now)
{
  pace->told = told;
  pace->at = now;
}
