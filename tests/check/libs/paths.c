/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several paths carry a broadcast together, a part of the packets each:
 * tables, and simulated links. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastpaths.h"

#define START 800000
#define SIZE 1000
#define NOW (1000 * GST_SECOND)
#define MS(ms) (NOW + (ms) * GST_MSECOND)

static const GstRcastRateConfig config = { START, 100000, 5000000 };

static const gchar *const uplinks[] = { "up0", "up1", "up2" };

static const GstRcastPathsCarrier carriers[] = { {"up0", 0}, {"up1", 0}, {"up2", 0} };

static const GstRcastPathsPacket packet = { SIZE, FALSE };

/* Sends a packet on each of the first @n uplinks, numbered from @number on */
static void
send_on_each (GstRcastPaths * paths, guint n, guint16 number, GstClockTime now)
{
  for (guint i = 0; i < n; i++) {
    gst_rcast_paths_choose (paths, carriers, n, &packet, now);
    gst_rcast_paths_sent (paths, g_intern_string (uplinks[i]), number + i, SIZE,
        FALSE, now);
  }
}

static guint64
get_target (GstRcastPaths * paths, GstClockTime now)
{
  GstRcastPathsView view;

  gst_rcast_paths_tick (paths, &view, now);
  return view.target;
}

static gdouble
get_loss (GstRcastPaths * paths, GstClockTime now)
{
  GstRcastPathsView view;

  gst_rcast_paths_tick (paths, &view, now);
  return view.loss;
}

/* Feedback about @n packets from @number on: they came at @arrival, or did not.
 * Returns: how many of these reports are believed */
static guint
report (GstRcastPaths * paths, guint16 number, guint n, GstClockTime arrival,
    GstClockTime now)
{
  guint n_believed = 0;

  gst_rcast_paths_begin_report (paths);
  for (guint i = 0; i < n; i++)
    n_believed += gst_rcast_paths_arrival (paths, number + i,
        GST_CLOCK_TIME_IS_VALID (arrival) ? arrival + i * GST_MSECOND :
        GST_CLOCK_TIME_NONE, now);
  gst_rcast_paths_end_report (paths, now);
  return n_believed;
}

/* START is the target of all paths together, not of each. */
GST_START_TEST (test_targets_add_up)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  send_on_each (paths, 2, 1, NOW);
  assert_equals_uint64 (get_target (paths, NOW), START);
  send_on_each (paths, 3, 3, MS (10));
  fail_unless (get_target (paths, MS (10)) > START);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* With copies on two paths, the target is that of the weaker path. */
GST_START_TEST (test_of_copies_each_path_takes_all)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 2; i++)
    gst_rcast_paths_sent (paths, g_intern_string (uplinks[i]), 1, SIZE, FALSE,
        NOW);
  assert_equals_uint64 (get_target (paths, NOW), START);
  assert_equals_uint64 (gst_rcast_paths_get_hold (paths, "up0", NOW), 0);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* A path on trial has to show whether it takes what the other path carries. */
GST_START_TEST (test_a_path_on_trial_limits_nothing)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  const gchar *interface;

  for (guint i = 0; i < 2; i++)
    gst_rcast_paths_sent (paths, g_intern_string (uplinks[i]), 1, SIZE, FALSE,
        NOW);
  /* The path was another one before the restart: half of what it carried would be a guess. */
  gst_rcast_paths_restart (paths, NOW);
  assert_equals_uint64 (get_target (paths, NOW), START);
  for (guint i = 0; i < 30; i++) {
    GstClockTime now = MS (50 * i);

    gst_rcast_paths_sent (paths, g_intern_string ("up0"), 100 + i, SIZE, FALSE,
        now);
    gst_rcast_paths_sent (paths, g_intern_string ("up1"), 100 + i, SIZE, TRUE,
        now);
    gst_rcast_paths_begin_report (paths);
    /* Only the packets on the first uplink arrive. */
    gst_rcast_paths_arrival (paths, 100 + i, now + 20 * GST_MSECOND, now);
    gst_rcast_paths_end_report (paths, now);
  }
  fail_unless (get_target (paths, MS (1500)) >= START);
  fail_unless (gst_rcast_paths_find_room (paths, START / 2, &interface,
          MS (1500)) >= START);
  assert_equals_string (interface, "up0");
  /* Once both paths carry the packets, nobody knows what one of them carries. */
  gst_rcast_paths_sent (paths, g_intern_string ("up1"), 200, SIZE, FALSE,
      MS (1510));
  assert_equals_uint64 (gst_rcast_paths_find_room (paths, START / 2,
          &interface, MS (1510)), 0);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* A link of 600 kbit/s, and its packets in flight */
typedef struct
{
  guint16 next, reported;
  GstClockTime arrivals[2048];
  GstClockTime free;
} Thin;

/* Sends a packet each @gap_ms, and reports each 50 ms. */
static void
send_thin (GstRcastPaths * paths, Thin * thin, guint from_ms, guint until_ms,
    guint gap_ms)
{
  for (guint ms = from_ms; ms < until_ms; ms++) {
    GstClockTime now = MS (ms);

    if (ms % gap_ms == 0) {
      gst_rcast_paths_sent (paths, g_intern_string ("up0"), thin->next, SIZE,
          FALSE, now);
      thin->free = MAX (thin->free, now) + SIZE * 8 * GST_SECOND / 600000;
      thin->arrivals[thin->next++] = thin->free;
    }
    if (ms % 50 != 0)
      continue;
    gst_rcast_paths_begin_report (paths);
    for (; thin->reported < thin->next && thin->arrivals[thin->reported] <= now;
        thin->reported++)
      gst_rcast_paths_arrival (paths, thin->reported,
          thin->arrivals[thin->reported], now);
    gst_rcast_paths_end_report (paths, now);
    get_target (paths, now);
  }
}

