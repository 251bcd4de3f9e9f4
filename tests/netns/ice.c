/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent on links that really fail: lost packets and gaps. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "gstrcastice-enumtypes.h"
#include "ice-rig.h"
#include "rcast-check.h"

static const IceFault no_fault = { "true", "true", ICE_LAB_ROUTER };

GST_START_TEST (test_nothing_happens)
{
  IcePair *pair = ice_rig_break (&ice_backup_mute, &no_fault, 3000);

  ice_pair_finish_without_loss (pair);
  ice_rig_report ("no fault", pair, 0);
  ice_rig_assert_within ("no fault", pair->max_gap, 100000 + ice_rig_get_round_trip ());
  assert_equals_int (pair->sender.lossy_path_changes, 0);
  assert_equals_int (pair->sender.deaths, 0);
  ice_rig_stop (pair);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup)
{
  ice_rig_run_fault ("link down, backup", &ice_backup, &ice_link_down, 100000, BACK_GAP, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_own_link_down_backup)
{
  ice_rig_run_fault ("own link down, backup", &ice_backup, &ice_own_link_down, 100000,
      BACK_GAP, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup_without_signalling)
{
  ice_rig_run_fault ("link down, backup, no signalling", &ice_backup_mute, &ice_link_down,
      100000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup_stock)
{
  ice_rig_run_fault ("link down, backup, stock receiver", &ice_backup_stock, &ice_link_down,
      100000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_backup)
{
  ice_rig_run_fault ("black hole, backup", &ice_backup, &ice_black_hole, 350000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_backup_stock)
{
  ice_rig_run_fault ("black hole, backup, stock receiver", &ice_backup_stock, &ice_black_hole,
      350000, 0, TRUE);
}

GST_END_TEST;

/* Without a choose function, the agent duplicates packets while the path is suspect. */
GST_START_TEST (test_black_hole_bond_without_choice)
{
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BOND, FALSE };

  ice_rig_run_fault ("black hole, bond without a choice", &setup, &ice_black_hole, 350000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_duplicate)
{
  ice_rig_run_fault ("link down, duplicate", &ice_duplicate, &ice_link_down, 500000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_other_link_down_duplicate)
{
  ice_rig_run_fault ("other link down, duplicate", &ice_duplicate, &ice_link_down_1, 500000,
      0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_duplicate)
{
  ice_rig_run_fault ("black hole, duplicate", &ice_duplicate, &ice_black_hole, 500000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_other_black_hole_duplicate)
{
  ice_rig_run_fault ("other black hole, duplicate", &ice_duplicate, &ice_black_hole_1, 500000,
      0, TRUE);
}

GST_END_TEST;

static gboolean
has_changed (IcePair * pair, gpointer data)
{
  return pair->sender.path_changes >= 2 && pair->sender.path_change;
}

GST_START_TEST (test_path_change_tells_why)
{
  IcePair *pair = ice_rig_start (&ice_backup_mute);
  const GstStructure *change;
  gint why;

  change = pair->sender.path_change;
  assert_equals_string (gst_structure_get_string (change, "interface"), "up0");
  fail_unless (gst_structure_get_enum (change, "change",
          GST_TYPE_RCAST_ICE_PATH_CHANGE, &why));
  assert_equals_int (why, GST_RCAST_ICE_PATH_CHANGE_FIRST);
  fail_if (gst_structure_has_field (change, "previous-interface"));
  ice_pair_wait_packets (pair, 200);
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "%s", ice_own_link_down.down);
  ice_pair_wait (pair, has_changed, NULL);
  change = pair->sender.path_change;
  assert_equals_string (gst_structure_get_string (change, "interface"), "up1");
  assert_equals_string (gst_structure_get_string (change, "previous-interface"),
      "up0");
  fail_unless (g_str_has_prefix (gst_structure_get_string (change,
              "previous-local-candidate"), "host udp " ICE_LAB_UP0));
  fail_unless (gst_structure_get_enum (change, "change",
          GST_TYPE_RCAST_ICE_PATH_CHANGE, &why));
  fail_unless (why == GST_RCAST_ICE_PATH_CHANGE_GONE
      || why == GST_RCAST_ICE_PATH_CHANGE_REFUSED, "change %d", why);
  ice_rig_stop (pair);
}

GST_END_TEST;

static gboolean
is_on (IcePair * pair, gpointer interface)
{
  return pair->sender.path_change && g_strcmp0 (gst_structure_get_string
      (pair->sender.path_change, "interface"), interface) == 0;
}

static gint choice;             /* atomic; -1: no choice */

static guint
choose (guint session, const GstRcastIceCarrier * carriers, guint n_carriers,
    const GOutputVector * packet, GObject * object)
{
  gint chosen = g_atomic_int_get (&choice);

  return chosen < 0 ? GST_RCAST_ICE_NO_CHOICE : MIN ((guint) chosen, n_carriers - 1);
}

/* Returns: whether @n paths of the sender carry media */
static gboolean
do_carry (IcePair * pair, gpointer n)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (pair->sender.ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");
  const GValue *paths = gst_structure_get_value (gst_value_get_structure
      (gst_value_list_get_value (streams, 0)), "paths");
  guint found = 0;

  for (guint i = 0; i < gst_value_list_get_size (paths); i++) {
    gboolean carrying;

    fail_unless (gst_structure_get_boolean (gst_value_get_structure
            (gst_value_list_get_value (paths, i)), "carrying", &carrying));
    found += carrying;
  }
  return found == GPOINTER_TO_UINT (n);
}

/* A path carries media while the choose function selects it, and no longer. */
GST_START_TEST (test_paths_carry_a_part_while_they_are_chosen)
{
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BOND, FALSE };
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  IcePair *pair = ice_rig_new (&setup);

  g_atomic_int_set (&choice, 1);
  gst_rcast_ice_set_choose_func (pair->sender.ice, choose, object);
  ice_pair_connect (pair);
  ice_pair_wait (pair, do_carry, GUINT_TO_POINTER (2));
  ice_pair_wait_packets (pair, 200);
  g_atomic_int_set (&choice, -1);
  ice_pair_wait (pair, do_carry, GUINT_TO_POINTER (1));
  ice_pair_wait_packets (pair, 200);
  g_atomic_int_set (&choice, 1);
  ice_pair_wait (pair, do_carry, GUINT_TO_POINTER (2));
  ice_pair_finish (pair);
  ice_rig_stop (pair);
}

GST_END_TEST;

/* A link that has just recovered may fail again, so the agent waits this long. */
#define LEAST_HEALTH_US (5 * G_USEC_PER_SEC)

GST_START_TEST (test_preferred_uplink_has_the_media)
{
  static const gchar *const preference[] = { "wwan7", "up1", "up0", NULL };
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    preference
  };
  IcePair *pair = ice_rig_start (&setup);
  gint64 up;
  gint why;

  ice_pair_wait (pair, is_on, (gpointer) "up1");
  ice_lab_run (ice_lab, ice_link_down_1.space, "%s", ice_link_down_1.down);
  ice_pair_wait (pair, is_on, (gpointer) "up0");
  up = g_get_monotonic_time ();
  ice_lab_run (ice_lab, ice_link_down_1.space, "%s", ice_link_down_1.up);
  ice_pair_wait (pair, is_on, (gpointer) "up1");
  fail_unless (gst_structure_get_enum (pair->sender.path_change, "change",
          GST_TYPE_RCAST_ICE_PATH_CHANGE, &why));
  /* If the machine stalls, up0 may look dead before that. */
  fail_unless (why != GST_RCAST_ICE_PATH_CHANGE_BETTER
      || g_get_monotonic_time () - up >= LEAST_HEALTH_US);
  ice_rig_stop (pair);
}

GST_END_TEST;

/* ppp0 comes first by name and by metric, but a cellular uplink comes last. */
GST_START_TEST (test_cellular_uplink_is_last)
{
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    NULL
  };
  IcePair *pair;

  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up0 down && "
      "ip link set up0 name ppp0 && ip link set ppp0 up && "
      "ip route add default via 10.77.1.1 dev ppp0 metric 100 && "
      "ip route add default via 10.77.1.1 dev ppp0 table 101");
  pair = ice_rig_start (&setup);
  ice_pair_wait (pair, is_on, (gpointer) "up1");
  ice_lab_run (ice_lab, ice_link_down_1.space, "%s", ice_link_down_1.down);
  ice_pair_wait (pair, is_on, (gpointer) "ppp0");
  ice_rig_stop (pair);
}

GST_END_TEST;

/* Reports with each call that the current uplink carries less than the media needs. */
static gboolean
is_on_although_thin (IcePair * pair, gpointer interface)
{
  const gchar *now = pair->sender.path_change ? gst_structure_get_string
      (pair->sender.path_change, "interface") : NULL;

  if (now)
    gst_rcast_ice_report_room (pair->sender.ice, 0, now, 400000, 1000000);
  return g_strcmp0 (now, interface) == 0;
}

/* Media leaves an uplink that is too thin without loss. */
GST_START_TEST (test_uplink_that_is_too_thin_is_left)
{
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    NULL
  };
  IcePair *pair = ice_rig_start (&setup);
  gint64 begin = g_get_monotonic_time ();

  ice_pair_wait (pair, is_on, (gpointer) "up0");
  ice_pair_wait (pair, is_on_although_thin, (gpointer) "up1");
  fail_unless (g_get_monotonic_time () - begin >= 2 * G_USEC_PER_SEC);
  ice_pair_wait_packets (pair, 200);
  /* up1 is too thin as well, so media does not return at once. */
  assert_equals_int (pair->sender.path_changes, 2);
  ice_pair_finish_without_loss (pair);
  ice_rig_stop (pair);
}

GST_END_TEST;

static void
bar (IcePair * pair, const gchar * first, const gchar * second)
{
  const gchar *const barred[] = { first, second, NULL };

  g_object_set (pair->sender.ice, "path-barred", barred, NULL);
}

/* Returns: the bytes sent on the client's @interface, from the kernel's counter */
static guint64
get_sent (const gchar * interface)
{
  g_autofree gchar *path =
      g_strdup_printf ("/tmp/rcast-sent-%d", (int) getpid ());
  g_autofree gchar *text = NULL;

  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip -s -j link show %s | "
      "grep -o '\"tx\":{\"bytes\":[0-9]*' | grep -o '[0-9]*$' >%s", interface,
      path);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  g_unlink (path);
  return g_ascii_strtoull (text, NULL, 10);
}

/* All media moves at once. With every uplink barred, nothing is sent until one is free again. */
GST_START_TEST (test_barred_uplink_carries_nothing)
{
  static const IceSetup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    NULL
  };
  IcePair *pair = ice_rig_start (&setup);
  guint64 sent;

  ice_pair_wait (pair, is_on, (gpointer) "up0");
  bar (pair, "up0", NULL);
  ice_pair_wait (pair, is_on, (gpointer) "up1");
  ice_pair_wait_packets (pair, 100);
  sent = get_sent ("up0");
  ice_pair_wait_packets (pair, 200);
  /* Without ICE checks, only neighbour discovery remains. */
  fail_unless (get_sent ("up0") < sent + 500);
  bar (pair, "up0", "up1");
  ice_pair_wait (pair, do_carry, GUINT_TO_POINTER (0));
  sent = get_sent ("up0") + get_sent ("up1");
  ice_pair_wait_sent (pair, 200);
  fail_unless (get_sent ("up0") + get_sent ("up1") < sent + 1000);
  bar (pair, "up1", NULL);
  ice_pair_wait (pair, is_on, (gpointer) "up0");
  ice_pair_wait_packets (pair, 100);
  ice_rig_stop (pair);
}

