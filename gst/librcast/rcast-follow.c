/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an encoder follows what the network carries: when it is told, and when the picture becomes smaller. */
#include "config.h"

#include "rcast-follow.h"

/* An encoder starts its rate control anew with each change, so that many small ones
 * are worse than none: percent */
#define LEAST_STEP 3
/* Less is urgent, because what is too much waits in a queue. */
#define DOWN_INTERVAL (100 * GST_MSECOND)
#define UP_INTERVAL (500 * GST_MSECOND)

/* What a key frame may take more than its share. Right after the network became thinner
 * there is a queue already, so that less is allowed at first. */
#define MOST_OWED (400 * GST_MSECOND)
#define LEAST_OWED (100 * GST_MSECOND)
/* ... and so much more in a second */
#define FORGIVEN (100 * GST_MSECOND)
/* A picture that stands for longer is of no use to anybody. */
#define MOST_EVER (2 * GST_SECOND)
/* A larger gap between two frames is none of the media. */
#define MOST_PASSED GST_SECOND

/* Thousandths of a bit for each pixel of each frame below which it is better to have
 * fewer of them */
#define SENSIBLE 30
/* ... and percent of that which bring them back */
#define BACK 150
#define REDUCE_AFTER (500 * GST_MSECOND)
#define ENLARGE_AFTER (3 * GST_SECOND)

/* A stream is degraded that has had less than its minimum for so long, and is not once it
 * has had that for so long. */
#define LACK_BEGINS (500 * GST_MSECOND)
#define LACK_ENDS (3 * GST_SECOND)

/* Whoever is told of targets hears of such changes: percent */
#define NEWS 5

/* Whether @target, after @said, is worth a message; that a stream is paused, goes on or
 * has no limit always is. */
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

/* --- how an encoder is told --- */

void
gst_rcast_follow_pace_init (GstRcastFollowPace * pace)
{
  *pace = (GstRcastFollowPace) {
  .at = GST_CLOCK_TIME_NONE,};
}

/* Timestamps that are missing or go back hold nothing up. */
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
 * @pace: what the encoder knows
 * @wanted: bit/s that it should make
 * @now: the timestamp of the frame that comes next, or %GST_CLOCK_TIME_NONE
 *
 * Returns: whether it is to be told now: of 3 % and more, ten times a second down,
 *   twice a second up
 */
gboolean
gst_rcast_follow_pace_due (const GstRcastFollowPace * pace, guint64 wanted,
    GstClockTime now)
{
  guint64 told = pace->told;

  if (wanted == told)
    return FALSE;
  if (told == 0)
    return TRUE;
  if (wanted < told)
    return told - wanted >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
        && has_passed (pace, now, DOWN_INTERVAL);
  return wanted - told >= gst_util_uint64_scale_ceil (told, LEAST_STEP, 100)
      && has_passed (pace, now, UP_INTERVAL);
}

/* The encoder was told @told at @now. */
void
gst_rcast_follow_pace_tell (GstRcastFollowPace * pace, guint64 told,
    GstClockTime now)
{
  pace->told = told;
  pace->at = now;
}

/* --- what was made --- */

void
gst_rcast_follow_debt_init (GstRcastFollowDebt * debt)
{
  *debt = (GstRcastFollowDebt) {
  .rate = GST_RCAST_NO_TARGET,.now = GST_CLOCK_TIME_NONE,.cut =
        GST_CLOCK_TIME_NONE,};
}

/* What is owed stays as long: it waits in a queue that was made at the old rate, and
 * that is not for the encoder to make up for. */
void
gst_rcast_follow_debt_set_rate (GstRcastFollowDebt * debt, guint64 rate)
{
  if (rate < debt->rate)
    debt->cut = debt->now;
  debt->rate = rate;
}

/* Whether @now is of a frame that is shown before one that came before it. */
static gboolean
is_reordered (const GstRcastFollowDebt * debt, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (now) && GST_CLOCK_TIME_IS_VALID (debt->now)
      && now < debt->now && debt->now - now < MOST_PASSED;
}

/* The next frame is of @now, or of %GST_CLOCK_TIME_NONE. */
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

/* @bytes were made. */
void
gst_rcast_follow_debt_add (GstRcastFollowDebt * debt, gsize bytes)
{
  if (debt->rate == 0 || debt->rate == GST_RCAST_NO_TARGET)
    return;
  debt->owed += gst_util_uint64_scale (8 * (guint64) bytes, GST_SECOND,
      debt->rate);
  debt->owed = MIN (debt->owed, MOST_EVER);
}

/* Whether the next frame is too much; of a stream that is paused each one is. */
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

/* Whether a picture that is @reduced gets @percent of what is sensible. Whoever has set
 * the encoder to less than that finds half of it sensible. */
static gboolean
suffices (const GstRcastFollowBudget * budget, guint reduced, guint percent)
{
  guint64 least = MIN (budget->pixels * SENSIBLE / 1000, budget->ceiling / 2);
  guint shift = reduced == 0 ? 0 : 1 + 2 * (reduced - 1);

  return budget->bits >= gst_util_uint64_scale (least, percent, 100) >> shift;
}

/**
 * gst_rcast_follow_reduce:
 * @reduced: in how many steps the picture was made smaller
 * @budget: what there is
 *
 * Returns: in how many it should be: in more where a pixel gets less than 0.03 bits, in
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
 * @picture: what the video is encoded as
 * @budget: what there is for it
 * @now: timestamp of the next frame, or %GST_CLOCK_TIME_NONE
 *
 * A change costs a key frame, so that it waits until the wish has stood for some time.
 *
 * Returns: whether @picture is another one from this frame on
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
 * @lack: of a stream
 * @target: bit/s that the network carries of it
 * @min: bit/s without which it is of no use
 * @now: the time of the media
 *
 * A moment of it is none, and while a stream is paused, it is tried again each few seconds.
 *
 * Returns: whether it has just begun, or is just over
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
