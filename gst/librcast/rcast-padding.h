/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Old packets that leave again as padding: large ones that the server cannot mistake for others. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastPaddingPacket:
 * @ssrc: SSRC of its stream
 * @seqnum: its sequence number
 * @size: size of the RTP packet in bytes
 *
 * An old packet to send again as padding.
 */
typedef struct {
  guint32 ssrc;
  guint16 seqnum, size;
} GstRcastPaddingPacket;

typedef struct _GstRcastPadding GstRcastPadding;

GstRcastPadding * gst_rcast_padding_new        (void);
void              gst_rcast_padding_free       (GstRcastPadding * self);

void              gst_rcast_padding_add_stream (GstRcastPadding * self,
                                                guint32           ssrc,
                                                guint             session);
void              gst_rcast_padding_sent       (GstRcastPadding * self,
                                                guint32           ssrc,
                                                guint16           seqnum,
                                                gsize             size);
void              gst_rcast_padding_requested  (GstRcastPadding * self,
                                                guint32           ssrc,
                                                guint16           seqnum,
                                                gboolean          granted,
                                                GstClockTime      now);
void              gst_rcast_padding_came       (GstRcastPadding * self,
                                                guint32           ssrc,
                                                guint16           seqnum,
                                                GstClockTime      again);
gboolean          gst_rcast_padding_next       (GstRcastPadding       * self,
                                                guint                   session,
                                                GstRcastPaddingPacket * packet);

G_END_DECLS
