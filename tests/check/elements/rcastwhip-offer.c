/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: a server's answer to an offer, and what rcastwhip makes of it. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

static void
answered_with_servers (GObject * source, GAsyncResult * result, gpointer data)
{
  g_auto (GStrv) uris =
      gst_rcast_signaller_dup_ice_servers (GST_RCAST_SIGNALLER (source));

  /* The servers are known before gathering can begin. */
  assert_equals_int (g_strv_length (uris), 3);
  assert_equals_string (uris[0], "stun://stun.example:3478");
  assert_equals_string (uris[1], "turn://u%3Aser:p%40ss@turn.example:3478"
      "?transport=udp");
  assert_equals_string (uris[2], "turns://u:p@turn.example:5349");
  op_answered (source, result, data);
}

GST_START_TEST (test_post_patch_delete_as_the_rfc_has_them)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  HttpRequest *request;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201,
      "Location: /session/1?key=a%2Fb\nETag: \"tag-1\"\n"
      "Link: <stun:stun.example>; rel=\"ice-server\"\n"
      "Link: <turn:turn.example?transport=udp>; rel=\"ice-server\"; "
      "username=\"u:ser\"; credential=\"p@ss\", <turns:turn.example>; "
      "rel=ice-server; username=u; credential=p", SDP, ANSWER});
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, OFFER1,
      NULL, answered_with_servers, &op);
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  assert_equals_string (op.answer, ANSWER);
  request = http_script_get (f.script, 0);
  assert_equals_string (request->method, "POST");
  assert_equals_string (request->target, "/whip/demo");
  assert_equals_string (request->body, OFFER1);
  assert_equals_string (http_request_header (request, "Content-Type"), SDP);
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  fail_unless (http_request_header (request, "Accept") == NULL);
  fail_unless (g_str_has_prefix (http_request_header (request, "User-Agent"),
          "gst-rcast/"));
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE));
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_ICE_RESTART));

  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, f.script->requests->len == 2);
  request = http_script_get (f.script, 1);
  assert_equals_string (request->method, "PATCH");
  assert_equals_string (request->target, "/session/1?key=a%2Fb");
  assert_equals_string (http_request_header (request, "Content-Type"), SDPFRAG);
  assert_equals_string (http_request_header (request, "If-Match"), "\"tag-1\"");
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  assert_equals_string (request->body, "a=ice-options:trickle\r\n"
      "a=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
      "a=ice-ufrag:ufr1\r\na=ice-pwd:" PWD1 "\r\na=" CANDIDATE (1, "ufr1")
      "\r\n");

  signaller_rig_close (&f.rig);
  request = http_script_get (f.script, 2);
  assert_equals_string (request->method, "DELETE");
  assert_equals_string (request->target, "/session/1?key=a%2Fb");
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  fail_unless (http_request_header (request, "If-Match") == NULL);
  assert_equals_int (f.script->requests->len, 3);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  guint status;
  const gchar *headers, *type, *body;
  GstRcastError want;
  GstRcastErrorClass want_class;
  GstClockTime want_retry_after;
  const gchar *want_text;
} status_rows[] = {
  {503, "Retry-After: 7", "application/problem+json",
        "{\"title\":\"Busy\",\"detail\":\"all slots taken\"}",
        GST_RCAST_ERROR_BUSY, GST_RCAST_ERROR_CLASS_BUSY, 7 * GST_SECOND,
      "Busy: all slots taken"},
  {503, NULL, "text/plain", "full", GST_RCAST_ERROR_BUSY,
      GST_RCAST_ERROR_CLASS_BUSY, GST_CLOCK_TIME_NONE, "full"},
  {429, "Retry-After: 0", NULL, NULL, GST_RCAST_ERROR_BUSY,
      GST_RCAST_ERROR_CLASS_BUSY, 0, "429"},
  {409, "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT", NULL, NULL,
        GST_RCAST_ERROR_OCCUPIED, GST_RCAST_ERROR_CLASS_BUSY, 0, "409"},
  {500, "Retry-After: 1", "application/json", "{\"error\":\"oops\"}",
        GST_RCAST_ERROR_FAILED, GST_RCAST_ERROR_CLASS_TRANSIENT, GST_SECOND,
      "oops"},
  {501, NULL, NULL, NULL, GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "501"},
  {502, NULL, "text/html", "<html>", GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "502"},
  {599, NULL, NULL, NULL, GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "599"},
  {408, NULL, NULL, NULL, GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "408"},
  {401, "WWW-Authenticate: Bearer", NULL, NULL, GST_RCAST_ERROR_UNAUTHORIZED,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "401"},
  {403, NULL, "text/plain", "no", GST_RCAST_ERROR_OCCUPIED,
      GST_RCAST_ERROR_CLASS_BUSY, GST_CLOCK_TIME_NONE, "no"},
  {404, NULL, NULL, NULL, GST_RCAST_ERROR_REJECTED,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "404"},
  {405, NULL, NULL, NULL, GST_RCAST_ERROR_REJECTED,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "405"},
  {410, NULL, NULL, NULL, GST_RCAST_ERROR_REJECTED,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "410"},
  {400, NULL, "text/plain", "bad SDP", GST_RCAST_ERROR_OCCUPIED,
      GST_RCAST_ERROR_CLASS_BUSY, GST_CLOCK_TIME_NONE, "bad SDP"},
  {406, NULL, NULL, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "406"},
  {415, NULL, NULL, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "415"},
  {422, NULL, NULL, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "422"},
  {499, NULL, NULL, NULL, GST_RCAST_ERROR_NOT_ACCEPTABLE,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "499"},
  {204, "Location: /s", NULL, NULL, GST_RCAST_ERROR_INVALID_DATA,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "204"},
  {303, "Location: /s", NULL, NULL, GST_RCAST_ERROR_INVALID_DATA,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "303"},
  /* A network that requires a login first */
  {200, NULL, "text/html; charset=utf-8", "<html>", GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "captive portal"},
  {303, "Location: /s", "text/html", "<html>", GST_RCAST_ERROR_FAILED,
      GST_RCAST_ERROR_CLASS_TRANSIENT, GST_CLOCK_TIME_NONE, "captive portal"},
  {404, NULL, "text/html", "<html>", GST_RCAST_ERROR_REJECTED,
      GST_RCAST_ERROR_CLASS_FATAL, GST_CLOCK_TIME_NONE, "404"},
};

