/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of rcastsink for making and watching streams. */
#include "config.h"

#include "gstrcastmediaspecs.h"

#include "gstrcastencoders.h"
#include "gstrcastsettingids.h"
#include "rcast-enumtypes.h"
#include "rcast-refit.h"

#define DEFAULT_STREAM_TIMEOUT_MS 5000
#define DEFAULT_START_TIMEOUT_MS 10000
/* Audio, and a poor picture */
#define DEFAULT_MIN_BITRATE 150000
/* Most paths carry this; it doubles within two seconds. */
#define DEFAULT_START_BITRATE 1000000

#define READY_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
make_rate_specs (GParamSpec ** specs)
{
  /**
   * GstRcastSink:congestion-control:
   *
   * What to do about paths that carry less than the streams want to send. By default, streams
   * that are encoded here take what the paths carry, and streams that come in encoded are sent
   * as they are. With `measure`, the paths are only measured. It works best with a server that
   * sends transport-wide feedback (TWCC) or that of RFC 8888 (#GstRcastSink:offer-ccfb);
   * otherwise the receiver reports count. Retransmissions are limited in any case.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_CONGESTION_CONTROL] =
      g_param_spec_enum ("congestion-control", "Congestion control",
      "What is done about paths that carry less than is to be sent",
      GST_TYPE_RCAST_CONGESTION_CONTROL, GST_RCAST_CONGESTION_CONTROL_AUTO,
      READY_FLAGS);

  /**
   * GstRcastSink:offer-ccfb:
   *
   * Whether to offer the congestion control feedback of RFC 8888 (`a=rtcp-fb:* ack ccfb`) beside
   * the transport-wide one, for servers that only have that. Some servers, SRS and ZLMediaKit
   * among them, refuse an offer with this line.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_OFFER_CCFB] = g_param_spec_boolean ("offer-ccfb",
      "Offer CCFB", "Offer the congestion control feedback of RFC 8888; some servers "
      "refuse such an offer", FALSE, READY_FLAGS);

  /**
   * GstRcastSink:min-bitrate:
   *
   * Least rate of all streams together, in bit/s on the wire, with IP and UDP headers, whatever
   * the paths seem to carry. It takes effect with #GstRcastSink:congestion-control `auto` and
   * `adapt`, as do max-bitrate and start-bitrate.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_MIN_BITRATE] = g_param_spec_uint ("min-bitrate",
      "Minimal bitrate",
      "Of all streams together, in bit/s on the wire, with IP and UDP headers",
      10000, G_MAXINT, DEFAULT_MIN_BITRATE, READY_FLAGS);

  /**
   * GstRcastSink:max-bitrate:
   *
   * Highest rate of all streams together, in bit/s on the wire, with IP and UDP headers,
   * whatever the paths carry; 0: no limit. With #GstRcastSink:congestion-control `auto` only
   * streams that are encoded here keep to it. A limit of the server (REMB) counts as well.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_MAX_BITRATE] = g_param_spec_uint ("max-bitrate",
      "Maximal bitrate", "Of all streams together, in bit/s on the wire, with IP "
      "and UDP headers; 0: no limit", 0, G_MAXINT, 0, READY_FLAGS);

  /**
   * GstRcastSink:start-bitrate:
   *
   * Rate of all streams together before it is known what the paths carry, in bit/s on the wire,
   * with IP and UDP headers.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_START_BITRATE] = g_param_spec_uint ("start-bitrate",
      "Start bitrate", "Of all streams together at first, in bit/s on the wire, "
      "with IP and UDP headers", 10000, G_MAXINT, DEFAULT_START_BITRATE,
      READY_FLAGS);
}

/* @specs: those of GST_RCAST_SETTING_BITRATE to GST_RCAST_SETTING_START_TIMEOUT are
 * made */
void
gst_rcast_media_make_specs (GParamSpec ** specs)
{
  make_rate_specs (specs);
  /**
   * GstRcastSink:bitrate:
   *
   * Bitrate of the encoder of each raw video stream, in bit/s; 0: from size and frame rate,
   * 0.08 bit per pixel and frame, from 300 kbit/s to 8 Mbit/s.
   * A stream whose own `bitrate` was set (`video_0::bitrate`) keeps that.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_BITRATE] =
      g_param_spec_uint ("bitrate", "Video bitrate",
      "Bitrate of each raw video stream, in bit/s; 0: from size and frame rate",
      0, G_MAXINT, 0, PLAYING_FLAGS);

  /**
   * GstRcastSink:audio-bitrate:
   *
   * Bitrate of the encoder of each raw audio stream, in bit/s; 0: its default. A stream
   * whose own `bitrate` was set (`audio_0::bitrate`) keeps that.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_AUDIO_BITRATE] = g_param_spec_uint ("audio-bitrate",
      "Audio bitrate",
      "Bitrate of each raw audio stream, in bit/s; 0: the encoder's default",
      0, G_MAXINT, 0, PLAYING_FLAGS);

  /**
   * GstRcastSink:audio-mix:
   *
   * How raw audio with several channels is mixed. By default the channel positions decide;
   * without positions the first two are left and right. It takes effect with the next caps. A
   * stream whose own `audio-mix` was set keeps that.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_AUDIO_MIX] = g_param_spec_enum ("audio-mix",
      "Audio mix", "What is sent of raw audio with several channels",
      GST_TYPE_RCAST_AUDIO_MIX, GST_RCAST_AUDIO_MIX_AUTO, PLAYING_FLAGS);

  /**
   * GstRcastSink:key-frame-interval:
   *
   * The longest time between two key frames of a raw video stream, in ms. More
   * are made when the server requests one, and when media starts. An encoder that
   * cannot change it while running (docs/encoders.md) uses it at its next start. A
   * stream whose own `key-frame-interval` was set keeps that.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_KEY_FRAME_INTERVAL] =
      g_param_spec_uint ("key-frame-interval", "Key frame interval",
      "Longest time between key frames of a raw video stream, in ms", 1,
      G_MAXINT, GST_RCAST_KEY_FRAME_INTERVAL, PLAYING_FLAGS);

  /**
   * GstRcastSink:mtu:
   *
   * Bytes that an RTP packet may have, header included, before encryption. Larger
   * packets of streams that come in as RTP are replaced by fragments (RFC 6184, 7798,
   * 7741, 9628), with one warning that names the pad; an Opus frame cannot be cut
   * and is sent as it is. A stream takes a new value with its next caps.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_MTU] = g_param_spec_uint ("mtu", "MTU",
      "Bytes that an RTP packet may have, its header included", 256, 65535,
      GST_RCAST_MTU, PLAYING_FLAGS);

  /**
   * GstRcastSink:stream-timeout:
   *
   * Silence of a stream in PLAYING, or time of a pad without caps, until a warning
   * names the pad, in ms; 0: never. Raise it for a stream that pauses regularly. The
   * broadcast continues, and an element message reports when the stream flows again.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_STREAM_TIMEOUT] = g_param_spec_uint ("stream-timeout",
      "Stream timeout",
      "Silence of a stream, or of a pad without caps, until a warning, in ms; "
      "0: never", 0,
      G_MAXINT, DEFAULT_STREAM_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:start-timeout:
   *
   * How long the first offer waits for a pad without caps or data, in ms; 0: for ever.
   * Then the broadcast begins without it, and it joins by a new offer once it has caps.
   * Not for a live source that waits in PAUSED.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_START_TIMEOUT] = g_param_spec_uint ("start-timeout",
      "Start timeout",
      "How long the first offer waits for a pad without data, in ms; 0: for "
      "ever", 0, G_MAXINT, DEFAULT_START_TIMEOUT_MS, READY_FLAGS);

  /**
   * GstRcastSink:video-start:
   *
   * Where encoded video, or video that comes in as RTP, starts to be sent at first and
   * after each outage. Until then it is dropped, its source is asked for a key frame
   * every 2 s, and after #GstRcastSink:stream-timeout a warning names the pad. With
   * `recovery-point` a recovery point SEI message of H.264 (D.1.8) or H.265 (D.2.8) is
   * such a place, too, as sources with intra refresh or open GOPs have it; RTP gets the
   * parameter sets of its caps in front of it. FFmpeg, GStreamer and recorders decode
   * from there, with a picture that is whole when the refresh is over; browsers may show
   * nothing until the next IDR picture. Other codecs have no recovery points.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_VIDEO_START] = g_param_spec_enum ("video-start",
      "Video start",
      "Where encoded video starts to be sent, at first and after an outage",
      GST_TYPE_RCAST_VIDEO_START, GST_RCAST_VIDEO_START_KEY_FRAME,
      READY_FLAGS);

  /**
   * GstRcastSink:key-frame-wait:
   *
   * How long a video stream without a place to start (#GstRcastSink:video-start) is held back at
   * the start and after an outage, although a key frame was requested, in ms of the stream; 0:
   * for ever. Then it is sent from the next frame on, and receivers show what they can, mostly
   * nothing until the next key frame.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_KEY_FRAME_WAIT] =
      g_param_spec_uint ("key-frame-wait", "Key frame wait",
      "How long video is held back until a key frame comes, in ms; 0: for ever",
      0, G_MAXINT, 0, PLAYING_FLAGS);
}
