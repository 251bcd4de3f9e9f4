/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outages of rcastsink: what breaks, how it comes back, and what is reported. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>
#include <gio/gio.h>

#include <string.h>

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"
#include "loopback-port.h"
#include "rcast-check.h"
#include "rcast-error.h"
#include "rig.h"

static const gchar source[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r";

#define SESSION_CAPABILITIES \
    (GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_RENEGOTIATE \
    | GST_RCAST_SIGNALLER_RESUME)

/* Make before break: the server has both connections until the new one is settled. */
GST_START_TEST (test_hangup_is_answered_by_a_fresh_connection)
{
  Rig rig;
  FakeCounts before, after;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  if (__i__)
    fake_signaller_behave (rig.signaller, FAKE_KEEPS_FORMER);
  rig_go_on_air (&rig);
  before = fake_signaller_get_counts (rig.signaller);

  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_HANGUP);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "renegotiate",
      "reason", "server-closed", NULL);
  rig_expect_with (&rig, "broadcasting", "strategy", "renegotiate", NULL);
  fake_signaller_wait (rig.signaller, FAKE_SETTLES, 1);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, before.packets + 50);
  after = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (after.opens, 1);
  assert_equals_int (after.offers, 2);
  assert_equals_int (after.closes, 0);
  /* The same encoder, the same time line */
  assert_equals_int (after.jumps, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Waits until the sink is on air, however many attempts that takes. */
static void
wait_on_air (Rig * rig)
{
  gboolean on_air = FALSE;

  while (!on_air) {
    g_autoptr (GstMessage) message = rig_wait (rig, GST_MESSAGE_ELEMENT);

    on_air = gst_message_has_name (message, "broadcasting");
  }
}

/* Returns: the quark of @own, made after @connections connections. GLib never frees a quark, and
 * each name of a structure or of a field takes one. */
static GQuark
name_after (Rig * rig, const gchar * own, guint connections)
{
  rig_set_state (rig, GST_STATE_PLAYING);
  wait_on_air (rig);
  for (guint i = 1; i < connections; i++) {
    fake_signaller_say (rig->signaller, GST_RCAST_SERVER_HANGUP);
    wait_on_air (rig);
  }
  /* The change to READY returns once all connections are gone. */
  rig_set_state (rig, GST_STATE_READY);
  rig_set_state (rig, GST_STATE_NULL);
  gst_bus_set_flushing (rig->bus, TRUE);
  gst_bus_set_flushing (rig->bus, FALSE);
  return g_quark_from_string (own);
}

/* Returns: whether @name contains a number, as a name made for one connection does. Names that
 * begin with a digit are webrtcbin's: one for each SSRC with retransmissions. */
static gboolean
is_of_one_connection (const gchar * name)
{
  return !g_ascii_isdigit (name[0]) && strpbrk (name, "0123456789");
}

GST_START_TEST (test_connections_leave_no_names_behind)
{
  Rig rig;
  GQuark before, after;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  /* Names from the application, which any message about a stream may carry */
  g_quark_from_static_string ("video_0");
  g_quark_from_static_string ("audio_0");
  before = name_after (&rig, "the first names", 2);
  after = name_after (&rig, "the next names", 4);
  for (GQuark i = before + 1; i < after; i++)
    fail_if (is_of_one_connection (g_quark_to_string (i)), "a new name: %s",
        g_quark_to_string (i));
  rig_clear (&rig);
}

GST_END_TEST;

/* The server is still there, but no packet reaches it any more. */
GST_START_TEST (test_frozen_media_is_renegotiated)
{
  Rig rig;
  FakeCounts counts;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  fake_signaller_behave (rig.signaller, FAKE_REPORTS_OFTEN);
  rig_go_on_air (&rig);
  counts = fake_signaller_get_counts (rig.signaller);
  /* Wait for some reports: the sink learns the server's rhythm from them. */
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 100);

  fake_signaller_lose_rtp (rig.signaller);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "renegotiate",
      "reason", "media-frozen", "plane", "media", NULL);
  rig_expect (&rig, "broadcasting");
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 1);
  assert_equals_int (counts.offers, 2);
  rig_clear (&rig);
}

GST_END_TEST;

static GError *
network_error (void)
{
  return g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK, "no answer");
}

