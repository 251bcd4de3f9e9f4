/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether each stream of a connection arrives, and if not, why. */

/*
 * What each cause looks like:
 *
 *                      this stream  others  STUN, RTCP  signalling
 * own network or ICE   stops        stop    stop        answers or not
 * server away          stops        stop    stop        refused
 * publisher gone       stops        stop    go on       may say so
 * one stream stopped   stops        go on   go on       may say so
 * no decodable frame   goes on      -       go on       -
 *
 * A stream is suspect after a few times its usual pause. When all streams are, the path is
 * checked and the server is probed. An answer to a request that was sent after the last packet
 * proves more than any rhythm. Without an answer in time, the path is dead.
 *
 * An outage keeps its cause until a frame comes: packets after it without a frame are not frozen.
 */
#include "config.h"

#include "rcast-reception.h"

/* Least pause that is worth a check; jitter of a bad link is less. */
#define SUSPECT (200 * GST_MSECOND)
/* Time for an answer: with SUSPECT and the interval of the judgements well below a second */
#define ANSWER (450 * GST_MSECOND)
/* Streams that fall silent so soon after each other cause one request for a key frame. A second
 * one would delay the next, which a working path needs: RTCP sends feedback once in a report's
 * interval (RFC 4585 3.5.2). */
#define TOGETHER (500 * GST_MSECOND)
/* After so long without a packet, the stream does not arrive. */
#define PATIENCE (700 * GST_MSECOND)
/* The same before the rhythm is known, which takes so many pictures */
#define FIRST_PATIENCE (3 * GST_SECOND)
#define RHYTHM 5
/* STUN or RTCP from before the silence may come so long after the last packet. */
#define LATE (300 * GST_MSECOND)
/* Packets may still be on their way so long after "unpublished". */
#define TAIL (150 * GST_MSECOND)
/* A stream that is published again arrives within this time, usually over a new connection. Its
 * silence until then has no cause of its own. */
#define RETURN (3 * GST_SECOND)
/* Pauses that are taken for a slow source, at most */
#define LONGEST_PAUSE (10 * GST_SECOND)
/* How long a pause of this length is remembered. */
#define MEMORY (16 * GST_SECOND)
/* The stream is frozen after so many pictures and so long without a frame. */
#define BEGUN 2
#define FREEZE (700 * GST_MSECOND)
/* Packets after an outage make no frame before the requested key frame. That takes some round
 * trips, and a request may be lost. Until then the cause is that of the outage. */
#define AFTERMATH (5 * GST_SECOND)
/* Error of a sender report, in packets that are on their way */
#define REPORT_SLACK 3
/* A sequence number further ahead belongs to another source. */
#define LONGEST_JUMP 3000

typedef enum
{
  WORD_NONE,
  WORD_PAUSED,
  WORD_UNPUBLISHED,
} Word;

typedef struct
{
  GstClockTime last;            /* last packet, or NONE */
  GstClockTime long_pause;      /* the last pause that was as long as the earlier ones */
  GstClockTime flowing;         /* when that pause ended */
  GstClockTime resumed;         /* the first packet, or the first one after the stream was gone */
  GstClockTime usual;           /* the longest recent pause */
  gboolean quiet;               /* the last packet announced a pause: comfort noise, DTX */
  guint32 rtp_time;             /* of the last packet */
  guint16 sequence;             /* highest sequence number */
  guint64 packets;              /* received, or lost before one that was received */
  guint pictures;               /* distinct RTP timestamps, up to RHYTHM */

  gboolean has_frames;          /* the caller reports frames */
  GstClockTime frame;           /* last frame, or NONE */
  GstClockTime begun;           /* first packet since that frame, or NONE */
  guint n_begun;                /* pictures since that frame */

  gboolean reported;
  guint32 report;               /* packet count of the last sender report */
  guint64 packets_at_report;
  gboolean idle;                /* the sender says that it sends nothing */

  Word word;                    /* what the server or an RTCP BYE said */
  GstClockTime worded;          /* when it was said */

  gboolean asked_key;           /* in the present silence */
  GstClockTime decided;         /* when the stream ceased to arrive, or NONE */
  GstRcastVerdict verdict;
} Stream;