GST_END_TEST;

/* --- the peer sends on another path than we do --- */

typedef struct
{
  IcePair *pair;
  gboolean died;                /* the pair's lock */
  guint wanted;                 /* the pair's lock: restarts wanted until then */
} Death;

static void
on_path_of_up0 (GstWebRTCICE * ice, guint session, const GstStructure * path,
    Death * death)
{
  gint state;

  fail_unless (gst_structure_get_enum (path, "state",
          GST_TYPE_RCAST_ICE_PATH_STATE, &state));
  if (state != GST_RCAST_ICE_PATH_STATE_DEAD
      || g_strcmp0 (gst_structure_get_string (path, "interface"), "up0") != 0)
    return;
  g_mutex_lock (&death->pair->lock);
  death->died = TRUE;
  death->wanted = death->pair->sender.restarts_wanted;
  g_cond_broadcast (&death->pair->cond);
  g_mutex_unlock (&death->pair->lock);
}

static gboolean
has_died (IcePair * pair, gpointer death)
{
  return ((Death *) death)->died;
}

/* Returns: packets received on @interface, in the agent's first stream */
static guint64
get_received_on (GstWebRTCICE * ice, const gchar * interface)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");
  const GValue *paths = gst_structure_get_value (gst_value_get_structure
      (gst_value_list_get_value (streams, 0)), "paths");
  guint64 received = 0;

  for (guint i = 0; i < gst_value_list_get_size (paths); i++) {
    const GstStructure *path =
        gst_value_get_structure (gst_value_list_get_value (paths, i));

    if (g_strcmp0 (gst_structure_get_string (path, "interface"), interface)
        == 0)
      fail_unless (gst_structure_get_uint64 (path, "packets-received",
              &received));
  }
  return received;
}

