/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent where the network changes: uplinks, NAT, loss, IPv6. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "gstrcastice-enumtypes.h"
#include "gstrcasticemonitor.h"
#include "ice-rig.h"

/* --- the network without a session --- */

typedef struct
{
  guint n;
  GstRcastIceNetworkChange change;
  gchar **uplinks;
} Seen;

static void
on_network_changed (GstRcastIceMonitor * monitor,
    GstRcastIceNetworkChange change, gchar ** uplinks, Seen * seen)
{
  seen->n++;
  seen->change = change;
  g_strfreev (seen->uplinks);
  seen->uplinks = g_strdupv (uplinks);
}

/* Waits until @uplink is there, or until no uplink is left if it is NULL. */
static void
wait_for_uplink (Seen * seen, const gchar * uplink)
{
  while (!seen->uplinks || (uplink ? !g_strv_contains
          ((const gchar * const *) seen->uplinks, uplink) :
          seen->uplinks[0] != NULL))
    g_main_context_iteration (NULL, TRUE);
}

GST_START_TEST (test_monitor_tells_what_comes_and_goes)
{
  Seen seen = { 0, };
  GstRcastIceMonitor *monitor;
  g_auto (GStrv) uplinks = NULL;

  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  monitor = gst_rcast_ice_monitor_new (NULL);
  g_signal_connect (monitor, "network-changed",
      G_CALLBACK (on_network_changed), &seen);
  uplinks = gst_rcast_ice_monitor_dup_uplinks (monitor);
  assert_equals_int (g_strv_length (uplinks), 2);
  assert_equals_string (uplinks[0], "up0/" ICE_LAB_UP0);
  assert_equals_string (uplinks[1], "up0/" ICE_LAB_UP0 "/route");
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 up");
  wait_for_uplink (&seen, "up1/" ICE_LAB_UP1);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT,
      "ip route add default via 10.77.2.1 dev up1 table 102");
  wait_for_uplink (&seen, "up1/" ICE_LAB_UP1 "/route");
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  while (g_strv_length (seen.uplinks) > 2)
    g_main_context_iteration (NULL, TRUE);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_REDUCED);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "ip link set r0 down");
  wait_for_uplink (&seen, NULL);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_LOST);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "ip link set r0 up");
  wait_for_uplink (&seen, "up0/" ICE_LAB_UP0);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  gst_rcast_ice_monitor_stop (monitor);
  g_object_unref (monitor);
  g_strfreev (seen.uplinks);
  ice_lab_leave (ice_lab);
}

GST_END_TEST;

/* --- new interfaces --- */

static gboolean
has_path_on_up1 (IcePair * pair, gpointer data)
{
  return pair->sender.alive_paths >= 2 || pair->sender.swaps > 0;
}

static void
run_late_interface (const gchar * name, const IceSetup * setup)
{
  IcePair *pair;
  guint lost;

  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = ice_rig_start (setup);
  ice_pair_wait_packets (pair, 300);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 up && "
      "ip route add default via 10.77.2.1 dev up1 metric 200 && "
      "ip route add default via 10.77.2.1 dev up1 table 102");
  ice_pair_wait (pair, has_path_on_up1, NULL);
  ice_pair_wait_packets (pair, 300);
  ice_pair_reset_gaps (pair);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole.down);
  ice_pair_wait_packets (pair, 600);
  lost = ice_pair_finish (pair);
  ice_rig_report (name, pair, lost);
  ice_rig_assert_within (name, pair->max_gap, 350000 + ice_rig_get_round_trip ());
  ice_rig_assert_lost (name, lost, 350000 + ice_rig_get_round_trip ());
  ice_rig_stop (pair);
}

GST_START_TEST (test_late_interface)
{
  run_late_interface ("second interface later, first dies", &ice_backup);
}

GST_END_TEST;

GST_START_TEST (test_late_interface_without_signalling)
{
  run_late_interface ("the same, signalling dead", &ice_backup_mute);
}

