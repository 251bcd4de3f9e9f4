/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes the steps of a broadcast according to the table. */
#include "config.h"

#include "rcast-policy.h"

#include "rcast-backoff.h"
#include "rcast-policy-choice.h"
#include "rcast-policy-deadlines.h"
#include "rcast-policy-second.h"
#include "rcast-policy-servers.h"

/* When the policy probes the server in a state. */
typedef enum
{
  PROBE_NEVER,
  PROBE_IF_UNREACHABLE,         /* the state only waits for the server to come back */
  PROBE_ALWAYS,                 /* the state awaits an answer of the server */
} Probing;

/* Properties of a state. */
typedef struct
{
  GstRcastStatus status;        /* before the first trouble, or while media flows */
  GstRcastStatus recovering;    /* after an attempt */
  GstRcastPlane plane;          /* plane that its timeout blames */
  Probing probing;
  gboolean judged;              /* its timeout is a verdict: something did not come in time */
  gboolean on_air;
  gboolean keeps_status;        /* the status stays that of the previous state */
} StateProperties;

/* *INDENT-OFF* */
#define T(status) GST_RCAST_STATUS_ ## status
#define P(plane) GST_RCAST_PLANE_ ## plane
static const StateProperties states[] = {
  /*                            status          recovering               plane         probing               judged on air keeps */
  [GST_RCAST_STATE_IDLE] =
      {T (DISCONNECTED), T (DISCONNECTED), P (NONE), PROBE_NEVER, FALSE, FALSE, FALSE},
  [GST_RCAST_STATE_PREPARING] =
      {T (DISCONNECTED), T (RECONNECTING_BROADCAST), P (NONE), PROBE_NEVER, FALSE, FALSE, FALSE},
  [GST_RCAST_STATE_SIGNALLING] =
      {T (SIGNALLING), T (RECONNECTING_BROADCAST), P (SIGNALLING), PROBE_ALWAYS, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_NEGOTIATING] =
      {T (SIGNALLING), T (RECONNECTING_BROADCAST), P (SIGNALLING), PROBE_ALWAYS, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_CONNECTING] =
      {T (SIGNALLING), T (RECONNECTING_BROADCAST), P (MEDIA), PROBE_NEVER, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_CONNECTED] =
      {T (CONNECTED), T (RECONNECTING_BROADCAST), P (MEDIA), PROBE_NEVER, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_LIVE] =
      {T (BROADCASTING), T (BROADCASTING), P (NONE), PROBE_NEVER, FALSE, TRUE, FALSE},
  [GST_RCAST_STATE_UPDATING] =
      {T (BROADCASTING), T (BROADCASTING), P (MEDIA), PROBE_ALWAYS, TRUE, TRUE, TRUE},
  [GST_RCAST_STATE_DISRUPTED] =
      {T (BROADCASTING), T (BROADCASTING), P (MEDIA), PROBE_NEVER, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_RESTARTING] =
      {T (RECONNECTING_BROADCAST), T (RECONNECTING_BROADCAST), P (MEDIA), PROBE_ALWAYS, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_RENEGOTIATING] =
      {T (RECONNECTING_BROADCAST), T (RECONNECTING_BROADCAST), P (MEDIA), PROBE_ALWAYS, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_DETACHED] =
      {T (BROADCASTING), T (BROADCASTING), P (NONE), PROBE_IF_UNREACHABLE, FALSE, TRUE, FALSE},
  [GST_RCAST_STATE_RESUMING] =
      {T (BROADCASTING), T (BROADCASTING), P (SIGNALLING), PROBE_ALWAYS, TRUE, TRUE, FALSE},
  [GST_RCAST_STATE_HOLDING] =
      {T (RECONNECTING_BROADCAST), T (RECONNECTING_BROADCAST), P (BOTH), PROBE_IF_UNREACHABLE, FALSE, FALSE, FALSE},
  [GST_RCAST_STATE_REATTACHING] =
      {T (RECONNECTING_BROADCAST), T (RECONNECTING_BROADCAST), P (BOTH), PROBE_ALWAYS, TRUE, FALSE, FALSE},
  [GST_RCAST_STATE_BACKOFF] =
      {T (RECONNECTING_BROADCAST), T (RECONNECTING_BROADCAST), P (NONE), PROBE_IF_UNREACHABLE, FALSE, FALSE, FALSE},
  [GST_RCAST_STATE_CLOSING] =
      {T (DISCONNECTED), T (DISCONNECTED), P (NONE), PROBE_NEVER, FALSE, FALSE, TRUE},
  [GST_RCAST_STATE_FAILED] =
      {T (DISCONNECTED), T (DISCONNECTED), P (NONE), PROBE_NEVER, FALSE, FALSE, FALSE},
};

