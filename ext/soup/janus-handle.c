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

void
janus_pending_free (JanusPending * pending)
{
  g_free (pending->ufrag);
  g_free (pending->candidate.mid);
  g_free (pending->candidate.text);
  g_free (pending);
}

/* Attaching, perhaps a room, joining */

static void publish (JanusSession * session);
static void join (JanusSession * session);

static gboolean
on_join_retry (gpointer data)
{
  JanusSession *session = data;

  gst_rcast_source_clear (&session->retry);
  join (session);
  return G_SOURCE_REMOVE;
}

/* A number for a room is refused where rooms have strings: then say it so from now
 * on. Returns: whether to ask again */
static gboolean
change_spelling (JanusSession * session, const JanusMessage * message)
{
  if (!message || message->code != E_INVALID_ELEMENT
      || session->memory->string_ids || session->settings->room.is_string)
    return FALSE;
  session->memory->string_ids = TRUE;
  return TRUE;
}

static void
on_joined (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == JANUS_STATE_CLOSING || !session->task)
    return;
  if (change_spelling (session, message)) {
    join (session);
    return;
  }
  if (message && message->code == E_ID_EXISTS && ++session->tries < JOIN_TRIES) {
    session->retry =
        gst_rcast_timer_start (JOIN_RETRY_MS, on_join_retry, session);
    return;
  }
  if (janus_session_failed (session, message, error, "join"))
    return;
  janus_id_set (&session->feed, message->member.text,
      message->member.is_string);
  session->calls->learned (session->element, session->id, &session->feed);
  if (session->state == JANUS_STATE_OPENING)
    janus_session_opened (session);
  else
    publish (session);
}

static void
join (JanusSession * session)
{
  janus_ask_room (session, "join", TRUE, on_joined);
}

static void
on_room_created (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == JANUS_STATE_CLOSING || !session->task)
    return;
  if (change_spelling (session, message)) {
    janus_ask_room (session, "create", FALSE, on_room_created);
    return;
  }
  if (message && message->code == E_ROOM_EXISTS)
    GST_DEBUG_OBJECT (session->element, "the room is there already");
  else if (janus_session_failed (session, message, error, "create the room"))
    return;
  join (session);
}

static void
on_attached (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state == JANUS_STATE_CLOSING || !session->task
      || janus_session_failed (session, message, error,
          "attach " JANUS_PLUGIN_VIDEOROOM))
    return;
  session->handle = message->id;
  if (session->settings->create_room)
    janus_ask_room (session, "create", FALSE, on_room_created);
  else
    join (session);
}

void
janus_handle_attach (JanusSession * session)
{
  janus_ask (session, "attach", session->id, 0, on_attached);
}

/* Offers */

static void
send_candidates (JanusSession * session, const JanusCandidate * candidates,
    guint n)
{
  JanusRequest *request = janus_request_new (session, "trickle", FALSE, NULL);
  JanusAddress to = { session->id, session->handle };
  g_autofree gchar *token = NULL;

  janus_request_address (session, &to, request, &token);
  janus_request_send (session, request, janus_print_trickle (&to, candidates,
          n));
}

/* What belongs to the offer that the server has goes out, in its order. */
void
janus_handle_flush (JanusSession * session)
{
  g_autoptr (GArray) batch =
      g_array_new (FALSE, FALSE, sizeof (JanusCandidate));
  GQueue sent = G_QUEUE_INIT;
  GList *item = session->pending.head;

  if (!session->ws || !rcast_websocket_is_open (session->ws)
      || session->state != JANUS_STATE_OPEN || !session->handle)
    return;
  while (item) {
    GList *next = item->next;
    JanusPending *pending = item->data;

    if (g_strcmp0 (pending->ufrag, session->ufrag) == 0) {
      g_queue_unlink (&session->pending, item);
      g_queue_push_tail_link (&sent, item);
      if (pending->candidate.mline < session->mids->len)
        pending->candidate.mid = g_strdup (g_ptr_array_index (session->mids,
                pending->candidate.mline));
      g_array_append_val (batch, pending->candidate);
    }
    item = next;
  }
  if (batch->len > 0)
    send_candidates (session, (JanusCandidate *) batch->data, batch->len);
  g_queue_clear_full (&sent, (GDestroyNotify) janus_pending_free);
}

void
janus_session_add_candidate (JanusSession * session, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  JanusPending *pending;

  if (session->state == JANUS_STATE_CLOSING
      || session->state == JANUS_STATE_CLOSED
      || session->state == JANUS_STATE_GONE
      || session->pending.length >= MAX_PENDING_CANDIDATES)
    return;
  pending = g_new0 (JanusPending, 1);
  pending->ufrag = g_strdup (ufrag);
  pending->candidate.mline = mline;
  pending->candidate.text = g_strdup (candidate);
  g_queue_push_tail (&session->pending, pending);
  janus_handle_flush (session);
}

