/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* H.264 for a server whose answer wants packetization-mode 0: whole NAL units, one in a packet. */
#include "config.h"

#include "rcast-check.h"
#include "stream-hand.h"

#define RTP_H264 "application/x-rtp,media=video,encoding-name=H264," \
  "clock-rate=90000,payload=96,packetization-mode=(string)1"
#define SPS "\x67\x42\xc0\x1e"
#define PPS "\x68\xce\x3c\x80"

#define STAP_A 24
#define FU_A 28

/* @single: the answer asks for single NAL units */
static void
open_hand (Hand * hand, gboolean single)
{
  g_autoptr (GstCaps) caps = hand_choose (hand, "H264");

  gst_caps_set_simple (caps, GST_RCAST_NEGOTIATED_SINGLE_UNITS, G_TYPE_BOOLEAN,
      single, NULL);
  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand->stream), caps, NULL));
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (hand->feed), caps, SSRC,
          NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (hand->feed), TRUE);
}

/* Returns: (transfer full): a packet of frame @frame: @head, then bytes that
 * count from @from, @size in all */
static GstBuffer *
make_packet (guint16 number, guint frame, const gchar * head, gsize n_head,
    guint from, gsize size, gboolean marker)
{
  guint8 *data = g_malloc0 (12 + size);
  GstBuffer *buffer;

  data[0] = 0x80;
  data[1] = 96 | (marker ? 0x80 : 0);
  GST_WRITE_UINT16_BE (data + 2, number);
  GST_WRITE_UINT32_BE (data + 4, frame * 3600);
  GST_WRITE_UINT32_BE (data + 8, 9);
  memcpy (data + 12, head, n_head);
  for (gsize i = n_head; i < size; i++)
    data[12 + i] = from + i - n_head;
  buffer = gst_buffer_new_wrapped (data, 12 + size);
  GST_BUFFER_PTS (buffer) = frame * FRAME;
  return buffer;
}

static void
push (Hand * hand, guint frame, const gchar * head, gsize n_head, guint from,
    gsize size, gboolean marker)
{
  fail_unless_equals_int (gst_harness_push (hand->h,
          make_packet (hand->n_pushed++, frame, head, n_head, from, size,
              marker)), GST_FLOW_OK);
}

#define PUSH(hand, frame, head, from, size, marker) \
  push (hand, frame, head, sizeof (head) - 1, from, size, marker)

static void
start (Hand * hand, gboolean single)
{
  hand_init (hand, GST_RCAST_MEDIA_VIDEO, RTP_H264);
  PUSH (hand, 0, "\x65", 0, 10, TRUE);
  open_hand (hand, single);
}

/* Returns: (transfer full) (nullable): the last one of @n_wanted warnings */
static gchar *
get_warning (Hand * hand, guint n_wanted)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (hand->pipeline);
  GstMessage *message;
  gchar *text = NULL;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING))) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    gst_message_parse_warning (message, &error, &debug);
    g_free (text);
    text = g_strconcat (error->message, debug, NULL);
    gst_message_unref (message);
    n++;
  }
  fail_unless (n == n_wanted, "%u warnings, the last one: %s", n, text);
  return text;
}

static guint
get_type (Hand * hand, guint i)
{
  return rcast_collector_get (&hand->net, i).head[0] & 0x1f;
}

/* Cameras send parameter sets and a slice in one packet, and units in
 * fragments smaller than need be. */
GST_START_TEST (test_packets_hold_one_unit_each)
{
  static const guint types[] = { 7, 8, 5, 1, 1 };
  g_autofree gchar *text = NULL;
  Hand hand;

  start (&hand, TRUE);
  PUSH (&hand, 1, "\x78\x00\x04" SPS "\x00\x04" PPS "\x00\x20\x65", 0,
      1 + 6 + 6 + 2 + 32, TRUE);
  PUSH (&hand, 2, "\x5c\x81", 0, 402, FALSE);
  PUSH (&hand, 2, "\x5c\x01", 400, 402, FALSE);
  PUSH (&hand, 2, "\x5c\x41", 800, 302, TRUE);
  PUSH (&hand, 3, "\x41", 0, 900, TRUE);
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (types));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);

    fail_unless_equals_int (packet.head[0] & 0x1f, types[i]);
    fail_unless_equals_int (packet.header.marker, types[i] < 7);
  }
  {
    RcastPacket joined = rcast_collector_get (&hand.net, 3);
    GstBuffer *buffer = g_ptr_array_index (hand.net.buffers, 3);
    guint8 data[1101];

    fail_unless_equals_int (joined.header.payload_size, 1101);
    fail_unless_equals_int (joined.head[0], 0x41);
    gst_buffer_extract (buffer, joined.header.payload_offset, data, 1101);
    for (guint i = 0; i < 1100; i++)
      fail_unless_equals_int (data[1 + i], i & 0xff);
  }
  text = get_warning (&hand, 0);
  hand_clear (&hand);
}

