/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent without webrtcbin: roles, credentials, and what it leaves behind. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <gst/sdp/sdp.h>

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"
#include "rcast-check.h"

#define PASSWORD "passwordpasswordpassworda"
#define PEER_PASSWORD "passwordpasswordpasswordb"

static void
add_candidate (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * candidate)
{
#if GST_CHECK_VERSION (1, 24, 0)
  gst_webrtc_ice_add_candidate (ice, stream, candidate, NULL);
#else
  gst_webrtc_ice_add_candidate (ice, stream, candidate);
#endif
}

/* Returns: @field of the first stream's statistics or, with @path, of its first path's */
static guint64
get_number (GstWebRTCICE * ice, gboolean path, const gchar * field)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (ice);
  const GValue *list = gst_structure_get_value (stats, "streams");
  const GstStructure *from =
      gst_value_get_structure (gst_value_list_get_value (list, 0));
  guint64 number = 0;

  list = gst_structure_get_value (from, "paths");
  if (path && gst_value_list_get_size (list) == 0)
    return 0;
  if (path)
    from = gst_value_get_structure (gst_value_list_get_value (list, 0));
  gst_structure_get_uint64 (from, field, &number);
  return number;
}

/* --- two agents --- */

typedef struct
{
  GstWebRTCICE *ice[2];
  GstWebRTCICEStream *stream[2];
} Pair;

typedef struct
{
  Pair *pair;
  guint me;
} Side;

static void
deliver (GstWebRTCICE * ice, guint session, const gchar * candidate,
    gpointer data)
{
  Side *side = data;

  if (candidate && *candidate)
    add_candidate (side->pair->ice[!side->me], side->pair->stream[!side->me],
        candidate);
}

static void
pair_start (Pair * pair, Side * sides, gboolean second_controls)
{
  static const gchar *const ufrags[] = { "aaaa1111", "bbbb2222" };
  static const gchar *const passwords[] = { PASSWORD, PEER_PASSWORD };
  gboolean taken;

  for (guint i = 0; i < 2; i++) {
    sides[i] = (Side) {
    pair, i};
    pair->ice[i] = gst_rcast_ice_new (NULL);
    /* The agent checks a silent path ten times a second. */
    g_object_set (pair->ice[i], "media-timeout", 200, NULL);
    g_signal_emit_by_name (pair->ice[i], "add-local-ip-address", "127.0.0.1",
        &taken);
    gst_webrtc_ice_set_on_ice_candidate (pair->ice[i], deliver, &sides[i],
        NULL);
    gst_webrtc_ice_set_is_controller (pair->ice[i], i == 0 || second_controls);
    pair->stream[i] = gst_webrtc_ice_add_stream (pair->ice[i], 0);
  }
  for (guint i = 0; i < 2; i++) {
    gst_webrtc_ice_set_local_credentials (pair->ice[i], pair->stream[i],
        ufrags[i], passwords[i]);
    gst_webrtc_ice_set_remote_credentials (pair->ice[i], pair->stream[i],
        ufrags[!i], passwords[!i]);
  }
  for (guint i = 0; i < 2; i++)
    gst_webrtc_ice_gather_candidates (pair->ice[i], pair->stream[i]);
}

static void
pair_stop (Pair * pair)
{
  for (guint i = 0; i < 2; i++)
    gst_rcast_ice_shut_down (pair->ice[i]);
  for (guint i = 0; i < 2; i++)
    gst_object_unref (pair->ice[i]);
}

/* Polls the statistics until @wanted checks are answered: they post no event. */
static void
wait_for_answers (GstWebRTCICE * ice, guint64 wanted)
{
  gint64 end = g_get_monotonic_time () + RCAST_CHECK_PATIENCE;

  while (get_number (ice, TRUE, "checks-answered") < wanted) {
    fail_unless (g_get_monotonic_time () < end, "%" G_GUINT64_FORMAT
        " checks sent, %" G_GUINT64_FORMAT " answered",
        get_number (ice, TRUE, "checks-sent"),
        get_number (ice, TRUE, "checks-answered"));
    g_usleep (G_USEC_PER_SEC / 100);
  }
}