/* The rate of a full path is no measure for long: it says little while little is sent. */
GST_START_TEST (test_a_quiet_picture_does_not_show_that_a_path_is_thin)
{
  g_autofree Thin *thin = g_new0 (Thin, 1);
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  const gchar *interface;
  guint64 room;

  send_thin (paths, thin, 0, 1500, 8);
  room = gst_rcast_paths_find_room (paths, 1000000, &interface, MS (1500));
  fail_unless (room > 0 && room < 800000, "%" G_GUINT64_FORMAT, room);
  send_thin (paths, thin, 1500, 4000, 130);
  assert_equals_uint64 (gst_rcast_paths_find_room (paths, 1000000, &interface,
          MS (4000)), 0);
  /* A paused video sends nothing because there is no room. */
  gst_rcast_paths_set_eager (paths, TRUE);
  room = gst_rcast_paths_find_room (paths, 1000000, &interface, MS (4000));
  fail_unless (room > 0 && room < 800000, "%" G_GUINT64_FORMAT, room);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* Sends 2.4 Mbit/s on a wide path. Returns: whether there is room to send packets twice */
static gboolean
send_wide (GstRcastPaths * paths, guint from_ms, guint until_ms)
{
  GstRcastPathsView view;

  for (guint ms = from_ms; ms < until_ms; ms += 10) {
    for (guint i = 0; i < 3; i++)
      gst_rcast_paths_sent (paths, g_intern_string ("up0"), 3 * ms / 10 + i,
          SIZE, FALSE, MS (ms));
    report (paths, 3 * ms / 10, 3, MS (ms + 5), MS (ms + 8));
    gst_rcast_paths_tick (paths, &view, MS (ms + 5));
  }
  assert_equals_int (view.state, GST_RCAST_RATE_START);
  return view.doubles.spare;
}

/* The capacity of the path is unknown while the target
 * grows and is used up, and known afterwards. */
GST_START_TEST (test_a_path_that_is_new_has_no_room)
{
  GstRcastRateConfig bounded = { START, 100000, START };
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  fail_if (send_wide (paths, 0, 600));
  fail_unless (send_wide (paths, 600, 5000));
  gst_rcast_paths_free (paths);
  paths = gst_rcast_paths_new (&bounded, NULL);
  fail_unless (send_wide (paths, 0, 600));
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

GST_START_TEST (test_a_path_that_is_gone_adds_nothing)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  send_on_each (paths, 2, 1, NOW);
  send_on_each (paths, 1, 3, MS (40));
  assert_equals_uint64 (get_target (paths, MS (40)), START);
  send_on_each (paths, 1, 4, MS (60));
  assert_equals_uint64 (get_target (paths, MS (60)), START / 2);
  /* An uplink that comes back may be another path. */
  send_on_each (paths, 1, 5, MS (1400));
  send_on_each (paths, 2, 6, MS (1500));
  assert_equals_uint64 (get_target (paths, MS (1500)), START);
  /* A pause of all uplinks is no pause of one. */
  send_on_each (paths, 2, 8, MS (2900));
  assert_equals_uint64 (get_target (paths, MS (2900)), START);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

GST_START_TEST (test_what_is_overtaken_is_not_lost)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 20; i++)
    send_on_each (paths, 2, 2 * i, MS (i));
  report (paths, 0, 30, MS (40), MS (60));
  report (paths, 30, 10, GST_CLOCK_TIME_NONE, MS (70));
  fail_unless (get_loss (paths, MS (70)) == 0);
  report (paths, 30, 4, MS (80), MS (100));
  report (paths, 0, 0, MS (90), MS (189));
  fail_unless (get_loss (paths, MS (189)) == 0);
  /* Each path sent three of the other six packets. */
  report (paths, 0, 0, MS (90), MS (190));
  fail_unless (get_loss (paths, MS (190)) == 3. / 20);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* The oldest loss is repaired first, even if there are more than are repaired at once. Losses on
 * path 1 show at once, those on path 0 after a while. */
GST_START_TEST (test_the_oldest_loss_is_told_first)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  guint16 begin = 65500, next = begin, number;

  for (guint i = 0; i < 60; i++)
    send_on_each (paths, 2, begin + 2 * i, MS (i));
  gst_rcast_paths_begin_report (paths);
  for (guint i = 0; i < 120; i++)
    gst_rcast_paths_arrival (paths, begin + i, i < 119 ? GST_CLOCK_TIME_NONE :
        MS (100), MS (90));
  gst_rcast_paths_end_report (paths, MS (210));
  while (gst_rcast_paths_take_lost (paths, &number))
    assert_equals_int (number, next++);
  assert_equals_int ((guint16) (next - begin), 64);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* RFC 8888 gives no time for an arrival that is too long ago, or later than the report. */
GST_START_TEST (test_what_came_at_some_time_is_not_lost)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 20; i++)
    send_on_each (paths, 2, 2 * i, MS (i));
  report (paths, 0, 30, MS (40), MS (60));
  report (paths, 30, 10, GST_CLOCK_TIME_NONE, MS (70));
  for (guint i = 32; i < 40; i++)
    gst_rcast_paths_came (paths, i);
  report (paths, 0, 0, MS (90), MS (190));
  /* Each path sent one of the other two packets. */
  fail_unless (get_loss (paths, MS (190)) == 1. / 16);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* A packet is not lost either if the server gives an impossible time for it. */
