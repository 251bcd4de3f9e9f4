/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decodes the media of an outlet, whatever its codec is at the moment. */
#include "config.h"

#include "gstrcastdecoder.h"

GST_DEBUG_CATEGORY_STATIC (rcast_decoder_debug);
#define GST_CAT_DEFAULT rcast_decoder_debug

#define RAW_VIDEO "video/x-raw"
#define RAW_AUDIO "audio/x-raw"

/* A decoder that has made nothing from this much media is replaced. Some hold back a few frames,
 * however far apart these are. */
#define FRUITLESS (3 * GST_SECOND)
/* A decoder that has worked is given more media, as the media may have been damaged. */
#define SPENT (10 * GST_SECOND)
#define MAX_STEP (200 * GST_MSECOND)
/* After this much media without output, gaps are sent, in these steps. */
#define SILENT GST_SECOND
#define GAP_STEP (100 * GST_MSECOND)
/* A decoder that has worked for so long is good: if it fails, it is restarted at once. Any other
 * decoder is restarted once after the last good one at most. */
#define GOOD (10 * GST_SECOND)
/* If no decoder works, media of this duration passes before the next try: 1, 2, 4, then 8 s. */
#define RETRY_AFTER GST_SECOND
#define MAX_DOUBLINGS 3

/* outlet -> in | into -> decoder -> from | src: what comes in on the pad in front of a bar
 * leaves on the pad behind it. Only src is a pad of the bin. */
struct _GstRcastDecoder
{
  GstBin parent;

  /* constant */
  GstPad *outlet;
  GstPad *in, *into, *from, *src;
  GstCaps *raw;                 /* caps that may leave */

  /* the outlet's thread; while it does not run, the thread of the state change */
  GList *factories;             /* of GstElementFactory; decoders for @caps, best first */
  GList *next;                  /* in @factories: the next one to try */
  GstElement *decoder;          /* nullable; owned by the bin */
  GstCaps *caps;                /* nullable; caps of the input */
  GstElementFactory *announced; /* nullable; the one whose latency downstream knows */
  GstClockTime time;            /* latest time of the input */
  GstClockTime retry_at;        /* @time at which to try @next */

  /* OBJECT_LOCK */
  gboolean decoded;             /* @decoder has made something */
  gboolean refused;             /* downstream refused the caps of @decoder */
  gboolean renewed;             /* a decoder was restarted since the last good one */
  GstClockTime begun;           /* time of the first output of @decoder */
  GstClockTime fed;             /* media into @decoder since its last output, or its start */
  GstClockTime told;            /* part of @fed that was sent as gaps */
  guint passes;                 /* rounds over @factories without a good one */
  GstFlowReturn said;           /* last flow return of downstream */
  GstClockTime end;             /* of the output */
  GstClockTime floor;           /* media before this was sent as a gap */
  GstClockTime discont;         /* the first output from this time on is a discontinuity */
};

static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (RAW_VIDEO "; " RAW_AUDIO));

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastDecoder, gst_rcast_decoder,
    GST_TYPE_BIN, GST_DEBUG_CATEGORY_INIT (rcast_decoder_debug, "rcastdecoder",
        0, "gst-rcast: decodes a received stream"));

/* The installed decoders */

/* Returns: (transfer full) (element-type GstElementFactory): best first */
static GList *
find_factories (const GstCaps * caps, gboolean complete, const GstCaps * raw)
{
  GList *all = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  GList *taking =
      gst_element_factory_list_filter (all, caps, GST_PAD_SINK, complete);
  GList *making =
      gst_element_factory_list_filter (taking, raw, GST_PAD_SRC, FALSE);

  gst_plugin_feature_list_free (all);
  gst_plugin_feature_list_free (taking);
  return making;
}

/**
 * gst_rcast_decoder_can:
 * @caps: caps of the input
 * @complete: whether @caps are complete, and not just the codec
 *
 * Returns: whether there is a decoder for them
 */
gboolean
gst_rcast_decoder_can (const GstCaps * caps, gboolean complete)
{
  g_autoptr (GstCaps) raw = gst_static_pad_template_get_caps (&src_template);
  GList *factories = find_factories (caps, complete, raw);
  gboolean can = factories != NULL;

  gst_plugin_feature_list_free (factories);
  return can;
}

/* The decoder: the outlet's thread */