/* The plane of an event, and the reason that the event implies, whoever raises it. */
static const struct
{
  GstRcastPlane plane;
  GstRcastReason reason;
} events[] = {
  [GST_RCAST_EVENT_START] = {P (NONE), 0},
  [GST_RCAST_EVENT_STOP] = {P (NONE), GST_RCAST_REASON_USER},
  [GST_RCAST_EVENT_EOS] = {P (NONE), 0},
  [GST_RCAST_EVENT_TICK] = {P (NONE), 0},
  [GST_RCAST_EVENT_STREAMS_READY] = {P (NONE), 0},
  [GST_RCAST_EVENT_STREAMS_PENDING] = {P (NONE), 0},
  [GST_RCAST_EVENT_STREAMS_CHANGED] = {P (NONE), 0},
  [GST_RCAST_EVENT_SIGNALLER_OPEN] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_SIGNALLER_FAILED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_SIGNALLER_LOST] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_SIGNALLER_RESUMED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_RESUME_FAILED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_SIGNALLER_CLOSED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_EVICTED] = {P (SIGNALLING), GST_RCAST_REASON_EVICTED},
  [GST_RCAST_EVENT_SERVER_HANGUP] = {P (MEDIA), GST_RCAST_REASON_SERVER_CLOSED},
  [GST_RCAST_EVENT_SERVER_WAITING] = {P (NONE), 0},
  [GST_RCAST_EVENT_SERVER_RECONNECTING] = {P (MEDIA), GST_RCAST_REASON_SERVER_CLOSED},
  [GST_RCAST_EVENT_SERVER_RECONNECTED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_NEGOTIATED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_MEDIA_CONNECTED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_MEDIA_DISCONNECTED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_MEDIA_CONFIRMED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_MEDIA_SUSPECT] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_MEDIA_FROZEN] = {P (MEDIA), GST_RCAST_REASON_MEDIA_FROZEN},
  [GST_RCAST_EVENT_MEDIA_FAILED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_PEER_FAILED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_DRAINED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_RESTART] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_RESTART_FAILED] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_RESTART_HOPELESS] = {P (MEDIA), 0},
  [GST_RCAST_EVENT_PATH_SWITCHED] = {P (MEDIA), GST_RCAST_REASON_NETWORK_CHANGED},
  [GST_RCAST_EVENT_NETWORK_UP] = {P (NONE), GST_RCAST_REASON_NETWORK_CHANGED},
  [GST_RCAST_EVENT_CHECK_PASSED] = {P (NONE), 0},
  [GST_RCAST_EVENT_CHECK_FAILED] = {P (NONE), 0},
  [GST_RCAST_EVENT_PROBE_DUE] = {P (NONE), 0},
  [GST_RCAST_EVENT_PROBE_ANSWERED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_PROBE_UNANSWERED] = {P (SIGNALLING), 0},
  [GST_RCAST_EVENT_PROBE_USELESS] = {P (NONE), 0},
  [GST_RCAST_EVENT_LOCATIONS_CHANGED] = {P (NONE), GST_RCAST_REASON_USER},
  [GST_RCAST_EVENT_RECONNECT_NOW] = {P (NONE), 0},
};
#undef T
#undef P
/* *INDENT-ON* */

static GstRcastServerRecord *
here (GstRcastPolicy * policy)
{
  return &policy->servers[policy->location];
}

static GstRcastStatus
status_of (const GstRcastPolicy * policy)
{
  const StateProperties *state = &states[policy->state];
  GstRcastStatus status =
      policy->attempt > 0 ? state->recovering : state->status;

  if (state->keeps_status)
    return policy->status;
  if (status == GST_RCAST_STATUS_BROADCASTING && policy->onward_lost)
    return GST_RCAST_STATUS_RECONNECTING;
  return status;
}

static void
set_config (GstRcastPolicy * policy, const GstRcastPolicyConfig * config)
{
  policy->config = *config;
  policy->config.n_locations =
      CLAMP (config->n_locations, 1, GST_RCAST_POLICY_MAX_LOCATIONS);
}

void
gst_rcast_policy_init (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  *policy = (GstRcastPolicy) {
    .state = GST_RCAST_STATE_IDLE,
    .status = GST_RCAST_STATUS_DISCONNECTED,
    .deadline = GST_CLOCK_TIME_NONE,
    .probe_at = GST_CLOCK_TIME_NONE,
    .unreachable_since = GST_CLOCK_TIME_NONE,
    .down_since = GST_CLOCK_TIME_NONE,
    .trouble_since = GST_CLOCK_TIME_NONE,
    .second_deadline = GST_CLOCK_TIME_NONE,
    .second_probe_at = GST_CLOCK_TIME_NONE,
  };
  set_config (policy, config);
}

