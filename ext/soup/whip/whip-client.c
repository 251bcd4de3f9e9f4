/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of a WHIP session: tokens, passwords, certificates, connections and errors. */
#include "config.h"

#include "whip-client.h"

#include "net-retry.h"
#include "net-url.h"
#include "rcast-sdp.h"
#include "rcast-text.h"
#include "whip-answer.h"
#include "whip-headers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_client_debug);
#define GST_CAT_DEFAULT rcast_whip_client_debug

/* Limit for answers to PATCH and DELETE, which need no body. */
#define MAX_SMALL_BODY WHIP_MAX_PROBLEM_SIZE

struct _WhipClient
{
  GstRcastNetSignaller *element;        /* borrowed: each request holds a reference */
  WhipSettings *settings;
  WhipClientCallbacks callbacks;
  gpointer data;
  NetClient *http;
  GList *requests;              /* pending */
};

struct _WhipRequest
{
  WhipClient *client;
  GstRcastNetSignaller *element;        /* held */
  const gchar *method;
  GUri *url;                    /* the requested URL */
  GUri *target;                 /* the actual target: @url, or where the server redirects to */
  guint redirects;
  WhipUrlKind kind;
  const gchar *content_type;
  GBytes *body;
  gchar *if_match;
  const gchar *accept;
  guint timeout, patience;      /* ms */
  NetHttpBody need;
  WhipRequestChunk chunk;
  WhipRequestDone done;
  gpointer data;

  SoupMessage *msg;
  NetHttp *http;                /* NULL unless it is pending */
  gint64 sent_at;               /* monotonic, us */
  gboolean sent;                /* sent without an answer: the server may have acted on it */
  gboolean repeated;            /* sent again on another uplink */
  gboolean again;               /* to be sent again, as this connection cannot be made */

  gchar *token;                 /* the token that was sent */
  gchar *fresh;                 /* a token from the application, for this request only */
  gboolean withheld;            /* the origin must not get the token */
  gboolean renewed;             /* a fresh token was requested */
  GCancellable *asking;         /* while it waits for a token */
  GBytes *refusal;              /* body of the 401, meanwhile */
};

void
whip_settings_free (WhipSettings * settings)
{
  if (!settings)
    return;
  gst_rcast_net_settings_free (settings->net);
  g_free (settings->user_id);
  g_free (settings->user_pw);
  g_free (settings);
}

/* Takes @settings. @data is for @callbacks. */
WhipClient *
whip_client_new (GstRcastNetSignaller * element, WhipSettings * settings,
    const WhipClientCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  WhipClient *client = g_new0 (WhipClient, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_whip_client_debug, "rcastwhipclient", 0,
        "Requests of the WHIP signaller");
    g_once_init_leave (&once, 1);
  }
  client->element = element;
  client->settings = settings;
  client->callbacks = *callbacks;
  client->data = data;
  whip_client_reconnect (client);
  return client;
}

/* Takes NULL. The client must be idle. */
void
whip_client_free (WhipClient * client)
{
  if (!client)
    return;
  g_assert (!client->requests);
  whip_settings_free (client->settings);
  net_client_free (client->http);
  g_free (client);
}

WhipSettings *
whip_client_get_settings (WhipClient * client)
{
  return client->settings;
}

/* For messages and logs. */
gpointer
whip_client_get_element (WhipClient * client)
{
  return client->element;
}

/* Removes secrets from @sdp, which takes a copy, so only if the log is read. */
void
whip_client_log_sdp (WhipClient * client, const gchar * what, const gchar * sdp)
{
  g_autofree gchar *log = NULL;

  if (gst_debug_category_get_threshold (GST_CAT_DEFAULT) < GST_LEVEL_LOG)
    return;
  log = gst_rcast_sdp_redact (sdp);
  GST_LOG_OBJECT (client->element, "%s:\n%s", what, log);
}

/* The next request uses a new connection. */
void
whip_client_reconnect (WhipClient * client)
{
  GstRcastNetSettings *net = client->settings->net;

  net_client_free (client->http);
  client->http =
      net_client_new (gst_rcast_net_signaller_get_dialer (client->element),
      net->user_agent, net->tls_database);
}

