/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus sends candidates after their offer, and again until they have arrived. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

/* Janus takes candidates that come before the offer for those of the present media. */
GST_START_TEST (test_candidates_follow_their_offer)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  do_publish (&f);
  janus_script_add (f.script, "unpublish", "");
  janus_script_add (f.script, "publish", FAILURE ("471", "being taken apart"));
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER ("ufr2"), NULL, op_answered, &op);
  wait_for (&f.rig, janus_script_count (f.script, "unpublish") == 1);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:old");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", "candidate:new");
  wait_heard (&f);
  assert_equals_int (janus_script_count (f.script, "trickle"), 0);
  {
    g_autofree gchar *transaction = janus_script_last_transaction (f.script, "unpublish");

    janus_script_say (f.script, janus_script_default ("unpublish"), transaction);
  }
  wait_for (&f.rig, op.done);
  check_ok (&op);
  assert_equals_int (janus_script_count (f.script, "publish"), 3);
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  assert_equals_string (g_ptr_array_index (f.script->words, f.script->words->len - 1),
      "trickle");
  check_has (janus_script_last (f.script, "trickle"), "candidate:new");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* After a refused restart, the present media still trickles. */
GST_START_TEST (test_candidates_after_a_refused_restart)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_add (f.script, "configure", FAILURE ("469", "Unexpected answer"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", "candidate:2");
  run_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  check_has (janus_script_last (f.script, "trickle"), "candidate:1");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Candidates of offers that were never sent do not take up room for ever. */
GST_START_TEST (test_useless_candidates_are_dropped)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  for (guint i = 0; i < 300; i++)
    gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "dead", "candidate:dead");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", "candidate:2");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 2);
  check_has (janus_script_last (f.script, "trickle"), "candidate:2");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Candidates sent before the connection broke may not have arrived. */
GST_START_TEST (test_candidates_are_sent_again_after_a_claim)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  wait_heard (&f);
  janus_script_add (f.script, "trickle", "");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:2");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 2);
  cut (&f);
  do_resume (&f);
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 3);
  check_has (janus_script_last (f.script, "trickle"), "candidate:2");
  fail_if (strstr (janus_script_last (f.script, "trickle"), "candidate:1"));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* On the same connection, and not for ever */
GST_START_TEST (test_unanswered_candidates_are_sent_again)
{
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "timeout", 300, NULL);
  do_publish (&f);
  for (guint i = 0; i < 2; i++)
    janus_script_add (f.script, "trickle", "");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 3);
  check_has (janus_script_last (f.script, "trickle"), "candidate:1");
  assert_equals_int (f.script->connections, 1);
  assert_equals_int (f.rig.lost, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_trickle_suite (void)
{
  Suite *s = suite_create ("rcastjanus-trickle");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_candidates_follow_their_offer);
  tcase_add_test (tc, test_candidates_after_a_refused_restart);
  tcase_add_test (tc, test_useless_candidates_are_dropped);
  tcase_add_test (tc, test_candidates_are_sent_again_after_a_claim);
  tcase_add_test (tc, test_unanswered_candidates_are_sent_again);
  return s;
}

GST_CHECK_MAIN (rcastjanus_trickle);
