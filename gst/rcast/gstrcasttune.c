/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tunes an encoder for a live broadcast: bitrate, key frame interval and low latency, in the
 * encoder's units. */

/*
 * Encoders agree neither on the names nor on the units of these properties. The table lists the
 * known encoders. Any other encoder is set by what its properties' descriptions say. A bitrate
 * whose unit stays unknown is not set: an error by a factor of 1000 is worse than the encoder's
 * default.
 *
 * A name like extra-controls/video_bitrate is a field of a GstStructure property.
 */
#include "config.h"

#include "gstrcasttune.h"

#include <string.h>

#include "gstrcastunits.h"

GST_DEBUG_CATEGORY_STATIC (tune_debug);
#define GST_CAT_DEFAULT tune_debug

/* bit/s per unit */
#define BIT 1
#define KBIT 1000
#define MBIT 1000000
#define UNKNOWN 0

typedef enum
{
  FRAMES,
  SECONDS,
  NANOSECONDS,
} IntervalUnit;

typedef struct
{
  const gchar *factory;         /* with * for any characters */
  const gchar *bitrate;         /* property; NULL: there is none to be set */
  guint unit;                   /* of bitrate */
  const gchar *intervals;       /* properties of the key-frame interval; nullable */
  IntervalUnit interval_unit;
  gboolean interval_live;       /* a running encoder follows at the next key frame */
  const gchar *settings;        /* property=value …: no reordering, no lookahead,
                                 * constant bitrate, fast enough for one core */
  guint max_threads;            /* for the property threads; 0: not set */
} Encoder;

/* With the default buffers of seconds, the rate control saves so much at a low bitrate that it
 * does not recover. */
#define VPX_BUFFERS "buffer-size=600 buffer-initial-size=400 " \
  "buffer-optimal-size=500 undershoot=95"

