/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that closes the session while ICE or DTLS connects. */
#include "config.h"

#include <gio/gio.h>
#include <arpa/inet.h>
#include <gst/check/gstcheck.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "rcast-check.h"
#include "rig.h"
#include "stun-answer.h"
#include "udp-server.h"

#define PASSWORD "passwordpasswordpasswordb"
#define SOURCE "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! " \
    "vp8enc deadline=1 ! rtpvp8pay pt=96 ! rcastsink name=r reconnect-min-delay=10"

/* RFC 6347 4.1: the types of a record */
#define DTLS_HANDSHAKE 22
/* A record of the first epoch with an alert (RFC 5246 7.2) */
#define ALERT(level, what) { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, level, what }
#define WARNING 1
#define FATAL 2
#define CLOSE_NOTIFY 0
#define HANDSHAKE_FAILURE 40
#define INTERNAL_ERROR 80
/* RFC 7675 5.2 */
#define FORBIDDEN 403

/* Answers checks, and the first flight of DTLS with an alert; or stays silent. */
typedef struct
{
  UdpServer udp;
  const guint8 *alert;          /* of ALERT_SIZE; NULL: silent, unless it revokes consent */
  gboolean revokes;             /* revokes consent as soon as DTLS begins */
  gboolean began;               /* whether DTLS has begun; on the server's thread */
  GAsyncQueue *checks;          /* one entry for each check */
} Server;

#define ALERT_SIZE 15

static void
take (UdpServer * udp, GSocketAddress * from, const guint8 * bytes, gsize size,
    gpointer data)
{
  Server *server = data;
  StunAnswer answer = {.password = PASSWORD };
  guint8 out[STUN_ANSWER_MAX_SIZE];

  if (size >= 13 && bytes[0] == DTLS_HANDSHAKE) {
    server->began = TRUE;
    if (server->alert)
      udp_server_send (udp, from, server->alert, ALERT_SIZE);
  }
  if (size < 20 || GST_READ_UINT16_BE (bytes) != 0x0001)
    return;
  g_async_queue_push (server->checks, server);
  if (!server->alert && !server->revokes)
    return;
  if (server->revokes && server->began)
    answer.code = FORBIDDEN;
  answer.mapped_port =
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from));
  answer.mapped_address = GST_READ_UINT32_BE (g_inet_address_to_bytes
      (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (from))));
  udp_server_send (udp, from, out, stun_answer_write (&answer, bytes + 8, out));
}

/* Returns: candidates for all IPv4 addresses of this machine, for the agent to find the server */
static gchar *
list_candidates (guint16 port)
{
  GString *lines = g_string_new (NULL);
  struct ifaddrs *all;
  guint n = 0;

  fail_unless (getifaddrs (&all) == 0);
  for (struct ifaddrs * one = all; one; one = one->ifa_next) {
    gchar text[INET_ADDRSTRLEN];

    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET
        || !(one->ifa_flags & IFF_UP))
      continue;
    inet_ntop (AF_INET, &((struct sockaddr_in *) one->ifa_addr)->sin_addr, text,
        sizeof text);
    g_string_append_printf (lines, "a=candidate:%u 1 udp %u %s %u typ host\r\n",
        n + 1, 2130706431 - n, text, port);
    n++;
  }
  freeifaddrs (all);
  return g_string_free (lines, FALSE);
}

/* Returns: (transfer full): the server's answer to any offer of one VP8 stream */
static gchar *
start_server (Server * server, const guint8 * alert)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autofree gchar *candidates = NULL;

  server->alert = alert;
  server->revokes = server->began = FALSE;
  server->checks = g_async_queue_new ();
  udp_server_start (&server->udp, address, take, server);
  candidates = list_candidates (server->udp.port);
  return g_strdup_printf ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
      "a=group:BUNDLE video0\r\na=ice-lite\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 127.0.0.1\r\n"
      "a=mid:video0\r\na=recvonly\r\na=rtcp-mux\r\na=setup:passive\r\n"
      "a=rtpmap:96 VP8/90000\r\na=ice-ufrag:first\r\na=ice-pwd:" PASSWORD "\r\n"
      "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
      "%sa=end-of-candidates\r\n", candidates);
}

static void
stop_server (Server * server)
{
  udp_server_stop (&server->udp);
  g_async_queue_unref (server->checks);
}

static const struct
{
  guint8 alert[ALERT_SIZE];
  const gchar *reason;
} ends[] = {
  {ALERT (WARNING, CLOSE_NOTIFY), "server-closed"},
  {ALERT (FATAL, HANDSHAKE_FAILURE), "dtls-failed"},
  {ALERT (FATAL, INTERNAL_ERROR), "dtls-failed"},
};

/* At once, not after connect-timeout: that is a minute here, and would be a failure of ICE. */
GST_START_TEST (test_server_that_closes_dtls_while_it_connects_is_left_at_once)
{
  Rig rig;
  Server server;
  g_autofree gchar *answer = start_server (&server, ends[__i__].alert);

  rig_init (&rig, SOURCE);
  fake_signaller_set_answer (rig.signaller, answer);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect_with (&rig, "reconnecting_broadcast", "reason",
      ends[__i__].reason, "strategy", "rejoin", NULL);
  rig_clear (&rig);
  stop_server (&server);
}

GST_END_TEST;

static void
hang_up (FakeSignaller * signaller)
{
  fake_signaller_say (signaller, GST_RCAST_SERVER_HANGUP);
}

/* What the signalling reports while ICE connects */
static const struct
{
  void (*end) (FakeSignaller * signaller);
  const gchar *reason;
} words[] = {
  {hang_up, "server-closed"},
  {fake_signaller_forget, "evicted"},
};

GST_START_TEST (test_server_that_ends_the_session_while_ice_connects_is_left_at_once)
{
  Rig rig;
  Server server;
  g_autofree gchar *answer = start_server (&server, NULL);

  rig_init (&rig, SOURCE);
  fake_signaller_set_answer (rig.signaller, answer);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  g_async_queue_pop (server.checks);
  words[__i__].end (rig.signaller);
  rig_expect_with (&rig, "reconnecting_broadcast", "reason",
      words[__i__].reason, "strategy", "rejoin", NULL);
  rig_clear (&rig);
  stop_server (&server);
}

GST_END_TEST;

/* RFC 7675 5.2: the server wants no more packets, and never answers DTLS. */
GST_START_TEST (test_server_that_revokes_consent_while_dtls_connects_is_left_at_once)
{
  Rig rig;
  Server server;
  g_autofree gchar *answer = start_server (&server, NULL);

  server.revokes = TRUE;
  rig_init (&rig, SOURCE);
  fake_signaller_set_answer (rig.signaller, answer);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect_with (&rig, "reconnecting_broadcast", "reason",
      "ice-disconnected", "strategy", "rejoin", NULL);
  rig_clear (&rig);
  stop_server (&server);
}

GST_END_TEST;

static Suite *
connecting_suite (void)
{
  Suite *s = suite_create ("connecting");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc,
      test_server_that_closes_dtls_while_it_connects_is_left_at_once, 0,
      G_N_ELEMENTS (ends));
  tcase_add_loop_test (tc,
      test_server_that_ends_the_session_while_ice_connects_is_left_at_once, 0,
      G_N_ELEMENTS (words));
  tcase_add_test (tc,
      test_server_that_revokes_consent_while_dtls_connects_is_left_at_once);
  return s;
}

GST_CHECK_MAIN (connecting);
