/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishes our stream in an OpenVidu session. */
#include "config.h"

#include "openvidu-publisher.h"

#include <string.h>

#include "openvidu-doubt.h"
#include "openvidu-trickle.h"

struct _OpenviduPublisher
{
  WsLink *link;                 /* borrowed, as the next one */
  const OpenviduSettings *settings;
  const OpenviduMediaCallbacks *callbacks;
  gpointer data;

  gchar *connection;            /* our identifier in the session */
  gchar *stream;                /* nullable: identifier of our stream */

  NetOffer *offer;              /* waiting for its answer; NULL: none */
  guint64 request;              /* number of its request */
  gboolean replaced;            /* an unknown stream of ours was ended for this offer */
  OpenviduDoubt *doubt;
  OpenviduTrickle *trickle;
};

static void publish (OpenviduPublisher * self);
static void on_dropped (const GError * error, gpointer data);

OpenviduPublisher *
openvidu_publisher_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduMediaCallbacks * callbacks, gpointer data)
{
  OpenviduPublisher *self = g_new0 (OpenviduPublisher, 1);

  self->link = link;
  self->settings = settings;
  self->callbacks = callbacks;
  self->data = data;
  self->doubt = openvidu_doubt_new (link, settings, on_dropped, self);
  self->trickle = openvidu_trickle_new (link, element, settings);
  return self;
}

/* Free the publisher before its link. */
static void
publisher_free (gpointer data)
{
  OpenviduPublisher *self = data;

  net_offer_free (self->offer);
  openvidu_doubt_free (self->doubt);
  openvidu_trickle_free (self->trickle);
  g_free (self->connection);
  g_free (self->stream);
  g_free (self);
}

static void
joined (gpointer data, const OpenviduMessage * message)
{
  OpenviduPublisher *self = data;

  g_free (self->connection);
  self->connection = g_strdup (message->name);
  openvidu_trickle_aim (self->trickle, message->name, message->name);
}

static void
set_stream (OpenviduPublisher * self, const gchar * stream)
{
  if (g_strcmp0 (self->stream, stream) == 0)
    return;
  g_free (self->stream);
  self->stream = g_strdup (stream);
  self->callbacks->streaming (stream, self->data);
}

/* Candidates */

static void
flush (gpointer data)
{
  OpenviduPublisher *self = data;

  openvidu_trickle_flush (self->trickle);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  OpenviduPublisher *self = data;

  openvidu_trickle_add (self->trickle, mline, ufrag, candidate);
}

static void
take (gpointer data, const OpenviduMessage * message)
{
  OpenviduPublisher *self = data;

  if (g_str_equal (message->method, "iceCandidate"))
    openvidu_trickle_take (self->trickle, message);
}

/* Offers */

static gboolean
has_offer (gpointer data)
{
  OpenviduPublisher *self = data;

  return self->offer != NULL;
}

/* Drops the offer. Its answer is ignored. */
static void
drop_offer (gpointer data)
{
  OpenviduPublisher *self = data;

  openvidu_doubt_end (self->doubt);
  if (!self->offer)
    return;
  g_clear_pointer (&self->offer, net_offer_free);
  openvidu_trickle_release (self->trickle, NULL);
}

static void
fail (OpenviduPublisher * self, const OpenviduMessage * refusal,
    const GError * error, const gchar * what)
{
  drop_offer (self);
  self->callbacks->failed (refusal, error, what, self->data);
}

/* Finds what would fail later in a browser: a rejected m-section. */
static GError *
check_answer (OpenviduPublisher * self, const gchar * answer)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *refused = answer ? net_offer_find_refused (answer, &reason)
      : NULL;

  if (!answer || reason)
    return ws_link_new_error (self->link, GST_RCAST_ERROR_INVALID_DATA,
        "no SDP in the answer%s%s", reason ? ": " : "", reason ?
        reason->message : "");
  if (refused)
    return ws_link_new_error (self->link, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the server refuses %s", refused);
  return NULL;
}

