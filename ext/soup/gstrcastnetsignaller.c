/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of the network signallers rcastwhip, rcastwhep, rcastjanus, rcastopenvidu and rcastgst. */
#include "config.h"

#include "gstrcastnetsignaller.h"

#include "net-url.h"

GST_DEBUG_CATEGORY_STATIC (rcast_net_signaller_debug);
#define GST_CAT_DEFAULT rcast_net_signaller_debug

#define DEFAULT_TIMEOUT 10000
/* Detects a dead path before media consent expires. */
#define DEFAULT_CONNECT_TIMEOUT 4000
#define DEFAULT_CLOSE_TIMEOUT 3000
#define DEFAULT_USER_AGENT "gst-rcast/" PACKAGE_VERSION
/* Ten minutes. A longer limit would be useless. */
#define MAX_TIMEOUT 600000
/* Limit of bus messages per second, so that a server cannot flood the bus. The log has the rest. */
#define MAX_MESSAGES 50

typedef struct
{
  gchar *location;              /* OBJECT_LOCK, as all but the tokens; with secrets */
  gchar *user_agent;
  gchar *tls_ca_file;
  gboolean tls_verify, token_first;
  guint timeout, connect_timeout, close_timeout;
  gchar *uplink;

  NetTokens *tokens;            /* has a lock of its own */
  NetDialer *dialer;            /* this and the rest: only on the signalling thread */
  gint64 posting_since;         /* monotonic, us: start of the current second */
  guint n_posted;               /* in the current second */
} GstRcastNetSignallerPrivate;

enum
{
  PROP_AUTH_TOKEN = 1,
  PROP_TOKEN_FIRST,
  PROP_USER_AGENT,
  PROP_TLS_CA_FILE,
  PROP_TLS_VERIFY,
  PROP_TIMEOUT,
  PROP_CONNECT_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  PROP_UPLINK,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstRcastNetSignaller,
    gst_rcast_net_signaller, GST_TYPE_RCAST_SIGNALLER);

#define PRIV(self) ((GstRcastNetSignallerPrivate *) \
    gst_rcast_net_signaller_get_instance_private (self))

static void
replace_string (gchar ** field, const GValue * value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

static void
gst_rcast_net_signaller_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastNetSignallerPrivate *priv = PRIV (GST_RCAST_NET_SIGNALLER (object));

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (object), pspec))
    return;
  GST_OBJECT_LOCK (object);
  switch (id) {
    case PROP_AUTH_TOKEN:
      net_tokens_set_default (priv->tokens, g_value_get_string (value));
      break;
    case PROP_TOKEN_FIRST:
      priv->token_first = g_value_get_boolean (value);
      break;
    case PROP_USER_AGENT:
      replace_string (&priv->user_agent, value);
      break;
    case PROP_TLS_CA_FILE:
      replace_string (&priv->tls_ca_file, value);
      break;
    case PROP_TLS_VERIFY:
      priv->tls_verify = g_value_get_boolean (value);
      break;
    case PROP_TIMEOUT:
      priv->timeout = g_value_get_uint (value);
      break;
    case PROP_CONNECT_TIMEOUT:
      priv->connect_timeout = g_value_get_uint (value);
      break;
    case PROP_CLOSE_TIMEOUT:
      priv->close_timeout = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (object);
}

static void
gst_rcast_net_signaller_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  GstRcastNetSignallerPrivate *priv = PRIV (GST_RCAST_NET_SIGNALLER (object));

  GST_OBJECT_LOCK (object);
  switch (id) {
    case PROP_TOKEN_FIRST:
      g_value_set_boolean (value, priv->token_first);
      break;
    case PROP_USER_AGENT:
      g_value_set_string (value, priv->user_agent);
      break;
    case PROP_TLS_CA_FILE:
      g_value_set_string (value, priv->tls_ca_file);
      break;
    case PROP_TLS_VERIFY:
      g_value_set_boolean (value, priv->tls_verify);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, priv->timeout);
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_uint (value, priv->connect_timeout);
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_uint (value, priv->close_timeout);
      break;
    case PROP_UPLINK:
      g_value_set_string (value, priv->uplink);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (object);
}

/* Location */

static GUri *
parse_location (GstRcastNetSignaller * self, const gchar * location,
    GError ** error)
{
  return GST_RCAST_NET_SIGNALLER_GET_CLASS (self)->parse_location (self,
      location, error);
}

