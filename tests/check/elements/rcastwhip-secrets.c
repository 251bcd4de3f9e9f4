/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: what may be read and logged, and which locations and settings are accepted. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

static const HttpReply restarted = RESTARTED;

GST_START_TEST (test_locations)
{
  static const struct
  {
    const gchar *location;
    gboolean ok;
    const gchar *shown;         /* NULL: the location as it was set */
  } rows[] = {
    {"whip+http://127.0.0.1:8080/whip/demo?x=s3cret", TRUE,
        "whip+http://127.0.0.1:8080/whip/demo?…"},
    {"https://live.example?x=s3cret", TRUE, "https://live.example?…"},
    {"whip+https://live.example/whip", TRUE},
    {"WHIP+HTTPS://live.example", TRUE},
    {"whip+http://[::1]/", TRUE},
    {"http://live.example/", TRUE},
    {"https://live.example:444/", TRUE},
    {"whip://live.example/", TRUE},
    {"whips://live.example/x", TRUE},
    {"whip+http://", FALSE},
    {"whips://", FALSE},
    {"http:///x", FALSE},
    {"whip:live.example", FALSE},
    {"whip+http://user:s3cret@live.example/", FALSE},
    {"whip+ftp://live.example/", FALSE},
    {"whip+http://a b/", FALSE},
    {"", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *uri = NULL;
    GstElement *whip = gst_element_factory_make ("rcastwhip", NULL);

    assert_equals_int (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER
            (whip), rows[i].location, &error), rows[i].ok);
    assert_equals_int (error == NULL, rows[i].ok);
    fail_if (error && strstr (error->message, "s3cret"));
    uri = gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (whip));
    if (rows[i].ok)
      fail_unless (g_ascii_strcasecmp (uri, rows[i].shown ? rows[i].shown :
              rows[i].location) == 0, "%s", uri);
    else
      fail_unless (uri == NULL);
    gst_object_unref (whip);
  }
}
GST_END_TEST;

/* rcastsink finds the element by its metadata in the registry; rcastwhip is no URI handler. */
GST_START_TEST (test_factory_lists_its_schemes)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("rcastwhip");

  assert_equals_string (gst_element_factory_get_metadata (factory,
          GST_RCAST_SIGNALLER_METADATA_PROTOCOLS),
      "whip+https,whip+http,whips,whip,https,http");
  assert_equals_int (gst_element_factory_get_uri_type (factory),
      GST_URI_UNKNOWN);
}
GST_END_TEST;

GST_START_TEST (test_wrong_settings_are_told_on_open)
{
  static const struct
  {
    const gchar *location, *ca_file, *text;
  } rows[] = {
    {NULL, NULL, "location"},
    {"whip+https://127.0.0.1/", "/nonexistent/ca.pem", "tls-ca-file"},
  };
  Fixture f;

  fixture_init (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Op) op = { 0, };
    g_autoptr (GError) error = NULL;

    g_object_set (f.rig.signaller, "location", rows[i].location, "tls-ca-file",
        rows[i].ca_file, NULL);
    gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
    wait_for (&f.rig, op.done);
    assert_rcast_error (op.error, GST_RCAST_ERROR_INVALID_ARGUMENT, 0);
    fail_unless (strstr (op.error->message, rows[i].text) != NULL);
    fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
    assert_rcast_error (error, GST_RCAST_ERROR_SESSION_GONE, 0);
  }
  fixture_clear (&f);
}
GST_END_TEST;

/* GLib takes absolute file names only, and does no more than warn about others. */
GST_START_TEST (test_relative_ca_file_is_relative_to_the_directory)
{
  Fixture f;
  g_autofree gchar *before = g_get_current_dir ();

  fixture_init (&f, CERTS "server.pem");
  fail_unless (g_chdir (CERTS) == 0);
  g_object_set (f.rig.signaller, "tls-ca-file", "ca.pem", NULL);
  go_on_air (&f);
  signaller_rig_close (&f.rig);
  fail_unless (g_chdir (before) == 0);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_secrets_cannot_be_read)
{
  static const gchar *const secrets[] = { "auth-token", "user-pw" };
  GstElement *whip = gst_element_factory_make ("rcastwhip", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++) {
    GParamSpec *pspec =
        g_object_class_find_property (G_OBJECT_GET_CLASS (whip), secrets[i]);

    fail_unless (pspec != NULL);
    assert_equals_int (pspec->flags & G_PARAM_READWRITE, G_PARAM_WRITABLE);
  }
  gst_object_unref (whip);
}
GST_END_TEST;

