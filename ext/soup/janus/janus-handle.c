/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VideoRoom handle of a Janus session: our membership in the room and the media we publish. */
#include "config.h"

#include "janus-handle.h"

#include "janus-join.h"
#include "janus-roster.h"
#include "janus-trickle.h"
#include "net-offer.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_handle_debug);
#define GST_CAT_DEFAULT rcast_janus_handle_debug

/* Janus destroys a PeerConnection on a separate thread. */
#define PUBLISH_TRIES 8
#define PUBLISH_RETRY_MS 250
#define HANGUP_WAIT_MS 2000
/* Janus' reason for a PeerConnection that ended because of `unpublish`, among others. */
#define REASON_UNPUBLISHED "Close PC"

/* State of our membership. An offer waits for HANDLE_JOINED, or starts the step that leads
 * there. */
typedef enum
{
  HANDLE_OUTSIDE,               /* outside the room; may have a handle from a refused join */
  HANDLE_JOINING,
  HANDLE_JOINED,
  HANDLE_UNPUBLISHING,          /* asked for the end of the former media */
  HANDLE_HANGING_UP,            /* unpublished; waiting for the hangup */
} HandleState;

/* Our media at the server. */
typedef enum
{
  MEDIA_NONE,
  MEDIA_PUBLISHED,              /* or possibly so: an offer was sent */
  MEDIA_UP,                     /* the server reported ICE and DTLS connected */
} MediaState;

struct _JanusHandle
{
  WsLink *link;                 /* borrowed, as the next four */
  JanusReports *reports;
  GstRcastNetSignaller *element;
  const JanusSettings *settings;
  const JanusRoleCallbacks *callbacks;
  gpointer data;

  HandleState state;
  guint64 unpublish;            /* number of the request, 0: none */
  GSource *timer;               /* next step of the state; when joined: next attempt of the offer */
  JanusTarget target;           /* handle 0: none */
  JanusJoin *join;
  JanusRoster *roster;
  JanusId feed;

  GstRcastOfferKind kind;       /* of the waiting offer, as the next three */
  NetOffer *offer;            /* NULL: none */
  guint64 request;              /* number of its request, 0: not sent yet */
  guint offer_tries;

  NetOffer *media;            /* the offer that the server accepted last */
  MediaState media_state;
  gboolean owes_hangup;         /* the next hangup is due to our unpublish */
  JanusTrickle *trickle;
};

static void publish (JanusHandle * handle);

/* Free the handle before its link. */
void
janus_handle_free (JanusHandle * handle)
{
  gst_rcast_source_clear (&handle->timer);
  janus_roster_free (handle->roster);
  janus_join_free (handle->join);
  janus_id_clear (&handle->feed);
  net_offer_free (handle->offer);
  net_offer_free (handle->media);
  janus_trickle_free (handle->trickle);
  g_free (handle);
}

static void
set_state (JanusHandle * handle, HandleState state)
{
  gst_rcast_source_clear (&handle->timer);
  handle->unpublish = 0;
  if (state != HANDLE_JOINING)
    janus_join_stop (handle->join);
  handle->state = state;
}

static gboolean
is_in_room (const JanusHandle * handle)
{
  return handle->state >= HANDLE_JOINED;
}

gboolean
janus_handle_is_joined (JanusHandle * handle)
{
  return is_in_room (handle);
}

/* Whether the server has our media, or may have it. */
gboolean
janus_handle_has_media (JanusHandle * handle)
{
  return handle->media_state != MEDIA_NONE;
}

static void
set_media (JanusHandle * handle, NetOffer * offer, MediaState state)
{
  net_offer_free (handle->media);
  handle->media = offer;
  handle->media_state = state;
}

/* The connection is lost: the results of the last requests are unknown. */
void
janus_handle_stop (JanusHandle * handle)
{
  set_state (handle, is_in_room (handle) ? HANDLE_JOINED : HANDLE_OUTSIDE);
  handle->owes_hangup = FALSE;
  janus_trickle_unsent (handle->trickle);
}

/* The handle is gone, and its media with it. The session remains. */
void
janus_handle_forget (JanusHandle * handle)
{
  set_state (handle, HANDLE_OUTSIDE);
  handle->target.handle = 0;
  handle->owes_hangup = FALSE;
  set_media (handle, NULL, MEDIA_NONE);
}