gboolean
whip_client_is_idle (WhipClient * client)
{
  return client->requests == NULL;
}

/* Its callback follows, with G_IO_ERROR_CANCELLED unless an error came first. */
static void
cancel_request (WhipRequest * request)
{
  request->again = FALSE;
  /* Also prevents a repetition: nobody waits for it any more. */
  request->repeated = TRUE;
  if (request->http)
    net_http_cancel (request->http);
  if (request->asking)
    g_cancellable_cancel (request->asking);
}

/* Cancels all pending requests. */
void
whip_client_cancel (WhipClient * client)
{
  for (GList * l = client->requests; l; l = l->next)
    cancel_request (l->data);
}

/* Tokens */

/* Whether the token of the location may be sent to @url, which has another origin. */
static gboolean
may_cross (WhipSettings * settings, GUri * url, WhipUrlKind kind)
{
  gboolean secure = net_url_is_secure (url);

  if (net_url_is_secure (settings->net->url) && !secure)
    return FALSE;
  switch (settings->redirect_auth) {
    case GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN:
      return FALSE;
    case GST_RCAST_WHIP_REDIRECT_AUTH_SESSION:
      return secure && kind == WHIP_URL_SESSION;
    case GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS:
      return secure;
    case GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS:
      return TRUE;
  }
  return FALSE;
}

/* Returns: (nullable): the URL whose token the request needs; %NULL: it goes to another origin */
static GUri *
get_token_location (WhipRequest * request)
{
  GUri *location = request->client->settings->net->url;

  return net_url_same_origin (location, request->target) ? location : NULL;
}

/* Returns: (nullable) (transfer full): the token for the request. @withheld: the token of the
 * location must not be sent to that origin. The application is not asked for another one: it may
 * return the same token for all servers */
static gchar *
choose_token (WhipRequest * request, gboolean * withheld)
{
  WhipSettings *settings = request->client->settings;
  NetTokens *tokens = gst_rcast_net_signaller_get_tokens (request->element);
  gchar *token;

  *withheld = FALSE;
  if (request->fresh)
    return g_strdup (request->fresh);
  if (get_token_location (request))
    return net_tokens_dup (tokens, settings->net->url);
  token = net_tokens_dup_own (tokens, request->target);
  if (token)
    return token;
  *withheld = !may_cross (settings, request->target, request->redirects > 0 ?
      WHIP_URL_REDIRECT : request->kind);
  return *withheld ? NULL : net_tokens_dup (tokens, settings->net->url);
}

/* Basic and Digest. Passwords never leave the origin of the location. */
static gboolean
on_authenticate (SoupMessage * msg, SoupAuth * auth, gboolean retrying,
    gpointer data)
{
  WhipRequest *request = data;
  WhipSettings *settings = request->client->settings;

  if (retrying || !settings->user_id || soup_auth_is_for_proxy (auth)
      || !net_url_same_origin (settings->net->url, request->target))
    return FALSE;
  soup_auth_authenticate (auth, settings->user_id,
      settings->user_pw ? settings->user_pw : "");
  return TRUE;
}

/* Requests */

static gboolean
on_accept_certificate (SoupMessage * msg, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer data)
{
  WhipRequest *request = data;
  g_autofree gchar *text = net_http_describe_certificate (errors);

  GST_WARNING_OBJECT (request->element,
      "taking a certificate that is %s, as tls-verify is off", text);
  return TRUE;
}

/* libsoup does not rewind the body when it restarts a message. */
static void
on_restarted (SoupMessage * msg, gpointer data)
{
  WhipRequest *request = data;

  if (request->body)
    soup_message_set_request_body_from_bytes (msg, request->content_type,
        request->body);
}

static void on_answered (SoupMessage * msg, GBytes * body,
    const GError * error, gpointer data);

