/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pacer that the feeds of one webrtcbin share. */
#pragma once

#include "rcast-pacer.h"

G_BEGIN_DECLS

typedef struct _GstRcastPacing GstRcastPacing;

GstRcastPacing * gst_rcast_pacing_new      (void);
GstRcastPacing * gst_rcast_pacing_ref      (GstRcastPacing * self);
void             gst_rcast_pacing_unref    (GstRcastPacing * self);

void             gst_rcast_pacing_set_rate (GstRcastPacing * self,
                                            guint64          rate,
                                            gsize            burst);
void             gst_rcast_pacing_charge   (GstRcastPacing * self,
                                            gsize            bytes);
gsize            gst_rcast_pacing_get_room (GstRcastPacing           * self,
                                            const GstRcastPacerQueue * queue,
                                            GstClockTime             * next);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastPacing, gst_rcast_pacing_unref)

G_END_DECLS
