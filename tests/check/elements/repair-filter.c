/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The filter repeats packets that feedback misses, and no others. This program is the ICE agent
 * of a server without RTX, which takes the original packets once more. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastice.h"
#include "gstrcastrepairfilter.h"
#include "rcast-rtp.h"

#define SSRC 1
#define SIZE 200
#define N_ASKED 1               /* packets requested at first */

/* Sequence numbers of the repeated packets */
static GArray *sent;
/* Counts reports of transport-wide feedback, for their number */
static guint8 n_reports;

void
gst_rcast_ice_send (GstWebRTCICE * ice, guint session, GBytes * packet)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packet, &size);
  guint16 number = GST_READ_UINT16_BE (data + 2);

  fail_unless_equals_int (size, SIZE);
  g_array_append_val (sent, number);
}

/* Sends packet @number, with the same transport-wide number. */
static void
send_packet (GstRcastRepairFilter * filter, const gchar * path, guint16 number)
{
  const guint8 header[] = { 0x90, 96, number >> 8, number & 0xff, 0, 0, 0, 0, 0, 0, 0, SSRC,
    0xbe, 0xde, 0, 1, GST_RCAST_RTP_TWCC_ID << 4 | 1, number >> 8,
    number & 0xff, 0
  };
  guint8 data[SIZE] = { 0, };
  GOutputVector packet = { data, sizeof data };

  memcpy (data, header, sizeof header);
  gst_rcast_repair_filter_keep (filter, 0, path, &packet, 1);
}

static void
answer (GstRcastRepairFilter * filter, const guint8 * data, gsize size)
{
  GstBuffer *rtcp = gst_buffer_new_memdup (data, size);

  gst_rcast_repair_filter_answer (filter, NULL, 0, rtcp);
  gst_buffer_unref (rtcp);
}

/* @statuses: '+' for each packet from @from on that has arrived */
static void
report (GstRcastRepairFilter * filter, guint16 from, const gchar * statuses)
{
  guint n = strlen (statuses), size;
  guint8 data[64] = { 0x8f, 0xcd, 0, 0, 0, 0, 0, 9, 0, 0, 0, SSRC,
    from >> 8, from & 0xff, 0, n, 0, 0, 1, n_reports++
  };
  guint16 chunk = 0x8000;

  fail_unless (n <= 14);
  size = 22;
  for (guint i = 0; i < n; i++)
    if (statuses[i] == '+') {
      chunk |= 1 << (13 - i);
      data[size++] = 4;
    }
  GST_WRITE_UINT16_BE (data + 20, chunk);
  size = GST_ROUND_UP_4 (size);
  data[3] = size / 4 - 1;
  answer (filter, data, size);
}

/* The same in the format of RFC 8888 */
static void
report_stream (GstRcastRepairFilter * filter, guint16 from,
    const gchar * statuses)
{
  guint n = strlen (statuses), size = 16 + GST_ROUND_UP_4 (2 * n) + 4;
  guint8 data[64] = { 0x8b, 0xcd, 0, size / 4 - 1, 0, 0, 0, 9, 0, 0, 0, SSRC,
    from >> 8, from & 0xff, 0, n
  };

  fail_unless (n <= 14);
  for (guint i = 0; i < n; i++)
    data[16 + 2 * i] = statuses[i] == '+' ? 0x80 : 0;
  answer (filter, data, size);
}

static void
ask_for (GstRcastRepairFilter * filter, guint16 number)
{
  const guint8 nack[] = { 0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, SSRC,
    number >> 8, number & 0xff, 0, 0
  };

  answer (filter, nack, sizeof nack);
}

/* Returns: (transfer full): a filter whose server has requested packet 0 and got it, so that
 * packets may be repeated unasked */
static GstRcastRepairFilter *
new_filter (GstElement * webrtc)
{
  GstRcastRepairFilter *filter = gst_rcast_repair_filter_new (webrtc);
  GstPad *pad = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SINK));

  sent = g_array_new (FALSE, FALSE, sizeof (guint16));
  gst_rcast_repair_filter_add_plain (filter, SSRC, 0);
  gst_rcast_repair_filter_add_plain_video (filter, pad, SSRC,
      GST_RCAST_CODEC_VP8);
  send_packet (filter, g_intern_static_string ("eth0"), 0);
  ask_for (filter, 0);
  fail_unless_equals_int (sent->len, N_ASKED);
  gst_object_unref (pad);
  return filter;
}

