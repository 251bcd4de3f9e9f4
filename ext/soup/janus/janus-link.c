/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link to a Janus server: requests with tokens, and their answers. */
#include "config.h"

#include "janus-link.h"

#include <string.h>

#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_link_debug);
#define GST_CAT_DEFAULT rcast_janus_link_debug

/* Which answers of the server finish a request. */
typedef enum
{
  ENDS_BY_ANY,
  ENDS_BY_RESULT,               /* not by an ack */
  ENDS_BY_EVENT,                /* neither by an ack nor by a success */
} Ending;

typedef struct
{
  WsRequest ws;
  gchar *transaction;
  const gchar *verb;
  JanusTarget target;
  gchar *members;
  Ending ending;

  gchar *token;                 /* the token it was sent with */
  gboolean renewed;             /* it was refused, and repeated once */
  JanusMessage *refusal;        /* while a fresh token is being requested */
} Request;

typedef struct
{
  WsLink ws;
  guint ref_count;              /* references of the owner and of running functions */
  const JanusSettings *settings;        /* borrowed, as the next one */
  const JanusLinkCallbacks *callbacks;
  GCancellable *asking;         /* while a fresh token is being requested */
} JanusLink;

static void
clear_request (gpointer data)
{
  Request *request = data;

  janus_message_free (request->refusal);
  g_free (request->transaction);
  g_free (request->members);
  g_free (request->token);
}

static void
on_disconnected (gpointer data)
{
  JanusLink *link = data;

  if (link->asking)
    g_cancellable_cancel (link->asking);
  g_clear_object (&link->asking);
}

static void
link_unref (JanusLink * link)
{
  if (--link->ref_count > 0)
    return;
  ws_link_clear (&link->ws);
  g_free (link);
}

GError *
janus_link_new_refusal (WsLink * link, const JanusMessage * message,
    const gchar * what)
{
  GstClockTime retry_after = GST_CLOCK_TIME_NONE;
  GstRcastError code = janus_error_classify (message->code, &retry_after);

  return gst_rcast_error_new_http (code, link->url, 0, retry_after,
      "%s: %s: %s (Janus error %d)", link->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

/* Requests */

static gchar *
dup_token (JanusLink * link)
{
  return net_tokens_dup (gst_rcast_net_signaller_get_tokens (link->ws.element),
      link->settings->net->url);
}

static void
send_request (Request * request)
{
  JanusLink *link = (JanusLink *) request->ws.link;
  JanusAddress to = { request->target.session, request->target.handle,
    request->transaction, NULL, link->settings->api_secret
  };
  g_autofree gchar *text = NULL;

  g_free (request->token);
  request->token = dup_token (link);
  to.token = request->token;
  text = janus_print_request (&to, request->verb, request->members);
  GST_DEBUG_OBJECT (link->ws.element, "%s (%s)", request->ws.what,
      request->transaction);
  ws_request_expect (&request->ws);
  ws_link_send (&link->ws, text);
}

static guint64
ask (WsLink * link, const Request * values)
{
  Request *request = g_memdup2 (values, sizeof (*values));
  guint64 number = ws_link_add (link, request);

  request->ws.ms = link->settings->timeout;
  request->transaction = g_strdup_printf ("r%08x-%" G_GUINT64_FORMAT,
      g_random_int (), number);
  send_request (request);
  return number;
}

guint64
janus_link_ask (WsLink * link, const gchar * verb, const JanusTarget * target,
    gchar * members, WsAnswered answered, gpointer data)
{
  return ask (link, &(Request) {
      .ws = { .what = verb, .answered = answered, .data = data },
      .verb = verb,
      .target = *target,
      .members = members,
      .ending = ENDS_BY_ANY });
}

guint64
janus_link_ask_plugin (WsLink * link, const gchar * request,
    const JanusTarget * target, gchar * members, gboolean immediate,
    WsAnswered answered, gpointer data)
{
  return ask (link, &(Request) {
      .ws = { .what = request, .answered = answered, .data = data },
      .verb = "message",
      .target = *target,
      .members = members,
      .ending = immediate ? ENDS_BY_RESULT : ENDS_BY_EVENT });
}

/* Fresh tokens: a request whose token is refused is repeated once with another token. Requests that
 * are refused meanwhile wait for the same token. */

static Request *
find_refused (JanusLink * link)
{
  GHashTableIter iter;
  Request *request;

  g_hash_table_iter_init (&iter, link->ws.requests);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & request)) {
    if (request->refusal)
      return request;
  }
  return NULL;
}

