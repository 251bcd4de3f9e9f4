/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of rcastsink and rcastsrc: their properties, documentation and values. */
#include "config.h"

#include "gstrcastsettings.h"

#include "gstrcastice-enumtypes.h"
#include "gstrcasticeurl.h"
#include "gstrcastmediaspecs.h"
#include "gstrcastoutletspecs.h"
#include "gstrcastpathspecs.h"
#include "rcast-allowance.h"
#include "rcast-enumtypes.h"
#include "rcast-signaller.h"
#include "rcast-uplinks.h"

#define DEFAULT_DISCONNECTED_TIMEOUT_MS 2000
/* ICE checks and the DTLS handshake; a lost DTLS flight costs seconds by itself */
#define DEFAULT_CONNECT_TIMEOUT_MS 10000
/* Servers on pion wait for media for 30 s in all. */
#define DEFAULT_ICE_RESTART_TIMEOUT_MS 8000
/* The same as for a new session, as it is the same work */
#define DEFAULT_RENEGOTIATE_TIMEOUT_MS 10000
#define DEFAULT_RESUME_TIMEOUT_MS 10000
/* Servers on pion give a session up 30 s after the last packet. */
#define DEFAULT_RECOVERY_TIMEOUT_MS 25000
#define DEFAULT_FAILBACK_INTERVAL_MS 30000
#define DEFAULT_HEDGE_DELAY_MS 1000
/* A lost SYN is sent again after one second. */
#define DEFAULT_FAILOVER_CONNECT_TIMEOUT_MS 1500
#define DEFAULT_RECONNECT_MIN_DELAY_MS 500
#define DEFAULT_RECONNECT_MAX_DELAY_MS 8000
#define DEFAULT_RECONNECT_MAX_RETRIES -1
/* RFC 9110 10.2.3 sets no bound: a server may not keep the only broadcast off for longer. */
#define DEFAULT_RETRY_AFTER_MAX_MS 60000
#define DEFAULT_RECONNECT_PROBE_INTERVAL_MS 500
#define DEFAULT_LATENCY_MS 200
/* No broadcast has a higher bitrate. */
#define UNLIMITED_BITRATE 1000000000
/* An outage is over for good after media has flowed for so long. */
#define STABLE_TIME (5 * GST_SECOND)
/* Longer than a signaller's own timeouts: the last resort */
#define SIGNALLING_TIMEOUT (30 * GST_SECOND)
/* A source with several pads exposes them one after the other. */
#define SETTLE_TIME (100 * GST_MSECOND)
/* For the last packets and the goodbye at the end of the stream */
#define CLOSE_TIMEOUT (3 * GST_SECOND)

#define FIELD(member) G_STRUCT_OFFSET (GstRcastSettings, member)

