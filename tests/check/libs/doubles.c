/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets leave twice unasked, and when: only where a request comes too
 * late, and the path has room. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "rcast-doubles.h"

#define VIDEO 0x12345678
#define OTHER 0x22222222
#define SOUND 0x11111111
#define MS(ms) ((ms) * GST_MSECOND)

/* As in rcast-doubles.c, counted from when the path was full */
#define ROOM_FROM MS (5000)
#define BEGIN MS (6000)
#define ROOM_UNTIL MS (7000)

static const GstRcastDoublesView satellite = { TRUE, MS (600), 0.03 };
static const GstRcastDoublesView full = { FALSE, MS (600), 0.03 };

/* States of the paths, one after the other, and whether packets leave twice in each */
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

/* Each state lasts long enough. */
GST_START_TEST (test_the_paths_decide)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();
  GstClockTime now = MS (1000);

  fail_unless (gst_rcast_doubles_add_stream (doubles, VIDEO,
          GST_RCAST_CODEC_VP8));
  fail_if (gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8));
  gst_rcast_doubles_repaired (doubles, VIDEO, 0);
  for (guint i = 0; i < rows[__i__].n_turns; i++) {
    for (GstClockTime end = now + 2 * BEGIN; now < end; now += MS (100))
      gst_rcast_doubles_heed (doubles, &rows[__i__].turns[i].view, now);
    assert_equals_int_hex (gst_rcast_doubles_wants (doubles, VIDEO, now),
        rows[__i__].turns[i].wanted);
    fail_if (gst_rcast_doubles_wants (doubles, SOUND, now));
  }
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* Of several paths the worst loss counts, and the shortest known round trip, in any order. */
GST_START_TEST (test_paths_are_judged_together)
{
  static const GstRcastDoublesView views[] = {
    {TRUE, MS (600), 0.01}, {TRUE, 0, 0.03}, {TRUE, MS (300), 0}
  };

  for (guint i = 0; i < G_N_ELEMENTS (views); i++) {
    GstRcastDoublesView all = {.spare = TRUE };

    for (guint k = 0; k < G_N_ELEMENTS (views); k++)
      gst_rcast_doubles_view_join (&all, &views[(i + k) % 3]);
    fail_unless (all.spare && all.loss == 0.03);
    assert_equals_uint64 (all.round_trip, MS (300));
    gst_rcast_doubles_view_join (&all, &full);
    fail_if (all.spare);
  }
}

GST_END_TEST;

/* Heeds @view from @from on, until before @until. Returns: how often the encoders make room */
static guint
heed (GstRcastDoubles * doubles, const GstRcastDoublesView * view,
    GstClockTime from, GstClockTime until)
{
  guint n = 0;

  for (GstClockTime now = from; now < until; now += MS (100))
    n += gst_rcast_doubles_heed (doubles, view, now);
  return n;
}

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

/* A video whose first request was served. From 6 s on its packets leave twice. */
static GstRcastDoubles *
new_doubles (GstRcastCodec codec)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  gst_rcast_doubles_add_stream (doubles, VIDEO, codec);
  gst_rcast_doubles_repaired (doubles, VIDEO, 0);
  gst_rcast_doubles_heed (doubles, &full, 0);
  heed (doubles, &satellite, MS (1000), MS (7000));
  return doubles;
}

static void
expect (GstRcastDoubles * doubles, guint16 seqnum, gboolean key,
    GstClockTime now)
{
  GstRcastDouble due = { 0, };

  fail_unless (gst_rcast_doubles_next (doubles, VIDEO, &due, now),
      "packet %u does not come", seqnum);
  assert_equals_int_hex (due.ssrc, VIDEO);
  assert_equals_int (due.seqnum, seqnum);
  assert_equals_int (due.key, key);
}

static void
expect_nothing (GstRcastDoubles * doubles, GstClockTime now)
{
  GstRcastDouble due = { 0, };

  fail_if (gst_rcast_doubles_next (doubles, VIDEO, &due, now), "packet %u",
      due.seqnum);
}

/* The last packet of each frame leaves twice, and all of a key frame, but no
 * audio. Sequence numbers wrap. */
GST_START_TEST (test_what_would_be_missed_most_leaves_twice)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);
  const GstClockTime now = MS (7500);
  GstRcastDouble due;

  send_packet (doubles, VIDEO, 65533, 1, TRUE, FALSE, FALSE, now);
  send_packet (doubles, VIDEO, 65534, 1, FALSE, FALSE, TRUE, now);
  send_packet (doubles, SOUND, 7, 2, TRUE, TRUE, TRUE, now);
  for (guint i = 0; i < 4; i++)
    send_packet (doubles, VIDEO, 65535 + i, 2, i == 0, TRUE, i == 3, now);
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, FALSE, now);
  send_packet (doubles, VIDEO, 4, 3, FALSE, FALSE, TRUE, now);
  fail_if (gst_rcast_doubles_next (doubles, SOUND, &due, now + MS (33)));
  expect (doubles, 65534, FALSE, now + MS (33));
  for (guint i = 0; i < 4; i++)
    expect (doubles, 65535 + i, TRUE, now + MS (33));
  expect (doubles, 4, FALSE, now + MS (33));
  expect_nothing (doubles, now + MS (33));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* The loss that takes a packet may take the next packets, too. So its
 * copy waits, but not for ever. */
