/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of the policy: states, events, actions, and what it remembers. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastState:
 * @GST_RCAST_STATE_IDLE: not started, or stopped
 * @GST_RCAST_STATE_PREPARING: no session; waits until every stream knows what it can
 *   offer
 * @GST_RCAST_STATE_SIGNALLING: the signaller opens
 * @GST_RCAST_STATE_NEGOTIATING: an offer is being made, sent and answered
 * @GST_RCAST_STATE_CONNECTING: ICE and DTLS connect
 * @GST_RCAST_STATE_CONNECTED: media is sent, not yet confirmed
 * @GST_RCAST_STATE_LIVE: the server's RTCP confirms that media arrives; after an update
 *   it did so over the webrtcbin before
 * @GST_RCAST_STATE_UPDATING: media flows; a fresh webrtcbin with other streams connects
 *   in the same session
 * @GST_RCAST_STATE_DISRUPTED: ICE has lost its pair; the grace period runs
 * @GST_RCAST_STATE_RESTARTING: an ICE restart is to bring the media back
 * @GST_RCAST_STATE_RENEGOTIATING: a fresh webrtcbin takes over in the same session
 * @GST_RCAST_STATE_DETACHED: media flows, the signalling is lost; waits before resuming it
 * @GST_RCAST_STATE_RESUMING: media flows, the signalling is being resumed
 * @GST_RCAST_STATE_HOLDING: off air, and the server cannot be reached, but may still
 *   have the session: waits before trying again
 * @GST_RCAST_STATE_REATTACHING: off air, the signalling is being resumed first
 * @GST_RCAST_STATE_BACKOFF: waits before the next session
 * @GST_RCAST_STATE_CLOSING: the end of the stream is being delivered
 * @GST_RCAST_STATE_FAILED: over, the error is posted
 */
typedef enum {
  GST_RCAST_STATE_IDLE,
  GST_RCAST_STATE_PREPARING,
  GST_RCAST_STATE_SIGNALLING,
  GST_RCAST_STATE_NEGOTIATING,
  GST_RCAST_STATE_CONNECTING,
  GST_RCAST_STATE_CONNECTED,
  GST_RCAST_STATE_LIVE,
  GST_RCAST_STATE_UPDATING,
  GST_RCAST_STATE_DISRUPTED,
  GST_RCAST_STATE_RESTARTING,
  GST_RCAST_STATE_RENEGOTIATING,
  GST_RCAST_STATE_DETACHED,
  GST_RCAST_STATE_RESUMING,
  GST_RCAST_STATE_HOLDING,
  GST_RCAST_STATE_REATTACHING,
  GST_RCAST_STATE_BACKOFF,
  GST_RCAST_STATE_CLOSING,
  GST_RCAST_STATE_FAILED,
} GstRcastState;

/**
 * GstRcastSecond:
 * @GST_RCAST_SECOND_NONE: there is no second attempt
 * @GST_RCAST_SECOND_WAITING: it begins unless the main one succeeds before
 * @GST_RCAST_SECOND_SIGNALLING: its signaller opens
 * @GST_RCAST_SECOND_NEGOTIATING: its offer is being made, sent and answered
 * @GST_RCAST_SECOND_CONNECTING: its ICE and DTLS connect
 * @GST_RCAST_SECOND_CONNECTED: it sends beside the main one, and is not confirmed yet
 *
 * Where the attempt stands that may take the place of the main one.
 */
typedef enum {
  GST_RCAST_SECOND_NONE,
  GST_RCAST_SECOND_WAITING,
  GST_RCAST_SECOND_SIGNALLING,
  GST_RCAST_SECOND_NEGOTIATING,
  GST_RCAST_SECOND_CONNECTING,
  GST_RCAST_SECOND_CONNECTED,
} GstRcastSecond;

/**
 * GstRcastSecondKind:
 * @GST_RCAST_SECOND_KIND_HEDGE: the main one hesitates: whichever connects first wins
 * @GST_RCAST_SECOND_KIND_FAILBACK: back to the first server while the main one is live
 * @GST_RCAST_SECOND_KIND_MOVE: the same, since the application has set another one
 *
 * What a second attempt is for.
 */
