/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Describes the server as JSON, and takes commands of tests as JSON. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-server.h"

#include <string.h>

#define MAX_REQUESTS 256

static void
add_number (JsonBuilder * json, const gchar * name, guint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, (gint64) value);
}

static void
add_header (JsonBuilder * json, SoupMessageHeaders * headers,
    const gchar * name, const gchar * member)
{
  const gchar *value = soup_message_headers_get_list (headers, name);

  if (value == NULL)
    return;
  json_builder_set_member_name (json, member);
  json_builder_add_string_value (json, value);
}

static void
on_finished (SoupServerMessage * message, gpointer node)
{
  json_object_set_int_member (json_node_get_object (node), "status",
      soup_server_message_get_status (message));
}

/* Never logs the token itself: someone may keep the log. */
void
loopback_control_log_request (LoopbackServer * server,
    SoupServerMessage * message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autofree gchar *path = NULL;
  GUri *uri = soup_server_message_get_uri (message);
  JsonNode *node;

  path = g_uri_get_query (uri) ? g_strdup_printf ("%s?%s",
      g_uri_get_path (uri), g_uri_get_query (uri))
      : g_strdup (g_uri_get_path (uri));
  server->n_requests++;
  json_builder_begin_object (json);
  add_number (json, "at-ms", (guint64) (g_get_monotonic_time ()
          - server->start_us) / 1000);
  json_builder_set_member_name (json, "method");
  json_builder_add_string_value (json,
      soup_server_message_get_method (message));
  json_builder_set_member_name (json, "path");
  json_builder_add_string_value (json, path);
  add_header (json, headers, "Content-Type", "content-type");
  add_header (json, headers, "If-Match", "if-match");
  add_header (json, headers, "Accept", "accept");
  add_header (json, headers, "User-Agent", "user-agent");
  json_builder_set_member_name (json, "authorized");
  json_builder_add_boolean_value (json,
      soup_message_headers_get_one (headers, "Authorization") != NULL);
  add_number (json, "bytes", (guint64)
      soup_server_message_get_request_body (message)->length);
  json_builder_end_object (json);
  node = json_builder_get_root (json);
  g_queue_push_tail (&server->requests, node);
  /* on_finished() sets the status; a request without an answer has 0. */
  g_signal_connect_data (message, "finished", G_CALLBACK (on_finished),
      json_node_ref (node), (GClosureNotify) json_node_unref, 0);
  if (server->requests.length > MAX_REQUESTS)
    json_node_unref (g_queue_pop_head (&server->requests));
}

static void
describe_nodes (JsonBuilder * json, const gchar * name, GQueue * nodes)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (GList * i = nodes->head; i; i = i->next)
    json_builder_add_value (json, json_node_copy (i->data));
  json_builder_end_array (json);
}

static void
describe_sessions (LoopbackServer * server, JsonBuilder * json,
    const gchar * name, LoopbackRole role)
{
  LoopbackEntry *entry;
  GHashTableIter iter;

  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (loopback_session_get_role (entry->session) == role)
      loopback_session_describe (entry->session, json);
  json_builder_end_array (json);
}

gchar *
loopback_control_describe (LoopbackServer * server)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  LoopbackChannel *channel;
  GHashTableIter iter;

  json_builder_begin_object (json);
  add_number (json, "uptime-ms", (guint64) (g_get_monotonic_time ()
          - server->start_us) / 1000);
  add_number (json, "requests-total", server->n_requests);
  add_number (json, "sessions-total", server->n_sessions);
  add_number (json, "sessions-reaped", server->n_reaped);
  json_builder_set_member_name (json, "channels");
  json_builder_begin_array (json);
  g_hash_table_iter_init (&iter, server->channels);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & channel))
    loopback_channel_describe (channel, json);
  json_builder_end_array (json);
  describe_sessions (server, json, "publishers", LOOPBACK_ROLE_PUBLISHER);
  describe_sessions (server, json, "viewers", LOOPBACK_ROLE_VIEWER);
  describe_nodes (json, "ended", &server->ended);
  describe_nodes (json, "requests", &server->requests);
  json_builder_set_member_name (json, "switches");
  loopback_faults_describe (server->faults, json);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  return json_to_string (root, TRUE);
}

static void
reset_stats (LoopbackServer * server)
{
  LoopbackChannel *channel;
  LoopbackEntry *entry;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, server->channels);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & channel))
    loopback_channel_reset_stats (channel);
  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    loopback_session_reset_stats (entry->session);
}

/* Returns: TRUE if @name is a command; then it is done */
static gboolean
do_order (LoopbackServer * server, const gchar * name, JsonNode * value)
{
  const gchar *text = JSON_NODE_HOLDS_VALUE (value)
      && json_node_get_value_type (value) == G_TYPE_STRING ?
      json_node_get_string (value) : NULL;

  if (g_str_equal (name, "reset")) {
    loopback_faults_reset (server->faults);
    return TRUE;
  }
  if (g_str_equal (name, "reset-stats")) {
    reset_stats (server);
    return TRUE;
  }
  if (g_str_equal (name, "forget") && text) {
    loopback_server_forget (server, text);
    return TRUE;
  }
  if (g_str_equal (name, "kick") && text) {
    loopback_server_kick (server, text);
    return TRUE;
  }
  if (g_str_equal (name, "move") && text) {
    loopback_events_tell (server->events, text, "reconnect", "{}");
    return TRUE;
  }
  if (g_str_equal (name, "key-frame") && text) {
    LoopbackChannel *channel = g_hash_table_lookup (server->channels, text);

    if (channel)
      loopback_channel_request_key (channel, TRUE, 0);
    return TRUE;
  }
  return FALSE;
}

/* Applies the members in the order of the document. */
gboolean
loopback_control_set (LoopbackServer * server, const gchar * text, gsize size,
    GError ** error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) names = NULL;
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_data (parser, text ? text : "", (gssize) size,
          error))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "not an object");
    return FALSE;
  }
  object = json_node_get_object (root);
  names = json_object_get_members (object);
  for (GList * i = names; i; i = i->next) {
    JsonNode *value = json_object_get_member (object, i->data);

    if (do_order (server, i->data, value))
      continue;
    if (!loopback_faults_set_json (server->faults, i->data, value, error))
      return FALSE;
  }
  loopback_server_apply_faults (server);
  return TRUE;
}
