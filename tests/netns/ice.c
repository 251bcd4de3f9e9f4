/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent where links really fail: what is lost, and for how long. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gstrcastice.h"
#include "gstrcasticemonitor.h"
#include "ice-lab.h"
#include "ice-pair.h"
#include "rcast-check.h"

static IceLab *lab;
static GSubprocess *delay;      /* NULL: none */

static guint
get_number (const gchar * variable, guint fallback)
{
  const gchar *value = g_getenv (variable);

  return value ? atoi (value) : fallback;
}

/* That of the lab, in microseconds. */
static gint64
get_round_trip (void)
{
  return 2 * 1000 * (gint64) get_number ("RCAST_ICE_DELAY", 0);
}

/* The limits are those of a machine that has time; a busy one has to come to the
 * same end, but a test run must not fail for its being slow. The benchmarks are
 * strict. */
static void
assert_within (const gchar * name, gint64 us, gint64 limit)
{
  if (!get_number ("RCAST_ICE_STRICT", 0))
    limit = 30 * G_USEC_PER_SEC;
  fail_unless (us <= limit, "%s: %" G_GINT64_FORMAT " us, limit %"
      G_GINT64_FORMAT, name, us, limit);
}

typedef struct
{
  gboolean our_receiver;
  GstRcastIcePathMode mode;
  gboolean restart;             /* on restart-wanted */
  const gchar *const *preference;
} Setup;

static gpointer
negotiate (gpointer data)
{
  IcePair *pair = data;

  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  g_mutex_lock (&pair->lock);
  pair->negotiating = FALSE;
  g_cond_broadcast (&pair->cond);
  g_mutex_unlock (&pair->lock);
  return NULL;
}

/* Not on the agent's thread, which has other things to do. */
static void
on_restart_wanted (GstWebRTCICE * ice, guint session,
    GstRcastIceRestartReason reason, IcePair * pair)
{
  gboolean start;

  g_mutex_lock (&pair->lock);
  start = !pair->negotiating && !pair->gate_closed;
  pair->negotiating |= start;
  g_mutex_unlock (&pair->lock);
  if (start)
    g_thread_unref (g_thread_new ("negotiate", negotiate, pair));
}

static IcePair *
start_pair (const Setup * setup)
{
  IcePair *pair = ice_pair_alloc ();

  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", setup->our_receiver, NULL);
  /* The stock agent makes its sockets on webrtcbin's thread, which starts
   * here. */
  gst_element_set_state (pair->receiver.pipeline, GST_STATE_READY);
  ice_lab_leave (lab);
  ice_pair_link (pair);
  g_object_set (pair->sender.ice, "path-mode", setup->mode, "path-preference",
      setup->preference, NULL);
  if (setup->our_receiver)
    g_object_set (pair->receiver.ice, "path-mode",
        GST_RCAST_ICE_PATH_MODE_SINGLE, NULL);
  if (setup->restart)
    g_signal_connect (pair->sender.ice, "restart-wanted",
        G_CALLBACK (on_restart_wanted), pair);
  ice_pair_connect (pair);
  ice_peer_report_often (&pair->receiver);
  return pair;
}

static gboolean
is_quiet (IcePair * pair, gpointer data)
{
  return !pair->negotiating;
}

static void
stop_pair (IcePair * pair)
{
  ice_pair_wait (pair, is_quiet, NULL);
  ice_pair_free (pair);
}

typedef struct
{
  const gchar *down;
  const gchar *up;
  IceLabSpace space;
} Fault;

static const Fault link_down = { "ip link set r0 down", "ip link set r0 up",
  ICE_LAB_ROUTER
};

static const Fault own_link_down = { "ip link set up0 down",
  "ip link set up0 up && ip route add default via 10.77.1.1 dev up0 metric 100"
      " && ip route add default via 10.77.1.1 dev up0 table 101",
  ICE_LAB_CLIENT
};

static const Fault black_hole = {
  "iptables -I FORWARD -i r0 -j DROP && iptables -I FORWARD -o r0 -j DROP",
  "iptables -F FORWARD", ICE_LAB_ROUTER
};

static const Fault black_hole_1 = {
  "iptables -I FORWARD -i r1 -j DROP && iptables -I FORWARD -o r1 -j DROP",
  "iptables -F FORWARD", ICE_LAB_ROUTER
};

static const Fault link_down_1 = { "ip link set r1 down", "ip link set r1 up",
  ICE_LAB_ROUTER
};

static void
report (const gchar * name, IcePair * pair, guint lost)
{
  gint64 back_gap = ice_pair_get_back_gap (pair);

  g_mutex_lock (&pair->lock);
  printf ("%-44s gap %5.0f ms, %4u lost, RTCP gap %5.0f ms, %u swaps, "
      "%u path changes (%u lossy)\n", name, pair->max_gap / 1000.0, lost,
      back_gap / 1000.0, pair->sender.swaps,
      pair->sender.path_changes, pair->sender.lossy_path_changes);
  fflush (stdout);
  g_mutex_unlock (&pair->lock);
}

/* Steady for a second, the fault, and then so many packets more. */
static IcePair *
break_it (const Setup * setup, const Fault * fault, guint packets)
{
  IcePair *pair = start_pair (setup);

  ice_pair_wait_packets (pair, 400);
  ice_pair_reset_gaps (pair);
  ice_lab_run (lab, fault->space, "%s", fault->down);
  ice_pair_wait_packets (pair, packets);
  return pair;
}

