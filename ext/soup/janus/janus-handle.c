/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VideoRoom handle of a Janus session: joining, offers, candidates. */
#include "config.h"

#include "janus-session-private.h"

#include "rcast-loop.h"
#include "rcast-sdp.h"

/* A ghost of ours leaves the room soon after its session is destroyed. */
#define JOIN_TRIES 8
#define JOIN_RETRY_MS 250
/* Janus takes apart a PeerConnection in a thread of its own. */
#define PUBLISH_TRIES 8
#define PUBLISH_RETRY_MS 250
#define HANGUP_WAIT_MS 2000
#define MAX_PENDING_CANDIDATES 256
/* Janus' words for a PeerConnection that was ended by `unpublish`, among others */
#define REASON_UNPUBLISHED "Close PC"

static void publish (JanusSession * session);
static void join (JanusSession * session);

void
janus_pending_free (JanusPending * pending)
{
  g_free (pending->ufrag);
  g_free (pending->transaction);
  g_free (pending->candidate.mid);
  g_free (pending->candidate.text);
  g_free (pending);
}

void
janus_offer_free (JanusOffer * offer)
{
  if (!offer)
    return;
  g_free (offer->sdp);
  g_free (offer->ufrag);
  g_ptr_array_unref (offer->mids);
  g_free (offer);
}

/* What goes before an offer. It is the session's, and goes on when nobody waits for
 * the offer any more: what was asked of the server is done there. */

/* Returns: whether the next step may follow; one that was opening and has been
 * given up is not opened later */
static gboolean
goes_on (JanusSession * session)
{
  return session->state == JANUS_STATE_OPEN
      || (session->state == JANUS_STATE_OPENING && session->task);
}

static void
end_preparation (JanusSession * session)
{
  gst_rcast_source_clear (&session->prepare);
  session->preparing = FALSE;
}

static void
prepared (JanusSession * session)
{
  end_preparation (session);
  if (session->task)
    publish (session);
}

/* Returns: whether it is over */
static gboolean
preparation_failed (JanusSession * session, const JanusMessage * message,
    const GError * error, const gchar * what)
{
  if (!error && message->code == 0)
    return FALSE;
  end_preparation (session);
  return janus_session_failed (session, message, error, what);
}

/* The connection is gone: what the last requests did is not known. */
void
janus_handle_disconnected (JanusSession * session)
{
  end_preparation (session);
  session->hangup_owed = FALSE;
  for (GList * item = session->pending.head; item; item = item->next)
    g_clear_pointer (&((JanusPending *) item->data)->transaction, g_free);
}

/* The handle is gone, and its media with it; the session is not. */
void
janus_handle_forget (JanusSession * session)
{
  end_preparation (session);
  session->handle = 0;
  session->joined = session->published = session->up = FALSE;
  session->hangup_owed = FALSE;
  g_clear_pointer (&session->media, janus_offer_free);
}

/* Attaching, perhaps a room, joining */

static gboolean
on_join_retry (gpointer data)
{
  JanusSession *session = data;

  gst_rcast_source_clear (&session->prepare);
  if (goes_on (session))
    join (session);
  return G_SOURCE_REMOVE;
}

/* A number for a room, or for us, is refused where they have strings, and the other
 * way round: then say it so from now on. Returns: whether to ask again */
static gboolean
change_spelling (JanusSession * session, const JanusMessage * message,
    const gchar * what)
{
  const JanusId *room = &session->settings->room, *id = &session->settings->id;
  gboolean numbers = !room->is_string || (id->text && !id->is_string);

  if (!message || message->code != E_INVALID_ELEMENT || !numbers)
    return FALSE;
  session->memory->string_ids = !session->memory->string_ids;
  if (session->misspelt)
    return FALSE;
  session->misspelt = janus_error_new (session, message, what);
  return TRUE;
}

/* If it was not about the spelling, what was said before that was changed counts. */
static const GError *
said_first (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  return message && message->code == E_INVALID_ELEMENT && session->misspelt ?
      session->misspelt : error;
}

static void
on_joined (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (!goes_on (session))
    return;
  if (change_spelling (session, message, "join")) {
    join (session);
    return;
  }
  if (message && message->code == E_ID_EXISTS && ++session->tries < JOIN_TRIES) {
    session->prepare =
        gst_rcast_timer_start (JOIN_RETRY_MS, on_join_retry, session);
    return;
  }
  if (preparation_failed (session, message, said_first (session, message,
              error), "join"))
    return;
  session->joined = TRUE;
  g_clear_error (&session->misspelt);
  janus_id_set (&session->feed, message->member.text,
      message->member.is_string);
  session->calls->learned (session->element, session->id, &session->feed);
  if (session->state == JANUS_STATE_OPENING) {
    end_preparation (session);
    janus_session_opened (session);
  } else {
    prepared (session);
  }
}

