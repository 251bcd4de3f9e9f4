/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of the policy: rows of {states, events, conditions, move}, grouped by question. */
#pragma once

#include "rcast-policy-types.h"

G_BEGIN_DECLS

/* Conditions of a row: name, word, meaning. */
#define GST_RCAST_POLICY_GUARDS(G) \
  G (RESTART, "can restart ICE", \
      "there is a negotiated connection, DTLS is alive, the signalling is up and the server is not known to " \
      "refuse it; media has been down, or in trouble before it was ever confirmed, for less than the recovery timeout; " \
      "no restart has failed to thaw frozen media, or was without an answer on the path") \
  G (NO_RESTART, "cannot restart ICE", \
      "no negotiated connection, DTLS is over, the signalling is lost, or the server refuses it") \
  G (UNDER_WAY, "restart under way", \
      "an ICE restart was begun while media was given its grace, and something may still answer on its path, or a " \
      "second session is tried beside it") \
  G (BESIDE, "second session", "a second session is under way, or can be") \
  G (RIVAL, "a second attempt", "there is one, or it waits") \
  G (ALONE, "no second sends", "there is no second attempt that sends already") \
  G (SECOND_SIGNALLING, "second signalling", "the signaller of a second attempt opens") \
  G (SECOND_NEGOTIATING, "second negotiating", "its offer is sent and answered") \
  G (SECOND_CONNECTING, "second connecting", "its ICE and DTLS connect") \
  G (SECOND_CONNECTED, "second connected", "it sends") \
  G (REPLACED, "replaced", \
      "the server did not remove us on purpose, and a second attempt there has made an offer: it has taken the place") \
  G (IDLE_DOUBT, "idle doubt", \
      "the doubt is ours, not the server's, and neither an ICE restart nor a second session can be: only a fresh " \
      "connection would follow") \
  G (MOVED, "moved", "another first location was set, and the broadcast was at the first one or is at none of the list") \
  G (ASTRAY, "second astray", \
      "the second attempt goes to a server that is not listed any more, or returns to one that is not the first any more") \
  G (ROOM, "room at the first", "this side can have a second session at the first server") \
  G (RENEGOTIATE, "can renegotiate", \
      "as for a second offer, and there is something to send; within the recovery timeout; not done since media was " \
      "last stable, unless the session is worth keeping, its media failed, and the growing delay between attempts has " \
      "passed since the last one began; not when the server does not answer and other locations remain") \
  G (REPEAT, "can renegotiate soon", \
      "the same, but the delay has not passed; the session is still worth keeping when it has") \
  G (KEPT, "worth keeping", "the signaller needs time for its own recovery, and has not had it since the first trouble after media was last " \
      "stable") \
  G (SECOND_OFFER, "takes a second offer", "the signalling is up and the session can have a fresh webrtcbin") \
  G (ATTEMPTS, "attempts left", "fewer than `reconnect-max-retries` since media was last stable for 5 s") \
  G (RETRY, "a server left", \
      "one of `locations` has not refused for good, or refusals do not end the broadcast: see `give-up`") \
  G (HOLD, "may hold", \
      "the network failed, not the server, or the server did not answer in time; media has been down for less than " \
      "the recovery timeout (with several locations: twice `ice-disconnected-timeout`, and the network has not failed " \
      "twice)") \
  G (REJOIN, "rejoin on evict", \
      "`rejoin-on-evict` is set, and the server has forgotten the session: it did not remove us on purpose") \
  G (CAN_RESUME, "can resume", "the signaller can resume a lost session") \
  G (LOST, "signalling lost", "the signalling connection broke and has not been resumed") \
  G (UNATTENDED, "no resume under way", "the signalling is lost, and no answer to an attempt to resume it is awaited") \
  G (FLAPPING, "lost again", "the signalling was resumed, or was to be, since media was last stable") \
  G (FROZEN, "media frozen", "the trouble began with frozen media") \
  G (FORCED, "media by force", "`force-media-reconnection-after-network-drop` is set") \
  G (RECOVERING, "recovering", "there was an attempt since media was last stable for 5 s") \
  G (AWAY, "away", \
      "the broadcast is not at the first of `locations`, and `failback-interval` is not 0; a first server that refused " \
      "is checked a 32nd as often") \
  G (INVITED, "not asked to wait", "the first server asked for no time (`Retry-After`, not capped), or that is over") \
  G (PROVEN, "checked before", "the previous check also found the first server healthy") \
  G (UNCONFIRMED, "unconfirmed", "the server has reported nothing of the present connection") \
  G (UNPROVEN, "unproven", "unconfirmed, or the trouble is frozen media: only a report proves that media arrives") \
  G (SILENT, "never reported", \
      "this server has not reported on any connection since the start, and no lost ICE pair is waited for") \
  G (DEAF, "deaf before", \
      "this server never reported, and a new session was already opened there for that reason: its reports do not " \
      "describe what it receives") \
  G (STATIC, "reports never change", \
      "they have not changed on this connection, and a new session was already opened at this server for that reason: " \
      "its reports do not describe what it receives") \
  G (IN_GRACE, "in grace", "the deadline is the end of the grace for a lost ICE pair") \
  G (LEAVING, "may be leaving", \
      "the other end closed the media, and this server reports when whoever is sent to leaves: it is about to say so") \
  G (JUDGING, "media is judged", "in grace, or recovering: the deadline decides about the media") \
  G (NOT_HELD, "not held back", "the deadline is not the time that the server asked for (`Retry-After`)") \
  G (AGAIN, "away before", \
      "the server could not be reached since it last answered, and no wait was cut short since it was last unreachable") \
  G (SAME_ADDRESS, "same address", "the server answered the ICE restart with the addresses and ports it had before") \
  G (STREAMS, "streams ready", "there is a stream, and every stream knows what it can offer") \
  G (UPDATE, "update due", \
      "the last offer no longer fits the streams, they are ready, and nothing else is under way; of a connection that is to be confirmed in a recovery: a stream is not sent because it has changed") \
  G (NEEDED, "update needed", "something that is to be sent was not offered, or differently") \
  G (SETTLING, "update settles", "the deadline is the beginning of such an update") \
  G (NOBODY, "nobody there", "the deadline is the end of the time in which nobody was there to send to")