static gint
compare_gaps (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a;
  gint64 y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* A second, and what the receiver takes between two reports of its own. */
#define BACK_GAP 1250000

/* As often as RCAST_ICE_RUNS says. */
static void
run_fault (const gchar * name, const Setup * setup, const Fault * fault,
    gint64 max_gap, gint64 max_back_gap, gboolean lossless)
{
  guint runs = get_number ("RCAST_ICE_RUNS", 1);
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) back_gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 worst;
  guint most_lost = 0;

  for (guint i = 0; i < runs; i++) {
    IcePair *pair = break_it (setup, fault, 800);
    gint64 back_gap = ice_pair_get_back_gap (pair);
    guint lost = 0;

    if (lossless)
      ice_pair_finish_without_loss (pair);
    else
      lost = ice_pair_finish (pair);

    g_array_append_val (gaps, pair->max_gap);
    g_array_append_val (back_gaps, back_gap);
    most_lost = MAX (most_lost, lost);
    if (runs == 1)
      report (name, pair, lost);
    stop_pair (pair);
    ice_lab_run (lab, fault->space, "%s", fault->up);
  }
  g_array_sort (gaps, compare_gaps);
  g_array_sort (back_gaps, compare_gaps);
  worst = g_array_index (gaps, gint64, runs - 1);
  if (runs > 1)
    printf ("%-44s %u runs: gap median %.0f ms, worst %.0f ms, at most %u "
        "lost, RTCP gap median %.0f ms, worst %.0f ms\n", name, runs,
        g_array_index (gaps, gint64, runs / 2) / 1000.0, worst / 1000.0,
        most_lost, g_array_index (back_gaps, gint64, runs / 2) / 1000.0,
        g_array_index (back_gaps, gint64, runs - 1) / 1000.0);
  fflush (stdout);
  if (max_back_gap > 0)
    assert_within (name, g_array_index (back_gaps, gint64, runs - 1),
        max_back_gap + get_round_trip ());
  assert_within (name, worst, max_gap + get_round_trip ());
}

