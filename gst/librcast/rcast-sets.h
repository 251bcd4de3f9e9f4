/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parameter sets of H.264 and H.265 in RTP, and key frames that lack them. */
#pragma once

#include "rcast-codec.h"

G_BEGIN_DECLS

typedef struct _GstRcastSets GstRcastSets;

GstRcastSets *    gst_rcast_sets_new        (GstRcastCodec codec);
void              gst_rcast_sets_free       (GstRcastSets * self);
void              gst_rcast_sets_take_caps  (GstRcastSets * self, const GstCaps * caps);
void              gst_rcast_sets_set_recovery
                                            (GstRcastSets * self, gboolean at_recovery);
gboolean          gst_rcast_sets_look       (GstRcastSets * self, const guint8 * payload, gsize size,
                                             guint32 timestamp);
const GPtrArray * gst_rcast_sets_get        (const GstRcastSets * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastSets, gst_rcast_sets_free)

G_END_DECLS
