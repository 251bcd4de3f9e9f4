/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handle that subscribes to a publisher of a VideoRoom. The server offers the media to us. */
#include "config.h"

#include "janus-subscription.h"

#include "janus-trickle.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_subscription_debug);
#define GST_CAT_DEFAULT rcast_janus_subscription_debug

/* Janus makes no offer while the previous one waits for its answer. */
typedef enum
{
  SUBSCRIPTION_NONE,            /* unusable; may still have a handle */
  SUBSCRIPTION_ATTACHING,
  SUBSCRIPTION_JOINING,
  SUBSCRIPTION_OFFERED,         /* an offer waits for our answer */
  SUBSCRIPTION_STARTING,        /* the answer was sent */
  SUBSCRIPTION_STARTED,
  SUBSCRIPTION_RESTARTING,      /* an offer with new ICE credentials was requested */
} SubscriptionState;

struct _JanusSubscription
{
  WsLink *link;                 /* borrowed, as the next two */
  GstRcastNetSignaller *element;
  JanusJoin *join;
  const JanusSubscriptionCallbacks *callbacks;
  gpointer data;

  SubscriptionState state;
  guint64 request;              /* current request, 0: none */
  guint update;                 /* request for another feed, 0: none */
  gboolean moved;               /* another feed was requested, but no key frame of it yet */
  gboolean further;             /* another offer came before our answer was accepted */
  JanusTarget target;           /* handle 0: none */
  JanusId feed;                 /* the current or requested feed */
  guint64 private_id;

  NetOffer *answer;             /* our last answer, accepted or being sent */
  JanusTrickle *trickle;
};

void
janus_subscription_flush (JanusSubscription * self)
{
  if (self->answer && self->state >= SUBSCRIPTION_STARTED)
    janus_trickle_send (self->trickle, &self->target, self->answer);
}

static void
on_candidates_missed (gpointer data)
{
  janus_subscription_flush (data);
}

JanusSubscription *
janus_subscription_new (WsLink * link, GstRcastNetSignaller * element,
    JanusJoin * join, const JanusSubscriptionCallbacks * callbacks,
    gpointer data)
{
  static gsize once = 0;
  JanusSubscription *self = g_new0 (JanusSubscription, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_subscription_debug,
        "rcastjanussubscription", 0, "Subscription of a VideoRoom");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->join = join;
  self->callbacks = callbacks;
  self->data = data;
  self->trickle = janus_trickle_new (link, element, on_candidates_missed, self);
  return self;
}

/* Free the subscription before its link. */
void
janus_subscription_free (JanusSubscription * self)
{
  janus_id_clear (&self->feed);
  net_offer_free (self->answer);
  janus_trickle_free (self->trickle);
  g_free (self);
}

/* Whether the server has a subscription that can switch to another feed. */
gboolean
janus_subscription_is_open (JanusSubscription * self)
{
  return self->state >= SUBSCRIPTION_OFFERED;
}

/* Whether no operation is pending. */
gboolean
janus_subscription_is_settled (JanusSubscription * self)
{
  return self->state == SUBSCRIPTION_STARTED && !self->update;
}

const JanusId *
janus_subscription_get_feed (JanusSubscription * self)
{
  return &self->feed;
}

/* Whether a callback will follow. */
gboolean
janus_subscription_has_request (JanusSubscription * self)
{
  return self->request != 0;
}

/* Drops the pending operation. */
static void
set_state (JanusSubscription * self, SubscriptionState state)
{
  self->state = state;
  self->request = 0;
  if (state == SUBSCRIPTION_NONE) {
    self->update = 0;
    self->moved = FALSE;
    self->further = FALSE;
    g_clear_pointer (&self->answer, net_offer_free);
  }
}

/* The handle is gone. The session remains. */
void
janus_subscription_forget (JanusSubscription * self)
{
  set_state (self, SUBSCRIPTION_NONE);
  self->target.handle = 0;
}

/* The connection is lost. Pending operations may have finished without our knowledge. */
void
janus_subscription_stop (JanusSubscription * self)
{
  janus_trickle_unsent (self->trickle);
  if (self->state != SUBSCRIPTION_STARTED || self->update)
    set_state (self, SUBSCRIPTION_NONE);
}

/* Whether the connection was lost during an operation. */
gboolean
janus_subscription_was_cut (JanusSubscription * self)
{
  return self->target.handle && self->state == SUBSCRIPTION_NONE;
}

void
janus_subscription_leave (JanusSubscription * self)
{
  if (self->target.handle && ws_link_is_open (self->link))
    janus_link_ask (self->link, "detach", &self->target, NULL, NULL, NULL);
  janus_subscription_forget (self);
}

static void
fail (JanusSubscription * self, SubscriptionState state,
    const JanusMessage * refusal, const GError * error, const gchar * what)
{
  if (refusal && refusal->code == JANUS_E_NO_HANDLE)
    janus_subscription_forget (self);
  else if (state == SUBSCRIPTION_NONE)
    janus_subscription_leave (self);
  else
    set_state (self, state);
  self->callbacks->failed (refusal, error, what, self->data);
}

