/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the right report block first in a compound RTCP packet. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Size of a report block (RFC 3550 6.4.1) */
#define GST_RCAST_LEAD_BLOCK_SIZE 24

/**
 * GstRcastLeadBlock:
 * @fraction: packets lost, of 256
 * @lost: packets lost in all
 * @highest: extended highest sequence number received
 * @jitter: in units of the RTP clock
 *
 * The last report about a source.
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
