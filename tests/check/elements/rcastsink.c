/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsink as an application sees it, against a webrtcbin in the same process. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include <string.h>

#include "rcast-check.h"
#include "rcast-error.h"
#include "rig.h"

static const gchar *const sources[] = {
  "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r",
  "audiotestsrc is-live=true ! rcastsink name=r",
  "rcastsink name=r  videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! r.  "
      "videotestsrc is-live=true pattern=ball ! video/x-raw,width=64,height=64 ! vp8enc deadline=1 ! r.  "
      "audiotestsrc is-live=true ! r.  audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! r.",
  "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! vp8enc deadline=1 ! rtpvp8pay ! rcastsink name=r",
};

GST_START_TEST (test_on_air_and_off)
{
  Rig rig;
  GstMessage *message;
  g_autoptr (GstStructure) stats = NULL;
  g_autofree gchar *offer = NULL;
  gint status;

  rig_init (&rig, sources[__i__]);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  message = rig_wait_status (&rig, "broadcasting");
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), "location"), "fake://server");
  gst_message_unref (message);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, 20);

  g_object_get (rig.sink, "status", &status, "stats", &stats, NULL);
  assert_equals_int (status, 3);
  assert_equals_string (gst_structure_get_string (stats, "status"),
      "broadcasting");
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (strstr (offer, "a=mid:0\r\n") != NULL);
  fail_unless (strstr (offer, "a=sendonly\r\n") != NULL);
  fail_unless (strstr (offer, "a=candidate:") == NULL);

  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_eos_is_forwarded_after_the_goodbye)
{
  Rig rig;
  GstMessage *message;

  rig_init (&rig, "videotestsrc num-buffers=60 ! "
      "video/x-raw,width=64,height=64,framerate=30/1 ! rcastsink name=r");
  rig_set_state (&rig, GST_STATE_PLAYING);
  message = rig_wait (&rig, GST_MESSAGE_EOS);
  gst_message_unref (message);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_not_trickling_server_gets_candidates_with_the_offer)
{
  Rig rig;
  g_autofree gchar *offer = NULL;

  rig_init (&rig, sources[0]);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller), 0);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (strstr (offer, "a=candidate:") != NULL);
  rig_clear (&rig);
}

GST_END_TEST;

static const struct
{
  gboolean at_open;
  GstRcastError code;
  guint http_status;
  const gchar *domain;
  gint want;
  const gchar *reason;
} failures[] = {
  {FALSE, GST_RCAST_ERROR_UNAUTHORIZED, 401, "gst-resource-error-quark",
      GST_RESOURCE_ERROR_NOT_AUTHORIZED, "rejected"},
  {FALSE, GST_RCAST_ERROR_REJECTED, 404, "gst-resource-error-quark",
      GST_RESOURCE_ERROR_NOT_FOUND, "rejected"},
  {FALSE, GST_RCAST_ERROR_BUSY, 409, "gst-resource-error-quark",
      GST_RESOURCE_ERROR_BUSY, "rejected"},
  {FALSE, GST_RCAST_ERROR_NOT_ACCEPTABLE, 422, "gst-stream-error-quark",
      GST_STREAM_ERROR_FORMAT, "rejected"},
  {FALSE, GST_RCAST_ERROR_FAILED, 500, "gst-resource-error-quark",
      GST_RESOURCE_ERROR_WRITE, "signalling-lost"},
  {TRUE, GST_RCAST_ERROR_NETWORK, 0, "gst-resource-error-quark",
      GST_RESOURCE_ERROR_OPEN_WRITE, "network-lost"},
};

