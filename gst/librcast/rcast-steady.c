/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timestamps of received RTP that never go back while the sender's advance. */
#include "config.h"

#include "rcast-steady.h"

/* Instead of going back, time passes slower by this factor. */
#define SLOWER 8
/* Longest reordering between decoding and display */
#define MAX_REORDER ((GstClockTimeDiff) GST_SECOND)
/* A longer step is a pause, in which @time has gone on, or a restart of the sender. */
#define LONGEST_STEP ((GstClockTimeDiff) GST_SECOND)

struct _GstRcastSteady
{
  guint clock_rate;             /* 0: not known */
  gboolean started;
  guint32 ssrc;

  /* The frame with the latest RTP timestamp */
  guint32 rtp_time;
  GstClockTime in;
  GstClockTime out;
  /* The frame that was the latest before it: frames shown between the two come after this one */
  guint32 former_rtp_time;
  GstClockTime former_out;
};

GstRcastSteady *
gst_rcast_steady_new (void)
{
  return g_new0 (GstRcastSteady, 1);
}

void
gst_rcast_steady_free (GstRcastSteady * self)
{
  g_free (self);
}

/* @clock_rate: rate of the RTP timestamps in Hz; 0: not known */
void
gst_rcast_steady_set_clock_rate (GstRcastSteady * self, guint clock_rate)
{
  self->started &= clock_rate == self->clock_rate;
  self->clock_rate = clock_rate;
}

/* Returns: the time from @from to @to, which may be earlier */
static GstClockTimeDiff
get_step (const GstRcastSteady * self, guint32 from, guint32 to)
{
  gint32 units = (gint32) (to - from);
  GstClockTimeDiff step = gst_util_uint64_scale (ABS ((gint64) units),
      GST_SECOND, self->clock_rate);

  return units < 0 ? -step : step;
}

static GstClockTime
note (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time, GstClockTime in,
    GstClockTime out)
{
  self->former_rtp_time = self->started ? self->rtp_time : rtp_time;
  self->former_out = self->started ? self->out : out;
  self->started = TRUE;
  self->ssrc = ssrc;
  self->rtp_time = rtp_time;
  self->in = in;
  self->out = out;
  return out;
}

static GstClockTime
begin (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time,
    GstClockTime time)
{
  self->started = FALSE;
  return note (self, ssrc, rtp_time, time, time);
}

/* Returns: the least time of a frame @step after one with time @out */
static GstClockTime
get_least (GstClockTime out, GstClockTimeDiff step)
{
  return out + MIN (step, LONGEST_STEP) / SLOWER;
}

/* Maps a frame that is shown between the former latest one and the latest one. */
static GstClockTime
map_reordered (const GstRcastSteady * self, guint32 rtp_time,
    GstClockTime time)
{
  GstClockTimeDiff step = get_step (self, self->former_rtp_time, rtp_time);

  return step > 0 ? MAX (time, get_least (self->former_out, step)) :
      time + (self->out - self->in);
}

/**
 * gst_rcast_steady_map:
 * @ssrc: SSRC of the packet
 * @rtp_time: its RTP timestamp
 * @time: its local time according to the jitter buffer
 *
 * A lead over @time shrinks with the sender's time, at the same speed in all streams, however
 * many packets a frame has and however long it lasts. Audio and video that are set back
 * together thus stay together. Packets of one frame get the same time. Frames that
 * the sender reordered are shown in their order.
 *
 * Returns: the time of the packet, @time or later
 */
GstClockTime
gst_rcast_steady_map (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time,
    GstClockTime time)
{
  GstClockTimeDiff step;

  if (!GST_CLOCK_TIME_IS_VALID (time) || self->clock_rate == 0)
    return time;
  if (!self->started || ssrc != self->ssrc)
    return begin (self, ssrc, rtp_time, time);
  step = get_step (self, self->rtp_time, rtp_time);
  if (step == 0)
    return self->out;
  if (step < -MAX_REORDER)
    return begin (self, ssrc, rtp_time, time);
  if (step < 0)
    return map_reordered (self, rtp_time, time);
  return note (self, ssrc, rtp_time, time,
      MAX (time, get_least (self->out, step)));
}
