/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Encoders get their bitrate and key-frame interval in the unit that they take. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>
#include <stdlib.h>
#include <string.h>

#include "gstrcasttune.h"
#include "rcast-codec.h"

/* --- stand-ins for encoders that need other hardware --- */

#define MAX_PROPERTIES 12

/* type: u guint, i gint, U guint64, b boolean, e enum, s structure, f float, t string */
typedef struct
{
  const gchar *name;
  gchar type;
  gdouble min, max, initial;
  const gchar *blurb;
  guint flags;
} FakeProperty;

typedef struct
{
  const gchar *factory;
  FakeProperty properties[MAX_PROPERTIES];
  const gchar *set;             /* expected: property=value … */
  const gchar *live;            /* expected after 1000000 bit/s, 1000 ms, while it runs */
} Fake;

typedef struct
{
  GstElement parent;
  GValue values[MAX_PROPERTIES];
} FakeEncoder;

typedef struct
{
  GstElementClass parent;
  const Fake *fake;
} FakeEncoderClass;

static GType
fake_enum_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {0, "OFF", "off"}, {1, "CONSTANT", "constant"}, {2, "CBR", "cbr"},
    {3, "VBR", "vbr"}, {4, "ULTRA_LOW_LATENCY", "ultra-low-latency"},
    {0, NULL, NULL}
  };

  if (!type)
    type = g_enum_register_static ("FakeEnum", values);
  return type;
}

static GParamSpec *
make_pspec (const FakeProperty * p)
{
  GParamFlags flags = G_PARAM_READWRITE | p->flags;

  switch (p->type) {
    case 'u':
      return g_param_spec_uint (p->name, p->name, p->blurb, p->min, p->max,
          p->initial, flags);
    case 'i':
      return g_param_spec_int (p->name, p->name, p->blurb, p->min, p->max,
          p->initial, flags);
    case 'U':
      return g_param_spec_uint64 (p->name, p->name, p->blurb, p->min, p->max,
          p->initial, flags);
    case 'f':
      return g_param_spec_float (p->name, p->name, p->blurb, p->min, p->max,
          p->initial, flags);
    case 'b':
      return g_param_spec_boolean (p->name, p->name, p->blurb, p->initial,
          flags);
    case 'e':
      return g_param_spec_enum (p->name, p->name, p->blurb,
          fake_enum_get_type (), p->initial, flags);
    case 's':
      return g_param_spec_boxed (p->name, p->name, p->blurb,
          GST_TYPE_STRUCTURE, flags);
    default:
      return g_param_spec_string (p->name, p->name, p->blurb, NULL, flags);
  }
}

static void
fake_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  g_value_copy (&((FakeEncoder *) object)->values[id - 1], value);
}

static void
fake_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  g_value_copy (value, &((FakeEncoder *) object)->values[id - 1]);
}

static void
fake_finalize (GObject * object)
{
  for (guint i = 0; i < MAX_PROPERTIES; i++) {
    if (G_IS_VALUE (&((FakeEncoder *) object)->values[i]))
      g_value_unset (&((FakeEncoder *) object)->values[i]);
  }
  G_OBJECT_CLASS (g_type_class_peek (GST_TYPE_ELEMENT))->finalize (object);
}

static void
fake_class_init (gpointer klass, gpointer data)
{
  GObjectClass *object_class = klass;
  const Fake *fake = data;

  ((FakeEncoderClass *) klass)->fake = fake;
  object_class->get_property = fake_get_property;
  object_class->set_property = fake_set_property;
  object_class->finalize = fake_finalize;
  gst_element_class_set_static_metadata (klass, "Fake", "Codec/Encoder/Video",
      "Has the properties of an encoder", "The gst-rcast authors");
  for (guint i = 0; i < MAX_PROPERTIES && fake->properties[i].name; i++)
    g_object_class_install_property (object_class, i + 1,
        make_pspec (&fake->properties[i]));
}

static void
fake_init (GTypeInstance * instance, gpointer klass)
{
  const Fake *fake = ((FakeEncoderClass *) klass)->fake;

  for (guint i = 0; i < MAX_PROPERTIES && fake->properties[i].name; i++) {
    GParamSpec *pspec = g_object_class_find_property (klass,
        fake->properties[i].name);

    g_value_init (&((FakeEncoder *) instance)->values[i], pspec->value_type);
    g_param_value_set_default (pspec, &((FakeEncoder *) instance)->values[i]);
  }
}

