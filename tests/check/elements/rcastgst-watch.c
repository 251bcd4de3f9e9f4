/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst watches a producer: one found by its name, also under another
 * identifier, or one that calls. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"

#define LISTENS "{\"type\":\"setPeerStatus\",\"roles\":[\"listener\"],\"meta\":{}}"
#define IS_CALLED "{\"type\":\"setPeerStatus\",\"roles\":[\"consumer\"],\"meta\":{\"name\":\"rec\"}}"
#define LIST "{\"type\":\"list\"}"
#define START(peer) "{\"type\":\"startSession\",\"peerId\":\"" peer "\"}"
#define STARTED(peer, session) "{\"type\":\"sessionStarted\",\"peerId\":\"" peer "\"," \
  "\"sessionId\":\"" session "\"}"
#define STUDIO(id) "{\"id\":\"" id "\",\"meta\":{\"name\":\"studio\"}}"
#define PRODUCERS(list) "{\"type\":\"list\",\"producers\":[" list "]}"
#define STATUS(id, name, roles) "{\"type\":\"peerStatusChanged\",\"roles\":[" roles "]," \
  "\"meta\":{\"name\":\"" name "\"},\"peerId\":\"" id "\"}"
#define COMES(id) STATUS (id, "studio", "\"listener\",\"producer\"")
#define LEAVES(id) STATUS (id, "studio", "")
#define OFFERED(session, ufrag) GSTSIG_PEER (session, "\"sdp\":{\"type\":\"offer\",\"sdp\":\"" \
  GSTSIG_ANSWER ("9", ufrag) "\"}")
#define ICE(session, candidate) GSTSIG_PEER (session, \
    "\"ice\":{\"candidate\":\"" candidate "\",\"sdpMLineIndex\":0}")
#define ENDED(session) "{\"type\":\"endSession\",\"sessionId\":\"" session "\"}"

/* Peers in a list, more than rcastgst reads */
#define MANY 1100

typedef struct
{
  GstsigRig rig;
  GString *offers;              /* ufrags of offers that the producer
                                 * makes by itself, each as `UFRAG;` */
  guint heard;                  /* calls of wait_heard() */
} Watch;

static void
on_offered (GstRcastSignaller * signaller, const gchar * sdp, gpointer data)
{
  const gchar *ufrag = strstr (sdp, "ice-ufrag:") + strlen ("ice-ufrag:");

  g_string_append_printf (((Watch *) data)->offers, "%.2s;", ufrag);
}

static void
watch_init (Watch * w)
{
  gstsig_rig_init_direction (&w->rig, GST_RCAST_DIRECTION_RECEIVE);
  w->offers = g_string_new (NULL);
  w->heard = 0;
  g_signal_connect (w->rig.rig.signaller, "offered", G_CALLBACK (on_offered),
      w);
}

static void
watch_clear (Watch * w)
{
  g_signal_handlers_disconnect_by_data (w->rig.rig.signaller, w);
  gstsig_rig_clear (&w->rig);
  g_string_free (w->offers, TRUE);
}

/* Waits until the server has received @count texts, and checks the last one. */
static void
expect (Watch * w, guint count, const gchar * text)
{
  gstsig_rig_expect (&w->rig, count, text);
}

static void
say (Watch * w, const gchar * text)
{
  gstsig_rig_say (&w->rig, text);
}

static void
request (Watch * w, Op * op)
{
  gst_rcast_signaller_request_offer_async (w->rig.rig.signaller,
      GST_RCAST_OFFER_INITIAL, NULL, op_offered, op);
  signaller_rig_settle (&w->rig.rig);
}

