/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns outgoing sequence numbers: lost input shows as gaps, time offline does not. */
#include "config.h"

#include "rcast-numbers.h"

/* Gives a late packet the number that was skipped for it. */
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
 * @opening: counts the openings of the gate; packets that went missing before the present
 *   opening leave no gap
 * @lost: number of packets missing so far, from #GstRcastOrder
 * @place: index of a late packet among the lost ones; 0: the packet is not late
 * @number: (out): sequence number of the packet
 *
 * Returns: %FALSE if there is no number for a late packet
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