static void
set_if_known (GstElement * element, const gchar * property, gint value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    g_object_set (element, property, value, NULL);
}

/* Stops the decoder and removes it, which unlinks it. */
static void
discard (GstRcastDecoder * self, GstElement * decoder)
{
  gst_element_set_locked_state (decoder, TRUE);
  gst_element_set_state (decoder, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), decoder);
}

/* Returns: FALSE if the decoder does not have one sink and one source pad */
static gboolean
link_decoder (GstRcastDecoder * self, GstElement * decoder)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (decoder, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (decoder, "src");

  /* Forget the events of the former decoder. */
  gst_pad_set_active (self->from, FALSE);
  gst_pad_set_active (self->from, TRUE);
  return sink && src
      && gst_pad_link_full (src, self->from, GST_PAD_LINK_CHECK_NOTHING)
      == GST_PAD_LINK_OK
      && gst_pad_link_full (self->into, sink, GST_PAD_LINK_CHECK_NOTHING)
      == GST_PAD_LINK_OK;
}

/* Returns: (transfer none) (nullable) */
static GstElement *
try (GstRcastDecoder * self, GstElementFactory * factory)
{
  GstElement *decoder = gst_element_factory_create (factory, NULL);

  if (!decoder)
    return NULL;
  /* The decoder asks for a key frame itself when a picture is damaged, and never gives up. */
  set_if_known (decoder, "automatic-request-sync-points", TRUE);
  set_if_known (decoder, "max-errors", -1);
  gst_bin_add (GST_BIN (self), decoder);
  if (link_decoder (self, decoder)
      && gst_element_sync_state_with_parent (decoder))
    return decoder;
  GST_WARNING_OBJECT (self, "%s does not start", GST_OBJECT_NAME (decoder));
  discard (self, decoder);
  return NULL;
}

/* Returns: whether there is a decoder */
static gboolean
start (GstRcastDecoder * self)
{
  GstElementFactory *factory;

  while (!self->decoder && self->next) {
    self->decoder = try (self, self->next->data);
    if (!self->decoder)
      self->next = self->next->next;
  }
  if (!self->decoder)
    return FALSE;
  GST_DEBUG_OBJECT (self, "decoding with %" GST_PTR_FORMAT, self->decoder);
  factory = gst_element_get_factory (self->decoder);
  if (gst_object_replace ((GstObject **) & self->announced,
          GST_OBJECT (factory)))
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
  return TRUE;
}

static void
stop (GstRcastDecoder * self)
{
  if (self->decoder)
    discard (self, self->decoder);
  self->decoder = NULL;
  GST_OBJECT_LOCK (self);
  self->decoded = self->refused = FALSE;
  self->begun = GST_CLOCK_TIME_NONE;
  self->fed = self->told = 0;
  GST_OBJECT_UNLOCK (self);
}

/* No decoder works for now. */
static void
give_up (GstRcastDecoder * self)
{
  guint passes;

  GST_OBJECT_LOCK (self);
  passes = self->passes++;
  GST_OBJECT_UNLOCK (self);
  self->next = self->factories;
  self->retry_at = self->time + (RETRY_AFTER << MIN (passes, MAX_DOUBLINGS));
  GST_INFO_OBJECT (self, "no decoder up to %" GST_TIME_FORMAT,
      GST_TIME_ARGS (self->retry_at));
  if (passes == 0)
    GST_ELEMENT_WARNING (self, STREAM, DECODE,
        ("What is received cannot be decoded."),
        ("no decoder for %" GST_PTR_FORMAT, self->caps));
}

/* Lets the decoder output what it still holds. */
static void
drain (GstRcastDecoder * self)
{
  g_autoptr (GstPad) sink = NULL;

  if (!self->decoder)
    return;
  sink = gst_element_get_static_pad (self->decoder, "sink");
  gst_pad_send_event (sink, gst_event_new_eos ());
  stop (self);
}

/* Returns: whether the decoder can go on with @caps */
static gboolean
can_go_on (GstRcastDecoder * self, const GstCaps * caps)
{
  const gchar *format = gst_structure_get_name (gst_caps_get_structure (caps,
          0));

  return self->decoder
      && gst_structure_has_name (gst_caps_get_structure (self->caps, 0), format)
      && gst_element_factory_can_sink_all_caps (gst_element_get_factory
      (self->decoder), caps);
}