/* Deadlines: name, word, meaning. */
#define GST_RCAST_POLICY_WAITS(W) \
  W (NONE, "none", "no deadline") \
  W (KEEP, "unchanged", "the deadline stays as it is") \
  W (SETTLE, "settle", "the streams must stay as they are for so long before an offer is made: 100 ms") \
  W (SIGNALLING, "signalling", "signalling timeout") \
  W (NOBODY, "nobody", "recovering: 5 s in which nobody is there to send to; else none") \
  W (CONNECT, "connect", "connect timeout") \
  W (CONFIRM, "confirm", \
      "recovering: confirm timeout; else at once if the signalling is to be resumed or an update is due; else none") \
  W (GRACE, "grace", "`ice-disconnected-timeout`, from the last sign of life") \
  W (RESTART, "restart", "restart timeout, but not beyond the recovery timeout") \
  W (SAME_ADDRESS, "half a restart", "half the restart timeout from now, if that is earlier") \
  W (RENEGOTIATE, "renegotiate", "renegotiate timeout, but not beyond the recovery timeout") \
  W (RESUME, "resume", "resume timeout") \
  W (STABLE, "stable", "5 s of media; at once if an update is due") \
  W (ON_AIR, "on air", \
      "update due: at once; unconfirmed: confirm timeout; recovering: 5 s of media; away: until the next check; else none") \
  W (BACKOFF, "backoff", "the growing delay between attempts, or what the server asked for") \
  W (NOW, "now", "at once") \
  W (CLOSE, "close", "close timeout")

/* What a move does to the counters: bit, word, meaning. */
#define GST_RCAST_POLICY_EFFECTS(X) \
  X (ATTEMPT, "attempt", "one more attempt; renegotiations that are repeated are one") \
  X (BY_RESTART, "by ice-restart", "the strategy is an ICE restart") \
  X (BY_RENEGOTIATE, "by renegotiate", "the strategy is a fresh webrtcbin in the same session") \
  X (BY_SESSION, "by rejoin or failover", "the strategy is a new session, here or at the next server") \
  X (BY_FAILBACK, "by failback", "the strategy is a new session at the first server") \
  X (FIRST, "first", "the first server is the one in use") \
  X (RETURN, "return", "the second attempt is a return to the first server") \
  X (MOVE, "move", "the second attempt is a move to the first server, which the application wants") \
  X (MOVE_LATER, "move later", "the same, once the streams are ready") \
  X (BY_PATH, "by path-switch", "the ICE agent moved the media; reported") \
  X (BY_PAIR, "by background restart", "reported if an ICE restart in the background brought the pair back") \
  X (PAUSE, "pause", "the next renegotiation waits until it may begin") \
  X (HOLD, "hold", "the next attempt waits for the network") \
  X (RESUME, "resume", "one more attempt to resume the signalling") \
  X (RESUMED, "resumed", "the signalling is back; should it be lost again soon, the next attempt waits") \
  X (TROUBLE, "trouble", "the reason of the outage is its first sign") \
  X (ON_AIR, "on air", "the outage is over") \
  X (NO_OUTAGE, "no outage", "nobody misses the media, but the counters stay") \
  X (FORGET, "forget", "all counters are 0 again") \
  X (NOT_COUNTED, "not counted", "the renegotiation was not to blame") \
  X (UPDATED, "updated", "the streams were renegotiated; reported") \
  X (FORGO, "forgo", "no update for the sake of streams that are gone") \
  X (UPDATE_AGAIN, "update again", "the update under way is to be repeated")