/* RFC 8445 7.2.5.1 and 7.3.1.1. Chance decides which agent wins. The other one's checks
 * have to be answered in any case. */
GST_START_TEST (test_checks_are_answered_after_a_role_conflict)
{
  for (guint i = 0; i < 6; i++) {
    Pair pair;
    Side sides[2];

    pair_start (&pair, sides, TRUE);
    wait_for_answers (pair.ice[0], 3);
    wait_for_answers (pair.ice[1], 3);
    pair_stop (&pair);
  }
}

GST_END_TEST;

/* --- one agent --- */

typedef struct
{
  GstWebRTCICE *ice;
  GstWebRTCICEStream *stream;
  GAsyncQueue *failures;        /* of generation + 1 */
} Single;

static void
ignore_candidate (GstWebRTCICE * ice, guint session, const gchar * candidate,
    gpointer data)
{
}

static void
on_failed (GstWebRTCICE * ice, guint session, guint generation, GError * error,
    GAsyncQueue * failures)
{
  assert_equals_int (error->code, GST_RCAST_ICE_ERROR_CANCELLED);
  g_async_queue_push (failures, GUINT_TO_POINTER (generation + 1));
}

static void
single_start (Single * single)
{
  single->ice = gst_rcast_ice_new (NULL);
  single->failures = g_async_queue_new ();
  gst_webrtc_ice_set_on_ice_candidate (single->ice, ignore_candidate, NULL,
      NULL);
  g_signal_connect (single->ice, "generation-failed", G_CALLBACK (on_failed),
      single->failures);
  single->stream = gst_webrtc_ice_add_stream (single->ice, 0);
}

static void
single_stop (Single * single)
{
  gst_object_unref (single->ice);
  g_async_queue_unref (single->failures);
}

static guint
pop_failure (Single * single)
{
  gpointer failure = g_async_queue_timeout_pop (single->failures,
      RCAST_CHECK_PATIENCE);

  fail_unless (failure != NULL, "no generation has failed");
  return GPOINTER_TO_UINT (failure) - 1;
}

