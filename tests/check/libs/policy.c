/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy as rows of {time, event, wanted state, wanted actions}, swept whole and at random. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "policy-print.h"
#include "rcast-policy.h"
#include "rcast-policyenums.h"

#define MS(x) ((x) * GST_MSECOND)
#define NEVER G_MAXUINT
#define N_SEEDS 10
/* Cheap as long as it holds: fail_unless() writes a line each time. */
#define REQUIRE(condition, ...) \
    G_STMT_START { \
      if (!(condition)) \
        fail_unless (condition, ##__VA_ARGS__); \
    } G_STMT_END
#define STATE_MACHINE_DOC SOURCE_ROOT "/docs/state-machine.md"

static const GstRcastPolicyConfig config = {
  .settle = MS (100),
  .signalling_timeout = MS (30000),
  .connect_timeout = MS (10000),
  .disconnected_timeout = MS (2000),
  .restart_timeout = MS (8000),
  .renegotiate_timeout = MS (10000),
  .resume_timeout = MS (10000),
  .confirm_timeout = MS (10000),
  .recovery_timeout = MS (25000),
  .failback_interval = MS (30000),
  .probe_interval = MS (500),
  .stable_time = MS (5000),
  .close_timeout = MS (3000),
  .min_delay = MS (500),
  .max_delay = MS (8000),
  .retry_after_max = MS (60000),
  .max_retries = -1,
  .n_locations = 1,
  .rejoin_on_evict = TRUE,
};

static const GstRcastAbilities none = { FALSE };

typedef struct
{
  guint at_ms;
  GstRcastEventType event;
  GstRcastState state;
  GstRcastActions actions;
  GstRcastStatus status;
  guint deadline_ms;
  /* of the event */
  gboolean can_restart;
  gboolean can_renegotiate;
  gboolean can_resume;
  gboolean restarted;
  gboolean same_address;
  gboolean unreachable;
  gboolean fatal;
  guint retry_after_ms;
  /* of the step, looked at where not 0 */
  GstRcastStrategy strategy;
  GstRcastReason reason;
  guint skipped;
  guint attempt;
  guint outage_ms;
  guint location;
  /* of the event again */
  guint lag_ms;
  GstRcastReason told;
  guint probe_ms;               /* wanted: when the next look is due, 0: never */
  gboolean static_reports;         /* of the event */
} Row;

typedef struct
{
  const gchar *name;
  gint max_retries;
  guint n_locations;
  Row rows[28];
  gboolean no_rejoin;
  gboolean reconnect_media;
  gboolean probe;               /* the signaller can tell whether the server is there */
} Story;

#define E(x) GST_RCAST_EVENT_ ## x
#define S(x) GST_RCAST_STATE_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define T(x) GST_RCAST_STATUS_ ## x
#define FLOW (A (OPEN_GATES) | A (SETTLE))
#define END (A (CLOSE_GATES) | A (DROP_PEER) | A (CLOSE_SIGNALLER))
#define MENDED (A (POST_OUTAGE) | A (POST_STATUS))
#define FAIL (END | A (POST_STATUS) | A (POST_ERROR))
/* *INDENT-OFF* */
#define ON_AIR(at) \
    {at, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER}, \
    {at, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), at + 100}, \
    {at + 100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), at + 30100}, \
    {at + 110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), at + 30110}, \
    {at + 120, E(NEGOTIATED), S(CONNECTING), 0, T(SIGNALLING), at + 10120}, \
    {at + 130, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(POST_STATUS), T(CONNECTED), NEVER}, \
    {at + 140, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER}

/* From BACKOFF to LIVE in 40 ms, with media down since @down */
#define BACK_ON_AIR(at, down) \
    {at, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), at + 30000}, \
    {at + 10, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(RECONNECTING_BROADCAST), at + 30010}, \
    {at + 20, E(NEGOTIATED), S(CONNECTING), 0, T(RECONNECTING_BROADCAST), at + 10020}, \
    {at + 30, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), T(RECONNECTING_BROADCAST), at + 10030}, \
    {at + 40, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), at + 5040, .outage_ms = at + 40 - down}

/* From SIGNALLING on, for the first time, but nothing is confirmed yet. */
#define FIRST_CONNECTED \
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER}, \
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100}, \
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100}, \
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110}, \
    {120, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(POST_STATUS), T(CONNECTED), NEVER}

#define ON_AIR_LOOKED_AFTER(at) \
    {at, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER}, \
    {at, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), at + 100}, \
    {at + 100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), at + 30100, .probe_ms = at + 600}, \
    {at + 110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), at + 30110, .probe_ms = at + 600}, \
    {at + 130, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(POST_STATUS), T(CONNECTED), NEVER}, \
    {at + 140, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER}

#define R(x) GST_RCAST_REASON_ ## x
#define SKIPPED(x) (1u << GST_RCAST_STRATEGY_ ## x)
/* What every event of a session with a WebSocket brings along. */
#define ALL .can_restart = TRUE, .can_renegotiate = TRUE, .can_resume = TRUE
#define OFF_AIR T(RECONNECTING_BROADCAST)
#define LOSE_SIGNALLING(at) \
    {at, E(SIGNALLER_LOST), S(DETACHED), A(POST_WARNING), T(BROADCASTING), at, ALL}, \
    {at, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), at + 10000}

