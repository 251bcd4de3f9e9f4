/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Table of the codecs that can be sent: names, caps, elements, and SDP parameters. */
#include "config.h"

#include "rcast-codec.h"

#include <string.h>

typedef struct
{
  const gchar *name;            /* in SDP and RTP caps, upper case */
  const gchar *old_name;        /* name that payloaders used before the RFC; nullable */
  GstRcastMedia media;
  gint clock_rate;              /* Hz, in RTP */
  gint payload_type;            /* static (RFC 3551 6); -1: dynamic */
  const gchar *caps;            /* of the encoded stream, as the payloader or parser accepts it */
  const gchar *raw;             /* raw caps that the encoder needs; NULL: any */
  const gchar *parser;          /* NULL: the payloader needs none */
  const gchar *parsed;          /* caps between parser and payloader; NULL: any */
  const gchar *payloader;
  const gchar *depayloader;
  const gchar *fmtp;            /* offered whatever the packets' caps say; nullable */
  const gchar *fmtp_default;    /* offered if the packets' caps do not say; nullable */
  const gchar *fmtp_encoder;    /* offered if the stream is encoded here; nullable */
} Codec;

/* Whole frames: the payloader sets the marker at their end. The caps also hold the parameter
 * sets, from which the payloader reads the profile for the offer. */
#define WHOLE_FRAMES(media_type, format) media_type \
  ", stream-format = (string) " format ", alignment = (string) au"

static const Codec codecs[GST_RCAST_N_CODECS] = {
  /* RFC 6184 8.1; packets of mode 0 are also valid in mode 1. */
  [GST_RCAST_CODEC_H264] = {
        .name = "H264",.media = GST_RCAST_MEDIA_VIDEO,
        .clock_rate = 90000,.payload_type = -1,
        .caps = "video/x-h264, "
        "stream-format = (string) { avc, avc3, byte-stream }",
        .parser = "h264parse",.parsed = WHOLE_FRAMES ("video/x-h264", "avc"),
        .payloader = "rtph264pay",
      .depayloader = "rtph264depay",.fmtp = "packetization-mode = (string) 1, "
        "level-asymmetry-allowed = (string) 1"},
  [GST_RCAST_CODEC_VP8] = {
        .name = "VP8",.old_name = "VP8-DRAFT-IETF-01",
        .media = GST_RCAST_MEDIA_VIDEO,.clock_rate = 90000,.payload_type = -1,
      .caps = "video/x-vp8",.payloader = "rtpvp8pay",
      .depayloader = "rtpvp8depay"},
  [GST_RCAST_CODEC_VP9] = {
        .name = "VP9",.old_name = "VP9-DRAFT-IETF-01",
        .media = GST_RCAST_MEDIA_VIDEO,.clock_rate = 90000,.payload_type = -1,
        .caps = "video/x-vp9",.payloader = "rtpvp9pay",
      .depayloader = "rtpvp9depay",
      .fmtp_default = "profile-id = (string) 0"},
  [GST_RCAST_CODEC_AV1] = {
        .name = "AV1",.old_name = "AV1X",
        .media = GST_RCAST_MEDIA_VIDEO,.clock_rate = 90000,.payload_type = -1,
        .caps = "video/x-av1",.parser = "av1parse",
      .payloader = "rtpav1pay",
      .depayloader = "rtpav1depay"},
  [GST_RCAST_CODEC_H265] = {
        .name = "H265",.media = GST_RCAST_MEDIA_VIDEO,
        .clock_rate = 90000,.payload_type = -1,
        .caps = "video/x-h265, "
        "stream-format = (string) { hvc1, hev1, byte-stream }",
        .parser = "h265parse",.parsed = WHOLE_FRAMES ("video/x-h265", "hvc1"),
      .payloader = "rtph265pay",
      .depayloader = "rtph265depay"},
  /* RFC 7587 7: always 48000/2, whatever the stream has. No parser: opusparse (1.22)
   * restarts timestamps at 0, which would lose lip sync. */
  [GST_RCAST_CODEC_OPUS] = {
        .name = "OPUS",.old_name = "X-GST-OPUS-DRAFT-SPITTKA-00",
        .media = GST_RCAST_MEDIA_AUDIO,.clock_rate = 48000,.payload_type = -1,
        .caps = "audio/x-opus",
        .raw = "audio/x-raw, rate = (int) 48000, channels = (int) [ 1, 2 ]",
        .payloader = "rtpopuspay",
      .depayloader = "rtpopusdepay",.fmtp = "encoding-params = (string) 2",
      .fmtp_encoder = "minptime = (string) 10, useinbandfec = (string) 1"},
  [GST_RCAST_CODEC_PCMU] = {
        .name = "PCMU",.media = GST_RCAST_MEDIA_AUDIO,
        .clock_rate = 8000,.payload_type = 0,
        .caps = "audio/x-mulaw, rate = (int) 8000, channels = (int) 1",
        .raw = "audio/x-raw, rate = (int) 8000, channels = (int) 1",
      .payloader = "rtppcmupay",
      .depayloader = "rtppcmudepay"},
  [GST_RCAST_CODEC_PCMA] = {
        .name = "PCMA",.media = GST_RCAST_MEDIA_AUDIO,
        .clock_rate = 8000,.payload_type = 8,
        .caps = "audio/x-alaw, rate = (int) 8000, channels = (int) 1",
        .raw = "audio/x-raw, rate = (int) 8000, channels = (int) 1",
      .payloader = "rtppcmapay",
      .depayloader = "rtppcmadepay"},
};

