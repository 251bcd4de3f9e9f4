/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the packets sent last, so that they can be repeated on another path. Pure. */
#include "config.h"

#include "gstrcasticerecent.h"

#include <string.h>

typedef struct
{
  gint64 time;                  /* monotonic us */
  gsize size;
  guint8 bytes[GST_RCAST_ICE_RECENT_SIZE];
} Packet;

/* A ring buffer, so that no packet needs an allocation. */
struct _GstRcastIceRecent
{
  guint64 added;
  gint64 forgotten;             /* send time of the newest packet no longer kept */
  Packet packets[GST_RCAST_ICE_RECENT_PACKETS];
};

GstRcastIceRecent *
gst_rcast_ice_recent_new (void)
{
  return g_new0 (GstRcastIceRecent, 1);
}

void
gst_rcast_ice_recent_free (GstRcastIceRecent * recent)
{
  g_free (recent);
}

/* @now: must not go backwards */
void
gst_rcast_ice_recent_add (GstRcastIceRecent * recent, gconstpointer bytes,
    gsize size, gint64 now)
{
  Packet *packet =
      &recent->packets[recent->added % GST_RCAST_ICE_RECENT_PACKETS];

  if (size > GST_RCAST_ICE_RECENT_SIZE) {
    recent->forgotten = now;
    return;
  }
  if (recent->added >= GST_RCAST_ICE_RECENT_PACKETS)
    recent->forgotten = MAX (recent->forgotten, packet->time);
  packet->time = now;
  packet->size = size;
  memcpy (packet->bytes, bytes, size);
  recent->added++;
}

/**
 * gst_rcast_ice_recent_dup_since:
 * @since: send time of the first packet wanted
 * @complete: (out): whether all packets sent since then are still known
 *
 * Returns: (transfer full): of GBytes, oldest first
 */
GPtrArray *
gst_rcast_ice_recent_dup_since (const GstRcastIceRecent * recent,
    gint64 since, gboolean * complete)
{
  GPtrArray *found =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint64 first = recent->added > GST_RCAST_ICE_RECENT_PACKETS ?
      recent->added - GST_RCAST_ICE_RECENT_PACKETS : 0;

  for (guint64 i = first; i < recent->added; i++) {
    const Packet *packet =
        &recent->packets[i % GST_RCAST_ICE_RECENT_PACKETS];

    if (packet->time >= since)
      g_ptr_array_add (found, g_bytes_new (packet->bytes, packet->size));
  }
  *complete = recent->forgotten < since;
  return found;
}
