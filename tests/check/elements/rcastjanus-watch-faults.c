/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus watches a publisher, and something fails. */
#include "config.h"

#include "janus-watch-rig.h"

#include <string.h>

GST_START_TEST (test_subscription_is_refused)
{
  static const struct
  {
    const gchar *word, *reply;
    GstRcastError code;
    const gchar *text;
  } rows[] = {
    {"attach", FAILURE ("461", "Attach failed"), GST_RCAST_ERROR_FAILED, "Attach failed"},
    {"attach", SUCCESS (""), GST_RCAST_ERROR_INVALID_DATA, "without a number"},
    {"subscribe", ROOM_FAILURE ("426", "No such room"), GST_RCAST_ERROR_REJECTED, "No such room"},
    {"subscribe", ROOM_FAILURE ("428", "No such feed"), GST_RCAST_ERROR_NO_STREAM, "No such feed"},
    {"subscribe", ROOM_FAILURE ("433", "Unauthorized"), GST_RCAST_ERROR_REJECTED, "Unauthorized"},
    {"subscribe", ROOM_FAILURE ("429", "Missing element"), GST_RCAST_ERROR_FAILED, "Missing element"},
    {"subscribe", ROOM_FAILURE ("499", "?"), GST_RCAST_ERROR_FAILED, "?"},
    {"subscribe", FAILURE ("459", "No such handle"), GST_RCAST_ERROR_SESSION_GONE, "No such handle"},
    {"subscribe", FAILURE ("403", "Unauthorized"), GST_RCAST_ERROR_UNAUTHORIZED, "Unauthorized"},
    {"subscribe", EVENT ("\"videoroom\":\"attached\"", ""), GST_RCAST_ERROR_INVALID_DATA, "offers nothing"},
    {"subscribe", EVENT ("\"videoroom\":\"attached\"", ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"v=0\"}"),
        GST_RCAST_ERROR_INVALID_DATA, "offers nothing"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Op) op = { FALSE };
    Watch w;

    watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
    do_open (&w.f);
    if (g_str_equal (rows[i].word, "attach")) {
      g_free (g_queue_pop_head (&w.f.script->rules));
      g_free (g_queue_pop_head (&w.f.script->rules));
    }
    janus_script_add (w.f.script, rows[i].word, rows[i].reply);
    run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
    check_error (&op, rows[i].code, rows[i].text);
    assert_equals_int (w.f.rig.lost, 0);
    if (rows[i].code == GST_RCAST_ERROR_NO_STREAM) {
      janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("9") "]"), NULL);
      wait_for (&w.f.rig, w.f.rig.streams->len);
      assert_equals_string (w.f.rig.streams->str, " published studio");
    }
    /* The next subscription succeeds, in the same session. */
    janus_script_add (w.f.script, "attach", ATTACHED (SECOND));
    do_request (&w, GST_RCAST_OFFER_INITIAL);
    do_answer (&w);
    wait_asked (&w, "create", 1);
    watch_clear (&w);
  }
}

GST_END_TEST;

/* The feed leaves while it is requested: the feed that has its name now is requested next. */
GST_START_TEST (test_feed_is_replaced_while_it_is_asked_for)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("8") "," STUDIO ("9")));
  do_open (&w.f);
  janus_script_add (w.f.script, "subscribe", ROOM_FAILURE ("428", "No such feed"));
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  check_has (janus_script_last (w.f.script, "subscribe"), "{\"feed\":8}");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_invalid_messages_do_no_harm)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  signaller_rig_count_ignored (&w.f.rig);
  do_open (&w.f);
  janus_script_say (w.f.script, "x\n{}", NULL);
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  do_answer (&w);
  janus_script_say (w.f.script, "x\n{}", NULL);
  wait_for (&w.f.rig, w.f.rig.lost || w.f.rig.ignored == 4);
  assert_equals_int (w.f.rig.lost, 0);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_session_is_gone)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  janus_script_add (w.f.script, "subscribe", FAILURE ("458", "No such session"));
  run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "No such session");
  assert_equals_int (w.f.rig.lost, 1);
  watch_clear (&w);
}

GST_END_TEST;

