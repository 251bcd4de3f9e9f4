/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE restart of a WHIP session: PATCH with new credentials, at most once more for each quirk. */
#include "config.h"

#include "whip-session-private.h"

#include "rcast-loop.h"
#include "whip-headers.h"

/* Takes @error, or @answer, and @restart. */
static void
restart_report (WhipRestart * restart, gchar * answer, GError * error)
{
  GTask *task = restart->task;

  if (restart->session->restart == restart)
    restart->session->restart = NULL;
  gst_rcast_source_clear (&restart->cancel);
  g_clear_pointer (&restart->sdp, gst_sdp_message_free);
  gst_rcast_sdp_fragment_free (restart->fragment);
  if (error)
    whip_trickle_retire (restart->session);
  g_free (restart);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, g_free);
  g_object_unref (task);
}

/* Takes @error. Only the last restart counts (RFC 9725 4.3.3). */
void
whip_restart_abandon (WhipRestart * restart, GError * error)
{
  WhipCall *call = restart->call;

  call->data = NULL;
  whip_call_cancel (call);
  restart_report (restart, NULL, error);
}

static gboolean
restart_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipSession *session = data;

  if (session->restart)
    whip_restart_abandon (session->restart,
        whip_cancelled_new ("the restart was cancelled"));
  return G_SOURCE_REMOVE;
}

static void
give_restart_up (WhipSession * session)
{
  session->can_restart = FALSE;
  whip_session_learn (session, &session->memory->no_restart);
  whip_session_publish (session);
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

static void restart_patch (WhipRestart * restart);

/* Returns: whether the request goes out again in another form */
static gboolean
restart_in_another_form (WhipRestart * restart, guint status)
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
apply_restart (WhipRestart * restart, WhipCall * call, GBytes * body,
    GError ** error)
{
  WhipSession *session = restart->session;
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GError) reason = NULL;
  const gchar *old_ufrag = NULL;

  /* OvenMediaEngine says 204 to everything and does nothing. */
  if (whip_call_get_status (call) != SOUP_STATUS_OK
      || g_bytes_get_size (body) == 0) {
    g_propagate_error (error, whip_call_new_error (call,
            GST_RCAST_ERROR_NOT_SUPPORTED, body,
            "the server took the restart for candidates"));
    return NULL;
  }
  fragment = gst_rcast_sdp_fragment_parse (whip_call_get_text (body),
      g_bytes_get_size (body), &reason);
  if (!fragment || !fragment->ufrag || !fragment->pwd) {
    g_propagate_error (error, whip_call_new_error (call,
            GST_RCAST_ERROR_INVALID_DATA, body,
            reason ? reason->message :
            "no ICE credentials in the answer to the restart"));
    return NULL;
  }
  gst_rcast_sdp_get_credentials (session->answer, &old_ufrag, NULL);
  if (g_strcmp0 (old_ufrag, fragment->ufrag) == 0) {
    g_propagate_error (error, whip_call_new_error (call,
            GST_RCAST_ERROR_NOT_SUPPORTED, body,
            "the server did not change its ICE credentials"));
    return NULL;
  }
  if (!gst_rcast_sdp_apply_fragment (session->answer, fragment, error))
    return NULL;
  whip_call_check_type (call, WHIP_TYPE_FRAGMENT);
  return gst_sdp_message_as_text (session->answer);
}

static void
restart_accepted (WhipRestart * restart, WhipCall * call, GBytes * body)
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
  session->etag = whip_parse_etag (whip_call_get_header (call, "ETag"));
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
  whip_trickle_flush (session);
}

static void
restart_patched (WhipCall * call, GBytes * body, const GError * error)
{
  WhipRestart *restart = call->data;
  WhipSession *session = call->session;
  guint status = whip_call_get_status (call);
  GstRcastError code;

  if (!restart)
    return;
  restart->call = NULL;
  if (error) {
    restart_report (restart, NULL, whip_call_copy_error (call, error));
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
  restart_report (restart, NULL, whip_call_new_error (call, code, body,
          code == GST_RCAST_ERROR_SESSION_GONE ? "the session is gone" :
          "restart refused"));
}

static void
restart_patch (WhipRestart * restart)
{
  WhipSession *session = restart->session;
  g_autoptr (GBytes) body = whip_trickle_print (session, restart->fragment,
      restart->sdp, restart->session_lines);

  restart->call =
      whip_call_start (session, "PATCH", session->url, WHIP_TYPE_FRAGMENT, body,
      restart->quoted_star ? "\"*\"" : "*", session->settings->timeout,
      NET_HTTP_BODY_NEEDED, restart_patched, restart);
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
  const gchar *fault = why_no_restart (session);
  g_autoptr (GstSDPMessage) parsed = NULL;
  GstRcastSdpFragment *fragment = NULL;
  WhipRestart *restart;

  if (fault) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart: %s", fault);
    g_object_unref (task);
    return;
  }
  whip_trickle_stop (session);
  if (session->restart)
    whip_restart_abandon (session->restart,
        whip_cancelled_new ("superseded by a newer restart"));
  parsed = whip_trickle_take_offer (session, sdp, &fragment, task);
  if (!parsed)
    return;
  /* A path that needs a restart takes its connections with it. */
  whip_session_reconnect (session);

  /* The m-section is the one that carries the transport, with its credentials. */
  g_free (fragment->mid);
  fragment->mid = NULL;
  fragment->mline = gst_rcast_sdp_get_bundle_mline (parsed);
  g_free (fragment->ufrag);
  fragment->ufrag = g_strdup (session->ufrag);
  g_free (fragment->pwd);
  fragment->pwd = g_strdup (session->pwd);
  whip_trickle_add_pending (session, fragment);

  restart = g_new0 (WhipRestart, 1);
  restart->session = session;
  restart->task = task;
  restart->sdp = g_steal_pointer (&parsed);
  restart->fragment = fragment;
  restart->quoted_star = session->memory->quoted_star;
  restart->session_lines = session->memory->session_lines;
  session->restart = restart;
  restart->cancel = whip_session_add_cancel (session, task, restart_cancelled);
  restart_patch (restart);
}
