/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Janus session with its VideoRoom handles, from open to the end of close. */
#include "config.h"

#include "janus-session.h"

#include "janus-reports.h"
#include "janus-role.h"
#include "net-dialer.h"
#include "net-operation.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_session_debug);
#define GST_CAT_DEFAULT rcast_janus_session_debug

/* Maximum interval, also of janus.js. Used if the server does not report its timeout. */
#define KEEPALIVE_MAX_MS 25000
/* The time for a claim starts with the last request, not with the loss of the connection. */
#define KEEPALIVE_RECLAIM_MS 5000
#define KEEPALIVES_PER_TIMEOUT 3

/* An operation can be pending in OPENING, OPEN and RESUMING. */
typedef enum
{
  JANUS_STATE_OPENING,
  JANUS_STATE_OPEN,
  JANUS_STATE_LOST,             /* the connection is lost, but the session may still exist */
  JANUS_STATE_RESUMING,
  JANUS_STATE_GONE,             /* no longer usable; only the rest is to be closed */
  JANUS_STATE_CLOSING,
  JANUS_STATE_CLOSED,
} JanusState;

/* Only on the thread that opened it, except for the last unref. */
struct _JanusSession
{
  gatomicrefcount ref_count;
  GstRcastNetSignaller *element;        /* borrowed; holds a reference while closing */
  JanusSettings *settings;
  JanusMemory *memory;          /* owned by the element */
  const JanusSessionCallbacks *callbacks;

  JanusState state;
  WsLink *link;
  JanusRole *role;
  JanusReports *reports;

  guint64 id;                   /* 0: the server has no session of ours */
  guint64 reported;             /* the last session reported; 0: none, or its end was reported */
  guint64 create;               /* request for a session, 0: answered */
  guint64 ghost;                /* a former session that is being destroyed */
  guint session_timeout, reclaim_timeout;       /* s */
  GSource *keepalive;

  NetOperation *operation;      /* open, offer, request-offer, answer or resume */

  GTask *close_task;            /* nullable */
  GSource *close_timer, *close_cancel;
};

static void finish_close (JanusSession * session, const GError * error);

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
session_unref (gpointer data)
{
  JanusSession *session = data;

  if (!g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->close_task);
  janus_role_free (session->role);
  janus_link_free (session->link);
  janus_reports_free (session->reports);
  net_operation_free (session->operation);
  gst_rcast_source_clear (&session->keepalive);
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
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
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (session->element),
      capabilities);
}

static void
report_loss (JanusSession * session, const GError * error)
{
  gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
}

/* The pending operation */

/* Takes @answer (nullable). */
static void
succeed (JanusSession * session, gchar * answer)
{
  janus_role_drop_request (session->role);
  net_operation_succeed (session->operation, answer);
}

/* The session is no longer usable. Its connection may still send the goodbye. */
static void
give_up (JanusSession * session)
{
  session->state = JANUS_STATE_GONE;
  janus_role_stop (session->role);
  gst_rcast_source_clear (&session->keepalive);
}

static void
blame_uplink (JanusSession * session, const GError * error)
{
  if ((session->state == JANUS_STATE_OPENING
          || session->state == JANUS_STATE_RESUMING)
      && net_dialer_may_blame (error))
    ws_link_blame_uplink (session->link);
}

/* The operation has failed. A session that is still opening is given up. */
static void
fail (JanusSession * session, const GError * error)
{
  blame_uplink (session, error);
  if (session->state == JANUS_STATE_OPENING)
    give_up (session);
  janus_role_drop_request (session->role);
  net_operation_fail (session->operation, error);
}

static void
fail_cancelled (JanusSession * session, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, why);

  fail (session, error);
}

/* A claim may be repeated, so a pending one need not finish. */
static void
on_cancelled (gpointer data)
{
  JanusSession *session = data;

  if (session->state == JANUS_STATE_RESUMING) {
    ws_link_blame_uplink (session->link);
    ws_link_disconnect (session->link, FALSE);
    session->state = JANUS_STATE_LOST;
  } else if (!ws_link_is_open (session->link)) {
    ws_link_disconnect (session->link, FALSE);
  }
  fail_cancelled (session, "the operation was cancelled");
}