typedef enum
{
  PATH_UNKNOWN,
  PATH_ALIVE,
  PATH_DEAD,
} Path;

struct _GstRcastReception
{
  GArray *streams;              /* of Stream */
  GstClockTime heard;           /* last packet of the server other than RTP, or NONE */
  GstClockTime answered;        /* last answer to a check, or NONE */
  gboolean down;                /* according to ICE */
  gboolean no_link;
  GstClockTime closed;          /* when the server closed the connection, or NONE */
  GstRcastReach reach;
  GstClockTime reached;         /* when @reach was learned */
  GstClockTime latency;         /* from a packet to its frame */

  GstClockTime last;            /* last packet of any stream, or NONE */
  gboolean asked;               /* during the present silence of all streams */
  GstClockTime revived;         /* when a dead path gave a sign of life, or NONE */
  GstClockTime ours;            /* when our path was last dead or replaced, or NONE */
  Path path;
  GstClockTime asked_key;       /* last request because of silence, or NONE */
  guint wishes;
  GstClockTime next;            /* when the next judgement is due, or NONE */
};

GstRcastReception *
gst_rcast_reception_new (void)
{
  GstRcastReception *self = g_new0 (GstRcastReception, 1);

  self->streams = g_array_new (FALSE, TRUE, sizeof (Stream));
  self->heard = self->answered = self->closed = GST_CLOCK_TIME_NONE;
  self->last = self->revived = self->reached = GST_CLOCK_TIME_NONE;
  self->ours = self->asked_key = self->next = GST_CLOCK_TIME_NONE;
  return self;
}

/* %NULL is fine. */
void
gst_rcast_reception_free (GstRcastReception * self)
{
  if (self)
    g_array_unref (self->streams);
  g_free (self);
}

static Stream *
get_stream (const GstRcastReception * self, guint i)
{
  return i < self->streams->len ?
      &g_array_index (self->streams, Stream, i) : NULL;
}

/* Returns: the number of the stream, from 0 */
guint
gst_rcast_reception_add_stream (GstRcastReception * self)
{
  Stream stream = {
    .last = GST_CLOCK_TIME_NONE,.frame = GST_CLOCK_TIME_NONE,
    .begun = GST_CLOCK_TIME_NONE,.worded = GST_CLOCK_TIME_NONE,
    .decided = GST_CLOCK_TIME_NONE,
    .verdict = {.since = GST_CLOCK_TIME_NONE},
  };

  g_array_append_val (self->streams, stream);
  return self->streams->len - 1;
}

/* A time that is missing counts as long ago. */
static gboolean
is_after (GstClockTime time, GstClockTime other)
{
  return GST_CLOCK_TIME_IS_VALID (time)
      && (!GST_CLOCK_TIME_IS_VALID (other) || time > other);
}

/* Facts */

/* Sets how long a packet waits before its frame comes. */
void
gst_rcast_reception_set_latency (GstRcastReception * self,
    GstClockTime latency)
{
  self->latency = latency;
}

/* An announced pause, an outage or a mute teaches nothing. But if an earlier pause was about as
 * long and media flowed only briefly between the two, the source is slow. */
static gboolean
is_rhythm (const Stream * stream, GstClockTime pause)
{
  GstRcastStreamCause cause = stream->verdict.cause;
  gboolean is_slow = 2 * stream->long_pause >= pause
      && 4 * (stream->last - stream->flowing) <= pause;
  gboolean may_be_slow = cause == GST_RCAST_STREAM_CAUSE_NONE
      || cause == GST_RCAST_STREAM_CAUSE_SILENT
      || cause == GST_RCAST_STREAM_CAUSE_PART;

  if (pause > LONGEST_PAUSE || stream->quiet || stream->word != WORD_NONE)
    return FALSE;
  if (stream->verdict.state == GST_RCAST_RECEPTION_ARRIVING && !stream->idle)
    return TRUE;
  return is_slow && may_be_slow;
}

