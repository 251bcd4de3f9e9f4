/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The encoder settings of one stream, its own or those of all, before the encoder starts and
 * while it runs. */
#include "config.h"

#include "gstrcastencoding.h"

#include <gst/webrtc/webrtc.h>

#include "gstrcasttune.h"
#include "rcast-enumtypes.h"
#include "rcast-follow.h"
#include "rcast-raw.h"

GST_DEBUG_CATEGORY_STATIC (encoding_debug);
#define GST_CAT_DEFAULT encoding_debug

/* The least bitrate for a moving picture of any size. */
#define DEFAULT_MIN_BITRATE 30000

/* If the bitrate falls to this percentage or less, the encoder's buffer is divided by SHORTER for
 * HURRY, or until the bitrate rises. With the whole buffer, each of the first frames would fill
 * half of it. */
#define FELL 75
#define SHORTER 3
#define HURRY (2 * GST_SECOND)

struct _GstRcastEncoding
{
  GstObject parent;

  GstRcastEncoderSettings settings;     /* OBJECT_LOCK, as for all below */
  gboolean own_bitrate;         /* set for this stream, instead of the default */
  gboolean own_interval;
  gboolean own_mix;
  GstWebRTCPriorityType priority;
  guint min_bitrate, max_bitrate;       /* limits of the stream's share */
  GstRcastAudioMix audio_mix;   /* for the next caps */
  GstElement *encoder;          /* the one that runs, or is about to */
  guint64 ceiling;              /* bit/s that it makes unless the network carries less;
                                 * 0: nobody can tell */
  guint64 target;               /* bit/s that the network carries of it */
  guint64 told;                 /* bit/s that the encoder was last told; 0: nothing yet */
  guint buffer;                 /* ms of its rate control, as set up; 0: cannot be changed */
  gboolean hurried;             /* its buffer is shorter than @buffer */
  GstClockTime hurried_until;   /* NONE: HURRY begins with the next frame */
  guint loss, loss_told;        /* percent of lost packets: measured, and known to the encoder */
  gboolean reduce_picture;      /* if there are few bits for it */
};

G_DEFINE_TYPE_WITH_CODE (GstRcastEncoding, gst_rcast_encoding, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (encoding_debug, "rcastencoding", 0,
        "rcast: what the encoder of a stream is set to"));

/* Takes size, frame rate and channels from @raw; the user's settings stay. Once stereo, always
 * stereo: decoders of Opus play the first mono packets too loud if they follow another encoder's
 * stereo, and the receivers would need a new negotiation. */
void
gst_rcast_encoding_set_input (GstRcastEncoding * encoding, const GstCaps * raw)
{
  const GstStructure *s = gst_caps_get_structure (raw, 0);
  GstRcastPicture picture = gst_rcast_raw_get_picture (raw);
  gint fps_n = 0, fps_d = 1;

  gst_structure_get_fraction (s, "framerate", &fps_n, &fps_d);
  GST_OBJECT_LOCK (encoding);
  encoding->settings.width = picture.width;
  encoding->settings.height = picture.height;
  encoding->settings.fps_n = fps_n;
  encoding->settings.fps_d = fps_d;
  encoding->settings.audio_mix = encoding->audio_mix;
  encoding->settings.channels = MAX (encoding->settings.channels,
      gst_rcast_raw_get_channels (raw, encoding->audio_mix));
  GST_OBJECT_UNLOCK (encoding);
}

/* The next input belongs to another stream. */
void
gst_rcast_encoding_forget_input (GstRcastEncoding * encoding)
{
  GST_OBJECT_LOCK (encoding);
  encoding->settings.channels = 0;
  GST_OBJECT_UNLOCK (encoding);
}

