/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Janus session with its VideoRoom handles, from open to the end of close. */
#include "config.h"

#include "janus-session.h"

#include "janus-feeds.h"
#include "janus-reports.h"
#include "janus-watch.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_session_debug);
#define GST_CAT_DEFAULT rcast_janus_session_debug

/* Maximum interval, also of janus.js. Used if the server does not report its timeout. */
#define KEEPALIVE_MAX_MS 25000
/* The time for a claim starts with the last request, not with the loss of the connection. */
#define KEEPALIVE_RECLAIM_MS 5000
#define KEEPALIVES_PER_TIMEOUT 3

struct _JanusSession
{
  WsSession ws;
  const JanusRoleFuncs *role;
  JanusSettings *settings;
  JanusMemory *memory;          /* owned by the element */
  const JanusSessionCallbacks *callbacks;
  JanusReports *reports;

  guint64 id;                   /* 0: the server has no session of ours */
  guint64 reported;             /* the last session reported; 0: none, or its end was reported */
  guint64 create;               /* request for a session, 0: answered */
  guint64 ghost;                /* a former session that is being destroyed */
  guint session_timeout, reclaim_timeout;       /* s */
  GSource *keepalive;
};

void
janus_memory_clear (JanusMemory * memory)
{
  g_free (memory->location);
  g_free (memory->kicked);
  *memory = (JanusMemory) { NULL };
}

/* Forgets what was learned at another server. */
void
janus_memory_check (JanusMemory * memory, const gchar * location)
{
  if (g_strcmp0 (memory->location, location) == 0)
    return;
  janus_memory_clear (memory);
  memory->location = g_strdup (location);
}

static void
session_free (gpointer data)
{
  JanusSession *session = data;

  ws_session_clear (&session->ws);
  janus_link_free (session->ws.link);
  janus_reports_free (session->reports);
  gst_rcast_source_clear (&session->keepalive);
  janus_settings_free (session->settings);
  g_free (session);
}

static void
publish_capabilities (JanusSession * session)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_TRICKLE
      | GST_RCAST_SIGNALLER_ICE_RESTART | GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (janus_settings_do_watch (session->settings))
    capabilities |= GST_RCAST_SIGNALLER_SERVER_OFFERS;
  if (session->reclaim_timeout > 0)
    capabilities |= GST_RCAST_SIGNALLER_RESUME;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER
      (session->ws.element), capabilities);
}

static void
report_loss (JanusSession * session, const GError * error)
{
  gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->ws.element), error);
}

/* The pending operation */

/* Takes @answer (nullable). */
static void
succeed (JanusSession * session, gchar * answer)
{
  session->role->ws.drop_request (session->ws.role);
  net_operation_succeed (session->ws.operation, answer);
}

static void
fail (JanusSession * session, const GError * error)
{
  ws_session_fail (&session->ws, error);
}

static void
on_given_up (gpointer data)
{
  JanusSession *session = data;

  gst_rcast_source_clear (&session->keepalive);
}

/* The connection has broken, or is not worth keeping. */
static void
lose (JanusSession * session, const GError * error)
{
  WsSessionState was = session->ws.state;

  if ((was == WS_SESSION_OPENING || was == WS_SESSION_RESUMING)
      && net_dialer_may_blame (error))
    ws_link_blame_uplink (session->ws.link);
  ws_link_disconnect (session->ws.link, FALSE);
  session->create = 0;
  session->role->ws.stop (session->ws.role);
  gst_rcast_source_clear (&session->keepalive);
  if (was == WS_SESSION_CLOSING) {
    ws_session_end (&session->ws, error);
    return;
  }
  if (was == WS_SESSION_OPEN || was == WS_SESSION_RESUMING)
    session->ws.state = WS_SESSION_LOST;
  GST_INFO_OBJECT (session->ws.element, "connection lost: %s", error->message);
  /* Before the error of a pending offer: on the error alone, the owner would abandon the session
   * instead of resuming it. */
  if (was == WS_SESSION_OPEN)
    report_loss (session, error);
  fail (session, error);
}

