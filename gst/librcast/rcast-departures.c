/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets that left on one path and still await feedback. */
#include "config.h"

#include "rcast-departures.h"

#include "rcast-elapsed.h"

/* Most packets without feedback, a power of two: 4 s at 10 Mbit/s */
#define N_SENT 4096
/* Feedback about an older packet is about a newer one with the same number. */
#define LONGEST_WAIT (10 * GST_SECOND)

#define RATE_WINDOW (500 * GST_MSECOND)

typedef struct
{
  GstClockTime left;            /* NONE: unused entry */
  guint32 size;
  guint32 place;
  guint16 number;
  gboolean awaited;             /* no feedback has come */
  gboolean again;               /* it was sent twice */
} Sent;

struct _GstRcastDepartures
{
  Sent sent[N_SENT];
  guint32 n_sent;
  GstClockTime last;            /* NONE: none */
  guint64 bits;                 /* since @from */
  GstClockTime from;
  gdouble rate;
};

/* Starts with nothing sent. */
void
gst_rcast_departures_clear (GstRcastDepartures * self, GstClockTime now)
{
  for (guint i = 0; i < N_SENT; i++)
    self->sent[i].left = GST_CLOCK_TIME_NONE;
  self->last = GST_CLOCK_TIME_NONE;
  self->bits = 0;
  self->from = now;
  self->rate = 0;
}

GstRcastDepartures *
gst_rcast_departures_new (GstClockTime now)
{
  GstRcastDepartures *self = g_new0 (GstRcastDepartures, 1);

  gst_rcast_departures_clear (self, now);
  return self;
}

void
gst_rcast_departures_free (GstRcastDepartures * self)
{
  g_free (self);
}

static gboolean
is_packet (const Sent * sent, guint16 number, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (sent->left) && sent->number == number
      && gst_rcast_elapsed (sent->left, now) <= LONGEST_WAIT;
}

/**
 * gst_rcast_departures_add:
 * @self: the departures
 * @number: number of the packet, transport-wide or a label
 * @size: bytes on the wire
 * @now: when it left
 *
 * A packet that is sent again unchanged keeps its entry.
 */
void
gst_rcast_departures_add (GstRcastDepartures * self, guint16 number,
    gsize size, GstClockTime now)
{
  Sent *sent = &self->sent[number % N_SENT];
  GstClockTime passed = gst_rcast_elapsed (self->from, now);

  if (is_packet (sent, number, now))
    sent->again = TRUE;
  else
    *sent = (Sent) { now, size, self->n_sent++, number, TRUE, FALSE };
  self->last = GST_CLOCK_TIME_IS_VALID (self->last) ?
      MAX (self->last, now) : now;
  if (passed >= RATE_WINDOW) {
    self->rate = (gdouble) self->bits * GST_SECOND / passed;
    self->bits = 0;
    self->from = now;
  }
  self->bits += 8 * size;
}

/* @departure: (out)
 * Returns: whether the packet left on this path and has no feedback yet */
gboolean
gst_rcast_departures_awaits (const GstRcastDepartures * self, guint16 number,
    GstRcastDeparture * departure, GstClockTime now)
{
  const Sent *sent = &self->sent[number % N_SENT];

  if (!is_packet (sent, number, now) || !sent->awaited)
    return FALSE;
  *departure = (GstRcastDeparture) {
    sent->left, sent->size, sent->again, sent->place
  };
  return TRUE;
}

/* There is feedback about packet @number. @departure: (out)
 * Returns: FALSE if no feedback was awaited */
gboolean
gst_rcast_departures_take (GstRcastDepartures * self, guint16 number,
    GstRcastDeparture * departure, GstClockTime now)
{
  if (!gst_rcast_departures_awaits (self, number, departure, now))
    return FALSE;
  self->sent[number % N_SENT].awaited = FALSE;
  return TRUE;
}

/* Returns: when the last packet left, or NONE */
GstClockTime
gst_rcast_departures_get_last (const GstRcastDepartures * self)
{
  return self->last;
}

/* Returns: bit/s that left lately; 0 if nothing has left for a while */
gdouble
gst_rcast_departures_get_rate (const GstRcastDepartures * self,
    GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->last)
      && now < self->last + 2 * RATE_WINDOW ? self->rate : 0;
}
