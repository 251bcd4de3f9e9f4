/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a receiver asks for a key frame, and when once more. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastAsking:
 *
 * Some depayloaders ask with each frame that they cannot use, others once, and each request costs
 * the publisher, and all that watch the same stream, a key frame. So the first one goes out at
 * once. The next one goes when the key frame must have come: a round trip and 100 ms later, in
 * which the server asks the publisher and that encodes. The 100 ms double with each further one,
 * up to 800 ms. Four of them go out by themselves, as a request may be lost; others only while
 * somebody asks. Once a key frame begins to arrive, they wait until it must have left the jitter
 * buffer.
 */
typedef struct _GstRcastAsking GstRcastAsking;

GstRcastAsking * gst_rcast_asking_new     (void);
void             gst_rcast_asking_free    (GstRcastAsking * self);
gboolean         gst_rcast_asking_ask     (GstRcastAsking * self, GstClockTime round_trip,
                                           GstClockTime now);
GstClockTime     gst_rcast_asking_get_due (const GstRcastAsking * self);
gboolean         gst_rcast_asking_is_open (const GstRcastAsking * self);
void             gst_rcast_asking_started (GstRcastAsking * self, GstClockTime latency,
                                           GstClockTime now);
void             gst_rcast_asking_done    (GstRcastAsking * self);
void             gst_rcast_asking_forget  (GstRcastAsking * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastAsking, gst_rcast_asking_free)

G_END_DECLS
