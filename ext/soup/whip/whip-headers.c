/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads HTTP responses for a WHIP client: pure functions on header values and bodies. */
#include "config.h"

#include "whip-headers.h"

#include <libsoup/soup.h>
#include <string.h>

#include "net-ice-server.h"
#include "net-json.h"
#include "net-url.h"
#include "rcast-error.h"
#include "rcast-text.h"

#define MAX_LINK_SIZE (64 * 1024)
#define MAX_ETAG_SIZE 1024

static gboolean
is_space (gchar c)
{
  return c == ' ' || c == '\t';
}

static const gchar *
skip_space (const gchar * p)
{
  while (is_space (*p))
    p++;
  return p;
}

/* Skips a quoted string. A backslash quotes the next character (RFC 9110 5.6.4). A missing closing
 * quote ends with the text. */
static const gchar *
parse_quoted (const gchar * p, GString * out)
{
  g_assert (*p == '"');

  for (p++; *p && *p != '"'; p++) {
    if (*p == '\\' && p[1])
      p++;
    g_string_append_c (out, *p);
  }
  return *p ? p + 1 : p;
}

/* Skips to the next of @stop outside of quotes. */
static const gchar *
skip_until (const gchar * p, const gchar * stop)
{
  g_autoptr (GString) ignored = g_string_new (NULL);

  while (*p && !strchr (stop, *p))
    p = *p == '"' ? parse_quoted (p, ignored) : p + 1;
  return p;
}

typedef struct
{
  gchar *uri, *rel, *username, *credential;
  const gchar *more;            /* name of one more parameter to read; nullable */
  gchar *value;                 /* its value */
} Link;

static void
link_clear (Link * link)
{
  g_free (link->uri);
  g_free (link->rel);
  g_free (link->username);
  g_free (link->credential);
  g_free (link->value);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Link, link_clear);

/* `name`, `name=token` or `name="quoted"`. The server of gst-plugins-rs writes a colon for the
 * equals sign. Stops at `;`, `,` or the end. */
static const gchar *
parse_param (const gchar * p, Link * link)
{
  const gchar *start = p;
  g_autofree gchar *name = NULL;
  g_autoptr (GString) value = g_string_new (NULL);
  gchar **field = NULL;

  while (*p && !strchr ("=:;, \t\"", *p))
    p++;
  name = g_ascii_strdown (start, p - start);
  p = skip_space (p);
  if (*p == '=' || *p == ':') {
    p = skip_space (p + 1);
    if (*p == '"') {
      p = parse_quoted (p, value);
    } else {
      while (*p && !strchr (";, \t", *p))
        g_string_append_c (value, *p++);
    }
    if (g_str_equal (name, "rel"))
      field = &link->rel;
    else if (g_str_equal (name, "username"))
      field = &link->username;
    else if (g_str_equal (name, "credential"))
      field = &link->credential;
    else if (g_strcmp0 (name, link->more) == 0)
      field = &link->value;
    /* RFC 8288 3: the first of several counts. */
    if (field && !*field)
      *field = g_string_free (g_steal_pointer (&value), FALSE);
  }
  return skip_until (p, ";,");
}

/* One link-value of RFC 8288 3, without the comma after it. */
static const gchar *
parse_link (const gchar * p, Link * link)
{
  const gchar *end;

  p = skip_space (p);
  if (*p != '<' || !(end = strchr (p, '>')))
    return skip_until (p, ",");
  link->uri = g_strndup (p + 1, end - p - 1);
  p = skip_space (end + 1);
  while (*p == ';')
    p = parse_param (skip_space (p + 1), link);
  return skip_until (p, ",");
}

static gboolean
has_rel (const Link * link, const gchar * rel)
{
  g_auto (GStrv) words = g_strsplit_set (link->rel, " \t", -1);

  for (guint i = 0; words[i]; i++) {
    if (g_ascii_strcasecmp (words[i], rel) == 0)
      return TRUE;
  }
  return FALSE;
}

/**
 * whip_parse_ice_servers:
 * @link: (nullable): value of a Link header, or of several joined by commas
 *
 * Reads links with the relation `ice-server` (RFC 9725 4.6), and links to a STUN or TURN
 * server without any relation, as one existing server omits it.
 *
 * Returns: (transfer full): URIs for webrtcbin, in order, without duplicates; never %NULL
 */
GStrv
whip_parse_ice_servers (const gchar * link)
{
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);
  const gchar *p = link;

  if (p && strlen (p) > MAX_LINK_SIZE)
    p = NULL;
  while (p && *p && uris->len < WHIP_MAX_ICE_SERVERS) {
    g_auto (Link) one = { NULL, };
    g_autofree gchar *uri = NULL;

    p = parse_link (p, &one);
    if (*p == ',')
      p++;
    if (one.uri && (!one.rel || has_rel (&one, "ice-server")))
      uri = net_ice_server_print (one.uri, one.username, one.credential);
    if (uri && !g_ptr_array_find_with_equal_func (uris, uri, g_str_equal, NULL))
      g_ptr_array_add (uris, g_steal_pointer (&uri));
  }
  g_ptr_array_add (uris, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&uris), FALSE);
}