/* After a refused restart, the recovery goes on with a fresh connection. */
GST_START_TEST (test_restart_is_refused)
{
  static const gchar *const replies[] = {
    ROOM_FAILURE ("499", "No"), FAILURE ("459", "No such handle"),
    FAILURE ("471", "Wrong state"), EVENT ("\"configured\":\"ok\"", ""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    g_auto (Op) op = { FALSE };
    Watch w;

    watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
    do_watch (&w);
    janus_script_add (w.f.script, "configure", replies[i]);
    run_request (&w, GST_RCAST_OFFER_RESTART, &op);
    check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart");
    do_request (&w, GST_RCAST_OFFER_INITIAL);
    do_answer (&w);
    watch_clear (&w);
  }
}

GST_END_TEST;

/* Janus postpones an ICE restart while an offer waits for its answer, and
 * webrtcbin has dropped that offer. */
GST_START_TEST (test_no_restart_while_an_offer_waits)
{
  g_auto (Op) op = { FALSE }, early = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  run_request (&w, GST_RCAST_OFFER_RESTART, &early);
  check_error (&early, GST_RCAST_ERROR_NOT_SUPPORTED, "no subscription");
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  run_request (&w, GST_RCAST_OFFER_RESTART, &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "waits for its answer");
  watch_clear (&w);
}

GST_END_TEST;

/* The former subscription goes on. */
GST_START_TEST (test_fresh_connection_is_refused)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_add (w.f.script, "subscribe", ROOM_FAILURE ("499", "Not now"));
  run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
  check_error (&op, GST_RCAST_ERROR_FAILED, "Not now");
  wait_asked (&w, "detach", 1);
  check_has (janus_script_last (w.f.script, "detach"), "\"handle_id\":" SECOND);
  janus_script_add (w.f.script, "configure", EVENT ("\"configured\":\"ok\"", OFFERED));
  do_request (&w, GST_RCAST_OFFER_RESTART);
  check_has (janus_script_last (w.f.script, "configure"), "\"handle_id\":" FIRST);
  do_answer (&w);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_answer_is_refused)
{
  g_auto (Op) none = { FALSE }, bad = { FALSE }, op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  run_answer (&w, &none);
  check_error (&none, GST_RCAST_ERROR_FAILED, "no offer of the server waits");
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  gst_rcast_signaller_answer_async (w.f.rig.signaller, "none", NULL, op_agreed, &bad);
  wait_for (&w.f.rig, bad.done);
  fail_if (bad.ok);
  wait_asked (&w, "start", 0);
  janus_script_add (w.f.script, "start", FAILURE ("465", "Error processing SDP"));
  run_answer (&w, &op);
  check_error (&op, GST_RCAST_ERROR_NOT_ACCEPTABLE, "Error processing SDP");
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  do_answer (&w);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_media_ends_at_the_server)
{
  static const gchar *const words[] = {
    OF (FIRST, "hangup", ",\"reason\":\"ICE failed\""),
    OF (FIRST, "detached", ""),
    OF (HANDLE, "detached", ""),
    SAID (HANDLE, "\"videoroom\":\"destroyed\",\"room\":1234", ""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    Watch w;

    watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
    do_watch (&w);
    janus_script_say (w.f.script, words[i], NULL);
    wait_for (&w.f.rig, w.f.server_events->len);
    check_event (&w.f, 0, GST_RCAST_SERVER_HANGUP);
    janus_script_add (w.f.script, "join", MEMBER_JOINED (STUDIO ("9")));
    do_request (&w, GST_RCAST_OFFER_INITIAL);
    do_answer (&w);
    assert_equals_int (w.f.rig.lost, 0);
    watch_clear (&w);
  }
}

GST_END_TEST;

/* rcastjanus joins again as a member, and the publisher has left meanwhile. */
GST_START_TEST (test_member_comes_back_to_an_empty_room)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_say (w.f.script, OF (HANDLE, "detached", ""), NULL);
  wait_for (&w.f.rig, w.f.server_events->len);
  janus_script_add (w.f.script, "join", MEMBER_JOINED (""));
  run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
  check_error (&op, GST_RCAST_ERROR_NO_STREAM, "nobody publishes");
  wait_asked (&w, "join", 2);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_kicked_is_the_end)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_say (w.f.script, HEARD ("\"leaving\":\"ok\",\"reason\":\"kicked\""), NULL);
  wait_for (&w.f.rig, w.f.server_events->len);
  check_event (&w.f, 0, GST_RCAST_SERVER_EVICTED);
  run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
  fail_if (op.ok);
  watch_clear (&w);
}

