/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A missing packet is lost after a while, unless it arrives. Some receivers never correct what
 * they have called missing. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-missing.h"

#define NOW (1000 * GST_SECOND)
#define MS(ms) (NOW + (ms) * GST_MSECOND)

static GstRcastMissing missing;

static void
set_up (void)
{
  gst_rcast_missing_init (&missing);
}

/* A packet leaves each millisecond: by its number, on any path */
static GstRcastMissingPacket
get_packet (guint16 number, guint path)
{
  return (GstRcastMissingPacket) {
    number, path, number, NOW + number * GST_MSECOND
  };
}

static void
add (guint16 number, guint path, GstClockTime now)
{
  GstRcastMissingPacket packet = get_packet (number, path);

  gst_rcast_missing_add (&missing, &packet, now);
}

/* Packet @by of @path has come at @arrival. */
static gboolean
pass (guint path, guint16 by, GstClockTime arrival, GstRcastMissingNews * news,
    GstClockTime now)
{
  GstRcastMissingPacket packet = get_packet (by, path);

  gst_rcast_missing_came (&missing, by, arrival);
  return gst_rcast_missing_pass (&missing, &packet, arrival, news, now);
}

static void
expect (guint16 wanted, GstRcastMissingFate fate, GstClockTime now)
{
  GstRcastMissingNews news = { 0, };

  fail_unless (gst_rcast_missing_next (&missing, &news, now));
  assert_equals_int (news.number, wanted);
  assert_equals_int (news.fate, fate);
}

static void
expect_lost (guint16 wanted, GstClockTime now)
{
  expect (wanted, GST_RCAST_MISSING_LOST, now);
}

static void
expect_nothing (GstClockTime now)
{
  GstRcastMissingNews news;

  fail_if (gst_rcast_missing_next (&missing, &news, now));
}

GST_START_TEST (test_what_does_not_come_in_time_is_lost)
{
  expect_nothing (NOW);
  add (65535, 0, MS (0));
  add (0, 1, MS (30));
  /* Feedback repeats itself. */
  add (65535, 0, MS (60));
  expect_nothing (MS (119));
  expect_lost (65535, MS (120));
  expect_nothing (MS (149));
  expect_lost (0, MS (150));
  expect_nothing (MS (1000));
}

GST_END_TEST;

GST_START_TEST (test_what_comes_late_is_not)
{
  gst_rcast_missing_came (&missing, 3, MS (0));
  for (guint16 i = 1; i <= 3; i++)
    add (i, 0, NOW);
  gst_rcast_missing_came (&missing, 2, MS (10));
  gst_rcast_missing_came (&missing, 2, GST_CLOCK_TIME_NONE);
  expect_lost (1, MS (120));
  expect_lost (3, MS (120));
  expect_nothing (MS (120));
}

GST_END_TEST;

/* Too many missing packets do not push out the first ones. Later there is room again. */
GST_START_TEST (test_there_may_be_too_many)
{
  for (guint i = 0; i < GST_RCAST_MISSING_MAX + 10; i++)
    add (i, 0, NOW);
  gst_rcast_missing_came (&missing, GST_RCAST_MISSING_MAX, MS (0));
  for (guint i = 0; i < GST_RCAST_MISSING_MAX; i++)
    expect_lost (i, MS (120));
  expect_nothing (MS (1000));
  add (GST_RCAST_MISSING_MAX, 0, NOW);
  expect_lost (GST_RCAST_MISSING_MAX, MS (120));
}

GST_END_TEST;

/* --- a receiver that never corrects its feedback --- */

/* One path is almost a queue: a packet that has not arrived when the third packet behind
 * it has arrived never will. */
GST_START_TEST (test_what_its_own_path_has_overtaken_is_lost)
{
  GstRcastMissingNews news = { 0, };

  gst_rcast_missing_begin (&missing);
  add (10, 0, MS (50));
  add (11, 1, MS (50));
  fail_if (pass (0, 12, MS (20), &news, MS (50)));
  fail_unless (pass (0, 13, MS (20), &news, MS (50)));
  assert_equals_int (news.number, 10);
  assert_equals_int (news.fate, GST_RCAST_MISSING_LOST);
  /* The other path shows nothing about packet 11. */
  fail_if (pass (0, 14, MS (20), &news, MS (50)));
  expect_nothing (MS (50));
}

GST_END_TEST;

