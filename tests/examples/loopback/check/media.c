/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server relays media from a publisher to viewers, and goes on when it returns. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <gst/check/gstcheck.h>

#include "loopback-server.h"
#include "rcast-check.h"
#include "test-peer.h"

#define VIDEO(encoder, pay) \
  "videotestsrc is-live=true ! video/x-raw,width=160,height=120," \
  "framerate=30/1 ! " encoder " ! " pay " ! w. "
#define H264 VIDEO ("x264enc tune=zerolatency speed-preset=ultrafast " \
      "key-int-max=3000", "rtph264pay pt=96 config-interval=-1")
#define VP8 VIDEO ("vp8enc deadline=1 keyframe-max-dist=3000", \
    "rtpvp8pay pt=97 picture-id-mode=2")
#define OPUS "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=111 ! w. "
#define WEBRTC "webrtcbin name=w bundle-policy=max-bundle "

static LoopbackServer *server;
static gchar *base;

static void
setup (void)
{
  GError *error = NULL;

  server = loopback_server_new ("127.0.0.1", 0, NULL, &error);
  fail_unless (server != NULL);
  server->quiet = TRUE;
  base = loopback_server_get_url (server);
}

/* Each test calls this at its end: gst-check waits for all threads before it runs the teardown. */
static void
teardown (void)
{
  g_clear_pointer (&server, loopback_server_free);
  g_clear_pointer (&base, g_free);
}

static gchar *
make_url (const gchar * path)
{
  return g_strconcat (base, path, NULL);
}

static gboolean
is_live (gpointer user_data)
{
  LoopbackChannel *channel = g_hash_table_lookup (server->channels, "demo");

  return channel && loopback_channel_is_live (channel);
}

typedef struct
{
  TestPeer *peer;
  guint video, audio;
} Wanted;

static gboolean
has_received (gpointer user_data)
{
  const Wanted *wanted = user_data;

  return test_peer_get_frames (wanted->peer) >= wanted->video
      && test_peer_get_packets (wanted->peer, FALSE) >= wanted->audio;
}

static JsonObject *
get_stats (JsonParser * parser)
{
  g_autofree gchar *url = make_url ("stats");
  g_autoptr (TestReply) reply = test_request ("GET", url, NULL, NULL);

  fail_unless_equals_int (reply->status, 200);
  fail_unless (json_parser_load_from_data (parser, reply->body, -1, NULL));
  return json_node_get_object (json_parser_get_root (parser));
}

/* Losses on the way to the server are no failure: a busy machine drops part of the publisher's
 * first burst, and the server gets retransmissions. */
static void
check_streams (JsonArray * sessions, guint streams)
{
  JsonArray *list;

  fail_unless (json_array_get_length (sessions) > 0);
  list = json_object_get_array_member (json_array_get_object_element
      (sessions, 0), "streams");
  fail_unless_equals_int (json_array_get_length (list), streams);
  for (guint i = 0; i < streams; i++) {
    JsonObject *stream = json_array_get_object_element (list, i);

    fail_unless (json_object_get_int_member (stream, "packets") > 0);
    if (json_object_get_int_member (stream, "lost") > 0)
      g_printerr ("lost and sent again: %" G_GINT64_FORMAT " packets\n",
          json_object_get_int_member (stream, "lost"));
  }
}