/* Returns: (transfer full) */
static GstElement *
make_fake (const Fake * fake)
{
  g_autofree gchar *name = g_strdelimit (g_strdup_printf ("Fake%s-%p",
          fake->factory, fake), "-", '_');
  GTypeInfo info = {.class_size = sizeof (FakeEncoderClass),
    .class_init = fake_class_init,.class_data = fake,
    .instance_size = sizeof (FakeEncoder),.instance_init = fake_init,
  };
  GType type = g_type_from_name (name);
  GstElement *element;

  if (!type)
    type = g_type_register_static (GST_TYPE_ELEMENT, name, &info, 0);
  fail_unless (gst_element_register (NULL, fake->factory, GST_RANK_NONE, type));
  element = gst_element_factory_make (fake->factory, NULL);
  fail_unless (element != NULL && G_OBJECT_TYPE (element) == type, "%s",
      fake->factory);
  return gst_object_ref_sink (element);
}

/* @expected: property=value …, of a structure property/field=value */
static void
check_values (GstElement * element, const gchar * expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);

  for (guint i = 0; words[i]; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
    gchar *field = strchr (pair[0], '/');
    GParamSpec *pspec;
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    if (field)
      *field++ = '\0';
    pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (element),
        pair[0]);
    fail_unless (pspec != NULL, "%s", pair[0]);
    g_value_init (&value, pspec->value_type);
    g_object_get_property (G_OBJECT (element), pair[0], &value);
    if (field) {
      const GstStructure *s = gst_value_get_structure (&value);
      const GValue *in = s ? gst_structure_get_value (s, field) : NULL;

      text = in ? gst_value_serialize (in) : g_strdup ("nothing");
    } else if (G_VALUE_HOLDS_ENUM (&value)) {
      GEnumClass *klass = g_type_class_peek (fake_enum_get_type ());

      text = g_strdup (g_enum_get_value (klass,
              g_value_get_enum (&value))->value_nick);
    } else {
      text = gst_value_serialize (&value);
    }
    fail_unless (g_strcmp0 (text, pair[1]) == 0, "%s: %s is %s, not %s",
        GST_OBJECT_NAME (gst_element_get_factory (element)), words[i], text,
        pair[1]);
  }
}

#define U32 4294967295.0
#define I32 2147483647.0
#define LIVE GST_PARAM_MUTABLE_PLAYING

