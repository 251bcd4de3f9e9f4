/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A producer at a signalling server of GStreamer, from open to the end of close. */
#include "config.h"

#include "gstsig-session.h"

#include "gstsig-consumer.h"
#include "gstsig-message.h"
#include "net-dialer.h"
#include "net-json.h"
#include "net-operation.h"
#include "net-url.h"
#include "rcast-loop.h"
#include "rcast-text.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_session_debug);
#define GST_CAT_DEFAULT rcast_gstsig_session_debug

/* s between the pings of the WebSocket; the protocol has none of its own */
#define PING_INTERVAL 1

/* An operation can be under way in the first three. */
typedef enum
{
  GSTSIG_STATE_OPENING,
  GSTSIG_STATE_WAITING,         /* registered, and nobody is there to be served */
  GSTSIG_STATE_SERVING,
  GSTSIG_STATE_GONE,            /* of no use any more */
  GSTSIG_STATE_CLOSING,
  GSTSIG_STATE_CLOSED,
} GstsigState;

/* All on the thread that opened it, except for the last unref. */
struct _GstsigSession
{
  gatomicrefcount ref_count;
  GstRcastNetSignaller *element;        /* borrowed; held while it closes */
  GstsigSettings *settings;
  const GstsigSessionCallbacks *callbacks;
  gchar *url;                   /* as it may be shown */

  GstsigState state;
  NetWebsocket *ws;
  gint64 connecting_since;      /* monotonic, us */
  gboolean heard;               /* a message of the protocol has come */
  GSource *welcome;             /* the limit for it */
  GstsigConsumer *consumer;     /* in SERVING */
  NetOperation *operation;      /* open or offer */

  NetOperation *closing;
  GSource *close_timer;
};

static void finish_close (GstsigSession * session, const GError * error);
static void on_close_cancelled (gpointer data);

void
gstsig_session_unref (GstsigSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  gst_rcast_source_clear (&session->welcome);
  gst_rcast_source_clear (&session->close_timer);
  gstsig_consumer_free (session->consumer);
  net_operation_free (session->operation);
  net_operation_free (session->closing);
  net_websocket_free (session->ws);
  gstsig_settings_free (session->settings);
  g_free (session->url);
  g_free (session);
}

static void
disconnect (GstsigSession * session, gboolean reset)
{
  gst_rcast_source_clear (&session->welcome);
  if (reset)
    g_clear_pointer (&session->ws, net_websocket_reset);
  g_clear_pointer (&session->ws, net_websocket_free);
}

/* Takes @text. */
static void
send_text (GstsigSession * session, gchar * text)
{
  if (session->ws)
    net_websocket_send (session->ws, text);
  g_free (text);
}

static GError *
new_error (GstsigSession * session, GstRcastError code, const gchar * what)
{
  return gst_rcast_error_new_http (code, session->url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", session->url, what);
}

/* @peer: (nullable) */
static void
post (GstsigSession * session, const gchar * event, const gchar * peer)
{
  g_autofree gchar *shown = gst_rcast_text_clean (peer, -1);
  GstStructure *structure = gst_structure_new ("gst-signalling-event", "event",
      G_TYPE_STRING, event, NULL);

  if (shown)
    gst_structure_set (structure, "peer", G_TYPE_STRING, shown, NULL);
  gst_rcast_net_signaller_post (session->element, structure);
}

/* Ends of operations */

static void
forget_consumer (GstsigSession * session)
{
  if (!session->consumer)
    return;
  g_clear_pointer (&session->consumer, gstsig_consumer_free);
  session->callbacks->served (session->element, NULL);
}

/* The server is of no use to us any more. */
static void
give_up (GstsigSession * session)
{
  session->state = GSTSIG_STATE_GONE;
  forget_consumer (session);
}

static void
blame_uplink (GstsigSession * session)
{
  if (session->ws)
    net_dialer_blame (gst_rcast_net_signaller_get_dialer (session->element),
        net_websocket_get_uplink (session->ws));
}

/* The operation failed. Opening is not repeated later. */
static void
fail (GstsigSession * session, const GError * error)
{
  if (session->state == GSTSIG_STATE_OPENING && net_dialer_may_blame (error))
    blame_uplink (session);
  if (session->state == GSTSIG_STATE_OPENING
      || session->state == GSTSIG_STATE_WAITING)
    give_up (session);
  if (session->consumer)
    gstsig_consumer_drop_offer (session->consumer);
  net_operation_fail (session->operation, error);
}

static void
fail_cancelled (GstsigSession * session, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, why);

  fail (session, error);
}

