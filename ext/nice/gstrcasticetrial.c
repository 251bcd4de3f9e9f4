/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a path that was congested carries the media, by a copy of all of it. Pure. */
#include "config.h"

#include "gstrcasticetrial.h"

/* A full queue shows within that time: few are longer than two seconds. */
#define DURATION_US (5 * G_USEC_PER_SEC)
/* Round trips grow by so much and more in a queue that fills. */
#define RTT_MARGIN_US (60 * 1000)
/* A path is well by evidence: where this machine runs late, fewer are made in that time, and it takes
 * longer. */
#define LEAST_CHECKS 25
/* Of ten checks per second so many may be on their way or lost by chance, and such a part of
 * them, or what the path is known to lose anyway. */
#define MISSING 5
#define LEAST_LOSS 0.05

void
gst_rcast_ice_trial_begin (GstRcastIceTrial * trial,
    const GstRcastIcePathView * view, gint64 now)
{
  *trial = (GstRcastIceTrial) {
    .id = view->id,
    .since = now,
    .rtt = view->rtt,
    .loss = MAX (view->check_loss, LEAST_LOSS),
    .checks = view->checks,
    .answers = view->answers,
  };
}

GstRcastIceTrialState
gst_rcast_ice_trial_judge (const GstRcastIceTrial * trial,
    const GstRcastIcePathView * view, gint64 now)
{
  guint64 checks = view->checks - trial->checks;
  guint64 answers = view->answers - trial->answers;

  if (view->state != GST_RCAST_ICE_PATH_STATE_ALIVE
      || view->rtt > trial->rtt + trial->rtt / 2 + RTT_MARGIN_US
      || checks > answers + MISSING + checks * trial->loss)
    return GST_RCAST_ICE_TRIAL_FAILED;
  return now - trial->since >= DURATION_US && checks >= LEAST_CHECKS ?
      GST_RCAST_ICE_TRIAL_PASSED : GST_RCAST_ICE_TRIAL_RUNS;
}