GST_END_TEST;

/* In packetization-mode 1, the same packets leave as they are. */
GST_START_TEST (test_mode_1_is_left_alone)
{
  static const guint types[] = { STAP_A, FU_A, FU_A };
  Hand hand;

  start (&hand, FALSE);
  PUSH (&hand, 1, "\x78\x00\x04" SPS "\x00\x04" PPS "\x00\x20\x65", 0,
      1 + 6 + 6 + 2 + 32, TRUE);
  PUSH (&hand, 2, "\x5c\x81", 0, 402, FALSE);
  PUSH (&hand, 2, "\x5c\x41", 400, 402, TRUE);
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (types));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    fail_unless_equals_int (get_type (&hand, i), types[i]);
  hand_clear (&hand);
}

GST_END_TEST;

/* The stream cannot split the unit further: it sends the unit, and warns once. */
GST_START_TEST (test_a_unit_that_is_too_large_is_told)
{
  g_autofree gchar *text = NULL;
  Hand hand;

  start (&hand, TRUE);
  PUSH (&hand, 1, "\x7c\x85", 0, 802, FALSE);
  PUSH (&hand, 1, "\x7c\x05", 0, 802, FALSE);
  PUSH (&hand, 1, "\x7c\x45", 0, 302, TRUE);
  PUSH (&hand, 2, "\x5c\x81", 0, 1002, FALSE);
  PUSH (&hand, 2, "\x5c\x41", 0, 1002, TRUE);
  rcast_collector_wait (&hand.net, 5);
  for (guint i = 0; i < 5; i++)
    fail_unless_equals_int (get_type (&hand, i), FU_A);
  text = get_warning (&hand, 1);
  fail_unless (strstr (text, "stream: ") && strstr (text, "mtu of 1200")
      && strstr (text, "packetization-mode=0")
      && strstr (text, "slice-max-size=1176"), "%s", text);
  hand_clear (&hand);
}

GST_END_TEST;

/* Packets that follow packet 0, in this order */
static const struct
{
  guint16 number;
  guint frame;
  const gchar *head;
} holes[] = {
  {1, 1, "\x65"},
  {2, 2, "\x5c\x81"},
  /* Packet 3 is lost. */
  {4, 2, "\x5c\x41"},
  {5, 3, "\x41"},
  {6, 4, "\x5c\x81"},
  /* Packet 7 is late. */
  {8, 4, "\x5c\x41"},
  {7, 4, "\x5c\x01"},
  {9, 5, "\x41"},
  /* A first fragment, whose last one never arrives */
  {10, 6, "\x5c\x81"},
  {11, 7, "\x41"},
  {12, 8, "\x5c\x81"},
  {14, 9, "\x41"},
};

static void
push_holes (Hand * hand, gboolean as_list)
{
  g_autoptr (GstBufferList) list = gst_buffer_list_new ();

  for (guint i = 0; i < G_N_ELEMENTS (holes); i++)
    gst_buffer_list_add (list, make_packet (holes[i].number, holes[i].frame,
            holes[i].head, strlen (holes[i].head), 0, 102, TRUE));
  if (as_list) {
    fail_unless_equals_int (gst_pad_push_list (hand->h->srcpad,
            g_steal_pointer (&list)), GST_FLOW_OK);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (holes); i++)
    fail_unless_equals_int (gst_harness_push (hand->h,
            gst_buffer_ref (gst_buffer_list_get (list, i))), GST_FLOW_OK);
}

/* If a fragment is missing or late, the others leave as they are, after all earlier packets.
 * Sequence numbers show the receiver where the hole is. */