static void
search_secrets (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  static const gchar *const secrets[] = { TOKEN, PWD1, PWD2, SERVER_PWD,
    "SERVERpassword"
  };
  const gchar *text = gst_debug_message_get (message);
  guint *lines = data;

  if (g_str_has_prefix (gst_debug_category_get_name (category), "rcast"))
    (*lines)++;
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    fail_unless (strstr (text, secrets[i]) == NULL, "logged: %s", text);
}

GST_START_TEST (test_nothing_secret_is_logged)
{
  Fixture f;
  guint lines = 0;
  g_autofree gchar *answer = NULL;

  gst_debug_set_active (TRUE);
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  gst_debug_set_threshold_from_string ("rcast*:9", FALSE);
  gst_debug_add_log_function (search_secrets, &lines, NULL);
  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 401});
  f.rig.fresh_token = TOKEN "2";
  http_script_add (f.script, restarted);
  go_on_air (&f);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer != NULL);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (1, "ufr2"));
  wait_for (&f.rig, http_script_count (f.script, "PATCH") == 2);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
  fail_unless (lines > 10);
  gst_debug_remove_log_function (search_secrets);
  gst_debug_set_active (FALSE);
}
GST_END_TEST;

/* What a person may see: the log, and errors */

#define KEY "QUERY-s3cret"

/* Longer than any text of this project that quotes a server */
#define MAX_SHOWN 1500

static void
check_shown (const gchar * text, gboolean may_have_lines)
{
  fail_unless (strstr (text, KEY) == NULL, "shown: %.300s", text);
  fail_unless (g_utf8_validate (text, -1, NULL));
  for (const gchar * p = text; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    fail_if (g_unichar_iscntrl (c) && !(may_have_lines && (c == '\n'
                || c == '\r')), "%.300s", text);
  }
  fail_unless (may_have_lines || strlen (text) < MAX_SHOWN, "%" G_GSIZE_FORMAT
      " bytes are shown", strlen (text));
}

static void
check_log (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (!g_str_has_prefix (gst_debug_category_get_name (category), "rcast"))
    return;
  ++*(guint *) data;
  /* SDP has several lines. */
  check_shown (gst_debug_message_get (message), level >= GST_LEVEL_LOG);
}

static void
start_log (guint * lines)
{
  *lines = 0;
  gst_debug_set_active (TRUE);
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  gst_debug_set_threshold_from_string ("rcast*:9", FALSE);
  gst_debug_add_log_function (check_log, lines, NULL);
}

static void
stop_log (const guint * lines)
{
  gst_debug_remove_log_function (check_log);
  gst_debug_set_active (FALSE);
  fail_unless (*lines > 0);
}

static void
check_error (const GError * error)
{
  if (!error)
    return;
  check_shown (error->message, FALSE);
  if (gst_rcast_error_get_uri (error))
    check_shown (gst_rcast_error_get_uri (error), FALSE);
}

static const struct
{
  const gchar *name;
  HttpReply replies[3];
} key_rows[] = {
  {"refused", {{"POST", 403, NULL, "text/plain", "no"}}},
  {"redirected and refused", {{"POST", 307, "Location: /other?" KEY},
          {"POST", 503, "Retry-After: 1"}}},
  {"redirected to nowhere", {{"POST", 307, "Location: http://joe:" KEY
              "@127.0.0.1/"}}},
  {"redirected to no URL", {{"POST", 307, "Location: http://[" KEY}}},
  {"redirected in circles", {{"POST", 307, "Location: ?" KEY}, {"POST", 307,
              "Location: ?" KEY}, {"POST", 404}}},
  {"no answer", {{"POST", 201, "Location: /s?" KEY, SDP, "<html>"}}},
  {"session gone", {{"POST", 201, "Location: /s?" KEY "\nETag: \"1\"", SDP,
              ANSWER}, {"PATCH", 410}, {"DELETE", 500}}},
  {"no candidates", {{"POST", 201, "Location: /s?" KEY, SDP, ANSWER},
          {"PATCH", 405}, {"DELETE", 307, "Location: /x?" KEY}}},
  {"no session", {{"POST", 201, "Location: http://joe:" KEY "@127.0.0.1/", SDP,
              ANSWER}}},
  {"no token", {{"POST", 401}}},
};

