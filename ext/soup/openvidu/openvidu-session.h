/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our place in an OpenVidu session, from open to the end of close. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-memory.h"
#include "openvidu-settings.h"

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
void              openvidu_session_unref         (OpenviduSession             * session);

/* All of these take @task. */
void              openvidu_session_open          (OpenviduSession             * session,
                                                  GTask                       * task);
void              openvidu_session_offer         (OpenviduSession             * session,
                                                  GstRcastOfferKind             kind,
                                                  const gchar                 * sdp,
                                                  GTask                       * task);
void              openvidu_session_request_offer (OpenviduSession             * session,
                                                  GstRcastOfferKind             kind,
                                                  GTask                       * task);
void              openvidu_session_answer        (OpenviduSession             * session,
                                                  const gchar                 * sdp,
                                                  GTask                       * task);
void              openvidu_session_resume        (OpenviduSession             * session,
                                                  GTask                       * task);
void              openvidu_session_close         (OpenviduSession             * session,
                                                  GTask                       * task);

void              openvidu_session_settle        (OpenviduSession             * session);
gboolean          openvidu_session_can_wait      (OpenviduSession             * session);
gboolean          openvidu_session_is_connected  (OpenviduSession             * session);
void              openvidu_session_reached       (OpenviduSession             * session,
                                                  gint64                        since);
void              openvidu_session_add_candidate (OpenviduSession             * session,
                                                  guint                         mline,
                                                  const gchar                 * ufrag,
                                                  const gchar                 * candidate);
gboolean          openvidu_session_signal        (OpenviduSession             * session,
                                                  const gchar *const          * to,
                                                  const gchar                 * type,
                                                  const gchar                 * data,
                                                  GError                     ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpenviduSession, openvidu_session_unref)

G_END_DECLS
