/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells each stream what it may take of what the paths of its webrtcbin carry. */
#pragma once

#include <gst/gst.h>

#include "gstrcastrates.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastAllotSettings:
 * @control: what is done about paths that carry less than is to be sent
 * @rate: limits of what is sent
 * @capacities: (nullable): what the uplinks carried before
 * @allowances: (nullable): what they may carry
 *
 * As the user wants it.
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
