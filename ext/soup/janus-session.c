/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Janus session with one VideoRoom handle, from open to the end of close. */
#include "config.h"

#include "janus-session.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "rcast-sdp.h"
#include "rcast-websocket.h"
#include "whip-headers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_session_debug);
#define GST_CAT_DEFAULT rcast_janus_session_debug

/* janus.js does the same where the server does not say how long it waits. */
#define KEEPALIVE_MAX_MS 25000
/* The time for a claim counts from the last request, not from the loss. */
#define KEEPALIVE_RECLAIM_MS 5000
#define KEEPALIVES_PER_TIMEOUT 3
/* A ghost of ours leaves the room soon after its session is destroyed. */
#define JOIN_TRIES 8
#define JOIN_RETRY_MS 250
#define GHOST_RETRY_AFTER (2 * GST_SECOND)
#define FULL_RETRY_AFTER (5 * GST_SECOND)
/* Janus takes apart a PeerConnection in a thread of its own. */
#define PUBLISH_TRIES 8
#define PUBLISH_RETRY_MS 250
#define HANGUP_WAIT_MS 2000
#define MAX_PENDING_CANDIDATES 256

/* janus.c and janus_videoroom.c: what a number asks for */
#define E_UNAUTHORIZED 403
#define E_TOKEN_PLUGIN 405
#define E_NO_SESSION 458
#define E_NO_HANDLE 459
#define E_NO_PLUGIN 460
#define E_BAD_JSEP_TYPE 464
#define E_BAD_SDP 465
#define E_UNEXPECTED_ANSWER 469
#define E_WRONG_STATE 471
#define E_DRAINING 472
#define E_ROOM_UNKNOWN 426
#define E_ROOM_EXISTS 427
#define E_INVALID_ELEMENT 430
#define E_ROOM_SDP_TYPE 431
#define E_ROOM_FULL 432
#define E_ROOM_UNAUTHORIZED 433
#define E_PUBLISHED 434
#define E_ID_EXISTS 436
#define E_ROOM_SDP 437

typedef enum
{
  STATE_OPENING,
  STATE_OPEN,
  STATE_LOST,                   /* the session may live, the connection does not */
  STATE_RESUMING,
  STATE_GONE,                   /* nothing of it is left at the server */
  STATE_CLOSING,
  STATE_CLOSED,
} State;

typedef struct _Request Request;

/* @message or @error: how a request ended. */
typedef void (*Answered) (JanusSession * session, const JanusMessage * message,
    const GError * error);

struct _Request
{
  JanusSession *session;
  gchar *transaction;
  const gchar *what;
  gboolean wants_event;         /* an ack, or a success, is not yet the answer */
  Answered done;
  GSource *timer;
};

typedef struct
{
  gchar *ufrag;
  JanusCandidate candidate;
} Pending;

/* All on the thread that opened it, except for the last unref. */
struct _JanusSession
{
  gatomicrefcount ref_count;
  GstRcastSignaller *element;   /* borrowed; held while it closes */
  JanusSettings *settings;
  JanusMemory *memory;          /* the element's */
  const JanusElement *calls;
  gchar *url;                   /* as it may be shown */

  State state;
  RcastWebsocket *ws;
  gboolean connected;           /* the handshake came to its end */
  GHashTable *requests;         /* by transaction: Request */
  guint transactions;
  GTask *task;                  /* open, offer or resume */
  GSource *cancel;
  GSource *keepalive, *retry, *close_timer, *close_cancel;
  GTask *close_task;

  guint64 id, handle;
  JanusId feed;
  guint session_timeout, reclaim_timeout;       /* s */
  gboolean renewed;             /* one fresh token for one operation */
  guint tries;

  /* The offer that is under way, and the media that came of it. */
  GstRcastOfferKind kind;
  gchar *offer;
  GPtrArray *mids;              /* of the m-sections of the last offer sent */
  gchar *ufrag;                 /* in it */
  guint n_media;                /* of them, those of sound and pictures */
  gboolean published, up;
  gboolean unpublishing;        /* the hangup that comes is ours */
  GHashTable *silent;           /* mids of which the server has nothing */
  gboolean told_silent;
  GQueue pending;               /* Pending: of an offer to come, or unsent */
};

static void fail (JanusSession * session, const GError * error);
static void start_keepalive (JanusSession * session);
static void attach (JanusSession * session);
static void join (JanusSession * session);
static void create_session (JanusSession * session);
static void publish (JanusSession * session);
static void flush_candidates (JanusSession * session);
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
  memset (memory, 0, sizeof (*memory));
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

static void
pending_free (Pending * pending)
{
  g_free (pending->ufrag);
  g_free (pending->candidate.mid);
  g_free (pending->candidate.text);
  g_free (pending);
}

static void
clear_source (GSource ** source)
{
  if (!*source)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
add_timer (guint ms, GSourceFunc func, gpointer data)
{
  GSource *timer = g_timeout_source_new (ms);

  g_source_set_callback (timer, func, data, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  return timer;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  clear_source (&request->timer);
  g_free (request->transaction);
  g_free (request);
}

void
janus_session_unref (JanusSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->task && !session->close_task);
  rcast_websocket_free (session->ws);
  g_hash_table_unref (session->requests);
  clear_source (&session->cancel);
  clear_source (&session->keepalive);
  clear_source (&session->retry);
  clear_source (&session->close_timer);
  clear_source (&session->close_cancel);
  janus_settings_free (session->settings);
  janus_id_clear (&session->feed);
  g_ptr_array_unref (session->mids);
  g_hash_table_unref (session->silent);
  g_queue_clear_full (&session->pending, (GDestroyNotify) pending_free);
  g_free (session->offer);
  g_free (session->ufrag);
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
  session->url = whip_describe_url (settings->url);
  session->requests = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      request_free);
  session->silent =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  session->mids = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&session->pending);
  return session;
}

