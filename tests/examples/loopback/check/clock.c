/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server knows the capture time of media, however late it arrives. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "loopback-clock.h"

#define PICTURE 1
#define SOUND 2
#define MS 1000
/* NTP time of second @s on the publisher's clock, which differs from ours */
#define NTP(s) ((guint64) (3000000000u + (s)) << 32)

static gint64
get_picture (LoopbackClock * clock, gint64 ms, gint64 at_ms)
{
  return loopback_clock_get (clock, PICTURE, (guint32) (ms * 90), 90000,
      at_ms * MS) / MS;
}

/* The timestamps wrap around. */
static gint64
get_sound (LoopbackClock * clock, gint64 ms, gint64 at_ms)
{
  return loopback_clock_get (clock, SOUND, (guint32) (G_MAXUINT32 - 24000
          + ms * 48), 48000, at_ms * MS) / MS;
}

static void
report (LoopbackClock * clock, guint s)
{
  loopback_clock_report (clock, PICTURE, NTP (s), s * 90000);
  loopback_clock_report (clock, SOUND, NTP (s), G_MAXUINT32 - 24000
      + s * 48000);
}

GST_START_TEST (test_streams_are_together_by_their_reports)
{
  g_autoptr (LoopbackClock) clock = loopback_clock_new ();

  report (clock, 1);
  fail_unless_equals_int64 (get_picture (clock, 1000, 51000), 51000);
  /* A delay of 400 ms, and no delay */
  fail_unless_equals_int64 (get_sound (clock, 1000, 51400), 51000);
  fail_unless_equals_int64 (get_sound (clock, 1500, 51500), 51500);
  fail_unless_equals_int64 (get_picture (clock, 1500, 51700), 51500);
  report (clock, 2);
  fail_unless_equals_int64 (get_picture (clock, 2000, 52300), 52000);
  fail_unless_equals_int64 (get_sound (clock, 2000, 52000), 52000);
}

GST_END_TEST;

/* A faster packet shows that the delay of the first packets was not zero. */
GST_START_TEST (test_no_packet_is_of_the_future)
{
  g_autoptr (LoopbackClock) clock = loopback_clock_new ();

  report (clock, 1);
  fail_unless_equals_int64 (get_picture (clock, 1000, 51200), 51200);
  fail_unless_equals_int64 (get_sound (clock, 1100, 51100), 51100);
  fail_unless_equals_int64 (get_picture (clock, 1200, 51400), 51200);
}

GST_END_TEST;

GST_START_TEST (test_without_reports_each_goes_by_itself)
{
  g_autoptr (LoopbackClock) clock = loopback_clock_new ();

  fail_unless_equals_int64 (get_picture (clock, 0, 50000), 50000);
  fail_unless_equals_int64 (get_sound (clock, 0, 50300), 50300);
  fail_unless_equals_int64 (get_picture (clock, 1000, 51700), 51000);
  fail_unless_equals_int64 (get_sound (clock, 1000, 51300), 51300);
  report (clock, 1);
  fail_unless_equals_int64 (get_picture (clock, 2000, 52000), 52000);
  fail_unless_equals_int64 (get_sound (clock, 2000, 52300), 52000);
}

GST_END_TEST;

/* An absurd timestamp, and more streams than the clock holds */
GST_START_TEST (test_nonsense_is_now)
{
  g_autoptr (LoopbackClock) clock = loopback_clock_new ();

  fail_unless_equals_int64 (get_picture (clock, 100000, 50000), 50000);
  fail_unless_equals_int64 (get_picture (clock, 0, 50000), 50000);
  fail_unless_equals_int64 (loopback_clock_get (clock, SOUND, 0, 0, 7), 7);
  for (guint i = 0; i < 100; i++) {
    loopback_clock_report (clock, 10 + i, G_MAXUINT64, i);
    fail_unless (loopback_clock_get (clock, 10 + i, i + 9, 1, 77) <= 77);
  }
}

GST_END_TEST;

static Suite *
loopback_clock_suite (void)
{
  Suite *suite = suite_create ("loopback-clock");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_streams_are_together_by_their_reports);
  tcase_add_test (tc, test_no_packet_is_of_the_future);
  tcase_add_test (tc, test_without_reports_each_goes_by_itself);
  tcase_add_test (tc, test_nonsense_is_now);
  return suite;
}

GST_CHECK_MAIN (loopback_clock);
