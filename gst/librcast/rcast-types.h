/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations that all layers share: status, reason, strategy, plane and others. */
#pragma once

#include <glib-object.h>

#include "rcast-api.h"

G_BEGIN_DECLS

/**
 * GstRcastStatus:
 * @GST_RCAST_STATUS_DISCONNECTED: not started, or ended: stopped, gave up,
 *   rejected or evicted
 * @GST_RCAST_STATUS_SIGNALLING: a connection is being established
 * @GST_RCAST_STATUS_CONNECTED: connected to the server, media not yet confirmed
 * @GST_RCAST_STATUS_BROADCASTING: the server's RTCP confirms that media arrives
 * @GST_RCAST_STATUS_RECONNECTING_BROADCAST: off air, the element is reconnecting
 * @GST_RCAST_STATUS_RECONNECTING: the server re-establishes its own onward connection
 *
 * The nick of each value is also the name of the bus message that announces it.
 *
 * Since: 0.1
 */
typedef enum { /*< skip >*/
  GST_RCAST_STATUS_DISCONNECTED,                /*< nick=disconnected >*/
  GST_RCAST_STATUS_SIGNALLING,                  /*< nick=signalling >*/
  GST_RCAST_STATUS_CONNECTED,                   /*< nick=connected >*/
  GST_RCAST_STATUS_BROADCASTING,                /*< nick=broadcasting >*/
  GST_RCAST_STATUS_RECONNECTING_BROADCAST,      /*< nick=reconnecting_broadcast >*/
  GST_RCAST_STATUS_RECONNECTING,                /*< nick=reconnecting >*/
} GstRcastStatus;

#define GST_TYPE_RCAST_STATUS (gst_rcast_status_get_type ())
GST_RCAST_API
GType gst_rcast_status_get_type (void);

