/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets only one of a pair of signallers register its producer at a time. */
#include "config.h"

#include "gstsig-place.h"

/* Both signallers of a pair. */
#define N_OWNERS 2

struct _GstsigPlace
{
  gatomicrefcount ref_count;
  GMutex lock;
  gconstpointer owners[N_OWNERS];       /* lock: registered owners; NULL: none */
  gchar *locations[N_OWNERS];   /* lock: where they are registered */
};

GstsigPlace *
gstsig_place_new (void)
{
  GstsigPlace *place = g_new0 (GstsigPlace, 1);

  g_atomic_ref_count_init (&place->ref_count);
  g_mutex_init (&place->lock);
  return place;
}

GstsigPlace *
gstsig_place_ref (GstsigPlace * place)
{
  g_atomic_ref_count_inc (&place->ref_count);
  return place;
}

void
gstsig_place_unref (GstsigPlace * place)
{
  if (!g_atomic_ref_count_dec (&place->ref_count))
    return;
  for (guint i = 0; i < N_OWNERS; i++)
    g_free (place->locations[i]);
  g_mutex_clear (&place->lock);
  g_free (place);
}

static void
clear_locked (GstsigPlace * place, gconstpointer owner)
{
  for (guint i = 0; i < N_OWNERS; i++) {
    if (place->owners[i] != owner)
      continue;
    place->owners[i] = NULL;
    g_clear_pointer (&place->locations[i], g_free);
  }
}

static gboolean
is_free_locked (GstsigPlace * place, const gchar * location)
{
  for (guint i = 0; i < N_OWNERS; i++)
    if (g_strcmp0 (place->locations[i], location) == 0)
      return FALSE;
  return TRUE;
}

/* Returns: whether @owner is registered at @location, and nowhere else, from now on */
gboolean
gstsig_place_take (GstsigPlace * place, gconstpointer owner,
    const gchar * location)
{
  gboolean taken = FALSE;

  g_mutex_lock (&place->lock);
  clear_locked (place, owner);
  for (guint i = 0; !taken && i < N_OWNERS; i++) {
    taken = !place->owners[i] && is_free_locked (place, location);
    if (!taken)
      continue;
    place->owners[i] = owner;
    place->locations[i] = g_strdup (location);
  }
  g_mutex_unlock (&place->lock);
  return taken;
}

void
gstsig_place_leave (GstsigPlace * place, gconstpointer owner)
{
  g_mutex_lock (&place->lock);
  clear_locked (place, owner);
  g_mutex_unlock (&place->lock);
}
