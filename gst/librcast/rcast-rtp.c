/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and writes RTP: header fields, starts of key frames, durations of Opus packets. */
#include "config.h"

#include "rcast-rtp.h"

#include <string.h>

/**
 * gst_rcast_rtp_parse_header:
 * @data: a packet
 * @size: its size
 * @header: (out): its fields; untouched on failure
 *
 * Returns: %FALSE if @data is not an RTP packet of version 2
 */
gboolean
gst_rcast_rtp_parse_header (const guint8 * data, gsize size,
    GstRcastRtpHeader * header)
{
  gsize offset, padding = 0;

  if (size < GST_RCAST_RTP_HEADER_SIZE || data[0] >> 6 != 2)
    return FALSE;
  offset = GST_RCAST_RTP_HEADER_SIZE + 4 * (data[0] & 0x0f);
  if (data[0] & 0x10) {
    if (size < offset + 4)
      return FALSE;
    offset += 4 + 4 * (gsize) gst_rcast_rtp_read_u16 (data + offset + 2);
  }
  if (data[0] & 0x20)
    padding = data[size - 1];
  if (size < offset + padding)
    return FALSE;

  header->marker = (data[1] & 0x80) != 0;
  header->payload_type = data[1] & 0x7f;
  header->sequence = gst_rcast_rtp_read_u16 (data + 2);
  header->timestamp = gst_rcast_rtp_read_u32 (data + 4);
  header->ssrc = gst_rcast_rtp_read_u32 (data + 8);
  header->payload_offset = offset;
  header->payload_size = size - offset - padding;
  return TRUE;
}

/* RFC 8285 4.2: one-byte headers, with the length minus one.
 * Returns: bytes, in whole words */
static gsize
write_elements (guint8 * out, const GstRcastRtpExtensions * extensions)
{
  gsize size = 0;

  memset (out, 0, 8);
  if (extensions->twcc_id > 0) {
    out[size] = extensions->twcc_id << 4 | 1;
    size += 3;
  }
  if (extensions->send_time_id > 0) {
    /* 24 bits: seconds modulo 64, with a fraction of 18 bits */
    guint64 time = gst_util_uint64_scale (extensions->now, 1 << 18, GST_SECOND);

    out[size] = extensions->send_time_id << 4 | 2;
    GST_WRITE_UINT24_BE (out + size + 1, time & 0xffffff);
    size += 4;
  }
  return GST_ROUND_UP_4 (size);
}

/**
 * gst_rcast_rtp_write_header:
 * @out: room for %GST_RCAST_RTP_MAX_HEADER_SIZE bytes
 * @in: the header as it came, with its CSRCs
 * @header: payload type, sequence, timestamp and SSRC to set
 * @extensions: (nullable): header extensions
 *
 * Rewrites the header of a packet that is forwarded with other numbers. Extensions of @in are
 * left out: their ids belong to another negotiation.
 *
 * Returns: size of the header; the payload follows unchanged, with its padding
 */
gsize
gst_rcast_rtp_write_header (guint8 * out, const guint8 * in,
    const GstRcastRtpHeader * header, const GstRcastRtpExtensions * extensions)
{
  gsize size = GST_RCAST_RTP_HEADER_SIZE + 4 * (in[0] & 0x0f);
  gsize elements;

  memcpy (out, in, size);
  out[0] &= ~0x10;
  out[1] = (in[1] & 0x80) | header->payload_type;
  GST_WRITE_UINT16_BE (out + 2, header->sequence);
  GST_WRITE_UINT32_BE (out + 4, header->timestamp);
  GST_WRITE_UINT32_BE (out + 8, header->ssrc);
  elements = extensions ? write_elements (out + size + 4, extensions) : 0;
  if (elements == 0)
    return size;

  out[0] |= 0x10;
  GST_WRITE_UINT16_BE (out + size, 0xbede);
  GST_WRITE_UINT16_BE (out + size + 2, elements / 4);
  return size + 4 + elements;
}

/* Returns: (nullable): where the elements of a one-byte header extension start (RFC 8285 4.2);
 * @elements_size is then set */
