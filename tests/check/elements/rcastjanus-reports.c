/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Janus reports by itself. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

GST_START_TEST (test_server_words)
{
  static const struct
  {
    const gchar *text;
    gint event;                 /* -1: none */
    const gchar *detail;
  } rows[] = {
    {WORD ("media",
              ",\"mid\":\"video0\",\"type\":\"video\",\"receiving\":false"),
        -1},
    {WORD ("media",
              ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":false"),
        GST_RCAST_SERVER_MEDIA_SILENT, "none"},
    {WORD ("media",
              ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":true"),
        GST_RCAST_SERVER_MEDIA_FLOWING, "receives"},
    {WORD ("slowlink", ",\"uplink\":false,\"media\":\"video\",\"lost\":17"),
        GST_RCAST_SERVER_SLOW_LINK, "17 packets of video"},
    {WORD ("ice-failed", ""), GST_RCAST_SERVER_MEDIA_SILENT, "ICE failed"},
    {WORD ("hangup", ",\"reason\":\"DTLS alert\""), GST_RCAST_SERVER_HANGUP,
        "DTLS alert"},
    {WORD ("detached", ""), GST_RCAST_SERVER_HANGUP, "detached"},
  };
  Fixture f;
  guint events = 0;

  fixture_init (&f);
  do_publish (&f);
  /* Words about other sessions and handles, or of future versions, are ignored. */
  janus_script_say (f.script, "{\"janus\":\"hangup\",\"session_id\":1,\"sender\":" HANDLE "}\n"
      "{\"janus\":\"hangup\",\"session_id\":" SESSION ",\"sender\":2}\n"
      "{\"janus\":\"timeout\",\"session_id\":1}\n"
      "{\"janus\":\"success\",\"transaction\":\"unknown\",\"data\":{\"id\":4}}\n"
      "{\"janus\":\"telepathy\"," OWN "}\n" EVENT ("\"leaving\":4,"
          "\"reason\":\"kicked\"", ""), "none");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = NULL;

    janus_script_say (f.script, rows[i].text, NULL);
    while (!(message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_ELEMENT)))
      g_main_context_iteration (f.rig.context, TRUE);
    fail_unless (gst_message_has_name (message, "janus-event"));
    events += rows[i].event >= 0;
    wait_for (&f.rig, f.server_events->len >= events);
    assert_equals_int (f.server_events->len, events);
    if (rows[i].event < 0)
      continue;
    assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent,
            events - 1), rows[i].event);
    check_has (f.event_detail, rows[i].detail);
  }
  janus_script_say (f.script, "{\"janus\":\"trickle\"," OWN ",\"candidate\":{\"sdpMLineIndex\":1,"
      "\"candidate\":\"candidate:5\"}}", NULL);
  /* The handle is gone: later words about it are ignored. */
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  fail_unless (f.candidate == NULL);
  assert_equals_int (janus_script_count (f.script, "attach"), 2);
  janus_script_say (f.script, "{\"janus\":\"trickle\"," OWN ",\"candidate\":{\"sdpMLineIndex\":1,"
      "\"candidate\":\"candidate:6\"}}", NULL);
  wait_for (&f.rig, f.candidate);
  assert_equals_string (f.candidate, "1 candidate:6");
  assert_equals_int (f.rig.lost, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_kicked_is_the_end)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_say (f.script, EVENT ("\"videoroom\":\"event\",\"leaving\":\"ok\","
          "\"reason\":\"kicked\"", ""), "none");
  wait_for (&f.rig, f.server_events->len == 1);
  check_event (&f, 0, GST_RCAST_SERVER_EVICTED);
  check_has (f.event_detail, "kicked from room 1234");
  do_close (&f);
  /* Opening again is refused, too, until the signaller has been stopped and started. */
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  assert_equals_int (f.script->connections, 1);
  do_close (&f);
  gst_element_set_state (GST_ELEMENT (f.rig.signaller), GST_STATE_PLAYING);
  do_open (&f);
  do_close (&f);
  gst_element_set_state (GST_ELEMENT (f.rig.signaller), GST_STATE_NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_session_timeout_is_eviction)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_say (f.script, "{\"janus\":\"timeout\",\"session_id\":" SESSION "}", NULL);
  wait_for (&f.rig, f.rig.lost);
  fail_unless (g_error_matches (f.rig.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE));
  do_close (&f);
  assert_equals_int (janus_script_count (f.script, "destroy"), 0);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_reports_suite (void)
{
  Suite *s = suite_create ("rcastjanus-reports");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_server_words);
  tcase_add_test (tc, test_kicked_is_the_end);
  tcase_add_test (tc, test_session_timeout_is_eviction);
  return s;
}

GST_CHECK_MAIN (rcastjanus_reports);
