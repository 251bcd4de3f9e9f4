/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the packets of a backlog: after an outage they arrive in a burst, late. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastBacklog:
 *
 * One received stream, in front of its jitter buffer. After an outage, what some queue on the way
 * kept, or what the publisher repairs at the server, arrives in a burst before the current
 * packets. A jitter buffer takes the first packet of the burst for its new time base. Then it
 * waits for what is missing in the burst, and for the current packets, as much longer as the
 * burst is late. If the burst seems to arrive in time, the base stays right.
 */
typedef struct _GstRcastBacklog GstRcastBacklog;

GstRcastBacklog * gst_rcast_backlog_new  (guint             clock_rate);
void              gst_rcast_backlog_free (GstRcastBacklog * self);
GstClockTime      gst_rcast_backlog_step (GstRcastBacklog * self,
                                          guint16           sequence,
                                          guint32           rtp_time,
                                          GstClockTime      latency,
                                          GstClockTime      now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastBacklog, gst_rcast_backlog_free)

G_END_DECLS
