/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One WebSocket connection with libsoup, bounded in time and size. It never reconnects. */
#include "config.h"

#include "net-websocket.h"

/* glibc's struct tcp_info is incomplete. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "net-client.h"
#include "net-http.h"
#include "net-retry.h"
#include "net-tries.h"
#include "net-url.h"
#include "rcast-error.h"
#include "rcast-loop.h"
#include "rcast-text.h"
#include "rcast-uplinks.h"

GST_DEBUG_CATEGORY_STATIC (rcast_websocket_debug);
#define GST_CAT_DEFAULT rcast_websocket_debug

/* How often the silence and the size of a message are checked. */
#define CHECKS_PER_TIMEOUT 4
#define MAX_CHECK_MS 500
/* After this time, an unanswered ping and an uplink that is down are no coincidence. */
#define DOWN_GRACE_MS 500
/* Limit of bytes on the wire per byte of a message: other messages, frame headers, TLS. */
#define WIRE_SHARE 2

struct _NetWebsocket
{
  gatomicrefcount ref_count;
  NetWebsocketClient client;
  gpointer data;
  gchar *url;                   /* without secrets */
  gchar *protocol;
  guint ping_interval, pong_timeout, close_timeout;
  gsize max_size;

  NetClient *http;
  NetTries *tries;
  SoupMessage *msg;             /* during the handshake */
  guint interim;                /* number of 1xx responses to it */
  GCancellable *cancellable;
  SoupWebsocketConnection *connection;
  GSocketConnection *tcp;       /* nullable: the connection below TLS */
  GSource *timer;               /* for the handshake, then for silence, then for the goodbye */
  gint64 started_at;            /* us, monotonic */
  gint64 heard_at;              /* us, monotonic */
  guint64 heard;                /* bytes received until then, as the kernel counts */
  gint64 checked_at;            /* us, monotonic */
  guint check_interval;         /* ms */
  guint64 read_at_message;      /* bytes, as the kernel counts them */
  gboolean connected;           /* TCP is connected */
  gboolean closing;             /* net_websocket_close() was called */
  gboolean over;                /* `closed` was called, or the owner has freed @ws */
  GError *error;                /* the first error */
};

static NetWebsocket *
hold (NetWebsocket * ws)
{
  g_atomic_ref_count_inc (&ws->ref_count);
  return ws;
}

static void
set_timer (NetWebsocket * ws, guint ms, GSourceFunc func)
{
  gst_rcast_source_clear (&ws->timer);
  ws->timer = gst_rcast_timer_start (ms, func, ws);
}

static void
release (NetWebsocket * ws)
{
  if (!g_atomic_ref_count_dec (&ws->ref_count))
    return;
  gst_rcast_source_clear (&ws->timer);
  if (ws->msg)
    g_signal_handlers_disconnect_by_data (ws->msg, ws);
  g_clear_object (&ws->msg);
  g_clear_object (&ws->connection);
  g_clear_object (&ws->tcp);
  net_client_free (ws->http);
  net_tries_free (ws->tries);
  g_clear_object (&ws->cancellable);
  g_clear_error (&ws->error);
  g_free (ws->url);
  g_free (ws->protocol);
  g_free (ws);
}

/* Closes the socket without a closing handshake, as a dead connection would not take it. */
static void
drop_connection (NetWebsocket * ws)
{
  g_autoptr (SoupWebsocketConnection) connection =
      g_steal_pointer (&ws->connection);

  g_cancellable_cancel (ws->cancellable);
  if (!connection)
    return;
  g_signal_handlers_disconnect_by_data (connection, ws);
  /* With a cancelled cancellable, TLS does not wait to send its close notification. */
  g_io_stream_close (soup_websocket_connection_get_io_stream (connection),
      ws->cancellable, NULL);
}

/* Calls `closed`, in which the owner may free @ws. */
static void
finish (NetWebsocket * ws)
{
  if (ws->over)
    return;
  ws->over = TRUE;
  gst_rcast_source_clear (&ws->timer);
  drop_connection (ws);
  hold (ws);
  ws->client.closed (ws, ws->closing ? NULL : ws->error, ws->data);
  release (ws);
}

