/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the candidates of a WHIP session to the server: PATCHes, their timer and their results. */
#include "config.h"

#include "whip-candidates.h"

#include <string.h>

#include "rcast-backoff.h"
#include "rcast-loop.h"
#include "whip-answer.h"
#include "whip-trickle.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_candidates_debug);
#define GST_CAT_DEFAULT rcast_whip_candidates_debug

/* Parsers of whole descriptions require these lines in a fragment. */
#define SESSION_LINES "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
/* Host candidates arrive in one burst. Later ones are collected while a PATCH is pending. */
#define BATCH_MS 20
#define MIN_DELAY (500 * GST_MSECOND)
#define MAX_DELAY (4 * GST_SECOND)
/* If the server asks for a longer wait, send no candidates: by then the connection is up or given
 * up. */
#define MAX_RETRY_AFTER (30 * GST_SECOND)
/* A session of another origin that cannot be reached gets this many attempts, this far apart, or
 * one that took this long (us). Otherwise the offer would be over soon. */
#define ASTRAY_TRIES 3
#define ASTRAY_DELAY (500 * GST_MSECOND)
#define ASTRAY_US (3 * G_USEC_PER_SEC)

struct _WhipCandidates
{
  WhipClient *client;           /* owned by the session */
  WhipMemory *memory;           /* owned by the element */
  WhipCandidatesCallbacks callbacks;
  gpointer data;
  WhipTrickle *trickle;
  WhipRequest *request;         /* the pending PATCH */
  GSource *timer;               /* for the next PATCH */
  gint64 since;                 /* when the first PATCH was sent, us; 0: not yet */

  /* From WhipAgreement. */
  GstSDPMessage *offer;
  GUri *url;                    /* NULL: the candidates cannot be sent */
  gchar *etag;
  gboolean patched;
  gboolean promised;
  gboolean elsewhere;
  gboolean session_lines;
};

/* @client, @memory and @data must outlive the candidates. */
WhipCandidates *
whip_candidates_new (WhipClient * client, WhipMemory * memory,
    const WhipCandidatesCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  WhipCandidates *candidates = g_new0 (WhipCandidates, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_whip_candidates_debug, "rcastwhipcandidates",
        0, "Candidates of the WHIP signaller");
    g_once_init_leave (&once, 1);
  }
  candidates->client = client;
  candidates->memory = memory;
  candidates->callbacks = *callbacks;
  candidates->data = data;
  candidates->trickle = whip_trickle_new ();
  return candidates;
}

static void
forget_agreement (WhipCandidates * candidates)
{
  g_clear_pointer (&candidates->offer, gst_sdp_message_free);
  g_clear_pointer (&candidates->url, g_uri_unref);
  g_clear_pointer (&candidates->etag, g_free);
}

/* Takes NULL. No PATCH may be pending. */
void
whip_candidates_free (WhipCandidates * candidates)
{
  if (!candidates)
    return;
  gst_rcast_source_clear (&candidates->timer);
  whip_trickle_free (candidates->trickle);
  forget_agreement (candidates);
  g_free (candidates);
}

/* See whip_trickle_begin(). */
GstSDPMessage *
whip_candidates_begin (WhipCandidates * candidates, const gchar * offer,
    GstRcastSdpFragment ** restart, GError ** error)
{
  return whip_trickle_begin (candidates->trickle, offer, restart, error);
}

/* @agreement: copied. Without a URL the server accepts no candidates. */
void
whip_candidates_agree (WhipCandidates * candidates,
    const WhipAgreement * agreement)
{
  forget_agreement (candidates);
  gst_sdp_message_copy (agreement->offer, &candidates->offer);
  candidates->url = agreement->url ? g_uri_ref (agreement->url) : NULL;
  candidates->etag = g_strdup (agreement->etag);
  candidates->since = 0;
  candidates->patched = agreement->patched;
  candidates->promised = agreement->promised;
  candidates->elsewhere = agreement->elsewhere;
  candidates->session_lines = agreement->session_lines;
  whip_trickle_agree (candidates->trickle, candidates->url != NULL);
}

/* Whether the server has accepted a PATCH of this session. */
gboolean
whip_candidates_is_patched (const WhipCandidates * candidates)
{
  return candidates->patched;
}

/* Stops sending. Candidates of a pending PATCH are lost, like those that wait. */
void
whip_candidates_stop (WhipCandidates * candidates)
{
  WhipRequest *request = g_steal_pointer (&candidates->request);

  gst_rcast_source_clear (&candidates->timer);
  if (request)
    whip_request_drop (request);
}

/* See whip_trickle_retire(). */
void
whip_candidates_retire (WhipCandidates * candidates)
{
  whip_trickle_retire (candidates->trickle);
}

static gboolean
on_time (gpointer data)
{
  WhipCandidates *candidates = data;

  gst_rcast_source_clear (&candidates->timer);
  whip_candidates_send (candidates);
  return G_SOURCE_REMOVE;
}

static void
schedule (WhipCandidates * candidates, guint ms)
{
  if (!candidates->timer)
    candidates->timer = gst_rcast_timer_start (ms, on_time, candidates);
}

static void
send_again (WhipCandidates * candidates, GstClockTime retry_after,
    const gchar * why)
{
  GstClockTime delay =
      gst_rcast_backoff_delay (whip_trickle_get_tries (candidates->trickle),
      MIN_DELAY, MAX_DELAY, retry_after, g_random_int ());
  gpointer element = whip_client_get_element (candidates->client);
  gboolean in_vain = GST_CLOCK_TIME_IS_VALID (retry_after)
      && retry_after > MAX_RETRY_AFTER;

  if (in_vain)
    whip_trickle_result (candidates->trickle, WHIP_TRICKLE_DROPPED);
  if (in_vain || !whip_trickle_result (candidates->trickle, WHIP_TRICKLE_AGAIN)) {
    GST_WARNING_OBJECT (element, "candidates lost: %s", why);
    return;
  }
  GST_INFO_OBJECT (element, "%s; candidates again in %" G_GUINT64_FORMAT " ms",
      why, (guint64) (delay / GST_MSECOND));
  schedule (candidates, MIN (delay / GST_MSECOND, G_MAXUINT));
}

