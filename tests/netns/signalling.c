/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests, probes and WebSockets over two uplinks, one of which is a black hole. */
#include "config.h"

#define _GNU_SOURCE

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <libsoup/soup.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ice-lab.h"
#include "net-http.h"
#include "net-reach.h"
#include "net-websocket.h"
#include "rcast-signaller.h"
#include "rcast-ways.h"

#define SERVER_6 "fd77:9::2"
#define TIMEOUT 10000
#define CONNECT_TIMEOUT 2000
/* A connect timeout that is just enough to try both uplinks */
#define SOON 600
/* 250 ms until the dialer tries the second uplink, and a second for a busy machine */
#define HEDGED_MS 1250
#define PROTOCOL "a-protocol"

/* The routing tables of the host */
typedef enum
{
  TABLES_BOTH,                  /* the lab's own: two default routes, and rules */
  TABLES_MAIN,                  /* two default routes, and no rules */
  TABLES_OWN,                   /* one default route, and a table for each source */
  N_TABLES
} Tables;

static IceLab *lab;
static GMainContext *context;
static NetDialer *dialer;
static NetClient *client;
static const gchar *host = ICE_LAB_SERVER_IP;
static guint connect_timeout = CONNECT_TIMEOUT;

/* The server, in a thread of the server's namespace */
static struct
{
  GThread *thread;
  GMainLoop *loop;
  gint ready;
  guint port;
  gint posts;                   /* atomic */
  guint asked;                  /* requests of /second, which gets no first answer */
  GMutex mutex;
  gchar *peer;                  /* mutex; address of the last client */
  GPtrArray *sockets;           /* of SoupWebsocketConnection */
} server;

static gboolean
answer_late (gpointer msg)
{
  soup_server_message_unpause (msg);
  return G_SOURCE_REMOVE;
}

/* Answers later than the time after which the client leaves a dead uplink. */
static void
answer_later (SoupServerMessage * msg)
{
  g_autoptr (GSource) later = g_timeout_source_new (1800);

  soup_server_message_pause (msg);
  g_source_set_callback (later, answer_late, g_object_ref (msg),
      g_object_unref);
  g_source_attach (later, g_main_context_get_thread_default ());
}

static void
on_request (SoupServer * self, SoupServerMessage * msg, const char *path,
    GHashTable * query, gpointer data)
{
  GInetSocketAddress *from =
      G_INET_SOCKET_ADDRESS (soup_server_message_get_remote_address (msg));

  g_mutex_lock (&server.mutex);
  g_free (server.peer);
  server.peer =
      g_inet_address_to_string (g_inet_socket_address_get_address (from));
  g_mutex_unlock (&server.mutex);
  if (soup_server_message_get_method (msg) == SOUP_METHOD_POST)
    g_atomic_int_inc (&server.posts);
  if (g_str_equal (path, "/never")
      || (g_str_equal (path, "/second") && server.asked++ == 0)) {
    soup_server_message_pause (msg);
    return;
  }
  soup_server_message_set_status (msg, 200, NULL);
  if (g_str_equal (path, "/later"))
    answer_later (msg);
}

static void
on_websocket (SoupServer * self, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  g_ptr_array_add (server.sockets, g_object_ref (connection));
}

