/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a stream starts encoders: inside the pipeline, one after the other, and without
 * errors while the stream stops. */
#include "config.h"

#include "gstrcastencoders.h"
#include "rcast-check.h"
#include "stream-hand.h"

#define CONTEXT "gst.rcast.test.gpu"

/* What a test encoder does when it starts */
typedef enum
{
  FAILS,                        /* with an error message, as without its hardware */
  ASKS,                         /* asks for a context, and fails without one */
  SEES_STOP,                    /* fails after the stream has begun to stop */
} Start;

typedef struct
{
  GstElement parent;
  gboolean has_context;
} TestEncoder;

typedef struct
{
  GstElementClass parent;
  Start start;
} TestEncoderClass;

static GstElement *stopped;     /* set for SEES_STOP */
static GThread *stopper;

static gpointer
stop (gpointer stream)
{
  gst_element_set_state (stream, GST_STATE_READY);
  return NULL;
}

static void
begin_to_stop (void)
{
  GstElement *packets = gst_bin_get_by_name (GST_BIN (stopped), "packets");
  GstState state;

  stopper = g_thread_new ("stop", stop, stopped);
  do {
    g_thread_yield ();
    GST_OBJECT_LOCK (packets);
    state = GST_STATE (packets);
    GST_OBJECT_UNLOCK (packets);
  } while (state != GST_STATE_READY);
  gst_object_unref (packets);
}

static GstStateChangeReturn
test_encoder_change_state (GstElement * element, GstStateChange transition)
{
  GstElementClass *klass = GST_ELEMENT_GET_CLASS (element);

  if (transition != GST_STATE_CHANGE_NULL_TO_READY)
    return GST_ELEMENT_CLASS (g_type_class_peek
        (GST_TYPE_ELEMENT))->change_state (element, transition);
  switch (((TestEncoderClass *) klass)->start) {
    case FAILS:
      GST_ELEMENT_ERROR (element, RESOURCE, NOT_FOUND, ("No device"), (NULL));
      return GST_STATE_CHANGE_FAILURE;
    case ASKS:
      gst_element_post_message (element,
          gst_message_new_need_context (GST_OBJECT (element), CONTEXT));
      return ((TestEncoder *) element)->has_context ?
          GST_STATE_CHANGE_SUCCESS : GST_STATE_CHANGE_FAILURE;
    case SEES_STOP:
      begin_to_stop ();
      return GST_STATE_CHANGE_FAILURE;
  }
  return GST_STATE_CHANGE_FAILURE;
}

static void
test_encoder_set_context (GstElement * element, GstContext * context)
{
  ((TestEncoder *) element)->has_context |=
      gst_context_has_context_type (context, CONTEXT);
}

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-h264, "
        "stream-format=(string)byte-stream, alignment=(string)au"));

static void
test_encoder_class_init (gpointer klass, gpointer data)
{
  ((TestEncoderClass *) klass)->start = GPOINTER_TO_INT (data);
  GST_ELEMENT_CLASS (klass)->change_state = test_encoder_change_state;
  GST_ELEMENT_CLASS (klass)->set_context = test_encoder_set_context;
  gst_element_class_add_static_pad_template (klass, &sink_template);
  gst_element_class_add_static_pad_template (klass, &src_template);
  gst_element_class_set_static_metadata (klass, "Test encoder",
      "Codec/Encoder/Video", "Starts, or not", "The gst-rcast authors");
}

static void
test_encoder_init (GTypeInstance * instance, gpointer klass)
{
  gst_element_add_pad (GST_ELEMENT (instance),
      gst_pad_new_from_static_template (&sink_template, "sink"));
  gst_element_add_pad (GST_ELEMENT (instance),
      gst_pad_new_from_static_template (&src_template, "src"));
}

/* Registers an encoder that ranks above all others, by @rank. */
static void
add_encoder (const gchar * name, Start start, guint rank)
{
  GTypeInfo info = {.class_size = sizeof (TestEncoderClass),
    .class_init = test_encoder_class_init,
    .class_data = GINT_TO_POINTER (start),
    .instance_size = sizeof (TestEncoder),.instance_init = test_encoder_init,
  };
  g_autofree gchar *type_name = g_strconcat ("Test", name, NULL);
  GType type = g_type_from_name (type_name);

  if (!type)
    type = g_type_register_static (GST_TYPE_ELEMENT, type_name, &info, 0);
  fail_unless (gst_element_register (NULL, name, GST_RANK_PRIMARY + 1000
          + rank, type));
}

static void
remove_encoder (const gchar * name)
{
  GstRegistry *registry = gst_registry_get ();
  GstPluginFeature *feature = gst_registry_lookup_feature (registry, name);

  gst_registry_remove_feature (registry, feature);
  gst_object_unref (feature);
}

static GstBusSyncReply
give_context (GstBus * bus, GstMessage * message, gpointer data)
{
  const gchar *type;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_NEED_CONTEXT
      && gst_message_parse_context_type (message, &type)
      && g_str_equal (type, CONTEXT)) {
    g_autoptr (GstContext) context = gst_context_new (CONTEXT, TRUE);

    gst_element_set_context (GST_ELEMENT (GST_MESSAGE_SRC (message)), context);
    (*(guint *) data)++;
  }
  return GST_BUS_PASS;
}

