/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Table of the codecs that can be sent: names, caps, elements, and SDP parameters. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastMedia:
 * @GST_RCAST_MEDIA_VIDEO: video
 * @GST_RCAST_MEDIA_AUDIO: audio
 *
 * What a stream carries.
 */
typedef enum {
  GST_RCAST_MEDIA_VIDEO,
  GST_RCAST_MEDIA_AUDIO,
} GstRcastMedia;

/**
 * GstRcastCodec:
 * @GST_RCAST_CODEC_UNKNOWN: none of the codecs below
 * @GST_RCAST_CODEC_H264: H.264 (RFC 6184)
 * @GST_RCAST_CODEC_VP8: VP8 (RFC 7741)
 * @GST_RCAST_CODEC_VP9: VP9 (RFC 9628)
 * @GST_RCAST_CODEC_AV1: AV1 (AOM, RTP Payload Format For AV1)
 * @GST_RCAST_CODEC_H265: H.265 (RFC 7798)
 * @GST_RCAST_CODEC_OPUS: Opus (RFC 7587)
 * @GST_RCAST_CODEC_PCMU: G.711 mu-law (RFC 3551)
 * @GST_RCAST_CODEC_PCMA: G.711 A-law (RFC 3551)
 *
 * The codecs that WebRTC servers accept. Of two encoders of equal rank, the one whose codec
 * comes first here is preferred.
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

/**
 * GstRcastInput:
 * @GST_RCAST_INPUT_NONE: no caps yet
 * @GST_RCAST_INPUT_RTP: RTP packets, sent as they are
 * @GST_RCAST_INPUT_ENCODED: encoded frames, to be payloaded
 * @GST_RCAST_INPUT_RAW: raw media, to be encoded first
 *
 * The kind of input of a stream.
 */
typedef enum {
  GST_RCAST_INPUT_NONE,
  GST_RCAST_INPUT_RTP,
  GST_RCAST_INPUT_ENCODED,
  GST_RCAST_INPUT_RAW,
} GstRcastInput;

/* Fields in RTP caps: the ptime attribute of the m-line in SDP; the packet time that the answer
 * led to, a GstClockTime as G_TYPE_UINT64; whether the peer accepts single NAL units only, a
 * boolean */
#define GST_RCAST_OFFERED_PTIME "a-ptime"
#define GST_RCAST_NEGOTIATED_PTIME "packet-time"
#define GST_RCAST_NEGOTIATED_SINGLE_UNITS "single-units"
/* The default of RFC 3551 4.2 */
#define GST_RCAST_DEFAULT_PTIME (20 * GST_MSECOND)

/**
 * GstRcastPacking:
 * @ptime: how much audio a packet holds
 * @single_units: whether each H.264 packet holds exactly one whole NAL unit
 *   (packetization-mode 0: RFC 6184 6.2)
 *
 * How the answer wants packets to be filled.
 */
typedef struct {
  GstClockTime ptime;
  gboolean single_units;
} GstRcastPacking;

const gchar *  gst_rcast_media_get_name           (GstRcastMedia media);
GstCaps *      gst_rcast_media_get_caps           (GstRcastMedia media);

GstRcastCodec  gst_rcast_codec_from_name          (const gchar * encoding_name);
GstRcastCodec  gst_rcast_codec_from_caps          (const GstCaps * caps);
const gchar *  gst_rcast_codec_canonical_name     (const gchar * encoding_name);

const gchar *  gst_rcast_codec_get_encoding_name  (GstRcastCodec codec);
GstRcastMedia  gst_rcast_codec_get_media          (GstRcastCodec codec);
gboolean       gst_rcast_codec_is_video           (GstRcastCodec codec);
gint           gst_rcast_codec_get_payload_type   (GstRcastCodec codec);
GstCaps *      gst_rcast_codec_get_caps           (GstRcastCodec codec);
GstCaps *      gst_rcast_codec_get_raw_caps       (GstRcastCodec codec);
const gchar *  gst_rcast_codec_get_parser         (GstRcastCodec codec);
GstCaps *      gst_rcast_codec_get_parsed_caps    (GstRcastCodec codec);
const gchar *  gst_rcast_codec_get_payloader      (GstRcastCodec codec);
const gchar *  gst_rcast_codec_get_depayloader    (GstRcastCodec codec);

GstStructure * gst_rcast_codec_make_offer         (GstRcastCodec codec);
GstStructure * gst_rcast_codec_make_offer_of_rtp  (const GstCaps * rtp, GstRcastMedia media, GstRcastInput from);

GstCaps *      gst_rcast_codecs_make_request      (GstRcastMedia media, guint codecs_mask);
GstCaps *      gst_rcast_codecs_make_offer        (const GArray * choice, guint8 h264_level,
                                                   guint channels, GstRcastCodec running, const GstCaps * made);
gboolean       gst_rcast_offer_is_same            (const GstCaps * one, const GstCaps * other);

GstClockTime   gst_rcast_ptime_choose             (const gchar * ptime, const gchar * maxptime);
gboolean       gst_rcast_codec_wants_single_units (const GstStructure * answered);
GstRcastPacking gst_rcast_packing_from_caps       (const GstCaps * negotiated);
gboolean       gst_rcast_codec_follows_ptime      (GstRcastCodec codec);
const gchar *  gst_rcast_opus_choose_frame        (GstClockTime ptime);

GstRcastInput  gst_rcast_input_from_caps          (const GstCaps * caps);
const gchar *  gst_rcast_input_find_fault         (const GstCaps * caps);
GstCaps *      gst_rcast_rtp_caps_complete        (const GstCaps * caps);

guint8         gst_rcast_h264_level               (gint width, gint height, guint frames_per_second);
gchar *        gst_rcast_h264_promise             (guint8 level_idc, const gchar * made);

G_END_DECLS
