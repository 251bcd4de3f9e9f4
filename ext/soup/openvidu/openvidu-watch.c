/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one stream of an OpenVidu session: finds its publisher, and subscribes to it. */
#include "config.h"

#include "openvidu-watch.h"

#include "openvidu-doubt.h"
#include "openvidu-roster.h"
#include "openvidu-trickle.h"
#include "rcast-loop.h"

/* kurento accepts our offer. mediasoup makes an offer, which we answer. */
typedef enum
{
  WATCH_IDLE,
  WATCH_ASKED,                  /* our offer was sent, or the server's was requested */
  WATCH_OFFERED,                /* the server's offer waits for our answer */
  WATCH_ANSWERING,              /* our answer was sent */
} WatchState;

struct _OpenviduWatch
{
  WsLink *link;                 /* borrowed, as the next two */
  GstRcastNetSignaller *element;
  const OpenviduSettings *settings;
  const OpenviduMediaCallbacks *callbacks;
  gpointer data;

  gchar *connection;            /* our identifier in the session */
  gboolean server_offers;
  gboolean unsure;              /* the connection was lost: new publishers are unknown */
  OpenviduRoster *roster;
  gchar *watched;               /* nullable: the last reported stream */

  WatchState state;
  guint64 request;              /* number of the current request */
  NetOffer *description;        /* nullable: ours, being sent */
  gchar *subscribed;            /* nullable: the stream the server sends, or was asked to send */
  gchar *former;                /* nullable: sent until the media of @subscribed is connected */
  gboolean again;               /* subscribed to before this request */
  gboolean renewed;             /* requested again, as the server had no subscription */
  gchar *forced;                /* nullable: an offer that the server wants us to accept */
  gboolean forcibly;            /* its last offer was one of those */
  GSource *demand;              /* reports such an offer to the owner */
  OpenviduDoubt *doubt;
  OpenviduTrickle *trickle;
};

static void ask (OpenviduWatch * self);
static void on_dropped (const GError * error, gpointer data);

OpenviduWatch *
openvidu_watch_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduMediaCallbacks * callbacks, gpointer data)
{
  OpenviduWatch *self = g_new0 (OpenviduWatch, 1);

  self->link = link;
  self->element = element;
  self->settings = settings;
  self->callbacks = callbacks;
  self->data = data;
  self->roster = openvidu_roster_new (settings->feed, settings->display);
  self->doubt = openvidu_doubt_new (link, settings, on_dropped, self);
  self->trickle = openvidu_trickle_new (link, element, settings);
  return self;
}

/* Free the watch before its link. */
static void
watch_free (gpointer data)
{
  OpenviduWatch *self = data;

  gst_rcast_source_clear (&self->demand);
  net_offer_free (self->description);
  openvidu_roster_free (self->roster);
  openvidu_doubt_free (self->doubt);
  openvidu_trickle_free (self->trickle);
  g_free (self->connection);
  g_free (self->watched);
  g_free (self->subscribed);
  g_free (self->former);
  g_free (self->forced);
  g_free (self);
}

static void
replace (gchar ** field, const gchar * text)
{
  gchar *copy = g_strdup (text);

  g_free (*field);
  *field = copy;
}

/* Returns: whether the watched stream has changed */
static gboolean
update_watched (OpenviduWatch * self)
{
  const gchar *now = openvidu_roster_get (self->roster);

  if (g_strcmp0 (now, self->watched) == 0)
    return FALSE;
  replace (&self->watched, now);
  self->callbacks->streaming (now, self->data);
  return TRUE;
}

static void
joined (gpointer data, const OpenviduMessage * message)
{
  OpenviduWatch *self = data;
  GstRcastSignaller *signaller = GST_RCAST_SIGNALLER (self->element);
  GstRcastSignallerCapabilities can =
      gst_rcast_signaller_get_capabilities (signaller);

  replace (&self->connection, message->name);
  self->server_offers = g_strcmp0 (message->media_server, "mediasoup") == 0;
  gst_rcast_signaller_set_capabilities (signaller, self->server_offers ?
      can | GST_RCAST_SIGNALLER_SERVER_OFFERS :
      can & ~GST_RCAST_SIGNALLER_SERVER_OFFERS);
  if (message->participants)
    openvidu_roster_add (self->roster, message->participants);
  update_watched (self);
}

