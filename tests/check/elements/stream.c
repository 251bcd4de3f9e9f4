/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test feeds a stream step by step: what it offers, encodes, sends and counts. */
#include "config.h"

#include <gst/base/gstbasesink.h>
#include <gst/pbutils/missing-plugins.h>

#include "rcast-check.h"
#include "stream-hand.h"

GST_START_TEST (test_key_frame_requests_are_coalesced)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  gst_harness_set_time (hand.h, 10 * GST_SECOND);
  for (guint i = 0; i < 10; i++)
    gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_int (hand_count_requests (&hand), 1);

  /* A request that comes too soon is not lost, ... */
  gst_harness_set_time (hand.h, 10 * GST_SECOND + 499 * GST_MSECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  gst_harness_set_time (hand.h, 10 * GST_SECOND + 500 * GST_MSECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 1);

  /* ... unless a key frame arrives without it. */
  gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
  hand_push_rtp (&hand, TRUE);
  gst_harness_set_time (hand.h, 20 * GST_SECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  fail_unless_equals_uint64 (hand_stat (&hand, "key-frames-requested"), 2);
  fail_unless_equals_uint64 (hand_stat (&hand, "key-frames-seen"), 2);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_pli_of_the_server_reaches_the_source)
{
  Hand hand;
  GstPad *pad;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  pad = gst_element_get_static_pad (hand.feed, "src");
  fail_unless (gst_pad_send_event (pad,
          gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
              FALSE, 1)));
  gst_object_unref (pad);
  fail_unless_equals_int (hand_count_requests (&hand), 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_whole_gops_are_dropped_and_counted)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  for (guint i = 0; i < 60; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-dropped-closed"), 60);
  hand_open (&hand, "VP8");
  for (guint i = 60; i < 80; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  rcast_collector_wait (&hand.net, 5);
  fail_unless (rcast_collector_get (&hand.net, 0).key);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-dropped-closed"), 75);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 5);
  fail_unless_equals_uint64 (hand_stat (&hand, "buffers-in"), 80);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_rtp_is_counted_not_sent)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  gst_harness_push (hand.h, gst_buffer_new_memdup ("junk", 4));
  gst_harness_push (hand.h, gst_buffer_new ());
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 2);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 0);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_offer_of_raw_video_lists_codecs_by_rank)
{
  Hand hand;
  GstCaps *offer;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  fail_unless (gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream))
      == NULL);
  gst_harness_set_src_caps_str (hand.h,
      "video/x-raw,format=I420,width=1920,height=1080,framerate=30/1");
  fail_unless_equals_int (hand.n_offers, 1);
  fail_unless_equals_int (hand.n_encoders, 1);
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream));
  /* x264enc, vp8enc, vp9enc have the same rank. */
  if (is_installed ("x264enc") && is_installed ("vp8enc")) {
    GstStructure *first_codec = gst_caps_get_structure (offer, 0);

    fail_unless_equals_string (gst_structure_get_string (first_codec,
            "encoding-name"), "H264");
    /* 1080p30 needs level 4.0. */
    fail_unless_equals_string (gst_structure_get_string (first_codec,
            "profile-level-id"), "42e028");
    fail_unless_equals_string (gst_structure_get_string (gst_caps_get_structure
            (offer, 1), "encoding-name"), "VP8");
  }
  gst_caps_unref (offer);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_answer_swaps_the_encoder)
{
  Hand hand;
  GstStructure *stats;

  if (!is_installed ("x264enc") || !is_installed ("vp8enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_push_raw (&hand, 5, 64, 48);
  hand_open (&hand, "VP8");
  hand_push_raw (&hand, 20, 64, 48);
  rcast_collector_wait (&hand.net, 15);
  fail_unless_equals_int (hand.net.codec, GST_RCAST_CODEC_VP8);
  fail_unless (rcast_collector_get (&hand.net, 0).key);
  /* No packet of the first encoder leaves. */
  fail_unless (rcast_collector_get (&hand.net, 0).pts >= 5 * FRAME);
  rcast_collector_check (&hand.net, PT, SSRC);
  fail_unless_equals_int (hand.n_encoders, 2);
  stats = gst_rcast_stream_get_stats (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (stats, "encoder"),
      "vp8enc");
  gst_structure_free (stats);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_answer_that_cannot_be_is_refused)
{
  Hand hand;
  g_autoptr (GstCaps) caps = gst_caps_from_string
      ("application/x-rtp,media=video,encoding-name=H264,clock-rate=90000");
  g_autoptr (GstCaps) other = gst_caps_from_string
      ("application/x-rtp,media=video,encoding-name=THEORA,clock-rate=90000");
  GError *error = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  fail_if (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM (hand.stream),
          caps, &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NOT_ACCEPTABLE));
  fail_unless (strstr (error->message, "VP8") != NULL);
  g_clear_error (&error);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  fail_if (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM (hand.stream),
          other, &error));
  g_clear_error (&error);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_new_size_goes_on_in_the_same_packets)
{
  Hand hand;
  guint before;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_open (&hand, "H264");
  hand_push_raw (&hand, 10, 64, 48);
  rcast_collector_wait (&hand.net, 10);
  gst_harness_set_src_caps_str (hand.h,
      "video/x-raw,format=I420,width=96,height=64,framerate=25/1");
  before = rcast_collector_count (&hand.net);
  hand_push_raw (&hand, 10, 96, 64);
  rcast_collector_wait (&hand.net, before + 10);
  rcast_collector_check (&hand.net, PT, SSRC);
  fail_unless (rcast_collector_get (&hand.net, before).key);
  fail_unless (ABS ((gint) (rcast_collector_get (&hand.net,
                  before).header.timestamp - rcast_collector_get (&hand.net,
                  before - 1).header.timestamp) - 3600) <= 1);
  fail_unless_equals_int (hand.n_encoders, 2);
  fail_unless_equals_int (hand.n_offers, 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* On air, each new offer would be negotiated anew. */
GST_START_TEST (test_new_level_is_no_new_offer)
{
  Hand hand;
  g_autoptr (GstCaps) offer = NULL;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  fail_unless_equals_int (hand.n_offers, 1);
  gst_harness_set_src_caps_str (hand.h,
      "video/x-raw,format=I420,width=1920,height=1080,framerate=30/1");
  fail_unless_equals_int (hand.n_offers, 1);
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (gst_caps_get_structure
          (offer, 0), "profile-level-id"), "42e028");
  hand_clear (&hand);
}

GST_END_TEST;

/* Packets wait for a feed of the new codec, which begins with a key frame. */
GST_START_TEST (test_packets_of_a_new_codec_wait_for_a_new_feed)
{
  Hand hand;
  RcastCollector other;
  GstElement *feed;
  g_autoptr (GstCaps) caps = NULL;
  guint64 sent;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  hand_push_rtp (&hand, TRUE);
  rcast_collector_wait (&hand.net, 1);
  sent = hand_stat (&hand, "packets-sent");

  /* A packet of AV1, which is a key frame if bit 3 of its first byte is set */
  gst_harness_set_src_caps_str (hand.h, "application/x-rtp,media=video,"
      "encoding-name=AV1,clock-rate=90000,payload=96");
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand.n_offers, 2);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), sent);
  fail_unless (hand_stat (&hand, "packets-dropped-closed") > 0);

  feed = gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand.stream));
  rcast_collector_init (&other, feed);
  rcast_collector_start (&other);
  caps = hand_choose (&hand, "AV1");
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (feed), caps, 44, NULL));
  gst_harness_set_time (hand.h, 10 * GST_SECOND);
  hand_count_requests (&hand);
  gst_rcast_feed_set_open (GST_RCAST_FEED (feed), TRUE);
  fail_unless_equals_int (hand_count_requests (&hand), 1);
  hand_push_rtp (&hand, FALSE);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (feed)));
  hand_push (&hand, 0x18, 0);
  rcast_collector_wait (&other, 1);
  fail_unless (rcast_collector_get (&other, 0).key);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), sent + 1);
  fail_unless_equals_int (rcast_collector_count (&hand.net), 1);

  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand.stream), feed);
  rcast_collector_clear (&other);
  hand_clear (&hand);
}

