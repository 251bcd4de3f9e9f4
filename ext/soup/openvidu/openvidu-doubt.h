/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects that the server has dropped us: it answers an echo, but no requests about media. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduDoubt OpenviduDoubt;

/* @dropped: the server has dropped us. The doubt does nothing after this */
OpenviduDoubt * openvidu_doubt_new   (WsLink                 * link,
                                      const OpenviduSettings * settings,
                                      void                  (* dropped) (const GError * error, gpointer data),
                                      gpointer                 data);
void            openvidu_doubt_free  (OpenviduDoubt          * self);

/* begin(): a request was sent. end(): it was answered, or is no longer of use. */
void            openvidu_doubt_begin (OpenviduDoubt          * self);
void            openvidu_doubt_end   (OpenviduDoubt          * self);

G_END_DECLS
