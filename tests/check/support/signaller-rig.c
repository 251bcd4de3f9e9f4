/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signaller alone, driven as rcastsink drives it: its operations and its signals. */
#include "config.h"

#include "signaller-rig.h"

#include <gst/check/gstcheck.h>
#include <string.h>

static gchar *
on_request_token (GstRcastSignaller * signaller, const gchar * location,
    gpointer data)
{
  SignallerRig *rig = data;
  gchar *token;

  g_mutex_lock (&rig->lock);
  rig->token_requests++;
  g_free (rig->token_location);
  rig->token_location = g_strdup (location);
  g_cond_broadcast (&rig->cond);
  g_main_context_wakeup (rig->context);
  while (rig->hold_token)
    g_cond_wait (&rig->cond, &rig->lock);
  token = g_strdup (rig->fresh_token);
  g_mutex_unlock (&rig->lock);
  return token;
}

static void
on_lost (GstRcastSignaller * signaller, const GError * error, gpointer data)
{
  SignallerRig *rig = data;

  rig->lost++;
  g_clear_error (&rig->lost_error);
  rig->lost_error = g_error_copy (error);
}

static void
on_session_changed (GstRcastSignaller * signaller, const gchar * location,
    const gchar * session, GstRcastSessionState state, gpointer data)
{
  static const gchar *const words[] = { "opened", "leaving", "left", "ended" };
  SignallerRig *rig = data;
  const gchar *path = session && strstr (session, "://") ?
      strchr (strstr (session, "://") + 3, '/') : session;

  g_string_append_printf (rig->sessions, " %s %s", words[state],
      path ? path : "?");
}

static void
on_stream_changed (GstRcastSignaller * signaller, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason, gpointer data)
{
  static const gchar *const words[] =
      { "published", "unpublished", "paused", "resumed" };
  SignallerRig *rig = data;

  g_string_append_printf (rig->streams, " %s %s", words[change], stream);
}

static void
on_message (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, gpointer data)
{
  SignallerRig *rig = data;

  g_string_append_printf (rig->messages, " %s %s", type, payload);
}

void
signaller_rig_init (SignallerRig * rig, const gchar * factory)
{
  memset (rig, 0, sizeof (*rig));
  g_mutex_init (&rig->lock);
  g_cond_init (&rig->cond);
  rig->context = g_main_context_new ();
  g_main_context_push_thread_default (rig->context);
  rig->fresh_token = "";
  rig->signaller = GST_RCAST_SIGNALLER (gst_element_factory_make (factory,
          NULL));
  fail_unless (rig->signaller != NULL);
  gst_object_ref_sink (rig->signaller);
  g_signal_connect (rig->signaller, "request-token",
      G_CALLBACK (on_request_token), rig);
  g_signal_connect (rig->signaller, "lost", G_CALLBACK (on_lost), rig);
  rig->sessions = g_string_new (NULL);
  g_signal_connect (rig->signaller, "session-changed",
      G_CALLBACK (on_session_changed), rig);
  rig->streams = g_string_new (NULL);
  g_signal_connect (rig->signaller, "stream-changed",
      G_CALLBACK (on_stream_changed), rig);
  rig->messages = g_string_new (NULL);
  g_signal_connect (rig->signaller, "message-received",
      G_CALLBACK (on_message), rig);
  /* Only tests of timeouts depend on the machine's speed. */
  g_object_set (rig->signaller, "timeout", 60000, "connect-timeout", 60000,
      "close-timeout", 60000, NULL);
}

static void
note_ignored (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  SignallerRig *rig = data;

  if (level == GST_LEVEL_WARNING && object == (GObject *) rig->signaller
      && strstr (gst_debug_message_get (message), "ignoring what the server "))
    rig->ignored++;
}

void
signaller_rig_count_ignored (SignallerRig * rig)
{
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("rcastwslink", GST_LEVEL_WARNING);
  gst_debug_add_log_function (note_ignored, rig, NULL);
}

void
signaller_rig_settle (SignallerRig * rig)
{
  while (g_main_context_iteration (rig->context, FALSE));
}

/* A thread that requests a token holds the signaller for a moment after the reply, even if no
 * operation waits for the token any more. A reference that stays longer is a leak. */
static void
wait_for_token_threads (SignallerRig * rig)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (GST_OBJECT_REFCOUNT_VALUE (rig->signaller) > 1
      && g_get_monotonic_time () < end) {
    signaller_rig_settle (rig);
    g_thread_yield ();
  }
}

void
signaller_rig_drop (SignallerRig * rig)
{
  signaller_rig_hold_token (rig, FALSE);
  signaller_rig_settle (rig);
  if (!rig->signaller)
    return;
  wait_for_token_threads (rig);
  g_signal_handlers_disconnect_by_data (rig->signaller, rig);
  ASSERT_OBJECT_REFCOUNT (rig->signaller, "signaller", 1);
  gst_clear_object (&rig->signaller);
}

