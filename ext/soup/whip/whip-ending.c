/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends sessions at a WHIP server: DELETE in the background, and its result. */
#include "config.h"

#include "whip-ending.h"

#include "net-url.h"
#include "rcast-loop.h"
#include "whip-answer.h"
#include "whip-headers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_ending_debug);
#define GST_CAT_DEFAULT rcast_whip_ending_debug

/* Consent expires after 30 s (RFC 7675 5.1). Then servers drop a session that was not deleted. */
#define GHOST_US (35 * G_USEC_PER_SEC)
/* Some servers need a moment after DELETE. */
#define GHOST_DELETED_US (5 * G_USEC_PER_SEC)

struct _WhipEnding
{
  WhipClient *client;           /* owned by the session */
  WhipMemory *memory;           /* owned by the element */
  GError *error;                /* of a session that may still exist, nullable */

  gboolean closing;             /* no new requests */
  GTask *close_task;
  GSource *close_timer, *close_cancel;
};

WhipEnding *
whip_ending_new (WhipClient * client, WhipMemory * memory)
{
  static gsize once = 0;
  WhipEnding *ending = g_new0 (WhipEnding, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_whip_ending_debug, "rcastwhipending", 0,
        "End of WHIP sessions");
    g_once_init_leave (&once, 1);
  }
  ending->client = client;
  ending->memory = memory;
  return ending;
}

/* Takes NULL. */
void
whip_ending_free (WhipEnding * ending)
{
  if (!ending)
    return;
  gst_rcast_source_clear (&ending->close_timer);
  gst_rcast_source_clear (&ending->close_cancel);
  g_clear_error (&ending->error);
  g_free (ending);
}

/* @url: (nullable): of the session; NULL: unknown */
static void
report (WhipEnding * ending, GUri * url, GstRcastSessionState state)
{
  g_autofree gchar *session = url ? g_uri_to_string (url) : NULL;

  gst_rcast_signaller_session_changed (whip_client_get_element
      (ending->client), whip_client_get_settings (ending->client)->
      net->location, session, state);
}

/* The server has a session at @url. */
void
whip_ending_opened (WhipEnding * ending, GUri * url)
{
  report (ending, url, GST_RCAST_SESSION_OPENED);
}

/* The server may have a session whose URL is unknown: it ends only by timeout. */
void
whip_ending_missed (WhipEnding * ending)
{
  GST_INFO_OBJECT (whip_client_get_element (ending->client),
      "the server may keep a session whose URL is not known");
  ending->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
  report (ending, NULL, GST_RCAST_SESSION_LEFT);
}

/* Takes the result of a DELETE. */
void
whip_ending_take_result (WhipEnding * ending, WhipRequest * request,
    GBytes * body, const GError * error)
{
  gboolean ended =
      !error && whip_answer_is_end (whip_request_get_status (request));

  report (ending, whip_request_get_url (request), ended ?
      GST_RCAST_SESSION_ENDED : GST_RCAST_SESSION_LEFT);
  if (ended) {
    ending->memory->ghost_until = g_get_monotonic_time () + GHOST_DELETED_US;
    return;
  }
  /* Keep the earlier error: this one is only a cancellation. */
  if (error && ending->error)
    return;
  g_clear_error (&ending->error);
  ending->error = error ? g_error_copy (error) :
      whip_request_new_error (request, GST_RCAST_ERROR_FAILED, body,
      "the session may live on at the server");
  GST_INFO_OBJECT (whip_client_get_element (ending->client), "%s",
      ending->error->message);
}

static void
on_deleted (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  whip_ending_take_result (data, request, body, error);
}

/* Ends the session at @url. @then must take the result. */
WhipRequest *
whip_ending_delete_then (WhipEnding * ending, GUri * url, WhipRequestDone then,
    gpointer data)
{
  guint timeout = whip_client_get_settings (ending->client)->net->close_timeout;
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_DELETE,
    .url = url,
    .kind = WHIP_URL_SESSION,
    .timeout = timeout,
    .patience = timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  ending->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
  report (ending, url, GST_RCAST_SESSION_LEAVING);
  return whip_request_start (ending->client, &spec, then, data);
}

void
whip_ending_delete (WhipEnding * ending, GUri * url)
{
  whip_ending_delete_then (ending, url, on_deleted, ending);
}

/* Takes over a DELETE whose result nobody else needs. */
void
whip_ending_hand_over (WhipEnding * ending, WhipRequest * request)
{
  whip_request_hand_over (request, on_deleted, ending);
}

/* The answer to an offer is unusable or incomplete, but the server may have acted on the offer. Its
 * headers may still name the session. */
void
whip_ending_take_rest (WhipEnding * ending, WhipRequest * offer)
{
  guint status = whip_request_get_status (offer);
  gboolean created = whip_answer_is_created (status);
  g_autoptr (GUri) url = NULL;

  if (created || status == SOUP_STATUS_NOT_ACCEPTABLE)
    url = whip_request_resolve_session (offer, NULL);
  if (url)
    whip_ending_delete (ending, url);
  else if (created || status == SOUP_STATUS_NONE)
    whip_ending_missed (ending);
}

static void
on_late_answer (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  whip_ending_take_rest (data, request);
}

/* Nobody waits for the answer to this offer any more, but the server may still act on it. Ends the
 * session as soon as its URL is known. */
void
whip_ending_expect_late (WhipEnding * ending, WhipRequest * offer)
{
  if (!whip_request_is_sent (offer)) {
    whip_request_drop (offer);
    return;
  }
  whip_request_hand_over (offer, on_late_answer, ending);
  ending->memory->ghost_until = g_get_monotonic_time () + GHOST_US;
}

static gboolean
on_close_time_is_up (gpointer data)
{
  WhipEnding *ending = data;
  GstRcastNetSettings *net = whip_client_get_settings (ending->client)->net;
  g_autofree gchar *url = net_url_describe (net->url);

  if (!ending->error)
    ending->error = gst_rcast_error_new_http (GST_RCAST_ERROR_TIMEOUT, url, 0,
        GST_CLOCK_TIME_NONE, "%s: the session was not ended within %u ms and "
        "may live on at the server", url, net->close_timeout);
  whip_client_cancel (ending->client);
  return G_SOURCE_REMOVE;
}

static gboolean
on_close_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipEnding *ending = data;

  whip_client_cancel (ending->client);
  return G_SOURCE_REMOVE;
}

/* The client has no pending request. */
void
whip_ending_idle (WhipEnding * ending)
{
  g_autoptr (GTask) task = NULL;

  if (!ending->closing)
    return;
  gst_rcast_source_clear (&ending->close_timer);
  gst_rcast_source_clear (&ending->close_cancel);
  task = g_steal_pointer (&ending->close_task);
  if (!task)
    return;
  if (ending->error)
    g_task_return_error (task, g_steal_pointer (&ending->error));
  else
    g_task_return_boolean (task, TRUE);
}

/* Starts nothing new. Takes @task (nullable), which returns when all requests are over, with the
 * reason why a session may still exist. */
void
whip_ending_close (WhipEnding * ending, GTask * task)
{
  guint timeout = whip_client_get_settings (ending->client)->net->close_timeout;

  ending->closing = TRUE;
  ending->close_task = task;
  if (whip_client_is_idle (ending->client)) {
    whip_ending_idle (ending);
    return;
  }
  ending->close_timer =
      gst_rcast_timer_start (timeout, on_close_time_is_up, ending);
  if (task)
    ending->close_cancel = gst_rcast_cancel_start (g_task_get_cancellable
        (task), on_close_cancelled, ending);
}
