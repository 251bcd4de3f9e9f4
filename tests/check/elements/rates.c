/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves on the paths of one webrtcbin, and the server's feedback on it. The test has
 * neither: this program is the ICE agent. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastice.h"
#include "gstrcastrates.h"
#include "rcast-rtp.h"

#define START 800000
#define SIZE 1000
/* Events whose order matters are at least a millisecond apart. */
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

static GstRcastIceChooseFunc choose_func;

void
gst_rcast_ice_set_choose_func (GstWebRTCICE * ice, GstRcastIceChooseFunc func,
    GObject * object)
{
  choose_func = func;
}

/* Does what the agent does: a packet that it is to send leaves like any other. */
static guint n_sent_again;

void
gst_rcast_ice_send (GstWebRTCICE * ice, guint session, GBytes * packet)
{
  gsize size;
  GOutputVector vector = { g_bytes_get_data (packet, &size), 0 };

  vector.size = size;
  n_sent_again++;
  sent_func (session, "eth0", FALSE, &vector, 1, sent_object);
}

static GstRcastRates *
new_rates_that_know (GstRcastCapacities * capacities)
{
  const GstRcastRateConfig config = { START, 100000, 5000000 };
  GstRcastRates *rates = gst_rcast_rates_new ("rates", &config, capacities);

  gst_rcast_rates_watch (rates, NULL, NULL, TRUE);
  return rates;
}

static GstRcastRates *
new_rates (void)
{
  return new_rates_that_know (NULL);
}

/* Returns: @ms from now */
static GstClockTime
get_later (guint ms)
{
  return gst_util_get_timestamp () + ms * GST_MSECOND;
}

/* Waits until @apart after @before. Returns: the time then */
static GstClockTime
wait_until_later (GstClockTime before, GstClockTime apart)
{
  while (gst_util_get_timestamp () < before + apart)
    g_thread_yield ();
  return gst_util_get_timestamp ();
}

static void
write_packet (guint8 * data, guint16 number)
{
  const guint8 header[] = { 0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde,
    0, 1, GST_RCAST_RTP_TWCC_ID << 4 | 1, number >> 8, number & 0xff
  };

  memset (data, 0, SIZE);
  memcpy (data, header, sizeof header);
}

/* Sends @n packets of SSRC 1, whose sequence numbers begin with @number. */
static void
send_packets (const gchar * interface, guint16 number, guint n)
{
  for (guint i = 0; i < n; i++, number++) {
    guint8 data[SIZE];
    GOutputVector packet = { data, sizeof data };

    write_packet (data, number);
    sent_func (0, interface, FALSE, &packet, 1, sent_object);
  }
}

/* Threads read the clock before they wait for each other. */
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

/* Returns: the target of a new connection that sends on @interface */
static guint64
get_first_target (GstRcastCapacities * capacities, const gchar * interface)
{
  g_autoptr (GstRcastRates) rates = new_rates_that_know (capacities);
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;

  send_packets (interface, 1, 1);
  gst_rcast_rates_tick (rates, &view, now);
  return view.target;
}

/* A new connection starts with the rate that its uplink carried, or with
 * the default on an unknown uplink. */
GST_START_TEST (test_what_an_uplink_carried_is_kept)
{
  g_autoptr (GstRcastCapacities) capacities = gst_rcast_capacities_new ();
  GstClockTime now = gst_util_get_timestamp ();
  const gchar *modem = g_intern_string ("wwan0");

  gst_rcast_capacities_learn (capacities, modem, 4000000, TRUE, now);
  fail_unless_equals_uint64 (get_first_target (capacities, "wwan0"), 2000000);
  gst_rcast_capacities_learn (capacities, modem, 300000, TRUE, now);
  fail_unless_equals_uint64 (get_first_target (capacities, "wwan0"), 300000);
  fail_unless_equals_uint64 (get_first_target (capacities, "eth0"), START);
  /* The uplink's rate is too old. */
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, modem, now
          + 3600 * GST_SECOND), 0);
}

GST_END_TEST;