/* What the server says of its own accord, for the application to see. Takes
 * @structure. */
static void
post (JanusSession * session, GstStructure * structure)
{
  GST_INFO_OBJECT (session->element, "server: %" GST_PTR_FORMAT, structure);
  gst_element_post_message (GST_ELEMENT (session->element),
      gst_message_new_element (GST_OBJECT (session->element), structure));
}

static GstStructure *
new_event (const gchar * event)
{
  return gst_structure_new ("janus-event", "event", G_TYPE_STRING, event, NULL);
}

static void
G_GNUC_PRINTF (3, 4)
tell (JanusSession * session, GstRcastServerEvent event, const gchar * format,
    ...)
{
  g_autofree gchar *detail = NULL;
  va_list args;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);
  gst_rcast_signaller_server_event (session->element, event, detail);
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

/* Errors */

static GstRcastError
code_for (gint code, GstClockTime * retry_after)
{
  switch (code) {
    case E_UNAUTHORIZED:
    case E_TOKEN_PLUGIN:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case E_NO_SESSION:
    case E_NO_HANDLE:
      return GST_RCAST_ERROR_SESSION_GONE;
    case E_NO_PLUGIN:
      return GST_RCAST_ERROR_NOT_SUPPORTED;
    case E_ROOM_UNKNOWN:
    case E_ROOM_UNAUTHORIZED:
      return GST_RCAST_ERROR_REJECTED;
    case E_BAD_JSEP_TYPE:
    case E_BAD_SDP:
    case E_ROOM_SDP_TYPE:
    case E_ROOM_SDP:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
    case E_INVALID_ELEMENT:
      return GST_RCAST_ERROR_INVALID_ARGUMENT;
    case E_ROOM_FULL:
      *retry_after = FULL_RETRY_AFTER;
      return GST_RCAST_ERROR_BUSY;
    case E_ID_EXISTS:
      *retry_after = GHOST_RETRY_AFTER;
      return GST_RCAST_ERROR_BUSY;
    case E_DRAINING:
      return GST_RCAST_ERROR_BUSY;
    default:
      return GST_RCAST_ERROR_FAILED;
  }
}

static GError *
new_error (JanusSession * session, const JanusMessage * message,
    const gchar * what)
{
  GstClockTime retry_after = GST_CLOCK_TIME_NONE;
  GstRcastError code = code_for (message->code, &retry_after);

  return gst_rcast_error_new_http (code, session->url, 0, retry_after,
      "%s: %s: %s (Janus error %d)", session->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

static GError *
G_GNUC_PRINTF (3, 4)
new_own_error (JanusSession * session, GstRcastError code,
    const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return gst_rcast_error_new_http (code, session->url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", session->url, text);
}

/* The one operation that is under way */

static void
begin (JanusSession * session, GTask * task)
{
  session->task = task;
  session->renewed = FALSE;
  session->tries = 0;
}

static GTask *
take_task (JanusSession * session)
{
  clear_source (&session->cancel);
  clear_source (&session->retry);
  g_clear_pointer (&session->offer, g_free);
  return g_steal_pointer (&session->task);
}

static void
succeed (JanusSession * session, gchar * answer)
{
  g_autoptr (GTask) task = take_task (session);

  if (!task)
    g_free (answer);
  else if (answer)
    g_task_return_pointer (task, answer, g_free);
  else
    g_task_return_boolean (task, TRUE);
}

static void
fail (JanusSession * session, const GError * error)
{
  g_autoptr (GTask) task = take_task (session);

  if (task)
    g_task_return_error (task, g_error_copy (error));
}

static void
fail_cancelled (JanusSession * session)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the signaller was closed");

  fail (session, error);
}

/* A claim may be tried again; one that is under way is not waited for. */
static void
cancel_operation (JanusSession * session)
{
  if (session->state == STATE_RESUMING) {
    session->state = STATE_LOST;
    g_clear_pointer (&session->ws, rcast_websocket_free);
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
static gboolean
may_begin (JanusSession * session, GTask * task)
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
    g_task_return_error (task, new_own_error (session, GST_RCAST_ERROR_FAILED,
            "another operation is under way"));
    g_object_unref (task);
    return FALSE;
  }
  begin (session, task);
  session->cancel = watch_cancellable (task, (GSourceFunc) (GCallback)
      on_cancelled, session);
  return TRUE;
}

/* The connection broke, or is not worth keeping. */
static void
lose (JanusSession * session, const GError * error)
{
  State was = session->state;
  GHashTableIter iter;
  Request *request;

  g_clear_pointer (&session->ws, rcast_websocket_free);
  clear_source (&session->keepalive);
  session->unpublishing = FALSE;
  g_hash_table_iter_init (&iter, session->requests);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & request))
    clear_source (&request->timer);
  g_hash_table_remove_all (session->requests);

  switch (was) {
    case STATE_OPEN:
    case STATE_RESUMING:
      session->state = STATE_LOST;
      break;
    case STATE_OPENING:
      session->state = STATE_GONE;
      break;
    case STATE_CLOSING:
      finish_close (session, error);
      return;
    case STATE_LOST:
    case STATE_GONE:
    case STATE_CLOSED:
      break;
  }
  GST_INFO_OBJECT (session->element, "connection lost: %s", error->message);
  fail (session, error);
  if (was == STATE_OPEN)
    gst_rcast_signaller_lost (session->element, error);
}

