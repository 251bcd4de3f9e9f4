/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy's table as a whole: each row, each state with
 * each event, random events, its document. */
#include "config.h"

#include "policy-print.h"
#include "policy-story.h"
#include "rcast-policyenums.h"

#define N_SEEDS 10
#define STATE_MACHINE_DOC SOURCE_ROOT "/docs/state-machine.md"

static const GstRcastAbilities none = { FALSE };

GST_START_TEST (test_late_news_of_an_older_session_is_dropped)
{
  GstRcastPolicy policy;
  GstRcastStep step;
  GstRcastEvent event = {.type = E (MEDIA_FAILED),.generation = 1 };

  gst_rcast_policy_init (&policy, &policy_config);
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

typedef void (*RowFunc) (const GstRcastRow * row, gpointer data);

static void
each_row (RowFunc func, gpointer data)
{
  for (guint i = 0; i < gst_rcast_policy_n_topics; i++)
    for (guint j = 0; j < gst_rcast_policy_topics[i].n_rows; j++)
      func (&gst_rcast_policy_topics[i].rows[j], data);
}

static gboolean
covers (const GstRcastRow * row, guint state, guint event)
{
  return (row->states & (1u << state))
      && (row->events & (G_GUINT64_CONSTANT (1) << event));
}

/* Whether no row after @row counts where its guards hold */
static gboolean
decides (const GstRcastRow * row)
{
  return row->from == GST_RCAST_RUNG_NONE || row->to == GST_RCAST_RUNG_END;
}

static gchar *
describe (const GstRcastRow * row)
{
  g_autofree gchar *in = policy_print_states (row->states);
  g_autofree gchar *on = policy_print_events (row->events);
  g_autofree gchar *guards = policy_print_guards (row->guards);

  return g_strdup_printf ("{%s} on {%s} if {%s}", in, on, guards);
}

typedef struct
{
  const GstRcastRow *row;
  guint state, event;
  gboolean done;
} Shadow;

static void
check_shadow (const GstRcastRow * before, gpointer data)
{
  Shadow *shadow = data;
  g_autofree gchar *row = NULL, *earlier = NULL;

  shadow->done |= before == shadow->row;
  if (shadow->done || !decides (before)
      || !covers (before, shadow->state, shadow->event)
      || (before->guards & ~shadow->row->guards))
    return;
  row = describe (shadow->row);
  earlier = describe (before);
  fail ("%s never counts in state %u on event %u because of %s", row,
      shadow->state, shadow->event, earlier);
}

static void
check_row (const GstRcastRow * row, gpointer data)
{
  guint *n = data;
  g_autofree gchar *text = describe (row);

  (*n)++;
  fail_unless (row->states && row->events, "%s covers nothing", text);
  fail_unless (row->states < (2u << S (FAILED)), "%s: no such state", text);
  fail_unless (row->from <= row->to && row->to < GST_RCAST_N_RUNGS, "%s", text);
  if (row->from != GST_RCAST_RUNG_NONE)
    fail_unless (row->move.actions == 0
        && row->move.next == GST_RCAST_STATE_SAME, "%s: rung and move", text);
  fail_unless (!(row->guards & GST_RCAST_GUARD_BIT (GST_RCAST_GUARD_RESTART))
      || !(row->guards & GST_RCAST_GUARD_BIT (GST_RCAST_GUARD_NO_RESTART)), "%s",
      text);
  for (guint s = 0; s <= S (FAILED); s++)
    for (guint e = 0; e <= E (RECONNECT_NOW); e++) {
      Shadow shadow = { row, s, e, FALSE };

      if (covers (row, s, e))
        each_row (check_shadow, &shadow);
    }
}

GST_START_TEST (test_every_row_counts)
{
  guint n = 0;

  each_row (check_row, &n);
  fail_unless (n > 0 && n <= 174, "%u rows", n);
}

GST_END_TEST;

typedef struct
{
  guint64 guards;
  guint effects, waits, rungs;
} Used;

static void
note_move (Used * used, guint64 guards, const GstRcastMove * move)
{
  used->guards |= guards;
  used->effects |= move->effects;
  used->waits |= 1u << move->wait;
}

static void
note_used (const GstRcastRow * row, gpointer data)
{
  Used *used = data;

  note_move (used, row->guards, &row->move);
  for (guint i = row->from; i <= row->to; i++)
    used->rungs |= 1u << i;
}

GST_START_TEST (test_every_word_of_the_table_is_used)
{
  Used used = { 0, };

  each_row (note_used, &used);
  for (guint i = GST_RCAST_RUNG_NONE + 1; i < GST_RCAST_N_RUNGS; i++)
    note_move (&used, gst_rcast_policy_ladder[i].guards,
        &gst_rcast_policy_ladder[i].move);
#define COUNT(...) + 1
#define ALL_OF(list) ((G_GUINT64_CONSTANT (1) << (0 list (COUNT))) - 1)
  assert_equals_uint64_hex (used.guards, ALL_OF (GST_RCAST_POLICY_GUARDS));
  assert_equals_int_hex (used.effects, ALL_OF (GST_RCAST_POLICY_EFFECTS));
  assert_equals_int_hex (used.waits, ALL_OF (GST_RCAST_POLICY_WAITS));
  assert_equals_int_hex (used.rungs, (1u << GST_RCAST_N_RUNGS) - 1);
#undef ALL_OF
#undef COUNT
}

GST_END_TEST;

/* States of one kind, and the events that each of them answers, whatever the guards. */
static const struct
{
  const gchar *name;
  guint32 states;
  guint64 events;
} families[] = {
  /* *INDENT-OFF* */
#define ST(state) (1u << S (state))
#define EV(event) (G_GUINT64_CONSTANT (1) << E (event))
#define ON_AIR_STATES (ST (LIVE) | ST (DETACHED) | ST (RESUMING))
#define OPENING_STATES (ST (SIGNALLING) | ST (NEGOTIATING) | ST (CONNECTING))
#define REPAIRING_STATES (ST (RESTARTING) | ST (RENEGOTIATING) | ST (HOLDING) | ST (REATTACHING))
#define SESSION_STATES (OPENING_STATES | ST (CONNECTED) | ON_AIR_STATES | ST (UPDATING) | ST (DISRUPTED) \
    | REPAIRING_STATES)
  {"any", ((2u << S (FAILED)) - 1) & ~ST (IDLE), EV (STOP)},
  {"any", (2u << S (FAILED)) - 1, EV (STREAMS_READY) | EV (STREAMS_PENDING) | EV (STREAMS_CHANGED)},
  {"in a session", SESSION_STATES, EV (EVICTED) | EV (EOS) | EV (SERVER_WAITING)},
  {"in an open session", SESSION_STATES & ~ST (SIGNALLING), EV (SERVER_RECONNECTING) | EV (SERVER_RECONNECTED)
    | EV (PEER_FAILED)},
  {"on air", ON_AIR_STATES, EV (MEDIA_DISCONNECTED) | EV (MEDIA_SUSPECT) | EV (MEDIA_FROZEN) | EV (MEDIA_FAILED)
    | EV (SERVER_HANGUP) | EV (PATH_SWITCHED)},
  {"with signalling", OPENING_STATES | ST (CONNECTED) | ST (LIVE) | ST (UPDATING) | ST (DISRUPTED)
    | ST (RESTARTING) | ST (RENEGOTIATING) | ST (HOLDING), EV (SIGNALLER_LOST)},
  {"resuming", ST (RESUMING) | ST (REATTACHING), EV (SIGNALLER_LOST) | EV (RESUME_FAILED) | EV (TICK)},
  {"perhaps without signalling", ST (CONNECTED) | ST (DISRUPTED) | ST (DETACHED) | ST (RESUMING) | ST (HOLDING)
    | ST (REATTACHING), EV (SIGNALLER_RESUMED)},
  {"with media that may stop", OPENING_STATES | ST (CONNECTED) | ON_AIR_STATES | ST (UPDATING) | ST (DISRUPTED)
    | ST (RENEGOTIATING), EV (MEDIA_FAILED)},
  {"with media that may come back", ST (NEGOTIATING) | ST (CONNECTING) | ST (UPDATING) | ST (CONNECTED)
    | ST (DISRUPTED) | REPAIRING_STATES, EV (MEDIA_CONNECTED)},
  {"with media to be proved", ST (CONNECTED) | ST (DISRUPTED) | ST (RESTARTING) | ST (HOLDING)
    | ST (REATTACHING), EV (MEDIA_CONFIRMED)},
  {"with a deadline", ((2u << S (FAILED)) - 1) & ~ST (IDLE) & ~ST (FAILED), EV (TICK)},
  {"before the next attempt", ST (BACKOFF) | ST (HOLDING) | ST (DETACHED), EV (RECONNECT_NOW)
    | EV (PROBE_DUE) | EV (PROBE_ANSWERED) | EV (PROBE_UNANSWERED) | EV (PROBE_USELESS)},
#undef ST
#undef EV
  /* *INDENT-ON* */
};