static const guint8 *
find_elements (const guint8 * data, gsize size, gsize * elements_size)
{
  gsize at;

  if (size < GST_RCAST_RTP_HEADER_SIZE || data[0] >> 6 != 2
      || !(data[0] & 0x10))
    return NULL;
  at = GST_RCAST_RTP_HEADER_SIZE + 4 * (data[0] & 0x0f);
  if (size < at + 4 || gst_rcast_rtp_read_u16 (data + at) != 0xbede)
    return NULL;
  *elements_size = 4 * gst_rcast_rtp_read_u16 (data + at + 2);
  at += 4;
  return size - at >= *elements_size ? data + at : NULL;
}

/**
 * gst_rcast_rtp_find_twcc:
 * @data: an RTP packet; SRTP leaves the header readable
 * @size: its size
 * @twcc_id: id of the transport-wide sequence number, 1-14
 * @number: (out): the number
 *
 * Returns: whether the packet has one
 */
gboolean
gst_rcast_rtp_find_twcc (const guint8 * data, gsize size, guint twcc_id,
    guint16 * number)
{
  gsize left = 0;
  const guint8 *p = find_elements (data, size, &left);

  while (p && left > 0) {
    /* A byte of 0 is padding and has no length. */
    gsize length = p[0] == 0 ? 1 : 2 + (p[0] & 0x0f);

    if (length > left)
      return FALSE;
    if (p[0] >> 4 == twcc_id && length == 3) {
      *number = gst_rcast_rtp_read_u16 (p + 1);
      return TRUE;
    }
    p += length;
    left -= length;
  }
  return FALSE;
}

/* --- NAL units of H.264 and H.265 --- */

/* Reads an SEI message without its emulation prevention bytes (H.264 7.3.1). */
typedef struct
{
  const guint8 *data;
  gsize size;
  gsize pos;
  guint n_zeros;
} Rbsp;

static gboolean
next_byte (Rbsp * rbsp, guint8 * byte)
{
  if (rbsp->n_zeros >= 2 && rbsp->pos < rbsp->size
      && rbsp->data[rbsp->pos] == 3) {
    rbsp->pos++;
    rbsp->n_zeros = 0;
  }
  if (rbsp->pos >= rbsp->size)
    return FALSE;
  *byte = rbsp->data[rbsp->pos++];
  rbsp->n_zeros = *byte == 0 ? rbsp->n_zeros + 1 : 0;
  return TRUE;
}

/* Reads the type or the size of an SEI message (H.264 7.3.2.3.1, H.265 7.3.5). */
static gboolean
next_number (Rbsp * rbsp, guint * number)
{
  guint8 byte;

  *number = 0;
  do {
    if (!next_byte (rbsp, &byte))
      return FALSE;
    *number += byte;
  } while (byte == 0xff);
  return TRUE;
}

/* H.264 D.1.8, H.265 D.2.8; @data: an SEI NAL unit after its header; the end may be
 * missing */
static gboolean
has_recovery_point (const guint8 * data, gsize size)
{
  Rbsp rbsp = { data, size, };
  guint type, length;
  guint8 byte;

  while (next_number (&rbsp, &type) && next_number (&rbsp, &length)) {
    if (type == 6)
      return length > 0;
    for (; length > 0; length--) {
      if (!next_byte (&rbsp, &byte))
        return FALSE;
    }
  }
  return FALSE;
}

/* @type: type of a NAL unit that starts in a packet; @data: what follows its header */
typedef gboolean (*UnitCheck) (guint type, const guint8 * data, gsize size);

/* SPS or a slice of an IDR picture (H.264 table 7-1). */
static gboolean
is_h264_key (guint type, const guint8 * data, gsize size)
{
  return type == 5 || type == 7;
}

static gboolean
is_h264_recovery (guint type, const guint8 * data, gsize size)
{
  return type == 6 && has_recovery_point (data, size);
}

/* RFC 6184 5.4: single NAL units, aggregation packets and fragmentation units. STAP-B and
 * FU-B have a decoding order number behind their headers (5.7.1, 5.8). */