/* Applies other settings and returns to the first server. Only between two broadcasts:
 * while one is under way, the call does nothing. */
void
gst_rcast_policy_configure (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  if (policy->state != GST_RCAST_STATE_IDLE)
    return;
  set_config (policy, config);
  policy->location = 0;
  policy->checks_passed = 0;
}

/* The reason of @move, or else of the event. */
static GstRcastReason
own_reason (const GstRcastMove * move, const GstRcastTurn * turn)
{
  if (move->reason != GST_RCAST_REASON_NONE)
    return move->reason;
  if (events[turn->event->type].reason != GST_RCAST_REASON_NONE)
    return events[turn->event->type].reason;
  return turn->event->reason;
}

/* The reason that is posted to the application. */
static GstRcastReason
reason_of (const GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn)
{
  GstRcastReason reason = own_reason (move, turn);

  if (reason != GST_RCAST_REASON_NONE
      || (move->effects & (GST_RCAST_EFFECT_ON_AIR | GST_RCAST_EFFECT_NO_OUTAGE
              | GST_RCAST_EFFECT_FORGET)))
    return reason;
  return policy->trouble;
}

/* An outage begins with the first sign of trouble. An end that the application wants is no
 * outage, nor is a connection that takes over. */
static void
mark_down (GstRcastPolicy * policy, const GstRcastMove * move,
    GstRcastState next, const GstRcastTurn * turn)
{
  if (!states[policy->state].on_air || states[next].on_air
      || next == GST_RCAST_STATE_CLOSING || next == GST_RCAST_STATE_IDLE
      || (move->actions & GST_RCAST_ACTION_OPEN_GATES)
      || ((move->actions & GST_RCAST_ACTION_PROMOTE)
          && next == GST_RCAST_STATE_CONNECTED))
    return;
  policy->heard = FALSE;
  policy->down_since = turn->now - MIN (turn->now, turn->event->lag);
  policy->trouble = own_reason (move, turn);
}

/* Chooses the server of a new session: the same one once more, if it answers, then the
 * others in turn. A mere change of streams is no reason to leave a server.
 * Returns: how long to wait before the new session */
static GstClockTime
next_session (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  guint before = policy->location;
  gboolean refusal = gst_rcast_policy_is_refusal (policy, turn);
  gboolean moves = (policy->rejoins > 0
      && policy->trouble != GST_RCAST_REASON_STREAMS_CHANGED) || refusal
      || gst_rcast_policy_is_better_elsewhere (policy, turn);
  GstClockTime delay;

  gst_rcast_policy_note_last_word (policy, turn);
  policy->location = gst_rcast_policy_choose_location (policy, moves, turn->now);
  gst_rcast_policy_note_session (policy);
  policy->strategy = policy->location == before ?
      GST_RCAST_STRATEGY_REJOIN : GST_RCAST_STRATEGY_FAILOVER;
  delay = gst_rcast_policy_get_session_delay (policy, turn->random);
  policy->held_back = here (policy)->held_until > turn->now;
  if (policy->held_back)
    return MAX (delay, here (policy)->held_until - turn->now);
  /* What the previous server asked for does not delay another one. */
  return policy->location != before && turn->event->retry_after > 0 ?
      0 : delay;
}

static GstClockTime
backoff (GstRcastPolicy * policy, guint attempt, const GstRcastTurn * turn)
{
  GstClockTime asked =
      MIN (turn->event->retry_after, policy->config.retry_after_max);

  policy->held_back = asked > 0;
  return gst_rcast_backoff_delay (attempt, policy->config.min_delay,
      policy->config.max_delay, policy->held_back ? asked :
      GST_CLOCK_TIME_NONE, turn->random);
}

static void
forget_outage (GstRcastPolicy * policy)
{
  policy->trouble = GST_RCAST_REASON_NONE;
  policy->down_since = policy->trouble_since = GST_CLOCK_TIME_NONE;
}

static void
forget (GstRcastPolicy * policy)
{
  policy->attempt = 0;
  policy->rejoins = policy->steps = policy->short_lives = 0;
  policy->restarts = 0;
  policy->renegotiations = 0;
  policy->holds = 0;
  policy->resumes = 0;
  gst_rcast_policy_forget_refusals (policy);
  gst_rcast_policy_forget_failures (policy);
  policy->strategy = GST_RCAST_STRATEGY_NONE;
  forget_outage (policy);
}

