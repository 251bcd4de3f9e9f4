/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a decoded stream delivers, whatever its decoders do. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastdecoder.h"

#define CODED "video/x-rcast-test"
#define FRAME (40 * GST_MSECOND)

/* Decoders that behave as the test wants */

typedef enum
{
  DECODES,
  SWALLOWS,                     /* never outputs anything */
  FAILS,
  STUTTERS,                     /* each decoder makes one frame, then fails */
  MISMATCHES,                   /* cannot negotiate the stream */
} Behaviour;

static Behaviour behaviour;
static gboolean eager;          /* sets its output caps as soon as it gets input caps */
static guint made;              /* number of decoders made */

/* Pushes the caps and then the segment, once, as a decoder does. */
static void
tell_caps (GstElement * decoder)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (decoder, "src");
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, 16, "height", G_TYPE_INT,
      16, NULL);
  GstSegment segment;

  if (gst_pad_has_current_caps (src))
    return;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (src, gst_event_new_caps (caps));
  gst_pad_push_event (src, gst_event_new_segment (&segment));
}

/* Returns: whether the peer of @src accepts any caps */
static gboolean
is_wanted (GstPad * src)
{
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (src, NULL);

  return !gst_caps_is_empty (caps);
}

static gboolean
handle_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  g_autoptr (GstCaps) taken = gst_pad_get_pad_template_caps (pad);
  gboolean takes;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
    gst_event_unref (event);
    return TRUE;
  }
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);
  if (eager)
    tell_caps (GST_ELEMENT (parent));
  gst_event_parse_caps (event, &caps);
  takes = gst_caps_is_subset (caps, taken);
  gst_event_unref (event);
  return takes;
}

static GstFlowReturn
decode (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (GST_ELEMENT (parent),
      "src");

  if (behaviour == DECODES || (behaviour == STUTTERS
          && !gst_pad_has_current_caps (src))) {
    if (!is_wanted (src)) {
      gst_buffer_unref (buffer);
      return GST_FLOW_NOT_NEGOTIATED;
    }
    tell_caps (GST_ELEMENT (parent));
    return gst_pad_push (src, buffer);
  }
  gst_buffer_unref (buffer);
  return behaviour == MISMATCHES ? GST_FLOW_NOT_NEGOTIATED :
      behaviour == SWALLOWS ? GST_FLOW_OK : GST_FLOW_ERROR;
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

/* Each decoder takes one profile only. */
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

#define TEST_TYPE_HIGH_DECODER (test_high_decoder_get_type ())
G_DECLARE_FINAL_TYPE (TestHighDecoder, test_high_decoder, TEST,
    HIGH_DECODER, GstElement);
struct _TestHighDecoder
{
  GstElement parent;
};
G_DEFINE_FINAL_TYPE (TestHighDecoder, test_high_decoder, GST_TYPE_ELEMENT);

static void
test_high_decoder_class_init (TestHighDecoderClass * klass)
{
  decoder_class_init (GST_ELEMENT_CLASS (klass), CODED ", profile=high");
}

static void
test_high_decoder_init (TestHighDecoder * self)
{
  decoder_init (GST_ELEMENT (self));
}

/* A stream, its decoder, and what comes out */

typedef struct
{
  GstElement *decoder;
  GstPad *outlet, *sink;
  GstBus *bus;
  GString *seen;                /* first letter of each event; "." for a buffer */
  GstClockTime now;             /* time of the next frame */
  GstClockTime end;             /* of the frames and gaps that came out */
  GstClockTime shortest;        /* the shortest gap */
  gboolean refuses;             /* refuse all caps */
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

  /* S: stream-start, C: caps, s: segment, G: gap, E: eos */
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

static gboolean
answer (GstPad * pad, GstObject * parent, GstQuery * query)
{
  Rig *rig = gst_pad_get_element_private (pad);
  g_autoptr (GstCaps) none = NULL;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS || !rig->refuses)
    return gst_pad_query_default (pad, parent, query);
  none = gst_caps_new_empty ();
  gst_query_set_caps_result (query, none);
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
  gst_pad_set_query_function (rig->sink, answer);
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

static GstFlowReturn
send_flagged (Rig * rig, GstBufferFlags flags)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (buffer, flags);
  GST_BUFFER_PTS (buffer) = rig->now;
  GST_BUFFER_DURATION (buffer) = FRAME;
  rig->now += FRAME;
  return gst_pad_push (rig->outlet, buffer);
}

/* Sends a key frame. */
static GstFlowReturn
send (Rig * rig)
{
  return send_flagged (rig, 0);
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

/* The decoder sets its caps before it gets the segment. */
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

static void
send_up_to (Rig * rig, GstClockTime end)
{
  while (rig->now < end)
    assert_equals_int (send (rig), GST_FLOW_OK);
}

static guint
count_messages (Rig * rig, GstMessageType type)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (rig->bus, type))) {
    gst_message_unref (message);
    n++;
  }
  return n;
}