/* The first matching row counts. Sources: docs/encoders.md */
static const Encoder encoders[] = {
  /* Software */
  {"x264enc", "bitrate", KBIT, "key-int-max", FRAMES, FALSE,
      "tune=zerolatency speed-preset=veryfast bframes=0 "
        "vbv-buf-capacity=300"},
  {"x265enc", "bitrate", KBIT, "key-int-max", FRAMES, FALSE,
      "tune=zerolatency speed-preset=superfast"},
  {"openh264enc", "bitrate", BIT, "gop-size", FRAMES, FALSE,
        /* Set both quantizers: otherwise it uses none above 42, whatever the bitrate. */
      "rate-control=bitrate complexity=low qp-min=12 qp-max=51"},
  {"vp8enc", "target-bitrate", BIT, "keyframe-max-dist", FRAMES, FALSE,
        "deadline=1 cpu-used=6 lag-in-frames=0 end-usage=cbr "
        "error-resilient=default " VPX_BUFFERS,
      4},
  {"vp9enc", "target-bitrate", BIT, "keyframe-max-dist", FRAMES, TRUE,
        "deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr "
        "error-resilient=default row-mt=true " VPX_BUFFERS,
      4},
  {"av1enc", "target-bitrate", KBIT, "keyframe-max-dist", FRAMES, TRUE,
        "usage-profile=realtime cpu-used=10 lag-in-frames=0 end-usage=cbr "
        /* The quantizers are 0 by default: lossless, whatever the bitrate. */
        "min-quantizer=2 max-quantizer=58 "
      "buf-sz=600 buf-initial-sz=400 buf-optimal-sz=500 undershoot-pct=95"},
  {"svtav1enc", "target-bitrate", KBIT, "intra-period-length", FRAMES, FALSE,
      "preset=10"},
  {"rav1enc", "bitrate", BIT, "max-key-frame-interval", FRAMES, FALSE,
      "low-latency=true speed-preset=10"},
  {"avenc_*", "bitrate", BIT, "gop-size", FRAMES, FALSE, "max-bframes=0"},
  /* Intel, AMD and others by VA-API, the older plugin first */
  {"vaapi*enc", "bitrate", KBIT, "keyframe-period", FRAMES, FALSE,
      "rate-control=cbr max-bframes=0"},
  {"va*enc", "bitrate", KBIT, "key-int-max", FRAMES, FALSE,
      "rate-control=cbr b-frames=0"},
  {"qsv*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
      "rate-control=cbr low-latency=true b-frames=0"},
  {"msdk*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
      "rate-control=cbr b-frames=0 async-depth=1"},
  {"amf*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
      "usage=ultra-low-latency rate-control=cbr b-frames=0"},
  /* NVIDIA: Jetson, then the desktop in its generations */
  {"nvv4l2*enc", "bitrate", BIT, "iframeinterval idrinterval", FRAMES, FALSE,
        "control-rate=1 preset-level=1 maxperf-enable=true num-B-Frames=0 "
        "insert-sps-pps=true"},
  {"nv*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
        "preset=low-latency-hq tune=ultra-low-latency zerolatency=true "
        "rc-mode=cbr rate-control=cbr bframes=0 b-frames=0 rc-lookahead=0"},
  /* V4L2: the controls of the driver by their names in the kernel */
  {"v4l2*enc", "extra-controls/video_bitrate", BIT,
        "extra-controls/video_gop_size extra-controls/h264_i_frame_period",
        FRAMES, FALSE, "extra-controls/video_bitrate_mode=1 "
        "extra-controls/video_b_frames=0 "
        "extra-controls/repeat_sequence_header=1"},
  /* Other boards. On Zynq omx* takes kbit/s, and its description says so. */
  {"omx*enc", "target-bitrate", BIT, "interval-intraframes", FRAMES, FALSE,
      "control-rate=constant b-frames=0 inline-header=true"},
  {"mpp*enc", "bps", BIT, "gop", FRAMES, FALSE, "rc-mode=cbr"},
  {"vpuenc_*", "bitrate", KBIT, "gop-size", FRAMES, FALSE, ""},
  {"amcvidenc-*", "bitrate", BIT, "i-frame-interval", SECONDS, FALSE, ""},
  /* Windows, macOS */
  {"mf*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
      "rc-mode=cbr low-latency=true bframes=0"},
  {"d3d12*enc", "bitrate", KBIT, "gop-size", FRAMES, FALSE,
      "rate-control=cbr"},
  {"vtenc_*", "bitrate", KBIT, "max-keyframe-interval", FRAMES, FALSE,
      "realtime=true allow-frame-reordering=false rate-control=cbr"},
  /* Audio */
  {"opusenc", "bitrate", BIT, NULL, FRAMES, FALSE,
      "frame-size=20 inband-fec=true"},
  {"mulawenc", NULL, UNKNOWN, NULL, FRAMES, FALSE, ""},
  {"alawenc", NULL, UNKNOWN, NULL, FRAMES, FALSE, ""},
};

static const Encoder unknown_encoder = {
  "*", NULL, UNKNOWN, NULL, FRAMES, FALSE,
  "bframes=0 b-frames=0 max-bframes=0 rc-lookahead=0 zerolatency=true"
};

/* Property names of encoders that are not in the table. */
static const gchar *const bitrate_names[] = {
  "bitrate", "target-bitrate", "bps",
};

static const gchar *const interval_names[] = {
  "key-int-max", "keyframe-max-dist", "gop-size", "keyframe-period",
  "max-keyframe-interval", "max-key-frame-interval", "gop",
  "interval-intraframes", "iframeinterval", "intra-period-length",
  "i-frame-interval",
};

static void
init_debug (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    GST_DEBUG_CATEGORY_INIT (tune_debug, "rcasttune", 0,
        "rcast: how encoders are set");
    g_once_init_leave (&done, 1);
  }
}

static const gchar *
factory_name (GstElement * encoder)
{
  GstElementFactory *factory = gst_element_get_factory (encoder);

  return factory ? GST_OBJECT_NAME (factory) : "";
}

static const Encoder *
find_encoder (GstElement * encoder)
{
  for (guint i = 0; i < G_N_ELEMENTS (encoders); i++) {
    if (g_pattern_match_simple (encoders[i].factory, factory_name (encoder)))
      return &encoders[i];
  }
  return &unknown_encoder;
}

/* --- properties, some of which are fields of a structure --- */

/* @name: up to a slash, if there is one. Returns: (nullable): the property, if it is writable */
static GParamSpec *
find_property (GstElement * encoder, const gchar * name)
{
  g_autofree gchar *property = g_strndup (name, strcspn (name, "/"));
  GParamSpec *pspec = g_object_class_find_property
      (G_OBJECT_GET_CLASS (encoder), property);

  return pspec && (pspec->flags & G_PARAM_WRITABLE) ? pspec : NULL;
}

