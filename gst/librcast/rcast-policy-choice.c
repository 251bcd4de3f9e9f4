/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses the row of the table for an event: evaluates guards, climbs the ladder. */
#include "config.h"

#include "rcast-policy-choice.h"

#include "rcast-policy-servers.h"

/* After so many answers in a row that can never work, they count as a refusal. */
#define MAX_UNUSABLE 2

static const GstRcastServerRecord *
peek_here (const GstRcastPolicy * policy)
{
  return &policy->servers[policy->location];
}

/* Whether the slot may still be taken, perhaps by an abandoned session of ours. */
static gboolean
is_busy (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->event->busy
      && turn->now < peek_here (policy)->busy_since + GST_RCAST_POLICY_BUSY_TIME;
}

/* Whether the server's answers to offers can never work. A server that is starting may give one
 * such answer. Such answers are no refusal where refusals do not end the broadcast, nor where the
 * server only brings two ends together: the next peer may answer better. */
static gboolean
is_unusable (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->event->unusable && policy->state == GST_RCAST_STATE_NEGOTIATING
      && peek_here (policy)->unusable >= MAX_UNUSABLE
      && !peek_here (policy)->introduces
      && gst_rcast_policy_gives_up (policy);
}

/* Whether the server refuses for good. A refused restart, or a refused second webrtcbin in a
 * session, says nothing about a new session. */
gboolean
gst_rcast_policy_is_refusal (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return (turn->event->fatal || is_unusable (policy, turn))
      && !is_busy (policy, turn)
      && turn->event->type != GST_RCAST_EVENT_RESTART_FAILED
      && policy->state != GST_RCAST_STATE_RENEGOTIATING
      && policy->state != GST_RCAST_STATE_UPDATING;
}

/* Whether a server is left that did not refuse; this event may be the present one's refusal. */
static gboolean
is_server_left (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  if (!gst_rcast_policy_gives_up (policy))
    return TRUE;
  for (guint i = 0; i < policy->config.n_locations; i++)
    if (!policy->servers[i].refused
        && !(i == policy->location && gst_rcast_policy_is_refusal (policy, turn)))
      return TRUE;
  return FALSE;
}

static gboolean
is_on_air (const GstRcastPolicy * policy)
{
  return policy->state == GST_RCAST_STATE_LIVE
      || policy->state == GST_RCAST_STATE_UPDATING
      || policy->state == GST_RCAST_STATE_DETACHED
      || policy->state == GST_RCAST_STATE_RESUMING;
}

/* Returns: since when media does not flow, or since when a connection that was never confirmed has
 * been in trouble; %GST_CLOCK_TIME_NONE: media flows, or there has been no trouble */
GstClockTime
gst_rcast_policy_off_since (const GstRcastPolicy * policy)
{
  if (GST_CLOCK_TIME_IS_VALID (policy->down_since) || is_on_air (policy))
    return policy->down_since;
  return policy->trouble_since;
}

/* Whether the server may still have the session: servers give up a session that is silent
 * for too long. */
static gboolean
is_within (const GstRcastPolicy * policy, GstClockTime limit, GstClockTime now)
{
  GstClockTime since = gst_rcast_policy_off_since (policy);

  return !GST_CLOCK_TIME_IS_VALID (since) || now - since < limit;
}

static gboolean
is_in_grace (const GstRcastPolicy * policy)
{
  return policy->wait == GST_RCAST_WAIT_GRACE;
}

/* If one ICE restart did not thaw frozen media, a second one will not either. */
static gboolean
restart_may_help (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  gboolean frozen = policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN
      || turn->event->type == GST_RCAST_EVENT_MEDIA_FROZEN;

  return turn->abilities->can_restart && !policy->restart_hopeless
      && !(frozen && policy->restarts > 0);
}

/* Whether the session is still within its own recovery time, counted from the first trouble since
 * media was last stable. */
static gboolean
is_kept (const GstRcastPolicy * policy, const GstRcastTurn * turn, GstClockTime at)
{
  GstClockTime since = GST_CLOCK_TIME_IS_VALID (policy->trouble_since) ?
      policy->trouble_since : turn->now;

  return at < since + turn->abilities->resume_time;
}

/* A second renegotiation is of no use, unless the session is still within its recovery time. */
static gboolean
renegotiation_may_help (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->abilities->can_renegotiate && policy->streams_ready
      && (policy->renegotiations == 0 || (is_kept (policy, turn, turn->now)
          && turn->event->type != GST_RCAST_EVENT_SIGNALLER_FAILED));
}

/* Whether the server says that nothing arrives and never confirmed any media of this
 * connection. */
gboolean
gst_rcast_policy_is_deaf (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->event->type == GST_RCAST_EVENT_MEDIA_FROZEN
      && !policy->confirmed;
}

