/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes RFC 8888 reports of received packets. Reads no clock, takes no lock. */
#pragma once

#include <gst/rtp/rtp.h>

G_BEGIN_DECLS

typedef struct _LoopbackCcfb LoopbackCcfb;

LoopbackCcfb * loopback_ccfb_new      (void);
void           loopback_ccfb_free     (LoopbackCcfb * self);
/* Notes an RTP packet that arrived at @us. */
void           loopback_ccfb_received (LoopbackCcfb * self, guint32 ssrc, guint16 seqnum, gint64 us);
/* Adds to @rtcp a report of the packets since the last one, or of a part of them. */
void           loopback_ccfb_write    (LoopbackCcfb * self, GstRTCPBuffer * rtcp, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackCcfb, loopback_ccfb_free)

G_END_DECLS
