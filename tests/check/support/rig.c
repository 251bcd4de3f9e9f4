/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsink or an rcastsrc and a fake signaller, as in an application. */
#include "config.h"

#include "rig.h"

#include <gst/check/gstcheck.h>

#include "crank.h"
#include "gstrcastdriver.h"
#include "gstrcastsink.h"
#include "gstrcastsrc.h"
#include "rcast-message.h"

/* Pipelines of the running test; owned */
static GList *left;

/* Registers this program's element, not the plugin's: a test can set its clock. */
void
rig_register (void)
{
  static gsize once;

  if (g_once_init_enter (&once)) {
    GST_ELEMENT_REGISTER (rcastsink, NULL);
    GST_ELEMENT_REGISTER (rcastsrc, NULL);
    g_once_init_leave (&once, 1);
  }
}

static void
rig_start_with_clock (Rig * rig, GstClock * clock)
{
  gst_rcast_bin_set_clock (GST_RCAST_BIN (rig->sink), clock);
  rig_set_state (rig, GST_STATE_READY);
}

/* Sets the pipeline to READY with a clock that runs as slowly as the program. Otherwise the
 * policy's time limits would take a slow server for a lost one. The clock lives for ever, as the
 * system's does: its last reference must not go in its own thread, for whose end it waits. */
static void
start_slowly (Rig * rig)
{
  static GstClock *clock;

  if (!clock) {
    GstClockTime now;

    clock = g_object_new (GST_TYPE_SYSTEM_CLOCK, NULL);
    gst_object_ref_sink (clock);
    now = gst_clock_get_internal_time (clock);
    gst_clock_set_calibration (clock, now, now, 1, rcast_check_slowness ());
  }
  rig_start_with_clock (rig, clock);
}

void
rig_init (Rig * rig, const gchar * description)
{
  g_autoptr (GError) error = NULL;

  rig_register ();
  rig->pipeline = gst_parse_launch (description, &error);
  fail_unless (error == NULL, "%s: %s", description,
      error ? error->message : "");
  if (!GST_IS_PIPELINE (rig->pipeline)) {
    GstElement *alone = rig->pipeline;

    rig->pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (rig->pipeline), alone);
  }
  left = g_list_prepend (left, gst_object_ref (rig->pipeline));
  rig->sink = gst_bin_get_by_name (GST_BIN (rig->pipeline), "r");
  rig->signaller = fake_signaller_new ();
  gst_object_ref_sink (rig->signaller);
  g_object_set (rig->sink, "signaller", rig->signaller, NULL);
  /* Under load a DTLS handshake may take longer than the default. */
  if (!strstr (description, "connect-timeout"))
    g_object_set (rig->sink, "connect-timeout", 60000, NULL);
  /* The ICE agent has a clock of its own. */
  g_object_set (rig->sink, "media-timeout", MIN (1000 * rcast_check_slowness (),
          60000), NULL);
  rig->bus = gst_element_get_bus (rig->pipeline);
}

void
rig_set_state (Rig * rig, GstState state)
{
  if (rcast_check_slowness () > 1 && state > GST_STATE_READY
      && GST_STATE (rig->sink) == GST_STATE_NULL)
    start_slowly (rig);
  fail_if (gst_element_set_state (rig->pipeline,
          state) == GST_STATE_CHANGE_FAILURE);
}

void
rig_abandon (void)
{
  for (GList * l = left; l; l = l->next)
    gst_element_set_state (l->data, GST_STATE_NULL);
  g_clear_list (&left, gst_object_unref);
}

void
rig_clear (Rig * rig)
{
  gst_bus_set_flushing (rig->bus, TRUE);
  rig_set_state (rig, GST_STATE_NULL);
  left = g_list_remove (left, rig->pipeline);
  gst_object_unref (rig->pipeline);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->sink);
  gst_object_unref (rig->pipeline);
  /* The thread that closed the signaller may still hold a reference. */
  for (gint64 end = rcast_check_get_end ();
      GST_OBJECT_REFCOUNT_VALUE (rig->signaller) > 1
      && g_get_monotonic_time () < end;)
    g_usleep (1000);
  ASSERT_OBJECT_REFCOUNT (rig->signaller, "signaller", 1);
  gst_object_unref (rig->signaller);
}

GstMessage *
rig_wait (Rig * rig, GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (rig->bus,
      PATIENCE * rcast_check_slowness (), types | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "no message came");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && !(types & GST_MESSAGE_ERROR)) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    fail ("%s (%s)", error->message, debug);
  }
  return message;
}

GstMessage *
rig_wait_status (Rig * rig, const gchar * status)
{
  GstMessage *message = NULL;
  g_autofree gchar *got = NULL;

  do {
    gst_clear_message (&message);
    message = rig_wait (rig, GST_MESSAGE_ELEMENT);
  } while (GST_MESSAGE_SRC (message) != GST_OBJECT (rig->sink)
      || gst_message_has_name (message, "target-bitrate")
      || gst_message_has_name (message, GST_RCAST_MESSAGE_STREAM_CONNECTED)
      || gst_message_has_name (message, GST_RCAST_MESSAGE_STREAM_DISCONNECTED));
  got = gst_structure_to_string (gst_message_get_structure (message));
  fail_unless (gst_message_has_name (message, status), "%s came, not %s", got,
      status);
  return message;
}

