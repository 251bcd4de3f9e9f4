/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By which received packets get from the agent's thread into webrtcbin. */
#include "config.h"

#include "gstrcasticeinlet.h"

/* webrtcbin has a queue and a thread behind its source, so the agent's thread hands each
 * packet over by itself: one more thread in between would cost more than all that this
 * one does with a packet. */

/* So many elements may be between the source and that queue. */
#define MAX_STEPS 4
/* Of the property `leaky` of a queue: the oldest are dropped. */
#define LEAKY_DOWNSTREAM 2

struct _GstRcastIceInlet
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: nothing is called under it */
  GstPad *pad;                  /* lock; NULL: it is closed */
  guint64 dropped;              /* lock: packets that webrtcbin has not taken */
};

GstRcastIceInlet *
gst_rcast_ice_inlet_new (void)
{
  GstRcastIceInlet *inlet = g_new0 (GstRcastIceInlet, 1);

  g_atomic_ref_count_init (&inlet->ref_count);
  g_mutex_init (&inlet->lock);
  return inlet;
}

GstRcastIceInlet *
gst_rcast_ice_inlet_ref (GstRcastIceInlet * inlet)
{
  g_atomic_ref_count_inc (&inlet->ref_count);
  return inlet;
}

void
gst_rcast_ice_inlet_unref (GstRcastIceInlet * inlet)
{
  if (!g_atomic_ref_count_dec (&inlet->ref_count))
    return;
  gst_clear_object (&inlet->pad);
  g_mutex_clear (&inlet->lock);
  g_free (inlet);
}

static void
count_dropped (GstRcastIceInlet * inlet)
{
  g_mutex_lock (&inlet->lock);
  inlet->dropped++;
  g_mutex_unlock (&inlet->lock);
}

/* webrtcbin takes nothing any more. A queue that waited for room would hold up the checks,
 * and with them the path. */
static void
on_overrun (GstElement * queue, GstRcastIceInlet * inlet)
{
  g_object_set (queue, "leaky", LEAKY_DOWNSTREAM, NULL);
  count_dropped (inlet);
}

static void
release_inlet (gpointer data, GClosure * closure)
{
  gst_rcast_ice_inlet_unref (data);
}

/* Returns: (transfer full) (nullable): the element behind @pad */
static GstElement *
get_next (GstPad * pad)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

  return peer ? gst_pad_get_parent_element (peer) : NULL;
}

/* Returns: (transfer full) (nullable): the first queue behind @pad */
static GstElement *
find_queue (GstPad * pad)
{
  GstElement *element = get_next (pad);

  for (guint i = 0; element && i < MAX_STEPS; i++) {
    g_autoptr (GstElement) before = element;
    g_autoptr (GstPad) src = NULL;

    if (g_signal_lookup ("overrun", G_OBJECT_TYPE (element)))
      return g_steal_pointer (&before);
    src = gst_element_get_static_pad (element, "src");
    element = src ? get_next (src) : NULL;
  }
  gst_clear_object (&element);
  return NULL;
}

static void
watch_queue (GstRcastIceInlet * inlet, GstPad * pad)
{
  g_autoptr (GstElement) queue = find_queue (pad);

  if (queue && g_signal_handler_find (queue, G_SIGNAL_MATCH_FUNC
          | G_SIGNAL_MATCH_DATA, 0, 0, NULL, on_overrun, inlet) == 0)
    g_signal_connect_data (queue, "overrun", G_CALLBACK (on_overrun),
        gst_rcast_ice_inlet_ref (inlet), release_inlet, 0);
}

/* @pad: of the source that is linked, and plays */
void
gst_rcast_ice_inlet_open (GstRcastIceInlet * inlet, GstPad * pad)
{
  watch_queue (inlet, pad);
  g_mutex_lock (&inlet->lock);
  gst_object_replace ((GstObject **) & inlet->pad, GST_OBJECT (pad));
  g_mutex_unlock (&inlet->lock);
}

/* A closed one takes nothing. What is just handed over ends with the pad. */
void
gst_rcast_ice_inlet_close (GstRcastIceInlet * inlet)
{
  g_mutex_lock (&inlet->lock);
  gst_clear_object (&inlet->pad);
  g_mutex_unlock (&inlet->lock);
}

/* Returns: the running time, GST_CLOCK_TIME_NONE without a clock */
static GstClockTime
get_running_time (GstPad * pad)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
  g_autoptr (GstClock) clock = element ? gst_element_get_clock (element) : NULL;
  GstClockTime now, base;

  if (!clock)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  base = gst_element_get_base_time (element);
  return now > base ? now - base : 0;
}

/* Under the lock of a streaming thread, for which the end of the pad waits. */
static GstFlowReturn
hand_over (GstPad * pad, const guint8 * bytes, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_memdup (bytes, size);
  GstFlowReturn ret;

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = get_running_time (pad);
  GST_PAD_STREAM_LOCK (pad);
  ret = gst_pad_push (pad, buffer);
  GST_PAD_STREAM_UNLOCK (pad);
  return ret;
}

/* Nothing is taken any more, and nobody else says so. */
static void
fail (GstRcastIceInlet * inlet, GstPad * pad, GstFlowReturn ret)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);

  gst_rcast_ice_inlet_close (inlet);
  if (element)
    GST_ELEMENT_FLOW_ERROR (element, ret);
}

/* A packet that has just come. The agent's thread */
void
gst_rcast_ice_inlet_push (GstRcastIceInlet * inlet, const guint8 * bytes,
    gsize size)
{
  GstFlowReturn ret = GST_FLOW_FLUSHING;
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&inlet->lock);
  pad = inlet->pad ? gst_object_ref (inlet->pad) : NULL;
  g_mutex_unlock (&inlet->lock);
  if (pad)
    ret = hand_over (pad, bytes, size);
  if (ret != GST_FLOW_OK)
    count_dropped (inlet);
  if (ret == GST_FLOW_NOT_LINKED || ret < GST_FLOW_EOS)
    fail (inlet, pad, ret);
}

guint64
gst_rcast_ice_inlet_get_dropped (GstRcastIceInlet * inlet)
{
  guint64 dropped;

  g_mutex_lock (&inlet->lock);
  dropped = inlet->dropped;
  g_mutex_unlock (&inlet->lock);
  return dropped;
}
