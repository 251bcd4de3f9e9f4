/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Janus session with one VideoRoom handle, from open to the end of close. */
#include "config.h"

#include "janus-session-private.h"

#include <string.h>

#include "rcast-loop.h"
#include "net-url.h"
#include "rcast-uplinks.h"

GST_DEBUG_CATEGORY (rcast_janus_session_debug);

/* janus.js does the same where the server does not say how long it waits. */
#define KEEPALIVE_MAX_MS 25000
/* The time for a claim counts from the last request, not from the loss. */
#define KEEPALIVE_RECLAIM_MS 5000
#define KEEPALIVES_PER_TIMEOUT 3
static void start_keepalive (JanusSession * session);
static void finish_close (JanusSession * session, const GError * error);

void
janus_settings_free (JanusSettings * settings)
{
  if (!settings)
    return;
  g_free (settings->location);
  g_clear_pointer (&settings->url, g_uri_unref);
  janus_id_clear (&settings->room);
  janus_id_clear (&settings->id);
  g_free (settings->display);
  g_free (settings->pin);
  g_free (settings->api_secret);
  g_free (settings->room_token);
  g_free (settings->room_secret);
  g_free (settings->admin_key);
  g_free (settings->audio_codec);
  g_free (settings->video_codec);
  g_free (settings->user_agent);
  g_clear_object (&settings->tls_database);
  g_free (settings);
}

void
janus_memory_clear (JanusMemory * memory)
{
  g_free (memory->location);
  g_free (memory->kicked);
  g_clear_object (&memory->dead_end);
  *memory = (JanusMemory) {
  .reach = memory->reach};
}

/* What was learned at another server does not count here. */
void
janus_memory_check (JanusMemory * memory, const gchar * location)
{
  if (g_strcmp0 (memory->location, location) == 0)
    return;
  janus_memory_clear (memory);
  memory->location = g_strdup (location);
}

void
janus_session_unref (JanusSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->task && !session->close_task);
  net_websocket_free (session->ws);
  g_hash_table_unref (session->requests);
  gst_rcast_source_clear (&session->cancel);
  gst_rcast_source_clear (&session->keepalive);
  gst_rcast_source_clear (&session->retry);
  gst_rcast_source_clear (&session->prepare);
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  janus_settings_free (session->settings);
  janus_id_clear (&session->feed);
  g_hash_table_unref (session->silent);
  g_queue_clear_full (&session->pending, (GDestroyNotify) janus_pending_free);
  janus_offer_free (session->offer);
  janus_offer_free (session->media);
  g_clear_error (&session->misspelt);
  g_free (session->url);
  g_free (session);
}

/* Takes @settings. */
JanusSession *
janus_session_new (GstRcastSignaller * element, JanusSettings * settings,
    JanusMemory * memory, const JanusElement * calls)
{
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
  session->calls = calls;
  session->url = net_url_describe (settings->url);
  session->requests = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      janus_request_free);
  session->silent =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&session->pending);
  return session;
}

static void
publish_capabilities (JanusSession * session)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_TRICKLE
      | GST_RCAST_SIGNALLER_ICE_RESTART | GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (session->reclaim_timeout > 0)
    capabilities |= GST_RCAST_SIGNALLER_RESUME;
  gst_rcast_signaller_set_capabilities (session->element, capabilities);
}

/* The one operation that is under way */

static void
begin (JanusSession * session, GTask * task)
{
  session->task = task;
  session->operation++;
  session->renewed = FALSE;
  session->tries = 0;
}

static GTask *
take_task (JanusSession * session)
{
  gst_rcast_source_clear (&session->cancel);
  gst_rcast_source_clear (&session->retry);
  g_clear_pointer (&session->offer, janus_offer_free);
  /* What is still to be answered ends no other one. */
  session->operation++;
  return g_steal_pointer (&session->task);
}

