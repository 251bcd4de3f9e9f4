/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does our media arrive, and how well? */

/*
 * Terms used here, for one stream:
 *
 * progress  the server reports more than before
 * due       so much has been sent since the last progress that the next report must show
 *           progress
 * denied    a report showed no progress although progress was due
 * stalled   denied for too long, or no report for many times the usual interval
 * silent    stalled while another stream went on: a fault of this stream, not of the
 *           network. A silent stream is no evidence of anything until it progresses again.
 *
 * Media is frozen if one stream is stalled, and every other active stream is stalled too or
 * has failed to progress in time.
 */
#include "config.h"

#include "rcast-liveness.h"

#include "rcast-losses.h"

#include <gst/rtp/rtp.h>

/* This many packets in a row are never lost by chance: at 20 % loss, the odds are 1 in 10^14. */
#define MANY_PACKETS 20
/* Reports get lost too, and some servers report irregularly: silence for this many times the
 * usual interval is a stall. */
#define RHYTHMS 10
/* Silence for this many usual intervals is enough to agree with another stream that is stalled:
 * RFC 3550 6.3.1 lets one interval be 3 times as long as another (0.5 to 1.5). */
#define RHYTHMS_TO_AGREE 3
/* The interval is known after this many reports with progress. */
#define LEAST_PROGRESS 3
/* Reports that have changed before do track what arrives: a denial then counts at once. */
#define LEAST_MOVES 2
/* Feedback packets that end a doubt: the first may be about packets sent before it. */
#define PROOFS 2
/* Silence alone proves nothing before this: a GStreamer receiver may be silent for 3.3 s,
 * however often it reported at first. */
#define LEAST_SILENCE (4 * GST_SECOND)
/* How long to wait for a stream that has yet to start once others have arrived; it may never
 * start. */
#define WHOLE_PATIENCE (5 * GST_SECOND)
/* A gap between two judgements that is longer than this and than the timeout means that we were
 * suspended. */
#define LEAST_STANDSTILL (1 * GST_SECOND)

typedef struct
{
  guint32 ssrc;
  guint session;                /* RTP session of the stream */
  gboolean has_feedback;        /* per-packet feedback covers it */

  gboolean reported;            /* in a receiver report */
  guint32 highest;              /* highest sequence number reported */
  GstRcastLosses losses;
  guint64 sent_at_highest;      /* packets sent by then */
  guint64 skipped_at_highest;   /* numbers skipped by then */
  guint32 wanted;               /* extended number of the first packet sent in doubt */
  guint64 sent_at_doubt;        /* packets */
  gint32 lost_at_doubt;         /* by the last report before the doubt */
  guint moves;                  /* number of reports with something new */

  guint64 sent;                 /* packets so far */
  guint64 skipped;              /* numbers skipped for packets that never came in */
  guint64 sent_before;          /* @sent at the last progress */
  GstClockTime progressed;      /* last progress, or NONE */
  guint progress;               /* number of times */
  GstClockTime waiting;         /* since when packets await a report, or NONE */
  GstClockTime due;             /* since when progress is due, or NONE */
  GstClockTime denied;          /* last denial, or NONE */
  GstClockTime overdue;         /* as @due, by reports alone, whatever feedback says */
  guint64 sent_at_overdue;      /* @sent at that time */
  guint64 missed_at_overdue;    /* the session's lost packets by then, by feedback */
  GstClockTime refused;         /* last report without the progress that was overdue */
  GstClockTime rhythm;          /* longest recent time from waiting to progress */
  GstClockTime shown;           /* last request that was progress, or 0 */
  gboolean silent;
  gboolean silent_reported;         /* next_silent() has returned it */

  gboolean in_report;           /* the present packet has a report block about it */
  gboolean blank;               /* a report left it out although it was due */
  gboolean blank_is_normal;     /* the next report had it again */
} Stream;

