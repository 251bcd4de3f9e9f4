/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Role of a Janus session in its room: publishes feeds, or watches one. */
#pragma once

#include "janus-message.h"
#include "ws-role.h"

G_BEGIN_DECLS

/**
 * JanusRoleFuncs:
 * @ws: what the role of each protocol can do
 * @join: joins the room, in @session
 * @forget: the session is gone
 * @resync: a claim has restored the session: finds out what was missed
 * @resumed: (nullable): the session is open again
 * @leave: leaves the room. Called before the session is destroyed: the answer to that covers
 *   these requests
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