/* The server has forgotten us: nothing to be resumed. */
static void
evict (JanusSession * session, const GError * error)
{
  State was = session->state;

  if (was == STATE_CLOSING || was == STATE_CLOSED || was == STATE_GONE)
    return;
  session->state = STATE_GONE;
  session->id = session->handle = 0;
  session->published = FALSE;
  clear_source (&session->keepalive);
  fail (session, error);
  if (was == STATE_OPEN)
    gst_rcast_signaller_lost (session->element, error);
}

/* Requests */

static void
address (JanusSession * session, JanusAddress * to, Request * request,
    gchar ** token)
{
  *token = session->calls->dup_token (session->element);
  to->transaction = request->transaction;
  to->token = *token;
  to->api_secret = session->settings->api_secret;
}

static void
answer_request (JanusSession * session, Request * request,
    const JanusMessage * message, const GError * error)
{
  Answered done = request->done;

  g_hash_table_remove (session->requests, request->transaction);
  if (done)
    done (session, message, error);
}

static gboolean
on_request_timeout (gpointer data)
{
  Request *request = data;
  JanusSession *session = request->session;
  g_autoptr (GError) error = new_own_error (session, GST_RCAST_ERROR_TIMEOUT,
      "no answer to %s within %u ms", request->what,
      session->settings->timeout);

  answer_request (session, request, NULL, error);
  return G_SOURCE_REMOVE;
}

static Request *
request_new (JanusSession * session, const gchar * what, gboolean wants_event,
    Answered done)
{
  Request *request = g_new0 (Request, 1);

  request->session = session;
  request->what = what;
  request->wants_event = wants_event;
  request->done = done;
  request->transaction = g_strdup_printf ("r%08x-%u", g_random_int (),
      session->transactions++);
  g_hash_table_insert (session->requests, request->transaction, request);
  request->timer = add_timer (session->settings->timeout, on_request_timeout,
      request);
  return request;
}

/* Takes @text. What cannot be sent is ended by the loss of the connection. */
static void
dispatch (JanusSession * session, Request * request, gchar * text)
{
  GST_DEBUG_OBJECT (session->element, "%s (%s)", request->what,
      request->transaction);
  if (session->ws)
    rcast_websocket_send (session->ws, text);
  g_free (text);
}

/* A request about a session, a handle, or neither. */
static void
ask (JanusSession * session, const gchar * verb, guint64 id, guint64 handle,
    Answered done)
{
  Request *request = request_new (session, verb, FALSE, done);
  JanusAddress to = { id, handle };
  g_autofree gchar *token = NULL;

  address (session, &to, request, &token);
  dispatch (session, request, g_str_equal (verb, "attach") ?
      janus_print_attach (&to, JANUS_PLUGIN_VIDEOROOM, NULL) :
      janus_print_request (&to, verb));
}

/* A request to the room, of which only the plugin's answer counts. */
static void
ask_room (JanusSession * session, const gchar * word, gboolean wants_event,
    Answered done)
{
  Request *request = request_new (session, word, wants_event, done);
  JanusAddress to = { session->id, session->handle };
  JanusSettings *settings = session->settings;
  JanusRoom room = { settings->room, settings->id, settings->pin,
    settings->display, settings->room_token, settings->room_secret,
    settings->admin_key
  };
  g_autofree gchar *token = NULL;

  if (session->memory->string_ids)
    room.room.is_string = room.id.is_string = TRUE;
  address (session, &to, request, &token);
  dispatch (session, request, janus_print_room (&to, word, &room));
}

static void
ask_body (JanusSession * session, const gchar * word, Answered done)
{
  Request *request = request_new (session, word, TRUE, done);
  JanusAddress to = { session->id, session->handle };
  g_autofree gchar *token = NULL;

  address (session, &to, request, &token);
  dispatch (session, request, janus_print_body (&to, word));
}

/* Opening: info and create, attach, perhaps a room, join */

/* Returns: whether there is an error, of which all is done that can be */
static gboolean
failed (JanusSession * session, const JanusMessage * message,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) own = NULL;

  if (!error && message->code == 0)
    return FALSE;
  if (!error)
    error = own = new_error (session, message, what);
  if (message && message->code == E_NO_SESSION)
    evict (session, error);
  else
    fail (session, error);
  return TRUE;
}

/* Returns: whether the request may be made again, with another token */
static gboolean
renew_token (JanusSession * session, const JanusMessage * message)
{
  g_autofree gchar *old = NULL, *token = NULL;

  if (!message || message->code != E_UNAUTHORIZED || session->renewed)
    return FALSE;
  session->renewed = TRUE;
  old = session->calls->dup_token (session->element);
  token = gst_rcast_signaller_request_token (session->element, session->url);
  if (!token || g_strcmp0 (token, old) == 0)
    return FALSE;
  session->calls->store_token (session->element, token);
  return TRUE;
}

static void
opened (JanusSession * session)
{
  session->state = STATE_OPEN;
  publish_capabilities (session);
  start_keepalive (session);
  succeed (session, NULL);
}

static gboolean
on_join_retry (gpointer data)
{
  JanusSession *session = data;

  clear_source (&session->retry);
  join (session);
  return G_SOURCE_REMOVE;
}

static void
on_joined (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == STATE_CLOSING || !session->task)
    return;
  if (message && message->code == E_INVALID_ELEMENT
      && !session->memory->string_ids && !session->settings->room.is_string) {
    session->memory->string_ids = TRUE;
    join (session);
    return;
  }
  if (message && message->code == E_ID_EXISTS && ++session->tries < JOIN_TRIES) {
    session->retry = add_timer (JOIN_RETRY_MS, on_join_retry, session);
    return;
  }
  if (failed (session, message, error, "join"))
    return;
  janus_id_set (&session->feed, message->member.text,
      message->member.is_string);
  session->calls->learned (session->element, session->id, &session->feed);
  if (session->state == STATE_OPENING)
    opened (session);
  else
    publish (session);
}