GST_START_TEST (test_lost_signalling_does_not_touch_the_media)
{
  Rig rig;
  FakeCounts counts;
  GstMessage *message;

  rig_init (&rig, source);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  rig_go_on_air (&rig);
  fake_signaller_lose (rig.signaller, 3, network_error ());
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_unref (message);
  fake_signaller_wait (rig.signaller, FAKE_RESUMES, 4);
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 50);

  /* A second loss changes nothing either. */
  fake_signaller_lose (rig.signaller, 0, NULL);
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_unref (message);
  fake_signaller_wait (rig.signaller, FAKE_RESUMES, 5);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 100);
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 1);
  assert_equals_int (counts.offers, 1);
  assert_equals_int (counts.closes, 0);

  /* The sink posts nothing about it but the warnings. */
  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_a_session_that_cannot_be_resumed_is_rejoined)
{
  Rig rig;
  FakeCounts counts;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  rig_go_on_air (&rig);
  fake_signaller_lose (rig.signaller, 1, g_error_new (GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE, "no such session"));
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "rejoin",
      "reason", "evicted", "detail", "no such session", NULL);
  rig_expect (&rig, "broadcasting");
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 2);
  assert_equals_int (counts.offers, 2);
  assert_equals_int (counts.closes, 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* Lost signalling does not end the session: once it is back, media recovers in the same session. */
GST_START_TEST (test_media_frozen_without_signalling_is_renegotiated_with_it)
{
  Rig rig;
  FakeCounts counts;
  GstMessage *message;

  rig_init (&rig, source);
  /* With these delays, only the frozen media triggers the second attempt to resume. */
  g_object_set (rig.sink, "reconnect-min-delay", G_MAXINT,
      "reconnect-max-delay", G_MAXINT, NULL);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      SESSION_CAPABILITIES);
  fake_signaller_behave (rig.signaller, FAKE_REPORTS_OFTEN);
  rig_go_on_air (&rig);
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 100);
  fake_signaller_lose (rig.signaller, 1, network_error ());
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_unref (message);
  fake_signaller_wait (rig.signaller, FAKE_RESUMES, 1);

  fake_signaller_lose_rtp (rig.signaller);
  rig_expect_with (&rig, "reconnecting_broadcast", "reason", "media-frozen",
      "plane", "both", NULL);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "renegotiate",
      "reason", "media-frozen", NULL);
  rig_expect (&rig, "broadcasting");
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 1);
  assert_equals_int (counts.offers, 2);
  assert_equals_int (counts.resumes, 2);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_eviction_is_the_end_if_so_wished)
{
  static const gchar *const two[] = { "fake://one", "fake://two", NULL };
  Rig rig;
  GstMessage *message;

  rig_init (&rig, source);
  /* A publisher that was removed on purpose does not rejoin at the second location either. */
  if (__i__ == 2)
    rig_set_locations (&rig, two);
  else
    g_object_set (rig.sink, "rejoin-on-evict", FALSE, NULL);
  rig_go_on_air (&rig);
  if (__i__ == 1)
    fake_signaller_forget (rig.signaller);
  else
    fake_signaller_say (rig.signaller, GST_RCAST_SERVER_EVICTED);
  rig_expect_with (&rig, "disconnected", "reason", "evicted", NULL);
  message = rig_wait (&rig, GST_MESSAGE_ERROR);
  gst_message_unref (message);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_the_onward_leg_of_the_server_is_told)
{
  Rig rig;

  rig_init (&rig, source);
  rig_go_on_air (&rig);
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_RECONNECTING);
  rig_expect (&rig, "reconnecting");
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_RECONNECTED);
  rig_expect (&rig, "broadcasting");
  rig_clear (&rig);
}

GST_END_TEST;

/* The message about the step taken also says which steps are impossible. */
GST_START_TEST (test_a_server_that_vanishes_is_rejoined)
{
  Rig rig;
  GstMessage *message;

  rig_init (&rig, source);
  rig_go_on_air (&rig);
  fake_signaller_drop_answerer (rig.signaller);
  message = rig_wait_status (&rig, "reconnecting_broadcast");
  rig_expect_field (message, "strategy", "rejoin");
  fail_unless (strstr (gst_structure_get_string (gst_message_get_structure
              (message), "detail"), "no ICE restart: ") != NULL);
  gst_message_unref (message);
  rig_expect (&rig, "broadcasting");
  rig_clear (&rig);
}

GST_END_TEST;

#define RESTART_CAPABILITIES \
    (GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_RESUME \
    | GST_RCAST_SIGNALLER_ICE_RESTART)

