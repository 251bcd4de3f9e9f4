/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any sequence of events: no state waits for ever, one recovery at a time, one error at most. */
#include "config.h"

#include "fuzz.h"

#include "rcast-policy.h"

/* Bytes that make one event */
#define EVENT_SIZE 4

static const GstRcastPolicyConfig config = {
  .settle = 100 * GST_MSECOND,
  .signalling_timeout = 30 * GST_SECOND,
  .connect_timeout = 10 * GST_SECOND,
  .disconnected_timeout = 2 * GST_SECOND,
  .restart_timeout = 8 * GST_SECOND,
  .renegotiate_timeout = 10 * GST_SECOND,
  .resume_timeout = 10 * GST_SECOND,
  .confirm_timeout = 10 * GST_SECOND,
  .recovery_timeout = 25 * GST_SECOND,
  .stable_time = 5 * GST_SECOND,
  .close_timeout = 3 * GST_SECOND,
  .min_delay = 500 * GST_MSECOND,
  .max_delay = 8 * GST_SECOND,
  .retry_after_max = 60 * GST_SECOND,
  .failback_interval = 30 * GST_SECOND,
  .probe_interval = 500 * GST_MSECOND,
  .hedge_delay = GST_SECOND,
};

static gboolean
waits (GstRcastState state)
{
  switch (state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_UPDATING:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_RESUMING:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_REATTACHING:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
      return TRUE;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_FAILED:
      break;
  }
  return FALSE;
}

/* At most one second attempt, which never waits for ever. @there: whether one existed before */
static void
check_second (const GstRcastPolicy * policy, const GstRcastStep * step,
    gboolean there)
{
  gboolean is_there = policy->second >= GST_RCAST_SECOND_SIGNALLING;
  gboolean begins = (step->actions & GST_RCAST_ACTION_OPEN_SECOND) != 0;
  gboolean ends = (step->actions & (GST_RCAST_ACTION_DROP_SECOND
          | GST_RCAST_ACTION_PROMOTE)) != 0;

  g_assert (GST_CLOCK_TIME_IS_VALID (policy->second_deadline)
      == (policy->second != GST_RCAST_SECOND_NONE));
  g_assert (!GST_CLOCK_TIME_IS_VALID (policy->second_probe_at)
      || policy->second != GST_RCAST_SECOND_NONE);
  g_assert (!(step->actions & GST_RCAST_ACTION_PROBE_SECOND)
      || policy->second != GST_RCAST_SECOND_NONE);
  g_assert (!ends || there);
  g_assert (!begins || ends || !there);
  g_assert (is_there == (begins || (there && !ends)));
  g_assert (!is_there || policy->second_generation != policy->generation);
  g_assert (!is_there || (waits (policy->state)
          && policy->state != GST_RCAST_STATE_CLOSING)
      || policy->state == GST_RCAST_STATE_LIVE
      || policy->state == GST_RCAST_STATE_CONNECTED);
  g_assert (!(step->actions & GST_RCAST_ACTION_OFFER_SECOND)
      || policy->streams_ready);
}

