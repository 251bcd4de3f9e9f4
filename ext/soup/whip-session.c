/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WHIP session from open to the end of close: POST, PATCH, DELETE and their order. */
#include "config.h"

#include "whip-session.h"

#include <string.h>

#include "rcast-backoff.h"
#include "rcast-http.h"
#include "rcast-loop.h"
#include "rcast-sdp.h"
#include "whip-headers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_session_debug);
#define GST_CAT_DEFAULT rcast_whip_session_debug

#define TYPE_SDP "application/sdp"
#define TYPE_FRAGMENT "application/trickle-ice-sdpfrag"
#define CLOSED "the signaller was closed"
/* What a parser of whole descriptions misses in a fragment. */
#define SESSION_LINES "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

#define MAX_REDIRECTS 10
/* Answers to PATCH and DELETE that need no body. */
#define MAX_SMALL_BODY WHIP_MAX_PROBLEM_SIZE
/* Host candidates come in one burst; later ones gather while a PATCH is out. */
#define TRICKLE_BATCH_MS 20
#define TRICKLE_TRIES 4
#define TRICKLE_MIN_DELAY (500 * GST_MSECOND)
#define TRICKLE_MAX_DELAY (4 * GST_SECOND)
/* Generations whose late candidates are known to be late. */
#define MAX_PAST_UFRAGS 16
/* A day: servers are updated. */
#define MEMORY_US (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)
/* Consent expires after 30 s (RFC 7675 5.1); then servers let go of a session
 * that was not deleted. */
#define GHOST_US (35 * G_USEC_PER_SEC)
/* After DELETE some servers take a moment. */
#define GHOST_DELETED_US (5 * G_USEC_PER_SEC)

typedef struct _Call Call;
typedef struct _Offer Offer;
typedef struct _Restart Restart;

typedef struct
{
  gchar *ufrag;
  gchar *text;                  /* NULL: no more for this ufrag */
} Candidate;

/* All on the thread that opened it, except for the last unref. */
struct _WhipSession
{
  gatomicrefcount ref_count;
  GstRcastSignaller *element;   /* borrowed: held by each call and timer */
  WhipSettings *settings;
  WhipMemory *memory;           /* the element's */
  const WhipTokenStore *tokens;
  SoupSession *http;
  GList *calls;                 /* under way */

  Offer *offer;
  Restart *restart;

  /* The session at the server, once it is known. */
  GUri *url;
  GUri *former;                 /* the one before, until the new media is settled */
  gchar *etag;
  gboolean can_trickle, can_restart;
  gboolean patched;             /* a PATCH was taken: the URL is right */
  GstSDPMessage *sent_offer, *answer;

  /* This generation of ICE, and its candidates. */
  gchar *ufrag, *pwd;
  GHashTable *told;             /* candidates that are with the server or on their way */
  gboolean told_end;
  GQueue past_ufrags;
  GQueue pending;               /* Candidate, of this generation or one to come */
  Call *trickle;
  GPtrArray *batch;             /* Candidate, in that PATCH */
  guint trickle_tries;
  GSource *trickle_timer;

  gboolean closed;
  GTask *close_task;
  GSource *close_timer, *close_cancel;
  GError *close_error;
};

static void delete_session (WhipSession * session, GUri * url);
static void session_deleted (Call * call, GBytes * body, const GError * error);
static void flush_candidates (WhipSession * session);
static void maybe_closed (WhipSession * session);

static void
candidate_free (Candidate * candidate)
{
  g_free (candidate->ufrag);
  g_free (candidate->text);
  g_free (candidate);
}

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

static void
learn (WhipSession * session, gboolean * what)
{
  *what = TRUE;
  session->memory->learned_at = g_get_monotonic_time ();
}

static WhipSession *
session_ref (WhipSession * session)
{
  g_atomic_ref_count_inc (&session->ref_count);
  return session;
}

void
whip_session_unref (WhipSession * session)
{
  if (!session || !g_atomic_ref_count_dec (&session->ref_count))
    return;
  g_assert (!session->calls && !session->offer && !session->restart);
  gst_rcast_source_clear (&session->trickle_timer);
  gst_rcast_source_clear (&session->close_timer);
  gst_rcast_source_clear (&session->close_cancel);
  whip_settings_free (session->settings);
  g_clear_object (&session->http);
  g_clear_pointer (&session->url, g_uri_unref);
  g_clear_pointer (&session->former, g_uri_unref);
  g_free (session->etag);
  g_clear_pointer (&session->sent_offer, gst_sdp_message_free);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  g_free (session->ufrag);
  g_free (session->pwd);
  g_hash_table_unref (session->told);
  g_queue_clear_full (&session->past_ufrags, g_free);
  g_queue_clear_full (&session->pending, (GDestroyNotify) candidate_free);
  g_ptr_array_unref (session->batch);
  g_clear_error (&session->close_error);
  g_free (session);
}

/* What is under way keeps both alive: the session and its element. */
static WhipSession *
session_hold (WhipSession * session)
{
  gst_object_ref (session->element);
  return session_ref (session);
}

static void
session_release (WhipSession * session)
{
  GstRcastSignaller *element = session->element;

  whip_session_unref (session);
  gst_object_unref (element);
}

