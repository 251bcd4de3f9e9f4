/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The offer of a WHIP session: POST, through redirects, to an answer that is fit for use. */
#include "config.h"

#include "whip-session-private.h"

#include <string.h>

#include "rcast-loop.h"
#include "net-url.h"
#include "whip-headers.h"

#define MAX_REDIRECTS 10

/* Takes @error, or @answer. */
static void
offer_report (WhipOffer * offer, gchar * answer, GError * error)
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
offer_free (WhipOffer * offer)
{
  g_assert (!offer->task);
  g_clear_pointer (&offer->sdp, gst_sdp_message_free);
  g_bytes_unref (offer->body);
  g_free (offer);
}

/* Takes @error. A request that the server may have seen goes on: the session
 * that it opens is ended as soon as its URL is known. */
void
whip_offer_abandon (WhipOffer * offer, GError * error)
{
  WhipCall *call = offer->call;

  if (call && call->http && !net_http_is_sent (call->http))
    whip_call_cancel (call);
  else if (call)
    offer->session->memory->ghost_until =
        g_get_monotonic_time () + WHIP_GHOST_US;
  offer_report (offer, NULL, error);
}

static gboolean
offer_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipOffer *offer = ((WhipSession *) data)->offer;

  if (offer)
    whip_offer_abandon (offer, whip_cancelled_new ("the offer was cancelled"));
  return G_SOURCE_REMOVE;
}

