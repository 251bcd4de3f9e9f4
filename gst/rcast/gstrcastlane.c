/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One path of an RTP session: its rate controller, and what decides whether it is in use. */
#include "config.h"

#include "gstrcastlane.h"

#include "rcast-rate-view.h"

/* Clear function for an array of lanes */
void
gst_rcast_lane_clear (gpointer lane)
{
  g_clear_pointer (&((GstRcastLane *) lane)->rate, gst_rcast_rate_free);
}

/* Threads take the time before they take the lock, so @sent may be later than @now. */
gboolean
gst_rcast_lane_is_carrying (const GstRcastLane * lane, GstClockTime now)
{
  return now < MAX (lane->sent, lane->offered) + GST_RCAST_LANE_FORGOTTEN;
}

/* Whether the target of @lane matters. A lane on trial only gets copies. */
gboolean
gst_rcast_lane_is_counted (const GstRcastLane * lane, GstClockTime now)
{
  return gst_rcast_lane_is_carrying (lane, now) && !lane->trial;
}

/* Whether packets that leave on it meet a standing queue */
gboolean
gst_rcast_lane_is_full (const GstRcastLane * lane, GstClockTime now)
{
  GstRcastRateView view;

  gst_rcast_rate_get_view (lane->rate, &view, now);
  return gst_rcast_rate_view_is_full (&view);
}

/* @load: share of the target that is sent; the lane gets the same share of its own target
 * Returns: what the bond chooses by, up to date */
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
