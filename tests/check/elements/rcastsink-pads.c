/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of rcastsink, and rcastsink in a bin of the application. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcaststream.h"
#include "rcast-check.h"
#include "rig.h"

/* Like a file: the buffer waits in the pad until the pipeline plays. */
static const gchar source[] =
    "videotestsrc name=v ! video/x-raw,width=64,height=64 ! rcastsink name=r";
static const gchar *const sources[] = { source,
  "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rcastsink name=r"
};

/* Released on the thread that runs the pipeline: no other thread can wake up the waiting stream. */
GST_START_TEST (test_pad_is_released_at_once_in_each_state)
{
  static const GstState states[] = { GST_STATE_NULL, GST_STATE_READY,
    GST_STATE_PAUSED, GST_STATE_PLAYING
  };
  Rig rig;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstPad) peer = NULL;

  rig_init (&rig, source);
  rig_set_state (&rig, states[__i__]);
  if (states[__i__] >= GST_STATE_READY)
    fail_if (gst_element_get_state (rig.pipeline, NULL, NULL,
            PATIENCE * rcast_check_slowness ()) == GST_STATE_CHANGE_FAILURE);
  pad = gst_element_get_static_pad (rig.sink, "video_0");
  peer = gst_pad_get_peer (pad);
  gst_element_release_request_pad (rig.sink, pad);
  fail_if (gst_pad_is_linked (peer));
  assert_equals_int (rig.sink->numpads, 0);
  assert_equals_int (GST_BIN_NUMCHILDREN (rig.sink), 1);
  rig_clear (&rig);
}

GST_END_TEST;

static GstPadProbeReturn
note_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer seen)
{
  g_atomic_int_set ((gint *) seen, TRUE);
  return GST_PAD_PROBE_OK;
}

/* Releases the pad just as the first buffer arrives, over and over. */
GST_START_TEST (test_pad_is_released_while_it_prerolls)
{
  for (guint i = 0; i < 20; i++) {
    gint seen = FALSE;
    Rig rig;
    g_autoptr (GstPad) pad = NULL;

    rig_init (&rig, source);
    pad = gst_element_get_static_pad (rig.sink, "video_0");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_buffer, &seen,
        NULL);
    rig_set_state (&rig, GST_STATE_PAUSED);
    while (i % 2 && !g_atomic_int_get (&seen))
      g_thread_yield ();
    gst_element_release_request_pad (rig.sink, pad);
    rig_clear (&rig);
  }
}

GST_END_TEST;

/* Ends the start-timeout just as the caps arrive. */
static GstPadProbeReturn
stop_waiting (GstPad * pad, GstPadProbeInfo * info, gpointer stream)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_rcast_stream_stop_waiting (stream);
  return GST_PAD_PROBE_REMOVE;
}

/* The stream starts over just then, and must not end the source. */
GST_START_TEST (test_source_that_comes_as_its_time_is_up)
{
  for (guint i = 0; i < 3; i++) {
    Rig rig;
    g_autoptr (GstPad) pad = NULL;
    g_autoptr (GstElement) stream = NULL;

    rig_init (&rig, sources[__i__]);
    pad = gst_element_get_static_pad (rig.sink, "video_0");
    stream = gst_bin_get_by_name (GST_BIN (rig.sink), "video_0");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, stop_waiting,
        stream, NULL);
    rig_set_state (&rig, GST_STATE_PLAYING);
    fail_unless (fake_signaller_wait (rig.signaller, FAKE_PACKETS, 20) >= 20);
    rig_clear (&rig);
  }
}

GST_END_TEST;

static void
add_failing_child (GstBin * sink, GstElement * stream, gpointer data)
{
  GstElement *child = gst_element_factory_make ("fakesink", NULL);

  gst_util_set_object_arg (G_OBJECT (child), "state-error", "null-to-ready");
  gst_bin_add (GST_BIN (stream), child);
}

