/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy as rows of {time, event, wanted state, wanted actions}, swept whole and at random. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-policy.h"
#include "rcast-policyenums.h"

#define MS(x) ((x) * GST_MSECOND)
#define NEVER G_MAXUINT
#define STATE_MACHINE_DOC SOURCE_ROOT "/docs/state-machine.md"

static const GstRcastPolicyConfig config = {
  .settle = MS (100),
  .signalling_timeout = MS (30000),
  .connect_timeout = MS (10000),
  .disconnected_timeout = MS (2000),
  .restart_timeout = MS (8000),
  .stable_time = MS (5000),
  .close_timeout = MS (3000),
  .min_delay = MS (500),
  .max_delay = MS (8000),
  .max_retries = -1,
  .n_locations = 1,
};

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
  gboolean fatal;
  guint retry_after_ms;
  /* of the step, looked at where not 0 */
  GstRcastStrategy strategy;
  guint attempt;
  guint outage_ms;
  guint location;
} Row;

typedef struct
{
  const gchar *name;
  gint max_retries;
  guint n_locations;
  Row rows[24];
} Story;

#define E(x) GST_RCAST_EVENT_ ## x
#define S(x) GST_RCAST_STATE_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define T(x) GST_RCAST_STATUS_ ## x
#define END (A (CLOSE_GATES) | A (DROP_PEER) | A (CLOSE_SIGNALLER))
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
    {at + 30, E(MEDIA_CONNECTED), S(CONNECTED), A(OPEN_GATES), T(RECONNECTING_BROADCAST), NEVER}, \
    {at + 40, E(MEDIA_CONFIRMED), S(LIVE), A(POST_STATUS), T(BROADCASTING), at + 5040, .outage_ms = at + 40 - down}

static const Story stories[] = {
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
    {2300, E(MEDIA_CONNECTED), S(LIVE), A(POST_STATUS), T(BROADCASTING), 7300, .outage_ms = 2100, .attempt = 1},
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
  {"an ICE restart that brings nothing is given up", -1, 1, {
    ON_AIR (0),
    {200, E(MEDIA_FAILED), S(RESTARTING), A(RESTART_ICE) | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .can_restart = TRUE},
    {8200, E(TICK), S(BACKOFF), END | A(POST_STATUS), T(RECONNECTING_BROADCAST), 8200, .strategy = GST_RCAST_STRATEGY_REJOIN, .attempt = 2},
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
  gst_rcast_policy_init (&policy, &own);
  for (const Row * row = story->rows; row == story->rows || row->at_ms
      || row->event; row++) {
    GstRcastEvent event = {
      .type = row->event,
      .fatal = row->fatal,
      .can_restart = row->can_restart,
      .retry_after = MS (row->retry_after_ms),
      .random = G_MAXUINT32,
    };
    GstRcastStep step;

    gst_rcast_policy_step (&policy, &event, MS (row->at_ms), &step);
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
    fail_unless (!row->strategy || step.strategy == row->strategy,
        "%s, row %d: strategy %d", story->name, (gint) (row - story->rows),
        step.strategy);
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
  gst_rcast_policy_step (&policy, &event, 0, &step);
  fail_unless (step.ignored);
  assert_equals_int (policy.state, S (LIVE));
  event.generation = 2;
  gst_rcast_policy_step (&policy, &event, 0, &step);
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
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
      fail_unless (GST_CLOCK_TIME_IS_VALID (policy->deadline),
          "state %d waits for ever", policy->state);
      break;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_FAILED:
      fail_if (GST_CLOCK_TIME_IS_VALID (policy->deadline));
      break;
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_CONNECTED:
      break;
  }
  if (step->ignored) {
    fail_unless (step->actions == 0);
    fail_unless (step->from == step->to);
  }
  fail_unless (!(step->actions & A (POST_ERROR)) || step->to == S (FAILED));
  fail_unless (step->to != S (FAILED) || step->from == S (FAILED)
      || (step->actions & ~A (POST_STATUS)) == (FAIL & ~A (POST_STATUS)));
  /* Nothing is left behind at an end. */
  if (step->to == S (IDLE) && step->from != S (IDLE)
      && step->from != S (PREPARING) && step->from != S (FAILED)
      && step->from != S (CLOSING) && step->from != S (BACKOFF))
    fail_unless ((step->actions & END) == END);
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
      policy.deadline = s == S (IDLE) || s == S (LIVE) || s == S (FAILED) ?
          GST_CLOCK_TIME_NONE : MS (5);
      gst_rcast_policy_step (&policy, &event, MS (5), &step);
      check_invariants (&policy, &step);
      stops |= e == E (STOP) && policy.state == S (IDLE);
    }
    fail_unless (stops, "state %u cannot be stopped", s);
  }
  g_type_class_unref (states);
  g_type_class_unref (events);
}

