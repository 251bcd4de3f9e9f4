/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link to an OpenVidu server: requests and notifications. */
#include "config.h"

#include "openvidu-link.h"

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
  WsLink ws;
  const OpenviduSettings *settings;     /* borrowed, as the next one */
  const OpenviduLinkCallbacks *callbacks;
  GUri *target;                 /* of the last connection, with its query */
} OpenviduLink;

GError *
openvidu_link_new_refusal (WsLink * link,
    const OpenviduMessage * message, const gchar * what)
{
  GstRcastError code = openvidu_error_classify (message->code);

  return gst_rcast_error_new_http (code, link->url, 0,
      code == GST_RCAST_ERROR_BUSY ? ROOM_FULL_RETRY_AFTER :
      GST_CLOCK_TIME_NONE, "%s: %s: %s (OpenVidu error %d)", link->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

/* Returns: the number of the request */
guint64
openvidu_link_ask (WsLink * link, const gchar * method, gchar * params,
    guint ms, WsAnswered answered, gpointer data)
{
  WsRequest *request = g_new0 (WsRequest, 1);
  guint64 number = ws_link_add (link, request);
  g_autofree gchar *held = params;
  g_autofree gchar *text = openvidu_print_request (number, method, held);

  request->what = method;
  request->ms = ms;
  request->answered = answered;
  request->data = data;
  GST_DEBUG_OBJECT (link->element, "%s (%" G_GUINT64_FORMAT ")", method,
      number);
  ws_request_expect (request);
  ws_link_send (link, text);
  return number;
}

static gboolean
take (gpointer data, const gchar * text, gsize size, GError ** error)
{
  OpenviduLink *link = data;
  g_autoptr (OpenviduMessage) message =
      openvidu_message_parse (text, size, error);
  WsRequest *request;

  if (!message)
    return FALSE;
  request = ws_link_find (&link->ws, message->id);
  if (message->kind == OPENVIDU_NOTIFICATION)
    link->callbacks->notified (message, link->ws.data);
  else if (request)
    ws_request_end (request, message, NULL);
  else
    GST_DEBUG_OBJECT (link->ws.element, "an answer to no request");
  return TRUE;
}

WsLink *
openvidu_link_new (GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduLinkCallbacks * callbacks, gpointer data)
{
  static const WsLinkFuncs funcs = {.take = take,.resets = TRUE };
  static gsize once = 0;
  OpenviduLink *link = g_new0 (OpenviduLink, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_link_debug, "rcastopenvidulink", 0,
        "Connection to OpenVidu");
    g_once_init_leave (&once, 1);
  }
  ws_link_init (&link->ws, element, settings->net, &funcs, &callbacks->ws,
      data);
  link->settings = settings;
  link->callbacks = callbacks;
  return &link->ws;
}

/* Takes NULL. */
void
openvidu_link_free (WsLink * ws)
{
  OpenviduLink *link = (OpenviduLink *) ws;

  if (!link)
    return;
  ws_link_clear (ws);
  g_clear_pointer (&link->target, g_uri_unref);
  g_free (link);
}

void
openvidu_link_connect (WsLink * ws, const gchar * session, gboolean again)
{
  OpenviduLink *link = (OpenviduLink *) ws;
  GUri *base = ws->settings->url;
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
  ws_link_connect (ws, (NetWebsocketSettings) {
      .url = link->target,
      .ping_interval = PING_INTERVAL,
      .pong_timeout = link->settings->pong_timeout });
}

void
openvidu_link_close (WsLink * link)
{
  if (link->ws)
    net_websocket_close_with (link->ws, CLOSE_CODE, CLOSE_REASON);
}
