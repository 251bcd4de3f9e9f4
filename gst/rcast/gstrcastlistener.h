/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forwards webrtcbin's and the ICE agent's news of candidates and restarts to the loop's thread. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "rcast-loop.h"

G_BEGIN_DECLS

/**
 * GstRcastListenerCallbacks:
 * @candidate: a local candidate
 * @gathered: there are no more candidates
 * @restart_failed: an ICE restart failed; media goes on as before
 * @restart_wanted: the agent asks for an ICE restart; media goes on
 * @restart_hopeless: the server answered an ICE restart, but nothing answers the connectivity
 *   checks
 *
 * All callbacks run on the loop's thread, none after gst_rcast_listener_stop().
 */
typedef struct {
  void (*candidate)        (guint mline, const gchar * text, gpointer data);
  void (*gathered)         (gpointer data);
  void (*restart_failed)   (const GError * error, gpointer data);
  void (*restart_wanted)   (gpointer data);
  void (*restart_hopeless) (gpointer data);
} GstRcastListenerCallbacks;

#define GST_TYPE_RCAST_LISTENER (gst_rcast_listener_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastListener, gst_rcast_listener, GST, RCAST_LISTENER, GstObject)

GstRcastListener * gst_rcast_listener_new  (GstRcastLoop   * loop,
                                        GstElement     * webrtc,
                                        GstWebRTCICE   * ice,
                                        const GstRcastListenerCallbacks * callbacks,
                                        gpointer         data);
void             gst_rcast_listener_stop (GstRcastListener * self);

G_END_DECLS
