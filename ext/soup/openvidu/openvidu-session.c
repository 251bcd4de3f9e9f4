/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our place in an OpenVidu session, from open to the end of close. */
#include "config.h"

#include "openvidu-session.h"

#include "openvidu-entry.h"
#include "openvidu-publisher.h"
#include "openvidu-resume.h"
#include "openvidu-watch.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_session_debug);
#define GST_CAT_DEFAULT rcast_openvidu_session_debug

struct _OpenviduSession
{
  WsSession ws;
  const OpenviduRoleFuncs *role;
  OpenviduSettings *settings;
  OpenviduMemory *memory;       /* owned by the element */
  const OpenviduSessionCallbacks *callbacks;
  OpenviduEntry *entry;
  OpenviduResume *resume;

  gchar *connection;            /* our identifier in the session; NULL: not joined */
  gchar *rpc_session;           /* identifier for resuming a lost connection */
  gboolean inside;              /* when closing: the server may have us in the session */
  GSource *pinging;
  gint64 pong_at;               /* monotonic, us: last answered ping */
};

/* Stops all steps until the session is resumed or closed. */
static void
stop_timers (OpenviduSession * session)
{
  gst_rcast_source_clear (&session->pinging);
  openvidu_resume_stop (session->resume);
}

static void
session_free (gpointer data)
{
  OpenviduSession *session = data;

  stop_timers (session);
  ws_session_clear (&session->ws);
  openvidu_resume_free (session->resume);
  openvidu_entry_free (session->entry);
  openvidu_link_free (session->ws.link);
  openvidu_settings_free (session->settings);
  g_free (session->connection);
  g_free (session->rpc_session);
  g_free (session);
}

/* Ends of operations */

static void
on_given_up (gpointer data)
{
  OpenviduSession *session = data;

  stop_timers (session);
  openvidu_entry_stop (session->entry);
}

static void
fail (OpenviduSession * session, const GError * error)
{
  ws_session_fail (&session->ws, error);
}

static void
on_cancelled (gpointer data)
{
  OpenviduSession *session = data;

  if (session->ws.state == WS_SESSION_RESUMING)
    stop_timers (session);
  ws_session_cancelled (session);
}

/* The connection has broken, or is not worth keeping. */
static void
lose (OpenviduSession * session, const GError * error)
{
  WsSessionState was = session->ws.state;

  ws_link_disconnect (session->ws.link, TRUE);
  if (was == WS_SESSION_RESUMING && net_dialer_may_blame (error)) {
    gst_rcast_source_clear (&session->pinging);
    openvidu_resume_retry (session->resume, error);
    return;
  }
  stop_timers (session);
  openvidu_entry_lost (session->entry);
  session->role->ws.stop (session->ws.role);
  openvidu_signals_unsent (session->memory->signals, session->ws.link);
  if (was == WS_SESSION_CLOSING) {
    ws_session_end (&session->ws, error);
    return;
  }
  GST_INFO_OBJECT (session->ws.element, "connection lost: %s", error->message);
  if (was == WS_SESSION_OPEN || was == WS_SESSION_RESUMING)
    session->ws.state = WS_SESSION_LOST;
  /* Before the error of a pending offer: on the error alone, the owner would abandon the session
   * instead of resuming it. */
  if (was == WS_SESSION_OPEN)
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->ws.element), error);
  fail (session, error);
}

static void
outside (OpenviduSession * session)
{
  g_clear_pointer (&session->connection, g_free);
  g_clear_pointer (&session->rpc_session, g_free);
}

/* The server has forgotten us, through no fault of ours: the session cannot be resumed. */
static void
evict (OpenviduSession * session, const GError * error)
{
  WsSessionState was = session->ws.state;

  if (was == WS_SESSION_CLOSING || was == WS_SESSION_CLOSED
      || was == WS_SESSION_GONE)
    return;
  outside (session);
  g_free (session->memory->evicted);
  session->memory->evicted = g_strdup (error->message);
  openvidu_signals_unsent (session->memory->signals, session->ws.link);
  ws_session_give_up (&session->ws);
  if (net_operation_is_under_way (session->ws.operation))
    fail (session, error);
  else
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->ws.element), error);
}

static void
evict_because (OpenviduSession * session, const gchar * why)
{
  g_autoptr (GError) error = ws_link_new_error (session->ws.link,
      GST_RCAST_ERROR_SESSION_GONE, "evicted: %s", why);

  evict (session, error);
}

