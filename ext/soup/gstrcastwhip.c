/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: the WHIP signaller, RFC 9725. */
/**
 * SECTION:element-rcastwhip
 * @title: rcastwhip
 * @short_description: WHIP signalling (RFC 9725) for rcastsink
 *
 * Hands the offer of #rcastsink to a WHIP server by HTTP POST, the candidates
 * and ICE restarts by PATCH, and ends the session by DELETE. rcastsink makes one
 * by itself for a `location` of the scheme `whip+http` or `whip+https`, whose
 * rest is the URL of the endpoint: `whip+https://live.example/whip/studio-1`.
 *
 * A user name in the URL is refused: the URL is part of messages and logs. Use
 * #GstRcastWhip:auth-token for a Bearer token, or #GstRcastWhip:user-id and
 * #GstRcastWhip:user-pw for HTTP Basic and Digest. When the server answers 401,
 * #GstRcastSignaller::request-token is emitted once for a fresh token. Proxies are
 * those of the system (GProxyResolver).
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location=whip+http://127.0.0.1:8080/whip/demo
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastwhip.h"

#include <string.h>

#include "net-url.h"
#include "whip-headers.h"
#include "whip-session.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_debug);
#define GST_CAT_DEFAULT rcast_whip_debug

#define DEFAULT_TIMEOUT 10000
/* A dead path shall be known before media consent would tell. */
#define DEFAULT_CONNECT_TIMEOUT 4000
#define DEFAULT_CLOSE_TIMEOUT 3000
#define DEFAULT_USER_AGENT "gst-rcast/" PACKAGE_VERSION
#define DEFAULT_REDIRECT_AUTH GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS
/* Ten minutes: beyond, a limit is none. */
#define MAX_TIMEOUT 600000

struct _GstRcastWhip
{
  GstRcastSignaller parent;

  gchar *auth_token;            /* OBJECT_LOCK, as all settings */
  gchar *user_id, *user_pw;
  gchar *user_agent;
  gchar *tls_ca_file;
  gboolean tls_verify;
  guint timeout, connect_timeout, close_timeout;
  GstRcastWhipRedirectAuth redirect_auth;
  gboolean allow_rejected_media;

  /* The signalling thread's. */
  WhipSession *session;
  WhipMemory memory;
};

enum
{
  PROP_AUTH_TOKEN = 1,
  PROP_USER_ID,
  PROP_USER_PW,
  PROP_USER_AGENT,
  PROP_TLS_CA_FILE,
  PROP_TLS_VERIFY,
  PROP_TIMEOUT,
  PROP_CONNECT_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  PROP_REDIRECT_AUTH,
  PROP_ALLOW_REJECTED_MEDIA,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastWhip, gst_rcast_whip, GST_TYPE_RCAST_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastwhip, "rcastwhip",
    GST_RANK_PRIMARY, GST_TYPE_RCAST_WHIP,
    GST_DEBUG_CATEGORY_INIT (rcast_whip_debug, "rcastwhip", 0,
        "WHIP signaller"));

#define GST_TYPE_RCAST_WHIP_REDIRECT_AUTH (redirect_auth_get_type ())
static GType
redirect_auth_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_WHIP_REDIRECT_AUTH_SAME_HOST,
        "Only to the host of the location", "same-host"},
    {GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS,
        "Also to another host, over https", "https"},
    {GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS,
        "To whatever host the server names", "always"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRcastWhipRedirectAuth", values));
  return type;
}

