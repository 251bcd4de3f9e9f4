/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions at servers that may not have ended: what to do about each of them, and when. */
#include "config.h"

#include "rcast-ghosts.h"

#include <string.h>

#include "rcast-allowance.h"

/* First line of the file */
#define HEADER GST_RCAST_GHOST_HEADER
/* Some servers take a moment to free the slot of an ended session. */
#define ENDED_FADE (5 * GST_SECOND)
/* If ending a session takes longer, another attempt goes out: the first connection may have been
 * opened while the server was unreachable, and still wait to resend its SYN. */
#define PATIENCE (500 * GST_MSECOND)
/* Delay between attempts, doubled each time; an offer to the same server triggers one as well. */
#define FIRST_STEP (1 * GST_SECOND)
#define LAST_STEP (300 * GST_SECOND)
/* Answers other than success after which we give up. Each location has its own token, and may
 * refuse. */
#define MAX_REFUSALS 5
#define MAX_TROUBLE 20
/* Most sessions to end at the same time */
#define MAX_AT_ONCE 8
/* Limit of dates in the file, in seconds: 2^53 ms */
#define MAX_DATE (G_GINT64_CONSTANT (9007199254740))

struct _GstRcastGhostList
{
  GPtrArray *ghosts;            /* of GstRcastGhost, the oldest first */
  guint last_id;
};

static void
ghost_free (gpointer data)
{
  GstRcastGhost *ghost = data;

  g_free (ghost->session);
  g_free (ghost->location);
  g_free (ghost->origin);
  g_free (ghost);
}

static GstRcastGhost *
ghost_copy (const GstRcastGhost * ghost)
{
  GstRcastGhost *copy = g_new (GstRcastGhost, 1);

  *copy = *ghost;
  copy->session = g_strdup (ghost->session);
  copy->location = g_strdup (ghost->location);
  copy->origin = g_strdup (ghost->origin);
  return copy;
}

GstRcastGhostList *
gst_rcast_ghost_list_new (void)
{
  GstRcastGhostList *list = g_new0 (GstRcastGhostList, 1);

  list->ghosts = g_ptr_array_new_with_free_func (ghost_free);
  return list;
}

/* @list: (nullable) */
void
gst_rcast_ghost_list_free (GstRcastGhostList * list)
{
  if (!list)
    return;
  g_ptr_array_unref (list->ghosts);
  g_free (list);
}

/* Returns: (nullable) (transfer none) */
const GstRcastGhost *
gst_rcast_ghost_list_get (GstRcastGhostList * list, guint index)
{
  return index < list->ghosts->len ?
      g_ptr_array_index (list->ghosts, index) : NULL;
}

/* Origins */

static gint
default_port (const gchar * scheme)
{
  if (g_str_equal (scheme, "https") || g_str_equal (scheme, "wss"))
    return 443;
  return g_str_equal (scheme, "http") || g_str_equal (scheme, "ws") ? 80 : 0;
}

/* `whip+https`, `whips` and `https` are spellings of the same scheme. */
static gchar *
plain_scheme (const gchar * scheme)
{
  g_autofree gchar *lower = g_ascii_strdown (scheme, -1);
  const gchar *plus = strrchr (lower, '+');

  if (plus)
    return g_strdup (plus + 1);
  if (g_str_equal (lower, "whip"))
    return g_strdup ("http");
  return g_strdup (g_str_equal (lower, "whips") ? "https" : lower);
}

/* Returns: (transfer full): scheme, host and port of @location, in canonical form; "?" if it is no
 * URL, since it may have secrets */