/* The old path carries media until the new one works. Media never
 * stops, and the restart completes. */
GST_START_TEST (test_forced_ice_restart_loses_nothing_and_ends)
{
  Rig rig;
  FakeCounts counts;
  GstMessage *message;

  rig_init (&rig, source);
  g_object_set (rig.sink, "force-media-reconnection-after-network-drop", TRUE,
      NULL);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES);
  rig_go_on_air (&rig);
  fake_signaller_lose (rig.signaller, 0, NULL);
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_unref (message);
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "ice-restart",
      "reason", "network-changed", NULL);
  rig_expect_with (&rig, "broadcasting", "strategy", "ice-restart", NULL);
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 50);
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 1);
  assert_equals_int (counts.offers, 2);
  assert_equals_int (counts.restarts, 1);
  assert_equals_int (counts.closes, 0);
  assert_equals_int (counts.jumps, 0);
  rig_clear (&rig);
}

GST_END_TEST;

static const gchar *const bad_answers[] = {
  "hello",
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
  /* This parses, but webrtcbin knows no such transport. */
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
      "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n",
};

GST_START_TEST (test_bad_answer_to_an_ice_restart_does_not_touch_the_media)
{
  Rig rig;
  FakeCounts counts;
  GstMessage *message;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES | GST_RCAST_SIGNALLER_RENEGOTIATE);
  rig_go_on_air (&rig);
  fake_signaller_set_answer (rig.signaller, bad_answers[__i__]);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  message = rig_wait (&rig, GST_MESSAGE_WARNING);
  gst_message_unref (message);
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 20);

  /* The next ICE restart succeeds. */
  fake_signaller_set_answer (rig.signaller, NULL);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 3);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 80);
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 1);
  assert_equals_int (counts.restarts, 2);
  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  rig_clear (&rig);
}

GST_END_TEST;

/* Returns: (transfer full): the agent of the present connection */
static GObject *
dup_ice_agent (Rig * rig)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (rig->sink),
      "webrtcbin");
  GValue value = G_VALUE_INIT;
  GObject *agent;

  fail_unless (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK);
  g_object_get (g_value_get_object (&value), "ice-agent", &agent, NULL);
  g_value_unset (&value);
  gst_iterator_free (iterator);
  return agent;
}

/* Each failed restart that the application requests is reported. After that, restarts that the
 * agent requests in the background fail silently. */
GST_START_TEST (test_failed_ice_restart_is_told_to_who_asked_for_it)
{
  Rig rig;
  g_autoptr (GObject) agent = NULL;
  guint warnings = 0;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES);
  rig_go_on_air (&rig);
  fake_signaller_set_answer (rig.signaller, bad_answers[0]);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_WARNING));
  agent = dup_ice_agent (&rig);
  for (guint i = 0; i < 2; i++) {
    g_signal_emit_by_name (agent, "restart-wanted", 0,
        GST_RCAST_ICE_RESTART_REASON_PATH_ADDED);
    fake_signaller_wait (rig.signaller, FAKE_OFFERS, 3 + i);
    fake_signaller_sync (rig.signaller);
  }
  g_clear_object (&agent);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_WARNING));
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_RECONNECTING);
  for (gboolean over = FALSE; !over;) {
    GstMessage *message =
        rig_wait (&rig, GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING);

    warnings += GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING;
    over = gst_message_has_name (message, "reconnecting");
    gst_message_unref (message);
  }
  assert_equals_int (warnings, 0);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).restarts, 4);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_ice_restart_wanted_during_another_is_done_after_it)
{
  Rig rig;
  FakeCounts counts;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES);
  fake_signaller_hold_offer (rig.signaller, 2);
  rig_go_on_air (&rig);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  for (guint i = 0; i < 3; i++)
    g_signal_emit_by_name (rig.sink, "ice-restart");
  /* The loop handles this event after the requests. */
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_RECONNECTING);
  rig_expect (&rig, "reconnecting");
  fake_signaller_release (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 3);
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 100);
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.offers, 3);
  assert_equals_int (counts.restarts, 2);
  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  rig_clear (&rig);
}

GST_END_TEST;

/* Meanwhile the server turns out to support no ICE restart. The answer to the
 * restart under way is good, or bad. */