static gboolean
offer_time_is_up (gpointer data)
{
  WhipSession *session = data;
  g_autofree gchar *url = NULL;
  WhipOffer *offer = session->offer;
  gboolean sent;

  if (!offer)
    return G_SOURCE_REMOVE;
  url = net_url_describe (offer->call ? offer->call->url :
      session->settings->endpoint);
  sent = offer->call && offer->call->http
      && net_http_is_sent (offer->call->http);
  whip_offer_abandon (offer, gst_rcast_error_new_http (sent ?
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
check_answer (WhipOffer * offer, WhipCall * call, GBytes * body,
    GError ** error)
{
  g_autoptr (GstSDPMessage) answer = NULL;
  g_autoptr (GError) reason = NULL;
  guint medias = gst_sdp_message_medias_len (offer->sdp);
  const gchar *fault = NULL;

  answer =
      gst_rcast_sdp_parse (whip_call_get_text (body), g_bytes_get_size (body),
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
    g_propagate_error (error, whip_call_new_error (call,
            GST_RCAST_ERROR_INVALID_DATA, body, fault));
    return NULL;
  }
  for (guint i = 0; i < medias; i++) {
    g_autofree gchar *text = NULL;

    fault = check_media (offer->session->settings, offer->sdp, answer, i);
    if (!fault)
      continue;
    text = g_strdup_printf ("media section %u of the answer %s", i, fault);
    g_propagate_error (error, whip_call_new_error (call,
            GST_RCAST_ERROR_NOT_ACCEPTABLE, body, text));
    return NULL;
  }
  return g_steal_pointer (&answer);
}

static void
take_ice_servers (WhipCall * call)
{
  g_auto (GStrv) uris =
      whip_parse_ice_servers (whip_call_get_header (call, "Link"));

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
offer_accepted (WhipOffer * offer, WhipCall * call, GUri * url, GBytes * body)
{
  WhipSession *session = offer->session;
  g_autoptr (GstSDPMessage) answer = NULL;
  g_autofree gchar *text = NULL, *log = NULL;
  GError *error = NULL;

  if (!offer->task || !(answer = check_answer (offer, call, body, &error))) {
    offer_report (offer, NULL, error);
    if (url)
      whip_session_delete (session, url, whip_session_deleted, NULL);
    return;
  }
  whip_call_check_type (call, WHIP_TYPE_SDP);
  take_memory (session, call->url);
  g_clear_pointer (&session->url, g_uri_unref);
  session->url = url ? g_uri_ref (url) : NULL;
  g_free (session->etag);
  session->etag = whip_parse_etag (whip_call_get_header (call, "ETag"));
  session->patched = FALSE;
  if (!url)
    whip_session_learn (session, &session->memory->no_trickle);
  session->can_trickle = !session->memory->no_trickle;
  /* RFC 9725 4.3.1: no entity tag, no restart. */
  session->can_restart = url && session->etag && !session->memory->no_restart;
  g_clear_pointer (&session->sent_offer, gst_sdp_message_free);
  session->sent_offer = g_steal_pointer (&offer->sdp);
  g_clear_pointer (&session->answer, gst_sdp_message_free);
  session->answer = g_steal_pointer (&answer);

  take_ice_servers (call);
  whip_session_publish (session);
  text = gst_sdp_message_as_text (session->answer);
  log = gst_rcast_sdp_redact (text);
  GST_LOG_OBJECT (session->element, "answer:\n%s", log);
  offer_report (offer, g_steal_pointer (&text), NULL);
  whip_trickle_flush (session);
}

static void offer_post (WhipOffer * offer, GUri * url);

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 307 || status == 308;
}

/* Returns: whether the offer went out again */
static gboolean
offer_redirect (WhipOffer * offer, WhipCall * call, GBytes * body)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GUri) url = NULL;
  const gchar *fault = NULL;
  GstRcastError code = GST_RCAST_ERROR_FAILED;

  if (!offer->task)
    return FALSE;
  url =
      net_url_resolve (whip_call_get_header (call, "Location"), call->url,
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
    offer_report (offer, NULL, whip_call_new_error (call, code, body, fault));
    return FALSE;
  }
  offer_post (offer, url);
  return TRUE;
}

static void
former_deleted (WhipCall * call, GBytes * body, const GError * error)
{
  WhipOffer *offer = call->data;

  whip_session_deleted (call, body, error);
  if (offer->task)
    offer_post (offer, offer->session->settings->endpoint);
  else
    offer_free (offer);
}

/* Whether the server does not take a second session beside the one before: then
 * that one goes first, and the offer out again. */
static gboolean
make_room (WhipOffer * offer, WhipCall * call)
{
  WhipSession *session = offer->session;
  g_autoptr (GUri) former = NULL;

  if (!offer->task || !session->former)
    return FALSE;
  switch (whip_call_get_status (call)) {
      /* Broadcast Box's and simple-whip-server's words for "in use", and the
       * right one */
    case SOUP_STATUS_BAD_REQUEST:
    case SOUP_STATUS_FORBIDDEN:
    case SOUP_STATUS_CONFLICT:
      break;
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      if (whip_call_get_header (call, "Retry-After"))
        return FALSE;
      break;
    default:
      return FALSE;
  }
  GST_INFO_OBJECT (session->element, "the server answers %u while the session "
      "before is there: it goes first", whip_call_get_status (call));
  former = g_steal_pointer (&session->former);
  whip_session_delete (session, former, former_deleted, offer);
  return TRUE;
}

static void
offer_posted (WhipCall * call, GBytes * body, const GError * error)
{
  WhipOffer *offer = call->data;
  WhipSession *session = offer->session;
  guint status = whip_call_get_status (call);

  offer->call = NULL;
  if (error) {
    offer_report (offer, NULL, whip_call_copy_error (call, error));
  } else if (is_redirect (status)) {
    if (offer_redirect (offer, call, body))
      return;
    offer_report (offer, NULL, NULL);
  } else if (status == SOUP_STATUS_CREATED || status == SOUP_STATUS_OK) {
    g_autoptr (GError) reason = NULL;
    g_autoptr (GUri) url =
        net_url_resolve (whip_call_get_header (call, "Location"),
        call->url, &reason);

    if (!url)
      GST_WARNING_OBJECT (session->element, "session cannot be changed or "
          "deleted: %s in the answer to POST", reason->message);
    offer_accepted (offer, call, url, body);
  } else {
    if (make_room (offer, call))
      return;
    offer_report (offer, NULL, whip_call_new_error (call,
            classify_post (session, status, g_get_monotonic_time ()), body,
            SOUP_STATUS_IS_SUCCESSFUL (status) ? "not what a WHIP server "
            "answers" : "offer refused"));
  }
  offer_free (offer);
}

static void
offer_post (WhipOffer * offer, GUri * url)
{
  WhipSession *session = offer->session;
  gint64 left = (offer->deadline - g_get_monotonic_time ()) / 1000;

  /* The timer of the offer ends the waiting for it; what is sent by then may
   * still open a session, whose URL is worth a while. */
  offer->call = whip_call_start (session, SOUP_METHOD_POST, url, WHIP_TYPE_SDP,
      offer->body, NULL, MAX (left, 1) + session->settings->close_timeout,
      NET_HTTP_BODY_NEEDED, offer_posted, offer);
}

/* Takes @task, which returns the answer. */
void
whip_session_offer (WhipSession * session, const gchar * sdp, GTask * task)
{
  g_autoptr (GstSDPMessage) parsed = NULL;
  g_autofree gchar *log = gst_rcast_sdp_redact (sdp);
  WhipOffer *offer;

  whip_session_set_aside (session);
  GST_LOG_OBJECT (session->element, "offer:\n%s", log);
  parsed = whip_trickle_take_offer (session, sdp, NULL, task);
  if (!parsed)
    return;
  offer = g_new0 (WhipOffer, 1);
  offer->session = session;
  offer->task = task;
  offer->sdp = g_steal_pointer (&parsed);
  offer->body = g_bytes_new (sdp, strlen (sdp));
  offer->deadline = g_get_monotonic_time ()
      + (gint64) session->settings->timeout * 1000;
  session->offer = offer;
  offer->timer = whip_session_add_source (session,
      gst_rcast_limit_new (session->settings->timeout), offer_time_is_up);
  offer->cancel = whip_session_add_cancel (session, task, offer_cancelled);
  offer_post (offer, session->settings->endpoint);
}
