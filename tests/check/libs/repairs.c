/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retransmissions stay within their budget, whatever a server asks for. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "rcast-repairs.h"

#define SSRC 0x12345678
#define SIZE 1200
#define ROUND_TRIP (40 * GST_MSECOND)

static guint64
get_count (const GstRcastRepairs * repairs, const gchar * field)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  guint64 count;

  gst_rcast_repairs_add_stats (repairs, stats);
  fail_unless (gst_structure_get_uint64 (stats, field, &count));
  return count;
}

/* Sends @n packets, one @every, and advances @time. */
static void
send_packets (GstRcastRepairs * repairs, guint from, guint n,
    GstClockTime every, GstClockTime * time)
{
  for (guint i = from; i < from + n; i++) {
    gst_rcast_repairs_sent (repairs, SSRC, i, SIZE, *time);
    *time += every;
  }
}

/* One packet, sent at 0 ms: which packet is requested, when, and what is decided */
static const struct
{
  const gchar *what;
  guint32 ssrc;
  guint16 seqnum;
  guint asked_ms[3];            /* 0: no more */
  GstRcastRepair decided[3];
} rows[] = {
  {"at once", SSRC, 7, {1}, {GST_RCAST_REPAIR_GRANTED}},
  {"after a round trip", SSRC, 7, {41}, {GST_RCAST_REPAIR_GRANTED}},
  {"twice within a round trip", SSRC, 7, {41, 70},
      {GST_RCAST_REPAIR_GRANTED, GST_RCAST_REPAIR_TOO_SOON}},
  {"again after a round trip", SSRC, 7, {41, 82, 123},
        {GST_RCAST_REPAIR_GRANTED, GST_RCAST_REPAIR_GRANTED,
            GST_RCAST_REPAIR_GRANTED}},
  {"again, hardly before a round trip", SSRC, 7, {41, 72},
        {GST_RCAST_REPAIR_GRANTED, GST_RCAST_REPAIR_GRANTED}},
  {"what is refused does not put the next one off", SSRC, 7, {41, 60, 82},
        {GST_RCAST_REPAIR_GRANTED, GST_RCAST_REPAIR_TOO_SOON,
            GST_RCAST_REPAIR_GRANTED}},
  {"as late as it may be", SSRC, 7, {1039}, {GST_RCAST_REPAIR_GRANTED}},
  {"too late", SSRC, 7, {1041}, {GST_RCAST_REPAIR_TOO_LATE}},
  {"never sent", SSRC, 8, {41}, {GST_RCAST_REPAIR_UNKNOWN}},
  {"of another stream", SSRC + 1, 7, {41}, {GST_RCAST_REPAIR_UNKNOWN}},
};

GST_START_TEST (test_a_request_is_judged)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 0);
  for (guint i = 0; i < 3 && rows[__i__].asked_ms[i]; i++)
    fail_unless (gst_rcast_repairs_request (repairs, rows[__i__].ssrc,
            rows[__i__].seqnum, ROUND_TRIP,
            rows[__i__].asked_ms[i] * GST_MSECOND) == rows[__i__].decided[i],
        "%s, request %u", rows[__i__].what, i);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A packet on several paths may be overtaken: it is not lost before its hold is over. */
GST_START_TEST (test_a_packet_that_may_be_late_is_held)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  gst_rcast_repairs_hold (repairs, SSRC, 7, 50 * GST_MSECOND);
  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 0);
  gst_rcast_repairs_sent (repairs, SSRC, 8, SIZE, 0);
  gst_rcast_repairs_hold (repairs, SSRC, 7, 120 * GST_MSECOND);
  gst_rcast_repairs_hold (repairs, SSRC + 1, 8, 120 * GST_MSECOND);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7, ROUND_TRIP,
          119 * GST_MSECOND), GST_RCAST_REPAIR_TOO_SOON);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 8, ROUND_TRIP,
          119 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7, ROUND_TRIP,
          120 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  /* The hold does not apply to another packet with the same number. */
  gst_rcast_repairs_hold (repairs, SSRC, 7, GST_SECOND);
  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 200 * GST_MSECOND);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7, ROUND_TRIP,
          240 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_known_before_the_first_packet)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  assert_equals_int (gst_rcast_repairs_request (repairs, 0, 0, 0, 0),
      GST_RCAST_REPAIR_UNKNOWN);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A server on a thin link requests each packet again and again. */
