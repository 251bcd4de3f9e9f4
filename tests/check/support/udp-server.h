/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket with a thread of its own, which passes on each datagram. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _UdpServer UdpServer;

/* Called in the server's thread for each datagram */
typedef void (*UdpServerTake) (UdpServer * server, GSocketAddress * from,
    const guint8 * bytes, gsize size, gpointer data);

struct _UdpServer
{
  guint16 port;
  GSocket *socket;
  GThread *thread;
  GCancellable *cancellable;
  UdpServerTake take;
  gpointer data;
};

/* Listens on any free port of @address, which is IPv4. */
void  udp_server_start  (UdpServer * server, GInetAddress * address, UdpServerTake take, gpointer data);
void  udp_server_stop   (UdpServer * server);
void  udp_server_send   (UdpServer * server, GSocketAddress * to, const guint8 * bytes, gsize size);

G_END_DECLS
