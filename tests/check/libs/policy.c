/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy as rows of {time, event, wanted state, wanted actions}, swept whole and at random. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-policy.h"
#include "rcast-policyenums.h"

#define MS(x) ((x) * GST_MSECOND)
#define NEVER G_MAXUINT

static const GstRcastPolicyConfig config = {
  .settle = MS (100),
  .signalling_timeout = MS (30000),
  .connect_timeout = MS (10000),
  .disconnected_timeout = MS (2000),
  .close_timeout = MS (3000),
};

typedef struct
{
  guint at_ms;
  GstRcastEventType event;
  GstRcastState state;
  GstRcastActions actions;
  GstRcastStatus status;
  guint deadline_ms;
} Row;

typedef struct
{
  const gchar *name;
  Row rows[16];
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

static const Story stories[] = {
  {"on air, then stopped", {
    ON_AIR (0),
    {200, E(STOP), S(IDLE), END | A(POST_STATUS), T(DISCONNECTED), NEVER},
  }},
  {"a stream that comes late puts the offer off", {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {50, E(STREAMS_PENDING), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {90, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 190},
    {100, E(TICK), S(PREPARING), 0, T(DISCONNECTED), 190},
    {190, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30190},
  }},
  {"a blip within the grace costs nothing", {
    ON_AIR (0),
    {200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {254, E(MEDIA_CONNECTED), S(LIVE), 0, T(BROADCASTING), NEVER},
    {2300, E(TICK), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"a disconnect beyond the grace is the end", {
    ON_AIR (0),
    {200, E(MEDIA_DISCONNECTED), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {2199, E(TICK), S(DISRUPTED), 0, T(BROADCASTING), 2200},
    {2200, E(TICK), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
    {2300, E(MEDIA_FAILED), S(FAILED), 0, T(DISCONNECTED), NEVER},
    {2400, E(STOP), S(IDLE), 0, T(DISCONNECTED), NEVER},
  }},
  {"the end of the stream is drained, closed, forwarded", {
    ON_AIR (0),
    {500, E(EOS), S(CLOSING), A(DRAIN), T(BROADCASTING), 3500},
    {510, E(DRAINED), S(CLOSING), END, T(BROADCASTING), 3500},
    {520, E(SIGNALLER_CLOSED), S(IDLE), A(POST_STATUS) | A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"a server that does not say goodbye does not keep the end back", {
    ON_AIR (0),
    {500, E(EOS), S(CLOSING), A(DRAIN), T(BROADCASTING), 3500},
    {3500, E(TICK), S(IDLE), END | A(POST_STATUS) | A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"the end of the stream before there is a session", {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {10, E(EOS), S(IDLE), A(POST_EOS), T(DISCONNECTED), NEVER},
    {20, E(EOS), S(IDLE), A(POST_EOS), T(DISCONNECTED), NEVER},
  }},
  {"no ICE connection in time", {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {0, E(STREAMS_READY), S(PREPARING), 0, T(DISCONNECTED), 100},
    {100, E(TICK), S(SIGNALLING), A(OPEN_SIGNALLER) | A(POST_STATUS), T(SIGNALLING), 30100},
    {110, E(SIGNALLER_OPEN), S(NEGOTIATING), A(MAKE_OFFER), T(SIGNALLING), 30110},
    {120, E(NEGOTIATED), S(CONNECTING), 0, T(SIGNALLING), 10120},
    {10120, E(TICK), S(FAILED), FAIL, T(DISCONNECTED), NEVER},
  }},
  {"an ICE restart on request changes nothing else", {
    ON_AIR (0),
    {200, E(RESTART), S(LIVE), A(RESTART_ICE), T(BROADCASTING), NEVER},
    {210, E(NEGOTIATED), S(LIVE), 0, T(BROADCASTING), NEVER},
  }},
  {"the same again after a stop", {
    {0, E(START), S(PREPARING), 0, T(DISCONNECTED), NEVER},
    {10, E(STOP), S(IDLE), 0, T(DISCONNECTED), NEVER},
    ON_AIR (1000),
  }},
};
/* *INDENT-ON* */

GST_START_TEST (test_story)
{
  const Story *story = &stories[__i__];
  GstRcastPolicy policy;

  gst_rcast_policy_init (&policy, &config);
  for (const Row * row = story->rows; row == story->rows || row->at_ms
      || row->event; row++) {
    GstRcastEvent event = {.type = row->event };
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
  assert_equals_int (policy.state, S (FAILED));
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
    case GST_RCAST_STATE_CLOSING:
      fail_unless (GST_CLOCK_TIME_IS_VALID (policy->deadline),
          "state %d waits for ever", policy->state);
      break;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_FAILED:
      fail_if (GST_CLOCK_TIME_IS_VALID (policy->deadline));
      break;
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
      || step->actions == FAIL);
  /* Nothing is left behind at an end. */
  if (step->to == S (IDLE) && step->from != S (IDLE)
      && step->from != S (PREPARING) && step->from != S (FAILED)
      && step->from != S (CLOSING))
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
      .type = g_rand_int_range (rand, 0, E (RESTART) + 1),
      .generation = g_rand_int_range (rand, 0, 4) ? policy.generation : 1,
    };

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

GST_START_TEST (test_table_is_printed)
{
  g_autofree gchar *table = gst_rcast_policy_to_table ();

  fail_unless (strstr (table, "| live | media-disconnected | disrupted |"
          " ice-disconnected-timeout | | ice-disconnected |"), "%s", table);
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
  tcase_add_test (tc, test_table_is_printed);
  return s;
}

GST_CHECK_MAIN (policy);