/* Returns: the name of @media in SDP */
const gchar *
gst_rcast_media_get_name (GstRcastMedia media)
{
  return media == GST_RCAST_MEDIA_VIDEO ? "video" : "audio";
}

/* Returns: (transfer full): caps of all RTP and encoded streams */
static GstCaps *
get_coded_caps (GstRcastMedia media)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, gst_rcast_media_get_name (media), NULL);

  for (guint i = 1; i < GST_RCAST_N_CODECS; i++) {
    if (codecs[i].media == media)
      gst_caps_append (caps, gst_rcast_codec_get_caps (i));
  }
  return caps;
}

/**
 * gst_rcast_media_get_caps:
 * @media: the kind of media
 *
 * Returns: (transfer full): all caps that can be sent, least work first: RTP, encoded, raw
 */
GstCaps *
gst_rcast_media_get_caps (GstRcastMedia media)
{
  GstCaps *caps = get_coded_caps (media);

  gst_caps_append (caps, gst_caps_from_string (media == GST_RCAST_MEDIA_VIDEO ?
          "video/x-raw(ANY)" : "audio/x-raw"));
  return caps;
}

/* @encoding_name: (nullable): in upper or lower case; current or old */
GstRcastCodec
gst_rcast_codec_from_name (const gchar * encoding_name)
{
  for (guint i = 1; encoding_name && i < GST_RCAST_N_CODECS; i++) {
    if (g_ascii_strcasecmp (encoding_name, codecs[i].name) == 0
        || (codecs[i].old_name
            && g_ascii_strcasecmp (encoding_name, codecs[i].old_name) == 0))
      return i;
  }
  return GST_RCAST_CODEC_UNKNOWN;
}

/**
 * gst_rcast_codec_from_caps:
 * @caps: (nullable): RTP caps or those of an encoded stream
 *
 * Returns: the codec of the first structure of @caps
 */
