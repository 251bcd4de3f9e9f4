/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus: the signaller for the VideoRoom of Janus Gateway. */
/**
 * SECTION:element-rcastjanus
 * @title: rcastjanus
 * @short_description: Janus VideoRoom signalling for rcastsink
 *
 * Publishes the offer of #rcastsink in a VideoRoom of Janus Gateway 1.x over
 * WebSocket. rcastsink makes one by itself for a `location` of the scheme
 * `janus+ws` or `janus+wss`:
 * `janus+ws://host:8188/?room=1234&display=studio`. Keys of its query:
 *
 * - `room`: the room; digits make a number, anything else a string. A server
 *   that wants strings (string_ids) is noticed
 * - `id`: the identifier to have in the room; without, the server picks one
 * - `display`: the name that others see
 * - `pin`: of the room; never shown. #GstRcastJanus:pin is the better place
 * - `create`: `true` makes the room where there is none
 *
 * Without a port those of the scheme count: 80 and 443. Janus itself listens on
 * 8188 and 8989.
 *
 * A lost WebSocket leaves the media alone. Where the server allows claims
 * (`reclaim_session_timeout`), the session is taken up again. What the server
 * says of its own accord is posted as element messages `janus-event` with the
 * fields `event` (`webrtcup`, `media`, `slowlink`, `ice-failed`, `hangup`,
 * `detached`, `timeout`, `kicked`, `destroyed`) and what belongs to each; `claimed`
 * tells that a lost session has been taken up again.
 *
 * When the server refuses the token (error 403),
 * #GstRcastSignaller::request-token is emitted once for a fresh one.
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

#include <string.h>

#include "janus-session.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_debug);
#define GST_CAT_DEFAULT rcast_janus_debug

#define SCHEME_PREFIX "janus+"
#define DEFAULT_TIMEOUT 10000
#define DEFAULT_CONNECT_TIMEOUT 4000
#define DEFAULT_CLOSE_TIMEOUT 3000
#define DEFAULT_PING_INTERVAL 1
#define DEFAULT_PONG_TIMEOUT 4000
#define DEFAULT_USER_AGENT "gst-rcast/" PACKAGE_VERSION
/* Ten minutes: beyond, a limit is none. */
#define MAX_TIMEOUT 600000

struct _GstRcastJanus
{
  GstRcastSignaller parent;

  gchar *auth_token;            /* OBJECT_LOCK, as all settings */
  gchar *api_secret, *pin;
  gchar *room_token, *room_secret, *admin_key;
  gchar *location_pin;          /* out of the location, which is told without */
  gchar *audio_codec, *video_codec;
  gchar *user_agent;
  gchar *tls_ca_file;
  gboolean tls_verify;
  guint bitrate;
  guint timeout, connect_timeout, close_timeout, ping_interval, pong_timeout;
  guint64 session_id;           /* OBJECT_LOCK, as last told */
  gchar *feed_id;               /* OBJECT_LOCK, as last told */

  /* The signalling thread's. */
  JanusSession *session;
  JanusMemory memory;           /* `kicked` is cleared before it starts */
};

enum
{
  PROP_AUTH_TOKEN = 1,
  PROP_API_SECRET,
  PROP_PIN,
  PROP_ROOM_TOKEN,
  PROP_ROOM_SECRET,
  PROP_ADMIN_KEY,
  PROP_AUDIO_CODEC,
  PROP_VIDEO_CODEC,
  PROP_BITRATE,
  PROP_USER_AGENT,
  PROP_TLS_CA_FILE,
  PROP_TLS_VERIFY,
  PROP_TIMEOUT,
  PROP_CONNECT_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  PROP_PING_INTERVAL,
  PROP_PONG_TIMEOUT,
  PROP_SESSION_ID,
  PROP_FEED_ID,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastJanus, gst_rcast_janus, GST_TYPE_RCAST_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastjanus, "rcastjanus",
    GST_RANK_PRIMARY, GST_TYPE_RCAST_JANUS,
    GST_DEBUG_CATEGORY_INIT (rcast_janus_debug, "rcastjanus", 0,
        "Janus signaller"));

