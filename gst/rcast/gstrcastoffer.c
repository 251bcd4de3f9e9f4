/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stream can be sent as, in the words of SDP. */
#include "config.h"

#include "gstrcastoffer.h"

/* Adds what SDP says of every stream of @codec that is sent here. */
static void
complete_offer (GstStructure * s, GstRcastCodec codec)
{
  switch (codec) {
    case GST_RCAST_CODEC_H264:
      /* RFC 6184 8.1; mode 0 packets are valid in mode 1, too. */
      gst_structure_set (s, "packetization-mode", G_TYPE_STRING, "1",
          "level-asymmetry-allowed", G_TYPE_STRING, "1", NULL);
      break;
    case GST_RCAST_CODEC_VP9:
      if (!gst_structure_has_field (s, "profile-id"))
        gst_structure_set (s, "profile-id", G_TYPE_STRING, "0", NULL);
      break;
    case GST_RCAST_CODEC_OPUS:
      /* RFC 7587 7: always 48000/2, whatever is inside. */
      gst_structure_set (s, "encoding-params", G_TYPE_STRING, "2", NULL);
      break;
    case GST_RCAST_CODEC_UNKNOWN:
    case GST_RCAST_CODEC_VP8:
    case GST_RCAST_CODEC_AV1:
    case GST_RCAST_CODEC_H265:
    case GST_RCAST_CODEC_PCMU:
    case GST_RCAST_CODEC_PCMA:
      break;
  }
}

/* What is offered for packets that come as they are.
 * Returns: (transfer full) */
GstStructure *
gst_rcast_offer_from_rtp (const GstCaps * caps, const gchar * media)
{
  static const gchar *const kept[] = { "clock-rate", "encoding-params",
    "profile-level-id", "profile-id", "tier-flag", "level-id", "tx-mode",
    "sprop-stereo", "sprop-maxcapturerate",
    "num_streams", "coupled_streams", "channel_mapping", "minptime",
    "useinbandfec", NULL
  };
  const GstStructure *rtp = gst_caps_get_structure (caps, 0);
  const gchar *name = gst_structure_get_string (rtp, "encoding-name");
  g_autofree gchar *upper = g_ascii_strup (name ? name : "", -1);
  GstStructure *s = gst_structure_new ("application/x-rtp",
      "media", G_TYPE_STRING, media,
      "encoding-name", G_TYPE_STRING, upper, NULL);

  for (guint i = 0; kept[i]; i++) {
    const GValue *value = gst_structure_get_value (rtp, kept[i]);

    if (value)
      gst_structure_set_value (s, kept[i], value);
  }
  complete_offer (s, gst_rcast_codec_from_caps (caps));
  return s;
}

/* Returns: whether the encoder makes what was promised: the same profile, of no
 * higher level */
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
  return (p >> 16) == 0x42 && constrained && (m & 0xff) <= (p & 0xff);
}

/* What is offered of a codec before its encoder has made anything; if it has, and
 * not what was promised, @made (nullable) is the H.264 profile that it made.
 * Returns: (transfer full) */
GstStructure *
gst_rcast_offer_for_codec (GstRcastCodec codec,
    const GstRcastEncoderSettings * settings, const gchar * made)
{
  gint clock_rate = 90000;
  GstStructure *s;

  if (codec == GST_RCAST_CODEC_OPUS)
    clock_rate = 48000;
  else if (!gst_rcast_codec_is_video (codec))
    clock_rate = 8000;
  s = gst_structure_new ("application/x-rtp",
      "media", G_TYPE_STRING,
      gst_rcast_codec_is_video (codec) ? "video" : "audio",
      "encoding-name", G_TYPE_STRING,
      gst_rcast_codec_get_encoding_name (codec),
      "clock-rate", G_TYPE_INT, clock_rate, NULL);
  if (codec == GST_RCAST_CODEC_H264) {
    /* Constrained baseline: constraint_set0, 1 and 2 (RFC 6184 8.1 table 5). */
    g_autofree gchar *id =
        g_strdup_printf ("42e0%02x", gst_rcast_h264_level (settings));

    gst_structure_set (s, "profile-level-id", G_TYPE_STRING,
        made && !keeps_profile (id, made) ? made : id, NULL);
  } else if (codec == GST_RCAST_CODEC_OPUS) {
    gst_structure_set (s, "minptime", G_TYPE_STRING, "10",
        "useinbandfec", G_TYPE_STRING, "1", NULL);
  }
  complete_offer (s, codec);
  return s;
}
