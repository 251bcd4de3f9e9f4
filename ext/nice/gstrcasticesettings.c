/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings that an application can make on the agent: shared, immutable snapshots. */
#include "config.h"

#include "gstrcasticesettings.h"
#include "gstrcastice-enumtypes.h"

#include <gio/gio.h>

#define STUN_PORT 3478          /* RFC 8489 18.6 */
#define TURNS_PORT 5349         /* RFC 8656 */
#define PROXY_PORT 8080         /* the default of GstWebRTCNice */

enum
{
  PROP_0,
  PROP_ICE_TCP,
  PROP_ICE_UDP,
  PROP_SEND_BUFFER_SIZE,
  PROP_RECEIVE_BUFFER_SIZE,
  PROP_PATH_MODE,
  PROP_PATH_PREFERENCE,
  PROP_PATH_BARRED,
  PROP_MEDIA_TIMEOUT,
  PROP_RECEIVING,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

GstRcastIceSettings *
gst_rcast_ice_settings_new (void)
{
  GstRcastIceSettings *settings = g_new0 (GstRcastIceSettings, 1);

  g_atomic_ref_count_init (&settings->ref_count);
  settings->turns =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_uri_unref);
  settings->addresses = g_ptr_array_new_with_free_func (g_free);
  settings->ice_udp = TRUE;
  settings->max_port = 65535;
  settings->path_mode = GST_RCAST_ICE_PATH_MODE_BACKUP;
  settings->media_timeout = GST_RCAST_ICE_MEDIA_TIMEOUT;
  return settings;
}

GstRcastIceSettings *
gst_rcast_ice_settings_ref (GstRcastIceSettings * settings)
{
  g_atomic_ref_count_inc (&settings->ref_count);
  return settings;
}

void
gst_rcast_ice_settings_unref (GstRcastIceSettings * settings)
{
  if (!settings || !g_atomic_ref_count_dec (&settings->ref_count))
    return;
  g_clear_pointer (&settings->stun, gst_uri_unref);
  g_clear_pointer (&settings->turn, gst_uri_unref);
  g_clear_pointer (&settings->proxy, gst_uri_unref);
  g_free (settings->proxy_ip);
  g_strfreev (settings->path_preference);
  g_strfreev (settings->path_barred);
  g_ptr_array_unref (settings->turns);
  g_ptr_array_unref (settings->addresses);
  g_free (settings);
}

static GstUri *
ref_uri (GstUri * uri)
{
  return uri ? gst_uri_ref (uri) : NULL;
}

static gpointer
ref_uri_func (gconstpointer uri, gpointer data)
{
  return gst_uri_ref ((GstUri *) uri);
}

static gpointer
copy_string_func (gconstpointer string, gpointer data)
{
  return g_strdup (string);
}

/* Takes the reference. Returns: (transfer full): the same settings if nobody else holds them, or a
 * copy. URIs are never changed, only replaced. */
GstRcastIceSettings *
gst_rcast_ice_settings_make_writable (GstRcastIceSettings * settings)
{
  GstRcastIceSettings *copy;

  if (g_atomic_ref_count_compare (&settings->ref_count, 1))
    return settings;
  copy = g_new0 (GstRcastIceSettings, 1);
  *copy = *settings;
  g_atomic_ref_count_init (&copy->ref_count);
  copy->stun = ref_uri (settings->stun);
  copy->turn = ref_uri (settings->turn);
  copy->proxy = ref_uri (settings->proxy);
  copy->proxy_ip = g_strdup (settings->proxy_ip);
  copy->path_preference = g_strdupv (settings->path_preference);
  copy->path_barred = g_strdupv (settings->path_barred);
  copy->turns = g_ptr_array_copy (settings->turns, ref_uri_func, NULL);
  copy->addresses =
      g_ptr_array_copy (settings->addresses, copy_string_func, NULL);
  gst_rcast_ice_settings_unref (settings);
  return copy;
}

static void
replace_uri (GstUri ** place, GstUri * uri)
{
  g_clear_pointer (place, gst_uri_unref);
  *place = uri;
}

