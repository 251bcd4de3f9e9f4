/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of our place in an OpenVidu session: the goodbye, and the end of the connection. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduGoodbye OpenviduGoodbye;

/* @ended: it is said, or was not to be; the last thing that the goodbye does */
OpenviduGoodbye * openvidu_goodbye_new    (OpenviduLink           * link,
                                           const OpenviduSettings * settings,
                                           void                  (* ended) (gpointer data),
                                           gpointer                 data);
void              openvidu_goodbye_free   (OpenviduGoodbye        * self);

/* Takes @task (nullable), which ends with it. @inside: we are in the session; @joining:
 * we may be soon. */
void              openvidu_goodbye_start  (OpenviduGoodbye        * self,
                                           gboolean                 inside,
                                           gboolean                 joining,
                                           GTask                  * task);
/* Now we are in the session; the connection is over, @error says why. */
void              openvidu_goodbye_joined (OpenviduGoodbye        * self);
void              openvidu_goodbye_lost   (OpenviduGoodbye        * self,
                                           const GError           * error);

G_END_DECLS
