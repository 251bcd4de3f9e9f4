/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What answers of WHIP servers mean: good answers, odd ones, and texts that are no answers */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-sdp.h"
#include "whip-answer.h"

#define PWD "serverpasswordserverpass"
#define FP "a=fingerprint:sha-256 AA:BB\r\n"
#define HEAD "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define ICE "a=ice-ufrag:srv1\r\na=ice-pwd:" PWD "\r\n"
#define M(kind, port, more) "m=" kind " " port " UDP/TLS/RTP/SAVPF 96\r\n" more
#define OFFER HEAD M ("video", "9", ICE FP "a=sendonly\r\n") \
  M ("audio", "9", ICE FP "a=sendonly\r\n")
#define VIDEO M ("video", "9", ICE FP "a=recvonly\r\n")
#define TAKEN -1
#define WHIP WHIP_PROTOCOL_WHIP
#define WHEP WHIP_PROTOCOL_WHEP

static const struct
{
  const gchar *name, *answer;
  gboolean allow_rejected;
  gint want;
} rows[] = {
  {"as it should be", HEAD VIDEO M ("audio", "9", ICE FP "a=recvonly\r\n"),
      FALSE, TAKEN},
  {"no direction", HEAD VIDEO M ("audio", "9", ICE FP), FALSE, TAKEN},
  {"all for the session", HEAD ICE FP "a=recvonly\r\n" M ("video", "9", "")
        M ("audio", "9", ""), FALSE, TAKEN},
  {"bundle-only", HEAD VIDEO M ("audio", "0", "a=bundle-only\r\na=recvonly\r\n"),
      FALSE, TAKEN},
  {"a stream is refused", HEAD VIDEO M ("audio", "0", ""), FALSE, TAKEN},
  {"a stream is inactive", HEAD VIDEO M ("audio", "9", "a=inactive\r\n"), FALSE,
      TAKEN},
  {"another kind", HEAD VIDEO M ("video", "9", "a=recvonly\r\n"), TRUE,
      GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {"one too few", HEAD VIDEO, TRUE, GST_RCAST_ERROR_INVALID_DATA},
  {"one too many", HEAD VIDEO VIDEO VIDEO, TRUE, GST_RCAST_ERROR_INVALID_DATA},
  {"none at all", HEAD, TRUE, GST_RCAST_ERROR_INVALID_DATA},
  {"no ICE", HEAD M ("video", "9", FP) M ("audio", "9", FP), FALSE,
      GST_RCAST_ERROR_INVALID_DATA},
  {"no DTLS", HEAD M ("video", "9", ICE) M ("audio", "9", ICE), FALSE,
      GST_RCAST_ERROR_INVALID_DATA},
  {"HTML", "<html>v=0</html>", FALSE, GST_RCAST_ERROR_INVALID_DATA},
  {"empty", "", FALSE, GST_RCAST_ERROR_INVALID_DATA},
};

GST_START_TEST (test_answer)
{
  g_autoptr (GstSDPMessage) offer = gst_rcast_sdp_parse (OFFER, -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) answer = whip_answer_parse (offer,
      rows[__i__].answer, strlen (rows[__i__].answer),
      rows[__i__].allow_rejected, &error);

  assert_equals_int (answer != NULL, error == NULL);
  if (rows[__i__].want == TAKEN) {
    fail_unless (answer != NULL, "%s: %s", rows[__i__].name,
        error ? error->message : "");
    return;
  }
  fail_unless (g_error_matches (error, GST_RCAST_ERROR, rows[__i__].want),
      "%s: %s", rows[__i__].name, error ? error->message : "taken");
}
GST_END_TEST;

#define CHANNEL_OFFER HEAD M ("application", "9", ICE FP)
#define CHANNEL_REFUSED HEAD M ("application", "0", ICE FP)

/* Streams are judged where their names are known. A data channel is judged here. */
GST_START_TEST (test_a_refused_channel_is_an_error_unless_allowed)
{
  g_autoptr (GstSDPMessage) offer =
      gst_rcast_sdp_parse (CHANNEL_OFFER, -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) refused = whip_answer_parse (offer,
      CHANNEL_REFUSED, strlen (CHANNEL_REFUSED), FALSE, &error);
  g_autoptr (GstSDPMessage) allowed = whip_answer_parse (offer,
      CHANNEL_REFUSED, strlen (CHANNEL_REFUSED), TRUE, NULL);

  fail_unless (refused == NULL && allowed != NULL);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NOT_ACCEPTABLE));
}
GST_END_TEST;

#define NEW_PWD "SERVERpasswordOFrestart"
#define NEW_ICE "a=ice-ufrag:srv2\r\na=ice-pwd:" NEW_PWD "\r\n"