static void
join (JanusSession * session)
{
  ask_room (session, "join", TRUE, on_joined);
}

static void
on_room_created (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == STATE_CLOSING || !session->task)
    return;
  if (message && message->code == E_INVALID_ELEMENT
      && !session->memory->string_ids && !session->settings->room.is_string) {
    session->memory->string_ids = TRUE;
    ask_room (session, "create", FALSE, on_room_created);
    return;
  }
  if (message && message->code == E_ROOM_EXISTS)
    GST_DEBUG_OBJECT (session->element, "the room is there already");
  else if (failed (session, message, error, "create the room"))
    return;
  join (session);
}

static void
on_attached (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == STATE_CLOSING || !session->task
      || failed (session, message, error, "attach " JANUS_PLUGIN_VIDEOROOM))
    return;
  session->handle = message->id;
  if (session->settings->create_room)
    ask_room (session, "create", FALSE, on_room_created);
  else
    join (session);
}

static void
attach (JanusSession * session)
{
  ask (session, "attach", session->id, 0, on_attached);
}

static void
destroy (JanusSession * session, Answered done)
{
  ask (session, "destroy", session->id, 0, done);
}

static void
on_destroyed (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state != STATE_CLOSING)
    return;
  session->id = 0;
  rcast_websocket_close (session->ws);
}

static void
on_created (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == STATE_CLOSING) {
    session->id = message && message->code == 0 ? message->id : 0;
    if (session->id)
      destroy (session, on_destroyed);
    else
      rcast_websocket_close (session->ws);
    return;
  }
  /* Known even if nobody waits any more: it has to be destroyed. */
  if (message && message->code == 0)
    session->id = message->id;
  if (!session->task)
    return;
  if (renew_token (session, message)) {
    create_session (session);
    return;
  }
  if (!failed (session, message, error, "create a session"))
    attach (session);
  else if (!session->id && session->state == STATE_OPENING)
    session->state = STATE_GONE;
}

static void
create_session (JanusSession * session)
{
  ask (session, "create", 0, 0, on_created);
}

/* Servers that do not tell are taken as they are. */
static void
on_info (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state == STATE_CLOSING || !message
      || message->kind != JANUS_SERVER_INFO)
    return;
  session->session_timeout = message->session_timeout;
  session->reclaim_timeout = message->reclaim_timeout;
  GST_INFO_OBJECT (session->element, "Janus %s, session timeout %u s, "
      "claims within %u s", message->version ? message->version : "?",
      message->session_timeout, message->reclaim_timeout);
  if (!message->has_plugins || message->has_videoroom)
    return;
  own = new_own_error (session, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the server has no VideoRoom plugin (" JANUS_PLUGIN_VIDEOROOM ")");
  fail (session, own);
}

static void
destroy_ghost (JanusSession * session)
{
  if (!session->memory->ghost)
    return;
  ask (session, "destroy", session->memory->ghost, 0, NULL);
  session->memory->ghost = 0;
}

/* Resuming: claim, then see what was missed */

static void
resumed (JanusSession * session)
{
  session->state = STATE_OPEN;
  post (session, new_event ("claimed"));
  start_keepalive (session);
  succeed (session, NULL);
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

static void
on_resynced (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  const JanusMember *self;
  g_autoptr (GError) own = NULL;

  if (session->state != STATE_RESUMING)
    return;
  if (error) {
    lose (session, error);
    return;
  }
  if (message->code == 0 && message->members) {
    self = find_self (session, message);
    if (!self) {
      own = new_own_error (session, GST_RCAST_ERROR_SESSION_GONE,
          "the server removed us from the room in the meantime");
      /* The session is there, and is destroyed when this is closed. */
      session->state = STATE_GONE;
      fail (session, own);
      return;
    }
    if (session->up && !self->publisher) {
      session->published = session->up = FALSE;
      resumed (session);
      tell (session, GST_RCAST_SERVER_HANGUP,
          "the server ended the media while it could not say so");
      return;
    }
  } else if (message->code) {
    /* A room that is gone, a handle that is not ours any more. */
    own = new_error (session, message, "listparticipants");
    if (message->code == E_NO_SESSION || message->code == E_NO_HANDLE
        || message->code == E_ROOM_UNKNOWN) {
      own->code = GST_RCAST_ERROR_SESSION_GONE;
      session->state = STATE_GONE;
      fail (session, own);
      return;
    }
    GST_WARNING_OBJECT (session->element, "%s", own->message);
  }
  resumed (session);
  flush_candidates (session);
}

static void
on_claimed (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != STATE_RESUMING)
    return;
  if (error) {
    lose (session, error);
    return;
  }
  if (renew_token (session, message)) {
    ask (session, "claim", session->id, 0, on_claimed);
    return;
  }
  if (message->code == 0) {
    ask_room (session, "listparticipants", FALSE, on_resynced);
    return;
  }
  own = new_error (session, message, "claim the session");
  if (message->code == E_NO_SESSION)
    evict (session, own);
  else
    lose (session, own);
}

/* The connection */