GST_END_TEST;

/* Returns: the running time of the next request for a key frame that goes upstream */
static GstClockTime
pull_request (Hand * hand)
{
  GstClockTime running_time;
  GstEvent *event;

  while (!(event = gst_harness_try_pull_upstream_event (hand->h))
      || !gst_video_event_is_force_key_unit (event))
    g_clear_pointer (&event, gst_event_unref);
  fail_unless (gst_video_event_parse_upstream_force_key_unit (event,
          &running_time, NULL, NULL));
  gst_event_unref (event);
  return running_time;
}

/* A pad offset, as of concat, turns "at once" into a time that never comes. So every second
 * request without an answer names the time of the last frame. */
GST_START_TEST (test_key_frame_requests_pass_pads_with_offsets)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  gst_pad_set_offset (hand.h->srcpad, 2 * GST_SECOND);
  hand_push_rtp (&hand, TRUE);
  hand_push_rtp (&hand, FALSE);
  hand_count_requests (&hand);
  for (guint i = 0; i < 4; i++) {
    GstClockTime due;

    gst_harness_set_time (hand.h, (10 + i) * GST_SECOND);
    gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
    due = pull_request (&hand);
    fail_unless (i % 2 ? due == FRAME : due > GST_SECOND,
        "request %u is due at %" GST_TIME_FORMAT, i, GST_TIME_ARGS (due));
  }
  /* A key frame arrives, so the next request is a first one again. */
  hand_push_rtp (&hand, TRUE);
  gst_harness_set_time (hand.h, 20 * GST_SECOND);
  gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
  fail_unless (pull_request (&hand) > GST_SECOND);
  hand_clear (&hand);
}

