/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP packets of a sender, as they come over a network: which are missing, late, sent twice, or of something else. */
#pragma once

#include "rcast-rtp.h"

G_BEGIN_DECLS

/* Packets: what is later than that has no place any more; and as many of a gap count. */
#define GST_RCAST_ORDER_WINDOW 64

/**
 * GstRcastOrderVerdict:
 * @GST_RCAST_ORDER_NEXT: it follows those before
 * @GST_RCAST_ORDER_LATE: it was counted as lost, and has its place there
 * @GST_RCAST_ORDER_DROP: it came before, is too late, or no packet of the stream
 * @GST_RCAST_ORDER_STRAY: it cannot come next, as the first one of a sender that starts anew
 * @GST_RCAST_ORDER_ANEW: the sender starts anew: the last stray comes next, and then this
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
  guint32 hash;                 /* if it came */
  guint32 place;                /* among those that were lost, if it did not */
} GstRcastOrderSlot;

/**
 * GstRcastOrder:
 * @lost: packets that were missing so far, those that came late included
 *
 * One stream that comes in.
 */
typedef struct {
  guint32 lost;

  /*< private >*/
  gint own;                     /* payload type by the caps; -1: they do not say */
  gint guess;                   /* by the packets, while none has @own; -1: none came */
  gboolean has_own;             /* a packet had it */
  gint stranger;                /* the type of the last packets that were dropped */
  guint n_strangers;
  gboolean started;
  guint32 ssrc;
  guint16 last;
  guint16 stray;                /* the last number that could not come next */
  guint32 stray_hash;
  guint n_strays;               /* since one that could */
  GstRcastOrderSlot slots[GST_RCAST_ORDER_WINDOW];
} GstRcastOrder;

void                  gst_rcast_order_init  (GstRcastOrder * order, gint payload_type);
GstRcastOrderVerdict  gst_rcast_order_step  (GstRcastOrder * order, const GstRcastRtpHeader * header,
                                             const guint8 * payload, guint32 * place);

G_END_DECLS