static void
set_headers (WhipRequest * request)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (request->msg);

  if (request->body)
    soup_message_set_request_body_from_bytes (request->msg,
        request->content_type, request->body);
  if (request->if_match)
    soup_message_headers_replace (headers, "If-Match", request->if_match);
  if (request->accept)
    soup_message_headers_replace (headers, "Accept", request->accept);
  g_free (request->token);
  request->token = choose_token (request, &request->withheld);
  if (request->token) {
    g_autofree gchar *value = g_strconcat ("Bearer ", request->token, NULL);

    soup_message_headers_replace (headers, "Authorization", value);
  }
}

static gboolean
on_chunk (const gchar * bytes, gsize size, gpointer data)
{
  WhipRequest *request = data;

  return request->chunk
      && request->chunk (request, bytes, size, request->data);
}

static void
send_request (WhipRequest * request)
{
  WhipClient *client = request->client;

  g_clear_object (&request->msg);
  request->msg = soup_message_new_from_uri (request->method, request->target);
  soup_message_add_flags (request->msg, SOUP_MESSAGE_NO_REDIRECT);
  set_headers (request);
  g_signal_connect (request->msg, "authenticate", G_CALLBACK (on_authenticate),
      request);
  g_signal_connect (request->msg, "restarted", G_CALLBACK (on_restarted),
      request);
  if (!client->settings->net->tls_verify)
    g_signal_connect (request->msg, "accept-certificate",
        G_CALLBACK (on_accept_certificate), request);
  request->sent_at = g_get_monotonic_time ();
  request->sent = FALSE;
  request->http = net_http_start (client->http, request->msg,
      client->settings->net->connect_timeout, request->timeout,
      request->need == NET_HTTP_BODY_NEEDED ? GST_RCAST_SDP_MAX_SIZE :
      MAX_SMALL_BODY, request->need, on_answered, request);
  net_http_set_chunk (request->http, on_chunk);
}

static void finish_request (WhipRequest * request, GBytes * body,
    const GError * error);

static void
on_first_token (GObject * source, GAsyncResult * result, gpointer data)
{
  WhipRequest *request = data;
  g_autoptr (GError) error = NULL;

  g_clear_object (&request->asking);
  request->fresh = g_task_propagate_pointer (G_TASK (result), &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    finish_request (request, NULL, error);
  else
    send_request (request);
}

/* Whether the request must wait for a token, as it has none. */
static gboolean
ask_first (WhipRequest * request)
{
  g_autofree gchar *token = NULL;
  gboolean withheld;

  if (!request->client->settings->net->token_first
      || request->kind != WHIP_URL_ENDPOINT)
    return FALSE;
  token = choose_token (request, &withheld);
  if (token || withheld)
    return FALSE;
  request->asking = g_cancellable_new ();
  gst_rcast_net_signaller_request_token (request->element, request->url,
      get_token_location (request), TRUE, request->patience,
      g_task_new (request->element, request->asking, on_first_token, request));
  return TRUE;
}

/**
 * whip_request_start:
 * @client: makes the request
 * @spec: copied
 * @done: called once, in the main context
 * @data: for @done
 *
 * Starts a request with what all requests share: a token, a certificate check, and a second
 * attempt with a fresh token after 401.
 *
 * Returns: (transfer none): valid until @done has returned
 */
WhipRequest *
whip_request_start (WhipClient * client, const WhipRequestSpec * spec,
    WhipRequestDone done, gpointer data)
{
  WhipRequest *request = g_new0 (WhipRequest, 1);
  g_autofree gchar *url = net_url_describe (spec->url);
  g_autofree gchar *tag = gst_rcast_text_clean (spec->if_match, -1);

  GST_DEBUG_OBJECT (client->element, "%s %s%s%s", spec->method, url,
      tag ? ", If-Match: " : "", tag ? tag : "");
  request->client = client;
  request->element = gst_object_ref (client->element);
  request->method = spec->method;
  request->url = g_uri_ref (spec->url);
  request->target = g_uri_ref (spec->url);
  request->kind = spec->kind;
  request->content_type = spec->content_type;
  request->body = spec->body ? g_bytes_ref (spec->body) : NULL;
  request->if_match = g_strdup (spec->if_match);
  request->timeout = spec->timeout;
  request->patience = spec->patience;
  request->need = spec->need;
  request->accept = spec->accept;
  request->chunk = spec->chunk;
  request->done = done;
  request->data = data;
  if (!client->requests)
    client->callbacks.busy (client->data);
  client->requests = g_list_prepend (client->requests, request);
  if (!ask_first (request))
    send_request (request);
  return request;
}

/* Changes the session at @url, within the time of the settings. */
WhipRequest *
whip_request_patch (WhipClient * client, GUri * url,
    const gchar * content_type, GBytes * body, const gchar * if_match,
    NetHttpBody need, WhipRequestDone done, gpointer data)
{
  guint timeout = client->settings->net->timeout;
  const WhipRequestSpec spec = {
    .method = "PATCH",
    .url = url,
    .kind = WHIP_URL_SESSION,
    .content_type = content_type,
    .body = body,
    .if_match = if_match,
    .timeout = timeout,
    .patience = timeout,
    .need = need,
  };

  return whip_request_start (client, &spec, done, data);
}

static void
request_free (WhipRequest * request)
{
  g_clear_object (&request->msg);
  g_uri_unref (request->url);
  g_uri_unref (request->target);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->refusal, g_bytes_unref);
  g_free (request->if_match);
  g_free (request->token);
  g_free (request->fresh);
  g_free (request);
}

