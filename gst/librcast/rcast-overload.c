/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects a chain that is too slow for its input: its frames leave later and later. */

/*
 * It takes two signs: the chain never waits for data, and its output gets later and later. If the
 * source is late or its clock drifts, the chain is idle at times. If the chain is just busy, no
 * frame leaves later than the one before.
 */
#include "config.h"

#include "rcast-overload.h"

#define BUCKET GST_SECOND
/* A chain that waits for one of this many frames keeps up. */
#define LEAST_PROMPT 4
/* A hiccup of the machine is shorter and smaller than this. */
#define LEAST_BUSY 3
#define LEAST_LATE (500 * GST_MSECOND)
/* A spell is over after this many buckets in which the chain kept up. */
#define LEAST_WELL 5

void
gst_rcast_overload_init (GstRcastOverload * overload)
{
  *overload = (GstRcastOverload) {
    .last_time = GST_CLOCK_TIME_NONE,
    .bucket_start = GST_CLOCK_TIME_NONE,
    .bucket_lag = G_MAXINT64,
  };
}

static void
keeps_up (GstRcastOverload * overload)
{
  overload->n_busy = 0;
  overload->n_well++;
  overload->lag = overload->bucket_lag;
  overload->has_lag = TRUE;
  overload->late = 0;
  if (overload->n_well >= LEAST_WELL)
    overload->slow = FALSE;
}

/* Returns: whether a spell begins */
static gboolean
is_busy (GstRcastOverload * overload)
{
  gboolean began;

  overload->n_busy++;
  overload->n_well = 0;
  if (!overload->has_lag)
    overload->lag = overload->bucket_lag;
  overload->has_lag = TRUE;
  overload->late = MAX (overload->bucket_lag - overload->lag, 0);
  began = !overload->slow && overload->n_busy >= LEAST_BUSY
      && overload->late >= LEAST_LATE;
  overload->slow |= began;
  return began;
}

static gboolean
close_bucket (GstRcastOverload * overload, GstClockTime now)
{
  gboolean began = FALSE;

  if (overload->n_frames > 0 && overload->n_prompt * LEAST_PROMPT
      >= overload->n_frames)
    keeps_up (overload);
  else if (overload->n_frames > 0)
    began = is_busy (overload);
  overload->bucket_start = now;
  overload->bucket_lag = G_MAXINT64;
  overload->n_frames = overload->n_prompt = 0;
  return began;
}

/**
 * gst_rcast_overload_step:
 * @overload: the chain
 * @time: running time of a packet by its timestamp
 * @now: running time by the clock when the packet leaves the chain
 * @prompt: whether its input did not wait for the data before it
 *
 * The packets of one frame share @time, and count once.
 *
 * Returns: whether the chain has just been found too slow; once for each spell
 */
gboolean
gst_rcast_overload_step (GstRcastOverload * overload, GstClockTime time,
    GstClockTime now, gboolean prompt)
{
  gboolean began = FALSE;

  if (time == overload->last_time)
    return FALSE;
  overload->last_time = time;
  if (!GST_CLOCK_TIME_IS_VALID (overload->bucket_start)
      || now < overload->bucket_start)
    overload->bucket_start = now;
  else if (now - overload->bucket_start >= BUCKET)
    began = close_bucket (overload, now);
  overload->n_frames++;
  overload->n_prompt += prompt;
  overload->bucket_lag = MIN (overload->bucket_lag,
      (gint64) now - (gint64) time);
  return began;
}
