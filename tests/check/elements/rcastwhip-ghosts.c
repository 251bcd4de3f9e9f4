/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip reports what becomes of its sessions, and ends later those that it had to leave. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

#define FIRST "/session/1?key=a%2Fb"
#define LEFT_FIRST " opened " FIRST " leaving " FIRST " left " FIRST

static void
close_rig (Fixture * f)
{
  g_auto (Op) op = { 0, };

  gst_rcast_signaller_close_async (f->rig.signaller, NULL, op_closed, &op);
  wait_for (&f->rig, op.done);
}

/* Offers to a server that gives no usable answer. */
static void
offer_in_vain (Fixture * f, guint port)
{
  g_autofree gchar *url = g_strdup_printf ("http://127.0.0.1:%u/whip", port);

  set_location (f, url);
  signaller_rig_open (&f->rig);
  fail_unless (signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER1,
          NULL) == NULL);
}

/* The server's answer to DELETE, and the fate of the session */
static const struct
{
  guint status;
  const gchar *fate;
} goodbyes[] = {
  {200, "ended"},
  {204, "ended"},
  {404, "ended"},
  {410, "ended"},
  {401, "left"},
  {403, "left"},
  {405, "left"},
  {500, "left"},
  {503, "left"},
};

GST_START_TEST (test_end_of_a_session_is_what_the_server_says)
{
  Fixture f;
  g_autofree gchar *want = g_strconcat (" opened " FIRST " leaving " FIRST " ",
      goodbyes[__i__].fate, " " FIRST, NULL);

  fixture_init (&f, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"DELETE", goodbyes[__i__].status});
  close_rig (&f);
  assert_equals_string (f.rig.sessions->str, want);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_goodbye_without_an_answer_leaves_the_session)
{
  Fixture f;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "close-timeout", 50, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  close_rig (&f);
  assert_equals_string (f.rig.sessions->str, LEFT_FIRST);
  fixture_clear (&f);
}

GST_END_TEST;

/* A session is ended even if its answer is useless. */
GST_START_TEST (test_session_behind_a_bad_answer_is_reported)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /s", SDP,
      "no SDP"});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1,
          &error) == NULL);
  close_rig (&f);
  assert_equals_string (f.rig.sessions->str, " opened /s leaving /s ended /s");
  fixture_clear (&f);
}

GST_END_TEST;

/* Without a Location, there is no URL for a DELETE. */
GST_START_TEST (test_session_without_a_url_is_left_without_a_name)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, NULL, SDP, ANSWER});
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, NULL);
  fail_unless (answer != NULL);
  close_rig (&f);
  assert_equals_string (f.rig.sessions->str, " left ?");
  fixture_clear (&f);
}

GST_END_TEST;

/* The rest of the answer is missing. */
GST_START_TEST (test_first_lines_of_an_answer_name_the_session)
{
  Fixture f;
  RawServer *raw;

  fixture_init (&f, NULL);
  raw = raw_server_new ("HTTP/1.1 201 X\r\nLocation: /s\r\n"
      "Content-Length: 99\r\n\r\nv=0", TRUE, RAW_CLOSE);
  offer_in_vain (&f, raw->port);
  wait_for (&f.rig, strstr (f.rig.sessions->str, "leaving /s"));
  close_rig (&f);
  raw_server_free (raw);
  fixture_clear (&f);
}

GST_END_TEST;

/* The request arrives, its answer does not. */
GST_START_TEST (test_lost_answer_leaves_a_session_without_a_name)
{
  Fixture f;
  RawServer *raw;

  fixture_init (&f, NULL);
  raw = raw_server_new ("", TRUE, __i__ ? RAW_RESET : RAW_CLOSE);
  offer_in_vain (&f, raw->port);
  assert_equals_string (f.rig.sessions->str, " left ?");
  close_rig (&f);
  raw_server_free (raw);
  fixture_clear (&f);
}

GST_END_TEST;

/* The request does not arrive: no session is left. */
GST_START_TEST (test_refused_connection_leaves_nothing)
{
  Fixture f;
  RawServer *raw;
  guint port;

  fixture_init (&f, NULL);
  raw = raw_server_new ("", TRUE, RAW_CLOSE);
  port = raw->port;
  raw_server_free (raw);
  offer_in_vain (&f, port);
  close_rig (&f);
  assert_equals_string (f.rig.sessions->str, "");
  fixture_clear (&f);
}

GST_END_TEST;

/* An answer that arrives after the offer was given up still names the session. */
GST_START_TEST (test_late_answer_names_the_session)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_auto (Op) closing = { 0, };

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /late", SDP,
      ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &closing);
  http_script_release (f.script, http_script_get (f.script, 0));
  wait_for (&f.rig, closing.done && op.done);
  assert_equals_string (f.rig.sessions->str, " leaving /late ended /late");
  fixture_clear (&f);
}

GST_END_TEST;