GST_END_TEST;

/* The feed leaves at the very moment of the update. */
GST_START_TEST (test_update_is_refused)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_add (w.f.script, "update", ROOM_FAILURE ("428", "No such feed"));
  janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("10") "]"), NULL);
  wait_for (&w.f.rig, w.f.server_events->len);
  check_event (&w.f, 0, GST_RCAST_SERVER_HANGUP);
  check_has (w.f.event_detail, "No such feed");
  watch_clear (&w);
}

GST_END_TEST;

typedef enum
{
  CUT_ATTACH,
  CUT_SUBSCRIBE,
  CUT_OFFERED,
  CUT_START,
  CUT_RESTART,
  CUT_UPDATE,
  N_CUTS
} Cut;

/* Waits until the request of @cut hangs, or until the server has received it. */
static void
reach (Watch * w, Cut cut, Op * op)
{
  static const gchar *const words[] = { "attach", "subscribe", NULL, "start", "configure", "update" };
  GstRcastSignaller *janus = w->f.rig.signaller;

  if (cut == CUT_ATTACH) {
    g_free (g_queue_pop_head (&w->f.script->rules));
    g_free (g_queue_pop_head (&w->f.script->rules));
  }
  if (words[cut])
    janus_script_add (w->f.script, words[cut], "");
  if (cut >= CUT_RESTART)
    do_answer (w);
  if (cut == CUT_UPDATE)
    janus_script_say (w->f.script, HEARD ("\"publishers\":[" STUDIO ("10") "]"), NULL);
  else if (cut == CUT_START)
    gst_rcast_signaller_answer_async (janus, OFFER ("ufr1"), NULL, op_agreed, op);
  else if (cut != CUT_OFFERED)
    gst_rcast_signaller_request_offer_async (janus, cut == CUT_RESTART ?
        GST_RCAST_OFFER_RESTART : GST_RCAST_OFFER_INITIAL, NULL, op_offered, op);
  if (words[cut])
    wait_for (&w->f.rig, janus_script_count (w->f.script, words[cut]) == (cut == CUT_ATTACH ? 2 : 1));
}

/* The server may still wait for the answer to an offer. A fresh
 * connection does not need that answer. */
GST_START_TEST (test_connection_is_cut)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  if (__i__ >= CUT_OFFERED)
    do_request (&w, GST_RCAST_OFFER_INITIAL);
  reach (&w, __i__, &op);
  cut (&w.f);
  if (__i__ != CUT_OFFERED && __i__ != CUT_UPDATE) {
    wait_for (&w.f.rig, op.done);
    check_error (&op, GST_RCAST_ERROR_NETWORK, "");
  }
  janus_script_add (w.f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[{\"id\":" FEED
              "},{\"id\":9,\"display\":\"studio\",\"publisher\":true}]")));
  run_resume (&w.f, &again);
  check_ok (&again);
  signaller_rig_settle (&w.f.rig);
  if (__i__ != CUT_ATTACH)
    check_event (&w.f, 0, GST_RCAST_SERVER_HANGUP);
  janus_script_add (w.f.script, "attach", ATTACHED (SECOND));
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  do_answer (&w);
  wait_asked (&w, "create", 1);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_claim_fails)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  cut (&w.f);
  janus_script_add (w.f.script, "claim", FAILURE ("458", "No such session"));
  run_resume (&w.f, &op);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "No such session");
  do_close (&w.f);
  janus_script_add (w.f.script, "join", MEMBER_JOINED (STUDIO ("9")));
  janus_script_add (w.f.script, "attach", ATTACHED (HANDLE));
  g_free (g_queue_pop_head (&w.f.script->rules));
  janus_script_add (w.f.script, "attach", ATTACHED (FIRST));
  do_watch (&w);
  watch_clear (&w);
}

GST_END_TEST;

