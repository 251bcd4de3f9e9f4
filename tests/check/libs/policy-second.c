/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two attempts in the policy: when a second one begins, which one wins, and what remains. */
#include "config.h"

#include "policy-story.h"
#include "rcast-policy-servers.h"

#define N_SEEDS 10

/* Whose event it is */
typedef enum
{
  NOBODY,
  MAIN,
  OTHER,                        /* the second attempt */
} Who;

typedef struct
{
  guint at_ms;
  Who who;
  GstRcastEventType event;
  /* wanted */
  GstRcastState state;
  GstRcastSecond second;
  GstRcastActions actions;
  /* of the event */
  gboolean cannot_restart;
  gboolean unreachable;
  gboolean fatal;
  gboolean busy;
  gboolean moved;
  gboolean from_elsewhere;      /* the list no longer has the server in use */
  gboolean stuck;               /* reports that never changed */
  gboolean partial;             /* not of every stream */
  guint retry_after_s;
  guint lag_ms;
  /* checked where not 0 */
  guint location;               /* of the main attempt, + 1 */
  guint second_location;        /* + 1 */
  guint probed;                 /* location, + 1 */
  GstRcastStrategy strategy;
  GstRcastStatus status;
  gboolean nowhere;             /* no second session is possible */
  gboolean cannot_share;        /* no second session at the first server */
} Row;

typedef struct
{
  const gchar *name;
  guint n_locations;
  Row rows[26];
  gboolean no_hedge;
  gboolean no_rejoin;
  gint retries;                 /* + 1 */
  guint resume_s;               /* that resuming the session in use may take */
} Story;

/* *INDENT-OFF* */
#define OPEN A (OPEN_SECOND)
#define DROP A (DROP_SECOND)
#define WIN (A (OPEN_SECOND_GATES) | A (PROMOTE) | A (POST_STATUS))
#define TAKE_OVER (A (PROMOTE) | A (POST_STATUS))
#define CONNECTED_FIRST(at) \
    {at, NOBODY, E(START), S(PREPARING), SECOND(NONE), 0}, \
    {at, NOBODY, E(STREAMS_READY), S(PREPARING), SECOND(NONE), 0}, \
    {at + 100, NOBODY, E(TICK), S(SIGNALLING), 0, A(OPEN_SIGNALLER) | A(POST_STATUS)}, \
    {at + 110, MAIN, E(SIGNALLER_OPEN), S(NEGOTIATING), 0, A(MAKE_OFFER)}, \
    {at + 120, MAIN, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), A(OPEN_GATES) | A(POST_STATUS)}
#define LIVE(at) \
    CONNECTED_FIRST (at), \
    {at + 130, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)}
/* Beside the start a second attempt waits if there are several locations,
 * and none if there is one. */
#define LIVE_OF_SEVERAL \
    {0, NOBODY, E(START), S(PREPARING), SECOND(NONE), 0}, \
    {0, NOBODY, E(STREAMS_READY), S(PREPARING), SECOND(NONE), 0}, \
    {100, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), A(OPEN_SIGNALLER) | A(POST_STATUS)}, \
    {110, MAIN, E(SIGNALLER_OPEN), S(NEGOTIATING), SECOND(WAITING), A(MAKE_OFFER)}, \
    {120, MAIN, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), A(OPEN_GATES) | A(POST_STATUS)}, \
    {130, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)}
#define HANGS_OF_SEVERAL \
    {0, NOBODY, E(START), S(PREPARING), SECOND(NONE), 0}, \
    {0, NOBODY, E(STREAMS_READY), S(PREPARING), SECOND(NONE), 0}, \
    {100, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), A(OPEN_SIGNALLER) | A(POST_STATUS)}
#define FAILED_OVER \
    HANGS_OF_SEVERAL, \
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN}, \
    {1110, OTHER, E(SIGNALLER_OPEN), S(SIGNALLING), SECOND(NEGOTIATING), A(OFFER_SECOND)}, \
    {1120, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .location = 2}, \
    {1130, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)}
#define RETURNS_TO_THE_FIRST \
    {6130, NOBODY, E(TICK), S(LIVE), SECOND(NONE), A(CHECK)}, \
    {6140, MAIN, E(CHECK_PASSED), S(LIVE), SECOND(NONE), 0}, \
    {36130, NOBODY, E(TICK), S(LIVE), SECOND(NONE), A(CHECK)}, \
    {36140, MAIN, E(CHECK_PASSED), S(LIVE), SECOND(SIGNALLING), OPEN, .second_location = 1}
#define RESTARTING_AT(at) \
    {at, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)}
#define SECOND_TO_NEGOTIATING(at) \
    {at, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN}, \
    {at + 10, OTHER, E(SIGNALLER_OPEN), S(RESTARTING), SECOND(NEGOTIATING), A(OFFER_SECOND)}

