/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects another sender that keeps the queue of a path full, and finds our share beside it. */
#include "config.h"

#include "rcast-rivals.h"

#include "rcast-elapsed.h"

/* A TCP connection fills the buffer of a path again and again. A sender that yields to the queue
 * yields to that connection until nothing is left. But a queue of our own gets shorter by what we
 * do not send, and meanwhile more of our packets arrive than we send. If we sent so much less and
 * neither happens, there is a rival. */
#define ENOUGH (300 * GST_MSECOND)
#define SHORTER 4
/* Bounds of the arriving share while our packets neither lengthen nor shorten the queue */
#define ARRIVES 0.85
#define STAYS 1.15

/* Each round trip, what is sent in a round trip grows by one packet, as with TCP. */
#define PACKET (8 * 1200)
#define LEAST_TRIP 0.1

/* After so long, test whether the rival is still there. After so long without a queue it is
 * gone. */
#define TESTED (15 * GST_SECOND)
#define GONE (300 * GST_MSECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)

/* Begins without a queue to watch. */
void
gst_rcast_rivals_init (GstRcastRivals * rivals)
{
  *rivals = (GstRcastRivals) {
    .since = GST_CLOCK_TIME_NONE,
    .calm = GST_CLOCK_TIME_NONE,
  };
}

/**
 * gst_rcast_rivals_watch:
 * @rivals: the rivals
 * @queue: how long packets wait
 * @carried: bit/s that arrive meanwhile
 * @now: the time
 *
 * There is a queue, and we send less from now on. A queue that is already watched stays so.
 */
void
gst_rcast_rivals_watch (GstRcastRivals * rivals, GstClockTime queue,
    gdouble carried, GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (rivals->since) || carried <= 0)
    return;
  gst_rcast_rivals_init (rivals);
  rivals->since = rivals->looked = now;
  rivals->queue = queue;
  rivals->carried = carried;
}

/**
 * gst_rcast_rivals_look:
 * @rivals: the rivals
 * @queue: how long packets wait now
 * @sent: bit/s that are sent
 * @received: bit/s that arrive
 * @line: bit/s that the path carries in total, 0: not known. If more of ours arrived when the queue
 *   began, the path has become thinner since, and there need not be a rival
 * @now: the time
 *
 * Returns: whether a rival keeps the watched queue full
 */
gboolean
gst_rcast_rivals_look (GstRcastRivals * rivals, GstClockTime queue,
    gdouble sent, gdouble received, gdouble line, GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (rivals->since))
    return FALSE;
  if (line > 0)
    rivals->carried = MIN (rivals->carried, line);
  if (queue > rivals->queue) {
    rivals->queue = queue;
    rivals->saved = 0;
  } else if (received >= ARRIVES * sent && received <= STAYS * sent) {
    rivals->saved += MAX (1 - sent / rivals->carried, 0)
        * gst_rcast_elapsed (rivals->looked, now);
  }
  rivals->looked = rivals->begun = now;
  return rivals->saved >= ENOUGH
      && queue + rivals->saved / SHORTER >= rivals->queue;
}

/* @passed: seconds without loss. Returns: bit/s to add for them beside a rival */
gdouble
gst_rcast_rivals_get_gain (GstClockTime round_trip, gdouble passed)
{
  gdouble trip = MAX ((gdouble) round_trip / GST_SECOND, LEAST_TRIP);

  return PACKET / (trip * trip) * passed;
}

/* Returns: what to do next beside the rival that gst_rcast_rivals_look() has detected */
GstRcastRivalsNext
gst_rcast_rivals_get_next (GstRcastRivals * rivals, GstClockTime queue,
    GstClockTime now)
{
  if (queue > QUEUE_SHORT)
    rivals->calm = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (rivals->calm))
    rivals->calm = now;
  if (gst_rcast_elapsed (rivals->calm, now) > GONE)
    return GST_RCAST_RIVALS_GONE;
  return gst_rcast_elapsed (rivals->begun, now) > TESTED ?
      GST_RCAST_RIVALS_TEST : GST_RCAST_RIVALS_STAY;
}
