/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our role at a gst-webrtc-signalling-server: serve a consumer, or watch a producer. */
#pragma once

#include "gstsig-context.h"
#include "gstsig-message.h"
#include "ws-role.h"

G_BEGIN_DECLS

/**
 * GstsigRoleCallbacks:
 * @ready: open is done: offers can be made or requested
 * @waiting: the other peer is not there: open is done only when it arrives
 * @answered: the operation is done, with the description of the other peer; %NULL: our
 *   answer is on its way
 * @failed: the operation has failed. The caller does nothing after this
 * @met: the other peer; %NULL: there is none
 */
typedef struct
{
  void (*ready)    (gpointer data);
  void (*waiting)  (const gchar * detail, gpointer data);
  void (*answered) (const gchar * sdp, gpointer data);
  void (*failed)   (const GError * error, gpointer data);
  void (*met)      (const gchar * peer, gpointer data);
} GstsigRoleCallbacks;

/**
 * GstsigRoleFuncs:
 * @ws: what the role of each protocol can do
 * @welcomed: the server has registered us as @peer
 * @take: takes a message
 * @complain: the server has sent an error
 * @take_garbage: the server has sent an invalid message
 * @leave: tells the other peer that we leave, if there is a connection
 */
typedef struct
{
  WsRoleFuncs ws;
  void (*welcomed)     (gpointer role, const gchar * peer);
  void (*take)         (gpointer role, const GstsigMessage * message);
  void (*complain)     (gpointer role, const gchar * complaint);
  void (*take_garbage) (gpointer role, const gchar * complaint);
  void (*leave)        (gpointer role);
} GstsigRoleFuncs;

G_END_DECLS
