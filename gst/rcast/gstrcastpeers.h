/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The present peer, and the former one, whose media goes on until the present one is connected. */
#pragma once

#include <gst/gst.h>

#include "gstrcastpeer.h"
#include "rcast-loop.h"
#include "rcast-policy.h"

G_BEGIN_DECLS

/**
 * GstRcastPeersCallbacks:
 * @event: something happened to the present peer that the policy has to know; without a
 *   generation. @error says what, or is %NULL
 * @offer: an offer of the present peer is ready to be sent
 * @answer: an answer to the server's last offer is ready to be sent
 * @candidate: a local candidate of the present peer, or %NULL: no more for @ufrag
 * @warning: the application should know; media goes on
 * @restart_due: an ICE restart that had to wait for an answer can be made now
 * @restart_failed: an ICE restart failed; media goes on as before
 *
 * All callbacks run on the loop's thread. A former peer causes none.
 */
typedef struct {
  void (*event)          (const GstRcastEvent * event, const GError * error,
                          gpointer data);
  void (*offer)          (GstRcastOfferKind kind, const gchar * sdp, gpointer data);
  void (*answer)         (GstRcastOfferKind kind, const gchar * sdp, gpointer data);
  void (*candidate)      (guint mline, const gchar * ufrag,
                          const gchar * candidate, gpointer data);
  void (*warning)        (const GError * error, gpointer data);
  void (*restart_due)    (gpointer data);
  void (*restart_failed) (const GError * error, gpointer data);
} GstRcastPeersCallbacks;

#define GST_TYPE_RCAST_PEERS (gst_rcast_peers_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastPeers, gst_rcast_peers, GST, RCAST_PEERS, GstObject)

GstRcastPeers * gst_rcast_peers_new            (GstBin                       * bin,
                                                GstRcastLoop                 * loop,
                                                const GstRcastPeersCallbacks * callbacks,
                                                gpointer                       data);
gboolean        gst_rcast_peers_wait           (GstRcastPeers * self,
                                                gint64          end);

gboolean        gst_rcast_peers_renew          (GstRcastPeers              * self,
                                                GPtrArray                  * streams,
                                                const GstRcastPeerSettings * settings,
                                                GError                    ** error);
void            gst_rcast_peers_restart        (GstRcastPeers * self);
void            gst_rcast_peers_restart_refused (GstRcastPeers * self);
gboolean        gst_rcast_peers_take_waiting_restart (GstRcastPeers * self);
void            gst_rcast_peers_set_answer     (GstRcastPeers       * self,
                                                const gchar         * sdp,
                                                const gchar * const * ice_servers);
void            gst_rcast_peers_take_offer     (GstRcastPeers       * self,
                                                GstRcastOfferKind     kind,
                                                const gchar         * sdp,
                                                const gchar * const * ice_servers);
void            gst_rcast_peers_add_candidate  (GstRcastPeers * self,
                                                guint           mline,
                                                const gchar   * candidate);
void            gst_rcast_peers_open_gates     (GstRcastPeers * self);
void            gst_rcast_peers_close_gates    (GstRcastPeers * self);
void            gst_rcast_peers_settle         (GstRcastPeers * self);
void            gst_rcast_peers_drain          (GstRcastPeers * self);
void            gst_rcast_peers_drop           (GstRcastPeers * self);

const gchar *   gst_rcast_peers_why_no_restart (GstRcastPeers * self);
gboolean        gst_rcast_peers_is_negotiated  (GstRcastPeers * self);
gboolean        gst_rcast_peers_is_outdated    (GstRcastPeers * self);
gboolean        gst_rcast_peers_is_over        (GstRcastPeers * self);
gboolean        gst_rcast_peers_is_sending     (GstRcastPeers * self);
GstWebRTCDataChannel *
                gst_rcast_peers_get_channel    (GstRcastPeers * self);

GstStructure *  gst_rcast_peers_get_stats      (GstRcastPeers * self);
void            gst_rcast_peers_sync_base_time (GstRcastPeers * self,
                                                GstClockTime    base_time);

G_END_DECLS
