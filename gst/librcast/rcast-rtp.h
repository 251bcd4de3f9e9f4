/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sender must read in RTP: which codec, which header fields, where a key frame starts. Pure functions. */
#pragma once

#include <gst/gst.h>

#include "rcast-api.h"

G_BEGIN_DECLS

/**
 * GstRcastCodec:
 * @GST_RCAST_CODEC_UNKNOWN: none of those below
 * @GST_RCAST_CODEC_H264: H.264 (RFC 6184)
 * @GST_RCAST_CODEC_VP8: VP8 (RFC 7741)
 * @GST_RCAST_CODEC_VP9: VP9 (RFC 9628)
 * @GST_RCAST_CODEC_AV1: AV1 (AOM, RTP Payload Format For AV1)
 * @GST_RCAST_CODEC_H265: H.265 (RFC 7798)
 * @GST_RCAST_CODEC_OPUS: Opus (RFC 7587)
 * @GST_RCAST_CODEC_PCMU: G.711 mu-law (RFC 3551)
 * @GST_RCAST_CODEC_PCMA: G.711 A-law (RFC 3551)
 *
 * The codecs that WebRTC servers take; of two encoders of equal rank the one
 * whose codec stands first here is preferred.
 */
typedef enum {
  GST_RCAST_CODEC_UNKNOWN,
  GST_RCAST_CODEC_H264,
  GST_RCAST_CODEC_VP8,
  GST_RCAST_CODEC_VP9,
  GST_RCAST_CODEC_AV1,
  GST_RCAST_CODEC_H265,
  GST_RCAST_CODEC_OPUS,
  GST_RCAST_CODEC_PCMU,
  GST_RCAST_CODEC_PCMA,
} GstRcastCodec;

#define GST_RCAST_N_CODECS (GST_RCAST_CODEC_PCMA + 1)

/* RFC 3550 5.1: the fixed part of the header. */
#define GST_RCAST_RTP_HEADER_SIZE 12

/* With 15 CSRCs and one extension of one word. */
#define GST_RCAST_RTP_MAX_HEADER_SIZE (GST_RCAST_RTP_HEADER_SIZE + 15 * 4 + 8)

/* Its placeholder is numbered by the RTP session, right before the packet leaves. */
#define GST_RCAST_RTP_TWCC_URI \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

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

GST_RCAST_API
gboolean       gst_rcast_rtp_parse_header       (const guint8 * data, gsize size, GstRcastRtpHeader * header);
GST_RCAST_API
gsize          gst_rcast_rtp_write_header       (guint8 * out, const guint8 * in, const GstRcastRtpHeader * header, guint twcc_id);
GST_RCAST_API
gboolean       gst_rcast_rtp_starts_keyframe    (GstRcastCodec codec, const guint8 * payload, gsize size);

GST_RCAST_API
GstClockTime   gst_rcast_opus_get_duration      (const guint8 * data, gsize size);

GST_RCAST_API
GstRcastCodec  gst_rcast_codec_from_caps        (const GstCaps * caps);
GST_RCAST_API
const gchar *  gst_rcast_codec_get_encoding_name (GstRcastCodec codec);
GST_RCAST_API
gboolean       gst_rcast_codec_is_video         (GstRcastCodec codec);

G_END_DECLS
