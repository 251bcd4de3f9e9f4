/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which frames of a video that does not follow the network are sent. */
#include "config.h"

#include "rcast-thin.h"

/* Over which the rate that comes is taken: five of them, in a row and all over the target,
 * are more than the second in which whoever encodes has to follow. One with a key frame
 * is over it anyway. */
#define WINDOW (250 * GST_MSECOND)
#define WINDOWS_OVER 5
/* Over which it has to be within the target again, key frames and all */
#define LONG_WINDOW (3 * GST_SECOND)
/* Encoders are not exact: percent of the target */
#define OVER 115
#define WITHIN 110

/* How far what is sent is ahead of the network, when frames are left out that no other
 * needs, those of a layer, all; and when a layer is taken up again, or a key frame. */
#define OWED_DROPPABLE (100 * GST_MSECOND)
#define OWED_LAYER (200 * GST_MSECOND)
#define OWED_ALL (400 * GST_MSECOND)
#define OWED_UP (50 * GST_MSECOND)
#define OWED_KEY (200 * GST_MSECOND)

static void
start_meter (GstRcastThinMeter * meter, guint64 target, GstClockTime now)
{
  *meter = (GstRcastThinMeter) {
  .start = now,.target = target};
}

void
gst_rcast_thin_init (GstRcastThin * thin)
{
  *thin = (GstRcastThin) {
  .layer = G_MAXUINT};
  start_meter (&thin->window, GST_RCAST_NO_TARGET, GST_CLOCK_TIME_NONE);
  start_meter (&thin->long_window, GST_RCAST_NO_TARGET, GST_CLOCK_TIME_NONE);
  gst_rcast_follow_debt_init (&thin->debt);
}

static void
begin (GstRcastThin * thin, GstRcastThinState state)
{
  if (thin->state == GST_RCAST_THIN_OFF) {
    thin->news = TRUE;
    /* What was sent so far has left, or was given up by the feeds. */
    thin->debt.owed = 0;
    thin->layer = G_MAXUINT;
    thin->within = FALSE;
    thin->long_window.start = GST_CLOCK_TIME_NONE;
  }
  thin->state = state;
}

/* @target: bit/s that the network carries, %GST_RCAST_NO_TARGET: any number; 0: the video
 * is paused */
void
gst_rcast_thin_set_target (GstRcastThin * thin, guint64 target)
{
  gst_rcast_follow_debt_set_rate (&thin->debt, target);
  thin->window.target = MAX (thin->window.target, target);
  thin->long_window.target = MAX (thin->long_window.target, target);
  if (target == 0)
    begin (thin, GST_RCAST_THIN_WAITS);
}

/* Whether @meter has been running for @length, and does not count what lies between two
 * time lines. */
static gboolean
is_complete (GstRcastThinMeter * meter, GstClockTime length, guint64 target,
    GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (meter->start) && now >= meter->start
      && now - meter->start < 2 * length)
    return now - meter->start >= length;
  start_meter (meter, target, now);
  return FALSE;
}

static guint64
get_rate (const GstRcastThinMeter * meter, GstClockTime now)
{
  return gst_util_uint64_scale (meter->bits, GST_SECOND, now - meter->start);
}

/* Whether @rate is over @percent of what there was at most. */
static gboolean
is_over (const GstRcastThinMeter * meter, guint64 rate, guint percent)
{
  return meter->target != GST_RCAST_NO_TARGET
      && rate > gst_util_uint64_scale (meter->target, percent, 100);
}

static void
look_at_window (GstRcastThin * thin, GstClockTime now)
{
  if (!is_complete (&thin->window, WINDOW, thin->debt.rate, now))
    return;
  thin->offered = get_rate (&thin->window, now);
  thin->n_over = is_over (&thin->window, thin->offered, OVER) ?
      thin->n_over + 1 : 0;
  if (thin->n_over >= WINDOWS_OVER && thin->state == GST_RCAST_THIN_OFF)
    begin (thin, GST_RCAST_THIN_ON);
  start_meter (&thin->window, thin->debt.rate, now);
}

/* Whoever encodes follows again: the next cut begins anew. */
static void
look_at_long_window (GstRcastThin * thin, GstClockTime now)
{
  if (!is_complete (&thin->long_window, LONG_WINDOW, thin->debt.rate, now))
    return;
  thin->within = !is_over (&thin->long_window, get_rate (&thin->long_window,
          now), WITHIN);
  if (thin->within && thin->state == GST_RCAST_THIN_ON
      && thin->layer >= thin->highest)
    thin->state = GST_RCAST_THIN_OFF;
  start_meter (&thin->long_window, thin->debt.rate, now);
}

