/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: the signaller for the signalling server of webrtcsink and webrtcsrc. */
/**
 * SECTION:element-rcastgst
 * @title: rcastgst
 * @short_description: signalling of webrtcsink and webrtcsrc for rcastsink and rcastsrc
 *
 * Speaks with gst-webrtc-signalling-server, the server of webrtcsink and webrtcsrc. rcastsink
 * and rcastsrc make one by themselves for a `location` of the scheme `gst+ws` or `gst+wss`:
 * the URL of the server behind `gst+`, as in `gst+wss://host:8443/?name=studio`. In its query
 * `name` is the name of a producer, `consumer` that of a consumer that waits to be called,
 * and `peer-id` the identifier of the other end, for who wants that very one. The rest of the query
 * goes to the server, and is part of no message, log or property.
 *
 * rcastsink is a producer, with `name` in what other peers are told (#GstRcastGst:meta), and
 * serves a consumer that starts a session with it: webrtcsrc, rcastsrc, or a web page with
 * gstwebrtc-api. With `consumer` or `peer-id` it starts the session itself, with a consumer
 * that waits for that, as soon as there is one.
 *
 * Until a consumer comes the status is `signalling`, for as long as it takes, and again
 * when it has left. One consumer is served at a time: the server ends the sessions that
 * others start meanwhile. For many viewers put a server between that distributes media,
 * with rcastwhip or rcastjanus. A consumer that makes the offer itself is refused, and so is
 * one that answers the first offer with what cannot be used. One that does not answer it
 * within `timeout` gives way to whoever calls next, and is refused after 2.5 times that. After
 * the second session in a row that came to nothing, the next one begins 0.5 s later, then
 * 1 s, up to 16 s: whoever calls meanwhile waits.
 *
 * rcastsrc watches the producer of that name, also when it comes back under another
 * identifier: a webrtcsink, an rcastsink, or a web page. Without a `name` that is any one;
 * of several the newest. With `consumer` it waits to be called instead, by a producer that looks
 * for a consumer of that name.
 *
 * The sessions of this server do not outlive the WebSocket: when it is lost, we are
 * registered anew at once, with another identifier, and there is a new session. Media is not
 * kept meanwhile: consumers end theirs with the session, and call whoever has the name. An
 * ICE restart is a second offer of the producer in the same session. A consumer that does
 * not take it gets a new session.
 *
 * What happens to rcastsink is posted as element messages `gst-signalling-event` with the
 * field `event`: `waiting`, `consumer-joined`, `consumer-late`, `consumer-left`,
 * `consumer-refused`, or `name-taken`: another producer of this name is there, or our own
 * former connection, whose end the server has not noticed. All but the first have `peer`,
 * the identifier of the other one. At most 50 are posted in a second.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location="gst+ws://127.0.0.1:8443/?name=studio"
 * ]|
 * |[
 * gst-launch-1.0 rcastsrc name=s location="gst+ws://127.0.0.1:8443/?name=studio" s.video_0 ! decodebin ! autovideosink
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
  gchar *peer_id, *consumer_id, *producer_id;   /* OBJECT_LOCK; nullable */

  GstsigPlace *place;           /* shared with the twin */
  /* The signalling thread's. */
  GstsigSession *session;
  GstsigMemory memory;
  NetReach *reach;
};

enum
{
  PROP_META = 1,
  PROP_PONG_TIMEOUT,
  PROP_PEER_ID,
  PROP_CONSUMER_ID,
  PROP_PRODUCER_ID,
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
    case PROP_PRODUCER_ID:
      g_value_set_string (value, self->producer_id);
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

static gboolean
receives (GstRcastGst * self)
{
  return gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self))
      == GST_RCAST_DIRECTION_RECEIVE;
}

static void
on_met (GstRcastNetSignaller * element, const gchar * peer)
{
  GstRcastGst *self = GST_RCAST_GST (element);

  if (receives (self))
    publish (self, &self->producer_id, peer, PROP_PRODUCER_ID);
  else
    publish (self, &self->consumer_id, peer, PROP_CONSUMER_ID);
}

