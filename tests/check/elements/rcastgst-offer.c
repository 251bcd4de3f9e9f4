/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: its offers to a consumer, the answers, and candidates both ways. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"

static void
offer (GstsigRig * f, GstRcastOfferKind kind, const gchar * sdp, Op * op)
{
  gst_rcast_signaller_offer_async (f->rig.signaller, kind, sdp, NULL,
      op_answered, op);
  signaller_rig_settle (&f->rig);
}

GST_START_TEST (test_offer_and_answer)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  offer (&f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), &op);
  wait_for (&f.rig, f.texts->len == 2);
  fail_unless (g_str_has_prefix (g_ptr_array_index (f.texts, 1),
          "{\"type\":\"peer\",\"sessionId\":\"s1\",\"sdp\":{\"type\":\"offer\","
          "\"sdp\":\"v=0\\u000d\\u000a"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok && g_str_has_prefix (op.answer, "v=0\r\n"));
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Candidates follow their own offer, and no other. The protocol has no end of candidates. */
GST_START_TEST (test_our_candidates)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u1",
      "candidate:1 ufrag u1");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u0",
      "candidate:0 ufrag u0");
  signaller_rig_settle (&f.rig);
  assert_equals_int (f.texts->len, 1);
  offer (&f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), &op);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u1", NULL);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u1",
      "candidate:2 ufrag u1");
  gstsig_rig_expect (&f, 3, GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":"
          "\"candidate:1 ufrag u1\",\"sdpMLineIndex\":0}"));
  gstsig_rig_expect (&f, 4, GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":"
          "\"candidate:2 ufrag u1\",\"sdpMLineIndex\":0}"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  wait_for (&f.rig, op.done);
  assert_equals_int (f.texts->len, 4);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

#define ICE(session, candidate, mline) GSTSIG_PEER (session, \
    "\"ice\":{\"candidate\":\"" candidate "\",\"sdpMLineIndex\":" mline "}")

GST_START_TEST (test_candidates_of_the_consumer_wait_for_its_answer)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  offer (&f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), &op);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_say (&f, ICE ("s1", "candidate:1", "0"));
  gstsig_rig_say (&f, ICE ("other", "candidate:2", "0"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  gstsig_rig_say (&f, ICE ("s1", "candidate:3", "1"));
  gstsig_rig_say (&f, ICE ("s1", "", "0"));
  wait_for (&f.rig, op.done);
  wait_for (&f.rig, strstr (f.said->str, "-;"));
  assert_equals_string (f.said->str, "0 candidate:1;1 candidate:3;0 -;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A consumer may send a limited number of candidates. */
GST_START_TEST (test_candidates_of_the_consumer_are_limited)
{
  guint n = 0;
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  for (guint i = 0; i < 200; i++)
    gstsig_rig_say (&f, ICE ("s1", "candidate:1", "0"));
  gstsig_rig_start (&f, "c2", "s2");
  wait_for (&f.rig, f.texts->len == 4);
  for (const gchar * p = f.said->str; *p; p++)
    n += *p == ';';
  assert_equals_int (n, 128);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *text;
  GstRcastError code;
  const gchar *words;
} refusals[] = {
  {GSTSIG_ANSWERED ("0", "r1"), GST_RCAST_ERROR_FAILED,
      "refuses m-section 0 (video)"},
  {GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"answer\",\"sdp\":\"\"}"),
      GST_RCAST_ERROR_INVALID_DATA, "no SDP"},
  {GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"answer\",\"sdp\":\"garbage\"}"),
      GST_RCAST_ERROR_INVALID_DATA, "no SDP"},
};

/* A refusal ends the session with this consumer, and nothing else. @late:
 * messages posted before the refusal */
static void
check_refused (GstsigRig * f, Op * op, const gchar * late)
{
  g_auto (Op) next = { FALSE };
  g_autofree gchar *why = NULL, *posted = NULL;

  wait_for (&f->rig, op->done);
  why = g_strdup_printf (GSTSIG_END_WITH ("s1", "%s"), op->error->message);
  gstsig_rig_expect (f, 3, why);
  gstsig_rig_expect (f, 4, GSTSIG_END ("s1"));
  posted = g_strdup_printf ("waiting -;consumer-joined c1;%s"
      "consumer-refused c1;waiting -;", late);
  assert_equals_string (gstsig_rig_posted (f), posted);
  assert_equals_string (f->events->str, "waiting;waiting;");
  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, &next);
  signaller_rig_settle (&f->rig);
  fail_if (next.done);
  gstsig_rig_start (f, "c2", "s2");
  wait_for (&f->rig, next.done);
  fail_unless (next.ok);
  assert_equals_int (f->connections, 1);
  assert_equals_int (f->rig.lost, 0);
}

