/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Repairs leave a second time where much is lost at random, and only with a reason. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-seconds.h"

#define VIDEO 0x12345678
#define OTHER 0x22222222
#define MS(ms) ((ms) * GST_MSECOND)

/* Feedback about @n packets, of which each @nth is lost; 0: none */
static void
note (GstRcastSeconds * seconds, guint n, guint nth)
{
  for (guint i = 1; i <= n; i++)
    gst_rcast_seconds_note (seconds, nth == 0 || i % nth != 0, MS (1));
}

static const struct
{
  gboolean spare;
  guint n, nth;
  gboolean wanted;
} rows[] = {
  {TRUE, 200, 10, TRUE},
  {TRUE, 50, 10, TRUE},
  {TRUE, 500, 100, FALSE},
  {TRUE, 200, 0, FALSE},
  {TRUE, 0, 0, FALSE},
  {FALSE, 200, 10, FALSE},
};

/* Returns: (transfer full): seconds for a path that is not full, and loses a tenth */
static GstRcastSeconds *
new_lossy (void)
{
  GstRcastSeconds *seconds = gst_rcast_seconds_new ();

  gst_rcast_seconds_set_spare (seconds, TRUE);
  note (seconds, 200, 10);
  return seconds;
}

GST_START_TEST (test_much_has_to_be_lost_by_chance)
{
  GstRcastSeconds *seconds = gst_rcast_seconds_new ();
  GstRcastSecond it;

  gst_rcast_seconds_set_spare (seconds, rows[__i__].spare);
  note (seconds, rows[__i__].n, rows[__i__].nth);
  gst_rcast_seconds_repaired (seconds, VIDEO, 7, FALSE, 0, MS (100));
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (105)));
  assert_equals_int (gst_rcast_seconds_next (seconds, VIDEO, &it,
          MS (110)), rows[__i__].wanted);
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (200)));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

GST_START_TEST (test_each_leaves_with_its_stream)
{
  GstRcastSeconds *seconds = new_lossy ();
  GstRcastSecond it = { 0, };

  gst_rcast_seconds_repaired (seconds, OTHER, 1, TRUE, 0, MS (100));
  gst_rcast_seconds_repaired (seconds, VIDEO, 2, FALSE, 0, MS (100));
  gst_rcast_seconds_repaired (seconds, VIDEO, 3, FALSE, 0, MS (101));
  fail_unless (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (120)));
  assert_equals_int (it.seqnum, 2);
  /* A plain packet leaves only with its own stream. */
  fail_unless (gst_rcast_seconds_next (seconds, 0, &it, MS (120)));
  assert_equals_int (it.seqnum, 3);
  fail_if (gst_rcast_seconds_next (seconds, 0, &it, MS (120)));
  fail_unless (gst_rcast_seconds_next (seconds, OTHER, &it, MS (120)));
  fail_unless (it.seqnum == 1 && it.plain);
  fail_if (GST_CLOCK_TIME_IS_VALID (it.asked));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

/* A server that requests a packet again and again has one waiting, and for no longer
 * than after the first request. */
GST_START_TEST (test_nothing_is_planned_twice)
{
  GstRcastSeconds *seconds = gst_rcast_seconds_new ();
  GstRcastSecond it = { VIDEO, 7, FALSE, MS (140), MS (155) }, got;

  for (guint i = 0; i < 10000; i++)
    gst_rcast_seconds_plan (seconds, &it);
  fail_unless (gst_rcast_seconds_next (seconds, VIDEO, &got, MS (155)));
  assert_equals_uint64 (got.asked, MS (140));
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &got, MS (1000)));
  /* However many there are */
  for (guint i = 0; i < 10000; i++) {
    it.seqnum = i;
    gst_rcast_seconds_plan (seconds, &it);
  }
  for (guint i = 0; i < 256; i++)
    fail_unless (gst_rcast_seconds_next (seconds, 0, &got, MS (200)));
  fail_if (gst_rcast_seconds_next (seconds, 0, &got, MS (200)));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

/* A paused stream goes on long after. */
GST_START_TEST (test_nothing_leaves_late)
{
  GstRcastSeconds *seconds = new_lossy ();
  GstRcastSecond it = { 0, };

  gst_rcast_seconds_repaired (seconds, VIDEO, 1, FALSE, 0, MS (100));
  gst_rcast_seconds_plan (seconds, &(GstRcastSecond) { VIDEO, 2, FALSE,
        MS (100), MS (110) });
  fail_unless (gst_rcast_seconds_next (seconds, 0, &it, MS (300)));
  assert_equals_int (it.seqnum, 2);
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (300)));
  gst_rcast_seconds_plan (seconds, &(GstRcastSecond) { VIDEO, 3, FALSE,
        MS (100), MS (110) });
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (400)));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

