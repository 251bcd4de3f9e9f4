/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast, as the policy knows them: which is next, and what if others are set. */
#include "config.h"

#include "rcast-policy-servers.h"

#include "rcast-backoff.h"

/* A server that has been away for many minutes is probed less often: its return is
 * noticed within 1 / 640 of its absence, at the latest after so many intervals. */
#define PROBE_SHARE 640
#define MAX_PROBE_INTERVALS 8
/* A server that refuses is left alone for twice this at least, and longer each time. */
#define REFUSAL_STEP (500 * GST_MSECOND)
/* An interval between checks is 32 times as long, at the most. */
#define MAX_DOUBLINGS 5
/* A stay that is no shorter is long. */
#define LONG_STAY (300 * GST_SECOND)
/* Sessions that the server has taken, and that died before media was stable, make the
 * next one wait like this attempt of one outage. */
#define MAX_SHORT_LIVES 4

/* Whether refusals end the broadcast: before the first time on air they mean a wrong
 * setting. */
gboolean
gst_rcast_policy_gives_up (const GstRcastPolicy * policy)
{
  switch (policy->config.give_up) {
    case GST_RCAST_GIVE_UP_ON_REFUSAL:
      return !policy->was_on_air;
    case GST_RCAST_GIVE_UP_ALWAYS:
      return TRUE;
    case GST_RCAST_GIVE_UP_NEVER:
      return FALSE;
  }
  g_return_val_if_reached (TRUE);
}

/* The next server in turn that did not refuse and may be asked now, or else the one
 * that may be asked first. @next: not the present one, if there is another */
guint
gst_rcast_policy_choose_location (const GstRcastPolicy * policy, gboolean next,
    GstClockTime now)
{
  guint n = policy->config.n_locations;
  /* One that is not listed any more has no next one. */
  guint first = policy->location >= n ? 0 : policy->location + (next ? 1 : 0);
  gint best = -1;

  for (guint i = 0; i < n; i++) {
    guint index = (first + i) % n;
    const GstRcastServerRecord *server = &policy->servers[index];

    if (server->refused && gst_rcast_policy_gives_up (policy))
      continue;
    if (server->held_until <= now)
      return index;
    if (best < 0 || server->held_until < policy->servers[best].held_until)
      best = index;
  }
  return best >= 0 ? best : policy->location < n ? policy->location : 0;
}

/* One more new session */
void
gst_rcast_policy_note_session (GstRcastPolicy * policy)
{
  policy->rejoins++;
  if (policy->steps++ == 0)
    policy->short_lives++;
}

/* What it took to end an outage that is over is no reason to wait in the next one; that sessions do not last
 * is, within bounds.
 * Returns: how long to wait before the new session that was noted last */
GstClockTime
gst_rcast_policy_get_session_delay (const GstRcastPolicy * policy,
    guint32 random)
{
  return gst_rcast_backoff_delay (MAX (policy->steps,
          MIN (policy->short_lives, MAX_SHORT_LIVES)), policy->config.min_delay,
      policy->config.max_delay, GST_CLOCK_TIME_NONE, random);
}

/* What the server at @location asked for: it alone is held back by that. */
void
gst_rcast_policy_note_retry_after (GstRcastPolicy * policy, guint location,
    GstClockTime retry_after, GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (retry_after == 0)
    return;
  server->held_until = now + MIN (retry_after, policy->config.retry_after_max);
  server->no_check_before = now + retry_after;
}

/* What refuses once may be a stand-in for a server that starts again. Returns: how long it is left alone */
static GstClockTime
get_refusal_delay (const GstRcastPolicy * policy, guint refusals)
{
  GstClockTime delay = MAX (policy->config.min_delay, REFUSAL_STEP);

  for (guint i = 0; i < refusals && delay < policy->config.max_delay; i++)
    delay *= 2;
  return MIN (delay, policy->config.max_delay);
}