static const Setup backup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, TRUE };
static const Setup backup_mute =
    { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
static const Setup backup_stock =
    { FALSE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
static const Setup single_mute =
    { TRUE, GST_RCAST_ICE_PATH_MODE_SINGLE, FALSE };
static const Setup duplicate =
    { TRUE, GST_RCAST_ICE_PATH_MODE_DUPLICATE, FALSE };

static const Fault no_fault = { "true", "true", ICE_LAB_ROUTER };

GST_START_TEST (test_nothing_happens)
{
  IcePair *pair = break_it (&backup_mute, &no_fault, 3000);
  guint lost = ice_pair_finish (pair);

  report ("no fault", pair, lost);
  stop_pair (pair);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup)
{
  run_fault ("link down, backup", &backup, &link_down, 100000, BACK_GAP, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_own_link_down_backup)
{
  run_fault ("own link down, backup", &backup, &own_link_down, 100000,
      BACK_GAP, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup_without_signalling)
{
  run_fault ("link down, backup, no signalling", &backup_mute, &link_down,
      100000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_backup_stock)
{
  run_fault ("link down, backup, stock receiver", &backup_stock, &link_down,
      100000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_backup)
{
  run_fault ("black hole, backup", &backup, &black_hole, 1200000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_backup_stock)
{
  run_fault ("black hole, backup, stock receiver", &backup_stock, &black_hole,
      1200000, 0, FALSE);
}

GST_END_TEST;

GST_START_TEST (test_link_down_duplicate)
{
  run_fault ("link down, duplicate", &duplicate, &link_down, 500000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_other_link_down_duplicate)
{
  run_fault ("other link down, duplicate", &duplicate, &link_down_1, 500000,
      0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_black_hole_duplicate)
{
  run_fault ("black hole, duplicate", &duplicate, &black_hole, 500000, 0, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_other_black_hole_duplicate)
{
  run_fault ("other black hole, duplicate", &duplicate, &black_hole_1, 500000,
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
  IcePair *pair = start_pair (&backup_mute);
  const GstStructure *change;
  gint why;

  change = pair->sender.path_change;
  assert_equals_string (gst_structure_get_string (change, "interface"), "up0");
  fail_unless (gst_structure_get_enum (change, "change",
          GST_TYPE_RCAST_ICE_PATH_CHANGE, &why));
  assert_equals_int (why, GST_RCAST_ICE_PATH_CHANGE_FIRST);
  fail_if (gst_structure_has_field (change, "previous-interface"));
  ice_pair_wait_packets (pair, 200);
  ice_lab_run (lab, ICE_LAB_CLIENT, "%s", own_link_down.down);
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
  stop_pair (pair);
}

GST_END_TEST;

static gboolean
is_on (IcePair * pair, gpointer interface)
{
  return pair->sender.path_change && g_strcmp0 (gst_structure_get_string
      (pair->sender.path_change, "interface"), interface) == 0;
}

/* A link that has only just come back may go again. */
#define LEAST_HEALTH_US (5 * G_USEC_PER_SEC)

GST_START_TEST (test_preferred_uplink_has_the_media)
{
  static const gchar *const preference[] = { "wwan7", "up1", "up0", NULL };
  static const Setup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    preference
  };
  IcePair *pair = start_pair (&setup);
  gint64 up;
  gint why;

  ice_pair_wait (pair, is_on, (gpointer) "up1");
  ice_lab_run (lab, link_down_1.space, "%s", link_down_1.down);
  ice_pair_wait (pair, is_on, (gpointer) "up0");
  up = g_get_monotonic_time ();
  ice_lab_run (lab, link_down_1.space, "%s", link_down_1.up);
  ice_pair_wait (pair, is_on, (gpointer) "up1");
  fail_unless (gst_structure_get_enum (pair->sender.path_change, "change",
          GST_TYPE_RCAST_ICE_PATH_CHANGE, &why));
  /* On a machine that stands still the other one may look dead before. */
  fail_unless (why != GST_RCAST_ICE_PATH_CHANGE_BETTER
      || g_get_monotonic_time () - up >= LEAST_HEALTH_US);
  stop_pair (pair);
}

GST_END_TEST;

/* By its name it would be first. */
GST_START_TEST (test_cellular_uplink_is_last)
{
  static const Setup setup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE,
    NULL
  };
  IcePair *pair;

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up0 down && "
      "ip link set up0 name ppp0 && ip link set ppp0 up && "
      "ip route add default via 10.77.1.1 dev ppp0 metric 100 && "
      "ip route add default via 10.77.1.1 dev ppp0 table 101");
  pair = start_pair (&setup);
  ice_pair_wait (pair, is_on, (gpointer) "up1");
  ice_lab_run (lab, link_down_1.space, "%s", link_down_1.down);
  ice_pair_wait (pair, is_on, (gpointer) "ppp0");
  stop_pair (pair);
}

GST_END_TEST;

/* --- the peer sends elsewhere than we do --- */

typedef struct
{
  IcePair *pair;
  gboolean died;                /* the pair's lock */
  guint wanted;                 /* the pair's lock: restarts until then */
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

/* Of the agent's first stream. */
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

/* Or never will be: on a slow machine its checks were over before it was there. */
static gboolean
is_heard_on_up0 (IcePair * pair, gpointer data)
{
  return get_received_on (pair->sender.ice, "up0") > 0
      || pair->sender.deaths > 0;
}

/* Nothing passes any more on the ports of the peer that the sender knows; a
 * restart gets others. */
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
      ice_lab_run (lab, ICE_LAB_ROUTER,
          "iptables -I FORWARD -p udp --dport%s -j DROP && "
          "iptables -I FORWARD -p udp --sport%s -j DROP", port, port);
  }
}

/* Media is on up1, as up0 was not there at first. Then up0 is, and the peer
 * prefers it at once, but we don't: FALSE if all that does not come together, on
 * a slow machine. */
static gboolean
lose_return_path (gboolean both)
{
  IcePair *pair;
  Death death = { NULL, };
  gboolean heard;
  gboolean apart;

  ice_lab_run (lab, black_hole.space, "%s", black_hole.down);
  pair = death.pair = start_pair (&backup);
  ice_lab_run (lab, black_hole.space, "%s", black_hole.up);
  g_signal_connect (pair->sender.ice, "path-state-changed",
      G_CALLBACK (on_path_of_up0), &death);
  ice_pair_wait (pair, is_heard_on_up0, NULL);
  heard = get_received_on (pair->sender.ice, "up0") > 0;
  ice_pair_reset_gaps (pair);
  if (both)
    drop_ports (pair);
  else
    ice_lab_run (lab, link_down.space, "%s", link_down.down);
  if (heard && !both)
    ice_pair_wait (pair, has_died, &death);
  g_mutex_lock (&pair->lock);
  apart = pair->sender.path_changes == 1 && heard;
  g_mutex_unlock (&pair->lock);
  if (apart) {
    fail_unless (both || death.wanted > 0);
    ice_pair_wait_swaps (pair, 1, 1);
    ice_pair_wait_packets (pair, 200);
    report (both ? "both ways dead" :
        "link down where the peer sends", pair, ice_pair_finish (pair));
    assert_within ("RTCP", ice_pair_get_back_gap (pair), BACK_GAP
        + get_round_trip ());
    fail_unless (!both || pair->sender.lossy_swaps > 0
        || pair->sender.lossy_path_changes > 0);
  }
  g_signal_handlers_disconnect_by_data (pair->sender.ice, &death);
  stop_pair (pair);
  ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -F FORWARD && ip link set r0 up");
  return apart;
}

GST_START_TEST (test_return_path_dies)
{
  while (!lose_return_path (FALSE));
}

GST_END_TEST;

/* In whichever order that is noticed: no restart covers up that media was lost. */
GST_START_TEST (test_both_ways_die)
{
  while (!lose_return_path (TRUE));
}

GST_END_TEST;

static gboolean
is_disconnected (IcePair * pair, gpointer data)
{
  return pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
}

static gboolean
is_back (IcePair * pair, gpointer data)
{
  return pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
      || pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
}

/* The state tells of an outage, and when it is over; a restart after it is none. */
GST_START_TEST (test_outage_is_told_once)
{
  guint suspicions = 1;

  /* On a slow machine there may be another doubt. */
  while (suspicions > 0) {
    IcePair *pair = start_pair (&single_mute);

    ice_pair_wait_packets (pair, 200);
    ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -I FORWARD -p udp -j DROP");
    ice_pair_wait (pair, is_disconnected, NULL);
    ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -F FORWARD");
    ice_pair_wait (pair, is_back, NULL);
    ice_pair_wait_packets (pair, 100);
    suspicions = pair->sender.suspicions;
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, 1, 1);
    suspicions = pair->sender.suspicions - suspicions;
    fail_unless (suspicions > 0 || pair->sender.lossy_swaps == 0);
    stop_pair (pair);
  }
}

GST_END_TEST;

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

/* Until an uplink is there, or none. */
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

  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  monitor = gst_rcast_ice_monitor_new (NULL);
  g_signal_connect (monitor, "network-changed",
      G_CALLBACK (on_network_changed), &seen);
  uplinks = gst_rcast_ice_monitor_dup_uplinks (monitor);
  assert_equals_int (g_strv_length (uplinks), 2);
  assert_equals_string (uplinks[0], "up0/" ICE_LAB_UP0);
  assert_equals_string (uplinks[1], "up0/" ICE_LAB_UP0 "/route");
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 up");
  wait_for_uplink (&seen, "up1/" ICE_LAB_UP1);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 10.77.2.1 dev up1 table 102");
  wait_for_uplink (&seen, "up1/" ICE_LAB_UP1 "/route");
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  while (g_strv_length (seen.uplinks) > 2)
    g_main_context_iteration (NULL, TRUE);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_REDUCED);
  ice_lab_run (lab, ICE_LAB_ROUTER, "ip link set r0 down");
  wait_for_uplink (&seen, NULL);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_LOST);
  ice_lab_run (lab, ICE_LAB_ROUTER, "ip link set r0 up");
  wait_for_uplink (&seen, "up0/" ICE_LAB_UP0);
  assert_equals_int (seen.change, GST_RCAST_ICE_NETWORK_CHANGE_UP);
  gst_rcast_ice_monitor_stop (monitor);
  g_object_unref (monitor);
  g_strfreev (seen.uplinks);
  ice_lab_leave (lab);
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
  report (name, pair, 0);
  assert_equals_int (get_dtls_records (pair), dtls_records);
  assert_equals_int (pair->sender.lossy_swaps, 0);
  stop_pair (pair);
}

GST_START_TEST (test_hundred_restarts)
{
  IcePair *pair = start_pair (&backup_mute);
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
  IcePair *pair = start_pair (&backup_mute);
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
  assert_within ("60 offers", took, 3 * G_USEC_PER_SEC);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_wait_packets (pair, 400);
  assert_untouched (pair, "60 restarts asked for within 3 s", dtls_records);
}

GST_END_TEST;

/* --- interfaces that come --- */

static gboolean
has_path_on_up1 (IcePair * pair, gpointer data)
{
  return pair->sender.alive_paths >= 2 || pair->sender.swaps > 0;
}

static void
run_late_interface (const gchar * name, const Setup * setup)
{
  IcePair *pair;
  guint lost;

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = start_pair (setup);
  ice_pair_wait_packets (pair, 300);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 up && "
      "ip route add default via 10.77.2.1 dev up1 metric 200 && "
      "ip route add default via 10.77.2.1 dev up1 table 102");
  ice_pair_wait (pair, has_path_on_up1, NULL);
  ice_pair_wait_packets (pair, 300);
  ice_pair_reset_gaps (pair);
  ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole.down);
  ice_pair_wait_packets (pair, 600);
  lost = ice_pair_finish (pair);
  report (name, pair, lost);
  assert_within (name, pair->max_gap, 1200000 + get_round_trip ());
  stop_pair (pair);
}

GST_START_TEST (test_late_interface)
{
  run_late_interface ("second interface later, first dies", &backup);
}

GST_END_TEST;

GST_START_TEST (test_late_interface_without_signalling)
{
  run_late_interface ("the same, signalling dead", &backup_mute);
}

GST_END_TEST;

GST_START_TEST (test_late_interface_stock)
{
  run_late_interface ("the same, signalling dead, stock receiver",
      &backup_stock);
}

GST_END_TEST;

static gboolean
has_dead_path (IcePair * pair, gpointer data)
{
  return pair->sender.deaths > 0;
}

static gboolean
has_two_paths (IcePair * pair, gpointer data)
{
  return pair->sender.alive_paths >= 2;
}

/* libnice gives up its checks after half a minute. */
GST_START_TEST (test_uplink_that_failed_is_tried_again)
{
  IcePair *pair;

  ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole_1.down);
  pair = start_pair (&backup_mute);
  ice_pair_wait (pair, has_dead_path, NULL);
  assert_equals_int (pair->sender.alive_paths, 1);
  ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole_1.up);
  ice_pair_wait (pair, has_two_paths, NULL);
  stop_pair (pair);
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

