/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTCP of receivers is read as they mean it, even where it is odd. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-feedback.h"

/* Notes what is read: "5@64.25": packet 5 arrived so many ms after the first reference; "6-":
 * packet 6 was not received; "s6:1/2": one of two packets up to 6 arrived; "r1:26/3": a report on
 * stream 1; "l1000": a limit; "p7:5@-250": packet 5 of stream 7 arrived so many ms before the first
 * report; "p7:5?": at an unknown time. */
typedef struct
{
  GString *text;
  GstClockTime zero;
} Notes;

static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  Notes *notes = data;

  if (!GST_CLOCK_TIME_IS_VALID (arrival))
    g_string_append_printf (notes->text, "%u- ", number);
  else
    g_string_append_printf (notes->text, "%u@%g ", number,
        (gdouble) GST_CLOCK_DIFF (notes->zero, arrival) / GST_MSECOND);
}

static void
on_span (const GstRcastFeedbackSpan * span, gpointer data)
{
  g_string_append_printf (((Notes *) data)->text, "s%u:%u/%u ", span->last,
      span->received, span->count);
}

static void
on_report (guint32 ssrc, guint fraction, gint32 lost, guint32 sender_report,
    gpointer data)
{
  g_string_append_printf (((Notes *) data)->text, "r%u:%u/%d ", ssrc, fraction,
      lost);
}

static void
on_limit (guint64 bitrate, gpointer data)
{
  g_string_append_printf (((Notes *) data)->text, "l%" G_GUINT64_FORMAT " ",
      bitrate);
}

static void
on_packet (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  Notes *notes = data;

  g_string_append_printf (notes->text, "p%u:%u", ssrc, seqnum);
  if (GST_CLOCK_TIME_IS_VALID (arrival)) {
    fail_unless (received);
    g_string_append_printf (notes->text, "@%g",
        (gdouble) GST_CLOCK_DIFF (notes->zero, arrival) / GST_MSECOND);
  } else
    g_string_append_c (notes->text, received ? '?' : '-');
  g_string_append_c (notes->text, ' ');
}

static const GstRcastFeedbackCallbacks callbacks = {
  on_arrival, on_span, on_report, on_limit, on_packet
};

/* Bytes in hexadecimal digits; blanks are for the reader. */
static GBytes *
parse (const gchar * text)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const gchar * c = text; *c; c++) {
    guint8 byte;

    if (*c == ' ')
      continue;
    byte = g_ascii_xdigit_value (c[0]) << 4 | g_ascii_xdigit_value (c[1]);
    g_byte_array_append (bytes, &byte, 1);
    c++;
  }
  return g_byte_array_free_to_bytes (bytes);
}

static const GstClockTime day = 24 * 60 * 60 * GST_SECOND;

#define REPORT "81c9 0007 00000001 00000007 19 000003 00000100 00000000 00000000 00000000 "

