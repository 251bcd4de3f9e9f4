/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests net-delay, the simulated long, thin and lossy link. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "ice-lab.h"

#define PORT 5000
/* The limit of a wait */
#define WAIT_S 60

static IceLab *lab;

typedef struct
{
  GSubprocess *process;
  GOutputStream *in;
  GDataInputStream *out;
} Link;

static gchar *
read_line (Link * link)
{
  gchar *line = g_data_input_stream_read_line (link->out, NULL, NULL, NULL);

  fail_unless (line != NULL, "net-delay has ended");
  return line;
}

static void
expect_line (Link * link, const gchar * wanted)
{
  g_autofree gchar *line = read_line (link);

  assert_equals_string (line, wanted);
}

static void
command (Link * link, const gchar * line, const gchar * wanted)
{
  fail_unless (g_output_stream_printf (link->in, NULL, NULL, NULL, "%s\n",
          line));
  expect_line (link, wanted);
}

/* Starts net-delay on both directions of the client's first uplink. */
static Link
start_link (const gchar * options)
{
  g_autofree gchar *line =
      g_strdup_printf ("%s --queue 0 --queue 1 --control%s", NET_DELAY,
      options);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  Link link;

  link.process = ice_lab_talk (lab, ICE_LAB_ROUTER,
      (const gchar * const *) argv);
  link.in = g_subprocess_get_stdin_pipe (link.process);
  link.out = g_data_input_stream_new (g_subprocess_get_stdout_pipe
      (link.process));
  expect_line (&link, "ready");
  return link;
}

static void
stop_link (Link * link)
{
  g_object_unref (link->out);
  g_output_stream_close (link->in, NULL, NULL);
  g_subprocess_wait (link->process, NULL, NULL);
  assert_equals_int (g_subprocess_get_exit_status (link->process), 0);
  g_object_unref (link->process);
}

static GSocket *
open_socket (IceLabSpace space, const gchar * address)
{
  g_autoptr (GSocketAddress) where =
      g_inet_socket_address_new_from_string (address, PORT);
  GSocket *socket;

  ice_lab_enter (lab, space);
  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  ice_lab_leave (lab);
  fail_unless (g_socket_bind (socket, where, TRUE, NULL));
  g_socket_set_timeout (socket, WAIT_S);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 1 << 20, NULL);
  return socket;
}

static void
send_number (GSocket * socket, const gchar * address, guint32 number,
    gsize size)
{
  g_autoptr (GSocketAddress) where =
      g_inet_socket_address_new_from_string (address, PORT);
  gchar bytes[1400] = { 0, };

  memcpy (bytes, &number, sizeof number);
  fail_unless_equals_int64 (g_socket_send_to (socket, where, bytes, size, NULL,
          NULL), size);
}

static guint32
receive_number (GSocket * socket)
{
  gchar bytes[1400];
  guint32 number;

  fail_unless (g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL) >=
      (gssize) sizeof number);
  memcpy (&number, bytes, sizeof number);
  return number;
}

static gint64
measure_round_trip (GSocket * client, GSocket * server, guint32 number)
{
  gint64 begin = g_get_monotonic_time ();

  send_number (client, ICE_LAB_SERVER_IP, number, 100);
  assert_equals_int (receive_number (server), number);
  send_number (server, ICE_LAB_UP0, number, 100);
  assert_equals_int (receive_number (client), number);
  return g_get_monotonic_time () - begin;
}

/* A slow machine may add to the delay, but the link is never faster. */
GST_START_TEST (test_round_trip)
{
  Link link = start_link ("");
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);
  gint64 shortest = G_MAXINT64;

  for (guint i = 0; i < 10; i++)
    shortest = MIN (shortest, measure_round_trip (client, server, i));
  printf ("round trip %.2f ms\n", shortest / 1000.0);
  fail_unless (shortest >= 40000);
  command (&link, "queue 1 delay 100", "ok");
  shortest = measure_round_trip (client, server, 20);
  fail_unless (shortest >= 120000);
  command (&link, "delay nothing", "error");
  command (&link, "loss 2", "error");
  command (&link, "queue 7 delay 1", "error");
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_END_TEST;

GST_START_TEST (test_jitter_keeps_the_order)
{
  Link link = start_link (" --delay 10 --jitter 10");
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);

  for (guint i = 0; i < 200; i++)
    send_number (client, ICE_LAB_SERVER_IP, i, 100);
  for (guint i = 0; i < 200; i++)
    assert_equals_int (receive_number (server), i);
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_END_TEST;

#define N_LOSSY 1000
/* Packets after the last one that counts; one of them arrives */
#define N_MORE 50

/* The link keeps the order. So when one of the later packets arrives, all packets that count have
 * arrived or are lost. */
static void
note_losses (const gchar * options, gboolean * received)
{
  Link link = start_link (options);
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);
  guint32 number;

  for (guint i = 0; i < N_LOSSY + N_MORE; i++)
    send_number (client, ICE_LAB_SERVER_IP, i, 100);
  while ((number = receive_number (server)) < N_LOSSY)
    received[number] = TRUE;
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_START_TEST (test_same_seed_same_losses)
{
  gboolean first[N_LOSSY] = { 0, };
  gboolean again[N_LOSSY] = { 0, };
  gboolean other[N_LOSSY] = { 0, };
  guint lost = 0;

  note_losses (" --loss 0.1 --seed 7", first);
  note_losses (" --loss 0.1 --seed 7 --delay 0", again);
  note_losses (" --loss 0.1 --seed 8", other);
  for (guint i = 0; i < N_LOSSY; i++)
    lost += !first[i];
  printf ("%u of %u lost\n", lost, N_LOSSY);
  fail_unless (lost > N_LOSSY / 20 && lost < N_LOSSY / 5);
  fail_unless (memcmp (first, again, sizeof first) == 0);
  fail_if (memcmp (first, other, sizeof first) == 0);
}

