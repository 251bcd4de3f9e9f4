/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs of servers: which are taken, where they lead, and what of them may be shown. */
#include "config.h"

#include "net-url.h"

#include <string.h>

#include "rcast-error.h"

#define MAX_URL_SIZE 8192

/* As libsoup takes URLs: path and query stay byte for byte. */
#define URL_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | \
    G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT | \
    G_URI_FLAGS_SCHEME_NORMALIZE)

static GUri *
check_url (GUri * url, GError ** error)
{
  const gchar *scheme = g_uri_get_scheme (url), *host = g_uri_get_host (url);

  if (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "URL with scheme %s instead of http or https", scheme);
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
  /* A fragment never goes over the wire (RFC 9110 4.2.5). */
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
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a URL: %s", reason->message);
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
 * Returns: (transfer full): the URL that is meant, its query kept byte for byte
 *   (some servers have the session's identity there); %NULL with @error if there is none
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
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "Location: not a URL: %s", reason->message);
    return NULL;
  }
  return check_url (resolved, error);
}

/* Whether what is told to @from may be told to @to without asking: the same
 * host, and not less secure. */
gboolean
net_url_may_carry (GUri * from, GUri * to)
{
  if (g_ascii_strcasecmp (g_uri_get_host (from), g_uri_get_host (to)) != 0)
    return FALSE;
  return g_str_equal (g_uri_get_scheme (to), "https")
      || g_str_equal (g_uri_get_scheme (from), "http");
}

/* Returns: (transfer full): @url for messages and logs; a query may hold a key */
gchar *
net_url_describe (GUri * url)
{
  g_autofree gchar *text = NULL;

  if (!g_uri_get_query (url))
    return g_uri_to_string (url);
  text = g_uri_to_string_partial (url, G_URI_HIDE_QUERY);
  return g_strconcat (text, "?…", NULL);
}
