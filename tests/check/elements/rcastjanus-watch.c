/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus watches a publisher of a room. */
#include "config.h"

#include "janus-watch-rig.h"

#include <string.h>

GST_START_TEST (test_subscribes_and_answers)
{
  const gchar *asked;
  Watch w;

  watch_init (&w, MEMBER_JOINED ("{\"id\":5,\"display\":\"other\"}," STUDIO ("9")));
  do_watch (&w);
  fail_unless (signaller_rig_has (&w.f.rig, GST_RCAST_SIGNALLER_SERVER_OFFERS));
  asked = janus_script_last (w.f.script, "join");
  check_has (asked, "\"ptype\":\"publisher\"");
  fail_if (strstr (asked, "studio"));
  asked = janus_script_last (w.f.script, "subscribe");
  check_has (asked, "\"handle_id\":" FIRST);
  check_has (asked, "\"streams\":[{\"feed\":9}],\"autoupdate\":false,\"private_id\":77,"
      "\"pin\":\"" PIN "\"");
  asked = janus_script_last (w.f.script, "start");
  check_has (asked, "\"handle_id\":" FIRST);
  check_has (asked, "\"jsep\":{\"type\":\"answer\",\"sdp\":\"v=0");
  gst_rcast_signaller_add_candidate (w.f.rig.signaller, 0, "ufr1", "candidate:1");
  wait_asked (&w, "trickle", 1);
  check_has (janus_script_last (w.f.script, "trickle"), "\"handle_id\":" FIRST);
  janus_script_say (w.f.script, OF (FIRST, "trickle", ",\"candidate\":{\"sdpMLineIndex\":1,"
          "\"candidate\":\"candidate:5\"}"), NULL);
  wait_for (&w.f.rig, w.f.candidate);
  assert_equals_string (w.f.candidate, "1 candidate:5");
  do_close (&w.f);
  assert_equals_int (janus_script_count (w.f.script, "detach"), 2);
  assert_equals_int (janus_script_count (w.f.script, "leave"), 1);
  assert_equals_int (janus_script_count (w.f.script, "destroy"), 1);
  assert_equals_string (w.f.rig.streams->str, "");
  assert_equals_int (w.offers, 0);
  watch_clear (&w);
}

GST_END_TEST;

/* Identifiers that are strings may consist of digits. */
GST_START_TEST (test_watches_a_feed)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED ("{\"id\":\"5\"},{\"id\":\"9\",\"display\":\"x\"}"));
  set_query (&w.f, "room=1234&feed=9");
  do_watch (&w);
  check_has (janus_script_last (w.f.script, "subscribe"), "{\"feed\":\"9\"}");
  watch_clear (&w);
}

GST_END_TEST;

/* The server reports when a publisher comes: rcastjanus does not poll. */
GST_START_TEST (test_waits_for_a_publisher)
{
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (""));
  do_open (&w.f);
  run_request (&w, GST_RCAST_OFFER_INITIAL, &op);
  check_error (&op, GST_RCAST_ERROR_NO_STREAM, "nobody publishes as studio in room 1234");
  janus_script_say (w.f.script, HEARD ("\"publishers\":[{\"id\":5,\"display\":\"other\"},{}]") "\n"
      HEARD ("\"leaving\":5") "\n" HEARD ("\"publishers\":[" STUDIO ("9") "]"), NULL);
  wait_for (&w.f.rig, w.f.rig.streams->len);
  assert_equals_string (w.f.rig.streams->str, " published studio");
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  do_answer (&w);
  wait_asked (&w, "join", 1);
  wait_asked (&w, "attach", 2);
  watch_clear (&w);
}

GST_END_TEST;

#define MODERATED(id, mid, word) \
    HEARD ("\"id\":" id ",\"mid\":" mid ",\"moderation\":" word)

