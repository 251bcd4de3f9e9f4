/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP socket on a thread of its own, which hands over what comes. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _UdpServer UdpServer;

/* On the thread of the server */
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

/* On any port of @address, of IPv4 */
void  udp_server_start  (UdpServer * server, GInetAddress * address, UdpServerTake take, gpointer data);
void  udp_server_stop   (UdpServer * server);
void  udp_server_send   (UdpServer * server, GSocketAddress * to, const guint8 * bytes, gsize size);

G_END_DECLS