GST_START_TEST (test_refusals_say_what_to_do)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *url = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", status_rows[__i__].status,
      status_rows[__i__].headers, status_rows[__i__].type,
      status_rows[__i__].body});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, status_rows[__i__].want, status_rows[__i__].status);
  assert_equals_int (gst_rcast_error_get_class (error),
      status_rows[__i__].want_class);
  assert_equals_uint64 (gst_rcast_error_get_retry_after (error),
      status_rows[__i__].want_retry_after);
  fail_unless (strstr (error->message, status_rows[__i__].want_text) != NULL,
      "%s", error->message);
  url = g_strconcat (f.script->url, "/whip/demo", NULL);
  assert_equals_string (gst_rcast_error_get_uri (error), url);
  signaller_rig_close (&f.rig);
  assert_equals_int (f.script->requests->len, 1);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *name, *body;
  /* -1: accepted */
  gint want;
} answer_rows[] = {
  {"HTML", "<html>hello</html>", GST_RCAST_ERROR_INVALID_DATA},
  {"empty", "", GST_RCAST_ERROR_INVALID_DATA},
  {"JSON", "{\"sdp\":\"v=0\"}", GST_RCAST_ERROR_INVALID_DATA},
  {"one m-line too few", ANSWER_HEAD VIDEO, GST_RCAST_ERROR_INVALID_DATA},
  {"one too many", ANSWER AUDIO, GST_RCAST_ERROR_INVALID_DATA},
  {"no ICE", ANSWER_HEAD "m=video 9 A 96\r\n" FP "m=audio 9 A 1\r\n",
      GST_RCAST_ERROR_INVALID_DATA},
  {"no fingerprint", ANSWER_HEAD "a=ice-ufrag:srv1\r\na=ice-pwd:" SERVER_PWD
        "\r\nm=video 9 A 96\r\nm=audio 9 A 1\r\n",
      GST_RCAST_ERROR_INVALID_DATA},
  {"other kind", ANSWER_HEAD AUDIO VIDEO, GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {"port 0", ANSWER_HEAD VIDEO ANSWER_MEDIA ("audio", "111", "0", "1",
          "a=inactive\r\n"), -1},
  {"inactive", ANSWER_HEAD VIDEO ANSWER_MEDIA ("audio", "111", "9", "1",
          "a=inactive\r\n"), -1},
  {"bundle-only with port 0", ANSWER_HEAD VIDEO ANSWER_MEDIA ("audio", "111",
          "0", "1", RECVONLY "a=bundle-only\r\n"), -1},
  {"sendrecv", ANSWER_HEAD VIDEO ANSWER_MEDIA ("audio", "111", "9", "1",
          "a=sendrecv\r\n"), -1},
  {"no direction", ANSWER_HEAD VIDEO ANSWER_MEDIA ("audio", "111", "9", "1",
          ""), -1},
  {"ICE and DTLS for the session", ANSWER_HEAD "a=ice-ufrag:srv1\r\na=ice-pwd:"
        SERVER_PWD "\r\n" FP "m=video 9 A 96\r\n" RECVONLY "m=audio 9 A 1\r\n"
        RECVONLY, -1},
};

GST_START_TEST (test_answers_are_checked)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /bad\n"
      "ETag: \"x\"", SDP, answer_rows[__i__].body});
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error);
  if (answer_rows[__i__].want < 0) {
    fail_unless (answer != NULL, "%s: %s", answer_rows[__i__].name,
        error ? error->message : "");
  } else {
    assert_rcast_error (error, answer_rows[__i__].want, 201);
    /* The session that was opened in vain is ended. */
    wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
    assert_equals_string (http_script_get (f.script, 1)->target, "/bad");
  }
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  guint status;
  const gchar *headers, *type;
  const gchar *session;         /* NULL: the session can be neither changed nor ended */
  GstRcastSignallerCapabilities want;
} created_rows[] = {
  {201, "Location: /s/1\nETag: abc", SDP, "/s/1",
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART},
  {200, "Location: s/1\nETag: \"abc\"", SDP, "/whip/s/1",
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART},
  {201, "Location: ?direction=whip\nETag: *", "text/html",
        "/whip/demo?direction=whip",
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART},
  /* no entity tag, no restart */
  {201, "Location: /s/1", "application/sdp; charset=utf-8", "/s/1",
      GST_RCAST_SIGNALLER_TRICKLE},
  {201, NULL, SDP, NULL, 0},
  {201, "ETag: \"x\"", SDP, NULL, 0},
  {201, "Location: ftp://127.0.0.1/s", SDP, NULL, 0},
};