/* The media may have needed less than the uplink carries. */
GST_START_TEST (test_an_uplink_carries_less_once_it_is_full)
{
  const GstClockTime now = GST_SECOND, later = 3600 * GST_SECOND;
  g_autoptr (GstRcastCapacities) capacities = gst_rcast_capacities_new ();

  gst_rcast_capacities_learn (capacities, NULL, 4000000, FALSE, now);
  gst_rcast_capacities_learn (capacities, NULL, 1000000, FALSE, now);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, NULL, now),
      4000000);
  gst_rcast_capacities_learn (capacities, NULL, 3000000, TRUE, now);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, NULL, now),
      3000000);
  gst_rcast_capacities_learn (capacities, NULL, 1000000, FALSE, later);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, NULL,
          later), 1000000);
}

GST_END_TEST;

/* Returns: whether the pacer holds back a queued packet */
static gboolean
is_held_back (GstRcastRates * rates)
{
  GstClockTime now = gst_util_get_timestamp (), next;
  GstRcastPacerQueue queue = { 0, };

  gst_rcast_pacer_queue_add (&queue, SIZE, now, now);
  return gst_rcast_pacing_get_room (gst_rcast_rates_get_pacing (rates), &queue,
      &next) == 0;
}

/* Feeds pay for the media that they send. Only the rates see the retransmissions. */
GST_START_TEST (test_retransmissions_are_paid_for)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime begin;

  gst_rcast_pacing_set_rate (gst_rcast_rates_get_pacing (rates), 10000, 0);
  gst_rcast_rates_add_media (rates, 1, 0);
  send_packets ("eth0", 1, 4);
  fail_if (is_held_back (rates));
  gst_clear_object (&rates);

  rates = new_rates ();
  gst_rcast_pacing_set_rate (gst_rcast_rates_get_pacing (rates), 10000, 0);
  begin = gst_util_get_timestamp ();
  send_packets ("eth0", 1, 4);
  fail_unless (is_held_back (rates)
      || gst_util_get_timestamp () >= begin + GST_RCAST_PACER_MAX_WAIT);
}

GST_END_TEST;

/* @type: the second byte of the packet */
static gboolean
is_paid_for (guint8 type)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  guint8 data[SIZE] = { 0x80, type, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2 };
  GOutputVector packet = { data, sizeof data };
  GstRcastRatesView view;

  gst_rcast_rates_add_media (rates, 1, 0);
  sent_func (0, "eth0", FALSE, &packet, 1, sent_object);
  gst_rcast_rates_tick (rates, &view, gst_util_get_timestamp ());
  return view.repairs > 0;
}

/* Also without transport-wide numbers. RTCP packets are no retransmissions. */
GST_START_TEST (test_all_retransmissions_are_seen)
{
  fail_unless (is_paid_for (97));
  fail_unless (is_paid_for (0x80 | 97));
  fail_if (is_paid_for (200));
  fail_if (is_paid_for (205));
}

GST_END_TEST;

/* The server requests packet @number of stream 1. Returns: bytes sent in reply */
static gsize
ask_for (GstRcastRepairFilter * filter, guint16 number)
{
  guint8 nack[] = { 0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 1, number >> 8, number & 0xff,
    0, 0
  };
  GstBuffer *rtcp = gst_buffer_new_memdup (nack, sizeof nack);
  gsize size = gst_rcast_repair_filter_answer (filter, NULL, 0, rtcp);

  gst_buffer_unref (rtcp);
  return size;
}

/* The agent reports the repeated packet like any media packet, so it is counted once only. */
GST_START_TEST (test_a_server_without_rtx_gets_the_packet_again)
{
  g_autoptr (GstRcastRates) rates = NULL;
  g_autoptr (GstRcastRepairFilter) filter = NULL;
  g_autoptr (GstElement) webrtc = gst_object_ref_sink (gst_bin_new (NULL));
  const GstRcastRateConfig config = { START, 100000, 5000000 };
  GstClockTime begin = gst_util_get_timestamp ();
  GstRcastRatesView view;

  filter = gst_rcast_repair_filter_new (webrtc);
  rates = gst_rcast_rates_new ("rates", &config, NULL);
  gst_rcast_rates_watch (rates, NULL, filter, TRUE);
  gst_rcast_rates_add_media (rates, 1, 0);
  n_sent_again = 0;
  send_packets ("eth0", 0, 1);
  fail_unless_equals_int (ask_for (filter, 0), 0);
  gst_rcast_repair_filter_add_plain (filter, 1, 0);
  send_packets ("eth0", 1, 1);
  fail_unless_equals_int (ask_for (filter, 1), 0);
  fail_unless_equals_int (ask_for (filter, 0), SIZE);
  fail_unless_equals_int (n_sent_again, 1);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless_equals_uint64 (view.repairs, 0);
  gst_rcast_rates_note_repairs (rates, SIZE);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless (view.repairs > 0);
  gst_rcast_repair_filter_stop (filter);
}

