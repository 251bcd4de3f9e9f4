/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key frame is requested at once, then less and less often, and not while one arrives. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-asking.h"

#define START (10 * GST_SECOND)
#define LATENCY_MS 200
#define MAX_TIMES 16

/* A key frame is wanted with each frame that cannot be used, and when a request is due,
 * over 4 s. Requests are in ms. */
static const struct
{
  guint round_trip, frame;      /* ms; 0: only once */
  guint start, done, forgotten; /* ms: a key frame starts, is whole; all is forgotten; 0: never */
  guint packets;                /* ms: from then on packets come */
  guint requests[MAX_TIMES];    /* from the second one on */
} rows[] = {
  {0, 33, 0, 0, 0, 0, {100, 300, 700, 1500, 2300, 3100, 3900}},
  {50, 33, 0, 0, 0, 0, {150, 400, 850, 1700, 2550, 3400}},
  {600, 33, 0, 0, 0, 0, {700, 1500, 2500, 3900}},
  /* Each request may be lost. */
  {0, 0, 0, 0, 0, 0, {100, 300, 700, 1500, 2300, 3100, 3900}},
  {600, 0, 0, 0, 0, 0, {700, 1500, 2500, 3900}},
  /* Nothing comes of the stream, or only later. */
  {0, 0, 0, 0, 0, 5000, {100, 300, 700, 1500}},
  {0, 0, 0, 0, 0, 3000, {100, 300, 700, 1500, 3000, 3800}},
  {0, 33, 0, 0, 0, 5000, {100, 300, 700, 1500, 2310, 3135, 3960}},
  /* A key frame arrives: a request waits until it can be out of the jitter buffer. */
  {0, 33, 60, 0, 0, 0, {280, 380, 580, 980, 1780, 2580, 3380}},
  {0, 33, 150, 0, 0, 0, {100, 370, 470, 670, 1070, 1870, 2670, 3470}},
  {600, 33, 650, 0, 0, 0, {870, 1570, 2370, 3370}},
  {0, 0, 60, 0, 0, 0, {280, 380, 580, 980, 1780, 2580, 3380}},
  /* The key frame is whole. A later loss has a new request, but never at once again. */
  {0, 0, 60, 260, 0, 0, {0}},
  {0, 0, 0, 60, 0, 0, {0}},
  {0, 33, 60, 260, 0, 0, {264, 364, 564, 964, 1764, 2564, 3364}},
  {0, 33, 10, 20, 0, 0, {100, 200, 400, 800, 1600, 2400, 3200}},
  /* Another connection */
  {600, 33, 0, 0, 40, 0, {66, 766, 1566, 2566, 3966}},
};

/* Each ms */
GST_START_TEST (test_asks_less_and_less_often)
{
  g_autoptr (GstRcastAsking) asking = gst_rcast_asking_new ();
  guint n = 0;

  for (guint ms = 0; ms < 4000; ms++) {
    GstClockTime now = START + ms * GST_MSECOND;

    if (ms >= rows[__i__].packets && gst_rcast_asking_is_stalled (asking))
      gst_rcast_asking_flows (asking);
    if (ms > 0 && ms == rows[__i__].forgotten)
      gst_rcast_asking_forget (asking);
    if (ms > 0 && ms == rows[__i__].start)
      gst_rcast_asking_started (asking, LATENCY_MS * GST_MSECOND, now);
    if (ms > 0 && ms == rows[__i__].done)
      gst_rcast_asking_done (asking);
    if (ms > 0 && (rows[__i__].frame == 0 || ms % rows[__i__].frame != 0)
        && gst_rcast_asking_get_due (asking) > now)
      continue;
    if (!gst_rcast_asking_ask (asking, rows[__i__].round_trip * GST_MSECOND,
            now))
      continue;
    fail_unless (n <= MAX_TIMES);
    fail_unless_equals_int (ms, n == 0 ? 0 : rows[__i__].requests[n - 1]);
    n++;
  }
  fail_unless (n > 0 && (n > MAX_TIMES || rows[__i__].requests[n - 1] == 0));
}

GST_END_TEST;

/* A request is open until a key frame starts. */
GST_START_TEST (test_open_until_it_arrives)
{
  g_autoptr (GstRcastAsking) asking = gst_rcast_asking_new ();

  fail_if (gst_rcast_asking_is_open (asking));
  gst_rcast_asking_started (asking, GST_SECOND, START);
  fail_unless (gst_rcast_asking_ask (asking, 0, START));
  fail_unless (gst_rcast_asking_is_open (asking));
  gst_rcast_asking_started (asking, GST_SECOND, START + 1);
  fail_if (gst_rcast_asking_is_open (asking));
  /* Only the first start of a key frame counts. */
  gst_rcast_asking_started (asking, GST_SECOND, START + 2 * GST_SECOND);
  fail_unless (gst_rcast_asking_ask (asking, 0, START + 2 * GST_SECOND));
  fail_unless (gst_rcast_asking_is_open (asking));
  gst_rcast_asking_done (asking);
  fail_if (gst_rcast_asking_is_open (asking));
  fail_if (GST_CLOCK_TIME_IS_VALID (gst_rcast_asking_get_due (asking)));
}

GST_END_TEST;

/* A request long after the last key frame is no repetition. */
GST_START_TEST (test_begins_anew)
{
  g_autoptr (GstRcastAsking) asking = gst_rcast_asking_new ();
  GstClockTime now;

  for (now = START; now < START + 5 * GST_SECOND; now += GST_MSECOND)
    gst_rcast_asking_ask (asking, 0, now);
  now += 10 * GST_SECOND;
  fail_unless (gst_rcast_asking_ask (asking, 0, now));
  fail_unless_equals_uint64 (gst_rcast_asking_get_due (asking),
      now + 100 * GST_MSECOND);
}

GST_END_TEST;

static Suite *
asking_suite (void)
{
  Suite *s = suite_create ("asking");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_asks_less_and_less_often, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_open_until_it_arrives);
  tcase_add_test (tc, test_begins_anew);
  return s;
}

GST_CHECK_MAIN (asking);