void
gst_rcast_liveness_init (GstRcastLiveness * liveness)
{
  *liveness = (GstRcastLiveness) {
    .last_report = GST_CLOCK_TIME_NONE,
    .last_progress = GST_CLOCK_TIME_NONE,
    .last_sent = GST_CLOCK_TIME_NONE,
    .judge_by = GST_CLOCK_TIME_NONE,
    .rtt = GST_CLOCK_TIME_NONE,
    .first_progress = GST_CLOCK_TIME_NONE,
    .all_sent_since = GST_CLOCK_TIME_NONE,
    .streams = g_array_new (FALSE, TRUE, sizeof (Stream)),
  };
  gst_rcast_spans_init (&liveness->spans);
}

void
gst_rcast_liveness_clear (GstRcastLiveness * liveness)
{
  g_clear_pointer (&liveness->streams, g_array_unref);
  gst_rcast_spans_clear (&liveness->spans);
}

static Stream *
get_stream (const GstRcastLiveness * liveness, guint i)
{
  return &g_array_index (liveness->streams, Stream, i);
}

static Stream *
find_stream (GstRcastLiveness * liveness, guint32 ssrc)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

/* Only packets sent from now on count. */
static void
stream_begin (Stream * stream)
{
  stream->sent_before = stream->sent;
  stream->waiting = GST_CLOCK_TIME_NONE;
  stream->due = GST_CLOCK_TIME_NONE;
  stream->denied = GST_CLOCK_TIME_NONE;
}

/* The same for what only reports tell */
static void
stream_begin_reports (Stream * stream)
{
  stream->overdue = GST_CLOCK_TIME_NONE;
  stream->refused = GST_CLOCK_TIME_NONE;
  stream->blank = FALSE;
  stream->silent = FALSE;
  stream->silent_reported = FALSE;
}

/**
 * gst_rcast_liveness_add_stream:
 * @liveness: the liveness
 * @ssrc: SSRC of the stream
 * @session: the RTP session that carries the stream, any number
 * @has_feedback: whether per-packet feedback covers the stream
 *
 * Counts reports about the stream from now on. Does nothing if the stream is known already.
 */
void
gst_rcast_liveness_add_stream (GstRcastLiveness * liveness, guint32 ssrc,
    guint session, gboolean has_feedback)
{
  Stream stream = {.ssrc = ssrc,.session = session,
    .has_feedback = has_feedback,.progressed = GST_CLOCK_TIME_NONE
  };

  if (find_stream (liveness, ssrc))
    return;
  stream_begin (&stream);
  stream_begin_reports (&stream);
  g_array_append_val (liveness->streams, stream);
}

/* RFC 3550 6.4.1: A - LSR - DLSR, in units of 1/65536 s */
static GstClockTime
round_trip (guint32 lsr, guint32 dlsr, guint64 ntp_now)
{
  guint32 units = (guint32) (ntp_now >> 16) - lsr - dlsr;

  /* No sender report was received yet, or a clock was set in between. */
  if (lsr == 0 || units > G_MAXINT32)
    return GST_CLOCK_TIME_NONE;
  return gst_util_uint64_scale (units, GST_SECOND, 65536);
}

static GstClockTime
get_rtt (const GstRcastLiveness * liveness)
{
  return GST_CLOCK_TIME_IS_VALID (liveness->rtt) ? liveness->rtt : 0;
}

/* The time that we were suspended is not part of the server's interval: its known part has been
 * added to @waiting. If there may be more, nothing is learned. */
static void
learn_rhythm (const GstRcastLiveness * liveness, Stream * stream,
    GstClockTime now)
{
  GstClockTime waited = GST_CLOCK_TIME_IS_VALID (stream->waiting)
      && now > stream->waiting && now <= liveness->judge_by ?
      now - stream->waiting : 0;

  stream->rhythm = MAX (waited, stream->rhythm - stream->rhythm / 8);
}

static void
stream_progress (GstRcastLiveness * liveness, Stream * stream, GstClockTime now)
{
  learn_rhythm (liveness, stream, now);
  stream_begin (stream);
  stream->progressed = now;
  stream->progress++;
}