static GstRcastThinVerdict
judge_waiting (GstRcastThin * thin, const GstRcastLayersFrame * frame)
{
  if (thin->debt.rate == 0)
    return GST_RCAST_THIN_DROP;
  if (frame->key && thin->debt.owed <= OWED_KEY) {
    thin->state = GST_RCAST_THIN_ON;
    thin->layer = G_MAXUINT;
    return GST_RCAST_THIN_SEND;
  }
  return thin->debt.owed == 0 ? GST_RCAST_THIN_ASK : GST_RCAST_THIN_DROP;
}

/* All layers above @layer are left out from now on. */
static GstRcastThinVerdict
leave_layer (GstRcastThin * thin, guint layer)
{
  thin->layer = layer - 1;
  return GST_RCAST_THIN_DROP;
}

static GstRcastThinVerdict
judge_frame (GstRcastThin * thin, const GstRcastLayersFrame * frame)
{
  GstClockTime owed = thin->debt.owed;
  gboolean up = frame->layer > thin->layer && frame->up && owed <= OWED_UP
      && frame->layer == thin->layer + 1;

  /* A codec that never says where a layer can be taken up needs a key frame. */
  if (frame->layer > thin->layer && !up)
    return thin->within ? GST_RCAST_THIN_ASK : GST_RCAST_THIN_DROP;
  if (frame->droppable && frame->layer >= thin->highest
      && owed > OWED_DROPPABLE)
    return GST_RCAST_THIN_DROP;
  if (frame->layer > 0 && owed > OWED_LAYER)
    return leave_layer (thin, frame->layer);
  if (owed > OWED_ALL) {
    thin->state = GST_RCAST_THIN_WAITS;
    return GST_RCAST_THIN_DROP;
  }
  if (frame->key)
    thin->layer = G_MAXUINT;
  else if (up)
    thin->layer = frame->layer;
  return GST_RCAST_THIN_SEND;
}

/* A packet that tells nothing is left out where its frame may be. */
static GstRcastThinVerdict
judge_unknown (const GstRcastThin * thin)
{
  if (thin->state == GST_RCAST_THIN_OFF)
    return GST_RCAST_THIN_SEND;
  return thin->state == GST_RCAST_THIN_ON && thin->layer >= thin->highest
      && thin->debt.owed <= OWED_DROPPABLE ?
      GST_RCAST_THIN_SEND : GST_RCAST_THIN_DROP;
}

/**
 * gst_rcast_thin_judge:
 * @thin: the video
 * @frame: what the next frame is; while it is not known, the function is called again
 *   for the next packet, unless it is sent
 * @now: its timestamp, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether it is sent. What is sent can be decoded.
 */
GstRcastThinVerdict
gst_rcast_thin_judge (GstRcastThin * thin, const GstRcastLayersFrame * frame,
    GstClockTime now)
{
  gst_rcast_follow_debt_pass (&thin->debt, now);
  if (GST_CLOCK_TIME_IS_VALID (thin->debt.now)) {
    look_at_window (thin, thin->debt.now);
    look_at_long_window (thin, thin->debt.now);
  }
  if (!frame->known)
    return judge_unknown (thin);
  thin->highest = MAX (thin->highest, frame->layer);
  switch (thin->state) {
    case GST_RCAST_THIN_OFF:
      break;
    case GST_RCAST_THIN_ON:
      return judge_frame (thin, frame);
    case GST_RCAST_THIN_WAITS:
      return judge_waiting (thin, frame);
  }
  return GST_RCAST_THIN_SEND;
}

/* A packet of the frame that was judged last. */
void
gst_rcast_thin_add (GstRcastThin * thin, gsize bytes, gboolean sent)
{
  thin->window.bits += 8 * (guint64) bytes;
  thin->long_window.bits += 8 * (guint64) bytes;
  if (sent)
    gst_rcast_follow_debt_add (&thin->debt, bytes);
}

/* @offered: (out): bit/s that came, if it is told
 * Returns: whether frames are left out since the last call, once for each time */
gboolean
gst_rcast_thin_take_news (GstRcastThin * thin, guint64 * offered)
{
  gboolean news = thin->news;

  thin->news = FALSE;
  if (news)
    *offered = thin->offered;
  return news;
}
