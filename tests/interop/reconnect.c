/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsink returns on air after faults of the server, and the recording stays complete. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gio/gio.h>
#include <string.h>

#include "drop-rtp.h"
#include "loopback-child.h"
#include "rcast-check.h"

#define PATIENCE (90 * GST_SECOND)
#define FRAMES_PER_SECOND 30
/* Seconds for which a busy machine may stall the encoder before frames are lost. A wait for the
 * network takes longer. */
#define ENCODER_STALL 5

/* A broadcast, with a recording behind the same encoder */
typedef struct
{
  GstElement *pipeline, *sink;
  GstBus *bus;
  gint frames, holes;           /* atomic */
  GstClockTime last;            /* the streaming thread */
} Cast;

static GstPadProbeReturn
on_recorded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Cast *cast = data;
  GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  if (g_atomic_int_add (&cast->frames, 1) > 0
      && pts - cast->last > 3 * GST_SECOND / 2 / FRAMES_PER_SECOND)
    g_atomic_int_inc (&cast->holes);
  cast->last = pts;
  return GST_PAD_PROBE_OK;
}

static void
cast_start (Cast * cast, const gchar * location)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) recording = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autofree gchar *uri = g_strconcat ("whip+", location, "live", NULL);
  g_autofree gchar *description =
      g_strdup_printf ("videotestsrc is-live=true ! "
      "video/x-raw,width=320,height=240,framerate=%d/1 ! "
      "queue leaky=downstream max-size-buffers=%d max-size-time=0 max-size-bytes=0 ! "
      "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 ! "
      "video/x-h264,profile=constrained-baseline ! h264parse ! tee name=t  "
      "t. ! queue ! fakesink name=recording  "
      "rcastsink name=r reconnect-min-delay=100 reconnect-max-delay=1000  "
      "t. ! r.video_0", FRAMES_PER_SECOND,
      ENCODER_STALL * FRAMES_PER_SECOND);

  *cast = (Cast) { NULL };
  cast->pipeline = gst_parse_launch (description, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  cast->sink = gst_bin_get_by_name (GST_BIN (cast->pipeline), "r");
  g_object_set (cast->sink, "location", uri, NULL);
  recording = gst_bin_get_by_name (GST_BIN (cast->pipeline), "recording");
  pad = gst_element_get_static_pad (recording, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_recorded, cast, NULL);
  cast->bus = gst_element_get_bus (cast->pipeline);
}

static void
cast_end (Cast * cast)
{
  gst_element_set_state (cast->pipeline, GST_STATE_NULL);
  g_print ("recorded %d frames, %d holes\n", cast->frames, cast->holes);
  fail_unless (cast->frames > 0);
  assert_equals_int (cast->holes, 0);
  gst_object_unref (cast->bus);
  gst_object_unref (cast->sink);
  gst_object_unref (cast->pipeline);
}

/* Waits for the next message of rcastsink; an error fails the test. */
static GstMessage *
cast_next (Cast * cast)
{
  GstMessage *message = NULL;

  do {
    gst_clear_message (&message);
    message = gst_bus_timed_pop_filtered (cast->bus, PATIENCE,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);
    fail_unless (message != NULL, "no message came");
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      g_autoptr (GError) error = NULL;

      gst_message_parse_error (message, &error, NULL);
      fail ("%s", error->message);
    }
  } while (GST_MESSAGE_SRC (message) != GST_OBJECT (cast->sink));
  return message;
}

/* Waits for the next message @status, and skips others. */
static GstMessage *
cast_wait (Cast * cast, const gchar * status)
{
  GstMessage *message = cast_next (cast);

  while (!gst_message_has_name (message, status)) {
    gst_message_unref (message);
    message = cast_next (cast);
  }
  return message;
}

static void
cast_expect (Cast * cast, const gchar * status)
{
  gst_message_unref (cast_wait (cast, status));
}

/* Waits until it broadcasts at @whip. If that server answers slowly at first, rcastsink starts at
 * another location and returns later. */
