/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent in two stock webrtcbins: restarts lose nothing. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "gstrcastice.h"
#include "ice-pair.h"
#include "rcast-check.h"
#include "udp-server.h"

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
assert_lossless (IcePair * pair, guint dtls_records)
{
  ice_pair_finish_without_loss (pair);
  assert_equals_int (get_dtls_records (pair), dtls_records);
  assert_equals_int (pair->sender.lossy_swaps, 0);
  assert_equals_int (pair->receiver.lossy_swaps, 0);
}

GST_START_TEST (test_media_flows)
{
  IcePair *pair = ice_pair_new ();

  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 50);
  ice_pair_finish_without_loss (pair);
  ice_pair_free (pair);
}

GST_END_TEST;

/* The first check that reaches a server which answers none */
typedef struct
{
  GMutex lock;
  GCond came;
  gboolean known;               /* lock */
  gboolean nominates;           /* lock */
} FirstCheck;

static void
take_check (UdpServer * server, GSocketAddress * from, const guint8 * bytes,
    gsize size, gpointer data)
{
  FirstCheck *first = data;
  gboolean nominates = FALSE;

  /* RFC 8489 5, 14; USE-CANDIDATE of RFC 8445 16.1 */
  for (gsize at = 20; at + 4 <= size;
      at += 4 + GST_ROUND_UP_4 (GST_READ_UINT16_BE (bytes + at + 2)))
    nominates |= GST_READ_UINT16_BE (bytes + at) == 0x0025;
  g_mutex_lock (&first->lock);
  if (!first->known)
    first->nominates = nominates;
  first->known = TRUE;
  g_cond_signal (&first->came);
  g_mutex_unlock (&first->lock);
}

/* Otherwise, with servers on several addresses, a working pair would
 * be used only after two seconds. */
GST_START_TEST (test_each_check_nominates)
{
  IcePair *pair = ice_pair_new ();
  FirstCheck first = { 0, };
  UdpServer server;
  g_autoptr (GInetAddress) loopback =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autofree gchar *candidate = NULL;

  udp_server_start (&server, loopback, take_check, &first);
  candidate = g_strdup_printf ("candidate:9 1 UDP 2130706431 127.0.0.1 %u typ "
      "host", server.port);
  /* Neither peer learns the other's address. */
  pair->sender.mute = pair->receiver.mute = TRUE;
  ice_pair_play (pair);
  g_signal_emit_by_name (pair->sender.webrtcbin, "add-ice-candidate", 0,
      candidate);
  ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
  g_mutex_lock (&first.lock);
  while (!first.known)
    g_cond_wait (&first.came, &first.lock);
  fail_unless (first.nominates);
  g_mutex_unlock (&first.lock);
  ice_pair_free (pair);
  udp_server_stop (&server);
}

GST_END_TEST;

GST_START_TEST (test_offerer_restarts_without_loss)
{
  IcePair *pair = ice_pair_new ();
  guint dtls_records;

  ice_pair_connect (pair);
  dtls_records = get_dtls_records (pair);
  for (guint i = 1; i <= 5; i++) {
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, i, i);
    ice_pair_wait_packets (pair, 20);
  }
  assert_lossless (pair, dtls_records);
  ice_pair_free (pair);
}

GST_END_TEST;

/* The controlled side offers: roles stay as they are. */
GST_START_TEST (test_first_answerer_restarts_without_loss)
{
  IcePair *pair = ice_pair_new ();
  guint dtls_records;

  ice_pair_connect (pair);
  dtls_records = get_dtls_records (pair);
  for (guint i = 1; i <= 4; i++) {
    if (i % 2)
      ice_pair_negotiate (&pair->receiver, &pair->sender, TRUE);
    else
      ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    ice_pair_wait_swaps (pair, i, i);
    ice_pair_wait_packets (pair, 20);
  }
  assert_lossless (pair, dtls_records);
  ice_pair_free (pair);
}

GST_END_TEST;

