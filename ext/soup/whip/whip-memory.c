/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we have learned about a WHIP endpoint. Outlives the session. */
#include "config.h"

#include "whip-memory.h"

/* A day, as servers are updated. */
#define MEMORY_US (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)
#define MAX_RESTART_REFUSALS 2
#define MAX_UNREACHED 2

void
whip_memory_clear (WhipMemory * memory)
{
  g_free (memory->endpoint);
  g_free (memory->final);
  *memory = (WhipMemory) { NULL, };
}

/* Forgets what was learned at another endpoint, or long ago. */
void
whip_memory_check (WhipMemory * memory, const gchar * endpoint, gint64 now)
{
  if (g_strcmp0 (memory->endpoint, endpoint) != 0) {
    whip_memory_clear (memory);
    memory->endpoint = g_strdup (endpoint);
  }
  if (memory->learned_at && now - memory->learned_at > MEMORY_US) {
    memory->learned_at = 0;
    memory->no_trickle = memory->broke_promise = FALSE;
    memory->whole = FALSE;
    memory->unreached = memory->restart_refusals = 0;
    memory->quoted_star = memory->session_lines = FALSE;
  }
}

/* @url: where the endpoint redirected to, or the endpoint. A change means another server. */
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

/* Returns: the form that the server last accepted */
WhipForm
whip_memory_get_form (WhipMemory * memory)
{
  return (WhipForm) {.quoted_star = memory->quoted_star,
    .session_lines = memory->session_lines
  };
}

/* Changes @form after a restart was refused with @status. Returns: whether to try again with
 * @form */
gboolean
whip_form_change (WhipForm * form, guint status)
{
  switch (status) {
    case 412:                  /* Precondition Failed */
    case 422:                  /* Unprocessable Content */
    case 428:                  /* RFC 6585 3: Precondition Required */
      if (form->tried_star)
        return FALSE;
      form->tried_star = TRUE;
      form->quoted_star = !form->quoted_star;
      return TRUE;
    case 400:                  /* Bad Request */
      if (form->tried_lines)
        return FALSE;
      form->tried_lines = TRUE;
      form->session_lines = !form->session_lines;
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
whip_memory_can_trickle (const WhipMemory * memory)
{
  return !memory->no_trickle && !memory->whole
      && memory->unreached < MAX_UNREACHED;
}

gboolean
whip_memory_begin (WhipMemory * memory)
{
  gboolean can = whip_memory_can_trickle (memory);

  memory->whole = FALSE;
  return can;
}

void
whip_memory_miss (WhipMemory * memory, gint64 now)
{
  memory->whole = TRUE;
  memory->unreached++;
  memory->learned_at = now;
}

gboolean
whip_memory_no_restart (const WhipMemory * memory)
{
  return memory->restart_refusals >= MAX_RESTART_REFUSALS;
}

void
whip_memory_refuse_restart (WhipMemory * memory, gint64 now)
{
  memory->restart_refusals++;
  memory->learned_at = now;
}

/* The server accepted a restart in @form. */
void
whip_memory_keep_form (WhipMemory * memory, WhipForm form, gint64 now)
{
  memory->restart_refusals = 0;
  whip_memory_learn (memory, &memory->quoted_star, form.quoted_star, now);
  whip_memory_learn (memory, &memory->session_lines, form.session_lines, now);
}