/* Reports the result: @error or the answer. Requests that follow from it start before the client
 * may become idle. */
static void
finish_request (WhipRequest * request, GBytes * body, const GError * error)
{
  WhipClient *client = request->client;
  GstRcastNetSignaller *element = request->element;
  g_autoptr (GError) named = error ? g_error_copy (error) : NULL;

  if (named) {
    GST_DEBUG_OBJECT (element, "%s: %s", request->method, named->message);
    g_prefix_error (&named, "%s ", request->method);
  } else {
    GST_DEBUG_OBJECT (element, "%s: HTTP %u", request->method,
        whip_request_get_status (request));
  }
  request->done (request, body, named, request->data);
  client->requests = g_list_remove (client->requests, request);
  request_free (request);
  if (!client->requests)
    client->callbacks.idle (client->data);
  gst_object_unref (element);
}

/* Answers */

static void
on_fresh_token (GObject * source, GAsyncResult * result, gpointer data)
{
  WhipRequest *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) refusal = g_steal_pointer (&request->refusal);

  g_clear_object (&request->asking);
  g_clear_pointer (&request->fresh, g_free);
  request->fresh = g_task_propagate_pointer (G_TASK (result), &error);
  if (request->fresh && g_strcmp0 (request->fresh, request->token) != 0) {
    GST_DEBUG_OBJECT (request->element, "%s once more, with a fresh token",
        request->method);
    send_request (request);
  } else if (!error || g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_UNAUTHORIZED)) {
    finish_request (request, refusal, NULL);
  } else {
    finish_request (request, NULL, error);
  }
}

/* The server refused the token. Returns: whether another token is tried */
static gboolean
renew_token (WhipRequest * request, GBytes * refusal)
{
  g_autofree gchar *now = NULL;
  gboolean withheld;

  if (request->renewed || request->withheld)
    return FALSE;
  request->renewed = TRUE;
  now = choose_token (request, &withheld);
  /* The application has set another token meanwhile. */
  if (now && g_strcmp0 (now, request->token) != 0) {
    send_request (request);
    return TRUE;
  }
  request->refusal = refusal ? g_bytes_ref (refusal) : NULL;
  request->asking = g_cancellable_new ();
  gst_rcast_net_signaller_request_token (request->element, request->target,
      get_token_location (request), request->kind != WHIP_URL_CHECK,
      request->patience, g_task_new (request->element, request->asking,
          on_fresh_token, request));
  return TRUE;
}

/* Whether the uplink of the request has died and a repetition is harmless. A PATCH or DELETE may
 * find its own change already made, but each POST may create a session. */
static gboolean
may_repeat (WhipRequest * request)
{
  if (!net_http_is_deserted (request->http) || request->repeated
      || request->method == SOUP_METHOD_POST)
    return FALSE;
  request->repeated = TRUE;
  return TRUE;
}

