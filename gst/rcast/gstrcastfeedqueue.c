/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packets that wait in a feed. */
#include "config.h"

#include "gstrcastfeedqueue.h"

/* Older media is of no use to live viewers. A queue that is longer (webrtcbin blocks its pads
 * until DTLS is up) is dropped in favour of a key frame. */
#define MAX_TIME (1 * GST_SECOND)
/* One second at 128 Mbit/s; limits the memory if arrival times are not known. */
#define MAX_BYTES (16 * 1024 * 1024)

/* Remaining items are moved once per so many packets, not once per packet. */
#define MOVED 256

struct _GstRcastFeedQueue
{
  GArray *items;                /* of GstRcastFeedItem, the first n_taken have been taken */
  guint n_taken;
  gsize bytes;
};

static void
item_clear (gpointer data)
{
  gst_clear_buffer (&((GstRcastFeedItem *) data)->buffer);
}

static GArray *
new_items (void)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (GstRcastFeedItem));

  g_array_set_clear_func (items, item_clear);
  return items;
}

GstRcastFeedQueue *
gst_rcast_feed_queue_new (void)
{
  GstRcastFeedQueue *queue = g_new0 (GstRcastFeedQueue, 1);

  queue->items = new_items ();
  return queue;
}

void
gst_rcast_feed_queue_free (GstRcastFeedQueue * queue)
{
  g_array_unref (queue->items);
  g_free (queue);
}

static GstRcastFeedItem *
get_item (const GstRcastFeedQueue * queue, guint i)
{
  return &g_array_index (queue->items, GstRcastFeedItem, queue->n_taken + i);
}

guint
gst_rcast_feed_queue_get_length (const GstRcastFeedQueue * queue)
{
  return queue->items->len - queue->n_taken;
}

void
gst_rcast_feed_queue_push (GstRcastFeedQueue * queue,
    const GstRcastFeedItem * item)
{
  g_array_append_vals (queue->items, item, 1);
  queue->bytes += gst_buffer_get_size (item->buffer);
}

/* Returns: how many packets were dropped */
guint
gst_rcast_feed_queue_clear (GstRcastFeedQueue * queue)
{
  guint n = gst_rcast_feed_queue_get_length (queue);

  g_array_set_size (queue->items, 0);
  queue->n_taken = 0;
  queue->bytes = 0;
  return n;
}

/* Returns: whether the queue is too long for live viewers */
gboolean
gst_rcast_feed_queue_is_full (const GstRcastFeedQueue * queue)
{
  guint n = gst_rcast_feed_queue_get_length (queue);
  GstClockTime oldest, newest;

  if (n == 0 || queue->bytes > MAX_BYTES)
    return n > 0;
  oldest = get_item (queue, 0)->arrival;
  newest = get_item (queue, n - 1)->arrival;
  return GST_CLOCK_TIME_IS_VALID (oldest) && GST_CLOCK_TIME_IS_VALID (newest)
      && newest > oldest && newest - oldest > MAX_TIME;
}

/* @size: (out): their size on the wire
 * Returns: how many packets of the same frame there are from number @first on */
static guint
count_frame (const GstRcastFeedQueue * queue, guint first, gsize * size)
{
  guint n = gst_rcast_feed_queue_get_length (queue), i = first;

  *size = 0;
  while (i < n && get_item (queue, i)->running_time
      == get_item (queue, first)->running_time)
    *size += gst_buffer_get_size (get_item (queue, i++)->buffer)
        + GST_RCAST_FEED_WIRE_SIZE;
  return i - first;
}

/* Adds each frame of the queue to @waiting. */
void
gst_rcast_feed_queue_list (const GstRcastFeedQueue * queue,
    GstRcastPacerQueue * waiting, GstClockTime now)
{
  guint n = gst_rcast_feed_queue_get_length (queue);
  gsize size;

  for (guint i = 0; i < n;) {
    GstClockTime came = get_item (queue, i)->came;

    i += count_frame (queue, i, &size);
    gst_rcast_pacer_queue_add (waiting, size, came, now);
  }
}

static void
forget_taken (GstRcastFeedQueue * queue)
{
  if (queue->n_taken < queue->items->len && queue->n_taken < MOVED)
    return;
  g_array_remove_range (queue->items, 0, queue->n_taken);
  queue->n_taken = 0;
}

/**
 * gst_rcast_feed_queue_take_frame:
 * @queue: the queue; it is not empty
 * @room: (inout): bytes on the wire that may leave; lowered by those that do
 *
 * Returns: (transfer full) (element-type GstRcastFeedItem): packets of the first frame; the last
 *   one may exceed the room
 */
GArray *
gst_rcast_feed_queue_take_frame (GstRcastFeedQueue * queue, gsize * room)
{
  GArray *frame = new_items ();
  gsize size;
  guint n = count_frame (queue, 0, &size);

  for (guint i = 0; i < n && *room > 0; i++) {
    GstRcastFeedItem *item = get_item (queue, 0);

    size = gst_buffer_get_size (item->buffer);
    *room -= MIN (*room, size + GST_RCAST_FEED_WIRE_SIZE);
    queue->bytes -= size;
    queue->n_taken++;
    g_array_append_vals (frame, item, 1);
    item->buffer = NULL;
  }
  forget_taken (queue);
  return frame;
}