GST_END_TEST;

/* Queued packets may leave faster than the target. Without a path
 * in use, there is no pacing rate. */
GST_START_TEST (test_what_waits_leaves_faster_than_the_target)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;

  gst_rcast_rates_tick (rates, &view, now);
  fail_unless_equals_uint64 (view.pacing, 0);
  fail_unless_equals_uint64 (view.limit, G_MAXUINT64);
  send_packets ("eth0", 1, 1);
  gst_rcast_rates_tick (rates, &view, now);
  fail_unless (view.pacing >= 2 * START);
}

GST_END_TEST;

/* The server reports @n packets from @from on, received at @ms of its clock. @now is our time. */
static void
report_packets (GstRcastRates * rates, guint16 from, guint8 n, guint ms,
    GstClockTime now)
{
  g_autoptr (GArray) spans =
      g_array_new (FALSE, FALSE, sizeof (GstRcastFeedbackSpan));
  gsize size = GST_ROUND_UP_4 (22 + n);
  guint8 data[64] = { 0x8f, 0xcd, 0, size / 4 - 1, 0, 0, 0, 1, 0, 0, 0, 2,
    from >> 8, from & 0xff, 0, n, 0, 0, ms / 64, 0, 0x20, n, ms % 64 * 4
  };
  GstBuffer *rtcp = gst_buffer_new_memdup (data, size);

  gst_rcast_rates_read (rates, 0, rtcp, spans, now);
  fail_unless_equals_int (spans->len, 1);
  gst_buffer_unref (rtcp);
}

GST_START_TEST (test_what_an_uplink_carries_is_learnt)
{
  g_autoptr (GstRcastCapacities) capacities = gst_rcast_capacities_new ();
  g_autoptr (GstRcastRates) rates = new_rates_that_know (capacities);
  const gchar *uplink = g_intern_string ("eth0");
  GstClockTime begin = gst_util_get_timestamp ();
  GstRcastRatesView view;

  send_packets ("eth0", 1, 20);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, uplink,
          begin), 0);
  report_packets (rates, 1, 20, 20, get_later (20));
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless (gst_rcast_capacities_get (capacities, uplink, begin) >= START);
}

GST_END_TEST;

/* A rate that is only remembered is not learned again. */
GST_START_TEST (test_what_an_uplink_carried_is_forgotten_in_use)
{
  g_autoptr (GstRcastCapacities) capacities = gst_rcast_capacities_new ();
  g_autoptr (GstRcastRates) rates = new_rates_that_know (capacities);
  const gchar *uplink = g_intern_string ("eth0");
  GstClockTime begin = gst_util_get_timestamp ();
  GstRcastRatesView view;

  gst_rcast_capacities_learn (capacities, uplink, 50000000, TRUE,
      begin - APART);
  send_packets ("eth0", 1, 20);
  report_packets (rates, 1, 20, 20, get_later (20));
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless_equals_uint64 (view.target, 5000000);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, uplink,
          begin), 50000000);
  fail_unless_equals_uint64 (gst_rcast_capacities_get (capacities, uplink,
          begin - APART + 300 * GST_SECOND), 0);
}

GST_END_TEST;

/* The server reports that it has received the sender report of @time. */
static void
report_about (GstRcastRates * rates, guint32 time)
{
  guint8 data[32] = { 0x81, 0xc9, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1 };
  GstBuffer *rtcp;

  GST_WRITE_UINT32_BE (data + 24, time);
  rtcp = gst_buffer_new_memdup (data, sizeof data);
  gst_rcast_rates_read (rates, 0, rtcp, NULL, gst_util_get_timestamp ());
  gst_buffer_unref (rtcp);
}

/* Servers repeat a round trip in each report until a newer sender report arrives. */
GST_START_TEST (test_a_round_trip_is_news_once)
{
  g_autoptr (GstRcastRates) rates = new_rates ();

  fail_if (gst_rcast_rates_take_answer (rates));
  report_about (rates, 0);
  fail_if (gst_rcast_rates_take_answer (rates));
  report_about (rates, G_MAXUINT32);
  fail_unless (gst_rcast_rates_take_answer (rates));
  report_about (rates, G_MAXUINT32);
  fail_if (gst_rcast_rates_take_answer (rates));
  /* The clock wraps around every 18 hours. */
  report_about (rates, 1);
  fail_unless (gst_rcast_rates_take_answer (rates));
}