/* Reports */

static void
tell (OpenviduWatch * self, GstRcastStreamChange change, const gchar * reason)
{
  gst_rcast_signaller_stream_changed (GST_RCAST_SIGNALLER (self->element),
      change, openvidu_roster_get_name (self->roster), reason);
}

static void
hang_up (OpenviduWatch * self, const gchar * why)
{
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (self->element),
      GST_RCAST_SERVER_HANGUP, why);
}

/* While the connection was lost, publishers may have arrived. Only joining again shows them. */
static GError *
new_no_stream (OpenviduWatch * self)
{
  const gchar *name = self->settings->display ? self->settings->display :
      self->settings->feed;

  if (self->unsure)
    return ws_link_new_error (self->link, GST_RCAST_ERROR_FAILED,
        "the stream has ended, and who came while the connection was lost is "
        "not known: the session is joined anew");
  return ws_link_new_error (self->link, GST_RCAST_ERROR_NO_STREAM,
      "nobody publishes%s%s", name ? " " : "", name ? name : "");
}

static gboolean
is_idle (gpointer data)
{
  OpenviduWatch *self = data;

  return !self->unsure && self->state == WATCH_IDLE;
}

/* Requests */

static void
drop_request (gpointer data)
{
  OpenviduWatch *self = data;
  gboolean held = self->state != WATCH_IDLE;

  self->state = WATCH_IDLE;
  openvidu_doubt_end (self->doubt);
  g_clear_pointer (&self->description, net_offer_free);
  if (held)
    openvidu_trickle_release (self->trickle, NULL);
}

static void
fail (OpenviduWatch * self, const OpenviduMessage * refusal,
    const GError * error)
{
  drop_request (self);
  self->callbacks->failed (refusal, error, "receive the stream", self->data);
}

static void
fail_without_stream (OpenviduWatch * self)
{
  g_autoptr (GError) error = new_no_stream (self);

  fail (self, NULL, error);
}

static void
on_dropped (const GError * error, gpointer data)
{
  fail (data, NULL, error);
}

static gboolean
is_absent (const OpenviduMessage * refusal)
{
  return refusal->code == OPENVIDU_E_USER_NOT_FOUND
      || refusal->code == OPENVIDU_E_USER_CLOSED
      || refusal->code == OPENVIDU_E_NOT_STREAMING;
}

/* If the server has no subscription, subscribes again. If it has no such stream, there may be
 * another one. */
static void
take_refusal (OpenviduWatch * self, const OpenviduMessage * refusal)
{
  if (self->again && !self->renewed && self->state == WATCH_ASKED) {
    self->renewed = TRUE;
    g_clear_pointer (&self->subscribed, g_free);
    ask (self);
  } else if (is_absent (refusal)) {
    openvidu_roster_end (self->roster, openvidu_roster_find (self->roster,
            self->subscribed));
    g_clear_pointer (&self->subscribed, g_free);
    g_clear_pointer (&self->forced, g_free);
    update_watched (self);
    if (self->watched && self->state == WATCH_ASKED)
      ask (self);
    else
      fail_without_stream (self);
  } else {
    fail (self, refusal, NULL);
  }
}

/* Returns: (nullable) (transfer full): why the server's @sdp is unusable */
static GError *
check_description (OpenviduWatch * self, const gchar * sdp)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (NetOffer) parsed = sdp ? net_offer_new (sdp, &reason) : NULL;

  if (parsed)
    return NULL;
  return ws_link_new_error (self->link, GST_RCAST_ERROR_INVALID_DATA,
      "no SDP in the answer%s%s", reason ? ": " : "", reason ?
      reason->message : "");
}