/* Nothing beside it as long as it works, and a successor when it does not. */
GST_START_TEST (test_single_path_has_a_successor)
{
  IcePair *pair;
  guint lost;

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = start_pair (&single_mute);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 up && "
      "ip route add default via 10.77.2.1 dev up1 metric 200 && "
      "ip route add default via 10.77.2.1 dev up1 table 102");
  ice_pair_wait_packets (pair, 300);
  assert_equals_int (count_paths (pair->sender.ice), 1);
  ice_pair_reset_gaps (pair);
  ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole.down);
  ice_pair_wait_packets (pair, 400);
  lost = ice_pair_finish (pair);
  report ("single path black-holed, no signalling", pair, lost);
  stop_pair (pair);
}

GST_END_TEST;

/* --- the only link --- */

static gboolean
wait_over (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* The fault lasts as long as the world outside decides. */
static void
last (guint ms)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GSource) source = g_timeout_source_new (ms);

  g_source_set_callback (source, wait_over, loop, NULL);
  g_source_attach (source, context);
  g_main_loop_run (loop);
}

static void
run_only_link (const gchar * name, const Setup * setup, const Fault * fault,
    guint ms, gint64 limit)
{
  IcePair *pair;
  gint64 back;
  gint64 up;

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  pair = start_pair (setup);
  ice_pair_wait_packets (pair, 400);
  ice_lab_run (lab, fault->space, "%s", fault->down);
  last (ms);
  ice_lab_run (lab, fault->space, "%s", fault->up);
  up = g_get_monotonic_time ();
  ice_pair_wait_packets (pair, 20);
  back = pair->first_after_silence - up;
  ice_pair_wait_packets (pair, 400);
  printf ("%-44s back %.0f ms after the link\n", name, back / 1000.0);
  fflush (stdout);
  stop_pair (pair);
  assert_within (name, back, limit + get_round_trip ());
}

static const Fault only_link = {
  "ip link set r0 down",
  "ip link set r0 up && "
      "while ! ip link show r0 | grep -q LOWER_UP; do :; done",
  ICE_LAB_ROUTER
};

GST_START_TEST (test_only_link_down_5_s)
{
  run_only_link ("only link down 5 s", &backup_mute, &only_link, 5000, 400000);
}

GST_END_TEST;

GST_START_TEST (test_only_link_down_30_s)
{
  run_only_link ("only link down 30 s", &backup_mute, &only_link, 31000,
      400000);
}

GST_END_TEST;

GST_START_TEST (test_only_link_black_hole_5_s)
{
  run_only_link ("only link black-holed 5 s", &backup_mute, &black_hole, 5000,
      1500000);
}

GST_END_TEST;

/* --- NAT --- */

/* Nothing gets in that nothing from inside has asked for. Else the peer finds a way
 * past the NAT, and what it sends goes on when the binding has changed. */
static void
hide_behind_nat (void)
{
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -t nat -A POSTROUTING -o rs "
      "-p udp -j MASQUERADE --random-fully");
  ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -A FORWARD -i rs "
      "-m conntrack --ctstate NEW -j DROP");
}

GST_START_TEST (test_nat_rebinding)
{
  static const Setup *setups[] = { &backup_mute, &backup_stock };

  hide_behind_nat ();
  for (guint i = 0; i < G_N_ELEMENTS (setups); i++) {
    IcePair *pair = start_pair (setups[i]);
    guint lost;

    ice_pair_wait_packets (pair, 400);
    ice_pair_reset_gaps (pair);
    ice_lab_run (lab, ICE_LAB_ROUTER, "conntrack -F");
    ice_pair_wait_packets (pair, 400);
    lost = ice_pair_finish (pair);
    report (i == 0 ? "NAT rebinding" : "NAT rebinding, stock receiver", pair,
        lost);
    assert_within ("NAT rebinding", pair->max_gap, 1500000 + get_round_trip ());
    stop_pair (pair);
  }
}

