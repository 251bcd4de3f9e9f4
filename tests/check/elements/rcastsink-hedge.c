/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two attempts side by side: which one wins, what is left of the
 * other, and moving without a gap. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "rcast-check.h"
#include "rcast-error.h"
#include "rig.h"

#define SOURCE "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! " \
    "rcastsink name=r location=fake://one hedge-delay=50 reconnect-min-delay=10 "

static void
start (Rig * rig, const gchar * description)
{
  rig_init (rig, description);
  fake_signaller_behave (rig->signaller,
      FAKE_KEEPS_FORMER | FAKE_REPORTS_OFTEN);
}

/* Goes on air and loses the media. The server does not answer the
 * offer that is to bring it back. */
static void
hesitate (Rig * rig)
{
  fake_signaller_hold_offer (rig->signaller, 2);
  rig_go_on_air (rig);
  fake_signaller_say (rig->signaller, GST_RCAST_SERVER_HANGUP);
  rig_expect_with (rig, "reconnecting_broadcast", "strategy", "renegotiate",
      NULL);
  fake_signaller_wait (rig->signaller, FAKE_OFFERS, 2);
}

/* The message has the status of the first attempt. Its field "beside" describes the second one. */
static void
expect_beside (Rig * rig, const gchar * status, const gchar * beside)
{
  rig_expect_with (rig, status, "beside", beside, NULL);
}

static void
check_stats (Rig * rig, const gchar * beside)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (rig->sink, "stats", &stats, NULL);
  assert_equals_string (gst_structure_get_string (stats, "beside"), beside);
}

static void
wait_closed (FakeSignaller * signaller)
{
  fake_signaller_wait (signaller, FAKE_CLOSES, 1);
}

static void
hold_open (FakeSignaller * twin)
{
  fake_signaller_hold (twin, FAKE_HOLD_OPEN);
}

static void
hold_offer (FakeSignaller * twin)
{
  fake_signaller_hold (twin, FAKE_HOLD_OFFER);
}

static void
report_nothing (FakeSignaller * twin)
{
  fake_signaller_behave (twin, FAKE_HEARS_NOTHING);
}

static void
be_occupied (FakeSignaller * twin)
{
  fake_signaller_fail_offers (twin, G_MAXUINT,
      gst_rcast_error_new_http (GST_RCAST_ERROR_OCCUPIED, "fake://one", 409,
          GST_CLOCK_TIME_NONE, "somebody is there"));
}

GST_START_TEST (test_second_attempt_overtakes_a_step_that_hesitates)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  hesitate (&rig);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "renegotiate",
      "beside", "rejoin at fake://one", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "rejoin",
      "beside", NULL, NULL);
  rig_expect_with (&rig, "broadcasting", "strategy", "rejoin", "location",
      "fake://one", "beside", NULL, NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_PACKETS, 20);
  wait_closed (rig.signaller);
  assert_equals_int (fake_signaller_get_counts (twin).closes, 0);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* The second attempt is reported once, when it begins. Stats show it while it runs,
 * but count the first attempt only. */
GST_START_TEST (test_second_attempt_is_told_while_it_runs)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;
  g_autoptr (GstStructure) stats = NULL, attempts = NULL;
  guint64 rejoins, renegotiations;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_offer);
  hesitate (&rig);
  expect_beside (&rig, "reconnecting_broadcast", "rejoin at fake://one");
  twin = fake_signaller_wait_twin (rig.signaller);
  check_stats (&rig, "rejoin at fake://one");
  g_object_get (rig.sink, "stats", &stats, NULL);
  gst_structure_get (stats, "attempts", GST_TYPE_STRUCTURE, &attempts, NULL);
  gst_structure_get (attempts, "rejoin", G_TYPE_UINT64, &rejoins,
      "renegotiate", G_TYPE_UINT64, &renegotiations, NULL);
  assert_equals_uint64 (rejoins, 0);
  assert_equals_uint64 (renegotiations, 1);
  fake_signaller_wait (twin, FAKE_OFFERS, 1);
  fake_signaller_release (rig.signaller);
  expect_beside (&rig, "broadcasting", NULL);
  check_stats (&rig, NULL);
  rig_clear (&rig);
}

GST_END_TEST;

