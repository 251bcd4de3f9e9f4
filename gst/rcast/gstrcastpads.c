/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request pads of rcastsink, each with its stream. */
#include "config.h"

#include "gstrcastpads.h"

#include <string.h>

#include "gstrcaststates.h"

GST_DEBUG_CATEGORY_STATIC (rcast_pads_debug);
#define GST_CAT_DEFAULT rcast_pads_debug

struct _GstRcastPads
{
  GstObject parent;

  /* constant */
  GstBin *bin;                  /* not owned: it owns the pads */
  GstRcastPadsCallbacks callbacks;
  gpointer data;

  GPtrArray *streams;           /* OBJECT_LOCK */
  guint next_video, next_audio; /* OBJECT_LOCK; numbers for the next pads */
  GstRcastPadsDefaults defaults;        /* OBJECT_LOCK */
  GstRcastSync *sync;           /* constant; of all streams */
  guint64 dropped;              /* OBJECT_LOCK; packets of removed streams */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastPads, gst_rcast_pads, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (rcast_pads_debug, "rcastpads", 0,
        "gst-rcast: the request pads"));

static void
on_encoder_setup (GstRcastStream * stream, GstElement * encoder,
    GstRcastPads * self)
{
  self->callbacks.encoder_setup (GST_OBJECT_NAME (stream), encoder, self->data);
}

static void
on_offer_caps_changed (GstRcastStream * stream, GstRcastPads * self)
{
  self->callbacks.changed (self->data);
}

static void
on_trouble (GstRcastStream * stream, GstRcastTrouble trouble, gint64 ahead,
    guint count, GstRcastPads * self)
{
  self->callbacks.trouble (GST_OBJECT_NAME (stream), trouble, ahead, count,
      self->data);
}

/* Returns: the sum of the targets of all streams, in bit/s */
static guint64
sum_targets (GstRcastPads * self)
{
  g_autoptr (GPtrArray) streams = gst_rcast_pads_list_streams (self);
  guint64 sum = 0;

  for (guint i = 0; i < streams->len; i++) {
    guint64 target =
        gst_rcast_stream_get_target (g_ptr_array_index (streams, i), NULL);

    sum = target > G_MAXUINT64 - sum ? G_MAXUINT64 : sum + target;
  }
  return sum;
}

static void
on_target (GstRcastStream * stream, GParamSpec * pspec, GstRcastPads * self)
{
  const gchar *reason;
  guint64 target = gst_rcast_stream_get_target (stream, &reason);

  gst_element_post_message (GST_ELEMENT (self->bin),
      gst_rcast_report_target (GST_OBJECT (self->bin), GST_OBJECT_NAME (stream),
          target, sum_targets (self), reason));
}

/* Returns: the requested name, or the next free one. OBJECT_LOCK */
static gchar *
pick_name (GstRcastPads * self, GstRcastMedia media, const gchar * wanted)
{
  const gchar *prefix = media == GST_RCAST_MEDIA_VIDEO ? "video_" : "audio_";
  guint *next = media == GST_RCAST_MEDIA_VIDEO ?
      &self->next_video : &self->next_audio;
  guint64 number;

  if (wanted && g_str_has_prefix (wanted, prefix)
      && g_ascii_string_to_unsigned (wanted + strlen (prefix), 10, 0,
          G_MAXINT32, &number, NULL)) {
    *next = MAX (*next, number + 1);
    return g_strdup (wanted);
  }
  return g_strdup_printf ("%s%u", prefix, (*next)++);
}

static void
set_defaults (GstRcastPads * self, GstRcastStream * stream)
{
  gboolean video = gst_rcast_stream_get_media (stream) == GST_RCAST_MEDIA_VIDEO;
  GstRcastPadsDefaults defaults;

  GST_OBJECT_LOCK (self);
  defaults = self->defaults;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_stream_set_start (stream, defaults.video_start,
      defaults.key_frame_wait);
  gst_rcast_stream_set_defaults (stream,
      video ? defaults.bitrate : defaults.audio_bitrate,
      defaults.key_frame_interval, defaults.mtu, defaults.audio_mix);
}

