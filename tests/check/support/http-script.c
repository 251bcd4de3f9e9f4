/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scripted HTTP servers on loopback: one speaks correct HTTP, one sends raw bytes. */
#include "config.h"

#include "http-script.h"

#include <string.h>
#include <sys/socket.h>

#include "soup-listen.h"

#define DRIP_MS 20

static void
request_free (HttpRequest * request)
{
  g_free (request->method);
  g_free (request->target);
  soup_message_headers_unref (request->headers);
  g_free (request->body);
  g_clear_object (&request->msg);
  g_free (request);
}

static void
copy_header (const char *name, const char *value, gpointer data)
{
  soup_message_headers_append (data, name, value);
}

static HttpReply *
next_reply (HttpScript * script, const gchar * method)
{
  for (GList * l = script->replies.head; l; l = l->next) {
    HttpReply *reply = l->data;

    if (!reply->method || g_str_equal (reply->method, method)) {
      g_queue_delete_link (&script->replies, l);
      return reply;
    }
  }
  for (const HttpReply * r = script->defaults; r && r->status; r++) {
    if (!r->method || g_str_equal (r->method, method))
      return g_memdup2 (r, sizeof (*r));
  }
  return NULL;
}

static void
set_headers (HttpScript * script, SoupServerMessage * msg, const gchar * text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (msg);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    gchar *value = strchr (lines[i], ':');
    gchar *number = value ? strstr (value, "%u") : NULL;
    g_autofree gchar *numbered = NULL;

    if (!value)
      continue;
    *value++ = '\0';
    g_strchug (value);
    if (number) {
      *number = '\0';
      numbered = g_strdup_printf ("%s%u%s", value, ++script->numbered,
          number + 2);
      value = numbered;
    }
    soup_message_headers_append (headers, lines[i], value);
  }
}

static void
on_request (SoupServer * server, SoupServerMessage * msg, const char *path,
    GHashTable * query, gpointer data)
{
  HttpScript *script = data;
  HttpRequest *request = g_new0 (HttpRequest, 1);
  GUri *uri = soup_server_message_get_uri (msg);
  SoupMessageBody *body = soup_server_message_get_request_body (msg);
  g_autofree HttpReply *reply = NULL;

  request->method = g_strdup (soup_server_message_get_method (msg));
  request->target = g_strconcat (g_uri_get_path (uri),
      g_uri_get_query (uri) ? "?" : "",
      g_uri_get_query (uri) ? g_uri_get_query (uri) : "", NULL);
  request->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  soup_message_headers_foreach (soup_server_message_get_request_headers (msg),
      copy_header, request->headers);
  request->body = body->data ? g_strndup (body->data, body->length) :
      g_strdup ("");
  g_ptr_array_add (script->requests, request);

  reply = next_reply (script, request->method);
  if (!reply) {
    soup_server_message_set_status (msg, 404, NULL);
    return;
  }
  soup_server_message_set_status (msg, reply->status, NULL);
  if (reply->headers)
    set_headers (script, msg, reply->headers);
  if (reply->body)
    soup_server_message_set_response (msg, reply->type, SOUP_MEMORY_COPY,
        reply->body, strlen (reply->body));
  if (reply->hold) {
    request->msg = g_object_ref (msg);
    soup_server_message_pause (msg);
  }
}

/* Listens on a port of loopback that the system picks. */
static GSocketListener *
listen_on_loopback (guint * port)
{
  GSocketListener *listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, any, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return listener;
}

/* TLS: libsoup gets each connection after its handshake. A handshake in libsoup 3.6.5 must not
 * outlive the server: its callback would use a freed connection. */

static void
hand_over (HttpScript * script, GIOStream * tls)
{
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  g_object_get (tls, "base-io-stream", &connection, NULL);
  local = g_socket_connection_get_local_address (connection, NULL);
  remote = g_socket_connection_get_remote_address (connection, NULL);
  if (local && remote)
    soup_server_accept_iostream (script->server, tls, local, remote, NULL);
}

static void
handshake_done (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (GIOStream) stream = G_IO_STREAM (source);
  HttpScript *script = data;

  script->accepting--;
  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (stream), result,
          NULL))
    hand_over (script, stream);
}

