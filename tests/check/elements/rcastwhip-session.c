/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: the life of a session: its end, cancelled operations, and checks beside it. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "loopback-port.h"
#include "rcast-check.h"
#include "whip-rig.h"

static const HttpReply restarted = RESTARTED;

static const struct
{
  HttpReply reply;
  gboolean ok;
  guint status;
} delete_rows[] = {
  {{"DELETE", 200}, TRUE},
  {{"DELETE", 204}, TRUE},
  {{"DELETE", 200, NULL, "application/json", "{\"status\":\"ok\"}"}, TRUE},
  {{"DELETE", 404}, TRUE},
  {{"DELETE", 410}, TRUE},
  {{"DELETE", 500}, FALSE, 500},
  {{"DELETE", 307}, FALSE, 307},
};

GST_START_TEST (test_delete)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init (&f, NULL);
  http_script_add (f.script, delete_rows[__i__].reply);
  go_on_air (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done);
  assert_equals_int (op.ok, delete_rows[__i__].ok);
  if (!op.ok)
    assert_rcast_error (op.error, GST_RCAST_ERROR_FAILED, delete_rows[__i__].status);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  /* a second close has nothing to do */
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_delete_delays_nothing)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  go_on_air (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  fail_if (op.done);
  go_on_air (&f);
  assert_equals_int (http_script_count (f.script, "POST"), 2);
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  fail_if (op.done);
  http_script_release (f.script, http_script_find (f.script, "DELETE", 0));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_delete_ends_in_time)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  gint64 start;

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "close-timeout", 200, NULL);
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  go_on_air (&f);
  start = g_get_monotonic_time ();
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &op);
  wait_for (&f.rig, op.done);
  fail_unless (g_get_monotonic_time () - start >= 190 * 1000);
  assert_rcast_error (op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_close_does_not_wait_for_ever_for_a_post)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_auto (Op) close_op = { 0, };

  fixture_init (&f, NULL);
  g_object_set (f.rig.signaller, "close-timeout", 100, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /ghost", SDP,
      ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &close_op);
  wait_for (&f.rig, close_op.done);
  assert_cancelled (op.error);
  assert_rcast_error (close_op.error, GST_RCAST_ERROR_TIMEOUT, 0);
  fixture_clear (&f);
}
GST_END_TEST;

static void
run_until (Fixture * f, guint steps, const gboolean * done)
{
  for (guint i = 0; i < steps && !*done; i++)
    g_main_context_iteration (f->rig.context, TRUE);
}

GST_START_TEST (test_cancel_at_each_step)
{
  for (guint step = 0; step < 40; step++) {
    Fixture f;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_auto (Op) post = { 0, };
    g_auto (Op) patch = { 0, };
    g_auto (Op) close_op = { 0, };

    fixture_init (&f, NULL);
    http_script_add (f.script, (HttpReply) {"POST", 307, "Location: /next"});
    http_script_add (f.script, restarted);
    signaller_rig_open (&f.rig);
    gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL, OFFER1,
        cancellable, op_answered, &post);
    run_until (&f, step, &post.done);
    if (post.done) {
      fail_unless (post.ok);
      gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_RESTART, OFFER2,
          cancellable, op_answered, &patch);
      run_until (&f, step / 2, &patch.done);
    }
    g_cancellable_cancel (cancellable);
    wait_for (&f.rig, post.done);
    if (!post.ok)
      assert_cancelled (post.error);
    gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &close_op);
    wait_for (&f.rig, close_op.done);
    fail_unless (close_op.ok, "%s", close_op.error ?
        close_op.error->message : "");
    /* each session that was opened has ended */
    assert_equals_int (http_script_count (f.script, "DELETE"),
        http_script_count (f.script, "POST") / 2);
    fixture_clear (&f);
  }
}
GST_END_TEST;

GST_START_TEST (test_close_and_drop_at_each_step)
{
  for (guint step = 0; step < 40; step++) {
    Fixture f;
    g_auto (Op) op = { 0, };
    g_auto (Op) close_op = { 0, };

    fixture_init (&f, NULL);
    signaller_rig_open (&f.rig);
    start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
    gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
        CANDIDATE (1, "ufr1"));
    for (guint i = 0; i < step; i++)
      g_main_context_iteration (f.rig.context, FALSE);
    gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &close_op);
    g_signal_handlers_disconnect_by_data (f.rig.signaller, &f);
    gst_clear_object (&f.rig.signaller);
    wait_for (&f.rig, close_op.done);
    fail_unless (op.done);
    assert_equals_int (http_script_count (f.script, "DELETE"),
        http_script_count (f.script, "POST"));
    fixture_clear (&f);
  }
}
GST_END_TEST;