GST_START_TEST (test_ice_restart_that_waited_may_not_be_possible_any_more)
{
  Rig rig;
  gboolean told = FALSE;
  FakeCounts counts;

  rig_init (&rig, source);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES);
  fake_signaller_hold_offer (rig.signaller, 2);
  rig_go_on_air (&rig);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  g_signal_emit_by_name (rig.sink, "ice-restart");
  /* The loop handles this event after the request. */
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_RECONNECTING);
  rig_expect (&rig, "reconnecting");
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      RESTART_CAPABILITIES & ~GST_RCAST_SIGNALLER_ICE_RESTART);
  if (__i__ == 1)
    fake_signaller_set_answer (rig.signaller, bad_answers[0]);
  fake_signaller_release (rig.signaller);
  while (!told) {
    GstMessage *message = rig_wait (&rig, GST_MESSAGE_WARNING);
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    told = strstr (error->message, "known not to support it") != NULL;
    gst_message_unref (message);
  }
  counts = fake_signaller_get_counts (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, counts.packets + 100);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).restarts, 1);
  rig_set_state (&rig, GST_STATE_READY);
  rig_expect (&rig, "disconnected");
  rig_clear (&rig);
}

GST_END_TEST;

/* The server reports that no media arrives. If a new session does not help, the sink assumes
 * that the reports mean something else. */
GST_START_TEST (test_server_that_hears_nothing_is_left_once)
{
  Rig rig;
  FakeCounts counts;

  rig_init (&rig, source);
  fake_signaller_behave (rig.signaller, FAKE_HEARS_NOTHING);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect_with (&rig, "reconnecting_broadcast", "strategy", "rejoin",
      "reason", "media-frozen", NULL);
  rig_expect_with (&rig, "connected", "reason", "media-frozen", NULL);
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.opens, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* On a clock that stands still, the timeout of the answer and the next attempt are due at once. */
GST_START_TEST (test_next_deadline_may_be_that_of_the_one_before)
{
  Rig rig;
  GstTestClock *clock;

  rig_init (&rig, source);
  clock = rig_start_with_test_clock (&rig);
  fake_signaller_hold (rig.signaller, FAKE_HOLD_OPEN);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OPENS, 1), 1);
  /* More cranks than there are seconds to wait for */
  for (guint i = 0; i < 60
      && fake_signaller_get_counts (rig.signaller).opens < 2; i++)
    rig_crank (&rig, clock, 60 * GST_SECOND);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 2);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* Emits what the agent emits when an ICE restart is complete. */
