/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of rcastwhip and rcastwhep, which exchange descriptions by POST, PATCH and DELETE. */
#include "config.h"

#include "gstrcasthttpsignaller.h"

#include <string.h>

#include "net-reach.h"
#include "net-url.h"
#include "whip-answer.h"
#include "whip-errand.h"

#define DEFAULT_REDIRECT_AUTH GST_RCAST_WHIP_REDIRECT_AUTH_SESSION

typedef struct
{
  gchar *user_id, *user_pw;     /* OBJECT_LOCK, as all settings */
  GstRcastWhipRedirectAuth redirect_auth;

  /* Only on the signalling thread. */
  WhipSession *session;
  WhipMemory memory;
  NetReach *reach;
} GstRcastHttpSignallerPrivate;

enum
{
  PROP_USER_ID = 1,
  PROP_USER_PW,
  PROP_REDIRECT_AUTH,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstRcastHttpSignaller,
    gst_rcast_http_signaller, GST_TYPE_RCAST_NET_SIGNALLER);

#define PRIV(self) ((GstRcastHttpSignallerPrivate *) \
    gst_rcast_http_signaller_get_instance_private (self))

#define GST_TYPE_RCAST_WHIP_REDIRECT_AUTH (redirect_auth_get_type ())
static GType
redirect_auth_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN,
        "To no origin but that of the location", "same-origin"},
    /* its name before ports were part of the check */
    {GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN, "The same", "same-host"},
    {GST_RCAST_WHIP_REDIRECT_AUTH_SESSION,
        "Also to a session URL at another origin, over https", "session"},
    {GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS,
        "Also with redirects to another origin, over https", "https"},
    {GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS,
        "To whatever origin the server names", "always"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstRcastWhipRedirectAuth", values));
  return type;
}

static void
gst_rcast_http_signaller_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (object);

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_USER_ID:
      g_free (PRIV (self)->user_id);
      PRIV (self)->user_id = g_value_dup_string (value);
      break;
    case PROP_USER_PW:
      g_free (PRIV (self)->user_pw);
      PRIV (self)->user_pw = g_value_dup_string (value);
      break;
    case PROP_REDIRECT_AUTH:
      PRIV (self)->redirect_auth = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_http_signaller_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_USER_ID:
      g_value_set_string (value, PRIV (self)->user_id);
      break;
    case PROP_REDIRECT_AUTH:
      g_value_set_enum (value, PRIV (self)->redirect_auth);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static WhipProtocol
get_protocol (GstRcastHttpSignaller * self)
{
  return GST_RCAST_HTTP_SIGNALLER_GET_CLASS (self)->protocol;
}

/* Returns: (nullable) (transfer full): the URL of the endpoint as text. @name: of the protocol.
 * `whip` has `whip+https://`, `whips://`, and the same without TLS */
static gchar *
strip_scheme (const gchar * location, const gchar * name)
{
  const gsize size = strlen (name);
  const gchar *rest = location + size;

  if (g_ascii_strncasecmp (location, "http:", 5) == 0
      || g_ascii_strncasecmp (location, "https:", 6) == 0)
    return g_strdup (location);
  if (g_ascii_strncasecmp (location, name, size) != 0)
    return NULL;
  if (*rest == '+')
    return g_strdup (rest + 1);
  if (*rest == ':')
    return g_strconcat ("http", rest, NULL);
  if (g_ascii_strncasecmp (rest, "s:", 2) == 0)
    return g_strconcat ("http", rest, NULL);
  return NULL;
}

static GUri *
gst_rcast_http_signaller_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  const gchar *name = whip_protocol_get_name (get_protocol
      (GST_RCAST_HTTP_SIGNALLER (signaller)));
  g_autofree gchar *text = strip_scheme (location, name);
  g_autoptr (GError) reason = NULL;
  GUri *url = text ? net_url_parse (text, &reason) : NULL;

  if (!url)
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        reason ? "location: %s" : "location: expected %1$s+https://, https://, "
        "%1$ss:// or the same without TLS", reason ? reason->message : name);
  return url;
}

/* Returns: (transfer full): a snapshot of the settings. NULL with @error if they are invalid.
 * @location: (nullable): of another server than the configured one */