static void
G_GNUC_PRINTF (3, 4)
take_error (NetWebsocket * ws, GstRcastError code, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  if (ws->error)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ws->error = gst_rcast_error_new_http (code, ws->url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", ws->url, text);
}

static gboolean
on_goodbye_timeout (gpointer data)
{
  finish (data);
  return G_SOURCE_REMOVE;
}

/* Returns: bytes that the kernel has received on the socket; 0: unknown */
static guint64
count_received (NetWebsocket * ws)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof (info);
  GSocket *socket;

  if (!ws->tcp)
    return 0;
  socket = g_socket_connection_get_socket (ws->tcp);
  if (getsockopt (g_socket_get_fd (socket), IPPROTO_TCP, TCP_INFO, &info,
          &size) != 0)
    return 0;
  return info.tcpi_bytes_received;
}

/* Returns: (nullable) (transfer full): local address of the connection */
static GInetAddress *
dup_local_address (NetWebsocket * ws)
{
  g_autoptr (GSocketAddress) address =
      ws->tcp ? g_socket_connection_get_local_address (ws->tcp, NULL) : NULL;

  return G_IS_INET_SOCKET_ADDRESS (address) ? g_object_ref
      (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))) :
      NULL;
}

/* libsoup limits the size of a frame, but not of a message: endless frames would fill the
 * memory. */
static gboolean
is_too_much (NetWebsocket * ws, guint64 received)
{
  return received > ws->read_at_message + WIRE_SHARE * ws->max_size;
}

static gboolean
uplink_is_down (NetWebsocket * ws)
{
  g_autoptr (GInetAddress) address = dup_local_address (ws);

  return address && !gst_rcast_uplinks_is_up (address);
}

/* Returns: (nullable): why silence is no accident */
static const gchar *
why_doubtful (NetWebsocket * ws, gboolean is_left)
{
  if (uplink_is_down (ws))
    return "its uplink is down";
  return is_left ? "media has left its uplink, too" : NULL;
}

static gboolean
on_check (gpointer data)
{
  NetWebsocket *ws = data;
  gint64 now = g_get_monotonic_time ();
  gint64 late = now - ws->checked_at - ws->check_interval * 1000;
  guint64 received = count_received (ws);
  /* Call this each time, as it keeps track of where media has been. */
  gboolean is_left = net_tries_are_left (ws->tries);
  const gchar *doubt = NULL;
  gint64 silence;

  /* Time in which this process did not run is not silence of the server: what arrived meanwhile is
   * still unread. */
  if (late > 0)
    ws->heard_at += late;
  ws->checked_at = now;
  /* A pong cannot overtake a large message that is being received. */
  if (received > ws->heard) {
    ws->heard = received;
    ws->heard_at = now;
  }
  silence = (now - ws->heard_at) / 1000;
  if (is_too_much (ws, received)) {
    take_error (ws, GST_RCAST_ERROR_INVALID_DATA,
        "a message is larger than %" G_GSIZE_FORMAT " bytes", ws->max_size);
    finish (ws);
    return G_SOURCE_REMOVE;
  }
  if (silence >= ws->pong_timeout)
    take_error (ws, GST_RCAST_ERROR_NETWORK,
        "the connection is dead: no pong for %u ms", ws->pong_timeout);
  else if (silence >= (gint64) ws->ping_interval * 1000 + DOWN_GRACE_MS
      && (doubt = why_doubtful (ws, is_left)))
    take_error (ws, GST_RCAST_ERROR_NETWORK, "the connection is dead: %s",
        doubt);
  else
    return G_SOURCE_CONTINUE;
  net_tries_blame (ws->tries);
  finish (ws);
  return G_SOURCE_REMOVE;
}

static void
on_pong (SoupWebsocketConnection * connection, GBytes * payload,
    NetWebsocket * ws)
{
  ws->heard_at = g_get_monotonic_time ();
}

static void
on_message (SoupWebsocketConnection * connection, SoupWebsocketDataType type,
    GBytes * message, NetWebsocket * ws)
{
  gsize size;
  const gchar *text = g_bytes_get_data (message, &size);

  ws->heard_at = g_get_monotonic_time ();
  ws->read_at_message = count_received (ws);
  if (ws->closing)
    return;
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    take_error (ws, GST_RCAST_ERROR_INVALID_DATA,
        "the server sent a binary message");
    finish (ws);
    return;
  }
  /* libsoup terminates text with NUL, and has checked its UTF-8. */
  hold (ws);
  ws->client.text (ws, text ? text : "", size, ws->data);
  release (ws);
}

