/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we publish in an OpenVidu session: offers, candidates and the stream that they make. */
#include "config.h"

#include "openvidu-publisher.h"

#include <string.h>

#include "net-offer.h"
#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_publisher_debug);
#define GST_CAT_DEFAULT rcast_openvidu_publisher_debug

/* Candidates of the server: a server has a few, and each is a signal and an address to
 * look at; those that wait for its answer */
#define MAX_REMOTE_CANDIDATES 128
#define MAX_EARLY 64
/* Of `timeout`: when an answer that does not come is wondered about, and how long the
 * echo may take. A server that has dropped us answers nothing but an echo. */
#define DOUBT_SHARE 0.4
#define ECHO_SHARE 0.4

typedef struct
{
  guint mline;
  gchar *text;
} Early;

struct _OpenviduPublisher
{
  OpenviduLink *link;           /* borrowed, as the next three */
  GstRcastNetSignaller *element;
  const OpenviduSettings *settings;
  const OpenviduPublisherCallbacks *callbacks;
  gpointer data;

  gchar *connection;            /* our identifier in the session */
  gchar *stream;                /* nullable: that of what we publish */

  NetOffer *offer;              /* that waits for its answer, NULL: none */
  guint64 request;              /* with which it went out */
  gboolean replaced;            /* for it, a stream of ours that is not known was ended */
  GSource *doubt;

  NetOffer *media;              /* the offer that the server took last */
  NetCandidates *candidates;
  GQueue early;                 /* of Early, until the answer has gone out */
  guint n_remote;               /* candidates of the server for it */
  GSource *passing_on;
};

static void publish (OpenviduPublisher * self);

static void
early_free (Early * early)
{
  g_free (early->text);
  g_free (early);
}

OpenviduPublisher *
openvidu_publisher_new (OpenviduLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduPublisherCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  OpenviduPublisher *self = g_new0 (OpenviduPublisher, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_publisher_debug,
        "rcastopenvidupublisher", 0, "Publisher of OpenVidu");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->settings = settings;
  self->callbacks = callbacks;
  self->data = data;
  self->candidates = net_candidates_new ();
  return self;
}

/* Before its link is. */
void
openvidu_publisher_free (OpenviduPublisher * self)
{
  openvidu_publisher_drop_offer (self);
  gst_rcast_source_clear (&self->passing_on);
  net_offer_free (self->media);
  net_candidates_free (self->candidates);
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  g_free (self->connection);
  g_free (self->stream);
  g_free (self);
}

void
openvidu_publisher_joined (OpenviduPublisher * self, const gchar * connection)
{
  g_free (self->connection);
  self->connection = g_strdup (connection);
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

/* Candidates of ours */

static void
on_trickled (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduPublisher *self = data;

  if (error) {
    GST_WARNING_OBJECT (self->element, "a candidate: %s", error->message);
    net_candidates_timed_out (self->candidates, request);
    openvidu_publisher_flush (self);
    return;
  }
  net_candidates_arrived (self->candidates, request);
  if (message->kind == OPENVIDU_ERROR)
    GST_WARNING_OBJECT (self->element, "a candidate is refused: %s (%d)",
        message->reason ? message->reason : "no reason given", message->code);
}

/* Takes @candidate for what is to go next. */
static void
send_candidate (OpenviduPublisher * self, const NetCandidate * candidate)
{
  /* The end of candidates has no message of its own. */
  if (!candidate->text) {
    net_candidates_sent (self->candidates, G_MAXUINT - 1);
    net_candidates_arrived (self->candidates, G_MAXUINT - 1);
    return;
  }
  net_candidates_sent (self->candidates, openvidu_link_ask (self->link,
          "onIceCandidate", openvidu_print_candidate (self->connection,
              candidate), self->settings->net->timeout, on_trickled, self));
}

/* While an offer waits nothing goes: the server would take it for the one before. */
void
openvidu_publisher_flush (OpenviduPublisher * self)
{
  while (openvidu_link_is_open (self->link) && !self->offer && self->media) {
    g_autoptr (GArray) next = net_candidates_take (self->candidates,
        self->media->ufrag, self->media->mids, 1);

    if (next->len == 0)
      return;
    send_candidate (self, &g_array_index (next, NetCandidate, 0));
  }
}

void
openvidu_publisher_add_candidate (OpenviduPublisher * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  net_candidates_add (self->candidates, mline, ufrag, candidate);
  openvidu_publisher_flush (self);
}

/* Candidates of the server */

static void
pass_on (OpenviduPublisher * self, guint mline, const gchar * candidate)
{
  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (self->element), mline,
      candidate);
}

/* They may come before the answer that they belong to. */
void
openvidu_publisher_take (OpenviduPublisher * self,
    const OpenviduMessage * message)
{
  Early *early;

  if (!message->candidate
      || g_strcmp0 (message->endpoint, self->connection) != 0
      || self->n_remote >= MAX_REMOTE_CANDIDATES)
    return;
  self->n_remote++;
  if (!self->offer && self->media && !self->passing_on) {
    pass_on (self, message->mline, message->candidate);
    return;
  }
  if (self->early.length >= MAX_EARLY)
    return;
  early = g_new0 (Early, 1);
  early->mline = message->mline;
  early->text = g_strdup (message->candidate);
  g_queue_push_tail (&self->early, early);
}