static void
learn_pause (Stream * stream, GstClockTime now)
{
  GstClockTime pause = now - stream->last;

  stream->usual -= gst_util_uint64_scale (stream->usual,
      MIN (pause, MEMORY), MEMORY);
  if (is_rhythm (stream, pause))
    stream->usual = MAX (stream->usual, pause);
  if (pause <= SUSPECT || (2 * pause < stream->long_pause
          && now - stream->flowing < 4 * stream->long_pause))
    return;
  stream->long_pause = pause;
  stream->flowing = now;
}

static void
note_picture (Stream * stream, guint32 rtp_time, GstClockTime now)
{
  if (stream->pictures == 0 || rtp_time != stream->rtp_time) {
    stream->n_begun++;
    stream->pictures = MIN (stream->pictures + 1, RHYTHM);
  }
  if (!GST_CLOCK_TIME_IS_VALID (stream->begun))
    stream->begun = now;
  stream->rtp_time = rtp_time;
}

static void
count_packet (Stream * stream, guint16 sequence)
{
  gint16 ahead = sequence - stream->sequence;
  gboolean is_known = stream->packets > 0 && ABS (ahead) <= LONGEST_JUMP;

  stream->packets += is_known ? MAX (ahead, 0) : 1;
  if (!is_known || ahead > 0)
    stream->sequence = sequence;
}

/* The stream flows: forgets the requests and answers of the silence. */
static void
end_silence (GstRcastReception * self, Stream * stream, GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (stream->last))
    stream->flowing = stream->resumed = now;
  stream->last = self->last = now;
  self->asked = FALSE;
  self->closed = self->revived = GST_CLOCK_TIME_NONE;
  self->reach = GST_RCAST_REACH_UNKNOWN;
}

/**
 * gst_rcast_reception_packet:
 * @stream: number of the stream
 * @sequence: sequence number of the packet
 * @rtp_time: its RTP timestamp
 * @quiet: the packet announces that nothing may come for a while: comfort noise, or DTX
 * @now: when it came
 *
 * Notes an RTP packet.
 */
void
gst_rcast_reception_packet (GstRcastReception * self, guint n,
    guint16 sequence, guint32 rtp_time, gboolean quiet, GstClockTime now)
{
  Stream *stream = get_stream (self, n);

  if (!stream)
    return;
  if (GST_CLOCK_TIME_IS_VALID (stream->last) && now > stream->last)
    learn_pause (stream, now);
  if (is_after (stream->decided, stream->resumed)
      && !is_after (stream->last, stream->decided))
    stream->resumed = now;
  note_picture (stream, rtp_time, now);
  count_packet (stream, sequence);
  stream->quiet = quiet;
  stream->idle = stream->asked_key = FALSE;
  if (stream->word != WORD_NONE && is_after (now, stream->worded + TAIL))
    stream->word = WORD_NONE;
  end_silence (self, stream, now);
}

/* Notes a packet behind the jitter buffer. The first ones come before their SSRC has a stream, and
 * are only seen there. Returns: whether that is still so */
gboolean
gst_rcast_reception_passed (GstRcastReception * self, guint n,
    guint32 rtp_time, GstClockTime now)
{
  Stream *stream = get_stream (self, n);

  if (!stream || stream->packets > 0)
    return FALSE;
  note_picture (stream, rtp_time, now);
  end_silence (self, stream, now);
  return TRUE;
}

/* Notes a frame that can be decoded. A stream whose frames are never reported is judged by its
 * packets alone. */
void
gst_rcast_reception_frame (GstRcastReception * self, guint n, GstClockTime now)
{
  Stream *stream = get_stream (self, n);

  if (!stream)
    return;
  stream->has_frames = TRUE;
  stream->frame = now;
  stream->begun = GST_CLOCK_TIME_NONE;
  stream->n_begun = 0;
}

/* A sender that has sent no more packets than have come is idle. So is one whose count does not
 * change, even if packets were lost. */
static gboolean
is_idle (const Stream * stream, guint32 packets)
{
  guint32 came = (guint32) (stream->packets - stream->packets_at_report);
  guint32 sent = packets - stream->report;

  return stream->reported && (sent == 0 || sent <= came + REPORT_SLACK);
}

