/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vocabulary of the policy: its states, events and actions, and what it remembers. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastState:
 * @GST_RCAST_STATE_IDLE: not started, or stopped
 * @GST_RCAST_STATE_PREPARING: there is no session yet; the element waits until it knows what
 *   each stream can offer
 * @GST_RCAST_STATE_SIGNALLING: the signaller opens
 * @GST_RCAST_STATE_NEGOTIATING: an offer is being made, sent and answered
 * @GST_RCAST_STATE_CONNECTING: ICE and DTLS connect
 * @GST_RCAST_STATE_CONNECTED: media is sent; the server has not confirmed any yet
 * @GST_RCAST_STATE_LIVE: the server's RTCP confirms that media arrives; after an update,
 *   this was confirmed over the previous webrtcbin
 * @GST_RCAST_STATE_UPDATING: media flows; a fresh webrtcbin with other streams connects
 *   in the same session
 * @GST_RCAST_STATE_DISRUPTED: ICE has lost its candidate pair; the grace period runs
 * @GST_RCAST_STATE_RESTARTING: an ICE restart is under way to bring the media back
 * @GST_RCAST_STATE_RENEGOTIATING: a fresh webrtcbin takes over in the same session
 * @GST_RCAST_STATE_DETACHED: media flows, the signalling is lost; the policy waits before it
 *   resumes the signalling
 * @GST_RCAST_STATE_RESUMING: media flows, the signalling is being resumed
 * @GST_RCAST_STATE_HOLDING: off air; the server cannot be reached but may still have the
 *   session; the policy waits before it tries again
 * @GST_RCAST_STATE_REATTACHING: off air, the signalling is being resumed first
 * @GST_RCAST_STATE_BACKOFF: the policy waits before it opens the next session
 * @GST_RCAST_STATE_CLOSING: the end of the stream is being delivered
 * @GST_RCAST_STATE_FAILED: the broadcast is over, the error is posted
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
 * @GST_RCAST_SECOND_WAITING: it begins unless the main attempt succeeds first
 * @GST_RCAST_SECOND_SIGNALLING: its signaller opens
 * @GST_RCAST_SECOND_NEGOTIATING: its offer is being made, sent and answered
 * @GST_RCAST_SECOND_CONNECTING: its ICE and DTLS connect
 * @GST_RCAST_SECOND_CONNECTED: it sends media beside the main attempt and is not confirmed
 *   yet
 *
 * The state of the second attempt, which may replace the main one.
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
 * @GST_RCAST_SECOND_KIND_HEDGE: the main attempt hesitates; whichever connects first wins
 * @GST_RCAST_SECOND_KIND_FAILBACK: a return to the first server while the main attempt is live
 * @GST_RCAST_SECOND_KIND_MOVE: the same, because the application has set another first server
 *
 * The purpose of a second attempt.
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
 * @GST_RCAST_EVENT_TICK: a deadline has passed
 * @GST_RCAST_EVENT_STREAMS_READY: it is known what each stream can offer
 * @GST_RCAST_EVENT_STREAMS_PENDING: it is not known yet what some stream can offer, or there
 *   is no stream
 * @GST_RCAST_EVENT_STREAMS_CHANGED: the streams no longer match the last offer,
 *   or the application asks for a new offer
 * @GST_RCAST_EVENT_SIGNALLER_OPEN: the signaller is open
 * @GST_RCAST_EVENT_SIGNALLER_FAILED: open or offer failed
 * @GST_RCAST_EVENT_SIGNALLER_LOST: the signalling connection broke
 * @GST_RCAST_EVENT_SIGNALLER_RESUMED: the signalling of the same session is back
 * @GST_RCAST_EVENT_RESUME_FAILED: the signalling could not be resumed for now
 * @GST_RCAST_EVENT_SIGNALLER_CLOSED: the signaller has closed the session
 * @GST_RCAST_EVENT_EVICTED: the server forgot or removed the session
 * @GST_RCAST_EVENT_SERVER_HANGUP: the server ended the media, but keeps the session
 * @GST_RCAST_EVENT_SERVER_WAITING: no peer is there to receive; the signaller waits for one
 * @GST_RCAST_EVENT_SERVER_RECONNECTING: the server's own onward connection broke
 * @GST_RCAST_EVENT_SERVER_RECONNECTED: the server's onward connection is back
 * @GST_RCAST_EVENT_NEGOTIATED: offer and answer are applied
 * @GST_RCAST_EVENT_MEDIA_CONNECTED: ICE and DTLS are connected
 * @GST_RCAST_EVENT_MEDIA_DISCONNECTED: ICE has lost its candidate pair for now
 * @GST_RCAST_EVENT_MEDIA_CONFIRMED: the server's RTCP reports our packets, for the first time
 *   or again
 * @GST_RCAST_EVENT_MEDIA_SUSPECT: the server says that it receives no media from us
 * @GST_RCAST_EVENT_MEDIA_FROZEN: packets are sent, but no more of them arrive
 * @GST_RCAST_EVENT_MEDIA_FAILED: ICE or DTLS failed for good, or the peer closed
 * @GST_RCAST_EVENT_PEER_FAILED: webrtcbin refused a description, or could not be built
 * @GST_RCAST_EVENT_DRAINED: the last packet before the end of the stream is sent
 * @GST_RCAST_EVENT_RESTART: the application or the ICE agent asks for an ICE restart
 * @GST_RCAST_EVENT_RESTART_FAILED: the server or webrtcbin refused the ICE restart
 * @GST_RCAST_EVENT_RESTART_HOPELESS: the server answered the ICE restart, but the path gives
 *   no answer
 * @GST_RCAST_EVENT_PATH_SWITCHED: the ICE agent has moved the media to another path, and the
 *   media arrives there
 * @GST_RCAST_EVENT_NETWORK_UP: the system has a network again
 * @GST_RCAST_EVENT_CHECK_PASSED: the first server answered a check and seems healthy
 * @GST_RCAST_EVENT_CHECK_FAILED: the check of the first server failed
 * @GST_RCAST_EVENT_PROBE_DUE: it is time to probe the server
 * @GST_RCAST_EVENT_PROBE_ANSWERED: the server can be reached
 * @GST_RCAST_EVENT_PROBE_UNANSWERED: the server cannot be reached
 * @GST_RCAST_EVENT_PROBE_USELESS: a probe is not possible, or would not help now
 * @GST_RCAST_EVENT_LOCATIONS_CHANGED: the application has set other servers; the policy
 *   already has the records of the new list
 * @GST_RCAST_EVENT_RECONNECT_NOW: the application does not want to wait any longer
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
 * @GST_RCAST_ACTION_DROP_PEER: remove webrtcbin, and an earlier one that is still there
 * @GST_RCAST_ACTION_CLOSE_SIGNALLER: end the session at the server
 * @GST_RCAST_ACTION_DROP_SECOND: abandon the second attempt and close its session
 * @GST_RCAST_ACTION_OPEN_SIGNALLER: begin a session
 * @GST_RCAST_ACTION_RESUME_SIGNALLER: resume the session of a lost connection
 * @GST_RCAST_ACTION_MAKE_OFFER: build webrtcbin, offer, apply the answer; an existing
 *   webrtcbin stays beside the new one
 * @GST_RCAST_ACTION_RESTART_ICE: offer new ICE credentials, media goes on
 * @GST_RCAST_ACTION_OPEN_GATES: send media from the next key frame on
 * @GST_RCAST_ACTION_SETTLE: release the earlier webrtcbin and its session at the server
 * @GST_RCAST_ACTION_OPEN_SECOND: begin a session for the second attempt
 * @GST_RCAST_ACTION_OFFER_SECOND: build webrtcbin for the second attempt, offer, apply the
 *   answer
 * @GST_RCAST_ACTION_OPEN_SECOND_GATES: let the second attempt send media too
 * @GST_RCAST_ACTION_PROMOTE: make the second attempt the main one; abandon the earlier main
 *   attempt and close its session
 * @GST_RCAST_ACTION_DRAIN: report when the last packet is sent
 * @GST_RCAST_ACTION_CHECK: ask the first server whether it is healthy
 * @GST_RCAST_ACTION_PROBE: probe whether the server can be reached
 * @GST_RCAST_ACTION_PROBE_SECOND: probe whether the next server for a second attempt can be
 *   reached
 * @GST_RCAST_ACTION_POST_WARNING: warn of trouble that does not touch the media
 * @GST_RCAST_ACTION_POST_OUTAGE: post that an outage is over
 * @GST_RCAST_ACTION_POST_STATUS: post the status message
 * @GST_RCAST_ACTION_POST_ERROR: post the final error
 * @GST_RCAST_ACTION_POST_EOS: forward the end of the stream
 *
 * The element carries the actions out in the order of their bits.
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
/* Two attempts may use servers that the list no longer has. */
#define GST_RCAST_POLICY_MAX_RECORDS (GST_RCAST_POLICY_MAX_LOCATIONS + 2)

