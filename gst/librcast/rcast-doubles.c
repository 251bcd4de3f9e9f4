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

/* There has to be room for so long first, and so long it rests if it has ended: a path that is
 * full every few seconds has no room, and its encoders no use for a rate that jumps. */
#define CALM (5 * GST_SECOND)
/* So long before the first packet leaves twice it is told, so that the encoders make room; and
 * so much later what it takes can be measured. */
#define NOTICE GST_SECOND
#define MEASURED GST_SECOND

/* About a frame: what loses a packet may lose those right behind it. */
#define APART (25 * GST_MSECOND)
/* Nobody waits for a packet any more that is so old. */
#define TOO_OLD (250 * GST_MSECOND)

/* rtprtxsend keeps more of each stream (GST_RCAST_REPAIRS_KEPT). */
#define N_KEPT 400
/* Of one stream, that wait: more than leave until they are too old */
#define N_FRAMES 16

/* Those packets of a frame that are to leave twice */
typedef struct
{
  guint16 next, last;
  gboolean key;
  GstClockTime sent;            /* the last one, for the first time */
} Frame;

typedef struct
{
  guint32 ssrc;
  GstRcastCodec codec;
  GstClockTime repaired;        /* what was asked for left for the first time, or NONE */

  /* The frame that leaves */
  gboolean open;
  guint32 timestamp;
  guint16 first, last;
  gboolean key;                 /* by what was seen of it */

  Frame frames[N_FRAMES];       /* a ring */
  guint head, n_frames;
} Stream;

struct _GstRcastDoubles
{
  GArray *streams;              /* of Stream */
  GstClockTime round_trip;
  GstClockTime since;           /* when there was a reason, NONE: there is none */
  GstClockTime rests_until;
  GstClockTime room_until;      /* the encoders make room */
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

/* Adds what another path or session is like: the worse decides, but of several ways the
 * quickest can repair what others lose. */
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

/* @ssrc: of a video, of which packets may leave twice
 * Returns: whether it is a new one */
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
 * @ssrc: of any stream
 * @now: the time
 *
 * A packet leaves once more that the server has asked for. Only by that many servers know what
 * stream the retransmissions belong to (RFC 4588 5.3): rtprtxreceive drops all that come before,
 * or takes them for those of another stream that the same sequence number was asked of.
 */
void
gst_rcast_doubles_repaired (GstRcastDoubles * self, guint32 ssrc,
    GstClockTime now)
{
  Stream *stream = find_stream (self, ssrc);

  if (stream && !GST_CLOCK_TIME_IS_VALID (stream->repaired))
    stream->repaired = now;
}

/* Whether the server has what it had asked for */
static gboolean
is_ready (const GstRcastDoubles * self, const Stream * stream, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (stream->repaired)
      && now >= stream->repaired + self->round_trip;
}

/**
 * gst_rcast_doubles_is_known:
 * @self: the doubles
 * @ssrc: of any stream
 * @now: the time
 *
 * Returns: whether the server knows what stream the retransmissions of @ssrc belong to
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
 * @view: what the paths are like
 * @now: the time
 *
 * To be called several times a second. Where packets are to leave twice the encoders make room
 * before, until what it takes is known. They do so to the end even if nothing comes of it: a
 * path that gets full meanwhile needs it.
 *
 * Returns: whether the encoders are to make room now
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

/* Returns: whether any packet of @ssrc that leaves now may leave twice */
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

/* @payload: of a packet; may lack its end */
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

/* The oldest gives way. */
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
 * @data: (array length=size): a packet, not encrypted yet, or its start
 * @size: of it, in bytes
 * @now: when it leaves, for the first time
 *
 * The last packet of a frame is to leave twice: only the next frame would show that it is
 * missing. So is all of a key frame, without which nothing can be shown, as soon as it is out:
 * its own packets come first.
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

/* Ends with the first packet of @stream that waits. */
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
 * @ssrc: of any stream
 * @due: (out): a packet of it
 * @now: the time
 *
 * Returns: whether there is a packet that is to leave once more now
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