/* Returns NULL without a host, or for a scheme other than the given two. */
static GstUri *
parse (const gchar * string, const gchar * scheme, const gchar * other_scheme,
    GError ** error)
{
  GstUri *uri = gst_uri_from_string_escaped (string);

  if (uri && gst_uri_get_host (uri)
      && (g_strcmp0 (gst_uri_get_scheme (uri), scheme) == 0
          || (other_scheme
              && g_strcmp0 (gst_uri_get_scheme (uri), other_scheme) == 0)))
    return uri;
  /* Do not log the string, as it may hold a password. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "not a URI of the form %s://host[:port]", scheme);
  g_clear_pointer (&uri, gst_uri_unref);
  return NULL;
}

/* @uri: NULL for none */
gboolean
gst_rcast_ice_settings_set_stun (GstRcastIceSettings * settings,
    const gchar * string, GError ** error)
{
  GstUri *uri;

  if (!string) {
    replace_uri (&settings->stun, NULL);
    return TRUE;
  }
  uri = parse (string, "stun", NULL, error);
  if (!uri)
    return FALSE;
  if (gst_uri_get_port (uri) == GST_URI_NO_PORT)
    gst_uri_set_port (uri, STUN_PORT);
  replace_uri (&settings->stun, uri);
  return TRUE;
}

void
gst_rcast_ice_parse_userinfo (const GstUri * uri, gchar ** user,
    gchar ** password)
{
  const gchar *info = gst_uri_get_userinfo (uri);
  const gchar *colon = info ? strchr (info, ':') : NULL;

  *user = *password = NULL;
  if (!info)
    return;
  if (colon) {
    *user = g_uri_unescape_segment (info, colon, NULL);
    *password = g_uri_unescape_string (colon + 1, NULL);
  } else {
    *user = g_uri_unescape_string (info, NULL);
  }
}

static gboolean
check_turn_query (GstUri * uri, GError ** error)
{
  GList *keys = gst_uri_get_query_keys (uri);
  gboolean good = TRUE;

  for (GList * l = keys; l; l = l->next) {
    const gchar *value = gst_uri_get_query_value (uri, l->data);

    good = good && g_strcmp0 (l->data, "transport") == 0
        && (!value || g_str_equal (value, "udp") || g_str_equal (value, "tcp"));
  }
  g_list_free (keys);
  if (!good)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a TURN URI has no query but transport=udp or transport=tcp");
  return good;
}

static GstUri *
parse_turn (const gchar * string, GError ** error)
{
  GstUri *uri = parse (string, "turn", "turns", error);
  g_autofree gchar *user = NULL;
  g_autofree gchar *password = NULL;

  if (!uri)
    return NULL;
  gst_rcast_ice_parse_userinfo (uri, &user, &password);
  if (!user || !password) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a TURN URI needs user:password@");
    gst_uri_unref (uri);
    return NULL;
  }
  if (!check_turn_query (uri, error)) {
    gst_uri_unref (uri);
    return NULL;
  }
  if (gst_uri_get_port (uri) == GST_URI_NO_PORT)
    gst_uri_set_port (uri,
        g_str_equal (gst_uri_get_scheme (uri), "turns") ? TURNS_PORT :
        STUN_PORT);
  return uri;
}

/* @uri: NULL for none */
gboolean
gst_rcast_ice_settings_set_turn (GstRcastIceSettings * settings,
    const gchar * string, GError ** error)
{
  GstUri *uri = NULL;

  if (string && !(uri = parse_turn (string, error)))
    return FALSE;
  replace_uri (&settings->turn, uri);
  return TRUE;
}

gboolean
gst_rcast_ice_settings_add_turn (GstRcastIceSettings * settings,
    const gchar * string, GError ** error)
{
  GstUri *uri = parse_turn (string, error);

  if (!uri)
    return FALSE;
  for (guint i = 0; i < settings->turns->len; i++) {
    if (gst_uri_equal (settings->turns->pdata[i], uri)) {
      gst_uri_unref (uri);
      return TRUE;
    }
  }
  g_ptr_array_add (settings->turns, uri);
  return TRUE;
}