/* The server has received something new, */
static void
note_arrival (GstRcastLiveness * liveness, GstClockTime now)
{
  liveness->last_progress = now;
  if (liveness->progress++ == 0)
    liveness->first_progress = now;
  liveness->confirmed = TRUE;
  liveness->frozen = FALSE;
}

/* and has reported it. */
static void
note_progress (GstRcastLiveness * liveness, GstClockTime now)
{
  note_arrival (liveness, now);
  liveness->regular++;
}

/* Some servers report on a stream before any of it has arrived, as GStreamer's receivers do after
 * a sender report: such a block does not count as a report. */
static gboolean
is_nothing_yet (guint32 highest)
{
  return highest == 0 || highest == G_MAXUINT32;
}

static gboolean
handle_report_block (GstRcastLiveness * liveness, GstRTCPPacket * packet,
    guint block, GstClockTime now, guint64 ntp_now)
{
  /* gst_rtcp_packet_get_rb() writes nothing if the block exceeds the packet. */
  guint32 ssrc = 0, exthighestseq = 0, jitter = 0, lsr = 0, dlsr = 0;
  guint8 fraction = 0;
  gint32 lost = 0;
  Stream *stream;
  GstClockTime rtt;

  gst_rtcp_packet_get_rb (packet, block, &ssrc, &fraction, &lost,
      &exthighestseq, &jitter, &lsr, &dlsr);
  stream = find_stream (liveness, ssrc);
  if (!stream)
    return FALSE;

  liveness->packets_lost += gst_rcast_losses_report (&stream->losses, lost,
      exthighestseq, stream->skipped, !stream->reported);
  liveness->fraction_lost = fraction / 256.0;
  rtt = round_trip (lsr, dlsr, ntp_now);
  if (GST_CLOCK_TIME_IS_VALID (rtt))
    liveness->rtt = rtt;

  if (!stream->reported && is_nothing_yet (exthighestseq))
    return TRUE;
  if (!stream->reported || exthighestseq != stream->highest) {
    stream->moves++;
    stream->blank_is_normal |= stream->blank && !liveness->frozen
        && !stream->silent;
    stream_progress (liveness, stream, now);
    note_progress (liveness, now);
    if (!stream->reported || (gint32) (exthighestseq - stream->wanted) >= 0)
      liveness->doubted = FALSE;
    stream->sent_at_highest = stream->sent;
    stream->skipped_at_highest = stream->skipped;
    stream_begin_reports (stream);
  } else {
    stream->denied = stream->refused = now;
  }
  stream->reported = TRUE;
  stream->in_report = TRUE;
  stream->highest = exthighestseq;
  return TRUE;
}

/* Returns: whether the packet has a request. Requests are sent at once (RFC 4585, 3.4), along
 * with a report that may be empty although much has arrived */
static gboolean
is_early (GstRTCPBuffer * buffer)
{
  GstRTCPPacket packet;

  for (gboolean more = gst_rtcp_buffer_get_first_packet (buffer, &packet);
      more; more = gst_rtcp_packet_move_to_next (&packet)) {
    GstRTCPType type = gst_rtcp_packet_get_type (&packet);

    if (type == GST_RTCP_TYPE_RTPFB || type == GST_RTCP_TYPE_PSFB)
      return TRUE;
  }
  return FALSE;
}

/* @due: when enough had been sent, or NONE
 * Returns: whether a round trip has passed since */
static gboolean
is_past (const GstRcastLiveness * liveness, GstClockTime due, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (due) && now >= due + get_rtt (liveness);
}

/* RFC 3550 6.4.2: a report leaves out sources that were not heard since the previous report. That
 * is a denial too, unless the server also leaves out blocks at other times. */
