/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picks packets to send twice unasked: the ones missed most when a NACK would come too late. */
#include "config.h"

#include "rcast-doubles.h"

#include "rcast-rtp.h"

/* By default, webrtcbin waits this long for a missing packet, and libwebrtc adds no more than this
 * for retransmissions. A requested packet takes a round trip, so with a longer one it comes too
 * late. Sending twice ends only once the round trip is clearly shorter. */
#define RECEIVER_BUFFER (200 * GST_MSECOND)
#define SHORT_ROUND_TRIP (150 * GST_MSECOND)

/* Loss at which sending twice may begin, and below which it ends */
#define LOSS_SOME 0.005
#define LOSS_NONE 0.0025

/* The paths must have room for this long before sending twice begins, and it pauses this long after
 * it has ended. A path that is full every few seconds has no room, and a bitrate that jumps is of
 * no use to its encoders. */
#define CALM (5 * GST_SECOND)
/* The encoders are told this long before the first packet is sent twice, so that they make room;
 * after MEASURED, the extra bitrate is part of the measurements. */
#define NOTICE GST_SECOND
#define MEASURED GST_SECOND

/* Distance of the copy, about a frame: a burst that loses a packet may lose the next ones too. */
#define APART (25 * GST_MSECOND)
/* An older packet is of no use to the receiver. */
#define TOO_OLD (250 * GST_MSECOND)

/* rtprtxsend keeps more packets of each stream (GST_RCAST_REPAIRS_KEPT). */
#define N_KEPT 400
/* Waiting frames of one stream: more than are sent before they are too old */
#define N_FRAMES 16

/* The packets of a frame that are to be sent twice */
typedef struct
{
  guint16 next, last;
  gboolean key;
  GstClockTime sent;            /* first transmission of the last packet */
} Frame;

typedef struct
{
  guint32 ssrc;
  GstRcastCodec codec;
  GstClockTime repaired;        /* when the first requested packet was sent, or NONE */

  /* The frame that is being sent */
  gboolean open;
  guint32 timestamp;
  guint16 first, last;
  gboolean key;                 /* by its packets so far */

  Frame frames[N_FRAMES];       /* a ring */
  guint head, n_frames;
} Stream;

struct _GstRcastDoubles
{
  GArray *streams;              /* of Stream */
  GstClockTime round_trip;
  GstClockTime since;           /* since when there is a reason, NONE: there is none */
  GstClockTime rests_until;
  GstClockTime room_until;      /* until when the encoders make room */
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

/* Merges the state of another path or session. The worst value decides, except for the round trip:
 * the quickest path can repair the losses of the others. */
void
gst_rcast_doubles_view_join (GstRcastDoublesView * all,
    const GstRcastDoublesView * view)
{
  all->spare &= view->spare;
  all->loss = MAX (all->loss, view->loss);
  if (all->round_trip == 0
      || (view->round_trip > 0 && view->round_trip < all->round_trip))
    all->round_trip = view->round_trip;
}

static Stream *
get_nth (const GstRcastDoubles * self, guint i)
{
  return &g_array_index (self->streams, Stream, i);
}

/* Returns: (nullable) */
static Stream *
find_stream (const GstRcastDoubles * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++)
    if (get_nth (self, i)->ssrc == ssrc)
      return get_nth (self, i);
  return NULL;
}

/* @ssrc: SSRC of a video whose packets may be sent twice
 * Returns: whether the stream is new */
gboolean
gst_rcast_doubles_add_stream (GstRcastDoubles * self, guint32 ssrc,
    GstRcastCodec codec)
{
  Stream fresh = {.ssrc = ssrc,.codec = codec,.repaired = GST_CLOCK_TIME_NONE };

  if (find_stream (self, ssrc))
    return FALSE;
  g_array_append_val (self->streams, fresh);
  return TRUE;
}

/**
 * gst_rcast_doubles_repaired:
 * @self: the doubles
 * @ssrc: SSRC of any stream
 * @now: the time
 *
 * A packet is retransmitted on request. Many servers need a requested packet to learn which stream
 * the retransmissions belong to (RFC 4588 5.3). rtprtxreceive drops all retransmissions before
 * that, or assigns them to another stream of which the same sequence number was requested.
 */
void
gst_rcast_doubles_repaired (GstRcastDoubles * self, guint32 ssrc,
    GstClockTime now)
{
  Stream *stream = find_stream (self, ssrc);

  if (stream && !GST_CLOCK_TIME_IS_VALID (stream->repaired))
    stream->repaired = now;
}

/* Whether the server has the requested packet by now */
static gboolean
is_ready (const GstRcastDoubles * self, const Stream * stream, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (stream->repaired)
      && now >= stream->repaired + self->round_trip;
}

/**
 * gst_rcast_doubles_is_known:
 * @self: the doubles
 * @ssrc: SSRC of any stream
 * @now: the time
 *
 * Returns: whether the server knows which stream the retransmissions of @ssrc belong to
 */
gboolean
gst_rcast_doubles_is_known (const GstRcastDoubles * self, guint32 ssrc,
    GstClockTime now)
{
  const Stream *stream = find_stream (self, ssrc);

  return stream && is_ready (self, stream, now);
}

static gboolean
is_any_ready (const GstRcastDoubles * self, GstClockTime now)
{
  for (guint i = 0; i < self->streams->len; i++)
    if (is_ready (self, get_nth (self, i), now))
      return TRUE;
  return FALSE;
}