GstRcastCodec
gst_rcast_codec_from_caps (const GstCaps * caps)
{
  const GstStructure *s;
  const gchar *name;

  if (!caps || gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return GST_RCAST_CODEC_UNKNOWN;

  s = gst_caps_get_structure (caps, 0);
  name = gst_structure_get_name (s);
  if (g_str_equal (name, "application/x-rtp"))
    return gst_rcast_codec_from_name (gst_structure_get_string (s,
            "encoding-name"));
  for (guint i = 1; i < GST_RCAST_N_CODECS; i++) {
    gsize length = strlen (name);

    if (strncmp (codecs[i].caps, name, length) == 0
        && (codecs[i].caps[length] == ',' || codecs[i].caps[length] == '\0'))
      return i;
  }
  return GST_RCAST_CODEC_UNKNOWN;
}

/**
 * gst_rcast_codec_canonical_name:
 * @encoding_name: (nullable): as in SDP or RTP caps
 *
 * Maps all names of a codec to the one that offers, answers and packets use: the current name,
 * in upper case.
 *
 * Returns: an interned string, which can be compared by address
 */
const gchar *
gst_rcast_codec_canonical_name (const gchar * encoding_name)
{
  GstRcastCodec codec = gst_rcast_codec_from_name (encoding_name);
  g_autofree gchar *upper = NULL;

  if (codec != GST_RCAST_CODEC_UNKNOWN)
    return g_intern_string (codecs[codec].name);
  upper = g_ascii_strup (encoding_name ? encoding_name : "", -1);
  return g_intern_string (upper);
}

/* Returns: (nullable): the name in SDP, upper case */
const gchar *
gst_rcast_codec_get_encoding_name (GstRcastCodec codec)
{
  return codecs[codec].name;
}

/* Video for %GST_RCAST_CODEC_UNKNOWN. */
GstRcastMedia
gst_rcast_codec_get_media (GstRcastCodec codec)
{
  return codecs[codec].media;
}

gboolean
gst_rcast_codec_is_video (GstRcastCodec codec)
{
  return codec != GST_RCAST_CODEC_UNKNOWN
      && codecs[codec].media == GST_RCAST_MEDIA_VIDEO;
}

/* Returns: the static payload type of RFC 3551 6, or -1 */
gint
gst_rcast_codec_get_payload_type (GstRcastCodec codec)
{
  return codec == GST_RCAST_CODEC_UNKNOWN ? -1 : codecs[codec].payload_type;
}

/* Returns: (transfer full) (nullable) */
static GstCaps *
caps_or_null (const gchar * text)
{
  return text ? gst_caps_from_string (text) : NULL;
}

/* Returns: (transfer full): caps of the encoded stream */
GstCaps *
gst_rcast_codec_get_caps (GstRcastCodec codec)
{
  return gst_caps_from_string (codecs[codec].caps);
}

/* Returns: (transfer full) (nullable): caps that the encoder needs; %NULL: any raw caps */
GstCaps *
gst_rcast_codec_get_raw_caps (GstRcastCodec codec)
{
  return caps_or_null (codecs[codec].raw);
}

/* Returns: (nullable): the parser between an encoded stream and its payloader */
const gchar *
gst_rcast_codec_get_parser (GstRcastCodec codec)
{
  return codecs[codec].parser;
}

/* Returns: (transfer full) (nullable): caps that the parser has to produce */
GstCaps *
gst_rcast_codec_get_parsed_caps (GstRcastCodec codec)
{
  return caps_or_null (codecs[codec].parsed);
}

/* Returns: (nullable): the payloader's factory name */
const gchar *
gst_rcast_codec_get_payloader (GstRcastCodec codec)
{
  return codecs[codec].payloader;
}

/* Returns: (nullable): the depayloader's factory name */
const gchar *
gst_rcast_codec_get_depayloader (GstRcastCodec codec)
{
  return codecs[codec].depayloader;
}

/* --- packet size --- */

/* Whether the payloader used here can fill packets of any length */
gboolean
gst_rcast_codec_follows_ptime (GstRcastCodec codec)
{
  return codec == GST_RCAST_CODEC_PCMU || codec == GST_RCAST_CODEC_PCMA;
}

/* RFC 8866 9, non-zero-int-or-real: digits, maybe with a decimal point. A packet holds at least a
 * millisecond, and RFC 3551 4.2 lets a receiver expect at most 200.
 * Returns: FALSE if @text is not such a value */
static gboolean
parse_ptime (const gchar * text, GstClockTime * ptime)
{
  gchar *end;
  gdouble ms;

  if (!text || !g_ascii_isdigit (*text)
      || text[strspn (text, "0123456789.")] != '\0')
    return FALSE;
  ms = g_ascii_strtod (text, &end);
  if (*end != '\0' || !(ms >= 1 && ms <= 200))
    return FALSE;
  *ptime = ms * GST_MSECOND + 0.5;
  return TRUE;
}

/**
 * gst_rcast_ptime_choose:
 * @ptime: (nullable): ptime of the m-section in the answer (RFC 8866 6.4), in ms
 * @maxptime: (nullable): maxptime of the m-section, in ms
 *
 * Ignores values that no packet can have.
 *
 * Returns: how much audio a packet has to hold
 */
GstClockTime
gst_rcast_ptime_choose (const gchar * ptime, const gchar * maxptime)
{
  GstClockTime chosen = GST_RCAST_DEFAULT_PTIME, most;

  parse_ptime (ptime, &chosen);
  return parse_ptime (maxptime, &most) ? MIN (chosen, most) : chosen;
}

/* @answered: RTP caps of one format. An answer without packetization-mode keeps the offered one
 * (RFC 6184 8.2.2), which is mode 1. */
gboolean
gst_rcast_codec_wants_single_units (const GstStructure * answered)
{
  return gst_rcast_codec_from_name (gst_structure_get_string (answered,
          "encoding-name")) == GST_RCAST_CODEC_H264
      && g_strcmp0 (gst_structure_get_string (answered, "packetization-mode"),
      "0") == 0;
}

/* @negotiated: RTP caps */
GstRcastPacking
gst_rcast_packing_from_caps (const GstCaps * negotiated)
{
  const GstStructure *s = gst_caps_get_structure (negotiated, 0);
  GstRcastPacking packing = { GST_RCAST_DEFAULT_PTIME, FALSE };
  guint64 ptime;

  if (gst_structure_get_uint64 (s, GST_RCAST_NEGOTIATED_PTIME, &ptime))
    packing.ptime = ptime;
  gst_structure_get_boolean (s, GST_RCAST_NEGOTIATED_SINGLE_UNITS,
      &packing.single_units);
  return packing;
}

/* @ptime: how much audio a packet has to hold
 * Returns: frame size in ms, as opusenc spells it: the longest one of RFC 6716 2.1.4 that is not
 * longer than @ptime, or the shortest */
const gchar *
gst_rcast_opus_choose_frame (GstClockTime ptime)
{
  static const gchar *const frames[] = { "60", "40", "20", "10", "5", "2.5" };
  guint i = 0;

  while (i + 1 < G_N_ELEMENTS (frames)
      && g_ascii_strtod (frames[i], NULL) * GST_MSECOND > ptime)
    i++;
  return frames[i];
}

/* --- offers --- */

static gboolean
copy_field (GQuark field, const GValue * value, gpointer user_data)
{
  gst_structure_id_set_value (user_data, field, value);
  return TRUE;
}

static gboolean
copy_missing (GQuark field, const GValue * value, gpointer user_data)
{
  if (!gst_structure_id_has_field (user_data, field))
    gst_structure_id_set_value (user_data, field, value);
  return TRUE;
}

/* @fmtp: (nullable): fields in caps syntax */
static void
add_fields (GstStructure * offer, const gchar * fmtp,
    GstStructureForeachFunc copy)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GstStructure) fields = NULL;

  if (!fmtp)
    return;
  text = g_strconcat ("fmtp, ", fmtp, NULL);
  fields = gst_structure_from_string (text, NULL);
  gst_structure_foreach (fields, copy, offer);
}