static void
handle_left_out (GstRcastLiveness * liveness, guint session, GstClockTime now)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);
    gboolean due = is_past (liveness, stream->due, now);
    gboolean overdue = is_past (liveness, stream->overdue, now);

    if (stream->session != session || stream->in_report || (!due && !overdue))
      continue;
    stream->blank = TRUE;
    if (due && !stream->blank_is_normal)
      stream->denied = now;
    if (overdue && !stream->blank_is_normal)
      stream->refused = now;
  }
}

static void
handle_report (GstRcastLiveness * liveness, guint session,
    GstRTCPPacket * packet, gboolean early, GstClockTime now, guint64 ntp_now,
    gboolean * ours)
{
  for (guint i = 0; i < gst_rtcp_packet_get_rb_count (packet); i++)
    *ours |= handle_report_block (liveness, packet, i, now, ntp_now);
  if (!early)
    handle_left_out (liveness, session, now);
  for (guint i = 0; i < liveness->streams->len; i++)
    get_stream (liveness, i)->in_report = FALSE;
}

static void
note_report (GstRcastLiveness * liveness, GstClockTime now)
{
  liveness->reports++;
  liveness->excused = FALSE;
  liveness->last_report = now;
}

/**
 * gst_rcast_liveness_feedback:
 * @liveness: the liveness
 * @session: the RTP session of the feedback
 * @span: the packets that it covers, at least one
 * @now: when it came
 *
 * Handles the per-packet feedback of one RTCP packet.
 */
void
gst_rcast_liveness_feedback (GstRcastLiveness * liveness, guint session,
    const GstRcastFeedbackSpan * span, GstClockTime now)
{
  note_report (liveness, now);
  if (!gst_rcast_spans_add (&liveness->spans, session, span)
      || span->received == 0)
    return;
  /* Feedback does not tell which stream the packets belong to. */
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (stream->session == session && stream->has_feedback && !stream->silent)
      stream_progress (liveness, stream, now);
  }
  note_progress (liveness, now);
  if (liveness->doubted && now >= liveness->doubted_at + get_rtt (liveness)
      && ++liveness->proofs >= PROOFS)
    liveness->doubted = FALSE;
}

/* The packet before a lost one, or one after it, must have arrived: only then does the server know
 * that the packet is lost, or due. */
static gboolean
proves_path (const Stream * stream, guint16 seqnum)
{
  return stream->reported
      && (gint16) (seqnum - 1 - (guint16) stream->wanted) >= 0;
}

/**
 * gst_rcast_liveness_request:
 * @liveness: the liveness
 * @ssrc: SSRC of a stream
 * @seqnum: sequence number that the server requests (RFC 4585 6.2.1)
 * @now: when the request came
 *
 * Servers that keep requesting packets may delay their reports. A request is progress if it asks
 * for a newer packet than all requests before it. Requests do not count for the report interval,
 * since they end with the losses.
 */
void
gst_rcast_liveness_request (GstRcastLiveness * liveness, guint32 ssrc,
    guint16 seqnum, GstClockTime now)
{
  Stream *stream = find_stream (liveness, ssrc);
  GstClockTime waiting;

  if (!stream || !gst_rcast_losses_request (&stream->losses, seqnum,
          stream->sent + stream->skipped))
    return;
  stream->shown = now;
  waiting = stream->waiting;
  stream_begin (stream);
  stream->waiting = waiting;
  stream->overdue = GST_CLOCK_TIME_NONE;
  stream->refused = GST_CLOCK_TIME_NONE;
  stream->silent = stream->silent_reported = FALSE;
  if (proves_path (stream, seqnum))
    liveness->doubted = FALSE;
  /* One RTCP packet may request several packets. */
  if (liveness->last_report != now)
    note_report (liveness, now);
  note_arrival (liveness, now);
}

/* Whether feedback confirms a denial by reports: it misses the packets of a stream that does not
 * arrive. Some servers leave arrived packets out of their reports if feedback covers them. */