static const Story stories[] = {
  {"a restart during which the process stood still has its time again, once", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {9999, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 19999, ALL, .attempt = 2},
    {40000, E(TICK), S(RENEGOTIATING), 0, OFF_AIR, 50000, ALL},
    {51500, E(TICK), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 51500, ALL, .attempt = 3},
    {80000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 110000},
    {80010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 110010},
    {140000, E(TICK), S(NEGOTIATING), 0, OFF_AIR, 170000},
    {140001, E(NEGOTIATED), S(CONNECTING), 0, OFF_AIR, 150001},
    {180000, E(TICK), S(CONNECTING), 0, OFF_AIR, 190000},
    {180010, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 190010},
    {220000, E(TICK), S(CONNECTED), 0, OFF_AIR, 230000},
    {220010, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 225010, .attempt = 3},
  }},
  {"no attempt is spent by a standstill alone", 1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {31000, E(TICK), S(DISRUPTED), 0, T(BROADCASTING), 33000, ALL},
    {31010, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), NEVER, ALL},
    {60000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 68000, ALL, .attempt = 1},
    {90000, E(TICK), S(RESTARTING), 0, OFF_AIR, 98000, ALL},
    {90010, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 95010, ALL},
  }},
  {"on air, then stopped", 0, 1, {
    ON_AIR (0),
    {200, E(STOP), S(IDLE), END | A(POST_STATUS), T(DISCONNECTED), NEVER},
  }},
  {"a stream that comes late puts the offer off", 0, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {50, E(STREAMS_PENDING), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {90, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 190},
    {100, E(TICK), S(PREPARING), 0, T(DISCONNECTED), 190},
    {190, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30190},
  }},
  {"a blip within the grace costs nothing", 0, 1, {
    ON_AIR (0),
    {200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {254, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), NEVER},
    {2300, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"a disconnect beyond the grace is the end", 0, 1, {
    ON_AIR (0),
    {200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {2199, E(TICK), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {2200, E(TICK), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
    {2300, E(MEDIA_FAILED), S(FAILED), 0, T(DISCONNECTED), NEVER},
    {2400, E(STOP), S(IDLE), 0, T(DISCONNECTED), NEVER},
  }},
  {"the end of the stream is drained, closed, forwarded", 0, 1, {
    ON_AIR (0),
    {500, E(EOS), S(CLOSING), A(DRAIN), T(BROADCASTING), 3500},
    {510, E(DRAINED), S(CLOSING), END, T(BROADCASTING), 3500},
    {520, E(SIGNALLER_CLOSED), S(IDLE), A(POST_STATUS) | A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"a server that does not say goodbye does not keep the end back", 0, 1, {
    ON_AIR (0),
    {500, E(EOS), S(CLOSING), A(DRAIN), T(BROADCASTING), 3500},
    {3500, E(TICK), S(IDLE), END | A(POST_STATUS) | A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"the end of the stream before there is a session", 0, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {10, E(EOS), S(IDLE), A(POST_EOS), T(DISCONNECTED), NEVER},
    {20, E(EOS), S(IDLE), A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"no ICE connection in time", 0, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    {120, E(NEGOTIATED), S(CONNECTING), 0, T(SIGNALLING), 10120},
    {10120, E(TICK), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
  }},
  {"an ICE restart on request changes nothing else", 0, 1, {
    ON_AIR (0),
    {200, E(RESTART), S(LIVE), A(RESTART_ICE), T(BROADCASTING), NEVER},
    {210, E(NEGOTIATED), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"a lost ICE pair is cured by an ICE restart", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {2200, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 10200,
        .can_restart = TRUE, .strategy = GST_RCAST_STRATEGY_ICE_RESTART, .attempt = 1, .outage_ms = 2000},
    {2300, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 7300, .outage_ms = 2100, .attempt = 1},
    {7300, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {7400, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 15400,
        .can_restart = TRUE, .attempt = 1},
  }},
  {"an ICE restart that is refused is followed by a new session at once", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .can_restart = TRUE},
    {300, E(RESTART_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 300,
        .strategy = GST_RCAST_STRATEGY_REJOIN, .attempt = 2, .outage_ms = 100},
    BACK_ON_AIR (300, 200),
  }},
  {"a server that cannot restart is no server that refuses us", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .can_restart = TRUE},
    {300, E(RESTART_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 300,
        .strategy = GST_RCAST_STRATEGY_REJOIN, .attempt = 2, .outage_ms = 100, .fatal = TRUE},
    BACK_ON_AIR (300, 200),
  }},
  {"an ICE restart that brings nothing is given up", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .can_restart = TRUE},
    {8200, E(TICK), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .strategy = GST_RCAST_STRATEGY_REJOIN, .attempt = 2},
  }},
  {"a server that stays where it is in an ICE restart gets half of its time", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 8200, ALL},
    {300, E(NEGOTIATED), S(RESTARTING), 0, OFF_AIR, 8200, ALL},
    {400, E(NEGOTIATED), S(RESTARTING), 0, OFF_AIR, 4400, ALL, .same_address = TRUE},
    {4400, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 14400, ALL, .strategy = GST_RCAST_STRATEGY_RENEGOTIATE},
  }},
  {"but not where there is nothing else to be had from it", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 8200, .can_restart = TRUE},
    {400, E(NEGOTIATED), S(RESTARTING), 0, OFF_AIR, 8200, .can_restart = TRUE, .same_address = TRUE},
  }},
  {"attempts wait longer and longer, and are counted anew after stable media", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 200, .attempt = 1},
    {200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30200},
    {210, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 710, .attempt = 2},
    {710, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30710},
    {720, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 1720, .attempt = 3},
    {1720, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 31720},
    {1730, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 31730, .retry_after_ms = 30000, .attempt = 4},
    {1800, E(RECONNECT_NOW), S(BACKOFF), 0, T(RECONNECTING_BROADCAST), 1800},
    BACK_ON_AIR (1800, 200),
    {2000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 6000, .attempt = 5},
  }},
  {"so many attempts, then one error", 2, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 200, .attempt = 1},
    {200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30200},
    {210, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 710, .attempt = 2},
    {710, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30710},
    {720, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
  }},
  {"a refusal is final where there is no other server", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 200, .attempt = 1},
    {200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30200},
    {210, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }},
  {"the next server is tried, and a refusal by all is the end", -1, 3, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 200, .strategy = GST_RCAST_STRATEGY_REJOIN},
    {200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30200},
    {210, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 710,
        .strategy = GST_RCAST_STRATEGY_FAILOVER, .location = 1, .fatal = TRUE},
    {710, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 30710},
    {720, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 1720, .location = 2},
    {1720, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 31720},
    {1730, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 3730, .location = 1, .fatal = TRUE},
    {3730, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), T(RECONNECTING_BROADCAST), 33730},
    {3740, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }},
  {"a server that is not there yet", -1, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 110, .attempt = 1},
    {110, E(EOS), S(CLOSING), 0, T(RECONNECTING_BROADCAST), 110},
    {110, E(TICK), S(IDLE), END | A(POST_STATUS) | A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  /* OpenVidu's matrix: what becomes of the signalling, and of the media */
  {"signalling lost and back in time, media fine: nobody notices", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(RESUME_FAILED), S(DETACHED), 0, T(BROADCASTING), 2000, .unreachable = TRUE, ALL},
    {2000, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 12000},
    {2100, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 7100, ALL},
    {7100, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"signalling lost for long, media fine: tried for ever, media is never touched", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {11000, E(TICK), S(DETACHED), 0, T(BROADCASTING), 11500, ALL, .reason = R(SIGNALLING_LOST)},
    {11500, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 21500},
    {21500, E(TICK), S(DETACHED), 0, T(BROADCASTING), 22500, ALL},
    {21600, E(NETWORK_UP), S(DETACHED), 0, T(BROADCASTING), 21600},
    {21600, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 31600},
    {31600, E(TICK), S(DETACHED), 0, T(BROADCASTING), 33600, ALL},
    {31700, E(PATH_SWITCHED), S(DETACHED), A(POST_STATUS), T(BROADCASTING), 33600, .strategy = GST_RCAST_STRATEGY_PATH_SWITCH},
  }},
  {"signalling lost and back late: evicted, media fine: a new session", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1100, E(EVICTED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, ALL, .strategy = GST_RCAST_STRATEGY_REJOIN, .reason = R(EVICTED)},
    BACK_ON_AIR (1100, 1100),
  }},
  {"evicted, and that is taken for an answer", -1, 1, {
    ON_AIR (0),
    {1000, E(EVICTED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(EVICTED)},
    {1100, E(EVICTED), S(FAILED), 0, T(DISCONNECTED), NEVER, ALL},
  }, .no_rejoin = TRUE},
  {"thrown out on purpose: no way back, not by another door either", -1, 2, {
    ON_AIR (0),
    {1000, E(EVICTED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(EVICTED), .fatal = TRUE},
  }},
  {"signalling lost and back in time, media frozen: an ICE restart is the cheapest cure", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(MEDIA_FROZEN), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000, .reason = R(MEDIA_FROZEN)},
    {1600, E(SIGNALLER_RESUMED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9600, ALL,
        .strategy = GST_RCAST_STRATEGY_ICE_RESTART, .attempt = 1, .reason = R(MEDIA_FROZEN), .outage_ms = 100},
    {1700, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 11700, ALL},
    {11700, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 21700, ALL, .attempt = 2, .skipped = SKIPPED (ICE_RESTART)},
    {11800, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 11800, ALL, .attempt = 3},
  }},
  {"signalling lost and back in time, media frozen, no ICE restart: renegotiated in the same session", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(MEDIA_FROZEN), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000, .reason = R(MEDIA_FROZEN)},
    {1600, E(SIGNALLER_RESUMED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11600, .can_renegotiate = TRUE,
        .strategy = GST_RCAST_STRATEGY_RENEGOTIATE, .attempt = 1, .reason = R(MEDIA_FROZEN), .outage_ms = 100, .skipped = SKIPPED (ICE_RESTART)},
    {1650, E(NEGOTIATED), S(RENEGOTIATING), 0, OFF_AIR, 11600},
    {1700, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 11700},
    {1750, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 6750, .outage_ms = 250},
  }},
  {"signalling lost and back in time, media failed: an ICE restart is enough", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(MEDIA_FAILED), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000},
    {1600, E(SIGNALLER_RESUMED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9600, ALL},
    {1700, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 6700, .outage_ms = 200},
  }},
  {"both lost for some seconds: signalling first, then media", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 3000},
    {2000, E(SIGNALLER_LOST), S(DISRUPTED), A(POST_WARNING), T(BROADCASTING), 3000, ALL},
    {3000, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER) | A(POST_STATUS), OFF_AIR, 13000, .can_resume = TRUE},
    {4000, E(RESUME_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 4500, .unreachable = TRUE, .attempt = 1},
    {4100, E(NETWORK_UP), S(HOLDING), 0, OFF_AIR, 4100},
    {4100, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 14100},
    {4200, E(SIGNALLER_RESUMED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 12200, ALL, .attempt = 2},
    {4300, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 9300, .outage_ms = 3300},
  }},
  {"both lost, back late: evicted, rejoined", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 3000},
    {2000, E(SIGNALLER_LOST), S(DISRUPTED), A(POST_WARNING), T(BROADCASTING), 3000, ALL},
    {3000, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER) | A(POST_STATUS), OFF_AIR, 13000, .can_resume = TRUE},
    {4000, E(EVICTED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 4000, .reason = R(EVICTED)},
    BACK_ON_AIR (4000, 1000),
  }},
  {"both lost, media heals first: signalling goes on in the background", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1100, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 3100},
    {3100, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER) | A(POST_STATUS), OFF_AIR, 13100},
    {3200, E(MEDIA_CONNECTED), S(RESUMING), FLOW | A(POST_STATUS), T(BROADCASTING), 13100, .outage_ms = 2100},
    {3300, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 8300, ALL},
  }},
  {"both lost for longer than the server waits: a new session", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1000, E(MEDIA_FAILED), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000},
    {10000, E(RESUME_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 10500, .unreachable = TRUE},
    {10500, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 20500},
    {20400, E(RESUME_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 21400, .unreachable = TRUE},
    {21400, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 31400},
    {26000, E(RESUME_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 26000, .unreachable = TRUE, .strategy = GST_RCAST_STRATEGY_REJOIN},
  }},
  {"media by force after the signalling was away", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1200, E(SIGNALLER_RESUMED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9200, ALL, .reason = R(NETWORK_CHANGED)},
  }, .reconnect_media = TRUE},
  {"media by force after the network was away, without ICE restart", -1, 1, {
    ON_AIR (0),
    {1200, E(NETWORK_UP), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11200, .can_renegotiate = TRUE, .reason = R(NETWORK_CHANGED)},
  }, .reconnect_media = TRUE},
  {"a network that comes up while media flows is no event", -1, 1, {
    ON_AIR (0),
    {1200, E(NETWORK_UP), S(LIVE), 0, T(BROADCASTING), NEVER, ALL},
  }},
  {"a signaller without resume: what is lost is lost", -1, 1, {
    ON_AIR (0),
    {1000, E(SIGNALLER_LOST), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .can_restart = TRUE, .can_renegotiate = TRUE},
  }},
  {"frozen: an ICE restart is the probe, a fresh connection the cure", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL, .reason = R(MEDIA_FROZEN), .attempt = 1},
    {9000, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 19000, ALL, .reason = R(MEDIA_FROZEN), .attempt = 2},
    {9100, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 19100},
    {9200, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 14200, .outage_ms = 8200},
  }},
  {"frozen, and thawed by the ICE restart", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {1300, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 6300, .outage_ms = 300},
    {2000, E(MEDIA_FROZEN), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 12000, ALL, .attempt = 2},
    {2100, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 12100},
    {2200, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 7200},
    {3000, E(MEDIA_FROZEN), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 3000, ALL, .strategy = GST_RCAST_STRATEGY_REJOIN, .attempt = 3},
  }},
  {"the server misses media: a hint that is waited on", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 3000},
    {1200, E(MEDIA_CONFIRMED), S(LIVE), 0, T(BROADCASTING), NEVER},
    {2000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 4000, .told = R(MEDIA_FROZEN)},
    {4000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 12000, ALL, .reason = R(MEDIA_FROZEN)},
  }},
  {"the server hangs up: another webrtcbin in the same session", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_HANGUP), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11000, .can_renegotiate = TRUE,
        .strategy = GST_RCAST_STRATEGY_RENEGOTIATE, .reason = R(SERVER_CLOSED)},
    {1100, E(SERVER_HANGUP), S(RENEGOTIATING), 0, OFF_AIR, 11000},
    {1200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1200},
  }},
  {"steps that cannot help are passed over, and told", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .skipped = SKIPPED (ICE_RESTART) | SKIPPED (RENEGOTIATE)},
    BACK_ON_AIR (1000, 1000),
    {2000, E(MEDIA_FAILED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 12000, .can_renegotiate = TRUE, .skipped = SKIPPED (ICE_RESTART)},
  }},
  {"the server's own leg breaks and comes back", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_RECONNECTING), S(LIVE), A(POST_STATUS), T(RECONNECTING), NEVER},
    {1010, E(SERVER_RECONNECTING), S(LIVE), 0, T(RECONNECTING), NEVER},
    {1020, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(RECONNECTING), 3020},
    {1030, E(MEDIA_CONNECTED), S(LIVE), 0, T(RECONNECTING), NEVER},
    {2000, E(SERVER_RECONNECTED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER},
  }},
  {"the server's own leg comes back while ours is away", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_RECONNECTING), S(LIVE), A(POST_STATUS), T(RECONNECTING), NEVER},
    {1020, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(RECONNECTING), 3020},
    {3020, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 11020, ALL},
    {3100, E(SERVER_RECONNECTED), S(RESTARTING), 0, OFF_AIR, 11020},
    {3200, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 8200},
    {3300, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 5300},
    {3400, E(SERVER_RECONNECTING), S(DISRUPTED), A(POST_STATUS), T(RECONNECTING), 5300},
    {3500, E(SERVER_RECONNECTED), S(DISRUPTED), A(POST_STATUS), T(BROADCASTING), 5300},
  }},
  {"the server's own leg breaks before media is confirmed", -1, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    {120, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(POST_STATUS), T(CONNECTED), NEVER},
    {130, E(SERVER_RECONNECTING), S(CONNECTED), 0, T(CONNECTED), NEVER},
    {140, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(RECONNECTING), NEVER},
  }},
  {"a signalling that comes back after we gave that attempt up", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {11000, E(TICK), S(DETACHED), 0, T(BROADCASTING), 11500, ALL},
    {11100, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 16100, ALL},
  }},
  {"stopped while the signalling is lost, and the server's leg: the next start knows of neither", -1, 1, {
    ON_AIR (0),
    {900, E(SERVER_RECONNECTING), S(LIVE), A(POST_STATUS), T(RECONNECTING), NEVER},
    {1000, E(SIGNALLER_LOST), S(DETACHED), A(POST_WARNING), T(RECONNECTING), 1000, ALL},
    {1100, E(STOP), S(IDLE), END | A(POST_STATUS), T(DISCONNECTED), NEVER},
    ON_AIR (2000),
  }},
  {"an ICE restart connects, it does not confirm", -1, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    {120, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(POST_STATUS), T(CONNECTED), NEVER},
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 8200, ALL},
    {300, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 10300},
    {400, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 5400},
    {6000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 6000},
    {6000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 36000},
    {6010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 36010},
    {6020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 16020},
    {6100, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 14100, ALL},
    {6200, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 6700, ALL, .unreachable = TRUE},
    {6300, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 16300},
    {16300, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 24300, ALL},
  }},
  {"media moves to another uplink by itself", -1, 1, {
    ON_AIR (0),
    {1000, E(PATH_SWITCHED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER, .strategy = GST_RCAST_STRATEGY_PATH_SWITCH, .reason = R(NETWORK_CHANGED)},
    {1000, E(RESTART), S(LIVE), A(RESTART_ICE), T(BROADCASTING), NEVER, ALL},
  }},
  {"a path that is changed in silence is on trial: the server confirms it", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 2000, ALL, .lag_ms = 1000},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 2000, ALL},
    {1400, E(PATH_SWITCHED), S(LIVE), MENDED, T(BROADCASTING), NEVER, .strategy = GST_RCAST_STRATEGY_PATH_SWITCH, .reason = R(NETWORK_CHANGED), .outage_ms = 1400},
    {1400, E(MEDIA_CONFIRMED), S(LIVE), 0, T(BROADCASTING), NEVER, ALL},
  }},
  {"a path that is changed in silence is on trial: nothing arrives there either", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 2000, ALL, .lag_ms = 1000},
    {1200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2000, ALL, .lag_ms = 1000},
    {2000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 10000, ALL, .outage_ms = 2000},
    {2100, E(PATH_SWITCHED), S(RESTARTING), 0, OFF_AIR, 10000, ALL},
    {2500, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 7500, ALL, .strategy = GST_RCAST_STRATEGY_ICE_RESTART},
  }},
  {"a path on trial, and the signalling refuses the connection: no use to wait", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 2000, ALL, .lag_ms = 1000},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 2000, ALL},
    {1050, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 1550, ALL, .unreachable = TRUE, .attempt = 1},
  }},
  {"the grace begins with the last sign of life", -1, 1, {
    ON_AIR (0),
    {3000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 4000, ALL, .lag_ms = 1000},
    {4000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 12000, ALL, .outage_ms = 2000},
    {4100, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 9100, ALL},
    {10000, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {20000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 20000, ALL, .lag_ms = 3000},
  }},
  {"nothing is reachable: the session is held, the restart tried again, the network brings it back", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {5000, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 5500, ALL, .unreachable = TRUE, .attempt = 2, .strategy = GST_RCAST_STRATEGY_ICE_RESTART},
    {5500, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 13500, ALL},
    {9500, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 10500, ALL, .unreachable = TRUE, .attempt = 3},
    {9600, E(NETWORK_UP), S(HOLDING), 0, OFF_AIR, 9600, ALL},
    {9600, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 17600, ALL},
    {9700, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 14700, .outage_ms = 8700},
  }},
  {"nothing is reachable: media that heals by itself ends the waiting", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {5000, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 5500, ALL, .unreachable = TRUE},
    {5100, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 10100, .outage_ms = 4100},
  }},
  {"nothing is reachable for longer than the server waits: a new session", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {5000, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 5500, ALL, .unreachable = TRUE},
    {5500, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 13500, ALL},
    {25500, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 26500, ALL, .unreachable = TRUE},
    {26500, E(TICK), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 26500, ALL, .strategy = GST_RCAST_STRATEGY_REJOIN},
  }},
  {"the session is gone: no step in it is tried", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {1100, E(EVICTED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, ALL, .strategy = GST_RCAST_STRATEGY_REJOIN, .reason = R(EVICTED)},
  }},
  {"another server is not kept waiting", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {2500, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 3000, ALL, .unreachable = TRUE},
    {3000, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 11000, ALL},
    {5000, E(RESTART_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 5000, ALL, .unreachable = TRUE, .location = 1, .strategy = GST_RCAST_STRATEGY_FAILOVER},
    BACK_ON_AIR (5000, 1000),
    {30000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 60000},
    {30010, E (CHECK_PASSED), S(LIVE), 0, T(BROADCASTING), 60000},
    {60000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 90000},
    {60010, E(CHECK_FAILED), S(LIVE), 0, T(BROADCASTING), 90000},
    {90000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 120000},
    {90010, E (CHECK_PASSED), S(LIVE), 0, T(BROADCASTING), 120000},
  }},
  {"back to the first server, and away again: looked at half as often", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {2000, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2500, .location = 1},
    BACK_ON_AIR (2500, 1000),
    {10000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 40000},
    {10010, E (CHECK_PASSED), S(LIVE), 0, T(BROADCASTING), 40000},
    {40000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 70000},
    {40100, E (CHECK_PASSED), S(SIGNALLING), END | A(OPEN_SIGNALLER) | A(POST_STATUS), OFF_AIR, 70100, .strategy = GST_RCAST_STRATEGY_FAILOVER, .attempt = 1},
    {40200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 40700, .location = 1},
    BACK_ON_AIR (40700, 40100),
    {50000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 110000},
  }},
  {"a first server that refuses is looked at rarely, not never", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {2000, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2500, .location = 1, .fatal = TRUE},
    BACK_ON_AIR (2500, 1000),
    {10000, E(TICK), S(LIVE), A (CHECK), T(BROADCASTING), 970000},
  }},
  {"a network that comes and goes does not shorten what the server asked for", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {2000, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 32000, .retry_after_ms = 30000},
    {3000, E(NETWORK_UP), S(BACKOFF), 0, OFF_AIR, 32000},
    {32000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 62000},
    {33000, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 34000},
    {33100, E(NETWORK_UP), S(BACKOFF), 0, OFF_AIR, 33100},
  }},
  {"already at the first server", -1, 2, {
    ON_AIR (0),
    {1000, E (CHECK_PASSED), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"connected again, but nothing is confirmed: not for ever", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 31010},
    {1020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 11020},
    {11020, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 19020, ALL},
  }},
  {"a first connection that the server hears nothing of", -1, 1, {
    FIRST_CONNECTED,
    {8000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 16000, ALL, .attempt = 1, .reason = R(MEDIA_FROZEN)},
    {8100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 18100},
    {9000, E(MEDIA_FROZEN), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 19000, ALL, .attempt = 2},
    {9100, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 19100},
    {10000, E(MEDIA_FROZEN), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 10000, ALL, .attempt = 3},
    {10000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 40000},
    {10010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 40010},
    {10020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 20020},
    {10100, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 15100},
  }},
  {"a server that reports all but what it receives is not left for ever", -1, 1, {
    FIRST_CONNECTED,
    {8000, E(MEDIA_FROZEN), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 8000, .attempt = 1},
    {8000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 38000},
    {8010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 38010},
    {8020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 18020},
    {15000, E(MEDIA_FROZEN), S(CONNECTED), A(POST_STATUS), T(CONNECTED), NEVER, ALL, .reason = R(MEDIA_FROZEN)},
    {20000, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER},
    {21000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 29000, ALL, .attempt = 1},
  }},
  {"where the first server hears nothing, the second may", -1, 2, {
    FIRST_CONNECTED,
    {8000, E(MEDIA_FROZEN), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 8000, .can_renegotiate = TRUE, .location = 1, .strategy = GST_RCAST_STRATEGY_FAILOVER},
  }},
  {"a server that does not report is not rebuilt after a failover", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .unreachable = TRUE, .location = 1},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 31010},
    {1020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 11020},
    {11020, E(TICK), S(CONNECTED), A(POST_STATUS), T(CONNECTED), NEVER, ALL},
    {30000, E(MEDIA_DISCONNECTED), S(CONNECTED), 0, T(CONNECTED), 32000, ALL},
    {32000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 40000, ALL, .attempt = 1},
    {32100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 42100},
    {42100, E(TICK), S(CONNECTED), A(POST_STATUS), T(CONNECTED), NEVER, ALL},
  }},
  {"the signalling is lost before media is confirmed: resumed at once", -1, 1, {
    FIRST_CONNECTED,
    {200, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), T(CONNECTED), 10200, ALL},
    {300, E(SIGNALLER_RESUMED), S(CONNECTED), 0, T(CONNECTED), 10200, ALL},
    {310, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), NEVER},
  }},
  {"the signalling is lost before media is confirmed, and no answer comes: tried again", -1, 1, {
    FIRST_CONNECTED,
    {200, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), T(CONNECTED), 10200, ALL},
    {10200, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 20200, ALL},
    {20200, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 30200, ALL},
    {20300, E(SIGNALLER_RESUMED), S(CONNECTED), 0, T(CONNECTED), 30200, ALL},
    {30200, E(TICK), S(CONNECTED), 0, T(CONNECTED), NEVER, ALL},
  }},
  {"the signalling is lost before media is confirmed: confirmed first", -1, 1, {
    FIRST_CONNECTED,
    {200, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), T(CONNECTED), 10200, ALL},
    {300, E(MEDIA_CONFIRMED), S(RESUMING), A(POST_STATUS), T(BROADCASTING), 10300, ALL},
    {310, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 5310, ALL},
  }},
  {"connected while the signalling is lost, and never confirmed: no success yet", -1, 1, {
    FIRST_CONNECTED,
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {1100, E(SIGNALLER_LOST), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 11100, ALL},
    {1200, E(MEDIA_CONNECTED), S(REATTACHING), FLOW, OFF_AIR, 11100, ALL},
    {1300, E(MEDIA_CONFIRMED), S(RESUMING), A(POST_STATUS), T(BROADCASTING), 11100, ALL},
  }},
  {"held without signalling, connected, and never confirmed: the signalling is still to be resumed", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_HANGUP), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11000, ALL},
    {1050, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 11050},
    {1100, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), OFF_AIR, 11050, ALL},
    {1200, E(RESUME_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 1700, ALL, .unreachable = TRUE},
    {1300, E(MEDIA_CONNECTED), S(HOLDING), FLOW, OFF_AIR, 1700, ALL},
    {1700, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 11700, ALL},
  }},
  {"a forced ICE restart that loses nothing counts as done", -1, 1, {
    ON_AIR (0),
    {1200, E(NETWORK_UP), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9200, ALL},
    {1300, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 6300, ALL, .strategy = GST_RCAST_STRATEGY_ICE_RESTART, .outage_ms = 100},
  }, .reconnect_media = TRUE},
  {"an ICE restart in the background heals it within the grace: that is told", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2000, ALL, .lag_ms = 1000},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 2000, ALL},
    {1300, E(MEDIA_CONNECTED), S(LIVE), MENDED, T(BROADCASTING), NEVER, ALL, .restarted = TRUE, .strategy = GST_RCAST_STRATEGY_ICE_RESTART, .outage_ms = 1300},
    {2000, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), NEVER, ALL, .restarted = TRUE},
  }},
  {"a pair that heals by itself within the grace is not told, whatever the server says of its own leg", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_RECONNECTING), S(LIVE), A(POST_STATUS), T(RECONNECTING), NEVER},
    {2000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(RECONNECTING), 3000, ALL, .lag_ms = 1000},
    {2500, E(SERVER_RECONNECTED), S(DISRUPTED), A(POST_STATUS), T(BROADCASTING), 3000, ALL},
    {2600, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), NEVER, ALL},
  }},
  {"frozen: a new ICE pair proves nothing, reports do", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {1100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 11100, ALL},
    {1200, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 6200, ALL, .outage_ms = 200},
    {6200, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {20000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 22000, ALL, .told = R(MEDIA_FROZEN)},
    {20100, E(MEDIA_CONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 22000, ALL},
    {22000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 30000, ALL, .reason = R(MEDIA_FROZEN)},
  }},
  {"restarts in the background do not put off the day of judgement, a lost pair does", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11000, .can_renegotiate = TRUE},
    {2000, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 12000, ALL},
    {9000, E(MEDIA_CONNECTED), S(CONNECTED), 0, OFF_AIR, 12000, ALL, .restarted = TRUE},
    {10000, E(MEDIA_DISCONNECTED), S(CONNECTED), 0, OFF_AIR, 12000, ALL},
    {11000, E(MEDIA_CONNECTED), S(CONNECTED), 0, OFF_AIR, 21000, ALL, .restarted = TRUE},
    {21000, E(TICK), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 26000, ALL},
  }},
  {"signalling that cannot be resumed does not end the media of a server that never reports", -1, 1, {
    FIRST_CONNECTED,
    {200, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), T(CONNECTED), 10200, ALL},
    {300, E(RESUME_FAILED), S(CONNECTED), 0, T(CONNECTED), 300, ALL, .unreachable = TRUE},
    {300, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 10300, ALL},
    {400, E(RESUME_FAILED), S(CONNECTED), 0, T(CONNECTED), 900, ALL},
    {500, E(MEDIA_DISCONNECTED), S(CONNECTED), 0, T(CONNECTED), 2500, ALL},
    {600, E(RESUME_FAILED), S(CONNECTED), 0, T(CONNECTED), 2500, ALL},
    {700, E(MEDIA_CONNECTED), S(CONNECTED), 0, T(CONNECTED), 700, ALL},
    {700, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 10700, ALL},
    {800, E(SIGNALLER_RESUMED), S(CONNECTED), 0, T(CONNECTED), 10700, ALL},
    {10700, E(TICK), S(CONNECTED), 0, T(CONNECTED), NEVER, ALL},
  }},
  {"nor what was connected anew, unless the network is away", -1, 1, {
    FIRST_CONNECTED,
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 8200, ALL},
    {300, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 10300, ALL},
    {400, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), OFF_AIR, 10300, ALL},
    {500, E(RESUME_FAILED), S(CONNECTED), 0, OFF_AIR, 10300, ALL},
    {10300, E(TICK), S(CONNECTED), A(POST_STATUS), T(CONNECTED), 10300, ALL},
    {10300, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 20300, ALL},
    {10400, E(MEDIA_CONFIRMED), S(RESUMING), A(POST_STATUS), T(BROADCASTING), 20400, ALL},
  }},
  {"frozen: a new ICE pair without any report about it", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL},
    {1100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 11100, ALL},
    {11100, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 21100, ALL, .attempt = 2},
  }},
  {"both lost, and no answer to the resuming in time: held, not given up", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(MEDIA_FAILED), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000},
    {11000, E(TICK), S(HOLDING), A(POST_STATUS), OFF_AIR, 11500, ALL, .attempt = 1},
    {11500, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 21500, ALL},
    {21500, E(TICK), S(HOLDING), A(POST_STATUS), OFF_AIR, 22500, ALL, .attempt = 2},
    {22500, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 32500, ALL},
    {32500, E(TICK), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 32500, ALL, .attempt = 3, .strategy = GST_RCAST_STRATEGY_REJOIN},
  }},
  {"the signalling is lost in the middle of a renegotiation: done again once it is back", -1, 1, {
    ON_AIR (0),
    {1000, E(SERVER_HANGUP), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11000, ALL},
    {1100, E(SIGNALLER_LOST), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 11100, ALL},
    {2000, E(RESUME_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 2500, ALL, .unreachable = TRUE},
    {2500, E(TICK), S(REATTACHING), A(RESUME_SIGNALLER), OFF_AIR, 12500, ALL},
    {2600, E(SIGNALLER_RESUMED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 12600, .can_renegotiate = TRUE},
    {2700, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES) | A(SETTLE), OFF_AIR, 12700},
  }},
  /* Vonage: the client says that it reconnects, and reconnects by itself; a session
   * that could not be had again is the end, and it says why. The server may keep what
   * was there before for half a minute. */
  {"Vonage: the session reconnects, and has reconnected", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(MEDIA_FAILED), S(REATTACHING), A(POST_STATUS), OFF_AIR, 11000, ALL},
    {1600, E(SIGNALLER_RESUMED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9600, ALL},
    {1700, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 6700, .outage_ms = 200},
  }},
  {"Vonage: the session reconnects, and is disconnected: by the network", 1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .unreachable = TRUE, .told = R(NETWORK_LOST), .reason = R(NETWORK_LOST)},
  }},
  {"Vonage: forced off by the application of someone else", -1, 1, {
    ON_AIR (0),
    {1000, E(EVICTED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(EVICTED)},
  }, .no_rejoin = TRUE},
  {"Vonage: the stale connection still holds the place for some seconds", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 3100, .retry_after_ms = 2000, .attempt = 2},
    {3100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 33100},
    {3200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 5200, .retry_after_ms = 2000, .attempt = 3},
    BACK_ON_AIR (5200, 1000),
  }},
  {"Vonage leaves it to the application to move to another network: here it is done", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL, .told = R(NETWORK_LOST)},
    {1500, E(NETWORK_UP), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9500, ALL, .reason = R(NETWORK_CHANGED)},
    {1600, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 6600, .outage_ms = 600},
  }},
  /* nanoStream's configuration: maxRetries 0, 10, -1 */
  {"no retries: the first failure is the last", 0, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(MEDIA_FROZEN)},
  }},
  {"two retries, whatever kind they are of", 2, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL, .attempt = 1},
    {1100, E(RESTART_FAILED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11100, ALL, .attempt = 2},
    {1200, E(PEER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL},
  }},
  {"reports that never move: one climb up to a new session, then they are how the server is", -1, 1, {
    ON_AIR (0),
    {5000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 13000, ALL, .static_reports = TRUE},
    {5100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 15100, ALL},
    {15100, E(TICK), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 15100, .strategy = GST_RCAST_STRATEGY_REJOIN},
    BACK_ON_AIR (15100, 5000),
    {19000, E(MEDIA_FROZEN), S(LIVE), 0, T(BROADCASTING), 20140, ALL, .static_reports = TRUE},
    {20140, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {21000, E(MEDIA_FROZEN), S(LIVE), 0, T(BROADCASTING), NEVER, ALL, .static_reports = TRUE},
    {22000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 30000, ALL},
    {22100, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 27100, ALL},
    {27100, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {28000, E(MEDIA_FROZEN), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 36000, ALL, .static_reports = TRUE},
  }},
  /* Nobody tells when a black hole has ended. */
  {"a server that can be reached again is not waited for, whether it hangs or refuses", -1, 1, {
    ON_AIR_LOOKED_AFTER (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL, .probe_ms = 1500},
    {1499, E(PROBE_DUE), S(RESTARTING), 0, OFF_AIR, 9000, ALL, .probe_ms = 1500},
    {1500, E(PROBE_DUE), S(RESTARTING), A (PROBE), OFF_AIR, 9000, ALL, .probe_ms = 2000},
    {2000, E(PROBE_DUE), S(RESTARTING), A (PROBE), OFF_AIR, 9000, ALL, .probe_ms = 2500},
    {2400, E(PROBE_UNANSWERED), S(RESTARTING), 0, OFF_AIR, 9000, ALL, .probe_ms = 2500},
    {2450, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 2950, ALL, .unreachable = TRUE, .probe_ms = 2500},
    {2500, E(PROBE_DUE), S(HOLDING), A (PROBE), OFF_AIR, 2950, ALL, .probe_ms = 3000},
    {2950, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 10950, ALL, .probe_ms = 3000},
    {2960, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 3960, ALL, .unreachable = TRUE, .probe_ms = 3000},
    {3000, E(PROBE_DUE), S(HOLDING), A (PROBE), OFF_AIR, 3960, ALL, .probe_ms = 3500},
    {3100, E(PROBE_ANSWERED), S(HOLDING), 0, OFF_AIR, 3100, ALL},
    {3100, E(TICK), S(RESTARTING), A(RESTART_ICE), OFF_AIR, 11100, ALL, .probe_ms = 3600},
    {3200, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 8200, ALL, .outage_ms = 2200},
  }, .probe = TRUE},
  {"a connection that is answered is believed once", -1, 1, {
    ON_AIR_LOOKED_AFTER (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000, .probe_ms = 1500},
    {1010, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1510, .unreachable = TRUE, .probe_ms = 1500},
    {1500, E(PROBE_DUE), S(BACKOFF), A (PROBE), OFF_AIR, 1510, .probe_ms = 2000},
    {1505, E(PROBE_ANSWERED), S(BACKOFF), 0, OFF_AIR, 1505},
    {1505, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31505, .probe_ms = 2005},
    {1600, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2600, .unreachable = TRUE, .probe_ms = 2005},
    {2005, E(PROBE_DUE), S(BACKOFF), A (PROBE), OFF_AIR, 2600, .probe_ms = 2505},
    {2010, E(PROBE_ANSWERED), S(BACKOFF), 0, OFF_AIR, 2600},
    {2600, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 32600, .probe_ms = 3100},
    {2700, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 4700, .unreachable = TRUE, .probe_ms = 3100},
    {3100, E(PROBE_DUE), S(BACKOFF), A (PROBE), OFF_AIR, 4700, .probe_ms = 3600},
    {3150, E(PROBE_UNANSWERED), S(BACKOFF), 0, OFF_AIR, 4700, .probe_ms = 3600},
    {3600, E(PROBE_DUE), S(BACKOFF), A (PROBE), OFF_AIR, 4700, .probe_ms = 4100},
    {3650, E(PROBE_ANSWERED), S(BACKOFF), 0, OFF_AIR, 3650},
  }, .probe = TRUE},
  {"a server that has answered is not looked for, and its word counts", -1, 1, {
    ON_AIR_LOOKED_AFTER (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000, .probe_ms = 1500},
    {1010, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1510},
    {1100, E(PROBE_ANSWERED), S(BACKOFF), 0, OFF_AIR, 1510},
    {1510, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31510, .probe_ms = 2010},
    {1600, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 31600, .retry_after_ms = 30000, .unreachable = TRUE},
    {1700, E(PROBE_ANSWERED), S(BACKOFF), 0, OFF_AIR, 31600},
    {31600, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 61600, .probe_ms = 32100},
    {32000, E(PROBE_USELESS), S(SIGNALLING), 0, OFF_AIR, 61600},
    {32100, E(PROBE_DUE), S(SIGNALLING), 0, OFF_AIR, 61600},
  }, .probe = TRUE},
  {"the signalling alone is looked for as well, rarely if it is away for long", -1, 1, {
    ON_AIR_LOOKED_AFTER (0),
    {1000, E(SIGNALLER_LOST), S(DETACHED), A(POST_WARNING), T(BROADCASTING), 1000, ALL, .unreachable = TRUE, .probe_ms = 1500},
    {1000, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 11000, ALL, .probe_ms = 1500},
    {11000, E(TICK), S(DETACHED), 0, T(BROADCASTING), 11500, ALL, .probe_ms = 1500},
    {129000, E(PROBE_DUE), S(DETACHED), A (PROBE), T(BROADCASTING), 11500, ALL, .probe_ms = 130000},
    {1001000, E(PROBE_DUE), S(DETACHED), A (PROBE), T(BROADCASTING), 11500, ALL, .probe_ms = 1005000},
    {1001100, E(PROBE_ANSWERED), S(DETACHED), 0, T(BROADCASTING), 1001100, ALL},
    {1001100, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 1011100, ALL, .probe_ms = 1005100},
    {1001200, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 1006200, ALL},
  }, .probe = TRUE},
  {"the same again after a stop", 0, 1, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {10, E(STOP), S(IDLE), 0, T(DISCONNECTED), NEVER},
    ON_AIR (1000),
  }},
};
/* *INDENT-ON* */

