/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How one path treats the peer's candidates, and the pairs that libnice selects. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticepath.h"
#include "gstrcasticesettings.h"

#define SECOND G_USEC_PER_SEC

typedef struct
{
  GstRcastLoop *loop;
  GstRcastIceSettings *settings;
  GstRcastIcePath *path;
  NiceAgent *agent;
  void (*body) (void);

  GMutex lock;
  GCond done;
  gboolean ended;               /* lock */
} Test;

static Test test;

static void
on_candidate (GstRcastIcePath * path, const gchar * candidate, gpointer data)
{
}

static void
on_told (GstRcastIcePath * path, gpointer data)
{
}

static void
on_received (GstRcastIcePath * path, const guint8 * bytes, gsize size,
    gpointer data)
{
}

static const GstRcastIcePathCallbacks callbacks = {
  on_candidate, on_told, on_told, on_received
};

/* Finds the agent of the path, which the path keeps to itself. */
static gboolean
find_agent (GSignalInvocationHint * hint, guint n_values, const GValue * values,
    gpointer data)
{
  test.agent = g_value_get_object (values);
  return FALSE;
}

static void
make_path (void)
{
  GstRcastIcePathConfig config = {
    .agent = {
      .loop = test.loop,
      .settings = test.settings,
      .ufrag = "user",
      .password = "passwordpasswordpassword",
      .tos = -1,
      .name = "test",
    },
    .announced = TRUE,
    .id = 1,
    .callbacks = &callbacks,
  };

  test.path = gst_rcast_ice_path_new (&config);
  g_signal_add_emission_hook (g_signal_lookup ("new-candidate-full",
          NICE_TYPE_AGENT), 0, find_agent, NULL, NULL);
  fail_unless (gst_rcast_ice_path_gather (test.path));
  fail_unless (test.agent != NULL);
  gst_rcast_ice_path_set_remote (test.path, "peer", "passwordpasswordpassword");
}

static gboolean
run_on_loop (gpointer data)
{
  make_path ();
  test.body ();
  gst_rcast_ice_path_close (test.path);
  gst_rcast_ice_path_unref (test.path);
  g_mutex_lock (&test.lock);
  test.ended = TRUE;
  g_cond_signal (&test.done);
  g_mutex_unlock (&test.lock);
  return G_SOURCE_REMOVE;
}

/* Runs @body on the thread of the agent. */
static void
run (void (*body) (void))
{
  test = (Test) {.body = body };
  test.loop = gst_rcast_loop_new ("path");
  test.settings = gst_rcast_ice_settings_new ();
  g_ptr_array_add (test.settings->addresses, g_strdup ("127.0.0.1"));
  gst_rcast_loop_invoke (test.loop, run_on_loop, NULL, NULL);
  g_mutex_lock (&test.lock);
  while (!test.ended)
    g_cond_wait (&test.done, &test.lock);
  g_mutex_unlock (&test.lock);
  gst_rcast_loop_stop (test.loop);
  gst_rcast_loop_unref (test.loop);
  gst_rcast_ice_settings_unref (test.settings);
}

static guint
count_remote (void)
{
  GSList *list = gst_rcast_ice_path_get_candidates (test.path, FALSE);
  guint n = g_slist_length (list);

  g_slist_free_full (list, (GDestroyNotify) nice_candidate_free);
  return n;
}

/* The second is the same address as the first, as a candidate of another type. */
static const gchar *const twins[][2] = {
  {"a=candidate:1 1 udp 2130706431 10.1.2.3 5000 typ host",
      "a=candidate:2 1 UDP 1677729535 10.1.2.3 5000 typ srflx raddr 10.1.2.3 rport 5000"},
  {"a=candidate:1 1 udp 2130706431 fd00::1 5000 typ host",
      "a=candidate:2 1 udp 1677729535 fd00:0:0::1 5000 typ srflx raddr :: rport 9"},
  {"a=candidate:1 1 udp 2130706431 fd00::a 5000 typ host",
      "a=candidate:2 1 udp 1677729535 FD00::A 5000 typ relay raddr :: rport 9"},
  {"a=candidate:1 1 udp 2130706431 10.1.2.3 5000 typ host",
      "a=candidate:2 1 udp 1677729535 10.1.2.3 05000 typ srflx raddr 10.1.2.3 rport 9"},
  {"a=candidate:1 1 udp 2130706431 10.1.2.3 5000 typ host",
      "a=candidate:2 1 udp 1677729535 10.1.2.3 70536 typ srflx raddr 10.1.2.3 rport 9"},
  {"a=candidate:1 1 udp 2130706431 10.1.2.3 5000 typ host",
      "a=candidate:2 01 udp 1677729535 10.1.2.3 5000 typ srflx raddr 10.1.2.3 rport 9"},
  {"a=candidate:1 1 udp 2130706431 10.1.2.3 5000 generation 0 typ host",
      "a=candidate:2 1 udp 1677729535 10.1.2.3 5000 generation 0 typ srflx"},
};