/* The input changes to another codec, or to another format of the same codec. */
static void
follow_caps (GstRcastDecoder * self, GstCaps * caps)
{
  gboolean on;

  if (self->caps && gst_caps_is_equal (self->caps, caps))
    return;
  on = can_go_on (self, caps);
  if (!on)
    drain (self);
  gst_caps_replace (&self->caps, caps);
  gst_plugin_feature_list_free (self->factories);
  self->factories = find_factories (caps, TRUE, self->raw);
  self->next = self->factories;
  if (on) {
    self->next = g_list_find (self->factories,
        gst_element_get_factory (self->decoder));
    return;
  }
  GST_OBJECT_LOCK (self);
  self->passes = 0;
  self->renewed = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (!start (self))
    give_up (self);
}

/* Returns: %GST_FLOW_FLUSHING: go on at a key frame; %GST_FLOW_OK: drop the input for some time;
 * otherwise no decoder helps */
static GstFlowReturn
replace (GstRcastDecoder * self, GstFlowReturn ret)
{
  gboolean again, refused;

  GST_OBJECT_LOCK (self);
  again = self->decoded && !self->renewed;
  self->renewed |= self->decoded;
  refused = self->refused;
  GST_OBJECT_UNLOCK (self);
  GST_WARNING_OBJECT (self, "%" GST_PTR_FORMAT " says %s, replacing it",
      self->decoder, gst_flow_get_name (ret));
  stop (self);
  if (!again && self->next)
    self->next = self->next->next;
  if (start (self))
    return GST_FLOW_FLUSHING;
  /* Downstream takes nothing that any decoder makes. */
  if (ret == GST_FLOW_NOT_NEGOTIATED && refused)
    return ret;
  give_up (self);
  return GST_FLOW_OK;
}

/* From the outlet: its thread */

/* Returns: whether @ret comes from downstream, or stops everything */
static gboolean
is_from_downstream (GstRcastDecoder * self, GstFlowReturn ret)
{
  gboolean said;

  GST_OBJECT_LOCK (self);
  said = self->said == ret;
  GST_OBJECT_UNLOCK (self);
  return said || ret == GST_FLOW_OK || ret == GST_FLOW_FLUSHING
      || ret == GST_FLOW_EOS;
}

/* Decoders do not pass on the flag. */
static void
note_discont (GstRcastDecoder * self, GstBuffer * buffer)
{
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    return;
  GST_OBJECT_LOCK (self);
  self->discont = GST_BUFFER_PTS (buffer);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
has_sticky (GstPad * pad, GstEventType type)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, type, 0);

  return event != NULL;
}

/* Bypasses the decoder: it would drain at a gap, and then need a key frame. */
static gboolean
pass_gap (GstRcastDecoder * self, GstEvent * event)
{
  GstClockTime start, duration;

  if (!has_sticky (self->src, GST_EVENT_SEGMENT)) {
    gst_event_unref (event);
    return TRUE;
  }
  gst_event_parse_gap (event, &start, &duration);
  GST_OBJECT_LOCK (self);
  self->floor = start + duration;
  GST_OBJECT_UNLOCK (self);
  return gst_pad_push_event (self->src, event);
}

/* Returns: where the stream stands downstream */
static GstClockTime
get_position (GstRcastDecoder * self)
{
  GstClockTime position;

  GST_OBJECT_LOCK (self);
  position = MAX (self->end, self->floor);
  GST_OBJECT_UNLOCK (self);
  return position;
}

/* Sends a gap for input up to @end that has no output. */
static void
tell_gap (GstRcastDecoder * self, GstClockTime end)
{
  GstClockTime position = get_position (self);

  if (end >= position + GAP_STEP)
    pass_gap (self, gst_event_new_gap (position, end - position));
}

/* The decoder is about to get input that is @step later than all before. Returns: whether it may
 * still make something of it */
static gboolean
note_fed (GstRcastDecoder * self, GstClockTime step)
{
  GstClockTime length = 0;
  gboolean fruitful;

  GST_OBJECT_LOCK (self);
  self->fed += MIN (step, MAX_STEP);
  fruitful = self->fed <= (self->decoded ? SPENT : FRUITLESS);
  if (self->fed >= SILENT && self->fed >= self->told + GAP_STEP) {
    length = self->fed - self->told;
    self->told = self->fed;
  }
  GST_OBJECT_UNLOCK (self);
  if (length > 0)
    tell_gap (self, MIN (get_position (self) + length, self->time));
  return fruitful;
}

