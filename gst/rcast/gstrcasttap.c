/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a connection's chain: hands one of its streams to the outlet. */
#include "config.h"

#include "gstrcasttap.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (rcast_tap_debug);
#define GST_CAT_DEFAULT rcast_tap_debug

struct _GstRcastTap
{
  GstElement parent;

  /* constant */
  GstRcastOutlets *outlets;
  GstRcastMedia media;
  guint index;
  guint serial;
  GstRcastTapArrived arrived;
  gpointer data;
  GstPad *sink;

  gint open;                    /* atomic */
  gint expecting;               /* atomic */

  GstRcastOutlet *outlet;       /* OBJECT_LOCK; written by the streaming thread; nullable */

  /* the streaming thread */
  GstSegment segment;
  GstCaps *caps;
  gboolean refused;             /* no outlet takes @caps */
};

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastTap, gst_rcast_tap, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (rcast_tap_debug, "rcasttap", 0,
        "gst-rcast: the end of a connection's chain"));

/* Removes the fields that differ between connections from the caps of the stream. */
static GstCaps *
strip_caps (GstCaps * caps)
{
  GstCaps *stripped = gst_caps_copy (caps);
  GstStructure *s = gst_caps_get_structure (stripped, 0);

  if (gst_structure_has_name (s, "application/x-rtp"))
    for (gint i = gst_structure_n_fields (s) - 1; i >= 0; i--) {
      const gchar *name = gst_structure_nth_field_name (s, i);

      if (g_str_has_prefix (name, "ssrc") || g_str_has_prefix (name, "a-")
          || g_str_has_prefix (name, "extmap")
          || g_str_has_prefix (name, "rtcp-fb")
          || g_str_has_prefix (name, "rtx"))
        gst_structure_remove_field (s, name);
    }
  return stripped;
}

/* Returns: (transfer full) (nullable) */
static GstRcastOutlet *
dup_outlet (GstRcastTap * self)
{
  GstRcastOutlet *outlet;

  GST_OBJECT_LOCK (self);
  outlet = self->outlet ? gst_object_ref (self->outlet) : NULL;
  GST_OBJECT_UNLOCK (self);
  return outlet;
}

/* Gets the outlet at the first buffer. Returns: (transfer full) (nullable) */
static GstRcastOutlet *
obtain_outlet (GstRcastTap * self)
{
  GstRcastOutlet *outlet = dup_outlet (self);

  if (outlet || !self->caps || self->refused)
    return outlet;
  outlet = gst_rcast_outlets_take (self->outlets, self->media, self->index,
      self->caps);
  self->refused = outlet == NULL;
  if (self->refused)
    GST_ELEMENT_WARNING (self, STREAM, CODEC_NOT_FOUND,
        ("What is received cannot be decoded."),
        ("nothing takes %" GST_PTR_FORMAT, self->caps));
  GST_OBJECT_LOCK (self);
  gst_object_replace ((GstObject **) & self->outlet, GST_OBJECT (outlet));
  GST_OBJECT_UNLOCK (self);
  return outlet;
}

static GstClockTime
to_running_time (GstRcastTap * self, GstClockTime time)
{
  return GST_CLOCK_TIME_IS_VALID (time) ?
      gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, time) :
      GST_CLOCK_TIME_NONE;
}

/* @buffer: (transfer full). Returns: (transfer full) (nullable): the buffer in running time */
static GstBuffer *
convert_time (GstRcastTap * self, GstBuffer * buffer)
{
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = to_running_time (self, GST_BUFFER_PTS (buffer));
  GST_BUFFER_DTS (buffer) = to_running_time (self, GST_BUFFER_DTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (GST_BUFFER_DTS_OR_PTS (buffer)))
    return buffer;
  gst_buffer_unref (buffer);
  return NULL;
}

static void
note_arrival (GstRcastTap * self)
{
  if (g_atomic_int_compare_and_exchange (&self->expecting, TRUE, FALSE))
    self->arrived (self->data);
}

