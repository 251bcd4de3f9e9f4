/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus at servers that send too much, nonsense, or anything at any time. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

#include "http-script.h"

/* Length of a sentence that contains text of the server and a URL */
#define MAX_SENTENCE 600

static void
check_shown (const gchar * text)
{
  fail_unless (g_utf8_strlen (text, -1) <= MAX_SENTENCE, "%u characters",
      (guint) g_utf8_strlen (text, -1));
  for (const gchar * p = text; *p; p = g_utf8_next_char (p))
    fail_unless (g_unichar_isprint (g_utf8_get_char (p)), "%s", text);
}

/* Runs on any thread. Checks this project's log only, not that of libsoup. */
static void
check_log (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  const gchar *text = gst_debug_message_get (message);

  if (!g_str_has_prefix (gst_debug_category_get_name (category), "rcast")
      || strchr (text, '\033') || strlen (text) > 4096)
    g_atomic_int_inc ((gint *) data);
}

static void
begin_log (gint * bad)
{
  gst_debug_set_active (TRUE);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (check_log, bad, NULL);
  gst_debug_set_threshold_for_name ("rcast*", GST_LEVEL_LOG);
}

static void
end_log (gint * bad)
{
  gst_debug_remove_log_function (check_log);
  gst_debug_set_active (FALSE);
  gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);
  fail_unless (*bad == 0);
}

/* Returns: (transfer full): @before, 900 kB with terminal escapes, then @after */
static gchar *
make_long (const gchar * before, const gchar * after)
{
  g_autofree gchar *fill = g_strnfill (900000, 'x');

  return g_strconcat (before, "\\u001b[31m\\u0007red\\r\\n", fill, after, NULL);
}

GST_START_TEST (test_long_errors_are_cut_and_cleaned)
{
  static const struct
  {
    const gchar *word, *before, *after;
  } rows[] = {
    {"create", "{\"janus\":\"error\",\"transaction\":\"%T\",\"error\":{"
          "\"code\":490,\"reason\":\"", "\"}}"},
    {"join", "{\"janus\":\"event\"," OWN ",\"transaction\":\"%T\","
          "\"plugindata\":{\"data\":{\"error_code\":499,\"error\":\"", "\"}}}"},
  };
  g_autofree gchar *reply = make_long (rows[__i__].before, rows[__i__].after);
  g_auto (Op) op = { FALSE };
  gint bad = 0;
  Fixture f;

  begin_log (&bad);
  fixture_init (&f);
  janus_script_add (f.script, rows[__i__].word, reply);
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_FAILED, "[31m red xxx");
  check_shown (op.error->message);
  do_close (&f);
  fixture_clear (&f);
  end_log (&bad);
}

GST_END_TEST;

/* Returns: (transfer full): the next message on the bus */
static GstMessage *
wait_message (Fixture * f)
{
  GstMessage *message;

  while (!(message = gst_bus_pop (f->bus)))
    g_main_context_iteration (f->rig.context, TRUE);
  return message;
}

static gboolean
check_field (GQuark name, const GValue * value, gpointer data)
{
  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value))
    check_shown (g_value_get_string (value));
  return TRUE;
}

GST_START_TEST (test_long_reports_are_cut_and_cleaned)
{
  static const gchar *const befores[] = {
    "{\"janus\":\"hangup\"," OWN ",\"reason\":\"",
    "{\"janus\":\"media\"," OWN ",\"receiving\":false,\"mid\":\"",
    "{\"janus\":\"media\"," OWN ",\"receiving\":false,\"type\":\"",
    "{\"janus\":\"slowlink\"," OWN ",\"lost\":3,\"media\":\"",
  };
  gint bad = 0;
  Fixture f;

  begin_log (&bad);
  fixture_init (&f);
  do_publish (&f);
  for (guint i = 0; i < G_N_ELEMENTS (befores); i++) {
    g_autofree gchar *text = make_long (befores[i], "\"}");
    g_autoptr (GstMessage) message = NULL;

    janus_script_say (f.script, text, NULL);
    message = wait_message (&f);
    gst_structure_foreach (gst_message_get_structure (message), check_field,
        NULL);
    if (f.event_detail)
      check_shown (f.event_detail);
  }
  do_close (&f);
  fixture_clear (&f);
  end_log (&bad);
}

GST_END_TEST;

