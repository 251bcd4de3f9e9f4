/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does what we send arrive, and how well. */
#include "config.h"

#include "rcast-liveness.h"

#include <gst/rtp/rtp.h>

/* RTPFB format of transport-wide feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1) */
#define FORMAT_TRANSPORT_CC 15
/* What precedes the packet status chunks in its FCI. */
#define TRANSPORT_CC_HEADER 8

/* So many packets in a row are never lost by chance: at 20 % loss this happens to
 * one of 10^14. */
#define MANY_PACKETS 20
/* Reports get lost as well, and some servers' rhythm is not steady. */
#define RHYTHMS 10
/* A rhythm is one after so many reports. */
#define LEAST_PROGRESS 3
/* Reports that differ are of what arrives: then a denial is believed at once. */
#define LEAST_MOVES 2
/* The first one may tell of what arrived before the doubt. */
#define PROOFS 2
/* Nothing is concluded from silence alone before: a GStreamer receiver may say
 * nothing for 3.3 s, however often it spoke at first. */
#define LEAST_SILENCE (4 * GST_SECOND)
/* Who does not judge for so long, or for the timeout, has been standing still. */
#define LEAST_STANDSTILL (1 * GST_SECOND)

typedef struct
{
  guint32 ssrc;
  gint32 lost;
  gboolean reported;            /* by a receiver report */
  guint32 highest;              /* sequence number there */
  guint64 sent_at_highest;      /* packets sent when that was reported */
  guint32 wanted;               /* one that was sent since the doubt began */
  guint64 sent;                 /* packets so far */
  guint64 sent_before;          /* when the server last received something */
  GstClockTime due;             /* since when it should have received more, or NONE */
  GstClockTime denied;          /* when a report said that it has not, or NONE */
  guint moves;                  /* how often a report told of something new */
  gboolean told;                /* there was a block in the present packet */
  gboolean blank;               /* a report had none, although it should have */
  gboolean blank_is_normal;     /* and then the next one had */
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
    .streams = g_array_new (FALSE, TRUE, sizeof (Stream)),
  };
}

void
gst_rcast_liveness_clear (GstRcastLiveness * liveness)
{
  g_clear_pointer (&liveness->streams, g_array_unref);
}

/* Reports about @ssrc count from now on. */
void
gst_rcast_liveness_add_ssrc (GstRcastLiveness * liveness, guint32 ssrc)
{
  Stream stream = {.ssrc = ssrc,.due = GST_CLOCK_TIME_NONE,
    .denied = GST_CLOCK_TIME_NONE
  };

  g_array_append_val (liveness->streams, stream);
}

static Stream *
find_stream (GstRcastLiveness * liveness, guint32 ssrc)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

/* RFC 3550 6.4.1: A - LSR - DLSR, in units of 1/65536 s */
static GstClockTime
round_trip (guint32 lsr, guint32 dlsr, guint64 ntp_now)
{
  guint32 units = (guint32) (ntp_now >> 16) - lsr - dlsr;

  /* Nothing sent yet, or a clock that was set in between. */
  if (lsr == 0 || units > G_MAXINT32)
    return GST_CLOCK_TIME_NONE;
  return gst_util_uint64_scale (units, GST_SECOND, 65536);
}

/* The server has received something new: of one stream, or of whatever is sent. */
static void
note_progress (GstRcastLiveness * liveness, Stream * one, GstClockTime now)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    if (one && stream != one)
      continue;
    stream->blank_is_normal |= stream->blank && !liveness->frozen;
    stream->blank = FALSE;
    stream->sent_before = stream->sent;
    stream->due = GST_CLOCK_TIME_NONE;
    stream->denied = GST_CLOCK_TIME_NONE;
  }
  /* How long we stood still is no rhythm of the server's. */
  if (GST_CLOCK_TIME_IS_VALID (liveness->last_progress)
      && now > liveness->last_progress && now <= liveness->judge_by
      && liveness->last_progress >= liveness->resumed)
    liveness->rhythm = MAX (now - liveness->last_progress,
        liveness->rhythm - liveness->rhythm / 8);
  liveness->last_progress = now;
  liveness->progress++;
  liveness->confirmed = TRUE;
  liveness->frozen = FALSE;
}

static GstClockTime
get_rtt (const GstRcastLiveness * liveness)
{
  return GST_CLOCK_TIME_IS_VALID (liveness->rtt) ? liveness->rtt : 0;
}

/* Some servers report of a stream before any of it has come, as GStreamer's receivers
 * do after a sender report: that counts as no report of it. */
static gboolean
is_nothing_yet (guint32 highest)
{
  return highest == 0 || highest == G_MAXUINT32;
}

