/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus claims a session after its connection was lost. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

GST_START_TEST (test_lost_session_is_claimed)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  fail_unless (gst_rcast_signaller_get_capabilities (f.rig.signaller)
      & GST_RCAST_SIGNALLER_RESUME);
  cut (&f);
  assert_equals_int (f.rig.lost, 1);
  fail_unless (g_error_matches (f.rig.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  /* Candidates found meanwhile are sent once the session is claimed. */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:late");

  run_resume (&f, &op);
  check_ok (&op);
  assert_equals_int (f.script->connections, 2);
  check_has (janus_script_last (f.script, "claim"), "\"session_id\":" SESSION);
  assert_equals_int (janus_script_count (f.script, "listparticipants"), 1);
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  /* The session goes on, and nothing is done about its media. */
  assert_equals_int (janus_script_count (f.script, "publish") + janus_script_count (f.script, "configure"), 1);
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  do_close (&f);
  assert_equals_int (f.server_events->len, 0);
  assert_equals_int (f.rig.lost, 1);
  fixture_clear (&f);
}

GST_END_TEST;

static void
on_lost_before (GstRcastSignaller * signaller, const GError * error, Op * op)
{
  fail_if (op->done);
}

/* The owner hears of the lost connection first, and claims the session. It would leave the
 * session because of the failed offer. */
GST_START_TEST (test_a_lost_connection_is_told_before_its_offer_fails)
{
  g_auto (Op) op = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  g_signal_connect (f.rig.signaller, "lost", G_CALLBACK (on_lost_before), &op);
  janus_script_add (f.script, "configure", "");
  transaction = begin_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), NULL,
      "configure", &op);
  cut (&f);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  g_signal_handlers_disconnect_by_data (f.rig.signaller, &op);
  do_resume (&f);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A new attempt replaces one that takes too long. */
