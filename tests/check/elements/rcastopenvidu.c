/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu publishes. */
#include "config.h"

#include "openvidu-rig.h"

#include <gst/check/gstcheck.h>
#include <string.h>

GST_START_TEST (test_joins_and_publishes)
{
  g_auto (GStrv) servers = NULL;
  g_autofree gchar *id = NULL;
  Fixture f;

  fixture_init (&f);
  publish (&f);
  /* The first request of all is a ping with its interval. */
  assert_equals_string (g_ptr_array_index (f.texts, 0),
      "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"params\":{\"interval\":5000},\"id\":0}");
  check_last (&f, "joinRoom", "?sessionId=ses_A&token=tok_ONE&role=PUBLISHER\","
      "\"session\":\"ses_A\"");
  check_last (&f, "joinRoom", "\"metadata\":\"\",\"secret\":\"\",");
  check_last (&f, "publishVideo", "\"hasAudio\":false,\"hasVideo\":true,");
  check_last (&f, "publishVideo", "\"typeOfVideo\":\"CAMERA\"");
  servers = gst_rcast_signaller_dup_ice_servers (f.rig.signaller);
  assert_equals_int (g_strv_length (servers), 3);
  assert_equals_string (servers[0], "stun://10.0.0.1:3478");
  assert_equals_string (servers[2], "turn://u:p%3Aw@10.0.0.1:3478?transport=tcp");
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "u1",
      "candidate:1 ufrag u1");
  wait_for (&f.rig, count (&f, "onIceCandidate") == 1);
  check_last (&f, "onIceCandidate", "\"endpointName\":\"con_A\",\"candidate\":"
      "\"candidate:1 ufrag u1\",\"sdpMid\":\"video0\",\"sdpMLineIndex\":0");
  g_object_get (f.rig.signaller, "stream-id", &id, NULL);
  assert_equals_string (id, "str_CAM_x_con_A");
  signaller_rig_close (&f.rig);
  assert_equals_int (count (&f, "leaveRoom"), 1);
  assert_equals_int (soup_websocket_connection_get_close_code (f.peer), 4102);
  fixture_clear (&f);
}

GST_END_TEST;

/* Without an answer to leaveRoom, a text in the close frame would leave a ghost on the server. */
GST_START_TEST (test_unanswered_goodbye_closes_in_silence)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "close-timeout", 50, NULL);
  reply (&f, "leaveRoom", "");
  publish (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done
      && soup_websocket_connection_get_state (f.peer)
      == SOUP_WEBSOCKET_STATE_CLOSED);
  assert_equals_int (soup_websocket_connection_get_close_code (f.peer), 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_cancelled_goodbye)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  reply (&f, "leaveRoom", "");
  publish (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, cancellable, op_closed,
      &op);
  wait_for (&f.rig, count (&f, "leaveRoom") == 1);
  fail_if (op.done);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *reply;
  GstRcastError code;
  const gchar *words;
} refusals[] = {
  {NO ("202", "Session ses_A cannot be found"), GST_RCAST_ERROR_REJECTED,
        "cannot be found (OpenVidu error 202)"},
  {NO ("203", "closing"), GST_RCAST_ERROR_BUSY, "203"},
  {NO ("401", "Token tok_ONE is not valid"), GST_RCAST_ERROR_UNAUTHORIZED,
        "one join only"},
  {NO ("-1", "java.lang.RuntimeException:tok_ONE"), GST_RCAST_ERROR_FAILED,
        "java.lang.RuntimeException:tok_… (OpenVidu error -1)"},
  {NO ("201", "room"), GST_RCAST_ERROR_FAILED, "201"},
  {NO ("204", "cannot create"), GST_RCAST_ERROR_FAILED, "204"},
  {NO ("104", "exists"), GST_RCAST_ERROR_FAILED, "104"},
  {NO ("402", "role"), GST_RCAST_ERROR_REJECTED, "402"},
  {NO ("404", "token"), GST_RCAST_ERROR_UNAUTHORIZED, "one join only"},
  {NO ("500", "metadata"), GST_RCAST_ERROR_INVALID_ARGUMENT, "500"},
  {NO ("803", "transport"), GST_RCAST_ERROR_SESSION_GONE, "803"},
  {NO ("996", "service"), GST_RCAST_ERROR_NOT_SUPPORTED, "996"},
  {NO ("998", "path"), GST_RCAST_ERROR_NOT_SUPPORTED, "998"},
  {NO ("999", "generic"), GST_RCAST_ERROR_FAILED, "999"},
  {"{\"id\":%I,\"error\":{}}", GST_RCAST_ERROR_FAILED, "no reason given (OpenVidu error -1)"},
  {"{\"id\":%I,\"error\":{\"code\":\"202\",\"message\":\"as text\"}}",
        GST_RCAST_ERROR_REJECTED, "as text (OpenVidu error 202)"},
  {OK (""), GST_RCAST_ERROR_INVALID_DATA, "without id"},
  {OK ("\"id\":\"c\",\"sessionId\":\"r\",\"role\":\"SUBSCRIBER\""),
        GST_RCAST_ERROR_REJECTED, "SUBSCRIBER"},
};

