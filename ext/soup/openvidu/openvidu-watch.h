/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one stream of an OpenVidu session: finds its publisher, and subscribes to it. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"

G_BEGIN_DECLS

typedef struct _OpenviduWatch OpenviduWatch;

/* @callbacks: `streaming` reports the stream to watch. */
OpenviduWatch * openvidu_watch_new           (WsLink                  * link,
                                              GstRcastNetSignaller    * element,
                                              const OpenviduSettings  * settings,
                                              const OpenviduMediaCallbacks * callbacks,
                                              gpointer                  data);
void            openvidu_watch_free          (OpenviduWatch           * self);

/* We have joined the session. @message: the answer to the join */
void            openvidu_watch_joined        (OpenviduWatch           * self,
                                              const OpenviduMessage   * message);

/* Starts an operation, one at a time. Returns: whether `answered` or `failed` follows */
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
/* The media of the last operation is connected. */
void            openvidu_watch_settle        (OpenviduWatch           * self);

void            openvidu_watch_add_candidate (OpenviduWatch           * self,
                                              guint                     mline,
                                              const gchar             * ufrag,
                                              const gchar             * candidate);
/* A notification. */
void            openvidu_watch_take          (OpenviduWatch           * self,
                                              const OpenviduMessage   * message);

/* stop(): the connection is lost. resumed(): it is restored. */
void            openvidu_watch_stop          (OpenviduWatch           * self);
void            openvidu_watch_resumed       (OpenviduWatch           * self);
/* Returns: whether no operation is pending and the publisher is known */
gboolean        openvidu_watch_is_idle       (OpenviduWatch           * self);

G_END_DECLS
