/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The consumer that a producer serves: our offers, its answers, and candidates both ways. */
#include "config.h"

#include "gstsig-consumer.h"

#include "net-candidates.h"
#include "net-offer.h"
#include "net-url.h"
#include "rcast-loop.h"
#include "rcast-sdp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_consumer_debug);
#define GST_CAT_DEFAULT rcast_gstsig_consumer_debug

/* Candidates of the consumer: each is a signal and an address to look at; those that wait
 * for its answer */
#define MAX_REMOTE_CANDIDATES 128
#define MAX_EARLY 64
/* ms, at the most: a consumer that takes an ICE restart answers it as fast as the first
 * offer; one that does not is silent */
#define RESTART_TIMEOUT 5000
/* Nobody says that a candidate came: it is sent once. */
#define SENT (G_MAXUINT - 1)

typedef struct
{
  guint mline;
  gchar *text;                  /* nullable */
} Early;

struct _GstsigConsumer
{
  GstRcastNetSignaller *element;        /* borrowed, as the next two */
  const GstRcastNetSettings *settings;
  const GstsigConsumerCallbacks *callbacks;
  gpointer data;
  gchar *url;                   /* as it may be shown */
  gchar *peer, *session;

  NetOffer *offer;              /* that waits for its answer, NULL: none */
  GstRcastOfferKind kind;       /* of it */
  guint patience;               /* ms, with it */
  GSource *timer;
  gchar *complaint;             /* nullable: about what came since it went out */
  guint unanswered;             /* offers that went out, with those that were dropped */

  gchar *our_ufrag;             /* nullable: of the last offer */
  gchar *its_ufrag;             /* nullable: of the last answer */
  GPtrArray *mids;              /* nullable: of the last offer */
  NetCandidates *candidates;
  GQueue early;                 /* of Early, until the answer has gone out */
  guint n_remote;               /* candidates of the consumer for it */
  GSource *passing_on;
};

static void
early_free (Early * early)
{
  g_free (early->text);
  g_free (early);
}

static void
restore_capabilities (GstsigConsumer * self)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self->element),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART);
}

GstsigConsumer *
gstsig_consumer_new (GstRcastNetSignaller * element,
    const GstRcastNetSettings * settings, const GstsigMessage * start,
    const GstsigConsumerCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  GstsigConsumer *self = g_new0 (GstsigConsumer, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_consumer_debug, "rcastgstconsumer",
        0, "Consumer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  self->element = element;
  self->settings = settings;
  self->callbacks = callbacks;
  self->data = data;
  self->url = net_url_describe (settings->url);
  self->peer = g_strdup (start->peer);
  self->session = g_strdup (start->session);
  self->candidates = net_candidates_new ();
  /* What the one before could not do, this one may. */
  restore_capabilities (self);
  return self;
}

/* Takes NULL. */
void
gstsig_consumer_free (GstsigConsumer * self)
{
  if (!self)
    return;
  gstsig_consumer_drop_offer (self);
  gst_rcast_source_clear (&self->passing_on);
  g_clear_pointer (&self->mids, g_ptr_array_unref);
  net_candidates_free (self->candidates);
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  g_free (self->url);
  g_free (self->peer);
  g_free (self->session);
  g_free (self->our_ufrag);
  g_free (self->its_ufrag);
  g_free (self);
}

const gchar *
gstsig_consumer_get_peer (GstsigConsumer * self)
{
  return self->peer;
}

const gchar *
gstsig_consumer_get_session (GstsigConsumer * self)
{
  return self->session;
}

/* Candidates of ours: they may follow the offer at once */

static void
flush (GstsigConsumer * self)
{
  g_autoptr (GArray) next = NULL;

  if (!self->mids)
    return;
  next = net_candidates_take (self->candidates, self->our_ufrag, self->mids,
      NET_MAX_PENDING_CANDIDATES);
  for (guint i = 0; i < next->len; i++) {
    const NetCandidate *candidate = &g_array_index (next, NetCandidate, i);

    /* The end of candidates has no message of its own. */
    if (candidate->text)
      self->callbacks->send (gstsig_print_candidate (self->session,
              candidate->mline, candidate->text), self->data);
  }
  net_candidates_sent (self->candidates, SENT);
  net_candidates_arrived (self->candidates, SENT);
}

void
gstsig_consumer_add_candidate (GstsigConsumer * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  net_candidates_add (self->candidates, mline, ufrag, candidate);
  flush (self);
}

/* Candidates of the consumer */

static void
pass_on (GstsigConsumer * self, guint mline, const gchar * candidate)
{
  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (self->element), mline,
      candidate);
}

static gboolean
on_early (gpointer data)
{
  GstsigConsumer *self = data;
  Early *early;

  gst_rcast_source_clear (&self->passing_on);
  while (!self->offer && (early = g_queue_pop_head (&self->early))) {
    pass_on (self, early->mline, early->text);
    early_free (early);
  }
  return G_SOURCE_REMOVE;
}

/* They may come before the answer that they belong to. */
static void
take_candidate (GstsigConsumer * self, const GstsigMessage * message)
{
  Early *early;

  if (!self->mids || self->n_remote >= MAX_REMOTE_CANDIDATES)
    return;
  self->n_remote++;
  if (!self->offer && !self->passing_on) {
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

/* Offers */

gboolean
gstsig_consumer_has_offer (GstsigConsumer * self)
{
  return self->offer != NULL;
}

/* The offer is of no use any more, nor is its answer. */
void
gstsig_consumer_drop_offer (GstsigConsumer * self)
{
  gst_rcast_source_clear (&self->timer);
  g_clear_pointer (&self->offer, net_offer_free);
  g_clear_pointer (&self->complaint, g_free);
}

static void
fail (GstsigConsumer * self, GError * error)
{
  g_autoptr (GError) held = error;

  gstsig_consumer_drop_offer (self);
  if (self->kind != GST_RCAST_OFFER_RESTART) {
    self->callbacks->refused (held, self->data);
    return;
  }
  /* An offer that it did not take is not made to it again. */
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self->element),
      GST_RCAST_SIGNALLER_TRICKLE);
  self->callbacks->failed (held, self->data);
}

