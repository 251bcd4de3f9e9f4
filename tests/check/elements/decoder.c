/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stays of a stream that is decoded, whatever its decoders do. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastdecoder.h"

#define CODED "video/x-rcast-test"
#define FRAME (40 * GST_MSECOND)

/* Decoders that do as they are told */

typedef enum
{
  DECODES,
  SWALLOWS,                     /* nothing ever comes out */
  FAILS,
} Behaviour;

static Behaviour behaviour;
static gboolean eager;          /* tells its caps as soon as it gets some */
static guint made;              /* decoders */

static void
tell_caps (GstElement * decoder)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (decoder, "src");
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, 16, "height", G_TYPE_INT,
      16, NULL);

  gst_pad_push_event (src, gst_event_new_caps (caps));
}

static gboolean
handle_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);
  if (eager)
    tell_caps (GST_ELEMENT (parent));
  gst_event_unref (event);
  return TRUE;
}

static GstFlowReturn
decode (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (GST_ELEMENT (parent),
      "src");

  if (behaviour == DECODES) {
    tell_caps (GST_ELEMENT (parent));
    return gst_pad_push (src, buffer);
  }
  gst_buffer_unref (buffer);
  return behaviour == FAILS ? GST_FLOW_ERROR : GST_FLOW_OK;
}

static void
decoder_init (GstElement * self)
{
  GstElementClass *klass = GST_ELEMENT_GET_CLASS (self);
  GstPad *sink = gst_pad_new_from_template
      (gst_element_class_get_pad_template (klass, "sink"), "sink");

  made++;
  gst_pad_set_chain_function (sink, decode);
  gst_pad_set_event_function (sink, handle_event);
  gst_element_add_pad (self, sink);
  gst_element_add_pad (self, gst_pad_new_from_template
      (gst_element_class_get_pad_template (klass, "src"), "src"));
}

static void
decoder_class_init (GstElementClass * klass, const gchar * coded)
{
  g_autoptr (GstCaps) sink = gst_caps_from_string (coded);
  g_autoptr (GstCaps) src = gst_caps_from_string ("video/x-raw");

  gst_element_class_add_pad_template (klass, gst_pad_template_new ("sink",
          GST_PAD_SINK, GST_PAD_ALWAYS, sink));
  gst_element_class_add_pad_template (klass, gst_pad_template_new ("src",
          GST_PAD_SRC, GST_PAD_ALWAYS, src));
  gst_element_class_set_static_metadata (klass, "Test decoder",
      "Codec/Decoder/Video", "Does as it is told",
      "The gst-rcast developers");
}

/* It decodes the simple profile only. */
#define TEST_TYPE_SIMPLE_DECODER (test_simple_decoder_get_type ())
G_DECLARE_FINAL_TYPE (TestSimpleDecoder, test_simple_decoder, TEST,
    SIMPLE_DECODER, GstElement);
struct _TestSimpleDecoder
{
  GstElement parent;
};
G_DEFINE_FINAL_TYPE (TestSimpleDecoder, test_simple_decoder, GST_TYPE_ELEMENT);

static void
test_simple_decoder_class_init (TestSimpleDecoderClass * klass)
{
  decoder_class_init (GST_ELEMENT_CLASS (klass), CODED ", profile=simple");
}

static void
test_simple_decoder_init (TestSimpleDecoder * self)
{
  decoder_init (GST_ELEMENT (self));
}

/* The stream */

typedef struct
{
  GstElement *decoder;
  GstPad *outlet, *sink;
  GstBus *bus;
  GString *seen;                /* an event's first letter each; "." is a buffer */
  GstClockTime now;             /* time of the next frame */
  GstClockTime end;             /* of what came out, as frames or gaps */
  GstClockTime shortest;        /* gap */
} Rig;

