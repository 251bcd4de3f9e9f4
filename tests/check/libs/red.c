/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Redundant audio: when it is sent, what GStreamer's decoder makes of it,
 * and how it is negotiated. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include "rcast-red.h"

#define RED 63
#define OPUS 97
#define FRAME 960

/* The reported loss, the packets before, and the packet that leaves */
static const struct
{
  const gchar *what;
  gint payload;
  guint loss, before, step, size;
  gsize front;
} rows[] = {
  {"no loss", RED, 0, 80, FRAME, 80, 0},
  {"hardly any loss", RED, 2, 80, FRAME, 80, 0},
  {"loss", RED, 3, 80, FRAME, 80, 85},
  {"much loss", RED, 30, 80, FRAME, 80, 85},
  {"a server that does not take it", -1, 30, 80, FRAME, 80, 0},
  {"the largest block", RED, 10, 1023, FRAME, 80, 1028},
  {"a larger one", RED, 10, 1024, FRAME, 80, 0},
  {"as much as fits", RED, 10, 600, FRAME, 595, 605},
  {"more than fits", RED, 10, 600, FRAME, 596, 0},
  {"a short pause", RED, 10, 80, 16383, 80, 85},
  {"a long one", RED, 10, 80, 16384, 80, 0},
  {"the same time", RED, 10, 80, 0, 80, 0},
  {"an earlier time", RED, 10, 80, -FRAME, 80, 0},
  {"nothing before", RED, 10, 0, FRAME, 80, 0},
};

GST_START_TEST (test_when_sound_is_sent_twice)
{
  guint8 out[GST_RCAST_RED_MAX_FRONT];
  guint8 payload[2000] = { 0, };
  GstRcastRed red;

  gst_rcast_red_init (&red, rows[__i__].payload, OPUS);
  gst_rcast_red_heed (&red, rows[__i__].loss);
  fail_unless_equals_int (gst_rcast_red_next (&red, out, 5, payload,
          rows[__i__].before), 0);
  fail_unless (gst_rcast_red_next (&red, out, 5 + rows[__i__].step, payload,
          rows[__i__].size) == rows[__i__].front, "%s", rows[__i__].what);
}

GST_END_TEST;

static gboolean
is_active (GstRcastRed * red, guint loss)
{
  static guint32 timestamp = 0;
  guint8 out[GST_RCAST_RED_MAX_FRONT];

  gst_rcast_red_heed (red, loss);
  return gst_rcast_red_next (red, out, timestamp += FRAME,
      (const guint8 *) "opus", 4) > 0;
}

/* Redundancy does not come and go with each report. */
GST_START_TEST (test_it_ends_with_the_loss)
{
  static const guint losses[] = { 0, 2, 3, 2, 1, 0, 1, 2, 3, 0 };
  static const gboolean active[] = { 0, 0, 1, 1, 1, 0, 0, 0, 1, 0 };
  GstRcastRed red;

  gst_rcast_red_init (&red, RED, OPUS);
  is_active (&red, 0);
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    fail_unless (is_active (&red, losses[i]) == active[i], "%u", i);
}

GST_END_TEST;

/* @redundant: (out)
 * Returns: (transfer full): packet @n, of 40 bytes and more */
static GstBuffer *
make_packet (GstRcastRed * red, guint n, gboolean * redundant)
{
  guint8 data[12 + GST_RCAST_RED_MAX_FRONT + 100];
  guint8 payload[100];
  gsize size = 40 + n % 50, front;

  memset (payload, n, size);
  memset (data, 0, 12);
  front = gst_rcast_red_next (red, data + 12, n * FRAME, payload, size);
  *redundant = front > 0;
  data[0] = 0x80;
  data[1] = front > 0 ? RED : OPUS;
  GST_WRITE_UINT16_BE (data + 2, 65530 + n);
  GST_WRITE_UINT32_BE (data + 4, n * FRAME);
  GST_WRITE_UINT32_BE (data + 8, 1);
  memcpy (data + 12 + front, payload, size);
  return gst_buffer_new_memdup (data, 12 + front + size);
}

/* @lost: bits of the lost packets, of 30
 * Returns: bits of the packets whose audio comes out of rtpreddec */
static guint32
receive (guint32 lost)
{
  GstHarness *h = gst_harness_new ("rtpreddec");
  guint32 heard = 0;
  GstBuffer *buffer;
  GstRcastRed red;

  gst_harness_set (h, "rtpreddec", "pt", RED, NULL);
  gst_harness_set_src_caps_str (h, "application/x-rtp, media=audio, "
      "clock-rate=48000, encoding-name=OPUS, payload=97");
  gst_rcast_red_init (&red, RED, OPUS);
  gst_rcast_red_heed (&red, 10);
  for (guint n = 1; n <= 30; n++) {
    gboolean redundant;

    buffer = make_packet (&red, n, &redundant);
    fail_unless_equals_int (redundant, n > 1);
    if (lost >> n & 1)
      gst_buffer_unref (buffer);
    else
      gst_harness_push (h, buffer);
  }
  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;
    guint n;

    gst_buffer_map (buffer, &map, GST_MAP_READ);
    n = (guint16) (GST_READ_UINT16_BE (map.data + 2) - 65530);
    fail_unless_equals_int (map.data[1] & 0x7f, OPUS);
    fail_unless_equals_int (map.size, 12 + 40 + n % 50);
    fail_unless_equals_int (GST_READ_UINT32_BE (map.data + 4), n * FRAME);
    for (guint i = 12; i < map.size; i++)
      fail_unless_equals_int (map.data[i], n);
    heard |= 1u << n;
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return heard;
}