/* In the transport-wide rows: base 5, then count, reference 0, feedback number 0. */
static const struct
{
  const gchar *what, *bytes, *read;
} rows[] = {
  {"run of two small deltas", "8fcd 0005 00000001 00000002 0005 0002 000000 00 2002 04 08",
      "5@1 6@3 s6:2/2 "},
  {"one bit for each", "8fcd 0005 00000001 00000002 0005 0003 000000 00 a800 04 04",
      "5@1 6- 7@2 s7:2/3 "},
  {"two bits for each, one delta goes back",
        "8fcd 0006 00000001 00000002 0005 0003 000000 00 da00 04 fffc 0008 000000",
      "5@1 6@0 7@2 s7:3/3 "},
  {"nothing arrived", "8fcd 0005 00000001 00000002 0005 0003 000000 00 0003 0000",
      "5- 6- 7- s7:0/3 "},
  {"numbers wrap", "8fcd 0005 00000001 00000002 ffff 0002 000000 00 2002 04 04",
      "65535@1 0@2 s0:2/2 "},
  {"behind a report, with padding", REPORT
        "afcd 0005 00000001 00000002 0005 0001 000000 00 2001 04 01",
      "r7:25/3 5@1 s5:1/1 "},
  {"two in one packet",
        "8fcd 0005 00000001 00000002 0005 0001 000000 00 2001 04 00"
        "8fcd 0005 00000001 00000002 0006 0001 000000 01 2001 08 00",
      "5@1 s5:1/1 6@2 s6:1/1 "},
  {"about no packet", "8fcd 0004 00000001 00000002 0005 0000 000000 00", ""},
  {"report of nothing", "80c9 0001 00000001", ""},
  {"sender report",
        "81c8 000c 00000001 0000000000000000 00000000 00000000 00000000"
        "00000007 ff ffffff 00000100 00000000 00000000 00000000", "r7:255/-1 "},
  {"REMB of 1 Mbit/s", "8fce 0005 00000001 00000000 52454d42 01 0bd090 00000007",
      "l1000000 "},
  {"other formats are skipped", "81ce 0002 00000001 00000002" REPORT,
      "r7:25/3 "},
  /* Unreadable parts are skipped, but not the parts that follow. */
  {"deltas are missing", "8fcd 0005 00000001 00000002 0005 0009 000000 00 2009 0404"
        REPORT, "r7:25/3 "},
  {"statuses are missing", "8fcd 0005 00000001 00000002 0005 1fff 000000 00 0003 0003"
        REPORT, "r7:25/3 "},
  {"too many packets", "8fcd 0005 00000001 00000002 0005 ffff 000000 00 1fff 1fff"
        REPORT, "r7:25/3 "},
  {"empty runs", "8fcd 0005 00000001 00000002 0005 0001 000000 00 0000 0000"
        REPORT, "r7:25/3 "},
  {"fewer blocks than it says", "85c9 0007 00000001 00000007 19 000003 00000100"
        "00000000 00000000 00000000", ""},
  {"padding that is longer than the packet", "a1c9 0007 00000001 00000007 19 000003"
        "00000100 00000000 00000000 000000ff", "r7:25/3 "},
  {"more than there is", "81c9 00ff 00000001 00000007", ""},
  {"REMB that overflows", "8fce 0005 00000001 00000000 52454d42 01 fffff0 00000007",
      ""},
  /* RFC 8888: SSRC, first number, count, a block of 16 bits for each; the time of the report */
  {"of a stream, at the time of the report and a second before",
        "8bcd 0005 00000001 00000007 0005 0002 8400 8000 00010000",
      "p7:5@-1000 p7:6@0 "},
  {"congestion that is marked, a packet that is missing, an odd number of blocks",
        "8bcd 0006 00000001 00000007 0005 0003 e200 0000 8100 0000 00010000",
      "p7:5@-500 p7:6- p7:7@-250 "},
  {"times that are not known, or longer ago than can be told",
        "8bcd 0006 00000001 00000007 0005 0003 9fff 9ffe 9ffd 0000 00010000",
      "p7:5? p7:6? p7:7@-7997.07 "},
  {"a time of a packet that did not arrive",
        "8bcd 0005 00000001 00000007 0005 0001 7fff 0000 00010000", "p7:5- "},
  {"numbers of a stream wrap",
        "8bcd 0005 00000001 00000007 ffff 0002 8000 8000 00010000",
      "p7:65535@0 p7:0@0 "},
  {"of two streams, and of one that nothing is said about",
        "8bcd 000a 00000001 00000007 0005 0001 8000 0000"
        "00000008 0009 0000 00000009 0006 0001 8400 0000 00010000",
      "p7:5@0 p9:6@-1000 "},
  {"the same packet twice",
        "8bcd 0008 00000001 00000007 0005 0001 8000 0000"
        "00000007 0005 0001 8000 0000 00010000", "p7:5@0 p7:5@0 "},
  {"behind a report, with padding", REPORT
        "abcd 0006 00000001 00000007 0005 0001 8000 0000 00010000 00000004",
      "r7:25/3 p7:5@0 "},
  {"of no stream", "8bcd 0002 00000001 00010000" REPORT, "r7:25/3 "},
  {"without a time", "8bcd 0003 00000001 00000007 0005 0000" REPORT,
      "r7:25/3 "},
  {"blocks are missing",
        "8bcd 0005 00000001 00000007 0005 0003 8000 8000 00010000" REPORT,
      "r7:25/3 "},
  {"the second stream is not whole",
        "8bcd 0006 00000001 00000007 0005 0001 8000 0000 00000008 00010000"
        REPORT, "r7:25/3 "},
  {"no RTCP", "0000 0000", ""},
  {"nothing", "", ""},
};