static gboolean
set_field (GstElement * encoder, GParamSpec * pspec, const gchar * field,
    gint number)
{
  g_autoptr (GstStructure) old = NULL;
  g_autoptr (GstStructure) controls = NULL;

  if (pspec->value_type != GST_TYPE_STRUCTURE)
    return FALSE;
  if (pspec->flags & G_PARAM_READABLE)
    g_object_get (encoder, pspec->name, &old, NULL);
  controls = old ? g_steal_pointer (&old) :
      gst_structure_new_empty ("controls");
  gst_structure_set (controls, field, G_TYPE_INT, number, NULL);
  g_object_set (encoder, pspec->name, controls, NULL);
  return TRUE;
}

/* Sets @name to the nearest value in its range.
 * Returns: whether there is such a numeric property */
static gboolean
set_number (GstElement * encoder, const gchar * name, guint64 number)
{
  GParamSpec *pspec = find_property (encoder, name);
  const gchar *field = strchr (name, '/');
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) wanted = G_VALUE_INIT;

  if (!pspec)
    return FALSE;
  if (field)
    return set_field (encoder, pspec, field + 1, MIN (number, G_MAXINT));
  if (G_TYPE_FUNDAMENTAL (pspec->value_type) == G_TYPE_BOOLEAN
      || !g_value_type_transformable (G_TYPE_UINT64, pspec->value_type))
    return FALSE;

  g_value_init (&wanted, G_TYPE_UINT64);
  /* A transformation to a smaller type cuts bits off. */
  if (pspec->value_type == G_TYPE_INT || pspec->value_type == G_TYPE_LONG)
    number = MIN (number, G_MAXINT);
  else if (pspec->value_type == G_TYPE_UINT || pspec->value_type == G_TYPE_ULONG)
    number = MIN (number, G_MAXUINT);
  g_value_set_uint64 (&wanted, number);
  g_value_init (&value, pspec->value_type);
  if (!g_value_transform (&wanted, &value))
    return FALSE;
  if (g_param_value_validate (pspec, &value))
    GST_WARNING_OBJECT (encoder, "%s: %" G_GUINT64_FORMAT " is out of range, "
        "setting the nearest value", name, number);
  g_object_set_property (G_OBJECT (encoder), name, &value);
  return TRUE;
}

/* Returns: -1 if @value is not a number */
static gint64
to_number (const GValue * value)
{
  g_auto (GValue) number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_INT64);
  return g_value_transform (value, &number) ? g_value_get_int64 (&number) : -1;
}

static gint64
get_field (GstElement * encoder, const gchar * name, const gchar * field)
{
  g_autoptr (GstStructure) controls = NULL;
  gint number = -1;

  g_object_get (encoder, name, &controls, NULL);
  if (controls)
    gst_structure_get_int (controls, field, &number);
  return number;
}

/* Returns: the value of @name, -1 if it is not readable, or not a number */
static gint64
get_number (GstElement * encoder, const gchar * name)
{
  GParamSpec *pspec = find_property (encoder, name);
  const gchar *field = strchr (name, '/');
  g_auto (GValue) value = G_VALUE_INIT;

  if (!pspec || !(pspec->flags & G_PARAM_READABLE))
    return -1;
  if (field)
    return pspec->value_type == GST_TYPE_STRUCTURE ?
        get_field (encoder, pspec->name, field + 1) : -1;
  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (encoder), name, &value);
  return to_number (&value);
}

/* Sets a property if the encoder has it: versions of an encoder differ in their properties and
 * values. */
static void
set_text (GstElement * encoder, const gchar * name, const gchar * value)
{
  GParamSpec *pspec = find_property (encoder, name);
  const gchar *field = strchr (name, '/');

  if (!pspec)
    GST_DEBUG_OBJECT (encoder, "has no %s", name);
  else if (field)
    set_field (encoder, pspec, field + 1, atoi (value));
  else
    gst_util_set_object_arg (G_OBJECT (encoder), name, value);
}

static void
apply_settings (GstElement * encoder, const gchar * settings)
{
  g_auto (GStrv) words = g_strsplit (settings, " ", -1);

  for (guint i = 0; words[i]; i++) {
    gchar *value = strchr (words[i], '=');

    if (!value)
      continue;
    *value++ = '\0';
    set_text (encoder, words[i], value);
  }
}