GST_START_TEST (test_it_leaves_a_frame_later)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);

  send_packet (doubles, VIDEO, 1, 1, TRUE, FALSE, TRUE, MS (8000));
  send_packet (doubles, VIDEO, 2, 2, TRUE, FALSE, TRUE, MS (8010));
  expect_nothing (doubles, MS (8020));
  expect (doubles, 1, FALSE, MS (8030));
  expect_nothing (doubles, MS (8030));
  expect (doubles, 2, FALSE, MS (8040));
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, TRUE, MS (8100));
  send_packet (doubles, VIDEO, 4, 4, TRUE, FALSE, TRUE, MS (8300));
  expect (doubles, 4, FALSE, MS (8400));
  expect_nothing (doubles, MS (8400));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* The pacer needs long for a large key frame. The copies wait until all of it has left. */
GST_START_TEST (test_a_key_frame_leaves_twice_when_it_is_out)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);

  for (guint i = 0; i < 10; i++) {
    send_packet (doubles, VIDEO, i, 1, i == 0, TRUE, i == 9, MS (8000 + 20 * i));
    expect_nothing (doubles, MS (8000 + 20 * i));
  }
  expect_nothing (doubles, MS (8200));
  for (guint i = 0; i < 10; i++)
    expect (doubles, i, TRUE, MS (8205));
  expect_nothing (doubles, MS (8300));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* The encoders make room before copies leave, until the rate of the copies can be measured. */
GST_START_TEST (test_the_encoders_make_room_first)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8);
  gst_rcast_doubles_repaired (doubles, VIDEO, 0);
  fail_if (gst_rcast_doubles_heed (doubles, &full, 0));
  assert_equals_int (heed (doubles, &satellite, MS (100), ROOM_FROM), 0);
  assert_equals_int (heed (doubles, &satellite, ROOM_FROM, BEGIN), 10);
  fail_if (gst_rcast_doubles_wants (doubles, VIDEO, BEGIN - 1));
  fail_unless (gst_rcast_doubles_wants (doubles, VIDEO, BEGIN));
  assert_equals_int (heed (doubles, &satellite, BEGIN, ROOM_UNTIL), 10);
  assert_equals_int (heed (doubles, &satellite, ROOM_UNTIL, MS (60000)), 0);
  fail_unless (gst_rcast_doubles_wants (doubles, VIDEO, MS (60000)));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* A path that has had room needs no further wait. A path whose loss ends and begins again does: the
 * encoders would follow each time. */
GST_START_TEST (test_a_path_that_begins_to_lose_is_served_at_once)
{
  const GstRcastDoublesView clean = { TRUE, MS (600), 0 };
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8);
  gst_rcast_doubles_repaired (doubles, VIDEO, 0);
  assert_equals_int (heed (doubles, &clean, MS (1000), MS (20000)), 0);
  assert_equals_int (heed (doubles, &satellite, MS (20000), MS (21000)), 10);
  fail_unless (gst_rcast_doubles_wants (doubles, VIDEO, MS (21000)));
  heed (doubles, &satellite, MS (21000), MS (30000));
  fail_if (gst_rcast_doubles_heed (doubles, &clean, MS (30000)));
  assert_equals_int (heed (doubles, &satellite, MS (30100), MS (35000)), 0);
  fail_unless (gst_rcast_doubles_heed (doubles, &satellite, MS (35000)));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* If nothing may leave twice, the encoders have the whole rate. */
GST_START_TEST (test_without_a_stream_no_room_is_made)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();

  assert_equals_int (heed (doubles, &satellite, 0, MS (20000)), 0);
  gst_rcast_doubles_repaired (doubles, SOUND, MS (20000));
  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8);
  assert_equals_int (heed (doubles, &satellite, MS (20000), MS (40000)), 0);
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* A server that never received a repair of a stream cannot assign repairs to it. */
GST_START_TEST (test_what_was_never_asked_for_does_not_leave_twice)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);

  gst_rcast_doubles_add_stream (doubles, OTHER, GST_RCAST_CODEC_VP8);
  fail_if (gst_rcast_doubles_wants (doubles, OTHER, MS (7000)));
  gst_rcast_doubles_repaired (doubles, OTHER, MS (7000));
  fail_if (gst_rcast_doubles_wants (doubles, OTHER, MS (7599)));
  gst_rcast_doubles_repaired (doubles, OTHER, MS (7500));
  fail_unless (gst_rcast_doubles_wants (doubles, OTHER, MS (7600)));
  fail_unless (gst_rcast_doubles_wants (doubles, VIDEO, MS (7000)));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* No copy joins a queue. It takes some seconds until copies are tried again. */