GST_START_TEST (test_failed_request_leaves_nothing)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  FakeSignaller *signaller = fake_signaller_new ();
  gulong handler;
  GstPad *pad;

  g_object_set (sink, "signaller", signaller, NULL);
  fail_unless (gst_element_set_state (sink, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  handler = g_signal_connect (sink, "element-added",
      G_CALLBACK (add_failing_child), NULL);
  fail_unless (gst_element_request_pad_simple (sink, "video_3") == NULL);
  assert_equals_int (sink->numpads, 0);
  assert_equals_int (GST_BIN_NUMCHILDREN (sink), 1);
  g_signal_handler_disconnect (sink, handler);
  pad = gst_element_request_pad_simple (sink, "video_3");
  fail_unless (pad != NULL);
  gst_element_release_request_pad (sink, pad);
  gst_object_unref (pad);
  gst_element_set_state (sink, GST_STATE_NULL);
  ASSERT_OBJECT_REFCOUNT (sink, "sink", 1);
  gst_object_unref (sink);
}

GST_END_TEST;

static gboolean
is_sink (gpointer element)
{
  return GST_OBJECT_FLAG_IS_SET (element, GST_ELEMENT_FLAG_SINK);
}

GST_START_TEST (test_it_is_a_sink_with_and_without_pads)
{
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  GstElement *bin = gst_object_ref_sink (gst_bin_new (NULL));
  GstPad *pad;

  fail_unless (is_sink (sink));
  gst_bin_add (GST_BIN (bin), sink);
  fail_unless (is_sink (bin));
  pad = gst_element_request_pad_simple (sink, "video_%u");
  fail_unless (is_sink (sink));
  gst_element_release_request_pad (sink, pad);
  gst_object_unref (pad);
  fail_unless (is_sink (sink));
  gst_object_unref (bin);
  gst_object_unref (sink);
}

GST_END_TEST;

/* @first: add the sink to its bin before it has a pad */
static void
wrap (Rig * rig, gboolean first)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *video;
  g_autoptr (GstPad) inner = NULL;

  rig_init (rig, "videotestsrc name=v num-buffers=30 is-live=true ! "
      "video/x-raw,width=64,height=64 ! identity name=i  rcastsink name=r");
  video = gst_bin_get_by_name (GST_BIN (rig->pipeline), "i");
  gst_bin_remove (GST_BIN (rig->pipeline), rig->sink);
  if (first)
    gst_bin_add (GST_BIN (bin), rig->sink);
  inner = gst_element_request_pad_simple (rig->sink, "video_%u");
  if (!first)
    gst_bin_add (GST_BIN (bin), rig->sink);
  gst_element_add_pad (bin, gst_ghost_pad_new ("sink", inner));
  gst_bin_add (GST_BIN (rig->pipeline), bin);
  fail_unless (gst_element_link (video, bin));
  gst_object_unref (video);
}

GST_START_TEST (test_eos_comes_through_a_bin_in_either_order)
{
  Rig rig;

  wrap (&rig, __i__);
  rig_set_state (&rig, GST_STATE_PLAYING);
  gst_message_unref (rig_wait (&rig, GST_MESSAGE_EOS));
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_target_of_a_pad_is_posted_with_the_sum)
{
  static const struct
  {
    const gchar *pad;
    guint64 bits, sum;
  } rows[] = {
    {"video_0", 800000, G_MAXUINT64},
    {"video_1", 200000, 1000000},
    {"video_0", 0, 200000},
  };
  GstElement *sink = gst_object_ref_sink
      (gst_element_factory_make ("rcastsink", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (sink, bus);
  for (guint i = 0; i < 2; i++)
    gst_object_unref (gst_element_request_pad_simple (sink, "video_%u"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstElement) stream =
        gst_bin_get_by_name (GST_BIN (sink), rows[i].pad);
    g_autoptr (GstMessage) message = NULL;
    const GstStructure *s;
    guint64 bits, sum;

    gst_rcast_stream_set_target (GST_RCAST_STREAM (stream), rows, rows[i].bits,
        "test");
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    fail_unless (message && GST_MESSAGE_SRC (message) == GST_OBJECT (sink));
    s = gst_message_get_structure (message);
    assert_equals_string (gst_structure_get_name (s), "target-bitrate");
    assert_equals_string (gst_structure_get_string (s, "pad"), rows[i].pad);
    assert_equals_string (gst_structure_get_string (s, "reason"), "test");
    fail_unless (gst_structure_get_uint64 (s, "bitrate", &bits));
    fail_unless (gst_structure_get_uint64 (s, "sum", &sum));
    assert_equals_uint64 (bits, rows[i].bits);
    assert_equals_uint64 (sum, rows[i].sum);
  }
  gst_element_set_bus (sink, NULL);
  gst_object_unref (sink);
}

GST_END_TEST;

static Suite *
rcastsink_pads_suite (void)
{
  Suite *s = suite_create ("rcastsink-pads");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  rig_register ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_pad_is_released_at_once_in_each_state, 0, 4);
  tcase_add_test (tc, test_pad_is_released_while_it_prerolls);
  tcase_add_loop_test (tc, test_source_that_comes_as_its_time_is_up, 0,
      G_N_ELEMENTS (sources));
  tcase_add_test (tc, test_failed_request_leaves_nothing);
  tcase_add_test (tc, test_target_of_a_pad_is_posted_with_the_sum);
  tcase_add_test (tc, test_it_is_a_sink_with_and_without_pads);
  tcase_add_loop_test (tc, test_eos_comes_through_a_bin_in_either_order, 0, 2);
  return s;
}

GST_CHECK_MAIN (rcastsink_pads);