GST_END_TEST;

GST_START_TEST (test_all_lost)
{
  Link link = start_link (" --loss 1 --delay 0");
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);

  for (guint i = 0; i < 100; i++)
    send_number (client, ICE_LAB_SERVER_IP, i, 100);
  stop_link (&link);
  link = start_link (" --delay 0");
  send_number (client, ICE_LAB_SERVER_IP, 100, 100);
  assert_equals_int (receive_number (server), 100);
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_END_TEST;

/* 100 packets of 1,028 bytes at 1 Mbit/s. */
GST_START_TEST (test_rate)
{
  Link link = start_link (" --rate 1000000 --delay 0 --buffer 10000");
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);
  gint64 begin = g_get_monotonic_time ();
  gint64 took;

  for (guint i = 0; i < 100; i++)
    send_number (client, ICE_LAB_SERVER_IP, i, 1000);
  for (guint i = 0; i < 100; i++)
    assert_equals_int (receive_number (server), i);
  took = g_get_monotonic_time () - begin;
  printf ("100 packets took %.1f ms\n", took / 1000.0);
  fail_unless (took >= 100 * 1028 * 8);
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_END_TEST;

/* Losses come in bursts, with a good link between them. */
GST_START_TEST (test_losses_in_bursts)
{
  gboolean received[N_LOSSY] = { 0, };
  guint lost = 0;
  guint bursts = 0;

  note_losses (" --loss 0.2 --burst 8 --seed 7", received);
  for (guint i = 0; i < N_LOSSY; i++) {
    lost += !received[i];
    bursts += !received[i] && (i == 0 || received[i - 1]);
  }
  printf ("%u of %u lost in %u bursts\n", lost, N_LOSSY, bursts);
  fail_unless (lost > N_LOSSY / 10 && lost < N_LOSSY * 3 / 10);
  fail_unless (lost > 4 * bursts && lost < 16 * bursts);
}

GST_END_TEST;

/* The packets would take 8 s at 100 kbit/s, and 0.8 s at 1 Mbit/s. As on a real link, a new rate
 * also applies to the packets that already wait. */
GST_START_TEST (test_rate_changes_for_what_waits)
{
  Link link = start_link (" --rate 100000 --delay 0 --buffer 10000");
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);
  gint64 begin = g_get_monotonic_time ();
  gint64 took;

  for (guint i = 0; i < 100; i++)
    send_number (client, ICE_LAB_SERVER_IP, i, 1000);
  assert_equals_int (receive_number (server), 0);
  command (&link, "queue 0 rate 1000000", "ok");
  for (guint i = 1; i < 100; i++)
    assert_equals_int (receive_number (server), i);
  took = g_get_monotonic_time () - begin;
  printf ("100 packets took %.1f ms\n", took / 1000.0);
  fail_unless (took >= 99 * 1028 * 8);
  fail_unless (took < 50 * 1028 * 80);
  stop_link (&link);
  g_object_unref (client);
  g_object_unref (server);
}

GST_END_TEST;

/* The kernel drops the first packets of a burst to a host whose hardware address it does not
 * know. */
static void
learn_addresses (void)
{
  GSocket *client = open_socket (ICE_LAB_CLIENT, ICE_LAB_UP0);
  GSocket *server = open_socket (ICE_LAB_SERVER, ICE_LAB_SERVER_IP);

  measure_round_trip (client, server, 0);
  g_object_unref (client);
  g_object_unref (server);
}

static void
set_up (void)
{
  const gchar *why_not = NULL;

  lab = ice_lab_new (&why_not);
  fail_unless (lab != NULL, "%s", why_not);
  learn_addresses ();
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -t mangle -A FORWARD -i r0 -j NFQUEUE --queue-num 0 && "
      "iptables -t mangle -A FORWARD -o r0 -j NFQUEUE --queue-num 1");
}

static void
tear_down (void)
{
  ice_lab_free (lab);
  lab = NULL;
}

static Suite *
delay_suite (void)
{
  Suite *s = suite_create ("net-delay");
  TCase *tc = tcase_create ("general");

  tcase_add_checked_fixture (tc, set_up, tear_down);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_jitter_keeps_the_order);
  tcase_add_test (tc, test_same_seed_same_losses);
  tcase_add_test (tc, test_all_lost);
  tcase_add_test (tc, test_rate);
  tcase_add_test (tc, test_losses_in_bursts);
  tcase_add_test (tc, test_rate_changes_for_what_waits);
  return s;
}

int
main (int argc, char **argv)
{
  const gchar *why_not = NULL;
  IceLab *probe;
  gboolean has_queues;

  gst_check_init (&argc, &argv);
  probe = ice_lab_new (&why_not);
  has_queues = probe && ice_lab_try (probe, ICE_LAB_ROUTER,
      NET_DELAY " --queue 0 --control < /dev/null && "
      "iptables -t mangle -A FORWARD -i r0 -j NFQUEUE --queue-num 0");
  g_clear_pointer (&probe, ice_lab_free);
  if (!has_queues) {
    printf ("skipped: needs %s\n", why_not ? why_not : "netfilter queues");
    return 77;
  }
  return gst_check_run_suite (delay_suite (), "net-delay", __FILE__);
}
