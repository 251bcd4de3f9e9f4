/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The present peer of an attempt, and the former one, whose media goes on until the present
 * one is connected. */
#include "config.h"

#include "gstrcastpeers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_peers_debug);
#define GST_CAT_DEFAULT rcast_peers_debug

struct _GstRcastPeers
{
  GstObject parent;

  /* constant */
  GstBin *bin;
  GstRcastLoop *loop;
  GstRcastPeersCallbacks callbacks;
  gpointer data;

  /* the loop's thread */
  gboolean over;                /* DTLS of the present peer has ended: no ICE restart can help */
  gboolean restart_waits;       /* a restart waits for the answer to an earlier offer */

  GstRcastPeer *present;        /* written by the loop's thread under OBJECT_LOCK */
  GstRcastPeer *former;         /* the same */
  guint teardowns;              /* OBJECT_LOCK: peers that are being torn down */
  GCond gone;                   /* OBJECT_LOCK: teardowns has fallen */
};

G_DEFINE_TYPE (GstRcastPeers, gst_rcast_peers, GST_TYPE_OBJECT);

/* The peer's callbacks */

static void
raise_event (GstRcastPeers * self, const GstRcastEvent * event,
    const GError * error)
{
  self->callbacks.event (event, error, self->data);
}

static void
raise_plain (GstRcastPeers * self, GstRcastEventType type,
    GstRcastReason reason, GstClockTime lag)
{
  GstRcastEvent event = {.type = type,.reason = reason,.lag = lag };

  raise_event (self, &event, NULL);
}

static void
on_offer (GstRcastPeer * peer, GstRcastOfferKind kind, const gchar * sdp,
    gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    self->callbacks.offer (kind, sdp, self->data);
}

static void
on_answer (GstRcastPeer * peer, GstRcastOfferKind kind, const gchar * sdp,
    gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    self->callbacks.answer (kind, sdp, self->data);
}

/* A restart that was wanted meanwhile follows any answer: the network of that offer may be gone. */
static void
on_negotiated (GstRcastPeer * peer, GstRcastOfferKind kind, gpointer data)
{
  GstRcastPeers *self = data;
  gboolean initial = kind == GST_RCAST_OFFER_INITIAL;
  GstRcastEvent event = {
    .type = GST_RCAST_EVENT_NEGOTIATED,
    .same_address = !initial && gst_rcast_peer_is_unmoved (peer),
  };
  gboolean restart;

  if (peer != self->present)
    return;
  restart = gst_rcast_peers_take_waiting_restart (self);
  event.same_address &= !restart;
  raise_event (self, &event, NULL);
  if (restart)
    self->callbacks.restart_due (self->data);
}

static void
on_candidate (GstRcastPeer * peer, guint mline, const gchar * ufrag,
    const gchar * candidate, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    self->callbacks.candidate (mline, ufrag, candidate, self->data);
}

static void
on_connection (GstRcastPeer * peer, GstRcastConnection connection,
    GstRcastReason reason, const GError * error, gpointer data)
{
  GstRcastPeers *self = data;
  GstRcastEvent event = {.reason = reason };

  if (peer != self->present)
    return;
  switch (connection) {
    case GST_RCAST_CONNECTION_CONNECTED:
    case GST_RCAST_CONNECTION_RESTARTED:
      event.type = GST_RCAST_EVENT_MEDIA_CONNECTED;
      event.restarted = connection == GST_RCAST_CONNECTION_RESTARTED;
      break;
    case GST_RCAST_CONNECTION_DISCONNECTED:
      event.type = GST_RCAST_EVENT_MEDIA_DISCONNECTED;
      event.lag = gst_rcast_peer_get_silence (peer);
      break;
    case GST_RCAST_CONNECTION_FAILED:
      self->over |= reason == GST_RCAST_REASON_SERVER_CLOSED
          || reason == GST_RCAST_REASON_DTLS_FAILED;
      event.type = GST_RCAST_EVENT_MEDIA_FAILED;
      break;
  }
  raise_event (self, &event, error);
}