GST_START_TEST (test_refused_join)
{
  Fixture f;

  fixture_init (&f);
  reply (&f, "joinRoom", refusals[__i__].reply);
  check_open (&f, refusals[__i__].code, refusals[__i__].words);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_token_is_for_one_join)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  /* A new session needs another token, and nobody has one. */
  f.connections = 0;
  check_open (&f, GST_RCAST_ERROR_UNAUTHORIZED, "one join only");
  assert_equals_int (signaller_rig_count_token_requests (&f.rig), 1);
  f.connections = 0;
  f.rig.fresh_token = "tok_TWO";
  publish (&f);
  check_last (&f, "joinRoom", "?sessionId=ses_A&token=tok_TWO\"");
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_token_for_another_server_is_not_sent)
{
  Fixture f;

  fixture_init (&f);
  g_object_set (f.rig.signaller, "auth-token",
      "ws://192.0.2.1?sessionId=ses_A&token=tok_OTHER", NULL);
  check_open (&f, GST_RCAST_ERROR_INVALID_ARGUMENT, "another server");
  assert_equals_int (count (&f, "joinRoom"), 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_wrong_locations)
{
  static const gchar *const wrong[] = { "openvidu+http://h/", "openvidu+ws://",
    "openvidu+wss://u:p@h/?sessionId=s", "openvidu+wss://h/#f", "openvidu+",
  };
  g_autoptr (GError) error = NULL;
  Fixture f;

  fixture_init (&f);
  fail_if (gst_rcast_signaller_set_location (f.rig.signaller, wrong[__i__],
          &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_ARGUMENT));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_lost_connection_is_resumed)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  cut (&f);
  check_resume (&f, -1);
  check_last (&f, "connect", "\"sessionId\":\"rpc1\",\"reconnect\":true");
  /* Requests are numbered across connections. */
  check_last (&f, "ping", "\"interval\":5000},\"id\":3}");
  assert_equals_int (count (&f, "echo"), 1);
  assert_equals_int (count (&f, "publishVideo") + count (&f, "reconnectStream"),
      1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_forgotten_session_is_gone)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  cut (&f);
  reply (&f, "connect", NO ("40007", "reconnection error"));
  check_resume (&f, GST_RCAST_ERROR_SESSION_GONE);
  check_resume (&f, GST_RCAST_ERROR_SESSION_GONE);
  assert_equals_int (f.connections, 2);
  /* Joining again needs a new token. */
  f.connections = 0;
  check_open (&f, GST_RCAST_ERROR_UNAUTHORIZED, "one join only");
  assert_equals_int (f.events->len, 1);
  assert_equals_int (g_array_index (f.events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_EVICTED);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_fresh_connection_keeps_the_stream)
{
  g_autofree gchar *answer = NULL, *again = NULL;
  Fixture f;

  fixture_init (&f);
  publish (&f);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER ("u2"),
      NULL);
  fail_unless (answer != NULL);
  check_last (&f, "reconnectStream", "\"stream\":\"str_CAM_x_con_A\",\"sdpString\":");
  /* The server no longer has this stream. */
  reply (&f, "reconnectStream", NO ("105", "not streaming"));
  again = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER ("u3"),
      NULL);
  fail_unless (again != NULL);
  assert_equals_int (count (&f, "publishVideo"), 2);
  fixture_clear (&f);
}

