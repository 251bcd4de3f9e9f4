/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prepares raw video and audio of any kind so that every WebRTC receiver plays it correctly. */
#include "config.h"

#include "rcast-raw.h"

#include <math.h>

/* Pixels. Some encoders accept nothing smaller, VP8 (RFC 6386 9.1) nothing larger. */
#define MIN_SIZE 16
#define MAX_SIZE 16382
/* At most so many square pixels replace one of the source: side-by-side 3D needs 2, but a wrong
 * header knows no bounds. */
#define MAX_GROWTH 4
/* GstAudioChannelPosition 0 and 1 */
#define LEFT_AND_RIGHT G_GUINT64_CONSTANT (0x3)

/* Whether the CPU can read the memory; interlaced fields in separate buffers count as such. */
gboolean
gst_rcast_raw_in_system_memory (const GstCaps * caps)
{
  const GstCapsFeatures *features;

  if (gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return TRUE;
  features = gst_caps_get_features (caps, 0);
  if (!features)
    return TRUE;
  for (guint i = 0; i < gst_caps_features_get_size (features); i++) {
    const gchar *feature = gst_caps_features_get_nth (features, i);

    if (!g_str_equal (feature, "format:Interlaced")
        && !g_str_equal (feature, GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY))
      return FALSE;
  }
  return TRUE;
}

/* --- video --- */

/* Returns: the crop that leaves @width by @height pixels at @x, @y of a picture of @caps. A
 * rectangle outside of the picture, or an empty one, gives no crop. */
GstRcastCrop
gst_rcast_raw_make_crop (const GstCaps * caps, guint x, guint y, guint width,
    guint height)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  GstRcastCrop crop = { 0, };
  gint full_width, full_height;

  if (!gst_rcast_raw_in_system_memory (caps)
      || !gst_structure_get_int (s, "width", &full_width)
      || !gst_structure_get_int (s, "height", &full_height)
      || width == 0 || height == 0 || x >= (guint) full_width
      || y >= (guint) full_height)
    return crop;
  crop.left = x;
  crop.top = y;
  crop.right = full_width - x - MIN (width, full_width - x);
  crop.bottom = full_height - y - MIN (height, full_height - y);
  return crop;
}

gboolean
gst_rcast_crop_is_same (const GstRcastCrop * one, const GstRcastCrop * other)
{
  return one->left == other->left && one->top == other->top
      && one->right == other->right && one->bottom == other->bottom;
}

/* Returns: (transfer full): raw @caps after the crop */
GstCaps *
gst_rcast_raw_crop (const GstCaps * caps, const GstRcastCrop * crop)
{
  GstCaps *cropped = gst_caps_copy (caps);
  GstStructure *s = gst_caps_get_structure (cropped, 0);
  gint width, height;

  if (gst_structure_get_int (s, "width", &width)
      && gst_structure_get_int (s, "height", &height))
    gst_structure_set (s,
        "width", G_TYPE_INT, width - crop->left - crop->right,
        "height", G_TYPE_INT, height - crop->top - crop->bottom, NULL);
  return cropped;
}

static gint
make_even (guint64 pixels)
{
  return (gint) (pixels & ~(guint64) 1);
}

/* Keeps the lines, because resampling columns does not mix fields; unless the picture would
 * become too narrow, or much larger than the source. */
static void
make_square (GstRcastPicture * picture, gint par_n, gint par_d)
{
  gdouble shape = (gdouble) par_n / par_d;
  gdouble width = picture->width * shape, height = picture->height, growth;

  if (width < MIN_SIZE) {
    width = picture->width;
    height /= shape;
  }
  growth = width / picture->width * height / picture->height;
  if (growth > MAX_GROWTH) {
    width /= sqrt (growth / MAX_GROWTH);
    height /= sqrt (growth / MAX_GROWTH);
  }
  picture->width = make_even (round (width) + 1);
  if (height != picture->height)
    picture->height = make_even (round (height) + 1);
}

static void
fit (GstRcastPicture * picture)
{
  guint64 width = make_even (picture->width);
  guint64 height = make_even (picture->height);

  if (MIN (width, height) < MIN_SIZE) {
    guint64 by = MIN_SIZE / MAX (MIN (width, height), 2);

    width *= by;
    height *= by;
  }
  if (MAX (width, height) > MAX_SIZE) {
    guint64 largest = MAX (width, height);

    width = width * MAX_SIZE / largest;
    height = height * MAX_SIZE / largest;
  }
  picture->width = make_even (CLAMP (width, MIN_SIZE, MAX_SIZE));
  picture->height = make_even (CLAMP (height, MIN_SIZE, MAX_SIZE));
}

static const gchar *
get_interlace_mode (const GstCaps * caps)
{
  const gchar *mode = gst_structure_get_string (gst_caps_get_structure (caps,
          0), "interlace-mode");

  return mode ? mode : "progressive";
}