void
rig_expect (Rig * rig, const gchar * status)
{
  gst_message_unref (rig_wait_status (rig, status));
}

GstTestClock *
rig_start_with_test_clock (Rig * rig)
{
  GstClock *clock = gst_test_clock_new_with_start_time (GST_SECOND);

  rig_start_with_clock (rig, clock);
  return GST_TEST_CLOCK (clock);
}

void
rig_turn (gint64 end, const gchar * what)
{
  fail_unless (g_get_monotonic_time () < end, "waited in vain for %s", what);
  g_usleep (1000);
}

static gboolean
note_turn (gpointer queue)
{
  g_async_queue_push (queue, queue);
  return G_SOURCE_REMOVE;
}

void
rig_sync (Rig * rig)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  g_autoptr (GstRcastDriver) driver =
      gst_rcast_bin_dup_driver (GST_RCAST_BIN (rig->sink));

  gst_rcast_loop_invoke (gst_rcast_driver_get_loop (driver), note_turn,
      g_async_queue_ref (queue), (GDestroyNotify) g_async_queue_unref);
  fail_unless (g_async_queue_timeout_pop (queue,
          PATIENCE * rcast_check_slowness () / GST_USECOND) != NULL,
      "the element's thread is stuck");
}

/* Work that takes real time must not run into a limit of the test clock. So the clock advances
 * to near entries only, never to a limit, and only after all earlier work is done. */
gboolean
rig_crank (Rig * rig, GstTestClock * clock, GstClockTime limit)
{
  gboolean turned;

  rig_sync (rig);
  turned = crank_within (clock, limit);
  rig_sync (rig);
  return turned;
}

gboolean
rig_is_about (GstMessage * message, const gchar * name)
{
  const GstStructure *details = NULL;
  const gchar *pad = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning_details (message, &details);
  gst_rcast_message_parse_stream (message, &pad, NULL, NULL, NULL);
  return gst_message_has_name (message, name) || g_strcmp0 (pad, name) == 0
      || (details && gst_structure_has_name (details, name));
}

/* Returns: (transfer full) (nullable): a message about @name that arrives within 20 ms */
static GstMessage *
pop_about (Rig * rig, GstMessageType types, const gchar * name)
{
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (rig->bus, 20 * GST_MSECOND,
              types | GST_MESSAGE_ERROR))) {
    assert_equals_int (GST_MESSAGE_TYPE (message) & GST_MESSAGE_ERROR, 0);
    if (rig_is_about (message, name))
      return message;
    gst_message_unref (message);
  }
  return NULL;
}

static GstMessage *
crank_until (Rig * rig, GstTestClock * clock, GstClockTime limit,
    GstMessageType types, const gchar * name)
{
  gint64 end = rcast_check_get_end ();
  GstMessage *message;

  do {
    fail_unless (g_get_monotonic_time () < end, "nothing came about %s until %"
        GST_TIME_FORMAT " of the clock; the next is due at %" GST_TIME_FORMAT,
        name, GST_TIME_ARGS (gst_clock_get_time (GST_CLOCK (clock))),
        GST_TIME_ARGS (gst_test_clock_get_next_entry_time (clock)));
    rig_crank (rig, clock, limit);
    message = pop_about (rig, types, name);
  } while (!message);
  return message;
}

void
rig_crank_to_signalling (Rig * rig, GstTestClock * clock)
{
  gst_message_unref (crank_until (rig, clock, GST_SECOND / 2,
          GST_MESSAGE_ELEMENT, "signalling"));
}

GstMessage *
rig_crank_until (Rig * rig, GstTestClock * clock, GstMessageType types,
    const gchar * name)
{
  return crank_until (rig, clock, GST_SECOND, types, name);
}

void
rig_go_on_air (Rig * rig)
{
  rig_set_state (rig, GST_STATE_PLAYING);
  rig_expect (rig, "signalling");
  rig_expect (rig, "connected");
  rig_expect (rig, "broadcasting");
  fake_signaller_wait (rig->signaller, FAKE_PACKETS, 20);
}

void
rig_expect_field (GstMessage * message, const gchar * name, const gchar * value)
{
  assert_equals_string (gst_structure_get_string (gst_message_get_structure
          (message), name), value);
}

void
rig_expect_with (Rig * rig, const gchar * status, ...)
{
  GstMessage *message = rig_wait_status (rig, status);
  const gchar *name;
  va_list fields;

  va_start (fields, status);
  while ((name = va_arg (fields, const gchar *)))
      rig_expect_field (message, name, va_arg (fields, const gchar *));
  va_end (fields);
  gst_message_unref (message);
}

void
rig_set_locations (Rig * rig, const gchar * const *locations)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_ARRAY);
  for (guint i = 0; locations[i]; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_static_string (&item, locations[i]);
    gst_value_array_append_and_take_value (&value, &item);
  }
  g_object_set_property (G_OBJECT (rig->sink), "locations", &value);
  g_value_unset (&value);
}
