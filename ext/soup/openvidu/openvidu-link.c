/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection to an OpenVidu server: its WebSocket and the pending requests. */
#include "config.h"

#include "openvidu-link.h"

#include "net-json.h"
#include "net-url.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_link_debug);
#define GST_CAT_DEFAULT rcast_openvidu_link_debug

/* s between WebSocket pings, which find a dead connection sooner than those of the protocol */
#define PING_INTERVAL 1
/* As sent by OpenVidu's own clients when they leave. */
#define CLOSE_CODE 4102
#define CLOSE_REASON "Connection closed by client"
#define ROOM_FULL_RETRY_AFTER (2 * GST_SECOND)

typedef struct
{
  OpenviduLink *link;
  guint64 number;
  const gchar *method;
  guint ms;
  OpenviduAnswered answered;    /* NULL: the answer is not needed */
  gpointer data;
  GSource *timer;
} Request;

struct _OpenviduLink
{
  GstRcastNetSignaller *element;        /* borrowed, as the next two */
  const OpenviduSettings *settings;
  const OpenviduLinkCallbacks *callbacks;
  gpointer data;
  gchar *url;                   /* without secrets */

  NetWebsocket *ws;
  GUri *target;                 /* of the last connection, with its query */
  gchar *uplink;                /* nullable: of the last connection */
  gboolean heard;               /* a valid message has arrived on it */
  GHashTable *requests;         /* by number: Request */
  guint64 next_number;          /* continues across connections */
};

static void
request_free (gpointer data)
{
  Request *request = data;

  gst_rcast_source_clear (&request->timer);
  g_free (request);
}

OpenviduLink *
openvidu_link_new (GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduLinkCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  OpenviduLink *link = g_new0 (OpenviduLink, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_link_debug, "rcastopenvidulink", 0,
        "Connection to OpenVidu");
    g_once_init_leave (&once, 1);
  }
  link->element = element;
  link->settings = settings;
  link->callbacks = callbacks;
  link->data = data;
  link->url = net_url_describe (settings->net->url);
  link->requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
      request_free);
  return link;
}

/* Takes NULL. */
void
openvidu_link_free (OpenviduLink * link)
{
  if (!link)
    return;
  openvidu_link_disconnect (link, FALSE);
  g_hash_table_unref (link->requests);
  g_clear_pointer (&link->target, g_uri_unref);
  g_free (link->url);
  g_free (link->uplink);
  g_free (link);
}

void
openvidu_link_disconnect (OpenviduLink * link, gboolean reset)
{
  if (link->ws && net_websocket_get_uplink (link->ws)) {
    g_free (link->uplink);
    link->uplink = g_strdup (net_websocket_get_uplink (link->ws));
  }
  if (reset)
    g_clear_pointer (&link->ws, net_websocket_reset);
  g_clear_pointer (&link->ws, net_websocket_free);
  g_hash_table_remove_all (link->requests);
}

static void
lose (OpenviduLink * link, const GError * error)
{
  openvidu_link_disconnect (link, TRUE);
  link->callbacks->lost (error, link->data);
}

/* Errors */