/* The fate of packet 10, which feedback at 100 ms calls missing. This feedback has the later
 * packets @told of its path. Feedback at 120 ms has packet @next; @comes: and packet 10. */
static const struct
{
  const gchar *what;
  guint16 told[2], next;
  gboolean comes;
  gint fate;                    /* -1: not known yet */
} places[] = {
  {"changed places", {11}, 13, TRUE, -1},
  {"two have overtaken it", {11, 12}, 12, FALSE, -1},
  {"the third comes later", {11}, 13, FALSE, GST_RCAST_MISSING_LOST},
  {"the third comes later, the second is lost too", {12}, 14, FALSE,
      GST_RCAST_MISSING_LOST},
  {"nothing had overtaken it", {9}, 13, FALSE, GST_RCAST_MISSING_CAME},
};

GST_START_TEST (test_two_that_change_places_are_not_lost)
{
  GstRcastMissingNews news = { 0, };
  gint fate = -1;

  gst_rcast_missing_begin (&missing);
  gst_rcast_missing_came (&missing, 1, MS (70));
  add (10, 0, MS (100));
  for (guint i = 0; i < G_N_ELEMENTS (places[0].told); i++)
    if (places[__i__].told[i] > 0)
      fail_if (pass (0, places[__i__].told[i], MS (80), &news, MS (100)));
  expect_nothing (MS (100));
  gst_rcast_missing_begin (&missing);
  if (places[__i__].comes)
    gst_rcast_missing_came (&missing, 10, MS (100));
  if (pass (0, places[__i__].next, MS (100), &news, MS (120)))
    fate = news.fate;
  fail_unless (fate == places[__i__].fate, "%s: %d", places[__i__].what, fate);
  fail_unless (fate < 0 || news.number == 10);
}

GST_END_TEST;

/* On a path with little to carry, the next packet is proof. @later: how much later it leaves; @way:
 * how long after that feedback comes. In ms */
static const struct
{
  guint later, way;
  gboolean lost;
} pauses[] = {
  {49, 60, FALSE},
  {50, 60, TRUE},
  {74, 600, FALSE},
  {75, 600, TRUE},
};

GST_START_TEST (test_what_left_long_before_is_lost)
{
  const GstClockTime later = pauses[__i__].later * GST_MSECOND;
  const GstClockTime now = NOW + later + pauses[__i__].way * GST_MSECOND;
  const GstRcastMissingPacket first = { 10, 0, 10, NOW };
  const GstRcastMissingPacket second = { 11, 0, 11, NOW + later };
  GstRcastMissingNews news;

  gst_rcast_missing_begin (&missing);
  gst_rcast_missing_add (&missing, &first, now);
  gst_rcast_missing_came (&missing, 11, MS (80));
  fail_unless (gst_rcast_missing_pass (&missing, &second, MS (80), &news, now)
      == pauses[__i__].lost, "%u ms", pauses[__i__].later);
}

GST_END_TEST;

/* An overtaken packet and a packet of a longer path are missing. If one of them has come, it is the
 * packet of the longer path. */
GST_START_TEST (test_what_is_counted_was_not_overtaken)
{
  GstRcastMissingNews news;

  gst_rcast_missing_begin (&missing);
  gst_rcast_missing_came (&missing, 1, MS (0));
  gst_rcast_missing_report (&missing, 1, 0, MS (0));
  expect_nothing (MS (0));
  gst_rcast_missing_begin (&missing);
  add (10, 0, MS (33));
  add (11, 1, MS (33));
  fail_if (pass (0, 12, MS (20), &news, MS (33)));
  gst_rcast_missing_report (&missing, 1, 2, MS (33));
  expect_nothing (MS (33));
  gst_rcast_missing_report (&missing, 1, 1, MS (66));
  expect (11, GST_RCAST_MISSING_CAME, MS (66));
  expect_nothing (MS (66));
}

GST_END_TEST;

/* A missing packet arrived between the last feedback and the next packet of its path. */
GST_START_TEST (test_what_its_path_goes_on_after_has_come)
{
  GstRcastMissingNews news = { 0, };

  gst_rcast_missing_begin (&missing);
  add (10, 1, MS (50));
  gst_rcast_missing_came (&missing, 12, MS (20));
  gst_rcast_missing_begin (&missing);
  fail_unless (pass (1, 13, MS (60), &news, MS (80)));
  assert_equals_int (news.number, 10);
  assert_equals_int (news.path, 1);
  assert_equals_int (news.fate, GST_RCAST_MISSING_CAME);
  assert_equals_uint64 (news.earliest, MS (40));
  assert_equals_uint64 (news.latest, MS (60));
}

