/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which retransmissions are sent: a budget keeps them from filling a thin link. */
#include "config.h"

#include "rcast-repairs.h"

#include <string.h>

/* Retransmissions get a quarter of the rate of the media, RTP headers included. The unused
 * budget of the last second is kept, because losses come in bursts. */
#define SHARE 4
#define KEPT GST_SECOND
/* A short burst is repaired even if little is sent, such as audio alone. */
#define LEAST_BUDGET (8 * 1200)

/* The longest that a server's jitter buffer waits for a packet, apart from the round trip. */
#define PATIENCE GST_SECOND

/* A report that shows a longer round trip was queued somewhere. */
#define LONGEST_ROUND_TRIP GST_SECOND

/* Share of the budget that copies sent without a request leave to requests: more outside of key
 * frames. */
#define KEPT_FOR_REQUESTS 0.5
#define KEPT_BY_KEY_FRAMES 0.25

/* Packets to remember of each stream: the packets of one stream must not displace those of
 * another. rtprtxsend is told to keep as many. */
#define N_PACKETS GST_RCAST_REPAIRS_KEPT
/* When there are more streams, the one that has been silent for longest is forgotten. */
#define MAX_STREAMS 64

/* A request may come this much earlier than a round trip after the retransmission, as the round
 * trip is not known exactly. */
#define MARGIN (10 * GST_MSECOND)

typedef struct
{
  guint16 seqnum;
  guint16 size;                 /* 0: no packet */
  GstClockTime sent;
  GstClockTime repaired;        /* last sent again for a request or loss, or NONE */
  GstClockTime last;            /* last sent again for any reason, or NONE */
  gboolean arrived;             /* by feedback */
  GstClockTime held;            /* until then the packet may only be late */
  gboolean spread;              /* was held once */
  gboolean kept;                /* @data is the packet */
  guint8 *data;
  guint16 room;                 /* size of @data */
} Packet;

typedef struct
{
  guint32 ssrc;
  gboolean audio;               /* its packets are too small for a budget */
  GstClockTime used;            /* when a packet was last sent */
  Packet packets[N_PACKETS];    /* ring, by sequence number */
} Stream;

struct _GstRcastRepairs
{
  GPtrArray *streams;           /* of Stream */

  /* Bytes that may be sent again. The size of the media fades with time constant KEPT, so that
   * its sum is that of one second. */
  gdouble budget;
  gdouble media;
  guint64 limit;                /* bytes per second of which retransmissions get a share */
  GstClockTime faded;

  guint64 counts[GST_RCAST_N_REPAIRS];
  guint64 doubled, missed;
  GstClockTime feedback;        /* delay of feedback beyond a round trip; 0: no feedback */
};

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  for (guint i = 0; i < N_PACKETS; i++)
    g_free (stream->packets[i].data);
  g_free (stream);
}

GstRcastRepairs *
gst_rcast_repairs_new (void)
{
  GstRcastRepairs *self = g_new0 (GstRcastRepairs, 1);

  self->streams = g_ptr_array_new_with_free_func (stream_free);
  self->budget = LEAST_BUDGET;
  self->limit = G_MAXUINT64;
  self->faded = GST_CLOCK_TIME_NONE;
  return self;
}

void
gst_rcast_repairs_free (GstRcastRepairs * self)
{
  g_ptr_array_unref (self->streams);
  g_free (self);
}

/* Returns: (nullable) */
static Stream *
find_stream (GstRcastRepairs * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

static void
forget_stream (GstRcastRepairs * self)
{
  Stream *oldest = g_ptr_array_index (self->streams, 0);

  for (guint i = 1; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->used < oldest->used)
      oldest = stream;
  }
  g_ptr_array_remove (self->streams, oldest);
}

static Stream *
add_stream (GstRcastRepairs * self, guint32 ssrc)
{
  Stream *stream = g_new0 (Stream, 1);

  if (self->streams->len == MAX_STREAMS)
    forget_stream (self);
  stream->ssrc = ssrc;
  g_ptr_array_add (self->streams, stream);
  return stream;
}

/* Returns: whether packets of @ssrc were sent */
gboolean
gst_rcast_repairs_has_stream (GstRcastRepairs * self, guint32 ssrc)
{
  return find_stream (self, ssrc) != NULL;
}

/* @ssrc: SSRC of an audio stream that will be sent: what feedback misses of it may be sent again,
 * whatever else needed the budget. A second call does nothing. */
void
gst_rcast_repairs_add_audio (GstRcastRepairs * self, guint32 ssrc)
{
  Stream *stream = find_stream (self, ssrc);

  if (!stream)
    stream = add_stream (self, ssrc);
  stream->audio = TRUE;
}

