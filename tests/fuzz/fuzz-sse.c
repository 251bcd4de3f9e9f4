/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Untrusted events: the parser finds the same number in one piece as byte by byte. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "whip-sse.h"

static guint
count_events (WhipSse * sse)
{
  guint n = 0;

  for (;;) {
    g_autoptr (WhipEvent) event = whip_sse_pop (sse);

    if (!event)
      return n;
    g_assert ((event->name != NULL) == (event->kind == WHIP_EVENT_OTHER));
    g_assert (!event->url || event->kind == WHIP_EVENT_RECONNECT);
    g_assert (!event->data || g_utf8_validate (event->data, -1, NULL));
    n++;
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  WhipSse *whole = whip_sse_new ();
  WhipSse *parts = whip_sse_new ();
  gboolean taken = whip_sse_push (whole, (const gchar *) data, size);
  gboolean more = TRUE;

  for (gsize i = 0; i < size && more; i++)
    more = whip_sse_push (parts, (const gchar *) data + i, 1);
  g_assert (taken == more);
  g_assert (count_events (whole) == count_events (parts));
  whip_sse_free (whole);
  whip_sse_free (parts);
  return 0;
}