GST_START_TEST (test_offer_without_restart_starts_no_generation)
{
  IcePair *pair = ice_pair_new ();
  guint dtls_records;

  ice_pair_connect (pair);
  dtls_records = get_dtls_records (pair);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
  ice_pair_negotiate (&pair->receiver, &pair->sender, FALSE);
  ice_pair_wait_packets (pair, 20);
  assert_equals_int (pair->sender.swaps, 1);
  assert_equals_int (pair->receiver.swaps, 1);
  assert_equals_int (pair->sender.failures, 0);
  assert_equals_int (pair->receiver.failures, 0);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 2, 2);
  assert_lossless (pair, dtls_records);
  ice_pair_free (pair);
}

GST_END_TEST;

/* Each offer follows the answer to the one before at once. */
GST_START_TEST (test_restart_during_restart_loses_nothing)
{
  IcePair *pair = ice_pair_new ();
  guint dtls_records;

  ice_pair_connect (pair);
  dtls_records = get_dtls_records (pair);
  for (guint i = 0; i < 20; i++)
    ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_wait_packets (pair, 50);
  assert_lossless (pair, dtls_records);
  ice_pair_free (pair);
}

GST_END_TEST;

static gboolean
has_failed (IcePair * pair, gpointer data)
{
  return pair->sender.failures > 0;
}

/* An offer is never delivered, and the next one asks for no restart. */
GST_START_TEST (test_cancelled_restart_leaves_the_old_generation)
{
  IcePair *pair = ice_pair_new ();
  GstWebRTCSessionDescription *offer;
  guint dtls_records;

  ice_pair_connect (pair);
  dtls_records = get_dtls_records (pair);
  offer = ice_peer_create (&pair->sender, "offer");
  gst_rcast_ice_prepare_offer (pair->sender.ice, offer->sdp, TRUE);
  g_mutex_lock (&pair->lock);
  pair->sender.mute = TRUE;
  g_mutex_unlock (&pair->lock);
  ice_peer_set (&pair->sender, "local", offer);
  gst_webrtc_session_description_free (offer);
  gst_rcast_ice_cancel_restart (pair->sender.ice);
  ice_pair_wait (pair, has_failed, NULL);
  assert_equals_int (pair->sender.failure_code, GST_RCAST_ICE_ERROR_CANCELLED);
  ice_pair_wait_packets (pair, 20);
  g_mutex_lock (&pair->lock);
  pair->sender.mute = FALSE;
  g_mutex_unlock (&pair->lock);
  ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
  ice_pair_wait_packets (pair, 20);
  assert_equals_int (pair->receiver.swaps, 0);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 1, 1);
  assert_lossless (pair, dtls_records);
  ice_pair_free (pair);
}

GST_END_TEST;

/* A stock webrtcbin answers with its old credentials. */
GST_START_TEST (test_peer_that_cannot_restart_is_noticed)
{
  static const gchar *const addresses[] = { "127.0.0.1", NULL };
  IcePair *pair = ice_pair_new_full (TRUE, FALSE, addresses);

  ice_pair_connect (pair);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait (pair, has_failed, NULL);
  assert_equals_int (pair->sender.failure_code, GST_RCAST_ICE_ERROR_REFUSED);
  assert_equals_int (pair->sender.swaps, 0);
  ice_pair_free (pair);
}

GST_END_TEST;

GST_START_TEST (test_stock_offerer_connects)
{
  static const gchar *const addresses[] = { "127.0.0.1", NULL };
  IcePair *pair = ice_pair_new_full (FALSE, TRUE, addresses);

  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 20);
  ice_pair_finish_without_loss (pair);
  ice_pair_free (pair);
}

GST_END_TEST;

GST_START_TEST (test_ipv6)
{
  static const gchar *const addresses[] = { "::1", NULL };
  IcePair *pair = ice_pair_new_full (TRUE, TRUE, addresses);

  ice_pair_connect (pair);
  ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
  ice_pair_wait_swaps (pair, 1, 1);
  ice_pair_finish_without_loss (pair);
  ice_pair_free (pair);
}

GST_END_TEST;