/**
 * GstRcastPolicyConfig:
 * @settle: how long the set of streams must stay unchanged before an offer is made
 * @signalling_timeout: limit for opening the signaller, and for offer and answer
 * @connect_timeout: limit for ICE and DTLS to connect
 * @disconnected_timeout: grace period for a lost candidate pair
 * @restart_timeout: limit for an ICE restart to bring the media back; half of it if the
 *   server kept its addresses and a fresh webrtcbin may help
 * @renegotiate_timeout: limit for a fresh webrtcbin in the same session to connect
 * @resume_timeout: limit for a lost signalling connection to be resumed
 * @confirm_timeout: limit for the first report about the media of a connection that
 *   replaces another one
 * @recovery_timeout: how long after the media stopped it is worth saving the session;
 *   servers give it up after some time
 * @stable_time: how long media must flow before the attempts count from one again
 * @close_timeout: limit for delivering the end of the stream
 * @min_delay: first step of the growing delay between attempts
 * @max_delay: longest delay that this side chooses
 * @retry_after_max: the longest that a server may ask us to wait (`Retry-After`)
 * @max_retries: attempts before the broadcast fails: -1 without limit, 0 none
 * @n_locations: number of servers to choose from, at least 1; the policy uses the first
 *   %GST_RCAST_POLICY_MAX_LOCATIONS of them
 * @failback_interval: interval between two checks of the first server while another one is
 *   in use; doubles after each return until a stay at the first server was long; 0: no return
 * @probe_interval: longest interval between two probes of a server that could not be
 *   reached; grows up to eightfold with the time that the server is away; 0: no probes
 * @hedge_delay: how long a step may take before a second attempt begins beside it; 0: one
 *   attempt after the other
 * @give_up: whether refusals end the broadcast
 * @rejoin_on_evict: whether a new session follows an eviction that is not fatal; else the
 *   broadcast ends
 * @reconnect_media: whether to reconnect the media after the network or the signalling was
 *   away, even if the media flows
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
 * @generation: generation of the session that the event belongs to, 0: none in particular
 * @reason: why, for events that end something
 * @fatal: whether trying again at the same location cannot help
 * @busy: whether the refusal may mean that an abandoned session of ours still holds the slot;
 *   with @fatal we know of no such session, and the refusal counts after a while
 * @unusable: whether the server's answer makes no sense, or can never work
 * @static_reports: whether the media froze while the server's reports have not changed since
 *   the first one of the connection
 * @partial: whether the server has not confirmed every stream; the event comes again once it
 *   has
 * @restarted: whether an ICE restart brought the connection about
 * @same_address: whether the server answered an ICE restart with the same addresses and
 *   ports as before
 * @fewer: whether streams are gone and the remaining ones are sent as they were offered
 * @moved: whether the new list has another first server, which is not the one in use, or the
 *   server in use is not in the list
 * @unreachable: whether the network failed; the server may be fine
 * @retry_after: how long the server asked us to wait, 0: not at all
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
 *   alive, and the server is not known to refuse restarts
 * @can_renegotiate: a fresh webrtcbin may help in the same session
 * @outdated: a stream that changed after it was offered is not sent: another offer helps
 * @can_resume: the signaller can resume a lost session
 * @can_probe: the signaller can probe the server by a bare connection
 * @can_second: bit set, by the index of the server: this side can have a second session there
 * @resume_time: how long the signaller may need to bring the media back in its session; no
 *   second attempt at the same server begins sooner
 *
 * What is possible at the time of an event.
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
 * @reports: the server has confirmed media since the start
 * @silent_retried: "deaf": the server reported that nothing arrives, and the policy opened a
 *   new session for that reason
 * @static_reports: "stuck": the server's reports never changed on the last connection whose
 *   media froze
 * @static_retried: "rigid": a new session was opened since then
 * @alone: the server accepted no second session beside the one in use
 * @introduces: the server has said that no peer is there to receive: it only brings two ends
 *   together
 * @refused: the server refused for good since media last flowed
 * @refusals: how many times it refused in a row since then
 * @unusable: how many of its answers to offers in a row can never work
 * @busy_since: since when the server says that its slot is taken, perhaps by an abandoned
 *   session of ours; moved on by the pauses that the server asks for; 0: it does not say so
 * @busy_until: when the server may be asked again, as of the last time that it said so
 * @failures: second attempts at this server that failed since media was last stable
 * @tried_at: when an attempt at this server last began or failed; 0: never, so its turn is
 *   first
 * @no_second_before: when the next second attempt may begin, at growing steps
 * @unreached_since: since when attempts have not reached the server, 0: the last one did
 * @hastened: an answered probe has hastened an attempt there, and none has gone unanswered
 *   since
 * @probe_generation: generation of the probes of this server beside the main attempt, 0: there
 *   was none yet
 * @probed: in the present step of the second attempt a probe was answered, or is of no use
 * @held_until: the server is not asked before this time (`Retry-After`, capped), 0: it may be
 * @no_check_before: no check for a return before this time (`Retry-After`, not capped)
 * @failbacks: how many times the broadcast returned to this server as the first one, until a
 *   stay there was long; a refusal sets the maximum, so that checks are rare
 * @stays_since: since when the server is in use, from the first media on, 0: it is not
 *
 * What the policy remembers of a server since the start.
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
 * @state: state of the broadcast; only gst_rcast_policy_step() writes it
 * @status: status that the application sees
 * @generation: counts sessions and the webrtcbins in them; operations carry it, so that the
 *   policy recognizes late answers
 * @last_generation: the highest generation given out so far
 * @deadline: when a @GST_RCAST_EVENT_TICK is due, or %GST_CLOCK_TIME_NONE
 * @wait: what the deadline is for, a `GstRcastWait`
 * @waits_since: when @deadline was set
 * @extended: @deadline passed while the process was suspended, and was set anew
 * @stays: the session stays open during the backoff: it awaits the publisher of its stream
 * @held_back: the server asked for the wait that ends at @deadline
 * @attempt: number of the attempt to get back on air, 0: none is needed
 * @rejoins: how many of the attempts opened a new session
 * @steps: how many of those since media was last confirmed
 * @short_lives: how many outages since media was last stable took a new session
 * @restarts: how many of the attempts were ICE restarts
 * @renegotiations: how many of the attempts were new webrtcbins in the same session
 * @renegotiate_at: earliest time of the next renegotiation, at growing intervals, if there was
 *   one already
 * @holds: how many times the server could not be reached since the session was last well
 * @resumes: how many times the signalling was resumed, or was to be, since media was last
 *   stable
 * @strategy: means of the present recovery
 * @trouble: reason that the trouble began with
 * @signalling_lost: the connection to the signalling server is broken
 * @resuming: @GST_RCAST_ACTION_RESUME_SIGNALLER has not been answered yet
 * @onward_lost: the server says that its own onward connection is broken
 * @restarting: an ICE restart is under way; media may flow meanwhile
 * @restart_hopeless: the path gives no answer to the ICE restart under way
 * @was_on_air: media was confirmed since the start
 * @confirmed: media was confirmed over the present webrtcbin
 * @streams_ready: there is a stream, and it is known what each stream can offer
 * @streams_changed: the last offer no longer matches the streams
 * @outdated: #GstRcastAbilities.outdated at the last event
 * @update_needed: @streams_changed, and not merely because offered streams are gone
 * @location: index of the server in use
 * @servers: what the policy remembers of each server
 * @checks_passed: how many checks of the first server passed in a row
 * @probe_at: when a @GST_RCAST_EVENT_PROBE_DUE is due, or %GST_CLOCK_TIME_NONE
 * @unreachable_since: since when the server cannot be reached, or %GST_CLOCK_TIME_NONE
 * @early_attempt: "hasty": an answered probe has cut a wait short, and the server has not been
 *   unreachable since
 * @down_since: since when media does not flow, or %GST_CLOCK_TIME_NONE
 * @trouble_since: when the first trouble of an established connection began since media was
 *   last stable, even if the media came back meanwhile; %GST_CLOCK_TIME_NONE: no trouble
 * @heard: the server has answered since the media stopped
 * @second: state of the second attempt
 * @second_kind: purpose of the second attempt
 * @second_generation: @generation of the second attempt
 * @second_location: index of the server of the second attempt
 * @second_deadline: when a @GST_RCAST_EVENT_TICK is due for it, or %GST_CLOCK_TIME_NONE
 * @second_since: when its present step began
 * @second_extended: @extended of the second attempt
 * @second_probe_at: when a @GST_RCAST_EVENT_PROBE_DUE is due beside the main attempt, or
 *   %GST_CLOCK_TIME_NONE
 * @second_probe: index of the server that was probed last beside the main attempt
 * @ignored: how many events had no row
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
 * @extended: the event was ignored because the deadline passed while the process was
 *   suspended; the wait begins anew
 * @actions: what to do now
 * @generation: generation that the operations of @actions carry
 * @location: index of the server to use
 * @status: status after the step
 * @reason: reason to report
 * @trouble: why media does not flow, or did not until now
 * @plane: plane that the event was about
 * @strategy: means of the recovery
 * @skipped: bit set, by #GstRcastStrategy, of the steps that were skipped
 *   because they cannot help
 * @attempt: number of the attempt
 * @delay: time until the attempt begins
 * @outage: time since media last flowed, 0: it flows
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