static const struct
{
  const gchar *name;
  guint status;
  const gchar *body;
  gint want;
} restart_rows[] = {
  {"a fragment", 200, "m=video 9 A 96\r\na=mid:0\r\n" NEW_ICE, TAKEN},
  {"for the session, with bare line feeds", 200, "a=ice-ufrag:srv2\na=ice-pwd:"
        NEW_PWD "\n", TAKEN},
  {"a whole description", 200, HEAD M ("video", "9", NEW_ICE), TAKEN},
  {"204, as if candidates", 204, "", GST_RCAST_ERROR_NOT_SUPPORTED},
  {"201", 201, NEW_ICE, GST_RCAST_ERROR_NOT_SUPPORTED},
  {"nothing", 200, "", GST_RCAST_ERROR_NOT_SUPPORTED},
  {"the old credentials", 200, ICE, GST_RCAST_ERROR_NOT_SUPPORTED},
  {"half of them", 200, "a=ice-ufrag:srv2\r\n", GST_RCAST_ERROR_INVALID_DATA},
  {"nothing about ICE", 200, "<html>", GST_RCAST_ERROR_INVALID_DATA},
  {"not a user fragment", 200, "a=ice-ufrag:a b\r\na=ice-pwd:" NEW_PWD "\r\n",
      GST_RCAST_ERROR_INVALID_DATA},
};

GST_START_TEST (test_restart)
{
  g_autoptr (GstSDPMessage) answer = gst_rcast_sdp_parse (OFFER, -1, NULL);
  g_autofree gchar *before = gst_sdp_message_as_text (answer);
  g_autofree gchar *after = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *body = restart_rows[__i__].body, *ufrag = NULL, *pwd = NULL;
  gboolean ok = whip_answer_apply_restart (answer, restart_rows[__i__].status,
      body, strlen (body), &error);

  assert_equals_int (ok, error == NULL);
  after = gst_sdp_message_as_text (answer);
  gst_rcast_sdp_get_credentials (answer, &ufrag, &pwd);
  if (restart_rows[__i__].want == TAKEN) {
    fail_unless (ok, "%s: %s", restart_rows[__i__].name,
        error ? error->message : "");
    assert_equals_string (ufrag, "srv2");
    assert_equals_string (pwd, NEW_PWD);
    return;
  }
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          restart_rows[__i__].want), "%s: %s", restart_rows[__i__].name,
      error ? error->message : "taken");
  assert_equals_string (after, before);
}
GST_END_TEST;

/* Each status has a meaning, even if no RFC knows it. */
GST_START_TEST (test_every_status_has_a_meaning)
{
  for (guint status = 0; status < 1000; status++) {
    GstRcastError offer = whip_answer_classify_offer (WHIP, status, FALSE);
    GstRcastError ghost = whip_answer_classify_offer (WHIP, status, TRUE);
    GstRcastError restart = whip_answer_classify_restart (status);
    GstRcastError end = whip_answer_classify_end (status);
    gboolean in_use = status == 400 || status == 403 || status == 409;

    fail_unless (ghost == (in_use ? GST_RCAST_ERROR_BUSY : offer), "%u",
        status);
    fail_unless ((offer == GST_RCAST_ERROR_OCCUPIED) == in_use, "%u", status);
    fail_unless (whip_answer_is_end (status) == ((status >= 200
                && status < 300) || status == 404 || status == 410), "%u",
        status);
    fail_unless ((end == GST_RCAST_ERROR_NOT_SUPPORTED) == (status == 405
            || status == 501), "%u", status);
    fail_unless ((offer == GST_RCAST_ERROR_UNAUTHORIZED) == (status == 401));
    fail_unless ((restart == GST_RCAST_ERROR_SESSION_GONE) == (status == 404
            || status == 410), "%u", status);
    fail_if (status < 400 && offer != GST_RCAST_ERROR_INVALID_DATA);
    fail_if (whip_answer_is_redirect (status) && (status < 300
            || status >= 400));
    fail_if (whip_answer_is_healthy (status) && whip_answer_is_transient
        (status));
    fail_if (whip_answer_wants_room (WHIP, status, TRUE)
        && !whip_answer_wants_room (WHIP, status, FALSE));
  }
  fail_unless (whip_answer_wants_room (WHIP, 503, FALSE));
  fail_if (whip_answer_wants_room (WHIP, 503, TRUE));
}
GST_END_TEST;

/* Most statuses mean the same to a viewer. But no other viewer is in the way,
 * and a stream may be missing. */
