/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decodes the media of an outlet, whatever its codec is at the moment. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/*
 * A bin between an outlet and a pad of rcastsrc. Its src pad, "src", stays over changes of the
 * codec, with one stream, one segment, and new caps when they differ. A decoder that fails is
 * replaced, by the next best one if it has decoded nothing. No error leaves the bin.
 */
#define GST_TYPE_RCAST_DECODER (gst_rcast_decoder_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastDecoder, gst_rcast_decoder, GST, RCAST_DECODER, GstBin)

GstElement * gst_rcast_decoder_new     (GstPad         * outlet,
                                        GstRcastMedia    media);

gboolean     gst_rcast_decoder_can     (const GstCaps  * caps,
                                        gboolean         complete);

G_END_DECLS
