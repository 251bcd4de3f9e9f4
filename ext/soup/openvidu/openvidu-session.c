/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our place in an OpenVidu session, from open to the end of close. */
#include "config.h"

#include "openvidu-session.h"

#include "net-dialer.h"
#include "net-operation.h"
#include "openvidu-entry.h"
#include "openvidu-goodbye.h"
#include "openvidu-resume.h"
#include "openvidu-role.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_session_debug);
#define GST_CAT_DEFAULT rcast_openvidu_session_debug

/* An operation can be pending in OPENING, OPEN and RESUMING. */
typedef enum
{
  OPENVIDU_STATE_OPENING,
  OPENVIDU_STATE_OPEN,
  OPENVIDU_STATE_LOST,          /* the connection is lost, but the session may still exist */
  OPENVIDU_STATE_RESUMING,
  OPENVIDU_STATE_GONE,          /* no longer usable */
  OPENVIDU_STATE_CLOSING,
  OPENVIDU_STATE_CLOSED,
} OpenviduState;

/* Only on the thread that opened it, except for the last unref. */
struct _OpenviduSession
{
  gatomicrefcount ref_count;
  GstRcastNetSignaller *element;        /* borrowed; holds a reference while closing */
  OpenviduSettings *settings;
  OpenviduMemory *memory;       /* owned by the element */
  const OpenviduSessionCallbacks *callbacks;

  OpenviduState state;
  WsLink *link;
  OpenviduEntry *entry;
  OpenviduRole *role;
  OpenviduResume *resume;
  OpenviduGoodbye *goodbye;
  NetOperation *operation;      /* open, offer, answer or resume */

  gchar *connection;            /* our identifier in the session; NULL: not joined */
  gchar *rpc_session;           /* identifier for resuming a lost connection */
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
session_unref (gpointer data)
{
  OpenviduSession *session = data;

  if (!g_atomic_ref_count_dec (&session->ref_count))
    return;
  stop_timers (session);
  net_operation_free (session->operation);
  openvidu_resume_free (session->resume);
  openvidu_goodbye_free (session->goodbye);
  openvidu_entry_free (session->entry);
  openvidu_role_free (session->role);
  openvidu_link_free (session->link);
  openvidu_settings_free (session->settings);
  g_free (session->connection);
  g_free (session->rpc_session);
  g_free (session);
}

/* Ends of operations */

/* The server is no longer usable for this session. */
static void
give_up (OpenviduSession * session)
{
  session->state = OPENVIDU_STATE_GONE;
  stop_timers (session);
  openvidu_entry_stop (session->entry);
  openvidu_role_stop (session->role);
}

/* The operation has failed. A session that is still opening is given up. */
static void
fail (OpenviduSession * session, const GError * error)
{
  if ((session->state == OPENVIDU_STATE_OPENING
          || session->state == OPENVIDU_STATE_RESUMING)
      && net_dialer_may_blame (error))
    ws_link_blame_uplink (session->link);
  if (session->state == OPENVIDU_STATE_OPENING)
    give_up (session);
  openvidu_role_drop_request (session->role);
  net_operation_fail (session->operation, error);
}

static void
fail_cancelled (OpenviduSession * session, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, why);

  fail (session, error);
}

/* A claim may be repeated, so a pending one need not finish. */
static void
on_cancelled (gpointer data)
{
  OpenviduSession *session = data;

  if (session->state == OPENVIDU_STATE_RESUMING) {
    ws_link_blame_uplink (session->link);
    ws_link_disconnect (session->link, TRUE);
    stop_timers (session);
    session->state = OPENVIDU_STATE_LOST;
  } else if (!ws_link_is_open (session->link)) {
    ws_link_disconnect (session->link, FALSE);
  }
  fail_cancelled (session, "the operation was cancelled");
}

