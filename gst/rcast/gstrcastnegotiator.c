/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins the session and the peers: offers and answers, candidates, ICE restarts. */
#include "config.h"

#include "gstrcastnegotiator.h"

GST_DEBUG_CATEGORY_STATIC (rcast_negotiator_debug);
#define GST_CAT_DEFAULT rcast_negotiator_debug

/* How to report the next failure of an ICE restart outside of a recovery. */
typedef enum
{
  RESTART_REPORTED,             /* not at all: one has failed since the last success */
  RESTART_UNREPORTED,           /* a warning */
  RESTART_BY_USER,              /* with a warning, whatever was reported before */
} Restart;

/* For use on the loop's thread. */
struct _GstRcastNegotiator
{
  GstRcastNegotiatorCallbacks callbacks;        /* constant */
  gpointer data;                /* constant */
  GstRcastSession *session;     /* constant */
  GstRcastPeers *peers;         /* constant */

  GstRcastLineup *lineup;
  GstRcastState state;          /* present state of the policy */
  guint generation;
  Restart restart;
};

static void
raise_now (GstRcastNegotiator * self, GstRcastEventType type,
    GstRcastReason reason, const GError * error)
{
  GstRcastEvent event = {
    .type = type,
    .generation = self->generation,
    .reason = reason,
  };

  self->callbacks.event (&event, error, self->data);
}

static void
warn (GstRcastNegotiator * self, const GError * error)
{
  self->callbacks.warning (error, self->data);
}

static gboolean
server_offers (GstRcastNegotiator * self)
{
  return gst_rcast_session_can (self->session,
      GST_RCAST_SIGNALLER_SERVER_OFFERS);
}

/* ICE restarts */

/* Returns: (nullable): why an ICE restart cannot help; %NULL: it may */
const gchar *
gst_rcast_negotiator_why_no_restart (GstRcastNegotiator * self)
{
  const gchar *why = gst_rcast_peers_why_no_restart (self->peers);

  return why ? why : gst_rcast_session_why_no_restart (self->session);
}

/* Warns of a failed ICE restart, unless it is reported as a failed step of a recovery. */
static void
tell_failure (GstRcastNegotiator * self, const GError * error)
{
  if (self->state == GST_RCAST_STATE_RESTARTING
      || (self->state == GST_RCAST_STATE_DISRUPTED
          && gst_rcast_fault_is_unreachable (error)))
    return;
  if (self->restart != RESTART_REPORTED)
    warn (self, error);
  else
    GST_INFO_OBJECT (self->session, "%s", error->message);
}

/* The policy has to know even while media flows, unless the next restart is in progress. */
static void
restart_failed (GstRcastNegotiator * self, GstRcastReason reason,
    const GError * error)
{
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE)) {
    raise_now (self, GST_RCAST_EVENT_EVICTED, GST_RCAST_REASON_EVICTED, error);
  } else if (gst_rcast_peers_take_waiting_restart (self->peers)) {
    gst_rcast_negotiator_restart_ice (self);
  } else {
    tell_failure (self, error);
    raise_now (self, GST_RCAST_EVENT_RESTART_FAILED, reason, error);
  }
  self->restart = RESTART_REPORTED;
}

/* If the server does not support it, reports that like a refusal. */
void
gst_rcast_negotiator_restart_ice (GstRcastNegotiator * self)
{
  g_autoptr (GError) error = NULL;

  if (gst_rcast_session_can (self->session, GST_RCAST_SIGNALLER_ICE_RESTART)) {
    if (server_offers (self))
      gst_rcast_session_request_offer (self->session, GST_RCAST_OFFER_RESTART);
    else
      gst_rcast_peers_restart (self->peers);
    return;
  }
  g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
      "ICE restart: the server is known not to support it");
  gst_rcast_peers_restart_refused (self->peers);
  restart_failed (self, GST_RCAST_REASON_REJECTED, error);
}

/* Offers */

static gboolean
renew_peer (GstRcastNegotiator * self, GError ** error)
{
  g_autoptr (GPtrArray) all = self->callbacks.get_streams (self->data);
  g_autoptr (GPtrArray) streams =
      all ? gst_rcast_lineup_offer (self->lineup, all) : g_ptr_array_new ();
  GstRcastPeerSettings settings = { NULL };
  gboolean renewed;

  if (all && streams->len == 0) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "no stream is left that could be offered");
    return FALSE;
  }
  self->callbacks.get_settings (&settings, self->data);
  settings.gather_first =
      !gst_rcast_session_can (self->session, GST_RCAST_SIGNALLER_TRICKLE);
  settings.allow_declined =
      gst_rcast_session_allows_declined (self->session);
  settings.server_offers = server_offers (self);
  settings.data_channel &= gst_rcast_session_takes_channel (self->session)
      && !settings.server_offers;
  renewed = gst_rcast_peers_renew (self->peers, streams, &settings, error);
  gst_rcast_peer_settings_clear (&settings);
  return renewed;
}

