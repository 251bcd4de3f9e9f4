/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: what may be read and logged, and which locations and settings are taken. */
#include "config.h"

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
    const gchar *shown;         /* NULL: the same */
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

/* rcastsink finds it by what the registry has of it; it is no sink of a URI. */
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

static Suite *
rcastwhip_secrets_suite (void)
{
  Suite *s = suite_create ("rcastwhip-secrets");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_locations);
  tcase_add_test (tc, test_factory_lists_its_schemes);
  tcase_add_test (tc, test_wrong_settings_are_told_on_open);
  tcase_add_test (tc, test_secrets_cannot_be_read);
  tcase_add_test (tc, test_nothing_secret_is_logged);
  return s;
}

GST_CHECK_MAIN (rcastwhip_secrets);
