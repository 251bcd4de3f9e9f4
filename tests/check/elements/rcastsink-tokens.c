/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens: requested beside the broadcast, set at any time, sent to one server only. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gio/gio.h>

#include <string.h>

#include "rcast-check.h"
#include "rcast-message.h"
#include "rig.h"

static const gchar source[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r";

/* A server that refuses every token, on a thread of its own */

typedef struct
{
  GSocketListener *listener;
  GCancellable *cancellable;
  GThread *thread;
  guint port;
  guint status;                 /* constant: status of its answers */
  GMutex lock;
  GCond changed;
  GString *requests;            /* lock: the headers of all requests */
} Server;

static gpointer
run_server (gpointer data)
{
  Server *server = data;
  g_autofree gchar *reply = g_strdup_printf ("HTTP/1.1 %u No\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n", server->status);
  GSocketConnection *connection;

  while ((connection = g_socket_listener_accept (server->listener, NULL,
              server->cancellable, NULL))) {
    GIOStream *stream = G_IO_STREAM (connection);
    gchar bytes[65536];
    gssize n = g_input_stream_read (g_io_stream_get_input_stream (stream),
        bytes, sizeof bytes - 1, server->cancellable, NULL);

    g_mutex_lock (&server->lock);
    g_string_append_len (server->requests, bytes, MAX (n, 0));
    g_cond_broadcast (&server->changed);
    g_mutex_unlock (&server->lock);
    g_output_stream_write_all (g_io_stream_get_output_stream (stream), reply,
        strlen (reply), NULL, NULL, NULL);
    g_io_stream_close (stream, NULL, NULL);
    g_object_unref (connection);
  }
  return NULL;
}

/* Returns: (transfer full): the server's location */
static gchar *
server_start_with (Server * server, guint status)
{
  *server = (Server) {
  .listener = g_socket_listener_new (),.cancellable =
        g_cancellable_new (),.status = status};
  g_mutex_init (&server->lock);
  g_cond_init (&server->changed);
  server->requests = g_string_new (NULL);
  server->port = g_socket_listener_add_any_inet_port (server->listener, NULL,
      NULL);
  server->thread = g_thread_new ("server", run_server, server);
  return g_strdup_printf ("whip+http://127.0.0.1:%u/", server->port);
}

static gchar *
server_start (Server * server)
{
  return server_start_with (server, 401);
}

/* Waits until a request contains @text. */
static void
server_wait (Server * server, const gchar * text)
{
  g_mutex_lock (&server->lock);
  while (!strstr (server->requests->str, text))
    g_cond_wait (&server->changed, &server->lock);
  g_mutex_unlock (&server->lock);
}

static void
server_stop (Server * server)
{
  g_cancellable_cancel (server->cancellable);
  g_thread_join (server->thread);
  g_object_unref (server->listener);
  g_object_unref (server->cancellable);
  g_string_free (server->requests, TRUE);
  g_mutex_clear (&server->lock);
  g_cond_clear (&server->changed);
}

/* A handler of request-token that waits until it may answer */

typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean asked, may_answer, answered; /* lock */
  const gchar *token;           /* the token that it returns */
} Handler;

static gchar *
on_request_token (GstElement * sink, const gchar * location, gpointer data)
{
  Handler *handler = data;

  g_mutex_lock (&handler->lock);
  handler->asked = TRUE;
  g_cond_broadcast (&handler->changed);
  while (!handler->may_answer)
    g_cond_wait (&handler->changed, &handler->lock);
  handler->answered = TRUE;
  g_cond_broadcast (&handler->changed);
  g_mutex_unlock (&handler->lock);
  return g_strdup (handler->token);
}

static void
handler_init (Handler * handler, const gchar * token, gboolean may_answer)
{
  *handler = (Handler) {
  .token = token,.may_answer = may_answer,};
  g_mutex_init (&handler->lock);
  g_cond_init (&handler->changed);
}

static void
handler_wait (Handler * handler, const gboolean * what)
{
  g_mutex_lock (&handler->lock);
  while (!*what)
    g_cond_wait (&handler->changed, &handler->lock);
  g_mutex_unlock (&handler->lock);
}

