/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: consumers that it calls, and sessions that fail, one after the other. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"

#define LISTENS "{\"type\":\"setPeerStatus\",\"roles\":[\"listener\"],\"meta\":{\"name\":\"studio\"}}"
#define LIST "{\"type\":\"listConsumers\"}"
#define START(peer) "{\"type\":\"startSession\",\"peerId\":\"" peer "\"}"
#define REC(id) "{\"id\":\"" id "\",\"meta\":{\"name\":\"rec\"}}"
#define CONSUMERS(list) "{\"type\":\"listConsumers\",\"consumers\":[" list "]}"
#define STATUS(id, roles) "{\"type\":\"peerStatusChanged\",\"roles\":[" roles "]," \
  "\"meta\":{\"name\":\"rec\"},\"peerId\":\"" id "\"}"
#define COMES(id) STATUS (id, "\"consumer\"")
#define ENDED(session) "{\"type\":\"endSession\",\"sessionId\":\"" session "\"}"

/* Opens the signaller, which asks for the list of consumers. */
static void
begin (GstsigRig * f, const gchar * query, Op * op)
{
  gstsig_rig_init (f);
  gstsig_rig_locate (f, query);
  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, op);
  wait_for (&f->rig, f->texts->len == 2);
  assert_equals_string (g_ptr_array_index (f->texts, 1), LIST);
  fail_if (op->done);
}

static void
check_opened (GstsigRig * f, Op * op)
{
  wait_for (&f->rig, op->done);
  fail_unless (op->ok, "%s", op->error ? op->error->message : "");
}

GST_START_TEST (test_calls_a_consumer_by_name)
{
  g_autofree gchar *consumer = NULL;
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  begin (&f, "?consumer=rec&name=studio", &op);
  assert_equals_string (g_ptr_array_index (f.texts, 0), LISTENS);
  gstsig_rig_say (&f, CONSUMERS ("{\"id\":\"c0\",\"meta\":{}}," REC ("c1")));
  gstsig_rig_expect (&f, 3, START ("c1"));
  fail_if (op.done);
  gstsig_rig_start (&f, "c1", "s1");
  check_opened (&f, &op);
  g_object_get (f.rig.signaller, "consumer-id", &consumer, NULL);
  assert_equals_string (consumer, "c1");
  assert_equals_string (f.events->str, "waiting;");
  assert_equals_string (gstsig_rig_posted (&f), "waiting -;consumer-joined c1;");
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_calls_a_consumer_by_its_identifier)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  begin (&f, "?peer-id=c2", &op);
  gstsig_rig_say (&f, CONSUMERS (REC ("c1")));
  gstsig_rig_say (&f, COMES ("c2"));
  gstsig_rig_expect (&f, 3, START ("c2"));
  gstsig_rig_start (&f, "c2", "s1");
  check_opened (&f, &op);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* rcastgst waits as long as it takes. A consumer that has left when it is called does not count. */
GST_START_TEST (test_a_consumer_that_comes_later)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  begin (&f, "?consumer=rec", &op);
  gstsig_rig_say (&f, CONSUMERS (""));
  gstsig_rig_say (&f, COMES ("c1"));
  gstsig_rig_expect (&f, 3, START ("c1"));
  gstsig_rig_say (&f, "{\"type\":\"error\",\"details\":\"Peer with ID 'c1' not found\"}");
  gstsig_rig_say (&f, COMES ("c2"));
  gstsig_rig_expect (&f, 4, START ("c2"));
  gstsig_rig_say (&f, STATUS ("c2", ""));
  gstsig_rig_say (&f, COMES ("c3"));
  gstsig_rig_expect (&f, 5, START ("c3"));
  fail_if (op.done);
  gstsig_rig_start (&f, "c3", "s1");
  check_opened (&f, &op);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A producer that calls a consumer serves no other. */
GST_START_TEST (test_a_consumer_that_was_not_called)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  begin (&f, "?consumer=rec", &op);
  gstsig_rig_start (&f, "c9", "s9");
  gstsig_rig_expect (&f, 3, GSTSIG_END_WITH ("s9",
          "this producer calls by itself"));
  gstsig_rig_expect (&f, 4, GSTSIG_END ("s9"));
  fail_if (op.done);
  signaller_rig_close (&f.rig);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A consumer that hangs up but stays is called again. */
