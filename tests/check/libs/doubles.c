/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves twice unasked, and when: only where a request comes too late, and the path has room. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "rcast-doubles.h"

#define VIDEO 0x12345678
#define SOUND 0x11111111
#define MS(ms) ((ms) * GST_MSECOND)

static const GstRcastDoublesView satellite = { TRUE, MS (600), 0.03 };

/* What the paths are like, one after the other, and whether packets leave twice then */
static const struct
{
  const gchar *what;
  struct
  {
    GstRcastDoublesView view;
    gboolean wanted;
  } turns[3];
  guint n_turns;
} rows[] = {
  {"a long way that loses", {{{TRUE, MS (600), 0.03}, TRUE}}, 1},
  {"the receiver waits for a request", {{{TRUE, MS (190), 0.03}, FALSE}}, 1},
  {"nothing is lost", {{{TRUE, MS (600), 0}, FALSE}}, 1},
  {"hardly anything is lost", {{{TRUE, MS (600), 0.004}, FALSE}}, 1},
  {"the path is full", {{{FALSE, MS (600), 0.03}, FALSE}}, 1},
  {"nothing is known", {{{FALSE, 0, 0}, FALSE}}, 1},
  {"the path gets full", {{{TRUE, MS (600), 0.03}, TRUE}, {{FALSE, MS (600),
              0.03}, FALSE}, {{TRUE, MS (600), 0.03}, TRUE}}, 3},
  {"the way is hardly shorter", {{{TRUE, MS (210), 0.03}, TRUE}, {{TRUE,
              MS (160), 0.03}, TRUE}, {{TRUE, MS (140), 0.03}, FALSE}}, 3},
  {"less is lost", {{{TRUE, MS (600), 0.006}, TRUE}, {{TRUE, MS (600), 0.003},
            TRUE}, {{TRUE, MS (600), 0.002}, FALSE}}, 3},
  {"the way is not long enough again", {{{TRUE, MS (210), 0.03}, TRUE},
          {{TRUE, MS (140), 0.03}, FALSE}, {{TRUE, MS (160), 0.03}, FALSE}},
      3},
};

GST_START_TEST (test_the_paths_decide)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  /* Nothing is kept for what does not leave. */
  fail_if (gst_rcast_doubles_heed (doubles, &satellite, 0));
  gst_rcast_doubles_free (doubles);
  doubles = gst_rcast_doubles_new ();
  fail_unless (gst_rcast_doubles_add_stream (doubles, VIDEO,
          GST_RCAST_CODEC_VP8));
  fail_if (gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8));
  for (guint i = 0; i < rows[__i__].n_turns; i++)
    assert_equals_int_hex (gst_rcast_doubles_heed (doubles,
            &rows[__i__].turns[i].view, MS (100 * i)),
        rows[__i__].turns[i].wanted);
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* A packet of VP8 (RFC 7741 4.2 and 4.3) of frame @frame, the first one or not */
static void
send_packet (GstRcastDoubles * doubles, guint32 ssrc, guint16 seqnum,
    guint32 frame, gboolean first, gboolean key, gboolean last, GstClockTime now)
{
  guint8 packet[12 + 40] = { 0x80, 96 };

  packet[1] |= last ? 0x80 : 0;
  GST_WRITE_UINT16_BE (packet + 2, seqnum);
  GST_WRITE_UINT32_BE (packet + 4, frame * 3000);
  GST_WRITE_UINT32_BE (packet + 8, ssrc);
  packet[12] = first ? 0x10 : 0;
  packet[13] = key && first ? 0x10 : 0x11;
  gst_rcast_doubles_sent (doubles, packet, sizeof packet, now);
}

static GstRcastDoubles *
new_doubles (GstClockTime since)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8);
  fail_unless (gst_rcast_doubles_heed (doubles, &satellite, since));
  return doubles;
}

static void
expect (GstRcastDoubles * doubles, guint16 seqnum, gboolean key,
    GstClockTime now)
{
  GstRcastDouble due = { 0, };

  fail_unless (gst_rcast_doubles_next (doubles, &due, now),
      "packet %u does not come", seqnum);
  assert_equals_int_hex (due.ssrc, VIDEO);
  assert_equals_int (due.seqnum, seqnum);
  assert_equals_int (due.key, key);
}

static void
expect_nothing (GstRcastDoubles * doubles, GstClockTime now)
{
  GstRcastDouble due = { 0, };

  fail_if (gst_rcast_doubles_next (doubles, &due, now), "packet %u",
      due.seqnum);
}

/* The last packet of each frame, all of a key frame, and nothing of sound. Numbers wrap. */
GST_START_TEST (test_what_would_be_missed_most_leaves_twice)
{
  GstRcastDoubles *doubles = new_doubles (0);
  const GstClockTime now = MS (1500);

  send_packet (doubles, VIDEO, 65533, 1, TRUE, FALSE, FALSE, now);
  send_packet (doubles, VIDEO, 65534, 1, FALSE, FALSE, TRUE, now);
  send_packet (doubles, SOUND, 7, 2, TRUE, TRUE, TRUE, now);
  for (guint i = 0; i < 4; i++)
    send_packet (doubles, VIDEO, 65535 + i, 2, i == 0, TRUE, i == 3, now);
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, FALSE, now);
  send_packet (doubles, VIDEO, 4, 3, FALSE, FALSE, TRUE, now);
  expect (doubles, 65534, FALSE, now + MS (33));
  for (guint i = 0; i < 4; i++)
    expect (doubles, 65535 + i, TRUE, now + MS (33));
  expect (doubles, 4, FALSE, now + MS (33));
  expect_nothing (doubles, now + MS (33));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* What takes a packet may take those behind it; and who waits does not do so for ever. */
