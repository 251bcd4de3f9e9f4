/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes foreign text fit to be shown: bounded, one line, printable. */
#include "config.h"

#include "rcast-text.h"

#include <string.h>

/* Bytes to read per character to keep: a character has 4 bytes at most, and runs of blanks become
 * one blank. */
#define BYTES_PER_CHARACTER 16

/**
 * gst_rcast_text_clean_to:
 * @text: (nullable): bytes from a network, a file or a device
 * @size: number of bytes; -1: up to the NUL
 * @max: largest number of characters to keep
 *
 * All text of a server that a person may read goes through here. Anything that is not printable
 * (control characters, terminal escapes, invalid UTF-8, line ends) becomes a blank, runs of blanks
 * become one, and the text ends after @max characters.
 *
 * Returns: (nullable) (transfer full): one line; %NULL if nothing is left
 */
gchar *
gst_rcast_text_clean_to (const gchar * text, gssize size, guint max)
{
  gsize limit = (gsize) max * BYTES_PER_CHARACTER;
  g_autofree gchar *valid = NULL;
  g_autoptr (GString) out = NULL;
  guint count = 0;

  if (!text)
    return NULL;
  size = size < 0 ? (gssize) strnlen (text, limit) :
      MIN (size, (gssize) limit);
  valid = g_utf8_make_valid (text, size);
  out = g_string_new (NULL);
  for (const gchar * p = valid; *p && count < max;
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

/* Like gst_rcast_text_clean_to(), with %GST_RCAST_TEXT_MAX characters */
gchar *
gst_rcast_text_clean (const gchar * text, gssize size)
{
  return gst_rcast_text_clean_to (text, size, GST_RCAST_TEXT_MAX);
}
