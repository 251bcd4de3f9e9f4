/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign text, made fit to be shown: bounded, one line, printable. */
#include "config.h"

#include "rcast-text.h"

#include <string.h>

/* Bytes that are read for each character that is left: a character takes 4 bytes at
 * most, and runs of blanks become one. */
#define BYTES_PER_CHARACTER 16

/**
 * gst_rcast_text_clean_to:
 * @text: (nullable): bytes from a network, a file or a device
 * @size: how many, -1: up to the NUL
 * @max: how many characters may be left
 *
 * Everything that a server says and a person may read goes through here: what is
 * not printable (control characters, terminal escapes, invalid UTF-8, line ends)
 * becomes a blank, blanks in a row become one, and the text ends after @max
 * characters.
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

/* The same for one piece of foreign text: %GST_RCAST_TEXT_MAX characters */
gchar *
gst_rcast_text_clean (const gchar * text, gssize size)
{
  return gst_rcast_text_clean_to (text, size, GST_RCAST_TEXT_MAX);
}