static gboolean
handle_report_block (GstRcastLiveness * liveness, GstRTCPPacket * packet,
    guint block, GstClockTime now, guint64 ntp_now)
{
  /* Of a block that does not fit into the packet, none is written. */
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

  liveness->packets_lost += lost - stream->lost;
  stream->lost = lost;
  liveness->fraction_lost = fraction / 256.0;
  rtt = round_trip (lsr, dlsr, ntp_now);
  if (GST_CLOCK_TIME_IS_VALID (rtt))
    liveness->rtt = rtt;

  if (!stream->reported && is_nothing_yet (exthighestseq))
    return TRUE;
  if (!stream->reported || exthighestseq != stream->highest) {
    stream->moves++;
    note_progress (liveness, stream, now);
    if (!stream->reported || (gint32) (exthighestseq - stream->wanted) >= 0)
      liveness->doubted = FALSE;
    stream->sent_at_highest = stream->sent;
  } else {
    stream->denied = now;
  }
  stream->reported = TRUE;
  stream->told = TRUE;
  stream->highest = exthighestseq;
  return TRUE;
}

/* Returns: whether there is a request in it. That is sent at once (RFC 4585, 3.4), and
 * with a report that may tell of nothing, although much has arrived. */
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

/* RFC 3550 6.4.2 leaves out of a report what was not heard since the one before:
 * that says "nothing new" as well, of a server that else tells each time. */
static void
handle_report (GstRcastLiveness * liveness, GstRTCPPacket * packet,
    gboolean early, GstClockTime now, guint64 ntp_now, gboolean * ours)
{
  for (guint i = 0; i < gst_rtcp_packet_get_rb_count (packet); i++)
    *ours |= handle_report_block (liveness, packet, i, now, ntp_now);

  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    if (!stream->told && !early && GST_CLOCK_TIME_IS_VALID (stream->due)
        && now >= stream->due + get_rtt (liveness)) {
      stream->blank = TRUE;
      if (!stream->blank_is_normal)
        stream->denied = now;
    }
    stream->told = FALSE;
  }
}

/* draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1.1: whether one of the
 * first @count packets has a status other than "not received" */
static gboolean
chunks_tell_of_some (const guint8 * chunks, gsize size, guint count)
{
  for (gsize at = 0; at + 2 <= size && count > 0; at += 2) {
    guint16 chunk = GST_READ_UINT16_BE (chunks + at);
    guint covered = !(chunk & 0x8000) ? chunk & 0x1fff :
        (chunk & 0x4000) ? 7 : 14;
    guint16 symbols = !(chunk & 0x8000) ? chunk & 0x6000 : chunk & 0x3fff;

    if (chunk & 0x8000 && count < covered)
      symbols >>= (covered - count) * (chunk & 0x4000 ? 2 : 1);
    if (symbols && covered)
      return TRUE;
    count -= MIN (count, covered);
  }
  return FALSE;
}

static gboolean
handle_feedback (GstRcastLiveness * liveness, GstRTCPPacket * packet,
    GstClockTime now)
{
  const guint8 *fci;
  gsize size = gst_rtcp_packet_fb_get_fci_length (packet) * 4;
  guint16 count, last;

  if (gst_rtcp_packet_fb_get_type (packet) != FORMAT_TRANSPORT_CC
      || size < TRANSPORT_CC_HEADER)
    return FALSE;
  fci = gst_rtcp_packet_fb_get_fci (packet);
  /* packet status count: how many of our packets it tells about */
  count = GST_READ_UINT16_BE (fci + 2);
  if (count == 0)
    return FALSE;
  last = GST_READ_UINT16_BE (fci) + count - 1;
  if ((!liveness->has_feedback || last != liveness->feedback_sequence)
      && chunks_tell_of_some (fci + TRANSPORT_CC_HEADER,
          size - TRANSPORT_CC_HEADER, count)) {
    note_progress (liveness, NULL, now);
    if (liveness->doubted && now >= liveness->doubted_at + get_rtt (liveness)
        && ++liveness->proofs >= PROOFS)
      liveness->doubted = FALSE;
  }
  liveness->has_feedback = TRUE;
  liveness->feedback_sequence = last;
  return TRUE;
}

/* How many packets of @ssrc have been sent in all. To be told before a report is
 * handled, and now and then while there is none. */
void
gst_rcast_liveness_sent (GstRcastLiveness * liveness, guint32 ssrc,
    guint64 packets, GstClockTime now)
{
  Stream *stream = find_stream (liveness, ssrc);

  if (!stream)
    return;
  if (packets != stream->sent)
    liveness->last_sent = now;
  stream->sent = packets;
  if (!GST_CLOCK_TIME_IS_VALID (stream->due)
      && packets >= stream->sent_before + MANY_PACKETS)
    stream->due = now;
}

/* Whether anything was sent within the last @time. */
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
          RHYTHMS * liveness->rhythm));
  GstClockTime arrived = stream->due + get_rtt (liveness);

  /* A stream of which nothing is sent is no fault of the network. */
  if (!GST_CLOCK_TIME_IS_VALID (stream->due))
    return FALSE;
  /* One that said the same from the first report on may know no better. */
  if (GST_CLOCK_TIME_IS_VALID (stream->denied)
      && stream->denied >= arrived + (stream->moves >= LEAST_MOVES ? timeout :
          MAX (timeout, LEAST_SILENCE)))
    return TRUE;
  return liveness->progress >= LEAST_PROGRESS && now >= arrived + silence;
}

