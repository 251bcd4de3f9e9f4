/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our session at a gst-webrtc-signalling-server, from open to the end of close. */
#include "config.h"

#include "gstsig-session.h"

#include "gstsig-publisher.h"
#include "gstsig-watch.h"
#include "net-dialer.h"
#include "net-operation.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_session_debug);
#define GST_CAT_DEFAULT rcast_gstsig_session_debug

/* s between WebSocket pings; the protocol has no pings */
#define PING_INTERVAL 1

/* An operation can be pending in the first three states. */
typedef enum
{
  GSTSIG_STATE_OPENING,
  GSTSIG_STATE_WAITING,         /* registered, without a consumer to serve */
  GSTSIG_STATE_READY,           /* for offers */
  GSTSIG_STATE_GONE,            /* no longer usable */
  GSTSIG_STATE_CLOSING,
  GSTSIG_STATE_CLOSED,
} GstsigState;

/* Only on the thread that opened it, except for the last unref. */
struct _GstsigSession
{
  gatomicrefcount ref_count;
  GstRcastNetSignaller *element;        /* borrowed; holds a reference while closing */
  GstsigSettings *settings;
  GstsigContext context;        /* of the publisher or watch */
  const GstsigSessionCallbacks *callbacks;

  GstsigState state;
  WsLink link;
  GSource *welcome;             /* limit for the welcome and what directly follows */
  GstsigPublisher *publisher;   /* one of these two is set */
  GstsigWatch *watch;
  NetOperation *operation;      /* open, offer, request-offer or answer */

  NetOperation *closing;
  GSource *close_timer;
};

static void finish_close (GstsigSession * session, const GError * error);
static void on_close_cancelled (gpointer data);

static void
session_unref (gpointer data)
{
  GstsigSession *session = data;

  if (!g_atomic_ref_count_dec (&session->ref_count))
    return;
  gst_rcast_source_clear (&session->welcome);
  gst_rcast_source_clear (&session->close_timer);
  gstsig_publisher_free (session->publisher);
  gstsig_watch_free (session->watch);
  net_operation_free (session->operation);
  net_operation_free (session->closing);
  ws_link_clear (&session->link);
  gstsig_settings_free (session->settings);
  g_free (session);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigSession, session_unref)

static void
disconnect (GstsigSession * session, gboolean reset)
{
  gst_rcast_source_clear (&session->welcome);
  ws_link_disconnect (&session->link, reset);
}

static GError *
new_error (GstsigSession * session, GstRcastError code, const gchar * what)
{
  return gstsig_context_new_error (&session->context, code, what);
}

/* Ends of operations */

/* The server is no longer usable. */
static void
give_up (GstsigSession * session)
{
  session->state = GSTSIG_STATE_GONE;
  if (session->watch)
    gstsig_watch_stop (session->watch);
  else
    gstsig_publisher_stop (session->publisher);
}

static void
drop_request (GstsigSession * session)
{
  if (session->watch)
    gstsig_watch_drop_request (session->watch);
  else
    gstsig_publisher_drop_request (session->publisher);
}

/* The operation has failed. A session that is still opening is given up. */
static void
fail (GstsigSession * session, const GError * error)
{
  if (session->state == GSTSIG_STATE_OPENING && net_dialer_may_blame (error))
    ws_link_blame_uplink (&session->link);
  if (session->state == GSTSIG_STATE_OPENING
      || session->state == GSTSIG_STATE_WAITING)
    give_up (session);
  drop_request (session);
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

  if (session->state != GSTSIG_STATE_READY)
    disconnect (session, FALSE);
  fail_cancelled (session, "the operation was cancelled");
}

/* The connection has broken, or is not worth keeping. */
static void
lose (GstsigSession * session, const GError * error)
{
  GstsigState was = session->state;
  gboolean waits = net_operation_is_under_way (session->operation);

  if (was == GSTSIG_STATE_OPENING && net_dialer_may_blame (error))
    ws_link_blame_uplink (&session->link);
  disconnect (session, TRUE);
  if (was == GSTSIG_STATE_CLOSING) {
    finish_close (session, NULL);
    return;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  if (was < GSTSIG_STATE_GONE)
    give_up (session);
  fail (session, error);
  /* If an open is pending, its failure is enough. */
  if (was == GSTSIG_STATE_READY || (was == GSTSIG_STATE_WAITING && !waits))
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
}

/* Callbacks of the role */

static void
on_ready (gpointer data)
{
  GstsigSession *session = data;

  gst_rcast_source_clear (&session->welcome);
  session->state = GSTSIG_STATE_READY;
  net_operation_succeed (session->operation, NULL);
}

/* May last indefinitely. */
static void
on_waiting (const gchar * detail, gpointer data)
{
  GstsigSession *session = data;

  gst_rcast_source_clear (&session->welcome);
  session->state = GSTSIG_STATE_WAITING;
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (session->element),
      GST_RCAST_SERVER_WAITING, detail);
}

