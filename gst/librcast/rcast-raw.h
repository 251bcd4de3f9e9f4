/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prepares raw video and audio of any kind so that every WebRTC receiver plays it correctly. */
#pragma once

#include "rcast-codec.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastPicture:
 * @width: width that is sent, in square pixels; even
 * @height: height that is sent; even
 * @scaled: whether the size differs from that of the source
 * @interlaced: the source has fields
 *
 * The picture that a receiver gets of raw video.
 */
typedef struct {
  gint width;
  gint height;
  gboolean scaled;
  gboolean interlaced;
} GstRcastPicture;

/**
 * GstRcastCrop:
 * @left: pixels to cut off on the left
 * @top: lines to cut off at the top
 * @right: pixels to cut off on the right
 * @bottom: lines to cut off at the bottom
 *
 * The part of a picture that is not shown.
 */
typedef struct {
  gint left;
  gint top;
  gint right;
  gint bottom;
} GstRcastCrop;

gboolean        gst_rcast_raw_in_system_memory (const GstCaps * caps);
GstRcastCrop    gst_rcast_raw_make_crop        (const GstCaps * caps,
                                                guint           x,
                                                guint           y,
                                                guint           width,
                                                guint           height);
gboolean        gst_rcast_crop_is_same         (const GstRcastCrop * one,
                                                const GstRcastCrop * other);
GstCaps *       gst_rcast_raw_crop             (const GstCaps * caps,
                                                const GstRcastCrop * crop);
GstCaps *       gst_rcast_raw_complete         (const GstCaps * caps);
GstRcastPicture gst_rcast_raw_get_picture      (const GstCaps * caps);
guint           gst_rcast_raw_get_channels     (const GstCaps   * caps,
                                                GstRcastAudioMix  mix);
GPtrArray *     gst_rcast_raw_plan             (const GstCaps   * caps,
                                                GstRcastCodec     codec,
                                                GstRcastAudioMix  mix,
                                                guint             channels);

G_END_DECLS
