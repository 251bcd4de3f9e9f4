/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unpredictable random bytes and words. */
#include "config.h"

#include "rcast-random.h"

#include <errno.h>
#include <sys/random.h>

static const gchar alphabet[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

void
gst_rcast_random_bytes (guint8 * bytes, gsize size)
{
  /* Reads this small are never short, but a signal may interrupt them. */
  while (getrandom (bytes, size, 0) != (gssize) size)
    g_assert (errno == EINTR);
}

/* Letters and digits only: some servers break on the other two characters of RFC 8839 5.4. */
gchar *
gst_rcast_random_word (guint length)
{
  const guint n_letters = sizeof (alphabet) - 1;
  gchar *word = g_malloc (length + 1);
  guint i = 0;

  while (i < length) {
    guint8 byte;

    gst_rcast_random_bytes (&byte, 1);
    /* Avoid a bias towards the first letters. */
    if (byte < 256 / n_letters * n_letters)
      word[i++] = alphabet[byte % n_letters];
  }
  word[length] = '\0';
  return word;
}
