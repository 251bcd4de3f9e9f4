/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The consumer that a producer serves: our offers, its answers, and candidates both ways. */
#include "config.h"

#include "gstsig-consumer.h"

#include "gstsig-trickle.h"
#include "net-offer.h"
#include "rcast-loop.h"
#include "rcast-sdp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_consumer_debug);
#define GST_CAT_DEFAULT rcast_gstsig_consumer_debug

/* Limit in ms: a consumer that supports ICE restarts answers one as fast as the first offer. Others
 * stay silent. */
#define RESTART_TIMEOUT 5000
/* Tenths of the limit for an answer that a first answer may take if nobody else calls. A browser on
 * a busy machine may be slow, or ask its user first, and does not call again after a refusal. */
#define GRACE_TENTHS 25
/* ms; below the limit of a whole offer (SIGNALLING_TIMEOUT), so that the consumer is blamed */
#define MAX_GRACE 25000

struct _GstsigConsumer
{
  const GstsigContext *context; /* borrowed */
  const GstsigConsumerCallbacks *callbacks;
  gpointer data;
  gchar *peer, *session;

  NetOffer *offer;              /* waiting for its answer; NULL: none */
  GstRcastOfferKind kind;       /* of @offer */
  guint patience;               /* ms, for @offer */
  GSource *timer;
  gboolean overdue;             /* the consumer may be refused in favour of another one */
  gchar *complaint;             /* nullable: error received since the offer was sent */
  guint unanswered;             /* offers sent, including dropped ones */

  gchar *its_ufrag;             /* nullable: from the last answer */
  GstsigTrickle *trickle;
};

static void
restore_capabilities (GstsigConsumer * self)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER
      (self->context->element), GST_RCAST_SIGNALLER_TRICKLE |
      GST_RCAST_SIGNALLER_ICE_RESTART);
}

GstsigConsumer *
gstsig_consumer_new (const GstsigContext * context, const gchar * peer,
    const gchar * session, const GstsigConsumerCallbacks * callbacks,
    gpointer data)
{
  static gsize once = 0;
  GstsigConsumer *self = g_new0 (GstsigConsumer, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_consumer_debug, "rcastgstconsumer",
        0, "Consumer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  self->context = context;
  self->callbacks = callbacks;
  self->data = data;
  self->peer = g_strdup (peer);
  self->session = g_strdup (session);
  self->trickle = gstsig_trickle_new (context, session);
  /* The previous consumer may have lacked capabilities that this one has. */
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
  gstsig_trickle_free (self->trickle);
  g_free (self->peer);
  g_free (self->session);
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

void
gstsig_consumer_add_candidate (GstsigConsumer * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  gstsig_trickle_add (self->trickle, mline, ufrag, candidate);
}

/* Offers */

gboolean
gstsig_consumer_has_offer (GstsigConsumer * self)
{
  return self->offer != NULL;
}

/* Drops the offer. Its answer is ignored. */
void
gstsig_consumer_drop_offer (GstsigConsumer * self)
{
  gst_rcast_source_clear (&self->timer);
  self->overdue = FALSE;
  gstsig_trickle_drop (self->trickle);
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
  /* A consumer that has refused an ICE restart is not offered another one. */
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self->context->element),
      GST_RCAST_SIGNALLER_TRICKLE);
  self->callbacks->failed (held, self->data);
}

static void
give_up (GstsigConsumer * self)
{
  g_autofree gchar *what = g_strdup_printf ("no answer of the consumer to the "
      "%s within %u ms%s%s", self->kind == GST_RCAST_OFFER_RESTART ?
      "ICE restart" : "offer", self->patience, self->complaint ? "; " : "",
      self->complaint ? self->complaint : "");

  fail (self, gstsig_context_new_error (self->context, GST_RCAST_ERROR_TIMEOUT, what));
}

static gboolean
on_no_answer (gpointer data)
{
  give_up (data);
  return G_SOURCE_REMOVE;
}

/* Returns: ms that a first answer may take in addition to @patience; 0: none */
static guint
find_grace (guint patience)
{
  guint64 whole = MIN ((guint64) patience * GRACE_TENTHS / 10, MAX_GRACE);

  return whole > patience ? whole - patience : 0;
}

