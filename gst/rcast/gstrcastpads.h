/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request pads of rcastsink, each with its stream. */
#pragma once

#include <gst/gst.h>

#include "gstrcaststream.h"
#include "rcast-report.h"

G_BEGIN_DECLS

/**
 * GstRcastPadsCallbacks:
 * @changed: a stream was added or removed, or can offer something else. Any thread
 * @encoder_setup: an encoder was made for the pad of that name. A streaming thread
 * @trouble: trouble of the pad of that name, as in gst_rcast_report_trouble(). A streaming
 *   thread
 */
typedef struct {
  void (*changed)       (gpointer data);
  void (*encoder_setup) (const gchar * pad, GstElement * encoder, gpointer data);
  void (*trouble)       (const gchar * pad, GstRcastTrouble trouble, gint64 ahead,
                         guint count, gpointer data);
} GstRcastPadsCallbacks;

/**
 * GstRcastPadsDefaults:
 * @bitrate: bit/s of the encoders of raw video, 0: by size and frame rate
 * @audio_bitrate: bit/s of the encoders of raw audio, 0: their default
 * @key_frame_interval: ms
 * @video_start: where encoded video starts to be sent
 * @key_frame_wait: ms until a stream is sent without a key frame, 0: never
 * @mtu: bytes of a packet
 * @audio_mix: how raw audio is mixed
 *
 * Settings of streams that do not have their own.
 */
typedef struct {
  guint bitrate, audio_bitrate;
  guint key_frame_interval;
  GstRcastVideoStart video_start;
  guint key_frame_wait;
  guint mtu;
  GstRcastAudioMix audio_mix;
} GstRcastPadsDefaults;

#define GST_TYPE_RCAST_PADS (gst_rcast_pads_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastPads, gst_rcast_pads, GST, RCAST_PADS, GstObject)

GstRcastPads * gst_rcast_pads_new          (GstBin                      * bin,
                                            const GstRcastPadsCallbacks * callbacks,
                                            gpointer                      data);
GstPad *       gst_rcast_pads_request      (GstRcastPads   * self,
                                            GstPadTemplate * template,
                                            const gchar    * wanted);
void           gst_rcast_pads_release      (GstRcastPads   * self,
                                            GstPad         * pad);
void           gst_rcast_pads_set_defaults (GstRcastPads               * self,
                                            const GstRcastPadsDefaults * defaults);
GPtrArray *    gst_rcast_pads_list_streams (GstRcastPads   * self);
void           gst_rcast_pads_add_stats    (GstRcastPads   * self,
                                            GstStructure   * stats);

G_END_DECLS