GST_START_TEST (test_refused_offer)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  offer (&f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), &op);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_say (&f, refusals[__i__].text);
  check_refused (&f, &op, "");
  assert_rcast_error (op.error, refusals[__i__].code, 0);
  fail_unless (strstr (op.error->message, refusals[__i__].words) != NULL, "%s",
      op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Sends an offer whose answer is late after 500 ms. */
static void
offer_for_a_while (GstsigRig * f, Op * op)
{
  gstsig_rig_init (f);
  g_object_set (f->rig.signaller, "timeout", 500, NULL);
  gstsig_rig_serve (f);
  offer (f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), op);
}

GST_START_TEST (test_unanswered_offer)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  offer_for_a_while (&f, &op);
  check_refused (&f, &op, "consumer-late c1;");
  assert_rcast_error (op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fail_unless (strstr (op.error->message, "within 1250 ms") != NULL, "%s",
      op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* No other consumer calls: a late answer is as good as an early one. */
GST_START_TEST (test_a_late_answer)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  offer_for_a_while (&f, &op);
  wait_for (&f.rig, strstr (gstsig_rig_posted (&f), "consumer-late c1;"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
  /* Another consumer that calls from now on is refused as usual. */
  gstsig_rig_start (&f, "c2", "s2");
  gstsig_rig_expect (&f, 3, GSTSIG_END_WITH ("s2",
          "busy: this producer serves one consumer"));
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A consumer that has not answered in time does not keep out others. */
GST_START_TEST (test_a_late_consumer_gives_way)
{
  g_auto (Op) op = { FALSE }, next = { FALSE };
  GstsigRig f;

  offer_for_a_while (&f, &op);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_start (&f, "c2", "s2");
  gstsig_rig_expect (&f, 3, GSTSIG_END_WITH ("s2",
          "busy: this producer serves one consumer"));
  wait_for (&f.rig, strstr (gstsig_rig_posted (&f), "consumer-late c1;"));
  gstsig_rig_start (&f, "c3", "s3");
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fail_unless (strstr (gstsig_rig_posted (&f), "consumer-refused c1;waiting -;"
          "consumer-joined c3;") != NULL, "%s", gstsig_rig_posted (&f));
  assert_equals_string (f.events->str, "waiting;waiting;");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &next);
  wait_for (&f.rig, next.done);
  fail_unless (next.ok, "%s", next.error ? next.error->message : "");
  assert_equals_int (f.connections, 1);
  assert_equals_int (f.rig.lost, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static void
close_at_once (GObject * object, GAsyncResult * result, gpointer op)
{
  op_answered (object, result, op);
  gst_rcast_signaller_close_async (GST_RCAST_SIGNALLER (object), NULL, NULL,
      NULL);
}

/* The owner closes the signaller when it hears that the first consumer gave way. */
GST_START_TEST (test_nobody_is_served_after_a_close)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  g_object_set (f.rig.signaller, "timeout", 500, NULL);
  gstsig_rig_serve (&f);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      GSTSIG_OFFER ("u1"), NULL, close_at_once, &op);
  wait_for (&f.rig, strstr (gstsig_rig_posted (&f), "consumer-late c1;"));
  gstsig_rig_start (&f, "c2", "s2");
  wait_for (&f.rig, op.done);
  signaller_rig_settle (&f.rig);
  fail_if (strstr (gstsig_rig_posted (&f), "consumer-joined c2;"));
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Answers come in the order of the offers. If a consumer ignores the replaced offer, its only
 * answer is taken for that one. The second offer ends all the same, with a timeout. */
GST_START_TEST (test_two_offers_and_one_answer)
{
  g_auto (Op) replaced = { FALSE }, last = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  g_object_set (f.rig.signaller, "timeout", 1000, NULL);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &replaced);
  wait_for (&f.rig, f.texts->len == 3);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u3"), &last);
  wait_for (&f.rig, replaced.done && f.texts->len == 4);
  fail_unless (g_error_matches (replaced.error, G_IO_ERROR,
          G_IO_ERROR_CANCELLED));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r3"));
  wait_for (&f.rig, last.done);
  assert_rcast_error (last.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fail_unless (strstr (last.error->message, "no answer of the consumer to the "
          "ICE restart within 1000 ms") != NULL, "%s", last.error->message);
  /* The consumer gets no other restart, and its session goes on. */
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  assert_equals_int (f.rig.lost, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

#define ERROR_OF_THE_SERVER "{\"type\":\"error\",\"details\":\"cannot forward\"}"

/* The server's error may be about another peer. It is quoted where nothing else says why. */
GST_START_TEST (test_an_error_of_the_server_ends_nothing)
{
  g_auto (Op) open = { FALSE }, answered = { FALSE }, silent = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &open);
  wait_for (&f.rig, f.texts->len == 1);
  gstsig_rig_say (&f, ERROR_OF_THE_SERVER);
  gstsig_rig_start (&f, "c1", "s1");
  wait_for (&f.rig, open.done);
  fail_unless (open.ok, "%s", open.error ? open.error->message : "");
  offer (&f, GST_RCAST_OFFER_INITIAL, GSTSIG_OFFER ("u1"), &answered);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_say (&f, ERROR_OF_THE_SERVER);
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  wait_for (&f.rig, answered.done);
  fail_unless (answered.ok, "%s",
      answered.error ? answered.error->message : "");
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &silent);
  wait_for (&f.rig, f.texts->len == 3);
  gstsig_rig_say (&f, ERROR_OF_THE_SERVER);
  wait_for (&f.rig, silent.done);
  assert_rcast_error (silent.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fail_unless (strstr (silent.error->message,
          "within 5000 ms; the server says: cannot forward") != NULL, "%s",
      silent.error->message);
  assert_equals_int (f.rig.lost, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_ice_restart)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &op);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u2",
      "candidate:1 ufrag u2");
  wait_for (&f.rig, f.texts->len == 4);
  fail_unless (strstr (g_ptr_array_index (f.texts, 2), "ice-ufrag:u2"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r2"));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* What one consumer cannot do, the next one may. */
static void
check_no_restart (GstsigRig * f, Op * op, GstRcastError code)
{
  wait_for (&f->rig, op->done);
  assert_rcast_error (op->error, code, 0);
  fail_if (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  fail_unless (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE));
  gstsig_rig_say (f, "{\"type\":\"endSession\",\"sessionId\":\"s1\"}");
  gstsig_rig_start (f, "c2", "s2");
  wait_for (&f->rig, signaller_rig_has (&f->rig,
          GST_RCAST_SIGNALLER_ICE_RESTART));
}

GST_START_TEST (test_a_consumer_that_keeps_its_credentials_has_not_restarted)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &op);
  wait_for (&f.rig, f.texts->len == 3);
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r1"));
  check_no_restart (&f, &op, GST_RCAST_ERROR_NOT_SUPPORTED);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The session goes on: the owner decides. */
GST_START_TEST (test_a_consumer_that_refuses_a_restart)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &op);
  wait_for (&f.rig, f.texts->len == 3);
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("0", "r2"));
  wait_for (&f.rig, op.done);
  assert_equals_string (f.events->str, "waiting;");
  check_no_restart (&f, &op, GST_RCAST_ERROR_FAILED);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_consumer_that_does_not_answer_a_restart)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  signaller_rig_close (&f.rig);
  g_object_set (f.rig.signaller, "timeout", 5000, NULL);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &op);
  gstsig_rig_say (&f, GSTSIG_PEER ("s1", "\"sdp\":7"));
  check_no_restart (&f, &op, GST_RCAST_ERROR_TIMEOUT);
  /* The error also says why, as far as is known. */
  fail_unless (strstr (op.error->message, "ICE restart within 5000 ms; a message "
          "\"peer\" of the server has neither sdp nor ice") != NULL, "%s",
      op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_newer_offer_takes_the_place)
{
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u2"), &older);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u3"), &newer);
  wait_for (&f.rig, older.done);
  assert_cancelled (older.error);
  wait_for (&f.rig, f.texts->len == 4);
  /* A consumer answers both offers, one after the other; its candidates follow each answer. */
  gstsig_rig_say (&f, ICE ("s1", "candidate:1", "0"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r2"));
  gstsig_rig_say (&f, ICE ("s1", "candidate:2", "0"));
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r3"));
  wait_for (&f.rig, newer.done);
  fail_unless (newer.ok && strstr (newer.answer, "ice-ufrag:r3"), "%s",
      newer.answer);
  wait_for (&f.rig, *f.said->str);
  assert_equals_string (f.said->str, "0 candidate:2;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The offer was cancelled; the next one gets an answer of its own. */
GST_START_TEST (test_an_answer_to_an_offer_that_is_gone)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) gone = { FALSE }, next = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_RESTART,
      GSTSIG_OFFER ("u2"), cancellable, op_answered, &gone);
  wait_for (&f.rig, f.texts->len == 3);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, gone.done);
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r2"));
  /* The reply to this shows that the answer was read. */
  gstsig_rig_start (&f, "c2", "s2");
  wait_for (&f.rig, f.texts->len > 3);
  offer (&f, GST_RCAST_OFFER_RESTART, GSTSIG_OFFER ("u3"), &next);
  gstsig_rig_say (&f, GSTSIG_ANSWERED ("9", "r3"));
  wait_for (&f.rig, next.done);
  fail_unless (next.ok && strstr (next.answer, "ice-ufrag:r3"), "%s",
      next.answer);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static Suite *