void
janus_session_succeed (JanusSession * session, gchar * answer)
{
  g_autoptr (GTask) task = take_task (session);

  if (!task)
    g_free (answer);
  else if (answer)
    g_task_return_pointer (task, answer, g_free);
  else
    g_task_return_boolean (task, TRUE);
}

/* By which nothing was achieved: the next connection is tried by another one. */
static void
blame_uplink (JanusSession * session)
{
  if (session->blamed || (session->state != JANUS_STATE_OPENING
          && session->state != JANUS_STATE_RESUMING))
    return;
  session->blamed = TRUE;
  session->memory->uplink++;
}

/* Whether another way to the server may do better: some lead to a stranger. */
static gboolean
is_of_the_way (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TIMEOUT)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TLS)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA);
}

void
janus_session_fail (JanusSession * session, const GError * error)
{
  g_autoptr (GTask) task = take_task (session);

  if (is_of_the_way (error))
    blame_uplink (session);
  if (task)
    g_task_return_error (task, g_error_copy (error));
}

static void
fail_cancelled (JanusSession * session)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the signaller was closed");

  janus_session_fail (session, error);
}

/* A claim may be tried again; one that is under way is not waited for. */
static void
cancel_operation (JanusSession * session)
{
  if (session->state == JANUS_STATE_RESUMING) {
    blame_uplink (session);
    session->state = JANUS_STATE_LOST;
    g_clear_pointer (&session->ws, net_websocket_free);
    g_hash_table_remove_all (session->requests);
  }
  fail_cancelled (session);
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  cancel_operation (data);
  return G_SOURCE_REMOVE;
}

static GSource *
watch_cancellable (GTask * task, GSourceFunc func, gpointer data)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (!cancellable)
    return NULL;
  source = g_cancellable_source_new (cancellable);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* Returns: whether @task may begin; if not, it has ended */
gboolean
janus_session_may_begin (JanusSession * session, GTask * task)
{
  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return FALSE;
  }
  /* Cancelled in this very turn, whose source has not been seen to yet. */
  if (session->task
      && g_cancellable_is_cancelled (g_task_get_cancellable (session->task)))
    cancel_operation (session);
  if (session->task) {
    g_task_return_error (task, janus_error_new_own (session,
            GST_RCAST_ERROR_FAILED, "another operation is under way"));
    g_object_unref (task);
    return FALSE;
  }
  begin (session, task);
  session->cancel = watch_cancellable (task, (GSourceFunc) (GCallback)
      on_cancelled, session);
  return TRUE;
}

/* The connection broke, or is not worth keeping. */
void
janus_session_lose (JanusSession * session, const GError * error)
{
  JanusState was = session->state;
  GHashTableIter iter;
  JanusRequest *request;

  if (is_of_the_way (error))
    blame_uplink (session);
  g_clear_pointer (&session->ws, net_websocket_free);
  gst_rcast_source_clear (&session->keepalive);
  janus_handle_disconnected (session);
  g_hash_table_iter_init (&iter, session->requests);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & request))
    gst_rcast_source_clear (&request->timer);
  g_hash_table_remove_all (session->requests);

  switch (was) {
    case JANUS_STATE_OPEN:
    case JANUS_STATE_RESUMING:
      session->state = JANUS_STATE_LOST;
      break;
    case JANUS_STATE_OPENING:
      session->state = JANUS_STATE_GONE;
      break;
    case JANUS_STATE_CLOSING:
      finish_close (session, error);
      return;
    case JANUS_STATE_LOST:
    case JANUS_STATE_GONE:
    case JANUS_STATE_CLOSED:
      break;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  janus_session_fail (session, error);
  if (was == JANUS_STATE_OPEN)
    gst_rcast_signaller_lost (session->element, error);
}

