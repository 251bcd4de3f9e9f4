/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets of H.264 for a receiver that takes a whole NAL unit in each, and nothing else: packetization-mode 0. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a fragment: its two first bytes */
#define GST_RCAST_UNITS_FU_HEADER_SIZE 2

/**
 * GstRcastUnitsVerdict:
 * @GST_RCAST_UNITS_PASS: a single unit, or nothing that is known
 * @GST_RCAST_UNITS_SPLIT: several units, each of which becomes a packet
 * @GST_RCAST_UNITS_HOLD: a fragment, the rest of which may come
 * @GST_RCAST_UNITS_JOIN: the last one: with those that were held it becomes a single unit
 * @GST_RCAST_UNITS_FRAGMENT: a fragment of a unit that no packet holds, or of which some is
 *   missing: it is sent as it is
 *
 * What becomes of a packet. Those that were held go in front of it, unless it is held or
 * joined with them.
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
 * @size: bytes of the unit so far, 0: none is held
 * @n: fragments of it, with the last packet
 * @timestamp: of the fragments that are held
 * @lost: packets that were lost when they began
 *
 * Zeroed before the first packet. Where fragments stand.
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
