/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to do when: every state of a broadcast and every step between them, as one pure table. */
#include "config.h"

#include "rcast-policy.h"

#include "rcast-backoff.h"
#include "rcast-enumtypes.h"
#include "rcast-policyenums.h"

/* 32 times as long, at the most */
#define MAX_DOUBLINGS 5
/* A server that has been away for some minutes is looked for less often: its return is
 * seen within 1 / 128 of its absence, at the latest after so many intervals. */
#define REACH_SHARE 128
#define MAX_REACH_INTERVALS 8

/* A deadline that is seen as late has passed while the whole process stood still. */
#define STANDSTILL (1 * GST_SECOND)

/* How long the new state may last. */
typedef enum
{
  WAIT_NONE,                    /* until something happens */
  WAIT_KEEP,                    /* the deadline stays as it is */
  WAIT_SETTLE,
  WAIT_SIGNALLING,
  WAIT_CONNECT,
  WAIT_CONFIRM,
  WAIT_GRACE,
  WAIT_RESTART,
  WAIT_UNMOVED,
  WAIT_RENEGOTIATE,
  WAIT_RESUME,
  WAIT_STABLE,
  WAIT_PROBE,
  WAIT_BACKOFF,
  WAIT_NOW,
  WAIT_CLOSE,
} Wait;

/* What has to hold for a row to count; the first one where all does is taken. */
typedef enum
{
  ALWAYS = 0,
  IF_RESTART = 1 << 0,          /* an ICE restart may help */
  IF_NO_RESTART = 1 << 1,       /* it cannot */
  IF_RENEGOTIATE = 1 << 2,      /* a fresh webrtcbin in the same session may help */
  IF_ATTEMPTS = 1 << 3,         /* attempts are left */
  IF_RETRY = 1 << 4,            /* and a server that did not refuse */
  IF_HOLD = 1 << 5,             /* the network failed, the session may be saved yet */
  IF_REJOIN = 1 << 6,           /* an eviction is not the end */
  IF_RESUME = 1 << 7,           /* the signaller can take up a lost session */
  IF_DETACHED = 1 << 8,         /* the signalling is lost */
  IF_FROZEN = 1 << 9,           /* the trouble is frozen media */
  IF_FORCED = 1 << 10,          /* media is to be reconnected even if it flows */
  IF_RECOVERING = 1 << 11,      /* there was trouble, and it is not long ago */
  IF_AWAY = 1 << 12,            /* not at the first server, which may be returned to */
  IF_PROVEN = 1 << 13,          /* it was found healthy before */
  IF_UNCONFIRMED = 1 << 14,     /* this connection never was */
  IF_FREE = 1 << 15,            /* the server did not tell how long to wait */
  IF_SILENT = 1 << 16,          /* it has never reported anything, and ICE is well */
  IF_DEAF = 1 << 17,            /* nor does it in a second session: it may not report */
  IF_CALM = 1 << 18,            /* no lost pair is being waited for */
  IF_AGAIN = 1 << 19,           /* the server was away; it did not fool us since */
  IF_RIGID = 1 << 20,           /* its reports never move, in a second session either */
  IF_UNMOVED = 1 << 21,         /* the server stays where it is in an ICE restart */
} Guard;

/* What a row does to the counters. */
typedef enum
{
  NOTHING = 0,
  ATTEMPT = 1 << 0,             /* one more */
  BY_RESTART = 1 << 1,          /* by an ICE restart */
  BY_RENEGOTIATE = 1 << 2,      /* by a fresh webrtcbin */
  BY_SESSION = 1 << 3,          /* by a new session: again, or at the next server */
  BY_FAILBACK = 1 << 4,         /* by a new session at the first server */
  BY_PATH = 1 << 5,             /* the ICE agent did it */
  HOLD = 1 << 6,                /* the next one waits for the network */
  LOSE = 1 << 7,                /* the signalling is lost */
  REGAIN = 1 << 8,              /* it is back */
  RESUME = 1 << 9,              /* one more attempt to get it back */
  TROUBLE = 1 << 10,            /* the reason is what began it */
  ONWARD_DOWN = 1 << 11,        /* the server's own leg */
  ONWARD_UP = 1 << 12,
  ON_AIR = 1 << 13,             /* the outage is over */
  FORGET = 1 << 14,             /* the trouble is history */
  HEALTHY = 1 << 15,            /* so the first server is */
  UNHEALTHY = 1 << 16,
  UNDONE = 1 << 17,             /* the fresh webrtcbin was not to blame */
  BY_PAIR = 1 << 18,            /* by an ICE restart in the background, if there was one */
  HASTEN = 1 << 19,             /* not waited for, as the server can be reached */
} Effect;

typedef struct
{
  GstRcastState state;
  GstRcastEventType event;
  Guard guard;
  GstRcastState next;
  Wait wait;
  Effect effect;
  GstRcastActions actions;
  GstRcastReason reason;        /* NONE: the event's own, or what began it */
} Row;

/* *INDENT-OFF* */
#define S(x) GST_RCAST_STATE_ ## x
#define E(x) GST_RCAST_EVENT_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define R(x) GST_RCAST_REASON_ ## x
/* Media flows from here on, however the connection came about; the one before goes. */
#define FLOW (A(OPEN_GATES) | A(SETTLE))
/* An outage that nobody was told of, and its end. */
#define MENDED (A(POST_OUTAGE) | A(POST_STATUS))
#define END (A(CLOSE_GATES) | A(DROP_PEER) | A(CLOSE_SIGNALLER))

/* The session is beyond repair: another one, or the end. */
#define OVER(state, event, reason) \
  {S(state), E(event), IF_ATTEMPTS | IF_RETRY, S(BACKOFF), WAIT_BACKOFF, ATTEMPT | BY_SESSION, END | A(POST_STATUS), reason}, \
  {S(state), E(event), ALWAYS, S(FAILED), WAIT_NONE, NOTHING, END | A(POST_STATUS) | A(POST_ERROR), reason}

/* The connection is beyond repair: another webrtcbin in the same session. */
#define RENEW(state, event, reason) \
  {S(state), E(event), IF_ATTEMPTS | IF_RENEGOTIATE, S(RENEGOTIATING), WAIT_RENEGOTIATE, ATTEMPT | BY_RENEGOTIATE, A(MAKE_OFFER) | A(POST_STATUS), reason}, \
  OVER(state, event, reason)

/* The media is in trouble, DTLS lives: an ICE restart is the cheapest cure. */
#define REPAIR(state, event, reason) \
  {S(state), E(event), IF_ATTEMPTS | IF_RESTART, S(RESTARTING), WAIT_RESTART, ATTEMPT | BY_RESTART, A(RESTART_ICE) | A(POST_STATUS), reason}, \
  RENEW(state, event, reason)

/* Media does not arrive, by reports that always say the same: nothing that was tried
 * has changed them, so they are no reports of what arrives. */
#define TAKEN_AS_IT_IS(state) \
  {S(state), E(MEDIA_FROZEN), IF_RIGID, S(state), WAIT_KEEP, NOTHING, 0, R(MEDIA_FROZEN)}

/* The same, even though media flows. */
#define FORCE(state, event, effect) \
  {S(state), E(event), IF_FORCED | IF_ATTEMPTS | IF_RESTART, S(RESTARTING), WAIT_RESTART, effect | ATTEMPT | BY_RESTART, A(RESTART_ICE) | A(POST_STATUS), R(NETWORK_CHANGED)}, \
  {S(state), E(event), IF_FORCED | IF_ATTEMPTS | IF_RENEGOTIATE, S(RENEGOTIATING), WAIT_RENEGOTIATE, effect | ATTEMPT | BY_RENEGOTIATE, A(MAKE_OFFER) | A(POST_STATUS), R(NETWORK_CHANGED)}

/* The network failed, the session may outlive that; else as after any failure. */
#define KEEP_TRYING(state, event) \
  {S(state), E(event), IF_HOLD | IF_ATTEMPTS, S(HOLDING), WAIT_BACKOFF, ATTEMPT | HOLD, A(POST_STATUS), 0}

/* The session is no more: so the server says. */
#define EVICTED(state) \
  {S(state), E(EVICTED), IF_REJOIN | IF_ATTEMPTS | IF_RETRY, S(BACKOFF), WAIT_BACKOFF, ATTEMPT | BY_SESSION, END | A(POST_STATUS), R(EVICTED)}, \
  {S(state), E(EVICTED), ALWAYS, S(FAILED), WAIT_NONE, NOTHING, END | A(POST_STATUS) | A(POST_ERROR), R(EVICTED)}

/* What the server says of its own leg counts whatever becomes of ours. */
#define ONWARD(state) \
  {S(state), E(SERVER_RECONNECTING), ALWAYS, S(state), WAIT_KEEP, ONWARD_DOWN, A(POST_STATUS), R(SERVER_CLOSED)}, \
  {S(state), E(SERVER_RECONNECTED),  ALWAYS, S(state), WAIT_KEEP, ONWARD_UP,   A(POST_STATUS), 0}

