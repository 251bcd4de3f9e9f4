/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of rcastsrc: made when media comes, and kept until it stops. */
#pragma once

#include <gst/gst.h>

#include "gstrcastoutlet.h"
#include "gstrcastreception.h"
#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastOutletsSettings:
 * @outlet: settings of each pad
 * @output: what new connections deliver
 * @latency: latency of the jitter buffers, in ms
 * @video_streams: how many video streams an offer asks for
 * @audio_streams: how many audio streams an offer asks for
 */
typedef struct {
  GstRcastOutletSettings outlet;
  GstRcastOutput output;
  guint latency;
  guint video_streams;
  guint audio_streams;
} GstRcastOutletsSettings;

/* Signal "latency-changed", on the thread that changes it, with the new latency in ms. */
#define GST_TYPE_RCAST_OUTLETS (gst_rcast_outlets_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastOutlets, gst_rcast_outlets, GST, RCAST_OUTLETS, GstObject)

GstRcastOutlets * gst_rcast_outlets_new         (GstElement      * element);
void              gst_rcast_outlets_set         (GstRcastOutlets * self,
                                                 const GstRcastOutletsSettings * settings);
GstRcastReceptionWatch *
                  gst_rcast_outlets_get_reception (GstRcastOutlets * self);
GstRcastOutput    gst_rcast_outlets_get_output  (GstRcastOutlets * self);
guint             gst_rcast_outlets_get_wanted  (GstRcastOutlets * self,
                                                 GstRcastMedia     media);
void              gst_rcast_outlets_open        (GstRcastOutlets * self);
void              gst_rcast_outlets_close       (GstRcastOutlets * self);
void              gst_rcast_outlets_set_playing (GstRcastOutlets * self,
                                                 gboolean          playing);
void              gst_rcast_outlets_end         (GstRcastOutlets * self);
gboolean          gst_rcast_outlets_are_ended   (GstRcastOutlets * self);
void              gst_rcast_outlets_expect      (GstRcastOutlets * self,
                                                 guint             n_video,
                                                 guint             n_audio);
void              gst_rcast_outlets_note_packets (GstRcastOutlets * self,
                                                  GstRcastMedia     media,
                                                  guint             index);
GstRcastOutlet *  gst_rcast_outlets_take        (GstRcastOutlets * self,
                                                 GstRcastMedia     media,
                                                 guint             index,
                                                 GstCaps         * caps);
void              gst_rcast_outlets_add_stats   (GstRcastOutlets * self,
                                                 GstStructure    * stats);

G_END_DECLS
