/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection to a Janus server: its WebSocket and the pending requests. */
#include "config.h"

#include "janus-link.h"

#include "net-json.h"
#include "net-url.h"
#include "net-websocket.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_link_debug);
#define GST_CAT_DEFAULT rcast_janus_link_debug

/* An SDP as JSON, or a room full of publishers, takes a tenth of this. */
#define MAX_MESSAGE NET_JSON_MAX_SIZE

/* Which answers of the server finish a request. */
typedef enum
{
  ENDS_BY_ANY,
  ENDS_BY_RESULT,               /* not by an ack */
  ENDS_BY_EVENT,                /* neither by an ack nor by a success */
} Ending;

typedef struct
{
  JanusLink *link;
  guint number;
  gchar *transaction;
  const gchar *verb, *what;
  JanusTarget target;
  gchar *members;
  Ending ending;
  JanusAnswered answered;       /* NULL: the answer is not needed */
  gpointer data;
  GSource *timer;

  gchar *token;                 /* the token it was sent with */
  gboolean renewed;             /* it was refused, and repeated once */
  JanusMessage *refusal;        /* while a fresh token is being requested */
} Request;

struct _JanusLink
{
  guint ref_count;              /* references of the owner and of running functions */
  GstRcastNetSignaller *element;        /* borrowed, as the next two */
  const JanusSettings *settings;
  const JanusLinkCallbacks *callbacks;
  gpointer data;
  gchar *url;                   /* without secrets */

  NetWebsocket *ws;
  gchar *uplink;                /* nullable: of the last connection */
  GHashTable *requests;         /* by transaction: Request */
  guint last_number;
  GCancellable *asking;         /* while a fresh token is being requested */
};

static void
request_free (gpointer data)
{
  Request *request = data;

  gst_rcast_source_clear (&request->timer);
  janus_message_free (request->refusal);
  g_free (request->transaction);
  g_free (request->members);
  g_free (request->token);
  g_free (request);
}

JanusLink *
janus_link_new (GstRcastNetSignaller * element,
    const JanusSettings * settings, const JanusLinkCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  JanusLink *link = g_new0 (JanusLink, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_link_debug, "rcastjanuslink", 0,
        "Connection to Janus");
    g_once_init_leave (&once, 1);
  }
  link->ref_count = 1;
  link->element = element;
  link->settings = settings;
  link->callbacks = callbacks;
  link->data = data;
  link->url = net_url_describe (settings->net->url);
  link->requests = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      request_free);
  return link;
}

static void
link_unref (JanusLink * link)
{
  if (--link->ref_count > 0)
    return;
  g_hash_table_unref (link->requests);
  g_free (link->url);
  g_free (link->uplink);
  g_free (link);
}

/* Takes NULL. */
void
janus_link_free (JanusLink * link)
{
  if (!link)
    return;
  janus_link_disconnect (link);
  link_unref (link);
}

/* Disconnects at once, without a closing handshake. */
void
janus_link_disconnect (JanusLink * link)
{
  if (link->ws && net_websocket_get_uplink (link->ws)) {
    g_free (link->uplink);
    link->uplink = g_strdup (net_websocket_get_uplink (link->ws));
  }
  g_clear_pointer (&link->ws, net_websocket_free);
  if (link->asking)
    g_cancellable_cancel (link->asking);
  g_clear_object (&link->asking);
  g_hash_table_remove_all (link->requests);
}

static void
lose (JanusLink * link, const GError * error)
{
  janus_link_disconnect (link);
  link->callbacks->lost (error, link->data);
}

/* Errors */