/**
 * gst_rcast_raw_get_picture:
 * @caps: raw video, fixed; or audio, which has no picture
 *
 * Returns: the picture that is sent
 */
GstRcastPicture
gst_rcast_raw_get_picture (const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  GstRcastPicture picture = { 0, };
  gint width, height, par_n = 1, par_d = 1;

  if (!gst_structure_get_int (s, "width", &width) || width <= 0
      || !gst_structure_get_int (s, "height", &height) || height <= 0)
    return picture;
  picture.width = width;
  picture.height = height;
  picture.interlaced =
      !g_str_equal (get_interlace_mode (caps), "progressive");
  gst_structure_get_fraction (s, "pixel-aspect-ratio", &par_n, &par_d);
  if (par_n > 0 && par_d > 0 && par_n != par_d)
    make_square (&picture, par_n, par_d);
  fit (&picture);
  picture.scaled = picture.width != width || picture.height != height;
  return picture;
}

static GstStructure *
new_filter (const gchar * caps)
{
  return gst_structure_new ("capsfilter", "caps", G_TYPE_STRING, caps, NULL);
}

/* The deinterlacer makes one frame of each pair of fields, so that the frame rate stays. It accepts
 * few formats, but it is the only element that accepts fields in separate buffers. */
static void
plan_video (GPtrArray * steps, const GstCaps * caps)
{
  GstRcastPicture picture = gst_rcast_raw_get_picture (caps);
  GstStructure *convert = gst_structure_new_empty ("videoconvert");

  if (!g_str_equal (get_interlace_mode (caps), "alternate"))
    g_ptr_array_add (steps, g_steal_pointer (&convert));
  if (picture.interlaced)
    g_ptr_array_add (steps, gst_structure_new ("deinterlace",
            "fields", G_TYPE_STRING, "top", NULL));
  if (convert)
    g_ptr_array_add (steps, convert);
  if (picture.scaled) {
    g_autofree gchar *size = g_strdup_printf ("video/x-raw, width=%d, "
        "height=%d, pixel-aspect-ratio=1/1", picture.width, picture.height);

    g_ptr_array_add (steps, gst_structure_new ("videoscale",
            "add-borders", G_TYPE_STRING, "false", NULL));
    g_ptr_array_add (steps, new_filter (size));
  }
}

/* --- audio --- */

static gboolean
has_positions (const GstStructure * s, gint channels)
{
  guint64 mask = 0;

  if (!gst_structure_get (s, "channel-mask", GST_TYPE_BITMASK, &mask, NULL))
    return channels <= 2;
  return mask != 0 || channels == 1;
}

/* Returns: how to mix @caps: by the positions of the channels, if there are any and the user does
 * not choose */
static GstRcastAudioMix
resolve (const GstCaps * caps, GstRcastAudioMix mix, gint * channels)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  *channels = 1;
  gst_structure_get_int (s, "channels", channels);
  if (*channels <= 1 || (mix == GST_RCAST_AUDIO_MIX_AUTO
          && has_positions (s, *channels)))
    return GST_RCAST_AUDIO_MIX_AUTO;
  return mix == GST_RCAST_AUDIO_MIX_AUTO ? GST_RCAST_AUDIO_MIX_FIRST_TWO : mix;
}

/**
 * gst_rcast_raw_get_channels:
 * @caps: raw audio, fixed
 * @mix: what the user chose
 *
 * Returns: number of channels to encode; 0 for video
 */
guint
gst_rcast_raw_get_channels (const GstCaps * caps, GstRcastAudioMix mix)
{
  gint channels;

  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "audio/x-raw"))
    return 0;
  switch (resolve (caps, mix, &channels)) {
    case GST_RCAST_AUDIO_MIX_MONO:
    case GST_RCAST_AUDIO_MIX_MONO_LEFT:
    case GST_RCAST_AUDIO_MIX_MONO_RIGHT:
      return 1;
    case GST_RCAST_AUDIO_MIX_AUTO:
    case GST_RCAST_AUDIO_MIX_FIRST_TWO:
    case GST_RCAST_AUDIO_MIX_ALL:
      break;
  }
  return MIN (channels, 2);
}

/* Returns: the gain of channel @in of @channels on the side @out, 0 is left */
static gdouble
get_gain (GstRcastAudioMix mix, gint channels, gint in, gint out)
{
  gint on_side = out == 0 ? (channels + 1) / 2 : channels / 2;

  switch (mix) {
    case GST_RCAST_AUDIO_MIX_ALL:
      return in % 2 == out ? 1. / on_side : 0;
    case GST_RCAST_AUDIO_MIX_MONO:
      return in < 2 ? .5 : 0;
    case GST_RCAST_AUDIO_MIX_MONO_LEFT:
      return in == 0;
    case GST_RCAST_AUDIO_MIX_MONO_RIGHT:
      return in == 1;
    case GST_RCAST_AUDIO_MIX_AUTO:
    case GST_RCAST_AUDIO_MIX_FIRST_TWO:
      break;
  }
  return in == out;
}

