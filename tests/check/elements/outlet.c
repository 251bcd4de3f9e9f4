/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a received stream goes: the tap that takes it, the outlet that it leaves by. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcastoutlet.h"
#include "gstrcasttap.h"

/* A tap */

static void
count (gpointer data)
{
  (*(guint *) data)++;
}

static guint
count_warnings (GstBus * bus)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING))) {
    gst_message_unref (message);
    n++;
  }
  return n;
}

/* Returns: (transfer full): linked to @element */
static GstPad *
feed (GstElement * element)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  GstPad *pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));

  fail_unless_equals_int (gst_pad_link (pad, sink), GST_PAD_LINK_OK);
  gst_pad_set_active (pad, TRUE);
  gst_pad_push_event (pad, gst_event_new_stream_start ("test"));
  return pad;
}

static void
push (GstPad * pad, const gchar * coded)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (coded);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_buffer_new ();

    GST_BUFFER_PTS (buffer) = i * GST_SECOND;
    assert_equals_int (gst_pad_push (pad, buffer), GST_FLOW_OK);
  }
}

GST_START_TEST (test_refused_media_is_no_arrival)
{
  const GstRcastOutletsSettings settings = { .output = GST_RCAST_OUTPUT_RAW };
  g_autoptr (GstElement) bin = gst_object_ref_sink (gst_bin_new (NULL));
  g_autoptr (GstRcastOutlets) outlets = gst_rcast_outlets_new (bin);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstElement) tap = NULL;
  g_autoptr (GstPad) pad = NULL;
  guint arrivals = 0;

  gst_rcast_outlets_set (outlets, &settings);
  gst_rcast_outlets_open (outlets);
  tap = gst_object_ref_sink (gst_rcast_tap_new (outlets, GST_RCAST_MEDIA_VIDEO,
          0, 1, count, &arrivals));
  gst_element_set_bus (tap, bus);
  gst_element_set_state (tap, GST_STATE_PLAYING);
  gst_rcast_tap_set_open (GST_RCAST_TAP (tap), TRUE);
  pad = feed (tap);
  push (pad, "video/x-rcast-unknown");
  assert_equals_int (arrivals, 0);
  assert_equals_int (count_warnings (bus), 1);
  push (pad, "video/x-rcast-other");
  assert_equals_int (arrivals, 0);
  assert_equals_int (count_warnings (bus), 1);
  gst_rcast_tap_stop (GST_RCAST_TAP (tap));
  gst_element_set_state (tap, GST_STATE_NULL);
  gst_element_set_bus (tap, NULL);
  gst_pad_set_active (pad, FALSE);
}

GST_END_TEST;

/* An outlet */

typedef struct
{
  GMutex lock;
  GCond changed;
  GstPad *outlet;               /* constant */
  gboolean held;                /* lock; the caps have come for the first time */
  GString *seen;                /* lock; an event's first letter each; "." is a buffer */
} Sight;

static GstFlowReturn
see_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Sight *sight = gst_pad_get_element_private (pad);

  g_mutex_lock (&sight->lock);
  g_string_append_c (sight->seen, '.');
  g_cond_broadcast (&sight->changed);
  g_mutex_unlock (&sight->lock);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* Until somebody waits for the outlet's thread to end. */
static void
hold (GstPad * outlet)
{
  gboolean runs = TRUE;

  while (runs) {
    g_thread_yield ();
    GST_OBJECT_LOCK (outlet);
    runs = GST_PAD_TASK (outlet) != NULL;
    GST_OBJECT_UNLOCK (outlet);
  }
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Sight *sight = gst_pad_get_element_private (pad);
  gboolean first;

  g_mutex_lock (&sight->lock);
  /* Lower-case: the segment, not the start */
  g_string_append_c (sight->seen, GST_EVENT_TYPE (event) ==
      GST_EVENT_SEGMENT ? 's' :
      g_ascii_toupper (GST_EVENT_TYPE_NAME (event)[0]));
  first = GST_EVENT_TYPE (event) == GST_EVENT_CAPS && !sight->held;
  sight->held |= first;
  g_cond_broadcast (&sight->changed);
  g_mutex_unlock (&sight->lock);
  gst_event_unref (event);
  if (first)
    hold (sight->outlet);
  return TRUE;
}

/* Returns: (transfer full): linked to @sight's outlet */
static GstPad *
sight_init (Sight * sight)
{
  GstPad *sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));

  g_mutex_init (&sight->lock);
  g_cond_init (&sight->changed);
  sight->seen = g_string_new (NULL);
  gst_pad_set_element_private (sink, sight);
  gst_pad_set_chain_function (sink, see_buffer);
  gst_pad_set_event_function (sink, see_event);
  gst_pad_set_active (sink, TRUE);
  fail_unless_equals_int (gst_pad_link (sight->outlet, sink),
      GST_PAD_LINK_OK);
  return sink;
}

static void
sight_wait (Sight * sight, gchar what)
{
  g_mutex_lock (&sight->lock);
  while (!strchr (sight->seen->str, what))
    g_cond_wait (&sight->changed, &sight->lock);
  g_mutex_unlock (&sight->lock);
}

/* It is stopped between the caps and the segment. */
GST_START_TEST (test_a_new_start_has_a_segment)
{
  const GstRcastOutletSettings settings = { 0 };
  g_autoptr (GstPadTemplate) template = gst_object_ref_sink
      (gst_pad_template_new ("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
          GST_CAPS_ANY));
  g_autoptr (GstRcastOutlet) outlet = gst_object_ref_sink
      (gst_rcast_outlet_new (template, "video_0",
          gst_event_new_stream_start ("test"), &settings));
  g_autoptr (GstPad) source = gst_object_ref_sink (gst_pad_new ("source",
          GST_PAD_SINK));
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  Sight sight = { .outlet = GST_PAD (outlet) };
  g_autoptr (GstPad) sink = sight_init (&sight);

  gst_rcast_outlet_set_playing (outlet, TRUE);
  for (guint i = 0; i < 2; i++) {
    GstBuffer *buffer = gst_buffer_new ();

    GST_BUFFER_PTS (buffer) = i * GST_SECOND;
    gst_pad_set_active (GST_PAD (outlet), TRUE);
    gst_rcast_outlet_push (outlet, source, 1, caps, buffer);
    sight_wait (&sight, i == 0 ? 'C' : '.');
    gst_pad_set_active (GST_PAD (outlet), FALSE);
  }
  assert_equals_string (sight.seen->str, "SCSCs.");
  gst_rcast_outlet_leave (outlet, source);
  gst_pad_set_active (sink, FALSE);
  g_string_free (sight.seen, TRUE);
  g_mutex_clear (&sight.lock);
  g_cond_clear (&sight.changed);
}

GST_END_TEST;

static Suite *
outlet_suite (void)
{
  Suite *s = suite_create ("outlet");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_refused_media_is_no_arrival);
  tcase_add_test (tc, test_a_new_start_has_a_segment);
  return s;
}

GST_CHECK_MAIN (outlet);