/* Tries again, without a decoder. Returns: %GST_FLOW_FLUSHING: go on at a key frame */
static GstFlowReturn
retry (GstRcastDecoder * self, GstBuffer * buffer)
{
  if (!self->next || self->time < self->retry_at)
    return GST_FLOW_OK;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return GST_FLOW_FLUSHING;
  if (!start (self))
    give_up (self);
  return GST_FLOW_OK;
}

/* @buffer: (transfer full) */
static GstFlowReturn
decode (GstRcastDecoder * self, GstBuffer * buffer, GstClockTime step)
{
  GstFlowReturn ret;

  if (!note_fed (self, step)) {
    gst_buffer_unref (buffer);
    return replace (self, GST_FLOW_ERROR);
  }
  note_discont (self, buffer);
  ret = gst_pad_push (self->into, buffer);
  return is_from_downstream (self, ret) ? ret : replace (self, ret);
}

static GstFlowReturn
chain_in (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);
  GstClockTime before = self->time;
  GstFlowReturn ret = GST_FLOW_OK;

  /* Frames may come in another order than that of presentation. */
  self->time = MAX (before, GST_BUFFER_PTS_IS_VALID (buffer) ?
      GST_BUFFER_PTS (buffer) : GST_BUFFER_DTS (buffer));
  if (!self->decoder)
    ret = retry (self, buffer);
  if (self->decoder)
    return decode (self, buffer, self->time - before);
  tell_gap (self, self->time);
  gst_buffer_unref (buffer);
  return ret;
}

/* Sends the segment after the caps. A decoder may have it earlier. */
static void
begin_segment (GstRcastDecoder * self)
{
  GstEvent *segment = has_sticky (self->src, GST_EVENT_SEGMENT) ? NULL :
      gst_pad_get_sticky_event (self->in, GST_EVENT_SEGMENT, 0);

  if (segment)
    gst_pad_push_event (self->src, segment);
}

/* The decoder first outputs what it still holds. */
static gboolean
pass_eos (GstRcastDecoder * self, GstEvent * event)
{
  if (self->decoder)
    gst_pad_push_event (self->into, gst_event_ref (event));
  begin_segment (self);
  return gst_pad_push_event (self->src, event);
}

/* A decoder may have sent its caps before. */
static gboolean
pass_segment (GstRcastDecoder * self, GstEvent * event)
{
  gst_pad_push_event (self->into, gst_event_ref (event));
  if (has_sticky (self->src, GST_EVENT_CAPS)
      && !has_sticky (self->src, GST_EVENT_SEGMENT))
    return gst_pad_push_event (self->src, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
event_in (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      gst_pad_push_event (self->src, gst_event_ref (event));
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      follow_caps (self, caps);
      break;
    case GST_EVENT_GAP:
      return pass_gap (self, event);
    case GST_EVENT_SEGMENT:
      return pass_segment (self, event);
    case GST_EVENT_EOS:
      return pass_eos (self, event);
    default:
      break;
  }
  gst_pad_push_event (self->into, event);
  return TRUE;
}

/* Accepts any caps, as a decoder is picked for them. */
static gboolean
query_in (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ACCEPT_CAPS)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_accept_caps_result (query, TRUE);
  return TRUE;
}

/* Upstream, from the decoder */

static gboolean
event_into (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) != GST_EVENT_RECONFIGURE)
    return gst_pad_push_event (self->in, event);
  /* The outlet has got it already. */
  gst_event_unref (event);
  return TRUE;
}

static gboolean
query_into (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);

  return GST_QUERY_TYPE (query) == GST_QUERY_LATENCY ?
      gst_pad_peer_query (self->in, query) :
      gst_pad_query_default (pad, parent, query);
}

/* From the decoder: its streaming thread */

/* OBJECT_LOCK */
static void
note_decoded (GstRcastDecoder * self, GstClockTime time)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->begun))
    self->begun = time;
  self->decoded = TRUE;
  self->fed = self->told = 0;
  if (!GST_CLOCK_TIME_IS_VALID (time) || time < self->begun + GOOD)
    return;
  self->passes = 0;
  self->renewed = FALSE;
}