GST_START_TEST (test_a_unit_with_a_hole_is_not_joined)
{
  guint16 base;
  Hand hand;

  start (&hand, TRUE);
  push_holes (&hand, __i__ == 1);
  rcast_collector_wait (&hand.net, G_N_ELEMENTS (holes));
  base = rcast_collector_get (&hand.net, 0).header.sequence;
  for (guint i = 0; i < G_N_ELEMENTS (holes); i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);

    fail_unless_equals_int (get_type (&hand, i), holes[i].head[0] & 0x1f);
    fail_unless_equals_int ((guint16) (packet.header.sequence - base),
        holes[i].number - 1);
  }
  hand_clear (&hand);
}

GST_END_TEST;

#define NOISE "video/x-raw,format=I420,width=320,height=240,framerate=25/1"
#define N_NOISE 12

/* A noise picture, which no encoder makes small */
static GstBuffer *
make_noise (guint n)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (n);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 320 * 240 * 3 / 2, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = g_rand_int (rand);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = n * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  return buffer;
}

/* Pushes pictures, raw or encoded by @encoder. The gate opens at the fourth one. */
static void
push_noise (Hand * hand, const gchar * encoder)
{
  GstHarness *h = gst_harness_new_parse (encoder);

  gst_harness_set_src_caps_str (h, NOISE);
  for (guint i = 0; i < N_NOISE; i++) {
    gst_harness_push (h, make_noise (i));
    if (i == 0)
      gst_harness_set_src_caps (hand->h, gst_pad_get_current_caps
          (h->sinkpad));
    if (i == 3)
      open_hand (hand, TRUE);
    fail_unless_equals_int (gst_harness_push (hand->h, gst_harness_pull (h)),
        GST_FLOW_OK);
  }
  gst_harness_teardown (h);
}

/* The stream's own encoder makes slices that fit. Encoded video stays as it is. */
GST_START_TEST (test_what_is_payloaded_here_is_never_aggregated)
{
  gboolean raw = __i__ == 0;
  g_autofree gchar *text = NULL;
  guint n = 0;
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  push_noise (&hand, raw ? "identity" :
      "x264enc tune=zerolatency threads=1 key-int-max=3");
  rcast_collector_wait (&hand.net, 20);
  for (guint i = 0; i < hand.net.packets->len; i++) {
    fail_if (get_type (&hand, i) == STAP_A);
    n += get_type (&hand, i) == FU_A;
  }
  fail_unless ((n == 0) == raw, "%u fragments", n);
  text = get_warning (&hand, raw ? 0 : 1);
  hand_clear (&hand);
}

GST_END_TEST;

/* A server that takes single units, one that takes all, then the first one again. Units that fit
 * cause no warning; larger ones cause one. */
GST_START_TEST (test_units_are_watched_behind_each_answer)
{
  static const gboolean single[] = { TRUE, FALSE, TRUE };
  g_autofree gchar *text = NULL;
  GstHarness *h;
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  h = gst_harness_new_parse ("x264enc tune=zerolatency threads=1");
  gst_harness_set_src_caps_str (h, NOISE);
  for (guint i = 0; i < N_NOISE; i++) {
    GstBuffer *picture = make_noise (i);

    if (i < 9)
      gst_buffer_memset (picture, 0, 128, -1);
    gst_harness_push (h, picture);
    if (i == 0)
      gst_harness_set_src_caps (hand.h, gst_pad_get_current_caps (h->sinkpad));
    if (i > 0 && i % 3 == 0)
      open_hand (&hand, single[i / 3 - 1]);
    if (i == 9)
      text = get_warning (&hand, 0);
    fail_unless_equals_int (gst_harness_push (hand.h, gst_harness_pull (h)),
        GST_FLOW_OK);
  }
  text = get_warning (&hand, 1);
  gst_harness_teardown (h);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_units_suite (void)
{
  Suite *s = suite_create ("stream-units");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_packets_hold_one_unit_each);
  tcase_add_test (tc, test_mode_1_is_left_alone);
  tcase_add_test (tc, test_a_unit_that_is_too_large_is_told);
  tcase_add_loop_test (tc, test_a_unit_with_a_hole_is_not_joined, 0, 2);
  tcase_add_loop_test (tc, test_what_is_payloaded_here_is_never_aggregated, 0,
      2);
  tcase_add_test (tc, test_units_are_watched_behind_each_answer);
  return s;
}

GST_CHECK_MAIN (stream_units);
