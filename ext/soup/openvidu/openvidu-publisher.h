/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we publish in an OpenVidu session: offers, and the stream that they make. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"

G_BEGIN_DECLS

typedef struct _OpenviduPublisher OpenviduPublisher;

OpenviduPublisher * openvidu_publisher_new           (OpenviduLink            * link,
                                                      GstRcastNetSignaller    * element,
                                                      const OpenviduSettings  * settings,
                                                      const OpenviduMediaCallbacks * callbacks,
                                                      gpointer                  data);
void                openvidu_publisher_free          (OpenviduPublisher       * self);

/* As @connection we are in the session. */
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
/* The connection came to its end; it is back. */
void                openvidu_publisher_stop          (OpenviduPublisher       * self);
void                openvidu_publisher_flush         (OpenviduPublisher       * self);
/* The server has ended the stream. */
void                openvidu_publisher_ended         (OpenviduPublisher       * self);

G_END_DECLS
