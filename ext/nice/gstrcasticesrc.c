/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The element that hands received packets of all generations to webrtcbin. */
#include "config.h"

#include "gstrcasticesrc.h"

struct _GstRcastIceSrc
{
  GstPushSrc parent;
  /* Set once, by the constructor. */
  GObject *stream;              /* keeps the publisher alive */
  GstRcastIcePublisher *publisher;
  GstRcastIceQueue *queue;
};

G_DEFINE_FINAL_TYPE (GstRcastIceSrc, gst_rcast_ice_src, GST_TYPE_PUSH_SRC);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
gst_rcast_ice_src_create (GstPushSrc * push, GstBuffer ** buffer)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (push);

  *buffer = gst_rcast_ice_queue_pop (self->queue);
  return *buffer ? GST_FLOW_OK : GST_FLOW_FLUSHING;
}

static gboolean
gst_rcast_ice_src_unlock (GstBaseSrc * base)
{
  gst_rcast_ice_queue_set_flushing (GST_RCAST_ICE_SRC (base)->queue, TRUE);
  return TRUE;
}

static gboolean
gst_rcast_ice_src_unlock_stop (GstBaseSrc * base)
{
  gst_rcast_ice_queue_set_flushing (GST_RCAST_ICE_SRC (base)->queue, FALSE);
  return TRUE;
}

/* From 1.26 on an unlock_stop() for PLAYING may come after the unlock() of the stop
 * that followed at once: unlock() alone does not end the wait for a packet. */
static GstStateChangeReturn
gst_rcast_ice_src_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastIceQueue *queue = GST_RCAST_ICE_SRC (element)->queue;
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    gst_rcast_ice_queue_set_reading (queue, TRUE);
  ret = GST_ELEMENT_CLASS (gst_rcast_ice_src_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_rcast_ice_queue_set_reading (queue, FALSE);
  return ret;
}

static gboolean
gst_rcast_ice_src_start (GstBaseSrc * base)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (base);

  gst_rcast_ice_queue_set_open (self->queue, TRUE);
  gst_rcast_ice_publisher_set_stopped (self->publisher, FALSE);
  return TRUE;
}

/* webrtcbin starts this element first and stops it last. */
static gboolean
gst_rcast_ice_src_stop (GstBaseSrc * base)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (base);

  gst_rcast_ice_publisher_set_stopped (self->publisher, TRUE);
  gst_rcast_ice_queue_set_open (self->queue, FALSE);
  return TRUE;
}

static void
gst_rcast_ice_src_finalize (GObject * object)
{
  GstRcastIceSrc *self = GST_RCAST_ICE_SRC (object);

  g_clear_pointer (&self->queue, gst_rcast_ice_queue_unref);
  g_clear_object (&self->stream);
  G_OBJECT_CLASS (gst_rcast_ice_src_parent_class)->finalize (object);
}

static void
gst_rcast_ice_src_class_init (GstRcastIceSrcClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_src_finalize;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "ICE source",
      "Source/Network", "Received packets of an ICE stream",
      "The gst-rcast developers");
  element_class->change_state = gst_rcast_ice_src_change_state;
  base_class->start = gst_rcast_ice_src_start;
  base_class->stop = gst_rcast_ice_src_stop;
  base_class->unlock = gst_rcast_ice_src_unlock;
  base_class->unlock_stop = gst_rcast_ice_src_unlock_stop;
  GST_PUSH_SRC_CLASS (klass)->create = gst_rcast_ice_src_create;
}

static void
gst_rcast_ice_src_init (GstRcastIceSrc * self)
{
  GstBaseSrc *base = GST_BASE_SRC (self);

  gst_base_src_set_live (base, TRUE);
  gst_base_src_set_format (base, GST_FORMAT_TIME);
  gst_base_src_set_do_timestamp (base, TRUE);
}

/* Returns a full, not floating, reference. */
GstElement *
gst_rcast_ice_src_new (GObject * stream, GstRcastIcePublisher * publisher,
    GstRcastIceQueue * queue)
{
  GstRcastIceSrc *self = g_object_new (GST_TYPE_RCAST_ICE_SRC, NULL);

  self->stream = g_object_ref (stream);
  self->publisher = publisher;
  self->queue = gst_rcast_ice_queue_ref (queue);
  return gst_object_ref_sink (self);
}