/* Offset of each property's value; its type is that of the property. */
static const gsize fields[GST_RCAST_N_SETTINGS] = {
  [GST_RCAST_SETTING_STUN_SERVER] = FIELD (stun_server),
  [GST_RCAST_SETTING_TURN_SERVERS] = FIELD (turn_servers),
  [GST_RCAST_SETTING_ICE_TRANSPORT_POLICY] = FIELD (ice_transport_policy),
  [GST_RCAST_SETTING_BUNDLE_POLICY] = FIELD (bundle_policy),
  [GST_RCAST_SETTING_LATENCY] = FIELD (latency),
  [GST_RCAST_SETTING_DATA_CHANNEL] = FIELD (data_channel),
  [GST_RCAST_SETTING_PATH_MODE] = FIELD (path_mode),
  [GST_RCAST_SETTING_PATH_PREFERENCE] = FIELD (path_preference),
  [GST_RCAST_SETTING_PATH_LIMITS] = FIELD (path_limits),
  [GST_RCAST_SETTING_MEDIA_TIMEOUT] = FIELD (media_timeout),
  [GST_RCAST_SETTING_BITRATE] = FIELD (bitrate),
  [GST_RCAST_SETTING_AUDIO_BITRATE] = FIELD (audio_bitrate),
  [GST_RCAST_SETTING_CONGESTION_CONTROL] = FIELD (congestion_control),
  [GST_RCAST_SETTING_MIN_BITRATE] = FIELD (min_bitrate),
  [GST_RCAST_SETTING_MAX_BITRATE] = FIELD (max_bitrate),
  [GST_RCAST_SETTING_START_BITRATE] = FIELD (start_bitrate),
  [GST_RCAST_SETTING_OFFER_CCFB] = FIELD (offer_ccfb),
  [GST_RCAST_SETTING_AUDIO_MIX] = FIELD (audio_mix),
  [GST_RCAST_SETTING_KEY_FRAME_INTERVAL] = FIELD (key_frame_interval),
  [GST_RCAST_SETTING_MTU] = FIELD (mtu),
  [GST_RCAST_SETTING_VIDEO_START] = FIELD (video_start),
  [GST_RCAST_SETTING_KEY_FRAME_WAIT] = FIELD (key_frame_wait),
  [GST_RCAST_SETTING_START_TIMEOUT] = FIELD (start_timeout),
  [GST_RCAST_SETTING_STREAM_TIMEOUT] = FIELD (stream_timeout),
  [GST_RCAST_SETTING_ICE_DISCONNECTED_TIMEOUT] = FIELD (disconnected_timeout),
  [GST_RCAST_SETTING_CONNECT_TIMEOUT] = FIELD (connect_timeout),
  [GST_RCAST_SETTING_ICE_RESTART_TIMEOUT] = FIELD (restart_timeout),
  [GST_RCAST_SETTING_RENEGOTIATE_TIMEOUT] = FIELD (renegotiate_timeout),
  [GST_RCAST_SETTING_RESUME_TIMEOUT] = FIELD (resume_timeout),
  [GST_RCAST_SETTING_RECOVERY_TIMEOUT] = FIELD (recovery_timeout),
  [GST_RCAST_SETTING_FAILBACK_INTERVAL] = FIELD (failback_interval),
  [GST_RCAST_SETTING_HEDGE_DELAY] = FIELD (hedge_delay),
  [GST_RCAST_SETTING_RECONNECT_PROBE_INTERVAL] = FIELD (probe_interval),
  [GST_RCAST_SETTING_FAILOVER_CONNECT_TIMEOUT] =
      FIELD (failover_connect_timeout),
  [GST_RCAST_SETTING_GIVE_UP] = FIELD (give_up),
  [GST_RCAST_SETTING_REJOIN_ON_EVICT] = FIELD (rejoin_on_evict),
  [GST_RCAST_SETTING_RECONNECT_MEDIA] = FIELD (reconnect_media),
  [GST_RCAST_SETTING_RECONNECT_MIN_DELAY] = FIELD (min_delay),
  [GST_RCAST_SETTING_RECONNECT_MAX_DELAY] = FIELD (max_delay),
  [GST_RCAST_SETTING_RECONNECT_MAX_RETRIES] = FIELD (max_retries),
  [GST_RCAST_SETTING_RETRY_AFTER_MAX] = FIELD (retry_after_max),
  [GST_RCAST_SETTING_STATE_FILE] = FIELD (state_file),
  [GST_RCAST_SETTING_OUTPUT] = FIELD (output),
  [GST_RCAST_SETTING_STALL_ACTION] = FIELD (stall_action),
  [GST_RCAST_SETTING_END_ON_STREAM_END] = FIELD (end_on_stream_end),
  [GST_RCAST_SETTING_VIDEO_STREAMS] = FIELD (video_streams),
  [GST_RCAST_SETTING_AUDIO_STREAMS] = FIELD (audio_streams),
};

#undef FIELD

static GStrv
to_strv (GPtrArray * strings)
{
  GStrv copy = g_new0 (gchar *, strings->len + 1);

  for (guint i = 0; i < strings->len; i++)
    copy[i] = g_strdup (g_ptr_array_index (strings, i));
  return copy;
}

/* Checks a string: returns it in its canonical form, or NULL */
typedef gchar *(*Check) (const gchar * value, GError ** error);

static gchar *
check_limit (const gchar * value, GError ** error)
{
  GstRcastAllowance allowance;

  if (!gst_rcast_allowance_parse (value, &allowance, error))
    return NULL;
  gst_rcast_allowance_clear (&allowance);
  return g_strdup (value);
}

static Check
get_check (guint id)
{
  return id == GST_RCAST_SETTING_STUN_SERVER ? gst_rcast_ice_url_parse_stun :
      id == GST_RCAST_SETTING_TURN_SERVERS ? gst_rcast_ice_url_parse_turn :
      id == GST_RCAST_SETTING_PATH_LIMITS ? check_limit :
      NULL;
}

/* FALSE with @error: @place is unchanged. An empty string becomes NULL. */
static gboolean
set_string (gchar ** place, const GValue * value, Check check, GError ** error)
{
  const gchar *text = g_value_get_string (value);
  gchar *kept = NULL;

  if (text && *text && !(kept = check ? check (text, error) : g_strdup (text)))
    return FALSE;
  g_free (*place);
  *place = kept;
  return TRUE;
}