static WhipSettings *
read_settings (GstRcastHttpSignaller * self, const gchar * location,
    GError ** error)
{
  GstRcastHttpSignallerClass *klass = GST_RCAST_HTTP_SIGNALLER_GET_CLASS (self);
  GstRcastNetSettings *net =
      gst_rcast_net_signaller_snapshot (GST_RCAST_NET_SIGNALLER (self),
      location, error);
  WhipSettings *settings;

  if (!net)
    return NULL;
  settings = g_new0 (WhipSettings, 1);
  settings->net = net;
  GST_OBJECT_LOCK (self);
  settings->user_id = g_strdup (PRIV (self)->user_id);
  settings->user_pw = g_strdup (PRIV (self)->user_pw);
  settings->redirect_auth = PRIV (self)->redirect_auth;
  GST_OBJECT_UNLOCK (self);
  settings->protocol = klass->protocol;
  settings->allow_rejected_media = klass->allows_rejected_media (self);
  return settings;
}

static void
publish_initial_capabilities (GstRcastHttpSignaller * self)
{
  GstRcastSignallerCapabilities capabilities = GST_RCAST_SIGNALLER_RENEGOTIATE;

  if (whip_memory_can_trickle (&PRIV (self)->memory))
    capabilities |= GST_RCAST_SIGNALLER_TRICKLE;
  if (!whip_memory_no_restart (&PRIV (self)->memory))
    capabilities |= GST_RCAST_SIGNALLER_ICE_RESTART;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      capabilities);
}

/* Takes @task (nullable). */
static void
end_session (GstRcastHttpSignaller * self, GTask * task)
{
  g_autoptr (WhipSession) session = g_steal_pointer (&PRIV (self)->session);

  if (session)
    whip_session_close (session, task);
  else
    gst_rcast_net_signaller_end_task (task);
}

/* Nothing is sent before the offer. */
static void
gst_rcast_http_signaller_open_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree gchar *endpoint = NULL;
  WhipSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_http_signaller_open_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  settings = read_settings (self, NULL, &error);
  if (!settings) {
    g_task_return_error (task, error);
    return;
  }
  end_session (self, NULL);
  endpoint = g_uri_to_string (settings->net->url);
  whip_memory_check (&PRIV (self)->memory, endpoint, g_get_monotonic_time ());
  PRIV (self)->session =
      whip_session_new (GST_RCAST_NET_SIGNALLER (self), settings,
      &PRIV (self)->memory);
  publish_initial_capabilities (self);
  g_task_return_boolean (task, TRUE);
}

static void
gst_rcast_http_signaller_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller,
      PRIV (self)->session, cancellable, callback, user_data,
      gst_rcast_http_signaller_offer_async);

  if (!task)
    return;
  switch (kind) {
    case GST_RCAST_OFFER_INITIAL:
      whip_session_offer (PRIV (self)->session, sdp, task);
      break;
    case GST_RCAST_OFFER_RESTART:
      whip_session_restart (PRIV (self)->session, sdp, task);
      break;
  }
}

/* Both protocols use BUNDLE, so the m-section is that of the bundle, whatever @mline_index is. */
static void
gst_rcast_http_signaller_add_candidate (GstRcastSignaller * signaller,
    guint mline_index, const gchar * ufrag, const gchar * candidate)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);

  if (PRIV (self)->session)
    whip_session_add_candidate (PRIV (self)->session, ufrag, candidate);
}

static void
gst_rcast_http_signaller_check_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  GError *error = NULL;
  WhipSettings *settings = read_settings (self, location, &error);
  GTask *task = gst_rcast_net_signaller_try_task (signaller, error,
      cancellable, callback, user_data, gst_rcast_http_signaller_check_async);

  if (task)
    whip_errand_check (GST_RCAST_NET_SIGNALLER (self), settings, task);
}

static void
gst_rcast_http_signaller_end_session_async (GstRcastSignaller * signaller,
    const gchar * location, const gchar * session, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  GError *error = NULL;
  g_autoptr (WhipSettings) settings = read_settings (self, location, &error);
  g_autoptr (GUri) url = settings ? net_url_parse (session, &error) : NULL;
  GTask *task = gst_rcast_net_signaller_try_task (signaller, error,
      cancellable, callback, user_data,
      gst_rcast_http_signaller_end_session_async);

  if (task)
    whip_errand_end (GST_RCAST_NET_SIGNALLER (self),
        g_steal_pointer (&settings), url, task);
}

static void
on_reached (gpointer source, gint64 since)
{
  GstRcastHttpSignaller *self = source;

  if (PRIV (self)->session)
    whip_session_reached (PRIV (self)->session, since);
}

