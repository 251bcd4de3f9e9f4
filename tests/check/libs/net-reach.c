/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a server can be reached: names, addresses, proxies, and addresses that do not answer. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gio/gio.h>

#include "loopback-port.h"
#include "net-answers.h"
#include "net-reach.h"
#include "rcast-check.h"
#include "rcast-error.h"
#include "slow-resolver.h"

#include <string.h>

typedef struct
{
  GMainContext *context;
  SlowResolver *resolver;
  GResolver *former;
  NetDialer *dialer;
  NetReach *reach;
  GSocket *listener;
  GUri *url;                    /* of the listener, by a name */
} Fixture;

static GUri *
build_url (const gchar * host, gint port)
{
  return g_uri_build (G_URI_FLAGS_NONE, "http", NULL, host, port, "/", NULL,
      NULL);
}

static void
fixture_init (Fixture * f)
{
  guint port;

  f->context = g_main_context_new ();
  g_main_context_push_thread_default (f->context);
  f->former = g_resolver_get_default ();
  f->resolver = g_object_new (SLOW_TYPE_RESOLVER, NULL);
  g_resolver_set_default (G_RESOLVER (f->resolver));
  f->dialer = net_dialer_new ();
  f->reach = net_reach_new (f->dialer);
  f->listener = loopback_port_bind (&port);
  /* Nothing accepts the connections. */
  g_socket_set_listen_backlog (f->listener, 64);
  fail_unless (g_socket_listen (f->listener, NULL));
  f->url = build_url ("direct.example", port);
}

static void
fixture_clear (Fixture * f)
{
  while (g_main_context_iteration (f->context, FALSE));
  fail_unless (f->resolver->pending == NULL);
  net_reach_free (f->reach);
  net_dialer_unref (f->dialer);
  g_object_unref (f->listener);
  g_uri_unref (f->url);
  g_resolver_set_default (f->former);
  g_object_unref (f->former);
  ASSERT_OBJECT_REFCOUNT (f->resolver, "resolver", 1);
  g_object_unref (f->resolver);
  g_main_context_pop_thread_default (f->context);
  g_main_context_unref (f->context);
}

typedef struct
{
  gboolean done, ok;
  GError *error;
} Op;

static void
on_looked (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  fail_if (op->done);
  op->ok = g_task_propagate_boolean (G_TASK (result), &op->error);
  op->done = TRUE;
}

static void
start (Fixture * f, GUri * url, GCancellable * cancellable, Op * op)
{
  *op = (Op) { FALSE, FALSE, NULL };
  net_reach_probe (f->reach, url, NULL, g_task_new (NULL, cancellable,
          on_looked, op));
}

static void
on_reached (gpointer source, gint64 since)
{
}

/* Starts a probe for the session. */
static void
start_own (Fixture * f, Op * op)
{
  *op = (Op) { FALSE, FALSE, NULL };
  net_reach_probe (f->reach, f->url, on_reached, g_task_new (NULL, NULL,
          on_looked, op));
}

#define wait_for(f, condition) \
  while (!(condition)) \
    g_main_context_iteration ((f)->context, TRUE)

static gboolean
look (Fixture * f)
{
  Op op;

  start (f, f->url, NULL, &op);
  wait_for (f, op.done);
  g_clear_error (&op.error);
  return op.ok;
}

static void
expect_failure (Op * op, GQuark domain, gint code)
{
  fail_if (op->ok);
  fail_unless (g_error_matches (op->error, domain, code), "%s",
      op->error ? op->error->message : "no error");
  g_clear_error (&op->error);
}

