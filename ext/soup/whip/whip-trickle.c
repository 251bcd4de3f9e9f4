/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the candidates of each PATCH: offers, candidates and results in, fragments out. */
#include "config.h"

#include "whip-trickle.h"

#include <string.h>

/* How often the same candidates are sent. */
#define MAX_TRIES 4
/* How many past generations are remembered, to recognize late candidates. */
#define MAX_PAST_UFRAGS 16

typedef enum
{
  TRICKLE_WAITING,              /* for the answer to the offer (RFC 9725 4.3.1) */
  TRICKLE_READY,
  TRICKLE_SENT,                 /* a fragment was sent */
  TRICKLE_OFF,                  /* the server accepts no candidates */
} TrickleState;

typedef struct
{
  gchar *ufrag;
  gchar *text;                  /* NULL: end of candidates for this ufrag */
} Candidate;

struct _WhipTrickle
{
  TrickleState state;
  gchar *ufrag, *pwd;           /* of the generation; NULL: there is none */
  guint mline;                  /* of the m-section with the transport */
  GHashTable *given;            /* keys of candidates in the offer or in fragments */
  gboolean given_end;           /* also the end of candidates */
  GQueue past_ufrags;
  GQueue pending;               /* Candidate, of this generation or a future one */
  GPtrArray *sent;              /* Candidate, of the sent fragment */
  guint tries;                  /* failed attempts */
};

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

WhipTrickle *
whip_trickle_new (void)
{
  WhipTrickle *trickle = g_new0 (WhipTrickle, 1);

  trickle->given =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  trickle->sent = new_batch ();
  g_queue_init (&trickle->past_ufrags);
  g_queue_init (&trickle->pending);
  return trickle;
}

/* Takes NULL. */
void
whip_trickle_free (WhipTrickle * trickle)
{
  if (!trickle)
    return;
  g_free (trickle->ufrag);
  g_free (trickle->pwd);
  g_hash_table_unref (trickle->given);
  g_queue_clear_full (&trickle->past_ufrags, g_free);
  g_queue_clear_full (&trickle->pending, (GDestroyNotify) candidate_free);
  g_ptr_array_unref (trickle->sent);
  g_free (trickle);
}

/* The key is the same with and without the candidate's ufrag. */
static gchar *
candidate_key (const gchar * text)
{
  const gchar *end = strstr (text, " ufrag ");

  return end ? g_strndup (text, end - text) : g_strdup (text);
}

static gboolean
is_past (WhipTrickle * trickle, const gchar * ufrag)
{
  return g_queue_find_custom (&trickle->past_ufrags, ufrag,
      (GCompareFunc) strcmp) != NULL;
}

/* Stops sending: to a server that never agreed to this generation, or has a newer one, a PATCH with
 * its credentials would be another restart. */
void
whip_trickle_retire (WhipTrickle * trickle)
{
  trickle->state = TRICKLE_WAITING;
  g_ptr_array_set_size (trickle->sent, 0);
  if (!trickle->ufrag)
    return;
  g_queue_push_tail (&trickle->past_ufrags, g_steal_pointer (&trickle->ufrag));
  if (trickle->past_ufrags.length > MAX_PAST_UFRAGS)
    g_free (g_queue_pop_head (&trickle->past_ufrags));
}

static void
begin_generation (WhipTrickle * trickle, const gchar * ufrag,
    const gchar * pwd, const GstRcastSdpFragment * offered)
{
  if (g_strcmp0 (trickle->ufrag, ufrag) != 0)
    whip_trickle_retire (trickle);
  g_ptr_array_set_size (trickle->sent, 0);
  trickle->state = TRICKLE_WAITING;
  g_free (trickle->ufrag);
  g_free (trickle->pwd);
  trickle->ufrag = g_strdup (ufrag);
  trickle->pwd = g_strdup (pwd);
  g_hash_table_remove_all (trickle->given);
  trickle->given_end = offered->end_of_candidates;
  trickle->tries = 0;
  for (guint i = 0; i < offered->candidates->len; i++)
    g_hash_table_add (trickle->given,
        candidate_key (g_ptr_array_index (offered->candidates, i)));
}

/* Moves candidates of this generation from pending to @batch. Drops late and duplicate ones, and
 * keeps those of a future generation. */