GST_START_TEST (test_a_consumer_that_hangs_up)
{
  g_auto (Op) op = { FALSE }, next = { FALSE };
  GstsigRig f;

  begin (&f, "?consumer=rec", &op);
  gstsig_rig_say (&f, CONSUMERS (REC ("c1")));
  gstsig_rig_expect (&f, 3, START ("c1"));
  gstsig_rig_start (&f, "c1", "s1");
  check_opened (&f, &op);
  gstsig_rig_say (&f, ENDED ("s1"));
  gstsig_rig_expect (&f, 4, START ("c1"));
  assert_equals_string (f.events->str, "waiting;waiting;");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &next);
  gstsig_rig_start (&f, "c1", "s2");
  check_opened (&f, &next);
  assert_equals_int (f.connections, 1);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_server_that_starts_no_session)
{
  g_auto (Op) op = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  g_object_set (f.rig.signaller, "timeout", 500, NULL);
  gstsig_rig_locate (&f, "?consumer=rec");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 2);
  gstsig_rig_say (&f, CONSUMERS (REC ("c1")));
  gstsig_rig_expect (&f, 3, START ("c1"));
  gstsig_rig_expect (&f, 4, START ("c1"));
  fail_if (op.done);
  gstsig_rig_start (&f, "c1", "s1");
  check_opened (&f, &op);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* Sessions that come to nothing */

static void
fail_session (GstsigRig * f, const gchar * peer, const gchar * session)
{
  g_autofree gchar *joined = g_strdup_printf ("consumer-joined %s;", peer);
  g_autofree gchar *left = g_strdup_printf ("consumer-left %s;", peer);
  g_autofree gchar *end = g_strdup_printf (ENDED ("%s"), session);

  g_string_truncate (f->posted, 0);
  gstsig_rig_start (f, peer, session);
  wait_for (&f->rig, strstr (gstsig_rig_posted (f), joined));
  gstsig_rig_say (f, end);
  wait_for (&f->rig, strstr (gstsig_rig_posted (f), left));
}

/* After two failures, the third session of a consumer waits, and gives way to
 * a consumer that has not failed. */
GST_START_TEST (test_whoever_calls_again_waits)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 1);
  fail_session (&f, "c1", "s1");
  fail_session (&f, "c1", "s2");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &again);
  gstsig_rig_start (&f, "c1", "s3");
  gstsig_rig_start (&f, "c2", "s4");
  gstsig_rig_expect (&f, 2, GSTSIG_BUSY ("s3"));
  gstsig_rig_start (&f, "c1", "s5");
  gstsig_rig_expect (&f, 4, GSTSIG_BUSY ("s5"));
  fail_if (again.done);
  check_opened (&f, &again);
  fail_unless (strstr (gstsig_rig_posted (&f), "consumer-joined c2;") != NULL);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

/* A consumer that leaves while it waits gets no turn. */
GST_START_TEST (test_whoever_waits_may_leave)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  GstsigRig f;

  gstsig_rig_init (&f);
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &op);
  wait_for (&f.rig, f.texts->len == 1);
  fail_session (&f, "c1", "s1");
  fail_session (&f, "c1", "s2");
  gst_rcast_signaller_open_async (f.rig.signaller, NULL, op_opened, &again);
  gstsig_rig_start (&f, "c1", "s3");
  gstsig_rig_say (&f, ENDED ("s3"));
  gstsig_rig_start (&f, "c1", "s4");
  check_opened (&f, &again);
  gstsig_rig_say (&f, ENDED ("s3"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u", "candidate:1");
  /* A consumer that still waits is forgotten with the connection. */
  gstsig_rig_say (&f, ENDED ("s4"));
  gstsig_rig_start (&f, "c1", "s5");
  signaller_rig_settle (&f.rig);
  gstsig_rig_clear (&f);
}

GST_END_TEST;

static Suite *
rcastgst_call_suite (void)
{
  Suite *s = suite_create ("rcastgst-call");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_calls_a_consumer_by_name);
  tcase_add_test (tc, test_calls_a_consumer_by_its_identifier);
  tcase_add_test (tc, test_a_consumer_that_comes_later);
  tcase_add_test (tc, test_a_consumer_that_was_not_called);
  tcase_add_test (tc, test_a_consumer_that_hangs_up);
  tcase_add_test (tc, test_a_server_that_starts_no_session);
  tcase_add_test (tc, test_whoever_calls_again_waits);
  tcase_add_test (tc, test_whoever_waits_may_leave);
  return s;
}

GST_CHECK_MAIN (rcastgst_call);
