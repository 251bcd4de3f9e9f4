/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bound port of loopback without a server. A test can listen on it later. */
#pragma once

#include <gio/gio.h>
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* Returns: (transfer full): a socket bound to @port of loopback. The port refuses connections
 * until the test listens on it. */
static inline GSocket *
loopback_port_bind (guint * port)
{
  g_autoptr (GInetAddress) loopback =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, NULL);

  fail_unless (g_socket_bind (socket, any, TRUE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return socket;
}

/* Returns: (transfer full): connections that fill the queue of @listener. A later connection
 * waits until the test accepts them, as if the server were away. */
static inline GPtrArray *
loopback_port_fill (GSocket * listener)
{
  GPtrArray *sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (listener, NULL);

  g_socket_set_listen_backlog (listener, 0);
  fail_unless (g_socket_listen (listener, NULL));
  for (guint i = 0; i < 4; i++) {
    GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
        G_SOCKET_PROTOCOL_TCP, NULL);

    g_socket_set_blocking (socket, FALSE);
    g_socket_connect (socket, address, NULL, NULL);
    g_ptr_array_add (sockets, socket);
  }
  return sockets;
}

G_END_DECLS
