/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP for a relay: exact arrival counts, continuous outgoing sequence numbers, key frames. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-rtp.h"

#define SEQ_BITS 65536

/* RFC 3550 5.1 and 5.3.1 */
gboolean
loopback_rtp_parse (const guint8 * data, gsize size, LoopbackRtp * rtp)
{
  gsize header;
  gsize padding = 0;

  if (size < LOOPBACK_RTP_HEADER_SIZE || (data[0] >> 6) != 2)
    return FALSE;
  header = LOOPBACK_RTP_HEADER_SIZE + 4 * (data[0] & 0x0f);
  if (data[0] & 0x10) {
    if (size < header + 4)
      return FALSE;
    header += 4 + 4 * (gsize) (data[header + 2] << 8 | data[header + 3]);
  }
  if (size < header)
    return FALSE;
  if (data[0] & 0x20)
    padding = data[size - 1];
  if (size < header + padding)
    return FALSE;
  rtp->marker = (data[1] & 0x80) != 0;
  rtp->pt = data[1] & 0x7f;
  rtp->seq = (guint16) (data[2] << 8 | data[3]);
  rtp->timestamp = (guint32) data[4] << 24 | (guint32) data[5] << 16
      | (guint32) data[6] << 8 | data[7];
  rtp->ssrc = (guint32) data[8] << 24 | (guint32) data[9] << 16
      | (guint32) data[10] << 8 | data[11];
  rtp->header_size = header;
  rtp->payload_size = size - header - padding;
  return TRUE;
}

LoopbackTrack *
loopback_track_new (guint32 ssrc)
{
  LoopbackTrack *track = g_new0 (LoopbackTrack, 1);

  track->ssrc = ssrc;
  track->seen = g_malloc0 (SEQ_BITS / 8);
  return track;
}

void
loopback_track_free (LoopbackTrack * track)
{
  if (track == NULL)
    return;
  g_free (track->seen);
  g_free (track);
}

static gboolean
test_seen (const LoopbackTrack * track, guint16 seq)
{
  return (track->seen[seq >> 3] & (1 << (seq & 7))) != 0;
}

static void
mark_seen (LoopbackTrack * track, guint16 seq, gboolean seen)
{
  guint8 bit = (guint8) (1 << (seq & 7));

  if (seen)
    track->seen[seq >> 3] |= bit;
  else
    track->seen[seq >> 3] &= (guint8) ~ bit;
}

gboolean
loopback_track_push (LoopbackTrack * track, const LoopbackRtp * rtp,
    gsize size, gint64 now_us)
{
  gint delta;
  gint64 seq;

  track->packets++;
  track->bytes += size;
  track->pt = rtp->pt;
  if (track->last_us != 0)
    track->max_gap_us = MAX (track->max_gap_us, now_us - track->last_us);
  track->last_us = now_us;

  if (!track->started) {
    track->started = TRUE;
    /* One cycle up, so that the number of a late packet stays positive. */
    track->first_seq = track->last_seq = rtp->seq + SEQ_BITS;
    track->last_timestamp = rtp->timestamp;
    goto fresh;
  }

  delta = (gint16) (rtp->seq - (guint16) track->last_seq);
  seq = track->last_seq + delta;
  if (delta > 0) {
    for (gint64 i = track->last_seq + 1; i < seq; i++)
      mark_seen (track, (guint16) i, FALSE);
    track->last_seq = seq;
    track->last_timestamp = rtp->timestamp;
    goto fresh;
  }
  if (test_seen (track, rtp->seq)) {
    track->duplicates++;
    return FALSE;
  }
  if (seq < track->first_seq && track->resumed) {
    /* From before the reset: neither lost nor counted. */
    mark_seen (track, rtp->seq, TRUE);
    track->late++;
    return TRUE;
  }
  track->first_seq = MIN (track->first_seq, seq);
  track->reordered++;

fresh:
  mark_seen (track, rtp->seq, TRUE);
  track->unique++;
  /* Some payloaders also set the marker on parameter sets, before the frame itself. */
  if (rtp->marker && (track->frames == 0
          || track->frame_timestamp != rtp->timestamp)) {
    track->frames++;
    track->frame_timestamp = rtp->timestamp;
  }
  return TRUE;
}

/* Each slice of a key frame looks like a key frame. */
void
loopback_track_push_key (LoopbackTrack * track, const LoopbackRtp * rtp)
{
  if (track->keyframes == 0 || track->key_timestamp != rtp->timestamp)
    track->keyframes++;
  track->key_timestamp = rtp->timestamp;
}

guint64
loopback_track_get_lost (const LoopbackTrack * track)
{
  guint64 expected;

  if (track->unique == 0)
    return 0;
  expected = (guint64) (track->last_seq - track->first_seq + 1);
  return expected > track->unique ? expected - track->unique : 0;
}

void
loopback_track_reset (LoopbackTrack * track, gint64 now_us)
{
  track->resumed = TRUE;
  track->first_seq = track->last_seq + 1;
  track->packets = track->unique = track->duplicates = 0;
  track->reordered = track->late = track->bytes = 0;
  track->frames = track->keyframes = 0;
  track->max_gap_us = 0;
  track->last_us = now_us;
}

