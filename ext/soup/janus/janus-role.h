/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Role of a Janus session in its room: publishes feeds, or watches one. */
#pragma once

#include "janus-handle.h"

G_BEGIN_DECLS

typedef struct _JanusRole JanusRole;

/* The settings determine the role. */
JanusRole *    janus_role_new           (WsLink                     * link,
                                         JanusReports               * reports,
                                         GstRcastNetSignaller       * element,
                                         const JanusSettings        * settings,
                                         gboolean                   * string_ids,
                                         const JanusHandleCallbacks * callbacks,
                                         gpointer                     data);
void           janus_role_free          (JanusRole                  * role);

void           janus_role_join          (JanusRole                  * role,
                                         guint64                      session);

/* Starts an operation, one at a time. Returns: whether `answered` or `failed` follows */
gboolean       janus_role_offer         (JanusRole                  * role,
                                         GstRcastOfferKind            kind,
                                         const gchar                * sdp,
                                         GError                    ** error);
gboolean       janus_role_request_offer (JanusRole                  * role,
                                         GstRcastOfferKind            kind,
                                         GError                    ** error);
gboolean       janus_role_answer        (JanusRole                  * role,
                                         const gchar                * sdp,
                                         GError                    ** error);
void           janus_role_drop_request  (JanusRole                  * role);
gboolean       janus_role_has_request   (JanusRole                  * role);

void           janus_role_settle        (JanusRole                  * role);
void           janus_role_add_candidate (JanusRole                  * role,
                                         guint                        mline,
                                         const gchar                * ufrag,
                                         const gchar                * candidate);

/* stop(): the connection is lost. forget(): the session is gone. resync(): a claim has restored the
 * session. resumed(): the session is open again. */
void           janus_role_stop          (JanusRole                  * role);
void           janus_role_forget        (JanusRole                  * role);
void           janus_role_resync        (JanusRole                  * role);
void           janus_role_resumed       (JanusRole                  * role);
void           janus_role_leave         (JanusRole                  * role);

gboolean       janus_role_take          (JanusRole                  * role,
                                         const JanusMessage         * message);

G_END_DECLS