static GstFlowReturn
chain_from (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);
  GstClockTime time = GST_BUFFER_PTS (buffer);
  GstClockTime duration = GST_BUFFER_DURATION_IS_VALID (buffer) ?
      GST_BUFFER_DURATION (buffer) : 0;
  gboolean late, discont;
  GstFlowReturn ret;

  GST_OBJECT_LOCK (self);
  note_decoded (self, time);
  late = time < self->floor;
  discont = !late && GST_CLOCK_TIME_IS_VALID (self->discont)
      && time >= self->discont;
  if (discont)
    self->discont = GST_CLOCK_TIME_NONE;
  if (!late && GST_CLOCK_TIME_IS_VALID (time))
    self->end = time + duration;
  GST_OBJECT_UNLOCK (self);
  if (late) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  if (discont) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  }
  ret = gst_pad_push (self->src, buffer);
  GST_OBJECT_LOCK (self);
  self->said = ret;
  GST_OBJECT_UNLOCK (self);
  return ret;
}

static gboolean
is_known_caps (GstRcastDecoder * self, GstEvent * event)
{
  g_autoptr (GstCaps) known = gst_pad_get_current_caps (self->src);
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  return known && gst_caps_is_equal (known, caps);
}

/* Returns: whether the event is about a decoder, not about the stream */
static gboolean
is_inner (GstRcastDecoder * self, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT:
    case GST_EVENT_EOS:
      return TRUE;
    case GST_EVENT_CAPS:
      return is_known_caps (self, event);
    default:
      return FALSE;
  }
}

static gboolean
event_from (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);

  if (is_inner (self, event)) {
    gst_event_unref (event);
    return TRUE;
  }
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_push_event (self->src, event);
  if (!gst_pad_push_event (self->src, event))
    return FALSE;
  begin_segment (self);
  return TRUE;
}

static void
note_refusal (GstRcastDecoder * self)
{
  GST_OBJECT_LOCK (self);
  self->refused = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static void
answer_caps (GstRcastDecoder * self, GstQuery * query)
{
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (self->src, self->raw);
  g_autoptr (GstCaps) wanted = NULL;
  GstCaps *filter;

  gst_query_parse_caps (query, &filter);
  if (filter)
    wanted = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  if (gst_caps_is_empty (wanted ? wanted : caps))
    note_refusal (self);
  gst_query_set_caps_result (query, wanted ? wanted : caps);
}

static gboolean
query_from (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstRcastDecoder *self = gst_pad_get_element_private (pad);
  GstCaps *caps;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (self, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (query,
          gst_caps_can_intersect (caps, self->raw)
          && gst_pad_peer_query_accept_caps (self->src, caps));
      return TRUE;
    default:
      return gst_pad_peer_query (self->src, query);
  }
}

/* From downstream: any thread */

static gboolean
event_src (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastDecoder *self = GST_RCAST_DECODER (parent);

  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS)
    return gst_pad_push_event (self->from, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE)
    gst_pad_push_event (self->from, gst_event_ref (event));
  return gst_pad_push_event (self->in, event);
}

static gboolean
query_src (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstRcastDecoder *self = GST_RCAST_DECODER (parent);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return gst_pad_peer_query (self->from, query)
          || gst_pad_peer_query (self->in, query);
    case GST_QUERY_SEEKING:
      return gst_pad_peer_query (self->in, query);
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* The bin */

/* Drops messages of decoders: their flow returns show the failure. */
static void
gst_rcast_decoder_handle_message (GstBin * bin, GstMessage * message)
{
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR
      && GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING) {
    GST_BIN_CLASS (gst_rcast_decoder_parent_class)->handle_message (bin,
        message);
    return;
  }
  GST_INFO_OBJECT (bin, "not passed on: %" GST_PTR_FORMAT, message);
  gst_message_unref (message);
}

static void
set_active (GstRcastDecoder * self, gboolean active)
{
  gst_pad_set_active (self->from, active);
  gst_pad_set_active (self->into, active);
  gst_pad_set_active (self->in, active);
}