/* Returns: (transfer floating) */
static GstElement *
make_stream (GstRcastPads * self, GstRcastMedia media, const gchar * wanted)
{
  g_autofree gchar *name = NULL;
  GstElement *stream;

  GST_OBJECT_LOCK (self);
  name = pick_name (self, media, wanted);
  GST_OBJECT_UNLOCK (self);
  stream = gst_rcast_stream_new (name, media);
  set_defaults (self, GST_RCAST_STREAM (stream));
  gst_rcast_stream_set_sync (GST_RCAST_STREAM (stream), self->sync);
  g_signal_connect_object (stream, "encoder-setup",
      G_CALLBACK (on_encoder_setup), self, 0);
  g_signal_connect_object (stream, "offer-caps-changed",
      G_CALLBACK (on_offer_caps_changed), self, 0);
  g_signal_connect_object (stream, "trouble", G_CALLBACK (on_trouble), self, 0);
  g_signal_connect_object (stream, "notify::target-bitrate",
      G_CALLBACK (on_target), self, 0);
  return stream;
}

/* Returns: (transfer floating): the outer pad of @stream */
static GstPad *
make_pad (GstElement * stream, GstPadTemplate * template)
{
  g_autoptr (GstPad) inner = gst_element_get_static_pad (stream, "sink");
  GstPad *pad = gst_ghost_pad_new_from_template (GST_OBJECT_NAME (stream),
      inner, template);

  gst_pad_set_active (pad, TRUE);
  return pad;
}

static void
remove_stream (GstRcastPads * self, GstElement * stream)
{
  g_signal_handlers_disconnect_by_data (stream, self);
  gst_rcast_states_discard (self->bin, stream);
}

/* Returns: (transfer none) (nullable): a pad of the bin; %NULL: nothing has changed */
GstPad *
gst_rcast_pads_request (GstRcastPads * self, GstPadTemplate * template,
    const gchar * wanted)
{
  GstRcastMedia media =
      g_str_has_prefix (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "video") ?
      GST_RCAST_MEDIA_VIDEO : GST_RCAST_MEDIA_AUDIO;
  g_autoptr (GstElement) stream =
      gst_object_ref_sink (make_stream (self, media, wanted));
  g_autoptr (GstPad) pad = NULL;

  if (!gst_bin_add (self->bin, stream)) {
    GST_ERROR_OBJECT (self->bin, "pad %s exists already",
        GST_OBJECT_NAME (stream));
    return NULL;
  }
  pad = gst_object_ref_sink (make_pad (stream, template));
  if (!gst_element_add_pad (GST_ELEMENT (self->bin), pad)) {
    remove_stream (self, stream);
    return NULL;
  }
  if (!gst_element_sync_state_with_parent (stream)) {
    GST_ERROR_OBJECT (self->bin, "%s does not start", GST_OBJECT_NAME (stream));
    remove_stream (self, stream);
    gst_pad_set_active (pad, FALSE);
    gst_element_remove_pad (GST_ELEMENT (self->bin), pad);
    return NULL;
  }

  GST_OBJECT_LOCK (self);
  g_ptr_array_add (self->streams, gst_object_ref (stream));
  GST_OBJECT_UNLOCK (self);
  self->callbacks.changed (self->data);
  return pad;
}

static guint64
count_dropped (const GstStructure * stats)
{
  guint64 closed = 0, overflow = 0;

  gst_structure_get (stats, "packets-dropped-closed", G_TYPE_UINT64, &closed,
      "packets-dropped-overflow", G_TYPE_UINT64, &overflow, NULL);
  return closed + overflow;
}

/* The pad returns FLUSHING from now on; buffers that are in it go on. */
static void
refuse_buffers (GstPad * pad)
{
  GST_OBJECT_LOCK (pad);
  GST_PAD_SET_FLUSHING (pad);
  GST_OBJECT_UNLOCK (pad);
}

