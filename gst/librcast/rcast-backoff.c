/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long to wait before the next attempt: exponential, full jitter, bounded. */
#include "config.h"

#include "rcast-backoff.h"

/**
 * gst_rcast_backoff_delay:
 * @attempt: number of the next attempt, from 1
 * @min_delay: first step of the exponential growth
 * @max_delay: longest delay, except for @retry_after
 * @retry_after: delay that the server asked for, or %GST_CLOCK_TIME_NONE
 * @random: uniform random bits
 *
 * The first attempt goes out at once. Attempt n waits between 0 and min_delay * 2^(n-2), at most
 * @max_delay ("full jitter"). @retry_after is a lower bound that @max_delay does not cap.
 *
 * Returns: the delay before @attempt
 */
GstClockTime
gst_rcast_backoff_delay (guint attempt, GstClockTime min_delay,
    GstClockTime max_delay, GstClockTime retry_after, guint32 random)
{
  GstClockTime delay = 0;

  if (attempt > 1) {
    guint doublings = MIN (attempt - 2, 31);
    GstClockTime top = max_delay;

    if (min_delay <= (max_delay >> doublings))
      top = min_delay << doublings;
    delay = gst_util_uint64_scale (top, random, G_MAXUINT32);
  }
  if (GST_CLOCK_TIME_IS_VALID (retry_after))
    delay = MAX (delay, retry_after);
  return delay;
}