/* The server has forgotten us: nothing to be resumed. */
void
janus_session_evict (JanusSession * session, const GError * error)
{
  JanusState was = session->state;

  if (was == JANUS_STATE_CLOSING || was == JANUS_STATE_CLOSED
      || was == JANUS_STATE_GONE)
    return;
  session->state = JANUS_STATE_GONE;
  session->id = 0;
  janus_handle_forget (session);
  gst_rcast_source_clear (&session->keepalive);
  janus_session_fail (session, error);
  if (was == JANUS_STATE_OPEN)
    gst_rcast_signaller_lost (session->element, error);
}

/* Opening: info and create; the handle does the rest */

void
janus_session_opened (JanusSession * session)
{
  session->state = JANUS_STATE_OPEN;
  publish_capabilities (session);
  start_keepalive (session);
  janus_session_succeed (session, NULL);
}

/* Returns: whether the session that was to be destroyed is no more */
static gboolean
is_over (const JanusMessage * message)
{
  return message && (message->code == 0 || message->code == E_NO_SESSION);
}

static void
destroy (JanusSession * session, JanusAnswered done)
{
  janus_ask (session, "destroy", session->id, 0, done);
}

static void
on_destroyed (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state != JANUS_STATE_CLOSING)
    return;
  /* One that is refused is left to the next session. */
  if (is_over (message))
    session->id = 0;
  net_websocket_close (session->ws);
}

static void
on_created (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == JANUS_STATE_CLOSING) {
    session->id = message && message->code == 0 ? message->id : 0;
    if (session->id)
      destroy (session, on_destroyed);
    else
      net_websocket_close (session->ws);
    return;
  }
  /* Known even if nobody waits any more: it has to be destroyed. */
  if (message && message->code == 0)
    session->id = message->id;
  if (!session->task)
    return;
  if (!janus_session_failed (session, message, error, "create a session"))
    janus_handle_attach (session);
  else if (!session->id && session->state == JANUS_STATE_OPENING)
    session->state = JANUS_STATE_GONE;
}