/* Offers the packet time that streams encoded or payloaded here have unless the answer objects. */
static void
say_ptime (GstStructure * offer)
{
  g_autofree gchar *ms = g_strdup_printf ("%u",
      (guint) (GST_RCAST_DEFAULT_PTIME / GST_MSECOND));

  gst_structure_set (offer, GST_RCAST_OFFERED_PTIME, G_TYPE_STRING, ms, NULL);
}

/**
 * gst_rcast_codec_make_offer:
 * @codec: the codec that an encoder here is going to use
 *
 * Returns: (transfer full): RTP caps without a payload type; for H.264 without a profile, see
 *   gst_rcast_h264_promise()
 */
GstStructure *
gst_rcast_codec_make_offer (GstRcastCodec codec)
{
  const Codec *row = &codecs[codec];
  GstStructure *offer = gst_structure_new ("application/x-rtp",
      "media", G_TYPE_STRING, gst_rcast_media_get_name (row->media),
      "encoding-name", G_TYPE_STRING, row->name,
      "clock-rate", G_TYPE_INT, row->clock_rate, NULL);

  add_fields (offer, row->fmtp_encoder, copy_field);
  add_fields (offer, row->fmtp, copy_field);
  add_fields (offer, row->fmtp_default, copy_missing);
  if (row->media == GST_RCAST_MEDIA_AUDIO)
    say_ptime (offer);
  return offer;
}