/* The identifier of the feed becomes a property. */
GST_START_TEST (test_long_feed_is_cut_and_cleaned)
{
  g_autofree gchar *reply = make_long ("{\"janus\":\"event\"," OWN
      ",\"transaction\":\"%T\",\"plugindata\":{\"data\":{\"videoroom\":"
      "\"joined\",\"id\":\"", "\"}}}");
  g_autofree gchar *feed = NULL;
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "join", reply);
  do_open (&f);
  g_object_get (f.rig.signaller, "feed-id", &feed, NULL);
  check_shown (feed);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_candidates_of_the_server_are_limited)
{
  g_autofree gchar *long_one = make_long ("{\"janus\":\"trickle\"," OWN
      ",\"candidate\":{\"candidate\":\"", "\"}}");
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_say (f.script, long_one, NULL);
  wait_heard (&f);
  assert_equals_int (f.n_candidates, 0);
  for (guint i = 0; i < 1000; i++)
    janus_script_say (f.script, WORD ("trickle",
            ",\"candidate\":{\"candidate\":\"candidate:1\"}"), NULL);
  wait_heard (&f);
  assert_equals_int (f.n_candidates, 128);
  /* Another answer allows further candidates. */
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  janus_script_say (f.script, WORD ("trickle",
          ",\"candidate\":{\"completed\":true}"), NULL);
  wait_heard (&f);
  assert_equals_int (f.n_candidates, 129);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static guint
count_messages (Fixture * f)
{
  GstMessage *message;
  guint n = 0;

  for (; (message = gst_bus_pop (f->bus)); n++)
    gst_message_unref (message);
  return n;
}

GST_START_TEST (test_flood_does_not_fill_the_bus)
{
  gint64 begun = g_get_monotonic_time (), seconds;
  Fixture f;
  guint n;

  fixture_init (&f);
  do_publish (&f);
  for (guint i = 0; i < 5000; i++)
    janus_script_say (f.script, WORD ("slowlink", ",\"lost\":1"), NULL);
  wait_for (&f.rig, f.server_events->len == 5000);
  seconds = (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  n = count_messages (&f);
  fail_unless (n >= 50 && n <= 50 * (seconds + 2), "%u messages", n);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Whatever the server answers to a request, the operation ends, and the session closes. */
GST_START_TEST (test_nonsense_as_answer)
{
  static const gchar *const words[] = { "info", "create", "attach", "join",
    "publish", "trickle", "configure", "unpublish", "leave", "detach", "destroy"
  };
  static const gchar *const replies[] = {
    SUCCESS (""), SUCCESS (",\"data\":7"), SUCCESS (",\"data\":{\"id\":0}"),
    SUCCESS (",\"data\":{\"id\":-1}"), SUCCESS (",\"data\":{\"id\":\"x\"}"),
    "{\"janus\":\"error\",\"transaction\":\"%T\"}",
    "{\"janus\":\"error\",\"transaction\":\"%T\",\"error\":[]}",
    FAILURE ("0", ""), FAILURE ("-5", ""), FAILURE ("458", "x"),
    FAILURE ("459", "x"), FAILURE ("403", "x"), EVENT ("", ""),
    EVENT ("\"error\":\"only\"", ""), EVENT ("", ",\"jsep\":{}"),
    EVENT ("", ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"nonsense\"}"),
    EVENT ("", ",\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\"}"),
    "{\"janus\":\"server_info\",\"transaction\":\"%T\",\"plugins\":{}}",
    "{\"janus\":\"hangup\",\"transaction\":\"%T\"," OWN "}",
    "{\"janus\":\"timeout\",\"transaction\":\"%T\"," OWN "}",
    "{\"janus\":\"detached\",\"transaction\":\"%T\"," OWN "}",
    "{\"janus\":\"\",\"transaction\":\"%T\"}", "{}", "[]", "x", "{\"janus\":1}",
  };
  const gchar *reply = replies[__i__];
  /* Adds the hangup, so that the offer does not wait for it. */
  g_autofree gchar *hung_up = g_strconcat (reply, "\n",
      WORD ("hangup", ",\"reason\":\"Close PC\""), NULL);

  fail_unless (__i__ < (gint) G_N_ELEMENTS (replies));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_auto (Op) open = { FALSE }, offer = { FALSE }, restart = { FALSE };
    g_auto (Op) again = { FALSE };
    Fixture f;

    fixture_init (&f);
    /* Some replies are no answer: those operations end by a timeout. */
    g_object_set (f.rig.signaller, "timeout", 10, "close-timeout", 10, NULL);
    for (guint times = 0; times < 2; times++)
      janus_script_add (f.script, words[i],
          g_str_equal (words[i], "unpublish") ? hung_up : reply);
    run_open (&f, &open);
    run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"), &offer);
    gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", NULL);
    run_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), &restart);
    run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr3"), &again);
    do_close (&f);
    fixture_clear (&f);
  }
}