/* Servers that do not tell are taken as they are. */
static void
on_info (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
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
  own = janus_error_new_own (session, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the server has no VideoRoom plugin (" JANUS_PLUGIN_VIDEOROOM ")");
  janus_session_fail (session, own);
}

static void
on_ghost_destroyed (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (is_over (message) && session->memory->ghost == session->ghost)
    session->memory->ghost = 0;
}

static void
destroy_ghost (JanusSession * session)
{
  session->ghost = session->memory->ghost;
  if (session->ghost)
    janus_ask (session, "destroy", session->ghost, 0, on_ghost_destroyed);
}

/* Resuming: claim, then see what was missed */

/* Returns: whether the server has said something, to a claim that is still wanted */
static gboolean
is_answered (JanusSession * session, const GError * error)
{
  if (session->state != JANUS_STATE_RESUMING)
    return FALSE;
  if (error)
    janus_session_lose (session, error);
  return !error;
}

static void
resumed (JanusSession * session)
{
  session->state = JANUS_STATE_OPEN;
  janus_words_post (session, janus_words_new ("claimed"));
  start_keepalive (session);
  janus_session_succeed (session, NULL);
}

static const JanusMember *
find_self (JanusSession * session, const JanusMessage * message)
{
  for (guint i = 0; message->members && i < message->members->len; i++) {
    JanusMember *member = &g_array_index (message->members, JanusMember, i);

    if (janus_id_equal (&member->id, &session->feed))
      return member;
  }
  return NULL;
}

/* Where the session is there but the media is not: an offer brings it back. */
static void
resumed_without_media (JanusSession * session, const gchar * why)
{
  resumed (session);
  janus_words_tell (session, GST_RCAST_SERVER_HANGUP, "%s", why);
}

/* Whoever was thrown out is told so at each request about his media; Janus 1.1 says
 * instead that there is no such room, which it has just listed. So it does where the
 * room was ended and made anew in the meantime: that is not told apart. */
static void
on_absence_explained (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (!is_answered (session, error))
    return;
  GST_INFO_OBJECT (session->element, "not in the room any more: %s (%d)",
      message->reason ? message->reason : "no reason given", message->code);
  if (message->code == E_ROOM_UNAUTHORIZED || message->code == E_ROOM_UNKNOWN) {
    janus_words_kicked (session);
    return;
  }
  own = janus_error_new_own (session, GST_RCAST_ERROR_SESSION_GONE,
      "the server removed us from the room in the meantime");
  /* The session is there, and is destroyed when this is closed. */
  session->state = JANUS_STATE_GONE;
  janus_session_fail (session, own);
}

static void
on_resynced (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  const JanusMember *self;
  g_autoptr (GError) own = NULL;

  if (!is_answered (session, error))
    return;
  if (message->code == 0 && message->members) {
    self = find_self (session, message);
    if (!self) {
      janus_ask_body (session, "configure", on_absence_explained);
      return;
    }
    if (session->up && !self->publisher) {
      session->published = session->up = FALSE;
      resumed_without_media (session,
          "the server ended the media while it could not say so");
      return;
    }
  } else if (message->code == E_NO_HANDLE) {
    janus_handle_forget (session);
    resumed_without_media (session, "the server has given up our handle");
    return;
  } else if (message->code) {
    /* A room that is gone */
    own = janus_error_new (session, message, "listparticipants");
    if (message->code == E_NO_SESSION || message->code == E_ROOM_UNKNOWN) {
      own->code = GST_RCAST_ERROR_SESSION_GONE;
      session->state = JANUS_STATE_GONE;
      janus_session_fail (session, own);
      return;
    }
    GST_WARNING_OBJECT (session->element, "%s", own->message);
  }
  resumed (session);
  janus_handle_flush (session);
}

static void
on_claimed (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (!is_answered (session, error))
    return;
  if (message->code == 0 && !session->joined) {
    resumed_without_media (session, "we are in no room");
    return;
  }
  if (message->code == 0) {
    janus_ask_room (session, "listparticipants", FALSE, on_resynced);
    return;
  }
  own = janus_error_new (session, message, "claim the session");
  if (message->code == E_NO_SESSION)
    janus_session_evict (session, own);
  else
    janus_session_lose (session, own);
}

/* The connection */

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  JanusSession *session = data;

  switch (session->state) {
    case JANUS_STATE_OPENING:
      destroy_ghost (session);
      janus_ask (session, "info", 0, 0, on_info);
      janus_ask (session, "create", 0, 0, on_created);
      break;
    case JANUS_STATE_RESUMING:
      janus_ask (session, "claim", session->id, 0, on_claimed);
      break;
    case JANUS_STATE_CLOSING:
      net_websocket_close (ws);
      break;
    case JANUS_STATE_OPEN:
    case JANUS_STATE_LOST:
    case JANUS_STATE_GONE:
    case JANUS_STATE_CLOSED:
      break;
  }
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) own = NULL;

  if (!error)
    error = own =
        janus_error_new_own (session, GST_RCAST_ERROR_NETWORK, "closed");
  if (net_websocket_get_dead_end (ws)) {
    g_set_object (&session->memory->dead_end,
        net_websocket_get_dead_end (ws));
    session->memory->uplink = 0;
    session->blamed = TRUE;
  }
  if (session->state == JANUS_STATE_CLOSING)
    finish_close (session, session->id ? error : NULL);
  else
    janus_session_lose (session, error);
}

static void
on_connected (NetWebsocket * ws, GIOStream * stream, gpointer data)
{
  JanusSession *session = data;

  net_reach_learn (session->memory->reach, session->settings->url, stream);
}

static void on_text (NetWebsocket * ws, const gchar * text, gsize size,
    gpointer data);

/* Of the server, if its address is known without asking DNS. */
static GSocketFamily
get_family (GUri * url)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_string (g_uri_get_host (url));

  return address ? g_inet_address_get_family (address) :
      G_SOCKET_FAMILY_INVALID;
}