/* Of data: the server has no word on whether it receives them, and may do without. */
static gboolean
is_channel (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0;
}

/* Of the offer as it goes out: what its candidates and the server's words are
 * told by. */
static gboolean
read_offer (JanusSession * session, GError ** error)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (session->offer, -1, error);
  const gchar *ufrag = NULL, *pwd = NULL;

  if (!sdp)
    return FALSE;
  g_ptr_array_set_size (session->mids, 0);
  session->n_media = 0;
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    g_ptr_array_add (session->mids, g_strdup (gst_rcast_sdp_get_mid (sdp, i)));
    session->n_media += !is_channel (gst_sdp_message_get_media (sdp, i));
  }
  gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd);
  g_free (session->ufrag);
  session->ufrag = g_strdup (ufrag);
  gst_sdp_message_free (sdp);
  return TRUE;
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

/* The handle is gone, and its media with it; the session is not. */
void
janus_handle_forget (JanusSession * session)
{
  session->handle = 0;
  session->published = session->up = FALSE;
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
on_answered (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  g_autoptr (GError) own = NULL;

  if (session->state != JANUS_STATE_OPEN || !session->task)
    return;
  if (message && message->code) {
    if (janus_session_renew_token (session, message)) {
      publish (session);
      return;
    }
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
  if (own)
    janus_session_fail (session, own);
  else
    janus_session_succeed (session, g_strdup (message->sdp));
}

static void
send_offer (JanusSession * session)
{
  gboolean first = session->kind == GST_RCAST_OFFER_INITIAL;
  /* With publish Janus restarts ICE, too, but then refuses the request. */
  JanusRequest *request =
      janus_request_new (session, first ? "publish" : "configure",
      TRUE, on_answered);
  JanusAddress to = { session->id, session->handle };
  JanusPublish settings = { 0 };
  g_autofree gchar *token = NULL;

  if (first) {
    settings.bitrate = session->settings->bitrate;
    settings.audio_codec = session->settings->audio_codec;
    settings.video_codec = session->settings->video_codec;
    g_hash_table_remove_all (session->silent);
    session->told_silent = FALSE;
    session->up = FALSE;
  }
  janus_request_address (session, &to, request, &token);
  janus_request_send (session, request, janus_print_offer (&to, request->what,
          &settings, session->offer));
  janus_handle_flush (session);
}

/* Either the hangup came, or it does not come: the server's answer will tell. */
static gboolean
on_hangup_awaited (gpointer data)
{
  JanusSession *session = data;

  gst_rcast_source_clear (&session->retry);
  session->unpublishing = FALSE;
  if (session->task)
    send_offer (session);
  return G_SOURCE_REMOVE;
}

/* Returns: whether it was our doing */
gboolean
janus_handle_hung_up (JanusSession * session)
{
  session->published = session->up = FALSE;
  if (!session->unpublishing)
    return FALSE;
  session->unpublishing = FALSE;
  if (session->retry)
    on_hangup_awaited (session);
  return TRUE;
}

static void
on_unpublished (JanusSession * session, const JanusMessage * message,
    const GError * error)
{
  if (session->state != JANUS_STATE_OPEN || !session->task)
    return;
  if (error || message->code == E_NO_SESSION) {
    janus_session_failed (session, message, error, "unpublish");
    return;
  }
  session->published = session->up = FALSE;
  if (message->code == E_NO_HANDLE) {
    janus_handle_forget (session);
    janus_handle_attach (session);
    return;
  }
  if (session->unpublishing && !session->retry)
    session->retry =
        gst_rcast_timer_start (HANGUP_WAIT_MS, on_hangup_awaited, session);
  else if (!session->unpublishing)
    send_offer (session);
}

static void
publish (JanusSession * session)
{
  if (session->kind == GST_RCAST_OFFER_RESTART) {
    send_offer (session);
  } else if (!session->handle) {
    janus_handle_attach (session);
  } else if (session->published) {
    /* Another DTLS: what is there must be gone first. */
    session->unpublishing = TRUE;
    janus_ask_body (session, "unpublish", on_unpublished);
  } else {
    send_offer (session);
  }
}

void
janus_session_offer (JanusSession * session, GstRcastOfferKind kind,
    const gchar * sdp, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (!janus_session_may_begin (session, task))
    return;
  session->kind = kind;
  session->offer = g_strdup (sdp);
  if (session->state != JANUS_STATE_OPEN)
    error = janus_error_new_own (session, session->state == JANUS_STATE_LOST ?
        GST_RCAST_ERROR_NETWORK : GST_RCAST_ERROR_SESSION_GONE,
        "the session is not open");
  else if (kind == GST_RCAST_OFFER_RESTART && !session->published)
    error = janus_error_new_own (session, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the server has no media of ours that could be restarted");
  else
    read_offer (session, &error);
  if (error)
    janus_session_fail (session, error);
  else
    publish (session);
}
