/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* H.264 packets for a receiver of packetization-mode 0: each carries one whole NAL unit. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first two bytes of a fragment */
#define GST_RCAST_UNITS_FU_HEADER_SIZE 2

/**
 * GstRcastUnitsVerdict:
 * @GST_RCAST_UNITS_PASS: a single unit, or an unknown payload
 * @GST_RCAST_UNITS_SPLIT: several units, each of which becomes a packet
 * @GST_RCAST_UNITS_HOLD: a fragment whose continuation may come
 * @GST_RCAST_UNITS_JOIN: the last fragment: it and the held ones become a single unit
 * @GST_RCAST_UNITS_FRAGMENT: a fragment of a unit that no packet can hold, or that misses a part:
 *   sent unchanged
 *
 * What to do with a packet. Held packets go before it, unless it is held or joined
 * with them.
 */
typedef enum {
  GST_RCAST_UNITS_PASS,
  GST_RCAST_UNITS_SPLIT,
  GST_RCAST_UNITS_HOLD,
  GST_RCAST_UNITS_JOIN,
  GST_RCAST_UNITS_FRAGMENT,
} GstRcastUnitsVerdict;

/**
 * GstRcastUnits:
 * @size: bytes of the unit so far, 0: no fragment is held
 * @n: number of its fragments, including the last packet
 * @timestamp: RTP timestamp of the held fragments
 * @lost: number of lost packets when the unit began
 *
 * The fragments of a unit so far. Zeroed before the first packet.
 */
typedef struct {
  gsize size;
  guint n;
  guint32 timestamp;
  guint32 lost;
} GstRcastUnits;

GstRcastUnitsVerdict  gst_rcast_units_step     (GstRcastUnits * units, const guint8 * payload, gsize size,
                                                guint32 timestamp, guint32 lost, gsize room);
guint8                gst_rcast_units_get_head (const guint8 * fragment);
gboolean              gst_rcast_units_are_cut  (const guint8 * payload, gsize size);

G_END_DECLS