/* Notes an RTCP sender report. @packets: sender's packet count (RFC 3550 6.4.1) */
void
gst_rcast_reception_report (GstRcastReception * self, guint n,
    guint32 packets, GstClockTime now)
{
  Stream *stream = get_stream (self, n);

  if (!stream)
    return;
  gst_rcast_reception_heard (self, now);
  if (!GST_CLOCK_TIME_IS_VALID (stream->last))
    return;
  stream->idle = now > stream->last + LATE && is_idle (stream, packets);
  stream->reported = TRUE;
  stream->report = packets;
  stream->packets_at_report = stream->packets;
}

static void
set_word (GstRcastReception * self, guint n, Word word, GstClockTime now)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = get_stream (self, i);

    if (n != GST_RCAST_RECEPTION_ALL && n != i)
      continue;
    stream->word = word;
    stream->worded = now;
  }
}

/* Notes an RTCP BYE of the stream's source. */
void
gst_rcast_reception_bye (GstRcastReception * self, guint n, GstClockTime now)
{
  gst_rcast_reception_heard (self, now);
  set_word (self, n, WORD_UNPUBLISHED, now);
}

/**
 * gst_rcast_reception_changed:
 * @stream: number of the stream, or %GST_RCAST_RECEPTION_ALL
 * @change: what the signaller reports; %GST_RCAST_STREAM_UNPUBLISHED also if the server has no
 *   such stream
 * @now: when
 */
void
gst_rcast_reception_changed (GstRcastReception * self, guint n,
    GstRcastStreamChange change, GstClockTime now)
{
  switch (change) {
    case GST_RCAST_STREAM_PUBLISHED:
    case GST_RCAST_STREAM_RESUMED:
      set_word (self, n, WORD_NONE, now);
      break;
    case GST_RCAST_STREAM_UNPUBLISHED:
      set_word (self, n, WORD_UNPUBLISHED, now);
      break;
    case GST_RCAST_STREAM_PAUSED:
      set_word (self, n, WORD_PAUSED, now);
      break;
  }
}

static void
revive (GstRcastReception * self, GstClockTime now)
{
  if (self->path == PATH_DEAD && !GST_CLOCK_TIME_IS_VALID (self->revived))
    self->revived = now;
}

/* Notes STUN or RTCP of the server. */
void
gst_rcast_reception_heard (GstRcastReception * self, GstClockTime now)
{
  self->heard = now;
  revive (self, now);
}

/* Notes the reply to a check that was wished for. */
void
gst_rcast_reception_answered (GstRcastReception * self, GstClockTime now)
{
  self->answered = now;
  revive (self, now);
}

/* ICE has got or lost a candidate pair. */
void
gst_rcast_reception_set_path (GstRcastReception * self, gboolean up,
    GstClockTime now)
{
  if (up && self->down)
    revive (self, now);
  self->down = !up;
  if (up)
    self->closed = GST_CLOCK_TIME_NONE;
  else
    self->heard = self->answered = self->revived = GST_CLOCK_TIME_NONE;
}

/* ICE uses another path. Packets on their way by the earlier path are lost, and perhaps a request
 * for a key frame. */
void
gst_rcast_reception_moved (GstRcastReception * self, GstClockTime now)
{
  self->ours = now;
  self->wishes |= GST_RCAST_RECEPTION_WISH_KEY_FRAME;
}

/* Notes whether an interface has an address. */
void
gst_rcast_reception_set_link (GstRcastReception * self, gboolean up)
{
  self->no_link = !up;
}

/* The server has ended the connection: DTLS, or the session. */
void
gst_rcast_reception_closed (GstRcastReception * self, GstClockTime now)
{
  self->closed = now;
}

/* Notes what signalling or a probe has just found out. */
void
gst_rcast_reception_reach (GstRcastReception * self, GstRcastReach reach,
    GstClockTime now)
{
  self->reach = reach;
  self->reached = now;
}

/* Judgement */

