/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the server has dropped us: it answers an echo, but not what is asked about media. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduDoubt OpenviduDoubt;

/* @dropped: it has; the last thing that the doubt does */
OpenviduDoubt * openvidu_doubt_new   (OpenviduLink           * link,
                                      const OpenviduSettings * settings,
                                      void                  (* dropped) (const GError * error, gpointer data),
                                      gpointer                 data);
void            openvidu_doubt_free  (OpenviduDoubt          * self);

/* Something was asked; it was answered, or is of no use any more. */
void            openvidu_doubt_begin (OpenviduDoubt          * self);
void            openvidu_doubt_end   (OpenviduDoubt          * self);

G_END_DECLS