static void
restart_from (GObject * agent, const gchar * before, const gchar * now,
    gboolean media_lost)
{
  g_autoptr (GstStructure) path =
      gst_structure_new ("application/x-rcast-ice-path", "interface",
      G_TYPE_STRING, now, "previous-interface", G_TYPE_STRING, before,
      "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      GST_RCAST_ICE_PATH_CHANGE_RESTART, NULL);

  g_signal_emit_by_name (agent, "path-changed", 0, path, FALSE);
  g_signal_emit_by_name (agent, "generation-swapped", 0, 1, media_lost);
}

/* A restart that stays on its uplink posts no message. */
GST_START_TEST (test_ice_restart_that_lands_on_another_uplink_is_a_path_switch)
{
  Rig rig;
  g_autoptr (GObject) agent = NULL;
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *said;
  guint64 outage = 1;

  rig_init (&rig, source);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  agent = dup_ice_agent (&rig);
  restart_from (agent, "eth0", "eth0", FALSE);
  restart_from (agent, "eth0", "wwan0", FALSE);
  message = rig_wait_status (&rig, "broadcasting");
  said = gst_message_get_structure (message);
  assert_equals_string (gst_structure_get_string (said, "strategy"),
      "path-switch");
  assert_equals_string (gst_structure_get_string (said, "reason"),
      "network-changed");
  fail_unless (strstr (gst_structure_get_string (said, "detail"),
          "from eth0 to wwan0") != NULL);
  fail_unless (gst_structure_get_uint64 (said, "outage", &outage));
  fail_unless (outage == 0);
  gst_clear_message (&message);
  g_clear_object (&agent);
  rig_clear (&rig);
}

GST_END_TEST;

/* Returns: whether a request has arrived; connections without a request are closed */
static gboolean
has_request (GSocket * listener)
{
  g_autoptr (GSocket) socket = NULL;
  gchar first;

  if (!g_socket_condition_timed_wait (listener, G_IO_IN, 20000, NULL, NULL))
    return FALSE;
  socket = g_socket_accept (listener, NULL, NULL);
  return socket && g_socket_receive (socket, &first, 1, NULL, NULL) == 1;
}

/* The next attempt is far away, and the test advances the clock by seconds only. */
GST_START_TEST (test_server_that_is_back_is_not_waited_for)
{
  Rig rig;
  GstTestClock *clock;
  gint64 end;
  guint port;
  g_autoptr (GSocket) listener = loopback_port_bind (&port);
  g_autofree gchar *location =
      g_strdup_printf ("whip+http://127.0.0.1:%u/", port);
  g_autoptr (GstElementFactory) whip = gst_element_factory_find ("rcastwhip");

  if (!whip)
    return;
  rig_init (&rig, source);
  g_object_set (rig.sink, "location", location, "reconnect-min-delay",
      1000 * 1000 * 1000, "reconnect-max-delay", 1000 * 1000 * 1000, NULL);
  clock = rig_start_with_test_clock (&rig);
  rig_set_state (&rig, GST_STATE_PLAYING);
  for (guint i = 0; i < 2; i++)
    gst_message_unref (rig_crank_until (&rig, clock, GST_MESSAGE_ELEMENT,
            "reconnecting_broadcast"));
  fail_unless (g_socket_listen (listener, NULL));
  end = rcast_check_get_end ();
  while (!has_request (listener)) {
    rig_turn (end, "a request");
    rig_crank (&rig, clock, GST_SECOND);
  }
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* Many attempts post many messages, but only one warning. */
GST_START_TEST (test_an_outage_is_warned_of_once)
{
  Rig rig;
  guint warnings = 0, attempts = 0;

  rig_init (&rig, source);
  g_object_set (rig.sink, "reconnect-min-delay", 10, "reconnect-max-delay", 10,
      "ice-disconnected-timeout", 100, NULL);
  rig_go_on_air (&rig);
  fake_signaller_fail_offers (rig.signaller, 5, g_error_new (GST_RCAST_ERROR,
          GST_RCAST_ERROR_FAILED, "not yet"));
  fake_signaller_lose_ice (rig.signaller);
  for (gboolean on_air = FALSE; !on_air;) {
    GstMessage *message =
        rig_wait (&rig, GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING);

    warnings += GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING;
    attempts += gst_message_has_name (message, "reconnecting_broadcast");
    on_air = gst_message_has_name (message, "broadcasting");
    gst_message_unref (message);
  }
  fail_unless (attempts >= 6, "%u attempts", attempts);
  assert_equals_int (warnings, 1);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_outages_suite (void)
{
  Suite *s = suite_create ("rcastsink-outages");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_hangup_is_answered_by_a_fresh_connection, 0, 2);
  tcase_add_test (tc, test_connections_leave_no_names_behind);
  tcase_add_test (tc, test_frozen_media_is_renegotiated);
  tcase_add_test (tc, test_lost_signalling_does_not_touch_the_media);
  tcase_add_test (tc, test_a_session_that_cannot_be_resumed_is_rejoined);
  tcase_add_test (tc,
      test_media_frozen_without_signalling_is_renegotiated_with_it);
  tcase_add_loop_test (tc, test_eviction_is_the_end_if_so_wished, 0, 3);
  tcase_add_test (tc, test_the_onward_leg_of_the_server_is_told);
  tcase_add_test (tc, test_a_server_that_vanishes_is_rejoined);
  tcase_add_test (tc, test_forced_ice_restart_loses_nothing_and_ends);
  tcase_add_loop_test (tc,
      test_bad_answer_to_an_ice_restart_does_not_touch_the_media, 0,
      G_N_ELEMENTS (bad_answers));
  tcase_add_test (tc, test_failed_ice_restart_is_told_to_who_asked_for_it);
  tcase_add_test (tc, test_ice_restart_wanted_during_another_is_done_after_it);
  tcase_add_loop_test (tc,
      test_ice_restart_that_waited_may_not_be_possible_any_more, 0, 2);
  tcase_add_test (tc, test_server_that_hears_nothing_is_left_once);
  tcase_add_test (tc, test_next_deadline_may_be_that_of_the_one_before);
  tcase_add_test (tc, test_server_that_is_back_is_not_waited_for);
  tcase_add_test (tc,
      test_ice_restart_that_lands_on_another_uplink_is_a_path_switch);
  tcase_add_test (tc, test_an_outage_is_warned_of_once);
  return s;
}

GST_CHECK_MAIN (rcastsink_outages);
