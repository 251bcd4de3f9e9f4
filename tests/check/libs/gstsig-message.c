/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of gst-webrtc-signalling-server both ways: a result for every
 * input, texts that can be shown. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>

#include "gstsig-message.h"

#define A_256 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct
{
  GstsigKind kind;
  const gchar *peer, *session, *sdp, *candidate;
  guint mline;
  const gchar *reason;
} Wanted;

/* As the server writes them */
static const struct
{
  const gchar *text;
  Wanted wanted;
} messages[] = {
  {"{\"type\":\"welcome\",\"peerId\":\"p1\"}", {GSTSIG_WELCOME, "p1"}},
  {"{\"type\":\"welcome\",\"peerId\":\"" A_256 "\"}",
        {GSTSIG_WELCOME, A_256}},
  {"{\"type\":\"startSession\",\"peerId\":\"c\",\"sessionId\":\"s\",\"offer\":null}",
        {GSTSIG_START_SESSION, "c", "s"}},
  {"{\"type\":\"startSession\",\"peerId\":\"c\",\"sessionId\":\"s\"}",
        {GSTSIG_START_SESSION, "c", "s"}},
  {"{\"type\":\"startSession\",\"peerId\":\"c\",\"sessionId\":\"s\",\"offer\":\"v=0\"}",
        {GSTSIG_START_SESSION, "c", "s", "v=0"}},
  {"{\"type\":\"peer\",\"sessionId\":\"s\",\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0\\r\\n\"}}",
        {GSTSIG_ANSWER, NULL, "s", "v=0\r\n"}},
  {"{\"type\":\"peer\",\"sessionId\":\"s\",\"sdp\":{\"type\":\"offer\",\"sdp\":\"\"}}",
        {GSTSIG_OFFER, NULL, "s", ""}},
  {"{\"type\":\"peer\",\"sessionId\":\"s\",\"ice\":{\"candidate\":\"candidate:1\","
            "\"sdpMLineIndex\":1}}",
        {GSTSIG_CANDIDATE, NULL, "s", NULL, "candidate:1", 1}},
  {"{\"type\":\"peer\",\"sessionId\":\"s\",\"ice\":{\"candidate\":\"\",\"sdpMid\":\"0\","
            "\"sdpMLineIndex\":0}}",
        {GSTSIG_CANDIDATE, NULL, "s"}},
  {"{\"type\":\"endSession\",\"sessionId\":\"s\"}",
        {GSTSIG_END_SESSION, NULL, "s"}},
  {"{\"type\":\"endSessionV1_1\",\"sessionId\":\"s\",\"error\":\"no\\n\\u001bcodec\"}",
        {GSTSIG_END_SESSION, NULL, "s", NULL, NULL, 0, "no codec"}},
  {"{\"type\":\"error\",\"details\":\"Peer with ID 'x' not found\"}",
        {GSTSIG_ERROR, NULL, NULL, NULL, NULL, 0,
              "Peer with ID 'x' not found"}},
  {"{\"type\":\"error\",\"details\":7}", {GSTSIG_ERROR}},
  {"{\"type\":\"sessionStarted\",\"peerId\":\"p\",\"sessionId\":\"s\"}",
        {GSTSIG_SESSION_STARTED, "p", "s"}},
  {"{\"type\":\"sessionEnded\"}", {GSTSIG_OTHER}},
  {"{\"type\":\"\\n\"}", {GSTSIG_OTHER}},
};

GST_START_TEST (test_messages)
{
  const Wanted *wanted = &messages[__i__].wanted;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstsigMessage) message =
      gstsig_message_parse (messages[__i__].text, -1, &error);

  fail_unless (message != NULL, "%s: %s", messages[__i__].text,
      error ? error->message : "?");
  assert_equals_int (message->kind, wanted->kind);
  fail_unless (message->type != NULL && *message->type);
  assert_equals_string (message->peer, wanted->peer);
  assert_equals_string (message->session, wanted->session);
  assert_equals_string (message->sdp, wanted->sdp);
  assert_equals_string (message->candidate, wanted->candidate);
  assert_equals_int (message->mline, wanted->mline);
  assert_equals_string (message->reason, wanted->reason);
}