gchar *
gst_rcast_ghost_get_origin (const gchar * location)
{
  g_autoptr (GUri) uri = g_uri_parse (location, G_URI_FLAGS_ENCODED
      | G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree gchar *scheme = NULL;
  g_autofree gchar *host = NULL;
  gint port;

  if (!uri || !g_uri_get_host (uri) || !*g_uri_get_host (uri))
    return g_strdup ("?");
  scheme = plain_scheme (g_uri_get_scheme (uri));
  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  port = g_uri_get_port (uri);
  return g_strdup_printf (strchr (host, ':') ? "%s://[%s]:%d" : "%s://%s:%d",
      scheme, host, port > 0 ? port : default_port (scheme));
}

/* The list */

/* Whether the file keeps it */
static gboolean
is_kept (const GstRcastGhost * ghost)
{
  return ghost->session && ghost->state != GST_RCAST_GHOST_FADING;
}

/* Whether fading is over, or the maximum age is reached. A session in use does not age. */
static gboolean
is_over (const GstRcastGhost * ghost, gint64 now)
{
  if (ghost->state == GST_RCAST_GHOST_FADING)
    return ghost->due <= now;
  return ghost->state == GST_RCAST_GHOST_LEFT
      && now - ghost->since > (gint64) GST_RCAST_GHOST_MAX_AGE;
}

static void
expire (GstRcastGhostList * list, gint64 now)
{
  for (guint i = list->ghosts->len; i-- > 0;) {
    if (is_over (g_ptr_array_index (list->ghosts, i), now))
      g_ptr_array_remove_index (list->ghosts, i);
  }
}

/* @session: (nullable) */
static GstRcastGhost *
find (GstRcastGhostList * list, const gchar * origin, const gchar * session)
{
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (g_strcmp0 (ghost->session, session) == 0
        && g_str_equal (ghost->origin, origin))
      return ghost;
  }
  return NULL;
}

/* Drops the oldest session that is not in use, or else the oldest. */
static void
make_room (GstRcastGhostList * list)
{
  guint victim = 0;

  if (list->ghosts->len < GST_RCAST_GHOST_MAX)
    return;
  for (guint i = list->ghosts->len; i-- > 0;) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (ghost->state != GST_RCAST_GHOST_IN_USE)
      victim = i;
  }
  g_ptr_array_remove_index (list->ghosts, victim);
}

/* @location, @session: (nullable) */
static GstRcastGhost *
add (GstRcastGhostList * list, const gchar * location, const gchar * origin,
    const gchar * session, gint64 since)
{
  GstRcastGhost *ghost = g_new0 (GstRcastGhost, 1);

  make_room (list);
  ghost->id = ++list->last_id;
  ghost->location = g_strdup (location);
  ghost->origin = g_strdup (origin);
  ghost->session = g_strdup (session);
  ghost->since = since;
  g_ptr_array_add (list->ghosts, ghost);
  return ghost;
}

static void
fade (GstRcastGhost * ghost, gint64 now, GstClockTime time)
{
  ghost->under_way = 0;
  ghost->state = GST_RCAST_GHOST_FADING;
  ghost->due = now + (gint64) time;
}

/* Whether @name is valid: it may come from a stranger or a file. */
static gboolean
is_name (const gchar * name)
{
  if (!*name || strlen (name) > GST_RCAST_GHOST_MAX_NAME
      || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const gchar * p = name; *p; p++) {
    if (g_ascii_iscntrl (*p))
      return FALSE;
  }
  return TRUE;
}

static void
set_state (GstRcastGhost * ghost, GstRcastSessionState state, gint64 now)
{
  switch (state) {
    case GST_RCAST_SESSION_OPENED:
      /* Some servers give all sessions of an endpoint the same name. */
      ghost->state = GST_RCAST_GHOST_IN_USE;
      ghost->since = now;
      ghost->attempts = ghost->answers = ghost->under_way = 0;
      ghost->refused = FALSE;
      break;
    case GST_RCAST_SESSION_LEAVING:
      if (ghost->state != GST_RCAST_GHOST_ENDING)
        ghost->state = GST_RCAST_GHOST_LEAVING;
      ghost->due = now + (gint64) PATIENCE;
      break;
    case GST_RCAST_SESSION_LEFT:
      if (ghost->state == GST_RCAST_GHOST_ENDING)
        break;
      ghost->state = GST_RCAST_GHOST_LEFT;
      ghost->due = now + (gint64) FIRST_STEP;
      break;
    case GST_RCAST_SESSION_ENDED:
      fade (ghost, now, ENDED_FADE);
      break;
  }
}