/* Opens the signaller; the server lists @producers. */
static void
do_open (Watch * w, const gchar * producers)
{
  g_auto (Op) op = { FALSE };
  guint before = w->rig.texts->len;

  gst_rcast_signaller_open_async (w->rig.rig.signaller, NULL, op_opened, &op);
  expect (w, before + 1, LISTENS);
  expect (w, before + 2, LIST);
  fail_if (op.done);
  say (w, producers);
  wait_for (&w->rig.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
}

static void
wait_offer (Watch * w, Op * op, const gchar * ufrag)
{
  g_autofree gchar *line = g_strdup_printf ("ice-ufrag:%s\r\n", ufrag);

  wait_for (&w->rig.rig, op->done);
  fail_unless (op->ok, "%s", op->error ? op->error->message : "");
  fail_unless (strstr (op->answer, line) != NULL, "%s", op->answer);
}

static gboolean
is_last (Watch * w, const gchar * begin)
{
  return g_str_has_prefix (g_ptr_array_index (w->rig.texts,
          w->rig.texts->len - 1), begin);
}

static void
do_answer (Watch * w, const gchar * session, const gchar * ufrag)
{
  g_auto (Op) op = { FALSE };
  g_autofree gchar *begin = g_strdup_printf ("{\"type\":\"peer\",\"sessionId\":"
      "\"%s\",\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0", session);
  g_autofree gchar *sdp = g_strdup_printf (GSTSIG_OFFER ("%s"), ufrag);

  gst_rcast_signaller_answer_async (w->rig.rig.signaller, sdp, NULL, op_agreed,
      &op);
  wait_for (&w->rig.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
  wait_for (&w->rig.rig, is_last (w, begin));
}

/* Opens the signaller and watches p1 in session s1. The server receives four texts. */
static void
do_watch (Watch * w)
{
  g_auto (Op) op = { FALSE };

  do_open (w, PRODUCERS (STUDIO ("p1")));
  request (w, &op);
  expect (w, 3, START ("p1"));
  say (w, STARTED ("p1", "s1"));
  say (w, OFFERED ("s1", "r1"));
  wait_offer (w, &op, "r1");
  do_answer (w, "s1", "u1");
}

/* Waits until all earlier messages are handled: the session of another
 * caller is refused with two texts. */
static void
wait_heard (Watch * w)
{
  g_autofree gchar *session = g_strdup_printf ("heard%u", w->heard++);
  g_autofree gchar *end = g_strdup_printf (ENDED ("%s"), session);

  gstsig_rig_start (&w->rig, "x", session);
  wait_for (&w->rig.rig, w->rig.texts->len > 0 && is_last (w, end));
}

static void
check_told (Watch * w, const gchar * streams, const gchar * events)
{
  wait_heard (w);
  assert_equals_string (w->rig.rig.streams->str, streams);
  assert_equals_string (w->rig.events->str, events);
}

static void
check_failed (Watch * w, Op * op, GstRcastError code, const gchar * words)
{
  wait_for (&w->rig.rig, op->done);
  assert_rcast_error (op->error, code, 0);
  fail_unless (strstr (op->error->message, words) != NULL, "%s",
      op->error->message);
}

GST_START_TEST (test_watches_by_name)
{
  g_autofree gchar *producer = NULL;
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_open (&w, PRODUCERS ("{\"id\":\"p0\",\"meta\":{\"name\":\"other\"}},"
          STUDIO ("p1") ",{\"id\":\"p2\",\"meta\":null}"));
  assert_equals_string (w.rig.path, "/");
  fail_unless (signaller_rig_has (&w.rig.rig,
          GST_RCAST_SIGNALLER_SERVER_OFFERS));
  request (&w, &op);
  expect (&w, 3, START ("p1"));
  say (&w, STARTED ("p1", "s1"));
  say (&w, ICE ("s1", "candidate:8"));
  say (&w, OFFERED ("s1", "r1"));
  say (&w, ICE ("s1", "candidate:9"));
  wait_offer (&w, &op, "r1");
  assert_equals_string (w.rig.said->str, "");
  do_answer (&w, "s1", "u1");
  gst_rcast_signaller_add_candidate (w.rig.rig.signaller, 0, "u0",
      "candidate:0 ufrag u0");
  gst_rcast_signaller_add_candidate (w.rig.rig.signaller, 0, "u1",
      "candidate:1 ufrag u1");
  expect (&w, 5, GSTSIG_PEER ("s1", "\"ice\":{\"candidate\":"
          "\"candidate:1 ufrag u1\",\"sdpMLineIndex\":0}"));
  wait_for (&w.rig.rig, strstr (w.rig.said->str, "candidate:9"));
  assert_equals_string (w.rig.said->str, "0 candidate:8;0 candidate:9;");
  g_object_get (w.rig.rig.signaller, "producer-id", &producer, NULL);
  assert_equals_string (producer, "p1");
  check_told (&w, "", "");
  signaller_rig_close (&w.rig.rig);
  expect (&w, 8, ENDED ("s1"));
  watch_clear (&w);
}

GST_END_TEST;

/* A missing producer is no refusal: the connection stays, and reports when the producer comes. */
GST_START_TEST (test_nobody_is_there_yet)
{
  g_auto (Op) none = { FALSE }, again = { FALSE }, op = { FALSE };
  Watch w;

  watch_init (&w);
  do_open (&w, PRODUCERS (""));
  request (&w, &none);
  check_failed (&w, &none, GST_RCAST_ERROR_NO_STREAM,
      "there is no producer studio");
  say (&w, STATUS ("p0", "other", "\"producer\""));
  say (&w, COMES ("p1"));
  check_told (&w, " published studio", "");
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &again);
  wait_for (&w.rig.rig, again.done);
  fail_unless (again.ok);
  request (&w, &op);
  expect (&w, 5, START ("p1"));
  assert_equals_int (w.rig.connections, 1);
  signaller_rig_close (&w.rig.rig);
  watch_clear (&w);
}

GST_END_TEST;

/* The producer's connection breaks. It returns under another identifier. */
GST_START_TEST (test_a_producer_that_comes_back)
{
  g_auto (Op) none = { FALSE }, op = { FALSE };
  Watch w;

  watch_init (&w);
  do_watch (&w);
  say (&w, ENDED ("s1"));
  say (&w, LEAVES ("p1"));
  expect (&w, 5, LIST);
  say (&w, PRODUCERS (""));
  check_told (&w, " unpublished studio", "hangup;");
  request (&w, &none);
  check_failed (&w, &none, GST_RCAST_ERROR_NO_STREAM, "there is no producer");
  say (&w, COMES ("p2"));
  check_told (&w, " unpublished studio published studio", "hangup;");
  request (&w, &op);
  expect (&w, 10, START ("p2"));
  say (&w, STARTED ("p2", "s2"));
  say (&w, OFFERED ("s2", "r2"));
  wait_offer (&w, &op, "r2");
  do_answer (&w, "s2", "u2");
  assert_equals_int (w.rig.rig.lost, 0);
  watch_clear (&w);
}

GST_END_TEST;

/* The producer ends the session but stays registered: the stream has not ended. */
GST_START_TEST (test_a_producer_that_ends_the_session)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  say (&w, ENDED ("s1"));
  expect (&w, 5, LIST);
  assert_equals_string (w.rig.events->str, "");
  say (&w, PRODUCERS (STUDIO ("p1")));
  check_told (&w, "", "hangup;");
  watch_clear (&w);
}