static void
tell (OpenviduSession * session, GstRcastServerEvent event,
    const gchar * detail)
{
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (session->ws.element),
      event, detail);
}

/* We must not return. The event precedes the error of an operation: on the error alone, the owner
 * would try the next server. */
static void
dismiss (OpenviduSession * session, const gchar * what, const gchar * reason)
{
  g_autoptr (GError) error = ws_link_new_error (session->ws.link,
      GST_RCAST_ERROR_REJECTED, "%s: %s", what, reason);

  if (session->ws.state == WS_SESSION_GONE)
    return;
  g_free (session->memory->dismissed);
  session->memory->dismissed = g_strdup_printf ("%s: %s", what, reason);
  ws_session_give_up (&session->ws);
  tell (session, GST_RCAST_SERVER_EVICTED, error->message);
  fail (session, error);
}

/* @refusal: (nullable): the server's answer, if there is no @error */
static void
fail_by (OpenviduSession * session, const OpenviduMessage * refusal,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) own = NULL;

  if (!error)
    error = own = openvidu_link_new_refusal (session->ws.link, refusal, what);
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE))
    evict (session, error);
  else if (session->ws.state == WS_SESSION_RESUMING)
    lose (session, error);      /* an unexpected answer: try to resume */
  else
    fail (session, error);
}

/* Pings */

static void
on_pong (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduSession *session = data;
  const OpenviduMessage *message = answer;

  /* While opening or resuming, each step has its own limit. */
  if (error && session->ws.state == WS_SESSION_OPEN)
    lose (session, error);
  else if (message && message->kind == OPENVIDU_RESULT)
    session->pong_at = g_get_monotonic_time ();
  else if (message && session->ws.state == WS_SESSION_OPEN
      && openvidu_error_classify (message->code) ==
      GST_RCAST_ERROR_SESSION_GONE)
    fail_by (session, message, NULL, "ping");
}

static void
ping (OpenviduSession * session, gchar * params)
{
  openvidu_link_ask (session->ws.link, "ping", params,
      session->settings->pong_timeout, on_pong, session);
}

static gboolean
on_ping_due (gpointer data)
{
  ping (data, NULL);
  return G_SOURCE_CONTINUE;
}

static void
start_pinging (OpenviduSession * session)
{
  gst_rcast_source_clear (&session->pinging);
  session->pinging = gst_rcast_timer_start (OPENVIDU_PING_INTERVAL,
      on_ping_due, session);
  ping (session, openvidu_print_ping ());
}

/* Signals: unconfirmed ones are sent again on the next connection */

static void
on_signalled (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduSession *session = data;

  openvidu_signals_answered (session->memory->signals, session->ws.link,
      request, answer, error);
}

static void
flush_signals (OpenviduSession * session)
{
  openvidu_signals_flush (session->memory->signals, session->ws.link,
      session->settings->net->timeout, on_signalled, session);
}

gboolean
openvidu_session_signal (OpenviduSession * session, const gchar * const *to,
    const gchar * type, const gchar * data, GError ** error)
{
  if (session->ws.state != WS_SESSION_OPEN
      || !ws_link_is_open (session->ws.link)) {
    g_propagate_error (error, ws_link_new_error (session->ws.link,
            GST_RCAST_ERROR_NETWORK, "there is no connection"));
    return FALSE;
  }
  if (!openvidu_signals_push (session->memory->signals,
          openvidu_print_signal (to, type, data))) {
    g_propagate_error (error, ws_link_new_error (session->ws.link,
            GST_RCAST_ERROR_BUSY, "too many signals wait for an answer"));
    return FALSE;
  }
  flush_signals (session);
  return TRUE;
}

/* Leaving. If the WebSocket closes with a handshake but without leaveRoom, a ghost of us stays in
 * the session. So without an answer to leaveRoom, the connection is dropped without a handshake. */

static void
on_left (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduSession *session = data;

  if (!answer)
    return;
  session->inside = FALSE;
  openvidu_link_close (session->ws.link);
}

static void
leave_room (OpenviduSession * session)
{
  session->inside = TRUE;
  openvidu_link_ask (session->ws.link, "leaveRoom", g_strdup (""),
      session->settings->net->close_timeout, on_left, session);
}

/* Joining */

static void
on_ready (gpointer data)
{
  OpenviduSession *session = data;

  if (session->ws.state != WS_SESSION_OPENING)
    return;
  if (ws_link_is_open (session->ws.link))
    openvidu_entry_join (session->entry);
  else
    openvidu_link_connect (session->ws.link,
        openvidu_entry_get_session (session->entry), FALSE);
}

