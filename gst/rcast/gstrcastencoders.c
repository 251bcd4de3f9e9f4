/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which elements make RTP out of which caps, and how an encoder is set for a live broadcast. */
#include "config.h"

#include "gstrcastencoders.h"

#include <stdlib.h>

/* What is assumed of a stream whose frame rate varies. */
#define DEFAULT_FPS 30

/* Eight bits, 4:2:0: what every WebRTC decoder takes. */
#define RAW_FORMATS "video/x-raw, format=(string){ I420, NV12, YV12 }"

/* What makes an encoder fit for a live broadcast: no reordering, no lookahead,
 * constant bitrate, fast enough for one core. "" is for encoders not named. */
static const struct
{
  const gchar *factory;
  const gchar *property;
  const gchar *value;
} live_settings[] = {
  {"x264enc", "tune", "zerolatency"},
  {"x264enc", "speed-preset", "veryfast"},
  {"x264enc", "bframes", "0"},
  {"x265enc", "tune", "zerolatency"},
  {"x265enc", "speed-preset", "superfast"},
  {"openh264enc", "rate-control", "bitrate"},
  {"openh264enc", "complexity", "low"},
  {"vp8enc", "deadline", "1"},
  {"vp8enc", "cpu-used", "6"},
  {"vp8enc", "lag-in-frames", "0"},
  {"vp8enc", "end-usage", "cbr"},
  {"vp8enc", "error-resilient", "default"},
  {"vp9enc", "deadline", "1"},
  {"vp9enc", "cpu-used", "8"},
  {"vp9enc", "lag-in-frames", "0"},
  {"vp9enc", "end-usage", "cbr"},
  {"vp9enc", "error-resilient", "default"},
  {"vp9enc", "row-mt", "true"},
  {"av1enc", "usage-profile", "realtime"},
  {"av1enc", "cpu-used", "10"},
  {"av1enc", "lag-in-frames", "0"},
  {"av1enc", "end-usage", "cbr"},
  {"opusenc", "frame-size", "20"},
  {"opusenc", "inband-fec", "true"},
  {"", "bframes", "0"},
  {"", "b-frames", "0"},
  {"", "max-bframes", "0"},
  {"", "rc-lookahead", "0"},
  {"", "zerolatency", "true"},
};

/* The property that takes the bitrate, and bits per unit of it. The last rows
 * are tried for encoders not named. */
static const struct
{
  const gchar *factory;
  const gchar *property;
  guint unit;
} bitrates[] = {
  {"x264enc", "bitrate", 1000},
  {"x265enc", "bitrate", 1000},
  {"av1enc", "target-bitrate", 1000},
  {"openh264enc", "bitrate", 1},
  {"vp8enc", "target-bitrate", 1},
  {"vp9enc", "target-bitrate", 1},
  {"opusenc", "bitrate", 1},
  {"mpph264enc", "bps", 1},
  {"mpph265enc", "bps", 1},
  {"", "target-bitrate", 1},
  /* nvcodec, va, msdk, qsv, vtenc, amf */
  {"", "bitrate", 1000},
};

static const gchar *const keyframe_properties[] = {
  "key-int-max", "keyframe-max-dist", "gop-size", "keyframe-period",
  "max-keyframe-interval", "gop", "interval-intraframes",
};