static void
rig_init_for (Rig * rig, const gchar * location, Handler * handler)
{
  rig_init (rig, source);
  g_object_set (rig->sink, "location", location, "reconnect-min-delay", 10,
      "reconnect-max-delay", 20, NULL);
  if (handler)
    g_signal_connect (rig->sink, "request-token",
        G_CALLBACK (on_request_token), handler);
}

/* No change of state waits, not even NULL: an application may ask a server that does not answer. */
GST_START_TEST (test_change_of_state_does_not_wait_for_a_handler)
{
  static Handler handler;
  Server server;
  g_autofree gchar *location = server_start (&server);
  Rig rig;

  handler_init (&handler, "late", FALSE);
  rig_init_for (&rig, location, &handler);
  rig_set_state (&rig, GST_STATE_PLAYING);
  handler_wait (&handler, &handler.asked);
  rig_set_state (&rig, GST_STATE_READY);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_set_state (&rig, GST_STATE_NULL);
  g_mutex_lock (&handler.lock);
  fail_if (handler.answered);
  handler.may_answer = TRUE;
  g_cond_broadcast (&handler.changed);
  g_mutex_unlock (&handler.lock);
  handler_wait (&handler, &handler.answered);
  rig_clear (&rig);
  server_stop (&server);
}

GST_END_TEST;

GST_START_TEST (test_no_token_now_is_tried_again_and_can_be_given)
{
  Handler handler;
  Server server;
  g_autofree gchar *location = server_start (&server);
  Rig rig;

  handler_init (&handler, NULL, TRUE);
  rig_init_for (&rig, location, &handler);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  for (guint i = 0; i < 2; i++)
    gst_message_unref (rig_wait_status (&rig, "reconnecting_broadcast"));
  g_signal_emit_by_name (rig.sink, "set-token", location, "g1ven");
  server_wait (&server, "Bearer g1ven");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  server_stop (&server);
}

GST_END_TEST;

/* A token may be set before the start, or before there are locations. No other server gets it. */
GST_START_TEST (test_token_goes_to_its_server_only)
{
  Handler handler;
  Server first, second;
  g_autofree gchar *location = server_start (&first);
  g_autofree gchar *other = server_start (&second);
  const gchar *const locations[] = { location, other, NULL };
  Rig rig;

  handler_init (&handler, NULL, TRUE);
  rig_init_for (&rig, NULL, &handler);
  g_signal_emit_by_name (rig.sink, "set-token", location, "0ne");
  rig_set_locations (&rig, locations);
  g_signal_emit_by_name (rig.sink, "set-token", other, "tw0");
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&first, "Bearer 0ne");
  server_wait (&second, "Bearer tw0");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  fail_if (strstr (first.requests->str, "tw0"));
  fail_if (strstr (second.requests->str, "0ne"));
  server_stop (&first);
  server_stop (&second);
}

GST_END_TEST;

/* As on a command line, in any order. The servers answer a token that they do not know with 404. */
GST_START_TEST (test_each_location_gets_its_token)
{
  static const gchar *const names[3][3] = {
    {"locations", "auth-tokens", "auth-token"},
    {"auth-tokens", "auth-token", "locations"},
    {"auth-token", "locations", "auth-tokens"},
  };
  Server first, second, third;
  g_autofree gchar *a = server_start_with (&first, 404);
  g_autofree gchar *b = server_start_with (&second, 404);
  g_autofree gchar *c = server_start_with (&third, 404);
  g_autofree gchar *list = g_strdup_printf ("<\"%s\",\"%s\",\"%s\">", a, b, c);
  Rig rig;

  rig_init_for (&rig, NULL, NULL);
  for (guint i = 0; i < 3; i++) {
    const gchar *name = names[__i__][i];

    gst_util_set_object_arg (G_OBJECT (rig.sink), name,
        g_str_equal (name, "locations") ? list :
        g_str_equal (name, "auth-token") ? "c0mmon" : "<0ne,tw0>");
  }
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&first, "Bearer 0ne\r\n");
  server_wait (&second, "Bearer tw0\r\n");
  server_wait (&third, "Bearer c0mmon\r\n");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  fail_if (strstr (first.requests->str, "tw0")
      || strstr (first.requests->str, "c0mmon"));
  fail_if (strstr (second.requests->str, "0ne")
      || strstr (second.requests->str, "c0mmon"));
  server_stop (&first);
  server_stop (&second);
  server_stop (&third);
}