/* A moderator mutes one stream after the other. A muted stream has not stopped. */
GST_START_TEST (test_publisher_is_muted)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_say (w.f.script, MODERATED ("5", "\"1\"", "\"muted\"") "\n"
      MODERATED ("9", "7", "\"muted\"") "\n" MODERATED ("9", "\"1\"", "1") "\n"
      MODERATED ("9", "\"1\"", "\"unmuted\"") "\n"
      MODERATED ("9", "\"1\"", "\"muted\"") "\n"
      MODERATED ("9", "\"1\"", "\"muted\"") "\n"
      MODERATED ("9", "\"0\"", "\"muted\""), NULL);
  wait_for (&w.f.rig, w.f.rig.streams->len >= 28);
  assert_equals_string (w.f.rig.streams->str, " paused studio paused studio");
  janus_script_say (w.f.script, MODERATED ("9", "\"0\"", "\"unmuted\"") "\n"
      MODERATED ("9", "\"1\"", "\"unmuted\"") "\n"
      MODERATED ("9", "\"1\"", "\"unmuted\""), NULL);
  wait_for (&w.f.rig, strstr (w.f.rig.streams->str, "resumed"));
  wait_heard (&w.f);
  assert_equals_string (w.f.rig.streams->str,
      " paused studio paused studio resumed studio");
  watch_clear (&w);
}

GST_END_TEST;

#define LAYER(more) SAID (FIRST, "\"videoroom\":\"event\",\"room\":1234," \
    "\"mid\":\"1\"," more, "")

/* The publisher sends its picture in several sizes or rates. */
GST_START_TEST (test_server_tells_the_layer)
{
  static const struct
  {
    const gchar *text;
    gint substream, temporal;   /* -1: no field */
  } rows[] = {
    {LAYER ("\"substream\":2"), 2, -1},
    {LAYER ("\"temporal\":1"), -1, 1},
    {LAYER ("\"spatial_layer\":1"), 1, -1},
    {LAYER ("\"temporal_layer\":0"), -1, 0},
    /* Nonsense, or a word about another handle, causes no event. */
    {LAYER ("\"substream\":\"2\"") "\n" LAYER ("\"substream\":-1") "\n"
          LAYER ("\"temporal\":8") "\n"
          HEARD ("\"mid\":\"1\"") "\n"
          LAYER ("\"substream\":0,\"temporal\":2"), 0, 2},
  };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const GstStructure *event = NULL;
    g_autoptr (GstMessage) message = NULL;
    gint substream = -1, temporal = -1;

    janus_script_say (w.f.script, rows[i].text, NULL);
    while (!event || g_strcmp0 (gst_structure_get_string (event, "event"),
            "substream") != 0) {
      gst_clear_message (&message);
      event = NULL;
      if ((message = gst_bus_pop_filtered (w.f.bus, GST_MESSAGE_ELEMENT)))
        event = gst_message_get_structure (message);
      else
        g_main_context_iteration (w.f.rig.context, TRUE);
    }
    assert_equals_string (gst_structure_get_name (event), "janus-event");
    assert_equals_string (gst_structure_get_string (event, "mid"), "1");
    gst_structure_get_int (event, "substream", &substream);
    gst_structure_get_int (event, "temporal", &temporal);
    assert_equals_int (substream, rows[i].substream);
    assert_equals_int (temporal, rows[i].temporal);
  }
  watch_clear (&w);
}

GST_END_TEST;

/* The same connection goes on, with a new offer for the new feed. */
GST_START_TEST (test_publisher_comes_back_as_another_feed)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_say (w.f.script, HEARD ("\"unpublished\":9") "\n" HEARD ("\"unpublished\":9") "\n"
      HEARD ("\"leaving\":9"), NULL);
  wait_for (&w.f.rig, w.f.rig.streams->len);
  wait_heard (&w.f);
  assert_equals_string (w.f.rig.streams->str, " unpublished studio");
  wait_asked (&w, "update", 0);
  janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("10") "]"), NULL);
  wait_for (&w.f.rig, w.offers == 1);
  assert_equals_string (w.f.rig.streams->str, " unpublished studio published studio");
  check_has (janus_script_last (w.f.script, "update"), "\"handle_id\":" FIRST);
  check_has (janus_script_last (w.f.script, "update"),
      "\"unsubscribe\":[{\"feed\":9}],\"subscribe\":[{\"feed\":10}]");
  wait_asked (&w, "configure", 0);
  do_answer (&w);
  wait_asked (&w, "start", 2);
  /* The publisher that is back has sent its key frame when nobody listened. */
  wait_asked (&w, "configure", 1);
  check_has (janus_script_last (w.f.script, "configure"), "\"send\":true");
  wait_asked (&w, "attach", 2);
  watch_clear (&w);
}

