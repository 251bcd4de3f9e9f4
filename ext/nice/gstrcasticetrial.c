/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tries a path that was congested by sending it a copy of all media. Pure. */
#include "config.h"

#include "gstrcasticetrial.h"

/* Long enough for a full queue to show: few queues are longer than two seconds. */
#define DURATION_US (5 * G_USEC_PER_SEC)
/* The round-trip time grows by more than this if a queue fills. */
#define RTT_MARGIN_US (60 * 1000)
/* A trial needs this many checks to pass. On a slow machine this takes longer than DURATION_US. */
#define LEAST_CHECKS 25
/* Ten checks are sent per second. This many may be in flight or lost by chance, plus this share, or
 * the share that the path is known to lose. */
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