/* Returns: whether @ssrc was passed to gst_rcast_repairs_add_audio() */
gboolean
gst_rcast_repairs_is_audio (GstRcastRepairs * self, guint32 ssrc)
{
  const Stream *stream = find_stream (self, ssrc);

  return stream && stream->audio;
}

/* Returns: (nullable): the packet, if it is remembered */
static Packet *
find_packet (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum)
{
  Stream *stream = find_stream (self, ssrc);
  Packet *packet = stream ? &stream->packets[seqnum % N_PACKETS] : NULL;

  return packet && packet->size > 0 && packet->seqnum == seqnum ?
      packet : NULL;
}

static void
fade (GstRcastRepairs * self, GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (self->faded) && now > self->faded) {
    GstClockTime passed = MIN (now - self->faded, KEPT);

    self->media -= self->media * passed / KEPT;
  }
  self->faded = now;
}

/* Returns: bytes of the full budget */
static gdouble
get_most (const GstRcastRepairs * self)
{
  return self->limit == 0 ? 0 :
      MAX (MIN (self->media, self->limit) / SHARE, LEAST_BUDGET);
}

/**
 * gst_rcast_repairs_sent:
 * @self: the repairs
 * @ssrc: SSRC of the packet
 * @seqnum: its sequence number
 * @size: size of the RTP packet in bytes
 * @now: when it is sent
 *
 * Notes a packet that is sent for the first time.
 */
void
gst_rcast_repairs_sent (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum,
    gsize size, GstClockTime now)
{
  Stream *stream = find_stream (self, ssrc);
  Packet *packet;

  if (!stream)
    stream = add_stream (self, ssrc);
  stream->used = now;
  packet = &stream->packets[seqnum % N_PACKETS];
  packet->seqnum = seqnum;
  packet->size = CLAMP (size, 1, G_MAXUINT16);
  packet->sent = now;
  packet->repaired = packet->last = GST_CLOCK_TIME_NONE;
  packet->arrived = FALSE;
  packet->held = 0;
  packet->spread = packet->kept = FALSE;
  fade (self, now);
  self->media += size;
  self->budget = MIN (self->budget + (gdouble) size / SHARE,
      get_most (self));
}

/**
 * gst_rcast_repairs_keep:
 * @self: the repairs
 * @ssrc: SSRC of the packet
 * @seqnum: its sequence number
 * @data: (array length=size): the packet as it leaves
 * @size: its size in bytes
 * @now: when it is sent
 *
 * Notes a packet like gst_rcast_repairs_sent() and keeps it, for a server that wants the packet
 * itself again. A copy that leaves again or on another path changes nothing.
 */
void
gst_rcast_repairs_keep (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum,
    const guint8 * data, gsize size, GstClockTime now)
{
  Packet *packet;

  if (size > G_MAXUINT16 || find_packet (self, ssrc, seqnum))
    return;
  gst_rcast_repairs_sent (self, ssrc, seqnum, size, now);
  packet = find_packet (self, ssrc, seqnum);
  if (packet->room < size) {
    packet->data = g_realloc (packet->data, size);
    packet->room = size;
  }
  memcpy (packet->data, data, size);
  packet->kept = TRUE;
}

/* Returns: (transfer full) (nullable): the packet, if it is kept */
GBytes *
gst_rcast_repairs_dup (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum)
{
  const Packet *packet = find_packet (self, ssrc, seqnum);

  return packet && packet->kept ?
      g_bytes_new (packet->data, packet->size) : NULL;
}

/* @cost: bytes that it takes from the budget */
static void
send_again (GstRcastRepairs * self, Packet * packet, gsize cost,
    GstClockTime now)
{
  packet->repaired = packet->last = now;
  self->budget -= cost;
}

/* Whether the server will have played what follows by the time the packet arrives. */
static gboolean
is_too_late (const Packet * packet, GstClockTime round_trip, GstClockTime now)
{
  return now > packet->sent + PATIENCE + MIN (round_trip, LONGEST_ROUND_TRIP);
}

static GstRcastRepair
decide (GstRcastRepairs * self, const Packet * packet, GstClockTime round_trip,
    GstClockTime now)
{
  if (now < packet->held || (GST_CLOCK_TIME_IS_VALID (packet->repaired)
          && now + MIN (MARGIN, round_trip / 4)
          < packet->repaired + round_trip))
    return GST_RCAST_REPAIR_TOO_SOON;
  if (self->feedback > 0 && packet->held == 0
      && GST_CLOCK_TIME_IS_VALID (packet->last)
      && now < packet->last + round_trip + self->feedback)
    return GST_RCAST_REPAIR_LATER;
  if (is_too_late (packet, round_trip, now))
    return GST_RCAST_REPAIR_TOO_LATE;
  if (self->budget < packet->size)
    return GST_RCAST_REPAIR_OVER_BUDGET;
  return GST_RCAST_REPAIR_GRANTED;
}