/* Does what webrtcbin does with an offer. Returns: the offer's ufrag */
static gchar *
offer (Single * single, gboolean restart)
{
  static const gchar text[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
      "a=ice-ufrag:xxxx\r\na=ice-pwd:yyyyyyyyyyyyyyyyyyyyyyyy\r\n";
  GstSDPMessage *sdp;
  const GstSDPMedia *media;
  gchar *ufrag;

  assert_equals_int (gst_sdp_message_new_from_text (text, &sdp), GST_SDP_OK);
  gst_rcast_ice_prepare_offer (single->ice, sdp, restart);
  media = gst_sdp_message_get_media (sdp, 0);
  ufrag = g_strdup (gst_sdp_media_get_attribute_val (media, "ice-ufrag"));
  gst_webrtc_ice_set_local_credentials (single->ice, single->stream, ufrag,
      gst_sdp_media_get_attribute_val (media, "ice-pwd"));
  gst_sdp_message_free (sdp);
  return ufrag;
}

/* Returns when the agent has done all that was asked of @single before. */
static void
pass_barrier (Single * single)
{
  g_free (offer (single, TRUE));
  gst_rcast_ice_cancel_restart (single->ice);
  pop_failure (single);
}

/* Cancelling the second of two restarts ends both. */
GST_START_TEST (test_cancel_goes_back_to_the_active_generation)
{
  for (guint wait = 0; wait < 2; wait++) {
    g_autofree gchar *active = NULL;
    g_autofree gchar *after = NULL;
    Single single;

    single_start (&single);
    active = offer (&single, FALSE);
    gst_webrtc_ice_set_remote_credentials (single.ice, single.stream, "peer",
        PEER_PASSWORD);
    for (guint i = 0; i < 2; i++) {
      g_autofree gchar *other = offer (&single, TRUE);

      fail_if (g_str_equal (other, active));
    }
    gst_rcast_ice_cancel_restart (single.ice);
    if (wait) {
      assert_equals_int (pop_failure (&single), 1);
      assert_equals_int (pop_failure (&single), 2);
    }
    after = offer (&single, FALSE);
    assert_equals_string (after, active);
    if (!wait) {
      assert_equals_int (pop_failure (&single), 1);
      assert_equals_int (pop_failure (&single), 2);
    }
    single_stop (&single);
  }
}

GST_END_TEST;

/* RFC 8445 9: an offer during a restart, such as for another stream, starts no other restart. */
GST_START_TEST (test_offer_during_a_restart_has_its_credentials)
{
  g_autofree gchar *first_one = NULL;
  g_autofree gchar *restart = NULL;
  g_autofree gchar *plain = NULL;
  Single single;

  single_start (&single);
  first_one = offer (&single, FALSE);
  gst_webrtc_ice_set_remote_credentials (single.ice, single.stream, "peer",
      PEER_PASSWORD);
  restart = offer (&single, TRUE);
  plain = offer (&single, FALSE);
  assert_equals_string (plain, restart);
  fail_if (g_str_equal (restart, first_one));
  single_stop (&single);
}

GST_END_TEST;

/* A peer that answers no restart must not cost file descriptors for each. */
GST_START_TEST (test_restarts_do_not_hold_sockets_without_end)
{
  Single single;
  gboolean taken;
  guint before;

  single_start (&single);
  for (guint i = 1; i <= 8; i++) {
    g_autofree gchar *address = g_strdup_printf ("127.0.0.%u", i);

    g_signal_emit_by_name (single.ice, "add-local-ip-address", address, &taken);
  }
  g_free (offer (&single, FALSE));
  gst_webrtc_ice_gather_candidates (single.ice, single.stream);
  pass_barrier (&single);
  before = process_count_fds ();
  for (guint i = 0; i < 100; i++) {
    g_free (offer (&single, TRUE));
    gst_webrtc_ice_gather_candidates (single.ice, single.stream);
    if (i > 0)
      pop_failure (&single);
  }
  pass_barrier (&single);
  /* 128 sockets are draining, and some are being closed. 64 generations would hold 512. */
  fail_unless (process_count_fds () <= before + 2 * 128, "%u descriptors, "
      "were %u", process_count_fds (), before);
  single_stop (&single);
}

GST_END_TEST;

/* --- names that never resolve --- */

/* Like GLib's resolver with a dead DNS server: a look-up ends only when it is cancelled. */
typedef GResolver DeadResolver;
typedef GResolverClass DeadResolverClass;

static gint n_lookups;

GType dead_resolver_get_type (void);
G_DEFINE_TYPE (DeadResolver, dead_resolver, G_TYPE_RESOLVER);

static void
on_cancelled (GCancellable * cancellable, GTask * task)
{
  g_task_return_error_if_cancelled (task);
  /* The handler holds the task, which holds the cancellable. */
  g_signal_handlers_disconnect_by_data (cancellable, task);
}

static void
dead_resolver_lookup_async (GResolver * resolver, const gchar * name,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, data);

  g_atomic_int_inc (&n_lookups);
  if (cancellable)
    g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
        task, (GClosureNotify) g_object_unref, 0);
}

