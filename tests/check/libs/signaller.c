/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The base class of signallers: directions, and one offer of the server at a time. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-signaller.h"

/* A server that offers when the test says so */
typedef struct
{
  GstRcastSignaller parent;
  GTask *answering;
} Offerer;
typedef GstRcastSignallerClass OffererClass;

GType offerer_get_type (void);
G_DEFINE_TYPE (Offerer, offerer, GST_TYPE_RCAST_SIGNALLER);

/* A signaller that can only send */
typedef GstRcastSignaller Sender;
typedef GstRcastSignallerClass SenderClass;

GType sender_get_type (void);
G_DEFINE_TYPE (Sender, sender, GST_TYPE_RCAST_SIGNALLER);

static void
offerer_open_async (GstRcastSignaller * self, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_return_boolean (task, TRUE);
}

static void
offerer_request_async (GstRcastSignaller * self, GstRcastOfferKind kind,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_return_pointer (task, g_strdup (kind == GST_RCAST_OFFER_RESTART ?
          "restart" : "first"), g_free);
}

static gchar *
finish_text (GstRcastSignaller * self, GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
offerer_answer_async (GstRcastSignaller * self, const gchar * sdp,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  ((Offerer *) self)->answering =
      g_task_new (self, cancellable, callback, data);
}

static gboolean
finish_boolean (GstRcastSignaller * self, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
offerer_class_init (OffererClass * klass)
{
  klass->open_async = klass->close_async = offerer_open_async;
  klass->open_finish = klass->close_finish = finish_boolean;
  klass->request_offer_async = offerer_request_async;
  klass->request_offer_finish = finish_text;
  klass->answer_async = offerer_answer_async;
  klass->answer_finish = finish_boolean;
  gst_rcast_signaller_class_set_directions (klass,
      GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE);
}

static void
offerer_init (Offerer * self)
{
}

static void
sender_class_init (SenderClass * klass)
{
}

static void
sender_init (Sender * self)
{
}

/* Notes what the owner hears, one line for each signal. */
static void
hear (GString * heard, const gchar * what, const gchar * text,
    const GError * error)
{
  g_string_append_printf (heard, "%s %s\n", what, error ? error->message : text);
}

static void
on_offered (GstRcastSignaller * self, const gchar * sdp, GString * heard)
{
  hear (heard, "offered", sdp, NULL);
}

static void
on_requested (GObject * self, GAsyncResult * result, gpointer heard)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *sdp = gst_rcast_signaller_request_offer_finish
      (GST_RCAST_SIGNALLER (self), result, &error);

  hear (heard, "requested", sdp, error);
}

static void
on_answered (GObject * self, GAsyncResult * result, gpointer heard)
{
  g_autoptr (GError) error = NULL;

  gst_rcast_signaller_answer_finish (GST_RCAST_SIGNALLER (self), result,
      &error);
  hear (heard, "answered", "well", error);
}

static void
on_opened (GObject * self, GAsyncResult * result, gpointer heard)
{
  fail_unless (gst_rcast_signaller_open_finish (GST_RCAST_SIGNALLER (self),
          result, NULL));
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE));
}

static void
expect (GString * heard, const gchar * what)
{
  settle ();
  assert_equals_string (heard->str, what);
  g_string_truncate (heard, 0);
}

/* The server accepts the answer, or refuses it. @error: (transfer full) (nullable) */
static void
end_answer (GstRcastSignaller * self, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&((Offerer *) self)->answering);

  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
answer (GstRcastSignaller * self, GString * heard)
{
  gst_rcast_signaller_answer_async (self, "answer", NULL, on_answered, heard);
}

static void
request (GstRcastSignaller * self, GstRcastOfferKind kind, GString * heard)
{
  gst_rcast_signaller_request_offer_async (self, kind, NULL, on_requested,
      heard);
}

static GstRcastSignaller *
make (GType type, GString ** heard)
{
  GstRcastSignaller *self = gst_object_ref_sink (g_object_new (type, NULL));

  *heard = g_string_new (NULL);
  g_signal_connect (self, "offered", G_CALLBACK (on_offered), *heard);
  return self;
}

