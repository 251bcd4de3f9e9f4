/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches a producer at a gst-webrtc-signalling-server: finds it, and has sessions with it. */
#pragma once

#include "gstsig-role.h"

G_BEGIN_DECLS

typedef struct _GstsigWatch GstsigWatch;

/* @published: in: whether a producer was last reported in the session before; out: in this
 * session */
GstsigWatch * gstsig_watch_new           (const GstsigContext   * context,
                                          gboolean              * published,
                                          const GstsigRoleCallbacks * callbacks,
                                          gpointer                data);
void          gstsig_watch_free          (GstsigWatch           * self);

/* The server has registered us. */
void          gstsig_watch_welcomed      (GstsigWatch           * self);
void          gstsig_watch_take          (GstsigWatch           * self,
                                          const GstsigMessage   * message);
/* The server has reported an error. */
void          gstsig_watch_complain      (GstsigWatch           * self,
                                          const gchar           * complaint);
void          gstsig_watch_take_garbage  (GstsigWatch           * self,
                                          const gchar           * complaint);

/* Starts an operation, one at a time. Returns: whether `answered` or `failed` follows */
gboolean      gstsig_watch_request_offer (GstsigWatch           * self,
                                          GError               ** error);
gboolean      gstsig_watch_answer        (GstsigWatch           * self,
                                          const gchar           * sdp,
                                          GError               ** error);
gboolean      gstsig_watch_has_request   (GstsigWatch           * self);
void          gstsig_watch_drop_request  (GstsigWatch           * self);
/* The media of the last operation is connected. */
void          gstsig_watch_settle        (GstsigWatch           * self);
void          gstsig_watch_add_candidate (GstsigWatch           * self,
                                          guint                   mline,
                                          const gchar           * ufrag,
                                          const gchar           * candidate);

/* Tells the server that we leave, if there is a connection. */
void          gstsig_watch_leave         (GstsigWatch           * self);
/* No callback follows. */
void          gstsig_watch_stop          (GstsigWatch           * self);

G_END_DECLS