static void
take_pending (WhipTrickle * trickle, GPtrArray * batch)
{
  for (guint n = trickle->pending.length; n > 0; n--) {
    Candidate *candidate = g_queue_pop_head (&trickle->pending);
    gboolean current = g_strcmp0 (candidate->ufrag, trickle->ufrag) == 0;

    if (!current && !is_past (trickle, candidate->ufrag)) {
      g_queue_push_tail (&trickle->pending, candidate);
    } else if (!current || trickle->given_end) {
      candidate_free (candidate);
    } else if (!candidate->text) {
      trickle->given_end = TRUE;
      g_ptr_array_add (batch, candidate);
    } else if (!g_hash_table_add (trickle->given,
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

/* The fragment has the m-section that carries the transport, with its credentials. */
static void
set_transport (WhipTrickle * trickle, GstRcastSdpFragment * fragment)
{
  g_free (fragment->mid);
  fragment->mid = NULL;
  fragment->mline = trickle->mline;
  g_free (fragment->ufrag);
  fragment->ufrag = g_strdup (trickle->ufrag);
  g_free (fragment->pwd);
  fragment->pwd = g_strdup (trickle->pwd);
}

static gboolean
get_credentials (const GstSDPMessage * sdp, const gchar ** ufrag,
    const gchar ** pwd, GError ** error)
{
  if (gst_rcast_sdp_get_credentials (sdp, ufrag, pwd))
    return TRUE;
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "no ICE credentials");
  return FALSE;
}

/**
 * whip_trickle_begin:
 * @trickle: the candidates
 * @offer: our offer
 * @restart: (out) (optional): a fragment that requests this generation as a restart, with
 *   the candidates of the offer and those that have arrived for it since
 * @error: why the offer is invalid; then nothing changes
 *
 * Returns: (transfer full): the offer
 */
GstSDPMessage *
whip_trickle_begin (WhipTrickle * trickle, const gchar * offer,
    GstRcastSdpFragment ** restart, GError ** error)
{
  g_autoptr (GstSDPMessage) sdp = gst_rcast_sdp_parse (offer, -1, error);
  g_autoptr (GstRcastSdpFragment) offered = NULL;
  g_autoptr (GPtrArray) batch = NULL;
  const gchar *ufrag = NULL, *pwd = NULL;

  if (!sdp || !(offered = gst_rcast_sdp_fragment_parse (offer, -1, error))
      || !get_credentials (sdp, &ufrag, &pwd, error))
    return NULL;
  begin_generation (trickle, ufrag, pwd, offered);
  trickle->mline = gst_rcast_sdp_get_bundle_mline (sdp);
  if (!restart)
    return g_steal_pointer (&sdp);
  batch = new_batch ();
  take_pending (trickle, batch);
  add_to_fragment (offered, batch);
  set_transport (trickle, offered);
  *restart = g_steal_pointer (&offered);
  return g_steal_pointer (&sdp);
}

void
whip_trickle_agree (WhipTrickle * trickle, gboolean takes)
{
  trickle->state = takes ? TRICKLE_READY : TRICKLE_OFF;
}

/**
 * whip_trickle_add:
 * @trickle: the candidates
 * @ufrag: of the candidate's generation
 * @candidate: (nullable): `candidate:…`; %NULL: end of candidates for @ufrag
 *
 * Returns: whether it can be sent now
 */
gboolean
whip_trickle_add (WhipTrickle * trickle, const gchar * ufrag,
    const gchar * candidate)
{
  Candidate *entry;

  if (is_past (trickle, ufrag))
    return FALSE;
  if (trickle->pending.length >= GST_RCAST_SDP_MAX_CANDIDATES)
    candidate_free (g_queue_pop_head (&trickle->pending));
  entry = g_new0 (Candidate, 1);
  entry->ufrag = g_strdup (ufrag);
  entry->text = g_strdup (candidate);
  g_queue_push_tail (&trickle->pending, entry);
  return trickle->state == TRICKLE_READY
      && g_strcmp0 (ufrag, trickle->ufrag) == 0;
}

/* Returns: (nullable) (transfer full): the fragment to send now. The next one needs its result
 * first */
GstRcastSdpFragment *
whip_trickle_next (WhipTrickle * trickle)
{
  GstRcastSdpFragment *fragment;

  if (trickle->state == TRICKLE_WAITING || trickle->state == TRICKLE_SENT)
    return NULL;
  take_pending (trickle, trickle->sent);
  if (trickle->state == TRICKLE_OFF)
    g_ptr_array_set_size (trickle->sent, 0);
  if (trickle->sent->len == 0)
    return NULL;
  fragment = gst_rcast_sdp_fragment_new ();
  set_transport (trickle, fragment);
  add_to_fragment (fragment, trickle->sent);
  trickle->state = TRICKLE_SENT;
  return fragment;
}

/* Candidates of a failed fragment precede those that have arrived since. */
static void
put_back (WhipTrickle * trickle)
{
  while (trickle->sent->len > 0) {
    Candidate *candidate = g_ptr_array_steal_index (trickle->sent,
        trickle->sent->len - 1);

    if (candidate->text) {
      g_autofree gchar *key = candidate_key (candidate->text);

      g_hash_table_remove (trickle->given, key);
    } else {
      trickle->given_end = FALSE;
    }
    g_queue_push_head (&trickle->pending, candidate);
  }
}

/**
 * whip_trickle_result:
 * @trickle: the candidates
 * @result: of the sent fragment
 *
 * Returns: %FALSE if its candidates are lost: they were sent too often, or are not
 *   accepted
 */
gboolean
whip_trickle_result (WhipTrickle * trickle, WhipTrickleResult result)
{
  gboolean kept = TRUE;

  if (trickle->state != TRICKLE_SENT)
    return TRUE;
  trickle->state = TRICKLE_READY;
  switch (result) {
    case WHIP_TRICKLE_TAKEN:
      trickle->tries = 0;
      break;
    case WHIP_TRICKLE_AGAIN:
      kept = ++trickle->tries < MAX_TRIES;
      if (kept)
        put_back (trickle);
      else
        trickle->tries = 0;
      break;
    case WHIP_TRICKLE_DROPPED:
      kept = FALSE;
      trickle->tries = 0;
      break;
    case WHIP_TRICKLE_REFUSED:
      kept = FALSE;
      trickle->state = TRICKLE_OFF;
      break;
  }
  g_ptr_array_set_size (trickle->sent, 0);
  return kept;
}

/* Returns: how often the next fragment has failed */
guint
whip_trickle_get_tries (WhipTrickle * trickle)
{
  return trickle->tries;
}
