/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus joins a room, or says why it cannot. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

#include "loopback-port.h"

GST_START_TEST (test_from_open_to_close)
{
  Fixture f;
  g_autofree gchar *feed = NULL;
  guint64 session = 0;
  static const gchar *const wanted[] = { "info", "create", "attach", "join",
    "publish", "trickle", "trickle", "leave", "detach", "destroy"
  };

  fixture_init (&f);
  set_query (&f, "room=1234&id=77&display=Studio%20%26%20co&pin=" PIN);
  g_object_set (f.rig.signaller, "bitrate", 500000, "video-codec", "vp8", NULL);
  do_open (&f);
  g_object_get (f.rig.signaller, "feed-id", &feed, "session-id", &session, NULL);
  assert_equals_string (feed, FEED);
  fail_unless (session == G_GUINT64_CONSTANT (9007199254740993));
  check_has (janus_script_last (f.script, "join"), "\"room\":1234,\"ptype\":\"publisher\","
      "\"id\":77,\"display\":\"Studio & co\",\"pin\":\"" PIN "\"");
  check_has (janus_script_last (f.script, "join"), "\"session_id\":" SESSION ",\"handle_id\":"
      HANDLE);

  gst_rcast_signaller_add_candidate (f.rig.signaller, 1, "ufr1",
      "candidate:1 ufrag ufr1");
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
  check_has (janus_script_last (f.script, "publish"), "\"bitrate\":500000,\"videocodec\":\"vp8\"");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", NULL);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "other", "candidate:9");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 2);
  check_has (janus_script_last (f.script, "trickle"), "\"candidate\":{\"completed\":true}");
  do_close (&f);
  assert_equals_int (f.script->words->len, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < f.script->words->len; i++)
    assert_equals_string (g_ptr_array_index (f.script->words, i), wanted[i]);
  check_has (g_ptr_array_index (f.script->texts, 5), "{\"candidate\":\"candidate:1 "
      "ufrag ufr1\",\"sdpMid\":\"audio1\",\"sdpMLineIndex\":1}");
  fixture_clear (&f);
}

GST_END_TEST;

/* Refusals, each of which causes one error that names it */
static const struct
{
  const gchar *word, *reply;
  GstRcastError code;
  const gchar *text;
} refusals[] = {
  {"info", INFO ("0", "\"janus.plugin.echotest\":{}"),
      GST_RCAST_ERROR_NOT_SUPPORTED, "no VideoRoom"},
  {"create", FAILURE ("403", "Unauthorized"), GST_RCAST_ERROR_UNAUTHORIZED,
      "403"},
  {"create", FAILURE ("472", "Not accepting"), GST_RCAST_ERROR_BUSY, "472"},
  {"attach", FAILURE ("460", "No such plugin"), GST_RCAST_ERROR_NOT_SUPPORTED,
      "No such plugin"},
  {"join", ROOM_FAILURE ("426", "No such room (1234)"),
      GST_RCAST_ERROR_REJECTED, "No such room (1234)"},
  {"join", ROOM_FAILURE ("433", "Unauthorized (wrong pin)"),
      GST_RCAST_ERROR_REJECTED, "wrong pin"},
  {"join", ROOM_FAILURE ("432", "Maximum number of publishers"),
      GST_RCAST_ERROR_BUSY, "Maximum"},
  {"join", "no json at all", GST_RCAST_ERROR_INVALID_DATA, "not JSON"},
  {"join", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
      GST_RCAST_ERROR_INVALID_DATA, "too deep"},
};

GST_START_TEST (test_refusals)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  set_query (&f, "room=1234&pin=" PIN);
  janus_script_add (f.script, refusals[__i__].word, refusals[__i__].reply);
  run_open (&f, &op);
  check_error (&op, refusals[__i__].code, refusals[__i__].text);
  check_has (op.error->message, "ws://127.0.0.1:");
  /* Whatever was made on the server is taken down. */
  do_close (&f);
  assert_equals_int (f.rig.lost, 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_location)
{
  static const gchar *const bad[] = {
    "janus+ws://h/", "janus+ws://h/?room=", "janus+ws:///?room=1",
    "janus+http://h/?room=1", "janus+ws://u:p@h/?room=1", "ws://h/?room=1",
    "janus+ws://h/?room=1&typo=2", "janus+ws://h/?room=1&create=maybe",
    "janus+ws://h/?room=1#x", "janus+", "",
  };
  g_autofree gchar *told = NULL;
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.rig.signaller),
            bad[i], &error), "%s", bad[i]);
    fail_unless (error != NULL);
  }
  fail_unless (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.rig.signaller),
          "janus+wss://h:8989/janus?pin=" PIN "&room=a%26b&%70in=" PIN
          "&id=1", NULL));
  g_object_get (f.rig.signaller, "location", &told, NULL);
  assert_equals_string (told, "janus+wss://h:8989/janus?…");
  fixture_clear (&f);
}