/* A requested packet may have been lost before. */
GST_START_TEST (test_nothing_leaves_twice_into_a_queue)
{
  GstRcastSeconds *seconds = new_lossy ();
  GstRcastSecond it = { 0, };

  for (guint i = 0; i < 5; i++)
    gst_rcast_seconds_repaired (seconds, VIDEO, i, FALSE, 0, MS (100));
  gst_rcast_seconds_plan (seconds, &(GstRcastSecond) { VIDEO, 7, FALSE,
        MS (100), MS (110) });
  gst_rcast_seconds_set_spare (seconds, FALSE);
  fail_unless (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (110)));
  assert_equals_int (it.seqnum, 7);
  fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (120)));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

GST_START_TEST (test_feedback_gets_old)
{
  GstRcastSeconds *seconds = gst_rcast_seconds_new ();

  assert_equals_uint64 (gst_rcast_seconds_get_late (seconds, MS (1)), 0);
  gst_rcast_seconds_note (seconds, TRUE, MS (10));
  assert_equals_uint64 (gst_rcast_seconds_get_late (seconds, MS (500)),
      MS (15));
  assert_equals_uint64 (gst_rcast_seconds_get_late (seconds, MS (1010)), 0);
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

/* A packet that is requested late, or again, has no time to be lost once more. */
GST_START_TEST (test_what_is_late_leaves_a_third_time)
{
  const GstClockTime ages[] = { MS (45), MS (70) };

  for (guint late = 0; late < 2; late++) {
    GstRcastSeconds *seconds = new_lossy ();
    GstRcastSecond it;

    gst_rcast_seconds_repaired (seconds, VIDEO, 7, FALSE, ages[late], MS (100));
    fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (101)));
    assert_equals_int (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (102)),
        late);
    fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (109)));
    fail_unless (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (110)));
    fail_if (gst_rcast_seconds_next (seconds, VIDEO, &it, MS (120)));
    gst_rcast_seconds_free (seconds);
  }
}

GST_END_TEST;

/* Where much is lost, a repeated request is not just impatient. */
GST_START_TEST (test_loss_shortens_patience)
{
  GstRcastSeconds *seconds = new_lossy ();

  assert_equals_uint64 (gst_rcast_seconds_get_late (seconds, MS (2)), MS (5));
  gst_rcast_seconds_set_spare (seconds, FALSE);
  assert_equals_uint64 (gst_rcast_seconds_get_late (seconds, MS (2)), MS (15));
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

/* A copy of audio is of use until the receiver plays what follows. */
GST_START_TEST (test_audio_leaves_again_even_if_a_path_is_full)
{
  const GstClockTime ages[] = { MS (160), MS (161) };

  for (guint late = 0; late < 2; late++) {
    GstRcastSeconds *seconds = gst_rcast_seconds_new ();
    GstRcastSecond it;

    gst_rcast_seconds_audio_repaired (seconds, OTHER, 7, TRUE, ages[late],
        MS (100));
    gst_rcast_seconds_set_spare (seconds, FALSE);
    fail_if (gst_rcast_seconds_next (seconds, OTHER, &it, MS (119)));
    for (guint i = 1; i <= 2; i++) {
      assert_equals_int (gst_rcast_seconds_next (seconds, OTHER, &it,
              MS (100 + 20 * i)), !late);
      fail_if (gst_rcast_seconds_next (seconds, OTHER, &it, MS (119 + 20 * i)));
    }
    gst_rcast_seconds_free (seconds);
  }
}

GST_END_TEST;

/* 50 packets of audio are sent again at @now. Returns: how many copies of them leave */
static guint
count_copies (GstRcastSeconds * seconds, GstClockTime now)
{
  GstRcastSecond it;
  guint n = 0;

  for (guint i = 0; i < 50; i++)
    gst_rcast_seconds_audio_repaired (seconds, OTHER, i, TRUE, 0, now);
  while (gst_rcast_seconds_next (seconds, OTHER, &it, now + MS (50)))
    n++;
  return n;
}

GST_START_TEST (test_a_path_that_loses_all_audio_gets_few_copies)
{
  GstRcastSeconds *seconds = gst_rcast_seconds_new ();

  assert_equals_int (count_copies (seconds, MS (100)), 16);
  assert_equals_int (count_copies (seconds, MS (200)), 0);
  assert_equals_int (count_copies (seconds, MS (20200)), 4);
  gst_rcast_seconds_free (seconds);
}

GST_END_TEST;

static Suite *
seconds_suite (void)
{
  Suite *suite = suite_create ("seconds");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_much_has_to_be_lost_by_chance, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_each_leaves_with_its_stream);
  tcase_add_test (tc, test_nothing_is_planned_twice);
  tcase_add_test (tc, test_nothing_leaves_late);
  tcase_add_test (tc, test_nothing_leaves_twice_into_a_queue);
  tcase_add_test (tc, test_feedback_gets_old);
  tcase_add_test (tc, test_what_is_late_leaves_a_third_time);
  tcase_add_test (tc, test_loss_shortens_patience);
  tcase_add_test (tc, test_audio_leaves_again_even_if_a_path_is_full);
  tcase_add_test (tc, test_a_path_that_loses_all_audio_gets_few_copies);
  return suite;
}

GST_CHECK_MAIN (seconds);