GST_END_TEST;

/* --- loss --- */

static guint
get_seconds (void)
{
  return get_number ("RCAST_ICE_SECONDS", 20);
}

static void
run_loss (const gchar * name, const gchar * probability)
{
  IcePair *pair;
  guint packets = get_seconds () * 200;

  ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -I FORWARD -m statistic "
      "--mode random --probability %s -j DROP", probability);
  pair = start_pair (&backup_mute);
  ice_pair_reset_gaps (pair);
  for (guint i = 0; i < packets; i += 1000)
    ice_pair_wait_sent (pair, 1000);
  printf ("%-44s %u s: %u suspicions, %u dead, %u path changes\n", name,
      packets / 200, pair->sender.suspicions, pair->sender.deaths,
      pair->sender.path_changes - 1);
  fflush (stdout);
  assert_equals_int (pair->sender.deaths, 0);
  stop_pair (pair);
}

GST_START_TEST (test_five_percent_loss)
{
  run_loss ("5 % loss both ways", "0.05");
}

GST_END_TEST;

GST_START_TEST (test_twenty_percent_loss)
{
  run_loss ("20 % loss both ways", "0.2");
}

GST_END_TEST;

/* Longer than that, by the doing of a busy machine, one is no blip. */
#define MAX_BLIP (700 * 1000)

GST_START_TEST (test_blips)
{
  IcePair *pair = start_pair (&backup_mute);
  guint long_ones = 0;

  for (guint i = 0; i < MAX (get_seconds () / 10, 1); i++) {
    gint64 begin;

    ice_pair_wait_packets (pair, 200 * 10);
    begin = g_get_monotonic_time ();
    ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole.down);
    last (300);
    ice_lab_run (lab, ICE_LAB_ROUTER, "%s", black_hole.up);
    long_ones += g_get_monotonic_time () - begin > MAX_BLIP;
  }
  ice_pair_wait_packets (pair, 200);
  printf ("%-44s %u suspicions, %u dead, %u blips longer than 700 ms\n",
      "300 ms blips every 10 s", pair->sender.suspicions, pair->sender.deaths,
      long_ones);
  fflush (stdout);
  fail_unless (pair->sender.deaths <= long_ones);
  stop_pair (pair);
}

GST_END_TEST;

/* --- TURN --- */

static void
make_certificate (const gchar * dir)
{
  g_autofree gchar *command = g_strdup_printf ("openssl req -x509 -newkey "
      "rsa:2048 -nodes -days 2 -subj /CN=turn -keyout %s/key.pem "
      "-out %s/cert.pem 2>/dev/null", dir, dir);

  fail_unless (ice_lab_try (lab, ICE_LAB_SERVER, command));
}

static gboolean
is_listening (gpointer data)
{
  return ice_lab_try (lab, ICE_LAB_SERVER, "ss -lnt | grep -q :3478");
}

/* webrtcbin's own, of the candidates in use. */
static void
read_stats (IcePeer * peer)
{
  GstPromise *promise = gst_promise_new ();

  g_signal_emit_by_name (peer->webrtcbin, "get-stats", NULL, promise);
  assert_equals_int (gst_promise_wait (promise), GST_PROMISE_RESULT_REPLIED);
  gst_promise_unref (promise);
}

static void
run_turn (const gchar * name, const gchar * uri, gboolean udp_blocked,
    const gchar * proxy)
{
  g_autofree gchar *dir = g_dir_make_tmp ("rcast-ice-XXXXXX", NULL);
  g_autofree gchar *cert = g_strconcat ("--cert=", dir, "/cert.pem", NULL);
  g_autofree gchar *key = g_strconcat ("--pkey=", dir, "/key.pem", NULL);
  g_autofree gchar *pidfile = g_strconcat ("--pidfile=", dir, "/pid", NULL);
  g_autofree gchar *remove = g_strconcat ("rm -rf ", dir, NULL);
  g_autofree gchar *log = g_strconcat ("--log-file=", dir, "/log", NULL);
  const gchar *argv[] = { "turnserver", "-n", "-L", ICE_LAB_SERVER_IP, "-E",
    ICE_LAB_SERVER_IP, "--lt-cred-mech", "-u", "user:secret", "-r", "rcast",
    "--no-cli", "--min-port=40000", "--max-port=40100", "--simple-log",
    "--allow-loopback-peers", cert, key, pidfile, log, NULL
  };
  IcePair *pair;
  GPid turn;
  guint lost;

  make_certificate (dir);
  turn = ice_lab_spawn (lab, ICE_LAB_SERVER, argv);
  while (!is_listening (NULL));
  if (proxy)
    ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -I FORWARD -j DROP");
  else if (udp_blocked)
    ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -I FORWARD -p udp -j DROP");
  pair = ice_pair_alloc ();
  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (lab);
  ice_pair_link (pair);
  fail_unless (gst_webrtc_ice_add_turn_server (pair->sender.ice, uri));
  gst_webrtc_ice_set_http_proxy (pair->sender.ice, proxy);
  if (!udp_blocked)
    g_object_set (pair->sender.webrtcbin, "ice-transport-policy",
        GST_WEBRTC_ICE_TRANSPORT_POLICY_RELAY, NULL);
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 400);
  fail_unless (pair->sender.relayed > 0);
  read_stats (&pair->sender);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_wait_packets (pair, 400);
  lost = ice_pair_finish (pair);
  report (name, pair, lost);
  stop_pair (pair);
  ice_lab_kill (lab, turn);
  ice_lab_try (lab, ICE_LAB_SERVER, remove);
  if (udp_blocked)
    ice_lab_run (lab, ICE_LAB_ROUTER, "iptables -F FORWARD");
}

