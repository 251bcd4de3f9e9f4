/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two webrtcbins in the lab, faults between them, and limits that allow for a busy machine. */
#include "config.h"

#include "ice-rig.h"

#include <stdio.h>
#include <stdlib.h>

IceLab *ice_lab;

static GSubprocess *delay;      /* NULL: none */

guint
ice_rig_get_number (const gchar * variable, guint fallback)
{
  const gchar *value = g_getenv (variable);

  return value ? atoi (value) : fallback;
}

/* Returns: the round-trip time of the lab, in microseconds */
gint64
ice_rig_get_round_trip (void)
{
  return 2 * 1000 * (gint64) ice_rig_get_number ("RCAST_ICE_DELAY", 0);
}

/* --- limits --- */

/* The watch wakes up at this interval and notes its longest delay. Other threads may be as late. */
#define WATCH_US (10 * 1000)

static struct
{
  GMutex lock;
  GCond cond;
  GThread *thread;
  gboolean over;                /* lock */
  gint64 worst;                 /* lock: us */
} watch;

static gpointer
run_watch (gpointer data)
{
  g_mutex_lock (&watch.lock);
  while (!watch.over) {
    gint64 due = g_get_monotonic_time () + WATCH_US;

    g_cond_wait_until (&watch.cond, &watch.lock, due);
    watch.worst = MAX (watch.worst, g_get_monotonic_time () - due);
  }
  g_mutex_unlock (&watch.lock);
  return NULL;
}

static gint64
get_lateness (void)
{
  gint64 worst;

  g_mutex_lock (&watch.lock);
  worst = watch.worst;
  g_mutex_unlock (&watch.lock);
  return worst;
}

/* A path change takes about ten wakeups of threads, each of which may be late. */
#define TURNS 10

/* Returns: @expected for benchmarks (RCAST_ICE_STRICT), else five times that plus the delays of
 * the machine */
gint64
ice_rig_get_limit (gint64 expected)
{
  if (ice_rig_get_number ("RCAST_ICE_STRICT", 0))
    return expected;
  return 5 * expected + TURNS * get_lateness ();
}

void
ice_rig_assert_within (const gchar * name, gint64 us, gint64 expected)
{
  gint64 limit = ice_rig_get_limit (expected);

  fail_unless (us <= limit, "%s: %" G_GINT64_FORMAT " us, limit %"
      G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT ", the machine was %"
      G_GINT64_FORMAT " us late", name, us, limit, expected, get_lateness ());
}

/* The sender sends 200 packets per second, and this many more may be in flight. */
#define PACKETS_ON_THEIR_WAY 20

/* Fails if more packets are lost than a gap of @expected microseconds takes. */
void
ice_rig_assert_lost (const gchar * name, guint lost, gint64 expected)
{
  guint limit = ice_rig_get_limit (expected) * 200 / G_USEC_PER_SEC
      + PACKETS_ON_THEIR_WAY;

  fail_unless (lost <= limit, "%s: %u packets lost, limit %u", name, lost,
      limit);
}

/* Returns: the packets that a delay of the machine may lose */
static guint
get_forgiven (void)
{
  return ice_rig_get_number ("RCAST_ICE_STRICT", 0) ? 0 :
      get_lateness () * 200 / G_USEC_PER_SEC;
}

/* --- pairs and faults --- */

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

/* Negotiates in a thread of its own: the agent's thread must not block. */
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

