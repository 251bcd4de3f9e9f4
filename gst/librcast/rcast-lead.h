/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose report block comes first in a compound RTCP packet. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a report block, which has 24 bytes; without the times of a sender report */
#define GST_RCAST_LEAD_BLOCK_SIZE 24

/**
 * GstRcastLeadBlock:
 * @fraction: of 256 packets, so many were lost
 * @lost: in all
 * @highest: sequence number received, extended
 * @jitter: in units of the RTP clock
 *
 * What was reported of a source the last time.
 */
typedef struct {
  guint8 fraction;
  gint32 lost;
  guint32 highest;
  guint32 jitter;
} GstRcastLeadBlock;

gsize gst_rcast_lead_put (guint8 * data, gsize size, gsize room, guint32 ssrc,
    const GstRcastLeadBlock * block);

G_END_DECLS