static void
on_cancelled (gpointer data)
{
  GstsigSession *session = data;

  if (session->state != GSTSIG_STATE_SERVING)
    disconnect (session, FALSE);
  fail_cancelled (session, "the operation was cancelled");
}

/* The connection broke, or is not worth keeping. */
static void
lose (GstsigSession * session, const GError * error)
{
  GstsigState was = session->state;
  gboolean waits = net_operation_is_under_way (session->operation);

  if (was == GSTSIG_STATE_OPENING && net_dialer_may_blame (error))
    blame_uplink (session);
  disconnect (session, TRUE);
  if (was == GSTSIG_STATE_CLOSING) {
    finish_close (session, NULL);
    return;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  if (was < GSTSIG_STATE_GONE)
    give_up (session);
  fail (session, error);
  /* Where somebody waits for it to open, that has failed. */
  if (was == GSTSIG_STATE_SERVING || (was == GSTSIG_STATE_WAITING && !waits))
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
}

/* The consumer */

/* For as long as it takes. The owner hears of it before an offer fails, which is of no use
 * to anybody then. */
static void
wait_for_consumer (GstsigSession * session)
{
  session->state = GSTSIG_STATE_WAITING;
  post (session, "waiting", NULL);
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (session->element),
      GST_RCAST_SERVER_WAITING, "waiting for a consumer");
}

/* The second is for servers that do not know the first, which say nothing to it; those that
 * do have no such session by then. @reason: (nullable) */
static void
say_end (GstsigSession * session, const gchar * id, const gchar * reason)
{
  if (reason)
    send_text (session, gstsig_print_end (id, reason));
  send_text (session, gstsig_print_end (id, NULL));
}

static void
on_send (gchar * text, gpointer data)
{
  send_text (data, text);
}

static void
on_answered (const gchar * answer, gpointer data)
{
  GstsigSession *session = data;

  net_operation_succeed (session->operation, g_strdup (answer));
}

/* The next one may do better, and finds us in the same place. */
static void
on_refused (const GError * error, gpointer data)
{
  GstsigSession *session = data;
  g_autofree gchar *peer =
      g_strdup (gstsig_consumer_get_peer (session->consumer));

  GST_WARNING_OBJECT (session->element, "a consumer is refused: %s",
      error->message);
  say_end (session, gstsig_consumer_get_session (session->consumer),
      error->message);
  forget_consumer (session);
  post (session, "consumer-refused", peer);
  wait_for_consumer (session);
  net_operation_fail (session->operation, error);
}

static void
on_failed (const GError * error, gpointer data)
{
  fail (data, error);
}

static const GstsigConsumerCallbacks consumer_callbacks =
    { on_send, on_answered, on_refused, on_failed };

static void
serve (GstsigSession * session, const GstsigMessage * start)
{
  session->consumer = gstsig_consumer_new (session->element,
      session->settings->net, start, &consumer_callbacks, session);
  session->state = GSTSIG_STATE_SERVING;
  GST_INFO_OBJECT (session->element, "serving a consumer");
  post (session, "consumer-joined", start->peer);
  session->callbacks->served (session->element, start->peer);
  net_operation_succeed (session->operation, NULL);
}

static void
refuse (GstsigSession * session, const GstsigMessage * start,
    const gchar * why)
{
  GST_WARNING_OBJECT (session->element, "a consumer is refused: %s", why);
  say_end (session, start->session, why);
  post (session, "consumer-refused", start->peer);
}

static void
take_start (GstsigSession * session, const GstsigMessage * start)
{
  if (start->sdp)
    refuse (session, start, "this producer makes the offers itself");
  else if (session->consumer)
    refuse (session, start, "busy: this producer serves one consumer");
  else
    serve (session, start);
}

static void
take_end (GstsigSession * session, const GstsigMessage * message)
{
  g_autofree gchar *peer =
      g_strdup (gstsig_consumer_get_peer (session->consumer));
  g_autoptr (GError) error = new_error (session, GST_RCAST_ERROR_NO_STREAM,
      message->reason ? message->reason : "the consumer has left");

  GST_INFO_OBJECT (session->element, "%s", error->message);
  forget_consumer (session);
  post (session, "consumer-left", peer);
  wait_for_consumer (session);
  net_operation_fail (session->operation, error);
}

/* Messages */

