/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One HTTP exchange with libsoup, bounded in time and size. */
#include "config.h"

#include "net-http.h"

#include "net-tries.h"
#include "net-url.h"
#include "rcast-error.h"
#include "rcast-loop.h"
#include "rcast-text.h"

#define CHUNK_SIZE (16 * 1024)
/* How long to wait for an optional body. */
#define OPTIONAL_BODY_MS 1000
#define OPTIONAL_BODY_SHARE 4   /* at most this share of the timeout */
/* How often to check the connection of a pending request, and how many times in a row it must look
 * dead. */
#define DOUBT_MS 250
#define MAX_DOUBTS 4

struct _NetHttp
{
  SoupSession *session;
  SoupMessage *msg;
  NetTries *tries;
  GCancellable *cancellable;    /* our own: libsoup gets no other */
  GInputStream *stream;         /* NULL until the headers have arrived */
  GByteArray *body;
  gsize max_size;
  guint connect_timeout, timeout;
  NetHttpBody need;
  GSource *connect_timer, *timer, *doubt_timer;
  gulong starting_id, network_id, interim_id;
  guint interim;                /* number of 1xx responses */
  gboolean connected, sent;
  guint doubts;                 /* how many times in a row the connection looked dead */
  gboolean deserted;            /* given up because of that */
  GError *error;                /* the first error, or the reason for cancelling */
  NetHttpDone done;
  NetHttpChunk chunk;           /* nullable */
  gpointer data;
};

static void
finish (NetHttp * http)
{
  g_autoptr (GBytes) body = NULL;

  gst_rcast_source_clear (&http->connect_timer);
  gst_rcast_source_clear (&http->timer);
  gst_rcast_source_clear (&http->doubt_timer);
  g_clear_signal_handler (&http->starting_id, http->msg);
  g_clear_signal_handler (&http->network_id, http->msg);
  g_clear_signal_handler (&http->interim_id, http->msg);
  if (!http->error)
    body = g_byte_array_free_to_bytes (g_steal_pointer (&http->body));
  http->done (http->msg, body, http->error, http->data);

  g_clear_error (&http->error);
  g_clear_pointer (&http->body, g_byte_array_unref);
  g_clear_object (&http->stream);
  net_tries_free (http->tries);
  g_object_unref (http->cancellable);
  g_object_unref (http->msg);
  g_object_unref (http->session);
  g_free (http);
}

static void
stream_closed (GObject * source, GAsyncResult * result, gpointer data)
{
  /* Closing fails after cancellation. libsoup drops the connection then. */
  g_input_stream_close_finish (G_INPUT_STREAM (source), result, NULL);
  finish (data);
}

/* Cancels first unless everything was read: otherwise libsoup reads the rest when it closes. */
static void
close_stream (NetHttp * http, gboolean at_end)
{
  if (!at_end)
    g_cancellable_cancel (http->cancellable);
  g_input_stream_close_async (http->stream, G_PRIORITY_DEFAULT,
      http->cancellable, stream_closed, http);
}

static gboolean
is_stream (NetHttp * http)
{
  return http->need == NET_HTTP_BODY_STREAM && http->chunk
      && SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (http->msg));
}

static gboolean
is_body_needed (NetHttp * http)
{
  return http->need != NET_HTTP_BODY_OPTIONAL
      && SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (http->msg));
}

/* Returns: (transfer full): a description for the person who has to fix the certificate or the
 * clock */
gchar *
net_http_describe_certificate (GTlsCertificateFlags flags)
{
  static const struct
  {
    GTlsCertificateFlags flag;
    const gchar *text;
  } rows[] = {
    {G_TLS_CERTIFICATE_UNKNOWN_CA, "signed by an unknown authority"},
    {G_TLS_CERTIFICATE_BAD_IDENTITY, "for another host"},
    {G_TLS_CERTIFICATE_NOT_ACTIVATED, "not valid yet (is the clock right?)"},
    {G_TLS_CERTIFICATE_EXPIRED, "expired (is the clock right?)"},
    {G_TLS_CERTIFICATE_REVOKED, "revoked"},
    {G_TLS_CERTIFICATE_INSECURE, "insecure"},
    {G_TLS_CERTIFICATE_GENERIC_ERROR, "invalid"},
  };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (flags & rows[i].flag)
      g_string_append_printf (text, "%s%s", text->len ? ", " : "",
          rows[i].text);
  }
  if (text->len == 0)
    g_string_append (text, "not acceptable");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: (transfer full): for example "HTTP 503 Service Unavailable", with the server's reason
 * phrase if there is one. HTTP/2 has none, and it may be anything */