GError *
janus_link_new_refusal (JanusLink * link, const JanusMessage * message,
    const gchar * what)
{
  GstClockTime retry_after = GST_CLOCK_TIME_NONE;
  GstRcastError code = janus_error_classify (message->code, &retry_after);

  return gst_rcast_error_new_http (code, link->url, 0, retry_after,
      "%s: %s: %s (Janus error %d)", link->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

GError *
janus_link_new_error (JanusLink * link, GstRcastError code,
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

static gboolean on_request_timeout (gpointer data);

static gchar *
dup_token (JanusLink * link)
{
  return net_tokens_dup (gst_rcast_net_signaller_get_tokens (link->element),
      link->settings->net->url);
}

/* If sending fails, the loss of the connection ends the request. */
static void
send_request (Request * request)
{
  JanusLink *link = request->link;
  JanusAddress to = { request->target.session, request->target.handle,
    request->transaction, NULL, link->settings->api_secret
  };
  g_autofree gchar *text = NULL;

  g_free (request->token);
  request->token = dup_token (link);
  to.token = request->token;
  text = janus_print_request (&to, request->verb, request->members);
  GST_DEBUG_OBJECT (link->element, "%s (%s)", request->what,
      request->transaction);
  gst_rcast_source_clear (&request->timer);
  request->timer = gst_rcast_limit_start (link->settings->net->timeout,
      on_request_timeout, request);
  if (link->ws)
    net_websocket_send (link->ws, text);
}

static guint
ask (JanusLink * link, const Request * values)
{
  Request *request = g_memdup2 (values, sizeof (*values));

  /* 0 means no request. */
  if (++link->last_number == 0)
    link->last_number = 1;
  request->link = link;
  request->number = link->last_number;
  request->transaction = g_strdup_printf ("r%08x-%u", g_random_int (),
      request->number);
  g_hash_table_insert (link->requests, request->transaction, request);
  send_request (request);
  return request->number;
}

guint
janus_link_ask (JanusLink * link, const gchar * verb,
    const JanusTarget * target, gchar * members, JanusAnswered answered,
    gpointer data)
{
  return ask (link, &(Request) {
      .verb = verb,
      .what = verb,
      .target = *target,
      .members = members,
      .ending = ENDS_BY_ANY,
      .answered = answered,
      .data = data });
}

guint
janus_link_ask_plugin (JanusLink * link, const gchar * request,
    const JanusTarget * target, gchar * members, gboolean immediate,
    JanusAnswered answered, gpointer data)
{
  return ask (link, &(Request) {
      .verb = "message",
      .what = request,
      .target = *target,
      .members = members,
      .ending = immediate ? ENDS_BY_RESULT : ENDS_BY_EVENT,
      .answered = answered,
      .data = data });
}

/* Ignores the answer of the request. @number: may be 0 */
void
janus_link_forget (JanusLink * link, guint number)
{
  GHashTableIter iter;
  Request *request;

  g_hash_table_iter_init (&iter, link->requests);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & request)) {
    if (request->number == number)
      g_hash_table_iter_remove (&iter);
  }
}

/* The caller must do nothing afterwards. */
static void
end_request (Request * request, const JanusMessage * message,
    const GError * error)
{
  JanusAnswered answered = request->answered;
  gpointer data = request->data;
  guint number = request->number;

  g_hash_table_remove (request->link->requests, request->transaction);
  if (answered)
    answered (number, message, error, data);
}

static gboolean
on_request_timeout (gpointer data)
{
  Request *request = data;
  JanusLink *link = request->link;
  g_autoptr (GError) error = janus_link_new_error (link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to %s within %u ms", request->what,
      link->settings->net->timeout);

  end_request (request, NULL, error);
  return G_SOURCE_REMOVE;
}

/* Fresh tokens: a request whose token is refused is repeated once with another token. Requests that
 * are refused meanwhile wait for the same token. */

static Request *
find_refused (JanusLink * link)
{
  GHashTableIter iter;
  Request *request;

  g_hash_table_iter_init (&iter, link->requests);
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
      end_request (request, refusal, NULL);
    else
      end_request (request, NULL, error);
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
  JanusLink *link = request->link;
  g_autofree gchar *now = dup_token (link);

  request->renewed = TRUE;
  if (now && g_strcmp0 (now, request->token) != 0) {
    janus_message_free (message);
    send_request (request);
    return;
  }
  gst_rcast_source_clear (&request->timer);
  request->refusal = message;
  if (link->asking)
    return;
  link->asking = g_cancellable_new ();
  gst_rcast_net_signaller_request_token (link->element,
      link->settings->net->url, link->settings->net->url, TRUE,
      link->settings->net->timeout, g_task_new (link->element, link->asking,
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
  if (message->code == JANUS_E_UNAUTHORIZED && request->answered
      && !request->renewed)
    take_refusal (request, g_steal_pointer (&message));
  /* A request that waits for a token has already been answered. */
  else if (is_answer (request, message) && !request->refusal)
    end_request (request, message, NULL);
  janus_message_free (message);
}

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  JanusLink *link = data;
  g_autoptr (GError) error = NULL, own = NULL;
  g_autoptr (JanusMessage) message = janus_message_parse (text, size, &error);
  Request *request = NULL;

  if (!message) {
    own = janus_link_new_error (link, GST_RCAST_ERROR_INVALID_DATA, "%s",
        error->message);
    lose (link, own);
    return;
  }
  if (message->transaction)
    request = g_hash_table_lookup (link->requests, message->transaction);
  if (request)
    take_answer (request, g_steal_pointer (&message));
  else
    link->callbacks->message (message, link->data);
}

/* Connection */

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  JanusLink *link = data;

  link->callbacks->opened (link->data);
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  JanusLink *link = data;
  g_autoptr (GError) own = NULL;

  own = error ? g_error_copy (error) : janus_link_new_error (link,
      GST_RCAST_ERROR_NETWORK, "closed");
  lose (link, own);
}

void
janus_link_connect (JanusLink * link)
{
  static const NetWebsocketClient client =
      { on_opened, on_text, on_closed };
  NetWebsocketSettings ws = {
    .protocol = JANUS_PROTOCOL,
    .ping_interval = link->settings->ping_interval,
    .pong_timeout = link->settings->pong_timeout,
    .max_size = MAX_MESSAGE,
  };

  janus_link_disconnect (link);
  g_clear_pointer (&link->uplink, g_free);
  link->ws = gst_rcast_net_signaller_connect (link->element,
      link->settings->net, ws, &client, link);
}

/* Closes the WebSocket; `lost` follows. */
void
janus_link_close (JanusLink * link)
{
  if (link->ws)
    net_websocket_close (link->ws);
}

gboolean
janus_link_is_open (JanusLink * link)
{
  return link->ws && net_websocket_is_open (link->ws);
}

/* Returns: whether there is a TCP connection, or more */
gboolean
janus_link_is_connected (JanusLink * link)
{
  return net_websocket_is_connected (link->ws);
}

/* The server has accepted a connection that was started after @since, monotonic, us. */
void
janus_link_reached (JanusLink * link, gint64 since)
{
  if (!net_websocket_is_overtaken (link->ws, since))
    return;
  GST_DEBUG_OBJECT (link->element, "connecting anew: the server is there");
  janus_link_connect (link);
}

/* The connection was of no use: the next one tries another uplink first. */
void
janus_link_blame_uplink (JanusLink * link)
{
  const gchar *uplink =
      link->ws ? net_websocket_get_uplink (link->ws) : link->uplink;

  net_dialer_blame (gst_rcast_net_signaller_get_dialer (link->element),
      uplink);
}