GST_START_TEST (test_turn_udp)
{
  run_turn ("TURN over UDP, relay only",
      "turn://user:secret@" ICE_LAB_SERVER_IP ":3478?transport=udp", FALSE,
      NULL);
}

GST_END_TEST;

GST_START_TEST (test_turn_tcp)
{
  run_turn ("TURN over TCP, UDP blocked",
      "turn://user:secret@" ICE_LAB_SERVER_IP ":3478?transport=tcp", TRUE,
      NULL);
}

GST_END_TEST;

GST_START_TEST (test_turn_tls)
{
  run_turn ("TURN over TLS, UDP blocked",
      "turns://user:secret@" ICE_LAB_SERVER_IP ":5349", TRUE, NULL);
}

GST_END_TEST;

/* Nothing gets through the router but what its proxy lets through. */
GST_START_TEST (test_turn_by_http_proxy)
{
  const gchar *argv[] = { "node", HTTP_PROXY_SCRIPT, "10.77.1.1", "8080",
    "rcast:secret", NULL
  };
  GSubprocess *proxy = ice_lab_talk (lab, ICE_LAB_ROUTER, argv);
  g_autoptr (GDataInputStream) out =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (proxy));
  g_autofree gchar *line = g_data_input_stream_read_line (out, NULL, NULL,
      NULL);

  assert_equals_string (line, "ready");
  run_turn ("TURN over TCP by an HTTP proxy", "turn://user:secret@"
      ICE_LAB_SERVER_IP ":3478?transport=tcp", TRUE,
      "http://rcast:secret@10.77.1.1:8080");
  g_subprocess_force_exit (proxy);
  g_subprocess_wait (proxy, NULL, NULL);
  g_object_unref (proxy);
}

GST_END_TEST;

/* --- addresses of IPv6 --- */

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

/* RFC 8981: the kernel makes a temporary address beside the stable one. */
GST_START_TEST (test_ipv6_temporary_addresses)
{
  g_autoptr (GString) addresses = g_string_new (NULL);
  IcePair *pair = ice_pair_alloc ();

  ice_lab_run (lab, ICE_LAB_ROUTER,
      "ip -6 addr add fd77:1::1/64 dev r0 nodad && "
      "ip -6 addr add fd77:9::1/64 dev rs nodad && "
      "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
  ice_lab_run (lab, ICE_LAB_SERVER, "ip addr flush dev s0 && "
      "ip -6 addr add fd77:9::2/64 dev s0 nodad && "
      "ip -6 route add default via fd77:9::1");
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down && "
      "echo 2 > /proc/sys/net/ipv6/conf/up0/use_tempaddr && "
      "ip -6 addr add fd77:1::2/64 dev up0 nodad mngtmpaddr && "
      "ip -6 route add default via fd77:1::1 && "
      "until ip -6 addr show dev up0 temporary | grep -q fd77; do :; done && "
      "while ip -6 addr show dev up0 tentative | grep -q fd77; do :; done");
  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (lab);
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
  stop_pair (pair);
}

GST_END_TEST;

/* Two hosts at one cable, without any address that somebody has given them. */
GST_START_TEST (test_ipv6_link_local)
{
  IcePair *pair = ice_pair_alloc ();

  ice_lab_run (lab, ICE_LAB_ROUTER, "ip addr flush dev r0 scope global && "
      "ip link set r1 down && ip link set rs down && ip link set lo down && "
      "while ip -6 addr show dev r0 tentative | grep -q fe80; do :; done");
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip addr flush dev up0 scope global && "
      "ip link set up1 down && ip link set lo down && "
      "while ip -6 addr show dev up0 tentative | grep -q fe80; do :; done");
  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (lab, ICE_LAB_ROUTER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (lab);
  ice_pair_link (pair);
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 100);
  stop_pair (pair);
}

GST_END_TEST;

/* --- receivers that are not ours --- */

typedef struct
{
  IcePair *pair;
  GSubprocess *process;
  GDataInputStream *out;
  GOutputStream *in;
  GString *beyond;              /* rows that are not as they should be */
} Foreign;

static void
tell (Foreign * foreign, const gchar * key, const gchar * value)
{
  g_autofree gchar *escaped = value ? g_strescape (value, NULL) : NULL;
  g_autofree gchar *line = value ?
      g_strdup_printf ("{\"%s\":\"%s\"}\n", key, escaped) :
      g_strdup_printf ("{\"%s\":true}\n", key);

  fail_unless (g_output_stream_write_all (foreign->in, line, strlen (line),
          NULL, NULL, NULL));
}

static gchar *
hear (Foreign * foreign)
{
  gchar *line = g_data_input_stream_read_line (foreign->out, NULL, NULL, NULL);

  fail_unless (line != NULL, "the peer has ended");
  return line;
}

static gdouble
get_field (const gchar * line, const gchar * key)
{
  g_autofree gchar *pattern = g_strdup_printf ("\"%s\":", key);
  const gchar *at = strstr (line, pattern);

  fail_unless (at != NULL, "no %s in %s", key, line);
  return g_ascii_strtod (at + strlen (pattern), NULL);
}

