/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time between two moments, which are not always in order. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Threads take the time before they take the lock, so what another thread has noted may be a bit
 * later than @now. The difference of such times without a sign is hundreds of years. A file that
 * includes this header takes nothing from @now itself (check-style.py).
 *
 * Returns: the time from @then to @now, or 0: @then is later, or GST_CLOCK_TIME_NONE */
static inline GstClockTime
gst_rcast_elapsed (GstClockTime then, GstClockTime now)
{
  return now > then ? now - then : 0;
}

G_END_DECLS