/* FALSE with @error: @strings is unchanged. Empty strings are left out. */
static gboolean
set_strings (GPtrArray ** strings, const GValue * value, Check check,
    GError ** error)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < gst_value_array_get_size (value); i++) {
    gchar *text = NULL;

    if (!set_string (&text, gst_value_array_get_value (value, i), check,
            error))
      return FALSE;
    if (text)
      g_ptr_array_add (kept, text);
  }
  g_ptr_array_unref (*strings);
  *strings = g_steal_pointer (&kept);
  return TRUE;
}

static void
get_strings (GPtrArray * strings, GValue * value)
{
  for (guint i = 0; i < strings->len; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, g_ptr_array_index (strings, i));
    gst_value_array_append_and_take_value (value, &item);
  }
}

/* Returns: (transfer full): the strings in an array */
GStrv
gst_rcast_settings_list_strings (const GValue * value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < gst_value_array_get_size (value); i++) {
    const gchar *text =
        g_value_get_string (gst_value_array_get_value (value, i));

    if (text)
      g_strv_builder_add (builder, text);
  }
  return g_strv_builder_end (builder);
}

/* @value has the type of the property @id.
 * Returns: FALSE with @error if it is invalid; then the old value stays */
gboolean
gst_rcast_settings_set (GstRcastSettings * settings, guint id,
    const GValue * value, GError ** error)
{
  gpointer field = G_STRUCT_MEMBER_P (settings, fields[id]);

  g_assert (id >= GST_RCAST_FIRST_VALUE && id < GST_RCAST_N_SETTINGS);
  if (G_VALUE_HOLDS_STRING (value))
    return set_string (field, value, get_check (id), error);
  if (GST_VALUE_HOLDS_ARRAY (value))
    return set_strings (field, value, get_check (id), error);
  if (G_VALUE_HOLDS_UINT (value))
    *(guint *) field = g_value_get_uint (value);
  else if (G_VALUE_HOLDS_INT (value))
    *(gint *) field = g_value_get_int (value);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    *(gboolean *) field = g_value_get_boolean (value);
  else
    *(gint *) field = g_value_get_enum (value);
  return TRUE;
}

void
gst_rcast_settings_get (const GstRcastSettings * settings, guint id,
    GValue * value)
{
  gconstpointer field = G_STRUCT_MEMBER_P (settings, fields[id]);

  g_assert (id >= GST_RCAST_FIRST_VALUE && id < GST_RCAST_N_SETTINGS);
  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(gchar * const *) field);
  else if (GST_VALUE_HOLDS_ARRAY (value))
    get_strings (*(GPtrArray * const *) field, value);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *) field);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, *(const gboolean *) field);
  else
    g_value_set_enum (value, *(const gint *) field);
}

static void
add_unknown (GStrvBuilder * unknown, const gchar * word)
{
  if (!gst_rcast_uplinks_is_kind (word)
      && !gst_rcast_uplinks_has_interface (word))
    g_strv_builder_add (unknown, word);
}

/* Returns: (transfer full): the words of path-limits */
GStrv
gst_rcast_settings_dup_limits (const GstRcastSettings * settings)
{
  return to_strv (settings->path_limits);
}

/* Finds words of path-preference and path-limits that match nothing on this machine now.
 * Returns: (transfer full): may be empty */
GStrv
gst_rcast_settings_list_unknown_paths (const GstRcastSettings * settings)
{
  g_autoptr (GStrvBuilder) unknown = g_strv_builder_new ();

  for (guint i = 0; i < settings->path_preference->len; i++)
    add_unknown (unknown, g_ptr_array_index (settings->path_preference, i));
  for (guint i = 0; i < settings->path_limits->len; i++) {
    GstRcastAllowance allowance;

    gst_rcast_allowance_parse (g_ptr_array_index (settings->path_limits, i),
        &allowance, NULL);
    add_unknown (unknown, allowance.uplink);
    gst_rcast_allowance_clear (&allowance);
  }
  return g_strv_builder_end (unknown);
}