static void
connect_to_server (JanusSession * session)
{
  static const NetWebsocketClient client =
      { on_opened, on_text, on_closed, on_connected };
  JanusSettings *settings = session->settings;
  NetWebsocketSettings ws = {
    .url = settings->url,
    .protocol = JANUS_PROTOCOL,
    .user_agent = settings->user_agent,
    .tls_database = settings->tls_database,
    .tls_verify = settings->tls_verify,
    .connect_timeout = settings->connect_timeout,
    .ping_interval = settings->ping_interval,
    .pong_timeout = settings->pong_timeout,
    .close_timeout = settings->close_timeout,
    .max_size = JANUS_MAX_MESSAGE,
  };
  g_autoptr (GSocketAddress) local =
      gst_rcast_uplinks_choose (session->memory->dead_end,
      get_family (settings->url), session->memory->uplink);

  ws.local_address = local;
  session->blamed = FALSE;
  g_clear_pointer (&session->ws, net_websocket_free);
  session->connecting_since = g_get_monotonic_time ();
  session->ws = net_websocket_open (&ws, &client, session);
}

/* Looks at @url from where the next connection would go; takes @task. */
void
janus_memory_look (JanusMemory * memory, GUri * url, NetReached reached,
    GTask * task)
{
  g_autoptr (GSocketAddress) local =
      gst_rcast_uplinks_choose (memory->dead_end, get_family (url),
      memory->uplink);

  net_reach_probe (memory->reach, url, local, reached, task);
}

/* Whether there is a connection already, open or on its way to be. */
gboolean
janus_session_is_heard (JanusSession * session)
{
  return session->ws && !net_websocket_is_connecting (session->ws);
}

/* The server has taken a connection that was begun after @since, monotonic, us: one
 * that was begun before, and is not there yet, has met no server, and would wait for
 * its next SYN. */
void
janus_session_reached (JanusSession * session, gint64 since)
{
  if ((session->state == JANUS_STATE_OPENING
          || session->state == JANUS_STATE_RESUMING) && session->ws
      && net_websocket_is_connecting (session->ws)
      && session->connecting_since < since) {
    GST_DEBUG_OBJECT (session->element, "connecting anew: the server is there");
    connect_to_server (session);
  }
}

void
janus_session_open (JanusSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!janus_session_may_begin (session, task))
    return;
  session->state = JANUS_STATE_OPENING;
  /* Whoever threw us out does not want us back by the next door. */
  if (session->memory->kicked) {
    error = janus_error_new_own (session, GST_RCAST_ERROR_REJECTED, "%s",
        session->memory->kicked);
    session->state = JANUS_STATE_GONE;
    janus_session_fail (session, error);
    return;
  }
  connect_to_server (session);
}

void
janus_session_resume (JanusSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (session->state == JANUS_STATE_OPEN) {
    /* Whatever else is under way. */
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
    return;
  }
  if (!janus_session_may_begin (session, task))
    return;
  if (session->state != JANUS_STATE_LOST || session->reclaim_timeout == 0) {
    error = janus_error_new_own (session, GST_RCAST_ERROR_SESSION_GONE,
        session->state !=
        JANUS_STATE_LOST ? "there is no session to be resumed" :
        "the server ends a session with its connection "
        "(reclaim_session_timeout is 0)");
    janus_session_fail (session, error);
    return;
  }
  session->state = JANUS_STATE_RESUMING;
  connect_to_server (session);
}

/* Keeping alive */

static void
on_kept_alive (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != JANUS_STATE_OPEN)
    return;
  if (error) {
    janus_session_lose (session, error);
  } else if (message->code == E_NO_SESSION) {
    own = janus_error_new (session, message, "keepalive");
    janus_session_evict (session, own);
  }
}