GST_END_TEST;

/* Each packet counts as sent or dropped, while the connection takes nothing for a while. */
GST_START_TEST (test_each_packet_is_counted_once)
{
  Hand hand;
  guint64 sent;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  rcast_collector_set_blocked (&hand.net, TRUE);
  hand_push_rtp (&hand, TRUE);
  rcast_collector_wait_waiting (&hand.net);
  for (guint i = 0; i < 98; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  sent = hand_stat (&hand, "packets-sent");
  fail_unless (hand_stat (&hand, "packets-dropped-overflow") > 50);
  fail_unless_equals_uint64 (sent + hand_stat (&hand, "packets-dropped-closed")
      + hand_stat (&hand, "packets-dropped-overflow"), 100);
  rcast_collector_set_blocked (&hand.net, FALSE);
  rcast_collector_wait (&hand.net, sent);
  hand_clear (&hand);
}

GST_END_TEST;

static GstPadProbeReturn
try_preroll_lock (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstElement *packets = data;
  GMutex *lock = GST_BASE_SINK_GET_PREROLL_LOCK (GST_BASE_SINK (packets));
  gboolean is_free;

  if (GST_QUERY_TYPE (GST_PAD_PROBE_INFO_QUERY (info)) != GST_QUERY_LATENCY)
    return GST_PAD_PROBE_OK;
  is_free = g_mutex_trylock (lock);
  if (is_free)
    g_mutex_unlock (lock);
  g_object_set_data (G_OBJECT (packets), is_free ? "free" : "held", packets);
  return GST_PAD_PROBE_OK;
}

/* Elements upstream may hold a lock both when they answer and when they push. */
GST_START_TEST (test_upstream_is_asked_without_the_preroll_lock)
{
  Hand hand;
  GstElement *packets;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  packets = gst_bin_get_by_name (GST_BIN (hand.stream), "packets");
  gst_pad_add_probe (hand.h->srcpad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM
      | GST_PAD_PROBE_TYPE_PUSH, try_preroll_lock, packets, NULL);
  hand_push_rtp (&hand, TRUE);
  fail_unless (g_object_get_data (G_OBJECT (packets), "free") != NULL);
  fail_unless (g_object_get_data (G_OBJECT (packets), "held") == NULL);
  gst_object_unref (packets);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_opus_of_webm_keeps_to_its_samples)
{
  Hand hand;
  guint32 first_timestamp = 0;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO,
      "audio/x-opus,channels=2,channel-mapping-family=0");
  for (guint i = 0; i < 40; i++) {
    guint8 data[] = { 0xe8, 1, 2, 3 };  /* one frame of 5 ms */
    GstBuffer *buffer = gst_buffer_new_memdup (data, sizeof (data));
    /* Timestamps are rounded to milliseconds, and 7.5 ms late from the 30th on: a gap. */
    GstClockTime time = 5 * i * GST_MSECOND + (i % 3) * GST_MSECOND / 2;

    GST_BUFFER_PTS (buffer) = time / GST_MSECOND * GST_MSECOND
        + (i % 2 ? GST_MSECOND : 0) + (i >= 30 ? 15 * GST_MSECOND / 2 : 0);
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    if (i == 0)
      hand_open (&hand, "OPUS");
    else
      rcast_collector_wait (&hand.net, i);
  }
  for (guint i = 0; i < 39; i++) {
    guint32 timestamp = rcast_collector_get (&hand.net, i).header.timestamp;

    if (i == 0)
      first_timestamp = timestamp;
    if (i < 29) {
      fail_unless_equals_int (timestamp - first_timestamp, i * 240);
    } else {
      fail_unless (timestamp - first_timestamp > i * 240 + 240);
    }
  }
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_odd_size_is_made_even)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO,
      "video/x-raw,format=GRAY8,width=63,height=47,framerate=25/1");
  hand_open (&hand, is_installed ("x264enc") ? "H264" : "VP8");
  for (guint i = 0; i < 5; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 64 * 47, NULL);

    gst_buffer_memset (buffer, 0, i, -1);
    GST_BUFFER_PTS (buffer) = i * FRAME;
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  }
  rcast_collector_wait (&hand.net, 5);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_new_codec_on_the_pad_changes_the_offer)
{
  Hand hand;
  GstCaps *offer;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand.n_offers, 1);
  gst_harness_set_src_caps_str (hand.h, "application/x-rtp,media=video,"
      "encoding-name=VP9,clock-rate=90000,payload=98");
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand.n_offers, 2);
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (gst_caps_get_structure
          (offer, 0), "encoding-name"), "VP9");
  gst_caps_unref (offer);

  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  hand_push_raw (&hand, 2, 64, 48);
  fail_unless_equals_int (hand.n_offers, 3);
  fail_unless_equals_int (hand.n_encoders, 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_bitrate_changes_while_encoding)
{
  Hand hand;
  guint kbits;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_object_set (hand.stream, "bitrate", 700000, "key-frame-interval", 400,
      NULL);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  g_object_get (hand.encoder, "bitrate", &kbits, NULL);
  fail_unless_equals_int (kbits, 700);
  g_object_get (hand.encoder, "key-int-max", &kbits, NULL);
  fail_unless_equals_int (kbits, 10);
  hand_push_raw (&hand, 5, 64, 48);
  g_object_set (hand.stream, "bitrate", 350000, NULL);
  g_object_get (hand.encoder, "bitrate", &kbits, NULL);
  fail_unless_equals_int (kbits, 350);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_own_settings_outlive_those_of_all)
{
  Hand hand;
  guint bitrate, interval;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 1000000, 3000,
      GST_RCAST_MTU, GST_RCAST_AUDIO_MIX_AUTO);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 1000000);
  fail_unless_equals_int (interval, 3000);

  g_object_set (hand.stream, "bitrate", 5000000, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 0, 4000,
      GST_RCAST_MTU, GST_RCAST_AUDIO_MIX_AUTO);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 5000000);
  fail_unless_equals_int (interval, 4000);

  g_object_set (hand.stream, "bitrate", 0, "key-frame-interval", 500, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 7, 8,
      GST_RCAST_MTU, GST_RCAST_AUDIO_MIX_AUTO);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 0);
  fail_unless_equals_int (interval, 500);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_key_frame_interval_changes_while_encoding)
{
  Hand hand;
  guint before;
  gint frames;

  if (!is_installed ("vp9enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_open (&hand, "VP9");
  hand_push_raw (&hand, 5, 64, 48);
  rcast_collector_wait (&hand.net, 4);
  g_object_get (hand.encoder, "keyframe-max-dist", &frames, NULL);
  fail_unless_equals_int (frames, 50);
  /* Requests for key frames are half a second apart. */
  gst_harness_set_time (hand.h, 10 * GST_SECOND);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 0, 200,
      GST_RCAST_MTU, GST_RCAST_AUDIO_MIX_AUTO);
  g_object_get (hand.encoder, "keyframe-max-dist", &frames, NULL);
  fail_unless_equals_int (frames, 5);
  before = hand_stat (&hand, "key-frames-seen");
  hand_push_raw (&hand, 20, 64, 48);
  fail_unless (hand_stat (&hand, "key-frames-seen") >= before + 3);
  fail_unless_equals_int (hand.n_encoders, 2);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_flush_and_restart_of_time_leave_no_trace)
{
  Hand hand;
  RcastPacket before, after;
  GstSegment segment;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_open (&hand, "VP8");
  for (guint i = 0; i < 10; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&hand.net, i + 1);
  }
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (hand.h,
          gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (hand.h,
          gst_event_new_segment (&segment)));
  hand.n_pushed = 0;
  for (guint i = 0; i < 10; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&hand.net, 10 + i + 1);
  }
  rcast_collector_check (&hand.net, PT, SSRC);
  before = rcast_collector_get (&hand.net, 9);
  after = rcast_collector_get (&hand.net, 10);
  fail_unless (after.header.timestamp - before.header.timestamp < 90000);
  fail_unless (after.header.timestamp != before.header.timestamp);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_feeds_do_not_know_of_each_other)
{
  Hand hand;
  RcastCollector other;
  GstElement *feed;
  g_autoptr (GstCaps) caps = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  feed = gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand.stream));
  rcast_collector_init (&other, feed);
  rcast_collector_start (&other);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");

  /* Make before break: the first feed is stuck, the second one takes over. */
  rcast_collector_set_blocked (&hand.net, TRUE);
  hand_push_rtp (&hand, TRUE);
  rcast_collector_wait_waiting (&hand.net);
  caps = hand_choose (&hand, "VP8");
  gst_caps_set_simple (caps, "payload", G_TYPE_INT, 33, NULL);
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (feed), caps, 44, NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (feed), TRUE);
  for (guint i = 0; i < 50; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&other, i + 1);
  }
  rcast_collector_check (&other, 33, 44);

  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand.stream), hand.feed);
  hand.feed = NULL;
  hand_push_rtp (&hand, FALSE);
  rcast_collector_wait (&other, 51);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 52);
  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand.stream), feed);
  rcast_collector_clear (&other);
  hand_clear (&hand);
}