/* Media flows: stats show the move, but no message is posted. */
GST_START_TEST (test_move_is_seen_in_stats)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_offer);
  rig_go_on_air (&rig);
  check_stats (&rig, NULL);
  g_object_set (rig.sink, "location", "fake://two", NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_OFFERS, 1);
  check_stats (&rig, "failover at fake://two");
  fake_signaller_release (twin);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", "beside",
      NULL, NULL);
  check_stats (&rig, NULL);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_second_attempt_is_closed_when_the_first_succeeds)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_offer);
  hesitate (&rig);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_OFFERS, 1);
  expect_beside (&rig, "reconnecting_broadcast", "rejoin at fake://one");
  fake_signaller_release (rig.signaller);
  rig_expect_with (&rig, "broadcasting", "strategy", "renegotiate", NULL);
  wait_closed (twin);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 0);
  assert_equals_int (fake_signaller_get_counts (twin).packets, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* The second attempt keeps its session. */
GST_START_TEST (test_second_attempt_goes_on_when_the_first_fails)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_offer);
  hesitate (&rig);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_OFFERS, 1);
  expect_beside (&rig, "reconnecting_broadcast", "rejoin at fake://one");
  fake_signaller_lose (rig.signaller, 0, NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "rejoin", NULL);
  wait_closed (rig.signaller);
  fake_signaller_release (twin);
  rig_expect_with (&rig, "broadcasting", "strategy", "rejoin", NULL);
  assert_equals_int (fake_signaller_get_counts (twin).opens, 1);
  assert_equals_int (fake_signaller_get_counts (twin).offers, 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* A server that takes one publisher refuses the second attempt: the first one goes on. */
GST_START_TEST (test_refused_second_attempt_leaves_the_first_alone)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, be_occupied);
  hesitate (&rig);
  twin = fake_signaller_wait_twin (rig.signaller);
  wait_closed (twin);
  expect_beside (&rig, "reconnecting_broadcast", "rejoin at fake://one");
  fake_signaller_release (rig.signaller);
  rig_expect_with (&rig, "broadcasting", "strategy", "renegotiate", NULL);
  assert_equals_int (fake_signaller_get_counts (twin).opens, 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_without_a_hedge_delay_there_is_no_second_attempt)
{
  Rig rig;

  start (&rig, SOURCE "hedge-delay=0");
  hesitate (&rig);
  fake_signaller_release (rig.signaller);
  rig_expect_with (&rig, "broadcasting", "strategy", "renegotiate", NULL);
  fail_if (fake_signaller_has_twin (rig.signaller));
  rig_clear (&rig);
}

GST_END_TEST;

static void
send (Rig * rig, const gchar * payload)
{
  gboolean sent = FALSE;

  g_signal_emit_by_name (rig->sink, "send-message", "m", payload, TRUE, &sent);
  fail_unless (sent);
}

/* Messages go to the server of the winning attempt, once and in the order of the calls. */
GST_START_TEST (test_messages_follow_the_attempt_that_wins)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;
  g_autofree gchar *before = NULL, *after = NULL;

  start (&rig, SOURCE);
  fake_signaller_behave (rig.signaller, FAKE_TAKES_MESSAGES);
  fake_signaller_hold_offer (rig.signaller, 2);
  rig_go_on_air (&rig);
  send (&rig, "1");
  before = fake_signaller_wait_messages (rig.signaller, 1);
  assert_equals_string (before, "m/1\n");
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_HANGUP);
  rig_expect (&rig, "reconnecting_broadcast");
  expect_beside (&rig, "reconnecting_broadcast", "rejoin at fake://one");
  expect_beside (&rig, "reconnecting_broadcast", NULL);
  rig_expect (&rig, "broadcasting");
  send (&rig, "2");
  send (&rig, "3");
  twin = fake_signaller_wait_twin (rig.signaller);
  after = fake_signaller_wait_messages (twin, 2);
  assert_equals_string (after, "m/2\nm/3\n");
  rig_clear (&rig);
}

GST_END_TEST;

/* Moving while on air */

/* Waits until @from has been told goodbye, and checks that no media is missing between the last
 * packet to @from and the first one to @to. */
static void
check_no_gap (FakeSignaller * from, FakeSignaller * to)
{
  guint32 last, first_there;

  wait_closed (from);
  fake_signaller_wait (to, FAKE_PACKETS, 20);
  last = fake_signaller_get_timestamp (from, FALSE);
  first_there = fake_signaller_get_timestamp (to, TRUE);
  fail_unless ((gint32) (last - first_there) >= 0,
      "%u ticks are at no server", first_there - last);
  assert_equals_int (fake_signaller_get_counts (from).gaps, 0);
  assert_equals_int (fake_signaller_get_counts (to).gaps, 0);
}

