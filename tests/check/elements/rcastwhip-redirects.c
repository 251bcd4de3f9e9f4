/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: redirects, and what is sent along with them. */
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
  /* relative to the URL that created the session, not to the location */
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

/* A cluster redirects to a node, whose refusals are HTML pages. @page: the error suspects a
 * captive portal, whose login page takes no POST */
static const struct
{
  gboolean whep;
  guint status;
  GstRcastError want;
  gboolean page;
} page_rows[] = {
  {FALSE, 400, GST_RCAST_ERROR_OCCUPIED},
  {FALSE, 401, GST_RCAST_ERROR_UNAUTHORIZED},
  {FALSE, 403, GST_RCAST_ERROR_OCCUPIED},
  {FALSE, 409, GST_RCAST_ERROR_OCCUPIED},
  {FALSE, 503, GST_RCAST_ERROR_BUSY},
  {FALSE, 200, GST_RCAST_ERROR_FAILED, TRUE},
  {FALSE, 404, GST_RCAST_ERROR_FAILED, TRUE},
  {FALSE, 405, GST_RCAST_ERROR_FAILED, TRUE},
  {TRUE, 401, GST_RCAST_ERROR_UNAUTHORIZED},
  {TRUE, 404, GST_RCAST_ERROR_NO_STREAM},
  {TRUE, 409, GST_RCAST_ERROR_NO_STREAM},
  {TRUE, 503, GST_RCAST_ERROR_BUSY},
  {TRUE, 405, GST_RCAST_ERROR_FAILED, TRUE},
};

GST_START_TEST (test_a_page_of_another_host)
{
  Fixture f;
  HttpScript *there;
  g_autofree gchar *location = NULL;
  g_autoptr (GError) error = NULL;
  gboolean page;

  if (page_rows[__i__].whep)
    fixture_init_whep (&f, NULL);
  else
    fixture_init (&f, NULL);
  there = http_script_new (whip_defaults, NULL);
  location = g_strdup_printf ("Location: http://localhost:%u/there",
      there->port);
  http_script_add (f.script, (HttpReply) {"POST", 307, location});
  http_script_add (there, (HttpReply) {"POST", page_rows[__i__].status, NULL,
      "text/html", "<html>"});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, page_rows[__i__].want, page_rows[__i__].status);
  page = strstr (error->message, "captive portal") != NULL;
  assert_equals_int (page, page_rows[__i__].page);
  signaller_rig_close (&f.rig);
  assert_equals_int (there->requests->len, 1);
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

/* Another server, to which the first one redirects, or which has the session: on another host,
 * or on another port of 127.0.0.1 */
static const struct
{
  const gchar *policy;
  gboolean tls_here, tls_there, same_host;
  /* for a 307: whether it is followed, and whether the token goes with the offer */
  gboolean follows, token;
  /* for a session URL there: whether the token goes with the DELETE */
  gboolean session_token;
} policy_rows[] = {
  {"same-origin", FALSE, FALSE, FALSE, TRUE, FALSE, FALSE},
  {"same-origin", FALSE, FALSE, TRUE, TRUE, FALSE, FALSE},
  {"same-host", FALSE, TRUE, FALSE, TRUE, FALSE, FALSE},
  {"same-origin", TRUE, TRUE, TRUE, TRUE, FALSE, FALSE},
  {"session", FALSE, FALSE, FALSE, TRUE, FALSE, FALSE},
  {"session", FALSE, FALSE, TRUE, TRUE, FALSE, FALSE},
  {"session", FALSE, TRUE, FALSE, TRUE, FALSE, TRUE},
  {"session", TRUE, TRUE, FALSE, TRUE, FALSE, TRUE},
  {"session", TRUE, TRUE, TRUE, TRUE, FALSE, TRUE},
  {"session", TRUE, FALSE, FALSE, FALSE, FALSE, FALSE},
  {"https", FALSE, FALSE, TRUE, TRUE, FALSE, FALSE},
  {"https", FALSE, TRUE, FALSE, TRUE, TRUE, TRUE},
  {"https", TRUE, TRUE, FALSE, TRUE, TRUE, TRUE},
  {"https", TRUE, FALSE, FALSE, FALSE, FALSE, FALSE},
  {"always", FALSE, FALSE, FALSE, TRUE, TRUE, TRUE},
  {"always", FALSE, FALSE, TRUE, TRUE, TRUE, TRUE},
  {"always", TRUE, FALSE, FALSE, FALSE, FALSE, FALSE},
  {"always", TRUE, FALSE, TRUE, FALSE, FALSE, FALSE},
};