static void
renew (GstRcastNegotiator * self)
{
  g_autoptr (GError) error = NULL;

  if (!renew_peer (self, &error))
    raise_now (self, GST_RCAST_EVENT_PEER_FAILED,
        GST_RCAST_REASON_WEBRTC_FAILED, error);
}

/* Makes a new peer beside the present one; if the server offers, requests its offer first. */
void
gst_rcast_negotiator_make_offer (GstRcastNegotiator * self)
{
  if (server_offers (self))
    gst_rcast_session_request_offer (self->session, GST_RCAST_OFFER_INITIAL);
  else
    renew (self);
}

/* The peers' callbacks */

/* The answer to an offer with a data channel was of no use: the server may not know data
 * channels. If the session takes no second offer, the policy opens a new one. */
static gboolean
repeat_without_channel (GstRcastNegotiator * self, const GError * error)
{
  if (gst_rcast_peers_is_negotiated (self->peers)
      || !gst_rcast_session_doubt_channel (self->session, error))
    return FALSE;
  gst_rcast_negotiator_make_offer (self);
  return TRUE;
}

static void
on_peers_event (const GstRcastEvent * event, const GError * error,
    gpointer data)
{
  GstRcastNegotiator *self = data;
  GstRcastEvent present = *event;

  /* A restart in the background: if the server cannot do it, nothing is lost. */
  if (event->type == GST_RCAST_EVENT_RESTART
      && !gst_rcast_session_can (self->session,
          GST_RCAST_SIGNALLER_ICE_RESTART))
    return;
  if (event->type == GST_RCAST_EVENT_PEER_FAILED
      && repeat_without_channel (self, error))
    return;
  if (event->restarted && self->restart == RESTART_REPORTED)
    self->restart = RESTART_UNREPORTED;
  present.generation = self->generation;
  self->callbacks.event (&present, error, self->data);
}

static void
on_offer (GstRcastOfferKind kind, const gchar * sdp, gpointer data)
{
  GstRcastNegotiator *self = data;

  gst_rcast_session_offer (self->session, kind, sdp);
}

static void
on_answer (GstRcastOfferKind kind, const gchar * sdp, gpointer data)
{
  GstRcastNegotiator *self = data;

  gst_rcast_session_answer (self->session, kind, sdp);
}

static void
on_local_candidate (guint mline, const gchar * ufrag, const gchar * candidate,
    gpointer data)
{
  GstRcastNegotiator *self = data;

  gst_rcast_session_add_candidate (self->session, mline, ufrag, candidate);
}

static void
on_peers_warning (const GError * error, gpointer data)
{
  warn (data, error);
}

static void
on_restart_due (gpointer data)
{
  gst_rcast_negotiator_restart_ice (data);
}

static void
on_restart_failed (const GError * error, gpointer data)
{
  restart_failed (data, GST_RCAST_REASON_ICE_FAILED, error);
}

static const GstRcastPeersCallbacks peers_callbacks = {
  .event = on_peers_event,
  .offer = on_offer,
  .answer = on_answer,
  .candidate = on_local_candidate,
  .warning = on_peers_warning,
  .restart_due = on_restart_due,
  .restart_failed = on_restart_failed,
};

/* The session's callbacks */

static void
on_session_event (const GstRcastEvent * event, const GError * error,
    gpointer data)
{
  GstRcastNegotiator *self = data;

  /* A silent camera is no fault of the network. */
  if (event->type == GST_RCAST_EVENT_MEDIA_SUSPECT
      && !gst_rcast_peers_is_sending (self->peers))
    return;
  self->callbacks.event (event, error, self->data);
}

static void
on_answered (const gchar * sdp, const gchar * const *ice_servers, gpointer data)
{
  GstRcastNegotiator *self = data;

  gst_rcast_peers_set_answer (self->peers, sdp, ice_servers);
}

static void
on_server_offered (GstRcastOfferKind kind, const gchar * sdp,
    const gchar * const *ice_servers, gpointer data)
{
  GstRcastNegotiator *self = data;

  if (kind == GST_RCAST_OFFER_INITIAL)
    renew (self);
  gst_rcast_peers_take_offer (self->peers, kind, sdp, ice_servers);
}

static void
on_offer_again (gpointer data)
{
  gst_rcast_negotiator_make_offer (data);
}

static void
on_session_warning (const GError * error, gpointer data)
{
  warn (data, error);
}

static void
on_restart_refused (const GError * error, gpointer data)
{
  GstRcastNegotiator *self = data;
  g_autoptr (GError) prefixed = g_error_copy (error);

  gst_rcast_peers_restart_refused (self->peers);
  g_prefix_error (&prefixed, "ICE restart: ");
  restart_failed (self, gst_rcast_fault_get_reason (error), prefixed);
}