static void
free_filter (GstRcastRepairFilter * filter)
{
  gst_rcast_repair_filter_stop (filter);
  gst_object_unref (filter);
  g_array_unref (sent);
}

/* What feedback says about ten packets from number 1 on, and how many of them leave again */
static const struct
{
  const gchar *what, *statuses;
  guint n;
} rows[] = {
  {"all have arrived", "++++++++++", 0},
  {"the first is missing", "-+++++++++", 1},
  {"one is overtaken by the last one", "++++++++-+", 0},
  {"one is overtaken by two", "+++++++-++", 0},
  {"one is overtaken by three", "++++++-+++", 1},
  {"a burst", "++---+++++", 3},
  {"the start of a burst is behind by three", "++++++---+", 1},
  {"the last ones", "+++++++---", 0},
  {"nothing has arrived", "----------", 0},
};

GST_START_TEST (test_what_is_only_late_does_not_leave_again)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));

  for (guint streams = 0; streams < 2; streams++) {
    GstRcastRepairFilter *filter = new_filter (webrtc);

    for (guint i = 1; i <= 10; i++)
      send_packet (filter, g_intern_static_string ("eth0"), i);
    (streams ? report_stream : report) (filter, 1, rows[__i__].statuses);
    fail_unless_equals_int (sent->len - N_ASKED, rows[__i__].n);
    free_filter (filter);
  }
}

GST_END_TEST;

/* GStreamer begins its feedback with a packet that has arrived, so it may
 * leave out the missing ones before. */
GST_START_TEST (test_what_feedback_leaves_out_leaves_again)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));

  for (guint lost = 0; lost < 2; lost++) {
    GstRcastRepairFilter *filter = new_filter (webrtc);

    for (guint i = 1; i <= 10; i++)
      send_packet (filter, g_intern_static_string ("eth0"), i);
    report (filter, 1, "+++");
    /* The feedback about packets 4 and 5 may have been lost. */
    n_reports += lost;
    report (filter, 6, "+++++");
    fail_unless_equals_int (sent->len - N_ASKED, lost ? 0 : 2);
    free_filter (filter);
  }
}

GST_END_TEST;

/* On a path with much random loss, the filter does not wait for packets that may only be late. */
GST_START_TEST (test_where_much_is_lost_nothing_waits)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  const GstRcastDoublesView view = {.spare = TRUE };
  GstRcastRepairFilter *filter = new_filter (webrtc);
  gboolean left = FALSE;

  gst_rcast_repair_filter_heed (filter, &view, gst_util_get_timestamp ());
  for (guint i = 1; i <= 20; i++)
    send_packet (filter, g_intern_static_string ("eth0"), i);
  report (filter, 1, "+----+++++");
  report (filter, 11, "++++++++-+");
  for (guint i = 0; i < sent->len; i++)
    left |= g_array_index (sent, guint16, i) == 19;
  fail_unless (left);
  free_filter (filter);
}

GST_END_TEST;

/* Packets on the new path may overtake those on the old one, but not each other. */
GST_START_TEST (test_another_path_may_overtake)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);
  const gchar *wwan = g_intern_static_string ("wwan0");

  for (guint i = 1; i <= 10; i++)
    send_packet (filter, i <= 3 ? g_intern_static_string ("eth0") : wwan, i);
  report (filter, 1, "---+++++++");
  fail_unless_equals_int (sent->len, N_ASKED);
  for (guint i = 11; i <= 20; i++)
    send_packet (filter, wwan, i);
  report (filter, 11, "---+++++++");
  fail_unless_equals_int (sent->len, N_ASKED + 3);
  free_filter (filter);
}

GST_END_TEST;

