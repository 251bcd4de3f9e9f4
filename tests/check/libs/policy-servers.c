/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy and its servers: attempts, refusals, the next server, the first server, probes. */
#include "config.h"

#include "policy-story.h"

/* *INDENT-OFF* */
static const PolicyStory stories[] = {
  {"attempts wait longer and longer; an outage that is over does not count", -1, 1, {
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
    {2000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 2500, .attempt = 5},
  }},
  {"sessions that do not last wait longer and longer, to 2 s, until media is stable", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    BACK_ON_AIR (1000, 1000),
    {2000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2500, .attempt = 2},
    BACK_ON_AIR (2500, 2000),
    {4000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 5000, .attempt = 3},
    BACK_ON_AIR (5000, 4000),
    {6000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 8000, .attempt = 4},
    BACK_ON_AIR (8000, 6000),
    {9000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 11000, .attempt = 5},
    BACK_ON_AIR (11000, 9000),
    {17000, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {18000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 18000, .attempt = 1},
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
  }, .give_up = GST_RCAST_GIVE_UP_ALWAYS},
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
  }, .give_up = GST_RCAST_GIVE_UP_ALWAYS},
  {"thrown out on purpose: no way back, not by another door either", -1, 2, {
    ON_AIR (0),
    {1000, E(EVICTED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(EVICTED), .fatal = TRUE},
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
    {40200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 40200, .location = 1},
    BACK_ON_AIR (40200, 40100),
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
  {"Vonage: the stale connection still holds the place for some seconds", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 3100, .retry_after_ms = 2000, .attempt = 2},
    {3100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 33100},
    {3200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 5200, .retry_after_ms = 2000, .attempt = 3},
    BACK_ON_AIR (5200, 1000),
  }},
  /* nanoStream's configuration: maxRetries 0, 10, -1 */
  {"no retries: the first failure is the last", 0, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FROZEN), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(MEDIA_FROZEN)},
  }},
  {"a path that is lost while DTLS connects is not waited for", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 11000, .can_renegotiate = TRUE},
    {1100, E(NEGOTIATED), S(RENEGOTIATING), 0, OFF_AIR, 11000},
    {1200, E(MEDIA_DISCONNECTED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1200, .attempt = 2},
    {1200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31200},
    {1210, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 31210},
    {1220, E(NEGOTIATED), S(CONNECTING), 0, OFF_AIR, 11220},
    {1300, E(MEDIA_DISCONNECTED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1800, .attempt = 3},
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
  /* Nothing reports the end of a black hole. */
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
    {301000, E(PROBE_DUE), S(DETACHED), A (PROBE), T(BROADCASTING), 11500, ALL, .probe_ms = 301500},
    {641000, E(PROBE_DUE), S(DETACHED), A (PROBE), T(BROADCASTING), 11500, ALL, .probe_ms = 642000},
    {3201000, E(PROBE_DUE), S(DETACHED), A (PROBE), T(BROADCASTING), 11500, ALL, .probe_ms = 3205000},
    {3201100, E(PROBE_ANSWERED), S(DETACHED), 0, T(BROADCASTING), 3201100, ALL},
    {3201100, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 3211100, ALL, .probe_ms = 3205100},
    {3201200, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 3206200, ALL},
  }, .probe = TRUE},
  /* Retry-After, in ms; a day */
  {"a server that asks for a day does not keep the next one from being asked", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .retry_after_ms = 86400000, .location = 1, .strategy = GST_RCAST_STRATEGY_FAILOVER},
    BACK_ON_AIR (1100, 1000),
  }},
  {"the same at the very first attempt", -1, 2, {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 110, .retry_after_ms = 86400000, .location = 1},
  }},
  {"the only server may ask for a minute, not for a day", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 61100, .retry_after_ms = 86400000},
    {1200, E(NETWORK_UP), S(BACKOFF), 0, OFF_AIR, 61100},
    {1300, E(RECONNECT_NOW), S(BACKOFF), 0, OFF_AIR, 1300},
  }},
  {"where all servers ask for time, the first to be ready is asked first", -1, 3, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .retry_after_ms = 86400000, .location = 1},
    {1100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31100},
    {1200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1200, .retry_after_ms = 20000, .location = 2},
    {1200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31200},
    {1300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 21200, .retry_after_ms = 40000, .location = 1},
  }},
  {"a server that is held back is passed over until its time", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .retry_after_ms = 30000, .location = 1},
    {1100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31100},
    {1200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2200, .unreachable = TRUE, .location = 1, .strategy = GST_RCAST_STRATEGY_REJOIN},
    {2200, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 32200},
    {31200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 33200, .unreachable = TRUE, .strategy = GST_RCAST_STRATEGY_FAILOVER},
  }},
  {"a first server that asked for time is not checked before", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .retry_after_ms = 3600000, .location = 1},
    BACK_ON_AIR (1100, 1000),
    {6140, E(TICK), S(LIVE), 0, T(BROADCASTING), 3601100},
    {3601100, E(TICK), S(LIVE), A(CHECK), T(BROADCASTING), 3631100},
  }},
  {"nor is one that does so when it is checked", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1600, .unreachable = TRUE, .location = 1},
    BACK_ON_AIR (1600, 1000),
    {6640, E(TICK), S(LIVE), A(CHECK), T(BROADCASTING), 36640},
    {6700, E(CHECK_FAILED), S(LIVE), 0, T(BROADCASTING), 36640, .retry_after_ms = 300000},
    {36640, E(TICK), S(LIVE), 0, T(BROADCASTING), 306700},
    {306700, E(TICK), S(LIVE), A(CHECK), T(BROADCASTING), 336700},
  }},
  {"whatever happens to the session in use before it answers", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1600, .unreachable = TRUE, .location = 1},
    BACK_ON_AIR (1600, 1000),
    {6640, E(TICK), S(LIVE), A(CHECK), T(BROADCASTING), 36640},
    {6650, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 8650},
    {6700, E(CHECK_FAILED), S(DISRUPTED), 0, T(BROADCASTING), 8650, .retry_after_ms = 300000},
    {6800, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), 306700},
  }},
  {"a server that is asked for a restart, or for its session, may not ask for a day either", -1, 1, {
    ON_AIR (0),
    LOSE_SIGNALLING (1000),
    {1500, E(RESUME_FAILED), S(DETACHED), 0, T(BROADCASTING), 61500, ALL, .retry_after_ms = 86400000},
    {61500, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), 71500, ALL},
    {61600, E(SIGNALLER_RESUMED), S(LIVE), 0, T(BROADCASTING), 66600, ALL},
    {70000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 78000, ALL},
    {70100, E(RESTART_FAILED), S(HOLDING), A(POST_STATUS), OFF_AIR, 130100, ALL, .retry_after_ms = 86400000, .unreachable = TRUE},
  }},
  {"a server that took us in holds back no longer", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    {1000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31000},
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .retry_after_ms = 30000, .location = 1},
    {1100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 31100},
    {1200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 31100, .retry_after_ms = 40000},
    {1300, E(RECONNECT_NOW), S(BACKOFF), 0, OFF_AIR, 1300},
    BACK_ON_AIR (1300, 1000),
    {10000, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
    {20000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 20000, .strategy = GST_RCAST_STRATEGY_REJOIN},
  }},
  {"a server that reports all but what it receives: its word ends neither a grace nor a wait", -1, 1, {
    FIRST_CONNECTED,
    {8000, E(MEDIA_FROZEN), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 8000, .attempt = 1},
    {8000, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, 38000},
    {8010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 38010},
    {8020, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 18020},
    {15000, E(MEDIA_FROZEN), S(CONNECTED), A(POST_STATUS), T(CONNECTED), NEVER, ALL},
    {16000, E(MEDIA_DISCONNECTED), S(CONNECTED), 0, T(CONNECTED), 18000, ALL},
    {16500, E(MEDIA_FROZEN), S(CONNECTED), 0, T(CONNECTED), 18000, ALL},
    {17000, E(MEDIA_CONNECTED), S(CONNECTED), 0, T(CONNECTED), NEVER, ALL},
    {18000, E(SIGNALLER_LOST), S(CONNECTED), A(RESUME_SIGNALLER) | A(POST_WARNING), T(CONNECTED), 28000, ALL},
    {18100, E(RESUME_FAILED), S(CONNECTED), 0, T(CONNECTED), 18100, ALL},
    {18100, E(TICK), S(CONNECTED), A(RESUME_SIGNALLER), T(CONNECTED), 28100, ALL},
    {18200, E(RESUME_FAILED), S(CONNECTED), 0, T(CONNECTED), 18700, ALL},
    {18300, E(MEDIA_FROZEN), S(CONNECTED), 0, T(CONNECTED), 18700, ALL},
  }},
};
/* *INDENT-ON* */