/* Ranges, defaults and descriptions are those of the real encoders. */
static const Fake fakes[] = {
  {"nvv4l2h264enc", {
              {"bitrate", 'u', 0, U32, 4000000, "Set bitrate for v4l2 encode"},
              {"control-rate", 'e', 0, 0, 0, "Set control rate"},
              {"iframeinterval", 'u', 0, U32, 30, "Encoding Intra Frame "
                    "occurance frequency"},
              {"idrinterval", 'u', 0, U32, 256, "Encoding IDR Frame occurance "
                    "frequency"},
              {"insert-sps-pps", 'b', 0, 0, 0, "Insert H.264 SPS, PPS"},
              {"maxperf-enable", 'b', 0, 0, 0, "Set Max Performance mode"},
              {"preset-level", 'e', 0, 0, 0, "HW preset level"},
          {"num-B-Frames", 'u', 0, 2, 0, "Number of B Frames"}},
        "bitrate=2000000 control-rate=constant iframeinterval=60 idrinterval=60 "
        "insert-sps-pps=true maxperf-enable=true preset-level=constant "
        "num-B-Frames=0",
      "bitrate=1000000"},
  {"nvv4l2vp8enc", {
              {"bitrate", 'u', 0, U32, 4000000, "Set bitrate for v4l2 encode"},
          {"iframeinterval", 'u', 0, U32, 30, "Encoding Intra Frame"}},
      "bitrate=2000000 iframeinterval=60", "bitrate=1000000"},
  {"v4l2h264enc", {
          {"extra-controls", 's', 0, 0, 0, "Extra v4l2 controls (CIDs)"}},
        "extra-controls/video_bitrate=2000000 "
        "extra-controls/video_gop_size=60 "
        "extra-controls/h264_i_frame_period=60 "
        "extra-controls/video_bitrate_mode=1 "
        "extra-controls/video_b_frames=0 "
        "extra-controls/repeat_sequence_header=1",
        "extra-controls/video_bitrate=1000000 "
      "extra-controls/h264_i_frame_period=30 "
      "extra-controls/repeat_sequence_header=1"},
  {"v4l2video11vp8enc", {
          {"extra-controls", 's', 0, 0, 0, "Extra v4l2 controls (CIDs)"}},
      "extra-controls/video_bitrate=2000000", NULL},
  {"vah264enc", {
              {"bitrate", 'u', 0, 2000 * 1024, 0, "The desired bitrate expressed "
                    "in kbps (0: auto-calculate)", LIVE},
              {"key-int-max", 'u', 0, 1024, 0, "The maximal distance between two "
                    "keyframes. It decides the size of GOP (0: auto-calculate)"},
              {"rate-control", 'e', 0, 0, 3, "The desired rate control mode"},
          {"b-frames", 'u', 0, 31, 1, "Number of B-frames"}},
      "bitrate=2000 key-int-max=60 rate-control=cbr b-frames=0",
      "bitrate=1000 key-int-max=30"},
  {"varenderD129av1lpenc", {
              {"bitrate", 'u', 0, 2000 * 1024, 0, "The desired bitrate expressed "
                    "in kbps"},
          {"key-int-max", 'u', 0, 1024, 60, "GOP"}},
      "bitrate=2000 key-int-max=60", "bitrate=1000"},
  {"vaapih265enc", {
              {"bitrate", 'u', 0, 2000 * 1024, 0, "The desired bitrate expressed "
                    "in kbps (0: auto-calculate)"},
              {"keyframe-period", 'u', 0, U32, 30, "Maximal distance between two "
                    "keyframes (0: auto-calculate)"},
              {"rate-control", 'e', 0, 0, 0, "Rate control mode"},
          {"max-bframes", 'u', 0, 10, 2, "Number of B-frames"}},
      "bitrate=2000 keyframe-period=60 rate-control=cbr max-bframes=0",
      "bitrate=1000"},
  {"qsvh264enc", {
              {"bitrate", 'u', 0, I32, 2000, "Target bitrate in kbit/sec, "
                    "Ignored when selected rate-control mode is constant QP"},
              {"gop-size", 'u', 0, I32, 30, "Number of pictures within a GOP (0: "
                    "unspecified)"},
              {"rate-control", 'e', 0, 0, 3, "Rate Control Method"},
          {"low-latency", 'b', 0, 0, 0, "Enables low-latency encoding"}},
      "bitrate=2000 gop-size=60 rate-control=cbr low-latency=true",
      "bitrate=1000"},
  /* The property has 16 bits. */
  {"qsvvp9enc", {
          {"bitrate", 'u', 0, 65535, 2000, "Target bitrate in kbit/sec"}},
      "bitrate=2000", "bitrate=1000"},
  {"msdkh264enc", {
              {"bitrate", 'u', 0, 2000 * 1024, 2048, "Bitrate in kbit/sec"},
              {"gop-size", 'u', 0, U32, 256, "GOP Size"},
          {"async-depth", 'u', 1, 20, 4, "Depth of asynchronous pipeline"}},
      "bitrate=2000 gop-size=60 async-depth=1", "bitrate=1000"},
  {"amfh264enc", {
              {"bitrate", 'u', 0, 2147483, 0, "Target bitrate in kbit/sec (0: "
                    "USAGE default)"},
              {"gop-size", 'i', -1, I32, -1, "Number of pictures within a GOP (-1: "
                    "USAGE default)"},
              {"usage", 'e', 0, 0, 0, "Target usage"},
          {"rate-control", 'e', 0, 0, 0, "Rate Control Method"}},
        "bitrate=2000 gop-size=60 usage=ultra-low-latency rate-control=cbr",
      "bitrate=1000"},
  {"mfh264enc", {
              {"bitrate", 'u', 1, U32 / 1024, 2048, "Bitrate in kbit/sec"},
              {"gop-size", 'i', -1, I32, -1, "The number of pictures from one GOP "
                    "header to the next"},
              {"rc-mode", 'e', 0, 0, 3, "Rate Control Mode"},
          {"low-latency", 'b', 0, 0, 0, "Enable low latency encoding"}},
      "bitrate=2000 gop-size=60 rc-mode=cbr low-latency=true", "bitrate=1000"},
  {"vtenc_h264", {
              {"bitrate", 'u', 0, U32, 0, "Target video bitrate in kbps (0 = auto)"},
              {"max-keyframe-interval", 'i', 0, I32, 0, "Maximum number of frames "
                    "between keyframes (0 = auto)"},
              {"realtime", 'b', 0, 0, 0, "Configure the encoder for realtime output"},
          {"allow-frame-reordering", 'b', 0, 0, 1, "Whether to allow frame "
                "reordering or not"}},
        "bitrate=2000 max-keyframe-interval=60 realtime=true "
      "allow-frame-reordering=false", "bitrate=1000"},
  {"d3d12h264enc", {
              {"bitrate", 'u', 0, U32, 2000, "Target bitrate in kbits/second"},
          {"gop-size", 'u', 0, U32, 60, "Size of GOP (0 = infinite)"}},
      "bitrate=2000 gop-size=60", "bitrate=1000"},
  {"nvh264enc", {
              {"bitrate", 'u', 0, 2000 * 1024, 0, "Bitrate in kbit/sec (0 = "
                    "automatic)", LIVE},
              {"gop-size", 'i', -1, I32, 75, "Number of frames between intra "
                    "frames (-1 = infinite)", LIVE},
              {"rc-mode", 'e', 0, 0, 0, "Rate Control Mode"},
              {"zerolatency", 'b', 0, 0, 0, "Zero latency operation"},
          {"bframes", 'u', 0, 4, 2, "Number of B-frames"}},
        "bitrate=2000 gop-size=60 rc-mode=cbr zerolatency=true bframes=0",
      "bitrate=1000"},
  {"nvautogpuh265enc", {
              {"bitrate", 'u', 0, 2000 * 1024, 0, "Bitrate in kbit/sec"},
              {"gop-size", 'i', -1, I32, 30, "Number of frames"},
          {"rate-control", 'e', 0, 0, 3, "Rate Control Method"}},
      "bitrate=2000 gop-size=60 rate-control=cbr", "bitrate=1000"},
  /* On most boards, ... */
  {"omxh264enc", {
              {"target-bitrate", 'u', 0, U32, U32, "Target bitrate "
                    "(0xffffffff=component default)", LIVE},
              {"control-rate", 'e', 0, 0, 0, "Bitrate control method"},
          {"interval-intraframes", 'u', 0, U32, U32, "Interval of coding Intra "
                "frames (0xffffffff=component default)"}},
        "target-bitrate=2000000 control-rate=constant interval-intraframes=60",
      "target-bitrate=1000000"},
  /* ... and on Zynq. */
  {"omxh265enc", {
          {"target-bitrate", 'u', 0, U32, U32, "Target bitrate in Kbps "
                "(0xffffffff=component default)"}},
      "target-bitrate=2000", "target-bitrate=1000"},
  {"svtav1enc", {
              {"target-bitrate", 'u', 0, 100000, 0, "Target bitrate in kbits/sec. "
                    "Enables CBR or VBR mode"},
          {"intra-period-length", 'i', -2, I32, -2, "Period of Intra Frames "
                "insertion (-2 is auto, -1 no updates)"}},
      "target-bitrate=2000 intra-period-length=60", "target-bitrate=1000"},
  {"rav1enc", {
              {"bitrate", 'i', 0, I32, 0, "Bitrate in bits per second"},
              {"max-key-frame-interval", 'U', 0, I32, 240, "Max Key Frame Interval"},
              {"low-latency", 'b', 0, 0, 0, "Low Latency"},
          {"speed-preset", 'u', 0, 10, 6, "Speed preset (10 fastest)"}},
        "bitrate=2000000 max-key-frame-interval=60 low-latency=true "
      "speed-preset=10", "bitrate=1000000"},
  {"mpph264enc", {
              {"bps", 'u', 0, U32, 0, "Target BPS (0 = auto calculate)"},
          {"gop", 'i', -1, I32, -1, "Group of pictures starting with I frame"}},
      "bps=2000000 gop=60", "bps=1000000"},
  {"amcvidenc-c2androidavcencoder", {
              {"bitrate", 'u', 1, I32, 512 * 1024, "Bitrate in bits/s"},
          {"i-frame-interval", 'u', 0, I32, 0, "The frequency of I frames in "
                "seconds (0 for automatic)"}},
      "bitrate=2000000 i-frame-interval=2", "bitrate=1000000 i-frame-interval=1"},
  /* An encoder that is not in the table: by the property's description, ... */
  {"acmeh264enc", {
              {"bitrate", 'u', 0, U32, 0, "Rate in kilobits per second"},
          {"bframes", 'u', 0, 4, 2, "B"}},
      "bitrate=2000 bframes=0", "bitrate=1000"},
  {"acmeh265enc", {
              {"target-bitrate", 'i', 0, I32, 0, "bits/s"},
          {"gop-size", 'u', 0, 500, 0, "GOP"}},
      "target-bitrate=2000000 gop-size=60", "target-bitrate=1000000"},
  {"acmempegenc", {{"bitrate", 'u', 0, 100, 0, "Mbit/s"}},
      "bitrate=2", "bitrate=1"},
  {"acmelongenc", {{"bitrate", 'U', 0, 1e12, 0, "In bits/sec"}},
      "bitrate=2000000", "bitrate=1000000"},
  /* ... in which a part of a word does not count, ... */
  {"acmewordenc", {{"bitrate", 'u', 0, U32, 0, "Orbits/s and rkbps"}},
      "bitrate=0", "bitrate=0"},
  /* ... by its default, ... */
  {"acmevp8enc", {{"bitrate", 'u', 0, U32, 2048, "Rate"}},
      "bitrate=2000", "bitrate=1000"},
  {"acmevp9enc", {{"bitrate", 'u', 0, U32, 2048000, "Rate"}},
      "bitrate=2000000", "bitrate=1000000"},
  /* ... or by its range. */
  {"acmeav1enc", {{"bitrate", 'u', 0, 500000, 0, "Rate"}},
      "bitrate=2000", "bitrate=1000"},
  /* A default is better than a bitrate that is wrong by a factor of 1000, ... */
  {"acmecodecenc", {
              {"bitrate", 'u', 0, U32, 0, "Rate, as it likes"},
          {"key-int-max", 'U', 0, I32, 0, "In nanoseconds"}},
      "bitrate=0 key-int-max=2000000000", "bitrate=0"},
  {"acmesentinelenc", {{"target-bitrate", 'u', 0, U32, U32, "Rate"}},
      "target-bitrate=4294967295", "target-bitrate=4294967295"},
  /* ... and properties of other types, or none, are left alone. */
  {"acmetextenc", {
              {"bitrate", 't', 0, 0, 0, "bits/s"},
              {"gop-size", 'b', 0, 0, 0, "GOP"},
          {"bframes", 't', 0, 0, 0, "B"}},
      "gop-size=false", "gop-size=false"},
  {"acmenothingenc", {{"name-of-it", 't', 0, 0, 0, ""}}, "", ""},
  /* A factory of the table, in a version with other properties */
  {"mfh265enc", {
              {"target-bitrate", 'u', 0, U32, 0, "kbit/s"},
          {"max-keyframe-interval", 'u', 0, U32, 0, "frames"}},
      "target-bitrate=2000 max-keyframe-interval=60", "target-bitrate=1000"},
  /* A factory of the table, with properties of other types */
  {"nvv4l2av1enc", {
              {"bitrate", 't', 0, 0, 0, "bits/s"},
          {"insert-sps-pps", 'u', 0, 9, 7, ""}},
      "insert-sps-pps=7", NULL},
  {"v4l2h265enc", {{"extra-controls", 't', 0, 0, 0, ""}}, "", NULL},
};