GST_END_TEST;

GST_START_TEST (test_late_interface_stock)
{
  run_late_interface ("the same, signalling dead, stock receiver",
      &ice_backup_stock);
}

GST_END_TEST;

/* Returns: whether up1 is dead. It was never alive, so @deaths does not count it. */
static gboolean
has_failed_on_up1 (IcePair * pair, gpointer data)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (pair->sender.ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");
  const GValue *paths = gst_structure_get_value (gst_value_get_structure
      (gst_value_list_get_value (streams, 0)), "paths");
  gboolean failed = FALSE;

  for (guint i = 0; i < gst_value_list_get_size (paths); i++) {
    const GstStructure *path =
        gst_value_get_structure (gst_value_list_get_value (paths, i));
    gint state;

    failed |= g_strcmp0 (gst_structure_get_string (path, "interface"), "up1")
        == 0 && gst_structure_get_enum (path, "state",
        GST_TYPE_RCAST_ICE_PATH_STATE, &state)
        && state == GST_RCAST_ICE_PATH_STATE_DEAD;
  }
  return failed;
}

static gboolean
has_two_paths (IcePair * pair, gpointer data)
{
  return pair->sender.alive_paths >= 2;
}

/* libnice ends its checks after some seconds; the agent starts them again. */
GST_START_TEST (test_uplink_that_failed_is_tried_again)
{
  IcePair *pair;

  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole_1.down);
  pair = ice_rig_start (&ice_backup_mute);
  ice_pair_wait (pair, has_failed_on_up1, NULL);
  assert_equals_int (pair->sender.alive_paths, 1);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole_1.up);
  ice_pair_wait (pair, has_two_paths, NULL);
  ice_rig_stop (pair);
}

GST_END_TEST;

static guint
count_paths (GstWebRTCICE * ice)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");

  return gst_value_list_get_size (gst_structure_get_value
      (gst_value_get_structure (gst_value_list_get_value (streams, 0)),
          "paths"));
}

/* The agent keeps no second path while the first works, and finds one when it fails. */
GST_START_TEST (test_single_path_has_a_successor)
{
  IcePair *pair;
  guint lost;

  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = ice_rig_start (&ice_single_mute);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 up && "
      "ip route add default via 10.77.2.1 dev up1 metric 200 && "
      "ip route add default via 10.77.2.1 dev up1 table 102");
  ice_pair_wait_packets (pair, 300);
  assert_equals_int (count_paths (pair->sender.ice), 1);
  ice_pair_reset_gaps (pair);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole.down);
  ice_pair_wait_packets (pair, 400);
  lost = ice_pair_finish (pair);
  ice_rig_report ("single path black-holed, no signalling", pair, lost);
  ice_rig_assert_within ("single path black-holed", pair->max_gap, 1600000
      + ice_rig_get_round_trip ());
  ice_rig_assert_lost ("single path black-holed", lost, 1600000
      + ice_rig_get_round_trip ());
  ice_rig_stop (pair);
}

GST_END_TEST;

/* --- a black hole from the start --- */

/* By then libnice has ended its checks. It fails after 7 s, and so does the stock agent. */
#define HOLE_MS 4000

GST_START_TEST (test_first_connection_begins_in_a_black_hole)
{
  IcePair *pair = ice_rig_new (&ice_backup_stock);
  gint64 healed, back;

  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -I FORWARD -p udp -j DROP");
  ice_pair_play (pair);
  ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
  ice_rig_last (HOLE_MS);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -F FORWARD");
  healed = g_get_monotonic_time ();
  ice_pair_wait (pair, ice_rig_is_connected, NULL);
  back = g_get_monotonic_time () - healed;
  printf ("first connection in a black hole: %.0f ms after it\n",
      back / 1000.0);
  fflush (stdout);
  ice_pair_wait_packets (pair, 100);
  ice_rig_stop (pair);
  ice_rig_assert_within ("first connection", back,
      600000 + ice_rig_get_round_trip ());
}

GST_END_TEST;

