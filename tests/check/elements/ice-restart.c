/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE restarts with a peer that keeps its one port, as servers do. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <gst/sdp/sdp.h>
#include <string.h>

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"
#include "rcast-check.h"
#include "stun-answer.h"
#include "udp-server.h"

#define PASSWORD "passwordpasswordpasswordb"

/* Answers each check that has a USERNAME: all generations of credentials work on the same port. */
typedef struct
{
  UdpServer udp;
  gint mute;                    /* atomic */
} Server;

static void
server_answer (UdpServer * udp, GSocketAddress * from, const guint8 * bytes,
    gsize size, gpointer data)
{
  Server *server = data;
  StunAnswer answer = {.password = PASSWORD };
  guint8 out[STUN_ANSWER_MAX_SIZE];

  if (size < 20 || GST_READ_UINT16_BE (bytes) != 0x0001
      || !stun_find_attribute (bytes, size, 0x0006, NULL)
      || g_atomic_int_get (&server->mute))
    return;
  answer.mapped_port =
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from));
  udp_server_send (udp, from, out, stun_answer_write (&answer, bytes + 8, out));
}

static void
server_start (Server * server)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback
      (G_SOCKET_FAMILY_IPV4);

  server->mute = 0;
  udp_server_start (&server->udp, address, server_answer, server);
}

/* --- the agent, as webrtcbin uses it --- */

typedef struct
{
  Server server;
  GstWebRTCICE *ice;
  GstWebRTCICEStream *stream;
  GAsyncQueue *news;            /* of const gchar *: names of signals */
  gint dead;                    /* atomic: whether a path was dead */
} Rig;

static void
ignore_candidate (GstWebRTCICE * ice, guint session, const gchar * candidate,
    gpointer data)
{
}

static void
on_path_changed (GstWebRTCICE * ice, guint session, const GstStructure * path,
    gboolean media_lost, Rig * rig)
{
  if (path)
    g_async_queue_push (rig->news, (gpointer) "path");
}

static void
on_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, Rig * rig)
{
  g_async_queue_push (rig->news, (gpointer) "swapped");
}

static void
on_hopeless (GstWebRTCICE * ice, guint session, guint generation, Rig * rig)
{
  fail_unless (generation > 0);
  g_async_queue_push (rig->news, (gpointer) "hopeless");
}

static void
on_restart_wanted (GstWebRTCICE * ice, guint session,
    GstRcastIceRestartReason reason, Rig * rig)
{
  if (reason == GST_RCAST_ICE_RESTART_REASON_PATH_LOST)
    g_async_queue_push (rig->news, (gpointer) "lost");
}

static void
on_path_state (GstWebRTCICE * ice, guint session, const GstStructure * path,
    Rig * rig)
{
  gint state = -1;

  gst_structure_get_enum (path, "state", GST_TYPE_RCAST_ICE_PATH_STATE, &state);
  if (state == GST_RCAST_ICE_PATH_STATE_DEAD)
    g_atomic_int_set (&rig->dead, 1);
}

static void
rig_expect (Rig * rig, const gchar * wanted)
{
  gint64 end = g_get_monotonic_time () + RCAST_CHECK_PATIENCE;
  const gchar *news = NULL;

  while (g_strcmp0 (news, wanted) != 0) {
    news = g_async_queue_timeout_pop (rig->news, RCAST_CHECK_PATIENCE);
    fail_unless (news != NULL && g_get_monotonic_time () < end,
        "no news of %s", wanted);
  }
}