GST_END_TEST;

/* Some servers name rooms by strings, which rcastjanus learns from their complaint. */
GST_START_TEST (test_string_ids)
{
  static const struct
  {
    const gchar *query, *wanted;
  } rows[] = {
    {"room=1234", "\"room\":\"1234\""},
    {"room=1234&id=77", "\"room\":\"1234\",\"ptype\":\"publisher\","
          "\"id\":\"77\""},
    {"room=studio&id=77", "\"room\":\"studio\",\"ptype\":\"publisher\","
          "\"id\":\"77\""},
  };
  Fixture f;

  fixture_init (&f);
  set_query (&f, rows[__i__].query);
  janus_script_add (f.script, "join", ROOM_FAILURE ("430", "id should be a string"));
  do_open (&f);
  check_has (janus_script_last (f.script, "join"), rows[__i__].wanted);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The complaint is not about the spelling: the first one is reported, and nothing is learned. */
GST_START_TEST (test_another_invalid_element)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "join", ROOM_FAILURE ("430", "display is too long"));
  janus_script_add (f.script, "join", ROOM_FAILURE ("430", "room should be an integer"));
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_ARGUMENT, "display is too long");
  assert_equals_int (janus_script_count (f.script, "join"), 2);
  do_close (&f);
  do_open (&f);
  check_has (janus_script_last (f.script, "join"), "\"room\":1234,");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_room_is_made_if_asked)
{
  Fixture f;

  fixture_init (&f);
  set_query (&f, "room=1234&create=true");
  g_object_set (f.rig.signaller, "admin-key", "key", "room-secret", "r00m", NULL);
  janus_script_add (f.script, "create", janus_script_default ("create"));
  janus_script_add (f.script, "create", SUCCESS (DATA ("\"videoroom\":\"event\","
              "\"error_code\":427,\"error\":\"Room exists\"")));
  do_open (&f);
  assert_equals_int (janus_script_count (f.script, "create"), 2);
  check_has (janus_script_last (f.script, "create"), "\"secret\":\"r00m\",\"admin_key\":\"key\"");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_taken_id_is_waited_for)
{
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "join", ROOM_FAILURE ("436", "User ID 77 already exists"));
  janus_script_add (f.script, "join", ROOM_FAILURE ("436", "User ID 77 already exists"));
  do_open (&f);
  assert_equals_int (janus_script_count (f.script, "join"), 3);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_silent_server)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "timeout", 1000, "close-timeout", 1000, NULL);
  f.script->silent = TRUE;
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_TIMEOUT, "no answer to create");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_close_while_opening)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, janus_script_count (f.script, "create") == 1);
  do_close (&f);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  /* A session that is created all the same is destroyed. */
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_cancelled_operations_end)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE }, late = { FALSE };
  Fixture f;

  fixture_init (&f);
  f.script->silent = TRUE;
  g_object_set (f.rig.signaller, "close-timeout", 100, NULL);
  gst_rcast_signaller_open_async (f.rig.signaller, cancellable, op_opened, &op);
  wait_for (&f.rig, janus_script_count (f.script, "create") == 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  gst_rcast_signaller_open_async (f.rig.signaller, cancellable, op_opened, &late);
  wait_for (&f.rig, late.done);
  fail_unless (g_error_matches (late.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  do_close (&f);
  /* The goodbye of the first attempt is given up as well. */
  wait_for (&f.rig, GST_OBJECT_REFCOUNT_VALUE (f.rig.signaller) == 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* The server does not say that it has destroyed the session: the next session destroys it. */
GST_START_TEST (test_cancelled_goodbye)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  f.script->silent = TRUE;
  gst_rcast_signaller_close_async (f.rig.signaller, cancellable, op_closed,
      &op);
  wait_for (&f.rig, janus_script_count (f.script, "destroy") == 1);
  fail_if (op.done);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  f.script->silent = FALSE;
  do_open (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 2);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A session that the server refuses to destroy is destroyed in the next one. */
GST_START_TEST (test_refused_destroy)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  janus_script_add (f.script, "destroy", FAILURE ("490", "Not now"));
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done);
  fail_if (op.ok);
  janus_script_add (f.script, "destroy", FAILURE ("490", "Not now"));
  do_open (&f);
  do_close (&f);
  /* The second session has ended, the first one has not. */
  assert_equals_int (janus_script_count (f.script, "destroy"), 3);
  do_open (&f);
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 5);
  do_open (&f);
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 6);
  fixture_clear (&f);
}