GST_END_TEST;

/* The server reports that none of @n packets from @from on has arrived. Returns: whether the
 * rate that may be sent fell by much */
static gboolean
report_lost (GstRcastRates * rates, guint16 from, guint8 n, GstClockTime now)
{
  g_autoptr (GArray) spans =
      g_array_new (FALSE, FALSE, sizeof (GstRcastFeedbackSpan));
  guint8 data[24] = { 0x8f, 0xcd, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2,
    from >> 8, from & 0xff, 0, n, 0, 0, 1, 1, 0, n
  };
  GstBuffer *rtcp = gst_buffer_new_memdup (data, sizeof data);

  gboolean fell = gst_rcast_rates_read (rates, 0, rtcp, spans, now);

  gst_buffer_unref (rtcp);
  return fell;
}

/* Until the next tick, packets above the target would be lost. */
GST_START_TEST (test_that_much_less_may_be_sent_is_told_at_once)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstRcastRatesView view;

  send_packets ("eth0", 1, 50);
  report_packets (rates, 1, 20, 20, get_later (20));
  gst_rcast_rates_tick (rates, &view, get_later (20));
  fail_if (report_lost (rates, 21, 1, get_later (40)));
  fail_unless (report_lost (rates, 22, 20, get_later (80)));
  gst_rcast_rates_tick (rates, &view, get_later (80));
  fail_if (report_lost (rates, 42, 1, get_later (110)));
}

GST_END_TEST;

/* Returns: (transfer full): the stats of the path on @interface */
static GstStructure *
get_rate (GstRcastRates * rates, const gchar * interface)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  const GValue *list;

  gst_rcast_rates_add_stats (rates, stats);
  list = gst_structure_get_value (stats, "rates");
  for (guint i = 0; i < gst_value_list_get_size (list); i++) {
    const GstStructure *rate =
        gst_value_get_structure (gst_value_list_get_value (list, i));

    if (g_str_equal (gst_structure_get_string (rate, "interface"), interface))
      return gst_structure_copy (rate);
  }
  ck_abort_msg ("no path %s", interface);
  return NULL;
}

/* The delay of a packet on the quick path is not that of its copy on the slow path. */
GST_START_TEST (test_a_slow_path_learns_nothing_from_what_a_quick_one_carried)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  g_autoptr (GstStructure) rate = NULL;
  guint64 queue, received;

  send_packets ("eth0", 1, 20);
  send_packets ("wlan0", 1, 20);
  report_packets (rates, 1, 20, 20, get_later (20));
  send_packets ("wlan0", 21, 20);
  report_packets (rates, 21, 20, 320, get_later (320));
  rate = get_rate (rates, "wlan0");
  fail_unless (gst_structure_get (rate, "queue", G_TYPE_UINT64, &queue,
          "received", G_TYPE_UINT64, &received, NULL));
  fail_unless_equals_uint64 (queue, 0);
  fail_unless_equals_string (gst_structure_get_string (rate, "state"),
      "start");
  fail_unless (received > 0);
}

GST_END_TEST;

GST_START_TEST (test_the_loss_is_that_of_the_path_that_loses_most)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime begin = gst_util_get_timestamp (), heard;
  GstRcastRatesView view;

  send_packets ("eth0", 1, 40);
  heard = get_later (20);
  report_packets (rates, 1, 30, 20, heard);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless (view.loss == 0);
  report_lost (rates, 31, 10, heard + 80 * GST_MSECOND);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless (view.loss == 0.25, "%f", view.loss);
}

GST_END_TEST;

/* Sends @n packets of @ssrc from @seqnum on, without transport-wide numbers. */
static void
send_plain (guint32 ssrc, guint16 seqnum, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint8 data[SIZE] = { 0x80, 96, };
    GOutputVector packet = { data, sizeof data };

    GST_WRITE_UINT16_BE (data + 2, seqnum + i);
    GST_WRITE_UINT32_BE (data + 8, ssrc);
    sent_func (0, "eth0", FALSE, &packet, 1, sent_object);
  }
}

/* By RFC 8888, the server reports two packets of @ssrc from @seqnum on; only the first has
 * arrived. Returns: how many of them it reports for the first time */