GST_END_TEST;

/* Payloaders older than the RFC of their codec use the name of a draft. */
GST_START_TEST (test_old_encoding_name_gets_on_air)
{
  static const struct
  {
    GstRcastMedia media;
    const gchar *input, *offered;
  } rows[] = {
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=VP8-DRAFT-IETF-01,payload=96", "VP8"},
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=VP9-DRAFT-IETF-01,payload=96", "VP9"},
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=AV1X,payload=96", "AV1"},
    {GST_RCAST_MEDIA_AUDIO, "application/x-rtp,media=audio,clock-rate=48000,"
          "encoding-name=X-GST-OPUS-DRAFT-SPITTKA-00,payload=96", "OPUS"},
  };
  /* One byte longer than for VP8: a key frame in each of these codecs */
  guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    0x18, 0, 0
  };
  Hand hand;

  hand_init (&hand, rows[__i__].media, rows[__i__].input);
  for (guint i = 0; i < 2; i++) {
    GstBuffer *buffer;

    GST_WRITE_UINT32_BE (data + 4, i * 3600);
    buffer = gst_buffer_new_memdup (data, sizeof (data));
    GST_BUFFER_PTS (buffer) = i * FRAME;
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    if (i == 0)
      hand_open (&hand, rows[__i__].offered);
  }
  rcast_collector_wait (&hand.net, 1);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_what_no_payloader_is_there_for_is_not_promised)
{
  Hand hand;
  GstPad *pad;
  g_autoptr (GstCaps) taken = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  pad = gst_element_get_static_pad (hand.stream, "sink");
  taken = gst_pad_query_caps (pad, NULL);
  gst_object_unref (pad);
  for (guint i = GST_RCAST_CODEC_H264; gst_rcast_codec_is_video (i); i++) {
    g_autoptr (GstCaps) encoded = gst_rcast_codec_get_caps (i);
    const gchar *parser = gst_rcast_codec_get_parser (i);

    fail_unless_equals_int (gst_caps_can_intersect (taken, encoded),
        is_installed (gst_rcast_codec_get_payloader (i))
        && (!parser || is_installed (parser)));
  }
  hand_clear (&hand);
}