GST_END_TEST;

static void
expect_request (Server * server, const gchar * path, const gchar * token)
{
  g_autofree gchar *line = g_strdup_printf ("POST %s HTTP", path);
  const gchar *request = strstr (server->requests->str, line);
  const gchar *end = request ? strstr (request, "\r\n\r\n") : NULL;

  fail_unless (end != NULL, "%s", server->requests->str);
  fail_unless (g_strstr_len (request, end - request, token) != NULL, "%s",
      server->requests->str);
}

/* Two streams at one server */
GST_START_TEST (test_locations_of_one_server_have_a_token_each)
{
  Server server;
  g_autofree gchar *base = server_start_with (&server, 404);
  g_autofree gchar *list = g_strdup_printf ("<\"%sone\",\"%stwo\">", base,
      base);
  Rig rig;

  rig_init_for (&rig, NULL, NULL);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "locations", list);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "auth-tokens", "<0ne,tw0>");
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&server, "POST /one");
  server_wait (&server, "POST /two");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  expect_request (&server, "/one", "Bearer 0ne\r\n");
  expect_request (&server, "/two", "Bearer tw0\r\n");
  server_stop (&server);
}

GST_END_TEST;

/* @token: (nullable): the token that the request has, or %NULL if it has none */
static void
expect_token (Server * server, const gchar * path, const gchar * token)
{
  g_autofree gchar *line = g_strdup_printf ("POST %s HTTP", path);
  const gchar *request, *end;

  if (token) {
    expect_request (server, path, token);
    return;
  }
  request = strstr (server->requests->str, line);
  end = request ? strstr (request, "\r\n\r\n") : NULL;
  fail_unless (end && !g_strstr_len (request, end - request,
          "Authorization:"), "%s has a token", path);
}

/* A location whose token is empty or missing does not get its neighbour's. */
GST_START_TEST (test_a_location_without_a_token_has_none_of_its_neighbours)
{
  static const gchar *const lists[] = { "<\"\",tw0>", "<\"\",tw0,\"\">" };
  gboolean common = __i__ % 2;
  Server server;
  g_autofree gchar *base = server_start_with (&server, 404);
  g_autofree gchar *list = g_strdup_printf ("<\"%sone\",\"%stwo\",\"%sthree\">",
      base, base, base);
  const gchar *want = common ? "Bearer c0mmon\r\n" : NULL;
  Rig rig;

  rig_init_for (&rig, NULL, NULL);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "locations", list);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "auth-tokens",
      lists[__i__ / 2]);
  if (common)
    g_object_set (rig.sink, "auth-token", "c0mmon", NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&server, "POST /one");
  server_wait (&server, "POST /two");
  server_wait (&server, "POST /three");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  expect_request (&server, "/two", "Bearer tw0\r\n");
  expect_token (&server, "/one", want);
  expect_token (&server, "/three", want);
  server_stop (&server);
}

GST_END_TEST;

/* The same is true of the location in the property `location`. */
GST_START_TEST (test_the_first_location_has_none_of_its_neighbours)
{
  Server server;
  g_autofree gchar *base = server_start_with (&server, 404);
  g_autofree gchar *first = g_strconcat (base, "one", NULL);
  g_autofree gchar *list = g_strdup_printf ("<\"%stwo\">", base);
  Rig rig;

  rig_init_for (&rig, first, NULL);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "locations", list);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "auth-tokens", "<tw0>");
  if (__i__)
    g_object_set (rig.sink, "auth-token", "c0mmon", NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&server, "POST /one");
  server_wait (&server, "POST /two");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  expect_request (&server, "/two", "Bearer tw0\r\n");
  expect_token (&server, "/one", __i__ ? "Bearer c0mmon\r\n" : NULL);
  server_stop (&server);
}

GST_END_TEST;

/* A shorter list takes away the tokens of the former one. */
GST_START_TEST (test_shorter_list_of_tokens_counts)
{
  Server server;
  g_autofree gchar *location = server_start (&server);
  const gchar *const locations[] = { location, NULL };
  Rig rig;

  rig_init_for (&rig, NULL, NULL);
  rig_set_locations (&rig, locations);
  gst_util_set_object_arg (G_OBJECT (rig.sink), "auth-tokens", "<0ne>");
  gst_util_set_object_arg (G_OBJECT (rig.sink), "auth-tokens", "<>");
  g_object_set (rig.sink, "auth-token", "c0mmon", NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&server, "Bearer c0mmon\r\n");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  fail_if (strstr (server.requests->str, "0ne"));
  server_stop (&server);
}