/* --- the only link --- */

static void
run_only_link (const gchar * name, const IceSetup * setup, const IceFault * fault,
    guint ms, gint64 limit)
{
  IcePair *pair;
  gint64 back;
  gint64 up;

  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = ice_rig_start (setup);
  ice_pair_wait_packets (pair, 400);
  ice_lab_run (ice_lab, fault->space, "%s", fault->down);
  ice_rig_last (ms);
  ice_lab_run (ice_lab, fault->space, "%s", fault->up);
  up = g_get_monotonic_time ();
  ice_pair_wait_packets (pair, 20);
  back = pair->first_after_silence - up;
  ice_pair_wait_packets (pair, 400);
  printf ("%-44s back %.0f ms after the link\n", name, back / 1000.0);
  fflush (stdout);
  ice_rig_stop (pair);
  ice_rig_assert_within (name, back, limit + ice_rig_get_round_trip ());
}

static const IceFault only_link = {
  "ip link set r0 down",
  "ip link set r0 up && "
      "while ! ip link show r0 | grep -q LOWER_UP; do :; done",
  ICE_LAB_ROUTER
};

GST_START_TEST (test_only_link_down_5_s)
{
  run_only_link ("only link down 5 s", &ice_backup_mute, &only_link, 5000, 400000);
}

GST_END_TEST;

GST_START_TEST (test_only_link_down_30_s)
{
  run_only_link ("only link down 30 s", &ice_backup_mute, &only_link, 31000,
      400000);
}

GST_END_TEST;

GST_START_TEST (test_only_link_black_hole_5_s)
{
  run_only_link ("only link black-holed 5 s", &ice_backup_mute, &ice_black_hole, 5000,
      1500000);
}

GST_END_TEST;

/* --- NAT --- */

GST_START_TEST (test_nat_rebinding)
{
  static const IceSetup *setups[] = { &ice_backup_mute, &ice_backup_stock };

  ice_rig_hide_behind_nat ();
  for (guint i = 0; i < G_N_ELEMENTS (setups); i++) {
    IcePair *pair = ice_rig_start (setups[i]);
    gint64 back_gap;
    guint lost;

    ice_pair_wait_packets (pair, 400);
    ice_pair_reset_gaps (pair);
    /* The second time, the peer already knows a peer-reflexive address and moves only to a better
     * one. */
    for (guint k = 0; k < 2; k++) {
      ice_lab_run (ice_lab, ICE_LAB_ROUTER, "conntrack -F 2>/dev/null");
      ice_pair_wait_packets (pair, 400);
    }
    back_gap = ice_pair_get_back_gap (pair);
    lost = ice_pair_finish (pair);
    ice_rig_report (i == 0 ? "NAT rebinding twice" :
        "NAT rebinding twice, stock receiver", pair, lost);
    ice_rig_assert_within ("NAT rebinding", pair->max_gap, 1500000 + ice_rig_get_round_trip ());
    ice_rig_assert_within ("RTCP after NAT rebinding", back_gap, 1500000
        + ice_rig_get_round_trip ());
    ice_rig_assert_lost ("NAT rebinding", lost, 2 * (1500000
            + ice_rig_get_round_trip ()));
    ice_rig_stop (pair);
  }
}

GST_END_TEST;

/* --- loss --- */

static guint
get_seconds (void)
{
  return ice_rig_get_number ("RCAST_ICE_SECONDS", 20);
}

static void
run_loss (const gchar * name, const gchar * probability, guint max_restarts)
{
  IcePair *pair;
  guint packets = get_seconds () * 200;

  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -I FORWARD -m statistic "
      "--mode random --probability %s -j DROP", probability);
  pair = ice_rig_start (&ice_backup_mute);
  ice_pair_reset_gaps (pair);
  for (guint i = 0; i < packets; i += 1000)
    ice_pair_wait_sent (pair, 1000);
  printf ("%-44s %u s: %u suspicions, %u dead, %u path changes, %u restarts "
      "wanted\n", name, packets / 200, pair->sender.suspicions,
      pair->sender.deaths, pair->sender.path_changes - 1,
      pair->sender.restarts_wanted);
  fflush (stdout);
  /* On a busy machine the other path may look faster, and each move requests a restart. */
  fail_unless (pair->sender.restarts_wanted <= max_restarts
      + pair->sender.path_changes - 1);
  assert_equals_int (pair->sender.deaths, 0);
  ice_rig_stop (pair);
}

