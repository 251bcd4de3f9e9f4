/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: tokens and passwords. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

GST_START_TEST (test_no_token_no_authorization)
{
  Fixture f;

  fixture_init (&f, NULL);
  go_on_air (&f);
  signaller_rig_close (&f.rig);
  for (guint i = 0; i < f.script->requests->len; i++)
    fail_unless (http_request_header (http_script_get (f.script, i),
            "Authorization") == NULL);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_401_asks_for_a_token_once)
{
  static const gchar *const methods[] = { "POST", "PATCH", "DELETE" };
  Fixture f;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    HttpRequest *request;

    fixture_init (&f, NULL);
    g_object_set (f.rig.signaller, "auth-token", "stale", NULL);
    f.rig.fresh_token = TOKEN;
    http_script_add (f.script, (HttpReply) {methods[i], 401});
    go_on_air (&f);
    gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
        CANDIDATE (1, "ufr1"));
    wait_for (&f.rig, http_script_count (f.script, "PATCH") >= (i == 1 ? 2 : 1));
    signaller_rig_close (&f.rig);
    assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
    assert_equals_int (http_script_count (f.script, methods[i]), 2);
    request = http_script_find (f.script, methods[i], 0);
    assert_equals_string (http_request_header (request, "Authorization"),
        "Bearer stale");
    request = http_script_find (f.script, methods[i], 1);
    assert_equals_string (http_request_header (request, "Authorization"),
        "Bearer " TOKEN);
    if (i == 0)
      assert_equals_string (request->body, OFFER1);
    fixture_clear (&f);
  }
}
GST_END_TEST;

GST_START_TEST (test_401_twice_is_final)
{
  static const struct
  {
    const gchar *fresh;
    guint posts;
  } rows[] = { {TOKEN, 2}, {"", 1}, {"stale", 1} };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture f;
    g_autoptr (GError) error = NULL;

    fixture_init (&f, NULL);
    g_object_set (f.rig.signaller, "auth-token", "stale", NULL);
    f.rig.fresh_token = rows[i].fresh;
    http_script_add (f.script, (HttpReply) {"POST", 401});
    http_script_add (f.script, (HttpReply) {"POST", 401, NULL, "text/plain",
        "wrong key"});
    signaller_rig_open (&f.rig);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_UNAUTHORIZED, 401);
    assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
    assert_equals_int (f.script->requests->len, rows[i].posts);
    fail_unless (strstr (error->message, "stale") == NULL);
    fail_unless (strstr (error->message, TOKEN) == NULL);
    signaller_rig_close (&f.rig);
    fixture_clear (&f);
  }
}
GST_END_TEST;

GST_START_TEST (test_without_a_handler_401_is_final)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  g_signal_handlers_disconnect_by_data (f.rig.signaller, &f.rig);
  http_script_add (f.script, (HttpReply) {"POST", 401});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_UNAUTHORIZED, 401);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_no_token_now_is_tried_again_later)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *url = NULL;

  fixture_init (&f, NULL);
  f.rig.fresh_token = NULL;
  http_script_add (f.script, (HttpReply) {"POST", 401});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NO_TOKEN, 0);
  assert_equals_int (gst_rcast_error_get_class (error),
      GST_RCAST_ERROR_CLASS_TRANSIENT);
  url = g_strconcat (f.script->url, "/whip/demo", NULL);
  assert_equals_string (gst_rcast_error_get_uri (error), url);
  assert_equals_string (f.rig.token_location, url);
  signaller_rig_close (&f.rig);
  assert_equals_int (f.script->requests->len, 1);
  fixture_clear (&f);
}
GST_END_TEST;

static void
set_token (Fixture * f, const gchar * prefix, const gchar * token)
{
  g_autofree gchar *location = g_strconcat (prefix, f->script->url,
      "/any/where?x", NULL);

  g_signal_emit_by_name (f->rig.signaller, "set-token", location, token);
}

GST_START_TEST (test_set_token_wakes_the_request_that_waits)
{
  static const gchar *const prefixes[] = { "", "whip+" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++) {
    Fixture f;
    g_auto (Op) op = { 0, };

    fixture_init (&f, NULL);
    signaller_rig_hold_token (&f.rig, TRUE);
    http_script_add (f.script, (HttpReply) {"POST", 401});
    signaller_rig_open (&f.rig);
    start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
    signaller_rig_wait_token_requests (&f.rig, 1);
    set_token (&f, prefixes[i], TOKEN);
    wait_for (&f.rig, op.done);
    fail_unless (op.ok, "%s", op.error ? op.error->message : "");
    assert_equals_string (http_request_header (http_script_get (f.script, 1),
            "Authorization"), "Bearer " TOKEN);
    signaller_rig_close (&f.rig);
    assert_equals_string (http_request_header (http_script_get (f.script, 2),
            "Authorization"), "Bearer " TOKEN);
    fixture_clear (&f);
  }
}
GST_END_TEST;

