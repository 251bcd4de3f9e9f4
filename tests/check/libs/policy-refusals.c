/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy and refusals: servers that say no, slots
 * that are taken, restarts without an answer. */
#include "config.h"

#include "policy-story.h"

/* *INDENT-OFF* */
#define STARTED \
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER}, \
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100}, \
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100}

#define OPENS(at) {at, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER), OFF_AIR, at + 30000}
#define REFUSED(at, until) \
    {at, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, until, .fatal = TRUE, .told = R(REJECTED)}
#define BUSY(at, until) \
    {at, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, until, .fatal = TRUE, .busy = TRUE, \
        .told = R(REJECTED)}

#define OFFERS(at) {at, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, at + 30000}
#define UNUSABLE(at, what, until, where) \
    {at, E(what), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, until, .unusable = TRUE, .location = where}

/* The session ends, but its signaller stays open. */
#define NOBODY(at, until) \
    {at, E(SIGNALLER_FAILED), S(BACKOFF), (END & ~A(CLOSE_SIGNALLER)) | A(POST_STATUS), OFF_AIR, until, \
        .told = R(NO_STREAM)}

#define AGAIN_IN_SESSION(at) \
    {at, E(MEDIA_FAILED), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, at + 10000, \
        .can_renegotiate = TRUE, .attempt = 1}
/* The pause before the next renegotiation */
#define PAUSES(at, until) {at, E(MEDIA_FAILED), S(HOLDING), 0, OFF_AIR, until, .can_renegotiate = TRUE, .attempt = 1}
#define RENEGOTIATES(at) \
    {at, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, at + 10000, .can_renegotiate = TRUE, \
        .strategy = GST_RCAST_STRATEGY_RENEGOTIATE, .attempt = 1}

/* No receiver is there yet, then one is. */
#define CALLED(at) \
    {at, E(SERVER_WAITING), S(SIGNALLING), 0, OFF_AIR, at + 5000}, \
    {at + 10, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, at + 30010}
#define CALL_FAILS(at, until, number) \
    {at, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, until, .attempt = number}

