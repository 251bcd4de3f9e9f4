/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is to blame when a connection fails, and an element that its own thread stops. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcastsession.h"
#include "rcast-check.h"
#include "rig.h"

#define SOURCE "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! " \
    "rcastsink name=r "

static void
on_air (Rig * rig)
{
  rig_init (rig, SOURCE);
  g_object_set (rig->sink, "reconnect-min-delay", 10, NULL);
  fake_signaller_behave (rig->signaller, FAKE_REPORTS_OFTEN);
  rig_set_state (rig, GST_STATE_PLAYING);
  rig_expect (rig, "signalling");
  rig_expect (rig, "connected");
  rig_expect (rig, "broadcasting");
}

static void
expect_reason (Rig * rig, const gchar * status, const gchar * reason)
{
  GstMessage *message = rig_wait_status (rig, status);
  const GstStructure *s = gst_message_get_structure (message);

  fail_unless (g_strcmp0 (gst_structure_get_string (s, "reason"), reason) == 0,
      "%s: %s", gst_structure_get_string (s, "reason"),
      gst_structure_get_string (s, "detail"));
  gst_message_unref (message);
}

/* Posts an error of a part of rcastsink's own connection. */
static void
break_webrtcbin (Rig * rig)
{
  g_autoptr (GstElement) webrtc =
      gst_bin_get_by_name (GST_BIN (rig->sink), "webrtcbin");

  fail_unless (webrtc != NULL);
  GST_ELEMENT_ERROR (webrtc, STREAM, FAILED, ("broken"), (NULL));
}

GST_START_TEST (test_a_failure_on_this_side_is_no_lost_signalling)
{
  Rig rig;

  on_air (&rig);
  break_webrtcbin (&rig);
  expect_reason (&rig, "reconnecting_broadcast", "webrtc-failed");
  rig_expect (&rig, "broadcasting");
  rig_clear (&rig);
}

GST_END_TEST;

static void
expect_progress (Rig * rig, GstProgressType type, const gchar * code,
    const gchar * text)
{
  g_autoptr (GstMessage) message = rig_wait (rig, GST_MESSAGE_PROGRESS);
  g_autofree gchar *got_code = NULL, *got_text = NULL;
  GstProgressType got;

  gst_message_parse_progress (message, &got, &got_code, &got_text);
  fail_unless (got == type && g_str_equal (got_code, code)
      && g_str_has_prefix (got_text, text), "%s: %s", got_code, got_text);
}

/* Checks what gst-launch-1.0 prints without any option. */
GST_START_TEST (test_an_outage_is_seen_without_any_option)
{
  Rig rig;

  rig_init (&rig, SOURCE);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  fake_signaller_behave (rig.signaller, FAKE_REPORTS_OFTEN);
  rig_set_state (&rig, GST_STATE_PLAYING);
  expect_progress (&rig, GST_PROGRESS_TYPE_START, "connect",
      "connecting to fake://server");
  expect_progress (&rig, GST_PROGRESS_TYPE_CONTINUE, "connect", "connected");
  expect_progress (&rig, GST_PROGRESS_TYPE_COMPLETE, "connect", "on air");
  break_webrtcbin (&rig);
  expect_progress (&rig, GST_PROGRESS_TYPE_START, "outage",
      "off air: webrtcbin: broken; ");
  expect_progress (&rig, GST_PROGRESS_TYPE_COMPLETE, "outage",
      "back on air after ");
  rig_clear (&rig);
}

GST_END_TEST;

/* No m-line at all, no SDP at all */
static const gchar *const answers[] = {
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", "nonsense",
};

GST_START_TEST (test_an_answer_of_no_use_is_no_lost_signalling)
{
  Rig rig;

  on_air (&rig);
  fake_signaller_set_answer (rig.signaller, answers[__i__]);
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_HANGUP);
  expect_reason (&rig, "reconnecting_broadcast", "server-closed");
  expect_reason (&rig, "reconnecting_broadcast", "webrtc-failed");
  rig_clear (&rig);
}

GST_END_TEST;

/* The offer of the ICE restart goes by HTTP. A failure to send it is a network problem,
 * and causes no second ICE warning. */
GST_START_TEST (test_an_ice_restart_that_cannot_be_sent_is_no_failure_of_ice)
{
  Rig rig;
  gboolean told = FALSE;

  on_air (&rig);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART);
  /* Fails the offers of two restarts: one before the media is off air, and one after. */
  fake_signaller_fail_offers (rig.signaller, 2,
      gst_rcast_error_new_http (GST_RCAST_ERROR_NETWORK, "http://server/x", 0,
          GST_CLOCK_TIME_NONE, "PATCH: connection refused"));
  fake_signaller_lose_ice (rig.signaller);
  while (!told) {
    g_autoptr (GstMessage) message =
        rig_wait (&rig, GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
      g_autoptr (GError) error = NULL;

      gst_message_parse_warning (message, &error, NULL);
      fail_if (g_str_has_prefix (error->message, "ICE_CONNECTION_FAILED"), "%s",
          error->message);
    } else {
      const GstStructure *s = gst_message_get_structure (message);

      if (strstr (gst_structure_get_string (s, "detail") ?
              gst_structure_get_string (s, "detail") : "", "refused")) {
        told = TRUE;
        assert_equals_string (gst_structure_get_string (s, "reason"),
            "network-lost");
        assert_equals_string (gst_structure_get_string (s, "plane"),
            "signalling");
      }
    }
  }
  rig_clear (&rig);
}

