/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP of other senders: packets that are too large, parameter sets that are in the caps only. */
#include "config.h"

#include "rcast-check.h"
#include "stream-hand.h"

#define H264_CAPS "application/x-rtp,media=video,encoding-name=H264," \
  "clock-rate=90000,payload=96,packetization-mode=(string)1," \
  "sprop-parameter-sets=(string)\"Z0LAHg==,aM48gA==\""
#define OPUS_CAPS "application/x-rtp,media=audio,encoding-name=OPUS," \
  "clock-rate=48000,payload=96"

/* A packet with an extension, as cameras send it, whose payload begins with @head */
static GstBuffer *
make_packet (guint n, gsize size, guint8 head, gboolean marker)
{
  guint8 *data = g_malloc0 (20 + size);
  GstBuffer *buffer;

  data[0] = 0x90;
  data[1] = 96 | (marker ? 0x80 : 0);
  GST_WRITE_UINT16_BE (data + 2, n);
  GST_WRITE_UINT32_BE (data + 4, n * 3600);
  GST_WRITE_UINT32_BE (data + 8, 9);
  GST_WRITE_UINT32_BE (data + 12, 0xbede0001);
  data[20] = head;
  for (gsize i = 1; i < size; i++)
    data[20 + i] = i;
  buffer = gst_buffer_new_wrapped (data, 20 + size);
  GST_BUFFER_PTS (buffer) = n * FRAME;
  return buffer;
}

static void
push (Hand * hand, guint n, gsize size, guint8 head, gboolean marker)
{
  fail_unless_equals_int (gst_harness_push (hand->h, make_packet (n, size,
              head, marker)), GST_FLOW_OK);
}

/* Starts with a key frame that is dropped: the gate is not open yet. */
static void
start (Hand * hand, GstRcastMedia media, const gchar * caps,
    const gchar * codec)
{
  hand_init (hand, media, caps);
  push (hand, 0, 10, 0x65, TRUE);
  hand_open (hand, codec);
}

static guint
count_warnings (Hand * hand, gchar ** text)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (hand->pipeline);
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING))) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    g_free (*text);
    *text = g_strdup (error->message);
    gst_message_unref (message);
    n++;
  }
  return n;
}

GST_START_TEST (test_a_large_packet_leaves_as_fragments)
{
  Hand hand;
  g_autofree gchar *text = NULL;

  start (&hand, GST_RCAST_MEDIA_VIDEO, H264_CAPS, "H264");
  push (&hand, 1, 3000, 0x65, TRUE);
  push (&hand, 2, 1300, 0x41, TRUE);
  push (&hand, 3, 1100, 0x41, TRUE);
  rcast_collector_wait (&hand.net, 2 + 3 + 2 + 1);
  rcast_collector_check (&hand.net, PT, SSRC);
  for (guint i = 0; i < 8; i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);

    fail_unless (packet.header.payload_offset + packet.header.payload_size
        <= 1200);
    /* The last one of each frame */
    fail_unless_equals_int (packet.header.marker, i == 4 || i >= 6);
    fail_unless (packet.header.timestamp
        == rcast_collector_get (&hand.net, i < 5 ? 0 : i < 7 ? 5 : 7).
        header.timestamp);
    fail_unless_equals_uint64 (packet.pts,
        rcast_collector_get (&hand.net, i < 5 ? 0 : i < 7 ? 5 : 7).pts);
  }
  fail_unless_equals_int (rcast_collector_get (&hand.net, 0).head[0], 0x67);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 1).head[0], 0x68);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 2).head[1], 0x85);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 4).head[1], 0x45);
  fail_unless_equals_int (count_warnings (&hand, &text), 1);
  fail_unless (strstr (text, "stream") && strstr (text, "3012 bytes"), "%s",
      text);
  hand_clear (&hand);
}

GST_END_TEST;

