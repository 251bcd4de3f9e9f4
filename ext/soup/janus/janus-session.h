/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Janus session with its VideoRoom handles, from open to the end of close. */
#pragma once

#include "janus-link.h"
#include "janus-settings.h"
#include "ws-session.h"

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

G_END_DECLS
