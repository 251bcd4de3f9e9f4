/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packets that wait in a feed. */
#pragma once

#include <gst/gst.h>

#include "rcast-pacer.h"

G_BEGIN_DECLS

/* RFC 791 3.1, RFC 768, RFC 3711 4.2: overhead of a packet on the wire */
#define GST_RCAST_FEED_WIRE_SIZE (20 + 8 + 10)

/**
 * GstRcastFeedItem:
 * @buffer: (transfer full): the packet
 * @timestamp: its RTP timestamp
 * @payload_offset: where its payload starts
 * @running_time: when it is to be presented; packets of one frame have the same
 * @due: when it has to leave
 * @arrival: running time at which it came
 * @came: system time at which it came
 * @epoch: changes when RTP timestamps start anew
 * @lost: packets of the stream that were missing so far
 * @place: place of a late packet among the missing ones, from 1 on; or 0
 * @opening: number of the gate's opening that let it in
 *
 * A packet that waits. Times may be %GST_CLOCK_TIME_NONE.
 */
typedef struct {
  GstBuffer *buffer;
  guint32 timestamp;
  gsize payload_offset;
  GstClockTime running_time;
  GstClockTime due;
  GstClockTime arrival;
  GstClockTime came;
  guint epoch;
  guint32 lost;
  guint32 place;
  guint64 opening;
} GstRcastFeedItem;

typedef struct _GstRcastFeedQueue GstRcastFeedQueue;

GstRcastFeedQueue * gst_rcast_feed_queue_new        (void);
void                gst_rcast_feed_queue_free       (GstRcastFeedQueue * queue);

void                gst_rcast_feed_queue_push       (GstRcastFeedQueue * queue, const GstRcastFeedItem * item);
GArray *            gst_rcast_feed_queue_take_frame (GstRcastFeedQueue * queue, gsize * room);
guint               gst_rcast_feed_queue_clear      (GstRcastFeedQueue * queue);

guint               gst_rcast_feed_queue_get_length (const GstRcastFeedQueue * queue);
gboolean            gst_rcast_feed_queue_is_full    (const GstRcastFeedQueue * queue);
void                gst_rcast_feed_queue_list       (const GstRcastFeedQueue * queue, GstRcastPacerQueue * waiting, GstClockTime now);

G_END_DECLS
