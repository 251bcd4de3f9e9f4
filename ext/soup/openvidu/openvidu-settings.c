/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of an OpenVidu session, and the tickets for joining it. */
#include "config.h"

#include "openvidu-settings.h"

#include <string.h>

#include "net-url.h"

#define SCHEME_PREFIX "openvidu+"
/* Path for all clients of the server. */
#define ENDPOINT "/openvidu"
#define MAX_LOCATION_SIZE 8192

void
openvidu_ticket_clear (OpenviduTicket * ticket)
{
  g_clear_pointer (&ticket->token, g_free);
  g_clear_pointer (&ticket->session, g_free);
  g_clear_pointer (&ticket->secret, g_free);
}

/* Takes NULL. */
void
openvidu_settings_free (OpenviduSettings * settings)
{
  if (!settings)
    return;
  gst_rcast_net_settings_free (settings->net);
  openvidu_ticket_clear (&settings->ticket);
  g_free (settings->metadata);
  g_free (settings->type_of_video);
  g_free (settings->feed);
  g_free (settings->display);
  g_free (settings);
}

/* Errors quote nothing of a location, as any part may be a misplaced secret. */
static gboolean
refuse (GError ** error, const gchar * what)
{
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT, "%s",
      what);
  return FALSE;
}

static void
replace (gchar ** field, const gchar * value)
{
  g_free (*field);
  *field = *value ? g_strdup (value) : NULL;
}

/* Returns: whether the query has a token. Other keys are for the server. */
static gboolean
take_query (OpenviduTicket * ticket, GUri * url)
{
  const gchar *query = g_uri_get_query (url);
  g_autofree gchar *token = NULL;
  GUriParamsIter iter;
  gchar *key, *value;

  g_uri_params_iter_init (&iter, query ? query : "", -1, "&",
      G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &key, &value, NULL)) {
    g_autofree gchar *k = key, *v = value;

    if (g_str_equal (k, "sessionId"))
      replace (&ticket->session, v);
    else if (g_str_equal (k, "secret"))
      replace (&ticket->secret, v);
    else if (g_str_equal (k, "token"))
      replace (&token, v);
  }
  return token != NULL;
}

/* Returns: (nullable) (transfer full): a `ws` or `wss` URL with its query */
static GUri *
parse_url (const gchar * text)
{
  gsize size = strlen (text);
  g_autoptr (GUri) url = NULL;

  if (size > MAX_LOCATION_SIZE || !g_utf8_validate (text, size, NULL))
    return NULL;
  url = g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE,
      NULL);
  return net_url_is_websocket (url) ? g_steal_pointer (&url) : NULL;
}

/* The server identifies a token by its whole text, which has no slash before the query. @text: in
 * which take_query() has found a query */
static gchar *
dup_token (const gchar * text)
{
  gsize n = strcspn (text, "?");
  gsize kept = n > 0 && text[n - 1] == '/' ? n - 1 : n;

  return g_strdup_printf ("%.*s%s", (gint) kept, text, text + n);
}

/* Our own keys, which select the stream to watch and are not sent to the server. */

static gboolean
is_ours (const gchar * pair)
{
  return g_str_has_prefix (pair, "feed=") || g_str_has_prefix (pair, "display=");
}

/* Returns: (transfer full): @location without our keys */
static gchar *
strip (const gchar * location)
{
  gsize n = strcspn (location, "?");
  g_auto (GStrv) pairs = g_strsplit (location[n] ? location + n + 1 : "", "&",
      -1);
  GString *out = g_string_new_len (location, n);
  gchar mark = '?';

  for (guint i = 0; pairs[i]; i++) {
    if (is_ours (pairs[i]))
      continue;
    g_string_append_c (out, mark);
    g_string_append (out, pairs[i]);
    mark = '&';
  }
  return g_string_free (out, FALSE);
}