/* Sets it for this stream. It takes effect with the next caps. */
static void
set_audio_mix (GstRcastEncoding * encoding,
    GstRcastAudioMix mix)
{
  GST_OBJECT_LOCK (encoding);
  encoding->own_mix = TRUE;
  encoding->audio_mix = mix;
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

/* Returns: (transfer full) (nullable): the running encoder */
GstElement *
gst_rcast_encoding_get_encoder (GstRcastEncoding * encoding)
{
  GstElement *encoder;

  GST_OBJECT_LOCK (encoding);
  encoder = encoding->encoder ? gst_object_ref (encoding->encoder) : NULL;
  GST_OBJECT_UNLOCK (encoding);
  return encoder;
}

/* What the application has set on the encoder counts as the stream's setting. */
static void
read_setup (GstRcastEncoding * self, GstElement * encoder)
{
  gboolean video = gst_rcast_encoding_get_settings (self).width > 0;
  guint64 ceiling = gst_rcast_tune_get_bitrate (encoder, video);
  guint buffer = gst_rcast_tune_get_buffer (encoder);

  GST_OBJECT_LOCK (self);
  self->ceiling = ceiling;
  self->buffer = buffer;
  self->told = 0;
  self->hurried = FALSE;
  GST_OBJECT_UNLOCK (self);
}

/* Returns: the bit/s to encode with now, 0 if not known */
static guint64
get_wanted_locked (GstRcastEncoding * self)
{
  return self->ceiling == 0 ? 0 : CLAMP (self->target, 1, self->ceiling);
}

/* Returns: the new length of the encoder's buffer in ms, 0: it keeps its length */
static guint
hurry_locked (GstRcastEncoding * self, guint64 wanted)
{
  gboolean before = self->hurried;

  if (100 * wanted <= FELL * self->told) {
    self->hurried = TRUE;
    self->hurried_until = GST_CLOCK_TIME_NONE;
  } else if (wanted > self->told)
    self->hurried = FALSE;
  self->told = wanted;
  if (self->hurried == before)
    return 0;
  return self->hurried ? self->buffer / SHORTER : self->buffer;
}

static void
obey_target (GstRcastEncoding * self, GstElement * encoder)
{
  guint64 wanted;
  gboolean video;
  guint buffer;

  GST_OBJECT_LOCK (self);
  wanted = get_wanted_locked (self);
  video = self->settings.width > 0;
  buffer = wanted > 0 ? hurry_locked (self, wanted) : 0;
  GST_OBJECT_UNLOCK (self);
  if (buffer > 0)
    gst_rcast_tune_set_buffer (encoder, buffer);
  if (wanted > 0)
    gst_rcast_tune_set_bitrate (encoder, video, MIN (wanted, G_MAXUINT));
}

/* A frame comes at @now. Ends the short buffer once HURRY is over. */
void
gst_rcast_encoding_relax (GstRcastEncoding * encoding, GstClockTime now)
{
  g_autoptr (GstElement) encoder = NULL;
  guint buffer = 0;

  GST_OBJECT_LOCK (encoding);
  /* Time may go back. */
  encoding->hurried_until = MIN (encoding->hurried_until, now + HURRY);
  if (encoding->hurried && now >= encoding->hurried_until) {
    encoding->hurried = FALSE;
    buffer = encoding->buffer;
  }
  GST_OBJECT_UNLOCK (encoding);
  if (buffer > 0)
    encoder = gst_rcast_encoding_get_encoder (encoding);
  if (encoder)
    gst_rcast_tune_set_buffer (encoder, buffer);
}

static void
update_bitrate (GstRcastEncoding * self, GstElement * encoder)
{
  GstRcastEncoderSettings settings = gst_rcast_encoding_get_settings (self);
  guint64 ceiling = gst_rcast_tune_bitrate (encoder, &settings);

  /* The encoder's present bitrate may be a target. */
  GST_OBJECT_LOCK (self);
  if (ceiling > 0) {
    self->ceiling = ceiling;
    /* A lower setting is no fall of the target. */
    self->told = MIN (self->told, ceiling);
  }
  GST_OBJECT_UNLOCK (self);
  obey_target (self, encoder);
}

/* Applies new settings to a running encoder.
 * Returns: whether it needs a key frame to follow */
static gboolean
update (GstRcastEncoding * self, gboolean bitrate, gboolean interval)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (self);
  GstRcastEncoderSettings settings = gst_rcast_encoding_get_settings (self);

  if (!encoder)
    return FALSE;
  if (bitrate)
    update_bitrate (self, encoder);
  if (!interval)
    return FALSE;
  if (gst_rcast_tune_interval (encoder, &settings))
    return TRUE;
  GST_WARNING_OBJECT (self, "%s obeys the key-frame interval of %u ms only "
      "when it is started next", GST_OBJECT_NAME (encoder),
      settings.keyframe_interval);
  return FALSE;
}

/* Returns: whether @field has changed. OBJECT_LOCK */
static gboolean
change (guint * field, guint value)
{
  gboolean changed = *field != value;

  *field = value;
  return changed;
}