static GstMessage *
cast_wait_at (Cast * cast, const gchar * whip)
{
  GstMessage *message = cast_wait (cast, "broadcasting");

  while (!strstr (gst_structure_get_string (gst_message_get_structure (message),
              "location"), whip)) {
    gst_message_unref (message);
    message = cast_wait (cast, "broadcasting");
  }
  return message;
}

static guint64
field (GstMessage * message, const gchar * name)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
          name, &value));
  return value;
}

GST_START_TEST (test_server_killed_and_back)
{
  Server server = { NULL };
  Cast cast;
  GstMessage *message;
  guint port;
  gint64 killed, listening;

  server_start (&server, 0, NULL);
  port = server.port;
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");

  killed = g_get_monotonic_time ();
  server_kill (&server);
  cast_expect (&cast, "reconnecting_broadcast");
  g_print ("killed: noticed after %" G_GINT64_FORMAT " ms\n",
      (g_get_monotonic_time () - killed) / 1000);
  /* Without a server, more than one attempt fails. */
  for (guint attempt = 0; attempt < 4;) {
    message = cast_wait (&cast, "reconnecting_broadcast");
    gst_structure_get_uint (gst_message_get_structure (message), "attempt",
        &attempt);
    gst_message_unref (message);
  }

  server_start (&server, port, NULL);
  listening = g_get_monotonic_time ();
  message = cast_wait (&cast, "broadcasting");
  g_print ("back: on air %" G_GINT64_FORMAT " ms after listening, outage %"
      G_GUINT64_FORMAT " ms\n",
      (g_get_monotonic_time () - listening) / 1000,
      field (message, "outage") / GST_MSECOND);
  fail_unless (field (message, "outage") > 0);
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), "strategy"), "rejoin");
  gst_message_unref (message);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

GST_START_TEST (test_busy_server_is_waited_for)
{
  static const gchar *const set[] = { "fail-status=503", "fail-count=2",
    "fail-method=POST", "retry-after=1", NULL
  };
  Server server = { NULL };
  Cast cast;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "signalling");
  for (guint i = 0; i < 2; i++) {
    GstMessage *message = cast_next (&cast);
    guint http_status = 0;

    fail_unless (gst_message_has_name (message, "reconnecting_broadcast"));
    gst_structure_get_uint (gst_message_get_structure (message),
        "http-status", &http_status);
    assert_equals_int (http_status, 503);
    fail_unless (field (message, "delay") >= GST_SECOND);
    gst_message_unref (message);
  }
  cast_expect (&cast, "broadcasting");
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

static void
cast_add_location (Cast * cast, Server * server)
{
  GValue locations = G_VALUE_INIT, item = G_VALUE_INIT;

  g_value_init (&locations, GST_TYPE_ARRAY);
  g_value_init (&item, G_TYPE_STRING);
  g_value_take_string (&item, g_strconcat ("whip+", server->whip, "live",
          NULL));
  gst_value_array_append_and_take_value (&locations, &item);
  g_object_set_property (G_OBJECT (cast->sink), "locations", &locations);
  g_value_unset (&locations);
}

GST_START_TEST (test_failover_to_the_next_server)
{
  Server one = { NULL }, other = { NULL };
  Cast cast;
  GstMessage *message;

  server_start (&one, 0, NULL);
  server_start (&other, 0, NULL);
  cast_start (&cast, one.whip);
  cast_add_location (&cast, &other);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");

  server_kill (&one);
  message = cast_wait (&cast, "broadcasting");
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), "strategy"), "failover");
  fail_unless (strstr (gst_structure_get_string (gst_message_get_structure
              (message), "location"), other.whip) != NULL);
  gst_message_unref (message);
  cast_end (&cast);
  server_kill (&other);
}

GST_END_TEST;

static gchar *
on_request_token (GstElement * sink, const gchar * uri, gpointer asked)
{
  g_atomic_int_inc ((gint *) asked);
  return g_strdup ("good");
}