static void
join (JanusSession * session)
{
  janus_ask_room (session, "join", TRUE, on_joined);
}

static void on_room_created (JanusSession * session,
    const JanusMessage * message, const GError * error);

static void
create_room (JanusSession * session)
{
  janus_ask_room (session, "create", FALSE, on_room_created);
}

static void
on_room_created (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (!goes_on (session))
    return;
  if (change_spelling (session, message, "create the room")) {
    create_room (session);
    return;
  }
  if (message && message->code == E_ROOM_EXISTS)
    GST_DEBUG_OBJECT (session->element, "the room is there already");
  else if (preparation_failed (session, message, said_first (session, message,
              error), "create the room"))
    return;
  join (session);
}

static void
on_attached (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (!goes_on (session))
    return;
  if (preparation_failed (session, message, error,
          "attach " JANUS_PLUGIN_VIDEOROOM))
    return;
  session->handle = message->id;
  if (session->settings->create_room)
    create_room (session);
  else
    join (session);
}

void
janus_handle_attach (JanusSession * session)
{
  /* One whose join has never been answered. */
  if (session->handle)
    janus_ask (session, "detach", session->id, session->handle, NULL);
  janus_handle_forget (session);
  session->preparing = TRUE;
  janus_ask (session, "attach", session->id, 0, on_attached);
}

/* Candidates */

static void
on_trickled (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  GList *item = session->pending.head;

  while (message && item) {
    GList *next = item->next;
    JanusPending *pending = item->data;

    if (g_strcmp0 (pending->transaction, message->transaction) == 0) {
      g_queue_delete_link (&session->pending, item);
      janus_pending_free (pending);
    }
    item = next;
  }
  if (message && message->code)
    GST_WARNING_OBJECT (session->element, "candidates are refused: %s (%d)",
        message->reason ? message->reason : "no reason given", message->code);
}

static gchar *
print_candidates (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to)
{
  g_autoptr (GArray) batch =
      g_array_new (FALSE, FALSE, sizeof (JanusCandidate));

  for (GList * item = session->pending.head; item; item = item->next) {
    JanusPending *pending = item->data;

    if (g_strcmp0 (pending->transaction, request->transaction) == 0)
      g_array_append_val (batch, pending->candidate);
  }
  return janus_print_trickle (to, (JanusCandidate *) batch->data, batch->len);
}

/* What belongs to the offer that the server has answered goes out, in its order; it
 * is kept until the server has said that it came. While an offer waits nothing goes:
 * Janus would take it for the one before, or lose it with an offer that it refuses. */
void
janus_handle_flush (JanusSession * session)
{
  JanusOffer *offer = session->media;
  JanusRequest *request = NULL;

  if (!session->ws || !net_websocket_is_open (session->ws)
      || session->state != JANUS_STATE_OPEN || !session->handle
      || session->offer || !offer)
    return;
  for (GList * item = session->pending.head; item; item = item->next) {
    JanusPending *pending = item->data;
    JanusCandidate *candidate = &pending->candidate;

    if (pending->transaction || g_strcmp0 (pending->ufrag, offer->ufrag) != 0)
      continue;
    if (!candidate->mid && candidate->mline < offer->mids->len)
      candidate->mid = g_strdup (g_ptr_array_index (offer->mids,
              candidate->mline));
    if (!request)
      request = janus_request_new (session, "trickle", print_candidates,
          FALSE, on_trickled);
    pending->transaction = g_strdup (request->transaction);
  }
  if (request)
    janus_request_send (session, request);
}

void
janus_session_add_candidate (JanusSession * session, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  JanusPending *pending;

  if (session->state == JANUS_STATE_CLOSING
      || session->state == JANUS_STATE_CLOSED
      || session->state == JANUS_STATE_GONE)
    return;
  /* The oldest belong to offers of which nothing came. */
  if (session->pending.length >= MAX_PENDING_CANDIDATES)
    janus_pending_free (g_queue_pop_head (&session->pending));
  pending = g_new0 (JanusPending, 1);
  pending->ufrag = g_strdup (ufrag);
  pending->candidate.mline = mline;
  pending->candidate.text = g_strdup (candidate);
  g_queue_push_tail (&session->pending, pending);
  janus_handle_flush (session);
}

