/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes of a path with padding while the source sends little: when, how fast, and their result. */
#include "config.h"

#include "rcast-probing.h"

/* Rate of a probe relative to the target: as in libwebrtc while the application limits the rate,
 * less if the path was full. A probe is never faster than would be of use, and one that is
 * hardly faster than the target is not worthwhile. */
#define FASTER 2.0
#define FASTER_THAN_FULL 1.5
#define LEAST_FASTER 1.2

/* A probe lasts at least for PROBE_TIME and PROBE_PACKETS, but no longer than PROBE_LONGEST. If the
 * path carries no more than the target, the probe leaves a queue of as much. */
#define PROBE_TIME (100 * GST_MSECOND)
#define PROBE_PACKETS 10
#define PROBE_LONGEST (400 * GST_MSECOND)
/* More packets than leave in that time at 40 Mbit/s */
#define N_PACKETS 512
#define PACKET_SIZE 1200
/* If a busy machine delays padding, at most this much of it leaves at once later. */
#define CATCH_UP (20 * GST_MSECOND)

/* How long the source must limit the target before a probe. */
#define LIMITED_TIME GST_SECOND
/* The source limits the target if it sends less than this share of it. */
#define FILLED 0.8
/* After anything that lowers the target, and after a change of the path, no probe for so long. No
 * probe begins while there is more queue or loss than this. */
#define REST (5 * GST_SECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)
#define LOSS_SOME 0.02

/* Interval between probes, as in libwebrtc. If one has shown that the path is wider, the next one
 * soon shows how wide. After one that has shown nothing, the interval doubles. */
#define WAIT (5 * GST_SECOND)
#define WAIT_LONGEST (60 * GST_SECOND)
#define FURTHER GST_SECOND

/* In the long run padding takes this share of what is sent, or so many bit/s if hardly anything is
 * sent. At first, and after a long time without probes, several may follow one another. */
#define SHARE 0.03
#define LEAST_SHARE 8000
#define CREDIT 800000

/* Feedback later than a round trip and this much does not come any more. */
#define PATIENCE GST_SECOND
/* Loss caused by a probe is reported within this time and a round trip. */
#define EXCUSED (200 * GST_MSECOND)
/* This share of a probe has to arrive, and so many packets. A probe shows nothing if it left too
 * slowly, or arrived so much faster than it left. */
#define ARRIVED_LEAST 0.85
#define PACKETS_LEAST 5
#define SHRUNK 2.0
/* A probe that arrives so much slower than it left has filled the path. The target becomes a
 * little less than the probe has shown, if that is a gain. */
#define FILLING 0.8
#define KEPT 0.95
#define GAIN 1.1

/* For so long padding is part of the rate that was sent lately. */
#define RECENT GST_SECOND

typedef enum
{
  IDLE,
  PADDING,
  AWAITING,                     /* feedback */
} State;

typedef struct
{
  guint16 number, size;
  gboolean known;               /* there is feedback about it */
  GstClockTime sent;
  GstClockTime arrival;         /* by the receiver's clock; NONE: it has not arrived so far */
} Packet;

struct _GstRcastProbing
{
  State state;
  GstClockTime limited;         /* since when the source limits the target, or NONE */
  GstClockTime rests_until;
  GstClockTime next;            /* earliest time of the next probe */
  GstClockTime wait;            /* interval after a probe that shows nothing */
  gdouble credit;               /* bits that padding may take */
  GstClockTime credited;
  guint64 shown;                /* bit/s, 0: nothing new */
  GstClockTime padded;          /* when padding last left, or NONE */

  /* Of the present probe */
  gdouble rate, target;         /* bit/s: of the probe, and the target before */
  GstClockTime begun, ended;
  guint64 sent;                 /* bytes of all packets */
  guint64 asked, left;          /* bytes of padding that were due, and that left */
  Packet packets[N_PACKETS];    /* all packets that left during the probe */
  guint n, n_known;
};