/* The server still carries out what was sent. */
void
janus_subscription_drop_request (JanusSubscription * self)
{
  switch (self->state) {
    case SUBSCRIPTION_ATTACHING:
    case SUBSCRIPTION_JOINING:
      janus_subscription_leave (self);
      break;
    case SUBSCRIPTION_STARTING:
    case SUBSCRIPTION_RESTARTING:
      set_state (self, SUBSCRIPTION_STARTED);
      break;
    case SUBSCRIPTION_NONE:
    case SUBSCRIPTION_OFFERED:
    case SUBSCRIPTION_STARTED:
      break;
  }
}

/* Offers */

static void
take_first_offer (JanusSubscription * self, const gchar * sdp)
{
  set_state (self, SUBSCRIPTION_OFFERED);
  janus_trickle_renew (self->trickle);
  self->callbacks->offered (sdp, self->data);
}

/* An offer that request_offer did not ask for. The base class holds it until the previous one is
 * answered. */
static void
take_offer (JanusSubscription * self, const gchar * sdp)
{
  switch (self->state) {
    case SUBSCRIPTION_RESTARTING:      /* the server had postponed the requested offer */
      take_first_offer (self, sdp);
      return;
    case SUBSCRIPTION_OFFERED:
    case SUBSCRIPTION_STARTING:
      self->further = TRUE;
      break;
    case SUBSCRIPTION_STARTED:
      self->state = SUBSCRIPTION_OFFERED;
      break;
    case SUBSCRIPTION_NONE:
    case SUBSCRIPTION_ATTACHING:
    case SUBSCRIPTION_JOINING:
      GST_DEBUG_OBJECT (self->element, "an offer without a subscription");
      return;
  }
  gst_rcast_signaller_offered (GST_RCAST_SIGNALLER (self->element), sdp);
}

static void
on_joined (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (request != self->request)
    return;
  if (!error && message->code == 0 && !message->offer)
    error = own = ws_link_new_error (self->link,
        GST_RCAST_ERROR_INVALID_DATA, "the server offers nothing");
  if (error || message->code)
    fail (self, SUBSCRIPTION_NONE, error ? NULL : message, error, "subscribe");
  else
    take_first_offer (self, message->offer);
}

static void
on_attached (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;
  JanusTarget late = self->target;

  if (request != self->request) {
    late.handle = message ? message->id : 0;
    if (late.handle)
      janus_link_ask (self->link, "detach", &late, NULL, NULL, NULL);
    return;
  }
  if (!error && message->code == 0 && message->id == 0)
    error = own = ws_link_new_error (self->link,
        GST_RCAST_ERROR_INVALID_DATA, "a handle without a number");
  if (error || message->code) {
    fail (self, SUBSCRIPTION_NONE, error ? NULL : message, error,
        "attach " JANUS_PLUGIN_VIDEOROOM);
    return;
  }
  self->target.handle = message->id;
  set_state (self, SUBSCRIPTION_JOINING);
  self->request = janus_link_ask_plugin (self->link, "join", &self->target,
      janus_join_print_subscribe (self->join, &self->feed, self->private_id),
      FALSE, on_joined, self);
}

/**
 * janus_subscription_begin:
 * @self: the subscription
 * @session: its session
 * @feed: the publisher to watch
 * @private_id: of our member of the room, 0: none
 *
 * Subscribes with a new handle, for a fresh webrtcbin.
 */
void
janus_subscription_begin (JanusSubscription * self, guint64 session,
    const JanusId * feed, guint64 private_id)
{
  janus_subscription_leave (self);
  self->target.session = session;
  janus_id_set (&self->feed, feed->text, feed->is_string);
  self->private_id = private_id;
  set_state (self, SUBSCRIPTION_ATTACHING);
  self->request = janus_link_ask (self->link, "attach", &self->target,
      janus_print_attach (JANUS_PLUGIN_VIDEOROOM), on_attached, self);
}

/* ICE restarts. After a refusal, recovery takes another step. */

static GError *
new_no_restart (JanusSubscription * self, const gchar * why)
{
  return ws_link_new_error (self->link, GST_RCAST_ERROR_NOT_SUPPORTED,
      "ICE restart: %s", why);
}

static void
on_restarted (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (request != self->request)
    return;
  if (!error && message->code == 0 && message->offer) {
    take_first_offer (self, message->offer);
    return;
  }
  if (!error && message->code == 0)
    own = new_no_restart (self, "the server makes no offer now");
  else if (!error && message->code != JANUS_E_NO_SESSION) {
    own = janus_link_new_refusal (self->link, message, "ICE restart");
    own->code = GST_RCAST_ERROR_NOT_SUPPORTED;
  }
  fail (self, message && message->code == JANUS_E_NO_HANDLE ?
      SUBSCRIPTION_NONE : SUBSCRIPTION_STARTED, own || error ? NULL : message,
      own ? own : error, "ICE restart");
}

