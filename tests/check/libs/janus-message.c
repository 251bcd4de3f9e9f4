/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of Janus both ways: exact identifiers, a result for every
 * input, texts that can be shown. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "janus-message.h"

GST_START_TEST (test_ids_are_exact)
{
  static const gchar *const ids[] = {
    "1", "9007199254740991", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551615"
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    guint64 number = g_ascii_strtoull (ids[i], NULL, 10);
    g_autofree gchar *text = g_strdup_printf ("{\"janus\":\"success\","
        "\"session_id\":%s,\"sender\":%s,\"data\":{\"id\":%s}}", ids[i],
        ids[i], ids[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (JanusMessage) message = janus_message_parse (text, -1, &error);
    JanusAddress to = { number, number, "t" };
    g_autofree gchar *printed = janus_print_request (&to, "claim", NULL);
    g_autofree gchar *wanted = g_strdup_printf ("{\"janus\":\"claim\","
        "\"transaction\":\"t\",\"session_id\":%s,\"handle_id\":%s}", ids[i],
        ids[i]);

    fail_unless (message != NULL, "%s", error ? error->message : "");
    fail_unless (message->session == number && message->sender == number
        && message->id == number, "%s", ids[i]);
    assert_equals_string (printed, wanted);
  }
}

GST_END_TEST;

GST_START_TEST (test_room_ids)
{
  static const struct
  {
    const gchar *text, *json;
  } rows[] = {
    {"1234", "1234"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "\"18446744073709551616\""},
    {"007", "\"007\""},
    {"0", "0"},
    {"-1", "\"-1\""},
    {"studio \"a\"\\\n", "\"studio \\\"a\\\"\\\\\\u000a\""},
    {"\xff", "\"\357\277\275\""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    JanusRoom room = { {NULL}
    };
    JanusAddress to = { 1, 2, "t", "tok", "sec" };
    g_autofree gchar *printed = NULL, *members = NULL, *wanted = NULL;

    janus_id_guess (&room.room, rows[i].text);
    members = janus_print_room ("listparticipants", &room);
    printed = janus_print_request (&to, "message", members);
    wanted = g_strdup_printf ("{\"janus\":\"message\",\"transaction\":\"t\","
        "\"session_id\":1,\"handle_id\":2,\"token\":\"tok\","
        "\"apisecret\":\"sec\",\"body\":{\"request\":\"listparticipants\","
        "\"room\":%s}}", rows[i].json);
    assert_equals_string (printed, wanted);
    janus_id_clear (&room.room);
  }
}

GST_END_TEST;

GST_START_TEST (test_requests)
{
  JanusPublish publish = { 500000, (gchar *) "opus", (gchar *) "h264" };
  JanusRoom room = { {(gchar *) "5"}, {(gchar *) "me", TRUE},
  (gchar *) "p", (gchar *) "d", (gchar *) "t", (gchar *) "s", (gchar *) "k"
  };
  NetCandidate candidates[] = {
    {0, (gchar *) "video0", (gchar *) "candidate:1"}, {1, NULL, NULL}
  };
  g_autofree gchar *offer =
      janus_print_offer ("publish", &publish, "v=0\r\n");
  g_autofree gchar *join = janus_print_room ("join", &room);
  g_autofree gchar *create = janus_print_room ("create", &room);
  g_autofree gchar *one = janus_print_trickle (candidates + 1, 1);
  g_autofree gchar *two = janus_print_trickle (candidates, 2);

  fail_unless (strstr (offer, "\"body\":{\"request\":\"publish\","
          "\"bitrate\":500000,\"audiocodec\":\"opus\",\"videocodec\":\"h264\"},"
          "\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\\u000d\\u000a\"}"),
      "%s", offer);
  fail_unless (strstr (join, "{\"request\":\"join\",\"room\":5,"
          "\"ptype\":\"publisher\",\"id\":\"me\",\"display\":\"d\","
          "\"pin\":\"p\",\"token\":\"t\"}"), "%s", join);
  fail_unless (strstr (create, "\"pin\":\"p\",\"secret\":\"s\","
          "\"admin_key\":\"k\""), "%s", create);
  fail_if (strstr (create, "token"), "%s", create);
  fail_unless (strstr (one, "\"candidate\":{\"completed\":true}"), "%s", one);
  fail_unless (strstr (two, "\"candidates\":[{\"candidate\":\"candidate:1\","
          "\"sdpMid\":\"video0\",\"sdpMLineIndex\":0},{\"completed\":true}]"),
      "%s", two);
}

GST_END_TEST;

#define EVENT(data) "{\"janus\":\"event\",\"session_id\":1,\"sender\":2," \
  "\"plugindata\":{\"plugin\":\"janus.plugin.videoroom\",\"data\":" data "}}"

GST_START_TEST (test_subscriber)
{
  JanusId old = { (gchar *) "18446744073709551615" }, new = { (gchar *) "a", TRUE };
  JanusRoom room = { {(gchar *) "5"}, {(gchar *) "me", TRUE}, (gchar *) "p",
  (gchar *) "d", (gchar *) "t"
  };
  g_autofree gchar *subscribe = janus_print_subscribe (&room, &old, 77);
  g_autofree gchar *open_room = janus_print_subscribe (&room, &new, 0);
  g_autofree gchar *update = janus_print_update (&old, &new);
  g_autofree gchar *start = janus_print_start ("v=0\r\n");
  g_autofree gchar *restart = janus_print_restart ();
  g_autoptr (JanusMessage) attached =
      janus_message_parse ("{\"janus\":\"event\",\"jsep\":{\"type\":\"offer\","
      "\"sdp\":\"v=0\"}}", -1, NULL);

  assert_equals_string (subscribe, "\"body\":{\"request\":\"join\","
      "\"ptype\":\"subscriber\",\"room\":5,"
      "\"streams\":[{\"feed\":18446744073709551615}],\"autoupdate\":false,"
      "\"private_id\":77,\"pin\":\"p\",\"token\":\"t\"}");
  fail_unless (strstr (open_room, "[{\"feed\":\"a\"}],\"autoupdate\":false,\"pin\""),
      "%s", open_room);
  assert_equals_string (update, "\"body\":{\"request\":\"update\","
      "\"unsubscribe\":[{\"feed\":18446744073709551615}],"
      "\"subscribe\":[{\"feed\":\"a\"}]}");
  assert_equals_string (start, "\"body\":{\"request\":\"start\"},"
      "\"jsep\":{\"type\":\"answer\",\"sdp\":\"v=0\\u000d\\u000a\"}");
  assert_equals_string (restart, "\"body\":{\"request\":\"configure\",\"restart\":true}");
  assert_equals_string (attached->offer, "v=0");
  fail_unless (attached->answer == NULL);
}

GST_END_TEST;

GST_START_TEST (test_room_events)
{
  g_autoptr (JanusMessage) joined =
      janus_message_parse (EVENT ("{\"videoroom\":\"joined\",\"room\":\"s\","
          "\"id\":7,\"publishers\":[{\"id\":8}]}"), -1, NULL);
  g_autoptr (JanusMessage) kicked =
      janus_message_parse (EVENT ("{\"videoroom\":\"event\","
          "\"leaving\":\"ok\",\"reason\":\"kicked\"}"), -1, NULL);
  g_autoptr (JanusMessage) other =
      janus_message_parse (EVENT ("{\"videoroom\":\"event\","
          "\"leaving\":9,\"reason\":\"kicked\"}"), -1, NULL);
  g_autoptr (JanusMessage) error =
      janus_message_parse (EVENT ("{\"videoroom\":\"event\","
          "\"error_code\":436,\"error\":\"User ID 7 already exists\"}"), -1,
      NULL);
  g_autoptr (JanusMessage) list =
      janus_message_parse (EVENT ("{\"videoroom\":\"participants\","
          "\"participants\":[{\"id\":7,\"publisher\":true},3,{\"id\":\"7\"}]}"),
      -1, NULL);
  JanusMember *members = (JanusMember *) list->members->data;

  fail_if (joined->member.is_string);
  assert_equals_string (joined->member.text, "7");
  assert_equals_int (kicked->room_event, JANUS_ROOM_KICKED);
  assert_equals_int (other->room_event, JANUS_ROOM_OTHER);
  assert_equals_int (error->code, 436);
  assert_equals_string (error->reason, "User ID 7 already exists");
  assert_equals_int (list->members->len, 2);
  fail_unless (members[0].publisher && !members[1].publisher);
  fail_unless (janus_id_equal (&members[0].id, &joined->member));
  fail_if (janus_id_equal (&members[1].id, &joined->member));
}

GST_END_TEST;

/* Texts for a terminal, or for a list of messages */
GST_START_TEST (test_texts_are_bounded_and_printable)
{
  static const gchar *const members[] = {
    "\"janus\":\"hangup\",\"reason\":\"%s\"",
    "\"janus\":\"error\",\"error\":{\"code\":490,\"reason\":\"%s\"}",
    "\"janus\":\"event\",\"plugindata\":{\"data\":{\"error\":\"%s\",\"error_code\":499}}",
  };
  g_autofree gchar *fill = g_strnfill (900000, 'x');
  g_autofree gchar *foreign =
      g_strconcat ("\\u001b[31m\\u0007red\\r\\n", fill, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    g_auto (GStrv) parts = g_strsplit (members[i], "%s", 2);
    g_autofree gchar *text = g_strconcat ("{", parts[0], foreign, parts[1],
        ",\"mid\":\"", "\\u001b[2J", "\",\"type\":\"\\u001b[2J\"}", NULL);
    g_autoptr (JanusMessage) message = janus_message_parse (text, -1, NULL);

    fail_unless (message != NULL);
    fail_unless (g_str_has_prefix (message->reason, "[31m red xxx"), "%s",
        message->reason);
    assert_equals_int (g_utf8_strlen (message->reason, -1), 200);
    assert_equals_string (message->mid, "[2J");
    assert_equals_string (message->media, "[2J");
  }
}

GST_END_TEST;

GST_START_TEST (test_candidates_are_limited)
{
  g_autofree gchar *longest = g_strnfill (JANUS_MAX_CANDIDATE, 'c');
  const struct
  {
    const gchar *candidate, *more;
    gboolean taken, completed;
  } rows[] = {
    {longest, "", TRUE, FALSE},
    {longest, "c", FALSE, FALSE},
    {"candidate:1", "", TRUE, FALSE},
    {"x\",\"completed\":true,\"a\":\"", "", FALSE, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *text = g_strdup_printf ("{\"janus\":\"trickle\","
        "\"candidate\":{\"candidate\":\"%s%s\",\"sdpMLineIndex\":1}}",
        rows[i].candidate, rows[i].more);
    g_autoptr (JanusMessage) message = janus_message_parse (text, -1, NULL);

    fail_unless (message != NULL);
    fail_unless ((message->candidate != NULL) == rows[i].taken, "%u", i);
    fail_unless (message->completed == rows[i].completed, "%u", i);
  }
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_message)
{
  static const gchar *const texts[] = {
    "", "[]", "{}", "\"janus\"", "{\"janus\":1}", "{\"janus\":null}",
    "{\"janus\":\"ack\",}", "{\"janus\":\"ack\",\"janus\":\"ack\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (janus_message_parse (texts[i], -1, &error) == NULL);
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA), "%s", texts[i]);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *told;
  guint taken;
} timeouts[] = {
  {"60", 60}, {"1", 1}, {"0", 0}, {"-1", 0}, {"\"60\"", 0},
  {"86400", JANUS_MAX_TIMEOUT}, {"86401", JANUS_MAX_TIMEOUT},
  /* In milliseconds 2^32 times 125, which 32 bits take for 0 */
  {"536870912", JANUS_MAX_TIMEOUT}, {"9223372036854775807", JANUS_MAX_TIMEOUT},
};

GST_START_TEST (test_timeouts_are_sane)
{
  g_autofree gchar *text = g_strdup_printf ("{\"janus\":\"server_info\","
      "\"session-timeout\":%s,\"reclaim-session-timeout\":%s}",
      timeouts[__i__].told, timeouts[__i__].told);
  g_autoptr (JanusMessage) message = janus_message_parse (text, -1, NULL);

  fail_unless (message != NULL);
  assert_equals_int (message->session_timeout, timeouts[__i__].taken);
  assert_equals_int (message->reclaim_timeout, timeouts[__i__].taken);
}

GST_END_TEST;

/* A member of the wrong type counts as missing. */
GST_START_TEST (test_wrong_types)
{
  g_autoptr (JanusMessage) message =
      janus_message_parse ("{\"janus\":\"event\",\"transaction\":5,"
      "\"session_id\":\"x\",\"sender\":{},\"data\":[],\"jsep\":7,"
      "\"plugindata\":{\"data\":{\"videoroom\":[],\"room\":{},\"id\":null,"
      "\"participants\":{},\"error_code\":\"426\"}}}", -1, NULL);

  fail_unless (message != NULL);
  fail_unless (!message->transaction && !message->session && !message->sender
      && !message->answer && !message->member.text && !message->members && !message->code);
}

GST_END_TEST;

static Suite *
janus_message_suite (void)
{
  Suite *s = suite_create ("janus-message");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_ids_are_exact);
  tcase_add_test (tc, test_room_ids);
  tcase_add_test (tc, test_requests);
  tcase_add_test (tc, test_subscriber);
  tcase_add_test (tc, test_room_events);
  tcase_add_test (tc, test_texts_are_bounded_and_printable);
  tcase_add_test (tc, test_candidates_are_limited);
  tcase_add_test (tc, test_what_is_no_message);
  tcase_add_loop_test (tc, test_timeouts_are_sane, 0, G_N_ELEMENTS (timeouts));
  tcase_add_test (tc, test_wrong_types);
  return s;
}

GST_CHECK_MAIN (janus_message);