/* The path has changed: ends a probe that is under way and forgets the results of the earlier path,
 * but not the credit that padding has used. */
void
gst_rcast_probing_restart (GstRcastProbing * self, GstClockTime now)
{
  self->state = IDLE;
  self->limited = GST_CLOCK_TIME_NONE;
  self->rests_until = now + REST;
  self->next = now;
  self->wait = WAIT;
  self->shown = 0;
}

GstRcastProbing *
gst_rcast_probing_new (GstClockTime now)
{
  GstRcastProbing *self = g_new0 (GstRcastProbing, 1);

  gst_rcast_probing_restart (self, now);
  self->rests_until = self->credited = now;
  self->credit = CREDIT;
  self->padded = GST_CLOCK_TIME_NONE;
  return self;
}

void
gst_rcast_probing_free (GstRcastProbing * self)
{
  g_free (self);
}

static gdouble
to_bits (gdouble rate, GstClockTime time)
{
  return rate * time / GST_SECOND;
}

/* Missing feedback is trouble, too: it would hide the loss. */
static gboolean
is_trouble (const GstRcastRateView * rate)
{
  switch (rate->state) {
    case GST_RCAST_RATE_START:
    case GST_RCAST_RATE_RISE:
    case GST_RCAST_RATE_HOLD:
      return FALSE;
    case GST_RCAST_RATE_DRAIN:
    case GST_RCAST_RATE_LOSS:
    case GST_RCAST_RATE_RIVAL:
    case GST_RCAST_RATE_BLIND:
      break;
  }
  return TRUE;
}

static void
note_limit (GstRcastProbing * self, const GstRcastProbingView * view,
    GstClockTime now)
{
  gboolean limited = view->possible && view->rate.limited
      && view->rate.sent < FILLED * view->rate.target;

  if (!limited)
    self->limited = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (self->limited))
    self->limited = now;
}

/* Returns: bit/s of a probe that would be of use, 0: none would */
static gdouble
find_rate (const GstRcastProbingView * view)
{
  gdouble target = view->rate.target;
  gdouble faster = view->rate.capacity > 0 ? FASTER_THAN_FULL : FASTER;
  gdouble rate = MIN (faster * target, view->useful / KEPT);

  return rate >= LEAST_FASTER * target ? rate : 0;
}

/* Returns: bits of padding that a probe needs */
static gdouble
find_cost (gdouble rate, guint64 sent)
{
  GstClockTime time = MAX (PROBE_TIME,
      PROBE_PACKETS * 8.0 * PACKET_SIZE * GST_SECOND / rate);

  return to_bits (MAX (rate - sent, 0), MIN (time, PROBE_LONGEST));
}

/* @cost: of the next probe */
static void
earn (GstRcastProbing * self, guint64 sent, gdouble cost, GstClockTime now)
{
  GstClockTime passed = now - MIN (now, self->credited);

  self->credited = MAX (now, self->credited);
  self->credit = MIN (self->credit + to_bits (MAX (SHARE * sent,
              LEAST_SHARE), MIN (passed, GST_SECOND)), MAX (CREDIT, cost));
}

static gboolean
can_begin (const GstRcastProbing * self, const GstRcastProbingView * view,
    GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->limited)
      && now >= self->limited + LIMITED_TIME && now >= self->rests_until
      && now >= self->next && view->rate.queue <= QUEUE_SHORT
      && view->rate.loss <= LOSS_SOME;
}

static void
begin (GstRcastProbing * self, gdouble rate, guint64 target, GstClockTime now)
{
  self->state = PADDING;
  self->rate = rate;
  self->target = target;
  self->begun = now;
  self->sent = self->asked = self->left = 0;
  self->n = self->n_known = 0;
}

/* @wait: until the next probe */
static void
end (GstRcastProbing * self, GstClockTime wait, GstClockTime now)
{
  self->state = IDLE;
  self->next = now + wait;
}

