/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of rcastsrc for its output. */
#include "config.h"

#include "gstrcastoutletspecs.h"

#include <gst/gst.h>

#include "gstrcastsettingids.h"
#include "rcast-enumtypes.h"
#include "rcast-types.h"

#define DEFAULT_LATENCY_MS 200
/* The most that rcastsink sends */
#define MAX_VIDEO_STREAMS 16
#define MAX_AUDIO_STREAMS 4

#define READY_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

/* Returns: (transfer floating): the latency property of rcastsrc */
GParamSpec *
gst_rcast_outlet_make_latency_spec (void)
{
  /**
   * GstRcastSrc:latency:
   *
   * Size of the jitter buffers, in ms: how long to wait for a packet that is late or lost. May
   * be set at any time; the pipeline then recalculates its latency.
   *
   * Since: 0.1
   */
  return g_param_spec_uint ("latency", "Latency",
      "Size of the jitter buffers, in ms", 0, 10000, DEFAULT_LATENCY_MS,
      PLAYING_FLAGS);
}

/* @specs: (out): #GST_RCAST_N_PROPS of them; only some are filled in */
void
gst_rcast_outlet_make_specs (GParamSpec ** specs)
{
  /**
   * GstRcastSrc:output:
   *
   * What the pads output: parsed frames; the packets as they arrive, without lost ones; or
   * decoded video and audio. An H.264 or H.265 stream is a byte-stream in whole frames, with
   * parameter sets in front of each key frame. Decoded media is in system memory; the decoder is
   * the installed one with the highest rank.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_OUTPUT] = g_param_spec_enum ("output", "Output",
      "What the pads give", GST_TYPE_RCAST_OUTPUT, GST_RCAST_OUTPUT_ENCODED,
      READY_FLAGS);

  /**
   * GstRcastSrc:stall-action:
   *
   * What is pushed downstream while nothing arrives: gap events, with which a mixer, a muxer or
   * an audio sink goes on, or nothing.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_STALL_ACTION] =
      g_param_spec_enum ("stall-action", "Stall action",
      "What is pushed downstream while nothing comes",
      GST_TYPE_RCAST_STALL_ACTION, GST_RCAST_STALL_ACTION_GAP, PLAYING_FLAGS);

  /**
   * GstRcastSrc:end-on-stream-end:
   *
   * Whether to send EOS downstream when the server reports that the publisher has left. By
   * default rcastsrc waits for the stream.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_END_ON_STREAM_END] =
      g_param_spec_boolean ("end-on-stream-end", "End on stream end",
      "Send EOS when the server says that the publisher has left", FALSE,
      PLAYING_FLAGS);

  /**
   * GstRcastSrc:video-streams:
   *
   * How many video streams to request if the offer is made here (WHEP). A server that makes the
   * offer sends what it has. If more are requested than the publisher has, some servers refuse
   * the offer, and others leave the rest without media, and so without a pad. With neither video
   * nor audio there is nothing to offer, which is an error.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_VIDEO_STREAMS] =
      g_param_spec_uint ("video-streams", "Video streams",
      "How many videos are asked for", 0, MAX_VIDEO_STREAMS, 1, READY_FLAGS);

  /**
   * GstRcastSrc:audio-streams:
   *
   * How many audio streams to request, as with #GstRcastSrc:video-streams.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_AUDIO_STREAMS] =
      g_param_spec_uint ("audio-streams", "Audio streams",
      "How many audio streams are asked for", 0, MAX_AUDIO_STREAMS, 1,
      READY_FLAGS);
}