GST_END_TEST;

/* If the media server has lost the endpoint, the stream is published anew. This costs no token. */
GST_START_TEST (test_a_stream_that_the_media_server_lost_is_published_anew)
{
  g_autofree gchar *answer = NULL;
  Fixture f;

  fixture_init (&f);
  publish (&f);
  reply (&f, "reconnectStream", NO ("304", "no endpoint"));
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER ("u2"),
      NULL);
  fail_unless (answer != NULL);
  assert_equals_int (count (&f, "unpublishVideo"), 1);
  assert_equals_int (count (&f, "publishVideo"), 2);
  assert_equals_int (count (&f, "joinRoom"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *reply;
  GstRcastError code;
} offers[] = {
  {NO ("102", "no such user"), GST_RCAST_ERROR_SESSION_GONE},
  {NO ("401", "role"), GST_RCAST_ERROR_REJECTED},
  {NO ("103", "user is closed"), GST_RCAST_ERROR_SESSION_GONE},
  {NO ("105", "not streaming"), GST_RCAST_ERROR_SESSION_GONE},
  /* Even after an unpublishVideo */
  {NO ("106", "streaming"), GST_RCAST_ERROR_FAILED},
  {NO ("302", "SDP"), GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {NO ("303", "endpoint"), GST_RCAST_ERROR_FAILED},
  {NO ("800", "codec"), GST_RCAST_ERROR_NOT_ACCEPTABLE},
  {NO ("803", "not joined"), GST_RCAST_ERROR_SESSION_GONE},
  {NO ("900", "no node"), GST_RCAST_ERROR_BUSY},
  {OK (""), GST_RCAST_ERROR_INVALID_DATA},
  {OK ("\"sdpAnswer\":\"hello\""), GST_RCAST_ERROR_INVALID_DATA},
  {OK ("\"sdpAnswer\":\"" ANSWER ("0") "\""), GST_RCAST_ERROR_NOT_ACCEPTABLE},
  /* The server answers the echo only. */
  {"", GST_RCAST_ERROR_SESSION_GONE},
};

GST_START_TEST (test_refused_offer)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;
  Fixture f;

  fixture_init (&f);
  if (!*offers[__i__].reply)
    g_object_set (f.rig.signaller, "timeout", 500, NULL);
  reply (&f, "publishVideo", offers[__i__].reply);
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER ("u1"),
      &error);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR, offers[__i__].code),
      "%s", error ? error->message : "answered");
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_candidates_of_the_server_wait_for_the_answer)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  signaller_rig_open (&f.rig);
  reply (&f, "publishVideo", TOLD ("iceCandidate", "\"endpointName\":\"con_A\","
          "\"candidate\":\"candidate:9\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0"));
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER ("u1"), NULL, op_answered, &op);
  wait_for (&f.rig, count (&f, "publishVideo") == 1);
  say (&f, TOLD ("iceCandidate", "\"endpointName\":\"con_B_str\",\"candidate\":"
          "\"candidate:8\",\"sdpMLineIndex\":0"));
  signaller_rig_settle (&f.rig);
  assert_equals_string (f.said->str, "");
  /* A server may send identifiers as text. */
  say (&f, "{\"id\":\"2\",\"result\":{\"sdpAnswer\":\"" ANSWER ("9")
      "\",\"id\":\"str_CAM_x_con_A\"}}");
  wait_for (&f.rig, op.done && f.said->len > 0);
  fail_unless (op.ok);
  assert_equals_string (f.said->str, "0 candidate:9;");
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *text;
  gint event;                   /* -1: the session is gone, -2: nothing */
} told[] = {
  {TOLD ("participantEvicted", "\"connectionId\":\"con_A\",\"reason\":"
          "\"forceDisconnectByUser\""), GST_RCAST_SERVER_EVICTED},
  {TOLD ("participantEvicted", "\"connectionId\":\"con_A\",\"reason\":"
          "\"networkDisconnect\""), -1},
  {TOLD ("participantEvicted", "\"connectionId\":\"con_B\",\"reason\":"
          "\"forceDisconnectByUser\""), -2},
  {TOLD ("participantUnpublished", "\"connectionId\":\"con_A\",\"reason\":"
          "\"forceUnpublishByUser\""), GST_RCAST_SERVER_EVICTED},
  {TOLD ("participantUnpublished", "\"connectionId\":\"con_A\",\"reason\":"
          "\"mediaServerDisconnect\""), GST_RCAST_SERVER_HANGUP},
  {TOLD ("roomClosed", "\"sessionId\":\"ses_A\""), GST_RCAST_SERVER_EVICTED},
  {TOLD ("mediaError", "\"error\":\"x\""), GST_RCAST_SERVER_HANGUP},
  {TOLD ("masterNodeCrashedNotification", ""), -1},
  {"no JSON at all", -2},
  {"{\"id\":77,\"result\":{}}", -2},
  {"[]", -2},
  {"{\"method\":\"\"}", -2},
  {"{\"method\":\" \\u0001\",\"params\":{}}", -2},
  {TOLD ("sendMessage", ""), -2},
};