/* What an owner does in the callback of an operation */

typedef struct
{
  Fixture *f;
  Op offer, newer, closing;
  gboolean started;
} Callback;

static void
callback_clear (Callback * callback)
{
  op_clear (&callback->offer);
  op_clear (&callback->newer);
  op_clear (&callback->closing);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Callback, callback_clear);

static void
close_when_answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Callback *callback = data;

  op_answered (source, result, &callback->offer);
  gst_rcast_signaller_close_async (GST_RCAST_SIGNALLER (source), NULL,
      op_closed, &callback->closing);
}

/* Called by the main loop, so that tasks return at once. */
static gboolean
offer_again (gpointer data)
{
  Callback *callback = data;

  callback->started = TRUE;
  start_offer (callback->f, GST_RCAST_OFFER_INITIAL, OFFER2, &callback->newer);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_closed_by_the_owner_of_the_offer_before)
{
  Fixture f;
  g_auto (Callback) callback = { &f, };
  g_autoptr (GSource) idle = g_idle_source_new ();

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /ghost", SDP,
      ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER1, NULL, close_when_answered, &callback);
  wait_for (&f.rig, f.script->requests->len == 1);
  g_source_set_callback (idle, offer_again, &callback, NULL);
  g_source_attach (idle, f.rig.context);
  wait_for (&f.rig, callback.newer.done);
  assert_cancelled (callback.offer.error);
  assert_cancelled (callback.newer.error);
  http_script_release (f.script, http_script_get (f.script, 0));
  wait_for (&f.rig, callback.closing.done);
  fail_unless (callback.closing.ok);
  assert_equals_int (http_script_count (f.script, "POST"), 1);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

static void
offer_when_answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Callback *callback = data;

  op_answered (source, result, &callback->offer);
  start_offer (callback->f, GST_RCAST_OFFER_INITIAL, OFFER1,
      &callback->closing);
}

/* The offer made in the callback is the newest. */
GST_START_TEST (test_offer_in_the_callback_of_the_one_before)
{
  Fixture f;
  g_auto (Callback) callback = { &f, };
  g_autoptr (GSource) idle = g_idle_source_new ();

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /ghost", SDP,
      ANSWER, TRUE});
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER1, NULL, offer_when_answered, &callback);
  wait_for (&f.rig, f.script->requests->len == 1);
  g_source_set_callback (idle, offer_again, &callback, NULL);
  g_source_attach (idle, f.rig.context);
  wait_for (&f.rig, callback.newer.done && callback.closing.done);
  assert_cancelled (callback.offer.error);
  assert_cancelled (callback.newer.error);
  fail_unless (callback.closing.ok);
  http_script_release (f.script, http_script_get (f.script, 0));
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "POST"), 2);
  assert_equals_int (http_script_count (f.script, "DELETE"), 2);
  fixture_clear (&f);
}
GST_END_TEST;

static void
close_when_notified (GObject * source, GParamSpec * pspec, gpointer data)
{
  Callback *callback = data;

  g_signal_handlers_disconnect_by_data (source, data);
  gst_rcast_signaller_close_async (GST_RCAST_SIGNALLER (source), NULL,
      op_closed, &callback->closing);
}