static gboolean
on_early (gpointer data)
{
  OpenviduPublisher *self = data;
  Early *early;

  gst_rcast_source_clear (&self->passing_on);
  while (!self->offer && (early = g_queue_pop_head (&self->early))) {
    pass_on (self, early->mline, early->text);
    early_free (early);
  }
  return G_SOURCE_REMOVE;
}

/* Offers */

gboolean
openvidu_publisher_has_offer (OpenviduPublisher * self)
{
  return self->offer != NULL;
}

/* The offer is of no use any more, nor is its answer. */
void
openvidu_publisher_drop_offer (OpenviduPublisher * self)
{
  gst_rcast_source_clear (&self->doubt);
  g_clear_pointer (&self->offer, net_offer_free);
}

static void
fail (OpenviduPublisher * self, const OpenviduMessage * refusal,
    const GError * error, const gchar * what)
{
  openvidu_publisher_drop_offer (self);
  self->callbacks->failed (refusal, error, what, self->data);
}

/* What a browser would fail with later: a section that the server does not take. */
static GError *
check_answer (OpenviduPublisher * self, const gchar * answer)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *refused = answer ? net_offer_find_refused (answer, &reason)
      : NULL;

  if (!answer || reason)
    return openvidu_link_new_error (self->link, GST_RCAST_ERROR_INVALID_DATA,
        "no SDP in the answer%s%s", reason ? ": " : "", reason ?
        reason->message : "");
  if (refused)
    return openvidu_link_new_error (self->link, GST_RCAST_ERROR_NOT_ACCEPTABLE,
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
  gst_rcast_source_clear (&self->doubt);
  net_offer_free (self->media);
  self->media = g_steal_pointer (&self->offer);
  openvidu_publisher_flush (self);
  if (!self->passing_on)
    self->passing_on = gst_rcast_timer_start (0, on_early, self);
  self->callbacks->answered (message->answer, self->data);
}

static void
on_unpublished (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduPublisher *self = data;

  if (!self->offer || request != self->request)
    return;
  if (error)
    fail (self, NULL, error, NULL);
  else
    publish (self);
}

/* An offer whose answer never came has made a stream: its name is not known. */
static void
replace_stream (OpenviduPublisher * self)
{
  self->replaced = TRUE;
  gst_rcast_source_clear (&self->doubt);
  self->request = openvidu_link_ask (self->link, "unpublishVideo",
      g_strdup (""), self->settings->net->timeout, on_unpublished, self);
}

static void
take_refusal (OpenviduPublisher * self, const OpenviduMessage * message)
{
  if (message->code == OPENVIDU_E_NOT_STREAMING && self->stream) {
    set_stream (self, NULL);
    publish (self);
  } else if (message->code == OPENVIDU_E_STREAMING && !self->replaced) {
    replace_stream (self);
  } else {
    fail (self, message, NULL, self->stream ? "reconnect the stream" :
        "publish");
  }
}

static void
on_answer (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduPublisher *self = data;

  if (!self->offer || request != self->request) {
    /* Nobody waits for the answer; the stream is there. */
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

/* Whether the server has dropped us: it answers an echo, but not the offer. */

static gboolean
on_dropped (gpointer data)
{
  OpenviduPublisher *self = data;
  g_autoptr (GError) error = openvidu_link_new_error (self->link,
      GST_RCAST_ERROR_SESSION_GONE,
      "evicted: the server answers, but not about our stream");

  gst_rcast_source_clear (&self->doubt);
  fail (self, NULL, error, NULL);
  return G_SOURCE_REMOVE;
}

static guint
share (OpenviduPublisher * self, gdouble of)
{
  return MAX (1, self->settings->net->timeout * of);
}

static void
on_echo (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduPublisher *self = data;

  if (!self->offer || self->doubt || error)
    return;
  self->doubt = gst_rcast_limit_start (share (self, ECHO_SHARE), on_dropped,
      self);
}

static gboolean
on_doubt (gpointer data)
{
  OpenviduPublisher *self = data;

  gst_rcast_source_clear (&self->doubt);
  openvidu_link_ask (self->link, "echo", g_strdup (""), share (self,
          ECHO_SHARE), on_echo, self);
  return G_SOURCE_REMOVE;
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

  gst_rcast_source_clear (&self->doubt);
  self->doubt = gst_rcast_limit_start (share (self, DOUBT_SHARE), on_doubt,
      self);
  if (self->stream)
    self->request = openvidu_link_ask (self->link, "reconnectStream",
        openvidu_print_reconnect (self->stream, self->offer->sdp), timeout,
        on_answer, self);
  else
    self->request = openvidu_link_ask (self->link, "publishVideo",
        print_publish (self), timeout, on_answer, self);
}

/* Publishes, or replaces the media of the stream. Returns: FALSE with @error if @sdp is
 * none */
gboolean
openvidu_publisher_offer (OpenviduPublisher * self, const gchar * sdp,
    GError ** error)
{
  NetOffer *offer = net_offer_new (sdp, error);

  if (!offer)
    return FALSE;
  openvidu_publisher_drop_offer (self);
  self->offer = offer;
  self->replaced = FALSE;
  self->n_remote = 0;
  net_candidates_keep_only (self->candidates, offer->ufrag, offer->ufrag);
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  publish (self);
  return TRUE;
}

void
openvidu_publisher_stop (OpenviduPublisher * self)
{
  openvidu_publisher_drop_offer (self);
  net_candidates_unsent (self->candidates);
}

void
openvidu_publisher_ended (OpenviduPublisher * self)
{
  set_stream (self, NULL);
}