static GSource *
add_source (WhipSession * session, GSource * source, GSourceFunc func)
{
  g_source_set_callback (source, func, session_hold (session),
      (GDestroyNotify) session_release);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static SoupSession *
new_http (const WhipSettings * settings)
{
  SoupSession *http =
      soup_session_new_with_options ("user-agent", settings->user_agent,
      /* Time is limited for the exchange as a whole, and in milliseconds. */
      "timeout", 0, "max-conns", 16, "max-conns-per-host", 8, NULL);

  if (settings->tls_database)
    soup_session_set_tls_database (http, settings->tls_database);
  return http;
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
  session->http = new_http (settings);
  session->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  session->batch =
      g_ptr_array_new_with_free_func ((GDestroyNotify) candidate_free);
  g_queue_init (&session->past_ufrags);
  g_queue_init (&session->pending);
  return session;
}

static void
publish_capabilities (WhipSession * session)
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

/* A request with what all requests have: Bearer, certificate check, a second
 * try with a fresh token after 401. */

/* @body and @error as in RcastHttpDone. */
typedef void (*CallDone) (Call * call, GBytes * body, const GError * error);

struct _Call
{
  WhipSession *session;         /* held */
  SoupMessage *msg;
  RcastHttp *http;
  const gchar *method;
  GUri *url;
  const gchar *content_type;
  GBytes *body;
  gchar *if_match;
  guint timeout;                /* ms */
  RcastHttpBody need;
  gchar *token;                 /* that was sent */
  gboolean withheld;            /* the host was not to be trusted with it */
  gboolean renewed;
  gint64 sent_at;               /* monotonic, us */
  gboolean again;               /* over another connection: this one does not come about */
  CallDone done;
  gpointer data;
};

static void
call_free (Call * call)
{
  g_clear_object (&call->msg);
  g_uri_unref (call->url);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_free (call->if_match);
  g_free (call->token);
  session_release (call->session);
  g_free (call);
}

static gboolean
may_have_secrets (WhipSession * session, GUri * url)
{
  switch (session->settings->redirect_auth) {
    case GST_RCAST_WHIP_REDIRECT_AUTH_SAME_HOST:
      break;
    case GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS:
      if (g_str_equal (g_uri_get_scheme (url), "https"))
        return TRUE;
      break;
    case GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS:
      return TRUE;
  }
  return whip_may_carry_secrets (session->settings->endpoint, url);
}

static gboolean
on_authenticate (SoupMessage * msg, SoupAuth * auth, gboolean retrying,
    gpointer data)
{
  Call *call = data;
  WhipSettings *settings = call->session->settings;

  if (retrying || !settings->user_id || soup_auth_is_for_proxy (auth)
      || !may_have_secrets (call->session, call->url))
    return FALSE;
  soup_auth_authenticate (auth, settings->user_id,
      settings->user_pw ? settings->user_pw : "");
  return TRUE;
}

static gboolean
on_accept_certificate (SoupMessage * msg, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer data)
{
  Call *call = data;

  GST_WARNING_OBJECT (call->session->element,
      "taking a certificate with errors 0x%x, as tls-verify is off", errors);
  return TRUE;
}

/* libsoup does not send the body again by itself. */
static void
on_restarted (SoupMessage * msg, gpointer data)
{
  Call *call = data;

  if (call->body)
    soup_message_set_request_body_from_bytes (msg, call->content_type,
        call->body);
}

static void
on_network_event (SoupMessage * msg, GSocketClientEvent event,
    GIOStream * stream, gpointer data)
{
  Call *call = data;

  if (event == G_SOCKET_CLIENT_CONNECTED)
    rcast_reach_learn (call->session->memory->reach, call->url, stream);
}

static void call_answered (SoupMessage * msg, GBytes * body,
    const GError * error, gpointer data);

static void
call_send (Call * call)
{
  WhipSession *session = call->session;
  SoupMessageHeaders *headers;

  call->msg = soup_message_new_from_uri (call->method, call->url);
  headers = soup_message_get_request_headers (call->msg);
  soup_message_add_flags (call->msg, SOUP_MESSAGE_NO_REDIRECT);
  /* What a DELETE ends is often a session whose connection is dead. */
  if (g_str_equal (call->method, SOUP_METHOD_DELETE))
    soup_message_add_flags (call->msg, SOUP_MESSAGE_NEW_CONNECTION);
  if (call->body)
    soup_message_set_request_body_from_bytes (call->msg, call->content_type,
        call->body);
  if (call->if_match)
    soup_message_headers_replace (headers, "If-Match", call->if_match);
  g_clear_pointer (&call->token, g_free);
  call->token = session->tokens->dup_token (session->element);
  call->withheld = call->token && !may_have_secrets (session, call->url);
  if (call->token && !call->withheld) {
    g_autofree gchar *value = g_strconcat ("Bearer ", call->token, NULL);

    soup_message_headers_replace (headers, "Authorization", value);
  }
  g_signal_connect (call->msg, "authenticate", G_CALLBACK (on_authenticate),
      call);
  g_signal_connect (call->msg, "restarted", G_CALLBACK (on_restarted), call);
  g_signal_connect (call->msg, "network-event", G_CALLBACK (on_network_event),
      call);
  if (!session->settings->tls_verify)
    g_signal_connect (call->msg, "accept-certificate",
        G_CALLBACK (on_accept_certificate), call);
  call->sent_at = g_get_monotonic_time ();
  call->http = rcast_http_start (session->http, call->msg,
      session->settings->connect_timeout, call->timeout,
      call->need == RCAST_HTTP_BODY_NEEDED ? GST_RCAST_SDP_MAX_SIZE :
      MAX_SMALL_BODY, call->need, call_answered, call);
}

static Call *
call_start (WhipSession * session, const gchar * method, GUri * url,
    const gchar * content_type, GBytes * body, const gchar * if_match,
    guint timeout, RcastHttpBody need, CallDone done, gpointer data)
{
  Call *call = g_new0 (Call, 1);
  g_autofree gchar *text = whip_describe_url (url);

  GST_DEBUG_OBJECT (session->element, "%s %s%s%s", method, text,
      if_match ? ", If-Match: " : "", if_match ? if_match : "");
  call->session = session_hold (session);
  call->method = method;
  call->url = g_uri_ref (url);
  call->content_type = content_type;
  call->body = body ? g_bytes_ref (body) : NULL;
  call->if_match = g_strdup (if_match);
  call->timeout = timeout;
  call->need = need;
  call->done = done;
  call->data = data;
  session->calls = g_list_prepend (session->calls, call);
  call_send (call);
  return call;
}

/* Returns: whether the request goes out again, with another token */
static gboolean
call_renew (Call * call)
{
  WhipSession *session = call->session;
  g_autofree gchar *url = NULL, *now = NULL, *token = NULL;

  if (call->renewed || call->withheld)
    return FALSE;
  call->renewed = TRUE;
  now = session->tokens->dup_token (session->element);
  if (g_strcmp0 (now, call->token) == 0) {
    url = g_uri_to_string (call->url);
    token = gst_rcast_signaller_request_token (session->element, url);
    if (!token || g_strcmp0 (token, call->token) == 0)
      return FALSE;
    session->tokens->store_token (session->element, token);
  }
  GST_DEBUG_OBJECT (session->element, "%s once more, with a fresh token",
      call->method);
  g_clear_object (&call->msg);
  call_send (call);
  return TRUE;
}

static void
call_answered (SoupMessage * msg, GBytes * body, const GError * error,
    gpointer data)
{
  Call *call = data;
  WhipSession *session = call->session;

  g_signal_handlers_disconnect_by_data (msg, call);
  call->http = NULL;
  if (error && call->again) {
    GST_DEBUG_OBJECT (session->element, "%s by another connection",
        call->method);
    call->again = FALSE;
    g_clear_object (&call->msg);
    call_send (call);
    return;
  }
  if (!error && soup_message_get_status (msg) == SOUP_STATUS_UNAUTHORIZED
      && call_renew (call))
    return;
  if (error)
    GST_DEBUG_OBJECT (session->element, "%s: %s", call->method, error->message);
  else
    GST_DEBUG_OBJECT (session->element, "%s: HTTP %u", call->method,
        soup_message_get_status (msg));
  /* Under way until what follows from it is under way. */
  call->done (call, body, error);
  session->calls = g_list_remove (session->calls, call);
  maybe_closed (session);
  call_free (call);
}

static void
call_cancel (Call * call)
{
  call->again = FALSE;
  if (call->http)
    rcast_http_cancel (call->http);
}

static const gchar *
get_header (Call * call, const gchar * name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers
      (call->msg), name);
}

static guint
get_status (Call * call)
{
  return soup_message_get_status (call->msg);
}

/* An empty body has no data. */
static const gchar *
get_text (GBytes * body)
{
  const gchar *text = g_bytes_get_data (body, NULL);

  return text ? text : "";
}