/* Joining. A join goes on even if the offer that started it is dropped, as the server carries out
 * the request in any case. */

/* An offer can now be sent. */
static void
prepared (JanusHandle * handle)
{
  set_state (handle, HANDLE_JOINED);
  if (handle->offer)
    publish (handle);
}

static void
on_attached (guint64 id, gpointer data)
{
  JanusHandle *handle = data;

  handle->target.handle = id;
}

static void
on_joined (const JanusMessage * message, gpointer data)
{
  JanusHandle *handle = data;

  janus_id_set (&handle->feed, message->member.text,
      message->member.is_string);
  prepared (handle);
  handle->callbacks->joined (&handle->feed, handle->data);
}

static void
on_join_failed (const JanusMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  JanusHandle *handle = data;

  set_state (handle, HANDLE_OUTSIDE);
  handle->callbacks->failed (refusal, error, what, handle->data);
}

/* Joins the room with a new handle. */
void
janus_handle_join (JanusHandle * handle, guint64 session)
{
  /* A handle whose join was refused or never answered. */
  if (handle->target.handle)
    janus_link_ask (handle->link, "detach", &handle->target, NULL, NULL, NULL);
  janus_handle_forget (handle);
  handle->target.session = session;
  set_state (handle, HANDLE_JOINING);
  janus_join_start (handle->join, session);
}

static guint
ask (JanusHandle * handle, const gchar * request, gchar * members,
    gboolean immediate, WsAnswered answered)
{
  return janus_link_ask_plugin (handle->link, request, &handle->target, members,
      immediate, answered, handle);
}

/* Candidates */

/* Sends candidates of the offer that the server has answered. None is sent while an offer waits:
 * Janus would apply it to the previous offer, or lose it with an offer that it refuses. */
void
janus_handle_flush (JanusHandle * handle)
{
  if (!handle->offer && handle->media)
    janus_trickle_send (handle->trickle, &handle->target, handle->media);
}

static void
on_candidates_missed (gpointer data)
{
  janus_handle_flush (data);
}

void
janus_handle_add_candidate (JanusHandle * handle, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  janus_trickle_add (handle->trickle, mline, ufrag, candidate);
  janus_handle_flush (handle);
}

/* Keeps only candidates of the new offer, and of media that stays if an ICE restart fails. */
static void
purge_candidates (JanusHandle * handle)
{
  const gchar *ufrag = handle->offer->ufrag;
  gboolean restart = handle->kind == GST_RCAST_OFFER_RESTART && handle->media;

  janus_trickle_keep_only (handle->trickle, ufrag,
      restart ? handle->media->ufrag : ufrag);
}

/* Offers */

gboolean
janus_handle_has_offer (JanusHandle * handle)
{
  return handle->offer != NULL;
}

/* Drops the offer. Its answer is ignored. */
void
janus_handle_drop_offer (JanusHandle * handle)
{
  ws_link_forget (handle->link, handle->request);
  handle->request = 0;
  if (handle->state == HANDLE_JOINED)
    gst_rcast_source_clear (&handle->timer);
  g_clear_pointer (&handle->offer, net_offer_free);
}

/* The caller must do nothing afterwards. Takes @own (nullable). */
static void
fail_offer (JanusHandle * handle, const JanusMessage * message,
    const GError * error, GError * own, const gchar * what)
{
  g_autoptr (GError) held G_GNUC_UNUSED = own;

  janus_handle_drop_offer (handle);
  janus_handle_flush (handle);
  handle->callbacks->failed (own ? NULL : message, own ? own : error, what,
      handle->data);
}

static gboolean
on_publish_retry (gpointer data)
{
  JanusHandle *handle = data;

  gst_rcast_source_clear (&handle->timer);
  publish (handle);
  return G_SOURCE_REMOVE;
}

/* Returns: whether the offer is being sent again */
static gboolean
offer_again (JanusHandle * handle, gint code)
{
  if (handle->kind != GST_RCAST_OFFER_INITIAL
      || ++handle->offer_tries >= PUBLISH_TRIES)
    return FALSE;
  switch (code) {
    case JANUS_E_NO_HANDLE:
      janus_handle_forget (handle);
      janus_handle_join (handle, handle->target.session);
      return TRUE;
    case JANUS_E_PUBLISHED:
      handle->media_state = MEDIA_PUBLISHED;
      publish (handle);
      return TRUE;
    case JANUS_E_WRONG_STATE:
    case JANUS_E_UNEXPECTED_ANSWER:
      /* Janus is still destroying the former PeerConnection. */
      handle->timer =
          gst_rcast_timer_start (PUBLISH_RETRY_MS, on_publish_retry, handle);
      return TRUE;
    default:
      return FALSE;
  }
}

