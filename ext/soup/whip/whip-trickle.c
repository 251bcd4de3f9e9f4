/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The candidates of a WHIP session: of which generation of ICE, and PATCH with those that have come. */
#include "config.h"

#include "whip-session-private.h"

#include <string.h>

#include "rcast-backoff.h"
#include "rcast-loop.h"

/* What a parser of whole descriptions misses in a fragment. */
#define SESSION_LINES "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

/* Host candidates come in one burst; later ones gather while a PATCH is out. */
#define TRICKLE_BATCH_MS 20
#define TRICKLE_TRIES 4
#define TRICKLE_MIN_DELAY (500 * GST_MSECOND)
#define TRICKLE_MAX_DELAY (4 * GST_SECOND)
/* Generations whose late candidates are known to be late. */
#define MAX_PAST_UFRAGS 16

typedef struct
{
  gchar *ufrag;
  gchar *text;                  /* NULL: no more for this ufrag */
} Candidate;

static void
candidate_free (Candidate * candidate)
{
  g_free (candidate->ufrag);
  g_free (candidate->text);
  g_free (candidate);
}

static GPtrArray *
new_batch (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) candidate_free);
}

void
whip_trickle_init (WhipSession * session)
{
  session->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  session->batch = new_batch ();
  g_queue_init (&session->past_ufrags);
  g_queue_init (&session->pending);
}

void
whip_trickle_clear (WhipSession * session)
{
  gst_rcast_source_clear (&session->trickle_timer);
  g_free (session->ufrag);
  g_free (session->pwd);
  g_hash_table_unref (session->told);
  g_queue_clear_full (&session->past_ufrags, g_free);
  g_queue_clear_full (&session->pending, (GDestroyNotify) candidate_free);
  g_ptr_array_unref (session->batch);
}

static gchar *
candidate_key (const gchar * text)
{
  const gchar *end = strstr (text, " ufrag ");

  return end ? g_strndup (text, end - text) : g_strdup (text);
}

/* Nothing of this generation is sent any more: to a server that never agreed to
 * it, or has a newer one, a PATCH that names it would be another restart. */
void
whip_trickle_retire (WhipSession * session)
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
    whip_trickle_retire (session);
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

static GstSDPMessage *
parse_offer (const gchar * text, GstRcastSdpFragment ** fragment,
    const gchar ** ufrag, const gchar ** pwd, GError ** error)
{
  g_autoptr (GstSDPMessage) sdp = gst_rcast_sdp_parse (text, -1, error);

  if (!sdp || !(*fragment = gst_rcast_sdp_fragment_parse (text, -1, error)))
    return NULL;
  if (!gst_rcast_sdp_get_credentials (sdp, ufrag, pwd)) {
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no ICE credentials");
    return NULL;
  }
  return g_steal_pointer (&sdp);
}

/* Parses an offer of ours and takes its generation over.
 * Returns: (transfer full): NULL if it is not to go out; then @task is answered */
GstSDPMessage *
whip_trickle_take_offer (WhipSession * session, const gchar * text,
    GstRcastSdpFragment ** fragment, GTask * task)
{
  g_autoptr (GTask) failed = task;
  g_autoptr (GstSDPMessage) sdp = NULL;
  g_autoptr (GstRcastSdpFragment) ice = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *ufrag, *pwd;

  /* Whoever waited for the one before may have closed. */
  if (session->closed) {
    g_task_return_error (task, whip_cancelled_new (WHIP_CLOSED));
    return NULL;
  }
  sdp = parse_offer (text, &ice, &ufrag, &pwd, &error);
  if (!sdp) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "offer: %s", error->message);
    return NULL;
  }
  set_generation (session, ufrag, pwd, ice);
  if (g_task_return_error_if_cancelled (task))
    return NULL;
  if (fragment)
    *fragment = g_steal_pointer (&ice);
  failed = NULL;
  return g_steal_pointer (&sdp);
}

void
whip_trickle_stop (WhipSession * session)
{
  gst_rcast_source_clear (&session->trickle_timer);
  if (session->trickle)
    whip_call_cancel (session->trickle);
  session->trickle = NULL;
  g_ptr_array_set_size (session->batch, 0);
}

static gboolean
trickle_time_is_up (gpointer data)
{
  WhipSession *session = data;

  gst_rcast_source_clear (&session->trickle_timer);
  whip_trickle_flush (session);
  return G_SOURCE_REMOVE;
}

static void
schedule_trickle (WhipSession * session, guint ms)
{
  if (!session->trickle_timer)
    session->trickle_timer =
        whip_session_add_source (session, g_timeout_source_new (ms),
        trickle_time_is_up);
}

static void
give_trickle_up (WhipSession * session, gboolean for_good, const gchar * why)
{
  GST_WARNING_OBJECT (session->element, "no more candidates are sent: %s", why);
  session->can_trickle = FALSE;
  if (for_good)
    whip_session_learn (session, &session->memory->no_trickle);
  whip_session_publish (session);
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
trickle_refused (WhipSession * session, WhipCall * call, GBytes * body)
{
  guint status = whip_call_get_status (call);
  g_autoptr (GError) error = NULL;

  if ((status == SOUP_STATUS_NOT_FOUND && session->patched)
      || status == SOUP_STATUS_GONE) {
    error = whip_call_new_error (call, GST_RCAST_ERROR_SESSION_GONE, body,
        "the session is gone");
    g_ptr_array_set_size (session->batch, 0);
    session->can_trickle = FALSE;
    gst_rcast_signaller_lost (session->element, error);
    return;
  }
  error = whip_call_new_error (call, GST_RCAST_ERROR_NOT_SUPPORTED, body,
      "candidates refused");
  if (is_transient (status)) {
    trickle_again (session, whip_call_get_retry_after (call), error->message);
    return;
  }
  g_ptr_array_set_size (session->batch, 0);
  give_trickle_up (session, status != SOUP_STATUS_UNAUTHORIZED
      && status != SOUP_STATUS_FORBIDDEN, error->message);
}

static void
trickle_patched (WhipCall * call, GBytes * body, const GError * error)
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
  if (!SOUP_STATUS_IS_SUCCESSFUL (whip_call_get_status (call))) {
    trickle_refused (session, call, body);
    return;
  }
  session->patched = TRUE;
  session->trickle_tries = 0;
  g_ptr_array_set_size (session->batch, 0);
  whip_trickle_flush (session);
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

/* What waited for this generation goes with its offer. */
void
whip_trickle_add_pending (WhipSession * session, GstRcastSdpFragment * fragment)
{
  g_autoptr (GPtrArray) batch = new_batch ();

  take_pending (session, batch);
  add_to_fragment (fragment, batch);
}

GBytes *
whip_trickle_print (WhipSession * session, const GstRcastSdpFragment * fragment,
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

void
whip_trickle_flush (WhipSession * session)
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
  body = whip_trickle_print (session, fragment, session->sent_offer,
      session->memory->session_lines);
  session->trickle =
      whip_call_start (session, "PATCH", session->url, WHIP_TYPE_FRAGMENT, body,
      session->etag, session->settings->timeout, NET_HTTP_BODY_OPTIONAL,
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