/* Where a string property is kept, NULL: it is none. OBJECT_LOCK held. */
static gchar **
string_setting_locked (GstRcastJanus * self, guint id)
{
  switch (id) {
    case PROP_AUTH_TOKEN:
      return &self->auth_token;
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
    case PROP_USER_AGENT:
      return &self->user_agent;
    case PROP_TLS_CA_FILE:
      return &self->tls_ca_file;
    case PROP_FEED_ID:
      return &self->feed_id;
    default:
      return NULL;
  }
}

/* The same for numbers. */
static guint *
number_setting_locked (GstRcastJanus * self, guint id)
{
  switch (id) {
    case PROP_BITRATE:
      return &self->bitrate;
    case PROP_TIMEOUT:
      return &self->timeout;
    case PROP_CONNECT_TIMEOUT:
      return &self->connect_timeout;
    case PROP_CLOSE_TIMEOUT:
      return &self->close_timeout;
    case PROP_PING_INTERVAL:
      return &self->ping_interval;
    case PROP_PONG_TIMEOUT:
      return &self->pong_timeout;
    default:
      return NULL;
  }
}

static void
gst_rcast_janus_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastJanus *self = GST_RCAST_JANUS (object);
  gchar **text;
  guint *number;

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  text = string_setting_locked (self, id);
  number = number_setting_locked (self, id);
  if (text) {
    g_free (*text);
    *text = g_value_dup_string (value);
  } else if (number) {
    *number = g_value_get_uint (value);
  } else if (id == PROP_TLS_VERIFY) {
    self->tls_verify = g_value_get_boolean (value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_janus_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastJanus *self = GST_RCAST_JANUS (object);
  gchar **text;
  guint *number;

  GST_OBJECT_LOCK (self);
  text = string_setting_locked (self, id);
  number = number_setting_locked (self, id);
  if (text)
    g_value_set_string (value, *text);
  else if (number)
    g_value_set_uint (value, *number);
  else if (id == PROP_TLS_VERIFY)
    g_value_set_boolean (value, self->tls_verify);
  else if (id == PROP_SESSION_ID)
    g_value_set_uint64 (value, self->session_id);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* What the session asks of the element. Any thread. */

static gchar *
dup_token (GstRcastSignaller * element)
{
  GstRcastJanus *self = GST_RCAST_JANUS (element);
  gchar *token;

  GST_OBJECT_LOCK (self);
  token = self->auth_token && *self->auth_token ?
      g_strdup (self->auth_token) : NULL;
  GST_OBJECT_UNLOCK (self);
  return token;
}

static void
store_token (GstRcastSignaller * element, const gchar * token)
{
  GstRcastJanus *self = GST_RCAST_JANUS (element);

  GST_OBJECT_LOCK (self);
  g_free (self->auth_token);
  self->auth_token = g_strdup (token);
  GST_OBJECT_UNLOCK (self);
}

static void
learned (GstRcastSignaller * element, guint64 session, const JanusId * feed)
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

static const JanusElement element_calls = { dup_token, store_token, learned };

/* The location */

static void
G_GNUC_PRINTF (2, 3)
bad_location (GError ** error, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "location: %s", text);
}

static gboolean
parse_boolean (const gchar * text, gboolean * value)
{
  *value = g_str_equal (text, "true") || g_str_equal (text, "1");
  return *value || g_str_equal (text, "false") || g_str_equal (text, "0");
}

/* One key of the query. */
static gboolean
take_key (JanusSettings * settings, const gchar * key, const gchar * value,
    GError ** error)
{
  if (g_str_equal (key, "room")) {
    janus_id_guess (&settings->room, value);
  } else if (g_str_equal (key, "id")) {
    janus_id_guess (&settings->id, value);
  } else if (g_str_equal (key, "pin")) {
    g_free (settings->pin);
    settings->pin = g_strdup (value);
  } else if (g_str_equal (key, "display")) {
    g_free (settings->display);
    settings->display = g_strdup (value);
  } else if (g_str_equal (key, "create")) {
    if (!parse_boolean (value, &settings->create_room)) {
      bad_location (error, "create is true or false");
      return FALSE;
    }
  } else {
    /* Behind a raw ampersand in a pin it would be a part of it. */
    bad_location (error,
        "%s%s%sis unknown; the keys are room, id, pin, display "
        "and create, and an ampersand in a value is %%26",
        settings->pin ? "a key " : "\"", settings->pin ? "" : key,
        settings->pin ? "" : "\" ");
    return FALSE;
  }
  return TRUE;
}

static gboolean
take_query (JanusSettings * settings, const gchar * query, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  GUriParamsIter iter;
  gchar *key, *value;

  g_uri_params_iter_init (&iter, query ? query : "", -1, "&",
      G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &key, &value, &reason)) {
    g_autofree gchar *k = key, *v = value;

    if (!take_key (settings, k, v, error))
      return FALSE;
  }
  if (reason)
    bad_location (error, "%s", reason->message);
  else if (!settings->room.text || !*settings->room.text)
    bad_location (error, "names no room: …?room=1234");
  else
    return TRUE;
  return FALSE;
}