/* Unless the server is known to accept PATCH, 404 may mean that it does not. */
static gboolean
is_gone (WhipCandidates * candidates, guint status)
{
  return status == SOUP_STATUS_GONE || (status == SOUP_STATUS_NOT_FOUND
      && (candidates->patched || candidates->promised));
}

static void
take_refusal (WhipCandidates * candidates, WhipRequest * request, GBytes * body)
{
  guint status = whip_request_get_status (request);
  gboolean gone = is_gone (candidates, status);
  g_autoptr (GError) error = whip_request_new_error (request, gone ?
      GST_RCAST_ERROR_SESSION_GONE : GST_RCAST_ERROR_NOT_SUPPORTED, body,
      gone ? "the session is gone" : "candidates refused");

  if (gone) {
    whip_trickle_result (candidates->trickle, WHIP_TRICKLE_REFUSED);
    candidates->callbacks.gone (error, candidates->data);
  } else if (whip_answer_is_transient (status)) {
    send_again (candidates, whip_request_get_retry_after (request),
        error->message);
  } else {
    GST_WARNING_OBJECT (whip_client_get_element (candidates->client),
        "no more candidates are sent: %s", error->message);
    whip_trickle_result (candidates->trickle, WHIP_TRICKLE_REFUSED);
    if (status != SOUP_STATUS_UNAUTHORIZED && status != SOUP_STATUS_FORBIDDEN)
      whip_memory_learn (candidates->memory, &candidates->memory->no_trickle,
          TRUE, g_get_monotonic_time ());
    candidates->callbacks.refused (candidates->data);
  }
}

/* Whether the session cannot be reached at another origin than that of the offer. An outage on our
 * side looks the same for a while. */
static gboolean
is_astray (WhipCandidates * candidates, const GError * error)
{
  return candidates->elsewhere && !candidates->patched
      && (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TLS));
}

static gboolean
is_tried_enough (WhipCandidates * candidates)
{
  return whip_trickle_get_tries (candidates->trickle) + 1 >= ASTRAY_TRIES
      || g_get_monotonic_time () - candidates->since >= ASTRAY_US;
}

/* A server behind a proxy may name an address that only the proxy can reach. Then the next offer
 * contains the candidates. */
static void
give_up (WhipCandidates * candidates, const GError * error)
{
  gpointer element = whip_client_get_element (candidates->client);
  gboolean sends = gst_rcast_signaller_get_direction (element)
      == GST_RCAST_DIRECTION_SEND;

  gst_element_message_full (element, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
      sends ? GST_RESOURCE_ERROR_OPEN_WRITE : GST_RESOURCE_ERROR_OPEN_READ,
      g_strdup_printf ("The server names a session (Location) that cannot be "
          "reached: %s. A proxy in front of it may have to rewrite the header.",
          error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
  whip_trickle_result (candidates->trickle, WHIP_TRICKLE_REFUSED);
  whip_memory_miss (candidates->memory, g_get_monotonic_time ());
  candidates->callbacks.refused (candidates->data);
}

static void
on_answered (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipCandidates *candidates = data;

  candidates->request = NULL;
  if (error) {
    gboolean astray = is_astray (candidates, error);

    if (astray && is_tried_enough (candidates))
      give_up (candidates, error);
    else
      send_again (candidates, astray ? ASTRAY_DELAY : GST_CLOCK_TIME_NONE,
          error->message);
  } else if (!SOUP_STATUS_IS_SUCCESSFUL (whip_request_get_status (request))) {
    take_refusal (candidates, request, body);
  } else {
    candidates->patched = TRUE;
    candidates->memory->unreached = 0;
    whip_trickle_result (candidates->trickle, WHIP_TRICKLE_TAKEN);
    whip_candidates_send (candidates);
  }
}

/* Sends the candidates that can be sent now. */
void
whip_candidates_send (WhipCandidates * candidates)
{
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GBytes) body = NULL;

  if (candidates->timer)
    return;
  fragment = whip_trickle_next (candidates->trickle);
  if (!fragment)
    return;
  body = whip_fragment_print (fragment, candidates->offer,
      candidates->session_lines);
  if (candidates->since == 0)
    candidates->since = g_get_monotonic_time ();
  whip_client_log_sdp (candidates->client, "fragment",
      g_bytes_get_data (body, NULL));
  candidates->request = whip_request_patch (candidates->client,
      candidates->url, WHIP_TYPE_FRAGMENT, body, candidates->etag,
      NET_HTTP_BODY_OPTIONAL, on_answered, candidates);
}

/* @candidate: NULL: end of candidates for @ufrag */
void
whip_candidates_add (WhipCandidates * candidates, const gchar * ufrag,
    const gchar * candidate)
{
  if (whip_trickle_add (candidates->trickle, ufrag, candidate))
    schedule (candidates, BATCH_MS);
}

/* Returns: (transfer full): the body of a PATCH, NUL-terminated */
GBytes *
whip_fragment_print (const GstRcastSdpFragment * fragment,
    const GstSDPMessage * offer, gboolean session_lines)
{
  g_autofree gchar *text = gst_rcast_sdp_fragment_print (fragment, offer);
  gchar *whole = g_strconcat (session_lines ? SESSION_LINES : "", text, NULL);

  return g_bytes_new_take (whole, strlen (whole));
}
