/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: candidates by PATCH. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

GST_START_TEST (test_candidates_wait_for_the_session_and_go_together)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  HttpRequest *request;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201,
      "Location: /s\nETag: W/\"odd tag", SDP, ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (2, "ufr1"));
  /* a repetition */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "none", CANDIDATE (3, "none"));

  http_script_add (f.script, (HttpReply) {"PATCH", 204, NULL, NULL, NULL,
      TRUE});
  http_script_release (f.script, http_script_get (f.script, 0));
  wait_for (&f.rig, f.script->requests->len == 2);
  fail_unless (op.ok);
  request = http_script_get (f.script, 1);
  assert_equals_string (http_request_header (request, "If-Match"),
      "W/\"odd tag");
  fail_unless (g_str_has_suffix (request->body, "a=ice-ufrag:ufr1\r\na=ice-pwd:"
          PWD1 "\r\na=" CANDIDATE (1, "ufr1") "\r\na=" CANDIDATE (2, "ufr1")
          "\r\n"), "%s", request->body);

  /* one PATCH at a time */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 1, "ufr1", CANDIDATE (4, "ufr1"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 1, "ufr1", NULL);
  http_script_release (f.script, request);
  wait_for (&f.rig, f.script->requests->len == 3);
  request = http_script_get (f.script, 2);
  fail_unless (g_str_has_suffix (request->body, "a=ice-pwd:" PWD1 "\r\na="
          CANDIDATE (4, "ufr1") "\r\na=end-of-candidates\r\n"), "%s",
      request->body);

  /* nothing after the end (RFC 8838) */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (5, "ufr1"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", NULL);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_script_get (f.script, 3)->method, "DELETE");
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_candidates_of_the_offer_are_not_repeated)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1
      "a=candidate:1 1 UDP 2122260223 192.0.2.1 5000 typ host\r\n"
      "a=end-of-candidates\r\n", NULL);
  fail_unless (answer != NULL);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", NULL);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_script_get (f.script, 1)->method, "DELETE");
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_servers_that_take_no_candidates_are_remembered)
{
  static const guint statuses[] = { 400, 405, 412, 415, 422, 428, 501 };
  Fixture f;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"PATCH", statuses[__i__]});
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, !signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (2, "ufr1"));
  assert_equals_int (f.rig.lost, 0);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "PATCH"), 1);

  signaller_rig_open (&f.rig);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  signaller_rig_close (&f.rig);

  /* another endpoint is another server */
  set_location (&f, "http://127.0.0.1:1/");
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

/* Goes on air with a session at @url, and returns once the server
 * counts as taking no candidates. */
static void
miss_a_session (Fixture * f, const gchar * url)
{
  g_autofree gchar *headers =
      g_strdup_printf ("Location: %s/s\nETag: \"1\"", url);
  g_auto (Op) closed = { 0, };

  http_script_add (f->script, (HttpReply) {"POST", 201, headers, SDP, ANSWER});
  go_on_air (f);
  fail_unless (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE));
  gst_rcast_signaller_add_candidate (f->rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f->rig, !signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE));
  assert_equals_int (f->rig.lost, 0);
  gst_rcast_signaller_close_async (f->rig.signaller, NULL, op_closed, &closed);
  wait_for (&f->rig, closed.done);
  fail_if (closed.ok);
}

/* Goes on air with all candidates in the offer, and checks whether the next session trickles. */
static void
go_on_air_whole (Fixture * f, gboolean then_trickles)
{
  go_on_air (f);
  fail_if (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f->rig);
  signaller_rig_open (&f->rig);
  assert_equals_int (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE),
      then_trickles);
}

/* A proxy passes on the Location of the server behind it, which rcastwhip cannot reach. The next
 * offer contains all candidates. As it may have been an outage, only the second failure lasts. */
