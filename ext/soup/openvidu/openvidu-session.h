/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our place in an OpenVidu session, from open to the end of close. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-memory.h"
#include "openvidu-settings.h"
#include "ws-session.h"

G_BEGIN_DECLS

/**
 * OpenviduSessionCallbacks:
 * @joined: we have joined the session, as @connection
 * @streaming: @stream is the one that we publish or watch; %NULL: none
 */
typedef struct
{
  void (*joined)    (GstRcastNetSignaller * element, const gchar * connection);
  void (*streaming) (GstRcastNetSignaller * element, const gchar * stream);
} OpenviduSessionCallbacks;

typedef struct _OpenviduSession OpenviduSession;

OpenviduSession * openvidu_session_new           (GstRcastNetSignaller        * element,
                                                  OpenviduSettings            * settings,
                                                  OpenviduMemory              * memory,
                                                  const OpenviduSessionCallbacks * callbacks);

gboolean          openvidu_session_can_wait      (OpenviduSession             * session);
gboolean          openvidu_session_signal        (OpenviduSession             * session,
                                                  const gchar *const          * to,
                                                  const gchar                 * type,
                                                  const gchar                 * data,
                                                  GError                     ** error);

G_END_DECLS
