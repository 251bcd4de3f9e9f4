/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes received packets from the agent's thread into webrtcbin. */
#include "config.h"

#include "gstrcasticeinlet.h"

#include "gstrcasticelog.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticeinlet", "packets into webrtcbin")

/* webrtcbin has a queue with its own thread behind the source. So the agent's thread pushes each
 * packet itself: another thread in between would cost more than all the agent's own work on a
 * packet. A full queue would block the agent's thread, and with it the checks and the path. So
 * never push into a full queue. Nobody else pushes, so free room stays free until it is used. */

/* How many elements may be between the source and that queue. */
#define MAX_STEPS 4
/* Size of our own queue in bytes, the same as webrtcbin's. */
#define OWN_ROOM (5 * 1024 * 1024)
/* How many packets to push before asking the queue for its level again. */
#define MAX_PACKETS 64

/* What a queue is sure to take without blocking. */
typedef struct
{
  guint packets, bytes;
} Room;

struct _GstRcastIceInlet
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: no other lock is taken under it */
  GstPad *pad;                  /* lock; NULL: closed */
  GstElement *queue;            /* lock; nullable; the queue behind @pad */
  guint64 dropped;              /* lock: packets dropped because the queue was full */
  Room room;                    /* under the stream lock of @pad */
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
  gst_clear_object (&inlet->queue);
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

/* Returns: (transfer full) (nullable): the element behind @pad */
static GstElement *
get_next (GstPad * pad)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

  return peer ? gst_pad_get_parent_element (peer) : NULL;
}

/* Whether @element is a queue: it has its own thread, and reports its level. */
static gboolean
is_queue (GstElement * element)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (element);

  return g_object_class_find_property (klass, "leaky")
      && g_object_class_find_property (klass, "current-level-time");
}

/* Returns: (transfer full) (nullable): the first queue behind @pad */
static GstElement *
find_queue (GstPad * pad)
{
  GstElement *element = get_next (pad);

  for (guint i = 0; element && i < MAX_STEPS; i++) {
    g_autoptr (GstElement) before = element;
    g_autoptr (GstPad) src = NULL;

    if (is_queue (element))
      return g_steal_pointer (&before);
    src = gst_element_get_static_pad (element, "src");
    element = src ? get_next (src) : NULL;
  }
  gst_clear_object (&element);
  return NULL;
}

/* Returns: (transfer full) (nullable): a new queue between @pad and its peer */
static GstElement *
insert_queue (GstPad * pad)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
  g_autoptr (GstObject) bin =
      element ? gst_object_get_parent (GST_OBJECT (element)) : NULL;
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
  g_autoptr (GstPad) in = NULL, out = NULL;
  GstElement *queue =
      bin && peer ? gst_element_factory_make ("queue", NULL) : NULL;

  if (!queue)
    return NULL;
  g_object_set (queue, "silent", TRUE, "max-size-buffers", 0, "max-size-time",
      G_GUINT64_CONSTANT (0), "max-size-bytes", OWN_ROOM, NULL);
  gst_bin_add (GST_BIN (bin), gst_object_ref (queue));
  in = gst_element_get_static_pad (queue, "sink");
  out = gst_element_get_static_pad (queue, "src");
  gst_pad_unlink (pad, peer);
  gst_pad_link (out, peer);
  gst_pad_link (pad, in);
  gst_element_set_state (queue, GST_STATE_PLAYING);
  return queue;
}

/* Everything behind webrtcbin's queue, up to the depayloaders, is too much work for the agent's
 * thread.
 * Returns: (transfer full) (nullable) */
static GstElement *
obtain_queue (GstPad * pad)
{
  GstElement *queue = find_queue (pad);

  if (queue || !gst_pad_is_linked (pad))
    return queue;
  GST_WARNING_OBJECT (pad, "no queue found in webrtcbin; using one more");
  return insert_queue (pad);
}

/* @pad: (nullable): of the source, linked and playing
 * @queue: (nullable): the queue behind @pad
 *
 * Waits until the current push is over, which never blocks. Releases the old objects without the
 * lock. */
static void
replace (GstRcastIceInlet * inlet, GstPad * pad, GstElement * queue)
{
  GstElement *old_queue;
  GstPad *old;

  g_mutex_lock (&inlet->lock);
  old = inlet->pad;
  inlet->pad = pad ? gst_object_ref (pad) : NULL;
  old_queue = inlet->queue;
  inlet->queue = queue ? gst_object_ref (queue) : NULL;
  g_mutex_unlock (&inlet->lock);
  if (old) {
    GST_PAD_STREAM_LOCK (old);
    GST_PAD_STREAM_UNLOCK (old);
  }
  gst_clear_object (&old);
  gst_clear_object (&old_queue);
}

/* @pad: of the source, linked and playing */
void
gst_rcast_ice_inlet_open (GstRcastIceInlet * inlet, GstPad * pad)
{
  g_autoptr (GstElement) queue = obtain_queue (pad);

  GST_PAD_STREAM_LOCK (pad);
  inlet->room = (Room) { 0 };
  GST_PAD_STREAM_UNLOCK (pad);
  replace (inlet, pad, queue);
}