/* Sets the defaults of all streams, for settings that this stream does not have. */
gboolean
gst_rcast_encoding_set_defaults (GstRcastEncoding * encoding, guint bitrate,
    guint interval, GstRcastAudioMix mix)
{
  gboolean new_bitrate, new_interval;

  GST_OBJECT_LOCK (encoding);
  new_bitrate = !encoding->own_bitrate
      && change (&encoding->settings.bitrate, bitrate);
  new_interval = !encoding->own_interval
      && change (&encoding->settings.keyframe_interval, interval);
  if (!encoding->own_mix)
    encoding->audio_mix = mix;
  GST_OBJECT_UNLOCK (encoding);
  return update (encoding, new_bitrate, new_interval);
}

/* Sets it for this stream. */
static void
set_bitrate (GstRcastEncoding * encoding, guint bitrate)
{
  gboolean changed;

  GST_OBJECT_LOCK (encoding);
  encoding->own_bitrate = TRUE;
  changed = change (&encoding->settings.bitrate, bitrate);
  GST_OBJECT_UNLOCK (encoding);
  update (encoding, changed, FALSE);
}

/* Sets it for this stream. */
static gboolean
set_interval (GstRcastEncoding * encoding, guint interval)
{
  gboolean changed;

  GST_OBJECT_LOCK (encoding);
  encoding->own_interval = TRUE;
  changed = change (&encoding->settings.keyframe_interval, interval);
  GST_OBJECT_UNLOCK (encoding);
  return update (encoding, FALSE, changed);
}

/* --- properties of the stream --- */