/* RFC 6544, without UDP */
GST_START_TEST (test_tcp_candidates)
{
  IcePair *pair = ice_pair_new ();

  g_object_set (pair->sender.ice, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->receiver.ice, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 20);
  ice_pair_free (pair);
}

GST_END_TEST;

static void
count_state (GstWebRTCICETransport * transport, GParamSpec * pspec,
    gpointer data)
{
  g_atomic_int_inc ((gint *) data);
}

/* Returns: (transfer full): the ICE transport of the first transceiver */
static GstWebRTCICETransport *
get_transport (IcePeer * peer)
{
  GstWebRTCRTPTransceiver *transceiver;
  GstWebRTCRTPReceiver *receiver;
  GstWebRTCDTLSTransport *dtls;
  GstWebRTCICETransport *transport;

  g_signal_emit_by_name (peer->webrtcbin, "get-transceiver", 0, &transceiver);
  g_object_get (transceiver, "receiver", &receiver, NULL);
  g_object_get (receiver, "transport", &dtls, NULL);
  g_object_get (dtls, "transport", &transport, NULL);
  gst_object_unref (dtls);
  gst_object_unref (receiver);
  gst_object_unref (transceiver);
  return transport;
}

static gboolean
wants_restart (IcePair * pair, gpointer data)
{
  return pair->receiver.restarts_wanted > 0;
}

/* Over TCP, a peer sees at once that the other one has ended. A webrtcbin that is stopped by
 * then would restart a part of itself, and never free that part. */
GST_START_TEST (test_stopped_webrtcbin_hears_nothing)
{
  IcePair *pair = ice_pair_new ();
  GstWebRTCICETransport *transport;
  gint n_states = 0;

  g_object_set (pair->sender.ice, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->receiver.ice, "ice-tcp", TRUE, "ice-udp", FALSE,
      "media-timeout", 200, NULL);
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 20);
  transport = get_transport (&pair->receiver);
  gst_element_set_state (pair->receiver.pipeline, GST_STATE_NULL);
  g_signal_connect (transport, "notify::state", G_CALLBACK (count_state),
      &n_states);
  gst_rcast_ice_shut_down (pair->sender.ice);
  /* From 1.28 on webrtcbin closes its agent when it is stopped. */
  if (!GST_CHECK_VERSION (1, 28, 0))
    ice_pair_wait (pair, wants_restart, NULL);
  assert_equals_int (g_atomic_int_get (&n_states), 0);
  g_signal_handlers_disconnect_by_data (transport, &n_states);
  gst_object_unref (transport);
  ice_pair_free (pair);
}

GST_END_TEST;

static guint
get_port (const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 7);

  fail_unless (g_strv_length (words) == 7);
  return atoi (words[5]);
}

static void
check_port (GstElement * webrtcbin, guint mline, const gchar * candidate,
    gpointer data)
{
  /* Empty since GStreamer 1.26: the end of candidates */
  if (*candidate == '\0')
    return;
  fail_unless (get_port (candidate) >= 35000);
  fail_unless (get_port (candidate) <= 35100);
}

GST_START_TEST (test_port_range)
{
  IcePair *pair = ice_pair_new ();

  g_object_set (pair->sender.ice, "min-rtp-port", 35000, "max-rtp-port", 35100,
      "send-buffer-size", 65536, "receive-buffer-size", 65536, NULL);
  g_signal_connect (pair->sender.webrtcbin, "on-ice-candidate",
      G_CALLBACK (check_port), NULL);
  ice_pair_connect (pair);
  fail_unless (pair->sender.candidates > 0);
  ice_pair_free (pair);
}

GST_END_TEST;

static gboolean
is_gathered (IcePair * pair, gpointer data)
{
  GstWebRTCICEGatheringState state;

  g_object_get (pair->sender.webrtcbin, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
}

/* No server listens at the address (RFC 5737), and the name does not resolve (RFC 6761). */
GST_START_TEST (test_gathering_does_not_wait_for_servers)
{
  static const gchar *const servers[] = { "stun://192.0.2.1",
    "stun://nowhere.invalid"
  };

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++) {
    IcePair *pair = ice_pair_new ();

    gst_webrtc_ice_set_stun_server (pair->sender.ice, servers[i]);
    fail_unless (gst_webrtc_ice_add_turn_server (pair->sender.ice,
            "turn://user:secret@192.0.2.1"));
    ice_pair_connect (pair);
    /* Each packet wakes up the wait. */
    ice_pair_wait (pair, is_gathered, NULL);
    /* Far less than the 30 s that libnice takes, with room for a slow machine */
    fail_unless (pair->n_sent < 100 * 20, "%u packets", pair->n_sent);
    ice_pair_free (pair);
  }
}

