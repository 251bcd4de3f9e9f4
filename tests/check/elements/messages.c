/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application messages: in order, over a data channel or the signaller, through an outage. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-check.h"
#include "rig.h"

#define SOURCE "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! " \
    "rcastsink name=r "

/* What message-received delivers, one line each: type/payload */
typedef struct
{
  GMutex lock;
  GCond changed;
  GString *text;                /* lock */
  guint n;                      /* lock */
} Received;

static void
on_received (GstElement * sink, const gchar * type, const gchar * payload,
    Received * received)
{
  g_mutex_lock (&received->lock);
  g_string_append_printf (received->text, "%s/%s\n", type, payload);
  received->n++;
  g_cond_broadcast (&received->changed);
  g_mutex_unlock (&received->lock);
}

static void
received_init (Received * received, Rig * rig)
{
  g_mutex_init (&received->lock);
  g_cond_init (&received->changed);
  received->text = g_string_new (NULL);
  received->n = 0;
  g_signal_connect (rig->sink, "message-received", G_CALLBACK (on_received),
      received);
}

static void
received_expect (Received * received, guint n, const gchar * text)
{
  g_mutex_lock (&received->lock);
  while (received->n < n)
    g_cond_wait (&received->changed, &received->lock);
  assert_equals_string (received->text->str, text);
  g_mutex_unlock (&received->lock);
}

static void
received_clear (Received * received)
{
  g_string_free (received->text, TRUE);
  g_cond_clear (&received->changed);
  g_mutex_clear (&received->lock);
}

static gboolean
send (Rig * rig, const gchar * type, const gchar * payload, gboolean retry)
{
  gboolean taken = FALSE;

  g_signal_emit_by_name (rig->sink, "send-message", type, payload, retry,
      &taken);
  return taken;
}

/* Waits for the next message-dropped, which has to be about @payload. */
static void
expect_dropped (Rig * rig, const gchar * payload, const gchar * cause)
{
  GstMessage *message = NULL;
  const GstStructure *s;

  do {
    gst_clear_message (&message);
    message = rig_wait (rig, GST_MESSAGE_ELEMENT);
  } while (!gst_message_has_name (message, "message-dropped"));
  s = gst_message_get_structure (message);
  assert_equals_string (gst_structure_get_string (s, "payload"), payload);
  assert_equals_string (gst_structure_get_string (s, "cause"), cause);
  gst_message_unref (message);
}

/* Waits for the message @name, whatever comes before it. */
static void
wait_for (Rig * rig, const gchar * name)
{
  GstMessage *message = NULL;

  do {
    gst_clear_message (&message);
    message = rig_wait (rig, GST_MESSAGE_ELEMENT);
  } while (!gst_message_has_name (message, name));
  gst_message_unref (message);
}

/* @way: 0 for the signaller, 1 for the data channel */
static void
set_way (Rig * rig, gint way)
{
  if (way)
    g_object_set (rig->sink, "data-channel", TRUE, NULL);
  else
    fake_signaller_behave (rig->signaller, FAKE_TAKES_MESSAGES);
}

/* Messages sent before the start, on air and during an outage arrive in order,
 * except for those not worth keeping. */