static void
make_share_specs (GParamSpec ** specs)
{
  /**
   * GstRcastStream:priority:
   *
   * How video streams share what the paths carry (RFC 8835 4.1): `high` gets twice as much
   * as `medium`, that twice as much as `low`, and that twice as much as `very-low`. If
   * there is not enough for all, the least is paused first. Sound comes before any video,
   * whatever its priority.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_PRIORITY] = g_param_spec_enum ("priority",
      "Priority", "Share of a video stream in what the paths carry",
      GST_TYPE_WEBRTC_PRIORITY_TYPE, GST_WEBRTC_PRIORITY_TYPE_LOW,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastStream:min-bitrate:
   *
   * Bit/s without which a video stream is of no use: it is paused if the paths carry less for
   * it, and goes on when they carry a quarter more.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_MIN_BITRATE] = g_param_spec_uint ("min-bitrate",
      "Minimal bitrate", "In bit/s; a video stream that would get less is paused",
      0, G_MAXINT, DEFAULT_MIN_BITRATE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastStream:max-bitrate:
   *
   * Most bit/s that a video stream gets, whatever the paths carry and #GstRcastStream:bitrate
   * says; 0: no limit of its own.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_MAX_BITRATE] = g_param_spec_uint ("max-bitrate",
      "Maximal bitrate", "In bit/s, of a video stream; 0: no limit",
      0, G_MAXINT, 0,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
}

void
gst_rcast_encoding_make_specs (GParamSpec ** specs)
{
  /**
   * GstRcastStream:bitrate:
   *
   * Bit/s of the encoder of a raw stream; 0: for video by size and frame rate, for audio the
   * encoder's default. Once set, it replaces that of rcastsink.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "In bit/s; 0: of video by size and frame rate",
      0, G_MAXUINT, 0,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastStream:key-frame-interval:
   *
   * Milliseconds between key frames that were not requested. An encoder that cannot change it
   * while running follows when it is next started. Once set, it replaces that of rcastsink.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_KEY_FRAME_INTERVAL] = g_param_spec_uint ("key-frame-interval",
      "Key frame interval", "Longest time between key frames, in ms",
      1, G_MAXINT, GST_RCAST_KEY_FRAME_INTERVAL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastStream:audio-mix:
   *
   * How raw audio with several channels is mixed. It takes effect with the next caps and, once
   * set, replaces that of rcastsink.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_AUDIO_MIX] = g_param_spec_enum ("audio-mix", "Audio mix",
      "What is sent of raw audio with several channels",
      GST_TYPE_RCAST_AUDIO_MIX, GST_RCAST_AUDIO_MIX_AUTO,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstRcastStream:reduce-picture:
   *
   * Whether raw video is sent with half the frame rate, then half and a quarter of the width and
   * height, if the network carries too few bits for each pixel (0.03).
   *
   * Since: 0.1
   */
  specs[GST_RCAST_ENCODING_REDUCE_PICTURE] = g_param_spec_boolean ("reduce-picture",
      "Reduce picture", "Send fewer frames, then smaller ones, of raw video where the network carries little",
      TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  make_share_specs (specs);
}

/* @id: one of those made above */
void
gst_rcast_encoding_get_property (GstRcastEncoding * encoding, guint id,
    GValue * value)
{
  GST_OBJECT_LOCK (encoding);
  switch (id) {
    case GST_RCAST_ENCODING_BITRATE:
      g_value_set_uint (value, encoding->settings.bitrate);
      break;
    case GST_RCAST_ENCODING_KEY_FRAME_INTERVAL:
      g_value_set_uint (value, encoding->settings.keyframe_interval);
      break;
    case GST_RCAST_ENCODING_AUDIO_MIX:
      g_value_set_enum (value, encoding->audio_mix);
      break;
    case GST_RCAST_ENCODING_REDUCE_PICTURE:
      g_value_set_boolean (value, encoding->reduce_picture);
      break;
    case GST_RCAST_ENCODING_PRIORITY:
      g_value_set_enum (value, encoding->priority);
      break;
    case GST_RCAST_ENCODING_MIN_BITRATE:
      g_value_set_uint (value, encoding->min_bitrate);
      break;
    case GST_RCAST_ENCODING_MAX_BITRATE:
      g_value_set_uint (value, encoding->max_bitrate);
      break;
  }
  GST_OBJECT_UNLOCK (encoding);
}

static void
set_share (GstRcastEncoding * encoding, guint id, const GValue * value)
{
  GST_OBJECT_LOCK (encoding);
  if (id == GST_RCAST_ENCODING_PRIORITY)
    encoding->priority = g_value_get_enum (value);
  else if (id == GST_RCAST_ENCODING_MIN_BITRATE)
    encoding->min_bitrate = g_value_get_uint (value);
  else if (id == GST_RCAST_ENCODING_MAX_BITRATE)
    encoding->max_bitrate = g_value_get_uint (value);
  GST_OBJECT_UNLOCK (encoding);
}

/* @id: one of those made above */
gboolean
gst_rcast_encoding_set_property (GstRcastEncoding * encoding, guint id,
    const GValue * value)
{
  switch (id) {
    case GST_RCAST_ENCODING_BITRATE:
      set_bitrate (encoding, g_value_get_uint (value));
      break;
    case GST_RCAST_ENCODING_KEY_FRAME_INTERVAL:
      return set_interval (encoding, g_value_get_uint (value));
    case GST_RCAST_ENCODING_AUDIO_MIX:
      set_audio_mix (encoding, g_value_get_enum (value));
      break;
    case GST_RCAST_ENCODING_REDUCE_PICTURE:
      GST_OBJECT_LOCK (encoding);
      encoding->reduce_picture = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (encoding);
      break;
    default:
      set_share (encoding, id, value);
  }
  return FALSE;
}

/* --- the encoder --- */

/* Applies the settings to @encoder, which is about to start, and each change from now on.
 * @packing: packing of the packets */
void
gst_rcast_encoding_begin (GstRcastEncoding * encoding, GstElement * encoder,
    const GstRcastPacking * packing, guint mtu)
{
  GstRcastEncoderSettings settings;

  GST_OBJECT_LOCK (encoding);
  gst_object_replace ((GstObject **) & encoding->encoder,
      GST_OBJECT (encoder));
  encoding->loss_told = 0;
  settings = encoding->settings;
  GST_OBJECT_UNLOCK (encoding);
  gst_rcast_tune_encoder (encoder, &settings);
  gst_rcast_tune_packing (encoder, packing, mtu);
}

static void
tell_loss (GstRcastEncoding * encoding, GstElement * encoder)
{
  guint told, loss;

  GST_OBJECT_LOCK (encoding);
  told = encoding->loss_told;
  loss = encoding->loss_told = encoding->loss;
  GST_OBJECT_UNLOCK (encoding);
  gst_rcast_tune_loss (encoder, told, loss);
}

/* The application has set the encoder up. The encoder starts with the rate that the network
 * carries. */
void
gst_rcast_encoding_start (GstRcastEncoding * encoding)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (encoding);

  if (!encoder)
    return;
  read_setup (encoding, encoder);
  obey_target (encoding, encoder);
  tell_loss (encoding, encoder);
}

