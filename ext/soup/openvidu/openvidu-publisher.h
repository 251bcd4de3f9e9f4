/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishes our stream in an OpenVidu session. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"

G_BEGIN_DECLS

typedef struct _OpenviduPublisher OpenviduPublisher;

OpenviduPublisher * openvidu_publisher_new           (WsLink                  * link,
                                                      GstRcastNetSignaller    * element,
                                                      const OpenviduSettings  * settings,
                                                      const OpenviduMediaCallbacks * callbacks,
                                                      gpointer                  data);
void                openvidu_publisher_free          (OpenviduPublisher       * self);

/* We have joined the session, as @connection. */
void                openvidu_publisher_joined        (OpenviduPublisher       * self,
                                                      const gchar             * connection);
gboolean            openvidu_publisher_offer         (OpenviduPublisher       * self,
                                                      const gchar             * sdp,
                                                      GError                 ** error);
void                openvidu_publisher_drop_offer    (OpenviduPublisher       * self);
gboolean            openvidu_publisher_has_offer     (OpenviduPublisher       * self);
void                openvidu_publisher_add_candidate (OpenviduPublisher       * self,
                                                      guint                     mline,
                                                      const gchar             * ufrag,
                                                      const gchar             * candidate);
void                openvidu_publisher_take          (OpenviduPublisher       * self,
                                                      const OpenviduMessage   * message);
/* stop(): the connection is lost. flush(): it is restored. */
void                openvidu_publisher_stop          (OpenviduPublisher       * self);
void                openvidu_publisher_flush         (OpenviduPublisher       * self);
/* The server has ended the stream. */
void                openvidu_publisher_ended         (OpenviduPublisher       * self);

G_END_DECLS
