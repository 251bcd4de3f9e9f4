/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the streams of one broadcast share to stay in sync: common jumps, and the audio clock. */
#pragma once

#include <gst/gst.h>

#include "rcast-epoch.h"

G_BEGIN_DECLS

typedef struct _GstRcastSync GstRcastSync;

GstRcastSync * gst_rcast_sync_new   (void);
GstRcastSync * gst_rcast_sync_ref   (GstRcastSync * sync);
void           gst_rcast_sync_unref (GstRcastSync * sync);

/* Any thread. None of these functions blocks. */
void           gst_rcast_sync_map   (GstRcastSync * sync, GstRcastEpoch * epoch,
                                     const GstRcastEpochInput * input, GstRcastEpochOutput * output);
void           gst_rcast_sync_set_audio_drift (GstRcastSync * sync, gint64 drift);
gint64         gst_rcast_sync_get_audio_drift (GstRcastSync * sync);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastSync, gst_rcast_sync_unref)

G_END_DECLS
