/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rate of the paths is split: audio first and whole, no stream starves, no stream
 * gets more than it can use. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-share.h"

#define ALL GST_RCAST_SHARE_ALL
#define MAX_STREAMS 3

/* kbit/s; a target of -1: no limit, of -2: not a stream */
typedef struct
{
  gboolean audio, follows;
  guint weight, min, max, seen;
  gint before, after;
} Row;

static const struct
{
  const gchar *what;
  guint sum, repairs;
  Row rows[MAX_STREAMS];
  gboolean more;
} cases[] = {
  {"all have all", 5000, 0, {{TRUE, TRUE, 1, 0, 0, 32, -1, -1},
      {FALSE, TRUE, 2, 30, 1000, 0, 500, 1000},
      {FALSE, TRUE, 2, 30, 2000, 0, 500, 2000}}, FALSE},
  /* (600 - 32 - 15.2) x 0.95 */
  {"sound is whole, video has the rest", 600, 0, {{TRUE, TRUE, 1, 0, 0, 32, -1,
          -1}, {FALSE, TRUE, 2, 30, 1000, 0, 500, 525}}, FALSE},
  {"by weight, above the minimum", 1000, 0, {{FALSE, TRUE, 4, 50, 5000, 900, 1,
          616}, {FALSE, TRUE, 2, 50, 5000, 900, 1, 333}}, TRUE},
  {"who needs less leaves the rest", 1000, 0, {{FALSE, TRUE, 2, 30, 200, 0, 1,
          200}, {FALSE, TRUE, 2, 30, 5000, 0, 1, 750}}, FALSE},
  {"retransmissions come before video", 1000, 100, {{FALSE, TRUE, 2, 30, 5000, 0,
          1, 855}}, FALSE},
  {"but take a quarter at the most", 1000, 900, {{FALSE, TRUE, 2, 30, 5000, 0, 1,
          712}}, FALSE},
  {"not enough for both: the lesser is paused", 500, 0, {{FALSE, TRUE, 1, 300,
          5000, 0, 1, 0}, {FALSE, TRUE, 2, 300, 5000, 0, 1, 475}}, TRUE},
  {"of equals the last is paused", 500, 0, {{FALSE, TRUE, 2, 300, 5000, 0, 1,
          475}, {FALSE, TRUE, 2, 300, 5000, 0, 1, 0}}, TRUE},
  {"a small one fits where a great one does not", 200, 0, {{FALSE, TRUE, 4, 300,
          5000, 0, 1, 0}, {FALSE, TRUE, 1, 50, 5000, 0, 1, 190}}, TRUE},
  {"what is paused waits for more than its minimum", 350, 0, {{FALSE, TRUE, 2,
          300, 5000, 0, 0, 0}}, TRUE},
  {"and goes on with that", 400, 0, {{FALSE, TRUE, 2, 300, 5000, 0, 0, 380}},
      FALSE},
  {"what does not follow is sent as it is", 1000, 0, {{FALSE, FALSE, 2, 30, 0, 570,
          -1, -1}, {FALSE, TRUE, 2, 30, 5000, 0, 1, 380}}, FALSE},
  {"sound alone takes more than there is", 20, 10, {{TRUE, TRUE, 1, 0, 0, 64, -1,
          -1}, {FALSE, TRUE, 2, 0, 5000, 0, 1, 0}}, TRUE},
  {"a minimum above the limit is the limit", 1000, 0, {{FALSE, TRUE, 2, 800, 400,
          0, 1, 400}}, FALSE},
  {"no limit", 1000, 0, {{FALSE, TRUE, 2, 30, 0, 0, -1, 950}}, FALSE},
  {"nothing", 0, 0, {{FALSE, TRUE, 2, 0, 1000, 0, 1, 0}}, TRUE},
  /* (950 - 100 - 1.5 x 10) */
  {"who is quiet leaves the rest, and keeps some", 1000, 0, {{FALSE, TRUE, 2, 30,
          5000, 600, 1, 835}, {FALSE, TRUE, 2, 30, 5000, 10, 1, 115}}, FALSE},
  {"who uses all of it waits for more", 1000, 0, {{FALSE, TRUE, 2, 30, 5000, 835,
          835, 835}, {FALSE, TRUE, 2, 30, 5000, 10, 115, 115}}, TRUE},
  {"but for no more than it can use", 1000, 0, {{FALSE, TRUE, 2, 30, 400, 400, 400,
          400}, {FALSE, TRUE, 2, 30, 5000, 10, 550, 550}}, FALSE},
  {"there is enough for all that may come", 5000, 0, {{FALSE, TRUE, 2, 30, 2000,
          1900, 1, 2000}, {FALSE, TRUE, 2, 30, 2000, 10, 1, 2000}}, FALSE},
  {"of quiet ones none comes first", 1000, 0, {{FALSE, TRUE, 2, 30, 5000, 0, 1,
          475}, {FALSE, TRUE, 2, 30, 5000, 0, 1, 475}}, FALSE},
};