typedef enum {
  GST_RCAST_SECOND_KIND_HEDGE,
  GST_RCAST_SECOND_KIND_FAILBACK,
  GST_RCAST_SECOND_KIND_MOVE,
} GstRcastSecondKind;

/**
 * GstRcastEventType:
 * @GST_RCAST_EVENT_START: the element goes to PLAYING
 * @GST_RCAST_EVENT_STOP: the element goes to READY
 * @GST_RCAST_EVENT_EOS: every stream has ended
 * @GST_RCAST_EVENT_TICK: the deadline has come
 * @GST_RCAST_EVENT_STREAMS_READY: every stream knows what it can offer
 * @GST_RCAST_EVENT_STREAMS_PENDING: a stream does not, or there is none
 * @GST_RCAST_EVENT_STREAMS_CHANGED: what is to be sent is no longer what was offered,
 *   or the application asks for a new offer
 * @GST_RCAST_EVENT_SIGNALLER_OPEN: the signaller is open
 * @GST_RCAST_EVENT_SIGNALLER_FAILED: open or offer failed
 * @GST_RCAST_EVENT_SIGNALLER_LOST: the signalling connection broke
 * @GST_RCAST_EVENT_SIGNALLER_RESUMED: the signalling of the same session is back
 * @GST_RCAST_EVENT_RESUME_FAILED: it is not, for now
 * @GST_RCAST_EVENT_SIGNALLER_CLOSED: the session is taken down
 * @GST_RCAST_EVENT_EVICTED: the server forgot or removed the session
 * @GST_RCAST_EVENT_SERVER_HANGUP: the server ended the media, the session lives
 * @GST_RCAST_EVENT_SERVER_WAITING: nobody is there to send to; the signaller waits for somebody
 * @GST_RCAST_EVENT_SERVER_RECONNECTING: the server's own onward leg broke
 * @GST_RCAST_EVENT_SERVER_RECONNECTED: it is back
 * @GST_RCAST_EVENT_NEGOTIATED: offer and answer are applied
 * @GST_RCAST_EVENT_MEDIA_CONNECTED: ICE and DTLS are connected
 * @GST_RCAST_EVENT_MEDIA_DISCONNECTED: ICE has lost its pair, for now
 * @GST_RCAST_EVENT_MEDIA_CONFIRMED: the server's RTCP reports our packets, or does so again
 * @GST_RCAST_EVENT_MEDIA_SUSPECT: the server says that it receives nothing of what is sent
 * @GST_RCAST_EVENT_MEDIA_FROZEN: packets are sent, but no more of them arrive
 * @GST_RCAST_EVENT_MEDIA_FAILED: ICE or DTLS failed for good, or the peer closed
 * @GST_RCAST_EVENT_PEER_FAILED: webrtcbin refused a description, or could not be built
 * @GST_RCAST_EVENT_DRAINED: the last packet before the end is sent
 * @GST_RCAST_EVENT_RESTART: the application or the ICE agent asks for an ICE restart
 * @GST_RCAST_EVENT_RESTART_FAILED: the server or webrtcbin refused the ICE restart
 * @GST_RCAST_EVENT_RESTART_HOPELESS: the server answered the ICE restart, but nothing answers
 *   on the path
 * @GST_RCAST_EVENT_PATH_SWITCHED: the ICE agent has moved the media to another path,
 *   and it arrives there
 * @GST_RCAST_EVENT_NETWORK_UP: the system has a network again
 * @GST_RCAST_EVENT_CHECK_PASSED: the first server has answered as if it were healthy
 * @GST_RCAST_EVENT_CHECK_FAILED: the check of the first server failed
 * @GST_RCAST_EVENT_PROBE_DUE: it is time to probe the server
 * @GST_RCAST_EVENT_PROBE_ANSWERED: the server can be reached
 * @GST_RCAST_EVENT_PROBE_UNANSWERED: the server cannot be reached
 * @GST_RCAST_EVENT_PROBE_USELESS: a probe is not possible, or would not help now
 * @GST_RCAST_EVENT_LOCATIONS_CHANGED: the application has set other servers; the records
 *   are those of the new list already
 * @GST_RCAST_EVENT_RECONNECT_NOW: the application does not want to wait
 */