/* Makes a pair, and does not connect it. */
IcePair *
ice_rig_new (const IceSetup * setup)
{
  IcePair *pair = ice_pair_alloc ();

  /* Earlier runs have left records of their uplinks. */
  gst_rcast_ice_forget_uplinks ();
  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (ice_lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", setup->our_receiver, NULL);
  /* The stock agent makes its sockets in webrtcbin's thread, which starts here. */
  gst_element_set_state (pair->receiver.pipeline, GST_STATE_READY);
  ice_lab_leave (ice_lab);
  ice_pair_link (pair);
  g_object_set (pair->sender.ice, "path-mode", setup->mode, "path-preference",
      setup->preference, NULL);
  if (setup->our_receiver)
    g_object_set (pair->receiver.ice, "path-mode",
        GST_RCAST_ICE_PATH_MODE_SINGLE, NULL);
  if (setup->restart)
    g_signal_connect (pair->sender.ice, "restart-wanted",
        G_CALLBACK (on_restart_wanted), pair);
  return pair;
}

IcePair *
ice_rig_start (const IceSetup * setup)
{
  IcePair *pair = ice_rig_new (setup);

  ice_pair_connect (pair);
  ice_peer_report_often (&pair->receiver);
  return pair;
}

static gboolean
is_quiet (IcePair * pair, gpointer data)
{
  return !pair->negotiating;
}

void
ice_rig_stop (IcePair * pair)
{
  ice_pair_wait (pair, is_quiet, NULL);
  ice_pair_free (pair);
}

const IceFault ice_link_down = { "ip link set r0 down", "ip link set r0 up",
  ICE_LAB_ROUTER
};

const IceFault ice_own_link_down = { "ip link set up0 down",
  "ip link set up0 up && ip route add default via 10.77.1.1 dev up0 metric 100"
      " && ip route add default via 10.77.1.1 dev up0 table 101",
  ICE_LAB_CLIENT
};

const IceFault ice_black_hole = {
  "iptables -I FORWARD -i r0 -j DROP && iptables -I FORWARD -o r0 -j DROP",
  "iptables -F FORWARD", ICE_LAB_ROUTER
};

const IceFault ice_black_hole_1 = {
  "iptables -I FORWARD -i r1 -j DROP && iptables -I FORWARD -o r1 -j DROP",
  "iptables -F FORWARD", ICE_LAB_ROUTER
};

const IceFault ice_link_down_1 = { "ip link set r1 down", "ip link set r1 up",
  ICE_LAB_ROUTER
};

void
ice_rig_report (const gchar * name, IcePair * pair, guint lost)
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

/* Waits for 400 packets, starts the fault, and waits for @packets more. */
IcePair *
ice_rig_break (const IceSetup * setup, const IceFault * fault, guint packets)
{
  IcePair *pair = ice_rig_start (setup);

  ice_pair_wait_packets (pair, 400);
  ice_pair_reset_gaps (pair);
  ice_lab_run (ice_lab, fault->space, "%s", fault->down);
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

/* Runs the fault RCAST_ICE_RUNS times. */
void
ice_rig_run_fault (const gchar * name, const IceSetup * setup, const IceFault * fault,
    gint64 max_gap, gint64 max_back_gap, gboolean lossless)
{
  guint runs = ice_rig_get_number ("RCAST_ICE_RUNS", 1);
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) back_gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 worst;
  guint most_lost = 0;

  for (guint i = 0; i < runs; i++) {
    IcePair *pair = ice_rig_break (setup, fault, 800);
    gint64 back_gap = ice_pair_get_back_gap (pair);
    guint lost = 0;

    if (lossless)
      ice_pair_finish_nearly_whole (pair, get_forgiven ());
    else
      lost = ice_pair_finish (pair);

    g_array_append_val (gaps, pair->max_gap);
    g_array_append_val (back_gaps, back_gap);
    most_lost = MAX (most_lost, lost);
    if (runs == 1)
      ice_rig_report (name, pair, lost);
    ice_rig_stop (pair);
    ice_lab_run (ice_lab, fault->space, "%s", fault->up);
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
    ice_rig_assert_within (name, g_array_index (back_gaps, gint64, runs - 1),
        max_back_gap + ice_rig_get_round_trip ());
  ice_rig_assert_within (name, worst, max_gap + ice_rig_get_round_trip ());
  ice_rig_assert_lost (name, most_lost, max_gap + ice_rig_get_round_trip ());
}

const IceSetup ice_backup = { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, TRUE };
const IceSetup ice_backup_mute =
    { TRUE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
const IceSetup ice_backup_stock =
    { FALSE, GST_RCAST_ICE_PATH_MODE_BACKUP, FALSE };
const IceSetup ice_single_mute =
    { TRUE, GST_RCAST_ICE_PATH_MODE_SINGLE, FALSE };
const IceSetup ice_duplicate =
    { TRUE, GST_RCAST_ICE_PATH_MODE_DUPLICATE, FALSE };

/* The router admits only replies from outside. Otherwise the peer would find a path past the NAT,
 * and its packets would still arrive after the binding changes. */
void
ice_rig_hide_behind_nat (void)
{
  ice_lab_run (ice_lab, ICE_LAB_CLIENT, "ip link set up1 down");
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -t nat -A POSTROUTING -o rs "
      "-p udp -j MASQUERADE --random-fully");
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -A FORWARD -i rs "
      "-m conntrack --ctstate NEW -j DROP");
}

static gboolean
wait_over (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* Waits for @ms: a fault lasts for a time, not until an event. */
void
ice_rig_last (guint ms)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GSource) source = g_timeout_source_new (ms);

  g_source_set_callback (source, wait_over, loop, NULL);
  g_source_attach (source, context);
  g_main_loop_run (loop);
}

