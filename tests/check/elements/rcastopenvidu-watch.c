/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu watches a stream of a session. */
#include "config.h"

#include "openvidu-rig.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#define IN_SESSION(who) JOINED ("SUBSCRIBER", "kurento", who)
#define STUDIO(id) "{" WHO (id, "studio") "," STREAMS (id) "}"
#define LEFT(id, why) TOLD ("participantLeft", "\"connectionId\":\"con_" id "\",\"reason\":\"" why "\"")
#define COMES(id, name) TOLD ("participantJoined", WHO (id, name))
#define CHANGES(id, what, value) TOLD ("streamPropertyChanged", "\"connectionId\":\"con_" id \
    "\",\"streamId\":\"" STREAM (id) "\",\"property\":\"" what "\",\"newValue\":" value)
#define FORCED(id, sdp) TOLD ("forciblyReconnectSubscriber", "\"connectionId\":\"con_" id \
    "\",\"streamId\":\"" STREAM (id) "\",\"sdpOffer\":\"" sdp "\"")

/* @joined: the answer to the join */
static void
watch_init (Fixture * f, const gchar * query, const gchar * joined)
{
  g_autofree gchar *whole = g_strconcat ("?sessionId=ses_A&token=tok_ONE", query, NULL);

  fixture_init (f);
  gst_rcast_signaller_set_direction (f->rig.signaller, GST_RCAST_DIRECTION_RECEIVE);
  set_location (f, whole);
  reply (f, "joinRoom", joined);
}

static void
do_offer (Fixture * f, const gchar * sdp)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer =
      signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, sdp, &error);

  fail_unless (answer != NULL, "%s", error ? error->message : "?");
}

static void
check_no_offer (Fixture * f, GstRcastError code, const gchar * words)
{
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autofree gchar *answer =
      signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER ("u9"), &error);

  fail_unless (g_error_matches (error, GST_RCAST_ERROR, code), "%s",
      error ? error->message : "answered");
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

/* Waits until all earlier messages are handled. */
static void
wait_heard (Fixture * f)
{
  g_string_truncate (f->said, 0);
  say (f, TOLD ("sendMessage", "\"from\":\"con_Z\",\"type\":\"signal:heard\",\"data\":\"\""));
  wait_for (&f->rig, strstr (f->said->str, "heard=;") != NULL);
}

/* @told: reports about the stream; @hangups: number of hangups in all */
static void
check_told (Fixture * f, const gchar * told, guint hangups)
{
  wait_heard (f);
  assert_equals_string (f->rig.streams->str, told);
  assert_equals_int (f->events->len, hangups);
  for (guint i = 0; i < hangups; i++)
    assert_equals_int (g_array_index (f->events, GstRcastServerEvent, i), GST_RCAST_SERVER_HANGUP);
}