typedef enum {
  GST_RCAST_EVENT_START,
  GST_RCAST_EVENT_STOP,
  GST_RCAST_EVENT_EOS,
  GST_RCAST_EVENT_TICK,
  GST_RCAST_EVENT_STREAMS_READY,
  GST_RCAST_EVENT_STREAMS_PENDING,
  GST_RCAST_EVENT_STREAMS_CHANGED,
  GST_RCAST_EVENT_SIGNALLER_OPEN,
  GST_RCAST_EVENT_SIGNALLER_FAILED,
  GST_RCAST_EVENT_SIGNALLER_LOST,
  GST_RCAST_EVENT_SIGNALLER_RESUMED,
  GST_RCAST_EVENT_RESUME_FAILED,
  GST_RCAST_EVENT_SIGNALLER_CLOSED,
  GST_RCAST_EVENT_EVICTED,
  GST_RCAST_EVENT_SERVER_HANGUP,
  GST_RCAST_EVENT_SERVER_WAITING,
  GST_RCAST_EVENT_SERVER_RECONNECTING,
  GST_RCAST_EVENT_SERVER_RECONNECTED,
  GST_RCAST_EVENT_NEGOTIATED,
  GST_RCAST_EVENT_MEDIA_CONNECTED,
  GST_RCAST_EVENT_MEDIA_DISCONNECTED,
  GST_RCAST_EVENT_MEDIA_CONFIRMED,
  GST_RCAST_EVENT_MEDIA_SUSPECT,
  GST_RCAST_EVENT_MEDIA_FROZEN,
  GST_RCAST_EVENT_MEDIA_FAILED,
  GST_RCAST_EVENT_PEER_FAILED,
  GST_RCAST_EVENT_DRAINED,
  GST_RCAST_EVENT_RESTART,
  GST_RCAST_EVENT_RESTART_FAILED,
  GST_RCAST_EVENT_RESTART_HOPELESS,
  GST_RCAST_EVENT_PATH_SWITCHED,
  GST_RCAST_EVENT_NETWORK_UP,
  GST_RCAST_EVENT_CHECK_PASSED,
  GST_RCAST_EVENT_CHECK_FAILED,
  GST_RCAST_EVENT_PROBE_DUE,
  GST_RCAST_EVENT_PROBE_ANSWERED,
  GST_RCAST_EVENT_PROBE_UNANSWERED,
  GST_RCAST_EVENT_PROBE_USELESS,
  GST_RCAST_EVENT_LOCATIONS_CHANGED,
  GST_RCAST_EVENT_RECONNECT_NOW,
} GstRcastEventType;

/**
 * GstRcastActions:
 * @GST_RCAST_ACTION_CLOSE_GATES: send no more media
 * @GST_RCAST_ACTION_DROP_PEER: take webrtcbin down, a former one too
 * @GST_RCAST_ACTION_CLOSE_SIGNALLER: end the session at the server
 * @GST_RCAST_ACTION_DROP_SECOND: leave the second attempt; its session is closed
 * @GST_RCAST_ACTION_OPEN_SIGNALLER: begin a session
 * @GST_RCAST_ACTION_RESUME_SIGNALLER: take up the session of a lost connection again
 * @GST_RCAST_ACTION_MAKE_OFFER: build webrtcbin, offer, apply the answer; a present one stays beside it
 * @GST_RCAST_ACTION_RESTART_ICE: offer new ICE credentials, media goes on
 * @GST_RCAST_ACTION_OPEN_GATES: send media from the next key frame on
 * @GST_RCAST_ACTION_SETTLE: let the former webrtcbin go, and its session at the server
 * @GST_RCAST_ACTION_OPEN_SECOND: begin a session of the second attempt
 * @GST_RCAST_ACTION_OFFER_SECOND: build webrtcbin for it, offer, apply the answer
 * @GST_RCAST_ACTION_OPEN_SECOND_GATES: let it send media, too
 * @GST_RCAST_ACTION_PROMOTE: it is the main attempt from now on; the former one is left,
 *   and its session closed
 * @GST_RCAST_ACTION_DRAIN: report when the last packet is sent
 * @GST_RCAST_ACTION_CHECK: ask the first server whether it is healthy
 * @GST_RCAST_ACTION_PROBE: see whether the server can be reached
 * @GST_RCAST_ACTION_PROBE_SECOND: see whether the server whose turn it is beside the main attempt
 *   can be reached
 * @GST_RCAST_ACTION_POST_WARNING: say that something broke which does not touch the media
 * @GST_RCAST_ACTION_POST_OUTAGE: post that there was an outage, which is over
 * @GST_RCAST_ACTION_POST_STATUS: post the status message
 * @GST_RCAST_ACTION_POST_ERROR: post the one error
 * @GST_RCAST_ACTION_POST_EOS: forward the end of the stream
 *
 * Carried out in the order of their bits.
 */
