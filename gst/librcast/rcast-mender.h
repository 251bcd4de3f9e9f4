/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retransmits the packets of one webrtcbin: on request, on feedback, or unasked. */
#pragma once

#include <gst/gst.h>

#include "rcast-doubles.h"
#include "rcast-padding.h"
#include "rcast-repairs.h"

G_BEGIN_DECLS

/* Bytes of a packet that the mender looks at, at most */
#define GST_RCAST_MENDER_LOOK 1500

/* Most packets of one stream that leave unasked along with a regular packet, without waiting for
 * the pacer */
#define GST_RCAST_MENDER_AT_ONCE 2

typedef struct _GstRcastMender GstRcastMender;

GstRcastMender * gst_rcast_mender_new             (void);
void             gst_rcast_mender_free            (GstRcastMender * self);
void             gst_rcast_mender_stop            (GstRcastMender * self);

void             gst_rcast_mender_add_video       (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   GstRcastCodec    codec,
                                                   guint            session);
void             gst_rcast_mender_add_plain       (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint            session);
void             gst_rcast_mender_add_audio       (GstRcastMender * self,
                                                   guint32          ssrc);
gboolean         gst_rcast_mender_add_plain_video (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   GstRcastCodec    codec);
gboolean         gst_rcast_mender_is_plain        (const GstRcastMender * self,
                                                   guint32                ssrc);

gboolean         gst_rcast_mender_heed            (GstRcastMender            * self,
                                                   const GstRcastDoublesView * view,
                                                   GstClockTime                now);
void             gst_rcast_mender_set_round_trip  (GstRcastMender * self,
                                                   GstClockTime     round_trip);
void             gst_rcast_mender_set_rate        (GstRcastMender * self,
                                                   guint64          rate);

void             gst_rcast_mender_sent            (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint16          seqnum,
                                                   gsize            size,
                                                   GstClockTime     now);
gboolean         gst_rcast_mender_wants           (const GstRcastMender * self,
                                                   guint32                ssrc,
                                                   GstClockTime           now);
void             gst_rcast_mender_look            (GstRcastMender * self,
                                                   const guint8   * data,
                                                   gsize            size,
                                                   GstClockTime     now);
gboolean         gst_rcast_mender_is_expecting    (GstRcastMender * self,
                                                   GstClockTime     now);
void             gst_rcast_mender_sent_again      (GstRcastMender * self,
                                                   const guint8   * data,
                                                   gsize            size,
                                                   GstClockTime     now);
void             gst_rcast_mender_carry           (GstRcastMender * self,
                                                   guint            session,
                                                   const gchar    * path,
                                                   GstClockTime     now);
void             gst_rcast_mender_keep            (GstRcastMender * self,
                                                   guint            session,
                                                   const guint8   * data,
                                                   gsize            size,
                                                   GstClockTime     now);
void             gst_rcast_mender_hold            (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint16          seqnum,
                                                   GstClockTime     until);
void             gst_rcast_mender_release         (GstRcastMender * self,
                                                   guint            session,
                                                   guint16          number,
                                                   GstClockTime     now);

GstRcastRepair   gst_rcast_mender_request         (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint16          seqnum,
                                                   GstClockTime     now);
GBytes *         gst_rcast_mender_request_plain   (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint16          seqnum,
                                                   GstClockTime     now);
void             gst_rcast_mender_read            (GstRcastMender * self,
                                                   guint            session,
                                                   const guint8   * data,
                                                   gsize            size,
                                                   GPtrArray      * plain,
                                                   GArray         * missed,
                                                   GstClockTime     now);

guint            gst_rcast_mender_list_due        (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   GstRcastDouble * due,
                                                   GstClockTime     now);
GBytes *         gst_rcast_mender_take_plain      (GstRcastMender * self,
                                                   guint          * session,
                                                   GstClockTime     now);
void             gst_rcast_mender_take_back       (GstRcastMender * self,
                                                   guint32          ssrc,
                                                   guint16          seqnum);

gboolean         gst_rcast_mender_next_padding    (GstRcastMender        * self,
                                                   guint                   session,
                                                   GstRcastPaddingPacket * packet,
                                                   GstClockTime            now);
gboolean         gst_rcast_mender_is_padding      (const GstRcastMender * self,
                                                   guint32                ssrc,
                                                   guint16                seqnum);

void             gst_rcast_mender_add_stats       (const GstRcastMender * self,
                                                   GstStructure         * stats);

G_END_DECLS
