/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of rcastjanus, rcastopenvidu and rcastgst, whose sessions use a WebSocket. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "ws-session.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_WS_SIGNALLER (gst_rcast_ws_signaller_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstRcastWsSignaller, gst_rcast_ws_signaller, GST, RCAST_WS_SIGNALLER, GstRcastNetSignaller)

/**
 * GstRcastWsSignallerClass:
 * @prepare: sets a session to open with the present settings, or keeps the one that is set.
 *   Returns %FALSE with @error if they are invalid
 */
struct _GstRcastWsSignallerClass {
  GstRcastNetSignallerClass parent_class;

  gboolean (*prepare) (GstRcastWsSignaller * self, GError ** error);
};

/* On the signalling thread. */
void      gst_rcast_ws_signaller_set_session (GstRcastWsSignaller * self,
                                              gpointer              session);
gpointer  gst_rcast_ws_signaller_get_session (GstRcastWsSignaller * self);

G_END_DECLS
