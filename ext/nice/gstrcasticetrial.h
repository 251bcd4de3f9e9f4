/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a path that was congested carries the media, by a copy of all of it. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

typedef enum
{
  GST_RCAST_ICE_TRIAL_RUNS,
  GST_RCAST_ICE_TRIAL_PASSED,
  GST_RCAST_ICE_TRIAL_FAILED,
} GstRcastIceTrialState;

typedef struct
{
  guint id;                     /* of the path; 0: there is no trial */
  gint64 since;                 /* monotonic us */
  gint64 rtt;                   /* before */
  gdouble loss;                 /* of checks that is no news */
  guint64 checks;               /* before */
  guint64 answers;              /* before */
} GstRcastIceTrial;

void gst_rcast_ice_trial_begin (GstRcastIceTrial * trial,
    const GstRcastIcePathView * view, gint64 now);
GstRcastIceTrialState gst_rcast_ice_trial_judge (const GstRcastIceTrial *
    trial, const GstRcastIcePathView * view, gint64 now);

G_END_DECLS