GST_START_TEST (test_a_refusal_is_one_error_that_names_it)
{
  Rig rig;
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;
  g_autofree gchar *code =
      g_strdup_printf ("http-status=%u", failures[__i__].http_status);
  GError *cause = gst_rcast_error_new_http (failures[__i__].code,
      "fake://server", failures[__i__].http_status, GST_CLOCK_TIME_NONE,
      "no, thank you");

  rig_init (&rig, sources[0]);
  if (failures[__i__].at_open)
    fake_signaller_fail_open (rig.signaller, cause);
  else
    fake_signaller_fail_offers (rig.signaller, G_MAXUINT, cause);
  g_object_set (rig.sink, "reconnect-max-retries", 0, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  message = rig_wait_status (&rig, "disconnected");
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), "reason"), failures[__i__].reason);
  gst_message_unref (message);

  message = rig_wait (&rig, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, &debug);
  gst_message_unref (message);
  assert_equals_string (g_quark_to_string (error->domain),
      failures[__i__].domain);
  assert_equals_int (error->code, failures[__i__].want);
  fail_unless (strstr (error->message, "no, thank you") != NULL);
  fail_unless (strstr (error->message, "fake://server") != NULL);
  fail_unless (strstr (error->message, "signalling plane") != NULL);
  fail_unless (strstr (debug, code) != NULL, "%s", debug);

  rig_set_state (&rig, GST_STATE_READY);
  message = gst_bus_pop_filtered (rig.bus, GST_MESSAGE_ERROR);
  fail_unless (message == NULL, "a second error");
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_garbage_for_an_answer_is_an_error)
{
  static const gchar *const answers[] = {
    "hello",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
  };
  Rig rig;
  GstMessage *message;

  rig_init (&rig, sources[0]);
  fake_signaller_set_answer (rig.signaller, answers[__i__]);
  g_object_set (rig.sink, "reconnect-max-retries", 0, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  message = rig_wait (&rig, GST_MESSAGE_ERROR);
  gst_message_unref (message);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_stopped_in_the_middle)
{
  Rig rig;

  rig_init (&rig, sources[0]);
  fake_signaller_hold (rig.signaller, __i__);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  if (__i__ == FAKE_HOLD_OFFER)
    fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1);
  rig_set_state (&rig, GST_STATE_NULL);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_pad_released_while_connecting)
{
  Rig rig;
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstPad) pad = NULL;

  rig_init (&rig, "rcastsink name=r  "
      "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! r.  "
      "audiotestsrc name=a is-live=true ! r.");
  rig_set_state (&rig, GST_STATE_PLAYING);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1);
  source = gst_bin_get_by_name (GST_BIN (rig.pipeline), "a");
  pad = gst_element_get_static_pad (rig.sink, "audio_0");
  gst_element_set_locked_state (source, TRUE);
  gst_element_set_state (source, GST_STATE_NULL);
  gst_element_unlink (source, rig.sink);
  gst_element_release_request_pad (rig.sink, pad);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_pad_requested_in_playing)
{
  Rig rig;
  GstElement *source = gst_element_factory_make ("audiotestsrc", NULL);
  g_autofree gchar *offer = NULL;

  /* The silent video stream holds back the offer until its pad is released. */
  rig_init (&rig,
      "rcastsink name=r  appsrc name=silent is-live=true ! r.video_7");
  rig_set_state (&rig, GST_STATE_PLAYING);
  g_object_set (source, "is-live", TRUE, NULL);
  gst_bin_add (GST_BIN (rig.pipeline), source);
  fail_unless (gst_element_link_pads (source, "src", rig.sink, "audio_%u"));
  gst_element_sync_state_with_parent (source);
  {
    g_autoptr (GstElement) silent =
        gst_bin_get_by_name (GST_BIN (rig.pipeline), "silent");
    g_autoptr (GstPad) pad = gst_element_get_static_pad (rig.sink, "video_7");

    gst_element_unlink (silent, rig.sink);
    gst_element_release_request_pad (rig.sink, pad);
    gst_element_set_state (silent, GST_STATE_NULL);
    gst_bin_remove (GST_BIN (rig.pipeline), silent);
  }
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (strstr (offer, "m=audio") != NULL);
  fail_unless (strstr (offer, "m=video") == NULL);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_pad_requested_on_air_is_warned_of)
{
  Rig rig;
  GstPad *pad;
  GstMessage *message;
  g_autoptr (GError) error = NULL;

  rig_init (&rig, sources[0]);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  pad = gst_element_request_pad_simple (rig.sink, "audio_9");
  fail_unless (pad != NULL);
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "audio_9") != NULL);
  gst_message_unref (message);
  gst_element_release_request_pad (rig.sink, pad);
  gst_object_unref (pad);
  rig_clear (&rig);
}

GST_END_TEST;

