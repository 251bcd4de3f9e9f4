/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted error body: the result is one printable line, or NULL. */
#include "config.h"

#include "fuzz.h"

#include "whip-headers.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  static const gchar *const types[] = {
    "application/problem+json", "application/json", "text/plain", "text/html"
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autofree gchar *text =
        whip_parse_problem (types[i], (const gchar *) data, size);

    if (!text)
      continue;
    g_assert (*text && g_utf8_validate (text, -1, NULL));
    g_assert_cmpint (g_utf8_strlen (text, -1), <=, 200);
    for (const gchar * p = text; *p; p = g_utf8_next_char (p))
      g_assert (g_unichar_isprint (g_utf8_get_char (p)));
  }
  return 0;
}