GST_START_TEST (test_order_is_kept_through_an_outage)
{
  Rig rig;
  Received received;
  g_autofree gchar *got = NULL;

  rig_init (&rig, SOURCE);
  set_way (&rig, __i__);
  received_init (&received, &rig);
  fake_signaller_hold_offer (rig.signaller, 2);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  rig_set_state (&rig, GST_STATE_READY);
  fail_unless (send (&rig, "a", "early", TRUE));
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for (&rig, "broadcasting");
  fail_unless (send (&rig, "a", "on air", FALSE));
  fail_unless (send (&rig, NULL, "two\nlines", TRUE));
  received_expect (&received, 3, "a/early\na/on air\n/two\nlines\n");

  fake_signaller_drop_answerer (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  /* The signaller would send these messages at once. */
  if (__i__ == 0)
    rig_set_state (&rig, GST_STATE_READY);
  fail_unless (send (&rig, "b", "kept", TRUE));
  fail_unless (send (&rig, "b", "not kept", FALSE));
  fail_unless (send (&rig, "b", "kept too", TRUE));
  expect_dropped (&rig, "not kept", "disconnected");
  if (__i__ == 0)
    rig_set_state (&rig, GST_STATE_PLAYING);
  else
    fake_signaller_release (rig.signaller);
  wait_for (&rig, "broadcasting");
  got = fake_signaller_wait_messages (rig.signaller, 5);
  assert_equals_string (got, "a/early\na/on air\n/two/lines\nb/kept\n"
      "b/kept too\n");
  received_expect (&received, 5, "a/early\na/on air\n/two\nlines\nb/kept\n"
      "b/kept too\n");
  rig_clear (&rig);
  received_clear (&received);
}

GST_END_TEST;

/* The data channel runs over DTLS, which an ICE restart does not touch. */
GST_START_TEST (test_channel_survives_an_ice_restart)
{
  Rig rig;
  Received received;

  rig_init (&rig, SOURCE);
  set_way (&rig, 1);
  received_init (&received, &rig);
  g_object_set (rig.sink, "force-media-reconnection-after-network-drop", TRUE,
      NULL);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_RESUME |
      GST_RCAST_SIGNALLER_ICE_RESTART);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for (&rig, "broadcasting");
  fail_unless (send (&rig, "a", "before", TRUE));
  received_expect (&received, 1, "a/before\n");

  /* Lost signalling forces the restart; "broadcasting" reports its end. */
  fake_signaller_lose (rig.signaller, 0, NULL);
  wait_for (&rig, "reconnecting_broadcast");
  fail_unless (send (&rig, "a", "meanwhile", TRUE));
  wait_for (&rig, "broadcasting");
  fail_unless (send (&rig, "a", "after", FALSE));
  received_expect (&received, 3, "a/before\na/meanwhile\na/after\n");
  assert_equals_int (fake_signaller_get_counts (rig.signaller).restarts, 1);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).offers, 2);
  rig_clear (&rig);
  received_clear (&received);
}

GST_END_TEST;

GST_START_TEST (test_many_at_once_by_the_channel)
{
  Rig rig;
  g_autofree gchar *offer = NULL;
  g_autofree gchar *got = NULL;

  rig_init (&rig, SOURCE);
  set_way (&rig, 1);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for (&rig, "broadcasting");
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (strstr (offer, "\r\nm=application 9 ") != NULL, "%s", offer);
  for (guint i = 0; i < 100; i++) {
    g_autofree gchar *text = g_strdup_printf ("%u", i);

    fail_unless (send (&rig, "n", text, TRUE));
  }
  got = fake_signaller_wait_messages (rig.signaller, 100);
  fail_unless (g_str_has_prefix (got, "n/0\nn/1\nn/2\n"));
  fail_unless (g_str_has_suffix (got, "n/98\nn/99\n"));
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_without_a_way_each_is_reported)
{
  Rig rig;

  rig_init (&rig, SOURCE);
  if (__i__) {
    g_object_set (rig.sink, "data-channel", TRUE, NULL);
    fake_signaller_behave (rig.signaller, FAKE_REJECTS_CHANNEL);
  }
  rig_set_state (&rig, GST_STATE_READY);
  fail_unless (send (&rig, "a", "early", TRUE));
  rig_set_state (&rig, GST_STATE_PLAYING);
  expect_dropped (&rig, "early", "not-supported");
  wait_for (&rig, "broadcasting");
  fail_unless (send (&rig, "a", "on air", TRUE));
  expect_dropped (&rig, "on air", "not-supported");
  rig_clear (&rig);
}

GST_END_TEST;

static gboolean
last_offer_has_channel (Rig * rig)
{
  g_autofree gchar *offer = fake_signaller_dup_offer (rig->signaller);

  return strstr (offer, "m=application ") != NULL;
}

/* How a server refuses a channel, and the number of offers and sessions until it is on air */
static const struct
{
  FakeBehaviour behaviour;
  guint offers, opens;
} refusals[] = {
  {FAKE_REJECTS_CHANNEL, 1, 1},
  {FAKE_REFUSES_CHANNEL, 2, 1},
  /* In the same session, or in a new one */
  {FAKE_IGNORES_CHANNEL | FAKE_KEEPS_FORMER, 2, 1},
  {FAKE_IGNORES_CHANNEL, 2, 2},
};

/* If the server takes no channel, the broadcast is on air without one, and messages go by the
 * signaller. The next connection offers no channel. */
