/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Leaves an OpenVidu session: sends the goodbye, and closes the connection. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduGoodbye OpenviduGoodbye;

/* @ended: the goodbye was sent, or was not needed. The goodbye does nothing after this */
OpenviduGoodbye * openvidu_goodbye_new    (WsLink                 * link,
                                           const OpenviduSettings * settings,
                                           void                  (* ended) (gpointer data),
                                           gpointer                 data);
void              openvidu_goodbye_free   (OpenviduGoodbye        * self);

/* Takes @task (nullable), and returns it at the end. @inside: whether we are in the session.
 * @joining: whether we may be soon. */
void              openvidu_goodbye_start  (OpenviduGoodbye        * self,
                                           gboolean                 inside,
                                           gboolean                 joining,
                                           GTask                  * task);
/* joined(): we have joined the session. lost(): the connection is lost, because of @error. */
void              openvidu_goodbye_joined (OpenviduGoodbye        * self);
void              openvidu_goodbye_lost   (OpenviduGoodbye        * self,
                                           const GError           * error);

G_END_DECLS