/* The connection has broken, or is not worth keeping. */
static void
lose (OpenviduSession * session, const GError * error)
{
  OpenviduState was = session->state;

  ws_link_disconnect (session->link, TRUE);
  if (was == OPENVIDU_STATE_RESUMING && net_dialer_may_blame (error)) {
    gst_rcast_source_clear (&session->pinging);
    openvidu_resume_retry (session->resume, error);
    return;
  }
  stop_timers (session);
  openvidu_entry_lost (session->entry);
  openvidu_role_stop (session->role);
  openvidu_signals_unsent (session->memory->signals, session->link);
  if (was == OPENVIDU_STATE_CLOSING) {
    openvidu_goodbye_lost (session->goodbye, error);
    return;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  if (was == OPENVIDU_STATE_OPEN || was == OPENVIDU_STATE_RESUMING)
    session->state = OPENVIDU_STATE_LOST;
  /* Before the error of a pending offer: on the error alone, the owner would abandon the session
   * instead of resuming it. */
  if (was == OPENVIDU_STATE_OPEN)
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
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
  OpenviduState was = session->state;

  if (was == OPENVIDU_STATE_CLOSING || was == OPENVIDU_STATE_CLOSED
      || was == OPENVIDU_STATE_GONE)
    return;
  outside (session);
  g_free (session->memory->evicted);
  session->memory->evicted = g_strdup (error->message);
  openvidu_signals_unsent (session->memory->signals, session->link);
  give_up (session);
  if (net_operation_is_under_way (session->operation))
    fail (session, error);
  else
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
}

static void
evict_because (OpenviduSession * session, const gchar * why)
{
  g_autoptr (GError) error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_SESSION_GONE, "evicted: %s", why);

  evict (session, error);
}

static void
tell (OpenviduSession * session, GstRcastServerEvent event,
    const gchar * detail)
{
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (session->element),
      event, detail);
}

/* We must not return. The event precedes the error of an operation: on the error alone, the owner
 * would try the next server. */
static void
dismiss (OpenviduSession * session, const gchar * what, const gchar * reason)
{
  g_autoptr (GError) error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_REJECTED, "%s: %s", what, reason);

  if (session->state == OPENVIDU_STATE_GONE)
    return;
  g_free (session->memory->dismissed);
  session->memory->dismissed = g_strdup_printf ("%s: %s", what, reason);
  give_up (session);
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
    error = own = openvidu_link_new_refusal (session->link, refusal, what);
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE))
    evict (session, error);
  else if (session->state == OPENVIDU_STATE_RESUMING)
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
  if (error && session->state == OPENVIDU_STATE_OPEN)
    lose (session, error);
  else if (message && message->kind == OPENVIDU_RESULT)
    session->pong_at = g_get_monotonic_time ();
  else if (message && session->state == OPENVIDU_STATE_OPEN
      && openvidu_error_classify (message->code) ==
      GST_RCAST_ERROR_SESSION_GONE)
    fail_by (session, message, NULL, "ping");
}