/* A temporary failure is reported at each attempt, but is no error. */
GST_START_TEST (test_tries_again_until_the_server_is_there)
{
  Rig rig;
  GstMessage *message;
  guint attempt, http_status;

  rig_init (&rig, sources[0]);
  fake_signaller_fail_offers (rig.signaller, 2,
      gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY, "fake://server", 503,
          10 * GST_MSECOND, "not yet"));
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  for (guint i = 1; i <= 2; i++) {
    const GstStructure *said;
    guint64 delay;

    message = rig_wait_status (&rig, "reconnecting_broadcast");
    said = gst_message_get_structure (message);
    fail_unless (gst_structure_get (said, "attempt", G_TYPE_UINT, &attempt,
            "http-status", G_TYPE_UINT, &http_status, "delay", G_TYPE_UINT64,
            &delay, NULL));
    assert_equals_int (attempt, i);
    assert_equals_int (http_status, 503);
    fail_unless (delay >= 10 * GST_MSECOND);
    assert_equals_string (gst_structure_get_string (said, "strategy"),
        "rejoin");
    assert_equals_string (gst_structure_get_string (said, "detail"), "not yet");
    gst_message_unref (message);
  }
  rig_expect (&rig, "broadcasting");
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 3), 3);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 2), 2);
  rig_clear (&rig);
}

GST_END_TEST;

static void
release (Rig * rig, const gchar * source_name, const gchar * pad_name)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (rig->pipeline), source_name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (rig->sink, pad_name);

  gst_element_set_locked_state (source, TRUE);
  gst_element_set_state (source, GST_STATE_NULL);
  gst_element_unlink (source, rig->sink);
  gst_element_release_request_pad (rig->sink, pad);
  gst_bin_remove (GST_BIN (rig->pipeline), source);
}

/* EOS is posted once the remaining streams have ended. The sink does not wait for the released
 * stream until a timeout, which never expires on this clock. */
GST_START_TEST (test_eos_after_a_pad_was_released)
{
  Rig rig;
  GstTestClock *clock;

  rig_init (&rig, "rcastsink name=r  "
      "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! r.  "
      "audiotestsrc name=a is-live=true ! r.");
  clock = rig_start_with_test_clock (&rig);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  release (&rig, "a", "audio_0");
  gst_element_send_event (rig.pipeline, gst_event_new_eos ());
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_EOS));
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* The streams of a file rarely end at once: the others go on. Releasing the last
 * pad that is not at EOS posts EOS. */
GST_START_TEST (test_one_stream_ends_before_the_others)
{
  Rig rig;
  g_autoptr (GstPad) video = NULL;

  rig_init (&rig, "rcastsink name=r  "
      "videotestsrc num-buffers=3 is-live=true ! "
      "video/x-raw,width=64,height=64 ! r.  "
      "audiotestsrc name=a is-live=true ! r.");
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  video = gst_element_get_static_pad (rig.sink, "video_0");
  fail_unless (GST_PAD_IS_EOS (video));
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, fake_signaller_wait (rig.signaller, FAKE_PACKETS, 0) + 50);
  release (&rig, "a", "audio_0");
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_EOS));
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

static void
wake_up (const GValue * source, gpointer data)
{
  GstPad *pad = gst_element_get_static_pad (g_value_get_object (source), "src");
  GstTask *task;

  GST_OBJECT_LOCK (pad);
  task = GST_PAD_TASK (pad) ? gst_object_ref (GST_PAD_TASK (pad)) : NULL;
  GST_OBJECT_UNLOCK (pad);
  if (task && gst_task_get_state (task) == GST_TASK_PAUSED)
    gst_task_start (task);
  gst_clear_object (&task);
  gst_object_unref (pad);
}

/* Wakes up the sources while it waits. In GStreamer 1.22, a live source that is paused
 * and plays again at once may put its task to sleep after the start. Then it pushes
 * nothing, and no sink prerolls. */
static void
wait_packets_of_live_sources (Rig * rig, guint64 at_least)
{
  while (fake_signaller_wait (rig->signaller, FAKE_PACKETS, 0) < at_least) {
    GstIterator *iterator = gst_bin_iterate_sources (GST_BIN (rig->pipeline));

    gst_iterator_foreach (iterator, wake_up, NULL);
    gst_iterator_free (iterator);
    g_usleep (G_USEC_PER_SEC / 100);
  }
}

