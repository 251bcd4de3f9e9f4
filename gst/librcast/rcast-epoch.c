/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps a source's timestamps to a time line without jumps: epochs with a constant shift each. */

/*
 * A live source's timestamps are checked against the arrival of its buffers. From one buffer to
 * the next, the two may differ by the jitter of a source; more than that is a jump. Slow drift is
 * not a jump (see rcast-drift.h). Buffers of a file have no arrival time: their timestamps are
 * checked against the previous ones.
 */
#include "config.h"

#include "rcast-epoch.h"

/* How far a live source may be ahead of the clock at its start, and how much it may gain on the
 * clock from one buffer to the next */
#define MAX_LEAD (1 * GST_SECOND)
/* Largest latency of a source: a jitter buffer, or an encoder with lookahead */
#define MAX_LAG (5 * GST_SECOND)
/* How much longer a live source may be silent than its timestamps say */
#define MAX_PAUSE (10 * GST_SECOND)
/* Largest gap in a file, and at its start: a stream may begin later than the others. */
#define MAX_GAP (10 * GST_SECOND)
#define MAX_START (60 * GST_SECOND)
/* Two streams jump together if their timestamps differ by this at most, */
#define SAME_JUMP (1 * GST_SECOND)
/* and if one jumps at most this much later. */
#define SAME_TIME (10 * GST_SECOND)
/* Largest error of timestamps that are counted instead of taken from the clock */
#define MAX_COUNT_ERROR (200 * GST_MSECOND)
/* Duration of a buffer that has none */
#define USUAL_DURATION (GST_SECOND / 30)
/* Least distance between timestamps of two different buffers */
#define LEAST_STEP (1 * GST_MSECOND)
/* Seconds that RTP timestamps may go back: decoding order, reordered packets */
#define RTP_REORDER 1
/* Seconds that RTP timestamps may stand still while time goes on */
#define RTP_PAUSE 10

void
gst_rcast_timeline_init (GstRcastTimeline * timeline)
{
  *timeline = (GstRcastTimeline) {
  .n_made = 0,};
}

void
gst_rcast_epoch_init (GstRcastEpoch * epoch)
{
  *epoch = (GstRcastEpoch) {
    .last_time = GST_RCAST_NO_TIME,
    .last_out = GST_RCAST_NO_TIME,
    .seen_out = GST_RCAST_NO_TIME,
    .seen_now = GST_CLOCK_TIME_NONE,
    .last_duration = GST_CLOCK_TIME_NONE,
  };
}

/* Running times are far from the limits of 64 bits, but a source may send anything: saturate. */
static gint64
add (gint64 a, gint64 b)
{
  gint64 sum;

  if (!__builtin_add_overflow (a, b, &sum))
    return sum;
  return a > 0 ? G_MAXINT64 : G_MININT64 + 1;
}

static gint64
subtract (gint64 a, gint64 b)
{
  gint64 difference;

  if (!__builtin_sub_overflow (a, b, &difference))
    return difference;
  return a > 0 ? G_MAXINT64 : G_MININT64 + 1;
}

static gint64
last_duration (const GstRcastEpoch * epoch)
{
  return GST_CLOCK_TIME_IS_VALID (epoch->last_duration) ?
      (gint64) epoch->last_duration : (gint64) USUAL_DURATION;
}

/* --- the shared epochs --- */

/* Whether @out, by another stream's epoch, is close enough to @wanted. A file's epoch can still be
 * moved. */
static gboolean
fits (const GstRcastEpoch * epoch, gboolean live, gint64 out, gint64 wanted)
{
  if (live && epoch->last_out != GST_RCAST_NO_TIME && out <= epoch->last_out)
    return FALSE;
  return out >= 0 && ABS (subtract (out, wanted)) <= (gint64) SAME_JUMP;
}

static gboolean
is_recent (GstClockTime at, GstClockTime now)
{
  return !GST_CLOCK_TIME_IS_VALID (at) || !GST_CLOCK_TIME_IS_VALID (now)
      || now <= at || now - at <= SAME_TIME;
}

/* Returns: whether @epoch takes over an epoch that another stream has begun */
static gboolean
join (GstRcastEpoch * epoch, const GstRcastTimeline * timeline,
    const GstRcastEpochInput * input, gint64 wanted)
{
  for (guint i = 0; i < timeline->n_made && i < GST_RCAST_TIMELINE_SIZE; i++) {
    guint number = timeline->n_made - i;
    guint slot = number % GST_RCAST_TIMELINE_SIZE;
    gint64 shift = timeline->epochs[slot].shift;

    if (number <= epoch->number)
      return FALSE;
    if (!fits (epoch, input->live, add (input->time, shift), wanted)
        || (epoch->started
            && !is_recent (timeline->epochs[slot].at, input->now)))
      continue;
    epoch->number = number;
    epoch->shift = shift;
    return TRUE;
  }
  return FALSE;
}