/* --- bitrate --- */

/* Whether a word of @text is, or begins with, one of @words. */
static gboolean
mentions (const gchar * text, const gchar * const *words)
{
  for (guint i = 0; words[i]; i++) {
    for (const gchar * p = strstr (text, words[i]); p;
        p = strstr (p + 1, words[i])) {
      if (p == text || !g_ascii_isalpha (p[-1]))
        return TRUE;
    }
  }
  return FALSE;
}

/* Returns: bit/s per unit, by the property's description */
static guint
unit_by_text (GParamSpec * pspec)
{
  static const gchar *const kilobits[] = { "kbit", "kbps", "kb/s", "kilobit",
    NULL
  };
  static const gchar *const megabits[] = { "mbit", "mbps", "mb/s", "megabit",
    NULL
  };
  static const gchar *const bits[] = { "bits/s", "bit/s", "bits per s",
    "bit per s", "bits / s", "bps", NULL
  };
  const gchar *blurb = g_param_spec_get_blurb (pspec);
  g_autofree gchar *text = g_strdup_printf ("%s %s",
      g_param_spec_get_nick (pspec), blurb ? blurb : "");
  g_autofree gchar *lower = g_ascii_strdown (text, -1);

  if (mentions (lower, kilobits))
    return KBIT;
  if (mentions (lower, megabits))
    return MBIT;
  return mentions (lower, bits) ? BIT : UNKNOWN;
}

/* Returns: the largest value of the property; -1 if it is not a number */
static gint64
get_maximum (GParamSpec * pspec)
{
  if (G_IS_PARAM_SPEC_UINT (pspec))
    return G_PARAM_SPEC_UINT (pspec)->maximum;
  if (G_IS_PARAM_SPEC_INT (pspec))
    return G_PARAM_SPEC_INT (pspec)->maximum;
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return MIN (G_PARAM_SPEC_UINT64 (pspec)->maximum, G_MAXINT64);
  return G_IS_PARAM_SPEC_INT64 (pspec) ?
      G_PARAM_SPEC_INT64 (pspec)->maximum : -1;
}

/* Guesses from the default. Nobody encodes video with less than 50 kbit/s or more than 50 Mbit/s
 * by default, nor audio with less than 4 kbit/s or more than 2 Mbit/s. If the default means
 * automatic, the range may tell.
 * Returns: bit/s per unit */
static guint
unit_by_numbers (GParamSpec * pspec, gboolean video)
{
  gint64 number = to_number (g_param_spec_get_default_value (pspec));
  gint64 most = get_maximum (pspec);

  if (number > 0 && number < G_MAXINT) {
    if (number >= (video ? 50001 : 4000))
      return BIT;
    return number >= (video ? 50 : 4) && number <= (video ? 50000 : 2000) ?
        KBIT : UNKNOWN;
  }
  return most > 0 && most <= (video ? 1000000 : 4000) ? KBIT : UNKNOWN;
}

/* At least 1, as 0 means automatic, or nothing at all, to many encoders. */
static gboolean
set_in_units (GstElement * encoder, const gchar * name, guint bits, guint unit)
{
  return set_number (encoder, name, MAX ((bits + unit / 2) / unit, 1));
}

/* A property of the bitrate. */
typedef struct
{
  const gchar *name;            /* NULL: there is none */
  guint unit;                   /* bit/s, UNKNOWN: not known */
} BitrateProperty;

static BitrateProperty
find_known_bitrate (GstElement * encoder, const Encoder * row)
{
  BitrateProperty found = { NULL, row->unit };
  GParamSpec *pspec = row->bitrate ? find_property (encoder, row->bitrate) :
      NULL;
  guint described;

  if (!pspec)
    return found;
  found.name = row->bitrate;
  described = strchr (row->bitrate, '/') ? UNKNOWN : unit_by_text (pspec);
  if (described != UNKNOWN && described != found.unit) {
    GST_INFO_OBJECT (encoder, "%s is in units of %u bit/s, by its own "
        "description; in other versions %u", row->bitrate, described,
        found.unit);
    found.unit = described;
  }
  return found;
}