static void
on_opened (RcastWebsocket * ws, gpointer data)
{
  JanusSession *session = data;

  session->connected = TRUE;
  switch (session->state) {
    case STATE_OPENING:
      destroy_ghost (session);
      ask (session, "info", 0, 0, on_info);
      create_session (session);
      break;
    case STATE_RESUMING:
      ask (session, "claim", session->id, 0, on_claimed);
      break;
    case STATE_CLOSING:
      rcast_websocket_close (ws);
      break;
    case STATE_OPEN:
    case STATE_LOST:
    case STATE_GONE:
    case STATE_CLOSED:
      break;
  }
}

static void
on_closed (RcastWebsocket * ws, const GError * error, gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) own = NULL;

  if (!error)
    error = own = new_own_error (session, GST_RCAST_ERROR_NETWORK, "closed");
  if (!session->connected && g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK))
    session->memory->uplink++;
  if (rcast_websocket_get_dead_end (ws)) {
    g_set_object (&session->memory->dead_end,
        rcast_websocket_get_dead_end (ws));
    session->memory->uplink = 0;
  }
  if (session->state == STATE_CLOSING)
    finish_close (session, session->id ? error : NULL);
  else
    lose (session, error);
}

static void on_text (RcastWebsocket * ws, const gchar * text, gsize size,
    gpointer data);

static gboolean
is_uplink (const struct ifaddrs *entry)
{
  const struct sockaddr_in6 *six =
      (const struct sockaddr_in6 *) entry->ifa_addr;

  if (!entry->ifa_addr || entry->ifa_flags & IFF_LOOPBACK
      || (entry->ifa_flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING))
    return FALSE;
  return entry->ifa_addr->sa_family == AF_INET
      || (entry->ifa_addr->sa_family == AF_INET6
      && !IN6_IS_ADDR_LINKLOCAL (&six->sin6_addr));
}

static GSocketAddress *
to_address (const struct ifaddrs *entry)
{
  return g_socket_address_new_from_native (entry->ifa_addr,
      entry->ifa_addr->sa_family == AF_INET ? sizeof (struct sockaddr_in) :
      sizeof (struct sockaddr_in6));
}

/* NULL is the way that the routes say. */
static void
free_way (gpointer way)
{
  g_clear_object (&way);
}

/* Routes may still lead into a dead uplink when another one would do: what fails
 * is tried as the routes say and from each of our addresses in turn. Where the last
 * connection died of silence, the routes and its address come last.
 * Returns: (nullable) (transfer full): NULL: as the routes say */
static GSocketAddress *
choose_uplink (JanusSession * session)
{
  g_autoptr (GPtrArray) ways = g_ptr_array_new_with_free_func (free_way);
  g_autoptr (GSocketAddress) last = NULL;
  GInetAddress *dead_end = session->memory->dead_end;
  struct ifaddrs *list = NULL;
  guint choice, routes;

  if (getifaddrs (&list) != 0)
    return NULL;
  for (struct ifaddrs * entry = list; entry; entry = entry->ifa_next) {
    g_autoptr (GSocketAddress) way = is_uplink (entry) ? to_address (entry) :
        NULL;

    if (way && dead_end && g_inet_address_equal (dead_end,
            g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (way))))
      last = g_steal_pointer (&way);
    else if (way)
      g_ptr_array_add (ways, g_steal_pointer (&way));
  }
  freeifaddrs (list);
  routes = dead_end ? ways->len : 0;
  g_ptr_array_insert (ways, routes, NULL);
  if (last)
    g_ptr_array_add (ways, g_steal_pointer (&last));
  choice = session->memory->uplink % ways->len;
  GST_DEBUG_OBJECT (session->element, "way %u of %u%s", choice + 1, ways->len,
      choice == routes ? ", as the routes say" : "");
  return choice == routes ? NULL : g_object_ref (g_ptr_array_index (ways,
          choice));
}

static void
connect_to_server (JanusSession * session)
{
  static const RcastWebsocketClient client = { on_opened, on_text, on_closed };
  JanusSettings *settings = session->settings;
  RcastWebsocketSettings ws = {
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
  g_autoptr (GSocketAddress) local = choose_uplink (session);

  ws.local_address = local;
  session->connected = FALSE;
  g_clear_pointer (&session->ws, rcast_websocket_free);
  session->ws = rcast_websocket_open (&ws, &client, session);
}

void
janus_session_open (JanusSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!may_begin (session, task))
    return;
  session->state = STATE_OPENING;
  /* Whoever threw us out does not want us back by the next door. */
  if (session->memory->kicked) {
    error = new_own_error (session, GST_RCAST_ERROR_REJECTED, "%s",
        session->memory->kicked);
    session->state = STATE_GONE;
    fail (session, error);
    return;
  }
  connect_to_server (session);
}

void
janus_session_resume (JanusSession * session, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!may_begin (session, task))
    return;
  if (session->state == STATE_OPEN) {
    succeed (session, NULL);
    return;
  }
  if (session->state != STATE_LOST || session->reclaim_timeout == 0) {
    error = new_own_error (session, GST_RCAST_ERROR_SESSION_GONE,
        session->state != STATE_LOST ? "there is no session to be resumed" :
        "the server ends a session with its connection "
        "(reclaim_session_timeout is 0)");
    fail (session, error);
    return;
  }
  session->state = STATE_RESUMING;
  connect_to_server (session);
}

/* Keeping alive */

static void
on_kept_alive (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != STATE_OPEN)
    return;
  if (error) {
    lose (session, error);
  } else if (message->code == E_NO_SESSION) {
    own = new_error (session, message, "keepalive");
    evict (session, own);
  } else if (renew_token (session, message)) {
    ask (session, "keepalive", session->id, 0, on_kept_alive);
  }
}