GST_END_TEST;

/* The server sends no list, or garbage instead: the producer is called again. */
GST_START_TEST (test_no_list_after_the_end_of_a_session)
{
  gboolean garbled = __i__ == 1;
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  if (!garbled)
    g_object_set (w.rig.rig.signaller, "timeout", 500, NULL);
  do_watch (&w);
  say (&w, ENDED ("s1"));
  expect (&w, 5, LIST);
  assert_equals_string (w.rig.events->str, "");
  if (garbled)
    say (&w, "no JSON");
  else
    wait_for (&w.rig.rig, *w.rig.events->str);
  check_told (&w, "", "hangup;");
  request (&w, &op);
  expect (&w, 8, START ("p1"));
  /* A list is no news by now. */
  say (&w, PRODUCERS (STUDIO ("p1")));
  say (&w, STARTED ("p1", "s2"));
  say (&w, OFFERED ("s2", "r2"));
  wait_offer (&w, &op, "r2");
  check_told (&w, "", "hangup;");
  watch_clear (&w);
}

GST_END_TEST;

/* The session with p1 goes on beside p2. When p1, a ghost by then,
 * leaves, the stream has not ended. */
GST_START_TEST (test_a_ghost_beside_the_producer)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_watch (&w);
  say (&w, COMES ("p2"));
  check_told (&w, "", "");
  request (&w, &op);
  expect (&w, 7, START ("p2"));
  say (&w, STARTED ("p2", "s2"));
  say (&w, OFFERED ("s2", "r2"));
  wait_offer (&w, &op, "r2");
  do_answer (&w, "s2", "u2");
  say (&w, ENDED ("s1"));
  say (&w, LEAVES ("p1"));
  check_told (&w, "", "");
  watch_clear (&w);
}