static GstClockTime
get_patience (const Stream * stream)
{
  if (stream->quiet)
    return LONGEST_PAUSE;
  if (stream->pictures < RHYTHM)
    return FIRST_PATIENCE;
  return CLAMP (stream->usual * 5 / 2, PATIENCE, LONGEST_PAUSE);
}

/* Returns: when the silence of the stream is worth a check */
static GstClockTime
get_suspect (const Stream * stream)
{
  GstClockTime pause = MAX (stream->usual * 3 / 2, SUSPECT);

  return stream->last + MIN (stream->quiet ? MAX (pause, GST_SECOND) : pause,
      LONGEST_PAUSE);
}

/* A stream that is paused, or was missing before, is not expected. */
static gboolean
is_expected (const GstRcastReception * self, const Stream * stream)
{
  return GST_CLOCK_TIME_IS_VALID (stream->last) && (stream->last == self->last
      || stream->verdict.state == GST_RCAST_RECEPTION_ARRIVING);
}

/* Returns: when the last of the streams with this @quiet became suspect */
static GstClockTime
find_suspicion_of (const GstRcastReception * self, gboolean quiet)
{
  GstClockTime suspicion = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < self->streams->len; i++) {
    const Stream *stream = get_stream (self, i);

    if (is_expected (self, stream) && stream->quiet == quiet
        && is_after (get_suspect (stream), suspicion))
      suspicion = get_suspect (stream);
  }
  return suspicion;
}

/* Returns: when all streams are suspect; NONE: nothing has ever come */
static GstClockTime
find_suspicion (const GstRcastReception * self)
{
  GstClockTime suspicion = find_suspicion_of (self, FALSE);

  if (!GST_CLOCK_TIME_IS_VALID (suspicion))
    return find_suspicion_of (self, TRUE);
  return MAX (suspicion, self->last + SUSPECT);
}

static Path
find_path (const GstRcastReception * self, GstClockTime suspicion,
    GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->last))
    return PATH_UNKNOWN;
  if (self->down || self->no_link || GST_CLOCK_TIME_IS_VALID (self->closed))
    return PATH_DEAD;
  if (is_after (self->answered, self->last + SUSPECT)
      || is_after (self->heard, self->last + LATE))
    return PATH_ALIVE;
  return now >= suspicion + ANSWER ? PATH_DEAD : PATH_UNKNOWN;
}

static void
ask (GstRcastReception * self, GstClockTime suspicion, GstClockTime now)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = get_stream (self, i);

    if (!GST_CLOCK_TIME_IS_VALID (stream->last) || stream->asked_key
        || now < get_suspect (stream))
      continue;
    stream->asked_key = TRUE;
    if (GST_CLOCK_TIME_IS_VALID (self->asked_key)
        && now < self->asked_key + TOGETHER)
      continue;
    self->asked_key = now;
    self->wishes |= GST_RCAST_RECEPTION_WISH_KEY_FRAME;
  }
  if (self->asked || !GST_CLOCK_TIME_IS_VALID (suspicion) || now < suspicion)
    return;
  self->asked = TRUE;
  self->wishes |=
      GST_RCAST_RECEPTION_WISH_CHECK | GST_RCAST_RECEPTION_WISH_PROBE;
}

/* Neither streams nor anything else comes: finds whether the server or the network is the cause. */
static void
blame_path (const GstRcastReception * self, GstRcastVerdict * verdict)
{
  gboolean learned = is_after (self->reached, self->last);
  GstRcastReach reach = learned ? self->reach : GST_RCAST_REACH_UNKNOWN;
  gboolean closed = GST_CLOCK_TIME_IS_VALID (self->closed);

  verdict->cause = !self->no_link && (closed
      || reach == GST_RCAST_REACH_REFUSED) ? GST_RCAST_STREAM_CAUSE_SERVER :
      GST_RCAST_STREAM_CAUSE_NETWORK;
  verdict->certain = self->no_link || reach == GST_RCAST_REACH_REFUSED
      || (reach == GST_RCAST_REACH_YES && !closed);
}

