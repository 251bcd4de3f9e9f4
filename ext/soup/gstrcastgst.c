/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: the signaller for the signalling server of webrtcsink and webrtcsrc. */
/**
 * SECTION:element-rcastgst
 * @title: rcastgst
 * @short_description: signalling of webrtcsink and webrtcsrc for rcastsink
 *
 * Registers #rcastsink as a producer at gst-webrtc-signalling-server, the server of
 * webrtcsink and webrtcsrc, and serves a consumer that starts a session with it: webrtcsrc, or
 * a web page with gstwebrtc-api. rcastsink makes one by itself for a `location` of the
 * scheme `gst+ws` or `gst+wss`: the URL of the server behind `gst+`, as in
 * `gst+wss://host:8443/?name=studio`. `name` is the member of that name of what other peers are told
 * (#GstRcastGst:meta). The rest of the query goes to the server, and is part of no
 * message, log or property. `consumer` and `peer-id` are refused: to call a consumer is not
 * supported yet.
 *
 * Until a consumer comes the status is `signalling`, for as long as it takes, and again
 * when it has left. One consumer is served at a time: the server ends the sessions that
 * others start meanwhile. For many viewers put a server between that distributes media,
 * with rcastwhip or rcastjanus. A consumer that makes the offer itself is refused, and so is one
 * that answers the first offer with what cannot be used, or not within `timeout`.
 *
 * The sessions of this server do not outlive the WebSocket: when it is lost, a new
 * producer is registered at once, with another identifier, and the consumer starts a new session. An
 * ICE restart is a second offer in the same session. A consumer that does not take it gets
 * a new session.
 *
 * What happens is posted as element messages `gst-signalling-event` with the field
 * `event`: `waiting`, `consumer-joined`, `consumer-left` or `consumer-refused`, all but the
 * first with `peer`, the identifier of the consumer. At most 50 are posted in a second.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location="gst+ws://127.0.0.1:8443/?name=studio"
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastgst.h"

#include "gstsig-place.h"
#include "gstsig-session.h"
#include "net-reach.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gst_debug);
#define GST_CAT_DEFAULT rcast_gst_debug

#define DEFAULT_PONG_TIMEOUT 4000
/* Two pings of the WebSocket, which are a second apart, and a bit. */
#define MIN_PONG_TIMEOUT 1500
#define MAX_PONG_TIMEOUT 60000

struct _GstRcastGst
{
  GstRcastNetSignaller parent;

  GstStructure *meta;           /* OBJECT_LOCK, as all settings; nullable */
  guint pong_timeout;
  gchar *peer_id, *consumer_id; /* OBJECT_LOCK; nullable */

  GstsigPlace *place;           /* shared with the twin */
  /* The signalling thread's. */
  GstsigSession *session;
  NetReach *reach;
};

enum
{
  PROP_META = 1,
  PROP_PONG_TIMEOUT,
  PROP_PEER_ID,
  PROP_CONSUMER_ID,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastGst, gst_rcast_gst, GST_TYPE_RCAST_NET_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastgst, "rcastgst", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_GST, GST_DEBUG_CATEGORY_INIT (rcast_gst_debug, "rcastgst",
        0, "Signaller for the server of webrtcsink"));