static void
fail (GstRcastProbing * self, GstClockTime now)
{
  self->wait = MIN (2 * self->wait, WAIT_LONGEST);
  end (self, self->wait, now);
}

/* Returns: bit/s at which the packets left */
static gdouble
get_sent_rate (const GstRcastProbing * self)
{
  guint64 bits = 0;

  if (self->n < PACKETS_LEAST)
    return 0;
  for (guint i = 0; i + 1 < self->n; i++)
    bits += 8 * self->packets[i].size;
  return (gdouble) bits * GST_SECOND / MAX (self->packets[self->n - 1].sent
      - self->packets[0].sent, 1);
}

/* Returns: bit/s at which the packets arrived, 0: not known, or too many were lost */
static gdouble
get_arrived_rate (const GstRcastProbing * self)
{
  const Packet *first = NULL, *last = NULL;
  guint64 bytes = 0;
  guint n = 0;

  for (guint i = 0; i < self->n; i++) {
    const Packet *packet = &self->packets[i];

    if (!GST_CLOCK_TIME_IS_VALID (packet->arrival))
      continue;
    n++;
    bytes += packet->size;
    if (!first || packet->arrival < first->arrival)
      first = packet;
    if (!last || packet->arrival > last->arrival)
      last = packet;
  }
  if (n < PACKETS_LEAST || bytes < ARRIVED_LEAST * self->sent
      || last->arrival == first->arrival)
    return 0;
  return 8.0 * (bytes - first->size) * GST_SECOND / (last->arrival
      - first->arrival);
}

/* Draws the result of a probe: no more feedback is expected. */
static void
conclude (GstRcastProbing * self, GstClockTime now)
{
  gdouble sent = get_sent_rate (self), arrived = get_arrived_rate (self);
  gdouble shown = KEPT * MIN (sent, arrived);

  /* The machine was busy, or the path or the receiver stood still. */
  if (sent > 0 && (sent < LEAST_FASTER * self->target
          || arrived > SHRUNK * sent)) {
    end (self, self->wait, now);
    return;
  }
  if (shown < GAIN * self->target) {
    fail (self, now);
    return;
  }
  self->shown = shown;
  self->wait = arrived >= FILLING * sent ? WAIT : 2 * WAIT;
  end (self, arrived >= FILLING * sent ? FURTHER : self->wait, now);
}

/* Padding that has left awaits its feedback in any case. */
static void
turn (GstRcastProbing * self, const GstRcastProbingView * view,
    GstClockTime now)
{
  if (self->state == PADDING && !view->possible) {
    end (self, self->wait, now);
    return;
  }
  if (self->state == AWAITING && (self->n_known == self->n
          || now >= self->ended + view->rate.round_trip + PATIENCE))
    conclude (self, now);
}

/**
 * gst_rcast_probing_heed:
 * @self: the probing
 * @view: what is seen of the path
 * @now: the time
 *
 * To be called ten times a second: begins and ends the probes.
 */
void
gst_rcast_probing_heed (GstRcastProbing * self,
    const GstRcastProbingView * view, GstClockTime now)
{
  gdouble rate = find_rate (view);
  gdouble cost = rate > 0 ? find_cost (rate, view->rate.sent) : 0;

  earn (self, view->rate.sent, cost, now);
  note_limit (self, view, now);
  if (is_trouble (&view->rate)) {
    self->rests_until = now + REST;
    if (self->state != IDLE)
      fail (self, now);
  } else if (self->state != IDLE) {
    turn (self, view, now);
  } else if (rate > 0 && self->credit >= cost && can_begin (self, view, now)) {
    begin (self, rate, view->rate.target, now);
  }
}

/* Returns: whether padding is leaving */
gboolean
gst_rcast_probing_is_on (const GstRcastProbing * self)
{
  return self->state == PADDING;
}

/* Returns: whether padding is leaving or awaits feedback */
gboolean
gst_rcast_probing_is_pending (const GstRcastProbing * self)
{
  return self->state != IDLE;
}