static const Story stories[] = {
  {"a second session overtakes an ICE restart", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1999, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (2000),
    {2020, OTHER, E(NEGOTIATED), S(RESTARTING), SECOND(CONNECTING), 0},
    {2030, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .strategy = GST_RCAST_STRATEGY_REJOIN},
    {2040, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS), .status = T(BROADCASTING)},
  }},
  {"it does not before the session has had its own time", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    {3999, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (4000),
    {4030, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .strategy = GST_RCAST_STRATEGY_REJOIN},
  }, .resume_s = 3},
  {"nor where media was never confirmed", 1, {
    CONNECTED_FIRST (0),
    RESTARTING_AT (1000),
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    {3999, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (4000),
  }, .resume_s = 3},
  {"that time is for the server in use: the next one is not waited for", 2, {
    LIVE_OF_SEVERAL,
    RESTARTING_AT (1000),
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2},
  }, .resume_s = 3},
  {"the restart is faster", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), DROP | A(POST_STATUS)},
    {2030, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(NONE), 0},
  }},
  {"it heals before the second one begins", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_DISCONNECTED), S(DISRUPTED), SECOND(WAITING), 0},
    {1500, MAIN, E(MEDIA_CONNECTED), S(LIVE), SECOND(NONE), 0},
    {3000, NOBODY, E(TICK), S(LIVE), SECOND(NONE), 0},
  }},
  {"what the restart waits for is over: the second one has its place, and goes on", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, MAIN, E(EVICTED), S(NEGOTIATING), SECOND(NONE), TAKE_OVER},
    {2030, MAIN, E(NEGOTIATED), S(CONNECTING), SECOND(NONE), 0},
    {2040, MAIN, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), A(OPEN_GATES)},
  }},
  {"a server that takes no second session is not asked twice in one step", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(NONE), DROP, .fatal = TRUE, .busy = TRUE},
    {2030, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(NONE), 0},
    {5000, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), 0},
  }},
  {"a second one that is cut off is begun anew, after a while, and has twice as long", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (2000),
    {4009, NOBODY, E(TICK), S(RESTARTING), SECOND(NEGOTIATING), 0},
    {4010, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), DROP},
    {4509, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (4510),
    {8519, NOBODY, E(TICK), S(RESTARTING), SECOND(NEGOTIATING), 0},
    {8520, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), DROP},
  }},
  {"one that makes progress has its time for each step", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN},
    {3990, OTHER, E(SIGNALLER_OPEN), S(RESTARTING), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {5980, OTHER, E(NEGOTIATED), S(RESTARTING), SECOND(CONNECTING), 0},
    {7970, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN},
  }},
  {"one whose deadline passed in a standstill has its time once more, but only once", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (2000),
    {5010, NOBODY, E(TICK), S(RESTARTING), SECOND(NEGOTIATING), 0},
    {7009, NOBODY, E(TICK), S(RESTARTING), SECOND(NEGOTIATING), 0},
    {8010, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), DROP},
  }},
  {"and each step anew", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    SECOND_TO_NEGOTIATING (2000),
    {5010, NOBODY, E(TICK), S(RESTARTING), SECOND(NEGOTIATING), 0},
    {5020, OTHER, E(NEGOTIATED), S(RESTARTING), SECOND(CONNECTING), 0},
    {8020, NOBODY, E(TICK), S(RESTARTING), SECOND(CONNECTING), 0},
    {8030, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN},
  }},
  {"a server that fails gives its turn to the next one at once", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1120, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1609, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), 0},
    {1610, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1620, OTHER, E(SIGNALLER_OPEN), S(SIGNALLING), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1630, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .location = 2},
  }},
  {"one that hangs in signalling does so, too", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {3100, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), DROP},
    {3100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {5100, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), DROP},
    {5100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {9100, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), DROP},
    {9100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
  }},
  {"and one whose ICE does not connect", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_OPEN), S(SIGNALLING), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1120, OTHER, E(NEGOTIATED), S(SIGNALLING), SECOND(CONNECTING), 0},
    {3120, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), DROP},
    {3120, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
  }},
  {"a network that is back, or who does not want to wait, ends the wait for the next one", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1120, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1200, NOBODY, E(NETWORK_UP), S(SIGNALLING), SECOND(WAITING), 0},
    {1200, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1210, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .retry_after_s = 10},
    {1210, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1220, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1300, NOBODY, E(RECONNECT_NOW), S(SIGNALLING), SECOND(WAITING), 0},
    {1300, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
  }},
  {"one that asks for time is not asked before, and not waited for", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .retry_after_s = 10},
    {1110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1120, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1620, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1630, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .retry_after_s = 20},
    {11109, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), 0},
    {11110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
  }},
  {"one that says no is asked again when refusals do not end anything", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS), .cannot_share = TRUE},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2, .cannot_share = TRUE},
    {2010, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(WAITING), DROP, .fatal = TRUE, .cannot_share = TRUE},
    {3009, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0, .cannot_share = TRUE},
    {3010, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2, .cannot_share = TRUE},
    {3020, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(WAITING), DROP, .fatal = TRUE, .cannot_share = TRUE},
    {5019, NOBODY, E(TICK), S(RESTARTING), SECOND(WAITING), 0, .cannot_share = TRUE},
  }},
  {"what cannot be reached is probed, and asked when it can", 2, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {1609, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), 0},
    {1610, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1620, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {2120, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND)},
    {2130, OTHER, E(PROBE_UNANSWERED), S(SIGNALLING), SECOND(WAITING), 0},
    {2620, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {2630, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {3130, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND)},
    {3140, OTHER, E(PROBE_ANSWERED), S(SIGNALLING), SECOND(WAITING), 0},
    {3140, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {3150, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {4150, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND)},
    {4160, OTHER, E(PROBE_ANSWERED), S(SIGNALLING), SECOND(WAITING), 0},
    {4170, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), 0},
  }},
  {"one that answers probes, and nothing else, leaves the turn to the others", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {1110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1120, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {1610, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1620, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {1620, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1630, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {2130, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND), .probed = 2},
    {2140, OTHER, E(PROBE_USELESS), S(SIGNALLING), SECOND(WAITING), 0},
    {2620, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {2630, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {2630, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {2640, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP, .unreachable = TRUE},
    {3140, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND), .probed = 3},
    {3150, OTHER, E(PROBE_USELESS), S(SIGNALLING), SECOND(WAITING), 0},
    {3650, NOBODY, E(PROBE_DUE), S(SIGNALLING), SECOND(WAITING), A(PROBE_SECOND), .probed = 2},
    {3660, OTHER, E(PROBE_ANSWERED), S(SIGNALLING), SECOND(WAITING), 0},
    {3660, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
  }},
  {"a step of the main one that ends takes the second one along", 3, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), DROP},
    {1110, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 3},
    {1200, MAIN, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(WAITING), TAKE_OVER, .location = 3},
    {2200, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"a restart that is refused ends the wait", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_SUSPECT), S(DISRUPTED), SECOND(WAITING), 0, .lag_ms = 1000},
    {1050, MAIN, E(RESTART_FAILED), S(DISRUPTED), SECOND(WAITING), 0},
    {1050, NOBODY, E(TICK), S(DISRUPTED), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"a restart that failed while media flowed is made anew when it does not", 1, {
    LIVE (0),
    {1000, MAIN, E(RESTART), S(LIVE), SECOND(NONE), A(RESTART_ICE)},
    {1010, MAIN, E(RESTART_FAILED), S(LIVE), SECOND(NONE), 0, .unreachable = TRUE},
    {2000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
  }},
  {"no restart is possible: the doubt is enough", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_SUSPECT), S(DISRUPTED), SECOND(WAITING), 0, .lag_ms = 1000, .cannot_restart = TRUE},
    {1000, NOBODY, E(TICK), S(DISRUPTED), SECOND(SIGNALLING), OPEN},
  }},
  {"neither is possible: the doubt is none", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_SUSPECT), S(LIVE), SECOND(NONE), 0, .lag_ms = 1000, .cannot_restart = TRUE, .nowhere = TRUE},
    {2000, MAIN, E(MEDIA_SUSPECT), S(DISRUPTED), SECOND(WAITING), 0, .lag_ms = 1000, .nowhere = TRUE},
    {2999, NOBODY, E(TICK), S(DISRUPTED), SECOND(WAITING), 0, .nowhere = TRUE},
  }},
  {"one after the other", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(NONE), A(RESTART_ICE) | A(POST_STATUS)},
    {3000, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), 0},
  }, .no_hedge = TRUE},
  {"attempts are limited", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(NONE), A(RESTART_ICE) | A(POST_STATUS)},
    {3000, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), 0},
  }, .retries = 2},
  {"a server that does not answer is left for the next one", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {2010, OTHER, E(SIGNALLER_OPEN), S(RESTARTING), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {2020, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .location = 2,
      .strategy = GST_RCAST_STRATEGY_FAILOVER},
  }},
  {"one that answers is not", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"the only server cannot be reached: a second session there is none", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {1500, MAIN, E(RESTART_FAILED), S(HOLDING), SECOND(WAITING), A(POST_STATUS), .unreachable = TRUE},
    {1500, NOBODY, E(TICK), S(HOLDING), SECOND(NONE), 0},
  }},
  {"the second refusal is enough where there are other servers", 2, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(NONE), A(RESTART_ICE) | A(POST_STATUS)},
    {1010, MAIN, E(RESTART_FAILED), S(HOLDING), SECOND(NONE), A(POST_STATUS), .unreachable = TRUE},
    {1600, NOBODY, E(NETWORK_UP), S(HOLDING), SECOND(NONE), 0},
    {1600, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), A(RESTART_ICE)},
    {1610, MAIN, E(RESTART_FAILED), S(BACKOFF), SECOND(NONE), END | A(POST_STATUS), .unreachable = TRUE,
      .location = 2},
  }, .no_hedge = TRUE},
  {"the first location hangs at the start", 2, {
    HANGS_OF_SEVERAL,
    {1100, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {1110, OTHER, E(SIGNALLER_OPEN), S(SIGNALLING), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1120, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN, .location = 2},
    {1130, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)},
  }},
  {"back to the first one, which is up before the other one ends", 2, {
    FAILED_OVER,
    RETURNS_TO_THE_FIRST,
    {36150, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {36160, OTHER, E(NEGOTIATED), S(LIVE), SECOND(CONNECTING), 0},
    {36170, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(CONNECTED), A(OPEN_SECOND_GATES)},
    {36180, OTHER, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), TAKE_OVER, .location = 1,
      .status = T(BROADCASTING)},
    {36190, NOBODY, E(TICK), S(LIVE), SECOND(NONE), 0},
  }},
  {"which goes on until every stream has arrived at the first one", 2, {
    FAILED_OVER,
    RETURNS_TO_THE_FIRST,
    {36150, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {36160, OTHER, E(NEGOTIATED), S(LIVE), SECOND(CONNECTING), 0},
    {36170, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(CONNECTED), A(OPEN_SECOND_GATES)},
    {36180, OTHER, E(MEDIA_CONFIRMED), S(LIVE), SECOND(CONNECTED), 0, .partial = TRUE},
    {37180, OTHER, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), TAKE_OVER, .location = 1},
  }},
  {"a first server that asks for five minutes when it is returned to gets them", 2, {
    FAILED_OVER,
    RETURNS_TO_THE_FIRST,
    {36150, OTHER, E(SIGNALLER_FAILED), S(LIVE), SECOND(NONE), DROP, .retry_after_s = 300},
    {96150, NOBODY, E(TICK), S(LIVE), SECOND(NONE), 0},
    {336149, NOBODY, E(TICK), S(LIVE), SECOND(NONE), 0},
    {336150, NOBODY, E(TICK), S(LIVE), SECOND(NONE), A(CHECK)},
  }},
  {"another location: a server without reports is believed after a while", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE, .from_elsewhere = TRUE},
    {1010, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1020, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(CONNECTED), A(OPEN_SECOND_GATES)},
    {11020, NOBODY, E(TICK), S(CONNECTED), SECOND(NONE), TAKE_OVER, .status = T(CONNECTED)},
  }},
  {"another location, but nobody is there", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, OTHER, E(SIGNALLER_FAILED), S(LIVE), SECOND(NONE), DROP | A(POST_WARNING), .unreachable = TRUE},
  }},
  {"it is checked like any other first one, and moved to when it is there", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE, .from_elsewhere = TRUE},
    {1010, OTHER, E(SIGNALLER_FAILED), S(LIVE), SECOND(NONE), DROP | A(POST_WARNING), .unreachable = TRUE},
    {31010, NOBODY, E(TICK), S(LIVE), SECOND(NONE), A(CHECK)},
    {31020, MAIN, E(CHECK_PASSED), S(LIVE), SECOND(NONE), 0},
    {61010, NOBODY, E(TICK), S(LIVE), SECOND(NONE), A(CHECK)},
    {61020, MAIN, E(CHECK_PASSED), S(LIVE), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"another location, and the main one is in the way", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1020, OTHER, E(SIGNALLER_FAILED), S(SIGNALLING), SECOND(NONE), END | DROP | A(OPEN_SIGNALLER) | A(POST_STATUS),
      .fatal = TRUE, .busy = TRUE, .status = OFF_AIR},
  }},
  {"another location, where nobody is to be sent to yet", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, OTHER, E(SERVER_WAITING), S(SIGNALLING), SECOND(NONE), END | DROP | A(OPEN_SIGNALLER) | A(POST_STATUS),
      .status = OFF_AIR},
    {1020, MAIN, E(SERVER_WAITING), S(SIGNALLING), SECOND(NONE), 0, .status = OFF_AIR},
    {6020, NOBODY, E(TICK), S(SIGNALLING), SECOND(NONE), A(POST_STATUS), .status = T(SIGNALLING)},
  }},
  {"nobody is to be sent to: no other location is tried meanwhile", 2, {
    HANGS_OF_SEVERAL,
    {110, MAIN, E(SIGNALLER_FAILED), S(BACKOFF), SECOND(WAITING), END | A(POST_STATUS), .status = OFF_AIR},
    {110, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), A(OPEN_SIGNALLER)},
    {120, MAIN, E(SERVER_WAITING), S(SIGNALLING), SECOND(NONE), 0, .status = OFF_AIR},
    {5119, NOBODY, E(TICK), S(SIGNALLING), SECOND(NONE), 0, .status = OFF_AIR},
    {5120, NOBODY, E(TICK), S(SIGNALLING), SECOND(NONE), A(POST_STATUS), .status = T(SIGNALLING)},
  }},
  {"another location, and no second session on this side", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(SIGNALLING), SECOND(NONE),
      END | A(OPEN_SIGNALLER) | A(POST_STATUS), .moved = TRUE, .nowhere = TRUE},
  }},
  {"yet another location while the first move is under way", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), DROP | OPEN, .moved = TRUE},
  }},
  {"a list that changes nothing", 2, {
    LIVE_OF_SEVERAL,
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(NONE), 0},
  }},
  {"the server that is left fails while the other one connects", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1020, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(NEGOTIATING), A(RESTART_ICE) | A(POST_STATUS)},
    {1030, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN},
  }},
  {"nothing is offered while the streams are not ready", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN},
    {2005, NOBODY, E(STREAMS_PENDING), S(RESTARTING), SECOND(SIGNALLING), 0},
    {2010, OTHER, E(SIGNALLER_OPEN), S(RESTARTING), SECOND(NONE), DROP},
  }},
  {"a move waits for the streams", 1, {
    LIVE (0),
    {500, NOBODY, E(STREAMS_PENDING), S(LIVE), SECOND(NONE), 0},
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(WAITING), 0, .moved = TRUE, .from_elsewhere = TRUE},
    {1500, NOBODY, E(STREAMS_READY), S(LIVE), SECOND(WAITING), 0},
    {1500, NOBODY, E(TICK), S(LIVE), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"a second attempt that is under way counts", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, MAIN, E(RESTART_FAILED), S(NEGOTIATING), SECOND(NONE), TAKE_OVER},
    {2030, MAIN, E(MEDIA_FAILED), S(FAILED), SECOND(NONE), FAIL},
  }, .retries = 3},
  {"a server that refused a second session is not asked for one again", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(NONE), DROP, .fatal = TRUE},
    {2030, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)},
    {3000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {4000, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), 0},
  }},
  {"where there is another one, that is asked", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {1500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 1},
    {2010, OTHER, E(SIGNALLER_FAILED), S(RESTARTING), SECOND(WAITING), DROP, .fatal = TRUE, .busy = TRUE},
    {2020, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)},
    {3000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {3500, MAIN, E(NEGOTIATED), S(RESTARTING), SECOND(WAITING), 0},
    {4000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2},
  }},
  {"what a server says when it is left is remembered", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN, .second_location = 2},
    {2010, MAIN, E(SIGNALLER_LOST), S(SIGNALLING), SECOND(WAITING), TAKE_OVER, .fatal = TRUE, .retry_after_s = 20,
      .location = 2},
    {2020, MAIN, E(SIGNALLER_FAILED), S(BACKOFF), SECOND(WAITING), END | A(POST_STATUS), .unreachable = TRUE,
      .location = 2},
    {2520, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), A(OPEN_SIGNALLER)},
    {22009, NOBODY, E(TICK), S(SIGNALLING), SECOND(WAITING), 0},
    {22010, NOBODY, E(TICK), S(SIGNALLING), SECOND(SIGNALLING), OPEN, .second_location = 1},
  }},
  {"a second session that replaces the first one is no eviction", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, MAIN, E(EVICTED), S(NEGOTIATING), SECOND(NONE), TAKE_OVER},
  }, .no_rejoin = TRUE},
  {"an eviction before it is one", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    {2000, NOBODY, E(TICK), S(RESTARTING), SECOND(SIGNALLING), OPEN},
    {2020, MAIN, E(EVICTED), S(FAILED), SECOND(NONE), FAIL | DROP},
  }, .no_rejoin = TRUE},
  {"reports that froze in two sessions describe nothing", 1, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_FROZEN), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS), .stuck = TRUE},
    SECOND_TO_NEGOTIATING (2000),
    {2020, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN},
    {2030, MAIN, E(MEDIA_CONFIRMED), S(LIVE), SECOND(NONE), A(POST_STATUS)},
    {3000, MAIN, E(MEDIA_FROZEN), S(LIVE), SECOND(NONE), 0, .stuck = TRUE},
  }},
  {"nor do those that never said that media arrives", 1, {
    {0, NOBODY, E(START), S(PREPARING), SECOND(NONE), 0},
    {0, NOBODY, E(STREAMS_READY), S(PREPARING), SECOND(NONE), 0},
    {100, NOBODY, E(TICK), S(SIGNALLING), SECOND(NONE), A(OPEN_SIGNALLER) | A(POST_STATUS)},
    {110, MAIN, E(SIGNALLER_OPEN), S(NEGOTIATING), SECOND(NONE), A(MAKE_OFFER)},
    {120, MAIN, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), A(OPEN_GATES) | A(POST_STATUS)},
    {1000, MAIN, E(MEDIA_FROZEN), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    SECOND_TO_NEGOTIATING (2000),
    {2020, OTHER, E(MEDIA_CONNECTED), S(CONNECTED), SECOND(NONE), WIN},
    {3000, MAIN, E(MEDIA_FROZEN), S(CONNECTED), SECOND(NONE), A(POST_STATUS), .status = T(CONNECTED)},
    {4000, MAIN, E(MEDIA_FROZEN), S(CONNECTED), SECOND(NONE), 0},
  }},
  {"the one in use fails while both send: the other one is there already", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE, .from_elsewhere = TRUE},
    {1010, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1020, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(CONNECTED), A(OPEN_SECOND_GATES)},
    {1030, MAIN, E(MEDIA_FAILED), S(CONNECTED), SECOND(NONE), TAKE_OVER, .location = 1},
  }},
  {"a first server that used to report, and does not after a return, is left again", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, OTHER, E(SIGNALLER_OPEN), S(LIVE), SECOND(NEGOTIATING), A(OFFER_SECOND)},
    {1020, OTHER, E(MEDIA_CONNECTED), S(LIVE), SECOND(CONNECTED), A(OPEN_SECOND_GATES)},
    {11020, NOBODY, E(TICK), S(LIVE), SECOND(NONE), DROP | A(POST_WARNING)},
  }},
  {"a location that refuses connections is not asked a third time", 2, {
    LIVE (0),
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(NONE), A(RESTART_ICE) | A(POST_STATUS)},
    {1010, MAIN, E(RESTART_FAILED), S(HOLDING), SECOND(NONE), A(POST_STATUS), .unreachable = TRUE},
    {1510, NOBODY, E(TICK), S(RESTARTING), SECOND(NONE), A(RESTART_ICE)},
    {1520, MAIN, E(RESTART_FAILED), S(BACKOFF), SECOND(NONE), END | A(POST_STATUS), .unreachable = TRUE,
      .location = 2, .strategy = GST_RCAST_STRATEGY_FAILOVER},
    {1520, NOBODY, E(TICK), S(SIGNALLING), SECOND(NONE), A(OPEN_SIGNALLER)},
  }, .no_hedge = TRUE},
  {"with a second attempt the first refusal is enough", 2, {
    LIVE_OF_SEVERAL,
    {1000, MAIN, E(MEDIA_FAILED), S(RESTARTING), SECOND(WAITING), A(RESTART_ICE) | A(POST_STATUS)},
    {1010, MAIN, E(RESTART_FAILED), S(HOLDING), SECOND(WAITING), A(POST_STATUS), .unreachable = TRUE},
    {1010, NOBODY, E(TICK), S(HOLDING), SECOND(SIGNALLING), OPEN, .second_location = 2},
  }},
  {"both are left at a stop", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, NOBODY, E(STOP), S(IDLE), SECOND(NONE), END | DROP | A(POST_STATUS)},
  }},
  {"and at the end of the streams", 1, {
    LIVE (0),
    {1000, NOBODY, E(LOCATIONS_CHANGED), S(LIVE), SECOND(SIGNALLING), OPEN, .moved = TRUE},
    {1010, NOBODY, E(EOS), S(CLOSING), SECOND(NONE), A(DRAIN) | DROP},
  }},
  {"a kick ends it all", 1, {
    LIVE (0),
    RESTARTING_AT (1000),
    SECOND_TO_NEGOTIATING (2000),
    {2020, MAIN, E(EVICTED), S(FAILED), SECOND(NONE), FAIL | DROP, .fatal = TRUE},
  }},
};
/* *INDENT-ON* */