GST_START_TEST (test_story)
{
  policy_story_play (&stories[__i__]);
}

GST_END_TEST;

/* Two servers, a broadcast and its clock */
typedef struct
{
  GstRcastPolicy policy;
  GstClockTime now;
  gboolean silent;              /* the first server never reports */
} Cast;

static GstRcastActions
tell (Cast * cast, GstRcastEventType type, guint lag_ms)
{
  const GstRcastEvent event = {
    .type = type,
    .reason = GST_RCAST_REASON_ICE_FAILED,
    .unreachable = type == GST_RCAST_EVENT_MEDIA_FAILED,
    .lag = MS (lag_ms),
  };
  const GstRcastAbilities abilities = { 0 };
  GstRcastStep step;

  gst_rcast_policy_step (&cast->policy, &event, &abilities, G_MAXUINT32,
      cast->now, &step);
  fail_if (step.ignored, "event %d in state %d", type, step.from);
  return step.actions;
}

static GstRcastActions
wait_for_deadline (Cast * cast)
{
  fail_unless (GST_CLOCK_TIME_IS_VALID (cast->policy.deadline));
  cast->now = MAX (cast->now, cast->policy.deadline);
  return tell (cast, GST_RCAST_EVENT_TICK, 0);
}

/* Connects, from SIGNALLING on. */
static void
connect_at (Cast * cast, guint location)
{
  assert_equals_int (cast->policy.location, location);
  tell (cast, GST_RCAST_EVENT_SIGNALLER_OPEN, 0);
  tell (cast, GST_RCAST_EVENT_MEDIA_CONNECTED, 0);
  if (location == 1 || !cast->silent)
    tell (cast, GST_RCAST_EVENT_MEDIA_CONFIRMED, 0);
}

