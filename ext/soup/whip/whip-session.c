/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WHIP session: what it knows and keeps, where its requests go, and its end. */
#include "config.h"

#include "whip-session-private.h"

#include "rcast-loop.h"
#include "net-url.h"
#include "whip-headers.h"

GST_DEBUG_CATEGORY (rcast_whip_session_debug);

/* A day: servers are updated. */
#define MEMORY_US (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)
/* After DELETE some servers take a moment. */
#define GHOST_DELETED_US (5 * G_USEC_PER_SEC)

void
whip_settings_free (WhipSettings * settings)
{
  if (!settings)
    return;
  g_clear_pointer (&settings->endpoint, g_uri_unref);
  g_clear_object (&settings->tls_database);
  g_free (settings->user_agent);
  g_free (settings->user_id);
  g_free (settings->user_pw);
  g_free (settings);
}

void
whip_memory_clear (WhipMemory * memory)
{
  g_free (memory->endpoint);
  g_free (memory->final);
  *memory = (WhipMemory) {.reach = memory->reach };
}

/* Forgets what was learned elsewhere or long ago. */
void
whip_memory_check (WhipMemory * memory, const gchar * endpoint, gint64 now)
{
  if (g_strcmp0 (memory->endpoint, endpoint) != 0) {
    whip_memory_clear (memory);
    memory->endpoint = g_strdup (endpoint);
  }
  if (memory->learned_at && now - memory->learned_at > MEMORY_US) {
    memory->learned_at = 0;
    memory->no_trickle = memory->no_restart = FALSE;
    memory->quoted_star = memory->session_lines = FALSE;
  }
}

void
whip_session_learn (WhipSession * session, gboolean * what)
{
  *what = TRUE;
  session->memory->learned_at = g_get_monotonic_time ();
}

void
whip_session_unref (WhipSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->calls && !session->offer && !session->restart);
  whip_trickle_clear (session);
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  whip_settings_free (session->settings);
  g_clear_object (&session->http);
  g_clear_pointer (&session->url, g_uri_unref);
  g_clear_pointer (&session->former, g_uri_unref);
  g_free (session->etag);
  g_clear_pointer (&session->sent_offer, gst_sdp_message_free);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  g_clear_error (&session->close_error);
  g_free (session);
}

/* What is under way keeps both alive: the session and its element. */
WhipSession *
whip_session_hold (WhipSession * session)
{
  gst_object_ref (session->element);
  g_atomic_ref_count_inc (&session->ref_count);
  return session;
}

void
whip_session_release (WhipSession * session)
{
  GstRcastSignaller *element = session->element;

  whip_session_unref (session);
  gst_object_unref (element);
}

GSource *
whip_session_add_source (WhipSession * session, GSource * source,
    GSourceFunc func)
{
  g_source_set_callback (source, func, whip_session_hold (session),
      (GDestroyNotify) whip_session_release);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* @func: called when @task is cancelled, if it can be */
GSource *
whip_session_add_cancel (WhipSession * session, GTask * task,
    GCancellableSourceFunc func)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (!cancellable)
    return NULL;
  return whip_session_add_source (session,
      g_cancellable_source_new (cancellable), G_SOURCE_FUNC (func));
}

/* The next request goes out over a connection of its own. */
void
whip_session_reconnect (WhipSession * session)
{
  WhipSettings *settings = session->settings;

  g_clear_object (&session->http);
  session->http =
      soup_session_new_with_options ("user-agent", settings->user_agent,
      /* Time is limited for the exchange as a whole, and in milliseconds. */
      "timeout", 0, "max-conns", 16, "max-conns-per-host", 8, NULL);
  if (settings->tls_database)
    soup_session_set_tls_database (session->http, settings->tls_database);
}

/* Takes @settings. */
WhipSession *
whip_session_new (GstRcastSignaller * element, WhipSettings * settings,
    WhipMemory * memory, const WhipTokenStore * tokens)
{
  static gsize once = 0;
  WhipSession *session = g_new0 (WhipSession, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_whip_session_debug, "rcastwhipsession", 0,
        "WHIP session");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&session->ref_count);
  session->element = element;
  session->settings = settings;
  session->memory = memory;
  session->tokens = tokens;
  whip_session_reconnect (session);
  whip_trickle_init (session);
  return session;
}

void
whip_session_publish (WhipSession * session)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (session->closed)
    return;
  if (session->can_trickle)
    capabilities |= GST_RCAST_SIGNALLER_TRICKLE;
  if (session->can_restart)
    capabilities |= GST_RCAST_SIGNALLER_ICE_RESTART;
  gst_rcast_signaller_set_capabilities (session->element, capabilities);
}

GError *
whip_cancelled_new (const gchar * why)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, why);
}

static void
stop_asking (WhipSession * session, const gchar * why)
{
  whip_trickle_stop (session);
  if (session->offer)
    whip_offer_abandon (session->offer, whip_cancelled_new (why));
  if (session->restart)
    whip_restart_abandon (session->restart, whip_cancelled_new (why));
}

/* The session before goes, in the background. */
void
whip_session_settle (WhipSession * session)
{
  g_autoptr (GUri) former = g_steal_pointer (&session->former);

  if (former)
    whip_session_delete (session, former, whip_session_deleted, NULL);
}

/* Media goes on in it until there is another one. */
void
whip_session_set_aside (WhipSession * session)
{
  stop_asking (session, "superseded by a newer offer");
  if (session->url) {
    whip_session_settle (session);
    session->former = g_steal_pointer (&session->url);
  }
  g_clear_pointer (&session->etag, g_free);
}