static void
begin (GstRcastEpoch * epoch, GstRcastTimeline * timeline,
    const GstRcastEpochInput * input, gint64 wanted)
{
  guint slot;

  if (join (epoch, timeline, input, wanted))
    return;
  epoch->number = ++timeline->n_made;
  epoch->shift = subtract (wanted, input->time);
  slot = epoch->number % GST_RCAST_TIMELINE_SIZE;
  timeline->epochs[slot].shift = epoch->shift;
  timeline->epochs[slot].at = input->now;
  timeline->epochs[slot].number = epoch->number;
}

/* For files: all streams continue where the longest stream ended before the jump. */
static void
follow (GstRcastEpoch * epoch, GstRcastTimeline * timeline, gboolean first)
{
  guint slot = epoch->number % GST_RCAST_TIMELINE_SIZE;

  if (epoch->number == 0 || timeline->epochs[slot].number != epoch->number)
    return;
  if (first && epoch->shift > timeline->epochs[slot].shift)
    timeline->epochs[slot].shift = epoch->shift;
  epoch->shift = MAX (epoch->shift, timeline->epochs[slot].shift);
}

/* --- jumps --- */

/* Where the next buffer of a running stream is expected, and how far it is off */
typedef struct
{
  gint64 expected;
  gint64 off;
} Step;

/* The lag of a stream is its latency, and stays constant. */
static gboolean
jumps_live (const GstRcastEpoch * epoch, const GstRcastEpochInput * input,
    Step * step)
{
  gint64 passed = (gint64) input->now - (gint64) epoch->seen_now;
  gint64 lag = (gint64) epoch->seen_now - epoch->seen_out;
  gint64 moved = subtract (input->time, epoch->last_time);

  step->expected = MIN (add (epoch->seen_out, passed), (gint64) input->now);
  step->expected = MAX (step->expected, add (epoch->last_out, LEAST_STEP));
  step->off = subtract (moved, passed);
  return moved < -(gint64) input->reorder
      || step->off > (gint64) MAX_LEAD + CLAMP (lag, 0, (gint64) MAX_LAG)
      || step->off < -(gint64) MAX_PAUSE;
}

static gboolean
jumps_file (const GstRcastEpoch * epoch, const GstRcastEpochInput * input,
    Step * step)
{
  gint64 moved = subtract (input->time, epoch->last_time);

  step->expected = add (epoch->last_out, last_duration (epoch));
  step->off = subtract (moved, last_duration (epoch));
  return moved < -(gint64) input->reorder || moved >= (gint64) MAX_GAP;
}

/* Handles the first buffer, the first one with a timestamp, and the first one with a clock. */
static gboolean
starts_off (const GstRcastEpoch * epoch, const GstRcastEpochInput * input,
    Step * step)
{
  gint64 now = GST_CLOCK_TIME_IS_VALID (input->now) ? (gint64) input->now : 0;

  step->off = subtract (add (input->time, epoch->shift), now);
  step->expected = now;
  if (input->live)
    step->expected -= MIN ((gint64) input->latency, (gint64) MAX_LAG / 2);
  step->expected = MAX (step->expected, 0);
  if (epoch->last_out != GST_RCAST_NO_TIME)
    step->expected = MAX (step->expected, add (epoch->last_out, LEAST_STEP));
  if (!input->live)
    return step->off > (gint64) MAX_START;
  return GST_CLOCK_TIME_IS_VALID (input->now)
      && (step->off > (gint64) MAX_LEAD || step->off < -(gint64) MAX_LAG);
}

static gboolean
find_jump (const GstRcastEpoch * epoch, const GstRcastEpochInput * input,
    Step * step)
{
  if (epoch->last_time == GST_RCAST_NO_TIME
      || (input->live && !GST_CLOCK_TIME_IS_VALID (epoch->seen_now)))
    return starts_off (epoch, input, step);
  if (!input->live)
    return jumps_file (epoch, input, step);
  return GST_CLOCK_TIME_IS_VALID (input->now)
      && jumps_live (epoch, input, step);
}