static guint
report_named (GstRcastRates * rates, guint32 ssrc, guint16 seqnum,
    GstClockTime now)
{
  g_autoptr (GArray) spans =
      g_array_new (FALSE, FALSE, sizeof (GstRcastFeedbackSpan));
  guint8 data[24] = { 0x8b, 0xcd, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2,
    0x80, 0, 0, 0, 0, 1, 0, 0
  };
  GstBuffer *rtcp;

  GST_WRITE_UINT32_BE (data + 8, ssrc);
  GST_WRITE_UINT16_BE (data + 12, seqnum);
  rtcp = gst_buffer_new_memdup (data, sizeof data);
  gst_rcast_rates_read (rates, 0, rtcp, spans, now);
  gst_buffer_unref (rtcp);
  return spans->len == 0 ? 0 :
      g_array_index (spans, GstRcastFeedbackSpan, 0).count;
}

/* Sequence numbers identify retransmissions, too, but not packets of a stream on which the
 * server has not agreed to report. */
GST_START_TEST (test_packets_are_known_by_the_numbers_of_their_stream)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime begin = gst_util_get_timestamp ();
  GstRcastRatesView view;

  gst_rcast_rates_add_media (rates, 1, 0);
  gst_rcast_rates_add_media (rates, 2, 0);
  gst_rcast_rates_name_media (rates, 1);
  send_plain (1, 65535, 40);
  send_plain (2, 7, 2);
  send_plain (3, 7, 2);
  /* The packets have no transport-wide numbers for this report. */
  report_lost (rates, 0, 40, get_later (20));
  gst_rcast_rates_tick (rates, &view, begin);
  fail_if (view.known);
  fail_unless_equals_int (report_named (rates, 1, 65535, get_later (20)), 2);
  fail_unless_equals_int (report_named (rates, 1, 65535, get_later (20)), 0);
  fail_unless_equals_int (report_named (rates, 2, 7, get_later (20)), 0);
  fail_unless_equals_int (report_named (rates, 3, 7, get_later (20)), 2);
  gst_rcast_rates_tick (rates, &view, begin);
  fail_unless (view.known);
}

GST_END_TEST;

/* A rate tried after a pause stays until the path has shown what it carries. */
GST_START_TEST (test_a_trial_lasts_until_the_path_has_spoken)
{
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime begin = gst_util_get_timestamp ();
  GstRcastRatesView view;

  send_packets ("eth0", 1, 20);
  report_packets (rates, 1, 20, 20, get_later (20));
  gst_rcast_rates_try (rates, 2 * START, begin);
  for (guint i = 0; i < 3; i++) {
    send_packets ("eth0", 21 + i, 1);
    gst_rcast_rates_tick (rates, &view, begin);
    fail_unless_equals_uint64 (view.target, 2 * START);
    fail_unless_equals_int (view.state, GST_RCAST_RATE_START);
  }
}

GST_END_TEST;

/* A server that no longer sends a limit takes any rate. */
GST_START_TEST (test_a_limit_expires)
{
  /* REMB: 200 kbit/s */
  static guint8 remb[] = { 0x8f, 0xce, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M',
    'B', 1, 0x03, 0x0d, 0x40, 0, 0, 0, 7
  };
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;

  for (guint i = 0; i < 2; i++) {
    GstBuffer *rtcp = gst_buffer_new_memdup (remb, sizeof remb);

    send_packets ("eth0", i, 1);
    gst_rcast_rates_read (rates, 0, rtcp, NULL, now + 20 * i * GST_SECOND);
    gst_buffer_unref (rtcp);
    gst_rcast_rates_tick (rates, &view, now);
    fail_unless_equals_uint64 (view.target, 200000);
    fail_unless_equals_uint64 (view.limit, 200000);
  }
  gst_rcast_rates_tick (rates, &view, now + 49 * GST_SECOND);
  gst_rcast_rates_try (rates, START, now);
  gst_rcast_rates_tick (rates, &view, now);
  fail_unless_equals_uint64 (view.target, 200000);
  gst_rcast_rates_tick (rates, &view, now + 51 * GST_SECOND);
  gst_rcast_rates_try (rates, START, now);
  gst_rcast_rates_tick (rates, &view, now);
  fail_unless_equals_uint64 (view.target, START);
  fail_unless_equals_uint64 (view.limit, G_MAXUINT64);
}

GST_END_TEST;