GST_START_TEST (test_refused_channel_falls_back_to_the_signaller)
{
  Rig rig;
  FakeCounts counts;
  g_autofree gchar *got = NULL;

  rig_init (&rig, SOURCE);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  set_way (&rig, 0);
  set_way (&rig, 1);
  fake_signaller_behave (rig.signaller, refusals[__i__].behaviour);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for (&rig, "broadcasting");
  counts = fake_signaller_get_counts (rig.signaller);
  assert_equals_int (counts.offers, refusals[__i__].offers);
  assert_equals_int (counts.opens, refusals[__i__].opens);
  fail_unless (send (&rig, "a", "b", TRUE));
  fail_unless (send (&rig, "refuse", "this one", TRUE));
  fail_unless (send (&rig, "a", "c", TRUE));
  expect_dropped (&rig, "this one", "refused");
  got = fake_signaller_wait_messages (rig.signaller, 2);
  assert_equals_string (got, "a/b\na/c\n");

  fake_signaller_drop_answerer (rig.signaller);
  wait_for (&rig, "broadcasting");
  fail_if (last_offer_has_channel (&rig));
  assert_equals_int (fake_signaller_get_counts (rig.signaller).offers,
      refusals[__i__].offers + 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* A server with a channel is replaced by one that refuses channels. */
GST_START_TEST (test_channel_refused_at_a_reconnection)
{
  Rig rig;

  rig_init (&rig, SOURCE);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  set_way (&rig, 1);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for (&rig, "broadcasting");
  fail_unless (last_offer_has_channel (&rig));
  fake_signaller_behave (rig.signaller, FAKE_REFUSES_CHANNEL);
  fake_signaller_drop_answerer (rig.signaller);
  wait_for (&rig, "broadcasting");
  fail_if (last_offer_has_channel (&rig));
  fail_unless (send (&rig, "a", "no way", TRUE));
  expect_dropped (&rig, "no way", "not-supported");
  rig_clear (&rig);
}

GST_END_TEST;

/* An offer refused for another reason is refused without a channel,
 * too. It is sent once more only. */
GST_START_TEST (test_offer_refused_for_another_reason_ends_it)
{
  Rig rig;
  GstMessage *message;
  g_autoptr (GError) error = NULL;

  rig_init (&rig, SOURCE);
  set_way (&rig, 1);
  fake_signaller_fail_offers (rig.signaller, 9,
      g_error_new_literal (GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
          "no such codec"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  message = rig_wait (&rig, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  gst_message_unref (message);
  fail_unless (strstr (error->message, "no such codec") != NULL);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).offers, 2);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_overflow_and_the_end_are_reported)
{
  Rig rig;

  rig_init (&rig, SOURCE);
  g_object_set (rig.pipeline, "auto-flush-bus", FALSE, NULL);
  set_way (&rig, 0);
  fail_if (send (&rig, "a", "in NULL", TRUE));
  rig_set_state (&rig, GST_STATE_READY);
  fail_if (send (&rig, "a\nb", "two lines of type", TRUE));
  for (guint i = 0; i < 1002; i++) {
    g_autofree gchar *text = g_strdup_printf ("%u", i);

    fail_unless (send (&rig, "a", text, TRUE));
  }
  expect_dropped (&rig, "0", "overflow");
  expect_dropped (&rig, "1", "overflow");
  rig_set_state (&rig, GST_STATE_NULL);
  expect_dropped (&rig, "2", "stopped");
  expect_dropped (&rig, "3", "stopped");
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
messages_suite (void)
{
  Suite *s = suite_create ("messages");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_order_is_kept_through_an_outage, 0, 2);
  tcase_add_test (tc, test_channel_survives_an_ice_restart);
  tcase_add_test (tc, test_many_at_once_by_the_channel);
  tcase_add_loop_test (tc, test_without_a_way_each_is_reported, 0, 2);
  tcase_add_loop_test (tc, test_refused_channel_falls_back_to_the_signaller, 0,
      G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_channel_refused_at_a_reconnection);
  tcase_add_test (tc, test_offer_refused_for_another_reason_ends_it);
  tcase_add_test (tc, test_overflow_and_the_end_are_reported);
  return s;
}

GST_CHECK_MAIN (messages);