static void
map_time (GstRcastEpoch * epoch, GstRcastTimeline * timeline,
    const GstRcastEpochInput * input, GstRcastEpochOutput * output)
{
  Step step;

  if (find_jump (epoch, input, &step)) {
    output->began = TRUE;
    output->jump = step.off;
    begin (epoch, timeline, input, step.expected);
    if (!input->live && add (input->time, epoch->shift) < step.expected)
      epoch->shift = subtract (step.expected, input->time);
  }
  if (!input->live)
    follow (epoch, timeline, output->began);
  output->shift = epoch->shift;
  output->time = MAX (add (input->time, epoch->shift), 0);
}

/* --- missing timestamps --- */

/* Makes a timestamp for a live buffer from the clock, with the latency of earlier timestamps.
 * Contiguous buffers are counted instead, so that arrival jitter is not audible. */
static gint64
make_time (const GstRcastEpoch * epoch, const GstRcastEpochInput * input)
{
  gint64 now = GST_CLOCK_TIME_IS_VALID (input->now) ? (gint64) input->now : 0;
  gint64 next, due = now;

  if (epoch->last_out == GST_RCAST_NO_TIME)
    return now;
  next = add (epoch->last_out, last_duration (epoch));
  if (!input->live || !GST_CLOCK_TIME_IS_VALID (input->now))
    return next;
  if (GST_CLOCK_TIME_IS_VALID (epoch->seen_now))
    due = MIN (add (epoch->seen_out, subtract (now,
                (gint64) epoch->seen_now)), now);
  if (input->counted && GST_CLOCK_TIME_IS_VALID (epoch->last_duration)
      && ABS (subtract (next, due)) <= (gint64) MAX_COUNT_ERROR)
    return next;
  return MAX (due, add (epoch->last_out,
          MAX (input->least_step, LEAST_STEP)));
}

/* Of frames in decoding order, the one with the latest timestamp counts. */
static void
remember (GstRcastEpoch * epoch, const GstRcastEpochInput * input,
    const GstRcastEpochOutput * output)
{
  epoch->started = TRUE;
  if (!output->began && epoch->last_out != GST_RCAST_NO_TIME
      && (gint64) output->time < epoch->last_out)
    return;
  epoch->last_out = output->time;
  epoch->last_duration = input->duration;
  if (input->time == GST_RCAST_NO_TIME)
    return;
  epoch->last_time = input->time;
  epoch->seen_out = output->time;
  epoch->seen_now = input->now;
}

/**
 * gst_rcast_epoch_map:
 * @epoch: the stream
 * @timeline: the broadcast; the caller holds its lock
 * @input: a buffer
 * @output: (out): the mapped time of the buffer
 *
 * Regular timestamps come out unchanged. After a jump, the output continues where it was: at the
 * pace at which buffers arrive, or one frame later if they come from a file. Missing timestamps
 * are made up.
 */
void
gst_rcast_epoch_map (GstRcastEpoch * epoch, GstRcastTimeline * timeline,
    const GstRcastEpochInput * input, GstRcastEpochOutput * output)
{
  *output = (GstRcastEpochOutput) {
  .began = FALSE,};
  if (input->time == GST_RCAST_NO_TIME)
    output->time = make_time (epoch, input);
  else
    map_time (epoch, timeline, input, output);
  remember (epoch, input, output);
}

/**
 * gst_rcast_rtp_jumps:
 * @before: RTP timestamp of the previous packet
 * @timestamp: RTP timestamp of this packet
 * @clock_rate: Hz
 * @passed: time since the previous packet, or %GST_CLOCK_TIME_NONE
 *
 * Whether the RTP timestamps of a source start anew, as after a restart of the sender. Decoding
 * order, small reorderings and the wrap of 32 bits are not jumps.
 */
gboolean
gst_rcast_rtp_jumps (guint32 before, guint32 timestamp, guint clock_rate,
    GstClockTime passed)
{
  gint64 moved = (gint32) (timestamp - before);
  gint64 due;

  if (clock_rate == 0)
    return FALSE;
  if (moved < -(gint64) RTP_REORDER * clock_rate)
    return TRUE;
  if (!GST_CLOCK_TIME_IS_VALID (passed))
    return FALSE;
  due = gst_util_uint64_scale (MIN (passed, G_MAXINT32 * GST_SECOND),
      clock_rate, GST_SECOND);
  /* After such a long pause the 32-bit difference says nothing. */
  if (due > G_MAXINT32)
    return TRUE;
  return moved - due > (gint64) RTP_REORDER * clock_rate
      || due - moved > (gint64) RTP_PAUSE * clock_rate;
}