GError *
openvidu_link_new_refusal (OpenviduLink * link,
    const OpenviduMessage * message, const gchar * what)
{
  GstRcastError code = openvidu_error_classify (message->code);

  return gst_rcast_error_new_http (code, link->url, 0,
      code == GST_RCAST_ERROR_BUSY ? ROOM_FULL_RETRY_AFTER :
      GST_CLOCK_TIME_NONE, "%s: %s: %s (OpenVidu error %d)", link->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

GError *
openvidu_link_new_error (OpenviduLink * link, GstRcastError code,
    const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return gst_rcast_error_new_http (code, link->url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", link->url, text);
}

/* Requests */

/* The caller must do nothing afterwards. */
static void
end_request (Request * request, const OpenviduMessage * message,
    const GError * error)
{
  OpenviduAnswered answered = request->answered;
  gpointer data = request->data;
  guint64 number = request->number;

  g_hash_table_remove (request->link->requests, &number);
  if (answered)
    answered (number, message, error, data);
}

static gboolean
on_request_timeout (gpointer data)
{
  Request *request = data;
  g_autoptr (GError) error = openvidu_link_new_error (request->link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to %s within %u ms", request->method,
      request->ms);

  end_request (request, NULL, error);
  return G_SOURCE_REMOVE;
}

/* If sending fails, the loss of the connection ends the request. */
guint64
openvidu_link_ask (OpenviduLink * link, const gchar * method, gchar * params,
    guint ms, OpenviduAnswered answered, gpointer data)
{
  g_autofree gchar *held = params, *text = NULL;
  Request *request = g_new0 (Request, 1);

  request->link = link;
  request->number = link->next_number++;
  request->method = method;
  request->ms = ms;
  request->answered = answered;
  request->data = data;
  request->timer = gst_rcast_limit_start (ms, on_request_timeout, request);
  g_hash_table_insert (link->requests, &request->number, request);
  GST_DEBUG_OBJECT (link->element, "%s (%" G_GUINT64_FORMAT ")", method,
      request->number);
  text = openvidu_print_request (request->number, method, held);
  if (link->ws)
    net_websocket_send (link->ws, text);
  return request->number;
}

/* Received messages */

/* One invalid frame among others does no harm. A server that never sends a valid one is not
 * OpenVidu. */
static void
take_garbage (OpenviduLink * link, const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (link->heard) {
    GST_WARNING_OBJECT (link->element, "ignoring what the server sent: %s",
        error->message);
    return;
  }
  own = openvidu_link_new_error (link, GST_RCAST_ERROR_INVALID_DATA, "%s",
      error->message);
  lose (link, own);
}

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  OpenviduLink *link = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OpenviduMessage) message =
      openvidu_message_parse (text, size, &error);
  Request *request;

  if (!message) {
    take_garbage (link, error);
    return;
  }
  link->heard = TRUE;
  if (message->kind == OPENVIDU_NOTIFICATION) {
    link->callbacks->notified (message, link->data);
    return;
  }
  request = g_hash_table_lookup (link->requests, &message->id);
  if (request)
    end_request (request, message, NULL);
  else
    GST_DEBUG_OBJECT (link->element, "an answer to no request");
}

/* Connection */

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  OpenviduLink *link = data;

  link->callbacks->opened (link->data);
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  OpenviduLink *link = data;
  g_autoptr (GError) own = error ? g_error_copy (error) :
      openvidu_link_new_error (link, GST_RCAST_ERROR_NETWORK, "closed");

  lose (link, own);
}

static void
start (OpenviduLink * link)
{
  static const NetWebsocketClient client = { on_opened, on_text, on_closed };
  NetWebsocketSettings ws = {
    .url = link->target,
    .ping_interval = PING_INTERVAL,
    .pong_timeout = link->settings->pong_timeout,
    .max_size = NET_JSON_MAX_SIZE,
  };

  openvidu_link_disconnect (link, FALSE);
  g_clear_pointer (&link->uplink, g_free);
  link->heard = FALSE;
  link->ws = gst_rcast_net_signaller_connect (link->element,
      link->settings->net, ws, &client, link);
}

void
openvidu_link_connect (OpenviduLink * link, const gchar * session,
    gboolean again)
{
  GUri *base = link->settings->net->url;
  g_autofree gchar *name = session ? g_uri_escape_string (session, NULL, FALSE)
      : NULL;
  g_autofree gchar *query = NULL;

  if (name)
    query = g_strdup_printf ("sessionId=%s%s", name, again ?
        "&reconnect=true" : "");
  g_clear_pointer (&link->target, g_uri_unref);
  link->target = g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (base),
      NULL, g_uri_get_host (base), g_uri_get_port (base), g_uri_get_path (base),
      query, NULL);
  start (link);
}

void
openvidu_link_close (OpenviduLink * link)
{
  if (link->ws)
    net_websocket_close_with (link->ws, CLOSE_CODE, CLOSE_REASON);
}

gboolean
openvidu_link_is_open (OpenviduLink * link)
{
  return link->ws && net_websocket_is_open (link->ws);
}

/* Returns: whether there is a TCP connection, or more */
gboolean
openvidu_link_is_connected (OpenviduLink * link)
{
  return net_websocket_is_connected (link->ws);
}

/* The server has accepted a connection that was started after @since, monotonic, us. */
void
openvidu_link_reached (OpenviduLink * link, gint64 since)
{
  if (!net_websocket_is_overtaken (link->ws, since))
    return;
  GST_DEBUG_OBJECT (link->element, "connecting anew: the server is there");
  start (link);
}

/* The connection was of no use: the next one tries another uplink first. */
void
openvidu_link_blame_uplink (OpenviduLink * link)
{
  const gchar *uplink =
      link->ws ? net_websocket_get_uplink (link->ws) : link->uplink;

  net_dialer_blame (gst_rcast_net_signaller_get_dialer (link->element),
      uplink);
}
