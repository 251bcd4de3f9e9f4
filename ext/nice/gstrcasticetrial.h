/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tries a path that was congested by sending it a copy of all media. Pure. */
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
  guint id;                     /* of the path; 0: no trial is running */
  gint64 since;                 /* monotonic us */
  gint64 rtt;                   /* before the trial */
  gdouble loss;                 /* loss of checks that the trial tolerates */
  guint64 checks;               /* before the trial */
  guint64 answers;              /* before the trial */
} GstRcastIceTrial;

void gst_rcast_ice_trial_begin (GstRcastIceTrial * trial,
    const GstRcastIcePathView * view, gint64 now);
GstRcastIceTrialState gst_rcast_ice_trial_judge (const GstRcastIceTrial *
    trial, const GstRcastIcePathView * view, gint64 now);

G_END_DECLS
