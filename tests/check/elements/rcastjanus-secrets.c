/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus: its tokens, and secrets that must not be readable. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

GST_START_TEST (test_a_fresh_token_is_asked_for)
{
  Fixture f;

  fixture_init (&f);
  f.rig.fresh_token = "fresh";
  g_object_set (f.rig.signaller, "auth-token", "stale", "api-secret", "api",
      "room-token", "invited", NULL);
  janus_script_add (f.script, "create", FAILURE ("403", "Unauthorized"));
  do_open (&f);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
  assert_equals_int (janus_script_count (f.script, "create"), 2);
  check_has (janus_script_last (f.script, "join"), "\"token\":\"fresh\",\"apisecret\":\"api\"");
  /* The token of the room is another one, and goes nowhere else. */
  check_has (janus_script_last (f.script, "join"), "\"token\":\"invited\"}}");
  fail_if (strstr (janus_script_last (f.script, "create"), "invited"));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Whichever request is refused, it is repeated with a fresh token. */
GST_START_TEST (test_a_fresh_token_for_each_request)
{
  static const gchar *const words[] = { "create", "attach", "join", "publish",
    "trickle", "configure", "unpublish", "claim", "listparticipants", "destroy"
  };
  const gchar *word = words[__i__];
  gboolean trickle = g_str_equal (word, "trickle");
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  f.rig.fresh_token = "fresh";
  g_object_set (f.rig.signaller, "auth-token", "stale", NULL);
  janus_script_add (f.script, word, FAILURE ("403", "Unauthorized"));
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == (trickle ? 2 : 1));
  check_has (janus_script_last (f.script, "trickle"), "candidate:1");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr3"));
  cut (&f);
  do_resume (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done);
  check_ok (&op);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
  check_has (janus_script_last (f.script, word), "\"token\":\"fresh\"");
  fixture_clear (&f);
}

GST_END_TEST;

/* Requests under way with the old token do not request a second one. */
GST_START_TEST (test_one_fresh_token_for_all)
{
  Fixture f;

  fixture_init (&f);
  f.rig.fresh_token = "fresh";
  g_object_set (f.rig.signaller, "auth-token", "stale", NULL);
  do_publish (&f);
  janus_script_add (f.script, "trickle", "");
  janus_script_add (f.script, "configure", FAILURE ("403", "Unauthorized"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  {
    g_autofree gchar *transaction = janus_script_last_transaction (f.script, "trickle");

    do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
    janus_script_say (f.script, FAILURE ("403", "Unauthorized"), transaction);
  }
  wait_heard (&f);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Not even a part of a secret is shown, where it looks like something else. */
GST_START_TEST (test_refused_location_tells_no_secret)
{
  static const gchar *const bad[] = {
    "janus+ws://h/?room=1&pin=ab&s3cret",
    "janus+ws://h/?room=1&pin=ab&s3cret=1",
    "janus+ws://h/?pin=ab&s3cret%zz&room=1", "janus+ws://u:s3cret/x@h/?room=1",
    "janus+ws://u:s3cret@h/?room=1", "janus+ws://[s3cret@h/?room=1",
    "janus+ws://h/?room=1&pin=s3cret%00", "janus+ws://h/?room=1#s3cret",
    "janus+ws://u:1#s3cret@h/?room=1",
  };
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.rig.signaller),
            bad[i], &error), "%s", bad[i]);
    fail_unless (strstr (error->message, "s3cret") == NULL, "%s: %s", bad[i],
        error->message);
  }
  fixture_clear (&f);
}

GST_END_TEST;

typedef struct
{
  GMutex lock;
  guint lines;
  gchar *told;                  /* the first line with a secret */
} Told;

static const gchar *const secrets[] = { "s3cr-api", "s3cr-room", "s3cr-admin",
  "s3cr-token", "s3cr-fresh", "s3cr-invited", "s3cr-pin", PWD
};

/* Runs on any thread. */
static void
watch_log (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  Told *told = data;
  const gchar *text = gst_debug_message_get (message);

  g_mutex_lock (&told->lock);
  told->lines += g_str_has_prefix (gst_debug_category_get_name (category),
      "rcast");
  for (guint i = 0; i < G_N_ELEMENTS (secrets) && !told->told; i++)
    if (strstr (text, secrets[i]))
      told->told = g_strdup (text);
  g_mutex_unlock (&told->lock);
}

