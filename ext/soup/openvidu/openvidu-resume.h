/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resumes a session whose connection was lost, with as many connections as it takes. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduResume OpenviduResume;

/**
 * OpenviduResumeCallbacks:
 * @resumed: the session goes on
 * @failed: an attempt failed and may be repeated. @error: (nullable): %NULL if the server
 *   refused @what
 * @expired: the server has forgotten us
 *
 * Each callback is the last thing that its caller does.
 */
typedef struct
{
  void (*resumed) (gpointer data);
  void (*failed)  (const OpenviduMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*expired) (gpointer data);
} OpenviduResumeCallbacks;

OpenviduResume * openvidu_resume_new    (WsLink                        * link,
                                         GstRcastNetSignaller          * element,
                                         const OpenviduResumeCallbacks * callbacks,
                                         gpointer                        data);
void             openvidu_resume_free   (OpenviduResume                * self);

/* Resumes the session @name, identified by @rpc_session. @pong_at: monotonic, us: time of the last
 * answered ping */
void             openvidu_resume_start  (OpenviduResume                * self,
                                         const gchar                   * name,
                                         const gchar                   * rpc_session,
                                         gint64                          pong_at);
/* claim(): a connection is open. retry(): it has failed, and the next one follows. */
void             openvidu_resume_claim  (OpenviduResume                * self);
void             openvidu_resume_retry  (OpenviduResume                * self,
                                         const GError                  * error);
/* The server can be reached. Returns: whether we were waiting to connect, and now do so */
gboolean         openvidu_resume_hurry  (OpenviduResume                * self);
void             openvidu_resume_stop   (OpenviduResume                * self);

G_END_DECLS