static void
publish_and_view (const gchar * launch, const gchar * video)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *whep = make_url ("whep/demo");
  g_autoptr (TestPeer) publisher = test_peer_new_publisher (launch);
  g_autoptr (TestPeer) viewer = test_peer_new_viewer (video, "OPUS");
  G_GNUC_UNUSED g_autofree gchar *publishing =
      test_peer_connect (publisher, whip);
  g_autofree gchar *viewing = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  Wanted wanted = { viewer, 30, 30 };
  JsonObject *stats;

  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  viewing = test_peer_connect (viewer, whep);
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  /* The encoder makes no key frame by itself: the server requested one for the viewer. */
  fail_unless (test_peer_get_key_requests (publisher) > 0);
  fail_unless_equals_int (test_peer_get_holes (viewer, TRUE), 0);
  fail_unless_equals_int (test_peer_get_holes (viewer, FALSE), 0);

  stats = get_stats (parser);
  check_streams (json_object_get_array_member (stats, "publishers"), 2);
  {
    g_autoptr (TestReply) reply = test_request ("DELETE", viewing, NULL, NULL);
    g_autoptr (TestReply) other = test_request ("DELETE", publishing, NULL,
        NULL);

    fail_unless_equals_int (reply->status, 200);
    fail_unless_equals_int (other->status, 200);
  }
  fail_unless_equals_int (g_hash_table_size (server->entries), 0);
  teardown ();
}

GST_START_TEST (test_h264_and_opus_reach_a_viewer)
{
  publish_and_view (WEBRTC H264 OPUS, "H264");
}

GST_END_TEST;

GST_START_TEST (test_vp8_and_opus_reach_a_viewer)
{
  publish_and_view (WEBRTC VP8 OPUS, "VP8");
}

GST_END_TEST;

/* A new session of the publisher has other SSRCs, sequence numbers and timestamps. */
GST_START_TEST (test_viewer_survives_the_publishers_return)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *whep = make_url ("whep/demo");
  TestPeer *publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  g_autofree gchar *before = test_peer_connect (publisher, whip);
  g_autofree gchar *after = NULL;
  g_autofree gchar *viewing = NULL;
  g_autoptr (TestPeer) viewer = test_peer_new_viewer ("VP8", "OPUS");
  Wanted wanted = { viewer, 15, 15 };

  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  viewing = test_peer_connect (viewer, whep);
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  test_peer_free (publisher);

  publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  after = test_peer_connect (publisher, whip);
  fail_if (g_strcmp0 (before, after) == 0);
  wanted.video = test_peer_get_frames (viewer) + 30;
  wanted.audio = test_peer_get_packets (viewer, FALSE) + 30;
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  fail_unless_equals_int (test_peer_get_holes (viewer, TRUE), 0);
  fail_unless_equals_int (test_peer_get_holes (viewer, FALSE), 0);
  /* The timestamps advance by the pause, and no more. */
  fail_unless (test_peer_get_max_step (viewer, TRUE) < 90000 * 10);
  test_peer_free (publisher);
  teardown ();
}

GST_END_TEST;

/* Two sender reports of a stream */
typedef struct
{
  TestPeer *peer;
  gboolean video;
  gdouble ntp[2];
  guint32 rtp[2];
  gdouble off;                  /* in s: RTP time minus NTP time between the reports */
} Reported;

static gboolean
has_report (gpointer user_data)
{
  Reported *reported = user_data;

  return test_peer_get_report (reported->peer, reported->video,
      &reported->ntp[0], &reported->rtp[0]);
}

/* Compares reports that are a second or more apart. The first reports of a new publisher may be
 * wrong, so it waits for a pair that agrees. */
static gboolean
has_steady_reports (gpointer user_data)
{
  Reported *reported = user_data;

  if (!test_peer_get_report (reported->peer, reported->video,
          &reported->ntp[1], &reported->rtp[1])
      || reported->ntp[1] - reported->ntp[0] < 1)
    return FALSE;
  reported->off = (gint32) (reported->rtp[1] - reported->rtp[0])
      / (gdouble) (reported->video ? 90000 : 48000)
      - (reported->ntp[1] - reported->ntp[0]);
  reported->ntp[0] = reported->ntp[1];
  reported->rtp[0] = reported->rtp[1];
  return ABS (reported->off) < 0.1;
}

