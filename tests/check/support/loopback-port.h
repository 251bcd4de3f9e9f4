/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that is not there yet: its port is, and can be listened on. */
#pragma once

#include <gio/gio.h>
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* Returns: (transfer full): bound to @port of loopback, which refuses connections
 * until it is listened on */
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

G_END_DECLS