/* A name server with one address for all names */
static gboolean
on_question (GSocket * socket, GIOCondition condition, gpointer data)
{
  static const guint8 record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10,
    77, 9, 2
  };
  g_autoptr (GSocketAddress) from = NULL;
  guint8 message[512];
  gssize size = g_socket_receive_from (socket, &from, (gchar *) message,
      sizeof message - sizeof record, NULL, NULL);

  if (size < 16)
    return G_SOURCE_CONTINUE;
  message[2] |= 0x80;
  message[3] = 0x80;
  /* Drop the additional records after the question. */
  message[11] = 0;
  size = 12 + strlen ((const gchar *) message + 12) + 5;
  if (message[size - 3] == 1) {
    message[7] = 1;
    memcpy (message + size, record, sizeof record);
    size += sizeof record;
  }
  g_socket_send_to (socket, from, (const gchar *) message, size, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static GSource *
serve_names (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (ICE_LAB_SERVER_IP, 53);
  GSource *source;

  g_assert (g_socket_bind (socket, address, TRUE, NULL));
  source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_question), NULL, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static gpointer
serve (gpointer data)
{
  g_autoptr (GSource) names = NULL;
  g_autoptr (GMainContext) own = g_main_context_new ();
  g_autoptr (SoupServer) soup = NULL;
  char *protocols[] = { (char *) PROTOCOL, NULL };
  GSList *uris;

  ice_lab_enter (lab, ICE_LAB_SERVER);
  g_main_context_push_thread_default (own);
  names = serve_names ();
  soup = soup_server_new (NULL, NULL);
  soup_server_add_handler (soup, NULL, on_request, NULL, NULL);
  soup_server_add_websocket_handler (soup, "/ws", NULL, protocols,
      on_websocket, NULL, NULL);
  g_assert (soup_server_listen_all (soup, 0, 0, NULL));
  uris = soup_server_get_uris (soup);
  server.port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  server.loop = g_main_loop_new (own, FALSE);
  g_atomic_int_set (&server.ready, TRUE);
  g_main_loop_run (server.loop);
  soup_server_disconnect (soup);
  g_source_destroy (names);
  g_clear_pointer (&server.sockets, g_ptr_array_unref);
  g_main_context_pop_thread_default (own);
  return NULL;
}

static gchar *
dup_peer (void)
{
  gchar *peer;

  g_mutex_lock (&server.mutex);
  peer = g_strdup (server.peer);
  g_mutex_unlock (&server.mutex);
  return peer;
}

/* Each test has a process and a lab of its own. */
static void
set_up (void)
{
  const gchar *why_not = NULL;

  lab = ice_lab_new (&why_not);
  fail_unless (lab != NULL, "no lab: %s", why_not);
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "ip -6 addr add fd77:1::1/64 dev r0 nodad && "
      "ip -6 addr add fd77:2::1/64 dev r1 nodad && "
      "ip -6 addr add fd77:9::1/64 dev rs nodad && "
      "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
  /* Filter source addresses, as providers do: BCP 38. */
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -A FORWARD -i r0 ! -s 10.77.1.0/24 -j DROP && "
      "iptables -A FORWARD -i r1 ! -s 10.77.2.0/24 -j DROP && "
      "ip6tables -A FORWARD -i r0 ! -s fd77:1::/64 -j DROP && "
      "ip6tables -A FORWARD -i r1 ! -s fd77:2::/64 -j DROP");
  ice_lab_run (lab, ICE_LAB_SERVER,
      "ip -6 addr add " SERVER_6 "/64 dev s0 nodad && "
      "ip -6 route add default via fd77:9::1");
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip -6 addr add fd77:1::2/64 dev up0 nodad && "
      "ip -6 addr add fd77:2::2/64 dev up1 nodad && "
      "ip -6 rule add from fd77:1::2 table 101 && "
      "ip -6 rule add from fd77:2::2 table 102 && "
      "ip -6 route add default via fd77:1::1 dev up0 table 101 && "
      "ip -6 route add default via fd77:2::1 dev up1 table 102 && "
      "ip -6 route add default via fd77:1::1 dev up0 metric 100 && "
      "ip -6 route add default via fd77:2::1 dev up1 metric 200");
  server.sockets = g_ptr_array_new_with_free_func (g_object_unref);
  server.thread = g_thread_new ("server", serve, NULL);
  while (!g_atomic_int_get (&server.ready))
    g_thread_yield ();
  ice_lab_enter (lab, ICE_LAB_CLIENT);
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  dialer = net_dialer_new ();
  client = net_client_new (dialer, NULL, NULL);
}

static void
tear_down (void)
{
  net_client_free (client);
  net_dialer_unref (dialer);
  while (g_main_context_iteration (context, FALSE));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_main_loop_quit (server.loop);
  g_thread_join (server.thread);
  g_clear_pointer (&server.loop, g_main_loop_unref);
  g_clear_pointer (&server.peer, g_free);
  g_atomic_int_set (&server.ready, FALSE);
  if (!g_str_equal (host, ICE_LAB_SERVER_IP))
    umount ("/etc/resolv.conf");
  host = ICE_LAB_SERVER_IP;
  connect_timeout = CONNECT_TIMEOUT;
  ice_lab_leave (lab);
  ice_lab_free (lab);
}