GST_END_TEST;

/* A session that was left without a goodbye is destroyed in the next one. */
GST_START_TEST (test_ghost_is_ended)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 0);
  do_open (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  check_has (janus_script_last (f.script, "destroy"), "\"session_id\":" SESSION);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The signaller reports what becomes of its session, and another connection can end it. */
GST_START_TEST (test_session_that_was_left_is_ended_by_another_connection)
{
  Fixture f;
  g_auto (Op) op = { FALSE };
  g_autofree gchar *location = NULL;

  fixture_init (&f);
  g_object_get (f.rig.signaller, "location", &location, NULL);
  do_publish (&f);
  cut (&f);
  do_close (&f);
  assert_equals_string (f.rig.sessions->str, " opened " SESSION " leaving "
      SESSION " left " SESSION);
  gst_rcast_signaller_end_session_async (f.rig.signaller, location, SESSION,
      NULL, op_ended, &op);
  wait_for (&f.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
  check_has (janus_script_last (f.script, "destroy"), "\"session_id\":" SESSION);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_goodbye_that_arrives_ends_the_session)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  do_close (&f);
  assert_equals_string (f.rig.sessions->str, " opened " SESSION " leaving "
      SESSION " ended " SESSION);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_session_gets_no_connection)
{
  static const gchar *const sessions[] = { "", "0", "-1", "x", "1 2",
    "99999999999999999999" };
  Fixture f;
  g_autofree gchar *location = NULL;

  fixture_init (&f);
  g_object_get (f.rig.signaller, "location", &location, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++) {
    g_auto (Op) op = { FALSE };

    gst_rcast_signaller_end_session_async (f.rig.signaller, location,
        sessions[i], NULL, op_ended, &op);
    wait_for (&f.rig, op.done);
    fail_if (op.ok);
  }
  assert_equals_int (janus_script_count (f.script, "destroy"), 0);
  fixture_clear (&f);
}

GST_END_TEST;

#define INFO_TAKES(whom) "{\"janus\":\"server_info\",\"transaction\":\"%T\"," \
  "\"accepting-new-sessions\":" whom ",\"plugins\":{" VIDEOROOM "}}"

/* A server's reply to info, and the error that it causes, if any */
static const struct
{
  const gchar *reply;
  GstRcastError code;
  const gchar *text;
} healths[] = {
  {INFO ("30", VIDEOROOM)},
  {INFO_TAKES ("true")},
  {INFO_TAKES ("false"), GST_RCAST_ERROR_BUSY, "no new sessions"},
  {INFO ("30", ""), GST_RCAST_ERROR_NOT_SUPPORTED, "no VideoRoom"},
  {FAILURE ("490", "broken"), GST_RCAST_ERROR_FAILED, "broken"},
  {SUCCESS (""), GST_RCAST_ERROR_INVALID_DATA, "what it is"},
  {"", GST_RCAST_ERROR_TIMEOUT, "no answer to info"},
};

/* A check opens no session, and the open one goes on. */
GST_START_TEST (test_check_asks_for_nothing_but_health)
{
  Fixture f;
  g_auto (Op) op = { FALSE }, nowhere = { FALSE };
  g_autofree gchar *location = NULL;

  fixture_init (&f);
  if (!*healths[__i__].reply)
    g_object_set (f.rig.signaller, "timeout", 1000, NULL);
  g_object_get (f.rig.signaller, "location", &location, NULL);
  janus_script_add (f.script, "info", healths[__i__].reply);
  gst_rcast_signaller_check_async (f.rig.signaller, location, NULL, op_checked,
      &op);
  wait_for (&f.rig, op.done);
  if (healths[__i__].text)
    check_error (&op, healths[__i__].code, healths[__i__].text);
  else
    check_ok (&op);
  wait_for (&f.rig, f.script->words->len > 0);
  assert_equals_int (f.script->words->len, 1);

  g_object_set (f.rig.signaller, "timeout", 10000, NULL);
  do_publish (&f);
  gst_rcast_signaller_check_async (f.rig.signaller,
      "janus+ws://127.0.0.1:1/?room=1", NULL, op_checked, &nowhere);
  wait_for (&f.rig, nowhere.done);
  check_error (&nowhere, GST_RCAST_ERROR_NETWORK, "127.0.0.1:1");
  assert_equals_int (f.script->connections, 2);
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

static void
note_renewal (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (strstr (gst_debug_message_get (message), "connecting anew"))
    ++ * (guint *) data;
}

/* As in elements/rcastwhip: the kernel's next SYN may come first. */
GST_START_TEST (test_hanging_connection_is_begun_anew_once_the_server_is_there)
{
  Fixture f;
  g_auto (Op) op = { FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GPtrArray) others = NULL;
  guint renewals = 0;
  gint64 begun;

  fixture_init (&f);
  listener = loopback_port_bind (&f.script->port);
  set_query (&f, "room=1234");
  others = loopback_port_fill (listener);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("rcastwslink", GST_LEVEL_DEBUG);
  gst_debug_add_log_function (note_renewal, &renewals, NULL);
  begun = g_get_monotonic_time ();
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  fail_if (signaller_rig_probe (&f.rig, &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  fail_if (op.done);
  fail_unless (soup_server_listen_socket (f.script->server, listener, 0, NULL));
  while (!op.done && !signaller_rig_probe (&f.rig, NULL));
  fail_unless (renewals == 1
      || g_get_monotonic_time () - begun > 2 * G_USEC_PER_SEC,
      "%u renewals", renewals);
  wait_for (&f.rig, op.done);
  check_ok (&op);
  assert_equals_int (f.script->connections, 1);
  gst_debug_remove_log_function (note_renewal);
  gst_debug_set_active (FALSE);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A relative path is looked up, without a warning. */
GST_START_TEST (test_missing_ca_file)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "tls-ca-file", "no/such/ca.pem", NULL);
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_ARGUMENT, "tls-ca-file");
  assert_equals_int (f.script->connections, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A reply without a number is useless: no request could refer to it. */
GST_START_TEST (test_nothing_without_a_number)
{
  static const gchar *const words[] = { "create", "attach" };
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, words[__i__], SUCCESS (",\"data\":{\"id\":0}"));
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_DATA, "without a number");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_join_suite (void)
{
  Suite *s = suite_create ("rcastjanus-join");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_from_open_to_close);
  tcase_add_loop_test (tc, test_refusals, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_location);
  tcase_add_loop_test (tc, test_string_ids, 0, 3);
  tcase_add_test (tc, test_another_invalid_element);
  tcase_add_test (tc, test_room_is_made_if_asked);
  tcase_add_test (tc, test_taken_id_is_waited_for);
  tcase_add_test (tc, test_silent_server);
  tcase_add_test (tc, test_close_while_opening);
  tcase_add_test (tc, test_cancelled_operations_end);
  tcase_add_test (tc, test_cancelled_goodbye);
  tcase_add_test (tc, test_refused_destroy);
  tcase_add_test (tc, test_ghost_is_ended);
  tcase_add_test (tc, test_session_that_was_left_is_ended_by_another_connection);
  tcase_add_test (tc, test_goodbye_that_arrives_ends_the_session);
  tcase_add_test (tc, test_what_is_no_session_gets_no_connection);
  tcase_add_loop_test (tc, test_check_asks_for_nothing_but_health, 0,
      G_N_ELEMENTS (healths));
  tcase_add_test (tc,
      test_hanging_connection_is_begun_anew_once_the_server_is_there);
  tcase_add_test (tc, test_missing_ca_file);
  tcase_add_loop_test (tc, test_nothing_without_a_number, 0, 2);
  return s;
}

GST_CHECK_MAIN (rcastjanus_join);