/* The server has forgotten us: the session cannot be resumed. */
static void
evict (JanusSession * session, const GError * error)
{
  WsSessionState was = session->ws.state;

  if (was == WS_SESSION_CLOSING || was == WS_SESSION_CLOSED
      || was == WS_SESSION_GONE)
    return;
  session->id = 0;
  session->role->forget (session->ws.role);
  ws_session_give_up (&session->ws);
  fail (session, error);
  if (was == WS_SESSION_OPEN)
    report_loss (session, error);
}

/* @refusal: (nullable): the server's answer, if there is no @error */
static void
fail_by (JanusSession * session, const JanusMessage * refusal,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) own = NULL;

  if (!error)
    error = own = janus_link_new_refusal (session->ws.link, refusal, what);
  if (refusal && refusal->code == JANUS_E_NO_SESSION)
    evict (session, error);
  else
    fail (session, error);
}

/* Opening: info and create. The handle does the rest. */

static void
ask (JanusSession * session, const gchar * verb, guint64 id,
    WsAnswered answered)
{
  JanusTarget target = { id, 0 };

  janus_link_ask (session->ws.link, verb, &target, NULL, answered, session);
}

static void
report (JanusSession * session, GstRcastSessionState state)
{
  g_autofree gchar *name =
      g_strdup_printf ("%" G_GUINT64_FORMAT, session->reported);

  if (session->reported)
    gst_rcast_signaller_session_changed (GST_RCAST_SIGNALLER
        (session->ws.element), session->settings->net->location, name, state);
}

/* Returns: whether the session that we asked to destroy is gone */
static gboolean
is_over (const JanusMessage * message)
{
  return message && (message->code == 0
      || message->code == JANUS_E_NO_SESSION);
}

static void
on_destroyed (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;

  /* If the server refuses to destroy it, the next session destroys it. */
  if (is_over (message))
    session->id = 0;
  ws_link_close (session->ws.link);
}

static void
on_created (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  session->create = 0;
  /* Note the session even if opening was given up, as it must be destroyed. */
  if (message && message->code == 0)
    session->id = session->reported = message->id;
  report (session, GST_RCAST_SESSION_OPENED);
  if (session->ws.state == WS_SESSION_CLOSING) {
    if (session->id)
      ask (session, "destroy", session->id, on_destroyed);
    else
      ws_link_close (session->ws.link);
  } else if (session->ws.state == WS_SESSION_OPENING) {
    if (message && message->code == 0 && !session->id)
      own = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_INVALID_DATA,
          "a session without a number");
    if (session->id)
      session->role->join (session->ws.role, session->id);
    else
      fail_by (session, message, own ? own : error, "create a session");
  }
}

/* A server that does not answer this is accepted. */
static void
on_info (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (session->ws.state == WS_SESSION_CLOSING || !message
      || message->kind != JANUS_SERVER_INFO)
    return;
  session->session_timeout = message->session_timeout;
  session->reclaim_timeout = message->reclaim_timeout;
  GST_INFO_OBJECT (session->ws.element, "Janus %s, session timeout %u s, "
      "claims within %u s", message->version ? message->version : "?",
      message->session_timeout, message->reclaim_timeout);
  if (!message->has_plugins || message->has_videoroom
      || session->ws.state != WS_SESSION_OPENING)
    return;
  own = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the server has no VideoRoom plugin (" JANUS_PLUGIN_VIDEOROOM ")");
  fail (session, own);
}

static void
on_ghost_destroyed (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;

  if (is_over (message) && session->memory->ghost == session->ghost)
    session->memory->ghost = 0;
}

static void
destroy_ghost (JanusSession * session)
{
  session->ghost = session->memory->ghost;
  if (session->ghost)
    ask (session, "destroy", session->ghost, on_ghost_destroyed);
}

/* Keep-alive */

static void
on_kept_alive (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (session->ws.state != WS_SESSION_OPEN)
    return;
  /* Without a token for now, the connection still works. */
  if (error && !g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NO_TOKEN)) {
    lose (session, error);
  } else if (message && message->code == JANUS_E_NO_SESSION) {
    own = janus_link_new_refusal (session->ws.link, message, "keepalive");
    evict (session, own);
  }
}

static gboolean
on_keepalive (gpointer data)
{
  JanusSession *session = data;

  ask (session, "keepalive", session->id, on_kept_alive);
  return G_SOURCE_CONTINUE;
}

