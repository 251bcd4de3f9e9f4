/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sequence numbers of what leaves: a receiver sees what is missing, and nothing of time offline. */
#pragma once

#include "rcast-order.h"

G_BEGIN_DECLS

/**
 * GstRcastNumbers:
 * @next: of the next packet
 * @skipped: numbers that were left out so far, and that no late packet has got
 *
 * What one feed sends.
 */
typedef struct {
  guint16 next;
  guint64 skipped;

  /*< private >*/
  guint64 opening;              /* behind which the last packet came */
  guint32 lost;                 /* of the packets that the numbers tell */
  guint32 floor;                /* those up to here have no place */
  guint16 holes[GST_RCAST_ORDER_WINDOW];        /* by their place */
} GstRcastNumbers;

gboolean  gst_rcast_numbers_take  (GstRcastNumbers * numbers, guint64 opening, guint32 lost, guint32 place,
                                   guint16 * number);

G_END_DECLS