/* The generation of the session that @row is about, or of the last probe */
static guint
get_generation (const GstRcastPolicy * policy, const Row * row)
{
  switch (row->who) {
    case NOBODY:
      return 0;
    case MAIN:
      return policy->generation;
    case OTHER:
      break;
  }
  return row->event == E (PROBE_ANSWERED) || row->event == E (PROBE_UNANSWERED)
      || row->event == E (PROBE_USELESS) ?
      policy->servers[policy->second_probe].probe_generation :
      policy->second_generation;
}

static void
play (const Story * story, const Row * row, GstRcastPolicy * policy)
{
  gint number = row - story->rows;
  GstRcastEvent event = {
    .type = row->event,
    .generation = get_generation (policy, row),
    .unreachable = row->unreachable,
    .fatal = row->fatal,
    .busy = row->busy,
    .moved = row->moved,
    .static_reports = row->stuck,
    .partial = row->partial,
    .retry_after = row->retry_after_s * GST_SECOND,
    .lag = MS (row->lag_ms),
    .reason = row->event == E (MEDIA_SUSPECT) ? R (ICE_DISCONNECTED) : 0,
  };
  GstRcastAbilities abilities = {
    .can_restart = !row->cannot_restart,
    .can_second = row->nowhere ? 0 : row->cannot_share ? 0xfe : 0xff,
    .resume_time = story->resume_s * GST_SECOND,
  };
  GstRcastStep step;

  if (row->from_elsewhere) {
    const guint former[] = { G_MAXUINT, 0 };

    fail_unless (gst_rcast_policy_relocate (policy, former, 2, 1));
  }
  gst_rcast_policy_step (policy, &event, &abilities, G_MAXUINT32, MS (row->at_ms),
      &step);
  fail_unless (policy->state == row->state, "%s, row %d: state %d", story->name,
      number, policy->state);
  fail_unless (policy->second == row->second, "%s, row %d: second %d",
      story->name, number, policy->second);
  fail_unless (step.actions == row->actions, "%s, row %d: actions %x",
      story->name, number, step.actions);
  fail_unless (!row->location || policy->location + 1 == row->location,
      "%s, row %d: location %u", story->name, number, policy->location);
  fail_unless (!row->second_location
      || policy->second_location + 1 == row->second_location,
      "%s, row %d: second location %u", story->name, number,
      policy->second_location);
  fail_unless (!row->probed || policy->second_probe + 1 == row->probed,
      "%s, row %d: probed %u", story->name, number, policy->second_probe);
  fail_unless (!row->strategy || step.strategy == row->strategy,
      "%s, row %d: strategy %d", story->name, number, step.strategy);
  fail_unless (!row->status || step.status == row->status,
      "%s, row %d: status %d", story->name, number, step.status);
}