static void
return_to_first (GstRcastPolicy * policy)
{
  /* Should the first server fail, go to the next one at once. */
  policy->rejoins++;
  policy->servers[0].failbacks++;
}

/* Goes to the first server of the list, which is another one now. */
static void
go_to_first (GstRcastPolicy * policy, guint effects)
{
  policy->location = 0;
  policy->checks_passed = 0;
  if (effects & GST_RCAST_EFFECT_ATTEMPT)
    policy->strategy = GST_RCAST_STRATEGY_FAILOVER;
}

static void
end_restart (GstRcastPolicy * policy)
{
  policy->restarting = policy->restart_hopeless = FALSE;
}

/* A candidate pair that is connected again confirms no media that was unconfirmed before. */
static void
go_on_air (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  policy->down_since = GST_CLOCK_TIME_NONE;
  gst_rcast_policy_forget_refusals (policy);
  end_restart (policy);
  policy->holds = 0;
  policy->trouble = GST_RCAST_REASON_NONE;
  if (turn->event->type == GST_RCAST_EVENT_MEDIA_CONNECTED)
    return;
  policy->confirmed = policy->was_on_air = TRUE;
  policy->steps = 0;
  here (policy)->reports = TRUE;
  here (policy)->silent_retried = FALSE;
}

/* An attempt begins. A connection that was never confirmed has no outage, but trouble. */
static void
mark_trouble (GstRcastPolicy * policy, GstClockTime now)
{
  if (policy->attempt == 0 || GST_CLOCK_TIME_IS_VALID (policy->trouble_since))
    return;
  if (GST_CLOCK_TIME_IS_VALID (policy->down_since))
    policy->trouble_since = policy->down_since;
  else if (policy->state == GST_RCAST_STATE_CONNECTED)
    policy->trouble_since = now;
}

/* Counts a renegotiation and delays the next one in the same session. */
static void
count_renegotiation (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  policy->renegotiations++;
  policy->renegotiate_at = turn->now
      + gst_rcast_backoff_delay (policy->renegotiations + 1,
      policy->config.min_delay, policy->config.max_delay, GST_CLOCK_TIME_NONE,
      turn->random);
  policy->strategy = GST_RCAST_STRATEGY_RENEGOTIATE;
}

static void
count_attempt (GstRcastPolicy * policy, guint effects,
    const GstRcastTurn * turn)
{
  gint limit = policy->config.max_retries;
  gboolean repeats = (effects & GST_RCAST_EFFECT_BY_RENEGOTIATE)
      && policy->renegotiations > 0;

  /* A move that the application wants is made even if no attempt is left. */
  if ((effects & GST_RCAST_EFFECT_ATTEMPT) && !repeats
      && (limit < 0 || policy->attempt < (guint) limit))
    policy->attempt++;
  if (effects & GST_RCAST_EFFECT_ATTEMPT)
    mark_trouble (policy, turn->now);
  if (effects & GST_RCAST_EFFECT_BY_RESTART) {
    policy->restarts++;
    policy->strategy = GST_RCAST_STRATEGY_ICE_RESTART;
  }
  if (effects & GST_RCAST_EFFECT_BY_RENEGOTIATE)
    count_renegotiation (policy, turn);
  if ((effects & GST_RCAST_EFFECT_NOT_COUNTED) && policy->renegotiations > 0)
    policy->renegotiations--;
  if (effects & GST_RCAST_EFFECT_BY_FAILBACK)
    return_to_first (policy);
  if (effects & GST_RCAST_EFFECT_FIRST)
    go_to_first (policy, effects);
}

/* While the signalling is lost, only getting it back can help.
 * Returns: how long to wait before the next attempt */
static GstClockTime
hold (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  policy->holds++;
  policy->strategy = policy->signalling_lost ? GST_RCAST_STRATEGY_NONE :
      GST_RCAST_STRATEGY_ICE_RESTART;
  return backoff (policy, policy->holds + 1, turn);
}

/* Updates the counters for @move.
 * Returns: how long to wait before the next step */
