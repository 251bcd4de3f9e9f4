/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP packets that are lost, late, sent twice, or of something else; and the
 * numbers of packets that leave. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-numbers.h"

#define OWN 96
#define NOISE 13
#define MAX_PACKETS 12

/* A packet that comes, and its verdict: n(ext), l(ate), d(rop) */
typedef struct
{
  guint16 sequence;
  gchar verdict;
  guint32 lost;                 /* so far */
  guint payload_type;           /* 0: OWN */
  guint8 content;
  guint32 ssrc;
} Packet;

static const struct
{
  const gchar *name;
  gint own;
  Packet packets[MAX_PACKETS];  /* up to one without a verdict */
} rows[] = {
  {"in order, over the wrap-around", OWN, {{65534, 'n', 0}, {65535, 'n', 0},
          {0, 'n', 0}, {1, 'n', 0}}},
  {"one is lost", OWN, {{1, 'n', 0}, {3, 'n', 1}, {4, 'n', 1}}},
  {"two change places", OWN, {{1, 'n', 0}, {3, 'n', 1}, {2, 'l', 1},
          {4, 'n', 1}}},
  {"over the wrap-around", OWN, {{65535, 'n', 0}, {1, 'n', 1}, {0, 'l', 1},
          {2, 'n', 1}}},
  {"one comes twice", OWN, {{1, 'n', 0}, {1, 'd', 0}, {2, 'n', 0},
          {1, 'd', 0}, {2, 'd', 0}}},
  {"late, and twice", OWN, {{1, 'n', 0}, {3, 'n', 1}, {2, 'l', 1},
          {2, 'd', 1}}},
  {"of before the start", OWN, {{5, 'n', 0}, {4, 'd', 0}, {6, 'n', 0}}},
  {"many are lost", OWN, {{1, 'n', 0}, {1000, 'n', 63}, {999, 'l', 63},
          {900, 's', 63}, {1001, 'n', 63}}},
  {"starts anew", OWN, {{10000, 'n', 0}, {5, 's', 0}, {6, 'a', 1},
          {7, 'n', 1}, {5, 'd', 1}}},
  {"starts anew, far ahead", OWN, {{1, 'n', 0}, {20000, 's', 0},
          {20001, 'a', 1}}},
  {"starts anew, a little back", OWN, {{3, 'n', 0}, {4, 'n', 0}, {5, 'n', 0},
          {3, 's', 0, 0, 7}, {4, 'a', 1, 0, 8}, {6, 'n', 2}}},
  {"one is far too late", OWN, {{1000, 'n', 0}, {936, 's', 0}, {1001, 'n', 0},
          {937, 's', 0}, {1002, 'n', 0}}},
  {"several are far too late", OWN, {{1000, 'n', 0}, {900, 's', 0},
          {901, 's', 0}, {902, 's', 0}, {1001, 'n', 0}}},
  {"one is from nowhere", OWN, {{1000, 'n', 0}, {30000, 's', 0},
          {1001, 'n', 0}, {30001, 's', 0}, {1002, 'n', 0}}},
  {"one is not what it was", OWN, {{3, 'n', 0}, {4, 'n', 0}, {5, 'n', 0},
          {3, 's', 0, 0, 7}, {6, 'n', 0}, {4, 's', 0, 0, 8}, {7, 'n', 0}}},
  {"another source", OWN, {{1, 'n', 0}, {5, 'n', 0, 0, 0, 1},
          {6, 'n', 0, 0, 0, 1}}},
  {"does not count", OWN, {{0, 'n', 0, 0, 1}, {0, 'n', 0, 0, 2},
          {0, 'd', 0, 0, 2}, {0, 'n', 0, 0, 3}}},
  {"RTCP", OWN, {{1, 'n', 0}, {28, 'd', 0, 72}, {2, 'n', 0},
          {28, 'd', 0, 77}}},
  {"RTCP first", -1, {{28, 'd', 0, 72}, {2, 'n', 0}}},
  {"comfort noise", 0, {{1, 'd', 0, NOISE}, {2, 'n', 0}, {3, 'd', 0, NOISE},
          {4, 'n', 0}, {6, 'd', 1, NOISE}, {7, 'n', 1}}},
  {"comfort noise, nobody says the type", -1, {{1, 'd', 0, NOISE},
          {2, 'n', 0, 97}, {3, 'd', 0, NOISE}, {4, 'n', 0, 97}}},
  {"retransmissions by another source", OWN, {{1, 'n', 0},
          {7, 'd', 0, 97, 0, 1}, {2, 'n', 0}, {8, 'd', 0, 97, 0, 1},
          {3, 'n', 0}}},
  {"the caps are wrong", OWN, {{1, 'n', 0, 102}, {2, 'd', 0, 101},
          {3, 'n', 0, 102}}},
  {"the caps are right after all", OWN, {{1, 'n', 0, 101}, {2, 'n', 0},
          {3, 'd', 0, 101}, {4, 'n', 0}}},
};