GST_END_TEST;

/* Feedback messages from two times count alike in one RTCP packet and in two. */
GST_START_TEST (test_messages_of_one_packet_are_of_two_times)
{
  GstRcastMissingNews news = { 0, };

  gst_rcast_missing_begin (&missing);
  add (10, 1, MS (80));
  gst_rcast_missing_came (&missing, 12, MS (20));
  gst_rcast_missing_next_message (&missing);
  fail_unless (pass (1, 13, MS (60), &news, MS (80)));
  assert_equals_int (news.number, 10);
  assert_equals_int (news.fate, GST_RCAST_MISSING_CAME);
  assert_equals_uint64 (news.earliest, MS (40));
}

GST_END_TEST;

/* A report also counts packets that only the next feedback calls missing. That does not show that
 * those are lost which feedback has called missing. */
GST_START_TEST (test_reports_run_ahead_of_feedback)
{
  gst_rcast_missing_begin (&missing);
  gst_rcast_missing_came (&missing, 1000, MS (0));
  gst_rcast_missing_report (&missing, 1, 0, MS (0));
  expect_nothing (MS (0));
  gst_rcast_missing_begin (&missing);
  add (10, 1, MS (33));
  gst_rcast_missing_came (&missing, 1001, MS (33));
  expect_nothing (MS (33));
  gst_rcast_missing_report (&missing, 1, 3, MS (50));
  expect_nothing (MS (50));
  gst_rcast_missing_begin (&missing);
  add (11, 1, MS (66));
  add (12, 1, MS (66));
  gst_rcast_missing_came (&missing, 1002, MS (66));
  expect_nothing (MS (66));
  gst_rcast_missing_report (&missing, 1, 2, MS (80));
  expect (10, GST_RCAST_MISSING_CAME, MS (80));
  expect_nothing (MS (80));
  /* But if reports count more for longer, a packet taken for late was lost. */
  for (guint i = 0; i < 2; i++) {
    gst_rcast_missing_report (&missing, 1, 3, MS (90 + 33 * i));
    expect_nothing (MS (90 + 33 * i));
    gst_rcast_missing_begin (&missing);
    gst_rcast_missing_came (&missing, 1003 + i, MS (99 + 33 * i));
    expect_nothing (MS (99 + 33 * i));
  }
  gst_rcast_missing_report (&missing, 1, 3, MS (150));
  expect_lost (11, MS (150));
  expect_nothing (MS (150));
}

GST_END_TEST;

/* No packet of the path is ever reported, as it takes a frame longer than the other path. But the
 * count of lost packets does not grow while one arrives for each that is missing. */
GST_START_TEST (test_reports_tell_of_what_came)
{
  gint32 lost = 0;

  for (guint i = 0; i < 100; i++) {
    GstClockTime now = MS (33 * i);

    gst_rcast_missing_begin (&missing);
    add (i, 1, now);
    gst_rcast_missing_came (&missing, 1000 + i, now);
    /* Each packet comes 33 ms later, but for one. */
    lost += (i == 0 || i == 50);
    gst_rcast_missing_report (&missing, 1, lost, now);
    if (i > 0 && i != 50)
      expect (i < 50 ? i - 1 : i - 2, GST_RCAST_MISSING_CAME, now);
    expect_nothing (now);
  }
}

GST_END_TEST;

/* Each third feedback comes with a report. The packets that came in between
 * came one after the other. */
GST_START_TEST (test_what_reports_count_came_in_turn)
{
  for (guint i = 0; i < 30; i++) {
    GstClockTime now = MS (30 * i), last = 0;
    GstRcastMissingNews news;
    guint n = 0;

    gst_rcast_missing_begin (&missing);
    add (i, 1, now);
    gst_rcast_missing_came (&missing, 1000 + i, now);
    if (i % 3 == 0)
      gst_rcast_missing_report (&missing, 1, 1, now);
    while (gst_rcast_missing_next (&missing, &news, now)) {
      assert_equals_int (news.fate, GST_RCAST_MISSING_CAME);
      fail_unless (news.earliest > last && news.earliest <= now);
      fail_unless (news.earliest > now - 90 * GST_MSECOND);
      last = news.earliest;
      n++;
    }
    assert_equals_int (n, i > 0 && i % 3 == 0 ? 3 : 0);
  }
}

