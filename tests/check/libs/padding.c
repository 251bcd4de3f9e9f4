/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which old packets leave as padding, and which never do. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-padding.h"

#define MS(ms) ((ms) * GST_MSECOND)
#define VIDEO 0x12345678
#define OTHER 0x22222222
#define SOUND 0x11111111
#define SESSION 3

/* A video that may be padded */
static GstRcastPadding *
new_padding (void)
{
  GstRcastPadding *padding = gst_rcast_padding_new ();

  gst_rcast_padding_add_stream (padding, VIDEO, SESSION);
  return padding;
}

/* Sends @n packets of @ssrc, from @seqnum on. */
static void
send_packets (GstRcastPadding * padding, guint32 ssrc, guint16 seqnum, guint n,
    gsize size)
{
  for (guint i = 0; i < n; i++)
    gst_rcast_padding_sent (padding, ssrc, seqnum + i, size);
}

/* Returns: whether there is a packet, which is of the video */
static gboolean
next (GstRcastPadding * padding, guint16 * seqnum)
{
  GstRcastPaddingPacket packet = { 0, };

  if (!gst_rcast_padding_next (padding, SESSION, &packet))
    return FALSE;
  assert_equals_int_hex (packet.ssrc, VIDEO);
  *seqnum = packet.seqnum;
  return TRUE;
}

static gboolean
has_next (GstRcastPadding * padding)
{
  guint16 seqnum;

  return next (padding, &seqnum);
}

