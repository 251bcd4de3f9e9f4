/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits RTP payloads that are too large for the path into smaller ones of the same meaning. */
#include "config.h"

#include "rcast-refit.h"

#include <string.h>

#include "rcast-rtp.h"

/* RFC 6184 5.8, RFC 7798 4.4.3 */
#define FU_START 0x80
#define FU_END 0x40

/* RFC 7741 4.2 */
#define VP8_X 0x80
#define VP8_S 0x10

/* RFC 9628 4.2 */
#define VP9_I 0x80
#define VP9_P 0x40
#define VP9_L 0x20
#define VP9_F 0x10
#define VP9_B 0x08
#define VP9_E 0x04
#define VP9_V 0x02

/* AV1 RTP 4.4: continues the OBU of the previous packet, is continued in the next one, number of
 * OBUs, start of a coded video sequence */
#define AV1_Z 0x80
#define AV1_Y 0x40
#define AV1_W 0x30
#define AV1_ONE 0x10
#define AV1_N 0x08

/* 20 ms of G.711, a byte for each sample */
#define G711_PIECE 160
#define OPUS_RATE 48000
/* RFC 6716 3.2.5 */
#define OPUS_MAX_FRAMES 48

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize room;                   /* for one payload */
  GArray *pieces;
} Job;

static GstRcastPiece *
add_piece (Job * job, gsize offset, gsize size)
{
  GstRcastPiece piece = { {0}, 0, offset, size, 0 };

  g_array_append_val (job->pieces, piece);
  return &g_array_index (job->pieces, GstRcastPiece, job->pieces->len - 1);
}

/* Cuts @size bytes at @offset into pieces that leave room for a head of @n_head bytes. */
static gboolean
cut (Job * job, gsize offset, gsize size, gsize n_head)
{
  gsize most = job->room > n_head ? job->room - n_head : 0;

  if (most == 0)
    return FALSE;
  for (gsize end = offset + size, n; offset < end; offset += n) {
    n = MIN (most, end - offset);
    add_piece (job, offset, n);
  }
  return TRUE;
}

/* --- H.264 and H.265 --- */

typedef struct
{
  GstRcastCodec codec;
  gsize n_header;               /* of a NAL unit */
  guint aggregate, fragment;    /* types */
} NalSyntax;

static const NalSyntax h264 = { GST_RCAST_CODEC_H264, 1,
  GST_RCAST_H264_STAP_A, GST_RCAST_H264_FU_A
};

static const NalSyntax h265 = { GST_RCAST_CODEC_H265, 2,
  GST_RCAST_H265_AP, GST_RCAST_H265_FU
};

/* Cuts the bytes at @offset of a NAL unit of @type into fragments. @header: the first bytes of the
 * unit; @ends: whether the start and the end of the unit are among the bytes */
static gboolean
fragment (Job * job, const NalSyntax * syntax, const guint8 * header,
    guint type, gsize offset, guint ends)
{
  guint from = job->pieces->len;

  if (!cut (job, offset, job->size - offset, syntax->n_header + 1))
    return FALSE;
  for (guint i = from; i < job->pieces->len; i++) {
    GstRcastPiece *piece = &g_array_index (job->pieces, GstRcastPiece, i);
    guint8 fu = type;

    if (i == from)
      fu |= ends & FU_START;
    if (i + 1 == job->pieces->len)
      fu |= ends & FU_END;
    if (syntax == &h264) {
      piece->head[0] = (header[0] & 0xe0) | GST_RCAST_H264_FU_A;
    } else {
      piece->head[0] = (header[0] & 0x81) | GST_RCAST_H265_FU << 1;
      piece->head[1] = header[1];
    }
    piece->head[syntax->n_header] = fu;
    piece->n_head = syntax->n_header + 1;
  }
  return TRUE;
}

/* Splits one NAL unit of @size bytes at @offset. */
static gboolean
split_nal (Job * job, const NalSyntax * syntax, gsize offset, gsize size)
{
  const guint8 *header = job->data + offset;
  Job part = *job;

  if (size < syntax->n_header)
    return FALSE;
  if (size <= job->room) {
    add_piece (job, offset, size);
    return TRUE;
  }
  part.size = offset + size;
  return fragment (&part, syntax, header,
      gst_rcast_rtp_get_nal_type (syntax->codec, header[0]),
      offset + syntax->n_header, FU_START | FU_END);
}