/* A cancelled request leaves nothing behind. */
GST_START_TEST (test_request_is_cancelled)
{
  static const gchar *const words[] = { "attach", "subscribe", "start" };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree gchar *transaction = NULL;
  g_auto (Op) op = { FALSE };
  const gchar *word = words[__i__];
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  if (__i__ == 0)
    g_free (g_queue_pop_head (&w.f.script->rules));
  if (__i__ == 0)
    g_free (g_queue_pop_head (&w.f.script->rules));
  janus_script_add (w.f.script, word, "");
  if (__i__ == 2) {
    do_request (&w, GST_RCAST_OFFER_INITIAL);
    gst_rcast_signaller_answer_async (w.f.rig.signaller, OFFER ("ufr1"), cancellable, op_agreed, &op);
  } else {
    gst_rcast_signaller_request_offer_async (w.f.rig.signaller, GST_RCAST_OFFER_INITIAL, cancellable,
        op_offered, &op);
  }
  wait_for (&w.f.rig, janus_script_count (w.f.script, word) == (__i__ ? 1 : 2));
  transaction = janus_script_last_transaction (w.f.script, word);
  g_cancellable_cancel (cancellable);
  wait_for (&w.f.rig, op.done);
  assert_cancelled (op.error);
  janus_script_say (w.f.script, __i__ == 0 ? ATTACHED (FIRST) : janus_script_default (word), transaction);
  if (__i__ < 2)
    wait_for (&w.f.rig, janus_script_count (w.f.script, "detach") == 1);
  janus_script_add (w.f.script, "attach", ATTACHED (SECOND));
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  do_answer (&w);
  watch_clear (&w);
}

GST_END_TEST;

/* A receiver makes no offer, and a publisher gets none. */
GST_START_TEST (test_wrong_way)
{
  g_auto (Op) op = { FALSE }, other = { FALSE };
  Fixture f;
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  run_offer (&w.f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "Janus offers what is received");
  watch_clear (&w);

  fixture_init (&f);
  do_open (&f);
  gst_rcast_signaller_request_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, NULL, op_offered, &other);
  wait_for (&f.rig, other.done);
  check_error (&other, GST_RCAST_ERROR_NOT_SUPPORTED, "no offer");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Publishers without a number, names that are none, and useless offers */
GST_START_TEST (test_nonsense)
{
  g_autoptr (GString) crowd = g_string_new (NULL);
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (crowd, "%s{\"id\":%u,\"display\":\"studio\"}", i ? "," : "", i + 100);
  g_string_prepend (crowd, "{\"janus\":\"event\",\"session_id\":" SESSION ",\"sender\":" HANDLE
      ",\"plugindata\":{\"data\":{\"publishers\":[");
  g_string_append (crowd, "]}}}");
  janus_script_say (w.f.script, HEARD ("\"publishers\":[null,1,{},{\"display\":\"studio\"}]") "\n"
      HEARD ("\"publishers\":7,\"leaving\":{},\"unpublished\":null") "\n"
      SAID (HANDLE, "\"videoroom\":\"updated\"", OFFERED) "\n"
      SAID (FIRST, "\"videoroom\":\"updated\"", OFFERED), NULL);
  janus_script_say (w.f.script, crowd->str, NULL);
  wait_heard (&w.f);
  assert_equals_int (w.offers, 0);
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  check_has (janus_script_last (w.f.script, "subscribe"), "{\"feed\":3099}");
  do_answer (&w);
  watch_clear (&w);
}

GST_END_TEST;

static Suite *
rcastjanus_watch_faults_suite (void)
{
  Suite *s = suite_create ("rcastjanus-watch-faults");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_subscription_is_refused);
  tcase_add_test (tc, test_feed_is_replaced_while_it_is_asked_for);
  tcase_add_test (tc, test_invalid_messages_do_no_harm);
  tcase_add_test (tc, test_session_is_gone);
  tcase_add_test (tc, test_restart_is_refused);
  tcase_add_test (tc, test_no_restart_while_an_offer_waits);
  tcase_add_test (tc, test_fresh_connection_is_refused);
  tcase_add_test (tc, test_answer_is_refused);
  tcase_add_test (tc, test_media_ends_at_the_server);
  tcase_add_test (tc, test_member_comes_back_to_an_empty_room);
  tcase_add_test (tc, test_kicked_is_the_end);
  tcase_add_test (tc, test_update_is_refused);
  tcase_add_loop_test (tc, test_connection_is_cut, 0, N_CUTS);
  tcase_add_test (tc, test_claim_fails);
  tcase_add_loop_test (tc, test_request_is_cancelled, 0, 3);
  tcase_add_test (tc, test_wrong_way);
  tcase_add_test (tc, test_nonsense);
  return s;
}

GST_CHECK_MAIN (rcastjanus_watch_faults);
