/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: the WHIP signaller, RFC 9725. */
/**
 * SECTION:element-rcastwhip
 * @title: rcastwhip
 * @short_description: WHIP signalling (RFC 9725) for rcastsink
 *
 * Hands the offer of #rcastsink to a WHIP server by HTTP POST, the candidates
 * and ICE restarts by PATCH, and ends the session by DELETE. rcastsink makes one
 * by itself for a `location` that is the URL of an endpoint: `https://…` or
 * `http://…`, also with the scheme `whip+https`, `whip+http`, or, as other
 * programs write them, `whips` and `whip`.
 *
 * A user name in the URL is refused. The query of the URL is sent, but is part of no
 * message, log or property. Use #GstRcastNetSignaller:auth-token for a Bearer token, or
 * #GstRcastWhip:user-id and #GstRcastWhip:user-pw for HTTP Basic and Digest. A token
 * belongs to an origin (scheme, host and port): what
 * #GstRcastSignaller::request-token gives when a server answers 401 is sent to no
 * other. Proxies are those of the system (GProxyResolver).
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

#include "net-reach.h"
#include "net-url.h"
#include "whip-errand.h"
#include "whip-session.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_debug);
#define GST_CAT_DEFAULT rcast_whip_debug

#define DEFAULT_REDIRECT_AUTH GST_RCAST_WHIP_REDIRECT_AUTH_SESSION

struct _GstRcastWhip
{
  GstRcastNetSignaller parent;

  gchar *user_id, *user_pw;     /* OBJECT_LOCK, as all settings */
  GstRcastWhipRedirectAuth redirect_auth;
  gboolean allow_rejected_media;

  /* The signalling thread's. */
  WhipSession *session;
  WhipMemory memory;
  NetReach *reach;
};

enum
{
  PROP_USER_ID = 1,
  PROP_USER_PW,
  PROP_REDIRECT_AUTH,
  PROP_ALLOW_REJECTED_MEDIA,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastWhip, gst_rcast_whip, GST_TYPE_RCAST_NET_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rcastwhip, "rcastwhip",
    GST_RANK_PRIMARY, GST_TYPE_RCAST_WHIP,
    GST_DEBUG_CATEGORY_INIT (rcast_whip_debug, "rcastwhip", 0,
        "WHIP signaller"));

#define GST_TYPE_RCAST_WHIP_REDIRECT_AUTH (redirect_auth_get_type ())
static GType
redirect_auth_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN,
        "To no origin but that of the location", "same-origin"},
    /* its name while ports did not count */
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
gst_rcast_whip_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_USER_ID:
      g_free (self->user_id);
      self->user_id = g_value_dup_string (value);
      break;
    case PROP_USER_PW:
      g_free (self->user_pw);
      self->user_pw = g_value_dup_string (value);
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

/* Returns: (nullable) (transfer full): the URL of the endpoint as text */
static gchar *
strip_scheme (const gchar * location)
{
  if (g_ascii_strncasecmp (location, "whip+", 5) == 0)
    return g_strdup (location + 5);
  if (g_ascii_strncasecmp (location, "whip:", 5) == 0)
    return g_strconcat ("http:", location + 5, NULL);
  if (g_ascii_strncasecmp (location, "whips:", 6) == 0)
    return g_strconcat ("https:", location + 6, NULL);
  if (g_ascii_strncasecmp (location, "http:", 5) == 0
      || g_ascii_strncasecmp (location, "https:", 6) == 0)
    return g_strdup (location);
  return NULL;
}

static GUri *
gst_rcast_whip_parse_location (GstRcastNetSignaller * signaller,
    const gchar * location, GError ** error)
{
  g_autofree gchar *text = strip_scheme (location);
  g_autoptr (GError) reason = NULL;
  GUri *url = text ? net_url_parse (text, &reason) : NULL;

  if (!url)
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "location: %s", reason ? reason->message : "expected whip+https://, "
        "https://, whips:// or the same without TLS");
  return url;
}

/* Returns: (transfer full): the settings as they are now, NULL with @error if
 * they make no sense. @location: (nullable): of another server than is set */
static WhipSettings *
read_settings (GstRcastWhip * self, const gchar * location, GError ** error)
{
  GstRcastNetSettings *net =
      gst_rcast_net_signaller_snapshot (GST_RCAST_NET_SIGNALLER (self),
      location, error);
  WhipSettings *settings;

  if (!net)
    return NULL;
  settings = g_new0 (WhipSettings, 1);
  settings->net = net;
  GST_OBJECT_LOCK (self);
  settings->user_id = g_strdup (self->user_id);
  settings->user_pw = g_strdup (self->user_pw);
  settings->redirect_auth = self->redirect_auth;
  settings->allow_rejected_media = self->allow_rejected_media;
  GST_OBJECT_UNLOCK (self);
  return settings;
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

/* Takes @task (nullable). */
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
  WhipSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_open_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  settings = read_settings (self, NULL, &error);
  if (!settings) {
    g_task_return_error (task, error);
    return;
  }
  end_session (self, NULL);
  endpoint = g_uri_to_string (settings->net->url);
  whip_memory_check (&self->memory, endpoint, g_get_monotonic_time ());
  self->session = whip_session_new (GST_RCAST_NET_SIGNALLER (self), settings,
      &self->memory);
  publish_initial_capabilities (self);
  g_task_return_boolean (task, TRUE);
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
gst_rcast_whip_check_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  WhipSettings *settings;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_check_async);
  settings = read_settings (self, location, &error);
  if (!settings) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  whip_errand_check (GST_RCAST_NET_SIGNALLER (self), settings, task);
}

