/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Received packets on their way from the agent's thread to the source element. */
#include "config.h"

#include "gstrcasticequeue.h"

/* About two seconds of a 20 Mbit/s stream: the reader is stuck beyond that. */
#define MAX_PACKETS 4096

struct _GstRcastIceQueue
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: nothing is called under it */
  GCond cond;
  GQueue buffers;               /* lock */
  gboolean open;                /* lock: between start and stop of the source */
  gboolean flushing;            /* lock */
  gboolean reading;             /* lock: while the source plays */
  guint64 dropped;              /* lock: buffers that were not read */
};

GstRcastIceQueue *
gst_rcast_ice_queue_new (void)
{
  GstRcastIceQueue *queue = g_new0 (GstRcastIceQueue, 1);

  g_atomic_ref_count_init (&queue->ref_count);
  g_mutex_init (&queue->lock);
  g_cond_init (&queue->cond);
  g_queue_init (&queue->buffers);
  return queue;
}

GstRcastIceQueue *
gst_rcast_ice_queue_ref (GstRcastIceQueue * queue)
{
  g_atomic_ref_count_inc (&queue->ref_count);
  return queue;
}

void
gst_rcast_ice_queue_unref (GstRcastIceQueue * queue)
{
  if (!g_atomic_ref_count_dec (&queue->ref_count))
    return;
  g_queue_clear_full (&queue->buffers, (GDestroyNotify) gst_buffer_unref);
  g_mutex_clear (&queue->lock);
  g_cond_clear (&queue->cond);
  g_free (queue);
}

/* A closed queue takes nothing, and forgets what it held. */
void
gst_rcast_ice_queue_set_open (GstRcastIceQueue * queue, gboolean open)
{
  GQueue dropped = G_QUEUE_INIT;

  g_mutex_lock (&queue->lock);
  queue->open = open;
  if (!open) {
    dropped = queue->buffers;
    g_queue_init (&queue->buffers);
  }
  g_mutex_unlock (&queue->lock);
  g_queue_clear_full (&dropped, (GDestroyNotify) gst_buffer_unref);
}

/* @flag: one of @queue that a wait for packets checks */
static void
set_flag (GstRcastIceQueue * queue, gboolean * flag, gboolean value)
{
  g_mutex_lock (&queue->lock);
  *flag = value;
  g_cond_broadcast (&queue->cond);
  g_mutex_unlock (&queue->lock);
}

void
gst_rcast_ice_queue_set_flushing (GstRcastIceQueue * queue, gboolean flushing)
{
  set_flag (queue, &queue->flushing, flushing);
}

/* Without it nobody waits for a packet, flushing or not. */
void
gst_rcast_ice_queue_set_reading (GstRcastIceQueue * queue, gboolean reading)
{
  set_flag (queue, &queue->reading, reading);
}

/* Takes @buffer, and drops it if there is no room or no reader. The one reader is woken
 * without the lock, which it would only have to wait for, and only if it may be
 * waiting. */
void
gst_rcast_ice_queue_push (GstRcastIceQueue * queue, GstBuffer * buffer)
{
  gboolean taken;
  gboolean first;

  g_mutex_lock (&queue->lock);
  taken = queue->open && !queue->flushing
      && queue->buffers.length < MAX_PACKETS;
  first = g_queue_is_empty (&queue->buffers);
  if (taken)
    g_queue_push_tail (&queue->buffers, buffer);
  else
    queue->dropped++;
  g_mutex_unlock (&queue->lock);
  if (taken && first)
    g_cond_signal (&queue->cond);
  if (!taken)
    gst_buffer_unref (buffer);
}

guint64
gst_rcast_ice_queue_get_dropped (GstRcastIceQueue * queue)
{
  guint64 dropped;

  g_mutex_lock (&queue->lock);
  dropped = queue->dropped;
  g_mutex_unlock (&queue->lock);
  return dropped;
}

static gboolean
is_wanted_locked (GstRcastIceQueue * queue)
{
  return queue->reading && !queue->flushing;
}

/* Waits for a packet; NULL when flushing, or without a reader. */
GstBuffer *
gst_rcast_ice_queue_pop (GstRcastIceQueue * queue)
{
  GstBuffer *buffer = NULL;

  g_mutex_lock (&queue->lock);
  while (is_wanted_locked (queue) && g_queue_is_empty (&queue->buffers))
    g_cond_wait (&queue->cond, &queue->lock);
  if (is_wanted_locked (queue))
    buffer = g_queue_pop_head (&queue->buffers);
  g_mutex_unlock (&queue->lock);
  return buffer;
}
