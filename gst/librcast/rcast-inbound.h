/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of one received stream, named as in the W3C's "Identifiers for WebRTC's
 * Statistics API". */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastInboundPacket:
 * @ssrc: SSRC; a change restarts the counters that depend on sequence numbers
 * @sequence: sequence number
 * @rtp_time: RTP timestamp
 * @header_size: bytes of header, extensions and padding
 * @payload_size: bytes of payload
 * @retransmitted: a retransmission that a NACK requested: not counted for jitter
 * @quiet: it announces a possible pause (gst_rcast_rtp_announces_pause())
 *
 * One RTP packet, as it arrived.
 */
typedef struct {
  guint32 ssrc;
  guint16 sequence;
  guint32 rtp_time;
  guint header_size;
  guint payload_size;
  gboolean retransmitted;
  gboolean quiet;
} GstRcastInboundPacket;

/**
 * GstRcastInboundRequest:
 * @GST_RCAST_INBOUND_NACK: RFC 4585 6.2.1
 * @GST_RCAST_INBOUND_PLI: RFC 4585 6.3.1
 * @GST_RCAST_INBOUND_FIR: RFC 5104 4.3.1
 *
 * RTCP requests sent for the stream.
 */
typedef enum {
  GST_RCAST_INBOUND_NACK,
  GST_RCAST_INBOUND_PLI,
  GST_RCAST_INBOUND_FIR,
} GstRcastInboundRequest;
#define GST_RCAST_N_INBOUND_REQUESTS 3

/**
 * GstRcastInbound:
 *
 * The counters of one stream. The caller passes in the time.
 */
typedef struct _GstRcastInbound GstRcastInbound;

GstRcastInbound * gst_rcast_inbound_new            (gboolean          video,
                                                    guint             clock_rate);
void              gst_rcast_inbound_free           (GstRcastInbound * self);
void              gst_rcast_inbound_set_clock_rate (GstRcastInbound * self,
                                                    guint             clock_rate);
void              gst_rcast_inbound_packet         (GstRcastInbound * self,
                                                    const GstRcastInboundPacket * packet,
                                                    GstClockTime      now);
void              gst_rcast_inbound_discarded      (GstRcastInbound * self,
                                                    guint64           count);
void              gst_rcast_inbound_frame          (GstRcastInbound * self,
                                                    gboolean          key_frame,
                                                    GstClockTime      now);
void              gst_rcast_inbound_requested      (GstRcastInbound * self,
                                                    GstRcastInboundRequest request);
GstStructure *    gst_rcast_inbound_get_stats      (const GstRcastInbound * self);

G_END_DECLS