static GstClockTime
get_retry_after (Call * call)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return whip_parse_retry_after (get_header (call, "Retry-After"), now);
}

/* An error that names method, URL, status, and what the server says. */
static GError *
new_error (Call * call, GstRcastError code, GBytes * body, const gchar * what)
{
  g_autofree gchar *url = whip_describe_url (call->url);
  g_autofree gchar *problem = NULL;
  const gchar *type =
      soup_message_headers_get_content_type (soup_message_get_response_headers
      (call->msg), NULL);
  const gchar *reason = soup_message_get_reason_phrase (call->msg);
  guint status = get_status (call);

  if (body && !SOUP_STATUS_IS_SUCCESSFUL (status))
    problem = whip_parse_problem (type, get_text (body),
        g_bytes_get_size (body));
  /* HTTP/2 has no reason phrase, and it may be anything. */
  if (!reason || !*reason || !g_utf8_validate (reason, -1, NULL))
    reason = soup_status_get_phrase (status);
  return gst_rcast_error_new_http (code, url, status, get_retry_after (call),
      "%s %s: %s (HTTP %u %s)%s%s%s", call->method, url, what, status, reason,
      problem ? ": " : "", problem ? problem : "", call->withheld
      && status == SOUP_STATUS_UNAUTHORIZED ?
      "; the token was not sent there, see redirect-auth" : "");
}

/* The initial offer: POST, through redirects, to the answer. */

struct _Offer
{
  WhipSession *session;
  GTask *task;                  /* NULL: nobody waits any more */
  GstSDPMessage *sdp;
  GBytes *body;
  guint redirects;
  gint64 deadline;              /* monotonic, us */
  Call *call;
  GSource *timer, *cancel;
};

/* Takes @error, or @answer. */
static void
offer_report (Offer * offer, gchar * answer, GError * error)
{
  GTask *task = g_steal_pointer (&offer->task);

  gst_rcast_source_clear (&offer->timer);
  gst_rcast_source_clear (&offer->cancel);
  if (offer->session->offer == offer)
    offer->session->offer = NULL;
  if (!task) {
    g_clear_error (&error);
    return;
  }
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, g_free);
  g_object_unref (task);
}

static void
offer_free (Offer * offer)
{
  g_assert (!offer->task);
  g_clear_pointer (&offer->sdp, gst_sdp_message_free);
  g_bytes_unref (offer->body);
  g_free (offer);
}

/* Takes @error. A request that the server may have seen goes on: the session
 * that it opens is ended as soon as its URL is known. */
static void
offer_abandon (Offer * offer, GError * error)
{
  Call *call = offer->call;

  if (call && call->http && !rcast_http_is_sent (call->http))
    call_cancel (call);
  else if (call)
    offer->session->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
  offer_report (offer, NULL, error);
}

static gboolean
offer_cancelled (GCancellable * cancellable, gpointer data)
{
  Offer *offer = ((WhipSession *) data)->offer;

  if (offer)
    offer_abandon (offer, g_error_new_literal (G_IO_ERROR,
            G_IO_ERROR_CANCELLED, "the offer was cancelled"));
  return G_SOURCE_REMOVE;
}

static gboolean
offer_time_is_up (gpointer data)
{
  WhipSession *session = data;
  g_autofree gchar *url = NULL;
  Offer *offer = session->offer;
  gboolean sent;

  if (!offer)
    return G_SOURCE_REMOVE;
  url = whip_describe_url (offer->call ? offer->call->url :
      session->settings->endpoint);
  sent = offer->call && offer->call->http
      && rcast_http_is_sent (offer->call->http);
  offer_abandon (offer, gst_rcast_error_new_http (sent ?
          GST_RCAST_ERROR_TIMEOUT : GST_RCAST_ERROR_NETWORK, url, 0,
          GST_CLOCK_TIME_NONE, "POST %s: no %s within %u ms", url,
          sent ? "answer" : "connection", session->settings->timeout));
  return G_SOURCE_REMOVE;
}

static GstRcastError
classify_post (WhipSession * session, guint status, gint64 now)
{
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_BAD_REQUEST:
      /* Broadcast Box's word for "somebody is on air already". */
      return now < session->memory->ghost_until ? GST_RCAST_ERROR_BUSY :
          GST_RCAST_ERROR_NOT_ACCEPTABLE;
    case SOUP_STATUS_FORBIDDEN:
      /* The same, from simple-whip-server. */
      return now < session->memory->ghost_until ? GST_RCAST_ERROR_BUSY :
          GST_RCAST_ERROR_REJECTED;
    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_METHOD_NOT_ALLOWED:
    case SOUP_STATUS_GONE:
      return GST_RCAST_ERROR_REJECTED;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return GST_RCAST_ERROR_FAILED;
    case SOUP_STATUS_CONFLICT:
    case 429:                  /* RFC 6585 4: Too Many Requests */
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return GST_RCAST_ERROR_BUSY;
  }
  if (status >= 500)
    return GST_RCAST_ERROR_FAILED;
  /* RFC 9725 4.1: an unknown code counts as the x00 of its class. */
  if (status >= 400)
    return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  return GST_RCAST_ERROR_INVALID_DATA;
}

static const gchar *
get_direction (const GstSDPMessage * sdp, const GstSDPMedia * media)
{
  static const gchar *const directions[] = {
    "sendrecv", "sendonly", "recvonly", "inactive"
  };

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    if (gst_sdp_media_get_attribute_val (media, directions[i]))
      return directions[i];
  }
  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    if (gst_sdp_message_get_attribute_val (sdp, directions[i]))
      return directions[i];
  }
  return "sendrecv";
}

/* RFC 9725 4.2 wants recvonly; sendrecv takes our media all the same, but
 * would be no answer to sendonly (RFC 3264 6.1). */
static void
set_recvonly (GstSDPMedia * media)
{
  for (guint i = gst_sdp_media_attributes_len (media); i-- > 0;) {
    if (g_strcmp0 (gst_sdp_media_get_attribute (media, i)->key, "sendrecv")
        == 0)
      gst_sdp_media_remove_attribute (media, i);
  }
  gst_sdp_media_add_attribute (media, "recvonly", NULL);
}

/* Returns: NULL if the m-section is as it should be */
static const gchar *
check_media (const WhipSettings * settings, const GstSDPMessage * offer,
    GstSDPMessage * answer, guint i)
{
  const GstSDPMedia *ours = gst_sdp_message_get_media (offer, i);
  GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (answer, i);
  const gchar *direction = get_direction (answer, media);

  if (g_strcmp0 (media->media, ours->media) != 0)
    return "is of another kind than the one offered";
  if (media->port == 0
      && !gst_sdp_media_get_attribute_val (media, "bundle-only"))
    return settings->allow_rejected_media ? NULL : "was refused (port 0)";
  if (g_strcmp0 (media->media, "application") == 0)
    return NULL;
  if (g_str_equal (direction, "sendonly")
      || g_str_equal (direction, "inactive"))
    return "is one that the server will not receive";
  if (g_str_equal (direction, "sendrecv")
      && g_str_equal (get_direction (offer, ours), "sendonly"))
    set_recvonly (media);
  return NULL;
}