GST_END_TEST;

#define INVALID "x\n[]\n{}\n{\"janus\":1}\n[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"
#define N_INVALID 5

/* The connection stays, also one that took over the session. */
GST_START_TEST (test_invalid_messages_do_no_harm_in_the_room)
{
  g_autofree gchar *members = g_strconcat (INVALID "\n",
      janus_script_default ("listparticipants"), NULL);
  Fixture f;

  fixture_init (&f);
  signaller_rig_count_ignored (&f.rig);
  do_open (&f);
  janus_script_say (f.script, INVALID, NULL);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
  janus_script_say (f.script, INVALID, NULL);
  wait_heard (&f);
  assert_equals_int (f.rig.lost, 0);
  assert_equals_int (f.rig.ignored, 2 * N_INVALID);

  cut (&f);
  janus_script_add (f.script, "listparticipants", members);
  do_resume (&f);
  janus_script_say (f.script, INVALID, NULL);
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  assert_equals_int (f.rig.lost, 1);
  assert_equals_int (f.rig.ignored, 4 * N_INVALID);
  assert_equals_int (f.script->connections, 2);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Whoever has the server's address now is no Janus. */
GST_START_TEST (test_invalid_answer_to_a_claim)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  janus_script_add (f.script, "claim", "hello");
  run_resume (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_DATA, "not JSON");
  do_resume (&f);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A second answer, or one to an unknown request, changes nothing. */
GST_START_TEST (test_answers_come_twice_and_to_nobody)
{
  static const gchar *const words[] = { "info", "create", "attach", "join",
    "publish"
  };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_autofree gchar *transaction =
        janus_script_last_transaction (f.script, words[i]);
    const gchar *reply = janus_script_default (words[i]);

    janus_script_say (f.script, reply, transaction);
    janus_script_say (f.script, reply, "r00000000-1");
    janus_script_say (f.script, FAILURE ("458", "x"), transaction);
    janus_script_say (f.script, FAILURE ("403", "x"), "");
  }
  wait_heard (&f);
  assert_equals_int (f.rig.lost, 0);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 0);
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "attach"), 1);
  assert_equals_int (janus_script_count (f.script, "publish"), 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* An offer that waits for the end of the former media does not wait for ever. */
GST_START_TEST (test_detached_while_unpublishing)
{
  g_auto (Op) op = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  do_publish (&f);
  janus_script_add (f.script, "unpublish", "");
  transaction = begin_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"), NULL,
      "unpublish", &op);
  janus_script_say (f.script, WORD ("detached", ""), NULL);
  wait_for (&f.rig, op.done);
  check_ok (&op);
  assert_equals_int (janus_script_count (f.script, "attach"), 2);
  check_has (janus_script_last (f.script, "publish"), "ufr2");
  /* The answer to unpublish comes late. */
  janus_script_say (f.script, EVENT ("\"videoroom\":\"event\","
          "\"unpublished\":\"ok\"", ""), transaction);
  wait_heard (&f);
  assert_equals_int (janus_script_count (f.script, "publish"), 2);
  /* That answer is about the former media: the new media is there. */
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3"));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A server that detaches the handle each time */
GST_START_TEST (test_always_detached)
{
  static const gchar reply[] = FAILURE ("459", "No such handle");
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  for (guint i = 0; i < 20; i++)
    janus_script_add (f.script, "publish", reply);
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"), &op);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "No such handle");
  fail_unless (janus_script_count (f.script, "publish") < 10);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Anything in any order: each operation ends once, the session closes, nothing is left over, and
 * the number of requests stays in proportion. */

#define STEPS 80

typedef struct
{
  Fixture f;
  GRand *rand;
  GPtrArray *ops;               /* Op */
  GCancellable *cancellable;    /* of the latest operation */
} Storm;

static Op *
storm_op (Storm * storm)
{
  Op *op = g_new0 (Op, 1);

  g_ptr_array_add (storm->ops, op);
  g_clear_object (&storm->cancellable);
  storm->cancellable = g_cancellable_new ();
  return op;
}

static void
op_free (gpointer op)
{
  op_clear (op);
  g_free (op);
}

static const gchar *
pick (Storm * storm, const gchar * const *texts, guint n)
{
  return texts[g_rand_int_range (storm->rand, 0, n)];
}

static void
server_speaks (Storm * storm)
{
  static const gchar *const texts[] = {
    WORD ("hangup", ",\"reason\":\"Close PC\""),
    WORD ("hangup", ",\"reason\":\"DTLS alert\""), WORD ("webrtcup", ""),
    WORD ("detached", ""), WORD ("ice-failed", ""),
    WORD ("media", ",\"mid\":\"video0\",\"receiving\":false"),
    WORD ("media", ",\"mid\":\"audio1\",\"receiving\":false"),
    WORD ("media", ",\"mid\":\"audio1\",\"receiving\":true"),
    WORD ("trickle", ",\"candidate\":{\"candidate\":\"candidate:1\"}"),
    WORD ("trickle", ",\"candidate\":{\"completed\":true}"),
    EVENT ("\"videoroom\":\"destroyed\"", ""), FAILURE ("458", "x"),
    FAILURE ("459", "x"), FAILURE ("403", "x"), FAILURE ("434", "x"),
    FAILURE ("471", "x"), FAILURE ("436", "x"), SUCCESS (""), EVENT ("", ""),
    "{\"janus\":\"ack\",\"transaction\":\"%T\"}",
    SUCCESS (",\"data\":{\"id\":" HANDLE "}"),
  };
  static const gchar *const rare[] = {
    "{\"janus\":\"timeout\",\"session_id\":" SESSION "}", "no json",
    EVENT ("\"leaving\":\"ok\",\"reason\":\"kicked\"", ""),
  };
  JanusScript *script = storm->f.script;
  g_autofree gchar *transaction = NULL;
  const gchar *text;

  if (!script->peer || soup_websocket_connection_get_state (script->peer) !=
      SOUP_WEBSOCKET_STATE_OPEN)
    return;
  text = g_rand_int_range (storm->rand, 0, 60) == 0 ?
      pick (storm, rare, G_N_ELEMENTS (rare)) :
      pick (storm, texts, G_N_ELEMENTS (texts));
  if (script->words->len > 0)
    transaction = janus_script_last_transaction (script,
        g_ptr_array_index (script->words, g_rand_int_range (storm->rand, 0,
                script->words->len)));
  janus_script_say (script, text, transaction);
}

/* The server does not answer the next request of one kind, or sends the answer to another. */
static void
server_errs (Storm * storm)
{
  static const gchar *const words[] = { "info", "create", "attach", "join",
    "publish", "configure", "unpublish", "trickle", "claim",
    "listparticipants", "destroy"
  };
  const gchar *word = pick (storm, words, G_N_ELEMENTS (words));
  const gchar *other = pick (storm, words, G_N_ELEMENTS (words));

  janus_script_add (storm->f.script, word, g_rand_boolean (storm->rand) ? "" :
      janus_script_default (other));
}

static void
client_acts (Storm * storm)
{
  static const gchar *const offers[] = { OFFER ("ufr1"), OFFER ("ufr2") };
  static const gchar *const ufrags[] = { "ufr1", "ufr2", "ufr3" };
  GstRcastSignaller *signaller = storm->f.rig.signaller;
  Op *op;

  switch (g_rand_int_range (storm->rand, 0, 5)) {
    case 0:
    case 1:
      op = storm_op (storm);
      gst_rcast_signaller_offer_async (signaller,
          g_rand_boolean (storm->rand) ? GST_RCAST_OFFER_INITIAL :
          GST_RCAST_OFFER_RESTART, pick (storm, offers, G_N_ELEMENTS (offers)),
          storm->cancellable, op_answered, op);
      break;
    case 2:
      op = storm_op (storm);
      gst_rcast_signaller_resume_async (signaller, storm->cancellable,
          op_resumed, op);
      break;
    case 3:
      g_cancellable_cancel (storm->cancellable);
      break;
    case 4:
      gst_rcast_signaller_add_candidate (signaller, 0, pick (storm, ufrags,
              G_N_ELEMENTS (ufrags)), "candidate:1");
      break;
  }
}

static void
network_fails (Storm * storm)
{
  if (storm->f.script->peer)
    g_io_stream_close (soup_websocket_connection_get_io_stream
        (storm->f.script->peer), NULL, NULL);
}

static gboolean
are_done (Storm * storm)
{
  for (guint i = 0; i < storm->ops->len; i++)
    if (!((Op *) g_ptr_array_index (storm->ops, i))->done)
      return FALSE;
  return TRUE;
}

static void
storm_step (Storm * storm)
{
  guint what = g_rand_int_range (storm->rand, 0, 20);

  if (what < 8)
    server_speaks (storm);
  else if (what < 11)
    server_errs (storm);
  else if (what < 19)
    client_acts (storm);
  else
    network_fails (storm);
  for (guint i = g_rand_int_range (storm->rand, 0, 30); i > 0; i--)
    g_main_context_iteration (storm->f.rig.context, FALSE);
}

GST_START_TEST (test_anything_in_any_order)
{
  Storm storm = { {{NULL}}
  };
  Fixture *f = &storm.f;
  Op *open;

  storm.rand = g_rand_new_with_seed (__i__);
  storm.ops = g_ptr_array_new_with_free_func (op_free);
  fixture_init (f);
  g_object_set (f->rig.signaller, "timeout", 30, "close-timeout", 30, NULL);
  open = storm_op (&storm);
  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, open);
  /* Some steps begin before the room is joined. */
  if (__i__ % 4 != 0)
    wait_for (&f->rig, open->done);
  for (guint i = 0; i < STEPS; i++)
    storm_step (&storm);
  wait_for (&f->rig, are_done (&storm));
  for (guint i = 0; i < storm.ops->len; i++) {
    Op *op = g_ptr_array_index (storm.ops, i);

    fail_unless (op->ok == (op->error == NULL));
  }
  /* Steps are limited: 8 tries of some requests each. */
  fail_unless (f->script->words->len < 40 * STEPS, "%u requests",
      f->script->words->len);
  do_close (f);
  fixture_clear (f);
  g_clear_object (&storm.cancellable);
  g_ptr_array_unref (storm.ops);
  g_rand_free (storm.rand);
}

GST_END_TEST;

/* libsoup reads interim responses without returning to the main loop. */
GST_START_TEST (test_nothing_but_interim_responses)
{
  g_auto (Op) op = { FALSE };
  g_autofree gchar *url = NULL;
  RawServer *raw;
  Fixture f;

  fixture_init (&f);
  raw = raw_server_new (CONTINUE_5 CONTINUE_5 CONTINUE_5 CONTINUE_5, TRUE,
      RAW_HOLD);
  url = g_strdup_printf ("janus+ws://127.0.0.1:%u/?room=1", raw->port);
  g_object_set (f.rig.signaller, "location", url, NULL);
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_DATA, "interim responses");
  do_close (&f);
  raw_server_free (raw);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_hostile_suite (void)
{
  Suite *s = suite_create ("rcastjanus-hostile");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_long_errors_are_cut_and_cleaned, 0, 2);
  tcase_add_test (tc, test_long_reports_are_cut_and_cleaned);
  tcase_add_test (tc, test_long_feed_is_cut_and_cleaned);
  tcase_add_test (tc, test_candidates_of_the_server_are_limited);
  tcase_add_test (tc, test_flood_does_not_fill_the_bus);
  tcase_add_loop_test (tc, test_nonsense_as_answer, 0, 26);
  tcase_add_test (tc, test_invalid_messages_do_no_harm_in_the_room);
  tcase_add_test (tc, test_invalid_answer_to_a_claim);
  tcase_add_test (tc, test_answers_come_twice_and_to_nobody);
  tcase_add_test (tc, test_detached_while_unpublishing);
  tcase_add_test (tc, test_always_detached);
  tcase_add_test (tc, test_nothing_but_interim_responses);
  tcase_add_loop_test (tc, test_anything_in_any_order, 0, 30);
  return s;
}

GST_CHECK_MAIN (rcastjanus_hostile);