/* The server refused: it is asked again, at growing steps; the others in between. */
void
gst_rcast_policy_note_refusal (GstRcastPolicy * policy, guint location,
    GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  server->refused = TRUE;
  server->refusals++;
  /* What refuses today may be open next week, but is not asked all the time. */
  server->failbacks = MAX_DOUBLINGS;
  if (!gst_rcast_policy_gives_up (policy))
    server->held_until = now + get_refusal_delay (policy, server->refusals);
}

/* Reports that never change are of media that froze at once, or of nothing: what a new
 * session does not change is how the server is. */
void
gst_rcast_policy_note_static_reports (GstRcastPolicy * policy,
    const GstRcastEvent * event)
{
  GstRcastServerRecord *server = &policy->servers[policy->location];

  if (event->type != GST_RCAST_EVENT_MEDIA_FROZEN)
    return;
  server->static_reports = event->static_reports;
  if (!event->static_reports)
    server->static_retried = FALSE;
}

/* An offer failed. That the slot is taken counts since the server has said so without a break; a pause that it
 * asks for is no part of that time. */
void
gst_rcast_policy_note_slot (GstRcastPolicy * policy, guint location,
    const GstRcastEvent * event, GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (event->unreachable)
    return;
  if (!event->busy || !event->fatal) {
    server->busy_since = 0;
    return;
  }
  if (server->busy_since == 0
      || now > server->busy_until + GST_RCAST_POLICY_BUSY_TIME)
    server->busy_since = MAX (now, 1);
  server->busy_until = now + MIN (event->retry_after,
      policy->config.retry_after_max);
  server->busy_since += server->busy_until - now;
}

/* An offer failed: whether the server has answered what can never work. */
void
gst_rcast_policy_note_answer (GstRcastPolicy * policy, guint location,
    const GstRcastEvent * event)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (!event->unreachable)
    server->unusable = event->unusable ? server->unusable + 1 : 0;
}

/* An attempt there got no answer: it is worth a probe. */
void
gst_rcast_policy_note_unreached (GstRcastPolicy * policy, guint location,
    GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (server->unreached_since == 0)
    server->unreached_since = MAX (now, 1);
}

/* The server has answered an offer: what it said before does not count any more. */
void
gst_rcast_policy_note_welcome (GstRcastPolicy * policy, guint location)
{
  GstRcastServerRecord *server = &policy->servers[location];

  server->held_until = server->no_check_before = server->busy_since = 0;
  server->unreached_since = 0;
  server->unusable = 0;
}

/* Returns: between two checks of the server at @location, if it is the first one: rarer and rarer,
 * if it proves to be better from afar only */
GstClockTime
gst_rcast_policy_get_check_interval (const GstRcastPolicy * policy,
    guint location)
{
  return policy->config.failback_interval
      << MIN (policy->servers[location].failbacks, MAX_DOUBLINGS);
}

/* Media is sent to the server in use. */
void
gst_rcast_policy_begin_stay (GstRcastPolicy * policy, GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[policy->location];

  if (server->stays_since == 0)
    server->stays_since = MAX (now, 1);
}

/* The stay at the server in use lasts until @until at least. One as long as the interval that its checks have
 * come to shows that it is better from near, too: what returns to it came to before does not count
 * any more. Outages that end there are part of the stay. */
void
gst_rcast_policy_note_stay (GstRcastPolicy * policy, GstClockTime until)
{
  GstRcastServerRecord *server = &policy->servers[policy->location];
  GstClockTime least = MAX (LONG_STAY,
      gst_rcast_policy_get_check_interval (policy, policy->location));

  if (server->stays_since > 0 && until >= server->stays_since + least)
    server->failbacks = 0;
}

void
gst_rcast_policy_forget_refusals (GstRcastPolicy * policy)
{
  for (guint i = 0; i < policy->config.n_locations; i++) {
    policy->servers[i].refused = FALSE;
    policy->servers[i].refusals = 0;
  }
}

/* What second attempts came to */
void
gst_rcast_policy_forget_failures (GstRcastPolicy * policy)
{
  for (guint i = 0; i < GST_RCAST_POLICY_MAX_RECORDS; i++) {
    policy->servers[i].failures = 0;
    policy->servers[i].no_second_before = 0;
    policy->servers[i].unreached_since = 0;
    policy->servers[i].hastened = FALSE;
  }
}