/* The same by lists, and with sets that come in band only once. */
GST_START_TEST (test_sets_stand_before_each_key_frame)
{
  Hand hand;
  GstBufferList *list = gst_buffer_list_new ();

  start (&hand, GST_RCAST_MEDIA_VIDEO, H264_CAPS, "H264");
  gst_buffer_list_add (list, make_packet (1, 8, 0x67, FALSE));
  gst_buffer_list_add (list, make_packet (1, 5, 0x68, FALSE));
  gst_buffer_list_add (list, make_packet (1, 50, 0x65, TRUE));
  gst_buffer_list_add (list, make_packet (2, 50, 0x41, TRUE));
  gst_buffer_list_add (list, make_packet (3, 50, 0x65, TRUE));
  fail_unless_equals_int (gst_pad_push_list (hand.h->srcpad, list),
      GST_FLOW_OK);
  rcast_collector_wait (&hand.net, 7);
  for (guint i = 0; i < 7; i++) {
    static const guint8 types[] = { 7, 8, 5, 1, 7, 8, 5 };
    RcastPacket packet = rcast_collector_get (&hand.net, i);

    fail_unless_equals_int (packet.head[0] & 0x1f, types[i]);
    fail_unless_equals_int (packet.header.marker, types[i] < 7);
  }
  /* Those that came in band, not those of the caps */
  fail_unless_equals_int (rcast_collector_get (&hand.net,
          4).header.payload_size, 8);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 4).head[1], 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_a_limit_of_its_own_counts)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 0, 2000, 500,
      GST_RCAST_AUDIO_MIX_AUTO);
  gst_harness_set_src_caps_str (hand.h, H264_CAPS);
  push (&hand, 0, 10, 0x65, TRUE);
  hand_open (&hand, "H264");
  push (&hand, 1, 1000, 0x65, TRUE);
  rcast_collector_wait (&hand.net, 5);
  for (guint i = 0; i < 5; i++)
    fail_unless (rcast_collector_get (&hand.net, i).header.payload_size <= 488);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_frames_of_opus_leave_in_packets_of_their_own)
{
  Hand hand;
  RcastPacket one, two;

  start (&hand, GST_RCAST_MEDIA_AUDIO, OPUS_CAPS, "OPUS");
  /* Two frames of 20 ms, of the same size */
  push (&hand, 1, 1501, 0xfd, FALSE);
  rcast_collector_wait (&hand.net, 2);
  one = rcast_collector_get (&hand.net, 0);
  two = rcast_collector_get (&hand.net, 1);
  fail_unless_equals_int (one.head[0], 0xfc);
  fail_unless_equals_int (two.header.timestamp - one.header.timestamp, 960);
  fail_unless_equals_uint64 (two.pts - one.pts, 20 * GST_MSECOND);
  hand_clear (&hand);
}

GST_END_TEST;

/* What cannot be cut is sent, and told. */
GST_START_TEST (test_an_opus_frame_is_never_lost)
{
  Hand hand;
  g_autofree gchar *text = NULL;

  start (&hand, GST_RCAST_MEDIA_AUDIO, OPUS_CAPS, "OPUS");
  push (&hand, 1, 1275, 0xfc, FALSE);
  rcast_collector_wait (&hand.net, 1);
  fail_unless_equals_int (rcast_collector_get (&hand.net,
          0).header.payload_size, 1275);
  fail_unless_equals_int (count_warnings (&hand, &text), 1);
  fail_unless (strstr (text, "as it is"), "%s", text);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_rtp_suite (void)
{
  Suite *s = suite_create ("stream-rtp");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_large_packet_leaves_as_fragments);
  tcase_add_test (tc, test_sets_stand_before_each_key_frame);
  tcase_add_test (tc, test_a_limit_of_its_own_counts);
  tcase_add_test (tc, test_frames_of_opus_leave_in_packets_of_their_own);
  tcase_add_test (tc, test_an_opus_frame_is_never_lost);
  return s;
}

GST_CHECK_MAIN (stream_rtp);