void
signaller_rig_clear (SignallerRig * rig)
{
  signaller_rig_settle (rig);
  gst_debug_remove_log_function_by_data (rig);
  g_clear_error (&rig->lost_error);
  g_free (rig->token_location);
  g_string_free (rig->sessions, TRUE);
  g_string_free (rig->streams, TRUE);
  g_string_free (rig->messages, TRUE);
  g_main_context_pop_thread_default (rig->context);
  g_main_context_unref (rig->context);
  g_cond_clear (&rig->cond);
  g_mutex_clear (&rig->lock);
}

gboolean
signaller_rig_has (SignallerRig * rig, GstRcastSignallerCapabilities what)
{
  return (gst_rcast_signaller_get_capabilities (rig->signaller) & what) != 0;
}

void
signaller_rig_hold_token (SignallerRig * rig, gboolean hold)
{
  g_mutex_lock (&rig->lock);
  rig->hold_token = hold;
  g_cond_broadcast (&rig->cond);
  g_mutex_unlock (&rig->lock);
}

guint
signaller_rig_count_token_requests (SignallerRig * rig)
{
  guint count;

  g_mutex_lock (&rig->lock);
  count = rig->token_requests;
  g_mutex_unlock (&rig->lock);
  return count;
}

/* The handler wakes the context. */
void
signaller_rig_wait_token_requests (SignallerRig * rig, guint times)
{
  wait_for (rig, signaller_rig_count_token_requests (rig) >= times);
}

void
op_clear (Op * op)
{
  g_clear_pointer (&op->answer, g_free);
  g_clear_error (&op->error);
}

typedef gboolean (*Finish) (GstRcastSignaller * signaller,
    GAsyncResult * result, GError ** error);

static void
op_end (Op * op, GObject * source, GAsyncResult * result, Finish finish)
{
  fail_if (op->done);
  op->ok = finish (GST_RCAST_SIGNALLER (source), result, &op->error);
  op->done = TRUE;
}

void
op_opened (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_open_finish);
}

void
op_resumed (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_resume_finish);
}

void
op_checked (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_check_finish);
}

void
op_probed (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_probe_finish);
}

void
op_ended (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_end_session_finish);
}

void
op_closed (GObject * source, GAsyncResult * result, gpointer op)
{
  op_end (op, source, result, gst_rcast_signaller_close_finish);
}

void
op_answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  fail_if (op->done);
  op->answer = gst_rcast_signaller_offer_finish (GST_RCAST_SIGNALLER (source),
      result, &op->error);
  op->ok = op->answer != NULL;
  op->done = TRUE;
}

/* The server's offer */
void
op_offered (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  op->answer = gst_rcast_signaller_request_offer_finish (GST_RCAST_SIGNALLER
      (source), result, &op->error);
  op->ok = op->answer != NULL;
  op->done = TRUE;
}

/* Our answer to the server's offer */
void
op_agreed (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  op->ok = gst_rcast_signaller_answer_finish (GST_RCAST_SIGNALLER (source),
      result, &op->error);
  op->done = TRUE;
}

void
signaller_rig_open (SignallerRig * rig)
{
  g_auto (Op) op = { 0, };

  gst_rcast_signaller_open_async (rig->signaller, NULL, op_opened, &op);
  wait_for (rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
}

/* Returns: (nullable): the answer; %NULL with @error if there is none */
gchar *
signaller_rig_offer (SignallerRig * rig, GstRcastOfferKind kind,
    const gchar * sdp, GError ** error)
{
  Op op = { 0, };

  gst_rcast_signaller_offer_async (rig->signaller, kind, sdp, NULL,
      op_answered, &op);
  wait_for (rig, op.done);
  g_assert_true (op.ok == (op.error == NULL));
  if (op.error)
    g_propagate_error (error, op.error);
  return op.answer;
}

void
signaller_rig_close (SignallerRig * rig)
{
  g_auto (Op) op = { 0, };

  gst_rcast_signaller_close_async (rig->signaller, NULL, op_closed, &op);
  wait_for (rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
}

gboolean
signaller_rig_probe (SignallerRig * rig, GError ** error)
{
  Op op = { 0, };

  fail_unless (gst_rcast_signaller_can_probe (rig->signaller));
  gst_rcast_signaller_probe_async (rig->signaller, NULL, NULL, op_probed, &op);
  wait_for (rig, op.done);
  if (op.error)
    g_propagate_error (error, op.error);
  return op.ok;
}

void
assert_rcast_error (const GError * error, GstRcastError code, guint status)
{
  fail_unless (error != NULL);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR, code),
      "%s %d: %s", g_quark_to_string (error->domain), error->code,
      error->message);
  assert_equals_int (gst_rcast_error_get_http_status (error), status);
}

void
assert_cancelled (const GError * error)
{
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED),
      "%s", error ? error->message : "no error");
}