/* The same wherever there is a session but no stream to drain. */
#define STOPPABLE(state) \
  {S(state), E(EOS),  ALWAYS, S(CLOSING), WAIT_CLOSE, NOTHING, END, 0}, \
  {S(state), E(STOP), ALWAYS, S(IDLE),    WAIT_NONE,  FORGET,  END | A(POST_STATUS), R(USER)}

/* The same wherever media flows. */
#define DRAINABLE(state) \
  {S(state), E(EOS),  ALWAYS, S(CLOSING), WAIT_CLOSE, NOTHING, A(DRAIN), 0}, \
  {S(state), E(STOP), ALWAYS, S(IDLE),    WAIT_NONE,  FORGET,  END | A(POST_STATUS), R(USER)}

/* What waits for the server to come back need not wait any longer once it has; an answer
 * to a bare connection is believed once, until the server was away again. */
#define REACH_AND_GO(state) \
  {S(state), E(PROBE_DUE),  ALWAYS, S(state), WAIT_KEEP, NOTHING, A (PROBE), 0}, \
  {S(state), E(PROBE_ANSWERED),    IF_FREE | IF_AGAIN, S(state), WAIT_NOW, HASTEN, 0, 0}, \
  REACH_RESULT(state)

/* An attempt is under way: the signaller sees to it that a connection that has hung
 * since the server was away does not keep it. */
#define REACH_AND_STAY(state) \
  {S(state), E(PROBE_DUE),  ALWAYS, S(state), WAIT_KEEP, NOTHING, A (PROBE), 0}, \
  REACH_RESULT(state)

#define REACH_RESULT(state) \
  {S(state), E(PROBE_ANSWERED),    ALWAYS, S(state), WAIT_KEEP, NOTHING, 0, 0}, \
  {S(state), E(PROBE_UNANSWERED),  ALWAYS, S(state), WAIT_KEEP, NOTHING, 0, 0}, \
  {S(state), E(PROBE_USELESS), ALWAYS, S(state), WAIT_KEEP, NOTHING, 0, 0}

/* A pair that is not here is ignored and counted: late news from the network
 * must never surprise anybody. */