static gboolean
split_aggregate (Job * job, const NalSyntax * syntax)
{
  gsize offset = syntax->n_header, size;

  while (offset + 2 <= job->size) {
    size = gst_rcast_rtp_read_u16 (job->data + offset);
    offset += 2;
    if (size > job->size - offset || !split_nal (job, syntax, offset, size))
      return FALSE;
    offset += size;
  }
  return offset == job->size;
}

static gboolean
split_nals (Job * job, const NalSyntax * syntax)
{
  guint type;
  guint8 fu;

  if (job->size <= syntax->n_header + 1)
    return FALSE;
  type = gst_rcast_rtp_get_nal_type (syntax->codec, job->data[0]);
  if (type == syntax->aggregate)
    return split_aggregate (job, syntax);
  if (type == syntax->fragment) {
    fu = job->data[syntax->n_header];
    return fragment (job, syntax, job->data,
        fu & (syntax == &h264 ? 0x1f : 0x3f), syntax->n_header + 1, fu);
  }
  /* Packets of interleaved mode, or types without a meaning so far */
  if (type > syntax->aggregate)
    return FALSE;
  return split_nal (job, syntax, 0, job->size);
}

/* --- VP8, VP9, AV1 --- */

/* Returns: bytes of the payload descriptor, 0 if it is cut off */
static gsize
get_vp8_descriptor (const Job * job)
{
  gsize n = 1;
  guint8 extension;

  if (job->size < 2 || !(job->data[0] & VP8_X))
    return job->size < 2 ? 0 : n;
  extension = job->data[n++];
  if (extension & 0x80) {
    if (n >= job->size)
      return 0;
    n += job->data[n] & 0x80 ? 2 : 1;
  }
  n += (extension & 0x40) ? 1 : 0;
  n += (extension & 0x30) ? 1 : 0;
  return n < job->size ? n : 0;
}

/* Each piece repeats the descriptor; only the first one starts the partition. */
static gboolean
split_vp8 (Job * job)
{
  gsize n = get_vp8_descriptor (job);

  if (n == 0 || !cut (job, n, job->size - n, n))
    return FALSE;
  for (guint i = 0; i < job->pieces->len; i++) {
    GstRcastPiece *piece = &g_array_index (job->pieces, GstRcastPiece, i);

    memcpy (piece->head, job->data, n);
    piece->n_head = n;
    if (i > 0)
      piece->head[0] &= ~VP8_S;
  }
  return TRUE;
}

/* Returns: bytes of the payload descriptor without the scalability structure, 0 if it is cut
 * off */
static gsize
get_vp9_descriptor (const Job * job)
{
  const guint8 *p = job->data;
  gsize n = 1;

  if (job->size < 2)
    return 0;
  if (p[0] & VP9_I)
    n += p[n] & 0x80 ? 2 : 1;
  if (p[0] & VP9_L)
    n += p[0] & VP9_F ? 1 : 2;
  if ((p[0] & VP9_F) && (p[0] & VP9_P)) {
    guint diffs = 0;

    do {
      if (n >= job->size || diffs++ == 3)
        return 0;
    } while (p[n++] & 0x01);
  }
  return n < job->size ? n : 0;
}

/* Returns: where the scalability structure at @n ends, 0 if it is cut off */
static gsize
skip_vp9_structure (const Job * job, gsize n)
{
  const guint8 *p = job->data;
  guint layers, pictures;
  guint8 flags;

  if (!(p[0] & VP9_V))
    return n;
  flags = p[n++];
  layers = (flags >> 5) + 1;
  if (flags & 0x10)
    n += layers * 4;
  if (flags & 0x08) {
    if (n >= job->size)
      return 0;
    for (pictures = p[n++]; pictures > 0; pictures--) {
      if (n >= job->size)
        return 0;
      n += 1 + ((p[n] >> 2) & 0x03);
    }
  }
  return n < job->size ? n : 0;
}

