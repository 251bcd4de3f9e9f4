/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The receiving side of a connection: webrtcbin's pads, and the chains from them to the outlets. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastoutlets.h"

G_BEGIN_DECLS

typedef struct _GstRcastReceiver GstRcastReceiver;

/* Media has arrived, for the first time or since the connection was down. On a streaming thread */
typedef void (* GstRcastReceiverArrived) (gpointer data);

GstRcastReceiver * gst_rcast_receiver_new      (GstRcastLoop     * loop,
                                                GstBin           * peer,
                                                GstElement       * webrtc,
                                                GstRcastOutlets  * outlets,
                                                GstRcastReceiverArrived arrived,
                                                gpointer           data);
void               gst_rcast_receiver_free     (GstRcastReceiver * self);
gboolean           gst_rcast_receiver_offer    (GstRcastReceiver * self,
                                                GError          ** error);
void               gst_rcast_receiver_set_open (GstRcastReceiver * self,
                                                gboolean           open);
void               gst_rcast_receiver_follow   (GstRcastReceiver * self,
                                                gboolean           up,
                                                GstRcastReason     reason);
void               gst_rcast_receiver_negotiated (GstRcastReceiver * self,
                                                  const GstSDPMessage * remote);
void               gst_rcast_receiver_stop     (GstRcastReceiver * self);

G_END_DECLS