static gchar
step (GstRcastOrder * order, const Packet * packet, gint own, guint32 * place)
{
  static const gchar letters[] = {
    [GST_RCAST_ORDER_NEXT] = 'n',
    [GST_RCAST_ORDER_LATE] = 'l',
    [GST_RCAST_ORDER_DROP] = 'd',
    [GST_RCAST_ORDER_STRAY] = 's',
    [GST_RCAST_ORDER_ANEW] = 'a',
  };
  GstRcastRtpHeader header = {
    .payload_type = packet->payload_type ? packet->payload_type : MAX (own, 0),
    .marker = packet->payload_type >= 64 && packet->payload_type < 96,
    .sequence = packet->sequence,
    .ssrc = packet->ssrc,
    .timestamp = packet->content == 0 ? packet->sequence : 0,
    .payload_size = 1,
  };

  return letters[gst_rcast_order_step (order, &header, &packet->content,
          place)];
}

GST_START_TEST (test_packets)
{
  GstRcastOrder order = { 0, };
  guint32 place;

  gst_rcast_order_init (&order, rows[__i__].own);
  for (guint i = 0; i < MAX_PACKETS && rows[__i__].packets[i].verdict; i++) {
    const Packet *packet = &rows[__i__].packets[i];
    gchar verdict = step (&order, packet, rows[__i__].own, &place);

    fail_unless (verdict == packet->verdict, "%s: packet %u is %c",
        rows[__i__].name, i, verdict);
    fail_unless (order.lost == packet->lost, "%s: %u lost at packet %u",
        rows[__i__].name, order.lost, i);
  }
}

GST_END_TEST;

/* The new numbers could be those of late packets, or the sender skips every second number. */
GST_START_TEST (test_a_sender_that_starts_anew_is_soon_followed)
{
  static const struct
  {
    guint16 from;
    guint by;
  } senders[] = { {1000, 1}, {30000, 2} };
  GstRcastOrder order = { 0, };
  Packet packet = { 2000, };
  guint32 place;
  guint n = 0;

  gst_rcast_order_init (&order, OWN);
  step (&order, &packet, OWN, &place);
  packet.sequence = senders[__i__].from;
  while (step (&order, &packet, OWN, &place) == 's' && n++ < 100)
    packet.sequence += senders[__i__].by;
  fail_unless (n > 5 && n < 20, "%u", n);
  fail_unless_equals_int (order.lost, 1);
  packet.sequence++;
  fail_unless (step (&order, &packet, OWN, &place) == 'n');
}

GST_END_TEST;

/* A stream that begins with another payload type goes on with it after some seconds. */
GST_START_TEST (test_a_type_that_stays_is_the_one)
{
  GstRcastOrder order = { 0, };
  Packet packet = { 0, };
  guint32 place;
  guint taken = 0;

  gst_rcast_order_init (&order, OWN);
  fail_unless (step (&order, &packet, OWN, &place) == 'n');
  packet.payload_type = NOISE;
  for (packet.sequence = 1; packet.sequence < 1000; packet.sequence++)
    fail_unless (step (&order, &packet, OWN, &place) == 'd');
  packet.payload_type = 98;
  for (; packet.sequence < 2000; packet.sequence++)
    taken += step (&order, &packet, OWN, &place) == 'n';
  fail_unless (taken >= 700 && taken < 1000, "%u", taken);
}

