/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second attempt: its course, and when it replaces the main one. */
#include "config.h"

#include "rcast-policy-second.h"

#include "rcast-policy-hedge.h"
#include "rcast-policy-servers.h"

/* *INDENT-OFF* */

#define N(second) (1u << GST_RCAST_SECOND_ ## second)
#define E(event) (G_GUINT64_CONSTANT (1) << GST_RCAST_EVENT_ ## event)
#define G(guard) GST_RCAST_SECOND_GUARD_ ## guard
#define X(effect) GST_RCAST_EFFECT_ ## effect
#define A(action) GST_RCAST_ACTION_ ## action
#define MOVE(state, wait, effects, actions, reason) \
    {GST_RCAST_STATE_ ## state, GST_RCAST_WAIT_ ## wait, effects, actions, GST_RCAST_REASON_ ## reason}

#define BEGUN (N(SIGNALLING) | N(NEGOTIATING) | N(CONNECTING) | N(CONNECTED))
#define SENDING (A(OPEN_SECOND_GATES) | A(PROMOTE) | A(POST_STATUS))
#define END (A(CLOSE_GATES) | A(DROP_PEER) | A(CLOSE_SIGNALLER))
#define FAILURE (E(SIGNALLER_FAILED) | E(SIGNALLER_LOST) | E(EVICTED) | E(SERVER_HANGUP) | E(SERVER_WAITING) \
    | E(MEDIA_FAILED) | E(MEDIA_FROZEN) | E(MEDIA_DISCONNECTED) | E(PEER_FAILED) | E(TICK))

/* The main attempt after the second one has replaced it. */
static const GstRcastMove won = MOVE (CONNECTED, CONFIRM, X(ATTEMPT), SENDING, NONE);
static const GstRcastMove moved = MOVE (LIVE, ON_AIR, X(ON_AIR), A(PROMOTE) | A(POST_STATUS), NONE);
static const GstRcastMove moved_unconfirmed = MOVE (CONNECTED, CONFIRM, 0, A(PROMOTE) | A(POST_STATUS), NONE);
/* The move ends the main attempt first, as the two cannot be at the same server together. */
static const GstRcastMove move_now =
    MOVE (SIGNALLING, SIGNALLING, X(ATTEMPT) | X(FIRST), END | A(OPEN_SIGNALLER) | A(POST_STATUS), NONE);

const GstRcastSecondRow gst_rcast_policy_second_rows[] = {
  {BEGUN | N(WAITING), E(PROBE_DUE), 0, GST_RCAST_SECOND_SAME, A(PROBE_SECOND), NULL},
  {N(WAITING), E(PROBE_ANSWERED), G(MAY_HASTEN), GST_RCAST_SECOND_WAITING, 0, NULL},
  {N(WAITING), E(NETWORK_UP) | E(RECONNECT_NOW), 0, GST_RCAST_SECOND_WAITING, 0, NULL},
  {BEGUN, E(PROBE_ANSWERED), G(MAY_HASTEN) | G(ELSEWHERE), GST_RCAST_SECOND_SOONER, 0, NULL},
  {BEGUN | N(WAITING), E(PROBE_ANSWERED) | E(PROBE_UNANSWERED) | E(PROBE_USELESS), 0, GST_RCAST_SECOND_SAME, 0, NULL},
  {N(SIGNALLING), E(SIGNALLER_OPEN), G(STREAMS), GST_RCAST_SECOND_NEGOTIATING, A(OFFER_SECOND), NULL},
  {N(SIGNALLING), E(SIGNALLER_OPEN), 0, GST_RCAST_SECOND_NONE, A(DROP_SECOND), NULL},
  {N(NEGOTIATING), E(NEGOTIATED), 0, GST_RCAST_SECOND_CONNECTING, 0, NULL},
  {N(NEGOTIATING) | N(CONNECTING), E(MEDIA_CONNECTED), G(OFF_AIR), GST_RCAST_SECOND_NONE, 0, &won},
  {N(NEGOTIATING) | N(CONNECTING), E(MEDIA_CONNECTED), G(ON_AIR),
    GST_RCAST_SECOND_CONNECTED, A(OPEN_SECOND_GATES), NULL},
  {N(CONNECTED), E(MEDIA_CONFIRMED), G(WHOLE), GST_RCAST_SECOND_NONE, 0, &moved},
  {N(CONNECTED), E(MEDIA_CONFIRMED), 0, GST_RCAST_SECOND_SAME, 0, NULL},
  {N(CONNECTED), E(TICK), G(UNREPORTED), GST_RCAST_SECOND_NONE, 0, &moved_unconfirmed},
  {N(SIGNALLING) | N(NEGOTIATING), E(SIGNALLER_FAILED) | E(SERVER_WAITING), G(IN_THE_WAY),
    GST_RCAST_SECOND_NONE, A(DROP_SECOND), &move_now},
  {BEGUN, FAILURE, 0, GST_RCAST_SECOND_NONE, A(DROP_SECOND), NULL},
};
const guint gst_rcast_policy_n_second_rows =
    G_N_ELEMENTS (gst_rcast_policy_second_rows);