static HttpScript *
start_there (Fixture * f, guint row, gchar ** location)
{
  const gchar *certificate = CERTS "server.pem";
  HttpScript *there;

  fixture_init (f, policy_rows[row].tls_here ? certificate : NULL);
  there = http_script_new (whip_defaults,
      policy_rows[row].tls_there ? certificate : NULL);
  g_object_set (f->rig.signaller, "auth-token", TOKEN, "tls-ca-file",
      CERTS "ca.pem", NULL);
  gst_util_set_object_arg (G_OBJECT (f->rig.signaller), "redirect-auth",
      policy_rows[row].policy);
  *location = g_strdup_printf ("Location: http%s://%s:%u/there",
      policy_rows[row].tls_there ? "s" : "",
      policy_rows[row].same_host ? "127.0.0.1" : "localhost", there->port);
  return there;
}

static void
assert_token (HttpScript * script, const gchar * method, gboolean token)
{
  assert_equals_string (http_request_header (http_script_find (script, method,
              0), "Authorization"), token ? "Bearer " TOKEN : NULL);
}

GST_START_TEST (test_token_follows_a_redirect_only_if_it_may)
{
  Fixture f;
  g_autofree gchar *location = NULL;
  HttpScript *there = start_there (&f, __i__, &location);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  http_script_add (f.script, (HttpReply) {"POST", 307, location});
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error);
  if (policy_rows[__i__].follows) {
    fail_unless (answer != NULL, "%s", error ? error->message : "");
    assert_token (there, "POST", policy_rows[__i__].token);
  } else {
    assert_rcast_error (error, GST_RCAST_ERROR_REJECTED, 307);
    assert_equals_int (there->requests->len, 0);
  }
  signaller_rig_close (&f.rig);
  if (policy_rows[__i__].follows)
    assert_token (there, "DELETE", policy_rows[__i__].session_token);
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_token_goes_to_a_session_elsewhere_only_if_it_may)
{
  Fixture f;
  g_autofree gchar *location = NULL, *headers = NULL;
  HttpScript *there = start_there (&f, __i__, &location);
  HttpScript *has_session = there;

  headers = g_strconcat (location, "\nETag: \"1\"", NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, headers, SDP, ANSWER});
  go_on_air (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
      CANDIDATE (1, "ufr1"));
  if (!policy_rows[__i__].follows) {
    /* Never from TLS to plain HTTP: at the same host, the session is where the offer went;
     * at another host, there is none. */
    assert_equals_int (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_TRICKLE
            | GST_RCAST_SIGNALLER_ICE_RESTART), policy_rows[__i__].same_host);
    has_session = policy_rows[__i__].same_host ? f.script : NULL;
  }
  if (has_session)
    wait_for (&f.rig, http_script_count (has_session, "PATCH") == 1);
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (there, NULL), has_session == there ? 2 : 0);
  if (has_session) {
    assert_token (has_session, "PATCH", has_session == f.script
        || policy_rows[__i__].session_token);
    assert_token (has_session, "DELETE", has_session == f.script
        || policy_rows[__i__].session_token);
  }
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

/* A token that the application sets for the other origin is sent there. */
GST_START_TEST (test_token_for_the_other_origin_goes_there)
{
  Fixture f;
  HttpScript *there;
  g_autofree gchar *location = NULL;

  fixture_init (&f, NULL);
  there = http_script_new (whip_defaults, NULL);
  location = g_strdup_printf ("Location: %s/there", there->url);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  g_signal_emit_by_name (f.rig.signaller, "set-token", there->url, "other");
  http_script_add (f.script, (HttpReply) {"POST", 307, location});
  go_on_air (&f);
  signaller_rig_close (&f.rig);
  assert_equals_string (http_request_header (http_script_get (f.script, 0),
          "Authorization"), "Bearer " TOKEN);
  for (guint i = 0; i < there->requests->len; i++)
    assert_equals_string (http_request_header (http_script_get (there, i),
            "Authorization"), "Bearer other");
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

/* With or without a token, the application is not asked for another: it may have one only. */
GST_START_TEST (test_no_token_is_asked_for_where_none_may_go)
{
  static const gchar *const tokens[] = { TOKEN, NULL };
  Fixture f;
  HttpScript *there;
  g_autofree gchar *location = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  there = http_script_new (whip_defaults, NULL);
  location = g_strdup_printf ("Location: %s/there", there->url);
  g_object_set (f.rig.signaller, "auth-token", tokens[__i__], NULL);
  f.rig.fresh_token = TOKEN "2";
  http_script_add (f.script, (HttpReply) {"POST", 307, location});
  http_script_add (there, (HttpReply) {"POST", 401});
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_UNAUTHORIZED, 401);
  fail_unless (strstr (error->message, "redirect-auth") != NULL, "%s", error->message);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 0);
  assert_equals_int (there->requests->len, 1);
  signaller_rig_close (&f.rig);
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

