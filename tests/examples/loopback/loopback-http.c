/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP that WHIP and WHEP need: conditions, media types, problem documents, body limits. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-http.h"

#include <string.h>
#include <json-glib/json-glib.h>

/* RFC 9110 13.1.1: strong comparison, so that W/"…" never matches. It compares bytes, because
 * etag=unquoted makes tags without quotes. */
LoopbackMatch
loopback_http_match (const gchar * if_match, const gchar * etag)
{
  g_autofree gchar *value = NULL;
  g_auto (GStrv) tags = NULL;

  if (if_match == NULL)
    return LOOPBACK_MATCH_ABSENT;
  value = g_strstrip (g_strdup (if_match));
  /* RFC 9725 figure 4 quotes the star, RFC 9110 does not. */
  if (g_str_equal (value, "*") || g_str_equal (value, "\"*\""))
    return LOOPBACK_MATCH_ANY;
  tags = g_strsplit (value, ",", -1);
  for (guint i = 0; tags[i]; i++)
    if (etag && g_str_equal (g_strstrip (tags[i]), etag))
      return LOOPBACK_MATCH_TAG;
  return LOOPBACK_MATCH_NOT;
}

/* RFC 9110 12.5.1, without preferences: is there a range with q > 0? */
gboolean
loopback_http_accepts (const gchar * accept, const gchar * type)
{
  g_autofree gchar *wide = NULL;
  GSList *list, *unacceptable = NULL;
  gboolean found = FALSE;

  if (accept == NULL)
    return TRUE;
  wide = g_strdup_printf ("%.*s/*", (gint) strcspn (type, "/"), type);
  list = soup_header_parse_quality_list (accept, &unacceptable);
  for (GSList * i = list; i && !found; i = i->next) {
    g_autofree gchar *range = g_strdup (i->data);

    range[strcspn (range, ";")] = '\0';
    g_strstrip (range);
    found = g_ascii_strcasecmp (range, type) == 0
        || g_ascii_strcasecmp (range, wide) == 0 || g_str_equal (range, "*/*");
  }
  soup_header_free_list (list);
  soup_header_free_list (unacceptable);
  return found;
}

void
loopback_http_add_cors (SoupServerMessage * message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (headers, "Access-Control-Expose-Headers",
      "Location, ETag, Link, Retry-After");
}

void
loopback_http_reply (SoupServerMessage * message, guint status,
    const gchar * type, const gchar * body)
{
  loopback_http_add_cors (message);
  soup_server_message_set_status (message, status, NULL);
  if (body)
    soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, body,
        strlen (body));
}

/* RFC 9457 */
void
loopback_http_problem (SoupServerMessage * message, guint status,
    const gchar * detail)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "title");
  json_builder_add_string_value (json, soup_status_get_phrase (status));
  json_builder_set_member_name (json, "status");
  json_builder_add_int_value (json, status);
  json_builder_set_member_name (json, "detail");
  json_builder_add_string_value (json, detail);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  text = json_to_string (root, FALSE);
  loopback_http_reply (message, status, "application/problem+json", text);
}

#define TOO_LARGE "loopback-too-large"
#define RECEIVED "loopback-received"

static void
on_got_chunk (SoupServerMessage * message, GBytes * chunk, gpointer user_data)
{
  gsize limit = GPOINTER_TO_SIZE (user_data);
  gsize received = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (message),
          RECEIVED));

  received += g_bytes_get_size (chunk);
  g_object_set_data (G_OBJECT (message), RECEIVED, GSIZE_TO_POINTER (received));
  if (received <= limit)
    return;
  g_object_set_data (G_OBJECT (message), TOO_LARGE, GUINT_TO_POINTER (TRUE));
  soup_message_body_truncate (soup_server_message_get_request_body (message));
}

static void
on_request_started (SoupServer * server, SoupServerMessage * message,
    gpointer user_data)
{
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), user_data);
}

void
loopback_http_limit_body (SoupServer * server, gsize limit)
{
  g_signal_connect (server, "request-started",
      G_CALLBACK (on_request_started), GSIZE_TO_POINTER (limit));
}

gboolean
loopback_http_is_too_large (SoupServerMessage * message)
{
  return g_object_get_data (G_OBJECT (message), TOO_LARGE) != NULL;
}

/* Returns: whether the client is on this machine: its address is loopback or the server's own */
gboolean
loopback_http_is_local (SoupServerMessage * message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  GSocketAddress *local = soup_server_message_get_local_address (message);
  GInetAddress *from, *to;

  if (!G_IS_INET_SOCKET_ADDRESS (remote) || !G_IS_INET_SOCKET_ADDRESS (local))
    return FALSE;
  from = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  to = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  return g_inet_address_get_is_loopback (from) || g_inet_address_equal (from,
      to);
}