/**
 * GstRcastReason:
 * @GST_RCAST_REASON_NONE: nothing is wrong
 * @GST_RCAST_REASON_ICE_FAILED: ICE found no working candidate pair, or lost it for good
 * @GST_RCAST_REASON_ICE_DISCONNECTED: ICE lost its candidate pair for longer than the grace
 *   period
 * @GST_RCAST_REASON_MEDIA_FROZEN: ICE is connected, but no media arrives
 * @GST_RCAST_REASON_NETWORK_CHANGED: an interface or address changed
 * @GST_RCAST_REASON_NETWORK_LOST: no usable interface, or nothing is reachable
 * @GST_RCAST_REASON_SIGNALLING_LOST: the signalling connection broke
 * @GST_RCAST_REASON_EVICTED: the server forgot or removed this session
 * @GST_RCAST_REASON_SERVER_CLOSED: the server ended the media session
 * @GST_RCAST_REASON_REJECTED: the server refused: credentials, offer, address
 * @GST_RCAST_REASON_DTLS_FAILED: the DTLS handshake or association failed
 * @GST_RCAST_REASON_USER: the application requested it
 * @GST_RCAST_REASON_WEBRTC_FAILED: webrtcbin or another part on our side failed, or
 *   could not use the server's answer
 * @GST_RCAST_REASON_STREAMS_CHANGED: the codec of a stream changed, or a pad was added
 *   or removed
 * @GST_RCAST_REASON_NO_STREAM: nobody publishes the stream that rcastsrc is to receive
 *
 * Why the status changed.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_REASON_NONE,
  GST_RCAST_REASON_ICE_FAILED,
  GST_RCAST_REASON_ICE_DISCONNECTED,
  GST_RCAST_REASON_MEDIA_FROZEN,
  GST_RCAST_REASON_NETWORK_CHANGED,
  GST_RCAST_REASON_NETWORK_LOST,
  GST_RCAST_REASON_SIGNALLING_LOST,
  GST_RCAST_REASON_EVICTED,
  GST_RCAST_REASON_SERVER_CLOSED,
  GST_RCAST_REASON_REJECTED,
  GST_RCAST_REASON_DTLS_FAILED,
  GST_RCAST_REASON_USER,
  GST_RCAST_REASON_WEBRTC_FAILED,
  GST_RCAST_REASON_STREAMS_CHANGED,
  GST_RCAST_REASON_NO_STREAM,
} GstRcastReason;

/**
 * GstRcastStrategy:
 * @GST_RCAST_STRATEGY_NONE: no recovery
 * @GST_RCAST_STRATEGY_PATH_SWITCH: media moves to another validated path
 * @GST_RCAST_STRATEGY_ICE_RESTART: new credentials and candidates, same DTLS
 * @GST_RCAST_STRATEGY_RENEGOTIATE: a fresh webrtcbin in the same session
 * @GST_RCAST_STRATEGY_REJOIN: a new signalling session and a fresh webrtcbin
 * @GST_RCAST_STRATEGY_FAILOVER: the next location
 *
 * The steps of recovery, cheapest first.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_STRATEGY_NONE,
  GST_RCAST_STRATEGY_PATH_SWITCH,
  GST_RCAST_STRATEGY_ICE_RESTART,
  GST_RCAST_STRATEGY_RENEGOTIATE,
  GST_RCAST_STRATEGY_REJOIN,
  GST_RCAST_STRATEGY_FAILOVER,
} GstRcastStrategy;

/**
 * GstRcastPlane:
 * @GST_RCAST_PLANE_NONE: neither
 * @GST_RCAST_PLANE_SIGNALLING: HTTP or WebSocket
 * @GST_RCAST_PLANE_MEDIA: ICE, DTLS, SRTP
 * @GST_RCAST_PLANE_BOTH: both
 *
 * The independent connection that is affected.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_PLANE_NONE,
  GST_RCAST_PLANE_SIGNALLING,
  GST_RCAST_PLANE_MEDIA,
  GST_RCAST_PLANE_BOTH,
} GstRcastPlane;

/**
 * GstRcastDirection:
 * @GST_RCAST_DIRECTION_SEND: media goes to the server
 * @GST_RCAST_DIRECTION_RECEIVE: media comes from the server
 *
 * Which way media goes.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_DIRECTION_SEND,
  GST_RCAST_DIRECTION_RECEIVE,
} GstRcastDirection;

/**
 * GstRcastSignallerDirections:
 * @GST_RCAST_SIGNALLER_SEND: the signaller works for rcastsink
 * @GST_RCAST_SIGNALLER_RECEIVE: the signaller works for rcastsrc
 *
 * Directions that a class of signallers supports: 1 shifted by each #GstRcastDirection.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_SIGNALLER_SEND = 1 << GST_RCAST_DIRECTION_SEND,
  GST_RCAST_SIGNALLER_RECEIVE = 1 << GST_RCAST_DIRECTION_RECEIVE,
} GstRcastSignallerDirections;

/**
 * GstRcastSignallerCapabilities:
 * @GST_RCAST_SIGNALLER_TRICKLE: candidates may follow the offer
 * @GST_RCAST_SIGNALLER_ICE_RESTART: an offer with new ICE credentials is accepted
 *   in an open session
 * @GST_RCAST_SIGNALLER_RESUME: a lost connection can resume its session
 * @GST_RCAST_SIGNALLER_MESSAGES: application messages can be sent
 * @GST_RCAST_SIGNALLER_RENEGOTIATE: a second initial offer is accepted in an open
 *   session; its media replaces that of the previous one
 * @GST_RCAST_SIGNALLER_SERVER_OFFERS: the server makes the offers. Unlike the other flags it
 *   is not set before the signaller knows, by the end of open_async or of a refused offer
 *
 * Known capabilities of the server. A flag is set until the signaller learns
 * that the capability is missing.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_SIGNALLER_TRICKLE = 1 << 0,
  GST_RCAST_SIGNALLER_ICE_RESTART = 1 << 1,
  GST_RCAST_SIGNALLER_RESUME = 1 << 2,
  GST_RCAST_SIGNALLER_MESSAGES = 1 << 3,
  GST_RCAST_SIGNALLER_RENEGOTIATE = 1 << 4,
  GST_RCAST_SIGNALLER_SERVER_OFFERS = 1 << 5,
} GstRcastSignallerCapabilities;

/**
 * GstRcastOfferKind:
 * @GST_RCAST_OFFER_INITIAL: opens a media session, or replaces the existing
 *   one
 * @GST_RCAST_OFFER_RESTART: same media session, new ICE credentials (RFC 8839 4.4.3.1.1)
 *
 * The purpose of an offer.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_OFFER_INITIAL,
  GST_RCAST_OFFER_RESTART,
} GstRcastOfferKind;

/**
 * GstRcastDropCause:
 * @GST_RCAST_DROP_OVERFLOW: too many messages are waiting for a connection
 * @GST_RCAST_DROP_DISCONNECTED: there was no connection, and the application did not want the
 *   message kept
 * @GST_RCAST_DROP_NOT_SUPPORTED: the server accepts no messages
 * @GST_RCAST_DROP_REFUSED: the server refused this message
 * @GST_RCAST_DROP_STOPPED: the element stopped before there was a connection
 *
 * Why an application message was not sent.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_DROP_OVERFLOW,
  GST_RCAST_DROP_DISCONNECTED,
  GST_RCAST_DROP_NOT_SUPPORTED,
  GST_RCAST_DROP_REFUSED,
  GST_RCAST_DROP_STOPPED,
} GstRcastDropCause;

/**
 * GstRcastStage:
 * @GST_RCAST_STAGE_LINK: neither data nor caps have ever arrived
 * @GST_RCAST_STAGE_SOURCE: no data arrives
 * @GST_RCAST_STAGE_ENCODER: data arrives, but nothing is encoded
 * @GST_RCAST_STAGE_FEED: packets are made, but the connection drops them: it has
 *     another codec, or accepts none
 * @GST_RCAST_STAGE_KEY_FRAME: packets are made, but none of a key frame at which a receiver
 *     could start
 * @GST_RCAST_STAGE_PREROLL: caps have arrived, but the pipeline still waits for preroll on
 *     its way to PLAYING, so that no stream is sent
 *
 * Where a stream is stuck.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_STAGE_LINK,
  GST_RCAST_STAGE_SOURCE,
  GST_RCAST_STAGE_ENCODER,
  GST_RCAST_STAGE_FEED,
  GST_RCAST_STAGE_KEY_FRAME,
  GST_RCAST_STAGE_PREROLL,
} GstRcastStage;

/**
 * GstRcastCongestionControl:
 * @GST_RCAST_CONGESTION_CONTROL_NONE: measure nothing, send everything
 * @GST_RCAST_CONGESTION_CONTROL_MEASURE: measure what the paths carry, send everything
 * @GST_RCAST_CONGESTION_CONTROL_ADAPT: fit all streams into what the paths carry
 * @GST_RCAST_CONGESTION_CONTROL_AUTO: fit the streams that are encoded here; measure those
 *   that come in encoded and send them unchanged
 *
 * What to do when the paths carry less than is to be sent.
 *
 * Since: 0.1
 */