GST_START_TEST (test_a_flood_of_requests_gets_a_quarter)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint64 granted;

  for (guint i = 0; i < 3000; i++) {
    send_packets (repairs, i, 1, 10 * GST_MSECOND, &time);
    for (guint back = 0; back < 100 && back <= i; back++)
      gst_rcast_repairs_request (repairs, SSRC, i - back, ROUND_TRIP, time);
  }
  granted = get_count (repairs, "repairs");
  fail_unless (granted >= 3000 / 4 - 1 && granted <= 3000 / 4 + 8,
      "%" G_GUINT64_FORMAT " granted of 3000 sent", granted);
  fail_unless (get_count (repairs, "repairs-over-budget") > 100000);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* One packet in ten is lost, at a round trip of 40 ms: each of them is sent again. */
GST_START_TEST (test_ten_percent_of_loss_is_repaired)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;

  for (guint i = 0; i < 3000; i++) {
    send_packets (repairs, i, 1, 10 * GST_MSECOND, &time);
    if (i >= 5 && i % 10 == 0)
      assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, i - 5,
              ROUND_TRIP, time), GST_RCAST_REPAIR_GRANTED);
  }
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* 200 ms of packets are lost after almost two seconds without a loss. */
GST_START_TEST (test_a_burst_is_repaired_from_what_was_saved)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;

  send_packets (repairs, 0, 400, 5 * GST_MSECOND, &time);
  for (guint i = 360; i < 400; i++)
    assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, i, ROUND_TRIP,
            time), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Budget that was saved while much was sent expires when little is sent. */
GST_START_TEST (test_a_thinner_stream_has_a_smaller_budget)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint granted = 0;

  send_packets (repairs, 0, 2000, GST_MSECOND, &time);
  send_packets (repairs, 2000, 60, 100 * GST_MSECOND, &time);
  for (guint i = 2050; i < 2060; i++)
    granted += gst_rcast_repairs_request (repairs, SSRC, i, 0, time)
        == GST_RCAST_REPAIR_GRANTED;
  assert_equals_int (granted, 8);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Saved budget must not fill a path that got thin. Where a queue stands, nothing is sent again.
 * Afterwards the budget is a quarter of what is sent. */
GST_START_TEST (test_a_thinner_path_has_a_smaller_budget)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint granted = 0;

  send_packets (repairs, 0, 1000, 3 * GST_MSECOND, &time);
  gst_rcast_repairs_set_rate (repairs, 500000);
  for (guint i = 900; i < 960; i++)
    granted += gst_rcast_repairs_request (repairs, SSRC, i, 0, time)
        == GST_RCAST_REPAIR_GRANTED;
  assert_equals_int (granted, 500000 / 8 / 4 / SIZE);
  send_packets (repairs, 1000, 1000, 3 * GST_MSECOND, &time);
  gst_rcast_repairs_set_rate (repairs, 0);
  for (guint i = 1900; i < 1960; i++)
    assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, i, 0, time),
        GST_RCAST_REPAIR_OVER_BUDGET);
  gst_rcast_repairs_set_rate (repairs, G_MAXUINT64);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 1990, 0, time),
      GST_RCAST_REPAIR_OVER_BUDGET);
  send_packets (repairs, 2000, 4, GST_MSECOND, &time);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 1990, 0, time),
      GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Packets that leave unasked leave half of the budget to requests. Those of a
 * key frame leave a quarter. */