GST_END_TEST;

static gpointer
churn (gpointer data)
{
  Hand *hand = data;

  for (guint i = 0; i < 200; i++) {
    GstElement *feed =
        gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand->stream));

    gst_object_ref (feed);
    gst_rcast_feed_set_open (GST_RCAST_FEED (feed), TRUE);
    gst_element_set_state (feed, GST_STATE_PLAYING);
    gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand->stream), feed);
    gst_element_set_state (feed, GST_STATE_NULL);
    gst_object_unref (feed);
  }
  return NULL;
}

GST_START_TEST (test_feeds_come_and_go_in_the_middle_of_pushes)
{
  Hand hand;
  GThread *thread;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  thread = g_thread_new ("churn", churn, &hand);
  for (guint i = 0; i < 2000; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  g_thread_join (thread);
  hand_clear (&hand);
}

GST_END_TEST;

static const struct
{
  GstRcastMedia media;
  const gchar *caps;
  const gchar *word;            /* word that the error has to contain */
  const gchar *missing;         /* skipped if this element is installed */
} refusals[] = {
  {GST_RCAST_MEDIA_AUDIO, "audio/x-opus,channels=6,channel-mapping-family=1",
      "Opus", NULL},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-raw,format=S16LE,rate=48000,channels=64,"
        "layout=interleaved,channel-mask=(bitmask)0", "63 channels", NULL},
  {GST_RCAST_MEDIA_VIDEO, "video/x-av1,stream-format=obu-stream,alignment=tu",
      "av1", "rtpav1pay"},
  {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000",
      "encoding-name", NULL},
  {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,encoding-name=VP8",
      "clock-rate", NULL},
};