static void
reset (GstRcastDecoder * self)
{
  stop (self);
  gst_plugin_feature_list_free (self->factories);
  self->factories = self->next = NULL;
  gst_clear_caps (&self->caps);
  gst_clear_object (&self->announced);
  self->time = self->retry_at = 0;
  self->passes = 0;
  self->renewed = FALSE;
  self->floor = self->end = 0;
  self->discont = GST_CLOCK_TIME_NONE;
  self->said = GST_FLOW_OK;
}

static GstStateChangeReturn
gst_rcast_decoder_change_state (GstElement * element,
    GstStateChange transition)
{
  GstRcastDecoder *self = GST_RCAST_DECODER (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    set_active (self, TRUE);
  ret = GST_ELEMENT_CLASS (gst_rcast_decoder_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && ret != GST_STATE_CHANGE_FAILURE)
    gst_pad_set_active (self->outlet, TRUE);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    set_active (self, FALSE);
    gst_pad_set_active (self->outlet, FALSE);
    reset (self);
  }
  return ret;
}

/* Returns: (transfer full) */
static GstPad *
make_pad (GstRcastDecoder * self, const gchar * name, GstPadDirection direction)
{
  GstPad *pad = gst_object_ref_sink (gst_pad_new (name, direction));

  gst_pad_set_element_private (pad, self);
  return pad;
}

/**
 * gst_rcast_decoder_new:
 * @outlet: a source pad; gets the bin as its parent, and is active as long as the bin is
 * @media: the media that leaves it
 *
 * Returns: (transfer floating)
 */
GstElement *
gst_rcast_decoder_new (GstPad * outlet, GstRcastMedia media)
{
  g_autofree gchar *name = g_strconcat (GST_OBJECT_NAME (outlet), "-decoder",
      NULL);
  GstRcastDecoder *self = g_object_new (GST_TYPE_RCAST_DECODER, "name", name,
      NULL);

  self->raw = gst_caps_new_empty_simple (media == GST_RCAST_MEDIA_VIDEO ?
      RAW_VIDEO : RAW_AUDIO);
  self->outlet = gst_object_ref (outlet);
  gst_object_set_parent (GST_OBJECT (outlet), GST_OBJECT (self));
  gst_pad_link_full (self->outlet, self->in, GST_PAD_LINK_CHECK_NOTHING);
  return GST_ELEMENT (self);
}

static void
gst_rcast_decoder_dispose (GObject * object)
{
  GstRcastDecoder *self = GST_RCAST_DECODER (object);

  if (self->outlet) {
    gst_pad_unlink (self->outlet, self->in);
    gst_object_unparent (GST_OBJECT (self->outlet));
  }
  gst_clear_object (&self->outlet);
  G_OBJECT_CLASS (gst_rcast_decoder_parent_class)->dispose (object);
}

static void
gst_rcast_decoder_finalize (GObject * object)
{
  GstRcastDecoder *self = GST_RCAST_DECODER (object);

  reset (self);
  gst_object_unref (self->in);
  gst_object_unref (self->into);
  gst_object_unref (self->from);
  gst_clear_caps (&self->raw);
  G_OBJECT_CLASS (gst_rcast_decoder_parent_class)->finalize (object);
}

static void
gst_rcast_decoder_class_init (GstRcastDecoderClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gst_rcast_decoder_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_decoder_finalize;
  element_class->change_state = gst_rcast_decoder_change_state;
  GST_BIN_CLASS (klass)->handle_message = gst_rcast_decoder_handle_message;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Rcast decoder",
      "Codec/Decoder", "Decodes a received stream of any codec",
      "The gst-rcast developers");
}

static void
gst_rcast_decoder_init (GstRcastDecoder * self)
{
  self->begun = self->discont = GST_CLOCK_TIME_NONE;
  self->in = make_pad (self, "in", GST_PAD_SINK);
  self->into = make_pad (self, "into", GST_PAD_SRC);
  self->from = make_pad (self, "from", GST_PAD_SINK);
  gst_pad_set_chain_function (self->in, chain_in);
  gst_pad_set_event_function (self->in, event_in);
  gst_pad_set_query_function (self->in, query_in);
  gst_pad_set_event_function (self->into, event_into);
  gst_pad_set_query_function (self->into, query_into);
  gst_pad_set_chain_function (self->from, chain_from);
  gst_pad_set_event_function (self->from, event_from);
  gst_pad_set_query_function (self->from, query_from);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src, event_src);
  gst_pad_set_query_function (self->src, query_src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