/* Returns: (transfer full): settings with what the location says */
static JanusSettings *
parse_location (const gchar * location, GError ** error)
{
  g_autoptr (JanusSettings) settings = g_new0 (JanusSettings, 1);
  g_autoptr (GUri) uri = NULL;
  const gchar *path;

  if (g_ascii_strncasecmp (location, SCHEME_PREFIX, strlen (SCHEME_PREFIX)))
    location = "";
  else
    location += strlen (SCHEME_PREFIX);
  /* Encoded as it is, so that an ampersand in a value stays one. GLib's errors
   * repeat what they take for a port or a host: it may be half of a password. */
  uri = g_uri_parse (location, G_URI_FLAGS_ENCODED, NULL);
  if (!uri || (strcmp (g_uri_get_scheme (uri), "ws") != 0
          && strcmp (g_uri_get_scheme (uri), "wss") != 0)
      || !g_uri_get_host (uri) || !*g_uri_get_host (uri)) {
    bad_location (error, "expected janus+ws://host:port/?room=… or "
        "janus+wss://…");
    return NULL;
  }
  if (g_uri_get_userinfo (uri) || g_uri_get_fragment (uri)) {
    bad_location (error, "a user name or a fragment has no use here");
    return NULL;
  }
  if (!take_query (settings, g_uri_get_query (uri), error))
    return NULL;
  path = g_uri_get_path (uri);
  settings->url = g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (uri),
      NULL, g_uri_get_host (uri), g_uri_get_port (uri), *path ? path : "/",
      NULL, NULL);
  return g_steal_pointer (&settings);
}

static gboolean
gst_rcast_janus_set_location (GstRcastSignaller * signaller,
    const gchar * location, GError ** error)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  g_autoptr (JanusSettings) settings = parse_location (location, error);

  if (!settings)
    return FALSE;
  GST_OBJECT_LOCK (self);
  g_free (self->location_pin);
  self->location_pin = g_steal_pointer (&settings->pin);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Without the pin. */
