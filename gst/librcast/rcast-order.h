/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Classifies incoming RTP packets: next, late, duplicate, or not part of the stream. */
#pragma once

#include "rcast-rtp.h"

G_BEGIN_DECLS

/* Packets: how late a packet may be and still be placed, and how much of a gap is counted */
#define GST_RCAST_ORDER_WINDOW 64

/**
 * GstRcastOrderVerdict:
 * @GST_RCAST_ORDER_NEXT: follows the packets before it
 * @GST_RCAST_ORDER_LATE: was counted as lost, and takes its place there
 * @GST_RCAST_ORDER_DROP: a duplicate, too late, or not part of the stream
 * @GST_RCAST_ORDER_STRAY: cannot come next; may be the first packet after a sender restart
 * @GST_RCAST_ORDER_ANEW: the sender has restarted: the last stray comes next, then this packet
 */
typedef enum {
  GST_RCAST_ORDER_NEXT,
  GST_RCAST_ORDER_LATE,
  GST_RCAST_ORDER_DROP,
  GST_RCAST_ORDER_STRAY,
  GST_RCAST_ORDER_ANEW,
} GstRcastOrderVerdict;

typedef struct {
  guint16 sequence;
  gboolean known;
  gboolean came;
  guint32 hash;                 /* if it arrived */
  guint32 place;                /* index among the lost packets, if it did not arrive */
} GstRcastOrderSlot;

/**
 * GstRcastOrder:
 * @lost: packets found missing so far, including those that arrived late
 *
 * One incoming stream.
 */
typedef struct {
  guint32 lost;

  /*< private >*/
  gint own;                     /* payload type in the caps; -1: the caps have none */
  gint guess;                   /* payload type seen while no packet has @own; -1: none came */
  gboolean has_own;             /* some packet had @own */
  gint stranger;                /* payload type of the last dropped packets */
  guint n_strangers;
  gboolean started;
  guint32 ssrc;
  guint16 last;
  guint16 stray;                /* the last sequence number that could not come next */
  guint32 stray_hash;
  guint n_strays;               /* since the last one that could */
  GstRcastOrderSlot slots[GST_RCAST_ORDER_WINDOW];
} GstRcastOrder;

void                  gst_rcast_order_init  (GstRcastOrder * order, gint payload_type);
GstRcastOrderVerdict  gst_rcast_order_step  (GstRcastOrder * order, const GstRcastRtpHeader * header,
                                             const guint8 * payload, guint32 * place);

G_END_DECLS