GstRcastPolicyConfig
gst_rcast_settings_get_config (const GstRcastSettings * settings,
    guint n_locations)
{
  GstRcastPolicyConfig config = { 0, };

  config.settle = SETTLE_TIME;
  config.signalling_timeout = SIGNALLING_TIMEOUT;
  config.connect_timeout = settings->connect_timeout * GST_MSECOND;
  config.disconnected_timeout = settings->disconnected_timeout * GST_MSECOND;
  config.restart_timeout = settings->restart_timeout * GST_MSECOND;
  config.renegotiate_timeout = settings->renegotiate_timeout * GST_MSECOND;
  config.resume_timeout = settings->resume_timeout * GST_MSECOND;
  config.confirm_timeout = settings->connect_timeout * GST_MSECOND;
  config.recovery_timeout = settings->recovery_timeout * GST_MSECOND;
  config.stable_time = STABLE_TIME;
  config.close_timeout = CLOSE_TIMEOUT;
  config.min_delay = settings->min_delay * GST_MSECOND;
  config.max_delay = settings->max_delay * GST_MSECOND;
  config.retry_after_max = settings->retry_after_max * GST_MSECOND;
  config.failback_interval = settings->failback_interval * GST_MSECOND;
  config.hedge_delay = settings->hedge_delay * GST_MSECOND;
  config.probe_interval = settings->probe_interval * GST_MSECOND;
  config.max_retries = settings->max_retries;
  config.n_locations = MAX (n_locations, 1);
  config.give_up = settings->give_up;
  config.rejoin_on_evict = settings->rejoin_on_evict;
  config.reconnect_media = settings->reconnect_media;
  return config;
}

/* Fills in the settings of streams that do not have their own. */
void
gst_rcast_settings_get_defaults (const GstRcastSettings * settings,
    GstRcastPadsDefaults * defaults)
{
  *defaults = (GstRcastPadsDefaults) {
    .bitrate = settings->bitrate,
    .audio_bitrate = settings->audio_bitrate,
    .key_frame_interval = settings->key_frame_interval,
    .video_start = settings->video_start,
    .key_frame_wait = settings->key_frame_wait,
    .mtu = settings->mtu,
    .audio_mix = settings->audio_mix,
  };
}

/* Fills in @peer, which is empty. */
void
gst_rcast_settings_get_peer (const GstRcastSettings * settings,
    GstRcastPeerSettings * peer)
{
  peer->stun_server = g_strdup (settings->stun_server);
  peer->turn_servers = to_strv (settings->turn_servers);
  peer->ice_transport_policy = settings->ice_transport_policy;
  peer->bundle_policy = settings->bundle_policy;
  peer->latency = settings->latency;
  peer->data_channel = settings->data_channel;
  peer->offer_ccfb = settings->offer_ccfb;
  peer->path_mode = settings->path_mode;
  peer->path_preference = to_strv (settings->path_preference);
  peer->media_timeout = settings->media_timeout;
  peer->allot.control = settings->congestion_control;
  peer->allot.rate.max = settings->max_bitrate > 0 ? settings->max_bitrate :
      UNLIMITED_BITRATE;
  peer->allot.rate.min = MIN (settings->min_bitrate, peer->allot.rate.max);
  peer->allot.rate.start = settings->start_bitrate;
}

/* Returns: whether the property belongs to rcastsink, to rcastsrc, or to both */
GstRcastSignallerDirections
gst_rcast_settings_get_directions (guint id)
{
  if (id == GST_RCAST_SETTING_LATENCY || id == GST_RCAST_SETTING_PATH_LIMITS
      || (id >= GST_RCAST_SETTING_BITRATE
          && id <= GST_RCAST_SETTING_START_TIMEOUT))
    return GST_RCAST_SIGNALLER_SEND;
  if (id >= GST_RCAST_SETTING_OUTPUT
      && id <= GST_RCAST_SETTING_AUDIO_STREAMS)
    return GST_RCAST_SIGNALLER_RECEIVE;
  return GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE;
}

/* @specs: as made by gst_rcast_settings_make_specs() */
void
gst_rcast_settings_init (GstRcastSettings * settings, GParamSpec ** specs)
{
  *settings = (GstRcastSettings) {
  .turn_servers = g_ptr_array_new_with_free_func (g_free),.path_preference =
        g_ptr_array_new_with_free_func (g_free),.path_limits =
        g_ptr_array_new_with_free_func (g_free),};
  for (guint id = GST_RCAST_FIRST_VALUE; id < GST_RCAST_N_SETTINGS; id++) {
    if (specs[id]->value_type != GST_TYPE_ARRAY)
      gst_rcast_settings_set (settings, id,
          g_param_spec_get_default_value (specs[id]), NULL);
  }
}

void
gst_rcast_settings_clear (GstRcastSettings * settings)
{
  g_free (settings->stun_server);
  g_free (settings->state_file);
  g_ptr_array_unref (settings->turn_servers);
  g_ptr_array_unref (settings->path_preference);
  g_ptr_array_unref (settings->path_limits);
}

