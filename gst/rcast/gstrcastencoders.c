/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The installed encoders for raw caps, and the caps that they take and make. */
#include "config.h"

#include "gstrcastencoders.h"

#include "rcast-raw.h"

/* 8 bits, 4:2:0: every WebRTC decoder takes this. */
#define RAW_FORMATS "video/x-raw, format=(string){ I420, NV12, YV12 }"

/* Returns: (transfer full): the caps of all templates of one direction */
static GstCaps *
factory_get_caps (GstElementFactory * factory, GstPadDirection direction)
{
  GstCaps *caps = gst_caps_new_empty ();

  for (const GList * l =
      gst_element_factory_get_static_pad_templates (factory); l; l = l->next) {
    GstStaticPadTemplate *template = l->data;

    if (template->direction == direction)
      gst_caps_append (caps, gst_static_pad_template_get_caps (template));
  }
  return caps;
}

/* Returns: (transfer full): @raw after conversion in system memory; an encoder may not take
 * every size */
static GstCaps *
get_video_input (const GstCaps * raw)
{
  GstRcastPicture picture = gst_rcast_raw_get_picture (raw);
  GstCaps *caps = gst_caps_from_string (RAW_FORMATS);

  if (picture.width > 0)
    gst_caps_set_simple (caps, "width", G_TYPE_INT, picture.width,
        "height", G_TYPE_INT, picture.height, NULL);
  return caps;
}

/**
 * gst_rcast_encoder_get_input:
 * @factory: an encoder
 * @raw: the input to encode
 *
 * Returns: (transfer full) (nullable): caps for a filter in front of the encoder, %NULL if it
 *   does not take @raw, even after conversion in system memory
 */
GstCaps *
gst_rcast_encoder_get_input (GstElementFactory * factory, const GstCaps * raw)
{
  g_autoptr (GstCaps) accepted = factory_get_caps (factory, GST_PAD_SINK);
  g_autoptr (GstCaps) wanted = NULL;
  GstCaps *input;

  if (!gst_rcast_raw_in_system_memory (raw))
    wanted = gst_caps_copy (raw);
  else if (gst_structure_has_name (gst_caps_get_structure (raw, 0),
          "audio/x-raw"))
    wanted = gst_caps_from_string ("audio/x-raw");
  else
    wanted = get_video_input (raw);

  input = gst_caps_intersect_full (wanted, accepted, GST_CAPS_INTERSECT_FIRST);
  if (gst_caps_is_empty (input))
    gst_clear_caps (&input);
  return input;
}

/**
 * gst_rcast_encoder_get_output:
 * @factory: an encoder
 * @codec: the codec to make
 *
 * Returns: (transfer full) (nullable): caps for a filter behind the encoder: for H.264 the
 *   profile that every WebRTC decoder takes (RFC 7742 6.2) if the encoder has it; %NULL if it
 *   does not make @codec
 */
GstCaps *
gst_rcast_encoder_get_output (GstElementFactory * factory, GstRcastCodec codec)
{
  static const gchar *const h264[] = {
    "video/x-h264, profile=(string)constrained-baseline",
    "video/x-h264, profile=(string)baseline",
  };
  g_autoptr (GstCaps) made = factory_get_caps (factory, GST_PAD_SRC);
  GstCaps *caps;

  for (guint i = 0; codec == GST_RCAST_CODEC_H264 && i < G_N_ELEMENTS (h264);
      i++) {
    caps = gst_caps_from_string (h264[i]);
    if (gst_caps_can_intersect (caps, made))
      return caps;
    gst_caps_unref (caps);
  }
  caps = gst_rcast_codec_get_caps (codec);
  if (!gst_caps_can_intersect (caps, made))
    gst_clear_caps (&caps);
  return caps;
}

static gboolean
is_hardware (GstElementFactory * factory)
{
  return gst_element_factory_list_is_type (factory,
      GST_ELEMENT_FACTORY_TYPE_HARDWARE);
}

/* Sorts by rank, then hardware, then name, for a stable order. */
static gint
compare_factories (gconstpointer a, gconstpointer b)
{
  GstElementFactory *one = (GstElementFactory *) a;
  GstElementFactory *two = (GstElementFactory *) b;
  gint diff = (gint) gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (two))
      - (gint) gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (one));

  if (diff == 0)
    diff = is_hardware (two) - is_hardware (one);
  if (diff == 0)
    diff = g_strcmp0 (GST_OBJECT_NAME (one), GST_OBJECT_NAME (two));
  return diff;
}

/**
 * gst_rcast_encoders_find:
 * @codec: the codec to make
 * @raw: the input to encode
 *
 * Returns: (transfer full) (element-type GstElementFactory): encoders, best first
 */
GList *
gst_rcast_encoders_find (GstRcastCodec codec, const GstCaps * raw)
{
  GstElementFactoryListType type = GST_ELEMENT_FACTORY_TYPE_ENCODER
      | (gst_rcast_codec_is_video (codec) ? GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO
      : GST_ELEMENT_FACTORY_TYPE_MEDIA_AUDIO);
  GList *all = gst_element_factory_list_get_elements (type, GST_RANK_MARGINAL);
  GList *found = NULL;

  for (GList * l = all; l; l = l->next) {
    GstElementFactory *factory = l->data;
    g_autoptr (GstCaps) output = gst_rcast_encoder_get_output (factory, codec);
    g_autoptr (GstCaps) input = gst_rcast_encoder_get_input (factory, raw);

    if (output && input)
      found = g_list_prepend (found, gst_object_ref (factory));
  }
  gst_plugin_feature_list_free (all);
  return g_list_sort (found, compare_factories);
}