typedef enum { /*< skip >*/
  GST_RCAST_CONGESTION_CONTROL_NONE,
  GST_RCAST_CONGESTION_CONTROL_MEASURE,
  GST_RCAST_CONGESTION_CONTROL_ADAPT,
  GST_RCAST_CONGESTION_CONTROL_AUTO,
} GstRcastCongestionControl;

#define GST_TYPE_RCAST_CONGESTION_CONTROL (gst_rcast_congestion_control_get_type ())
GST_RCAST_API
GType gst_rcast_congestion_control_get_type (void);

/**
 * GstRcastAudioMix:
 * @GST_RCAST_AUDIO_MIX_AUTO: by the positions of the channels; without positions like
 *   @GST_RCAST_AUDIO_MIX_FIRST_TWO
 * @GST_RCAST_AUDIO_MIX_FIRST_TWO: the first channel is left, the second one right
 * @GST_RCAST_AUDIO_MIX_ALL: the mean of the odd channels (1, 3, …) is left, that of the
 *   even ones right
 * @GST_RCAST_AUDIO_MIX_MONO: the mean of the first two channels
 * @GST_RCAST_AUDIO_MIX_MONO_LEFT: the first channel only
 * @GST_RCAST_AUDIO_MIX_MONO_RIGHT: the second channel only
 *
 * How raw audio with several channels is mixed for sending.
 *
 * Since: 0.1
 */