GST_END_TEST;

/* Returns: whether the first path is alive and measured */
static gboolean
is_measured (IcePair * pair, gpointer data)
{
  GstStructure *stats = gst_rcast_ice_get_stats (pair->sender.ice);
  const GstStructure *stream;
  const GstStructure *path;
  const GValue *list;
  gboolean measured;
  gdouble loss;
  gint state;

  list = gst_structure_get_value (stats, "streams");
  assert_equals_int (gst_value_list_get_size (list), 1);
  stream = gst_value_get_structure (gst_value_list_get_value (list, 0));
  list = gst_structure_get_value (stream, "paths");
  assert_equals_int (gst_value_list_get_size (list), 2);
  path = gst_value_get_structure (gst_value_list_get_value (list, 0));
  assert_equals_string (gst_structure_get_string (path, "interface"), "lo");
  fail_unless (gst_structure_get_enum (path, "state",
          GST_TYPE_RCAST_ICE_PATH_STATE, &state));
  measured = state == GST_RCAST_ICE_PATH_STATE_ALIVE
      && gst_structure_has_field (path, "rtt");
  fail_unless (!measured || (gst_structure_get_double (path, "loss", &loss)
          && loss >= 0 && loss <= 1));
  gst_structure_free (stats);
  return measured;
}

/* Two addresses make two paths, and the statistics show both. */
GST_START_TEST (test_statistics_of_two_paths)
{
  static const gchar *const addresses[] = { "127.0.0.1", "::1", NULL };
  IcePair *pair = ice_pair_alloc ();

  ice_peer_init (&pair->sender, "sender", TRUE, addresses);
  ice_peer_init (&pair->receiver, "receiver", TRUE, addresses);
  ice_pair_link (pair);
  g_object_set (pair->receiver.ice, "path-mode",
      GST_RCAST_ICE_PATH_MODE_SINGLE, NULL);
  ice_pair_connect (pair);
  /* Each packet wakes up the wait. */
  ice_pair_wait (pair, is_measured, NULL);
  ice_pair_free (pair);
}

GST_END_TEST;

/* --- names instead of addresses --- */

/* A resolver that knows the one name which multicast DNS would know */
typedef GResolver TestResolver;
typedef GResolverClass TestResolverClass;

static gint n_lookups;

GType test_resolver_get_type (void);
G_DEFINE_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER);

static void
test_resolver_lookup_async (GResolver * resolver, const gchar * name,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);

  g_atomic_int_inc (&n_lookups);
  if (g_str_equal (name, "0a1b2c3d-rcast.local"))
    g_task_return_pointer (task, g_inet_address_new_loopback
        (G_SOCKET_FAMILY_IPV4), g_object_unref);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR,
        G_RESOLVER_ERROR_NOT_FOUND, "nobody is called %s", name);
}

static GList *
test_resolver_lookup_finish (GResolver * resolver, GAsyncResult * result,
    GError ** error)
{
  GObject *address = g_task_propagate_pointer (G_TASK (result), error);

  return address ? g_list_append (NULL, address) : NULL;
}

static void
test_resolver_class_init (TestResolverClass * klass)
{
  klass->lookup_by_name_async = test_resolver_lookup_async;
  klass->lookup_by_name_finish = test_resolver_lookup_finish;
}

static void
test_resolver_init (TestResolver * resolver)
{
}

/* RFC 8828: browsers announce such names. The receiver is reached by its name alone. A name that
 * does not resolve does no harm. */