/* The sender reports keep video and audio in sync. */
GST_START_TEST (test_sender_reports_go_with_the_clock)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *whep = make_url ("whep/demo");
  g_autoptr (TestPeer) publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  g_autoptr (TestPeer) viewer = test_peer_new_viewer ("VP8", "OPUS");
  G_GNUC_UNUSED g_autofree gchar *publishing =
      test_peer_connect (publisher, whip);
  g_autofree gchar *viewing = NULL;
  Wanted wanted = { viewer, 15, 15 };

  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  viewing = test_peer_connect (viewer, whep);
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  for (guint i = 0; i < 2; i++) {
    Reported reported = { viewer, i == 1 };

    fail_unless (test_run_until (has_report, &reported, TEST_TIMEOUT_MS));
    fail_unless (test_run_until (has_steady_reports, &reported,
            TEST_TIMEOUT_MS), "%s: off by %f s", i ? "picture" : "sound",
        reported.off);
  }
  teardown ();
}

GST_END_TEST;

typedef struct
{
  TestPeer *peer;
  guint pictures;
} Nacked;

static gboolean
has_nacks (gpointer user_data)
{
  const Nacked *nacked = user_data;

  return test_peer_get_nacks (nacked->peer, TRUE) >= nacked->pictures;
}

/* With 30 % loss, the server sends NACKs only for a stream that supports them. */
GST_START_TEST (test_asks_for_what_can_be_sent_again)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autoptr (TestPeer) publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  g_autofree gchar *session = NULL;
  Nacked nacked = { publisher, 10 };

  fail_unless (loopback_faults_set_text (server->faults, "drop-in", "30",
          NULL));
  test_peer_repair (publisher);
  session = test_peer_connect (publisher, whip);
  fail_unless (test_run_until (has_nacks, &nacked, TEST_TIMEOUT_MS));
  fail_unless_equals_int (test_peer_get_nacks (publisher, FALSE), 0);
  teardown ();
}

GST_END_TEST;

static void
set_switch (const gchar * name, const gchar * value)
{
  fail_unless (loopback_faults_set_text (server->faults, name, value, NULL));
}

static TestReply *
offer_to_view (void)
{
  g_autofree gchar *whep = make_url ("whep/demo");
  g_autoptr (TestPeer) peer = test_peer_new_viewer ("VP8", "OPUS");
  g_autofree gchar *offer = test_peer_offer (peer);

  return test_request ("POST", whep, offer, "Content-Type", "application/sdp",
      NULL);
}

/* With the status of the draft, and with that of older servers. */
GST_START_TEST (test_an_offer_in_place_of_an_answer)
{
  static const gchar *const statuses[] = { "406", "201" };
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *whep = make_url ("whep/demo");
  g_autoptr (TestPeer) publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  g_autoptr (TestPeer) viewer = test_peer_new_viewer ("VP8", "OPUS");
  G_GNUC_UNUSED g_autofree gchar *publishing =
      test_peer_connect (publisher, whip);
  g_autoptr (TestReply) reply = NULL;
  g_autoptr (TestReply) taken = NULL;
  g_autofree gchar *session = NULL;
  g_autofree gchar *answer = NULL;
  Wanted wanted = { viewer, 15, 15 };

  set_switch ("counter-offer", statuses[__i__]);
  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  reply = offer_to_view ();
  fail_unless_equals_int (reply->status, atoi (statuses[__i__]));
  fail_unless (strstr (reply->body, "a=setup:actpass") != NULL);
  fail_unless (strstr (reply->body, "a=sendonly") != NULL);
  session = test_reply_get_location (reply, whep);
  answer = test_peer_take_offer (viewer, reply->body);
  taken = test_request ("PATCH", session, answer, "Content-Type",
      "application/sdp", NULL);
  fail_unless_equals_int (taken->status, 204);
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  teardown ();
}

GST_END_TEST;

static gboolean
has_no_session (gpointer user_data)
{
  return g_hash_table_size (server->entries) == 0;
}