GST_START_TEST (test_story)
{
  const Story *story = &stories[__i__];
  GstRcastPolicyConfig config = policy_config;
  GstRcastPolicy policy;

  config.n_locations = story->n_locations;
  config.hedge_delay = story->no_hedge ? 0 : MS (1000);
  config.rejoin_on_evict = !story->no_rejoin;
  if (story->retries)
    config.max_retries = story->retries - 1;
  gst_rcast_policy_init (&policy, &config);
  for (const Row * row = story->rows; row == story->rows || row->at_ms
      || row->event; row++)
    play (story, row, &policy);
}

GST_END_TEST;

/* Each state of a second attempt meets each failure. */
GST_START_TEST (test_second_attempt_answers_every_failure)
{
  static const GstRcastEventType failures[] = { E (SIGNALLER_FAILED),
    E (SIGNALLER_LOST), E (EVICTED), E (SERVER_HANGUP), E (SERVER_WAITING),
    E (MEDIA_FAILED),    E (MEDIA_DISCONNECTED), E (MEDIA_FROZEN), E (PEER_FAILED),
  };
  const GstRcastAbilities abilities = {.can_second = 1 };

  for (guint s = SECOND (SIGNALLING); s <= SECOND (CONNECTED); s++)
    for (guint i = 0; i < G_N_ELEMENTS (failures); i++) {
      GstRcastPolicy policy;
      GstRcastStep step;
      GstRcastEvent event = {.type = failures[i],.generation = 7 };

      gst_rcast_policy_init (&policy, &policy_config);
      policy.state = S (LIVE);
      policy.confirmed = TRUE;
      policy.second = s;
      policy.second_generation = 7;
      policy.second_deadline = MS (100);
      gst_rcast_policy_step (&policy, &event, &abilities, 0, MS (5), &step);
      fail_unless (policy.second == SECOND (NONE) && step.actions == DROP,
          "second %u, event %u", s, failures[i]);
      assert_equals_int (policy.state, S (LIVE));
    }
}

