/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No secret is readable. Each installed signaller talks to a server that requires planted
 * secrets, while properties, dot files, messages, stats and the log are searched for them. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <libsoup/soup.h>

#include <string.h>

#include "rcast-check.h"
#include "rcast-signaller.h"

/* The prefix of all secrets */
#define PLANTED "PLANTED-"
#define HANDED PLANTED "handed"

/* The server, on a thread of its own */

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  gboolean basic;               /* wants a password, not a token */
  gint port;
  GPtrArray *sockets;

  GMutex lock;
  GString *seen;                /* lock: what has arrived, with its secrets */
} Server;

static void
server_note (Server * server, const gchar * text)
{
  g_mutex_lock (&server->lock);
  g_string_append_printf (server->seen, "%s\n", text);
  g_mutex_unlock (&server->lock);
}

/* Returns: (transfer full) (nullable): the rest of the line behind @key in @text */
static gchar *
find_line (const gchar * text, const gchar * key)
{
  const gchar *found = strstr (text, key);

  if (!found)
    return NULL;
  found += strlen (key);
  return g_strndup (found, strcspn (found, "\r\n"));
}

/* Answers like a server at an address where nobody is: the sink waits for the connection. */
static gchar *
make_answer (const gchar * offer)
{
  g_autofree gchar *media = find_line (offer, "m=video ");
  g_autofree gchar *mid = find_line (offer, "a=mid:");
  g_auto (GStrv) words = g_strsplit (media, " ", -1);
  g_autofree gchar *key = g_strdup_printf ("a=rtpmap:%s ", words[2]);
  g_autofree gchar *codec = find_line (offer, key);

  return g_strdup_printf ("v=0\r\no=- 2 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
      "a=group:BUNDLE %s\r\nm=video 9 UDP/TLS/RTP/SAVPF %s\r\n"
      "c=IN IP4 0.0.0.0\r\na=mid:%s\r\na=ice-ufrag:srv1\r\n"
      "a=ice-pwd:serverpasswordserverpass\r\na=fingerprint:sha-256 "
      "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
      "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n"
      "a=setup:passive\r\na=recvonly\r\na=rtpmap:%s %s\r\n"
      "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n", mid, words[2], mid,
      words[2], codec);
}

static void
take_offer (Server * server, SoupServerMessage * msg, const gchar * offer)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (msg);
  gchar *answer = make_answer (offer);

  soup_message_headers_append (headers, "Location",
      "/session/1?key=" PLANTED "session");
  soup_message_headers_append (headers, "ETag", "\"1\"");
  soup_message_headers_append (headers, "Link",
      "<turn:127.0.0.1:9?transport=udp>; rel=\"ice-server\"; username=\"u\"; "
      "credential=\"" PLANTED "link\"; credential-type=\"password\"");
  soup_server_message_set_status (msg, 201, NULL);
  soup_server_message_set_response (msg, "application/sdp", SOUP_MEMORY_TAKE,
      answer, strlen (answer));
}

static void
on_request (SoupServer * soup, SoupServerMessage * msg, const gchar * path,
    GHashTable * query, gpointer data)
{
  Server *server = data;
  const gchar *method = soup_server_message_get_method (msg);
  const gchar *authorization = soup_message_headers_get_one
      (soup_server_message_get_request_headers (msg), "Authorization");
  g_autofree gchar *uri = g_uri_to_string (soup_server_message_get_uri (msg));
  g_autofree gchar *line = g_strdup_printf ("%s %s %s", method, uri,
      authorization ? authorization : "");
  SoupMessageBody *body = soup_server_message_get_request_body (msg);
  g_autofree gchar *text = g_strndup (body->data, body->length);

  server_note (server, line);
  if (server->basic && !(authorization
          && g_str_has_prefix (authorization, "Basic "))) {
    soup_message_headers_append (soup_server_message_get_response_headers (msg),
        "WWW-Authenticate", "Basic realm=\"x\"");
    soup_server_message_set_status (msg, 401, NULL);
  } else if (!server->basic && !(authorization
          && strstr (authorization, HANDED))) {
    soup_server_message_set_status (msg, 401, NULL);
  } else if (g_str_equal (method, "POST")) {
    take_offer (server, msg, text);
  } else {
    soup_server_message_set_status (msg, 200, NULL);
  }
}