GST_START_TEST (test_session_url_and_tag_decide_what_can_be_done)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", created_rows[__i__].status,
      created_rows[__i__].headers, created_rows[__i__].type, ANSWER});
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", CANDIDATE (1, "ufr1"));
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, NULL);
  fail_unless (answer != NULL);
  assert_equals_int (gst_rcast_signaller_get_capabilities (f.rig.signaller),
      created_rows[__i__].want | GST_RCAST_SIGNALLER_RENEGOTIATE);
  if (created_rows[__i__].session)
    wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  signaller_rig_close (&f.rig);
  if (created_rows[__i__].session) {
    assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
        created_rows[__i__].session);
  } else {
    assert_equals_int (f.script->requests->len, 1);
  }
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_offer_that_is_none)
{
  static const gchar *const offers[] = {
    "", "hello", "v=0\r\no=- 1 0 IN IP4 0\r\ns=-\r\nm=audio 9 A 1\r\n",
    "v=0\r\no=- 1 0 IN IP4 0\r\ns=-\r\nm=audio 9 A 1\r\na=ice-ufrag:abcd\r\n",
  };
  Fixture f;

  fixture_init (&f, NULL);
  signaller_rig_open (&f.rig);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, offers[i], &error)
        == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_INVALID_ARGUMENT, 0);
  }
  signaller_rig_close (&f.rig);
  assert_equals_int (f.script->requests->len, 0);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_ghost_makes_a_refusal_a_matter_of_waiting)
{
  static const struct
  {
    guint status;
    GstRcastError without;
  } rows[] = {
    {400, GST_RCAST_ERROR_OCCUPIED},
    {403, GST_RCAST_ERROR_OCCUPIED},
    {409, GST_RCAST_ERROR_OCCUPIED},
    {503, GST_RCAST_ERROR_BUSY},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture f;
    g_autoptr (GError) error = NULL;

    fixture_init (&f, NULL);
    http_script_add (f.script, (HttpReply) {"POST", rows[i].status});
    signaller_rig_open (&f.rig);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
    assert_rcast_error (error, rows[i].without, rows[i].status);
    g_clear_error (&error);
    go_on_air (&f);
    http_script_add (f.script, (HttpReply) {"DELETE", 500});
    http_script_add (f.script, (HttpReply) {"POST", rows[i].status});
    http_script_add (f.script, (HttpReply) {"POST", rows[i].status});
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_BUSY, rows[i].status);
    signaller_rig_settle (&f.rig);
    wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
    {
      g_auto (Op) op = { 0, };

      gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
      wait_for (&f.rig, op.done);
    }
    fixture_clear (&f);
  }
}
GST_END_TEST;

