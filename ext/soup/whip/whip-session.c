/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WHIP session from open to the end of close: POST, PATCH, DELETE and their order. */
#include "config.h"

#include "whip-session.h"

#include <string.h>

#include "net-url.h"
#include "rcast-loop.h"
#include "rcast-sdp.h"
#include "whip-answer.h"
#include "whip-candidates.h"
#include "whip-counter.h"
#include "whip-ending.h"
#include "whip-events.h"
#include "whip-headers.h"
#include "whip-operation.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_session_debug);
#define GST_CAT_DEFAULT rcast_whip_session_debug

/* One operation at a time waits for the server, in OFFERING, MAKING_ROOM and RESTARTING. */
typedef enum
{
  SESSION_IDLE,                 /* no session at the server */
  SESSION_OFFERING,             /* POST is pending */
  SESSION_MAKING_ROOM,          /* no second session allowed: DELETE of the first is pending */
  SESSION_OFFERED,              /* the server made an offer and waits for our answer */
  SESSION_UP,
  SESSION_RESTARTING,           /* PATCH with new credentials is pending */
  SESSION_CLOSED,               /* DELETEs may be pending */
} SessionState;

/* Only on the thread that opened it, except for the last unref. */
struct _WhipSession
{
  gatomicrefcount ref_count;
  SessionState state;
  GstRcastNetSignaller *element;        /* borrowed: held while a request is pending */
  WhipClient *client;
  WhipMemory *memory;           /* owned by the element */
  WhipOperation operation;

  /* The session at the server, once known. */
  GUri *url;                    /* NULL: it cannot be changed or ended */
  GUri *former;                 /* the previous session, until the new media is settled */
  gchar *etag;
  gboolean can_trickle, can_restart;
  GstSDPMessage *answer;        /* the present answer; NULL: there is no session */
  WhipCounter *counter;         /* in OFFERED */
  WhipCandidates *candidates;
  WhipEvents *events;

  WhipEnding *ending;
};

/* Lifetime */

void
whip_session_unref (WhipSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->operation.task);
  whip_candidates_free (session->candidates);
  whip_events_free (session->events);
  whip_ending_free (session->ending);
  whip_client_free (session->client);
  g_clear_pointer (&session->url, g_uri_unref);
  g_clear_pointer (&session->former, g_uri_unref);
  g_free (session->etag);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  g_free (session);
}

/* Pending requests keep the session and its element alive. Timers need not: they run only during a
 * request, or end with the session. */
static void
on_busy (gpointer data)
{
  WhipSession *session = data;

  gst_object_ref (session->element);
  g_atomic_ref_count_inc (&session->ref_count);
}

static void
on_idle (gpointer data)
{
  WhipSession *session = data;
  GstRcastNetSignaller *element = session->element;

  whip_ending_idle (session->ending);
  whip_session_unref (session);
  gst_object_unref (element);
}

static const WhipClientCallbacks client_callbacks = { on_busy, on_idle };

static void on_candidates_refused (gpointer data);
static void on_session_gone (const GError * error, gpointer data);

static const WhipCandidatesCallbacks candidates_callbacks = {
  on_candidates_refused, on_session_gone
};

/* Takes @settings. @memory is the element's. */
WhipSession *
whip_session_new (GstRcastNetSignaller * element, WhipSettings * settings,
    WhipMemory * memory)
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
  session->memory = memory;
  session->client = whip_client_new (element, settings,
      &client_callbacks, session);
  session->ending = whip_ending_new (session->client, memory);
  session->candidates = whip_candidates_new (session->client, memory,
      &candidates_callbacks, session);
  session->events = whip_events_new (session->client);
  return session;
}

static WhipSettings *
get_settings (WhipSession * session)
{
  return whip_client_get_settings (session->client);
}

static GUri *
get_endpoint (WhipSession * session)
{
  return get_settings (session)->net->url;
}

static void
publish (WhipSession * session)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (session->state == SESSION_CLOSED)
    return;
  if (session->can_trickle)
    capabilities |= GST_RCAST_SIGNALLER_TRICKLE;
  if (session->can_restart)
    capabilities |= GST_RCAST_SIGNALLER_ICE_RESTART;
  if (session->counter)
    capabilities |= GST_RCAST_SIGNALLER_SERVER_OFFERS;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (session->element),
      capabilities);
}

static GError *
new_cancelled (const gchar * why)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, why);
}