/* Goes through all that can fail, with candidates and a goodbye. */
static void
broadcast (Fixture * f)
{
  g_autoptr (GError) error = NULL;
  g_auto (Op) op = { 0, };
  g_autofree gchar *answer = NULL;
  g_autofree gchar *shown =
      gst_rcast_signaller_dup_location (f->rig.signaller);

  check_shown (shown, FALSE);
  signaller_rig_open (&f->rig);
  answer = signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER1,
      &error);
  check_error (error);
  if (answer && signaller_rig_has (&f->rig, GST_RCAST_SIGNALLER_TRICKLE)) {
    gst_rcast_signaller_add_candidate (f->rig.signaller, 0, "ufr1",
        CANDIDATE (1, "ufr1"));
    wait_for (&f->rig, f->rig.lost || !signaller_rig_has (&f->rig,
            GST_RCAST_SIGNALLER_TRICKLE) || http_script_count (f->script,
            "PATCH") == 1);
    signaller_rig_settle (&f->rig);
  }
  check_error (f->rig.lost_error);
  gst_rcast_signaller_close_async (f->rig.signaller, NULL, op_closed, &op);
  wait_for (&f->rig, op.done);
  check_error (op.error);
}

GST_START_TEST (test_query_of_a_url_is_shown_nowhere)
{
  Fixture f;
  guint lines;
  g_autofree gchar *url = NULL;

  start_log (&lines);
  fixture_init (&f, NULL);
  url = g_strconcat (f.script->url, "/whip/demo?key=" KEY, NULL);
  set_location (&f, url);
  if (g_str_equal (key_rows[__i__].name, "no token"))
    f.rig.fresh_token = NULL;
  for (guint i = 0; i < 3 && key_rows[__i__].replies[i].status; i++)
    http_script_add (f.script, key_rows[__i__].replies[i]);
  broadcast (&f);
  /* The request had the key all the same. */
  assert_equals_string (http_script_get (f.script, 0)->target,
      "/whip/demo?key=" KEY);
  fixture_clear (&f);
  stop_log (&lines);
}
GST_END_TEST;

GST_START_TEST (test_key_in_a_location_that_is_refused_is_not_shown)
{
  static const gchar *const locations[] = {
    "whip+http://joe:" KEY "@127.0.0.1/", "whip+http://127.0.0.1:" KEY "/",
    "whip+http://[" KEY "/", "whip+http://127.0.0.1/ ?" KEY, KEY "://x/",
    "whip+http://" KEY ":" KEY "@/", "whip+ftp://127.0.0.1/?" KEY,
  };
  Fixture f;
  guint lines;

  start_log (&lines);
  fixture_init (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (locations); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_signaller_set_location (f.rig.signaller, locations[i],
            &error));
    check_error (error);
    g_object_set (f.rig.signaller, "location", locations[i], NULL);
    g_signal_emit_by_name (f.rig.signaller, "set-token", locations[i], KEY);
  }
  fixture_clear (&f);
  stop_log (&lines);
}
GST_END_TEST;

/* Text from servers */

#define NOISE "\033[31m\033]0;title\007\302\233\177"