/* A server with room for one session: the old session ends first, then the offer is sent again. */
GST_START_TEST (test_new_offer_makes_room_for_itself)
{
  static const guint refusals[] = { 400, 403, 409, 503 };
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", refusals[__i__]});
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /second",
      SDP, ANSWER});
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, NULL);
  fail_unless (answer != NULL);
  assert_equals_int (http_script_count (f.script, "POST"), 3);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/session/1?key=a%2Fb");
  signaller_rig_close (&f.rig);
  assert_equals_string (http_script_find (f.script, "DELETE", 1)->target,
      "/second");
  fixture_clear (&f);
}
GST_END_TEST;

/* The signaller is closed while it waits for room. */
GST_START_TEST (test_closed_while_room_is_made)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", 409});
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER2, &op);
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  http_script_release (f.script, http_script_find (f.script, "DELETE", 0));
  signaller_rig_close (&f.rig);
  wait_for (&f.rig, op.done);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_room_that_is_not_made_in_time)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *url = NULL;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "timeout", 1500, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", 409});
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_BUSY, 0);
  url = g_strconcat (f.script->url, "/whip/demo", NULL);
  assert_equals_string (gst_rcast_error_get_uri (error), url);
  http_script_release (f.script, http_script_find (f.script, "DELETE", 0));
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "POST"), 2);
  fixture_clear (&f);
}
GST_END_TEST;

/* How the wait for an answer can end early */
typedef enum
{
  END_CLOSE,
  END_CANCEL,
  END_TIMEOUT,
  END_NEW_OFFER,
} EarlyEnd;

GST_START_TEST (test_session_that_opens_too_late_is_ended)
{
  Fixture f;
  EarlyEnd end = __i__;
  g_auto (Op) op = { 0, };
  g_auto (Op) next = { 0, };
  g_auto (Op) close_op = { 0, };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  fixture_init (&f, NULL);
  if (end == END_TIMEOUT)
    g_object_set (f.rig.signaller, "timeout", 1000, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /ghost", SDP,
      ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, OFFER1,
      cancellable, op_answered, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  switch (end) {
    case END_CLOSE:
      gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &close_op);
      break;
    case END_CANCEL:
      g_cancellable_cancel (cancellable);
      break;
    case END_TIMEOUT:
      break;
    case END_NEW_OFFER:
      start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER2, &next);
      break;
  }
  wait_for (&f.rig, op.done);
  if (end == END_TIMEOUT)
    assert_rcast_error (op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  else
    assert_cancelled (op.error);
  fail_if (close_op.done);

  http_script_release (f.script, http_script_get (f.script, 0));
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/ghost");
  if (end == END_CLOSE)
    wait_for (&f.rig, close_op.done);
  else if (end == END_NEW_OFFER)
    wait_for (&f.rig, next.ok);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"),
      end == END_NEW_OFFER ? 2 : 1);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_new_offer_keeps_the_old_session_until_settled)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /second",
      SDP, ANSWER});
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, NULL);
  fail_unless (answer != NULL);
  assert_equals_int (http_script_count (f.script, "DELETE"), 0);
  gst_rcast_signaller_settle (f.rig.signaller);
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/session/1?key=a%2Fb");
  /* A second call does no harm. */
  gst_rcast_signaller_settle (f.rig.signaller);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 2);
  assert_equals_string (http_script_find (f.script, "DELETE", 1)->target,
      "/second");
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_close_ends_the_session_before_as_well)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /second",
      SDP, ANSWER});
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, NULL);
  fail_unless (answer != NULL);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 2);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_offer_suite (void)
{
  Suite *s = suite_create ("rcastwhip-offer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_post_patch_delete_as_the_rfc_has_them);
  tcase_add_loop_test (tc, test_refusals_say_what_to_do, 0,
      G_N_ELEMENTS (status_rows));
  tcase_add_loop_test (tc, test_answers_are_checked, 0,
      G_N_ELEMENTS (answer_rows));
  tcase_add_loop_test (tc, test_session_url_and_tag_decide_what_can_be_done, 0,
      G_N_ELEMENTS (created_rows));
  tcase_add_test (tc, test_offer_that_is_none);
  tcase_add_test (tc, test_ghost_makes_a_refusal_a_matter_of_waiting);
  tcase_add_loop_test (tc, test_new_offer_makes_room_for_itself, 0, 4);
  tcase_add_test (tc, test_closed_while_room_is_made);
  tcase_add_test (tc, test_room_that_is_not_made_in_time);
  tcase_add_loop_test (tc, test_session_that_opens_too_late_is_ended,
      END_CLOSE, END_NEW_OFFER + 1);
  tcase_add_test (tc, test_new_offer_keeps_the_old_session_until_settled);
  tcase_add_test (tc, test_close_ends_the_session_before_as_well);
  return s;
}

GST_CHECK_MAIN (rcastwhip_offer);