static void
tls_accepted (GObject * source, GAsyncResult * result, gpointer data)
{
  HttpScript *script = data;
  g_autoptr (GSocketConnection) connection =
      g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result,
      NULL, NULL);
  g_autoptr (GError) error = NULL;
  GIOStream *tls;

  script->accepting--;
  if (!connection)
    return;
  tls = g_tls_server_connection_new (G_IO_STREAM (connection),
      script->certificate, &error);
  g_assert_no_error (error);
  script->accepting += 2;
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
      script->cancellable, handshake_done, script);
  g_socket_listener_accept_async (script->listener, script->cancellable,
      tls_accepted, script);
}

static void
start_tls (HttpScript * script, const gchar * certificate)
{
  g_autoptr (GError) error = NULL;

  script->certificate = g_tls_certificate_new_from_file (certificate, &error);
  g_assert_no_error (error);
  script->cancellable = g_cancellable_new ();
  script->listener = listen_on_loopback (&script->port);
  script->accepting++;
  g_socket_listener_accept_async (script->listener, script->cancellable,
      tls_accepted, script);
}

static void
stop_tls (HttpScript * script)
{
  g_cancellable_cancel (script->cancellable);
  g_socket_listener_close (script->listener);
  while (script->accepting > 0)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  g_clear_object (&script->listener);
  g_clear_object (&script->cancellable);
  g_clear_object (&script->certificate);
}

/* @certificate: (nullable): PEM file with key, for https. The server runs in the thread-default
 * context. */
HttpScript *
http_script_new (const HttpReply * defaults, const gchar * certificate)
{
  HttpScript *script = g_new0 (HttpScript, 1);

  script->requests =
      g_ptr_array_new_with_free_func ((GDestroyNotify) request_free);
  g_queue_init (&script->replies);
  script->defaults = defaults;
  script->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (script->server, NULL, on_request, script, NULL);
  if (certificate)
    start_tls (script, certificate);
  else
    script->port = soup_listen (script->server);
  script->url = g_strdup_printf ("http%s://127.0.0.1:%u",
      certificate ? "s" : "", script->port);
  return script;
}

void
http_script_free (HttpScript * script)
{
  if (script->listener)
    stop_tls (script);
  soup_server_disconnect (script->server);
  g_object_unref (script->server);
  g_ptr_array_unref (script->requests);
  g_queue_clear_full (&script->replies, g_free);
  g_free (script->url);
  g_free (script);
}

void
http_script_add (HttpScript * script, HttpReply reply)
{
  g_queue_push_tail (&script->replies, g_memdup2 (&reply, sizeof (reply)));
}

void
http_script_release (HttpScript * script, HttpRequest * request)
{
  soup_server_message_unpause (request->msg);
  g_clear_object (&request->msg);
}

HttpRequest *
http_script_get (HttpScript * script, guint index)
{
  g_assert_cmpuint (index, <, script->requests->len);
  return g_ptr_array_index (script->requests, index);
}

/* @method: (nullable): NULL for all */
guint
http_script_count (HttpScript * script, const gchar * method)
{
  guint count = 0;

  for (guint i = 0; i < script->requests->len; i++) {
    HttpRequest *request = g_ptr_array_index (script->requests, i);

    if (!method || g_str_equal (request->method, method))
      count++;
  }
  return count;
}

HttpRequest *
http_script_find (HttpScript * script, const gchar * method, guint nth)
{
  for (guint i = 0; i < script->requests->len; i++) {
    HttpRequest *request = g_ptr_array_index (script->requests, i);

    if (g_str_equal (request->method, method) && nth-- == 0)
      return request;
  }
  g_assert_not_reached ();
}

const gchar *
http_request_header (HttpRequest * request, const gchar * name)
{
  return soup_message_headers_get_list (request->headers, name);
}

/* The raw server */

typedef struct
{
  RawServer *raw;
  GSocketConnection *connection;
  gsize sent;
  gchar buffer[4096];
} RawPeer;

static void
raw_peer_free (gpointer data)
{
  RawPeer *peer = data;

  g_io_stream_close (G_IO_STREAM (peer->connection), NULL, NULL);
  g_object_unref (peer->connection);
  g_free (peer);
}