static void
gst_rcast_whip_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_AUTH_TOKEN:
      g_free (self->auth_token);
      self->auth_token = g_value_dup_string (value);
      break;
    case PROP_USER_ID:
      g_free (self->user_id);
      self->user_id = g_value_dup_string (value);
      break;
    case PROP_USER_PW:
      g_free (self->user_pw);
      self->user_pw = g_value_dup_string (value);
      break;
    case PROP_USER_AGENT:
      g_free (self->user_agent);
      self->user_agent = g_value_dup_string (value);
      break;
    case PROP_TLS_CA_FILE:
      g_free (self->tls_ca_file);
      self->tls_ca_file = g_value_dup_string (value);
      break;
    case PROP_TLS_VERIFY:
      self->tls_verify = g_value_get_boolean (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_uint (value);
      break;
    case PROP_CONNECT_TIMEOUT:
      self->connect_timeout = g_value_get_uint (value);
      break;
    case PROP_CLOSE_TIMEOUT:
      self->close_timeout = g_value_get_uint (value);
      break;
    case PROP_REDIRECT_AUTH:
      self->redirect_auth = g_value_get_enum (value);
      break;
    case PROP_ALLOW_REJECTED_MEDIA:
      self->allow_rejected_media = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_whip_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_USER_ID:
      g_value_set_string (value, self->user_id);
      break;
    case PROP_USER_AGENT:
      g_value_set_string (value, self->user_agent);
      break;
    case PROP_TLS_CA_FILE:
      g_value_set_string (value, self->tls_ca_file);
      break;
    case PROP_TLS_VERIFY:
      g_value_set_boolean (value, self->tls_verify);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_uint (value, self->connect_timeout);
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_uint (value, self->close_timeout);
      break;
    case PROP_REDIRECT_AUTH:
      g_value_set_enum (value, self->redirect_auth);
      break;
    case PROP_ALLOW_REJECTED_MEDIA:
      g_value_set_boolean (value, self->allow_rejected_media);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Any thread. */
static gchar *
dup_token (GstRcastSignaller * element)
{
  GstRcastWhip *self = GST_RCAST_WHIP (element);
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
  GstRcastWhip *self = GST_RCAST_WHIP (element);

  GST_OBJECT_LOCK (self);
  g_free (self->auth_token);
  self->auth_token = g_strdup (token);
  GST_OBJECT_UNLOCK (self);
}

static const WhipTokenStore token_store = { dup_token, store_token };

/* `whip+http://…`, `whip://…` -> `http://…` */
static GUri *
parse_location (const gchar * location, GError ** error)
{
  static const struct
  {
    const gchar *prefix, *scheme;
  } schemes[] = {
    {"whip+https://", "https://"}, {"whip+http://", "http://"},
    {"whips://", "https://"}, {"whip://", "http://"},
    {"https://", "https://"}, {"http://", "http://"},
  };
  g_autoptr (GError) reason = NULL;
  GUri *url = NULL;

  for (guint i = 0; !url && !reason && i < G_N_ELEMENTS (schemes); i++) {
    gsize length = strlen (schemes[i].prefix);
    g_autofree gchar *text = NULL;

    if (g_ascii_strncasecmp (location, schemes[i].prefix, length) != 0)
      continue;
    text = g_strconcat (schemes[i].scheme, location + length, NULL);
    url = net_url_parse (text, &reason);
  }
  if (!url)
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "location: %s", reason ? reason->message :
        "expected whip+https://, whip+http://, whips://, whip://, https:// "
        "or http://");
  return url;
}

static gboolean
gst_rcast_whip_set_location (GstRcastSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autoptr (GUri) url = parse_location (location, error);

  return url != NULL;
}

static WhipSettings *
dup_settings (GstRcastWhip * self, gchar ** ca_file)
{
  WhipSettings *settings = g_new0 (WhipSettings, 1);

  GST_OBJECT_LOCK (self);
  settings->tls_verify = self->tls_verify;
  settings->user_agent = g_strdup (self->user_agent);
  settings->user_id = g_strdup (self->user_id);
  settings->user_pw = g_strdup (self->user_pw);
  settings->timeout = self->timeout;
  settings->connect_timeout = self->connect_timeout;
  settings->close_timeout = self->close_timeout;
  settings->redirect_auth = self->redirect_auth;
  settings->allow_rejected_media = self->allow_rejected_media;
  *ca_file = g_strdup (self->tls_ca_file);
  GST_OBJECT_UNLOCK (self);
  return settings;
}

/* Returns: (transfer full): the settings as they are now, NULL with @error if
 * they make no sense */
static WhipSettings *
read_settings (GstRcastWhip * self, const gchar * location, GError ** error)
{
  g_autofree gchar *ca_file = NULL;
  g_autoptr (WhipSettings) settings = dup_settings (self, &ca_file);
  g_autoptr (GError) reason = NULL;

  if (!location) {
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no location is set");
    return NULL;
  }
  settings->endpoint = parse_location (location, error);
  if (!settings->endpoint)
    return NULL;
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

static void
publish_initial_capabilities (GstRcastWhip * self)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (!self->memory.no_trickle)
    capabilities |= GST_RCAST_SIGNALLER_TRICKLE;
  if (!self->memory.no_restart)
    capabilities |= GST_RCAST_SIGNALLER_ICE_RESTART;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      capabilities);
}

static void
end_session (GstRcastWhip * self, GTask * task)
{
  g_autoptr (WhipSession) session = g_steal_pointer (&self->session);

  if (session) {
    whip_session_close (session, task);
    return;
  }
  if (task) {
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  }
}

