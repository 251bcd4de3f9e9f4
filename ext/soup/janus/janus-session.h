/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Janus session with one VideoRoom handle, from open to the end of close. */
#pragma once

#include "janus-link.h"
#include "janus-settings.h"

G_BEGIN_DECLS

/**
 * JanusMemory:
 * @location: to which the rest belongs
 * @ghost: a session that the server may still have, 0: none
 * @string_ids: the server takes no numbers as names of rooms and members
 * @kicked: (nullable): why the room is closed to us
 *
 * What outlives a session. The signalling thread's.
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
 * @joined: we are in the room, in @session and as @feed
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

/* Each takes @task. */
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