GST_START_TEST (test_a_session_that_cannot_be_reached_takes_no_candidates)
{
  Fixture f;

  fixture_init (&f, NULL);
  miss_a_session (&f, "http://127.0.0.1:1");
  signaller_rig_open (&f.rig);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  go_on_air_whole (&f, TRUE);
  miss_a_session (&f, "http://127.0.0.1:1");
  go_on_air_whole (&f, FALSE);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_a_session_elsewhere_that_takes_candidates_is_trusted)
{
  Fixture f;

  fixture_init (&f, NULL);
  miss_a_session (&f, "http://127.0.0.1:1");
  go_on_air_whole (&f, TRUE);
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  /* One PATCH at a time: the second leaves when the first has been accepted. */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (2, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 2);
  signaller_rig_close (&f.rig);
  miss_a_session (&f, "http://127.0.0.1:1");
  go_on_air_whole (&f, TRUE);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

/* One failed try may be an outage. */
GST_START_TEST (test_a_session_elsewhere_has_several_tries)
{
  gint64 since = g_get_monotonic_time ();
  Fixture f;

  fixture_init (&f, NULL);
  miss_a_session (&f, "http://127.0.0.1:1");
  fail_unless (g_get_monotonic_time () - since >= G_USEC_PER_SEC);
  fixture_clear (&f);
}
GST_END_TEST;

static void
trickle (Fixture * f, const gchar * candidate)
{
  gst_rcast_signaller_add_candidate (f->rig.signaller, 0, "ufr1", candidate);
}

/* Loses the session at the first PATCH, though the entity tag of the answer promises PATCH. */
static void
lose_at_first_patch (Fixture * f, guint status)
{
  guint lost = f->rig.lost;

  http_script_add (f->script, (HttpReply) {"PATCH", status});
  go_on_air (f);
  trickle (f, CANDIDATE (1, "ufr1"));
  wait_for (&f->rig, f->rig.lost == lost + 1);
  assert_rcast_error (f->rig.lost_error, GST_RCAST_ERROR_SESSION_GONE, status);
}

GST_START_TEST (test_session_that_is_gone_while_it_connects_is_told_at_once)
{
  Fixture f;

  fixture_init (&f, NULL);
  lose_at_first_patch (&f, 404);
  assert_equals_int (http_script_count (f.script, "PATCH"), 1);
  signaller_rig_close (&f.rig);
  /* The next session trickles as usual. */
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_404_of_a_server_without_an_etag_is_no_lost_session)
{
  Fixture f;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /s", SDP,
      ANSWER});
  http_script_add (f.script, (HttpReply) {"PATCH", 404});
  go_on_air (&f);
  trickle (&f, CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, !signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  assert_equals_int (f.rig.lost, 0);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

/* If the entity tag promises too much, rcastwhip does not rejoin for ever. */
GST_START_TEST (test_server_that_knows_no_patch_twice_takes_none)
{
  Fixture f;

  fixture_init (&f, NULL);
  lose_at_first_patch (&f, 404);
  signaller_rig_close (&f.rig);
  http_script_add (f.script, (HttpReply) {"PATCH", 404});
  go_on_air (&f);
  trickle (&f, CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, !signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  assert_equals_int (f.rig.lost, 1);
  signaller_rig_close (&f.rig);
  signaller_rig_open (&f.rig);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_patch_that_is_taken_restores_the_trust)
{
  Fixture f;

  fixture_init (&f, NULL);
  lose_at_first_patch (&f, 404);
  signaller_rig_close (&f.rig);
  http_script_add (f.script, (HttpReply) {"PATCH", 204});
  go_on_air (&f);
  trickle (&f, CANDIDATE (1, "ufr1"));
  /* One PATCH at a time: the second leaves when the first has been accepted. */
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 2);
  trickle (&f, CANDIDATE (2, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 3);
  signaller_rig_close (&f.rig);
  lose_at_first_patch (&f, 404);
  assert_equals_int (f.rig.lost, 2);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_session_gone_is_told)
{
  Fixture f;

  fixture_init (&f, NULL);
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  http_script_add (f.script, (HttpReply) {"PATCH", 404});
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (2, "ufr1"));
  wait_for (&f.rig, f.rig.lost == 1);
  assert_rcast_error (f.rig.lost_error, GST_RCAST_ERROR_SESSION_GONE, 404);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_candidates_are_sent_again_after_trouble)
{
  Fixture f;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"PATCH", 503, "Retry-After: 0"});
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 2);
  assert_equals_string (http_script_find (f.script, "PATCH", 0)->body,
      http_script_find (f.script, "PATCH", 1)->body);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_trickle_suite (void)
{
  Suite *s = suite_create ("rcastwhip-trickle");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_candidates_wait_for_the_session_and_go_together);
  tcase_add_test (tc, test_candidates_of_the_offer_are_not_repeated);
  tcase_add_test (tc,
      test_a_session_that_cannot_be_reached_takes_no_candidates);
  tcase_add_test (tc,
      test_a_session_elsewhere_that_takes_candidates_is_trusted);
  tcase_add_test (tc, test_a_session_elsewhere_has_several_tries);
  tcase_add_loop_test (tc, test_servers_that_take_no_candidates_are_remembered,
      0, 7);
  tcase_add_test (tc, test_session_that_is_gone_while_it_connects_is_told_at_once);
  tcase_add_test (tc, test_404_of_a_server_without_an_etag_is_no_lost_session);
  tcase_add_test (tc, test_server_that_knows_no_patch_twice_takes_none);
  tcase_add_test (tc, test_patch_that_is_taken_restores_the_trust);
  tcase_add_test (tc, test_session_gone_is_told);
  tcase_add_test (tc, test_candidates_are_sent_again_after_trouble);
  return s;
}

GST_CHECK_MAIN (rcastwhip_trickle);
