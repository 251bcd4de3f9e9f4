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
 * @find_setting: where the property @id of the class is stored: a string, a number, or a
 *   boxed value. %NULL: there is no such property. With the OBJECT_LOCK held
 * @prepare: sets a session to open with the present settings, or keeps the one that is set.
 *   Returns %FALSE with @error if they are invalid
 */
struct _GstRcastWsSignallerClass {
  GstRcastNetSignallerClass parent_class;

  gpointer (*find_setting) (GstRcastWsSignaller * self, guint id);
  gboolean (*prepare)      (GstRcastWsSignaller * self, GError ** error);
};

/* For the subclass's GObjectClass, which does not inherit them. */
void      gst_rcast_ws_signaller_set_property (GObject            * object,
                                              guint                 id,
                                              const GValue        * value,
                                              GParamSpec          * pspec);
void      gst_rcast_ws_signaller_get_property (GObject            * object,
                                              guint                 id,
                                              GValue              * value,
                                              GParamSpec          * pspec);

/* On the signalling thread. */
void      gst_rcast_ws_signaller_set_session (GstRcastWsSignaller * self,
                                              gpointer              session);
gpointer  gst_rcast_ws_signaller_get_session (GstRcastWsSignaller * self);

G_END_DECLS