GST_START_TEST (test_five_percent_loss)
{
  run_loss ("5 % loss both ways", "0.05", 0);
}

GST_END_TEST;

GST_START_TEST (test_twenty_percent_loss)
{
  run_loss ("20 % loss both ways", "0.2", 2);
}

GST_END_TEST;

/* A busy machine may make a blip longer than this; then a path may die. */
#define MAX_BLIP (700 * 1000)

GST_START_TEST (test_blips)
{
  IcePair *pair = ice_rig_start (&ice_backup_mute);
  guint long_ones = 0;

  for (guint i = 0; i < MAX (get_seconds () / 10, 1); i++) {
    gint64 begin;

    ice_pair_wait_packets (pair, 200 * 10);
    begin = g_get_monotonic_time ();
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole.down);
    ice_rig_last (300);
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "%s", ice_black_hole.up);
    long_ones += g_get_monotonic_time () - begin > MAX_BLIP;
  }
  ice_pair_wait_packets (pair, 200);
  printf ("%-44s %u suspicions, %u dead, %u blips longer than 700 ms\n",
      "300 ms blips every 10 s", pair->sender.suspicions, pair->sender.deaths,
      long_ones);
  fflush (stdout);
  fail_unless (pair->sender.deaths <= long_ones);
  ice_rig_stop (pair);
}

GST_END_TEST;

static void
on_any_candidate (GstElement * webrtcbin, guint mline, const gchar * candidate,
    GString * addresses)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 8);

  g_string_append_printf (addresses, "%s ", words[4]);
}

static gboolean
is_done_gathering (IcePair * pair, gpointer data)
{
  GstWebRTCICEGatheringState state;

  g_object_get (pair->sender.webrtcbin, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
}

/* RFC 8981: the kernel adds a temporary address to the stable one. */
GST_START_TEST (test_ipv6_temporary_addresses)
{
  g_autoptr (GString) addresses = g_string_new (NULL);
  IcePair *pair = ice_pair_alloc ();

  ice_lab_run (ice_lab, ICE_LAB_ROUTER,
      "ip -6 addr add fd77:1::1/64 dev r0 nodad && "
      "ip -6 addr add fd77:9::1/64 dev rs nodad && "
      "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
  ice_lab_run (ice_lab, ICE_LAB_SERVER, "ip addr flush dev s0 && "
      "ip -6 addr add fd77:9::2/64 dev s0 nodad && "
      "ip -6 route add default via fd77:9::1");
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down && "
      "echo 2 > /proc/sys/net/ipv6/conf/up0/use_tempaddr && "
      "ip -6 addr add fd77:1::2/64 dev up0 nodad mngtmpaddr && "
      "ip -6 route add default via fd77:1::1 && "
      "until ip -6 addr show dev up0 temporary | grep -q fd77; do :; done && "
      "while ip -6 addr show dev up0 tentative | grep -q fd77; do :; done");
  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (ice_lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (ice_lab);
  ice_pair_link (pair);
  g_signal_connect (pair->sender.webrtcbin, "on-ice-candidate",
      G_CALLBACK (on_any_candidate), addresses);
  ice_pair_connect (pair);
  ice_pair_wait (pair, is_done_gathering, NULL);
  ice_pair_wait_packets (pair, 100);
  g_signal_handlers_disconnect_by_data (pair->sender.webrtcbin, addresses);
  printf ("candidates: %s\n", addresses->str);
  fail_unless (strstr (addresses->str, "fd77:1::2 ") != NULL);
  fail_unless (strstr (strstr (addresses->str, "fd77:1:") + 8, "fd77:1:"));
  ice_rig_stop (pair);
}

GST_END_TEST;

/* Two hosts on one cable, with only link-local addresses */
GST_START_TEST (test_ipv6_link_local)
{
  IcePair *pair = ice_pair_alloc ();

  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "ip addr flush dev r0 scope global && "
      "ip link set r1 down && ip link set rs down && ip link set lo down && "
      "while ip -6 addr show dev r0 tentative | grep -q fe80; do :; done");
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip addr flush dev up0 scope global && "
      "ip link set up1 down && ip link set lo down && "
      "while ip -6 addr show dev up0 tentative | grep -q fe80; do :; done");
  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (ice_lab, ICE_LAB_ROUTER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (ice_lab);
  ice_pair_link (pair);
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 100);
  ice_rig_stop (pair);
}