typedef enum {
  GST_RCAST_ACTION_CLOSE_GATES = 1 << 0,
  GST_RCAST_ACTION_DROP_PEER = 1 << 1,
  GST_RCAST_ACTION_CLOSE_SIGNALLER = 1 << 2,
  GST_RCAST_ACTION_DROP_SECOND = 1 << 3,
  GST_RCAST_ACTION_OPEN_SIGNALLER = 1 << 4,
  GST_RCAST_ACTION_RESUME_SIGNALLER = 1 << 5,
  GST_RCAST_ACTION_MAKE_OFFER = 1 << 6,
  GST_RCAST_ACTION_RESTART_ICE = 1 << 7,
  GST_RCAST_ACTION_OPEN_GATES = 1 << 8,
  GST_RCAST_ACTION_SETTLE = 1 << 9,
  GST_RCAST_ACTION_OPEN_SECOND = 1 << 10,
  GST_RCAST_ACTION_OFFER_SECOND = 1 << 11,
  GST_RCAST_ACTION_OPEN_SECOND_GATES = 1 << 12,
  GST_RCAST_ACTION_PROMOTE = 1 << 13,
  GST_RCAST_ACTION_DRAIN = 1 << 14,
  GST_RCAST_ACTION_CHECK = 1 << 15,
  GST_RCAST_ACTION_PROBE = 1 << 16,
  GST_RCAST_ACTION_PROBE_SECOND = 1 << 17,
  GST_RCAST_ACTION_POST_WARNING = 1 << 18,
  GST_RCAST_ACTION_POST_OUTAGE = 1 << 19,
  GST_RCAST_ACTION_POST_STATUS = 1 << 20,
  GST_RCAST_ACTION_POST_ERROR = 1 << 21,
  GST_RCAST_ACTION_POST_EOS = 1 << 22,
} GstRcastActions;

/* Servers that the policy can distinguish. */
#define GST_RCAST_POLICY_MAX_LOCATIONS 32
/* Those of two attempts may be in use, and in the list no more. */
#define GST_RCAST_POLICY_MAX_RECORDS (GST_RCAST_POLICY_MAX_LOCATIONS + 2)

/**
 * GstRcastPolicyConfig:
 * @settle: how long the set of streams must stay as it is before an offer is made
 * @signalling_timeout: for opening the signaller and for offer and answer
 * @connect_timeout: for ICE and DTLS to connect
 * @disconnected_timeout: grace for a lost ICE pair
 * @restart_timeout: for an ICE restart to bring the media back; half of it if the server
 *   kept its addresses, and a fresh webrtcbin may help
 * @renegotiate_timeout: for a fresh webrtcbin in the same session to connect
 * @resume_timeout: for a lost signalling connection to be resumed
 * @confirm_timeout: for the first report about the media of a connection that
 *   replaces one
 * @recovery_timeout: how long after the media stopped the session is still worth
 *   saving: servers give it up after some time
 * @stable_time: media must flow this long for the attempts to count from one again
 * @close_timeout: for the end to be delivered
 * @min_delay: first step of the growing delay between attempts
 * @max_delay: no own delay is longer
 * @retry_after_max: the longest that a server may ask us to wait (`Retry-After`)
 * @max_retries: attempts before it gives up: -1 for ever, 0 none
 * @n_locations: how many servers there are to choose from, at least 1; of more than
 *   %GST_RCAST_POLICY_MAX_LOCATIONS the first ones are used
 * @failback_interval: between two checks of the first server while another one is in
 *   use, doubled after each return, until a stay there was long; 0: no return
 * @probe_interval: between two probes of a server that could not be reached, at the
 *   most; grows with the time to 8 times as long; 0: never
 * @hedge_delay: how long a step may take before the next one begins beside it; 0: one
 *   after the other
 * @give_up: whether refusals end the broadcast
 * @rejoin_on_evict: whether an eviction that is not fatal is followed by a new session,
 *   not by the end
 * @reconnect_media: whether the media is reconnected after the network or the
 *   signalling was away, even if it flows
 */