static gboolean
take_choice (OpenviduSettings * settings, GUri * url, GError ** error)
{
  const gchar *query = g_uri_get_query (url);
  GUriParamsIter iter;
  gchar *key, *value;

  settings->watches = TRUE;
  g_uri_params_iter_init (&iter, query ? query : "", -1, "&",
      G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &key, &value, NULL)) {
    g_autofree gchar *k = key, *v = value;

    if (g_str_equal (k, "feed"))
      replace (&settings->feed, v);
    else if (g_str_equal (k, "display"))
      replace (&settings->display, v);
  }
  return !settings->feed || !settings->display || refuse (error, "location: "
      "feed and display name the same thing: expected one of them");
}

/**
 * openvidu_settings_parse_location:
 * @settings: the query is stored here
 * @location: `openvidu+wss://host?sessionId=…&token=…`: a token URL of OpenVidu after
 *   `openvidu+`; token and session are optional
 * @direction: direction of the media. When receiving, `feed` or `display` in the query
 *   select the stream to watch
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full): the URL for the WebSocket, without a query; %NULL with @error if
 *   @location is invalid
 */
GUri *
openvidu_settings_parse_location (OpenviduSettings * settings,
    const gchar * location, GstRcastDirection direction, GError ** error)
{
  gboolean receives = direction == GST_RCAST_DIRECTION_RECEIVE;
  const gchar *token = location + strlen (SCHEME_PREFIX);
  g_autofree gchar *stripped = NULL;
  g_autoptr (GUri) url = NULL;

  if (g_ascii_strncasecmp (location, SCHEME_PREFIX, strlen (SCHEME_PREFIX)) == 0)
    url = parse_url (token);
  if (!url) {
    refuse (error, "location: expected openvidu+wss://host?sessionId=…&token=…, "
        "which is a token of OpenVidu behind openvidu+");
    return NULL;
  }
  if (g_uri_get_userinfo (url) || g_uri_get_fragment (url)) {
    refuse (error, "location: a user name or a fragment has no use here");
    return NULL;
  }
  if (receives && !take_choice (settings, url, error))
    return NULL;
  if (receives)
    token = stripped = strip (token);
  if (take_query (&settings->ticket, url))
    settings->ticket.token = dup_token (token);
  return g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (url), NULL,
      g_uri_get_host (url), g_uri_get_port (url), ENDPOINT, NULL, NULL);
}

/* Returns: (transfer full): a token URL of @server for the bare @token */
static gchar *
print_token (GUri * server, const gchar * session, const gchar * token)
{
  g_autofree gchar *query = g_strdup_printf ("sessionId=%s&token=%s",
      session ? session : "", token);

  return g_uri_join (G_URI_FLAGS_ENCODED, g_uri_get_scheme (server), NULL,
      g_uri_get_host (server), g_uri_get_port (server), "", query, NULL);
}

/**
 * openvidu_ticket_parse:
 * @ticket: has the location's session; @token is stored here
 * @token: a token URL of OpenVidu, also after `openvidu+`, or the bare token
 * @server: the server it is for
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: %FALSE with @error if @token is for another server, or if neither @token nor the
 *   location names a session
 */
gboolean
openvidu_ticket_parse (OpenviduTicket * ticket, const gchar * token,
    GUri * server, GError ** error)
{
  g_autoptr (GUri) url = NULL;

  if (g_ascii_strncasecmp (token, SCHEME_PREFIX, strlen (SCHEME_PREFIX)) == 0)
    token += strlen (SCHEME_PREFIX);
  g_clear_pointer (&ticket->token, g_free);
  if (strstr (token, "://")) {
    url = parse_url (token);
    if (!url || !take_query (ticket, url))
      return refuse (error, "the token is no token URL of OpenVidu: expected "
          "wss://host?sessionId=…&token=…");
    /* A token is sent only to its own server. */
    if (!net_url_same_host (url, server))
      return refuse (error, "the token is for another server than the location");
    if (net_url_is_secure (url) && !net_url_is_secure (server))
      return refuse (error, "the token is for wss, and the location is ws: expected "
          "openvidu+wss");
    ticket->token = dup_token (token);
  } else {
    ticket->token = print_token (server, ticket->session, token);
  }
  return ticket->session || refuse (error, "neither the location nor the token "
      "names a session: …?sessionId=…");
}
