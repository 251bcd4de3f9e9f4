/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu: the signaller for OpenVidu 2. */
/**
 * SECTION:element-rcastopenvidu
 * @title: rcastopenvidu
 * @short_description: OpenVidu 2 signalling for rcastsink and rcastsrc
 *
 * Publishes a stream in a session of OpenVidu 2 over WebSocket, for #rcastsink, or watches
 * one, for #rcastsrc. Both create this element for a `location` with the scheme
 * `openvidu+ws` or `openvidu+wss`: a token URL of OpenVidu after `openvidu+`, as in
 * `openvidu+wss://host:4443?sessionId=ses_1&token=tok_1`. If the URL has no token, it comes
 * from `auth-token`, #GstRcastSignaller::set-token or #GstRcastSignaller::request-token, as
 * the token alone or as a token URL. The location or the token URL names the session. No
 * message, log or property contains the query.
 *
 * A token is valid for one join. To join a session again takes another token, which
 * #GstRcastSignaller::request-token requests. If there is none, a broadcast that was evicted
 * ends with the reason `evicted`.
 *
 * A lost WebSocket does not affect the media: a new one resumes the session, up to 25 s
 * after the last ping that the server answered. Broken media is renegotiated in the same
 * stream (`reconnectStream`). If a moderator or the server removes the participant or
 * unpublishes its stream, it does not return: the broadcast ends.
 *
 * When receiving, `feed=` (a connection or a stream) or `display=` (a name) in the query of
 * the location selects the stream to watch; by default any stream matches. Of several, the
 * last one published is watched. If nobody publishes a matching stream, the session waits
 * until somebody does.
 *
 * Application messages are OpenVidu signals: the type without `signal:`, and the data.
 * #GstRcastOpenvidu:signal-to lists their receivers.
 *
 * Notifications of the server are posted as element messages `openvidu-event`. The field
 * `event` is the name of the notification (`participantJoined`, `participantPublished`,
 * `participantUnpublished`, `participantLeft`, `participantEvicted`, `roomClosed`,
 * `mediaError`, …). The fields `connection` and `reason` are set if the notification has
 * them. `resumed` reports that a lost session was resumed, and `signalRefused` that the
 * server refused one of our signals. At most 50 are posted per second.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location="openvidu+ws://127.0.0.1:4443?sessionId=ses_1&token=tok_1"
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastopenvidu.h"

#include <string.h>

#include "openvidu-check.h"
#include "openvidu-session.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_debug);
#define GST_CAT_DEFAULT rcast_openvidu_debug

#define DEFAULT_TYPE_OF_VIDEO "CAMERA"
#define DEFAULT_PONG_TIMEOUT 4000
/* Two WebSocket pings, one second apart, and a margin. */
#define MIN_PONG_TIMEOUT 1500
/* The ping interval of the protocol itself. */
#define MAX_PONG_TIMEOUT 5000

struct _GstRcastOpenvidu
{
  GstRcastWsSignaller parent;

  gchar *metadata, *type_of_video;      /* OBJECT_LOCK, as all settings */
  gchar *signal_to;
  guint pong_timeout;
  gchar *connection_id, *stream_id;     /* OBJECT_LOCK, of the last session */

  /* Only on the signalling thread. */
  gchar *location;              /* nullable: of the last session */
  OpenviduMemory memory;        /* `dismissed` is cleared before the thread starts */
};

enum
{
  PROP_METADATA = 1,
  PROP_TYPE_OF_VIDEO,
  PROP_SIGNAL_TO,
  PROP_PONG_TIMEOUT,
  PROP_CONNECTION_ID,
  PROP_STREAM_ID,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastOpenvidu, gst_rcast_openvidu,
    GST_TYPE_RCAST_WS_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastopenvidu, "rcastopenvidu",
    GST_RANK_PRIMARY, GST_TYPE_RCAST_OPENVIDU,
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_debug, "rcastopenvidu", 0,
        "OpenVidu signaller"));

static gpointer
gst_rcast_openvidu_find_setting (GstRcastWsSignaller * signaller, guint id)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (signaller);

  switch (id) {
    case PROP_METADATA:
      return &self->metadata;
    case PROP_TYPE_OF_VIDEO:
      return &self->type_of_video;
    case PROP_SIGNAL_TO:
      return &self->signal_to;
    case PROP_PONG_TIMEOUT:
      return &self->pong_timeout;
    case PROP_CONNECTION_ID:
      return &self->connection_id;
    case PROP_STREAM_ID:
      return &self->stream_id;
    default:
      return NULL;
  }
}

/* Reports of the session */

static void
on_joined (GstRcastNetSignaller * element, const gchar * connection)
{
  gst_rcast_net_signaller_publish (element,
      &GST_RCAST_OPENVIDU (element)->connection_id, connection,
      props[PROP_CONNECTION_ID]);
}

static void
on_streaming (GstRcastNetSignaller * element, const gchar * stream)
{
  gst_rcast_net_signaller_publish (element,
      &GST_RCAST_OPENVIDU (element)->stream_id, stream, props[PROP_STREAM_ID]);
}

static const OpenviduSessionCallbacks session_callbacks =
    { on_joined, on_streaming };