typedef struct {
  GstClockTime settle;
  GstClockTime signalling_timeout;
  GstClockTime connect_timeout;
  GstClockTime disconnected_timeout;
  GstClockTime restart_timeout;
  GstClockTime renegotiate_timeout;
  GstClockTime resume_timeout;
  GstClockTime confirm_timeout;
  GstClockTime recovery_timeout;
  GstClockTime stable_time;
  GstClockTime close_timeout;
  GstClockTime min_delay;
  GstClockTime max_delay;
  GstClockTime retry_after_max;
  gint max_retries;
  guint n_locations;
  GstClockTime failback_interval;
  GstClockTime probe_interval;
  GstClockTime hedge_delay;
  GstRcastGiveUp give_up;
  gboolean rejoin_on_evict;
  gboolean reconnect_media;
} GstRcastPolicyConfig;

/**
 * GstRcastEvent:
 * @type: what happened
 * @generation: of the session that it happened to, 0: of none in particular
 * @reason: why, for events that end something
 * @fatal: whether the same location cannot help any more
 * @busy: whether the refusal may mean that a session that was left holds the slot; with
 *   @fatal, none is known of, and it is a refusal after a while
 * @unusable: whether what the server has answered makes no sense, or can never work
 * @static_reports: whether frozen media is reported by a server whose reports have not
 *   changed since the first one of the connection
 * @partial: whether a stream is missing in what the server has confirmed; the event comes once more
 *   when none is
 * @restarted: whether an ICE restart has brought the connection about
 * @same_address: whether the server answered an ICE restart with the addresses and
 *   ports that it had before
 * @fewer: whether streams are gone, and what is left is sent as it was offered
 * @moved: whether the server in use is not the first one of the new list, and that was not
 *   the first one before, or the one in use is not in the list
 * @unreachable: whether the failure was one of the network: the server may be fine
 * @retry_after: what the server asked for, 0: nothing
 * @lag: how long before the event the media stopped
 */
typedef struct {
  GstRcastEventType type;
  guint generation;
  GstRcastReason reason;
  gboolean fatal;
  gboolean busy;
  gboolean unusable;
  gboolean static_reports;
  gboolean partial;
  gboolean restarted;
  gboolean same_address;
  gboolean fewer;
  gboolean moved;
  gboolean unreachable;
  GstClockTime retry_after;
  GstClockTime lag;
} GstRcastEvent;

/**
 * GstRcastAbilities:
 * @can_restart: an ICE restart may help: there is a negotiated connection, DTLS is
 *   alive, and the server is not known to refuse it
 * @can_renegotiate: a fresh webrtcbin may help in the same session
 * @outdated: a stream is not sent, as it has changed since it was offered: another offer helps
 * @can_resume: the signaller can resume a lost session
 * @can_probe: the signaller can probe the server by a bare connection
 * @can_second: bit set, by the index of the server, of where a second session is
 *   possible on this side
 * @resume_time: how long the signaller may need to bring the media back in its session:
 *   a second one at its server does not begin sooner
 *
 * What can be done at the time of an event.
 */
typedef struct {
  gboolean can_restart;
  gboolean can_renegotiate;
  gboolean outdated;
  gboolean can_resume;
  gboolean can_probe;
  guint32 can_second;
  GstClockTime resume_time;
} GstRcastAbilities;

