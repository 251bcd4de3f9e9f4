/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Offers of rcastjanus, one after the other, whatever the server does. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

/* The next step of the recovery begins while the server has not answered yet. */
GST_START_TEST (test_newer_offer_supersedes)
{
  static const struct
  {
    GstRcastOfferKind older, newer;
    const gchar *silent;
    guint unpublishes, publishes, configures;
  } rows[] = {
    {GST_RCAST_OFFER_RESTART, GST_RCAST_OFFER_INITIAL, "configure", 1, 2, 1},
    {GST_RCAST_OFFER_RESTART, GST_RCAST_OFFER_RESTART, "configure", 0, 1, 2},
    {GST_RCAST_OFFER_INITIAL, GST_RCAST_OFFER_INITIAL, "publish", 2, 3, 0},
    {GST_RCAST_OFFER_INITIAL, GST_RCAST_OFFER_INITIAL, "unpublish", 1, 2, 0},
  };
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  do_publish (&f);
  janus_script_add (f.script, rows[__i__].silent, "");
  transaction = begin_offer (&f, rows[__i__].older, OFFER ("ufr2"), NULL,
      rows[__i__].silent, &older);
  gst_rcast_signaller_offer_async (f.rig.signaller, rows[__i__].newer, OFFER ("ufr3"),
      NULL, op_answered, &newer);
  wait_for (&f.rig, older.done);
  fail_unless (g_error_matches (older.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  /* The answer to the older request comes late. */
  if (g_str_equal (rows[__i__].silent, "unpublish"))
    janus_script_say (f.script, janus_script_default ("unpublish"), transaction);
  else
    janus_script_say (f.script, ROOM_FAILURE ("437", "too late"), transaction);
  wait_for (&f.rig, newer.done);
  check_ok (&newer);
  assert_equals_int (janus_script_count (f.script, "unpublish"), rows[__i__].unpublishes);
  assert_equals_int (janus_script_count (f.script, "publish"), rows[__i__].publishes);
  assert_equals_int (janus_script_count (f.script, "configure"), rows[__i__].configures);
  assert_equals_int (janus_script_count (f.script, "create"), 1);
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A late answer ends no other operation, neither with success nor with an error. */
GST_START_TEST (test_late_answer_ends_nothing_else)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *late = NULL, *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_add (f.script, "configure", "");
  janus_script_add (f.script, "configure", "");
  late = begin_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), cancellable,
      "configure", &older);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, older.done);
  transaction = begin_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3"), NULL,
      "configure", &newer);
  assert_equals_int (janus_script_count (f.script, "configure"), 2);
  janus_script_say (f.script, __i__ ? janus_script_default ("configure") : FAILURE ("469", "x"), late);
  wait_heard (&f);
  fail_if (newer.done);
  janus_script_say (f.script, janus_script_default ("configure"), transaction);
  wait_for (&f.rig, newer.done);
  check_ok (&newer);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* If the first attach were given up and sent again, two handles would be left. */
