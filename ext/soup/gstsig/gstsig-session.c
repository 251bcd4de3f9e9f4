/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our session at a gst-webrtc-signalling-server, from open to the end of close. */
#include "config.h"

#include "gstsig-session.h"

#include "gstsig-publisher.h"
#include "gstsig-watch.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_session_debug);
#define GST_CAT_DEFAULT rcast_gstsig_session_debug

/* s between WebSocket pings; the protocol has no pings */
#define PING_INTERVAL 1

struct _GstsigSession
{
  WsSession ws;
  WsLink link;
  const GstsigRoleFuncs *role;
  GstsigSettings *settings;
  GstsigContext context;        /* of the role */
  const GstsigSessionCallbacks *callbacks;
  GSource *welcome;             /* limit for the welcome and what directly follows */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigSession, ws_session_unref)

static void
session_free (gpointer data)
{
  GstsigSession *session = data;

  ws_session_clear (&session->ws);
  ws_link_clear (&session->link);
  gstsig_settings_free (session->settings);
  g_free (session);
}

static GError *
new_error (GstsigSession * session, GstRcastError code, const gchar * what)
{
  return gstsig_context_new_error (&session->context, code, what);
}

/* Ends of operations */

static void
on_cancelled (gpointer data)
{
  GstsigSession *session = data;

  if (session->ws.state != WS_SESSION_OPEN)
    ws_link_disconnect (&session->link, FALSE);
}

/* The connection has broken, or is not worth keeping. */
static void
lose (GstsigSession * session, const GError * error)
{
  WsSessionState was = session->ws.state;
  gboolean waits = net_operation_is_under_way (session->ws.operation);

  if (was == WS_SESSION_OPENING && net_dialer_may_blame (error))
    ws_link_blame_uplink (&session->link);
  ws_link_disconnect (&session->link, TRUE);
  if (was == WS_SESSION_CLOSING) {
    ws_session_end (&session->ws, error);
    return;
  }
  GST_INFO_OBJECT (session->ws.element, "connection lost: %s", error->message);
  if (was < WS_SESSION_GONE)
    ws_session_give_up (&session->ws);
  ws_session_fail (&session->ws, error);
  /* If an open is pending, its failure is enough. */
  if (was == WS_SESSION_OPEN || (was == WS_SESSION_WAITING && !waits))
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->ws.element),
        error);
}

/* Callbacks of the role */

static void
on_ready (gpointer data)
{
  GstsigSession *session = data;

  gst_rcast_source_clear (&session->welcome);
  session->ws.state = WS_SESSION_OPEN;
  net_operation_succeed (session->ws.operation, NULL);
}

/* May last indefinitely. */
static void
on_waiting (const gchar * detail, gpointer data)
{
  GstsigSession *session = data;

  gst_rcast_source_clear (&session->welcome);
  session->ws.state = WS_SESSION_WAITING;
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (session->ws.element),
      GST_RCAST_SERVER_WAITING, detail);
}

static void
on_answered (const gchar * sdp, gpointer data)
{
  GstsigSession *session = data;

  net_operation_succeed (session->ws.operation, g_strdup (sdp));
}

static void
on_failed (const GError * error, gpointer data)
{
  GstsigSession *session = data;

  net_operation_fail (session->ws.operation, error);
}

static void
on_met (const gchar * peer, gpointer data)
{
  GstsigSession *session = data;

  session->callbacks->met (session->ws.element, peer);
}

/* Received messages */

static void
take_welcome (GstsigSession * session, const GstsigMessage * message)
{
  if (session->ws.state != WS_SESSION_OPENING)
    return;
  session->ws.state = WS_SESSION_WAITING;
  session->link.joined = TRUE;
  session->callbacks->registered (session->ws.element, message->peer);
  session->role->welcomed (session->ws.role, message->peer);
}

/* The error does not name its cause. */
static void
take_error (GstsigSession * session, const GstsigMessage * message)
{
  g_autofree gchar *what = g_strdup_printf ("the server says: %s",
      message->reason ? message->reason : "error, without a reason");
  g_autoptr (GError) error = NULL;

  if (session->ws.state == WS_SESSION_OPENING) {
    error = new_error (session, GST_RCAST_ERROR_FAILED, what);
    lose (session, error);
    return;
  }
  GST_WARNING_OBJECT (session->ws.element, "%s", what);
  session->role->complain (session->ws.role, what);
  session->role->take (session->ws.role, message);
}

static void
take_message (GstsigSession * session, const GstsigMessage * message)
{
  if (message->kind == GSTSIG_WELCOME)
    take_welcome (session, message);
  else if (message->kind == GSTSIG_ERROR)
    take_error (session, message);
  else if (session->ws.state != WS_SESSION_OPENING)
    session->role->take (session->ws.role, message);
}

/* Connection */

static void
on_disconnected (gpointer link)
{
  GstsigSession *session = ((WsLink *) link)->data;

  gst_rcast_source_clear (&session->welcome);
}

static gboolean
take (gpointer link, const gchar * text, gsize size, GError ** error)
{
  g_autoptr (GstRcastNetSignaller) element = NULL;
  g_autoptr (GstsigSession) session = ((WsLink *) link)->data;
  g_autoptr (GstsigMessage) message = NULL;

  /* The message may end what held the last references. */
  g_atomic_ref_count_inc (&session->ws.ref_count);
  element = gst_object_ref (session->ws.element);
  if (session->ws.state >= WS_SESSION_GONE)
    return TRUE;
  message = gstsig_message_parse (text, size, error);
  if (message)
    take_message (session, message);
  return message != NULL;
}

