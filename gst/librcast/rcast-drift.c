/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Aligns a live stream's timestamps with the arrival of its packets, whatever clock made them. */

/*
 * The least lag of a stream behind the clock, over half a second or a little more, is free of
 * arrival jitter. It is the latency of the stream, and constant unless two clocks drift. A lag
 * that changes at once is a new latency, which the timestamps already reflect. A lag that changes
 * slowly, or again and again, is drift.
 *
 * Data that has to wait for our chain, as for an encoder on a slow machine, is late without any
 * drift. So only data that comes to an idle chain counts, and a bucket with little of it is
 * ignored.
 */
#include "config.h"

#include "rcast-drift.h"

#define BUCKET (500 * GST_MSECOND)
/* A smaller change is jitter. */
#define LEAST_DRIFT (40 * GST_MSECOND)
/* A larger change within one bucket is a step: no clock drifts by a fifth. */
#define STEP (100 * GST_MSECOND)
/* This many steps in a row are drift. */
#define MANY_STEPS 4
/* A source that falls this far behind in one step stood still. */
#define STOOD_STILL (1 * GST_SECOND)
/* A larger rest is corrected at half the pace; one beyond MAX_SLEW at once. */
#define FAR_OFF (100 * GST_MSECOND)
#define MAX_SLEW (1 * GST_SECOND)
/* At least one packet of this many has to come to an idle chain. */
#define LEAST_PROMPT 4
/* Least wait of an idle chain; at most this part of the time between two buffers */
#define LEAST_WAIT (1 * GST_MSECOND)
#define WAIT_PART 8

void
gst_rcast_pace_init (GstRcastPace * pace)
{
  *pace = (GstRcastPace) {
    .prompt = TRUE,
    .entered = GST_CLOCK_TIME_NONE,
    .left = GST_CLOCK_TIME_NONE,
  };
}

/**
 * gst_rcast_pace_enter:
 * @pace: the chain
 * @now: when data comes in, by a clock that never goes back
 */
void
gst_rcast_pace_enter (GstRcastPace * pace, GstClockTime now)
{
  GstClockTime done = pace->entered;

  if (!GST_CLOCK_TIME_IS_VALID (done)) {
    pace->entered = now;
    return;
  }
  if (GST_CLOCK_TIME_IS_VALID (pace->left))
    done = MAX (done, pace->left);
  pace->prompt = now >= done && now - done >=
      MIN (LEAST_WAIT, (now - pace->entered) / WAIT_PART);
  pace->entered = now;
}

/**
 * gst_rcast_pace_leave:
 * @pace: the chain
 * @now: when the output of that data leaves
 */
void
gst_rcast_pace_leave (GstRcastPace * pace, GstClockTime now)
{
  pace->left = now;
}

void
gst_rcast_drift_init (GstRcastDrift * drift)
{
  *drift = (GstRcastDrift) {
    .bucket_start = GST_CLOCK_TIME_NONE,
    .bucket_lag = G_MAXINT64,
    .last_bucket_lag = G_MAXINT64,
  };
}

/* The measured lags change with the correction. */
static void
correct (GstRcastDrift * drift, gint64 by)
{
  drift->total += by;
  drift->measured -= by;
  if (drift->bucket_lag != G_MAXINT64)
    drift->bucket_lag -= by;
  if (drift->last_bucket_lag != G_MAXINT64)
    drift->last_bucket_lag -= by;
}

static void
count_step (GstRcastDrift * drift, gint64 change)
{
  if (ABS (change) < (gint64) STEP)
    drift->steps = 0;
  else if (change > 0)
    drift->steps = MAX (drift->steps, 0) + 1;
  else
    drift->steps = MIN (drift->steps, 0) - 1;
}