static void
take_answer (OpenviduPublisher * self, const OpenviduMessage * message)
{
  g_autoptr (GError) error = check_answer (self, message->answer);

  if (message->name)
    set_stream (self, message->name);
  if (error) {
    fail (self, NULL, error, NULL);
    return;
  }
  openvidu_doubt_end (self->doubt);
  openvidu_trickle_release (self->trickle, g_steal_pointer (&self->offer));
  self->callbacks->answered (message->answer, self->data);
}

static void
on_unpublished (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduPublisher *self = data;

  if (!self->offer || request != self->request)
    return;
  if (error)
    fail (self, NULL, error, NULL);
  else
    publish (self);
}

/* Ends our stream first. An offer that was never answered has created one, whose name is unknown,
 * or the media server cannot use the existing one. */
static void
replace_stream (OpenviduPublisher * self)
{
  self->replaced = TRUE;
  openvidu_doubt_end (self->doubt);
  self->request = openvidu_link_ask (self->link, "unpublishVideo",
      g_strdup (""), self->settings->net->timeout, on_unpublished, self);
}

static void
take_refusal (OpenviduPublisher * self, const OpenviduMessage * message)
{
  if (message->code == OPENVIDU_E_NOT_STREAMING && self->stream) {
    set_stream (self, NULL);
    publish (self);
  } else if (!self->replaced && (message->code == OPENVIDU_E_STREAMING
          || (self->stream && openvidu_error_is_of_media (message->code)))) {
    set_stream (self, NULL);
    replace_stream (self);
  } else {
    fail (self, message, NULL, self->stream ? "reconnect the stream" :
        "publish");
  }
}

static void
on_answer (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduPublisher *self = data;
  const OpenviduMessage *message = answer;

  if (!self->offer || request != self->request) {
    /* Nobody waits for the answer, but the stream exists. */
    if (message && message->kind == OPENVIDU_RESULT && message->name)
      set_stream (self, message->name);
  } else if (error) {
    fail (self, NULL, error, NULL);
  } else if (message->kind == OPENVIDU_ERROR) {
    take_refusal (self, message);
  } else {
    take_answer (self, message);
  }
}

static void
on_dropped (const GError * error, gpointer data)
{
  fail (data, NULL, error, NULL);
}

static gboolean
has (const NetOffer * offer, const gchar * section)
{
  return strstr (offer->sdp, section) != NULL;
}

static gchar *
print_publish (OpenviduPublisher * self)
{
  OpenviduPublish values = {
    .has_audio = has (self->offer, "\nm=audio "),
    .has_video = has (self->offer, "\nm=video "),
    .type_of_video = self->settings->type_of_video,
    .sdp = self->offer->sdp,
  };

  return openvidu_print_publish (&values);
}

static void
publish (OpenviduPublisher * self)
{
  guint timeout = self->settings->net->timeout;

  openvidu_doubt_begin (self->doubt);
  if (self->stream)
    self->request = openvidu_link_ask (self->link, "reconnectStream",
        openvidu_print_reconnect (self->stream, self->offer->sdp), timeout,
        on_answer, self);
  else
    self->request = openvidu_link_ask (self->link, "publishVideo",
        print_publish (self), timeout, on_answer, self);
}

/* Publishes, or replaces the media of the stream. Returns: FALSE with @error if @sdp is invalid */
static gboolean
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GError ** error)
{
  OpenviduPublisher *self = data;
  NetOffer *offer = net_offer_new (sdp, error);

  if (!offer)
    return FALSE;
  drop_offer (self);
  self->offer = offer;
  self->replaced = FALSE;
  openvidu_trickle_hold (self->trickle, offer->ufrag);
  publish (self);
  return TRUE;
}

static void
stop (gpointer data)
{
  OpenviduPublisher *self = data;

  drop_offer (self);
  openvidu_trickle_unsent (self->trickle);
}

static void
ended (gpointer data)
{
  OpenviduPublisher *self = data;

  set_stream (self, NULL);
}

const OpenviduRoleFuncs openvidu_publisher_funcs = {
  .ws = {
    .offer = offer,
    .refusal = "OpenVidu makes no offer to who publishes",
    .no_restart = "OpenVidu 2 has no ICE restart",
    .has_request = has_offer,
    .drop_request = drop_offer,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = publisher_free,
  },
  .joined = joined,
  .take = take,
  .ended = ended,
  .resumed = flush,
};