GST_START_TEST (test_what_is_asked_for_comes_first)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint frames = 0, keys = 0, asked = 0;

  send_packets (repairs, 0, 400, 5 * GST_MSECOND, &time);
  for (guint i = 300; i < 399; i++)
    frames += gst_rcast_repairs_double (repairs, SSRC, i, FALSE, time);
  fail_unless (frames >= 20 && frames <= 25, "%u", frames);
  for (guint i = 200; i < 300; i++)
    keys += gst_rcast_repairs_double (repairs, SSRC, i, TRUE, time);
  fail_unless (keys >= 9 && keys <= 13, "%u", keys);
  for (guint i = 200; i < 400; i++)
    asked += gst_rcast_repairs_request (repairs, SSRC, i, 0, time)
        == GST_RCAST_REPAIR_GRANTED;
  fail_unless (asked >= 10 && asked <= 13, "%u", asked);
  assert_equals_uint64 (get_count (repairs, "repairs-unasked"), frames + keys);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A request is too soon until the server can know whether the second copy arrives. */
GST_START_TEST (test_what_left_twice_is_not_sent_a_third_time_at_once)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;

  send_packets (repairs, 0, 10, GST_MSECOND, &time);
  fail_unless (gst_rcast_repairs_double (repairs, SSRC, 5, FALSE,
          30 * GST_MSECOND));
  fail_if (gst_rcast_repairs_double (repairs, SSRC, 5, FALSE,
          31 * GST_MSECOND));
  fail_if (gst_rcast_repairs_double (repairs, SSRC, 10, FALSE,
          31 * GST_MSECOND));
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 5, ROUND_TRIP,
          59 * GST_MSECOND), GST_RCAST_REPAIR_TOO_SOON);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 5, ROUND_TRIP,
          60 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  /* A packet that was requested has left twice, too. */
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 6, ROUND_TRIP,
          70 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  fail_if (gst_rcast_repairs_double (repairs, SSRC, 6, FALSE,
          71 * GST_MSECOND));
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* The copy has not left, so a request is not too soon, and has the budget. */
GST_START_TEST (test_what_could_not_leave_twice_may_be_asked_for)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;

  send_packets (repairs, 0, 400, 5 * GST_MSECOND, &time);
  for (guint i = 0; i < 100; i++) {
    fail_unless (gst_rcast_repairs_double (repairs, SSRC, 350, TRUE, time));
    gst_rcast_repairs_take_back (repairs, SSRC, 350);
  }
  assert_equals_uint64 (get_count (repairs, "repairs-unasked"), 0);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 350,
          ROUND_TRIP, time), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A packet is sent at 0 ms, and perhaps again at 40 and 90 ms. Rows: the sending that the feedback
 * is about, when the feedback comes, and whether the packet is sent again */
static const struct
{
  const gchar *what;
  guint again_ms[2];            /* 0: not */
  gint of_ms;                   /* -1: it has arrived */
  guint said_ms;
  gboolean sent;
} said[] = {
  {"the packet is missing", {0}, 0, 41, TRUE},
  {"it has arrived", {0}, -1, 41, FALSE},
  {"it is missing, but was sent again", {40}, 0, 41, FALSE},
  {"what was sent again is missing", {40}, 40, 81, TRUE},
  {"what was sent again first is missing", {40, 90}, 40, 95, FALSE},
  {"what was sent again last is missing", {40, 90}, 90, 131, TRUE},
  {"the server has shown what follows", {0}, 0, 1041, FALSE},
};