static void
on_server_candidate (guint mline, const gchar * candidate, gpointer data)
{
  GstRcastNegotiator *self = data;

  gst_rcast_peers_add_candidate (self->peers, mline, candidate);
}

static void
on_session_closed (gpointer data)
{
  GstRcastNegotiator *self = data;

  self->callbacks.closed (self->data);
}

static void
on_message_received (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, gpointer data)
{
  GstRcastNegotiator *self = data;

  self->callbacks.message_received (signaller, type, payload, self->data);
}

static const GstRcastSessionCallbacks session_callbacks = {
  .event = on_session_event,
  .answered = on_answered,
  .server_offered = on_server_offered,
  .offer_again = on_offer_again,
  .warning = on_session_warning,
  .restart_refused = on_restart_refused,
  .candidate = on_server_candidate,
  .closed = on_session_closed,
  .message_received = on_message_received,
};

/* Requests of the driver */

/* Returns: (transfer none) */
GstRcastSession *
gst_rcast_negotiator_get_session (GstRcastNegotiator * self)
{
  return self->session;
}

/* Returns: (transfer none) */
GstRcastPeers *
gst_rcast_negotiator_get_peers (GstRcastNegotiator * self)
{
  return self->peers;
}

/* Operations that start from now on, and their events, belong to @generation. */
void
gst_rcast_negotiator_set_generation (GstRcastNegotiator * self,
    guint generation)
{
  self->generation = generation;
  gst_rcast_session_set_generation (self->session, generation);
}

/* The policy has made @step on @event. Its actions follow. */
void
gst_rcast_negotiator_follow (GstRcastNegotiator * self,
    const GstRcastEvent * event, const GstRcastStep * step)
{
  self->state = step->to;
  gst_rcast_negotiator_set_generation (self, step->generation);
  if (step->ignored)
    return;
  if (event->type == GST_RCAST_EVENT_START)
    gst_rcast_lineup_reset (self->lineup);
  if (event->type == GST_RCAST_EVENT_RESTART
      && event->reason == GST_RCAST_REASON_USER)
    self->restart = RESTART_BY_USER;
}

/* Returns: whether an offer can be made, and whether one is necessary */
GstRcastLineupState
gst_rcast_negotiator_check_streams (GstRcastNegotiator * self)
{
  g_autoptr (GPtrArray) streams = self->callbacks.get_streams (self->data);

  return streams ? gst_rcast_lineup_check (self->lineup, streams) :
      GST_RCAST_LINEUP_READY;
}

/* The media of the present peer is connected: drops the former peer and its session. */
void
gst_rcast_negotiator_settle (GstRcastNegotiator * self)
{
  gst_rcast_peers_settle (self->peers);
  gst_rcast_session_settle (self->session);
}

/* The media of the present peer is connected. If the offer was repeated, the server still has
 * the earlier one. */
void
gst_rcast_negotiator_open_gates (GstRcastNegotiator * self)
{
  gst_rcast_peers_open_gates (self->peers);
  gst_rcast_session_connected (self->session);
  if (gst_rcast_session_is_unsettled (self->session))
    gst_rcast_negotiator_settle (self);
}

/* Returns: (nullable): why a new webrtcbin in the same session cannot help; %NULL: it may */
const gchar *
gst_rcast_negotiator_why_no_renegotiation (GstRcastNegotiator * self)
{
  return gst_rcast_session_why_no_renegotiation (self->session,
      gst_rcast_peers_is_over (self->peers));
}

/**
 * gst_rcast_negotiator_new:
 * @bin: the parent of the peers
 * @loop: its thread runs the callbacks, and all functions here
 * @callbacks: what happens
 * @data: for @callbacks; must outlive the negotiator
 */
GstRcastNegotiator *
gst_rcast_negotiator_new (GstBin * bin, GstRcastLoop * loop,
    const GstRcastNegotiatorCallbacks * callbacks, gpointer data)
{
  GstRcastNegotiator *self = g_new0 (GstRcastNegotiator, 1);

  GST_DEBUG_CATEGORY_INIT (rcast_negotiator_debug, "rcastnegotiator", 0,
      "gst-rcast: offers and answers");
  self->callbacks = *callbacks;
  self->data = data;
  self->session = gst_rcast_session_new (&session_callbacks, self);
  self->peers = gst_rcast_peers_new (bin, loop, &peers_callbacks, self);
  self->lineup = gst_rcast_lineup_new ();
  self->restart = RESTART_UNREPORTED;
  return self;
}

/* Call this when the session is stopped and the peers are dropped. */
void
gst_rcast_negotiator_free (GstRcastNegotiator * self)
{
  gst_object_unref (self->session);
  gst_object_unref (self->peers);
  gst_rcast_lineup_free (self->lineup);
  g_free (self);
}
