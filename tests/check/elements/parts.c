/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture that was cut at parameter sets between its slices is joined again. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include "gstrcastparts.h"

#define CODE "\0\0\0\1"

/* Parts that a depayloader makes of one picture. The last part has a negative size. */
typedef struct
{
  GstRcastCodec codec;
  const gchar *data;
  gint size;
  GstClockTime time;
} Part;

#define PART(codec, data, time) { GST_RCAST_CODEC_##codec, data, \
    sizeof data - 1, time }
#define LAST(codec, data, time) { GST_RCAST_CODEC_##codec, data, \
    -(gint) (sizeof data - 1), time }

#define H264_SETS CODE "\x67S" CODE "\x68P"
#define H264_FIRST CODE "\x65\x88" "first"
#define H264_LATER CODE "\x65\x44" "later"
#define H265_SETS CODE "\x40\1V" CODE "\x42\1S" CODE "\x44\1P"
#define H265_FIRST CODE "\x26\1\x80" "first"
#define H265_LATER CODE "\x26\1\x40" "later"

typedef struct
{
  const gchar *name;
  Part parts[4];
  Part whole[4];
} Case;

static const Case cases[] = {
  {"H.264", {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_LATER, 1)},
      {LAST (H264, H264_SETS H264_FIRST H264_LATER, 1)}},
  {"three slices", {
          PART (H264, H264_SETS H264_FIRST, 1),
          PART (H264, H264_SETS H264_LATER, 1),
          LAST (H264, H264_SETS H264_LATER, 1)},
      {LAST (H264, H264_SETS H264_FIRST H264_LATER H264_LATER, 1)}},
  {"H.265", {
          PART (H265, H265_SETS H265_FIRST, 1),
          LAST (H265, H265_SETS H265_LATER, 1)},
      {LAST (H265, H265_SETS H265_FIRST H265_LATER, 1)}},
  {"whole ones", {
          LAST (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_LATER, 2)},
      {
          LAST (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_LATER, 2)}},
  {"the marker is lost", {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_FIRST, 2)},
      {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_FIRST, 2)}},
  {"the beginning of the second one is lost", {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_LATER, 2)},
      {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_LATER, 2)}},
  {"two at one time", {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_FIRST, 1)},
      {
          PART (H264, H264_SETS H264_FIRST, 1),
          LAST (H264, H264_SETS H264_FIRST, 1)}},
  {"nothing behind the parameter sets", {
          PART (H264, H264_FIRST, 1),
          LAST (H264, H264_SETS, 1)},
      {
          PART (H264, H264_FIRST, 1),
          LAST (H264, H264_SETS, 1)}},
  {"no byte-stream", {
          PART (H264, H264_FIRST, 1),
          LAST (H264, "\x67S" H264_LATER, 1)},
      {
          PART (H264, H264_FIRST, 1),
          LAST (H264, "\x67S" H264_LATER, 1)}},
  {"cut short", {
          PART (H264, H264_FIRST, 1),
          LAST (H264, CODE "\x65", 1)},
      {
          PART (H264, H264_FIRST, 1),
          LAST (H264, CODE "\x65", 1)}},
};

static void
push (GstHarness * h, const Part * part)
{
  GstBuffer *buffer = gst_buffer_new_memdup (part->data, ABS (part->size));

  GST_BUFFER_PTS (buffer) = part->time;
  if (part->size < 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_MARKER);
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

static void
expect (GstHarness * h, const Part * part, const gchar * name)
{
  g_autoptr (GstBuffer) buffer = gst_harness_try_pull (h);

  fail_unless (buffer != NULL, "%s: too few", name);
  fail_unless ((gint) gst_buffer_get_size (buffer) == ABS (part->size)
      && gst_buffer_memcmp (buffer, 0, part->data, ABS (part->size)) == 0,
      "%s: something else", name);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), part->time);
  fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
          GST_BUFFER_FLAG_MARKER), part->size < 0);
}

static GstHarness *
start (GstRcastCodec codec)
{
  GstHarness *h = gst_harness_new ("identity");

  gst_rcast_parts_join (h->element, codec);
  gst_harness_set_src_caps_str (h, "video/x-test");
  return h;
}

GST_START_TEST (test_parts)
{
  const Case *c = &cases[__i__];
  GstHarness *h = start (c->parts[0].codec);

  for (guint i = 0; c->parts[i].data; i++)
    push (h, &c->parts[i]);
  for (guint i = 0; c->whole[i].data; i++)
    expect (h, &c->whole[i], c->name);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Only the first few pictures wait for the next one. */
GST_START_TEST (test_sender_without_markers)
{
  static const Part none = PART (H264, H264_FIRST, 0);
  GstHarness *h = start (GST_RCAST_CODEC_H264);

  for (guint i = 0; i < 10; i++) {
    Part part = none;

    part.time = i;
    push (h, &part);
  }
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 10);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_other_codecs_pass)
{
  static const Part none = PART (VP8, "frame", 1);
  GstHarness *h = start (GST_RCAST_CODEC_VP8);

  push (h, &none);
  expect (h, &none, "VP8");
  gst_harness_teardown (h);
}