rcastgst_offer_suite (void)
{
  Suite *s = suite_create ("rcastgst-offer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, test_offer_and_answer);
  tcase_add_test (tc, test_our_candidates);
  tcase_add_test (tc, test_candidates_of_the_consumer_wait_for_its_answer);
  tcase_add_test (tc, test_candidates_of_the_consumer_are_limited);
  tcase_add_loop_test (tc, test_refused_offer, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_unanswered_offer);
  tcase_add_test (tc, test_a_late_answer);
  tcase_add_test (tc, test_a_late_consumer_gives_way);
  tcase_add_test (tc, test_nobody_is_served_after_a_close);
  tcase_add_test (tc, test_two_offers_and_one_answer);
  tcase_add_test (tc, test_an_error_of_the_server_ends_nothing);
  tcase_add_test (tc, test_ice_restart);
  tcase_add_test (tc,
      test_a_consumer_that_keeps_its_credentials_has_not_restarted);
  tcase_add_test (tc, test_a_consumer_that_refuses_a_restart);
  tcase_add_test (tc, test_a_consumer_that_does_not_answer_a_restart);
  tcase_add_test (tc, test_a_newer_offer_takes_the_place);
  tcase_add_test (tc, test_an_answer_to_an_offer_that_is_gone);
  return s;
}

GST_CHECK_MAIN (rcastgst_offer);