static gchar *
find_transaction (const gchar * text)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("\"transaction\"\\s*:\\s*\"([^\"]*)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_regex_match (regex, text, 0, &match);
  return g_match_info_fetch (match, 1);
}

/* Lets the sink join, and then refuses what it publishes. */
static void
on_janus_message (SoupWebsocketConnection * socket, gint type, GBytes * bytes,
    gpointer data)
{
  g_autofree gchar *text = g_strndup (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  g_autofree gchar *transaction = find_transaction (text);
  g_autofree gchar *reply = NULL;
  const gchar *event = strstr (text, "\"join\"") ?
      "\"videoroom\":\"joined\",\"room\":1,\"id\":5,\"private_id\":6,"
      "\"publishers\":[]" :
      "\"videoroom\":\"event\",\"error_code\":499,\"error\":\"no room\"";

  server_note (data, text);
  if (strstr (text, "\"create\"") || strstr (text, "\"attach\""))
    reply = g_strdup_printf ("{\"janus\":\"success\",\"session_id\":1,"
        "\"transaction\":\"%s\",\"data\":{\"id\":7}}", transaction);
  else if (strstr (text, "\"message\""))
    reply = g_strdup_printf ("{\"janus\":\"event\",\"session_id\":7,"
        "\"sender\":7,\"transaction\":\"%s\",\"plugindata\":{\"plugin\":"
        "\"janus.plugin.videoroom\",\"data\":{%s}}}", transaction, event);
  else
    reply = g_strdup_printf ("{\"janus\":\"ack\",\"session_id\":7,"
        "\"transaction\":\"%s\"}", transaction);
  soup_websocket_connection_send_text (socket, reply);
}

static void
on_websocket (SoupServer * soup, SoupServerMessage * msg, const gchar * path,
    SoupWebsocketConnection * socket, gpointer data)
{
  Server *server = data;
  g_autofree gchar *uri = g_uri_to_string (soup_server_message_get_uri (msg));

  server_note (server, uri);
  g_ptr_array_add (server->sockets, g_object_ref (socket));
  g_signal_connect (socket, "message", G_CALLBACK (on_janus_message), server);
}

static gpointer
run_server (gpointer data)
{
  Server *server = data;
  gchar protocol[] = "janus-protocol";
  gchar *protocols[] = { protocol, NULL };
  GSList *uris;

  g_main_context_push_thread_default (server->context);
  server->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  server->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (server->server, "/whip", on_request, server, NULL);
  soup_server_add_handler (server->server, "/session", on_request, server,
      NULL);
  soup_server_add_websocket_handler (server->server, "/janus", NULL, protocols,
      on_websocket, server, NULL);
  g_assert (soup_server_listen_local (server->server, 0,
          SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server->server);
  g_atomic_int_set (&server->port, g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (server->loop);
  soup_server_disconnect (server->server);
  g_ptr_array_unref (server->sockets);
  g_object_unref (server->server);
  g_main_context_pop_thread_default (server->context);
  return NULL;
}

static void
server_start (Server * server, gboolean basic)
{
  *server = (Server) {
  .basic = basic,.context = g_main_context_new (),};
  g_mutex_init (&server->lock);
  server->seen = g_string_new (NULL);
  server->loop = g_main_loop_new (server->context, FALSE);
  server->thread = g_thread_new ("server", run_server, server);
  while (!g_atomic_int_get (&server->port))
    g_thread_yield ();
}

static void
server_stop (Server * server)
{
  g_main_loop_quit (server->loop);
  g_thread_join (server->thread);
  g_main_loop_unref (server->loop);
  g_main_context_unref (server->context);
  g_string_free (server->seen, TRUE);
  g_mutex_clear (&server->lock);
}

/* The search */

static GMutex found_lock;
static gchar *found;            /* found_lock: the first text with a secret */

static void
search (const gchar * where, const gchar * text)
{
  const gchar *secret = text ? strstr (text, PLANTED) : NULL;

  if (!secret)
    return;
  g_mutex_lock (&found_lock);
  if (!found)
    found = g_strdup_printf ("%s: %.200s", where, secret - text > 100 ?
        secret - 100 : text);
  g_mutex_unlock (&found_lock);
}

static void
search_log (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  search (file, gst_debug_message_get (message));
}

static void search_object (GObject * object, guint depth);

static void
search_value (const gchar * name, const GValue * value, guint depth)
{
  g_autofree gchar *contents = NULL, *text = NULL;

  if (G_VALUE_HOLDS_BOXED (value) && !g_value_get_boxed (value))
    return;
  contents = g_strdup_value_contents (value);
  text = gst_value_serialize (value);
  search (name, text);
  search (name, contents);
  if (G_VALUE_HOLDS (value, G_TYPE_STRV) && g_value_get_boxed (value)) {
    g_autofree gchar *joined = g_strjoinv (" ", g_value_get_boxed (value));

    search (name, joined);
  }
  if (G_VALUE_HOLDS_OBJECT (value) && g_value_get_object (value) && depth < 3)
    search_object (g_value_get_object (value), depth + 1);
}

/* Searches all readable properties of @object. @depth: how many properties led here */
static void
search_object (GObject * object, guint depth)
{
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    if (!(pspecs[i]->flags & G_PARAM_READABLE)
        || pspecs[i]->value_type == GST_TYPE_OBJECT)
      continue;
    g_value_init (&value, pspecs[i]->value_type);
    g_object_get_property (object, pspecs[i]->name, &value);
    search_value (pspecs[i]->name, &value, depth);
  }
}

static void
search_child (const GValue * item, gpointer data)
{
  search_object (g_value_get_object (item), 0);
}

static void
search_pipeline (GstElement * pipeline)
{
  GstIterator *iterator = gst_bin_iterate_recurse (GST_BIN (pipeline));
  g_autofree gchar *dot = gst_debug_bin_to_dot_data (GST_BIN (pipeline),
      GST_DEBUG_GRAPH_SHOW_ALL | GST_DEBUG_GRAPH_SHOW_FULL_PARAMS);

  search ("dot file", dot);
  while (gst_iterator_foreach (iterator, search_child, NULL) ==
      GST_ITERATOR_RESYNC)
    gst_iterator_resync (iterator);
  gst_iterator_free (iterator);
}

static void
search_message (GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  g_autofree gchar *text = structure ? gst_structure_to_string (structure) :
      NULL;
  g_autofree gchar *debug = NULL;
  g_autoptr (GError) error = NULL;

  search (GST_MESSAGE_TYPE_NAME (message), text);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, &debug);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning (message, &error, &debug);
  search ("error", error ? error->message : NULL);
  search ("debug", debug);
}

/* Plants a secret in each property that can be written but not read. */
static guint
plant (GObject * signaller)
{
  guint n, planted = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (signaller), &n);

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *secret =
        g_strconcat (PLANTED, pspecs[i]->name, NULL);

    if (!G_IS_PARAM_SPEC_STRING (pspecs[i])
        || pspecs[i]->flags & G_PARAM_READABLE)
      continue;
    g_object_set (signaller, pspecs[i]->name, secret, NULL);
    planted++;
  }
  return planted;
}