static void
start_keepalive (JanusSession * session)
{
  guint interval = KEEPALIVE_MAX_MS;

  if (session->session_timeout > 0)
    interval = MIN (interval, session->session_timeout * 1000
        / KEEPALIVES_PER_TIMEOUT);
  if (session->reclaim_timeout > 0)
    interval = MIN (interval, MIN (KEEPALIVE_RECLAIM_MS,
            session->reclaim_timeout * 1000 / KEEPALIVES_PER_TIMEOUT));
  gst_rcast_source_clear (&session->keepalive);
  session->keepalive = gst_rcast_timer_start (interval, on_keepalive, session);
}

/* Resuming: claim, then find out what was missed */

static void
on_claimed (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSession *session = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (session->ws.state != WS_SESSION_RESUMING)
    return;
  if (message && message->code == 0) {
    session->ws.link->joined = TRUE;
    session->role->resync (session->ws.role);
    return;
  }
  if (message)
    own = janus_link_new_refusal (session->ws.link, message,
        "claim the session");
  if (message && message->code == JANUS_E_NO_SESSION)
    evict (session, own);
  else
    lose (session, own ? own : error);
}

static void
resumed (JanusSession * session)
{
  session->ws.state = WS_SESSION_OPEN;
  janus_reports_event (session->reports, "claimed");
  start_keepalive (session);
  succeed (session, NULL);
}

/* Reports of the handle */

static void
on_joined (const JanusId * feed, gpointer data)
{
  JanusSession *session = data;

  session->ws.link->joined = TRUE;
  session->callbacks->joined (session->ws.element, session->id, feed);
  if (session->ws.state != WS_SESSION_OPENING)
    return;
  session->ws.state = WS_SESSION_OPEN;
  publish_capabilities (session);
  start_keepalive (session);
  succeed (session, NULL);
}

static void
on_answered (const gchar * answer, gpointer data)
{
  succeed (data, g_strdup (answer));
}

static void
on_failed (const JanusMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  fail_by (data, refusal, error, what);
}

/* The event precedes the error of an operation: on the error alone, the owner would try the next
 * server. */
static void
on_kicked (gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->ws.state == WS_SESSION_GONE)
    return;
  janus_reports_event (session->reports, "kicked");
  g_free (session->memory->kicked);
  session->memory->kicked = g_strdup_printf ("kicked from room %s",
      session->settings->room.room.text);
  error = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_REJECTED, "%s",
      session->memory->kicked);
  ws_session_give_up (&session->ws);
  janus_reports_pass_on (session->reports, GST_RCAST_SERVER_EVICTED, "%s",
      error->message);
  fail (session, error);
}

static void
on_resynced (const gchar * loss, const GError * error, gpointer data)
{
  JanusSession *session = data;

  if (session->ws.state != WS_SESSION_RESUMING)
    return;
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE)) {
    /* The session may still exist. close() destroys it. */
    ws_session_give_up (&session->ws);
    fail (session, error);
  } else if (error) {
    lose (session, error);
  } else {
    resumed (session);
    /* A new offer restores the media. */
    if (loss)
      janus_reports_pass_on (session->reports, GST_RCAST_SERVER_HANGUP, "%s",
          loss);
    if (session->role->resumed)
      session->role->resumed (session->ws.role);
  }
}

/* Reports of the connection */

static void
on_opened (gpointer data)
{
  JanusSession *session = data;
  JanusTarget none = { 0, 0 };

  switch (session->ws.state) {
    case WS_SESSION_OPENING:
      destroy_ghost (session);
      ask (session, "info", 0, on_info);
      session->create = janus_link_ask (session->ws.link, "create", &none, NULL,
          on_created, session);
      break;
    case WS_SESSION_RESUMING:
      ask (session, "claim", session->id, on_claimed);
      break;
    case WS_SESSION_GONE:      /* opening was given up */
    case WS_SESSION_CLOSING:
      ws_link_close (session->ws.link);
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

static void
on_message (const JanusMessage * message, gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if ((session->ws.state != WS_SESSION_OPEN
          && session->ws.state != WS_SESSION_RESUMING)
      || session->id == 0 || message->session != session->id) {
    GST_DEBUG_OBJECT (session->ws.element, "a message about another session");
  } else if (message->kind == JANUS_TIMEOUT) {
    janus_reports_event (session->reports, "timeout");
    error = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_SESSION_GONE,
        "the server gave up the session: timeout");
    evict (session, error);
  } else {
    session->role->take (session->ws.role, message);
  }
}

/* Operations */

static void
open_session (gpointer data, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (!net_operation_begin (session->ws.operation, task))
    return;
  /* A member that was kicked does not return by itself. */
  if (session->memory->kicked) {
    error = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_REJECTED,
        "%s", session->memory->kicked);
    fail (session, error);
    return;
  }
  janus_link_connect (session->ws.link);
}

