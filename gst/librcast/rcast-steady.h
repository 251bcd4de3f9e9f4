/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timestamps of received RTP that never go back while the sender's advance. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastSteady:
 *
 * A jitter buffer remaps RTP time to local time when it synchronizes streams (RFC 3550
 * 6.4.1) or corrects its estimate of the sender's clock. Where that would set a stream back,
 * this object slows time down instead, until both agree again.
 */
typedef struct _GstRcastSteady GstRcastSteady;

GstRcastSteady * gst_rcast_steady_new  (void);
void             gst_rcast_steady_free (GstRcastSteady * self);
void             gst_rcast_steady_set_clock_rate (GstRcastSteady * self, guint clock_rate);
GstClockTime     gst_rcast_steady_map  (GstRcastSteady * self, guint32 ssrc, guint32 rtp_time,
                                        GstClockTime time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastSteady, gst_rcast_steady_free)

G_END_DECLS