/* Removes the pad at once, in any state. */
void
gst_rcast_pads_release (GstRcastPads * self, GstPad * pad)
{
  g_autoptr (GstPad) inner = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
  g_autoptr (GstElement) stream = inner ?
      gst_pad_get_parent_element (inner) : NULL;
  g_autoptr (GstStructure) stats = NULL;

  /* Stop the stream first: it holds the lock of the pad while it prerolls. */
  refuse_buffers (pad);
  if (stream)
    remove_stream (self, stream);
  gst_pad_set_active (pad, FALSE);
  gst_ghost_pad_set_target (GST_GHOST_PAD (pad), NULL);
  gst_element_remove_pad (GST_ELEMENT (self->bin), pad);
  if (!stream)
    return;

  stats = gst_rcast_stream_get_stats (GST_RCAST_STREAM (stream));
  GST_OBJECT_LOCK (self);
  self->dropped += count_dropped (stats);
  g_ptr_array_remove (self->streams, stream);
  GST_OBJECT_UNLOCK (self);
  self->callbacks.changed (self->data);
}

void
gst_rcast_pads_set_defaults (GstRcastPads * self,
    const GstRcastPadsDefaults * defaults)
{
  g_autoptr (GPtrArray) streams = gst_rcast_pads_list_streams (self);

  GST_OBJECT_LOCK (self);
  self->defaults = *defaults;
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < streams->len; i++)
    set_defaults (self, g_ptr_array_index (streams, i));
}

/* Returns: (transfer full) (element-type GstRcastStream): in the order of requests */
GPtrArray *
gst_rcast_pads_list_streams (GstRcastPads * self)
{
  GPtrArray *streams;

  GST_OBJECT_LOCK (self);
  streams = g_ptr_array_copy (self->streams, (GCopyFunc) gst_object_ref, NULL);
  GST_OBJECT_UNLOCK (self);
  return streams;
}

/* Adds a structure for each pad, and the fields `bitrate` and `dropped`, to @stats. */
void
gst_rcast_pads_add_stats (GstRcastPads * self, GstStructure * stats)
{
  g_autoptr (GPtrArray) streams = gst_rcast_pads_list_streams (self);
  guint64 dropped, bitrate = 0;

  GST_OBJECT_LOCK (self);
  dropped = self->dropped;
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < streams->len; i++) {
    GstRcastStream *stream = g_ptr_array_index (streams, i);
    g_autoptr (GstStructure) of_stream = gst_rcast_stream_get_stats (stream);
    guint64 of_one = 0;

    dropped += count_dropped (of_stream);
    gst_structure_get_uint64 (of_stream, "bitrate", &of_one);
    bitrate += of_one;
    gst_structure_set (stats, GST_OBJECT_NAME (stream), GST_TYPE_STRUCTURE,
        of_stream, NULL);
  }
  gst_structure_set (stats, "bitrate", G_TYPE_UINT64, bitrate,
      "dropped", G_TYPE_UINT64, dropped, NULL);
}

/**
 * gst_rcast_pads_new:
 * @bin: gets the pads and the streams
 * @callbacks: what happens
 * @data: for @callbacks
 */
GstRcastPads *
gst_rcast_pads_new (GstBin * bin, const GstRcastPadsCallbacks * callbacks,
    gpointer data)
{
  GstRcastPads *self = g_object_new (GST_TYPE_RCAST_PADS, NULL);

  gst_object_ref_sink (self);
  self->bin = bin;
  self->callbacks = *callbacks;
  self->data = data;
  return self;
}

static void
gst_rcast_pads_finalize (GObject * object)
{
  g_ptr_array_unref (GST_RCAST_PADS (object)->streams);
  gst_rcast_sync_unref (GST_RCAST_PADS (object)->sync);
  G_OBJECT_CLASS (gst_rcast_pads_parent_class)->finalize (object);
}

static void
gst_rcast_pads_class_init (GstRcastPadsClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_pads_finalize;
}

static void
gst_rcast_pads_init (GstRcastPads * self)
{
  self->streams = g_ptr_array_new_with_free_func (gst_object_unref);
  self->sync = gst_rcast_sync_new ();
}
