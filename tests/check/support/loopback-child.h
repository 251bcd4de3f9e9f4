/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server as a process of its own, which a test starts, switches and kills. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSubprocess *process;
  gchar *whip;                  /* URL of its endpoints, up to the name */
  guint port;
} Server;

/* @port 0: any. @set: switches NAME=VALUE, up to NULL */
void    server_start   (Server * server, guint port, const gchar * const * set);
/* kill -9: no goodbye on any plane */
void    server_kill    (Server * server);
/* A number of its publishers' in /stats */
gint64  server_number  (Server * server, const gchar * key);
/* @json: switches to be set now */
void    server_control (Server * server, const gchar * json);
/* How many requests of @method it was sent, up to 256 of all kinds. */
guint   server_requests (Server * server, const gchar * method);

G_END_DECLS
