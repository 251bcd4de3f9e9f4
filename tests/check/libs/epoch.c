/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timestamps of any source become one time line at the pace of arrival. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-drift.h"
#include "rcast-epoch.h"
#include "rcast-overload.h"

#define FRAME (40 * GST_MSECOND)
#define NONE GST_RCAST_NO_TIME
#define MS(n) ((n) * (gint64) GST_MSECOND)

/* The output of a stream that is fed step by step */
typedef struct
{
  GstRcastEpoch epoch;
  GstRcastTimeline own, *timeline;
  gboolean file, counted;
  guint n_epochs;
  GstRcastEpochOutput out;
} Hand;

static void
hand_init (Hand * hand, GstRcastTimeline * timeline)
{
  memset (hand, 0, sizeof (*hand));
  gst_rcast_epoch_init (&hand->epoch);
  gst_rcast_timeline_init (&hand->own);
  hand->timeline = timeline ? timeline : &hand->own;
}

/* @time, @now: in ms. Returns: the output in ms */
static gint64
feed (Hand * hand, gint64 time, gint64 now)
{
  GstRcastEpochInput input = {
    .time = time == NONE ? NONE : MS (time),
    .now = now < 0 ? GST_CLOCK_TIME_NONE : (GstClockTime) MS (now),
    .duration = FRAME,
    .reorder = GST_SECOND / 5,
    .live = !hand->file,
    .counted = hand->counted,
  };

  gst_rcast_epoch_map (&hand->epoch, hand->timeline, &input, &hand->out);
  hand->n_epochs += hand->out.began;
  return hand->out.time / (gint64) GST_MSECOND;
}

/* Ten frames of a well-behaved source from 1000 ms on by the clock, then the step of the row, then
 * ten frames that follow it */
static const struct
{
  const gchar *name;
  gboolean file;
  gint64 first;                 /* timestamp of the first frame, ms */
  gint64 moves;                 /* timestamp of the eleventh after the tenth, ms */
  gint64 passes;                /* by the clock meanwhile, ms */
  guint n_epochs;
  gint64 steps;                 /* output of the eleventh after the tenth, ms */
  gint64 lags;                  /* how far the end is behind the clock, ms */
} rows[] = {
  {"well", FALSE, 1000, 40, 40, 0, 40, 0},
  {"late by 300 ms", FALSE, 700, 40, 40, 0, 40, 300},
  {"a little ahead", FALSE, 1500, 40, 40, 0, 40, -500},
  {"far ahead", FALSE, 3000000000, 40, 40, 1, 40, 0},
  {"far behind", FALSE, -3000000, 40, 40, 1, 40, 0},
  {"jump of 2 s", FALSE, 1000, 2040, 40, 1, 40, 0},
  {"jump of 1 h", FALSE, 1000, 3600040, 40, 1, 40, 0},
  {"jump of 1 h, late", FALSE, 700, 3600040, 40, 1, 40, 300},
  {"back by 1 h", FALSE, 1000, -3600000, 40, 1, 40, 0},
  {"back by 500 ms", FALSE, 1000, -500, 40, 1, 40, 0},
  {"reordered", FALSE, 1000, -80, 40, 0, -80, 120},
  {"pause with the clock", FALSE, 1000, 60000, 60000, 0, 60000, 0},
  {"pause without it", FALSE, 1000, 40, 60000, 1, 60000, 0},
  {"hiccup", FALSE, 1000, 40, 3000, 0, 40, 2960},
  {"one frame per second", FALSE, 1000, 1000, 1000, 0, 1000, 0},
  {"frames dropped upstream, late", FALSE, 0, 1500, 40, 0, 1500, -460},
  {"file", TRUE, 0, 40, 40, 0, 40, 1000},
  {"file, gap of 8 s", TRUE, 0, 8000, 40, 0, 8000, -6960},
  {"file, jump", TRUE, 0, 3600000, 40, 1, 40, 1000},
  {"file, loop", TRUE, 0, -360, 40, 1, 40, 1000},
  {"file, far", TRUE, 90000000, 40, 40, 1, 40, 0},
  {"file, begins after others", TRUE, 15000, 40, 40, 0, 40, -14000},
};

