/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhep, where it differs from rcastwhip: missing streams, and servers that make the offer. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

#define SERVER_MEDIA(kind, pt, mid, setup) \
  "m=" kind " 9 UDP/TLS/RTP/SAVPF " pt "\r\nc=IN IP4 0.0.0.0\r\n" \
  "a=mid:" mid "\r\na=ice-ufrag:srv1\r\na=ice-pwd:" SERVER_PWD "\r\n" FP \
  "a=setup:" setup "\r\na=sendonly\r\n"
#define COUNTER ANSWER_HEAD SERVER_MEDIA ("video", "96", "0", "actpass") \
  SERVER_MEDIA ("audio", "111", "1", "actpass")
#define COUNTERED(headers) {"POST", 406, "Location: /session/7\n" headers, \
  SDP, COUNTER}

/* The signaller does not look into the answer that it sends. */
#define OUR_ANSWER OFFER ("ufr2", PWD2)

static GError *
offer_in_vain (Fixture * f)
{
  GError *error = NULL;

  fail_unless (signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER1,
          &error) == NULL);
  return error;
}

GST_START_TEST (test_post_patch_delete_as_in_whip)
{
  Fixture f;
  g_autofree gchar *answer = NULL;
  HttpRequest *request;

  fixture_init_whep (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, NULL);
  assert_equals_string (answer, ANSWER);
  assert_equals_int (gst_rcast_signaller_get_capabilities (f.rig.signaller),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART
      | GST_RCAST_SIGNALLER_RENEGOTIATE);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
      CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  g_clear_pointer (&answer, g_free);
  http_script_add (f.script, (HttpReply) RESTARTED);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer && strstr (answer, "a=ice-ufrag:srv2") != NULL);
  signaller_rig_close (&f.rig);

  request = http_script_find (f.script, "POST", 0);
  assert_equals_string (request->target, "/whep/demo");
  assert_equals_string (request->body, OFFER1);
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  assert_equals_string (http_request_header (http_script_find (f.script,
              "PATCH", 1), "If-Match"), "*");
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  assert_equals_string (f.rig.sessions->str, " opened /session/1?key=a%2Fb "
      "leaving /session/1?key=a%2Fb ended /session/1?key=a%2Fb");
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  guint status;
  const gchar *headers;
  GstRcastError want;
  GstClockTime want_retry_after;
} status_rows[] = {
  {404, NULL, GST_RCAST_ERROR_NO_STREAM, GST_CLOCK_TIME_NONE},
  {409, "Retry-After: 3", GST_RCAST_ERROR_NO_STREAM, 3 * GST_SECOND},
  {401, NULL, GST_RCAST_ERROR_UNAUTHORIZED, GST_CLOCK_TIME_NONE},
  {403, NULL, GST_RCAST_ERROR_REJECTED, GST_CLOCK_TIME_NONE},
  {406, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE, GST_CLOCK_TIME_NONE},
  {400, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE, GST_CLOCK_TIME_NONE},
  {405, NULL, GST_RCAST_ERROR_REJECTED, GST_CLOCK_TIME_NONE},
  {410, NULL, GST_RCAST_ERROR_REJECTED, GST_CLOCK_TIME_NONE},
  {500, NULL, GST_RCAST_ERROR_FAILED, GST_CLOCK_TIME_NONE},
  {503, "Retry-After: 5", GST_RCAST_ERROR_BUSY, 5 * GST_SECOND},
};

GST_START_TEST (test_refusals_say_what_to_do)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", status_rows[__i__].status,
      status_rows[__i__].headers, "text/plain", "so it is"});
  signaller_rig_open (&f.rig);
  error = offer_in_vain (&f);
  assert_rcast_error (error, status_rows[__i__].want,
      status_rows[__i__].status);
  assert_equals_uint64 (gst_rcast_error_get_retry_after (error),
      status_rows[__i__].want_retry_after);
  fail_unless (strstr (error->message, "so it is") != NULL, "%s",
      error->message);
  signaller_rig_close (&f.rig);
  assert_equals_int (f.script->requests->len, 1);
  fixture_clear (&f);
}
GST_END_TEST;

/* While nobody publishes, the former session is still useful: its media may come back. */
GST_START_TEST (test_a_missing_stream_ends_no_session)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init_whep (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", 409});
  error = offer_in_vain (&f);
  assert_rcast_error (error, GST_RCAST_ERROR_NO_STREAM, 409);
  assert_equals_int (http_script_count (f.script, "DELETE"), 0);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

/* The server makes the offer */

static void
take_counter (Fixture * f)
{
  g_auto (Op) op = { 0, };
  g_autoptr (GError) error = offer_in_vain (f);

  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_COUNTER_OFFER), "%s", error->message);
  fail_unless (signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  gst_rcast_signaller_request_offer_async (f->rig.signaller,
      GST_RCAST_OFFER_INITIAL, NULL, op_offered, &op);
  wait_for (&f->rig, op.done);
  assert_equals_string (op.answer, COUNTER);
}

