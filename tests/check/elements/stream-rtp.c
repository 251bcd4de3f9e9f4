/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP of other senders: packets that are too large, and parameter sets in the caps only. */
#include "config.h"

#include "rcast-check.h"
#include "stream-hand.h"

#define H264_CAPS "application/x-rtp,media=video,encoding-name=H264," \
  "clock-rate=90000,payload=96,packetization-mode=(string)1," \
  "sprop-parameter-sets=(string)\"Z0LAHg==,aM48gA==\""
#define OPUS_CAPS "application/x-rtp,media=audio,encoding-name=OPUS," \
  "clock-rate=48000,payload=96"

/* Returns: (transfer full): a packet with an extension, as from a
 * camera; its payload begins with @head */
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

/* Pushes a key frame first, which is dropped: the gate is not open yet. */
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
    /* The marker is on the last packet of each frame. */
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

/* The same with buffer lists, and with parameter sets in band only once */
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
  /* The sets that came in band replace those in the caps. */
  fail_unless_equals_int (rcast_collector_get (&hand.net,
          4).header.payload_size, 8);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 4).head[1], 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* What opens the gate: NAL unit types of two frames, and how many packets of the first one are
 * dropped. SEI messages are recovery points. */
static const struct
{
  const gchar *name;
  guint8 first[5], second[4];
  guint n_out;
  guint8 start;                 /* type of the first unit that leaves; 0: first
                                 * of the frame that opens the gate */
} openings[] = {
  {"sets, slice", {7, 8, 1}, {7, 8, 5}, 3},
  {"sets, recovery point, slice", {7, 8, 6, 1}, {1}, 0},
  {"recovery point alone", {6, 1}, {7, 8, 5}, 2},
  {"aud, sets, idr", {9, 7, 8, 5}, {1}, 1, 7},
  {"sets, idr in slices", {7, 8, 5, 5}, {1}, 0},
};

static void
push_unit (Hand * hand, guint frame, guint type, gboolean last)
{
  static const guint8 recovery[] = { 6, 1, 0x50, 0x80 };
  GstBuffer *buffer = make_packet (frame, 40, 0x60 | type, last);
  guint8 sequence[2];

  GST_WRITE_UINT16_BE (sequence, ++hand->n_pushed);
  gst_buffer_fill (buffer, 2, sequence, sizeof (sequence));
  if (type == 6)
    gst_buffer_fill (buffer, 20 + 1, recovery, sizeof (recovery));
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

GST_START_TEST (test_sets_alone_do_not_open_the_gate)
{
  const guint8 *one = openings[__i__].first;
  const guint8 *other = openings[__i__].second;
  guint n_one = strlen ((const gchar *) one);
  guint n_other = strlen ((const gchar *) other);
  guint n_out = openings[__i__].n_out;
  guint8 start_type = openings[__i__].start;
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,"
      "encoding-name=H264,clock-rate=90000,payload=96", "H264");
  for (guint i = 0; i < n_one; i++)
    push_unit (&hand, 1, one[i], i + 1 == n_one);
  for (guint i = 0; i < n_other; i++)
    push_unit (&hand, 2, other[i], i + 1 == n_other);
  rcast_collector_wait (&hand.net, n_one - n_out + n_other);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 0).head[0] & 0x1f,
      start_type ? start_type : n_out > 0 ? other[0] : one[0]);
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

/* A frame that cannot be split is sent, with a warning. */
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

/* The padding is longer than the payload: webrtcbin could not read the packet. */
GST_START_TEST (test_large_packets_are_whole_or_dropped)
{
  guint8 *data = g_malloc0 (2100);
  GstBuffer *buffer;
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_VIDEO, H264_CAPS, "H264");
  data[0] = 0xb0;
  data[1] = 96;
  GST_WRITE_UINT32_BE (data + 8, 9);
  GST_WRITE_UINT32_BE (data + 12, 0xbede0000 | 500);
  data[2099] = 85;
  buffer = gst_buffer_new_wrapped (data, 2100);
  GST_BUFFER_PTS (buffer) = FRAME;
  fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  push (&hand, 2, 100, 0x65, TRUE);
  rcast_collector_wait (&hand.net, 3);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 0).head[0], 0x67);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 1);
  hand_clear (&hand);
}

GST_END_TEST;

#define REFRESH 20

/* Returns: (transfer full): packets of a camera with intra refresh: one IDR picture at the
 * start, then a recovery point every REFRESH frames, and parameter sets in the caps only */