/* The ladder, cheapest step first: rung, word, meaning. */
#define GST_RCAST_POLICY_RUNGS(R) \
  R (RESTART, "ICE restart", "new credentials, same DTLS") \
  R (RENEGOTIATE, "renegotiation", "a fresh webrtcbin in the same session") \
  R (PAUSE, "pause", "the same, but not yet") \
  R (CONNECTED, "second attempt", "it sends: it has the place of the main one") \
  R (CONNECTING, "second attempt", "as far as it has come") \
  R (NEGOTIATING, "second attempt", "as far as it has come") \
  R (SIGNALLING, "second attempt", "as far as it has come") \
  R (SESSION, "new session", "here or at the next server") \
  R (END, "end", "the broadcast fails")

/* *INDENT-OFF* */
#define GST_RCAST_POLICY_NAME(name, ...) GST_RCAST_GUARD_ ## name,
typedef enum { GST_RCAST_POLICY_GUARDS (GST_RCAST_POLICY_NAME) } GstRcastGuard;
#undef GST_RCAST_POLICY_NAME

#define GST_RCAST_POLICY_NAME(name, ...) GST_RCAST_EFFECT_INDEX_ ## name,
#define GST_RCAST_POLICY_FLAG(name, ...) \
    GST_RCAST_EFFECT_ ## name = 1 << GST_RCAST_EFFECT_INDEX_ ## name,
typedef enum { GST_RCAST_POLICY_EFFECTS (GST_RCAST_POLICY_NAME) } GstRcastEffectIndex;
typedef enum { GST_RCAST_POLICY_EFFECTS (GST_RCAST_POLICY_FLAG) } GstRcastEffects;
#undef GST_RCAST_POLICY_NAME
#undef GST_RCAST_POLICY_FLAG

#define GST_RCAST_POLICY_NAME(name, ...) GST_RCAST_WAIT_ ## name,
typedef enum { GST_RCAST_POLICY_WAITS (GST_RCAST_POLICY_NAME) } GstRcastWait;
#undef GST_RCAST_POLICY_NAME

#define GST_RCAST_POLICY_NAME(name, ...) GST_RCAST_RUNG_ ## name,
typedef enum { GST_RCAST_RUNG_NONE, GST_RCAST_POLICY_RUNGS (GST_RCAST_POLICY_NAME) GST_RCAST_N_RUNGS } GstRcastRung;
#undef GST_RCAST_POLICY_NAME
/* *INDENT-ON* */

/* A bit of a set of guards */
#define GST_RCAST_GUARD_BIT(guard) (G_GUINT64_CONSTANT (1) << (guard))

/* GstRcastMove.next: the state does not change. */
#define GST_RCAST_STATE_SAME (-1)

/**
 * GstRcastMove:
 * @next: #GstRcastState, or %GST_RCAST_STATE_SAME
 * @wait: the deadline
 * @effects: #GstRcastEffects
 * @actions: #GstRcastActions
 * @reason: reason to report, or NONE: the event's reason, or what the trouble began with
 *
 * What the policy does on an event.
 */
typedef struct {
  gint next;
  GstRcastWait wait;
  guint effects;
  guint actions;
  GstRcastReason reason;
} GstRcastMove;

/**
 * GstRcastRow:
 * @states: bit set, by #GstRcastState
 * @events: bit set, by #GstRcastEventType
 * @guards: bit set, by #GstRcastGuard; all must hold
 * @from: the first rung of the ladder to try, or NONE: the policy makes @move
 * @to: the last rung to try
 * @move: the move; with a ladder its effects and reason are added to the rung's
 *
 * The policy takes the first row for a state and an event whose guards hold. It skips a row
 * with a ladder if none of the rungs can help.
 */
typedef struct {
  guint32 states;
  guint64 events;
  guint64 guards;
  GstRcastRung from, to;
  GstRcastMove move;
} GstRcastRow;

/**
 * GstRcastRungRow:
 * @guards: bit set, by #GstRcastGuard; all must hold
 * @move: the move to make then
 *
 * A step of the ladder.
 */
typedef struct {
  guint64 guards;
  GstRcastMove move;
} GstRcastRungRow;

/**
 * GstRcastTopic:
 * @title: the question that the rows answer
 * @rows: the rows
 * @n_rows: number of rows
 */
typedef struct {
  const gchar *title;
  const GstRcastRow *rows;
  guint n_rows;
} GstRcastTopic;

extern const GstRcastRungRow gst_rcast_policy_ladder[GST_RCAST_N_RUNGS];
extern const GstRcastTopic gst_rcast_policy_topics[];
extern const guint gst_rcast_policy_n_topics;

G_END_DECLS
