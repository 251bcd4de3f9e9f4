/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether somebody else keeps the queue of a path full, and what is left beside him. */
#include "config.h"

#include "rcast-rivals.h"

/* A TCP connection fills the buffer of a path again and again. Who gives way to the queue
 * then gives way to him until nothing is left. But a queue of our own gets shorter by what
 * we do not send, and meanwhile more of ours arrives than we send. If so much less was sent,
 * and neither is so, somebody else sends. */
#define ENOUGH (300 * GST_MSECOND)
#define SHORTER 4
/* What arrives of what is sent, with a queue that neither grows nor falls by us */
#define ARRIVES 0.85
#define STAYS 1.15

/* What comes back in a round trip and one more: a packet, as with TCP */
#define PACKET (8 * 1200)
#define LEAST_TRIP 0.1

/* After so long it is looked whether he is still there; and so long without a queue he is
 * not. */
#define TESTED (15 * GST_SECOND)
#define GONE (300 * GST_MSECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)

/* No queue is watched. */
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
 * There is a queue, and less is sent from now on. One that is watched already stays so.
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
 * @line: bit/s that the path carries of all together, 0: not known. If that was more when the
 *   queue began, the path has become thin since, and nobody else need be there
 * @now: the time
 *
 * Returns: whether somebody else keeps the queue full that is watched
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
        * (now - rivals->looked);
  }
  rivals->looked = rivals->begun = now;
  return rivals->saved >= ENOUGH
      && queue + rivals->saved / SHORTER >= rivals->queue;
}

/* @passed: seconds without loss. Returns: bit/s that are added for them beside somebody else */
gdouble
gst_rcast_rivals_get_gain (GstClockTime round_trip, gdouble passed)
{
  gdouble trip = MAX ((gdouble) round_trip / GST_SECOND, LEAST_TRIP);

  return PACKET / (trip * trip) * passed;
}

/* Returns: what is to be done, since gst_rcast_rivals_look() said that he is there */
GstRcastRivalsNext
gst_rcast_rivals_get_next (GstRcastRivals * rivals, GstClockTime queue,
    GstClockTime now)
{
  if (queue > QUEUE_SHORT)
    rivals->calm = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (rivals->calm))
    rivals->calm = now;
  if (GST_CLOCK_TIME_IS_VALID (rivals->calm) && now - rivals->calm > GONE)
    return GST_RCAST_RIVALS_GONE;
  return now - rivals->begun > TESTED ? GST_RCAST_RIVALS_TEST :
      GST_RCAST_RIVALS_STAY;
}