static BitrateProperty
find_unknown_bitrate (GstElement * encoder, gboolean video)
{
  BitrateProperty found = { NULL, UNKNOWN };

  for (guint i = 0; i < G_N_ELEMENTS (bitrate_names); i++) {
    GParamSpec *pspec = find_property (encoder, bitrate_names[i]);

    if (!pspec || get_maximum (pspec) < 0)
      continue;
    found.name = bitrate_names[i];
    found.unit = unit_by_text (pspec);
    if (found.unit == UNKNOWN)
      found.unit = unit_by_numbers (pspec, video);
    GST_INFO_OBJECT (encoder, "%s is not in the table of encoders; %s seems to "
        "be in units of %u bit/s", factory_name (encoder), found.name,
        found.unit);
    break;
  }
  return found;
}

/* Another version of an encoder may not have the property in the table. */
static BitrateProperty
find_bitrate (GstElement * encoder, gboolean video)
{
  const Encoder *row = find_encoder (encoder);
  BitrateProperty found = { NULL, UNKNOWN };

  if (row != &unknown_encoder) {
    if (!row->bitrate)
      return found;
    found = find_known_bitrate (encoder, row);
  }
  return found.name ? found : find_unknown_bitrate (encoder, video);
}

/* Returns: bit/s for moving pictures of acceptable quality. */
static guint
choose_bitrate (const GstRcastEncoderSettings * settings)
{
  guint64 bits = gst_util_uint64_scale ((guint64) settings->width
      * settings->height * gst_rcast_encoder_settings_get_fps (settings), 8,
      100);

  return CLAMP (bits, 300000, 8000000);
}

static gboolean
has_bitrate (GstElement * encoder)
{
  const Encoder *row = find_encoder (encoder);

  return row == &unknown_encoder || row->bitrate;
}

/**
 * gst_rcast_tune_set_bitrate:
 * @encoder: an encoder, which may be running
 * @video: whether it is a video encoder
 * @bits: bit/s
 *
 * Returns: whether @encoder has such a property, in a unit that is known
 */
gboolean
gst_rcast_tune_set_bitrate (GstElement * encoder, gboolean video, guint bits)
{
  BitrateProperty property;

  init_debug ();
  property = find_bitrate (encoder, video);
  if (property.name && property.unit != UNKNOWN)
    return set_in_units (encoder, property.name, bits, property.unit);
  if (property.name)
    GST_WARNING_OBJECT (encoder, "the unit of %s of %s is not known, its "
        "value is left as it is; set it in encoder-setup", property.name,
        factory_name (encoder));
  else if (has_bitrate (encoder))
    GST_WARNING_OBJECT (encoder, "%s has no known bitrate property",
        factory_name (encoder));
  return FALSE;
}

/**
 * gst_rcast_tune_get_bitrate:
 * @encoder: an encoder, which may be running
 * @video: whether it is a video encoder
 *
 * Returns: the bitrate that is set in bit/s, 0 if it is not known
 */
guint64
gst_rcast_tune_get_bitrate (GstElement * encoder, gboolean video)
{
  BitrateProperty property;
  gint64 number;

  init_debug ();
  property = find_bitrate (encoder, video);
  if (!property.name || property.unit == UNKNOWN)
    return 0;
  number = get_number (encoder, property.name);
  return number > 0 ? (guint64) number * property.unit : 0;
}

/* May be called while the encoder runs. Returns: the bitrate that was set in bit/s, 0: none */
guint
gst_rcast_tune_bitrate (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  gboolean video = settings->width > 0;
  guint bits = settings->bitrate;

  if (bits == 0 && video)
    bits = choose_bitrate (settings);
  return bits > 0 && gst_rcast_tune_set_bitrate (encoder, video, bits) ? bits :
      0;
}

/* --- buffer --- */

/* A property of x264enc, which takes a new length while it runs */
#define BUFFER "vbv-buf-capacity"

/* Returns: length of the rate control's buffer in ms, 0: @encoder has none whose length can change
 * while it runs */
guint
gst_rcast_tune_get_buffer (GstElement * encoder)
{
  return MAX (get_number (encoder, BUFFER), 0);
}

void
gst_rcast_tune_set_buffer (GstElement * encoder, guint ms)
{
  set_number (encoder, BUFFER, ms);
}

/* --- key-frame interval --- */