/* Gaps tell downstream how far the stream is. */
static void
check_gaps (Rig * rig)
{
  fail_unless (rig->shortest >= 100 * GST_MSECOND);
  fail_unless (GST_CLOCK_TIME_IS_VALID (rig->shortest));
  fail_unless (rig->end + 100 * GST_MSECOND + 2 * FRAME >= rig->now);
}

GST_START_TEST (test_what_no_decoder_takes_is_a_gap)
{
  Rig rig;

  behaviour = DECODES;
  rig_init (&rig);
  send_up_to (&rig, GST_SECOND);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 0);
  send_caps (&rig, "video/x-rcast-unknown");
  send_up_to (&rig, 10 * GST_SECOND);
  check_gaps (&rig);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_silence_of_a_good_decoder_is_a_gap)
{
  Rig rig;

  behaviour = DECODES;
  rig_init (&rig);
  send_up_to (&rig, GST_SECOND);
  behaviour = SWALLOWS;
  send_up_to (&rig, 10 * GST_SECOND);
  check_gaps (&rig);
  assert_equals_int (made, 1);
  behaviour = DECODES;
  send_up_to (&rig, 11 * GST_SECOND);
  assert_equals_uint64 (rig.end, rig.now);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 0);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_decoder_that_makes_nothing_is_replaced)
{
  Rig rig;

  behaviour = SWALLOWS;
  rig_init (&rig);
  send_up_to (&rig, 3 * GST_SECOND);
  assert_equals_int (made, 1);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 0);
  send_up_to (&rig, 4 * GST_SECOND);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 1);
  behaviour = DECODES;
  send_up_to (&rig, 5 * GST_SECOND);
  assert_equals_int (made, 2);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

