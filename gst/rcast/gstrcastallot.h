/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Divides what the paths of a webrtcbin carry among its streams. */
#pragma once

#include <gst/gst.h>

#include "gstrcastrates.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastAllotSettings:
 * @control: what to do when the paths carry less than the streams want to send
 * @rate: limits of the total rate
 * @capacities: (nullable): what the uplinks carried before
 * @allowances: (nullable): the user's limits of the uplinks
 *
 * The user's settings.
 */
typedef struct {
  GstRcastCongestionControl control;
  GstRcastRateConfig rate;
  GstRcastCapacities *capacities;
  GstRcastAllowances *allowances;
} GstRcastAllotSettings;

typedef struct _GstRcastAllot GstRcastAllot;

GstRcastAllot * gst_rcast_allot_new   (GstRcastRates               * rates,
                                       GPtrArray                   * lines,
                                       const GstRcastAllotSettings * settings);
void            gst_rcast_allot_report (GstRcastAllot             * self,
                                       guint                       expected,
                                       guint                       lost,
                                       GstClockTime                round_trip);
void            gst_rcast_allot_hurry (GstRcastAllot * self);
guint64         gst_rcast_allot_get_least (GstRcastAllot * self);
void            gst_rcast_allot_start (GstRcastAllot * self);
void            gst_rcast_allot_stop  (GstRcastAllot * self);
void            gst_rcast_allot_free  (GstRcastAllot * self);

G_END_DECLS