static void
start_cast (Cast * cast, gboolean silent)
{
  GstRcastPolicyConfig config = policy_config;

  config.n_locations = 2;
  *cast = (Cast) { .now = GST_SECOND, .silent = silent };
  gst_rcast_policy_init (&cast->policy, &config);
  tell (cast, GST_RCAST_EVENT_START, 0);
  tell (cast, GST_RCAST_EVENT_STREAMS_READY, 0);
  wait_for_deadline (cast);
  connect_at (cast, 0);
}

/* The media stopped @lag_ms ago. Returns: the interval of the checks of the first server */
static GstClockTime
fail_over (Cast * cast, guint lag_ms)
{
  tell (cast, GST_RCAST_EVENT_MEDIA_FAILED, lag_ms);
  wait_for_deadline (cast);
  connect_at (cast, 1);
  fail_unless (wait_for_deadline (cast) & GST_RCAST_ACTION_CHECK);
  return cast->policy.deadline - cast->now;
}

static void
fail_back (Cast * cast)
{
  tell (cast, GST_RCAST_EVENT_CHECK_PASSED, 0);
  wait_for_deadline (cast);
  tell (cast, GST_RCAST_EVENT_CHECK_PASSED, 0);
  connect_at (cast, 0);
}

static void
mend_at_the_first (Cast * cast, guint off_ms)
{
  tell (cast, GST_RCAST_EVENT_MEDIA_DISCONNECTED, 0);
  cast->now += MS (off_ms);
  tell (cast, GST_RCAST_EVENT_MEDIA_CONNECTED, 0);
}

/* *INDENT-OFF* */
/* How often media has returned to the checked server, and how long it stayed there */
static const struct
{
  const gchar *name;
  guint returns;
  guint stay_ms;
  guint interval_ms;            /* of the checks after that */
  guint lag_ms;                 /* of the event that ends the stay */
  guint outages;                /* that end there */
  gboolean silent;              /* it never reports */
} stays[] = {
  {"none", 0, 10000, 30000},
  {"four minutes", 1, 240000, 60000},
  {"almost five minutes", 1, 299999, 60000},
  {"five minutes", 1, 300000, 30000},
  {"five minutes after four returns", 4, 300000, 480000},
  {"almost as long as the interval", 5, 959999, 960000},
  {"as long as the interval", 5, 960000, 30000},
  {"no longer where the interval grows no longer", 9, 960000, 30000},
  {"five minutes, half a second of which without media", 1, 300000, 60000, .lag_ms = 500},
  {"outages that end there are part of it", 1, 300000, 30000, .outages = 3},
  {"a server that never reports", 1, 300000, 30000, .silent = TRUE},
  {"a short stay at one that never reports", 1, 299999, 60000, .silent = TRUE},
};
/* *INDENT-ON* */

GST_START_TEST (test_returns_are_forgotten_after_a_long_stay)
{
  Cast cast;
  GstClockTime since, interval;

  start_cast (&cast, stays[__i__].silent);
  for (guint i = 0; i < stays[__i__].returns; i++) {
    cast.now += MS (10000);
    interval = fail_over (&cast, 0);
    fail_unless_equals_uint64 (interval, MS (30000) << MIN (i, 5));
    fail_back (&cast);
  }
  since = cast.now;
  if (GST_CLOCK_TIME_IS_VALID (cast.policy.deadline))
    wait_for_deadline (&cast);
  for (guint i = 0; i < stays[__i__].outages; i++)
    mend_at_the_first (&cast, 500);
  cast.now = since + MS (stays[__i__].stay_ms);
  interval = fail_over (&cast, stays[__i__].lag_ms);
  fail_unless (interval == MS (stays[__i__].interval_ms), "%s: %" GST_TIME_FORMAT,
      stays[__i__].name, GST_TIME_ARGS (interval));
}

GST_END_TEST;

static Suite *
policy_servers_suite (void)
{
  Suite *s = suite_create ("policy_servers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_story, 0, G_N_ELEMENTS (stories));
  tcase_add_loop_test (tc, test_returns_are_forgotten_after_a_long_stay, 0,
      G_N_ELEMENTS (stays));
  return s;
}

GST_CHECK_MAIN (policy_servers);