/* Capabilities change before the answer is returned. */
GST_START_TEST (test_closed_when_capabilities_are_learned)
{
  static const HttpReply replies[] = {
    {"POST", 201, NULL, SDP, ANSWER}, {"PATCH", 405},
  };
  Fixture f;
  g_auto (Callback) callback = { &f, };

  fixture_init (&f, NULL);
  signaller_rig_open (&f.rig);
  if (__i__ == 1)
    go_on_air (&f);
  http_script_add (f.script, replies[__i__]);
  g_signal_connect (f.rig.signaller, "notify::capabilities",
      G_CALLBACK (close_when_notified), &callback);
  start_offer (&f, __i__ == 0 ? GST_RCAST_OFFER_INITIAL :
      GST_RCAST_OFFER_RESTART, __i__ == 0 ? OFFER1 : OFFER2, &callback.offer);
  wait_for (&f.rig, callback.closing.done && callback.offer.done);
  fail_unless (callback.closing.ok);
  assert_cancelled (callback.offer.error);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_closed_in_the_callback_of_the_answer)
{
  Fixture f;
  g_auto (Callback) callback = { &f, };

  fixture_init (&f, NULL);
  signaller_rig_open (&f.rig);
  gst_rcast_signaller_offer_async (f.rig.signaller, GST_RCAST_OFFER_INITIAL,
      OFFER1, NULL, close_when_answered, &callback);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr1",
      CANDIDATE (1, "ufr1"));
  wait_for (&f.rig, callback.closing.done);
  fail_unless (callback.offer.ok && callback.closing.ok);
  assert_equals_int (http_script_count (f.script, "PATCH"), 0);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_close_can_be_cancelled)
{
  Fixture f;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { 0, };

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"DELETE", 200, NULL, NULL, NULL,
      TRUE});
  go_on_air (&f);
  gst_rcast_signaller_close_async (f.rig.signaller, cancellable, op_closed, &op);
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f.rig, op.done);
  assert_cancelled (op.error);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_state_changes_in_the_middle)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init (&f, NULL);
  for (guint i = 0; i < 100; i++) {
    assert_equals_int (gst_element_set_state (GST_ELEMENT (f.rig.signaller),
            GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
    assert_equals_int (gst_element_set_state (GST_ELEMENT (f.rig.signaller),
            GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  gst_element_set_state (GST_ELEMENT (f.rig.signaller), GST_STATE_NULL);
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  guint status;
  gboolean healthy;
} probe_rows[] = {
  {200, TRUE}, {204, TRUE}, {405, TRUE}, {501, TRUE}, {403, FALSE},
  {404, FALSE}, {500, FALSE}, {502, FALSE}, {503, FALSE},
};

GST_START_TEST (test_probe_opens_no_session)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_autofree gchar *location = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"OPTIONS",
      probe_rows[__i__].status});
  location = gst_rcast_signaller_dup_location (f.rig.signaller);
  gst_rcast_signaller_check_async (f.rig.signaller, location, NULL, op_checked, &op);
  wait_for (&f.rig, op.done);
  assert_equals_int (op.ok, probe_rows[__i__].healthy);
  assert_equals_int (http_script_count (f.script, "OPTIONS"), 1);
  assert_equals_int (http_script_count (f.script, "POST"), 0);

  /* A check beside a session, which goes on */
  go_on_air (&f);
  {
    g_auto (Op) again = { 0, };

    gst_rcast_signaller_check_async (f.rig.signaller, "whip+ftp://nowhere", NULL,
        op_checked, &again);
    wait_for (&f.rig, again.done);
    fail_if (again.ok);
  }
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 1);
  fixture_clear (&f);
}
GST_END_TEST;

/* Sets the location of @f to a port that refuses connections. Returns:
 * its socket, to listen on later */
static GSocket *
bind_to_loopback (Fixture * f)
{
  guint port;
  GSocket *socket = loopback_port_bind (&port);
  g_autofree gchar *url = g_strdup_printf ("http://127.0.0.1:%u/whip/demo",
      port);

  set_location (f, url);
  return socket;
}

GST_START_TEST (test_reach_says_nothing_and_tells_who_listens)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GSocket) socket = NULL;
  gchar byte;

  fixture_init (&f, NULL);
  listener = bind_to_loopback (&f);
  fail_if (signaller_rig_probe (&f.rig, &error));
  assert_rcast_error (error, GST_RCAST_ERROR_NETWORK, 0);
  fail_unless (g_socket_listen (listener, NULL));
  while (!signaller_rig_probe (&f.rig, NULL));
  socket = g_socket_accept (listener, NULL, NULL);
  fail_unless (g_socket_receive (socket, &byte, 1, NULL, NULL) == 0);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_reach_is_vain_while_the_server_owes_an_answer)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /session/1", SDP, ANSWER,
      TRUE});
  signaller_rig_open (&f.rig);
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  wait_for (&f.rig, f.script->requests->len == 1);
  fail_if (signaller_rig_probe (&f.rig, &error));
  assert_rcast_error (error, GST_RCAST_ERROR_NOT_SUPPORTED, 0);
  http_script_release (f.script, http_script_get (f.script, 0));
  wait_for (&f.rig, op.done);
  fail_unless (op.ok);
  while (!signaller_rig_probe (&f.rig, NULL));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static void
