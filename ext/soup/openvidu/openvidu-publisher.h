/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishes our stream in an OpenVidu session. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"
#include "openvidu-role.h"

G_BEGIN_DECLS

typedef struct _OpenviduPublisher OpenviduPublisher;

extern const OpenviduRoleFuncs openvidu_publisher_funcs;

OpenviduPublisher * openvidu_publisher_new           (WsLink                  * link,
                                                      GstRcastNetSignaller    * element,
                                                      const OpenviduSettings  * settings,
                                                      const OpenviduMediaCallbacks * callbacks,
                                                      gpointer                  data);

G_END_DECLS