gchar *
net_http_describe_status (SoupMessage * msg)
{
  guint status = soup_message_get_status (msg);
  g_autofree gchar *reason =
      gst_rcast_text_clean (soup_message_get_reason_phrase (msg), -1);

  return g_strdup_printf ("HTTP %u %s", status, reason ? reason :
      soup_status_get_phrase (status));
}

/* Returns: whether the answer has a body of @type */
gboolean
net_http_has_type (SoupMessage * msg, const gchar * type)
{
  const gchar *value = soup_message_headers_get_content_type
      (soup_message_get_response_headers (msg), NULL);

  return value && g_ascii_strcasecmp (value, type) == 0;
}

/* Before login, a captive portal answers for every server, with a page or a redirect. A proxy may
 * do the same while its server starts. */
gboolean
net_http_is_page (SoupMessage * msg)
{
  guint status = soup_message_get_status (msg);

  return net_http_has_type (msg, "text/html") && (status == SOUP_STATUS_OK
      || SOUP_STATUS_IS_REDIRECTION (status));
}

static GError *
describe_tls_error (SoupMessage * msg, const GError * error, const gchar * url,
    const gchar * what)
{
  GTlsCertificateFlags flags =
      soup_message_get_tls_peer_certificate_errors (msg);

  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)) {
    g_autofree gchar *text = net_http_describe_certificate (flags);

    /* A machine without a clock battery has the wrong time until it is online. */
    return gst_rcast_error_new_http (flags == G_TLS_CERTIFICATE_NOT_ACTIVATED ?
        GST_RCAST_ERROR_NETWORK : GST_RCAST_ERROR_TLS, url, 0,
        GST_CLOCK_TIME_NONE, "%s: certificate is %s", url, text);
  }
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS)
      || g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    return gst_rcast_error_new_http (GST_RCAST_ERROR_TLS, url, 0,
        GST_CLOCK_TIME_NONE, "%s: %s", url, what);
  return gst_rcast_error_new_http (GST_RCAST_ERROR_NETWORK, url, 0,
      GST_CLOCK_TIME_NONE, "%s: %s", url, what);
}

/**
 * net_http_describe_error:
 * @msg: the message without an answer
 * @error: the error from libsoup or GIO
 * @tries: (nullable): the attempts to connect, if connecting has failed
 *
 * Returns: (transfer full): the error as %GST_RCAST_ERROR, with the URL
 */