static void
on_confirmed (GstRcastPeer * peer, gboolean partial, gpointer data)
{
  GstRcastPeers *self = data;
  GstRcastEvent event = {
    .type = GST_RCAST_EVENT_MEDIA_CONFIRMED,
    .partial = partial,
  };

  if (peer == self->present)
    raise_event (self, &event, NULL);
}

static void
on_frozen (GstRcastPeer * peer, GstClockTime since, gboolean never_moved,
    gpointer data)
{
  GstRcastPeers *self = data;
  GstRcastEvent event = {
    .type = GST_RCAST_EVENT_MEDIA_FROZEN,
    .reason = GST_RCAST_REASON_MEDIA_FROZEN,
    .lag = since,
    .static_reports = never_moved,
  };

  if (peer == self->present)
    raise_event (self, &event, NULL);
}

static void
on_silent (GstRcastPeer * peer, const GError * why, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    self->callbacks.warning (why, self->data);
}

static void
on_path_doubted (GstRcastPeer * peer, GstClockTime since, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    raise_plain (self, GST_RCAST_EVENT_MEDIA_SUSPECT,
        GST_RCAST_REASON_ICE_DISCONNECTED, since);
}

static void
on_path_switched (GstRcastPeer * peer, const gchar * how, gpointer data)
{
  GstRcastPeers *self = data;
  g_autoptr (GError) detail = g_error_new_literal (GST_RCAST_ERROR,
      GST_RCAST_ERROR_NETWORK, how);
  GstRcastEvent event = {
    .type = GST_RCAST_EVENT_PATH_SWITCHED,
    .reason = GST_RCAST_REASON_NETWORK_CHANGED,
  };

  if (peer == self->present)
    raise_event (self, &event, detail);
}

static void
on_restart_wanted (GstRcastPeer * peer, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    raise_plain (self, GST_RCAST_EVENT_RESTART,
        GST_RCAST_REASON_NETWORK_CHANGED, 0);
}

static void
on_restart_hopeless (GstRcastPeer * peer, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    raise_plain (self, GST_RCAST_EVENT_RESTART_HOPELESS,
        GST_RCAST_REASON_ICE_FAILED, 0);
}

static void
on_restart_failed (GstRcastPeer * peer, const GError * error, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    self->callbacks.restart_failed (error, self->data);
}

static void
on_drained (GstRcastPeer * peer, gpointer data)
{
  GstRcastPeers *self = data;

  if (peer == self->present)
    raise_plain (self, GST_RCAST_EVENT_DRAINED, GST_RCAST_REASON_NONE, 0);
}

/* An answer without any offered codec is the server's fault; everything else failed here. */
static GstRcastReason
reason_for (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_NOT_ACCEPTABLE) ? GST_RCAST_REASON_REJECTED :
      GST_RCAST_REASON_WEBRTC_FAILED;
}

static void
on_failed (GstRcastPeer * peer, const GError * error, gpointer data)
{
  GstRcastPeers *self = data;
  GstRcastEvent event = {
    .type = GST_RCAST_EVENT_PEER_FAILED,
    .reason = reason_for (error),
  };

  if (peer == self->present)
    raise_event (self, &event, error);
}

static const GstRcastPeerCallbacks peer_callbacks = {
  .offer = on_offer,
  .answer = on_answer,
  .negotiated = on_negotiated,
  .candidate = on_candidate,
  .connection = on_connection,
  .confirmed = on_confirmed,
  .frozen = on_frozen,
  .silent = on_silent,
  .path_doubted = on_path_doubted,
  .path_switched = on_path_switched,
  .restart_wanted = on_restart_wanted,
  .restart_hopeless = on_restart_hopeless,
  .restart_failed = on_restart_failed,
  .drained = on_drained,
  .failed = on_failed,
};