GST_START_TEST (test_location_set_on_air_is_moved_to_without_a_gap)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;
  g_autofree gchar *location = NULL;

  start (&rig, SOURCE);
  rig_go_on_air (&rig);
  g_object_set (rig.sink, "location", "fake://two", NULL);
  rig_expect_with (&rig, "broadcasting", "strategy", "failover", "location",
      "fake://two", NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  check_no_gap (rig.signaller, twin);
  location = gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (twin));
  assert_equals_string (location, "fake://two");
  /* And back: the first signaller is free again. */
  g_object_set (rig.sink, "location", "fake://three", NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://three", NULL);
  wait_closed (twin);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Other locations are no reason to move while the first one stays the same. */
GST_START_TEST (test_other_locations_leave_the_broadcast_where_it_is)
{
  static const gchar *const more[] = { "fake://two", "fake://three", NULL };
  static const gchar *const fewer[] = { "fake://three", NULL };
  Rig rig;

  start (&rig, SOURCE);
  rig_go_on_air (&rig);
  rig_set_locations (&rig, more);
  rig_set_locations (&rig, fewer);
  g_object_set (rig.sink, "location", "fake://one", NULL);
  fake_signaller_sync (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS,
      fake_signaller_get_counts (rig.signaller).packets + 20);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 1);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 0);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_broadcast_keeps_a_location_while_it_runs)
{
  Rig rig;
  gchar *location;

  start (&rig, SOURCE);
  rig_go_on_air (&rig);
  ASSERT_WARNING (g_object_set (rig.sink, "location", NULL, NULL));
  g_object_get (rig.sink, "location", &location, NULL);
  assert_equals_string (location, "fake://one");
  g_free (location);
  rig_clear (&rig);
}

GST_END_TEST;

/* The server takes one publisher, and rcastsink is there already: it
 * leaves first, then joins again. */
GST_START_TEST (test_server_that_takes_one_is_moved_at_with_a_break)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, be_occupied);
  rig_go_on_air (&rig);
  g_object_set (rig.sink, "location", "fake://two", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "location", "fake://two",
      NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", NULL);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 2);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 1);
  twin = fake_signaller_wait_twin (rig.signaller);
  wait_closed (twin);
  rig_clear (&rig);
}

GST_END_TEST;

/* If the new server is not there, rcastsink stays at the server in use. */
GST_START_TEST (test_move_that_fails_leaves_the_broadcast_on_air)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_open);
  rig_go_on_air (&rig);
  g_object_set (rig.sink, "location", "fake://two", NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_OPENS, 1);
  fake_signaller_forget (twin);
  wait_closed (twin);
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_WARNING));
  fake_signaller_wait (rig.signaller, FAKE_PACKETS,
      fake_signaller_get_counts (rig.signaller).packets + 20);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* __i__: whether the move has failed before it is taken back */