static void
rig_offer (Rig * rig, gboolean restart)
{
  static const gchar text[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
      "a=ice-ufrag:xxxx\r\na=ice-pwd:yyyyyyyyyyyyyyyyyyyyyyyy\r\n";
  const GstSDPMedia *media;
  GstSDPMessage *sdp;

  assert_equals_int (gst_sdp_message_new_from_text (text, &sdp), GST_SDP_OK);
  gst_rcast_ice_prepare_offer (rig->ice, sdp, restart);
  media = gst_sdp_message_get_media (sdp, 0);
  gst_webrtc_ice_set_local_credentials (rig->ice, rig->stream,
      gst_sdp_media_get_attribute_val (media, "ice-ufrag"),
      gst_sdp_media_get_attribute_val (media, "ice-pwd"));
  gst_sdp_message_free (sdp);
  gst_webrtc_ice_gather_candidates (rig->ice, rig->stream);
}

/* @candidate: format with PORT for the server's port; NULL: add none */
static void
rig_add_candidate (Rig * rig, const gchar * candidate)
{
  g_autofree gchar *port = g_strdup_printf ("%u", rig->server.udp.port);
  g_auto (GStrv) parts = NULL;
  g_autofree gchar *line = NULL;

  if (!candidate)
    return;
  parts = g_strsplit (candidate, "PORT", -1);
  line = g_strjoinv (port, parts);
#if GST_CHECK_VERSION (1, 24, 0)
  gst_webrtc_ice_add_candidate (rig->ice, rig->stream, line, NULL);
#else
  gst_webrtc_ice_add_candidate (rig->ice, rig->stream, line);
#endif
}

static void
rig_answer (Rig * rig, const gchar * ufrag)
{
  gst_webrtc_ice_set_remote_credentials (rig->ice, rig->stream, ufrag,
      PASSWORD);
}

static void
rig_start (Rig * rig)
{
  gboolean taken;

  server_start (&rig->server);
  rig->dead = 0;
  rig->news = g_async_queue_new ();
  rig->ice = gst_rcast_ice_new (NULL);
  /* On a slow machine, no path may look dead before the test wants it. */
  g_object_set (rig->ice, "media-timeout", 3000, NULL);
  g_signal_emit_by_name (rig->ice, "add-local-ip-address", "127.0.0.1", &taken);
  gst_webrtc_ice_set_on_ice_candidate (rig->ice, ignore_candidate, NULL, NULL);
  gst_webrtc_ice_set_is_controller (rig->ice, TRUE);
  g_signal_connect (rig->ice, "path-changed", G_CALLBACK (on_path_changed), rig);
  g_signal_connect (rig->ice, "generation-swapped", G_CALLBACK (on_swapped),
      rig);
  g_signal_connect (rig->ice, "generation-hopeless", G_CALLBACK (on_hopeless),
      rig);
  g_signal_connect (rig->ice, "restart-wanted",
      G_CALLBACK (on_restart_wanted), rig);
  g_signal_connect (rig->ice, "path-state-changed",
      G_CALLBACK (on_path_state), rig);
  rig->stream = gst_webrtc_ice_add_stream (rig->ice, 0);
  rig_offer (rig, FALSE);
  rig_answer (rig, "first");
}

static void
rig_stop (Rig * rig)
{
  gst_rcast_ice_shut_down (rig->ice);
  gst_object_unref (rig->ice);
  udp_server_stop (&rig->server.udp);
  g_async_queue_unref (rig->news);
}

#define HOST "a=candidate:1 1 udp 2130706431 127.0.0.1 PORT typ host"
#define REFLEXIVE "a=candidate:2 1 udp 1694498815 127.0.0.1 PORT typ srflx " \
    "raddr 10.255.255.1 rport 9"
/* No server listens there. */
#define WRONG "a=candidate:3 1 udp 2130706431 127.0.0.1 9 typ host"

typedef struct
{
  const gchar *name;
  const gchar *first, *trickled;        /* candidates of the first answer */
  const gchar *restarted;       /* of the second answer */
} Row;

static const Row rows[] = {
  {"the answer has a candidate", HOST, NULL, HOST},
  {"it has none", HOST, NULL, NULL},
  {"nor had the first one, whose candidate was trickled", NULL, HOST, NULL},
  {"the former candidate names its credentials", HOST " ufrag first", NULL,
      NULL},
  {"the former candidate is server-reflexive", REFLEXIVE, NULL, NULL},
  {"that in the answer leads nowhere", HOST, NULL, WRONG},
};

/* RFC 9725 4.3.3: an answer may have credentials and nothing else. */
GST_START_TEST (test_restart_needs_no_candidate_in_its_answer)
{
  const Row *row = &rows[__i__];
  Rig rig;

  rig_start (&rig);
  rig_add_candidate (&rig, row->first);
  rig_add_candidate (&rig, row->trickled);
  rig_expect (&rig, "path");
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *ufrag = g_strdup_printf ("next%u", i);

    rig_offer (&rig, TRUE);
    rig_answer (&rig, ufrag);
    rig_add_candidate (&rig, row->restarted);
    rig_expect (&rig, "swapped");
  }
  rig_stop (&rig);
}

GST_END_TEST;

/* The application is told that waiting is of no use. Waiting does no harm either. */
GST_START_TEST (test_unanswered_restart_is_hopeless_until_it_is_answered)
{
  Rig rig;
  gint64 begin;

  rig_start (&rig);
  rig_add_candidate (&rig, HOST);
  rig_expect (&rig, "path");
  g_atomic_int_set (&rig.server.mute, 1);
  rig_offer (&rig, TRUE);
  begin = g_get_monotonic_time ();
  rig_answer (&rig, "second");
  rig_expect (&rig, "hopeless");
  fail_unless (g_get_monotonic_time () - begin >= G_USEC_PER_SEC);
  g_atomic_int_set (&rig.server.mute, 0);
  rig_expect (&rig, "swapped");
  rig_stop (&rig);
}

GST_END_TEST;

/* The only path is silent for less than a second: the agent asks for a restart before it gives
 * the path up. The path lives after all, and the restart does no harm. */
GST_START_TEST (test_restart_is_asked_for_before_the_only_path_is_dead)
{
  Rig rig;

  rig_start (&rig);
  rig_add_candidate (&rig, HOST);
  rig_expect (&rig, "path");
  g_atomic_int_set (&rig.server.mute, 1);
  rig_expect (&rig, "lost");
  fail_if (g_atomic_int_get (&rig.dead));
  g_atomic_int_set (&rig.server.mute, 0);
  rig_offer (&rig, TRUE);
  rig_answer (&rig, "second");
  rig_expect (&rig, "swapped");
  fail_if (g_atomic_int_get (&rig.dead));
  rig_stop (&rig);
}

GST_END_TEST;

static Suite *
ice_restart_suite (void)
{
  Suite *s = suite_create ("ice-restart");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_restart_needs_no_candidate_in_its_answer, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_restart_is_asked_for_before_the_only_path_is_dead);
  tcase_add_test (tc,
      test_unanswered_restart_is_hopeless_until_it_is_answered);
  return s;
}

GST_CHECK_MAIN (ice_restart);
