/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Old packets that leave again as padding: large ones that the server cannot mistake for others. */
#include "config.h"

#include "rcast-padding.h"

/* Packets to choose from; rtprtxsend of webrtcbin keeps more. A power of two */
#define N_KEPT 256
/* A first request that is on its way is for a packet no older than this: 10 s of audio */
#define N_ASKED_FOR 512
/* Repairs that may be on their way; when there are more, the oldest are forgotten. */
#define N_REPAIRS 32
/* Streams to tell apart; later ones are not padded. */
#define STREAMS_MAX 64
/* Least size of padding relative to the largest packet; smaller ones would only be more. */
#define LARGE 0.75

/* A packet that the server asked for and gets */
typedef struct
{
  guint16 seqnum;
  GstClockTime granted;
} Repair;

typedef struct
{
  guint32 ssrc;
  guint session;                /* RTP session of webrtcbin */
  gboolean repairable;          /* has a stream of retransmissions */
  gboolean requested;           /* the server has asked for a packet */
  gboolean repaired;            /* the server has got a packet that it asked for */
  Repair repairs[N_REPAIRS];    /* ring of repairs until then */
  guint n_repairs;              /* repairs so far */
  gboolean any;                 /* a packet was sent */
  guint16 newest;
  guint n_old;                  /* packets in a row that seemed older than the newest */
  guint16 used;                 /* the packet that was last used as padding */
  guint16 sizes[N_KEPT];        /* of the newest packets; 0: no packet */
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

/* Returns: (nullable): NULL: there are too many streams */
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

/* @ssrc: SSRC of a video that has a stream of retransmissions
 * @session: RTP session that carries it
 *
 * A second call moves the stream to @session. */
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

/* A packet of any stream leaves for the first time. Sequence numbers may restart anywhere.
 * @size: size of the RTP packet in bytes */
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

/* The server asks for a packet. @granted: it gets the packet in a stream of retransmissions */
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

/* Feedback says that a packet arrived that left again at @again. The server learns which stream a
 * retransmission belongs to only from a packet that it asked for before. */
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

/* rtprtxreceive assigns a stream of retransmissions to the stream whose request matches the number
 * in the first packet (RFC 4588 5.3), whichever stream that packet belongs to. It drops packets
 * that it did not ask for. So before the server has a packet that it asked for, padding must not
 * have the number of a packet that another stream may be waiting for. */
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

/* Takes packets in turn, so that none comes twice in a row. Returns: whether there is one */
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
 * @session: RTP session in which padding is to leave
 * @packet: (out): an old packet
 *
 * Returns: whether there is a packet that may leave again
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