static gboolean
on_keepalive (gpointer data)
{
  JanusSession *session = data;

  session->renewed = session->task ? session->renewed : FALSE;
  janus_ask (session, "keepalive", session->id, 0, on_kept_alive);
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

/* Janus speaks to a handle that it has told us, in a session of ours. */
static gboolean
is_for_us (JanusSession * session, const JanusMessage * message)
{
  if (session->state != JANUS_STATE_OPEN
      && session->state != JANUS_STATE_RESUMING)
    return FALSE;
  return message->session == session->id && session->id != 0
      && (message->sender == session->handle || message->kind == JANUS_TIMEOUT);
}

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL, own = NULL;
  g_autoptr (JanusMessage) message = janus_message_parse (text, size, &error);
  JanusRequest *request = NULL;

  if (!message) {
    own = janus_error_new_own (session, GST_RCAST_ERROR_INVALID_DATA, "%s",
        error->message);
    janus_session_lose (session, own);
    return;
  }
  if (message->transaction)
    request = g_hash_table_lookup (session->requests, message->transaction);
  if (request) {
    if (request->wants_event && (message->kind == JANUS_ACK
            || message->kind == JANUS_SUCCESS))
      return;
    janus_request_answer (session, request, message, NULL);
  } else if (is_for_us (session, message)) {
    janus_words_take (session, message);
  } else {
    GST_DEBUG_OBJECT (session->element, "a message for somebody else");
  }
}

/* Closing */

static void
finish_close (JanusSession * session, const GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&session->close_task);
  GstRcastSignaller *element = session->element;

  if (session->state == JANUS_STATE_CLOSED)
    return;
  session->state = JANUS_STATE_CLOSED;
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  g_clear_pointer (&session->ws, net_websocket_free);
  g_hash_table_remove_all (session->requests);
  /* Where claims are possible a session outlives its connection. */
  if (session->id && session->reclaim_timeout > 0
      && g_strcmp0 (session->memory->location,
          session->settings->location) == 0)
    session->memory->ghost = session->id;
  if (task && error)
    g_task_return_error (task, g_error_copy (error));
  else if (task)
    g_task_return_boolean (task, TRUE);
  janus_session_unref (session);
  gst_object_unref (element);
}

static gboolean
on_close_timeout (gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error =
      janus_error_new_own (session, GST_RCAST_ERROR_TIMEOUT,
      "no answer to the goodbye within %u ms",
      session->settings->close_timeout);

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
  g_autoptr (GError) error =
      janus_error_new_own (session, GST_RCAST_ERROR_NETWORK,
      "the session could not be ended: the connection is lost");

  finish_close (session, session->id ? error : NULL);
  return G_SOURCE_REMOVE;
}

static void
say_goodbye (JanusSession * session)
{
  if (session->handle && session->feed.text)
    janus_ask_body (session, "leave", NULL);
  if (session->handle)
    janus_ask (session, "detach", session->id, session->handle, NULL);
  destroy (session, on_destroyed);
}

/* Lives on until the goodbye is said; @task: (nullable) */
void
janus_session_close (JanusSession * session, GTask * task)
{
  gboolean creating = session->state == JANUS_STATE_OPENING && !session->id;
  gboolean open = session->ws && net_websocket_is_open (session->ws);

  g_assert (session->state != JANUS_STATE_CLOSING
      && session->state != JANUS_STATE_CLOSED);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  /* Somebody has waited for long enough. */
  if (creating)
    blame_uplink (session);
  session->close_task = task;
  session->state = JANUS_STATE_CLOSING;
  gst_rcast_source_clear (&session->keepalive);
  janus_handle_disconnected (session);
  fail_cancelled (session);
  session->close_timer =
      gst_rcast_timer_start (session->settings->close_timeout, on_close_timeout,
      session);
  if (task)
    session->close_cancel = watch_cancellable (task, (GSourceFunc) (GCallback)
        on_close_cancelled, session);
  if (open && session->id) {
    say_goodbye (session);
  } else if (!open || !creating) {
    gst_rcast_source_clear (&session->close_timer);
    session->close_timer = gst_rcast_timer_start (0, on_close_idle, session);
  }
}