GST_START_TEST (test_a_refusal_of_a_viewer_has_a_meaning_of_its_own)
{
  for (guint status = 0; status < 1000; status++) {
    GstRcastError whip = whip_answer_classify_offer (WHIP, status, FALSE);
    GstRcastError whep = whip_answer_classify_offer (WHEP, status, FALSE);
    gboolean missing = status == 404 || status == 409;

    fail_unless ((whep == GST_RCAST_ERROR_NO_STREAM) == missing, "%u", status);
    fail_unless (whep == whip || missing || status == 400 || status == 403,
        "%u", status);
    fail_unless (whip_answer_wants_room (WHEP, status, FALSE) == (status
            == 503), "%u", status);
    fail_if (whip_answer_classify_answer (status)
        == GST_RCAST_ERROR_NOT_SUPPORTED);
  }
  assert_equals_int (whip_answer_classify_offer (WHEP, 400, TRUE),
      GST_RCAST_ERROR_NOT_ACCEPTABLE);
  assert_equals_int (whip_answer_classify_offer (WHEP, 403, TRUE),
      GST_RCAST_ERROR_REJECTED);
  assert_equals_int (whip_answer_classify_answer (404),
      GST_RCAST_ERROR_SESSION_GONE);
}
GST_END_TEST;

#define COUNTER(setup) HEAD M ("video", "9", ICE FP "a=sendonly\r\n" setup)
#define ACTPASS "a=setup:actpass\r\n"
#define SDP_TYPE "application/sdp"
#define NONE -2

static const struct
{
  const gchar *name;
  guint status;
  const gchar *type, *body;
  gint want;
} counter_rows[] = {
  {"406 with an offer", 406, SDP_TYPE, COUNTER (ACTPASS), TAKEN},
  {"its type is written otherwise", 406, "Application/SDP", COUNTER (ACTPASS),
      TAKEN},
  {"406 with an offer that takes a role", 406, SDP_TYPE,
      COUNTER ("a=setup:active\r\n"), TAKEN},
  {"201 with an offer", 201, SDP_TYPE, COUNTER (ACTPASS), TAKEN},
  {"201 with an offer, and no type", 201, NULL, COUNTER (ACTPASS), TAKEN},
  {"201 with an offer for the session", 201, SDP_TYPE,
      HEAD ACTPASS M ("video", "9", ICE FP), TAKEN},
  {"201 with an answer", 201, SDP_TYPE, COUNTER ("a=setup:passive\r\n"), NONE},
  {"201 with what is no description", 201, SDP_TYPE, "<html>", NONE},
  {"406 with a text", 406, "text/plain", "no such codec", NONE},
  {"406 with nothing", 406, NULL, "", NONE},
  {"406 with what is no description", 406, SDP_TYPE, "<html>",
      GST_RCAST_ERROR_INVALID_DATA},
  {"406 without media", 406, SDP_TYPE, HEAD ICE FP,
      GST_RCAST_ERROR_INVALID_DATA},
  {"406 without ICE", 406, SDP_TYPE, HEAD M ("video", "9", FP),
      GST_RCAST_ERROR_INVALID_DATA},
  {"406 without DTLS", 406, SDP_TYPE, HEAD M ("video", "9", ICE),
      GST_RCAST_ERROR_INVALID_DATA},
  {"another refusal with an offer", 422, SDP_TYPE, COUNTER (ACTPASS), NONE},
};

GST_START_TEST (test_an_offer_in_place_of_an_answer)
{
  gint want = counter_rows[__i__].want;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) offer =
      whip_answer_parse_offer (counter_rows[__i__].status,
      counter_rows[__i__].type, counter_rows[__i__].body,
      strlen (counter_rows[__i__].body), &error);

  fail_unless ((offer != NULL) == (want == TAKEN), "%s: %s",
      counter_rows[__i__].name, error ? error->message : "");
  if (want >= 0)
    fail_unless (g_error_matches (error, GST_RCAST_ERROR, want), "%s",
        counter_rows[__i__].name);
  else
    g_assert_no_error (error);
}
GST_END_TEST;

static Suite *
whip_answer_suite (void)
{
  Suite *s = suite_create ("whip-answer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_answer, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_a_refused_channel_is_an_error_unless_allowed);
  tcase_add_loop_test (tc, test_restart, 0, G_N_ELEMENTS (restart_rows));
  tcase_add_test (tc, test_every_status_has_a_meaning);
  tcase_add_test (tc, test_a_refusal_of_a_viewer_has_a_meaning_of_its_own);
  tcase_add_loop_test (tc, test_an_offer_in_place_of_an_answer, 0,
      G_N_ELEMENTS (counter_rows));
  return s;
}

GST_CHECK_MAIN (whip_answer);