static const PolicyStory stories[] = {
  {"a session that is worth keeping is renegotiated for as long as it may need", -1, 1, {
    ON_AIR (0),
    AGAIN_IN_SESSION (1000),
    AGAIN_IN_SESSION (5000),
    AGAIN_IN_SESSION (10000),
    {17000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 17000, .can_renegotiate = TRUE},
  }, .resume_s = 15},
  {"the same where media was never confirmed", -1, 1, {
    FIRST_CONNECTED,
    AGAIN_IN_SESSION (1000),
    AGAIN_IN_SESSION (5000),
    AGAIN_IN_SESSION (10000),
    {17000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 17000, .can_renegotiate = TRUE},
  }, .resume_s = 15},
  {"and where it is confirmed again and again, but never lasts", -1, 1, {
    ON_AIR (0),
    AGAIN_IN_SESSION (1000),
    {1100, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 11100},
    {1200, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 6200},
    AGAIN_IN_SESSION (6000),
    {12000, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 22000},
    {13000, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 18000},
    {17000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 17000, .can_renegotiate = TRUE},
  }, .resume_s = 15},
  {"media that was never confirmed is not restarted for ever", -1, 1, {
    FIRST_CONNECTED,
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, .can_restart = TRUE},
    {2000, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 12000},
    {3000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 11000, .can_restart = TRUE},
    {10000, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 20000},
    {19000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 26000, .can_restart = TRUE},
    {25000, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 35000},
    {26000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 26000, .can_restart = TRUE},
  }},
  {"media that fails at once is renegotiated at growing intervals, in one attempt", 2, 1, {
    ON_AIR (0),
    AGAIN_IN_SESSION (1000),
    PAUSES (1100, 1500),
    RENEGOTIATES (1500),
    {1600, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 11600},
    PAUSES (1700, 2500),
    {1800, E(SERVER_HANGUP), S(HOLDING), 0, OFF_AIR, 2500, .can_renegotiate = TRUE},
    RENEGOTIATES (2500),
    PAUSES (2600, 4500),
    {3000, E(RECONNECT_NOW), S(HOLDING), 0, OFF_AIR, 3000},
    RENEGOTIATES (3000),
    PAUSES (3100, 7000),
    {3200, E(NETWORK_UP), S(HOLDING), 0, OFF_AIR, 3200},
    RENEGOTIATES (3200),
    {3300, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 3300, .can_renegotiate = TRUE, .attempt = 2},
  }, .resume_s = 10},
  {"an offer that is refused is not repeated in it", -1, 1, {
    ON_AIR (0),
    AGAIN_IN_SESSION (1000),
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1100, .can_renegotiate = TRUE},
  }, .resume_s = 15},
  {"another session is renegotiated once", -1, 1, {
    ON_AIR (0),
    AGAIN_IN_SESSION (1000),
    {5000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 5000, .can_renegotiate = TRUE},
  }},
  {"nobody publishes what is to be received: the session waits, and is gone on with", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    NOBODY (120, 120),
    OPENS (120),
    {130, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 30130},
    NOBODY (140, 640),
    {700, E(RECONNECT_NOW), S(BACKOFF), 0, OFF_AIR, 700},
    OPENS (700),
    {710, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 30710},
    {720, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1720, .told = R(REJECTED)},
    {730, E(STOP), S(IDLE), A(POST_STATUS), T(DISCONNECTED), NEVER},
  }},
  {"nobody publishes, and whoever waits is stopped: the session is closed", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    NOBODY (120, 120),
    {130, E(STOP), S(IDLE), A(CLOSE_SIGNALLER) | A(POST_STATUS), T(DISCONNECTED), NEVER},
  }},
  {"nobody publishes at one server: the next one, and the session is closed", -1, 2, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    NOBODY (120, 120),
    OPENS (120),
    {130, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 30130},
    {140, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 640, .location = 1,
        .strategy = GST_RCAST_STRATEGY_FAILOVER, .told = R(NO_STREAM)},
  }},
  {"whoever calls fails at once: that is no reason to hurry, and not for ever", 3, 1, {
    STARTED,
    {110, E(SERVER_WAITING), S(SIGNALLING), 0, T(SIGNALLING), NEVER},
    {120, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30120},
    CALL_FAILS (130, 130, 1),
    OPENS (130),
    CALLED (140),
    {160, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 10160},
    {170, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 670, .attempt = 2},
    OPENS (670),
    CALLED (680),
    CALL_FAILS (700, 1700, 3),
    OPENS (1700),
    CALLED (1710),
    {1730, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
  }},
  {"what was before nobody called for a while does not count", 1, 1, {
    STARTED,
    CALL_FAILS (110, 110, 1),
    OPENS (110),
    {120, E(SERVER_WAITING), S(SIGNALLING), 0, OFF_AIR, 5120},
    {5120, E(TICK), S(SIGNALLING), A(POST_STATUS), T(SIGNALLING), NEVER},
    {5130, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 35130},
    CALL_FAILS (5140, 5140, 1),
  }},
  {"nor what was before somebody was sent to, and left", 1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    BACK_ON_AIR (1000, 1000),
    {2000, E(SERVER_WAITING), S(SIGNALLING), A(CLOSE_GATES) | A(DROP_PEER) | A(OPEN_SIGNALLER) | A(POST_STATUS),
        T(SIGNALLING), NEVER},
  }},
  /* give-up=on-refusal, the default */
  {"refused before the first time on air: a wrong setting", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }},
  {"refused after it: asked again, rarer and rarer, until it is open again", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000, .attempt = 1},
    OPENS (1000),
    REFUSED (1100, 2100),
    {2000, E(NETWORK_UP), S(BACKOFF), 0, OFF_AIR, 2100},
    OPENS (2100),
    REFUSED (2200, 4200),
    OPENS (4200),
    REFUSED (4300, 8300),
    OPENS (8300),
    REFUSED (8400, 16400),
    OPENS (16400),
    REFUSED (16500, 24500),
    {18000, E(RECONNECT_NOW), S(BACKOFF), 0, OFF_AIR, 18000},
    BACK_ON_AIR (18000, 1000),
  }},
  {"refused after it, and another server is there: asked in between", -1, 2, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    OPENS (1000),
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1600, .location = 1, .fatal = TRUE,
        .strategy = GST_RCAST_STRATEGY_FAILOVER},
    OPENS (1600),
    {1700, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2700, .location = 1},
    OPENS (2700),
    {2800, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 4800, .fatal = TRUE},
    OPENS (4800),
    {4900, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 8900, .fatal = TRUE, .location = 1},
    OPENS (8900),
  }},
  {"so many attempts are the end whoever refuses", 2, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    OPENS (1000),
    REFUSED (1100, 2100),
    OPENS (2100),
    {2200, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }},
  {"kicked is kicked", -1, 1, {
    ON_AIR (0),
    {1000, E(EVICTED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, ALL, .reason = R(EVICTED), .fatal = TRUE},
  }, .give_up = GST_RCAST_GIVE_UP_NEVER},
  {"a second broadcast is a first time again", -1, 1, {
    ON_AIR (0),
    {1000, E(STOP), S(IDLE), END | A(POST_STATUS), T(DISCONNECTED), NEVER},
    {2000, E(START), S(PREPARING), 0, T(DISCONNECTED), 2100},
    {2100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 32100},
    {2200, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }},
  {"give-up=never: asked again before the first time, too", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1200, .fatal = TRUE},
    OPENS (1200),
  }, .give_up = GST_RCAST_GIVE_UP_NEVER},
  {"give-up=always: a refusal after it is the end", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    OPENS (1000),
    {1100, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE},
  }, .give_up = GST_RCAST_GIVE_UP_ALWAYS},

  /* Answers that can never work */
  {"two answers in a row that can never work: a wrong setting", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    UNUSABLE (200, SIGNALLER_FAILED, 200, 0),
    OPENS (200),
    OFFERS (210),
    {300, E(PEER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .unusable = TRUE},
  }},
  {"one between others is none", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    UNUSABLE (200, SIGNALLER_FAILED, 200, 0),
    OPENS (200),
    OFFERS (210),
    {300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 800},
    OPENS (800),
    OFFERS (810),
    UNUSABLE (900, PEER_FAILED, 1900, 0),
    OPENS (1900),
    OFFERS (1910),
    {1920, E(NEGOTIATED), S(CONNECTING), 0, OFF_AIR, 11920},
    {2000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 4000},
    OPENS (4000),
    OFFERS (4010),
    UNUSABLE (4100, SIGNALLER_FAILED, 8100, 0),
  }},
  {"nor is a server that cannot be reached in between another word", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    UNUSABLE (200, SIGNALLER_FAILED, 200, 0),
    OPENS (200),
    OFFERS (210),
    {300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 800, .unreachable = TRUE},
    OPENS (800),
    OFFERS (810),
    {900, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .unusable = TRUE},
  }},
  {"the other servers first", -1, 2, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    UNUSABLE (200, SIGNALLER_FAILED, 200, 0),
    OPENS (200),
    OFFERS (210),
    UNUSABLE (300, SIGNALLER_FAILED, 800, 1),
    OPENS (800),
    OFFERS (810),
    UNUSABLE (900, SIGNALLER_FAILED, 1900, 1),
    OPENS (1900),
    OFFERS (1910),
    {2000, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .unusable = TRUE},
  }},
  {"nor is what somebody answers whom the server brought", -1, 1, {
    STARTED,
    {110, E(SERVER_WAITING), S(SIGNALLING), 0, T(SIGNALLING), NEVER},
    {120, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30120},
    UNUSABLE (130, SIGNALLER_FAILED, 130, 0),
    OPENS (130),
    CALLED (140),
    UNUSABLE (160, SIGNALLER_FAILED, 660, 0),
  }},
  {"give-up=never: asked again and again", -1, 1, {
    STARTED,
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    UNUSABLE (200, SIGNALLER_FAILED, 200, 0),
    OPENS (200),
    OFFERS (210),
    UNUSABLE (300, SIGNALLER_FAILED, 800, 0),
    OPENS (800),
    OFFERS (810),
    UNUSABLE (900, SIGNALLER_FAILED, 1900, 0),
  }, .give_up = GST_RCAST_GIVE_UP_NEVER},
  {"and after the first time on air", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    OPENS (1000),
    OFFERS (1010),
    UNUSABLE (1100, SIGNALLER_FAILED, 1600, 0),
    OPENS (1600),
    OFFERS (1610),
    UNUSABLE (1700, SIGNALLER_FAILED, 2700, 0),
  }},

  /* The slot is taken, perhaps by a former session of ours */
  {"a slot that is taken at the first offer: asked again in growing steps", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 200, .fatal = TRUE, .busy = TRUE, .attempt = 1},
    OPENS (200),
    BUSY (300, 800),
    OPENS (800),
    BUSY (900, 1900),
    OPENS (1900),
    BUSY (2000, 4000),
    OPENS (4000),
    {4010, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), OFF_AIR, 34010},
    {4020, E(NEGOTIATED), S(CONNECTING), 0, OFF_AIR, 14020},
    {4030, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), OFF_AIR, 14030},
    {4040, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 9040},
  }},
  {"a slot that is taken for 45 s is a refusal", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 200, .fatal = TRUE, .busy = TRUE},
    OPENS (200),
    BUSY (45199, 45699),
    OPENS (45699),
    {45700, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE, .busy = TRUE},
  }},
  {"a pause that the server asks for is no part of them", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 60200, .fatal = TRUE, .busy = TRUE,
        .retry_after_ms = 60000},
    OPENS (60200),
    BUSY (60300, 60800),
    OPENS (60800),
    BUSY (105199, 106199),
    OPENS (106199),
    {106300, E(SIGNALLER_FAILED), S(FAILED), FAIL, T(DISCONNECTED), NEVER, .fatal = TRUE, .busy = TRUE},
  }},
  {"nor is the time in which it had other trouble", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 200, .busy = TRUE},
    OPENS (200),
    {60000, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 60500, .busy = TRUE},
    OPENS (60500),
    BUSY (60600, 61600),
    OPENS (61600),
  }},
  {"nor what it said long ago", -1, 1, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 200, .fatal = TRUE, .busy = TRUE},
    OPENS (200),
    {300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 800, .unreachable = TRUE},
    OPENS (800),
    BUSY (60600, 61600),
    OPENS (61600),
  }},
  {"each server has its own 45 s", -1, 2, {
    STARTED,
    {200, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 200, .fatal = TRUE, .busy = TRUE},
    OPENS (200),
    {300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 800, .location = 1},
    OPENS (800),
    {45300, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 46300, .fatal = TRUE, .busy = TRUE},
    OPENS (46300),
    {46400, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 48400, .fatal = TRUE, .busy = TRUE, .location = 1},
    OPENS (48400),
  }},
  {"the slot of a session that is known to be left is waited for without end", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1000},
    OPENS (1000),
    {1100, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 1600, .busy = TRUE},
    OPENS (1600),
    {61600, E(SIGNALLER_FAILED), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 62600, .busy = TRUE},
    OPENS (62600),
  }, .give_up = GST_RCAST_GIVE_UP_ALWAYS},

  /* A restart without an answer */
  {"nothing answers the checks of a restart: the next step at once", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, ALL, .attempt = 1},
    {1100, E(NEGOTIATED), S(RESTARTING), 0, OFF_AIR, 9000},
    {2100, E(RESTART_HOPELESS), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 12100, ALL, .attempt = 2},
    {2200, E(RESTART_HOPELESS), S(RENEGOTIATING), 0, OFF_AIR, 12100, ALL},
    {2300, E(MEDIA_CONNECTED), S(CONNECTED), FLOW, OFF_AIR, 12300},
  }},
  {"the same where the session is the media", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), OFF_AIR, 9000, .can_restart = TRUE},
    {2100, E(RESTART_HOPELESS), S(BACKOFF), END | A(POST_STATUS), OFF_AIR, 2100, .can_restart = TRUE, .attempt = 2},
  }},
  {"a restart that was begun within the grace is not begun again at its end", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 3000, ALL},
    {3000, E(TICK), S(RESTARTING), A(POST_STATUS), OFF_AIR, 11000, ALL, .attempt = 1},
    {3500, E(MEDIA_CONNECTED), S(LIVE), FLOW | A(POST_STATUS), T(BROADCASTING), 8500, .restarted = TRUE},
  }},
  {"nor where nothing answered it", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 3000, ALL},
    {2100, E(RESTART_HOPELESS), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {3000, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 13000, ALL, .attempt = 1},
  }},
  {"one that the server refused is followed by the next step", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 3000, ALL},
    {1100, E(RESTART_FAILED), S(DISRUPTED), 0, T(BROADCASTING), 3000, .can_renegotiate = TRUE, .fatal = TRUE},
    {3000, E(TICK), S(RENEGOTIATING), A(MAKE_OFFER) | A(POST_STATUS), OFF_AIR, 13000, .can_renegotiate = TRUE},
  }},
  {"one that was not needed has no effect", -1, 1, {
    ON_AIR (0),
    {1000, E(MEDIA_SUSPECT), S(DISRUPTED), 0, T(BROADCASTING), 3000, ALL},
    {1000, E(RESTART), S(DISRUPTED), A(RESTART_ICE), T(BROADCASTING), 3000, ALL},
    {1500, E(MEDIA_CONFIRMED), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
};
/* *INDENT-ON* */

GST_START_TEST (test_story)
{
  policy_story_play (&stories[__i__]);
}

GST_END_TEST;

static Suite *
policy_refusals_suite (void)
{
  Suite *suite = suite_create ("policy-refusals");
  TCase *tc = tcase_create ("stories");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_story, 0, G_N_ELEMENTS (stories));
  return suite;
}

GST_CHECK_MAIN (policy_refusals);