typedef enum { /*< skip >*/
  GST_RCAST_AUDIO_MIX_AUTO,
  GST_RCAST_AUDIO_MIX_FIRST_TWO,
  GST_RCAST_AUDIO_MIX_ALL,
  GST_RCAST_AUDIO_MIX_MONO,
  GST_RCAST_AUDIO_MIX_MONO_LEFT,
  GST_RCAST_AUDIO_MIX_MONO_RIGHT,
} GstRcastAudioMix;

#define GST_TYPE_RCAST_AUDIO_MIX (gst_rcast_audio_mix_get_type ())
GST_RCAST_API
GType gst_rcast_audio_mix_get_type (void);

/**
 * GstRcastSessionState:
 * @GST_RCAST_SESSION_OPENED: the server has a session of ours
 * @GST_RCAST_SESSION_LEAVING: the signaller is asking the server to end the session
 * @GST_RCAST_SESSION_LEFT: the signaller has abandoned the session without the server's
 *   confirmation; it may live on there
 * @GST_RCAST_SESSION_ENDED: the server has ended the session, or does not know it
 *
 * The state of a session at a server.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_SESSION_OPENED,
  GST_RCAST_SESSION_LEAVING,
  GST_RCAST_SESSION_LEFT,
  GST_RCAST_SESSION_ENDED,
} GstRcastSessionState;

/**
 * GstRcastServerEvent:
 * @GST_RCAST_SERVER_RECONNECTING: the server's own onward connection broke and is being re-established
 * @GST_RCAST_SERVER_RECONNECTED: the onward connection is back
 * @GST_RCAST_SERVER_MEDIA_SILENT: the server receives no media from us
 * @GST_RCAST_SERVER_MEDIA_FLOWING: the server receives media again
 * @GST_RCAST_SERVER_SLOW_LINK: the server reports loss on our uplink
 * @GST_RCAST_SERVER_HANGUP: the server ended the media session, the signalling session lives
 * @GST_RCAST_SERVER_EVICTED: the server removed us on purpose: the broadcast ends
 * @GST_RCAST_SERVER_WAITING: no peer is there to receive, or not any more: the open that is
 *   under way, or that follows, ends when a peer comes, however long that takes
 *
 * Unsolicited events of a server.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_SERVER_RECONNECTING,
  GST_RCAST_SERVER_RECONNECTED,
  GST_RCAST_SERVER_MEDIA_SILENT,
  GST_RCAST_SERVER_MEDIA_FLOWING,
  GST_RCAST_SERVER_SLOW_LINK,
  GST_RCAST_SERVER_HANGUP,
  GST_RCAST_SERVER_EVICTED,
  GST_RCAST_SERVER_WAITING,
} GstRcastServerEvent;

/**
 * GstRcastStreamChange:
 * @GST_RCAST_STREAM_PUBLISHED: a publisher sends the stream to the server, for the first time
 *   or again
 * @GST_RCAST_STREAM_UNPUBLISHED: the publisher left, or stopped the stream
 * @GST_RCAST_STREAM_PAUSED: the stream is there, but the server gets no media for it
 * @GST_RCAST_STREAM_RESUMED: the server gets media for the stream again
 *
 * What a server says about a stream that is received.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_STREAM_PUBLISHED,
  GST_RCAST_STREAM_UNPUBLISHED,
  GST_RCAST_STREAM_PAUSED,
  GST_RCAST_STREAM_RESUMED,
} GstRcastStreamChange;

/**
 * GstRcastStreamCause:
 * @GST_RCAST_STREAM_CAUSE_NONE: none: the stream arrives
 * @GST_RCAST_STREAM_CAUSE_NETWORK: nothing comes from the server any more: our own network
 *   or ICE failed
 * @GST_RCAST_STREAM_CAUSE_SERVER: the server is away: it refuses connections, or has closed
 *   this one
 * @GST_RCAST_STREAM_CAUSE_UNPUBLISHED: the server or an RTCP BYE says that the publisher
 *   has left
 * @GST_RCAST_STREAM_CAUSE_SILENT: no stream arrives, while the path to the server lives
 * @GST_RCAST_STREAM_CAUSE_FROZEN: packets arrive, but no frame that can be decoded
 * @GST_RCAST_STREAM_CAUSE_PART: this stream does not arrive while another one does: only
 *   audio or only video arrives
 *
 * Why a received stream does not arrive.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_STREAM_CAUSE_NONE,
  GST_RCAST_STREAM_CAUSE_NETWORK,
  GST_RCAST_STREAM_CAUSE_SERVER,
  GST_RCAST_STREAM_CAUSE_UNPUBLISHED,
  GST_RCAST_STREAM_CAUSE_SILENT,
  GST_RCAST_STREAM_CAUSE_FROZEN,
  GST_RCAST_STREAM_CAUSE_PART,
} GstRcastStreamCause;

/**
 * GstRcastStallAction:
 * @GST_RCAST_STALL_ACTION_HOLD: push nothing
 * @GST_RCAST_STALL_ACTION_GAP: push gap events
 *
 * What rcastsrc pushes downstream while nothing comes.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_STALL_ACTION_HOLD,
  GST_RCAST_STALL_ACTION_GAP,
} GstRcastStallAction;

/**
 * GstRcastOutput:
 * @GST_RCAST_OUTPUT_ENCODED: parsed frames
 * @GST_RCAST_OUTPUT_RTP: RTP packets, in order
 * @GST_RCAST_OUTPUT_RAW: decoded media
 *
 * The form in which rcastsrc outputs streams.
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_OUTPUT_ENCODED,
  GST_RCAST_OUTPUT_RTP,
  GST_RCAST_OUTPUT_RAW,
} GstRcastOutput;

/**
 * GstRcastGiveUp:
 * @GST_RCAST_GIVE_UP_ON_REFUSAL: a refusal before the first time on air is a wrong setting
 *   and ends the broadcast; after that a server that refuses is asked again
 * @GST_RCAST_GIVE_UP_ALWAYS: a refusal by every server ends the broadcast
 * @GST_RCAST_GIVE_UP_NEVER: a server that refuses is asked again, also before the first
 *   time on air
 *
 * Whether the broadcast ends when each of its servers has refused it.
 *
 * Since: 0.1
 */
typedef enum { /*< skip >*/
  GST_RCAST_GIVE_UP_ON_REFUSAL,
  GST_RCAST_GIVE_UP_ALWAYS,
  GST_RCAST_GIVE_UP_NEVER,
} GstRcastGiveUp;

#define GST_TYPE_RCAST_GIVE_UP (gst_rcast_give_up_get_type ())
GST_RCAST_API
GType gst_rcast_give_up_get_type (void);

/**
 * GstRcastVideoStart:
 * @GST_RCAST_VIDEO_START_KEY_FRAME: at a key frame, or at the parameter sets in front of
 *   a frame
 * @GST_RCAST_VIDEO_START_RECOVERY_POINT: there, or at a recovery point of H.264 or H.265
 *
 * Where encoded video starts to be sent, at first and after each outage.
 *
 * Since: 0.1
 */
typedef enum { /*< skip >*/
  GST_RCAST_VIDEO_START_KEY_FRAME,
  GST_RCAST_VIDEO_START_RECOVERY_POINT,
} GstRcastVideoStart;

#define GST_TYPE_RCAST_VIDEO_START (gst_rcast_video_start_get_type ())
GST_RCAST_API
GType gst_rcast_video_start_get_type (void);

G_END_DECLS