GST_START_TEST (test_a_fresh_token_is_asked_for)
{
  static const gchar *const set[] = { "token=good", NULL };
  Server server = { NULL };
  Cast cast;
  gint asked = 0;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip);
  g_object_set (cast.sink, "auth-token", "stale", NULL);
  g_signal_connect (cast.sink, "request-token", G_CALLBACK (on_request_token),
      &asked);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  assert_equals_int (g_atomic_int_get (&asked), 1);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

GST_START_TEST (test_ice_restart_loses_nothing)
{
  Server server = { NULL };
  Cast cast;

  server_start (&server, 0, NULL);
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  g_signal_emit_by_name (cast.sink, "ice-restart");
  while (server_number (&server, "restarts") < 1)
    g_usleep (10000);
  /* Some media on the new candidate pair */
  for (gint64 before = server_number (&server, "packets");
      server_number (&server, "packets") < before + 100;)
    g_usleep (10000);
  g_print ("restarted: %" G_GINT64_FORMAT " packets lost\n",
      server_number (&server, "lost"));
  assert_equals_int64 (server_number (&server, "lost"), 0);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

static void
server_wait_packets (Server * server, gint64 more)
{
  for (gint64 before = server_number (server, "packets");
      server_number (server, "packets") < before + more;)
    g_usleep (10000);
}

static void
expect_string (GstMessage * message, const gchar * name, const gchar * value)
{
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), name), value);
}

/* rcastsink starts a new webrtcbin in the session and a second session at the same time; the first
 * that connects wins. */
static void
expect_fresh_connection (GstMessage * message)
{
  const gchar *strategy = gst_structure_get_string (gst_message_get_structure
      (message), "strategy");

  fail_unless (g_str_equal (strategy, "renegotiate")
      || g_str_equal (strategy, "rejoin"), "%s", strategy);
}

/* Drops all media of the present connection from now on; ICE, DTLS and RTCP go on. */
static void
cast_freeze (Cast * cast)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (cast->sink),
      "dtlssrtpenc");
  GValue value = G_VALUE_INIT;
  guint n = 0;

  while (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    g_autoptr (GstPad) pad =
        gst_element_get_static_pad (g_value_get_object (&value), "src");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_rtp, NULL, NULL);
    n++;
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (iterator);
  fail_unless (n > 0);
}

static const gchar *const duplicates[] = { "replace", "conflict" };

