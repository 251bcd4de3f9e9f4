/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Second attempts beside a main one that hesitates: when, where, and how long. */
#include "config.h"

#include "rcast-policy-hedge.h"

#include "rcast-backoff.h"
#include "rcast-policy-servers.h"

/* With a healthy server a step takes a few round trips: TCP, TLS, the offer and its answer, or
 * ICE and DTLS. A server that takes longer loses its turn, and gets twice the time the next
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

/* Returns: whether the main attempt waits for something that may never come */
gboolean
gst_rcast_policy_hesitates (const GstRcastPolicy * policy)
{
  switch (policy->state) {
    case GST_RCAST_STATE_SIGNALLING:
      /* While no peer is there to receive, the attempt does not wait for the server. */
      return policy->config.n_locations > 1
          && policy->wait != GST_RCAST_WAIT_NOBODY;
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

/* Whether the server in use may accept a second session. */
static gboolean
may_share (const GstRcastPolicy * policy)
{
  return !opens (policy) && !policy->servers[policy->location].alone
      && !GST_CLOCK_TIME_IS_VALID (policy->unreachable_since);
}

/* Whether another server is worth trying: the one in use does not answer, accepts no second
 * session, or a second session at it failed. */
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

/* Returns: when a second attempt at @server may begin: not before the time that the server asked
 * for, not before its backoff ends, and at the server in use not before the recovery time of the
 * session ends */
static GstClockTime
chance_of (const GstRcastPolicy * policy, const GstRcastTurn * turn,
    const GstRcastServerRecord * server)
{
  GstClockTime chance = MAX (server->held_until, server->no_second_before);
  GstClockTime since = gst_rcast_policy_off_since (policy);

  if (server == &policy->servers[policy->location] && !opens (policy)
      && GST_CLOCK_TIME_IS_VALID (since))
    chance = MAX (chance, since + turn->abilities->resume_time);
  return MAX (turn->now, chance);
}

/* Prefers the server that is ready first; of those ready now, the one tried longest ago. */
static gboolean
is_better (const GstRcastPolicy * policy, const GstRcastTurn * turn,
    const GstRcastServerRecord * a, const GstRcastServerRecord * b)
{
  GstClockTime of_a = chance_of (policy, turn, a);
  GstClockTime of_b = chance_of (policy, turn, b);

  return of_a != of_b ? of_a < of_b : a->tried_at < b->tried_at;
}

/**
 * gst_rcast_policy_find_chance:
 * @location: (out): index of the server
 *
 * Chooses the server of the next second attempt. Of equals, the servers behind the one in use
 * come first.
 *
 * Returns: when it may begin; %GST_CLOCK_TIME_NONE: no server is eligible at present
 */
GstClockTime
gst_rcast_policy_find_chance (const GstRcastPolicy * policy,
    const GstRcastTurn * turn, guint * location)
{
  guint n = policy->config.n_locations;
  /* A server that is no longer listed has no successor. */
  guint first = policy->location >= n ? 0 : policy->location + 1;
  const GstRcastServerRecord *best = NULL;

  for (guint i = 0; i <= n; i++) {
    guint index = i < n ? (first + i) % n : policy->location;
    const GstRcastServerRecord *server = &policy->servers[index];

    if (is_eligible (policy, turn, index)
        && (!best || is_better (policy, turn, server, best)))
      best = server;
  }
  if (!best)
    return GST_CLOCK_TIME_NONE;
  *location = best - policy->servers;
  return chance_of (policy, turn, best);
}

static guint
doublings_of (const GstRcastPolicy * policy)
{
  return MIN (policy->servers[policy->second_location].failures, MAX_DOUBLINGS);
}

/* Returns: how long a step may take while another server is ready */
GstClockTime
gst_rcast_policy_get_first_patience (const GstRcastPolicy * policy)
{
  return MAX (PATIENCE, 2 * policy->config.hedge_delay);
}

/* Returns: how long the step that begins may take. A return or a move, which the application wants
 * and during which media flows, may take longest. */
GstClockTime
gst_rcast_policy_get_patience (const GstRcastPolicy * policy)
{
  const GstRcastPolicyConfig *config = &policy->config;
  GstClockTime limit = policy->second == GST_RCAST_SECOND_CONNECTING ?
      config->connect_timeout : config->signalling_timeout;
  GstClockTime patience = gst_rcast_policy_get_first_patience (policy);

  return policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE ?
      MIN (limit, patience << doublings_of (policy)) : limit;
}

/* Puts the server behind the others, and delays its next attempt at growing steps. */
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
  else
    gst_rcast_policy_note_unreached (policy, policy->second_location,
        turn->now);
}

/* The second attempt failed: its server refused, asked for a pause, or did not answer. */
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
  /* Returns to the first server become rarer. */
  if (policy->second_kind == GST_RCAST_SECOND_KIND_FAILBACK) {
    policy->checks_passed = 0;
    policy->servers[location].failbacks++;
  }
}

/* Whether the second attempt awaits an answer of this server. */
static gboolean
is_asked (const GstRcastPolicy * policy, guint location)
{
  return location == policy->second_location
      && policy->second >= GST_RCAST_SECOND_SIGNALLING;
}

/* Whether a probe of the server is useful: the second attempt awaits its answer, or an attempt did
 * not reach it and another could be made. */
static gboolean
wants_probe (const GstRcastPolicy * policy, const GstRcastTurn * turn,
    guint location)
{
  const GstRcastServerRecord *server = &policy->servers[location];

  if (server->probed)
    return FALSE;
  if (is_asked (policy, location))
    return policy->second < GST_RCAST_SECOND_CONNECTING;
  return policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE
      && policy->second != GST_RCAST_SECOND_NONE
      && server->unreached_since > 0 && is_eligible (policy, turn, location);
}

/* Returns: index of the next server to probe beside the main attempt; %G_MAXUINT: none */
guint
gst_rcast_policy_find_probe (const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  guint n = MAX (policy->config.n_locations, policy->second_location + 1);

  for (guint i = 1; i <= n; i++) {
    guint location = (policy->second_probe + i) % n;

    if (wants_probe (policy, turn, location))
      return location;
  }
  return G_MAXUINT;
}

/* Returns: when the next probe beside the main attempt is due; %GST_CLOCK_TIME_NONE: none */
GstClockTime
gst_rcast_policy_get_second_probe (const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  guint location = gst_rcast_policy_find_probe (policy, turn);
  GstClockTime since;

  if (policy->config.probe_interval == 0 || location == G_MAXUINT)
    return GST_CLOCK_TIME_NONE;
  since = policy->servers[location].unreached_since;
  return turn->now + gst_rcast_policy_get_probe_delay (policy,
      since > 0 ? turn->now - since : 0, turn->random);
}
