/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which retransmissions are sent: a budget keeps them from filling a thin link. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastRepair:
 * @GST_RCAST_REPAIR_GRANTED: send the packet again
 * @GST_RCAST_REPAIR_UNKNOWN: the packet was never sent, or is too old to be known
 * @GST_RCAST_REPAIR_TOO_SOON: the packet was sent, or sent again, clearly less than a round trip
 *   ago; the server cannot know yet whether it arrives
 * @GST_RCAST_REPAIR_LATER: the packet was sent again about a round trip ago, and feedback will
 *   soon tell whether it has arrived
 * @GST_RCAST_REPAIR_TOO_LATE: by the time the packet arrives, the server will have played what
 *   follows
 * @GST_RCAST_REPAIR_OVER_BUDGET: retransmissions have used up their share of the rate
 *
 * The decision about one requested packet.
 */
typedef enum {
  GST_RCAST_REPAIR_GRANTED,
  GST_RCAST_REPAIR_UNKNOWN,
  GST_RCAST_REPAIR_TOO_SOON,
  GST_RCAST_REPAIR_LATER,
  GST_RCAST_REPAIR_TOO_LATE,
  GST_RCAST_REPAIR_OVER_BUDGET,
} GstRcastRepair;

/* Packets to remember of each stream: a second of 20 Mbit/s */
#define GST_RCAST_REPAIRS_KEPT 2048

#define GST_RCAST_N_REPAIRS (GST_RCAST_REPAIR_OVER_BUDGET + 1)

typedef struct _GstRcastRepairs GstRcastRepairs;

GstRcastRepairs * gst_rcast_repairs_new     (void);
void              gst_rcast_repairs_free    (GstRcastRepairs * self);

void              gst_rcast_repairs_sent    (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             gsize             size,
                                             GstClockTime      now);
gboolean          gst_rcast_repairs_has_stream (GstRcastRepairs * self,
                                             guint32           ssrc);
void              gst_rcast_repairs_add_audio (GstRcastRepairs * self,
                                             guint32           ssrc);
gboolean          gst_rcast_repairs_is_audio (GstRcastRepairs * self,
                                             guint32           ssrc);
void              gst_rcast_repairs_hold    (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      until);
gboolean          gst_rcast_repairs_release (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum);
gboolean          gst_rcast_repairs_is_in_order (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      again,
                                             GstClockTime      moved);
void              gst_rcast_repairs_keep    (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             const guint8    * data,
                                             gsize             size,
                                             GstClockTime      now);
GBytes *          gst_rcast_repairs_dup     (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum);
void              gst_rcast_repairs_set_feedback (GstRcastRepairs * self,
                                             GstClockTime      late);
GstRcastRepair    gst_rcast_repairs_request (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      round_trip,
                                             GstClockTime      now);
gboolean          gst_rcast_repairs_double  (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             gboolean          key,
                                             GstClockTime      now);
gboolean          gst_rcast_repairs_second  (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      round_trip,
                                             GstClockTime      now);
void              gst_rcast_repairs_came    (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum);
gboolean          gst_rcast_repairs_is_missing (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      again,
                                             GstClockTime      round_trip,
                                             GstClockTime      now);
gboolean          gst_rcast_repairs_missed  (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      again,
                                             GstClockTime      round_trip,
                                             GstClockTime      now);
void              gst_rcast_repairs_take_back (GstRcastRepairs * self,
                                               guint32           ssrc,
                                               guint16           seqnum);
void              gst_rcast_repairs_set_rate (GstRcastRepairs * self,
                                              guint64           rate);
GstClockTime      gst_rcast_repairs_get_age (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum,
                                             GstClockTime      now);
GstClockTime      gst_rcast_repairs_get_last (GstRcastRepairs * self,
                                             guint32           ssrc,
                                             guint16           seqnum);
void              gst_rcast_repairs_add_stats (const GstRcastRepairs * self,
                                               GstStructure      * stats);

G_END_DECLS
