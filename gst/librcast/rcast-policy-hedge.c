/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beside a main attempt that hesitates: when and where the next second one begins, and how long it has. */
#include "config.h"

#include "rcast-policy-hedge.h"

#include "rcast-backoff.h"
#include "rcast-policy-servers.h"

/* A step takes a few round trips of a server that is well: TCP, TLS, the offer and its answer, or
 * ICE and DTLS. One that takes longer gives its turn away, and has twice as long the next
 * time. */
#define PATIENCE (2 * GST_SECOND)
#define MAX_DOUBLINGS 2

/* Whether the main attempt has no session yet. */
static gboolean
opens (const GstRcastPolicy * policy)
{
  return policy->state == GST_RCAST_STATE_SIGNALLING
      || policy->state == GST_RCAST_STATE_NEGOTIATING
      || policy->state == GST_RCAST_STATE_CONNECTING
      || policy->state == GST_RCAST_STATE_BACKOFF;
}

/* Returns: whether the step waits for something that may never come */
gboolean
gst_rcast_policy_hesitates (const GstRcastPolicy * policy)
{
  switch (policy->state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_BACKOFF:
      return policy->config.n_locations > 1;
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_REATTACHING:
      return TRUE;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_UPDATING:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_RESUMING:
    case GST_RCAST_STATE_CLOSING:
    case GST_RCAST_STATE_FAILED:
      return FALSE;
  }
  g_return_val_if_reached (FALSE);
}

/* Returns: whether this side can have a second session at @location */
gboolean
gst_rcast_policy_is_possible (const GstRcastTurn * turn, guint location)
{
  return location < 32 && (turn->abilities->can_second & (1u << location));
}

/* Whether the server in use may take a second session. */
static gboolean
may_share (const GstRcastPolicy * policy)
{
  return !opens (policy) && !policy->servers[policy->location].alone
      && !GST_CLOCK_TIME_IS_VALID (policy->unreachable_since);
}

/* Whether another one is worth trying: the one in use does not answer, takes no second session, or
 * had one that came to nothing. */
static gboolean
may_leave (const GstRcastPolicy * policy)
{
  const GstRcastServerRecord *here = &policy->servers[policy->location];

  return opens (policy) || !policy->heard || here->alone || here->failures > 0;
}

static gboolean
is_eligible (const GstRcastPolicy * policy, const GstRcastTurn * turn,
    guint location)
{
  if (!gst_rcast_policy_is_possible (turn, location)
      || (policy->servers[location].refused && gst_rcast_policy_gives_up (policy)))
    return FALSE;
  return location == policy->location ? may_share (policy) :
      may_leave (policy);
}

/* Neither before the time that it asked for, nor before its own step is over. */
static GstClockTime
chance_of (const GstRcastServerRecord * server)
{
  return MAX (server->held_until, server->no_second_before);
}

/* Whoever is ready first; of those that are ready now, the one whose turn is longest ago. */
static gboolean
is_better (const GstRcastServerRecord * a, const GstRcastServerRecord * b,
    GstClockTime now)
{
  GstClockTime of_a = MAX (now, chance_of (a)), of_b = MAX (now, chance_of (b));

  return of_a != of_b ? of_a < of_b : a->tried_at < b->tried_at;
}

/**
 * gst_rcast_policy_find_chance:
 * @location: (out): where
 *
 * Where the next second attempt may go; of equals, the servers behind the one in use come
 * first.
 *
 * Returns: when it may begin; %GST_CLOCK_TIME_NONE: there is no such place, as things are
 */
GstClockTime
gst_rcast_policy_find_chance (const GstRcastPolicy * policy,
    const GstRcastTurn * turn, guint * location)
{
  guint n = policy->config.n_locations;
  /* One that is not listed any more has no next one. */
  guint first = policy->location >= n ? 0 : policy->location + 1;
  const GstRcastServerRecord *best = NULL;

  for (guint i = 0; i <= n; i++) {
    guint index = i < n ? (first + i) % n : policy->location;
    const GstRcastServerRecord *server = &policy->servers[index];

    if (is_eligible (policy, turn, index)
        && (!best || is_better (server, best, turn->now)))
      best = server;
  }
  if (!best)
    return GST_CLOCK_TIME_NONE;
  *location = best - policy->servers;
  return MAX (turn->now, chance_of (best));
}

