/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our session at a gst-webrtc-signalling-server, from open to the end of close. */
#pragma once

#include "gstsig-memory.h"
#include "gstsig-settings.h"

G_BEGIN_DECLS

/**
 * GstsigSessionCallbacks:
 * @registered: the server has registered us as @peer
 * @met: @peer is the consumer that we serve, or the producer that we watch; %NULL: none
 */
typedef struct
{
  void (*registered) (GstRcastNetSignaller * element, const gchar * peer);
  void (*met)        (GstRcastNetSignaller * element, const gchar * peer);
} GstsigSessionCallbacks;

typedef struct _GstsigSession GstsigSession;

GstsigSession * gstsig_session_new           (GstRcastNetSignaller          * element,
                                              GstsigSettings                * settings,
                                              GstsigMemory                  * memory,
                                              const GstsigSessionCallbacks  * callbacks);
void            gstsig_session_unref         (GstsigSession                 * session);

/* All of these take @task. open() may be called again while we are registered. */
void            gstsig_session_open          (GstsigSession                 * session,
                                              GTask                         * task);
void            gstsig_session_offer         (GstsigSession                 * session,
                                              GstRcastOfferKind               kind,
                                              const gchar                   * sdp,
                                              GTask                         * task);
void            gstsig_session_request_offer (GstsigSession                 * session,
                                              GstRcastOfferKind               kind,
                                              GTask                         * task);
void            gstsig_session_answer        (GstsigSession                 * session,
                                              const gchar                   * sdp,
                                              GTask                         * task);
void            gstsig_session_close         (GstsigSession                 * session,
                                              GTask                         * task);

gboolean        gstsig_session_is_at         (GstsigSession                 * session,
                                              const gchar                   * location);
gboolean        gstsig_session_is_connected  (GstsigSession                 * session);
void            gstsig_session_reached       (GstsigSession                 * session,
                                              gint64                          since);
void            gstsig_session_settle        (GstsigSession                 * session);
void            gstsig_session_add_candidate (GstsigSession                 * session,
                                              guint                           mline,
                                              const gchar                   * ufrag,
                                              const gchar                   * candidate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigSession, gstsig_session_unref)

G_END_DECLS
