/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time of a received stream only grows with the sender's time, and is late
 * for no longer than it must. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-steady.h"

#define RATE 90000
#define SSRC 1111
#define FRAME (GST_SECOND / 30)

static GstRcastSteady *
make (void)
{
  GstRcastSteady *steady = gst_rcast_steady_new ();

  gst_rcast_steady_set_clock_rate (steady, RATE);
  return steady;
}

static guint32
to_rtp (GstClockTime time)
{
  return (guint32) gst_util_uint64_scale (time, RATE, GST_SECOND);
}

/* Pushes frame @i, whose local time is off by @offset. */
static GstClockTime
push (GstRcastSteady * steady, guint i, GstClockTimeDiff offset)
{
  GstClockTime time = 10 * GST_SECOND + i * FRAME;

  return gst_rcast_steady_map (steady, SSRC, to_rtp (time), time + offset);
}

GST_START_TEST (test_steady_time_stays)
{
  g_autoptr (GstRcastSteady) steady = make ();

  for (guint i = 0; i < 300; i++)
    fail_unless_equals_uint64 (push (steady, i, 0), 10 * GST_SECOND + i * FRAME);
  /* A local time that jumps ahead needs no correction: no time goes back. */
  for (guint i = 300; i < 600; i++)
    fail_unless_equals_uint64 (push (steady, i, GST_SECOND),
        11 * GST_SECOND + i * FRAME);
}

GST_END_TEST;

/* ms by which the time is set back */
static const guint set_backs[] = { 1, 33, 34, 172, 1000, 5000 };

GST_START_TEST (test_set_back_is_made_up_for)
{
  GstClockTime back = set_backs[__i__] * GST_MSECOND, last = 0;
  guint frames = back * 8 / 7 / FRAME + 2;
  g_autoptr (GstRcastSteady) steady = make ();

  for (guint i = 0; i < 100 + frames; i++) {
    GstClockTime time = push (steady, i, i < 100 ? 0 : -(gint64) back);

    fail_unless (time > last);
    fail_unless (time >= 10 * GST_SECOND + i * FRAME - (i < 100 ? 0 : back));
    last = time;
  }
  fail_unless_equals_uint64 (push (steady, 100 + frames, -(gint64) back),
      10 * GST_SECOND + (100 + frames) * FRAME - back);
}

GST_END_TEST;

/* A frame has many packets. */
GST_START_TEST (test_packets_of_a_frame)
{
  g_autoptr (GstRcastSteady) steady = make ();
  GstClockTime time = push (steady, 0, 0);

  fail_unless_equals_uint64 (push (steady, 0, 5 * GST_MSECOND), time);
  time = push (steady, 1, -GST_SECOND);
  fail_unless_equals_uint64 (push (steady, 1, 0), time);
}

GST_END_TEST;

/* I P B B, in decoding order; from the second half on, frames are set back by so many ms */
static const guint reordered[] = { 0, 20, 200, 2000 };

GST_START_TEST (test_reordered_frames_keep_their_order)
{
  static const guint order[] = { 0, 3, 1, 2, 6, 4, 5, 9, 7, 8 };
  GstClockTimeDiff back = reordered[__i__] * (gint64) GST_MSECOND;
  g_autoptr (GstRcastSteady) steady = make ();
  GstClockTime shown[10], last = push (steady, 0, 0);

  for (guint i = 0; i < 6; i++) {
    for (guint j = 0; j < G_N_ELEMENTS (order); j++) {
      guint frame = 1 + 10 * i + order[j];
      GstClockTime time = 10 * GST_SECOND + frame * FRAME - (i < 3 ? 0 : back);

      shown[order[j]] = push (steady, frame, i < 3 ? 0 : -back);
      fail_unless (shown[order[j]] >= time);
      fail_unless (i >= 3 || shown[order[j]] == time);
      fail_unless_equals_uint64 (push (steady, frame, i < 3 ? 0 : -back),
          shown[order[j]]);
    }
    for (guint j = 0; j < G_N_ELEMENTS (shown); j++) {
      fail_unless (shown[j] > last, "frame %u", 1 + 10 * i + j);
      last = shown[j];
    }
  }
}

GST_END_TEST;

/* Audio of 20 ms in each packet, and video frames of 40 ms in many packets. A set-back of both is
 * made up for in both together. */