/* The peer violates the protocol: libsoup closes the connection, and "closed" follows. */
static void
on_error (SoupWebsocketConnection * connection, const GError * error,
    NetWebsocket * ws)
{
  gboolean network = error->domain == G_IO_ERROR || error->domain
      == G_TLS_ERROR;
  g_autofree gchar *text = gst_rcast_text_clean (error->message, -1);

  take_error (ws, network ? GST_RCAST_ERROR_NETWORK :
      GST_RCAST_ERROR_INVALID_DATA, "%s", text);
  finish (ws);
}

static void
on_closed (SoupWebsocketConnection * connection, NetWebsocket * ws)
{
  gushort code = soup_websocket_connection_get_close_code (connection);
  g_autofree gchar *reason = gst_rcast_text_clean
      (soup_websocket_connection_get_close_data (connection), -1);

  if (code == 0 || code == SOUP_WEBSOCKET_CLOSE_ABNORMAL)
    take_error (ws, GST_RCAST_ERROR_NETWORK, "the connection broke");
  else
    take_error (ws, code == SOUP_WEBSOCKET_CLOSE_TOO_BIG
        || code == SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR ?
        GST_RCAST_ERROR_INVALID_DATA : GST_RCAST_ERROR_NETWORK,
        "the server closed the connection: code %u%s%s", code,
        reason ? ", " : "", reason ? reason : "");
  finish (ws);
}

static gboolean
on_handshake_timeout (gpointer data)
{
  NetWebsocket *ws = data;
  g_autofree gchar *detail =
      ws->connected ? NULL : net_tries_describe (ws->tries);

  take_error (ws, GST_RCAST_ERROR_NETWORK, "no WebSocket in time%s",
      detail ? detail : "");
  net_tries_blame (ws->tries);
  finish (ws);
  return G_SOURCE_REMOVE;
}

static GstRcastError
code_for_status (SoupMessage * msg)
{
  guint status = soup_message_get_status (msg);

  if (net_http_is_page (msg))
    return GST_RCAST_ERROR_FAILED;
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_CONFLICT:
    case 429:                  /* RFC 6585 4: Too Many Requests */
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return GST_RCAST_ERROR_BUSY;
    case SOUP_STATUS_OK:
    case SOUP_STATUS_SWITCHING_PROTOCOLS:
      return GST_RCAST_ERROR_INVALID_DATA;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return GST_RCAST_ERROR_FAILED;
    default:
      return status >= 400 && status < 500 ? GST_RCAST_ERROR_REJECTED :
          GST_RCAST_ERROR_FAILED;
  }
}

static void
describe_refusal (NetWebsocket * ws, const GError * error)
{
  guint status = soup_message_get_status (ws->msg);
  g_autofree gchar *text = NULL, *answer = NULL;

  if (ws->error)
    return;
  if (error->domain != SOUP_WEBSOCKET_ERROR) {
    ws->error = net_http_describe_error (ws->msg, error,
        ws->connected ? NULL : ws->tries);
    return;
  }
  text = gst_rcast_text_clean (error->message, -1);
  answer = net_http_describe_status (ws->msg);
  ws->error = gst_rcast_error_new_http (code_for_status (ws->msg), ws->url,
      status, net_retry_after (ws->msg), "%s: no WebSocket there: %s (%s)%s",
      ws->url, text, answer, net_http_is_page (ws->msg) ?
      ": a web page, as of a network that wants a login first (captive portal)" :
      "");
}

static void
watch_connection (NetWebsocket * ws)
{
  soup_websocket_connection_set_max_incoming_payload_size (ws->connection,
      ws->max_size);
  soup_websocket_connection_set_keepalive_interval (ws->connection,
      ws->ping_interval);
  g_signal_connect (ws->connection, "message", G_CALLBACK (on_message), ws);
  g_signal_connect (ws->connection, "pong", G_CALLBACK (on_pong), ws);
  g_signal_connect (ws->connection, "error", G_CALLBACK (on_error), ws);
  g_signal_connect (ws->connection, "closed", G_CALLBACK (on_closed), ws);
  ws->heard_at = ws->checked_at = g_get_monotonic_time ();
  ws->check_interval = CLAMP (ws->pong_timeout / CHECKS_PER_TIMEOUT, 1,
      MAX_CHECK_MS);
  set_timer (ws, ws->check_interval, on_check);
}