/* The handler hangs: only requests that need its token wait for it. */
GST_START_TEST (test_handler_that_hangs_holds_up_nothing)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_auto (Op) next = { 0, };

  fixture_init (&f, NULL);
  signaller_rig_hold_token (&f.rig, TRUE);
  http_script_add (f.script, (HttpReply) {"POST", 401});
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  signaller_rig_wait_token_requests (&f.rig, 1);
  signaller_rig_close (&f.rig);
  assert_cancelled (op.error);

  /* The goodbye may wait for a token, for the close-timeout at most. */
  g_object_set (f.rig.signaller, "close-timeout", 100, NULL);
  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"DELETE", 401});
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &next);
  wait_for (&f.rig, next.done);
  fail_unless (gst_rcast_error_get_class (next.error)
      != GST_RCAST_ERROR_CLASS_FATAL, "%s", next.error->message);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_no_token_in_time)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  signaller_rig_hold_token (&f.rig, TRUE);
  g_object_set (f.rig.signaller, "timeout", 1500, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 401});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NO_TOKEN, 0);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_new_auth_token_counts_from_the_next_request_on)
{
  Fixture f;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", "stale", NULL);
  f.rig.fresh_token = "fresh";
  http_script_add (f.script, (HttpReply) {"POST", 401});
  go_on_air (&f);
  g_object_set (f.rig.signaller, "auth-token", "newer", NULL);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_request_header (http_script_find (f.script,
              "DELETE", 0), "Authorization"), "Bearer newer");
  fixture_clear (&f);
}
GST_END_TEST;

static void
check_server (Fixture * f, const gchar * location)
{
  g_auto (Op) op = { 0, };

  gst_rcast_signaller_check_async (f->rig.signaller, location, NULL, op_checked,
      &op);
  wait_for (&f->rig, op.done);
}

/* On air at one server while another one is checked: neither gets the other's token. */
GST_START_TEST (test_token_of_one_server_goes_to_no_other)
{
  Fixture f;
  HttpScript *other;
  g_autofree gchar *location = NULL, *answer = NULL;

  fixture_init (&f, NULL);
  other = http_script_new (whip_defaults, NULL);
  location = g_strconcat ("whip+", other->url, "/other", NULL);
  f.rig.fresh_token = "here";
  http_script_add (f.script, (HttpReply) {"POST", 401});
  go_on_air (&f);
  f.rig.fresh_token = "there";
  http_script_add (other, (HttpReply) {"OPTIONS", 401});
  http_script_add (other, (HttpReply) {"OPTIONS", 200});
  check_server (&f, location);
  assert_equals_string (http_request_header (http_script_get (other, 0),
          "Authorization"), NULL);
  assert_equals_string (http_request_header (http_script_get (other, 1),
          "Authorization"), "Bearer there");
  /* A check keeps no token. */
  http_script_add (other, (HttpReply) {"OPTIONS", 200});
  check_server (&f, location);
  assert_equals_string (http_request_header (http_script_get (other, 2),
          "Authorization"), NULL);

  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
      CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 1);
  signaller_rig_close (&f.rig);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 2);
  for (guint i = 1; i < f.script->requests->len; i++)
    assert_equals_string (http_request_header (http_script_get (f.script, i),
            "Authorization"), "Bearer here");

  /* Each server's token is kept in turn. */
  g_object_set (f.rig.signaller, "location", location, NULL);
  http_script_add (other, (HttpReply) {"POST", 401});
  go_on_air (&f);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_request_header (http_script_find (other, "DELETE",
              0), "Authorization"), "Bearer there");
  answer = g_strconcat (f.script->url, "/whip/demo", NULL);
  set_location (&f, answer);
  go_on_air (&f);
  assert_equals_string (http_request_header (http_script_find (f.script, "POST",
              2), "Authorization"), "Bearer here");
  signaller_rig_close (&f.rig);
  http_script_free (other);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_check_that_waits_for_a_token_can_be_cancelled)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree gchar *location = NULL;

  fixture_init (&f, NULL);
  location = g_strconcat ("whip+", f.script->url, "/whip/demo", NULL);
  signaller_rig_hold_token (&f.rig, TRUE);
  http_script_add (f.script, (HttpReply) {"OPTIONS", 401});
  gst_rcast_signaller_check_async (f.rig.signaller, location, cancellable,
      op_checked, &op);
  signaller_rig_wait_token_requests (&f.rig, 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  assert_cancelled (op.error);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_basic_authentication)
{
  Fixture f;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "user-id", "me", "user-pw", "pass", NULL);
  http_script_add (f.script, (HttpReply) {"POST", 401,
      "WWW-Authenticate: Basic realm=\"x\""});
  go_on_air (&f);
  /* base64 of me:pass */
  assert_equals_string (http_request_header (http_script_get (f.script, 1),
          "Authorization"), "Basic bWU6cGFzcw==");
  assert_equals_string (http_script_get (f.script, 1)->body, OFFER1);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 0);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_tokens_suite (void)
{
  Suite *s = suite_create ("rcastwhip-tokens");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_no_token_no_authorization);
  tcase_add_test (tc, test_401_asks_for_a_token_once);
  tcase_add_test (tc, test_401_twice_is_final);
  tcase_add_test (tc, test_without_a_handler_401_is_final);
  tcase_add_test (tc, test_no_token_now_is_tried_again_later);
  tcase_add_test (tc, test_set_token_wakes_the_request_that_waits);
  tcase_add_test (tc, test_handler_that_hangs_holds_up_nothing);
  tcase_add_test (tc, test_no_token_in_time);
  tcase_add_test (tc, test_new_auth_token_counts_from_the_next_request_on);
  tcase_add_test (tc, test_token_of_one_server_goes_to_no_other);
  tcase_add_test (tc, test_check_that_waits_for_a_token_can_be_cancelled);
  tcase_add_test (tc, test_basic_authentication);
  return s;
}

GST_CHECK_MAIN (rcastwhip_tokens);