/**
 * GstRcastServerRecord:
 * @reports: it has confirmed media since the start
 * @silent_retried: "deaf": it said that nothing arrives, and a new session was opened
 *   for that reason
 * @static_reports: "stuck": its reports have not changed on the last connection whose
 *   media froze
 * @static_retried: "rigid": and a new session was opened since
 * @alone: it took no second session beside the one in use
 * @introduces: it has said that nobody is there to send to: it only brings two ends together
 * @refused: it said no for good since media last flowed
 * @refusals: how often in a row since then
 * @unusable: how many of its answers to offers in a row can never work
 * @busy_since: it says that its slot is taken, perhaps by a session that was left, without the pauses
 *   that it asked for; 0: it does not
 * @busy_until: when it may be asked again, the last time that it said so
 * @failures: second attempts there that came to nothing since media was last stable
 * @tried_at: when an attempt there was begun, or came to nothing; 0: it is the first in turn
 * @no_second_before: when the next one may begin, at growing steps
 * @unreached_since: attempts have not reached it since that time, 0: the last one did
 * @hastened: a probe was answered meanwhile, and none was unanswered since
 * @probe_generation: of the probes of it beside the main attempt, 0: there was none yet
 * @probed: one was answered, or is of no use, in the present step of the second attempt
 * @held_until: it is not asked before that time (`Retry-After`, capped), 0: it may be
 * @no_check_before: nor is it returned to (the same, not capped)
 * @failbacks: how often it was returned to as the first one, until a stay there was long; raised to the
 *   maximum if it refused, so that it is checked rarely
 * @stays_since: since when it is in use, from the first media on, 0: it is not
 *
 * What is remembered of a server since the start.
 */
typedef struct {
  gboolean reports;
  gboolean silent_retried;
  gboolean static_reports;
  gboolean static_retried;
  gboolean alone;
  gboolean introduces;
  gboolean refused;
  guint refusals;
  guint unusable;
  GstClockTime busy_since;
  GstClockTime busy_until;
  guint failures;
  GstClockTime tried_at;
  GstClockTime no_second_before;
  GstClockTime unreached_since;
  gboolean hastened;
  guint probe_generation;
  gboolean probed;
  GstClockTime held_until;
  GstClockTime no_check_before;
  guint failbacks;
  GstClockTime stays_since;
} GstRcastServerRecord;

/**
 * GstRcastPolicy:
 * @state: where the broadcast stands; written by gst_rcast_policy_step() only
 * @status: as the application sees it
 * @generation: counts sessions and the webrtcbins in them; operations carry it, so
 *   that late answers are known
 * @last_generation: the highest that was given
 * @deadline: when a @GST_RCAST_EVENT_TICK is due, or %GST_CLOCK_TIME_NONE
 * @wait: what for, a `GstRcastWait`
 * @waits_since: when @deadline was set
 * @extended: @deadline has passed while the process was suspended, and was set anew
 * @stays: the session was not closed before a new one is opened: it awaits its stream
 * @held_back: @deadline is not before the time that the server asked for
 * @attempt: number of the attempt to get back on air, 0: none is needed
 * @rejoins: how many of the attempts opened a new session
 * @steps: how many of them since media was last confirmed
 * @short_lives: how many outages since media was last stable took a new session
 * @restarts: how many of the attempts were ICE restarts
 * @renegotiations: how many of the attempts were new webrtcbins in the same session
 * @renegotiate_at: if there was one, when the next one may begin, at growing intervals
 * @holds: how often the server could not be reached since the session was last well
 * @resumes: how often the signalling was resumed, or was to be, since media was last
 *   stable
 * @strategy: by which means
 * @trouble: what began it
 * @signalling_lost: the connection to the signalling server is broken
 * @resuming: an answer to @GST_RCAST_ACTION_RESUME_SIGNALLER is awaited
 * @onward_lost: the server says that its own onward leg is broken
 * @restarting: an ICE restart is under way; media may flow meanwhile
 * @restart_hopeless: and nothing answers on its path
 * @was_on_air: media was confirmed since the start
 * @confirmed: media was confirmed over the present webrtcbin
 * @streams_ready: there is a stream, and every stream knows what it can offer
 * @streams_changed: the last offer no longer fits the streams
 * @outdated: as of #GstRcastAbilities, at the last event
 * @update_needed: and not only because it has more of them
 * @location: index of the server in use
 * @servers: what is remembered of each server
 * @checks_passed: how often in a row the first server was found healthy
 * @probe_at: when a @GST_RCAST_EVENT_PROBE_DUE is due, or %GST_CLOCK_TIME_NONE
 * @unreachable_since: since when the server cannot be reached, or %GST_CLOCK_TIME_NONE
 * @early_attempt: "hasty": a wait was cut short because a probe was answered, and the
 *   server was not unreachable since
 * @down_since: since when media does not flow, or %GST_CLOCK_TIME_NONE
 * @trouble_since: since when a connection that stood has been in trouble, however often it came back
 *   meanwhile: the first one since media was last stable; %GST_CLOCK_TIME_NONE: none has been
 * @heard: the server has answered since media does not flow
 * @second: where the second attempt stands
 * @second_kind: what it is for
 * @second_generation: as @generation, of the second attempt
 * @second_location: index of its server
 * @second_deadline: when a @GST_RCAST_EVENT_TICK is due for it, or %GST_CLOCK_TIME_NONE
 * @second_since: when its present step began
 * @second_extended: as @extended, of the second attempt
 * @second_probe_at: when a @GST_RCAST_EVENT_PROBE_DUE is due beside the main attempt, or
 *   %GST_CLOCK_TIME_NONE
 * @second_probe: index of the server that was probed there last
 * @ignored: events that had no row
 */
