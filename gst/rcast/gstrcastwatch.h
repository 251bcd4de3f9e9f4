/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches what webrtcbin sends: does it arrive, and by which path. */
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
 * @GST_RCAST_CONNECTION_RESTARTED: they are, or are again, by an ICE restart
 * @GST_RCAST_CONNECTION_DISCONNECTED: ICE has lost its pair, for now
 * @GST_RCAST_CONNECTION_FAILED: over, with a reason
 */
typedef enum {
  GST_RCAST_CONNECTION_CONNECTED,
  GST_RCAST_CONNECTION_RESTARTED,
  GST_RCAST_CONNECTION_DISCONNECTED,
  GST_RCAST_CONNECTION_FAILED,
} GstRcastConnection;

/**
 * GstRcastWatchCallbacks:
 * @connection: the connection changed, or an ICE restart is through
 * @confirmed: the server's RTCP reports our packets, for the first time or again; @partial: a stream
 *   is still missing, and this is called once more when it is not
 * @frozen: packets are sent, but none has arrived since @since; @never_moved: by
 *   reports that never changed after the first one
 * @silent: the server has ceased to receive the stream of @line, but not the others
 * @path_doubted: media was missing for @since around a change of path: by the server's
 *   reports or, where an ICE restart ends the outage, by their silence
 * @path_switched: the ICE agent has moved the media without a request, and it
 *   arrives on the new path; @how is a sentence
 *
 * All are called on the loop's thread, none after gst_rcast_watch_stop().
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