/* A resolver without a network takes long, and probes are frequent. */
GST_START_TEST (test_one_lookup_at_a_time_whose_answer_is_kept)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  start (&f, f.url, NULL, &op);
  wait_for (&f, f.resolver->lookups == 1);
  fail_if (look (&f));
  fail_if (look (&f));
  assert_equals_int (f.resolver->lookups, 1);
  /* The answer is too late for the first probe, and in time for those that follow. */
  wait_for (&f, op.done);
  expect_failure (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK);
  slow_resolver_answer (f.resolver);
  while (g_main_context_iteration (f.context, FALSE));
  for (guint i = 0; i < 3; i++)
    fail_unless (look (&f));
  assert_equals_int (f.resolver->lookups, 1);

  /* Now and then the name is looked up again. */
  start (&f, f.url, NULL, &op);
  wait_for (&f, f.resolver->lookups == 2);
  slow_resolver_answer (f.resolver);
  wait_for (&f, op.done);
  fail_unless (op.ok);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_proxy_answers_for_itself)
{
  Fixture f;
  Op op;
  g_autoptr (GUri) url = build_url ("proxied.example", 80);
  GProxyResolver *proxies = g_proxy_resolver_get_default ();
  g_auto (GStrv) proxy =
      g_proxy_resolver_lookup (proxies, "http://proxied.example/", NULL, NULL);

  /* Without glib-networking no proxy is ever used. */
  if (!proxy || g_str_equal (proxy[0], "direct://"))
    return;
  fixture_init (&f);
  start (&f, url, NULL, &op);
  wait_for (&f, op.done);
  expect_failure (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED);
  assert_equals_int (f.resolver->lookups, 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_cancelled_at_once_and_in_the_middle)
{
  Fixture f;
  Op op;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  fixture_init (&f);
  start (&f, f.url, cancellable, &op);
  wait_for (&f, f.resolver->lookups == 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f, op.done);
  expect_failure (&op, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  start (&f, f.url, cancellable, &op);
  wait_for (&f, op.done);
  expect_failure (&op, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_equals_int (f.resolver->lookups, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* Probes the server; the answer of DNS is @addresses. Returns: whether the server was reached */
static gboolean
look_with (Fixture * f, const gchar * addresses)
{
  Op op;
  guint before = f->resolver->lookups;

  start (f, f->url, NULL, &op);
  wait_for (f, op.done || f->resolver->lookups > before);
  if (!op.done)
    slow_resolver_say (f->resolver, addresses);
  wait_for (f, op.done);
  g_clear_error (&op.error);
  return op.ok;
}

/* No server listens on 127.0.0.2: an address of a broken family, or of a server that is gone. */
GST_START_TEST (test_any_address_that_works_is_enough)
{
  Fixture f;

  fixture_init (&f);
  fail_unless (look_with (&f, "127.0.0.2 127.0.0.3 127.0.0.1"));
  fixture_clear (&f);
}

GST_END_TEST;

/* A listener with a full queue answers no SYN, like a black hole. Its address does not hold up the
 * others, and is not the first one to be tried again. */
GST_START_TEST (test_address_that_does_not_answer_holds_up_nobody)
{
  Fixture f;
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string ("127.0.0.2");
  g_autoptr (GSocket) deaf = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GPtrArray) queue = NULL;
  g_autoptr (GPtrArray) sorted = NULL;
  g_autofree gchar *front = NULL;
  gboolean fresh;
  guint age;

  fixture_init (&f);
  address = g_inet_socket_address_new (other, g_uri_get_port (f.url));
  fail_unless (g_socket_bind (deaf, address, TRUE, NULL));
  queue = loopback_port_fill (deaf);
  fail_unless (look_with (&f, "127.0.0.2 127.0.0.1"));
  sorted = net_answers_get (G_RESOLVER (f.resolver), "direct.example", &fresh,
      &age);
  front = g_inet_address_to_string (sorted->pdata[0]);
  assert_equals_string (front, "127.0.0.1");
  fixture_clear (&f);
}

GST_END_TEST;

/* Connections that lose the race are closed. */
GST_START_TEST (test_losers_are_closed)
{
  Fixture f;
  g_autoptr (GSocket) accepted = NULL;
  gchar byte;

  fixture_init (&f);
  fail_unless (look_with (&f, "127.0.0.1 ::1"));
  accepted = g_socket_accept (f.listener, NULL, NULL);
  assert_equals_int (g_socket_receive (accepted, &byte, 1, NULL, NULL), 0);
  g_socket_set_blocking (f.listener, FALSE);
  fail_unless (g_socket_accept (f.listener, NULL, NULL) == NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_server_that_moved_is_found)
{
  Fixture f;
  guint lookups;

  fixture_init (&f);
  fail_unless (look_with (&f, "127.0.0.1"));
  for (lookups = f.resolver->lookups; f.resolver->lookups == lookups;)
    look_with (&f, "127.0.0.2");
  fail_if (look (&f));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_failure_names_what_happened)
{
  Fixture f;
  Op op;
  g_autoptr (GUri) url = build_url ("direct.example", 9);

  fixture_init (&f);
  start (&f, url, NULL, &op);
  wait_for (&f, op.done);
  fail_unless (strstr (op.error->message,
          "resolver gives no address of direct.example"), "%s",
      op.error->message);
  slow_resolver_say (f.resolver, "127.0.0.2");
  expect_failure (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK);
  fixture_clear (&f);
}

GST_END_TEST;

/* RFC 8767 */
GST_START_TEST (test_last_answer_counts_while_the_resolver_is_dead)
{
  Fixture f;
  guint lookups;

  fixture_init (&f);
  fail_unless (look_with (&f, "127.0.0.1"));
  for (lookups = f.resolver->lookups; f.resolver->lookups == lookups;)
    fail_unless (look (&f));
  /* The look-up hangs, and then it fails. */
  fail_unless (look (&f));
  slow_resolver_fail (f.resolver);
  fail_unless (look (&f));
  fixture_clear (&f);
}

GST_END_TEST;

/* The owner closes, or cancels its probe, while DNS is silent. Nothing is left that
 * would have to be dispatched. */
GST_START_TEST (test_lookup_ends_with_its_owner)
{
  for (guint way = 0; way < 2; way++) {
    Fixture f;
    Op op;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();

    fixture_init (&f);
    start (&f, f.url, cancellable, &op);
    wait_for (&f, f.resolver->lookups == 1);
    /* The probe is over after a second, the look-up is not. */
    wait_for (&f, op.done);
    expect_failure (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK);
    fail_unless (f.resolver->pending != NULL);
    if (way == 0)
      g_cancellable_cancel (cancellable);
    else
      net_reach_cancel (f.reach);
    fail_unless (f.resolver->pending == NULL);
    while (g_main_context_iteration (f.context, FALSE));
    ASSERT_OBJECT_REFCOUNT (cancellable, "cancellable", 1);
    fixture_clear (&f);
  }
}

GST_END_TEST;

/* The end of a session cancels its own probes, which does not mean that the server is away. A probe
 * of another server still has an answer. */
GST_START_TEST (test_end_of_a_session_ends_its_own_probes_only)
{
  Fixture f;
  Op own, other;

  fixture_init (&f);
  start_own (&f, &own);
  start (&f, f.url, NULL, &other);
  wait_for (&f, f.resolver->lookups == 1);
  net_reach_cancel (f.reach);
  wait_for (&f, own.done);
  expect_failure (&own, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  fail_if (other.done);
  slow_resolver_answer (f.resolver);
  wait_for (&f, other.done);
  fail_unless (other.ok);
  fixture_clear (&f);
}

GST_END_TEST;

/* A loop that ends during a look-up would keep its context, and with it an eventfd, for ever. */
GST_START_TEST (test_a_hundred_closes_leave_no_descriptor)
{
  RcastTally before = { 0, };
  SlowResolver *resolver = g_object_new (SLOW_TYPE_RESOLVER, NULL);
  GResolver *former = g_resolver_get_default ();
  g_autoptr (GUri) url = build_url ("direct.example", 9);

  g_resolver_set_default (G_RESOLVER (resolver));
  for (guint i = 0; i < 101; i++) {
    GMainContext *context = g_main_context_new ();
    g_autoptr (NetDialer) dialer = net_dialer_new ();
    NetReach *reach;
    Op op = { FALSE, FALSE, NULL };

    g_main_context_push_thread_default (context);
    reach = net_reach_new (dialer);
    net_reach_probe (reach, url, on_reached, g_task_new (NULL, NULL, on_looked,
            &op));
    while (!resolver->pending)
      g_main_context_iteration (context, TRUE);
    net_reach_cancel (reach);
    while (g_main_context_iteration (context, FALSE));
    fail_unless (op.done);
    expect_failure (&op, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    net_reach_free (reach);
    g_main_context_pop_thread_default (context);
    g_main_context_unref (context);
    /* Objects that GIO sets up once stay. */
    if (i == 0)
      rcast_tally_count (&before);
  }
  rcast_tally_check (&before);
  g_resolver_set_default (former);
  g_object_unref (former);
  g_object_unref (resolver);
}

GST_END_TEST;

static Suite *
reach_suite (void)
{
  Suite *s = suite_create ("reach");
  TCase *tc = tcase_create ("general");

  /* Before the first look-up of a proxy */
  g_setenv ("http_proxy", "http://127.0.0.1:9", TRUE);
  g_setenv ("no_proxy", "direct.example", TRUE);
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, test_one_lookup_at_a_time_whose_answer_is_kept);
  tcase_add_test (tc, test_a_proxy_answers_for_itself);
  tcase_add_test (tc, test_cancelled_at_once_and_in_the_middle);
  tcase_add_test (tc, test_any_address_that_works_is_enough);
  tcase_add_test (tc, test_address_that_does_not_answer_holds_up_nobody);
  tcase_add_test (tc, test_losers_are_closed);
  tcase_add_test (tc, test_server_that_moved_is_found);
  tcase_add_test (tc, test_failure_names_what_happened);
  tcase_add_test (tc, test_last_answer_counts_while_the_resolver_is_dead);
  tcase_add_test (tc, test_lookup_ends_with_its_owner);
  tcase_add_test (tc, test_end_of_a_session_ends_its_own_probes_only);
  tcase_add_test (tc, test_a_hundred_closes_leave_no_descriptor);
  return s;
}

GST_CHECK_MAIN (reach);