/**
 * gst_rcast_ghost_list_change:
 * @location: location of the signaller
 * @session: (nullable): as in #GstRcastSignaller::session-changed
 * @state: as in #GstRcastSignaller::session-changed
 * @now: ns
 *
 * Returns: whether the contents of the file have changed
 */
gboolean
gst_rcast_ghost_list_change (GstRcastGhostList * list, const gchar * location,
    const gchar * session, GstRcastSessionState state, gint64 now)
{
  g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);
  GstRcastGhost *ghost;
  gboolean kept;

  expire (list, now);
  if (session && !is_name (session))
    session = NULL;
  ghost = find (list, origin, session);
  kept = ghost && is_kept (ghost);
  if (!ghost && state == GST_RCAST_SESSION_ENDED)
    return FALSE;
  if (!ghost)
    ghost = add (list, location, origin, session, now);
  if (session)
    set_state (ghost, state, now);
  else
    fade (ghost, now, GST_RCAST_GHOST_FADE);
  return kept != is_kept (ghost);
}

/* Whether to try to end the session now. @origin: not used for %GST_RCAST_GHOST_DUE */
static gboolean
is_wanted (const GstRcastGhost * ghost, GstRcastGhostOccasion occasion,
    const gchar * origin, gint64 now)
{
  gboolean due = ghost->due <= now;

  if (!ghost->session || (occasion != GST_RCAST_GHOST_DUE
          && !g_str_equal (ghost->origin, origin)))
    return FALSE;
  if (ghost->state == GST_RCAST_GHOST_LEFT)
    return due || occasion == GST_RCAST_GHOST_OFFER
        || (occasion == GST_RCAST_GHOST_REACHED && !ghost->refused);
  return (ghost->state == GST_RCAST_GHOST_LEAVING
      || ghost->state == GST_RCAST_GHOST_ENDING)
      && occasion != GST_RCAST_GHOST_DUE && due;
}

/**
 * gst_rcast_ghost_list_begin:
 * @occasion: why now
 * @origin: (nullable): origin that an offer goes to, or that can be reached; %NULL for
 *   %GST_RCAST_GHOST_DUE
 * @now: ns
 *
 * Returns: (transfer full) (element-type GstRcastGhost): sessions to end now, the newest first;
 *   the caller reports each outcome by gst_rcast_ghost_list_answer()
 */
GPtrArray *
gst_rcast_ghost_list_begin (GstRcastGhostList * list,
    GstRcastGhostOccasion occasion, const gchar * origin, gint64 now)
{
  GPtrArray *begun = g_ptr_array_new_with_free_func (ghost_free);

  expire (list, now);
  for (guint i = list->ghosts->len; i-- > 0 && begun->len < MAX_AT_ONCE;) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (!is_wanted (ghost, occasion, origin, now))
      continue;
    ghost->state = GST_RCAST_GHOST_ENDING;
    ghost->due = now + (gint64) PATIENCE;
    ghost->attempts++;
    ghost->under_way++;
    g_ptr_array_add (begun, ghost_copy (ghost));
  }
  return begun;
}

static gint64
get_step (guint attempts)
{
  GstClockTime step = FIRST_STEP;

  for (guint i = 1; i < attempts && step < LAST_STEP; i++)
    step *= 2;
  return MIN (step, LAST_STEP);
}

static GstRcastGhost *
find_id (GstRcastGhostList * list, guint id)
{
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (ghost->id == id)
      return ghost;
  }
  return NULL;
}

/* Tries again later, unless the server has answered often enough. */
static void
put_off (GstRcastGhost * ghost, guint max_answers, gint64 now)
{
  if (ghost->answers >= max_answers) {
    fade (ghost, now, GST_RCAST_GHOST_FADE);
    return;
  }
  /* Another attempt is still under way. */
  if (ghost->under_way > 0)
    return;
  ghost->state = GST_RCAST_GHOST_LEFT;
  ghost->due = now + get_step (ghost->attempts);
}