static gboolean
gst_rcast_net_signaller_set_location (GstRcastSignaller * signaller,
    const gchar * location, GError ** error)
{
  GstRcastNetSignaller *self = GST_RCAST_NET_SIGNALLER (signaller);
  g_autoptr (GUri) url = parse_location (self, location, error);

  if (!url)
    return FALSE;
  GST_OBJECT_LOCK (self);
  g_free (PRIV (self)->location);
  PRIV (self)->location = g_strdup (location);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gchar *
gst_rcast_net_signaller_public_location (GstRcastSignaller * signaller,
    const gchar * location)
{
  return net_url_describe_text (location);
}

/* Returns: (nullable) (transfer full): the location, including secrets. Any thread */
gchar *
gst_rcast_net_signaller_dup_whole_location (GstRcastNetSignaller * self)
{
  g_autofree gchar *public =
      gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (self));
  gchar *location;

  /* Clearing the location clears only the base class's copy. */
  if (!public)
    return NULL;
  GST_OBJECT_LOCK (self);
  location = g_strdup (PRIV (self)->location);
  GST_OBJECT_UNLOCK (self);
  return location;
}

/* Snapshot */

/* Takes NULL. */
void
gst_rcast_net_settings_free (GstRcastNetSettings * settings)
{
  if (!settings)
    return;
  g_free (settings->location);
  g_clear_pointer (&settings->url, g_uri_unref);
  g_clear_object (&settings->tls_database);
  g_free (settings->user_agent);
  g_free (settings);
}

/* Returns: FALSE with @error if @ca_file is set and invalid */
static gboolean
load_authorities (GstRcastNetSettings * settings, const gchar * ca_file,
    GError ** error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *path = NULL;

  if (!ca_file || !*ca_file)
    return TRUE;
  /* GLib accepts only absolute names. */
  path = g_canonicalize_filename (ca_file, NULL);
  settings->tls_database = g_tls_file_database_new (path, &reason);
  if (settings->tls_database)
    return TRUE;
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "tls-ca-file: %s", reason->message);
  return FALSE;
}

/**
 * gst_rcast_net_signaller_snapshot:
 * @self: the signaller
 * @location: (nullable): of another server than the configured one
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full): a snapshot of the settings. %NULL with @error if they are
 *   invalid
 */
GstRcastNetSettings *
gst_rcast_net_signaller_snapshot (GstRcastNetSignaller * self,
    const gchar * location, GError ** error)
{
  GstRcastNetSignallerPrivate *priv = PRIV (self);
  g_autoptr (GstRcastNetSettings) settings = g_new0 (GstRcastNetSettings, 1);
  g_autofree gchar *ca_file = NULL;
  g_autofree gchar *own = NULL;

  /* If @location is the configured one without its secrets, use the secrets, too. */
  own = gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (self));
  settings->location = location && g_strcmp0 (location, own) != 0 ?
      g_strdup (location) : gst_rcast_net_signaller_dup_whole_location (self);
  if (!settings->location) {
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no location is set");
    return NULL;
  }
  settings->url = parse_location (self, settings->location, error);
  if (!settings->url)
    return NULL;
  GST_OBJECT_LOCK (self);
  settings->tls_verify = priv->tls_verify;
  settings->token_first = priv->token_first;
  settings->user_agent = g_strdup (priv->user_agent);
  settings->timeout = priv->timeout;
  settings->connect_timeout = priv->connect_timeout;
  settings->close_timeout = priv->close_timeout;
  ca_file = g_strdup (priv->tls_ca_file);
  GST_OBJECT_UNLOCK (self);
  if (!load_authorities (settings, ca_file, error))
    return NULL;
  return g_steal_pointer (&settings);
}

/* Tokens */

NetTokens *
gst_rcast_net_signaller_get_tokens (GstRcastNetSignaller * self)
{
  return PRIV (self)->tokens;
}

/* Returns: (transfer none): the dialer of all connections. On the signalling thread */
NetDialer *
gst_rcast_net_signaller_get_dialer (GstRcastNetSignaller * self)
{
  return PRIV (self)->dialer;
}

static void
gst_rcast_net_signaller_set_token (GstRcastSignaller * signaller,
    const gchar * location, const gchar * token)
{
  GstRcastNetSignaller *self = GST_RCAST_NET_SIGNALLER (signaller);
  g_autoptr (GUri) url = parse_location (self, location, NULL);

  /* request-token names the URL that refused the token. */
  if (!url)
    url = g_uri_parse (location, G_URI_FLAGS_ENCODED, NULL);
  if (url && g_uri_get_host (url))
    net_tokens_set (PRIV (self)->tokens, url, token);
  else
    GST_WARNING_OBJECT (self, "set-token: the location is no URL");
}