static void
on_answered (const gchar * sdp, gpointer data)
{
  GstsigSession *session = data;

  net_operation_succeed (session->operation, g_strdup (sdp));
}

static void
on_failed (const GError * error, gpointer data)
{
  GstsigSession *session = data;

  net_operation_fail (session->operation, error);
}

static void
on_met (const gchar * peer, gpointer data)
{
  GstsigSession *session = data;

  session->callbacks->met (session->element, peer);
}

/* Received messages */

static void
take_welcome (GstsigSession * session, const GstsigMessage * message)
{
  if (session->state != GSTSIG_STATE_OPENING)
    return;
  session->state = GSTSIG_STATE_WAITING;
  session->callbacks->registered (session->element, message->peer);
  if (session->watch)
    gstsig_watch_welcomed (session->watch);
  else
    gstsig_publisher_welcomed (session->publisher, message->peer);
}

static void
complain (GstsigSession * session, const gchar * what)
{
  if (session->watch)
    gstsig_watch_complain (session->watch, what);
  else
    gstsig_publisher_complain (session->publisher, what);
}

static void
pass_on (GstsigSession * session, const GstsigMessage * message)
{
  if (session->watch)
    gstsig_watch_take (session->watch, message);
  else
    gstsig_publisher_take (session->publisher, message);
}

/* The error does not name its cause. */
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
  complain (session, what);
  pass_on (session, message);
}

static void
take (GstsigSession * session, const GstsigMessage * message)
{
  if (message->kind == GSTSIG_WELCOME)
    take_welcome (session, message);
  else if (message->kind == GSTSIG_ERROR)
    take_error (session, message);
  else if (session->state != GSTSIG_STATE_OPENING)
    pass_on (session, message);
}

static void
take_garbage (GstsigSession * session, const GError * error)
{
  GST_WARNING_OBJECT (session->element, "ignoring what the server sent: %s",
      error->message);
  if (session->watch)
    gstsig_watch_take_garbage (session->watch, error->message);
  else
    gstsig_publisher_complain (session->publisher, error->message);
}

/* Connection */

static gboolean
on_text (gpointer link, const gchar * text, gsize size, GError ** error)
{
  g_autoptr (GstRcastNetSignaller) element = NULL;
  g_autoptr (GstsigSession) session = ((WsLink *) link)->data;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GstsigMessage) message = NULL;

  /* The message may end what held the last references. */
  g_atomic_ref_count_inc (&session->ref_count);
  element = gst_object_ref (session->element);
  if (session->state >= GSTSIG_STATE_GONE)
    return TRUE;
  message = gstsig_message_parse (text, size, &reason);
  if (message) {
    session->link.heard = TRUE;
    take (session, message);
  } else if (session->link.heard) {
    take_garbage (session, reason);
  } else {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  return TRUE;
}

static gboolean
on_no_welcome (gpointer data)
{
  GstsigSession *session = data;
  g_autofree gchar *what = g_strdup_printf ("no %s within %u ms: is it a "
      "gst-webrtc-signalling-server?", session->state == GSTSIG_STATE_OPENING ?
      "welcome" : "list", session->settings->net->timeout);
  g_autoptr (GError) error = new_error (session, GST_RCAST_ERROR_TIMEOUT, what);

  lose (session, error);
  return G_SOURCE_REMOVE;
}

static void
on_opened (gpointer data)
{
  GstsigSession *session = data;

  if (session->state == GSTSIG_STATE_OPENING)
    session->welcome = gst_rcast_limit_start (session->settings->net->timeout,
        on_no_welcome, session);
}

static void
on_lost (const GError * error, gpointer data)
{
  lose (data, error);
}

static gboolean
is_connected (gpointer data)
{
  GstsigSession *session = data;

  return ws_link_is_connected (&session->link);
}

static void
reached (gpointer data, gint64 since)
{
  GstsigSession *session = data;

  if (session->state == GSTSIG_STATE_OPENING)
    ws_link_reached (&session->link, since);
}

/* Takes @settings. */
GstsigSession *
gstsig_session_new (GstRcastNetSignaller * element, GstsigSettings * settings,
    GstsigMemory * memory, const GstsigSessionCallbacks * callbacks)
{
  static const WsLinkFuncs funcs = {.take = on_text,.resets = TRUE };
  static const WsLinkCallbacks link_callbacks = { on_opened, on_lost };
  static const GstsigRoleCallbacks role_callbacks =
      { on_ready, on_waiting, on_answered, on_failed, on_met };
  static gsize once = 0;
  GstsigSession *session = g_new0 (GstsigSession, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_session_debug, "rcastgstsession", 0,
        "Peer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&session->ref_count);
  session->element = element;
  session->settings = settings;
  session->callbacks = callbacks;
  ws_link_init (&session->link, element, settings->net, &funcs,
      &link_callbacks, session);
  session->context = (GstsigContext) {
    .element = element,
    .settings = settings,
    .link = &session->link,
  };
  if (settings->receives)
    session->watch = gstsig_watch_new (&session->context, &memory->published,
        &role_callbacks, session);
  else
    session->publisher = gstsig_publisher_new (&session->context,
        &memory->pace, &role_callbacks, session);
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
      || session->state == GSTSIG_STATE_READY)
      && g_strcmp0 (session->settings->net->location, location) == 0;
}