static GPtrArray *
make_refreshing (guint n_frames, gchar ** caps)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=%u "
      "pattern=ball ! " RAW_CAPS " ! x264enc speed-preset=ultrafast "
      "intra-refresh=true key-int-max=%u tune=zerolatency ! rtph264pay "
      "mtu=1200 aggregate-mode=none ! appsink name=out sync=false", n_frames, REFRESH);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GPtrArray *packets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  GstSample *sample = NULL;
  guint8 head[13];
  guint n = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;) {
    GstBuffer *buffer;

    g_signal_emit_by_name (out, "pull-sample", &sample);
    if (!sample)
      break;
    g_free (*caps);
    *caps = gst_caps_to_string (gst_sample_get_caps (sample));
    buffer = gst_buffer_copy (gst_sample_get_buffer (sample));
    gst_sample_unref (sample);
    GST_BUFFER_PTS (buffer) = n * FRAME;
    gst_buffer_extract (buffer, 0, head, sizeof (head));
    n += head[1] >> 7;
    if ((head[12] & 0x1f) == 7 || (head[12] & 0x1f) == 8)
      gst_buffer_unref (buffer);
    else
      g_ptr_array_add (packets, buffer);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return packets;
}

/* The gate is asked to open after the only IDR picture, as after an outage. The packets
 * are less than a feed may queue. */
static void
push_refreshing (Hand * hand, GstRcastVideoStart start)
{
  g_autofree gchar *caps = NULL;
  g_autoptr (GPtrArray) packets = make_refreshing (2 * REFRESH, &caps);

  hand_init (hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_rcast_stream_set_start (GST_RCAST_STREAM (hand->stream), start, 0);
  gst_harness_set_src_caps_str (hand->h, caps);
  for (guint i = 0; i < packets->len; i++) {
    GstBuffer *buffer = gst_buffer_ref (g_ptr_array_index (packets, i));

    if (GST_BUFFER_PTS (buffer) >= FRAME && hand->n_pushed++ == 0)
      hand_open (hand, "H264");
    fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
  }
}

/* Returns: the number of pictures that a decoder makes of all packets that left */
static guint
count_decoded (Hand * hand)
{
  GstHarness *h = gst_harness_new_parse ("rtph264depay ! avdec_h264");
  guint n;

  gst_harness_set_src_caps (h, gst_caps_ref (hand->net.caps));
  for (guint i = 0; i < hand->net.buffers->len; i++)
    gst_harness_push (h, gst_buffer_ref (g_ptr_array_index (hand->net.buffers,
                i)));
  gst_harness_push_event (h, gst_event_new_eos ());
  n = gst_harness_buffers_in_queue (h);
  gst_harness_teardown (h);
  return n;
}

GST_START_TEST (test_intra_refresh_starts_at_its_recovery_point)
{
  static const guint8 types[] = { 7, 8, 6 };
  GstRcastStall stall;
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  push_refreshing (&hand, GST_RCAST_VIDEO_START_RECOVERY_POINT);
  fail_unless (gst_rcast_feed_is_open (GST_RCAST_FEED (hand.feed)));
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand.stream), &stall);
  fail_if (stall.lacks_key);
  rcast_collector_wait (&hand.net, hand_stat (&hand, "packets-sent"));
  for (guint i = 0; i < hand.net.packets->len; i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);
    guint type = packet.head[0] & 0x1f;

    fail_unless (type != 5 && (type != 28 || (packet.head[1] & 0x1f) != 5));
    if (i < G_N_ELEMENTS (types)) {
      fail_unless_equals_int (type, types[i]);
      fail_unless_equals_uint64 (packet.pts, REFRESH * FRAME);
    }
  }
  if (is_installed ("avdec_h264"))
    fail_unless_equals_int (count_decoded (&hand), REFRESH);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_intra_refresh_waits_for_a_key_frame_by_default)
{
  GstRcastStall stall;
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  push_refreshing (&hand, GST_RCAST_VIDEO_START_KEY_FRAME);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (hand.feed)));
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 0);
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand.stream), &stall);
  fail_unless (stall.lacks_key);
  hand_clear (&hand);
}

GST_END_TEST;