GST_START_TEST (test_each_notification_has_one_step)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  say (&f, told[__i__].text);
  /* The signaller handles this signal after the notification. */
  say (&f, TOLD ("sendMessage", "\"from\":\"con_B\",\"type\":\"signal:end\","
          "\"data\":\"1\""));
  if (told[__i__].event == -2)
    wait_for (&f.rig, strstr (f.said->str, "end=1;") != NULL);
  else
    wait_for (&f.rig, f.events->len + f.rig.lost > 0);
  signaller_rig_settle (&f.rig);
  assert_equals_int (f.rig.lost, told[__i__].event == -1);
  assert_equals_int (f.events->len, told[__i__].event >= 0);
  if (told[__i__].event >= 0)
    assert_equals_int (g_array_index (f.events, GstRcastServerEvent, 0),
        (GstRcastServerEvent) told[__i__].event);
  fixture_clear (&f);
}

GST_END_TEST;

/* A publisher that was removed does not come back by itself. */
GST_START_TEST (test_removed_is_the_end)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  say (&f, told[0].text);
  wait_for (&f.rig, f.events->len == 1);
  f.rig.fresh_token = "tok_TWO";
  check_open (&f, GST_RCAST_ERROR_REJECTED, "forceDisconnectByUser");
  assert_equals_int (count (&f, "joinRoom"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

static gboolean
send (Fixture * f, const gchar * data)
{
  g_autoptr (GError) error = NULL;

  return gst_rcast_signaller_send_message (f->rig.signaller, "chat", data,
      &error);
}

GST_START_TEST (test_signals_survive_a_cut)
{
  Fixture f;

  fixture_init (&f);
  publish (&f);
  reply (&f, "sendMessage", "");
  fail_unless (send (&f, "a"));
  fail_unless (send (&f, "b"));
  wait_for (&f.rig, count (&f, "sendMessage") == 2);
  check_last (&f, "sendMessage", "{\"message\":\"{\\\"to\\\":[],\\\"data\\\":\\\"b\\\","
      "\\\"type\\\":\\\"signal:chat\\\"}\"}");
  cut (&f);
  /* The owner of the signaller keeps the message. */
  fail_if (send (&f, "c"));
  reply (&f, "sendMessage", OK (""));
  check_resume (&f, -1);
  g_object_set (f.rig.signaller, "signal-to", "con_B,con_C", NULL);
  fail_unless (send (&f, "d"));
  wait_for (&f.rig, count (&f, "sendMessage") == 5);
  check_last (&f, "sendMessage", "\\\"to\\\":[\\\"con_B\\\",\\\"con_C\\\"],"
      "\\\"data\\\":\\\"d\\\"");
  /* The echo of the signaller's own signal is ignored. */
  say (&f, TOLD ("sendMessage", "\"from\":\"con_A\",\"type\":\"signal:chat\","
          "\"data\":\"d\""));
  say (&f, TOLD ("sendMessage", "\"type\":\"signal:app\",\"data\":\"x\""));
  wait_for (&f.rig, f.said->len > 0);
  assert_equals_string (f.said->str, "app=x;");
  fixture_clear (&f);
}

GST_END_TEST;

/* Waits until the signaller has handled all that the server sent before. */
static void
wait_heard (Fixture * f)
{
  g_string_truncate (f->said, 0);
  say (f, TOLD ("sendMessage", "\"from\":\"con_Z\",\"type\":\"signal:heard\","
          "\"data\":\"\""));
  wait_for (&f->rig, strstr (f->said->str, "heard=;") != NULL);
}

/* Opens another session, with a token of its own. */
static void
open_next (Fixture * f)
{
  f->connections = 0;
  f->rig.fresh_token = "tok_TWO";
  signaller_rig_open (&f->rig);
}

/* Returns: how often the server has received a signal with @data */
static guint
count_signals (Fixture * f, const gchar * data)
{
  g_autofree gchar *part = g_strdup_printf ("\\\"data\\\":\\\"%s\\\"", data);
  guint n = 0;

  for (guint i = 0; i < f->texts->len; i++)
    n += strstr (g_ptr_array_index (f->texts, i), part) != NULL;
  return n;
}

static void
break_off (SoupWebsocketConnection * peer)
{
  g_io_stream_close (soup_websocket_connection_get_io_stream (peer), NULL,
      NULL);
}

/* Each session numbers its requests from 0: an answer in one session is none in another. */
GST_START_TEST (test_a_signal_goes_again_by_the_next_session)
{
  g_autoptr (SoupWebsocketConnection) former = NULL;
  Fixture f;

  fixture_init (&f);
  signaller_rig_open (&f.rig);
  reply (&f, "sendMessage", "");
  fail_unless (send (&f, "a"));
  wait_for (&f.rig, count_signals (&f, "a") == 1);
  reply (&f, "sendMessage", OK (""));
  reply (&f, "leaveRoom", "");
  former = g_object_ref (f.peer);
  open_next (&f);
  fail_unless (send (&f, "b"));
  wait_for (&f.rig, count_signals (&f, "b") == 1);
  assert_equals_int (count_signals (&f, "a"), 2);
  /* The server takes both signals. */
  wait_heard (&f);
  cut (&f);
  check_resume (&f, -1);
  fail_unless (send (&f, "c"));
  wait_for (&f.rig, count_signals (&f, "c") == 1);
  assert_equals_int (count (&f, "sendMessage"), 4);
  break_off (former);
  reply (&f, "leaveRoom", OK (""));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_signal_that_is_taken_at_the_goodbye_goes_once)
{
  g_auto (Op) closed = { FALSE };
  Fixture f;

  fixture_init (&f);
  signaller_rig_open (&f.rig);
  reply (&f, "sendMessage", "");
  reply (&f, "leaveRoom", "");
  fail_unless (send (&f, "a"));
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &closed);
  wait_for (&f.rig, count (&f, "leaveRoom") == 1);
  answer (&f, "sendMessage", OK (""));
  answer (&f, "leaveRoom", OK (""));
  wait_for (&f.rig, closed.done);
  fail_unless (closed.ok);
  reply (&f, "leaveRoom", OK (""));
  open_next (&f);
  fail_unless (send (&f, "b"));
  wait_for (&f.rig, count_signals (&f, "b") == 1);
  assert_equals_int (count_signals (&f, "a"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_the_end_of_a_former_session_sends_no_signal_again)
{
  g_autoptr (SoupWebsocketConnection) former = NULL;
  g_auto (Op) closed = { FALSE };
  Fixture f;

  fixture_init (&f);
  signaller_rig_open (&f.rig);
  reply (&f, "leaveRoom", "");
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &closed);
  former = g_object_ref (f.peer);
  open_next (&f);
  reply (&f, "sendMessage", "");
  fail_unless (send (&f, "a"));
  wait_for (&f.rig, count_signals (&f, "a") == 1);
  break_off (former);
  wait_for (&f.rig, closed.done);
  fail_if (closed.ok);
  fail_unless (send (&f, "b"));
  wait_for (&f.rig, count_signals (&f, "b") == 1);
  assert_equals_int (count_signals (&f, "a"), 1);
  reply (&f, "leaveRoom", OK (""));
  fixture_clear (&f);
}

GST_END_TEST;

static void
on_lost_before (GstRcastSignaller * signaller, const GError * error, Op * op)
{
  fail_if (op->done);
}

/* The owner hears of the lost connection first, and resumes the session. It would leave the
 * session because of the failed offer. */
GST_START_TEST (test_a_lost_connection_is_told_before_its_offer_fails)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  publish (&f);
  g_signal_connect (f.rig.signaller, "lost", G_CALLBACK (on_lost_before), &op);
  reply (&f, "reconnectStream", "");
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER ("u2"), NULL, op_answered, &op);
  wait_for (&f.rig, count (&f, "reconnectStream") == 1);
  cut (&f);
  wait_for (&f.rig, op.done);
  fail_unless (g_error_matches (op.error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  g_signal_handlers_disconnect_by_data (f.rig.signaller, &op);
  check_resume (&f, -1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_refused_signal_is_told)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *event;
  Fixture f;

  fixture_init (&f);
  gst_element_set_bus (GST_ELEMENT (f.rig.signaller), bus);
  publish (&f);
  reply (&f, "sendMessage", NO ("601", "no such connection"));
  fail_unless (send (&f, "a"));
  while (!(message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)))
    g_main_context_iteration (f.rig.context, TRUE);
  event = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (event, "openvidu-event"));
  assert_equals_string (gst_structure_get_string (event, "event"),
      "signalRefused");
  assert_equals_string (gst_structure_get_string (event, "reason"),
      "no such connection (OpenVidu error 601)");
  /* The signaller does not send it again. */
  cut (&f);
  check_resume (&f, -1);
  assert_equals_int (count (&f, "sendMessage"), 1);
  gst_element_set_bus (GST_ELEMENT (f.rig.signaller), NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_clear_message (&message);
  fixture_clear (&f);
}

GST_END_TEST;

/* The first ping leaves before the join, and its answer arrives after it. */
GST_START_TEST (test_a_refused_ping_is_an_eviction)
{
  Fixture f;

  fixture_init (&f);
  reply (&f, "ping", "");
  signaller_rig_open (&f.rig);
  say (&f, "{\"id\":0,\"error\":{\"code\":803,\"message\":\"no connection\"}}");
  wait_for (&f.rig, f.rig.lost);
  fail_unless (g_error_matches (f.rig.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE));
  fixture_clear (&f);
}

GST_END_TEST;

static const gchar *const strangers[] = { "ping", "joinRoom" };

GST_START_TEST (test_a_stranger_is_no_openvidu)
{
  Fixture f;

  fixture_init (&f);
  reply (&f, strangers[__i__], "hello");
  check_open (&f, GST_RCAST_ERROR_INVALID_DATA, "not JSON");
  fixture_clear (&f);
}

GST_END_TEST;

static void
say_invalid (Fixture * f)
{
  const guint ignored = f->rig.ignored;

  say (f, "hello");
  say (f, "{\"jsonrpc\":\"2.0\"}");
  wait_for (&f->rig, f->rig.lost || f->rig.ignored == ignored + 2);
  assert_equals_int (f->rig.lost, 0);
}

/* The connection stays, also one that takes over the session. */
GST_START_TEST (test_invalid_messages_do_no_harm_in_the_session)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  signaller_rig_count_ignored (&f.rig);
  publish (&f);
  say_invalid (&f);
  fail_unless (send (&f, "a"));
  wait_for (&f.rig, count (&f, "sendMessage") == 1);

  cut (&f);
  f.rig.lost = 0;
  reply (&f, "echo", "");
  gst_rcast_signaller_resume_async (f.rig.signaller, NULL, op_resumed, &op);
  wait_for (&f.rig, count (&f, "echo") == 1);
  say_invalid (&f);
  answer (&f, "echo", OK (""));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  say_invalid (&f);
  assert_equals_int (f.connections, 2);
  fixture_clear (&f);
}