static const Row rows[] = {
  {S(IDLE),        E(START),              ALWAYS,      S(PREPARING),   WAIT_NONE,       NOTHING, 0, 0},
  {S(IDLE),        E(EOS),                ALWAYS,      S(IDLE),        WAIT_NONE,       NOTHING, A(POST_EOS), 0},

  {S(PREPARING),   E(STREAMS_READY),      ALWAYS,      S(PREPARING),   WAIT_SETTLE,     NOTHING, 0, 0},
  {S(PREPARING),   E(STREAMS_PENDING),    ALWAYS,      S(PREPARING),   WAIT_NONE,       NOTHING, 0, 0},
  {S(PREPARING),   E(TICK),               ALWAYS,      S(SIGNALLING),  WAIT_SIGNALLING, NOTHING, A(OPEN_SIGNALLER) | A(POST_STATUS), 0},
  {S(PREPARING),   E(EOS),                ALWAYS,      S(IDLE),        WAIT_NONE,       NOTHING, A(POST_EOS), 0},
  {S(PREPARING),   E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  0, R(USER)},

  {S(SIGNALLING),  E(SIGNALLER_OPEN),     ALWAYS,      S(NEGOTIATING), WAIT_SIGNALLING, NOTHING, A(MAKE_OFFER), 0},
  OVER(SIGNALLING, SIGNALLER_FAILED, 0),
  OVER(SIGNALLING, SIGNALLER_LOST, 0),
  OVER(SIGNALLING, TICK, R(SIGNALLING_LOST)),
  EVICTED(SIGNALLING),
  REACH_AND_STAY(SIGNALLING),
  STOPPABLE(SIGNALLING),

  {S(NEGOTIATING), E(NEGOTIATED),         ALWAYS,      S(CONNECTING),  WAIT_CONNECT,    NOTHING, 0, 0},
  {S(NEGOTIATING), E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_CONFIRM,    NOTHING, A(OPEN_GATES) | A(POST_STATUS), 0},
  OVER(NEGOTIATING, MEDIA_FAILED, 0),
  OVER(NEGOTIATING, SIGNALLER_FAILED, 0),
  OVER(NEGOTIATING, SIGNALLER_LOST, 0),
  OVER(NEGOTIATING, SERVER_HANGUP, R(SERVER_CLOSED)),
  OVER(NEGOTIATING, PEER_FAILED, 0),
  OVER(NEGOTIATING, TICK, R(SIGNALLING_LOST)),
  EVICTED(NEGOTIATING),
  REACH_AND_STAY(NEGOTIATING),
  STOPPABLE(NEGOTIATING),

  {S(CONNECTING),  E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_CONFIRM,    NOTHING, A(OPEN_GATES) | A(POST_STATUS), 0},
  OVER(CONNECTING, MEDIA_FAILED, 0),
  OVER(CONNECTING, PEER_FAILED, 0),
  OVER(CONNECTING, SIGNALLER_LOST, 0),
  OVER(CONNECTING, SERVER_HANGUP, R(SERVER_CLOSED)),
  OVER(CONNECTING, TICK, R(ICE_FAILED)),
  EVICTED(CONNECTING),
  STOPPABLE(CONNECTING),

  {S(CONNECTED),   E(MEDIA_CONFIRMED),    IF_DETACHED,   S(RESUMING),  WAIT_RESUME,     ON_AIR,  A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_CONFIRMED),    IF_RECOVERING, S(LIVE),      WAIT_STABLE,     ON_AIR,  A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_CONFIRMED),    ALWAYS,      S(LIVE),        WAIT_PROBE,      ON_AIR,  A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_DISCONNECTED), ALWAYS,      S(CONNECTED),   WAIT_GRACE,      TROUBLE, 0, 0},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    IF_CALM,     S(CONNECTED),   WAIT_KEEP,       NOTHING, 0, 0},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    IF_RECOVERING, S(CONNECTED), WAIT_CONFIRM,    NOTHING, 0, 0},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    IF_DETACHED, S(CONNECTED),   WAIT_NOW,        NOTHING, 0, 0},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_NONE,       NOTHING, 0, 0},
  {S(CONNECTED),   E(TICK),               IF_SILENT | IF_DETACHED | IF_RECOVERING, S(CONNECTED), WAIT_NOW, FORGET, A(POST_STATUS), 0},
  {S(CONNECTED),   E(TICK),               IF_SILENT | IF_DETACHED, S(CONNECTED), WAIT_RESUME, NOTHING, A(RESUME_SIGNALLER), 0},
  {S(CONNECTED),   E(TICK),               IF_SILENT,   S(CONNECTED),   WAIT_NONE,       FORGET,  A(POST_STATUS), 0},
  REPAIR(CONNECTED, TICK, 0),
  REPAIR(CONNECTED, MEDIA_FAILED, 0),
  {S(CONNECTED),   E(MEDIA_FROZEN),       IF_UNCONFIRMED | IF_DEAF, S(CONNECTED), WAIT_NONE, FORGET, A(POST_STATUS), R(MEDIA_FROZEN)},
  REPAIR(CONNECTED, MEDIA_FROZEN, R(MEDIA_FROZEN)),
  RENEW(CONNECTED, SERVER_HANGUP, R(SERVER_CLOSED)),
  OVER(CONNECTED, PEER_FAILED, 0),
  {S(CONNECTED),   E(SIGNALLER_LOST),     IF_RESUME | IF_RECOVERING, S(CONNECTED), WAIT_KEEP, LOSE, A(RESUME_SIGNALLER) | A(POST_WARNING), 0},
  {S(CONNECTED),   E(SIGNALLER_LOST),     IF_RESUME | IF_CALM, S(CONNECTED), WAIT_RESUME, LOSE,  A(RESUME_SIGNALLER) | A(POST_WARNING), 0},
  {S(CONNECTED),   E(SIGNALLER_LOST),     IF_RESUME,   S(CONNECTED),   WAIT_KEEP,       LOSE,    A(RESUME_SIGNALLER) | A(POST_WARNING), 0},
  OVER(CONNECTED, SIGNALLER_LOST, 0),
  {S(CONNECTED),   E(SIGNALLER_RESUMED),  ALWAYS,      S(CONNECTED),   WAIT_KEEP,       REGAIN,  0, 0},
  KEEP_TRYING(CONNECTED, RESUME_FAILED),
  {S(CONNECTED),   E(RESUME_FAILED),      IF_RECOVERING, S(CONNECTED), WAIT_KEEP,       NOTHING, 0, 0},
  {S(CONNECTED),   E(RESUME_FAILED),      IF_CALM,     S(CONNECTED),   WAIT_BACKOFF,    RESUME,  0, 0},
  {S(CONNECTED),   E(RESUME_FAILED),      ALWAYS,      S(CONNECTED),   WAIT_KEEP,       NOTHING, 0, 0},
  EVICTED(CONNECTED),
  ONWARD(CONNECTED),
  {S(CONNECTED),   E(RESTART),            ALWAYS,      S(CONNECTED),   WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  DRAINABLE(CONNECTED),

  {S(LIVE),        E(MEDIA_DISCONNECTED), ALWAYS,      S(DISRUPTED),   WAIT_GRACE,      NOTHING, 0, 0},
  {S(LIVE),        E(MEDIA_SUSPECT),      ALWAYS,      S(DISRUPTED),   WAIT_GRACE,      NOTHING, 0, 0},
  {S(LIVE),        E(TICK),               IF_AWAY,     S(LIVE),        WAIT_PROBE,      FORGET,  A (CHECK), 0},
  {S(LIVE),        E(TICK),               ALWAYS,      S(LIVE),        WAIT_NONE,       FORGET,  0, 0},
  {S(LIVE),        E(PATH_SWITCHED),      ALWAYS,      S(LIVE),        WAIT_KEEP,       BY_PATH, A(POST_STATUS), R(NETWORK_CHANGED)},
  ONWARD(LIVE),
  REPAIR(LIVE, MEDIA_FAILED, 0),
  TAKEN_AS_IT_IS(LIVE),
  REPAIR(LIVE, MEDIA_FROZEN, R(MEDIA_FROZEN)),
  FORCE(LIVE, NETWORK_UP, NOTHING),
  RENEW(LIVE, SERVER_HANGUP, R(SERVER_CLOSED)),
  RENEW(LIVE, PEER_FAILED, 0),
  {S(LIVE),        E(SIGNALLER_LOST),     IF_RESUME,   S(DETACHED),    WAIT_BACKOFF,    LOSE | RESUME, A(POST_WARNING), 0},
  OVER(LIVE, SIGNALLER_LOST, 0),
  EVICTED(LIVE),
  {S(LIVE),        E (CHECK_PASSED),             IF_AWAY | IF_PROVEN | IF_ATTEMPTS, S(SIGNALLING), WAIT_SIGNALLING, ATTEMPT | BY_FAILBACK, END | A(OPEN_SIGNALLER) | A(POST_STATUS), 0},
  {S(LIVE),        E (CHECK_PASSED),             IF_AWAY,     S(LIVE),        WAIT_KEEP,       HEALTHY, 0, 0},
  {S(LIVE),        E(CHECK_FAILED),       IF_AWAY,     S(LIVE),        WAIT_KEEP,       UNHEALTHY, 0, 0},
  {S(LIVE),        E(RESTART),            ALWAYS,      S(LIVE),        WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  DRAINABLE(LIVE),

  {S(DETACHED),    E(TICK),               ALWAYS,      S(RESUMING),    WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER), 0},
  FORCE(DETACHED, SIGNALLER_RESUMED, REGAIN),
  {S(DETACHED),    E(SIGNALLER_RESUMED),  ALWAYS,      S(LIVE),        WAIT_STABLE,     REGAIN,  0, 0},
  {S(DETACHED),    E(NETWORK_UP),         IF_FREE,     S(DETACHED),    WAIT_NOW,        NOTHING, 0, 0},
  {S(DETACHED),    E(RECONNECT_NOW),      ALWAYS,      S(DETACHED),    WAIT_NOW,        NOTHING, 0, 0},
  {S(DETACHED),    E(MEDIA_DISCONNECTED), ALWAYS,      S(DISRUPTED),   WAIT_GRACE,      NOTHING, 0, 0},
  {S(DETACHED),    E(MEDIA_FAILED),       ALWAYS,      S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), 0},
  TAKEN_AS_IT_IS(DETACHED),
  {S(DETACHED),    E(MEDIA_FROZEN),       ALWAYS,      S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), R(MEDIA_FROZEN)},
  {S(DETACHED),    E(PATH_SWITCHED),      ALWAYS,      S(DETACHED),    WAIT_KEEP,       BY_PATH, A(POST_STATUS), R(NETWORK_CHANGED)},
  OVER(DETACHED, PEER_FAILED, 0),
  EVICTED(DETACHED),
  REACH_AND_GO(DETACHED),
  DRAINABLE(DETACHED),

  FORCE(RESUMING, SIGNALLER_RESUMED, REGAIN),
  {S(RESUMING),    E(SIGNALLER_RESUMED),  ALWAYS,      S(LIVE),        WAIT_STABLE,     REGAIN,  0, 0},
  {S(RESUMING),    E(RESUME_FAILED),      ALWAYS,      S(DETACHED),    WAIT_BACKOFF,    RESUME,  0, 0},
  {S(RESUMING),    E(TICK),               ALWAYS,      S(DETACHED),    WAIT_BACKOFF,    RESUME,  0, R(SIGNALLING_LOST)},
  {S(RESUMING),    E(MEDIA_DISCONNECTED), ALWAYS,      S(DISRUPTED),   WAIT_GRACE,      NOTHING, 0, 0},
  {S(RESUMING),    E(MEDIA_FAILED),       ALWAYS,      S(REATTACHING), WAIT_KEEP,       NOTHING, A(POST_STATUS), 0},
  TAKEN_AS_IT_IS(RESUMING),
  {S(RESUMING),    E(MEDIA_FROZEN),       ALWAYS,      S(REATTACHING), WAIT_KEEP,       NOTHING, A(POST_STATUS), R(MEDIA_FROZEN)},
  {S(RESUMING),    E(PATH_SWITCHED),      ALWAYS,      S(RESUMING),    WAIT_KEEP,       BY_PATH, A(POST_STATUS), R(NETWORK_CHANGED)},
  OVER(RESUMING, PEER_FAILED, 0),
  EVICTED(RESUMING),
  REACH_AND_STAY(RESUMING),
  DRAINABLE(RESUMING),

  {S(DISRUPTED),   E(MEDIA_CONNECTED),    IF_FROZEN,   S(DISRUPTED),   WAIT_KEEP,       NOTHING, 0, 0},
  {S(DISRUPTED),   E(MEDIA_CONNECTED),    IF_DETACHED,   S(DETACHED),  WAIT_NOW,        ON_AIR | BY_PAIR, MENDED, 0},
  {S(DISRUPTED),   E(MEDIA_CONNECTED),    IF_RECOVERING, S(LIVE),      WAIT_STABLE,     ON_AIR | BY_PAIR, MENDED, 0},
  {S(DISRUPTED),   E(MEDIA_CONNECTED),    ALWAYS,      S(LIVE),        WAIT_PROBE,      ON_AIR | BY_PAIR, MENDED, 0},
  {S(DISRUPTED),   E(MEDIA_CONFIRMED),    IF_DETACHED,   S(DETACHED),  WAIT_NOW,        ON_AIR,  0, 0},
  {S(DISRUPTED),   E(MEDIA_CONFIRMED),    IF_RECOVERING, S(LIVE),      WAIT_STABLE,     ON_AIR,  0, 0},
  {S(DISRUPTED),   E(MEDIA_CONFIRMED),    ALWAYS,      S(LIVE),        WAIT_PROBE,      ON_AIR,  0, 0},
  {S(DISRUPTED),   E(PATH_SWITCHED),      IF_DETACHED,   S(DETACHED),  WAIT_NOW,        ON_AIR | BY_PATH, MENDED, R(NETWORK_CHANGED)},
  {S(DISRUPTED),   E(PATH_SWITCHED),      IF_RECOVERING, S(LIVE),      WAIT_STABLE,     ON_AIR | BY_PATH, MENDED, R(NETWORK_CHANGED)},
  {S(DISRUPTED),   E(PATH_SWITCHED),      ALWAYS,      S(LIVE),        WAIT_PROBE,      ON_AIR | BY_PATH, MENDED, R(NETWORK_CHANGED)},
  {S(DISRUPTED),   E(RESTART),            IF_DETACHED, S(DISRUPTED),   WAIT_KEEP,       NOTHING, 0, 0},
  {S(DISRUPTED),   E(RESTART),            ALWAYS,      S(DISRUPTED),   WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  KEEP_TRYING(DISRUPTED, RESTART_FAILED),
  {S(DISRUPTED),   E(TICK),               IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), 0},
  REPAIR(DISRUPTED, TICK, 0),
  {S(DISRUPTED),   E(MEDIA_FAILED),       IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), 0},
  REPAIR(DISRUPTED, MEDIA_FAILED, 0),
  TAKEN_AS_IT_IS(DISRUPTED),
  {S(DISRUPTED),   E(MEDIA_FROZEN),       IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), R(MEDIA_FROZEN)},
  REPAIR(DISRUPTED, MEDIA_FROZEN, R(MEDIA_FROZEN)),
  {S(DISRUPTED),   E(RECONNECT_NOW),      IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), 0},
  REPAIR(DISRUPTED, RECONNECT_NOW, 0),
  {S(DISRUPTED),   E(NETWORK_UP),         IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER) | A(POST_STATUS), 0},
  REPAIR(DISRUPTED, NETWORK_UP, R(NETWORK_CHANGED)),
  RENEW(DISRUPTED, SERVER_HANGUP, R(SERVER_CLOSED)),
  RENEW(DISRUPTED, PEER_FAILED, 0),
  {S(DISRUPTED),   E(SIGNALLER_LOST),     IF_RESUME,   S(DISRUPTED),   WAIT_KEEP,       LOSE,    A(POST_WARNING), 0},
  OVER(DISRUPTED, SIGNALLER_LOST, 0),
  {S(DISRUPTED),   E(SIGNALLER_RESUMED),  ALWAYS,      S(DISRUPTED),   WAIT_KEEP,       REGAIN,  0, 0},
  ONWARD(DISRUPTED),
  EVICTED(DISRUPTED),
  STOPPABLE(DISRUPTED),

  {S(RESTARTING),  E(NEGOTIATED),         IF_UNMOVED | IF_RENEGOTIATE, S(RESTARTING), WAIT_UNMOVED, NOTHING, 0, 0},
  {S(RESTARTING),  E(MEDIA_CONNECTED),    IF_UNCONFIRMED, S(CONNECTED), WAIT_CONFIRM,   NOTHING, FLOW | A(POST_STATUS), 0},
  {S(RESTARTING),  E(MEDIA_CONNECTED),    IF_FROZEN,   S(CONNECTED),   WAIT_CONFIRM,    NOTHING, FLOW | A(POST_STATUS), 0},
  {S(RESTARTING),  E(MEDIA_CONNECTED),    ALWAYS,      S(LIVE),        WAIT_STABLE,     ON_AIR,  FLOW | A(POST_STATUS), 0},
  {S(RESTARTING),  E(MEDIA_CONFIRMED),    ALWAYS,      S(LIVE),        WAIT_STABLE,     ON_AIR,  A(POST_STATUS), 0},
  KEEP_TRYING(RESTARTING, RESTART_FAILED),
  RENEW(RESTARTING, RESTART_FAILED, 0),
  RENEW(RESTARTING, TICK, 0),
  {S(RESTARTING),  E(MEDIA_FAILED),       IF_NO_RESTART | IF_ATTEMPTS | IF_RENEGOTIATE, S(RENEGOTIATING), WAIT_RENEGOTIATE, ATTEMPT | BY_RENEGOTIATE, A(MAKE_OFFER) | A(POST_STATUS), 0},
  {S(RESTARTING),  E(MEDIA_FAILED),       IF_NO_RESTART | IF_ATTEMPTS | IF_RETRY, S(BACKOFF), WAIT_BACKOFF, ATTEMPT | BY_SESSION, END | A(POST_STATUS), 0},
  {S(RESTARTING),  E(NETWORK_UP),         ALWAYS,      S(RESTARTING),  WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  RENEW(RESTARTING, SERVER_HANGUP, R(SERVER_CLOSED)),
  RENEW(RESTARTING, PEER_FAILED, 0),
  {S(RESTARTING),  E(SIGNALLER_LOST),     IF_RESUME,   S(REATTACHING), WAIT_RESUME,     LOSE,    A(RESUME_SIGNALLER), 0},
  OVER(RESTARTING, SIGNALLER_LOST, 0),
  ONWARD(RESTARTING),
  EVICTED(RESTARTING),
  REACH_AND_STAY(RESTARTING),
  STOPPABLE(RESTARTING),

  {S(RENEGOTIATING), E(NEGOTIATED),       ALWAYS,      S(RENEGOTIATING), WAIT_KEEP,     NOTHING, 0, 0},
  {S(RENEGOTIATING), E(MEDIA_CONNECTED),  ALWAYS,      S(CONNECTED),   WAIT_CONFIRM,    NOTHING, FLOW | A(POST_STATUS), 0},
  OVER(RENEGOTIATING, SIGNALLER_FAILED, 0),
  {S(RENEGOTIATING), E(SIGNALLER_LOST),   IF_RESUME,   S(REATTACHING), WAIT_RESUME,     LOSE | UNDONE, A(RESUME_SIGNALLER), 0},
  OVER(RENEGOTIATING, SIGNALLER_LOST, 0),
  OVER(RENEGOTIATING, MEDIA_FAILED, 0),
  OVER(RENEGOTIATING, PEER_FAILED, 0),
  OVER(RENEGOTIATING, TICK, 0),
  ONWARD(RENEGOTIATING),
  EVICTED(RENEGOTIATING),
  REACH_AND_STAY(RENEGOTIATING),
  STOPPABLE(RENEGOTIATING),

  {S(HOLDING),     E(TICK),               IF_DETACHED, S(REATTACHING), WAIT_RESUME,     NOTHING, A(RESUME_SIGNALLER), 0},
  {S(HOLDING),     E(TICK),               IF_RESTART,  S(RESTARTING),  WAIT_RESTART,    BY_RESTART, A(RESTART_ICE), 0},
  RENEW(HOLDING, TICK, 0),
  {S(HOLDING),     E(NETWORK_UP),         IF_FREE,     S(HOLDING),     WAIT_NOW,        NOTHING, 0, 0},
  {S(HOLDING),     E(RECONNECT_NOW),      ALWAYS,      S(HOLDING),     WAIT_NOW,        NOTHING, 0, 0},
  {S(HOLDING),     E(MEDIA_CONNECTED),    IF_UNCONFIRMED | IF_DETACHED, S(HOLDING), WAIT_KEEP, NOTHING, FLOW, 0},
  {S(HOLDING),     E(MEDIA_CONNECTED),    IF_UNCONFIRMED, S(CONNECTED), WAIT_CONFIRM,   NOTHING, FLOW | A(POST_STATUS), 0},
  {S(HOLDING),     E(MEDIA_CONNECTED),    IF_DETACHED, S(DETACHED),    WAIT_NOW,        ON_AIR,  FLOW | A(POST_STATUS), 0},
  {S(HOLDING),     E(MEDIA_CONNECTED),    ALWAYS,      S(LIVE),        WAIT_STABLE,     ON_AIR,  FLOW | A(POST_STATUS), 0},
  {S(HOLDING),     E(MEDIA_CONFIRMED),    IF_DETACHED, S(DETACHED),    WAIT_NOW,        ON_AIR,  A(POST_STATUS), 0},
  {S(HOLDING),     E(MEDIA_CONFIRMED),    ALWAYS,      S(LIVE),        WAIT_STABLE,     ON_AIR,  A(POST_STATUS), 0},
  {S(HOLDING),     E(SIGNALLER_LOST),     IF_RESUME,   S(HOLDING),     WAIT_KEEP,       LOSE,    0, 0},
  OVER(HOLDING, SIGNALLER_LOST, 0),
  RENEW(HOLDING, SERVER_HANGUP, R(SERVER_CLOSED)),
  OVER(HOLDING, PEER_FAILED, 0),
  ONWARD(HOLDING),
  EVICTED(HOLDING),
  REACH_AND_GO(HOLDING),
  STOPPABLE(HOLDING),

  {S(REATTACHING), E(SIGNALLER_RESUMED),  IF_ATTEMPTS | IF_RESTART, S(RESTARTING), WAIT_RESTART, REGAIN | ATTEMPT | BY_RESTART, A(RESTART_ICE) | A(POST_STATUS), 0},
  {S(REATTACHING), E(SIGNALLER_RESUMED),  IF_ATTEMPTS | IF_RENEGOTIATE, S(RENEGOTIATING), WAIT_RENEGOTIATE, REGAIN | ATTEMPT | BY_RENEGOTIATE, A(MAKE_OFFER) | A(POST_STATUS), 0},
  OVER(REATTACHING, SIGNALLER_RESUMED, 0),
  KEEP_TRYING(REATTACHING, RESUME_FAILED),
  OVER(REATTACHING, RESUME_FAILED, 0),
  KEEP_TRYING(REATTACHING, TICK),
  OVER(REATTACHING, TICK, 0),
  {S(REATTACHING), E(MEDIA_CONNECTED),    IF_UNCONFIRMED, S(REATTACHING), WAIT_KEEP,    NOTHING, FLOW, 0},
  {S(REATTACHING), E(MEDIA_CONNECTED),    ALWAYS,      S(RESUMING),    WAIT_KEEP,       ON_AIR,  FLOW | A(POST_STATUS), 0},
  {S(REATTACHING), E(MEDIA_CONFIRMED),    ALWAYS,      S(RESUMING),    WAIT_KEEP,       ON_AIR,  A(POST_STATUS), 0},
  OVER(REATTACHING, PEER_FAILED, 0),
  EVICTED(REATTACHING),
  REACH_AND_STAY(REATTACHING),
  STOPPABLE(REATTACHING),

  {S(BACKOFF),     E(TICK),               ALWAYS,      S(SIGNALLING),  WAIT_SIGNALLING, NOTHING, A(OPEN_SIGNALLER), 0},
  {S(BACKOFF),     E(NETWORK_UP),         IF_FREE,     S(BACKOFF),     WAIT_NOW,        NOTHING, 0, 0},
  {S(BACKOFF),     E(RECONNECT_NOW),      ALWAYS,      S(BACKOFF),     WAIT_NOW,        NOTHING, 0, 0},
  REACH_AND_GO(BACKOFF),
  {S(BACKOFF),     E(EOS),                ALWAYS,      S(CLOSING),     WAIT_NOW,        NOTHING, 0, 0},
  {S(BACKOFF),     E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  A(POST_STATUS), R(USER)},

  {S(CLOSING),     E(DRAINED),            ALWAYS,      S(CLOSING),     WAIT_KEEP,       NOTHING, END, 0},
  {S(CLOSING),     E(SIGNALLER_CLOSED),   ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(TICK),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS), R(USER)},

  {S(FAILED),      E(EOS),                ALWAYS,      S(FAILED),      WAIT_NONE,       NOTHING, A(POST_EOS), 0},
  {S(FAILED),      E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  0, R(USER)},
};