/* Notes when our own path is dead. A silence with another cause is no outage of ours. */
static void
note_own_outage (GstRcastReception * self, GstClockTime now)
{
  GstRcastVerdict verdict = { 0, };

  if (self->path != PATH_DEAD)
    return;
  blame_path (self, &verdict);
  self->ours = verdict.cause == GST_RCAST_STREAM_CAUSE_NETWORK ? now :
      GST_CLOCK_TIME_NONE;
}

/* Returns: whether packets of another stream came while none of @stream did */
static gboolean
others_arrive (const GstRcastReception * self, const Stream * stream)
{
  for (guint i = 0; i < self->streams->len; i++) {
    const Stream *other = get_stream (self, i);

    if (other != stream && is_after (other->last, stream->last + LATE)
        && other->verdict.state != GST_RCAST_RECEPTION_GONE)
      return TRUE;
  }
  return FALSE;
}

/* Returns: when it is known whether the other streams have stopped too; a slow one may only be
 * due later */
static GstClockTime
get_due (const GstRcastReception * self, const Stream * stream)
{
  GstClockTime due = stream->last + get_patience (stream);

  /* "Resumed" precedes the first packet. */
  if (stream->word == WORD_NONE && is_after (stream->worded, stream->last))
    due = MAX (due, stream->worded + PATIENCE);
  for (guint i = 0; i < self->streams->len; i++) {
    const Stream *other = get_stream (self, i);

    if (other == stream || other->quiet
        || other->verdict.state != GST_RCAST_RECEPTION_ARRIVING)
      continue;
    if (!is_after (other->last, stream->last + LATE))
      due = MAX (due, get_suspect (other));
    /* Streams come back one after the other. */
    if (stream->verdict.state == GST_RCAST_RECEPTION_GONE)
      due = MAX (due, other->resumed + PATIENCE);
  }
  if (GST_CLOCK_TIME_IS_VALID (self->revived))
    due = MAX (due, self->revived + PATIENCE);
  return due;
}

/* Returns: when the packets should have made a frame */
static GstClockTime
get_freeze (const GstRcastReception * self, const Stream * stream)
{
  return MAX (stream->begun, stream->resumed + self->latency) + FREEZE;
}

/* Packets come but make no frame. */
static gboolean
is_frozen (const GstRcastReception * self, const Stream * stream,
    GstClockTime now)
{
  return stream->has_frames && stream->n_begun >= BEGUN
      && now >= get_freeze (self, stream);
}

static GstRcastVerdict
gone (GstRcastStreamCause cause, gboolean certain, GstClockTime since)
{
  return (GstRcastVerdict) {
  GST_RCAST_RECEPTION_GONE, cause, certain, since};
}

/* Returns: until when a freeze belongs to an outage before it; NONE: there was no outage */
static GstClockTime
get_aftermath (const GstRcastReception * self, const Stream * stream)
{
  if (stream->verdict.state == GST_RCAST_RECEPTION_GONE
      && stream->verdict.cause != GST_RCAST_STREAM_CAUSE_FROZEN)
    return MAX (stream->begun, stream->resumed + self->latency) + AFTERMATH;
  /* The outage ended before it was reported. Frames that came were in the buffer. */
  if (GST_CLOCK_TIME_IS_VALID (self->ours)
      && is_after (self->ours + self->latency, stream->frame))
    return self->ours + AFTERMATH;
  return GST_CLOCK_TIME_NONE;
}

/* Packets come, but no frame. If our own path was dead since the last frame, that is the cause. */
static GstRcastVerdict
judge_freeze (const GstRcastReception * self, const Stream * stream,
    GstClockTime now)
{
  GstClockTime aftermath = get_aftermath (self, stream);

  if (!GST_CLOCK_TIME_IS_VALID (aftermath) || now >= aftermath)
    return gone (GST_RCAST_STREAM_CAUSE_FROZEN, TRUE, stream->frame);
  return stream->verdict.state == GST_RCAST_RECEPTION_GONE ? stream->verdict :
      gone (GST_RCAST_STREAM_CAUSE_NETWORK, TRUE, stream->frame);
}

