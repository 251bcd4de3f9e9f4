/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst at servers of another kind, and at one that sends anything. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"

static const struct
{
  const gchar *greeting;
  GstRcastError code;
  const gchar *words;
} strangers[] = {
  {"hello", GST_RCAST_ERROR_INVALID_DATA, "not JSON"},
  {"{\"janus\":\"info\"}", GST_RCAST_ERROR_INVALID_DATA,
      "not a message of gst-webrtc-signalling-server: it has no type"},
  {"{\"type\":\"welcome\"}", GST_RCAST_ERROR_INVALID_DATA, "has no peerId"},
  {"{\"type\":\"welcome\",\"peerId\":7}", GST_RCAST_ERROR_INVALID_DATA,
      "has no peerId"},
  {"{\"type\":\"error\",\"details\":\"full\"}", GST_RCAST_ERROR_FAILED,
      "the server says: full"},
  {"{\"type\":\"error\"}", GST_RCAST_ERROR_FAILED, "without a reason"},
};

GST_START_TEST (test_strangers)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  f.greeting = strangers[__i__].greeting;
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, strangers[__i__].code, 0);
  fail_unless (strstr (op.error->message, strangers[__i__].words) != NULL,
      "%s", op.error->message);
  /* The error names the server, but nothing that may be secret. */
  fail_unless (strstr (op.error->message, "ws://127.0.0.1:") != NULL
      && !strchr (op.error->message, '='), "%s", op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A server of another kind waits for the client to begin. */
GST_START_TEST (test_no_welcome)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  f.greeting = NULL;
  g_object_set (f.rig.signaller, "timeout", 500, NULL);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fail_unless (strstr (op.error->message, "no welcome within 500 ms") != NULL,
      "%s", op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Only the welcome shows that the server speaks the protocol. */
GST_START_TEST (test_an_invalid_message_in_place_of_the_welcome)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  f.greeting = "{\"type\":\"list\",\"producers\":[]}";
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.peer);
  gstsig_rig_say (&f, "hello");
  wait_for (&f.rig, op.done);
  assert_rcast_error (op.error, GST_RCAST_ERROR_INVALID_DATA, 0);
  fail_unless (strstr (op.error->message, "not JSON") != NULL, "%s",
      op.error->message);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Nothing that a server sends before the welcome counts. */
GST_START_TEST (test_nothing_counts_before_the_welcome)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  f.greeting = "{\"type\":\"startSession\",\"peerId\":\"c0\",\"sessionId\":\"s0\"}";
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.peer);
  gstsig_rig_say (&f, "{\"type\":\"welcome\",\"peerId\":\"p1\"}");
  wait_for (&f.rig, f.texts->len == 1);
  fail_if (op.done);
  gstsig_rig_start (&f, "c1", "s1");
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  assert_equals_string (gstsig_rig_posted (&f),
      "waiting -;consumer-joined c1;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* None of these texts harms the session. */
static const gchar *const harmless[] = {
  "", "[]", "7", "nonsense", "{\"type\":\"nonsense\"}", "{\"type\":null}",
  "{\"type\":\"welcome\",\"peerId\":\"p9\"}", "{\"type\":\"welcome\"}",
  "{\"type\":\"startSession\"}",
  "{\"type\":\"startSession\",\"peerId\":{},\"sessionId\":[]}",
  "{\"type\":\"endSession\"}", "{\"type\":\"endSession\",\"sessionId\":1}",
  "{\"type\":\"endSession\",\"sessionId\":\"unknown\"}",
  "{\"type\":\"sessionStarted\",\"peerId\":\"c1\",\"sessionId\":\"s1\"}",
  "{\"type\":\"peerStatusChanged\",\"roles\":[],\"meta\":null,\"peerId\":\"c1\"}",
  "{\"type\":\"list\",\"producers\":[]}", "{\"type\":\"error\",\"details\":\"x\"}",
  GSTSIG_PEER ("unknown", "\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0\"}"),
  GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0\"}"),
  GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0\"}"),
  GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"rollback\",\"sdp\":\"\"}"),
  GSTSIG_PEER ("s1", "\"sdp\":[]"), GSTSIG_PEER ("s1", "\"ice\":null"),
  GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":[],\"sdpMLineIndex\":0}"),
  GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":\"c\",\"sdpMLineIndex\":-1}"),
  GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":\"c\",\"sdpMLineIndex\":99999999999}"),
};

GST_START_TEST (test_what_does_no_harm)
{
  g_autofree gchar *peer = NULL, *consumer = NULL;
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_say (&f, harmless[__i__]);
  /* The reply to this shows that the text was read. */
  gstsig_rig_start (&f, "c2", "s2");
  gstsig_rig_expect (&f, 3, GSTSIG_BUSY ("s2"));
  g_object_get (f.rig.signaller, "peer-id", &peer, "consumer-id", &consumer,
      NULL);
  assert_equals_string (peer, "p1");
  assert_equals_string (consumer, "c1");
  assert_equals_int (f.rig.lost, 0);
  assert_equals_string (f.events->str, "waiting;");
  assert_equals_string (f.said->str, "");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_message_without_end_is_the_end)
{
  g_autofree gchar *text = g_strnfill (2 * 1024 * 1024, ' ');
  GstsigRig f;

  gstsig_rig_init (&f);
  gstsig_rig_publish (&f);
  gstsig_rig_say (&f, text);
  wait_for (&f.rig, f.rig.lost);
  assert_rcast_error (f.rig.lost_error, GST_RCAST_ERROR_INVALID_DATA, 0);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static Suite *
rcastgst_hostile_suite (void)
{
  Suite *s = suite_create ("rcastgst-hostile");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_strangers, 0, G_N_ELEMENTS (strangers));
  tcase_add_test (tc, test_no_welcome);
  tcase_add_test (tc, test_an_invalid_message_in_place_of_the_welcome);
  tcase_add_test (tc, test_nothing_counts_before_the_welcome);
  tcase_add_loop_test (tc, test_what_does_no_harm, 0, G_N_ELEMENTS (harmless));
  tcase_add_test (tc, test_a_message_without_end_is_the_end);
  return s;
}

GST_CHECK_MAIN (rcastgst_hostile);