#undef S
#undef E
#undef A
#undef R
/* *INDENT-ON* */

/* One call of gst_rcast_policy_step() */
typedef struct
{
  const GstRcastEvent *event;
  const GstRcastAbilities *abilities;
  guint32 random;
} Turn;

/* Whether the server will have none of us: what it says of a restart, or of a
 * second connection in a session, is no word on a new session. */
static gboolean
is_refusal (const GstRcastPolicy * policy, const Turn * turn)
{
  return turn->event->fatal && turn->event->type != GST_RCAST_EVENT_RESTART_FAILED
      && policy->state != GST_RCAST_STATE_RENEGOTIATING;
}

/* The servers that are known to say no, with the present one if it just did. */
static guint32
refused_after (const GstRcastPolicy * policy, const Turn * turn)
{
  return policy->refused
      | (is_refusal (policy, turn) ? 1u << policy->location : 0);
}

static guint
next_location (const GstRcastPolicy * policy, guint32 refused)
{
  guint n = policy->config.n_locations;

  for (guint i = 1; i <= n; i++)
    if (!(refused & (1u << (policy->location + i) % n)))
      return (policy->location + i) % n;
  return policy->location;
}

/* Whether the server may still have the session: it gives one up that is silent
 * for too long. */
static gboolean
is_within (const GstRcastPolicy * policy, GstClockTime limit, GstClockTime now)
{
  return !GST_CLOCK_TIME_IS_VALID (policy->down_since)
      || now - policy->down_since < limit;
}

