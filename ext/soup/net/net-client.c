/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsoup sessions that dial on each uplink, one per origin. */
#include "config.h"

#include "net-client.h"

#include "net-dial.h"
#include "net-url.h"

/* One socket each. A signaller needs one at a time, plus those of sessions that it ends. */
#define MAX_CONNECTIONS 8

struct _NetClient
{
  NetDialer *dialer;
  gchar *user_agent;
  GTlsDatabase *tls_database;
  GHashTable *sessions;         /* SoupSession by origin */
};

/* @user_agent, @tls_database: (nullable) */
NetClient *
net_client_new (NetDialer * dialer, const gchar * user_agent,
    GTlsDatabase * tls_database)
{
  NetClient *client = g_new0 (NetClient, 1);

  client->dialer = net_dialer_ref (dialer);
  client->user_agent = g_strdup (user_agent);
  client->tls_database = tls_database ? g_object_ref (tls_database) : NULL;
  client->sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return client;
}

/* Takes NULL. */
void
net_client_free (NetClient * client)
{
  if (!client)
    return;
  g_hash_table_unref (client->sessions);
  g_clear_object (&client->tls_database);
  g_free (client->user_agent);
  net_dialer_unref (client->dialer);
  g_free (client);
}

NetDialer *
net_client_get_dialer (NetClient * client)
{
  return client->dialer;
}

/* All connections of a session share its connectable. */
static SoupSession *
new_session (NetClient * client, GUri * url)
{
  g_autoptr (GSocketConnectable) dial = net_dial_new (client->dialer, url);
  /* Each exchange has its own time limit, in milliseconds. */
  SoupSession *session = soup_session_new_with_options ("timeout", 0,
      "max-conns", MAX_CONNECTIONS, "max-conns-per-host", MAX_CONNECTIONS,
      "remote-connectable", dial, NULL);

  /* A load balancer finds the server of a session by a cookie. Each origin has its own cookie jar,
   * so that no other origin sees the cookies. */
  soup_session_add_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  if (client->user_agent)
    soup_session_set_user_agent (session, client->user_agent);
  if (client->tls_database)
    soup_session_set_tls_database (session, client->tls_database);
  return session;
}

/* Returns: (transfer none): the session for requests to the origin of @url */
SoupSession *
net_client_get_session (NetClient * client, GUri * url)
{
  g_autofree gchar *origin = net_url_print_origin (url);
  SoupSession *session = g_hash_table_lookup (client->sessions, origin);

  if (!session) {
    session = new_session (client, url);
    g_hash_table_insert (client->sessions, g_steal_pointer (&origin), session);
  }
  return session;
}