/* Packets on other paths may overtake this one: until @until it may only be late. */
void
gst_rcast_repairs_hold (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum,
    GstClockTime until)
{
  Packet *packet = find_packet (self, ssrc, seqnum);

  if (!packet)
    return;
  packet->held = until;
  packet->spread |= until > 0;
}

/* The packet is lost, not late. Returns: whether it was held */
gboolean
gst_rcast_repairs_release (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum)
{
  Packet *packet = find_packet (self, ssrc, seqnum);

  if (!packet || packet->held == 0)
    return FALSE;
  packet->held = 0;
  return TRUE;
}

/**
 * gst_rcast_repairs_is_in_order:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @again: when it was sent again, or %GST_CLOCK_TIME_NONE for the first copy
 * @moved: when packets last moved to another path, 0: never
 *
 * Packets on different paths overtake each other, and so do packets after a move to a shorter
 * path: a missing packet may then only be late.
 *
 * Returns: whether the packet is remembered and cannot have been overtaken like that
 */
gboolean
gst_rcast_repairs_is_in_order (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, GstClockTime again, GstClockTime moved)
{
  const Packet *packet = find_packet (self, ssrc, seqnum);

  return packet && !packet->spread
      && (GST_CLOCK_TIME_IS_VALID (again) ? again : packet->sent) >= moved;
}

/**
 * gst_rcast_repairs_set_feedback:
 * @self: the repairs
 * @late: delay of feedback about a packet beyond a round trip; 0: there is no feedback
 *
 * After a retransmission, a further request waits for this feedback: the server may only be
 * impatient.
 */
void
gst_rcast_repairs_set_feedback (GstRcastRepairs * self, GstClockTime late)
{
  self->feedback = late;
}

/**
 * gst_rcast_repairs_request:
 * @self: the repairs
 * @ssrc: SSRC of the packet
 * @seqnum: its sequence number
 * @round_trip: to the server and back, 0: not known
 * @now: when the server asks
 *
 * Decides about a packet that the server requests (RFC 4585 6.2.1), and counts the decision.
 */
GstRcastRepair
gst_rcast_repairs_request (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, GstClockTime round_trip, GstClockTime now)
{
  Packet *packet = find_packet (self, ssrc, seqnum);
  GstRcastRepair repair = GST_RCAST_REPAIR_UNKNOWN;

  if (packet)
    repair = decide (self, packet, MIN (round_trip, LONGEST_ROUND_TRIP), now);
  if (repair == GST_RCAST_REPAIR_GRANTED)
    send_again (self, packet, packet->size, now);
  self->counts[repair]++;
  return repair;
}

/**
 * gst_rcast_repairs_double:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @key: whether it belongs to a key frame
 * @now: the time
 *
 * Decides whether to send a packet twice without a request, and counts it. A request then comes
 * too soon until the server can know of the copy.
 *
 * Returns: whether the budget has room
 */
gboolean
gst_rcast_repairs_double (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, gboolean key, GstClockTime now)
{
  gdouble kept = (key ? KEPT_BY_KEY_FRAMES : KEPT_FOR_REQUESTS)
      * get_most (self);
  Packet *packet = find_packet (self, ssrc, seqnum);

  if (!packet || GST_CLOCK_TIME_IS_VALID (packet->repaired)
      || self->budget < kept + packet->size)
    return FALSE;
  send_again (self, packet, packet->size, now);
  self->doubled++;
  return TRUE;
}

/* Returns: bytes of the budget that the packet takes if it is sent again unasked */
static gsize
get_cost (GstRcastRepairs * self, guint32 ssrc, const Packet * packet)
{
  return gst_rcast_repairs_is_audio (self, ssrc) ? 0 : packet->size;
}

/**
 * gst_rcast_repairs_second:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @round_trip: to the server and back, 0: not known
 * @now: the time
 *
 * Decides whether to send a packet again that was sent again a moment ago, as that copy may also
 * be lost, and counts it. Whether a request is too soon still depends on the earlier copy. Audio
 * needs no budget.
 *
 * Returns: whether the copy may be of use and the budget has room
 */
gboolean
gst_rcast_repairs_second (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, GstClockTime round_trip, GstClockTime now)
{
  gdouble kept = KEPT_FOR_REQUESTS * get_most (self);
  Packet *packet = find_packet (self, ssrc, seqnum);
  gsize cost = packet ? get_cost (self, ssrc, packet) : 0;

  if (!packet || !GST_CLOCK_TIME_IS_VALID (packet->repaired)
      || packet->arrived || packet->held > 0
      || is_too_late (packet, round_trip, now)
      || (cost > 0 && self->budget < kept + cost))
    return FALSE;
  packet->last = now;
  self->budget -= cost;
  self->doubled++;
  return TRUE;
}