/* The media of the last offer is connected: ends the previous session. */
void
whip_session_settle (WhipSession * session)
{
  g_autoptr (GUri) former = g_steal_pointer (&session->former);

  if (former)
    whip_ending_delete (session->ending, former);
}

/* Operations */

/* The state without a pending operation. */
static SessionState
get_rest (WhipSession * session)
{
  if (session->counter)
    return SESSION_OFFERED;
  return session->answer ? SESSION_UP : SESSION_IDLE;
}

/* Takes @answer or @error. Goes back to the state of the session at the server. @request: of the
 * finished operation, as a handler of ours may have started another one */
static void
finish_operation (WhipSession * session, WhipRequest * request, gchar * answer,
    GError * error)
{
  WhipOperation operation = session->operation;

  if (!operation.task || operation.request != request) {
    g_free (answer);
    g_clear_error (&error);
    return;
  }
  session->operation = (WhipOperation) { NULL, };
  if (error)
    whip_candidates_retire (session->candidates);
  if (session->state != SESSION_CLOSED)
    session->state = get_rest (session);
  whip_operation_end (&operation, answer, error);
}

/* Stops answering the server's offer. */
static void
drop_counter (WhipSession * session, const gchar * why)
{
  WhipCounter *counter = g_steal_pointer (&session->counter);

  session->state = SESSION_IDLE;
  whip_events_stop (session->events);
  publish (session);
  whip_counter_drop (counter, why);
}

/* Takes @error. The server may still act on what it has received. */
static void
abandon_operation (WhipSession * session, GError * error)
{
  WhipRequest *request = session->operation.request;

  switch (session->state) {
    case SESSION_OFFERING:
      whip_ending_expect_late (session->ending, request);
      break;
    case SESSION_MAKING_ROOM:
      whip_ending_hand_over (session->ending, request);
      break;
    case SESSION_RESTARTING:
      /* Only the last restart counts (RFC 9725 4.3.3). */
      whip_request_drop (request);
      break;
    case SESSION_OFFERED:
      drop_counter (session, error->message);
      g_error_free (error);
      return;
    case SESSION_IDLE:
    case SESSION_UP:
    case SESSION_CLOSED:
      g_error_free (error);
      return;
  }
  finish_operation (session, request, NULL, error);
}

static gboolean
on_operation_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipSession *session = data;

  if (session->operation.task)
    abandon_operation (session, new_cancelled ("the offer was cancelled"));
  return G_SOURCE_REMOVE;
}

static void
begin_operation (WhipSession * session, SessionState state, GTask * task,
    GstSDPMessage * sdp)
{
  session->state = state;
  session->operation.task = task;
  session->operation.sdp = sdp;
  session->operation.cancel = gst_rcast_cancel_start (g_task_get_cancellable
      (task), on_operation_cancelled, session);
}

/* The server has agreed to @offer, our description: its candidates can be sent. Takes @etag
 * (nullable). */
static void
take_generation (WhipSession * session, const GstSDPMessage * offer,
    gchar * etag, gboolean patched)
{
  WhipAgreement agreement = {
    .offer = offer,
    .patched = patched,
    .elsewhere = session->url && !net_url_same_origin (session->url,
        whip_session_get_target (session)),
    .session_lines = session->memory->session_lines,
  };

  g_free (session->etag);
  session->etag = etag;
  agreement.etag = session->etag;
  agreement.promised = session->etag && !session->memory->broke_promise;
  agreement.url = session->can_trickle ? session->url : NULL;
  whip_candidates_agree (session->candidates, &agreement);
}

/* Offer */

static GError *
new_offer_timeout (WhipSession * session)
{
  guint ms = get_settings (session)->net->timeout;
  g_autofree gchar *url = NULL;

  if (session->state != SESSION_MAKING_ROOM)
    return whip_request_new_timeout (session->operation.request, ms);
  url = net_url_describe (get_endpoint (session));
  return gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY, url, 0,
      GST_CLOCK_TIME_NONE, "POST %s: no room for a second session within %u ms",
      url, ms);
}

static gboolean
on_offer_time_is_up (gpointer data)
{
  WhipSession *session = data;

  abandon_operation (session, new_offer_timeout (session));
  return G_SOURCE_REMOVE;
}

/* Whether the callback of the previous operation has closed the session or started a newer
 * operation. Takes @task in that case. */
static gboolean
is_overtaken (WhipSession * session, GTask * task)
{
  if (session->state != SESSION_CLOSED && !session->operation.task)
    return FALSE;
  g_task_return_error (task, new_cancelled ("superseded, or closed"));
  g_object_unref (task);
  return TRUE;
}

