/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: a producer that registers, waits, serves one consumer
 * after the other, and comes back. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"

static void
check_ids (GstsigRig * f, const gchar * peer, const gchar * consumer)
{
  g_autofree gchar *p = NULL, *c = NULL;

  g_object_get (f->rig.signaller, "peer-id", &p, "consumer-id", &c, NULL);
  assert_equals_string (p, peer);
  assert_equals_string (c, consumer);
}

GST_START_TEST (test_open_ends_when_a_consumer_comes)
{
  GstsigRig f;

  gstsig_rig_init (&f);
  check_ids (&f, NULL, NULL);
  gstsig_rig_serve (&f);
  assert_equals_string (f.path, "/");
  assert_equals_string (f.events->str, "waiting;");
  assert_equals_string (gstsig_rig_posted (&f), "waiting -;consumer-joined c1;");
  check_ids (&f, "p1", "c1");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_what_others_are_told)
{
  g_autoptr (GstStructure) meta =
      gst_structure_from_string ("meta,name=no,camera=2", NULL);
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  g_object_set (f.rig.signaller, "meta", meta, NULL);
  gstsig_rig_locate (&f, "ws?key=k%26&name=Studio%201&x&consumers=1");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  gstsig_rig_expect (&f, 1, "{\"type\":\"setPeerStatus\",\"roles\":[\"producer\"],"
      "\"meta\":{\"name\":\"Studio 1\",\"camera\":2}}");
  /* All parameters but the name are for the server. */
  assert_equals_string (f.path, "/ws?key=k%26&x&consumers=1");
  signaller_rig_close (&f.rig);
  assert_cancelled (op.error);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The server refuses no name: consumers that look for it may find the other producer. */
GST_START_TEST (test_a_name_that_is_taken)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.lists == 1);
  gstsig_rig_say (&f, "{\"type\":\"list\",\"producers\":["
      "{\"id\":\"p9\",\"meta\":{\"name\":\"studio\"}},"
      "{\"id\":\"p1\",\"meta\":{\"name\":\"studio\"}},"
      "{\"id\":\"p8\",\"meta\":{\"name\":\"else\"}}]}");
  gstsig_rig_say (&f, "{\"type\":\"list\",\"producers\":["
      "{\"id\":\"p7\",\"meta\":{\"name\":\"studio\"}}]}");
  gstsig_rig_start (&f, "c1", "s1");
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  assert_equals_string (gstsig_rig_posted (&f),
      "waiting -;name-taken p9;consumer-joined c1;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The signaller's own entry does not count, and without a name there is nothing to ask. */
GST_START_TEST (test_a_name_that_is_ours)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_locate (&f, __i__ ? "" : "?name=studio");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 1);
  gstsig_rig_say (&f, "{\"type\":\"list\",\"producers\":["
      "{\"id\":\"p1\",\"meta\":{\"name\":\"studio\"}}]}");
  gstsig_rig_start (&f, "c1", "s1");
  wait_for (&f.rig, op.done);
  assert_equals_string (gstsig_rig_posted (&f), "waiting -;consumer-joined c1;");
  assert_equals_int (f.lists, __i__ ? 0 : 1);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_second_consumer_is_refused)
{
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_start (&f, "c2", "s2");
  gstsig_rig_expect (&f, 3, GSTSIG_BUSY ("s2"));
  gstsig_rig_expect (&f, 4, GSTSIG_END ("s2"));
  check_ids (&f, "p1", "c1");
  /* The end of a refused session does not end the one that is served. */
  gstsig_rig_say (&f, "{\"type\":\"endSession\",\"sessionId\":\"s2\"}");
  gstsig_rig_start (&f, "c3", "s3");
  gstsig_rig_expect (&f, 5, GSTSIG_BUSY ("s3"));
  gstsig_rig_expect (&f, 6, GSTSIG_END ("s3"));
  check_ids (&f, "p1", "c1");
  assert_equals_string (f.events->str, "waiting;");
  assert_equals_string (gstsig_rig_posted (&f), "waiting -;consumer-joined c1;"
      "consumer-refused c2;consumer-refused c3;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_consumer_that_offers_is_refused)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 1);
  gstsig_rig_say (&f, "{\"type\":\"startSession\",\"peerId\":\"c1\","
      "\"sessionId\":\"s1\",\"offer\":\"v=0\"}");
  gstsig_rig_expect (&f, 2, GSTSIG_END_WITH ("s1",
          "this producer makes the offers itself"));
  gstsig_rig_expect (&f, 3, GSTSIG_END ("s1"));
  fail_if (op.done);
  gstsig_rig_start (&f, "c2", "s2");
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The producer stays registered: no second connection, and the same identifier. */
GST_START_TEST (test_the_next_consumer_is_waited_for)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_say (&f, "{\"type\":\"endSession\",\"sessionId\":\"s1\"}");
  wait_for (&f.rig, strcmp (f.events->str, "waiting;waiting;") == 0);
  check_ids (&f, "p1", NULL);
  assert_equals_int (f.rig.lost, 0);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  signaller_rig_settle (&f.rig);
  fail_if (op.done);
  gstsig_rig_start (&f, "c2", "s2");
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  check_ids (&f, "p1", "c2");
  /* A consumer that comes before the open is served at once. */
  gstsig_rig_say (&f, "{\"type\":\"endSession\",\"sessionId\":\"s2\"}");
  gstsig_rig_start (&f, "c3", "s3");
  wait_for (&f.rig, strstr (gstsig_rig_posted (&f), "consumer-joined c3;"));
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &again);
  wait_for (&f.rig, again.done);
  fail_unless (again.ok);
  assert_equals_int (f.connections, 1);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_consumer_that_leaves_fails_the_offer_after_the_event)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      GSTSIG_OFFER ("u1"), NULL, op_answered, &op);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_say (&f, "{\"type\":\"endSessionV1_1\",\"sessionId\":\"s1\","
      "\"error\":\"no codec\"}");
  wait_for (&f.rig, strcmp (f.events->str, "waiting;waiting;") == 0);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_NO_STREAM, 0);
  fail_unless (strstr (op.error->message, "no codec") != NULL, "%s",
      op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_an_offer_to_nobody)
{
  g_autoptr (GError) error = NULL;
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_say (&f, "{\"type\":\"endSession\",\"sessionId\":\"s1\"}");
  wait_for (&f.rig, strcmp (f.events->str, "waiting;waiting;") == 0);
  fail_if (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART,
          GSTSIG_OFFER ("u2"), &error));
  assert_rcast_error (error, GST_RCAST_ERROR_SESSION_GONE, 0);
  /* Candidates have nowhere to go either. */
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u2", "candidate:1");
  assert_equals_int (f.texts->len, 2);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_lost_connection_is_told_once)
{
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_cut (&f);
  wait_for (&f.rig, f.rig.lost);
  assert_rcast_error (f.rig.lost_error, GST_RCAST_ERROR_NETWORK, 0);
  check_ids (&f, "p1", NULL);
  /* A new connection makes a new producer. */
  f.greeting = "{\"type\":\"welcome\",\"peerId\":\"p2\"}";
  gstsig_rig_publish (&f);
  check_ids (&f, "p2", "c1");
  assert_equals_int (f.connections, 2);
  assert_equals_int (f.rig.lost, 1);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_connection_lost_while_waiting_fails_the_open)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 1);
  gstsig_rig_cut (&f);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_NETWORK, 0);
  assert_equals_int (f.rig.lost, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* The connection is lost after a consumer has left, and before the next open. */
GST_START_TEST (test_a_connection_lost_before_the_next_open)
{
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_say (&f, "{\"type\":\"endSession\",\"sessionId\":\"s1\"}");
  wait_for (&f.rig, strcmp (f.events->str, "waiting;waiting;") == 0);
  gstsig_rig_cut (&f);
  wait_for (&f.rig, f.rig.lost);
  gstsig_rig_publish (&f);
  assert_equals_int (f.connections, 2);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_close_ends_the_session_and_the_connection)
{
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  signaller_rig_close (&f.rig);
  gstsig_rig_expect (&f, 3, GSTSIG_END ("s1"));
  wait_for (&f.rig, soup_websocket_connection_get_state (f.peer)
      == SOUP_WEBSOCKET_STATE_CLOSED);
  assert_equals_int (soup_websocket_connection_get_close_code (f.peer),
      SOUP_WEBSOCKET_CLOSE_NORMAL);
  assert_equals_int (f.rig.lost, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_pair_is_one_producer)
{
  g_auto (Op) op = { FALSE };
  GstRcastSignaller *twin;
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_serve (&f);
  twin = GST_RCAST_SIGNALLER (gst_element_factory_make ("rcastgst", NULL));
  gst_object_ref_sink (twin);
  {
    g_autofree gchar *location =
        g_strdup_printf ("gst+ws://127.0.0.1:%u/?name=studio", f.port);

    g_object_set (twin, "location", location, NULL);
  }
  gst_rcast_signaller_pair (f.rig.signaller, twin);
  gst_rcast_signaller_open_async (twin, NULL, op_opened, &op);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_BUSY, 0);
  assert_equals_int (f.connections, 1);
  gst_object_unref (twin);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_wrong_locations)
{
  static const gchar *const wrong[] = { "gst+http://h/", "gst+ws://", "gst+",
    "gst+wss://u:p@h/?name=s", "gst+wss://h/#f", "gst+ws://h/?name=%ff",
    "gst+ws://h/?consumer=", "gst+ws://h/?key=k&peer-id=&name=s",
    "gst+ws://h/?consumer=c&peer-id=p",
  };
  g_autoptr (GError) error = NULL;
  GstsigRig f;

  gstsig_rig_init (&f);
  fail_if (gst_rcast_signaller_set_location (f.rig.signaller, wrong[__i__],
          &error), "%s", wrong[__i__]);
  assert_rcast_error (error, GST_RCAST_ERROR_INVALID_ARGUMENT, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static Suite *
rcastgst_session_suite (void)
{
  Suite *s = suite_create ("rcastgst-session");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_open_ends_when_a_consumer_comes);
  tcase_add_test (tc, test_what_others_are_told);
  tcase_add_test (tc, test_a_name_that_is_taken);
  tcase_add_loop_test (tc, test_a_name_that_is_ours, 0, 2);
  tcase_add_test (tc, test_a_second_consumer_is_refused);
  tcase_add_test (tc, test_a_consumer_that_offers_is_refused);
  tcase_add_test (tc, test_the_next_consumer_is_waited_for);
  tcase_add_test (tc, test_a_consumer_that_leaves_fails_the_offer_after_the_event);
  tcase_add_test (tc, test_an_offer_to_nobody);
  tcase_add_test (tc, test_a_lost_connection_is_told_once);
  tcase_add_test (tc, test_a_connection_lost_while_waiting_fails_the_open);
  tcase_add_test (tc, test_a_connection_lost_before_the_next_open);
  tcase_add_test (tc, test_close_ends_the_session_and_the_connection);
  tcase_add_test (tc, test_a_pair_is_one_producer);
  tcase_add_loop_test (tc, test_wrong_locations, 0, 9);
  return s;
}

GST_CHECK_MAIN (rcastgst_session);