typedef struct
{
  guint state, event;
  gboolean answered;
} Answer;

static void
note_answer (const GstRcastRow * row, gpointer data)
{
  Answer *answer = data;

  answer->answered |= row->guards == 0 && decides (row)
      && covers (row, answer->state, answer->event);
}

GST_START_TEST (test_states_of_a_family_answer_the_same_events)
{
  for (guint s = 0; s <= S (FAILED); s++)
    for (guint e = 0; e <= E (RECONNECT_NOW); e++) {
      Answer answer = { s, e, FALSE };

      if (!(families[__i__].states & (1u << s))
          || !(families[__i__].events & (G_GUINT64_CONSTANT (1) << e)))
        continue;
      each_row (note_answer, &answer);
      fail_unless (answer.answered, "state %u (%s) does not answer event %u", s,
          families[__i__].name, e);
    }
}

GST_END_TEST;

/* Invariants after any event in any state */
static void
check_invariants (const GstRcastPolicy * policy, const GstRcastStep * step)
{
  const GstClockTime limit = MAX (policy->config.retry_after_max,
      policy->config.max_delay);

  switch (policy->state) {
    case GST_RCAST_STATE_SIGNALLING:
      /* If nothing has failed, the session may wait for a receiver without a deadline. */
      REQUIRE (policy->attempt == 0
          || GST_CLOCK_TIME_IS_VALID (policy->deadline));
      break;
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
      REQUIRE (policy->confirmed || GST_CLOCK_TIME_IS_VALID (policy->deadline));
      REQUIRE (!policy->signalling_lost);
      break;
    case GST_RCAST_STATE_PREPARING:
      REQUIRE (!policy->streams_ready
          || GST_CLOCK_TIME_IS_VALID (policy->deadline), "waits for ever");
      break;
    case GST_RCAST_STATE_CONNECTED:
      REQUIRE (policy->attempt == 0
          || GST_CLOCK_TIME_IS_VALID (policy->deadline));
      break;
  }
  REQUIRE (!policy->signalling_lost || policy->resuming
      || GST_CLOCK_TIME_IS_VALID (policy->deadline),
      "nobody resumes the signalling in state %d", policy->state);
  REQUIRE (!policy->resuming || policy->signalling_lost);
  REQUIRE (step->ignored || (policy->state != S (BACKOFF)
          && policy->state != S (HOLDING)) || step->from == policy->state
      || step->delay <= limit, "waits for longer than anybody may ask");
  REQUIRE (!(step->actions & A (MAKE_OFFER)) || policy->streams_ready,
      "offers nothing");
  REQUIRE (step->to != S (UPDATING) || (step->status != T (DISCONNECTED)
          && !(step->actions & A (POST_STATUS)))
      || step->from == S (UPDATING), "an update is no outage");
  REQUIRE (step->from != S (IDLE) || step->to == S (IDLE)
      || step->to == S (PREPARING));
  REQUIRE (step->from != S (FAILED) || step->to == S (FAILED)
      || step->to == S (IDLE));
  /* No probe goes to a server that reports, or that has asked for a pause. */
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
  REQUIRE (!(step->actions & A (RESTART_ICE)) || !policy->signalling_lost,
      "a restart without signalling");
  REQUIRE (policy->signalling_lost || (step->to != S (DETACHED)
          && step->to != S (RESUMING)) || step->ignored
      || step->from == step->to, "resumes what is not lost");
  REQUIRE (!(step->actions & A (POST_ERROR)) || step->to == S (FAILED));
  REQUIRE (step->to != S (FAILED) || step->from == S (FAILED)
      || (step->actions & ~A (POST_STATUS)) == (FAIL & ~A (POST_STATUS)));
  /* An end leaves nothing behind. */
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

      gst_rcast_policy_init (&policy, &policy_config);
      policy.state = s;
      policy.status = -1;
      policy.streams_ready = TRUE;
      policy.confirmed = s == S (LIVE);
      policy.resuming = s == S (RESUMING) || s == S (REATTACHING);
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

/* RCAST_FIRST_SEED: the first seed, for other seeds than usual */
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
  GstRcastPolicyConfig own = policy_config;

  own.n_locations = 3;
  own.max_retries = 4;
  gst_rcast_policy_init (&policy, &own);
  for (guint i = 0; i < 100000; i++) {
    GstRcastStep step;
    GstRcastEvent event = {
      .type = g_rand_int_range (rand, 0, E (RECONNECT_NOW) + 1),
      .generation = g_rand_int_range (rand, 0, 4) ? policy.generation : 1,
      .reason = g_rand_int_range (rand, 0, R (STREAMS_CHANGED) + 1),
      .unreachable = g_rand_boolean (rand),
      .lag = MS (g_rand_int_range (rand, 0, 2000)),
      .fatal = g_rand_int_range (rand, 0, 50) == 0,
      .retry_after = g_rand_int_range (rand, 0, 8) ? 0 :
          MS (g_rand_int_range (rand, 0, 2) ? 1000 : 86400000),
      .restarted = g_rand_boolean (rand),
      .same_address = g_rand_boolean (rand),
      .fewer = g_rand_boolean (rand),
      .static_reports = g_rand_boolean (rand),
    };
    GstRcastAbilities abilities = {
      .can_restart = g_rand_boolean (rand),
      .can_renegotiate = g_rand_boolean (rand),
      .outdated = g_rand_boolean (rand),
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
          policy.state == S (UPDATING) ? E (MEDIA_CONNECTED) :
          policy.state == S (LIVE) && !policy.streams_ready ?
          E (STREAMS_READY) :
          policy.state == S (LIVE) && g_rand_boolean (rand) ?
          E (STREAMS_CHANGED) :
          policy.state == S (DISRUPTED) ? E (MEDIA_CONNECTED) :
          policy.state == S (RESTARTING) && g_rand_boolean (rand) ?
          E (RESTART_FAILED) :
          policy.state == S (RESUMING) ? E (SIGNALLER_RESUMED) :
          policy.state == S (REATTACHING) ? E (SIGNALLER_RESUMED) :
          E (MEDIA_CONFIRMED);
    /* Without signalling neither a restart nor a renegotiation can be requested. */
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
    /* The number of attempts only falls to zero. */
    REQUIRE (policy.attempt >= attempt || policy.attempt == 0);
    REQUIRE (policy.attempt <= attempt + 1);

    /* A connected session gets its media. Only media that is sent can be confirmed. */
    if (step.actions & (END | A (MAKE_OFFER)))
      flows = FALSE;
    if (step.actions & A (OPEN_GATES)
        || (event.type == E (MEDIA_CONFIRMED) && !step.ignored))
      flows = TRUE;
    REQUIRE (flows || step.ignored || event.type != E (MEDIA_CONNECTED),
        "nothing is sent in %d", policy.state);

    /* An outage is posted before its end, and not after. */
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

    /* At most one error in each life */
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
policy_table_suite (void)
{
  Suite *s = suite_create ("policy_table");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_every_row_counts);
  tcase_add_test (tc, test_every_word_of_the_table_is_used);
  tcase_add_loop_test (tc, test_states_of_a_family_answer_the_same_events, 0,
      G_N_ELEMENTS (families));
  tcase_add_test (tc, test_late_news_of_an_older_session_is_dropped);
  tcase_add_test (tc, test_every_event_in_every_state);
  tcase_add_loop_test (tc, test_random_events, 0, N_SEEDS);
  tcase_add_test (tc, test_document_says_what_the_table_says);
  return s;
}

GST_CHECK_MAIN (policy_table);