/* Sets the session at the server aside: its media goes on until the next session has media. */
static void
set_aside (WhipSession * session)
{
  whip_events_stop (session->events);
  if (session->url) {
    whip_session_settle (session);
    session->former = g_steal_pointer (&session->url);
  } else if (session->answer) {
    whip_ending_missed (session->ending);
  }
  g_clear_pointer (&session->etag, g_free);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  session->state = SESSION_IDLE;
}

static void
take_final (WhipSession * session, GUri * url)
{
  g_autofree gchar *text = g_uri_to_string (url);

  whip_memory_set_final (session->memory, text);
}

/* Takes @answer. The server has created a session. */
static void
take_session (WhipSession * session, WhipRequest * request, GUri * url,
    GstSDPMessage * answer)
{
  WhipMemory *memory = session->memory;
  g_autofree gchar *text = gst_sdp_message_as_text (answer);

  whip_request_check_type (request, WHIP_TYPE_SDP);
  take_final (session, whip_request_get_url (request));
  session->url = url ? g_uri_ref (url) : NULL;
  session->answer = answer;
  if (!url)
    whip_memory_learn (memory, &memory->no_trickle, TRUE,
        g_get_monotonic_time ());
  session->can_trickle = whip_memory_begin (memory);
  take_generation (session, session->operation.sdp,
      whip_request_dup_etag (request), FALSE);
  /* RFC 9725 4.3.1: a restart requires an entity tag. */
  session->can_restart = url && session->etag
      && !whip_memory_no_restart (memory);
  whip_request_take_ice_servers (request);
  publish (session);
  whip_client_log_sdp (session->client, "answer", text);
  whip_events_follow (session->events, request);
  finish_operation (session, request, g_steal_pointer (&text), NULL);
  whip_candidates_send (session->candidates);
}

/* The answer to the offer is unusable. */
static void
refuse_answer (WhipSession * session, WhipRequest * request, GBytes * body,
    const GError * reason)
{
  const gchar *page = whip_request_find_page (request);

  finish_operation (session, request, NULL, whip_request_new_error (request,
          page ? GST_RCAST_ERROR_FAILED : reason->code, body,
          page ? page : reason->message));
  whip_ending_take_rest (session->ending, request);
}

/* The server refuses our offer and makes a counter-offer. */
static void
take_counter (WhipSession * session, WhipRequest * request, GUri * url,
    GBytes * body, const GstSDPMessage * offer)
{
  g_autofree gchar *etag = whip_request_dup_etag (request);

  take_final (session, whip_request_get_url (request));
  session->counter = whip_counter_new (session->client, session->ending, url,
      etag, offer);
  session->can_trickle = session->can_restart = FALSE;
  whip_request_take_ice_servers (request);
  whip_events_follow (session->events, request);
  publish (session);
  finish_operation (session, request, NULL, whip_request_new_error (request,
          GST_RCAST_ERROR_COUNTER_OFFER, body, "the server makes an offer"));
}

/* Whether the server makes a counter-offer, valid or not. */
static gboolean
is_countered (WhipSession * session, WhipRequest * request, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GstSDPMessage) offer = NULL;
  g_autoptr (GUri) url = NULL;

  if (get_settings (session)->protocol != WHIP_PROTOCOL_WHEP)
    return FALSE;
  offer = whip_request_parse_offer (request, body, &reason);
  if (offer)
    url = whip_request_resolve_session (request, &reason);
  if (url)
    take_counter (session, request, url, body, offer);
  else if (reason)
    refuse_answer (session, request, body, reason);
  return url || reason;
}

static void
take_created (WhipSession * session, WhipRequest * request, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GUri) url =
      whip_request_resolve_session (request, &reason);
  gsize size;
  const gchar *text = g_bytes_get_data (body, &size);
  GstSDPMessage *answer;

  if (url)
    whip_ending_opened (session->ending, url);
  else
    GST_WARNING_OBJECT (session->element, "session cannot be changed or "
        "deleted: %s in the answer to POST", reason->message);
  g_clear_error (&reason);
  answer = whip_answer_parse (session->operation.sdp, text ? text : "", size,
      get_settings (session)->allow_rejected_media, &reason);
  if (answer)
    take_session (session, request, url, answer);
  else
    refuse_answer (session, request, body, reason);
}

static void post_offer (WhipSession * session, GUri * url, WhipUrlKind kind);

