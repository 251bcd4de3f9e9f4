/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was learned about a WHIP endpoint; outlives the session. */
#include "config.h"

#include "whip-memory.h"

/* A day: servers are updated. */
#define MEMORY_US (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)

void
whip_memory_clear (WhipMemory * memory)
{
  g_free (memory->endpoint);
  g_free (memory->final);
  *memory = (WhipMemory) { NULL, };
}

/* Forgets what was learned elsewhere or long ago. */
void
whip_memory_check (WhipMemory * memory, const gchar * endpoint, gint64 now)
{
  if (g_strcmp0 (memory->endpoint, endpoint) != 0) {
    whip_memory_clear (memory);
    memory->endpoint = g_strdup (endpoint);
  }
  if (memory->learned_at && now - memory->learned_at > MEMORY_US) {
    memory->learned_at = 0;
    memory->no_trickle = memory->no_restart = FALSE;
    memory->quoted_star = memory->session_lines = FALSE;
  }
}

/* The endpoint redirected to @url, or is that itself: another one is another server. */
void
whip_memory_set_final (WhipMemory * memory, const gchar * url)
{
  if (memory->final && !g_str_equal (memory->final, url)) {
    g_autofree gchar *endpoint = g_strdup (memory->endpoint);

    whip_memory_clear (memory);
    memory->endpoint = g_steal_pointer (&endpoint);
  }
  g_free (memory->final);
  memory->final = g_strdup (url);
}

void
whip_memory_learn (WhipMemory * memory, gboolean * what, gboolean value,
    gint64 now)
{
  if (*what == value)
    return;
  *what = value;
  memory->learned_at = now;
}