/* The connection has broken, or is not worth keeping. */
static void
lose (JanusSession * session, const GError * error)
{
  JanusState was = session->state;

  blame_uplink (session, error);
  ws_link_disconnect (session->link, FALSE);
  session->create = 0;
  janus_role_stop (session->role);
  gst_rcast_source_clear (&session->keepalive);
  switch (was) {
    case JANUS_STATE_OPEN:
    case JANUS_STATE_RESUMING:
      session->state = JANUS_STATE_LOST;
      break;
    case JANUS_STATE_CLOSING:
      finish_close (session, session->id ? error : NULL);
      return;
    case JANUS_STATE_OPENING:  /* fail() gives the session up */
    case JANUS_STATE_LOST:
    case JANUS_STATE_GONE:
    case JANUS_STATE_CLOSED:
      break;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  /* Before the error of a pending offer: on the error alone, the owner would abandon the session
   * instead of resuming it. */
  if (was == JANUS_STATE_OPEN)
    report_loss (session, error);
  fail (session, error);
}

/* The server has forgotten us: the session cannot be resumed. */
static void
evict (JanusSession * session, const GError * error)
{
  JanusState was = session->state;

  if (was == JANUS_STATE_CLOSING || was == JANUS_STATE_CLOSED
      || was == JANUS_STATE_GONE)
    return;
  session->id = 0;
  janus_role_forget (session->role);
  give_up (session);
  fail (session, error);
  if (was == JANUS_STATE_OPEN)
    report_loss (session, error);
}

/* @refusal: (nullable): the server's answer, if there is no @error */
static void
fail_by (JanusSession * session, const JanusMessage * refusal,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) own = NULL;

  if (!error)
    error = own = janus_link_new_refusal (session->link, refusal, what);
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

  janus_link_ask (session->link, verb, &target, NULL, answered, session);
}

static void
report (JanusSession * session, GstRcastSessionState state)
{
  g_autofree gchar *name =
      g_strdup_printf ("%" G_GUINT64_FORMAT, session->reported);

  if (session->reported)
    gst_rcast_signaller_session_changed (GST_RCAST_SIGNALLER
        (session->element), session->settings->net->location, name, state);
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

  /* If destroying is refused, the next session does it. */
  if (is_over (message))
    session->id = 0;
  ws_link_close (session->link);
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
  if (session->state == JANUS_STATE_CLOSING) {
    if (session->id)
      ask (session, "destroy", session->id, on_destroyed);
    else
      ws_link_close (session->link);
  } else if (session->state == JANUS_STATE_OPENING) {
    if (message && message->code == 0 && !session->id)
      own = ws_link_new_error (session->link, GST_RCAST_ERROR_INVALID_DATA,
          "a session without a number");
    if (session->id)
      janus_role_join (session->role, session->id);
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

  if (session->state == JANUS_STATE_CLOSING || !message
      || message->kind != JANUS_SERVER_INFO)
    return;
  session->session_timeout = message->session_timeout;
  session->reclaim_timeout = message->reclaim_timeout;
  GST_INFO_OBJECT (session->element, "Janus %s, session timeout %u s, "
      "claims within %u s", message->version ? message->version : "?",
      message->session_timeout, message->reclaim_timeout);
  if (!message->has_plugins || message->has_videoroom
      || session->state != JANUS_STATE_OPENING)
    return;
  own = ws_link_new_error (session->link, GST_RCAST_ERROR_NOT_SUPPORTED,
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

  if (session->state != JANUS_STATE_OPEN)
    return;
  /* Without a token for now, the connection still works. */
  if (error && !g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NO_TOKEN)) {
    lose (session, error);
  } else if (message && message->code == JANUS_E_NO_SESSION) {
    own = janus_link_new_refusal (session->link, message, "keepalive");
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

  if (session->state != JANUS_STATE_RESUMING)
    return;
  if (message && message->code == 0) {
    janus_role_resync (session->role);
    return;
  }
  if (message)
    own = janus_link_new_refusal (session->link, message, "claim the session");
  if (message && message->code == JANUS_E_NO_SESSION)
    evict (session, own);
  else
    lose (session, own ? own : error);
}

static void
resumed (JanusSession * session)
{
  session->state = JANUS_STATE_OPEN;
  janus_reports_event (session->reports, "claimed");
  start_keepalive (session);
  succeed (session, NULL);
}

/* Reports of the handle */

static void
on_joined (const JanusId * feed, gpointer data)
{
  JanusSession *session = data;

  session->callbacks->joined (session->element, session->id, feed);
  if (session->state != JANUS_STATE_OPENING)
    return;
  session->state = JANUS_STATE_OPEN;
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

  if (session->state == JANUS_STATE_GONE)
    return;
  janus_reports_event (session->reports, "kicked");
  g_free (session->memory->kicked);
  session->memory->kicked = g_strdup_printf ("kicked from room %s",
      session->settings->room.room.text);
  error = ws_link_new_error (session->link, GST_RCAST_ERROR_REJECTED, "%s",
      session->memory->kicked);
  give_up (session);
  janus_reports_pass_on (session->reports, GST_RCAST_SERVER_EVICTED, "%s",
      error->message);
  fail (session, error);
}

static void
on_resynced (const gchar * loss, const GError * error, gpointer data)
{
  JanusSession *session = data;

  if (session->state != JANUS_STATE_RESUMING)
    return;
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE)) {
    /* The session may still exist. close() destroys it. */
    give_up (session);
    fail (session, error);
  } else if (error) {
    lose (session, error);
  } else {
    resumed (session);
    /* A new offer restores the media. */
    if (loss)
      janus_reports_pass_on (session->reports, GST_RCAST_SERVER_HANGUP, "%s",
          loss);
    janus_role_resumed (session->role);
  }
}