/* The same for a session at another origin */
GST_START_TEST (test_no_token_is_asked_for_a_session_where_none_may_go)
{
  Fixture f;
  HttpScript *there;
  g_auto (Op) op = { 0, };
  g_autofree gchar *headers = NULL;

  fixture_init (&f, NULL);
  there = http_script_new (whip_defaults, NULL);
  headers = g_strdup_printf ("Location: %s/there\nETag: \"1\"", there->url);
  f.rig.fresh_token = TOKEN;
  http_script_add (f.script, (HttpReply) {"POST", 201, headers, SDP, ANSWER});
  http_script_add (there, (HttpReply) {"DELETE", 401});
  go_on_air (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_FAILED, 401);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 0);
  assert_equals_int (http_script_count (there, "DELETE"), 1);
  http_script_free (there);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_passwords_never_leave_their_origin)
{
  static const struct
  {
    const gchar *scheme;
    gboolean tls_there, same_host;
  } rows[] = {
    {"Basic realm=\"x\"", FALSE, TRUE},
    {"Basic realm=\"x\"", FALSE, FALSE},
    {"Basic realm=\"x\"", TRUE, FALSE},
    {"Digest realm=\"x\", nonce=\"n\", qop=\"auth\"", FALSE, TRUE},
    {"Digest realm=\"x\", nonce=\"n\", qop=\"auth\"", TRUE, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Fixture f;
    HttpScript *there;
    g_autofree gchar *challenge =
        g_strconcat ("WWW-Authenticate: ", rows[i].scheme, NULL);
    g_autofree gchar *location = NULL;
    g_autoptr (GError) error = NULL;

    fixture_init (&f, NULL);
    there = http_script_new (whip_defaults,
        rows[i].tls_there ? CERTS "server.pem" : NULL);
    location = g_strdup_printf ("Location: http%s://%s:%u/there",
        rows[i].tls_there ? "s" : "",
        rows[i].same_host ? "127.0.0.1" : "localhost", there->port);
    g_object_set (f.rig.signaller, "user-id", "joe", "user-pw", "s3cret",
        "tls-ca-file", CERTS "ca.pem", NULL);
    gst_util_set_object_arg (G_OBJECT (f.rig.signaller), "redirect-auth",
        "always");
    http_script_add (f.script, (HttpReply) {"POST", 401, challenge});
    http_script_add (f.script, (HttpReply) {"POST", 307, location});
    http_script_add (there, (HttpReply) {"POST", 401, challenge});
    signaller_rig_open (&f.rig);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_UNAUTHORIZED, 401);
    /* The password is sent where it belongs. */
    fail_unless (http_request_header (http_script_get (f.script, 1),
            "Authorization") != NULL);
    assert_equals_int (there->requests->len, 1);
    assert_equals_string (http_request_header (http_script_get (there, 0),
            "Authorization"), NULL);
    signaller_rig_close (&f.rig);
    http_script_free (there);
    fixture_clear (&f);
  }
}
GST_END_TEST;

/* A proxy redirects all requests. Each is repeated unchanged at the
 * other URL, in the same session. */
