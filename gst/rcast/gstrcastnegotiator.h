/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins the session and the peers: offers and answers, candidates, ICE restarts. */
#pragma once

#include <gst/gst.h>

#include "gstrcastlineup.h"
#include "gstrcastpeers.h"
#include "gstrcastsession.h"

G_BEGIN_DECLS

/**
 * GstRcastNegotiatorCallbacks:
 * @get_streams: (transfer full) (nullable) (element-type GstRcastStream): the streams to send;
 *   %NULL: media is received
 * @get_settings: fills in the settings of a new peer
 * @event: something happened that the policy has to know; @error says what, or is %NULL
 * @warning: something that was requested is not available; the broadcast goes on
 * @closed: the session is closed
 * @message_received: an application message came from the server
 *
 * All callbacks run on the loop's thread.
 */
typedef struct {
  GPtrArray * (*get_streams) (gpointer data);
  void (*get_settings)     (GstRcastPeerSettings * settings, gpointer data);
  void (*event)            (const GstRcastEvent * event, const GError * error,
                            gpointer data);
  void (*warning)          (const GError * error, gpointer data);
  void (*closed)           (gpointer data);
  void (*message_received) (GstRcastSignaller * signaller, const gchar * type,
                            const gchar * payload, gpointer data);
} GstRcastNegotiatorCallbacks;

typedef struct _GstRcastNegotiator GstRcastNegotiator;

GstRcastNegotiator *  gst_rcast_negotiator_new           (GstBin       * bin,
                                                          GstRcastLoop * loop,
                                                          const GstRcastNegotiatorCallbacks * callbacks,
                                                          gpointer       data);
void                  gst_rcast_negotiator_free          (GstRcastNegotiator * self);
GstRcastSession *     gst_rcast_negotiator_get_session   (GstRcastNegotiator * self);
GstRcastPeers *       gst_rcast_negotiator_get_peers     (GstRcastNegotiator * self);

void                  gst_rcast_negotiator_set_generation (GstRcastNegotiator * self,
                                                          guint                generation);
void                  gst_rcast_negotiator_follow        (GstRcastNegotiator  * self,
                                                          const GstRcastEvent * event,
                                                          const GstRcastStep  * step);
GstRcastLineupState   gst_rcast_negotiator_check_streams (GstRcastNegotiator * self);
void                  gst_rcast_negotiator_make_offer    (GstRcastNegotiator * self);
void                  gst_rcast_negotiator_restart_ice   (GstRcastNegotiator * self);
void                  gst_rcast_negotiator_open_gates    (GstRcastNegotiator * self);
void                  gst_rcast_negotiator_settle        (GstRcastNegotiator * self);
const gchar *         gst_rcast_negotiator_why_no_restart (GstRcastNegotiator * self);
const gchar *         gst_rcast_negotiator_why_no_renegotiation
                                                         (GstRcastNegotiator * self);

G_END_DECLS
