/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsink and a fake signaller, as an application has one. */
#include "config.h"

#include "rig.h"

#include <gst/check/gstcheck.h>

void
rig_init (Rig * rig, const gchar * description)
{
  g_autoptr (GError) error = NULL;

  rig->pipeline = gst_parse_launch (description, &error);
  fail_unless (error == NULL, "%s: %s", description,
      error ? error->message : "");
  rig->sink = gst_bin_get_by_name (GST_BIN (rig->pipeline), "r");
  rig->signaller = fake_signaller_new ();
  gst_object_ref_sink (rig->signaller);
  /* Under valgrind a DTLS handshake may take longer than the default. */
  g_object_set (rig->sink, "signaller", rig->signaller, "connect-timeout",
      60000, NULL);
  rig->bus = gst_element_get_bus (rig->pipeline);
}

void
rig_set_state (Rig * rig, GstState state)
{
  fail_if (gst_element_set_state (rig->pipeline,
          state) == GST_STATE_CHANGE_FAILURE);
}

void
rig_clear (Rig * rig)
{
  gst_bus_set_flushing (rig->bus, TRUE);
  rig_set_state (rig, GST_STATE_NULL);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->sink);
  gst_object_unref (rig->pipeline);
  ASSERT_OBJECT_REFCOUNT (rig->signaller, "signaller", 1);
  gst_object_unref (rig->signaller);
}

GstMessage *
rig_wait (Rig * rig, GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (rig->bus, PATIENCE,
      types | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "no message came");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && !(types & GST_MESSAGE_ERROR)) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    fail ("%s", error->message);
  }
  return message;
}

GstMessage *
rig_wait_status (Rig * rig, const gchar * status)
{
  GstMessage *message = NULL;

  do {
    gst_clear_message (&message);
    message = rig_wait (rig, GST_MESSAGE_ELEMENT);
  } while (GST_MESSAGE_SRC (message) != GST_OBJECT (rig->sink));
  fail_unless (gst_message_has_name (message, status), "%s came, not %s",
      gst_structure_get_name (gst_message_get_structure (message)), status);
  return message;
}

void
rig_expect (Rig * rig, const gchar * status)
{
  gst_message_unref (rig_wait_status (rig, status));
}
