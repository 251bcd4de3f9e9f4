/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application may set on the agent; each generation takes a copy. */
#include "config.h"

#include "gstrcasticesettings.h"

#include <gio/gio.h>

#define STUN_PORT 3478          /* RFC 8489 18.6 */
#define TURNS_PORT 5349         /* RFC 8656 */
#define PROXY_PORT 8080         /* GstWebRTCNice's default */

GstRcastIceSettings *
gst_rcast_ice_settings_new (void)
{
  GstRcastIceSettings *settings = g_new0 (GstRcastIceSettings, 1);

  settings->turns =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_uri_unref);
  settings->addresses = g_ptr_array_new_with_free_func (g_free);
  settings->ice_udp = TRUE;
  settings->max_port = 65535;
  settings->path_mode = GST_RCAST_ICE_PATH_MODE_BACKUP;
  settings->media_timeout = GST_RCAST_ICE_MEDIA_TIMEOUT;
  return settings;
}

static GstUri *
copy_uri (GstUri * uri)
{
  return uri ? gst_uri_copy (uri) : NULL;
}

static gpointer
copy_uri_func (gconstpointer uri, gpointer data)
{
  return gst_uri_copy (uri);
}

static gpointer
copy_string_func (gconstpointer string, gpointer data)
{
  return g_strdup (string);
}

GstRcastIceSettings *
gst_rcast_ice_settings_copy (const GstRcastIceSettings * settings)
{
  GstRcastIceSettings *copy = g_new0 (GstRcastIceSettings, 1);

  *copy = *settings;
  copy->stun = copy_uri (settings->stun);
  copy->turn = copy_uri (settings->turn);
  copy->proxy = copy_uri (settings->proxy);
  copy->proxy_ip = g_strdup (settings->proxy_ip);
  copy->path_preference = g_strdupv (settings->path_preference);
  copy->turns = g_ptr_array_copy (settings->turns, copy_uri_func, NULL);
  copy->addresses =
      g_ptr_array_copy (settings->addresses, copy_string_func, NULL);
  return copy;
}

void
gst_rcast_ice_settings_free (GstRcastIceSettings * settings)
{
  if (!settings)
    return;
  g_clear_pointer (&settings->stun, gst_uri_unref);
  g_clear_pointer (&settings->turn, gst_uri_unref);
  g_clear_pointer (&settings->proxy, gst_uri_unref);
  g_free (settings->proxy_ip);
  g_strfreev (settings->path_preference);
  g_ptr_array_unref (settings->turns);
  g_ptr_array_unref (settings->addresses);
  g_free (settings);
}

static void
replace_uri (GstUri ** place, GstUri * uri)
{
  g_clear_pointer (place, gst_uri_unref);
  *place = uri;
}

/* No host, or another scheme than the given two: NULL. */
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
  /* The string itself may hold a password. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "not a URI of the form %s://host[:port]", scheme);
  g_clear_pointer (&uri, gst_uri_unref);
  return NULL;
}

/* A NULL @uri means none. */
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

/* A NULL @uri means none. */
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

/* The host is resolved by the agent; an address is taken as it is. */
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
