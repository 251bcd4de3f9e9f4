/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WHIP session from open to the end of close: POST, PATCH, DELETE and their order. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "whip-client.h"
#include "whip-memory.h"

G_BEGIN_DECLS

typedef struct _WhipSession WhipSession;

WhipSession *  whip_session_new           (GstRcastNetSignaller  * element,
                                           WhipSettings          * settings,
                                           WhipMemory            * memory);
void           whip_session_unref         (WhipSession           * session);
void           whip_session_offer         (WhipSession           * session,
                                           const gchar           * sdp,
                                           GTask                 * task);
void           whip_session_request_offer (WhipSession          * session,
                                           GTask                 * task);
void           whip_session_answer        (WhipSession           * session,
                                           const gchar           * sdp,
                                           GTask                 * task);
void           whip_session_restart       (WhipSession           * session,
                                           const gchar           * sdp,
                                           GTask                 * task);
void           whip_session_settle        (WhipSession           * session);
void           whip_session_add_candidate (WhipSession           * session,
                                           const gchar           * ufrag,
                                           const gchar           * candidate);
GUri *         whip_session_get_target    (WhipSession           * session);
gboolean       whip_session_has_connection (WhipSession          * session);
void           whip_session_reached       (WhipSession           * session,
                                           gint64                  since);
void           whip_session_close         (WhipSession           * session,
                                           GTask                 * task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipSession, whip_session_unref)

G_END_DECLS