/* *INDENT-ON* */

static gboolean
is_under_way (const GstRcastPolicy * policy)
{
  return policy->second >= GST_RCAST_SECOND_SIGNALLING;
}

/* Returns: (nullable): the server whose probes have @generation */
static const GstRcastServerRecord *
find_probed (const GstRcastPolicy * policy, guint generation)
{
  for (guint i = 0; i < GST_RCAST_POLICY_MAX_RECORDS; i++)
    if (policy->servers[i].probe_generation == generation)
      return generation != 0 ? &policy->servers[i] : NULL;
  return NULL;
}

/* Returns: whether the event belongs to the second attempt */
gboolean
gst_rcast_policy_is_of_second (const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  const GstRcastEvent *event = turn->event;

  /* If both are due, the main attempt comes first. */
  if (event->type == GST_RCAST_EVENT_TICK)
    return turn->now >= policy->second_deadline
        && turn->now < policy->deadline;
  if (event->type == GST_RCAST_EVENT_PROBE_DUE)
    return turn->now >= policy->second_probe_at
        && turn->now < policy->probe_at;
  if (policy->second == GST_RCAST_SECOND_NONE || event->generation == 0)
    return FALSE;
  return event->generation == policy->second_generation
      || find_probed (policy, event->generation);
}

/* Returns: whether the event concerns both attempts */
gboolean
gst_rcast_policy_is_for_both (const GstRcastTurn * turn)
{
  return turn->event->type == GST_RCAST_EVENT_NETWORK_UP
      || turn->event->type == GST_RCAST_EVENT_RECONNECT_NOW;
}

static gboolean
guards_hold (guint guards, const GstRcastPolicy * policy,
    const GstRcastTurn * turn, gboolean on_air)
{
  gboolean in_the_way = policy->second_kind == GST_RCAST_SECOND_KIND_MOVE
      && (turn->event->busy
      || turn->event->type == GST_RCAST_EVENT_SERVER_WAITING);
  const GstRcastServerRecord *server =
      &policy->servers[policy->second_location];
  const GstRcastServerRecord *probed =
      find_probed (policy, turn->event->generation);
  gboolean may_hasten = probed && !probed->hastened
      && turn->now >= probed->held_until;

  return !((guards & G (ON_AIR)) && !on_air)
      && !((guards & G (OFF_AIR)) && on_air)
      && !((guards & G (IN_THE_WAY)) && !in_the_way)
      && !((guards & G (UNREPORTED)) && server->reports)
      && !((guards & G (MAY_HASTEN)) && !may_hasten)
      && !((guards & G (ELSEWHERE))
      && (policy->second_kind != GST_RCAST_SECOND_KIND_HEDGE
          || probed == server))
      && !((guards & G (WHOLE)) && turn->event->partial)
      && !((guards & G (STREAMS)) && !policy->streams_ready);
}