static GList *
dead_resolver_lookup_finish (GResolver * resolver, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
dead_resolver_class_init (DeadResolverClass * klass)
{
  klass->lookup_by_name_async = dead_resolver_lookup_async;
  klass->lookup_by_name_finish = dead_resolver_lookup_finish;
}

static void
dead_resolver_init (DeadResolver * resolver)
{
}

static GResolver *
kill_dns (void)
{
  GResolver *resolver = g_object_new (dead_resolver_get_type (), NULL);

  /* With CK_FORK=no, tests share one process. */
  g_atomic_int_set (&n_lookups, 0);
  g_resolver_set_default (resolver);
  return resolver;
}

static void
add_named_candidate (Single * single, guint number)
{
  g_autofree gchar *candidate = g_strdup_printf ("candidate:1 1 udp 2130706431 "
      "%08x-1111-2222-3333-444455556666.local 9 typ host", number);

  add_candidate (single->ice, single->stream, candidate);
}

static void
count_stream (gpointer n_gone, GObject * stream)
{
  g_atomic_int_inc ((gint *) n_gone);
}

static void
live_and_die (gint * n_gone, guint number)
{
  Single single;

  single_start (&single);
  g_object_weak_ref (G_OBJECT (single.stream), count_stream, n_gone);
  gst_webrtc_ice_set_http_proxy (single.ice, "http://proxy.example");
  g_free (offer (&single, FALSE));
  gst_webrtc_ice_set_remote_credentials (single.ice, single.stream, "peer",
      PEER_PASSWORD);
  add_named_candidate (&single, number);
  pass_barrier (&single);
  single_stop (&single);
}

GST_START_TEST (test_look_ups_end_with_the_agent)
{
  GResolver *resolver = kill_dns ();
  RcastTally tally;
  gint64 end;
  gint n_gone = 0;

  live_and_die (&n_gone, 0);
  rcast_tally_count (&tally);
  for (guint i = 1; i <= 100; i++)
    live_and_die (&n_gone, i);
  assert_equals_int (n_lookups, 2 * 101);
  end = g_get_monotonic_time () + RCAST_CHECK_PATIENCE;
  /* The agent's thread may drop the last reference. */
  while (g_atomic_int_get (&n_gone) < 101) {
    fail_unless (g_get_monotonic_time () < end, "%d streams are gone", n_gone);
    g_usleep (G_USEC_PER_SEC / 100);
  }
  rcast_tally_check (&tally);
  g_object_unref (resolver);
}

GST_END_TEST;

/* The limit is per generation: webrtcbin adds all candidates again at each description. */
GST_START_TEST (test_look_ups_are_limited)
{
  GResolver *resolver = kill_dns ();
  Single single;
  gint limit;

  single_start (&single);
  g_free (offer (&single, FALSE));
  gst_webrtc_ice_set_remote_credentials (single.ice, single.stream, "peer",
      PEER_PASSWORD);
  for (guint i = 0; i < 3; i++)
    add_named_candidate (&single, 7);
  pass_barrier (&single);
  assert_equals_int (g_atomic_int_get (&n_lookups), 1);
  for (guint i = 0; i < 1000; i++)
    add_named_candidate (&single, i);
  pass_barrier (&single);
  limit = g_atomic_int_get (&n_lookups);
  fail_unless (limit >= 8 && limit <= 32, "%d look-ups", limit);
  gst_webrtc_ice_set_remote_credentials (single.ice, single.stream, "newpeer",
      PEER_PASSWORD);
  for (guint i = 0; i < 1000; i++)
    add_named_candidate (&single, i);
  pass_barrier (&single);
  assert_equals_int (g_atomic_int_get (&n_lookups), 2 * limit);
  single_stop (&single);
  g_object_unref (resolver);
}

GST_END_TEST;

static Suite *
ice_agent_suite (void)
{
  Suite *s = suite_create ("ice-agent");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_checks_are_answered_after_a_role_conflict);
  tcase_add_test (tc, test_cancel_goes_back_to_the_active_generation);
  tcase_add_test (tc, test_offer_during_a_restart_has_its_credentials);
  tcase_add_test (tc, test_restarts_do_not_hold_sockets_without_end);
  tcase_add_test (tc, test_look_ups_end_with_the_agent);
  tcase_add_test (tc, test_look_ups_are_limited);
  return s;
}

GST_CHECK_MAIN (ice_agent);