/* Adds the memory types, other than system memory, that an encoder takes directly. */
static void
add_memories (GstCaps * accepted)
{
  GList *all = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER, GST_RANK_MARGINAL);

  for (GList * l = all; l; l = l->next) {
    for (const GList * t =
        gst_element_factory_get_static_pad_templates (l->data); t;
        t = t->next) {
      GstStaticPadTemplate *template = t->data;
      g_autoptr (GstCaps) caps = NULL;

      if (template->direction != GST_PAD_SINK)
        continue;
      caps = gst_static_pad_template_get_caps (template);
      for (guint i = 0; i < gst_caps_get_size (caps); i++) {
        g_autoptr (GstCaps) one = gst_caps_copy_nth (caps, i);

        if (!gst_rcast_raw_in_system_memory (one)
            && gst_structure_has_name (gst_caps_get_structure (one, 0),
                "video/x-raw"))
          gst_caps_append (accepted, g_steal_pointer (&one));
      }
    }
  }
  gst_plugin_feature_list_free (all);
}

typedef struct
{
  GstRcastCodec codec;
  guint rank;
} RankedCodec;

static gint
compare_codecs (gconstpointer a, gconstpointer b)
{
  const RankedCodec *one = a, *two = b;

  if (one->rank != two->rank)
    return (gint) two->rank - (gint) one->rank;
  return (gint) one->codec - (gint) two->codec;
}

static gboolean
have_factory (const gchar * name)
{
  g_autoptr (GstElementFactory) factory =
      name ? gst_element_factory_find (name) : NULL;

  return factory != NULL;
}

/* Whether this system can payload an encoded stream of @codec. */
gboolean
gst_rcast_encoders_can_pay (GstRcastCodec codec)
{
  const gchar *parser = gst_rcast_codec_get_parser (codec);

  return have_factory (gst_rcast_codec_get_payloader (codec))
      && (!parser || have_factory (parser));
}

/* Adds fields in buffers of their own, in the formats that the deinterlacer takes. */
static void
add_fields (GstCaps * caps)
{
  g_autoptr (GstElement) deinterlace =
      gst_element_factory_make ("deinterlace", NULL);
  g_autoptr (GstCaps) fields =
      gst_caps_from_string ("video/x-raw(format:Interlaced),"
      "interlace-mode=alternate");
  g_autoptr (GstPad) pad = NULL;

  if (!deinterlace)
    return;
  gst_object_ref_sink (deinterlace);
  /* Disables passthrough. */
  gst_util_set_object_arg (G_OBJECT (deinterlace), "mode", "auto-strict");
  pad = gst_element_get_static_pad (deinterlace, "sink");
  gst_caps_append (caps, gst_pad_query_caps (pad, fields));
}

/* Returns: (transfer full): all that can be sent: encoded formats with an installed payloader,
 * and raw video in the memory types that an encoder takes */
GstCaps *
gst_rcast_encoders_get_accepted (GstRcastMedia media)
{
  g_autoptr (GstCaps) all = gst_rcast_media_get_caps (media);
  GstCaps *caps = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (all); i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (all, i);
    const gchar *name = gst_structure_get_name (gst_caps_get_structure (one,
            0));
    GstRcastCodec codec = gst_rcast_codec_from_caps (one);

    if (g_str_equal (name, "video/x-raw")) {
      gst_caps_append (caps, gst_caps_new_empty_simple (name));
      add_memories (caps);
      add_fields (caps);
    } else if (codec == GST_RCAST_CODEC_UNKNOWN
        || gst_rcast_encoders_can_pay (codec)) {
      gst_caps_append (caps, g_steal_pointer (&one));
    }
  }
  return caps;
}

/* @codecs: (nullable) (element-type GstRcastCodec) */
gboolean
gst_rcast_codecs_have (const GArray * codecs, GstRcastCodec codec)
{
  for (guint i = 0; codecs && i < codecs->len; i++) {
    if (g_array_index (codecs, GstRcastCodec, i) == codec)
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_rcast_codecs_for_raw:
 * @raw: raw video or audio caps
 *
 * Returns: (transfer full) (element-type GstRcastCodec): codecs for which
 *   everything is installed, those with the best encoder first; of audio Opus
 *   comes before G.711 whatever the rank
 */
GArray *
gst_rcast_codecs_for_raw (const GstCaps * raw)
{
  gboolean video = g_str_has_prefix (gst_structure_get_name
      (gst_caps_get_structure (raw, 0)), "video/");
  g_autoptr (GArray) ranked = g_array_new (FALSE, FALSE, sizeof (RankedCodec));
  GArray *codecs = g_array_new (FALSE, FALSE, sizeof (GstRcastCodec));

  for (guint i = 1; i < GST_RCAST_N_CODECS; i++) {
    RankedCodec entry = { i, 0 };
    GList *encoders;

    if (gst_rcast_codec_is_video (i) != video
        || !gst_rcast_encoders_can_pay (i))
      continue;
    encoders = gst_rcast_encoders_find (i, raw);
    if (!encoders)
      continue;
    if (video)
      entry.rank = gst_plugin_feature_get_rank (encoders->data);
    g_array_append_val (ranked, entry);
    gst_plugin_feature_list_free (encoders);
  }
  g_array_sort (ranked, compare_codecs);
  for (guint i = 0; i < ranked->len; i++)
    g_array_append_val (codecs, g_array_index (ranked, RankedCodec, i).codec);
  return codecs;
}

guint
gst_rcast_encoder_settings_get_fps (const GstRcastEncoderSettings * settings)
{
  guint fps;

  if (settings->fps_n <= 0 || settings->fps_d <= 0)
    return GST_RCAST_DEFAULT_FPS;
  fps = (settings->fps_n + settings->fps_d / 2) / settings->fps_d;
  return MAX (fps, 1);
}