static void
use_tables (Tables tables)
{
  for (guint six = 0; six < 2 && tables == TABLES_MAIN; six++)
    ice_lab_run (lab, ICE_LAB_CLIENT, "ip %s rule del table 101 && "
        "ip %s rule del table 102", six ? "-6" : "-4", six ? "-6" : "-4");
  if (tables == TABLES_OWN)
    ice_lab_run (lab, ICE_LAB_CLIENT, "ip route del default dev up1 && "
        "ip -6 route del default dev up1");
}

/* Makes an uplink a black hole; its link stays up. */
static void
set_dead (guint uplink, gboolean dead)
{
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -%c FORWARD -i r%u -j DROP && ip6tables -%c FORWARD -i r%u "
      "-j DROP && iptables -%c FORWARD -o r%u -j DROP && "
      "ip6tables -%c FORWARD -o r%u -j DROP", dead ? 'I' : 'D', uplink,
      dead ? 'I' : 'D', uplink, dead ? 'I' : 'D', uplink, dead ? 'I' : 'D',
      uplink);
}

typedef struct
{
  gboolean done;
  guint status;
  GError *error;
  gint64 began, ended;
} Op;

static guint
get_ms (const Op * op)
{
  return (op->ended - op->began) / 1000;
}

static void
on_done (SoupMessage * msg, GBytes * body, const GError * error, gpointer data)
{
  Op *op = data;

  op->status = soup_message_get_status (msg);
  op->error = error ? g_error_copy (error) : NULL;
  op->ended = g_get_monotonic_time ();
  op->done = TRUE;
}

static void
wait_for (Op * op)
{
  while (!op->done)
    g_main_context_iteration (context, TRUE);
}

static GUri *
make_url (const gchar * scheme, gboolean six, const gchar * path)
{
  g_autofree gchar *url = g_strdup_printf (six ? "%s://[%s]:%u%s" :
      "%s://%s:%u%s", scheme, six ? SERVER_6 : host, server.port, path);

  return g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
}

static void
ask (const gchar * method, gboolean six, Op * op)
{
  g_autoptr (GUri) url = make_url ("http", six, "/");
  g_autoptr (SoupMessage) msg = soup_message_new_from_uri (method, url);

  *op = (Op) {.began = g_get_monotonic_time () };
  net_http_start (client, msg, connect_timeout, TIMEOUT, 1000,
      NET_HTTP_BODY_NEEDED, on_done, op);
  wait_for (op);
}