/* H.264 is requested in several profiles: some servers assume that we cannot receive a profile
 * that is not listed. */
static void
append_request (GstCaps * caps, GstRcastCodec codec)
{
  static const gchar *const profiles[] = { "42e01f", "4d001f", "640c1f" };
  guint n = codec == GST_RCAST_CODEC_H264 ? G_N_ELEMENTS (profiles) : 1;

  for (guint i = 0; i < n; i++) {
    GstStructure *s = gst_rcast_codec_make_offer (codec);

    gst_structure_remove_field (s, GST_RCAST_OFFERED_PTIME);
    if (n > 1)
      gst_structure_set (s, "profile-level-id", G_TYPE_STRING, profiles[i],
          NULL);
    gst_caps_append_structure (caps, s);
  }
}

/**
 * gst_rcast_codecs_make_request:
 * @media: the kind of media to receive
 * @codecs_mask: codecs that can be received, as a mask of 1 << #GstRcastCodec
 *
 * Returns: (transfer full): RTP caps without payload types, maybe empty
 */
GstCaps *
gst_rcast_codecs_make_request (GstRcastMedia media, guint codecs_mask)
{
  GstCaps *caps = gst_caps_new_empty ();

  for (guint i = 1; i < GST_RCAST_N_CODECS; i++)
    if (codecs[i].media == media && (codecs_mask >> i & 1))
      append_request (caps, i);
  return caps;
}

/**
 * gst_rcast_codec_make_offer_of_rtp:
 * @rtp: caps of the packets that will be sent as they are
 * @media: kind of media of the stream
 * @from: the kind of input that the packets were made from
 *
 * Returns: (transfer full): RTP caps without a payload type
 */
GstStructure *
gst_rcast_codec_make_offer_of_rtp (const GstCaps * rtp, GstRcastMedia media,
    GstRcastInput from)
{
  static const gchar *const kept[] = { "clock-rate", "encoding-params",
    "profile-level-id", "profile-id", "tier-flag", "level-id", "tx-mode",
    "stereo", "sprop-stereo", "sprop-maxcapturerate",
    "num_streams", "coupled_streams", "channel_mapping", "minptime",
    "useinbandfec", NULL
  };
  const GstStructure *s = gst_caps_get_structure (rtp, 0);
  const Codec *row = &codecs[gst_rcast_codec_from_caps (rtp)];
  GstStructure *offer = gst_structure_new ("application/x-rtp",
      "media", G_TYPE_STRING, gst_rcast_media_get_name (media),
      "encoding-name", G_TYPE_STRING, gst_rcast_codec_canonical_name
      (gst_structure_get_string (s, "encoding-name")), NULL);

  for (guint i = 0; kept[i]; i++) {
    const GValue *value = gst_structure_get_value (s, kept[i]);

    if (value)
      gst_structure_set_value (offer, kept[i], value);
  }
  if (gst_structure_has_field_typed (offer, "sprop-stereo", G_TYPE_STRING)
      && !gst_structure_has_field (offer, "stereo"))
    gst_structure_set_value (offer, "stereo",
        gst_structure_get_value (offer, "sprop-stereo"));
  add_fields (offer, row->fmtp, copy_field);
  add_fields (offer, row->fmtp_default, copy_missing);
  if (from == GST_RCAST_INPUT_ENCODED
      && gst_rcast_codec_follows_ptime (gst_rcast_codec_from_caps (rtp)))
    say_ptime (offer);
  return offer;
}

/* --- H.264 --- */

/**
 * gst_rcast_h264_level:
 * @width: pixels
 * @height: pixels
 * @frames_per_second: rounded
 *
 * Returns: level_idc of the lowest level that allows the video (H.264 table A-1), but at least
 *   3.1, which every WebRTC decoder accepts (RFC 7742 6.2)
 */
guint8
gst_rcast_h264_level (gint width, gint height, guint frames_per_second)
{
  static const struct
  {
    guint8 level_idc;
    guint max_mbps;             /* macroblocks a second */
    guint max_fs;               /* macroblocks a frame */
  } levels[] = {
    {31, 108000, 3600},
    {32, 216000, 5120},
    {40, 245760, 8192},
    {42, 522240, 8704},
    {50, 589824, 22080},
    {51, 983040, 36864},
  };
  guint64 size = (guint64) ((width + 15) / 16) * ((height + 15) / 16);
  guint64 speed = size * frames_per_second;

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    if (size <= levels[i].max_fs && speed <= levels[i].max_mbps)
      return levels[i].level_idc;
  }
  return 52;
}