GST_END_TEST;

#define PEER(members) "{\"type\":\"peer\",\"sessionId\":\"s\"," members "}"

/* The error names what is missing, and quotes nothing. */
static const struct
{
  const gchar *text, *words;
} broken[] = {
  {"", "not JSON"},
  {"SECRET", "not JSON"},
  {"[]", "no type"},
  {"{\"type\":1}", "no type"},
  {"{\"type\":null,\"peerId\":\"SECRET\"}", "no type"},
  {"{\"type\":\"welcome\"}", "\"welcome\" of the server has no peerId"},
  {"{\"type\":\"welcome\",\"peerId\":\"\"}", "no peerId"},
  {"{\"type\":\"welcome\",\"peerId\":[\"SECRET\"]}", "no peerId"},
  {"{\"type\":\"welcome\",\"peerId\":\"" A_256 "SECRET\"}", "no peerId"},
  {"{\"type\":\"startSession\",\"sessionId\":\"s\"}",
      "\"startSession\" of the server has no peerId"},
  {"{\"type\":\"startSession\",\"peerId\":\"c\"}", "no sessionId"},
  {"{\"type\":\"startSession\",\"peerId\":\"c\",\"sessionId\":1}", "no sessionId"},
  {"{\"type\":\"peer\",\"sdp\":{\"type\":\"answer\",\"sdp\":\"SECRET\"}}",
      "\"peer\" of the server has no sessionId"},
  {PEER ("\"x\":\"SECRET\""), "neither sdp nor ice"},
  {PEER ("\"sdp\":\"SECRET\""), "neither sdp nor ice"},
  {PEER ("\"sdp\":{\"type\":\"answer\"}"), "an sdp without a text"},
  {PEER ("\"sdp\":{\"type\":\"answer\",\"sdp\":{}}"), "an sdp without a text"},
  {PEER ("\"sdp\":{\"type\":\"SECRET\",\"sdp\":\"\"}"),
      "neither offer nor answer"},
  {PEER ("\"sdp\":{\"sdp\":\"SECRET\"}"), "neither offer nor answer"},
  {PEER ("\"ice\":{\"sdpMLineIndex\":0}"), "no candidate"},
  {PEER ("\"ice\":{\"candidate\":0,\"sdpMLineIndex\":0}"), "no candidate"},
  {PEER ("\"ice\":{\"candidate\":\"" A_256 A_256 A_256 A_256 "SECRET\","
            "\"sdpMLineIndex\":0}"), "too long"},
  {PEER ("\"ice\":{\"candidate\":\"SECRET\"}"), "without sdpMLineIndex"},
  {PEER ("\"ice\":{\"candidate\":\"SECRET\",\"sdpMLineIndex\":-1}"),
      "without sdpMLineIndex"},
  {PEER ("\"ice\":{\"candidate\":\"SECRET\",\"sdpMLineIndex\":4294967296}"),
      "without sdpMLineIndex"},
  {PEER ("\"ice\":{\"candidate\":\"SECRET\",\"sdpMLineIndex\":\"0\"}"),
      "without sdpMLineIndex"},
  {"{\"type\":\"sessionStarted\",\"peerId\":\"c\"}", "no sessionId"},
  {"{\"type\":\"peerStatusChanged\",\"roles\":[]}", "no peerId"},
  {"{\"type\":\"list\",\"producers\":7}", "no list of peers"},
  {"{\"type\":\"listConsumers\"}", "no list of peers"},
  {"{\"type\":\"endSession\"}", "\"endSession\" of the server has no sessionId"},
  {"{\"type\":\"endSessionV1_1\",\"error\":\"SECRET\"}", "no sessionId"},
};