static GstFlowReturn
see_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Rig *rig = gst_pad_get_element_private (pad);

  g_string_append_c (rig->seen, '.');
  fail_unless (GST_BUFFER_PTS (buffer) >= rig->end);
  rig->end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Rig *rig = gst_pad_get_element_private (pad);
  GstClockTime start, duration;

  /* stream-start, caps, segment, gap, eos; lower-case: the segment */
  g_string_append_c (rig->seen, GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT ?
      's' : g_ascii_toupper (GST_EVENT_TYPE_NAME (event)[0]));
  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
    gst_event_parse_gap (event, &start, &duration);
    assert_equals_uint64 (start, rig->end);
    rig->end += duration;
    rig->shortest = MIN (rig->shortest, duration);
  }
  gst_event_unref (event);
  return TRUE;
}

static void
send_caps (Rig * rig, const gchar * coded)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (coded);

  gst_pad_push_event (rig->outlet, gst_event_new_caps (caps));
}

static void
rig_init (Rig * rig)
{
  g_autoptr (GstPad) src = NULL;
  GstSegment segment;

  *rig = (Rig) { .seen = g_string_new (NULL), .bus = gst_bus_new (),
    .shortest = GST_CLOCK_TIME_NONE
  };
  made = 0;
  rig->outlet = gst_object_ref_sink (gst_pad_new ("video_0", GST_PAD_SRC));
  rig->decoder = gst_object_ref_sink (gst_rcast_decoder_new (rig->outlet,
          GST_RCAST_MEDIA_VIDEO));
  gst_element_set_bus (rig->decoder, rig->bus);
  rig->sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  gst_pad_set_element_private (rig->sink, rig);
  gst_pad_set_chain_function (rig->sink, see_buffer);
  gst_pad_set_event_function (rig->sink, see_event);
  gst_pad_set_active (rig->sink, TRUE);
  src = gst_element_get_static_pad (rig->decoder, "src");
  fail_unless_equals_int (gst_pad_link (src, rig->sink), GST_PAD_LINK_OK);
  gst_element_set_state (rig->decoder, GST_STATE_PLAYING);
  gst_pad_push_event (rig->outlet, gst_event_new_stream_start ("test"));
  send_caps (rig, CODED ", profile=simple");
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (rig->outlet, gst_event_new_segment (&segment));
}

static void
rig_clear (Rig * rig)
{
  gst_element_set_state (rig->decoder, GST_STATE_NULL);
  gst_element_set_bus (rig->decoder, NULL);
  gst_pad_set_active (rig->sink, FALSE);
  gst_clear_object (&rig->decoder);
  gst_clear_object (&rig->outlet);
  gst_clear_object (&rig->sink);
  gst_clear_object (&rig->bus);
  g_string_free (rig->seen, TRUE);
}

/* A key frame. */
static GstFlowReturn
send (Rig * rig)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = rig->now;
  GST_BUFFER_DURATION (buffer) = FRAME;
  rig->now += FRAME;
  return gst_pad_push (rig->outlet, buffer);
}

GST_START_TEST (test_segment_comes_before_the_end)
{
  Rig rig;

  behaviour = SWALLOWS;
  rig_init (&rig);
  assert_equals_int (send (&rig), GST_FLOW_OK);
  gst_pad_push_event (rig.outlet, gst_event_new_eos ());
  assert_equals_string (rig.seen->str, "SsE");
  rig_clear (&rig);
}

GST_END_TEST;

/* It is negotiated before it has got the segment. */
GST_START_TEST (test_segment_comes_after_early_caps)
{
  Rig rig;

  behaviour = DECODES;
  eager = TRUE;
  rig_init (&rig);
  assert_equals_int (send (&rig), GST_FLOW_OK);
  gst_pad_push_event (rig.outlet, gst_event_new_eos ());
  assert_equals_string (rig.seen->str, "SCs.E");
  eager = FALSE;
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
decoder_suite (void)
{
  Suite *s = suite_create ("decoder");
  TCase *tc = tcase_create ("general");

  gst_element_register (NULL, "rcasttestsimpledec", GST_RANK_PRIMARY,
      TEST_TYPE_SIMPLE_DECODER);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_segment_comes_before_the_end);
  tcase_add_test (tc, test_segment_comes_after_early_caps);
  return s;
}

GST_CHECK_MAIN (decoder);
