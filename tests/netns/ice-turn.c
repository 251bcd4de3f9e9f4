/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent through TURN servers and proxies. */
#include "config.h"

#include "ice-rig.h"

static void
make_certificate (const gchar * dir)
{
  g_autofree gchar *command = g_strdup_printf ("openssl req -x509 -newkey "
      "rsa:2048 -nodes -days 2 -subj /CN=turn -keyout %s/key.pem "
      "-out %s/cert.pem 2>/dev/null", dir, dir);

  fail_unless (ice_lab_try (ice_lab, ICE_LAB_SERVER, command));
}

static gboolean
is_listening (gpointer data)
{
  return ice_lab_try (ice_lab, ICE_LAB_SERVER, "ss -lnt | grep -q :3478");
}

/* Gets webrtcbin's own statistics, which include the selected candidates. */
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
  turn = ice_lab_spawn (ice_lab, ICE_LAB_SERVER, argv);
  while (!is_listening (NULL));
  if (proxy)
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -I FORWARD -j DROP");
  else if (udp_blocked)
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -I FORWARD -p udp -j DROP");
  pair = ice_pair_alloc ();
  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_peer_init (&pair->sender, "sender", TRUE, NULL);
  ice_lab_enter (ice_lab, ICE_LAB_SERVER);
  ice_peer_init (&pair->receiver, "receiver", TRUE, NULL);
  ice_lab_leave (ice_lab);
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
  ice_rig_report (name, pair, lost);
  ice_rig_assert_within (name, pair->max_gap, 700000 + ice_rig_get_round_trip ());
  ice_rig_assert_lost (name, lost, 0);
  ice_rig_stop (pair);
  ice_lab_kill (ice_lab, turn);
  ice_lab_try (ice_lab, ICE_LAB_SERVER, remove);
  if (udp_blocked)
    ice_lab_run (ice_lab, ICE_LAB_ROUTER, "iptables -F FORWARD");
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

/* The router forwards nothing but what its proxy passes on. */
GST_START_TEST (test_turn_by_http_proxy)
{
  const gchar *argv[] = { "node", HTTP_PROXY_SCRIPT, "10.77.1.1", "8080",
    "rcast:secret", NULL
  };
  GSubprocess *proxy = ice_lab_talk (ice_lab, ICE_LAB_ROUTER, argv);
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

void
ice_add_turn_tests (TCase * tc)
{
  if (!ice_rig_has_tool ("turnserver") || !ice_rig_has_tool ("openssl"))
    return;
  tcase_add_test (tc, test_turn_udp);
  tcase_add_test (tc, test_turn_tcp);
  tcase_add_test (tc, test_turn_tls);
  if (ice_rig_has_tool ("node"))
    tcase_add_test (tc, test_turn_by_http_proxy);
}