static GUri *
gst_rcast_openvidu_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autoptr (OpenviduSettings) settings = g_new0 (OpenviduSettings, 1);

  return openvidu_settings_parse_location (settings, location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (signaller)),
      error);
}

/* @location: (nullable): in place of the configured one
 * Returns: (transfer full): a snapshot of the settings. NULL with @error if they are invalid */
static OpenviduSettings *
read_settings (GstRcastOpenvidu * self, const gchar * location, GError ** error)
{
  g_autoptr (OpenviduSettings) settings = g_new0 (OpenviduSettings, 1);
  g_autoptr (GUri) url = NULL;

  settings->net =
      gst_rcast_net_signaller_snapshot (GST_RCAST_NET_SIGNALLER (self),
      location, error);
  if (!settings->net)
    return NULL;
  url = openvidu_settings_parse_location (settings, settings->net->location,
      gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self)), error);
  if (!url)
    return NULL;
  GST_OBJECT_LOCK (self);
  settings->metadata = g_strdup (self->metadata);
  settings->type_of_video = g_strdup (self->type_of_video
      && *self->type_of_video ? self->type_of_video : DEFAULT_TYPE_OF_VIDEO);
  settings->pong_timeout = self->pong_timeout;
  GST_OBJECT_UNLOCK (self);
  return g_steal_pointer (&settings);
}

/* Operations of the signaller */

/* A session that waits for a publisher is not joined again, as a token is valid for one join. */
static gboolean
goes_on (GstRcastOpenvidu * self, const OpenviduSettings * settings)
{
  OpenviduSession *session =
      gst_rcast_ws_signaller_get_session (GST_RCAST_WS_SIGNALLER (self));

  return session && openvidu_session_can_wait (session)
      && g_strcmp0 (self->location, settings->net->location) == 0;
}

static gboolean
gst_rcast_openvidu_prepare (GstRcastWsSignaller * signaller, GError ** error)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (signaller);
  g_autoptr (OpenviduSettings) settings = read_settings (self, NULL, error);

  if (!settings || goes_on (self, settings))
    return settings != NULL;
  gst_rcast_ws_signaller_set_session (signaller, NULL);
  g_free (self->location);
  self->location = g_strdup (settings->net->location);
  gst_rcast_ws_signaller_set_session (signaller, openvidu_session_new
      (GST_RCAST_NET_SIGNALLER (self), g_steal_pointer (&settings),
          &self->memory, &session_callbacks));
  return TRUE;
}

static void
gst_rcast_openvidu_check_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (signaller);
  GError *error = NULL;
  OpenviduSettings *settings = read_settings (self, location, &error);
  GTask *task = gst_rcast_net_signaller_try_task (signaller, error,
      cancellable, callback, user_data, gst_rcast_openvidu_check_async);

  if (task)
    openvidu_check_start (GST_RCAST_NET_SIGNALLER (self), settings, task);
}

/* Returns: (nullable) (transfer full): NULL for all participants */
static GStrv
dup_receivers (GstRcastOpenvidu * self)
{
  g_autofree gchar *list = NULL;

  GST_OBJECT_LOCK (self);
  list = g_strdup (self->signal_to);
  GST_OBJECT_UNLOCK (self);
  return list && *list ? g_strsplit (list, ",", -1) : NULL;
}

static gboolean
gst_rcast_openvidu_send_message (GstRcastSignaller * signaller,
    const gchar * type, const gchar * payload, GError ** error)
{
  OpenviduSession *session =
      gst_rcast_ws_signaller_get_session (GST_RCAST_WS_SIGNALLER (signaller));
  g_auto (GStrv) to = dup_receivers (GST_RCAST_OPENVIDU (signaller));

  if (session)
    return openvidu_session_signal (session, (const gchar * const *) to, type,
        payload, error);
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK,
      "the signaller is not open");
  return FALSE;
}

/* Copies what cannot be read back: the used tokens. */
static void
gst_rcast_openvidu_pair (GstRcastSignaller * signaller,
    GstRcastSignaller * other)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (signaller);
  GstRcastOpenvidu *twin = GST_RCAST_OPENVIDU (other);

  GST_RCAST_SIGNALLER_CLASS (gst_rcast_openvidu_parent_class)->pair
      (signaller, other);
  if (twin->memory.tokens == self->memory.tokens)
    return;
  openvidu_tokens_unref (twin->memory.tokens);
  twin->memory.tokens = openvidu_tokens_ref (self->memory.tokens);
}

/* A new start is a new attempt, even after we were removed. The signalling thread starts
 * afterwards. */
static GstStateChangeReturn
gst_rcast_openvidu_change_state (GstElement * element,
    GstStateChange transition)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (element);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    g_clear_pointer (&self->memory.dismissed, g_free);
    g_clear_pointer (&self->memory.evicted, g_free);
  }
  return GST_ELEMENT_CLASS (gst_rcast_openvidu_parent_class)->change_state
      (element, transition);
}

