/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus: the signaller for the VideoRoom of Janus Gateway. */
/**
 * SECTION:element-rcastjanus
 * @title: rcastjanus
 * @short_description: Janus VideoRoom signalling for rcastsink and rcastsrc
 *
 * Publishes the offer of #rcastsink in a VideoRoom of Janus Gateway 1.x over
 * WebSocket. rcastsink creates this element for a `location` with the scheme
 * `janus+ws` or `janus+wss`:
 * `janus+ws://host:8188/?room=1234&display=studio`. Keys of its query:
 *
 * - `room`: the room; digits are sent as a number, anything else as a string. A
 *   server that requires strings (string_ids) is detected
 * - `id`: our identifier in the room; by default the server chooses one
 * - `display`: the name that others see
 * - `pin`: of the room; better use #GstRcastJanus:pin
 * - `create`: `true` creates the room if it does not exist
 *
 * When receiving, it subscribes to a publisher of the room, which the query selects by
 * one of:
 *
 * - `feed`: its identifier
 * - `display`: its name; the last publisher with this name is received, even if it
 *   returns with another identifier
 *
 * The publisher may arrive later: the server reports it.
 *
 * No message, log or property contains the query. The default ports are those
 * of the schemes, 80 and 443. Janus itself listens on 8188 and 8989.
 *
 * A lost WebSocket does not affect the media. If the server allows claims
 * (`reclaim_session_timeout`), the session is resumed. Unsolicited events of the
 * server are posted as element messages `janus-event` with the fields `event`
 * (`webrtcup`, `media`, `slowlink`, `ice-failed`, `hangup`, `detached`, `timeout`,
 * `kicked`, `destroyed`; when receiving, `substream`) and those of each event;
 * `claimed` reports that a lost session was resumed. At most 50 are posted per
 * second.
 *
 * When the server refuses the token of a request (error 403),
 * #GstRcastSignaller::request-token requests a fresh one, and the request is repeated
 * once. The token belongs to the server's origin (scheme, host and port).
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location="janus+ws://127.0.0.1:8188/?room=1234"
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastjanus.h"

#include "janus-errand.h"
#include "janus-session.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_debug);
#define GST_CAT_DEFAULT rcast_janus_debug

#define DEFAULT_PING_INTERVAL 1
#define DEFAULT_PONG_TIMEOUT 4000
/* Ten minutes. A longer limit would be useless. */
#define MAX_TIMEOUT 600000
/* Time for a pong to arrive. */
#define MIN_PONG_WAIT_MS 500

struct _GstRcastJanus
{
  GstRcastWsSignaller parent;

  gchar *api_secret, *pin;      /* OBJECT_LOCK, as all settings */
  gchar *room_token, *room_secret, *admin_key;
  gchar *audio_codec, *video_codec;
  guint bitrate;
  guint ping_interval, pong_timeout;
  guint64 session_id;           /* OBJECT_LOCK, of the last join */
  gchar *feed_id;               /* OBJECT_LOCK, of the last join */

  /* Only on the signalling thread. */
  JanusMemory memory;           /* `kicked` is cleared before the thread starts */
};

enum
{
  PROP_API_SECRET = 1,
  PROP_PIN,
  PROP_ROOM_TOKEN,
  PROP_ROOM_SECRET,
  PROP_ADMIN_KEY,
  PROP_AUDIO_CODEC,
  PROP_VIDEO_CODEC,
  PROP_BITRATE,
  PROP_PING_INTERVAL,
  PROP_PONG_TIMEOUT,
  PROP_SESSION_ID,
  PROP_FEED_ID,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastJanus, gst_rcast_janus, GST_TYPE_RCAST_WS_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastjanus, "rcastjanus",
    GST_RANK_PRIMARY, GST_TYPE_RCAST_JANUS,
    GST_DEBUG_CATEGORY_INIT (rcast_janus_debug, "rcastjanus", 0,
        "Janus signaller"));