GST_START_TEST (test_packets_are_read)
{
  g_autoptr (GBytes) bytes = parse (rows[__i__].bytes);
  Notes notes = { g_string_new (NULL), day };
  GstRcastFeedback feedback;
  const guint8 *data;
  gboolean any;
  gsize size;

  data = g_bytes_get_data (bytes, &size);
  gst_rcast_feedback_init (&feedback);
  any = gst_rcast_feedback_read (&feedback, data, size, &callbacks, &notes);
  fail_unless (g_str_equal (notes.text->str, rows[__i__].read),
      "%s: read \"%s\", not \"%s\"", rows[__i__].what, notes.text->str,
      rows[__i__].read);
  if (notes.text->len > 0)
    fail_unless (any);
  g_string_free (notes.text, TRUE);
}

GST_END_TEST;

static const struct
{
  const gchar *what, *bytes;
  guint16 newest;
} newest[] = {
  {"the last one is missing",
      "8fcd 0005 00000001 00000002 0005 0003 000000 00 b000 04 04", 6},
  {"nothing arrived", "8fcd 0005 00000001 00000002 0005 0003 000000 00 0003 0000",
      4},
  {"numbers wrap", "8fcd 0005 00000001 00000002 ffff 0002 000000 00 2002 04 04",
      0},
  {"of a stream", "8bcd 0006 00000001 00000007 0005 0003 8000 8000 0000 0000 00010000",
      6},
  {"of a stream, of which nothing arrived",
      "8bcd 0005 00000001 00000007 0000 0002 0000 0000 00010000", 65535},
};

static void
on_newest (guint16 number, gpointer data)
{
  *(guint *) data = number;
}

static void
ignore_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  fail_unless (*(guint *) data <= G_MAXUINT16);
}

static void
ignore_packet (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  fail_unless (*(guint *) data <= G_MAXUINT16);
}

/* The newest arrival is reported before the others. */
GST_START_TEST (test_the_last_one_that_arrived_is_told)
{
  const GstRcastFeedbackCallbacks newest_only = {
    .newest = on_newest,.arrival = ignore_arrival,.packet = ignore_packet
  };
  g_autoptr (GBytes) bytes = parse (newest[__i__].bytes);
  guint number = G_MAXUINT;
  GstRcastFeedback feedback;
  const guint8 *data;
  gsize size;

  data = g_bytes_get_data (bytes, &size);
  gst_rcast_feedback_init (&feedback);
  fail_unless (gst_rcast_feedback_read (&feedback, data, size, &newest_only,
          &number));
  fail_unless (number == newest[__i__].newest, "%s: %u", newest[__i__].what,
      number);
}

GST_END_TEST;

#define NUMBERED(reference) "8fcd 0005 00000001 00000002 0005 0001 " reference " 00 2001 00 00"
#define NAMED(time) "8bcd 0005 00000001 00000007 0005 0001 8000 0000 " time

/* The receiver's clock wraps, and reports overtake each other. */
static const struct
{
  const gchar *reports[4];
  const gchar *read;
} wraps[] = {
  /* The reference of 24 bits, after 12 days */
  {{NUMBERED ("fffffe"), NUMBERED ("ffffff"), NUMBERED ("000001"),
          NUMBERED ("000000")},
      "5@0 s5:1/1 5@64 s5:1/1 5@192 s5:1/1 5@128 s5:1/1 "},
  /* The time of RFC 8888, after 18 hours */
  {{NAMED ("fffe0000"), NAMED ("ffff0000"), NAMED ("00010000"),
          NAMED ("00000000")},
      "p7:5@0 p7:5@1000 p7:5@3000 p7:5@2000 "},
};

GST_START_TEST (test_the_clock_of_the_receiver_wraps)
{
  Notes notes = { g_string_new (NULL), day };
  GstRcastFeedback feedback;

  gst_rcast_feedback_init (&feedback);
  for (guint i = 0; i < G_N_ELEMENTS (wraps[__i__].reports); i++) {
    g_autoptr (GBytes) bytes = parse (wraps[__i__].reports[i]);
    gsize size;
    const guint8 *data = g_bytes_get_data (bytes, &size);

    fail_unless (gst_rcast_feedback_read (&feedback, data, size, &callbacks,
            &notes));
  }
  assert_equals_string (notes.text->str, wraps[__i__].read);
  g_string_free (notes.text, TRUE);
}

GST_END_TEST;

static void
count_packet (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  (*(guint *) data)++;
}

