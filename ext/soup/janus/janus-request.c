/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of a Janus session, and the errors that answer them. */
#include "config.h"

#include "janus-session-private.h"

#include "rcast-loop.h"

#define GHOST_RETRY_AFTER (2 * GST_SECOND)
#define FULL_RETRY_AFTER (5 * GST_SECOND)

void
janus_request_free (gpointer data)
{
  JanusRequest *request = data;

  gst_rcast_source_clear (&request->timer);
  g_free (request->transaction);
  g_free (request);
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

GError *
janus_error_new (JanusSession * session, const JanusMessage * message,
    const gchar * what)
{
  GstClockTime retry_after = GST_CLOCK_TIME_NONE;
  GstRcastError code = code_for (message->code, &retry_after);

  return gst_rcast_error_new_http (code, session->url, 0, retry_after,
      "%s: %s: %s (Janus error %d)", session->url, what,
      message->reason ? message->reason : "no reason given", message->code);
}

GError *
janus_error_new_own (JanusSession * session, GstRcastError code,
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

/* Requests */

static void start_timer (JanusRequest * request);

/* What cannot be sent is ended by the loss of the connection. */
void
janus_request_send (JanusSession * session, JanusRequest * request)
{
  g_autofree gchar *token = session->calls->dup_token (session->element);
  JanusAddress to = { request->id, request->handle, request->transaction,
    token, session->settings->api_secret
  };
  g_autofree gchar *text = request->print (session, request, &to);

  request->tokens = session->tokens;
  GST_DEBUG_OBJECT (session->element, "%s (%s)", request->what,
      request->transaction);
  if (session->ws)
    net_websocket_send (session->ws, text);
}

/* Returns: whether the token is another one than the request was refused with */
static gboolean
renew_token (JanusSession * session, const JanusRequest * request)
{
  g_autofree gchar *old = NULL, *token = NULL;

  /* Another request was refused before this one, and has asked. */
  if (request->tokens != session->tokens)
    return TRUE;
  if (session->renewed)
    return FALSE;
  session->renewed = TRUE;
  old = session->calls->dup_token (session->element);
  token = gst_rcast_signaller_request_token (session->element, session->url);
  if (!token || g_strcmp0 (token, old) == 0)
    return FALSE;
  session->calls->store_token (session->element, token);
  session->tokens++;
  return TRUE;
}

/* Whether its answer still means something. */
static gboolean
is_wanted (const JanusSession * session, const JanusRequest * request)
{
  if (!request->done || (request->operation != 0
          && request->operation != session->operation))
    return FALSE;
  if (session->state == JANUS_STATE_CLOSING)
    return request->state == JANUS_STATE_CLOSING;
  return session->state == JANUS_STATE_OPEN || session->task;
}

/* Refused for its token, it is made once more with a fresh one. */
void
janus_request_answer (JanusSession * session, JanusRequest * request,
    const JanusMessage * message, const GError * error)
{
  JanusAnswered done = request->done;
  gboolean late = request->operation != 0
      && request->operation != session->operation;

  if (message && message->code == E_UNAUTHORIZED
      && is_wanted (session, request) && renew_token (session, request)) {
    start_timer (request);
    janus_request_send (session, request);
    return;
  }
  if (late)
    GST_DEBUG_OBJECT (session->element, "%s (%s): nobody waits any more",
        request->what, request->transaction);
  g_hash_table_remove (session->requests, request->transaction);
  if (done && !late)
    done (session, message, error);
}

static gboolean
on_request_timeout (gpointer data)
{
  JanusRequest *request = data;
  JanusSession *session = request->session;
  g_autoptr (GError) error =
      janus_error_new_own (session, GST_RCAST_ERROR_TIMEOUT,
      "no answer to %s within %u ms", request->what,
      session->settings->timeout);

  janus_request_answer (session, request, NULL, error);
  return G_SOURCE_REMOVE;
}

static void
start_timer (JanusRequest * request)
{
  gst_rcast_source_clear (&request->timer);
  request->timer =
      gst_rcast_limit_start (request->session->settings->timeout,
      on_request_timeout, request);
}

/* About the handle, unless another address is set. */
JanusRequest *
janus_request_new (JanusSession * session, const gchar * what,
    JanusPrint print, gboolean wants_event, JanusAnswered done)
{
  JanusRequest *request = g_new0 (JanusRequest, 1);

  request->session = session;
  request->what = what;
  request->print = print;
  request->id = session->id;
  request->handle = session->handle;
  request->state = session->state;
  request->wants_event = wants_event;
  request->done = done;
  request->transaction = g_strdup_printf ("r%08x-%u", g_random_int (),
      session->transactions++);
  g_hash_table_insert (session->requests, request->transaction, request);
  start_timer (request);
  return request;
}

static gchar *
print_verb (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to)
{
  return g_str_equal (request->what, "attach") ?
      janus_print_attach (to, JANUS_PLUGIN_VIDEOROOM, NULL) :
      janus_print_request (to, request->what);
}

/* A request about a session, a handle, or neither. */
void
janus_ask (JanusSession * session, const gchar * verb, guint64 id,
    guint64 handle, JanusAnswered done)
{
  JanusRequest *request =
      janus_request_new (session, verb, print_verb, FALSE, done);

  request->id = id;
  request->handle = handle;
  janus_request_send (session, request);
}

static gchar *
print_room (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to)
{
  JanusSettings *settings = session->settings;
  JanusRoom room = { settings->room, settings->id, settings->pin,
    settings->display, settings->room_token, settings->room_secret,
    settings->admin_key
  };

  if (session->memory->string_ids)
    room.room.is_string = room.id.is_string = TRUE;
  return janus_print_room (to, request->what, &room);
}

/* A request to the room, of which only the plugin's answer counts. */
void
janus_ask_room (JanusSession * session, const gchar * word,
    gboolean wants_event, JanusAnswered done)
{
  janus_request_send (session, janus_request_new (session, word, print_room,
          wants_event, done));
}

static gchar *
print_body (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to)
{
  return janus_print_body (to, request->what);
}

void
janus_ask_body (JanusSession * session, const gchar * word, JanusAnswered done)
{
  janus_request_send (session, janus_request_new (session, word, print_body,
          TRUE, done));
}

/* Returns: whether there is an error, of which all is done that can be */
gboolean
janus_session_failed (JanusSession * session, const JanusMessage * message,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) own = NULL;

  if (!error && message->code == 0)
    return FALSE;
  if (!error)
    error = own = janus_error_new (session, message, what);
  if (message && message->code == E_NO_SESSION)
    janus_session_evict (session, error);
  else
    janus_session_fail (session, error);
  return TRUE;
}
