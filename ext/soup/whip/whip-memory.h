/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was learned about a WHIP endpoint; outlives the session. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * WhipMemory:
 * @endpoint: as configured
 * @final: where it redirected to, or the same
 * @learned_at: monotonic, us; 0: nothing is known
 * @ghost_until: monotonic, us: until then a session of ours may hold the slot
 * @no_trickle: the server takes no candidates by PATCH
 * @whole: the next offer has all candidates in it, as no PATCH reached the last session
 * @unreached: in how many sessions that was so since a PATCH was taken. One says little:
 *   it may have been an outage
 * @restart_refusals: how many sessions in a row could not be restarted. One says little:
 *   while a server is replaced, others answer for it
 * @quoted_star: it wants `If-Match: "*"` instead of `*`
 * @broke_promise: its last session had an entity tag (RFC 9725 4.3: it takes a PATCH),
 *   and did not know the first PATCH: it was gone, or there is none
 * @session_lines: it wants `v= o= s= t=` in front of a fragment
 */
typedef struct
{
  gchar *endpoint;
  gchar *final;
  gint64 learned_at;
  gint64 ghost_until;
  gboolean no_trickle;
  gboolean whole;
  guint unreached;
  guint restart_refusals;
  gboolean broke_promise;
  gboolean quoted_star;
  gboolean session_lines;
} WhipMemory;

/**
 * WhipForm:
 * @quoted_star, @session_lines: as in WhipMemory
 * @tried_star, @tried_lines: whether they were changed already
 *
 * How a restart is written. Servers differ, and say so by a status: each point is
 * changed once.
 */
typedef struct
{
  gboolean quoted_star, session_lines;
  gboolean tried_star, tried_lines;
} WhipForm;

WhipForm whip_memory_get_form  (WhipMemory  * memory);
gboolean whip_form_change      (WhipForm    * form,
                                guint         status);
/* Whether candidates may follow the next offer. */
gboolean whip_memory_can_trickle (const WhipMemory * memory);
/* There is a session. Returns: whether its candidates may follow */
gboolean whip_memory_begin     (WhipMemory  * memory);
/* No PATCH reached it. */
void     whip_memory_miss      (WhipMemory  * memory,
                                gint64        now);
/* Whether the server is known not to restart ICE. */
gboolean whip_memory_no_restart (const WhipMemory * memory);
/* It has refused that to a session. */
void     whip_memory_refuse_restart (WhipMemory * memory,
                                gint64        now);
void     whip_memory_keep_form (WhipMemory  * memory,
                                WhipForm      form,
                                gint64        now);

void     whip_memory_clear     (WhipMemory  * memory);
void     whip_memory_check     (WhipMemory  * memory,
                                const gchar * endpoint,
                                gint64        now);
void     whip_memory_set_final (WhipMemory  * memory,
                                const gchar * url);
void     whip_memory_learn     (WhipMemory  * memory,
                                gboolean    * what,
                                gboolean      value,
                                gint64        now);

G_END_DECLS