static GstClockTime
count (GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn)
{
  guint effects = move->effects;
  GstClockTime delay = 0;

  if (effects & GST_RCAST_EFFECT_TROUBLE)
    policy->trouble = own_reason (move, turn);
  count_attempt (policy, effects, turn);
  if (effects & GST_RCAST_EFFECT_BY_SESSION)
    delay = next_session (policy, turn);
  if (effects & GST_RCAST_EFFECT_PAUSE)
    delay = policy->renegotiate_at - turn->now;
  if (effects & GST_RCAST_EFFECT_HOLD)
    delay = hold (policy, turn);
  if (effects & GST_RCAST_EFFECT_RESUME)
    delay = backoff (policy, ++policy->resumes, turn);
  if (effects & GST_RCAST_EFFECT_RESUMED)
    policy->resumes++;
  if (effects & GST_RCAST_EFFECT_ON_AIR)
    go_on_air (policy, turn);
  if (effects & GST_RCAST_EFFECT_NO_OUTAGE)
    forget_outage (policy);
  if (effects & GST_RCAST_EFFECT_FORGET)
    forget (policy);
  return delay;
}

/* Notes what the event says, whatever the state makes of it. */
static void
note_facts (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  GstRcastEventType event = turn->event->type;

  policy->outdated = turn->abilities->outdated;
  if (event == GST_RCAST_EVENT_STREAMS_READY
      || event == GST_RCAST_EVENT_STREAMS_PENDING)
    policy->streams_ready = event == GST_RCAST_EVENT_STREAMS_READY;
  if (event == GST_RCAST_EVENT_STREAMS_CHANGED) {
    policy->streams_changed = TRUE;
    policy->update_needed |= !turn->event->fewer;
  }
  /* The streams match the offer again, but did not when the answer came. */
  if (event == GST_RCAST_EVENT_STREAMS_READY && policy->outdated)
    policy->streams_changed = policy->update_needed = TRUE;
  if (event == GST_RCAST_EVENT_SIGNALLER_RESUMED)
    policy->signalling_lost = policy->resuming = FALSE;
  if (event == GST_RCAST_EVENT_SERVER_RECONNECTING
      || event == GST_RCAST_EVENT_SERVER_RECONNECTED)
    policy->onward_lost = event == GST_RCAST_EVENT_SERVER_RECONNECTING;
  if (event == GST_RCAST_EVENT_NETWORK_UP
      || event == GST_RCAST_EVENT_RECONNECT_NOW)
    policy->renegotiate_at = 0;
  if (event == GST_RCAST_EVENT_SERVER_WAITING)
    here (policy)->introduces = TRUE;
  if (event == GST_RCAST_EVENT_NEGOTIATED)
    gst_rcast_policy_note_welcome (policy, policy->location);
  if (event == GST_RCAST_EVENT_SIGNALLER_FAILED)
    gst_rcast_policy_note_slot (policy, policy->location, turn->event,
        turn->now);
  if (policy->state == GST_RCAST_STATE_NEGOTIATING
      && (event == GST_RCAST_EVENT_SIGNALLER_FAILED
          || event == GST_RCAST_EVENT_PEER_FAILED))
    gst_rcast_policy_note_answer (policy, policy->location, turn->event);
  if (event == GST_RCAST_EVENT_CHECK_FAILED)
    gst_rcast_policy_note_retry_after (policy, 0, turn->event->retry_after,
        turn->now);
  if (event == GST_RCAST_EVENT_RESTART_HOPELESS && policy->restarting)
    policy->restart_hopeless = TRUE;
  if (event == GST_RCAST_EVENT_RESTART_FAILED
      || (event == GST_RCAST_EVENT_MEDIA_CONNECTED
          && (turn->event->restarted
              || policy->state == GST_RCAST_STATE_RESTARTING)))
    end_restart (policy);
}

static void
note_checks (GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn)
{
  if (turn->event->type == GST_RCAST_EVENT_CHECK_FAILED)
    policy->checks_passed = 0;
  else if (turn->event->type == GST_RCAST_EVENT_CHECK_PASSED
      && !(move->effects & GST_RCAST_EFFECT_BY_FAILBACK))
    policy->checks_passed++;
}

static void
note_loss (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  gboolean lost = turn->event->type == GST_RCAST_EVENT_SIGNALLER_LOST;

  policy->signalling_lost |= lost;
  if (lost || turn->event->type == GST_RCAST_EVENT_RESUME_FAILED)
    policy->resuming = FALSE;
}

/* Notes what the actions, or the end, do to the signalling connection. */
static void
note_signalling (GstRcastPolicy * policy, const GstRcastMove * move)
{
  if (move->actions & GST_RCAST_ACTION_RESUME_SIGNALLER)
    policy->resuming = TRUE;
  if ((move->actions & (GST_RCAST_ACTION_CLOSE_SIGNALLER
              | GST_RCAST_ACTION_OPEN_SIGNALLER))
      || move->next == GST_RCAST_STATE_IDLE)
    policy->signalling_lost = policy->resuming = policy->onward_lost = FALSE;
}