static gchar *
gst_rcast_janus_public_location (GstRcastSignaller * signaller,
    const gchar * location)
{
  const gchar *query = strchr (location, '?');
  g_auto (GStrv) keys = NULL;
  g_autoptr (GString) text = NULL;

  if (!query)
    return g_strdup (location);
  text = g_string_new_len (location, query - location);
  keys = g_strsplit (query + 1, "&", -1);
  for (guint i = 0, n = 0; keys[i]; i++) {
    g_autofree gchar *key = g_uri_unescape_string (keys[i], NULL);

    if (!key || g_str_has_prefix (key, "pin="))
      continue;
    g_string_append_printf (text, "%c%s", n++ == 0 ? '?' : '&', keys[i]);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: the CA file */
static gchar *
copy_settings (GstRcastJanus * self, JanusSettings * settings)
{
  gchar *ca_file;

  GST_OBJECT_LOCK (self);
  settings->pin = g_strdup (self->location_pin ? self->location_pin :
      self->pin);
  settings->api_secret = g_strdup (self->api_secret);
  settings->room_token = g_strdup (self->room_token);
  settings->room_secret = g_strdup (self->room_secret);
  settings->admin_key = g_strdup (self->admin_key);
  settings->audio_codec = g_strdup (self->audio_codec);
  settings->video_codec = g_strdup (self->video_codec);
  settings->user_agent = g_strdup (self->user_agent);
  settings->bitrate = self->bitrate;
  settings->tls_verify = self->tls_verify;
  settings->timeout = self->timeout;
  settings->connect_timeout = self->connect_timeout;
  settings->close_timeout = self->close_timeout;
  settings->ping_interval = self->ping_interval;
  /* A pong must have had a chance to come. */
  settings->pong_timeout = MAX (self->pong_timeout,
      self->ping_interval * 1000 + 500);
  ca_file = g_strdup (self->tls_ca_file);
  GST_OBJECT_UNLOCK (self);
  return ca_file;
}

/* Returns: (transfer full): the settings as they are now */
static JanusSettings *
read_settings (GstRcastJanus * self, GError ** error)
{
  g_autofree gchar *location =
      gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (self));
  g_autofree gchar *ca_file = NULL;
  g_autoptr (JanusSettings) settings = NULL;
  g_autoptr (GError) reason = NULL;

  if (!location) {
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no location is set");
    return NULL;
  }
  settings = parse_location (location, error);
  if (!settings)
    return NULL;
  settings->location = g_steal_pointer (&location);
  ca_file = copy_settings (self, settings);
  if (!ca_file)
    return g_steal_pointer (&settings);

  settings->tls_database = g_tls_file_database_new (ca_file, &reason);
  if (!settings->tls_database) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "tls-ca-file: %s", reason->message);
    return NULL;
  }
  return g_steal_pointer (&settings);
}

/* The signaller's operations */

static void
end_session (GstRcastJanus * self, GTask * task)
{
  g_autoptr (JanusSession) session = g_steal_pointer (&self->session);

  if (session) {
    janus_session_close (session, task);
    return;
  }
  if (task) {
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  }
}

static void
gst_rcast_janus_open_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  JanusSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_janus_open_async);
  settings = read_settings (self, &error);
  if (!settings) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  end_session (self, NULL);
  janus_memory_check (&self->memory, settings->location);
  self->session = janus_session_new (signaller, settings, &self->memory,
      &element_calls);
  janus_session_open (self->session, task);
}

/* Returns: (transfer full) (nullable): a task, unless there is no session */
static GTask *
session_task (GstRcastJanus * self, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (self->session)
    return task;
  g_task_return_new_error (task, GST_RCAST_ERROR,
      GST_RCAST_ERROR_SESSION_GONE, "the signaller is not open");
  g_object_unref (task);
  return NULL;
}

static void
gst_rcast_janus_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GTask *task = session_task (self, cancellable, callback, user_data,
      gst_rcast_janus_offer_async);

  if (task)
    janus_session_offer (self->session, kind, sdp, task);
}

static void
gst_rcast_janus_resume_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GTask *task = session_task (self, cancellable, callback, user_data,
      gst_rcast_janus_resume_async);

  if (task)
    janus_session_resume (self->session, task);
}

static void
on_reached (gpointer source, gint64 since)
{
  GstRcastJanus *self = source;

  if (self->session)
    janus_session_reached (self->session, since);
}

static void
gst_rcast_janus_probe_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (JanusSettings) settings = NULL;
  g_autofree gchar *location = gst_rcast_signaller_dup_location (signaller);
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_janus_probe_async);
  if (self->session && janus_session_is_heard (self->session)) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "there is a connection");
    return;
  }
  settings = parse_location (location ? location : "", &error);
  if (!settings) {
    g_task_return_error (task, error);
    return;
  }
  janus_memory_look (&self->memory, settings->url, on_reached,
      g_steal_pointer (&task));
}

static void
gst_rcast_janus_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_janus_close_async);
  end_session (self, task);
}