GST_START_TEST (test_sound_and_pictures_stay_together)
{
  GstClockTimeDiff back = set_backs[__i__] * (gint64) GST_MSECOND;
  g_autoptr (GstRcastSteady) pictures = make ();
  g_autoptr (GstRcastSteady) sound = gst_rcast_steady_new ();

  gst_rcast_steady_set_clock_rate (sound, 48000);
  for (guint i = 0; i < 400; i++) {
    GstClockTime time = GST_SECOND * 10 + i * 20 * GST_MSECOND;
    GstClockTime in = time - (i < 50 ? 0 : back);
    GstClockTime heard = gst_rcast_steady_map (sound, SSRC + 1,
        gst_util_uint64_scale (time, 48000, GST_SECOND), in);

    for (guint packet = 0; i % 2 == 0 && packet < 12; packet++) {
      GstClockTime shown = gst_rcast_steady_map (pictures, SSRC,
          to_rtp (time), in);

      /* A step of one stream comes before that of the other. */
      fail_unless (ABS (GST_CLOCK_DIFF (heard, shown)) <= 20 * GST_MSECOND,
          "%u: %" GST_STIME_FORMAT, i,
          GST_STIME_ARGS (GST_CLOCK_DIFF (heard, shown)));
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_rtp_time_wraps)
{
  g_autoptr (GstRcastSteady) steady = make ();
  guint32 rtp_time = G_MAXUINT32 - 4500;
  GstClockTime last = 0;

  for (guint i = 0; i < 10; i++, rtp_time += 3000) {
    GstClockTime time = gst_rcast_steady_map (steady, SSRC, rtp_time,
        i < 3 ? GST_SECOND + i * FRAME : i * FRAME);

    fail_unless (time > last);
    last = time;
  }
}

GST_END_TEST;

/* Another source, or a new start of the same one, is no set-back. */
GST_START_TEST (test_new_start)
{
  g_autoptr (GstRcastSteady) steady = make ();

  push (steady, 0, 0);
  fail_unless_equals_uint64 (gst_rcast_steady_map (steady, SSRC + 1,
          to_rtp (10 * GST_SECOND + FRAME), GST_SECOND), GST_SECOND);
  fail_unless_equals_uint64 (gst_rcast_steady_map (steady, SSRC + 1,
          to_rtp (2 * GST_SECOND), GST_MSECOND), GST_MSECOND);
}

GST_END_TEST;

/* A sender whose timestamps jump ahead by so many s, while its local time goes on */
static const guint jumps[] = { 2, 10, 3600, 20000 };

GST_START_TEST (test_rtp_time_jumps_ahead)
{
  g_autoptr (GstRcastSteady) steady = make ();
  guint32 jump = to_rtp (jumps[__i__] * GST_SECOND);

  push (steady, 0, 0);
  for (guint i = 1; i < 30; i++) {
    GstClockTime time = 10 * GST_SECOND + i * FRAME;
    GstClockTime mapped = gst_rcast_steady_map (steady, SSRC,
        to_rtp (time) + jump, time);

    fail_unless (mapped >= time && mapped <= time + GST_SECOND / 8);
    fail_unless (i < 10 || mapped == time);
  }
}

GST_END_TEST;

/* The same SSRC with another codec */
GST_START_TEST (test_clock_rate_changes)
{
  g_autoptr (GstRcastSteady) steady = make ();

  push (steady, 0, 0);
  gst_rcast_steady_set_clock_rate (steady, RATE);
  fail_unless (push (steady, 1, -GST_SECOND) > 10 * GST_SECOND);
  gst_rcast_steady_set_clock_rate (steady, 48000);
  fail_unless_equals_uint64 (push (steady, 2, -GST_SECOND),
      9 * GST_SECOND + 2 * FRAME);
}

GST_END_TEST;

GST_START_TEST (test_nothing_to_go_by)
{
  g_autoptr (GstRcastSteady) steady = gst_rcast_steady_new ();

  fail_unless_equals_uint64 (push (steady, 1, 0), 10 * GST_SECOND + FRAME);
  fail_unless_equals_uint64 (push (steady, 2, -GST_SECOND),
      9 * GST_SECOND + 2 * FRAME);
  gst_rcast_steady_set_clock_rate (steady, RATE);
  fail_unless_equals_uint64 (gst_rcast_steady_map (steady, SSRC, 0,
          GST_CLOCK_TIME_NONE), GST_CLOCK_TIME_NONE);
}

GST_END_TEST;

/* Whatever the jitter buffer returns, the time grows, and is never too early. */
GST_START_TEST (test_any_map)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (__i__);
  g_autoptr (GstRcastSteady) steady = make ();
  GstClockTimeDiff offset = 0;
  GstClockTime last = 0;

  for (guint i = 0; i < 2000; i++) {
    GstClockTime time;

    if (g_rand_int_range (random, 0, 50) == 0)
      offset = g_rand_int_range (random, -3000, 3000) * (gint64) GST_MSECOND;
    time = push (steady, i, offset);
    fail_unless (time > last);
    fail_unless (time >= 10 * GST_SECOND + i * FRAME + offset);
    last = time;
  }
}

GST_END_TEST;

static Suite *
steady_suite (void)
{
  Suite *s = suite_create ("steady");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_steady_time_stays);
  tcase_add_loop_test (tc, test_set_back_is_made_up_for, 0,
      G_N_ELEMENTS (set_backs));
  tcase_add_test (tc, test_packets_of_a_frame);
  tcase_add_loop_test (tc, test_reordered_frames_keep_their_order, 0,
      G_N_ELEMENTS (reordered));
  tcase_add_loop_test (tc, test_sound_and_pictures_stay_together, 0,
      G_N_ELEMENTS (set_backs));
  tcase_add_test (tc, test_rtp_time_wraps);
  tcase_add_test (tc, test_new_start);
  tcase_add_loop_test (tc, test_rtp_time_jumps_ahead, 0,
      G_N_ELEMENTS (jumps));
  tcase_add_test (tc, test_clock_rate_changes);
  tcase_add_test (tc, test_nothing_to_go_by);
  tcase_add_loop_test (tc, test_any_map, 0, 20);
  return s;
}

GST_CHECK_MAIN (steady);
