/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of a Janus session: server, room and publisher. */
#include "config.h"

#include "janus-settings.h"

#include <string.h>

#include "net-url.h"

#define SCHEME_PREFIX "janus+"
#define MAX_LOCATION_SIZE 8192

void
janus_settings_free (JanusSettings * settings)
{
  if (!settings)
    return;
  gst_rcast_net_settings_free (settings->net);
  janus_id_clear (&settings->room.room);
  janus_id_clear (&settings->room.id);
  g_free (settings->room.display);
  g_free (settings->room.pin);
  g_free (settings->room.token);
  g_free (settings->room.secret);
  g_free (settings->room.admin_key);
  g_free (settings->publish.audio_codec);
  g_free (settings->publish.video_codec);
  g_free (settings->feed);
  g_free (settings->watched);
  g_free (settings->api_secret);
  g_free (settings);
}

/* The location. Errors quote only the names of unknown keys: any other part may be half of a
 * password. */

static gboolean
refuse (GError ** error, const gchar * what)
{
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "location: %s", what);
  return FALSE;
}

static gboolean
parse_boolean (const gchar * text, gboolean * value)
{
  *value = g_str_equal (text, "true") || g_str_equal (text, "1");
  return *value || g_str_equal (text, "false") || g_str_equal (text, "0");
}

static void
replace (gchar ** field, const gchar * value)
{
  g_free (*field);
  *field = g_strdup (value);
}

/* Takes one key of the query. */
static gboolean
take_key (JanusSettings * settings, const gchar * key, const gchar * value,
    GError ** error)
{
  if (g_str_equal (key, "room"))
    janus_id_guess (&settings->room.room, value);
  else if (g_str_equal (key, "id"))
    janus_id_guess (&settings->room.id, value);
  else if (g_str_equal (key, "pin"))
    replace (&settings->room.pin, value);
  else if (g_str_equal (key, "display"))
    replace (&settings->room.display, value);
  else if (g_str_equal (key, "feed"))
    replace (&settings->feed, value);
  else if (!g_str_equal (key, "create"))
    return refuse (error, "a key of the query is unknown; the keys are room, id, "
        "pin, display, feed and create, and an ampersand in a value is %26");
  else if (!parse_boolean (value, &settings->create_room))
    return refuse (error, "create is true or false");
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
    return refuse (error, "its query is wrong");
  if (!settings->room.room.text || !*settings->room.room.text)
    return refuse (error, "names no room: …?room=1234");
  return TRUE;
}

/* Sets whom to watch. Fails if the direction does not allow it. */
static gboolean
take_direction (JanusSettings * settings, GstRcastDirection direction,
    GError ** error)
{
  if (direction == GST_RCAST_DIRECTION_SEND)
    return !settings->feed || refuse (error, "feed names what is received, by "
        "rcastsrc; the identifier of a publisher is id");
  settings->watched = g_steal_pointer (&settings->room.display);
  if (!settings->feed == !settings->watched)
    return refuse (error, "feed or display, one of them, names the publisher "
        "that is received: …?room=1234&display=studio");
  return TRUE;
}

/* Whether we watch a publisher instead of publishing. */
gboolean
janus_settings_do_watch (const JanusSettings * settings)
{
  return settings->feed || settings->watched;
}

/* Returns: (nullable) (transfer full): the URL in @location, with its query */
static GUri *
parse_url (const gchar * location)
{
  gsize size = strlen (location);

  if (size > MAX_LOCATION_SIZE || !g_utf8_validate (location, size, NULL)
      || g_ascii_strncasecmp (location, SCHEME_PREFIX, strlen (SCHEME_PREFIX)))
    return NULL;
  /* Keeps the encoding, so that an encoded ampersand in a value remains one. */
  return g_uri_parse (location + strlen (SCHEME_PREFIX), G_URI_FLAGS_ENCODED
      | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
}

/**
 * janus_settings_parse_location:
 * @settings: the query is stored here
 * @location: `janus+ws://host:port/path?room=…`
 * @direction: whether we publish or receive there
 * @error: %GST_RCAST_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full): the URL for the WebSocket, without the query; %NULL with @error
 *   if @location is invalid
 */
GUri *
janus_settings_parse_location (JanusSettings * settings,
    const gchar * location, GstRcastDirection direction, GError ** error)
{
  g_autoptr (GUri) url = parse_url (location);
  const gchar *path;

  if (!net_url_is_websocket (url)) {
    refuse (error, "expected janus+ws://host:port/?room=… or janus+wss://…");
    return NULL;
  }
  if (g_uri_get_userinfo (url) || g_uri_get_fragment (url)) {
    refuse (error, "a user name or a fragment has no use here");
    return NULL;
  }
  if (!take_query (settings, g_uri_get_query (url), error)
      || !take_direction (settings, direction, error))
    return NULL;
  path = g_uri_get_path (url);
  return g_uri_build (G_URI_FLAGS_ENCODED, g_uri_get_scheme (url), NULL,
      g_uri_get_host (url), g_uri_get_port (url), *path ? path : "/", NULL,
      NULL);
}