/* Either signaller uses the tokens that the other one is given. */
static void
gst_rcast_net_signaller_pair (GstRcastSignaller * signaller,
    GstRcastSignaller * twin)
{
  GstRcastNetSignallerPrivate *to = PRIV (GST_RCAST_NET_SIGNALLER (twin));

  if (to->tokens == PRIV (GST_RCAST_NET_SIGNALLER (signaller))->tokens)
    return;
  net_tokens_unref (to->tokens);
  to->tokens =
      net_tokens_ref (PRIV (GST_RCAST_NET_SIGNALLER (signaller))->tokens);
}

/* On a separate thread. */
static gchar *
ask_application (GObject * self, const gchar * location)
{
  return gst_rcast_signaller_request_token (GST_RCAST_SIGNALLER (self),
      location);
}

/**
 * gst_rcast_net_signaller_request_token:
 * @self: the signaller
 * @url: the URL that refused the present token
 * @location: (nullable): as in net_tokens_request()
 * @keep: whether to keep the answer as the token of both URLs
 * @ms: how long to wait for the token
 * @task: (transfer full): of @self, returns the token; as in net_tokens_request()
 *
 * Requests a fresh token from the application. On the signalling thread.
 */
void
gst_rcast_net_signaller_request_token (GstRcastNetSignaller * self, GUri * url,
    GUri * location, gboolean keep, guint ms, GTask * task)
{
  guint signal = g_signal_lookup ("request-token", GST_TYPE_RCAST_SIGNALLER);

  if (g_signal_has_handler_pending (self, signal, 0, FALSE)) {
    net_tokens_request (PRIV (self)->tokens, url, location, keep, ms,
        ask_application, task);
    return;
  }
  g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_UNAUTHORIZED,
      "nobody answers request-token");
  g_object_unref (task);
}

/**
 * gst_rcast_net_signaller_connect:
 * @self: the signaller
 * @settings: of the connection
 * @ws: settings of the protocol; members that @settings has are taken from there, including
 *   the URL if it is %NULL
 * @client: callbacks
 * @data: for @client
 *
 * Returns: (transfer full): a WebSocket that is being opened. On the signalling thread
 */
NetWebsocket *
gst_rcast_net_signaller_connect (GstRcastNetSignaller * self,
    const GstRcastNetSettings * settings, NetWebsocketSettings ws,
    const NetWebsocketClient * client, gpointer data)
{
  if (!ws.url)
    ws.url = settings->url;
  ws.user_agent = settings->user_agent;
  ws.dialer = PRIV (self)->dialer;
  ws.tls_database = settings->tls_database;
  ws.tls_verify = settings->tls_verify;
  ws.connect_timeout = settings->connect_timeout;
  ws.close_timeout = settings->close_timeout;
  return net_websocket_open (&ws, client, data);
}

/**
 * gst_rcast_net_signaller_probe:
 * @self: the signaller
 * @reach: for the probe
 * @location: (nullable): of the server; %NULL: the configured one
 * @connected: whether the session already has a connection
 * @reached: called if the server of the session accepts a connection
 * @task: (transfer full): of @self
 *
 * Probes a server. On the signalling thread.
 */
void
gst_rcast_net_signaller_probe (GstRcastNetSignaller * self, NetReach * reach,
    const gchar * location, gboolean connected, NetReached reached,
    GTask * task)
{
  g_autoptr (GTask) held = task;
  g_autofree gchar *own = gst_rcast_net_signaller_dup_whole_location (self);
  g_autoptr (GUri) url = NULL;
  GError *error = NULL;

  if (connected && !location) {
    g_task_return_new_error (held, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "there is a connection");
    return;
  }
  url = parse_location (self, location ? location : own ? own : "", &error);
  if (url)
    net_reach_probe (reach, url, location ? NULL : reached,
        g_steal_pointer (&held));
  else
    g_task_return_error (held, error);
}

/* Operations */

/* @error: (nullable) (transfer full): why the operation cannot start. Returns: (transfer full)
 * (nullable): a task; NULL if it has failed with @error */
GTask *
gst_rcast_net_signaller_try_task (GstRcastSignaller * self, GError * error,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (!error)
    return task;
  g_task_return_error (task, error);
  g_object_unref (task);
  return NULL;
}