/* WHIP has nothing to say before the offer. */
static void
gst_rcast_whip_open_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree gchar *endpoint = NULL;
  g_autofree gchar *location = gst_rcast_signaller_dup_location (signaller);
  WhipSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_open_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  settings = read_settings (self, location, &error);
  if (!settings) {
    g_task_return_error (task, error);
    return;
  }
  end_session (self, NULL);
  endpoint = g_uri_to_string (settings->endpoint);
  whip_memory_check (&self->memory, endpoint, g_get_monotonic_time ());
  self->session = whip_session_new (signaller, settings, &self->memory,
      &token_store);
  publish_initial_capabilities (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
finish_boolean (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
gst_rcast_whip_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_whip_offer_async);
  if (!self->session) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_SESSION_GONE, "the signaller is not open");
    g_object_unref (task);
    return;
  }
  switch (kind) {
    case GST_RCAST_OFFER_INITIAL:
      whip_session_offer (self->session, sdp, task);
      break;
    case GST_RCAST_OFFER_RESTART:
      whip_session_restart (self->session, sdp, task);
      break;
  }
}

static gchar *
gst_rcast_whip_offer_finish (GstRcastSignaller * signaller,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* WHIP bundles all: the m-section is that of the bundle, whatever @mline_index. */
static void
gst_rcast_whip_add_candidate (GstRcastSignaller * signaller,
    guint mline_index, const gchar * ufrag, const gchar * candidate)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);

  if (self->session)
    whip_session_add_candidate (self->session, ufrag, candidate);
}

static void
gst_rcast_whip_probe_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (WhipSession) session = NULL;
  WhipSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_probe_async);
  settings = read_settings (self, location, &error);
  if (!settings) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  /* Never opened; lives as long as the request. */
  session = whip_session_new (signaller, settings, &self->memory, &token_store);
  whip_session_probe (session, task);
}

static void
on_reached (gpointer source, gint64 since)
{
  GstRcastWhip *self = source;

  if (self->session)
    whip_session_reached (self->session, since);
}

/* Returns: (transfer full): where the next request goes */
static GUri *
dup_target (GstRcastWhip * self, GError ** error)
{
  g_autofree gchar *location =
      gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (self));
  g_autoptr (GUri) endpoint = parse_location (location ? location : "", error);

  if (!endpoint)
    return NULL;
  return g_uri_ref (self->session ?
      whip_session_get_target (self->session, endpoint) : endpoint);
}

static void
gst_rcast_whip_reach_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GUri) target = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_reach_async);
  if (self->session && whip_session_is_heard (self->session)) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "the server owes an answer");
    return;
  }
  target = dup_target (self, &error);
  if (!target) {
    g_task_return_error (task, error);
    return;
  }
  net_reach_look (self->memory.reach, target, NULL, on_reached,
      g_steal_pointer (&task));
}

static void
gst_rcast_whip_settle (GstRcastSignaller * signaller)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);

  if (self->session)
    whip_session_settle (self->session);
}

static void
gst_rcast_whip_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_whip_close_async);
  end_session (self, task);
}