/* What an ICE restart did not thaw once, a second one will not either. */
static gboolean
restart_may_help (const GstRcastPolicy * policy, const Turn * turn)
{
  gboolean frozen = policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN
      || turn->event->type == GST_RCAST_EVENT_MEDIA_FROZEN;

  return turn->abilities->can_restart && !(frozen && policy->restarts > 0);
}

static gboolean
renegotiation_may_help (const GstRcastPolicy * policy,
    const Turn * turn)
{
  return turn->abilities->can_renegotiate && policy->renegotiations == 0;
}

/* The server says that nothing of what is sent arrives, and never said that
 * anything did. */
static gboolean
is_deaf (const GstRcastPolicy * policy, const Turn * turn)
{
  return turn->event->type == GST_RCAST_EVENT_MEDIA_FROZEN && !policy->confirmed;
}

/* The present server does not even answer, or hear; others may. */
static gboolean
is_better_elsewhere (const GstRcastPolicy * policy, const Turn * turn)
{
  return (turn->event->unreachable || is_deaf (policy, turn))
      && policy->config.n_locations > 1;
}

static gboolean
may_hold (const GstRcastPolicy * policy, const Turn * turn,
    GstClockTime now)
{
  GstClockTime limit = policy->config.recovery_timeout;

  /* Another server is not kept waiting for the sake of this one. */
  if (policy->config.n_locations > 1)
    limit = MIN (limit, 2 * policy->config.disconnected_timeout);
  /* No answer in time is none either. */
  return (turn->event->unreachable || turn->event->type == GST_RCAST_EVENT_TICK)
      && GST_CLOCK_TIME_IS_VALID (policy->down_since)
      && is_within (policy, limit, now);
}

static gboolean
guard_holds (Guard guard, const GstRcastPolicy * policy,
    const Turn * turn, GstClockTime now)
{
  guint32 all = policy->config.n_locations == 32 ? G_MAXUINT32 :
      (1u << policy->config.n_locations) - 1;
  guint32 here = 1u << policy->location;
  gboolean in_time = is_within (policy, policy->config.recovery_timeout, now);

  switch (guard) {
    case ALWAYS:
      return TRUE;
    case IF_RESTART:
      return restart_may_help (policy, turn) && in_time;
    case IF_NO_RESTART:
      return !turn->abilities->can_restart;
    case IF_RENEGOTIATE:
      return renegotiation_may_help (policy, turn) && in_time
          && !is_better_elsewhere (policy, turn);
    case IF_ATTEMPTS:
      return policy->config.max_retries < 0
          || policy->attempt < (guint) policy->config.max_retries;
    case IF_RETRY:
      return (refused_after (policy, turn) & all) != all;
    case IF_HOLD:
      return may_hold (policy, turn, now);
    case IF_REJOIN:
      return policy->config.rejoin_on_evict && !turn->event->fatal;
    case IF_RESUME:
      return turn->abilities->can_resume;
    case IF_DETACHED:
      return policy->signalling_lost;
    case IF_FROZEN:
      return policy->trouble == GST_RCAST_REASON_MEDIA_FROZEN;
    case IF_FORCED:
      return policy->config.reconnect_media;
    case IF_RECOVERING:
      return policy->attempt > 0;
    case IF_AWAY:
      return policy->location != 0 && policy->config.failback_interval > 0;
    case IF_PROVEN:
      return policy->checks_passed > 0;
    case IF_UNCONFIRMED:
      return !policy->confirmed;
    case IF_FREE:
      return !policy->held_back;
    case IF_SILENT:
      return !policy->in_grace && !(policy->reporting & here);
    case IF_DEAF:
      return (policy->deaf & ~policy->reporting & here) != 0;
    case IF_CALM:
      return !policy->in_grace;
    case IF_RIGID:
      return turn->event->static_reports && (policy->rigid & here);
    case IF_AGAIN:
      return GST_CLOCK_TIME_IS_VALID (policy->unreachable_since)
          && !policy->early_attempt;
    case IF_UNMOVED:
      return turn->event->same_address;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
row_holds (const Row * row, const GstRcastPolicy * policy,
    const Turn * turn, GstClockTime now)
{
  for (guint bit = 1; bit <= row->guard; bit <<= 1)
    if ((row->guard & bit) && !guard_holds (bit, policy, turn, now))
      return FALSE;
  return TRUE;
}

/* Which step of the ladder a row would have been that cannot help, or has not. */
static guint
passed_over (const Row * row, const GstRcastPolicy * policy,
    const Turn * turn)
{
  if ((row->guard & IF_RESTART) && !restart_may_help (policy, turn))
    return 1u << GST_RCAST_STRATEGY_ICE_RESTART;
  if ((row->guard & IF_RENEGOTIATE) && !renegotiation_may_help (policy, turn))
    return 1u << GST_RCAST_STRATEGY_RENEGOTIATE;
  return 0;
}

static const Row *
find_row (const GstRcastPolicy * policy, const Turn * turn,
    GstClockTime now, guint * skipped)
{
  *skipped = 0;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];

    if (row->state != policy->state || row->event != turn->event->type)
      continue;
    if (row_holds (row, policy, turn, now))
      return row;
    if (!(row->guard & IF_FORCED))
      *skipped |= passed_over (row, policy, turn);
  }
  return NULL;
}

static GstRcastStatus
status_of (const GstRcastPolicy * policy)
{
  gboolean recovering = policy->attempt > 0;

  switch (policy->state) {
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_FAILED:
      return GST_RCAST_STATUS_DISCONNECTED;
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
      return recovering ? GST_RCAST_STATUS_RECONNECTING_BROADCAST :
          GST_RCAST_STATUS_SIGNALLING;
    case GST_RCAST_STATE_CONNECTED:
      return recovering ? GST_RCAST_STATUS_RECONNECTING_BROADCAST :
          GST_RCAST_STATUS_CONNECTED;
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_REATTACHING:
    case GST_RCAST_STATE_BACKOFF:
      return GST_RCAST_STATUS_RECONNECTING_BROADCAST;
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_RESUMING:
      return policy->onward_lost ? GST_RCAST_STATUS_RECONNECTING :
          GST_RCAST_STATUS_BROADCASTING;
    case GST_RCAST_STATE_CLOSING:
      return policy->status;
  }
  g_return_val_if_reached (GST_RCAST_STATUS_DISCONNECTED);
}