GST_END_TEST;

/* A packet that arrived in time for the report is of a path that carries, if there is one. */
GST_START_TEST (test_what_is_counted_came_on_a_path_that_carries)
{
  static const guint paths[] = { 1, 1, 0, 1 };

  gst_rcast_missing_begin (&missing);
  gst_rcast_missing_came (&missing, 1000, MS (0));
  gst_rcast_missing_report (&missing, 1, 0, MS (0));
  expect_nothing (MS (0));
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    add (i, paths[i], MS (33));
  gst_rcast_missing_report (&missing, 1, 4, MS (33));
  expect_nothing (MS (33));
  gst_rcast_missing_doubt (&missing, 1, TRUE);
  gst_rcast_missing_report (&missing, 1, 3, MS (66));
  expect (2, GST_RCAST_MISSING_CAME, MS (66));
  expect_nothing (MS (66));
  gst_rcast_missing_report (&missing, 1, 2, MS (99));
  expect (0, GST_RCAST_MISSING_CAME, MS (99));
  add (4, 0, MS (132));
  gst_rcast_missing_doubt (&missing, 1, FALSE);
  gst_rcast_missing_report (&missing, 1, 2, MS (132));
  expect (1, GST_RCAST_MISSING_CAME, MS (132));
}

GST_END_TEST;

/* --- impossible times, which a receiver of GStreamer 1.22 reports now and then --- */

/* Skews in ms of an arrival in each feedback, and whether it is believed */
static const struct
{
  const gchar *what;
  struct
  {
    gint skew;
    gboolean believed;
  } told[5];
} skews[] = {
  {"one is odd", {{0, TRUE}, {2600, FALSE}, {10, TRUE}, {2600, FALSE}, {0,
              TRUE}}},
  {"the first one is odd", {{2600, TRUE}, {0, FALSE}, {10, TRUE}, {0, TRUE},
          {5, TRUE}}},
  {"odd ones do not agree", {{0, TRUE}, {2600, FALSE}, {-1850, FALSE}, {5000,
              FALSE}, {10, TRUE}}},
  {"we stood still", {{0, TRUE}, {-3000, FALSE}, {-2900, TRUE}, {0, FALSE},
          {10, TRUE}}},
};

GST_START_TEST (test_what_is_said_again_can_be)
{
  for (guint i = 0; i < G_N_ELEMENTS (skews[0].told); i++) {
    gint skew = skews[__i__].told[i].skew;

    gst_rcast_missing_begin (&missing);
    /* Another arrival in the same feedback says nothing new. */
    for (guint j = 0; j < 2; j++)
      fail_unless (gst_rcast_missing_check (&missing,
              MS (33 * i + skew + 86400000), MS (33 * i))
          == skews[__i__].told[i].believed, "%s: %u, %u", skews[__i__].what, i,
          j);
  }
}

GST_END_TEST;

/* A missing packet is reported before any arrival: nobody knows when it came. */
GST_START_TEST (test_a_time_that_is_not_known_is_none)
{
  GstRcastMissingNews news = { 0, };

  gst_rcast_missing_report (&missing, 1, 0, MS (0));
  gst_rcast_missing_begin (&missing);
  add (10, 1, MS (33));
  add (11, 0, MS (33));
  expect_nothing (MS (33));
  gst_rcast_missing_begin (&missing);
  fail_unless (pass (1, 12, MS (60), &news, MS (66)));
  assert_equals_int (news.number, 10);
  assert_equals_int (news.fate, GST_RCAST_MISSING_UNKNOWN);
  gst_rcast_missing_report (&missing, 1, 0, MS (66));
  expect (11, GST_RCAST_MISSING_UNKNOWN, MS (66));
}

GST_END_TEST;

/* Each @gap_ms, feedback calls @called packets missing, and @lost of them do not arrive before the
 * next report. Returns: how many of them count as lost in ten seconds */