GST_END_TEST;

/* Packets in random order, some lost, some twice. Their numbers restore the sender's order, with a
 * hole for each missing packet. */
GST_START_TEST (test_numbers_are_as_the_sender_had_them)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3550);
  guint16 at[4096];
  gboolean come[4096] = { FALSE, };
  GstRcastOrder order = { 0, };
  GstRcastNumbers numbers = {.next = 60000 };
  guint lost = 0;

  for (guint i = 0; i < G_N_ELEMENTS (at); i++)
    at[i] = i;
  /* No packet is off by more than the window. */
  for (guint i = 1; i + 20 < G_N_ELEMENTS (at); i += 3) {
    guint other = i + g_rand_int_range (rand, 0, 7);
    guint16 sequence = at[i];

    at[i] = at[other];
    at[other] = sequence;
  }
  gst_rcast_order_init (&order, OWN);
  for (guint i = 0; i < G_N_ELEMENTS (at); i++) {
    Packet packet = { at[i], };
    guint32 place = 0;
    guint16 number;

    if (i > 0 && g_rand_int_range (rand, 0, 10) == 0) {
      lost++;
      continue;
    }
    fail_if (step (&order, &packet, OWN, &place) == 'd', "%u at %u", at[i], i);
    fail_unless (gst_rcast_numbers_take (&numbers, 1, order.lost, place,
            &number));
    fail_unless (number == (guint16) (60000 + at[i] - at[0]), "%u is %u",
        at[i], number);
    fail_if (come[at[i]]);
    come[at[i]] = TRUE;
    fail_unless (step (&order, &packet, OWN, &place) == 'd');
  }
  fail_unless (lost > 200);
}

GST_END_TEST;

GST_START_TEST (test_time_offline_is_no_hole)
{
  GstRcastNumbers numbers = {.next = 10 };
  guint16 number;

  fail_unless (gst_rcast_numbers_take (&numbers, 1, 5, 0, &number));
  fail_unless_equals_int (number, 10);
  fail_unless (gst_rcast_numbers_take (&numbers, 1, 7, 0, &number));
  fail_unless_equals_int (number, 13);
  fail_unless_equals_uint64 (numbers.skipped, 2);
  fail_unless (gst_rcast_numbers_take (&numbers, 1, 7, 6, &number));
  fail_unless_equals_int (number, 11);
  fail_unless_equals_uint64 (numbers.skipped, 1);
  /* The packet was missing before the gate opened. */
  fail_if (gst_rcast_numbers_take (&numbers, 1, 7, 5, &number));
  fail_unless (gst_rcast_numbers_take (&numbers, 2, 90, 0, &number));
  fail_unless_equals_int (number, 14);
  fail_if (gst_rcast_numbers_take (&numbers, 2, 90, 90, &number));
  /* A hole larger than the window counts as the window. */
  fail_unless (gst_rcast_numbers_take (&numbers, 2, 500, 0, &number));
  fail_unless_equals_int (number, 15 + GST_RCAST_ORDER_WINDOW - 1);
  fail_unless_equals_uint64 (numbers.skipped, GST_RCAST_ORDER_WINDOW);
  fail_if (gst_rcast_numbers_take (&numbers, 2, 500, 400, &number));
  fail_unless (gst_rcast_numbers_take (&numbers, 2, 500, 500, &number));
  fail_unless_equals_int (number, 15 + GST_RCAST_ORDER_WINDOW - 2);
}

GST_END_TEST;

static Suite *
order_suite (void)
{
  Suite *s = suite_create ("order");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_packets, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_a_sender_that_starts_anew_is_soon_followed, 0,
      2);
  tcase_add_test (tc, test_a_type_that_stays_is_the_one);
  tcase_add_test (tc, test_numbers_are_as_the_sender_had_them);
  tcase_add_test (tc, test_time_offline_is_no_hole);
  return s;
}

GST_CHECK_MAIN (order);