static GstRcastPlane
plane_of (GstRcastEventType event)
{
  switch (event) {
    case GST_RCAST_EVENT_SIGNALLER_OPEN:
    case GST_RCAST_EVENT_SIGNALLER_FAILED:
    case GST_RCAST_EVENT_SIGNALLER_LOST:
    case GST_RCAST_EVENT_SIGNALLER_RESUMED:
    case GST_RCAST_EVENT_RESUME_FAILED:
    case GST_RCAST_EVENT_SIGNALLER_CLOSED:
    case GST_RCAST_EVENT_EVICTED:
    case GST_RCAST_EVENT_PROBE_ANSWERED:
    case GST_RCAST_EVENT_PROBE_UNANSWERED:
      return GST_RCAST_PLANE_SIGNALLING;
    case GST_RCAST_EVENT_NEGOTIATED:
    case GST_RCAST_EVENT_MEDIA_CONNECTED:
    case GST_RCAST_EVENT_MEDIA_DISCONNECTED:
    case GST_RCAST_EVENT_MEDIA_CONFIRMED:
    case GST_RCAST_EVENT_MEDIA_SUSPECT:
    case GST_RCAST_EVENT_MEDIA_FROZEN:
    case GST_RCAST_EVENT_MEDIA_FAILED:
    case GST_RCAST_EVENT_PEER_FAILED:
    case GST_RCAST_EVENT_SERVER_HANGUP:
    case GST_RCAST_EVENT_SERVER_RECONNECTING:
    case GST_RCAST_EVENT_SERVER_RECONNECTED:
    case GST_RCAST_EVENT_PATH_SWITCHED:
    case GST_RCAST_EVENT_DRAINED:
    case GST_RCAST_EVENT_RESTART:
    case GST_RCAST_EVENT_RESTART_FAILED:
      return GST_RCAST_PLANE_MEDIA;
    case GST_RCAST_EVENT_START:
    case GST_RCAST_EVENT_STOP:
    case GST_RCAST_EVENT_EOS:
    case GST_RCAST_EVENT_TICK:
    case GST_RCAST_EVENT_STREAMS_READY:
    case GST_RCAST_EVENT_STREAMS_PENDING:
    case GST_RCAST_EVENT_STREAMS_CHANGED:
    case GST_RCAST_EVENT_NETWORK_UP:
    case GST_RCAST_EVENT_CHECK_PASSED:
    case GST_RCAST_EVENT_CHECK_FAILED:
    case GST_RCAST_EVENT_PROBE_DUE:
    case GST_RCAST_EVENT_PROBE_USELESS:
    case GST_RCAST_EVENT_RECONNECT_NOW:
      return GST_RCAST_PLANE_NONE;
  }
  g_return_val_if_reached (GST_RCAST_PLANE_NONE);
}

/* @time from now, but not beyond what the session is worth waiting for. */
static GstClockTime
in_time (const GstRcastPolicy * policy, GstClockTime now, GstClockTime time)
{
  if (!GST_CLOCK_TIME_IS_VALID (policy->down_since))
    return now + time;
  return MIN (now + time, MAX (now,
          policy->down_since + policy->config.recovery_timeout));
}

/* Rarer and rarer, if it proves to be better from afar only. */
static GstClockTime
probe_deadline (const GstRcastPolicy * policy, GstClockTime now)
{
  if (!guard_holds (IF_AWAY, policy, NULL, now))
    return GST_CLOCK_TIME_NONE;
  return now + (policy->config.failback_interval
      << MIN (policy->failbacks, MAX_DOUBLINGS));
}

static GstClockTime
deadline_of (const GstRcastPolicy * policy, Wait wait, GstClockTime now,
    GstClockTime delay, GstClockTime lag)
{
  switch (wait) {
    case WAIT_NONE:
      return GST_CLOCK_TIME_NONE;
    case WAIT_KEEP:
      return policy->deadline;
    case WAIT_SETTLE:
      return now + policy->config.settle;
    case WAIT_SIGNALLING:
      return now + policy->config.signalling_timeout;
    case WAIT_CONNECT:
      return now + policy->config.connect_timeout;
    case WAIT_GRACE:
      /* It began with the last sign of life. */
      return now + policy->config.disconnected_timeout
          - MIN (lag, policy->config.disconnected_timeout);
    case WAIT_CONFIRM:
      /* At first there is nothing to compare with: media that does not arrive is
       * found out by the server's reports, or not at all. */
      return policy->attempt > 0 ? now + policy->config.confirm_timeout :
          GST_CLOCK_TIME_NONE;
    case WAIT_RESTART:
      return in_time (policy, now, policy->config.restart_timeout);
    case WAIT_UNMOVED:
      /* Where a port is dead, and not the way to it, only other ports help. */
      return MIN (policy->deadline,
          now + policy->config.restart_timeout / 2);
    case WAIT_RENEGOTIATE:
      return in_time (policy, now, policy->config.renegotiate_timeout);
    case WAIT_RESUME:
      return now + policy->config.resume_timeout;
    case WAIT_STABLE:
      return now + policy->config.stable_time;
    case WAIT_PROBE:
      return probe_deadline (policy, now);
    case WAIT_BACKOFF:
      return now + delay;
    case WAIT_NOW:
      return now;
    case WAIT_CLOSE:
      return now + policy->config.close_timeout;
  }
  g_return_val_if_reached (GST_CLOCK_TIME_NONE);
}

/* A timeout speaks for the plane that the state was waiting for. */
static GstRcastPlane
plane_of_timeout (GstRcastState state)
{
  switch (state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_RESUMING:
      return GST_RCAST_PLANE_SIGNALLING;
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
      return GST_RCAST_PLANE_MEDIA;
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_REATTACHING:
      return GST_RCAST_PLANE_BOTH;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
    case GST_RCAST_STATE_FAILED:
      break;
  }
  return GST_RCAST_PLANE_NONE;
}

void
gst_rcast_policy_init (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  *policy = (GstRcastPolicy) {
    .config = *config,
    .state = GST_RCAST_STATE_IDLE,
    .status = GST_RCAST_STATUS_DISCONNECTED,
    .deadline = GST_CLOCK_TIME_NONE,
    .probe_at = GST_CLOCK_TIME_NONE,
    .unreachable_since = GST_CLOCK_TIME_NONE,
    .down_since = GST_CLOCK_TIME_NONE,
  };
}

/* Between two broadcasts: other settings, and the first server again. Nothing
 * changes while one is under way. */
void
gst_rcast_policy_configure (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  if (policy->state != GST_RCAST_STATE_IDLE)
    return;
  policy->config = *config;
  policy->location = 0;
  policy->checks_passed = 0;
  policy->failbacks = 0;
}

static gboolean
is_on_air (GstRcastState state)
{
  return state == GST_RCAST_STATE_LIVE || state == GST_RCAST_STATE_DETACHED
      || state == GST_RCAST_STATE_RESUMING;
}

/* An outage begins with the first sign of trouble; an end that is wanted is none. */
static void
mark_down (GstRcastPolicy * policy, const Row * row,
    const Turn * turn, GstClockTime now)
{
  if (!is_on_air (policy->state) || is_on_air (row->next)
      || row->next == GST_RCAST_STATE_CLOSING
      || row->next == GST_RCAST_STATE_IDLE)
    return;
  policy->down_since = now - MIN (now, turn->event->lag);
  policy->trouble = row->reason ? row->reason : turn->event->reason;
}

/* A new session: at the same server once more, if it answers, then at the others in
 * turn.
 * Returns: how long to wait before */
static GstClockTime
next_session (GstRcastPolicy * policy, const Turn * turn)
{
  guint before = policy->location;

  if (is_deaf (policy, turn))
    policy->deaf |= 1u << policy->location;
  /* What refuses today may be open next week, but is not asked all the time. */
  if (is_refusal (policy, turn) && policy->location == 0)
    policy->failbacks = MAX_DOUBLINGS;
  policy->refused = refused_after (policy, turn);
  if (policy->rejoins > 0 || is_refusal (policy, turn)
      || is_better_elsewhere (policy, turn))
    policy->location = next_location (policy, policy->refused);
  policy->rejoins++;
  policy->signalling_lost = FALSE;
  policy->onward_lost = FALSE;
  policy->strategy = policy->location == before ?
      GST_RCAST_STRATEGY_REJOIN : GST_RCAST_STRATEGY_FAILOVER;
  /* A new server owes us no waiting for what the old one said. */
  policy->held_back = policy->location == before && turn->event->retry_after;
  return gst_rcast_backoff_delay (policy->rejoins,
      policy->config.min_delay, policy->config.max_delay,
      policy->held_back ? turn->event->retry_after : GST_CLOCK_TIME_NONE,
      turn->random);
}

