/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One stream of an OpenVidu session, watched: who publishes it, and our subscription to it. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"

G_BEGIN_DECLS

typedef struct _OpenviduWatch OpenviduWatch;

/* Of @callbacks, `streaming` tells which stream is to be watched. */
OpenviduWatch * openvidu_watch_new           (OpenviduLink            * link,
                                              GstRcastNetSignaller    * element,
                                              const OpenviduSettings  * settings,
                                              const OpenviduMediaCallbacks * callbacks,
                                              gpointer                  data);
void            openvidu_watch_free          (OpenviduWatch           * self);

/* We are in the session, as @message says. */
void            openvidu_watch_joined        (OpenviduWatch           * self,
                                              const OpenviduMessage   * message);

/* What is asked, one thing at a time. Returns: whether `answered` or `failed` follows */
gboolean        openvidu_watch_offer         (OpenviduWatch           * self,
                                              const gchar             * sdp,
                                              GError                 ** error);
gboolean        openvidu_watch_request_offer (OpenviduWatch           * self,
                                              GError                 ** error);
gboolean        openvidu_watch_answer        (OpenviduWatch           * self,
                                              const gchar             * sdp,
                                              GError                 ** error);
void            openvidu_watch_drop_request  (OpenviduWatch           * self);
gboolean        openvidu_watch_has_request   (OpenviduWatch           * self);
/* The media of what was asked last is connected. */
void            openvidu_watch_settle        (OpenviduWatch           * self);

void            openvidu_watch_add_candidate (OpenviduWatch           * self,
                                              guint                     mline,
                                              const gchar             * ufrag,
                                              const gchar             * candidate);
/* A notification. */
void            openvidu_watch_take          (OpenviduWatch           * self,
                                              const OpenviduMessage   * message);

/* The connection came to its end; it is back. */
void            openvidu_watch_stop          (OpenviduWatch           * self);
void            openvidu_watch_resumed       (OpenviduWatch           * self);
/* Returns: whether nothing is under way, and it is known who publishes */
gboolean        openvidu_watch_is_idle       (OpenviduWatch           * self);

G_END_DECLS
