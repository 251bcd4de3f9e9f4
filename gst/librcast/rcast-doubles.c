/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets leave twice unasked: what would be missed most, where a request for it comes too late. */
#include "config.h"

#include "rcast-doubles.h"

#include "rcast-rtp.h"

/* webrtcbin waits for what is missing for so long by default, and libwebrtc adds no more than
 * that for retransmissions: what is asked for and sent again takes a round trip, and comes too
 * late beyond it. It has to be clearly shorter until nothing leaves twice any more. */
#define RECEIVER_BUFFER (200 * GST_MSECOND)
#define SHORT_ROUND_TRIP (150 * GST_MSECOND)

/* So much loss is some, and so much none. */
#define LOSS_SOME 0.005
#define LOSS_NONE 0.0025

/* So long before the first packet leaves twice it is told, so that the encoders make room. */
#define NOTICE GST_SECOND

/* About a frame: what loses a packet may lose those right behind it. The next frame of 30 in
 * a second sets off what is due, and is not always late. */
#define APART (25 * GST_MSECOND)
/* Nobody waits for a packet any more that is so old. */
#define TOO_OLD (250 * GST_MSECOND)

/* Packets that are to leave twice: a large key frame, and some frames */
#define N_WAITING 512

typedef struct
{
  guint32 ssrc;
  GstRcastCodec codec;
  guint32 timestamp;            /* of the last frame */
  gboolean seen;                /* there was one */
  gboolean key;                 /* it is a key frame, by what was seen of it */
} Stream;

typedef struct
{
  GstRcastDouble packet;
  GstClockTime sent;
} Waiting;

struct _GstRcastDoubles
{
  GArray *streams;              /* of Stream */
  GstClockTime since;           /* when there was a reason, NONE: there is none */
  Waiting waiting[N_WAITING];   /* a ring */
  guint first, n_waiting;
};

GstRcastDoubles *
gst_rcast_doubles_new (void)
{
  GstRcastDoubles *self = g_new0 (GstRcastDoubles, 1);

  self->streams = g_array_new (FALSE, FALSE, sizeof (Stream));
  self->since = GST_CLOCK_TIME_NONE;
  return self;
}

void
gst_rcast_doubles_free (GstRcastDoubles * self)
{
  g_array_unref (self->streams);
  g_free (self);
}

/* Returns: (nullable) */
static Stream *
find_stream (GstRcastDoubles * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = &g_array_index (self->streams, Stream, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

/* @ssrc: of a video, of which packets may leave twice
 * Returns: whether it is a new one */
gboolean
gst_rcast_doubles_add_stream (GstRcastDoubles * self, guint32 ssrc,
    GstRcastCodec codec)
{
  Stream fresh = { ssrc, codec, 0, FALSE, FALSE };

  if (find_stream (self, ssrc))
    return FALSE;
  g_array_append_val (self->streams, fresh);
  return TRUE;
}

static gboolean
is_reason (const GstRcastDoubles * self, const GstRcastDoublesView * view)
{
  gboolean before = GST_CLOCK_TIME_IS_VALID (self->since);

  return view->spare
      && view->round_trip > (before ? SHORT_ROUND_TRIP : RECEIVER_BUFFER)
      && view->loss > (before ? LOSS_NONE : LOSS_SOME);
}

/**
 * gst_rcast_doubles_heed:
 * @self: the doubles
 * @view: what the paths are like
 * @now: the time
 *
 * To be called several times a second.
 *
 * Returns: whether packets of any stream leave twice, now or a second from when it became so
 */
gboolean
gst_rcast_doubles_heed (GstRcastDoubles * self,
    const GstRcastDoublesView * view, GstClockTime now)
{
  if (!is_reason (self, view)) {
    self->since = GST_CLOCK_TIME_NONE;
    self->n_waiting = 0;
  } else if (!GST_CLOCK_TIME_IS_VALID (self->since)) {
    self->since = now;
  }
  return GST_CLOCK_TIME_IS_VALID (self->since) && self->streams->len > 0;
}

static gboolean
is_on (const GstRcastDoubles * self, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (self->since) && now >= self->since + NOTICE;
}

/* Returns: whether the packet belongs to a key frame, from where that starts on, or has what
 * may stand in front of one */
static gboolean
is_key (Stream * stream, const GstRcastRtpHeader * header,
    const guint8 * payload)
{
  GstRcastRtpStart start = GST_RCAST_RTP_START_NONE;

  if (!stream->seen || stream->timestamp != header->timestamp)
    stream->key = FALSE;
  stream->seen = TRUE;
  stream->timestamp = header->timestamp;
  if (header->payload_size > 0 && stream->codec != GST_RCAST_CODEC_UNKNOWN)
    start = gst_rcast_rtp_find_start (stream->codec, payload,
        header->payload_size);
  stream->key |= start == GST_RCAST_RTP_START_KEY;
  return stream->key || start == GST_RCAST_RTP_START_LEADING;
}

/* The oldest gives way. */
static void
put_off (GstRcastDoubles * self, const GstRcastDouble * packet, GstClockTime now)
{
  guint place = (self->first + self->n_waiting) % N_WAITING;

  self->waiting[place] = (Waiting) { *packet, now };
  if (self->n_waiting < N_WAITING)
    self->n_waiting++;
  else
    self->first = (self->first + 1) % N_WAITING;
}

/**
 * gst_rcast_doubles_sent:
 * @self: the doubles
 * @data: (array length=size): a packet, not encrypted yet
 * @size: of it, in bytes
 * @now: when it leaves, for the first time
 *
 * The last packet of a frame is to leave twice: only the next frame would show that it is
 * missing. So is all of a key frame, without which nothing can be shown.
 */
void
gst_rcast_doubles_sent (GstRcastDoubles * self, const guint8 * data,
    gsize size, GstClockTime now)
{
  GstRcastRtpHeader header;
  GstRcastDouble packet;
  Stream *stream;

  if (!is_on (self, now) || !gst_rcast_rtp_parse_header (data, size, &header)
      || !(stream = find_stream (self, header.ssrc)))
    return;
  packet = (GstRcastDouble) { header.ssrc, header.sequence,
    is_key (stream, &header, data + header.payload_offset)
  };
  if (packet.key || header.marker)
    put_off (self, &packet, now);
}

/**
 * gst_rcast_doubles_next:
 * @self: the doubles
 * @due: (out): a packet
 * @now: the time
 *
 * Returns: whether there is a packet that is to leave once more now
 */
gboolean
gst_rcast_doubles_next (GstRcastDoubles * self, GstRcastDouble * due,
    GstClockTime now)
{
  while (self->n_waiting > 0) {
    const Waiting *waiting = &self->waiting[self->first];

    if (now < waiting->sent + APART)
      return FALSE;
    self->first = (self->first + 1) % N_WAITING;
    self->n_waiting--;
    if (now <= waiting->sent + TOO_OLD) {
      *due = waiting->packet;
      return TRUE;
    }
  }
  return FALSE;
}