static gboolean
has_fingerprint (const GstSDPMessage * sdp)
{
  if (gst_sdp_message_get_attribute_val (sdp, "fingerprint"))
    return TRUE;
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    if (gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
            "fingerprint"))
      return TRUE;
  }
  return FALSE;
}

/* Returns: (transfer full): an answer that a peer connection can work with */
static GstSDPMessage *
check_answer (Offer * offer, Call * call, GBytes * body, GError ** error)
{
  g_autoptr (GstSDPMessage) answer = NULL;
  g_autoptr (GError) reason = NULL;
  guint medias = gst_sdp_message_medias_len (offer->sdp);
  const gchar *fault = NULL;

  answer = gst_rcast_sdp_parse (get_text (body), g_bytes_get_size (body),
      &reason);
  if (!answer)
    fault = reason->message;
  else if (gst_sdp_message_medias_len (answer) != medias)
    fault = "the answer has another number of media sections than the offer";
  else if (!gst_rcast_sdp_get_credentials (answer, NULL, NULL))
    fault = "the answer has no ICE credentials";
  else if (!has_fingerprint (answer))
    fault = "the answer has no DTLS fingerprint";
  if (fault) {
    g_propagate_error (error, new_error (call, GST_RCAST_ERROR_INVALID_DATA,
            body, fault));
    return NULL;
  }
  for (guint i = 0; i < medias; i++) {
    g_autofree gchar *text = NULL;

    fault = check_media (offer->session->settings, offer->sdp, answer, i);
    if (!fault)
      continue;
    text = g_strdup_printf ("media section %u of the answer %s", i, fault);
    g_propagate_error (error, new_error (call, GST_RCAST_ERROR_NOT_ACCEPTABLE,
            body, text));
    return NULL;
  }
  return g_steal_pointer (&answer);
}

static void
warn_about_type (Call * call, const gchar * want)
{
  const gchar *type =
      soup_message_headers_get_content_type (soup_message_get_response_headers
      (call->msg), NULL);

  if (!type || g_ascii_strcasecmp (type, want) != 0)
    GST_WARNING_OBJECT (call->session->element, "%s was answered with content "
        "type %s instead of %s", call->method, type ? type : "(none)", want);
}

static void
take_ice_servers (Call * call)
{
  g_auto (GStrv) uris = whip_parse_ice_servers (get_header (call, "Link"));

  GST_DEBUG_OBJECT (call->session->element, "%u ICE servers from the server",
      g_strv_length (uris));
  gst_rcast_signaller_set_ice_servers (call->session->element,
      (const gchar * const *) uris);
}

static void
take_memory (WhipSession * session, GUri * final)
{
  WhipMemory *memory = session->memory;
  g_autofree gchar *text = g_uri_to_string (final);

  if (memory->final && !g_str_equal (memory->final, text)) {
    g_autofree gchar *endpoint = g_strdup (memory->endpoint);

    whip_memory_clear (memory);
    memory->endpoint = g_steal_pointer (&endpoint);
  }
  g_free (memory->final);
  memory->final = g_steal_pointer (&text);
}

/* The server has a session for us. */
static void
offer_accepted (Offer * offer, Call * call, GUri * url, GBytes * body)
{
  WhipSession *session = offer->session;
  g_autoptr (GstSDPMessage) answer = NULL;
  g_autofree gchar *text = NULL, *log = NULL;
  GError *error = NULL;

  if (!offer->task || !(answer = check_answer (offer, call, body, &error))) {
    offer_report (offer, NULL, error);
    if (url)
      delete_session (session, url);
    return;
  }
  warn_about_type (call, TYPE_SDP);
  take_memory (session, call->url);
  g_clear_pointer (&session->url, g_uri_unref);
  session->url = url ? g_uri_ref (url) : NULL;
  g_free (session->etag);
  session->etag = whip_parse_etag (get_header (call, "ETag"));
  session->patched = FALSE;
  if (!url)
    learn (session, &session->memory->no_trickle);
  session->can_trickle = !session->memory->no_trickle;
  /* RFC 9725 4.3.1: no entity tag, no restart. */
  session->can_restart = url && session->etag && !session->memory->no_restart;
  g_clear_pointer (&session->sent_offer, gst_sdp_message_free);
  session->sent_offer = g_steal_pointer (&offer->sdp);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  session->answer = g_steal_pointer (&answer);

  take_ice_servers (call);
  publish_capabilities (session);
  text = gst_sdp_message_as_text (session->answer);
  log = gst_rcast_sdp_redact (text);
  GST_LOG_OBJECT (session->element, "answer:\n%s", log);
  offer_report (offer, g_steal_pointer (&text), NULL);
  flush_candidates (session);
}

static void offer_post (Offer * offer, GUri * url);

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 307 || status == 308;
}

/* Returns: whether the offer went out again */
static gboolean
offer_redirect (Offer * offer, Call * call, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GUri) url = NULL;
  const gchar *fault = NULL;
  GstRcastError code = GST_RCAST_ERROR_FAILED;

  if (!offer->task)
    return FALSE;
  url = whip_resolve_location (get_header (call, "Location"), call->url,
      &reason);
  if (!url) {
    fault = reason->message;
    code = GST_RCAST_ERROR_INVALID_DATA;
  } else if (++offer->redirects > MAX_REDIRECTS) {
    fault = "too many redirects";
  } else if (g_str_equal (g_uri_get_scheme (call->url), "https")
      && !g_str_equal (g_uri_get_scheme (url), "https")
      && offer->session->settings->redirect_auth !=
      GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS) {
    /* The offer's fingerprint is what media security rests on. */
    fault = "redirect from https to http";
    code = GST_RCAST_ERROR_REJECTED;
  }
  if (fault) {
    offer_report (offer, NULL, new_error (call, code, body, fault));
    return FALSE;
  }
  offer_post (offer, url);
  return TRUE;
}

static void
former_deleted (Call * call, GBytes * body, const GError * error)
{
  Offer *offer = call->data;

  session_deleted (call, body, error);
  if (offer->task)
    offer_post (offer, offer->session->settings->endpoint);
  else
    offer_free (offer);
}

/* Whether the server does not take a second session beside the one before: then
 * that one goes first, and the offer out again. */
static gboolean
make_room (Offer * offer, Call * call)
{
  WhipSession *session = offer->session;
  g_autoptr (GUri) former = NULL;

  if (!offer->task || !session->former)
    return FALSE;
  switch (get_status (call)) {
      /* Broadcast Box's and simple-whip-server's words for "in use", and the
       * right one */
    case SOUP_STATUS_BAD_REQUEST:
    case SOUP_STATUS_FORBIDDEN:
    case SOUP_STATUS_CONFLICT:
      break;
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      if (get_header (call, "Retry-After"))
        return FALSE;
      break;
    default:
      return FALSE;
  }
  GST_INFO_OBJECT (session->element, "the server answers %u while the session "
      "before is there: it goes first", get_status (call));
  former = g_steal_pointer (&session->former);
  session->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
  call_start (session, SOUP_METHOD_DELETE, former, NULL, NULL, NULL,
      session->settings->close_timeout, RCAST_HTTP_BODY_OPTIONAL,
      former_deleted, offer);
  return TRUE;
}