static gpointer
gst_rcast_janus_find_setting (GstRcastWsSignaller * signaller, guint id)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);

  switch (id) {
    case PROP_API_SECRET:
      return &self->api_secret;
    case PROP_PIN:
      return &self->pin;
    case PROP_ROOM_TOKEN:
      return &self->room_token;
    case PROP_ROOM_SECRET:
      return &self->room_secret;
    case PROP_ADMIN_KEY:
      return &self->admin_key;
    case PROP_AUDIO_CODEC:
      return &self->audio_codec;
    case PROP_VIDEO_CODEC:
      return &self->video_codec;
    case PROP_BITRATE:
      return &self->bitrate;
    case PROP_PING_INTERVAL:
      return &self->ping_interval;
    case PROP_PONG_TIMEOUT:
      return &self->pong_timeout;
    case PROP_SESSION_ID:
      return &self->session_id;
    case PROP_FEED_ID:
      return &self->feed_id;
    default:
      return NULL;
  }
}

/* Reports of the session */

static void
on_joined (GstRcastNetSignaller * element, guint64 session,
    const JanusId * feed)
{
  GstRcastJanus *self = GST_RCAST_JANUS (element);

  GST_OBJECT_LOCK (self);
  self->session_id = session;
  g_free (self->feed_id);
  self->feed_id = g_strdup (feed->text);
  GST_OBJECT_UNLOCK (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SESSION_ID]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FEED_ID]);
}

static const JanusSessionCallbacks session_callbacks = { on_joined };

static GUri *
gst_rcast_janus_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autoptr (JanusSettings) settings = g_new0 (JanusSettings, 1);

  return janus_settings_parse_location (settings, location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (signaller)),
      error);
}

/* @text: value of a property, which the location overrides. */
static void
copy_unless_set (gchar ** field, const gchar * text)
{
  if (!*field)
    *field = g_strdup (text);
}

static void
copy_settings (GstRcastJanus * self, JanusSettings * settings)
{
  GST_OBJECT_LOCK (self);
  copy_unless_set (&settings->room.pin, self->pin);
  copy_unless_set (&settings->room.token, self->room_token);
  copy_unless_set (&settings->room.secret, self->room_secret);
  copy_unless_set (&settings->room.admin_key, self->admin_key);
  copy_unless_set (&settings->publish.audio_codec, self->audio_codec);
  copy_unless_set (&settings->publish.video_codec, self->video_codec);
  copy_unless_set (&settings->api_secret, self->api_secret);
  settings->publish.bitrate = self->bitrate;
  settings->ping_interval = self->ping_interval;
  settings->pong_timeout = MAX (self->pong_timeout,
      self->ping_interval * 1000 + MIN_PONG_WAIT_MS);
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full): a snapshot of the settings. NULL with @error if they are invalid.
 * @location: (nullable): of another server than the configured one */
static JanusSettings *
read_settings (GstRcastJanus * self, const gchar * location, GError ** error)
{
  g_autoptr (JanusSettings) settings = g_new0 (JanusSettings, 1);
  g_autoptr (GUri) url = NULL;

  settings->net =
      gst_rcast_net_signaller_snapshot (GST_RCAST_NET_SIGNALLER (self),
      location, error);
  if (!settings->net)
    return NULL;
  url = janus_settings_parse_location (settings, settings->net->location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self)), error);
  if (!url)
    return NULL;
  copy_settings (self, settings);
  return g_steal_pointer (&settings);
}

/* Operations of the signaller */

static gboolean
gst_rcast_janus_prepare (GstRcastWsSignaller * signaller, GError ** error)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  JanusSettings *settings = read_settings (self, NULL, error);

  if (!settings)
    return FALSE;
  gst_rcast_ws_signaller_set_session (signaller, NULL);
  janus_memory_check (&self->memory, settings->net->location);
  gst_rcast_ws_signaller_set_session (signaller, janus_session_new
      (GST_RCAST_NET_SIGNALLER (self), settings, &self->memory,
          &session_callbacks));
  return TRUE;
}

static void
gst_rcast_janus_check_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GError *error = NULL;
  JanusSettings *settings = read_settings (self, location, &error);
  GTask *task = gst_rcast_net_signaller_try_task (signaller, error,
      cancellable, callback, user_data, gst_rcast_janus_check_async);

  if (task)
    janus_errand_check (GST_RCAST_NET_SIGNALLER (self), settings, task);
}