static void
take_answer (OpenviduWatch * self, const OpenviduMessage * message)
{
  g_autoptr (GError) error = check_description (self, message->answer);

  if (error) {
    fail (self, NULL, error);
    return;
  }
  self->state = WATCH_IDLE;
  openvidu_doubt_end (self->doubt);
  openvidu_trickle_release (self->trickle,
      g_steal_pointer (&self->description));
  self->callbacks->answered (message->answer, self->data);
}

static gboolean
on_demand (gpointer data)
{
  OpenviduWatch *self = data;

  gst_rcast_source_clear (&self->demand);
  if (self->forced)
    hang_up (self, "the server makes the connection anew");
  return G_SOURCE_REMOVE;
}

/* Returns: whether the owner gets the latest offer that the server wants us to accept */
static gboolean
take_forced (OpenviduWatch * self)
{
  g_autofree gchar *sdp = g_steal_pointer (&self->forced);

  if (!sdp)
    return FALSE;
  self->forcibly = TRUE;
  self->state = WATCH_OFFERED;
  self->callbacks->answered (sdp, self->data);
  return TRUE;
}

static void
take_offer (OpenviduWatch * self, const OpenviduMessage * message)
{
  g_autoptr (GError) error = check_description (self, message->offer);

  openvidu_doubt_end (self->doubt);
  if (take_forced (self))
    return;
  if (error) {
    fail (self, NULL, error);
    return;
  }
  self->forcibly = FALSE;
  self->state = WATCH_OFFERED;
  self->callbacks->answered (message->offer, self->data);
}

static void
on_asked (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduWatch *self = data;
  const OpenviduMessage *message = answer;

  if (self->state != WATCH_ASKED || request != self->request)
    return;
  if (error)
    fail (self, NULL, error);
  else if (message->kind == OPENVIDU_ERROR)
    take_refusal (self, message);
  else if (self->server_offers)
    take_offer (self, message);
  else
    take_answer (self, message);
}

static void
unsubscribe (OpenviduWatch * self, gchar ** stream)
{
  if (*stream && openvidu_roster_find (self->roster, *stream)
      && ws_link_is_open (self->link))
    openvidu_link_ask (self->link, "unsubscribeFromVideo",
        openvidu_print_unsubscribe (*stream), self->settings->net->timeout,
        NULL, NULL);
  g_clear_pointer (stream, g_free);
}

/* The media of the previous subscription goes on beside that of another stream. */
static void
note_subscription (OpenviduWatch * self)
{
  self->again = g_strcmp0 (self->subscribed, self->watched) == 0;
  if (self->again)
    return;
  if (g_strcmp0 (self->former, self->watched) == 0) {
    self->again = TRUE;
    g_clear_pointer (&self->former, g_free);
  }
  if (self->former)
    unsubscribe (self, &self->former);
  self->former = self->subscribed;
  self->subscribed = g_strdup (self->watched);
}

static void
aim (OpenviduWatch * self)
{
  g_autofree gchar *endpoint = g_strdup_printf ("%s_%s", self->connection,
      self->subscribed);

  openvidu_trickle_aim (self->trickle, openvidu_roster_find (self->roster,
          self->subscribed), endpoint);
}

/* Requests the watched stream. */
static void
ask (OpenviduWatch * self)
{
  const gchar *sdp = self->description ? self->description->sdp : NULL;
  const gchar *method = "receiveVideoFrom";
  gchar *params;

  note_subscription (self);
  aim (self);
  if (self->server_offers) {
    method = "prepareReceiveVideoFrom";
    params = openvidu_print_prepare (self->subscribed, self->again);
  } else if (self->again) {
    method = "reconnectStream";
    params = openvidu_print_receive_again (self->subscribed, TRUE, sdp, FALSE);
  } else {
    params = openvidu_print_receive (self->subscribed, TRUE, sdp);
  }
  self->state = WATCH_ASKED;
  openvidu_doubt_begin (self->doubt);
  self->request = openvidu_link_ask (self->link, method, params,
      self->settings->net->timeout, on_asked, self);
}