note_renewal (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (strstr (gst_debug_message_get (message), "by another connection"))
    ++*(guint *) data;
}

/* The kernel repeats the SYN of a hanging connection after 1 s, 3 s and 7 s. Whether that or the
 * renewal comes first is unknown, but the renewal has to be tried. */
GST_START_TEST (test_offer_that_hangs_goes_out_again_once_the_server_is_there)
{
  Fixture f;
  g_auto (Op) op = { 0, };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GPtrArray) others = NULL;
  guint renewals = 0;
  gint64 begun, looked_for;

  fixture_init (&f, NULL);
  listener = bind_to_loopback (&f);
  others = loopback_port_fill (listener);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("rcastwhip*", GST_LEVEL_DEBUG);
  gst_debug_add_log_function (note_renewal, &renewals, NULL);
  signaller_rig_open (&f.rig);
  begun = g_get_monotonic_time ();
  start_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER1, &op);
  fail_if (signaller_rig_probe (&f.rig, &error));
  assert_rcast_error (error, GST_RCAST_ERROR_NETWORK, 0);
  fail_if (op.done);
  fail_unless (soup_server_listen_socket (f.script->server, listener, 0, NULL));
  while (!signaller_rig_probe (&f.rig, NULL) && !op.done);
  looked_for = g_get_monotonic_time () - begun;
  wait_for (&f.rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
  fail_unless (renewals == 1 || looked_for > 2 * G_USEC_PER_SEC,
      "%u renewals", renewals);
  gst_debug_remove_log_function (note_renewal);
  gst_debug_set_active (FALSE);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static void
broadcast_once (const gchar * certificate)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, certificate);
  g_object_set (f.rig.signaller, "tls-verify", FALSE, NULL);
  http_script_add (f.script, restarted);
  go_on_air (&f);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer != NULL);
  gst_rcast_signaller_add_candidate (f.rig.signaller, 0, "ufr2", CANDIDATE (1, "ufr2"));
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}

GST_START_TEST (test_threads_and_descriptors_come_back)
{
  const gchar *certificate = __i__ ? CERTS "server.pem" : NULL;
  RcastTally before;

  /* what GIO sets up once stays */
  for (guint i = 0; i < 2; i++)
    broadcast_once (certificate);
  rcast_tally_count (&before);
  for (guint i = 0; i < 5; i++)
    broadcast_once (certificate);
  rcast_tally_check (&before);
}
GST_END_TEST;

static Suite *
rcastwhip_session_suite (void)
{
  Suite *s = suite_create ("rcastwhip-session");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_delete, 0, G_N_ELEMENTS (delete_rows));
  tcase_add_test (tc, test_delete_delays_nothing);
  tcase_add_test (tc, test_delete_ends_in_time);
  tcase_add_test (tc, test_close_does_not_wait_for_ever_for_a_post);
  tcase_add_test (tc, test_cancel_at_each_step);
  tcase_add_test (tc, test_close_and_drop_at_each_step);
  tcase_add_test (tc, test_closed_by_the_owner_of_the_offer_before);
  tcase_add_test (tc, test_closed_in_the_callback_of_the_answer);
  tcase_add_test (tc, test_offer_in_the_callback_of_the_one_before);
  tcase_add_loop_test (tc, test_closed_when_capabilities_are_learned, 0, 2);
  tcase_add_test (tc, test_close_can_be_cancelled);
  tcase_add_test (tc, test_state_changes_in_the_middle);
  tcase_add_loop_test (tc, test_probe_opens_no_session, 0,
      G_N_ELEMENTS (probe_rows));
  tcase_add_test (tc, test_reach_says_nothing_and_tells_who_listens);
  tcase_add_test (tc, test_reach_is_vain_while_the_server_owes_an_answer);
  tcase_add_test (tc,
      test_offer_that_hangs_goes_out_again_once_the_server_is_there);
  tcase_add_loop_test (tc, test_threads_and_descriptors_come_back, 0, 2);
  return s;
}

GST_CHECK_MAIN (rcastwhip_session);