/* Only what belongs to the new offer, or to media that a restart leaves as it is
 * if it fails, can still be of use. */
static void
purge_candidates (JanusSession * session)
{
  GList *item = session->pending.head;

  while (item) {
    GList *next = item->next;
    JanusPending *pending = item->data;
    gboolean of_media = session->kind == GST_RCAST_OFFER_RESTART
        && session->media
        && g_strcmp0 (pending->ufrag, session->media->ufrag) == 0;

    if (!of_media && g_strcmp0 (pending->ufrag, session->offer->ufrag) != 0) {
      g_queue_delete_link (&session->pending, item);
      janus_pending_free (pending);
    }
    item = next;
  }
}

/* Offers */

/* Of data: the server has no word on whether it receives them, and may do without. */
static gboolean
is_channel (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0;
}

static JanusOffer *
read_offer (const gchar * text, GError ** error)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (text, -1, error);
  const gchar *ufrag = NULL, *pwd = NULL;
  JanusOffer *offer;

  if (!sdp)
    return NULL;
  offer = g_new0 (JanusOffer, 1);
  offer->sdp = g_strdup (text);
  offer->mids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    g_ptr_array_add (offer->mids, g_strdup (gst_rcast_sdp_get_mid (sdp, i)));
    offer->n_media += !is_channel (gst_sdp_message_get_media (sdp, i));
  }
  gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd);
  offer->ufrag = g_strdup (ufrag);
  gst_sdp_message_free (sdp);
  return offer;
}

/* Returns: what the room does not take, NULL: it takes all */
static GError *
find_rejected (JanusSession * session, const gchar * answer)
{
  GError *error = NULL;
  GstSDPMessage *sdp = gst_rcast_sdp_parse (answer, -1, &error);

  if (!sdp)
    return error;
  for (guint i = 0; !error && i < gst_sdp_message_medias_len (sdp); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (gst_sdp_media_get_port (media) == 0 && !is_channel (media))
      error = janus_error_new_own (session, GST_RCAST_ERROR_NOT_ACCEPTABLE,
          "the room refuses m-section %u (%s): its codecs are not ours", i,
          gst_sdp_media_get_media (media));
  }
  gst_sdp_message_free (sdp);
  return error;
}

static gboolean
on_publish_retry (gpointer data)
{
  JanusSession *session = data;

  gst_rcast_source_clear (&session->retry);
  publish (session);
  return G_SOURCE_REMOVE;
}

/* Returns: whether the offer is on its way once more */
static gboolean
offer_again (JanusSession * session, gint code)
{
  if (session->kind != GST_RCAST_OFFER_INITIAL
      || ++session->tries >= PUBLISH_TRIES)
    return FALSE;
  switch (code) {
    case E_NO_HANDLE:
      janus_handle_forget (session);
      janus_handle_attach (session);
      return TRUE;
    case E_PUBLISHED:
      session->published = TRUE;
      publish (session);
      return TRUE;
    case E_WRONG_STATE:
    case E_UNEXPECTED_ANSWER:
      /* The former PeerConnection is still being taken apart. */
      session->retry =
          gst_rcast_timer_start (PUBLISH_RETRY_MS, on_publish_retry, session);
      return TRUE;
    default:
      return FALSE;
  }
}

static void
take_answer (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != JANUS_STATE_OPEN || !session->task)
    return;
  if (message && message->code) {
    /* Nothing came of it. */
    if (session->kind == GST_RCAST_OFFER_INITIAL)
      session->published = FALSE;
    if (offer_again (session, message->code))
      return;
    if (message->code == E_NO_HANDLE)
      janus_handle_forget (session);
    if (session->kind == GST_RCAST_OFFER_RESTART
        && message->code != E_NO_SESSION) {
      own = janus_error_new (session, message, "ICE restart");
      own->code = GST_RCAST_ERROR_NOT_SUPPORTED;
      janus_session_fail (session, own);
      return;
    }
  }
  if (janus_session_failed (session, message, error, "offer"))
    return;
  if (!message->sdp || g_strcmp0 (message->jsep_type, "answer") != 0)
    own = janus_error_new_own (session, GST_RCAST_ERROR_INVALID_DATA,
        "the answer to the offer has no description");
  session->published = TRUE;
  if (!own)
    own = find_rejected (session, message->sdp);
  if (own) {
    janus_session_fail (session, own);
    return;
  }
  janus_offer_free (session->media);
  session->media = g_steal_pointer (&session->offer);
  janus_session_succeed (session, g_strdup (message->sdp));
}