static guint64
to_bits (gint kbit)
{
  return kbit < 0 ? ALL : kbit * 1000;
}

GST_START_TEST (test_the_sum_is_split)
{
  GstRcastShareStream streams[MAX_STREAMS];
  guint n = 0;
  gboolean more;

  for (; n < MAX_STREAMS && cases[__i__].rows[n].weight > 0; n++) {
    const Row *row = &cases[__i__].rows[n];

    streams[n] = (GstRcastShareStream) {
      row->audio, row->follows, row->weight, to_bits (row->min),
          row->max > 0 ? to_bits (row->max) : ALL, to_bits (row->seen),
          to_bits (row->before)
    };
  }
  more = gst_rcast_share (streams, n, to_bits (cases[__i__].sum),
      to_bits (cases[__i__].repairs));
  for (guint i = 0; i < n; i++) {
    guint64 wanted = to_bits (cases[__i__].rows[i].after);

    fail_unless (wanted == ALL || wanted == 0 ? streams[i].target == wanted :
        ABS ((gint64) (streams[i].target - wanted)) <= 1000,
        "%s: %" G_GUINT64_FORMAT " for stream %u", cases[__i__].what,
        streams[i].target, i);
  }
  fail_unless (more == cases[__i__].more, "%s: %d", cases[__i__].what, more);
}

GST_END_TEST;

/* In any case the streams get no more than there is, and no more than they can use. */
GST_START_TEST (test_no_more_is_given_than_there_is)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint turn = 0; turn < 20000; turn++) {
    GstRcastShareStream streams[MAX_STREAMS];
    guint64 sum = g_rand_int_range (rand, 0, 3000000), given = 0;

    for (guint i = 0; i < MAX_STREAMS; i++)
      streams[i] = (GstRcastShareStream) {
        FALSE, TRUE, 1u << g_rand_int_range (rand, 0, 4),
            g_rand_int_range (rand, 0, 500000),
            g_rand_int_range (rand, 1, 2000000),
            g_rand_int_range (rand, 0, 1000000),
            g_rand_int_range (rand, 0, 2)
      };
    gst_rcast_share (streams, MAX_STREAMS, sum, g_rand_int_range (rand, 0,
            1000000));
    for (guint i = 0; i < MAX_STREAMS; i++) {
      given += streams[i].target;
      fail_unless (streams[i].target <= streams[i].max);
      fail_unless (streams[i].target == 0
          || streams[i].target >= MIN (streams[i].min, streams[i].max));
    }
    fail_unless (given <= sum);
  }
}

GST_END_TEST;

/* The least that is of use: audio as it is, and the minimum of each video */
GST_START_TEST (test_least_that_is_of_use)
{
  const GstRcastShareStream streams[] = {
    {.audio = TRUE,.seen = 32000},
    {.follows = TRUE,.weight = 1,.min = 190000,.max = ALL,.seen = 10},
    {.follows = TRUE,.weight = 1,.min = 190000,.max = 95000},
  };

  assert_equals_uint64 (gst_rcast_share_get_least (streams, 3),
      32000 + 15200 + 200000 + 100000);
  assert_equals_uint64 (gst_rcast_share_get_least (NULL, 0), 0);
}

GST_END_TEST;

/* The most that is of use: as above, and no more than each video can use */
GST_START_TEST (test_most_that_is_of_use)
{
  GstRcastShareStream streams[] = {
    {.audio = TRUE,.seen = 32000},
    {.follows = TRUE,.weight = 1,.max = 190000,.seen = 10},
    {.weight = 1,.max = ALL,.seen = 95000},
  };

  assert_equals_uint64 (gst_rcast_share_get_most (streams, 3),
      32000 + 15200 + 200000 + 100000);
  streams[1].max = ALL;
  assert_equals_uint64 (gst_rcast_share_get_most (streams, 3), ALL);
  /* A stream that does not follow has no use for more. */
  streams[1].follows = FALSE;
  assert_equals_uint64 (gst_rcast_share_get_most (streams, 3), 0);
  assert_equals_uint64 (gst_rcast_share_get_most (NULL, 0), 0);
}

GST_END_TEST;

static Suite *
share_suite (void)
{
  Suite *suite = suite_create ("share");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_the_sum_is_split, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tc, test_no_more_is_given_than_there_is);
  tcase_add_test (tc, test_least_that_is_of_use);
  tcase_add_test (tc, test_most_that_is_of_use);
  return suite;
}

GST_CHECK_MAIN (share);