/* Whether the present server does not answer or hear us, and there are others. */
gboolean
gst_rcast_policy_is_better_elsewhere (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return (turn->event->unreachable || gst_rcast_policy_is_deaf (policy, turn))
      && policy->config.n_locations > 1;
}

static gboolean
may_renegotiate (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return renegotiation_may_help (policy, turn)
      && is_within (policy, policy->config.recovery_timeout, turn->now)
      && !gst_rcast_policy_is_better_elsewhere (policy, turn);
}

/* A server that is shutting down accepts every offer and closes every connection at once. */
static gboolean
is_too_soon (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return policy->renegotiations > 0 && turn->now < policy->renegotiate_at;
}

static gboolean
may_hold (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  GstClockTime limit = policy->config.recovery_timeout;

  /* With other servers to go to, do not hold for long. */
  if (policy->config.n_locations > 1)
    limit = MIN (limit, 2 * policy->config.disconnected_timeout);
  /* Nor ask an unreachable server a third time. */
  if (policy->config.n_locations > 1 && policy->holds > 0
      && turn->event->unreachable)
    return FALSE;
  /* A timeout counts as no answer. */
  return (turn->event->unreachable
      || turn->event->type == GST_RCAST_EVENT_TICK)
      && GST_CLOCK_TIME_IS_VALID (policy->down_since)
      && is_within (policy, limit, turn->now);
}

/* Whether the streams need a new offer, can be offered, and nothing else is under way. In a
 * recovery the policy first waits until media is confirmed, unless a stream cannot flow without the
 * new offer. */
gboolean
gst_rcast_policy_is_update_due (const GstRcastPolicy * policy)
{
  if (!policy->streams_changed || !policy->streams_ready)
    return FALSE;
  return policy->state == GST_RCAST_STATE_LIVE
      || (policy->state == GST_RCAST_STATE_CONNECTED
      && (policy->attempt == 0 || policy->outdated)
      && !policy->signalling_lost && !is_in_grace (policy));
}

gboolean
gst_rcast_policy_is_away (const GstRcastPolicy * policy)
{
  return policy->location != 0 && policy->config.failback_interval > 0;
}

/* A second attempt that is under way already counts as one. */
gboolean
gst_rcast_policy_has_attempts (const GstRcastPolicy * policy)
{
  gboolean hedged = policy->second >= GST_RCAST_SECOND_SIGNALLING
      && policy->second_kind == GST_RCAST_SECOND_KIND_HEDGE;

  return policy->config.max_retries < 0
      || policy->attempt + hedged < (guint) policy->config.max_retries;
}

/* A new connection costs an interruption. A mere doubt on our side is not worth that. */
static gboolean
is_idle_doubt (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return turn->event->reason == GST_RCAST_REASON_ICE_DISCONNECTED
      && !turn->abilities->can_restart
      && (policy->config.hedge_delay == 0 || turn->abilities->can_second == 0);
}

/* Whether the server removed the main attempt because it knows the second one, which
 * replaces it. */
static gboolean
is_replaced (const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  return !turn->event->fatal && policy->second >= GST_RCAST_SECOND_NEGOTIATING
      && policy->second_location == policy->location;
}

static gboolean
is_astray (const GstRcastPolicy * policy)
{
  if (policy->second_kind != GST_RCAST_SECOND_KIND_HEDGE)
    return policy->second_location != 0;
  return policy->second >= GST_RCAST_SECOND_SIGNALLING
      && policy->second_location >= policy->config.n_locations;
}

