/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rate of a path as a structure for `stats`. */
#include "config.h"

#include "gstrcastpathstats.h"

static const gchar *const states[] = {
  "start", "rise", "hold", "drain", "loss", "rival", "blind"
};

/* @session: id of the session in webrtcbin
 * @interface: (nullable): %NULL: the system chooses it
 * @carrying: whether media is sent on it
 * Returns: (transfer full) */
GstStructure *
gst_rcast_path_stats_new (const GstRcastRateView * view, guint session,
    const gchar * interface, gboolean carrying)
{
  return gst_structure_new ("application/x-rcast-rate-stats",
      "session", G_TYPE_UINT, session,
      "interface", G_TYPE_STRING, interface ? interface : "",
      "carrying", G_TYPE_BOOLEAN, carrying,
      "state", G_TYPE_STRING, states[view->state],
      "target", G_TYPE_UINT64, view->target,
      "sent", G_TYPE_UINT64, view->sent,
      "received", G_TYPE_UINT64, view->received,
      "capacity", G_TYPE_UINT64, view->capacity,
      "queue", G_TYPE_UINT64, view->queue,
      "round-trip", G_TYPE_UINT64, view->round_trip,
      "loss", G_TYPE_DOUBLE, view->loss, NULL);
}