/* Without known parameter sets, the stream has none to send. The server may have them. */
GST_START_TEST (test_a_recovery_point_without_sets_is_a_start)
{
  static const guint8 sei[] = { 0x06, 6, 1, 0x84, 0x80 };
  GstBuffer *buffer = make_packet (3, sizeof (sei), 0x06, FALSE);
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,"
      "encoding-name=H264,clock-rate=90000,payload=96", "H264");
  gst_rcast_stream_set_start (GST_RCAST_STREAM (hand.stream),
      GST_RCAST_VIDEO_START_RECOVERY_POINT, 0);
  push (&hand, 1, 50, 0x41, TRUE);
  push (&hand, 2, 50, 0x06, FALSE);
  push (&hand, 2, 50, 0x41, TRUE);
  fail_if (gst_rcast_feed_is_open (GST_RCAST_FEED (hand.feed)));
  gst_buffer_fill (buffer, 20, sei, sizeof (sei));
  fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  push (&hand, 3, 50, 0x41, TRUE);
  rcast_collector_wait (&hand.net, 2);
  fail_unless_equals_int (rcast_collector_get (&hand.net, 0).head[0], 0x06);
  /* A recovery point is no key frame. */
  fail_unless_equals_uint64 (hand_stat (&hand, "key-frames-seen"), 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* Sequence numbers as packets arrive, and as they leave, counted from the first one; -1: dropped */
static const struct
{
  guint in;
  gint out;
} arrivals[] = {
  {1, 0}, {2, 1}, {4, 3}, {3, 2}, {5, 4}, {5, -1}, {3, -1}, {9, 8}, {7, 6},
  {10, 9}, {6, 5}, {11, 10},
};

/* Gaps stay visible: a receiver requests missing packets or reports them. A late packet leaves
 * with its own number. The test pushes buffers (0), or a list (1). */
GST_START_TEST (test_numbers_tell_what_is_missing)
{
  GstBufferList *list = gst_buffer_list_new ();
  guint n = 0, base;
  guint64 skipped;
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,"
      "encoding-name=H264,clock-rate=90000,payload=96", "H264");
  for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++)
    gst_buffer_list_add (list, make_packet (arrivals[i].in, 50, i == 0 ? 0x65 :
            0x41, TRUE));
  if (__i__ == 0) {
    for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++)
      fail_unless_equals_int (gst_harness_push (hand.h, gst_buffer_ref
              (gst_buffer_list_get (list, i))), GST_FLOW_OK);
    gst_buffer_list_unref (list);
  } else {
    fail_unless_equals_int (gst_pad_push_list (hand.h->srcpad, list),
        GST_FLOW_OK);
  }
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (arrivals) - 2);
  base = rcast_collector_get (&hand.net, 0).header.sequence;
  for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++) {
    RcastPacket packet;

    if (arrivals[i].out < 0)
      continue;
    packet = rcast_collector_get (&hand.net, n++);
    fail_unless_equals_int ((guint16) (packet.header.sequence - base),
        arrivals[i].out);
    fail_unless_equals_int (packet.header.timestamp
        - rcast_collector_get (&hand.net, 0).header.timestamp,
        arrivals[i].out * 3600);
  }
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 2);
  /* The eighth packet is missing. */
  fail_unless_equals_uint64 (gst_rcast_feed_get_packets_sent (GST_RCAST_FEED
          (hand.feed), &skipped), G_N_ELEMENTS (arrivals) - 2);
  fail_unless_equals_uint64 (skipped, 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* A camera starts again with the same SSRC; its new parameter sets may be in the first packet.
 * The test pushes buffers (0), or a list (1). */
GST_START_TEST (test_a_camera_that_starts_anew_has_its_own_sets)
{
  static const struct
  {
    guint n, size;
    guint8 head;
  } packets[] = {
    {1, 8, 0x67}, {2, 5, 0x68}, {3, 50, 0x65}, {10000, 9, 0x67},
    {10001, 6, 0x68}, {10002, 50, 0x65},
  };
  GstBufferList *list = gst_buffer_list_new ();
  guint16 base;
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_VIDEO, H264_CAPS, "H264");
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++) {
    GstBuffer *buffer = make_packet (packets[i].n, packets[i].size,
        packets[i].head, i % 3 == 2);
    guint8 timestamp[4];

    /* One timestamp for each frame */
    GST_WRITE_UINT32_BE (timestamp, (packets[i].n - i % 3) * 3600);
    gst_buffer_fill (buffer, 4, timestamp, sizeof (timestamp));
    GST_BUFFER_PTS (buffer) = (1 + i / 3) * FRAME;
    gst_buffer_list_add (list, buffer);
    if (__i__ == 0)
      fail_unless_equals_int (gst_harness_push (hand.h,
              gst_buffer_ref (buffer)), GST_FLOW_OK);
  }
  if (__i__ == 0) {
    gst_buffer_list_unref (list);
  } else {
    fail_unless_equals_int (gst_pad_push_list (hand.h->srcpad, list),
        GST_FLOW_OK);
  }
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (packets));
  base = rcast_collector_get (&hand.net, 0).header.sequence;
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);

    fail_unless_equals_int (packet.head[0], packets[i].head);
    fail_unless_equals_int (packet.header.payload_size, packets[i].size);
    /* The number in between is skipped. */
    fail_unless_equals_int ((guint16) (packet.header.sequence - base),
        i + i / 3);
  }
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"),
      G_N_ELEMENTS (packets));
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 0);
  hand_clear (&hand);
}