/**
 * gst_rcast_ghost_list_answer:
 * @id: id of a session from gst_rcast_ghost_list_begin()
 * @outcome: outcome of the attempt
 * @n_locations: number of locations at its server
 * @now: ns
 *
 * Returns: whether the contents of the file have changed
 */
gboolean
gst_rcast_ghost_list_answer (GstRcastGhostList * list, guint id,
    GstRcastGhostOutcome outcome, guint n_locations, gint64 now)
{
  GstRcastGhost *ghost = find_id (list, id);

  if (!ghost || ghost->state != GST_RCAST_GHOST_ENDING)
    return FALSE;
  ghost->under_way--;
  ghost->refused = outcome == GST_RCAST_GHOST_REFUSED;
  switch (outcome) {
    case GST_RCAST_GHOST_ENDED:
      fade (ghost, now, ENDED_FADE);
      break;
    case GST_RCAST_GHOST_UNREACHABLE:
      put_off (ghost, G_MAXUINT, now);
      break;
    case GST_RCAST_GHOST_TROUBLE:
      ghost->answers++;
      put_off (ghost, MAX_TROUBLE, now);
      break;
    case GST_RCAST_GHOST_REFUSED:
      ghost->answers++;
      put_off (ghost, MAX (MAX_REFUSALS, n_locations), now);
      break;
    case GST_RCAST_GHOST_UNSUPPORTED:
      fade (ghost, now, GST_RCAST_GHOST_FADE);
      break;
  }
  return !is_kept (ghost);
}

/* The network is back: all abandoned sessions are due. */
void
gst_rcast_ghost_list_hurry (GstRcastGhostList * list, gint64 now)
{
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (ghost->state == GST_RCAST_GHOST_LEFT)
      ghost->due = MIN (ghost->due, now);
  }
}

/* No attempt is under way any more, and no signaller will report. */
void
gst_rcast_ghost_list_abandon (GstRcastGhostList * list, gint64 now)
{
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (ghost->state == GST_RCAST_GHOST_FADING
        || ghost->state == GST_RCAST_GHOST_LEFT)
      continue;
    ghost->state = GST_RCAST_GHOST_LEFT;
    ghost->due = now;
    ghost->under_way = 0;
  }
}

/* Returns: whether a session of ours may hold a slot at @origin */
gboolean
gst_rcast_ghost_list_has (GstRcastGhostList * list, const gchar * origin,
    gint64 now)
{
  expire (list, now);
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (g_str_equal (ghost->origin, origin))
      return TRUE;
  }
  return FALSE;
}

/* Returns: whether a session at @origin is being ended, by a signaller or by us */
gboolean
gst_rcast_ghost_list_is_busy (GstRcastGhostList * list, const gchar * origin)
{
  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if ((ghost->state == GST_RCAST_GHOST_ENDING
            || ghost->state == GST_RCAST_GHOST_LEAVING)
        && g_str_equal (ghost->origin, origin))
      return TRUE;
  }
  return FALSE;
}

/* Returns: when the next session is to be ended, or %GST_CLOCK_TIME_NONE */
GstClockTime
gst_rcast_ghost_list_get_due (GstRcastGhostList * list)
{
  GstClockTime due = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);

    if (ghost->state == GST_RCAST_GHOST_LEFT)
      due = MIN (due, (GstClockTime) MAX (ghost->due, 0));
  }
  return due;
}

/* The file: a header, then one line per session with date, origin and name */

/* Returns: (transfer full): @session without the user part, if it is a URL */
static gchar *
without_user (const gchar * session)
{
  const gchar *end = strstr (session, "://");
  const gchar *authority = end ? end + 3 : NULL;
  const gchar *at = authority ?
      g_strrstr_len (authority, strcspn (authority, "/?#"), "@") : NULL;

  return at ? g_strdup_printf ("%.*s%s", (gint) (authority - session), session,
      at + 1) : g_strdup (session);
}

