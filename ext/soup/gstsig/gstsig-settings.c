/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of a peer at a gst-webrtc-signalling-server. */
#include "config.h"

#include "gstsig-settings.h"

#include <string.h>

#include "net-url.h"

#define SCHEME_PREFIX "gst+"
#define MAX_LOCATION_SIZE 8192

/* Takes NULL. */
void
gstsig_settings_free (GstsigSettings * settings)
{
  if (!settings)
    return;
  gst_rcast_net_settings_free (settings->net);
  g_clear_pointer (&settings->meta, gst_structure_free);
  g_free (settings->name);
  g_free (settings->consumer);
  g_free (settings->peer);
  g_free (settings);
}

/* Errors quote nothing of a location, as any part may be a misplaced secret. */
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

/* Returns: (nullable): the field for @part of the query, if the key is ours */
static gchar **
find_field (GstsigSettings * settings, const gchar * part)
{
  const struct
  {
    const gchar *key;
    gchar **field;
  } fields[] = {
    {"name", &settings->name},
    {"consumer", &settings->consumer},
    {"peer-id", &settings->peer},
  };
  gsize size = strcspn (part, "=");

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strlen (fields[i].key) == size
        && strncmp (part, fields[i].key, size) == 0)
      return fields[i].field;
  return NULL;
}

/* Returns: FALSE if the value is not valid text */
static gboolean
take_text (gchar ** field, const gchar * part)
{
  const gchar *value = part + strcspn (part, "=");
  g_autofree gchar *text = g_uri_unescape_string (*value ? value + 1 : value,
      NULL);

  if (!text || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  g_free (*field);
  *field = g_steal_pointer (&text);
  return TRUE;
}

/* Other keys are for the server: a proxy may need a key there.
 * Returns: (transfer full) (nullable): @url without our keys; NULL if a value is not valid text */
static GUri *
take_query (GstsigSettings * settings, GUri * url)
{
  const gchar *query = g_uri_get_query (url);
  g_auto (GStrv) parts = g_strsplit (query ? query : "", "&", -1);
  g_autoptr (GString) rest = g_string_new (NULL);

  for (guint i = 0; parts[i]; i++) {
    gchar **field = find_field (settings, parts[i]);

    if (!field)
      g_string_append_printf (rest, "%s%s", rest->len ? "&" : "", parts[i]);
    else if (!take_text (field, parts[i]))
      return NULL;
  }
  return g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (url), NULL,
      g_uri_get_host (url), g_uri_get_port (url),
      *g_uri_get_path (url) ? g_uri_get_path (url) : "/",
      rest->len ? rest->str : NULL, NULL);
}

/* Returns: (nullable): why the choice of the other peer is invalid */
static const gchar *
check_choice (const GstsigSettings * settings)
{
  if ((settings->consumer && !*settings->consumer)
      || (settings->peer && !*settings->peer))
    return "location: consumer and peer-id need a value";
  if (settings->consumer && settings->peer)
    return "location: consumer and peer-id name the same thing: expected one "
        "of them";
  if (settings->receives && settings->name && settings->consumer)
    return "location: name is that of a producer to call, and consumer our own "
        "to be called by: expected one of them";
  if (settings->receives && settings->name && settings->peer)
    return "location: name and peer-id name the same thing: expected one of "
        "them";
  return NULL;
}

/* Puts our name from the location into our metadata. */
static void
set_own_name (GstsigSettings * settings)
{
  const gchar *own = settings->receives ? settings->consumer : settings->name;

  if (!own)
    return;
  if (!settings->meta)
    settings->meta = gst_structure_new_empty ("meta");
  gst_structure_set (settings->meta, "name", G_TYPE_STRING, own, NULL);
}

/**
 * gstsig_settings_parse_location:
 * @settings: the query is stored here, and our own name in its @meta
 * @location: `gst+wss://host:8443/?name=studio`: the URL of the server after `gst+`. In the
 *   query `name` is the producer, ourselves or the one to watch, `consumer` a consumer that
 *   is called, by us or ourselves, and `peer-id` the other peer
 * @direction: direction of the media
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full): the URL for the WebSocket; %NULL with @error if @location is
 *   invalid
 */
GUri *
gstsig_settings_parse_location (GstsigSettings * settings,
    const gchar * location, GstRcastDirection direction, GError ** error)
{
  g_autoptr (GUri) url = parse_url (location), target = NULL;
  const gchar *wrong;

  settings->receives = direction == GST_RCAST_DIRECTION_RECEIVE;
  if (!url)
    return refuse (error, "location: expected gst+wss://host:8443/?name=…, "
        "which is the URL of gst-webrtc-signalling-server behind gst+");
  if (g_uri_get_userinfo (url) || g_uri_get_fragment (url))
    return refuse (error,
        "location: a user name or a fragment has no use here");
  target = take_query (settings, url);
  if (!target)
    return refuse (error, "location: a name in the query is no text");
  wrong = check_choice (settings);
  if (wrong)
    return refuse (error, wrong);
  set_own_name (settings);
  return g_steal_pointer (&target);
}

/* Whether we start the session with a consumer that waits for it. */
gboolean
gstsig_settings_calls (const GstsigSettings * settings)
{
  return !settings->receives && (settings->consumer || settings->peer);
}

/* Whether we are a consumer that waits for a producer to start the session. */
gboolean
gstsig_settings_is_called (const GstsigSettings * settings)
{
  return settings->receives && settings->consumer;
}