static void
resume (gpointer data, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->ws.state == WS_SESSION_OPEN) {
    /* Drops any pending operation. */
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->ws.operation, task))
    return;
  if (session->ws.state != WS_SESSION_LOST || session->reclaim_timeout == 0) {
    error = ws_link_new_error (session->ws.link, GST_RCAST_ERROR_SESSION_GONE,
        "%s", session->ws.state != WS_SESSION_LOST ?
        "there is no session to be resumed" :
        "the server ends a session with its connection "
        "(reclaim_session_timeout is 0)");
    fail (session, error);
    return;
  }
  session->ws.state = WS_SESSION_RESUMING;
  janus_link_connect (session->ws.link);
}

/* Closing */

static void
on_closing (gpointer data)
{
  JanusSession *session = data;

  /* The owner closes a session that is still opening if that takes too long. */
  if (session->ws.state == WS_SESSION_OPENING && !session->id)
    ws_link_blame_uplink (session->ws.link);
  report (session, GST_RCAST_SESSION_LEAVING);
}

static gboolean
leave (gpointer data)
{
  JanusSession *session = data;
  gboolean open = ws_link_is_open (session->ws.link);

  if (open && session->id) {
    session->role->leave (session->ws.role);
    ask (session, "destroy", session->id, on_destroyed);
  }
  return open && (session->id || session->create);
}

static gboolean
is_inside (gpointer data)
{
  JanusSession *session = data;

  return session->id != 0;
}

static void
on_closed (gpointer data)
{
  JanusSession *session = data;
  JanusMemory *memory = session->memory;

  report (session, session->id ? GST_RCAST_SESSION_LEFT :
      GST_RCAST_SESSION_ENDED);
  session->reported = 0;
  /* With claims, a session outlives its connection. */
  if (session->id && session->reclaim_timeout > 0
      && g_strcmp0 (memory->location, session->settings->net->location) == 0)
    memory->ghost = session->id;
}

static const WsSessionFuncs janus_session_funcs = {
  .open = open_session,
  .offer = ws_session_offer,
  .request_offer = ws_session_request_offer,
  .answer = ws_session_answer,
  .resume = resume,
  .reached = ws_session_reached,
  .cancelled = ws_session_cancelled,
  .given_up = on_given_up,
  .closing = on_closing,
  .leave = leave,
  .is_inside = is_inside,
  .closed = on_closed,
  .free = session_free,
};

/* Takes @settings. */
JanusSession *
janus_session_new (GstRcastNetSignaller * element, JanusSettings * settings,
    JanusMemory * memory, const JanusSessionCallbacks * callbacks)
{
  static const JanusLinkCallbacks link_callbacks =
      { {on_opened, on_lost}, on_message };
  static const JanusRoleCallbacks handle_callbacks =
      { on_joined, on_answered, on_failed, on_kicked, on_resynced };
  static gsize once = 0;
  JanusSession *session = g_new0 (JanusSession, 1);
  WsLink *link;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_session_debug, "rcastjanussession", 0,
        "Janus session");
    g_once_init_leave (&once, 1);
  }
  session->settings = settings;
  session->memory = memory;
  session->callbacks = callbacks;
  session->reports = janus_reports_new (element);
  link = janus_link_new (element, settings, &link_callbacks, session);
  ws_session_init (&session->ws, element, &janus_session_funcs, link);
  if (janus_settings_do_watch (settings)) {
    session->role = &janus_watch_funcs;
    session->ws.role = janus_watch_new (link, session->reports, element,
        settings, &memory->string_ids, &handle_callbacks, session);
  } else {
    session->role = &janus_feeds_funcs;
    session->ws.role = janus_feeds_new (link, session->reports, element,
        settings, &memory->string_ids, &handle_callbacks, session);
  }
  session->ws.role_funcs = &session->role->ws;
  return session;
}