GST_END_TEST;

/* New media replaces the old: the old session ends once the new media is connected. */
GST_START_TEST (test_a_second_session_beside_the_first)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_watch (&w);
  request (&w, &op);
  expect (&w, 5, START ("p1"));
  say (&w, STARTED ("p1", "s2"));
  say (&w, OFFERED ("s2", "r2"));
  wait_offer (&w, &op, "r2");
  do_answer (&w, "s2", "u2");
  assert_equals_int (w.rig.texts->len, 6);
  gst_rcast_signaller_settle (w.rig.rig.signaller);
  expect (&w, 7, ENDED ("s1"));
  check_told (&w, "", "");
  watch_clear (&w);
}

GST_END_TEST;

/* Like an rcastsink, which serves one consumer: the first session has to end for the second one. */
GST_START_TEST (test_a_producer_with_one_place)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_watch (&w);
  request (&w, &op);
  expect (&w, 5, START ("p1"));
  say (&w, STARTED ("p1", "s2"));
  say (&w, ENDED ("s2"));
  expect (&w, 6, LIST);
  say (&w, PRODUCERS (STUDIO ("p1")));
  expect (&w, 7, ENDED ("s1"));
  expect (&w, 8, START ("p1"));
  say (&w, STARTED ("p1", "s3"));
  say (&w, "{\"type\":\"endSessionV1_1\",\"sessionId\":\"s3\",\"error\":\"busy: no\"}");
  expect (&w, 9, LIST);
  say (&w, PRODUCERS (STUDIO ("p1")));
  check_failed (&w, &op, GST_RCAST_ERROR_BUSY, "refuses: busy: no");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_a_producer_that_is_gone_when_it_is_called)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_open (&w, PRODUCERS (STUDIO ("p1") "," STUDIO ("p2")));
  request (&w, &op);
  expect (&w, 3, START ("p2"));
  say (&w, "{\"type\":\"error\",\"details\":\"Peer with ID 'p2' not found\"}");
  expect (&w, 4, START ("p1"));
  say (&w, LEAVES ("p1"));
  check_failed (&w, &op, GST_RCAST_ERROR_NO_STREAM, "there is no producer");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_no_offer_comes)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  g_object_set (w.rig.rig.signaller, "timeout", 500, NULL);
  do_open (&w, PRODUCERS (STUDIO ("p1")));
  request (&w, &op);
  say (&w, STARTED ("p1", "s1"));
  say (&w, "{\"type\":\"error\",\"details\":\"overloaded\"}");
  check_failed (&w, &op, GST_RCAST_ERROR_TIMEOUT,
      "no offer of the producer within 500 ms; the server says: overloaded");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_an_offer_that_is_none)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_open (&w, PRODUCERS (STUDIO ("p1")));
  request (&w, &op);
  say (&w, STARTED ("p1", "s1"));
  say (&w, GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"offer\",\"sdp\":\"x\"}"));
  check_failed (&w, &op, GST_RCAST_ERROR_INVALID_DATA, "no SDP");
  watch_clear (&w);
}