static gboolean
split_vp9 (Job * job)
{
  gsize n = get_vp9_descriptor (job);
  gsize end = n > 0 ? skip_vp9_structure (job, n) : 0;
  GstRcastPiece *first;

  if (end == 0 || end >= job->room)
    return FALSE;
  /* Only the first packet of a frame has the structure. */
  first = add_piece (job, 1, job->room - 1);
  first->head[0] = job->data[0] & ~VP9_E;
  first->n_head = 1;
  if (!cut (job, job->room, job->size - job->room, n))
    return FALSE;
  for (guint i = 1; i < job->pieces->len; i++) {
    GstRcastPiece *piece = &g_array_index (job->pieces, GstRcastPiece, i);

    memcpy (piece->head, job->data, n);
    piece->n_head = n;
    piece->head[0] &= ~(VP9_B | VP9_V);
    if (i + 1 < job->pieces->len)
      piece->head[0] &= ~VP9_E;
  }
  return TRUE;
}

/* Returns: bytes of the number, 0 if it is cut off */
static gsize
read_leb128 (const guint8 * p, gsize size, gsize * value)
{
  *value = 0;
  for (gsize n = 0; n < MIN (size, 4); n++) {
    *value |= (gsize) (p[n] & 0x7f) << (7 * n);
    if (!(p[n] & 0x80))
      return n + 1;
  }
  return 0;
}

/* Splits an OBU, or a part of one, of @size bytes at @offset: one OBU in a packet */
static gboolean
split_obu (Job * job, gsize offset, gsize size, gboolean last)
{
  guint from = job->pieces->len;

  if (!cut (job, offset, size, 1))
    return FALSE;
  for (guint i = from; i < job->pieces->len; i++) {
    GstRcastPiece *piece = &g_array_index (job->pieces, GstRcastPiece, i);
    gboolean more = i + 1 < job->pieces->len
        || (last && (job->data[0] & AV1_Y) != 0);

    piece->n_head = 1;
    piece->head[0] = AV1_ONE | (more ? AV1_Y : 0);
    if (i > from)
      piece->head[0] |= AV1_Z;
    if (i == 0)
      piece->head[0] |= job->data[0] & (AV1_Z | AV1_N);
  }
  return TRUE;
}

static gboolean
split_av1 (Job * job)
{
  guint count = (job->data[0] & AV1_W) >> 4;
  gsize offset = 1, size, n;

  for (guint i = 1; offset < job->size; i++) {
    size = job->size - offset;
    if (count == 0 || i < count) {
      n = read_leb128 (job->data + offset, job->size - offset, &size);
      if (n == 0 || size > job->size - offset - n)
        return FALSE;
      offset += n;
    }
    if (!split_obu (job, offset, size, offset + size == job->size))
      return FALSE;
    offset += size;
  }
  return job->pieces->len > 0;
}

/* --- audio --- */

static gboolean
split_g711 (Job * job)
{
  if (job->room < G711_PIECE)
    return FALSE;
  for (gsize offset = 0; offset < job->size; offset += G711_PIECE)
    add_piece (job, offset, MIN (G711_PIECE, job->size - offset))->ticks =
        offset;
  return TRUE;
}

/* RFC 6716 3.2.1. Returns: bytes of the length field, 0 if it is cut off */
static gsize
read_opus_length (const Job * job, gsize offset, gsize * length)
{
  const guint8 *p = job->data + offset;

  if (offset >= job->size || (p[0] >= 252 && offset + 1 >= job->size))
    return 0;
  *length = p[0] < 252 ? p[0] : (gsize) p[0] + 4 * (gsize) p[1];
  return p[0] < 252 ? 1 : 2;
}

/* RFC 6716 3.2.5. Returns: where the lengths start; takes the padding off @end */
static gsize
skip_opus_padding (const Job * job, gsize * end)
{
  gsize offset = 2, padding = 0;
  guint8 byte;

  if (job->data[1] & 0x40) {
    do {
      if (offset >= job->size)
        return 0;
      byte = job->data[offset++];
      padding += byte == 255 ? 254 : byte;
    } while (byte == 255);
  }
  if (padding > job->size - offset)
    return 0;
  *end -= padding;
  return offset;
}

