/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the watched publisher of a room. Pure. */
#include "config.h"

#include "janus-watched.h"

/* Limit of feeds of one name. Others are ghosts or a prank. */
#define MAX_FEEDS 64

struct _JanusWatched
{
  gchar *feed, *display;        /* nullable: any */
  GArray *feeds;                /* of JanusId: publishers with that name, the latest last */
};

static void
clear_id (gpointer id)
{
  janus_id_clear (id);
}

/* @feed: (nullable): identifier to watch. @display: (nullable): name to watch */
JanusWatched *
janus_watched_new (const gchar * feed, const gchar * display)
{
  JanusWatched *self = g_new0 (JanusWatched, 1);

  self->feed = g_strdup (feed);
  self->display = g_strdup (display);
  self->feeds = g_array_new (FALSE, TRUE, sizeof (JanusId));
  g_array_set_clear_func (self->feeds, clear_id);
  return self;
}

void
janus_watched_free (JanusWatched * self)
{
  g_free (self->feed);
  g_free (self->display);
  g_array_unref (self->feeds);
  g_free (self);
}

/* A location does not tell whether its digits are a string. */
static gboolean
has_name (const JanusWatched * self, const JanusMember * member)
{
  return member->id.text && (!self->feed
      || g_str_equal (self->feed, member->id.text)) && (!self->display
      || g_strcmp0 (self->display, member->display) == 0);
}

static gint
find (JanusWatched * self, const JanusId * id)
{
  for (guint i = 0; i < self->feeds->len; i++)
    if (janus_id_equal (&g_array_index (self->feeds, JanusId, i), id))
      return i;
  return -1;
}

static void
add (JanusWatched * self, const JanusMember * member)
{
  JanusId id = { NULL };

  if (!has_name (self, member) || find (self, &member->id) >= 0)
    return;
  if (self->feeds->len >= MAX_FEEDS)
    g_array_remove_index (self->feeds, 0);
  janus_id_set (&id, member->id.text, member->id.is_string);
  g_array_append_val (self->feeds, id);
}

/* @publishers: (element-type JanusMember): publishers to add */
void
janus_watched_add (JanusWatched * self, GArray * publishers)
{
  for (guint i = 0; i < publishers->len; i++)
    add (self, &g_array_index (publishers, JanusMember, i));
}

void
janus_watched_remove (JanusWatched * self, const JanusId * id)
{
  gint i = find (self, id);

  if (i >= 0)
    g_array_remove_index (self->feeds, i);
}

static gboolean
publishes (GArray * members, const JanusId * id)
{
  for (guint i = 0; i < members->len; i++) {
    const JanusMember *member = &g_array_index (members, JanusMember, i);

    if (member->publisher && janus_id_equal (&member->id, id))
      return TRUE;
  }
  return FALSE;
}

/* @members: (element-type JanusMember): all members of the room */
void
janus_watched_sync (JanusWatched * self, GArray * members)
{
  for (guint i = self->feeds->len; i > 0; i--)
    if (!publishes (members, &g_array_index (self->feeds, JanusId, i - 1)))
      g_array_remove_index (self->feeds, i - 1);
  for (guint i = 0; i < members->len; i++) {
    const JanusMember *member = &g_array_index (members, JanusMember, i);

    if (member->publisher)
      add (self, member);
  }
}

/* Returns: (nullable): the latest publisher: an earlier one of that name is its ghost, or is
 * replaced by it */
const JanusId *
janus_watched_get (JanusWatched * self)
{
  return self->feeds->len > 0 ?
      &g_array_index (self->feeds, JanusId, self->feeds->len - 1) : NULL;
}