/* With a server that replaces the session, and with one that refuses a second */
GST_START_TEST (test_frozen_media_where_ice_restart_is_refused)
{
  g_autofree gchar *duplicate =
      g_strdup_printf ("on-duplicate=%s", duplicates[__i__]);
  const gchar *set[] = { "restart=false", duplicate, NULL };
  Server server = { NULL };
  Cast cast;
  GstMessage *message;
  gint64 frozen;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  /* Some receiver reports, which show the server's interval */
  server_wait_packets (&server, 300);

  cast_freeze (&cast);
  frozen = g_get_monotonic_time ();
  message = cast_wait (&cast, "reconnecting_broadcast");
  expect_string (message, "reason", "media-frozen");
  expect_string (message, "strategy", "ice-restart");
  gst_message_unref (message);
  g_print ("frozen: noticed after %" G_GINT64_FORMAT " ms\n",
      (g_get_monotonic_time () - frozen) / 1000);
  message = cast_wait (&cast, "reconnecting_broadcast");
  expect_fresh_connection (message);
  gst_message_unref (message);
  message = cast_wait (&cast, "broadcasting");
  expect_fresh_connection (message);
  g_print ("renegotiated: outage %" G_GUINT64_FORMAT " ms\n",
      field (message, "outage") / GST_MSECOND);
  gst_message_unref (message);
  server_wait_packets (&server, 100);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

/* The server has forgotten the session: it answers the next PATCH with 404. */
GST_START_TEST (test_forgotten_session_is_rejoined_at_once)
{
  Server server = { NULL };
  Cast cast;
  GstMessage *message;
  guint http_status = 0;

  server_start (&server, 0, NULL);
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  server_control (&server, "{\"forget\": \"*\"}");
  g_signal_emit_by_name (cast.sink, "ice-restart");
  message = cast_wait (&cast, "reconnecting_broadcast");
  expect_string (message, "reason", "evicted");
  expect_string (message, "strategy", "rejoin");
  assert_equals_uint64 (field (message, "delay"), 0);
  gst_structure_get_uint (gst_message_get_structure (message), "http-status",
      &http_status);
  assert_equals_int (http_status, 404);
  gst_message_unref (message);
  cast_expect (&cast, "broadcasting");
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

GST_START_TEST (test_dead_http_does_not_touch_the_media)
{
  Server server = { NULL };
  Cast cast;
  GstMessage *message;

  server_start (&server, 0, NULL);
  cast_start (&cast, server.whip);
  gst_child_proxy_set (GST_CHILD_PROXY (cast.sink), "signaller::timeout", 1000,
      NULL);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  server_control (&server, "{\"hang\": \"PATCH\"}");
  g_signal_emit_by_name (cast.sink, "ice-restart");
  message = gst_bus_timed_pop_filtered (cast.bus, PATIENCE,
      GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "warning");
  gst_message_unref (message);
  server_wait_packets (&server, 300);
  assert_equals_int64 (server_number (&server, "lost"), 0);
  assert_equals_int64 (server_number (&server, "restarts"), 0);
  /* No other status came in between. */
  server_control (&server, "{\"hang\": null}");
  gst_element_set_state (cast.pipeline, GST_STATE_READY);
  message = cast_next (&cast);
  fail_unless (gst_message_has_name (message, "disconnected"));
  gst_message_unref (message);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

GST_START_TEST (test_kicked)
{
  Server server = { NULL };
  Cast cast;
  GstMessage *message;

  server_start (&server, 0, NULL);
  cast_start (&cast, server.whip);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  server_control (&server, "{\"kick\": \"*\"}");
  /* rcastsink notices the end of DTLS, or the silence after it. */
  cast_expect (&cast, "reconnecting_broadcast");
  message = cast_wait (&cast, "broadcasting");
  expect_string (message, "strategy", "rejoin");
  gst_message_unref (message);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

GST_START_TEST (test_back_at_the_first_server)
{
  Server one = { NULL }, other = { NULL };
  Cast cast;
  GstMessage *message;
  guint port;

  server_start (&one, 0, NULL);
  server_start (&other, 0, NULL);
  port = one.port;
  cast_start (&cast, one.whip);
  cast_add_location (&cast, &other);
  g_object_set (cast.sink, "failback-interval", 300, NULL);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  gst_message_unref (cast_wait_at (&cast, one.whip));

  server_kill (&one);
  gst_message_unref (cast_wait_at (&cast, other.whip));

  server_start (&one, port, NULL);
  message = cast_wait_at (&cast, one.whip);
  expect_string (message, "strategy", "failover");
  g_print ("back at the first: outage %" G_GUINT64_FORMAT " ms\n",
      field (message, "outage") / GST_MSECOND);
  gst_message_unref (message);
  cast_end (&cast);
  server_kill (&one);
  server_kill (&other);
}

GST_END_TEST;

static Suite *
reconnect_suite (void)
{
  Suite *s = suite_create ("reconnect");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_server_killed_and_back);
  tcase_add_test (tc, test_busy_server_is_waited_for);
  tcase_add_test (tc, test_failover_to_the_next_server);
  tcase_add_test (tc, test_a_fresh_token_is_asked_for);
  tcase_add_test (tc, test_ice_restart_loses_nothing);
  tcase_add_loop_test (tc, test_frozen_media_where_ice_restart_is_refused, 0,
      G_N_ELEMENTS (duplicates));
  tcase_add_test (tc, test_forgotten_session_is_rejoined_at_once);
  tcase_add_test (tc, test_dead_http_does_not_touch_the_media);
  tcase_add_test (tc, test_kicked);
  tcase_add_test (tc, test_back_at_the_first_server);
  return s;
}

GST_CHECK_MAIN (reconnect);