GST_END_TEST;

/* The producer sends a second offer in the same session, with its candidates. */
GST_START_TEST (test_ice_restart_of_the_producer)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  say (&w, OFFERED ("s1", "r2"));
  say (&w, ICE ("s1", "candidate:7"));
  wait_for (&w.rig.rig, *w.offers->str);
  assert_equals_string (w.offers->str, "r2;");
  assert_equals_string (w.rig.said->str, "");
  do_answer (&w, "s1", "u2");
  wait_for (&w.rig.rig, *w.rig.said->str);
  assert_equals_string (w.rig.said->str, "0 candidate:7;");
  watch_clear (&w);
}

GST_END_TEST;

/* Only the producer can restart ICE. */
GST_START_TEST (test_no_ice_restart_of_ours)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w);
  do_watch (&w);
  fail_if (signaller_rig_has (&w.rig.rig, GST_RCAST_SIGNALLER_ICE_RESTART));
  gst_rcast_signaller_request_offer_async (w.rig.rig.signaller,
      GST_RCAST_OFFER_RESTART, NULL, op_offered, &op);
  check_failed (&w, &op, GST_RCAST_ERROR_NOT_SUPPORTED, "only the producer");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_an_answer_to_a_session_that_is_over)
{
  g_auto (Op) op = { FALSE }, late = { FALSE };
  Watch w;

  watch_init (&w);
  do_open (&w, PRODUCERS (STUDIO ("p1")));
  request (&w, &op);
  say (&w, STARTED ("p1", "s1"));
  say (&w, OFFERED ("s1", "r1"));
  wait_offer (&w, &op, "r1");
  say (&w, ENDED ("s1"));
  wait_heard (&w);
  gst_rcast_signaller_answer_async (w.rig.rig.signaller, GSTSIG_OFFER ("u1"),
      NULL, op_agreed, &late);
  check_failed (&w, &late, GST_RCAST_ERROR_FAILED, "has ended the session");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_a_lost_connection_is_told_once)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost);
  assert_rcast_error (w.rig.rig.lost_error, GST_RCAST_ERROR_NETWORK, 0);
  do_open (&w, PRODUCERS (STUDIO ("p1")));
  assert_equals_int (w.rig.rig.lost, 1);
  assert_equals_int (w.rig.connections, 2);
  watch_clear (&w);
}

GST_END_TEST;

/* The producer left while the signaller was closed. It has left for good
 * if it does not return in time. */
GST_START_TEST (test_a_producer_that_left_unheard)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  signaller_rig_close (&w.rig.rig);
  g_object_set (w.rig.rig.signaller, "timeout", 1000, NULL);
  do_open (&w, PRODUCERS (""));
  assert_equals_string (w.rig.rig.streams->str, "");
  wait_for (&w.rig.rig, *w.rig.rig.streams->str);
  check_told (&w, " unpublished studio", "");
  watch_clear (&w);
}

GST_END_TEST;

/* Both the producer and rcastgst lose the server, and rcastgst returns first: twice. */
GST_START_TEST (test_a_producer_that_registers_after_us)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost == 1);
  do_open (&w, PRODUCERS (""));
  say (&w, STATUS ("p0", "other", "\"producer\""));
  check_told (&w, "", "");
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost == 2);
  do_open (&w, PRODUCERS (""));
  say (&w, COMES ("p2"));
  check_told (&w, " published studio", "");
  say (&w, LEAVES ("p2"));
  check_told (&w, " published studio unpublished studio", "");
  watch_clear (&w);
}

GST_END_TEST;

static gboolean
on_passed (gpointer passed)
{
  *(gboolean *) passed = TRUE;
  return G_SOURCE_REMOVE;
}

static void
pass (Watch * w, guint milliseconds)
{
  g_autoptr (GSource) timer = g_timeout_source_new (milliseconds);
  gboolean passed = FALSE;

  g_source_set_callback (timer, on_passed, &passed, NULL);
  g_source_attach (timer, w->rig.rig.context);
  wait_for (&w->rig.rig, passed);
}