static gboolean
on_keepalive (gpointer data)
{
  JanusSession *session = data;

  session->renewed = session->task ? session->renewed : FALSE;
  ask (session, "keepalive", session->id, 0, on_kept_alive);
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
  clear_source (&session->keepalive);
  session->keepalive = add_timer (interval, on_keepalive, session);
}

/* Offers */

static void
send_candidates (JanusSession * session, const JanusCandidate * candidates,
    guint n)
{
  Request *request = request_new (session, "trickle", FALSE, NULL);
  JanusAddress to = { session->id, session->handle };
  g_autofree gchar *token = NULL;

  address (session, &to, request, &token);
  dispatch (session, request, janus_print_trickle (&to, candidates, n));
}

/* What belongs to the offer that the server has goes out, in its order. */
static void
flush_candidates (JanusSession * session)
{
  g_autoptr (GArray) batch =
      g_array_new (FALSE, FALSE, sizeof (JanusCandidate));
  GQueue sent = G_QUEUE_INIT;
  GList *item = session->pending.head;

  if (!session->ws || !rcast_websocket_is_open (session->ws)
      || session->state != STATE_OPEN || !session->handle)
    return;
  while (item) {
    GList *next = item->next;
    Pending *pending = item->data;

    if (g_strcmp0 (pending->ufrag, session->ufrag) == 0) {
      g_queue_unlink (&session->pending, item);
      g_queue_push_tail_link (&sent, item);
      if (pending->candidate.mline < session->mids->len)
        pending->candidate.mid = g_strdup (g_ptr_array_index (session->mids,
                pending->candidate.mline));
      g_array_append_val (batch, pending->candidate);
    }
    item = next;
  }
  if (batch->len > 0)
    send_candidates (session, (JanusCandidate *) batch->data, batch->len);
  g_queue_clear_full (&sent, (GDestroyNotify) pending_free);
}

void
janus_session_add_candidate (JanusSession * session, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  Pending *pending;

  if (session->state == STATE_CLOSING || session->state == STATE_CLOSED
      || session->state == STATE_GONE
      || session->pending.length >= MAX_PENDING_CANDIDATES)
    return;
  pending = g_new0 (Pending, 1);
  pending->ufrag = g_strdup (ufrag);
  pending->candidate.mline = mline;
  pending->candidate.text = g_strdup (candidate);
  g_queue_push_tail (&session->pending, pending);
  flush_candidates (session);
}

/* Of data: the server has no word on whether it receives them, and may do without. */
static gboolean
is_channel (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0;
}

/* Of the offer as it goes out: what its candidates and the server's words are
 * told by. */
static gboolean
read_offer (JanusSession * session, GError ** error)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (session->offer, -1, error);
  const gchar *ufrag = NULL, *pwd = NULL;

  if (!sdp)
    return FALSE;
  g_ptr_array_set_size (session->mids, 0);
  session->n_media = 0;
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    g_ptr_array_add (session->mids, g_strdup (gst_rcast_sdp_get_mid (sdp, i)));
    session->n_media += !is_channel (gst_sdp_message_get_media (sdp, i));
  }
  gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd);
  g_free (session->ufrag);
  session->ufrag = g_strdup (ufrag);
  gst_sdp_message_free (sdp);
  return TRUE;
}

/* Returns: what the room does not take, NULL: it takes all */
static GError *
find_rejected (JanusSession * session, const gchar * answer)
{
  GError *error = NULL;
  GstSDPMessage *sdp = gst_rcast_sdp_parse (answer, -1, &error);

  if (!sdp)
    return error;
  for (guint i = 0; !error && i < gst_sdp_message_medias_len (sdp); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (gst_sdp_media_get_port (media) == 0 && !is_channel (media))
      error = new_own_error (session, GST_RCAST_ERROR_NOT_ACCEPTABLE,
          "the room refuses m-section %u (%s): its codecs are not ours", i,
          gst_sdp_media_get_media (media));
  }
  gst_sdp_message_free (sdp);
  return error;
}

static gboolean
on_publish_retry (gpointer data)
{
  JanusSession *session = data;

  clear_source (&session->retry);
  publish (session);
  return G_SOURCE_REMOVE;
}

/* The handle is gone, and its media with it; the session is not. */
static void
forget_handle (JanusSession * session)
{
  session->handle = 0;
  session->published = session->up = FALSE;
}

/* Returns: whether the offer is on its way once more */
static gboolean
offer_again (JanusSession * session, gint code)
{
  if (session->kind != GST_RCAST_OFFER_INITIAL
      || ++session->tries >= PUBLISH_TRIES)
    return FALSE;
  switch (code) {
    case E_NO_HANDLE:
      forget_handle (session);
      attach (session);
      return TRUE;
    case E_PUBLISHED:
      session->published = TRUE;
      publish (session);
      return TRUE;
    case E_WRONG_STATE:
    case E_UNEXPECTED_ANSWER:
      /* The former PeerConnection is still being taken apart. */
      session->retry = add_timer (PUBLISH_RETRY_MS, on_publish_retry, session);
      return TRUE;
    default:
      return FALSE;
  }
}

static void
on_answered (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != STATE_OPEN || !session->task)
    return;
  if (message && message->code) {
    if (renew_token (session, message)) {
      publish (session);
      return;
    }
    if (offer_again (session, message->code))
      return;
    if (message->code == E_NO_HANDLE)
      forget_handle (session);
    if (session->kind == GST_RCAST_OFFER_RESTART
        && message->code != E_NO_SESSION) {
      own = new_error (session, message, "ICE restart");
      own->code = GST_RCAST_ERROR_NOT_SUPPORTED;
      fail (session, own);
      return;
    }
  }
  if (failed (session, message, error, "offer"))
    return;
  if (!message->sdp || g_strcmp0 (message->jsep_type, "answer") != 0)
    own = new_own_error (session, GST_RCAST_ERROR_INVALID_DATA,
        "the answer to the offer has no description");
  session->published = TRUE;
  if (!own)
    own = find_rejected (session, message->sdp);
  if (own)
    fail (session, own);
  else
    succeed (session, g_strdup (message->sdp));
}

