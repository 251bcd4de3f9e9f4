/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets leave once more as padding: large ones that the server cannot take for anything else. */
#include "config.h"

#include "rcast-padding.h"

/* No more are looked at; rtprtxsend of webrtcbin keeps more. A power of two */
#define N_KEPT 256
/* A first request that is on its way is for a packet that is no older: 10 s of sound */
#define N_ASKED_FOR 512
/* Repairs that are on their way; of more the oldest are forgotten. */
#define N_REPAIRS 32
/* No more streams are told apart; those that come then are not padded. */
#define STREAMS_MAX 64
/* Of the largest packet; the smaller ones would only be more. */
#define LARGE 0.75

/* A packet that the server gets because it has asked for it */
typedef struct
{
  guint16 seqnum;
  GstClockTime granted;
} Repair;

typedef struct
{
  guint32 ssrc;
  guint session;                /* of webrtcbin */
  gboolean repairable;          /* in a stream of retransmissions */
  gboolean requested;           /* the server has asked for a packet */
  gboolean repaired;            /* it has got one */
  Repair repairs[N_REPAIRS];    /* until then; a ring */
  guint n_repairs;              /* there were so many */
  gboolean any;                 /* a packet was sent */
  guint16 newest;
  guint n_old;                  /* so many in a row seemed older than that */
  guint16 used;                 /* the last one that was padding */
  guint16 sizes[N_KEPT];        /* of the newest ones; 0: no packet */
} Stream;

struct _GstRcastPadding
{
  GPtrArray *streams;           /* of Stream */
};

GstRcastPadding *
gst_rcast_padding_new (void)
{
  GstRcastPadding *self = g_new0 (GstRcastPadding, 1);

  self->streams = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
gst_rcast_padding_free (GstRcastPadding * self)
{
  g_ptr_array_unref (self->streams);
  g_free (self);
}

/* Returns: (nullable): NULL: there are too many */
static Stream *
get_stream (GstRcastPadding * self, guint32 ssrc)
{
  Stream *stream;

  for (guint i = 0; i < self->streams->len; i++) {
    stream = g_ptr_array_index (self->streams, i);
    if (stream->ssrc == ssrc)
      return stream;
  }
  if (self->streams->len == STREAMS_MAX)
    return NULL;
  stream = g_new0 (Stream, 1);
  stream->ssrc = ssrc;
  g_ptr_array_add (self->streams, stream);
  return stream;
}

/* @ssrc: of a video that is repaired in a stream of retransmissions
 * @session: that carries it
 *
 * Twice is fine: then it has moved to @session. */
void
gst_rcast_padding_add_stream (GstRcastPadding * self, guint32 ssrc,
    guint session)
{
  Stream *stream = get_stream (self, ssrc);

  if (!stream)
    return;
  stream->session = session;
  stream->repairable = TRUE;
}

/* A packet of any stream leaves for the first time. Numbers may begin anew, anywhere.
 * @size: of the RTP packet, in bytes */
void
gst_rcast_padding_sent (GstRcastPadding * self, guint32 ssrc, guint16 seqnum,
    gsize size)
{
  Stream *stream = get_stream (self, ssrc);
  guint16 skipped;

  if (!stream)
    return;
  skipped = stream->any ? seqnum - stream->newest : N_KEPT;
  if (skipped >= 0x8000 && ++stream->n_old < N_KEPT)
    return;
  stream->n_old = 0;
  for (guint16 i = 0; i < MIN (skipped, N_KEPT); i++)
    stream->sizes[(guint16) (seqnum - i) % N_KEPT] = 0;
  stream->sizes[seqnum % N_KEPT] = MIN (size, G_MAXUINT16);
  stream->newest = seqnum;
  stream->any = TRUE;
}

/* The server asks for a packet. @granted: it gets it, in a stream of retransmissions */
void
gst_rcast_padding_requested (GstRcastPadding * self, guint32 ssrc,
    guint16 seqnum, gboolean granted, GstClockTime now)
{
  Stream *stream = get_stream (self, ssrc);

  if (!stream)
    return;
  stream->requested = TRUE;
  if (granted && !stream->repaired)
    stream->repairs[stream->n_repairs++ % N_REPAIRS] = (Repair) { seqnum, now };
}

/* Feedback says that a packet has arrived that left again at @again. Only one that was asked for
 * before shows the server which stream it is of. */
void
gst_rcast_padding_came (GstRcastPadding * self, guint32 ssrc, guint16 seqnum,
    GstClockTime again)
{
  Stream *stream = get_stream (self, ssrc);
  guint n = stream ? MIN (stream->n_repairs, N_REPAIRS) : 0;

  for (guint i = 0; i < n && !stream->repaired; i++)
    stream->repaired = stream->repairs[i].seqnum == seqnum
        && again >= stream->repairs[i].granted;
}

/* rtprtxreceive takes a stream of retransmissions for that of which it has asked for the number
 * in the first one (RFC 4588 5.3), whoever it is of; and drops those that it has not asked for.
 * Before it had what it asked for, padding must not have the number of a packet of another
 * stream that it may be waiting for. */
static gboolean
is_mistakable (const GstRcastPadding * self, const Stream * stream,
    guint16 seqnum)
{
  for (guint i = 0; i < self->streams->len; i++) {
    const Stream *other = g_ptr_array_index (self->streams, i);
    guint16 back = other->newest - seqnum;

    if (other == stream || !other->any)
      continue;
    if (other->requested || back < N_ASKED_FOR
        || back > G_MAXUINT16 - N_ASKED_FOR)
      return TRUE;
  }
  return FALSE;
}

static guint16
find_largest (const Stream * stream)
{
  guint16 largest = 0;

  for (guint i = 0; i < N_KEPT; i++)
    largest = MAX (largest, stream->sizes[i]);
  return largest;
}

/* In turn, so that the same one does not come twice in a row. Returns: whether there is one */
static gboolean
find_packet (const GstRcastPadding * self, const Stream * stream,
    guint16 * seqnum)
{
  guint16 oldest = stream->newest - N_KEPT + 1;
  guint16 last = stream->used - oldest;
  guint least = LARGE * find_largest (stream);

  if (last >= N_KEPT)
    last = N_KEPT - 1;
  for (guint i = 1; i <= N_KEPT; i++) {
    guint16 next = oldest + (last + i) % N_KEPT;
    guint16 size = stream->sizes[next % N_KEPT];

    if (size == 0 || size < least
        || (!stream->repaired && is_mistakable (self, stream, next)))
      continue;
    *seqnum = next;
    return TRUE;
  }
  return FALSE;
}

/**
 * gst_rcast_padding_next:
 * @self: the padding
 * @session: in which it is to leave
 * @packet: (out): an old packet
 *
 * Returns: whether there is one that may leave once more
 */
gboolean
gst_rcast_padding_next (GstRcastPadding * self, guint session,
    GstRcastPaddingPacket * packet)
{
  Stream *best = NULL;
  guint16 largest = 0;

  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);
    guint16 seqnum, size;

    if (!stream->repairable || !stream->any || stream->session != session
        || !find_packet (self, stream, &seqnum))
      continue;
    size = stream->sizes[seqnum % N_KEPT];
    if (size <= largest)
      continue;
    largest = size;
    best = stream;
    *packet = (GstRcastPaddingPacket) { stream->ssrc, seqnum, size };
  }
  if (best)
    best->used = packet->seqnum;
  return best != NULL;
}
