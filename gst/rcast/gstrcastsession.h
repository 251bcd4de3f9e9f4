/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The session at the server. Only this object calls a signaller. */
#pragma once

#include <gst/gst.h>

#include "gstrcastfaults.h"
#include "gstrcastghosts.h"
#include "rcast-policy.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

/**
 * GstRcastSessionCallbacks:
 * @event: something happened that the policy has to know; @error says what, or is %NULL
 * @answered: the server has answered the last offer
 * @server_offered: the server has made an offer: the requested one, or one on its own,
 *   which is of %GST_RCAST_OFFER_RESTART
 * @offer_again: the server has refused the last initial offer; one without a data channel
 *   may do, or the server offers
 * @warning: something that was requested is not available; the broadcast goes on
 * @restart_refused: the server has refused the last offer, which was for an ICE restart
 * @candidate: the server has sent a candidate
 * @closed: the session is closed
 * @message_received: an application message came from the server
 *
 * All callbacks and all functions here run on the loop's thread.
 */
typedef struct {
  void (*event)            (const GstRcastEvent * event, const GError * error,
                            gpointer data);
  void (*answered)         (const gchar * sdp, const gchar * const * ice_servers,
                            gpointer data);
  void (*server_offered)   (GstRcastOfferKind kind, const gchar * sdp,
                            const gchar * const * ice_servers, gpointer data);
  void (*offer_again)      (gpointer data);
  void (*warning)          (const GError * error, gpointer data);
  void (*restart_refused)  (const GError * error, gpointer data);
  void (*candidate)        (guint mline, const gchar * candidate, gpointer data);
  void (*closed)           (gpointer data);
  void (*message_received) (GstRcastSignaller * signaller, const gchar * type,
                            const gchar * payload, gpointer data);
} GstRcastSessionCallbacks;

#define GST_TYPE_RCAST_SESSION (gst_rcast_session_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastSession, gst_rcast_session, GST, RCAST_SESSION, GstObject)

GstRcastSession * gst_rcast_session_new            (const GstRcastSessionCallbacks * callbacks,
                                                    gpointer                         data);
void              gst_rcast_session_stop           (GstRcastSession   * self);

void              gst_rcast_session_set_ghosts     (GstRcastSession   * self,
                                                    GstRcastGhosts    * ghosts);
void              gst_rcast_session_set_generation (GstRcastSession   * self,
                                                    guint               generation);
void              gst_rcast_session_use            (GstRcastSession   * self,
                                                    GstRcastSignaller * signaller);
void              gst_rcast_session_open           (GstRcastSession   * self);
void              gst_rcast_session_offer          (GstRcastSession   * self,
                                                    GstRcastOfferKind   kind,
                                                    const gchar       * sdp);
void              gst_rcast_session_request_offer (GstRcastSession   * self,
                                                   GstRcastOfferKind   kind);
void              gst_rcast_session_answer         (GstRcastSession   * self,
                                                    GstRcastOfferKind   kind,
                                                    const gchar       * sdp);
void              gst_rcast_session_add_candidate  (GstRcastSession   * self,
                                                    guint               mline,
                                                    const gchar       * ufrag,
                                                    const gchar       * candidate);
void              gst_rcast_session_resume         (GstRcastSession   * self);
gboolean          gst_rcast_session_is_unsettled   (GstRcastSession   * self);
void              gst_rcast_session_connected      (GstRcastSession   * self);
void              gst_rcast_session_settle         (GstRcastSession   * self);
gboolean          gst_rcast_session_close          (GstRcastSession   * self);
void              gst_rcast_session_check          (GstRcastSession   * self,
                                                    GstRcastSignaller * signaller,
                                                    const gchar       * location);

gboolean          gst_rcast_session_can            (GstRcastSession   * self,
                                                    GstRcastSignallerCapabilities what);
gboolean          gst_rcast_session_allows_declined (GstRcastSession * self);
gboolean          gst_rcast_session_takes_channel  (GstRcastSession   * self);
gboolean          gst_rcast_session_doubt_channel  (GstRcastSession   * self,
                                                    const GError      * error);
void              gst_rcast_session_token_set      (GstRcastSession   * self,
                                                    const gchar       * location);
gboolean          gst_rcast_session_can_probe      (GstRcastSession   * self);
gboolean          gst_rcast_session_is_closed       (GstRcastSession  * self);
GstClockTime      gst_rcast_session_get_resume_time (GstRcastSession  * self);
const gchar *     gst_rcast_session_why_no_restart (GstRcastSession   * self);
const gchar *     gst_rcast_session_why_no_renegotiation
                                                   (GstRcastSession   * self,
                                                    gboolean            media_over);
gchar *           gst_rcast_session_dup_location   (GstRcastSession   * self);

GstRcastSignaller *
                  gst_rcast_session_get_signaller  (GstRcastSession   * self);
GstRcastSignaller *
                  gst_rcast_session_get_open_signaller
                                                   (GstRcastSession   * self);

G_END_DECLS