static GstClockTime
backoff (GstRcastPolicy * policy, guint attempt, const Turn * turn)
{
  policy->held_back = turn->event->retry_after != 0;
  return gst_rcast_backoff_delay (attempt, policy->config.min_delay,
      policy->config.max_delay, policy->held_back ?
      turn->event->retry_after : GST_CLOCK_TIME_NONE, turn->random);
}

static void
forget (GstRcastPolicy * policy)
{
  policy->attempt = 0;
  policy->rejoins = 0;
  policy->restarts = 0;
  policy->renegotiations = 0;
  policy->holds = 0;
  policy->resumes = 0;
  policy->refused = 0;
  policy->strategy = GST_RCAST_STRATEGY_NONE;
  policy->trouble = GST_RCAST_REASON_NONE;
  policy->down_since = GST_CLOCK_TIME_NONE;
}

/* Returns: how long to wait before what follows */
static GstClockTime
apply_effect (GstRcastPolicy * policy, const Row * row,
    const Turn * turn)
{
  Effect effect = row->effect;
  GstClockTime delay = 0;

  if (row->wait != WAIT_KEEP) {
    policy->held_back = FALSE;
    policy->in_grace = row->wait == WAIT_GRACE;
  }
  if (effect & REGAIN)
    policy->signalling_lost = FALSE;
  if (effect & LOSE)
    policy->signalling_lost = TRUE;
  if (effect & (ONWARD_DOWN | ONWARD_UP))
    policy->onward_lost = (effect & ONWARD_DOWN) != 0;
  if (effect & TROUBLE)
    policy->trouble = row->reason ? row->reason : turn->event->reason;
  if (effect & ATTEMPT)
    policy->attempt++;
  if (effect & BY_RESTART) {
    policy->restarts++;
    policy->strategy = GST_RCAST_STRATEGY_ICE_RESTART;
  }
  if (effect & BY_RENEGOTIATE) {
    policy->renegotiations++;
    policy->strategy = GST_RCAST_STRATEGY_RENEGOTIATE;
  }
  if ((effect & UNDONE) && policy->renegotiations > 0)
    policy->renegotiations--;
  if (effect & BY_FAILBACK) {
    policy->location = 0;
    /* Back to the next one at once, should it fail. */
    policy->rejoins++;
    policy->failbacks++;
    policy->checks_passed = 0;
    policy->strategy = GST_RCAST_STRATEGY_FAILOVER;
  }
  if (effect & HASTEN)
    policy->early_attempt = TRUE;
  if (effect & HEALTHY)
    policy->checks_passed++;
  if (effect & UNHEALTHY)
    policy->checks_passed = 0;
  if (effect & BY_SESSION)
    delay = next_session (policy, turn);
  if (effect & HOLD) {
    policy->holds++;
    policy->strategy = policy->signalling_lost ? GST_RCAST_STRATEGY_NONE :
        GST_RCAST_STRATEGY_ICE_RESTART;
    delay = backoff (policy, policy->holds + 1, turn);
  }
  if (effect & RESUME)
    delay = backoff (policy, ++policy->resumes, turn);
  if (effect & ON_AIR) {
    policy->down_since = GST_CLOCK_TIME_NONE;
    policy->refused = 0;
    policy->holds = 0;
    policy->trouble = GST_RCAST_REASON_NONE;
    policy->confirmed = TRUE;
    policy->reporting |= 1u << policy->location;
    policy->deaf &= ~(1u << policy->location);
  }
  if (effect & FORGET)
    forget (policy);
  return delay;
}

/* Reports that never move are of media that froze at once, or of nothing: what a new
 * session does not change is how the server is. */
static void
note_rigidity (GstRcastPolicy * policy, const Turn * turn)
{
  guint32 here = 1u << policy->location;

  if (turn->event->type != GST_RCAST_EVENT_MEDIA_FROZEN)
    return;
  if (turn->event->static_reports) {
    policy->stuck |= here;
  } else {
    policy->stuck &= ~here;
    policy->rigid &= ~here;
  }
}

static gboolean
is_failure_of_signalling (GstRcastEventType event)
{
  return event == GST_RCAST_EVENT_SIGNALLER_FAILED
      || event == GST_RCAST_EVENT_SIGNALLER_LOST
      || event == GST_RCAST_EVENT_RESUME_FAILED
      || event == GST_RCAST_EVENT_RESTART_FAILED;
}

static gboolean
is_word_of_server (const Turn * turn)
{
  return turn->event->type == GST_RCAST_EVENT_NEGOTIATED
      || turn->event->type == GST_RCAST_EVENT_SIGNALLER_RESUMED
      || turn->event->type == GST_RCAST_EVENT_EVICTED
      || (is_failure_of_signalling (turn->event->type) && !turn->event->unreachable);
}

/* Whether the server is there, as far as the signalling tells. */
static void
note_presence (GstRcastPolicy * policy, const Turn * turn,
    GstClockTime now)
{
  gboolean unreached = turn->event->type == GST_RCAST_EVENT_PROBE_UNANSWERED;

  if (unreached || is_word_of_server (turn)
      || turn->event->type == GST_RCAST_EVENT_START)
    policy->early_attempt = FALSE;
  if (is_word_of_server (turn) || turn->event->type == GST_RCAST_EVENT_START)
    policy->unreachable_since = GST_CLOCK_TIME_NONE;
  else if ((unreached || is_failure_of_signalling (turn->event->type))
      && !GST_CLOCK_TIME_IS_VALID (policy->unreachable_since))
    policy->unreachable_since = now;
}

/* Whether the state waits for nothing but the server, or for an answer of it. */
static gboolean
may_reach (const GstRcastPolicy * policy)
{
  switch (policy->state) {
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_BACKOFF:
      return GST_CLOCK_TIME_IS_VALID (policy->unreachable_since)
          && !policy->held_back;
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_RESUMING:
    case GST_RCAST_STATE_REATTACHING:
      return TRUE;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_CLOSING:
    case GST_RCAST_STATE_FAILED:
      return FALSE;
  }
  g_return_val_if_reached (FALSE);
}

/* Up to twice as soon, so that the clients of one server spread. */
static GstClockTime
next_reach (const GstRcastPolicy * policy, GstClockTime now, guint32 random)
{
  GstClockTime interval = policy->config.probe_interval;

  if (GST_CLOCK_TIME_IS_VALID (policy->unreachable_since))
    interval = CLAMP ((now - policy->unreachable_since) / REACH_SHARE, interval,
        MAX_REACH_INTERVALS * interval);
  return now + interval / 2
      + gst_util_uint64_scale (interval / 2, random, G_MAXUINT32);
}

/* One after the other while nothing answers; what has answered is not asked again
 * before the next state. */
static void
plan_reach (GstRcastPolicy * policy, const Turn * turn,
    GstRcastState from, GstClockTime now)
{
  gboolean begins = policy->state != from
      && !GST_CLOCK_TIME_IS_VALID (policy->probe_at);

  if (policy->config.probe_interval == 0 || !turn->abilities->can_probe
      || !may_reach (policy) || turn->event->type == GST_RCAST_EVENT_PROBE_ANSWERED
      || turn->event->type == GST_RCAST_EVENT_PROBE_USELESS)
    policy->probe_at = GST_CLOCK_TIME_NONE;
  else if (begins || turn->event->type == GST_RCAST_EVENT_PROBE_DUE)
    policy->probe_at = next_reach (policy, now, turn->random);
}

/* What the application is told of the reason. */
static GstRcastReason
reason_of (const GstRcastPolicy * policy, const Row * row,
    const Turn * turn)
{
  if (row->reason != GST_RCAST_REASON_NONE)
    return row->reason;
  if (turn->event->reason != GST_RCAST_REASON_NONE
      || (row->effect & (ON_AIR | FORGET)))
    return turn->event->reason;
  return policy->trouble;
}

/* Whether it is news although the status stays what it was: CONNECTED is none
 * while it is one step of coming back, nor is a pair that heals by itself. */
static gboolean
is_news (const Row * row, const Turn * turn)
{
  return (row->effect & (ATTEMPT | BY_PATH)) != 0
      || ((row->effect & BY_PAIR) && turn->event->restarted);
}

/* What was, or is, done about it. */
static GstRcastStrategy
strategy_of (const GstRcastPolicy * policy, const Row * row,
    const Turn * turn)
{
  if (row->effect & BY_PATH)
    return GST_RCAST_STRATEGY_PATH_SWITCH;
  if ((row->effect & BY_PAIR) && turn->event->restarted)
    return GST_RCAST_STRATEGY_ICE_RESTART;
  return policy->strategy;
}