/* @lag: the least lag of the last two buckets */
static void
judge (GstRcastDrift * drift, gint64 lag)
{
  gint64 change = lag - drift->measured;

  drift->measured = lag;
  if (!drift->has_lag) {
    drift->has_lag = TRUE;
    drift->lag = lag;
    return;
  }
  count_step (drift, change);
  if (change > (gint64) STOOD_STILL) {
    drift->stepped += change;
    drift->slewed += change;
    correct (drift, change);
    return;
  }
  if (drift->steps != 0 && ABS (drift->steps) < MANY_STEPS) {
    drift->lag += change;
    return;
  }
  drift->active |= ABS (lag - drift->lag) > (gint64) LEAST_DRIFT;
  if (drift->active)
    correct (drift, lag - drift->lag);
}

/* A packet from the future is due now, and so are later packets that are as early. */
static void
clamp (GstRcastDrift * drift, gint64 lag)
{
  correct (drift, lag);
  drift->lag = MIN (drift->lag, 0);
  drift->measured = MIN (drift->measured, 0);
}

/* Whether enough data came to an idle chain in this bucket */
static gboolean
is_telling (const GstRcastDrift * drift)
{
  return drift->bucket_lag != G_MAXINT64
      && drift->n_prompt * LEAST_PROMPT >= drift->n_packets;
}

static void
close_bucket (GstRcastDrift * drift, GstClockTime now)
{
  if (!is_telling (drift))
    drift->bucket_lag = G_MAXINT64;
  if (drift->bucket_lag != G_MAXINT64 && drift->last_bucket_lag != G_MAXINT64)
    judge (drift, MIN (drift->bucket_lag, drift->last_bucket_lag));
  drift->last_bucket_lag = drift->bucket_lag;
  drift->bucket_lag = G_MAXINT64;
  drift->bucket_start = now;
  drift->n_packets = drift->n_prompt = 0;
}

/* Silence does not count: a bucket stays open until the next packet. */
static void
measure (GstRcastDrift * drift, gint64 lag, GstClockTime now, gboolean prompt)
{
  GstClockTime passed = GST_CLOCK_TIME_IS_VALID (drift->bucket_start)
      && now >= drift->bucket_start ? now - drift->bucket_start : BUCKET;
  gint64 before = drift->total;

  if (passed >= BUCKET) {
    close_bucket (drift, now);
    lag -= drift->total - before;
  }
  drift->n_packets++;
  if (!prompt)
    return;
  drift->n_prompt++;
  drift->bucket_lag = MIN (drift->bucket_lag, lag);
}

/* Keeps the intervals between frames about the same, and never gives two frames the same
 * timestamp. */
static void
slew (GstRcastDrift * drift, GstClockTime time, gint64 target)
{
  gint64 rest = target - drift->slewed;
  gint64 step = time > drift->last_time ? time - drift->last_time : 0;
  gint64 most = ABS (rest) > (gint64) FAR_OFF ? step / 2 : step / 8;

  if (rest > (gint64) MAX_SLEW)
    drift->slewed = target;
  else
    drift->slewed += CLAMP (rest, -most, most);
}

/**
 * gst_rcast_drift_follow:
 * @drift: the stream
 * @time: running time of a packet by its timestamp
 * @now: running time by the clock when it arrived
 * @prompt: whether it did not wait for the data before it
 * @follow: drift of the audio, whose RTP timestamps are not changed: video has to stay in sync
 *   with it
 * @output: (out): when it is due
 *
 * The packets of one frame share @time, and get the same result.
 */
void
gst_rcast_drift_follow (GstRcastDrift * drift, GstClockTime time,
    GstClockTime now, gboolean prompt, gint64 follow,
    GstRcastDriftOutput * output)
{
  gint64 lag = (gint64) now - (gint64) time - drift->total;

  if (!drift->started || time != drift->last_time) {
    if (lag < 0) {
      clamp (drift, lag);
      lag = 0;
    }
    measure (drift, lag, now, prompt);
    if (drift->started)
      slew (drift, time, drift->total - follow);
    else
      drift->slewed = drift->total - follow;
    drift->last_time = time;
    drift->started = TRUE;
  }
  output->due = MIN ((gint64) now, MAX ((gint64) time + drift->total, 0));
  output->slewed = drift->slewed;
  output->stepped = drift->stepped;
}