static gboolean
is_gathered (IcePair * pair, gpointer data)
{
  GstWebRTCICEGatheringState state;

  g_object_get (pair->sender.webrtcbin, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE
      && pair->sender.candidates > GPOINTER_TO_UINT (data);
}

/* All candidates in the offer: half trickle. */
static void
negotiate_foreign (Foreign * foreign, gboolean restart)
{
  IcePeer *peer = &foreign->pair->sender;
  guint candidates = peer->candidates;
  GstWebRTCSessionDescription *offer = ice_peer_create (peer, "offer");
  GstWebRTCSessionDescription *answer;
  g_autofree gchar *sdp = NULL;
  g_autofree gchar *line = NULL;
  g_autofree gchar *text = NULL;
  GstSDPMessage *message;

  gst_rcast_ice_prepare_offer (peer->ice, offer->sdp, restart);
  ice_peer_set (peer, "local", offer);
  gst_webrtc_session_description_free (offer);
  if (restart || candidates == 0)
    ice_pair_wait (foreign->pair, is_gathered, GUINT_TO_POINTER (candidates));
  g_object_get (peer->webrtcbin, "pending-local-description", &offer, NULL);
  sdp = gst_sdp_message_as_text (offer->sdp);
  gst_webrtc_session_description_free (offer);
  tell (foreign, "offer", sdp);
  line = hear (foreign);
  fail_unless (g_str_has_prefix (line, "{\"answer\":\""), "%s", line);
  line[strlen (line) - 2] = '\0';
  text = g_strcompress (line + strlen ("{\"answer\":\""));
  fail_unless_equals_int (gst_sdp_message_new_from_text (text, &message),
      GST_SDP_OK);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  ice_peer_set (peer, "remote", answer);
  gst_webrtc_session_description_free (answer);
}

static gboolean
is_connected (IcePair * pair, gpointer data)
{
  return pair->sender.connected;
}

static gboolean
has_caps (IcePair * pair, gpointer data)
{
  return pair->n_sent > 0;
}

static void
start_foreign (Foreign * foreign, const gchar * kind, GstRcastIcePathMode mode)
{
  const gchar *argv[] = { "node", g_str_equal (kind, "janus") ?
        ICE_JANUS_SCRIPT : g_str_equal (kind, "loopback") ?
        ICE_LOOPBACK_SCRIPT : ICE_PEER_SCRIPT, kind, "s0", ICE_LAB_SERVER_IP,
    NULL
  };

  foreign->process = ice_lab_talk (lab, ICE_LAB_SERVER, argv);
  foreign->in = g_subprocess_get_stdin_pipe (foreign->process);
  foreign->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe
      (foreign->process));
  foreign->pair = ice_pair_alloc ();
  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ice_peer_init (&foreign->pair->sender, "sender", TRUE, NULL);
  ice_lab_leave (lab);
  foreign->pair->sender.mute = TRUE;
  ice_peer_add_source (&foreign->pair->sender);
  g_object_set (foreign->pair->sender.ice, "path-mode", mode, NULL);
  gst_element_set_state (foreign->pair->sender.pipeline, GST_STATE_PLAYING);
  /* Not for one more: webrtcbin may have taken the only one already that it takes. */
  ice_pair_wait (foreign->pair, has_caps, NULL);
  negotiate_foreign (foreign, FALSE);
  ice_pair_wait (foreign->pair, is_connected, NULL);
  ice_pair_wait_sent (foreign->pair, 400);
}

static void
stop_foreign (Foreign * foreign)
{
  ice_peer_free (&foreign->pair->sender);
  g_mutex_clear (&foreign->pair->lock);
  g_cond_clear (&foreign->pair->cond);
  g_free (foreign->pair);
  g_object_unref (foreign->out);
  /* It ends with its input, and takes along what it has started. */
  g_output_stream_close (foreign->in, NULL, NULL);
  g_subprocess_wait (foreign->process, NULL, NULL);
  g_object_unref (foreign->process);
}

/* Until so many packets more were sent. The gap is what a script sees that has
 * one thread for all: longer than that of the packets on a busy machine. */
static void
report_foreign (Foreign * foreign, const gchar * kind, const gchar * what,
    guint packets, gdouble limit)
{
  g_autofree gchar *before = NULL;
  g_autofree gchar *after = NULL;
  guint received;

  tell (foreign, "report", NULL);
  before = hear (foreign);
  ice_pair_wait_sent (foreign->pair, packets);
  tell (foreign, "report", NULL);
  after = hear (foreign);
  received = get_field (after, "received") - get_field (before, "received");
  printf ("%-10s %-33s gap %5.0f ms, %u of %u since, %u RTCP back\n", kind,
      what, get_field (after, "gap"), received, packets, foreign->pair->n_back);
  fflush (stdout);
  /* The rows after it are worth something, too. */
  if (get_number ("RCAST_ICE_STRICT", 0) && get_field (after, "gap") > limit)
    g_string_append_printf (foreign->beyond, " %s: more than %.0f ms.", what,
        limit);
  if (received <= packets / 2)
    g_string_append_printf (foreign->beyond, " %s: half is lost.", what);
}

static void
run_foreign (const gchar * kind)
{
  Foreign foreign = {.beyond = g_string_new (NULL) };

  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  tell (&foreign, "reset", NULL);
  ice_pair_reset_gaps (foreign.pair);
  negotiate_foreign (&foreign, TRUE);
  ice_pair_wait_swaps (foreign.pair, 1, 0);
  report_foreign (&foreign, kind, "restart", 400, 300);

  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (lab, black_hole.space, "%s", black_hole.down);
  report_foreign (&foreign, kind, "black hole, no signalling", 1000, 1300);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  negotiate_foreign (&foreign, TRUE);
  ice_pair_wait_swaps (foreign.pair, 2, 0);
  report_foreign (&foreign, kind, "restart after the black hole", 1000, 300);
  ice_lab_run (lab, black_hole.space, "%s", black_hole.up);
  stop_foreign (&foreign);

  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (lab, link_down.space, "%s", link_down.down);
  report_foreign (&foreign, kind, "link down, no signalling", 1000, 1000);
  ice_lab_run (lab, link_down.space, "%s", link_down.up);
  stop_foreign (&foreign);

  hide_behind_nat ();
  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (lab, ICE_LAB_ROUTER, "conntrack -F 2>/dev/null");
  report_foreign (&foreign, kind, "NAT rebinding", 1000, 1500);
  stop_foreign (&foreign);
  fail_unless (foreign.beyond->len == 0, "%s:%s", kind, foreign.beyond->str);
  g_string_free (foreign.beyond, TRUE);
}

/* By media-timeout, and a second. */
GST_START_TEST (test_peer_killed)
{
  Foreign foreign;
  gint64 took;

  start_foreign (&foreign, "werift", GST_RCAST_ICE_PATH_MODE_BACKUP);
  took = g_get_monotonic_time ();
  g_subprocess_force_exit (foreign.process);
  ice_pair_wait (foreign.pair, is_disconnected, NULL);
  took = g_get_monotonic_time () - took;
  printf ("peer killed: noticed after %.0f ms\n", took / 1000.0);
  fflush (stdout);
  stop_foreign (&foreign);
  assert_within ("peer killed", took, 2 * G_USEC_PER_SEC + get_round_trip ());
}