GST_END_TEST;

/* Only packets from the network have a number of their own. Later media,
 * even of another kind, has none. */
GST_START_TEST (test_what_follows_a_late_packet_leaves)
{
  static const guint numbers[] = { 1, 3, 2 };
  guint16 base;
  Hand hand;

  start (&hand, GST_RCAST_MEDIA_AUDIO, OPUS_CAPS, "OPUS");
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    push (&hand, numbers[i], 50, 0xfc, FALSE);
  gst_harness_set_src_caps_str (hand.h, "audio/x-opus,rate=48000,channels=2,"
      "channel-mapping-family=0");
  for (guint i = 4; i < 6; i++)
    push (&hand, i, 50, 0xfc, FALSE);
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (numbers) + 2);
  base = rcast_collector_get (&hand.net, 0).header.sequence;
  for (guint i = 3; i < 5; i++)
    fail_unless_equals_int ((guint16) (rcast_collector_get (&hand.net,
                i).header.sequence - base), i);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 5);
  hand_clear (&hand);
}

GST_END_TEST;

/* A camera sends comfort noise, tones and RTCP on the port of its sound. */
GST_START_TEST (test_only_packets_of_the_stream_leave)
{
  static const guint8 types[] = { 0, 0, 13, 101, 0x80 | 72, 0, 0 };
  guint sequence = 0;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, "application/x-rtp,media=audio,"
      "encoding-name=PCMU,clock-rate=8000,payload=0");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    GstBuffer *buffer = make_packet (sequence, 160, 0xff, FALSE);

    /* RTCP packets do not count. */
    sequence += types[i] < 0x80;
    gst_buffer_memset (buffer, 1, types[i], 1);
    if (i == 1)
      hand_open (&hand, "PCMU");
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  }
  rcast_collector_wait (&hand.net, 3);
  rcast_collector_check (&hand.net, PT, SSRC);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 3);
  hand_clear (&hand);
}

GST_END_TEST;

/* The server may only refuse the offer, without a reason. */
GST_START_TEST (test_a_codec_that_servers_do_not_take_is_told)
{
  static const struct
  {
    GstRcastMedia media;
    const gchar *caps;
    guint n_warnings;
  } rows[] = {
    {GST_RCAST_MEDIA_AUDIO, "MPEG4-GENERIC,media=audio,clock-rate=48000", 1},
    {GST_RCAST_MEDIA_VIDEO, "JPEG,media=video,clock-rate=90000", 1},
    {GST_RCAST_MEDIA_AUDIO, "G722,media=audio,clock-rate=8000", 0},
    {GST_RCAST_MEDIA_VIDEO, "vp8,media=video,clock-rate=90000", 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *caps = g_strconcat ("application/x-rtp,payload=96,"
        "encoding-name=", rows[i].caps, NULL);
    g_autofree gchar *more = g_strconcat (caps, ",seqnum-base=(uint)7", NULL);
    g_autofree gchar *text = NULL;
    Hand hand;

    hand_init (&hand, rows[i].media, caps);
    /* Payloaders add fields to their caps later on. */
    gst_harness_set_src_caps (hand.h, gst_caps_from_string (more));
    fail_unless_equals_int (count_warnings (&hand, &text), rows[i].n_warnings);
    if (text)
      fail_unless (g_str_has_prefix (text, "stream is ")
          && strstr (text, "in front of rcastsink"), "%s", text);
    hand_clear (&hand);
  }
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
  tcase_add_loop_test (tc, test_sets_alone_do_not_open_the_gate, 0,
      G_N_ELEMENTS (openings));
  tcase_add_test (tc, test_a_limit_of_its_own_counts);
  tcase_add_test (tc, test_frames_of_opus_leave_in_packets_of_their_own);
  tcase_add_test (tc, test_an_opus_frame_is_never_lost);
  tcase_add_test (tc, test_large_packets_are_whole_or_dropped);
  tcase_add_test (tc, test_intra_refresh_starts_at_its_recovery_point);
  tcase_add_test (tc, test_a_recovery_point_without_sets_is_a_start);
  tcase_add_test (tc, test_intra_refresh_waits_for_a_key_frame_by_default);
  tcase_add_loop_test (tc, test_numbers_tell_what_is_missing, 0, 2);
  tcase_add_loop_test (tc, test_a_camera_that_starts_anew_has_its_own_sets, 0,
      2);
  tcase_add_test (tc, test_what_follows_a_late_packet_leaves);
  tcase_add_test (tc, test_only_packets_of_the_stream_leave);
  tcase_add_test (tc, test_a_codec_that_servers_do_not_take_is_told);
  return s;
}

GST_CHECK_MAIN (stream_rtp);
