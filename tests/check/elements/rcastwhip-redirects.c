/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: redirects, and what goes with them. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

static const struct
{
  guint status;
  const gchar *location, *target;
} redirect_rows[] = {
  {301, "/other", "/other"},
  {302, "/other", "/other"},
  {307, "other?x=1%202", "/whip/other?x=1%202"},
  {308, "?room=1", "/whip/demo?room=1"},
};

GST_START_TEST (test_redirects_keep_method_body_and_token)
{
  Fixture f;
  g_autofree gchar *headers =
      g_strdup_printf ("Location: %s", redirect_rows[__i__].location);
  HttpRequest *request;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  http_script_add (f.script, (HttpReply) {"POST", redirect_rows[__i__].status,
      headers});
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: session",
      SDP, ANSWER});
  go_on_air (&f);
  request = http_script_get (f.script, 1);
  assert_equals_string (request->method, "POST");
  assert_equals_string (request->target, redirect_rows[__i__].target);
  assert_equals_string (request->body, OFFER1);
  assert_equals_string (http_request_header (request, "Content-Type"), SDP);
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  signaller_rig_close (&f.rig);
  /* relative to where it was created, not to the location */
  assert_equals_string (http_script_get (f.script, 2)->target,
      g_str_has_prefix (redirect_rows[__i__].target, "/whip") ?
      "/whip/session" : "/session");
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_redirect_loops_end)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  for (guint i = 0; i < 20; i++)
    http_script_add (f.script, (HttpReply) {"POST", 307,
        "Location: /whip/demo"});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_FAILED, 307);
  assert_equals_int (f.script->requests->len, 11);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_redirect_to_nowhere)
{
  static const gchar *const headers[] = {
    NULL, "Location: ftp://127.0.0.1/", "Location: http://u:p@127.0.0.1/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    Fixture f;
    g_autoptr (GError) error = NULL;

    fixture_init (&f, NULL);
    http_script_add (f.script, (HttpReply) {"POST", 307, headers[i]});
    signaller_rig_open (&f.rig);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_INVALID_DATA, 307);
    signaller_rig_close (&f.rig);
    fixture_clear (&f);
  }
}
GST_END_TEST;

/* The same server under another name, as seen from 127.0.0.1. */
static const struct
{
  const gchar *policy;
  gboolean tls_here, tls_there;
  gboolean follows, token;
} policy_rows[] = {
  {"same-host", FALSE, FALSE, TRUE, FALSE},
  {"https", FALSE, FALSE, TRUE, FALSE},
  {"always", FALSE, FALSE, TRUE, TRUE},
  {"same-host", FALSE, TRUE, TRUE, FALSE},
  {"https", FALSE, TRUE, TRUE, TRUE},
  {"https", TRUE, FALSE, FALSE, FALSE},
  {"always", TRUE, FALSE, TRUE, TRUE},
};

GST_START_TEST (test_token_goes_to_another_host_only_if_it_may)
{
  Fixture f;
  HttpScript *there;
  g_autofree gchar *headers = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, policy_rows[__i__].tls_here ? CERTS "server.pem" : NULL);
  there = http_script_new (whip_defaults,
      policy_rows[__i__].tls_there ? CERTS "server.pem" : NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, "tls-ca-file", CERTS "ca.pem",
      NULL);
  gst_util_set_object_arg (G_OBJECT (f.rig.signaller), "redirect-auth",
      policy_rows[__i__].policy);
  headers = g_strdup_printf ("Location: http%s://localhost:%u/there",
      policy_rows[__i__].tls_there ? "s" : "", there->port);
  http_script_add (f.script, (HttpReply) {"POST", 307, headers});
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error);
  if (policy_rows[__i__].follows) {
    fail_unless (answer != NULL, "%s", error ? error->message : "");
    assert_equals_string (http_request_header (http_script_get (there, 0),
            "Authorization"),
        policy_rows[__i__].token ? "Bearer " TOKEN : NULL);
  } else {
    assert_rcast_error (error, GST_RCAST_ERROR_REJECTED, 307);
    assert_equals_int (there->requests->len, 0);
  }
  signaller_rig_close (&f.rig);
  if (policy_rows[__i__].follows)
    assert_equals_string (http_request_header (http_script_find (there,
                "DELETE", 0), "Authorization"),
        policy_rows[__i__].token ? "Bearer " TOKEN : NULL);
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_redirects_suite (void)
{
  Suite *s = suite_create ("rcastwhip-redirects");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_redirects_keep_method_body_and_token, 0,
      G_N_ELEMENTS (redirect_rows));
  tcase_add_test (tc, test_redirect_loops_end);
  tcase_add_test (tc, test_redirect_to_nowhere);
  tcase_add_loop_test (tc, test_token_goes_to_another_host_only_if_it_may, 0,
      G_N_ELEMENTS (policy_rows));
  return s;
}

GST_CHECK_MAIN (rcastwhip_redirects);
