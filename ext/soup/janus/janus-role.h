/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Role of a Janus session in its room: publishes feeds, or watches one. */
#pragma once

#include "janus-message.h"
#include "ws-role.h"

G_BEGIN_DECLS

/**
 * JanusRoleCallbacks:
 * @joined: we have joined the room, as @feed
 * @answered: the server accepted the offer
 * @failed: an offer, or joining the room, failed. @error: (nullable): %NULL if the server
 *   refused @what by @refusal
 * @kicked: we were kicked out of the room
 * @resynced: resync is done. @loss: (nullable): the state of the media.
 *   @error: (nullable): the session is lost: %GST_RCAST_ERROR_SESSION_GONE, or the error of
 *   the connection
 *
 * Each callback is the last thing that the role does. It may free the role.
 */
typedef struct
{
  void (*joined)   (const JanusId * feed, gpointer data);
  void (*answered) (const gchar * answer, gpointer data);
  void (*failed)   (const JanusMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*kicked)   (gpointer data);
  void (*resynced) (const gchar * loss, const GError * error, gpointer data);
} JanusRoleCallbacks;

/**
 * JanusRoleFuncs:
 * @ws: what the role of each protocol can do
 * @join: joins the room, in @session
 * @forget: the session is gone
 * @resync: a claim has restored the session: finds out what was missed
 * @resumed: (nullable): the session is open again
 * @leave: leaves the room. Its requests need no answers: the session is destroyed next, and
 *   the answer to that covers them
 * @take: takes a message. Returns: whether it is for one of the handles
 */
typedef struct
{
  WsRoleFuncs ws;
  void     (*join)    (gpointer role, guint64 session);
  void     (*forget)  (gpointer role);
  void     (*resync)  (gpointer role);
  void     (*resumed) (gpointer role);
  void     (*leave)   (gpointer role);
  gboolean (*take)    (gpointer role, const JanusMessage * message);
} JanusRoleFuncs;

G_END_DECLS