/* Each path carries a part, and their rates add up. Packets without a
 * number, such as DTLS, show nothing. */
GST_START_TEST (test_packets_are_spread)
{
  static const GstRcastIceCarrier carriers[] = { {"eth0", 0}, {"wlan0", 0} };
  static const guint8 dtls[SIZE] = { 22, };
  g_autoptr (GstRcastRates) rates = new_rates ();
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;
  guint n[2] = { 0, 0 };
  GOutputVector other = { dtls, sizeof dtls };

  for (guint16 number = 0; number < 10; number++) {
    guint8 data[SIZE];
    GOutputVector packet = { data, sizeof data };
    guint chosen;

    write_packet (data, number);
    chosen = choose_func (0, carriers, 2, &packet, sent_object);
    sent_func (0, carriers[chosen].interface, FALSE, &packet, 1,
        sent_object);
    n[chosen]++;
    assert_equals_int (choose_func (0, carriers, 2, &other, sent_object),
        GST_RCAST_ICE_NO_CHOICE);
  }
  fail_unless (n[0] >= 4 && n[1] >= 4, "%u and %u", n[0], n[1]);
  gst_rcast_rates_tick (rates, &view, now);
  fail_unless_equals_uint64 (view.target, START);
  fail_unless_equals_uint64 (view.pacing, 2 * START + 2 * 20000);
}

GST_END_TEST;

/* Without transport-wide feedback, copies leave on two uplinks, each at its own limit. */
GST_START_TEST (test_ceiling_is_that_of_all_uplinks_that_carry)
{
  static const gchar *const limits[] = { "up0:500kbit/s", NULL };
  g_autoptr (GstRcastAllowances) allowances =
      gst_rcast_allowances_new ("/nowhere", NULL, NULL);
  const GstRcastRateConfig config = { START, 100000, 5000000 };
  g_autoptr (GstRcastRates) rates =
      gst_rcast_rates_new ("rates", &config, NULL);
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;

  gst_rcast_allowances_configure (allowances, limits);
  gst_rcast_rates_set_allowances (rates, allowances);
  gst_rcast_rates_watch (rates, NULL, NULL, TRUE);
  for (guint i = 0; i < 3; i++) {
    send_packets ("up0", i, 1);
    send_packets ("up1", i, 1);
    gst_rcast_rates_tick (rates, &view, now);
    assert_equals_uint64 (view.ceiling, 500000);
  }
  /* No packet was sent since the last tick. */
  gst_rcast_rates_tick (rates, &view, now);
  assert_equals_uint64 (view.ceiling, 500000);
  send_packets ("up1", 3, 1);
  gst_rcast_rates_tick (rates, &view, now);
  assert_equals_uint64 (view.ceiling, G_MAXUINT64);
}

GST_END_TEST;

static Suite *
rates_suite (void)
{
  Suite *suite = suite_create ("rates");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_round_trip_is_news_once);
  tcase_add_test (tc, test_what_an_uplink_carried_is_kept);
  tcase_add_test (tc, test_what_an_uplink_carries_is_learnt);
  tcase_add_test (tc, test_an_uplink_carries_less_once_it_is_full);
  tcase_add_test (tc, test_what_an_uplink_carried_is_forgotten_in_use);
  tcase_add_test (tc, test_retransmissions_are_paid_for);
  tcase_add_test (tc, test_all_retransmissions_are_seen);
  tcase_add_test (tc, test_a_server_without_rtx_gets_the_packet_again);
  tcase_add_test (tc, test_what_waits_leaves_faster_than_the_target);
  tcase_add_test (tc, test_what_was_sent_may_be_later_than_the_tick);
  tcase_add_test (tc,
      test_a_slow_path_learns_nothing_from_what_a_quick_one_carried);
  tcase_add_test (tc, test_the_loss_is_that_of_the_path_that_loses_most);
  tcase_add_test (tc, test_a_trial_lasts_until_the_path_has_spoken);
  tcase_add_test (tc, test_packets_are_known_by_the_numbers_of_their_stream);
  tcase_add_test (tc, test_that_much_less_may_be_sent_is_told_at_once);
  tcase_add_test (tc, test_a_limit_expires);
  tcase_add_test (tc, test_packets_are_spread);
  tcase_add_test (tc, test_ceiling_is_that_of_all_uplinks_that_carry);
  return suite;
}

GST_CHECK_MAIN (rates);