static void
follow_redirect (WhipSession * session, WhipRequest * request, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GUri) url =
      whip_resolve_redirect (whip_request_get_header (request, "Location"),
      whip_request_get_url (request), ++session->operation.redirects, &reason);

  if (url)
    post_offer (session, url, WHIP_URL_REDIRECT);
  else
    finish_operation (session, request, NULL, whip_request_new_error (request,
            reason->code, body, reason->message));
}

static void
on_room_made (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipSession *session = data;

  whip_ending_take_result (session->ending, request, body, error);
  post_offer (session, get_endpoint (session), WHIP_URL_ENDPOINT);
}

/* Whether the server does not accept a second session. Then ends the first one, and sends the offer
 * again. */
static gboolean
make_room (WhipSession * session, WhipRequest * request)
{
  gboolean retry_after = whip_request_get_header (request, "Retry-After")
      != NULL;
  guint status = whip_request_get_status (request);
  g_autoptr (GUri) former = NULL;

  if (!session->former || !whip_answer_wants_room (get_settings
          (session)->protocol, status, retry_after))
    return FALSE;
  GST_INFO_OBJECT (session->element, "the server answers %u while the session "
      "before is there: it goes first", status);
  former = g_steal_pointer (&session->former);
  session->state = SESSION_MAKING_ROOM;
  session->operation.request = whip_ending_delete_then (session->ending,
      former, on_room_made, session);
  return TRUE;
}

static void
refuse_offer (WhipSession * session, WhipRequest * request, GBytes * body)
{
  guint status = whip_request_get_status (request);
  gboolean ghost = g_get_monotonic_time () < session->memory->ghost_until;
  const gchar *page = whip_request_find_page (request);
  GstRcastError code = page ? GST_RCAST_ERROR_FAILED :
      whip_answer_classify_offer (get_settings (session)->protocol, status,
      ghost);

  finish_operation (session, request, NULL, whip_request_new_error (request,
          code, body, page ? page : SOUP_STATUS_IS_SUCCESSFUL (status) ?
          "no such answer is known" : "offer refused"));
}

static void
fail_offer (WhipSession * session, WhipRequest * request, const GError * error)
{
  gboolean sent = whip_request_is_sent (request);

  finish_operation (session, request, NULL, g_error_copy (error));
  if (sent)
    whip_ending_take_rest (session->ending, request);
}

static void
on_offer_answered (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipSession *session = data;
  guint status = whip_request_get_status (request);

  if (error)
    fail_offer (session, request, error);
  else if (whip_answer_is_redirect (status))
    follow_redirect (session, request, body);
  else if (is_countered (session, request, body))
    return;
  else if (whip_answer_is_created (status))
    take_created (session, request, body);
  else if (!make_room (session, request))
    refuse_offer (session, request, body);
}

static void
post_offer (WhipSession * session, GUri * url, WhipUrlKind kind)
{
  guint close_timeout = get_settings (session)->net->close_timeout;
  gint64 left = (session->operation.deadline - g_get_monotonic_time ()) / 1000;
  /* The offer's timer limits the wait. A request sent by then may still create a session, so its
   * URL is worth waiting for a while longer. */
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_POST,
    .url = url,
    .kind = kind,
    .content_type = WHIP_TYPE_SDP,
    .body = session->operation.body,
    .timeout = MAX (left, 1) + close_timeout,
    .patience = MAX (left, 1),
    .need = NET_HTTP_BODY_NEEDED,
  };

  session->state = SESSION_OFFERING;
  session->operation.request = whip_request_start (session->client, &spec,
      on_offer_answered, session);
}

/* Parses our offer, which starts an ICE generation.
 * Returns: (transfer full): NULL if it cannot be sent; @task has returned then */
static GstSDPMessage *
take_offer (WhipSession * session, const gchar * text,
    GstRcastSdpFragment ** restart, GTask * task)
{
  g_autoptr (GTask) failed = task;
  g_autoptr (GstSDPMessage) sdp = NULL;
  g_autoptr (GError) error = NULL;

  sdp = whip_candidates_begin (session->candidates, text, restart, &error);
  if (!sdp) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "offer: %s", error->message);
    return NULL;
  }
  if (g_task_return_error_if_cancelled (task)) {
    if (restart)
      g_clear_pointer (restart, gst_rcast_sdp_fragment_free);
    return NULL;
  }
  failed = NULL;
  return g_steal_pointer (&sdp);
}