/* Another signaller ends a session that was left, whether that signaller is open or not. */
static const struct
{
  guint status;
  gboolean ok;
  GstRcastError want;
} ends[] = {
  {200, TRUE},
  {202, TRUE},
  {404, TRUE},
  {410, TRUE},
  {401, FALSE, GST_RCAST_ERROR_UNAUTHORIZED},
  {400, FALSE, GST_RCAST_ERROR_REJECTED},
  {403, FALSE, GST_RCAST_ERROR_REJECTED},
  {405, FALSE, GST_RCAST_ERROR_NOT_SUPPORTED},
  {501, FALSE, GST_RCAST_ERROR_NOT_SUPPORTED},
  {500, FALSE, GST_RCAST_ERROR_FAILED},
  {429, FALSE, GST_RCAST_ERROR_FAILED},
};

static void
end_session (Fixture * f, const gchar * location, const gchar * session,
    Op * op)
{
  gst_rcast_signaller_end_session_async (f->rig.signaller, location, session,
      NULL, op_ended, op);
  wait_for (&f->rig, op->done);
}

GST_START_TEST (test_session_that_was_left_is_ended)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_autofree gchar *location = NULL;
  g_autofree gchar *session = NULL;

  fixture_init (&f, NULL);
  location = g_strconcat ("whip+", f.script->url, "/whip/other", NULL);
  session = g_strconcat (f.script->url, "/left?a=%2F", NULL);
  http_script_add (f.script, (HttpReply) {"DELETE", ends[__i__].status});
  end_session (&f, location, session, &op);
  assert_equals_int (op.ok, ends[__i__].ok);
  if (!ends[__i__].ok)
    assert_rcast_error (op.error, ends[__i__].want, ends[__i__].status);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/left?a=%2F");
  fixture_clear (&f);
}

GST_END_TEST;

/* No request goes to a URL that cannot be a session. */
GST_START_TEST (test_what_is_no_session_is_not_asked_for)
{
  static const gchar *const sessions[] = {
    "", "x", "file:///etc/passwd", "http://u:p@127.0.0.1/", "http://",
  };
  Fixture f;
  g_autofree gchar *location = NULL;

  fixture_init (&f, NULL);
  location = g_strconcat (f.script->url, "/whip", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++) {
    g_auto (Op) op = { 0, };

    end_session (&f, location, sessions[i], &op);
    fail_if (op.ok, "%s", sessions[i]);
  }
  assert_equals_int (f.script->requests->len, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* The token of the endpoint goes to its own origin only. */
GST_START_TEST (test_token_goes_to_its_own_origin)
{
  Fixture f;
  HttpScript *other;
  g_autofree gchar *location = NULL;
  g_autofree gchar *own = NULL;
  g_autofree gchar *foreign = NULL;
  g_auto (Op) to_own = { 0, };
  g_auto (Op) to_other = { 0, };

  fixture_init (&f, NULL);
  other = http_script_new (whip_defaults, NULL);
  foreign = g_strconcat (other->url, "/s", NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  location = g_strconcat (f.script->url, "/whip", NULL);
  own = g_strconcat (f.script->url, "/s", NULL);
  end_session (&f, location, own, &to_own);
  end_session (&f, location, foreign, &to_other);
  fail_unless (to_own.ok && to_other.ok);
  assert_equals_string (http_request_header (http_script_find (f.script,
              "DELETE", 0), "Authorization"), "Bearer " TOKEN);
  fail_unless (http_request_header (http_script_find (other, "DELETE", 0),
          "Authorization") == NULL);
  signaller_rig_drop (&f.rig);
  http_script_free (other);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_end_of_a_session_that_was_left_is_cancelled)
{
  Fixture f;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { 0, };
  g_autofree gchar *session = NULL;

  fixture_init (&f, NULL);
  session = g_strconcat (f.script->url, "/s", NULL);
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  gst_rcast_signaller_end_session_async (f.rig.signaller, session, session,
      cancellable, op_ended, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  assert_cancelled (op.error);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastwhip_ghosts_suite (void)
{
  Suite *s = suite_create ("rcastwhip-ghosts");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_end_of_a_session_is_what_the_server_says, 0,
      G_N_ELEMENTS (goodbyes));
  tcase_add_test (tc, test_goodbye_without_an_answer_leaves_the_session);
  tcase_add_test (tc, test_session_behind_a_bad_answer_is_reported);
  tcase_add_test (tc, test_session_without_a_url_is_left_without_a_name);
  tcase_add_test (tc, test_first_lines_of_an_answer_name_the_session);
  tcase_add_loop_test (tc, test_lost_answer_leaves_a_session_without_a_name, 0,
      2);
  tcase_add_test (tc, test_refused_connection_leaves_nothing);
  tcase_add_test (tc, test_late_answer_names_the_session);
  tcase_add_loop_test (tc, test_session_that_was_left_is_ended, 0,
      G_N_ELEMENTS (ends));
  tcase_add_test (tc, test_what_is_no_session_is_not_asked_for);
  tcase_add_test (tc, test_token_goes_to_its_own_origin);
  tcase_add_test (tc, test_end_of_a_session_that_was_left_is_cancelled);
  return s;
}

GST_CHECK_MAIN (rcastwhip_ghosts);
