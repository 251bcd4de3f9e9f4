/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns outgoing sequence numbers: lost input shows as gaps, time offline does not. */
#pragma once

#include "rcast-order.h"

G_BEGIN_DECLS

/**
 * GstRcastNumbers:
 * @next: sequence number of the next packet
 * @skipped: numbers skipped so far and not filled by a late packet
 *
 * Sequence numbers of one feed.
 */
typedef struct {
  guint16 next;
  guint64 skipped;

  /*< private >*/
  guint64 opening;              /* opening of the gate at the last packet */
  guint32 lost;                 /* lost packets that the numbers account for */
  guint32 floor;                /* lost packets up to this one have no place */
  guint16 holes[GST_RCAST_ORDER_WINDOW];        /* skipped numbers, by place */
} GstRcastNumbers;

gboolean  gst_rcast_numbers_take  (GstRcastNumbers * numbers, guint64 opening, guint32 lost, guint32 place,
                                   guint16 * number);

G_END_DECLS
