/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server in a child process: a test starts it, sets its switches and kills it. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSubprocess *process;
  gchar *whip;                  /* URL of its endpoints, without the name */
  guint port;
} Server;

/* @port: 0 for any. @set: (nullable): NULL-terminated switches NAME=VALUE */
void    server_start   (Server * server, guint port, const gchar * const * set);
/* kill -9: no goodbye on any plane */
void    server_kill    (Server * server);
/* The first number @key among the publishers in /stats */
gint64  server_number  (Server * server, const gchar * key);
/* Sets the switches in @json. */
void    server_control (Server * server, const gchar * json);
/* The number of @method requests among the last 256 requests */
guint   server_requests (Server * server, const gchar * method);

G_END_DECLS