/* Likewise. @session: (nullable): session of the operation; it fails without one */
GTask *
gst_rcast_net_signaller_new_task (GstRcastSignaller * self,
    gconstpointer session, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GError *error = session ? NULL : g_error_new_literal (GST_RCAST_ERROR,
      GST_RCAST_ERROR_SESSION_GONE, "the signaller is not open");

  return gst_rcast_net_signaller_try_task (self, error, cancellable, callback,
      user_data, tag);
}

/* For when there is nothing to close. Takes @task (nullable). */
void
gst_rcast_net_signaller_end_task (GTask * task)
{
  if (!task)
    return;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Server events */

static gboolean
may_post (GstRcastNetSignallerPrivate * priv)
{
  gint64 now = g_get_monotonic_time ();

  if (now - priv->posting_since >= G_USEC_PER_SEC) {
    priv->posting_since = now;
    priv->n_posted = 0;
  }
  return priv->n_posted++ < MAX_MESSAGES;
}

/* Posts an element message about a server event. Takes @structure, whose strings must be clean. On
 * the signalling thread. */
void
gst_rcast_net_signaller_post (GstRcastNetSignaller * self,
    GstStructure * structure)
{
  if (!may_post (PRIV (self))) {
    GST_DEBUG_OBJECT (self, "not posted: %" GST_PTR_FORMAT, structure);
    gst_structure_free (structure);
    return;
  }
  GST_INFO_OBJECT (self, "server: %" GST_PTR_FORMAT, structure);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

/* Sets a read-only property. @field: its value, under OBJECT_LOCK. @text: (nullable) */
void
gst_rcast_net_signaller_publish (GstRcastNetSignaller * self, gchar ** field,
    const gchar * text, GParamSpec * pspec)
{
  GST_OBJECT_LOCK (self);
  g_free (*field);
  *field = g_strdup (text);
  GST_OBJECT_UNLOCK (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

/* Ends of operations */

static gboolean
finish_boolean (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gchar *
finish_answer (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, signaller), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
gst_rcast_net_signaller_finalize (GObject * object)
{
  GstRcastNetSignallerPrivate *priv = PRIV (GST_RCAST_NET_SIGNALLER (object));

  g_free (priv->location);
  g_free (priv->user_agent);
  g_free (priv->tls_ca_file);
  g_free (priv->uplink);
  net_tokens_unref (priv->tokens);
  net_dialer_set_owner (priv->dialer, NULL, NULL);
  net_dialer_unref (priv->dialer);
  G_OBJECT_CLASS (gst_rcast_net_signaller_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * GstRcastNetSignaller:auth-token:
   *
   * Token for requests to a location. rcastwhip and rcastwhep send it with each request as a
   * Bearer token, rcastjanus with each request as `token`, rcastopenvidu with one join, and
   * rcastgst never. A new value applies to all locations from the next request on, and
   * replaces tokens from #GstRcastSignaller::request-token. Cannot be read back, as
   * `gst-launch-1.0 -v` and dot files print readable properties.
   *
   * Since: 0.1
   */
  props[PROP_AUTH_TOKEN] = g_param_spec_string ("auth-token",
      "Authorization token", "Token that is sent with each request", NULL,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRcastNetSignaller:token-first:
   *
   * Whether #GstRcastSignaller::request-token is emitted before the first request to a WHIP
   * server without a known token. By default it is emitted when the server answers 401. Some
   * servers answer 404 instead, to hide what they have. If the application has no token, the
   * request is sent without one.
   *
   * Since: 0.1
   */
  props[PROP_TOKEN_FIRST] = g_param_spec_boolean ("token-first", "Token first",
      "Whether a token is asked for before the first request that has none",
      FALSE, flags);

  /**
   * GstRcastNetSignaller:user-agent:
   *
   * Value of the User-Agent header.
   *
   * Since: 0.1
   */
  props[PROP_USER_AGENT] = g_param_spec_string ("user-agent", "User agent",
      "Value of the User-Agent header", DEFAULT_USER_AGENT, flags);

  /**
   * GstRcastNetSignaller:tls-ca-file:
   *
   * PEM file with the certificates of the authorities to trust instead of the
   * system's. A relative name is relative to the current directory.
   *
   * Since: 0.1
   */
  props[PROP_TLS_CA_FILE] = g_param_spec_string ("tls-ca-file", "TLS CA file",
      "PEM file with CA certificates that replace those of the system", NULL,
      flags);

  /**
   * GstRcastNetSignaller:tls-verify:
   *
   * Whether the server's certificate is verified. Without this, anybody on the way to the
   * server can take over the broadcast and the token.
   *
   * Since: 0.1
   */
  props[PROP_TLS_VERIFY] = g_param_spec_boolean ("tls-verify", "TLS verify",
      "Whether the server's certificate is verified", TRUE, flags);

  /**
   * GstRcastNetSignaller:timeout:
   *
   * Milliseconds until the answer to a request must be complete. For an offer this includes
   * redirects and a fresh token. It also applies to each step of the protocol.
   *
   * Since: 0.1
   */
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", "Timeout",
      "Limit for the complete answer to a request, in ms",
      1, MAX_TIMEOUT, DEFAULT_TIMEOUT, flags);

  /**
   * GstRcastNetSignaller:connect-timeout:
   *
   * Milliseconds until the connection to the server must be established, including TLS.
   *
   * Since: 0.1
   */
  props[PROP_CONNECT_TIMEOUT] = g_param_spec_uint ("connect-timeout",
      "Connect timeout",
      "Limit for the connection to the server, in ms",
      1, MAX_TIMEOUT, DEFAULT_CONNECT_TIMEOUT, flags);

  /**
   * GstRcastNetSignaller:close-timeout:
   *
   * Milliseconds that the end of a session may take in the background: the DELETE or the
   * goodbye, and the answer to a pending offer before it. Without this answer the server
   * would keep a session that nobody can end. READY to NULL waits for that, 5 s at most.
   *
   * Since: 0.1
   */
  props[PROP_CLOSE_TIMEOUT] = g_param_spec_uint ("close-timeout",
      "Close timeout",
      "Limit for the end of a session in the background, in ms",
      1, MAX_TIMEOUT, DEFAULT_CLOSE_TIMEOUT, flags);

  /**
   * GstRcastNetSignaller:uplink:
   *
   * Name of the network interface of the last connection to a server; %NULL before the first
   * one. Connections are attempted on each uplink: first the one with the media, then the one
   * with the default route, then the others (RFC 8305).
   *
   * Since: 0.1
   */
  props[PROP_UPLINK] = g_param_spec_string ("uplink", "Uplink",
      "Network interface of the last connection to a server", NULL,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_net_signaller_class_init (GstRcastNetSignallerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_net_signaller_debug, "rcastnetsignaller", 0,
      "Signallers over a network");
  object_class->set_property = gst_rcast_net_signaller_set_property;
  object_class->get_property = gst_rcast_net_signaller_get_property;
  object_class->finalize = gst_rcast_net_signaller_finalize;
  install_properties (object_class);

  signaller_class->set_location = gst_rcast_net_signaller_set_location;
  signaller_class->public_location = gst_rcast_net_signaller_public_location;
  signaller_class->set_token = gst_rcast_net_signaller_set_token;
  signaller_class->pair = gst_rcast_net_signaller_pair;
  signaller_class->open_finish = finish_boolean;
  signaller_class->offer_finish = finish_answer;
  signaller_class->request_offer_finish = finish_answer;
  signaller_class->answer_finish = finish_boolean;
  signaller_class->resume_finish = finish_boolean;
  signaller_class->check_finish = finish_boolean;
  signaller_class->end_session_finish = finish_boolean;
  signaller_class->probe_finish = finish_boolean;
  signaller_class->close_finish = finish_boolean;

  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_NET_SIGNALLER, 0);
}

/* Callbacks of the dialer, on the signalling thread */

static gchar *
dup_uplink (gpointer self)
{
  return gst_rcast_signaller_dup_uplink (GST_RCAST_SIGNALLER (self));
}

static void
on_connected (const gchar * uplink, gpointer data)
{
  GstRcastNetSignaller *self = data;

  gst_rcast_net_signaller_publish (self, &PRIV (self)->uplink, uplink,
      props[PROP_UPLINK]);
}

static const NetDialerOwner dialer_owner = { dup_uplink, on_connected };

static void
gst_rcast_net_signaller_init (GstRcastNetSignaller * self)
{
  GstRcastNetSignallerPrivate *priv = PRIV (self);

  priv->tokens = net_tokens_new ();
  priv->dialer = net_dialer_new ();
  net_dialer_set_owner (priv->dialer, &dialer_owner, self);
  priv->user_agent = g_strdup (DEFAULT_USER_AGENT);
  priv->tls_verify = TRUE;
  priv->timeout = DEFAULT_TIMEOUT;
  priv->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
  priv->close_timeout = DEFAULT_CLOSE_TIMEOUT;
}
