/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted Link header: webrtcbin accepts each resulting URI. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "whip-headers.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autofree gchar *link = fuzz_string (data, size);
  g_auto (GStrv) uris = whip_parse_ice_servers (link);

  /* GstUri needs GStreamer. */
  if (!gst_is_initialized ())
    gst_init (NULL, NULL);
  g_assert_cmpuint (g_strv_length (uris), <=, WHIP_MAX_ICE_SERVERS);
  for (guint i = 0; uris[i]; i++) {
    g_autoptr (GstUri) uri = gst_uri_from_string (uris[i]);
    gboolean stun = g_str_has_prefix (uris[i], "stun://");

    g_assert (uri);
    g_assert (stun || g_str_has_prefix (uris[i], "turn://")
        || g_str_has_prefix (uris[i], "turns://"));
    g_assert (gst_uri_get_host (uri));
    g_assert_cmpuint (gst_uri_get_port (uri), >=, 1);
    g_assert_cmpuint (gst_uri_get_port (uri), <=, 65535);
    g_assert (stun || strchr (gst_uri_get_userinfo (uri), ':'));
    for (const gchar * p = uris[i]; *p; p++)
      g_assert (g_ascii_isgraph (*p));
  }
  {
    g_autofree gchar *value = NULL;
    g_autofree gchar *uri = whip_parse_link (link, "next", "events", &value);

    g_assert (uri || !value);
  }
  return 0;
}