GST_START_TEST (test_feedback_repairs_what_is_on_no_way)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  gboolean again = said[__i__].of_ms > 0;
  guint64 before;

  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 0);
  for (guint i = 0; i < 2 && said[__i__].again_ms[i]; i++)
    fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
            ROUND_TRIP, said[__i__].again_ms[i] * GST_MSECOND),
        GST_RCAST_REPAIR_GRANTED);
  if (said[__i__].of_ms < 0)
    gst_rcast_repairs_came (repairs, SSRC, 7);
  before = get_count (repairs, "repairs");
  fail_unless (gst_rcast_repairs_missed (repairs, SSRC, 7,
          again ? said[__i__].of_ms * GST_MSECOND : GST_CLOCK_TIME_NONE,
          ROUND_TRIP, said[__i__].said_ms * GST_MSECOND) == said[__i__].sent,
      "%s", said[__i__].what);
  assert_equals_uint64 (get_count (repairs, "repairs") - before,
      said[__i__].sent);
  /* A request finds the packet in flight already. */
  if (said[__i__].sent)
    fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
            ROUND_TRIP, (said[__i__].said_ms + 10) * GST_MSECOND),
        GST_RCAST_REPAIR_TOO_SOON);
  fail_if (gst_rcast_repairs_missed (repairs, SSRC, 8, GST_CLOCK_TIME_NONE,
          ROUND_TRIP, 41 * GST_MSECOND));
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A server that repeats a request as soon as a round trip is over would get everything twice. */
GST_START_TEST (test_an_impatient_request_waits_for_feedback)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  static const guint later_ms[] = { 71, 81, 105 };

  gst_rcast_repairs_set_feedback (repairs, 25 * GST_MSECOND);
  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 0);
  fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
          ROUND_TRIP, 41 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
          ROUND_TRIP, 60 * GST_MSECOND), GST_RCAST_REPAIR_TOO_SOON);
  for (guint i = 0; i < G_N_ELEMENTS (later_ms); i++)
    fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
            ROUND_TRIP, later_ms[i] * GST_MSECOND), GST_RCAST_REPAIR_LATER);
  fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
          ROUND_TRIP, 106 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_set_feedback (repairs, 0);
  fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 7,
          ROUND_TRIP, 147 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* On several paths feedback calls packets missing that are only late. */
GST_START_TEST (test_feedback_repairs_nothing_that_may_be_overtaken)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  gst_rcast_repairs_sent (repairs, SSRC, 7, SIZE, 0);
  gst_rcast_repairs_hold (repairs, SSRC, 7, 120 * GST_MSECOND);
  fail_if (gst_rcast_repairs_missed (repairs, SSRC, 7, GST_CLOCK_TIME_NONE,
          ROUND_TRIP, 41 * GST_MSECOND));
  fail_if (gst_rcast_repairs_missed (repairs, SSRC, 7, GST_CLOCK_TIME_NONE,
          ROUND_TRIP, 121 * GST_MSECOND));
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Whatever feedback misses, repairs get a quarter of what is sent. */
GST_START_TEST (test_feedback_is_bounded_as_requests_are)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint n = 0;

  for (guint i = 0; i < 3000; i++) {
    send_packets (repairs, i, 1, 10 * GST_MSECOND, &time);
    n += gst_rcast_repairs_missed (repairs, SSRC, i, GST_CLOCK_TIME_NONE,
        ROUND_TRIP, time);
  }
  fail_unless (n >= 3000 / 4 - 1 && n <= 3000 / 4 + 8, "%u of 3000", n);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Only a packet that has left again, and is not known to have arrived, leaves a second time. Half
 * of the budget stays for requests, and no request is put off. */
GST_START_TEST (test_what_left_again_may_leave_a_second_time)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;
  guint n = 0;

  send_packets (repairs, 0, 400, 5 * GST_MSECOND, &time);
  fail_if (gst_rcast_repairs_second (repairs, SSRC, 390,
          ROUND_TRIP, time));
  for (guint i = 380; i < 382; i++)
    fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, i,
            ROUND_TRIP, time), GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_came (repairs, SSRC, 381);
  fail_unless (gst_rcast_repairs_second (repairs, SSRC, 380,
          ROUND_TRIP, time + 20 * GST_MSECOND));
  fail_if (gst_rcast_repairs_second (repairs, SSRC, 381,
          ROUND_TRIP, time + 20 * GST_MSECOND));
  fail_if (gst_rcast_repairs_missed (repairs, SSRC, 380, time, ROUND_TRIP,
          time + 41 * GST_MSECOND));
  fail_unless_equals_int (gst_rcast_repairs_request (repairs, SSRC, 380,
          ROUND_TRIP, time + 41 * GST_MSECOND), GST_RCAST_REPAIR_GRANTED);
  fail_if (gst_rcast_repairs_second (repairs, SSRC, 380, ROUND_TRIP,
          time + 1000 * GST_MSECOND));
  while (n < 400 && gst_rcast_repairs_second (repairs, SSRC, 380,
          ROUND_TRIP, time + 50 * GST_MSECOND))
    n++;
  fail_unless (n >= 15 && n <= 25, "%u", n);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

