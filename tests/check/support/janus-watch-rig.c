/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus as a subscriber, with a scripted server. */
#include "config.h"

#include "janus-watch-rig.h"

static void
on_offered (GstRcastSignaller * janus, const gchar * sdp, gpointer data)
{
  Watch *w = data;

  check_has (sdp, "m=video 9");
  w->offers++;
}

void
watch_init (Watch * w, const gchar * joined)
{
  static const gchar *const handles[] =
      { ATTACHED (HANDLE), ATTACHED (FIRST), ATTACHED (SECOND) };

  w->offers = 0;
  fixture_init (&w->f);
  g_signal_connect (w->f.rig.signaller, "offered", G_CALLBACK (on_offered), w);
  for (guint i = 0; i < G_N_ELEMENTS (handles); i++)
    janus_script_add (w->f.script, "attach", handles[i]);
  janus_script_add (w->f.script, "join", joined);
  gst_rcast_signaller_set_direction (w->f.rig.signaller,
      GST_RCAST_DIRECTION_RECEIVE);
  set_query (&w->f, "room=1234&display=studio&pin=" PIN);
}

void
watch_clear (Watch * w)
{
  do_close (&w->f);
  g_signal_handlers_disconnect_by_data (w->f.rig.signaller, w);
  fixture_clear (&w->f);
}

void
run_request (Watch * w, GstRcastOfferKind kind, Op * op)
{
  gst_rcast_signaller_request_offer_async (w->f.rig.signaller, kind, NULL,
      op_offered, op);
  wait_for (&w->f.rig, op->done);
}

void
run_answer (Watch * w, Op * op)
{
  gst_rcast_signaller_answer_async (w->f.rig.signaller, OFFER ("ufr1"), NULL,
      op_agreed, op);
  wait_for (&w->f.rig, op->done);
}

void
do_request (Watch * w, GstRcastOfferKind kind)
{
  g_auto (Op) op = { FALSE };

  run_request (w, kind, &op);
  check_ok (&op);
  check_has (op.answer, "m=video 9");
}

void
do_answer (Watch * w)
{
  g_auto (Op) op = { FALSE };

  run_answer (w, &op);
  check_ok (&op);
}

void
do_watch (Watch * w)
{
  do_open (&w->f);
  do_request (w, GST_RCAST_OFFER_INITIAL);
  do_answer (w);
}

void
wait_asked (Watch * w, const gchar * word, guint times)
{
  wait_for (&w->f.rig, janus_script_count (w->f.script, word) >= times);
  assert_equals_int (janus_script_count (w->f.script, word), times);
}
