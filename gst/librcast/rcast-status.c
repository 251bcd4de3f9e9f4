/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types of properties whose values gst-inspect-1.0 describes by sentences. */
#include "config.h"

#include "rcast-types.h"

static GType
register_once (gsize * type, const gchar * name, const GEnumValue * values)
{
  if (g_once_init_enter (type))
    g_once_init_leave (type, g_enum_register_static (name, values));
  return *type;
}

GType
gst_rcast_status_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_STATUS_DISCONNECTED, "Not started, or over", "disconnected"},
    {GST_RCAST_STATUS_SIGNALLING, "A connection is being established",
        "signalling"},
    {GST_RCAST_STATUS_CONNECTED, "Connected, media is not confirmed yet",
        "connected"},
    {GST_RCAST_STATUS_BROADCASTING, "The server confirms that media arrives",
        "broadcasting"},
    {GST_RCAST_STATUS_RECONNECTING_BROADCAST, "Off air, reconnecting",
        "reconnecting_broadcast"},
    {GST_RCAST_STATUS_RECONNECTING,
        "The server re-establishes its own connection onward", "reconnecting"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  return register_once (&type, "GstRcastStatus", values);
}

GType
gst_rcast_congestion_control_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_CONGESTION_CONTROL_NONE, "Nothing is measured", "none"},
    {GST_RCAST_CONGESTION_CONTROL_MEASURE,
        "Paths are measured, everything is sent", "measure"},
    {GST_RCAST_CONGESTION_CONTROL_ADAPT,
        "All streams are given what the paths carry", "adapt"},
    {GST_RCAST_CONGESTION_CONTROL_AUTO,
        "adapt for what is encoded here, measure for the rest", "auto"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  return register_once (&type, "GstRcastCongestionControl", values);
}

GType
gst_rcast_audio_mix_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_AUDIO_MIX_AUTO,
        "By the positions of the channels; without positions the first two",
        "auto"},
    {GST_RCAST_AUDIO_MIX_FIRST_TWO, "The first two, left and right",
        "first-two"},
    {GST_RCAST_AUDIO_MIX_ALL, "The odd ones left, the even ones right", "all"},
    {GST_RCAST_AUDIO_MIX_MONO, "The mean of the first two", "mono"},
    {GST_RCAST_AUDIO_MIX_MONO_LEFT, "Only the first one", "mono-left"},
    {GST_RCAST_AUDIO_MIX_MONO_RIGHT, "Only the second one", "mono-right"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  return register_once (&type, "GstRcastAudioMix", values);
}

GType
gst_rcast_give_up_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_GIVE_UP_ON_REFUSAL,
        "A refusal ends the broadcast before its first time on air only",
        "on-refusal"},
    {GST_RCAST_GIVE_UP_ALWAYS, "A refusal by every server ends it", "always"},
    {GST_RCAST_GIVE_UP_NEVER, "Servers that refuse are asked again", "never"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  return register_once (&type, "GstRcastGiveUp", values);
}

GType
gst_rcast_video_start_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_VIDEO_START_KEY_FRAME,
        "At a key frame, or at parameter sets and a recovery point", "key-frame"},
    {GST_RCAST_VIDEO_START_RECOVERY_POINT,
        "There, or at a recovery point of H.264 or H.265", "recovery-point"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  return register_once (&type, "GstRcastVideoStart", values);
}
