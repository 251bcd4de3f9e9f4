/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a producer at a signalling server of GStreamer. */
#include "config.h"

#include "gstsig-settings.h"

#include <string.h>

#include "net-url.h"

#define SCHEME_PREFIX "gst+"
#define NAME_KEY "name"
#define MAX_LOCATION_SIZE 8192

/* Takes NULL. */
void
gstsig_settings_free (GstsigSettings * settings)
{
  if (!settings)
    return;
  gst_rcast_net_settings_free (settings->net);
  g_clear_pointer (&settings->meta, gst_structure_free);
  g_free (settings);
}

/* Errors quote nothing of a location: it may be a secret in the wrong place. */
static GUri *
refuse (GError ** error, const gchar * what)
{
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      what);
  return NULL;
}

/* Returns: (nullable) (transfer full): a `ws` or `wss` URL */
static GUri *
parse_url (const gchar * location)
{
  gsize size = strlen (location);
  g_autoptr (GUri) url = NULL;

  if (size > MAX_LOCATION_SIZE || !g_utf8_validate (location, size, NULL)
      || g_ascii_strncasecmp (location, SCHEME_PREFIX, strlen (SCHEME_PREFIX)))
    return NULL;
  url = g_uri_parse (location + strlen (SCHEME_PREFIX),
      G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  return net_url_is_websocket (url) ? g_steal_pointer (&url) : NULL;
}

static gboolean
is_name (const gchar * part)
{
  return g_str_has_prefix (part, NAME_KEY "=");
}

/* Whether @query asks for what a producer that waits to be called does not do. */
static gboolean
wants_call (const gchar * query)
{
  static const gchar *const keys[] = { "consumer", "peer-id", NULL };
  g_auto (GStrv) parts = g_strsplit (query ? query : "", "&", -1);

  for (guint i = 0; parts[i]; i++) {
    g_autofree gchar *key = g_strndup (parts[i], strcspn (parts[i], "="));

    if (g_strv_contains (keys, key))
      return TRUE;
  }
  return FALSE;
}

static void
set_name (GstsigSettings * settings, const gchar * name)
{
  if (!settings->meta)
    settings->meta = gst_structure_new_empty ("meta");
  gst_structure_set (settings->meta, NAME_KEY, G_TYPE_STRING, name, NULL);
}

/* Returns: FALSE: it is no text */
static gboolean
take_name (GstsigSettings * settings, const gchar * part)
{
  g_autofree gchar *name =
      g_uri_unescape_string (part + strlen (NAME_KEY "="), NULL);

  if (!name || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  set_name (settings, name);
  return TRUE;
}

/* What is not the name is the server's business: a proxy may want a key there.
 * Returns: (transfer full) (nullable): @url without it; NULL: it is no text */
static GUri *
take_query (GstsigSettings * settings, GUri * url)
{
  const gchar *query = g_uri_get_query (url);
  g_auto (GStrv) parts = g_strsplit (query ? query : "", "&", -1);
  g_autoptr (GString) rest = g_string_new (NULL);

  for (guint i = 0; parts[i]; i++) {
    if (!is_name (parts[i]))
      g_string_append_printf (rest, "%s%s", rest->len ? "&" : "", parts[i]);
    else if (!take_name (settings, parts[i]))
      return NULL;
  }
  return g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (url), NULL,
      g_uri_get_host (url), g_uri_get_port (url),
      *g_uri_get_path (url) ? g_uri_get_path (url) : "/",
      rest->len ? rest->str : NULL, NULL);
}

/**
 * gstsig_settings_parse_location:
 * @settings: its @meta takes the name
 * @location: `gst+wss://host:8443/?name=studio`: the URL of the server behind `gst+`;
 *   the name may be missing
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full): where the WebSocket connects to; %NULL with @error if
 *   @location is wrong
 */
GUri *
gstsig_settings_parse_location (GstsigSettings * settings,
    const gchar * location, GError ** error)
{
  g_autoptr (GUri) url = parse_url (location);
  GUri *target;

  if (!url)
    return refuse (error, "location: expected gst+wss://host:8443/?name=…, "
        "which is the URL of gst-webrtc-signalling-server behind gst+");
  if (g_uri_get_userinfo (url) || g_uri_get_fragment (url))
    return refuse (error,
        "location: a user name or a fragment has no use here");
  if (wants_call (g_uri_get_query (url)))
    return refuse (error, "location: to call a consumer (consumer, peer-id) is "
        "not supported yet: it has to call us, by name=…");
  target = take_query (settings, url);
  return target ? target : refuse (error, "location: the name is no text");
}