static void
gst_rcast_janus_end_session_async (GstRcastSignaller * signaller,
    const gchar * location, const gchar * session, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GError *error = NULL;
  JanusSettings *settings = read_settings (self, location, &error);
  GTask *task = gst_rcast_net_signaller_try_task (signaller, error,
      cancellable, callback, user_data, gst_rcast_janus_end_session_async);

  if (task)
    janus_errand_end (GST_RCAST_NET_SIGNALLER (self), settings, session, task);
}

/* Copies what cannot be read back. */
static void
copy_secret (GstRcastJanus * self, gchar ** secret, GstRcastJanus * twin,
    gchar ** copy)
{
  g_autofree gchar *value = NULL;

  GST_OBJECT_LOCK (self);
  value = g_strdup (*secret);
  GST_OBJECT_UNLOCK (self);
  GST_OBJECT_LOCK (twin);
  g_free (*copy);
  *copy = g_steal_pointer (&value);
  GST_OBJECT_UNLOCK (twin);
}

static void
gst_rcast_janus_pair (GstRcastSignaller * signaller, GstRcastSignaller * other)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GstRcastJanus *twin = GST_RCAST_JANUS (other);

  GST_RCAST_SIGNALLER_CLASS (gst_rcast_janus_parent_class)->pair (signaller,
      other);
  copy_secret (self, &self->api_secret, twin, &twin->api_secret);
  copy_secret (self, &self->pin, twin, &twin->pin);
  copy_secret (self, &self->room_token, twin, &twin->room_token);
  copy_secret (self, &self->room_secret, twin, &twin->room_secret);
  copy_secret (self, &self->admin_key, twin, &twin->admin_key);
}

/* A new start is a new attempt, even after we were kicked. The signalling thread starts
 * afterwards. */
static GstStateChangeReturn
gst_rcast_janus_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastJanus *self = GST_RCAST_JANUS (element);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    g_clear_pointer (&self->memory.kicked, g_free);
  return GST_ELEMENT_CLASS (gst_rcast_janus_parent_class)->change_state
      (element, transition);
}

static void
gst_rcast_janus_finalize (GObject * object)
{
  GstRcastJanus *self = GST_RCAST_JANUS (object);

  janus_memory_clear (&self->memory);
  g_free (self->api_secret);
  g_free (self->pin);
  g_free (self->room_token);
  g_free (self->room_secret);
  g_free (self->admin_key);
  g_free (self->audio_codec);
  g_free (self->video_codec);
  g_free (self->feed_id);
  G_OBJECT_CLASS (gst_rcast_janus_parent_class)->finalize (object);
}