static void
take_refusal (JanusHandle * handle, const JanusMessage * message)
{
  GError *own = NULL;

  /* The offer created no media. */
  if (handle->kind == GST_RCAST_OFFER_INITIAL)
    handle->media_state = MEDIA_NONE;
  if (offer_again (handle, message->code))
    return;
  if (message->code == JANUS_E_NO_HANDLE)
    janus_handle_forget (handle);
  if (handle->kind == GST_RCAST_OFFER_RESTART
      && message->code != JANUS_E_NO_SESSION) {
    own = janus_link_new_refusal (handle->link, message, "ICE restart");
    own->code = GST_RCAST_ERROR_NOT_SUPPORTED;
  }
  fail_offer (handle, message, NULL, own, "offer");
}

/* Returns: (nullable) (transfer full): why the answer is unusable */
static GError *
check_answer (JanusHandle * handle, const JanusMessage * message)
{
  GError *error = NULL;
  g_autofree gchar *refused = NULL;

  if (!handle->target.handle)
    return ws_link_new_error (handle->link, GST_RCAST_ERROR_FAILED,
        "Janus detached our handle before it took the offer");
  if (!message->answer)
    return ws_link_new_error (handle->link, GST_RCAST_ERROR_INVALID_DATA,
        "the answer to the offer has no description");
  refused = net_offer_find_refused (message->answer, &error);
  if (refused)
    error = ws_link_new_error (handle->link, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the room refuses %s: its codecs are not ours", refused);
  return error;
}

static void
on_answered (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusHandle *handle = data;
  const JanusMessage *message = answer;
  GError *own;

  handle->request = 0;
  if (error) {
    fail_offer (handle, NULL, error, NULL, "offer");
    return;
  }
  if (message->code) {
    take_refusal (handle, message);
    return;
  }
  own = check_answer (handle, message);
  if (own) {
    fail_offer (handle, NULL, NULL, own, "offer");
    return;
  }
  set_media (handle, g_steal_pointer (&handle->offer),
      MAX (handle->media_state, MEDIA_PUBLISHED));
  janus_trickle_renew (handle->trickle);
  janus_handle_flush (handle);
  handle->callbacks->answered (message->answer, handle->data);
}

static void
send_offer (JanusHandle * handle)
{
  static const JanusPublish unchanged = { 0 };
  gboolean first = handle->kind == GST_RCAST_OFFER_INITIAL;
  /* On publish, Janus also restarts ICE, but then refuses the request. */
  const gchar *request = first ? "publish" : "configure";

  if (first) {
    janus_reports_new_media (handle->reports);
    handle->media_state = MEDIA_PUBLISHED;
  }
  handle->request = janus_link_ask_plugin (handle->link, request,
      &handle->target, janus_print_offer (request, first ?
          &handle->settings->publish : &unchanged, handle->offer->sdp), FALSE,
      on_answered, handle);
}

/* The hangup has come or never will: send the offer, and let the server decide. */
static gboolean
on_hangup_awaited (gpointer data)
{
  prepared (data);
  return G_SOURCE_REMOVE;
}

static void
on_unpublished (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusHandle *handle = data;
  const JanusMessage *message = answer;

  if (request != handle->unpublish)
    return;
  if (error || message->code == JANUS_E_NO_SESSION) {
    set_state (handle, HANDLE_JOINED);
    handle->callbacks->failed (message, error, "unpublish", handle->data);
    return;
  }
  set_media (handle, NULL, MEDIA_NONE);
  /* Nothing was published, so no hangup follows. */
  if (message->code)
    handle->owes_hangup = FALSE;
  if (message->code == JANUS_E_NO_HANDLE) {
    janus_handle_forget (handle);
    janus_handle_join (handle, handle->target.session);
  } else if (handle->owes_hangup) {
    set_state (handle, HANDLE_HANGING_UP);
    handle->timer =
        gst_rcast_timer_start (HANGUP_WAIT_MS, on_hangup_awaited, handle);
  } else {
    prepared (handle);
  }
}

static void
unpublish (JanusHandle * handle)
{
  set_state (handle, HANDLE_UNPUBLISHING);
  handle->owes_hangup = TRUE;
  handle->unpublish = ask (handle, "unpublish",
      janus_print_body ("unpublish"), FALSE, on_unpublished);
}

static GError *
new_nothing_to_restart (JanusHandle * handle)
{
  return ws_link_new_error (handle->link, GST_RCAST_ERROR_NOT_SUPPORTED,
      "the server has no media of ours that could be restarted");
}

/* Sends the offer, or takes the step it needs first. */
static void
publish (JanusHandle * handle)
{
  gboolean restart = handle->kind == GST_RCAST_OFFER_RESTART;

  switch (handle->state) {
    case HANDLE_OUTSIDE:
      janus_handle_join (handle, handle->target.session);
      break;
    case HANDLE_JOINED:
      if (restart && handle->media_state == MEDIA_NONE)
        fail_offer (handle, NULL, NULL, new_nothing_to_restart (handle),
            "offer");
      else if (restart || handle->media_state == MEDIA_NONE)
        send_offer (handle);
      else
        /* The offer has another DTLS association: end the existing media first. */
        unpublish (handle);
      break;
    case HANDLE_JOINING:
    case HANDLE_UNPUBLISHING:
    case HANDLE_HANGING_UP:
      break;                    /* the end of that step calls publish() again */
  }
}

/**
 * janus_handle_offer:
 * @handle: the handle, without a pending offer
 * @kind: kind of the offer
 * @sdp: the offer
 * @error: why the offer cannot be made
 *
 * Returns: whether `answered` or `failed` follows, unless the offer is dropped
 */
gboolean
janus_handle_offer (JanusHandle * handle, GstRcastOfferKind kind,
    const gchar * sdp, GError ** error)
{
  NetOffer *offer;

  g_assert (!handle->offer);
  if (kind == GST_RCAST_OFFER_RESTART && handle->media_state == MEDIA_NONE) {
    g_propagate_error (error, new_nothing_to_restart (handle));
    return FALSE;
  }
  offer = net_offer_new (sdp, error);
  if (!offer)
    return FALSE;
  handle->kind = kind;
  handle->offer = offer;
  handle->offer_tries = 0;
  purge_candidates (handle);
  publish (handle);
  return TRUE;
}

/* After a claim: finds out what happened without a connection to report it. */

static void
on_listed (GArray * members, const JanusMember * self, gpointer data)
{
  JanusHandle *handle = data;
  const gchar *loss = NULL;

  if (self && handle->media_state == MEDIA_UP && !self->publisher) {
    handle->media_state = MEDIA_NONE;
    loss = "the server ended the media while it could not say so";
  } else {
    janus_handle_flush (handle);
  }
  handle->callbacks->resynced (loss, NULL, handle->data);
}

static void
on_forgotten (gpointer data)
{
  JanusHandle *handle = data;

  janus_handle_forget (handle);
  handle->callbacks->resynced ("the server has given up our handle", NULL,
      handle->data);
}

void
janus_handle_resync (JanusHandle * handle)
{
  if (is_in_room (handle))
    janus_roster_ask (handle->roster, &handle->target, &handle->feed);
  else
    handle->callbacks->resynced ("we are in no room", NULL, handle->data);
}

JanusHandle *
janus_handle_new (WsLink * link, JanusReports * reports,
    GstRcastNetSignaller * element, const JanusSettings * settings,
    gboolean * string_ids, const JanusRoleCallbacks * callbacks,
    gpointer data)
{
  static const JanusJoinCallbacks join_callbacks =
      { on_attached, on_joined, on_join_failed };
  static const JanusRosterCallbacks roster_callbacks =
      { on_listed, on_forgotten };
  static gsize once = 0;
  JanusHandle *handle = g_new0 (JanusHandle, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_handle_debug, "rcastjanushandle", 0,
        "VideoRoom handle");
    g_once_init_leave (&once, 1);
  }
  handle->link = link;
  handle->reports = reports;
  handle->element = element;
  handle->settings = settings;
  handle->callbacks = callbacks;
  handle->data = data;
  handle->trickle =
      janus_trickle_new (link, element, on_candidates_missed, handle);
  handle->join = janus_join_new (link, element, settings, string_ids,
      &join_callbacks, handle);
  handle->roster = janus_roster_new (link, element, handle->join,
      &roster_callbacks, handle, callbacks, data);
  return handle;
}

