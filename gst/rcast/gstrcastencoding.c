/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the encoder of one stream is set to, by the stream or for all, before it starts and while it runs. */
#include "config.h"

#include "gstrcastencoding.h"

#include "gstrcasttune.h"

GST_DEBUG_CATEGORY_STATIC (encoding_debug);
#define GST_CAT_DEFAULT encoding_debug

struct _GstRcastEncoding
{
  GstObject parent;

  GstRcastEncoderSettings settings;     /* OBJECT_LOCK, as are all */
  gboolean own_bitrate;         /* set for this stream, not for all */
  gboolean own_interval;
  GstElement *encoder;          /* that runs, or is about to */
};

G_DEFINE_TYPE_WITH_CODE (GstRcastEncoding, gst_rcast_encoding, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (encoding_debug, "rcastencoding", 0,
        "rcast: what the encoder of a stream is set to"));

/* Size and frame rate are those of @raw; what the user set stays. */
void
gst_rcast_encoding_set_input (GstRcastEncoding * encoding, const GstCaps * raw)
{
  const GstStructure *s = gst_caps_get_structure (raw, 0);
  gint width = 0, height = 0, fps_n = 0, fps_d = 1;

  gst_structure_get_int (s, "width", &width);
  gst_structure_get_int (s, "height", &height);
  gst_structure_get_fraction (s, "framerate", &fps_n, &fps_d);
  GST_OBJECT_LOCK (encoding);
  encoding->settings.width = width;
  encoding->settings.height = height;
  encoding->settings.fps_n = fps_n;
  encoding->settings.fps_d = fps_d;
  GST_OBJECT_UNLOCK (encoding);
}

GstRcastEncoderSettings
gst_rcast_encoding_get_settings (GstRcastEncoding * encoding)
{
  GstRcastEncoderSettings settings;

  GST_OBJECT_LOCK (encoding);
  settings = encoding->settings;
  GST_OBJECT_UNLOCK (encoding);
  return settings;
}

/* Returns: (transfer full) (nullable): the one that runs */
GstElement *
gst_rcast_encoding_get_encoder (GstRcastEncoding * encoding)
{
  GstElement *encoder;

  GST_OBJECT_LOCK (encoding);
  encoder = encoding->encoder ? gst_object_ref (encoding->encoder) : NULL;
  GST_OBJECT_UNLOCK (encoding);
  return encoder;
}

/* Hands new settings to an encoder that runs.
 * Returns: whether it needs a key frame to obey */
static gboolean
update (GstRcastEncoding * self, gboolean bitrate, gboolean interval)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (self);
  GstRcastEncoderSettings settings = gst_rcast_encoding_get_settings (self);

  if (!encoder)
    return FALSE;
  if (bitrate)
    gst_rcast_tune_bitrate (encoder, &settings);
  if (!interval)
    return FALSE;
  if (gst_rcast_tune_interval (encoder, &settings))
    return TRUE;
  GST_WARNING_OBJECT (self, "%s obeys the key-frame interval of %u ms only "
      "when it is started next", GST_OBJECT_NAME (encoder),
      settings.keyframe_interval);
  return FALSE;
}

/* Returns: whether @field is another one now. OBJECT_LOCK */
static gboolean
change (guint * field, guint value)
{
  gboolean changed = *field != value;

  *field = value;
  return changed;
}

/* The settings of all streams, which count unless this one has its own. */
gboolean
gst_rcast_encoding_set_defaults (GstRcastEncoding * encoding, guint bitrate,
    guint interval)
{
  gboolean new_bitrate, new_interval;

  GST_OBJECT_LOCK (encoding);
  new_bitrate = !encoding->own_bitrate
      && change (&encoding->settings.bitrate, bitrate);
  new_interval = !encoding->own_interval
      && change (&encoding->settings.keyframe_interval, interval);
  GST_OBJECT_UNLOCK (encoding);
  return update (encoding, new_bitrate, new_interval);
}

/* Of this stream. */
void
gst_rcast_encoding_set_bitrate (GstRcastEncoding * encoding, guint bitrate)
{
  gboolean changed;

  GST_OBJECT_LOCK (encoding);
  encoding->own_bitrate = TRUE;
  changed = change (&encoding->settings.bitrate, bitrate);
  GST_OBJECT_UNLOCK (encoding);
  update (encoding, changed, FALSE);
}

/* Of this stream. */
gboolean
gst_rcast_encoding_set_interval (GstRcastEncoding * encoding, guint interval)
{
  gboolean changed;

  GST_OBJECT_LOCK (encoding);
  encoding->own_interval = TRUE;
  changed = change (&encoding->settings.keyframe_interval, interval);
  GST_OBJECT_UNLOCK (encoding);
  return update (encoding, FALSE, changed);
}

/* @encoder, which is about to start, gets the settings, and from now on each change. */
void
gst_rcast_encoding_begin (GstRcastEncoding * encoding, GstElement * encoder)
{
  GstRcastEncoderSettings settings;

  GST_OBJECT_LOCK (encoding);
  gst_object_replace ((GstObject **) & encoding->encoder,
      GST_OBJECT (encoder));
  settings = encoding->settings;
  GST_OBJECT_UNLOCK (encoding);
  gst_rcast_tune_encoder (encoder, &settings);
}

void
gst_rcast_encoding_end (GstRcastEncoding * encoding)
{
  GstElement *encoder;

  GST_OBJECT_LOCK (encoding);
  encoder = g_steal_pointer (&encoding->encoder);
  GST_OBJECT_UNLOCK (encoding);
  gst_clear_object (&encoder);
}

static void
gst_rcast_encoding_finalize (GObject * object)
{
  gst_clear_object (&GST_RCAST_ENCODING (object)->encoder);
  G_OBJECT_CLASS (gst_rcast_encoding_parent_class)->finalize (object);
}

static void
gst_rcast_encoding_class_init (GstRcastEncodingClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_encoding_finalize;
}

static void
gst_rcast_encoding_init (GstRcastEncoding * self)
{
  self->settings.keyframe_interval = GST_RCAST_KEY_FRAME_INTERVAL;
}

/* Returns: (transfer full) */
GstRcastEncoding *
gst_rcast_encoding_new (const gchar * name)
{
  return gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_ENCODING, "name",
          name, NULL));
}
