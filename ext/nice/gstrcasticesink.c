/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sink through which webrtcbin sends, on whichever paths are in use. */
#include "config.h"

#include "gstrcasticesink.h"

#define MAX_BATCH GST_RCAST_ICE_MAX_BATCH

struct _GstRcastIceSink
{
  GstBaseSink parent;
  /* Set once, by the constructor. */
  GObject *stream;              /* keeps the sender alive */
  GstRcastIceSender *sender;
};

G_DEFINE_FINAL_TYPE (GstRcastIceSink, gst_rcast_ice_sink, GST_TYPE_BASE_SINK);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Always returns FLOW_OK: the network never blocks, ends or fails the streaming thread. */
static GstFlowReturn
gst_rcast_ice_sink_render (GstBaseSink * base, GstBuffer * buffer)
{
  GstRcastIceSink *self = GST_RCAST_ICE_SINK (base);
  GstMapInfo map;
  GOutputVector vector;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_FLOW_OK;
  vector.buffer = map.data;
  vector.size = map.size;
  gst_rcast_ice_sender_send (self->sender, &vector, 1);
  gst_buffer_unmap (buffer, &map);
  return GST_FLOW_OK;
}

static void
send_batch (GstRcastIceSink * self, GstBufferList * list, guint first,
    guint count)
{
  GstMapInfo maps[MAX_BATCH];
  GOutputVector vectors[MAX_BATCH];
  GstBuffer *buffers[MAX_BATCH];
  guint n = 0;

  for (guint i = first; i < first + count; i++) {
    buffers[n] = gst_buffer_list_get (list, i);
    if (!gst_buffer_map (buffers[n], &maps[n], GST_MAP_READ))
      continue;
    vectors[n].buffer = maps[n].data;
    vectors[n].size = maps[n].size;
    n++;
  }
  gst_rcast_ice_sender_send (self->sender, vectors, n);
  while (n > 0) {
    n--;
    gst_buffer_unmap (buffers[n], &maps[n]);
  }
}

static GstFlowReturn
gst_rcast_ice_sink_render_list (GstBaseSink * base, GstBufferList * list)
{
  GstRcastIceSink *self = GST_RCAST_ICE_SINK (base);
  guint length = gst_buffer_list_length (list);

  for (guint i = 0; i < length; i += MAX_BATCH)
    send_batch (self, list, i, MIN (MAX_BATCH, length - i));
  return GST_FLOW_OK;
}

static void
gst_rcast_ice_sink_finalize (GObject * object)
{
  GstRcastIceSink *self = GST_RCAST_ICE_SINK (object);

  g_clear_object (&self->stream);
  G_OBJECT_CLASS (gst_rcast_ice_sink_parent_class)->finalize (object);
}

static void
gst_rcast_ice_sink_class_init (GstRcastIceSinkClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_sink_finalize;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "ICE sink",
      "Sink/Network", "Sends packets of an ICE stream",
      "The gst-rcast developers");
  base_class->render = gst_rcast_ice_sink_render;
  base_class->render_list = gst_rcast_ice_sink_render_list;
}

static void
gst_rcast_ice_sink_init (GstRcastIceSink * self)
{
  GstBaseSink *base = GST_BASE_SINK (self);

  gst_base_sink_set_sync (base, FALSE);
  gst_base_sink_set_async_enabled (base, FALSE);
  gst_base_sink_set_last_sample_enabled (base, FALSE);
  gst_base_sink_set_drop_out_of_segment (base, FALSE);
}

/* Returns a full reference, not a floating one. */
GstElement *
gst_rcast_ice_sink_new (GObject * stream, GstRcastIceSender * sender)
{
  GstRcastIceSink *self = g_object_new (GST_TYPE_RCAST_ICE_SINK, NULL);

  self->stream = g_object_ref (stream);
  self->sender = sender;
  return gst_object_ref_sink (self);
}
