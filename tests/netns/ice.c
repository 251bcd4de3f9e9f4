/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent where links really fail: what is lost, and for how long. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <stdlib.h>

#include "gstrcastice.h"
#include "ice-lab.h"
#include "ice-pair.h"

static IceLab *lab;

typedef struct
{
  gboolean our_receiver;
  GstRcastIcePathMode mode;
  gboolean restart;             /* on restart-wanted */
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
  g_object_set (pair->sender.ice, "path-mode", setup->mode, NULL);
  if (setup->our_receiver)
    g_object_set (pair->receiver.ice, "path-mode",
        GST_RCAST_ICE_PATH_MODE_SINGLE, NULL);
  if (setup->restart)
    g_signal_connect (pair->sender.ice, "restart-wanted",
        G_CALLBACK (on_restart_wanted), pair);
  ice_pair_connect (pair);
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
  g_mutex_lock (&pair->lock);
  printf ("%-44s gap %5.0f ms, %4u lost, RTCP gap %5.0f ms, %u swaps, "
      "%u path changes (%u lossy)\n", name, pair->max_gap / 1000.0, lost,
      pair->max_back_gap / 1000.0, pair->sender.swaps,
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

static void
run_fault (const gchar * name, const Setup * setup, const Fault * fault,
    gint64 max_gap, gboolean lossless)
{
  IcePair *pair = break_it (setup, fault, 800);
  guint lost = ice_pair_finish (pair);
  gint64 gap = pair->max_gap;

  report (name, pair, lost);
  stop_pair (pair);
  ice_lab_run (lab, fault->space, "%s", fault->up);
  fail_unless (gap <= max_gap, "%s: gap of %" G_GINT64_FORMAT " us", name, gap);
  if (lossless)
    assert_equals_int (lost, 0);
}

static const Setup backup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, TRUE };
static const Setup backup_mute =
    { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
static const Setup backup_stock =
    { FALSE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
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
  run_fault ("link down, backup", &backup, &link_down, 100000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_own_link_down_backup)
{
  run_fault ("own link down, backup", &backup, &own_link_down, 100000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_link_down_backup_without_signalling)
{
  run_fault ("link down, backup, no signalling", &backup_mute, &link_down,
      100000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_link_down_backup_stock)
{
  run_fault ("link down, backup, stock receiver", &backup_stock, &link_down,
      100000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_black_hole_backup)
{
  run_fault ("black hole, backup", &backup, &black_hole, 1200000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_black_hole_backup_stock)
{
  run_fault ("black hole, backup, stock receiver", &backup_stock, &black_hole,
      1200000, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_link_down_duplicate)
{
  run_fault ("link down, duplicate", &duplicate, &link_down, 50000, TRUE);
}
GST_END_TEST;

GST_START_TEST (test_other_link_down_duplicate)
{
  run_fault ("other link down, duplicate", &duplicate, &link_down_1, 50000,
      TRUE);
}
GST_END_TEST;

GST_START_TEST (test_black_hole_duplicate)
{
  run_fault ("black hole, duplicate", &duplicate, &black_hole, 50000, TRUE);
}
GST_END_TEST;

GST_START_TEST (test_other_black_hole_duplicate)
{
  run_fault ("other black hole, duplicate", &duplicate, &black_hole_1, 50000,
      TRUE);
}
GST_END_TEST;

static void
set_up (void)
{
  const gchar *why_not = NULL;

  lab = ice_lab_new (&why_not);
  fail_unless (lab != NULL, "%s", why_not);
}

static void
tear_down (void)
{
  ice_lab_free (lab);
  lab = NULL;
}

static Suite *
ice_suite (void)
{
  Suite *s = suite_create ("ice-netns");
  TCase *tc = tcase_create ("general");

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
