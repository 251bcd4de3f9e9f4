/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets that were sent again leave a second time, and when. */
#include "config.h"

#include "rcast-seconds.h"

/* Where so much is lost lately by chance, what is sent again may be lost again, and leaves a second
 * time: so much later, as what takes a packet may take those right behind it. */
#define LOSS_MUCH 0.03
#define LOSS_WINDOW 100         /* packets */
#define APART (10 * GST_MSECOND)
/* What is that late when it is sent again has no time to be lost once more: it leaves a third time,
 * and the first copy right behind. */
#define LATE (55 * GST_MSECOND)
#define APART_LATE (2 * GST_MSECOND)

/* Where there is feedback, it tells so much later than a round trip after a packet left again whether
 * that is there. Who asks once more before may only be impatient, but not where much is lost. */
#define FEEDBACK_LATE (15 * GST_MSECOND)
#define FEEDBACK_LATE_LOSSY (5 * GST_MSECOND)
#define FEEDBACK_MAX_AGE GST_SECOND

/* A second one that is later does not fill the hole in time, and fills the path when that has
 * changed. What was asked for may wait for the next RTCP. */
#define LATEST (100 * GST_MSECOND)
#define LATEST_ASKED (250 * GST_MSECOND)

/* No more of them wait. */
#define MAX_SECONDS 256

struct _GstRcastSeconds
{
  GArray *seconds;              /* of GstRcastSecond */
  GstClockTime fed_back;        /* the last feedback, or NONE */
  gdouble loss;                 /* share of the last packets */
  gboolean spare;               /* no path is full: losses are chance */
};

GstRcastSeconds *
gst_rcast_seconds_new (void)
{
  GstRcastSeconds *self = g_new0 (GstRcastSeconds, 1);

  self->seconds = g_array_new (FALSE, FALSE, sizeof (GstRcastSecond));
  self->fed_back = GST_CLOCK_TIME_NONE;
  return self;
}

void
gst_rcast_seconds_free (GstRcastSeconds * self)
{
  g_array_unref (self->seconds);
  g_free (self);
}

static const GstRcastSecond *
get_nth (const GstRcastSeconds * self, guint i)
{
  return &g_array_index (self->seconds, GstRcastSecond, i);
}

/* @spare: whether the paths are known, and none of them is full. If not, nothing leaves a second
 * time, but what is asked for. */
void
gst_rcast_seconds_set_spare (GstRcastSeconds * self, gboolean spare)
{
  self->spare = spare;
  for (guint i = self->seconds->len; i > 0 && !spare; i--)
    if (!GST_CLOCK_TIME_IS_VALID (get_nth (self, i - 1)->asked))
      g_array_remove_index (self->seconds, i - 1);
}

static void
drop_late (GstRcastSeconds * self, GstClockTime now)
{
  for (guint i = self->seconds->len; i > 0; i--) {
    const GstRcastSecond *second = get_nth (self, i - 1);

    if (now > second->due + (GST_CLOCK_TIME_IS_VALID (second->asked) ?
            LATEST_ASKED : LATEST))
      g_array_remove_index (self->seconds, i - 1);
  }
}

/* Feedback about one packet that was sent */
void
gst_rcast_seconds_note (GstRcastSeconds * self, gboolean received,
    GstClockTime now)
{
  self->fed_back = now;
  self->loss += ((received ? 0 : 1) - self->loss) / LOSS_WINDOW;
}

/* Returns: whether much is lost lately, and by chance */
gboolean
gst_rcast_seconds_is_lossy (const GstRcastSeconds * self)
{
  return self->spare && self->loss >= LOSS_MUCH;
}

/* Returns: how long after a round trip feedback tells of a packet, 0: there is none */
GstClockTime
gst_rcast_seconds_get_late (const GstRcastSeconds * self, GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->fed_back)
      || now >= self->fed_back + FEEDBACK_MAX_AGE)
    return 0;
  return gst_rcast_seconds_is_lossy (self) ? FEEDBACK_LATE_LOSSY :
      FEEDBACK_LATE;
}

/**
 * gst_rcast_seconds_plan:
 * @self: the seconds
 * @second: a packet that may have to leave a second time
 *
 * One that waits already, and not for longer, is not planned twice.
 */
void
gst_rcast_seconds_plan (GstRcastSeconds * self, const GstRcastSecond * second)
{
  for (guint i = 0; i < self->seconds->len; i++) {
    const GstRcastSecond *other = get_nth (self, i);

    if (other->ssrc == second->ssrc && other->seqnum == second->seqnum
        && other->due <= second->due)
      return;
  }
  if (self->seconds->len < MAX_SECONDS)
    g_array_append_vals (self->seconds, second, 1);
}

/**
 * gst_rcast_seconds_repaired:
 * @self: the seconds
 * @ssrc: of a packet
 * @seqnum: its sequence number
 * @plain: it leaves as it was, and not in a stream of retransmissions
 * @age: how long ago it was sent for the first time
 * @now: the time
 *
 * The packet leaves again, because it was missing.
 */
void
gst_rcast_seconds_repaired (GstRcastSeconds * self, guint32 ssrc,
    guint16 seqnum, gboolean plain, GstClockTime age, GstClockTime now)
{
  GstRcastSecond second = { ssrc, seqnum, plain, GST_CLOCK_TIME_NONE,
    now + APART
  };

  if (!gst_rcast_seconds_is_lossy (self))
    return;
  gst_rcast_seconds_plan (self, &second);
  second.due = now + APART_LATE;
  if (age >= LATE)
    gst_rcast_seconds_plan (self, &second);
}

/**
 * gst_rcast_seconds_next:
 * @self: the seconds
 * @ssrc: of a stream; 0: of any that has a stream of retransmissions
 * @second: (out): a packet of it
 * @now: the time
 *
 * Returns: whether a packet is to leave a second time now
 */
gboolean
gst_rcast_seconds_next (GstRcastSeconds * self, guint32 ssrc,
    GstRcastSecond * second, GstClockTime now)
{
  drop_late (self, now);
  for (guint i = 0; i < self->seconds->len; i++) {
    GstRcastSecond found = *get_nth (self, i);

    if (now < found.due || (ssrc > 0 ? found.ssrc != ssrc : found.plain))
      continue;
    g_array_remove_index (self->seconds, i);
    *second = found;
    return TRUE;
  }
  return FALSE;
}