static const GstsigSessionCallbacks session_callbacks =
    { on_registered, on_met };

static GUri *
gst_rcast_gst_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autoptr (GstsigSettings) settings = g_new0 (GstsigSettings, 1);

  return gstsig_settings_parse_location (settings, location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (signaller)),
      error);
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
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self)), error);
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

/* A second session beside that of the pair is none: others would see two of one name. Who
 * watches has none. */
static gboolean
take_place (GstRcastGst * self, const GstsigSettings * settings,
    GError ** error)
{
  if ((settings->receives && !gstsig_settings_is_called (settings))
      || gstsig_place_take (self->place, self, settings->net->location))
    return TRUE;
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_BUSY,
      "we are registered at this server already");
  return FALSE;
}

/* Receiving, the producer makes the offers. */
static void
set_capabilities (GstRcastGst * self)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | (receives (self) ?
          GST_RCAST_SIGNALLER_SERVER_OFFERS | GST_RCAST_SIGNALLER_RENEGOTIATE :
          GST_RCAST_SIGNALLER_ICE_RESTART));
}

/* What was elsewhere is of no interest. */
static void
remember (GstRcastGst * self, const gchar * location)
{
  if (g_strcmp0 (self->memory.location, location) == 0)
    return;
  g_free (self->memory.location);
  self->memory = (GstsigMemory) { .location = g_strdup (location) };
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
  /* A consumer has left, and the next one is waited for; or nobody is there to watch. */
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
  set_capabilities (self);
  remember (self, settings->net->location);
  self->session = gstsig_session_new (GST_RCAST_NET_SIGNALLER (self),
      g_steal_pointer (&settings), &self->memory, &session_callbacks);
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
gst_rcast_gst_request_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller, self->session,
      cancellable, callback, user_data, gst_rcast_gst_request_offer_async);

  if (task)
    gstsig_session_request_offer (self->session, kind, task);
}

static void
gst_rcast_gst_answer_async (GstRcastSignaller * signaller,
    const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller, self->session,
      cancellable, callback, user_data, gst_rcast_gst_answer_async);

  if (task)
    gstsig_session_answer (self->session, sdp, task);
}

static void
gst_rcast_gst_settle (GstRcastSignaller * signaller)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);

  if (self->session)
    gstsig_session_settle (self->session);
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
  g_free (self->producer_id);
  g_free (self->memory.location);
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
   * become such values of JSON, all else a string. Where the location has a name that is
   * ours, that replaces `name`: `name` sending, `consumer` receiving.
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

  /**
   * GstRcastGst:producer-id:
   *
   * Identifier of the producer that is watched, %NULL: none is.
   *
   * Since: 0.1
   */
  props[PROP_PRODUCER_ID] = g_param_spec_string ("producer-id", "Producer ID",
      "Identifier of the producer that is watched", NULL, readable);

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
  gst_rcast_signaller_class_set_directions (signaller_class,
      GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE);
  net_class->parse_location = gst_rcast_gst_parse_location;
  signaller_class->open_async = gst_rcast_gst_open_async;
  signaller_class->offer_async = gst_rcast_gst_offer_async;
  signaller_class->request_offer_async = gst_rcast_gst_request_offer_async;
  signaller_class->answer_async = gst_rcast_gst_answer_async;
  signaller_class->settle = gst_rcast_gst_settle;
  signaller_class->add_candidate = gst_rcast_gst_add_candidate;
  signaller_class->pair = gst_rcast_gst_pair;
  signaller_class->probe_async = gst_rcast_gst_probe_async;
  signaller_class->close_async = gst_rcast_gst_close_async;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Signaller for the server of webrtcsink", "Network/Signaller/WebRTC",
      "Signalling by gst-webrtc-signalling-server over WebSocket for rcastsink "
      "and rcastsrc",
      "The gst-rcast developers");
}

static void
gst_rcast_gst_init (GstRcastGst * self)
{
  self->reach = net_reach_new (gst_rcast_net_signaller_get_dialer
      (GST_RCAST_NET_SIGNALLER (self)));
  self->place = gstsig_place_new ();
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  set_capabilities (self);
}