static void
ping (OpenviduSession * session, gchar * params)
{
  openvidu_link_ask (session->link, "ping", params,
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
  const OpenviduMessage *message = answer;

  openvidu_signals_answered (session->memory->signals, session->link, request,
      message, error);
}

static void
flush_signals (OpenviduSession * session)
{
  openvidu_signals_flush (session->memory->signals, session->link,
      session->settings->net->timeout, on_signalled, session);
}

gboolean
openvidu_session_signal (OpenviduSession * session, const gchar * const *to,
    const gchar * type, const gchar * data, GError ** error)
{
  if (session->state != OPENVIDU_STATE_OPEN
      || !ws_link_is_open (session->link)) {
    g_propagate_error (error, ws_link_new_error (session->link,
            GST_RCAST_ERROR_NETWORK, "there is no connection"));
    return FALSE;
  }
  if (!openvidu_signals_push (session->memory->signals,
          openvidu_print_signal (to, type, data))) {
    g_propagate_error (error, ws_link_new_error (session->link,
            GST_RCAST_ERROR_BUSY, "too many signals wait for an answer"));
    return FALSE;
  }
  flush_signals (session);
  return TRUE;
}

/* Joining */

static void
on_ready (gpointer data)
{
  OpenviduSession *session = data;

  if (session->state != OPENVIDU_STATE_OPENING)
    return;
  if (ws_link_is_open (session->link))
    openvidu_entry_join (session->entry);
  else
    openvidu_link_connect (session->link,
        openvidu_entry_get_session (session->entry), FALSE);
}

/* We have joined, and nothing prevents the session from opening. */
static void
settle_in (OpenviduSession * session)
{
  session->state = OPENVIDU_STATE_OPEN;
  g_clear_pointer (&session->memory->evicted, g_free);
  session->callbacks->joined (session->element, session->connection);
  flush_signals (session);
  net_operation_succeed (session->operation, NULL);
}

/* Returns: (nullable) (transfer full): why the join is unusable */
static GError *
check_join (OpenviduSession * session, const OpenviduMessage * message)
{
  if (!message->name || !message->rpc_session)
    return ws_link_new_error (session->link,
        GST_RCAST_ERROR_INVALID_DATA, "a join without id and sessionId");
  if (!session->settings->watches
      && g_strcmp0 (message->role, "SUBSCRIBER") == 0)
    return ws_link_new_error (session->link, GST_RCAST_ERROR_REJECTED,
        "the token is for a SUBSCRIBER, who may not publish");
  return NULL;
}

static void
on_joined (const OpenviduMessage * message, gpointer data)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = check_join (session, message);

  session->connection = g_strdup (message->name);
  session->rpc_session = g_strdup (message->rpc_session);
  if (session->state == OPENVIDU_STATE_CLOSING) {
    openvidu_goodbye_joined (session->goodbye);
  } else if (session->state == OPENVIDU_STATE_OPENING && error) {
    fail (session, error);
  } else if (session->state == OPENVIDU_STATE_OPENING) {
    GST_INFO_OBJECT (session->element, "joined as %s, media server %s",
        message->name, message->media_server ? message->media_server : "?");
    gst_rcast_signaller_set_ice_servers (GST_RCAST_SIGNALLER
        (session->element), (const gchar * const *) message->ice_servers);
    openvidu_role_joined (session->role, message);
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

  if (session->state == OPENVIDU_STATE_CLOSING) {
    openvidu_link_close (session->link);
    return;
  }
  if (session->state != OPENVIDU_STATE_OPENING)
    return;
  if (!error)
    error = own = openvidu_link_new_refusal (session->link, refusal,
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

  session->state = OPENVIDU_STATE_OPEN;
  session->pong_at = g_get_monotonic_time ();
  openvidu_role_resumed (session->role);
  flush_signals (session);
  gst_rcast_net_signaller_post (session->element, gst_structure_new
      ("openvidu-event", "event", G_TYPE_STRING, "resumed", NULL));
  net_operation_succeed (session->operation, NULL);
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

  if (session->state == OPENVIDU_STATE_OPEN) {
    /* Drops any pending operation. */
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->operation, task))
    return;
  if (session->state == OPENVIDU_STATE_LOST) {
    session->state = OPENVIDU_STATE_RESUMING;
    openvidu_resume_start (session->resume, openvidu_entry_get_session
        (session->entry), session->rpc_session, session->pong_at);
    return;
  }
  error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_SESSION_GONE, "there is no session to be resumed");
  fail (session, error);
}

/* Reports of the role */

static void
on_answered (const gchar * answer, gpointer data)
{
  OpenviduSession *session = data;

  net_operation_succeed (session->operation, g_strdup (answer));
}

static void
on_failed (const OpenviduMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  OpenviduSession *session = data;
  g_autoptr (GError) own = NULL;

  /* No other token would give us another role. */
  if (refusal && refusal->code == OPENVIDU_E_UNAUTHORIZED)
    error = own = ws_link_new_error (session->link,
        GST_RCAST_ERROR_REJECTED, "%s: %s (OpenVidu error %d)", what,
        refusal->reason ? refusal->reason : "no reason given", refusal->code);
  fail_by (session, refusal, error, what);
}

