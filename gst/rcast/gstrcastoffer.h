/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stream can be sent as, in the words of SDP. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoders.h"

G_BEGIN_DECLS

GstStructure * gst_rcast_offer_from_rtp  (const GstCaps * caps, const gchar * media);
GstStructure * gst_rcast_offer_for_codec (GstRcastCodec codec, const GstRcastEncoderSettings * settings,
                                          const gchar * made);

G_END_DECLS
