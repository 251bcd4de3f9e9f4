/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fits an encoder to the network: when to change its bitrate, when to shrink the picture. */
#include "config.h"

#include "rcast-follow.h"

/* Least change, in percent: an encoder restarts its rate control with each change, so many small
 * changes are worse than none. */
#define LEAST_STEP 3
/* A decrease is urgent, since the excess waits in a queue. One to this percentage of the bitrate or
 * less does not wait at all: a single frame at the earlier bitrate costs several later ones. */
#define DOWN_INTERVAL (100 * GST_MSECOND)
#define DOWN_AT_ONCE 75
#define UP_INTERVAL (500 * GST_MSECOND)

/* Most debt, as a key frame exceeds its share. Right after the rate fell there is a queue already,
 * so that less is allowed at first, */
#define MOST_OWED (400 * GST_MSECOND)
#define LEAST_OWED (100 * GST_MSECOND)
/* and this much more each second. */
#define FORGIVEN (100 * GST_MSECOND)
/* Limit of the debt: a picture that freezes for longer is of no use to anybody. */
#define MOST_EVER (2 * GST_SECOND)
/* A larger gap between two frames is not part of the media. */
#define MOST_PASSED GST_SECOND

/* Thousandths of a bit per pixel of each frame: with fewer, a smaller picture or lower frame rate
 * is better. */
#define SENSIBLE 30
/* Percent of that at which the picture is enlarged again */
#define BACK 150
#define REDUCE_AFTER (500 * GST_MSECOND)
#define ENLARGE_AFTER (3 * GST_SECOND)

/* A stream is degraded once it has had less than its minimum for LACK_BEGINS, and recovers once it
 * has had enough for LACK_ENDS. */
#define LACK_BEGINS (500 * GST_MSECOND)
#define LACK_ENDS (3 * GST_SECOND)

/* Least change of the target that is reported, in percent */
#define NEWS 5

/* Whether a change from @said to @target is worth a message. A stream that pauses, resumes, or gets
 * or loses its limit always is. */
gboolean
gst_rcast_follow_is_news (guint64 said, guint64 target)
{
  guint64 change = said > target ? said - target : target - said;

  if (change == 0)
    return FALSE;
  if (said == 0 || target == 0 || said == GST_RCAST_NO_TARGET
      || target == GST_RCAST_NO_TARGET)
    return TRUE;
  return change >= gst_util_uint64_scale_ceil (said, NEWS, 100);
}

/* --- the encoder's bitrate --- */

void
gst_rcast_follow_pace_init (GstRcastFollowPace * pace)
{
  *pace = (GstRcastFollowPace) {
  .at = GST_CLOCK_TIME_NONE,};
}

/* Missing timestamps, and timestamps that go back, do not delay anything. */
static gboolean
has_passed (const GstRcastFollowPace * pace, GstClockTime now,
    GstClockTime interval)
{
  if (!GST_CLOCK_TIME_IS_VALID (now) || !GST_CLOCK_TIME_IS_VALID (pace->at))
    return TRUE;
  return now < pace->at || now - pace->at >= interval;
}

/**
 * gst_rcast_follow_pace_due:
 * @pace: the encoder's current bitrate
 * @wanted: bit/s that it should produce
 * @now: timestamp of the next frame, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether to set the encoder now: for a change of 3 % or more, ten times a second
 *   downwards, twice a second upwards; for a fall by a quarter or more, at once
 */
gboolean
gst_rcast_follow_pace_due (const GstRcastFollowPace * pace, guint64 wanted,
    GstClockTime now)
{
  guint64 told = pace->told;

  if (wanted == told)
    return FALSE;
  if (told == 0 || wanted <= gst_util_uint64_scale (told, DOWN_AT_ONCE, 100))
    return TRUE;
  if (wanted < told)
    return told - wanted >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
        && has_passed (pace, now, DOWN_INTERVAL);
  return wanted - told >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
      && has_passed (pace, now, UP_INTERVAL);
}

/* The encoder was set to @told at @now. */
void
gst_rcast_follow_pace_tell (GstRcastFollowPace * pace, guint64 told,
    GstClockTime now)
{
  pace->told = told;
  pace->at = now;
}

/* --- the encoder's output --- */

void
gst_rcast_follow_debt_init (GstRcastFollowDebt * debt)
{
  *debt = (GstRcastFollowDebt) {
  .rate = GST_RCAST_NO_TARGET,.now = GST_CLOCK_TIME_NONE,.cut =
        GST_CLOCK_TIME_NONE,};
}

/* The debt keeps its duration: it is a queue that was made at the old rate, and the encoder does
 * not have to make up for it. */
void
gst_rcast_follow_debt_set_rate (GstRcastFollowDebt * debt, guint64 rate)
{
  if (rate < debt->rate)
    debt->cut = debt->now;
  debt->rate = rate;
}

/* Whether @now belongs to a frame that is shown before an earlier one, in decoding order */
static gboolean
is_reordered (const GstRcastFollowDebt * debt, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (now) && GST_CLOCK_TIME_IS_VALID (debt->now)
      && now < debt->now && debt->now - now < MOST_PASSED;
}

