/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WebSocket server on loopback that sends what bytes a test wants, at whatever pace. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  WS_PEER_CLOSE,                /* after the bytes */
  WS_PEER_HOLD,                 /* reads, and says no more: not even a pong */
  WS_PEER_RESET,
} WsPeerEnd;

typedef struct
{
  const gchar *head;            /* of the answer; NULL: a right one */
  const gchar *protocol;        /* that it chooses; NULL: none */
  GBytes *frames;               /* nullable: sent after the answer; taken */
  guint drip_us;                /* between two bytes of the answer */
  WsPeerEnd end;
} WsPeerScript;

typedef struct _WsPeer WsPeer;

WsPeer *  ws_peer_new       (WsPeerScript    script);
void      ws_peer_free      (WsPeer        * peer);
guint     ws_peer_port      (WsPeer        * peer);
/* A frame: @claimed is the size that its head tells, -1: the real one. */
GBytes *  ws_peer_frame     (guint8          first_byte,
                             gboolean        masked,
                             gint64          claimed,
                             const void    * payload,
                             gsize           size);

G_END_DECLS
