/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves on the paths of one webrtcbin and what the server says of it, without either: this
 * program is the ICE agent. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastice.h"
#include "gstrcastrates.h"
#include "rcast-rtp.h"

#define START 800000
#define SIZE 1000
/* A millisecond and no less passes between what has an order. */
#define APART GST_MSECOND

static GstRcastIceSentFunc sent_func;
static GObject *sent_object;

void
gst_rcast_ice_set_sent_func (GstWebRTCICE * ice, GstRcastIceSentFunc func,
    GObject * object)
{
  sent_func = func;
  sent_object = object;
}

static GstRcastRates *
new_rates (void)
{
  const GstRcastRateConfig config = { START, 100000, 5000000 };
  GstRcastRates *rates = gst_rcast_rates_new ("rates", &config);

  gst_rcast_rates_watch (rates, NULL);
  return rates;
}

/* Returns: the time, later than before by @apart */
static GstClockTime
wait_until_later (GstClockTime before, GstClockTime apart)
{
  while (gst_util_get_timestamp () < before + apart)
    g_thread_yield ();
  return gst_util_get_timestamp ();
}

/* Sends @n packets of SSRC 1 from @number on. */
static void
send_packets (const gchar * interface, guint16 number, guint n)
{
  for (guint i = 0; i < n; i++, number++) {
    guint8 data[SIZE] = { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 1,
      GST_RCAST_RTP_TWCC_ID << 4 | 1, number >> 8, number & 0xff
    };
    GOutputVector packet = { data, sizeof data };

    sent_func (0, interface, &packet, 1, sent_object);
  }
}

/* The threads take the time before they wait for each other. */
GST_START_TEST (test_what_was_sent_may_be_later_than_the_tick)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime before = gst_util_get_timestamp ();
  GstRcastRatesView view;

  wait_until_later (before, APART);
  send_packets ("eth0", 1, 10);
  gst_rcast_rates_tick (rates, &view, before);
  fail_unless_equals_uint64 (view.target, START);
  fail_unless (view.repairs >= 10 * SIZE * 8);
}

GST_END_TEST;

static Suite *
rates_suite (void)
{
  Suite *suite = suite_create ("rates");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_what_was_sent_may_be_later_than_the_tick);
  return suite;
}

GST_CHECK_MAIN (rates);
