/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries one stream into one webrtcbin, behind a gate that opens at a key frame. */
#pragma once

#include <gst/base/gstpushsrc.h>

#include "gstrcastpacing.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_FEED (gst_rcast_feed_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastFeed, gst_rcast_feed, GST, RCAST_FEED, GstPushSrc)

/* Field of the negotiated caps: the payload type that packets carry if the server has
 * another number for the codec than the offer. */
#define GST_RCAST_FEED_SENT_PAYLOAD "rcast-sent-payload"
/* The same for packets with redundancy (RFC 2198); -1 or absent: the server takes none */
#define GST_RCAST_FEED_SENT_REDUNDANT "rcast-sent-redundant"

/**
 * GstRcastFeedPacket:
 * @buffer: (transfer none): one RTP packet
 * @timestamp: its RTP timestamp
 * @payload_offset: where its payload starts
 * @running_time: when it is to be presented, or %GST_CLOCK_TIME_NONE
 * @arrival: running time at which it came, or %GST_CLOCK_TIME_NONE. A packet that waits for a
 *   second after that is dropped.
 * @due: when it has to leave: webrtcbin holds it back until then
 * @encoding_name: as by gst_rcast_codec_canonical_name()
 * @epoch: changes when RTP timestamps start anew (a new chain, a flush, a new source)
 * @starts_keyframe: whether a receiver can start at this packet
 * @starts_recovery: whether a receiver should start at this packet without a key frame
 * @starts_frame: whether it is the first of its frame
 * @patience: how long the gate waits for a key frame; then it opens at any frame
 * @more: whether more packets follow at once, so that the feed may wait for them
 * @lost: packets of the stream that were missing so far
 * @place: place of a late packet among the missing ones, from 1 on; or 0
 *
 * A packet that a stream hands to its feeds.
 */
typedef struct {
  GstBuffer *buffer;
  guint32 timestamp;
  gsize payload_offset;
  GstClockTime running_time;
  GstClockTime due;
  GstClockTime arrival;
  const gchar *encoding_name;
  guint epoch;
  gboolean starts_keyframe;
  gboolean starts_recovery;
  gboolean starts_frame;
  GstClockTime patience;
  gboolean more;
  guint32 lost;
  guint32 place;
} GstRcastFeedPacket;

/**
 * GstRcastFeedResult:
 * @GST_RCAST_FEED_SENT: queued for webrtcbin
 * @GST_RCAST_FEED_CLOSED: dropped: the gate is closed or waits for a key frame
 * @GST_RCAST_FEED_OVERFLOW: dropped: the queue is full, as webrtcbin takes no packets
 */
typedef enum {
  GST_RCAST_FEED_SENT,
  GST_RCAST_FEED_CLOSED,
  GST_RCAST_FEED_OVERFLOW,
} GstRcastFeedResult;

GstElement *        gst_rcast_feed_new       (const gchar * name);
gboolean            gst_rcast_feed_set_rtp   (GstRcastFeed * feed, const GstCaps * negotiated, guint32 ssrc, GError ** error);
void                gst_rcast_feed_set_pacing (GstRcastFeed * feed, GstRcastPacing * pacing);
void                gst_rcast_feed_set_open  (GstRcastFeed * feed, gboolean open);
void                gst_rcast_feed_set_loss  (GstRcastFeed * feed, guint percent);
gboolean            gst_rcast_feed_is_waiting (GstRcastFeed * feed);
gboolean            gst_rcast_feed_lacks_key (GstRcastFeed * feed);
gboolean            gst_rcast_feed_is_open   (GstRcastFeed * feed);
GstStructure *      gst_rcast_feed_get_stats (GstRcastFeed * feed);
guint64             gst_rcast_feed_get_packets_sent (GstRcastFeed * feed, guint64 * skipped);
gboolean            gst_rcast_feed_has_ended (GstRcastFeed * feed);
void                gst_rcast_feed_get_sent  (GstRcastFeed * feed, guint64 * packets, guint64 * bytes);

/* For the stream only. None of these functions blocks. */
GstRcastFeedResult  gst_rcast_feed_push      (GstRcastFeed * feed, const GstRcastFeedPacket * packet, guint * lost);
void                gst_rcast_feed_push_eos  (GstRcastFeed * feed);

G_END_DECLS
