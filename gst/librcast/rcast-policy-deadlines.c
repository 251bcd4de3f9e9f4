/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long each state waits. */
#include "config.h"

#include "rcast-policy-deadlines.h"

#include "rcast-policy-servers.h"

/* Returns: @now plus @time, but no later than the recovery timeout allows */
static GstClockTime
in_time (const GstRcastPolicy * policy, GstClockTime now, GstClockTime time)
{
  GstClockTime since = gst_rcast_policy_off_since (policy);

  if (!GST_CLOCK_TIME_IS_VALID (since))
    return now + time;
  return MIN (now + time, MAX (now, since + policy->config.recovery_timeout));
}

/* Checks become rarer while they pass but the stays at the first server are short. */
static GstClockTime
check_deadline (const GstRcastPolicy * policy, GstClockTime now)
{
  if (!gst_rcast_policy_is_away (policy))
    return GST_CLOCK_TIME_NONE;
  return MAX (policy->servers[0].no_check_before,
      now + gst_rcast_policy_get_check_interval (policy, 0));
}

/* Before the first confirmation there is nothing to compare with. Only the server's reports
 * can show that media does not arrive. */
static GstClockTime
confirm_deadline (const GstRcastPolicy * policy, GstClockTime now)
{
  if (gst_rcast_policy_is_update_due (policy))
    return now;
  if (policy->attempt > 0)
    return now + policy->config.confirm_timeout;
  if (policy->signalling_lost)
    return now + (policy->resuming ? policy->config.resume_timeout : 0);
  return GST_CLOCK_TIME_NONE;
}

/* Returns: the deadline for media that flows to be confirmed, to be stable, or to be checked for a
 * return */
GstClockTime
gst_rcast_policy_on_air_deadline (const GstRcastPolicy * policy, GstClockTime now)
{
  if (gst_rcast_policy_is_update_due (policy))
    return now;
  if (!policy->confirmed)
    return now + policy->config.confirm_timeout;
  if (policy->attempt > 0)
    return now + policy->config.stable_time;
  return check_deadline (policy, now);
}

/* Returns: when @wait ends for the state that has just begun; @delay: for a backoff */
GstClockTime
gst_rcast_policy_deadline_of (const GstRcastPolicy * policy,
    const GstRcastTurn * turn, GstRcastWait wait, GstClockTime delay)
{
  const GstRcastPolicyConfig *config = &policy->config;
  GstClockTime now = turn->now;

  switch (wait) {
    case GST_RCAST_WAIT_NONE:
      return GST_CLOCK_TIME_NONE;
    case GST_RCAST_WAIT_KEEP:
      return policy->deadline;
    case GST_RCAST_WAIT_SETTLE:
      return now + config->settle;
    case GST_RCAST_WAIT_SIGNALLING:
      return now + config->signalling_timeout;
    case GST_RCAST_WAIT_NOBODY:
      return policy->attempt > 0 ? now + config->stable_time :
          GST_CLOCK_TIME_NONE;
    case GST_RCAST_WAIT_CONNECT:
      return now + config->connect_timeout;
    case GST_RCAST_WAIT_CONFIRM:
      return confirm_deadline (policy, now);
    case GST_RCAST_WAIT_GRACE:
      /* The grace period began with the last sign of life. */
      return now + config->disconnected_timeout
          - MIN (turn->event->lag, config->disconnected_timeout);
    case GST_RCAST_WAIT_RESTART:
      return in_time (policy, now, config->restart_timeout);
    case GST_RCAST_WAIT_SAME_ADDRESS:
      /* If a port is dead rather than the path to it, only other ports help. */
      return MIN (policy->deadline, now + config->restart_timeout / 2);
    case GST_RCAST_WAIT_RENEGOTIATE:
      return in_time (policy, now, config->renegotiate_timeout);
    case GST_RCAST_WAIT_RESUME:
      return now + config->resume_timeout;
    case GST_RCAST_WAIT_STABLE:
      return gst_rcast_policy_is_update_due (policy) ? now : now + config->stable_time;
    case GST_RCAST_WAIT_ON_AIR:
      return gst_rcast_policy_on_air_deadline (policy, now);
    case GST_RCAST_WAIT_BACKOFF:
      return now + delay;
    case GST_RCAST_WAIT_NOW:
      return now;
    case GST_RCAST_WAIT_CLOSE:
      return now + config->close_timeout;
  }
  g_return_val_if_reached (GST_CLOCK_TIME_NONE);
}
