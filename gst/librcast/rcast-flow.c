/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells one broken stream of several from a pause of all of them, and how much each sends. */
#include "config.h"

#include "rcast-flow.h"

void
gst_rcast_flow_init (GstRcastFlow * flow)
{
  *flow = (GstRcastFlow) {
  .last = GST_CLOCK_TIME_NONE,};
}

/* What moved since the last look. */
static void
measure (GstRcastFlow * flow, GstClockTime now)
{
  GstClockTime passed = GST_CLOCK_TIME_IS_VALID (flow->last) ?
      now - flow->last : 0;

  flow->came = flow->in != flow->last_in;
  flow->went = flow->out != flow->last_out;
  flow->bitrate = passed > 0 ?
      gst_util_uint64_scale (8 * (flow->bytes - flow->last_bytes), GST_SECOND,
      passed) : 0;
  flow->last_in = flow->in;
  flow->last_out = flow->out;
  flow->last_bytes = flow->bytes;
  flow->last = now;
  flow->passed = passed;
}

/* @others_came, @others_went: whether anything moved on another stream. Before
 * anything goes out anywhere there is no connection yet, and what comes in is
 * all that can be expected. */
static void
judge (GstRcastFlow * flow, gboolean others_came, gboolean others_went,
    GstClockTime timeout)
{
  gboolean well = flow->ended || flow->went || (flow->came && !others_went);

  flow->change = GST_RCAST_FLOW_SAME;
  if (well) {
    if (flow->stalled)
      flow->change = GST_RCAST_FLOW_FLOWS;
    else
      flow->silence = 0;
    flow->stalled = FALSE;
    return;
  }
  if (!others_went && !others_came)
    return;
  if (flow->silence == 0 || !flow->came)
    flow->stage = flow->came ? GST_RCAST_STAGE_ENCODER : GST_RCAST_STAGE_SOURCE;
  flow->silence += flow->passed;
  if (!flow->stalled && timeout > 0 && flow->silence >= timeout) {
    flow->stalled = TRUE;
    flow->change = GST_RCAST_FLOW_STALLED;
  }
}

/**
 * gst_rcast_flow_look:
 * @flows: all streams
 * @n: how many
 * @now: the time
 * @timeout: how long a stream may be silent while others flow; 0: for ever
 *
 * Called regularly. A time in which no stream moves, as in a pause, counts for
 * none of them. @silence of a stream that flows again is kept until the next look.
 */
void
gst_rcast_flow_look (GstRcastFlow ** flows, guint n, GstClockTime now,
    GstClockTime timeout)
{
  guint came = 0, went = 0;

  for (guint i = 0; i < n; i++) {
    measure (flows[i], now);
    came += flows[i]->came;
    went += flows[i]->went;
  }
  for (guint i = 0; i < n; i++)
    judge (flows[i], came > flows[i]->came, went > flows[i]->went, timeout);
}