/* RFC 9725 4.5 allows redirects only for POST, whose caller handles them. If a proxy redirects
 * everything, such as from http to https, other requests would always fail.
 * Returns: whether the request is sent again */
static gboolean
follow_redirect (WhipRequest * request)
{
  g_autoptr (GUri) target = NULL;

  if (request->method == SOUP_METHOD_POST
      || !whip_answer_is_redirect (whip_request_get_status (request)))
    return FALSE;
  target = whip_resolve_redirect (whip_request_get_header (request,
          "Location"), request->target, request->redirects + 1, NULL);
  if (!target)
    return FALSE;
  request->redirects++;
  g_uri_unref (request->target);
  request->target = g_steal_pointer (&target);
  g_clear_pointer (&request->fresh, g_free);
  send_request (request);
  return TRUE;
}

static void
on_answered (SoupMessage * msg, GBytes * body, const GError * error,
    gpointer data)
{
  WhipRequest *request = data;

  g_signal_handlers_disconnect_by_data (msg, request);
  request->sent = error && net_http_is_sent (request->http);
  request->again |= may_repeat (request);
  request->http = NULL;
  if (error && request->again) {
    GST_DEBUG_OBJECT (request->element, "%s by another connection",
        request->method);
    request->again = FALSE;
    send_request (request);
    return;
  }
  if (!error && follow_redirect (request))
    return;
  if (!error && soup_message_get_status (msg) == SOUP_STATUS_UNAUTHORIZED
      && renew_token (request, body))
    return;
  finish_request (request, body, error);
}

/* @done gets the result of @request from now on. */
void
whip_request_hand_over (WhipRequest * request, WhipRequestDone done,
    gpointer data)
{
  request->done = done;
  request->data = data;
  request->chunk = NULL;
}

static void
on_ignored (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
}

/* Cancels the request without calling its callback. */
void
whip_request_drop (WhipRequest * request)
{
  whip_request_hand_over (request, on_ignored, NULL);
  cancel_request (request);
}

/* The server has accepted a connection that was started after @since, monotonic, us. An earlier one
 * that is not established has not reached the server, and would wait for its next SYN. */
void
whip_request_retry_connection (WhipRequest * request, gint64 since)
{
  if (!whip_request_is_connecting (request) || request->sent_at >= since)
    return;
  net_http_cancel (request->http);
  request->again = TRUE;
}

GUri *
whip_request_get_url (WhipRequest * request)
{
  return request->url;
}

/* Whether there is no TCP connection yet. */
gboolean
whip_request_is_connecting (WhipRequest * request)
{
  return request->http && net_http_is_connecting (request->http);
}

/* Whether the server may act on the request. */
gboolean
whip_request_is_sent (WhipRequest * request)
{
  return request->http ? net_http_is_sent (request->http) : request->sent;
}

/* Whether the request waits for a token from the application. */
gboolean
whip_request_wants_token (WhipRequest * request)
{
  return request->asking != NULL;
}

/* The reason why the pending request was not answered within @ms. */
GError *
whip_request_new_timeout (WhipRequest * request, guint ms)
{
  g_autofree gchar *url = net_url_describe (request->target);
  GstRcastError code = GST_RCAST_ERROR_NETWORK;
  const gchar *what = "connection";

  if (whip_request_wants_token (request)) {
    code = GST_RCAST_ERROR_NO_TOKEN;
    what = "fresh token";
  } else if (whip_request_is_sent (request)) {
    code = GST_RCAST_ERROR_TIMEOUT;
    what = "answer";
  }
  return gst_rcast_error_new_http (code, url, 0, GST_CLOCK_TIME_NONE,
      "%s %s: no %s within %u ms", request->method, url, what, ms);
}

guint
whip_request_get_status (WhipRequest * request)
{
  return request->msg ? soup_message_get_status (request->msg) : 0;
}

const gchar *
whip_request_get_header (WhipRequest * request, const gchar * name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers
      (request->msg), name);
}