/* Teardown */

static void
count_teardown (GstRcastPeers * self, gint change)
{
  GST_OBJECT_LOCK (self);
  self->teardowns += change;
  g_cond_broadcast (&self->gone);
  GST_OBJECT_UNLOCK (self);
}

/* State changes of the bin would wait for a child that does not stop, even with a locked state. So
 * the peer leaves the bin before it stops. */
static void
tear_down (GstElement * peer, gpointer data)
{
  GstRcastPeers *self = data;

  gst_bin_remove (self->bin, peer);
  gst_rcast_peer_tear_down (GST_RCAST_PEER (peer));
  count_teardown (self, -1);
}

/* @peer: (transfer full) (nullable) */
static void
begin_tear_down (GstRcastPeers * self, GstRcastPeer * peer)
{
  if (!peer)
    return;
  count_teardown (self, 1);
  gst_rcast_peer_stop (peer);
  /* Waits for webrtcbin's threads, which the loop must not do. */
  gst_element_call_async (GST_ELEMENT (peer), tear_down,
      gst_object_ref (self), (GDestroyNotify) gst_object_unref);
  gst_object_unref (peer);
}

/* @which: place of the present or the former peer */
static void
drop (GstRcastPeers * self, GstRcastPeer ** which)
{
  GstRcastPeer *peer;

  GST_OBJECT_LOCK (self);
  peer = g_steal_pointer (which);
  GST_OBJECT_UNLOCK (self);
  begin_tear_down (self, peer);
}

/* The present peer becomes the former one, unless it never got an answer: then media, if any,
 * still flows over the former one. */
static void
set_aside (GstRcastPeers * self)
{
  if (!self->present)
    return;
  if (!gst_rcast_peer_is_negotiated (self->present)) {
    drop (self, &self->present);
    return;
  }
  drop (self, &self->former);
  GST_OBJECT_LOCK (self);
  self->former = g_steal_pointer (&self->present);
  GST_OBJECT_UNLOCK (self);
}

/* Requests of the driver: the loop's thread */

/* Only the driver ends a peer. The states of the bin are for the media, and a paused camera is
 * no reason to hang up. */
