/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers hang while another one returns: the sink notices its return, whatever the protocol. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>

#include <string.h>

#include "loopback-port.h"
#include "rcast-check.h"
#include "rig.h"

/* Longer than a busy machine needs between two steps of the test;
 * an attempt has twice this time. */
#define HEDGE_DELAY_MS 2000

static const struct
{
  const gchar *factory;
  const gchar *location;        /* %u is the port */
  const gchar *request;         /* how an attempt begins */
} rows[] = {
  {"rcastwhip", "http://127.0.0.1:%u/x", "POST "},
  {"rcastjanus", "janus+ws://127.0.0.1:%u/?room=1", "GET "},
  {"rcastgst", "gst+ws://127.0.0.1:%u/?name=n", "GET "},
  {"rcastopenvidu", "openvidu+ws://127.0.0.1:%u/?sessionId=s&token=t", "GET "},
};

/* A server that accepts connections, but never answers */
typedef struct
{
  GSocket *listener;
  guint port;
  GPtrArray *connections;       /* of GSocket */
} Server;

static void
server_init (Server * server)
{
  server->listener = loopback_port_bind (&server->port);
  server->connections = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
server_clear (Server * server)
{
  g_object_unref (server->listener);
  g_ptr_array_unref (server->connections);
}

static void
server_listen (Server * server)
{
  g_socket_set_timeout (server->listener, PATIENCE / GST_SECOND);
  fail_unless (g_socket_listen (server->listener, NULL));
}

/* Returns: (transfer full): the first bytes from the next client;
 * empty: it closes without a word */
static gchar *
server_hear (Server * server)
{
  g_autoptr (GError) error = NULL;
  GSocket *connection = g_socket_accept (server->listener, NULL, &error);
  gchar words[1024];
  gssize size;

  fail_unless (connection != NULL, "%s", error ? error->message : "");
  g_ptr_array_add (server->connections, connection);
  g_socket_set_timeout (connection, PATIENCE / GST_SECOND);
  size = g_socket_receive (connection, words, sizeof (words), NULL, &error);
  fail_if (size < 0, "%s", error ? error->message : "");
  return g_strndup (words, size);
}

static void
server_expect (Server * server, const gchar * request)
{
  g_autofree gchar *words = server_hear (server);

  fail_unless (g_str_has_prefix (words, request) && (*request || !*words),
      "\"%s\" in place of \"%s\"", words, request);
}

/* Waits for an attempt. Until then, only probes may arrive. */
static void
server_await (Server * server, const gchar * request)
{
  gboolean found = FALSE;

  while (!found) {
    g_autofree gchar *words = server_hear (server);

    found = g_str_has_prefix (words, request);
    fail_unless (found || !*words, "%s", words);
  }
}

/* The first server refuses connections, the others hang in both attempts. The sink still probes
 * the first one, and tries it before the attempts are over. */
GST_START_TEST (test_server_is_back_while_both_attempts_hang_elsewhere)
{
  g_autoptr (GstElementFactory) factory =
      gst_element_factory_find (rows[__i__].factory);
  Server servers[3];
  gchar *locations[4] = { NULL };
  Rig rig;

  if (!factory)
    return;
  for (guint i = 0; i < 3; i++) {
    GString *location = g_string_new (rows[__i__].location);
    g_autofree gchar *port = NULL;

    server_init (&servers[i]);
    port = g_strdup_printf ("%u", servers[i].port);
    g_string_replace (location, "%u", port, 0);
    locations[i] = g_string_free (location, FALSE);
  }
  server_listen (&servers[1]);
  server_listen (&servers[2]);
  rig_init (&rig, "videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64 ! rcastsink name=r");
  g_object_set (rig.sink, "signaller", NULL, "hedge-delay", HEDGE_DELAY_MS,
      NULL);
  rig_set_locations (&rig, (const gchar * const *) locations);
  gst_child_proxy_set (GST_CHILD_PROXY (rig.sink),
      "signaller::connect-timeout", 60000, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_await (&servers[1], rows[__i__].request);
  server_await (&servers[2], rows[__i__].request);
  server_listen (&servers[0]);
  server_expect (&servers[0], "");
  server_await (&servers[0], rows[__i__].request);
  rig_clear (&rig);
  for (guint i = 0; i < 3; i++) {
    server_clear (&servers[i]);
    g_free (locations[i]);
  }
}
GST_END_TEST;

static Suite *
rcastsink_reach_suite (void)
{
  Suite *s = suite_create ("rcastsink-reach");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc,
      test_server_is_back_while_both_attempts_hang_elsewhere, 0,
      G_N_ELEMENTS (rows));
  return s;
}

GST_CHECK_MAIN (rcastsink_reach);