static gchar *
hand_out_token (GstElement * sink, const gchar * location, gpointer data)
{
  return g_strdup (HANDED);
}

static const struct
{
  const gchar *scheme, *rest;
  gboolean basic;
  const gchar *arrived[3];      /* secrets that have to reach the server */
} rows[] = {
  {"whip+http", "whip?key=" PLANTED "query", FALSE,
      {"key=" PLANTED "query", "Bearer " PLANTED "auth-token",
          "Bearer " HANDED}},
  {"http", "whip?key=" PLANTED "query", TRUE,
      {"key=" PLANTED "query", "Basic ", NULL}},
  {"janus+ws", "janus?room=1&pin=" PLANTED "location-pin", FALSE,
      {PLANTED "location-pin", PLANTED "api-secret", PLANTED "room-token"}},
};

static GstElement *
make_pipeline (const gchar * location, gboolean basic)
{
  GstElement *pipeline = gst_parse_launch ("videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64 ! rcastsink name=r", NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "r");
  g_autoptr (GObject) signaller = NULL;

  gst_util_set_object_arg (G_OBJECT (sink), "turn-servers",
      "<\"turn:u:" PLANTED "turn@127.0.0.1:9?transport=udp\">");
  g_object_set (sink, "location", location, "auth-token",
      PLANTED "auth-token", "reconnect-max-retries", 1, "connect-timeout", 300,
      "reconnect-min-delay", 10, NULL);
  g_signal_connect (sink, "request-token", G_CALLBACK (hand_out_token), NULL);
  g_object_get (sink, "signaller", &signaller, NULL);
  fail_unless (plant (signaller) >= 2);
  if (basic) {
    g_object_set (sink, "auth-token", NULL, NULL);
    g_object_set (signaller, "user-id", "u", NULL);
  }
  return pipeline;
}