static void
handshake_done (GObject * source, GAsyncResult * result, gpointer data)
{
  NetWebsocket *ws = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (source), result,
      &error);

  if (ws->over) {
    if (connection)
      g_io_stream_close (soup_websocket_connection_get_io_stream (connection),
          ws->cancellable, NULL);
  } else if (!connection) {
    describe_refusal (ws, error);
    finish (ws);
  } else if (ws->protocol && g_strcmp0 (soup_websocket_connection_get_protocol
          (connection), ws->protocol) != 0) {
    take_error (ws, GST_RCAST_ERROR_INVALID_DATA,
        "the server does not speak %s", ws->protocol);
    ws->connection = g_steal_pointer (&connection);
    finish (ws);
  } else {
    ws->connection = g_steal_pointer (&connection);
    watch_connection (ws);
    GST_DEBUG_ID (ws->url, "open");
    ws->client.opened (ws, ws->data);
  }
  release (ws);
}

static gboolean
on_accept_certificate (SoupMessage * msg, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer data)
{
  NetWebsocket *ws = data;
  g_autofree gchar *text = net_http_describe_certificate (errors);

  GST_WARNING_ID (ws->url,
      "taking a certificate that is %s, as tls-verify is off", text);
  return TRUE;
}

static void
on_network_event (SoupMessage * msg, GSocketClientEvent event,
    GIOStream * stream, gpointer data)
{
  NetWebsocket *ws = data;

  if (ws->over)
    return;
  net_tries_event (ws->tries, event, stream);
  if (event != G_SOCKET_CLIENT_CONNECTED)
    return;
  ws->connected = TRUE;
  if (G_IS_SOCKET_CONNECTION (stream))
    g_set_object (&ws->tcp, G_SOCKET_CONNECTION (stream));
}

/* Too many 1xx responses end the handshake. */
static void
on_interim (SoupMessage * msg, gpointer data)
{
  NetWebsocket *ws = data;

  if (++ws->interim <= NET_HTTP_MAX_INTERIM)
    return;
  take_error (ws, GST_RCAST_ERROR_INVALID_DATA,
      "more than %u interim responses", NET_HTTP_MAX_INTERIM);
  g_cancellable_cancel (ws->cancellable);
}

static gboolean
refuse_now (gpointer data)
{
  finish (data);
  return G_SOURCE_REMOVE;
}

static void
start_handshake (NetWebsocket * ws, const NetWebsocketSettings * settings)
{
  gchar *protocols[] = { ws->protocol, NULL };
  SoupSession *session = net_client_get_session (ws->http, settings->url);

  /* The unpacked size of compressed messages is unlimited, so compression is off. */
  soup_session_remove_feature_by_type (session,
      SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  ws->msg = soup_message_new_from_uri (SOUP_METHOD_GET, settings->url);
  /* A pooled connection may be as dead as the last one. */
  soup_message_add_flags (ws->msg, SOUP_MESSAGE_NEW_CONNECTION
      | SOUP_MESSAGE_NO_REDIRECT);
  if (!settings->tls_verify)
    g_signal_connect (ws->msg, "accept-certificate",
        G_CALLBACK (on_accept_certificate), ws);
  g_signal_connect (ws->msg, "network-event", G_CALLBACK (on_network_event),
      ws);
  g_signal_connect (ws->msg, "got-informational", G_CALLBACK (on_interim), ws);
  /* An empty list would become an empty header, which servers refuse. */
  soup_session_websocket_connect_async (session, ws->msg, NULL,
      ws->protocol ? protocols : NULL,
      G_PRIORITY_DEFAULT, ws->cancellable, handshake_done, hold (ws));
}

/**
 * net_websocket_open:
 * @settings: copied
 * @client: callbacks
 * @data: for @client
 *
 * Returns: (transfer full): a connection that is being opened; net_websocket_free()
 */
NetWebsocket *
net_websocket_open (const NetWebsocketSettings * settings,
    const NetWebsocketClient * client, gpointer data)
{
  static gsize once = 0;
  NetWebsocket *ws = g_new0 (NetWebsocket, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_websocket_debug, "rcastwebsocket", 0,
        "WebSocket of signallers");
    g_once_init_leave (&once, 1);
  }
  g_assert (settings->max_size > 0 && settings->ping_interval > 0);
  g_atomic_ref_count_init (&ws->ref_count);
  ws->client = *client;
  ws->data = data;
  ws->started_at = g_get_monotonic_time ();
  ws->url = net_url_describe (settings->url);
  ws->protocol = g_strdup (settings->protocol);
  ws->ping_interval = settings->ping_interval;
  ws->pong_timeout = settings->pong_timeout;
  ws->close_timeout = settings->close_timeout;
  ws->max_size = settings->max_size;
  ws->cancellable = g_cancellable_new ();
  ws->http = net_client_new (settings->dialer, settings->user_agent,
      settings->tls_database);
  if (!g_uri_get_host (settings->url)) {
    take_error (ws, GST_RCAST_ERROR_INVALID_ARGUMENT, "names no host");
    set_timer (ws, 0, refuse_now);
    return ws;
  }
  ws->tries = net_tries_new (settings->dialer, settings->url);
  set_timer (ws, settings->connect_timeout, on_handshake_timeout);
  start_handshake (ws, settings);
  return ws;
}