GST_START_TEST (test_caps_that_cannot_be_sent_are_named)
{
  Hand hand;
  GstBus *bus;
  GstMessage *msg;
  GError *error = NULL;

  if (refusals[__i__].missing && is_installed (refusals[__i__].missing))
    return;
  hand_init (&hand, refusals[__i__].media, NULL);
  bus = gst_element_get_bus (hand.pipeline);
  gst_harness_set_src_caps_str (hand.h, refusals[__i__].caps);
  if (refusals[__i__].missing) {
    msg = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    fail_unless (msg != NULL && gst_is_missing_plugin_message (msg));
    gst_message_unref (msg);
  }
  msg = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (msg != NULL);
  gst_message_parse_error (msg, &error, NULL);
  fail_unless (strstr (error->message, refusals[__i__].word) != NULL, "%s",
      error->message);
  g_error_free (error);
  gst_message_unref (msg);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  fail_unless (gst_harness_push (hand.h, gst_buffer_new ()) != GST_FLOW_OK);
  gst_object_unref (bus);
  hand_clear (&hand);
}

GST_END_TEST;

/* A GOP of 20 s: the stream reports what the gate lacks, and the gate opens after the wait. */
GST_START_TEST (test_without_a_key_frame_it_opens_after_the_wait)
{
  GstRcastStall stall;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  for (guint i = 0; i < 100; i++)
    hand_push_rtp (&hand, FALSE);
  assert_equals_uint64 (hand_stat (&hand, "packets-sent"), 0);
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand.stream), &stall);
  fail_unless (stall.lacks_key);

  gst_rcast_stream_set_start (GST_RCAST_STREAM (hand.stream),
      GST_RCAST_VIDEO_START_KEY_FRAME, 5000);
  for (guint i = 100; i < 124; i++)
    hand_push_rtp (&hand, FALSE);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (hand.feed)));
  for (guint i = 0; i < 4; i++)
    hand_push_rtp (&hand, FALSE);
  fail_unless (gst_rcast_feed_is_open (GST_RCAST_FEED (hand.feed)));
  rcast_collector_wait (&hand.net, 3);
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand.stream), &stall);
  fail_if (stall.lacks_key);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_suite (void)
{
  Suite *s = suite_create ("rcast-stream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_key_frame_requests_are_coalesced);
  tcase_add_test (tc, test_pli_of_the_server_reaches_the_source);
  tcase_add_test (tc, test_whole_gops_are_dropped_and_counted);
  tcase_add_test (tc, test_what_is_no_rtp_is_counted_not_sent);
  tcase_add_test (tc, test_offer_of_raw_video_lists_codecs_by_rank);
  tcase_add_test (tc, test_answer_swaps_the_encoder);
  tcase_add_test (tc, test_answer_that_cannot_be_is_refused);
  tcase_add_test (tc, test_new_size_goes_on_in_the_same_packets);
  tcase_add_test (tc, test_new_level_is_no_new_offer);
  tcase_add_test (tc, test_packets_of_a_new_codec_wait_for_a_new_feed);
  tcase_add_test (tc, test_each_packet_is_counted_once);
  tcase_add_test (tc, test_key_frame_requests_pass_pads_with_offsets);
  tcase_add_test (tc, test_upstream_is_asked_without_the_preroll_lock);
  tcase_add_test (tc, test_opus_of_webm_keeps_to_its_samples);
  tcase_add_test (tc, test_odd_size_is_made_even);
  tcase_add_test (tc, test_new_codec_on_the_pad_changes_the_offer);
  tcase_add_test (tc, test_bitrate_changes_while_encoding);
  tcase_add_test (tc, test_own_settings_outlive_those_of_all);
  tcase_add_test (tc, test_key_frame_interval_changes_while_encoding);
  tcase_add_test (tc, test_without_a_key_frame_it_opens_after_the_wait);
  tcase_add_test (tc, test_flush_and_restart_of_time_leave_no_trace);
  tcase_add_test (tc, test_feeds_do_not_know_of_each_other);
  tcase_add_loop_test (tc, test_old_encoding_name_gets_on_air, 0, 4);
  tcase_add_test (tc, test_what_no_payloader_is_there_for_is_not_promised);
  tcase_add_test (tc, test_feeds_come_and_go_in_the_middle_of_pushes);
  tcase_add_loop_test (tc, test_caps_that_cannot_be_sent_are_named, 0,
      G_N_ELEMENTS (refusals));
  return s;
}

GST_CHECK_MAIN (stream);