static gboolean
is_missed (GstRcastLiveness * liveness, const Stream * stream)
{
  guint64 sent = stream->sent - stream->sent_at_overdue;

  return !stream->has_feedback
      || !gst_rcast_spans_has (&liveness->spans, stream->session)
      || gst_rcast_spans_get_missed (&liveness->spans, stream->session)
      - stream->missed_at_overdue >= sent / 2;
}

static void
begin_overdue (GstRcastLiveness * liveness, Stream * stream, GstClockTime now)
{
  stream->overdue = now;
  stream->sent_at_overdue = stream->sent;
  stream->missed_at_overdue =
      gst_rcast_spans_get_missed (&liveness->spans, stream->session);
}

/* @packets: packets of @ssrc sent in all; @skipped: numbers left out among them. Call it before
 * each report is handled, and now and then between reports. */
void
gst_rcast_liveness_sent (GstRcastLiveness * liveness, guint32 ssrc,
    guint64 packets, guint64 skipped, GstClockTime now)
{
  Stream *stream = find_stream (liveness, ssrc);

  if (!stream)
    return;
  if (packets != stream->sent)
    liveness->last_sent = now;
  stream->sent = packets;
  stream->skipped = skipped;
  if (!GST_CLOCK_TIME_IS_VALID (stream->waiting)
      && packets > stream->sent_before)
    stream->waiting = now;
  if (!GST_CLOCK_TIME_IS_VALID (stream->due)
      && packets >= stream->sent_before + MANY_PACKETS)
    stream->due = now;
  if (GST_CLOCK_TIME_IS_VALID (stream->overdue) ?
      stream->sent >= stream->sent_at_overdue + 2 * MANY_PACKETS
      && !is_missed (liveness, stream) :
      stream->sent >= stream->sent_at_highest + MANY_PACKETS)
    begin_overdue (liveness, stream, now);
}

/* Whether any media was sent within the last @time */
gboolean
gst_rcast_liveness_is_sending (const GstRcastLiveness * liveness,
    GstClockTime time, GstClockTime now)
{
  return GST_CLOCK_TIME_IS_VALID (liveness->last_sent)
      && now - liveness->last_sent <= time;
}

static gboolean
is_stalled (const GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout, GstClockTime now)
{
  GstClockTime silence = MAX (timeout, MAX (LEAST_SILENCE,
          RHYTHMS * stream->rhythm));
  GstClockTime arrived = stream->due + get_rtt (liveness);

  /* If no media is sent, the network is not at fault. */
  if (!GST_CLOCK_TIME_IS_VALID (stream->due))
    return FALSE;
  /* A stream whose reports never changed gets more time: they may not track what arrives. */
  if (GST_CLOCK_TIME_IS_VALID (stream->denied)
      && stream->denied >= arrived + (stream->moves >= LEAST_MOVES ? timeout :
          MAX (timeout, LEAST_SILENCE)))
    return TRUE;
  return stream->progress >= LEAST_PROGRESS && !liveness->excused
      && now >= arrived + silence;
}

/* Whether reports keep denying a stream before any report said that something arrived */
static gboolean
is_unheard (const GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout)
{
  return GST_CLOCK_TIME_IS_VALID (stream->denied)
      && stream->denied >= stream->due + get_rtt (liveness)
      + MAX (timeout, LEAST_SILENCE);
}

/* Reports that came in during a standstill may still wait to be handled. So the standstill does not
 * count as evidence, and nothing is concluded until there was time to handle them. Two standstills
 * in a row mean that the machine is slow. */
static gboolean
is_blind (GstRcastLiveness * liveness, GstClockTime timeout, GstClockTime now)
{
  gboolean again = liveness->stood_still;
  GstClockTime judge_by = now + MAX (timeout, LEAST_STANDSTILL);
  GstClockTime late;

  if (!GST_CLOCK_TIME_IS_VALID (liveness->judge_by))
    liveness->judge_by = judge_by;
  late = now > liveness->judge_by ? now - liveness->judge_by : 0;
  /* A report may be handled with an earlier time than the last judgement. */
  liveness->judge_by = MAX (liveness->judge_by, judge_by);
  liveness->stood_still = late > 0;
  if (late == 0)
    return FALSE;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (GST_CLOCK_TIME_IS_VALID (stream->due))
      stream->due += late;
    if (GST_CLOCK_TIME_IS_VALID (stream->waiting))
      stream->waiting += late;
    if (GST_CLOCK_TIME_IS_VALID (stream->overdue))
      stream->overdue += late;
  }
  return !again;
}