/* What was held back is of the new media, or of the former where that stays. */
static void
on_answered (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  take_answer (session, message, error);
  janus_handle_flush (session);
}

static gchar *
print_offer (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to)
{
  JanusPublish settings = { 0 };

  if (session->kind == GST_RCAST_OFFER_INITIAL) {
    settings.bitrate = session->settings->bitrate;
    settings.audio_codec = session->settings->audio_codec;
    settings.video_codec = session->settings->video_codec;
  }
  return janus_print_offer (to, request->what, &settings, session->offer->sdp);
}

static void
send_offer (JanusSession * session)
{
  gboolean first = session->kind == GST_RCAST_OFFER_INITIAL;
  /* With publish Janus restarts ICE, too, but then refuses the request. */
  JanusRequest *request =
      janus_request_new (session, first ? "publish" : "configure", print_offer,
      TRUE, on_answered);

  if (first) {
    g_hash_table_remove_all (session->silent);
    session->told_silent = FALSE;
    session->up = FALSE;
    session->published = TRUE;
  }
  request->operation = session->operation;
  janus_request_send (session, request);
}

/* Either the hangup came, or it does not come: the server's answer will tell. */
static gboolean
on_hangup_awaited (gpointer data)
{
  prepared (data);
  return G_SOURCE_REMOVE;
}

/* Returns: whether it was our doing */
gboolean
janus_handle_hung_up (JanusSession * session, const gchar * reason)
{
  gboolean late = !session->preparing;

  if (session->hangup_owed && (!late || (!session->up
              && g_strcmp0 (reason, REASON_UNPUBLISHED) == 0))) {
    session->hangup_owed = FALSE;
    if (session->prepare)
      prepared (session);
    return TRUE;
  }
  session->published = session->up = FALSE;
  return FALSE;
}

static void
on_unpublished (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (!goes_on (session))
    return;
  if (error || message->code == E_NO_SESSION) {
    preparation_failed (session, message, error, "unpublish");
    return;
  }
  session->published = session->up = FALSE;
  g_clear_pointer (&session->media, janus_offer_free);
  /* There was nothing to be ended: nothing will be told of its end. */
  if (message->code)
    session->hangup_owed = FALSE;
  if (message->code == E_NO_HANDLE) {
    janus_handle_forget (session);
    janus_handle_attach (session);
  } else if (session->hangup_owed) {
    session->prepare =
        gst_rcast_timer_start (HANGUP_WAIT_MS, on_hangup_awaited, session);
  } else {
    prepared (session);
  }
}

static void
publish (JanusSession * session)
{
  if (session->preparing)
    return;                     /* and it goes on when that is done */
  if (session->kind == GST_RCAST_OFFER_RESTART) {
    send_offer (session);
  } else if (!session->joined) {
    janus_handle_attach (session);
  } else if (session->published) {
    /* Another DTLS: what is there must be gone first. */
    session->preparing = session->hangup_owed = TRUE;
    janus_ask_body (session, "unpublish", on_unpublished);
  } else {
    send_offer (session);
  }
}

/* One that waits for its answer is not waited for any more: its webrtcbin, or its
 * ICE generation, is of no use by now. */
static void
supersede (JanusSession * session)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "another offer has taken its place");

  if (session->offer)
    janus_session_fail (session, error);
}

void
janus_session_offer (JanusSession * session, GstRcastOfferKind kind,
    const gchar * sdp, GTask * task)
{
  g_autoptr (GError) error = NULL;
  JanusOffer *offer = NULL;

  supersede (session);
  if (!janus_session_may_begin (session, task))
    return;
  if (session->state != JANUS_STATE_OPEN)
    error = janus_error_new_own (session, session->state == JANUS_STATE_LOST ?
        GST_RCAST_ERROR_NETWORK : GST_RCAST_ERROR_SESSION_GONE,
        "the session is not open");
  else if (kind == GST_RCAST_OFFER_RESTART && !session->published)
    error = janus_error_new_own (session, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the server has no media of ours that could be restarted");
  else
    offer = read_offer (sdp, &error);
  if (!offer) {
    janus_session_fail (session, error);
    return;
  }
  session->kind = kind;
  session->offer = offer;
  purge_candidates (session);
  publish (session);
}
