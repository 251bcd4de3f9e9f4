/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long each uplink has had no working path. Pure. */
#include "config.h"

#include "gstrcasticeoutages.h"

#include "gstrcasticeroute.h"

/* Between two attempts an uplink may have no path at all. */
#define KEPT_US (30 * G_USEC_PER_SEC)

typedef struct
{
  const gchar *interface;       /* interned; NULL: any */
  gint64 since;
  gint64 seen;                  /* when it was last seen without a working path */
} Outage;

struct _GstRcastIceOutages
{
  GArray *outages;              /* of Outage */
};

GstRcastIceOutages *
gst_rcast_ice_outages_new (void)
{
  GstRcastIceOutages *outages = g_new0 (GstRcastIceOutages, 1);

  outages->outages = g_array_new (FALSE, FALSE, sizeof (Outage));
  return outages;
}

void
gst_rcast_ice_outages_free (GstRcastIceOutages * outages)
{
  g_array_unref (outages->outages);
  g_free (outages);
}

static Outage *
get_nth (GstRcastIceOutages * outages, guint i)
{
  return &g_array_index (outages->outages, Outage, i);
}

/* Returns: index of the outage of the uplink, or how many outages there are */
static guint
find (GstRcastIceOutages * outages, const gchar * interface)
{
  guint i = 0;

  while (i < outages->outages->len
      && g_strcmp0 (get_nth (outages, i)->interface, interface) != 0)
    i++;
  return i;
}

/* @missing: whether the uplink has no working path */
static void
note (GstRcastIceOutages * outages, const gchar * interface, gboolean missing,
    gint64 now)
{
  guint i = find (outages, interface);
  gboolean known = i < outages->outages->len;

  if (known && missing) {
    get_nth (outages, i)->seen = now;
  } else if (known) {
    g_array_remove_index_fast (outages->outages, i);
  } else if (missing) {
    Outage fresh = { g_intern_string (interface), now, now };

    g_array_append_val (outages->outages, fresh);
  }
}

/**
 * gst_rcast_ice_outages_look:
 * @outages: the outages
 * @views: (array length=n): the paths of a generation
 * @n: how many
 * @now: monotonic us
 *
 * An uplink that never works, as a modem without a contract, must not hide that another one has just
 * been lost.
 *
 * Returns: how long the uplink that was lost last has had no working path, in us. 0: each has one
 */
gint64
gst_rcast_ice_outages_look (GstRcastIceOutages * outages,
    const GstRcastIcePathView * views, guint n, gint64 now)
{
  gint64 shortest = G_MAXINT64;

  for (guint i = 0; i < n; i++)
    note (outages, views[i].interface,
        gst_rcast_ice_route_misses_uplink (views, n, i), now);
  for (guint i = outages->outages->len; i > 0; i--) {
    const Outage *outage = get_nth (outages, i - 1);

    if (outage->seen == now)
      shortest = MIN (shortest, now - outage->since);
    else if (now - outage->seen > KEPT_US)
      g_array_remove_index_fast (outages->outages, i - 1);
  }
  return shortest < G_MAXINT64 ? MAX (shortest, 1) : 0;
}