static void
on_streaming (const gchar * stream, gpointer data)
{
  OpenviduSession *session = data;

  if (session->state < OPENVIDU_STATE_GONE)
    session->callbacks->streaming (session->element, stream);
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
  gst_rcast_net_signaller_post (session->element, event);
}

static void
take_signal (OpenviduSession * session, const OpenviduMessage * message)
{
  /* The server also sends us our own signals. */
  if (g_strcmp0 (message->connection, session->connection) != 0)
    gst_rcast_signaller_message (GST_RCAST_SIGNALLER (session->element),
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
  openvidu_role_ended (session->role);
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

  if (!session->connection || (session->state != OPENVIDU_STATE_OPEN
          && session->state != OPENVIDU_STATE_RESUMING)) {
    GST_DEBUG_OBJECT (session->element, "%s for nobody", message->method);
  } else if (g_str_equal (message->method, "iceCandidate")) {
    openvidu_role_take (session->role, message);
  } else if (g_str_equal (message->method, "sendMessage")) {
    take_signal (session, message);
  } else {
    post (session, message);
    take_event (session, message);
    if (session->state == OPENVIDU_STATE_OPEN)
      openvidu_role_take (session->role, message);
  }
}

/* Reports of the connection */

static void
on_opened (gpointer data)
{
  OpenviduSession *session = data;

  switch (session->state) {
    case OPENVIDU_STATE_OPENING:
      start_pinging (session);
      openvidu_entry_prepare (session->entry);
      break;
    case OPENVIDU_STATE_RESUMING:
      start_pinging (session);
      openvidu_resume_claim (session->resume);
      break;
    case OPENVIDU_STATE_GONE:  /* opening was given up */
    case OPENVIDU_STATE_CLOSING:
      openvidu_link_close (session->link);
      break;
    case OPENVIDU_STATE_OPEN:
    case OPENVIDU_STATE_LOST:
    case OPENVIDU_STATE_CLOSED:
      break;
  }
}

static void
on_lost (const GError * error, gpointer data)
{
  lose (data, error);
}

/* The goodbye was sent. */
static void
on_ended (gpointer data)
{
  OpenviduSession *session = data;
  GstRcastNetSignaller *element = session->element;

  session->state = OPENVIDU_STATE_CLOSED;
  session_unref (session);
  gst_object_unref (element);
}

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

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_session_debug,
        "rcastopenvidusession", 0, "OpenVidu session");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&session->ref_count);
  session->element = element;
  session->settings = settings;
  session->memory = memory;
  session->callbacks = callbacks;
  session->operation = net_operation_new (on_cancelled, session);
  session->link = openvidu_link_new (element, settings, &link_callbacks,
      session);
  session->entry = openvidu_entry_new (session->link, element, settings,
      memory->tokens, &entry_callbacks, session);
  session->role = openvidu_role_new (session->link, element, settings,
      &media_callbacks, session);
  session->resume = openvidu_resume_new (session->link, element,
      &resume_callbacks, session);
  session->goodbye = openvidu_goodbye_new (session->link, settings, on_ended,
      session);
  return session;
}

/* Operations */

static void
open_session (gpointer data, GTask * task)
{
  OpenviduSession *session = data;
  const gchar *name = openvidu_entry_get_session (session->entry);
  g_autoptr (GError) error = NULL;

  /* It waits for a publisher. */
  if (session->state == OPENVIDU_STATE_OPEN) {
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->operation, task))
    return;
  if (session->memory->dismissed) {
    error = ws_link_new_error (session->link, GST_RCAST_ERROR_REJECTED,
        "%s", session->memory->dismissed);
    fail (session, error);
  } else if (name) {
    openvidu_link_connect (session->link, name, FALSE);
  } else {
    /* Connecting needs the name of the session, which comes with the token. */
    openvidu_entry_prepare (session->entry);
  }
}

