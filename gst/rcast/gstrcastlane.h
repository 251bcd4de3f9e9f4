/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One path of an RTP session: its rate controller, and what decides whether it is in use. */
#pragma once

#include <gst/gst.h>

#include "rcast-bond.h"
#include "rcast-rate.h"

G_BEGIN_DECLS

/* A path that carried nothing for so long counts as a new path when it carries again. */
#define GST_RCAST_LANE_FORGOTTEN GST_SECOND

/**
 * GstRcastLane:
 * @interface: (nullable): interned uplink; %NULL: the system chooses it
 * @rate: (owned): its rate controller
 * @sent: when the last packet left
 * @offered: when it could last take a share of the packets, 0: never
 * @bond: what decides about its share
 * @rank: by the user's preference
 * @heard: whether the current report is about it
 * @trial: whether it gets a copy of the packets of other paths, to show whether it
 *   carries
 *
 * One path.
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
