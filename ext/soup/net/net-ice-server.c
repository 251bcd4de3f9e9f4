/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts STUN and TURN servers from a signalling server for webrtcbin. Pure. */
#include "config.h"

#include "net-ice-server.h"

#include <string.h>

static gboolean
is_host (const gchar * host)
{
  if (*host == '[')
    return strspn (host + 1, "0123456789abcdefABCDEF:.") + 2 == strlen (host)
        && g_str_has_suffix (host, "]") && strchr (host, ':');
  return *host && host[strspn (host, "abcdefghijklmnopqrstuvwxyz"
          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] == '\0';
}

/* `host`, `host:port`, `[v6]`, `[v6]:port` */
static gboolean
parse_authority (const gchar * text, guint64 default_port, gchar ** host,
    guint64 * port)
{
  const gchar *end = *text == '[' ? strchr (text, ']') : strchr (text, ':');
  g_autofree gchar *name = NULL;

  *port = default_port;
  if (*text == '[') {
    if (!end)
      return FALSE;
    end++;
  }
  name = end ? g_strndup (text, end - text) : g_strdup (text);
  if (!is_host (name))
    return FALSE;
  if (end && *end && (*end != ':'
          || !g_ascii_string_to_unsigned (end + 1, 10, 1, 65535, port, NULL)))
    return FALSE;
  *host = g_steal_pointer (&name);
  return TRUE;
}

/**
 * net_ice_server_print:
 * @location: URI of RFC 7064 or RFC 7065
 * @username: (nullable): for TURN
 * @credential: (nullable): for TURN
 *
 * Returns: (transfer full) (nullable): the URI for webrtcbin; %NULL if libnice cannot use it
 */
gchar *
net_ice_server_print (const gchar * location, const gchar * username,
    const gchar * credential)
{
  /* Some servers escape the whole URI, including the question mark. */
  g_autofree gchar *uri = g_uri_unescape_string (location, NULL);
  g_autofree gchar *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
  const gchar *query = "";
  gchar *rest, *mark;
  guint64 port;

  if (!uri || !(rest = strchr (uri, ':')))
    return NULL;
  scheme = g_ascii_strdown (uri, rest - uri);
  rest++;
  if (g_str_has_prefix (rest, "//"))
    rest += 2;
  if ((mark = strchr (rest, '?'))) {
    *mark = '\0';
    if (g_ascii_strcasecmp (mark + 1, "transport=udp") == 0)
      query = "?transport=udp";
    else if (g_ascii_strcasecmp (mark + 1, "transport=tcp") == 0)
      query = "?transport=tcp";
    else if (g_ascii_strncasecmp (mark + 1, "transport=", 10) == 0)
      return NULL;
  }

  if (g_str_equal (scheme, "stun")) {
    if (!parse_authority (rest, 3478, &host, &port))
      return NULL;
    return g_strdup_printf ("stun://%s:%" G_GUINT64_FORMAT, host, port);
  }
  if (!g_str_equal (scheme, "turn") && !g_str_equal (scheme, "turns"))
    return NULL;
  if (!username || !credential
      || !parse_authority (rest, g_str_equal (scheme, "turn") ? 3478 : 5349,
          &host, &port))
    return NULL;
  user = g_uri_escape_string (username, NULL, FALSE);
  password = g_uri_escape_string (credential, NULL, FALSE);
  return g_strdup_printf ("%s://%s:%s@%s:%" G_GUINT64_FORMAT "%s", scheme,
      user, password, host, port, query);
}