GST_END_TEST;

/* The publisher's ghost stays in the room for a minute. */
GST_START_TEST (test_publisher_is_back_before_its_ghost_has_left)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("10") "]"), NULL);
  wait_for (&w.f.rig, w.offers == 1);
  do_answer (&w);
  janus_script_say (w.f.script, HEARD ("\"unpublished\":9") "\n" HEARD ("\"leaving\":9"), NULL);
  wait_heard (&w.f);
  wait_asked (&w, "update", 1);
  assert_equals_string (w.f.rig.streams->str, "");
  /* The other way round: the publisher that is left is watched. */
  janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("11") "]"), NULL);
  wait_for (&w.f.rig, w.offers == 2);
  do_answer (&w);
  janus_script_say (w.f.script, HEARD ("\"kicked\":11"), NULL);
  wait_for (&w.f.rig, w.offers == 3);
  check_has (janus_script_last (w.f.script, "update"),
      "\"unsubscribe\":[{\"feed\":11}],\"subscribe\":[{\"feed\":10}]");
  assert_equals_string (w.f.rig.streams->str, "");
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_ice_restart)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  janus_script_add (w.f.script, "configure", EVENT ("\"configured\":\"ok\"", OFFERED));
  do_request (&w, GST_RCAST_OFFER_RESTART);
  check_has (janus_script_last (w.f.script, "configure"), "\"handle_id\":" FIRST);
  check_has (janus_script_last (w.f.script, "configure"), "\"restart\":true");
  do_answer (&w);
  wait_asked (&w, "attach", 2);
  watch_clear (&w);
}

GST_END_TEST;

/* The former subscription carries media until the new one is connected. */
GST_START_TEST (test_fresh_connection)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  check_has (janus_script_last (w.f.script, "subscribe"), "\"handle_id\":" SECOND);
  do_answer (&w);
  check_has (janus_script_last (w.f.script, "start"), "\"handle_id\":" SECOND);
  wait_asked (&w, "detach", 0);
  /* A hangup of the former subscription is not reported. */
  janus_script_say (w.f.script, OF (FIRST, "hangup", ",\"reason\":\"ICE failed\""), NULL);
  wait_heard (&w.f);
  assert_equals_int (w.f.server_events->len, 1);
  check_event (&w.f, 0, GST_RCAST_SERVER_SLOW_LINK);
  gst_rcast_signaller_settle (w.f.rig.signaller);
  wait_asked (&w, "detach", 1);
  check_has (janus_script_last (w.f.script, "detach"), "\"handle_id\":" FIRST);
  watch_clear (&w);
}

GST_END_TEST;

