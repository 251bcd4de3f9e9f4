/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One path of an RTP session: its controller, and what decides whether it carries. */
#pragma once

#include <gst/gst.h>

#include "rcast-bond.h"
#include "rcast-rate.h"

G_BEGIN_DECLS

/* A path that carried nothing for so long is another one when it carries again. */
#define GST_RCAST_LANE_FORGOTTEN GST_SECOND

/**
 * GstRcastLane:
 * @interface: (nullable): interned; %NULL: the system chooses it
 * @rate: (owned): its controller
 * @sent: when the last packet left
 * @offered: when it could carry a part of the packets last, 0: never
 * @bond: what decides about that
 * @rank: by the user's preference
 * @heard: whether there is feedback about it
 * @trial: whether it gets a copy of what others carry, to see whether it can
 *
 * A path.
 */
typedef struct {
  const gchar *interface;
  GstRcastRate *rate;
  GstClockTime sent, offered;
  GstRcastBondPath bond;
  guint rank;
  gboolean heard, trial;
} GstRcastLane;

void     gst_rcast_lane_clear       (gpointer lane);
gboolean gst_rcast_lane_is_carrying (const GstRcastLane * lane,
                                     GstClockTime         now);
gboolean gst_rcast_lane_is_counted  (const GstRcastLane * lane,
                                     GstClockTime         now);
gboolean gst_rcast_lane_is_full     (const GstRcastLane * lane,
                                     GstClockTime         now);
GstRcastBondPath * gst_rcast_lane_look (GstRcastLane * lane,
                                     gdouble        load,
                                     GstClockTime   now);

G_END_DECLS
