/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which frames of a video can be left out, as RTP payloads tell. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastLayersFrame:
 * @known: what follows is known; %FALSE: the packet has parameter sets and the like, and
 *   the next one of the frame tells
 * @key: a decoder can start here
 * @droppable: no frame of its layer needs it
 * @layer: its temporal layer, 0: the lowest, or there are none
 * @up: frames of the layer can be taken up here that were left out before
 *
 * What the first packet of a frame says. A plain struct.
 */
typedef struct {
  gboolean known, key, droppable, up;
  guint layer;
} GstRcastLayersFrame;

GstRcastLayersFrame gst_rcast_layers_read (GstRcastCodec codec, const guint8 * payload, gsize size);

G_END_DECLS
