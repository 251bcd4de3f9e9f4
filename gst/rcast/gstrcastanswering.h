/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers the offers of a server, one at a time, with one webrtcbin. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "rcast-loop.h"

G_BEGIN_DECLS

/**
 * GstRcastAnsweringCallbacks:
 * @answer: the answer to @offer is applied, and can be sent
 * @failed: webrtcbin refused the offer, or made no answer
 *
 * All callbacks run on the loop's thread, none after gst_rcast_answering_stop().
 */
typedef struct {
  void (*answer) (const GstSDPMessage * offer, const gchar * sdp,
                  const gchar * ufrag, gpointer data);
  void (*failed) (const GError * error, gpointer data);
} GstRcastAnsweringCallbacks;

#define GST_TYPE_RCAST_ANSWERING (gst_rcast_answering_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastAnswering, gst_rcast_answering, GST, RCAST_ANSWERING, GstObject)

GstRcastAnswering * gst_rcast_answering_new      (GstRcastLoop      * loop,
                                                  GstElement        * webrtc,
                                                  GstWebRTCICE      * ice,
                                                  gboolean            gather_first,
                                                  const GstRcastAnsweringCallbacks * callbacks,
                                                  gpointer            data);
gboolean            gst_rcast_answering_take     (GstRcastAnswering * self,
                                                  const gchar       * sdp,
                                                  GError           ** error);
gboolean            gst_rcast_answering_is_restart (GstRcastAnswering * self,
                                                  const gchar       * sdp);
void                gst_rcast_answering_gathered (GstRcastAnswering * self);
void                gst_rcast_answering_stop     (GstRcastAnswering * self);

G_END_DECLS