gboolean
net_websocket_is_open (NetWebsocket * ws)
{
  return ws->connection && !ws->over && !ws->closing
      && soup_websocket_connection_get_state (ws->connection)
      == SOUP_WEBSOCKET_STATE_OPEN;
}

/* @ws: (nullable). Returns: whether there is a TCP connection, or more */
gboolean
net_websocket_is_connected (NetWebsocket * ws)
{
  return ws && (ws->connected || ws->over);
}

/* @ws: (nullable). The server has accepted another connection, which was started after @since,
 * monotonic, us. Returns: whether @ws is older and not established: it has not reached the server,
 * and would wait for its next SYN */
gboolean
net_websocket_is_overtaken (NetWebsocket * ws, gint64 since)
{
  return ws && !net_websocket_is_connected (ws) && ws->started_at < since;
}

/* Returns: whether @text is sent; otherwise `closed` follows or has been called */
gboolean
net_websocket_send (NetWebsocket * ws, const gchar * text)
{
  if (!net_websocket_is_open (ws))
    return FALSE;
  soup_websocket_connection_send_text (ws->connection, text);
  return TRUE;
}

/* Returns: (nullable): the uplink, once there is a TCP connection */
const gchar *
net_websocket_get_uplink (NetWebsocket * ws)
{
  return ws->tries ? net_tries_get_uplink (ws->tries) : NULL;
}

/* Starts the closing handshake with a code of RFC 6455 7.4 and a text (nullable) for the server.
 * `closed` follows from the main loop. */
void
net_websocket_close_with (NetWebsocket * ws, guint code, const gchar * reason)
{
  gboolean open = net_websocket_is_open (ws);

  if (ws->closing || ws->over)
    return;
  ws->closing = TRUE;
  set_timer (ws, open ? ws->close_timeout : 0, on_goodbye_timeout);
  if (open)
    soup_websocket_connection_close (ws->connection, code, reason);
}

void
net_websocket_close (NetWebsocket * ws)
{
  net_websocket_close_with (ws, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

/* Closes at once, without a closing handshake. Takes NULL. */
void
net_websocket_free (NetWebsocket * ws)
{
  if (!ws)
    return;
  ws->over = TRUE;
  gst_rcast_source_clear (&ws->timer);
  drop_connection (ws);
  release (ws);
}

/* Like net_websocket_free(), but drops data that the server does not have yet: another connection
 * sends it again. Takes NULL. */
void
net_websocket_reset (NetWebsocket * ws)
{
  const struct linger at_once = { 1, 0 };

  /* Otherwise the kernel would repeat the data for minutes. */
  if (ws && ws->tcp && ws->connection)
    setsockopt (g_socket_get_fd (g_socket_connection_get_socket (ws->tcp)),
        SOL_SOCKET, SO_LINGER, &at_once, sizeof (at_once));
  net_websocket_free (ws);
}