static gboolean
has_moved (const GstRcastLiveness * liveness)
{
  gboolean moved = gst_rcast_spans_has_any (&liveness->spans);

  for (guint i = 0; i < liveness->streams->len; i++)
    moved |= get_stream (liveness, i)->moves >= LEAST_MOVES;
  return moved;
}

/* Whether the server is known to report on the stream */
static gboolean
is_watched (const Stream * stream)
{
  return stream->reported || (stream->has_feedback
      && GST_CLOCK_TIME_IS_VALID (stream->progressed));
}

/* Whether the stream, not stalled itself, may still show that the network works */
static gboolean
may_object (const GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout, GstClockTime now)
{
  /* No packet of it awaits a report. */
  if (!GST_CLOCK_TIME_IS_VALID (stream->waiting))
    return FALSE;
  return now < MAX (stream->waiting, stream->shown) + get_rtt (liveness)
      + MAX (timeout, RHYTHMS_TO_AGREE * stream->rhythm);
}

/* Whether reports have denied the stream for long although feedback reset @due: feedback does not
 * tell which stream it is about. */
static gboolean
is_refused (GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout)
{
  return is_missed (liveness, stream) && GST_CLOCK_TIME_IS_VALID (stream->overdue)
      && GST_CLOCK_TIME_IS_VALID (stream->refused)
      && stream->moves >= LEAST_MOVES
      && stream->refused >= stream->overdue + get_rtt (liveness)
      + MAX (timeout, LEAST_SILENCE);
}

/* Whether the stream does not arrive while others do */
static gboolean
is_silent (GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout, GstClockTime now)
{
  GstClockTime arrival = get_rtt (liveness) + timeout;

  return (is_stalled (liveness, stream, timeout, now)
      && liveness->last_progress >= stream->due + arrival)
      || (is_refused (liveness, stream, timeout)
      && liveness->last_progress >= stream->overdue + arrival);
}

static gboolean
are_all_stalled (GstRcastLiveness * liveness, GstClockTime timeout,
    GstClockTime now)
{
  gboolean stalled = FALSE, objection = FALSE;

  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (!is_watched (stream))
      continue;
    stream->silent |= is_silent (liveness, stream, timeout, now);
    if (stream->silent)
      continue;
    if (is_stalled (liveness, stream, timeout, now))
      stalled = TRUE;
    else
      objection |= may_object (liveness, stream, timeout, now);
  }
  return stalled && !objection;
}

static gboolean
are_all_unheard (const GstRcastLiveness * liveness, GstClockTime timeout)
{
  guint sent = 0, unheard = 0;

  for (guint i = 0; i < liveness->streams->len; i++) {
    const Stream *stream = get_stream (liveness, i);

    if (!GST_CLOCK_TIME_IS_VALID (stream->due))
      continue;
    sent++;
    unheard += is_unheard (liveness, stream, timeout);
  }
  return sent > 0 && unheard == sent;
}

/**
 * gst_rcast_liveness_judge:
 * @liveness: the liveness
 * @timeout: how long the server may deny that it received what was sent
 * @now: the time
 *
 * Media is frozen if it is sent and does not arrive: the server denies it in its reports, or is
 * silent for many times its usual interval. Call this twice in each @timeout: the time by which a
 * call is late does not count as silence. All streams that are sent and that the server reports on
 * have to be frozen. The silence of a server that never reported proves nothing. Its reports do,
 * if they never mention what is sent.
 *
 * Returns: whether media has just become frozen
 */
