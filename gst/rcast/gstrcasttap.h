/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a connection's chain: hands one of its streams to the outlet. */
#pragma once

#include <gst/gst.h>

#include "gstrcastoutlets.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_TAP (gst_rcast_tap_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastTap, gst_rcast_tap, GST, RCAST_TAP, GstElement)

/* Media that the outlet takes has come, for the first time or since gst_rcast_tap_expect(). On
 * the streaming thread */
typedef void (* GstRcastTapArrived) (gpointer data);

GstElement * gst_rcast_tap_new      (GstRcastOutlets  * outlets,
                                     GstRcastMedia      media,
                                     guint              index,
                                     guint              serial,
                                     GstRcastTapArrived arrived,
                                     gpointer           data);
void         gst_rcast_tap_set_open (GstRcastTap * self,
                                     gboolean      open);
void         gst_rcast_tap_expect   (GstRcastTap * self);
void         gst_rcast_tap_request_key_frame (GstRcastTap * self);
void         gst_rcast_tap_stop     (GstRcastTap * self);

G_END_DECLS
