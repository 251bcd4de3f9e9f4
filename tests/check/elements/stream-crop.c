/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw pictures with a crop in their buffers, and what the encoder gets of them. */
#include "config.h"

#include <gst/video/gstvideometa.h>

#include "rcast-check.h"
#include "stream-hand.h"

#define WIDTH 64
#define HEIGHT 48
#define INSIDE 200
#define OUTSIDE 20

typedef struct
{
  guint x, y, width, height;
} Rectangle;

/* Pictures that the encoder gets */
typedef struct
{
  gint width, height;           /* of the last picture */
  guint n_outside;              /* pixels outside of the crop in the last picture */
  guint n;
  guint n_caps;                 /* caps that the encoder gets */
} Got;

static GstPadProbeReturn
look (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoFrame frame;
  GstVideoInfo video;
  Got *got = data;

  fail_unless (gst_video_info_from_caps (&video, caps));
  fail_unless (gst_video_frame_map (&frame, &video,
          GST_PAD_PROBE_INFO_BUFFER (info), GST_MAP_READ));
  got->width = GST_VIDEO_FRAME_WIDTH (&frame);
  got->height = GST_VIDEO_FRAME_HEIGHT (&frame);
  got->n_outside = 0;
  for (gint y = 0; y < got->height; y++)
    for (gint x = 0; x < got->width; x++)
      got->n_outside += ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0))
          [y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0) + x] != INSIDE;
  gst_video_frame_unmap (&frame);
  got->n++;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  ((Got *) data)->n_caps +=
      GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS;
  return GST_PAD_PROBE_OK;
}

static void
on_setup (GstRcastStream * stream, GstElement * encoder, Got * got)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, look, got, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, count_caps, got,
      NULL);
}

/* Pushes a picture with the bright area @inside. @meta: its crop; NULL: none */
static void
push (Hand * hand, const Rectangle * inside, const Rectangle * meta)
{
  gsize size = WIDTH * HEIGHT * 3 / 2;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  gst_buffer_memset (buffer, 0, 128, size);
  gst_buffer_memset (buffer, 0, OUTSIDE, WIDTH * HEIGHT);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint y = inside->y; y < inside->y + inside->height; y++)
    memset (map.data + y * WIDTH + inside->x, INSIDE, inside->width);
  gst_buffer_unmap (buffer, &map);
  if (meta) {
    GstVideoCropMeta *crop = gst_buffer_add_video_crop_meta (buffer);

    crop->x = meta->x;
    crop->y = meta->y;
    crop->width = meta->width;
    crop->height = meta->height;
  }
  GST_BUFFER_PTS (buffer) = hand->n_pushed++ * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

static void
expect (Hand * hand, Got * got, const Rectangle * meta, gint width, gint height,
    gboolean all_inside)
{
  const Rectangle whole = { 0, 0, WIDTH, HEIGHT };
  guint n = got->n;

  push (hand, meta && all_inside ? meta : &whole, meta);
  fail_unless (got->n == n + 1);
  fail_unless_equals_int (got->width, width);
  fail_unless_equals_int (got->height, height);
  fail_unless_equals_int (got->n_outside, 0);
}

GST_START_TEST (test_what_is_in_the_crop_is_sent)
{
  static const Rectangle window = { 16, 8, 32, 24 };
  static const Rectangle larger = { 0, 4, 48, 40 };
  static const Rectangle all = { 0, 0, WIDTH, HEIGHT };
  static const Rectangle beyond = { 32, 16, 5000, G_MAXUINT };
  static const Rectangle rest = { 32, 16, 32, 32 };
  static const Rectangle nothing = { 8, 8, 0, 16 };
  static const Rectangle elsewhere = { 64, 0, 16, 16 };
  Got got = { 0, };
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (on_setup), &got);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  expect (&hand, &got, NULL, WIDTH, HEIGHT, FALSE);
  expect (&hand, &got, &window, 32, 24, TRUE);
  expect (&hand, &got, &window, 32, 24, TRUE);
  fail_unless_equals_int (hand.n_encoders, 2);
  expect (&hand, &got, &larger, 48, 40, TRUE);
  expect (&hand, &got, &all, WIDTH, HEIGHT, TRUE);
  expect (&hand, &got, &window, 32, 24, TRUE);
  expect (&hand, &got, NULL, WIDTH, HEIGHT, FALSE);
  /* A crop beyond the picture is cut; one without pixels is ignored. */
  push (&hand, &rest, &beyond);
  fail_unless_equals_int (got.width, 32);
  fail_unless_equals_int (got.height, 32);
  fail_unless_equals_int (got.n_outside, 0);
  expect (&hand, &got, &nothing, WIDTH, HEIGHT, FALSE);
  expect (&hand, &got, &elsewhere, WIDTH, HEIGHT, FALSE);
  hand_clear (&hand);
}

GST_END_TEST;

/* New caps need a crop of their own. */
GST_START_TEST (test_a_crop_ends_with_its_caps)
{
  static const Rectangle window = { 16, 8, 32, 24 };
  Got got = { 0, };
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (on_setup), &got);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  expect (&hand, &got, &window, 32, 24, TRUE);
  gst_harness_set_src_caps_str (hand.h, "video/x-raw,format=I420,width=32,"
      "height=32,framerate=25/1");
  hand_push_raw (&hand, 1, 32, 32);
  fail_unless_equals_int (got.width, 32);
  fail_unless_equals_int (got.height, 32);
  hand_clear (&hand);
}

GST_END_TEST;

/* A source that pans: the size stays, and so does the encoder. */
GST_START_TEST (test_a_crop_moves_on_air)
{
  Rectangle window = { 0, 4, 32, 24 };
  Got got = { 0, };
  guint n_caps;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (on_setup), &got);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  expect (&hand, &got, &window, 32, 24, TRUE);
  fail_unless_equals_int (hand.n_encoders, 2);
  n_caps = got.n_caps;
  for (guint i = 0; i < 16; i++) {
    window.x += 2;
    window.y = i;
    expect (&hand, &got, &window, 32, 24, TRUE);
  }
  fail_unless_equals_int (hand.n_encoders, 2);
  fail_unless_equals_int (got.n_caps, n_caps);
  hand_clear (&hand);
}

GST_END_TEST;

/* The answer asks for another encoder, and the next picture has another crop. */
GST_START_TEST (test_another_crop_comes_with_another_answer)
{
  static const Rectangle window = { 16, 8, 32, 24 };
  static const Rectangle larger = { 0, 4, 48, 40 };
  g_autoptr (GstCaps) caps = NULL;
  Got got = { 0, };
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_signal_connect (hand.stream, "encoder-setup", G_CALLBACK (on_setup), &got);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  caps = hand_choose (&hand, "H264");
  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand.stream), caps, NULL));
  expect (&hand, &got, &window, 32, 24, TRUE);
  gst_caps_set_simple (caps, GST_RCAST_NEGOTIATED_SINGLE_UNITS, G_TYPE_BOOLEAN,
      TRUE, NULL);
  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand.stream), caps, NULL));
  expect (&hand, &got, &larger, 48, 40, TRUE);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_crop_suite (void)
{
  Suite *s = suite_create ("stream-crop");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_what_is_in_the_crop_is_sent);
  tcase_add_test (tc, test_a_crop_ends_with_its_caps);
  tcase_add_test (tc, test_a_crop_moves_on_air);
  tcase_add_test (tc, test_another_crop_comes_with_another_answer);
  return s;
}

GST_CHECK_MAIN (stream_crop);