/* The task returns when there is a consumer to serve, or the producer to watch is known. */
static void
open_session (gpointer data, GTask * task)
{
  GstsigSession *session = data;

  if (!net_operation_begin (session->operation, task))
    return;
  if (session->state == GSTSIG_STATE_OPENING)
    ws_link_connect (&session->link, (NetWebsocketSettings) {
        .ping_interval = PING_INTERVAL,
        .pong_timeout = session->settings->pong_timeout });
  else if (session->state == GSTSIG_STATE_READY)
    net_operation_succeed (session->operation, NULL);
}

/* Drops a pending offer, as its webrtcbin is no longer of use. */
static void
supersede (GstsigSession * session)
{
  if (session->watch ? gstsig_watch_has_request (session->watch) :
      gstsig_publisher_has_request (session->publisher))
    fail_cancelled (session, "another offer has taken its place");
}

static GError *
new_wrong_way (GstsigSession * session)
{
  return new_error (session, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the producer makes the offers, and the consumer answers them");
}

static void
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  supersede (session);
  if (!net_operation_begin (session->operation, task))
    return;
  if (session->watch)
    error = new_wrong_way (session);
  else if (gstsig_publisher_offer (session->publisher, kind, sdp, &error))
    return;
  net_operation_fail (session->operation, error);
}

static gboolean
start_request (GstsigSession * session, GstRcastOfferKind kind,
    GError ** error)
{
  if (session->watch && kind == GST_RCAST_OFFER_INITIAL
      && session->state == GSTSIG_STATE_READY)
    return gstsig_watch_request_offer (session->watch, error);
  g_propagate_error (error, !session->watch ? new_wrong_way (session) :
      kind == GST_RCAST_OFFER_INITIAL ? new_error (session,
          GST_RCAST_ERROR_SESSION_GONE, "the connection is not open") :
      new_error (session, GST_RCAST_ERROR_NOT_SUPPORTED,
          "only the producer can restart ICE"));
  return FALSE;
}

static void
request_offer (gpointer data, GstRcastOfferKind kind, GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  supersede (session);
  if (net_operation_begin (session->operation, task)
      && !start_request (session, kind, &error))
    net_operation_fail (session->operation, error);
}

static void
answer (gpointer data, const gchar * sdp, GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  if (!net_operation_begin (session->operation, task))
    return;
  if (!session->watch)
    error = new_wrong_way (session);
  else if (gstsig_watch_answer (session->watch, sdp, &error))
    return;
  net_operation_fail (session->operation, error);
}

static void
settle (gpointer data)
{
  GstsigSession *session = data;

  if (session->watch)
    gstsig_watch_settle (session->watch);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  GstsigSession *session = data;

  if (session->watch)
    gstsig_watch_add_candidate (session->watch, mline, ufrag, candidate);
  else
    gstsig_publisher_add_candidate (session->publisher, mline, ufrag,
        candidate);
}

/* Closing. The server also ends our sessions when the connection ends. */

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
  session_unref (session);
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

static void
close_session (gpointer data, GTask * task)
{
  GstsigSession *session = data;
  gboolean open = ws_link_is_open (&session->link);

  g_assert (session->state < GSTSIG_STATE_CLOSING);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  /* An attempt to open is closed because it took too long. */
  if (session->state == GSTSIG_STATE_OPENING)
    ws_link_blame_uplink (&session->link);
  if (session->watch)
    gstsig_watch_leave (session->watch);
  else
    gstsig_publisher_leave (session->publisher);
  give_up (session);
  session->state = GSTSIG_STATE_CLOSING;
  fail_cancelled (session, "the signaller was closed");
  session->close_timer = gst_rcast_timer_start (open ?
      session->settings->net->close_timeout : 0, on_close_timeout, session);
  if (task)
    net_operation_begin (session->closing, task);
  if (open)
    ws_link_close (&session->link);
}

const NetSessionFuncs gstsig_session_funcs = {
  .open = open_session,
  .offer = offer,
  .request_offer = request_offer,
  .answer = answer,
  .close = close_session,
  .settle = settle,
  .add_candidate = add_candidate,
  .is_connected = is_connected,
  .reached = reached,
  .unref = session_unref,
};