/* Finds the frames of a packet. Returns: their number, 0 if the packet is broken */
static guint
find_opus_frames (const Job * job, gsize * lengths, gsize * offset)
{
  guint code = job->data[0] & 0x03;
  guint n = code < 2 ? code + 1 : 2;
  gboolean vbr = code == 2;
  gsize end = job->size, sum = 0, step;

  *offset = 1;
  if (code == 3) {
    n = job->data[1] & 0x3f;
    vbr = (job->data[1] & 0x80) != 0;
    *offset = skip_opus_padding (job, &end);
  }
  if (n == 0 || n > OPUS_MAX_FRAMES || *offset == 0)
    return 0;
  for (guint i = 0; vbr && i + 1 < n; i++) {
    step = read_opus_length (job, *offset, &lengths[i]);
    if (step == 0)
      return 0;
    *offset += step;
    sum += lengths[i];
  }
  if (*offset > end || sum > end - *offset)
    return 0;
  if (vbr)
    lengths[n - 1] = end - *offset - sum;
  for (guint i = 0; !vbr && i < n; i++)
    lengths[i] = (end - *offset) / n;
  return vbr || (end - *offset) % n == 0 ? n : 0;
}

/* Each frame becomes a packet of its own; one frame cannot be cut. */
static gboolean
split_opus (Job * job)
{
  gsize lengths[OPUS_MAX_FRAMES], offset;
  GstClockTime duration = gst_rcast_opus_get_duration (job->data, job->size);
  guint n;

  if (job->size < 2 || !GST_CLOCK_TIME_IS_VALID (duration))
    return FALSE;
  n = find_opus_frames (job, lengths, &offset);
  for (guint i = 0; n > 1 && i < n; offset += lengths[i++]) {
    GstRcastPiece *piece = add_piece (job, offset, lengths[i]);

    piece->head[0] = job->data[0] & 0xfc;
    piece->n_head = 1;
    piece->ticks = i * gst_util_uint64_scale (duration / n, OPUS_RATE,
        GST_SECOND);
  }
  return n > 1;
}

/**
 * gst_rcast_refit_split:
 * @codec: codec of the packet
 * @payload: its payload
 * @size: bytes of @payload, more than @room
 * @room: bytes that a payload may have
 * @pieces: (element-type GstRcastPiece): an empty array to fill
 *
 * Splits a packet into pieces that, each sent as a packet, mean the same. A piece has at most
 * @room bytes, except for an Opus frame that is longer by itself.
 *
 * Returns: %FALSE if the packet cannot be split: it is broken, or the codec has no
 *   fragments
 */
gboolean
gst_rcast_refit_split (GstRcastCodec codec, const guint8 * payload, gsize size,
    gsize room, GArray * pieces)
{
  Job job = { payload, size, room, pieces };

  if (size <= room || room < GST_RCAST_PIECE_MAX_HEAD)
    return FALSE;
  switch (codec) {
    case GST_RCAST_CODEC_H264:
      return split_nals (&job, &h264);
    case GST_RCAST_CODEC_H265:
      return split_nals (&job, &h265);
    case GST_RCAST_CODEC_VP8:
      return split_vp8 (&job);
    case GST_RCAST_CODEC_VP9:
      return split_vp9 (&job);
    case GST_RCAST_CODEC_AV1:
      return split_av1 (&job);
    case GST_RCAST_CODEC_OPUS:
      return split_opus (&job);
    case GST_RCAST_CODEC_PCMU:
    case GST_RCAST_CODEC_PCMA:
      return split_g711 (&job);
    case GST_RCAST_CODEC_UNKNOWN:
      return FALSE;
  }
  return FALSE;
}

/* Unpacks an aggregate of H.264 of any size like gst_rcast_refit_split(): each unit becomes a
 * packet, or fragments if it is larger than @room. */
gboolean
gst_rcast_refit_unpack (const guint8 * payload, gsize size, gsize room,
    GArray * pieces)
{
  Job job = { payload, size, room, pieces };

  return size > 0 && room >= GST_RCAST_PIECE_MAX_HEAD
      && gst_rcast_rtp_get_nal_type (GST_RCAST_CODEC_H264, payload[0])
      == GST_RCAST_H264_STAP_A && split_aggregate (&job, &h264)
      && pieces->len > 0;
}
