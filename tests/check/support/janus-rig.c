/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus with a scripted server on loopback. */
#include "config.h"

#include "janus-rig.h"

#include <string.h>

static void
on_server_event (GstRcastSignaller * janus, GstRcastServerEvent event,
    const gchar * detail, gpointer data)
{
  Fixture *f = data;

  g_array_append_val (f->server_events, event);
  g_free (f->event_detail);
  f->event_detail = g_strdup (detail);
}

static void
on_candidate (GstRcastSignaller * janus, guint mline, const gchar * candidate,
    gpointer data)
{
  Fixture *f = data;

  f->n_candidates++;
  g_free (f->candidate);
  f->candidate = g_strdup_printf ("%u %s", mline, candidate);
}

void
set_query (Fixture * f, const gchar * query)
{
  g_autofree gchar *location = g_strdup_printf ("janus+ws://127.0.0.1:%u/?%s",
      f->script->port, query);

  g_object_set (f->rig.signaller, "location", location, NULL);
}

void
fixture_init (Fixture * f)
{
  memset (f, 0, sizeof (*f));
  signaller_rig_init (&f->rig, "rcastjanus");
  f->script = janus_script_new ();
  f->server_events = g_array_new (FALSE, FALSE, sizeof (GstRcastServerEvent));
  f->bus = gst_bus_new ();
  gst_element_set_bus (GST_ELEMENT (f->rig.signaller), f->bus);
  g_signal_connect (f->rig.signaller, "server-event",
      G_CALLBACK (on_server_event), f);
  g_signal_connect (f->rig.signaller, "candidate", G_CALLBACK (on_candidate),
      f);
  g_object_set (f->rig.signaller, "pong-timeout", 60000, NULL);
  set_query (f, "room=1234");
}

void
fixture_clear (Fixture * f)
{
  gst_element_set_bus (GST_ELEMENT (f->rig.signaller), NULL);
  g_signal_handlers_disconnect_by_data (f->rig.signaller, f);
  /* Messages on the bus hold references to the signaller. */
  gst_object_unref (f->bus);
  signaller_rig_drop (&f->rig);
  janus_script_free (f->script);
  signaller_rig_clear (&f->rig);
  g_array_unref (f->server_events);
  g_free (f->event_detail);
  g_free (f->candidate);
}

void
check_has (const gchar * text, const gchar * part)
{
  fail_unless (strstr (text, part) != NULL, "\"%s\" not in %s", part, text);
}

void
check_ok (const Op * op)
{
  fail_unless (op->ok, "%s", op->error ? op->error->message : "no error");
}

void
check_error (const Op * op, GstRcastError code, const gchar * word)
{
  fail_if (op->ok);
  fail_unless (g_error_matches (op->error, GST_RCAST_ERROR, code), "%s",
      op->error->message);
  check_has (op->error->message, word);
  fail_unless (strstr (op->error->message, PIN) == NULL);
}

void
check_event (Fixture * f, guint n, GstRcastServerEvent event)
{
  fail_unless (n < f->server_events->len, "%u events", f->server_events->len);
  assert_equals_int (g_array_index (f->server_events, GstRcastServerEvent, n),
      event);
}

void
run_open (Fixture * f, Op * op)
{
  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, op);
  wait_for (&f->rig, op->done);
}

void
run_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op)
{
  gst_rcast_signaller_offer_async (f->rig.signaller, kind, sdp, NULL,
      op_answered, op);
  wait_for (&f->rig, op->done);
}

void
run_resume (Fixture * f, Op * op)
{
  gst_rcast_signaller_resume_async (f->rig.signaller, NULL, op_resumed, op);
  wait_for (&f->rig, op->done);
}

void
do_open (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  run_open (f, &op);
  check_ok (&op);
}

void
do_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp)
{
  g_auto (Op) op = { FALSE };

  run_offer (f, kind, sdp, &op);
  check_ok (&op);
  check_has (op.answer, "m=video 9");
}

void
do_resume (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  run_resume (f, &op);
  check_ok (&op);
}

void
do_publish (Fixture * f)
{
  do_open (f);
  do_offer (f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
}

void
do_close (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_close_async (f->rig.signaller, NULL, op_closed, &op);
  wait_for (&f->rig, op.done);
}

void
wait_heard (Fixture * f)
{
  gboolean seen = FALSE;

  janus_script_say (f->script, WORD ("slowlink", ""), NULL);
  while (!seen) {
    g_autoptr (GstMessage) message = gst_bus_pop (f->bus);

    if (message)
      seen = !g_strcmp0 (gst_structure_get_string (gst_message_get_structure
              (message), "event"), "slowlink");
    else
      g_main_context_iteration (f->rig.context, TRUE);
  }
}

void
cut (Fixture * f)
{
  f->rig.lost = 0;
  g_io_stream_close (soup_websocket_connection_get_io_stream (f->script->peer),
      NULL, NULL);
  wait_for (&f->rig, f->rig.lost);
}

gchar *
begin_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp,
    GCancellable * cancellable, const gchar * request, Op * op)
{
  guint before = janus_script_count (f->script, request);

  gst_rcast_signaller_offer_async (f->rig.signaller, kind, sdp, cancellable,
      op_answered, op);
  wait_for (&f->rig, janus_script_count (f->script, request) == before + 1);
  return janus_script_last_transaction (f->script, request);
}