/* Returns: the next server in turn that a second attempt did not reach and may ask again; that of the present
 * one if there is no other */
guint
gst_rcast_policy_find_unreached (const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  guint n = policy->config.n_locations;

  for (guint i = 1; i < n; i++) {
    guint index = (policy->second_location + i) % n;

    if (policy->servers[index].unreached_since > 0
        && is_eligible (policy, turn, index))
      return index;
  }
  return policy->second_location;
}

static guint
doublings_of (const GstRcastPolicy * policy)
{
  return MIN (policy->servers[policy->second_location].failures, MAX_DOUBLINGS);
}

/* Returns: how long the step that begins may take. What somebody asked for, beside media that flows, is waited for
 * longest. */
GstClockTime
gst_rcast_policy_get_patience (const GstRcastPolicy * policy)
{
  const GstRcastPolicyConfig *config = &policy->config;
  GstClockTime limit = policy->second == GST_RCAST_SECOND_CONNECTING ?
      config->connect_timeout : config->signalling_timeout;
  GstClockTime patience = MAX (PATIENCE, 2 * config->hedge_delay);

  return policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE ?
      MIN (limit, patience << doublings_of (policy)) : limit;
}

/* It is tried again, after the others, at growing steps. */
static void
note_hedge (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  GstRcastServerRecord *server = &policy->servers[policy->second_location];

  server->failures++;
  server->tried_at = turn->now;
  server->no_second_before = turn->now
      + gst_rcast_backoff_delay (server->failures + 1, policy->config.min_delay,
      policy->config.max_delay, GST_CLOCK_TIME_NONE, turn->random);
  if (!turn->event->unreachable && !(turn->event->type == GST_RCAST_EVENT_TICK
          && policy->second < GST_RCAST_SECOND_CONNECTING))
    server->unreached_since = 0;
  else if (server->unreached_since == 0)
    server->unreached_since = MAX (turn->now, 1);
}

/* The server of the second attempt said no, when to come again, or nothing. */
void
gst_rcast_policy_note_second_failure (GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  const GstRcastEvent *event = turn->event;
  guint location = policy->second_location;

  if (location == policy->location)
    policy->servers[location].alone |= event->fatal || event->busy;
  else if (event->fatal && !event->busy)
    gst_rcast_policy_note_refusal (policy, location, turn->now);
  gst_rcast_policy_note_retry_after (policy, location, event->retry_after,
      turn->now);
  if (policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE)
    note_hedge (policy, turn);
  /* Rarer and rarer. */
  if (policy->second_kind == GST_RCAST_SECOND_KIND_FAILBACK) {
    policy->checks_passed = 0;
    policy->failbacks++;
  }
}

/* Whether the second attempt is one at a server that could not be reached, or is awaiting its
 * answer. */
static gboolean
may_probe (const GstRcastPolicy * policy)
{
  const GstRcastServerRecord *server =
      &policy->servers[policy->second_location];

  if (policy->second == GST_RCAST_SECOND_WAITING)
    return policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE
        && server->unreached_since > 0;
  return policy->second == GST_RCAST_SECOND_SIGNALLING
      || policy->second == GST_RCAST_SECOND_NEGOTIATING;
}

/* Returns: when its server is to be probed next; %GST_CLOCK_TIME_NONE: never */
GstClockTime
gst_rcast_policy_get_second_probe (const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  GstClockTime since =
      policy->servers[policy->second_location].unreached_since;

  if (policy->config.probe_interval == 0 || !may_probe (policy))
    return GST_CLOCK_TIME_NONE;
  return turn->now + gst_rcast_policy_get_probe_delay (policy,
      since > 0 ? turn->now - since : 0, turn->random);
}