static gboolean
is_failure_of_signalling (GstRcastEventType event)
{
  return event == GST_RCAST_EVENT_SIGNALLER_FAILED
      || event == GST_RCAST_EVENT_SIGNALLER_LOST
      || event == GST_RCAST_EVENT_RESUME_FAILED
      || event == GST_RCAST_EVENT_RESTART_FAILED;
}

static gboolean
is_word_of_server (const GstRcastEvent * event)
{
  return event->type == GST_RCAST_EVENT_NEGOTIATED
      || event->type == GST_RCAST_EVENT_SIGNALLER_RESUMED
      || event->type == GST_RCAST_EVENT_EVICTED
      || (is_failure_of_signalling (event->type) && !event->unreachable);
}

/* Whether the signalling shows that the server is reachable; @hastened: and a wait ends
 * because of that. */
void
gst_rcast_policy_note_presence (GstRcastPolicy * policy,
    const GstRcastEvent * event, gboolean hastened, GstClockTime now)
{
  gboolean unreached = event->type == GST_RCAST_EVENT_PROBE_UNANSWERED;
  gboolean speaks = is_word_of_server (event)
      || event->type == GST_RCAST_EVENT_START;

  if (unreached || speaks)
    policy->early_attempt = FALSE;
  if (event->type == GST_RCAST_EVENT_PROBE_ANSWERED && hastened)
    policy->early_attempt = TRUE;
  policy->heard |= speaks;
  if (speaks)
    policy->unreachable_since = GST_CLOCK_TIME_NONE;
  else if ((unreached || is_failure_of_signalling (event->type))
      && !GST_CLOCK_TIME_IS_VALID (policy->unreachable_since))
    policy->unreachable_since = now;
}

/* Returns: how long until the next probe of a server that has been away for @absence: up to twice as soon
 * as the interval, so that the clients of one server spread */
GstClockTime
gst_rcast_policy_get_probe_delay (const GstRcastPolicy * policy,
    GstClockTime absence, guint32 random)
{
  GstClockTime interval = policy->config.probe_interval;

  interval =
      CLAMP (absence / PROBE_SHARE, interval, MAX_PROBE_INTERVALS * interval);
  return interval / 2 + gst_util_uint64_scale (interval / 2, random,
      G_MAXUINT32);
}

static guint
find_former (const guint * former, guint n, guint index)
{
  for (guint i = 0; i < n; i++)
    if (former[i] == index)
      return i;
  return 0;
}

/**
 * gst_rcast_policy_relocate:
 * @policy: the policy
 * @former: for each server the index that it had, %G_MAXUINT: none
 * @n: how many servers there are; of those beyond %GST_RCAST_POLICY_MAX_RECORDS none
 *   is in use
 * @n_listed: how many of them, from the first one on, there are to choose from
 *
 * The list of servers is another one: what is remembered of each moves along.
 *
 * Returns: whether there is another first one now, or the one in use is not listed; FALSE if
 *   the one in use is the first one
 */
gboolean
gst_rcast_policy_relocate (GstRcastPolicy * policy, const guint * former,
    guint n, guint n_listed)
{
  GstRcastServerRecord servers[GST_RCAST_POLICY_MAX_RECORDS] = { {0} };

  n = MIN (n, GST_RCAST_POLICY_MAX_RECORDS);
  for (guint i = 0; i < n; i++)
    if (former[i] < GST_RCAST_POLICY_MAX_RECORDS)
      servers[i] = policy->servers[former[i]];
  memcpy (policy->servers, servers, sizeof servers);
  policy->location = find_former (former, n, policy->location);
  policy->second_location = find_former (former, n, policy->second_location);
  policy->config.n_locations =
      CLAMP (n_listed, 1, GST_RCAST_POLICY_MAX_LOCATIONS);
  return policy->location != 0
      && (former[0] != 0 || policy->location >= n_listed);
}