/* Takes @task, which returns the answer. */
void
whip_session_offer (WhipSession * session, const gchar * sdp, GTask * task)
{
  guint timeout = get_settings (session)->net->timeout;
  g_autoptr (GUri) moved = NULL;
  GstSDPMessage *parsed;

  whip_candidates_stop (session->candidates);
  abandon_operation (session, new_cancelled ("superseded by a newer offer"));
  if (is_overtaken (session, task))
    return;
  set_aside (session);
  whip_client_log_sdp (session->client, "offer", sdp);
  parsed = take_offer (session, sdp, NULL, task);
  if (!parsed)
    return;
  begin_operation (session, SESSION_OFFERING, task, parsed);
  session->operation.body = g_bytes_new (sdp, strlen (sdp));
  session->operation.deadline = g_get_monotonic_time ()
  + (gint64) timeout * 1000;
  session->operation.timer = gst_rcast_limit_start (timeout,
      on_offer_time_is_up, session);
  moved = whip_events_steal_target (session->events);
  post_offer (session, moved ? moved : get_endpoint (session),
      moved ? WHIP_URL_REDIRECT : WHIP_URL_ENDPOINT);
}

/* Answer to the server's offer */

/* Takes @task, which returns the server's counter-offer. */
void
whip_session_request_offer (WhipSession * session, GTask * task)
{
  if (session->counter)
    g_task_return_pointer (task,
        g_strdup (whip_counter_get_offer (session->counter)), g_free);
  else
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "the server waits for an offer");
  g_object_unref (task);
}

static void
take_agreement (WhipSession * session, WhipRequest * request)
{
  gchar *fresh = whip_request_dup_etag (request);
  g_autoptr (GstSDPMessage) ours = NULL;
  g_autofree gchar *etag = NULL;

  session->url = whip_counter_adopt (g_steal_pointer (&session->counter),
      &session->answer, &ours, &etag);
  session->state = SESSION_UP;
  session->can_trickle = whip_memory_begin (session->memory);
  take_generation (session, ours, fresh ? fresh : g_steal_pointer (&etag),
      TRUE);
  publish (session);
  whip_candidates_send (session->candidates);
}

static void
on_agreed (WhipRequest * request, gpointer data)
{
  if (request)
    take_agreement (data, request);
  else
    drop_counter (data, NULL);
}

/* Takes @task, which returns whether the server has accepted our answer. */
void
whip_session_answer (WhipSession * session, const gchar * sdp, GTask * task)
{
  GstSDPMessage *parsed;

  if (!session->counter) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_SESSION_GONE, "the server waits for no answer");
    g_object_unref (task);
    return;
  }
  parsed = take_offer (session, sdp, NULL, task);
  if (parsed)
    whip_counter_answer (session->counter, parsed, sdp, on_agreed, session,
        task);
}

/* Restart */

static void
give_restart_up (WhipSession * session)
{
  session->can_restart = FALSE;
  whip_memory_refuse_restart (session->memory, g_get_monotonic_time ());
  publish (session);
}

static void patch_restart (WhipSession * session);

static void
fail_restart (WhipSession * session, WhipRequest * request,
    GstRcastError code, GBytes * body, const gchar * what)
{
  if (code == GST_RCAST_ERROR_NOT_SUPPORTED)
    give_restart_up (session);
  finish_operation (session, request, NULL, whip_request_new_error (request,
          code, body, what));
}

static void
take_restart (WhipSession * session, WhipRequest * request, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  gsize size;
  const gchar *text = g_bytes_get_data (body, &size);

  if (!whip_answer_apply_restart (session->answer,
          whip_request_get_status (request), text ? text : "", size, &reason)) {
    fail_restart (session, request, reason->code, body, reason->message);
    return;
  }
  whip_request_check_type (request, WHIP_TYPE_FRAGMENT);
  whip_memory_keep_form (session->memory, session->operation.form,
      g_get_monotonic_time ());
  take_generation (session, session->operation.sdp,
      whip_request_dup_etag (request), TRUE);
  if (!session->etag)
    GST_WARNING_OBJECT (session->element, "no ETag in the answer to a restart");
  finish_operation (session, request, gst_sdp_message_as_text (session->answer),
      NULL);
  whip_candidates_send (session->candidates);
}

static void
on_restart_answered (WhipRequest * request, GBytes * body,
    const GError * error, gpointer data)
{
  WhipSession *session = data;
  guint status = whip_request_get_status (request);
  GstRcastError code;

  if (error) {
    finish_operation (session, request, NULL, g_error_copy (error));
  } else if (SOUP_STATUS_IS_SUCCESSFUL (status)) {
    take_restart (session, request, body);
  } else if (whip_form_change (&session->operation.form, status)) {
    patch_restart (session);
  } else {
    code = whip_answer_classify_restart (status);
    fail_restart (session, request, code, body,
        code == GST_RCAST_ERROR_SESSION_GONE ? "the session is gone" :
        "restart refused");
  }
}