GST_START_TEST (test_subscribes)
{
  g_autofree gchar *id = NULL;
  Fixture f;

  watch_init (&f, "&display=studio", IN_SESSION ("{" WHO ("C", "other") "," STREAMS ("C") "},"
          STUDIO ("B")));
  signaller_rig_open (&f.rig);
  fail_if (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  /* The server compares the whole token, so rcastopenvidu adds nothing to it. */
  check_last (&f, "joinRoom", "?sessionId=ses_A&token=tok_ONE\"");
  do_offer (&f, OFFER ("u1"));
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("B") "\",\"sdpOffer\":\"v=0");
  g_object_get (f.rig.signaller, "stream-id", &id, NULL);
  assert_equals_string (id, STREAM ("B"));
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u1", "candidate:1 ufrag u1");
  wait_for (&f.rig, count (&f, "onIceCandidate") == 1);
  check_last (&f, "onIceCandidate", "\"endpointName\":\"con_B\",\"candidate\":\"candidate:1");
  say (&f, TOLD ("iceCandidate", "\"endpointName\":\"con_A_" STREAM ("B") "\",\"candidate\":"
          "\"candidate:9\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0"));
  wait_for (&f.rig, f.said->len);
  assert_equals_string (f.said->str, "0 candidate:9;");
  gst_rcast_signaller_settle (f.rig.signaller);
  /* A fresh connection. */
  do_offer (&f, OFFER ("u2"));
  check_last (&f, "reconnectStream", "{\"stream\":\"" STREAM ("B") "\",\"sdpOffer\":\"v=0");
  check_last (&f, "reconnectStream", ",\"forciblyReconnect\":false}");
  assert_equals_int (count (&f, "receiveVideoFrom"), 1);
  check_told (&f, "", 0);
  signaller_rig_close (&f.rig);
  assert_equals_int (count (&f, "unsubscribeFromVideo"), 0);
  assert_equals_int (count (&f, "leaveRoom"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

static void
do_request (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_request_offer_async (f->rig.signaller, GST_RCAST_OFFER_INITIAL, NULL,
      op_offered, &op);
  wait_for (&f->rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "?");
  fail_unless (strstr (op.answer, "m=video 9") != NULL);
}

static void
do_answer (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_answer_async (f->rig.signaller, OFFER ("u1"), NULL, op_agreed, &op);
  wait_for (&f->rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "?");
}

GST_START_TEST (test_server_offers)
{
  Fixture f;

  watch_init (&f, "", JOINED ("PUBLISHER", "mediasoup", STUDIO ("B")));
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_has (&f.rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  do_request (&f);
  check_last (&f, "prepareReceiveVideoFrom", "{\"sender\":\"" STREAM ("B") "\",\"reconnect\":false}");
  do_answer (&f);
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("B") "\",\"sdpAnswer\":\"v=0");
  do_request (&f);
  check_last (&f, "prepareReceiveVideoFrom", "\"reconnect\":true}");
  do_answer (&f);
  check_last (&f, "reconnectStream", "{\"stream\":\"" STREAM ("B") "\",\"sdpString\":\"v=0");
  check_last (&f, "reconnectStream", "\"forciblyReconnect\":false}");
  /* The server forces a reconnection: of another stream, which is
   * ignored, then of the one watched. */
  say (&f, FORCED ("C", ANSWER ("9")));
  check_told (&f, "", 0);
  say (&f, FORCED ("B", ANSWER ("9")));
  check_told (&f, "", 1);
  do_request (&f);
  assert_equals_int (count (&f, "prepareReceiveVideoFrom"), 2);
  do_answer (&f);
  check_last (&f, "reconnectStream", "\"forciblyReconnect\":true}");
  fixture_clear (&f);
}

GST_END_TEST;

/* The stream of the forced offer is gone by the time the offer could be used. */
GST_START_TEST (test_a_forced_offer_is_for_its_stream)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  watch_init (&f, "", JOINED ("PUBLISHER", "mediasoup", "{" WHO ("C", "x") "," STREAMS ("C") "},"
          STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_request (&f);
  do_answer (&f);
  reply (&f, "prepareReceiveVideoFrom", "");
  gst_rcast_signaller_request_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, NULL,
      op_offered, &op);
  wait_for (&f.rig, count (&f, "prepareReceiveVideoFrom") == 2);
  answer (&f, "prepareReceiveVideoFrom", NO ("303", "no endpoint"));
  wait_for (&f.rig, count (&f, "prepareReceiveVideoFrom") == 3);
  say (&f, FORCED ("B", ANSWER ("7")));
  answer (&f, "prepareReceiveVideoFrom", NO ("105", "not streaming"));
  wait_for (&f.rig, count (&f, "prepareReceiveVideoFrom") == 4);
  check_last (&f, "prepareReceiveVideoFrom", "{\"sender\":\"" STREAM ("C") "\"");
  answer (&f, "prepareReceiveVideoFrom", OK ("\"sdpOffer\":\"" ANSWER ("9") "\""));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "?");
  fail_unless (strstr (op.answer, "m=video 9") != NULL, "%s", op.answer);
  do_answer (&f);
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("C") "\",\"sdpAnswer\":\"v=0");
  fixture_clear (&f);
}

GST_END_TEST;

/* The other stream is requested next. */
GST_START_TEST (test_a_forced_offer_of_the_former_stream_is_left)
{
  Fixture f;

  watch_init (&f, "", JOINED ("PUBLISHER", "mediasoup", STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_request (&f);
  do_answer (&f);
  say (&f, COMES ("C", "x"));
  say (&f, PUBLISHES ("C"));
  check_told (&f, "", 1);
  say (&f, FORCED ("B", ANSWER ("9")));
  check_told (&f, "", 1);
  do_request (&f);
  check_last (&f, "prepareReceiveVideoFrom", "{\"sender\":\"" STREAM ("C") "\"");
  fixture_clear (&f);
}

GST_END_TEST;

/* The present media goes on. */
GST_START_TEST (test_a_forced_offer_without_sdp_is_left)
{
  Fixture f;

  watch_init (&f, "", JOINED ("PUBLISHER", "mediasoup", STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_request (&f);
  do_answer (&f);
  say (&f, FORCED ("B", "hello"));
  check_told (&f, "", 0);
  do_request (&f);
  assert_equals_int (count (&f, "prepareReceiveVideoFrom"), 2);
  fixture_clear (&f);
}

GST_END_TEST;

/* A token is for one join: a watcher that waits stays in the session. */
GST_START_TEST (test_waits_for_a_publisher)
{
  Fixture f;

  watch_init (&f, "&display=studio", IN_SESSION (""));
  signaller_rig_open (&f.rig);
  check_no_offer (&f, GST_RCAST_ERROR_NO_STREAM, "nobody publishes studio");
  signaller_rig_open (&f.rig);
  check_no_offer (&f, GST_RCAST_ERROR_NO_STREAM, "nobody publishes studio");
  say (&f, COMES ("C", "other"));
  say (&f, PUBLISHES ("C"));
  say (&f, COMES ("B", "studio"));
  check_told (&f, "", 0);
  say (&f, PUBLISHES ("B"));
  check_told (&f, " published studio", 0);
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  check_last (&f, "receiveVideoFrom", STREAM ("B"));
  assert_equals_int (count (&f, "joinRoom"), 1);
  /* Another location is another session. */
  f.connections = 0;
  f.rig.fresh_token = "tok_TWO";
  set_location (&f, "?sessionId=ses_A&token=tok_ONE&display=other");
  signaller_rig_open (&f.rig);
  assert_equals_int (count (&f, "joinRoom"), 2);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_publisher_ends_and_comes_back)
{
  Fixture f;

  watch_init (&f, "&display=studio", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  say (&f, TOLD ("participantUnpublished", "\"connectionId\":\"con_B\",\"reason\":\"unpublish\""));
  check_told (&f, " unpublished studio", 1);
  check_no_offer (&f, GST_RCAST_ERROR_NO_STREAM, "nobody publishes studio");
  /* The same participant publishes again, then another one of that name. */
  say (&f, TOLD ("participantPublished", "\"id\":\"con_B\",\"streams\":[{\"id\":\"str_2_con_B\"}]"));
  check_told (&f, " unpublished studio published studio", 1);
  do_offer (&f, OFFER ("u2"));
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"str_2_con_B\"");
  say (&f, LEFT ("B", "networkDisconnect"));
  say (&f, COMES ("D", "studio"));
  say (&f, PUBLISHES ("D"));
  check_told (&f, " unpublished studio published studio unpublished studio published studio", 2);
  do_offer (&f, OFFER ("u3"));
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("D") "\"");
  gst_rcast_signaller_settle (f.rig.signaller);
  wait_heard (&f);
  assert_equals_int (count (&f, "unsubscribeFromVideo"), 0);
  assert_equals_int (count (&f, "joinRoom"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* A participant that was cut off stays in the session for 25 s. */
GST_START_TEST (test_publisher_is_back_before_its_ghost_has_left)
{
  Fixture f;

  watch_init (&f, "&display=studio", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  say (&f, COMES ("D", "studio"));
  say (&f, PUBLISHES ("D"));
  check_told (&f, "", 1);
  do_offer (&f, OFFER ("u2"));
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("D") "\"");
  assert_equals_int (count (&f, "unsubscribeFromVideo"), 0);
  gst_rcast_signaller_settle (f.rig.signaller);
  wait_for (&f.rig, count (&f, "unsubscribeFromVideo") == 1);
  check_last (&f, "unsubscribeFromVideo", "{\"sender\":\"" STREAM ("B") "\"}");
  say (&f, LEFT ("B", "networkDisconnect"));
  check_told (&f, "", 1);
  /* The stream that is left is better than none. */
  say (&f, COMES ("E", "studio"));
  say (&f, PUBLISHES ("E"));
  say (&f, LEFT ("E", "disconnect"));
  check_told (&f, "", 3);
  do_offer (&f, OFFER ("u3"));
  check_last (&f, "reconnectStream", "{\"stream\":\"" STREAM ("D") "\"");
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_publisher_leaves_while_its_stream_is_asked_for)
{
  g_auto (Op) op = { FALSE }, next = { FALSE };
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  reply (&f, "receiveVideoFrom", "");
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, OFFER ("u1"), NULL,
      op_answered, &op);
  wait_for (&f.rig, count (&f, "receiveVideoFrom") == 1);
  say (&f, LEFT ("B", "disconnect"));
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, GST_RCAST_ERROR, GST_RCAST_ERROR_NO_STREAM));
  say (&f, COMES ("C", "x"));
  say (&f, PUBLISHES ("C"));
  check_told (&f, " unpublished studio published x", 0);
  /* If another stream is there, the same offer goes to it. */
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, OFFER ("u2"), NULL,
      op_answered, &next);
  wait_for (&f.rig, count (&f, "receiveVideoFrom") == 2);
  reply (&f, "receiveVideoFrom", OK ("\"sdpAnswer\":\"" ANSWER ("9") "\""));
  say (&f, COMES ("D", "y"));
  say (&f, PUBLISHES ("D"));
  wait_for (&f.rig, next.done);
  fail_unless (next.ok, "%s", next.error ? next.error->message : "?");
  check_last (&f, "receiveVideoFrom", "{\"sender\":\"" STREAM ("D") "\"");
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *query, *stream;  /* NULL: none */
} choices[] = {
  {"", STREAM ("C")},
  {"&feed=con_B", STREAM ("B")},
  {"&feed=" STREAM ("B"), STREAM ("B")},
  {"&feed=con_D", NULL},
  {"&display=studio", STREAM ("B")},
  {"&display=Caf%C3%A9", STREAM ("C")},
  {"&display=stud", NULL},
};

GST_START_TEST (test_choice)
{
  Fixture f;

  watch_init (&f, choices[__i__].query, IN_SESSION (STUDIO ("B") ",{\"id\":\"con_C\",\"metadata\":"
          "\"Café%/%x\"," STREAMS ("C") "},{},{\"id\":7},{" WHO ("E", "studio") "}"));
  signaller_rig_open (&f.rig);
  if (choices[__i__].stream) {
    do_offer (&f, OFFER ("u1"));
    check_last (&f, "receiveVideoFrom", choices[__i__].stream);
  } else {
    check_no_offer (&f, GST_RCAST_ERROR_NO_STREAM, "nobody publishes");
  }
  fixture_clear (&f);
}

GST_END_TEST;

/* As many participants as rcastopenvidu remembers */
#define CROWD 1024

/* Returns: (transfer full): the answer to a join of a session with CROWD participants. @others:
 * what follows their identifiers */
static gchar *
print_crowd (const gchar * first, const gchar * others)
{
  g_auto (GStrv) parts = g_strsplit (IN_SESSION ("@"), "@", 2);
  g_autoptr (GString) text = g_string_new (parts[0]);

  g_string_append (text, first);
  for (guint i = 1; i < CROWD; i++)
    g_string_append_printf (text, ",{\"id\":\"con_%u\"%s}", i, others);
  g_string_append (text, parts[1]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const struct
{
  const gchar *query, *first, *others;
  const gchar *news;            /* notification about one more participant */
  const gchar *told;            /* report when B publishes, or does so again */
} crowds[] = {
  {"", STUDIO ("B"), "", COMES ("C", "viewer"), ""},
  {"&display=studio", STUDIO ("B"), "," STREAMS ("D"), PUBLISHES ("C"), ""},
  {"&display=studio", "{" WHO ("B", "studio") "}", "", COMES ("C", "viewer"),
        " published studio"},
  {"", STUDIO ("B"), "," STREAMS ("D"), PUBLISHES ("C"), ""},
};

/* One more participant does not replace the one that is watched, or may be. */
GST_START_TEST (test_full_session)
{
  g_autofree gchar *joined = print_crowd (crowds[__i__].first, crowds[__i__].others);
  Fixture f;

  watch_init (&f, crowds[__i__].query, joined);
  signaller_rig_open (&f.rig);
  say (&f, crowds[__i__].news);
  check_told (&f, "", 0);
  say (&f, PUBLISHES ("B"));
  wait_heard (&f);
  assert_equals_string (f.rig.streams->str, crowds[__i__].told);
  do_offer (&f, OFFER ("u1"));
  check_last (&f, "receiveVideoFrom", STREAM ("B"));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_feed_and_display_are_one_thing)
{
  g_autoptr (GError) error = NULL;
  Fixture f;

  watch_init (&f, "", IN_SESSION (""));
  fail_if (gst_rcast_signaller_set_location (f.rig.signaller,
          "openvidu+ws://h/?sessionId=s&feed=con_B&display=studio", &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT));
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *reply;
  GstRcastError code;
  const gchar *words;
} refusals[] = {
  {NO ("102", "no such user"), GST_RCAST_ERROR_NO_STREAM, "nobody publishes"},
  {NO ("105", "not streaming"), GST_RCAST_ERROR_NO_STREAM, "nobody publishes"},
  {NO ("302", "no SDP"), GST_RCAST_ERROR_NOT_ACCEPTABLE, "OpenVidu error 302"},
  {NO ("803", "not joined"), GST_RCAST_ERROR_SESSION_GONE, "OpenVidu error 803"},
  {NO ("900", "no node"), GST_RCAST_ERROR_BUSY, "OpenVidu error 900"},
  {NO ("-1", "java.lang.X"), GST_RCAST_ERROR_FAILED, "java.lang.X"},
  {OK (""), GST_RCAST_ERROR_INVALID_DATA, "no SDP"},
  {OK ("\"sdpAnswer\":\"hello\""), GST_RCAST_ERROR_INVALID_DATA, "no SDP"},
  /* The server answers the echo only. */
  {"", GST_RCAST_ERROR_SESSION_GONE, "evicted"},
};

GST_START_TEST (test_refused_subscription)
{
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  if (!*refusals[__i__].reply)
    g_object_set (f.rig.signaller, "timeout", 500, NULL);
  reply (&f, "receiveVideoFrom", refusals[__i__].reply);
  signaller_rig_open (&f.rig);
  check_no_offer (&f, refusals[__i__].code, refusals[__i__].words);
  fixture_clear (&f);
}

GST_END_TEST;

/* If the server has forgotten the endpoint of a stream, rcastopenvidu subscribes again. */
GST_START_TEST (test_refused_reconnection)
{
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  reply (&f, "reconnectStream", NO ("303", "no endpoint"));
  do_offer (&f, OFFER ("u2"));
  assert_equals_int (count (&f, "reconnectStream"), 1);
  assert_equals_int (count (&f, "receiveVideoFrom"), 2);
  /* If the stream itself is gone, there is nothing to watch. */
  reply (&f, "reconnectStream", NO ("105", "not streaming"));
  reply (&f, "receiveVideoFrom", NO ("102", "no such user"));
  check_no_offer (&f, GST_RCAST_ERROR_NO_STREAM, "nobody publishes");
  fixture_clear (&f);
}

GST_END_TEST;

/* After a resume, the server repeats nothing: participants that came meanwhile are unknown. */
GST_START_TEST (test_resumed_session)
{
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  cut (&f);
  check_resume (&f, -1);
  wait_heard (&f);
  assert_equals_int (count (&f, "receiveVideoFrom") + count (&f, "reconnectStream"), 1);
  do_offer (&f, OFFER ("u2"));
  check_last (&f, "reconnectStream", STREAM ("B"));
  say (&f, LEFT ("B", "networkDisconnect"));
  check_told (&f, " unpublished studio", 1);
  check_no_offer (&f, GST_RCAST_ERROR_FAILED, "joined anew");
  f.connections = 0;
  f.rig.fresh_token = "tok_TWO";
  reply (&f, "joinRoom", IN_SESSION (STUDIO ("D")));
  signaller_rig_open (&f.rig);
  assert_equals_int (count (&f, "joinRoom"), 2);
  do_offer (&f, OFFER ("u3"));
  check_last (&f, "receiveVideoFrom", STREAM ("D"));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_publisher_pauses)
{
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  say (&f, CHANGES ("B", "videoActive", "\"false\""));
  say (&f, CHANGES ("C", "audioActive", "\"false\""));
  check_told (&f, "", 0);
  say (&f, CHANGES ("B", "audioActive", "false"));
  check_told (&f, " paused studio", 0);
  say (&f, CHANGES ("B", "videoActive", "true"));
  check_told (&f, " paused studio resumed studio", 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* A watcher can be removed, too. */
GST_START_TEST (test_removed_is_the_end)
{
  Fixture f;

  watch_init (&f, "", IN_SESSION (STUDIO ("B")));
  signaller_rig_open (&f.rig);
  do_offer (&f, OFFER ("u1"));
  say (&f, TOLD ("participantEvicted", "\"connectionId\":\"con_A\",\"reason\":"
          "\"forceDisconnectByUser\""));
  wait_for (&f.rig, f.events->len == 1);
  assert_equals_int (g_array_index (f.events, GstRcastServerEvent, 0), GST_RCAST_SERVER_EVICTED);
  check_open (&f, GST_RCAST_ERROR_REJECTED, "forceDisconnectByUser");
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastopenvidu_watch_suite (void)
{
  Suite *s = suite_create ("rcastopenvidu-watch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_subscribes);
  tcase_add_test (tc, test_server_offers);
  tcase_add_test (tc, test_a_forced_offer_is_for_its_stream);
  tcase_add_test (tc, test_a_forced_offer_of_the_former_stream_is_left);
  tcase_add_test (tc, test_a_forced_offer_without_sdp_is_left);
  tcase_add_test (tc, test_waits_for_a_publisher);
  tcase_add_test (tc, test_publisher_ends_and_comes_back);
  tcase_add_test (tc, test_publisher_is_back_before_its_ghost_has_left);
  tcase_add_test (tc, test_publisher_leaves_while_its_stream_is_asked_for);
  tcase_add_loop_test (tc, test_choice, 0, G_N_ELEMENTS (choices));
  tcase_add_loop_test (tc, test_full_session, 0, G_N_ELEMENTS (crowds));
  tcase_add_test (tc, test_feed_and_display_are_one_thing);
  tcase_add_loop_test (tc, test_refused_subscription, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_refused_reconnection);
  tcase_add_test (tc, test_resumed_session);
  tcase_add_test (tc, test_publisher_pauses);
  tcase_add_test (tc, test_removed_is_the_end);
  return s;
}

GST_CHECK_MAIN (rcastopenvidu_watch);
