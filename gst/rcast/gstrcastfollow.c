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

  guint64 target;               /* OBJECT_LOCK: bit/s */

  /* Streaming thread; after PAUSED the state change. */
  GstPad *raw;                  /* in front of the encoder */
  gulong raw_probe;
  GstRcastFollowPace pace;
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

static GstPadProbeReturn
on_raw (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  obey (data, GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)));
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

/* @raw: where raw frames come, of an encoder that is about to start */
void
gst_rcast_follow_attach (GstRcastFollow * self, GstPad * raw)
{
  gst_rcast_follow_detach (self);
  self->raw = gst_object_ref (raw);
  gst_rcast_follow_pace_init (&self->pace);
  self->raw_probe = gst_pad_add_probe (raw, GST_PAD_PROBE_TYPE_BUFFER, on_raw,
      gst_object_ref (self), gst_object_unref);
}

/* There is no encoder any more. */
void
gst_rcast_follow_detach (GstRcastFollow * self)
{
  if (self->raw)
    gst_pad_remove_probe (self->raw, self->raw_probe);
  gst_clear_object (&self->raw);
}

static void
gst_rcast_follow_dispose (GObject * object)
{
  GstRcastFollow *self = GST_RCAST_FOLLOW (object);

  gst_rcast_follow_detach (self);
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

/* Returns: (transfer full) */
GstRcastFollow *
gst_rcast_follow_new (const gchar * name, GstRcastEncoding * encoding)
{
  GstRcastFollow *self = g_object_new (GST_TYPE_RCAST_FOLLOW, "name", name,
      NULL);

  self->encoding = gst_object_ref (encoding);
  return gst_object_ref_sink (self);
}
