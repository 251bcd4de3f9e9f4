/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a target without libFuzzer, on its seeds and on repeatable mutations. */
#include "config.h"

#include <string.h>

#include "fuzz.h"

#define MUTATIONS_PER_SEED 400
#define MAX_SIZE (64 * 1024)

/* xorshift32: repeatable */
static guint32 state = 2463534242u;

static guint32
next_random (guint32 below)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % below;
}

static void
insert_token (GByteArray * bytes)
{
  static const gchar *const tokens[] = {
    "\r\n", "a=", "m=audio 9 A 1\r\n", "a=candidate:", "a=ice-pwd:", "BUNDLE ",
    "a=group:", "<", ">", ";", ",", "\"", "\\", "%00", "%", "://", "@", "[",
    "]", ":", "?", "//", "..", "{", "}", "\\u0000", "99999999999999999999",
    "-1", "\377\377", "\303", "rel=ice-server", "turn:", " typ host",
  };
  const gchar *token = tokens[next_random (G_N_ELEMENTS (tokens))];
  guint at = next_random (bytes->len + 1);
  guint length = strlen (token);

  g_byte_array_set_size (bytes, bytes->len + length);
  memmove (bytes->data + at + length, bytes->data + at,
      bytes->len - length - at);
  memcpy (bytes->data + at, token, length);
}

static void
repeat_part (GByteArray * bytes)
{
  guint at, length;
  g_autofree guint8 *part = NULL;

  if (bytes->len == 0 || bytes->len > MAX_SIZE)
    return;
  at = next_random (bytes->len);
  length = 1 + next_random (bytes->len - at);
  part = g_memdup2 (bytes->data + at, length);
  g_byte_array_append (bytes, part, length);
}

static void
mutate (GByteArray * bytes)
{
  guint at = bytes->len ? next_random (bytes->len) : 0;

  switch (next_random (6)) {
    case 0:
      if (bytes->len)
        bytes->data[at] ^= 1u << next_random (8);
      break;
    case 1:
      if (bytes->len)
        bytes->data[at] = next_random (256);
      break;
    case 2:
      if (bytes->len)
        g_byte_array_remove_range (bytes, at,
            1 + next_random (bytes->len - at));
      break;
    case 3:
      g_byte_array_set_size (bytes, at);
      break;
    case 4:
      repeat_part (bytes);
      break;
    case 5:
      insert_token (bytes);
      break;
  }
}

static guint
run_seed (const gchar * data, gsize size)
{
  LLVMFuzzerTestOneInput ((const guint8 *) data, size);
  for (guint i = 0; i < MUTATIONS_PER_SEED; i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_autofree guint8 *exact = NULL;
    guint rounds = 1 + next_random (8);

    g_byte_array_append (bytes, (const guint8 *) data, size);
    while (rounds-- > 0)
      mutate (bytes);
    /* The exact size, so that a sanitizer notices a read beyond the end */
    exact = g_memdup2 (bytes->data, bytes->len);
    LLVMFuzzerTestOneInput (exact ? exact : (const guint8 *) "", bytes->len);
  }
  return MUTATIONS_PER_SEED + 1;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  const gchar *name;
  guint runs = 0;

  g_assert_cmpint (argc, ==, 2);
  dir = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_build_filename (argv[1], name, NULL));
  /* The same order on each machine */
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree gchar *data = NULL;
    gsize size;

    g_file_get_contents (g_ptr_array_index (names, i), &data, &size, &error);
    g_assert_no_error (error);
    runs += run_seed (data, size);
  }
  g_print ("%u seeds, %u runs\n", names->len, runs);
  return names->len > 0 ? 0 : 1;
}