GST_END_TEST;

/* A server's reply to a ping, and the error that it causes, if any */
static const struct
{
  const gchar *reply;
  GstRcastError code;
  const gchar *text;
} healths[] = {
  {OK ("\"value\":\"pong\"")},
  {NO ("-1", "out of order"), GST_RCAST_ERROR_FAILED, "out of order"},
  {"hello", GST_RCAST_ERROR_INVALID_DATA, "not JSON"},
  {"", GST_RCAST_ERROR_TIMEOUT, "no answer to ping"},
};

static void
check_health (Fixture * f, const gchar * location, GstRcastError code,
    const gchar * text)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_check_async (f->rig.signaller, location, NULL, op_checked,
      &op);
  wait_for (&f->rig, op.done);
  assert_equals_int (op.ok, text == NULL);
  if (text)
    fail_unless (g_error_matches (op.error, GST_RCAST_ERROR, code)
        && strstr (op.error->message, text), "%s", op.error->message);
}

/* A check uses up no token, and the open session goes on. */
GST_START_TEST (test_check_asks_for_nothing_but_a_pong)
{
  g_autoptr (SoupWebsocketConnection) former = NULL;
  Fixture f;
  g_autofree gchar *location = NULL;

  fixture_init (&f);
  location = g_strdup_printf ("openvidu+ws://127.0.0.1:%u/?sessionId=ses_A",
      f.port);
  if (!*healths[__i__].reply)
    g_object_set (f.rig.signaller, "timeout", 1000, NULL);
  reply (&f, "ping", healths[__i__].reply);
  check_health (&f, location, healths[__i__].code, healths[__i__].text);
  wait_for (&f.rig, f.methods->len > 0);
  assert_equals_int (f.methods->len, 1);

  g_object_set (f.rig.signaller, "timeout", 10000, NULL);
  reply (&f, "ping", OK (""));
  f.connections = 0;
  publish (&f);
  check_last (&f, "joinRoom", "token=tok_ONE");
  check_health (&f, "openvidu+ws://127.0.0.1:1/?sessionId=ses_A",
      GST_RCAST_ERROR_NETWORK, "127.0.0.1:1");
  f.connections = 0;
  former = g_object_ref (f.peer);
  check_health (&f, location, GST_RCAST_ERROR_FAILED, NULL);
  assert_equals_int (count (&f, "joinRoom"), 1);
  assert_equals_int (f.rig.lost, 0);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastopenvidu_suite (void)
{
  Suite *s = suite_create ("rcastopenvidu");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_joins_and_publishes);
  tcase_add_test (tc, test_unanswered_goodbye_closes_in_silence);
  tcase_add_test (tc, test_cancelled_goodbye);
  tcase_add_loop_test (tc, test_refused_join, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_a_token_is_for_one_join);
  tcase_add_test (tc, test_a_token_for_another_server_is_not_sent);
  tcase_add_loop_test (tc, test_wrong_locations, 0, 5);
  tcase_add_test (tc, test_a_lost_connection_is_resumed);
  tcase_add_test (tc, test_a_forgotten_session_is_gone);
  tcase_add_test (tc, test_a_fresh_connection_keeps_the_stream);
  tcase_add_test (tc,
      test_a_stream_that_the_media_server_lost_is_published_anew);
  tcase_add_loop_test (tc, test_refused_offer, 0, G_N_ELEMENTS (offers));
  tcase_add_test (tc, test_candidates_of_the_server_wait_for_the_answer);
  tcase_add_loop_test (tc, test_each_notification_has_one_step, 0,
      G_N_ELEMENTS (told));
  tcase_add_test (tc, test_removed_is_the_end);
  tcase_add_test (tc, test_signals_survive_a_cut);
  tcase_add_test (tc, test_a_signal_goes_again_by_the_next_session);
  tcase_add_test (tc, test_a_signal_that_is_taken_at_the_goodbye_goes_once);
  tcase_add_test (tc, test_the_end_of_a_former_session_sends_no_signal_again);
  tcase_add_test (tc, test_a_lost_connection_is_told_before_its_offer_fails);
  tcase_add_test (tc, test_a_refused_signal_is_told);
  tcase_add_test (tc, test_a_refused_ping_is_an_eviction);
  tcase_add_loop_test (tc, test_a_stranger_is_no_openvidu, 0,
      G_N_ELEMENTS (strangers));
  tcase_add_test (tc, test_invalid_messages_do_no_harm_in_the_session);
  tcase_add_loop_test (tc, test_check_asks_for_nothing_but_a_pong, 0,
      G_N_ELEMENTS (healths));
  return s;
}

GST_CHECK_MAIN (rcastopenvidu);
