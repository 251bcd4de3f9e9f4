/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One WebSocket connection with libsoup, bounded in time and size. It never reconnects. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

#include "net-dialer.h"

G_BEGIN_DECLS

typedef struct _NetWebsocket NetWebsocket;

/**
 * NetWebsocketSettings:
 * @url: `ws://` or `wss://`
 * @protocol: (nullable): the subprotocol that the server must accept
 * @user_agent: (nullable): value of the User-Agent header
 * @dialer: connects
 * @tls_database: (nullable): authorities to trust instead of the system's
 * @tls_verify: whether the certificate must be valid
 * @connect_timeout: milliseconds until the handshake must be over
 * @ping_interval: seconds between pings, at least 1
 * @pong_timeout: milliseconds of silence after which the connection is dead; longer than
 *   @ping_interval. Less silence suffices if the uplink is down or media has left it
 * @close_timeout: milliseconds that the closing handshake may take
 * @max_size: limit of a message in bytes; never 0
 */
typedef struct
{
  GUri *url;
  const gchar *protocol;
  const gchar *user_agent;
  NetDialer *dialer;
  GTlsDatabase *tls_database;
  gboolean tls_verify;
  guint connect_timeout;
  guint ping_interval;
  guint pong_timeout;
  guint close_timeout;
  gsize max_size;
} NetWebsocketSettings;

/**
 * NetWebsocketClient:
 * @opened: the handshake is over
 * @text: a text message, valid UTF-8 and NUL-terminated
 * @closed: the end, exactly once; @error is %NULL after net_websocket_close(),
 *   else %GST_RCAST_ERROR with the URL
 *
 * Called in the main context in which the connection was opened, and never after
 * net_websocket_free(), which each callback may call.
 */
typedef struct
{
  void (*opened) (NetWebsocket * ws, gpointer data);
  void (*text)   (NetWebsocket * ws, const gchar * text, gsize size, gpointer data);
  void (*closed) (NetWebsocket * ws, const GError * error, gpointer data);
} NetWebsocketClient;

NetWebsocket *  net_websocket_open     (const NetWebsocketSettings * settings,
                                            const NetWebsocketClient   * client,
                                            gpointer                       data);
gboolean          net_websocket_is_open  (NetWebsocket               * ws);
gboolean          net_websocket_is_connected (NetWebsocket           * ws);
gboolean          net_websocket_is_overtaken (NetWebsocket           * ws,
                                            gint64                         since);
gboolean          net_websocket_send     (NetWebsocket               * ws,
                                            const gchar                  * text);
const gchar *     net_websocket_get_uplink (NetWebsocket             * ws);
void              net_websocket_close    (NetWebsocket               * ws);
void              net_websocket_close_with (NetWebsocket             * ws,
                                            guint                          code,
                                            const gchar                  * reason);
void              net_websocket_reset    (NetWebsocket               * ws);
void              net_websocket_free     (NetWebsocket               * ws);

G_END_DECLS
