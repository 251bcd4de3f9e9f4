/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign text, made fit to be shown: bounded, one line, printable. */
#include "config.h"

#include "rcast-text.h"

#include <string.h>

/* What is read of a text: each character takes 4 bytes at most, and runs of
 * blanks become one. */
#define MAX_BYTES (16 * GST_RCAST_TEXT_MAX)

/**
 * gst_rcast_text_clean:
 * @text: (nullable): bytes from a network, a file or a device
 * @size: how many, -1: up to the NUL
 *
 * Everything that a server says and a person may read goes through here: what is
 * not printable (control characters, terminal escapes, invalid UTF-8, line ends)
 * becomes a blank, blanks in a row become one, and the text ends after
 * %GST_RCAST_TEXT_MAX characters.
 *
 * Returns: (nullable) (transfer full): one line; %NULL if nothing is left
 */
gchar *
gst_rcast_text_clean (const gchar * text, gssize size)
{
  g_autofree gchar *valid = NULL;
  g_autoptr (GString) out = NULL;
  guint count = 0;

  if (!text)
    return NULL;
  size = size < 0 ? (gssize) strnlen (text, MAX_BYTES) : MIN (size, MAX_BYTES);
  valid = g_utf8_make_valid (text, size);
  out = g_string_new (NULL);
  for (const gchar * p = valid; *p && count < GST_RCAST_TEXT_MAX;
      p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (!g_unichar_isprint (c))
      c = ' ';
    if (c == ' ' && (out->len == 0 || out->str[out->len - 1] == ' '))
      continue;
    g_string_append_unichar (out, c);
    count++;
  }
  g_strchomp (out->str);
  return *out->str ? g_strdup (out->str) : NULL;
}