/* Whether the stream is back. Frames that were still in the buffer do not count. */
static gboolean
is_back (const Stream * stream)
{
  return is_after (stream->last, stream->decided)
      && (!stream->has_frames || is_after (stream->frame, stream->decided));
}

/* The stream was gone with its publisher, who is back. */
static gboolean
is_returning (const Stream * stream, GstClockTime now)
{
  return stream->word == WORD_NONE
      && stream->verdict.state == GST_RCAST_RECEPTION_GONE
      && stream->verdict.cause == GST_RCAST_STREAM_CAUSE_UNPUBLISHED
      && now < stream->worded + RETURN;
}

/* Returns: when to believe that the stream is unpublished: packets may still be on their way,
 * unless the stream is gone already */
static GstClockTime
get_belief (const Stream * stream)
{
  if (stream->verdict.state == GST_RCAST_RECEPTION_GONE
      && !is_after (stream->last, stream->decided))
    return stream->worded;
  return MAX (stream->last, stream->worded) + TAIL;
}

/* The stream has been silent for too long, or its cause has become known. */
static GstRcastVerdict
judge_silence (const GstRcastReception * self, const Stream * stream,
    GstClockTime now)
{
  GstRcastVerdict verdict = stream->verdict;

  if (stream->word == WORD_UNPUBLISHED && now >= get_belief (stream))
    return gone (GST_RCAST_STREAM_CAUSE_UNPUBLISHED, TRUE, stream->last);
  if (is_returning (stream, now))
    return verdict;
  if (self->path == PATH_DEAD && stream->last <= self->last
      && now >= get_suspect (stream)) {
    verdict = gone (0, FALSE, stream->last);
    blame_path (self, &verdict);
    return verdict;
  }
  if (now < get_due (self, stream))
    return verdict;
  /* A muted stream is idle. If the publisher has left, the server reports all streams idle. */
  if (verdict.state != GST_RCAST_RECEPTION_GONE
      && (stream->word == WORD_PAUSED
          || (stream->idle && others_arrive (self, stream))))
    return (GstRcastVerdict) {
    GST_RCAST_RECEPTION_PAUSED, 0, TRUE, stream->last};
  if (others_arrive (self, stream))
    return gone (GST_RCAST_STREAM_CAUSE_PART, TRUE, stream->last);
  return self->path == PATH_ALIVE ?
      gone (GST_RCAST_STREAM_CAUSE_SILENT, TRUE, stream->last) : verdict;
}

/* A stream is gone since the first sign, whatever is found out later. */
static void
set_verdict (Stream * stream, GstRcastVerdict verdict, GstClockTime now)
{
  gboolean was_gone = stream->verdict.state == GST_RCAST_RECEPTION_GONE;

  if (was_gone && verdict.state == GST_RCAST_RECEPTION_GONE)
    verdict.since = stream->verdict.since;
  if (stream->verdict.state == GST_RCAST_RECEPTION_ARRIVING
      && verdict.state != GST_RCAST_RECEPTION_ARRIVING)
    stream->decided = now;
  stream->verdict = verdict;
}

/* The stream arrives if a frame came, not merely packets. */
static void
judge_arrival (Stream * stream, GstClockTime now)
{
  GstRcastVerdict arriving = { GST_RCAST_RECEPTION_ARRIVING, 0, TRUE,
    stream->has_frames ? MAX (stream->resumed, stream->frame) : stream->resumed
  };

  if (stream->verdict.state != GST_RCAST_RECEPTION_ARRIVING
      && is_back (stream))
    set_verdict (stream, arriving, now);
}

static void
judge_stream (const GstRcastReception * self, Stream * stream, GstClockTime now)
{
  judge_arrival (stream, now);
  if (stream->verdict.state == GST_RCAST_RECEPTION_WAITING)
    return;
  if (is_frozen (self, stream, now) && now < get_suspect (stream))
    set_verdict (stream, judge_freeze (self, stream, now), now);
  else
    set_verdict (stream, judge_silence (self, stream, now), now);
}