GST_START_TEST (test_story)
{
  const Story *story = &stories[__i__];
  GstRcastPolicyConfig own = config;
  GstRcastPolicy policy;

  own.max_retries = story->max_retries;
  own.n_locations = story->n_locations;
  own.rejoin_on_evict = !story->no_rejoin;
  own.reconnect_media = story->reconnect_media;
  gst_rcast_policy_init (&policy, &own);
  for (const Row * row = story->rows; row == story->rows || row->at_ms
      || row->event; row++) {
    GstRcastEvent event = {
      .type = row->event,
      .fatal = row->fatal,
      .restarted = row->restarted,
      .same_address = row->same_address,
      .unreachable = row->unreachable,
      .static_reports = row->static_reports,
      .lag = MS (row->lag_ms),
      .reason = row->told,
      .retry_after = MS (row->retry_after_ms),
    };
    GstRcastAbilities abilities = {
      .can_restart = row->can_restart,
      .can_renegotiate = row->can_renegotiate,
      .can_resume = row->can_resume,
      .can_probe = story->probe,
    };
    GstRcastStep step;

    gst_rcast_policy_step (&policy, &event, &abilities, G_MAXUINT32,
        MS (row->at_ms), &step);
    fail_unless (policy.state == row->state, "%s, row %d: state %d",
        story->name, (gint) (row - story->rows), policy.state);
    fail_unless (step.actions == row->actions, "%s, row %d: actions %x",
        story->name, (gint) (row - story->rows), step.actions);
    fail_unless (policy.status == row->status, "%s, row %d: status %d",
        story->name, (gint) (row - story->rows), policy.status);
    fail_unless (policy.deadline == (row->deadline_ms == NEVER ?
            GST_CLOCK_TIME_NONE : MS (row->deadline_ms)),
        "%s, row %d: deadline %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (policy.deadline));
    fail_unless (policy.probe_at == (row->probe_ms == 0 ?
            GST_CLOCK_TIME_NONE : MS (row->probe_ms)),
        "%s, row %d: looks at %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (policy.probe_at));
    fail_unless (!row->strategy || step.strategy == row->strategy,
        "%s, row %d: strategy %d", story->name, (gint) (row - story->rows),
        step.strategy);
    fail_unless (!row->reason || step.reason == row->reason,
        "%s, row %d: reason %d", story->name, (gint) (row - story->rows),
        step.reason);
    fail_unless (!row->skipped || step.skipped == row->skipped,
        "%s, row %d: skipped %x", story->name, (gint) (row - story->rows),
        step.skipped);
    fail_unless (!row->attempt || step.attempt == row->attempt,
        "%s, row %d: attempt %u", story->name, (gint) (row - story->rows),
        step.attempt);
    fail_unless (!row->outage_ms || step.outage == MS (row->outage_ms),
        "%s, row %d: outage %" GST_TIME_FORMAT, story->name,
        (gint) (row - story->rows), GST_TIME_ARGS (step.outage));
    fail_unless (!row->location || step.location == row->location,
        "%s, row %d: location %u", story->name, (gint) (row - story->rows),
        step.location);
  }
}

GST_END_TEST;

GST_START_TEST (test_late_news_of_an_older_session_is_dropped)
{
  GstRcastPolicy policy;
  GstRcastStep step;
  GstRcastEvent event = {.type = E (MEDIA_FAILED),.generation = 1 };

  gst_rcast_policy_init (&policy, &config);
  policy.state = S (LIVE);
  policy.generation = 2;
  gst_rcast_policy_step (&policy, &event, &none, 0, 0, &step);
  fail_unless (step.ignored);
  assert_equals_int (policy.state, S (LIVE));
  event.generation = 2;
  gst_rcast_policy_step (&policy, &event, &none, 0, 0, &step);
  fail_if (step.ignored);
  fail_unless (policy.state != S (LIVE));
}

GST_END_TEST;

/* What holds after any event in any state. */
static void
check_invariants (const GstRcastPolicy * policy, const GstRcastStep * step)
{
  switch (policy->state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_UPDATING:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_RESUMING:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_REATTACHING:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
      REQUIRE (GST_CLOCK_TIME_IS_VALID (policy->deadline),
          "state %d waits for ever", policy->state);
      break;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_FAILED:
      REQUIRE (!GST_CLOCK_TIME_IS_VALID (policy->deadline));
      break;
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_CONNECTED:
      break;
  }
  /* Nobody looks for a server that is heard, or that has said when to come again. */
  REQUIRE (!GST_CLOCK_TIME_IS_VALID (policy->probe_at)
      || (policy->state != S (LIVE) && policy->state != S (DISRUPTED)
          && policy->state != S (IDLE) && policy->state != S (FAILED)
          && policy->state != S (CLOSING)));
  if (policy->state == S (BACKOFF) || policy->state == S (HOLDING)
      || policy->state == S (DETACHED))
    REQUIRE (!GST_CLOCK_TIME_IS_VALID (policy->probe_at)
        || (!policy->held_back
            && GST_CLOCK_TIME_IS_VALID (policy->unreachable_since)));
  if (step->ignored) {
    REQUIRE (step->actions == 0);
    REQUIRE (step->from == step->to);
  }
  /* One recovery at a time. */
  REQUIRE (__builtin_popcount (step->actions & (A (OPEN_SIGNALLER) |
              A (RESUME_SIGNALLER) | A (MAKE_OFFER) | A (RESTART_ICE))) <= 1);
  REQUIRE (!(step->actions & A (SETTLE)) || step->actions & A (OPEN_GATES));
  REQUIRE (!(step->actions & A (RESTART_ICE)) || !policy->signalling_lost
      || (step->from == S (CONNECTED) && step->to == S (CONNECTED)),
      "a restart without signalling");
  REQUIRE (policy->signalling_lost || (step->to != S (DETACHED)
          && step->to != S (RESUMING)) || step->ignored
      || step->from == step->to, "resumes what is not lost");
  REQUIRE (!(step->actions & A (POST_ERROR)) || step->to == S (FAILED));
  REQUIRE (step->to != S (FAILED) || step->from == S (FAILED)
      || (step->actions & ~A (POST_STATUS)) == (FAIL & ~A (POST_STATUS)));
  /* Nothing is left behind at an end. */
  if (step->to == S (IDLE) && step->from != S (IDLE)
      && step->from != S (PREPARING) && step->from != S (FAILED)
      && step->from != S (CLOSING) && step->from != S (BACKOFF))
    REQUIRE ((step->actions & END) == END);
}

GST_START_TEST (test_every_event_in_every_state)
{
  GEnumClass *states = g_type_class_ref (GST_TYPE_RCAST_STATE);
  GEnumClass *events = g_type_class_ref (GST_TYPE_RCAST_EVENT_TYPE);

  for (guint s = 0; s < states->n_values; s++) {
    gboolean stops = FALSE;

    for (guint e = 0; e < events->n_values; e++) {
      GstRcastPolicy policy;
      GstRcastStep step;
      GstRcastEvent event = {.type = e };

      gst_rcast_policy_init (&policy, &config);
      policy.state = s;
      policy.status = -1;
      policy.signalling_lost = s == S (DETACHED) || s == S (RESUMING)
          || s == S (REATTACHING);
      policy.deadline = s == S (IDLE) || s == S (LIVE) || s == S (FAILED) ?
          GST_CLOCK_TIME_NONE : MS (5);
      gst_rcast_policy_step (&policy, &event, &none, 0, MS (5), &step);
      check_invariants (&policy, &step);
      stops |= e == E (STOP) && policy.state == S (IDLE);
    }
    fail_unless (stops, "state %u cannot be stopped", s);
  }
  g_type_class_unref (states);
  g_type_class_unref (events);
}

GST_END_TEST;

/* RCAST_FIRST_SEED: other ones than usual */
static guint32
get_seed (gint index)
{
  const gchar *first = g_getenv ("RCAST_FIRST_SEED");

  return (first ? g_ascii_strtoull (first, NULL, 10) : 20) + index;
}

GST_START_TEST (test_random_events)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (get_seed (__i__));
  GstRcastPolicy policy;
  GstClockTime now = 0;
  guint errors = 0, on_air = 0, outages = 0, looks = 0, hastened = 0;
  gboolean flows = FALSE, told = FALSE;
  guint visited[S (FAILED) + 1] = { 0, };
  GstRcastPolicyConfig own = config;

  own.n_locations = 3;
  own.max_retries = 4;
  gst_rcast_policy_init (&policy, &own);
  for (guint i = 0; i < 100000; i++) {
    GstRcastStep step;
    GstRcastEvent event = {
      .type = g_rand_int_range (rand, 0, E (RECONNECT_NOW) + 1),
      .generation = g_rand_int_range (rand, 0, 4) ? policy.generation : 1,
      .reason = g_rand_int_range (rand, 0, R (USER) + 1),
      .unreachable = g_rand_boolean (rand),
      .lag = MS (g_rand_int_range (rand, 0, 2000)),
      .fatal = g_rand_int_range (rand, 0, 50) == 0,
      .retry_after = g_rand_int_range (rand, 0, 8) ? 0 : MS (1000),
      .restarted = g_rand_boolean (rand),
      .same_address = g_rand_boolean (rand),
      .static_reports = g_rand_boolean (rand),
    };
    GstRcastAbilities abilities = {
      .can_restart = g_rand_boolean (rand),
      .can_renegotiate = g_rand_boolean (rand),
      .can_resume = g_rand_boolean (rand),
      .can_probe = g_rand_int_range (rand, 0, 4) != 0,
    };
    guint attempt = policy.attempt;
    gboolean cut_off = policy.signalling_lost;
    gboolean believed = policy.early_attempt || policy.held_back;
    GstClockTime deadline = policy.deadline;

    /* Starts and successes are rarer than trouble: even them out. */
    if (g_rand_boolean (rand))
      event.type = g_rand_int_range (rand, 0, 2) ? E (TICK) :
          policy.state == S (IDLE) ? E (START) :
          policy.state == S (PREPARING) ? E (STREAMS_READY) :
          policy.state == S (SIGNALLING) ? E (SIGNALLER_OPEN) :
          policy.state == S (NEGOTIATING) ? E (NEGOTIATED) :
          policy.state == S (CONNECTING) ? E (MEDIA_CONNECTED) :
          policy.state == S (RENEGOTIATING) ? E (MEDIA_CONNECTED) :
          policy.state == S (DISRUPTED) ? E (MEDIA_CONNECTED) :
          policy.state == S (RESTARTING) && g_rand_boolean (rand) ?
          E (RESTART_FAILED) :
          policy.state == S (RESUMING) ? E (SIGNALLER_RESUMED) :
          policy.state == S (REATTACHING) ? E (SIGNALLER_RESUMED) :
          E (MEDIA_CONFIRMED);
    /* Without signalling neither can be asked for: nobody says that it may help. */
    if (cut_off && event.type != E (SIGNALLER_RESUMED))
      abilities.can_restart = abilities.can_renegotiate = FALSE;
    visited[policy.state]++;
    now += MS (g_rand_int_range (rand, 0, 200));
    gst_rcast_policy_step (&policy, &event, &abilities, g_rand_int (rand), now,
        &step);
    check_invariants (&policy, &step);
    if (event.type == E (PROBE_ANSWERED) && !step.ignored) {
      REQUIRE (!believed || policy.deadline == deadline, "believed twice");
      hastened += policy.deadline != deadline;
    }
    looks += !!(step.actions & A (PROBE));
    REQUIRE (!(step.actions & A (PROBE)) || !abilities.can_probe
        || GST_CLOCK_TIME_IS_VALID (policy.probe_at), "looked for but once");
    /* Attempts never fall but to none. */
    REQUIRE (policy.attempt >= attempt || policy.attempt == 0);
    REQUIRE (policy.attempt <= attempt + 1);

    /* What is connected is given its media. Only what is sent can be confirmed. */
    if (step.actions & (END | A (MAKE_OFFER)))
      flows = FALSE;
    if (step.actions & A (OPEN_GATES)
        || (event.type == E (MEDIA_CONFIRMED) && !step.ignored))
      flows = TRUE;
    REQUIRE (flows || step.ignored || event.type != E (MEDIA_CONNECTED),
        "nothing is sent in %d", policy.state);

    /* An outage is told before its end is, and not after. */
    if (step.actions & A (POST_OUTAGE)) {
      REQUIRE ((step.actions & A (POST_STATUS)) && !told);
      told = TRUE;
      outages++;
    }
    if (step.actions & A (POST_STATUS)) {
      REQUIRE (told || step.outage == 0
          || step.status == T (RECONNECTING_BROADCAST)
          || step.status == T (DISCONNECTED), "untold in %d", policy.state);
      told = step.status == T (RECONNECTING_BROADCAST);
    }

    /* One error for each life, at the most. */
    if (step.from == S (IDLE) && step.to == S (PREPARING))
      errors = 0;
    errors += !!(step.actions & A (POST_ERROR));
    REQUIRE (errors <= 1);
    on_air += step.to == S (LIVE) && step.from != S (LIVE);
  }
  fail_unless (looks > 10 && hastened > 5, "looked %u times, hastened %u",
      looks, hastened);
  fail_unless (outages > 0, "nothing was mended within the grace");
  fail_unless (on_air > 50, "on air only %u times", on_air);
  for (guint i = 0; i < G_N_ELEMENTS (visited); i++)
    fail_unless (visited[i] > 10, "in state %u only %u times", i, visited[i]);
}

GST_END_TEST;

GST_START_TEST (test_document_says_what_the_table_says)
{
  g_autofree gchar *wanted = policy_print ();
  g_autofree gchar *text = NULL;
  gchar *found;

  fail_unless (g_file_get_contents (STATE_MACHINE_DOC, &text, NULL, NULL));
  found = strstr (text, "```mermaid\n");
  if (g_getenv ("RCAST_UPDATE_DOCS")) {
    g_autofree gchar *updated = NULL;

    if (found)
      *found = 0;
    updated = g_strconcat (text, wanted, NULL);
    fail_unless (g_file_set_contents (STATE_MACHINE_DOC, updated, -1, NULL));
    return;
  }
  fail_unless (found && g_str_equal (found, wanted),
      "docs/state-machine.md is out of date: run with RCAST_UPDATE_DOCS=1");
}

GST_END_TEST;

static Suite *
policy_suite (void)
{
  Suite *s = suite_create ("policy");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_story, 0, G_N_ELEMENTS (stories));
  tcase_add_test (tc, test_late_news_of_an_older_session_is_dropped);
  tcase_add_test (tc, test_every_event_in_every_state);
  tcase_add_loop_test (tc, test_random_events, 0, N_SEEDS);
  tcase_add_test (tc, test_document_says_what_the_table_says);
  return s;
}

GST_CHECK_MAIN (policy);
