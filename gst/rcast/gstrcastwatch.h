/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches whether the media that webrtcbin sends arrives, and on which path. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

#include "gstrcastallot.h"
#include "gstrcastline.h"
#include "rcast-loop.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastConnection:
 * @GST_RCAST_CONNECTION_CONNECTED: ICE and DTLS are connected
 * @GST_RCAST_CONNECTION_RESTARTED: they are connected (again), through an ICE restart
 * @GST_RCAST_CONNECTION_DISCONNECTED: ICE has lost its candidate pair, for now
 * @GST_RCAST_CONNECTION_FAILED: the connection is over; the reason says why
 */
typedef enum {
  GST_RCAST_CONNECTION_CONNECTED,
  GST_RCAST_CONNECTION_RESTARTED,
  GST_RCAST_CONNECTION_DISCONNECTED,
  GST_RCAST_CONNECTION_FAILED,
} GstRcastConnection;

/**
 * GstRcastWatchCallbacks:
 * @connection: the connection changed, or an ICE restart is complete
 * @confirmed: the server's RTCP reports our packets, for the first time or again;
 *   @partial: one stream is still missing, and another call follows when it arrives
 * @frozen: packets are sent, but for @since none has arrived; @never_moved: no report
 *   differed from the first one
 * @silent: the server no longer receives the stream of @line, but still the others
 * @path_doubted: media was missing for @since around a change of path, as the server
 *   reports, or, if an ICE restart ends the outage, by the gap between its reports
 * @path_switched: the ICE agent has moved the media on its own, and media arrives on the
 *   new path; @how is a sentence
 *
 * All callbacks run on the loop's thread, none after gst_rcast_watch_stop().
 */
typedef struct {
  void (*connection)    (GstRcastConnection connection, GstRcastReason reason,
                         gpointer data);
  void (*confirmed)     (gboolean partial, gpointer data);
  void (*frozen)        (GstClockTime since, gboolean never_moved, gpointer data);
  void (*silent)        (const GstRcastLine * line, gpointer data);
  void (*path_doubted)  (GstClockTime since, gpointer data);
  void (*path_switched) (const gchar * how, gpointer data);
} GstRcastWatchCallbacks;

#define GST_TYPE_RCAST_WATCH (gst_rcast_watch_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastWatch, gst_rcast_watch, GST, RCAST_WATCH, GstObject)

GstRcastWatch *  gst_rcast_watch_new            (const gchar  * name,
                                                 GstRcastLoop * loop,
                                                 GstElement   * webrtc,
                                                 GPtrArray    * lines,
                                                 GstClockTime   media_timeout,
                                                 const GstRcastAllotSettings * allot,
                                                 const GstRcastWatchCallbacks * callbacks,
                                                 gpointer       data);
void             gst_rcast_watch_start          (GstRcastWatch * watch,
                                                 gboolean        has_data);
gboolean         gst_rcast_watch_is_started     (GstRcastWatch * watch);
void             gst_rcast_watch_expect_restart (GstRcastWatch * watch);
gboolean         gst_rcast_watch_check_certificates
                                                (GstRcastWatch * watch,
                                                 const GstSDPMessage * remote,
                                                 GError       ** error);
gboolean         gst_rcast_watch_is_sending     (GstRcastWatch * watch);
GstClockTime     gst_rcast_watch_get_silence    (GstRcastWatch * watch);
GstStructure *   gst_rcast_watch_get_stats      (GstRcastWatch * watch);
void             gst_rcast_watch_stop           (GstRcastWatch * watch);

G_END_DECLS
