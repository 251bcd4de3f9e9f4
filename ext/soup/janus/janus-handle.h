/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VideoRoom handle of a Janus session: our membership in the room and the media we publish. */
#pragma once

#include "janus-link.h"
#include "janus-reports.h"
#include "janus-role.h"

G_BEGIN_DECLS

typedef struct _JanusHandle JanusHandle;

JanusHandle *  janus_handle_new           (WsLink                     * link,
                                           JanusReports               * reports,
                                           GstRcastNetSignaller       * element,
                                           const JanusSettings        * settings,
                                           gboolean                   * string_ids,
                                           const JanusRoleCallbacks   * callbacks,
                                           gpointer                     data);
void           janus_handle_free          (JanusHandle                * handle);

void           janus_handle_join          (JanusHandle                * handle,
                                           guint64                      session);
gboolean       janus_handle_offer         (JanusHandle                * handle,
                                           GstRcastOfferKind            kind,
                                           const gchar                * sdp,
                                           GError                    ** error);
void           janus_handle_drop_offer    (JanusHandle                * handle);
gboolean       janus_handle_has_offer     (JanusHandle                * handle);
void           janus_handle_add_candidate (JanusHandle                * handle,
                                           guint                        mline,
                                           const gchar                * ufrag,
                                           const gchar                * candidate);
gboolean       janus_handle_has_media     (JanusHandle                * handle);
gboolean       janus_handle_is_joined     (JanusHandle                * handle);

/* stop(): the connection is lost. forget(): the handle is gone, and its media with it. resync(): a
 * claim has restored the session. */
void           janus_handle_stop          (JanusHandle                * handle);
void           janus_handle_forget        (JanusHandle                * handle);
void           janus_handle_resync        (JanusHandle                * handle);
void           janus_handle_flush         (JanusHandle                * handle);
void           janus_handle_leave         (JanusHandle                * handle);

gboolean       janus_handle_is_sender     (JanusHandle                * handle,
                                           const JanusMessage         * message);
void           janus_handle_take          (JanusHandle                * handle,
                                           const JanusMessage         * message);

G_END_DECLS
