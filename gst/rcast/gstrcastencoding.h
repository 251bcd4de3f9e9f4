/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The encoder settings of one stream, its own or those of all, before the encoder starts and
 * while it runs. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoders.h"
#include "rcast-share.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_ENCODING (gst_rcast_encoding_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastEncoding, gst_rcast_encoding, GST, RCAST_ENCODING, GstObject)

/* Ids of the stream's properties, in a row from 1 */
enum {
  GST_RCAST_ENCODING_BITRATE = 1,
  GST_RCAST_ENCODING_KEY_FRAME_INTERVAL,
  GST_RCAST_ENCODING_AUDIO_MIX,
  GST_RCAST_ENCODING_REDUCE_PICTURE,
  GST_RCAST_ENCODING_PRIORITY,
  GST_RCAST_ENCODING_MIN_BITRATE,
  GST_RCAST_ENCODING_MAX_BITRATE,
  GST_RCAST_ENCODING_N_PROPS
};

/* Any thread may call these. A boolean that is returned says whether the encoder needs a key
 * frame to follow. */
GstRcastEncoding *      gst_rcast_encoding_new          (const gchar * name);
void                    gst_rcast_encoding_set_input    (GstRcastEncoding * encoding, const GstCaps * raw);
GstRcastEncoderSettings gst_rcast_encoding_get_settings (GstRcastEncoding * encoding);

gboolean                gst_rcast_encoding_set_defaults (GstRcastEncoding * encoding, guint bitrate, guint interval,
                                                         GstRcastAudioMix mix);

void                    gst_rcast_encoding_make_specs   (GParamSpec ** specs);
void                    gst_rcast_encoding_get_property (GstRcastEncoding * encoding, guint id, GValue * value);
gboolean                gst_rcast_encoding_set_property (GstRcastEncoding * encoding, guint id, const GValue * value);

void                    gst_rcast_encoding_begin        (GstRcastEncoding * encoding, GstElement * encoder,
                                                         const GstRcastPacking * packing, guint mtu);
void                    gst_rcast_encoding_start        (GstRcastEncoding * encoding);
void                    gst_rcast_encoding_set_target   (GstRcastEncoding * encoding, guint64 bits);
void                    gst_rcast_encoding_set_loss     (GstRcastEncoding * encoding, guint percent);
void                    gst_rcast_encoding_set_nth      (GstRcastEncoding * encoding, guint nth_frame);
gboolean                gst_rcast_encoding_may_reduce   (GstRcastEncoding * encoding);
guint64                 gst_rcast_encoding_get_ceiling  (GstRcastEncoding * encoding);
gboolean                gst_rcast_encoding_get_share    (GstRcastEncoding * encoding, GstRcastShareStream * share);
void                    gst_rcast_encoding_end          (GstRcastEncoding * encoding);
void                    gst_rcast_encoding_forget_input (GstRcastEncoding * encoding);
void                    gst_rcast_encoding_relax        (GstRcastEncoding * encoding,
                                                         GstClockTime       now);
GstElement *            gst_rcast_encoding_get_encoder  (GstRcastEncoding * encoding);
void                    gst_rcast_encoding_add_stats    (GstRcastEncoding * encoding, GstStructure * stats);

G_END_DECLS
