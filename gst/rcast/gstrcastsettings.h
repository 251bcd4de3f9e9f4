/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be set on rcastsink: its properties, their documentation and their values. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcastpeer.h"
#include "rcast-policy.h"

G_BEGIN_DECLS

/* Identifiers of the properties, in a row from 1. The values of the first four are
 * kept by GstRcastServers; those behind the settings are what rcastsink is and does. */
enum {
  GST_RCAST_SETTING_LOCATION = 1,
  GST_RCAST_SETTING_LOCATIONS,
  GST_RCAST_SETTING_AUTH_TOKEN,
  GST_RCAST_SETTING_AUTH_TOKENS,
  GST_RCAST_FIRST_VALUE,
  GST_RCAST_SETTING_STUN_SERVER = GST_RCAST_FIRST_VALUE,
  GST_RCAST_SETTING_TURN_SERVERS,
  GST_RCAST_SETTING_ICE_TRANSPORT_POLICY,
  GST_RCAST_SETTING_BUNDLE_POLICY,
  GST_RCAST_SETTING_LATENCY,
  GST_RCAST_SETTING_DATA_CHANNEL,
  GST_RCAST_SETTING_PATH_MODE,
  GST_RCAST_SETTING_PATH_PREFERENCE,
  GST_RCAST_SETTING_MEDIA_TIMEOUT,
  GST_RCAST_SETTING_BITRATE,
  GST_RCAST_SETTING_AUDIO_BITRATE,
  GST_RCAST_SETTING_KEY_FRAME_INTERVAL,
  GST_RCAST_SETTING_MTU,
  GST_RCAST_SETTING_STREAM_TIMEOUT,
  GST_RCAST_SETTING_ICE_DISCONNECTED_TIMEOUT,
  GST_RCAST_SETTING_CONNECT_TIMEOUT,
  GST_RCAST_SETTING_ICE_RESTART_TIMEOUT,
  GST_RCAST_SETTING_RENEGOTIATE_TIMEOUT,
  GST_RCAST_SETTING_RESUME_TIMEOUT,
  GST_RCAST_SETTING_RECOVERY_TIMEOUT,
  GST_RCAST_SETTING_FAILBACK_INTERVAL,
  GST_RCAST_SETTING_HEDGE_DELAY,
  GST_RCAST_SETTING_RECONNECT_PROBE_INTERVAL,
  GST_RCAST_SETTING_FAILOVER_CONNECT_TIMEOUT,
  GST_RCAST_SETTING_GIVE_UP,
  GST_RCAST_SETTING_REJOIN_ON_EVICT,
  GST_RCAST_SETTING_RECONNECT_MEDIA,
  GST_RCAST_SETTING_RECONNECT_MIN_DELAY,
  GST_RCAST_SETTING_RECONNECT_MAX_DELAY,
  GST_RCAST_SETTING_RECONNECT_MAX_RETRIES,
  GST_RCAST_SETTING_RETRY_AFTER_MAX,
  GST_RCAST_SETTING_STATE_FILE,
  GST_RCAST_N_SETTINGS,
  GST_RCAST_PROP_SIGNALLER = GST_RCAST_N_SETTINGS,
  GST_RCAST_PROP_STATUS,
  GST_RCAST_PROP_STATS,
  GST_RCAST_N_PROPS
};

/* Guarded by whoever has it. */
typedef struct {
  gchar *stun_server;
  GPtrArray *turn_servers;
  GstWebRTCICETransportPolicy ice_transport_policy;
  GstWebRTCBundlePolicy bundle_policy;
  guint latency;
  gboolean data_channel;
  GstRcastIcePathMode path_mode;
  GPtrArray *path_preference;
  guint media_timeout;
  guint bitrate;
  guint audio_bitrate;
  guint key_frame_interval;
  guint mtu;
  guint stream_timeout;
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
} GstRcastSettings;

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
GStrv                gst_rcast_settings_list_unknown_paths
                                                     (const GstRcastSettings * settings);
GstRcastPolicyConfig gst_rcast_settings_get_config   (const GstRcastSettings * settings,
                                                      guint                    n_locations);
void                 gst_rcast_settings_get_peer     (const GstRcastSettings * settings,
                                                      GstRcastPeerSettings   * peer);

G_END_DECLS
