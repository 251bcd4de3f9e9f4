/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be done to raw video and audio of any kind, so that every WebRTC receiver shows and plays it right. */
#pragma once

#include "rcast-codec.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastPicture:
 * @width: pixels that are sent: square ones, and an even number
 * @height: the same
 * @scaled: whether that is another size than the source has
 * @interlaced: the source has fields
 *
 * What a receiver gets of raw video.
 */
typedef struct {
  gint width;
  gint height;
  gboolean scaled;
  gboolean interlaced;
} GstRcastPicture;

/**
 * GstRcastCrop:
 * @left: pixels that are cut off
 * @top: the same
 * @right: the same
 * @bottom: the same
 *
 * What of a picture is not to be seen.
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