/* We have joined, and nothing prevents the session from opening. */
static void
settle_in (OpenviduSession * session)
{
  session->ws.state = WS_SESSION_OPEN;
  g_clear_pointer (&session->memory->evicted, g_free);
  session->callbacks->joined (session->ws.element, session->connection);
  flush_signals (session);
  net_operation_succeed (session->ws.operation, NULL);
}

/* Returns: (nullable) (transfer full): why the join is unusable */
static GError *
check_join (OpenviduSession * session, const OpenviduMessage * message)
{
  if (!message->name || !message->rpc_session)
    return ws_link_new_error (session->ws.link,
        GST_RCAST_ERROR_INVALID_DATA, "a join without id and sessionId");
  if (!session->settings->watches
      && g_strcmp0 (message->role, "SUBSCRIBER") == 0)
    return ws_link_new_error (session->ws.link, GST_RCAST_ERROR_REJECTED,
        "the token is for a SUBSCRIBER, who may not publish");
  return NULL;
}

static void
on_joined (const OpenviduMessage * message, gpointer data)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = check_join (session, message);

  session->ws.link->joined = TRUE;
  session->connection = g_strdup (message->name);
  session->rpc_session = g_strdup (message->rpc_session);
  if (session->ws.state == WS_SESSION_CLOSING) {
    leave_room (session);
  } else if (session->ws.state == WS_SESSION_OPENING && error) {
    fail (session, error);
  } else if (session->ws.state == WS_SESSION_OPENING) {
    GST_INFO_OBJECT (session->ws.element, "joined as %s, media server %s",
        message->name, message->media_server ? message->media_server : "?");
    gst_rcast_signaller_set_ice_servers (GST_RCAST_SIGNALLER
        (session->ws.element), (const gchar * const *) message->ice_servers);
    session->role->joined (session->ws.role, message);
    settle_in (session);
  }
}

/* Ends the broadcast after an eviction, as no token allows another join. */
static void
end_evicted (OpenviduSession * session, const GError * error)
{
  g_autofree gchar *detail = g_strdup_printf ("%s, and %s",
      session->memory->evicted, error->message);

  tell (session, GST_RCAST_SERVER_EVICTED, detail);
}

static void
on_join_failed (const OpenviduMessage * refusal, const GError * error,
    gpointer data)
{
  OpenviduSession *session = data;
  g_autoptr (GError) own = NULL;

  if (session->ws.state == WS_SESSION_CLOSING) {
    openvidu_link_close (session->ws.link);
    return;
  }
  if (session->ws.state != WS_SESSION_OPENING)
    return;
  if (!error)
    error = own = openvidu_link_new_refusal (session->ws.link, refusal,
        "join the session");
  if (session->memory->evicted && g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_UNAUTHORIZED))
    end_evicted (session, error);
  fail (session, error);
}

/* Resuming */

static void
on_resumed (gpointer data)
{
  OpenviduSession *session = data;

  session->ws.state = WS_SESSION_OPEN;
  session->pong_at = g_get_monotonic_time ();
  session->role->resumed (session->ws.role);
  flush_signals (session);
  gst_rcast_net_signaller_post (session->ws.element, gst_structure_new
      ("openvidu-event", "event", G_TYPE_STRING, "resumed", NULL));
  net_operation_succeed (session->ws.operation, NULL);
}

static void
on_resume_failed (const OpenviduMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  if (error)
    lose (data, error);
  else
    fail_by (data, refusal, NULL, what);
}

static void
on_expired (gpointer data)
{
  evict_because (data, "the connection was away for longer than the server "
      "keeps a session");
}

static void
resume (gpointer data, GTask * task)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->ws.state == WS_SESSION_OPEN) {
    /* Drops any pending operation. */
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->ws.operation, task))
    return;
  if (session->ws.state == WS_SESSION_LOST) {
    session->ws.state = WS_SESSION_RESUMING;
    openvidu_resume_start (session->resume, openvidu_entry_get_session
        (session->entry), session->rpc_session, session->pong_at);
    return;
  }
  error = ws_link_new_error (session->ws.link,
      GST_RCAST_ERROR_SESSION_GONE, "there is no session to be resumed");
  fail (session, error);
}

/* Reports of the role */

static void
on_answered (const gchar * answer, gpointer data)
{
  OpenviduSession *session = data;

  net_operation_succeed (session->ws.operation, g_strdup (answer));
}

