/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: ICE restarts by PATCH. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-sdp.h"
#include "whip-rig.h"

static const HttpReply restarted = RESTARTED;

GST_START_TEST (test_restart_changes_credentials_and_candidates_only)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;
  HttpRequest *request;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  go_on_air (&f);
  /* found before the offer is made */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (1, "ufr2"));
  http_script_add (f.script, restarted);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, &error);
  fail_unless (answer != NULL, "%s", error ? error->message : "");
  request = http_script_get (f.script, 1);
  assert_equals_string (request->method, "PATCH");
  assert_equals_string (http_request_header (request, "If-Match"), "*");
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  assert_equals_string (http_request_header (request, "Content-Type"), SDPFRAG);
  assert_equals_string (request->body, "a=ice-options:trickle\r\n"
      "a=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
      "a=ice-ufrag:ufr2\r\na=ice-pwd:" PWD2 "\r\na=" CANDIDATE (1, "ufr2")
      "\r\n");
  {
    g_autoptr (GstSDPMessage) have = gst_rcast_sdp_parse (answer, -1, NULL);
    g_autoptr (GstSDPMessage) want = gst_rcast_sdp_parse (ANSWER, -1, NULL);
    g_autoptr (GstRcastSdpFragment) fragment =
        gst_rcast_sdp_fragment_parse (FRAGMENT, -1, NULL);
    g_autofree gchar *text = NULL;

    fail_unless (gst_rcast_sdp_apply_fragment (want, fragment, NULL));
    text = gst_sdp_message_as_text (want);
    assert_equals_string (answer, text);
    fail_unless (have != NULL);
  }

  /* later candidates use the new tag and credentials */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (2, "ufr2"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (3, "ufr1"));
  wait_for (&f.rig, f.script->requests->len == 3);
  request = http_script_get (f.script, 2);
  assert_equals_string (http_request_header (request, "If-Match"), "\"tag-2\"");
  fail_unless (g_str_has_suffix (request->body, "a=ice-ufrag:ufr2\r\na=ice-pwd:"
          PWD2 "\r\na=" CANDIDATE (2, "ufr2") "\r\n"), "%s", request->body);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *name;
  HttpReply replies[3];
  /* per request: If-Match, and whether the body begins with v= */
  const gchar *if_match[3];
  gboolean lines[3];
  gboolean ok;
} quirk_rows[] = {
  {"quoted star on 412", {{"PATCH", 412}, RESTARTED}, {"*", "\"*\""},
      {FALSE, FALSE}, TRUE},
  {"quoted star on 422", {{"PATCH", 422}, RESTARTED}, {"*", "\"*\""},
      {FALSE, FALSE}, TRUE},
  {"quoted star on 428", {{"PATCH", 428}, RESTARTED}, {"*", "\"*\""},
      {FALSE, FALSE}, TRUE},
  {"session lines on 400", {{"PATCH", 400}, RESTARTED}, {"*", "*"},
      {FALSE, TRUE}, TRUE},
  {"both", {{"PATCH", 412}, {"PATCH", 400}, RESTARTED},
        {"*", "\"*\"", "\"*\""}, {FALSE, FALSE, TRUE}, TRUE},
  {"each only once", {{"PATCH", 412}, {"PATCH", 412}}, {"*", "\"*\""},
      {FALSE, FALSE}, FALSE},
  {"each only once, 400", {{"PATCH", 400}, {"PATCH", 400}}, {"*", "*"},
      {FALSE, TRUE}, FALSE},
};