/* Returns: whether an offer was requested */
gboolean
janus_subscription_restart (JanusSubscription * self, GError ** error)
{
  if (self->state != SUBSCRIPTION_STARTED) {
    g_propagate_error (error, new_no_restart (self,
            self->state == SUBSCRIPTION_OFFERED ?
            "an offer of the server waits for its answer" :
            "there is no subscription"));
    return FALSE;
  }
  set_state (self, SUBSCRIPTION_RESTARTING);
  self->request = janus_link_ask_plugin (self->link, "configure",
      &self->target, janus_print_restart (), FALSE, on_restarted, self);
  return TRUE;
}

/* Key frames */

static void
on_key_frame_requested (guint64 request, gconstpointer answer,
    const GError * error, gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;

  if (message && message->code)
    GST_INFO_OBJECT (self->element, "no key frame is requested: %s",
        message->reason ? message->reason : "refused");
}

/* Through the API: Janus 1.1 drops a PLI of a bundled stream if it is sent with an audio report. */
static void
request_key_frame (JanusSubscription * self)
{
  if (!self->moved || !self->answer || self->state != SUBSCRIPTION_STARTED)
    return;
  self->moved = FALSE;
  janus_link_ask_plugin (self->link, "configure", &self->target,
      janus_print_resume (self->answer->mids), FALSE, on_key_frame_requested,
      self);
}

/* Answers */

static void
on_started (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;

  if (request != self->request)
    return;
  if (error || message->code) {
    fail (self, SUBSCRIPTION_STARTED, error ? NULL : message, error, "start");
    return;
  }
  set_state (self, SUBSCRIPTION_STARTED);
  janus_subscription_flush (self);
  request_key_frame (self);
  if (self->further)
    self->state = SUBSCRIPTION_OFFERED;
  self->further = FALSE;
  self->callbacks->started (self->data);
}

/* Returns: whether the answer was sent */
gboolean
janus_subscription_answer (JanusSubscription * self, const gchar * sdp,
    GError ** error)
{
  NetOffer *answer;

  if (self->state != SUBSCRIPTION_OFFERED) {
    g_propagate_error (error, ws_link_new_error (self->link,
            GST_RCAST_ERROR_FAILED, "no offer of the server waits"));
    return FALSE;
  }
  answer = net_offer_new (sdp, error);
  if (!answer)
    return FALSE;
  net_offer_free (self->answer);
  self->answer = answer;
  janus_trickle_keep_only (self->trickle, answer->ufrag, answer->ufrag);
  set_state (self, SUBSCRIPTION_STARTING);
  self->request = janus_link_ask_plugin (self->link, "start", &self->target,
      janus_print_start (sdp), FALSE, on_started, self);
  return TRUE;
}

void
janus_subscription_add_candidate (JanusSubscription * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  janus_trickle_add (self->trickle, mline, ufrag, candidate);
  janus_subscription_flush (self);
}

/* Another feed */

static void
on_updated (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusSubscription *self = data;
  const JanusMessage *message = answer;

  if (request != self->update)
    return;
  self->update = 0;
  if (error)
    self->callbacks->lost (error->message, self->data);
  else if (message->code)
    self->callbacks->lost (message->reason ? message->reason :
        "the server refuses to go on with its publisher", self->data);
  else if (message->offer)
    take_offer (self, message->offer);
  else
    request_key_frame (self);
}

/* Switches the open subscription to the streams of @feed, which may be the same feed after it was
 * published again. An offer may follow, now or after a pending one. */
void
janus_subscription_follow (JanusSubscription * self, const JanusId * feed)
{
  JanusId former = self->feed;

  g_assert (janus_subscription_is_open (self));
  self->update = janus_link_ask_plugin (self->link, "update", &self->target,
      janus_print_update (&former, feed), FALSE, on_updated, self);
  janus_id_set (&self->feed, feed->text, feed->is_string);
  self->moved = TRUE;
}

/* Server events */

gboolean
janus_subscription_is_sender (JanusSubscription * self,
    const JanusMessage * message)
{
  return self->target.handle != 0 && message->sender == self->target.handle;
}

/* The media is gone, and any pending operation with it. */
static void
end (JanusSubscription * self, const gchar * why)
{
  g_autoptr (GError) error = NULL;
  gboolean asked = self->request != 0;

  janus_subscription_leave (self);
  if (!asked) {
    self->callbacks->lost (why, self->data);
    return;
  }
  error = ws_link_new_error (self->link, GST_RCAST_ERROR_FAILED, "%s", why);
  self->callbacks->failed (NULL, error, "subscription", self->data);
}

void
janus_subscription_take (JanusSubscription * self,
    const JanusMessage * message)
{
  g_autofree gchar *why = NULL;

  if (message->kind == JANUS_TRICKLE) {
    janus_trickle_take (self->trickle, message);
  } else if (message->kind == JANUS_HANGUP) {
    why = g_strdup_printf ("Janus hung up: %s", message->reason ?
        message->reason : "no reason given");
    end (self, why);
  } else if (message->kind == JANUS_DETACHED) {
    self->target.handle = 0;
    end (self, "Janus detached our handle");
  } else if (message->kind == JANUS_EVENT && message->offer) {
    take_offer (self, message->offer);
  }
}