/* Reports of the connection */

static void
on_opened (gpointer data)
{
  JanusSession *session = data;
  JanusTarget none = { 0, 0 };

  switch (session->state) {
    case JANUS_STATE_OPENING:
      destroy_ghost (session);
      ask (session, "info", 0, on_info);
      session->create = janus_link_ask (session->link, "create", &none, NULL,
          on_created, session);
      break;
    case JANUS_STATE_RESUMING:
      ask (session, "claim", session->id, on_claimed);
      break;
    case JANUS_STATE_GONE:     /* opening was given up */
    case JANUS_STATE_CLOSING:
      ws_link_close (session->link);
      break;
    case JANUS_STATE_OPEN:
    case JANUS_STATE_LOST:
    case JANUS_STATE_CLOSED:
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

  if ((session->state != JANUS_STATE_OPEN
          && session->state != JANUS_STATE_RESUMING)
      || session->id == 0 || message->session != session->id) {
    GST_DEBUG_OBJECT (session->element, "a message about another session");
  } else if (message->kind == JANUS_TIMEOUT) {
    janus_reports_event (session->reports, "timeout");
    error = ws_link_new_error (session->link, GST_RCAST_ERROR_SESSION_GONE,
        "the server gave up the session: timeout");
    evict (session, error);
  } else {
    janus_role_take (session->role, message);
  }
}

/* Takes @settings. */
JanusSession *
janus_session_new (GstRcastNetSignaller * element, JanusSettings * settings,
    JanusMemory * memory, const JanusSessionCallbacks * callbacks)
{
  static const JanusLinkCallbacks link_callbacks =
      { {on_opened, on_lost}, on_message };
  static const JanusHandleCallbacks handle_callbacks =
      { on_joined, on_answered, on_failed, on_kicked, on_resynced };
  static gsize once = 0;
  JanusSession *session = g_new0 (JanusSession, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_session_debug, "rcastjanussession", 0,
        "Janus session");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&session->ref_count);
  session->element = element;
  session->settings = settings;
  session->memory = memory;
  session->callbacks = callbacks;
  session->operation = net_operation_new (on_cancelled, session);
  session->reports = janus_reports_new (element);
  session->link = janus_link_new (element, settings, &link_callbacks, session);
  session->role = janus_role_new (session->link, session->reports, element,
      settings, &memory->string_ids, &handle_callbacks, session);
  return session;
}

/* Operations */

static void
open_session (gpointer data, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (!net_operation_begin (session->operation, task))
    return;
  /* A member that was kicked does not return by itself. */
  if (session->memory->kicked) {
    error = ws_link_new_error (session->link, GST_RCAST_ERROR_REJECTED,
        "%s", session->memory->kicked);
    fail (session, error);
    return;
  }
  janus_link_connect (session->link);
}

/* Drops a pending offer, as its webrtcbin or ICE generation is no longer of use. */
static void
supersede (JanusSession * session)
{
  if (janus_role_has_request (session->role))
    fail_cancelled (session, "another offer has taken its place");
}

/* Takes @task. Returns: whether it is pending in an open session; otherwise it has ended */
static gboolean
begin_in_session (JanusSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  supersede (session);
  if (!net_operation_begin (session->operation, task))
    return FALSE;
  if (session->state == JANUS_STATE_OPEN)
    return TRUE;
  error = ws_link_new_error (session->link,
      session->state == JANUS_STATE_LOST ? GST_RCAST_ERROR_NETWORK :
      GST_RCAST_ERROR_SESSION_GONE, "the session is not open");
  fail (session, error);
  return FALSE;
}

