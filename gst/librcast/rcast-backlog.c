/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the packets of a backlog: after an outage they arrive in a burst, late. */
#include "config.h"

#include "rcast-backlog.h"

#include "rcast-shortest.h"

/* The shortest transit time of the last one or two windows is the way without a queue. */
#define WINDOW GST_SECOND
/* From what lateness on: a jitter buffer copes with less than its latency by itself, and takes a
 * new time base at more than a second, whatever its latency. */
#define LEAST_LATE (100 * GST_MSECOND)
#define MOST_LATE (900 * GST_MSECOND)
/* A backlog leaves a queue faster than it was sent: in each GRACE it becomes less late by this
 * much of the time that passes. If it does not, the way has become longer. */
#define LEAST_GAIN 0.25
#define GRACE (100 * GST_MSECOND)
/* What is still late after this time is no backlog: the way has become longer. */
#define LONGEST GST_SECOND
/* A packet is never as late as this: its timestamp has jumped. */
#define OLDEST (10 * (gint64) GST_SECOND)
/* No packet is overtaken by more than this number: the sender has restarted. */
#define MOST_BEHIND 1000

struct _GstRcastBacklog
{
  guint clock_rate;             /* constant */
  gboolean started;             /* a packet has come: the following are valid */
  guint16 sequence;             /* the highest */
  guint32 rtp_time;             /* of that packet */
  gint64 sent;                  /* its time at the sender; ns since the first packet */
  GstClockTime arrived;         /* its time here */
  gint64 behind;                /* its lateness */

  GstRcastShortest transit;     /* with the unknown offset of the two clocks */

  gboolean draining;            /* the backlog arrives: the following are valid */
  GstClockTime begun;
  GstClockTime since;           /* its gain is measured from then on, and from this: */
  gint64 lateness;
};

/* @clock_rate: of the RTP timestamps, in Hz */
GstRcastBacklog *
gst_rcast_backlog_new (guint clock_rate)
{
  GstRcastBacklog *self = g_new0 (GstRcastBacklog, 1);

  self->clock_rate = MAX (clock_rate, 1);
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

/* Returns: how much longer than usual a packet took */
static gint64
get_lateness (const GstRcastBacklog * self, gint64 transit)
{
  return transit - gst_rcast_shortest_get (&self->transit);
}

static void
begin (GstRcastBacklog * self, gint64 lateness, GstClockTime now)
{
  self->draining = TRUE;
  self->begun = self->since = now;
  self->lateness = lateness;
}

/* Whether the packet was sent in the silence before it, or right before that. If it seems later, its
 * timestamp has jumped. */
static gboolean
is_backlog (const GstRcastBacklog * self, gint64 lateness, gint64 late,
    GstClockTime now)
{
  gint64 silence = (gint64) (now - self->arrived);

  return lateness > late && lateness <= OLDEST
      && lateness <= silence + CLAMP (self->behind, 0, late)
      && lateness <= 2 * silence;
}

static gboolean
goes_on (GstRcastBacklog * self, gint64 lateness, gint64 late,
    GstClockTime now)
{
  gint64 passed = (gint64) (now - self->since);

  if (lateness <= late / 2 || lateness > OLDEST
      || now > self->begun + LONGEST)
    return FALSE;
  /* A second silence. Packets that come so seldom are not later than the one before. */
  if (now >= self->arrived + (guint64) late
      && lateness > self->behind + late / 2)
    begin (self, lateness, now);
  else if (passed > (gint64) GRACE) {
    if (self->lateness - lateness < (gint64) (LEAST_GAIN * (gdouble) passed))
      return FALSE;
    self->since = now;
    self->lateness = lateness;
  }
  return TRUE;
}

/* The next packet in order comes. */
static void
follow (GstRcastBacklog * self, gint64 transit, gint64 late, GstClockTime now)
{
  gint64 lateness = get_lateness (self, transit);

  if (self->draining) {
    self->draining = goes_on (self, lateness, late, now);
    if (!self->draining && lateness > late)
      gst_rcast_shortest_set (&self->transit, transit, now);
  } else if (is_backlog (self, lateness, late, now)) {
    begin (self, lateness, now);
  }
  if (!self->draining)
    gst_rcast_shortest_add (&self->transit, transit, WINDOW, now);
  self->behind = get_lateness (self, transit);
}

/* The first packet, or the sender has restarted. */
static void
start (GstRcastBacklog * self, guint16 sequence, guint32 rtp_time,
    GstClockTime now)
{
  self->started = TRUE;
  self->sequence = sequence;
  self->rtp_time = rtp_time;
  self->sent = 0;
  self->arrived = now;
  self->behind = 0;
  self->draining = FALSE;
  gst_rcast_shortest_set (&self->transit, (gint64) now, now);
}

/* The server passes on what the publisher repairs. Returns: whether a packet out of order is too
 * late for the jitter buffer */
static gboolean
is_too_late (const GstRcastBacklog * self, gint64 lateness, gint64 late)
{
  return lateness > late && lateness <= OLDEST
      && (self->draining || self->behind <= late);
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
  gint ahead = (gint16) (sequence - self->sequence);
  gint64 late = (gint64) CLAMP (latency, LEAST_LATE, MOST_LATE);
  gint64 sent, lateness;

  if (!self->started || now < self->arrived || ahead < -MOST_BEHIND) {
    start (self, sequence, rtp_time, now);
    return 0;
  }
  sent = get_sent (self, rtp_time);
  if (ahead <= 0) {
    lateness = get_lateness (self, (gint64) now - sent);
    return is_too_late (self, lateness, late) ? (GstClockTime) lateness : 0;
  }
  follow (self, (gint64) now - sent, late, now);
  self->sequence = sequence;
  self->rtp_time = rtp_time;
  self->sent = sent;
  self->arrived = now;
  return self->draining ? (GstClockTime) self->behind : 0;
}