GST_START_TEST (test_restart_quirks_are_tried_once_and_remembered)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;
  guint n = 0;

  fixture_init (&f, NULL);
  for (guint i = 0; i < 3 && quirk_rows[__i__].replies[i].status; i++)
    http_script_add (f.script, quirk_rows[__i__].replies[i]);
  go_on_air (&f);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, &error);
  assert_equals_int (answer != NULL, quirk_rows[__i__].ok);
  for (; n < 3 && quirk_rows[__i__].if_match[n]; n++) {
    HttpRequest *request = http_script_find (f.script, "PATCH", n);

    assert_equals_string (http_request_header (request, "If-Match"),
        quirk_rows[__i__].if_match[n]);
    assert_equals_int (g_str_has_prefix (request->body, "v=0\r\n"),
        quirk_rows[__i__].lines[n]);
  }
  assert_equals_int (http_script_count (f.script, "PATCH"), n);
  if (quirk_rows[__i__].ok) {
    http_script_add (f.script, (HttpReply) {"PATCH", 200, "ETag: \"3\"",
        SDPFRAG, "a=ice-ufrag:srv3\na=ice-pwd:" SERVER_PWD "\n"});
    g_free (answer);
    answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER ("ufr3", PWD1), NULL);
    fail_unless (answer != NULL);
    assert_equals_int (http_script_count (f.script, "PATCH"), n + 1);
    assert_equals_string (http_request_header (http_script_find (f.script,
                "PATCH", n), "If-Match"), quirk_rows[__i__].if_match[n - 1]);
  } else {
    assert_rcast_error (error, GST_RCAST_ERROR_NOT_SUPPORTED, n == 2
        && quirk_rows[__i__].lines[1] ? 400 : 412);
    fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  }
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  HttpReply reply;
  GstRcastError want;
  gboolean final;               /* for this session */
} restart_rows[] = {
  {{"PATCH", 204}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 201, NULL, SDPFRAG, FRAGMENT}, GST_RCAST_ERROR_NOT_SUPPORTED,
      TRUE},
  {{"PATCH", 200}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 200, "ETag: \"2\"", SDPFRAG, "a=ice-ufrag:srv1\r\na=ice-pwd:"
            SERVER_PWD "\r\n"}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 200, NULL, "text/html", "<html>"}, GST_RCAST_ERROR_INVALID_DATA,
      FALSE},
  {{"PATCH", 200, NULL, SDPFRAG, "a=ice-ufrag:srv2\r\n"},
      GST_RCAST_ERROR_INVALID_DATA, FALSE},
  {{"PATCH", 200, NULL, SDPFRAG, "a=ice-ufrag:a b\r\n"},
      GST_RCAST_ERROR_INVALID_DATA, FALSE},
  {{"PATCH", 403}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 405}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 415}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 501}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 307}, GST_RCAST_ERROR_NOT_SUPPORTED, TRUE},
  {{"PATCH", 404}, GST_RCAST_ERROR_SESSION_GONE, FALSE},
  {{"PATCH", 410}, GST_RCAST_ERROR_SESSION_GONE, FALSE},
  {{"PATCH", 401}, GST_RCAST_ERROR_UNAUTHORIZED, FALSE},
  {{"PATCH", 409}, GST_RCAST_ERROR_BUSY, FALSE},
  {{"PATCH", 429}, GST_RCAST_ERROR_BUSY, FALSE},
  {{"PATCH", 503}, GST_RCAST_ERROR_BUSY, FALSE},
  {{"PATCH", 500}, GST_RCAST_ERROR_FAILED, FALSE},
};

GST_START_TEST (test_restart_refusals)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  guint requests;

  fixture_init (&f, NULL);
  http_script_add (f.script, restart_rows[__i__].reply);
  go_on_air (&f);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, &error) == NULL);
  assert_rcast_error (error, restart_rows[__i__].want,
      restart_rows[__i__].reply.status);
  assert_equals_int (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART),
      !restart_rows[__i__].final);

  /* a candidate of the refused generation would be another restart */
  requests = f.script->requests->len;
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (1, "ufr2"));
  if (restart_rows[__i__].final) {
    g_clear_error (&error);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER ("ufr3", PWD1),
            &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_NOT_SUPPORTED, 0);
    assert_equals_int (f.script->requests->len, requests);
  }
  signaller_rig_close (&f.rig);
  /* The next request is the DELETE. */
  assert_equals_string (http_script_get (f.script, requests)->method, "DELETE");
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

/* A single refusal is not believed, as a server that is being replaced may send it. A restart
 * that succeeds in between clears earlier refusals. */
static const struct
{
  guint statuses[3];
  gboolean believed;
} refusal_rows[] = {
  {{403}, FALSE}, {{405, 405}, TRUE}, {{204, 501}, TRUE},
  {{403, 200, 403}, FALSE},
};

