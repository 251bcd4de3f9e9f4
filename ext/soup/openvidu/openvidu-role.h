/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our role in an OpenVidu session: publish a stream, or watch one. */
#pragma once

#include "openvidu-message.h"
#include "ws-role.h"

G_BEGIN_DECLS

/**
 * OpenviduRoleFuncs:
 * @ws: what the role of each protocol can do
 * @joined: we have joined the session; @message answers the join
 * @take: takes a notification
 * @ended: (nullable): the server has ended our stream
 * @resumed: the connection is restored
 * @can_wait: (nullable): returns whether the role watches, and can wait for a publisher in this
 *   session
 */
typedef struct
{
  WsRoleFuncs ws;
  void     (*joined)   (gpointer role, const OpenviduMessage * message);
  void     (*take)     (gpointer role, const OpenviduMessage * message);
  void     (*ended)    (gpointer role);
  void     (*resumed)  (gpointer role);
  gboolean (*can_wait) (gpointer role);
} OpenviduRoleFuncs;

G_END_DECLS
