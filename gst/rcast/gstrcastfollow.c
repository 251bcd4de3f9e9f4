/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes one stream follow what the network carries. */

/*
 * Targets come from any thread. The streaming thread obeys them in front of the encoder,
 * between two frames, and takes the time from these.
 */
#include "config.h"

#include "gstrcastfollow.h"

GST_DEBUG_CATEGORY_STATIC (follow_debug);
#define GST_CAT_DEFAULT follow_debug

struct _GstRcastFollow
{
  GstObject parent;

  GstRcastEncoding *encoding;   /* constant */

  GstPad *packets;              /* constant: where they leave */
  gulong packets_probe;         /* constant */

  guint64 target;               /* OBJECT_LOCK, as are all to the next: bit/s */
  guint64 n_skipped;            /* frames */

  /* Streaming thread; after PAUSED the state change. */
  GstPad *frames;               /* in front of the encoder, NULL: there is none */
  gulong frames_probe;
  gboolean video;
  GstRcastFollowPace pace;
  GstRcastFollowDebt debt;
};

G_DEFINE_TYPE_WITH_CODE (GstRcastFollow, gst_rcast_follow, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (follow_debug, "rcastfollow", 0,
        "rcast: a stream follows what the network carries"));

/* --- the encoder --- */

/* Tells the encoder what it has to make from @now on. */
static void
obey (GstRcastFollow * self, GstClockTime now)
{
  guint64 ceiling = gst_rcast_encoding_get_ceiling (self->encoding);
  guint64 target = gst_rcast_follow_get_target (self);
  guint64 wanted = MIN (target, ceiling);

  if (wanted == 0 || !gst_rcast_follow_pace_due (&self->pace, wanted, now))
    return;
  GST_DEBUG_OBJECT (self, "encodes with %" G_GUINT64_FORMAT " bit/s", wanted);
  gst_rcast_encoding_set_target (self->encoding, target);
  gst_rcast_follow_pace_tell (&self->pace, wanted, now);
}

/* Encoders differ in how well they obey, and in how fast. What they make is counted, and
 * the next frames are left out if it is too much: what is encoded is whole. */
static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastFollow *self = data;
  GstClockTime now = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  obey (self, now);
  gst_rcast_follow_debt_set_rate (&self->debt,
      gst_rcast_follow_get_target (self));
  gst_rcast_follow_debt_pass (&self->debt, now);
  if (!self->video || !gst_rcast_follow_debt_is_high (&self->debt))
    return GST_PAD_PROBE_OK;
  GST_OBJECT_LOCK (self);
  self->n_skipped++;
  GST_OBJECT_UNLOCK (self);
  return GST_PAD_PROBE_DROP;
}

/* --- packets --- */

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastFollow *self = data;
  GstBufferList *list;

  if (!self->frames)
    return GST_PAD_PROBE_OK;
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    gst_rcast_follow_debt_add (&self->debt,
        gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)));
    return GST_PAD_PROBE_OK;
  }
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    gst_rcast_follow_debt_add (&self->debt,
        gst_buffer_get_size (gst_buffer_list_get (list, i)));
  return GST_PAD_PROBE_OK;
}

/* --- the stream --- */

/**
 * gst_rcast_follow_set_target:
 * @self: of a stream
 * @bits: payload of the stream that the network carries, in bit/s;
 *   %GST_RCAST_NO_TARGET: any number; 0: the stream is paused, because it would be of
 *   no use with as little as there is
 * @reason: why, for whoever reads it; static or interned
 *
 * An encoder of ours is told between two frames. Any thread.
 */
void
gst_rcast_follow_set_target (GstRcastFollow * self, guint64 bits,
    const gchar * reason)
{
  GST_LOG_OBJECT (self, "%" G_GUINT64_FORMAT " bit/s: %s", bits, reason);
  GST_OBJECT_LOCK (self);
  self->target = bits;
  GST_OBJECT_UNLOCK (self);
}

/* Returns: what was set last; any thread */
guint64
gst_rcast_follow_get_target (GstRcastFollow * self)
{
  guint64 target;

  GST_OBJECT_LOCK (self);
  target = self->target;
  GST_OBJECT_UNLOCK (self);
  return target;
}

/* @frames: where raw frames come, of an encoder that is about to start
 * @video: whether they are pictures, of which some can be left out */
void
gst_rcast_follow_attach (GstRcastFollow * self, GstPad * frames,
    gboolean video)
{
  gst_rcast_follow_detach (self);
  self->frames = gst_object_ref (frames);
  self->video = video;
  gst_rcast_follow_pace_init (&self->pace);
  gst_rcast_follow_debt_init (&self->debt);
  self->frames_probe = gst_pad_add_probe (frames, GST_PAD_PROBE_TYPE_BUFFER,
      on_frame, gst_object_ref (self), gst_object_unref);
}

/* There is no encoder any more. */
void
gst_rcast_follow_detach (GstRcastFollow * self)
{
  if (self->frames)
    gst_pad_remove_probe (self->frames, self->frames_probe);
  gst_clear_object (&self->frames);
}

/* Adds what became of the stream. Any thread */
void
gst_rcast_follow_add_stats (GstRcastFollow * self, GstStructure * stats)
{
  guint64 skipped;

  GST_OBJECT_LOCK (self);
  skipped = self->n_skipped;
  GST_OBJECT_UNLOCK (self);
  gst_structure_set (stats, "frames-skipped", G_TYPE_UINT64, skipped, NULL);
}

static void
gst_rcast_follow_dispose (GObject * object)
{
  GstRcastFollow *self = GST_RCAST_FOLLOW (object);

  gst_rcast_follow_detach (self);
  if (self->packets)
    gst_pad_remove_probe (self->packets, self->packets_probe);
  gst_clear_object (&self->packets);
  gst_clear_object (&self->encoding);
  G_OBJECT_CLASS (gst_rcast_follow_parent_class)->dispose (object);
}

static void
gst_rcast_follow_class_init (GstRcastFollowClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_rcast_follow_dispose;
}

static void
gst_rcast_follow_init (GstRcastFollow * self)
{
  self->target = GST_RCAST_NO_TARGET;
  gst_rcast_follow_pace_init (&self->pace);
}

/* @packets: where the packets of the stream go
 * Returns: (transfer full): outlives the states of the stream above READY */
GstRcastFollow *
gst_rcast_follow_new (const gchar * name, GstRcastEncoding * encoding,
    GstPad * packets)
{
  GstRcastFollow *self = g_object_new (GST_TYPE_RCAST_FOLLOW, "name", name,
      NULL);

  self->encoding = gst_object_ref (encoding);
  self->packets = gst_object_ref (packets);
  self->packets_probe = gst_pad_add_probe (packets, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, self, NULL);
  return gst_object_ref_sink (self);
}