static void
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !janus_role_offer (session->role, kind, sdp, &error))
    fail (session, error);
}

static void
request_offer (gpointer data, GstRcastOfferKind kind, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !janus_role_request_offer (session->role, kind, &error))
    fail (session, error);
}

static void
answer (gpointer data, const gchar * sdp, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !janus_role_answer (session->role, sdp, &error))
    fail (session, error);
}

static void
resume (gpointer data, GTask * task)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->state == JANUS_STATE_OPEN) {
    /* Drops any pending operation. */
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  if (!net_operation_begin (session->operation, task))
    return;
  if (session->state != JANUS_STATE_LOST || session->reclaim_timeout == 0) {
    error = ws_link_new_error (session->link, GST_RCAST_ERROR_SESSION_GONE,
        "%s", session->state != JANUS_STATE_LOST ?
        "there is no session to be resumed" :
        "the server ends a session with its connection "
        "(reclaim_session_timeout is 0)");
    fail (session, error);
    return;
  }
  session->state = JANUS_STATE_RESUMING;
  janus_link_connect (session->link);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  JanusSession *session = data;

  if (session->state < JANUS_STATE_GONE)
    janus_role_add_candidate (session->role, mline, ufrag, candidate);
}

static void
settle (gpointer data)
{
  JanusSession *session = data;

  janus_role_settle (session->role);
}

static gboolean
is_connected (gpointer data)
{
  JanusSession *session = data;

  return ws_link_is_connected (session->link);
}

static void
reached (gpointer data, gint64 since)
{
  JanusSession *session = data;

  if (session->state == JANUS_STATE_OPENING
      || session->state == JANUS_STATE_RESUMING)
    ws_link_reached (session->link, since);
}

/* Closing */

static void
finish_close (JanusSession * session, const GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&session->close_task);
  GstRcastNetSignaller *element = session->element;
  JanusMemory *memory = session->memory;

  session->state = JANUS_STATE_CLOSED;
  report (session, session->id ? GST_RCAST_SESSION_LEFT :
      GST_RCAST_SESSION_ENDED);
  session->reported = 0;
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  ws_link_disconnect (session->link, FALSE);
  /* With claims, a session outlives its connection. */
  if (session->id && session->reclaim_timeout > 0
      && g_strcmp0 (memory->location, session->settings->net->location) == 0)
    memory->ghost = session->id;
  if (task && error)
    g_task_return_error (task, g_error_copy (error));
  else if (task)
    g_task_return_boolean (task, TRUE);
  session_unref (session);
  gst_object_unref (element);
}

static gboolean
on_close_timeout (gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to the goodbye within %u ms",
      session->settings->net->close_timeout);

  finish_close (session, session->id ? error : NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_close_cancelled (GCancellable * cancellable, gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the goodbye was cancelled");

  finish_close (data, error);
  return G_SOURCE_REMOVE;
}

static gboolean
on_close_idle (gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = ws_link_new_error (session->link,
      GST_RCAST_ERROR_NETWORK,
      "the session could not be ended: the connection is lost");

  finish_close (session, session->id ? error : NULL);
  return G_SOURCE_REMOVE;
}

static void
close_session (gpointer data, GTask * task)
{
  JanusSession *session = data;
  gboolean open = ws_link_is_open (session->link);

  g_assert (session->state != JANUS_STATE_CLOSING
      && session->state != JANUS_STATE_CLOSED);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  /* An attempt to open is closed because it took too long. */
  if (session->state == JANUS_STATE_OPENING && !session->id)
    ws_link_blame_uplink (session->link);
  session->close_task = task;
  session->state = JANUS_STATE_CLOSING;
  report (session, GST_RCAST_SESSION_LEAVING);
  gst_rcast_source_clear (&session->keepalive);
  janus_role_stop (session->role);
  fail_cancelled (session, "the signaller was closed");
  if (task)
    session->close_cancel = gst_rcast_cancel_start (g_task_get_cancellable
        (task), on_close_cancelled, session);
  if (open && (session->id || session->create)) {
    session->close_timer =
        gst_rcast_timer_start (session->settings->net->close_timeout,
        on_close_timeout, session);
  } else {
    session->close_timer = gst_rcast_timer_start (0, on_close_idle, session);
  }
  if (open && session->id) {
    janus_role_leave (session->role);
    ask (session, "destroy", session->id, on_destroyed);
  }
}

const NetSessionFuncs janus_session_funcs = {
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
