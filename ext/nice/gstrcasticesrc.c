/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The source that feeds the received packets of all generations into webrtcbin. */
#include "config.h"

#include "gstrcasticesrc.h"

/* A live source without its own thread: packets arrive on the agent's thread. */
struct _GstRcastIceSrc
{
  GstElement parent;
  /* Set once, by the constructor. */
  GObject *stream;              /* keeps the publisher alive */
  GstRcastIcePublisher *publisher;
  GstRcastIceInlet *inlet;
  GstPad *pad;
};

G_DEFINE_FINAL_TYPE (GstRcastIceSrc, gst_rcast_ice_src, GST_TYPE_ELEMENT);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Pushes the events that precede the first packet. */
static void
begin (GstRcastIceSrc * self)
{
  g_autofree gchar *id = gst_pad_create_stream_id (self->pad,
      GST_ELEMENT (self), NULL);
  g_autoptr (GstEvent) start = gst_event_new_stream_start (id);
  g_autoptr (GstEvent) event = NULL;
  GstSegment segment;

  gst_event_set_group_id (start, gst_util_group_id_next ());
  gst_pad_store_sticky_event (self->pad, start);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  event = gst_event_new_segment (&segment);
  gst_pad_store_sticky_event (self->pad, event);
}

/* webrtcbin starts this element first and stops it last. */
static GstStateChangeReturn
gst_rcast_ice_src_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_rcast_ice_inlet_close (self->inlet);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_rcast_ice_publisher_set_stopped (self->publisher, TRUE);
  ret = GST_ELEMENT_CLASS (gst_rcast_ice_src_parent_class)->change_state
      (element, transition);
  if (ret == GST_STATE_CHANGE_FAILURE)
    return ret;
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      begin (self);
      gst_rcast_ice_publisher_set_stopped (self->publisher, FALSE);
      return GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      gst_rcast_ice_inlet_open (self->inlet, self->pad);
      return ret;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      return GST_STATE_CHANGE_NO_PREROLL;
    default:
      return ret;
  }
}

/* Takes and ignores all upstream events but seeks: the network cannot seek. */
static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gboolean taken = GST_EVENT_TYPE (event) != GST_EVENT_SEEK;

  gst_event_unref (event);
  return taken;
}

static gboolean
handle_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_rcast_ice_src_finalize (GObject * object)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (object);

  g_clear_pointer (&self->inlet, gst_rcast_ice_inlet_unref);
  g_clear_object (&self->stream);
  G_OBJECT_CLASS (gst_rcast_ice_src_parent_class)->finalize (object);
}

static void
gst_rcast_ice_src_class_init (GstRcastIceSrcClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_src_finalize;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "ICE source",
      "Source/Network", "Received packets of an ICE stream",
      "The gst-rcast developers");
  element_class->change_state = gst_rcast_ice_src_change_state;
}

static void
gst_rcast_ice_src_init (GstRcastIceSrc * self)
{
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
  self->pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->pad, take_event);
  gst_pad_set_query_function (self->pad, handle_query);
  gst_element_add_pad (GST_ELEMENT (self), self->pad);
}

/* Returns a full reference, not a floating one. */
GstElement *
gst_rcast_ice_src_new (GObject * stream, GstRcastIcePublisher * publisher,
    GstRcastIceInlet * inlet)
{
  GstRcastIceSrc *self = g_object_new (GST_TYPE_RCAST_ICE_SRC, NULL);

  self->stream = g_object_ref (stream);
  self->publisher = publisher;
  self->inlet = gst_rcast_ice_inlet_ref (inlet);
  return gst_object_ref_sink (self);
}
