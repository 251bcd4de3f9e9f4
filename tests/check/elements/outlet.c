/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a received stream goes: the tap that takes it, and the outlet through which it leaves. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>
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

/* Returns: (transfer full): a source pad linked to @element */
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
  gboolean held;                /* lock; the first caps have arrived */
  GString *seen;                /* lock; first letter of each event; "." for a buffer */
  GstClockTime position;        /* lock; end of the last gap, or time of the last buffer */
  gboolean back;                /* lock; time went back */
} Sight;

/* With the lock */
static void
note_time (Sight * sight, GstClockTime begin, GstClockTime end)
{
  sight->back |= begin < sight->position;
  sight->position = end;
}

static GstFlowReturn
see_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Sight *sight = gst_pad_get_element_private (pad);

  g_mutex_lock (&sight->lock);
  note_time (sight, GST_BUFFER_PTS (buffer), GST_BUFFER_PTS (buffer));
  g_string_append_c (sight->seen, '.');
  g_cond_broadcast (&sight->changed);
  g_mutex_unlock (&sight->lock);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* Waits until somebody waits for the outlet's thread to end. */
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
  GstClockTime begin, length;
  gboolean first;

  g_mutex_lock (&sight->lock);
  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
    gst_event_parse_gap (event, &begin, &length);
    note_time (sight, begin, begin + length);
  }
  /* s: segment, S: stream-start */
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

/* Returns: (transfer full): a sink pad linked to @sight's outlet */
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

static void
sight_clear (Sight * sight, GstPad * sink)
{
  gst_pad_set_active (sink, FALSE);
  g_string_free (sight->seen, TRUE);
  g_mutex_clear (&sight->lock);
  g_cond_clear (&sight->changed);
}

/* Returns: (transfer floating) */
static GstRcastOutlet *
make_outlet (const GstRcastOutletSettings * settings)
{
  g_autoptr (GstPadTemplate) template = gst_object_ref_sink
      (gst_pad_template_new ("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
          GST_CAPS_ANY));

  return gst_rcast_outlet_new (template, "video_0",
      gst_event_new_stream_start ("test"), settings);
}

static void
push_at (GstRcastOutlet * outlet, GstPad * source, GstCaps * caps,
    GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = time;
  gst_rcast_outlet_push (outlet, source, 1, caps, buffer);
}

/* The outlet is stopped between the caps and the segment. */
GST_START_TEST (test_a_new_start_has_a_segment)
{
  const GstRcastOutletSettings settings = { 0 };
  g_autoptr (GstRcastOutlet) outlet =
      gst_object_ref_sink (make_outlet (&settings));
  g_autoptr (GstPad) source = gst_object_ref_sink (gst_pad_new ("source",
          GST_PAD_SINK));
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  Sight sight = { .outlet = GST_PAD (outlet) };
  g_autoptr (GstPad) sink = sight_init (&sight);

  gst_rcast_outlet_set_playing (outlet, TRUE);
  for (guint i = 0; i < 2; i++) {
    gst_pad_set_active (GST_PAD (outlet), TRUE);
    push_at (outlet, source, caps, i * GST_SECOND);
    sight_wait (&sight, i == 0 ? 'C' : '.');
    gst_pad_set_active (GST_PAD (outlet), FALSE);
  }
  assert_equals_string (sight.seen->str, "SCSCs.");
  gst_rcast_outlet_leave (outlet, source);
  sight_clear (&sight, sink);
}

GST_END_TEST;

/* Media that comes after a gap event in its place, without a loss before it. */
GST_START_TEST (test_time_does_not_go_back_behind_a_gap)
{
  const GstRcastOutletSettings settings = { GST_SECOND,
    GST_RCAST_STALL_ACTION_GAP
  };
  GstRcastOutlet *outlet = make_outlet (&settings);
  g_autoptr (GstElement) bin = gst_object_ref_sink (gst_bin_new (NULL));
  g_autoptr (GstClock) clock = gst_test_clock_new_with_start_time (0);
  g_autoptr (GstPad) source = gst_object_ref_sink (gst_pad_new ("source",
          GST_PAD_SINK));
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  Sight sight = { .outlet = GST_PAD (outlet), .held = TRUE };
  g_autoptr (GstPad) sink = NULL;

  gst_element_set_clock (bin, clock);
  gst_element_add_pad (bin, GST_PAD (outlet));
  sink = sight_init (&sight);
  gst_rcast_outlet_set_playing (outlet, TRUE);
  gst_pad_set_active (GST_PAD (outlet), TRUE);
  push_at (outlet, source, caps, GST_SECOND);
  sight_wait (&sight, '.');
  gst_test_clock_set_time (GST_TEST_CLOCK (clock), 5 * GST_SECOND);
  sight_wait (&sight, 'G');
  g_string_truncate (sight.seen, 0);
  push_at (outlet, source, caps, 2 * GST_SECOND);
  sight_wait (&sight, '.');
  fail_if (sight.back);
  fail_unless (sight.position > 3 * GST_SECOND);
  gst_pad_set_active (GST_PAD (outlet), FALSE);
  gst_rcast_outlet_leave (outlet, source);
  sight_clear (&sight, sink);
}