GST_START_TEST (test_jump_begins_an_epoch_and_nothing_else_does)
{
  gint64 now = 1000, time = rows[__i__].first, before = 0, out = 0;
  Hand hand;

  hand_init (&hand, NULL);
  hand.file = rows[__i__].file;
  for (guint i = 0; i < 20; i++) {
    if (i > 0) {
      time += i == 10 ? rows[__i__].moves : 40;
      now += i == 10 ? rows[__i__].passes : 40;
    }
    before = out;
    out = feed (&hand, time, now);
    if (i > 0)
      assert_equals_int64 (out - before, i == 10 ? rows[__i__].steps : 40);
  }
  fail_unless_equals_int (hand.n_epochs, rows[__i__].n_epochs);
  fail_unless_equals_int64 (now - out, rows[__i__].lags);
  if (hand.n_epochs == 0)
    fail_unless_equals_int64 (hand.out.shift, 0);
}

GST_END_TEST;

/* Audio has 20 ms more latency, and buffers of another length. */
GST_START_TEST (test_streams_that_jump_together_stay_in_sync)
{
  GstRcastTimeline timeline;
  Hand video, audio;
  gint64 jump = 0;

  gst_rcast_timeline_init (&timeline);
  hand_init (&video, &timeline);
  hand_init (&audio, &timeline);
  for (gint64 now = 1000; now < 60000; now++) {
    if (now % 10000 == 0)
      jump += now % 20000 == 0 ? 3600000 : -1800000;
    if (now % 40 == 0)
      feed (&video, now + jump, now + 3 + now % 7);
    if (now % 23 == 0)
      feed (&audio, now + jump - 20, now + 5 + now % 3);
    if (now % 10000 > 100)
      fail_unless_equals_int64 (video.out.shift, audio.out.shift);
  }
  fail_unless_equals_int (video.n_epochs, 5);
  fail_unless_equals_int (audio.n_epochs, 5);
}

GST_END_TEST;

/* The audio of a file is 300 ms longer than its video. */
GST_START_TEST (test_loop_of_a_file_keeps_its_streams_in_sync)
{
  GstRcastTimeline timeline;
  gint64 before_video = -1, before_audio = -1;
  Hand video, audio;

  gst_rcast_timeline_init (&timeline);
  hand_init (&video, &timeline);
  hand_init (&audio, &timeline);
  video.file = audio.file = TRUE;
  for (guint loop = 0; loop < 20; loop++) {
    for (gint64 time = 0; time < 10300; time += 20) {
      gint64 out;

      if (time % 40 == 0 && time < 10000) {
        out = feed (&video, time, 0);
        fail_unless (out > before_video);
        before_video = out;
      }
      out = feed (&audio, time, 0);
      fail_unless (out > before_audio);
      before_audio = out;
      if (time > 100 && time < 10000)
        fail_unless_equals_int64 (video.out.shift, audio.out.shift);
    }
  }
  fail_unless (before_audio < 20 * 10400);
}

GST_END_TEST;

GST_START_TEST (test_missing_timestamps_are_made)
{
  Hand hand;

  /* A frame without a timestamp comes out by arrival, ... */
  hand_init (&hand, NULL);
  assert_equals_int64 (feed (&hand, NONE, 500), 500);
  assert_equals_int64 (feed (&hand, NONE, 547), 547);
  assert_equals_int64 (feed (&hand, NONE, 547), 548);
  assert_equals_int64 (feed (&hand, NONE, 9000), 9000);

  /* ... in counted audio without the jitter of arrival, ... */
  hand_init (&hand, NULL);
  hand.counted = TRUE;
  assert_equals_int64 (feed (&hand, NONE, 500), 500);
  assert_equals_int64 (feed (&hand, NONE, 547), 540);
  assert_equals_int64 (feed (&hand, NONE, 571), 580);
  assert_equals_int64 (feed (&hand, NONE, 900), 900);

  /* ... as late as the frames that have timestamps, ... */
  hand_init (&hand, NULL);
  assert_equals_int64 (feed (&hand, 200, 500), 200);
  assert_equals_int64 (feed (&hand, NONE, 540), 240);
  assert_equals_int64 (feed (&hand, NONE, 580), 280);

  /* ... and in a file by the length of its frames. */
  hand_init (&hand, NULL);
  hand.file = TRUE;
  assert_equals_int64 (feed (&hand, NONE, -1), 0);
  assert_equals_int64 (feed (&hand, NONE, -1), 40);
  assert_equals_int64 (feed (&hand, NONE, 12000), 80);
  fail_unless_equals_int (hand.n_epochs, 0);
}