GST_START_TEST (test_encoder_that_starts_asks_the_pipeline_for_its_context)
{
  Hand hand;
  g_autoptr (GstBus) bus = NULL;
  guint n_asked = 0;
  g_autoptr (GstStructure) stats = NULL;

  add_encoder ("rcasttestfailsenc", FAILS, 2);
  add_encoder ("rcasttestasksenc", ASKS, 1);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  bus = gst_element_get_bus (hand.pipeline);
  gst_bus_set_sync_handler (bus, give_context, &n_asked, NULL);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);

  fail_unless_equals_int (n_asked, 1);
  stats = gst_rcast_stream_get_stats (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (stats, "encoder"),
      "rcasttestasksenc");
  /* The missing device of the first encoder is no error. */
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  hand_clear (&hand);
  remove_encoder ("rcasttestfailsenc");
  remove_encoder ("rcasttestasksenc");
}

GST_END_TEST;

/* Returns: (transfer full): the other H.264 encoders, whose rank is too low now */
static GList *
lower_h264_encoders (void)
{
  g_autoptr (GstCaps) raw = gst_caps_from_string (RAW_CAPS);
  GList *all = gst_rcast_encoders_find (GST_RCAST_CODEC_H264, raw);

  for (GList * l = all; l; l = l->next)
    gst_plugin_feature_set_rank (l->data, GST_RANK_NONE);
  return all;
}

/* @event: (transfer full): pushed with the next buffer */
static void
store (GstPad * pad, GstEvent * event)
{
  gst_pad_store_sticky_event (pad, event);
  gst_event_unref (event);
}

GST_START_TEST (test_failure_while_stopping_is_flushing)
{
  Hand hand;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (RAW_CAPS);
  GList *others = lower_h264_encoders ();
  GstSegment segment;
  GstFlowReturn ret;

  add_encoder ("rcasttestseesstopenc", SEES_STOP, 0);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  bus = gst_element_get_bus (hand.pipeline);
  stopped = hand.stream;
  /* The caps are pushed with the buffer: upstream sees one result for both. */
  gst_segment_init (&segment, GST_FORMAT_TIME);
  store (hand.h->srcpad, gst_event_new_stream_start ("test"));
  store (hand.h->srcpad, gst_event_new_caps (caps));
  store (hand.h->srcpad, gst_event_new_segment (&segment));
  ret = gst_harness_push (hand.h, gst_buffer_new ());
  fail_unless_equals_string (gst_flow_get_name (ret), "flushing");
  g_thread_join (stopper);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  hand_clear (&hand);
  remove_encoder ("rcasttestseesstopenc");
  for (GList * l = others; l; l = l->next)
    gst_plugin_feature_set_rank (l->data, GST_RANK_PRIMARY);
  gst_plugin_feature_list_free (others);
}

GST_END_TEST;

/* Changes between packets and frames; only frames need a chain. */
static gpointer
swap_chains (gpointer data)
{
  Hand *hand = data;

  for (guint i = 0; i < 400; i++)
    gst_harness_set_src_caps_str (hand->h, i % 2 ? "video/x-vp8" : RTP_CAPS);
  return NULL;
}

static GstElement *
find_chain (GstElement * stream)
{
  GstElement *chain = NULL;

  GST_OBJECT_LOCK (stream);
  for (GList * l = GST_BIN_CHILDREN (stream); l; l = l->next) {
    if (g_str_has_prefix (GST_OBJECT_NAME (l->data), "chain"))
      chain = gst_object_ref (l->data);
  }
  GST_OBJECT_UNLOCK (stream);
  return chain;
}

GST_START_TEST (test_chain_that_is_swapped_in_a_state_change_is_not_left_behind)
{
  Hand hand;
  GstElement *chain;
  GThread *thread;
  guint n = 0;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  thread = g_thread_new ("caps", swap_chains, &hand);
  for (; n < 400; n++)
    gst_element_set_state (hand.stream, n % 2 ? GST_STATE_PLAYING :
        GST_STATE_PAUSED);
  g_thread_join (thread);

  chain = find_chain (hand.stream);
  fail_unless (chain != NULL);
  fail_unless_equals_int (gst_element_get_state (chain, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (GST_STATE (chain), GST_STATE_PLAYING);
  gst_object_unref (chain);
  /* Only the last chain is left. */
  fail_unless_equals_int (GST_BIN_NUMCHILDREN (hand.stream), 2);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_encoder_suite (void)
{
  Suite *s = suite_create ("rcast-stream-encoder");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc,
      test_encoder_that_starts_asks_the_pipeline_for_its_context);
  tcase_add_test (tc, test_failure_while_stopping_is_flushing);
  tcase_add_test (tc,
      test_chain_that_is_swapped_in_a_state_change_is_not_left_behind);
  return s;
}

GST_CHECK_MAIN (stream_encoder);
