/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The installed encoders for raw caps, and the caps that they take and make. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"
#include "rcast-raw.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/* Default time between key frames, in ms */
#define GST_RCAST_KEY_FRAME_INTERVAL 2000

/* Frame rate if it is not known */
#define GST_RCAST_DEFAULT_FPS 30

/**
 * GstRcastEncoderSettings:
 * @bitrate: bit/s; 0: for video by size and frame rate, for audio the encoder's own
 * @keyframe_interval: milliseconds
 * @width: pixels, 0 for audio
 * @height: pixels, 0 for audio
 * @fps_n: frame rate, 0 if it varies
 * @fps_d: its denominator
 * @channels: of audio: how many are encoded; 0 for video
 * @audio_mix: how to mix them from the channels that come in
 * @crop: what to cut off to get @width and @height
 *
 * Settings of an encoder.
 */
typedef struct {
  guint bitrate;
  guint keyframe_interval;
  gint width;
  gint height;
  gint fps_n;
  gint fps_d;
  guint channels;
  GstRcastAudioMix audio_mix;
  GstRcastCrop crop;
} GstRcastEncoderSettings;

GArray *       gst_rcast_codecs_for_raw        (const GstCaps * raw);
gboolean       gst_rcast_codecs_have           (const GArray * codecs, GstRcastCodec codec);
gboolean       gst_rcast_encoders_can_pay      (GstRcastCodec codec);

GList *        gst_rcast_encoders_find         (GstRcastCodec codec, const GstCaps * raw);
GstCaps *      gst_rcast_encoders_get_accepted (GstRcastMedia media);
GstCaps *      gst_rcast_encoder_get_input     (GstElementFactory * factory, const GstCaps * raw);
GstCaps *      gst_rcast_encoder_get_output    (GstElementFactory * factory, GstRcastCodec codec);

guint          gst_rcast_encoder_settings_get_fps (const GstRcastEncoderSettings * settings);

G_END_DECLS