static const gchar *const others[] = {
  "a=candidate:2 1 udp 1677729535 10.1.2.3 5001 typ srflx raddr 10.1.2.3 rport 9",
  "a=candidate:2 1 udp 1677729535 10.1.2.4 5000 typ srflx raddr 10.1.2.3 rport 9",
};

static guint index_of_twins;

static void
add_twins (void)
{
  gst_rcast_ice_path_add_remote_candidate (test.path, twins[index_of_twins][0]);
  assert_equals_int (count_remote (), 1);
  gst_rcast_ice_path_add_remote_candidate (test.path, twins[index_of_twins][1]);
  assert_equals_int (count_remote (), 1);
  gst_rcast_ice_path_add_remote_candidate (test.path, twins[index_of_twins][0]);
  assert_equals_int (count_remote (), 1);
}

/* libnice aborts if it answers both candidates. */
GST_START_TEST (test_an_address_is_a_candidate_once_however_it_is_spelt)
{
  index_of_twins = __i__;
  run (add_twins);
}

GST_END_TEST;

static void
add_others (void)
{
  gst_rcast_ice_path_add_remote_candidate (test.path, twins[0][0]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    gst_rcast_ice_path_add_remote_candidate (test.path, others[i]);
    assert_equals_int (count_remote (), i + 2);
  }
}

GST_START_TEST (test_other_addresses_are_candidates_too)
{
  run (add_others);
}

GST_END_TEST;

static NiceCandidate *
make_candidate (NiceCandidateType type, NiceCandidateTransport transport)
{
  NiceCandidate *candidate = nice_candidate_new (type);

  candidate->transport = transport;
  candidate->component_id = NICE_COMPONENT_TYPE_RTP;
  fail_unless (nice_address_set_from_string (&candidate->addr, "127.0.0.1"));
  nice_address_set_port (&candidate->addr, 9);
  candidate->base_addr = candidate->addr;
  return candidate;
}

static void
select_pair (NiceCandidateType type, NiceCandidateTransport transport)
{
  NiceCandidate *local = make_candidate (type, transport);
  NiceCandidate *remote =
      make_candidate (NICE_CANDIDATE_TYPE_HOST, transport);

  g_signal_emit_by_name (test.agent, "new-selected-pair-full", 1,
      NICE_COMPONENT_TYPE_RTP, local, remote);
  nice_candidate_free (local);
  nice_candidate_free (remote);
}

static void
step_for (gint64 us)
{
  gint64 now = g_get_monotonic_time ();

  for (gint64 t = 0; t <= us; t += SECOND / 20)
    gst_rcast_ice_path_step (test.path, GST_RCAST_ICE_DUTY_CARRIES, FALSE,
        now + t);
}

static gboolean
is_kept_alive (void)
{
  gboolean on;

  g_object_get (test.agent, "keepalive-conncheck", &on, NULL);
  return on;
}

static void
relay_then_direct (void)
{
  select_pair (NICE_CANDIDATE_TYPE_RELAYED, NICE_CANDIDATE_TRANSPORT_UDP);
  step_for (0);
  select_pair (NICE_CANDIDATE_TYPE_HOST, NICE_CANDIDATE_TRANSPORT_UDP);
  step_for (10 * SECOND);
  fail_if (is_kept_alive ());
}

static void
tcp_then_udp (void)
{
  select_pair (NICE_CANDIDATE_TYPE_HOST,
      NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  step_for (0);
  select_pair (NICE_CANDIDATE_TYPE_HOST, NICE_CANDIDATE_TRANSPORT_UDP);
  step_for (10 * SECOND);
  fail_if (is_kept_alive ());
}

/* libnice's checks end a path for good after 50 s. */
GST_START_TEST (test_a_pair_that_was_soon_replaced_leaves_no_checks_behind)
{
  run (relay_then_direct);
  run (tcp_then_udp);
}

GST_END_TEST;

static void
relay_of_tcp (void)
{
  select_pair (NICE_CANDIDATE_TYPE_RELAYED, NICE_CANDIDATE_TRANSPORT_UDP);
  step_for (SECOND);
  fail_if (is_kept_alive ());
  step_for (10 * SECOND);
  fail_unless (is_kept_alive ());
}

static void
tcp_alone (void)
{
  select_pair (NICE_CANDIDATE_TYPE_HOST,
      NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  step_for (2 * SECOND);
  fail_unless (is_kept_alive ());
}

GST_START_TEST (test_libnice_checks_what_cannot_be_watched)
{
  run (relay_of_tcp);
  run (tcp_alone);
}

GST_END_TEST;

static Suite *
path_suite (void)
{
  Suite *s = suite_create ("ice-path");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc,
      test_an_address_is_a_candidate_once_however_it_is_spelt, 0,
      G_N_ELEMENTS (twins));
  tcase_add_test (tc, test_other_addresses_are_candidates_too);
  tcase_add_test (tc,
      test_a_pair_that_was_soon_replaced_leaves_no_checks_behind);
  tcase_add_test (tc, test_libnice_checks_what_cannot_be_watched);
  return s;
}

GST_CHECK_MAIN (path);