GST_START_TEST (test_encoder_gets_its_units)
{
  const Fake *fake = &fakes[__i__];
  GstElement *encoder = make_fake (fake);
  GstRcastEncoderSettings settings = {.bitrate = 2000000,
    .keyframe_interval = 2000,.width = 1280,.height = 720,.fps_n = 30,
    .fps_d = 1
  };

  gst_rcast_tune_encoder (encoder, &settings);
  if (*fake->set)
    check_values (encoder, fake->set);

  settings.bitrate = 1000000;
  settings.keyframe_interval = 1000;
  gst_rcast_tune_bitrate (encoder, &settings);
  gst_rcast_tune_interval (encoder, &settings);
  if (fake->live && *fake->live)
    check_values (encoder, fake->live);
  gst_object_unref (encoder);
}

GST_END_TEST;

/* Extra controls that the application set are kept. */
GST_START_TEST (test_extra_controls_of_others_are_kept)
{
  GstElement *encoder = NULL;
  GstRcastEncoderSettings settings = {.bitrate = 2000000,
    .keyframe_interval = 2000,.width = 640,.height = 480
  };
  g_autoptr (GstStructure) controls = gst_structure_new ("mine",
      "rotate", G_TYPE_INT, 90, "video_bitrate", G_TYPE_INT, 5, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (fakes) && !encoder; i++) {
    if (g_str_equal (fakes[i].factory, "v4l2h264enc"))
      encoder = make_fake (&fakes[i]);
  }
  g_object_set (encoder, "extra-controls", controls, NULL);
  gst_rcast_tune_encoder (encoder, &settings);
  check_values (encoder,
      "extra-controls/rotate=90 extra-controls/video_bitrate=2000000");
  gst_object_unref (encoder);
}