GST_START_TEST (test_what_came_at_an_odd_time_is_not_lost)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 20; i++)
    send_on_each (paths, 2, 2 * i, MS (i));
  assert_equals_int (report (paths, 0, 30, MS (40), MS (60)), 30);
  assert_equals_int (report (paths, 30, 10, GST_CLOCK_TIME_NONE, MS (70)), 10);
  assert_equals_int (report (paths, 32, 8, MS (5000), MS (80)), 0);
  report (paths, 0, 0, MS (90), MS (190));
  /* Each path sent one of the other two packets. */
  fail_unless (get_loss (paths, MS (190)) == 1. / 16);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* Feedback may name packets that were never sent. */
GST_START_TEST (test_what_never_left_is_not_missing)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 20; i++)
    send_on_each (paths, 2, 2 * i, MS (i));
  report (paths, 0, 30, MS (40), MS (60));
  report (paths, 1000, 5000, GST_CLOCK_TIME_NONE, MS (70));
  report (paths, 30, 10, GST_CLOCK_TIME_NONE, MS (70));
  report (paths, 1000, 5000, GST_CLOCK_TIME_NONE, MS (80));
  report (paths, 0, 0, MS (90), MS (190));
  /* Each path sent five of the last ten packets. */
  fail_unless (get_loss (paths, MS (190)) == 5. / 20);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

GST_START_TEST (test_a_packet_is_held_until_its_path_can_tell)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  send_on_each (paths, 1, 1, NOW);
  report (paths, 1, 1, MS (20), MS (40));
  assert_equals_uint64 (gst_rcast_paths_get_hold (paths, "up0", MS (40)), 0);
  send_on_each (paths, 2, 2, MS (40));
  report (paths, 2, 2, MS (100), MS (160));
  assert_equals_uint64 (gst_rcast_paths_get_hold (paths, "up1", MS (160)),
      MS (160 + 120 + 30));
  fail_unless (gst_rcast_paths_get_hold (paths, "up0", MS (160)) <
      MS (160 + 120 + 30));
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* Both of two paths get a packet each 20 ms, and take one each 30 ms. The last round trip already
 * includes the queue of a path: the hold does not count it twice. */
GST_START_TEST (test_a_queue_holds_a_packet_once)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  GstClockTime hold;

  for (guint ms = 0; ms <= 380; ms += 10) {
    if (ms % 20 == 0)
      send_on_each (paths, 2, ms / 10, MS (ms));
    if (ms >= 50 && (ms - 50) % 30 == 0)
      report (paths, (ms - 50) / 30 * 2, 2, MS (ms - 30), MS (ms));
  }
  hold = gst_rcast_paths_get_hold (paths, "up0", MS (380));
  /* The packet in this report arrived at 350 ms. As far as is known, eight packets of 20 ms each
   * follow it: they take until 510 ms, are reported at 540 ms, and have until 570 ms. */
  fail_if (hold < MS (560) || hold > MS (600), "%" GST_TIME_FORMAT,
      GST_TIME_ARGS (hold - NOW));
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* Of two paths, one that loses a dozen packets in a row adds nothing until a packet arrives. */
GST_START_TEST (test_a_path_that_loses_all_is_left)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  guint64 both, left;

  for (guint i = 0; i < 14; i++)
    send_on_each (paths, 2, 2 * i, MS (i));
  report (paths, 0, 4, MS (40), MS (60));
  both = get_target (paths, MS (60));
  for (guint i = 2; i < 14; i++) {
    report (paths, 2 * i, 1, MS (40 + i), MS (60 + i));
    report (paths, 2 * i + 1, 1, GST_CLOCK_TIME_NONE, MS (60 + i));
  }
  fail_unless (get_target (paths, MS (75)) >= both);
  report (paths, 0, 0, 0, MS (200));
  left = get_target (paths, MS (200));
  fail_unless (left < both);
  for (guint i = 0; i < 10; i++)
    assert_equals_int (gst_rcast_paths_choose (paths, carriers, 2, &packet,
            MS (200 + i)), 0);
  assert_equals_int (gst_rcast_paths_choose (paths, carriers, 2, &packet,
          MS (300)), 1);
  gst_rcast_paths_sent (paths, g_intern_string (uplinks[1]), 100, SIZE,
      FALSE, MS (300));
  report (paths, 100, 1, MS (320), MS (340));
  fail_unless (get_target (paths, MS (340)) > left);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* A buffer that overflows loses dozens of packets in a row. A path that carries alone is not given
 * up for this, and does not begin anew when the next packet arrives. */
GST_START_TEST (test_a_path_alone_is_not_left)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  GstRcastPathsView view;

  for (guint i = 0; i < 60; i++)
    gst_rcast_paths_sent (paths, g_intern_string (uplinks[0]), i, SIZE, FALSE,
        MS (i));
  report (paths, 0, 30, MS (40), MS (90));
  report (paths, 30, 20, GST_CLOCK_TIME_NONE, MS (110));
  gst_rcast_paths_tick (paths, &view, MS (110));
  assert_equals_int (view.state, GST_RCAST_RATE_LOSS);
  report (paths, 50, 10, MS (90), MS (130));
  gst_rcast_paths_tick (paths, &view, MS (130));
  assert_equals_int (view.state, GST_RCAST_RATE_LOSS);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* The metered uplink carries what the other cannot, once the other has been too thin for long. */
