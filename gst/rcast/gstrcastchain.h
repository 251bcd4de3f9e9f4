/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The elements that turn a stream into RTP: (convert ! encode !) parse ! pay. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoders.h"
#include "rcast-codec.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_CHAIN (gst_rcast_chain_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastChain, gst_rcast_chain, GST, RCAST_CHAIN, GstBin)

/* Called once for an encoder that is about to start. */
typedef void (*GstRcastChainSetup) (GstElement * stream, GstElement * encoder);

GstElement * gst_rcast_chain_new          (GstElement * stream, const gchar * name, guint mtu,
                                           const GstRcastPacking * packing);
gboolean     gst_rcast_chain_build        (GstElement * chain, GstRcastCodec codec, const GstCaps * caps,
                                           const GstRcastEncoderSettings * settings, GstRcastChainSetup setup);
GstPad *     gst_rcast_chain_get_frames   (GstElement * chain);
gboolean     gst_rcast_chain_can_scale    (GstElement * chain);
void         gst_rcast_chain_set_picture  (GstElement * chain, guint divisor, guint nth_frame);
gboolean     gst_rcast_chain_set_packing  (GstElement * chain, const GstRcastPacking * packing);
gboolean     gst_rcast_chain_move_crop    (GstElement * chain, const GstRcastCrop * crop);
void         gst_rcast_chain_drain        (GstElement * chain);

void         gst_rcast_chain_post_error   (GstElement * stream, GstCoreError code, const gchar * text,
                                           const GstCaps * caps);
void         gst_rcast_chain_post_refused (GstElement * stream, const GstCaps * caps);
void         gst_rcast_chain_post_unencodable (GstElement * stream, const GstCaps * caps);

G_END_DECLS
