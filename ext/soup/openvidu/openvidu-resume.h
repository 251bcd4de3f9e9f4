/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way back to a session whose connection was lost: by one connection after the other. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduResume OpenviduResume;

/**
 * OpenviduResumeCallbacks:
 * @resumed: the session goes on
 * @failed: by @error or, without one, by a refusal, for @what; it can be gone on with
 * @expired: the server has forgotten us
 *
 * Each of them is the last thing that its caller does.
 */
typedef struct
{
  void (*resumed) (gpointer data);
  void (*failed)  (const OpenviduMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*expired) (gpointer data);
} OpenviduResumeCallbacks;

OpenviduResume * openvidu_resume_new    (OpenviduLink                  * link,
                                         GstRcastNetSignaller          * element,
                                         const OpenviduResumeCallbacks * callbacks,
                                         gpointer                        data);
void             openvidu_resume_free   (OpenviduResume                * self);

/* Of the session @name, by @rpc_session; @pong_at: monotonic, us: of the last ping that
 * was answered. */
void             openvidu_resume_start  (OpenviduResume                * self,
                                         const gchar                   * name,
                                         const gchar                   * rpc_session,
                                         gint64                          pong_at);
/* There is a connection; it has failed, and the next one follows. */
void             openvidu_resume_claim  (OpenviduResume                * self);
void             openvidu_resume_retry  (OpenviduResume                * self,
                                         const GError                  * error);
/* The server can be reached. Returns: whether the next connection was waited for, which
 * now begins */
gboolean         openvidu_resume_hurry  (OpenviduResume                * self);
void             openvidu_resume_stop   (OpenviduResume                * self);

G_END_DECLS
