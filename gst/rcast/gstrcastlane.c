/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One path of an RTP session: its controller, and what decides whether it carries. */
#include "config.h"

#include "gstrcastlane.h"

#include "rcast-rate-view.h"

/* Of an array */
void
gst_rcast_lane_clear (gpointer lane)
{
  g_clear_pointer (&((GstRcastLane *) lane)->rate, gst_rcast_rate_free);
}

/* Threads take the time before the lock: what was sent may be later than @now. */
gboolean
gst_rcast_lane_is_carrying (const GstRcastLane * lane, GstClockTime now)
{
  return now < MAX (lane->sent, lane->offered) + GST_RCAST_LANE_FORGOTTEN;
}

/* Whether what @lane allows matters: one on trial is to take what the others carry. */
gboolean
gst_rcast_lane_is_counted (const GstRcastLane * lane, GstClockTime now)
{
  return gst_rcast_lane_is_carrying (lane, now) && !lane->trial;
}

/* Whether what leaves on it meets a queue */
gboolean
gst_rcast_lane_is_full (const GstRcastLane * lane, GstClockTime now)
{
  GstRcastRateView view;

  gst_rcast_rate_get_view (lane->rate, &view, now);
  return gst_rcast_rate_view_is_full (&view);
}

/* @load: how much is sent of what may be: a path gets its share of that
 * Returns: what decides where a packet leaves, with all that is known now */
GstRcastBondPath *
gst_rcast_lane_look (GstRcastLane * lane, gdouble load, GstClockTime now)
{
  GstRcastRateView view;

  gst_rcast_rate_get_view (lane->rate, &view, now);
  lane->bond.rate = load * view.target;
  lane->bond.line = MAX (view.capacity, view.target);
  lane->bond.round_trip = view.round_trip;
  lane->bond.way = GST_RCAST_BOND_NO_WAY;
  gst_rcast_rate_get_way (lane->rate, &lane->bond.way);
  return &lane->bond;
}