/* @percent: share of packets that are lost. Any thread */
void
gst_rcast_encoding_set_loss (GstRcastEncoding * encoding, guint percent)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (encoding);

  GST_OBJECT_LOCK (encoding);
  encoding->loss = percent;
  GST_OBJECT_UNLOCK (encoding);
  if (encoder)
    tell_loss (encoding, encoder);
}

/* @bits: bit/s that the network carries, %GST_RCAST_NO_TARGET: no limit. The encoder makes at
 * most that, and at most its own setting. */
void
gst_rcast_encoding_set_target (GstRcastEncoding * encoding, guint64 bits)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (encoding);

  GST_OBJECT_LOCK (encoding);
  encoding->target = bits;
  GST_OBJECT_UNLOCK (encoding);
  if (encoder)
    obey_target (encoding, encoder);
}

/* Encodes each @nth_frame from now on. The encoder is about to start anew. */
void
gst_rcast_encoding_set_nth (GstRcastEncoding * encoding, guint nth_frame)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (encoding);
  GstRcastEncoderSettings settings = gst_rcast_encoding_get_settings (encoding);

  if (settings.fps_n <= 0) {
    settings.fps_n = gst_rcast_encoder_settings_get_fps (&settings);
    settings.fps_d = 1;
  }
  settings.fps_d *= nth_frame;
  if (encoder)
    gst_rcast_tune_interval (encoder, &settings);
}

/* Whether the picture may be reduced if there are few bits for it. */
gboolean
gst_rcast_encoding_may_reduce (GstRcastEncoding * encoding)
{
  gboolean may;

  GST_OBJECT_LOCK (encoding);
  may = encoding->reduce_picture;
  GST_OBJECT_UNLOCK (encoding);
  return may;
}

/* Fills in what the stream may claim of the paths, except for its kind and @seen.
 * Returns: whether the user has set the maximum */
gboolean
gst_rcast_encoding_get_share (GstRcastEncoding * encoding,
    GstRcastShareStream * share)
{
  guint64 ceiling, own;

  GST_OBJECT_LOCK (encoding);
  ceiling = encoding->encoder && encoding->ceiling > 0 ? encoding->ceiling :
      GST_RCAST_SHARE_ALL;
  own = encoding->max_bitrate > 0 ? encoding->max_bitrate :
      GST_RCAST_SHARE_ALL;
  share->follows = encoding->encoder != NULL;
  share->weight = 1u << (encoding->priority - GST_WEBRTC_PRIORITY_TYPE_VERY_LOW);
  share->min = encoding->min_bitrate;
  share->max = MIN (ceiling, own);
  GST_OBJECT_UNLOCK (encoding);
  return own < ceiling;
}

/* Returns: the bit/s that the encoder makes unless the network carries less, 0: not known */
guint64
gst_rcast_encoding_get_ceiling (GstRcastEncoding * encoding)
{
  guint64 ceiling;

  GST_OBJECT_LOCK (encoding);
  ceiling = encoding->ceiling;
  GST_OBJECT_UNLOCK (encoding);
  return ceiling;
}

/* Adds the name of the running encoder. */
void
gst_rcast_encoding_add_stats (GstRcastEncoding * encoding,
    GstStructure * stats)
{
  g_autoptr (GstElement) encoder = gst_rcast_encoding_get_encoder (encoding);

  if (encoder)
    gst_structure_set (stats, "encoder", G_TYPE_STRING,
        GST_OBJECT_NAME (gst_element_get_factory (encoder)), NULL);
}

void
gst_rcast_encoding_end (GstRcastEncoding * encoding)
{
  GstElement *encoder;

  GST_OBJECT_LOCK (encoding);
  encoder = g_steal_pointer (&encoding->encoder);
  encoding->ceiling = 0;
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
  self->target = GST_RCAST_NO_TARGET;
  self->reduce_picture = TRUE;
  self->priority = GST_WEBRTC_PRIORITY_TYPE_LOW;
  self->min_bitrate = DEFAULT_MIN_BITRATE;
}

/* Returns: (transfer full) */
GstRcastEncoding *
gst_rcast_encoding_new (const gchar * name)
{
  return gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_ENCODING, "name",
          name, NULL));
}