/* Returns: FALSE with @error if nobody publishes */
static gboolean
begin (OpenviduWatch * self, NetOffer * description, GError ** error)
{
  if (!self->watched) {
    net_offer_free (description);
    g_propagate_error (error, new_no_stream (self));
    return FALSE;
  }
  drop_request (self);
  self->description = description;
  self->renewed = FALSE;
  openvidu_trickle_hold (self->trickle, description ? description->ufrag :
      NULL);
  ask (self);
  return TRUE;
}

static gboolean
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GError ** error)
{
  OpenviduWatch *self = data;
  NetOffer *offer = net_offer_new (sdp, error);

  return offer && begin (self, offer, error);
}

/* An offer that the server wants us to accept comes first. */
static gboolean
request_offer (gpointer data, GstRcastOfferKind kind, GError ** error)
{
  OpenviduWatch *self = data;

  if (!self->forced)
    return begin (self, NULL, error);
  drop_request (self);
  aim (self);
  openvidu_trickle_hold (self->trickle, NULL);
  return take_forced (self);
}

/* Answers */

static void
on_answered (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduWatch *self = data;
  const OpenviduMessage *message = answer;

  if (self->state != WATCH_ANSWERING || request != self->request)
    return;
  if (error) {
    fail (self, NULL, error);
  } else if (message->kind == OPENVIDU_ERROR) {
    take_refusal (self, message);
  } else {
    self->state = WATCH_IDLE;
    openvidu_doubt_end (self->doubt);
    openvidu_trickle_release (self->trickle,
        g_steal_pointer (&self->description));
    if (self->forced && !self->demand)
      self->demand = gst_rcast_timer_start (0, on_demand, self);
    self->callbacks->answered (NULL, self->data);
  }
}

static gboolean
answer (gpointer data, const gchar * sdp, GError ** error)
{
  OpenviduWatch *self = data;
  gboolean again = self->again || self->forcibly;

  if (self->state != WATCH_OFFERED || !self->subscribed) {
    g_propagate_error (error, ws_link_new_error (self->link,
            GST_RCAST_ERROR_FAILED, "no offer of the server waits"));
    return FALSE;
  }
  self->description = net_offer_new (sdp, error);
  if (!self->description)
    return FALSE;
  self->state = WATCH_ANSWERING;
  openvidu_trickle_hold (self->trickle, self->description->ufrag);
  openvidu_doubt_begin (self->doubt);
  self->request = openvidu_link_ask (self->link, again ? "reconnectStream" :
      "receiveVideoFrom", again ? openvidu_print_receive_again
      (self->subscribed, FALSE, sdp, self->forcibly) : openvidu_print_receive
      (self->subscribed, FALSE, sdp), self->settings->net->timeout,
      on_answered, self);
  return TRUE;
}

static gboolean
has_request (gpointer data)
{
  OpenviduWatch *self = data;

  return self->state == WATCH_ASKED || self->state == WATCH_ANSWERING;
}

static void
settle (gpointer data)
{
  OpenviduWatch *self = data;

  unsubscribe (self, &self->former);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  OpenviduWatch *self = data;

  openvidu_trickle_add (self->trickle, mline, ufrag, candidate);
}

/* Connection */

static void
stop (gpointer data)
{
  OpenviduWatch *self = data;

  drop_request (self);
  openvidu_trickle_unsent (self->trickle);
}

static void
resumed (gpointer data)
{
  OpenviduWatch *self = data;

  self->unsure = TRUE;
  openvidu_trickle_flush (self->trickle);
}

/* Notifications */

/* Forgets a stream that is gone, as the server has ended its subscription. */
static void
forget_ended (OpenviduWatch * self, gchar ** stream)
{
  if (*stream && !openvidu_roster_find (self->roster, *stream))
    g_clear_pointer (stream, g_free);
}

