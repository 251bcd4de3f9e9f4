/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans second copies of retransmissions: which ones, and when. */
#include "config.h"

#include "rcast-seconds.h"

/* If so many of the last packets were lost by chance, a retransmission may be lost as well, and a
 * second copy follows: so much later, as what takes a packet may take the next ones. */
#define LOSS_MUCH 0.03
#define LOSS_WINDOW 100         /* packets */
#define APART (10 * GST_MSECOND)
/* A packet that is so late when it is sent again has no time for another loss: it gets two more
 * copies, the first one right behind. */
#define LATE (55 * GST_MSECOND)
#define APART_LATE (2 * GST_MSECOND)
/* A buffer that was too full for a packet of audio may be too full for its copy. Packets of audio
 * are small: two more copies follow while the receiver waits for the packet. */
#define AUDIO_APART (20 * GST_MSECOND)
#define AUDIO_COPIES 2
#define AUDIO_PATIENCE (200 * GST_MSECOND)
/* At most this many of these copies in a row, then one in this time: a path that loses audio all
 * the time must not get more and more of it. */
#define AUDIO_BURST 16
#define AUDIO_EACH (5 * GST_SECOND)

/* Delay, beyond a round trip, of feedback about a retransmission. A request that comes sooner may
 * only be impatient, but not if much is lost. */
#define FEEDBACK_LATE (15 * GST_MSECOND)
#define FEEDBACK_LATE_LOSSY (5 * GST_MSECOND)
#define FEEDBACK_MAX_AGE GST_SECOND

/* A later copy would not fill the gap in time, and would fill the path if that has changed. A
 * copy that was requested may wait for the next RTCP. */
#define LATEST (100 * GST_MSECOND)
#define LATEST_ASKED (250 * GST_MSECOND)

/* The most copies that wait. */
#define MAX_SECONDS 256

struct _GstRcastSeconds
{
  GArray *seconds;              /* of GstRcastSecond */
  GstClockTime fed_back;        /* last feedback, or NONE */
  gdouble loss;                 /* share of the last packets that were lost */
  gboolean spare;               /* no path is full: losses are chance */
  GstClockTime audio_until;     /* when the copies of audio are made up for, at AUDIO_EACH */
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

/* @spare: whether the paths are known and none of them is full. If not, only requested copies and
 * copies of audio leave. */
void
gst_rcast_seconds_set_spare (GstRcastSeconds * self, gboolean spare)
{
  self->spare = spare;
  for (guint i = self->seconds->len; i > 0 && !spare; i--)
    if (!GST_CLOCK_TIME_IS_VALID (get_nth (self, i - 1)->asked)
        && !get_nth (self, i - 1)->audio)
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

/* Notes feedback about one packet that was sent. */
void
gst_rcast_seconds_note (GstRcastSeconds * self, gboolean received,
    GstClockTime now)
{
  self->fed_back = now;
  self->loss += ((received ? 0 : 1) - self->loss) / LOSS_WINDOW;
}

/* Returns: whether many packets were lost lately, by chance */
gboolean
gst_rcast_seconds_is_lossy (const GstRcastSeconds * self)
{
  return self->spare && self->loss >= LOSS_MUCH;
}

/* Returns: delay of feedback about a packet beyond a round trip, 0: there is no feedback */
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
 * @second: a second copy that may be needed
 *
 * Plans the copy, unless one of the same packet is already due as soon.
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
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @plain: the packet leaves unchanged, not in a stream of retransmissions
 * @age: time since the packet was first sent
 * @now: the time
 *
 * The packet is sent again because it was missing: plans second copies where much is lost.
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

/* Like gst_rcast_seconds_repaired(), for a packet of audio: plans copies however little is lost, if
 * the receiver waits long enough. */
void
gst_rcast_seconds_audio_repaired (GstRcastSeconds * self, guint32 ssrc,
    guint16 seqnum, gboolean plain, GstClockTime age, GstClockTime now)
{
  if (age + AUDIO_COPIES * AUDIO_APART > AUDIO_PATIENCE)
    return;
  self->audio_until = MAX (self->audio_until, now);
  if (self->audio_until + AUDIO_COPIES * AUDIO_EACH
      > now + AUDIO_BURST * AUDIO_EACH)
    return;
  self->audio_until += AUDIO_COPIES * AUDIO_EACH;
  /* The last one first: no copy is planned behind one that is due sooner. */
  for (guint i = AUDIO_COPIES; i > 0; i--)
    gst_rcast_seconds_plan (self, &(GstRcastSecond) { ssrc, seqnum, plain,
          GST_CLOCK_TIME_NONE, now + i * AUDIO_APART, TRUE });
}

/**
 * gst_rcast_seconds_next:
 * @self: the seconds
 * @ssrc: SSRC of a stream; 0: any stream that has a stream of retransmissions
 * @second: (out): a copy to send
 * @now: the time
 *
 * Returns: whether a second copy is due now
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