/* The producer of the former location says nothing about this one. */
GST_START_TEST (test_a_producer_of_another_location)
{
  Watch w;

  watch_init (&w);
  do_watch (&w);
  signaller_rig_close (&w.rig.rig);
  gstsig_rig_locate (&w.rig, "?name=studio&x");
  g_object_set (w.rig.rig.signaller, "timeout", 500, NULL);
  do_open (&w, PRODUCERS (""));
  pass (&w, 1000);
  check_told (&w, "", "");
  watch_clear (&w);
}

GST_END_TEST;

/* The producer may be in the part of the list that was not read. */
GST_START_TEST (test_a_list_that_is_cut)
{
  g_autoptr (GString) list = g_string_new ("{\"type\":\"list\",\"producers\":[");
  Watch w;

  watch_init (&w);
  do_watch (&w);
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost);
  for (guint i = 0; i < MANY; i++)
    g_string_append_printf (list, "%s{\"id\":\"o%u\",\"meta\":null}",
        i ? "," : "", i);
  g_string_append (list, "]}");
  do_open (&w, list->str);
  say (&w, STATUS ("p0", "other", "\"producer\""));
  check_told (&w, "", "");
  say (&w, COMES ("p1"));
  check_told (&w, " published studio", "");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_a_connection_lost_before_the_list)
{
  g_auto (Op) op = { FALSE }, silent = { FALSE };
  Watch w;

  watch_init (&w);
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &op);
  expect (&w, 2, LIST);
  gstsig_rig_cut (&w.rig);
  check_failed (&w, &op, GST_RCAST_ERROR_NETWORK, "");
  g_object_set (w.rig.rig.signaller, "timeout", 1000, NULL);
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened,
      &silent);
  check_failed (&w, &silent, GST_RCAST_ERROR_TIMEOUT, "no list within 1000 ms");
  assert_equals_int (w.rig.rig.lost, 0);
  watch_clear (&w);
}

GST_END_TEST;

/* rcastgst is the consumer, which waits for a call. */
GST_START_TEST (test_a_producer_that_calls)
{
  g_auto (Op) open = { FALSE }, none = { FALSE }, op = { FALSE };
  g_auto (Op) again = { FALSE };
  Watch w;

  watch_init (&w);
  gstsig_rig_locate (&w.rig, "?consumer=rec");
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &open);
  expect (&w, 1, IS_CALLED);
  wait_for (&w.rig.rig, open.done);
  fail_unless (open.ok);
  request (&w, &none);
  check_failed (&w, &none, GST_RCAST_ERROR_NO_STREAM,
      "no producer calls the consumer rec");
  say (&w, STARTED ("p1", "s1"));
  say (&w, OFFERED ("s1", "r1"));
  check_told (&w, " published rec", "");
  request (&w, &op);
  wait_offer (&w, &op, "r1");
  do_answer (&w, "s1", "u1");
  /* The consumer takes one producer. */
  say (&w, STARTED ("p2", "s2"));
  expect (&w, 5, GSTSIG_END_WITH ("s2",
          "busy: this consumer watches one producer"));
  expect (&w, 6, ENDED ("s2"));
  say (&w, ENDED ("s1"));
  check_told (&w, " published rec unpublished rec", "hangup;");
  /* The next call arrives before its offer. */
  say (&w, STARTED ("p1", "s3"));
  wait_heard (&w);
  request (&w, &again);
  fail_if (again.done);
  say (&w, OFFERED ("s3", "r3"));
  wait_offer (&w, &again, "r3");
  watch_clear (&w);
}

GST_END_TEST;

/* Opens a consumer that the producer p1 calls in session s1. @timeout: in ms; 0: the default */
static void
watch_called (Watch * w, guint timeout, Op * open)
{
  watch_init (w);
  gstsig_rig_locate (&w->rig, "?consumer=rec");
  if (timeout > 0)
    g_object_set (w->rig.rig.signaller, "timeout", timeout, NULL);
  gst_rcast_signaller_open_async (w->rig.rig.signaller, NULL, op_opened, open);
  wait_for (&w->rig.rig, open->done);
  say (w, STARTED ("p1", "s1"));
}