gboolean
gst_rcast_caps_in_system_memory (const GstCaps * caps)
{
  GstCapsFeatures *features;

  if (gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return TRUE;
  features = gst_caps_get_features (caps, 0);
  return !features || gst_caps_features_is_equal (features,
      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

/* Returns: (transfer full): the templates of one direction together */
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

/**
 * gst_rcast_encoder_get_input:
 * @factory: an encoder
 * @raw: what there is to encode
 *
 * Returns: (transfer full) (nullable): what is to stand in front of the encoder,
 *   %NULL if it does not take @raw, even after conversion in system memory
 */
GstCaps *
gst_rcast_encoder_get_input (GstElementFactory * factory, const GstCaps * raw)
{
  g_autoptr (GstCaps) accepted = factory_get_caps (factory, GST_PAD_SINK);
  g_autoptr (GstCaps) wanted = NULL;
  GstCaps *input;

  if (!gst_rcast_caps_in_system_memory (raw))
    wanted = gst_caps_copy (raw);
  else if (gst_structure_has_name (gst_caps_get_structure (raw, 0),
          "audio/x-raw"))
    wanted = gst_caps_from_string ("audio/x-raw");
  else
    wanted = gst_caps_from_string (RAW_FORMATS);

  input = gst_caps_intersect_full (wanted, accepted, GST_CAPS_INTERSECT_FIRST);
  if (gst_caps_is_empty (input))
    gst_clear_caps (&input);
  return input;
}

/**
 * gst_rcast_encoder_get_output:
 * @factory: an encoder
 * @codec: what it is to make
 *
 * Returns: (transfer full) (nullable): what is to stand behind the encoder: of
 *   H.264 the profile that every WebRTC decoder takes (RFC 7742 6.2) if the
 *   encoder has it; %NULL if it does not make @codec
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

/* Rank decides, then hardware, then the name for the sake of a stable order. */
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
 * @codec: what to make
 * @raw: of what
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

/* Adds the memories that an encoder takes as they are, beside system memory. */
void
gst_rcast_encoders_add_memories (GstCaps * accepted)
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

        if (!gst_rcast_caps_in_system_memory (one)
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

/* Whether packets of @codec can be made of an encoded stream on this system. */
gboolean
gst_rcast_encoders_can_pay (GstRcastCodec codec)
{
  const gchar *parser = gst_rcast_codec_get_parser (codec);

  return have_factory (gst_rcast_codec_get_payloader (codec))
      && (!parser || have_factory (parser));
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
    return DEFAULT_FPS;
  fps = (settings->fps_n + settings->fps_d / 2) / settings->fps_d;
  return MAX (fps, 1);
}

static const gchar *
factory_name (GstElement * element)
{
  return GST_OBJECT_NAME (gst_element_get_factory (element));
}

static GParamSpec *
find_property (GstElement * element, const gchar * name)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);

  return pspec && (pspec->flags & G_PARAM_WRITABLE) ? pspec : NULL;
}

/* Sets @name to the nearest value that the property takes. */
static gboolean
set_number (GstElement * element, const gchar * name, guint number)
{
  GParamSpec *pspec = find_property (element, name);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) as_uint = G_VALUE_INIT;

  if (!pspec || !g_value_type_transformable (G_TYPE_UINT, pspec->value_type))
    return FALSE;
  g_value_init (&as_uint, G_TYPE_UINT);
  g_value_set_uint (&as_uint, number);
  g_value_init (&value, pspec->value_type);
  g_value_transform (&as_uint, &value);
  g_param_value_validate (pspec, &value);
  g_object_set_property (G_OBJECT (element), name, &value);
  return TRUE;
}

/* Bits/s for pictures that move, at a quality that is worth looking at. */
static guint
choose_bitrate (const GstRcastEncoderSettings * settings)
{
  guint64 bits = gst_util_uint64_scale ((guint64) settings->width
      * settings->height * gst_rcast_encoder_settings_get_fps (settings), 8, 100);

  return CLAMP (bits, 300000, 8000000);
}

/* May be called while the encoder runs. */
void
gst_rcast_encoder_set_bitrate (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  const gchar *factory = factory_name (encoder);
  guint bits = settings->bitrate;

  if (bits == 0) {
    if (settings->width <= 0)
      return;
    bits = choose_bitrate (settings);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bitrates); i++) {
    if ((*bitrates[i].factory == '\0'
            || g_str_equal (bitrates[i].factory, factory))
        && set_number (encoder, bitrates[i].property, bits / bitrates[i].unit))
      return;
  }
  GST_WARNING_OBJECT (encoder, "no way known to set the bitrate");
}

/**
 * gst_rcast_encoder_tune:
 * @encoder: not yet started
 * @settings: what it is to do
 *
 * Sets an encoder for low latency.
 */
void
gst_rcast_encoder_tune (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  const gchar *factory = factory_name (encoder);
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (live_settings); i++) {
    gboolean named = g_str_equal (live_settings[i].factory, factory);

    known |= named;
    if ((named || (!known && *live_settings[i].factory == '\0'))
        && find_property (encoder, live_settings[i].property))
      gst_util_set_object_arg (G_OBJECT (encoder), live_settings[i].property,
          live_settings[i].value);
  }
  if (g_str_has_prefix (factory, "vp") && find_property (encoder, "threads"))
    set_number (encoder, "threads", MIN (g_get_num_processors (), 4));

  if (settings->width > 0) {
    guint frames = MAX (gst_util_uint64_scale (settings->keyframe_interval,
            gst_rcast_encoder_settings_get_fps (settings), 1000), 1);

    for (guint i = 0; i < G_N_ELEMENTS (keyframe_properties); i++) {
      if (set_number (encoder, keyframe_properties[i], frames))
        break;
    }
  }
  gst_rcast_encoder_set_bitrate (encoder, settings);
}