static gboolean
h264_starts (const guint8 * p, gsize size, UnitCheck check)
{
  gsize pos, n;
  guint type;

  if (size < 1)
    return FALSE;
  type = p[0] & 0x1f;
  switch (type) {
    case GST_RCAST_H264_STAP_A:
    case GST_RCAST_H264_STAP_B:
      for (pos = type == GST_RCAST_H264_STAP_A ? 1 : 3; pos + 2 < size;
          pos += 2 + n) {
        n = gst_rcast_rtp_read_u16 (p + pos);
        if (n > 0 && check (p[pos + 2] & 0x1f, p + pos + 3,
                MIN (n, size - pos - 2) - 1))
          return TRUE;
      }
      return FALSE;
    case GST_RCAST_H264_FU_A:
    case GST_RCAST_H264_FU_B:
      pos = type == GST_RCAST_H264_FU_A ? 2 : 4;
      return size >= 2 && (p[1] & 0x80) != 0
          && check (p[1] & 0x1f, p + MIN (pos, size), size - MIN (pos, size));
    default:
      return check (type, p + 1, size - 1);
  }
}

/* IRAP pictures 16-21, VPS 32, SPS 33 (H.265 table 7-1). */
static gboolean
is_h265_key (guint type, const guint8 * data, gsize size)
{
  return (type >= 16 && type <= 21) || type == 32 || type == 33;
}

/* A recovery point precedes its picture: PREFIX_SEI_NUT (H.265 D.2.1). */
static gboolean
is_h265_recovery (guint type, const guint8 * data, gsize size)
{
  return type == 39 && has_recovery_point (data, size);
}

/* RFC 7798 4.4, without DONL fields: sprop-max-don-diff is 0 in WebRTC. */
static gboolean
h265_starts (const guint8 * p, gsize size, UnitCheck check)
{
  gsize pos, n, unit;
  guint type;

  if (size < 2)
    return FALSE;
  type = (p[0] >> 1) & 0x3f;
  switch (type) {
    case GST_RCAST_H265_AP:
      for (pos = 2; pos + 2 < size; pos += 2 + n) {
        n = gst_rcast_rtp_read_u16 (p + pos);
        unit = MIN (n, size - pos - 2);
        if (n > 0 && check ((p[pos + 2] >> 1) & 0x3f,
                p + pos + 2 + MIN (unit, 2), unit - MIN (unit, 2)))
          return TRUE;
      }
      return FALSE;
    case GST_RCAST_H265_FU:
      return size >= 3 && (p[2] & 0x80) != 0
          && check (p[2] & 0x3f, p + 3, size - 3);
    default:
      return check (type, p + 2, size - 2);
  }
}

/* Slices and their partitions (H.264 table 7-1); IDR pictures have a slice type of their own. */
static gboolean
is_h264_picture (guint type, const guint8 * data, gsize size)
{
  return type >= 1 && type <= 5;
}

static gboolean
is_h264_idr (guint type, const guint8 * data, gsize size)
{
  return type == 5;
}

/* SEI, SPS, PPS, AUD, SPS extension, prefix NAL unit, subset SPS */
static gboolean
is_h264_leading (guint type, const guint8 * data, gsize size)
{
  return (type >= 6 && type <= 9) || (type >= 13 && type <= 15);
}

/* VCL NAL unit types (H.265 table 7-1) */
static gboolean
is_h265_picture (guint type, const guint8 * data, gsize size)
{
  return type < 32;
}

static gboolean
is_h265_irap (guint type, const guint8 * data, gsize size)
{
  return type >= 16 && type <= 21;
}

/* VPS, SPS, PPS, AUD, prefix SEI */
static gboolean
is_h265_leading (guint type, const guint8 * data, gsize size)
{
  return (type >= 32 && type <= 35) || type == 39;
}

/* Whether the packet is a fragment of a unit in front of a picture, such as a long SEI. */
static gboolean
is_leading_fragment (GstRcastCodec codec, const guint8 * p, gsize size)
{
  guint type = size > 0 ? gst_rcast_rtp_get_nal_type (codec, p[0]) : 0;

  if (codec == GST_RCAST_CODEC_H264)
    return size >= 2 && type == GST_RCAST_H264_FU_A
        && is_h264_leading (p[1] & 0x1f, NULL, 0);
  return size >= 3 && type == GST_RCAST_H265_FU
      && is_h265_leading (p[2] & 0x3f, NULL, 0);
}

