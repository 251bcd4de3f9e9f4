/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: the signaller for the signalling server of webrtcsink and webrtcsrc. */
/**
 * SECTION:element-rcastgst
 * @title: rcastgst
 * @short_description: signalling of webrtcsink and webrtcsrc for rcastsink and rcastsrc
 *
 * Talks to gst-webrtc-signalling-server, the server of webrtcsink and webrtcsrc. rcastsink
 * and rcastsrc create this element for a `location` with the scheme `gst+ws` or `gst+wss`:
 * the URL of the server after `gst+`, as in `gst+wss://host:8443/?name=studio`. In its query
 * `name` is the name of a producer, `consumer` the name of a consumer that waits for a
 * session, and `peer-id` the identifier of one particular peer. The rest of the query goes to
 * the server. No message, log or property contains the query.
 *
 * rcastsink is a producer, with `name` in its metadata (#GstRcastGst:meta). It serves a
 * consumer that starts a session with it: webrtcsrc, rcastsrc, or a web page with
 * gstwebrtc-api. With `consumer` or `peer-id`, rcastsink starts the session itself as soon as
 * there is such a consumer.
 *
 * The status is `signalling` until a consumer arrives, however long that takes, and again
 * after it has left. rcastsink serves one consumer at a time: the server ends sessions that
 * others start meanwhile. For many viewers, publish to a media server with rcastwhip or
 * rcastjanus. rcastsink refuses a consumer that sends an offer itself, and one whose answer
 * to the first offer is unusable. A consumer that does not answer within `timeout` gives way
 * to the next one that starts a session, and is refused after 2.5 times that. After the
 * second failed session in a row, the next one starts 0.5 s later, then 1 s, up to 16 s.
 * Consumers that start a session meanwhile wait.
 *
 * rcastsrc watches the producer with that name: a webrtcsink, an rcastsink, or a web page. It
 * finds the producer again when it returns under another identifier. Without a `name`
 * rcastsrc watches the newest producer. With `consumer` it waits until a producer that wants
 * a consumer of that name starts a session.
 *
 * Sessions of this server do not outlive the WebSocket. When it is lost, the element
 * registers again at once, with another identifier, and starts a new session. Media does not
 * continue meanwhile: consumers end it with the session, and start a new session with the
 * producer of that name. An ICE restart is a second offer of the producer in the same
 * session. A consumer that does not accept it gets a new session.
 *
 * rcastsink posts element messages `gst-signalling-event` with the field `event`: `waiting`,
 * `consumer-joined`, `consumer-late`, `consumer-left`, `consumer-refused`, or `name-taken`.
 * The last one means that there is another producer of this name, or our own previous
 * connection, whose end the server has not noticed. All but the first have `peer`, the
 * identifier of the other peer. At most 50 are posted per second.
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

GST_DEBUG_CATEGORY_STATIC (rcast_gst_debug);
#define GST_CAT_DEFAULT rcast_gst_debug

#define DEFAULT_PONG_TIMEOUT 4000
/* Two WebSocket pings, one second apart, and a margin. */
#define MIN_PONG_TIMEOUT 1500
#define MAX_PONG_TIMEOUT 60000

struct _GstRcastGst
{
  GstRcastWsSignaller parent;

  GstStructure *meta;           /* OBJECT_LOCK, as all settings; nullable */
  guint pong_timeout;
  gchar *peer_id, *consumer_id, *producer_id;   /* OBJECT_LOCK; nullable */

  GstsigPlace *place;           /* shared with the paired signaller */
  /* Only on the signalling thread. */
  GstsigMemory memory;
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

G_DEFINE_TYPE (GstRcastGst, gst_rcast_gst, GST_TYPE_RCAST_WS_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastgst, "rcastgst", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_GST, GST_DEBUG_CATEGORY_INIT (rcast_gst_debug, "rcastgst",
        0, "Signaller for the server of webrtcsink"));

static gpointer
gst_rcast_gst_find_setting (GstRcastWsSignaller * signaller, guint id)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);

  switch (id) {
    case PROP_META:
      return &self->meta;
    case PROP_PONG_TIMEOUT:
      return &self->pong_timeout;
    case PROP_PEER_ID:
      return &self->peer_id;
    case PROP_CONSUMER_ID:
      return &self->consumer_id;
    case PROP_PRODUCER_ID:
      return &self->producer_id;
    default:
      return NULL;
  }
}

/* Reports of the session */