GST_START_TEST (test_audio_may_leave_a_second_time_without_a_budget)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  gst_rcast_repairs_add_audio (repairs, SSRC);
  gst_rcast_repairs_sent (repairs, SSRC, 7, 100, 0);
  gst_rcast_repairs_set_rate (repairs, 0);
  fail_if (gst_rcast_repairs_second (repairs, SSRC, 7, ROUND_TRIP,
          60 * GST_MSECOND));
  fail_unless (gst_rcast_repairs_missed (repairs, SSRC, 7,
          GST_CLOCK_TIME_NONE, ROUND_TRIP, 60 * GST_MSECOND));
  fail_unless (gst_rcast_repairs_second (repairs, SSRC, 7, ROUND_TRIP,
          80 * GST_MSECOND));
  gst_rcast_repairs_came (repairs, SSRC, 7);
  fail_if (gst_rcast_repairs_second (repairs, SSRC, 7, ROUND_TRIP,
          100 * GST_MSECOND));
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Video and audio count at their own pace. Now and then the numbers of one pass those of the other,
 * whatever they began with. */
GST_START_TEST (test_one_stream_never_pushes_out_another)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = 0;

  for (guint i = 0; i < 20000; i++) {
    send_packets (repairs, i, 1, 5 * GST_MSECOND, &time);
    if (i % 4 == 0)
      gst_rcast_repairs_sent (repairs, SSRC + 1, i / 4, 100, time);
    if (i % 10 == 0 && i > 100)
      fail_if (gst_rcast_repairs_request (repairs, SSRC, i - 99, ROUND_TRIP,
              time) == GST_RCAST_REPAIR_UNKNOWN, "packet %u", i - 99);
  }
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* Sequence numbers wrap, and 16 streams share the memory. */
GST_START_TEST (test_recent_packets_of_many_streams_are_known)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = GST_SECOND;

  for (guint i = 0; i < 100; i++)
    for (guint32 stream = 1; stream <= 16; stream++)
      gst_rcast_repairs_sent (repairs, stream * 0x01010101u, 65486 + i, SIZE,
          time);
  for (guint32 stream = 1; stream <= 16; stream++)
    assert_equals_int (gst_rcast_repairs_request (repairs,
            stream * 0x01010101u, (guint16) (65486 + 99), 0, time),
        GST_RCAST_REPAIR_GRANTED);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* An SSRC is remembered while it is in use, however many others came since. */
GST_START_TEST (test_a_stream_that_is_used_is_not_forgotten)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  GstClockTime time = GST_SECOND;

  for (guint i = 0; i < 200; i++, time += GST_MSECOND) {
    gst_rcast_repairs_sent (repairs, SSRC, i, SIZE, time);
    gst_rcast_repairs_sent (repairs, SSRC + 1 + i, i, SIZE, time);
  }
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC, 0, 0, time),
      GST_RCAST_REPAIR_GRANTED);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC + 200, 199, 0,
          time), GST_RCAST_REPAIR_GRANTED);
  assert_equals_int (gst_rcast_repairs_request (repairs, SSRC + 1, 0, 0,
          time), GST_RCAST_REPAIR_UNKNOWN);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

static void
keep (GstRcastRepairs * repairs, guint16 seqnum, guint8 mark, gsize size)
{
  guint8 data[SIZE];

  memset (data, mark, size);
  gst_rcast_repairs_keep (repairs, SSRC, seqnum, data, size, 0);
}

static void
check_kept (GstRcastRepairs * repairs, guint16 seqnum, guint8 mark, gsize size)
{
  g_autoptr (GBytes) packet = gst_rcast_repairs_dup (repairs, SSRC, seqnum);
  const guint8 *data;

  fail_unless (packet != NULL, "packet %u", seqnum);
  fail_unless_equals_int (g_bytes_get_size (packet), size);
  data = g_bytes_get_data (packet, NULL);
  fail_unless (data[0] == mark && data[size - 1] == mark);
}