static const struct
{
  const gchar *name;
  /* %s: 60 kB of noise */
  const gchar *bytes;
} noise_rows[] = {
  {"reason phrase", "HTTP/1.1 503 %s\r\nContent-Length: 0\r\n\r\n"},
  {"reason phrase of a success", "HTTP/1.1 204 %s\r\n\r\n"},
  {"problem", "HTTP/1.1 403 X\r\nContent-Type: application/problem+json\r\n"
        "Connection: close\r\n\r\n{\"title\":\"" NOISE "\",\"detail\":\"%s\"}"},
  {"text", "HTTP/1.1 403 X\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        "\r\n" NOISE "%s"},
  {"content type", "HTTP/1.1 201 X\r\nContent-Type: " NOISE "/%s\r\n"
        "Connection: close\r\n\r\n" ANSWER},
  {"content type of a refusal", "HTTP/1.1 500 X\r\nContent-Type: " NOISE
        "\r\nConnection: close\r\n\r\n%s"},
  {"location of a redirect", "HTTP/1.1 307 X\r\nLocation: http://" NOISE "%s/"
        "\r\nContent-Length: 0\r\n\r\n"},
  {"scheme of a redirect", "HTTP/1.1 307 X\r\nLocation: a%s:x\r\n"
        "Content-Length: 0\r\n\r\n"},
  {"location of a session", "HTTP/1.1 201 X\r\nContent-Type: " SDP "\r\n"
        "Location: %s\r\nConnection: close\r\n\r\n" ANSWER},
  {"Retry-After", "HTTP/1.1 503 X\r\nRetry-After: " NOISE "%s\r\n"
        "Content-Length: 0\r\n\r\n"},
  {"links", "HTTP/1.1 201 X\r\nContent-Type: " SDP "\r\nLink: <stun:" NOISE
        ">; rel=ice-server, %s\r\nConnection: close\r\n\r\n" ANSWER},
  {"answer", "HTTP/1.1 201 X\r\nContent-Type: " SDP "\r\nConnection: close\r\n"
        "\r\n" ANSWER "a=x:" NOISE "\r\na=y:%s\r\n"},
  {"no answer", "HTTP/1.1 201 X\r\nContent-Type: " SDP "\r\n"
        "Connection: close\r\n\r\n" NOISE "%s"},
  {"no HTTP", NOISE "%s\r\n\r\n"},
};

GST_START_TEST (test_text_of_a_server_is_clean_and_short)
{
  Fixture f;
  RawServer *raw;
  guint lines;
  GString *noise = g_string_new (NULL);
  g_autofree gchar *url = NULL, *bytes = NULL;
  g_auto (GStrv) parts = g_strsplit (noise_rows[__i__].bytes, "%s", 2);

  while (noise->len < 60000)
    g_string_append (noise, "x\033[31my\302\233");
  bytes = g_strjoinv (noise->str, parts);
  start_log (&lines);
  fixture_init (&f, NULL);
  raw = raw_server_new (bytes, TRUE, RAW_CLOSE);
  url = g_strdup_printf ("http://127.0.0.1:%u/", raw->port);
  set_location (&f, url);
  g_object_set (f.rig.signaller, "timeout", 5000, "close-timeout", 1000, NULL);
  broadcast (&f);
  raw_server_free (raw);
  fixture_clear (&f);
  stop_log (&lines);
  g_string_free (noise, TRUE);
}
GST_END_TEST;

static Suite *
rcastwhip_secrets_suite (void)
{
  Suite *s = suite_create ("rcastwhip-secrets");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_locations);
  tcase_add_test (tc, test_factory_lists_its_schemes);
  tcase_add_test (tc, test_wrong_settings_are_told_on_open);
  tcase_add_test (tc, test_relative_ca_file_is_relative_to_the_directory);
  tcase_add_test (tc, test_secrets_cannot_be_read);
  tcase_add_loop_test (tc, test_query_of_a_url_is_shown_nowhere, 0,
      G_N_ELEMENTS (key_rows));
  tcase_add_test (tc, test_key_in_a_location_that_is_refused_is_not_shown);
  tcase_add_loop_test (tc, test_text_of_a_server_is_clean_and_short, 0,
      G_N_ELEMENTS (noise_rows));
  tcase_add_test (tc, test_nothing_secret_is_logged);
  return s;
}

GST_CHECK_MAIN (rcastwhip_secrets);