/* The second path may be slower. */
GST_START_TEST (test_what_leaves_on_two_paths_may_be_late)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);

  for (guint i = 1; i <= 10; i++) {
    send_packet (filter, g_intern_static_string ("eth0"), i);
    send_packet (filter, g_intern_static_string ("wwan0"), i);
  }
  report (filter, 1, "---+++++++");
  fail_unless_equals_int (sent->len, N_ASKED);
  free_filter (filter);
}

GST_END_TEST;

/* Waits for @apart. Returns: the time then */
static GstClockTime
wait_for (GstClockTime apart)
{
  GstClockTime end = gst_util_get_timestamp () + apart;

  while (gst_util_get_timestamp () < end)
    g_thread_yield ();
  return gst_util_get_timestamp ();
}

/* Returns: how often packet @number leaves after one request, while no path is full */
static guint
count_sent (GstRcastRepairFilter * filter, guint16 number)
{
  guint before = sent->len;
  GstRcastDoublesView view = {.spare = TRUE };

  gst_rcast_repair_filter_heed (filter, &view, gst_util_get_timestamp ());
  ask_for (filter, number);
  wait_for (15 * GST_MSECOND);
  report (filter, number, "-");
  return sent->len - before;
}

/* On several paths, many packets are overtaken. Such packets are no loss,
 * so repairs do not leave twice. */
GST_START_TEST (test_what_is_overtaken_is_no_loss)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));

  for (guint held = 0; held < 2; held++) {
    GstRcastRepairFilter *filter = new_filter (webrtc);
    const guint8 header[12] = { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, SSRC };

    for (guint i = 1; i <= 60; i++) {
      guint8 data[12];
      GOutputVector packet = { data, sizeof data };

      memcpy (data, header, sizeof header);
      GST_WRITE_UINT16_BE (data + 2, i);
      send_packet (filter, g_intern_static_string ("eth0"), i);
      if (held)
        gst_rcast_repair_filter_hold (filter, &packet, 1);
    }
    for (guint i = 1; i <= 60; i += 10)
      report (filter, i, "+-++-+++++");
    send_packet (filter, g_intern_static_string ("eth0"), 61);
    fail_unless_equals_int (count_sent (filter, 61), held ? 1 : 2);
    free_filter (filter);
  }
}

GST_END_TEST;

/* On several paths, feedback shows only which packets are missing. The caller
 * knows by which path each one left, and releases those that are lost. They leave
 * again without a request, once. */
GST_START_TEST (test_what_is_lost_on_one_of_two_paths_leaves_again)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);

  for (guint i = 1; i <= 10; i++) {
    guint8 data[12] = { 0x90, 96, 0, i, 0, 0, 0, 0, 0, 0, 0, SSRC };
    GOutputVector packet = { data, sizeof data };

    send_packet (filter, i % 2 ? g_intern_static_string ("eth0") :
        g_intern_static_string ("wwan0"), i);
    if (i != 7)
      gst_rcast_repair_filter_hold (filter, &packet,
          gst_util_get_timestamp () + GST_SECOND);
  }
  report (filter, 1, "++--++-+++");
  fail_unless_equals_int (sent->len, N_ASKED);
  gst_rcast_repair_filter_release (filter, 0, 3);
  gst_rcast_repair_filter_release (filter, 0, 3);
  /* Packet 7 was not held, so its path does not matter. */
  gst_rcast_repair_filter_release (filter, 0, 7);
  gst_rcast_repair_filter_release (filter, 0, 11);
  report (filter, 1, "++--++-+++");
  fail_unless_equals_int (sent->len, N_ASKED + 1);
  fail_unless_equals_int (g_array_index (sent, guint16, N_ASKED), 3);
  report (filter, 1, "++--++-+++");
  fail_unless_equals_int (sent->len, N_ASKED + 1);
  free_filter (filter);
}

GST_END_TEST;

/* Nobody counts how many released packets arrive. So their loss is no share
 * for which repairs leave twice. */
