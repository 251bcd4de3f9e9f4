/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each uplink carried: outlives connections and sessions. */
#include "config.h"

#include "gstrcastcapacities.h"

/* A radio link is a different one after so long. */
#define MAX_AGE (5 * 60 * GST_SECOND)

typedef struct
{
  const gchar *interface;       /* interned; NULL: the system chooses it */
  guint64 capacity;
  GstClockTime learnt;
} Uplink;

/* Any thread */
struct _GstRcastCapacities
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: nothing is called under it */
  GArray *uplinks;              /* lock; of Uplink */
};

/* Returns: (transfer full) */
GstRcastCapacities *
gst_rcast_capacities_new (void)
{
  GstRcastCapacities *self = g_new0 (GstRcastCapacities, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->uplinks = g_array_new (FALSE, FALSE, sizeof (Uplink));
  return self;
}

GstRcastCapacities *
gst_rcast_capacities_ref (GstRcastCapacities * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_rcast_capacities_unref (GstRcastCapacities * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->uplinks);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Returns: (nullable) */
static Uplink *
find_locked (GstRcastCapacities * self, const gchar * interface)
{
  for (guint i = 0; i < self->uplinks->len; i++) {
    Uplink *uplink = &g_array_index (self->uplinks, Uplink, i);

    if (uplink->interface == interface)
      return uplink;
  }
  return NULL;
}

static gboolean
is_valid (const Uplink * uplink, GstClockTime now)
{
  return now < uplink->learnt + MAX_AGE;
}

/* @interface: (nullable): interned
 * @capacity: bit/s that it carries, as from gst_rcast_rate_get_known()
 * @full: whether it carries no more. If not, less was sent, and it may carry as much as before */
void
gst_rcast_capacities_learn (GstRcastCapacities * self, const gchar * interface,
    guint64 capacity, gboolean full, GstClockTime now)
{
  Uplink news = { interface, capacity, now }, *known;

  g_mutex_lock (&self->lock);
  known = find_locked (self, interface);
  if (known && (full || capacity >= known->capacity || !is_valid (known, now)))
    *known = news;
  else if (!known)
    g_array_append_val (self->uplinks, news);
  g_mutex_unlock (&self->lock);
}

/* Returns: the recently learnt capacity of @interface, or 0 */
guint64
gst_rcast_capacities_get (GstRcastCapacities * self, const gchar * interface,
    GstClockTime now)
{
  guint64 capacity = 0;
  const Uplink *known;

  g_mutex_lock (&self->lock);
  known = find_locked (self, interface);
  if (known && is_valid (known, now))
    capacity = known->capacity;
  g_mutex_unlock (&self->lock);
  return capacity;
}