GST_END_TEST;

GST_START_TEST (test_random_events)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  GstRcastPolicy policy;
  GstClockTime now = 0;
  guint errors = 0, on_air = 0;

  gst_rcast_policy_init (&policy, &config);
  for (guint i = 0; i < 100000; i++) {
    GstRcastStep step;
    GstRcastEvent event = {
      .type = g_rand_int_range (rand, 0, E (RECONNECT_NOW) + 1),
      .generation = g_rand_int_range (rand, 0, 4) ? policy.generation : 1,
      .fatal = g_rand_int_range (rand, 0, 50) == 0,
      .can_restart = g_rand_boolean (rand),
      .retry_after = g_rand_int_range (rand, 0, 8) ? 0 : MS (1000),
      .random = g_rand_int (rand),
    };
    guint attempt = policy.attempt;

    /* Starts and successes are rarer than trouble: even them out. */
    if (g_rand_boolean (rand))
      event.type = g_rand_int_range (rand, 0, 2) ? E (TICK) :
          policy.state == S (IDLE) ? E (START) :
          policy.state == S (SIGNALLING) ? E (SIGNALLER_OPEN) :
          policy.state == S (NEGOTIATING) ? E (NEGOTIATED) :
          policy.state == S (CONNECTING) ? E (MEDIA_CONNECTED) :
          E (MEDIA_CONFIRMED);
    now += MS (g_rand_int_range (rand, 0, 200));
    gst_rcast_policy_step (&policy, &event, now, &step);
    check_invariants (&policy, &step);
    /* Attempts never fall but to none. */
    fail_unless (policy.attempt >= attempt || policy.attempt == 0);
    fail_unless (policy.attempt <= attempt + 1);

    /* One error for each life, at the most. */
    if (step.from == S (IDLE) && step.to == S (PREPARING))
      errors = 0;
    errors += !!(step.actions & A (POST_ERROR));
    fail_unless (errors <= 1);
    on_air += step.to == S (LIVE) && step.from != S (LIVE);
  }
  fail_unless (on_air > 50, "on air only %u times", on_air);
}

GST_END_TEST;

GST_START_TEST (test_document_says_what_the_table_says)
{
  g_autofree gchar *table = gst_rcast_policy_to_table ();
  g_autofree gchar *text = NULL;
  gchar *found;

  fail_unless (g_file_get_contents (STATE_MACHINE_DOC, &text, NULL, NULL));
  found = strstr (text, "| state |");
  if (g_getenv ("RCAST_UPDATE_DOCS")) {
    g_autofree gchar *updated = NULL;

    if (found)
      *found = 0;
    updated = g_strconcat (text, table, NULL);
    fail_unless (g_file_set_contents (STATE_MACHINE_DOC, updated, -1, NULL));
    return;
  }
  fail_unless (found && g_str_equal (found, table),
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
  tcase_add_test (tc, test_random_events);
  tcase_add_test (tc, test_document_says_what_the_table_says);
  return s;
}

GST_CHECK_MAIN (policy);