GST_START_TEST (test_broken_messages)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstsigMessage) message =
      gstsig_message_parse (broken[__i__].text, -1, &error);

  fail_if (message != NULL, "%s", broken[__i__].text);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_DATA));
  fail_unless (strstr (error->message, broken[__i__].words) != NULL, "%s: %s",
      broken[__i__].text, error->message);
  fail_if (strstr (error->message, "SECRET"), "%s", error->message);
}

GST_END_TEST;

GST_START_TEST (test_what_others_are_told)
{
  g_autoptr (GstStructure) meta = gst_structure_new ("meta",
      "name", G_TYPE_STRING, "a \"b\"\n", "n", G_TYPE_INT, -3,
      "live", G_TYPE_BOOLEAN, TRUE, "rate", G_TYPE_DOUBLE, 29.5,
      "odd", G_TYPE_DOUBLE, INFINITY, "none", G_TYPE_STRING, NULL,
      "size", GST_TYPE_FRACTION, 16, 9, NULL);
  g_autofree gchar *all = gstsig_print_status (GSTSIG_PRODUCER, meta);
  g_autofree gchar *nothing =
      gstsig_print_status (GSTSIG_PRODUCER | GSTSIG_LISTENER, NULL);

  assert_equals_string (all, "{\"type\":\"setPeerStatus\",\"roles\":[\"producer\"],"
      "\"meta\":{\"name\":\"a \\\"b\\\"\\u000a\",\"n\":-3,\"live\":true,\"rate\":29.5,"
      "\"odd\":null,\"none\":\"\",\"size\":\"16/9\"}}");
  assert_equals_string (nothing,
      "{\"type\":\"setPeerStatus\",\"roles\":[\"producer\",\"listener\"],\"meta\":{}}");
}

GST_END_TEST;

/* Other peers, each as `ID NAME ROLES;` */
static const struct
{
  const gchar *text;
  GstsigKind kind;
  const gchar *peers;
} peers[] = {
  {"{\"type\":\"peerStatusChanged\",\"roles\":[\"listener\",\"producer\"],"
        "\"meta\":{\"name\":\"studio\"},\"peerId\":\"p\"}", GSTSIG_PEER_STATUS,
      "p studio 5;"},
  {"{\"type\":\"peerStatusChanged\",\"roles\":[],\"meta\":null,\"peerId\":\"p\"}",
      GSTSIG_PEER_STATUS, "p - 0;"},
  {"{\"type\":\"peerStatusChanged\",\"roles\":[1,{},\"consumer\",\"else\"],"
        "\"meta\":{\"name\":7},\"peerId\":\"p\"}", GSTSIG_PEER_STATUS, "p - 2;"},
  {"{\"type\":\"peerStatusChanged\",\"peerId\":\"p\"}", GSTSIG_PEER_STATUS,
      "p - 0;"},
  {"{\"type\":\"list\",\"producers\":[{\"id\":\"a\",\"meta\":{\"name\":\"x\"}},"
        "{\"id\":\"b\",\"meta\":null},{\"meta\":{}},7]}", GSTSIG_LIST,
      "a x 1;b - 1;"},
  {"{\"type\":\"list\",\"producers\":[]}", GSTSIG_LIST, ""},
  {"{\"type\":\"listConsumers\",\"consumers\":[{\"id\":\"a\"}]}",
      GSTSIG_LIST_CONSUMERS, "a - 2;"},
};

GST_START_TEST (test_what_others_are)
{
  g_autoptr (GstsigMessage) message =
      gstsig_message_parse (peers[__i__].text, -1, NULL);
  g_autoptr (GString) got = g_string_new (NULL);

  fail_unless (message != NULL, "%s", peers[__i__].text);
  assert_equals_int (message->kind, peers[__i__].kind);
  for (guint i = 0; i < message->peers->len; i++) {
    const GstsigPeer *peer = &g_array_index (message->peers, GstsigPeer, i);

    g_string_append_printf (got, "%s %s %d;", peer->id,
        peer->name ? peer->name : "-", peer->roles);
  }
  assert_equals_string (got->str, peers[__i__].peers);
}