static void
start_answer (Fixture * f, GCancellable * cancellable, Op * op)
{
  gst_rcast_signaller_answer_async (f->rig.signaller, OUR_ANSWER, cancellable,
      op_agreed, op);
}

static const HttpReply counter_rows[] = {
  COUNTERED ("ETag: \"tag-1\""),
  /* as in the draft of 2022 */
  {"POST", 201, "Location: /session/7\nETag: \"tag-1\"", SDP, COUNTER},
};

GST_START_TEST (test_an_offer_of_the_server_is_answered_by_patch)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_auto (GStrv) servers = NULL;
  g_autofree gchar *headers =
      g_strconcat (counter_rows[__i__].headers,
      "\nLink: <stun:stun.example>; rel=\"ice-server\"", NULL);
  HttpReply reply = counter_rows[__i__];
  HttpRequest *request;

  fixture_init_whep (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  reply.headers = headers;
  http_script_add (f.script, reply);
  signaller_rig_open (&f.rig);
  take_counter (&f);
  servers = gst_rcast_signaller_dup_ice_servers (f.rig.signaller);
  assert_equals_int (g_strv_length (servers), 1);

  /* Candidates that are gathered early wait for the answer. */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2",
      CANDIDATE (1, "ufr2"));
  start_answer (&f, NULL, &op);
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  request = http_script_find (f.script, "PATCH", 0);
  assert_equals_string (request->target, "/session/7");
  assert_equals_string (request->body, OUR_ANSWER);
  assert_equals_string (http_request_header (request, "Content-Type"), SDP);
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);

  /* From now on, all is as after a server's answer, except that there is no ICE restart. */
  assert_equals_int (gst_rcast_signaller_get_capabilities (f.rig.signaller),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_RENEGOTIATE);
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 2);
  request = http_script_find (f.script, "PATCH", 1);
  assert_equals_string (http_request_header (request, "Content-Type"),
      SDPFRAG);
  assert_equals_string (http_request_header (request, "If-Match"),
      "\"tag-1\"");
  fail_unless (strstr (request->body, "a=ice-ufrag:ufr2\r\n") != NULL);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/session/7");
  assert_equals_string (f.rig.sessions->str,
      " opened /session/7 leaving /session/7 ended /session/7");
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *name, *headers, *body;
  guint ended;                  /* sessions opened in vain */
} bad_rows[] = {
  {"nowhere to answer", NULL, COUNTER, 0},
  {"an answer in clear text", "Location: ftp://127.0.0.1/s", COUNTER, 0},
  {"no description", "Location: /session/7", "<html>", 1},
  {"no ICE", "Location: /session/7", ANSWER_HEAD "m=video 9 A 96\r\n" FP, 1},
};

GST_START_TEST (test_an_offer_of_the_server_that_is_none)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 406, bad_rows[__i__].headers,
      SDP, bad_rows[__i__].body});
  signaller_rig_open (&f.rig);
  error = offer_in_vain (&f);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_DATA), "%s: %s", bad_rows[__i__].name,
      error->message);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  wait_for (&f.rig,
      http_script_count (f.script, "DELETE") == bad_rows[__i__].ended);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"),
      bad_rows[__i__].ended);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  guint status;
  GstRcastError want;
} refusal_rows[] = {
  {400, GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {404, GST_RCAST_ERROR_SESSION_GONE},
  {410, GST_RCAST_ERROR_SESSION_GONE},
  {422, GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {500, GST_RCAST_ERROR_FAILED},
  {503, GST_RCAST_ERROR_BUSY},
};

GST_START_TEST (test_an_answer_that_is_refused_ends_the_session)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) COUNTERED (""));
  http_script_add (f.script, (HttpReply) {"PATCH",
      refusal_rows[__i__].status});
  signaller_rig_open (&f.rig);
  take_counter (&f);
  start_answer (&f, NULL, &op);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, refusal_rows[__i__].want,
      refusal_rows[__i__].status);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

/* How a server's offer can end without an answer */
typedef enum
{
  LEFT_CLOSE,
  LEFT_NEW_OFFER,
  LEFT_CANCEL,
  LEFT_CLOSE_WHILE_OUT,
  LEFT_NEW_OFFER_WHILE_OUT,
  N_LEFT,
} Left;