GST_START_TEST (test_names_of_multicast_dns)
{
  GResolver *resolver = g_object_new (test_resolver_get_type (), NULL);
  IcePair *pair = ice_pair_new ();

  g_resolver_set_default (resolver);
  pair->receiver.alias = "0a1b2c3d-rcast.local";
  pair->sender.alias = "unknown.local";
  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 20);
  fail_unless (g_atomic_int_get (&n_lookups) >= 2);
  ice_pair_free (pair);
  g_object_unref (resolver);
}

GST_END_TEST;

/* --- DSCP --- */

static guint
count_sockets_with_tos (gint tos)
{
  guint count = 0;

  for (gint fd = 0; fd < 1024; fd++) {
    gint value = 0;
    gint type = 0;
    socklen_t size = sizeof value;
    socklen_t type_size = sizeof type;

    count += getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0
        && type == SOCK_DGRAM
        && getsockopt (fd, IPPROTO_IP, IP_TOS, &value, &size) == 0
        && value == tos;
  }
  return count;
}

typedef struct
{
  GMutex lock;
  GCond cond;
  guint n;                      /* lock */
} Candidates;

static void
count_candidate (GstWebRTCICE * ice, guint session, const gchar * candidate,
    gpointer data)
{
  Candidates *candidates = data;

  g_mutex_lock (&candidates->lock);
  candidates->n++;
  g_cond_signal (&candidates->cond);
  g_mutex_unlock (&candidates->lock);
}

static void
gather (GstWebRTCICE * ice, GstWebRTCICEStream * stream, const gchar * ufrag,
    Candidates * candidates, guint wanted)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  fail_unless (gst_webrtc_ice_set_local_credentials (ice, stream, ufrag,
          "0123456789abcdefghijkl"));
  fail_unless (gst_webrtc_ice_gather_candidates (ice, stream));
  g_mutex_lock (&candidates->lock);
  while (candidates->n < wanted)
    fail_unless (g_cond_wait_until (&candidates->cond, &candidates->lock, end));
  g_mutex_unlock (&candidates->lock);
}

/* webrtcbin marks packets by the priority of a sender; a restart keeps the mark. */
GST_START_TEST (test_packets_are_marked)
{
  GstWebRTCICE *ice = gst_rcast_ice_new (NULL);
  GstWebRTCICEStream *stream;
  Candidates candidates = { 0, };
  gboolean taken;

  g_mutex_init (&candidates.lock);
  g_cond_init (&candidates.cond);
  g_signal_emit_by_name (ice, "add-local-ip-address", "127.0.0.1", &taken);
  fail_unless (taken);
  gst_webrtc_ice_set_on_ice_candidate (ice, count_candidate, &candidates, NULL);
  stream = gst_webrtc_ice_add_stream (ice, 0);
  gst_webrtc_ice_set_tos (ice, stream, 46 << 2);
  gather (ice, stream, "first", &candidates, 1);
  assert_equals_int (count_sockets_with_tos (46 << 2), 1);
  gather (ice, stream, "second", &candidates, 2);
  assert_equals_int (count_sockets_with_tos (46 << 2), 2);
  gst_object_unref (ice);
  g_mutex_clear (&candidates.lock);
  g_cond_clear (&candidates.cond);
}

GST_END_TEST;

/* --- the end of the peer --- */

static gboolean
is_disconnected (IcePair * pair, gpointer data)
{
  return pair->sender.ice_state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED
      && pair->sender.restarts_wanted > 0;
}

/* As if the peer's process were killed: the agent asks for a restart. */
GST_START_TEST (test_end_of_the_peer_is_noticed)
{
  IcePair *pair = ice_pair_new ();
  gint64 begin;

  ice_pair_connect (pair);
  ice_pair_wait_packets (pair, 100);
  gst_rcast_ice_shut_down (pair->receiver.ice);
  begin = g_get_monotonic_time ();
  ice_pair_wait (pair, is_disconnected, NULL);
  printf ("the end of the peer was noticed after %.0f ms\n",
      (g_get_monotonic_time () - begin) / 1000.0);
  ice_pair_free (pair);
}

GST_END_TEST;