/* Returns: whether packets arrived on up0, or it is dead: on a slow machine its checks may end
 * before it recovers */
static gboolean
is_heard_on_up0 (IcePair * pair, gpointer data)
{
  return get_received_on (pair->sender.ice, "up0") > 0
      || pair->sender.deaths > 0;
}

/* Blocks the peer's ports that the sender knows. A restart opens other ports. */
static void
drop_ports (IcePair * pair)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (pair->sender.ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");
  const GValue *paths = gst_structure_get_value (gst_value_get_structure
      (gst_value_list_get_value (streams, 0)), "paths");

  for (guint i = 0; i < gst_value_list_get_size (paths); i++) {
    const GstStructure *path =
        gst_value_get_structure (gst_value_list_get_value (paths, i));
    const gchar *remote = gst_structure_get_string (path, "remote-candidate");
    const gchar *port = remote ? strrchr (remote, ' ') : NULL;

    if (port)
      ice_lab_run (ice_lab, ICE_LAB_ROUTER,
          "iptables -I FORWARD -p udp --dport%s -j DROP && "
          "iptables -I FORWARD -p udp --sport%s -j DROP", port, port);
  }
}

/* up0 is a black hole at first, so media is on up1. When up0 recovers, the peer moves to it at
 * once, but our agent does not. Returns: FALSE if this did not happen, on a slow machine */