static void
take_welcome (GstsigSession * session, const GstsigMessage * message)
{
  if (session->state != GSTSIG_STATE_OPENING)
    return;
  gst_rcast_source_clear (&session->welcome);
  send_text (session, gstsig_print_producer (session->settings->meta));
  session->callbacks->registered (session->element, message->peer);
  wait_for_consumer (session);
}

/* It does not say of what: once we are registered it may be about an end that we told of a
 * session that is gone, or about anybody. */
static void
take_error (GstsigSession * session, const GstsigMessage * message)
{
  g_autofree gchar *what = g_strdup_printf ("the server says: %s",
      message->reason ? message->reason : "error, without a reason");
  g_autoptr (GError) error = NULL;

  if (session->state == GSTSIG_STATE_OPENING) {
    error = new_error (session, GST_RCAST_ERROR_FAILED, what);
    lose (session, error);
    return;
  }
  GST_WARNING_OBJECT (session->element, "%s", what);
  if (session->consumer)
    gstsig_consumer_complain (session->consumer, what);
}

static gboolean
is_of_consumer (GstsigSession * session, const GstsigMessage * message)
{
  return session->consumer && g_strcmp0 (message->session,
      gstsig_consumer_get_session (session->consumer)) == 0;
}

static void
take (GstsigSession * session, const GstsigMessage * message)
{
  switch (message->kind) {
    case GSTSIG_WELCOME:
      take_welcome (session, message);
      break;
    case GSTSIG_START_SESSION:
      if (session->state != GSTSIG_STATE_OPENING)
        take_start (session, message);
      break;
    case GSTSIG_OFFER:
    case GSTSIG_ANSWER:
    case GSTSIG_CANDIDATE:
      /* What is left of a session that has ended may still come. */
      if (is_of_consumer (session, message))
        gstsig_consumer_take (session->consumer, message);
      break;
    case GSTSIG_END_SESSION:
      if (is_of_consumer (session, message))
        take_end (session, message);
      break;
    case GSTSIG_ERROR:
      take_error (session, message);
      break;
    case GSTSIG_OTHER:
      GST_DEBUG_OBJECT (session->element, "\"%s\" is not for us",
          message->type);
      break;
  }
}

/* One that is none does no harm between others; a server that has never said anything
 * else is another one. */
static void
take_garbage (GstsigSession * session, const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->heard) {
    GST_WARNING_OBJECT (session->element, "ignoring what the server sent: %s",
        error->message);
    if (session->consumer)
      gstsig_consumer_complain (session->consumer, error->message);
    return;
  }
  own = new_error (session, GST_RCAST_ERROR_INVALID_DATA, error->message);
  lose (session, own);
}

/* The connection */

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstsigMessage) message = NULL;

  if (session->state >= GSTSIG_STATE_GONE)
    return;
  message = gstsig_message_parse (text, size, &error);
  if (!message) {
    take_garbage (session, error);
    return;
  }
  session->heard = TRUE;
  take (session, message);
}

static gboolean
on_no_welcome (gpointer data)
{
  GstsigSession *session = data;
  g_autofree gchar *what = g_strdup_printf ("no welcome within %u ms: is it a "
      "gst-webrtc-signalling-server?", session->settings->net->timeout);
  g_autoptr (GError) error = new_error (session, GST_RCAST_ERROR_TIMEOUT, what);

  lose (session, error);
  return G_SOURCE_REMOVE;
}

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  GstsigSession *session = data;

  if (session->state == GSTSIG_STATE_OPENING)
    session->welcome = gst_rcast_limit_start (session->settings->net->timeout,
        on_no_welcome, session);
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  GstsigSession *session = data;
  g_autoptr (GError) own = error ? g_error_copy (error) :
      new_error (session, GST_RCAST_ERROR_NETWORK, "closed");

  lose (session, own);
}

static void
connect_to_server (GstsigSession * session)
{
  static const NetWebsocketClient client = { on_opened, on_text, on_closed };
  NetWebsocketSettings ws = {
    .ping_interval = PING_INTERVAL,
    .pong_timeout = session->settings->pong_timeout,
    .max_size = NET_JSON_MAX_SIZE,
  };

  disconnect (session, FALSE);
  session->connecting_since = g_get_monotonic_time ();
  session->ws = gst_rcast_net_signaller_connect (session->element,
      session->settings->net, ws, &client, session);
}

