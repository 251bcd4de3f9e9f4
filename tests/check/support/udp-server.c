/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket with a thread of its own, which passes on each datagram. */
#include "config.h"

#include "udp-server.h"

#include <gst/check/gstcheck.h>

static gpointer
run (gpointer data)
{
  UdpServer *server = data;

  for (;;) {
    g_autoptr (GSocketAddress) from = NULL;
    guint8 bytes[2048];
    gssize size = g_socket_receive_from (server->socket, &from,
        (gchar *) bytes, sizeof bytes, server->cancellable, NULL);

    if (size < 0)
      return NULL;
    server->take (server, from, bytes, size, server->data);
  }
}

void
udp_server_start (UdpServer * server, GInetAddress * address,
    UdpServerTake take, gpointer data)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  *server = (UdpServer) {.take = take,.data = data,.cancellable =
        g_cancellable_new ()};
  server->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  fail_unless (g_socket_bind (server->socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (server->socket, NULL);
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  server->thread = g_thread_new ("server", run, server);
}

void
udp_server_stop (UdpServer * server)
{
  g_cancellable_cancel (server->cancellable);
  g_thread_join (server->thread);
  g_object_unref (server->socket);
  g_object_unref (server->cancellable);
}

void
udp_server_send (UdpServer * server, GSocketAddress * to, const guint8 * bytes,
    gsize size)
{
  g_socket_send_to (server->socket, to, (const gchar *) bytes, size, NULL,
      NULL);
}
