/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs of servers: which are valid, where they lead, and how to show them without secrets. */
#include "config.h"

#include "net-url.h"

#include <string.h>

#include "rcast-error.h"
#include "rcast-text.h"

#define MAX_URL_SIZE 8192

/* libsoup's flags for URLs: path and query are kept byte for byte. */
#define URL_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | \
    G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT | \
    G_URI_FLAGS_SCHEME_NORMALIZE)

/* GLib's errors quote the host or the port, which may be half of a password. */
static void
set_not_a_url (GError ** error, const gchar * where, const GError * reason)
{
  const gchar *what = "its syntax is wrong";

  switch (reason->code) {
    case G_URI_ERROR_BAD_SCHEME:
      what = "its scheme is wrong";
      break;
    case G_URI_ERROR_BAD_USER:
    case G_URI_ERROR_BAD_PASSWORD:
    case G_URI_ERROR_BAD_AUTH_PARAMS:
      what = "its user name is wrong";
      break;
    case G_URI_ERROR_BAD_HOST:
      what = "its host is wrong";
      break;
    case G_URI_ERROR_BAD_PORT:
      what = "its port is wrong";
      break;
    case G_URI_ERROR_BAD_PATH:
    case G_URI_ERROR_BAD_QUERY:
    case G_URI_ERROR_BAD_FRAGMENT:
      what = "its path or query is wrong";
      break;
  }
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "%snot a URL: %s", where, what);
}

static GUri *
check_url (GUri * url, GError ** error)
{
  const gchar *scheme = g_uri_get_scheme (url), *host = g_uri_get_host (url);

  if (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0) {
    g_autofree gchar *shown = gst_rcast_text_clean (scheme, -1);

    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "URL with scheme %s instead of http or https", shown);
    return NULL;
  }
  if (!host || !*host) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "URL without a host");
    return NULL;
  }
  if (g_uri_get_userinfo (url)) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "URL with a user name or password in it");
    return NULL;
  }
  /* Fragments are never sent (RFC 9110 4.2.5). */
  return g_uri_build (URL_FLAGS, scheme, NULL, host, g_uri_get_port (url),
      *g_uri_get_path (url) ? g_uri_get_path (url) : "/",
      g_uri_get_query (url), NULL);
}

static gboolean
check_url_text (const gchar * text, GError ** error)
{
  const gchar *reason = NULL;

  if (!*text)
    reason = "empty URL";
  else if (strlen (text) > MAX_URL_SIZE)
    reason = "URL is too long";
  for (const gchar * p = text; *p && !reason; p++) {
    if (!g_ascii_isgraph (*p))
      reason = "URL with a character that is not allowed";
  }
  if (reason)
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        reason);
  return reason == NULL;
}

/* Returns: (transfer full): an http or https URL without user and fragment */
GUri *
net_url_parse (const gchar * url, GError ** error)
{
  g_autoptr (GUri) parsed = NULL;
  g_autoptr (GError) reason = NULL;

  if (!check_url_text (url, error))
    return NULL;
  parsed = g_uri_parse (url, URL_FLAGS, &reason);
  if (!parsed) {
    set_not_a_url (error, "", reason);
    return NULL;
  }
  return check_url (parsed, error);
}

/**
 * net_url_resolve:
 * @location: (nullable): value of a Location header, absolute or relative
 * @base: the URL that answered with it
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * Returns: (transfer full): the absolute URL, with its query kept byte for byte (some
 *   servers put the session's identity there); %NULL with @error if it is invalid
 */
GUri *
net_url_resolve (const gchar * location, GUri * base, GError ** error)
{
  g_autofree gchar *text = g_strdup (location);
  g_autoptr (GUri) resolved = NULL;
  g_autoptr (GError) reason = NULL;

  if (!text) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "no Location");
    return NULL;
  }
  g_strstrip (text);
  if (!check_url_text (text, error)) {
    g_prefix_error (error, "Location: ");
    return NULL;
  }
  resolved = g_uri_parse_relative (base, text, URL_FLAGS, &reason);
  if (!resolved) {
    set_not_a_url (error, "Location: ", reason);
    return NULL;
  }
  return check_url (resolved, error);
}

/* Returns: (transfer full): path and query of @url, at @origin */
GUri *
net_url_with_origin (GUri * url, GUri * origin)
{
  return g_uri_build (URL_FLAGS, g_uri_get_scheme (origin), NULL,
      g_uri_get_host (origin), g_uri_get_port (origin), g_uri_get_path (url),
      g_uri_get_query (url), NULL);
}

/* Returns: whether TLS protects what is sent to @url */
gboolean
net_url_is_secure (GUri * url)
{
  const gchar *scheme = g_uri_get_scheme (url);

  return g_ascii_strcasecmp (scheme, "https") == 0
      || g_ascii_strcasecmp (scheme, "wss") == 0;
}

/* @url: (nullable): with a normalized scheme
 * Returns: whether a WebSocket can connect to it */
gboolean
net_url_is_websocket (GUri * url)
{
  const gchar *host = url ? g_uri_get_host (url) : NULL;

  return host && *host && (g_str_equal (g_uri_get_scheme (url), "ws")
      || g_str_equal (g_uri_get_scheme (url), "wss"));
}

/* Returns: the port of @url, or the default port of its scheme */
guint16
net_url_get_port (GUri * url)
{
  if (g_uri_get_port (url) > 0)
    return g_uri_get_port (url);
  return net_url_is_secure (url) ? 443 : 80;
}

gboolean
net_url_same_host (GUri * a, GUri * b)
{
  return g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

/* RFC 6454 5: scheme, host and port. Secrets of one origin must not reach another. */
gboolean
net_url_same_origin (GUri * a, GUri * b)
{
  return g_ascii_strcasecmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0
      && net_url_same_host (a, b)
      && net_url_get_port (a) == net_url_get_port (b);
}

/* Returns: (transfer full): the origin of @url, the same string for the same origin */
gchar *
net_url_print_origin (GUri * url)
{
  g_autofree gchar *scheme = g_ascii_strdown (g_uri_get_scheme (url), -1);
  g_autofree gchar *host = g_ascii_strdown (g_uri_get_host (url), -1);

  return g_strdup_printf ("%s://%s:%u", scheme, host, net_url_get_port (url));
}

/* Returns: (transfer full): @url for messages and logs: printable, of readable length, and without
 * user and query, which may hold keys */
gchar *
net_url_describe (GUri * url)
{
  g_autofree gchar *text = g_uri_to_string_partial (url, G_URI_HIDE_USERINFO
      | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
  g_autofree gchar *whole = g_strconcat (text,
      g_uri_get_query (url) ? "?…" : "", NULL);

  return gst_rcast_text_clean (whole, -1);
}

/**
 * net_url_describe_text:
 * @location: any text that was meant to be a URL
 *
 * Returns: (transfer full): like net_url_describe(), for text that may not be a URL: leaves
 *   out everything before an at sign and after a question mark or hash
 */
gchar *
net_url_describe_text (const gchar * location)
{
  const gchar *scheme_end = strstr (location, "://");
  const gchar *authority = scheme_end ? scheme_end + 3 : location;
  const gchar *at = g_strrstr_len (authority, strcspn (authority, "/?#"), "@");
  const gchar *host = at ? at + 1 : authority;
  gsize shown = strcspn (host, "?#");
  g_autofree gchar *text = g_strdup_printf ("%.*s%.*s%s",
      (gint) (authority - location), location, (gint) shown, host,
      host[shown] ? "?…" : "");
  gchar *clean = gst_rcast_text_clean (text, -1);

  return clean ? clean : g_strdup ("");
}