GST_START_TEST (test_signaller_sends_unless_its_class_says_more)
{
  g_autoptr (GstRcastSignaller) sender =
      gst_object_ref_sink (g_object_new (sender_get_type (), NULL));
  g_autoptr (GstRcastSignaller) both =
      gst_object_ref_sink (g_object_new (offerer_get_type (), NULL));

  fail_unless (gst_rcast_signaller_can (sender, GST_RCAST_DIRECTION_SEND));
  fail_if (gst_rcast_signaller_can (sender, GST_RCAST_DIRECTION_RECEIVE));
  fail_unless (gst_rcast_signaller_can (both, GST_RCAST_DIRECTION_SEND));
  fail_unless (gst_rcast_signaller_can (both, GST_RCAST_DIRECTION_RECEIVE));
  assert_equals_int (gst_rcast_signaller_get_direction (both),
      GST_RCAST_DIRECTION_SEND);
  gst_rcast_signaller_set_direction (both, GST_RCAST_DIRECTION_RECEIVE);
  assert_equals_int (gst_rcast_signaller_get_direction (both),
      GST_RCAST_DIRECTION_RECEIVE);
  assert_equals_string (gst_element_class_get_metadata
      (GST_ELEMENT_GET_CLASS (both), GST_RCAST_SIGNALLER_METADATA_DIRECTIONS),
      "send,receive");
}

GST_END_TEST;

GST_START_TEST (test_one_offer_of_the_server_at_a_time)
{
  GString *heard;
  g_autoptr (GstRcastSignaller) self = make (offerer_get_type (), &heard);

  request (self, GST_RCAST_OFFER_INITIAL, heard);
  expect (heard, "requested first\n");
  /* Of the offers that come meanwhile, the last one counts. */
  gst_rcast_signaller_offered (self, "second");
  gst_rcast_signaller_offered (self, "third");
  expect (heard, "");
  answer (self, heard);
  expect (heard, "");
  end_answer (self, NULL);
  expect (heard, "offered third\nanswered well\n");
  gst_rcast_signaller_offered (self, "fourth");
  expect (heard, "");
  answer (self, heard);
  end_answer (self, g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED, "no"));
  expect (heard, "offered fourth\nanswered no\n");
  g_string_free (heard, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_new_session_or_request_forgets_older_offers)
{
  GString *heard;
  g_autoptr (GstRcastSignaller) self = make (offerer_get_type (), &heard);

  gst_rcast_signaller_offered (self, "one");
  gst_rcast_signaller_offered (self, "two");
  expect (heard, "offered one\n");
  request (self, GST_RCAST_OFFER_RESTART, heard);
  expect (heard, "requested restart\n");
  answer (self, heard);
  end_answer (self, NULL);
  expect (heard, "answered well\n");
  gst_rcast_signaller_offered (self, "three");
  gst_rcast_signaller_offered (self, "four");
  gst_rcast_signaller_open_async (self, NULL, on_opened, heard);
  expect (heard, "offered three\n");
  gst_rcast_signaller_offered (self, "five");
  expect (heard, "offered five\n");
  g_string_free (heard, TRUE);
}

GST_END_TEST;

/* A cancelled answer releases no waiting offer. */
GST_START_TEST (test_cancelled_answer_releases_nothing)
{
  GString *heard;
  g_autoptr (GstRcastSignaller) self = make (offerer_get_type (), &heard);

  gst_rcast_signaller_offered (self, "one");
  gst_rcast_signaller_offered (self, "two");
  answer (self, heard);
  end_answer (self, g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "left"));
  expect (heard, "offered one\nanswered left\n");
  g_string_free (heard, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_server_that_never_offers)
{
  GString *heard;
  g_autoptr (GstRcastSignaller) self = make (sender_get_type (), &heard);

  gst_object_set_name (GST_OBJECT (self), "s");
  request (self, GST_RCAST_OFFER_INITIAL, heard);
  expect (heard, "requested the server of s makes no offers\n");
  answer (self, heard);
  expect (heard, "answered the server of s makes no offers\n");
  g_string_free (heard, TRUE);
}

GST_END_TEST;

static Suite *
signaller_suite (void)
{
  Suite *s = suite_create ("signaller");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_signaller_sends_unless_its_class_says_more);
  tcase_add_test (tc, test_one_offer_of_the_server_at_a_time);
  tcase_add_test (tc, test_new_session_or_request_forgets_older_offers);
  tcase_add_test (tc, test_cancelled_answer_releases_nothing);
  tcase_add_test (tc, test_server_that_never_offers);
  return s;
}

GST_CHECK_MAIN (signaller);
