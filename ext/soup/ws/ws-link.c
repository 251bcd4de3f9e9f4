/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection of a session to its server: a WebSocket, and the requests that wait for an answer. */
#include "config.h"

#include "ws-link.h"

#include "net-json.h"
#include "net-url.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ws_link_debug);
#define GST_CAT_DEFAULT rcast_ws_link_debug

static void
request_free (gpointer data)
{
  WsRequest *request = data;

  gst_rcast_source_clear (&request->timer);
  if (request->link->funcs->clear_request)
    request->link->funcs->clear_request (request);
  g_free (request);
}

void
ws_link_init (WsLink * link, GstRcastNetSignaller * element,
    const GstRcastNetSettings * settings, const WsLinkFuncs * funcs,
    const WsLinkCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_ws_link_debug, "rcastwslink", 0,
        "Connection of a signaller");
    g_once_init_leave (&once, 1);
  }
  *link = (WsLink) {
    .funcs = funcs,
    .element = element,
    .settings = settings,
    .callbacks = callbacks,
    .data = data,
    .url = net_url_describe (settings->url),
    .requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
        request_free),
  };
}

/* Frees the contents. */
void
ws_link_clear (WsLink * link)
{
  ws_link_disconnect (link, FALSE);
  g_hash_table_unref (link->requests);
  g_free (link->url);
  g_free (link->uplink);
}

GError *
ws_link_new_error (WsLink * link, GstRcastError code, const gchar * format, ...)
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

/* Takes @request, which begins with a #WsRequest. Returns: its number */
guint64
ws_link_add (WsLink * link, gpointer request)
{
  WsRequest *self = request;

  self->link = link;
  self->number = link->next_number++;
  g_hash_table_insert (link->requests, &self->number, self);
  return self->number;
}

/* Returns: (nullable) (transfer none) */
gpointer
ws_link_find (WsLink * link, guint64 number)
{
  return g_hash_table_lookup (link->requests, &number);
}

/* Ignores the answer of the request, if there is such a request. */
void
ws_link_forget (WsLink * link, guint64 number)
{
  g_hash_table_remove (link->requests, &number);
}

/* The caller must do nothing afterwards. */
void
ws_request_end (WsRequest * request, gconstpointer answer, const GError * error)
{
  const WsRequest ended = *request;

  ws_link_forget (ended.link, ended.number);
  if (ended.answered)
    ended.answered (ended.number, answer, error, ended.data);
}

static gboolean
on_request_timeout (gpointer data)
{
  WsRequest *request = data;
  g_autoptr (GError) error = ws_link_new_error (request->link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to %s within %u ms", request->what,
      request->ms);

  ws_request_end (request, NULL, error);
  return G_SOURCE_REMOVE;
}

/* The request is being sent: limits the time for its answer. If sending fails, the loss of the
 * connection ends the request. */
void
ws_request_expect (WsRequest * request)
{
  gst_rcast_source_clear (&request->timer);
  request->timer = gst_rcast_limit_start (request->ms, on_request_timeout,
      request);
}

/* Connection */

void
ws_link_disconnect (WsLink * link, gboolean reset)
{
  if (link->ws && net_websocket_get_uplink (link->ws)) {
    g_free (link->uplink);
    link->uplink = g_strdup (net_websocket_get_uplink (link->ws));
  }
  if (reset)
    g_clear_pointer (&link->ws, net_websocket_reset);
  g_clear_pointer (&link->ws, net_websocket_free);
  if (link->funcs->disconnected)
    link->funcs->disconnected (link);
  g_hash_table_remove_all (link->requests);
}

static void
lose (WsLink * link, const GError * error)
{
  ws_link_disconnect (link, link->funcs->resets);
  link->callbacks->lost (error, link->data);
}

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  WsLink *link = data;

  link->callbacks->opened (link->data);
}

/* A server that sends something invalid before we have joined speaks another protocol. Afterwards,
 * an invalid message does no harm. */
static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  WsLink *link = data;
  g_autoptr (GError) error = NULL, own = NULL;

  if (link->funcs->take (link, text, size, &error))
    return;
  if (link->joined) {
    GST_WARNING_OBJECT (link->element, "ignoring what the server sent: %s",
        error->message);
    if (link->funcs->ignored)
      link->funcs->ignored (link, error);
    return;
  }
  own = ws_link_new_error (link, GST_RCAST_ERROR_INVALID_DATA, "%s",
      error->message);
  lose (link, own);
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  WsLink *link = data;
  g_autoptr (GError) own = error ? g_error_copy (error) :
      ws_link_new_error (link, GST_RCAST_ERROR_NETWORK, "closed");

  lose (link, own);
}

void
ws_link_connect (WsLink * link, NetWebsocketSettings settings)
{
  static const NetWebsocketClient client = { on_opened, on_text, on_closed };

  ws_link_disconnect (link, FALSE);
  g_clear_pointer (&link->uplink, g_free);
  link->joined = FALSE;
  /* An SDP as JSON, or a room full of publishers, takes a tenth of this. */
  settings.max_size = NET_JSON_MAX_SIZE;
  link->last = settings;
  link->ws = gst_rcast_net_signaller_connect (link->element, link->settings,
      settings, &client, link);
}

void
ws_link_close (WsLink * link)
{
  if (link->ws)
    net_websocket_close (link->ws);
}

void
ws_link_send (WsLink * link, const gchar * text)
{
  if (link->ws)
    net_websocket_send (link->ws, text);
}

gboolean
ws_link_is_open (WsLink * link)
{
  return link->ws && net_websocket_is_open (link->ws);
}

/* Returns: whether there is a TCP connection, or more */
gboolean
ws_link_is_connected (WsLink * link)
{
  return net_websocket_is_connected (link->ws);
}

/* The server has accepted a connection that was started after @since (monotonic, us): connects anew
 * if our own, older attempt still waits. */
void
ws_link_reached (WsLink * link, gint64 since)
{
  if (!net_websocket_is_overtaken (link->ws, since))
    return;
  GST_DEBUG_OBJECT (link->element, "connecting anew: the server is there");
  ws_link_connect (link, link->last);
}

/* The connection was of no use: the next connection tries another uplink first. */
void
ws_link_blame_uplink (WsLink * link)
{
  const gchar *uplink =
      link->ws ? net_websocket_get_uplink (link->ws) : link->uplink;

  net_dialer_blame (gst_rcast_net_signaller_get_dialer (link->element),
      uplink);
}