static void
send_offer (JanusSession * session)
{
  gboolean first = session->kind == GST_RCAST_OFFER_INITIAL;
  /* With publish Janus restarts ICE, too, but then refuses the request. */
  Request *request = request_new (session, first ? "publish" : "configure",
      TRUE, on_answered);
  JanusAddress to = { session->id, session->handle };
  JanusPublish settings = { 0 };
  g_autofree gchar *token = NULL;

  if (first) {
    settings.bitrate = session->settings->bitrate;
    settings.audio_codec = session->settings->audio_codec;
    settings.video_codec = session->settings->video_codec;
    g_hash_table_remove_all (session->silent);
    session->told_silent = FALSE;
    session->up = FALSE;
  }
  address (session, &to, request, &token);
  dispatch (session, request, janus_print_offer (&to, request->what,
          &settings, session->offer));
  flush_candidates (session);
}

/* Either the hangup came, or it does not come: the server's answer will tell. */
static gboolean
on_hangup_awaited (gpointer data)
{
  JanusSession *session = data;

  clear_source (&session->retry);
  session->unpublishing = FALSE;
  if (session->task)
    send_offer (session);
  return G_SOURCE_REMOVE;
}

static void
on_unpublished (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state != STATE_OPEN || !session->task)
    return;
  if (error || message->code == E_NO_SESSION) {
    failed (session, message, error, "unpublish");
    return;
  }
  session->published = session->up = FALSE;
  if (message->code == E_NO_HANDLE) {
    forget_handle (session);
    attach (session);
    return;
  }
  if (session->unpublishing && !session->retry)
    session->retry = add_timer (HANGUP_WAIT_MS, on_hangup_awaited, session);
  else if (!session->unpublishing)
    send_offer (session);
}

static void
publish (JanusSession * session)
{
  if (session->kind == GST_RCAST_OFFER_RESTART) {
    send_offer (session);
  } else if (!session->handle) {
    attach (session);
  } else if (session->published) {
    /* Another DTLS: what is there must be gone first. */
    session->unpublishing = TRUE;
    ask_body (session, "unpublish", on_unpublished);
  } else {
    send_offer (session);
  }
}

void
janus_session_offer (JanusSession * session, GstRcastOfferKind kind,
    const gchar * sdp, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!may_begin (session, task))
    return;
  session->kind = kind;
  session->offer = g_strdup (sdp);
  if (session->state != STATE_OPEN)
    error = new_own_error (session, session->state == STATE_LOST ?
        GST_RCAST_ERROR_NETWORK : GST_RCAST_ERROR_SESSION_GONE,
        "the session is not open");
  else if (kind == GST_RCAST_OFFER_RESTART && !session->published)
    error = new_own_error (session, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the server has no media of ours that could be restarted");
  else
    read_offer (session, &error);
  if (error)
    fail (session, error);
  else
    publish (session);
}

/* The server's words */

static void
on_media (JanusSession * session, const JanusMessage * message)
{
  const gchar *mid = message->mid ? message->mid : message->media;
  GstStructure *event = new_event ("media");
  gboolean silent;

  gst_structure_set (event, "mid", G_TYPE_STRING, message->mid, "type",
      G_TYPE_STRING, message->media, "receiving", G_TYPE_BOOLEAN,
      message->receiving, NULL);
  post (session, event);
  if (!mid)
    return;
  if (message->receiving)
    g_hash_table_remove (session->silent, mid);
  else if (g_hash_table_size (session->silent) < session->n_media)
    g_hash_table_add (session->silent, g_strdup (mid));

  silent = session->n_media > 0
      && g_hash_table_size (session->silent) >= session->n_media;
  if (silent == session->told_silent)
    return;
  session->told_silent = silent;
  if (silent)
    tell (session, GST_RCAST_SERVER_MEDIA_SILENT,
        "Janus receives none of our media");
  else
    tell (session, GST_RCAST_SERVER_MEDIA_FLOWING, "Janus receives media");
}

static void
on_hangup (JanusSession * session, const JanusMessage * message)
{
  const gchar *reason = message->reason ? message->reason : "no reason given";
  GstStructure *event = new_event ("hangup");

  gst_structure_set (event, "reason", G_TYPE_STRING, reason, NULL);
  post (session, event);
  session->published = session->up = FALSE;
  if (session->unpublishing) {
    session->unpublishing = FALSE;
    if (session->retry)
      on_hangup_awaited (session);
    return;
  }
  tell (session, GST_RCAST_SERVER_HANGUP, "Janus hung up: %s", reason);
}

static void
on_kicked (JanusSession * session)
{
  g_autoptr (GError) error = NULL;

  post (session, new_event ("kicked"));
  g_free (session->memory->kicked);
  session->memory->kicked =
      g_strdup_printf ("kicked from room %s", session->settings->room.text);
  session->published = session->up = FALSE;
  error = new_own_error (session, GST_RCAST_ERROR_REJECTED, "%s",
      session->memory->kicked);
  session->state = STATE_GONE;
  clear_source (&session->keepalive);
  fail (session, error);
  gst_rcast_signaller_server_event (session->element,
      GST_RCAST_SERVER_EVICTED, error->message);
}