/* The media has failed. Only the producer can begin a session, so rcastgst asks it to. */
GST_START_TEST (test_a_producer_that_is_to_call_again)
{
  g_auto (Op) open = { FALSE }, op = { FALSE }, next = { FALSE };
  Watch w;

  watch_called (&w, 0, &open);
  say (&w, OFFERED ("s1", "r1"));
  wait_heard (&w);
  request (&w, &op);
  wait_offer (&w, &op, "r1");
  do_answer (&w, "s1", "u1");
  request (&w, &next);
  expect (&w, 5, GSTSIG_END_WITH ("s1", "a new session is needed"));
  check_failed (&w, &next, GST_RCAST_ERROR_NO_STREAM, "no producer calls");
  check_told (&w, " published rec", "");
  say (&w, STARTED ("p1", "s2"));
  check_told (&w, " published rec published rec", "");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_a_producer_that_calls_after_a_lost_connection)
{
  g_auto (Op) open = { FALSE }, again = { FALSE };
  Watch w;

  watch_called (&w, 0, &open);
  check_told (&w, " published rec", "");
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost);
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &again);
  wait_for (&w.rig.rig, again.done);
  check_told (&w, " published rec", "");
  say (&w, STARTED ("p1", "s2"));
  check_told (&w, " published rec published rec", "");
  watch_clear (&w);
}

GST_END_TEST;

/* The producer left while the connection was lost, which the server does not report. A producer
 * that does not call again in time has left. Each new connection waits that time anew. */
GST_START_TEST (test_a_producer_that_does_not_call_again)
{
  g_auto (Op) open = { FALSE }, again = { FALSE }, next = { FALSE };
  Watch w;

  watch_called (&w, 2000, &open);
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost == 1);
  /* Losing the connection once more proves nothing, either. */
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &again);
  wait_for (&w.rig.rig, again.done);
  check_told (&w, " published rec", "");
  gstsig_rig_cut (&w.rig);
  wait_for (&w.rig.rig, w.rig.rig.lost == 2);
  gst_rcast_signaller_open_async (w.rig.rig.signaller, NULL, op_opened, &next);
  wait_for (&w.rig.rig, next.done);
  check_told (&w, " published rec", "");
  wait_for (&w.rig.rig, strstr (w.rig.rig.streams->str, "unpublished"));
  check_told (&w, " published rec unpublished rec", "");
  say (&w, STARTED ("p2", "s2"));
  check_told (&w, " published rec unpublished rec published rec", "");
  watch_clear (&w);
}

GST_END_TEST;

/* The same for a producer that is asked to call again, as its media has failed */
GST_START_TEST (test_a_producer_that_is_asked_to_call_in_vain)
{
  g_auto (Op) open = { FALSE }, op = { FALSE }, next = { FALSE };
  Watch w;

  watch_called (&w, 2000, &open);
  say (&w, OFFERED ("s1", "r1"));
  wait_heard (&w);
  request (&w, &op);
  wait_offer (&w, &op, "r1");
  do_answer (&w, "s1", "u1");
  request (&w, &next);
  check_failed (&w, &next, GST_RCAST_ERROR_NO_STREAM, "no producer calls");
  check_told (&w, " published rec", "");
  wait_for (&w.rig.rig, strstr (w.rig.rig.streams->str, "unpublished"));
  check_told (&w, " published rec unpublished rec", "");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_wrong_locations)
{
  static const gchar *const wrong[] = { "gst+ws://h/?consumer=",
    "gst+ws://h/?peer-id", "gst+ws://h/?consumer=a&peer-id=b",
    "gst+ws://h/?name=a&consumer=b", "gst+ws://h/?name=a&peer-id=b",
    "gst+ws://h/?name=%ff",
  };
  g_autoptr (GError) error = NULL;
  Watch w;

  watch_init (&w);
  fail_if (gst_rcast_signaller_set_location (w.rig.rig.signaller,
          wrong[__i__], &error), "%s", wrong[__i__]);
  assert_rcast_error (error, GST_RCAST_ERROR_INVALID_ARGUMENT, 0);
  watch_clear (&w);
}