/* Returns: the unit by the property's description; FRAMES if that names none */
static IntervalUnit
interval_unit_by_text (GParamSpec * pspec)
{
  const gchar *blurb = g_param_spec_get_blurb (pspec);
  g_autofree gchar *lower = g_ascii_strdown (blurb ? blurb : "", -1);

  if (strstr (lower, "nanosecond"))
    return NANOSECONDS;
  return strstr (lower, "in seconds") || strstr (lower, "(seconds)") ?
      SECONDS : FRAMES;
}

static guint64
to_interval (const GstRcastEncoderSettings * settings, IntervalUnit unit)
{
  guint64 ms = settings->keyframe_interval;

  switch (unit) {
    case FRAMES:
      return MAX (gst_util_uint64_scale (ms,
              gst_rcast_encoder_settings_get_fps (settings), 1000), 1);
    case SECONDS:
      return MAX ((ms + 500) / 1000, 1);
    case NANOSECONDS:
      return ms * GST_MSECOND;
  }
  return 0;
}

/* Returns: whether the first property that exists can be changed at once */
static gboolean
set_unknown_interval (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (interval_names); i++) {
    GParamSpec *pspec = find_property (encoder, interval_names[i]);

    if (pspec && set_number (encoder, interval_names[i],
            to_interval (settings, interval_unit_by_text (pspec))))
      return (pspec->flags & GST_PARAM_MUTABLE_PLAYING) != 0;
  }
  GST_INFO_OBJECT (encoder, "%s has no known key-frame interval property",
      factory_name (encoder));
  return FALSE;
}

/**
 * gst_rcast_tune_interval:
 * @encoder: an encoder, which may be running
 * @settings: with the new interval; does nothing for audio
 *
 * Returns: whether a running encoder follows at the next key frame; others follow when they are
 *   started
 */
gboolean
gst_rcast_tune_interval (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  const Encoder *row = find_encoder (encoder);
  g_auto (GStrv) names = NULL;
  gboolean done = FALSE;

  init_debug ();
  if (settings->width <= 0)
    return TRUE;
  names = g_strsplit (row->intervals ? row->intervals : "", " ", -1);
  for (guint i = 0; names[i]; i++)
    done |= set_number (encoder, names[i], to_interval (settings,
            row->interval_unit));
  return done ? row->interval_live : set_unknown_interval (encoder, settings);
}

/* @told: the last value passed on, 0: none yet
 * @percent: share of packets that are lost. Each packet of Opus then repeats the one before,
 *   coarsely
 *
 * A value set by the application stays. */
void
gst_rcast_tune_loss (GstElement * encoder, guint told, guint percent)
{
  gint set;

  if (!g_str_equal (factory_name (encoder), "opusenc"))
    return;
  g_object_get (encoder, "packet-loss-percentage", &set, NULL);
  if ((guint) set == told && percent != told)
    g_object_set (encoder, "packet-loss-percentage", percent, NULL);
}

/* @mtu: largest size of an RTP packet, in bytes
 *
 * Call this before @encoder starts. Only opusenc sets the length of packets; for other encoders,
 * the payloader does. Only x264enc can make slices that fit into a packet. */
void
gst_rcast_tune_packing (GstElement * encoder, const GstRcastPacking * packing,
    guint mtu)
{
  if (g_str_equal (factory_name (encoder), "opusenc"))
    set_text (encoder, "frame-size",
        gst_rcast_opus_choose_frame (packing->ptime));
  if (packing->single_units && g_str_equal (factory_name (encoder), "x264enc")) {
    g_autofree gchar *options = g_strdup_printf ("slice-max-size=%u",
        gst_rcast_units_get_slice_size (mtu));

    set_text (encoder, "option-string", options);
  }
}

/**
 * gst_rcast_tune_encoder:
 * @encoder: an encoder that has not started
 * @settings: the settings to apply
 *
 * Sets an encoder up for low latency, and applies @settings.
 */
void
gst_rcast_tune_encoder (GstElement * encoder,
    const GstRcastEncoderSettings * settings)
{
  const Encoder *row = find_encoder (encoder);

  init_debug ();
  apply_settings (encoder, row->settings);
  if (row->max_threads > 0)
    set_number (encoder, "threads", MIN (g_get_num_processors (),
            row->max_threads));
  gst_rcast_tune_interval (encoder, settings);
  gst_rcast_tune_bitrate (encoder, settings);
}
