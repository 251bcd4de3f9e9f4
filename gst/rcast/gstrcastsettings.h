/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of rcastsink and rcastsrc: their properties, documentation and values. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcastpads.h"
#include "gstrcastpeer.h"
#include "gstrcastsettingids.h"
#include "rcast-policy.h"

G_BEGIN_DECLS

/* The owner has to lock them. */
typedef struct {
  gchar *stun_server;
  GPtrArray *turn_servers;
  GstWebRTCICETransportPolicy ice_transport_policy;
  GstWebRTCBundlePolicy bundle_policy;
  guint latency;
  gboolean data_channel;
  gboolean offer_ccfb;
  GstRcastIcePathMode path_mode;
  GPtrArray *path_preference;
  GPtrArray *path_limits;
  guint media_timeout;
  guint bitrate;
  guint audio_bitrate;
  GstRcastCongestionControl congestion_control;
  guint min_bitrate;
  guint max_bitrate;
  guint start_bitrate;
  GstRcastAudioMix audio_mix;
  guint key_frame_interval;
  guint mtu;
  GstRcastVideoStart video_start;
  guint key_frame_wait;
  guint stream_timeout;
  guint start_timeout;
  guint disconnected_timeout;
  guint connect_timeout;
  guint restart_timeout;
  guint renegotiate_timeout;
  guint resume_timeout;
  guint recovery_timeout;
  guint failover_connect_timeout;
  guint failback_interval;
  guint hedge_delay;
  guint probe_interval;
  GstRcastGiveUp give_up;
  gboolean rejoin_on_evict;
  gboolean reconnect_media;
  guint min_delay;
  guint max_delay;
  gint max_retries;
  guint retry_after_max;
  gchar *state_file;
  GstRcastOutput output;
  GstRcastStallAction stall_action;
  gboolean end_on_stream_end;
  guint video_streams;
  guint audio_streams;
} GstRcastSettings;

GstRcastSignallerDirections
                     gst_rcast_settings_get_directions (guint                  id);
void                 gst_rcast_settings_make_specs   (GParamSpec ** specs);
void                 gst_rcast_settings_init         (GstRcastSettings       * settings,
                                                      GParamSpec            ** specs);
void                 gst_rcast_settings_clear        (GstRcastSettings       * settings);
gboolean             gst_rcast_settings_set          (GstRcastSettings       * settings,
                                                      guint                    id,
                                                      const GValue           * value,
                                                      GError                ** error);
void                 gst_rcast_settings_get          (const GstRcastSettings * settings,
                                                      guint                    id,
                                                      GValue                 * value);

GStrv                gst_rcast_settings_list_strings (const GValue * value);
GStrv gst_rcast_settings_dup_limits (const GstRcastSettings * settings);
GStrv                gst_rcast_settings_list_unknown_paths
                                                     (const GstRcastSettings * settings);
GstRcastPolicyConfig gst_rcast_settings_get_config   (const GstRcastSettings * settings,
                                                      guint                    n_locations);
void                 gst_rcast_settings_get_defaults (const GstRcastSettings * settings,
                                                      GstRcastPadsDefaults   * defaults);
void                 gst_rcast_settings_get_peer     (const GstRcastSettings * settings,
                                                      GstRcastPeerSettings   * peer);

G_END_DECLS