GST_START_TEST (test_a_metered_uplink_is_for_what_the_others_cannot_carry)
{
  static const GstRcastPathsCarrier metered[] = { {"up0", 1}, {"up1", 3} };
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  guint n = 0, before = 0;

  for (guint i = 0; i < 60; i++) {
    GstClockTime now = MS (100 * i);
    guint chosen = gst_rcast_paths_choose (paths, metered, 2, &packet, now);

    gst_rcast_paths_sent (paths, g_intern_string (uplinks[chosen]), i, SIZE,
        FALSE, now);
    report (paths, i, 1, now + 20 * GST_MSECOND, now + 40 * GST_MSECOND);
    get_target (paths, now);
    gst_rcast_paths_set_eager (paths, TRUE);
    before += chosen;
  }
  /* The metered uplink is available, but one packet is not too much for the other. */
  assert_equals_int (before, 0);
  for (guint i = 0; i < 200; i++)
    n += gst_rcast_paths_choose (paths, metered, 2, &packet, MS (6000));
  fail_unless (n > 10 && n < 100, "%u on the metered one", n);
  assert_equals_int (gst_rcast_paths_choose (paths, metered + 1, 1, &packet,
          MS (6010)), 0);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* The other uplink answers the agent's checks, but loses its packets. The metered uplink carries at
 * once, before the encoders find the other one too thin. */
GST_START_TEST (test_a_metered_uplink_carries_when_the_others_lose_all)
{
  static const GstRcastPathsCarrier metered[] = { {"up0", 1}, {"up1", 3} };
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);

  for (guint i = 0; i < 14; i++) {
    assert_equals_int (gst_rcast_paths_choose (paths, metered, 2, &packet,
            MS (i)), 0);
    gst_rcast_paths_sent (paths, g_intern_string ("up0"), i, SIZE, FALSE,
        MS (i));
  }
  report (paths, 0, 2, MS (40), MS (60));
  report (paths, 2, 12, GST_CLOCK_TIME_NONE, MS (60));
  for (guint i = 0; i < 10; i++)
    assert_equals_int (gst_rcast_paths_choose (paths, metered, 2, &packet,
            MS (61 + i)), 1);
  /* The lossy uplink is tried, and has priority as soon as a packet arrives. */
  assert_equals_int (gst_rcast_paths_choose (paths, metered, 2, &packet,
          MS (160)), 0);
  gst_rcast_paths_sent (paths, g_intern_string ("up0"), 14, SIZE, FALSE,
      MS (160));
  assert_equals_int (gst_rcast_paths_choose (paths, metered, 2, &packet,
          MS (170)), 1);
  report (paths, 14, 1, MS (180), MS (200));
  assert_equals_int (gst_rcast_paths_choose (paths, metered, 2, &packet,
          MS (260)), 0);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* Without feedback nothing shows where a packet arrives first. */
GST_START_TEST (test_one_path_carries_all_if_the_server_says_nothing)
{
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  guint n = 0;

  for (guint i = 0; i < 500; i++)
    n += gst_rcast_paths_choose (paths, carriers, 2, &packet, MS (10 * i)) == 1;
  fail_unless (n == 150, "%u on the other one", n);
  assert_equals_int (gst_rcast_paths_choose (paths, carriers, 2, &packet,
          MS (5000)), GST_RCAST_PATHS_NO_CHOICE);
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

/* --- a broadcast over several links --- */

#define N_LINKS 3
#define SECONDS 20
#define N_PACKETS 65536

typedef struct
{
  guint64 bits;                 /* per second; 0: no link */
  guint delay;                  /* ms */
} Link;

typedef struct
{
  const gchar *name;
  Link links[N_LINKS];
  guint counts;                 /* feedbacks per count of losses; 0: late packets are reported */
  gdouble used;                 /* of all links together, at least */
  gboolean apart;               /* sound is sent, too; reports count losses between the feedback */
} World;

#define BUFFER (200 * GST_MSECOND)
#define RETURN (20 * GST_MSECOND)
/* How long a receiver waits for a frame */
#define PATIENCE (300 * GST_MSECOND)

static const World worlds[] = {
  {"one", {{1000000, 20}}, 0, 0.85},
  {"two alike", {{1000000, 20}, {1000000, 20}}, 0, 0.88},
  {"of two lengths", {{1500000, 20}, {600000, 60}}, 0, 0.88},
  {"three", {{1000000, 20}, {600000, 20}, {400000, 20}}, 0, 0.88},
  {"two alike, GStreamer", {{1000000, 20}, {1000000, 20}}, 1, 0.88},
  {"of two lengths, GStreamer", {{1500000, 20}, {600000, 60}}, 1, 0.88},
  {"three, GStreamer", {{1000000, 20}, {600000, 20}, {400000, 20}}, 1, 0.88},
  {"two alike, fewer reports", {{1000000, 20}, {1000000, 20}}, 3, 0.88},
  {"of two lengths, fewer reports", {{1500000, 20}, {600000, 60}}, 3, 0.85},
  {"three, fewer reports", {{1000000, 20}, {600000, 20}, {400000, 20}}, 3,
      0.85},
  {"two alike, reports apart", {{1000000, 20}, {1000000, 20}}, 1, 0.94, TRUE},
  {"of two lengths, reports apart", {{1500000, 20}, {600000, 60}}, 1, 0.94,
      TRUE},
  {"three, reports apart", {{1000000, 20}, {600000, 20}, {400000, 20}}, 1,
      0.94, TRUE},
};

typedef struct
{
  GstClockTime sent;
  GstClockTime arrival;         /* NONE: lost */
  gboolean last, sound;
  gboolean told;
} Flight;

typedef struct
{
  const World *world;
  guint n_links;
  GstRcastPaths *paths;
  GRand *luck;
  GstClockTime busy[N_LINKS];
  Flight flights[N_PACKETS];
  guint sent, first;            /* packets; the first with feedback to come */
  guint highest;                /* that the server has reported */
  GstClockTime read;            /* the server has reported arrivals until then */
  GstClockTime count;           /* the next report of losses that comes by itself */
  GstClockTime allowed;         /* the server may send feedback again */
  GstClockTime spoken;          /* when sound was sent last */
  guint64 arrived_bits;         /* since MEASURED */
  guint lost, late;             /* packets; those reported missing that came */
  guint n_feedbacks;
  guint n_frames, n_good;       /* since MEASURED; those complete in time */
  guint dying;                  /* the link that loses all for a while; N_LINKS: none */
  guint n_wasted;               /* packets on it, once its death may be known */
  guint64 back_bits;            /* on it, once it may carry again */
  gdouble yield;                /* share of the target that is sent */
  gdouble chance;               /* share of the packets lost at random */
  guint n_lost;                 /* packets lost at random */
  gdouble swaps;                /* share of the packets that change places with the next one */
  guint swapped[N_LINKS];       /* the packet that waits to change places, plus 1; 0: none */
  guint n_right, n_wrong;       /* packets called lost: rightly and in time, wrongly */
} Cast;

/* Time of a packet of sound */
#define SOUND (20 * GST_MSECOND)

#define MEASURED (5 * GST_SECOND)

#define DEAD (NOW + 9 * GST_SECOND)
#define KNOWN_DEAD (DEAD + GST_SECOND)
#define ALIVE (NOW + 14 * GST_SECOND)
#define KNOWN_ALIVE (ALIVE + 3 * GST_SECOND)

/* Packets change places only if they arrive this soon one after the other. */
#define SWAP_MOST (30 * GST_MSECOND)

/* Packet @number on link @i may change places with the one before it. */
static void
change_places (Cast * cast, guint i, guint number)
{
  Flight *flight = &cast->flights[number], *before;
  GstClockTime arrival = flight->arrival;

  if (cast->swapped[i] > 0) {
    before = &cast->flights[cast->swapped[i] - 1];
    cast->swapped[i] = 0;
    if (arrival > before->arrival + SWAP_MOST)
      return;
    flight->arrival = before->arrival;
    before->arrival = arrival;
  } else if (cast->swaps > 0 && g_rand_double (cast->luck) < cast->swaps) {
    cast->swapped[i] = number + 1;
  }
}

static void
send_packet (Cast * cast, gsize size, gboolean last, GstClockTime now)
{
  GstRcastPathsPacket about = { size, last };
  guint i = gst_rcast_paths_choose (cast->paths, carriers, cast->n_links,
      &about, now);
  const Link *link = &cast->world->links[i];
  Flight *flight = &cast->flights[cast->sent];

  gst_rcast_paths_sent (cast->paths, g_intern_string (uplinks[i]), cast->sent++,
      size, FALSE, now);
  *flight = (Flight) { now, GST_CLOCK_TIME_NONE, last, FALSE, FALSE };
  if (i == cast->dying && now >= DEAD && now < ALIVE) {
    cast->n_wasted += now >= KNOWN_DEAD;
    return;
  }
  if (i == cast->dying && now >= KNOWN_ALIVE)
    cast->back_bits += 8 * size;
  if (cast->chance > 0 && g_rand_double (cast->luck) < cast->chance) {
    cast->n_lost++;
    return;
  }
  cast->busy[i] = MAX (cast->busy[i], now);
  if (cast->busy[i] > now + BUFFER) {
    cast->lost++;
    return;
  }
  cast->busy[i] += size * 8 * GST_SECOND / link->bits;
  flight->arrival = cast->busy[i] + link->delay * GST_MSECOND
      + g_rand_int_range (cast->luck, 0, 500) * GST_USECOND;
  change_places (cast, i, cast->sent - 1);
  if (now >= NOW + MEASURED)
    cast->arrived_bits += 8 * size;
}

/* How long after a packet its repair may begin */
#define IN_TIME (200 * GST_MSECOND)

static void
take_lost (Cast * cast, GstClockTime now)
{
  guint16 number;

  while (gst_rcast_paths_take_lost (cast->paths, &number)) {
    const Flight *flight = &cast->flights[number];

    if (GST_CLOCK_TIME_IS_VALID (flight->arrival))
      cast->n_wrong++;
    else if (now <= flight->sent + IN_TIME)
      cast->n_right++;
  }
}

/* A feedback message about the arrivals until @until, read at @now. It covers all packets up to the
 * last one that has arrived. If the server takes nothing back, a packet that has not arrived by
 * then is lost. */
static void
give_message (Cast * cast, GstClockTime until, GstClockTime now)
{
  guint highest = cast->first;

  for (guint i = cast->first; i < cast->sent; i++)
    if (cast->flights[i].arrival <= until)
      highest = i + 1;
  for (guint i = cast->first; i < highest; i++) {
    Flight *flight = &cast->flights[i];
    gboolean there = flight->arrival <= until;

    if (flight->told || (!there && cast->world->counts == 0
            && i < cast->highest))
      continue;
    gst_rcast_paths_arrival (cast->paths, i, there ? flight->arrival :
        GST_CLOCK_TIME_NONE, now);
    flight->told = there || cast->world->counts > 0;
    cast->late += !there && GST_CLOCK_TIME_IS_VALID (flight->arrival);
  }
  cast->highest = MAX (cast->highest, highest);
  while (cast->first < highest && cast->flights[cast->first].told)
    cast->first++;
}

/* Returns: how many packets of a stream before the last one that has arrived have not arrived */
static guint
count_lost (const Cast * cast, gboolean sound, GstClockTime now)
{
  guint lost = 0, behind = 0;

  for (guint i = 0; i < cast->sent; i++) {
    const Flight *flight = &cast->flights[i];

    if (flight->sound != sound)
      continue;
    behind++;
    if (flight->arrival > now)
      continue;
    lost += behind - 1;
    behind = 0;
  }
  return lost;
}

/* A report that only counts losses, sent at @sent between two feedback packets */
static void
give_report (Cast * cast, GstClockTime sent)
{
  GstClockTime now = sent + RETURN;

  gst_rcast_paths_begin_report (cast->paths);
  gst_rcast_paths_report (cast->paths, 1, count_lost (cast, FALSE, sent), now);
  gst_rcast_paths_report (cast->paths, 2, count_lost (cast, TRUE, sent), now);
  gst_rcast_paths_end_report (cast->paths, now);
  take_lost (cast, now);
}

/* Returns: when the next last packet of a frame arrives; NONE: none is on its way */
static GstClockTime
find_next_end (const Cast * cast)
{
  GstClockTime next = GST_CLOCK_TIME_NONE;

  for (guint i = MAX (cast->sent, 300) - 300; i < cast->sent; i++) {
    const Flight *flight = &cast->flights[i];

    if (flight->last && flight->arrival > cast->read)
      next = MIN (next, flight->arrival);
  }
  return next;
}

/* Feedback sent at @sent: a message for each frame whose last packet has arrived since the previous
 * feedback */
static void
give_feedback (Cast * cast, GstClockTime sent)
{
  GstClockTime now = sent + RETURN;
  guint lost = 0;

  gst_rcast_paths_begin_report (cast->paths);
  for (GstClockTime end = find_next_end (cast); end <= sent;
      end = find_next_end (cast)) {
    cast->read = end;
    give_message (cast, end, now);
    gst_rcast_paths_next_message (cast->paths);
  }
  for (guint i = 0; i < cast->highest; i++)
    lost += cast->flights[i].arrival > cast->read;
  if (!cast->world->apart && (cast->world->counts == 0
          || cast->n_feedbacks++ % cast->world->counts == 0))
    gst_rcast_paths_report (cast->paths, 1, lost, now);
  gst_rcast_paths_end_report (cast->paths, now);
  take_lost (cast, now);
}

/* Reads feedback as often as GStreamer sends it: when the last packet of a frame has arrived, or
 * later if the server has limited its RTCP. */
static void
read_feedback (Cast * cast, GstClockTime now)
{
  do {
    GstClockTime next = MAX (find_next_end (cast), cast->allowed);

    if (cast->world->apart && cast->count < MIN (next, now - RETURN)) {
      give_report (cast, cast->count);
      cast->count += g_rand_int_range (cast->luck, 14, 60) * GST_MSECOND;
      continue;
    }
    if (next > now - RETURN)
      return;
    give_feedback (cast, next);
    if (cast->world->apart)
      cast->allowed = next + g_rand_int_range (cast->luck, 10, 80)
          * GST_MSECOND;
  } while (TRUE);
}

/* Judges the frame of the packets from @first on. The first of them left at @begin. */
static void
judge_frame (Cast * cast, guint first, GstClockTime begin)
{
  gboolean good = TRUE;

  for (guint i = first; i < cast->sent; i++)
    good &= cast->flights[i].arrival < begin + PATIENCE;
  if (begin < NOW + MEASURED || (cast->dying < N_LINKS && (begin < KNOWN_DEAD
              || begin >= ALIVE)))
    return;
  cast->n_frames++;
  cast->n_good += good;
}

/* Sends the sound that is due. */
static void
speak (Cast * cast, GstClockTime now)
{
  while (cast->world->apart && cast->spoken + SOUND <= now) {
    cast->spoken += SOUND;
    send_packet (cast, 110, FALSE, MAX (cast->spoken, now));
    cast->flights[cast->sent - 1].sound = TRUE;
  }
}

static void
send_frame (Cast * cast, guint number, guint64 target, guint64 pacing,
    GstClockTime * pacer)
{
  GstClockTime begin = NOW + number * GST_SECOND / 30, now = begin;
  gdouble size = cast->yield * target / 30. / 8 * (number % 60 == 0 ? 3 :
      g_rand_double_range (cast->luck, 0.7, 1.25));
  guint first = cast->sent;

  for (gdouble left = size; left > 0; left -= 1200) {
    gsize bytes = MAX (MIN (left, 1200), 100);

    now = MAX (now, *pacer);
    speak (cast, now);
    send_packet (cast, bytes, left <= 1200, now);
    *pacer = now + bytes * 8 * GST_SECOND / MAX (pacing, 10000);
  }
  judge_frame (cast, first, begin);
}

/* Returns: the share of all links that is used */
static gdouble
play (Cast * cast)
{
  GstClockTime pacer = 0;
  GstRcastPathsView view = { FALSE, START, 2 * START, };
  guint64 all = 0;

  for (guint i = 0; i < cast->n_links; i++)
    all += cast->world->links[i].bits;
  for (guint frame = 0; frame < SECONDS * 30; frame++) {
    GstClockTime now = NOW + frame * GST_SECOND / 30;

    read_feedback (cast, now);
    if (frame % 3 == 0 && frame > 0)
      gst_rcast_paths_tick (cast->paths, &view, now);
    gst_rcast_paths_set_eager (cast->paths, view.target < 2500000);
    send_frame (cast, frame, MIN (view.target, 2500000), view.pacing, &pacer);
  }
  return (gdouble) cast->arrived_bits * GST_SECOND / (SECONDS * GST_SECOND
      - MEASURED) / all;
}

static Cast *
cast_new (const World * world, guint dying, GRand * luck)
{
  static const GstRcastRateConfig wide = { START, 100000, 8000000 };
  Cast *cast = g_new0 (Cast, 1);

  cast->world = world;
  cast->luck = luck;
  cast->dying = dying;
  cast->yield = 1;
  cast->count = cast->spoken = NOW;
  cast->paths = gst_rcast_paths_new (&wide, NULL);
  while (cast->n_links < N_LINKS && world->links[cast->n_links].bits > 0)
    cast->n_links++;
  return cast;
}

static void
cast_free (Cast * cast)
{
  gst_rcast_paths_free (cast->paths);
  g_free (cast);
}

GST_START_TEST (test_links_add_up)
{
  const World *world = &worlds[__i__];
  g_autoptr (GRand) luck = g_rand_new_with_seed (__i__);
  Cast *cast = cast_new (world, N_LINKS, luck);
  gdouble used = play (cast);

  GST_INFO ("%s: used %.3f, lost %u, late %u of %u, %u of %u frames",
      world->name, used, cast->lost, cast->late, cast->sent, cast->n_good,
      cast->n_frames);
  fail_unless (used >= world->used, "%s: used %.3f", world->name, used);
  fail_unless (cast->lost * 100 <= cast->sent, "%s: lost %u of %u",
      world->name, cast->lost, cast->sent);
  fail_unless (cast->n_good * 100 >= cast->n_frames * 97,
      "%s: %u of %u frames", world->name, cast->n_good, cast->n_frames);
  cast_free (cast);
}

GST_END_TEST;

/* An encoder that sends less than the target leaves each link its share. A link with a longer way
 * does not get only the rest, which would never show its capacity. */
GST_START_TEST (test_who_sends_less_uses_each_link)
{
  const World *world = &worlds[8];
  gdouble used = 0;

  for (guint seed = 0; seed < 8; seed++) {
    g_autoptr (GRand) luck = g_rand_new_with_seed (seed);
    Cast *cast = cast_new (world, N_LINKS, luck);

    cast->yield = 0.85;
    used += play (cast) / 8;
    cast_free (cast);
  }
  fail_unless (used >= 0.805, "%s: used %.3f", world->name, used);
}

GST_END_TEST;

/* Most losses show soon enough for a repair. Few packets that are only late are called lost. */
GST_START_TEST (test_what_is_lost_is_told_from_what_is_late)
{
  const World *world = &worlds[__i__];
  g_autoptr (GRand) luck = g_rand_new_with_seed (__i__);
  Cast *cast = cast_new (world, N_LINKS, luck);

  cast->chance = 0.02;
  play (cast);
  GST_INFO ("%s: lost %u, %u called so in time, and %u others of %u",
      world->name, cast->n_lost, cast->n_right, cast->n_wrong, cast->sent);
  fail_unless (cast->n_right * 10 >= cast->n_lost * 6,
      "%s: lost %u, %u called so in time", world->name, cast->n_lost,
      cast->n_right);
  fail_unless (cast->n_wrong * 200 <= cast->sent, "%s: %u of %u called lost",
      world->name, cast->n_wrong, cast->sent);
  cast_free (cast);
}

GST_END_TEST;

/* Two packets that change places on one of several links are not lost, if the server corrects its
 * earlier reports. At the start some packets come too late for any wait. */
GST_START_TEST (test_two_that_change_places_are_not_lost)
{
  const World *world = &worlds[__i__];
  g_autoptr (GRand) luck = g_rand_new_with_seed (__i__);
  Cast *cast = cast_new (world, N_LINKS, luck);

  cast->swaps = 0.1;
  play (cast);
  GST_INFO ("%s: %u of %u called lost", world->name, cast->n_wrong, cast->sent);
  fail_unless (cast->n_wrong * 100 <= cast->sent, "%s: %u of %u called lost",
      world->name, cast->n_wrong, cast->sent);
  cast_free (cast);
}

GST_END_TEST;

/* Each link of each world in turn loses everything for five seconds. It gets a few packets as a
 * test, the others carry on, and it carries again when it is back. */
GST_START_TEST (test_a_link_dies_and_comes_back)
{
  const World *world = &worlds[__i__ / N_LINKS];
  guint dying = __i__ % N_LINKS;
  g_autoptr (GRand) luck = g_rand_new_with_seed (__i__);
  gdouble back;
  Cast *cast;

  if (world->links[1].bits == 0 || world->links[dying].bits == 0)
    return;
  cast = cast_new (world, dying, luck);
  play (cast);
  back = cast->back_bits / 3. / world->links[dying].bits;
  GST_INFO ("%s, link %u: %u wasted, %u of %u frames, %.2f used when back",
      world->name, dying, cast->n_wasted, cast->n_good, cast->n_frames, back);
  fail_unless (cast->n_wasted <= 12, "%s, link %u: %u packets wasted",
      world->name, dying, cast->n_wasted);
  fail_unless (cast->n_good * 100 >= cast->n_frames * 90,
      "%s, link %u: %u of %u frames", world->name, dying, cast->n_good,
      cast->n_frames);
  fail_unless (back > 0.5, "%s, link %u: %.2f used when back", world->name,
      dying, back);
  cast_free (cast);
}

GST_END_TEST;

static gint64
get_date (gpointer data)
{
  return 20000 * 86400;
}

/* Limits of the user, how packets leave, and whether a probe could measure the path */
static const struct
{
  const gchar *what, *limits[2];
  guint n_uplinks;
  gboolean bonded, trial, heard, sole;
} manners[] = {
  {"one path", {NULL}, 1, FALSE, FALSE, TRUE, TRUE},
  {"without feedback", {NULL}, 1, FALSE, FALSE, FALSE, FALSE},
  {"of two, all leaves on each", {NULL}, 2, FALSE, FALSE, TRUE, FALSE},
  {"a copy leaves on a second one", {NULL}, 2, FALSE, TRUE, TRUE, FALSE},
  {"each carries a part", {NULL}, 2, TRUE, FALSE, TRUE, FALSE},
  {"its rate is limited", {"up0:10Mbit/s"}, 1, FALSE, FALSE, TRUE, FALSE},
  {"its day is limited", {"up0:1GB/day"}, 1, FALSE, FALSE, TRUE, FALSE},
  {"another one is limited", {"up1:1Mbit/s"}, 1, FALSE, FALSE, TRUE, TRUE},
};

GST_START_TEST (test_only_a_sole_path_is_probed)
{
  g_autoptr (GstRcastAllowances) allowances =
      gst_rcast_allowances_new ("/nowhere", get_date, NULL);
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  GstRcastPathsSole sole;

  gst_rcast_allowances_configure (allowances, manners[__i__].limits);
  gst_rcast_paths_set_allowances (paths, allowances);
  fail_if (gst_rcast_paths_find_sole (paths, &sole, NOW));
  if (manners[__i__].bonded)
    send_on_each (paths, 2, 1, NOW);
  else
    for (guint i = 0; i < manners[__i__].n_uplinks; i++)
      gst_rcast_paths_sent (paths, g_intern_string (uplinks[i]), 1, SIZE,
          i > 0 && manners[__i__].trial, NOW);
  if (manners[__i__].heard)
    report (paths, 1, manners[__i__].bonded ? 2 : 1, MS (20), MS (40));
  fail_unless (gst_rcast_paths_find_sole (paths, &sole, MS (50))
      == manners[__i__].sole, "%s", manners[__i__].what);
  if (manners[__i__].sole) {
    fail_unless_equals_string (sole.interface, "up0");
    assert_equals_uint64 (sole.max, config.max);
    assert_equals_uint64 (gst_rcast_rate_get_target (sole.rate), START);
  }
  gst_rcast_paths_free (paths);
}

GST_END_TEST;

static Suite *
paths_suite (void)
{
  Suite *s = suite_create ("paths");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_targets_add_up);
  tcase_add_loop_test (tc, test_only_a_sole_path_is_probed, 0,
      G_N_ELEMENTS (manners));
  tcase_add_test (tc, test_of_copies_each_path_takes_all);
  tcase_add_test (tc, test_a_path_on_trial_limits_nothing);
  tcase_add_test (tc,
      test_a_quiet_picture_does_not_show_that_a_path_is_thin);
  tcase_add_test (tc, test_a_path_that_is_new_has_no_room);
  tcase_add_test (tc, test_a_path_that_is_gone_adds_nothing);
  tcase_add_test (tc, test_what_is_overtaken_is_not_lost);
  tcase_add_test (tc, test_the_oldest_loss_is_told_first);
  tcase_add_test (tc, test_what_came_at_some_time_is_not_lost);
  tcase_add_test (tc, test_what_came_at_an_odd_time_is_not_lost);
  tcase_add_test (tc, test_what_never_left_is_not_missing);
  tcase_add_test (tc, test_a_packet_is_held_until_its_path_can_tell);
  tcase_add_test (tc, test_a_queue_holds_a_packet_once);
  tcase_add_test (tc, test_a_path_that_loses_all_is_left);
  tcase_add_test (tc, test_a_path_alone_is_not_left);
  tcase_add_test (tc,
      test_a_metered_uplink_is_for_what_the_others_cannot_carry);
  tcase_add_test (tc, test_a_metered_uplink_carries_when_the_others_lose_all);
  tcase_add_test (tc, test_one_path_carries_all_if_the_server_says_nothing);
  tcase_add_loop_test (tc, test_links_add_up, 0, G_N_ELEMENTS (worlds));
  tcase_add_test (tc, test_who_sends_less_uses_each_link);
  tcase_add_loop_test (tc, test_what_is_lost_is_told_from_what_is_late, 0,
      G_N_ELEMENTS (worlds));
  tcase_add_loop_test (tc, test_two_that_change_places_are_not_lost, 1, 4);
  tcase_add_loop_test (tc, test_a_link_dies_and_comes_back, 0,
      N_LINKS * G_N_ELEMENTS (worlds));
  return s;
}

GST_CHECK_MAIN (paths);