GST_END_TEST;

static const struct
{
  gint width, height, fps_n;
  guint bits;
} sizes[] = {
  {320, 240, 15, 300000},
  {1280, 720, 30, 2211840},
  {1280, 720, 0, 2211840},      /* a variable rate counts as 30 */
  {3840, 2160, 60, 8000000},
};

GST_START_TEST (test_bitrate_0_is_one_by_size_and_frame_rate)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GstElement *encoder = make_fake (&fakes[0]);
    GstRcastEncoderSettings settings = {.keyframe_interval = 2000,
      .width = sizes[i].width,.height = sizes[i].height,
      .fps_n = sizes[i].fps_n,.fps_d = 1
    };
    guint bits;

    gst_rcast_tune_encoder (encoder, &settings);
    g_object_get (encoder, "bitrate", &bits, NULL);
    fail_unless_equals_int (bits, sizes[i].bits);
    gst_object_unref (encoder);
  }
}

GST_END_TEST;

/* --- the real encoders that are installed --- */

typedef struct
{
  guint64 bytes;
  guint frames, keys;
} Output;

static GstPadProbeReturn
measure (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Output *output = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  output->bytes += gst_buffer_get_size (buffer);
  output->frames++;
  output->keys += !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return GST_PAD_PROBE_OK;
}

