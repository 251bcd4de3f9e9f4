/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one stream of an OpenVidu session: finds its publisher, and subscribes to it. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-media.h"
#include "openvidu-role.h"

G_BEGIN_DECLS

typedef struct _OpenviduWatch OpenviduWatch;

extern const OpenviduRoleFuncs openvidu_watch_funcs;

/* @callbacks: `streaming` reports the stream to watch. */
OpenviduWatch * openvidu_watch_new           (WsLink                  * link,
                                              GstRcastNetSignaller    * element,
                                              const OpenviduSettings  * settings,
                                              const OpenviduMediaCallbacks * callbacks,
                                              gpointer                  data);

G_END_DECLS