static gboolean
lose_return_path (gboolean both)
{
  IcePair *pair;
  Death death = { NULL, };
  gboolean heard;
  gboolean apart;

  ice_lab_run (ice_lab, ice_black_hole.space, "%s", ice_black_hole.down);
  pair = death.pair = ice_rig_start (&ice_backup);
  ice_lab_run (ice_lab, ice_black_hole.space, "%s", ice_black_hole.up);
  g_signal_connect (pair->sender.ice, "path-state-changed",
      G_CALLBACK (on_path_of_up0), &death);
  ice_pair_wait (pair, is_heard_on_up0, NULL);
  heard = get_received_on (pair->sender.ice, "up0") > 0;
  ice_pair_reset_gaps (pair);
  if (both)
    drop_ports (pair);
  else
    ice_lab_run (ice_lab, ice_link_down.space, "%s", ice_link_down.down);
  if (heard && !both)
    ice_pair_wait (pair, has_died, &death);
  g_mutex_lock (&pair->lock);
  apart = pair->sender.path_changes == 1 && heard;
  g_mutex_unlock (&pair->lock);
  if (apart) {
    fail_unless (both || death.wanted > 0);
    ice_pair_wait_swaps (pair, 1, 1);
    ice_pair_wait_packets (pair, 200);
    ice_rig_report (both ? "both ways dead" :
        "link down where the peer sends", pair, ice_pair_finish (pair));
    ice_rig_assert_within ("RTCP", ice_pair_get_back_gap (pair), BACK_GAP
        + ice_rig_get_round_trip ());
    fail_unless (!both || pair->sender.lossy_swaps > 0
        || pair->sender.lossy_path_changes > 0);
  }
  g_signal_handlers_disconnect_by_data (pair->sender.ice, &death);
  ice_rig_stop (pair);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -F FORWARD && ip link set r0 up");
  return apart;
}

GST_START_TEST (test_return_path_dies)
{
  while (!lose_return_path (FALSE));
}

GST_END_TEST;

/* In whatever order the agent notices: a restart does not hide the loss of media. */
GST_START_TEST (test_both_ways_die)
{
  while (!lose_return_path (TRUE));
}

GST_END_TEST;

/* The ICE state shows an outage and its end. A restart after that reports no loss. */
GST_START_TEST (test_outage_is_told_once)
{
  guint suspicions = 1;

  /* On a slow machine, a path may become suspect again. */
  while (suspicions > 0) {
    IcePair *pair = ice_rig_start (&ice_single_mute);

    ice_pair_wait_packets (pair, 200);
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -I FORWARD -p udp -j DROP");
    ice_pair_wait (pair, ice_rig_is_disconnected, NULL);
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -F FORWARD");
    ice_pair_wait (pair, ice_rig_is_connected, NULL);
    ice_pair_wait_packets (pair, 100);
    suspicions = pair->sender.suspicions;
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, 1, 1);
    suspicions = pair->sender.suspicions - suspicions;
    fail_unless (suspicions > 0 || pair->sender.lossy_swaps == 0);
    ice_rig_stop (pair);
  }
}