static void
check (const GstRcastPolicy * policy, const GstRcastStep * step,
    guint attempt_before, GstClockTime now)
{
  const GstRcastActions starts = GST_RCAST_ACTION_OPEN_SIGNALLER
      | GST_RCAST_ACTION_RESUME_SIGNALLER | GST_RCAST_ACTION_MAKE_OFFER
      | GST_RCAST_ACTION_RESTART_ICE;

  g_assert (!waits (policy->state)
      || GST_CLOCK_TIME_IS_VALID (policy->deadline)
      || (policy->state == GST_RCAST_STATE_SIGNALLING && policy->attempt == 0));
  g_assert (__builtin_popcount (step->actions & starts) <= 1);
  g_assert (policy->attempt == 0 || policy->attempt >= attempt_before);
  g_assert (policy->attempt <= attempt_before + 1);
  g_assert (policy->config.max_retries < 0
      || policy->attempt <= (guint) policy->config.max_retries);
  g_assert (policy->location < policy->config.n_locations);
  g_assert (!GST_CLOCK_TIME_IS_VALID (policy->probe_at)
      || waits (policy->state));
  g_assert (!policy->signalling_lost || policy->resuming
      || GST_CLOCK_TIME_IS_VALID (policy->deadline));
  g_assert (!(step->actions & GST_RCAST_ACTION_MAKE_OFFER)
      || policy->streams_ready);
  g_assert (step->delay <= MAX (policy->config.retry_after_max,
          policy->config.max_delay));
  g_assert (step->outage <= now);
  g_assert (!step->ignored || step->actions == 0);
  g_assert (!(step->actions & GST_RCAST_ACTION_POST_ERROR)
      || (step->to == GST_RCAST_STATE_FAILED
          && step->from != GST_RCAST_STATE_FAILED));
  /* The failed state leads only to idle. */
  g_assert (step->from != GST_RCAST_STATE_FAILED
      || step->to == GST_RCAST_STATE_FAILED
      || step->to == GST_RCAST_STATE_IDLE);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  GstRcastPolicyConfig own = config;
  GstRcastPolicy policy;
  GstClockTime now = 0;

  if (size < 1)
    return 0;
  own.max_retries = (data[0] & 7) - 1;
  own.n_locations = 1 + ((data[0] >> 3) & 3);
  own.rejoin_on_evict = data[0] >> 5 & 1;
  own.reconnect_media = data[0] >> 6 & 1;
  own.give_up = size % 3;
  gst_rcast_policy_init (&policy, &own);

  for (gsize at = 1; at + EVENT_SIZE <= size; at += EVENT_SIZE) {
    const guint8 *bytes = data + at;
    guint attempt = policy.attempt;
    gboolean there = policy.second >= GST_RCAST_SECOND_SIGNALLING;
    GstRcastStep step;
    GstRcastEvent event = {
      .type = bytes[0] % (GST_RCAST_EVENT_RECONNECT_NOW + 1),
      .reason = (bytes[1] & 15) % (GST_RCAST_REASON_STREAMS_CHANGED + 1),
      .generation = bytes[1] & 16 ? policy.generation : bytes[1] >> 6,
      .fatal = bytes[1] >> 5 & 1,
      .busy = bytes[1] >> 6 & 1,
      .unreachable = bytes[2] >> 3 & 1,
      .static_reports = bytes[3] >> 2 & 1,
      .fewer = bytes[3] >> 3 & 1,
      .retry_after = (bytes[2] >> 4 & 3) * 40 * GST_SECOND,
      .lag = (bytes[2] >> 6) * GST_SECOND,
    };
    GstRcastAbilities abilities = {
      .can_restart = bytes[2] & 1,
      .can_renegotiate = bytes[2] >> 1 & 1,
      .outdated = bytes[3] >> 4 & 1,
      .can_resume = bytes[2] >> 2 & 1,
      .can_probe = bytes[3] & 2,
      .can_second = bytes[3] >> 5,
    };

    if (bytes[3] & 64 && policy.second != GST_RCAST_SECOND_NONE)
      event.generation = policy.second_generation;
    event.moved = event.type == GST_RCAST_EVENT_LOCATIONS_CHANGED
        && bytes[1] & 32;

    /* At once, later, or at the deadline */
    if (bytes[3] & 1 && GST_CLOCK_TIME_IS_VALID (policy.deadline))
      now = MAX (now, policy.deadline);
    else
      now += (bytes[3] >> 1) * 20 * GST_MSECOND;
    gst_rcast_policy_step (&policy, &event, &abilities,
        bytes[3] * 0x01010101u, now, &step);
    check (&policy, &step, attempt, now);
    check_second (&policy, &step, there);
  }
  return 0;
}