/* A new broadcast starts without the records of the previous one. */
static void
begin_anew (GstRcastPolicy * policy)
{
  memset (policy->servers, 0, sizeof policy->servers);
  policy->was_on_air = FALSE;
}

/* Notes what the actions begin. */
static void
note_beginnings (GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn)
{
  gboolean opens = (move->actions & GST_RCAST_ACTION_OPEN_SIGNALLER) != 0;
  gboolean offers = (move->actions & GST_RCAST_ACTION_MAKE_OFFER) != 0;

  if (opens || (offers && policy->state != GST_RCAST_STATE_SIGNALLING))
    policy->generation = ++policy->last_generation;
  if (opens || (move->actions & GST_RCAST_ACTION_PROMOTE))
    here (policy)->tried_at = turn->now;
  if (opens && here (policy)->static_reports)
    here (policy)->static_retried = TRUE;
  if (move->actions & GST_RCAST_ACTION_RESTART_ICE) {
    policy->restarting = TRUE;
    policy->restart_hopeless = FALSE;
  }
  if (offers || (move->actions & GST_RCAST_ACTION_DROP_PEER))
    end_restart (policy);
  if (offers)
    policy->confirmed = FALSE;
  if (offers || (move->actions & GST_RCAST_ACTION_CLOSE_SIGNALLER)
      || (move->effects & GST_RCAST_EFFECT_FORGO))
    policy->streams_changed = policy->update_needed = FALSE;
  if (move->effects & GST_RCAST_EFFECT_UPDATE_AGAIN)
    policy->streams_changed = policy->update_needed = TRUE;
  if (turn->event->type == GST_RCAST_EVENT_START)
    begin_anew (policy);
}

static GstClockTime
next_probe (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->now + gst_rcast_policy_get_probe_delay (policy,
      GST_CLOCK_TIME_IS_VALID (policy->unreachable_since) ?
      turn->now - policy->unreachable_since : 0, turn->random);
}

/* Whether the state only waits for the server, or for an answer of it. */
static gboolean
may_probe (const GstRcastPolicy * policy)
{
  switch (states[policy->state].probing) {
    case PROBE_NEVER:
      return FALSE;
    case PROBE_IF_UNREACHABLE:
      return GST_CLOCK_TIME_IS_VALID (policy->unreachable_since)
          && !policy->held_back;
    case PROBE_ALWAYS:
      return TRUE;
  }
  g_return_val_if_reached (FALSE);
}

/* Probes follow one another while the server does not answer. After an answer there is no
 * probe before the next state. */
static void
plan_probe (GstRcastPolicy * policy, GstRcastState from, const GstRcastTurn * turn)
{
  GstRcastEventType event = turn->event->type;
  gboolean begins = policy->state != from
      && !GST_CLOCK_TIME_IS_VALID (policy->probe_at);

  if (policy->config.probe_interval == 0 || !turn->abilities->can_probe
      || !may_probe (policy) || event == GST_RCAST_EVENT_PROBE_ANSWERED
      || event == GST_RCAST_EVENT_PROBE_USELESS)
    policy->probe_at = GST_CLOCK_TIME_NONE;
  else if (begins || event == GST_RCAST_EVENT_PROBE_DUE)
    policy->probe_at = next_probe (policy, turn);
}

/* Whether the step is reported although the status stays the same. CONNECTED is not, as one
 * step of a recovery, nor is a candidate pair that heals by itself. */
static gboolean
is_news (const GstRcastMove * move, const GstRcastTurn * turn)
{
  return (move->actions & GST_RCAST_ACTION_PROMOTE)
      || (move->effects & (GST_RCAST_EFFECT_ATTEMPT | GST_RCAST_EFFECT_BY_PATH
          | GST_RCAST_EFFECT_UPDATED))
      || ((move->effects & GST_RCAST_EFFECT_BY_PAIR)
      && turn->event->restarted);
}

/* The means of the recovery that the step reports. */
static GstRcastStrategy
strategy_of (const GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn)
{
  if (move->effects & GST_RCAST_EFFECT_BY_PATH)
    return GST_RCAST_STRATEGY_PATH_SWITCH;
  if (move->effects & GST_RCAST_EFFECT_UPDATED)
    return GST_RCAST_STRATEGY_RENEGOTIATE;
  if ((move->effects & GST_RCAST_EFFECT_BY_PAIR) && turn->event->restarted)
    return GST_RCAST_STRATEGY_ICE_RESTART;
  return policy->strategy;
}