GST_START_TEST (test_an_offer_that_is_left_is_ended)
{
  Fixture f;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { 0, };
  g_autofree gchar *answer = NULL;
  Left left = __i__;
  gboolean out = left >= LEFT_CANCEL;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) COUNTERED (""));
  http_script_add (f.script, (HttpReply) {"PATCH", 204, NULL, NULL, NULL,
      TRUE});
  signaller_rig_open (&f.rig);
  take_counter (&f);
  if (out) {
    start_answer (&f, cancellable, &op);
    wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  }
  if (left == LEFT_CANCEL)
    g_cancellable_cancel (cancellable);
  if (left == LEFT_NEW_OFFER || left == LEFT_NEW_OFFER_WHILE_OUT) {
    answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1,
        NULL);
    fail_unless (answer != NULL);
  }
  if (left != LEFT_CLOSE && left != LEFT_CLOSE_WHILE_OUT) {
    wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
    assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
        "/session/7");
  }
  signaller_rig_close (&f.rig);
  if (out) {
    wait_for (&f.rig, op.done);
    assert_cancelled (op.error);
    http_script_release (f.script, http_script_find (f.script, "PATCH", 0));
  }
  assert_equals_int (http_script_count (f.script, "DELETE"), answer ? 2 : 1);
  fixture_clear (&f);
}
GST_END_TEST;

/* The server has made no offer. */
GST_START_TEST (test_no_offer_no_answer)
{
  Fixture f;
  g_auto (Op) offered = { 0, };
  g_auto (Op) agreed = { 0, };

  fixture_init_whep (&f, NULL);
  go_on_air (&f);
  gst_rcast_signaller_request_offer_async (f.rig.signaller,
      GST_RCAST_OFFER_INITIAL, NULL, op_offered, &offered);
  wait_for (&f.rig, offered.done);
  assert_rcast_error (offered.error, GST_RCAST_ERROR_NOT_SUPPORTED, 0);
  start_answer (&f, NULL, &agreed);
  wait_for (&f.rig, agreed.done);
  assert_rcast_error (agreed.error, GST_RCAST_ERROR_SESSION_GONE, 0);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

/* All that is done beside a session is as in rcastwhip, with the schemes of rcastwhep. */
GST_START_TEST (test_redirect_check_and_end_of_a_session_that_was_left)
{
  Fixture f;
  g_auto (Op) checked = { 0, };
  g_auto (Op) ended = { 0, };
  g_autofree gchar *location = NULL;
  g_autofree gchar *session = NULL;

  fixture_init_whep (&f, NULL);
  location = g_strconcat ("whep+", f.script->url, "/whep/demo", NULL);
  session = g_strconcat (f.script->url, "/session/old", NULL);
  http_script_add (f.script, (HttpReply) {"POST", 307,
      "Location: /whep/there"});
  go_on_air (&f);
  assert_equals_string (http_script_find (f.script, "POST", 1)->target,
      "/whep/there");
  http_script_add (f.script, (HttpReply) {"OPTIONS", 204});
  gst_rcast_signaller_check_async (f.rig.signaller, location, NULL, op_checked,
      &checked);
  wait_for (&f.rig, checked.done);
  fail_unless (checked.ok);
  gst_rcast_signaller_end_session_async (f.rig.signaller, location, session,
      NULL, op_ended, &ended);
  wait_for (&f.rig, ended.done);
  fail_unless (ended.ok);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/session/old");
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_locations)
{
  static const gchar *const good[] = { "whep+http://h/x", "whep+https://h/x",
    "whep://h/x", "wheps://h/x", "http://h/x", "https://h/x",
    "WHEP+HTTPS://h/x"
  };
  static const gchar *const bad[] = { "whip+http://h/x", "whep+ftp://h/x",
    "whepss://h/x", "whep", "whep+http://u:p@h/x"
  };
  g_autoptr (GstRcastSignaller) signaller =
      gst_object_ref_sink (gst_element_factory_make ("rcastwhep", NULL));

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (gst_rcast_signaller_set_location (signaller, good[i], &error),
        "%s", error ? error->message : "");
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (gst_rcast_signaller_set_location (signaller, bad[i], NULL), "%s",
        bad[i]);
}
GST_END_TEST;

static Suite *
rcastwhep_suite (void)
{
  Suite *s = suite_create ("rcastwhep");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_post_patch_delete_as_in_whip);
  tcase_add_loop_test (tc, test_refusals_say_what_to_do, 0,
      G_N_ELEMENTS (status_rows));
  tcase_add_test (tc, test_a_missing_stream_ends_no_session);
  tcase_add_loop_test (tc, test_an_offer_of_the_server_is_answered_by_patch, 0,
      G_N_ELEMENTS (counter_rows));
  tcase_add_loop_test (tc, test_an_offer_of_the_server_that_is_none, 0,
      G_N_ELEMENTS (bad_rows));
  tcase_add_loop_test (tc, test_an_answer_that_is_refused_ends_the_session, 0,
      G_N_ELEMENTS (refusal_rows));
  tcase_add_loop_test (tc, test_an_offer_that_is_left_is_ended, 0, N_LEFT);
  tcase_add_test (tc, test_no_offer_no_answer);
  tcase_add_test (tc,
      test_redirect_check_and_end_of_a_session_that_was_left);
  tcase_add_test (tc, test_locations);
  return s;
}

GST_CHECK_MAIN (rcastwhep);