GError *
net_http_describe_error (SoupMessage * msg, const GError * error,
    NetTries * tries)
{
  g_autofree gchar *url = net_url_describe (soup_message_get_uri (msg));
  g_autofree gchar *text = gst_rcast_text_clean (error->message, -1);
  g_autofree gchar *detail = tries ? net_tries_describe (tries) : NULL;
  g_autofree gchar *what = g_strconcat (text, detail, NULL);
  GstRcastError code = GST_RCAST_ERROR_NETWORK;

  if (error->domain == G_TLS_ERROR)
    return describe_tls_error (msg, error, url, what);
  if (error->domain == SOUP_SESSION_ERROR
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    code = GST_RCAST_ERROR_INVALID_DATA;
  return gst_rcast_error_new_http (code, url, 0, GST_CLOCK_TIME_NONE, "%s: %s",
      url, what);
}

/* The first error counts: after we cancel, libsoup reports only the cancellation. */
static void
take_error (NetHttp * http, const GError * error)
{
  /* A captive portal breaks TLS. Another uplink may not have one. */
  if (!http->error && http->connected)
    net_tries_blame (http->tries);
  if (!http->error)
    http->error = net_http_describe_error (http->msg, error,
        http->connected ? NULL : http->tries);
}

static void read_more (NetHttp * http);

static void
hand_over (NetHttp * http, GBytes * chunk)
{
  gsize size;
  const gchar *bytes = g_bytes_get_data (chunk, &size);

  if (http->chunk (bytes, size, http->data))
    read_more (http);
  else
    close_stream (http, FALSE);
}

static void
chunk_read (GObject * source, GAsyncResult * result, gpointer data)
{
  NetHttp *http = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result,
      &error);
  gsize size = chunk ? g_bytes_get_size (chunk) : 0;

  if (error) {
    if (is_body_needed (http))
      take_error (http, error);
    else if (!g_error_matches (http->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_clear_error (&http->error);
    close_stream (http, FALSE);
    return;
  }
  if (size > 0 && is_stream (http)) {
    hand_over (http, chunk);
    return;
  }
  if (size > http->max_size - http->body->len) {
    if (is_body_needed (http)) {
      g_autofree gchar *url =
          net_url_describe (soup_message_get_uri (http->msg));

      http->error = gst_rcast_error_new_http (GST_RCAST_ERROR_INVALID_DATA,
          url, soup_message_get_status (http->msg), GST_CLOCK_TIME_NONE,
          "%s: answer is larger than %" G_GSIZE_FORMAT " bytes", url,
          http->max_size);
    }
    close_stream (http, FALSE);
    return;
  }
  if (size == 0) {
    close_stream (http, TRUE);
    return;
  }
  g_byte_array_append (http->body, g_bytes_get_data (chunk, NULL), size);
  read_more (http);
}

static void
read_more (NetHttp * http)
{
  g_input_stream_read_bytes_async (http->stream, CHUNK_SIZE,
      G_PRIORITY_DEFAULT, http->cancellable, chunk_read, http);
}

/* Nobody waits for the answer any more. The rest of the request must not arrive after the next
 * request was answered. A late DELETE does no harm. */
static void
leave (NetHttp * http)
{
  if (http->sent && !http->stream
      && soup_message_get_method (http->msg) != SOUP_METHOD_DELETE)
    net_tries_reset (http->tries);
  g_cancellable_cancel (http->cancellable);
}

/* The next connection should use another uplink. */
static void
give_up (NetHttp * http, guint ms)
{
  g_autofree gchar *url = net_url_describe (soup_message_get_uri (http->msg));
  g_autofree gchar *detail =
      http->connected ? NULL : net_tries_describe (http->tries);

  if (!http->error)
    http->error = gst_rcast_error_new_http (http->sent ?
        GST_RCAST_ERROR_TIMEOUT : GST_RCAST_ERROR_NETWORK, url, 0,
        GST_CLOCK_TIME_NONE, "%s: no %s within %u ms%s", url,
        http->sent ? "answer" : "connection", ms, detail ? detail : "");
  if (!http->stream)
    net_tries_blame (http->tries);
  leave (http);
}

static gboolean
time_is_up (gpointer data)
{
  NetHttp *http = data;

  give_up (http, http->timeout);
  return G_SOURCE_REMOVE;
}

static void
headers_here (GObject * source, GAsyncResult * result, gpointer data)
{
  NetHttp *http = data;
  g_autoptr (GError) error = NULL;

  gst_rcast_source_clear (&http->connect_timer);
  gst_rcast_source_clear (&http->doubt_timer);
  http->stream = soup_session_send_finish (SOUP_SESSION (source), result,
      &error);
  if (!http->stream) {
    take_error (http, error);
    finish (http);
    return;
  }
  if (is_stream (http)) {
    gst_rcast_source_clear (&http->timer);
  } else if (!is_body_needed (http)) {
    gst_rcast_source_clear (&http->timer);
    http->timer = gst_rcast_timer_start (MIN (OPTIONAL_BODY_MS, http->timeout
            / OPTIONAL_BODY_SHARE), time_is_up, http);
  }
  read_more (http);
}

static gboolean
connect_time_is_up (gpointer data)
{
  NetHttp *http = data;

  give_up (http, http->connect_timeout);
  return G_SOURCE_REMOVE;
}

/* Gives up a connection whose uplink is dead before the timeout. */
static gboolean
on_doubt (gpointer data)
{
  NetHttp *http = data;
  const gchar *why = net_tries_why_dead (http->tries);
  g_autofree gchar *url = NULL;

  http->doubts = why ? http->doubts + 1 : 0;
  if (http->doubts < MAX_DOUBTS || http->error)
    return G_SOURCE_CONTINUE;
  url = net_url_describe (soup_message_get_uri (http->msg));
  http->deserted = TRUE;
  http->error = gst_rcast_error_new_http (GST_RCAST_ERROR_NETWORK, url, 0,
      GST_CLOCK_TIME_NONE, "%s: the connection is dead: %s", url, why);
  net_tries_blame (http->tries);
  leave (http);
  return G_SOURCE_CONTINUE;
}

/* The connection is established, including TLS: the request is being sent. */
static void
on_starting (SoupMessage * msg, gpointer data)
{
  NetHttp *http = data;

  http->connected = http->sent = TRUE;
  gst_rcast_source_clear (&http->connect_timer);
  if (!http->doubt_timer)
    http->doubt_timer = gst_rcast_timer_start (DOUBT_MS, on_doubt, http);
}

static void
on_network_event (SoupMessage * msg, GSocketClientEvent event,
    GIOStream * stream, gpointer data)
{
  NetHttp *http = data;

  net_tries_event (http->tries, event, stream);
  http->connected |= event == G_SOCKET_CLIENT_CONNECTED;
}

static void
on_interim (SoupMessage * msg, gpointer data)
{
  NetHttp *http = data;
  g_autofree gchar *url = NULL;

  if (++http->interim <= NET_HTTP_MAX_INTERIM || http->error)
    return;
  url = net_url_describe (soup_message_get_uri (msg));
  http->error = gst_rcast_error_new_http (GST_RCAST_ERROR_INVALID_DATA, url, 0,
      GST_CLOCK_TIME_NONE, "%s: more than %u interim responses", url,
      NET_HTTP_MAX_INTERIM);
  g_cancellable_cancel (http->cancellable);
}

/**
 * net_http_start:
 * @client: sends the message
 * @msg: the message
 * @connect_timeout: milliseconds until the request must be on its way
 * @timeout: milliseconds until the whole answer must have arrived
 * @max_size: of the body
 * @need: how the caller uses the body
 * @done: called at the end
 * @data: for @done
 *
 * Returns: (transfer none): the exchange; valid until @done is called
 */
NetHttp *
net_http_start (NetClient * client, SoupMessage * msg,
    guint connect_timeout, guint timeout, gsize max_size, NetHttpBody need,
    NetHttpDone done, gpointer data)
{
  NetHttp *http = g_new0 (NetHttp, 1);
  GUri *url = soup_message_get_uri (msg);

  http->session = g_object_ref (net_client_get_session (client, url));
  http->msg = g_object_ref (msg);
  http->tries = net_tries_new (net_client_get_dialer (client), url);
  http->cancellable = g_cancellable_new ();
  http->body = g_byte_array_new ();
  http->max_size = max_size;
  http->connect_timeout = connect_timeout;
  http->timeout = timeout;
  http->need = need;
  http->done = done;
  http->data = data;
  http->connect_timer =
      gst_rcast_limit_start (connect_timeout, connect_time_is_up, http);
  http->timer = gst_rcast_limit_start (timeout, time_is_up, http);
  http->starting_id = g_signal_connect (msg, "starting",
      G_CALLBACK (on_starting), http);
  http->network_id = g_signal_connect (msg, "network-event",
      G_CALLBACK (on_network_event), http);
  http->interim_id = g_signal_connect (msg, "got-informational",
      G_CALLBACK (on_interim), http);
  /* An idle connection may be dead with its uplink, which shows only once the request is lost. Only
   * connections are raced, never requests, as requests have effects. */
  soup_message_add_flags (msg, SOUP_MESSAGE_NEW_CONNECTION);
  soup_session_send_async (http->session, msg, G_PRIORITY_DEFAULT,
      http->cancellable, headers_here, http);
  return http;
}

/* Call this before the answer arrives. */
void
net_http_set_chunk (NetHttp * http, NetHttpChunk chunk)
{
  http->chunk = chunk;
}

/* Whether there is no TCP connection yet. */
gboolean
net_http_is_connecting (NetHttp * http)
{
  return !http->connected;
}

/* Whether the server may have seen the request. */
gboolean
net_http_is_sent (NetHttp * http)
{
  return http->sent;
}

/* Whether the request was given up because the uplink of its connection is dead. On another uplink
 * it may be answered. */
gboolean
net_http_is_deserted (NetHttp * http)
{
  return http->deserted;
}

/* Calls `done` later, with G_IO_ERROR_CANCELLED unless an error came first. */
void
net_http_cancel (NetHttp * http)
{
  if (!http->error)
    http->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "the request was cancelled");
  leave (http);
}