/* Returns: (nullable): the row for an event of the second attempt; @on_air: whether media
 * of the main attempt flows */
const GstRcastSecondRow *
gst_rcast_policy_find_second_row (const GstRcastPolicy * policy,
    const GstRcastTurn * turn, gboolean on_air)
{
  for (guint i = 0; i < gst_rcast_policy_n_second_rows; i++) {
    const GstRcastSecondRow *row = &gst_rcast_policy_second_rows[i];

    if ((row->seconds & (1u << policy->second))
        && (row->events & (G_GUINT64_CONSTANT (1) << turn->event->type))
        && guards_hold (row->guards, policy, turn, on_air))
      return row;
  }
  return NULL;
}

static GstClockTime
deadline_of (const GstRcastPolicy * policy, GstClockTime now)
{
  switch (policy->second) {
    case GST_RCAST_SECOND_NONE:
      return GST_CLOCK_TIME_NONE;
    case GST_RCAST_SECOND_WAITING:
      return policy->second_deadline;
    case GST_RCAST_SECOND_SIGNALLING:
    case GST_RCAST_SECOND_NEGOTIATING:
    case GST_RCAST_SECOND_CONNECTING:
      return now + gst_rcast_policy_get_patience (policy);
    case GST_RCAST_SECOND_CONNECTED:
      return now + policy->config.confirm_timeout;
  }
  g_return_val_if_reached (GST_CLOCK_TIME_NONE);
}

static void
set_second (GstRcastPolicy * policy, GstRcastSecond second,
    const GstRcastTurn * turn)
{
  policy->second = second;
  policy->second_since = turn->now;
  policy->second_deadline = deadline_of (policy, turn->now);
  policy->second_extended = FALSE;
  for (guint i = 0; i < GST_RCAST_POLICY_MAX_RECORDS; i++)
    policy->servers[i].probed = FALSE;
  policy->second_probe_at = gst_rcast_policy_get_second_probe (policy, turn);
}

/* The deadline of the second attempt passed while the process was suspended. The step gets its time
 * once more, but only once.
 * Returns: whether the deadline has changed */
gboolean
gst_rcast_policy_extend_second (GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  if (!is_under_way (policy) || policy->second_extended)
    return FALSE;
  policy->second_extended = TRUE;
  policy->second_deadline = deadline_of (policy, turn->now);
  return TRUE;
}

static void
end_second (GstRcastPolicy * policy)
{
  policy->second = GST_RCAST_SECOND_NONE;
  policy->second_deadline = policy->second_probe_at = GST_CLOCK_TIME_NONE;
}

/* Returns: the actions to carry out */
guint
gst_rcast_policy_drop_second (GstRcastPolicy * policy)
{
  guint actions = is_under_way (policy) ? A (DROP_SECOND) : 0;

  end_second (policy);
  return actions;
}

/* Returns: the actions to carry out */
static guint
begin (GstRcastPolicy * policy, GstRcastSecondKind kind, guint location,
    const GstRcastTurn * turn)
{
  policy->second_kind = kind;
  policy->second_location = location;
  policy->second_generation = ++policy->last_generation;
  set_second (policy, GST_RCAST_SECOND_SIGNALLING, turn);
  return A (OPEN_SECOND);
}

/* Waits until the streams are ready, or until they are looked at again. */
static void
wait_to_move (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  policy->second_kind = GST_RCAST_SECOND_KIND_MOVE;
  policy->second_location = 0;
  policy->second_deadline = turn->now + policy->config.signalling_timeout;
  set_second (policy, GST_RCAST_SECOND_WAITING, turn);
}