/* As in MediaMTX */
GST_START_TEST (test_viewers_end_with_the_publisher)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *whep = make_url ("whep/demo");
  TestPeer *publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  g_autoptr (TestPeer) viewer = test_peer_new_viewer ("VP8", "OPUS");
  G_GNUC_UNUSED g_autofree gchar *publishing =
      test_peer_connect (publisher, whip);
  g_autofree gchar *viewing = NULL;
  g_autoptr (TestReply) reply = NULL;
  Wanted wanted = { viewer, 5, 5 };

  set_switch ("viewers", "end");
  set_switch ("no-stream-status", "404");
  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  viewing = test_peer_connect (viewer, whep);
  fail_unless (test_run_until (has_received, &wanted, TEST_TIMEOUT_MS));
  test_peer_free (publisher);
  fail_unless (test_run_until (has_no_session, NULL, TEST_TIMEOUT_MS));
  reply = offer_to_view ();
  fail_unless_equals_int (reply->status, 404);
  teardown ();
}

GST_END_TEST;

typedef struct
{
  GString *text;
  GInputStream *stream;
  gchar buffer[256];
} Events;

static void
on_read (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Events *events = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result,
      NULL);

  if (size <= 0)
    return;
  g_string_append_len (events->text, events->buffer, size);
  g_input_stream_read_async (events->stream, events->buffer,
      sizeof (events->buffer), G_PRIORITY_DEFAULT, NULL, on_read, events);
}

static void
on_events (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Events *events = user_data;

  events->stream = soup_session_send_finish (SOUP_SESSION (source), result,
      NULL);
  fail_unless (events->stream != NULL);
  g_input_stream_read_async (events->stream, events->buffer,
      sizeof (events->buffer), G_PRIORITY_DEFAULT, NULL, on_read, events);
}

static gboolean
has_ended (gpointer user_data)
{
  const Events *events = user_data;

  return strstr (events->text->str, "event: inactive\n") != NULL;
}

GST_START_TEST (test_viewers_hear_of_the_publisher)
{
  g_autofree gchar *whip = make_url ("whip/demo");
  g_autofree gchar *url = make_url ("events/demo");
  g_autoptr (SoupSession) soup = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  TestPeer *publisher = test_peer_new_publisher (WEBRTC VP8 OPUS);
  Events events = { g_string_new (NULL) };
  g_autofree gchar *publishing = NULL;

  set_switch ("events", "link");
  set_switch ("stream-timeout-ms", "500");
  soup_session_send_async (soup, message, G_PRIORITY_DEFAULT, NULL, on_events,
      &events);
  publishing = test_peer_connect (publisher, whip);
  fail_unless (test_run_until (is_live, NULL, TEST_TIMEOUT_MS));
  test_peer_free (publisher);
  fail_unless (test_run_until (has_ended, &events, TEST_TIMEOUT_MS));
  fail_unless (g_str_has_prefix (events.text->str, "event: viewercount\n"
          "data: {\"viewercount\":0}\n\nevent: active\ndata: {}\n\n"), "%s",
      events.text->str);
  teardown ();
  soup_session_abort (soup);
  while (g_main_context_iteration (NULL, FALSE));
  g_clear_object (&events.stream);
  g_string_free (events.text, TRUE);
}

GST_END_TEST;

static Suite *
loopback_media_suite (void)
{
  Suite *suite = suite_create ("loopback-media");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 4 * TEST_TIMEOUT_MS / 1000);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_h264_and_opus_reach_a_viewer);
  tcase_add_test (tc, test_vp8_and_opus_reach_a_viewer);
  tcase_add_test (tc, test_viewer_survives_the_publishers_return);
  tcase_add_test (tc, test_sender_reports_go_with_the_clock);
  tcase_add_test (tc, test_asks_for_what_can_be_sent_again);
  tcase_add_loop_test (tc, test_an_offer_in_place_of_an_answer, 0, 2);
  tcase_add_test (tc, test_viewers_end_with_the_publisher);
  tcase_add_test (tc, test_viewers_hear_of_the_publisher);
  return suite;
}

GST_CHECK_MAIN (loopback_media);