static gboolean
start (GstRcastPeers * self, GstRcastPeer * peer, GError ** error)
{
  gst_element_set_locked_state (GST_ELEMENT (peer), TRUE);
  GST_OBJECT_LOCK (self);
  self->present = gst_object_ref (peer);
  GST_OBJECT_UNLOCK (self);
  gst_bin_add (self->bin, GST_ELEMENT (peer));
  if (gst_element_set_state (GST_ELEMENT (peer), GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
      "webrtcbin does not start");
  return FALSE;
}

/**
 * gst_rcast_peers_renew:
 * @self: the peers
 * @streams: (element-type GstRcastStream): the streams to send
 * @settings: the settings of webrtcbin
 * @error: why there is no peer
 *
 * Makes a new peer and its offer, unless the server offers. The present peer becomes the former
 * one: media goes on over it until gst_rcast_peers_settle().
 *
 * Returns: whether an offer is being made
 */
gboolean
gst_rcast_peers_renew (GstRcastPeers * self, GPtrArray * streams,
    const GstRcastPeerSettings * settings, GError ** error)
{
  static gint made;             /* two attempts share a bin */
  g_autofree gchar *name =
      g_strdup_printf ("peer%d", g_atomic_int_add (&made, 1));
  GstRcastPeer *peer = gst_rcast_peer_new (name, self->loop, streams, settings,
      &peer_callbacks, self, error);

  set_aside (self);
  self->over = FALSE;
  self->restart_waits = FALSE;
  if (!peer || !start (self, peer, error))
    return FALSE;
  if (!settings->server_offers)
    gst_rcast_peer_make_offer (peer, GST_RCAST_OFFER_INITIAL);
  return TRUE;
}

/* Offers new ICE credentials, after the answer to an earlier offer if there is one. */
void
gst_rcast_peers_restart (GstRcastPeers * self)
{
  self->restart_waits =
      !gst_rcast_peer_make_offer (self->present, GST_RCAST_OFFER_RESTART);
}

/* The server has refused the offer of an ICE restart. A restart that waits is due now. */
void
gst_rcast_peers_restart_refused (GstRcastPeers * self)
{
  if (self->present)
    gst_rcast_peer_cancel_offer (self->present);
}

void
gst_rcast_peers_set_answer (GstRcastPeers * self, const gchar * sdp,
    const gchar * const *ice_servers)
{
  if (self->present)
    gst_rcast_peer_set_answer (self->present, sdp, ice_servers);
}

/* Takes an offer of the server. The present peer makes the answer. */
void
gst_rcast_peers_take_offer (GstRcastPeers * self, GstRcastOfferKind kind,
    const gchar * sdp, const gchar * const *ice_servers)
{
  if (self->present)
    gst_rcast_peer_take_offer (self->present, kind, sdp, ice_servers);
}

/* @candidate: a candidate of the server */
void
gst_rcast_peers_add_candidate (GstRcastPeers * self, guint mline,
    const gchar * candidate)
{
  if (self->present)
    gst_rcast_peer_add_candidate (self->present, mline, candidate);
}

void
gst_rcast_peers_open_gates (GstRcastPeers * self)
{
  gst_rcast_peer_set_gates (self->present, TRUE);
}

void
gst_rcast_peers_close_gates (GstRcastPeers * self)
{
  if (self->former)
    gst_rcast_peer_set_gates (self->former, FALSE);
  if (self->present)
    gst_rcast_peer_set_gates (self->present, FALSE);
}

/* The present peer is connected: tears the former one down. */
void
gst_rcast_peers_settle (GstRcastPeers * self)
{
  drop (self, &self->former);
}

void
gst_rcast_peers_drain (GstRcastPeers * self)
{
  gst_rcast_peer_drain (self->present);
}

void
gst_rcast_peers_drop (GstRcastPeers * self)
{
  drop (self, &self->former);
  drop (self, &self->present);
  self->restart_waits = FALSE;
}

/* Returns: (nullable): why an ICE restart cannot help; %NULL: it may */
const gchar *
gst_rcast_peers_why_no_restart (GstRcastPeers * self)
{
  if (!self->present)
    return "there is no connection";
  if (!gst_rcast_peer_is_negotiated (self->present))
    return "the connection is not negotiated yet";
  if (self->over)
    return "DTLS is over";
  return NULL;
}

/* Returns: whether the first offer is answered, and the answer applied */
gboolean
gst_rcast_peers_is_negotiated (GstRcastPeers * self)
{
  return self->present && gst_rcast_peer_is_negotiated (self->present);
}

/* Returns: whether the present peer does not send a stream that has changed since it was offered */
gboolean
gst_rcast_peers_is_outdated (GstRcastPeers * self)
{
  return self->present && gst_rcast_peer_is_outdated (self->present);
}

/* Returns: whether an ICE restart waited for the answer to an earlier offer; it no longer does */
gboolean
gst_rcast_peers_take_waiting_restart (GstRcastPeers * self)
{
  gboolean waited = self->restart_waits;

  self->restart_waits = FALSE;
  return waited;
}

/* Returns: whether DTLS of the present peer has ended */
gboolean
gst_rcast_peers_is_over (GstRcastPeers * self)
{
  return self->over;
}

gboolean
gst_rcast_peers_is_sending (GstRcastPeers * self)
{
  return self->present && gst_rcast_peer_is_sending (self->present);
}

/* Returns: (transfer none) (nullable): the data channel of the present peer */
GstWebRTCDataChannel *
gst_rcast_peers_get_channel (GstRcastPeers * self)
{
  return self->present ? gst_rcast_peer_get_channel (self->present) : NULL;
}

/* Any thread */

/* @which: place of the present or the former peer */
static GstRcastPeer *
dup_peer (GstRcastPeers * self, GstRcastPeer ** which)
{
  GstRcastPeer *peer;

  GST_OBJECT_LOCK (self);
  peer = *which ? gst_object_ref (*which) : NULL;
  GST_OBJECT_UNLOCK (self);
  return peer;
}

/* Returns: (transfer full) (nullable): statistics of the present peer */
GstStructure *
gst_rcast_peers_get_stats (GstRcastPeers * self)
{
  g_autoptr (GstRcastPeer) peer = dup_peer (self, &self->present);

  return peer ? gst_rcast_peer_get_stats (peer) : NULL;
}

static void
set_base_time (const GValue * value, gpointer base_time)
{
  gst_element_set_base_time (g_value_get_object (value),
      *(GstClockTime *) base_time);
}

static void
sync_base_time (GstRcastPeer * peer, GstClockTime base_time)
{
  GstIterator *elements;

  if (!peer)
    return;
  gst_element_set_base_time (GST_ELEMENT (peer), base_time);
  elements = gst_bin_iterate_recurse (GST_BIN (peer));
  while (gst_iterator_foreach (elements, set_base_time, &base_time)
      == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

/* A peer stays PLAYING while the bin pauses, so its elements do not get the new base time after
 * the pause. Sender reports need it. */
void
gst_rcast_peers_sync_base_time (GstRcastPeers * self, GstClockTime base_time)
{
  g_autoptr (GstRcastPeer) present = dup_peer (self, &self->present);
  g_autoptr (GstRcastPeer) former = dup_peer (self, &self->former);

  sync_base_time (present, base_time);
  sync_base_time (former, base_time);
}

/* Waits until all dropped peers have stopped, but not after @end, a monotonic time. Not on the loop's
 * thread. Returns: FALSE if a webrtcbin does not stop. It keeps a thread, and the bin */
gboolean
gst_rcast_peers_wait (GstRcastPeers * self, gint64 end)
{
  guint left;

  GST_OBJECT_LOCK (self);
  while (self->teardowns > 0
      && g_cond_wait_until (&self->gone, GST_OBJECT_GET_LOCK (self), end));
  left = self->teardowns;
  GST_OBJECT_UNLOCK (self);
  if (left > 0)
    GST_WARNING_OBJECT (self->bin, "%u webrtcbins do not stop: they are left "
        "behind", left);
  return left == 0;
}

/**
 * gst_rcast_peers_new:
 * @bin: the parent of the peers; kept until the last of them is gone
 * @loop: its thread runs the callbacks, and all functions here unless they say otherwise
 * @callbacks: what happens
 * @data: for @callbacks; valid until gst_rcast_peers_drop()
 */
GstRcastPeers *
gst_rcast_peers_new (GstBin * bin, GstRcastLoop * loop,
    const GstRcastPeersCallbacks * callbacks, gpointer data)
{
  GstRcastPeers *self = g_object_new (GST_TYPE_RCAST_PEERS, NULL);

  gst_object_ref_sink (self);
  self->bin = gst_object_ref (bin);
  self->loop = gst_rcast_loop_ref (loop);
  self->callbacks = *callbacks;
  self->data = data;
  return self;
}

static void
gst_rcast_peers_finalize (GObject * object)
{
  GstRcastPeers *self = GST_RCAST_PEERS (object);

  gst_object_unref (self->bin);
  gst_rcast_loop_unref (self->loop);
  g_cond_clear (&self->gone);
  G_OBJECT_CLASS (gst_rcast_peers_parent_class)->finalize (object);
}

static void
gst_rcast_peers_class_init (GstRcastPeersClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_peers_debug, "rcastpeers", 0,
      "gst-rcast: the present and the former connection");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_peers_finalize;
}

static void
gst_rcast_peers_init (GstRcastPeers * self)
{
  g_cond_init (&self->gone);
}