/* Janus sends the next offer as soon as it has the answer, before it confirms the answer. */
GST_START_TEST (test_offer_while_the_answer_is_under_way)
{
  g_autofree gchar *transaction = NULL;
  g_auto (Op) op = { FALSE };
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_open (&w.f);
  do_request (&w, GST_RCAST_OFFER_INITIAL);
  janus_script_add (w.f.script, "update", EVENT ("\"videoroom\":\"updating\"", ""));
  janus_script_say (w.f.script, HEARD ("\"publishers\":[" STUDIO ("10") "]"), NULL);
  wait_asked (&w, "update", 1);
  janus_script_add (w.f.script, "start", "");
  gst_rcast_signaller_answer_async (w.f.rig.signaller, OFFER ("ufr1"), NULL, op_agreed, &op);
  wait_asked (&w, "start", 1);
  transaction = janus_script_last_transaction (w.f.script, "start");
  janus_script_say (w.f.script, SAID (FIRST, "\"videoroom\":\"updated\"", OFFERED), NULL);
  wait_heard (&w.f);
  assert_equals_int (w.offers, 0);
  janus_script_say (w.f.script, janus_script_default ("start"), transaction);
  wait_for (&w.f.rig, op.done);
  check_ok (&op);
  assert_equals_int (w.offers, 1);
  do_answer (&w);
  assert_equals_int (w.offers, 1);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_claimed_session_asks_what_it_missed)
{
  Watch w;

  watch_init (&w, MEMBER_JOINED (STUDIO ("9")));
  do_watch (&w);
  cut (&w.f);
  janus_script_add (w.f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[{\"id\":" FEED
              "},{\"id\":9,\"display\":\"studio\",\"publisher\":true}]")));
  do_resume (&w.f);
  /* The publisher may have left and come back. */
  wait_for (&w.f.rig, w.offers == 1);
  check_has (janus_script_last (w.f.script, "update"),
      "\"unsubscribe\":[{\"feed\":9}],\"subscribe\":[{\"feed\":9}]");
  do_answer (&w);
  assert_equals_string (w.f.rig.streams->str, "");

  cut (&w.f);
  janus_script_add (w.f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[{\"id\":" FEED
              "},{\"id\":9,\"display\":\"studio\",\"publisher\":false}]")));
  do_resume (&w.f);
  wait_for (&w.f.rig, w.f.rig.streams->len);
  assert_equals_string (w.f.rig.streams->str, " unpublished studio");
  wait_asked (&w, "update", 1);

  cut (&w.f);
  janus_script_add (w.f.script, "listparticipants", SUCCESS (DATA ("\"participants\":[{\"id\":" FEED
              "},{\"id\":12,\"display\":\"studio\",\"publisher\":true}]")));
  do_resume (&w.f);
  wait_for (&w.f.rig, w.offers == 2);
  assert_equals_string (w.f.rig.streams->str, " unpublished studio published studio");
  assert_equals_int (w.f.server_events->len, 0);
  watch_clear (&w);
}

GST_END_TEST;

GST_START_TEST (test_locations)
{
  static const struct
  {
    const gchar *query;
    gboolean receives, fits;
  } rows[] = {
    {"room=1&feed=9", TRUE, TRUE},
    {"room=1&display=a%26b", TRUE, TRUE},
    {"room=1", TRUE, FALSE},
    {"room=1&feed=9&display=a", TRUE, FALSE},
    {"room=1&feed=9", FALSE, FALSE},
    {"room=1&display=a", FALSE, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstElement) janus = gst_object_ref_sink (gst_element_factory_make ("rcastjanus", NULL));
    g_autofree gchar *location = g_strdup_printf ("janus+ws://h/?%s", rows[i].query);
    g_autoptr (GError) error = NULL;

    if (rows[i].receives)
      gst_rcast_signaller_set_direction (GST_RCAST_SIGNALLER (janus), GST_RCAST_DIRECTION_RECEIVE);
    assert_equals_int (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (janus), location, &error),
        rows[i].fits);
    fail_unless (rows[i].fits || strstr (error->message, "feed"));
  }
}

GST_END_TEST;

static Suite *
rcastjanus_watch_suite (void)
{
  Suite *s = suite_create ("rcastjanus-watch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_subscribes_and_answers);
  tcase_add_test (tc, test_watches_a_feed);
  tcase_add_test (tc, test_waits_for_a_publisher);
  tcase_add_test (tc, test_publisher_is_muted);
  tcase_add_test (tc, test_server_tells_the_layer);
  tcase_add_test (tc, test_publisher_comes_back_as_another_feed);
  tcase_add_test (tc, test_publisher_is_back_before_its_ghost_has_left);
  tcase_add_test (tc, test_ice_restart);
  tcase_add_test (tc, test_fresh_connection);
  tcase_add_test (tc, test_offer_while_the_answer_is_under_way);
  tcase_add_test (tc, test_claimed_session_asks_what_it_missed);
  tcase_add_test (tc, test_locations);
  return s;
}

GST_CHECK_MAIN (rcastjanus_watch);
