/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our role in an OpenVidu session: publish a stream, or watch one. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"

G_BEGIN_DECLS

typedef struct _OpenviduRole OpenviduRole;

/* The settings determine the role. */
OpenviduRole * openvidu_role_new           (WsLink                  * link,
                                            GstRcastNetSignaller    * element,
                                            const OpenviduSettings  * settings,
                                            const OpenviduMediaCallbacks * callbacks,
                                            gpointer                  data);
void           openvidu_role_free          (OpenviduRole            * self);

/* We have joined the session. @message: the answer to the join */
void           openvidu_role_joined        (OpenviduRole            * self,
                                            const OpenviduMessage   * message);

/* Starts an operation, one at a time. Returns: whether `answered` or `failed` follows */
gboolean       openvidu_role_offer         (OpenviduRole            * self,
                                            const gchar             * sdp,
                                            GError                 ** error);
gboolean       openvidu_role_request_offer (OpenviduRole            * self,
                                            GError                 ** error);
gboolean       openvidu_role_answer        (OpenviduRole            * self,
                                            const gchar             * sdp,
                                            GError                 ** error);
void           openvidu_role_drop_request  (OpenviduRole            * self);
gboolean       openvidu_role_has_request   (OpenviduRole            * self);

void           openvidu_role_settle        (OpenviduRole            * self);
void           openvidu_role_add_candidate (OpenviduRole            * self,
                                            guint                     mline,
                                            const gchar             * ufrag,
                                            const gchar             * candidate);
/* A notification. */
void           openvidu_role_take          (OpenviduRole            * self,
                                            const OpenviduMessage   * message);
/* The server has ended our stream. */
void           openvidu_role_ended         (OpenviduRole            * self);

/* stop(): the connection is lost. resumed(): it is restored. */
void           openvidu_role_stop          (OpenviduRole            * self);
void           openvidu_role_resumed       (OpenviduRole            * self);
/* Returns: whether the role is to watch, and can go on in this session */
gboolean       openvidu_role_can_wait      (OpenviduRole            * self);

G_END_DECLS