/* Drops a pending offer, as its webrtcbin is no longer of use. */
static void
supersede (OpenviduSession * session)
{
  if (openvidu_role_has_request (session->role))
    fail_cancelled (session, "another offer has taken its place");
}

/* Takes @task. Returns: whether it is pending in an open session; otherwise it has ended */
static gboolean
begin_in_session (OpenviduSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  supersede (session);
  if (!net_operation_begin (session->operation, task))
    return FALSE;
  if (session->state == OPENVIDU_STATE_OPEN)
    return TRUE;
  error = ws_link_new_error (session->link,
      session->state == OPENVIDU_STATE_LOST ? GST_RCAST_ERROR_NETWORK :
      GST_RCAST_ERROR_SESSION_GONE, "the session is not open");
  fail (session, error);
  return FALSE;
}

/* Likewise, for an offer of @kind from either side. */
static gboolean
begin_offer (OpenviduSession * session, GstRcastOfferKind kind, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!begin_in_session (session, task))
    return FALSE;
  if (kind == GST_RCAST_OFFER_INITIAL)
    return TRUE;
  error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_NOT_SUPPORTED, "OpenVidu 2 has no ICE restart");
  fail (session, error);
  return FALSE;
}

static void
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GTask * task)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_offer (session, kind, task)
      && !openvidu_role_offer (session->role, sdp, &error))
    fail (session, error);
}

static void
request_offer (gpointer data, GstRcastOfferKind kind, GTask * task)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_offer (session, kind, task)
      && !openvidu_role_request_offer (session->role, &error))
    fail (session, error);
}

static void
answer (gpointer data, const gchar * sdp, GTask * task)
{
  OpenviduSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !openvidu_role_answer (session->role, sdp, &error))
    fail (session, error);
}

static void
settle (gpointer data)
{
  OpenviduSession *session = data;

  openvidu_role_settle (session->role);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  OpenviduSession *session = data;

  if (session->state < OPENVIDU_STATE_GONE)
    openvidu_role_add_candidate (session->role, mline, ufrag, candidate);
}

/* Returns: whether the session waits for a publisher and need not be joined again. A token is valid
 * for one join */
gboolean
openvidu_session_can_wait (OpenviduSession * session)
{
  return session->state == OPENVIDU_STATE_OPEN
      && ws_link_is_open (session->link)
      && openvidu_role_can_wait (session->role);
}

static gboolean
is_connected (gpointer data)
{
  OpenviduSession *session = data;

  return ws_link_is_connected (session->link);
}

static void
reached (gpointer data, gint64 since)
{
  OpenviduSession *session = data;

  if (!openvidu_resume_hurry (session->resume)
      && (session->state == OPENVIDU_STATE_OPENING
          || session->state == OPENVIDU_STATE_RESUMING))
    ws_link_reached (session->link, since);
}

static void
close_session (gpointer data, GTask * task)
{
  OpenviduSession *session = data;
  gboolean joining = openvidu_entry_is_joining (session->entry);

  g_assert (session->state != OPENVIDU_STATE_CLOSING
      && session->state != OPENVIDU_STATE_CLOSED);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  /* An attempt to open is closed because it took too long. */
  if (session->state == OPENVIDU_STATE_OPENING)
    ws_link_blame_uplink (session->link);
  give_up (session);
  session->state = OPENVIDU_STATE_CLOSING;
  openvidu_signals_unsent (session->memory->signals, session->link);
  fail_cancelled (session, "the signaller was closed");
  openvidu_goodbye_start (session->goodbye, session->connection != NULL,
      joining, task);
}

const NetSessionFuncs openvidu_session_funcs = {
  .open = open_session,
  .offer = offer,
  .request_offer = request_offer,
  .answer = answer,
  .resume = resume,
  .close = close_session,
  .settle = settle,
  .add_candidate = add_candidate,
  .is_connected = is_connected,
  .reached = reached,
  .unref = session_unref,
};