GST_START_TEST (test_it_leaves_a_frame_later)
{
  GstRcastDoubles *doubles = new_doubles (0);

  send_packet (doubles, VIDEO, 1, 1, TRUE, FALSE, TRUE, MS (2000));
  send_packet (doubles, VIDEO, 2, 2, TRUE, FALSE, TRUE, MS (2010));
  expect_nothing (doubles, MS (2020));
  expect (doubles, 1, FALSE, MS (2030));
  expect_nothing (doubles, MS (2030));
  expect (doubles, 2, FALSE, MS (2040));
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, TRUE, MS (2100));
  send_packet (doubles, VIDEO, 4, 4, TRUE, FALSE, TRUE, MS (2300));
  expect (doubles, 4, FALSE, MS (2400));
  expect_nothing (doubles, MS (2400));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* The encoders hear of it before. */
GST_START_TEST (test_room_is_made_first)
{
  GstRcastDoubles *doubles = new_doubles (MS (1000));

  send_packet (doubles, VIDEO, 1, 1, TRUE, FALSE, TRUE, MS (1999));
  expect_nothing (doubles, MS (2100));
  send_packet (doubles, VIDEO, 2, 2, TRUE, FALSE, TRUE, MS (2000));
  expect (doubles, 2, FALSE, MS (2100));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* Nothing is added to a queue, and it takes a second until it is tried again. */
GST_START_TEST (test_what_waits_is_dropped_where_the_path_gets_full)
{
  const GstRcastDoublesView full = { FALSE, MS (600), 0.03 };
  GstRcastDoubles *doubles = new_doubles (0);

  send_packet (doubles, VIDEO, 1, 1, TRUE, FALSE, TRUE, MS (2000));
  fail_if (gst_rcast_doubles_heed (doubles, &full, MS (2010)));
  expect_nothing (doubles, MS (2100));
  fail_unless (gst_rcast_doubles_heed (doubles, &satellite, MS (2110)));
  expect_nothing (doubles, MS (2120));
  send_packet (doubles, VIDEO, 2, 2, TRUE, FALSE, TRUE, MS (3100));
  expect_nothing (doubles, MS (3200));
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, TRUE, MS (3120));
  expect (doubles, 3, FALSE, MS (3200));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* Of a key frame that is larger than what is remembered the end leaves twice, in order. */
GST_START_TEST (test_no_frame_is_too_large)
{
  GstRcastDoubles *doubles = new_doubles (0);
  GstRcastDouble due;
  guint n = 0;

  for (guint i = 0; i < 2000; i++)
    send_packet (doubles, VIDEO, i, 1, i == 0, TRUE, i == 1999, MS (2000));
  while (gst_rcast_doubles_next (doubles, &due, MS (2050))) {
    if (n > 0)
      assert_equals_int (due.seqnum, 2000 - 512 + n);
    n++;
  }
  assert_equals_int (n, 512);
  assert_equals_int (due.seqnum, 1999);
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* Any bytes: no frame starts in them, and nothing is read behind them. */
GST_START_TEST (test_short_packets_are_no_trouble)
{
  GstRcastDoubles *doubles = new_doubles (0);
  guint8 packet[] = { 0xbf, 0x80 | 96, 0, 1, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78 };

  for (gsize size = 0; size <= sizeof packet; size++)
    gst_rcast_doubles_sent (doubles, packet, size, MS (2000));
  expect_nothing (doubles, MS (2100));
  packet[0] = 0x80;
  gst_rcast_doubles_sent (doubles, packet, sizeof packet, MS (2200));
  expect (doubles, 1, FALSE, MS (2300));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* What stands in front of a picture may be the start of a key frame. A slice is none. */
GST_START_TEST (test_parameter_sets_leave_twice)
{
  static const guint8 types[] = { 0x67, 0x68, 0x65, 0x41 };
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_H264);
  fail_unless (gst_rcast_doubles_heed (doubles, &satellite, 0));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    guint8 packet[] = { 0x80, 96, 0, i, 0, 0, 0, i / 3, 0x12, 0x34, 0x56, 0x78,
      types[i], 0x80, 0, 0
    };

    gst_rcast_doubles_sent (doubles, packet, sizeof packet, MS (2000));
  }
  for (guint i = 0; i < 3; i++)
    expect (doubles, i, TRUE, MS (2050));
  expect_nothing (doubles, MS (2050));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

static Suite *
doubles_suite (void)
{
  Suite *suite = suite_create ("doubles");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_the_paths_decide, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_what_would_be_missed_most_leaves_twice);
  tcase_add_test (tc, test_it_leaves_a_frame_later);
  tcase_add_test (tc, test_room_is_made_first);
  tcase_add_test (tc, test_what_waits_is_dropped_where_the_path_gets_full);
  tcase_add_test (tc, test_no_frame_is_too_large);
  tcase_add_test (tc, test_short_packets_are_no_trouble);
  tcase_add_test (tc, test_parameter_sets_leave_twice);
  return suite;
}

GST_CHECK_MAIN (doubles);