GST_END_TEST;

/* --- the peer sends media --- */

typedef struct
{
  IcePair *pair;
  gboolean asked;               /* the pair's lock, as for the others */
  GstRcastIceRestartReason reason;      /* of the first restart-wanted */
  guint deaths;                 /* deaths of paths until then */
} Wish;

static void
on_wish (GstWebRTCICE * ice, guint session, GstRcastIceRestartReason reason,
    Wish * wish)
{
  g_mutex_lock (&wish->pair->lock);
  if (!wish->asked) {
    wish->asked = TRUE;
    wish->reason = reason;
    wish->deaths = wish->pair->sender.deaths;
  }
  g_cond_broadcast (&wish->pair->cond);
  g_mutex_unlock (&wish->pair->lock);
}

static gboolean
has_asked (IcePair * pair, gpointer wish)
{
  return ((Wish *) wish)->asked;
}

/* Another path is ready, but the peer sends on the failing one. The agent requests a restart before
 * that path is dead. */
GST_START_TEST (test_receiver_asks_early)
{
  IcePair *pair = ice_rig_start (&ice_backup_mute);
  Wish wish = {.pair = pair };

  g_object_set (pair->sender.ice, "receiving", TRUE, NULL);
  ice_pair_wait_packets (pair, 400);
  g_signal_connect (pair->sender.ice, "restart-wanted", G_CALLBACK (on_wish),
      &wish);
  /* up0 is the first choice in all respects. */
  ice_lab_run (ice_lab, ice_black_hole.space, "%s", ice_black_hole.down);
  ice_pair_wait (pair, has_asked, &wish);
  g_signal_handlers_disconnect_by_data (pair->sender.ice, &wish);
  assert_equals_int (wish.reason, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
  assert_equals_int (wish.deaths, 0);
  ice_rig_stop (pair);
}

GST_END_TEST;

void
ice_add_network_tests (TCase * tc)
{
  tcase_add_test (tc, test_monitor_tells_what_comes_and_goes);
  tcase_add_test (tc, test_late_interface);
  tcase_add_test (tc, test_late_interface_without_signalling);
  tcase_add_test (tc, test_late_interface_stock);
  tcase_add_test (tc, test_uplink_that_failed_is_tried_again);
  tcase_add_test (tc, test_single_path_has_a_successor);
  tcase_add_test (tc, test_first_connection_begins_in_a_black_hole);
  tcase_add_test (tc, test_only_link_down_5_s);
  tcase_add_test (tc, test_only_link_down_30_s);
  tcase_add_test (tc, test_only_link_black_hole_5_s);
  if (ice_rig_has_tool ("conntrack"))
    tcase_add_test (tc, test_nat_rebinding);
  tcase_add_test (tc, test_five_percent_loss);
  tcase_add_test (tc, test_twenty_percent_loss);
  tcase_add_test (tc, test_blips);
  tcase_add_test (tc, test_ipv6_temporary_addresses);
  tcase_add_test (tc, test_ipv6_link_local);
  tcase_add_test (tc, test_receiver_asks_early);
}