/* What the server says of a stream before it ever said that something arrived. */
static gboolean
is_unheard (const GstRcastLiveness * liveness, const Stream * stream,
    GstClockTime timeout)
{
  return GST_CLOCK_TIME_IS_VALID (stream->due)
      && GST_CLOCK_TIME_IS_VALID (stream->denied)
      && stream->denied >= stream->due + get_rtt (liveness)
      + MAX (timeout, LEAST_SILENCE);
}

/* What came in meanwhile may still wait to be handled, so the time of a standstill is no
 * evidence, and nothing is concluded before there was time for that. Two in a row are
 * a machine that is slow. */
static gboolean
is_blind (GstRcastLiveness * liveness, GstClockTime timeout, GstClockTime now)
{
  gboolean again = liveness->stood_still;
  GstClockTime judge_by = now + MAX (timeout, LEAST_STANDSTILL);
  GstClockTime late;

  if (!GST_CLOCK_TIME_IS_VALID (liveness->judge_by))
    liveness->judge_by = judge_by;
  late = now > liveness->judge_by ? now - liveness->judge_by : 0;
  /* A report may be older than the last judgement. */
  liveness->judge_by = MAX (liveness->judge_by, judge_by);
  liveness->stood_still = late > 0;
  if (late == 0)
    return FALSE;
  liveness->resumed = now;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    if (GST_CLOCK_TIME_IS_VALID (stream->due))
      stream->due += late;
  }
  return !again;
}

static gboolean
has_moved (const GstRcastLiveness * liveness)
{
  gboolean moved = liveness->has_feedback;

  for (guint i = 0; i < liveness->streams->len; i++)
    moved |= g_array_index (liveness->streams, Stream, i).moves >= LEAST_MOVES;
  return moved;
}

/**
 * gst_rcast_liveness_judge:
 * @liveness: the liveness
 * @timeout: how long the server may deny that it received what was sent
 * @now: the time
 *
 * Frozen is what was sent and does not arrive: the server denies it by its
 * reports, or is silent for many times as long as it used to be. To be asked twice in
 * each @timeout: what is not heard while nobody asks is no silence. One stream of
 * several is not enough, and the silence of a server that never reported gives no
 * hint; its reports do, if they never tell of what is sent.
 *
 * Returns: whether media has frozen just now
 */
gboolean
gst_rcast_liveness_judge (GstRcastLiveness * liveness, GstClockTime timeout,
    GstClockTime now)
{
  gboolean stalled = FALSE;

  if (is_blind (liveness, timeout, now) || liveness->frozen)
    return FALSE;
  for (guint i = 0; i < liveness->streams->len; i++) {
    const Stream *stream = &g_array_index (liveness->streams, Stream, i);

    stalled |= liveness->confirmed ?
        is_stalled (liveness, stream, timeout, now) :
        is_unheard (liveness, stream, timeout);
  }
  liveness->frozen = stalled && (!liveness->confirmed
      || now - liveness->last_progress >= timeout);
  liveness->never_moved = liveness->frozen && liveness->confirmed
      && !has_moved (liveness);
  return liveness->frozen;
}

/* There is a connection again: what was sent while there was none is not missed,
 * and whether media is frozen is another question now. */
void
gst_rcast_liveness_begin_again (GstRcastLiveness * liveness, GstClockTime now)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    stream->blank = FALSE;
    stream->sent_before = stream->sent;
    stream->due = GST_CLOCK_TIME_NONE;
    stream->denied = GST_CLOCK_TIME_NONE;
  }
  if (GST_CLOCK_TIME_IS_VALID (liveness->last_progress))
    liveness->last_progress = now;
  liveness->frozen = FALSE;
  liveness->doubted = FALSE;
}

/**
 * gst_rcast_liveness_doubt:
 * @liveness: the liveness, which knows what has been sent so far
 * @now: the time
 *
 * Media goes another way: only what is sent from now on can prove that it arrives.
 *
 * Returns: whether the server reports, so that a proof may be waited for
 */
gboolean
gst_rcast_liveness_doubt (GstRcastLiveness * liveness, GstClockTime now)
{
  liveness->doubted = TRUE;
  liveness->doubted_at = now;
  liveness->proofs = 0;
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    stream->wanted = stream->highest + 1
        + (guint32) (stream->sent - stream->sent_at_highest);
  }
  return liveness->progress >= LEAST_PROGRESS;
}

/**
 * gst_rcast_liveness_handle:
 * @liveness: the liveness
 * @rtcp: a compound packet from the server; anything else is ignored
 * @now: when it came
 * @ntp_now: the same as an NTP timestamp, of the clock that our sender reports use
 *
 * Returns: whether it tells about media of ours
 */
gboolean
gst_rcast_liveness_handle (GstRcastLiveness * liveness, GstBuffer * rtcp,
    GstClockTime now, guint64 ntp_now)
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

    if (type == GST_RTCP_TYPE_RTPFB)
      ours |= handle_feedback (liveness, &packet, now);
    else if (type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR)
      handle_report (liveness, &packet, early, now, ntp_now, &ours);
  }
  gst_rtcp_buffer_unmap (&buffer);

  if (ours) {
    liveness->reports++;
    liveness->last_report = now;
  }
  return ours;
}