GST_START_TEST (test_move_that_is_taken_back_leaves_the_broadcast_on_air)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  start (&rig, SOURCE);
  fake_signaller_prepare_twin (rig.signaller, hold_open);
  rig_go_on_air (&rig);
  g_object_set (rig.sink, "location", "fake://two", NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (twin, FAKE_OPENS, 1);
  if (__i__ == 1) {
    fake_signaller_forget (twin);
    gst_message_unref (rig_wait (&rig, GST_MESSAGE_WARNING));
  }
  g_object_set (rig.sink, "location", "fake://one", NULL);
  wait_closed (twin);
  fake_signaller_sync (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS,
      fake_signaller_get_counts (rig.signaller).packets + 20);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 1);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 0);
  assert_equals_int (fake_signaller_get_counts (twin).opens, 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_failback_leaves_no_gap)
{
  static const gchar *const others[] = { "fake://two", NULL };
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  /* An offer that takes longer than the hedge delay would start another second attempt. */
  start (&rig, SOURCE "hedge-delay=0 failback-interval=50");
  rig_set_locations (&rig, others);
  fake_signaller_fail_offers (rig.signaller, 1,
      gst_rcast_error_new_http (GST_RCAST_ERROR_REJECTED, "fake://one", 404,
          GST_CLOCK_TIME_NONE, "not here"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect_with (&rig, "reconnecting_broadcast", "location", "fake://two",
      NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://two", NULL);
  rig_expect_with (&rig, "broadcasting", "location", "fake://one", NULL);
  twin = fake_signaller_wait_twin (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_CLOSES, 2);
  check_no_gap (rig.signaller, twin);
  rig_clear (&rig);
}

GST_END_TEST;

/* How far the second attempt is when the end comes */

static const struct
{
  void (*prepare) (FakeSignaller * twin);
  FakeWhat reached;
  gboolean moves;
} stages[] = {
  {hold_open, FAKE_OPENS, FALSE},
  {hold_offer, FAKE_OFFERS, FALSE},
  {hold_open, FAKE_OPENS, TRUE},
  {hold_offer, FAKE_OFFERS, TRUE},
  {report_nothing, FAKE_OFFERS, TRUE},
};

/* Indexes of stages: a few suffice for tests that need a connection to both servers. */
static const guint some[] = { 1, 2, 4 };

static void
reach (Rig * rig, guint stage, FakeSignaller ** twin)
{
  start (rig, SOURCE);
  fake_signaller_prepare_twin (rig->signaller, stages[stage].prepare);
  if (stages[stage].moves) {
    rig_go_on_air (rig);
    g_object_set (rig->sink, "location", "fake://two", NULL);
  } else {
    hesitate (rig);
  }
  *twin = fake_signaller_wait_twin (rig->signaller);
  fake_signaller_wait (*twin, stages[stage].reached, 1);
}

GST_START_TEST (test_both_sessions_are_closed_at_a_stop)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  reach (&rig, __i__, &twin);
  rig_set_state (&rig, GST_STATE_NULL);
  assert_equals_int (fake_signaller_get_counts (twin).closes, 1);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_both_sessions_are_closed_at_the_end_of_the_stream)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  reach (&rig, some[__i__], &twin);
  fail_unless (gst_element_send_event (rig.pipeline, gst_event_new_eos ()));
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_EOS));
  wait_closed (twin);
  wait_closed (rig.signaller);
  rig_clear (&rig);
}

GST_END_TEST;

/* READY and back to PLAYING: nothing is left of the second attempt. */
GST_START_TEST (test_restart_while_a_second_attempt_is_under_way)
{
  Rig rig;
  g_autoptr (FakeSignaller) twin = NULL;

  reach (&rig, some[__i__], &twin);
  rig_set_state (&rig, GST_STATE_READY);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_closed (twin);
  fake_signaller_wait (rig.signaller, FAKE_OPENS, 2);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_hedge_suite (void)
{
  Suite *s = suite_create ("rcastsink-hedge");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  gst_element_register (NULL, "fakesignaller", GST_RANK_NONE,
      FAKE_TYPE_SIGNALLER);
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_second_attempt_overtakes_a_step_that_hesitates);
  tcase_add_test (tc, test_second_attempt_is_told_while_it_runs);
  tcase_add_test (tc, test_move_is_seen_in_stats);
  tcase_add_test (tc, test_second_attempt_is_closed_when_the_first_succeeds);
  tcase_add_test (tc, test_second_attempt_goes_on_when_the_first_fails);
  tcase_add_test (tc, test_refused_second_attempt_leaves_the_first_alone);
  tcase_add_test (tc, test_without_a_hedge_delay_there_is_no_second_attempt);
  tcase_add_test (tc, test_messages_follow_the_attempt_that_wins);
  tcase_add_test (tc, test_location_set_on_air_is_moved_to_without_a_gap);
  tcase_add_test (tc, test_other_locations_leave_the_broadcast_where_it_is);
  tcase_add_test (tc, test_broadcast_keeps_a_location_while_it_runs);
  tcase_add_test (tc, test_server_that_takes_one_is_moved_at_with_a_break);
  tcase_add_test (tc, test_move_that_fails_leaves_the_broadcast_on_air);
  tcase_add_loop_test (tc,
      test_move_that_is_taken_back_leaves_the_broadcast_on_air, 0, 2);
  tcase_add_test (tc, test_failback_leaves_no_gap);
  tcase_add_loop_test (tc, test_both_sessions_are_closed_at_a_stop, 0,
      G_N_ELEMENTS (stages));
  tcase_add_loop_test (tc, test_both_sessions_are_closed_at_the_end_of_the_stream,
      0, G_N_ELEMENTS (some));
  tcase_add_loop_test (tc, test_restart_while_a_second_attempt_is_under_way, 0,
      G_N_ELEMENTS (some));
  return s;
}

GST_CHECK_MAIN (rcastsink_hedge);