/* What is left at the server is ended in the background. */
static void
drop_server_session (WhipSession * session, const gchar * why)
{
  stop_asking (session, why);
  whip_session_settle (session);
  if (session->url)
    whip_session_delete (session, session->url, whip_session_deleted, NULL);
  g_clear_pointer (&session->url, g_uri_unref);
  g_clear_pointer (&session->etag, g_free);
}

/* RFC 9725 4.2 has every endpoint answer OPTIONS; one that does not, but says so
 * itself, is up as well. */
static gboolean
is_up (guint status)
{
  return SOUP_STATUS_IS_SUCCESSFUL (status)
      || status == SOUP_STATUS_METHOD_NOT_ALLOWED
      || status == SOUP_STATUS_NOT_IMPLEMENTED;
}

static void
probed (WhipCall * call, GBytes * body, const GError * error)
{
  g_autoptr (GTask) task = call->data;

  if (error)
    g_task_return_error (task, g_error_copy (error));
  else if (is_up (whip_call_get_status (call)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, whip_call_new_error (call,
            GST_RCAST_ERROR_FAILED, body, "not well"));
}

/* Takes @task. OPTIONS at the endpoint: no session is opened. */
void
whip_session_probe (WhipSession * session, GTask * task)
{
  whip_call_start (session, SOUP_METHOD_OPTIONS, session->settings->endpoint,
      NULL, NULL, NULL, session->settings->timeout, NET_HTTP_BODY_OPTIONAL,
      probed, task);
}

/* Returns: (nullable): the request whose answer the broadcast waits for */
static WhipCall *
get_pressing (WhipSession * session)
{
  WhipCall *call = session->restart ? session->restart->call :
      session->offer ? session->offer->call : NULL;

  return call && call->http ? call : NULL;
}

/* @endpoint: where a new session would be asked for.
 * Returns: (transfer none): where the next request goes */
GUri *
whip_session_get_target (WhipSession * session, GUri * endpoint)
{
  WhipCall *call = get_pressing (session);

  if (call)
    return call->url;
  return session->url ? session->url : endpoint;
}

/* Whether the server has taken a connection, and owes an answer. */
gboolean
whip_session_is_heard (WhipSession * session)
{
  WhipCall *call = get_pressing (session);

  return call && !net_http_is_connecting (call->http);
}

/* The server has taken a connection that was begun after @since, monotonic, us: one
 * that was begun before, and is not there yet, has met no server, and would wait for
 * its next SYN. */
void
whip_session_reached (WhipSession * session, gint64 since)
{
  WhipCall *call = get_pressing (session);

  if (!call || call->sent_at >= since || !net_http_is_connecting (call->http))
    return;
  whip_call_cancel (call);
  call->again = TRUE;
}

/* What DELETE has come to is told when the session closes. */
void
whip_session_deleted (WhipCall * call, GBytes * body, const GError * error)
{
  WhipSession *session = call->session;
  guint status = whip_call_get_status (call);

  if (!error && (SOUP_STATUS_IS_SUCCESSFUL (status)
          || status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE)) {
    session->memory->ghost_until = g_get_monotonic_time () + GHOST_DELETED_US;
    return;
  }
  /* Cancelled: for a reason that says more. */
  if (error && session->close_error)
    return;
  g_clear_error (&session->close_error);
  session->close_error = error ? whip_call_copy_error (call, error) :
      whip_call_new_error (call, GST_RCAST_ERROR_FAILED, body,
      "the session may live on at the server");
  GST_INFO_OBJECT (session->element, "%s", session->close_error->message);
}

/* Ends the session at @url, in the background. */
void
whip_session_delete (WhipSession * session, GUri * url, WhipCallDone done,
    gpointer data)
{
  session->memory->ghost_until = g_get_monotonic_time () + WHIP_GHOST_US;
  whip_call_start (session, SOUP_METHOD_DELETE, url, NULL, NULL, NULL,
      session->settings->close_timeout, NET_HTTP_BODY_OPTIONAL, done, data);
}

static void
cancel_calls (WhipSession * session)
{
  for (GList * l = session->calls; l; l = l->next)
    whip_call_cancel (l->data);
}

static gboolean
close_time_is_up (gpointer data)
{
  WhipSession *session = data;
  g_autofree gchar *url = net_url_describe (session->settings->endpoint);

  if (!session->close_error)
    session->close_error = gst_rcast_error_new_http (GST_RCAST_ERROR_TIMEOUT,
        url, 0, GST_CLOCK_TIME_NONE, "%s: the session was not ended within "
        "%u ms and may live on at the server", url,
        session->settings->close_timeout);
  cancel_calls (session);
  return G_SOURCE_REMOVE;
}

static gboolean
close_cancelled (GCancellable * cancellable, gpointer data)
{
  cancel_calls (data);
  return G_SOURCE_REMOVE;
}

void
whip_session_maybe_closed (WhipSession * session)
{
  GTask *task;

  if (!session->closed || session->calls)
    return;
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  task = g_steal_pointer (&session->close_task);
  if (!task)
    return;
  if (session->close_error)
    g_task_return_error (task, g_steal_pointer (&session->close_error));
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Takes @task (nullable), which returns when nothing of the session is left. */
void
whip_session_close (WhipSession * session, GTask * task)
{
  session->close_task = task;
  session->closed = TRUE;
  drop_server_session (session, WHIP_CLOSED);
  if (session->calls) {
    session->close_timer = whip_session_add_source (session,
        g_timeout_source_new (session->settings->close_timeout),
        close_time_is_up);
    if (task)
      session->close_cancel = whip_session_add_cancel (session, task,
          close_cancelled);
  }
  whip_session_maybe_closed (session);
}
