/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and writes RTP: header fields, starts of key frames, durations of Opus packets. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/* RFC 3550 5.1: the fixed part of the header. */
#define GST_RCAST_RTP_HEADER_SIZE 12

/* A header with 15 CSRCs and extensions of two words. */
#define GST_RCAST_RTP_MAX_HEADER_SIZE (GST_RCAST_RTP_HEADER_SIZE + 15 * 4 + 12)

/* The RTP session fills in the number right before the packet leaves. */
#define GST_RCAST_RTP_TWCC_URI \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
/* The id is the same in every offer, and so in every answer (RFC 8285 6). */
#define GST_RCAST_RTP_TWCC_ID 1

/* Carries the time of sending. Most servers that limit the rate by REMB need it to estimate
 * the rate. */
#define GST_RCAST_RTP_SEND_TIME_URI \
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
#define GST_RCAST_RTP_SEND_TIME_ID 2

/* RFC 6184 5.2, RFC 7798 4.4: types of payloads that are no single NAL unit */
#define GST_RCAST_H264_STAP_A 24
#define GST_RCAST_H264_STAP_B 25
#define GST_RCAST_H264_FU_A 28
#define GST_RCAST_H264_FU_B 29
#define GST_RCAST_H265_AP 48
#define GST_RCAST_H265_FU 49

/**
 * GstRcastRtpHeader:
 * @marker: the M bit
 * @payload_type: 0-127
 * @sequence: sequence number
 * @timestamp: RTP timestamp
 * @ssrc: synchronization source
 * @payload_offset: where the payload starts, behind CSRCs and extension
 * @payload_size: its size without the padding
 *
 * The fields of one packet (RFC 3550 5.1).
 */
typedef struct {
  gboolean marker;
  guint payload_type;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;
  gsize payload_offset;
  gsize payload_size;
} GstRcastRtpHeader;

/**
 * GstRcastRtpExtensions:
 * @twcc_id: id of the transport-wide sequence number, 0: none
 * @send_time_id: id of the time of sending, 0: none
 * @now: time of sending, by any monotonic clock
 *
 * Header extensions with one-byte ids, 1 to 14 (RFC 8285 4.2).
 */
typedef struct {
  guint twcc_id;
  guint send_time_id;
  GstClockTime now;
} GstRcastRtpExtensions;

/**
 * GstRcastRtpStart:
 * @GST_RCAST_RTP_START_NONE: a picture that is no key frame, or the rest of one
 * @GST_RCAST_RTP_START_LEADING: only units in front of a picture: parameter sets,
 *   SEI messages, access unit delimiters
 * @GST_RCAST_RTP_START_KEY: a key frame starts here
 *
 * What a packet shows of the frame that it belongs to.
 */
typedef enum {
  GST_RCAST_RTP_START_NONE,
  GST_RCAST_RTP_START_LEADING,
  GST_RCAST_RTP_START_KEY,
} GstRcastRtpStart;

/* Reads unaligned data, unlike GST_READ_UINT16_BE() and GST_READ_UINT32_BE(). */
static inline guint16
gst_rcast_rtp_read_u16 (const guint8 * p)
{
  return p[0] << 8 | p[1];
}

static inline guint32
gst_rcast_rtp_read_u32 (const guint8 * p)
{
  return (guint32) gst_rcast_rtp_read_u16 (p) << 16
      | gst_rcast_rtp_read_u16 (p + 2);
}

/* @codec: H.264 or H.265; @header: the first byte of a NAL unit or of a payload.
 * Returns: the NAL unit type */
static inline guint
gst_rcast_rtp_get_nal_type (GstRcastCodec codec, guint8 header)
{
  return codec == GST_RCAST_CODEC_H264 ? header & 0x1f : (header >> 1) & 0x3f;
}

gboolean       gst_rcast_rtp_parse_header       (const guint8 * data, gsize size, GstRcastRtpHeader * header);
gsize          gst_rcast_rtp_write_header       (guint8 * out, const guint8 * in, const GstRcastRtpHeader * header, const GstRcastRtpExtensions * extensions);
gboolean       gst_rcast_rtp_find_twcc          (const guint8 * data, gsize size, guint twcc_id, guint16 * number);
gboolean       gst_rcast_rtp_starts_keyframe    (GstRcastCodec codec, const guint8 * payload, gsize size);
GstRcastRtpStart gst_rcast_rtp_find_start       (GstRcastCodec codec, const guint8 * payload, gsize size);
gboolean       gst_rcast_rtp_starts_recovery    (GstRcastCodec codec, const guint8 * payload, gsize size);

GstClockTime   gst_rcast_opus_get_duration      (const guint8 * data, gsize size);
gboolean       gst_rcast_rtp_announces_pause    (GstRcastCodec codec, guint payload_type, gsize payload_size);

G_END_DECLS