GST_START_TEST (test_what_is_lost_on_one_of_two_paths_is_no_share)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);
  const gchar *eth = g_intern_static_string ("eth0");

  for (guint i = 1; i <= 60; i++) {
    guint8 data[12] = { 0x90, 96, 0, i, 0, 0, 0, 0, 0, 0, 0, SSRC };
    GOutputVector packet = { data, sizeof data };

    send_packet (filter, eth, i);
    gst_rcast_repair_filter_hold (filter, &packet, 1);
    if (i % 10 == 2)
      gst_rcast_repair_filter_release (filter, 0, i);
  }
  for (guint i = 1; i <= 60; i += 10)
    report (filter, i, "+-++++++++");
  send_packet (filter, eth, 61);
  fail_unless_equals_int (count_sent (filter, 61), 1);
  free_filter (filter);
}

GST_END_TEST;

/* Repeating a burst at once would build a queue. */
GST_START_TEST (test_what_is_missed_does_not_leave_in_one_go)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);
  GstClockTime begin;

  gst_rcast_repair_filter_set_rate (filter, 1000000);
  for (guint i = 1; i <= 14; i++)
    send_packet (filter, g_intern_static_string ("eth0"), i);
  begin = gst_util_get_timestamp ();
  report (filter, 1, "----------++++");
  /* On a slow machine, the second part may be due already. */
  if (gst_util_get_timestamp () < begin + 10 * GST_MSECOND)
    fail_unless_equals_int (sent->len, N_ASKED + 4);
  /* Packets that have arrived meanwhile do not leave again. */
  report (filter, 9, "++++++");
  for (guint n = 0; sent->len < N_ASKED + 8 && n < 100; n++) {
    wait_for (GST_MSECOND);
    ask_for (filter, 1000);
  }
  fail_unless_equals_int (sent->len, N_ASKED + 8);
  wait_for (30 * GST_MSECOND);
  ask_for (filter, 1000);
  fail_unless_equals_int (sent->len, N_ASKED + 8);
  free_filter (filter);
}

GST_END_TEST;

static guint64
get_count (GstRcastRepairFilter * filter, const gchar * field)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  guint64 count;

  gst_rcast_repair_filter_add_stats (filter, stats);
  fail_unless (gst_structure_get_uint64 (stats, field, &count));
  return count;
}

/* A server without receiver reports requests packets that its feedback has missed already. */
GST_START_TEST (test_feedback_knows_the_round_trip)
{
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  GstRcastRepairFilter *filter = new_filter (webrtc);
  const GstRcastDoublesView view = {.round_trip = 200 * GST_MSECOND };
  GstClockTime begin = gst_util_get_timestamp ();

  gst_rcast_repair_filter_heed (filter, &view, begin);
  send_packet (filter, g_intern_static_string ("eth0"), 1);
  ask_for (filter, 1);
  ask_for (filter, 1);
  fail_unless_equals_int (sent->len, N_ASKED + 1);
  fail_unless_equals_uint64 (get_count (filter, "repairs-refused"), 1);
  /* A round-trip time from a report is better. */
  gst_rcast_repair_filter_set_round_trip (filter, 1);
  gst_rcast_repair_filter_heed (filter, &view, begin);
  wait_for (GST_MSECOND);
  ask_for (filter, 1);
  fail_unless_equals_int (sent->len, N_ASKED + 2);
  free_filter (filter);
}

GST_END_TEST;

static Suite *
repair_filter_suite (void)
{
  Suite *suite = suite_create ("repair-filter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_what_is_only_late_does_not_leave_again, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_what_feedback_leaves_out_leaves_again);
  tcase_add_test (tc, test_where_much_is_lost_nothing_waits);
  tcase_add_test (tc, test_another_path_may_overtake);
  tcase_add_test (tc, test_what_leaves_on_two_paths_may_be_late);
  tcase_add_test (tc, test_what_is_overtaken_is_no_loss);
  tcase_add_test (tc, test_what_is_lost_on_one_of_two_paths_leaves_again);
  tcase_add_test (tc, test_what_is_lost_on_one_of_two_paths_is_no_share);
  tcase_add_test (tc, test_what_is_missed_does_not_leave_in_one_go);
  tcase_add_test (tc, test_feedback_knows_the_round_trip);
  return suite;
}

GST_CHECK_MAIN (repair_filter);
