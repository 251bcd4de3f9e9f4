/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a SoupServer listen on a free port of loopback. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Returns: the port */
static inline guint16
soup_listen (SoupServer * server)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;
  guint16 port;

  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

G_END_DECLS