/* The agent resolves a host name. An address is used as it is. */
gboolean
gst_rcast_ice_settings_set_proxy (GstRcastIceSettings * settings,
    const gchar * string, GError ** error)
{
  g_autofree gchar *user = NULL;
  g_autofree gchar *password = NULL;
  GstUri *uri = NULL;

  if (string) {
    uri = parse (string, "http", NULL, error);
    if (!uri)
      return FALSE;
    gst_rcast_ice_parse_userinfo (uri, &user, &password);
    if (password && password[0] && (!user || !user[0])) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "a password without a user");
      gst_uri_unref (uri);
      return FALSE;
    }
    if (gst_uri_get_port (uri) == GST_URI_NO_PORT)
      gst_uri_set_port (uri, PROXY_PORT);
  }
  replace_uri (&settings->proxy, uri);
  g_clear_pointer (&settings->proxy_ip, g_free);
  if (uri && g_hostname_is_ip_address (gst_uri_get_host (uri)))
    settings->proxy_ip = g_strdup (gst_uri_get_host (uri));
  return TRUE;
}

/* --- properties --- */

void
gst_rcast_ice_settings_install_properties (GObjectClass * klass)
{
  /**
   * GstRcastIce:ice-tcp:
   *
   * Whether to gather and use TCP candidates (RFC 6544).
   *
   * Since: 0.1
   */
  props[PROP_ICE_TCP] = g_param_spec_boolean ("ice-tcp", "ICE over TCP",
      "Gather and use TCP candidates; of the next generation", FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:ice-udp:
   *
   * Whether to gather and use UDP candidates.
   *
   * Since: 0.1
   */
  props[PROP_ICE_UDP] = g_param_spec_boolean ("ice-udp", "ICE over UDP",
      "Gather and use UDP candidates; of the next generation", TRUE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:send-buffer-size:
   *
   * Size of the kernel's send buffers in bytes; 0 is the system's default.
   *
   * Since: 0.1
   */
  props[PROP_SEND_BUFFER_SIZE] = g_param_spec_int ("send-buffer-size",
      "Send buffer", "Kernel send buffer in bytes, 0 = default; of the next "
      "generation", 0, G_MAXINT, 0,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:receive-buffer-size:
   *
   * Size of the kernel's receive buffers in bytes; 0 is the system's default.
   *
   * Since: 0.1
   */
  props[PROP_RECEIVE_BUFFER_SIZE] = g_param_spec_int ("receive-buffer-size",
      "Receive buffer", "Kernel receive buffer in bytes, 0 = default; of the "
      "next generation", 0, G_MAXINT, 0,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:path-mode:
   *
   * How the agent uses several uplinks. Whether each of them gets a path is decided when
   * a generation starts. All else changes at once.
   *
   * Since: 0.1
   */
  props[PROP_PATH_MODE] = g_param_spec_enum ("path-mode", "Path mode",
      "What is done with several uplinks", GST_TYPE_RCAST_ICE_PATH_MODE,
      GST_RCAST_ICE_PATH_MODE_BACKUP,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:path-preference:
   *
   * Names of interfaces, or their kinds (ethernet, wifi, cellular, vpn), best first.
   * Interfaces that are not listed come after these, cellular last.
   *
   * Since: 0.1
   */
  props[PROP_PATH_PREFERENCE] = g_param_spec_boxed ("path-preference",
      "Path preference", "Interfaces or their kinds, best first; of the next "
      "generation", G_TYPE_STRV,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:path-barred:
   *
   * Names of interfaces that the agent treats as absent as long as they are listed: they carry
   * nothing, not even checks. Media moves away from them at once. If no other uplink works,
   * nothing is sent.
   *
   * Since: 0.1
   */
  props[PROP_PATH_BARRED] = g_param_spec_boxed ("path-barred", "Path barred",
      "Interfaces that carry nothing", G_TYPE_STRV,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:media-timeout:
   *
   * A path is dead after this many milliseconds of silence. After half of them, the agent
   * checks the path if it carries media.
   *
   * Since: 0.1
   */
  props[PROP_MEDIA_TIMEOUT] = g_param_spec_uint ("media-timeout",
      "Media timeout", "Milliseconds of silence until a path is dead; of the "
      "next generation", 200, 60000, GST_RCAST_ICE_MEDIA_TIMEOUT,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastIce:receiving:
   *
   * Whether the peer sends media. Only the peer decides on which path it sends. So the
   * agent requests a restart as soon as that path is most probably dead, after 0.6 of
   * #GstRcastIce:media-timeout, even if another path is ready.
   *
   * Since: 0.1
   */
  props[PROP_RECEIVING] = g_param_spec_boolean ("receiving", "Receiving",
      "The peer sends media", FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  g_object_class_install_properties (klass, N_PROPS, props);
}

/* @interface: (nullable): %NULL if the interface is unknown
 * Returns: whether nothing may be sent there */
gboolean
gst_rcast_ice_settings_bars (const GstRcastIceSettings * settings,
    const gchar * interface)
{
  const gchar *const *barred = (const gchar * const *) settings->path_barred;

  if (!barred || !barred[0])
    return FALSE;
  return !interface || g_strv_contains (barred, interface);
}

/* Returns FALSE if there is no such property. */
gboolean
gst_rcast_ice_settings_set_property (GstRcastIceSettings * settings, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_ICE_TCP:
      settings->ice_tcp = g_value_get_boolean (value);
      return TRUE;
    case PROP_ICE_UDP:
      settings->ice_udp = g_value_get_boolean (value);
      return TRUE;
    case PROP_SEND_BUFFER_SIZE:
      settings->send_buffer = g_value_get_int (value);
      return TRUE;
    case PROP_RECEIVE_BUFFER_SIZE:
      settings->receive_buffer = g_value_get_int (value);
      return TRUE;
    case PROP_PATH_MODE:
      settings->path_mode = g_value_get_enum (value);
      return TRUE;
    case PROP_PATH_PREFERENCE:
      g_strfreev (settings->path_preference);
      settings->path_preference = g_value_dup_boxed (value);
      return TRUE;
    case PROP_PATH_BARRED:
      g_strfreev (settings->path_barred);
      settings->path_barred = g_value_dup_boxed (value);
      return TRUE;
    case PROP_MEDIA_TIMEOUT:
      settings->media_timeout = g_value_get_uint (value);
      return TRUE;
    case PROP_RECEIVING:
      settings->receiving = g_value_get_boolean (value);
      return TRUE;
    default:
      return FALSE;
  }
}

/* Returns FALSE if there is no such property. */
gboolean
gst_rcast_ice_settings_get_property (const GstRcastIceSettings * settings,
    guint id, GValue * value)
{
  switch (id) {
    case PROP_ICE_TCP:
      g_value_set_boolean (value, settings->ice_tcp);
      return TRUE;
    case PROP_ICE_UDP:
      g_value_set_boolean (value, settings->ice_udp);
      return TRUE;
    case PROP_SEND_BUFFER_SIZE:
      g_value_set_int (value, settings->send_buffer);
      return TRUE;
    case PROP_RECEIVE_BUFFER_SIZE:
      g_value_set_int (value, settings->receive_buffer);
      return TRUE;
    case PROP_PATH_MODE:
      g_value_set_enum (value, settings->path_mode);
      return TRUE;
    case PROP_PATH_PREFERENCE:
      g_value_set_boxed (value, settings->path_preference);
      return TRUE;
    case PROP_PATH_BARRED:
      g_value_set_boxed (value, settings->path_barred);
      return TRUE;
    case PROP_MEDIA_TIMEOUT:
      g_value_set_uint (value, settings->media_timeout);
      return TRUE;
    case PROP_RECEIVING:
      g_value_set_boolean (value, settings->receiving);
      return TRUE;
    default:
      return FALSE;
  }
}
