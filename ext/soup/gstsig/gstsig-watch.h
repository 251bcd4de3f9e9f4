/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A producer at a signalling server of GStreamer, watched: who it is, and our sessions with it. */
#pragma once

#include "gstsig-role.h"

G_BEGIN_DECLS

typedef struct _GstsigWatch GstsigWatch;

/* @published: whether there was somebody, as was told in the session before, and is in this */
GstsigWatch * gstsig_watch_new           (const GstsigContext   * context,
                                          gboolean              * published,
                                          const GstsigRoleCallbacks * callbacks,
                                          gpointer                data);
void          gstsig_watch_free          (GstsigWatch           * self);

/* The server knows us. */
void          gstsig_watch_welcomed      (GstsigWatch           * self);
void          gstsig_watch_take          (GstsigWatch           * self,
                                          const GstsigMessage   * message);
/* The server says that something is wrong. */
void          gstsig_watch_complain      (GstsigWatch           * self,
                                          const gchar           * complaint);
void          gstsig_watch_take_garbage  (GstsigWatch           * self,
                                          const gchar           * complaint);

/* What is asked, one thing at a time. Returns: whether `answered` or `failed` follows */
gboolean      gstsig_watch_request_offer (GstsigWatch           * self,
                                          GError               ** error);
gboolean      gstsig_watch_answer        (GstsigWatch           * self,
                                          const gchar           * sdp,
                                          GError               ** error);
gboolean      gstsig_watch_has_request   (GstsigWatch           * self);
void          gstsig_watch_drop_request  (GstsigWatch           * self);
/* The media of what was asked last is connected. */
void          gstsig_watch_settle        (GstsigWatch           * self);
void          gstsig_watch_add_candidate (GstsigWatch           * self,
                                          guint                   mline,
                                          const gchar           * ufrag,
                                          const gchar           * candidate);

/* Our end is told while there is a connection; */
void          gstsig_watch_leave         (GstsigWatch           * self);
/* nothing is awaited any more. */
void          gstsig_watch_stop          (GstsigWatch           * self);

G_END_DECLS