GST_START_TEST (test_all_requests_follow_a_redirect)
{
  Fixture f;
  g_auto (Op) check = { 0, };
  g_autofree gchar *location = NULL;
  g_autofree gchar *answer = NULL;
  HttpRequest *request;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  location = gst_rcast_signaller_dup_location (f.rig.signaller);
  http_script_add (f.script, (HttpReply) {"OPTIONS", 301,
      "Location: /other/endpoint"});
  http_script_add (f.script, (HttpReply) {"OPTIONS", 200});
  gst_rcast_signaller_check_async (f.rig.signaller, location, NULL, op_checked,
      &check);
  wait_for (&f.rig, check.done);
  fail_unless (check.ok, "%s", check.error ? check.error->message : "");
  assert_equals_string (http_script_find (f.script, "OPTIONS", 1)->target,
      "/other/endpoint");

  go_on_air (&f);
  http_script_add (f.script, (HttpReply) {"PATCH", 307,
      "Location: /other/session"});
  http_script_add (f.script, (HttpReply) RESTARTED);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer != NULL);
  request = http_script_find (f.script, "PATCH", 1);
  assert_equals_string (request->target, "/other/session");
  assert_equals_string (request->body,
      http_script_find (f.script, "PATCH", 0)->body);
  assert_equals_string (http_request_header (request, "If-Match"), "*");
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);

  http_script_add (f.script, (HttpReply) {"DELETE", 308,
      "Location: /other/session"});
  signaller_rig_close (&f.rig);
  assert_equals_string (http_script_find (f.script, "DELETE", 1)->target,
      "/other/session");
  assert_equals_int (http_script_count (f.script, "DELETE"), 2);
  fixture_clear (&f);
}
GST_END_TEST;

static void
on_session_changed (GstRcastSignaller * signaller, const gchar * location,
    const gchar * session, GstRcastSessionState state, GString * told)
{
  g_string_append_printf (told, "%d %s\n", state, session);
}

/* The session reported as ended is the one that was opened, wherever its DELETE went. */
GST_START_TEST (test_redirected_end_is_the_end_of_the_session)
{
  Fixture f;
  g_autoptr (GString) told = g_string_new (NULL);
  g_autofree gchar *end = NULL;

  fixture_init (&f, NULL);
  g_signal_connect (f.rig.signaller, "session-changed",
      G_CALLBACK (on_session_changed), told);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /session/9",
      SDP, ANSWER});
  http_script_add (f.script, (HttpReply) {"DELETE", 308,
      "Location: /other/session"});
  go_on_air (&f);
  signaller_rig_close (&f.rig);
  end = g_strdup_printf ("%d %s/session/9\n", GST_RCAST_SESSION_ENDED,
      f.script->url);
  fail_unless (g_str_has_suffix (told->str, end), "%s", told->str);
  fixture_clear (&f);
}
GST_END_TEST;

/* Other requests follow as many redirects as an offer. After that, the last response counts. */
GST_START_TEST (test_redirects_of_all_requests_end)
{
  Fixture f;
  g_auto (Op) check = { 0, };
  g_autofree gchar *location = NULL;

  fixture_init (&f, NULL);
  location = gst_rcast_signaller_dup_location (f.rig.signaller);
  for (guint i = 0; i < 20; i++)
    http_script_add (f.script, (HttpReply) {"OPTIONS", 307,
        "Location: /whip/demo"});
  gst_rcast_signaller_check_async (f.rig.signaller, location, NULL, op_checked,
      &check);
  wait_for (&f.rig, check.done);
  assert_rcast_error (check.error, GST_RCAST_ERROR_FAILED, 307);
  assert_equals_int (http_script_count (f.script, "OPTIONS"), 11);
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
  tcase_add_loop_test (tc, test_a_page_of_another_host, 0,
      G_N_ELEMENTS (page_rows));
  tcase_add_loop_test (tc, test_token_follows_a_redirect_only_if_it_may, 0,
      G_N_ELEMENTS (policy_rows));
  tcase_add_loop_test (tc,
      test_token_goes_to_a_session_elsewhere_only_if_it_may, 0,
      G_N_ELEMENTS (policy_rows));
  tcase_add_test (tc, test_token_for_the_other_origin_goes_there);
  tcase_add_loop_test (tc, test_no_token_is_asked_for_where_none_may_go, 0, 2);
  tcase_add_test (tc, test_no_token_is_asked_for_a_session_where_none_may_go);
  tcase_add_test (tc, test_passwords_never_leave_their_origin);
  tcase_add_test (tc, test_all_requests_follow_a_redirect);
  tcase_add_test (tc, test_redirected_end_is_the_end_of_the_session);
  tcase_add_test (tc, test_redirects_of_all_requests_end);
  return s;
}

GST_CHECK_MAIN (rcastwhip_redirects);