GST_END_TEST;

/* As many pictures come out of the parser as the encoder made, each with a timestamp. */
GST_START_TEST (test_slices_of_an_encoder)
{
  g_autoptr (GstElement) depayloader = NULL;
  GstHarness *h = gst_harness_new_parse ("videotestsrc num-buffers=20 ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! x264enc "
      "tune=zerolatency speed-preset=ultrafast threads=2 key-int-max=5 ! "
      "rtph264pay config-interval=-1 ! rtph264depay name=depay ! h264parse ! "
      "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au");
  guint n = 0;

  depayloader = gst_bin_get_by_name (GST_BIN (h->element), "depay");
  gst_rcast_parts_join (depayloader, GST_RCAST_CODEC_H264);
  gst_harness_play (h);
  for (; n < 20; n++) {
    g_autoptr (GstBuffer) frame = gst_harness_pull (h);

    fail_unless (frame != NULL, "%u frames", n);
    fail_unless (GST_BUFFER_PTS_IS_VALID (frame), "frame %u", n);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

#define N_PICTURES 30

/* Payloaders, and how they send the parameter sets in front of each slice of a key frame */
static const gchar *const payloaders[] = {
  "rtph264pay aggregate-mode=none",
  "rtph264pay aggregate-mode=zero-latency",
};

static gboolean
is_installed (const gchar * factory)
{
  g_autoptr (GstElementFactory) found = gst_element_factory_find (factory);

  return found != NULL;
}

static GstPadProbeReturn
count_unit (GstPad * pad, GstPadProbeInfo * info, gpointer count)
{
  (*(guint *) count)++;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
note_picture (GstPad * pad, GstPadProbeInfo * info, gpointer pictures)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_ptr_array_add (pictures, g_compute_checksum_for_data (G_CHECKSUM_SHA1,
          map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

static void
watch (GstElement * pipeline, const gchar * name, const gchar * pad_name,
    GstPadProbeCallback callback, gpointer data)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, NULL);
}

/* Returns: (transfer full): a pipeline that decodes to "end" over
 * RTP, and to "reference" without it */
static GstElement *
make_pipeline (guint i)
{
  g_autofree gchar *launch = g_strdup_printf ("videotestsrc num-buffers=%u "
      "pattern=ball ! video/x-raw,width=320,height=256,framerate=30/1 ! "
      "x264enc tune=zerolatency speed-preset=ultrafast threads=4 "
      "key-int-max=10 ! tee name=t t. ! queue ! %s config-interval=-1 ! "
      "rtph264depay name=depay ! h264parse ! "
      "video/x-h264,stream-format=byte-stream,alignment=au ! avdec_h264 "
      "name=decoder max-threads=1 ! fakesink name=end sync=false async=false "
      "t. ! queue ! h264parse ! avdec_h264 max-threads=1 ! fakesink "
      "name=reference sync=false async=false", N_PICTURES, payloaders[i]);
  g_autoptr (GstElement) depayloader = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  depayloader = gst_bin_get_by_name (GST_BIN (pipeline), "depay");
  gst_rcast_parts_join (depayloader, GST_RCAST_CODEC_H264);
  return pipeline;
}

/* The decoder shows the same pictures as without RTP. */
GST_START_TEST (test_decoder_shows_whole_pictures)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBus) bus = NULL;
  guint whole = 0;

  if (!is_installed ("avdec_h264"))
    return;
  pipeline = make_pipeline (__i__);
  bus = gst_element_get_bus (pipeline);
  watch (pipeline, "decoder", "sink", count_unit, &whole);
  watch (pipeline, "end", "sink", note_picture, pictures);
  watch (pipeline, "reference", "sink", note_picture, expected);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (expected->len, N_PICTURES);
  fail_unless_equals_int (pictures->len, N_PICTURES);
  fail_unless_equals_int (whole, N_PICTURES);
  for (guint i = 0; i < N_PICTURES; i++)
    fail_unless_equals_string (g_ptr_array_index (pictures, i),
        g_ptr_array_index (expected, i));
}

GST_END_TEST;

static Suite *
parts_suite (void)
{
  Suite *s = suite_create ("parts");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_parts, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tc, test_sender_without_markers);
  tcase_add_test (tc, test_other_codecs_pass);
  tcase_add_test (tc, test_slices_of_an_encoder);
  tcase_add_loop_test (tc, test_decoder_shows_whole_pictures, 0,
      G_N_ELEMENTS (payloaders));
  return s;
}

GST_CHECK_MAIN (parts);
