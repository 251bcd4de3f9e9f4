/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a path is probed with padding, how fast, and what that shows, while the source sends little. */
#include "config.h"

#include "rcast-probing.h"

/* A probe is so much faster than what is known, as in libwebrtc while the application limits
 * what is sent, or so much faster where that was all when the path was full; but no faster than
 * what would be of use, and what is not much more is not worth one. */
#define FASTER 2.0
#define FASTER_THAN_FULL 1.5
#define LEAST_FASTER 1.2

/* It lasts for so long, and until so many packets have left, but not for longer than that: on
 * a path that carries no more than what is known, it leaves a queue of as much. */
#define PROBE_TIME (100 * GST_MSECOND)
#define PROBE_PACKETS 10
#define PROBE_LONGEST (400 * GST_MSECOND)
/* More than leave in that time at 40 Mbit/s */
#define N_PACKETS 512
#define PACKET_SIZE 1200
/* What could not leave in time, because the machine was busy, does so at once only as far as
 * this. */
#define CATCH_UP (20 * GST_MSECOND)

/* The source has to be what limits the target for so long. */
#define LIMITED_TIME GST_SECOND
/* It sends less of the target than that. */
#define FILLED 0.8
/* After anything that lowers the target, and after a change of the path, all is quiet for so
 * long; and nothing is probed beside a queue or a loss of so much. */
#define REST (5 * GST_SECOND)
#define QUEUE_SHORT (15 * GST_MSECOND)
#define LOSS_SOME 0.02

/* Probes are so far apart: libwebrtc's are, too. Where one has shown that the path is wider,
 * the next one shows how much soon; after one that has shown nothing it takes twice as long as
 * before. */
#define WAIT (5 * GST_SECOND)
#define WAIT_LONGEST (60 * GST_SECOND)
#define FURTHER GST_SECOND

/* In the long run padding takes so much of what is sent, or so many bit/s where that is next
 * to nothing. At first, and after a long time without, several probes can follow one another. */
#define SHARE 0.03
#define LEAST_SHARE 8000
#define CREDIT 800000

/* Feedback that has not come a round trip and so much later does not come. */
#define PATIENCE GST_SECOND
/* What a probe has lost is reported so soon, and a round trip after that. */
#define EXCUSED (200 * GST_MSECOND)
/* So much of a probe has to arrive. It shows nothing if it left too slowly, or arrived much
 * faster than it left. */
#define ARRIVED_LEAST 0.85
#define PACKETS_LEAST 5
#define SHRUNK 2.0
/* What arrives so much slower than it left has filled the path. The target goes to a little
 * less than what was shown, if that is a gain. */
#define FILLING 0.8
#define KEPT 0.95
#define GAIN 1.1

/* Padding counts in what was lately sent for so long. */
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
  GstClockTime arrival;         /* of the receiver's clock; NONE: it did not arrive, yet */
} Packet;

struct _GstRcastProbing
{
  State state;
  GstClockTime limited;         /* since when the source limits the target, or NONE */
  GstClockTime rests_until;
  GstClockTime next;            /* probe, at the earliest */
  GstClockTime wait;            /* after one that shows nothing */
  gdouble credit;               /* bits that padding may take */
  GstClockTime credited;
  guint64 shown;                /* bit/s, 0: nothing new */
  GstClockTime padded;          /* last, or NONE */

  /* Of the probe */
  gdouble rate, target;         /* bit/s, and what was known before */
  GstClockTime begun, ended;
  guint64 sent;                 /* bytes of all packets */
  guint64 asked, left;          /* bytes of padding */
  Packet packets[N_PACKETS];    /* all that left meanwhile */
  guint n, n_known;
};

/* What was known of another path is forgotten, but not what padding has taken. A probe that
 * goes on ends. */
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

/* Without feedback, as well: what is sent then says nothing of what is lost. */
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

/* Returns: bits of padding that a probe takes */
static gdouble
find_cost (gdouble rate, guint64 sent)
{
  GstClockTime time = MAX (PROBE_TIME,
      PROBE_PACKETS * 8.0 * PACKET_SIZE * GST_SECOND / rate);

  return to_bits (MAX (rate - sent, 0), MIN (time, PROBE_LONGEST));
}

/* @cost: of the probe that is next */
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

/* Returns: bit/s at which the packets arrived, 0: it is not known, or too many did not */
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

/* All that will be known of the probe is. */
static void
conclude (GstRcastProbing * self, GstClockTime now)
{
  gdouble sent = get_sent_rate (self), arrived = get_arrived_rate (self);
  gdouble shown = KEPT * MIN (sent, arrived);

  /* The machine was busy, or the path, or the receiver, stood still. */
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

/* Feedback for the padding that has left is awaited in any case. */
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

/* Returns: whether padding leaves */
gboolean
gst_rcast_probing_is_on (const GstRcastProbing * self)
{
  return self->state == PADDING;
}

/* Returns: whether padding leaves, or what becomes of it is not known yet */
gboolean
gst_rcast_probing_is_pending (const GstRcastProbing * self)
{
  return self->state != IDLE;
}

/* @round_trip: to the server and back
 *
 * Who waits for feedback that was lost has longer patience: what is lost meanwhile has nothing to
 * do with the probe.
 *
 * Returns: until when what is reported as lost may be the doing of the probe, 0: it is not */
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

/* Returns: whether what was sent lately is more than the source has sent */
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
 * To be called often while gst_rcast_probing_is_on(). Media is a part of the probe: padding is
 * what lacks to its rate. It ends the probe when that has lasted long enough.
 *
 * Returns: bytes on the wire of padding that are to leave now; a packet may be larger
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

/* @bytes: on the wire of padding that leaves now because it was due; 0: none can, and the
 * probe is over */
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

/* @arrival: of packet @number, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not */
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

/* Returns: bit/s on the wire that a probe has shown the path to carry since the last call, 0:
 * none has shown anything */
guint64
gst_rcast_probing_take (GstRcastProbing * self)
{
  guint64 shown = self->shown;

  self->shown = 0;
  return shown;
}