/* Each packet repeats the one before it: the last packet of each loss is repaired. */
static const struct
{
  guint32 lost, missing;
} losses[] = {
  {0, 0},
  {1 << 5, 0},
  {1 << 5 | 1 << 7 | 1 << 9, 0},
  {1 << 5 | 1 << 6, 1 << 5},
  {7 << 10, 3 << 10},
};

GST_START_TEST (test_a_receiver_has_what_was_lost)
{
  guint32 all = 0x7ffffffe;

  fail_unless_equals_int_hex (receive (losses[__i__].lost),
      all & ~losses[__i__].missing);
}

GST_END_TEST;

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define VIDEO(TYPES) "m=video 9 UDP/TLS/RTP/SAVPF " TYPES "\r\n" \
  "a=rtpmap:96 VP8/90000\r\n"
#define AUDIO(TYPES, REST) "m=audio 9 UDP/TLS/RTP/SAVPF " TYPES "\r\n" REST
#define IS_OPUS "a=rtpmap:97 OPUS/48000/2\r\n"

static const struct
{
  const gchar *sdp;
  /* Of each section, or -1 */
  gint red[2];
} offers[] = {
  {HEAD VIDEO ("96") AUDIO ("97", IS_OPUS), {-1, 63}},
  {HEAD VIDEO ("96 63") AUDIO ("97", IS_OPUS), {-1, 62}},
  {HEAD AUDIO ("97", IS_OPUS) AUDIO ("97", IS_OPUS), {63, 63}},
  {HEAD AUDIO ("97", IS_OPUS) AUDIO ("98", "a=rtpmap:98 OPUS/48000/2\r\n"),
      {63, -1}},
  {HEAD AUDIO ("8", "a=rtpmap:8 PCMA/8000\r\n") AUDIO ("8 97", IS_OPUS),
      {-1, 63}},
  /* More channels */
  {HEAD AUDIO ("97", "a=rtpmap:97 multiopus/48000/6\r\n") VIDEO ("96"), {-1, -1}},
};

GST_START_TEST (test_what_is_offered)
{
  GstSDPMessage *sdp;

  gst_sdp_message_new_from_text (offers[__i__].sdp, &sdp);
  gst_rcast_red_offer (sdp);
  for (guint i = 0; i < 2; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    fail_unless_equals_int (MAX (gst_rcast_red_find (media, 97),
            gst_rcast_red_find (media, 98)), offers[__i__].red[i]);
  }
  gst_sdp_message_free (sdp);
}

GST_END_TEST;

/* Of a section that has Opus as 97 */
static const struct
{
  const gchar *types, *rest;
  gint red;
} answers[] = {
  {"97 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 97/97\r\n", 63},
  {"63 97", "a=rtpmap:63 RED/48000/2\r\na=fmtp:63 97/97\r\n", 63},
  {"97 120", "a=rtpmap:120 red/48000/2\r\na=fmtp:120 97/97\r\n", 120},
  /* The payload type is not among the formats that the server takes. */
  {"97", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 97/97\r\n", -1},
  {"97 63", "a=rtpmap:63 red/48000/2\r\n", -1},
  {"97 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n", -1},
  {"97 63", "a=rtpmap:63 red/90000\r\na=fmtp:63 97/97\r\n", -1},
  {"97 63", "a=rtpmap:163 red/48000/2\r\na=fmtp:63 97/97\r\n", -1},
  {"97 x", "a=rtpmap:x red/48000/2\r\na=rtpmap\r\na=fmtp:63\r\n", -1},
  {"97 300", "a=rtpmap:300 red/48000/2\r\na=fmtp:300 97/97\r\n", -1},
};

GST_START_TEST (test_what_is_answered)
{
  g_autofree gchar *text = g_strconcat (HEAD "m=audio 9 UDP/TLS/RTP/SAVPF ",
      answers[__i__].types, "\r\n" IS_OPUS, answers[__i__].rest, NULL);
  GstSDPMessage *sdp;

  gst_sdp_message_new_from_text (text, &sdp);
  fail_unless_equals_int (gst_rcast_red_find (gst_sdp_message_get_media (sdp,
              0), 97), answers[__i__].red);
  gst_sdp_message_free (sdp);
}

GST_END_TEST;

static Suite *
red_suite (void)
{
  Suite *s = suite_create ("red");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_when_sound_is_sent_twice, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_it_ends_with_the_loss);
  tcase_add_loop_test (tc, test_a_receiver_has_what_was_lost, 0,
      G_N_ELEMENTS (losses));
  tcase_add_loop_test (tc, test_what_is_offered, 0, G_N_ELEMENTS (offers));
  tcase_add_loop_test (tc, test_what_is_answered, 0, G_N_ELEMENTS (answers));
  return s;
}

GST_CHECK_MAIN (red);
