/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What counts as the server's word that our media arrives, and what it says of loss and delay. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/rtp/rtp.h>

#include "gstrcastliveness.h"

#define OURS 0x11111111
#define FOREIGN 0x22222222
#define NTP_NOW (G_GUINT64_CONSTANT (1000) << 32)

static GstBuffer *
receiver_report (guint32 about, guint8 fraction, gint32 lost, guint32 lsr,
    guint32 dlsr)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (200);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 7);
  gst_rtcp_packet_add_rb (&packet, about, fraction, lost, 100, 5, lsr, dlsr);
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

static GstBuffer *
transport_feedback (guint16 packets)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (200);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RTPFB, &packet);
  gst_rtcp_packet_fb_set_type (&packet, 15);
  gst_rtcp_packet_fb_set_fci_length (&packet, 3);
  GST_WRITE_UINT16_BE (gst_rtcp_packet_fb_get_fci (&packet) + 2, packets);
  gst_rtcp_buffer_unmap (&rtcp);
  return buffer;
}

static gboolean
handle (GstRcastLiveness * liveness, GstBuffer * buffer)
{
  gboolean ours =
      gst_rcast_liveness_handle (liveness, buffer, GST_SECOND, NTP_NOW);

  gst_buffer_unref (buffer);
  return ours;
}

GST_START_TEST (test_only_reports_about_us_confirm)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  fail_if (handle (&liveness, receiver_report (OURS, 0, 0, 0, 0)));
  gst_rcast_liveness_add_ssrc (&liveness, OURS);
  fail_if (handle (&liveness, receiver_report (FOREIGN, 0, 0, 0, 0)));
  fail_if (handle (&liveness, transport_feedback (0)));
  fail_if (liveness.confirmed);
  fail_unless (handle (&liveness, receiver_report (OURS, 0, 0, 0, 0)));
  fail_unless (liveness.confirmed);
  assert_equals_uint64 (liveness.last_report, GST_SECOND);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_transport_feedback_confirms)
{
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  fail_unless (handle (&liveness, transport_feedback (3)));
  fail_unless (liveness.confirmed);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_loss_and_round_trip)
{
  GstRcastLiveness liveness;
  /* Sent 100 ms ago, held for 60 ms by the receiver. */
  guint32 lsr = (guint32) (NTP_NOW >> 16) - 6554;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_ssrc (&liveness, OURS);
  gst_rcast_liveness_add_ssrc (&liveness, FOREIGN);
  handle (&liveness, receiver_report (OURS, 64, 10, lsr, 3932));
  handle (&liveness, receiver_report (FOREIGN, 64, 5, 0, 0));
  handle (&liveness, receiver_report (OURS, 64, 12, 0, 0));
  fail_unless (liveness.fraction_lost == 0.25);
  assert_equals_int64 (liveness.packets_lost, 17);
  fail_unless (liveness.rtt > 39 * GST_MSECOND
      && liveness.rtt < 41 * GST_MSECOND,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (liveness.rtt));
  /* A clock that was set back does not make a round trip of hours. */
  handle (&liveness, receiver_report (OURS, 0, 12, lsr, 65536));
  fail_unless (liveness.rtt < 41 * GST_MSECOND);
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

GST_START_TEST (test_garbage_is_ignored)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  GstRcastLiveness liveness;

  gst_rcast_liveness_init (&liveness);
  gst_rcast_liveness_add_ssrc (&liveness, OURS);
  for (guint i = 0; i < 20000; i++) {
    GstBuffer *buffer = i % 2 ? receiver_report (FOREIGN, 1, 1, 1, 1) :
        transport_feedback (0);
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    for (guint j = 0; j < 3; j++)
      map.data[g_rand_int_range (rand, 0, map.size)] = g_rand_int (rand);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_set_size (buffer, g_rand_int_range (rand, 0, 40));
    handle (&liveness, buffer);
  }
  gst_rcast_liveness_clear (&liveness);
}

GST_END_TEST;

static Suite *
liveness_suite (void)
{
  Suite *s = suite_create ("liveness");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_only_reports_about_us_confirm);
  tcase_add_test (tc, test_transport_feedback_confirms);
  tcase_add_test (tc, test_loss_and_round_trip);
  tcase_add_test (tc, test_garbage_is_ignored);
  return s;
}

GST_CHECK_MAIN (liveness);