gboolean
gst_rcast_liveness_judge (GstRcastLiveness * liveness, GstClockTime timeout,
    GstClockTime now)
{
  if (is_blind (liveness, timeout, now) || liveness->frozen)
    return FALSE;
  liveness->frozen = liveness->confirmed ?
      are_all_stalled (liveness, timeout, now) :
      are_all_unheard (liveness, timeout);
  liveness->never_moved = liveness->frozen && liveness->confirmed
      && !has_moved (liveness);
  return liveness->frozen;
}

/* Sums up reported losses of a session, and starts anew if they cover enough packets. */
static gboolean
take_reported (GstRcastLiveness * liveness, guint session, gint64 * lost,
    gint64 * expected)
{
  *lost = *expected = 0;
  for (guint i = 0; i < liveness->streams->len; i++) {
    const Stream *stream = get_stream (liveness, i);

    if (stream->session != session)
      continue;
    *lost += stream->losses.untaken_lost;
    *expected += stream->losses.untaken_expected;
  }
  if (*expected < MANY_PACKETS)
    return FALSE;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (stream->session == session)
      gst_rcast_losses_take (&stream->losses);
  }
  return TRUE;
}

/**
 * gst_rcast_liveness_is_whole:
 * @liveness: the liveness
 * @waits: whether a stream has yet to start, such as a video that waits for its key frame
 * @now: the time
 *
 * Feedback does not tell which stream it is about. So it covers all streams only if it arrives
 * more than a round trip after all of them were sent.
 *
 * Returns: whether every stream has arrived in part, or the wait for it has been long enough
 */
gboolean
gst_rcast_liveness_is_whole (GstRcastLiveness * liveness, gboolean waits,
    GstClockTime now)
{
  if (waits)
    liveness->all_sent_since = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (liveness->all_sent_since))
    liveness->all_sent_since = now;
  if (liveness->progress == 0)
    return FALSE;
  return now >= liveness->first_progress + WHOLE_PATIENCE || (!waits
      && liveness->last_progress > liveness->all_sent_since + get_rtt (liveness));
}

/**
 * gst_rcast_liveness_take_loss:
 * @liveness: the liveness
 * @session: the RTP session
 * @lost: (out): number of packets that did not arrive
 * @expected: (out): number of packets that should have arrived
 *
 * Loss over all streams of @session since the last call that returned %TRUE: by per-packet
 * feedback, which comes early, or else by reports.
 *
 * Returns: whether it covers enough packets to mean something
 */
gboolean
gst_rcast_liveness_take_loss (GstRcastLiveness * liveness, guint session,
    guint * lost, guint * expected)
{
  gint64 all_lost, all_expected;

  if (gst_rcast_spans_has (&liveness->spans, session))
    return gst_rcast_spans_take (&liveness->spans, session, MANY_PACKETS, lost,
        expected);
  if (!take_reported (liveness, session, &all_lost, &all_expected))
    return FALSE;
  /* Late and duplicate packets reduce the loss (RFC 3550 6.4.1). */
  *expected = MIN (all_expected, G_MAXINT);
  *lost = CLAMP (all_lost, 0, *expected);
  return TRUE;
}

/**
 * gst_rcast_liveness_next_silent:
 * @liveness: the liveness
 * @ssrc: (out): SSRC of a stream
 *
 * Returns: whether there is a stream that the server no longer receives while others arrive;
 *   each is returned once, and again after it has progressed
 */
gboolean
gst_rcast_liveness_next_silent (GstRcastLiveness * liveness, guint32 * ssrc)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (!stream->silent || stream->silent_reported)
      continue;
    stream->silent_reported = TRUE;
    *ssrc = stream->ssrc;
    return TRUE;
  }
  return FALSE;
}

/* The connection is back. Packets sent without a connection are not missed, and media has to be
 * found frozen anew. */