GST_START_TEST (test_no_planted_secret_can_be_read)
{
  Server server;
  g_autofree gchar *location = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstBus) bus = NULL;
  gboolean over = FALSE;

  server_start (&server, rows[__i__].basic);
  location = g_strdup_printf ("%s://127.0.0.1:%d/%s", rows[__i__].scheme,
      server.port, rows[__i__].rest);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (search_log, NULL, NULL);
  gst_debug_set_threshold_from_string ("*:6,rcast*:9", TRUE);
  gst_debug_set_active (TRUE);

  pipeline = make_pipeline (location, rows[__i__].basic);
  bus = gst_element_get_bus (pipeline);
  search_pipeline (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!over) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING | GST_MESSAGE_ERROR |
        GST_MESSAGE_PROGRESS);

    fail_unless (message != NULL);
    search_message (message);
    search_pipeline (pipeline);
    over = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  search_pipeline (pipeline);
  gst_debug_set_active (FALSE);
  gst_debug_remove_log_function (search_log);

  for (guint i = 0; i < 3 && rows[__i__].arrived[i]; i++)
    fail_unless (strstr (server.seen->str, rows[__i__].arrived[i]) != NULL,
        "%s did not arrive: %s", rows[__i__].arrived[i], server.seen->str);
  server_stop (&server);
  fail_unless (found == NULL, "%s", found);
}

GST_END_TEST;

/* A refused value may contain a secret, too. */
GST_START_TEST (test_refused_values_are_not_shown)
{
  static const gchar *const bad[] = {
    "whip+http://me:" PLANTED "pw@127.0.0.1/x",
    "janus+ws://127.0.0.1/?pin=" PLANTED "pin",
    "nonsense://me:" PLANTED "pw@127.0.0.1/?key=" PLANTED "query",
  };
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    gst_uri_handler_set_uri (GST_URI_HANDLER (sink), bad[i], &error);
    fail_unless (error != NULL);
    search ("error", error->message);
  }
  search_object (G_OBJECT (sink), 0);
  fail_unless (found == NULL, "%s", found);
  gst_object_unref (sink);
}

GST_END_TEST;

/* The rows cover all installed signallers. */
GST_START_TEST (test_each_signaller_is_searched)
{
  GList *factories = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_ANY, GST_RANK_NONE);

  for (GList * l = factories; l; l = l->next) {
    const gchar *schemes = gst_element_factory_get_metadata (l->data,
        GST_RCAST_SIGNALLER_METADATA_PROTOCOLS);
    gboolean listed = FALSE;

    for (guint i = 0; schemes && i < G_N_ELEMENTS (rows); i++)
      listed = listed || strstr (schemes, rows[i].scheme);
    fail_unless (!schemes || listed, "%s is not searched",
        GST_OBJECT_NAME (l->data));
  }
  gst_plugin_feature_list_free (factories);
}

GST_END_TEST;

static Suite *
rcastsink_secrets_suite (void)
{
  Suite *s = suite_create ("rcastsink-secrets");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_no_planted_secret_can_be_read, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_refused_values_are_not_shown);
  tcase_add_test (tc, test_each_signaller_is_searched);
  return s;
}

GST_CHECK_MAIN (rcastsink_secrets);