/**
 * gst_rcast_repairs_came:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 *
 * Feedback says that the packet or its retransmission has arrived.
 */
void
gst_rcast_repairs_came (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum)
{
  Packet *packet = find_packet (self, ssrc, seqnum);

  if (packet)
    packet->arrived = TRUE;
}

/**
 * gst_rcast_repairs_is_missing:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @again: as for gst_rcast_repairs_missed()
 * @round_trip: to the server and back, 0: not known
 * @now: the time
 *
 * Returns: whether gst_rcast_repairs_missed() would send the packet again if the budget had room
 */
gboolean
gst_rcast_repairs_is_missing (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, GstClockTime again, GstClockTime round_trip,
    GstClockTime now)
{
  const Packet *packet = find_packet (self, ssrc, seqnum);

  return packet && !packet->arrived && packet->held == 0
      && (!GST_CLOCK_TIME_IS_VALID (packet->last)
      || (GST_CLOCK_TIME_IS_VALID (again) && again >= packet->last))
      && !is_too_late (packet, round_trip, now);
}

/**
 * gst_rcast_repairs_missed:
 * @self: the repairs
 * @ssrc: SSRC of a packet
 * @seqnum: its sequence number
 * @again: when it was sent again, or %GST_CLOCK_TIME_NONE for the first copy
 * @round_trip: to the server and back, 0: not known
 * @now: the time
 *
 * Decides about a packet that has not arrived according to feedback. Feedback comes sooner than a
 * request, and also where the request is lost. If packets overtake each other, only requests
 * count.
 *
 * Returns: whether to send the packet again
 */
gboolean
gst_rcast_repairs_missed (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum, GstClockTime again, GstClockTime round_trip,
    GstClockTime now)
{
  Packet *packet = find_packet (self, ssrc, seqnum);
  gsize cost;

  if (!gst_rcast_repairs_is_missing (self, ssrc, seqnum, again, round_trip,
          now))
    return FALSE;
  cost = get_cost (self, ssrc, packet);
  if (self->budget < cost)
    return FALSE;
  send_again (self, packet, cost, now);
  self->missed++;
  return TRUE;
}

/* Undoes the last decision of gst_rcast_repairs_double() or gst_rcast_repairs_second(), which could
 * not be carried out. Only video is doubled. */
void
gst_rcast_repairs_take_back (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum)
{
  Packet *packet = find_packet (self, ssrc, seqnum);

  self->doubled--;
  if (!packet)
    return;
  packet->repaired = packet->last = GST_CLOCK_TIME_NONE;
  self->budget = MIN (self->budget + get_cost (self, ssrc, packet),
      get_most (self));
}

/* Returns: when the packet was last sent again, or NONE: never, or it is not remembered */
GstClockTime
gst_rcast_repairs_get_last (GstRcastRepairs * self, guint32 ssrc,
    guint16 seqnum)
{
  const Packet *packet = find_packet (self, ssrc, seqnum);

  return packet ? packet->last : GST_CLOCK_TIME_NONE;
}

/* Returns: how long ago the packet was first sent, 0: it is not remembered */
GstClockTime
gst_rcast_repairs_get_age (GstRcastRepairs * self, guint32 ssrc, guint16 seqnum,
    GstClockTime now)
{
  const Packet *packet = find_packet (self, ssrc, seqnum);

  return packet ? now - MIN (packet->sent, now) : 0;
}

/* @rate: bit/s of which retransmissions get their share, 0: nothing is sent again. After the rate
 * falls, the earlier media no longer counts. */
void
gst_rcast_repairs_set_rate (GstRcastRepairs * self, guint64 rate)
{
  self->limit = rate / 8;
  self->budget = MIN (self->budget, get_most (self));
}

/* Adds the counts of requests and retransmissions. */
void
gst_rcast_repairs_add_stats (const GstRcastRepairs * self,
    GstStructure * stats)
{
  guint64 granted = self->counts[GST_RCAST_REPAIR_GRANTED], all = 0;

  for (guint i = 0; i < GST_RCAST_N_REPAIRS; i++)
    all += self->counts[i];
  gst_structure_set (stats,
      "repairs", G_TYPE_UINT64, granted + self->missed,
      "repairs-refused", G_TYPE_UINT64, all - granted,
      "repairs-over-budget", G_TYPE_UINT64,
      self->counts[GST_RCAST_REPAIR_OVER_BUDGET],
      "repairs-unasked", G_TYPE_UINT64, self->doubled, NULL);
}