GST_END_TEST;

GST_START_TEST (test_any_timestamps_give_a_time_line)
{
  for (guint seed = 0; seed < 200; seed++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    gint64 now = 0, time = 0;
    Hand hand;

    hand_init (&hand, NULL);
    hand.file = seed % 2;
    for (guint i = 0; i < 500; i++) {
      gint64 before = hand.epoch.last_out, out;

      now += g_rand_int_range (rand, 0, 80);
      time += g_rand_int_range (rand, 0, 20) == 0 ?
          g_rand_int_range (rand, G_MININT32, G_MAXINT32) : 40;
      out = feed (&hand, g_rand_int_range (rand, 0, 9) ? time : NONE, now);
      fail_unless (out >= 0);
      /* One epoch at most is a second ahead. */
      if (!hand.file)
        fail_unless (out <= now + 41 * (gint64) i + 1000);
      if (hand.out.began)
        fail_unless ((gint64) hand.out.time > before);
    }
  }
}

GST_END_TEST;

/* At 90000 Hz */
static const struct
{
  guint32 before, timestamp;
  gint64 passed;                /* ms; < 0: not known */
  gboolean jumps;
} rtp_rows[] = {
  {1000, 4600, 40, FALSE},
  {1000, 4600, 0, FALSE},
  {1000, 1000, 0, FALSE},
  {1000, 1000, 5000, FALSE},
  {1000, 1000, 20000, TRUE},
  {0xfffffff0, 3584, 40, FALSE},        /* wrap-around */
  {3584, 0xfffffff0, 0, FALSE}, /* ... and a packet from before it */
  {90000, 90000 - 45000, 0, FALSE},     /* B-frames */
  {90000, 0, 40, FALSE},
  {180001, 90000, 40, TRUE},    /* back by more than a second */
  {3600 * 90000u, 0, 40, TRUE},
  {1000, 1000 + 5 * 90000, 5000, FALSE},        /* a pause */
  {1000, 1000 + 5 * 90000, 40, TRUE},
  {1000, 1000 + 5 * 90000, -1, FALSE},
  {1000, 0x80001000u, 40, TRUE},
  {1000, 1000, 24 * 3600 * 1000ll, TRUE},
};

GST_START_TEST (test_rtp_timestamps_jump)
{
  gint64 passed = rtp_rows[__i__].passed;

  fail_unless_equals_int (gst_rcast_rtp_jumps (rtp_rows[__i__].before,
          rtp_rows[__i__].timestamp, 90000,
          passed < 0 ? GST_CLOCK_TIME_NONE : (GstClockTime) MS (passed)),
      rtp_rows[__i__].jumps);
}

GST_END_TEST;

/* --- drift --- */

/* A source of 25 frames per second by its timestamps. The frames come at another pace, with the
 * given latency and jitter, for so many seconds. */
