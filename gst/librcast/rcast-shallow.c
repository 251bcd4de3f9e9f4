/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells whether the buffer of a path is so short that it loses bursts. */
#include "config.h"

#include "rcast-shallow.h"

/* A short buffer is taken for short for so long. If it proves short again, the time doubles, up to
 * the maximum. */
#define SHALLOW_TIME (60 * GST_SECOND)
#define SHALLOW_MOST (3600 * GST_SECOND)

/* Bursts are lost without a visible queue. */
void
gst_rcast_shallow_enter (GstRcastShallow * shallow, GstClockTime now)
{
  if (shallow->time == 0)
    shallow->time = SHALLOW_TIME;
  else if (now >= shallow->until)
    shallow->time = MIN (2 * shallow->time, SHALLOW_MOST);
  shallow->until = now + shallow->time;
}

/* Returns: whether the buffer is short */
gboolean
gst_rcast_shallow_is_on (const GstRcastShallow * shallow, GstClockTime now)
{
  return now < shallow->until;
}

/* Returns: whether the buffer was short, and bursts leave again to see whether it still is */
gboolean
gst_rcast_shallow_is_tried (const GstRcastShallow * shallow, GstClockTime now)
{
  return shallow->time > 0 && now >= shallow->until;
}