static GstRcastRtpStart
judge_start (gboolean picture, gboolean key, gboolean leading)
{
  if (picture)
    return key ? GST_RCAST_RTP_START_KEY : GST_RCAST_RTP_START_NONE;
  return leading ? GST_RCAST_RTP_START_LEADING : GST_RCAST_RTP_START_NONE;
}

/* --- other video --- */

/* RFC 7741 4.2: the start of partition 0, then the P bit of the VP8 header (4.3). */
static gboolean
vp8_starts_keyframe (const guint8 * p, gsize size)
{
  gsize pos = 1;

  if (size < 1 || !(p[0] & 0x10) || (p[0] & 0x07) != 0)
    return FALSE;
  if (p[0] & 0x80) {
    guint8 extension;

    if (size < 2)
      return FALSE;
    extension = p[1];
    pos = 2;
    if (extension & 0x80) {     /* PictureID, of 7 or 15 bits */
      if (pos >= size)
        return FALSE;
      pos += (p[pos] & 0x80) ? 2 : 1;
    }
    if (extension & 0x40)       /* TL0PICIDX */
      pos++;
    if (extension & 0x30)       /* TID, Y and KEYIDX share a byte */
      pos++;
  }
  return pos < size && (p[pos] & 0x01) == 0;
}

/* RFC 9628 4.2: start of a frame (B) that is not inter-picture predicted (P), of
 * the lowest spatial layer. */
static gboolean
vp9_starts_keyframe (const guint8 * p, gsize size)
{
  gsize pos = 1;

  if (size < 1 || (p[0] & 0x40) || !(p[0] & 0x08))
    return FALSE;
  if (p[0] & 0x80) {            /* PictureID, of 7 or 15 bits */
    if (pos >= size)
      return FALSE;
    pos += (p[pos] & 0x80) ? 2 : 1;
  }
  if (p[0] & 0x20) {            /* layer indices: TID, U, SID, D */
    if (pos >= size)
      return FALSE;
    return ((p[pos] >> 1) & 0x07) == 0;
  }
  return pos < size;
}

/* AV1 RTP 4.4: N means that a coded video sequence starts here. Then Z, which means that the
 * packet continues an OBU of the previous one, must be 0. */
static gboolean
av1_starts_keyframe (const guint8 * p, gsize size)
{
  return size >= 2 && (p[0] & 0x08) != 0 && (p[0] & 0x80) == 0;
}

/**
 * gst_rcast_rtp_starts_keyframe:
 * @codec: codec of the packet
 * @payload: payload of one packet
 * @size: its size
 *
 * Whether a decoder that has seen nothing can start at this packet: the first packet of a key
 * frame, or of the parameter sets in front of it. A frame in several slices has several such
 * packets. Decoding can start anywhere with codecs without prediction between packets, and
 * with unknown ones.
 *
 * Returns: %TRUE if a decoder can start here
 */
gboolean
gst_rcast_rtp_starts_keyframe (GstRcastCodec codec, const guint8 * payload,
    gsize size)
{
  switch (codec) {
    case GST_RCAST_CODEC_H264:
      return h264_starts (payload, size, is_h264_key);
    case GST_RCAST_CODEC_H265:
      return h265_starts (payload, size, is_h265_key);
    case GST_RCAST_CODEC_VP8:
      return vp8_starts_keyframe (payload, size);
    case GST_RCAST_CODEC_VP9:
      return vp9_starts_keyframe (payload, size);
    case GST_RCAST_CODEC_AV1:
      return av1_starts_keyframe (payload, size);
    case GST_RCAST_CODEC_UNKNOWN:
    case GST_RCAST_CODEC_OPUS:
    case GST_RCAST_CODEC_PCMU:
    case GST_RCAST_CODEC_PCMA:
      return TRUE;
  }
  return TRUE;
}

/**
 * gst_rcast_rtp_find_start:
 * @codec: codec of the packet
 * @payload: payload of one packet
 * @size: its size
 *
 * Parameter sets of H.264 and H.265 are no key frame: encoders also repeat them in front of other
 * pictures. The picture after them decides.
 *
 * Returns: whether a key frame starts here, or there are only units in front of a picture
 */