/* The pending request goes on with the newly watched stream, if there is one. */
static void
redirect (OpenviduWatch * self)
{
  g_autoptr (GError) error = NULL;

  if (!self->watched) {
    fail_without_stream (self);
  } else if (self->state == WATCH_ANSWERING) {
    error = ws_link_new_error (self->link, GST_RCAST_ERROR_FAILED,
        "the stream that was asked for has ended");
    fail (self, NULL, error);
  } else {
    openvidu_trickle_release (self->trickle, NULL);
    openvidu_trickle_hold (self->trickle, self->description ?
        self->description->ufrag : NULL);
    ask (self);
  }
}

/* The caller must do nothing afterwards. */
static void
review (OpenviduWatch * self, const gchar * reason)
{
  gboolean published = self->watched != NULL;

  if (!update_watched (self))
    return;
  g_clear_pointer (&self->forced, g_free);
  if (!self->watched)
    tell (self, GST_RCAST_STREAM_UNPUBLISHED, reason);
  else if (!published)
    tell (self, GST_RCAST_STREAM_PUBLISHED, NULL);
  forget_ended (self, &self->subscribed);
  forget_ended (self, &self->former);
  if (has_request (self))
    redirect (self);
  else if (published)
    hang_up (self, self->watched ? "another stream has taken the place of the "
        "one that was watched" : "the stream that was watched has ended");
}

static void
take_change (OpenviduWatch * self, const OpenviduMessage * message)
{
  gboolean was_off = openvidu_roster_is_off (self->roster, self->watched);
  gboolean is_off;

  openvidu_roster_change (self->roster, message->connection,
      message->property, message->new_value);
  is_off = openvidu_roster_is_off (self->roster, self->watched);
  if (is_off != was_off)
    tell (self, is_off ? GST_RCAST_STREAM_PAUSED : GST_RCAST_STREAM_RESUMED,
        message->reason);
}

/* Whether @stream is subscribed, and not about to be replaced by another stream. */
static gboolean
is_current (OpenviduWatch * self, const gchar * stream)
{
  return stream && g_strcmp0 (stream, self->subscribed) == 0
      && g_strcmp0 (stream, self->watched) == 0;
}

/* The latest of several counts. An invalid SDP is ignored: the media goes on without it. */
static void
take_demand (OpenviduWatch * self, const OpenviduMessage * message)
{
  g_autoptr (GError) error = check_description (self, message->offer);

  if (!self->server_offers || error || !is_current (self, message->stream))
    return;
  replace (&self->forced, message->offer);
  if (self->state == WATCH_IDLE)
    on_demand (self);
}

static void
take (gpointer data, const OpenviduMessage * message)
{
  OpenviduWatch *self = data;
  const gchar *method = message->method;

  if (g_str_equal (method, "iceCandidate")) {
    openvidu_trickle_take (self->trickle, message);
  } else if (g_str_equal (method, "participantJoined")
      || g_str_equal (method, "participantPublished")) {
    openvidu_roster_add (self->roster, message->participants);
    review (self, NULL);
  } else if (g_str_equal (method, "participantUnpublished")) {
    openvidu_roster_end (self->roster, message->connection);
    review (self, message->reason);
  } else if (g_str_equal (method, "participantLeft")
      || g_str_equal (method, "participantEvicted")) {
    openvidu_roster_remove (self->roster, message->connection);
    review (self, message->reason);
  } else if (g_str_equal (method, "streamPropertyChanged")) {
    take_change (self, message);
  } else if (g_str_equal (method, "forciblyReconnectSubscriber")) {
    take_demand (self, message);
  }
}

const OpenviduRoleFuncs openvidu_watch_funcs = {
  .ws = {
    .offer = offer,
    .request_offer = request_offer,
    .answer = answer,
    .no_restart = "OpenVidu 2 has no ICE restart",
    .has_request = has_request,
    .drop_request = drop_request,
    .settle = settle,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = watch_free,
  },
  .joined = joined,
  .take = take,
  .resumed = resumed,
  .can_wait = is_idle,
};