/* Begins the second attempt that a move of the main one asks for. */
void
gst_rcast_policy_begin_second (GstRcastPolicy * policy, guint effects,
    const GstRcastTurn * turn)
{
  if (effects & X (RETURN))
    begin (policy, GST_RCAST_SECOND_KIND_FAILBACK, 0, turn);
  if (effects & X (MOVE))
    begin (policy, GST_RCAST_SECOND_KIND_MOVE, 0, turn);
  if (effects & X (MOVE_LATER))
    wait_to_move (policy, turn);
}

/* Plans a second attempt beside a main attempt that hesitates, not before @earliest; @hope: even if
 * no server is eligible yet. */
static void
plan (GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstClockTime earliest, gboolean hope)
{
  guint location = policy->location;
  GstClockTime chance = gst_rcast_policy_find_chance (policy, turn, &location);

  if (!GST_CLOCK_TIME_IS_VALID (chance) && !hope)
    return;
  policy->second_deadline = GST_CLOCK_TIME_IS_VALID (chance) ?
      MAX (chance, earliest) : earliest;
  /* Probes of an attempt that waits already go on. */
  if (policy->second == GST_RCAST_SECOND_WAITING)
    return;
  policy->second_kind = GST_RCAST_SECOND_KIND_HEDGE;
  policy->second_location = location;
  policy->second_generation = ++policy->last_generation;
  set_second (policy, GST_RCAST_SECOND_WAITING, turn);
}

static guint
begin_hedge (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  guint location;
  GstClockTime chance = gst_rcast_policy_find_chance (policy, turn, &location);

  if (!GST_CLOCK_TIME_IS_VALID (chance) || !policy->streams_ready
      || !gst_rcast_policy_has_attempts (policy))
    return gst_rcast_policy_drop_second (policy);
  if (chance <= turn->now)
    return begin (policy, GST_RCAST_SECOND_KIND_HEDGE, location, turn);
  plan (policy, turn, chance, FALSE);
  return 0;
}

/* Begins the move if the streams are ready; else waits on. */
static guint
begin_move (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  if (!policy->streams_ready)
    wait_to_move (policy, turn);
  else if (gst_rcast_policy_is_possible (turn, policy->second_location))
    return begin (policy, GST_RCAST_SECOND_KIND_MOVE, policy->second_location,
        turn);
  else
    return gst_rcast_policy_drop_second (policy);
  return 0;
}

static guint
begin_waiting (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return policy->second_kind == GST_RCAST_SECOND_KIND_MOVE ?
      begin_move (policy, turn) : begin_hedge (policy, turn);
}

/* Returns: the actions */
static guint
begin_probe (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  guint location = gst_rcast_policy_find_probe (policy, turn);

  policy->second_probe_at = GST_CLOCK_TIME_NONE;
  if (location == G_MAXUINT)
    return 0;
  policy->second_probe = location;
  if (policy->servers[location].probe_generation == 0)
    policy->servers[location].probe_generation = ++policy->last_generation;
  policy->second_probe_at = gst_rcast_policy_get_second_probe (policy, turn);
  return A (PROBE_SECOND);
}

/* The server can be reached. A second attempt that waits goes there at once. An attempt under way
 * at another server now has no more time than a first attempt. */
static void
hasten (GstRcastPolicy * policy, GstRcastServerRecord * server,
    const GstRcastTurn * turn)
{
  GstClockTime end = policy->second == GST_RCAST_SECOND_WAITING ? turn->now :
      policy->second_since + gst_rcast_policy_get_first_patience (policy);

  server->hastened = TRUE;
  server->unreached_since = 0;
  server->no_second_before = turn->now;
  /* This server comes before the others. */
  server->tried_at = 0;
  policy->second_deadline = MIN (policy->second_deadline,
      MAX (turn->now, end));
}

/* All servers may be tried again at once. */
static void
end_wait (GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  for (guint i = 0; i < GST_RCAST_POLICY_MAX_RECORDS; i++)
    policy->servers[i].no_second_before = 0;
  policy->second_deadline = MIN (policy->second_deadline, turn->now);
}

