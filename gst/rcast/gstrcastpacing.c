/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pacer that the feeds of one webrtcbin share. */
#include "config.h"

#include "gstrcastpacing.h"

/* Any thread */
struct _GstRcastPacing
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: nothing is called under it */
  GstRcastPacer pacer;          /* lock */
};

/* Returns: (transfer full): a pacer with nothing waiting */
GstRcastPacing *
gst_rcast_pacing_new (void)
{
  GstRcastPacing *self = g_new0 (GstRcastPacing, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  gst_rcast_pacer_init (&self->pacer);
  return self;
}

GstRcastPacing *
gst_rcast_pacing_ref (GstRcastPacing * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_rcast_pacing_unref (GstRcastPacing * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* As gst_rcast_pacer_set_rate() */
void
gst_rcast_pacing_set_rate (GstRcastPacing * self, guint64 rate, gsize burst)
{
  g_mutex_lock (&self->lock);
  gst_rcast_pacer_set_rate (&self->pacer, rate, burst,
      gst_util_get_timestamp ());
  g_mutex_unlock (&self->lock);
}

/* As gst_rcast_pacer_charge() */
void
gst_rcast_pacing_charge (GstRcastPacing * self, gsize bytes)
{
  g_mutex_lock (&self->lock);
  gst_rcast_pacer_charge (&self->pacer, bytes, gst_util_get_timestamp ());
  g_mutex_unlock (&self->lock);
}

/* As gst_rcast_pacer_get_room(); times are those of gst_util_get_timestamp(). */
gsize
gst_rcast_pacing_get_room (GstRcastPacing * self,
    const GstRcastPacerQueue * queue, GstClockTime * next)
{
  gsize room;

  g_mutex_lock (&self->lock);
  room = gst_rcast_pacer_get_room (&self->pacer, queue,
      gst_util_get_timestamp (), next);
  g_mutex_unlock (&self->lock);
  return room;
}