GST_END_TEST;

/* None of these texts ends the session or the process. */
static const gchar *const harmless[] = {
  "{\"type\":\"list\",\"producers\":7}", "{\"type\":\"peerStatusChanged\"}",
  "{\"type\":\"listConsumers\"}", "{\"type\":\"error\",\"details\":\"p1\"}",
  STARTED ("p1", "s9"), STARTED ("", ""), ENDED ("s9"),
  STATUS ("p9", "studio", "7"), OFFERED ("s9", "r9"), ICE ("s9", "candidate:9"),
  GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"offer\",\"sdp\":\"\"}"),
  GSTSIG_ANSWERED ("9", "r9"), "{\"type\":\"welcome\",\"peerId\":\"p8\"}",
};

GST_START_TEST (test_what_does_no_harm)
{
  g_autofree gchar *peer = NULL;
  Watch w;

  watch_init (&w);
  do_watch (&w);
  say (&w, harmless[__i__]);
  say (&w, OFFERED ("s1", "r2"));
  wait_for (&w.rig.rig, *w.offers->str);
  assert_equals_string (w.offers->str, "r2;");
  do_answer (&w, "s1", "u2");
  assert_equals_string (w.rig.said->str, "");
  assert_equals_int (w.rig.rig.lost, 0);
  g_object_get (w.rig.rig.signaller, "peer-id", &peer, NULL);
  assert_equals_string (peer, "p1");
  watch_clear (&w);
}

GST_END_TEST;

static Suite *
rcastgst_watch_suite (void)
{
  Suite *s = suite_create ("rcastgst-watch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_watches_by_name);
  tcase_add_test (tc, test_nobody_is_there_yet);
  tcase_add_test (tc, test_a_producer_that_comes_back);
  tcase_add_test (tc, test_a_producer_that_ends_the_session);
  tcase_add_loop_test (tc, test_no_list_after_the_end_of_a_session, 0, 2);
  tcase_add_test (tc, test_a_ghost_beside_the_producer);
  tcase_add_test (tc, test_a_second_session_beside_the_first);
  tcase_add_test (tc, test_a_producer_with_one_place);
  tcase_add_test (tc, test_a_producer_that_is_gone_when_it_is_called);
  tcase_add_test (tc, test_no_offer_comes);
  tcase_add_test (tc, test_an_offer_that_is_none);
  tcase_add_test (tc, test_ice_restart_of_the_producer);
  tcase_add_test (tc, test_no_ice_restart_of_ours);
  tcase_add_test (tc, test_an_answer_to_a_session_that_is_over);
  tcase_add_test (tc, test_a_lost_connection_is_told_once);
  tcase_add_test (tc, test_a_producer_that_left_unheard);
  tcase_add_test (tc, test_a_producer_that_registers_after_us);
  tcase_add_test (tc, test_a_producer_of_another_location);
  tcase_add_test (tc, test_a_list_that_is_cut);
  tcase_add_test (tc, test_a_connection_lost_before_the_list);
  tcase_add_test (tc, test_a_producer_that_calls);
  tcase_add_test (tc, test_a_producer_that_is_to_call_again);
  tcase_add_test (tc, test_a_producer_that_calls_after_a_lost_connection);
  tcase_add_test (tc, test_a_producer_that_does_not_call_again);
  tcase_add_test (tc, test_a_producer_that_is_asked_to_call_in_vain);
  tcase_add_loop_test (tc, test_wrong_locations, 0, 6);
  tcase_add_loop_test (tc, test_what_does_no_harm, 0, G_N_ELEMENTS (harmless));
  return s;
}

GST_CHECK_MAIN (rcastgst_watch);