/* RFC 8888 3.1: a report covers at most 16384 packets of a stream. */
GST_START_TEST (test_a_report_is_about_so_many_packets)
{
  const GstRcastFeedbackCallbacks counting = {.packet = count_packet };

  for (guint extra = 0; extra < 2; extra++) {
    guint count = 16384 + extra, words = 5 + (count + 1) / 2, n = 0;
    g_autofree guint8 *data = g_malloc0 (words * 4);
    GstRcastFeedback feedback;

    GST_WRITE_UINT32_BE (data, 0x8bcd0000 + words - 1);
    GST_WRITE_UINT16_BE (data + 14, count);
    gst_rcast_feedback_init (&feedback);
    fail_unless (gst_rcast_feedback_read (&feedback, data, words * 4,
            &counting, &n) == (extra == 0));
    fail_unless_equals_int (n, extra == 0 ? count : 0);
  }
}

GST_END_TEST;

/* Generic NACKs: "1:5" packet 5 of stream 1 */
static const struct
{
  const gchar *what, *bytes, *asked;
} requests[] = {
  {"one packet", "81cd 0003 00000009 00000001 0005 0000", "1:5 "},
  {"the first and the last of those that follow", "81cd 0003 00000009 00000001 ffff 8001",
      "1:65535 1:0 1:15 "},
  {"two lists", "81cd 0004 00000009 00000001 0005 0000 0064 0000", "1:5 1:100 "},
  {"behind padded feedback", REPORT
        "afcd 0005 00000001 00000002 0005 0001 000000 00 2001 04 01"
        "81cd 0003 00000009 00000001 0005 0000", "1:5 "},
  {"of nothing", "81cd 0002 00000009 00000001", ""},
  {"without a stream", "81cd 0001 00000009", ""},
  {"a list is not whole", "81cd 0003 00000009 00000001 0005", ""},
  {"other feedback", "82cd 0003 00000009 00000001 0005 0000", ""},
};

static void
on_request (guint32 ssrc, guint16 seqnum, gpointer data)
{
  g_string_append_printf (data, "%u:%u ", ssrc, seqnum);
}

GST_START_TEST (test_requests_are_read)
{
  g_autoptr (GBytes) bytes = parse (requests[__i__].bytes);
  g_autoptr (GString) asked = g_string_new (NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  gst_rcast_feedback_read_requests (data, size, on_request, asked);
  fail_unless (g_str_equal (asked->str, requests[__i__].asked),
      "%s: read \"%s\"", requests[__i__].what, asked->str);
}

GST_END_TEST;

/* Requests for key frames: the streams that they are about */
static const struct
{
  const gchar *what, *bytes, *wanted;
} key_frames[] = {
  {"a picture is lost", "81ce 0002 00000009 00000001", "1 "},
  {"of two streams in one packet", REPORT "81ce 0002 00000009 00000001"
        "81ce 0002 00000009 00000002", "1 2 "},
  {"full intra, of two streams",
        "84ce 0006 00000009 00000000 00000001 07000000 00000002 08000000",
      "1 2 "},
  {"one of both kinds", "81ce 0002 00000009 00000003"
        "84ce 0004 00000009 00000000 00000001 07000000", "3 1 "},
  {"an entry is not whole", "84ce 0003 00000009 00000000 00000001", ""},
  {"without a stream", "81ce 0001 00000009", ""},
  {"a generic NACK", "81cd 0003 00000009 00000001 0005 0000", ""},
  {"slices", "82ce 0003 00000009 00000001 00000000", ""},
};

static void
on_key_frame (guint32 ssrc, gpointer data)
{
  g_string_append_printf (data, "%u ", ssrc);
}

GST_START_TEST (test_requests_for_key_frames_are_read)
{
  g_autoptr (GBytes) bytes = parse (key_frames[__i__].bytes);
  g_autoptr (GString) wanted = g_string_new (NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  gst_rcast_feedback_read_key_frames (data, size, on_key_frame, wanted);
  fail_unless (g_str_equal (wanted->str, key_frames[__i__].wanted),
      "%s: read \"%s\"", key_frames[__i__].what, wanted->str);
}

GST_END_TEST;

static Suite *
feedback_suite (void)
{
  Suite *suite = suite_create ("feedback");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_packets_are_read, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_requests_are_read, 0, G_N_ELEMENTS (requests));
  tcase_add_loop_test (tc, test_requests_for_key_frames_are_read, 0,
      G_N_ELEMENTS (key_frames));
  tcase_add_loop_test (tc, test_the_last_one_that_arrived_is_told, 0,
      G_N_ELEMENTS (newest));
  tcase_add_loop_test (tc, test_the_clock_of_the_receiver_wraps, 0,
      G_N_ELEMENTS (wraps));
  tcase_add_test (tc, test_a_report_is_about_so_many_packets);
  return suite;
}

GST_CHECK_MAIN (feedback);