/**
 * gst_rcast_ghost_list_print:
 * @now: ns
 * @date: the same time, in seconds since 1970
 *
 * Returns: (transfer full) (nullable): contents of the file that keeps the list; %NULL: there is
 *   nothing to keep
 */
gchar *
gst_rcast_ghost_list_print (GstRcastGhostList * list, gint64 now, gint64 date)
{
  g_autoptr (GString) text = g_string_new (HEADER);
  gsize empty = text->len;

  for (guint i = 0; i < list->ghosts->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (list->ghosts, i);
    g_autofree gchar *name = NULL;
    g_autofree gchar *escaped = NULL;

    if (!is_kept (ghost))
      continue;
    name = without_user (ghost->session);
    escaped = g_uri_escape_string (name,
        G_URI_RESERVED_CHARS_GENERIC_DELIMITERS
        G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS, FALSE);
    g_string_append_printf (text, "%" G_GINT64_FORMAT " %s %s\n",
        date - (now - ghost->since) / (gint64) GST_SECOND, ghost->origin,
        escaped);
  }
  return text->len > empty ? g_string_free (g_steal_pointer (&text), FALSE) :
      NULL;
}

/* @age: (out): seconds. Returns: whether @text is a date; dates in the future count as now */
static gboolean
parse_age (const gchar * text, gint64 date, gint64 * age)
{
  gint64 then;

  if (!g_ascii_string_to_signed (text, 10, 0, MAX_DATE, &then, NULL))
    return FALSE;
  *age = MAX (date - then, 0);
  return TRUE;
}

/* Returns: whether @line is valid; sessions that are too old are skipped */
static gboolean
parse_line (GstRcastGhostList * list, const gchar * line, gint64 now,
    gint64 date)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  g_autofree gchar *session = NULL;
  GstRcastGhost *ghost;
  gint64 age;

  if (g_strv_length (words) != 3 || !parse_age (words[0], date, &age))
    return FALSE;
  session = g_uri_unescape_string (words[2], NULL);
  if (!session || !is_name (session) || !is_name (words[1])
      || !strstr (words[1], "://"))
    return FALSE;
  if (age > (gint64) (GST_RCAST_GHOST_MAX_AGE / GST_SECOND)
      || find (list, words[1], session))
    return TRUE;
  ghost = add (list, NULL, words[1], session, now - age * (gint64) GST_SECOND);
  ghost->state = GST_RCAST_GHOST_LEFT;
  ghost->due = now;
  return TRUE;
}

/**
 * gst_rcast_ghost_list_parse:
 * @text: contents of a file
 * @size: size of @text
 * @now: ns
 * @date: the same time, in seconds since 1970
 * @n_bad: (out): number of invalid lines that were skipped
 *
 * Adds the sessions in the file, to be ended at once.
 *
 * Returns: FALSE if the file is not ours; an empty file is
 */
gboolean
gst_rcast_ghost_list_parse (GstRcastGhostList * list, const gchar * text,
    gsize size, gint64 now, gint64 date, guint * n_bad)
{
  g_autofree gchar *copy = NULL;
  g_auto (GStrv) lines = NULL;

  *n_bad = 0;
  if (size == 0)
    return TRUE;
  if (size > GST_RCAST_GHOST_MAX_FILE || size < strlen (HEADER)
      || memcmp (text, HEADER, strlen (HEADER)) != 0)
    return FALSE;
  /* Ignore everything after a NUL. */
  copy = g_strndup (text + strlen (HEADER), size - strlen (HEADER));
  *n_bad += strlen (copy) != size - strlen (HEADER);
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    *n_bad += *lines[i] && !g_str_has_prefix (lines[i],
        GST_RCAST_QUOTA_MARK) && !parse_line (list, lines[i], now, date);
  return TRUE;
}
