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
  } rows[] = { {TOKEN, 2}, {NULL, 1}, {"stale", 1} };

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
  tcase_add_test (tc, test_basic_authentication);
  return s;
}

GST_CHECK_MAIN (rcastwhip_tokens);
