/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Received packets on their way from the agent's thread to the source element. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstRcastIceQueue GstRcastIceQueue;

GstRcastIceQueue *gst_rcast_ice_queue_new (void);
GstRcastIceQueue *gst_rcast_ice_queue_ref (GstRcastIceQueue * queue);
void gst_rcast_ice_queue_unref (GstRcastIceQueue * queue);

void gst_rcast_ice_queue_set_open (GstRcastIceQueue * queue, gboolean open);
void gst_rcast_ice_queue_set_flushing (GstRcastIceQueue * queue,
    gboolean flushing);
void gst_rcast_ice_queue_set_reading (GstRcastIceQueue * queue,
    gboolean reading);
void gst_rcast_ice_queue_push (GstRcastIceQueue * queue,
    GstBuffer * buffer);
GstBuffer *gst_rcast_ice_queue_pop (GstRcastIceQueue * queue);
guint64 gst_rcast_ice_queue_get_dropped (GstRcastIceQueue * queue);

G_END_DECLS
