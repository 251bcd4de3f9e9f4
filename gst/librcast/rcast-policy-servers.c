/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the policy knows of the servers: which one is next, and their records in a new list. */
#include "config.h"

#include "rcast-policy-servers.h"

#include "rcast-backoff.h"

/* A server that has been away for many minutes is probed less often: a probe notices its
 * return within 1 / 640 of its absence, and within so many intervals at the latest. */
#define PROBE_SHARE 640
#define MAX_PROBE_INTERVALS 8
/* After a refusal the server is left alone for at least twice this, and longer each time. */
#define REFUSAL_STEP (500 * GST_MSECOND)
/* An interval between checks grows to at most 32 times its length. */
#define MAX_DOUBLINGS 5
/* Shortest stay at a server that counts as long. */
#define LONG_STAY (300 * GST_SECOND)
/* Sessions that the server accepted and that died before media was stable delay the next
 * session. The delay is at most that of this attempt of one outage. */
#define MAX_SHORT_LIVES 4

/* Whether refusals end the broadcast. Before the first time on air a refusal means a wrong
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

/* Returns: the next server in turn that did not refuse and may be asked now, or else the one
 * that may be asked soonest. @next: skip the present one if there is another */
guint
gst_rcast_policy_choose_location (const GstRcastPolicy * policy, gboolean next,
    GstClockTime now)
{
  guint n = policy->config.n_locations;
  /* A server that is no longer listed has no successor. */
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

/* Counts one more new session. */
void
gst_rcast_policy_note_session (GstRcastPolicy * policy)
{
  policy->rejoins++;
  if (policy->steps++ == 0)
    policy->short_lives++;
}

/* The attempts of an outage that is over do not delay the next one. Sessions that do not last
 * do, within bounds.
 * Returns: how long to wait before the new session that was noted last */
GstClockTime
gst_rcast_policy_get_session_delay (const GstRcastPolicy * policy,
    guint32 random)
{
  return gst_rcast_backoff_delay (MAX (policy->steps,
          MIN (policy->short_lives, MAX_SHORT_LIVES)), policy->config.min_delay,
      policy->config.max_delay, GST_CLOCK_TIME_NONE, random);
}

/* The server at @location asked for a pause. It delays this server only. */
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

/* A single refusal may come from a stand-in while the server restarts.
 * Returns: how long to leave the server alone */
static GstClockTime
get_refusal_delay (const GstRcastPolicy * policy, guint refusals)
{
  GstClockTime delay = MAX (policy->config.min_delay, REFUSAL_STEP);

  for (guint i = 0; i < refusals && delay < policy->config.max_delay; i++)
    delay *= 2;
  return MIN (delay, policy->config.max_delay);
}

/* The server refused. It is asked again, at growing steps; the others in between. */
void
gst_rcast_policy_note_refusal (GstRcastPolicy * policy, guint location,
    GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  server->refused = TRUE;
  server->refusals++;
  /* A server that refuses today may accept next week, but is checked rarely. */
  server->failbacks = MAX_DOUBLINGS;
  if (!gst_rcast_policy_gives_up (policy))
    server->held_until = now + get_refusal_delay (policy, server->refusals);
}

/* Reports that never change are about media that froze at once, or about nothing. If a new
 * session does not change that, this server always reports so. */
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

/* An offer failed. Measures how long the server has said without a break that its slot is taken,
 * without the pauses that it asked for. */
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

/* An offer failed. Counts answers of the server that can never work. */
void
gst_rcast_policy_note_answer (GstRcastPolicy * policy, guint location,
    const GstRcastEvent * event)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (!event->unreachable)
    server->unusable = event->unusable ? server->unusable + 1 : 0;
}

/* An attempt at the server got no answer: a probe is worthwhile. */
void
gst_rcast_policy_note_unreached (GstRcastPolicy * policy, guint location,
    GstClockTime now)
{
  GstRcastServerRecord *server = &policy->servers[location];

  if (server->unreached_since == 0)
    server->unreached_since = MAX (now, 1);
}

/* The server has answered an offer: what it said before no longer counts. */
void
gst_rcast_policy_note_welcome (GstRcastPolicy * policy, guint location)
{
  GstRcastServerRecord *server = &policy->servers[location];

  server->held_until = server->no_check_before = server->busy_since = 0;
  server->unreached_since = 0;
  server->unusable = 0;
}

/* Returns: the interval between two checks of the server at @location, if it is the first one.
 * It grows while checks pass but the stays at the server are short */
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

/* The stay at the server in use lasts at least until @until. A stay as long as the present interval
 * between checks shows that the server is good, so that earlier short stays no longer count.
 * Outages that end at this server are part of the stay. */
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

/* Forgets the results of second attempts. */
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

/* Notes whether the signalling shows that the server is reachable; @hastened: this ends a
 * wait. */
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

/* Returns: how long until the next probe of a server that has been away for @absence: half to all
 * of the interval, at random, so that the clients of one server spread */
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
 * @former: the former index of each server, %G_MAXUINT: none
 * @n: number of servers; those beyond %GST_RCAST_POLICY_MAX_RECORDS are not in use
 * @n_listed: how many of them, from the first one on, there are to choose from
 *
 * Moves the record of each server to its index in a new list.
 *
 * Returns: whether the server in use is not the first one, and either the first one has changed or
 *   the one in use is not listed
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