typedef struct {
  GstRcastPolicyConfig config;
  GstRcastState state;
  GstRcastStatus status;
  guint generation;
  guint last_generation;
  GstClockTime deadline;
  guint wait;
  GstClockTime waits_since;
  gboolean extended;
  gboolean stays;
  gboolean held_back;
  guint attempt;
  guint rejoins;
  guint steps;
  guint short_lives;
  guint restarts;
  guint renegotiations;
  GstClockTime renegotiate_at;
  guint holds;
  guint resumes;
  GstRcastStrategy strategy;
  GstRcastReason trouble;
  gboolean signalling_lost;
  gboolean resuming;
  gboolean onward_lost;
  gboolean restarting;
  gboolean restart_hopeless;
  gboolean was_on_air;
  gboolean confirmed;
  gboolean streams_ready;
  gboolean streams_changed;
  gboolean outdated;
  gboolean update_needed;
  guint location;
  GstRcastServerRecord servers[GST_RCAST_POLICY_MAX_RECORDS];
  guint checks_passed;
  GstClockTime probe_at;
  GstClockTime unreachable_since;
  gboolean early_attempt;
  GstClockTime down_since;
  GstClockTime trouble_since;
  gboolean heard;
  GstRcastSecond second;
  GstRcastSecondKind second_kind;
  guint second_generation;
  guint second_location;
  GstClockTime second_deadline;
  GstClockTime second_since;
  gboolean second_extended;
  GstClockTime second_probe_at;
  guint second_probe;
  guint64 ignored;
} GstRcastPolicy;

/**
 * GstRcastStep:
 * @from: state before
 * @to: state after
 * @ignored: the event had no row, or belonged to an older session
 * @extended: it was ignored: the deadline passed while the process was suspended, and
 *   the wait begins anew
 * @actions: what to do now
 * @generation: to be carried by what the actions start
 * @location: index of the server to use
 * @status: after the step
 * @reason: why
 * @trouble: why media does not flow, or did not until now
 * @plane: which plane the event was about
 * @strategy: what is done about it
 * @skipped: bit set, by #GstRcastStrategy, of the steps that were passed over
 *   because they cannot help
 * @attempt: number of the attempt
 * @delay: until it begins
 * @outage: since media last flowed, 0: it flows
 */
typedef struct {
  GstRcastState from, to;
  gboolean ignored;
  gboolean extended;
  GstRcastActions actions;
  guint generation;
  guint location;
  GstRcastStatus status;
  GstRcastReason reason;
  GstRcastReason trouble;
  GstRcastPlane plane;
  GstRcastStrategy strategy;
  guint skipped;
  guint attempt;
  GstClockTime delay;
  GstClockTime outage;
} GstRcastStep;

G_END_DECLS