static void
offer_posted (Call * call, GBytes * body, const GError * error)
{
  Offer *offer = call->data;
  WhipSession *session = offer->session;
  guint status = get_status (call);

  offer->call = NULL;
  if (error) {
    GError *copy = g_error_copy (error);

    g_prefix_error (&copy, "POST ");
    offer_report (offer, NULL, copy);
  } else if (is_redirect (status)) {
    if (offer_redirect (offer, call, body))
      return;
    offer_report (offer, NULL, NULL);
  } else if (status == SOUP_STATUS_CREATED || status == SOUP_STATUS_OK) {
    g_autoptr (GError) reason = NULL;
    g_autoptr (GUri) url =
        whip_resolve_location (get_header (call, "Location"), call->url,
        &reason);

    if (!url)
      GST_WARNING_OBJECT (session->element, "session cannot be changed or "
          "deleted: %s in the answer to POST", reason->message);
    offer_accepted (offer, call, url, body);
  } else {
    if (make_room (offer, call))
      return;
    offer_report (offer, NULL, new_error (call, classify_post (session, status,
                g_get_monotonic_time ()), body,
            SOUP_STATUS_IS_SUCCESSFUL (status) ? "not what a WHIP server "
            "answers" : "offer refused"));
  }
  offer_free (offer);
}

static void
offer_post (Offer * offer, GUri * url)
{
  WhipSession *session = offer->session;
  gint64 left = (offer->deadline - g_get_monotonic_time ()) / 1000;

  /* The timer of the offer ends the waiting for it; what is sent by then may
   * still open a session, whose URL is worth a while. */
  offer->call = call_start (session, SOUP_METHOD_POST, url, TYPE_SDP,
      offer->body, NULL, MAX (left, 1) + session->settings->close_timeout,
      RCAST_HTTP_BODY_NEEDED, offer_posted, offer);
}

static gchar *
candidate_key (const gchar * text)
{
  const gchar *end = strstr (text, " ufrag ");

  return end ? g_strndup (text, end - text) : g_strdup (text);
}

/* Nothing of this generation is sent any more: to a server that never agreed to
 * it, or has a newer one, a PATCH that names it would be another restart. */
static void
retire_generation (WhipSession * session)
{
  if (!session->ufrag)
    return;
  g_queue_push_tail (&session->past_ufrags, g_steal_pointer (&session->ufrag));
  if (session->past_ufrags.length > MAX_PAST_UFRAGS)
    g_free (g_queue_pop_head (&session->past_ufrags));
}

/* A new generation of ICE: what belongs to the old one is late from now on. */
static void
set_generation (WhipSession * session, const gchar * ufrag, const gchar * pwd,
    const GstRcastSdpFragment * fragment)
{
  if (g_strcmp0 (session->ufrag, ufrag) != 0)
    retire_generation (session);
  g_free (session->ufrag);
  g_free (session->pwd);
  session->ufrag = g_strdup (ufrag);
  session->pwd = g_strdup (pwd);
  g_hash_table_remove_all (session->told);
  session->told_end = fragment->end_of_candidates;
  session->trickle_tries = 0;
  for (guint i = 0; i < fragment->candidates->len; i++)
    g_hash_table_add (session->told,
        candidate_key (g_ptr_array_index (fragment->candidates, i)));
}

/* Parses an offer of ours and takes its generation over. */
static GstSDPMessage *
take_offer (WhipSession * session, const gchar * text,
    GstRcastSdpFragment ** fragment, GError ** error)
{
  g_autoptr (GstSDPMessage) sdp = gst_rcast_sdp_parse (text, -1, error);
  g_autoptr (GstRcastSdpFragment) ice = NULL;
  const gchar *ufrag, *pwd;

  if (sdp)
    ice = gst_rcast_sdp_fragment_parse (text, -1, error);
  if (!ice) {
    g_prefix_error (error, "offer: ");
    return NULL;
  }
  if (!gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd)) {
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "offer: no ICE credentials");
    return NULL;
  }
  set_generation (session, ufrag, pwd, ice);
  if (fragment)
    *fragment = g_steal_pointer (&ice);
  return g_steal_pointer (&sdp);
}

static void
stop_trickle (WhipSession * session)
{
  gst_rcast_source_clear (&session->trickle_timer);
  if (session->trickle)
    call_cancel (session->trickle);
  session->trickle = NULL;
  g_ptr_array_set_size (session->batch, 0);
}

static GError *
new_cancelled (const gchar * why)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, why);
}

static void restart_abandon (Restart * restart, GError * error);

static void
stop_asking (WhipSession * session, const gchar * why)
{
  stop_trickle (session);
  if (session->offer)
    offer_abandon (session->offer, new_cancelled (why));
  if (session->restart)
    restart_abandon (session->restart, new_cancelled (why));
}

/* The session before goes, in the background. */
void
whip_session_settle (WhipSession * session)
{
  g_autoptr (GUri) former = g_steal_pointer (&session->former);

  if (former)
    delete_session (session, former);
}

/* Media goes on in it until there is another one. */
static void
set_server_session_aside (WhipSession * session)
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
    delete_session (session, session->url);
  g_clear_pointer (&session->url, g_uri_unref);
  g_clear_pointer (&session->etag, g_free);
}

/* Takes @task, which returns the answer. */
void
whip_session_offer (WhipSession * session, const gchar * sdp, GTask * task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) parsed = NULL;
  g_autofree gchar *log = NULL;
  Offer *offer;

  set_server_session_aside (session);
  if (session->closed) {
    g_task_return_error (task, new_cancelled (CLOSED));
    g_object_unref (task);
    return;
  }
  log = gst_rcast_sdp_redact (sdp);
  GST_LOG_OBJECT (session->element, "offer:\n%s", log);
  parsed = take_offer (session, sdp, NULL, &error);
  if (!parsed) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "%s", error->message);
    g_object_unref (task);
    return;
  }
  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return;
  }
  offer = g_new0 (Offer, 1);
  offer->session = session;
  offer->task = task;
  offer->sdp = g_steal_pointer (&parsed);
  offer->body = g_bytes_new (sdp, strlen (sdp));
  offer->deadline = g_get_monotonic_time ()
      + (gint64) session->settings->timeout * 1000;
  session->offer = offer;
  offer->timer = add_source (session,
      g_timeout_source_new (session->settings->timeout), offer_time_is_up);
  if (cancellable)
    offer->cancel = add_source (session,
        g_cancellable_source_new (cancellable), G_SOURCE_FUNC
        (offer_cancelled));
  offer_post (offer, session->settings->endpoint);
}

/* Trickle: PATCH with the candidates that have come, one at a time. */