/* After one answered probe, the next one hastens nothing unless the server was away in between. */
static void
note_probe (GstRcastPolicy * policy, const GstRcastSecondRow * row,
    const GstRcastTurn * turn)
{
  GstRcastServerRecord *server =
      (GstRcastServerRecord *) find_probed (policy, turn->event->generation);

  if (!server)
    return;
  if (turn->event->type == GST_RCAST_EVENT_PROBE_UNANSWERED) {
    server->hastened = FALSE;
    return;
  }
  server->probed = TRUE;
  if (row->guards & G (MAY_HASTEN))
    hasten (policy, server, turn);
  if (gst_rcast_policy_find_probe (policy, turn) == G_MAXUINT)
    policy->second_probe_at = GST_CLOCK_TIME_NONE;
}

/* @row: (nullable): of gst_rcast_policy_find_second_row(), %NULL: the wait of the attempt is over.
 * Returns: the actions */
guint
gst_rcast_policy_take_second_row (GstRcastPolicy * policy,
    const GstRcastSecondRow * row, const GstRcastTurn * turn)
{
  if (!row)
    return begin_waiting (policy, turn);
  if (turn->event->type == GST_RCAST_EVENT_PROBE_DUE)
    return begin_probe (policy, turn);
  if (gst_rcast_policy_is_for_both (turn))
    end_wait (policy, turn);
  note_probe (policy, row, turn);
  if (row->next < 0 || row->next == GST_RCAST_SECOND_WAITING)
    return row->actions;
  if (turn->event->type == GST_RCAST_EVENT_NEGOTIATED)
    gst_rcast_policy_note_welcome (policy, policy->second_location);
  if (row->actions & A (DROP_SECOND))
    gst_rcast_policy_note_second_failure (policy, turn);
  if (row->next != GST_RCAST_SECOND_NONE || !row->main)
    set_second (policy, row->next, turn);
  /* The move that the application asked for has failed. */
  if ((row->actions & A (DROP_SECOND))
      && policy->second_kind == GST_RCAST_SECOND_KIND_MOVE)
    return row->actions | A (POST_WARNING);
  return row->actions;
}

/* Effects of the main attempt on the second one */

static gboolean
may_hedge (const GstRcastPolicy * policy)
{
  return policy->second == GST_RCAST_SECOND_NONE
      && policy->config.hedge_delay > 0
      && policy->streams_ready && gst_rcast_policy_hesitates (policy)
      && gst_rcast_policy_has_attempts (policy);
}

/* Whether the wait is over: what could bring the media back has failed, or the streams are
 * ready. */
static gboolean
is_due (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  if (policy->second_kind == GST_RCAST_SECOND_KIND_MOVE)
    return policy->streams_ready;
  return turn->event->type == GST_RCAST_EVENT_RESTART_FAILED
      || turn->event->type == GST_RCAST_EVENT_RESTART_HOPELESS;
}

/* Returns: when a second attempt is due. If an ICE restart may help, it gets the full delay. */
static GstClockTime
hedge_deadline (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  GstClockTime delay = policy->config.hedge_delay;

  if (policy->state == GST_RCAST_STATE_DISRUPTED
      && !turn->abilities->can_restart)
    delay -= MIN (delay, turn->event->lag);
  return turn->now + delay;
}

/* Plans the next second attempt after one failed: at another server at once, at the same one after
 * a while. */
void
gst_rcast_policy_hedge_again (GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  if (may_hedge (policy))
    plan (policy, turn, turn->now, FALSE);
}

/* Whether the main attempt has no session and waits for none: no second one runs beside it. */
static gboolean
is_over (const GstRcastPolicy * policy)
{
  return policy->state == GST_RCAST_STATE_IDLE
      || policy->state == GST_RCAST_STATE_PREPARING
      || policy->state == GST_RCAST_STATE_CLOSING
      || policy->state == GST_RCAST_STATE_FAILED;
}