/* Always returns OK: the outlet deals with downstream, and the connection goes on. */
static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRcastTap *self = GST_RCAST_TAP (parent);
  g_autoptr (GstRcastOutlet) outlet = NULL;

  if (!g_atomic_int_get (&self->open)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  outlet = obtain_outlet (self);
  buffer = convert_time (self, buffer);
  if (outlet && buffer) {
    note_arrival (self);
    gst_rcast_outlet_push (outlet, self->sink, self->serial, self->caps,
        buffer);
  } else {
    gst_clear_buffer (&buffer);
  }
  /* The tap may have been stopped meanwhile. */
  if (outlet && !g_atomic_int_get (&self->open))
    gst_rcast_outlet_leave (outlet, self->sink);
  return GST_FLOW_OK;
}

static gboolean
handle_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastTap *self = GST_RCAST_TAP (parent);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      gst_clear_caps (&self->caps);
      self->caps = strip_caps (caps);
      self->refused = FALSE;
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      break;
    default:
      break;
  }
  gst_event_unref (event);
  return TRUE;
}

/* Lets media through from the next key frame on, or stops it. Any thread, as for all
 * functions below */
void
gst_rcast_tap_set_open (GstRcastTap * self, gboolean open)
{
  gboolean was = g_atomic_int_exchange (&self->open, open);

  if (open && !was) {
    gst_rcast_tap_expect (self);
    gst_rcast_tap_request_key_frame (self);
  }
}

/* The next media is an arrival. */
void
gst_rcast_tap_expect (GstRcastTap * self)
{
  g_atomic_int_set (&self->expecting, TRUE);
}

void
gst_rcast_tap_request_key_frame (GstRcastTap * self)
{
  if (self->media == GST_RCAST_MEDIA_VIDEO)
    gst_pad_push_event (self->sink, gst_video_event_new_upstream_force_key_unit
        (GST_CLOCK_TIME_NONE, TRUE, 0));
}

/* No media passes after this. Twice is fine. */
void
gst_rcast_tap_stop (GstRcastTap * self)
{
  g_autoptr (GstRcastOutlet) outlet = dup_outlet (self);

  g_atomic_int_set (&self->open, FALSE);
  if (outlet)
    gst_rcast_outlet_leave (outlet, self->sink);
}

/**
 * gst_rcast_tap_new:
 * @outlets: take its stream
 * @media: kind of the stream
 * @index: its index among the streams of that @media
 * @serial: serial number of the connection; a higher one is newer
 * @arrived: called when media arrives
 * @data: for @arrived; valid as long as the tap runs
 *
 * Returns: (transfer floating): a closed tap
 */
GstElement *
gst_rcast_tap_new (GstRcastOutlets * outlets, GstRcastMedia media,
    guint index, guint serial, GstRcastTapArrived arrived, gpointer data)
{
  GstRcastTap *self = g_object_new (GST_TYPE_RCAST_TAP, NULL);

  self->outlets = gst_object_ref (outlets);
  self->media = media;
  self->index = index;
  self->serial = serial;
  self->arrived = arrived;
  self->data = data;
  return GST_ELEMENT (self);
}

static void
gst_rcast_tap_finalize (GObject * object)
{
  GstRcastTap *self = GST_RCAST_TAP (object);

  gst_clear_object (&self->outlet);
  gst_object_unref (self->outlets);
  gst_clear_caps (&self->caps);
  G_OBJECT_CLASS (gst_rcast_tap_parent_class)->finalize (object);
}

static void
gst_rcast_tap_class_init (GstRcastTapClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_tap_finalize;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Rcast tap",
      "Sink/Network/WebRTC", "Hands a received stream over",
      "The gst-rcast developers");
}

static void
gst_rcast_tap_init (GstRcastTap * self)
{
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, chain);
  gst_pad_set_event_function (self->sink, handle_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
}
