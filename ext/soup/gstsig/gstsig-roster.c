/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the wanted peer from the peers of a signalling server. Pure. */
#include "config.h"

#include "gstsig-roster.h"

/* Limit of peers of one name: the last ones. */
#define MAX_WANTED 64

struct _GstsigRoster
{
  GstsigRoles role;
  gchar *name, *id;             /* nullable: any */
  GQueue wanted;                /* of identifiers; the newest last */
};

GstsigRoster *
gstsig_roster_new (GstsigRoles role, const gchar * name, const gchar * id)
{
  GstsigRoster *self = g_new0 (GstsigRoster, 1);

  self->role = role;
  self->name = g_strdup (name);
  self->id = g_strdup (id);
  return self;
}

/* Takes NULL. */
void
gstsig_roster_free (GstsigRoster * self)
{
  if (!self)
    return;
  g_queue_clear_full (&self->wanted, g_free);
  g_free (self->name);
  g_free (self->id);
  g_free (self);
}

static GList *
find (GstsigRoster * self, const gchar * id)
{
  return id ? g_queue_find_custom (&self->wanted, id,
      (GCompareFunc) g_strcmp0) : NULL;
}

static gboolean
is_wanted (GstsigRoster * self, const GstsigPeer * peer)
{
  return (peer->roles & self->role)
      && (!self->name || g_strcmp0 (self->name, peer->name) == 0)
      && (!self->id || g_str_equal (self->id, peer->id));
}

void
gstsig_roster_remove (GstsigRoster * self, const gchar * id)
{
  GList *item = find (self, id);

  if (!item)
    return;
  g_free (item->data);
  g_queue_delete_link (&self->wanted, item);
}

static void
take_peer (GstsigRoster * self, const GstsigPeer * peer)
{
  if (!is_wanted (self, peer)) {
    gstsig_roster_remove (self, peer->id);
    return;
  }
  if (find (self, peer->id))
    return;
  if (self->wanted.length >= MAX_WANTED)
    g_free (g_queue_pop_head (&self->wanted));
  g_queue_push_tail (&self->wanted, g_strdup (peer->id));
}

static gboolean
is_listed (GArray * peers, const gchar * id)
{
  for (guint i = 0; i < peers->len; i++)
    if (g_str_equal (g_array_index (peers, GstsigPeer, i).id, id))
      return TRUE;
  return FALSE;
}

/* A list is unordered, so peers that were known before count as older. */
static void
drop_unlisted (GstsigRoster * self, GArray * peers)
{
  GList *next;

  for (GList * item = self->wanted.head; item; item = next) {
    next = item->next;
    if (is_listed (peers, item->data))
      continue;
    g_free (item->data);
    g_queue_delete_link (&self->wanted, item);
  }
}

void
gstsig_roster_take (GstsigRoster * self, const GstsigMessage * message)
{
  if (message->kind != GSTSIG_PEER_STATUS && !message->cut)
    drop_unlisted (self, message->peers);
  for (guint i = 0; i < message->peers->len; i++)
    take_peer (self, &g_array_index (message->peers, GstsigPeer, i));
}

const gchar *
gstsig_roster_get (GstsigRoster * self)
{
  return g_queue_peek_tail (&self->wanted);
}

gboolean
gstsig_roster_has (GstsigRoster * self, const gchar * id)
{
  return find (self, id) != NULL;
}