GST_END_TEST;

/* The rest of an endless list is ignored. */
GST_START_TEST (test_a_long_list)
{
  g_autoptr (GString) text = g_string_new ("{\"type\":\"list\",\"producers\":[");
  g_autoptr (GstsigMessage) message = NULL;

  for (guint i = 0; i < 2 * GSTSIG_MAX_PEERS; i++)
    g_string_append_printf (text, "%s{\"id\":\"%u\"}", i ? "," : "", i);
  g_string_append (text, "]}");
  message = gstsig_message_parse (text->str, -1, NULL);
  fail_unless (message != NULL);
  assert_equals_int (message->peers->len, GSTSIG_MAX_PEERS);
  fail_unless (message->cut);
}

GST_END_TEST;

GST_START_TEST (test_what_the_server_is_asked)
{
  g_autofree gchar *start = gstsig_print_start ("p\"1");
  g_autofree gchar *list = gstsig_print_list (GSTSIG_PRODUCER);
  g_autofree gchar *consumers = gstsig_print_list (GSTSIG_CONSUMER);

  assert_equals_string (start, "{\"type\":\"startSession\",\"peerId\":\"p\\\"1\"}");
  assert_equals_string (list, "{\"type\":\"list\"}");
  assert_equals_string (consumers, "{\"type\":\"listConsumers\"}");
}

GST_END_TEST;

GST_START_TEST (test_what_the_other_end_gets)
{
  g_autofree gchar *offer = gstsig_print_offer ("s\"1", "v=0\r\n");
  g_autofree gchar *answer = gstsig_print_answer ("s", "v=0");
  g_autofree gchar *candidate =
      gstsig_print_candidate ("s", 1, "candidate:1 ufrag u");
  g_autofree gchar *end = gstsig_print_end ("s", NULL);
  g_autofree gchar *why = gstsig_print_end ("s", "no \"room\"");

  assert_equals_string (offer, "{\"type\":\"peer\",\"sessionId\":\"s\\\"1\",\"sdp\":"
      "{\"type\":\"offer\",\"sdp\":\"v=0\\u000d\\u000a\"}}");
  assert_equals_string (answer, "{\"type\":\"peer\",\"sessionId\":\"s\",\"sdp\":"
      "{\"type\":\"answer\",\"sdp\":\"v=0\"}}");
  assert_equals_string (candidate, "{\"type\":\"peer\",\"sessionId\":\"s\",\"ice\":"
      "{\"candidate\":\"candidate:1 ufrag u\",\"sdpMLineIndex\":1}}");
  assert_equals_string (end, "{\"type\":\"endSession\",\"sessionId\":\"s\"}");
  assert_equals_string (why, "{\"type\":\"endSessionV1_1\",\"sessionId\":\"s\","
      "\"error\":\"no \\\"room\\\"\"}");
}

GST_END_TEST;

static Suite *
gstsig_message_suite (void)
{
  Suite *s = suite_create ("gstsig-message");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_messages, 0, G_N_ELEMENTS (messages));
  tcase_add_loop_test (tc, test_broken_messages, 0, G_N_ELEMENTS (broken));
  tcase_add_test (tc, test_what_others_are_told);
  tcase_add_loop_test (tc, test_what_others_are, 0, G_N_ELEMENTS (peers));
  tcase_add_test (tc, test_a_long_list);
  tcase_add_test (tc, test_what_the_server_is_asked);
  tcase_add_test (tc, test_what_the_other_end_gets);
  return s;
}

GST_CHECK_MAIN (gstsig_message);