static void
raw_end (RawPeer * peer)
{
  GSocket *socket = g_socket_connection_get_socket (peer->connection);

  if (peer->raw->end == RAW_HOLD)
    return;
  if (peer->raw->end == RAW_RESET) {
    struct linger linger = { 1, 0 };

    setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger,
        sizeof (linger));
  }
  g_io_stream_close (G_IO_STREAM (peer->connection), NULL, NULL);
}

static void
add_timer (RawServer * raw, GSourceFunc func, gpointer data)
{
  GSource *timer = g_timeout_source_new (DRIP_MS);

  g_source_set_callback (timer, func, data, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  g_ptr_array_add (raw->timers, timer);
}

static gboolean
raw_drip (gpointer data)
{
  RawPeer *peer = data;
  const gchar *bytes = peer->raw->bytes;

  g_socket_send (g_socket_connection_get_socket (peer->connection),
      bytes + MIN (peer->sent, strlen (bytes) - 1), 1, NULL, NULL);
  peer->sent++;
  return G_SOURCE_CONTINUE;
}

static gboolean
raw_flood (gpointer data)
{
  RawPeer *peer = data;
  GSocket *socket = g_socket_connection_get_socket (peer->connection);

  memset (peer->buffer, 'x', sizeof (peer->buffer));
  for (guint i = 0; i < 64; i++) {
    if (g_socket_send (socket, peer->buffer, sizeof (peer->buffer), NULL,
            NULL) < 0)
      break;
  }
  return G_SOURCE_CONTINUE;
}

static void
raw_talk (RawPeer * peer)
{
  RawServer *raw = peer->raw;
  GSocket *socket = g_socket_connection_get_socket (peer->connection);

  g_socket_set_blocking (socket, FALSE);
  if (raw->end == RAW_DRIP) {
    add_timer (raw, raw_drip, peer);
    return;
  }
  g_socket_send (socket, raw->bytes, strlen (raw->bytes), NULL, NULL);
  if (raw->end == RAW_FLOOD)
    add_timer (raw, raw_flood, peer);
  else
    raw_end (peer);
}

static void
raw_read (GObject * source, GAsyncResult * result, gpointer data)
{
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result,
      NULL);
  RawPeer *peer = data;

  /* If the read was cancelled, the server is already freed. */
  if (size >= 0)
    raw_talk (peer);
}

static void
raw_accepted (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result,
      NULL, &error);
  RawServer *raw = data;
  RawPeer *peer;

  if (!connection)
    return;
  raw->accepted++;
  peer = g_new0 (RawPeer, 1);
  peer->raw = raw;
  peer->connection = connection;
  g_ptr_array_add (raw->connections, peer);
  g_socket_listener_accept_async (raw->listener, raw->cancellable,
      raw_accepted, raw);
  if (raw->read_first)
    g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM
            (connection)), peer->buffer, sizeof (peer->buffer),
        G_PRIORITY_DEFAULT, raw->cancellable, raw_read, peer);
  else
    raw_talk (peer);
}

static void
raw_timer_free (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

RawServer *
raw_server_new (const gchar * bytes, gboolean read_first, RawEnd end)
{
  RawServer *raw = g_new0 (RawServer, 1);

  raw->bytes = bytes;
  raw->read_first = read_first;
  raw->end = end;
  raw->cancellable = g_cancellable_new ();
  raw->connections = g_ptr_array_new_with_free_func (raw_peer_free);
  raw->timers = g_ptr_array_new_with_free_func (raw_timer_free);
  raw->listener = listen_on_loopback (&raw->port);
  g_socket_listener_accept_async (raw->listener, raw->cancellable,
      raw_accepted, raw);
  return raw;
}

void
raw_server_free (RawServer * raw)
{
  g_cancellable_cancel (raw->cancellable);
  g_socket_listener_close (raw->listener);
  while (g_main_context_iteration (g_main_context_get_thread_default (),
          FALSE));
  g_ptr_array_unref (raw->timers);
  g_ptr_array_unref (raw->connections);
  g_object_unref (raw->listener);
  g_object_unref (raw->cancellable);
  g_free (raw);
}