GST_START_TEST (test_preparation_goes_on)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  janus_script_say (f.script, WORD ("detached", ""), NULL);
  wait_for (&f.rig, f.server_events->len == 1);
  janus_script_add (f.script, "attach", "");
  transaction = begin_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"),
      cancellable, "attach", &older);
  assert_equals_int (janus_script_count (f.script, "attach"), 2);
  if (__i__) {
    g_cancellable_cancel (cancellable);
    wait_for (&f.rig, older.done);
  }
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER ("ufr3"), NULL, op_answered, &newer);
  janus_script_say (f.script, janus_script_default ("attach"), transaction);
  wait_for (&f.rig, older.done && newer.done);
  check_ok (&newer);
  assert_equals_int (janus_script_count (f.script, "attach"), 2);
  assert_equals_int (janus_script_count (f.script, "publish"), 2);
  check_has (janus_script_last (f.script, "publish"), "ufr3");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_restart_is_configure)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", "candidate:2");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "publish"), 1);
  assert_equals_int (janus_script_count (f.script, "configure"), 1);
  wait_for (&f.rig, janus_script_count (f.script, "trickle") == 1);
  check_has (janus_script_last (f.script, "trickle"), "candidate:2");

  janus_script_add (f.script, "configure", FAILURE ("469", "Unexpected answer"));
  run_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_second_offer_replaces_the_media)
{
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  do_publish (&f);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "unpublish"), 1);
  assert_equals_int (janus_script_count (f.script, "publish"), 2);
  assert_equals_int (janus_script_count (f.script, "attach"), 1);
  /* The hangup is expected: the signaller caused it. */
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Each error leads to the step that brings the media back in the same session. */
GST_START_TEST (test_offer_after_trouble)
{
  static const struct
  {
    const gchar *code;
    guint attaches, unpublishes;
  } rows[] = { {"459", 2, 0}, {"434", 1, 1}, {"471", 1, 0} };
  g_autofree gchar *reply = g_strdup_printf ("{\"janus\":\"error\","
      "\"transaction\":\"%%T\",\"error\":{\"code\":%s,\"reason\":\"x\"}}",
      rows[__i__].code);
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  janus_script_add (f.script, "publish", reply);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
  assert_equals_int (janus_script_count (f.script, "publish"), 2);
  assert_equals_int (janus_script_count (f.script, "attach"), rows[__i__].attaches);
  assert_equals_int (janus_script_count (f.script, "unpublish"), rows[__i__].unpublishes);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_refused_media_is_told)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  janus_script_add (f.script, "publish", EVENT ("\"videoroom\":\"event\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("0") "\"}"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_ACCEPTABLE, "audio");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Janus may be built without data channels. It reports nothing about media on them. */
GST_START_TEST (test_data_channel_may_be_refused)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  janus_script_add (f.script, "publish", EVENT ("\"videoroom\":\"event\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9")
          "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\\r\\n"
          "c=IN IP4 1.1.1.1\\r\\na=mid:application2\\r\\n\"}"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1")
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 0.0.0.0\r\na=mid:application2\r\na=ice-ufrag:ufr1\r\n"
      "a=ice-pwd:" PWD "\r\na=sctp-port:5000\r\n", &op);
  check_ok (&op);
  janus_script_say (f.script, WORD ("media",
          ",\"mid\":\"video0\",\"type\":\"video\",\"receiving\":false")
      "\n" WORD ("media",
          ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":false"), NULL);
  wait_for (&f.rig, f.server_events->len == 1);
  check_event (&f, 0, GST_RCAST_SERVER_MEDIA_SILENT);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Janus takes some time to close a PeerConnection. A late hangup belongs to
 * the old one, not to the new one. */
GST_START_TEST (test_late_hangup)
{
  Fixture f;

  fixture_init (&f);
  set_query (&f, ONE_FEED);
  do_publish (&f);
  janus_script_add (f.script, "unpublish",
      EVENT ("\"videoroom\":\"event\",\"unpublished\":\"ok\"", ""));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  janus_script_say (f.script, WORD ("hangup", ",\"reason\":\"Close PC\""), NULL);
  wait_heard (&f);
  /* The slowlink of wait_heard() */
  assert_equals_int (f.server_events->len, 1);
  janus_script_say (f.script, WORD ("hangup", ",\"reason\":\"Close PC\""), NULL);
  wait_for (&f.rig, f.server_events->len == 2);
  check_event (&f, 1, GST_RCAST_SERVER_HANGUP);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

#define OTHER_HANDLE "9007199254740999"
#define OTHER_FEED "4711"
#define FROM_OTHER(text) "{\"janus\":" text ",\"session_id\":" SESSION ",\"sender\":" OTHER_HANDLE
#define ANSWERED_BY_OTHER(data, more) FROM_OTHER ("\"event\",\"transaction\":\"%T\"") DATA (data) more "}"

static void
answer_second_feed (Fixture * f, const gchar * join)
{
  janus_script_add (f->script, "attach", SUCCESS (",\"data\":{\"id\":" OTHER_HANDLE "}"));
  janus_script_add (f->script, "join", join);
}

static const gchar joined_again[] =
    ANSWERED_BY_OTHER ("\"videoroom\":\"joined\",\"room\":1234,\"id\":" OTHER_FEED, "");

/* The new media gets a feed of its own. The former feed leaves once the new media is connected. */
GST_START_TEST (test_second_offer_goes_beside_the_media)
{
  g_autofree gchar *feed = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  answer_second_feed (&f, joined_again);
  janus_script_add (f.script, "publish", ANSWERED_BY_OTHER ("\"videoroom\":\"event\",\"configured\":\"ok\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9") "\"}"));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "unpublish"), 0);
  assert_equals_int (janus_script_count (f.script, "leave"), 0);
  check_has (janus_script_last (f.script, "publish"), OTHER_HANDLE);
  g_object_get (f.rig.signaller, "feed-id", &feed, NULL);
  assert_equals_string (feed, OTHER_FEED);
  /* A hangup of the former feed is not reported, one of the present feed is. */
  janus_script_say (f.script, WORD ("hangup", ",\"reason\":\"ICE failed\""), NULL);
  gst_rcast_signaller_settle (f.rig.signaller);
  wait_for (&f.rig, janus_script_count (f.script, "detach") == 1);
  assert_equals_int (janus_script_count (f.script, "leave"), 1);
  check_has (janus_script_last (f.script, "leave"), HANDLE);
  assert_equals_int (f.server_events->len, 0);
  janus_script_say (f.script, FROM_OTHER ("\"hangup\"") ",\"reason\":\"ICE failed\"}", NULL);
  wait_for (&f.rig, f.server_events->len == 1);
  check_event (&f, 0, GST_RCAST_SERVER_HANGUP);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* If the room takes no second feed, the new media replaces the old. */
GST_START_TEST (test_room_without_a_place_for_a_second_feed)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  answer_second_feed (&f, ANSWERED_BY_OTHER ("\"videoroom\":\"event\",\"error_code\":432,"
          "\"error\":\"Maximum number of publishers (1) already reached\"", ""));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (janus_script_count (f.script, "unpublish"), 1);
  assert_equals_int (janus_script_count (f.script, "publish"), 2);
  check_has (janus_script_last (f.script, "publish"), HANDLE);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_offer_suite (void)
{
  Suite *s = suite_create ("rcastjanus-offer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_newer_offer_supersedes, 0, 4);
  tcase_add_loop_test (tc, test_late_answer_ends_nothing_else, 0, 2);
  tcase_add_loop_test (tc, test_preparation_goes_on, 0, 2);
  tcase_add_test (tc, test_restart_is_configure);
  tcase_add_test (tc, test_second_offer_replaces_the_media);
  tcase_add_loop_test (tc, test_offer_after_trouble, 0, 3);
  tcase_add_test (tc, test_refused_media_is_told);
  tcase_add_test (tc, test_data_channel_may_be_refused);
  tcase_add_test (tc, test_late_hangup);
  tcase_add_test (tc, test_second_offer_goes_beside_the_media);
  tcase_add_test (tc, test_room_without_a_place_for_a_second_feed);
  return s;
}

GST_CHECK_MAIN (rcastjanus_offer);
