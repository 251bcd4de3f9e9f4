/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When waiting packets leave: a large frame goes out bit by bit, so that it overflows no short buffer. */
#include "config.h"

#include "rcast-pacer.h"

/* So much leaves at once, and one packet at least: fewer wake-ups. */
#define BURST (5 * GST_MSECOND)

/* What is to leave sooner leaves at that pace, or the last packet of a frame would take others with
 * it. */
#define LEAST_TIME (20 * GST_MSECOND)

/* What has left is paid for within so much time: what waits for that would all be urgent in the
 * end. */
#define MAX_DEBT (100 * GST_MSECOND)

/* A busy machine wakes the pacer late, each time a little. Once a packet has waited for
 * CATCH_UP_AFTER, the pacer makes up for up to CATCH_UP of that at once, but not on a path with a
 * short buffer, which would lose it. */
#define CATCH_UP (20 * GST_MSECOND)
#define CATCH_UP_AFTER (GST_RCAST_PACER_MAX_WAIT / 4)

/* Waiting packets leave so much faster than the target: as a rule; on a path that is known to
 * be full; slow enough for a queue to empty, and not to fill a short buffer, unless the path
 * is known to carry more; and there, if nothing else is known */
#define PACING_MOST 2.0
#define PACING_FULL 1.15
#define PACING_LEAST 1.15
#define PACING_SHALLOW 1.25
#define PACING_MORE 20000

static gdouble
to_bits (guint64 rate, GstClockTime time)
{
  return (gdouble) rate * time / GST_SECOND;
}

static void
pay (GstRcastPacer * pacer, guint64 rate, GstClockTime now)
{
  gdouble least = pacer->catches_up ? -to_bits (rate, CATCH_UP) : 0;

  if (now > pacer->paid)
    pacer->debt = MAX (pacer->debt - to_bits (rate, now - pacer->paid), least);
  pacer->paid = MAX (pacer->paid, now);
}

/* Nothing waits yet. */
void
gst_rcast_pacer_init (GstRcastPacer * pacer)
{
  *pacer = (GstRcastPacer) { 0, };
}

/**
 * gst_rcast_pacer_set_rate:
 * @pacer: the pacer
 * @rate: bit/s that leave at the most, unless more is to leave in time; 0: nothing waits
 * @burst: bytes that leave at once at least: packets that follow one another show how fast a
 *   path is, but a short buffer takes one only
 * @now: the time
 */
void
gst_rcast_pacer_set_rate (GstRcastPacer * pacer, guint64 rate, gsize burst,
    GstClockTime now)
{
  pay (pacer, pacer->rate, now);
  pacer->rate = rate;
  pacer->burst = burst;
}

/**
 * gst_rcast_pacer_queue_add:
 * @queue: what waits in front of it
 * @bytes: that wait of a frame
 * @since: when they came
 * @now: the time
 *
 * Each frame has its time. Who looked at the first one only would send that evenly, and what has
 * come close behind it as a burst.
 */
void
gst_rcast_pacer_queue_add (GstRcastPacerQueue * queue, gsize bytes,
    GstClockTime since, GstClockTime now)
{
  GstClockTime latest = since + GST_RCAST_PACER_MAX_WAIT;

  if (queue->bytes == 0)
    queue->since = since;
  queue->bytes += bytes;
  queue->least = MAX (queue->least, gst_util_uint64_scale (8 * queue->bytes,
          GST_SECOND, MAX (latest - MIN (now, latest), LEAST_TIME)));
}

/* Something has left, whether it had to wait or not: sound and retransmissions do not, and
 * the others wait for them. */
void
gst_rcast_pacer_charge (GstRcastPacer * pacer, gsize bytes, GstClockTime now)
{
  pay (pacer, pacer->rate, now);
  pacer->debt = MIN (pacer->debt + 8.0 * bytes,
      to_bits (pacer->rate, MAX_DEBT));
}

/**
 * gst_rcast_pacer_get_room:
 * @pacer: the pacer
 * @queue: what waits, each frame of it
 * @now: the time
 * @next: (out): when to ask again, if nothing may leave yet
 *
 * What leaves then is charged by gst_rcast_pacer_charge(); a packet that is larger than the
 * room leaves whole. What is too much for the rate leaves faster, all of it alike, and is out in
 * time.
 *
 * Returns: bytes that may leave at once; 0: none
 */
gsize
gst_rcast_pacer_get_room (GstRcastPacer * pacer,
    const GstRcastPacerQueue * queue, GstClockTime now, GstClockTime * next)
{
  GstClockTime latest = queue->since + GST_RCAST_PACER_MAX_WAIT;
  guint64 rate;

  if (pacer->rate == 0)
    return queue->bytes;
  rate = MAX (pacer->rate, queue->least);
  pay (pacer, rate, now);
  pacer->catches_up = now < latest && pacer->burst > 0
      && now > queue->since + CATCH_UP_AFTER;
  if (!pacer->catches_up)
    pacer->debt = MAX (pacer->debt, 0);
  if (pacer->debt <= 0 || now >= latest)
    return MAX (MAX ((gsize) (to_bits (rate, BURST) / 8), pacer->burst), 1);
  *next = MIN (latest, now + 1 + (GstClockTime) (pacer->debt * GST_SECOND
          / rate));
  return 0;
}

/**
 * gst_rcast_pacer_find_rate:
 * @target: bit/s that may be sent
 * @capacity: bit/s that the path is known to carry, or 0
 * @full: whether there is a queue on the path, which is to empty
 * @shallow: whether its buffer is short
 *
 * Above the target, so that a large frame goes out in time, but no faster than the path is
 * known to carry, or little. What is too much for it waits in any case, and here it overflows
 * no buffer; if it waits on the path, what comes behind it is there sooner.
 *
 * Returns: bit/s at which waiting packets leave
 */
guint64
gst_rcast_pacer_find_rate (gdouble target, gdouble capacity, gboolean full,
    gboolean shallow)
{
  gdouble most = PACING_MOST * target;

  if (shallow && capacity > 0)
    return MAX (capacity, PACING_LEAST * target);
  if (full)
    most = PACING_LEAST * target;
  else if (capacity > 0)
    most = CLAMP (capacity, PACING_FULL * target, most);
  else if (shallow)
    most = PACING_SHALLOW * target;
  return most + PACING_MORE;
}