static void
gst_rcast_gst_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastGst *self = GST_RCAST_GST (object);

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_META:
      g_clear_pointer (&self->meta, gst_structure_free);
      self->meta = g_value_dup_boxed (value);
      break;
    case PROP_PONG_TIMEOUT:
      self->pong_timeout = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_gst_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastGst *self = GST_RCAST_GST (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_META:
      g_value_set_boxed (value, self->meta);
      break;
    case PROP_PONG_TIMEOUT:
      g_value_set_uint (value, self->pong_timeout);
      break;
    case PROP_PEER_ID:
      g_value_set_string (value, self->peer_id);
      break;
    case PROP_CONSUMER_ID:
      g_value_set_string (value, self->consumer_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* What the session reports */

static void
publish (GstRcastGst * self, gchar ** field, const gchar * text, guint id)
{
  GST_OBJECT_LOCK (self);
  g_free (*field);
  *field = g_strdup (text);
  GST_OBJECT_UNLOCK (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[id]);
}

static void
on_registered (GstRcastNetSignaller * element, const gchar * peer)
{
  GstRcastGst *self = GST_RCAST_GST (element);

  publish (self, &self->peer_id, peer, PROP_PEER_ID);
}

static void
on_served (GstRcastNetSignaller * element, const gchar * consumer)
{
  GstRcastGst *self = GST_RCAST_GST (element);

  publish (self, &self->consumer_id, consumer, PROP_CONSUMER_ID);
}

static const GstsigSessionCallbacks session_callbacks =
    { on_registered, on_served };

static GUri *
gst_rcast_gst_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autoptr (GstsigSettings) settings = g_new0 (GstsigSettings, 1);

  return gstsig_settings_parse_location (settings, location, error);
}

/* Returns: (transfer full): the settings as they are now, NULL with @error if they make
 * no sense */
static GstsigSettings *
read_settings (GstRcastGst * self, GError ** error)
{
  g_autoptr (GstsigSettings) settings = g_new0 (GstsigSettings, 1);
  g_autoptr (GUri) url = NULL;

  settings->net =
      gst_rcast_net_signaller_snapshot (GST_RCAST_NET_SIGNALLER (self), NULL,
      error);
  if (!settings->net)
    return NULL;
  GST_OBJECT_LOCK (self);
  settings->meta = self->meta ? gst_structure_copy (self->meta) : NULL;
  settings->pong_timeout = self->pong_timeout;
  GST_OBJECT_UNLOCK (self);
  /* Its name is put into what others are told. */
  url = gstsig_settings_parse_location (settings, settings->net->location,
      error);
  return url ? g_steal_pointer (&settings) : NULL;
}

/* The signaller's operations */

static void
end_session (GstRcastGst * self, GTask * task)
{
  g_autoptr (GstsigSession) session = g_steal_pointer (&self->session);

  gstsig_place_leave (self->place, self);
  if (session)
    gstsig_session_close (session, task);
  else
    gst_rcast_net_signaller_end_task (task);
}

/* A second session beside that of the pair is none: viewers would see two producers. */
static gboolean
take_place (GstRcastGst * self, const GstsigSettings * settings,
    GError ** error)
{
  if (gstsig_place_take (self->place, self, settings->net->location))
    return TRUE;
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_BUSY,
      "the producer is registered at this server already");
  return FALSE;
}

static void
gst_rcast_gst_open_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GstsigSettings) settings = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_gst_open_async);
  settings = read_settings (self, &error);
  /* A consumer has left, and the next one is waited for. */
  if (settings && self->session && gstsig_session_is_at (self->session,
          settings->net->location)) {
    gstsig_session_open (self->session, task);
    return;
  }
  end_session (self, NULL);
  if (!settings || !take_place (self, settings, &error)) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  self->session = gstsig_session_new (GST_RCAST_NET_SIGNALLER (self),
      g_steal_pointer (&settings), &session_callbacks);
  gstsig_session_open (self->session, task);
}

static void
gst_rcast_gst_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller, self->session,
      cancellable, callback, user_data, gst_rcast_gst_offer_async);

  if (task)
    gstsig_session_offer (self->session, kind, sdp, task);
}

static void
on_reached (gpointer source, gint64 since)
{
  GstRcastGst *self = source;

  if (self->session)
    gstsig_session_reached (self->session, since);
}

static void
gst_rcast_gst_probe_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_gst_probe_async);
  gst_rcast_net_signaller_probe (GST_RCAST_NET_SIGNALLER (self), self->reach,
      location, self->session && gstsig_session_is_connected (self->session),
      on_reached, task);
}

static void
gst_rcast_gst_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_gst_close_async);
  net_reach_cancel (self->reach);
  end_session (self, task);
}

static void
gst_rcast_gst_add_candidate (GstRcastSignaller * signaller, guint mline_index,
    const gchar * ufrag, const gchar * candidate)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);

  if (self->session)
    gstsig_session_add_candidate (self->session, mline_index, ufrag,
        candidate);
}