GST_END_TEST;

GST_START_TEST (test_werift)
{
  run_foreign ("werift");
}

GST_END_TEST;

GST_START_TEST (test_libwebrtc)
{
  run_foreign ("libwebrtc");
}

GST_END_TEST;

GST_START_TEST (test_chromium)
{
  run_foreign ("chromium");
}

GST_END_TEST;

GST_START_TEST (test_loopback)
{
  run_foreign ("loopback");
}

GST_END_TEST;

GST_START_TEST (test_janus)
{
  run_foreign ("janus");
}

GST_END_TEST;

/* All that goes through the router waits so long. */
static void
start_delay (guint ms)
{
  g_autofree gchar *text = g_strdup_printf ("%u", ms);
  const gchar *argv[] = { NET_DELAY, "--queue", "0", "--queue", "1", "--delay",
    text, NULL
  };
  g_autofree gchar *line = NULL;
  g_autoptr (GDataInputStream) out = NULL;

  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -t mangle -A FORWARD -i rs -j NFQUEUE --queue-num 0 && "
      "iptables -t mangle -A FORWARD -o rs -j NFQUEUE --queue-num 1");
  delay = ice_lab_talk (lab, ICE_LAB_ROUTER, argv);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (delay));
  line = g_data_input_stream_read_line (out, NULL, NULL, NULL);
  assert_equals_string (line, "ready");
}

static void
set_up (void)
{
  const gchar *why_not = NULL;
  guint ms = get_number ("RCAST_ICE_DELAY", 0);

  lab = ice_lab_new (&why_not);
  fail_unless (lab != NULL, "%s", why_not);
  if (ms > 0)
    start_delay (ms);
}

static void
tear_down (void)
{
  if (delay) {
    g_subprocess_force_exit (delay);
    g_subprocess_wait (delay, NULL, NULL);
    g_clear_object (&delay);
  }
  ice_lab_free (lab);
  lab = NULL;
}

static gboolean
has_tool (const gchar * name)
{
  g_autofree gchar *path = g_find_program_in_path (name);

  return path != NULL;
}

/* Of npm, where ./run has put it. */
static gboolean
has_module (const gchar * name)
{
  const gchar *root = g_getenv ("NODE_PATH");
  g_autofree gchar *path = root ? g_build_filename (root, name, NULL) : NULL;

  return has_tool ("node") && path && g_file_test (path, G_FILE_TEST_IS_DIR);
}

static Suite *
ice_suite (void)
{
  Suite *s = suite_create ("ice-netns");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  tcase_add_checked_fixture (tc, set_up, tear_down);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_nothing_happens);
  tcase_add_test (tc, test_link_down_backup);
  tcase_add_test (tc, test_own_link_down_backup);
  tcase_add_test (tc, test_link_down_backup_without_signalling);
  tcase_add_test (tc, test_link_down_backup_stock);
  tcase_add_test (tc, test_black_hole_backup);
  tcase_add_test (tc, test_black_hole_backup_stock);
  tcase_add_test (tc, test_link_down_duplicate);
  tcase_add_test (tc, test_other_link_down_duplicate);
  tcase_add_test (tc, test_black_hole_duplicate);
  tcase_add_test (tc, test_other_black_hole_duplicate);
  tcase_add_test (tc, test_path_change_tells_why);
  tcase_add_test (tc, test_preferred_uplink_has_the_media);
  tcase_add_test (tc, test_cellular_uplink_is_last);
  tcase_add_test (tc, test_return_path_dies);
  tcase_add_test (tc, test_both_ways_die);
  tcase_add_test (tc, test_outage_is_told_once);
  tcase_add_test (tc, test_monitor_tells_what_comes_and_goes);
  tcase_add_test (tc, test_hundred_restarts);
  tcase_add_test (tc, test_sixty_restarts_in_three_seconds);
  tcase_add_test (tc, test_late_interface);
  tcase_add_test (tc, test_late_interface_without_signalling);
  tcase_add_test (tc, test_late_interface_stock);
  tcase_add_test (tc, test_uplink_that_failed_is_tried_again);
  tcase_add_test (tc, test_single_path_has_a_successor);
  tcase_add_test (tc, test_only_link_down_5_s);
  tcase_add_test (tc, test_only_link_down_30_s);
  tcase_add_test (tc, test_only_link_black_hole_5_s);
  if (has_tool ("conntrack"))
    tcase_add_test (tc, test_nat_rebinding);
  tcase_add_test (tc, test_five_percent_loss);
  tcase_add_test (tc, test_twenty_percent_loss);
  tcase_add_test (tc, test_blips);
  tcase_add_test (tc, test_ipv6_temporary_addresses);
  tcase_add_test (tc, test_ipv6_link_local);
  if (has_tool ("turnserver") && has_tool ("openssl")) {
    tcase_add_test (tc, test_turn_udp);
    tcase_add_test (tc, test_turn_tcp);
    tcase_add_test (tc, test_turn_tls);
    if (has_tool ("node"))
      tcase_add_test (tc, test_turn_by_http_proxy);
  }
  if (has_tool ("conntrack") && has_module ("werift"))
    tcase_add_test (tc, test_werift);
  if (has_module ("werift"))
    tcase_add_test (tc, test_peer_killed);
  if (has_tool ("conntrack") && has_module ("@roamhq/wrtc"))
    tcase_add_test (tc, test_libwebrtc);
  if (has_tool ("conntrack") && has_tool ("janus") && has_tool ("node")
      && has_tool ("setpriv"))
    tcase_add_test (tc, test_janus);
  if (has_tool ("conntrack") && has_tool ("chromium")
      && has_module ("playwright-core"))
    tcase_add_test (tc, test_chromium);
  if (has_tool ("conntrack") && has_tool ("node") && has_tool ("setpriv")
      && g_getenv ("RCAST_LOOPBACK"))
    tcase_add_test (tc, test_loopback);
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