static void
on_failed (const OpenviduMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  OpenviduSession *session = data;
  g_autoptr (GError) own = NULL;

  /* No other token would give us another role. */
  if (refusal && refusal->code == OPENVIDU_E_UNAUTHORIZED)
    error = own = ws_link_new_error (session->ws.link,
        GST_RCAST_ERROR_REJECTED, "%s: %s (OpenVidu error %d)", what,
        refusal->reason ? refusal->reason : "no reason given", refusal->code);
  fail_by (session, refusal, error, what);
}

static void
on_streaming (const gchar * stream, gpointer data)
{
  OpenviduSession *session = data;

  if (session->ws.state < WS_SESSION_GONE)
    session->callbacks->streaming (session->ws.element, stream);
}

/* Notifications */

static void
post (OpenviduSession * session, const OpenviduMessage * message)
{
  GstStructure *event = gst_structure_new ("openvidu-event", "event",
      G_TYPE_STRING, message->method, NULL);

  if (message->connection)
    gst_structure_set (event, "connection", G_TYPE_STRING, message->connection,
        NULL);
  if (message->reason)
    gst_structure_set (event, "reason", G_TYPE_STRING, message->reason, NULL);
  gst_rcast_net_signaller_post (session->ws.element, event);
}

static void
take_signal (OpenviduSession * session, const OpenviduMessage * message)
{
  /* The server also sends us our own signals. */
  if (g_strcmp0 (message->connection, session->connection) != 0)
    gst_rcast_signaller_message (GST_RCAST_SIGNALLER (session->ws.element),
        message->type ? message->type : "", message->data ? message->data : "");
}

static void
take_eviction (OpenviduSession * session, const gchar * reason)
{
  outside (session);
  if (openvidu_reason_is_final (reason))
    dismiss (session, "removed from the session", reason);
  else
    evict_because (session, reason ? reason : "no reason given");
}

static void
take_unpublication (OpenviduSession * session, const gchar * reason)
{
  if (session->role->ended)
    session->role->ended (session->ws.role);
  if (openvidu_reason_is_final (reason))
    dismiss (session, "the stream was ended", reason);
  else
    tell (session, GST_RCAST_SERVER_HANGUP, reason ? reason :
        "the server ended the stream");
}

/* An event about us. */
static void
take_event (OpenviduSession * session, const OpenviduMessage * message)
{
  const gchar *method = message->method, *reason = message->reason;
  gboolean own = g_strcmp0 (message->connection, session->connection) == 0;

  if (own && (g_str_equal (method, "participantEvicted")
          || g_str_equal (method, "participantLeft")))
    take_eviction (session, reason);
  else if (own && g_str_equal (method, "participantUnpublished"))
    take_unpublication (session, reason);
  else if (g_str_equal (method, "roomClosed"))
    take_eviction (session, "sessionClosedByServer");
  else if (g_str_equal (method, "masterNodeCrashedNotification"))
    evict_because (session, "nodeCrashed");
  else if (g_str_equal (method, "mediaError"))
    tell (session, GST_RCAST_SERVER_HANGUP, reason ? reason : method);
}

static void
on_notified (const OpenviduMessage * message, gpointer data)
{
  OpenviduSession *session = data;

  if (!session->connection || (session->ws.state != WS_SESSION_OPEN
          && session->ws.state != WS_SESSION_RESUMING)) {
    GST_DEBUG_OBJECT (session->ws.element, "%s for nobody", message->method);
  } else if (g_str_equal (message->method, "iceCandidate")) {
    session->role->take (session->ws.role, message);
  } else if (g_str_equal (message->method, "sendMessage")) {
    take_signal (session, message);
  } else {
    post (session, message);
    take_event (session, message);
    if (session->ws.state == WS_SESSION_OPEN)
      session->role->take (session->ws.role, message);
  }
}

/* Reports of the connection */

static void
on_opened (gpointer data)
{
  OpenviduSession *session = data;

  switch (session->ws.state) {
    case WS_SESSION_OPENING:
      start_pinging (session);
      openvidu_entry_prepare (session->entry);
      break;
    case WS_SESSION_RESUMING:
      start_pinging (session);
      openvidu_resume_claim (session->resume);
      break;
    case WS_SESSION_GONE:      /* opening was given up */
    case WS_SESSION_CLOSING:
      openvidu_link_close (session->ws.link);
      break;
    case WS_SESSION_WAITING:
    case WS_SESSION_OPEN:
    case WS_SESSION_LOST:
    case WS_SESSION_CLOSED:
      break;
  }
}