/* A closed inlet accepts nothing and pushes nothing. */
void
gst_rcast_ice_inlet_close (GstRcastIceInlet * inlet)
{
  replace (inlet, NULL, NULL);
}

/* Reads the clock and its base time together. Returns: the running time, or GST_CLOCK_TIME_NONE
 * without a clock */
static GstClockTime
get_running_time (GstPad * pad)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
  g_autoptr (GstClock) clock = NULL;
  GstClockTime now, base = 0;

  if (element) {
    GST_OBJECT_LOCK (element);
    clock = GST_ELEMENT_CLOCK (element) ?
        gst_object_ref (GST_ELEMENT_CLOCK (element)) : NULL;
    base = element->base_time;
    GST_OBJECT_UNLOCK (element);
  }
  if (!clock)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  return now > base ? now - base : 0;
}

static guint
get_rest (guint level, guint max)
{
  return max == 0 ? G_MAXUINT : max - MIN (level, max);
}

static Room
ask_room (GstElement * queue)
{
  guint buffers, max_buffers, bytes, max_bytes;
  guint64 time, max_time;
  Room room;

  g_object_get (queue, "current-level-buffers", &buffers, "max-size-buffers",
      &max_buffers, "current-level-bytes", &bytes, "max-size-bytes",
      &max_bytes, "current-level-time", &time, "max-size-time", &max_time,
      NULL);
  room.packets = MIN (get_rest (buffers, max_buffers), MAX_PACKETS);
  room.bytes = get_rest (bytes, max_bytes);
  /* How much time a packet takes is known only once it is in the queue. */
  if (max_time > 0)
    room.packets = time < max_time ? MIN (room.packets, 1) : 0;
  return room;
}

/* A queue that is not full takes a packet of any size. With the stream lock held. Returns: whether
 * there is room, which is then used */
static gboolean
use_room (GstRcastIceInlet * inlet, GstElement * queue, gsize size)
{
  Room *room = &inlet->room;

  if (room->packets == 0 || room->bytes == 0)
    *room = ask_room (queue);
  if (room->packets == 0 || room->bytes == 0)
    return FALSE;
  room->packets--;
  room->bytes -= MIN (room->bytes, size);
  return TRUE;
}

/* With the stream lock held: releasing the queue waits for it. Returns: whether @pad is still open,
 * with @queue (transfer none) (nullable) */
static gboolean
get_queue (GstRcastIceInlet * inlet, GstPad * pad, GstElement ** queue)
{
  gboolean open;

  g_mutex_lock (&inlet->lock);
  open = inlet->pad == pad;
  *queue = inlet->queue;
  g_mutex_unlock (&inlet->lock);
  return open;
}

static GstFlowReturn
push_locked (GstRcastIceInlet * inlet, GstPad * pad, const guint8 * bytes,
    gsize size)
{
  GstElement *queue;
  GstBuffer *buffer;

  if (!get_queue (inlet, pad, &queue))
    return GST_FLOW_FLUSHING;
  if (!queue)
    return GST_FLOW_NOT_LINKED;
  if (!use_room (inlet, queue, size)) {
    count_dropped (inlet);
    return GST_FLOW_OK;
  }
  buffer = gst_buffer_new_memdup (bytes, size);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = get_running_time (pad);
  return gst_pad_push (pad, buffer);
}

/* Returns: whether the pad accepts nothing any more */
static gboolean
is_end (GstFlowReturn ret)
{
  return ret == GST_FLOW_NOT_LINKED || ret <= GST_FLOW_EOS;
}

/* Takes the stream lock, so that deactivating the pad waits for the push. */
static GstFlowReturn
hand_over (GstRcastIceInlet * inlet, GstPad * pad, const guint8 * bytes,
    gsize size)
{
  GstFlowReturn ret;

  GST_PAD_STREAM_LOCK (pad);
  ret = push_locked (inlet, pad, bytes, size);
  if (is_end (ret))
    gst_rcast_ice_inlet_close (inlet);
  GST_PAD_STREAM_UNLOCK (pad);
  return ret;
}

/* Nobody else posts the error. */
static void
report (GstPad * pad, GstFlowReturn ret)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);

  if (element)
    GST_ELEMENT_FLOW_ERROR (element, ret);
}

/* A packet has just arrived. On the agent's thread */
void
gst_rcast_ice_inlet_push (GstRcastIceInlet * inlet, const guint8 * bytes,
    gsize size)
{
  GstFlowReturn ret;
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&inlet->lock);
  pad = inlet->pad ? gst_object_ref (inlet->pad) : NULL;
  g_mutex_unlock (&inlet->lock);
  if (!pad)
    return;
  ret = hand_over (inlet, pad, bytes, size);
  if (is_end (ret) && ret != GST_FLOW_EOS)
    report (pad, ret);
}

/* Returns: how many packets were dropped because the queue was full. Packets that arrive while the
 * inlet is closed do not count */
guint64
gst_rcast_ice_inlet_get_dropped (GstRcastIceInlet * inlet)
{
  guint64 dropped;

  g_mutex_lock (&inlet->lock);
  dropped = inlet->dropped;
  g_mutex_unlock (&inlet->lock);
  return dropped;
}
