/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells from RTP payloads which frames of a video can be dropped. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastLayersFrame:
 * @known: the other fields are valid; %FALSE: the packet only has parameter sets and the like,
 *   and the next packet of the frame decides
 * @key: a decoder can start here
 * @droppable: no other frame of its layer needs this frame
 * @layer: temporal layer; 0: the lowest, or there are none
 * @up: the layer can be resumed here after its frames were dropped
 *
 * What the first packet of a frame tells. A plain struct.
 */
typedef struct {
  gboolean known, key, droppable, up;
  guint layer;
} GstRcastLayersFrame;

GstRcastLayersFrame gst_rcast_layers_read (GstRcastCodec codec, const guint8 * payload, gsize size);

G_END_DECLS