GST_END_TEST;

/* A second attempt begins once, and is dropped or promoted once. It never waits for ever. */
GST_START_TEST (test_random_events)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (77 + __i__);
  GstRcastPolicyConfig config = policy_config;
  GstRcastPolicy policy;
  GstClockTime now = 0;
  guint begun = 0, promoted = 0, dropped = 0;
  gboolean there = FALSE;

  config.n_locations = 3;
  config.hedge_delay = MS (500);
  gst_rcast_policy_init (&policy, &config);
  for (guint i = 0; i < 100000; i++) {
    GstRcastStep step;
    guint whose = g_rand_int_range (rand, 0, 3);
    guint generation = policy.generation, last = policy.last_generation;
    GstRcastEvent event = {
      .type = g_rand_int_range (rand, 0, E (RECONNECT_NOW) + 1),
      .unreachable = g_rand_boolean (rand),
      .fatal = g_rand_int_range (rand, 0, 50) == 0,
      .busy = g_rand_int_range (rand, 0, 20) == 0,
      .lag = MS (g_rand_int_range (rand, 0, 2000)),
    };
    GstRcastAbilities abilities = {
      .can_restart = g_rand_boolean (rand),
      .can_renegotiate = g_rand_boolean (rand),
      .outdated = g_rand_boolean (rand),
      .can_resume = g_rand_boolean (rand),
      .can_second = g_rand_int_range (rand, 0, 4) ? 7 : 0,
    };

    if (event.type == E (STOP) && g_rand_int_range (rand, 0, 10))
      event.type = E (TICK);
    if (g_rand_boolean (rand))
      event.type = policy.state == S (IDLE) ? E (START) :
          policy.state == S (FAILED) ? E (STOP) :
          policy.state == S (PREPARING) ? E (STREAMS_READY) :
          whose == 1 ? E (MEDIA_CONNECTED) : whose ? E (SIGNALLER_OPEN) :
          E (MEDIA_CONFIRMED);
    event.moved = event.type == E (LOCATIONS_CHANGED) && g_rand_boolean (rand);
    event.generation = whose == 2 && policy.second >= SECOND (SIGNALLING) ?
        policy.second_generation : whose == 1 ? policy.generation : 0;
    if (event.type == E (TICK))
      event.generation = 0;
    if (policy.signalling_lost && event.type != E (SIGNALLER_RESUMED))
      abilities.can_restart = abilities.can_renegotiate = FALSE;
    now += MS (g_rand_int_range (rand, 0, 300));
    gst_rcast_policy_step (&policy, &event, &abilities, g_rand_int (rand), now,
        &step);

    if (step.actions & DROP) {
      REQUIRE (there);
      dropped++;
      there = FALSE;
    }
    if (step.actions & OPEN) {
      REQUIRE (!there);
      begun++;
      there = TRUE;
    }
    REQUIRE (!(step.actions & (A (OFFER_SECOND) | A (OPEN_SECOND_GATES)))
        || there);
    if (step.actions & A (PROMOTE)) {
      REQUIRE (there && policy.generation != generation);
      promoted++;
      there = FALSE;
    }
    REQUIRE (there == (policy.second >= SECOND (SIGNALLING)));
    REQUIRE ((policy.second == SECOND (NONE)) ==
        !GST_CLOCK_TIME_IS_VALID (policy.second_deadline));
    REQUIRE (policy.last_generation >= last
        && policy.generation <= policy.last_generation);
    REQUIRE (!there || policy.second_generation != policy.generation);
    REQUIRE (policy.location < 3 && policy.second_location < 3);
    /* No second attempt remains after an end. */
    REQUIRE (!(there && (policy.state == S (IDLE) || policy.state == S (FAILED)
            || policy.state == S (CLOSING))));
  }
  fail_unless (begun > 50 && promoted > 10 && dropped > 10,
      "%u begun, %u promoted, %u dropped", begun, promoted, dropped);
}

