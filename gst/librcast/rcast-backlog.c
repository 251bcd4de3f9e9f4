/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the packets of a backlog: after an outage they arrive in a burst, late. */
#include "config.h"

#include "rcast-backlog.h"

/* The least transit time of the last one to two of these is the way without a queue. */
#define WINDOW GST_SECOND
/* A packet out of order that is more behind than MOST_BEHIND packets, or OLDEST, does not belong to
 * these: the sender has restarted. */
#define MOST_BEHIND 1000
#define OLDEST (5 * (gint64) GST_SECOND)
/* A backlog leaves a queue faster than it was sent: by this much of the time that passes, it comes
 * less late. If it does not after GRACE, then the way has become longer. */
#define LEAST_GAIN 0.5
#define GRACE (100 * GST_MSECOND)
/* After this time the way is what it is. */
#define LONGEST GST_SECOND

struct _GstRcastBacklog
{
  guint clock_rate;             /* constant */
  gboolean started;             /* a packet has come: the following are valid */
  guint16 sequence;             /* the highest */
  guint32 rtp_time;             /* of that packet */
  gint64 sent;                  /* its time at the sender; ns since the first packet */
  GstClockTime arrived;         /* the last packet */

  /* Least transit times, with a constant that only their difference lacks */
  gint64 least, least_before;   /* in this window, and in the one before it */
  GstClockTime window;          /* begin of this window */

  gboolean draining;            /* the backlog arrives: the following are valid */
  GstClockTime since;
  gint64 lateness;              /* of its first packet */
};

/* @clock_rate: of the RTP timestamps, in Hz */
GstRcastBacklog *
gst_rcast_backlog_new (guint clock_rate)
{
  GstRcastBacklog *self = g_new0 (GstRcastBacklog, 1);

  g_return_val_if_fail (clock_rate > 0, self);
  self->clock_rate = clock_rate;
  return self;
}

/* @self: (nullable) */
void
gst_rcast_backlog_free (GstRcastBacklog * self)
{
  g_free (self);
}

/* Returns: the time at the sender, in ns since the first packet */
static gint64
get_sent (const GstRcastBacklog * self, guint32 rtp_time)
{
  gint32 ticks = (gint32) (rtp_time - self->rtp_time);

  return self->sent + (gint64) ticks *(gint64) GST_SECOND / self->clock_rate;
}

static void
measure_anew (GstRcastBacklog * self, gint64 transit, GstClockTime now)
{
  self->least = self->least_before = transit;
  self->window = now;
}

static void
measure (GstRcastBacklog * self, gint64 transit, GstClockTime now)
{
  if (now >= self->window + WINDOW) {
    self->least_before = self->least;
    self->least = transit;
    self->window = now;
  }
  self->least = MIN (self->least, transit);
}

/* Returns: how much longer than usual a packet took */
static gint64
get_lateness (const GstRcastBacklog * self, gint64 transit)
{
  return transit - MIN (self->least, self->least_before);
}

/* Whether a backlog begins: its packets were sent in the silence. More than that is no lateness:
 * the timestamps have jumped. */
static gboolean
begins (const GstRcastBacklog * self, gint64 lateness, GstClockTime latency,
    GstClockTime now)
{
  return lateness > (gint64) latency
      && lateness <= (gint64) (now - self->arrived);
}

static gboolean
goes_on (const GstRcastBacklog * self, gint64 lateness, GstClockTime latency,
    GstClockTime now)
{
  GstClockTime passed = now - self->since;

  if (lateness <= (gint64) latency)
    return FALSE;
  return passed <= GRACE || (passed < LONGEST
      && lateness <= self->lateness
      - (gint64) (LEAST_GAIN * (gdouble) passed));
}

/* Returns: whether the next packet in order belongs to a backlog */
static gboolean
follow (GstRcastBacklog * self, gint64 transit, GstClockTime latency,
    GstClockTime now)
{
  gint64 lateness = get_lateness (self, transit);

  if (self->draining) {
    self->draining = goes_on (self, lateness, latency, now);
    if (!self->draining && lateness > (gint64) latency)
      measure_anew (self, transit, now);
  } else if (begins (self, lateness, latency, now)) {
    self->draining = TRUE;
    self->since = now;
    self->lateness = lateness;
  }
  return self->draining;
}

/* Whether a packet out of order is too late: the server passes on what the publisher repairs. */
static gboolean
is_too_late (const GstRcastBacklog * self, gint ahead, gint64 transit,
    GstClockTime latency)
{
  gint64 lateness = get_lateness (self, transit);

  return ahead >= -MOST_BEHIND && lateness > (gint64) latency
      && lateness <= OLDEST;
}

/* Returns: whether a packet belongs to a backlog */
static gboolean
take (GstRcastBacklog * self, guint16 sequence, guint32 rtp_time, gint64 sent,
    GstClockTime latency, GstClockTime now)
{
  gint ahead = (gint16) (sequence - self->sequence);
  gint64 transit = (gint64) now - sent;
  gboolean stale;

  if (ahead <= 0)
    return is_too_late (self, ahead, transit, latency);
  stale = follow (self, transit, latency, now);
  if (!stale)
    measure (self, transit, now);
  self->sequence = sequence;
  self->rtp_time = rtp_time;
  self->sent = sent;
  self->arrived = now;
  return stale;
}

static void
start (GstRcastBacklog * self, guint16 sequence, guint32 rtp_time,
    GstClockTime now)
{
  self->started = TRUE;
  self->sequence = sequence;
  self->rtp_time = rtp_time;
  self->arrived = now;
  measure_anew (self, (gint64) now, now);
}

/**
 * gst_rcast_backlog_step:
 * @sequence: sequence number of a packet that is no requested retransmission
 * @rtp_time: its RTP timestamp
 * @latency: of the jitter buffer
 * @now: the time of its arrival
 *
 * Returns: how much earlier the packet is to arrive for the jitter buffer: 0 unless it belongs to
 * a backlog
 */
GstClockTime
gst_rcast_backlog_step (GstRcastBacklog * self, guint16 sequence,
    guint32 rtp_time, GstClockTime latency, GstClockTime now)
{
  gint64 sent;

  if (!self->started) {
    start (self, sequence, rtp_time, now);
    return 0;
  }
  sent = get_sent (self, rtp_time);
  return take (self, sequence, rtp_time, sent, latency, now) ?
      (GstClockTime) get_lateness (self, (gint64) now - sent) : 0;
}