GstClockTime
whip_request_get_retry_after (WhipRequest * request)
{
  return net_retry_after (request->msg);
}

static const gchar *
get_content_type (WhipRequest * request)
{
  return soup_message_headers_get_content_type
      (soup_message_get_response_headers (request->msg), NULL);
}

/* As whip_resolve_session() */
GUri *
whip_request_resolve_session (WhipRequest * request, GError ** error)
{
  return whip_resolve_session (whip_request_get_header (request, "Location"),
      request->url, error);
}

/* See whip_parse_etag(). */
gchar *
whip_request_dup_etag (WhipRequest * request)
{
  return whip_parse_etag (whip_request_get_header (request, "ETag"));
}

/* Passes the ICE servers of the answer to the signaller. */
void
whip_request_take_ice_servers (WhipRequest * request)
{
  g_auto (GStrv) uris =
      whip_parse_ice_servers (whip_request_get_header (request, "Link"));

  GST_DEBUG_OBJECT (request->element, "%u ICE servers from the server",
      g_strv_length (uris));
  gst_rcast_signaller_set_ice_servers (GST_RCAST_SIGNALLER (request->element),
      (const gchar * const *) uris);
}

/* See whip_answer_parse_offer(). */
GstSDPMessage *
whip_request_parse_offer (WhipRequest * request, GBytes * body,
    GError ** error)
{
  gsize size;
  const gchar *text = g_bytes_get_data (body, &size);

  return whip_answer_parse_offer (whip_request_get_status (request),
      get_content_type (request), text ? text : "", size, error);
}

/* An error with method, URL, status, and the server's description. */
GError *
whip_request_new_error (WhipRequest * request, GstRcastError code,
    GBytes * body, const gchar * what)
{
  g_autofree gchar *url = net_url_describe (request->target);
  g_autofree gchar *reason = net_http_describe_status (request->msg);
  g_autofree gchar *problem = NULL;
  guint status = whip_request_get_status (request);
  gboolean withheld = request->withheld && status == SOUP_STATUS_UNAUTHORIZED;
  gsize size = 0;
  const gchar *text = body ? g_bytes_get_data (body, &size) : NULL;

  if (text && !SOUP_STATUS_IS_SUCCESSFUL (status))
    problem = whip_parse_problem (get_content_type (request), text, size);
  return gst_rcast_error_new_http (code, url, status,
      whip_request_get_retry_after (request), "%s %s: %s (%s)%s%s%s",
      request->method, url, what, reason, problem ? ": " : "",
      problem ? problem : "", withheld ?
      "; no token is sent there, see redirect-auth" : "");
}

/* Whether the answer is the login page of another host, to which the server may redirect, in reply
 * to a POST. Other answers of that host may be legitimate. */
static gboolean
is_login_page (WhipRequest * request)
{
  const WhipSettings *settings = request->client->settings;
  guint status = whip_request_get_status (request);

  if (!whip_request_has_type (request, "text/html")
      || net_url_same_host (request->target, settings->net->url))
    return FALSE;
  return status == SOUP_STATUS_METHOD_NOT_ALLOWED
      || (status == SOUP_STATUS_NOT_FOUND
      && settings->protocol == WHIP_PROTOCOL_WHIP);
}

/* Returns: (nullable): how to describe a page that is not an answer of the server */
const gchar *
whip_request_find_page (WhipRequest * request)
{
  if (!net_http_is_page (request->msg) && !is_login_page (request))
    return NULL;
  return "a web page came instead of an answer, as of a network that wants a login "
      "first (captive portal), or of a proxy";
}

gboolean
whip_request_has_type (WhipRequest * request, const gchar * type)
{
  return net_http_has_type (request->msg, type);
}

void
whip_request_check_type (WhipRequest * request, const gchar * want)
{
  const gchar *type = get_content_type (request);
  g_autofree gchar *shown = gst_rcast_text_clean (type, -1);

  if (!whip_request_has_type (request, want))
    GST_WARNING_OBJECT (request->element, "%s was answered with content type "
        "%s instead of %s", request->method, shown ? shown : "(none)", want);
}
