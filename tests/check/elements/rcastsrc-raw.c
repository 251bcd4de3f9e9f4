/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsrc with output=raw: pictures and sound, whatever codecs change and decoders fail. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "src-rig.h"

/* The decoded streams outlive a new session, another codec and a pause. */
GST_START_TEST (test_pictures_and_sound_come_out)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r output=raw");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  assert_equals_string (f.video.media, "video/x-raw");
  assert_equals_string (f.audio.media, "audio/x-raw");
  assert_equals_string (GST_OBJECT_NAME (f.video.pad), "video_0");
  fake_signaller_forget (f.rig.signaller);
  fake_signaller_wait (f.rig.signaller, FAKE_OPENS, 2);
  sight_wait (&f.video, &f.video.disconts, 2);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  assert_equals_int (f.video.caps, 1);
  assert_equals_int (f.audio.caps, 1);
  fake_signaller_send_h264 (f.rig.signaller);
  fake_signaller_forget (f.rig.signaller);
  sight_wait (&f.video, &f.video.disconts, 3);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  fake_signaller_pause_media (f.rig.signaller, TRUE);
  sight_wait (&f.video, &f.video.gaps, 3);
  sight_wait (&f.audio, &f.audio.gaps, 3);
  fake_signaller_pause_media (f.rig.signaller, FALSE);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  assert_equals_string (f.video.media, "video/x-raw");
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.audio.pads, 1);
  assert_equals_int (f.video.starts, 1);
  assert_equals_int (f.video.segments, 1);
  assert_equals_int (f.audio.segments, 1);
  assert_equals_int (f.audio.caps, 1);
  assert_equals_int (f.video.backwards, 0);
  assert_equals_int (f.audio.backwards, 0);
  fail_unless (gst_element_send_event (f.rig.pipeline, gst_event_new_eos ()));
  gst_message_unref (rig_wait (&f.rig, GST_MESSAGE_EOS));
  assert_equals_int (f.video.eos, 1);
  assert_equals_int (f.audio.eos, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* The better of two decoders, which fails */

#define TEST_TYPE_BROKEN_DECODER (test_broken_decoder_get_type ())
G_DECLARE_FINAL_TYPE (TestBrokenDecoder, test_broken_decoder, TEST,
    BROKEN_DECODER, GstElement);
struct _TestBrokenDecoder
{
  GstElement parent;
};
G_DEFINE_FINAL_TYPE (TestBrokenDecoder, test_broken_decoder, GST_TYPE_ELEMENT);

static GstStaticPadTemplate broken_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-vp8"));
static GstStaticPadTemplate broken_src = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));
static gint breakdowns;         /* atomic */

static GstFlowReturn
break_down (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  g_atomic_int_inc (&breakdowns);
  GST_ELEMENT_ERROR (parent, STREAM, DECODE, (NULL), ("as it should"));
  return GST_FLOW_ERROR;
}

static void
test_broken_decoder_class_init (TestBrokenDecoderClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  gst_element_class_add_static_pad_template (element_class, &broken_sink);
  gst_element_class_add_static_pad_template (element_class, &broken_src);
  gst_element_class_set_static_metadata (element_class, "Broken",
      "Codec/Decoder/Video", "Fails", "The gst-rcast developers");
}

static void
test_broken_decoder_init (TestBrokenDecoder * self)
{
  GstPad *sink = gst_pad_new_from_static_template (&broken_sink, "sink");

  gst_pad_set_chain_function (sink, break_down);
  gst_element_add_pad (GST_ELEMENT (self), sink);
  gst_element_add_pad (GST_ELEMENT (self),
      gst_pad_new_from_static_template (&broken_src, "src"));
}

GST_START_TEST (test_broken_decoder_is_replaced)
{
  Fixture f;

  gst_element_register (NULL, "brokendec", GST_RANK_PRIMARY + 100,
      TEST_TYPE_BROKEN_DECODER);
  fixture_init (&f, "rcastsrc name=r output=raw");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  assert_equals_string (f.video.media, "video/x-raw");
  assert_equals_int (g_atomic_int_get (&breakdowns), 1);
  assert_equals_int (f.video.eos, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* No decoder takes the audio: the video comes out, and no error is posted. */
GST_START_TEST (test_no_pad_for_what_cannot_be_decoded)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r output=raw");
  fake_signaller_behave (f.rig.signaller, FAKE_MAKES_OFFERS | FAKE_SENDS_L16);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 20);
  assert_equals_int (f.audio.pads, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* Two videos of one publisher stay apart, and each keeps its width. */
static void
check_camera_and_screen (Fixture * f)
{
  sight_wait_more (&f->video, 10);
  sight_wait_more (&f->screen, 10);
  sight_wait_more (&f->audio, 10);
  assert_equals_int (f->video.width, 160);
  assert_equals_int (f->screen.width, 320);
}

GST_START_TEST (test_camera_and_screen)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r output=raw");
  fake_signaller_behave (f.rig.signaller,
      FAKE_MAKES_OFFERS | FAKE_SENDS_SCREEN);
  fixture_go_on_air (&f);
  check_camera_and_screen (&f);
  fake_signaller_forget (f.rig.signaller);
  sight_wait (&f.video, &f.video.disconts, 2);
  sight_wait (&f.screen, &f.screen.disconts, 2);
  check_camera_and_screen (&f);
  /* The camera changes its codec, the screen does not. */
  fake_signaller_send_h264 (f.rig.signaller);
  fake_signaller_forget (f.rig.signaller);
  sight_wait (&f.video, &f.video.disconts, 3);
  sight_wait (&f.screen, &f.screen.disconts, 3);
  check_camera_and_screen (&f);
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.screen.pads, 1);
  assert_equals_int (f.screen.caps, 1);
  assert_equals_int (f.video.backwards, 0);
  assert_equals_int (f.screen.backwards, 0);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastsrc_raw_suite (void)
{
  Suite *s = suite_create ("rcastsrc-raw");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_pictures_and_sound_come_out);
  tcase_add_test (tc, test_broken_decoder_is_replaced);
  tcase_add_test (tc, test_no_pad_for_what_cannot_be_decoded);
  tcase_add_test (tc, test_camera_and_screen);
  return s;
}

GST_CHECK_MAIN (rcastsrc_raw);
