/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of STUN and TURN servers as users write them. */
#include "config.h"

#include "gstrcasticeurl.h"

#include <gio/gio.h>
#include <string.h>

/* RFC 8489 9, RFC 8656 5 */
#define PORT 3478
#define TLS_PORT 5349

#define STUN_FORMS "expected stun:host[:port], stun://host[:port] or host:port"
#define TURN_FORMS "expected turn[s]:[//]user:password@host[:port]" \
    "[?transport=udp|tcp], user and password percent-encoded"

/* Returns: (nullable): the part behind `SCHEME:` or `SCHEME://` */
static const gchar *
skip_scheme (const gchar * value, const gchar * scheme)
{
  gsize length = strlen (scheme);

  if (g_ascii_strncasecmp (value, scheme, length) != 0 || value[length] != ':')
    return NULL;
  value += length + 1;
  return g_str_has_prefix (value, "//") ? value + 2 : value;
}

static gboolean
is_host (const gchar * host)
{
  if (!*host || strlen (host) > 253)
    return FALSE;
  for (const gchar * p = host; *p; p++) {
    /* The resolver judges other scripts. */
    if (!g_ascii_isalnum (*p) && !strchr (".-_", *p) && !(*p & 0x80))
      return FALSE;
  }
  return TRUE;
}

/* @host: (out): with the brackets of an IPv6 address
 * Returns: whether @text is `host[:port]` */
static gboolean
parse_host_port (const gchar * text, guint default_port, gchar ** host,
    guint64 * port)
{
  const gchar *end = *text == '[' ? strchr (text, ']') : NULL;
  g_autofree gchar *name = NULL;
  gboolean good;

  if (end) {
    g_autofree gchar *address = g_strndup (text + 1, end - text - 1);

    end++;
    good = strchr (address, ':') && g_hostname_is_ip_address (address);
    name = g_strndup (text, end - text);
  } else {
    end = text + strcspn (text, ":/");
    name = g_strndup (text, end - text);
    good = is_host (name);
  }
  *port = default_port;
  if (*end == ':')
    good = good
        && g_ascii_string_to_unsigned (end + 1, 10, 1, 65535, port, NULL);
  else
    good = good && (*end == '\0' || g_str_equal (end, "/"));
  if (good)
    *host = g_steal_pointer (&name);
  return good;
}

/* Never shows user name and password, or what may be one. */
static void
set_error (GError ** error, const gchar * value, const gchar * forms)
{
  const gchar *at = strrchr (value, '@');
  const gchar *colon = strchr (value, ':');
  gboolean bare = !at && !(colon && strchr (colon + 1, ':'));
  const gchar *shown = at ? at : bare ? value : "";

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "\"%s%.*s\": %s", bare ? "" : "…", (gint) strcspn (shown, "?"), shown,
      forms);
}

/**
 * gst_rcast_ice_url_parse_stun:
 * @value: `stun://host:port`, `stun:host:port` (RFC 7064), with or without the port, or
 *   `host:port`
 *
 * Returns: (transfer full): `stun://host:port`; NULL with @error for anything else
 */
gchar *
gst_rcast_ice_url_parse_stun (const gchar * value, GError ** error)
{
  const gchar *rest = skip_scheme (value, "stun");
  g_autofree gchar *host = NULL;
  guint64 port;

  if (!parse_host_port (rest ? rest : value, rest ? PORT : 0, &host, &port)
      || port == 0) {
    set_error (error, value, STUN_FORMS);
    return NULL;
  }
  return g_strdup_printf ("stun://%s:%" G_GUINT64_FORMAT, host, port);
}

/* Percent-encoded, each at least one character */
static gboolean
is_userinfo (const gchar * info)
{
  const gchar *colon = strchr (info, ':');
  g_autofree gchar *plain = g_uri_unescape_string (info, NULL);

  return plain && colon && colon > info && colon[1]
      && !info[strcspn (info, "/?#[]@ \t\r\n")];
}

/**
 * gst_rcast_ice_url_parse_turn:
 * @value: `turn(s)://user:password@host:port?transport=udp|tcp`, with or without the two
 *   slashes (RFC 7065), the port and the transport
 *
 * Returns: (transfer full): the same with slashes and port; NULL with @error for
 *   anything else
 */
gchar *
gst_rcast_ice_url_parse_turn (const gchar * value, GError ** error)
{
  const gchar *tls = skip_scheme (value, "turns");
  const gchar *rest = tls ? tls : skip_scheme (value, "turn");
  const gchar *at = rest ? strrchr (rest, '@') : NULL;
  g_autofree gchar *info = at ? g_strndup (rest, at - rest) : NULL;
  const gchar *mark = at ? strchr (at, '?') : NULL;
  g_autofree gchar *address = NULL, *host = NULL, *query = NULL;
  guint64 port;

  if (at)
    address = mark ? g_strndup (at + 1, mark - at - 1) : g_strdup (at + 1);
  if (mark)
    query = g_ascii_strdown (mark, -1);
  if (!at || !is_userinfo (info)
      || !parse_host_port (address, tls ? TLS_PORT : PORT, &host, &port)
      || (query && !g_str_equal (query, "?transport=udp")
          && !g_str_equal (query, "?transport=tcp"))) {
    set_error (error, value, TURN_FORMS);
    return NULL;
  }
  return g_strdup_printf ("%s://%s@%s:%" G_GUINT64_FORMAT "%s",
      tls ? "turns" : "turn", info, host, port, query ? query : "");
}