GST_START_TEST (test_claim_once_more)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  f.script->silent = TRUE;
  gst_rcast_signaller_resume_async (f.rig.signaller, cancellable, op_resumed, &op);
  wait_for (&f.rig, janus_script_count (f.script, "claim") == 1);
  f.script->silent = FALSE;
  g_cancellable_cancel (cancellable);
  gst_rcast_signaller_resume_async (f.rig.signaller, NULL, op_resumed, &again);
  wait_for (&f.rig, op.done && again.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  check_ok (&again);
  assert_equals_int (f.rig.lost, 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_too_late_for_a_claim)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  janus_script_add (f.script, "claim", FAILURE ("458", "No such session"));
  run_resume (&f, &op);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "No such session");
  run_resume (&f, &again);
  check_error (&again, GST_RCAST_ERROR_SESSION_GONE, "no session");
  do_close (&f);
  /* Nobody waits for a session that is known to be gone. */
  assert_equals_int (janus_script_count (f.script, "destroy"), 0);
  do_open (&f);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_no_claims_at_this_server)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "info", INFO ("0", VIDEOROOM));
  do_publish (&f);
  fail_if (gst_rcast_signaller_get_capabilities (f.rig.signaller)
      & GST_RCAST_SIGNALLER_RESUME);
  cut (&f);
  run_resume (&f, &op);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "reclaim_session_timeout");
  assert_equals_int (f.script->connections, 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* After a claim, rcastjanus learns what the server could not report meanwhile. */
GST_START_TEST (test_what_was_missed_is_known)
{
  g_auto (Op) op = { FALSE }, removed = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_say (f.script, WORD ("webrtcup", ""), NULL);
  while (!gst_bus_have_pending (f.bus))
    g_main_context_iteration (f.rig.context, TRUE);
  cut (&f);
  janus_script_add (f.script, "listparticipants", MEMBERS ("false"));
  run_resume (&f, &op);
  check_ok (&op);
  wait_for (&f.rig, f.server_events->len == 1);
  check_event (&f, 0, GST_RCAST_SERVER_HANGUP);
  /* The media comes back in the same session. */
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "unpublish"), 0);

  cut (&f);
  janus_script_add (f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[]")));
  run_resume (&f, &removed);
  check_error (&removed, GST_RCAST_ERROR_SESSION_GONE, "removed");
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_handle_is_gone_after_a_claim)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  janus_script_add (f.script, "listparticipants", FAILURE ("459", "No such handle"));
  do_resume (&f);
  wait_for (&f.rig, f.server_events->len == 1);
  check_event (&f, 0, GST_RCAST_SERVER_HANGUP);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "create"), 1);
  assert_equals_int (janus_script_count (f.script, "attach"), 2);
  assert_equals_int (janus_script_count (f.script, "join"), 2);
  assert_equals_int (janus_script_count (f.script, "unpublish"), 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The signaller's own entry is the last one of a crowd. */
GST_START_TEST (test_large_room)
{
  g_autoptr (GString) list = g_string_new (NULL);
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (list, "{\"id\":%u,\"display\":\"member %u\","
        "\"publisher\":true},", i + 1, i);
  g_string_prepend (list, "{\"janus\":\"success\",\"transaction\":\"%T\","
      "\"plugindata\":{\"plugin\":\"janus.plugin.videoroom\",\"data\":{"
      "\"videoroom\":\"participants\",\"participants\":[");
  g_string_append (list, "{\"id\":" FEED ",\"publisher\":true}]}}}");
  janus_script_add (f.script, "listparticipants", list->str);
  do_resume (&f);
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The publisher was kicked while the connection was lost. The server refuses each later request
 * about its media; Janus 1.1.2 does so in the second way. */
GST_START_TEST (test_kicked_unheard_is_the_end)
{
  static const gchar *const answers[] = {
    ROOM_FAILURE ("433", "Unauthorized, you have been kicked"),
    ROOM_FAILURE ("426", "No such room"),
  };
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  janus_script_add (f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[]")));
  janus_script_add (f.script, "configure", answers[__i__]);
  run_resume (&f, &op);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  assert_equals_int (f.server_events->len, 1);
  check_event (&f, 0, GST_RCAST_SERVER_EVICTED);
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 1);
  run_open (&f, &again);
  check_error (&again, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_keepalive)
{
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "info", INFO ("1", VIDEOROOM));
  do_open (&f);
  wait_for (&f.rig, janus_script_count (f.script, "keepalive") >= 2);
  janus_script_add (f.script, "keepalive", FAILURE ("458", "No such session"));
  wait_for (&f.rig, f.rig.lost);
  fail_unless (g_error_matches (f.rig.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* 536870912 s are 0 ms in 32 bits: keepalives would follow each other without a pause. */
GST_START_TEST (test_endless_session_timeout)
{
  Fixture f;

  fixture_init (&f);
  janus_script_add (f.script, "info", INFO_TIMEOUT ("536870912", "0", VIDEOROOM));
  do_publish (&f);
  assert_equals_int (janus_script_count (f.script, "keepalive"), 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_claim_suite (void)
{
  Suite *s = suite_create ("rcastjanus-claim");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_lost_session_is_claimed);
  tcase_add_test (tc, test_a_lost_connection_is_told_before_its_offer_fails);
  tcase_add_test (tc, test_claim_once_more);
  tcase_add_test (tc, test_too_late_for_a_claim);
  tcase_add_test (tc, test_no_claims_at_this_server);
  tcase_add_test (tc, test_what_was_missed_is_known);
  tcase_add_test (tc, test_handle_is_gone_after_a_claim);
  tcase_add_test (tc, test_large_room);
  tcase_add_loop_test (tc, test_kicked_unheard_is_the_end, 0, 2);
  tcase_add_test (tc, test_keepalive);
  tcase_add_test (tc, test_endless_session_timeout);
  return s;
}

GST_CHECK_MAIN (rcastjanus_claim);