/* Frames far apart, or in another order, do not count as more media than they are. */
GST_START_TEST (test_decoder_may_hold_back_frames)
{
  static const gint order[] = { 0, 3, 1, 2 };
  Rig rig;

  behaviour = SWALLOWS;
  rig_init (&rig);
  for (guint i = 0; i < 48; i++) {
    rig.now = (i / 4 * 4 + order[i % 4]) * FRAME;
    assert_equals_int (send (&rig), GST_FLOW_OK);
  }
  for (guint i = 0; i < 4; i++) {
    rig.now += 10 * GST_SECOND;
    assert_equals_int (send (&rig), GST_FLOW_OK);
  }
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 0);
  assert_equals_int (made, 1);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_profile_decides_on_the_decoder)
{
  Rig rig;

  behaviour = DECODES;
  rig_init (&rig);
  send_up_to (&rig, GST_SECOND);
  send_caps (&rig, CODED ", profile=simple, level=2");
  send_up_to (&rig, 2 * GST_SECOND);
  assert_equals_int (made, 1);
  send_caps (&rig, CODED ", profile=high");
  send_up_to (&rig, 3 * GST_SECOND);
  assert_equals_int (made, 2);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

/* Tries at 0, 1, 3 and 7 s; the next one is 8 s later. */
GST_START_TEST (test_tries_are_paced)
{
  Rig rig;

  behaviour = FAILS;
  rig_init (&rig);
  send_up_to (&rig, 10 * GST_SECOND);
  assert_equals_int (made, 4);
  behaviour = DECODES;
  send_up_to (&rig, 16 * GST_SECOND);
  assert_equals_int (made, 5);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

/* Upstream drops the rest of its queue and requests a key frame. */
GST_START_TEST (test_try_begins_at_a_key_frame)
{
  Rig rig;

  behaviour = FAILS;
  rig_init (&rig);
  assert_equals_int (send (&rig), GST_FLOW_OK);
  assert_equals_int (send_flagged (&rig, GST_BUFFER_FLAG_DELTA_UNIT),
      GST_FLOW_OK);
  rig.now = GST_SECOND;
  assert_equals_int (send_flagged (&rig, GST_BUFFER_FLAG_DELTA_UNIT),
      GST_FLOW_FLUSHING);
  assert_equals_int (made, 1);
  behaviour = DECODES;
  send_up_to (&rig, 2 * GST_SECOND);
  assert_equals_int (made, 2);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_tries_are_told_once)
{
  Rig rig;

  behaviour = FAILS;
  rig_init (&rig);
  send_up_to (&rig, 10 * GST_SECOND);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING
          | GST_MESSAGE_LATENCY), 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Like send_up_to(), while decoders are replaced: upstream begins at the next key frame. */
static void
send_over_failures (Rig * rig, GstClockTime end)
{
  while (rig->now < end) {
    GstFlowReturn ret = send (rig);

    fail_unless (ret == GST_FLOW_OK || ret == GST_FLOW_FLUSHING);
  }
}

/* Like a decoder whose device hangs */
GST_START_TEST (test_good_decoder_that_ceases_is_started_anew)
{
  Rig rig;

  behaviour = DECODES;
  rig_init (&rig);
  send_up_to (&rig, GST_SECOND);
  behaviour = SWALLOWS;
  send_up_to (&rig, 11 * GST_SECOND - FRAME);
  assert_equals_int (made, 1);
  send_over_failures (&rig, 13 * GST_SECOND);
  check_gaps (&rig);
  assert_equals_int (made, 2);
  behaviour = DECODES;
  send_up_to (&rig, 14 * GST_SECOND);
  assert_equals_int (made, 2);
  assert_equals_uint64 (rig.end, rig.now);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* The first failure restarts the decoder at once; the others wait for the tries at 1, 3 and 7 s. */
GST_START_TEST (test_output_between_failures_hastens_nothing)
{
  Rig rig;

  behaviour = STUTTERS;
  rig_init (&rig);
  send_over_failures (&rig, 10 * GST_SECOND);
  assert_equals_int (made, 5);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 1);
  behaviour = DECODES;
  send_over_failures (&rig, 30 * GST_SECOND);
  assert_equals_int (made, 6);
  assert_equals_uint64 (rig.end, rig.now);
  /* After so long without failure, a decoder is restarted at once again. */
  behaviour = FAILS;
  assert_equals_int (send (&rig), GST_FLOW_FLUSHING);
  behaviour = DECODES;
  send_up_to (&rig, 31 * GST_SECOND);
  assert_equals_int (made, 7);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

/* The stream is at fault, which may pass. */
GST_START_TEST (test_what_no_decoder_can_negotiate_is_a_gap)
{
  Rig rig;

  behaviour = MISMATCHES;
  rig_init (&rig);
  send_up_to (&rig, 10 * GST_SECOND);
  assert_equals_int (made, 4);
  assert_equals_int (count_messages (&rig, GST_MESSAGE_WARNING), 1);
  behaviour = DECODES;
  send_up_to (&rig, 16 * GST_SECOND);
  assert_equals_uint64 (rig.end, rig.now);
  rig_clear (&rig);
}

GST_END_TEST;

/* The application is at fault. */
GST_START_TEST (test_caps_that_downstream_refuses_are_an_error)
{
  Rig rig;

  behaviour = DECODES;
  rig_init (&rig);
  rig.refuses = TRUE;
  assert_equals_int (send (&rig), GST_FLOW_NOT_NEGOTIATED);
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
  gst_element_register (NULL, "rcasttesthighdec", GST_RANK_PRIMARY,
      TEST_TYPE_HIGH_DECODER);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_segment_comes_before_the_end);
  tcase_add_test (tc, test_segment_comes_after_early_caps);
  tcase_add_test (tc, test_what_no_decoder_takes_is_a_gap);
  tcase_add_test (tc, test_silence_of_a_good_decoder_is_a_gap);
  tcase_add_test (tc, test_decoder_that_makes_nothing_is_replaced);
  tcase_add_test (tc, test_decoder_may_hold_back_frames);
  tcase_add_test (tc, test_profile_decides_on_the_decoder);
  tcase_add_test (tc, test_tries_are_paced);
  tcase_add_test (tc, test_try_begins_at_a_key_frame);
  tcase_add_test (tc, test_tries_are_told_once);
  tcase_add_test (tc, test_good_decoder_that_ceases_is_started_anew);
  tcase_add_test (tc, test_output_between_failures_hastens_nothing);
  tcase_add_test (tc, test_what_no_decoder_can_negotiate_is_a_gap);
  tcase_add_test (tc, test_caps_that_downstream_refuses_are_an_error);
  return s;
}

GST_CHECK_MAIN (decoder);