/* Whether there is a connection already, or a TCP connection at least. */
gboolean
gstsig_session_is_connected (GstsigSession * session)
{
  return session->ws && !net_websocket_is_connecting (session->ws);
}

/* The server took a connection that was begun after @since, monotonic, us. One of ours
 * that was begun before, and is not there yet, would wait for its next SYN. */
void
gstsig_session_reached (GstsigSession * session, gint64 since)
{
  if (session->state != GSTSIG_STATE_OPENING || !session->ws
      || gstsig_session_is_connected (session)
      || session->connecting_since >= since)
    return;
  GST_DEBUG_OBJECT (session->element, "connecting anew: the server is there");
  connect_to_server (session);
}

/* Takes @settings. */
GstsigSession *
gstsig_session_new (GstRcastNetSignaller * element, GstsigSettings * settings,
    const GstsigSessionCallbacks * callbacks)
{
  static gsize once = 0;
  GstsigSession *session = g_new0 (GstsigSession, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_session_debug, "rcastgstsession", 0,
        "Producer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&session->ref_count);
  session->element = element;
  session->settings = settings;
  session->callbacks = callbacks;
  session->url = net_url_describe (settings->net->url);
  session->operation = net_operation_new (on_cancelled, session);
  session->closing = net_operation_new (on_close_cancelled, session);
  return session;
}

/* Operations */

/* Returns: whether we are registered at @location */
gboolean
gstsig_session_is_at (GstsigSession * session, const gchar * location)
{
  return (session->state == GSTSIG_STATE_WAITING
      || session->state == GSTSIG_STATE_SERVING)
      && g_strcmp0 (session->settings->net->location, location) == 0;
}

/* Ends when somebody is there to be served. */
void
gstsig_session_open (GstsigSession * session, GTask * task)
{
  if (!net_operation_begin (session->operation, task))
    return;
  if (session->state == GSTSIG_STATE_OPENING)
    connect_to_server (session);
  else if (session->state == GSTSIG_STATE_SERVING)
    net_operation_succeed (session->operation, NULL);
}

void
gstsig_session_offer (GstsigSession * session, GstRcastOfferKind kind,
    const gchar * sdp, GTask * task)
{
  g_autoptr (GError) error = NULL;

  /* One that waits for its answer is of no use by now. */
  if (session->consumer && gstsig_consumer_has_offer (session->consumer))
    fail_cancelled (session, "another offer has taken its place");
  if (!net_operation_begin (session->operation, task))
    return;
  if (!session->consumer)
    error = new_error (session, GST_RCAST_ERROR_SESSION_GONE,
        "there is no consumer any more");
  else if (gstsig_consumer_offer (session->consumer, kind, sdp, &error))
    return;
  net_operation_fail (session->operation, error);
}

void
gstsig_session_add_candidate (GstsigSession * session, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  if (session->consumer)
    gstsig_consumer_add_candidate (session->consumer, mline, ufrag, candidate);
}

/* Closing. The server ends the session of the consumer with the connection, too. */

static void
finish_close (GstsigSession * session, const GError * error)
{
  GstRcastNetSignaller *element = session->element;

  session->state = GSTSIG_STATE_CLOSED;
  gst_rcast_source_clear (&session->close_timer);
  disconnect (session, FALSE);
  if (error)
    net_operation_fail (session->closing, error);
  else
    net_operation_succeed (session->closing, NULL);
  gstsig_session_unref (session);
  gst_object_unref (element);
}

static gboolean
on_close_timeout (gpointer data)
{
  finish_close (data, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_close_cancelled (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the goodbye was cancelled");

  finish_close (data, error);
}

/* Lives on until the goodbye is said; @task: (nullable) */
void
gstsig_session_close (GstsigSession * session, GTask * task)
{
  gboolean open = session->ws && net_websocket_is_open (session->ws);

  g_assert (session->state < GSTSIG_STATE_CLOSING);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  /* Closing an attempt to open: it took its owner too long. */
  if (session->state == GSTSIG_STATE_OPENING)
    blame_uplink (session);
  if (session->consumer)
    say_end (session, gstsig_consumer_get_session (session->consumer), NULL);
  give_up (session);
  session->state = GSTSIG_STATE_CLOSING;
  fail_cancelled (session, "the signaller was closed");
  session->close_timer = gst_rcast_timer_start (open ?
      session->settings->net->close_timeout : 0, on_close_timeout, session);
  if (task)
    net_operation_begin (session->closing, task);
  if (open)
    net_websocket_close (session->ws);
}