/* @error: (nullable): why there is no token */
static void
answer_refused (JanusLink * link, const gchar * fresh, const GError * error)
{
  Request *request;

  link->ref_count++;
  while ((request = find_refused (link))) {
    g_autoptr (JanusMessage) refusal = g_steal_pointer (&request->refusal);

    if (fresh && g_strcmp0 (fresh, request->token) != 0)
      send_request (request);
    else if (!error || g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_UNAUTHORIZED))
      ws_request_end (&request->ws, refusal, NULL);
    else
      ws_request_end (&request->ws, NULL, error);
  }
  link_unref (link);
}

static void
on_fresh_token (GObject * source, GAsyncResult * result, gpointer data)
{
  JanusLink *link = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *fresh =
      g_task_propagate_pointer (G_TASK (result), &error);

  /* The link may have been freed. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&link->asking);
  answer_refused (link, fresh, error);
}

/* Takes @message. */
static void
take_refusal (Request * request, JanusMessage * message)
{
  JanusLink *link = (JanusLink *) request->ws.link;
  g_autofree gchar *now = dup_token (link);

  request->renewed = TRUE;
  if (now && g_strcmp0 (now, request->token) != 0) {
    janus_message_free (message);
    send_request (request);
    return;
  }
  gst_rcast_source_clear (&request->ws.timer);
  request->refusal = message;
  if (link->asking)
    return;
  link->asking = g_cancellable_new ();
  gst_rcast_net_signaller_request_token (link->ws.element,
      link->settings->net->url, link->settings->net->url, TRUE,
      link->settings->net->timeout, g_task_new (link->ws.element, link->asking,
          on_fresh_token, link));
}

/* Received messages */

static gboolean
is_answer (const Request * request, const JanusMessage * message)
{
  if (message->kind == JANUS_ACK)
    return request->ending == ENDS_BY_ANY;
  return message->kind != JANUS_SUCCESS || request->ending != ENDS_BY_EVENT;
}

/* A message with the transaction of one of our requests. */
static void
take_answer (Request * request, JanusMessage * message)
{
  if (message->code == JANUS_E_UNAUTHORIZED && request->ws.answered
      && !request->renewed)
    take_refusal (request, g_steal_pointer (&message));
  /* A request that waits for a token has already been answered. */
  else if (is_answer (request, message) && !request->refusal)
    ws_request_end (&request->ws, message, NULL);
  janus_message_free (message);
}

/* Returns: (nullable): the request with @transaction (nullable) */
static Request *
find_request (WsLink * link, const gchar * transaction)
{
  const gchar *number = transaction ? strchr (transaction, '-') : NULL;
  Request *request = number ? ws_link_find (link,
      g_ascii_strtoull (number + 1, NULL, 10)) : NULL;

  return request && g_str_equal (request->transaction, transaction) ? request :
      NULL;
}

static gboolean
take (gpointer data, const gchar * text, gsize size, GError ** error)
{
  JanusLink *link = data;
  g_autoptr (JanusMessage) message = janus_message_parse (text, size, error);
  Request *request;

  if (!message)
    return FALSE;
  request = find_request (&link->ws, message->transaction);
  if (request)
    take_answer (request, g_steal_pointer (&message));
  else
    link->callbacks->message (message, link->ws.data);
  return TRUE;
}

/* Connection */

WsLink *
janus_link_new (GstRcastNetSignaller * element,
    const JanusSettings * settings, const JanusLinkCallbacks * callbacks,
    gpointer data)
{
  static const WsLinkFuncs funcs = {
    .take = take,
    .disconnected = on_disconnected,
    .clear_request = clear_request,
  };
  static gsize once = 0;
  JanusLink *link = g_new0 (JanusLink, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_link_debug, "rcastjanuslink", 0,
        "Connection to Janus");
    g_once_init_leave (&once, 1);
  }
  ws_link_init (&link->ws, element, settings->net, &funcs, &callbacks->ws,
      data);
  link->ws.next_number = 1;     /* 0 is no request */
  link->ref_count = 1;
  link->settings = settings;
  link->callbacks = callbacks;
  return &link->ws;
}

/* Takes NULL. */
void
janus_link_free (WsLink * ws)
{
  if (!ws)
    return;
  ws_link_disconnect (ws, FALSE);
  link_unref ((JanusLink *) ws);
}

void
janus_link_connect (WsLink * ws)
{
  const JanusSettings *settings = ((JanusLink *) ws)->settings;

  ws_link_connect (ws, (NetWebsocketSettings) {
      .protocol = JANUS_PROTOCOL,
      .ping_interval = settings->ping_interval,
      .pong_timeout = settings->pong_timeout });
}
