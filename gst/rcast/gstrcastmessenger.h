/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application messages: sent on a data channel or by the signaller, and kept while there is
 * neither. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "rcast-loop.h"
#include "rcast-outbox.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

/**
 * GstRcastMessengerClient:
 * @received: a message came from the server
 * @dropped: a message will not be sent; @waiting messages are left
 *
 * Callbacks run on the loop's thread.
 */
typedef struct {
  void (*received) (const gchar * type, const gchar * payload, gpointer data);
  void (*dropped)  (const GstRcastLetter * letter, GstRcastDropCause cause,
                    guint waiting, gpointer data);
} GstRcastMessengerClient;

#define GST_TYPE_RCAST_MESSENGER (gst_rcast_messenger_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastMessenger, gst_rcast_messenger, GST, RCAST_MESSENGER, GstObject)

GstRcastMessenger * gst_rcast_messenger_new    (GstRcastLoop                  * loop,
                                                const GstRcastMessengerClient * client,
                                                gpointer                        data);
void                gst_rcast_messenger_send   (GstRcastMessenger    * self,
                                                GstRcastLetter       * letter);
void                gst_rcast_messenger_receive (GstRcastMessenger   * self,
                                                const gchar          * type,
                                                const gchar          * payload);
void                gst_rcast_messenger_update (GstRcastMessenger    * self,
                                                GstRcastSignaller    * signaller,
                                                GstWebRTCDataChannel * channel,
                                                gboolean               media);
void                gst_rcast_messenger_stop   (GstRcastMessenger    * self);

G_END_DECLS
