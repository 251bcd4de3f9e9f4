/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last packets that went out are known in their
 * order, and it is known when some are missing. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticerecent.h"

static void
add (GstRcastIceRecent * recent, guint32 number, gint64 now)
{
  gst_rcast_ice_recent_add (recent, &number, sizeof number, now);
}

/* Packet n went out at n. */
static void
expect (GstRcastIceRecent * recent, gint64 since, guint32 begin, guint n,
    gboolean complete)
{
  gboolean is_complete;
  g_autoptr (GPtrArray) packets =
      gst_rcast_ice_recent_dup_since (recent, since, &is_complete);

  assert_equals_int (packets->len, n);
  assert_equals_int (is_complete, complete);
  for (guint i = 0; i < n; i++) {
    gsize size;
    const guint32 *number = g_bytes_get_data (packets->pdata[i], &size);

    assert_equals_int (size, sizeof *number);
    assert_equals_int (*number, begin + i);
  }
}

#define N GST_RCAST_ICE_RECENT_PACKETS

GST_START_TEST (test_recent_packets_come_in_order)
{
  GstRcastIceRecent *recent = gst_rcast_ice_recent_new ();

  expect (recent, 1, 0, 0, TRUE);
  for (guint i = 1; i <= N; i++)
    add (recent, i, i);
  expect (recent, 1, 1, N, TRUE);
  expect (recent, N - 2, N - 2, 3, TRUE);
  expect (recent, N + 1, 0, 0, TRUE);
  for (guint i = N + 1; i <= 3 * N + 7; i++)
    add (recent, i, i);
  expect (recent, 2 * N + 8, 2 * N + 8, N, TRUE);
  /* One packet more than is known */
  expect (recent, 2 * N + 7, 2 * N + 8, N, FALSE);
  gst_rcast_ice_recent_free (recent);
}

GST_END_TEST;

GST_START_TEST (test_large_packet_is_missing)
{
  static const guint8 large[GST_RCAST_ICE_RECENT_SIZE + 1];
  GstRcastIceRecent *recent = gst_rcast_ice_recent_new ();

  add (recent, 1, 1);
  gst_rcast_ice_recent_add (recent, large, sizeof large, 2);
  add (recent, 2, 3);
  expect (recent, 1, 1, 2, FALSE);
  expect (recent, 3, 2, 1, TRUE);
  gst_rcast_ice_recent_free (recent);
}

GST_END_TEST;

static Suite *
recent_suite (void)
{
  Suite *s = suite_create ("ice-recent");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_recent_packets_come_in_order);
  tcase_add_test (tc, test_large_packet_is_missing);
  return s;
}

GST_CHECK_MAIN (recent);