/* Call this before the session is destroyed: the answer to that covers these requests. */
void
janus_handle_leave (JanusHandle * handle)
{
  if (!handle->target.handle)
    return;
  if (is_in_room (handle))
    ask (handle, "leave", janus_print_body ("leave"), FALSE, NULL);
  janus_link_ask (handle->link, "detach", &handle->target, NULL, NULL, NULL);
}

/* Unsolicited server events */

/* Returns: whether the hangup belongs to media that we have unpublished */
static gboolean
is_own_hangup (JanusHandle * handle, const JanusMessage * message)
{
  gboolean unpublishing = handle->state == HANDLE_UNPUBLISHING
      || handle->state == HANDLE_HANGING_UP;

  return handle->owes_hangup && (unpublishing
      || (handle->media_state != MEDIA_UP
          && g_strcmp0 (message->reason, REASON_UNPUBLISHED) == 0));
}

static void
take_hangup (JanusHandle * handle, const JanusMessage * message)
{
  if (is_own_hangup (handle, message)) {
    handle->owes_hangup = FALSE;
    if (handle->state == HANDLE_HANGING_UP)
      prepared (handle);
    return;
  }
  handle->media_state = MEDIA_NONE;
  janus_reports_pass_on (handle->reports, GST_RCAST_SERVER_HANGUP,
      "Janus hung up: %s", message->reason ? message->reason :
      "no reason given");
}