/* The next caller is served at once from now on. Until then the answer is welcome. */
static gboolean
on_late (gpointer data)
{
  GstsigConsumer *self = data;
  guint grace = find_grace (self->patience);

  GST_WARNING_OBJECT (self->context->element, "no answer of the consumer to "
      "the offer within %u ms, waiting %u ms more unless another one calls",
      self->patience, grace);
  gstsig_context_post (self->context, "consumer-late", self->peer);
  self->overdue = TRUE;
  self->patience += grace;
  gst_rcast_source_clear (&self->timer);
  self->timer = gst_rcast_limit_start (grace, on_no_answer, self);
  return G_SOURCE_REMOVE;
}

/* Another consumer calls: refuses this one if it is late. */
void
gstsig_consumer_give_way (GstsigConsumer * self)
{
  if (self->overdue)
    give_up (self);
}

/* Something invalid was received, which may have been the answer, or an error, which may be about
 * the offer. */
void
gstsig_consumer_complain (GstsigConsumer * self, const gchar * complaint)
{
  if (!self->offer)
    return;
  g_free (self->complaint);
  self->complaint = g_strdup (complaint);
}

/* Returns: (transfer full) (nullable): ufrag of the first m-section that has one */
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

/* A consumer is not the server: its reaction to a first offer is never fatal.
 * Returns: (nullable) (transfer full): why @answer is unusable */
static GError *
check_answer (GstsigConsumer * self, const gchar * answer, const gchar * ufrag)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *refused = net_offer_find_refused (answer, &reason);
  g_autofree gchar *what = NULL;

  if (reason) {
    what = g_strdup_printf ("no SDP in the consumer's answer: %s",
        reason->message);
    return gstsig_context_new_error (self->context, GST_RCAST_ERROR_INVALID_DATA, what);
  }
  if (refused) {
    what = g_strdup_printf ("the consumer refuses %s", refused);
    return gstsig_context_new_error (self->context, GST_RCAST_ERROR_FAILED, what);
  }
  if (self->kind == GST_RCAST_OFFER_RESTART
      && g_strcmp0 (ufrag, self->its_ufrag) == 0)
    return gstsig_context_new_error (self->context, GST_RCAST_ERROR_NOT_SUPPORTED,
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
  gstsig_trickle_release (self->trickle);
  gstsig_consumer_drop_offer (self);
  self->callbacks->answered (answer, self->data);
}

/* An answer does not name its offer, but answers come in the order of the offers. So the answer to
 * a dropped offer comes first, with its candidates.
 * Returns: whether this answers the last offer */
static gboolean
is_last_answer (GstsigConsumer * self)
{
  if (self->unanswered)
    self->unanswered--;
  if (self->unanswered)
    gstsig_trickle_forget (self->trickle);
  return self->offer && !self->unanswered;
}

/* Takes a message of the consumer's session. */
void
gstsig_consumer_take (GstsigConsumer * self, const GstsigMessage * message)
{
  if (message->kind == GSTSIG_CANDIDATE)
    gstsig_trickle_take (self->trickle, message);
  else if (message->kind == GSTSIG_ANSWER && is_last_answer (self))
    take_answer (self, message->sdp);
  else
    GST_WARNING_OBJECT (self->context->element, "ignoring %s of the consumer",
        message->kind == GSTSIG_OFFER ? "an offer" :
        "an answer to no offer that waits for one");
}

/**
 * gstsig_consumer_offer:
 * @self: the consumer
 * @kind: the first offer of a webrtcbin, or an ICE restart of it
 * @sdp: the offer
 * @error: why the offer cannot be made
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
  self->patience = kind == GST_RCAST_OFFER_RESTART ?
      MIN (self->context->settings->net->timeout, RESTART_TIMEOUT) :
      self->context->settings->net->timeout;
  gstsig_trickle_hold (self->trickle);
  /* No grace if we call the consumer, as we can call it again. */
  self->timer = gst_rcast_limit_start (self->patience,
      kind == GST_RCAST_OFFER_INITIAL
      && !gstsig_settings_calls (self->context->settings)
      && find_grace (self->patience) > 0 ? on_late : on_no_answer, self);
  gstsig_context_send (self->context, gstsig_print_offer (self->session, sdp));
  gstsig_trickle_describe (self->trickle, offer->ufrag, offer->mids);
  return TRUE;
}