/* Logs all there is, through refusals, a lost connection and a claim. */
GST_START_TEST (test_log_tells_no_secret)
{
  g_auto (Op) op = { FALSE };
  Told told = { 0 };
  Fixture f;

  g_mutex_init (&told.lock);
  gst_debug_set_active (TRUE);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (watch_log, &told, NULL);
  gst_debug_set_default_threshold (GST_LEVEL_MEMDUMP);
  fixture_init (&f);
  set_query (&f, ONE_FEED "&create=true&pin=s3cr-pin");
  f.rig.fresh_token = "s3cr-fresh";
  g_object_set (f.rig.signaller, "auth-token", "s3cr-token", "api-secret", "s3cr-api",
      "room-token", "s3cr-invited", "room-secret", "s3cr-room", "admin-key",
      "s3cr-admin", "pin", "s3cr-pin", NULL);
  janus_script_add (f.script, "attach", FAILURE ("403", "Unauthorized"));
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  cut (&f);
  do_resume (&f);
  janus_script_add (f.script, "publish", ROOM_FAILURE ("433", "Unauthorized"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr3"), &op);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "433");
  janus_script_say (f.script, "no json", NULL);
  wait_heard (&f);
  do_close (&f);
  fixture_clear (&f);
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  gst_debug_remove_log_function (watch_log);
  gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);
  fail_unless (told.told == NULL, "%s", told.told);
  fail_unless (told.lines > 0);
  g_mutex_clear (&told.lock);
}

GST_END_TEST;

/* A token of one server, or its refusal, does not matter to another server. */
GST_START_TEST (test_token_belongs_to_its_server)
{
  JanusScript *other;
  Fixture f;

  fixture_init (&f);
  f.rig.fresh_token = "fresh";
  janus_script_add (f.script, "create", FAILURE ("403", "Unauthorized"));
  do_open (&f);
  check_has (janus_script_last (f.script, "join"), "\"token\":\"fresh\"");
  do_close (&f);

  other = f.script;
  f.script = janus_script_new ();
  set_query (&f, "room=1234");
  do_open (&f);
  for (guint i = 0; i < f.script->texts->len; i++)
    fail_if (strstr (g_ptr_array_index (f.script->texts, i), "fresh"));
  do_close (&f);
  janus_script_free (other);
  fixture_clear (&f);
}

GST_END_TEST;

/* The handler may take any time, the request may not. */
GST_START_TEST (test_hanging_token_handler)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "timeout", 300, NULL);
  f.rig.fresh_token = "fresh";
  signaller_rig_hold_token (&f.rig, TRUE);
  janus_script_add (f.script, "create", FAILURE ("403", "Unauthorized"));
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_NO_TOKEN, "no token");
  signaller_rig_hold_token (&f.rig, FALSE);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The handler's answer comes after the session that asked has ended. */
GST_START_TEST (test_close_while_a_token_is_asked_for)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  f.rig.fresh_token = "fresh";
  signaller_rig_hold_token (&f.rig, TRUE);
  janus_script_add (f.script, "attach", FAILURE ("403", "Unauthorized"));
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  signaller_rig_wait_token_requests (&f.rig, 1);
  do_close (&f);
  assert_cancelled (op.error);
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  signaller_rig_hold_token (&f.rig, FALSE);
  fixture_clear (&f);
}

GST_END_TEST;

/* No token is available: the session goes on without keepalives, as long as the server lets it. */
GST_START_TEST (test_keepalive_without_a_token)
{
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "info", INFO ("1", VIDEOROOM));
  do_open (&f);
  f.rig.fresh_token = NULL;
  g_object_set (f.rig.signaller, "timeout", 500, NULL);
  janus_script_add (f.script, "keepalive", FAILURE ("403", "Unauthorized"));
  wait_for (&f.rig, janus_script_count (f.script, "keepalive") >= 5);
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
  assert_equals_int (f.rig.lost, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* No readable property shows a secret. */
GST_START_TEST (test_properties_show_no_secret)
{
  g_autofree GParamSpec **props = NULL;
  g_autofree gchar *location = NULL;
  guint n;
  Fixture f;

  fixture_init (&f);
  set_query (&f, "room=s3cr-room&id=s3cr-id&display=s3cr-display&pin=s3cr-pin");
  g_object_set (f.rig.signaller, "auth-token", "s3cr-token", "api-secret",
      "s3cr-api", "pin", "s3cr-pin", "room-token", "s3cr-invited",
      "room-secret", "s3cr-room", "admin-key", "s3cr-admin", NULL);
  do_open (&f);
  props = g_object_class_list_properties (G_OBJECT_GET_CLASS
      (f.rig.signaller), &n);
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    if (!(props[i]->flags & G_PARAM_READABLE))
      continue;
    g_value_init (&value, props[i]->value_type);
    g_object_get_property (G_OBJECT (f.rig.signaller), props[i]->name, &value);
    text = g_strdup_value_contents (&value);
    fail_if (strstr (text, "s3cr"), "%s: %s", props[i]->name, text);
  }
  g_object_get (f.rig.signaller, "location", &location, NULL);
  fail_unless (g_str_has_suffix (location, "/?…"), "%s", location);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_secrets_suite (void)
{
  Suite *s = suite_create ("rcastjanus-secrets");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_fresh_token_is_asked_for);
  tcase_add_loop_test (tc, test_a_fresh_token_for_each_request, 0, 10);
  tcase_add_test (tc, test_one_fresh_token_for_all);
  tcase_add_test (tc, test_refused_location_tells_no_secret);
  tcase_add_test (tc, test_log_tells_no_secret);
  tcase_add_test (tc, test_token_belongs_to_its_server);
  tcase_add_test (tc, test_hanging_token_handler);
  tcase_add_test (tc, test_close_while_a_token_is_asked_for);
  tcase_add_test (tc, test_keepalive_without_a_token);
  tcase_add_test (tc, test_properties_show_no_secret);
  return s;
}

GST_CHECK_MAIN (rcastjanus_secrets);