GstRcastRtpStart
gst_rcast_rtp_find_start (GstRcastCodec codec, const guint8 * payload,
    gsize size)
{
  if (codec == GST_RCAST_CODEC_H264)
    return judge_start (h264_starts (payload, size, is_h264_picture),
        h264_starts (payload, size, is_h264_idr),
        h264_starts (payload, size, is_h264_leading)
        || is_leading_fragment (codec, payload, size));
  if (codec == GST_RCAST_CODEC_H265)
    return judge_start (h265_starts (payload, size, is_h265_picture),
        h265_starts (payload, size, is_h265_irap),
        h265_starts (payload, size, is_h265_leading)
        || is_leading_fragment (codec, payload, size));
  return gst_rcast_rtp_starts_keyframe (codec, payload, size) ?
      GST_RCAST_RTP_START_KEY : GST_RCAST_RTP_START_NONE;
}

/**
 * gst_rcast_rtp_starts_recovery:
 * @codec: codec of the packet
 * @payload: payload of one packet
 * @size: its size
 *
 * Whether a decoder that has the parameter sets can start at this packet without a key frame: it
 * has a recovery point SEI message of H.264 (D.1.8) or H.265 (D.2.8), as encoders with intra
 * refresh and open GOPs write it. The picture is complete some frames later, when the refresh is
 * over.
 *
 * Returns: %TRUE if the packet has a recovery point
 */
gboolean
gst_rcast_rtp_starts_recovery (GstRcastCodec codec, const guint8 * payload,
    gsize size)
{
  if (codec == GST_RCAST_CODEC_H264)
    return h264_starts (payload, size, is_h264_recovery);
  return codec == GST_RCAST_CODEC_H265
      && h265_starts (payload, size, is_h265_recovery);
}

/**
 * gst_rcast_opus_get_duration:
 * @data: an Opus packet
 * @size: its size
 *
 * Returns: how long the packet plays (RFC 6716 3.1, 3.2), or %GST_CLOCK_TIME_NONE if it is
 *   no Opus packet
 */
GstClockTime
gst_rcast_opus_get_duration (const guint8 * data, gsize size)
{
  /* Microseconds of one frame, by ranges of config, then config modulo 4 or 2. */
  static const guint silk[] = { 10000, 20000, 40000, 60000 };
  static const guint hybrid[] = { 10000, 20000 };
  static const guint celt[] = { 2500, 5000, 10000, 20000 };
  guint config, frame, count;

  if (size < 1)
    return GST_CLOCK_TIME_NONE;
  config = data[0] >> 3;
  if (config < 12)
    frame = silk[config % 4];
  else if (config < 16)
    frame = hybrid[config % 2];
  else
    frame = celt[config % 4];

  switch (data[0] & 0x03) {
    case 0:
      count = 1;
      break;
    case 3:
      if (size < 2)
        return GST_CLOCK_TIME_NONE;
      count = data[1] & 0x3f;
      break;
    default:
      count = 2;
      break;
  }
  /* RFC 6716 3.4 R5: 120 ms at most. */
  if (count == 0 || count * frame > 120000)
    return GST_CLOCK_TIME_NONE;
  return count * frame * GST_USECOND;
}

/* RFC 3551 6, RFC 3389 4: comfort noise */
#define COMFORT_NOISE 13
/* RFC 6716 3.1, 3.2.5: the TOC and, in code 3, the frame count, without any frame */
#define LONGEST_OPUS_WITHOUT_SOUND 2

/**
 * gst_rcast_rtp_announces_pause:
 * @codec: codec of the stream
 * @payload_type: payload type of a packet
 * @payload_size: size of its payload in bytes
 *
 * Detects discontinuous transmission, which sends nothing during silence.
 *
 * Returns: whether nothing may come for a while after the packet
 */
gboolean
gst_rcast_rtp_announces_pause (GstRcastCodec codec, guint payload_type,
    gsize payload_size)
{
  if (codec == GST_RCAST_CODEC_OPUS)
    return payload_size <= LONGEST_OPUS_WITHOUT_SOUND;
  return payload_type == COMFORT_NOISE && !gst_rcast_codec_is_video (codec);
}