/* Frees the agents at each stage, and leaves nothing behind. */
GST_START_TEST (test_teardown_at_any_time)
{
  RcastTally tally;
  IcePair *pair = ice_pair_new ();

  ice_pair_connect (pair);
  ice_pair_free (pair);
  rcast_tally_count (&tally);
  for (guint stage = 0; stage < 4; stage++) {
    pair = ice_pair_new ();
    if (stage == 1)
      ice_pair_play (pair);
    if (stage == 2) {
      ice_pair_play (pair);
      ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
    }
    if (stage == 3) {
      ice_pair_connect (pair);
      ice_pair_negotiate (&pair->sender, &pair->receiver, TRUE);
    }
    ice_pair_free (pair);
  }
  rcast_tally_check (&tally);
}

GST_END_TEST;

GST_START_TEST (test_agent_without_webrtcbin)
{
  GstWebRTCICE *ice = gst_rcast_ice_new ("alone");
  GstStructure *stats = gst_rcast_ice_get_stats (ice);

  fail_unless (gst_structure_has_name (stats, "application/x-rcast-ice-stats"));
  gst_structure_free (stats);
  ASSERT_OBJECT_REFCOUNT (ice, "ice", 1);
  gst_object_unref (ice);
}

GST_END_TEST;

static void
note_gathering (GstWebRTCICETransport * transport, GParamSpec * pspec,
    GAsyncQueue * states)
{
  GstWebRTCICEGatheringState state;

  g_object_get (transport, "gathering-state", &state, NULL);
  g_async_queue_push (states, GUINT_TO_POINTER (state + 1));
}

/* webrtcbin 1.22 opens its receiving side when it sets a description. If the state of
 * ICE is notified at the same time, webrtcbin may close this side for good. So the
 * agent must notify changes only. */
GST_START_TEST (test_state_is_told_when_it_changes_only)
{
  GstWebRTCICE *ice = gst_rcast_ice_new (NULL);
  GstWebRTCICEStream *stream = gst_webrtc_ice_add_stream (ice, 0);
  GstWebRTCICETransport *transport = gst_webrtc_ice_find_transport (ice, stream,
      GST_WEBRTC_ICE_COMPONENT_RTP);
  GAsyncQueue *gathering = g_async_queue_new ();
  gint n_states = 0;

  g_signal_connect (transport, "notify::state", G_CALLBACK (count_state),
      &n_states);
  g_signal_connect (transport, "notify::gathering-state",
      G_CALLBACK (note_gathering), gathering);
  gst_webrtc_ice_set_remote_credentials (ice, stream, "them",
      "theirpasswordof24letters");
  gst_webrtc_ice_set_local_credentials (ice, stream, "usus",
      "our.password.of24letters");
  gst_webrtc_ice_gather_candidates (ice, stream);
  while (GPOINTER_TO_UINT (g_async_queue_pop (gathering)) !=
      GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE + 1);
  assert_equals_int (g_atomic_int_get (&n_states), 0);
  g_signal_handlers_disconnect_by_data (transport, gathering);
  g_signal_handlers_disconnect_by_data (transport, &n_states);
  gst_rcast_ice_shut_down (ice);
  gst_object_unref (transport);
  gst_object_unref (ice);
  g_async_queue_unref (gathering);
}

GST_END_TEST;

/* The application keeps the agent longer than webrtcbin, which is freed
 * while candidates are gathered. */
