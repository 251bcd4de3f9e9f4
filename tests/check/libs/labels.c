/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets of several streams are reported in the order in which they left, each once. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-labels.h"

#define VIDEO 7
#define REPAIRS 8
#define SOUND 9

/* "5@20": packet 5 came at so many ms, "6-": it did not come, "7+": it came at an unknown time */
static void
on_label (guint16 number, gboolean received, GstClockTime arrival,
    gpointer data)
{
  if (received && !GST_CLOCK_TIME_IS_VALID (arrival))
    g_string_append_printf (data, "%u+ ", number);
  else if (GST_CLOCK_TIME_IS_VALID (arrival))
    g_string_append_printf (data, "%u@%" G_GUINT64_FORMAT " ", number,
        GST_TIME_AS_MSECONDS (arrival));
  else
    g_string_append_printf (data, "%u- ", number);
}

/* Expects a span behind the packets: "5:1/2": first news of two packets up to
 * 5, of which one has arrived */
static void
expect_told (GstRcastLabels * labels, const gchar * expected)
{
  g_autoptr (GString) told = g_string_new (NULL);
  GstRcastFeedbackSpan span;

  if (gst_rcast_labels_tell (labels, &span, on_label, told))
    g_string_append_printf (told, "%u:%u/%u", span.last, span.received,
        span.count);
  assert_equals_string (g_strchomp (told->str), expected);
}

static void
take (GstRcastLabels * labels, guint32 ssrc, guint16 seqnum, guint n)
{
  for (guint i = 0; i < n; i++)
    gst_rcast_labels_take (labels, ssrc, seqnum + i);
}

static void
note (GstRcastLabels * labels, guint32 ssrc, guint16 seqnum, guint ms)
{
  gst_rcast_labels_note (labels, ssrc, seqnum, TRUE, ms * GST_MSECOND);
}

static void
note_missing (GstRcastLabels * labels, guint32 ssrc, guint16 seqnum)
{
  gst_rcast_labels_note (labels, ssrc, seqnum, FALSE, GST_CLOCK_TIME_NONE);
}

/* Reports are about one stream after the other. */
GST_START_TEST (test_streams_are_in_order_of_leaving)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  fail_unless_equals_int (gst_rcast_labels_take (labels, VIDEO, 65535), 0);
  fail_unless_equals_int (gst_rcast_labels_take (labels, SOUND, 3), 1);
  fail_unless_equals_int (gst_rcast_labels_take (labels, VIDEO, 0), 2);
  fail_unless_equals_int (gst_rcast_labels_take (labels, REPAIRS, 65535), 3);
  note (labels, VIDEO, 65535, 10);
  note_missing (labels, VIDEO, 0);
  note (labels, SOUND, 3, 11);
  note (labels, REPAIRS, 65535, 14);
  expect_told (labels, "0@10 1@11 2- 3@14 3:3/4");
  expect_told (labels, "");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

/* Reports may overlap, overtake one another and come twice. */
GST_START_TEST (test_each_packet_is_news_once)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  take (labels, VIDEO, 1, 6);
  note (labels, VIDEO, 3, 30);
  note_missing (labels, VIDEO, 4);
  expect_told (labels, "2@30 3- 3:1/2");
  note (labels, VIDEO, 1, 10);
  note (labels, VIDEO, 1, 90);
  note_missing (labels, VIDEO, 2);
  note_missing (labels, VIDEO, 3);
  note_missing (labels, VIDEO, 4);
  expect_told (labels, "0@10 1- 1:1/2");
  /* The packet was only late. How many are lost was reported before. */
  note (labels, VIDEO, 4, 45);
  note (labels, VIDEO, 5, 50);
  expect_told (labels, "3@45 4@50 4:1/1");
  note (labels, VIDEO, 2, 46);
  expect_told (labels, "1@46");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

GST_START_TEST (test_of_one_that_arrived_nobody_knows_when)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  take (labels, VIDEO, 1, 2);
  gst_rcast_labels_note (labels, VIDEO, 1, TRUE, GST_CLOCK_TIME_NONE);
  expect_told (labels, "0+ 0:1/1");
  note_missing (labels, VIDEO, 1);
  expect_told (labels, "");
  /* The packet was taken for lost. */
  note_missing (labels, VIDEO, 2);
  expect_told (labels, "1- 1:0/1");
  gst_rcast_labels_note (labels, VIDEO, 2, TRUE, GST_CLOCK_TIME_NONE);
  expect_told (labels, "1+");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

GST_START_TEST (test_what_was_not_sent_is_no_news)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  note (labels, VIDEO, 0, 10);
  take (labels, VIDEO, 1, 5000);
  note (labels, VIDEO, 0, 10);
  note (labels, VIDEO, 5001, 10);
  note (labels, SOUND, 1, 10);
  /* This packet is too old. */
  note (labels, VIDEO, 904, 10);
  expect_told (labels, "");
  note (labels, VIDEO, 905, 10);
  note (labels, VIDEO, 5000, 12);
  expect_told (labels, "904@10 4999@12 4999:2/2");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

/* A packet leaves again unchanged, or on another path as well. */
GST_START_TEST (test_what_leaves_again_is_the_same_packet)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  take (labels, VIDEO, 1, 3);
  fail_unless_equals_int (gst_rcast_labels_take (labels, VIDEO, 2), 1);
  fail_unless_equals_int (gst_rcast_labels_take (labels, VIDEO, 4), 3);
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

/* Numbers of 16 bits wrap in order. A number that was used long ago means another packet now. */
GST_START_TEST (test_numbers_wrap)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  take (labels, SOUND, 1, 1);
  take (labels, VIDEO, 0, 65535);
  note (labels, VIDEO, 65534, 10);
  take (labels, VIDEO, 65535, 1);
  note (labels, VIDEO, 65535, 12);
  note (labels, SOUND, 1, 1);
  expect_told (labels, "65535@10 0@12 0:2/2");
  fail_unless_equals_int (gst_rcast_labels_take (labels, SOUND, 1), 1);
  note (labels, SOUND, 1, 14);
  expect_told (labels, "1@14 1:1/1");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

/* More streams than anybody sends: the last ones are known. */
GST_START_TEST (test_streams_without_end)
{
  GstRcastLabels *labels = gst_rcast_labels_new ();

  for (guint i = 0; i < 200; i++) {
    take (labels, 1000 + i, 1, 1);
    take (labels, VIDEO, i, 1);
  }
  note (labels, 1100, 1, 10);
  expect_told (labels, "");
  note (labels, VIDEO, 199, 10);
  note (labels, 1190, 1, 8);
  expect_told (labels, "380@8 399@10 399:2/2");
  gst_rcast_labels_free (labels);
}

GST_END_TEST;

static Suite *
labels_suite (void)
{
  Suite *suite = suite_create ("labels");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_streams_are_in_order_of_leaving);
  tcase_add_test (tc, test_each_packet_is_news_once);
  tcase_add_test (tc, test_of_one_that_arrived_nobody_knows_when);
  tcase_add_test (tc, test_what_was_not_sent_is_no_news);
  tcase_add_test (tc, test_what_leaves_again_is_the_same_packet);
  tcase_add_test (tc, test_numbers_wrap);
  tcase_add_test (tc, test_streams_without_end);
  return suite;
}

GST_CHECK_MAIN (labels);