static void
on_registered (GstRcastNetSignaller * element, const gchar * peer)
{
  gst_rcast_net_signaller_publish (element, &GST_RCAST_GST (element)->peer_id,
      peer, props[PROP_PEER_ID]);
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
    gst_rcast_net_signaller_publish (element, &self->producer_id, peer,
        props[PROP_PRODUCER_ID]);
  else
    gst_rcast_net_signaller_publish (element, &self->consumer_id, peer,
        props[PROP_CONSUMER_ID]);
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

/* Returns: (transfer full): a snapshot of the settings. NULL with @error if they are invalid */
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
  /* This also puts the name into the metadata. */
  url = gstsig_settings_parse_location (settings, settings->net->location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self)), error);
  return url ? g_steal_pointer (&settings) : NULL;
}

/* Operations of the signaller */

static void
end_session (GstRcastGst * self)
{
  gstsig_place_leave (self->place, self);
  gst_rcast_ws_signaller_set_session (GST_RCAST_WS_SIGNALLER (self), NULL);
}

/* Fails if the paired signaller is registered at the server: others would see two producers of one
 * name. A signaller that watches does not register a name. */
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

/* When receiving, the producer makes the offers. */
static void
set_capabilities (GstRcastGst * self)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | (receives (self) ?
          GST_RCAST_SIGNALLER_SERVER_OFFERS | GST_RCAST_SIGNALLER_RENEGOTIATE :
          GST_RCAST_SIGNALLER_ICE_RESTART));
}

/* Forgets state of another location. */
static void
remember (GstRcastGst * self, const gchar * location)
{
  if (g_strcmp0 (self->memory.location, location) == 0)
    return;
  g_free (self->memory.location);
  self->memory = (GstsigMemory) { .location = g_strdup (location) };
}

static gboolean
gst_rcast_gst_prepare (GstRcastWsSignaller * signaller, GError ** error)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);
  GstsigSession *session = gst_rcast_ws_signaller_get_session (signaller);
  g_autoptr (GstsigSettings) settings = read_settings (self, error);

  /* A consumer has left and we wait for the next one, or there is no producer to watch. */
  if (settings && session && gstsig_session_is_at (session,
          settings->net->location))
    return TRUE;
  end_session (self);
  if (!settings || !take_place (self, settings, error))
    return FALSE;
  set_capabilities (self);
  remember (self, settings->net->location);
  gst_rcast_ws_signaller_set_session (signaller, gstsig_session_new
      (GST_RCAST_NET_SIGNALLER (self), g_steal_pointer (&settings),
          &self->memory, &session_callbacks));
  return TRUE;
}

static void
gst_rcast_gst_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastGst *self = GST_RCAST_GST (signaller);

  gstsig_place_leave (self->place, self);
  GST_RCAST_SIGNALLER_CLASS (gst_rcast_gst_parent_class)->close_async
      (signaller, cancellable, callback, user_data);
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
   * Our metadata, which other peers of the server can see, as the property of the same name
   * of webrtcsink: `meta,name=studio,camera=2`. Strings, integers, booleans and doubles keep
   * their type in JSON; everything else becomes a string. If the location has our own name,
   * it replaces `name`: `name` when sending, `consumer` when receiving.
   *
   * Since: 0.1
   */
  props[PROP_META] = g_param_spec_boxed ("meta", "Meta",
      "What other peers of the server are told about us", GST_TYPE_STRUCTURE,
      flags);

  /**
   * GstRcastGst:pong-timeout:
   *
   * Milliseconds of silence after which the WebSocket is lost: no answer to its pings, one
   * per second.
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
   * Our identifier at the server, which consumers need; %NULL: we were never registered. Each
   * connection has another one.
   *
   * Since: 0.1
   */
  props[PROP_PEER_ID] = g_param_spec_string ("peer-id", "Peer ID",
      "Identifier by which the server knows us", NULL, readable);

  /**
   * GstRcastGst:consumer-id:
   *
   * Identifier of the consumer that is served; %NULL: none.
   *
   * Since: 0.1
   */
  props[PROP_CONSUMER_ID] = g_param_spec_string ("consumer-id", "Consumer ID",
      "Identifier of the consumer that is served", NULL, readable);

  /**
   * GstRcastGst:producer-id:
   *
   * Identifier of the producer that is watched; %NULL: none.
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
  GstRcastWsSignallerClass *ws_class = GST_RCAST_WS_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_ws_signaller_set_property;
  object_class->get_property = gst_rcast_ws_signaller_get_property;
  object_class->finalize = gst_rcast_gst_finalize;
  install_properties (object_class);

  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  net_class->parse_location = gst_rcast_gst_parse_location;
  ws_class->find_setting = gst_rcast_gst_find_setting;
  ws_class->prepare = gst_rcast_gst_prepare;
  signaller_class->pair = gst_rcast_gst_pair;
  /* A session ends with its connection. */
  signaller_class->resume_async = NULL;
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
  self->place = gstsig_place_new ();
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  set_capabilities (self);
}