GST_END_TEST;

typedef struct
{
  Rig *rig;
  GMutex lock;
  GCond changed;
  gboolean gone;                /* lock */
} Stop;

static void
on_gone (gpointer data, GObject * sink)
{
  Stop *stop = data;

  g_mutex_lock (&stop->lock);
  stop->gone = TRUE;
  g_cond_signal (&stop->changed);
  g_mutex_unlock (&stop->lock);
}

/* Stops the sink with all that an application can do: NULL, removal from the pipeline, the last
 * unref. Runs on the thread that takes all decisions of the element. */
static void
on_status (GstElement * sink, GParamSpec * pspec, Stop * stop)
{
  gint status;

  g_object_get (sink, "status", &status, NULL);
  if (status != GST_RCAST_STATUS_BROADCASTING)
    return;
  g_signal_handlers_disconnect_by_func (sink, on_status, stop);
  gst_element_set_locked_state (sink, TRUE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (stop->rig->pipeline), sink);
  gst_object_unref (sink);
}

/* Each message holds a reference to its source. */
static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer data)
{
  gst_message_unref (message);
  return GST_BUS_DROP;
}

GST_START_TEST (test_it_can_be_stopped_and_freed_by_its_own_thread)
{
  Rig rig;
  Stop stop = {.rig = &rig };

  g_mutex_init (&stop.lock);
  g_cond_init (&stop.changed);
  rig_init (&rig, SOURCE);
  g_object_weak_ref (G_OBJECT (rig.sink), on_gone, &stop);
  gst_bus_set_sync_handler (rig.bus, drop_message, NULL, NULL);
  g_signal_connect (rig.sink, "notify::status", G_CALLBACK (on_status), &stop);
  rig_set_state (&rig, GST_STATE_PLAYING);
  g_mutex_lock (&stop.lock);
  while (!stop.gone)
    g_cond_wait (&stop.changed, &stop.lock);
  g_mutex_unlock (&stop.lock);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).closes, 1);
  rig.sink = gst_object_ref (rig.pipeline);     /* for rig_clear() */
  rig_clear (&rig);
  g_mutex_clear (&stop.lock);
  g_cond_clear (&stop.changed);
}

GST_END_TEST;

static void
count_failures (const GstRcastEvent * event, const GError * error,
    gpointer data)
{
  *(guint *) data += event->type == GST_RCAST_EVENT_SIGNALLER_FAILED;
}

static void
on_answered (const gchar * sdp, const gchar * const *ice_servers, gpointer data)
{
}

static const GstRcastSessionCallbacks session_callbacks = {
  .event = count_failures,
  .answered = on_answered,
};

/* Returns: (transfer full): a session whose offer is answered and whose candidates are to follow */
static GstRcastSession *
offer_to (FakeSignaller * signaller, guint * failures)
{
  GstRcastSession *session =
      gst_rcast_session_new (&session_callbacks, failures);

  fake_signaller_set_answer (signaller, "v=0\r\n");
  gst_rcast_session_use (session, g_object_ref (GST_RCAST_SIGNALLER
          (signaller)));
  gst_rcast_session_offer (session, GST_RCAST_OFFER_INITIAL, "v=0\r\n");
  return session;
}

static void
refuse_candidates (FakeSignaller * signaller)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (signaller), 0);
}

/* The server refuses candidates before or after the media is connected. Only a session without a
 * connection is given up. Its timeout begins last, and so ends last. */
GST_START_TEST (test_refused_candidates_are_no_failure_where_media_is_connected)
{
  FakeSignaller *signallers[3];
  GstRcastSession *sessions[3];
  guint failures[3] = { 0, };

  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++) {
    signallers[i] = fake_signaller_new ();
    sessions[i] = offer_to (signallers[i], &failures[i]);
  }
  refuse_candidates (signallers[0]);
  gst_rcast_session_connected (sessions[0]);
  gst_rcast_session_connected (sessions[1]);
  refuse_candidates (signallers[1]);
  refuse_candidates (signallers[2]);
  while (failures[2] == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_equals_int (failures[0], 0);
  assert_equals_int (failures[1], 0);
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++) {
    gst_rcast_session_stop (sessions[i]);
    gst_object_unref (sessions[i]);
    gst_object_unref (signallers[i]);
  }
}

GST_END_TEST;

static Suite *
session_suite (void)
{
  Suite *s = suite_create ("session");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_a_failure_on_this_side_is_no_lost_signalling);
  tcase_add_test (tc, test_an_outage_is_seen_without_any_option);
  tcase_add_loop_test (tc, test_an_answer_of_no_use_is_no_lost_signalling, 0,
      G_N_ELEMENTS (answers));
  tcase_add_test (tc,
      test_an_ice_restart_that_cannot_be_sent_is_no_failure_of_ice);
  tcase_add_test (tc, test_it_can_be_stopped_and_freed_by_its_own_thread);
  tcase_add_test (tc,
      test_refused_candidates_are_no_failure_where_media_is_connected);
  return s;
}

GST_CHECK_MAIN (session);
