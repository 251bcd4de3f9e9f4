/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream that sends nothing is noticed; a pause is no stall. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-stall.h"

#define TIMEOUT (3 * GST_SECOND)

/* Two streams, judged once a second: n no caps yet, - nothing, p nothing in a pause, i input came,
 * d input became packets that were dropped, k the same for want of a key frame, x input became
 * packets that were sent, e the stream has ended, r nothing while the pipeline prerolls. The
 * verdict after each second: . nothing, S stalled, F flows. */
static const struct
{
  const gchar *one, *other;
  const gchar *said_of_one, *said_of_other;
  GstRcastStage stage;          /* of the first stream */
} rows[] = {
  {"xxxxxxxx", "xxxxxxxx", "........", "........"},
  {"xx------", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  {"xxiiiiii", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_ENCODER},
  {"xxi-----", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  {"xx----xx", "xxxxxxxx", "....S.F.", "........", GST_RCAST_STAGE_SOURCE},
  {"xx--xx--", "xxxxxxxx", "........", "........"},
  /* All streams stand still, and one comes back a little later */
  {"xx------", "xx------", "....S...", "....S...", GST_RCAST_STAGE_SOURCE},
  {"xx----xx", "xx---xxx", "....S.F.", "....SF..", GST_RCAST_STAGE_SOURCE},
  {"xx------", "eeeeeeee", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  /* All streams pause */
  {"xxpppppp", "xxpppppp", "........", "........"},
  {"xx--pppp", "xx--pppp", "........", "........"},
  {"xxpppp--x", "xxpppp--x", ".........", "........."},
  {"xxpppp---", "xxpppp---", "........S", "........S", GST_RCAST_STAGE_SOURCE},
  /* A preroll that does not end, and one that does */
  {"rrrrrrxx", "rrrrrrxx", "..S...F.", "..S...F.", GST_RCAST_STAGE_PREROLL},
  {"rrxxxxxx", "rrxxxxxx", "........", "........"},
  {"rrrrrrrr", "nnnnnnnn", "..S.....", "..S.....", GST_RCAST_STAGE_PREROLL},
  {"xxpprrrr", "xxpprrrr", "......S.", "......S.", GST_RCAST_STAGE_PREROLL},
  {"rr------", "rrxxxxxx", "..S.....", "........", GST_RCAST_STAGE_SOURCE},
  /* The end is no failure. */
  {"xxeeeeee", "xxxxxxxx", "........", "........"},
  {"xx---eee", "xxxxxxxx", "....SF..", "........", GST_RCAST_STAGE_SOURCE},
  /* Before there is a connection, input is enough */
  {"iiiiiiix", "iiiiiiix", "........", "........"},
  {"--------", "iiiiiiii", "..S.....", "........", GST_RCAST_STAGE_SOURCE},
  {"---iiiii", "iiiiiiii", "..SF....", "........", GST_RCAST_STAGE_SOURCE},
  /* An encoder that never puts anything out */
  {"iiiiiiii", "ixxxxxxx", "...S....", "........", GST_RCAST_STAGE_ENCODER},
  {"dddddddd", "iiiiiiii", "........", "..S.....", GST_RCAST_STAGE_ENCODER},
  /* Off air all packets are dropped, but an encoder still fails. */
  {"dddddddd", "dddddddd", "........", "........"},
  {"xxdddddd", "xxdddddd", "........", "........"},
  {"xxddiiii", "xxdddddd", "......S.", "........", GST_RCAST_STAGE_ENCODER},
  {"xxdd----", "xxdddddd", "......S.", "........", GST_RCAST_STAGE_SOURCE},
  /* Packets that are dropped while others are sent have not gone out. */
  {"xxdddddd", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_FEED},
  {"xxdddxxx", "xxxxxxxx", "....SF..", "........", GST_RCAST_STAGE_FEED},
  {"xxdd----", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  {"xxddxxxx", "xxxxxxxx", "........", "........"},
  /* Without caps no stream is expected to move: the time counts from the start. */
  {"nnnnnnnn", "--------", "..S.....", "..S.....", GST_RCAST_STAGE_LINK},
  {"nnnnnnnn", "pppppppp", "..S.....", "........", GST_RCAST_STAGE_LINK},
  {"nnnnnnnn", "xxxxxxxx", "..S.....", "........", GST_RCAST_STAGE_LINK},
  {"nnnnnnnn", "dddddddd", "..S.....", "........", GST_RCAST_STAGE_LINK},
  {"nnnnnxxx", "dddddxxx", "..S..F..", "........", GST_RCAST_STAGE_LINK},
  {"nn-xxxxx", "xxxxxxxx", "..SF....", "........", GST_RCAST_STAGE_LINK},
  {"nneeeeee", "xxxxxxxx", "........", "........"},
  /* A source that makes no key frame on request */
  {"xxkkkkkx", "xxxxxxxx", "....S..F", "........", GST_RCAST_STAGE_KEY_FRAME},
  {"kkkkkkkk", "--------", "..S.....", "..S.....", GST_RCAST_STAGE_KEY_FRAME},
  {"kkkkkkxx", "iiiiiixx", "..S...F.", "..S...F.", GST_RCAST_STAGE_KEY_FRAME},
  {"kk-kkkkk", "kk-kkkkk", "..S.....", "..S.....", GST_RCAST_STAGE_KEY_FRAME},
};

static void
move (GstRcastStall * stall, gchar how)
{
  stall->known = how != 'n';
  stall->ended = how == 'e';
  stall->in += how == 'i' || how == 'd' || how == 'k' || how == 'x';
  stall->made += how == 'd' || how == 'k' || how == 'x';
  stall->lacks_key = how == 'k';
  if (how == 'x') {
    stall->sent++;
    stall->bytes += 1000;
  }
}

static GstRcastStallRun
run_of (gchar one, gchar other)
{
  if (one == 'p' || other == 'p')
    return GST_RCAST_STALL_PAUSED;
  return one == 'r' || other == 'r' ? GST_RCAST_STALL_PREROLLING :
      GST_RCAST_STALL_PLAYING;
}

static gchar
said (const GstRcastStall * stall)
{
  return ".SF"[stall->change];
}

GST_START_TEST (test_what_is_said_of_two_streams)
{
  GstRcastStall one, other, *both[] = { &one, &other };
  g_autoptr (GString) of_one = g_string_new (NULL);
  g_autoptr (GString) of_other = g_string_new (NULL);

  gst_rcast_stall_init (&one);
  gst_rcast_stall_init (&other);
  /* The first judgement only marks the beginning. */
  gst_rcast_stall_judge (both, 2, GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
  for (guint i = 0; rows[__i__].one[i]; i++) {
    move (&one, rows[__i__].one[i]);
    move (&other, rows[__i__].other[i]);
    gst_rcast_stall_judge (both, 2, (i + 2) * GST_SECOND, TIMEOUT,
        run_of (rows[__i__].one[i], rows[__i__].other[i]));
    g_string_append_c (of_one, said (&one));
    g_string_append_c (of_other, said (&other));
    if (one.change == GST_RCAST_STALL_BEGAN) {
      assert_equals_int (one.stage, rows[__i__].stage);
      assert_equals_uint64 (one.silence, TIMEOUT);
    }
    if (one.change == GST_RCAST_STALL_OVER)
      fail_unless (one.silence >= TIMEOUT);
  }
  assert_equals_string (of_one->str, rows[__i__].said_of_one);
  assert_equals_string (of_other->str, rows[__i__].said_of_other);
}

GST_END_TEST;

/* The only camera stands still. */
GST_START_TEST (test_alone_it_is_reported_once)
{
  GstRcastStall one, *stalls[] = { &one };
  guint n = 0;

  gst_rcast_stall_init (&one);
  one.known = TRUE;
  for (guint i = 1; i < 20; i++) {
    gst_rcast_stall_judge (stalls, 1, i * GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
    n += one.change == GST_RCAST_STALL_BEGAN;
    assert_equals_int (n, i >= 4);
  }
  assert_equals_int (one.stage, GST_RCAST_STAGE_SOURCE);
}

GST_END_TEST;

GST_START_TEST (test_alone_in_a_pause_it_is_never_stalled)
{
  GstRcastStall one, *stalls[] = { &one };

  gst_rcast_stall_init (&one);
  one.known = TRUE;
  for (guint i = 1; i < 20; i++) {
    gst_rcast_stall_judge (stalls, 1, i * GST_SECOND, TIMEOUT,
        GST_RCAST_STALL_PAUSED);
    assert_equals_int (one.change, GST_RCAST_STALL_SAME);
  }
  gst_rcast_stall_judge (NULL, 0, 20 * GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
}

GST_END_TEST;

GST_START_TEST (test_alone_without_caps_it_is_reported_once)
{
  GstRcastStall one, *stalls[] = { &one };
  guint n = 0;

  gst_rcast_stall_init (&one);
  for (guint i = 1; i < 20; i++) {
    gst_rcast_stall_judge (stalls, 1, i * GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
    n += one.change == GST_RCAST_STALL_BEGAN;
    assert_equals_int (n, i >= 4);
  }
  assert_equals_int (one.stage, GST_RCAST_STAGE_LINK);
}

GST_END_TEST;

GST_START_TEST (test_no_timeout_is_no_stall)
{
  GstRcastStall one, other, *both[] = { &one, &other };

  gst_rcast_stall_init (&one);
  gst_rcast_stall_init (&other);
  for (guint i = 1; i < 100; i++) {
    move (&other, 'x');
    gst_rcast_stall_judge (both, 2, i * GST_SECOND, 0,
      GST_RCAST_STALL_PLAYING);
    assert_equals_int (one.change, GST_RCAST_STALL_SAME);
  }
}

GST_END_TEST;

GST_START_TEST (test_bitrate_is_of_the_time_between_two_looks)
{
  GstRcastStall one, *stalls[] = { &one };

  gst_rcast_stall_init (&one);
  one.bytes = 1000000;
  gst_rcast_stall_judge (stalls, 1, GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
  assert_equals_uint64 (one.bitrate, 0);
  one.bytes += 125000;
  gst_rcast_stall_judge (stalls, 1, 3 * GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
  assert_equals_uint64 (one.bitrate, 500000);
  gst_rcast_stall_judge (stalls, 1, 3 * GST_SECOND, TIMEOUT,
      GST_RCAST_STALL_PLAYING);
  assert_equals_uint64 (one.bitrate, 0);
}

GST_END_TEST;

/* A second per letter: u is sent unconfirmed, - is not sent, c is confirmed, x is not connected.
 * Capitals: it is reported. */
GST_START_TEST (test_media_that_is_not_confirmed_for_a_minute_is_told_once)
{
  static const gchar *const ends[] =
      { "c", "Uuuuu", "uuuuc", "Uuc", "x", "Uuuc" };
  g_autoptr (GString) story = g_string_new (NULL);
  GstRcastUnheard unheard = { 0 };
  GstRcastStall one, *stalls[] = { &one };
  guint64 confirmations = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    for (guint k = 0; k < 59; k++)
      g_string_append (story, k % 5 ? "u" : "-u");
    g_string_append (story, ends[i]);
  }
  gst_rcast_stall_init (&one);
  one.known = TRUE;
  gst_rcast_stall_judge (stalls, 1, 0, TIMEOUT, GST_RCAST_STALL_PLAYING);
  for (guint i = 0; i < story->len; i++) {
    gchar what = story->str[i];

    one.in++;
    one.made++;
    one.sent += what != '-';
    confirmations += what == 'c';
    gst_rcast_stall_judge (stalls, 1, (i + 1) * GST_SECOND, TIMEOUT,
        GST_RCAST_STALL_PLAYING);
    fail_unless_equals_int (gst_rcast_unheard_step (&unheard, stalls, 1,
            what == 'x' ? GST_RCAST_NOT_CONNECTED : confirmations), what == 'U');
  }
}

GST_END_TEST;

static Suite *
stall_suite (void)
{
  Suite *s = suite_create ("rcast-stall");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_is_said_of_two_streams, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_alone_it_is_reported_once);
  tcase_add_test (tc, test_alone_in_a_pause_it_is_never_stalled);
  tcase_add_test (tc, test_alone_without_caps_it_is_reported_once);
  tcase_add_test (tc, test_no_timeout_is_no_stall);
  tcase_add_test (tc, test_bitrate_is_of_the_time_between_two_looks);
  tcase_add_test (tc,
      test_media_that_is_not_confirmed_for_a_minute_is_told_once);
  return s;
}

GST_CHECK_MAIN (stall);