/* Whether @event belongs to an older session, or comes before its deadline. */
static gboolean
is_out_of_date (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  const GstRcastEvent *event = turn->event;
  GstClockTime due = event->type == GST_RCAST_EVENT_TICK ? policy->deadline :
      event->type == GST_RCAST_EVENT_PROBE_DUE ? policy->probe_at : 0;

  return (event->generation != 0 && event->generation != policy->generation)
      || !GST_CLOCK_TIME_IS_VALID (due) || turn->now < due;
}

static gboolean
is_judged (const GstRcastPolicy * policy)
{
  return states[policy->state].judged
      || (policy->state == GST_RCAST_STATE_LIVE && !policy->confirmed);
}

/* After the process was suspended, it still has to handle what came in, and nobody knows how
 * much of the time it really had. So the wait begins anew. If that happens twice in a row,
 * the machine is slow.
 * Returns: whether the deadline has changed */
static gboolean
extend (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  if (!is_judged (policy) || policy->extended
      || !gst_rcast_policy_is_standstill (turn, policy->deadline))
    return FALSE;
  policy->extended = TRUE;
  policy->deadline = turn->now + MAX (GST_RCAST_POLICY_STANDSTILL,
      policy->deadline - policy->waits_since);
  return TRUE;
}

static void
set_deadline (GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn, GstClockTime delay)
{
  policy->deadline =
      gst_rcast_policy_deadline_of (policy, turn, move->wait, delay);
  if (move->wait == GST_RCAST_WAIT_KEEP)
    return;
  policy->wait = move->wait;
  policy->waits_since = turn->now;
  policy->extended = FALSE;
}

/* Fills in the result; step->status is still that before the step. */
static void
fill_step (const GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn, GstRcastStep * step)
{
  step->to = policy->state;
  step->actions = move->actions;
  step->generation = policy->generation;
  step->location = policy->location;
  step->strategy = strategy_of (policy, move, turn);
  step->attempt = policy->attempt;
  if (policy->signalling_lost && step->outage > 0)
    step->plane = GST_RCAST_PLANE_BOTH;
  if (policy->status == step->status && !is_news (move, turn))
    step->actions &= ~(GST_RCAST_ACTION_POST_OUTAGE
        | GST_RCAST_ACTION_POST_STATUS);
  step->status = policy->status;
}

static void
take_step (GstRcastPolicy * policy, const GstRcastMove * move,
    const GstRcastTurn * turn, GstRcastStep * step)
{
  GstRcastState next = move->next == GST_RCAST_STATE_SAME ?
      policy->state : (GstRcastState) move->next;

  note_loss (policy, turn);
  gst_rcast_policy_note_presence (policy, turn->event,
      move->wait == GST_RCAST_WAIT_NOW, turn->now);
  gst_rcast_policy_note_static_reports (policy, turn->event);
  note_checks (policy, move, turn);
  mark_down (policy, move, next, turn);
  /* There is no outage within the grace period, nor while no peer is there to receive. */
  if (GST_CLOCK_TIME_IS_VALID (policy->down_since)
      && next != GST_RCAST_STATE_DISRUPTED
      && turn->event->type != GST_RCAST_EVENT_SERVER_WAITING)
    step->outage = turn->now - policy->down_since;
  step->reason = reason_of (policy, move, turn);
  step->trouble = policy->trouble;
  if (move->wait != GST_RCAST_WAIT_KEEP)
    policy->held_back = FALSE;
  step->delay = count (policy, move, turn);
  note_signalling (policy, move);
  note_beginnings (policy, move, turn);
  policy->state = next;
  set_deadline (policy, move, turn, step->delay);
  policy->status = status_of (policy);
  plan_probe (policy, step->from, turn);
  fill_step (policy, move, turn, step);
}

static gboolean
sends (const GstRcastPolicy * policy)
{
  return states[policy->state].on_air
      || policy->state == GST_RCAST_STATE_CONNECTED;
}

/* Takes the step of @move for the main attempt, which may be the promoted second one. */
static void
take_main_step (GstRcastPolicy * policy, GstRcastMove * move,
    const GstRcastTurn * turn, GstRcastStep * step)
{
  GstRcastState from = policy->state;

  if (move->actions & GST_RCAST_ACTION_DROP_SECOND) {
    move->actions &= ~GST_RCAST_ACTION_DROP_SECOND;
    move->actions |= gst_rcast_policy_drop_second (policy);
  }
  if (move->actions & GST_RCAST_ACTION_PROMOTE) {
    gst_rcast_policy_note_last_word (policy, turn);
    gst_rcast_policy_promote (policy);
  }
  gst_rcast_policy_begin_second (policy, move->effects, turn);
  take_step (policy, move, turn, step);
  gst_rcast_policy_keep_session (policy, turn, step);
  step->actions |= gst_rcast_policy_hedge (policy, turn, from);
}