GST_END_TEST;

/* A pad that the application does not link */

#define TEST_TYPE_SRC (test_src_get_type ())
G_DECLARE_FINAL_TYPE (TestSrc, test_src, TEST, SRC, GstBin)

struct _TestSrc
{
  GstBin parent;
};

G_DEFINE_FINAL_TYPE (TestSrc, test_src, GST_TYPE_BIN)

static void
test_src_class_init (TestSrcClass * klass)
{
  gst_element_class_add_pad_template (GST_ELEMENT_CLASS (klass),
      gst_pad_template_new ("audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
          GST_CAPS_ANY));
}

static void
test_src_init (TestSrc * self)
{
}

typedef struct
{
  GstElement *src, *sink;
  GstBus *bus;
  GstRcastOutlets *outlets;
  GstRcastOutlet *outlet;
  GstPad *source;
  GstCaps *caps;
} Scene;

static void
scene_init (Scene * s, GstRcastOutput output)
{
  const GstRcastOutletsSettings settings = { .output = output };

  s->src = gst_object_ref_sink (g_object_new (TEST_TYPE_SRC, NULL));
  s->bus = gst_bus_new ();
  gst_element_set_bus (s->src, s->bus);
  s->sink = gst_object_ref_sink (gst_element_factory_make ("fakesink", NULL));
  g_object_set (s->sink, "async", FALSE, "sync", FALSE, NULL);
  gst_element_set_state (s->sink, GST_STATE_PLAYING);
  s->outlets = gst_rcast_outlets_new (s->src);
  gst_rcast_outlets_set (s->outlets, &settings);
  gst_rcast_outlets_open (s->outlets);
  gst_rcast_outlets_set_playing (s->outlets, TRUE);
  gst_element_set_state (s->src, GST_STATE_PLAYING);
  s->source = gst_object_ref_sink (gst_pad_new ("source", GST_PAD_SINK));
  s->caps = gst_caps_from_string ("audio/x-mulaw, rate=8000, channels=1");
  s->outlet = gst_rcast_outlets_take (s->outlets, GST_RCAST_MEDIA_AUDIO, 0,
      s->caps);
  fail_unless (s->outlet != NULL);
}

static void
scene_clear (Scene * s)
{
  gst_rcast_outlet_leave (s->outlet, s->source);
  gst_rcast_outlets_close (s->outlets);
  gst_element_set_state (s->src, GST_STATE_NULL);
  gst_element_set_state (s->sink, GST_STATE_NULL);
  gst_element_set_bus (s->src, NULL);
  gst_object_unref (s->outlet);
  gst_object_unref (s->outlets);
  gst_object_unref (s->source);
  gst_caps_unref (s->caps);
  gst_object_unref (s->sink);
  gst_object_unref (s->bus);
  gst_object_unref (s->src);
}

/* Pushes 20 ms of sound. */
static void
scene_push (Scene * s, GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 160, NULL);

  gst_buffer_memset (buffer, 0, 0xff, 160);
  GST_BUFFER_PTS (buffer) = time;
  gst_rcast_outlet_push (s->outlet, s->source, 1, s->caps, buffer);
}

static void
scene_get (Scene * s, guint64 * dropped, gboolean * linked)
{
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  g_autoptr (GstStructure) own = NULL;

  gst_rcast_outlets_add_stats (s->outlets, stats);
  fail_unless (gst_structure_get (stats, "audio_0", GST_TYPE_STRUCTURE, &own,
          NULL));
  fail_unless (gst_structure_get (own, "buffers-dropped", G_TYPE_UINT64,
          dropped, "linked", G_TYPE_BOOLEAN, linked, NULL));
}