static void
append_row (GString * text, GstRcastAudioMix mix, gint channels, gint rows,
    gint row)
{
  g_string_append (text, row > 0 ? ", <" : "<");
  for (gint i = 0; i < channels; i++) {
    gchar number[G_ASCII_DTOSTR_BUF_SIZE];
    gdouble gain = get_gain (mix, channels, i, row);

    /* The codec has one channel, the mix has two: average them. */
    if (rows == 1 && (mix == GST_RCAST_AUDIO_MIX_FIRST_TWO
            || mix == GST_RCAST_AUDIO_MIX_ALL))
      gain = (gain + get_gain (mix, channels, i, 1)) / 2;
    g_string_append_printf (text, "%s(float)%s", i > 0 ? ", " : "",
        g_ascii_formatd (number, sizeof (number), "%.9f", gain));
  }
  g_string_append_c (text, '>');
}

/* Returns: (transfer full): an audioconvert with a row for each output channel */
static GstStructure *
new_mixer (GstRcastAudioMix mix, gint channels, gint rows)
{
  g_autoptr (GString) text = g_string_new ("<");

  for (gint i = 0; i < rows; i++)
    append_row (text, mix, channels, rows, i);
  g_string_append_c (text, '>');
  return gst_structure_new ("audioconvert",
      "mix-matrix", G_TYPE_STRING, text->str, NULL);
}

/* Returns: (transfer full): the input of the encoder. Encoders take two channels without
 * positions as two programmes, which WebRTC does not carry. */
static GstCaps *
make_audio_filter (GstRcastCodec codec, gint * channels)
{
  GstCaps *raw = gst_rcast_codec_get_raw_caps (codec);
  gint only;

  if (!raw)
    raw = gst_caps_new_empty_simple ("audio/x-raw");
  if (gst_structure_get_int (gst_caps_get_structure (raw, 0), "channels",
          &only))
    *channels = only;
  gst_caps_set_simple (raw, "channels", G_TYPE_INT, *channels, NULL);
  if (*channels == 2)
    gst_caps_set_simple (raw, "channel-mask", GST_TYPE_BITMASK, LEFT_AND_RIGHT,
        NULL);
  return raw;
}

static void
plan_audio (GPtrArray * steps, const GstCaps * caps, GstRcastCodec codec,
    GstRcastAudioMix wanted, gint encoded)
{
  gint channels;
  GstRcastAudioMix mix = resolve (caps, wanted, &channels);
  g_autoptr (GstCaps) filter = make_audio_filter (codec, &encoded);
  g_autofree gchar *text = gst_caps_to_string (filter);

  if (mix == GST_RCAST_AUDIO_MIX_AUTO)
    g_ptr_array_add (steps, gst_structure_new_empty ("audioconvert"));
  else
    g_ptr_array_add (steps, new_mixer (mix, channels, encoded));
  g_ptr_array_add (steps, gst_structure_new_empty ("audioresample"));
  g_ptr_array_add (steps, new_filter (text));
}

/* --- both --- */

/**
 * gst_rcast_raw_complete:
 * @caps: raw, fixed
 *
 * Hand-written sources often omit fields that GStreamer needs but that have only one likely
 * value.
 *
 * Returns: (transfer full) (nullable): @caps with the missing fields, %NULL if none is missing
 */
GstCaps *
gst_rcast_raw_complete (const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gboolean layout, mask;
  gint channels = 0;
  GstCaps *complete;

  if (!gst_structure_has_name (s, "audio/x-raw"))
    return NULL;
  gst_structure_get_int (s, "channels", &channels);
  layout = gst_structure_has_field (s, "layout");
  mask = channels <= 2 || gst_structure_has_field (s, "channel-mask");
  if (layout && mask)
    return NULL;
  complete = gst_caps_copy (caps);
  if (!layout)
    gst_caps_set_simple (complete, "layout", G_TYPE_STRING, "interleaved",
        NULL);
  if (!mask)
    gst_caps_set_simple (complete, "channel-mask", GST_TYPE_BITMASK,
        (guint64) 0, NULL);
  return complete;
}

/**
 * gst_rcast_raw_plan:
 * @caps: raw, fixed
 * @codec: the codec to encode with
 * @mix: what the user chose for the channels
 * @channels: number of audio channels to encode, if the codec leaves a choice
 *
 * Returns: (transfer full) (element-type GstStructure): elements in the order of the
 *   data, as structures of their name with properties as strings; none for video that
 *   only its encoder can read. An element that has nothing to do passes buffers on
 *   without a copy
 */
GPtrArray *
gst_rcast_raw_plan (const GstCaps * caps, GstRcastCodec codec,
    GstRcastAudioMix mix, guint channels)
{
  GPtrArray *steps =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);

  if (!gst_rcast_codec_is_video (codec))
    plan_audio (steps, caps, codec, mix, channels);
  else if (gst_rcast_raw_in_system_memory (caps))
    plan_video (steps, caps);
  return steps;
}