static void
on_room_event (JanusSession * session, const JanusMessage * message)
{
  if (message->kicked) {
    on_kicked (session);
  } else if (g_strcmp0 (message->videoroom, "destroyed") == 0) {
    post (session, new_event ("destroyed"));
    tell (session, GST_RCAST_SERVER_HANGUP, "room %s was destroyed",
        session->settings->room.text);
  }
}

static void
on_detached (JanusSession * session)
{
  post (session, new_event ("detached"));
  forget_handle (session);
  tell (session, GST_RCAST_SERVER_HANGUP, "Janus detached our handle");
}

static void
on_timeout_event (JanusSession * session)
{
  g_autoptr (GError) error = new_own_error (session,
      GST_RCAST_ERROR_SESSION_GONE, "the server gave up the session: timeout");

  post (session, new_event ("timeout"));
  evict (session, error);
}

static void
on_slow_link (JanusSession * session, const JanusMessage * message)
{
  GstStructure *event = new_event ("slowlink");

  gst_structure_set (event, "media", G_TYPE_STRING, message->media, "mid",
      G_TYPE_STRING, message->mid, "uplink", G_TYPE_BOOLEAN, message->uplink,
      "lost", G_TYPE_UINT, message->lost, NULL);
  post (session, event);
  tell (session, GST_RCAST_SERVER_SLOW_LINK, "%u packets of %s lost",
      message->lost, message->media ? message->media : "media");
}

static void
on_server_word (JanusSession * session, const JanusMessage * message)
{
  switch (message->kind) {
    case JANUS_WEBRTCUP:
      session->up = TRUE;
      post (session, new_event ("webrtcup"));
      break;
    case JANUS_MEDIA:
      on_media (session, message);
      break;
    case JANUS_SLOWLINK:
      on_slow_link (session, message);
      break;
    case JANUS_ICE_FAILED:
      post (session, new_event ("ice-failed"));
      tell (session, GST_RCAST_SERVER_MEDIA_SILENT, "ICE failed at Janus");
      break;
    case JANUS_HANGUP:
      on_hangup (session, message);
      break;
    case JANUS_DETACHED:
      on_detached (session);
      break;
    case JANUS_TIMEOUT:
      on_timeout_event (session);
      break;
    case JANUS_TRICKLE:
      gst_rcast_signaller_candidate (session->element, message->mline,
          message->candidate);
      break;
    case JANUS_EVENT:
      on_room_event (session, message);
      break;
    case JANUS_SUCCESS:
    case JANUS_ACK:
    case JANUS_ERROR:
    case JANUS_SERVER_INFO:
    case JANUS_OTHER:
      GST_DEBUG_OBJECT (session->element, "message without a use");
      break;
  }
}

/* Janus speaks to a handle that it has told us, in a session of ours. */
static gboolean
is_for_us (JanusSession * session, const JanusMessage * message)
{
  if (session->state != STATE_OPEN && session->state != STATE_RESUMING)
    return FALSE;
  return message->session == session->id && session->id != 0
      && (message->sender == session->handle || message->kind == JANUS_TIMEOUT);
}

static void
on_text (RcastWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  JanusSession *session = data;
  g_autoptr (GError) error = NULL, own = NULL;
  g_autoptr (JanusMessage) message = janus_message_parse (text, size, &error);
  Request *request = NULL;

  if (!message) {
    own = new_own_error (session, GST_RCAST_ERROR_INVALID_DATA, "%s",
        error->message);
    lose (session, own);
    return;
  }
  if (message->transaction)
    request = g_hash_table_lookup (session->requests, message->transaction);
  if (request) {
    if (request->wants_event && (message->kind == JANUS_ACK
            || message->kind == JANUS_SUCCESS))
      return;
    answer_request (session, request, message, NULL);
  } else if (is_for_us (session, message)) {
    on_server_word (session, message);
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

  if (session->state == STATE_CLOSED)
    return;
  session->state = STATE_CLOSED;
  clear_source (&session->close_timer);
  clear_source (&session->close_cancel);
  g_clear_pointer (&session->ws, rcast_websocket_free);
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
  g_autoptr (GError) error = new_own_error (session, GST_RCAST_ERROR_TIMEOUT,
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
  g_autoptr (GError) error = new_own_error (session, GST_RCAST_ERROR_NETWORK,
      "the session could not be ended: the connection is lost");

  finish_close (session, session->id ? error : NULL);
  return G_SOURCE_REMOVE;
}

static void
say_goodbye (JanusSession * session)
{
  if (session->handle && session->feed.text)
    ask_body (session, "leave", NULL);
  if (session->handle)
    ask (session, "detach", session->id, session->handle, NULL);
  destroy (session, on_destroyed);
}

/* Lives on until the goodbye is said; @task: (nullable) */
void
janus_session_close (JanusSession * session, GTask * task)
{
  gboolean creating = session->state == STATE_OPENING && !session->id;
  gboolean open = session->ws && rcast_websocket_is_open (session->ws);

  g_assert (session->state != STATE_CLOSING && session->state != STATE_CLOSED);
  g_atomic_ref_count_inc (&session->ref_count);
  gst_object_ref (session->element);
  session->close_task = task;
  session->state = STATE_CLOSING;
  clear_source (&session->keepalive);
  fail_cancelled (session);
  session->close_timer = add_timer (session->settings->close_timeout,
      on_close_timeout, session);
  if (task)
    session->close_cancel = watch_cancellable (task, (GSourceFunc) (GCallback)
        on_close_cancelled, session);
  if (open && session->id) {
    say_goodbye (session);
  } else if (!open || !creating) {
    clear_source (&session->close_timer);
    session->close_timer = add_timer (0, on_close_idle, session);
  }
}