static void
gst_rcast_whip_end_session_async (GstRcastSignaller * signaller,
    const gchar * location, const gchar * session, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (WhipSettings) settings = NULL;
  g_autoptr (GUri) url = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_end_session_async);
  settings = read_settings (self, location, &error);
  if (settings)
    url = net_url_parse (session, &error);
  if (!url) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  whip_errand_end (GST_RCAST_NET_SIGNALLER (self), g_steal_pointer (&settings),
      url, task);
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
  g_autofree gchar *location = NULL;

  if (self->session)
    return g_uri_ref (whip_session_get_target (self->session));
  location = gst_rcast_net_signaller_dup_whole_location
      (GST_RCAST_NET_SIGNALLER (self));
  return gst_rcast_whip_parse_location (GST_RCAST_NET_SIGNALLER (self),
      location ? location : "", error);
}

static void
gst_rcast_whip_probe_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GUri) target = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, gst_rcast_whip_probe_async);
  if (self->session && whip_session_has_connection (self->session)) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "the server owes an answer");
    return;
  }
  target = dup_target (self, &error);
  if (!target) {
    g_task_return_error (task, error);
    return;
  }
  net_reach_probe (self->reach, target, on_reached,
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
  net_reach_cancel (self->reach);
  end_session (self, task);
}

static void
gst_rcast_whip_finalize (GObject * object)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  g_clear_pointer (&self->session, whip_session_unref);
  whip_memory_clear (&self->memory);
  net_reach_free (self->reach);
  g_free (self->user_id);
  g_free (self->user_pw);
  G_OBJECT_CLASS (gst_rcast_whip_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

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
   * Password that goes with #GstRcastWhip:user-id, to the origin (scheme, host and
   * port) of the location only. Cannot be read back.
   *
   * Since: 0.1
   */
  props[PROP_USER_PW] = g_param_spec_string ("user-pw", "User password",
      "Password for HTTP Basic or Digest authentication", NULL,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastWhip:redirect-auth:
   *
   * Where the token goes when the server redirects to another origin (scheme, host
   * or port), or its session URL is there. RFC 9725 4.7 wants it with each request of
   * a session, so by default a session URL gets it, over https. Whatever is set here, it
   * never goes from https to http.
   *
   * Since: 0.1
   */
  props[PROP_REDIRECT_AUTH] = g_param_spec_enum ("redirect-auth",
      "Redirect authorization",
      "Where the token goes when the server names another origin",
      GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, DEFAULT_REDIRECT_AUTH, flags);

  /**
   * GstRcastWhip:allow-rejected-media:
   *
   * Whether to go on air when the server rejects some of the media, or is inactive
   * there. RFC 9725 4.4 knows no partial answers, so by default that is an error. Each
   * stream that is missing is named in a warning.
   *
   * Since: 0.1
   */
  props[PROP_ALLOW_REJECTED_MEDIA] =
      g_param_spec_boolean ("allow-rejected-media", "Allow rejected media",
      "Whether to go on air when the server rejects some of the media", FALSE,
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
  signaller_class->open_async = gst_rcast_whip_open_async;
  signaller_class->offer_async = gst_rcast_whip_offer_async;
  signaller_class->add_candidate = gst_rcast_whip_add_candidate;
  signaller_class->settle = gst_rcast_whip_settle;
  signaller_class->check_async = gst_rcast_whip_check_async;
  signaller_class->end_session_async = gst_rcast_whip_end_session_async;
  signaller_class->probe_async = gst_rcast_whip_probe_async;
  signaller_class->close_async = gst_rcast_whip_close_async;
  GST_RCAST_NET_SIGNALLER_CLASS (klass)->parse_location =
      gst_rcast_whip_parse_location;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "WHIP signaller", "Network/Signaller/WebRTC",
      "Signalling by WHIP (RFC 9725) for rcastsink",
      "The gst-rcast developers");
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_WHIP_REDIRECT_AUTH, 0);
}

static void
gst_rcast_whip_init (GstRcastWhip * self)
{
  self->reach = net_reach_new (gst_rcast_net_signaller_get_dialer
      (GST_RCAST_NET_SIGNALLER (self)));
  self->redirect_auth = DEFAULT_REDIRECT_AUTH;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RENEGOTIATE);
}
