/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One media stream: turns its input into RTP for any number of feeds, and never waits for the
 * network. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoding.h"
#include "gstrcastfeed.h"
#include "gstrcastsync.h"
#include "rcast-codec.h"
#include "rcast-error.h"
#include "rcast-stall.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_STREAM (gst_rcast_stream_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastStream, gst_rcast_stream, GST, RCAST_STREAM, GstBin)

GstElement *   gst_rcast_stream_new                 (const gchar * name, GstRcastMedia media);
GstRcastMedia  gst_rcast_stream_get_media           (GstRcastStream * stream);
void           gst_rcast_stream_set_defaults        (GstRcastStream * stream, guint bitrate, guint key_frame_interval,
                                                     guint mtu, GstRcastAudioMix mix);

void           gst_rcast_stream_set_start           (GstRcastStream * stream, GstRcastVideoStart start, guint wait);
gboolean       gst_rcast_stream_stop_waiting        (GstRcastStream * stream);
gboolean       gst_rcast_stream_is_awaited          (GstRcastStream * stream);
void           gst_rcast_stream_set_sync           (GstRcastStream * stream, GstRcastSync * sync);

GstCaps *      gst_rcast_stream_get_offer_caps      (GstRcastStream * stream);
gboolean       gst_rcast_stream_set_negotiated_caps (GstRcastStream * stream, const GstCaps * caps, GError ** error);

GstElement *   gst_rcast_stream_add_feed            (GstRcastStream * stream);
void           gst_rcast_stream_remove_feed         (GstRcastStream * stream, GstElement * feed);

void           gst_rcast_stream_request_keyframe    (GstRcastStream * stream);
GstStructure * gst_rcast_stream_get_stats           (GstRcastStream * stream);
void           gst_rcast_stream_get_stall            (GstRcastStream * stream, GstRcastStall * stall);
void           gst_rcast_stream_set_stall            (GstRcastStream * stream, const GstRcastStall * stall);

void           gst_rcast_stream_set_target          (GstRcastStream * stream, gconstpointer owner,
                                                     guint64 bits_per_second, const gchar * reason);
guint64        gst_rcast_stream_get_target          (GstRcastStream * stream, const gchar ** reason);
GstRcastEncoding * gst_rcast_stream_get_encoding     (GstRcastStream * stream);

G_END_DECLS