void
gst_rcast_liveness_begin_again (GstRcastLiveness * liveness, GstClockTime now)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    stream_begin (get_stream (liveness, i));
    stream_begin_reports (get_stream (liveness, i));
  }
  if (GST_CLOCK_TIME_IS_VALID (liveness->last_progress))
    liveness->last_progress = now;
  liveness->frozen = FALSE;
  liveness->doubted = FALSE;
  liveness->excused = FALSE;
}

/**
 * gst_rcast_liveness_doubt:
 * @liveness: the liveness, up to date on what has been sent
 * @now: the time
 *
 * Media moves to another path: only packets sent from now on can prove that it arrives there.
 *
 * Returns: whether the server reports, so that waiting for a proof makes sense
 */
gboolean
gst_rcast_liveness_doubt (GstRcastLiveness * liveness, GstClockTime now)
{
  liveness->doubted = TRUE;
  liveness->excused = TRUE;
  liveness->doubted_at = now;
  liveness->proofs = 0;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    stream->sent_at_doubt = stream->sent;
    stream->lost_at_doubt = stream->losses.lost;
    stream->wanted = stream->highest + 1 + (guint32) (stream->sent
        - stream->sent_at_highest + stream->skipped - stream->skipped_at_highest);
  }
  return liveness->regular >= LEAST_PROGRESS;
}

/**
 * gst_rcast_liveness_get_missing:
 * @liveness: the liveness, after a report has ended the doubt
 * @now: the time
 *
 * Returns: how much media the server misses since the last report before
 *   gst_rcast_liveness_doubt(), for the stream that misses most
 */
GstClockTime
gst_rcast_liveness_get_missing (const GstRcastLiveness * liveness,
    GstClockTime now)
{
  GstClockTime most = 0;

  for (guint i = 0; i < liveness->streams->len; i++) {
    const Stream *stream = get_stream (liveness, i);
    gint32 lost = stream->losses.lost - stream->lost_at_doubt;
    guint64 sent = stream->sent - stream->sent_at_doubt;

    if (stream->reported && lost > 0 && sent > 0 && now > liveness->doubted_at)
      most = MAX (most, gst_util_uint64_scale (now - liveness->doubted_at,
              lost, sent));
  }
  return most;
}

/* An ICE restart has moved the return path too: reports are expected from now on. */
void
gst_rcast_liveness_restarted (GstRcastLiveness * liveness, GstClockTime now)
{
  liveness->excused = FALSE;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = get_stream (liveness, i);

    if (GST_CLOCK_TIME_IS_VALID (stream->due))
      stream->due = MAX (stream->due, now);
    if (GST_CLOCK_TIME_IS_VALID (stream->waiting))
      stream->waiting = MAX (stream->waiting, now);
  }
}

/**
 * gst_rcast_liveness_handle:
 * @liveness: the liveness
 * @session: the RTP session of the packet
 * @rtcp: a compound packet from the server; only reports (RFC 3550 6.4) count here
 * @now: when it came
 * @ntp_now: the same as an NTP timestamp, of the clock that our sender reports use
 *
 * Returns: whether it is about our media
 */
gboolean
gst_rcast_liveness_handle (GstRcastLiveness * liveness, guint session,
    GstBuffer * rtcp, GstClockTime now, guint64 ntp_now)
{
  GstRTCPBuffer buffer = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean ours = FALSE;
  gboolean early;

  if (!gst_rtcp_buffer_validate_reduced (rtcp)
      || !gst_rtcp_buffer_map (rtcp, GST_MAP_READ, &buffer))
    return FALSE;

  early = is_early (&buffer);
  for (gboolean more = gst_rtcp_buffer_get_first_packet (&buffer, &packet);
      more; more = gst_rtcp_packet_move_to_next (&packet)) {
    GstRTCPType type = gst_rtcp_packet_get_type (&packet);

    if (type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR)
      handle_report (liveness, session, &packet, early, now, ntp_now, &ours);
  }
  gst_rtcp_buffer_unmap (&buffer);

  if (ours)
    note_report (liveness, now);
  return ours;
}
