/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sequence numbers of what leaves: a receiver sees what is missing, and nothing of time offline. */
#include "config.h"

#include "rcast-numbers.h"

/* A late packet has the number that was left out for it. */
static gboolean
fill_hole (GstRcastNumbers * numbers, guint32 place, guint16 * number)
{
  if (place <= numbers->floor || place > numbers->lost
      || numbers->lost - place >= GST_RCAST_ORDER_WINDOW)
    return FALSE;
  *number = numbers->holes[place % GST_RCAST_ORDER_WINDOW];
  numbers->skipped--;
  return TRUE;
}

/**
 * gst_rcast_numbers_take:
 * @numbers: the feed
 * @opening: of the gate, behind which the packet comes: of what was missing before, the
 *   numbers tell nothing
 * @lost: packets that are missing so far, as of #GstRcastOrder
 * @place: of a packet that is late: which of them it is; or 0
 * @number: (out): its sequence number
 *
 * Returns: %FALSE if a late packet has no place
 */
gboolean
gst_rcast_numbers_take (GstRcastNumbers * numbers, guint64 opening,
    guint32 lost, guint32 place, guint16 * number)
{
  guint32 missing;

  if (opening != numbers->opening)
    numbers->lost = numbers->floor = lost;
  numbers->opening = opening;
  missing = lost - numbers->lost;
  if (place > 0)
    return fill_hole (numbers, place, number);
  if (missing >= GST_RCAST_ORDER_WINDOW) {
    missing = GST_RCAST_ORDER_WINDOW - 1;
    numbers->floor = lost - missing;
  }
  numbers->lost = lost;
  numbers->skipped += missing;
  while (missing > 0)
    numbers->holes[(lost - --missing) % GST_RCAST_ORDER_WINDOW] =
        numbers->next++;
  *number = numbers->next++;
  return TRUE;
}