static guint
count_lost (guint gap_ms, guint called, guint lost, gboolean retracts,
    gboolean reports)
{
  guint16 number = 0;
  guint n = 0;
  gint32 total = 0;

  for (guint i = 0; i < 10000 / gap_ms; i++) {
    GstClockTime now = MS (gap_ms * i);
    GstRcastMissingNews news;

    gst_rcast_missing_begin (&missing);
    for (guint j = 0; j < called; j++)
      add (number++, 0, now);
    if (retracts)
      gst_rcast_missing_came (&missing, number - 1, now);
    if (reports)
      gst_rcast_missing_report (&missing, 1, total + called, now);
    total += lost;
    while (gst_rcast_missing_next (&missing, &news, now))
      n += news.fate == GST_RCAST_MISSING_LOST;
  }
  return n;
}

static const struct
{
  guint gap_ms, called, lost, least, most;
} counts[] = {
  {50, 3, 0, 0, 0},
  {50, 4, 1, 170, 200},
  {50, 4, 4, 760, 800},
  /* Too seldom to know the fate of each */
  {700, 3, 0, 0, 4},
  {700, 4, 1, 8, 18},
  {700, 4, 4, 44, 56},
};

GST_START_TEST (test_reports_tell_how_many_are_lost)
{
  guint n = count_lost (counts[__i__].gap_ms, counts[__i__].called,
      counts[__i__].lost, FALSE, TRUE);

  fail_unless (n >= counts[__i__].least && n <= counts[__i__].most,
      "%u lost", n);
}

GST_END_TEST;

GST_START_TEST (test_feedback_is_believed_if_nothing_contradicts)
{
  /* The packets of the last 120 ms are not decided yet. */
  assert_equals_int (count_lost (100, 3, 0, FALSE, FALSE), 3 * 98);
  set_up ();
  assert_equals_int (count_lost (100, 3, 0, TRUE, TRUE), 2 * 98);
}

GST_END_TEST;

/* A stream may begin anew, and a report may say anything: only some packets are misjudged. */
GST_START_TEST (test_reports_may_be_wrong)
{
  static const gint32 said[] = { 1000, 1005, G_MININT32, G_MAXINT32, 0 };
  GstRcastMissingNews news;
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    gst_rcast_missing_report (&missing, 1, said[i], MS (i));
  for (guint32 ssrc = 2; ssrc < 100; ssrc++)
    gst_rcast_missing_report (&missing, ssrc, G_MAXINT32, MS (5));
  for (guint i = 0; i < 100; i++)
    add (i, 0, MS (5));
  while (gst_rcast_missing_next (&missing, &news, MS (1000)))
    n += news.fate == GST_RCAST_MISSING_LOST;
  assert_equals_int (missing.n, 0);
  fail_unless (n <= 64, "%u lost", n);
}

GST_END_TEST;

static Suite *
missing_suite (void)
{
  Suite *s = suite_create ("missing");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, NULL);
  tcase_add_test (tc, test_what_does_not_come_in_time_is_lost);
  tcase_add_test (tc, test_what_comes_late_is_not);
  tcase_add_test (tc, test_there_may_be_too_many);
  tcase_add_loop_test (tc, test_what_is_said_again_can_be, 0,
      G_N_ELEMENTS (skews));
  tcase_add_test (tc, test_a_time_that_is_not_known_is_none);
  tcase_add_test (tc, test_what_its_own_path_has_overtaken_is_lost);
  tcase_add_loop_test (tc, test_two_that_change_places_are_not_lost, 0,
      G_N_ELEMENTS (places));
  tcase_add_loop_test (tc, test_what_left_long_before_is_lost, 0,
      G_N_ELEMENTS (pauses));
  tcase_add_test (tc, test_what_is_counted_was_not_overtaken);
  tcase_add_test (tc, test_what_its_path_goes_on_after_has_come);
  tcase_add_test (tc, test_messages_of_one_packet_are_of_two_times);
  tcase_add_test (tc, test_reports_run_ahead_of_feedback);
  tcase_add_test (tc, test_reports_tell_of_what_came);
  tcase_add_test (tc, test_what_reports_count_came_in_turn);
  tcase_add_test (tc, test_what_is_counted_came_on_a_path_that_carries);
  tcase_add_loop_test (tc, test_reports_tell_how_many_are_lost, 0,
      G_N_ELEMENTS (counts));
  tcase_add_test (tc, test_feedback_is_believed_if_nothing_contradicts);
  tcase_add_test (tc, test_reports_may_be_wrong);
  return s;
}

GST_CHECK_MAIN (missing);