static const struct
{
  const gchar *name;
  gdouble pace;                 /* seconds by the clock for one of the source */
  gint64 latency, jitter;       /* ms */
  guint seconds;
  gboolean corrected;
} drift_rows[] = {
  {"well", 1, 0, 0, 3600, FALSE},
  {"well, jitter", 1, 0, 30, 3600, FALSE},
  {"well, late", 1, 2000, 30, 3600, FALSE},
  {"3 % fast", 0.97, 0, 0, 10800, TRUE},
  {"3 % fast, jitter", 0.97, 0, 30, 10800, TRUE},
  {"3 % fast, late", 0.97, 300, 30, 10800, TRUE},
  {"3 % slow", 1.03, 0, 0, 10800, TRUE},
  {"3 % slow, late", 1.03, 300, 30, 10800, TRUE},
  {"29.97 for 30", 0.999, 0, 20, 36000, TRUE},
  {"30 for 29.97", 1.001, 0, 20, 36000, TRUE},
  {"crystals", 1.00005, 100, 20, 36000, TRUE},
  {"a quarter fast", 0.8, 0, 0, 600, TRUE},
  {"a quarter slow", 1.25, 0, 0, 600, TRUE},
};

GST_START_TEST (test_packets_are_due_in_pace_with_arrival)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  gint64 jitter = drift_rows[__i__].jitter;
  gint64 latency = MS (drift_rows[__i__].latency);
  guint n = drift_rows[__i__].seconds * 25;
  GstClockTime start = 10 * GST_SECOND;
  gint64 before = -1, worst = 0;
  GstRcastDrift drift;

  gst_rcast_drift_init (&drift);
  for (guint i = 0; i < n; i++) {
    GstClockTime time = start + i * FRAME;
    GstClockTime now = start + (GstClockTime) (i * (gdouble) FRAME *
        drift_rows[__i__].pace) + latency + (jitter > 0 ?
        g_rand_int_range (rand, 0, jitter * 1000) * 1000 : 0);
    GstRcastDriftOutput out;
    gint64 lag, rtp;

    gst_rcast_drift_follow (&drift, time, now, TRUE, 0, &out);
    lag = (gint64) now - (gint64) out.due - latency;
    rtp = (gint64) time + out.slewed;
    /* Each fail_unless() costs a system call. */
    if (out.due > now || rtp <= before)
      ck_abort_msg ("late or back at %u", i);
    before = rtp;
    if (i > 25 * 5 && ABS (lag) > ABS (worst))
      worst = lag;
    if (!drift_rows[__i__].corrected && (out.slewed || out.stepped))
      ck_abort_msg ("corrected at %u", i);
  }
  GST_INFO ("%s: off by %" G_GINT64_FORMAT " ms at most, corrected by %"
      GST_STIME_FORMAT, drift_rows[__i__].name, worst / MS (1),
      GST_STIME_ARGS (drift.total));
  fail_unless (ABS (worst) <= (drift_rows[__i__].seconds > 600 ?
          MS (jitter + 60) : MS (2000)), "%s: off by %" G_GINT64_FORMAT " ms",
      drift_rows[__i__].name, worst / MS (1));
}

GST_END_TEST;

/* A latency that changes for a while is not corrected. */
GST_START_TEST (test_latency_that_changes_is_no_drift)
{
  GstRcastDrift drift;
  GstRcastDriftOutput out;
  GstClockTime now = GST_SECOND;

  gst_rcast_drift_init (&drift);
  for (guint i = 0; i < 1000; i++) {
    /* Half a second more from the tenth to the twentieth second */
    now = GST_SECOND + i * FRAME
        + (i >= 250 && i < 500 ? GST_SECOND / 2 : 0);
    gst_rcast_drift_follow (&drift, GST_SECOND + i * FRAME, now, TRUE, 0, &out);
    fail_unless_equals_uint64 (out.due, GST_SECOND + i * FRAME);
    fail_unless_equals_int64 (out.slewed, 0);
  }
}

GST_END_TEST;

/* A chain takes @work for a frame. The queue in front of it keeps @room frames and drops the oldest
 * one when it is full, or it grows. A tenth of the frames take twice as long. The thread that takes
 * frames may be held up between two of them. */