static gboolean
trickle_time_is_up (gpointer data)
{
  WhipSession *session = data;

  gst_rcast_source_clear (&session->trickle_timer);
  flush_candidates (session);
  return G_SOURCE_REMOVE;
}

static void
schedule_trickle (WhipSession * session, guint ms)
{
  if (!session->trickle_timer)
    session->trickle_timer = add_source (session, g_timeout_source_new (ms),
        trickle_time_is_up);
}

static void
give_trickle_up (WhipSession * session, gboolean for_good, const gchar * why)
{
  GST_WARNING_OBJECT (session->element, "no more candidates are sent: %s", why);
  session->can_trickle = FALSE;
  if (for_good)
    learn (session, &session->memory->no_trickle);
  publish_capabilities (session);
}

static void
trickle_again (WhipSession * session, GstClockTime retry_after,
    const gchar * why)
{
  GstClockTime delay = gst_rcast_backoff_delay (session->trickle_tries,
      TRICKLE_MIN_DELAY, TRICKLE_MAX_DELAY, retry_after, g_random_int ());

  if (++session->trickle_tries >= TRICKLE_TRIES) {
    GST_WARNING_OBJECT (session->element, "candidates lost: %s", why);
    session->trickle_tries = 0;
    g_ptr_array_set_size (session->batch, 0);
    return;
  }
  GST_INFO_OBJECT (session->element,
      "%s; candidates again in %" G_GUINT64_FORMAT " ms", why,
      (guint64) (delay / GST_MSECOND));
  while (session->batch->len > 0) {
    Candidate *candidate = g_ptr_array_steal_index (session->batch,
        session->batch->len - 1);

    if (candidate->text) {
      g_autofree gchar *key = candidate_key (candidate->text);

      g_hash_table_remove (session->told, key);
    } else {
      session->told_end = FALSE;
    }
    g_queue_push_head (&session->pending, candidate);
  }
  gst_rcast_source_clear (&session->trickle_timer);
  schedule_trickle (session, delay / GST_MSECOND);
}

static gboolean
is_transient (guint status)
{
  return status >= 502 || status == 500 || status == 429
      || status == SOUP_STATUS_CONFLICT
      || status == SOUP_STATUS_REQUEST_TIMEOUT;
}

static void
trickle_refused (WhipSession * session, Call * call, GBytes * body)
{
  guint status = get_status (call);
  g_autoptr (GError) error = NULL;

  if ((status == SOUP_STATUS_NOT_FOUND && session->patched)
      || status == SOUP_STATUS_GONE) {
    error = new_error (call, GST_RCAST_ERROR_SESSION_GONE, body,
        "the session is gone");
    g_ptr_array_set_size (session->batch, 0);
    session->can_trickle = FALSE;
    gst_rcast_signaller_lost (session->element, error);
    return;
  }
  error = new_error (call, GST_RCAST_ERROR_NOT_SUPPORTED, body,
      "candidates refused");
  if (is_transient (status)) {
    trickle_again (session, get_retry_after (call), error->message);
    return;
  }
  g_ptr_array_set_size (session->batch, 0);
  give_trickle_up (session, status != SOUP_STATUS_UNAUTHORIZED
      && status != SOUP_STATUS_FORBIDDEN, error->message);
}

static void
trickle_patched (Call * call, GBytes * body, const GError * error)
{
  WhipSession *session = call->session;

  /* An older PATCH, or one of a session that is over. */
  if (session->trickle != call)
    return;
  session->trickle = NULL;
  if (error) {
    trickle_again (session, GST_CLOCK_TIME_NONE, error->message);
    return;
  }
  if (!SOUP_STATUS_IS_SUCCESSFUL (get_status (call))) {
    trickle_refused (session, call, body);
    return;
  }
  session->patched = TRUE;
  session->trickle_tries = 0;
  g_ptr_array_set_size (session->batch, 0);
  flush_candidates (session);
}

static gboolean
is_past (WhipSession * session, const gchar * ufrag)
{
  return g_queue_find_custom (&session->past_ufrags, ufrag,
      (GCompareFunc) strcmp) != NULL;
}

/* Moves what can be said of this generation from pending to @batch, drops what
 * is late or was said before, and keeps what is of a generation to come. */
static void
take_pending (WhipSession * session, GPtrArray * batch)
{
  for (guint n = session->pending.length; n > 0; n--) {
    Candidate *candidate = g_queue_pop_head (&session->pending);
    gboolean current = g_strcmp0 (candidate->ufrag, session->ufrag) == 0;

    if (!current && !is_past (session, candidate->ufrag)) {
      g_queue_push_tail (&session->pending, candidate);
    } else if (!current || session->told_end) {
      candidate_free (candidate);
    } else if (!candidate->text) {
      session->told_end = TRUE;
      g_ptr_array_add (batch, candidate);
    } else if (!g_hash_table_add (session->told,
            candidate_key (candidate->text))) {
      candidate_free (candidate);
    } else {
      g_ptr_array_add (batch, candidate);
    }
  }
}

static void
add_to_fragment (GstRcastSdpFragment * fragment, GPtrArray * batch)
{
  for (guint i = 0; i < batch->len; i++) {
    Candidate *candidate = g_ptr_array_index (batch, i);

    if (candidate->text)
      g_ptr_array_add (fragment->candidates, g_strdup (candidate->text));
    else
      fragment->end_of_candidates = TRUE;
  }
}

static GBytes *
print_fragment (WhipSession * session, const GstRcastSdpFragment * fragment,
    const GstSDPMessage * offer, gboolean session_lines)
{
  g_autofree gchar *text = gst_rcast_sdp_fragment_print (fragment, offer);
  g_autofree gchar *log = gst_rcast_sdp_redact (text);

  GST_LOG_OBJECT (session->element, "fragment:\n%s", log);
  if (session_lines) {
    g_autofree gchar *whole = g_strconcat (SESSION_LINES, text, NULL);

    return g_bytes_new (whole, strlen (whole));
  }
  return g_bytes_new (text, strlen (text));
}

static void
flush_candidates (WhipSession * session)
{
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GBytes) body = NULL;

  /* During an offer or a restart they wait for its answer (RFC 9725 4.3.1). */
  if (session->closed || session->offer || session->restart
      || session->trickle || !session->sent_offer || session->trickle_timer)
    return;
  take_pending (session, session->batch);
  if (!session->can_trickle || !session->url)
    g_ptr_array_set_size (session->batch, 0);
  if (session->batch->len == 0)
    return;

  fragment = gst_rcast_sdp_fragment_new ();
  fragment->ufrag = g_strdup (session->ufrag);
  fragment->pwd = g_strdup (session->pwd);
  fragment->mline = gst_rcast_sdp_get_bundle_mline (session->sent_offer);
  add_to_fragment (fragment, session->batch);
  body = print_fragment (session, fragment, session->sent_offer,
      session->memory->session_lines);
  session->trickle = call_start (session, "PATCH", session->url, TYPE_FRAGMENT,
      body, session->etag, session->settings->timeout, RCAST_HTTP_BODY_OPTIONAL,
      trickle_patched, NULL);
}

