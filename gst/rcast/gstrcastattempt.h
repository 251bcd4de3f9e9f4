/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An attempt to broadcast: a session with a signaller of its own, and the peers in it. */
#pragma once

#include <gst/gst.h>

#include "gstrcastnegotiator.h"
#include "gstrcastservers.h"

G_BEGIN_DECLS

typedef struct _GstRcastAttempt GstRcastAttempt;

GstRcastAttempt *    gst_rcast_attempt_new            (GstBin          * bin,
                                                       GstRcastLoop    * loop,
                                                       GstRcastServers * servers,
                                                       GstRcastGhosts  * ghosts,
                                                       const GstRcastNegotiatorCallbacks * callbacks,
                                                       gpointer          data);
void                 gst_rcast_attempt_stop_probes    (GstRcastAttempt * self);
void                 gst_rcast_attempt_stop           (GstRcastAttempt * self);
void                 gst_rcast_attempt_free           (GstRcastAttempt * self);

GstRcastNegotiator * gst_rcast_attempt_get_negotiator (GstRcastAttempt * self);
GstRcastSession *    gst_rcast_attempt_get_session    (GstRcastAttempt * self);
GstRcastPeers *      gst_rcast_attempt_get_peers      (GstRcastAttempt * self);

gboolean             gst_rcast_attempt_use            (GstRcastAttempt * self,
                                                       guint             location,
                                                       GError         ** error);
gboolean             gst_rcast_attempt_open           (GstRcastAttempt * self,
                                                       guint             location,
                                                       GError         ** error);
void                 gst_rcast_attempt_check          (GstRcastAttempt * self,
                                                       guint             location);
void                 gst_rcast_attempt_probe          (GstRcastAttempt * self,
                                                       guint             location,
                                                       gboolean          own,
                                                       guint             generation);
void                 gst_rcast_attempt_note_uplink    (GstRcastAttempt * self);
gboolean             gst_rcast_attempt_leave          (GstRcastAttempt * self);

G_END_DECLS