static void
sooner (GstClockTime * next, GstClockTime time, GstClockTime now)
{
  if (time > now)
    *next = MIN (*next, time);
}

/* Returns: when the mere passing of time may change a verdict */
static GstClockTime
find_next (const GstRcastReception * self, GstClockTime suspicion,
    GstClockTime now)
{
  GstClockTime next = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < self->streams->len; i++) {
    const Stream *stream = get_stream (self, i);

    if (!GST_CLOCK_TIME_IS_VALID (stream->last))
      continue;
    sooner (&next, get_suspect (stream), now);
    sooner (&next, get_due (self, stream), now);
    if (stream->word == WORD_UNPUBLISHED)
      sooner (&next, get_belief (stream), now);
    if (is_returning (stream, now))
      sooner (&next, stream->worded + RETURN, now);
    if (stream->has_frames && GST_CLOCK_TIME_IS_VALID (stream->begun)) {
      sooner (&next, get_freeze (self, stream), now);
      sooner (&next, get_aftermath (self, stream), now);
    }
  }
  if (GST_CLOCK_TIME_IS_VALID (suspicion))
    sooner (&next, suspicion + ANSWER, now);
  return next;
}

/**
 * gst_rcast_reception_judge:
 * @now: the time
 *
 * Judges all streams. To be called after each fact other than a packet or frame, and at the time
 * that the last call returned.
 *
 * Returns: when to call it again, or %GST_CLOCK_TIME_NONE
 */
GstClockTime
gst_rcast_reception_judge (GstRcastReception * self, GstClockTime now)
{
  GstClockTime suspicion = find_suspicion (self);

  ask (self, suspicion, now);
  self->path = find_path (self, suspicion, now);
  note_own_outage (self, now);
  /* Two rounds, as one verdict depends on the others. */
  for (guint i = 0; i < 2 * self->streams->len; i++)
    judge_stream (self, get_stream (self, i % self->streams->len), now);
  self->next = find_next (self, suspicion, now);
  return self->next;
}

/* To be called after a packet. A stream that no longer pauses is suspect sooner than in the pause.
 * Returns: whether a judgement is due before the time that the last one returned */
gboolean
gst_rcast_reception_is_due_sooner (const GstRcastReception * self, guint n)
{
  const Stream *stream = get_stream (self, n);

  return stream && GST_CLOCK_TIME_IS_VALID (stream->last)
      && get_suspect (stream) < self->next;
}

static gboolean
is_stream_well (const GstRcastReception * self, const Stream * stream,
    GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (stream->last))
    return TRUE;
  return stream->verdict.state == GST_RCAST_RECEPTION_ARRIVING
      && stream->word == WORD_NONE && now < get_suspect (stream)
      && !(GST_CLOCK_TIME_IS_VALID (stream->begun)
      && is_frozen (self, stream, now));
}

/**
 * gst_rcast_reception_is_well:
 * @now: the time
 *
 * As long as all streams come, a mere sign of life such as a report changes no verdict. The next
 * judgement is then due at the time that the last one returned.
 *
 * Returns: whether gst_rcast_reception_judge() would change nothing
 */
gboolean
gst_rcast_reception_is_well (const GstRcastReception * self, GstClockTime now)
{
  if (self->down || self->no_link || self->path == PATH_DEAD || self->wishes)
    return FALSE;
  for (guint i = 0; i < self->streams->len; i++)
    if (!is_stream_well (self, get_stream (self, i), now))
      return FALSE;
  return GST_CLOCK_TIME_IS_VALID (self->last);
}

/* If there is no such stream, the verdict is that of one that never arrived. */
void
gst_rcast_reception_get_verdict (const GstRcastReception * self, guint n,
    GstRcastVerdict * verdict)
{
  const Stream *stream = get_stream (self, n);

  *verdict = stream ? stream->verdict : (GstRcastVerdict) {
  .since = GST_CLOCK_TIME_NONE};
}

/* Returns: #GstRcastReceptionWish since the last call */
guint
gst_rcast_reception_take_wishes (GstRcastReception * self)
{
  guint wishes = self->wishes;

  self->wishes = 0;
  return wishes;
}
