/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tunes an encoder for a live broadcast: bitrate, key frame interval and low latency, in the
 * encoder's units. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoders.h"

G_BEGIN_DECLS

void      gst_rcast_tune_encoder   (GstElement * encoder, const GstRcastEncoderSettings * settings);
guint     gst_rcast_tune_bitrate   (GstElement * encoder, const GstRcastEncoderSettings * settings);
void      gst_rcast_tune_packing   (GstElement * encoder, const GstRcastPacking * packing, guint mtu);
gboolean  gst_rcast_tune_set_bitrate (GstElement * encoder, gboolean video, guint bits);
guint64   gst_rcast_tune_get_bitrate (GstElement * encoder, gboolean video);
guint     gst_rcast_tune_get_buffer (GstElement * encoder);
void      gst_rcast_tune_set_buffer (GstElement * encoder, guint ms);
void      gst_rcast_tune_loss      (GstElement * encoder, guint told, guint percent);
gboolean  gst_rcast_tune_interval  (GstElement * encoder, const GstRcastEncoderSettings * settings);

G_END_DECLS
