/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A webrtcbin with its settings, and its asynchronous calls. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastallot.h"
#include "gstrcastice.h"
#include "gstrcastoutlets.h"

G_BEGIN_DECLS

/**
 * GstRcastPeerSettings:
 * @stun_server: (nullable): `stun://host:port`
 * @turn_servers: (nullable): `turn(s)://user:password@host:port?transport=…`
 * @ice_transport_policy: all candidates or relayed ones only
 * @bundle_policy: as of webrtcbin
 * @latency: latency of webrtcbin's jitter buffers, in ms
 * @path_mode: how to use several uplinks
 * @path_preference: (nullable): interfaces or their kinds, best first
 * @media_timeout: silence after which a path is suspect, in ms
 * @allot: settings for how much may be sent
 * @data_channel: offer a data channel for application messages
 * @offer_ccfb: offer the feedback of RFC 8888
 * @allow_declined: go on air even if the server rejects some streams
 * @gather_first: offer only when all candidates are known, as the server takes no later ones
 * @outlets: (nullable): media is received, and goes to these outlets
 * @server_offers: the server makes the offers
 */
typedef struct {
  gchar *stun_server;
  GStrv turn_servers;
  GstWebRTCICETransportPolicy ice_transport_policy;
  GstWebRTCBundlePolicy bundle_policy;
  guint latency;
  GstRcastIcePathMode path_mode;
  GStrv path_preference;
  guint media_timeout;
  GstRcastAllotSettings allot;
  gboolean data_channel;
  gboolean offer_ccfb;
  gboolean allow_declined;
  gboolean gather_first;
  GstRcastOutlets *outlets;
  gboolean server_offers;
} GstRcastPeerSettings;

void gst_rcast_peer_settings_clear   (GstRcastPeerSettings * settings);

/**
 * GstRcastWebrtcDone:
 * @sdp: (transfer full) (nullable): the offer, if one was made
 * @error: (transfer full) (nullable): why webrtcbin failed
 * @data: the caller's data
 *
 * The end of a call. Called at most once, on webrtcbin's thread, and not at all if webrtcbin is
 * closed first.
 */
typedef void (* GstRcastWebrtcDone) (GstSDPMessage * sdp, GError * error, gpointer data);

GThread *    gst_rcast_webrtc_prepare (void);
GstElement * gst_rcast_webrtc_make    (GstWebRTCICE               * ice,
                                       const GstRcastPeerSettings * settings,
                                       GError                    ** error);
void gst_rcast_webrtc_add_ice_server  (GstElement          * webrtc,
                                       GstWebRTCICE        * ice,
                                       const gchar         * uri);
void gst_rcast_webrtc_add_ice_servers (GstElement          * webrtc,
                                       GstWebRTCICE        * ice,
                                       const gchar * const * uris);
void gst_rcast_webrtc_create_offer    (GstElement          * webrtc,
                                       GstRcastWebrtcDone    done,
                                       gpointer              data,
                                       GDestroyNotify        destroy);
void gst_rcast_webrtc_set_description (GstElement          * webrtc,
                                       GstWebRTCSDPType      type,
                                       const GstSDPMessage * sdp,
                                       GstRcastWebrtcDone    done,
                                       gpointer              data,
                                       GDestroyNotify        destroy);
void gst_rcast_webrtc_set_servers_offer (GstElement    * webrtc,
                                       const GstSDPMessage * sdp,
                                       GstRcastWebrtcDone    done,
                                       gpointer              data,
                                       GDestroyNotify        destroy);
void gst_rcast_webrtc_create_answer   (GstElement          * webrtc,
                                       GstRcastWebrtcDone    done,
                                       gpointer              data,
                                       GDestroyNotify        destroy);
void gst_rcast_webrtc_set_own_answer  (GstElement          * webrtc,
                                       const GstSDPMessage * sdp,
                                       GstRcastWebrtcDone    done,
                                       gpointer              data,
                                       GDestroyNotify        destroy);
GPtrArray * gst_rcast_webrtc_list_transports (GstElement * webrtc);
void gst_rcast_webrtc_log     (gpointer      object,
                               const gchar * what,
                               const gchar * sdp);
GError * gst_rcast_webrtc_take_error (gpointer     object,
                                      GstMessage * message);
gboolean gst_rcast_webrtc_is_inner (gpointer     object,
                                    GstMessage * message);
GstWebRTCDataChannel * gst_rcast_webrtc_add_channel (GstElement * webrtc);
void gst_rcast_webrtc_flush           (GstElement          * webrtc);
void gst_rcast_webrtc_keep_silent_streams (GObject * session);
void gst_rcast_webrtc_choose_repair   (GstElement          * jitterbuffer,
                                       guint                 session);
void gst_rcast_webrtc_hasten_feedback (GObject * session);

G_END_DECLS