static void
install_secrets (void)
{
  /* `gst-launch-1.0 -v` and dot files print readable properties. */
  const GParamFlags secret = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstRcastJanus:api-secret:
   *
   * Secret of the server's API (`apisecret`). Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_API_SECRET] = g_param_spec_string ("api-secret", "API secret",
      "Secret of the server's API, sent with each request", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastJanus:pin:
   *
   * Pin of the room. A pin in the location takes precedence. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_PIN] = g_param_spec_string ("pin", "Pin", "Pin of the room", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastJanus:room-token:
   *
   * Token for a room with an access list (`allowed`) or with signed tokens
   * (`signed_tokens`). It is sent only with the join. Cannot be read
   * back. A new value applies to the next session.
   *
   * Since: 0.1
   */
  props[PROP_ROOM_TOKEN] = g_param_spec_string ("room-token", "Room token",
      "Token for a room with an access list or signed tokens", NULL,
      secret | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastJanus:room-secret:
   *
   * Secret of a room that `create=true` creates. It is required to change or end
   * the room. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_ROOM_SECRET] = g_param_spec_string ("room-secret", "Room secret",
      "Secret of a room that create=true makes", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastJanus:admin-key:
   *
   * Key (`admin_key`) that some servers require for `create=true`. Cannot be read
   * back.
   *
   * Since: 0.1
   */
  props[PROP_ADMIN_KEY] = g_param_spec_string ("admin-key", "Admin key",
      "Key that a server may require to create a room", NULL,
      secret | GST_PARAM_MUTABLE_READY);
}

static void
install_media_settings (GParamFlags flags)
{
  /**
   * GstRcastJanus:bitrate:
   *
   * Limit in bit/s that Janus sends in REMB; 0: the limit of the room.
   *
   * Since: 0.1
   */
  props[PROP_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "Limit in bit/s that the server sends in REMB; 0: the limit of the room",
      0, G_MAXINT, 0, flags);

  /**
   * GstRcastJanus:audio-codec:
   *
   * Name of the audio codec to publish with, out of those of room and offer.
   *
   * Since: 0.1
   */
  props[PROP_AUDIO_CODEC] = g_param_spec_string ("audio-codec", "Audio codec",
      "Audio codec to publish with, for example opus", NULL, flags);

  /**
   * GstRcastJanus:video-codec:
   *
   * Name of the video codec to publish with, out of those of room and offer.
   *
   * Since: 0.1
   */
  props[PROP_VIDEO_CODEC] = g_param_spec_string ("video-codec", "Video codec",
      "Video codec to publish with, for example h264", NULL, flags);
}

static void
install_connection_settings (GParamFlags flags)
{
  /**
   * GstRcastJanus:ping-interval:
   *
   * Seconds between the pings of the WebSocket. Other times are in milliseconds.
   *
   * Since: 0.1
   */
  props[PROP_PING_INTERVAL] = g_param_spec_uint ("ping-interval",
      "Ping interval",
      "Time between two pings of the WebSocket, in s (not ms)",
      1, MAX_TIMEOUT / 1000, DEFAULT_PING_INTERVAL, flags);

  /**
   * GstRcastJanus:pong-timeout:
   *
   * Milliseconds of silence after which the WebSocket is lost. It is raised to at least
   * half a second more than the ping interval.
   *
   * Since: 0.1
   */
  props[PROP_PONG_TIMEOUT] = g_param_spec_uint ("pong-timeout",
      "Pong timeout",
      "Silence after which the WebSocket counts as lost, in ms",
      1, MAX_TIMEOUT, DEFAULT_PONG_TIMEOUT, flags);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  install_secrets ();
  install_media_settings (flags);
  install_connection_settings (flags);

  /**
   * GstRcastJanus:session-id:
   *
   * Identifier of the last session at the server; 0: there was none.
   *
   * Since: 0.1
   */
  props[PROP_SESSION_ID] = g_param_spec_uint64 ("session-id", "Session ID",
      "Identifier of the last session at the server", 0, G_MAXUINT64, 0, readable);

  /**
   * GstRcastJanus:feed-id:
   *
   * Identifier of our feed in the room, for subscribers. A fresh connection has another
   * identifier, and the previous feed goes on until it is connected. This is not so if `id` in
   * the location sets the identifier, or if the room accepts no second publisher.
   *
   * Since: 0.1
   */
  props[PROP_FEED_ID] = g_param_spec_string ("feed-id", "Feed ID",
      "Identifier of our feed in the room, for subscribers", NULL, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_janus_class_init (GstRcastJanusClass * klass)
{
  static const gchar *const protocols[] = { "janus+ws", "janus+wss", NULL };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);
  GstRcastNetSignallerClass *net_class = GST_RCAST_NET_SIGNALLER_CLASS (klass);
  GstRcastWsSignallerClass *ws_class = GST_RCAST_WS_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_ws_signaller_set_property;
  object_class->get_property = gst_rcast_ws_signaller_get_property;
  object_class->finalize = gst_rcast_janus_finalize;
  install_properties (object_class);

  element_class->change_state = gst_rcast_janus_change_state;
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  net_class->parse_location = gst_rcast_janus_parse_location;
  ws_class->find_setting = gst_rcast_janus_find_setting;
  ws_class->prepare = gst_rcast_janus_prepare;
  signaller_class->pair = gst_rcast_janus_pair;
  signaller_class->check_async = gst_rcast_janus_check_async;
  signaller_class->end_session_async = gst_rcast_janus_end_session_async;

  gst_element_class_set_static_metadata (element_class,
      "Janus VideoRoom signaller", "Network/Signaller/WebRTC",
      "Signalling by the Janus VideoRoom over WebSocket for rcastsink and rcastsrc",
      "The gst-rcast developers");
}

static void
gst_rcast_janus_init (GstRcastJanus * self)
{
  self->ping_interval = DEFAULT_PING_INTERVAL;
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RESUME | GST_RCAST_SIGNALLER_RENEGOTIATE);
}