#define READY_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
make_other_specs (GParamSpec ** specs)
{
  /**
   * GstRcastSink:signaller:
   *
   * The signalling element in use, or that of the first location. Setting
   * #GstRcastSink:location makes one and keeps it; its properties are reached by
   * `signaller::name`. One that is set is used for all locations of its schemes, and
   * without any location at its own.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_PROP_SIGNALLER] = g_param_spec_object ("signaller",
      "Signaller", "Signalling element in use; setting location creates one",
      GST_TYPE_RCAST_SIGNALLER,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastSink:status:
   *
   * Status of the broadcast. Notified from the signalling thread.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_PROP_STATUS] = g_param_spec_enum ("status", "Status",
      "Status of the broadcast", GST_TYPE_RCAST_STATUS,
      GST_RCAST_STATUS_DISCONNECTED, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstRcastSink:stats:
   *
   * A structure `application/x-rcast-stats`; docs/elements.md lists its fields.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "Statistics: status, outages, attempts, streams, loss, round trip",
      GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

/* @specs: (out): #GST_RCAST_N_PROPS of them; the first one is not set */
void
gst_rcast_settings_make_specs (GParamSpec ** specs)
{
  /**
   * GstRcastSink:location:
   *
   * URI of the server to broadcast to, or of rcastsrc to receive from, for example
   * `https://live.example/whip/studio-1`. Its scheme picks the signaller: `http(s)`,
   * `whip(s)` and `whip+http(s)` are rcastwhip, of rcastsrc `http(s)`, `whep(s)` and
   * `whep+http(s)` rcastwhep; of both `janus+ws(s)` is rcastjanus, `openvidu+ws(s)`
   * rcastopenvidu, and `gst+ws(s)` rcastgst. A URI that no signaller takes is refused
   * with a warning, and the old one stays; %NULL or an empty string clears it. Reads back
   * without user, password and query.
   *
   * While the broadcast runs, it moves to a new first server without an outage: the session
   * there is up and confirmed before the one in use ends. See #GstRcastSink:hedge-delay for
   * cases where there cannot be two sessions at a time; there the one in use ends first.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_LOCATION] =
      g_param_spec_string ("location", "Location",
      "URI of the server; its scheme picks the signaller", NULL,
      PLAYING_FLAGS);

  /**
   * GstRcastSink:locations:
   *
   * Servers in the order of preference, after #GstRcastSink:location where that
   * is set, 31 at the most. If one of them is invalid, the whole list is refused
   * with a warning. The next one is tried when the present one refuses, or when a
   * second session in a row fails there. Reads back as #GstRcastSink:location does. On a
   * command line: `locations="<https://a.example/x,https://b.example/x>"`. While the
   * broadcast runs, it moves if the server in use is not in the list any more, or if
   * another one is the first.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_LOCATIONS] =
      gst_param_spec_array ("locations", "Locations",
      "URIs of the servers, in the order of preference",
      g_param_spec_string ("location", "Location", "URI of a server", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS), PLAYING_FLAGS);

  /**
   * GstRcastSink:auth-token:
   *
   * The token that is sent to every server that has none of its own by
   * #GstRcastSink::request-token or #GstRcastSink::set-token. Never logged and not
   * readable.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_AUTH_TOKEN] =
      g_param_spec_string ("auth-token", "Token",
      "Token for every server without a token of its own", NULL,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastSink:auth-tokens:
   *
   * The tokens of #GstRcastSink:locations, in the same order; an empty one: that server
   * gets #GstRcastSink:auth-token, as it does where the list is shorter. A token belongs
   * to the origin (scheme, host and port) of its location and is sent to no other; several
   * locations of one origin have one each. Never logged and not readable. On a command line:
   * `locations="<https://a.example/x,https://b.example/x>" auth-tokens="<token-a,token-b>"`.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_AUTH_TOKENS] =
      gst_param_spec_array ("auth-tokens", "Tokens",
      "Tokens of the servers in locations, in the same order",
      g_param_spec_string ("auth-token", "Token", "Token of a server", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS),
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastSink:stun-server:
   *
   * `stun://host:port`, `stun:host:port` (RFC 7064), both with or without the port
   * (3478), or `host:port`. Anything else is refused with a warning. Where it or
   * #GstRcastSink:turn-servers is set, the ICE servers that the signalling server gives
   * are not used.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_STUN_SERVER] =
      g_param_spec_string ("stun-server", "STUN server",
      "STUN server, stun:host[:port] or host:port; overrides the server's",
      NULL, READY_FLAGS);

  /**
   * GstRcastSink:turn-servers:
   *
   * `turn(s)://user:password@host:port?transport=udp|tcp`, user and password
   * percent-encoded; slashes, port and transport may be left out (RFC 7065). If one of
   * them is something else, the whole list is refused with a warning. Cannot be read
   * back: what can be read is printed by `gst-launch-1.0 -v` and into dot files. On a
   * command line: `turn-servers="<turn:user:password@host>"`.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_TURN_SERVERS] = gst_param_spec_array ("turn-servers",
      "TURN servers",
      "TURN servers, turn[s]:user:password@host[:port][?transport=udp|tcp]; "
      "override the server's",
      g_param_spec_string ("turn-server", "TURN server",
          "turn[s]:user:password@host[:port][?transport=udp|tcp]", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS),
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastSink:ice-transport-policy:
   *
   * The candidates to use: all, or only relayed ones.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_ICE_TRANSPORT_POLICY] =
      g_param_spec_enum ("ice-transport-policy", "ICE transport policy",
      "Candidates to use: all, or only relayed ones",
      GST_TYPE_WEBRTC_ICE_TRANSPORT_POLICY,
      GST_WEBRTC_ICE_TRANSPORT_POLICY_ALL, READY_FLAGS);

  /**
   * GstRcastSink:bundle-policy:
   *
   * How streams share transports; WHIP requires max-bundle (RFC 9725 4.4.1). A server that
   * does not bundle gets a transport for each stream, unless it takes no candidates after
   * the offer, and so needs none. balanced equals max-compat.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_BUNDLE_POLICY] = g_param_spec_enum ("bundle-policy",
      "Bundle policy", "How streams share transports",
      GST_TYPE_WEBRTC_BUNDLE_POLICY, GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
      READY_FLAGS);

  /**
   * GstRcastSink:latency:
   *
   * Latency of the jitter buffers in webrtcbin, in ms, for media from the server,
   * which is not used. It does not affect the latency of the broadcast.
   *
   * Since: 0.1
   * Deprecated: 0.1: it has no effect on a broadcast
   */
  specs[GST_RCAST_SETTING_LATENCY] = g_param_spec_uint ("latency", "Latency",
      "Latency of webrtcbin's jitter buffers, in ms; no effect on a broadcast", 0,
      G_MAXUINT, DEFAULT_LATENCY_MS, READY_FLAGS | G_PARAM_DEPRECATED);

  /**
   * GstRcastSink:data-channel:
   *
   * Offers a data channel, over which #GstRcastSink::send-message sends where the
   * server accepts it. Without one, messages go over the signalling connection.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_DATA_CHANNEL] = g_param_spec_boolean ("data-channel",
      "Data channel", "Offer a data channel for application messages", FALSE,
      READY_FLAGS);

  gst_rcast_path_make_specs (specs);
  gst_rcast_outlet_make_specs (specs);
  gst_rcast_media_make_specs (specs);

  /**
   * GstRcastSink:ice-disconnected-timeout:
   *
   * How long a lost ICE pair may stay lost before that counts as a failure, in ms,
   * counted from the last packet that was received: #GstRcastSink:media-timeout is part
   * of it. After a change of path, the server has the same time to confirm the new one.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_ICE_DISCONNECTED_TIMEOUT] =
      g_param_spec_uint ("ice-disconnected-timeout",
      "ICE disconnected timeout",
      "Grace period after the ICE pair is lost, in ms", 0,
      G_MAXINT, DEFAULT_DISCONNECTED_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:connect-timeout:
   *
   * How long ICE and DTLS may take to connect after the answer of the server, in ms.
   * Not the connection to the signalling server: that is `signaller::connect-timeout`.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_CONNECT_TIMEOUT] =
      g_param_spec_uint ("connect-timeout", "Connect timeout",
      "Limit for ICE and DTLS to connect after the answer, in ms", 1,
      G_MAXINT, DEFAULT_CONNECT_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:failover-connect-timeout:
   *
   * How long a connection to a signalling server may take while there are several
   * locations, in ms. If `signaller::connect-timeout` was set, that counts instead.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_FAILOVER_CONNECT_TIMEOUT] =
      g_param_spec_uint ("failover-connect-timeout",
      "Failover connect timeout",
      "How long a connection to a signalling server may take while there are "
      "several locations, in ms", 1, G_MAXINT,
      DEFAULT_FAILOVER_CONNECT_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:ice-restart-timeout:
   *
   * How long an ICE restart may take to bring the media back before a fresh
   * connection is negotiated, in ms. Half of that if the server answers from the
   * addresses and ports that it had before: they may be what is dead.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_ICE_RESTART_TIMEOUT] =
      g_param_spec_uint ("ice-restart-timeout", "ICE restart timeout",
      "How long an ICE restart may take before a fresh connection is "
      "negotiated, in ms", 1, G_MAXINT, DEFAULT_ICE_RESTART_TIMEOUT_MS,
      READY_FLAGS);

  /**
   * GstRcastSink:renegotiate-timeout:
   *
   * How long a fresh connection in the same session may take, offer and answer
   * included, before a new session is opened, in ms.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RENEGOTIATE_TIMEOUT] =
      g_param_spec_uint ("renegotiate-timeout", "Renegotiate timeout",
      "How long a fresh connection in the same session may take before a new "
      "session is opened, in ms", 1, G_MAXINT, DEFAULT_RENEGOTIATE_TIMEOUT_MS,
      READY_FLAGS);

  /**
   * GstRcastSink:resume-timeout:
   *
   * How long one attempt to resume a lost signalling connection may last, in ms. While
   * media flows, attempts continue without limit.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RESUME_TIMEOUT] = g_param_spec_uint ("resume-timeout",
      "Resume timeout",
      "Limit for one attempt to resume the signalling, in ms", 1,
      G_MAXINT, DEFAULT_RESUME_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:recovery-timeout:
   *
   * While the server cannot be reached: how long after the media stopped an ICE restart
   * or a renegotiation still tries to save the session, in ms. After that a new one is
   * opened. It should be shorter than the time for which the server waits for media.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECOVERY_TIMEOUT] =
      g_param_spec_uint ("recovery-timeout", "Recovery timeout",
      "Longest time to keep the session after the media stopped, in ms", 1,
      G_MAXINT, DEFAULT_RECOVERY_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:failback-interval:
   *
   * Interval of the checks of the first location while another one is in use, in ms;
   * 0: no return; after two good answers in a row the broadcast returns to it: a session
   * there is up and confirmed before the one in use ends. The interval doubles after
   * each return, up to 32 times, until the broadcast has stayed at the first location for as
   * long as that, and 5 minutes at least. A WHIP server is checked by OPTIONS, which opens no
   * session; a server that has refused for good is checked a 32nd as often until then.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_FAILBACK_INTERVAL] =
      g_param_spec_uint ("failback-interval", "Failback interval",
      "Time between two checks of the first location while another one is in "
      "use, in ms; 0: no return", 0, G_MAXINT, DEFAULT_FAILBACK_INTERVAL_MS,
      READY_FLAGS);

  /**
   * GstRcastSink:hedge-delay:
   *
   * How long a step of a recovery may take before a second session is opened beside it,
   * in ms: at the same server if that answers, else at the next of #GstRcastSink:locations.
   * Whichever connects first has the broadcast; the other one is closed. 0: one step after
   * the other. A signaller may need longer for its own session: no second one begins at
   * the same server before that (rcastopenvidu: 25 s). A server that takes one session at
   * a time refuses the second one, and the first goes on. A #GstRcastSink:signaller whose
   * type is not registered as an element, or which is used at its own location, has no
   * second session.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_HEDGE_DELAY] =
      g_param_spec_uint ("hedge-delay", "Hedge delay",
      "How long a step of a recovery may take before a second session is opened "
      "beside it, in ms; 0: none is", 0, G_MAXINT, DEFAULT_HEDGE_DELAY_MS,
      READY_FLAGS);

  /**
   * GstRcastSink:reconnect-probe-interval:
   *
   * While the server cannot be reached, it is probed with bare TCP connections, without
   * TLS and without a request: each after a random time between half of this interval
   * and all of it, in ms. When one is accepted, the next attempt begins at once. After
   * 640 intervals the interval grows with the absence, up to 8 times its length. A server
   * that sent Retry-After is not probed, nor is one behind a proxy, nor one whose
   * signaller does not support probes.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECONNECT_PROBE_INTERVAL] =
      g_param_spec_uint ("reconnect-probe-interval", "Reconnect probe interval",
      "Longest time between two probes of a server that cannot be reached, in "
      "ms; 0: no probes", 0, 3600000,
      DEFAULT_RECONNECT_PROBE_INTERVAL_MS, READY_FLAGS);

  /**
   * GstRcastSink:give-up:
   *
   * Whether the broadcast ends when each of its #GstRcastSink:locations has refused it
   * (HTTP 401 without a fresh token, 404, 405, 410 or any other 4xx but 408 and 429;
   * 400, 403 and 409 after 45 s, in which somebody may be there; a wrong room, a
   * certificate that is not trusted). Where it does not end, a server that refused is asked
   * again after twice #GstRcastSink:reconnect-min-delay, 1 s at least, then after twice as
   * long each time, up to #GstRcastSink:reconnect-max-delay, and the others in between.
   * Whatever this says, the broadcast ends when #GstRcastSink:reconnect-max-retries is
   * used up, when the server has removed us on purpose, and when it has forgotten the
   * session while #GstRcastSink:rejoin-on-evict is %FALSE.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_GIVE_UP] =
      g_param_spec_enum ("give-up", "Give up",
      "Whether the broadcast ends when each of its servers has refused it",
      GST_TYPE_RCAST_GIVE_UP, GST_RCAST_GIVE_UP_ON_REFUSAL, READY_FLAGS);

  /**
   * GstRcastSink:rejoin-on-evict:
   *
   * Whether a new session is opened when the server has forgotten the present one.
   * Otherwise the broadcast ends, with the reason `evicted`. It always ends when the
   * server has removed us on purpose.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_REJOIN_ON_EVICT] =
      g_param_spec_boolean ("rejoin-on-evict", "Rejoin on evict",
      "Open a new session when the server has forgotten this one",
      TRUE, READY_FLAGS);

  /**
   * GstRcastSink:force-media-reconnection-after-network-drop:
   *
   * Whether media that still flows is reconnected when the network or the signalling
   * connection comes back.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECONNECT_MEDIA] =
      g_param_spec_boolean ("force-media-reconnection-after-network-drop",
      "Force media reconnection",
      "Whether media that still flows is reconnected when the network or the "
      "signalling connection comes back", FALSE, READY_FLAGS);

  /**
   * GstRcastSink:reconnect-min-delay:
   *
   * The first attempt to reconnect is made at once. The second one waits a random time
   * between 0 and this, in ms; the bound doubles from attempt to attempt, up to
   * #GstRcastSink:reconnect-max-delay. Once the server confirms that media arrives the
   * attempts begin anew; where sessions do not last 5 s the bound of the first one grows
   * from outage to outage, up to four times this.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECONNECT_MIN_DELAY] =
      g_param_spec_uint ("reconnect-min-delay", "Reconnect minimal delay",
      "Bound of the random delay before the second attempt, in ms; it doubles "
      "with each attempt",
      0, G_MAXINT, DEFAULT_RECONNECT_MIN_DELAY_MS, READY_FLAGS);

  /**
   * GstRcastSink:reconnect-max-delay:
   *
   * Longest delay between two attempts, in ms, unless the server asks for more by
   * Retry-After: see #GstRcastSink:retry-after-max.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECONNECT_MAX_DELAY] =
      g_param_spec_uint ("reconnect-max-delay", "Reconnect maximal delay",
      "Longest delay between two attempts, in ms", 0, G_MAXINT,
      DEFAULT_RECONNECT_MAX_DELAY_MS, READY_FLAGS);

  /**
   * GstRcastSink:reconnect-max-retries:
   *
   * How many attempts are made to get back on air before the broadcast ends with an
   * error; the count restarts when media has flowed for 5 s.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RECONNECT_MAX_RETRIES] =
      g_param_spec_int ("reconnect-max-retries", "Reconnect maximal retries",
      "Attempts to get back on air until an error; -1: no limit, 0: none", -1,
      G_MAXINT, DEFAULT_RECONNECT_MAX_RETRIES, READY_FLAGS);

  /**
   * GstRcastSink:retry-after-max:
   *
   * The longest time for which a server may hold back the next attempt by Retry-After,
   * in ms; 0: Retry-After is ignored. It holds back that server only: where there are
   * other #GstRcastSink:locations, the next one is tried at once.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_RETRY_AFTER_MAX] =
      g_param_spec_uint ("retry-after-max", "Retry-After maximum",
      "Longest time for which a server may hold back the next attempt by "
      "Retry-After, in ms", 0, G_MAXINT, DEFAULT_RETRY_AFTER_MAX_MS,
      READY_FLAGS);

  /**
   * GstRcastSink:state-file:
   *
   * File that keeps the URLs of open sessions, so that a killed process can end its sessions
   * when it starts again: before the first offer to a server, the sessions left there are ended.
   * If a server takes one publisher at a time, that saves the half minute until the server drops
   * the former session. %NULL or empty: none.
   *
   * Written atomically, readable by its owner only, without tokens and user names. At many
   * servers, though, anyone who knows the URL of a session can end it. Each rcastsink needs a
   * file of its own: a second one with the same file warns and goes without. It does the same
   * with a file of another owner or one that it cannot write. Read in NULL to READY.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_STATE_FILE] =
      g_param_spec_string ("state-file", "State file",
      "File that keeps the URLs of open sessions over a crash", NULL,
      READY_FLAGS);

  make_other_specs (specs);
}