GST_END_TEST;

/* A server that answers 404 without a token never asks for one: the sink requests a token first. */
GST_START_TEST (test_token_is_asked_for_before_the_first_offer)
{
  Handler handler;
  Server server;
  g_autofree gchar *location = server_start_with (&server, 404);
  Rig rig;

  handler_init (&handler, "fr3sh", TRUE);
  rig_init_for (&rig, location, &handler);
  gst_child_proxy_set (GST_CHILD_PROXY (rig.sink), "signaller::token-first",
      TRUE, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  server_wait (&server, "Bearer fr3sh\r\n");
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  fail_unless (strstr (strstr (server.requests->str, "POST "),
          "Authorization: "));
  server_stop (&server);
}

GST_END_TEST;

/* Waits for a long delay, as delays are random. Returns: the time until the next attempt */
static guint64
wait_for_a_long_delay (Rig * rig)
{
  guint64 delay = 0;

  while (delay < 4 * GST_SECOND) {
    g_autoptr (GstMessage) message = rig_wait (rig, GST_MESSAGE_ELEMENT);

    if (!gst_structure_get_uint64 (gst_message_get_structure (message),
            "delay", &delay))
      delay = 0;
  }
  return delay;
}

GST_START_TEST (test_token_that_was_missing_ends_the_wait)
{
  Handler handler;
  Server server;
  g_autofree gchar *location = server_start (&server);
  Rig rig;
  gint64 start;
  guint64 delay;

  handler_init (&handler, NULL, TRUE);
  rig_init_for (&rig, location, &handler);
  g_object_set (rig.sink, "reconnect-min-delay", 60000, "reconnect-max-delay",
      60000, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  delay = wait_for_a_long_delay (&rig);
  start = g_get_monotonic_time ();
  g_signal_emit_by_name (rig.sink, "set-token", "http://127.0.0.1:1/", "no");
  g_signal_emit_by_name (rig.sink, "set-token", location, "g1ven");
  server_wait (&server, "Bearer g1ven\r\n");
  fail_unless ((guint64) (g_get_monotonic_time () - start) * 1000 < delay / 2);
  rig_set_state (&rig, GST_STATE_NULL);
  rig_clear (&rig);
  server_stop (&server);
}

GST_END_TEST;

/* Without a handler, and with a handler that has no token */
GST_START_TEST (test_no_token_at_all_is_the_end)
{
  Handler handler;
  Server server;
  g_autofree gchar *location = server_start (&server);
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  Rig rig;

  handler_init (&handler, "", TRUE);
  rig_init_for (&rig, location, __i__ ? &handler : NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  message = rig_wait (&rig, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  gst_message_unref (message);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_AUTHORIZED), "%s", error->message);
  assert_equals_int (handler.asked, __i__);
  rig_clear (&rig);
  server_stop (&server);
}

GST_END_TEST;

static Suite *
rcastsink_tokens_suite (void)
{
  Suite *s = suite_create ("rcastsink-tokens");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_change_of_state_does_not_wait_for_a_handler);
  tcase_add_test (tc, test_no_token_now_is_tried_again_and_can_be_given);
  tcase_add_test (tc, test_token_goes_to_its_server_only);
  tcase_add_loop_test (tc, test_each_location_gets_its_token, 0, 3);
  tcase_add_test (tc, test_locations_of_one_server_have_a_token_each);
  tcase_add_loop_test (tc,
      test_a_location_without_a_token_has_none_of_its_neighbours, 0, 4);
  tcase_add_loop_test (tc, test_the_first_location_has_none_of_its_neighbours,
      0, 2);
  tcase_add_test (tc, test_shorter_list_of_tokens_counts);
  tcase_add_test (tc, test_token_is_asked_for_before_the_first_offer);
  tcase_add_test (tc, test_token_that_was_missing_ends_the_wait);
  tcase_add_loop_test (tc, test_no_token_at_all_is_the_end, 0, 2);
  return s;
}

GST_CHECK_MAIN (rcastsink_tokens);
