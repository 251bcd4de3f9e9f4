/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats in which one stream can be sent: its input, its codec, and the caps to offer. */
#pragma once

#include "rcast-codec.h"

G_BEGIN_DECLS

typedef struct _GstRcastOffering GstRcastOffering;

GstRcastOffering * gst_rcast_offering_new         (GstRcastMedia media);
void               gst_rcast_offering_free        (GstRcastOffering * self);

/* Streaming thread */
GstRcastInput      gst_rcast_offering_get_input   (GstRcastOffering * self, GstCaps ** caps);
GstRcastCodec      gst_rcast_offering_choose      (GstRcastOffering * self, GArray * codecs);
gboolean           gst_rcast_offering_take        (GstRcastOffering * self, GstCaps * caps, GstRcastInput kind,
                                                   GstRcastCodec codec);
GstCaps *          gst_rcast_offering_swap        (GstRcastOffering * self, GstRcastCodec * codec);
void               gst_rcast_offering_set_packets (GstRcastOffering * self, GstCaps * rtp);
void               gst_rcast_offering_refuse      (GstRcastOffering * self);
void               gst_rcast_offering_forget      (GstRcastOffering * self);

/* Any thread */
gboolean           gst_rcast_offering_update      (GstRcastOffering * self, guint8 h264_level, guint channels);
GstCaps *          gst_rcast_offering_get_caps    (GstRcastOffering * self);
gboolean           gst_rcast_offering_accept      (GstRcastOffering * self, const GstCaps * negotiated,
                                                   const gchar * current, gboolean * other);
gboolean           gst_rcast_offering_is_known    (GstRcastOffering * self);
GstRcastCodec      gst_rcast_offering_get_codec   (GstRcastOffering * self);

G_END_DECLS