static void
expect_by (const gchar * method, gboolean six, guint uplink, guint ms)
{
  Op op;
  g_autofree gchar *peer = NULL;
  g_autofree gchar *wanted = g_strdup_printf (six ? "fd77:%u::2" :
      "10.77.%u.2", uplink + 1);
  g_autofree gchar *name = g_strdup_printf ("up%u", uplink);

  ask (method, six, &op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
  assert_equals_int (op.status, 200);
  peer = dup_peer ();
  assert_equals_string (peer, wanted);
  assert_equals_string (net_dialer_get_last (dialer), name);
  fail_unless (get_ms (&op) <= ms, "%u ms", get_ms (&op));
}

static void
expect_first (gboolean six, const gchar * uplink)
{
  g_autoptr (GInetAddress) to =
      g_inet_address_new_from_string (six ? SERVER_6 : ICE_LAB_SERVER_IP);
  g_autoptr (GPtrArray) ways = net_dialer_list_ways (dialer, to);
  const GstRcastWay *way = g_ptr_array_index (ways, 0);

  assert_equals_string (way->uplink, uplink);
}

/* With any routing tables and in both families, the client sends the request once, by the working
 * uplink. The next request does not try the dead uplink again. */
GST_START_TEST (test_default_uplink_is_dead_from_the_start)
{
  for (guint six = 0; six < 2; six++) {
    /* A new dialer has learned nothing. */
    net_client_free (client);
    net_dialer_unref (dialer);
    dialer = net_dialer_new ();
    client = net_client_new (dialer, NULL, NULL);
    if (six == 0) {
      use_tables (__i__);
      set_dead (0, TRUE);
    }
    g_atomic_int_set (&server.posts, 0);
    expect_by ("POST", six, 1, HEDGED_MS);
    assert_equals_int (g_atomic_int_get (&server.posts), 1);
    /* The next request does not even wait for the dead uplink. */
    expect_first (six, "up1");
    expect_by ("PATCH", six, 1, HEDGED_MS);
  }
}

GST_END_TEST;

GST_START_TEST (test_uplink_with_the_media_comes_first)
{
  use_tables (__i__);
  expect_by ("POST", FALSE, 0, HEDGED_MS);
  net_dialer_prefer (dialer, "up1");
  expect_by ("PATCH", FALSE, 1, HEDGED_MS);
  expect_by ("PATCH", TRUE, 1, HEDGED_MS);
  net_dialer_prefer (dialer, NULL);
  expect_by ("DELETE", FALSE, 0, HEDGED_MS);
}

GST_END_TEST;

/* A request does not reuse the connection of the request before on a dead uplink. */
GST_START_TEST (test_uplink_dies_after_a_request)
{
  expect_by ("GET", FALSE, 0, HEDGED_MS);
  set_dead (0, TRUE);
  expect_by ("DELETE", FALSE, 1, HEDGED_MS);
  set_dead (0, FALSE);
  set_dead (1, TRUE);
  expect_by ("DELETE", FALSE, 0, HEDGED_MS);
}

GST_END_TEST;

/* How an uplink ends while a request on it waits for the response */
typedef enum
{
  END_DOWN,                     /* its link goes down */
  END_LEFT,                     /* a black hole; media moves to the other uplink */
  END_HOLE,                     /* a black hole before the request leaves */
  N_ENDS
} End;

static void
on_starting (SoupMessage * msg, gpointer data)
{
  set_dead (0, TRUE);
}

static gboolean
end_uplink (gpointer data)
{
  if (GPOINTER_TO_INT (data) == END_DOWN) {
    ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up0 down");
  } else {
    set_dead (0, TRUE);
    net_dialer_prefer (dialer, "up1");
  }
  return G_SOURCE_REMOVE;
}

/* Returns: the bytes for the server that the kernel still has to send or to retransmit */
static guint
count_unsent (void)
{
  g_autofree gchar *table = NULL;
  g_auto (GStrv) lines = NULL;
  guint sum = 0;

  fail_unless (g_file_get_contents ("/proc/thread-self/net/tcp", &table, NULL,
          NULL));
  lines = g_strsplit (table, "\n", -1);
  for (guint i = 1; lines[i]; i++) {
    guint port, unsent;

    if (sscanf (lines[i], "%*d: %*x:%*x %*x:%x %*x %x", &port, &unsent) == 2
        && port == server.port)
      sum += unsent;
  }
  return sum;
}

/* The request fails long before its timeout. The next request goes by the other uplink, and no byte
 * of the failed one follows. */
GST_START_TEST (test_request_is_not_waited_for_on_a_dead_uplink)
{
  g_autoptr (GUri) url = make_url ("http", FALSE, "/never");
  g_autoptr (SoupMessage) msg = soup_message_new_from_uri ("POST", url);
  g_autoptr (GSource) end = g_timeout_source_new (300);
  Op op = {.began = g_get_monotonic_time () };

  net_dialer_prefer (dialer, "up0");
  if (__i__ == END_HOLE) {
    g_signal_connect (msg, "starting", G_CALLBACK (on_starting), NULL);
  } else {
    g_source_set_callback (end, end_uplink, GINT_TO_POINTER (__i__), NULL);
    g_source_attach (end, context);
  }
  net_http_start (client, msg, connect_timeout, TIMEOUT, 1000,
      NET_HTTP_BODY_NEEDED, on_done, &op);
  wait_for (&op);
  fail_unless (op.error && strstr (op.error->message, "connection is dead"),
      "%s", op.error ? op.error->message : "answered");
  g_clear_error (&op.error);
  fail_unless (get_ms (&op) < TIMEOUT / 2, "%u ms", get_ms (&op));
  assert_equals_int (count_unsent (), 0);
  expect_by ("POST", FALSE, 1, HEDGED_MS);
}

GST_END_TEST;

static gboolean
mend_uplink (gpointer data)
{
  set_dead (0, FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_checked (GObject * signaller, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  gst_rcast_signaller_check_finish (GST_RCAST_SIGNALLER (signaller), result,
      &op->error);
  op->ended = g_get_monotonic_time ();
  op->done = TRUE;
}

static gboolean
move_media (gpointer signaller)
{
  set_dead (0, TRUE);
  gst_rcast_signaller_set_uplink (signaller, "up1");
  return G_SOURCE_REMOVE;
}

/* rcastwhip repeats a request that does no harm twice, within the same operation. */
GST_START_TEST (test_request_of_whip_is_repeated_by_the_uplink_that_works)
{
  g_autoptr (GstElement) whip = gst_element_factory_make ("rcastwhip", NULL);
  g_autoptr (GUri) url = make_url ("http", FALSE, "/second");
  g_autofree gchar *location = g_uri_to_string (url);
  g_autofree gchar *peer = NULL;
  g_autoptr (GSource) end = g_timeout_source_new (300);
  Op op = {.began = g_get_monotonic_time () };

  fail_unless (whip != NULL);
  gst_rcast_signaller_set_uplink (GST_RCAST_SIGNALLER (whip), "up0");
  g_source_set_callback (end, move_media, whip, NULL);
  g_source_attach (end, context);
  gst_rcast_signaller_check_async (GST_RCAST_SIGNALLER (whip), location, NULL,
      on_checked, &op);
  wait_for (&op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
  peer = dup_peer ();
  assert_equals_string (peer, "10.77.2.2");
  assert_equals_int (server.asked, 2);
}

GST_END_TEST;

/* A slow server that only the uplink without the media reaches */
GST_START_TEST (test_request_apart_from_the_media_is_waited_for)
{
  g_autoptr (GUri) url = make_url ("http", FALSE, "/later");
  g_autoptr (SoupMessage) msg = soup_message_new_from_uri ("POST", url);
  Op op = {.began = g_get_monotonic_time () };

  set_dead (1, TRUE);
  net_dialer_prefer (dialer, "up1");
  net_http_start (client, msg, connect_timeout, TIMEOUT, 1000,
      NET_HTTP_BODY_NEEDED, on_done, &op);
  wait_for (&op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
}

GST_END_TEST;

static gboolean
prefer_other (gpointer data)
{
  net_dialer_prefer (dialer, "up1");
  return G_SOURCE_REMOVE;
}

/* Media may leave a working uplink that is congested or less preferred. So a request to a slow
 * server goes on there. It also goes on when media starts on another uplink. */
GST_START_TEST (test_request_is_waited_for_where_media_has_left_a_good_uplink)
{
  g_autoptr (GUri) url = make_url ("http", FALSE, "/later");
  g_autoptr (SoupMessage) msg = soup_message_new_from_uri ("POST", url);
  g_autoptr (GSource) move = g_timeout_source_new (100);
  Op op = {.began = g_get_monotonic_time () };

  if (__i__)
    net_dialer_prefer (dialer, "up0");
  g_source_set_callback (move, prefer_other, NULL, NULL);
  g_source_attach (move, context);
  net_http_start (client, msg, connect_timeout, TIMEOUT, 1000,
      NET_HTTP_BODY_NEEDED, on_done, &op);
  wait_for (&op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
  assert_equals_int (op.status, 200);
}

GST_END_TEST;

/* Without another uplink, the client waits: the only one may recover. */
GST_START_TEST (test_only_uplink_of_a_request_is_waited_for)
{
  g_autoptr (GUri) url = make_url ("http", FALSE, "/");
  g_autoptr (SoupMessage) msg = soup_message_new_from_uri ("POST", url);
  /* Longer than the client waits if there is another uplink */
  g_autoptr (GSource) mend = g_timeout_source_new (2500);
  Op op = {.began = g_get_monotonic_time () };

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  g_signal_connect (msg, "starting", G_CALLBACK (on_starting), NULL);
  net_http_start (client, msg, connect_timeout, TIMEOUT, 1000,
      NET_HTTP_BODY_NEEDED, on_done, &op);
  g_source_set_callback (mend, mend_uplink, NULL, NULL);
  g_source_attach (mend, context);
  wait_for (&op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
  assert_equals_int (op.status, 200);
}

GST_END_TEST;

GST_START_TEST (test_both_are_dead_and_one_comes_back)
{
  for (guint back = 0; back < 2; back++) {
    Op op;

    set_dead (0, TRUE);
    set_dead (1, TRUE);
    connect_timeout = SOON;
    ask ("POST", FALSE, &op);
    connect_timeout = CONNECT_TIMEOUT;
    fail_unless (op.error != NULL);
    fail_unless (strstr (op.error->message, "no answer")
        && strstr (op.error->message, "up0:")
        && strstr (op.error->message, "up1:"), "%s", op.error->message);
    g_clear_error (&op.error);
    set_dead (back, FALSE);
    expect_by ("POST", FALSE, back, HEDGED_MS);
    set_dead (!back, FALSE);
  }
}

GST_END_TEST;

GST_START_TEST (test_default_route_goes)
{
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip route flush scope global table main");
  expect_by ("POST", FALSE, 0, HEDGED_MS);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up0 down");
  expect_by ("POST", FALSE, 1, HEDGED_MS);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up0 up");
  set_dead (1, TRUE);
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 10.77.1.1 dev up0 table 101");
  expect_by ("POST", FALSE, 0, HEDGED_MS);
}

GST_END_TEST;

/* The error message names the result on each uplink. */
GST_START_TEST (test_server_that_refuses_is_told_with_its_uplinks)
{
  Op op;

  set_dead (0, TRUE);
  server.port = 9;
  ask ("POST", FALSE, &op);
  fail_unless (strstr (op.error->message, "up0: no answer, up1: failed"),
      "%s", op.error->message);
  g_clear_error (&op.error);
}

GST_END_TEST;

/* Sets a name server for this process alone. */
static void
use_name_server (void)
{
  g_autofree gchar *path = NULL;
  gint fd = g_file_open_tmp ("rcast-resolv-XXXXXX", &path, NULL);

  fail_unless (fd >= 0 && g_file_set_contents (path, "nameserver "
          ICE_LAB_SERVER_IP "\n", -1, NULL));
  close (fd);
  fail_unless (unshare (CLONE_NEWNS) == 0);
  /* EINVAL: in a chroot the root is no mount point. */
  fail_unless (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0
      || errno == EINVAL);
  fail_unless (mount (path, "/etc/resolv.conf", "none", MS_BIND, NULL) == 0);
  g_unlink (path);
  host = "live.rcast.test";
}

/* The C library's resolver would try the default route for ten seconds. */
GST_START_TEST (test_name_is_asked_for_by_the_uplink_that_works)
{
  use_name_server ();
  use_tables (TABLES_MAIN);
  set_dead (0, TRUE);
  expect_by ("POST", FALSE, 1, 2 * HEDGED_MS);
}

GST_END_TEST;

/* RFC 8767 */
GST_START_TEST (test_name_stays_usable_while_the_name_server_is_dead)
{
  use_name_server ();
  expect_by ("POST", FALSE, 0, HEDGED_MS);
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -I FORWARD -p udp --dport 53 -j DROP");
  for (guint i = 0; i < 5; i++)
    expect_by ("PATCH", FALSE, 0, HEDGED_MS);
}

GST_END_TEST;

GST_START_TEST (test_name_that_nobody_knows_is_named)
{
  Op op;

  use_name_server ();
  host = "nobody.rcast.test";
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "iptables -I FORWARD -p udp --dport 53 -j DROP");
  connect_timeout = SOON;
  ask ("POST", FALSE, &op);
  fail_unless (strstr (op.error->message,
          "within 600 ms (the resolver gives no address of nobody.rcast.test)"),
      "%s", op.error->message);
  g_clear_error (&op.error);
}

GST_END_TEST;

static void
on_probed (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  g_task_propagate_boolean (G_TASK (result), &op->error);
  op->done = TRUE;
}

GST_START_TEST (test_probe_goes_by_any_uplink)
{
  NetReach *reach = net_reach_new (dialer);
  g_autoptr (GUri) url = make_url ("http", FALSE, "/");
  Op op = { FALSE, };

  set_dead (0, TRUE);
  net_reach_probe (reach, url, NULL, g_task_new (NULL, NULL, on_probed, &op));
  wait_for (&op);
  fail_if (op.error, "%s", op.error ? op.error->message : "");
  net_reach_free (reach);
}

GST_END_TEST;

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  ((Op *) data)->done = TRUE;
}

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  Op *op = data;

  op->done = TRUE;
  op->error = g_error_copy (error);
}

/* After this, @op is done when the WebSocket closes. */
static NetWebsocket *
open_websocket (gboolean six, guint pong_timeout, Op * op)
{
  static const NetWebsocketClient callbacks = { on_opened, on_text, on_closed };
  g_autoptr (GUri) url = make_url ("ws", six, "/ws");
  NetWebsocketSettings settings = {
    .url = url,
    .protocol = PROTOCOL,
    .dialer = dialer,
    .tls_verify = TRUE,
    .connect_timeout = CONNECT_TIMEOUT,
    .ping_interval = 1,
    .pong_timeout = pong_timeout,
    .close_timeout = 100,
    .max_size = 1000,
  };
  NetWebsocket *ws;

  *op = (Op) { FALSE, };
  ws = net_websocket_open (&settings, &callbacks, op);
  wait_for (op);
  fail_if (op->error, "%s", op->error ? op->error->message : "");
  op->done = FALSE;
  return ws;
}

/* The WebSocket closes without waiting for the pong timeout. */
GST_START_TEST (test_websocket_dies_with_the_uplink_that_media_has_left)
{
  NetWebsocket *ws;
  Op op;

  net_dialer_prefer (dialer, "up0");
  ws = open_websocket (FALSE, 60000, &op);
  set_dead (0, TRUE);
  net_dialer_prefer (dialer, "up1");
  wait_for (&op);
  fail_unless (strstr (op.error->message, "media has left its uplink"), "%s",
      op.error->message);
  g_clear_error (&op.error);
  net_websocket_free (ws);
}

GST_END_TEST;

GST_START_TEST (test_websocket_by_the_uplink_that_works)
{
  NetWebsocket *ws;
  Op op;

  set_dead (0, TRUE);
  ws = open_websocket (TRUE, 1200, &op);
  assert_equals_string (net_websocket_get_uplink (ws), "up1");
  /* The WebSocket closes at the pong timeout. The next one goes by the other uplink. */
  set_dead (0, FALSE);
  set_dead (1, TRUE);
  wait_for (&op);
  g_clear_error (&op.error);
  net_websocket_free (ws);
  ws = open_websocket (TRUE, 1200, &op);
  assert_equals_string (net_websocket_get_uplink (ws), "up0");
  net_websocket_free (ws);
}

GST_END_TEST;

static Suite *
signalling_suite (void)
{
  Suite *s = suite_create ("netns-signalling");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc, test_default_uplink_is_dead_from_the_start, 0,
      N_TABLES);
  tcase_add_loop_test (tc, test_uplink_with_the_media_comes_first, 0,
      N_TABLES);
  tcase_add_test (tc, test_uplink_dies_after_a_request);
  tcase_add_loop_test (tc, test_request_is_not_waited_for_on_a_dead_uplink, 0,
      N_ENDS);
  /* The plugin registers types that the other tests also register in this process. */
  if (g_strcmp0 (g_getenv ("CK_FORK"), "no") != 0)
    tcase_add_test (tc,
        test_request_of_whip_is_repeated_by_the_uplink_that_works);
  tcase_add_test (tc, test_request_apart_from_the_media_is_waited_for);
  tcase_add_loop_test (tc,
      test_request_is_waited_for_where_media_has_left_a_good_uplink, 0, 2);
  tcase_add_test (tc, test_only_uplink_of_a_request_is_waited_for);
  tcase_add_test (tc, test_both_are_dead_and_one_comes_back);
  tcase_add_test (tc, test_default_route_goes);
  tcase_add_test (tc, test_server_that_refuses_is_told_with_its_uplinks);
  tcase_add_test (tc, test_name_is_asked_for_by_the_uplink_that_works);
  tcase_add_test (tc, test_name_stays_usable_while_the_name_server_is_dead);
  tcase_add_test (tc, test_name_that_nobody_knows_is_named);
  tcase_add_test (tc, test_probe_goes_by_any_uplink);
  tcase_add_test (tc, test_websocket_by_the_uplink_that_works);
  tcase_add_test (tc,
      test_websocket_dies_with_the_uplink_that_media_has_left);
  return s;
}

int
main (int argc, char **argv)
{
  const gchar *why_not = NULL;
  IceLab *first;

  gst_check_init (&argc, &argv);
  first = ice_lab_new (&why_not);
  if (!first) {
    printf ("skipped: needs %s\n", why_not);
    return 77;
  }
  ice_lab_free (first);
  return gst_check_run_suite (signalling_suite (), "signalling", __FILE__);
}