/**
 * gst_rcast_policy_hedge:
 * @policy: the policy, after a step of the main attempt
 * @from: the state before
 *
 * Plans a second attempt beside a main one that hesitates, and drops it when that one
 * has succeeded.
 *
 * Returns: the actions
 */
guint
gst_rcast_policy_hedge (GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstRcastState from)
{
  gboolean hedge = policy->second != GST_RCAST_SECOND_NONE
      && policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE;

  /* The next session opens where the application wants it. */
  if (policy->second != GST_RCAST_SECOND_NONE
      && policy->second_kind == GST_RCAST_SECOND_KIND_MOVE
      && policy->state == GST_RCAST_STATE_PREPARING)
    policy->location = policy->second_location;
  if (is_over (policy) || (hedge && !gst_rcast_policy_hesitates (policy)))
    return gst_rcast_policy_drop_second (policy);
  if (may_hedge (policy))
    plan (policy, turn, hedge_deadline (policy, turn), policy->state != from);
  else if (hedge && policy->second == GST_RCAST_SECOND_WAITING)
    plan (policy, turn, MIN (policy->second_deadline,
            hedge_deadline (policy, turn)), FALSE);
  if (policy->second == GST_RCAST_SECOND_WAITING && is_due (policy, turn))
    policy->second_deadline = turn->now;
  return 0;
}

/* Notes what the server said of a main attempt that ends. */
void
gst_rcast_policy_note_last_word (GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  if (gst_rcast_policy_is_deaf (policy, turn))
    policy->servers[policy->location].silent_retried = TRUE;
  if (gst_rcast_policy_is_refusal (policy, turn))
    gst_rcast_policy_note_refusal (policy, policy->location, turn->now);
  gst_rcast_policy_note_retry_after (policy, policy->location,
      turn->event->retry_after, turn->now);
  if (turn->event->unreachable || (turn->event->type == GST_RCAST_EVENT_TICK
          && (policy->state == GST_RCAST_STATE_SIGNALLING
              || policy->state == GST_RCAST_STATE_NEGOTIATING)))
    gst_rcast_policy_note_unreached (policy, policy->location, turn->now);
}

/* Notes a new session at a server that reported frozen media. If the new session does not
 * change the reports, this server always reports so. */
static void
note_retry (GstRcastPolicy * policy)
{
  GstRcastServerRecord *server = &policy->servers[policy->second_location];

  if (server->static_reports)
    server->static_retried = TRUE;
  if (policy->second_location == policy->location
      && policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN)
    server->silent_retried = TRUE;
}

/* The strategy that a promoted second attempt stands for. */
GstRcastStrategy
gst_rcast_policy_get_second_strategy (const GstRcastPolicy * policy)
{
  return policy->second_location == policy->location ?
      GST_RCAST_STRATEGY_REJOIN : GST_RCAST_STRATEGY_FAILOVER;
}

/* Makes the second attempt the main one. Whether it needs another offer is found out anew. */
void
gst_rcast_policy_promote (GstRcastPolicy * policy)
{
  note_retry (policy);
  policy->strategy = gst_rcast_policy_get_second_strategy (policy);
  policy->location = policy->second_location;
  policy->generation = policy->second_generation;
  if (policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE)
    gst_rcast_policy_note_session (policy);
  policy->servers[policy->location].failbacks +=
      policy->second_kind == GST_RCAST_SECOND_KIND_FAILBACK;
  policy->checks_passed = 0;
  policy->signalling_lost = policy->resuming = policy->onward_lost = FALSE;
  policy->confirmed = FALSE;
  policy->streams_changed = policy->update_needed = FALSE;
  policy->restarting = policy->restart_hopeless = FALSE;
  policy->heard = policy->second > GST_RCAST_SECOND_SIGNALLING;
  policy->unreachable_since = GST_CLOCK_TIME_NONE;
  end_second (policy);
}