GST_START_TEST (test_two_sessions_in_a_row_that_refuse_restarts_are_believed)
{
  Fixture f;

  fixture_init (&f, NULL);
  for (guint i = 0; i < 3 && refusal_rows[__i__].statuses[i]; i++) {
    guint status = refusal_rows[__i__].statuses[i];
    g_autofree gchar *answer = NULL;

    http_script_add (f.script, status == 200 ? (HttpReply) {"PATCH", 200,
        "ETag: \"3\"", SDPFRAG, FRAGMENT} : (HttpReply) {"PATCH", status});
    go_on_air (&f);
    fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
    answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
    assert_equals_int (answer != NULL, status == 200);
    signaller_rig_close (&f.rig);
  }
  signaller_rig_open (&f.rig);
  assert_equals_int (signaller_rig_has (&f.rig,
          GST_RCAST_SIGNALLER_ICE_RESTART), !refusal_rows[__i__].believed);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_restart_is_not_tried_without_a_tag_or_a_session)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NOT_SUPPORTED, 0);
  g_clear_error (&error);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /s", SDP,
      ANSWER});
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, NULL);
  fail_unless (answer != NULL);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NOT_SUPPORTED, 0);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "PATCH"), 0);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_only_the_last_restart_counts)
{
  Fixture f;
  g_auto (Op) older = { 0, };
  g_auto (Op) newer = { 0, };
  HttpReply late = restarted;

  fixture_init (&f, NULL);
  late.hold = TRUE;
  http_script_add (f.script, late);
  http_script_add (f.script, (HttpReply) {"PATCH", 200, "ETag: \"3\"", SDPFRAG,
      "a=ice-ufrag:srv3\r\na=ice-pwd:" SERVER_PWD "\r\n"});
  go_on_air (&f);
  start_offer (&f, GST_RCAST_OFFER_RESTART, OFFER2, &older);
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  start_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3", PWD1), &newer);
  wait_for (&f.rig, older.done);
  assert_cancelled (older.error);
  http_script_release (f.script, http_script_find (f.script, "PATCH", 0));
  wait_for (&f.rig, newer.done);
  fail_unless (newer.ok);
  fail_unless (strstr (newer.answer, "a=ice-ufrag:srv3") != NULL);

  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (2, "ufr2"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr3", CANDIDATE (3, "ufr3"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 3);
  assert_equals_string (http_request_header (http_script_find (f.script,
              "PATCH", 2), "If-Match"), "\"3\"");
  fail_unless (strstr (http_script_find (f.script, "PATCH", 2)->body, "ufr2")
      == NULL);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_restart_overtakes_candidates)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"PATCH", 412, NULL, NULL, NULL,
      TRUE});
  http_script_add (f.script, restarted);
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer != NULL);
  http_script_release (f.script, http_script_find (f.script, "PATCH", 0));
  /* the 412 for the former generation means nothing: candidates of the next one are sent */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (2, "ufr2"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 3);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  fail_unless (strstr (http_script_find (f.script, "PATCH", 2)->body,
          CANDIDATE (2, "ufr2")) != NULL);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_restart_suite (void)
{
  Suite *s = suite_create ("rcastwhip-restart");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_restart_changes_credentials_and_candidates_only);
  tcase_add_loop_test (tc, test_restart_quirks_are_tried_once_and_remembered,
      0, G_N_ELEMENTS (quirk_rows));
  tcase_add_loop_test (tc, test_restart_refusals, 0,
      G_N_ELEMENTS (restart_rows));
  tcase_add_loop_test (tc,
      test_two_sessions_in_a_row_that_refuse_restarts_are_believed, 0,
      G_N_ELEMENTS (refusal_rows));
  tcase_add_test (tc, test_restart_is_not_tried_without_a_tag_or_a_session);
  tcase_add_test (tc, test_only_the_last_restart_counts);
  tcase_add_test (tc, test_restart_overtakes_candidates);
  return s;
}

GST_CHECK_MAIN (rcastwhip_restart);