/* The session may be on another server than the location. */
static void
probe_session (GstRcastHttpSignaller * self, GTask * task)
{
  GUri *target = whip_session_get_target (PRIV (self)->session);

  if (!whip_session_has_connection (PRIV (self)->session)) {
    net_reach_probe (PRIV (self)->reach, target, on_reached, task);
    return;
  }
  g_task_return_new_error (task, GST_RCAST_ERROR,
      GST_RCAST_ERROR_NOT_SUPPORTED, "the server owes an answer");
  g_object_unref (task);
}

static void
gst_rcast_http_signaller_probe_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_http_signaller_probe_async);
  if (!location && PRIV (self)->session)
    probe_session (self, task);
  else
    gst_rcast_net_signaller_probe (GST_RCAST_NET_SIGNALLER (self),
        PRIV (self)->reach, location, FALSE, NULL, task);
}

static void
gst_rcast_http_signaller_settle (GstRcastSignaller * signaller)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);

  if (PRIV (self)->session)
    whip_session_settle (PRIV (self)->session);
}

static void
gst_rcast_http_signaller_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_http_signaller_close_async);
  net_reach_cancel (PRIV (self)->reach);
  end_session (self, task);
}

static void
gst_rcast_http_signaller_finalize (GObject * object)
{
  GstRcastHttpSignaller *self = GST_RCAST_HTTP_SIGNALLER (object);

  g_clear_pointer (&PRIV (self)->session, whip_session_unref);
  whip_memory_clear (&PRIV (self)->memory);
  net_reach_free (PRIV (self)->reach);
  g_free (PRIV (self)->user_id);
  g_free (PRIV (self)->user_pw);
  G_OBJECT_CLASS (gst_rcast_http_signaller_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * GstRcastHttpSignaller:user-id:
   *
   * User name for a server that requires HTTP Basic or Digest authentication.
   *
   * Since: 0.1
   */
  props[PROP_USER_ID] = g_param_spec_string ("user-id", "User ID",
      "User name for HTTP Basic or Digest authentication", NULL, flags);

  /**
   * GstRcastHttpSignaller:user-pw:
   *
   * Password for #GstRcastHttpSignaller:user-id. It is sent only to the origin (scheme, host
   * and port) of the location. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_USER_PW] = g_param_spec_string ("user-pw", "User password",
      "Password for HTTP Basic or Digest authentication", NULL,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastHttpSignaller:redirect-auth:
   *
   * Where to send the token when the server redirects to another origin (scheme, host or
   * port), or its session URL is there. RFC 9725 4.7 requires the token with each request of
   * a session, so by default a session URL gets it over https. The token is never sent from
   * https to http, whatever the value.
   *
   * Since: 0.1
   */
  props[PROP_REDIRECT_AUTH] = g_param_spec_enum ("redirect-auth",
      "Redirect authorization",
      "Where the token goes when the server names another origin",
      GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, DEFAULT_REDIRECT_AUTH, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_http_signaller_class_init (GstRcastHttpSignallerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_http_signaller_set_property;
  object_class->get_property = gst_rcast_http_signaller_get_property;
  object_class->finalize = gst_rcast_http_signaller_finalize;
  install_properties (object_class);

  signaller_class->open_async = gst_rcast_http_signaller_open_async;
  signaller_class->offer_async = gst_rcast_http_signaller_offer_async;
  signaller_class->add_candidate = gst_rcast_http_signaller_add_candidate;
  signaller_class->settle = gst_rcast_http_signaller_settle;
  signaller_class->check_async = gst_rcast_http_signaller_check_async;
  signaller_class->end_session_async =
      gst_rcast_http_signaller_end_session_async;
  signaller_class->probe_async = gst_rcast_http_signaller_probe_async;
  signaller_class->close_async = gst_rcast_http_signaller_close_async;
  GST_RCAST_NET_SIGNALLER_CLASS (klass)->parse_location =
      gst_rcast_http_signaller_parse_location;

  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_HTTP_SIGNALLER, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, 0);
}

static void
gst_rcast_http_signaller_init (GstRcastHttpSignaller * self)
{
  PRIV (self)->reach = net_reach_new (gst_rcast_net_signaller_get_dialer
      (GST_RCAST_NET_SIGNALLER (self)));
  PRIV (self)->redirect_auth = DEFAULT_REDIRECT_AUTH;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RENEGOTIATE);
}

/* Returns: (nullable) (transfer none): NULL if the signaller is not open */
WhipSession *
gst_rcast_http_signaller_get_session (GstRcastHttpSignaller * self)
{
  return PRIV (self)->session;
}