static gboolean
finish_boolean (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gchar *
gst_rcast_janus_offer_finish (GstRcastSignaller * signaller,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
gst_rcast_janus_add_candidate (GstRcastSignaller * signaller,
    guint mline_index, const gchar * ufrag, const gchar * candidate)
{
  GstRcastJanus *self = GST_RCAST_JANUS (signaller);

  if (self->session)
    janus_session_add_candidate (self->session, mline_index, ufrag, candidate);
}

/* A new start is a new try, also where it was thrown out. The signalling thread
 * begins after it. */
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

  g_clear_pointer (&self->session, janus_session_unref);
  janus_memory_clear (&self->memory);
  net_reach_free (self->memory.reach);
  g_free (self->auth_token);
  g_free (self->api_secret);
  g_free (self->pin);
  g_free (self->location_pin);
  g_free (self->room_token);
  g_free (self->room_secret);
  g_free (self->admin_key);
  g_free (self->audio_codec);
  g_free (self->video_codec);
  g_free (self->user_agent);
  g_free (self->tls_ca_file);
  g_free (self->feed_id);
  G_OBJECT_CLASS (gst_rcast_janus_parent_class)->finalize (object);
}

static void
install_secrets (void)
{
  /* What can be read is printed by `gst-launch-1.0 -v` and into dot files. */
  const GParamFlags secret = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstRcastJanus:auth-token:
   *
   * Token of a server with token authentication (`token_auth`), stored or
   * signed, which is sent with each request. That of a room is another one:
   * #GstRcastJanus:room-token. Cannot be read back. A new value counts from the
   * next request on.
   *
   * Since: 0.1
   */
  props[PROP_AUTH_TOKEN] = g_param_spec_string ("auth-token",
      "Authorization token", "Token, sent with each request", NULL,
      secret | GST_PARAM_MUTABLE_PLAYING);

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
   * Pin of the room. One in the location comes first. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_PIN] = g_param_spec_string ("pin", "Pin", "Pin of the room", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastJanus:room-token:
   *
   * Token of a room that lists those who may come (`allowed`), or that wants
   * signed ones (`signed_tokens`). It is sent with the join alone. Cannot be read
   * back. A new value counts from the next session on.
   *
   * Since: 0.1
   */
  props[PROP_ROOM_TOKEN] = g_param_spec_string ("room-token", "Room token",
      "Token of a room that lists those who may come", NULL,
      secret | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastJanus:room-secret:
   *
   * Secret that a room made by `create=true` gets: who does not know it cannot
   * change or end the room. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_ROOM_SECRET] = g_param_spec_string ("room-secret", "Room secret",
      "Secret that a room made by create=true gets", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastJanus:admin-key:
   *
   * Key (`admin_key`) that some servers want for `create=true`. Cannot be read
   * back.
   *
   * Since: 0.1
   */
  props[PROP_ADMIN_KEY] = g_param_spec_string ("admin-key", "Admin key",
      "Key that allows to create a room", NULL,
      secret | GST_PARAM_MUTABLE_READY);
}

static void
install_media_settings (GParamFlags flags)
{
  /**
   * GstRcastJanus:bitrate:
   *
   * Limit in bit/s that Janus tells by REMB; 0: as the room says.
   *
   * Since: 0.1
   */
  props[PROP_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "Limit in bit/s that the server tells by REMB, 0: as the room says",
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
   * GstRcastJanus:user-agent:
   *
   * Value of the User-Agent header.
   *
   * Since: 0.1
   */
  props[PROP_USER_AGENT] = g_param_spec_string ("user-agent", "User agent",
      "Value of the User-Agent header", DEFAULT_USER_AGENT, flags);

  /**
   * GstRcastJanus:tls-ca-file:
   *
   * File with the certificates, as PEM, of the authorities to trust instead of
   * the system's.
   *
   * Since: 0.1
   */
  props[PROP_TLS_CA_FILE] = g_param_spec_string ("tls-ca-file", "TLS CA file",
      "PEM file with the authorities to trust instead of the system's", NULL,
      flags);

  /**
   * GstRcastJanus:tls-verify:
   *
   * Whether the server's certificate must be valid.
   *
   * Since: 0.1
   */
  props[PROP_TLS_VERIFY] = g_param_spec_boolean ("tls-verify", "TLS verify",
      "Whether the server's certificate must be valid", TRUE, flags);

  /**
   * GstRcastJanus:timeout:
   *
   * Milliseconds until a request must be answered.
   *
   * Since: 0.1
   */
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", "Timeout",
      "Time in ms until a request must be answered",
      1, MAX_TIMEOUT, DEFAULT_TIMEOUT, flags);

  /**
   * GstRcastJanus:connect-timeout:
   *
   * Milliseconds until the WebSocket must be there, TLS included.
   *
   * Since: 0.1
   */
  props[PROP_CONNECT_TIMEOUT] = g_param_spec_uint ("connect-timeout",
      "Connect timeout", "Time in ms until the WebSocket must be there",
      1, MAX_TIMEOUT, DEFAULT_CONNECT_TIMEOUT, flags);

  /**
   * GstRcastJanus:close-timeout:
   *
   * Milliseconds that the end of a session may take in the background.
   *
   * Since: 0.1
   */
  props[PROP_CLOSE_TIMEOUT] = g_param_spec_uint ("close-timeout",
      "Close timeout",
      "Time in ms that the end of a session may take in the background",
      1, MAX_TIMEOUT, DEFAULT_CLOSE_TIMEOUT, flags);

  /**
   * GstRcastJanus:ping-interval:
   *
   * Seconds between the pings of the WebSocket.
   *
   * Since: 0.1
   */
  props[PROP_PING_INTERVAL] = g_param_spec_uint ("ping-interval",
      "Ping interval", "Time in s between the pings of the WebSocket",
      1, MAX_TIMEOUT / 1000, DEFAULT_PING_INTERVAL, flags);

  /**
   * GstRcastJanus:pong-timeout:
   *
   * Milliseconds of silence after which the WebSocket counts as lost. At least
   * half a second more than the ping interval is kept.
   *
   * Since: 0.1
   */
  props[PROP_PONG_TIMEOUT] = g_param_spec_uint ("pong-timeout",
      "Pong timeout",
      "Time in ms of silence after which the WebSocket counts as lost",
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
   * The server's number for the last session, 0: there was none.
   *
   * Since: 0.1
   */
  props[PROP_SESSION_ID] = g_param_spec_uint64 ("session-id", "Session ID",
      "The server's number for the last session", 0, G_MAXUINT64, 0, readable);

  /**
   * GstRcastJanus:feed-id:
   *
   * Our identifier in the room, by which others subscribe.
   *
   * Since: 0.1
   */
  props[PROP_FEED_ID] = g_param_spec_string ("feed-id", "Feed ID",
      "Our identifier in the room, by which others subscribe", NULL, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_janus_class_init (GstRcastJanusClass * klass)
{
  static const gchar *const protocols[] = { "janus+ws", "janus+wss", NULL };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_janus_set_property;
  object_class->get_property = gst_rcast_janus_get_property;
  object_class->finalize = gst_rcast_janus_finalize;
  install_properties (object_class);

  element_class->change_state = gst_rcast_janus_change_state;
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  signaller_class->set_location = gst_rcast_janus_set_location;
  signaller_class->public_location = gst_rcast_janus_public_location;
  signaller_class->open_async = gst_rcast_janus_open_async;
  signaller_class->open_finish = finish_boolean;
  signaller_class->offer_async = gst_rcast_janus_offer_async;
  signaller_class->offer_finish = gst_rcast_janus_offer_finish;
  signaller_class->add_candidate = gst_rcast_janus_add_candidate;
  signaller_class->resume_async = gst_rcast_janus_resume_async;
  signaller_class->resume_finish = finish_boolean;
  signaller_class->probe_async = gst_rcast_janus_probe_async;
  signaller_class->probe_finish = finish_boolean;
  signaller_class->close_async = gst_rcast_janus_close_async;
  signaller_class->close_finish = finish_boolean;

  gst_element_class_set_static_metadata (element_class,
      "Janus VideoRoom signaller", "Network/Signaller/WebRTC",
      "Signalling by the Janus VideoRoom over WebSocket for rcastsink",
      "The gst-rcast developers");
}

static void
gst_rcast_janus_init (GstRcastJanus * self)
{
  self->memory.reach = net_reach_new ();
  self->user_agent = g_strdup (DEFAULT_USER_AGENT);
  self->tls_verify = TRUE;
  self->timeout = DEFAULT_TIMEOUT;
  self->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
  self->close_timeout = DEFAULT_CLOSE_TIMEOUT;
  self->ping_interval = DEFAULT_PING_INTERVAL;
  self->pong_timeout = DEFAULT_PONG_TIMEOUT;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RESUME | GST_RCAST_SIGNALLER_RENEGOTIATE);
}