static const struct
{
  const gchar *name;
  gdouble pace;
  guint work;                   /* ms */
  guint room;                   /* frames; 0: any number */
  guint from, to;               /* seconds in which it is so busy */
  gint64 most;                  /* ms of correction */
  gint64 least;
  guint n_slow;                 /* busy spells that are reported */
} busy_rows[] = {
  {"idle", 1, 5, 3, 0, 600, 0, 0, 0},
  {"busy", 1, 30, 3, 0, 600, 0, 0, 0},
  {"overloaded", 1, 60, 0, 60, 500, 0, 0, 1},
  {"overloaded, a queue that leaks", 1, 60, 3, 60, 500, 0, 0, 0},
  {"overloaded from the start", 1, 60, 25, 0, 600, 0, 0, 1},
  {"overloaded, a queue that grows", 1, 42, 0, 60, 300, 0, 0, 1},
  {"overloaded for a second", 1, 60, 3, 60, 61, 0, 0, 0},
  {"1 % slow, idle", 1.01, 5, 3, 0, 600, 6100, 5900, 0},
  {"1 % fast, idle", 0.99, 5, 3, 0, 600, -5900, -6100, 0},
  {"1 % slow, busy", 1.01, 30, 3, 0, 600, 6100, 5900, 0},
  {"1 % slow, overloaded for a minute", 1.01, 60, 25, 60, 120, 6100, 5200, 1},
};

GST_START_TEST (test_data_that_waits_for_a_slow_chain_does_not_drift)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  GstClockTime start = 10 * GST_SECOND, idle_from = 0;
  GQueue waiting = G_QUEUE_INIT;
  guint n = 600 * 25, next = 0, n_slow = 0;
  GstRcastOverload overload;
  GstRcastDrift drift;
  GstRcastPace pace;

  gst_rcast_drift_init (&drift);
  gst_rcast_pace_init (&pace);
  gst_rcast_overload_init (&overload);
  while (next < n || !g_queue_is_empty (&waiting)) {
    GstClockTime arrival = start + (GstClockTime) (next * (gdouble) FRAME
        * busy_rows[__i__].pace);
    GstRcastDriftOutput out;
    GstClockTime begin;
    guint frame, second;
    gint64 work;

    /* Frames that arrive while the chain is busy, and then the next one for the chain */
    if (next < n && (arrival <= idle_from || g_queue_is_empty (&waiting))) {
      g_queue_push_tail (&waiting, GUINT_TO_POINTER (next++));
      if (busy_rows[__i__].room > 0
          && g_queue_get_length (&waiting) > busy_rows[__i__].room)
        g_queue_pop_head (&waiting);
      continue;
    }
    frame = GPOINTER_TO_UINT (g_queue_pop_head (&waiting));
    arrival = start + (GstClockTime) (frame * (gdouble) FRAME
        * busy_rows[__i__].pace);
    begin = MAX (arrival, idle_from) + g_rand_int_range (rand, 10, 60) * 1000
        + (g_rand_int_range (rand, 0, 100) == 0 ? MS (20) : 0);
    second = (begin - start) / GST_SECOND;
    work = second >= busy_rows[__i__].from && second < busy_rows[__i__].to ?
        MS (busy_rows[__i__].work) : MS (5);
    if (g_rand_int_range (rand, 0, 10) == 0)
      work *= 2;
    gst_rcast_pace_enter (&pace, begin);
    idle_from = begin + work;
    gst_rcast_pace_leave (&pace, idle_from);
    gst_rcast_drift_follow (&drift, start + frame * FRAME, idle_from,
        pace.prompt, 0, &out);
    fail_unless (out.due <= idle_from);
    n_slow += gst_rcast_overload_step (&overload, start + frame * FRAME,
        idle_from, pace.prompt);
  }
  GST_INFO ("%s: corrected by %" GST_STIME_FORMAT, busy_rows[__i__].name,
      GST_STIME_ARGS (drift.total));
  fail_unless (drift.total <= MS (busy_rows[__i__].most)
      && drift.total >= MS (busy_rows[__i__].least),
      "%s: corrected by %" G_GINT64_FORMAT " ms", busy_rows[__i__].name,
      drift.total / MS (1));
  fail_unless (n_slow == busy_rows[__i__].n_slow, "%s: told %u times",
      busy_rows[__i__].name, n_slow);
  fail_if (overload.slow && busy_rows[__i__].to < 600);
}

GST_END_TEST;