/* @candidate NULL: no more for @ufrag. */
void
whip_session_add_candidate (WhipSession * session, const gchar * ufrag,
    const gchar * candidate)
{
  Candidate *entry;

  if (session->closed || is_past (session, ufrag))
    return;
  if (session->pending.length >= GST_RCAST_SDP_MAX_CANDIDATES)
    candidate_free (g_queue_pop_head (&session->pending));
  entry = g_new0 (Candidate, 1);
  entry->ufrag = g_strdup (ufrag);
  entry->text = g_strdup (candidate);
  g_queue_push_tail (&session->pending, entry);
  if (g_strcmp0 (ufrag, session->ufrag) == 0 && session->url
      && session->can_trickle)
    schedule_trickle (session, TRICKLE_BATCH_MS);
}

/* The restart: PATCH with new credentials, at most once more for each quirk. */

struct _Restart
{
  WhipSession *session;
  GTask *task;
  GstSDPMessage *sdp;
  GstRcastSdpFragment *fragment;
  gboolean quoted_star, session_lines;
  gboolean tried_star, tried_lines;
  Call *call;
  GSource *cancel;
};

/* Takes @error, or @answer, and @restart. */
static void
restart_report (Restart * restart, gchar * answer, GError * error)
{
  GTask *task = restart->task;

  if (restart->session->restart == restart)
    restart->session->restart = NULL;
  gst_rcast_source_clear (&restart->cancel);
  g_clear_pointer (&restart->sdp, gst_sdp_message_free);
  gst_rcast_sdp_fragment_free (restart->fragment);
  if (error)
    retire_generation (restart->session);
  g_free (restart);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, g_free);
  g_object_unref (task);
}

/* Takes @error. Only the last restart counts (RFC 9725 4.3.3). */
static void
restart_abandon (Restart * restart, GError * error)
{
  Call *call = restart->call;

  call->data = NULL;
  call_cancel (call);
  restart_report (restart, NULL, error);
}

static gboolean
restart_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipSession *session = data;

  if (session->restart)
    restart_abandon (session->restart,
        new_cancelled ("the restart was cancelled"));
  return G_SOURCE_REMOVE;
}

static void
give_restart_up (WhipSession * session)
{
  session->can_restart = FALSE;
  learn (session, &session->memory->no_restart);
  publish_capabilities (session);
}

static GstRcastError
classify_restart (guint status)
{
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_GONE:
      return GST_RCAST_ERROR_SESSION_GONE;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return GST_RCAST_ERROR_FAILED;
    case SOUP_STATUS_CONFLICT:
    case 429:                  /* RFC 6585 4: Too Many Requests */
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return GST_RCAST_ERROR_BUSY;
  }
  if (status >= 500 && status != SOUP_STATUS_NOT_IMPLEMENTED)
    return GST_RCAST_ERROR_FAILED;
  return GST_RCAST_ERROR_NOT_SUPPORTED;
}

static void restart_patch (Restart * restart);

/* Returns: whether the request goes out again in another form */
static gboolean
restart_in_another_form (Restart * restart, guint status)
{
  switch (status) {
    case SOUP_STATUS_PRECONDITION_FAILED:
    case SOUP_STATUS_UNPROCESSABLE_ENTITY:
    case 428:                  /* RFC 6585 3: Precondition Required */
      if (restart->tried_star)
        return FALSE;
      restart->tried_star = TRUE;
      restart->quoted_star = !restart->quoted_star;
      break;
    case SOUP_STATUS_BAD_REQUEST:
      if (restart->tried_lines)
        return FALSE;
      restart->tried_lines = TRUE;
      restart->session_lines = !restart->session_lines;
      break;
    default:
      return FALSE;
  }
  restart_patch (restart);
  return TRUE;
}

/* Returns: (transfer full): NULL with @error if the server did not restart */
static gchar *
apply_restart (Restart * restart, Call * call, GBytes * body, GError ** error)
{
  WhipSession *session = restart->session;
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GError) reason = NULL;
  const gchar *old_ufrag = NULL;

  /* OvenMediaEngine says 204 to everything and does nothing. */
  if (get_status (call) != SOUP_STATUS_OK || g_bytes_get_size (body) == 0) {
    g_propagate_error (error, new_error (call, GST_RCAST_ERROR_NOT_SUPPORTED,
            body, "the server took the restart for candidates"));
    return NULL;
  }
  fragment = gst_rcast_sdp_fragment_parse (get_text (body),
      g_bytes_get_size (body), &reason);
  if (!fragment || !fragment->ufrag || !fragment->pwd) {
    g_propagate_error (error, new_error (call, GST_RCAST_ERROR_INVALID_DATA,
            body, reason ? reason->message :
            "no ICE credentials in the answer to the restart"));
    return NULL;
  }
  gst_rcast_sdp_get_credentials (session->answer, &old_ufrag, NULL);
  if (g_strcmp0 (old_ufrag, fragment->ufrag) == 0) {
    g_propagate_error (error, new_error (call, GST_RCAST_ERROR_NOT_SUPPORTED,
            body, "the server did not change its ICE credentials"));
    return NULL;
  }
  if (!gst_rcast_sdp_apply_fragment (session->answer, fragment, error))
    return NULL;
  warn_about_type (call, TYPE_FRAGMENT);
  return gst_sdp_message_as_text (session->answer);
}

static void
restart_accepted (Restart * restart, Call * call, GBytes * body)
{
  WhipSession *session = restart->session;
  WhipMemory *memory = session->memory;
  GError *error = NULL;
  gchar *answer = apply_restart (restart, call, body, &error);

  if (!answer) {
    if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED))
      give_restart_up (session);
    restart_report (restart, NULL, error);
    return;
  }
  g_free (session->etag);
  session->etag = whip_parse_etag (get_header (call, "ETag"));
  if (!session->etag)
    GST_WARNING_OBJECT (session->element, "no ETag in the answer to a restart");
  session->patched = TRUE;
  if (restart->quoted_star != memory->quoted_star
      || restart->session_lines != memory->session_lines) {
    memory->quoted_star = restart->quoted_star;
    memory->session_lines = restart->session_lines;
    memory->learned_at = g_get_monotonic_time ();
  }
  g_clear_pointer (&session->sent_offer, gst_sdp_message_free);
  session->sent_offer = g_steal_pointer (&restart->sdp);
  restart_report (restart, answer, NULL);
  flush_candidates (session);
}

static void
restart_patched (Call * call, GBytes * body, const GError * error)
{
  Restart *restart = call->data;
  WhipSession *session = call->session;
  guint status = get_status (call);
  GstRcastError code;

  if (!restart)
    return;
  restart->call = NULL;
  if (error) {
    GError *copy = g_error_copy (error);

    g_prefix_error (&copy, "PATCH ");
    restart_report (restart, NULL, copy);
    return;
  }
  if (SOUP_STATUS_IS_SUCCESSFUL (status)) {
    restart_accepted (restart, call, body);
    return;
  }
  if (restart_in_another_form (restart, status))
    return;
  code = classify_restart (status);
  if (code == GST_RCAST_ERROR_NOT_SUPPORTED)
    give_restart_up (session);
  restart_report (restart, NULL, new_error (call, code, body,
          code == GST_RCAST_ERROR_SESSION_GONE ? "the session is gone" :
          "restart refused"));
}

