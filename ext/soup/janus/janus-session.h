/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Janus session with its VideoRoom handles, from open to the end of close. */
#pragma once

#include "janus-link.h"
#include "janus-settings.h"

G_BEGIN_DECLS

/**
 * JanusMemory:
 * @location: to which the rest belongs
 * @ghost: a session that the server may still have, 0: none
 * @string_ids: the server accepts only strings as identifiers of rooms and members
 * @kicked: (nullable): why we may not join the room again
 *
 * State that outlives a session. Only on the signalling thread.
 */
typedef struct
{
  gchar *location;
  guint64 ghost;
  gboolean string_ids;
  gchar *kicked;
} JanusMemory;

/**
 * JanusSessionCallbacks:
 * @joined: we have joined the room, in @session and as @feed
 */
typedef struct
{
  void (*joined) (GstRcastNetSignaller * element, guint64 session, const JanusId * feed);
} JanusSessionCallbacks;

typedef struct _JanusSession JanusSession;

void           janus_memory_check          (JanusMemory                 * memory,
                                            const gchar                 * location);
void           janus_memory_clear          (JanusMemory                 * memory);

JanusSession * janus_session_new           (GstRcastNetSignaller        * element,
                                            JanusSettings               * settings,
                                            JanusMemory                 * memory,
                                            const JanusSessionCallbacks * callbacks);
void           janus_session_unref         (JanusSession                * session);

/* All of these take @task. */
void           janus_session_open          (JanusSession                * session,
                                            GTask                       * task);
void           janus_session_offer         (JanusSession                * session,
                                            GstRcastOfferKind             kind,
                                            const gchar                 * sdp,
                                            GTask                       * task);
void           janus_session_request_offer (JanusSession                * session,
                                            GstRcastOfferKind             kind,
                                            GTask                       * task);
void           janus_session_answer        (JanusSession                * session,
                                            const gchar                 * sdp,
                                            GTask                       * task);
void           janus_session_resume        (JanusSession                * session,
                                            GTask                       * task);
void           janus_session_close         (JanusSession                * session,
                                            GTask                       * task);

void           janus_session_settle        (JanusSession                * session);
gboolean       janus_session_is_connected  (JanusSession                * session);
void           janus_session_reached       (JanusSession                * session,
                                            gint64                        since);
void           janus_session_add_candidate (JanusSession                * session,
                                            guint                         mline,
                                            const gchar                 * ufrag,
                                            const gchar                 * candidate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusSession, janus_session_unref)

G_END_DECLS