GST_START_TEST (test_pauses_and_goes_on)
{
  Rig rig;

  rig_init (&rig, sources[2]);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  for (guint i = 0; i < 10; i++) {
    rig_set_state (&rig, GST_STATE_PAUSED);
    fail_if (gst_element_get_state (rig.pipeline, NULL, NULL,
            PATIENCE * rcast_check_slowness ()) == GST_STATE_CHANGE_FAILURE);
    rig_set_state (&rig, GST_STATE_PLAYING);
    wait_packets_of_live_sources (&rig,
        fake_signaller_wait (rig.signaller, FAKE_PACKETS, 0) + 20);
  }
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* Like a file: the sources are not live, and the application seeks while on air. */
GST_START_TEST (test_flushing_seek_on_air)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r  "
      "videotestsrc ! video/x-raw,width=64,height=64,framerate=30/1 ! r.  "
      "audiotestsrc ! r.");
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  for (guint i = 0; i < 5; i++) {
    fail_unless (gst_element_seek_simple (rig.pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, (i % 2 ? 0 : 1000) * GST_SECOND));
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, fake_signaller_wait (rig.signaller, FAKE_PACKETS, 0) + 50);
  }
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* Like a file that is played again, and like a live source: another broadcast begins. */
GST_START_TEST (test_flushing_seek_after_the_end)
{
  g_autofree gchar *launch = g_strdup_printf ("rcastsink name=r  "
      "videotestsrc is-live=%d ! "
      "video/x-raw,width=64,height=64,framerate=30/1 ! r.", __i__);
  Rig rig;

  rig_init (&rig, launch);
  rig_set_state (&rig, GST_STATE_PLAYING);
  for (guint i = 1; i <= 2; i++) {
    rig_expect (&rig, "signalling");
    rig_expect (&rig, "connected");
    rig_expect (&rig, "broadcasting");
    gst_element_send_event (rig.pipeline, gst_event_new_eos ());
    gst_message_unref (rig_wait (&rig, GST_MESSAGE_EOS));
    assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 0), i);
    assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, i), i);
    fail_unless (gst_element_seek_simple (rig.pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, 0));
  }
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_ready_and_playing_many_times)
{
  Rig rig;
  RcastTally before = { 0, };

  rig_init (&rig, sources[0]);
  for (guint i = 0; i < 100; i++) {
    rig_set_state (&rig, GST_STATE_PLAYING);
    /* Stop somewhere else each time. */
    if (i % 4 == 1)
      rig_expect (&rig, "signalling");
    if (i % 4 == 2)
      fake_signaller_wait (rig.signaller, FAKE_OFFERS, fake_signaller_wait (rig.signaller, FAKE_OFFERS, 0) + 1);
    if (i % 20 == 3)
      for (gboolean on_air = FALSE; !on_air;) {
        GstMessage *message = rig_wait (&rig, GST_MESSAGE_ELEMENT);

        on_air = gst_message_has_name (message, "broadcasting");
        gst_message_unref (message);
      }
    rig_set_state (&rig, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
    fake_signaller_drop_answerer (rig.signaller);
    gst_bus_set_flushing (rig.bus, TRUE);
    gst_bus_set_flushing (rig.bus, FALSE);
    if (i == 9) {
      rig_set_state (&rig, GST_STATE_NULL);
      rcast_tally_count (&before);
    }
  }
  rig_set_state (&rig, GST_STATE_NULL);
  rcast_tally_check (&before);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_suite (void)
{
  Suite *s = suite_create ("rcastsink");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_on_air_and_off, 0, G_N_ELEMENTS (sources));
  tcase_add_test (tc, test_eos_is_forwarded_after_the_goodbye);
  tcase_add_test (tc, test_not_trickling_server_gets_candidates_with_the_offer);
  tcase_add_loop_test (tc, test_a_refusal_is_one_error_that_names_it, 0,
      G_N_ELEMENTS (failures));
  tcase_add_loop_test (tc, test_garbage_for_an_answer_is_an_error, 0, 2);
  tcase_add_loop_test (tc, test_stopped_in_the_middle, FAKE_HOLD_OPEN,
      FAKE_HOLD_OFFER + 1);
  tcase_add_test (tc, test_pad_released_while_connecting);
  tcase_add_test (tc, test_pad_requested_in_playing);
  tcase_add_test (tc, test_pad_requested_on_air_is_warned_of);
  tcase_add_test (tc, test_tries_again_until_the_server_is_there);
  tcase_add_test (tc, test_eos_after_a_pad_was_released);
  tcase_add_test (tc, test_one_stream_ends_before_the_others);
  tcase_add_test (tc, test_pauses_and_goes_on);
  tcase_add_test (tc, test_flushing_seek_on_air);
  tcase_add_loop_test (tc, test_flushing_seek_after_the_end, 0, 2);
  tcase_add_test (tc, test_ready_and_playing_many_times);
  return s;
}

GST_CHECK_MAIN (rcastsink);
