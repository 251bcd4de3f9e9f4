/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packets that went out last, to be sent once more on another path. Pure. */
#include "config.h"

#include "gstrcasticerecent.h"

#include <string.h>

typedef struct
{
  gint64 time;                  /* monotonic us */
  gsize size;
  guint8 bytes[GST_RCAST_ICE_RECENT_SIZE];
} Packet;

/* A ring: no allocation for a packet. */
struct _GstRcastIceRecent
{
  guint64 added;
  gint64 forgotten;             /* time of the newest packet that is not kept any more */
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

/* @now: never earlier than before */
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
 * @since: time of the first packet that is wanted
 * @complete: (out): whether nothing since then has been forgotten
 *
 * Returns: (transfer full): of GBytes, the oldest first
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