static GError *
new_error (GstsigConsumer * self, GstRcastError code, const gchar * what)
{
  return gst_rcast_error_new_http (code, self->url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", self->url, what);
}

static gboolean
on_no_answer (gpointer data)
{
  GstsigConsumer *self = data;
  g_autofree gchar *what = g_strdup_printf ("no answer of the consumer to the "
      "%s within %u ms%s%s", self->kind == GST_RCAST_OFFER_RESTART ?
      "ICE restart" : "offer", self->patience, self->complaint ? "; " : "",
      self->complaint ? self->complaint : "");

  fail (self, new_error (self, GST_RCAST_ERROR_TIMEOUT, what));
  return G_SOURCE_REMOVE;
}

/* What came was no message, which may have been the answer, or an error, which may be about
 * the offer. */
void
gstsig_consumer_complain (GstsigConsumer * self, const gchar * complaint)
{
  if (!self->offer)
    return;
  g_free (self->complaint);
  self->complaint = g_strdup (complaint);
}

/* Returns: (transfer full) (nullable): of the first m-section that has one */
static gchar *
dup_ufrag (const gchar * answer)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (answer, -1, NULL);
  const gchar *ufrag = NULL, *pwd = NULL;
  gchar *copy;

  if (!sdp)
    return NULL;
  gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd);
  copy = g_strdup (ufrag);
  gst_sdp_message_free (sdp);
  return copy;
}

/* A consumer is not the server: nothing it says of a first offer is fatal.
 * Returns: (nullable) (transfer full): why @answer is of no use */
static GError *
check_answer (GstsigConsumer * self, const gchar * answer, const gchar * ufrag)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *refused = net_offer_find_refused (answer, &reason);
  g_autofree gchar *what = NULL;

  if (reason) {
    what = g_strdup_printf ("no SDP in the consumer's answer: %s",
        reason->message);
    return new_error (self, GST_RCAST_ERROR_INVALID_DATA, what);
  }
  if (refused) {
    what = g_strdup_printf ("the consumer refuses %s", refused);
    return new_error (self, GST_RCAST_ERROR_FAILED, what);
  }
  if (self->kind == GST_RCAST_OFFER_RESTART
      && g_strcmp0 (ufrag, self->its_ufrag) == 0)
    return new_error (self, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the consumer answers an ICE restart with its old credentials");
  return NULL;
}

static void
take_answer (GstsigConsumer * self, const gchar * answer)
{
  g_autofree gchar *ufrag = dup_ufrag (answer);
  GError *error = check_answer (self, answer, ufrag);

  if (error) {
    fail (self, error);
    return;
  }
  g_free (self->its_ufrag);
  self->its_ufrag = g_steal_pointer (&ufrag);
  gstsig_consumer_drop_offer (self);
  if (!self->passing_on)
    self->passing_on = gst_rcast_timer_start (0, on_early, self);
  self->callbacks->answered (answer, self->data);
}

/* Nothing in an answer says to which offer, but they come in the order of the offers: one
 * that was dropped for another has its answer first, and its candidates with it.
 * Returns: whether it is that to the last one */
static gboolean
is_last_answer (GstsigConsumer * self)
{
  if (self->unanswered)
    self->unanswered--;
  if (self->unanswered)
    g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  return self->offer && !self->unanswered;
}

/* A message of its session. */
void
gstsig_consumer_take (GstsigConsumer * self, const GstsigMessage * message)
{
  if (message->kind == GSTSIG_CANDIDATE)
    take_candidate (self, message);
  else if (message->kind == GSTSIG_ANSWER && is_last_answer (self))
    take_answer (self, message->sdp);
  else
    GST_WARNING_OBJECT (self->element, "ignoring %s of the consumer",
        message->kind == GSTSIG_OFFER ? "an offer" :
        "an answer to no offer that waits for one");
}

/**
 * gstsig_consumer_offer:
 * @self: the consumer
 * @kind: the first offer of a webrtcbin, or an ICE restart of it
 * @sdp: the offer
 * @error: why it cannot be made
 *
 * Returns: whether `answered` or `failed` follows, unless the offer is dropped
 */
gboolean
gstsig_consumer_offer (GstsigConsumer * self, GstRcastOfferKind kind,
    const gchar * sdp, GError ** error)
{
  NetOffer *offer = net_offer_new (sdp, error);

  if (!offer)
    return FALSE;
  gstsig_consumer_drop_offer (self);
  self->offer = offer;
  self->kind = kind;
  self->unanswered++;
  self->n_remote = 0;
  self->patience = kind == GST_RCAST_OFFER_RESTART ?
      MIN (self->settings->timeout, RESTART_TIMEOUT) : self->settings->timeout;
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  g_free (self->our_ufrag);
  self->our_ufrag = g_strdup (offer->ufrag);
  g_clear_pointer (&self->mids, g_ptr_array_unref);
  self->mids = g_ptr_array_ref (offer->mids);
  net_candidates_keep_only (self->candidates, offer->ufrag, offer->ufrag);
  self->timer = gst_rcast_limit_start (self->patience, on_no_answer, self);
  self->callbacks->send (gstsig_print_offer (self->session, sdp), self->data);
  flush (self);
  return TRUE;
}
