/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pacer: sends a large frame piece by piece, so that it overflows no short buffer. */
#include "config.h"

#include "rcast-pacer.h"

/* Packets of so much time leave at once, and at least one packet: fewer wake-ups. */
#define BURST (5 * GST_MSECOND)

/* Packets that are due sooner leave at the pace of this time. Otherwise the last packet of a
 * frame would drag others along. */
#define LEAST_TIME (20 * GST_MSECOND)

/* Sent packets are paid for within so much time. If the debt grew further, the packets that wait
 * for it would all become urgent in the end. */
#define MAX_DEBT (100 * GST_MSECOND)

/* A busy machine wakes the pacer late, each time a little. Once a packet has waited for
 * CATCH_UP_AFTER, the pacer makes up for up to CATCH_UP of the delay at once. It does not on a path
 * with a short buffer, which would lose the burst. */
#define CATCH_UP (20 * GST_MSECOND)
#define CATCH_UP_AFTER (GST_RCAST_PACER_MAX_WAIT / 4)

/* Pace of waiting packets relative to the target: at most MOST; at least FULL if the capacity is
 * known; LEAST to let a queue empty, and at least on a short buffer with a known capacity; SHALLOW
 * on a short buffer otherwise. MORE is added, in bit/s. */
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
 * @rate: highest bit/s, unless packets must leave faster to be in time; 0: no packet waits
 * @burst: bytes that leave at once, at least. Back-to-back packets show how fast a path is, but a
 *   short buffer takes only one
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
 * @queue: the packets that wait before it
 * @bytes: bytes of a frame that wait
 * @since: when the frame came
 * @now: the time
 *
 * Adds one frame, which has its own deadline. If the pacer looked at the first frame only, it
 * would send that one evenly, and a frame that came close behind it as a burst.
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

/* Charges @bytes that have left, whether they had to wait or not. Audio and retransmissions do
 * not wait, but the other packets wait for them. */
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
 * The caller charges what leaves with gst_rcast_pacer_charge(). A packet that is larger than the
 * room leaves whole. If packets would be late at the rate, all of them leave evenly at a higher
 * one.
 *
 * Returns: bytes that may leave at once, 0: none
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
 * @shallow: whether the buffer of the path is short
 *
 * The pace is above the target, so that a large frame leaves in time, but not or hardly above
 * the known capacity. What exceeds the capacity waits in any case, and in the pacer it overflows
 * no buffer. If it waits on the path, the packets behind it arrive sooner.
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