static void
gst_rcast_whip_finalize (GObject * object)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  g_clear_pointer (&self->session, whip_session_unref);
  whip_memory_clear (&self->memory);
  net_reach_free (self->memory.reach);
  g_free (self->auth_token);
  g_free (self->user_id);
  g_free (self->user_pw);
  g_free (self->user_agent);
  g_free (self->tls_ca_file);
  G_OBJECT_CLASS (gst_rcast_whip_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;
  /* What can be read is printed by `gst-launch-1.0 -v` and into dot files. */
  const GParamFlags secret = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstRcastWhip:auth-token:
   *
   * Bearer token, sent with each request. Cannot be read back. A new value
   * counts from the next request on.
   *
   * Since: 0.1
   */
  props[PROP_AUTH_TOKEN] = g_param_spec_string ("auth-token",
      "Authorization token", "Bearer token, sent with each request", NULL,
      secret | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastWhip:user-id:
   *
   * User name, for a server that asks for HTTP Basic or Digest authentication.
   *
   * Since: 0.1
   */
  props[PROP_USER_ID] = g_param_spec_string ("user-id", "User ID",
      "User name for HTTP Basic or Digest authentication", NULL, flags);

  /**
   * GstRcastWhip:user-pw:
   *
   * Password that goes with #GstRcastWhip:user-id. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_USER_PW] = g_param_spec_string ("user-pw", "User password",
      "Password for HTTP Basic or Digest authentication", NULL,
      secret | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastWhip:user-agent:
   *
   * Value of the User-Agent header.
   *
   * Since: 0.1
   */
  props[PROP_USER_AGENT] = g_param_spec_string ("user-agent", "User agent",
      "Value of the User-Agent header", DEFAULT_USER_AGENT, flags);

  /**
   * GstRcastWhip:tls-ca-file:
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
   * GstRcastWhip:tls-verify:
   *
   * Whether the server's certificate must be valid. Without, anybody on the way
   * can take the broadcast and the token.
   *
   * Since: 0.1
   */
  props[PROP_TLS_VERIFY] = g_param_spec_boolean ("tls-verify", "TLS verify",
      "Whether the server's certificate must be valid", TRUE, flags);

  /**
   * GstRcastWhip:timeout:
   *
   * Milliseconds until the answer to an offer, redirects included, or to another
   * request must be complete.
   *
   * Since: 0.1
   */
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", "Timeout",
      "Time in ms until the answer to a request must be complete",
      1, MAX_TIMEOUT, DEFAULT_TIMEOUT, flags);

  /**
   * GstRcastWhip:connect-timeout:
   *
   * Milliseconds until the connection for a request must be there, TLS included.
   *
   * Since: 0.1
   */
  props[PROP_CONNECT_TIMEOUT] = g_param_spec_uint ("connect-timeout",
      "Connect timeout",
      "Time in ms until the connection for a request must be there",
      1, MAX_TIMEOUT, DEFAULT_CONNECT_TIMEOUT, flags);

  /**
   * GstRcastWhip:close-timeout:
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
   * GstRcastWhip:redirect-auth:
   *
   * Where token and password go when the server redirects to another host, or
   * its session URL is there.
   *
   * Since: 0.1
   */
  props[PROP_REDIRECT_AUTH] = g_param_spec_enum ("redirect-auth",
      "Redirect authorization",
      "Where credentials go when the server names another host",
      GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, DEFAULT_REDIRECT_AUTH, flags);

  /**
   * GstRcastWhip:allow-rejected-media:
   *
   * Whether to go on air when the server refuses some of the media. RFC 9725
   * 4.4 knows no partial answers, so by default that is an error.
   *
   * Since: 0.1
   */
  props[PROP_ALLOW_REJECTED_MEDIA] =
      g_param_spec_boolean ("allow-rejected-media", "Allow rejected media",
      "Whether to go on air when the server refuses some of the media", FALSE,
      flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_whip_class_init (GstRcastWhipClass * klass)
{
  static const gchar *const protocols[] = { "whip+https", "whip+http", "whips",
    "whip", "https", "http", NULL
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_whip_set_property;
  object_class->get_property = gst_rcast_whip_get_property;
  object_class->finalize = gst_rcast_whip_finalize;
  install_properties (object_class);

  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  signaller_class->set_location = gst_rcast_whip_set_location;
  signaller_class->open_async = gst_rcast_whip_open_async;
  signaller_class->open_finish = finish_boolean;
  signaller_class->offer_async = gst_rcast_whip_offer_async;
  signaller_class->offer_finish = gst_rcast_whip_offer_finish;
  signaller_class->add_candidate = gst_rcast_whip_add_candidate;
  signaller_class->settle = gst_rcast_whip_settle;
  signaller_class->probe_async = gst_rcast_whip_probe_async;
  signaller_class->probe_finish = finish_boolean;
  signaller_class->reach_async = gst_rcast_whip_reach_async;
  signaller_class->reach_finish = finish_boolean;
  signaller_class->close_async = gst_rcast_whip_close_async;
  signaller_class->close_finish = finish_boolean;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "WHIP signaller", "Network/Signaller/WebRTC",
      "Signalling by WHIP (RFC 9725) for rcastsink",
      "The gst-rcast developers");
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, 0);
}

static void
gst_rcast_whip_init (GstRcastWhip * self)
{
  self->memory.reach = net_reach_new ();
  self->user_agent = g_strdup (DEFAULT_USER_AGENT);
  self->tls_verify = TRUE;
  self->timeout = DEFAULT_TIMEOUT;
  self->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
  self->close_timeout = DEFAULT_CLOSE_TIMEOUT;
  self->redirect_auth = DEFAULT_REDIRECT_AUTH;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RENEGOTIATE);
}