/* An event of the second attempt. It does not touch the main attempt, unless the second one
 * replaces it. */
static void
step_second (GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstRcastStep * step)
{
  const GstRcastSecondRow *row =
      gst_rcast_policy_find_second_row (policy, turn, sends (policy));
  GstRcastMove move;

  step->extended = gst_rcast_policy_is_standstill (turn, policy->second_deadline)
      && gst_rcast_policy_extend_second (policy, turn);
  step->ignored = step->extended
      || (!row && (policy->second != GST_RCAST_SECOND_WAITING
          || turn->event->type != GST_RCAST_EVENT_TICK));
  if (step->ignored)
    return;
  step->actions = gst_rcast_policy_take_second_row (policy, row, turn);
  if (!row || !row->main) {
    if (step->actions & GST_RCAST_ACTION_DROP_SECOND)
      gst_rcast_policy_hedge_again (policy, turn);
    /* Checks of the first server begin again. */
    if ((step->actions & GST_RCAST_ACTION_DROP_SECOND)
        && policy->state == GST_RCAST_STATE_LIVE)
      policy->deadline = gst_rcast_policy_on_air_deadline (policy, turn->now);
    return;
  }
  move = *row->main;
  move.actions |= row->actions;
  take_main_step (policy, &move, turn, step);
}

/* News for the main attempt may also end the wait of a second one. */
static void
step_waiting (GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstRcastStep * step)
{
  const GstRcastSecondRow *row =
      gst_rcast_policy_find_second_row (policy, turn, sends (policy));

  if (!row)
    return;
  step->actions |= gst_rcast_policy_take_second_row (policy, row, turn);
  step->ignored = FALSE;
}

static void
step_main (GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstRcastStep * step)
{
  GstRcastMove move;

  if (is_out_of_date (policy, turn))
    return;
  note_facts (policy, turn);
  step->ignored =
      !gst_rcast_policy_find_move (policy, turn, &move, &step->skipped);
  step->extended = !step->ignored && extend (policy, turn);
  step->ignored |= step->extended;
  if (step->ignored)
    return;
  take_main_step (policy, &move, turn, step);
}

/**
 * gst_rcast_policy_step:
 * @policy: the policy
 * @event: what happened
 * @abilities: what can be done now
 * @random: uniform random bits
 * @now: the time, of any monotonic clock, always the same one
 * @step: (out): what follows
 *
 * The only function that changes the state of a broadcast. A session's
 * @GstRcastPolicy.generation begins when its signaller is opened, or when a fresh
 * webrtcbin takes over in it; events that carry an older one are dropped here and
 * nowhere else, and so is a TICK before its time.
 */
void
gst_rcast_policy_step (GstRcastPolicy * policy, const GstRcastEvent * event,
    const GstRcastAbilities * abilities, guint32 random, GstClockTime now,
    GstRcastStep * step)
{
  const GstRcastTurn turn = { event, abilities, random, now };
  GstClockTime off = gst_rcast_policy_off_since (policy);
  guint location = policy->location;

  *step = (GstRcastStep) {
    .from = policy->state,
    .to = policy->state,
    .generation = policy->generation,
    .location = policy->location,
    .status = policy->status,
    .reason = event->reason,
    .plane = event->type == GST_RCAST_EVENT_TICK ?
        states[policy->state].plane : events[event->type].plane,
  };
  step->ignored = TRUE;
  gst_rcast_policy_note_stay (policy, GST_CLOCK_TIME_IS_VALID (off) ? off :
      now - MIN (now, event->lag));
  if (gst_rcast_policy_is_of_second (policy, &turn))
    step_second (policy, &turn, step);
  else
    step_main (policy, &turn, step);
  if (gst_rcast_policy_is_for_both (&turn))
    step_waiting (policy, &turn, step);
  if (policy->location != location)
    policy->servers[location].stays_since = 0;
  if (sends (policy))
    gst_rcast_policy_begin_stay (policy, now);
  if (step->ignored)
    policy->ignored++;
}

/* Returns: when a @GST_RCAST_EVENT_PROBE_DUE is due, of either attempt */
GstClockTime
gst_rcast_policy_get_probe_time (const GstRcastPolicy * policy)
{
  return MIN (policy->probe_at, policy->second_probe_at);
}

/* Returns: when a @GST_RCAST_EVENT_TICK is due, of either attempt */
GstClockTime
gst_rcast_policy_get_deadline (const GstRcastPolicy * policy)
{
  return MIN (policy->deadline, policy->second_deadline);
}
