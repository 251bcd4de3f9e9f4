/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which elements make RTP out of which caps, and how an encoder is set for a live broadcast. */
#pragma once

#include <gst/gst.h>

#include "rcast-rtp.h"

G_BEGIN_DECLS

/**
 * GstRcastEncoderSettings:
 * @bitrate: bits/s, 0 for one by size
 * @keyframe_interval: milliseconds
 * @width: pixels, 0 for audio
 * @height: pixels, 0 for audio
 * @fps_n: frame rate, 0 if it varies
 * @fps_d: its denominator
 *
 * What an encoder is set to.
 */
typedef struct {
  guint bitrate;
  guint keyframe_interval;
  gint width;
  gint height;
  gint fps_n;
  gint fps_d;
} GstRcastEncoderSettings;

const gchar *  gst_rcast_codec_get_parser      (GstRcastCodec codec);
const gchar *  gst_rcast_codec_get_payloader   (GstRcastCodec codec);
GstCaps *      gst_rcast_codec_get_caps        (GstRcastCodec codec);
GArray *       gst_rcast_codecs_for_raw        (const GstCaps * raw);

GList *        gst_rcast_encoders_find         (GstRcastCodec codec, const GstCaps * raw);
void           gst_rcast_encoders_add_memories (GstCaps * accepted);
GstCaps *      gst_rcast_encoder_get_input     (GstElementFactory * factory, const GstCaps * raw);
GstCaps *      gst_rcast_encoder_get_output    (GstElementFactory * factory, GstRcastCodec codec);
void           gst_rcast_encoder_tune          (GstElement * encoder, const GstRcastEncoderSettings * settings);
void           gst_rcast_encoder_set_bitrate   (GstElement * encoder, const GstRcastEncoderSettings * settings);

gboolean       gst_rcast_caps_in_system_memory (const GstCaps * caps);
guint8         gst_rcast_h264_level            (const GstRcastEncoderSettings * settings);

G_END_DECLS