GST_END_TEST;

/* The server in use stays known when the list changes. */
GST_START_TEST (test_records_move_with_their_servers)
{
  static const guint swapped[] = { 1, 0 }, gone[] = { G_MAXUINT, 2 };
  GstRcastPolicyConfig config = policy_config;
  GstRcastPolicy policy;

  config.n_locations = 2;
  gst_rcast_policy_init (&policy, &config);
  policy.servers[0].failbacks = 3;
  policy.servers[1].refused = TRUE;
  fail_unless (gst_rcast_policy_relocate (&policy, swapped, 2, 2));
  assert_equals_int (policy.location, 1);
  fail_unless (policy.servers[0].refused && !policy.servers[1].refused);
  assert_equals_int (policy.servers[0].failbacks, 0);
  assert_equals_int (policy.servers[1].failbacks, 3);

  /* The media is at the first server already: there is nowhere to move to. */
  fail_if (gst_rcast_policy_relocate (&policy, swapped, 2, 2));
  assert_equals_int (policy.location, 0);

  gst_rcast_policy_relocate (&policy, swapped, 2, 2);
  policy.location = 2;
  policy.servers[2].reports = TRUE;
  fail_unless (gst_rcast_policy_relocate (&policy, gone, 2, 1));
  assert_equals_int (policy.config.n_locations, 1);
  assert_equals_int (policy.location, 1);
  fail_unless (policy.servers[1].reports && !policy.servers[0].refused);
  assert_equals_int (gst_rcast_policy_choose_location (&policy, FALSE, 0), 0);
}

GST_END_TEST;

static Suite *
policy_second_suite (void)
{
  Suite *s = suite_create ("policy-second");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_story, 0, G_N_ELEMENTS (stories));
  tcase_add_test (tc, test_second_attempt_answers_every_failure);
  tcase_add_loop_test (tc, test_random_events, 0, N_SEEDS);
  tcase_add_test (tc, test_records_move_with_their_servers);
  return s;
}

GST_CHECK_MAIN (policy_second);
