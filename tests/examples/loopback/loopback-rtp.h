/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP for a relay: exact arrival counts, continuous outgoing sequence numbers, key frames. Pure: no
 * I/O, no clock read, no lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 3550 5.1 */
#define LOOPBACK_RTP_HEADER_SIZE 12

typedef struct {
  gboolean marker;
  guint8 pt;
  guint16 seq;
  guint32 timestamp;
  guint32 ssrc;
  gsize header_size;            /* with CSRCs and extension */
  gsize payload_size;           /* without padding */
} LoopbackRtp;

gboolean  loopback_rtp_parse      (const guint8 * data, gsize size, LoopbackRtp * rtp);

/* Counts the packets of one SSRC; each sequence number counts once. */
typedef struct {
  guint32 ssrc;
  guint8 pt;
  gboolean started;
  gboolean resumed;             /* counts since a reset, not since the first packet */
  guint8 *seen;                 /* one bit per 16-bit sequence number, of the last 32768 */
  gint64 first_seq;             /* extended */
  gint64 last_seq;              /* extended, highest */
  guint32 last_timestamp;
  guint64 packets;              /* received, duplicates included */
  guint64 unique;
  guint64 duplicates;
  guint64 reordered;
  guint64 late;                 /* from before a reset */
  guint64 bytes;
  guint64 frames;               /* timestamps with a marker bit */
  guint32 frame_timestamp;      /* of the last frame */
  guint64 keyframes;
  guint32 key_timestamp;        /* of the last key frame, which may have many packets */
  gint64 last_us;
  gint64 max_gap_us;
} LoopbackTrack;

LoopbackTrack * loopback_track_new          (guint32 ssrc);
void            loopback_track_free         (LoopbackTrack * track);
/* Returns: whether this sequence number is new */
gboolean        loopback_track_push         (LoopbackTrack * track, const LoopbackRtp * rtp, gsize size, gint64 now_us);
void            loopback_track_push_key     (LoopbackTrack * track, const LoopbackRtp * rtp);
guint64         loopback_track_get_lost     (const LoopbackTrack * track);
/* Resets the counts; they go on after the last sequence number. */
void            loopback_track_reset        (LoopbackTrack * track, gint64 now_us);

/* Makes sequence numbers and timestamps continuous over the sources of a stream */
typedef struct {
  gboolean started;
  guint32 ssrc;
  guint source;                 /* id of the publisher's session */
  guint16 seq_offset;
  guint32 ts_offset;
  guint16 last_seq;             /* outgoing, highest */
  guint32 last_ts;
  gint64 last_us;
} LoopbackRewriter;

/* @made_us: capture time of the media, by one clock for all streams. Returns: whether there is a
 * hole before this packet, or another source begins with it */
gboolean        loopback_rewriter_map       (LoopbackRewriter * rewriter, guint source, const LoopbackRtp * rtp, guint clock_rate, gint64 made_us, guint16 * seq, guint32 * ts);

typedef enum {
  LOOPBACK_CODEC_OTHER,
  LOOPBACK_CODEC_H264,
  LOOPBACK_CODEC_H265,
  LOOPBACK_CODEC_VP8,
  LOOPBACK_CODEC_VP9,
  LOOPBACK_CODEC_AV1,
} LoopbackCodec;

LoopbackCodec   loopback_codec_from_name    (const gchar * encoding_name);
/* Returns: whether a key frame (with its parameter sets) begins in @payload */
gboolean        loopback_rtp_is_key         (LoopbackCodec codec, const guint8 * payload, gsize size);

G_END_DECLS
