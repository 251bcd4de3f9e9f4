/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries out the decisions of the policy. Only the driver calls the policy. */
#pragma once

#include <gst/gst.h>

#include "gstrcastpeer.h"
#include "gstrcastghosts.h"
#include "gstrcastservers.h"
#include "rcast-outbox.h"
#include "rcast-policy.h"
#include "rcast-report.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

/**
 * GstRcastDriverClient:
 * @direction: direction of the media
 * @get_streams: (transfer full) (nullable) (element-type GstRcastStream): the streams to
 *   send; %NULL: media is received
 * @get_settings: fills in the settings of a new peer
 * @status: the status changed; (element-type GstMessage): the messages to post about it
 * @post: (transfer full): another message to post: a warning, the one error after the
 *   last @status, an application message that was dropped
 * @hastened: the attempt that was reported last no longer waits; a static string says why
 * @message_received: an application message came from the server
 * @eos: the end of the stream is delivered
 *
 * All callbacks run on the loop's thread.
 */
typedef struct {
  GstRcastDirection direction;
  GPtrArray * (*get_streams)  (gpointer data);
  void        (*get_settings) (GstRcastPeerSettings * settings, gpointer data);
  void        (*status)       (const GstRcastStatusInfo * info,
                               GPtrArray * messages, gpointer data);
  void        (*post)         (GstMessage * message, gpointer data);
  void        (*hastened)     (const gchar * by, gpointer data);
  void        (*message_received) (const gchar * type, const gchar * payload,
                               gpointer data);
  void        (*eos)          (gpointer data);
} GstRcastDriverClient;

#define GST_TYPE_RCAST_DRIVER (gst_rcast_driver_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastDriver, gst_rcast_driver, GST, RCAST_DRIVER, GstObject)

GstRcastDriver * gst_rcast_driver_new             (GstBin                     * bin,
                                                   GstRcastServers            * servers,
                                                   GstRcastGhosts             * ghosts,
                                                   GstClock                   * clock,
                                                   const GstRcastPolicyConfig * config,
                                                   const GstRcastDriverClient * client,
                                                   gpointer                     data);
void             gst_rcast_driver_configure       (GstRcastDriver             * driver,
                                                   const GstRcastPolicyConfig * config);
void             gst_rcast_driver_start           (GstRcastDriver * driver);
void             gst_rcast_driver_stop            (GstRcastDriver * driver);
void             gst_rcast_driver_eos             (GstRcastDriver * driver);
void             gst_rcast_driver_ice_restart     (GstRcastDriver * driver);
void             gst_rcast_driver_renegotiate    (GstRcastDriver * driver);
void             gst_rcast_driver_reconnect_now   (GstRcastDriver * driver);
void             gst_rcast_driver_locations_changed (GstRcastDriver           * driver);
void             gst_rcast_driver_streams_changed (GstRcastDriver * driver);
void             gst_rcast_driver_send_message    (GstRcastDriver * driver,
                                                   GstRcastLetter * letter);
GstRcastLoop *   gst_rcast_driver_get_loop        (GstRcastDriver * driver);
void             gst_rcast_driver_sync_base_time (GstRcastDriver * driver);
void             gst_rcast_driver_shutdown        (GstRcastDriver * driver);
GstStructure *   gst_rcast_driver_get_peer_stats  (GstRcastDriver * driver);
gchar *          gst_rcast_driver_dup_beside      (GstRcastDriver * driver);
gboolean         gst_rcast_driver_is_main         (GstRcastDriver * driver,
                                                   GstRcastSignaller * signaller);

G_END_DECLS
