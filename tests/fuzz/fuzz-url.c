/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted Location header: the result is an http or https URL, or an error. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "net-url.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  static const gchar *const bases[] = {
    "https://live.example/whip/studio?a=b", "http://[::1]:8080/"
  };
  g_autofree gchar *location = fuzz_string (data, size);
  g_autofree gchar *anything = net_url_describe_text (location);

  g_assert (g_utf8_validate (anything, -1, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++) {
    g_autoptr (GUri) base = net_url_parse (bases[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (GUri) url = net_url_resolve (location, base, &error);
    g_autofree gchar *text = NULL, *shown = NULL;

    g_assert ((url == NULL) == (error != NULL));
    if (!url)
      continue;
    g_assert (g_str_equal (g_uri_get_scheme (url), "http")
        || g_str_equal (g_uri_get_scheme (url), "https"));
    g_assert (*g_uri_get_host (url));
    g_assert (!g_uri_get_userinfo (url) && !g_uri_get_fragment (url));
    net_url_same_origin (base, url);
    shown = net_url_describe (url);
    g_assert (!strchr (shown, '@') || strchr (g_uri_get_path (url), '@'));
    text = g_uri_to_string (url);
    for (const gchar * p = text; *p; p++)
      g_assert (!g_ascii_iscntrl (*p));
  }
  return 0;
}
