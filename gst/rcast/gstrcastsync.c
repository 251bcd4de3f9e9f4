/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the streams of one broadcast share to stay in sync: common jumps, and the audio clock. */
#include "config.h"

#include "gstrcastsync.h"

struct _GstRcastSync
{
  GMutex lock;                  /* a leaf */
  GstRcastTimeline timeline;    /* lock */
  gint64 audio_drift;           /* lock */
};

GstRcastSync *
gst_rcast_sync_new (void)
{
  GstRcastSync *sync = g_atomic_rc_box_new0 (GstRcastSync);

  g_mutex_init (&sync->lock);
  gst_rcast_timeline_init (&sync->timeline);
  return sync;
}

GstRcastSync *
gst_rcast_sync_ref (GstRcastSync * sync)
{
  return g_atomic_rc_box_acquire (sync);
}

static void
clear (gpointer data)
{
  GstRcastSync *sync = data;

  g_mutex_clear (&sync->lock);
}

void
gst_rcast_sync_unref (GstRcastSync * sync)
{
  g_atomic_rc_box_release_full (sync, clear);
}

/* As gst_rcast_epoch_map() */
void
gst_rcast_sync_map (GstRcastSync * sync, GstRcastEpoch * epoch,
    const GstRcastEpochInput * input, GstRcastEpochOutput * output)
{
  g_mutex_lock (&sync->lock);
  gst_rcast_epoch_map (epoch, &sync->timeline, input, output);
  g_mutex_unlock (&sync->lock);
}

/* @drift: the part of the audio drift that its RTP timestamps do not follow, in ns */
void
gst_rcast_sync_set_audio_drift (GstRcastSync * sync, gint64 drift)
{
  g_mutex_lock (&sync->lock);
  sync->audio_drift = drift;
  g_mutex_unlock (&sync->lock);
}

gint64
gst_rcast_sync_get_audio_drift (GstRcastSync * sync)
{
  gint64 drift;

  g_mutex_lock (&sync->lock);
  drift = sync->audio_drift;
  g_mutex_unlock (&sync->lock);
  return drift;
}