static void
restart_patch (Restart * restart)
{
  WhipSession *session = restart->session;
  g_autoptr (GBytes) body = print_fragment (session, restart->fragment,
      restart->sdp, restart->session_lines);

  restart->call = call_start (session, "PATCH", session->url, TYPE_FRAGMENT,
      body, restart->quoted_star ? "\"*\"" : "*", session->settings->timeout,
      RCAST_HTTP_BODY_NEEDED, restart_patched, restart);
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

/* Takes @task, which returns the answer as it is after the restart. */
void
whip_session_restart (WhipSession * session, const gchar * sdp, GTask * task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  const gchar *fault = why_no_restart (session);
  g_autoptr (GPtrArray) batch = NULL;
  g_autoptr (GstSDPMessage) parsed = NULL;
  g_autoptr (GError) error = NULL;
  GstRcastSdpFragment *fragment = NULL;
  Restart *restart;

  if (fault) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart: %s", fault);
    g_object_unref (task);
    return;
  }
  stop_trickle (session);
  if (session->restart)
    restart_abandon (session->restart,
        new_cancelled ("superseded by a newer restart"));
  /* Whoever waited for it may have closed. */
  if (session->closed) {
    g_task_return_error (task, new_cancelled (CLOSED));
    g_object_unref (task);
    return;
  }
  parsed = take_offer (session, sdp, &fragment, &error);
  if (!parsed) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "%s", error->message);
    g_object_unref (task);
    return;
  }
  if (g_task_return_error_if_cancelled (task)) {
    gst_rcast_sdp_fragment_free (fragment);
    g_object_unref (task);
    return;
  }
  /* A path that needs a restart takes its connections with it. */
  g_clear_object (&session->http);
  session->http = new_http (session->settings);

  /* The m-section is the one that carries the transport, with its credentials. */
  g_free (fragment->mid);
  fragment->mid = NULL;
  fragment->mline = gst_rcast_sdp_get_bundle_mline (parsed);
  g_free (fragment->ufrag);
  fragment->ufrag = g_strdup (session->ufrag);
  g_free (fragment->pwd);
  fragment->pwd = g_strdup (session->pwd);
  batch = g_ptr_array_new_with_free_func ((GDestroyNotify) candidate_free);
  take_pending (session, batch);
  add_to_fragment (fragment, batch);

  restart = g_new0 (Restart, 1);
  restart->session = session;
  restart->task = task;
  restart->sdp = g_steal_pointer (&parsed);
  restart->fragment = fragment;
  restart->quoted_star = session->memory->quoted_star;
  restart->session_lines = session->memory->session_lines;
  session->restart = restart;
  if (cancellable)
    restart->cancel = add_source (session,
        g_cancellable_source_new (cancellable), G_SOURCE_FUNC
        (restart_cancelled));
  restart_patch (restart);
}

/* The probe. */

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
probed (Call * call, GBytes * body, const GError * error)
{
  g_autoptr (GTask) task = call->data;

  if (error)
    g_task_return_error (task, g_error_copy (error));
  else if (is_up (get_status (call)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, new_error (call, GST_RCAST_ERROR_FAILED, body,
            "not well"));
}

/* Takes @task. OPTIONS at the endpoint: no session is opened. */
void
whip_session_probe (WhipSession * session, GTask * task)
{
  call_start (session, SOUP_METHOD_OPTIONS, session->settings->endpoint, NULL,
      NULL, NULL, session->settings->timeout, RCAST_HTTP_BODY_OPTIONAL, probed,
      task);
}

/* Being looked for. */

/* Returns: (nullable): the request whose answer the broadcast waits for */
static Call *
get_pressing (WhipSession * session)
{
  Call *call = session->restart ? session->restart->call :
      session->offer ? session->offer->call : NULL;

  return call && call->http ? call : NULL;
}

/* @endpoint: where a new session would be asked for.
 * Returns: (transfer none): where the next request goes */
GUri *
whip_session_get_target (WhipSession * session, GUri * endpoint)
{
  Call *call = get_pressing (session);

  if (call)
    return call->url;
  return session->url ? session->url : endpoint;
}

/* Whether the server has taken a connection, and owes an answer. */
gboolean
whip_session_is_heard (WhipSession * session)
{
  Call *call = get_pressing (session);

  return call && !rcast_http_is_connecting (call->http);
}

/* The server has taken a connection that was begun after @since, monotonic, us: one
 * that was begun before, and is not there yet, has met no server, and would wait for
 * its next SYN. */
void
whip_session_reached (WhipSession * session, gint64 since)
{
  Call *call = get_pressing (session);

  if (!call || call->sent_at >= since || !rcast_http_is_connecting (call->http))
    return;
  call_cancel (call);
  call->again = TRUE;
}

/* The end. */

static void
session_deleted (Call * call, GBytes * body, const GError * error)
{
  WhipSession *session = call->session;
  guint status = get_status (call);

  if (!error && (SOUP_STATUS_IS_SUCCESSFUL (status)
          || status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE)) {
    session->memory->ghost_until = g_get_monotonic_time () + GHOST_DELETED_US;
    return;
  }
  /* Cancelled: for a reason that says more. */
  if (error && session->close_error)
    return;
  g_clear_error (&session->close_error);
  if (error) {
    session->close_error = g_error_copy (error);
    g_prefix_error (&session->close_error, "DELETE ");
  } else {
    session->close_error = new_error (call, GST_RCAST_ERROR_FAILED, body,
        "the session may live on at the server");
  }
  GST_INFO_OBJECT (session->element, "%s", session->close_error->message);
}

static void
delete_session (WhipSession * session, GUri * url)
{
  session->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
  call_start (session, SOUP_METHOD_DELETE, url, NULL, NULL, NULL,
      session->settings->close_timeout, RCAST_HTTP_BODY_OPTIONAL,
      session_deleted, NULL);
}

static void
cancel_calls (WhipSession * session)
{
  for (GList * l = session->calls; l; l = l->next)
    call_cancel (l->data);
}

static gboolean
close_time_is_up (gpointer data)
{
  WhipSession *session = data;
  g_autofree gchar *url = whip_describe_url (session->settings->endpoint);

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

static void
maybe_closed (WhipSession * session)
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
  GCancellable *cancellable = task ? g_task_get_cancellable (task) : NULL;

  session->close_task = task;
  session->closed = TRUE;
  drop_server_session (session, CLOSED);
  if (session->calls) {
    session->close_timer = add_source (session,
        g_timeout_source_new (session->settings->close_timeout),
        close_time_is_up);
    if (cancellable)
      session->close_cancel = add_source (session,
          g_cancellable_source_new (cancellable), G_SOURCE_FUNC
          (close_cancelled));
  }
  maybe_closed (session);
}