static void
gst_rcast_openvidu_finalize (GObject * object)
{
  GstRcastOpenvidu *self = GST_RCAST_OPENVIDU (object);

  openvidu_tokens_unref (self->memory.tokens);
  openvidu_signals_free (self->memory.signals);
  g_free (self->memory.evicted);
  g_free (self->memory.dismissed);
  g_free (self->location);
  g_free (self->metadata);
  g_free (self->type_of_video);
  g_free (self->signal_to);
  g_free (self->connection_id);
  g_free (self->stream_id);
  G_OBJECT_CLASS (gst_rcast_openvidu_parent_class)->finalize (object);
}

static void
install_settings (GParamFlags flags)
{
  /**
   * GstRcastOpenvidu:metadata:
   *
   * Metadata of our connection for the other participants, often JSON:
   * `{"clientData":"studio"}`. The server adds the token's own metadata.
   *
   * Since: 0.1
   */
  props[PROP_METADATA] = g_param_spec_string ("metadata", "Metadata",
      "What other participants are told about our connection, often JSON",
      NULL, flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastOpenvidu:type-of-video:
   *
   * Kind of the video, for the other participants: `CAMERA`, `SCREEN`, `CUSTOM` or `IPCAM`.
   * %NULL or an empty string mean the default.
   *
   * Since: 0.1
   */
  props[PROP_TYPE_OF_VIDEO] = g_param_spec_string ("type-of-video",
      "Type of video",
      "Kind of the pictures: CAMERA, SCREEN, CUSTOM or IPCAM",
      DEFAULT_TYPE_OF_VIDEO, flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastOpenvidu:signal-to:
   *
   * Identifiers of the connections that receive our signals, separated by commas; %NULL or
   * empty: all participants. A new value takes effect with the next signal.
   *
   * Since: 0.1
   */
  props[PROP_SIGNAL_TO] = g_param_spec_string ("signal-to", "Signal to",
      "Connections that get our signals, separated by commas; empty: all",
      NULL, flags | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastOpenvidu:pong-timeout:
   *
   * Milliseconds of silence after which the WebSocket is lost: no answer to the pings of the
   * WebSocket, one per second, or to those of OpenVidu, one every five seconds.
   *
   * Since: 0.1
   */
  props[PROP_PONG_TIMEOUT] = g_param_spec_uint ("pong-timeout",
      "Pong timeout",
      "Silence after which the WebSocket counts as lost, in ms",
      MIN_PONG_TIMEOUT, MAX_PONG_TIMEOUT, DEFAULT_PONG_TIMEOUT,
      flags | GST_PARAM_MUTABLE_READY);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  install_settings (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * GstRcastOpenvidu:connection-id:
   *
   * Identifier of our last connection to a session; %NULL: there was none.
   *
   * Since: 0.1
   */
  props[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id",
      "Connection ID", "Identifier of our last connection to a session", NULL,
      readable);

  /**
   * GstRcastOpenvidu:stream-id:
   *
   * Identifier of the stream that we publish or watch; %NULL: there is none. A fresh
   * connection in the same session keeps it.
   *
   * Since: 0.1
   */
  props[PROP_STREAM_ID] = g_param_spec_string ("stream-id", "Stream ID",
      "Identifier of the stream that we publish, or that is watched", NULL,
      readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_openvidu_class_init (GstRcastOpenviduClass * klass)
{
  static const gchar *const protocols[] = { "openvidu+ws", "openvidu+wss",
    NULL
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);
  GstRcastNetSignallerClass *net_class = GST_RCAST_NET_SIGNALLER_CLASS (klass);
  GstRcastWsSignallerClass *ws_class = GST_RCAST_WS_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_ws_signaller_set_property;
  object_class->get_property = gst_rcast_ws_signaller_get_property;
  object_class->finalize = gst_rcast_openvidu_finalize;
  install_properties (object_class);

  element_class->change_state = gst_rcast_openvidu_change_state;
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  /* A second session needs another token, and is another stream for viewers. */
  gst_rcast_signaller_class_set_resume_time (signaller_class,
      OPENVIDU_RESUME_WINDOW * GST_MSECOND);
  net_class->parse_location = gst_rcast_openvidu_parse_location;
  ws_class->find_setting = gst_rcast_openvidu_find_setting;
  ws_class->prepare = gst_rcast_openvidu_prepare;
  signaller_class->pair = gst_rcast_openvidu_pair;
  signaller_class->check_async = gst_rcast_openvidu_check_async;
  signaller_class->send_message = gst_rcast_openvidu_send_message;

  gst_element_class_set_static_metadata (element_class,
      "OpenVidu 2 signaller", "Network/Signaller/WebRTC",
      "Signalling by a session of OpenVidu 2 over WebSocket for rcastsink and rcastsrc",
      "The gst-rcast developers");
}

static void
gst_rcast_openvidu_init (GstRcastOpenvidu * self)
{
  self->memory.tokens = openvidu_tokens_new ();
  self->memory.signals = openvidu_signals_new (GST_RCAST_NET_SIGNALLER (self));
  self->type_of_video = g_strdup (DEFAULT_TYPE_OF_VIDEO);
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_RESUME
      | GST_RCAST_SIGNALLER_MESSAGES | GST_RCAST_SIGNALLER_RENEGOTIATE);
}