static void
on_lost (const GError * error, gpointer data)
{
  lose (data, error);
}

/* Operations */

static void
open_session (gpointer data, GTask * task)
{
  OpenviduSession *session = data;
  const gchar *name = openvidu_entry_get_session (session->entry);
  g_autoptr (GError) error = NULL;

  /* It waits for a publisher. */
  if (session->ws.state == WS_SESSION_OPEN) {
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->ws.operation, task))
    return;
  if (session->memory->dismissed) {
    error = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_REJECTED,
        "%s", session->memory->dismissed);
    fail (session, error);
  } else if (name) {
    openvidu_link_connect (session->ws.link, name, FALSE);
  } else {
    /* Connecting needs the name of the session, which comes with the token. */
    openvidu_entry_prepare (session->entry);
  }
}

/* Returns: whether the session waits for a publisher and need not be joined again. A token is valid
 * for one join */
gboolean
openvidu_session_can_wait (OpenviduSession * session)
{
  return session->ws.state == WS_SESSION_OPEN
      && ws_link_is_open (session->ws.link)
      && session->role->can_wait && session->role->can_wait (session->ws.role);
}

static void
reached (gpointer data, gint64 since)
{
  OpenviduSession *session = data;

  if (!openvidu_resume_hurry (session->resume))
    ws_session_reached (session, since);
}

static void
on_closing (gpointer data)
{
  OpenviduSession *session = data;

  /* The owner closes a session that is still opening if that takes too long. */
  if (session->ws.state == WS_SESSION_OPENING)
    ws_link_blame_uplink (session->ws.link);
  openvidu_signals_unsent (session->memory->signals, session->ws.link);
}

static gboolean
leave (gpointer data)
{
  OpenviduSession *session = data;
  gboolean open = ws_link_is_open (session->ws.link);

  session->inside = session->connection != NULL;
  if (open && session->inside)
    leave_room (session);
  return open && (session->inside
      || openvidu_entry_is_joining (session->entry));
}

static gboolean
is_inside (gpointer data)
{
  OpenviduSession *session = data;

  return session->inside;
}

static const WsSessionFuncs openvidu_session_funcs = {
  .open = open_session,
  .offer = ws_session_offer,
  .request_offer = ws_session_request_offer,
  .answer = ws_session_answer,
  .resume = resume,
  .reached = reached,
  .cancelled = on_cancelled,
  .given_up = on_given_up,
  .closing = on_closing,
  .leave = leave,
  .is_inside = is_inside,
  .free = session_free,
};

/* Takes @settings. */
OpenviduSession *
openvidu_session_new (GstRcastNetSignaller * element,
    OpenviduSettings * settings, OpenviduMemory * memory,
    const OpenviduSessionCallbacks * callbacks)
{
  static const OpenviduLinkCallbacks link_callbacks =
      { {on_opened, on_lost}, on_notified };
  static const OpenviduEntryCallbacks entry_callbacks =
      { on_ready, on_joined, on_join_failed };
  static const OpenviduMediaCallbacks media_callbacks =
      { on_answered, on_failed, on_streaming };
  static const OpenviduResumeCallbacks resume_callbacks =
      { on_resumed, on_resume_failed, on_expired };
  static gsize once = 0;
  OpenviduSession *session = g_new0 (OpenviduSession, 1);
  WsLink *link;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_session_debug,
        "rcastopenvidusession", 0, "OpenVidu session");
    g_once_init_leave (&once, 1);
  }
  session->settings = settings;
  session->memory = memory;
  session->callbacks = callbacks;
  link = openvidu_link_new (element, settings, &link_callbacks, session);
  ws_session_init (&session->ws, element, &openvidu_session_funcs, link);
  session->entry = openvidu_entry_new (link, element, settings,
      memory->tokens, &entry_callbacks, session);
  if (settings->watches) {
    session->role = &openvidu_watch_funcs;
    session->ws.role = openvidu_watch_new (link, element, settings,
        &media_callbacks, session);
  } else {
    session->role = &openvidu_publisher_funcs;
    session->ws.role = openvidu_publisher_new (link, element, settings,
        &media_callbacks, session);
  }
  session->ws.role_funcs = &session->role->ws;
  session->resume = openvidu_resume_new (link, element, &resume_callbacks,
      session);
  return session;
}
