/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A modified state file: all that the parser reads survives printing and parsing. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-ghosts.h"

#define DATE 1700000000

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();
  g_autoptr (GstRcastGhostList) again = gst_rcast_ghost_list_new ();
  g_autofree gchar *text = NULL;
  guint n_bad, n = 0;

  if (!gst_rcast_ghost_list_parse (list, (const gchar *) data, size, 0, DATE,
          &n_bad))
    return 0;
  text = gst_rcast_ghost_list_print (list, 0, DATE);
  if (!text)
    return 0;
  g_assert (strlen (text) <= GST_RCAST_GHOST_MAX_FILE);
  g_assert (gst_rcast_ghost_list_parse (again, text, strlen (text), 0, DATE,
          &n_bad));
  g_assert (n_bad == 0);
  while (gst_rcast_ghost_list_get (again, n))
    n++;
  g_assert (n > 0 && n <= GST_RCAST_GHOST_MAX);
  return 0;
}
