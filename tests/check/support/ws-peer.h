/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WebSocket server on loopback that sends a test's bytes, at the test's pace. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  WS_PEER_CLOSE,                /* closes the connection after the bytes */
  WS_PEER_HOLD,                 /* reads on, but sends nothing more: not even a pong */
  WS_PEER_RESET,
} WsPeerEnd;

typedef struct
{
  const gchar *head;            /* of the response; NULL: a valid one */
  const gchar *protocol;        /* chosen subprotocol; NULL: none */
  GBytes *frames;               /* (nullable) (transfer full): sent after the response */
  guint drip_us;                /* between two bytes; 0: sends them at once */
  WsPeerEnd end;
} WsPeerScript;

typedef struct _WsPeer WsPeer;

WsPeer *  ws_peer_new       (WsPeerScript    script);
void      ws_peer_free      (WsPeer        * peer);
guint     ws_peer_port      (WsPeer        * peer);
/* Makes a frame. @claimed: the size in its header, -1: the real size */
GBytes *  ws_peer_frame     (guint8          first_byte,
                             gboolean        masked,
                             gint64          claimed,
                             const void    * payload,
                             gsize           size);

G_END_DECLS