#define SECONDS_ENCODED 2

/* Encodes more detail than fits, so that the encoder has to keep to its bitrate.
 * @bitrate: 0: the encoder stays as it is
 * Returns: whether the encoder works */
static gboolean
encode (GstElementFactory * factory, GstRcastCodec codec, guint bitrate,
    Output * output)
{
  gboolean video = gst_rcast_codec_is_video (codec);
  g_autoptr (GstCaps) made = gst_rcast_encoder_get_output (factory, codec);
  g_autoptr (GstCaps) raw = gst_caps_from_string (video ?
      "video/x-raw,format=I420,width=320,height=240,framerate=30/1" :
      "audio/x-raw,rate=48000,channels=2");
  g_autofree gchar *text = gst_caps_to_string (raw);
  g_autofree gchar *line = g_strdup_printf (video ?
      "videotestsrc pattern=zone-plate kx2=20 ky2=20 kt=7 num-buffers=%u ! %s ! videoconvert" :
      "audiotestsrc wave=white-noise samplesperbuffer=960 num-buffers=%u ! %s "
      "! audioconvert", SECONDS_ENCODED * (video ? 30 : 50), text);
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_parse_bin_from_description (line, TRUE, NULL);
  GstElement *encoder = gst_element_factory_create (factory, "encoder");
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstRcastEncoderSettings settings = {.bitrate = bitrate,
    .keyframe_interval = 1000,.width = video ? 320 : 0,
    .height = video ? 240 : 0,.fps_n = 30,.fps_d = 1
  };
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *msg;
  gboolean works;

  memset (output, 0, sizeof (*output));
  gst_bin_add_many (GST_BIN (pipeline), source, encoder, sink, NULL);
  works = gst_element_set_state (encoder, GST_STATE_READY)
      != GST_STATE_CHANGE_FAILURE;
  if (works) {
    if (bitrate > 0)
      gst_rcast_tune_encoder (encoder, &settings);
    g_object_set (sink, "sync", FALSE, NULL);
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, measure, output, NULL);
    fail_unless (gst_element_link (source, encoder));
    fail_unless (gst_element_link_filtered (encoder, sink, made));
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    msg = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    works = GST_MESSAGE_TYPE (msg) == GST_MESSAGE_EOS;
    gst_message_unref (msg);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return works;
}