GST_START_TEST (test_what_waits_is_dropped_where_the_path_gets_full)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);

  send_packet (doubles, VIDEO, 1, 1, TRUE, FALSE, TRUE, MS (8000));
  gst_rcast_doubles_heed (doubles, &full, MS (8010));
  expect_nothing (doubles, MS (8100));
  heed (doubles, &satellite, MS (8100), MS (14200));
  send_packet (doubles, VIDEO, 2, 2, TRUE, FALSE, TRUE, MS (14050));
  expect_nothing (doubles, MS (14095));
  send_packet (doubles, VIDEO, 3, 3, TRUE, FALSE, TRUE, MS (14100));
  expect (doubles, 3, FALSE, MS (14200));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* No copy leaves there, so no encoder makes room. A path that gets full after
 * room was made keeps the room. */
GST_START_TEST (test_a_path_that_is_full_again_and_again_is_left_alone)
{
  GstRcastDoubles *doubles = gst_rcast_doubles_new ();
  GstClockTime now = 0;

  gst_rcast_doubles_add_stream (doubles, VIDEO, GST_RCAST_CODEC_VP8);
  gst_rcast_doubles_repaired (doubles, VIDEO, 0);
  for (guint i = 0; i < 20; i++, now += MS (3000)) {
    fail_if (gst_rcast_doubles_heed (doubles, &full, now));
    assert_equals_int (heed (doubles, &satellite, now + MS (100),
            now + MS (3000)), 0);
  }
  gst_rcast_doubles_heed (doubles, &full, now);
  assert_equals_int (heed (doubles, &satellite, now, now + MS (5200)), 2);
  assert_equals_int (heed (doubles, &full, now + MS (5200), now + MS (20000)),
      18);
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* If a key frame is larger than the memory of rtprtxsend, its end leaves twice, in order. */
GST_START_TEST (test_no_frame_is_too_large)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);
  GstRcastDouble due;
  guint n = 0;

  for (guint i = 0; i < 2000; i++)
    send_packet (doubles, VIDEO, i, 1, i == 0, TRUE, i == 1999, MS (8000));
  while (gst_rcast_doubles_next (doubles, VIDEO, &due, MS (8050)))
    assert_equals_int (due.seqnum, 1600 + n++);
  assert_equals_int (n, 400);
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* If many frames wait, the last ones leave twice, in order. */
GST_START_TEST (test_many_frames_wait)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);

  for (guint i = 0; i < 50; i++)
    send_packet (doubles, VIDEO, i, i, TRUE, FALSE, TRUE, MS (8000));
  for (guint i = 34; i < 50; i++)
    expect (doubles, i, FALSE, MS (8050));
  expect_nothing (doubles, MS (8050));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* Any bytes: no frame starts in them, and nothing is read beyond them. */
GST_START_TEST (test_short_packets_are_no_trouble)
{
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_VP8);
  guint8 packet[] = { 0xbf, 0x80 | 96, 0, 1, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78 };

  for (gsize size = 0; size <= sizeof packet; size++)
    gst_rcast_doubles_sent (doubles, packet, size, MS (8000));
  expect_nothing (doubles, MS (8100));
  packet[0] = 0x80;
  gst_rcast_doubles_sent (doubles, packet, sizeof packet, MS (8200));
  expect (doubles, 1, FALSE, MS (8300));
  gst_rcast_doubles_free (doubles);
}

GST_END_TEST;

/* NAL units in front of a key frame belong to it. In front of another picture (access unit
 * delimiters, say) they do not leave twice. */
GST_START_TEST (test_a_key_frame_has_what_stands_in_front)
{
  static const guint8 types[] = { 0x09, 0x67, 0x68, 0x65, 0x09, 0x06, 0x41 };
  GstRcastDoubles *doubles = new_doubles (GST_RCAST_CODEC_H264);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    guint8 packet[] = { 0x80, 96 | (i == 3 || i == 6 ? 0x80 : 0), 0, i, 0, 0, 0,
      i / 4, 0x12, 0x34, 0x56, 0x78, types[i], 0x80, 0, 0
    };

    gst_rcast_doubles_sent (doubles, packet, sizeof packet, MS (8000));
  }
  for (guint i = 0; i < 4; i++)
    expect (doubles, i, TRUE, MS (8050));
  expect (doubles, 6, FALSE, MS (8050));
  expect_nothing (doubles, MS (8050));
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
  tcase_add_test (tc, test_paths_are_judged_together);
  tcase_add_test (tc, test_a_key_frame_leaves_twice_when_it_is_out);
  tcase_add_test (tc, test_the_encoders_make_room_first);
  tcase_add_test (tc, test_a_path_that_begins_to_lose_is_served_at_once);
  tcase_add_test (tc, test_without_a_stream_no_room_is_made);
  tcase_add_test (tc, test_what_was_never_asked_for_does_not_leave_twice);
  tcase_add_test (tc,
      test_a_path_that_is_full_again_and_again_is_left_alone);
  tcase_add_test (tc, test_many_frames_wait);
  tcase_add_test (tc, test_what_waits_is_dropped_where_the_path_gets_full);
  tcase_add_test (tc, test_no_frame_is_too_large);
  tcase_add_test (tc, test_short_packets_are_no_trouble);
  tcase_add_test (tc, test_a_key_frame_has_what_stands_in_front);
  return suite;
}

GST_CHECK_MAIN (doubles);