/* @round_trip: to the server and back
 *
 * Waiting for feedback that was lost may take longer than this: later loss has nothing to do with
 * the probe.
 *
 * Returns: until when reported loss may be caused by the probe, 0: it is not */
GstClockTime
gst_rcast_probing_get_excused (const GstRcastProbing * self,
    GstClockTime round_trip, GstClockTime now)
{
  switch (self->state) {
    case IDLE:
      break;
    case PADDING:
      return now + EXCUSED;
    case AWAITING:
      return self->ended + round_trip + EXCUSED;
  }
  return 0;
}

/* Returns: whether the rate that was sent lately includes padding */
gboolean
gst_rcast_probing_is_recent (const GstRcastProbing * self, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->padded) && now < self->padded + RECENT;
}

static gboolean
is_over (const GstRcastProbing * self, GstClockTime now)
{
  return now >= self->begun + PROBE_LONGEST || self->n == N_PACKETS
      || (now >= self->begun + PROBE_TIME && self->n >= PROBE_PACKETS);
}

/**
 * gst_rcast_probing_get_due:
 * @self: the probing
 * @now: the time
 *
 * To be called often while gst_rcast_probing_is_on(). Media is part of the probe: padding fills
 * the gap to its rate. Ends the probe once it has lasted long enough.
 *
 * Returns: bytes of padding on the wire to send now; a packet may be larger
 */
gsize
gst_rcast_probing_get_due (GstRcastProbing * self, GstClockTime now)
{
  gdouble due, most = MAX (to_bits (self->rate, CATCH_UP) / 8, 1);

  if (self->state != PADDING)
    return 0;
  if (is_over (self, now)) {
    self->state = AWAITING;
    self->ended = now;
    return 0;
  }
  due = to_bits (self->rate, now - MIN (now, self->begun)) / 8 + 1
      - self->sent - (self->asked - MIN (self->left, self->asked));
  return CLAMP (due, 0, most);
}

/* @bytes: padding on the wire that leaves now because it was due; 0: none can leave, and the
 * probe has failed */
void
gst_rcast_probing_padded (GstRcastProbing * self, gsize bytes,
    GstClockTime now)
{
  self->credit -= 8.0 * bytes;
  self->asked += bytes;
  if (bytes > 0)
    self->padded = now;
  else if (self->state == PADDING)
    fail (self, now);
}

/**
 * gst_rcast_probing_sent:
 * @self: the probing
 * @number: transport-wide number of the packet, or its label
 * @size: bytes on the wire
 * @padding: whether it is padding
 * @now: when it left
 */
void
gst_rcast_probing_sent (GstRcastProbing * self, guint16 number, gsize size,
    gboolean padding, GstClockTime now)
{
  if (self->state != PADDING || self->n == N_PACKETS)
    return;
  self->sent += size;
  if (padding)
    self->left += size;
  self->packets[self->n++] = (Packet) {
    number, MIN (size, G_MAXUINT16), FALSE, now, GST_CLOCK_TIME_NONE
  };
}

/* @arrival: of packet @number, by the receiver's clock; %GST_CLOCK_TIME_NONE: it was lost */
void
gst_rcast_probing_arrival (GstRcastProbing * self, guint16 number,
    GstClockTime arrival)
{
  for (guint i = 0; self->state != IDLE && i < self->n; i++) {
    Packet *packet = &self->packets[i];

    if (packet->number != number)
      continue;
    self->n_known += !packet->known;
    packet->known = TRUE;
    if (GST_CLOCK_TIME_IS_VALID (arrival))
      packet->arrival = arrival;
    return;
  }
}

/* Returns: bit/s on the wire that probes have shown the path to carry since the last call, 0:
 * nothing new */
guint64
gst_rcast_probing_take (GstRcastProbing * self)
{
  guint64 shown = self->shown;

  self->shown = 0;
  return shown;
}