static void
gst_rcast_gst_pair (GstRcastSignaller * signaller, GstRcastSignaller * other)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GstRcastGst *twin = GST_RCAST_GST (other);

  GST_RCAST_SIGNALLER_CLASS (gst_rcast_gst_parent_class)->pair (signaller,
      other);
  if (twin->place == self->place)
    return;
  gstsig_place_unref (twin->place);
  twin->place = gstsig_place_ref (self->place);
}

static void
gst_rcast_gst_finalize (GObject * object)
{
  GstRcastGst *self = GST_RCAST_GST (object);

  gstsig_place_leave (self->place, self);
  gstsig_place_unref (self->place);
  g_clear_pointer (&self->session, gstsig_session_unref);
  net_reach_free (self->reach);
  g_clear_pointer (&self->meta, gst_structure_free);
  g_free (self->peer_id);
  g_free (self->consumer_id);
  G_OBJECT_CLASS (gst_rcast_gst_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * GstRcastGst:meta:
   *
   * What other peers of the server are told about us, as the property of that name of
   * webrtcsink: `meta,name=studio,camera=2`. Strings, whole numbers, booleans and doubles
   * become such values of JSON, all else a string. The name in the location replaces
   * `name`.
   *
   * Since: 0.1
   */
  props[PROP_META] = g_param_spec_boxed ("meta", "Meta",
      "What other peers of the server are told about us", GST_TYPE_STRUCTURE,
      flags);

  /**
   * GstRcastGst:pong-timeout:
   *
   * Milliseconds of silence after which the WebSocket counts as lost: no answer to its
   * pings, one a second.
   *
   * Since: 0.1
   */
  props[PROP_PONG_TIMEOUT] = g_param_spec_uint ("pong-timeout",
      "Pong timeout",
      "Silence after which the WebSocket counts as lost, in ms",
      MIN_PONG_TIMEOUT, MAX_PONG_TIMEOUT, DEFAULT_PONG_TIMEOUT, flags);

  /**
   * GstRcastGst:peer-id:
   *
   * Identifier by which the server knows us, %NULL: we were never registered. Consumers
   * ask for it. Each connection has another one.
   *
   * Since: 0.1
   */
  props[PROP_PEER_ID] = g_param_spec_string ("peer-id", "Peer ID",
      "Identifier by which the server knows us", NULL, readable);

  /**
   * GstRcastGst:consumer-id:
   *
   * Identifier of the consumer that is served, %NULL: none is.
   *
   * Since: 0.1
   */
  props[PROP_CONSUMER_ID] = g_param_spec_string ("consumer-id", "Consumer ID",
      "Identifier of the consumer that is served", NULL, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_gst_class_init (GstRcastGstClass * klass)
{
  static const gchar *const protocols[] = { "gst+ws", "gst+wss", NULL };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);
  GstRcastNetSignallerClass *net_class = GST_RCAST_NET_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_gst_set_property;
  object_class->get_property = gst_rcast_gst_get_property;
  object_class->finalize = gst_rcast_gst_finalize;
  install_properties (object_class);

  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  net_class->parse_location = gst_rcast_gst_parse_location;
  signaller_class->open_async = gst_rcast_gst_open_async;
  signaller_class->offer_async = gst_rcast_gst_offer_async;
  signaller_class->add_candidate = gst_rcast_gst_add_candidate;
  signaller_class->pair = gst_rcast_gst_pair;
  signaller_class->probe_async = gst_rcast_gst_probe_async;
  signaller_class->close_async = gst_rcast_gst_close_async;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Signaller for the server of webrtcsink", "Network/Signaller/WebRTC",
      "Signalling by gst-webrtc-signalling-server over WebSocket for rcastsink",
      "The gst-rcast developers");
}

static void
gst_rcast_gst_init (GstRcastGst * self)
{
  self->reach = net_reach_new (gst_rcast_net_signaller_get_dialer
      (GST_RCAST_NET_SIGNALLER (self)));
  self->place = gstsig_place_new ();
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART);
}