/* Returns: whether the encoder keeps the promise: the same profile, and no higher level */
static gboolean
keeps_profile (const gchar * promised, const gchar * made)
{
  guint64 p, m;
  gboolean constrained;

  if (!g_ascii_string_to_unsigned (promised, 16, 0, 0xffffff, &p, NULL)
      || !g_ascii_string_to_unsigned (made, 16, 0, 0xffffff, &m, NULL))
    return FALSE;
  /* RFC 6184 8.1 table 5: baseline with constraint_set1 is constrained. */
  constrained = (m >> 16) == 0x42 && (m & 0x4000) != 0;
  return constrained && (m & 0xff) <= (p & 0xff);
}

/**
 * gst_rcast_h264_promise:
 * @level_idc: level from gst_rcast_h264_level()
 * @made: (nullable): profile-level-id of the encoder's output, if there is any yet
 *
 * Returns: (transfer full): the profile-level-id to offer: constrained baseline
 *   (constraint_set0, 1 and 2; RFC 6184 8.1 table 5), unless the encoder produces something else
 */
gchar *
gst_rcast_h264_promise (guint8 level_idc, const gchar * made)
{
  g_autofree gchar *id = g_strdup_printf ("42e0%02x", level_idc);

  return made && !keeps_profile (id, made) ? g_strdup (made) :
      g_steal_pointer (&id);
}

/* sprop-stereo tells whether we send stereo (RFC 7587 6.1). `stereo` tells what a receiver wants,
 * but many servers check it before they record more than mono. */
static void
say_stereo (GstStructure * offer, const gchar * is_stereo)
{
  gst_structure_set (offer, "stereo", G_TYPE_STRING, is_stereo,
      "sprop-stereo", G_TYPE_STRING, is_stereo, NULL);
}

/**
 * gst_rcast_codecs_make_offer:
 * @choice: (element-type GstRcastCodec): codecs that a raw stream can be encoded with, most
 *   preferred first
 * @h264_level: level from gst_rcast_h264_level()
 * @channels: number of audio channels
 * @running: the codec of the running encoder
 * @made: (nullable): RTP caps of its output, if there is any yet
 *
 * Returns: (transfer full): RTP caps without payload type, one structure for each codec
 */
GstCaps *
gst_rcast_codecs_make_offer (const GArray * choice, guint8 h264_level,
    guint channels, GstRcastCodec running, const GstCaps * made)
{
  GstCaps *caps = gst_caps_new_empty ();

  for (guint i = 0; i < choice->len; i++) {
    GstRcastCodec codec = g_array_index (choice, GstRcastCodec, i);
    GstStructure *offer = gst_rcast_codec_make_offer (codec);

    if (codec == GST_RCAST_CODEC_H264) {
      g_autofree gchar *id = gst_rcast_h264_promise (h264_level,
          made && codec == running ? gst_structure_get_string
          (gst_caps_get_structure (made, 0), "profile-level-id") : NULL);

      gst_structure_set (offer, "profile-level-id", G_TYPE_STRING, id, NULL);
    } else if (codec == GST_RCAST_CODEC_OPUS) {
      say_stereo (offer, channels > 1 ? "1" : "0");
    }
    gst_caps_append_structure (caps, offer);
  }
  return caps;
}

/* Reduces profile-level-id to what distinguishes profiles (RFC 6184 8.1 table 5), and drops what
 * each Opus packet tells itself. */
static gboolean
drop_hints (GstCapsFeatures * features, GstStructure * s, gpointer user_data)
{
  const gchar *text = gst_structure_get_string (s, "profile-level-id");
  guint64 id;

  gst_structure_remove_fields (s, "level-id", "stereo", "sprop-stereo",
      GST_RCAST_OFFERED_PTIME, NULL);
  if (text && g_ascii_string_to_unsigned (text, 16, 0, 0xffffff, &id, NULL))
    gst_structure_set (s, "profile-level-id", G_TYPE_UINT64,
        (id >> 16) << 1 | ((id >> 14) & 1), NULL);
  return TRUE;
}

