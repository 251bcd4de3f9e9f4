/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timestamps of received RTP that never go back while the sender's go on. */
#include "config.h"

#include "rcast-steady.h"

/* What was to be set back passes at this part of its speed. */
#define SLOWER 8
/* Frames that are decoded in another order than they are shown in. */
#define MAX_REORDER ((GstClockTimeDiff) GST_SECOND)
/* A longer one is a pause, in which @time has gone on, or a sender that started anew. */
#define LONGEST_STEP ((GstClockTimeDiff) GST_SECOND)

struct _GstRcastSteady
{
  guint clock_rate;             /* 0: not known */
  gboolean started;
  guint32 ssrc;

  /* of the packet with the latest RTP timestamp */
  guint32 rtp_time;
  GstClockTime in;
  GstClockTime out;
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

/* @clock_rate: of the RTP timestamps, in Hz; 0: not known */
void
gst_rcast_steady_set_clock_rate (GstRcastSteady * self, guint clock_rate)
{
  self->started &= clock_rate == self->clock_rate;
  self->clock_rate = clock_rate;
}

static GstClockTimeDiff
get_step (const GstRcastSteady * self, guint32 rtp_time)
{
  gint32 units = (gint32) (rtp_time - self->rtp_time);
  GstClockTimeDiff step = gst_util_uint64_scale (ABS ((gint64) units),
      GST_SECOND, self->clock_rate);

  return units < 0 ? -step : step;
}

static GstClockTime
note (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time, GstClockTime in,
    GstClockTime out)
{
  self->started = TRUE;
  self->ssrc = ssrc;
  self->rtp_time = rtp_time;
  self->in = in;
  self->out = out;
  return out;
}

/**
 * gst_rcast_steady_map:
 * @ssrc: of the packet
 * @rtp_time: its RTP timestamp
 * @time: its local time by the jitter buffer
 *
 * Packets of one frame get the same time. Frames that the sender reordered keep their
 * distance.
 *
 * Returns: the time that it should have, @time or later
 */
GstClockTime
gst_rcast_steady_map (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time,
    GstClockTime time)
{
  GstClockTimeDiff step;

  if (!GST_CLOCK_TIME_IS_VALID (time) || self->clock_rate == 0)
    return time;
  if (!self->started || ssrc != self->ssrc)
    return note (self, ssrc, rtp_time, time, time);
  step = get_step (self, rtp_time);
  if (step == 0)
    return self->out;
  if (step < -MAX_REORDER)
    return note (self, ssrc, rtp_time, time, time);
  if (step < 0)
    return time + (self->out - self->in);
  return note (self, ssrc, rtp_time, time,
      MAX (time, self->out + MIN (step, LONGEST_STEP) / SLOWER));
}
