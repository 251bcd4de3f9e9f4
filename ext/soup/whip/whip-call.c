/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One request of a WHIP session: its token, its certificate check, its error. */
#include "config.h"

#include "whip-session-private.h"

#include "net-url.h"
#include "whip-headers.h"

/* Answers to PATCH and DELETE that need no body. */
#define MAX_SMALL_BODY WHIP_MAX_PROBLEM_SIZE

static void
call_free (WhipCall * call)
{
  g_clear_object (&call->msg);
  g_uri_unref (call->url);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_free (call->if_match);
  g_free (call->token);
  whip_session_release (call->session);
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
  return net_url_same_origin (session->settings->endpoint, url);
}

static gboolean
on_authenticate (SoupMessage * msg, SoupAuth * auth, gboolean retrying,
    gpointer data)
{
  WhipCall *call = data;
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
  WhipCall *call = data;

  GST_WARNING_OBJECT (call->session->element,
      "taking a certificate with errors 0x%x, as tls-verify is off", errors);
  return TRUE;
}

/* libsoup does not send the body again by itself. */
static void
on_restarted (SoupMessage * msg, gpointer data)
{
  WhipCall *call = data;

  if (call->body)
    soup_message_set_request_body_from_bytes (msg, call->content_type,
        call->body);
}

static void
on_network_event (SoupMessage * msg, GSocketClientEvent event,
    GIOStream * stream, gpointer data)
{
  WhipCall *call = data;

  if (event == G_SOCKET_CLIENT_CONNECTED)
    net_reach_learn (call->session->memory->reach, call->url, stream);
}

static void call_answered (SoupMessage * msg, GBytes * body,
    const GError * error, gpointer data);

static void
call_send (WhipCall * call)
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
  call->http = net_http_start (session->http, call->msg,
      session->settings->connect_timeout, call->timeout,
      call->need == NET_HTTP_BODY_NEEDED ? GST_RCAST_SDP_MAX_SIZE :
      MAX_SMALL_BODY, call->need, call_answered, call);
}

WhipCall *
whip_call_start (WhipSession * session, const gchar * method, GUri * url,
    const gchar * content_type, GBytes * body, const gchar * if_match,
    guint timeout, NetHttpBody need, WhipCallDone done, gpointer data)
{
  WhipCall *call = g_new0 (WhipCall, 1);
  g_autofree gchar *text = net_url_describe (url);

  GST_DEBUG_OBJECT (session->element, "%s %s%s%s", method, text,
      if_match ? ", If-Match: " : "", if_match ? if_match : "");
  call->session = whip_session_hold (session);
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
call_renew (WhipCall * call)
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
    if (!token || !*token || g_strcmp0 (token, call->token) == 0)
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
  WhipCall *call = data;
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
  whip_session_maybe_closed (session);
  call_free (call);
}

void
whip_call_cancel (WhipCall * call)
{
  call->again = FALSE;
  if (call->http)
    net_http_cancel (call->http);
}

const gchar *
whip_call_get_header (WhipCall * call, const gchar * name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers
      (call->msg), name);
}

guint
whip_call_get_status (WhipCall * call)
{
  return soup_message_get_status (call->msg);
}

/* An empty body has no data. */
const gchar *
whip_call_get_text (GBytes * body)
{
  const gchar *text = g_bytes_get_data (body, NULL);

  return text ? text : "";
}

GstClockTime
whip_call_get_retry_after (WhipCall * call)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return whip_parse_retry_after (whip_call_get_header (call, "Retry-After"),
      now);
}

/* An error that names method, URL, status, and what the server says. */
GError *
whip_call_new_error (WhipCall * call, GstRcastError code, GBytes * body,
    const gchar * what)
{
  g_autofree gchar *url = net_url_describe (call->url);
  g_autofree gchar *problem = NULL;
  const gchar *type =
      soup_message_headers_get_content_type (soup_message_get_response_headers
      (call->msg), NULL);
  const gchar *reason = soup_message_get_reason_phrase (call->msg);
  guint status = whip_call_get_status (call);
  const gchar *hint = call->withheld && status == SOUP_STATUS_UNAUTHORIZED ?
      "; the token was not sent there, see redirect-auth" : "";

  if (body && !SOUP_STATUS_IS_SUCCESSFUL (status))
    problem = whip_parse_problem (type, whip_call_get_text (body),
        g_bytes_get_size (body));
  /* HTTP/2 has no reason phrase, and it may be anything. */
  if (!reason || !*reason || !g_utf8_validate (reason, -1, NULL))
    reason = soup_status_get_phrase (status);
  return gst_rcast_error_new_http (code, url, status,
      whip_call_get_retry_after (call), "%s %s: %s (HTTP %u %s)%s%s%s",
      call->method, url, what, status, reason, problem ? ": " : "",
      problem ? problem : "", hint);
}

void
whip_call_check_type (WhipCall * call, const gchar * want)
{
  const gchar *type =
      soup_message_headers_get_content_type (soup_message_get_response_headers
      (call->msg), NULL);

  if (!type || g_ascii_strcasecmp (type, want) != 0)
    GST_WARNING_OBJECT (call->session->element, "%s was answered with content "
        "type %s instead of %s", call->method, type ? type : "(none)", want);
}

/* Returns: (transfer full): @error, with the method */
GError *
whip_call_copy_error (WhipCall * call, const GError * error)
{
  GError *copy = g_error_copy (error);

  g_prefix_error (&copy, "%s ", call->method);
  return copy;
}
