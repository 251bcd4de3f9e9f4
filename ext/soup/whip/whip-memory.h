/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we have learned about a WHIP endpoint. Outlives the session. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * WhipMemory:
 * @endpoint: as configured
 * @final: the target of its redirects, or the same
 * @learned_at: monotonic, us; 0: nothing is known
 * @ghost_until: monotonic, us: until then an old session of ours may occupy the slot
 * @no_trickle: the server accepts no candidates by PATCH
 * @whole: the next offer contains all candidates, as no PATCH reached the last session
 * @unreached: in how many sessions no PATCH arrived since the last one accepted. One such
 *   session proves little: it may have been an outage
 * @restart_refusals: how many sessions in a row could not be restarted. One proves little:
 *   while a server is being replaced, others answer for it
 * @quoted_star: the server expects `If-Match: "*"` instead of `*`
 * @broke_promise: the last session had an entity tag (RFC 9725 4.3: the server supports
 *   PATCH), but its first PATCH found no session: the session had gone, or never existed
 * @session_lines: the server expects `v= o= s= t=` before a fragment
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
 * The format of a restart. Servers differ, and reject a wrong format by a status. Each
 * point is changed once.
 */
typedef struct
{
  gboolean quoted_star, session_lines;
  gboolean tried_star, tried_lines;
} WhipForm;

WhipForm whip_memory_get_form  (WhipMemory  * memory);
gboolean whip_form_change      (WhipForm    * form,
                                guint         status);
/* Whether candidates may be sent after the next offer. */
gboolean whip_memory_can_trickle (const WhipMemory * memory);
/* A session has started. Returns: whether its candidates may be sent after the offer */
gboolean whip_memory_begin     (WhipMemory  * memory);
/* No PATCH has reached the session. */
void     whip_memory_miss      (WhipMemory  * memory,
                                gint64        now);
/* Whether the server is known not to restart ICE. */
gboolean whip_memory_no_restart (const WhipMemory * memory);
/* The server has refused an ICE restart of a session. */
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