GST_END_TEST;

/* --- restarts on a healthy path --- */

static guint
get_dtls_records (IcePair * pair)
{
  guint records;

  g_mutex_lock (&pair->lock);
  records = pair->sender.dtls_records + pair->receiver.dtls_records;
  g_mutex_unlock (&pair->lock);
  return records;
}

static void
assert_untouched (IcePair * pair, const gchar * name, guint dtls_records)
{
  ice_pair_finish_without_loss (pair);
  ice_rig_report (name, pair, 0);
  assert_equals_int (get_dtls_records (pair), dtls_records);
  assert_equals_int (pair->sender.lossy_swaps, 0);
  ice_rig_stop (pair);
}

GST_START_TEST (test_hundred_restarts)
{
  IcePair *pair = ice_rig_start (&ice_backup_mute);
  guint dtls_records;

  ice_pair_wait_packets (pair, 200);
  ice_pair_reset_gaps (pair);
  dtls_records = get_dtls_records (pair);
  for (guint i = 1; i <= 100; i++) {
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, i, i);
  }
  ice_pair_wait_packets (pair, 200);
  assert_untouched (pair, "100 restarts in a row", dtls_records);
}

GST_END_TEST;

GST_START_TEST (test_sixty_restarts_in_three_seconds)
{
  IcePair *pair = ice_rig_start (&ice_backup_mute);
  gint64 begin;
  gint64 took;
  guint dtls_records;

  ice_pair_wait_packets (pair, 200);
  ice_pair_reset_gaps (pair);
  dtls_records = get_dtls_records (pair);
  begin = g_get_monotonic_time ();
  for (guint i = 0; i < 60; i++)
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  took = g_get_monotonic_time () - begin;
  ice_rig_assert_within ("60 offers", took, 3 * G_USEC_PER_SEC);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_wait_packets (pair, 400);
  assert_untouched (pair, "60 restarts asked for within 3 s", dtls_records);
}

GST_END_TEST;

static Suite *
ice_suite (void)
{
  Suite *s = suite_create ("ice-netns");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  tcase_add_checked_fixture (tc, ice_rig_set_up, ice_rig_tear_down);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_nothing_happens);
  tcase_add_test (tc, test_link_down_backup);
  tcase_add_test (tc, test_own_link_down_backup);
  tcase_add_test (tc, test_link_down_backup_without_signalling);
  tcase_add_test (tc, test_link_down_backup_stock);
  tcase_add_test (tc, test_black_hole_backup);
  tcase_add_test (tc, test_black_hole_backup_stock);
  tcase_add_test (tc, test_black_hole_bond_without_choice);
  tcase_add_test (tc, test_link_down_duplicate);
  tcase_add_test (tc, test_other_link_down_duplicate);
  tcase_add_test (tc, test_black_hole_duplicate);
  tcase_add_test (tc, test_other_black_hole_duplicate);
  tcase_add_test (tc, test_path_change_tells_why);
  tcase_add_test (tc, test_paths_carry_a_part_while_they_are_chosen);
  tcase_add_test (tc, test_preferred_uplink_has_the_media);
  tcase_add_test (tc, test_cellular_uplink_is_last);
  tcase_add_test (tc, test_uplink_that_is_too_thin_is_left);
  tcase_add_test (tc, test_barred_uplink_carries_nothing);
  tcase_add_test (tc, test_return_path_dies);
  tcase_add_test (tc, test_both_ways_die);
  tcase_add_test (tc, test_outage_is_told_once);
  tcase_add_test (tc, test_hundred_restarts);
  tcase_add_test (tc, test_sixty_restarts_in_three_seconds);
  ice_add_network_tests (tc);
  ice_add_turn_tests (tc);
  ice_add_foreign_tests (tc);
  return s;
}

int
main (int argc, char **argv)
{
  const gchar *why_not = NULL;
  IceLab *probe;

  gst_check_init (&argc, &argv);
  probe = ice_lab_new (&why_not);
  if (!probe) {
    printf ("skipped: needs %s\n", why_not);
    return 77;
  }
  ice_lab_free (probe);
  return gst_check_run_suite (ice_suite (), "ice-netns", __FILE__);
}