/**
 * whip_parse_link:
 * @link: (nullable): value of a Link header, or of several joined by commas
 * @rel: the relation to find
 * @more: name of a parameter
 * @value: (out) (nullable) (transfer full): its value
 *
 * Returns: (nullable) (transfer full): the target of the first link with @rel
 */
gchar *
whip_parse_link (const gchar * link, const gchar * rel, const gchar * more,
    gchar ** value)
{
  const gchar *p = link;

  *value = NULL;
  if (p && strlen (p) > MAX_LINK_SIZE)
    p = NULL;
  while (p && *p) {
    g_auto (Link) one = {.more = more };

    p = parse_link (p, &one);
    if (*p == ',')
      p++;
    if (!one.uri || !one.rel || !has_rel (&one, rel))
      continue;
    *value = g_steal_pointer (&one.value);
    return g_steal_pointer (&one.uri);
  }
  return NULL;
}

/* Returns: (nullable) (transfer full): @value byte for byte, without surrounding white space.
 * Servers send it with or without quotes, and expect it back unchanged. */
gchar *
whip_parse_etag (const gchar * value)
{
  g_autofree gchar *etag = g_strdup (value);

  if (!etag || !*g_strstrip (etag) || strlen (etag) > MAX_ETAG_SIZE)
    return NULL;
  for (const gchar * p = etag; *p; p++) {
    if (g_ascii_iscntrl (*p))
      return NULL;
  }
  return g_steal_pointer (&etag);
}

/* RFC 9457 3.1. Servers that do not use it have `error` and `message`. */
static gchar *
parse_json_problem (const gchar * body, gsize size)
{
  g_autoptr (NetJson) json = net_json_parse (body, size, NULL);
  const NetJsonValue *problem = json ? net_json_get_root (json) : NULL;
  const gchar *title = net_json_get_text (problem, "title");
  const gchar *detail = net_json_get_text (problem, "detail");
  g_autofree gchar *text = NULL;

  if (!detail)
    detail = net_json_get_text (problem, "error");
  if (!detail)
    detail = net_json_get_text (problem, "message");
  if (title && detail)
    text = g_strdup_printf ("%s: %s", title, detail);
  return gst_rcast_text_clean (text ? text : detail ? detail : title, -1);
}

/**
 * whip_parse_problem:
 * @content_type: (nullable): media type without parameters
 * @body: body of an error response
 * @size: its size
 *
 * Returns: (nullable) (transfer full): one line for display, from a problem document
 *   (RFC 9457), other JSON or plain text; %NULL if there is none
 */
gchar *
whip_parse_problem (const gchar * content_type, const gchar * body, gsize size)
{
  const gchar *end;

  if (!content_type || size == 0 || size > WHIP_MAX_PROBLEM_SIZE)
    return NULL;
  if (g_ascii_strcasecmp (content_type, "application/problem+json") == 0
      || g_ascii_strcasecmp (content_type, "application/json") == 0)
    return parse_json_problem (body, size);
  if (g_ascii_strcasecmp (content_type, "text/plain") != 0)
    return NULL;
  end = memchr (body, '\n', size);
  return gst_rcast_text_clean (body, end ? end - body : (gssize) size);
}

/**
 * whip_resolve_session:
 * @location: (nullable): value of the Location header of the answer to an offer
 * @base: the URL that answered
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * A server behind a proxy that terminates TLS does not know that the request came by https.
 * Its session is at the requested origin. A session at another host over http would send
 * ICE credentials in clear text, so it is refused.
 *
 * Returns: (transfer full): the session URL, %NULL with @error if it is invalid
 */
GUri *
whip_resolve_session (const gchar * location, GUri * base, GError ** error)
{
  g_autoptr (GUri) url = net_url_resolve (location, base, error);

  if (!url || !net_url_is_secure (base) || net_url_is_secure (url))
    return g_steal_pointer (&url);
  if (net_url_same_host (url, base))
    return net_url_with_origin (url, base);
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "Location: http at another host, and the offer went by https");
  return NULL;
}

/**
 * whip_resolve_redirect:
 * @location: (nullable): value of the Location header of a redirect
 * @from: the URL that answered
 * @redirects: number of redirects, including this one
 * @error: %GST_RCAST_ERROR
 *
 * Returns: (transfer full): the new target of the offer, %NULL with @error if it is refused
 */
GUri *
whip_resolve_redirect (const gchar * location, GUri * from, guint redirects,
    GError ** error)
{
  g_autoptr (GUri) url = net_url_resolve (location, from, error);

  if (!url)
    return NULL;
  if (redirects > WHIP_MAX_REDIRECTS) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "too many redirects");
    return NULL;
  }
  /* Media security depends on the fingerprint in the offer. */
  if (net_url_is_secure (from) && !net_url_is_secure (url)) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_REJECTED,
        "redirect from https to http");
    return NULL;
  }
  return g_steal_pointer (&url);
}