/**
 * gst_rcast_offer_is_same:
 * @one: RTP caps that were offered
 * @other: RTP caps that would be offered
 *
 * Returns: whether the packets need no new negotiation: the same codecs in the same order with
 *   the same profiles; levels and channel counts may differ
 */
gboolean
gst_rcast_offer_is_same (const GstCaps * one, const GstCaps * other)
{
  g_autoptr (GstCaps) a = gst_caps_copy (one);
  g_autoptr (GstCaps) b = gst_caps_copy (other);

  gst_caps_map_in_place (a, drop_hints, NULL);
  gst_caps_map_in_place (b, drop_hints, NULL);
  return gst_caps_is_strictly_equal (a, b);
}

/* --- input --- */

/* @caps: fixed caps of a pad */
GstRcastInput
gst_rcast_input_from_caps (const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  if (gst_structure_has_name (s, "application/x-rtp"))
    return GST_RCAST_INPUT_RTP;
  if (gst_structure_has_name (s, "video/x-raw")
      || gst_structure_has_name (s, "audio/x-raw"))
    return GST_RCAST_INPUT_RAW;
  return GST_RCAST_INPUT_ENCODED;
}

#define MAX_RAW_CHANNELS 63
#define MAX_RAW_RATE 768000

/* Finds faults of caps that the pad template accepts.
 * Returns: (nullable): %NULL if there are none */
const gchar *
gst_rcast_input_find_fault (const GstCaps * caps)
{
  GstRcastInput kind = gst_rcast_input_from_caps (caps);
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gint channels = 1, family = 0, rate = 0;

  if (kind == GST_RCAST_INPUT_RTP) {
    if (!gst_structure_has_field (s, "encoding-name"))
      return "RTP caps need an encoding-name.";
    if (!gst_structure_has_field (s, "clock-rate"))
      return "RTP caps need a clock-rate.";
  }
  gst_structure_get_int (s, "channels", &channels);
  gst_structure_get_int (s, "channel-mapping-family", &family);
  if (kind == GST_RCAST_INPUT_ENCODED
      && gst_rcast_codec_from_caps (caps) == GST_RCAST_CODEC_OPUS
      && (channels > 2 || family != 0))
    return "WebRTC carries Opus with one or two channels only (RFC 7587).";
  /* audioconvert asserts fewer than 64 channels, and crashes otherwise. */
  if (kind == GST_RCAST_INPUT_RAW && channels > MAX_RAW_CHANNELS)
    return "Raw audio can have 63 channels at most. Choose some of them in front "
        "of rcastsink, for example with deinterleave.";
  gst_structure_get_int (s, "rate", &rate);
  /* audioresample allocates a table for the ratio, and aborts if it is out of memory. */
  if (kind == GST_RCAST_INPUT_RAW && rate > MAX_RAW_RATE)
    return "Raw audio can have 768,000 samples in a second at most. Resample it in "
        "front of rcastsink.";
  return NULL;
}

/**
 * gst_rcast_rtp_caps_complete:
 * @caps: any caps
 *
 * SDP often gives no rtpmap for the two static payload types that WebRTC has (RFC 3551 6,
 * RFC 7874 3), since they need none.
 *
 * Returns: (transfer full) (nullable): @caps with encoding name and clock rate; %NULL if there is
 *   nothing to add
 */
GstCaps *
gst_rcast_rtp_caps_complete (const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  GstCaps *complete;
  gint type;

  if (gst_rcast_input_from_caps (caps) != GST_RCAST_INPUT_RTP
      || gst_structure_has_field (s, "encoding-name")
      || !gst_structure_get_int (s, "payload", &type)
      || (type != 0 && type != 8))
    return NULL;
  complete = gst_caps_copy (caps);
  gst_caps_set_simple (complete, "encoding-name", G_TYPE_STRING,
      type == 0 ? "PCMU" : "PCMA", NULL);
  if (!gst_structure_has_field (s, "clock-rate"))
    gst_caps_set_simple (complete, "clock-rate", G_TYPE_INT, 8000, NULL);
  return complete;
}