gboolean
loopback_rewriter_map (LoopbackRewriter * rewriter, guint source,
    const LoopbackRtp * rtp, guint clock_rate, gint64 made_us, guint16 * seq,
    guint32 * ts)
{
  gboolean hole = FALSE;
  gint delta;

  if (!rewriter->started) {
    rewriter->started = TRUE;
    rewriter->seq_offset = 0;
    rewriter->ts_offset = 0;
    rewriter->last_seq = (guint16) (rtp->seq - 1);
    rewriter->last_ts = rtp->timestamp;
    hole = TRUE;
  } else if (rewriter->source != source || rewriter->ssrc != rtp->ssrc) {
    /* The stream's RTP clock ran on while no source fed it. */
    gint64 elapsed = (made_us - rewriter->last_us) * clock_rate
        / G_USEC_PER_SEC;

    rewriter->seq_offset = (guint16) (rewriter->last_seq + 1 - rtp->seq);
    rewriter->ts_offset = rewriter->last_ts + (guint32) MAX (elapsed, 1)
        - rtp->timestamp;
    hole = TRUE;
  }
  rewriter->source = source;
  rewriter->ssrc = rtp->ssrc;
  *seq = (guint16) (rtp->seq + rewriter->seq_offset);
  *ts = rtp->timestamp + rewriter->ts_offset;

  delta = (gint16) (*seq - rewriter->last_seq);
  if (delta > 1)
    hole = TRUE;
  if (delta > 0) {
    rewriter->last_seq = *seq;
    rewriter->last_ts = *ts;
    rewriter->last_us = made_us;
  }
  return hole;
}

LoopbackCodec
loopback_codec_from_name (const gchar * encoding_name)
{
  static const struct
  {
    const gchar *name;
    LoopbackCodec codec;
  } codecs[] = {
    {"H264", LOOPBACK_CODEC_H264},
    {"H265", LOOPBACK_CODEC_H265},
    {"VP8", LOOPBACK_CODEC_VP8},
    {"VP9", LOOPBACK_CODEC_VP9},
    {"AV1", LOOPBACK_CODEC_AV1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++)
    if (g_ascii_strcasecmp (codecs[i].name, encoding_name) == 0)
      return codecs[i].codec;
  return LOOPBACK_CODEC_OTHER;
}

/* RFC 6184 5.4: IDR slice or SPS, alone, in a STAP-A, or in the first FU-A */
static gboolean
is_key_h264 (const guint8 * p, gsize size)
{
  guint type = p[0] & 0x1f;

  if (type == 24) {
    for (gsize i = 1; i + 2 < size;) {
      gsize length = (gsize) (p[i] << 8 | p[i + 1]);

      type = p[i + 2] & 0x1f;
      if (type == 5 || type == 7)
        return TRUE;
      i += 2 + length;
    }
    return FALSE;
  }
  if (type == 28)
    return size > 1 && (p[1] & 0x80) != 0 && ((p[1] & 0x1f) == 5
        || (p[1] & 0x1f) == 7);
  return type == 5 || type == 7;
}

/* H.265 7.4.2.2: 16 to 21 are random access points, 32 and 33 VPS and SPS */
static gboolean
is_key_h265_type (guint type)
{
  return (type >= 16 && type <= 21) || type == 32 || type == 33;
}

/* RFC 7798 4.4 */
static gboolean
is_key_h265 (const guint8 * p, gsize size)
{
  guint type = (p[0] >> 1) & 0x3f;

  if (size < 3)
    return FALSE;
  if (type == 48) {
    for (gsize i = 2; i + 2 < size;) {
      gsize length = (gsize) (p[i] << 8 | p[i + 1]);

      if (is_key_h265_type ((p[i + 2] >> 1) & 0x3f))
        return TRUE;
      i += 2 + length;
    }
    return FALSE;
  }
  if (type == 49)
    return (p[2] & 0x80) != 0 && is_key_h265_type (p[2] & 0x3f);
  return is_key_h265_type (type);
}

/* RFC 7741 4.2, 4.3: S and PID 0, then the inverse key frame bit */
static gboolean
is_key_vp8 (const guint8 * p, gsize size)
{
  gsize i = 1;

  if ((p[0] & 0x10) == 0 || (p[0] & 0x07) != 0)
    return FALSE;
  if (p[0] & 0x80) {
    guint8 x;

    if (size < 2)
      return FALSE;
    x = p[1];
    i = 2;
    if (x & 0x80) {
      if (size <= i)
        return FALSE;
      i += (p[i] & 0x80) ? 2 : 1;
    }
    if (x & 0x40)
      i++;
    if (x & 0x30)
      i++;
  }
  return i < size && (p[i] & 0x01) == 0;
}

gboolean
loopback_rtp_is_key (LoopbackCodec codec, const guint8 * payload, gsize size)
{
  if (size == 0)
    return FALSE;
  switch (codec) {
    case LOOPBACK_CODEC_H264:
      return is_key_h264 (payload, size);
    case LOOPBACK_CODEC_H265:
      return is_key_h265 (payload, size);
    case LOOPBACK_CODEC_VP8:
      return is_key_vp8 (payload, size);
    case LOOPBACK_CODEC_VP9:
      /* RFC 9628 4.2: not predicted (P), begins a frame (B) */
      return (payload[0] & 0x48) == 0x08;
    case LOOPBACK_CODEC_AV1:
      /* AV1 RTP 4.4: N, the first packet of a coded video sequence */
      return (payload[0] & 0x08) != 0;
    case LOOPBACK_CODEC_OTHER:
      break;
  }
  return FALSE;
}