/* A file that is sent when its time has come: its chain never waits for data. */
GST_START_TEST (test_file_is_slow_only_where_it_comes_late)
{
  GstRcastOverload overload;
  GstClockTime now = 0;
  guint n_slow = 0;

  gst_rcast_overload_init (&overload);
  for (guint i = 0; i < 25 * 120; i++) {
    GstClockTime time = i * FRAME;

    now = MAX (now + (i >= 25 * 60 ? MS (50) : MS (5)), time);
    for (guint packet = 0; packet < 3; packet++)
      n_slow += gst_rcast_overload_step (&overload, time, now, FALSE);
    fail_if (n_slow > 0 && i < 25 * 60);
  }
  fail_unless_equals_int (n_slow, 1);
  fail_unless (overload.late >= 14 * GST_SECOND
      && overload.late <= 15 * GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_source_that_stood_still_goes_on_when_it_comes)
{
  GstRcastDrift drift;
  GstRcastDriftOutput out;

  gst_rcast_drift_init (&drift);
  for (guint i = 0; i < 500; i++) {
    GstClockTime time = GST_SECOND + i * FRAME;

    gst_rcast_drift_follow (&drift, time, time + (i < 100 ? 0 : 3 * GST_SECOND),
        TRUE, 0, &out);
  }
  fail_unless_equals_int64 (drift.total, 3 * GST_SECOND);
  fail_unless_equals_int64 (out.stepped, 3 * GST_SECOND);
  fail_unless_equals_int64 (out.slewed, 3 * GST_SECOND);
}

GST_END_TEST;

/* Both streams have a clock that is 3 % slow. The audio's RTP timestamps count samples, and
 * the video's stay with them. */
GST_START_TEST (test_video_follows_the_clock_of_the_audio)
{
  GstRcastDrift video, audio;
  GstRcastDriftOutput out;
  GstClockTime worst = 0;
  gint64 off = 0;
  gboolean stepped = FALSE;

  gst_rcast_drift_init (&video);
  gst_rcast_drift_init (&audio);
  for (guint i = 0; i < 25 * 600; i++) {
    GstClockTime time = GST_SECOND + i * FRAME;
    GstClockTime now = GST_SECOND + i * FRAME * 103 / 100;

    gst_rcast_drift_follow (&audio, time, now, TRUE, 0, &out);
    stepped |= out.stepped != 0;
    gst_rcast_drift_follow (&video, time, now, TRUE, audio.total, &out);
    off = MAX (off, ABS (out.slewed));
    if (i > 25 * 5)
      worst = MAX (worst, now - out.due);
  }
  fail_unless (worst <= 60 * GST_MSECOND);
  fail_unless (off <= MS (40));
  fail_if (stepped);
  fail_unless (audio.total > 17 * (gint64) GST_SECOND);
}

GST_END_TEST;

static Suite *
epoch_suite (void)
{
  Suite *s = suite_create ("epoch");
  TCase *tc = tcase_create ("epoch");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_jump_begins_an_epoch_and_nothing_else_does, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_streams_that_jump_together_stay_in_sync);
  tcase_add_test (tc, test_loop_of_a_file_keeps_its_streams_in_sync);
  tcase_add_test (tc, test_missing_timestamps_are_made);
  tcase_add_test (tc, test_any_timestamps_give_a_time_line);
  tcase_add_loop_test (tc, test_rtp_timestamps_jump, 0,
      G_N_ELEMENTS (rtp_rows));
  tc = tcase_create ("drift");
  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_packets_are_due_in_pace_with_arrival, 0,
      G_N_ELEMENTS (drift_rows));
  tcase_add_test (tc, test_latency_that_changes_is_no_drift);
  tcase_add_loop_test (tc, test_data_that_waits_for_a_slow_chain_does_not_drift,
      0, G_N_ELEMENTS (busy_rows));
  tcase_add_test (tc, test_file_is_slow_only_where_it_comes_late);
  tcase_add_test (tc, test_source_that_stood_still_goes_on_when_it_comes);
  tcase_add_test (tc, test_video_follows_the_clock_of_the_audio);
  return s;
}

GST_CHECK_MAIN (epoch);