/* Whether the state's end would be a judgement: something has not come in time. */
static gboolean
is_judged (GstRcastState state)
{
  switch (state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_RENEGOTIATING:
    case GST_RCAST_STATE_RESUMING:
    case GST_RCAST_STATE_REATTACHING:
      return TRUE;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DETACHED:
    case GST_RCAST_STATE_HOLDING:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
    case GST_RCAST_STATE_FAILED:
      return FALSE;
  }
  g_return_val_if_reached (FALSE);
}

/* What came in during a standstill is still to be handled, and nobody knows how much
 * of the time there was: it begins anew. Twice in a row is a machine that is slow.
 * Returns: whether the deadline is another one */
static gboolean
extended (GstRcastPolicy * policy, const Turn * turn, GstClockTime now)
{
  if (turn->event->type != GST_RCAST_EVENT_TICK || !is_judged (policy->state)
      || policy->extended || now - policy->deadline < STANDSTILL)
    return FALSE;
  policy->extended = TRUE;
  policy->deadline = now + MAX (STANDSTILL,
      policy->deadline - policy->waits_since);
  return TRUE;
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
  const Turn own = {.event = event,.abilities = abilities,.random = random };
  const Turn *turn = &own;
  guint skipped;
  const Row *row = find_row (policy, turn, now, &skipped);
  gboolean stale = turn->event->generation != 0
      && turn->event->generation != policy->generation;
  gboolean early = turn->event->type == GST_RCAST_EVENT_TICK
      && (!GST_CLOCK_TIME_IS_VALID (policy->deadline)
      || now < policy->deadline);

  early |= turn->event->type == GST_RCAST_EVENT_PROBE_DUE
      && (!GST_CLOCK_TIME_IS_VALID (policy->probe_at)
      || now < policy->probe_at);
  *step = (GstRcastStep) {
    .from = policy->state,
    .to = policy->state,
    .generation = policy->generation,
    .location = policy->location,
    .status = policy->status,
    .reason = turn->event->reason,
    .plane = turn->event->type == GST_RCAST_EVENT_TICK ?
        plane_of_timeout (policy->state) : plane_of (turn->event->type),
  };
  step->extended = row && !stale && !early && extended (policy, turn, now);
  if (!row || stale || early || step->extended) {
    step->ignored = TRUE;
    policy->ignored++;
    return;
  }

  note_presence (policy, turn, now);
  note_rigidity (policy, turn);
  mark_down (policy, row, turn, now);
  /* Within the grace it is none yet. */
  if (GST_CLOCK_TIME_IS_VALID (policy->down_since)
      && row->next != GST_RCAST_STATE_DISRUPTED)
    step->outage = now - policy->down_since;
  step->reason = reason_of (policy, row, turn);
  step->trouble = policy->trouble;
  step->delay = apply_effect (policy, row, turn);
  if ((row->actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
      || (row->effect & BY_RENEGOTIATE))
    policy->generation++;
  if (row->actions & GST_RCAST_ACTION_MAKE_OFFER)
    policy->confirmed = FALSE;
  if (row->actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    policy->signalling_lost = policy->onward_lost = FALSE;
  if (row->actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    policy->rigid |= policy->stuck & (1u << policy->location);
  if (turn->event->type == GST_RCAST_EVENT_START)
    policy->reporting = policy->deaf = policy->stuck = policy->rigid = 0;
  policy->deadline = deadline_of (policy, row->wait, now, step->delay,
      turn->event->lag);
  if (row->wait != WAIT_KEEP) {
    policy->waits_since = now;
    policy->extended = FALSE;
  }
  policy->state = row->next;
  policy->status = status_of (policy);
  plan_reach (policy, turn, step->from, now);

  step->to = row->next;
  step->actions = row->actions;
  step->generation = policy->generation;
  step->location = policy->location;
  step->strategy = strategy_of (policy, row, turn);
  step->skipped = skipped;
  step->attempt = policy->attempt;
  if (policy->signalling_lost && step->outage > 0)
    step->plane = GST_RCAST_PLANE_BOTH;
  if (policy->status == step->status && !is_news (row, turn))
    step->actions &= ~(GST_RCAST_ACTION_POST_OUTAGE
        | GST_RCAST_ACTION_POST_STATUS);
  step->status = policy->status;
}

static const gchar *
nick (GType type, gint value)
{
  GEnumClass *klass = g_type_class_ref (type);
  const gchar *text = g_enum_get_value (klass, value)->value_nick;

  g_type_class_unref (klass);
  return text;
}

static void
append_words (GString * text, const gchar * const *words, guint flags)
{
  const gchar *separator = "";

  for (guint i = 0; words[i]; i++) {
    if (!(flags & (1u << i)))
      continue;
    g_string_append_printf (text, "%s%s", separator, words[i]);
    separator = ", ";
  }
}

/* Returns: (transfer full): the table as Markdown, for docs/state-machine.md */
gchar *
gst_rcast_policy_to_table (void)
{
  static const gchar *const waits[] = {
    "", "unchanged", "settle", "signalling", "connect", "confirm", "grace",
    "restart", "half a restart", "renegotiate", "resume", "stable", "probe", "backoff", "now",
    "close"
  };
  static const gchar *const guards[] = {
    "can restart ICE", "cannot restart ICE", "can renegotiate",
    "attempts left", "a server left", "may hold", "rejoin on evict",
    "can resume", "signalling lost", "media frozen", "media by force",
    "recovering", "away", "probed before", "unconfirmed",
    "not told to wait", "never reported", "deaf before", "not in grace",
    "away before", "reports never move", "server same_address", NULL
  };
  static const gchar *const effects[] = {
    "attempt", "by ice-restart", "by renegotiate", "by rejoin or failover",
    "by failback", "by path-switch", "hold", "lose signalling",
    "regain signalling", "resume", "trouble", "server's leg lost",
    "server's leg back", "on air", "forget", "healthy", "unhealthy",
    "not counted", "by ice-restart in the background", "hasten", NULL
  };
  GString *text =
      g_string_new ("| state | event | if | next | deadline | counters | "
      "actions | reason |\n|---|---|---|---|---|---|---|---|\n");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree gchar *actions =
        g_flags_to_string (GST_TYPE_RCAST_ACTIONS, row->actions);
    g_auto (GStrv) flags = g_strsplit (actions, " | ", -1);

    g_string_append_printf (text, "| %s | %s | ",
        nick (GST_TYPE_RCAST_STATE, row->state),
        nick (GST_TYPE_RCAST_EVENT_TYPE, row->event));
    append_words (text, guards, row->guard);
    g_string_append_printf (text, " | %s | %s | ",
        nick (GST_TYPE_RCAST_STATE, row->next), waits[row->wait]);
    append_words (text, effects, row->effect);
    g_string_append (text, " |");
    for (guint j = 0; row->actions && flags[j]; j++) {
      g_autofree gchar *word =
          g_ascii_strdown (flags[j] + strlen ("GST_RCAST_ACTION_"), -1);

      g_string_append_printf (text, "%s %s", j ? "," : "",
          g_strdelimit (word, "_", '-'));
    }
    g_string_append_printf (text, " | %s |\n",
        row->reason ? nick (GST_TYPE_RCAST_REASON, row->reason) : "");
  }
  return g_string_free (text, FALSE);
}

/* Everything ends there: that is said once, not drawn. */
static gboolean
is_drawn (const Row * row)
{
  return row->state != row->next && row->next != GST_RCAST_STATE_CLOSING
      && row->next != GST_RCAST_STATE_FAILED
      && row->next != GST_RCAST_STATE_IDLE;
}

static gboolean
is_first (guint index)
{
  for (guint i = 0; i < index; i++)
    if (is_drawn (&rows[i]) && rows[i].state == rows[index].state
        && rows[i].next == rows[index].next)
      return FALSE;
  return TRUE;
}

/* Returns: (transfer full): the table as a Mermaid diagram: one arrow for each
 * pair of states, without the ends */
gchar *
gst_rcast_policy_to_diagram (void)
{
  GString *text = g_string_new ("```mermaid\nstateDiagram-v2\n"
      "    [*] --> idle\n");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    gint last = -1;

    if (!is_drawn (row) || !is_first (i))
      continue;
    g_string_append_printf (text, "    %s --> %s:",
        nick (GST_TYPE_RCAST_STATE, row->state),
        nick (GST_TYPE_RCAST_STATE, row->next));
    for (guint j = i; j < G_N_ELEMENTS (rows); j++) {
      if (rows[j].state != row->state || rows[j].next != row->next
          || (gint) rows[j].event == last)
        continue;
      g_string_append_printf (text, "%s %s", last < 0 ? "" : ",",
          nick (GST_TYPE_RCAST_EVENT_TYPE, rows[j].event));
      last = rows[j].event;
    }
    g_string_append_c (text, '\n');
  }
  g_string_append (text, "```\n");
  return g_string_free (text, FALSE);
}
