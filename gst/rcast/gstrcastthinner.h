/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drops frames of a video that does not follow the network. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastThinnerCallbacks:
 * @ask: a key frame is welcome
 * @skipped: a frame was dropped
 * @thin: frames are dropped from now on: the network carries @target bit/s, and @offered come in
 *
 * Called on the streaming thread.
 */
typedef struct {
  void (*ask)     (gpointer data);
  void (*skipped) (gpointer data);
  void (*thin)    (guint64 target, guint64 offered, gpointer data);
} GstRcastThinnerCallbacks;

typedef struct _GstRcastThinner GstRcastThinner;

GstRcastThinner * gst_rcast_thinner_new       (const GstRcastThinnerCallbacks * callbacks,
                                               gpointer                         data);
void              gst_rcast_thinner_free      (GstRcastThinner * self);
void              gst_rcast_thinner_reset     (GstRcastThinner * self);
void              gst_rcast_thinner_set_codec (GstRcastThinner * self,
                                               GstRcastCodec     codec);
GstPadProbeReturn gst_rcast_thinner_filter    (GstRcastThinner * self,
                                               GstPadProbeInfo * info,
                                               guint64           target);

G_END_DECLS