static gboolean
is_reason (const GstRcastDoubles * self, const GstRcastDoublesView * view,
    GstClockTime now)
{
  gboolean before = GST_CLOCK_TIME_IS_VALID (self->since);

  return view->spare && is_any_ready (self, now)
      && view->round_trip > (before ? SHORT_ROUND_TRIP : RECEIVER_BUFFER)
      && view->loss > (before ? LOSS_NONE : LOSS_SOME);
}

static void
forget_frames (GstRcastDoubles * self)
{
  for (guint i = 0; i < self->streams->len; i++)
    get_nth (self, i)->n_frames = get_nth (self, i)->open = 0;
}

/**
 * gst_rcast_doubles_heed:
 * @self: the doubles
 * @view: the state of the paths
 * @now: the time
 *
 * Call it several times a second. Before packets are sent twice, the encoders make room, until the
 * extra bitrate is part of the measurements. They do so for the whole time even if no packet is
 * sent twice after all: a path that fills up meanwhile needs the room.
 *
 * Returns: whether the encoders have to make room now
 */
gboolean
gst_rcast_doubles_heed (GstRcastDoubles * self,
    const GstRcastDoublesView * view, GstClockTime now)
{
  self->round_trip = view->round_trip;
  if (!is_reason (self, view, now)) {
    if (!view->spare || GST_CLOCK_TIME_IS_VALID (self->since))
      self->rests_until = now + CALM;
    self->since = GST_CLOCK_TIME_NONE;
    forget_frames (self);
  } else if (!GST_CLOCK_TIME_IS_VALID (self->since)
      && now >= self->rests_until) {
    self->since = now;
    self->room_until = now + NOTICE + MEASURED;
  }
  return now < self->room_until;
}

/* Returns: whether a packet of @ssrc that is sent now may be sent twice */
gboolean
gst_rcast_doubles_wants (const GstRcastDoubles * self, guint32 ssrc,
    GstClockTime now)
{
  const Stream *stream;

  if (!GST_CLOCK_TIME_IS_VALID (self->since) || now < self->since + NOTICE)
    return FALSE;
  stream = find_stream (self, ssrc);
  return stream && is_ready (self, stream, now);
}

/* @payload: payload of a packet; its end may be missing */
static gboolean
starts_key_frame (const Stream * stream, const guint8 * payload, gsize size)
{
  return size > 0 && stream->codec != GST_RCAST_CODEC_UNKNOWN
      && gst_rcast_rtp_find_start (stream->codec, payload, size)
      == GST_RCAST_RTP_START_KEY;
}

static void
drop_frame (Stream * stream)
{
  stream->head = (stream->head + 1) % N_FRAMES;
  stream->n_frames--;
}

/* The oldest frame makes room. */
static void
put_off (Stream * stream, const Frame * frame)
{
  if (stream->n_frames == N_FRAMES)
    drop_frame (stream);
  stream->frames[(stream->head + stream->n_frames++) % N_FRAMES] = *frame;
}

/**
 * gst_rcast_doubles_sent:
 * @self: the doubles
 * @data: (array length=size): an unencrypted packet, or its start
 * @size: size of @data in bytes
 * @now: when it is sent for the first time
 *
 * The last packet of a frame is sent twice: only the next frame would show that it is missing. A
 * key frame, without which nothing can be decoded, is sent twice as a whole, once its own packets
 * are out.
 */
void
gst_rcast_doubles_sent (GstRcastDoubles * self, const guint8 * data,
    gsize size, GstClockTime now)
{
  GstRcastRtpHeader header;
  Stream *stream;

  if (!gst_rcast_rtp_parse_header (data, size, &header)
      || !gst_rcast_doubles_wants (self, header.ssrc, now))
    return;
  stream = find_stream (self, header.ssrc);
  if (!stream->open || stream->timestamp != header.timestamp) {
    stream->open = TRUE;
    stream->timestamp = header.timestamp;
    stream->first = header.sequence;
    stream->key = FALSE;
  }
  stream->key |= starts_key_frame (stream, data + header.payload_offset,
      header.payload_size);
  stream->last = header.sequence;
  if (!header.marker)
    return;
  stream->open = FALSE;
  put_off (stream, &(Frame) { stream->key ? stream->first : stream->last,
        stream->last, stream->key, now });
}

/* Removes the first waiting packet of @stream. */
static void
drop_next (Stream * stream)
{
  Frame *frame = &stream->frames[stream->head];

  if (frame->next++ == frame->last)
    drop_frame (stream);
}

/**
 * gst_rcast_doubles_next:
 * @self: the doubles
 * @ssrc: SSRC of any stream
 * @due: (out): a packet of the stream
 * @now: the time
 *
 * Returns: whether there is a packet to send a second time now
 */
gboolean
gst_rcast_doubles_next (GstRcastDoubles * self, guint32 ssrc,
    GstRcastDouble * due, GstClockTime now)
{
  Stream *stream = find_stream (self, ssrc);

  while (stream && stream->n_frames > 0) {
    const Frame *frame = &stream->frames[stream->head];
    guint16 back = stream->last - frame->next;

    if (now < frame->sent + APART)
      return FALSE;
    *due = (GstRcastDouble) { ssrc, frame->next, frame->key };
    if (now > frame->sent + TOO_OLD) {
      drop_frame (stream);
      continue;
    }
    drop_next (stream);
    if (back < N_KEPT)
      return TRUE;
  }
  return FALSE;
}