/* Small packets would have to be many. Sequence numbers wrap around. */
GST_START_TEST (test_large_packets_leave_in_turn)
{
  GstRcastPadding *padding = new_padding ();
  guint16 seqnum, begin;

  fail_if (has_next (padding));
  send_packets (padding, VIDEO, 65500, 30, 100);
  send_packets (padding, VIDEO, 65530, 10, 1200);
  send_packets (padding, VIDEO, 4, 100, 90);
  fail_unless (next (padding, &begin));
  begin -= 65530;
  for (guint i = 1; i < 25; i++) {
    fail_unless (next (padding, &seqnum));
    fail_unless_equals_int (seqnum, (guint16) (65530 + (begin + i) % 10));
  }
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

/* Numbers that were never sent, and old packets */
GST_START_TEST (test_other_numbers_never_leave)
{
  GstRcastPadding *padding = new_padding ();
  guint16 seqnum;

  send_packets (padding, VIDEO, 1000, 10, 1200);
  send_packets (padding, VIDEO, 1020, 1, 1000);
  /* A packet that comes late is known already. */
  send_packets (padding, VIDEO, 1005, 1, 1300);
  for (guint i = 0; i < 11; i++) {
    fail_unless (next (padding, &seqnum));
    fail_unless (seqnum < 1010 || seqnum == 1020, "%u", seqnum);
  }
  send_packets (padding, VIDEO, 1021, 300, 200);
  for (guint i = 0; i < 400; i++) {
    fail_unless (next (padding, &seqnum));
    fail_unless (seqnum > 1020 && seqnum <= 1320, "%u", seqnum);
  }
  /* The numbers jump ahead: earlier packets are gone. */
  send_packets (padding, VIDEO, 9000, 1, 200);
  fail_unless (next (padding, &seqnum));
  fail_unless_equals_int (seqnum, 9000);
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

/* Earlier packets are gone. */
GST_START_TEST (test_numbers_may_begin_anew)
{
  GstRcastPadding *padding = new_padding ();
  guint16 seqnum;

  send_packets (padding, VIDEO, 30000, 300, 1200);
  send_packets (padding, VIDEO, 10000, 300, 1200);
  for (guint i = 0; i < 300; i++) {
    fail_unless (next (padding, &seqnum));
    fail_unless (seqnum >= 10000 && seqnum < 10300, "%u", seqnum);
  }
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

GST_START_TEST (test_only_what_is_repaired_in_a_stream_leaves)
{
  GstRcastPadding *padding = gst_rcast_padding_new ();
  GstRcastPaddingPacket packet;

  send_packets (padding, VIDEO, 1000, 10, 1200);
  fail_if (has_next (padding));
  gst_rcast_padding_add_stream (padding, VIDEO, SESSION);
  fail_unless (has_next (padding));
  fail_if (gst_rcast_padding_next (padding, SESSION + 1, &packet));
  gst_rcast_padding_add_stream (padding, VIDEO, SESSION + 1);
  fail_if (has_next (padding));
  /* Of two streams, the one with the larger packets is padded. */
  gst_rcast_padding_add_stream (padding, VIDEO, SESSION);
  gst_rcast_padding_add_stream (padding, OTHER, SESSION);
  send_packets (padding, OTHER, 30000, 10, 600);
  fail_unless (has_next (padding));
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

/* Sequence numbers of audio when those of the video begin with 1000, whether the server requests
 * audio, and whether the video may be padded */
static const struct
{
  const gchar *what;
  guint16 seqnum;
  gboolean requested, possible;
} others[] = {
  {"far", 20000, FALSE, TRUE},
  {"far, by the wrap-around", 50000, FALSE, TRUE},
  {"the same", 1000, FALSE, FALSE},
  {"a bit later", 1300, FALSE, FALSE},
  {"a bit earlier", 700, FALSE, FALSE},
  {"far, but it was asked for", 20000, TRUE, FALSE},
};

/* The server would take padding for a repair of the other stream, and later
 * mix up the repairs of both. */
GST_START_TEST (test_padding_is_not_mistaken_for_another_stream)
{
  GstRcastPadding *padding = new_padding ();

  send_packets (padding, VIDEO, 1000, 10, 1200);
  send_packets (padding, SOUND, others[__i__].seqnum, 10, 150);
  if (others[__i__].requested)
    gst_rcast_padding_requested (padding, SOUND, 1005, FALSE, MS (1000));
  fail_unless (has_next (padding) == others[__i__].possible, "%s",
      others[__i__].what);
  /* A refused request teaches the server nothing. */
  gst_rcast_padding_requested (padding, VIDEO, 1003, FALSE, MS (2000));
  gst_rcast_padding_came (padding, VIDEO, 1003, MS (2010));
  fail_unless (has_next (padding) == others[__i__].possible, "%s",
      others[__i__].what);
  /* Nor does the server learn from a repair that is in flight or lost, or from a packet that left
   * before the request or unasked. */
  gst_rcast_padding_requested (padding, VIDEO, 1004, TRUE, MS (3000));
  gst_rcast_padding_requested (padding, VIDEO, 1005, TRUE, MS (3000));
  gst_rcast_padding_came (padding, VIDEO, 1004, MS (2990));
  gst_rcast_padding_came (padding, VIDEO, 1006, MS (3010));
  gst_rcast_padding_came (padding, SOUND, 1004, MS (3010));
  fail_unless (has_next (padding) == others[__i__].possible, "%s",
      others[__i__].what);
  /* Once the server has the repair, it knows which stream is which. */
  gst_rcast_padding_came (padding, VIDEO, 1005, MS (3010));
  fail_unless (has_next (padding), "%s", others[__i__].what);
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

/* A server may name any SSRC. */
GST_START_TEST (test_streams_are_bounded)
{
  GstRcastPadding *padding = new_padding ();

  send_packets (padding, VIDEO, 1000, 10, 1200);
  for (guint i = 1; i < 100000; i++)
    gst_rcast_padding_requested (padding, i, 1, TRUE, 0);
  gst_rcast_padding_add_stream (padding, OTHER, SESSION);
  send_packets (padding, OTHER, 1, 10, 1200);
  fail_unless (has_next (padding));
  gst_rcast_padding_free (padding);
}

GST_END_TEST;

static Suite *
padding_suite (void)
{
  Suite *suite = suite_create ("padding");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_large_packets_leave_in_turn);
  tcase_add_test (tc, test_other_numbers_never_leave);
  tcase_add_test (tc, test_numbers_may_begin_anew);
  tcase_add_test (tc, test_only_what_is_repaired_in_a_stream_leaves);
  tcase_add_loop_test (tc, test_padding_is_not_mistaken_for_another_stream, 0,
      G_N_ELEMENTS (others));
  tcase_add_test (tc, test_streams_are_bounded);
  return suite;
}

GST_CHECK_MAIN (padding);
