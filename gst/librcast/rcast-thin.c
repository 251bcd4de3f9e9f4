/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drops frames of a video that does not follow the network. */
#include "config.h"

#include "rcast-thin.h"

/* Windows that measure the rate that comes: five in a row over the target take longer than the
 * second that an encoder has to follow. One window with a key frame is over the target
 * anyway. */
#define WINDOW (250 * GST_MSECOND)
#define WINDOWS_OVER 5
/* The rate has to be within the target again over this time, key frames included. */
#define LONG_WINDOW (3 * GST_SECOND)
/* Tolerances in percent of the target, as encoders are not exact */
#define OVER 115
#define WITHIN 110

/* How far the sent frames may be ahead of the network before frames that no other needs are
 * dropped, a layer is dropped, all are dropped; and at most for a layer to resume, or a key
 * frame. */
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
    /* Earlier frames have left, or the feeds gave them up. */
    thin->debt.owed = 0;
    thin->layer = G_MAXUINT;
    thin->within = FALSE;
    thin->long_window.start = GST_CLOCK_TIME_NONE;
  }
  thin->state = state;
}

/* @target: bit/s that the network carries for the video, %GST_RCAST_NO_TARGET: any number; 0: the
 * video is paused */
void
gst_rcast_thin_set_target (GstRcastThin * thin, guint64 target)
{
  gst_rcast_follow_debt_set_rate (&thin->debt, target);
  thin->window.target = MAX (thin->window.target, target);
  thin->long_window.target = MAX (thin->long_window.target, target);
  if (target == 0)
    begin (thin, GST_RCAST_THIN_WAITS);
}

/* Whether @meter has run for @length. It restarts when the timestamps jump to another
 * timeline. */
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

/* Whether @rate is over @percent of the highest target. */
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

/* Ends the dropping once the encoder follows again: the next excess begins anew. */
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

/* Drops @layer and all layers above from now on. */
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

  /* A codec that never marks where a layer can resume needs a key frame. */
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

/* A packet of an unknown frame is dropped where its frame might be. */
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
 * @frame: the next frame; while it is not known, call the function again
 *   for the next packet, unless this one is sent
 * @now: its timestamp, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether to send the frame. All frames that are sent can be decoded
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

/* Counts a packet of the frame that was judged last. */
void
gst_rcast_thin_add (GstRcastThin * thin, gsize bytes, gboolean sent)
{
  thin->window.bits += 8 * (guint64) bytes;
  thin->long_window.bits += 8 * (guint64) bytes;
  if (sent)
    gst_rcast_follow_debt_add (&thin->debt, bytes);
}

/* @offered: (out): bit/s that came, set if %TRUE is returned
 * Returns: whether dropping has begun since the last call */
gboolean
gst_rcast_thin_take_news (GstRcastThin * thin, guint64 * offered)
{
  gboolean news = thin->news;

  thin->news = FALSE;
  if (news)
    *offered = thin->offered;
  return news;
}
