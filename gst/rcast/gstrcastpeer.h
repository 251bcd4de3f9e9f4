/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One life of a webrtcbin: from the offer to the teardown, with one feed for each stream. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcaststream.h"
#include "gstrcastwatch.h"
#include "gstrcastwebrtc.h"
#include "rcast-loop.h"
#include "rcast-types.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_PEER (gst_rcast_peer_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastPeer, gst_rcast_peer, GST, RCAST_PEER, GstBin)

/**
 * GstRcastPeerCallbacks:
 * @offer: an offer is ready to be sent
 * @answer: the answer to the server's last offer is ready to be sent
 * @negotiated: offer and answer are applied; media may flow once connected
 * @candidate: a local candidate, or %NULL: no more for @ufrag
 * @connection: the state of the connection changed, or an ICE restart is complete; @error
 *   is set where it says more than @reason
 * @confirmed: the server's RTCP reports our packets, for the first time or again;
 *   @partial: not every stream yet
 * @frozen: packets are sent, but for @since none has arrived; @never_moved: no report
 *   differed from the first one
 * @silent: the server no longer receives one stream of several; @why names it
 * @path_doubted: media was missing for @since around a change of path
 * @path_switched: the ICE agent has moved the media to another path on its own, and the
 *   server reports that media arrives there
 * @restart_wanted: the ICE agent asks for an ICE restart; media goes on
 * @restart_hopeless: the server answered an ICE restart, but nothing answers our
 *   connectivity checks; the restart goes on
 * @restart_failed: an ICE restart failed; media goes on as before
 * @drained: the last packet before the end of all streams is sent
 * @failed: webrtcbin refused something, or failed
 *
 * All callbacks run on the loop's thread, none after gst_rcast_peer_stop().
 */
typedef struct {
  void (*offer)      (GstRcastPeer * peer, GstRcastOfferKind kind,
                      const gchar * sdp, gpointer data);
  void (*answer)     (GstRcastPeer * peer, GstRcastOfferKind kind,
                      const gchar * sdp, gpointer data);
  void (*negotiated) (GstRcastPeer * peer, GstRcastOfferKind kind, gpointer data);
  void (*candidate)  (GstRcastPeer * peer, guint mline, const gchar * ufrag,
                      const gchar * candidate, gpointer data);
  void (*connection) (GstRcastPeer * peer, GstRcastConnection connection,
                      GstRcastReason reason, const GError * error,
                      gpointer data);
  void (*confirmed)  (GstRcastPeer * peer, gboolean partial, gpointer data);
  void (*frozen)     (GstRcastPeer * peer, GstClockTime since,
                      gboolean never_moved, gpointer data);
  void (*silent)     (GstRcastPeer * peer, const GError * why, gpointer data);
  void (*path_doubted) (GstRcastPeer * peer, GstClockTime since, gpointer data);
  void (*path_switched) (GstRcastPeer * peer, const gchar * how, gpointer data);
  void (*restart_wanted) (GstRcastPeer * peer, gpointer data);
  void (*restart_hopeless) (GstRcastPeer * peer, gpointer data);
  void (*restart_failed) (GstRcastPeer * peer, const GError * error, gpointer data);
  void (*drained)    (GstRcastPeer * peer, gpointer data);
  void (*failed)     (GstRcastPeer * peer, const GError * error, gpointer data);
} GstRcastPeerCallbacks;

GstRcastPeer * gst_rcast_peer_new            (const gchar                 * name,
                                              GstRcastLoop                * loop,
                                              GPtrArray                   * streams,
                                              const GstRcastPeerSettings  * settings,
                                              const GstRcastPeerCallbacks * callbacks,
                                              gpointer                      data,
                                              GError                     ** error);
gboolean       gst_rcast_peer_make_offer     (GstRcastPeer        * peer,
                                              GstRcastOfferKind     kind);
void           gst_rcast_peer_set_answer     (GstRcastPeer        * peer,
                                              const gchar         * sdp,
                                              const gchar * const * ice_servers);
void           gst_rcast_peer_take_offer     (GstRcastPeer        * peer,
                                              GstRcastOfferKind     kind,
                                              const gchar         * sdp,
                                              const gchar * const * ice_servers);
gboolean       gst_rcast_peer_is_negotiated  (GstRcastPeer        * peer);
gboolean       gst_rcast_peer_is_unmoved     (GstRcastPeer        * peer);
gboolean       gst_rcast_peer_is_outdated    (GstRcastPeer        * peer);
void           gst_rcast_peer_cancel_offer   (GstRcastPeer        * peer);
void           gst_rcast_peer_add_candidate  (GstRcastPeer        * peer,
                                              guint                 mline,
                                              const gchar         * candidate);
void           gst_rcast_peer_set_gates      (GstRcastPeer        * peer,
                                              gboolean              open);
gboolean       gst_rcast_peer_is_sending     (GstRcastPeer        * peer);
GstClockTime   gst_rcast_peer_get_silence    (GstRcastPeer        * peer);
void           gst_rcast_peer_drain          (GstRcastPeer        * peer);
void           gst_rcast_peer_stop           (GstRcastPeer        * peer);
void           gst_rcast_peer_tear_down      (GstRcastPeer        * peer);
GstStructure * gst_rcast_peer_get_stats      (GstRcastPeer        * peer);
GstWebRTCDataChannel *
               gst_rcast_peer_get_channel    (GstRcastPeer        * peer);

G_END_DECLS