static gboolean
guard_holds (GstRcastGuard guard, const GstRcastPolicy * policy,
    const GstRcastTurn * turn)
{
  const GstRcastEvent *event = turn->event;
  const GstRcastServerRecord *server = peek_here (policy);
  gboolean in_time =
      is_within (policy, policy->config.recovery_timeout, turn->now);

  switch (guard) {
    case GST_RCAST_GUARD_RESTART:
      return restart_may_help (policy, turn) && in_time;
    case GST_RCAST_GUARD_UNDER_WAY:
      return policy->restarting && (!policy->restart_hopeless
          || policy->second != GST_RCAST_SECOND_NONE);
    case GST_RCAST_GUARD_BESIDE:
      return policy->second != GST_RCAST_SECOND_NONE
          || (policy->config.hedge_delay > 0 && turn->abilities->can_second);
    case GST_RCAST_GUARD_RIVAL:
      return policy->second != GST_RCAST_SECOND_NONE;
    case GST_RCAST_GUARD_ALONE:
      return policy->second != GST_RCAST_SECOND_CONNECTED;
    case GST_RCAST_GUARD_SECOND_SIGNALLING:
      return policy->second == GST_RCAST_SECOND_SIGNALLING;
    case GST_RCAST_GUARD_SECOND_NEGOTIATING:
      return policy->second == GST_RCAST_SECOND_NEGOTIATING;
    case GST_RCAST_GUARD_SECOND_CONNECTING:
      return policy->second == GST_RCAST_SECOND_CONNECTING;
    case GST_RCAST_GUARD_SECOND_CONNECTED:
      return policy->second == GST_RCAST_SECOND_CONNECTED;
    case GST_RCAST_GUARD_REPLACED:
      return is_replaced (policy, turn);
    case GST_RCAST_GUARD_IDLE_DOUBT:
      return is_idle_doubt (policy, turn);
    case GST_RCAST_GUARD_MOVED:
      return event->moved;
    case GST_RCAST_GUARD_ASTRAY:
      return is_astray (policy);
    case GST_RCAST_GUARD_ROOM:
      return (turn->abilities->can_second & 1) != 0;
    case GST_RCAST_GUARD_NO_RESTART:
      return !turn->abilities->can_restart;
    case GST_RCAST_GUARD_RENEGOTIATE:
      return may_renegotiate (policy, turn) && !is_too_soon (policy, turn);
    case GST_RCAST_GUARD_REPEAT:
      return may_renegotiate (policy, turn) && is_too_soon (policy, turn)
          && is_kept (policy, turn, policy->renegotiate_at);
    case GST_RCAST_GUARD_KEPT:
      return is_kept (policy, turn, turn->now);
    case GST_RCAST_GUARD_SECOND_OFFER:
      return turn->abilities->can_renegotiate;
    case GST_RCAST_GUARD_ATTEMPTS:
      return gst_rcast_policy_has_attempts (policy);
    case GST_RCAST_GUARD_RETRY:
      return is_server_left (policy, turn);
    case GST_RCAST_GUARD_HOLD:
      return may_hold (policy, turn);
    case GST_RCAST_GUARD_REJOIN:
      return policy->config.rejoin_on_evict && !event->fatal;
    case GST_RCAST_GUARD_CAN_RESUME:
      return turn->abilities->can_resume;
    case GST_RCAST_GUARD_LOST:
      return policy->signalling_lost;
    case GST_RCAST_GUARD_UNATTENDED:
      return policy->signalling_lost && !policy->resuming;
    case GST_RCAST_GUARD_FLAPPING:
      return policy->resumes > 0;
    case GST_RCAST_GUARD_FROZEN:
      return policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN;
    case GST_RCAST_GUARD_FORCED:
      return policy->config.reconnect_media;
    case GST_RCAST_GUARD_RECOVERING:
      return policy->attempt > 0;
    case GST_RCAST_GUARD_AWAY:
      return gst_rcast_policy_is_away (policy);
    case GST_RCAST_GUARD_INVITED:
      return turn->now >= policy->servers[0].no_check_before;
    case GST_RCAST_GUARD_PROVEN:
      return policy->checks_passed > 0;
    case GST_RCAST_GUARD_UNCONFIRMED:
      return !policy->confirmed;
    case GST_RCAST_GUARD_UNPROVEN:
      return !policy->confirmed
          || policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN;
    case GST_RCAST_GUARD_SILENT:
      return !is_in_grace (policy) && !server->reports;
    case GST_RCAST_GUARD_DEAF:
      return server->silent_retried && !server->reports;
    case GST_RCAST_GUARD_STATIC:
      return event->static_reports && server->static_retried;
    case GST_RCAST_GUARD_IN_GRACE:
      return is_in_grace (policy);
    case GST_RCAST_GUARD_LEAVING:
      return server->introduces
          && event->reason == GST_RCAST_REASON_SERVER_CLOSED;
    case GST_RCAST_GUARD_JUDGING:
      return is_in_grace (policy) || policy->attempt > 0;
    case GST_RCAST_GUARD_NOT_HELD:
      return !policy->held_back;
    case GST_RCAST_GUARD_AGAIN:
      return GST_CLOCK_TIME_IS_VALID (policy->unreachable_since)
          && !policy->early_attempt;
    case GST_RCAST_GUARD_SAME_ADDRESS:
      return event->same_address;
    case GST_RCAST_GUARD_STREAMS:
      return policy->streams_ready;
    case GST_RCAST_GUARD_UPDATE:
      return gst_rcast_policy_is_update_due (policy);
    case GST_RCAST_GUARD_NEEDED:
      return policy->update_needed;
    case GST_RCAST_GUARD_SETTLING:
      return policy->wait == GST_RCAST_WAIT_SETTLE;
    case GST_RCAST_GUARD_NOBODY:
      return policy->wait == GST_RCAST_WAIT_NOBODY;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
guards_hold (guint64 guards, const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  for (guint i = 0; i < 64 && guards >> i; i++)
    if ((guards & GST_RCAST_GUARD_BIT (i)) && !guard_holds (i, policy, turn))
      return FALSE;
  return TRUE;
}

/* Returns: the steps of the ladder that @guards asked for and that cannot help */
static guint
passed_over (guint64 guards, const GstRcastPolicy * policy, const GstRcastTurn * turn)
{
  if ((guards & GST_RCAST_GUARD_BIT (GST_RCAST_GUARD_RESTART)) && !restart_may_help (policy, turn))
    return 1u << GST_RCAST_STRATEGY_ICE_RESTART;
  if ((guards & GST_RCAST_GUARD_BIT (GST_RCAST_GUARD_RENEGOTIATE))
      && !renegotiation_may_help (policy, turn))
    return 1u << GST_RCAST_STRATEGY_RENEGOTIATE;
  return 0;
}

/* Returns: whether a rung of @row may help; @move is then that rung's */
static gboolean
climb (const GstRcastRow * row, const GstRcastPolicy * policy,
    const GstRcastTurn * turn, GstRcastMove * move, guint * skipped)
{
  for (gint i = row->from; i <= (gint) row->to; i++) {
    const GstRcastRungRow *rung = &gst_rcast_policy_ladder[i];

    if (guards_hold (rung->guards, policy, turn)) {
      *move = rung->move;
      move->effects |= row->move.effects;
      move->reason = row->move.reason;
      return TRUE;
    }
    /* With forced reconnection the media flows: no step counts as skipped. */
    if (!(row->guards & GST_RCAST_GUARD_BIT (GST_RCAST_GUARD_FORCED)))
      *skipped |= passed_over (rung->guards, policy, turn);
  }
  return FALSE;
}

static gboolean
try_row (const GstRcastRow * row, const GstRcastPolicy * policy,
    const GstRcastTurn * turn, GstRcastMove * move, guint * skipped)
{
  if (!(row->states & (1u << policy->state))
      || !(row->events & (G_GUINT64_CONSTANT (1) << turn->event->type)))
    return FALSE;
  if (!guards_hold (row->guards, policy, turn)) {
    *skipped |= passed_over (row->guards, policy, turn);
    return FALSE;
  }
  if (row->from != GST_RCAST_RUNG_NONE)
    return climb (row, policy, turn, move, skipped);
  *move = row->move;
  return TRUE;
}

/* Returns: whether there is a row */
gboolean
gst_rcast_policy_find_move (const GstRcastPolicy * policy, const GstRcastTurn * turn,
    GstRcastMove * move, guint * skipped)
{
  *skipped = 0;
  for (guint i = 0; i < gst_rcast_policy_n_topics; i++) {
    const GstRcastTopic *topic = &gst_rcast_policy_topics[i];

    for (guint j = 0; j < topic->n_rows; j++)
      if (try_row (&topic->rows[j], policy, turn, move, skipped))
        return TRUE;
  }
  return FALSE;
}

/* Whether @deadline has passed so long ago that the process was suspended. */
gboolean
gst_rcast_policy_is_standstill (const GstRcastTurn * turn,
    GstClockTime deadline)
{
  return turn->event->type == GST_RCAST_EVENT_TICK
      && turn->now - deadline >= GST_RCAST_POLICY_STANDSTILL;
}

/**
 * gst_rcast_policy_keep_session:
 * @policy: the policy
 * @turn: the arguments of the step
 * @step: (inout): the step, otherwise complete
 *
 * Keeps a session open in which nobody publishes the stream to receive. The next attempt at the
 * same server continues the session, in which the server meanwhile announces a publisher. The
 * session is closed when anything else follows.
 */
void
gst_rcast_policy_keep_session (GstRcastPolicy * policy,
    const GstRcastTurn * turn, GstRcastStep * step)
{
  gboolean moves = turn->event->type == GST_RCAST_EVENT_LOCATIONS_CHANGED;

  if (step->to == GST_RCAST_STATE_BACKOFF
      && step->from != GST_RCAST_STATE_BACKOFF) {
    policy->stays = turn->event->reason == GST_RCAST_REASON_NO_STREAM
        && step->strategy != GST_RCAST_STRATEGY_FAILOVER;
    if (policy->stays)
      step->actions &= ~GST_RCAST_ACTION_CLOSE_SIGNALLER;
  } else if (step->to != GST_RCAST_STATE_BACKOFF || moves) {
    /* PROMOTE already closes the session of the attempt that it replaces. */
    if (policy->stays && !(step->actions & GST_RCAST_ACTION_PROMOTE)
        && (step->to != GST_RCAST_STATE_SIGNALLING || moves))
      step->actions |= GST_RCAST_ACTION_CLOSE_SIGNALLER;
    policy->stays = FALSE;
  }
}
