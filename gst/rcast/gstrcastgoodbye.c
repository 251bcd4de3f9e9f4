/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a shutdown waits for: sessions that are closing, and queued stops. */
#include "config.h"

#include "gstrcastgoodbye.h"

/* How long a shutdown waits for the server's answer to the goodbye, whatever the signaller's own
 * timeout is. On the loop's own thread it is less than the loop lingers. */
#define TIMEOUT_US (5 * G_USEC_PER_SEC)
#define TIMEOUT_HERE_MS 4000

struct _GstRcastGoodbye
{
  GstRcastLoop *loop;           /* constant */
  GMutex lock;                  /* a leaf */
  GCond fewer;                  /* lock: n has fallen */
  guint n;                      /* lock: sessions and stops in progress */

  /* the loop's thread */
  GSource *timer;               /* NULL: nobody waits on the loop's thread */
  void (*over) (gpointer data);
  gpointer data;
};

GstRcastGoodbye *
gst_rcast_goodbye_new (GstRcastLoop * loop)
{
  GstRcastGoodbye *self = g_new0 (GstRcastGoodbye, 1);

  self->loop = gst_rcast_loop_ref (loop);
  g_mutex_init (&self->lock);
  g_cond_init (&self->fewer);
  return self;
}

void
gst_rcast_goodbye_free (GstRcastGoodbye * self)
{
  g_assert (!self->timer);
  gst_rcast_loop_unref (self->loop);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->fewer);
  g_free (self);
}

/* Adds something to wait for. Any thread */
void
gst_rcast_goodbye_begin (GstRcastGoodbye * self)
{
  g_mutex_lock (&self->lock);
  self->n++;
  g_mutex_unlock (&self->lock);
}

static gboolean
is_over (GstRcastGoodbye * self)
{
  gboolean over;

  g_mutex_lock (&self->lock);
  over = self->n == 0;
  g_mutex_unlock (&self->lock);
  return over;
}

static gboolean
finish (gpointer data)
{
  GstRcastGoodbye *self = data;
  GstRcastLoop *loop = self->loop;

  gst_rcast_source_clear (&self->timer);
  gst_rcast_loop_release (loop);
  self->over (self->data);
  return G_SOURCE_REMOVE;
}

/* One of them has ended. The loop's thread; may call the callback that waits there */
void
gst_rcast_goodbye_end (GstRcastGoodbye * self)
{
  g_mutex_lock (&self->lock);
  self->n--;
  g_cond_broadcast (&self->fewer);
  g_mutex_unlock (&self->lock);
  if (self->timer && is_over (self))
    finish (self);
}

/* Waits until everything has ended, for a limited time. Not on the loop's thread */
void
gst_rcast_goodbye_wait (GstRcastGoodbye * self)
{
  gint64 end = g_get_monotonic_time () + TIMEOUT_US;

  g_mutex_lock (&self->lock);
  while (self->n > 0 && g_cond_wait_until (&self->fewer, &self->lock, end));
  g_mutex_unlock (&self->lock);
}

/**
 * gst_rcast_goodbye_wait_here:
 * @over: called when everything has ended: at once or later, but before the loop ends
 * @data: for @over, which may free it and the goodbye
 *
 * Waits on the loop's thread. Call it only once.
 */
void
gst_rcast_goodbye_wait_here (GstRcastGoodbye * self, void (*over) (gpointer),
    gpointer data)
{
  self->over = over;
  self->data = data;
  if (is_over (self)) {
    over (data);
    return;
  }
  gst_rcast_loop_hold (self->loop);
  self->timer = gst_rcast_loop_add_timeout (self->loop, TIMEOUT_HERE_MS, finish,
      self);
}