static void
take_room_event (JanusHandle * handle, const JanusMessage * message)
{
  switch (message->room_event) {
    case JANUS_ROOM_KICKED:
      handle->callbacks->kicked (handle->data);
      break;
    case JANUS_ROOM_DESTROYED:
      janus_reports_destroyed (handle->reports,
          handle->settings->room.room.text);
      break;
    case JANUS_ROOM_MUTED:
    case JANUS_ROOM_UNMUTED:
    case JANUS_ROOM_OTHER:
      break;
  }
}

/* Publishes the offer on another handle, for a limited number of times. */
static void
take_detached (JanusHandle * handle)
{
  janus_handle_forget (handle);
  janus_reports_pass_on (handle->reports, GST_RCAST_SERVER_HANGUP,
      "Janus detached our handle");
  /* A sent offer will be answered or refused. */
  if (!handle->offer || handle->request)
    return;
  if (++handle->offer_tries < PUBLISH_TRIES)
    publish (handle);
  else
    fail_offer (handle, NULL, NULL, ws_link_new_error (handle->link,
            GST_RCAST_ERROR_FAILED, "Janus detaches our handles"), "offer");
}

/* Whether the message is for this handle, which Janus names as its sender. */
gboolean
janus_handle_is_sender (JanusHandle * handle, const JanusMessage * message)
{
  return handle->target.handle != 0
      && message->sender == handle->target.handle;
}

void
janus_handle_take (JanusHandle * handle, const JanusMessage * message)
{
  janus_reports_take (handle->reports, message);
  switch (message->kind) {
    case JANUS_WEBRTCUP:
      /* A late event about ended media must not revive it. */
      if (handle->media_state != MEDIA_NONE)
        handle->media_state = MEDIA_UP;
      handle->owes_hangup = FALSE;
      break;
    case JANUS_MEDIA:
      janus_reports_media (handle->reports, message,
          handle->media ? handle->media->n_media : 0);
      break;
    case JANUS_HANGUP:
      take_hangup (handle, message);
      break;
    case JANUS_DETACHED:
      take_detached (handle);
      break;
    case JANUS_TRICKLE:
      janus_trickle_take (handle->trickle, message);
      break;
    case JANUS_EVENT:
      take_room_event (handle, message);
      break;
    case JANUS_SLOWLINK:
    case JANUS_ICE_FAILED:
      break;                    /* only reported */
    case JANUS_TIMEOUT:
    case JANUS_SUCCESS:
    case JANUS_ACK:
    case JANUS_ERROR:
    case JANUS_SERVER_INFO:
    case JANUS_OTHER:
      GST_DEBUG_OBJECT (handle->element, "message without a use");
      break;
  }
}