/* Each place in the memory is used again and again, by packets of any size. */
GST_START_TEST (test_packets_are_kept_as_they_left)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();

  for (guint i = 0; i < 10000; i++) {
    keep (repairs, i, i, 100 + i % 1000);
    check_kept (repairs, i, i, 100 + i % 1000);
  }
  check_kept (repairs, 9000, 9000 & 0xff, 100);
  fail_if (gst_rcast_repairs_dup (repairs, SSRC, 0));
  gst_rcast_repairs_sent (repairs, SSRC + 1, 7, SIZE, 0);
  fail_if (gst_rcast_repairs_dup (repairs, SSRC + 1, 7));
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

/* A packet leaves again on request, or on a second path. The budget does not grow by that, and the
 * next request is still too soon. */
GST_START_TEST (test_a_packet_that_leaves_again_is_nothing_new)
{
  GstRcastRepairs *repairs = gst_rcast_repairs_new ();
  guint granted = 0;

  keep (repairs, 7, 1, SIZE);
  fail_unless (gst_rcast_repairs_request (repairs, SSRC, 7, ROUND_TRIP, 0)
      == GST_RCAST_REPAIR_GRANTED);
  for (guint i = 0; i < 1000; i++)
    keep (repairs, 7, 2, SIZE);
  check_kept (repairs, 7, 1, SIZE);
  fail_unless (gst_rcast_repairs_request (repairs, SSRC, 7, ROUND_TRIP, 1)
      == GST_RCAST_REPAIR_TOO_SOON);
  for (guint i = 0; i < 100; i++)
    granted += gst_rcast_repairs_request (repairs, SSRC, 7, 0, 1)
        == GST_RCAST_REPAIR_GRANTED;
  fail_unless_equals_int (granted, 7);
  gst_rcast_repairs_free (repairs);
}

GST_END_TEST;

static Suite *
repairs_suite (void)
{
  Suite *suite = suite_create ("repairs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_a_request_is_judged, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_a_packet_that_may_be_late_is_held);
  tcase_add_test (tc, test_nothing_is_known_before_the_first_packet);
  tcase_add_test (tc, test_a_flood_of_requests_gets_a_quarter);
  tcase_add_test (tc, test_ten_percent_of_loss_is_repaired);
  tcase_add_test (tc, test_a_burst_is_repaired_from_what_was_saved);
  tcase_add_test (tc, test_a_thinner_stream_has_a_smaller_budget);
  tcase_add_test (tc, test_a_thinner_path_has_a_smaller_budget);
  tcase_add_test (tc, test_packets_are_kept_as_they_left);
  tcase_add_test (tc, test_a_packet_that_leaves_again_is_nothing_new);
  tcase_add_test (tc, test_what_is_asked_for_comes_first);
  tcase_add_test (tc, test_what_left_twice_is_not_sent_a_third_time_at_once);
  tcase_add_test (tc, test_what_could_not_leave_twice_may_be_asked_for);
  tcase_add_loop_test (tc, test_feedback_repairs_what_is_on_no_way, 0,
      G_N_ELEMENTS (said));
  tcase_add_test (tc, test_an_impatient_request_waits_for_feedback);
  tcase_add_test (tc, test_feedback_repairs_nothing_that_may_be_overtaken);
  tcase_add_test (tc, test_feedback_is_bounded_as_requests_are);
  tcase_add_test (tc, test_what_left_again_may_leave_a_second_time);
  tcase_add_test (tc, test_audio_may_leave_a_second_time_without_a_budget);
  tcase_add_test (tc, test_one_stream_never_pushes_out_another);
  tcase_add_test (tc, test_recent_packets_of_many_streams_are_known);
  tcase_add_test (tc, test_a_stream_that_is_used_is_not_forgotten);
  return suite;
}

GST_CHECK_MAIN (repairs);