static void
check_real (GstElementFactory * factory, GstRcastCodec codec)
{
  gboolean video = gst_rcast_codec_is_video (codec);
  guint rates[] = { video ? 600000 : 32000, video ? 2400000 : 128000 };
  gdouble made[2];

  for (guint i = 0; i < 2; i++) {
    Output output;

    if (!encode (factory, codec, rates[i], &output)) {
      fail_if (encode (factory, codec, 0, &output), "%s works as long as it is "
          "not set", GST_OBJECT_NAME (factory));
      GST_INFO ("%s does not work here", GST_OBJECT_NAME (factory));
      return;
    }
    made[i] = output.bytes * 8.0 / SECONDS_ENCODED;
    GST_INFO ("%s: %u bit/s asked for, %.0f made, %u frames, %u key frames",
        GST_OBJECT_NAME (factory), rates[i], made[i], output.frames,
        output.keys);
    /* An encoder that has little time, or a short stream, is not exact. */
    fail_unless (made[i] > rates[i] / 4.0 && made[i] < rates[i] * 4.0,
        "%s: %u bit/s asked for, %.0f made", GST_OBJECT_NAME (factory),
        rates[i], made[i]);
    if (video)
      fail_unless (output.keys >= SECONDS_ENCODED, "%s: %u key frames",
          GST_OBJECT_NAME (factory), output.keys);
  }
  fail_unless (made[1] > 1.5 * made[0], "%s: %.0f, then %.0f bit/s",
      GST_OBJECT_NAME (factory), made[0], made[1]);
}

GST_START_TEST (test_installed_encoders_make_what_is_asked_for)
{
  GstRcastCodec codec = __i__;
  g_autoptr (GstCaps) raw = gst_caps_from_string (gst_rcast_codec_is_video
      (codec) ? "video/x-raw,format=I420,width=320,height=240,framerate=30/1" :
      "audio/x-raw,rate=48000,channels=2");
  GList *factories;

  /* The rate of these codecs is fixed. */
  if (codec == GST_RCAST_CODEC_PCMU || codec == GST_RCAST_CODEC_PCMA)
    return;
  factories = gst_rcast_encoders_find (codec, raw);
  for (GList * l = factories; l; l = l->next)
    check_real (l->data, codec);
  gst_plugin_feature_list_free (factories);
}

GST_END_TEST;

GST_START_TEST (test_encoders_that_obey_at_once_say_so)
{
  static const struct
  {
    const gchar *factory;
    gboolean live;
  } rows[] = {
    {"vp8enc", FALSE}, {"vp9enc", TRUE}, {"av1enc", TRUE}, {"x264enc", FALSE},
    {"x265enc", FALSE}, {"openh264enc", FALSE},
  };
  GstRcastEncoderSettings settings = {.keyframe_interval = 2000,.width = 640,
    .height = 480
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstElement *encoder = gst_element_factory_make (rows[i].factory, NULL);

    if (!encoder)
      continue;
    gst_object_ref_sink (encoder);
    fail_unless_equals_int (gst_rcast_tune_interval (encoder, &settings),
        rows[i].live);
    gst_object_unref (encoder);
  }
}

GST_END_TEST;

static Suite *
encoders_suite (void)
{
  Suite *s = suite_create ("rcast-encoders");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_encoder_gets_its_units, 0,
      G_N_ELEMENTS (fakes));
  tcase_add_test (tc, test_extra_controls_of_others_are_kept);
  tcase_add_test (tc, test_bitrate_0_is_one_by_size_and_frame_rate);
  tcase_add_loop_test (tc, test_installed_encoders_make_what_is_asked_for, 1,
      GST_RCAST_N_CODECS);
  tcase_add_test (tc, test_encoders_that_obey_at_once_say_so);
  return s;
}

GST_CHECK_MAIN (encoders);