gboolean
ice_rig_is_disconnected (IcePair * pair, gpointer data)
{
  return pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
}

gboolean
ice_rig_is_connected (IcePair * pair, gpointer data)
{
  return pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
      || pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
}

/* --- fixture --- */

/* The router delays all packets by @ms. */
static void
start_delay (guint ms)
{
  g_autofree gchar *text = g_strdup_printf ("%u", ms);
  const gchar *argv[] = { NET_DELAY, "--queue", "0", "--queue", "1", "--delay",
    text, NULL
  };
  g_autofree gchar *line = NULL;
  g_autoptr (GDataInputStream) out = NULL;

  ice_lab_run (ice_lab, ICE_LAB_ROUTER,
      "iptables -t mangle -A FORWARD -i rs -j NFQUEUE --queue-num 0 && "
      "iptables -t mangle -A FORWARD -o rs -j NFQUEUE --queue-num 1");
  delay = ice_lab_talk (ice_lab, ICE_LAB_ROUTER, argv);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (delay));
  line = g_data_input_stream_read_line (out, NULL, NULL, NULL);
  assert_equals_string (line, "ready");
}

void
ice_rig_set_up (void)
{
  const gchar *why_not = NULL;
  guint ms = ice_rig_get_number ("RCAST_ICE_DELAY", 0);

  ice_lab = ice_lab_new (&why_not);
  fail_unless (ice_lab != NULL, "%s", why_not);
  if (ms > 0)
    start_delay (ms);
  watch.thread = g_thread_new ("watch", run_watch, NULL);
}

void
ice_rig_tear_down (void)
{
  if (delay) {
    g_subprocess_force_exit (delay);
    g_subprocess_wait (delay, NULL, NULL);
    g_clear_object (&delay);
  }
  ice_lab_free (ice_lab);
  ice_lab = NULL;
  g_mutex_lock (&watch.lock);
  watch.over = TRUE;
  g_cond_signal (&watch.cond);
  g_mutex_unlock (&watch.lock);
  g_thread_join (watch.thread);
}

gboolean
ice_rig_has_tool (const gchar * name)
{
  g_autofree gchar *path = g_find_program_in_path (name);

  return path != NULL;
}

/* Returns: whether npm module @name is where ./run installs it */
gboolean
ice_rig_has_module (const gchar * name)
{
  const gchar *root = g_getenv ("NODE_PATH");
  g_autofree gchar *path = root ? g_build_filename (root, name, NULL) : NULL;

  return ice_rig_has_tool ("node") && path && g_file_test (path, G_FILE_TEST_IS_DIR);
}