GST_START_TEST (test_agent_outlives_webrtcbin)
{
  GstWebRTCICE *ice = gst_rcast_ice_new (NULL);
  GstElement *webrtcbin = gst_rcast_ice_make_webrtcbin (ice, NULL);
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstWebRTCRTPTransceiver *transceiver = NULL;
  GstCaps *caps = gst_caps_from_string ("application/x-rtp,media=audio,"
      "encoding-name=PCMU,payload=0,clock-rate=8000");
  GstPromise *promise = gst_promise_new ();
  GstWebRTCSessionDescription *offer = NULL;

  gst_bin_add (GST_BIN (pipeline), webrtcbin);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_signal_emit_by_name (webrtcbin, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_signal_emit_by_name (webrtcbin, "create-offer", NULL, promise);
  gst_promise_wait (promise);
  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  gst_promise_unref (promise);
  promise = gst_promise_new ();
  g_signal_emit_by_name (webrtcbin, "set-local-description", offer, promise);
  gst_promise_wait (promise);
  gst_promise_unref (promise);
  gst_webrtc_session_description_free (offer);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_clear_object (&transceiver);
  gst_caps_unref (caps);
  gst_object_unref (pipeline);
  gst_structure_free (gst_rcast_ice_get_stats (ice));
  gst_object_unref (ice);
}

GST_END_TEST;

GST_START_TEST (test_servers_are_checked)
{
  GstWebRTCICE *ice = gst_rcast_ice_new (NULL);
  gchar *uri;

  gst_webrtc_ice_set_stun_server (ice, "stun://stun.example");
  uri = gst_webrtc_ice_get_stun_server (ice);
  assert_equals_string (uri, "stun://stun.example:3478");
  g_free (uri);
  gst_webrtc_ice_set_stun_server (ice, "http://stun.example");
  uri = gst_webrtc_ice_get_stun_server (ice);
  assert_equals_string (uri, "stun://stun.example:3478");
  g_free (uri);
  fail_unless (gst_webrtc_ice_add_turn_server (ice,
          "turn://u:p@turn.example?transport=tcp"));
  fail_unless (gst_webrtc_ice_add_turn_server (ice, "turns://u:p@[::1]:443"));
  fail_if (gst_webrtc_ice_add_turn_server (ice, "turn://turn.example"));
  fail_if (gst_webrtc_ice_add_turn_server (ice, "turn://u@turn.example"));
  fail_if (gst_webrtc_ice_add_turn_server (ice,
          "turn://u:p@turn.example?transport=sctp"));
  fail_if (gst_webrtc_ice_add_turn_server (ice, "not a uri"));
  gst_webrtc_ice_set_http_proxy (ice, "http://u:p@192.0.2.1");
  uri = gst_webrtc_ice_get_http_proxy (ice);
  assert_equals_string (uri, "http://u:p@192.0.2.1:8080");
  g_free (uri);
  gst_object_unref (ice);
}

GST_END_TEST;

static Suite *
ice_suite (void)
{
  Suite *s = suite_create ("ice");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  /* 100 packets per second: on a busy machine, waiting packets have
   * to fit into the socket's buffer. */
  ice_pair_samples = 80;
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_media_flows);
  tcase_add_test (tc, test_each_check_nominates);
  tcase_add_test (tc, test_offerer_restarts_without_loss);
  tcase_add_test (tc, test_first_answerer_restarts_without_loss);
  tcase_add_test (tc, test_offer_without_restart_starts_no_generation);
  tcase_add_test (tc, test_restart_during_restart_loses_nothing);
  tcase_add_test (tc, test_cancelled_restart_leaves_the_old_generation);
  tcase_add_test (tc, test_peer_that_cannot_restart_is_noticed);
  tcase_add_test (tc, test_stock_offerer_connects);
  tcase_add_test (tc, test_ipv6);
  tcase_add_test (tc, test_tcp_candidates);
  tcase_add_test (tc, test_stopped_webrtcbin_hears_nothing);
  tcase_add_test (tc, test_port_range);
  tcase_add_test (tc, test_gathering_does_not_wait_for_servers);
  tcase_add_test (tc, test_statistics_of_two_paths);
  tcase_add_test (tc, test_names_of_multicast_dns);
  tcase_add_test (tc, test_packets_are_marked);
  tcase_add_test (tc, test_end_of_the_peer_is_noticed);
  tcase_add_test (tc, test_teardown_at_any_time);
  tcase_add_test (tc, test_agent_without_webrtcbin);
  tcase_add_test (tc, test_state_is_told_when_it_changes_only);
  tcase_add_test (tc, test_agent_outlives_webrtcbin);
  tcase_add_test (tc, test_servers_are_checked);
  return s;
}

GST_CHECK_MAIN (ice);