/* Pushes media at @time until the outlet drops it. */
static void
scene_lose (Scene * s, GstClockTime time)
{
  guint64 before, dropped;
  gboolean linked;

  scene_get (s, &before, &linked);
  do {
    scene_push (s, time);
    g_thread_yield ();
    scene_get (s, &dropped, &linked);
  } while (dropped == before);
  fail_if (linked);
}

static void
on_handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad, gint * came)
{
  g_atomic_int_inc (came);
}

/* Links the pad until media of @time has arrived there. */
static void
scene_link (Scene * s, GstClockTime time)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (s->src, "audio_0");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (s->sink, "sink");
  gint came = 0;
  guint64 dropped;
  gboolean linked;
  gulong handler = g_signal_connect (s->sink, "handoff",
      G_CALLBACK (on_handoff), &came);

  g_object_set (s->sink, "signal-handoffs", TRUE, NULL);
  fail_unless_equals_int (gst_pad_link_full (pad, sink,
          GST_PAD_LINK_CHECK_NOTHING), GST_PAD_LINK_OK);
  scene_push (s, time);
  while (g_atomic_int_get (&came) == 0)
    g_thread_yield ();
  scene_get (s, &dropped, &linked);
  fail_unless (linked);
  g_signal_handler_disconnect (s->sink, handler);
  gst_pad_unlink (pad, sink);
}

static void
expect_warning (Scene * s)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (s->bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;
  const GstStructure *details;

  fail_unless (message != NULL);
  fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (s->src));
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD));
  gst_message_parse_warning_details (message, &details);
  fail_unless (gst_structure_has_name (details, "stream-unlinked"));
  assert_equals_string (gst_structure_get_string (details, "pad"), "audio_0");
  assert_equals_int (count_warnings (s->bus), 0);
}

static const GstRcastOutput outputs[] = {
  GST_RCAST_OUTPUT_ENCODED, GST_RCAST_OUTPUT_RAW
};

GST_START_TEST (test_media_of_a_pad_that_is_not_linked_is_told_once)
{
  Scene s;

  scene_init (&s, outputs[__i__]);
  scene_lose (&s, GST_SECOND);
  scene_push (&s, 6 * GST_SECOND - 1);
  assert_equals_int (count_warnings (s.bus), 0);
  scene_push (&s, 6 * GST_SECOND);
  expect_warning (&s);
  scene_push (&s, 60 * GST_SECOND);
  assert_equals_int (count_warnings (s.bus), 0);

  /* The pad is linked for a moment, then unlinked again. */
  scene_link (&s, 100 * GST_SECOND);
  scene_lose (&s, 101 * GST_SECOND);
  scene_push (&s, 106 * GST_SECOND - 1);
  assert_equals_int (count_warnings (s.bus), 0);

  /* During a pause, the outlet drops nothing. Then it counts anew. */
  gst_rcast_outlets_set_playing (s.outlets, FALSE);
  scene_push (&s, 107 * GST_SECOND);
  gst_rcast_outlets_set_playing (s.outlets, TRUE);
  scene_push (&s, 108 * GST_SECOND);
  assert_equals_int (count_warnings (s.bus), 0);
  scene_push (&s, 113 * GST_SECOND);
  expect_warning (&s);
  scene_clear (&s);
}

GST_END_TEST;

static GstPadProbeReturn
flush (GstPad * pad, GstPadProbeInfo * info, gpointer seen)
{
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_FLUSHING;
  g_atomic_int_inc ((gint *) seen);
  return GST_PAD_PROBE_HANDLED;
}

GST_START_TEST (test_flushing_is_not_unlinked)
{
  g_autoptr (GstPad) pad = NULL;
  gint seen = 0;
  Scene s;

  scene_init (&s, GST_RCAST_OUTPUT_ENCODED);
  pad = gst_element_get_static_pad (s.src, "audio_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, flush, &seen, NULL);
  for (gint i = 0; i < 20; i++) {
    scene_push (&s, i * GST_SECOND);
    while (g_atomic_int_get (&seen) <= i)
      g_thread_yield ();
  }
  assert_equals_int (count_warnings (s.bus), 0);
  scene_clear (&s);
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
  tcase_add_test (tc, test_time_does_not_go_back_behind_a_gap);
  tcase_add_loop_test (tc,
      test_media_of_a_pad_that_is_not_linked_is_told_once, 0,
      G_N_ELEMENTS (outputs));
  tcase_add_test (tc, test_flushing_is_not_unlinked);
  return s;
}

GST_CHECK_MAIN (outlet);