static void
on_ignored (gpointer link, const GError * error)
{
  g_autoptr (GstRcastNetSignaller) element = NULL;
  g_autoptr (GstsigSession) session = ((WsLink *) link)->data;

  /* What the role tells may end what held the last references. */
  g_atomic_ref_count_inc (&session->ws.ref_count);
  element = gst_object_ref (session->ws.element);
  session->role->take_garbage (session->ws.role, error->message);
}

static gboolean
on_no_welcome (gpointer data)
{
  GstsigSession *session = data;
  g_autofree gchar *what = g_strdup_printf ("no %s within %u ms: is it a "
      "gst-webrtc-signalling-server?", session->ws.state == WS_SESSION_OPENING ?
      "welcome" : "list", session->settings->net->timeout);
  g_autoptr (GError) error = new_error (session, GST_RCAST_ERROR_TIMEOUT, what);

  lose (session, error);
  return G_SOURCE_REMOVE;
}

static void
on_opened (gpointer data)
{
  GstsigSession *session = data;

  if (session->ws.state == WS_SESSION_OPENING)
    session->welcome = gst_rcast_limit_start (session->settings->net->timeout,
        on_no_welcome, session);
}

static void
on_lost (const GError * error, gpointer data)
{
  lose (data, error);
}

/* Operations */

/* Returns: whether we are registered at @location */
gboolean
gstsig_session_is_at (GstsigSession * session, const gchar * location)
{
  return (session->ws.state == WS_SESSION_WAITING
      || session->ws.state == WS_SESSION_OPEN)
      && g_strcmp0 (session->settings->net->location, location) == 0;
}

/* The task returns when there is a consumer to serve, or the producer to watch is known. */
static void
open_session (gpointer data, GTask * task)
{
  GstsigSession *session = data;

  if (!net_operation_begin (session->ws.operation, task))
    return;
  if (session->ws.state == WS_SESSION_OPENING)
    ws_link_connect (&session->link, (NetWebsocketSettings) {
        .ping_interval = PING_INTERVAL,
        .pong_timeout = session->settings->pong_timeout });
  else if (session->ws.state == WS_SESSION_OPEN)
    net_operation_succeed (session->ws.operation, NULL);
}

static void
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  ws_session_supersede (&session->ws);
  if (net_operation_begin (session->ws.operation, task)
      && !ws_session_start_offer (&session->ws, kind, sdp, &error))
    net_operation_fail (session->ws.operation, error);
}

static gboolean
start_request (GstsigSession * session, GstRcastOfferKind kind,
    GError ** error)
{
  if (!session->settings->receives || kind != GST_RCAST_OFFER_INITIAL
      || session->ws.state == WS_SESSION_OPEN)
    return ws_session_start_request (&session->ws, kind, error);
  g_propagate_error (error, new_error (session, GST_RCAST_ERROR_SESSION_GONE,
          "the connection is not open"));
  return FALSE;
}

static void
request_offer (gpointer data, GstRcastOfferKind kind, GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  ws_session_supersede (&session->ws);
  if (net_operation_begin (session->ws.operation, task)
      && !start_request (session, kind, &error))
    net_operation_fail (session->ws.operation, error);
}

static void
answer (gpointer data, const gchar * sdp, GTask * task)
{
  GstsigSession *session = data;
  g_autoptr (GError) error = NULL;

  if (net_operation_begin (session->ws.operation, task)
      && !ws_session_start_answer (&session->ws, sdp, &error))
    net_operation_fail (session->ws.operation, error);
}

/* Closing. The server also ends our sessions when the connection ends. */

static void
on_closing (gpointer data)
{
  GstsigSession *session = data;

  /* The owner closes a session that is still opening if that takes too long. */
  if (session->ws.state == WS_SESSION_OPENING)
    ws_link_blame_uplink (&session->link);
  session->role->leave (session->ws.role);
}

static gboolean
leave (gpointer data)
{
  GstsigSession *session = data;
  gboolean open = ws_link_is_open (&session->link);

  if (open)
    ws_link_close (&session->link);
  return open;
}

static const WsSessionFuncs gstsig_session_funcs = {
  .open = open_session,
  .offer = offer,
  .request_offer = request_offer,
  .answer = answer,
  .reached = ws_session_reached,
  .cancelled = on_cancelled,
  .closing = on_closing,
  .leave = leave,
  .free = session_free,
};

/* Takes @settings. */
GstsigSession *
gstsig_session_new (GstRcastNetSignaller * element, GstsigSettings * settings,
    GstsigMemory * memory, const GstsigSessionCallbacks * callbacks)
{
  static const WsLinkFuncs link_funcs = {
    .take = take,
    .ignored = on_ignored,
    .disconnected = on_disconnected,
    .resets = TRUE,
  };
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
  session->settings = settings;
  session->callbacks = callbacks;
  ws_link_init (&session->link, element, settings->net, &link_funcs,
      &link_callbacks, session);
  ws_session_init (&session->ws, element, &gstsig_session_funcs,
      &session->link);
  session->context = (GstsigContext) {
    .element = element,
    .settings = settings,
    .link = &session->link,
  };
  if (settings->receives) {
    session->role = &gstsig_watch_funcs;
    session->ws.role = gstsig_watch_new (&session->context,
        &memory->published, &role_callbacks, session);
  } else {
    session->role = &gstsig_publisher_funcs;
    session->ws.role = gstsig_publisher_new (&session->context,
        &memory->pace, &role_callbacks, session);
  }
  session->ws.role_funcs = &session->role->ws;
  return session;
}