/* @now: timestamp of the next frame, or %GST_CLOCK_TIME_NONE */
void
gst_rcast_follow_debt_pass (GstRcastFollowDebt * debt, GstClockTime now)
{
  GstClockTime passed = MOST_PASSED;

  if (is_reordered (debt, now))
    return;
  if (GST_CLOCK_TIME_IS_VALID (now) && GST_CLOCK_TIME_IS_VALID (debt->now)
      && now >= debt->now)
    passed = MIN (now - debt->now, MOST_PASSED);
  debt->owed -= MIN (debt->owed, passed);
  debt->now = now;
}

/* The encoder has produced @bytes. */
void
gst_rcast_follow_debt_add (GstRcastFollowDebt * debt, gsize bytes)
{
  if (debt->rate == 0 || debt->rate == GST_RCAST_NO_TARGET)
    return;
  debt->owed += gst_util_uint64_scale (8 * (guint64) bytes, GST_SECOND,
      debt->rate);
  debt->owed = MIN (debt->owed, MOST_EVER);
}

/* Whether the next frame would be too much; for a paused stream every frame is. */
gboolean
gst_rcast_follow_debt_is_high (const GstRcastFollowDebt * debt)
{
  GstClockTime most = MOST_OWED;

  if (debt->rate == 0)
    return TRUE;
  if (GST_CLOCK_TIME_IS_VALID (debt->now) && GST_CLOCK_TIME_IS_VALID (debt->cut)
      && debt->now >= debt->cut)
    most = MIN (most, LEAST_OWED + gst_util_uint64_scale (debt->now - debt->cut,
            FORGIVEN, GST_SECOND));
  return debt->owed > most;
}

/* --- the picture --- */

void
gst_rcast_follow_picture_init (GstRcastFollowPicture * picture)
{
  *picture = (GstRcastFollowPicture) {
  .since = GST_CLOCK_TIME_NONE,};
}

/* Whether @reduced steps leave @percent of a sensible bitrate per pixel. If the encoder is set to a
 * lower bitrate, half of that bitrate counts as sensible. */
static gboolean
suffices (const GstRcastFollowBudget * budget, guint reduced, guint percent)
{
  guint64 least = MIN (budget->pixels * SENSIBLE / 1000, budget->ceiling / 2);
  guint shift = reduced == 0 ? 0 : 1 + 2 * (reduced - 1);

  return budget->bits >= gst_util_uint64_scale (least, percent, 100) >> shift;
}

/**
 * gst_rcast_follow_reduce:
 * @reduced: number of steps by which the picture is reduced
 * @budget: the budget
 *
 * Returns: number of steps by which it should be: more where a pixel gets less than 0.03 bits,
 *   fewer where it would then get 0.045
 */
guint
gst_rcast_follow_reduce (guint reduced, const GstRcastFollowBudget * budget)
{
  reduced = MIN (reduced, budget->most);
  while (reduced < budget->most && !suffices (budget, reduced, 100))
    reduced++;
  while (reduced > 0 && suffices (budget, reduced - 1, BACK))
    reduced--;
  return reduced;
}

/**
 * gst_rcast_follow_picture_step:
 * @picture: how the video is reduced
 * @budget: its budget
 * @now: timestamp of the next frame, or %GST_CLOCK_TIME_NONE
 *
 * A change costs a key frame, so it waits until the wish has lasted for some time.
 *
 * Returns: whether @picture has changed, from this frame on
 */
gboolean
gst_rcast_follow_picture_step (GstRcastFollowPicture * picture,
    const GstRcastFollowBudget * budget, GstClockTime now)
{
  guint wish = gst_rcast_follow_reduce (picture->reduced, budget);
  GstClockTime wait = wish > picture->reduced ? REDUCE_AFTER : ENLARGE_AFTER;
  gboolean same = (wish > picture->reduced) == (picture->wish > picture->reduced)
      && picture->wish != picture->reduced;

  picture->wish = wish;
  if (wish == picture->reduced || !GST_CLOCK_TIME_IS_VALID (now))
    return FALSE;
  if (!same || !GST_CLOCK_TIME_IS_VALID (picture->since)
      || now < picture->since) {
    picture->since = now;
    return FALSE;
  }
  if (now - picture->since < wait)
    return FALSE;
  picture->reduced = wish;
  return TRUE;
}

void
gst_rcast_follow_lack_init (GstRcastFollowLack * lack)
{
  *lack = (GstRcastFollowLack) { FALSE, GST_CLOCK_TIME_NONE };
}

/**
 * gst_rcast_follow_lack_step:
 * @lack: the lack of a stream
 * @target: bit/s that the network carries of the stream
 * @min: bit/s without which the stream is of no use
 * @now: the media time
 *
 * Ignores short changes: a paused stream is tried again every few seconds.
 *
 * Returns: whether the stream has just become degraded or just recovered
 */
gboolean
gst_rcast_follow_lack_step (GstRcastFollowLack * lack, guint64 target,
    guint64 min, GstClockTime now)
{
  gboolean lacks = target == 0 || target < min;

  if (lacks == lack->lacks)
    lack->since = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (lack->since) || now < lack->since)
    lack->since = now;
  else if (now - lack->since >= (lacks ? LACK_BEGINS : LACK_ENDS)) {
    gst_rcast_follow_lack_init (lack);
    lack->lacks = lacks;
    return TRUE;
  }
  return FALSE;
}