static void
patch_restart (WhipSession * session)
{
  WhipOperation *operation = &session->operation;
  g_autoptr (GBytes) body = whip_fragment_print (operation->fragment,
      operation->sdp, operation->form.session_lines);

  whip_client_log_sdp (session->client, "restart",
      g_bytes_get_data (body, NULL));
  operation->request = whip_request_patch (session->client, session->url,
      WHIP_TYPE_FRAGMENT, body, operation->form.quoted_star ? "\"*\"" : "*",
      NET_HTTP_BODY_NEEDED, on_restart_answered, session);
}

static const gchar *
why_no_restart (WhipSession * session)
{
  if (!session->url)
    return "there is no session at the server that could be restarted";
  if (!session->can_restart)
    return "the server does not support it";
  return NULL;
}

/* Takes @task, which returns the answer with the changes of the restart. */
void
whip_session_restart (WhipSession * session, const gchar * sdp, GTask * task)
{
  const gchar *fault = why_no_restart (session);
  GstRcastSdpFragment *fragment = NULL;
  GstSDPMessage *parsed;

  if (fault) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart: %s", fault);
    g_object_unref (task);
    return;
  }
  whip_candidates_stop (session->candidates);
  abandon_operation (session, new_cancelled ("superseded by a newer restart"));
  if (is_overtaken (session, task))
    return;
  parsed = take_offer (session, sdp, &fragment, task);
  if (!parsed)
    return;
  /* A path that needs a restart has probably broken its connections as well. */
  whip_client_reconnect (session->client);
  begin_operation (session, SESSION_RESTARTING, task, parsed);
  session->operation.fragment = fragment;
  session->operation.form = whip_memory_get_form (session->memory);
  patch_restart (session);
}

/* Candidates */

static void
on_candidates_refused (gpointer data)
{
  WhipSession *session = data;

  session->can_trickle = FALSE;
  publish (session);
}

static void
on_session_gone (const GError * error, gpointer data)
{
  WhipSession *session = data;

  session->can_trickle = FALSE;
  whip_memory_learn (session->memory, &session->memory->broke_promise,
      !whip_candidates_is_patched (session->candidates), g_get_monotonic_time ());
  gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (session->element), error);
}

/* @candidate: NULL: end of candidates for @ufrag */
void
whip_session_add_candidate (WhipSession * session, const gchar * ufrag,
    const gchar * candidate)
{
  if (session->state != SESSION_CLOSED)
    whip_candidates_add (session->candidates, ufrag, candidate);
}

/* Probes */

/* Returns: (transfer none): the URL of the next request */
GUri *
whip_session_get_target (WhipSession * session)
{
  if (session->operation.task)
    return whip_request_get_url (session->operation.request);
  return session->url ? session->url : get_endpoint (session);
}

/* Whether the server has accepted a connection and owes us an answer. */
gboolean
whip_session_has_connection (WhipSession * session)
{
  return session->operation.task
      && !whip_request_wants_token (session->operation.request)
      && !whip_request_is_connecting (session->operation.request);
}

/* The server has accepted a connection that was started after @since, monotonic, us. */
void
whip_session_reached (WhipSession * session, gint64 since)
{
  if (session->operation.task)
    whip_request_retry_connection (session->operation.request, since);
}

/* End */

/* Ends the remaining sessions at the server in the background. */
static void
end_server_sessions (WhipSession * session)
{
  g_autoptr (GUri) url = g_steal_pointer (&session->url);

  whip_session_settle (session);
  whip_events_stop (session->events);
  if (url)
    whip_ending_delete (session->ending, url);
  else if (session->answer)
    whip_ending_missed (session->ending);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
}

/* Takes @task (nullable), which returns when no session is left at the server. */
void
whip_session_close (WhipSession * session, GTask * task)
{
  if (whip_candidates_is_patched (session->candidates))
    session->memory->broke_promise = FALSE;
  whip_candidates_stop (session->candidates);
  whip_candidates_retire (session->candidates);
  abandon_operation (session, new_cancelled ("the signaller was closed"));
  session->state = SESSION_CLOSED;
  end_server_sessions (session);
  whip_ending_close (session->ending, task);
}
