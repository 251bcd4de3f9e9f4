/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stories of the policy: rows of {time, event, expected state, expected actions}. */
#pragma once

#include <gst/check/gstcheck.h>

#include "rcast-policy.h"

#define MS(x) ((x) * GST_MSECOND)
#define NEVER G_MAXUINT
/* Cheap while the condition holds; fail_unless() writes a line each time. */
#define REQUIRE(condition, ...) \
    G_STMT_START { \
      if (!(condition)) \
        fail_unless (condition, ##__VA_ARGS__); \
    } G_STMT_END

extern const GstRcastPolicyConfig policy_config;

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
  /* of the step; 0 is not checked */
  GstRcastStrategy strategy;
  GstRcastReason reason;
  guint skipped;
  guint attempt;
  guint outage_ms;
  guint location;
  /* of the event again */
  guint lag_ms;
  GstRcastReason told;
  guint probe_ms;               /* expected time of the next probe; 0: never */
  gboolean fewer;               /* of the event */
  gboolean static_reports;         /* of the event */
  gboolean busy;                   /* of the event */
  gboolean unusable;               /* of the event */
  gboolean outdated;               /* a stream is not sent */
} PolicyRow;

typedef struct
{
  const gchar *name;
  gint max_retries;
  guint n_locations;
  PolicyRow rows[44];
  gboolean no_rejoin;
  gboolean reconnect_media;
  GstRcastGiveUp give_up;
  gboolean probe;               /* the signaller can probe the server */
  guint resume_s;               /* time that the session may need to recover by itself */
} PolicyStory;

#define E(x) GST_RCAST_EVENT_ ## x
#define S(x) GST_RCAST_STATE_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define T(x) GST_RCAST_STATUS_ ## x
#define SECOND(x) GST_RCAST_SECOND_ ## x
#define FLOW (A (OPEN_GATES) | A (SETTLE))
#define END (A (CLOSE_GATES) | A (DROP_PEER) | A (CLOSE_SIGNALLER))
#define MENDED (A (POST_OUTAGE) | A (POST_STATUS))
#define FAIL (END | A (POST_STATUS) | A (POST_ERROR))
/* *INDENT-OFF* */
#define ON_AIR(at) \
    {at, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER}, \
    READY_AND_ON_AIR (at)

/* The streams were ready before the start. */
#define AGAIN_ON_AIR(at) \
    {at, E(START), S(PREPARING), 0, T(DISCONNECTED), at + 100}, \
    READY_AND_ON_AIR (at)

#define READY_AND_ON_AIR(at) \
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

/* From the first start to CONNECTED; no media is confirmed yet. */
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
/* Each event of a session with a WebSocket has these fields. */
#define ALL .can_restart = TRUE, .can_renegotiate = TRUE, .can_resume = TRUE
#define OFF_AIR T(RECONNECTING_BROADCAST)
#define LOSE_SIGNALLING(at) \
    {at, E(SIGNALLER_LOST), S(DETACHED), A(POST_WARNING), T(BROADCASTING), at, ALL}, \
    {at, E(TICK), S(RESUMING), A(RESUME_SIGNALLER), T(BROADCASTING), at + 10000}
/* *INDENT-ON* */

void policy_story_play (const PolicyStory * story);
